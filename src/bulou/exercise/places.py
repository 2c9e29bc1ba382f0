"""The places of a city and who belongs to them: work, schools with classes, shops, tables, vehicles. Says nothing of any day.

A space is the part of a place in which people meet: a dwelling of a building, a room, a class, a table, a row of a carriage.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Chance, Ints, rank_within, shares
from bulou.exercise.ground import Ground, Homes
from bulou.exercise.parameters import KINDS, STAGES, Parameters
from bulou.exercise.population import GRANDFATHER, GRANDMOTHER, WIFE, Households, People

#: What a place is. The order is kept for ever: files hold the words, arrays the numbers.
PLACES = ("home", "dormitory", "care_home", "work", *STAGES, *KINDS, "bus", "train")
NUMBER = {word: i for i, word in enumerate(PLACES)}
#: From which minute to which a place is open, and on which days (bit 0: Monday).
HOURS = {
    **dict.fromkeys(("home", "dormitory", "care_home", "hospital"), (0, 1440, 127)), "work": (420, 1200, 127), **dict.fromkeys(STAGES, (420, 1140, 31)),
    "shop": (420, 1320, 127), "restaurant": (600, 1320, 127), "market": (330, 1140, 127), "teahouse": (540, 1380, 127), "clinic": (480, 1200, 127),
    "worship": (480, 1080, 127), "bus": (330, 1425, 127), "train": (330, 1425, 127),
}  # fmt: skip
#: What a space of a place is.
SPACES = {
    **dict.fromkeys(("home", "dormitory", "care_home"), "dwelling"), **dict.fromkeys(("work", "clinic", "hospital"), "room"), **dict.fromkeys(STAGES, "class"),
    "shop": "counter", "restaurant": "table", "market": "row", "teahouse": "table", "worship": "row", "bus": "row", "train": "row",
}  # fmt: skip
#: Of somebody without: no place, no space, no person.
NONE = 0xFFFF_FFFF
#: What somebody does all day.
DOES = ("nothing", "study", "work")
NOTHING, STUDY, WORK = range(3)
#: When somebody works: the day, the first or second half of opening hours, the night.
SHIFTS = ("none", "day", "early", "late", "night")
FREE, DAY, EARLY, LATE, NIGHT = range(5)
_AGES = {"kindergarten": (3, 5), "primary": (6, 11), "junior": (12, 14), "senior": (15, 17), "college": (18, 21)}
#: Floors of schools and workplaces: so many rooms on one.
ROOMS_ON_A_FLOOR = 10


class Places(NamedTuple):
    """Every place, buildings first; arrays of one length. A place's spaces are ``first`` and the ``spaces`` - 1 after it."""

    kind: NDArray[np.uint8]
    grid: Ints
    first: Ints
    spaces: Ints
    opens: Ints
    closes: Ints
    days: Ints
    #: People that work there (0: nobody said).
    staff: Ints
    #: Of a vehicle: its line; else -1.
    line: Ints


class Belonging(NamedTuple):
    """Where everyone belongs; arrays with one value for each person, NONE where there is nothing."""

    does: NDArray[np.uint8]
    #: The place of work or study and the space in it.
    place: NDArray[np.uint32]
    space: NDArray[np.uint32]
    shift: NDArray[np.uint8]
    #: The household of a second home, in which they sleep from Friday to Sunday.
    second: NDArray[np.uint32]
    #: Who takes a baby along.
    carer: NDArray[np.uint32]
    #: The line that they ride on, as a number; every person has one near.
    line: Ints


class Lines(NamedTuple):
    """Lines of buses and trains: of each town the first line and how many; of each line its first vehicle."""

    town_first: Ints
    town_lines: Ints
    vehicle: Ints
    rows: Ints
    carriages: Ints


def _stage(age: Ints, who: Ints, p: Parameters, chance: Chance) -> Ints:
    """The stage that someone studies at, or -1."""
    found = np.full(len(age), -1)
    for i, stage in enumerate(STAGES):
        least, most = _AGES[stage]
        there = np.flatnonzero((age >= least) & (age <= most))
        found[there[chance.happens(f"enrolled {stage}", who[there], p.schools["enrolled"][stage])]] = i
    return found


class _Making:
    """Places in the making: one kind after the other."""

    def __init__(self, homes: Homes) -> None:
        n = len(homes.building_grid)
        self.kind, self.grid, self.staff, self.spaces = (
            [homes.building_kind],
            [homes.building_grid],
            [np.zeros(n, np.int64)],
            [homes.building_households],
        )
        self.line = [np.full(n, -1)]
        self.made = n

    def add(self, kind: str, grid: Ints, spaces: Ints, staff: Ints, line: Ints | None = None) -> Ints:
        """Numbers of the new places."""
        self.kind.append(np.full(len(grid), NUMBER[kind]))
        self.grid.append(grid)
        self.spaces.append(spaces)
        self.staff.append(staff)
        self.line.append(np.full(len(grid), -1) if line is None else line)
        self.made += len(grid)
        return np.arange(self.made - len(grid), self.made)

    def done(self) -> Places:
        kind = np.concatenate(self.kind).astype(np.uint8)
        spaces = np.concatenate(self.spaces)
        hours = np.asarray([HOURS[k] for k in PLACES])[kind]
        return Places(
            kind, np.concatenate(self.grid), np.cumsum(spaces) - spaces, spaces, hours[:, 0], hours[:, 1], hours[:, 2],
            np.concatenate(self.staff), np.concatenate(self.line),
        )  # fmt: skip


def settle_in(
    ground: Ground, homes: Homes, h: Households, people: People, p: Parameters, chance: Chance
) -> tuple[Places, Belonging, Lines]:
    """All places, and who belongs to them."""
    n = len(people.age)
    who = np.arange(n)
    age = people.age.astype(np.int64)
    grid = homes.grid[people.household]
    town = ground.town[grid]
    making = _Making(homes)
    place, space = np.full(n, NONE, np.uint32), np.full(n, NONE, np.uint32)
    does, shift = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    stage = _stage(age, who, p, chance)
    stage[people.role == 10] = -1  # nobody of a home for the old
    taught = _schools(making, ground, grid, town, age, stage, p, chance)
    served = _services(making, ground, people, homes, p, chance)
    employed = _employed(age, stage, p, chance)
    clocks = _workplaces(making, ground, employed, taught, served, grid, town, n, p, chance)
    lines = _lines(making, ground, grid, p)
    places = making.done()
    for numbers, these, room in taught:
        place[these], space[these] = numbers, places.first[numbers] + room
        does[these] = STUDY
        shift[these] = DAY
    _staff(places, employed, clocks, town, ground, place, space, does, shift, p, chance)
    per = lines.town_lines[town]
    line = lines.town_first[town] + chance.below("line", who, per)
    return places, Belonging(does, place, space, shift, _second(h, people, p, chance), _carers(people, does, p, chance), line), lines


def _schools(
    making: _Making, ground: Ground, grid: Ints, town: Ints, age: Ints, stage: Ints, p: Parameters, chance: Chance
) -> list[tuple[Ints, Ints, Ints]]:
    """Schools by town; of each stage the school of each pupil, the pupils, and the class that each is in. A class is of one year of age."""
    found = []
    for i, name in enumerate(STAGES):
        these = np.flatnonzero(stage == i)
        if not len(these):
            continue
        area = town[these] if name != "college" else np.zeros(len(these), np.int64)
        these = these[np.lexsort((grid[these], area))]  # neighbours go to one school
        area = town[these] if name != "college" else np.zeros(len(these), np.int64)
        rank, of = rank_within(area)
        schools = np.maximum(1, np.round(of / p.schools["pupils"][name]).astype(np.int64))
        mine = rank * schools // of
        code = area * (int(mine.max()) + 1) + mine
        _, school = np.unique(code, return_inverse=True)
        most = int(p.schools["class_most"][name])
        order = np.lexsort((chance.bits(f"class {name}", these), age[these], school))
        group = school[order] * 200 + age[these][order]
        inside, many = rank_within(group)
        classes = -(-many // most)
        in_year = inside * classes // many
        # classes are numbered through each school, year after year
        start = np.r_[True, (group[1:] != group[:-1]) | (in_year[1:] != in_year[:-1])]
        number = np.cumsum(start) - 1
        first_of_school = np.zeros(int(school.max()) + 1, np.int64)
        fresh = np.r_[True, school[order][1:] != school[order][:-1]]
        first_of_school[school[order][fresh]] = number[fresh]
        room = number - first_of_school[school[order]]
        count = np.bincount(school)
        spaces = np.zeros(len(count), np.int64)
        np.maximum.at(spaces, school[order], room + 1)
        first_pupil = np.zeros(len(count), np.int64)
        first_pupil[school[::-1]] = these[::-1]
        staff = np.maximum(2, -(-count // int(p.schools["pupils_for_one_of_staff"])))
        made = making.add(name, grid[first_pupil], spaces, staff)
        found.append((made[school[order]], these[order], room))
    return found


def _services(making: _Making, ground: Ground, people: People, homes: Homes, p: Parameters, chance: Chance) -> list[Ints]:
    """Shops and the like: as many as the people of the city ask for, where people live."""
    n, found = len(people.age), []
    inside = np.bincount(homes.grid[people.household], minlength=len(ground.grids)).astype(np.float64)
    for kind in KINDS:
        many = max(1, round(n / p.places["people_for_one"][kind]))
        grid = np.searchsorted(np.cumsum(inside), chance.uniform(f"where a {kind} is", np.arange(many)) * n, side="right")
        grid = np.sort(np.minimum(grid, len(inside) - 1))
        staff = np.full(many, int(p.places["staff"][kind]))
        found.append(making.add(kind, grid, np.full(many, int(p.places["spaces"][kind])), staff))
    return found


def _employed(age: Ints, stage: Ints, p: Parameters, chance: Chance) -> Ints:
    share = np.zeros(len(age))
    for (least, most), value in zip(((16, 24), (25, 49), (50, 59), (60, 69)), p.work["employed"], strict=True):
        share[(age >= least) & (age <= most)] = value
    share[stage >= 0] = 0
    return np.flatnonzero(chance.happens("employed", np.arange(len(age)), share))


class _Jobs(NamedTuple):
    """What work there is: workplaces around the clock are told apart."""

    first: int
    around: NDArray[np.bool_]


def _workplaces(
    making: _Making, ground: Ground, employed: Ints, taught: list[tuple[Ints, Ints, Ints]], served: list[Ints], grid: Ints, town: Ints, n: int,
    p: Parameters, chance: Chance,
) -> _Jobs:  # fmt: skip
    """As many workplaces as take in whoever works neither at a school nor at a shop."""
    taken = int(np.concatenate(making.staff).sum())
    rest = max(0, len(employed) - taken)
    sizes = np.asarray(p.work["sizes"], dtype=np.int64)
    each = shares(rest, np.asarray(p.work["size_shares"])) if rest else np.zeros(len(sizes), np.int64)
    staff = np.concatenate([_divided(int(k), int(s)) for k, s in zip(each, sizes, strict=True)])
    first = making.made
    where = grid[chance.below("where a workplace is", np.arange(len(staff)), n)]
    around = (staff >= 40) & chance.happens("around the clock", np.arange(len(staff)), p.work["around_the_clock"])
    making.add("work", where, np.maximum(1, -(-staff // int(p.work["room"]))), staff)
    return _Jobs(first, around)


def _divided(people: int, size: int) -> Ints:
    """Workplaces of about this size, the remainder spread over them."""
    if not people:
        return np.zeros(0, np.int64)
    many = max(1, round(people / size))
    return people // many + (np.arange(many) < people % many).astype(np.int64)


def _lines(making: _Making, ground: Ground, grid: Ints, p: Parameters) -> Lines:
    inside = np.bincount(ground.town[grid], minlength=len(ground.towns))
    many = np.maximum(1, inside // int(p.places["people_for_one_line"]))
    line = np.arange(int(many.sum()))
    train = line % 5 == 4
    carriages = np.where(train, int(p.places["carriages"]), 1)
    rows = np.where(train, int(p.places["train_rows"]), int(p.places["bus_rows"]))
    each = int(p.places["vehicles_on_a_line"])
    first_grid = np.zeros(len(ground.towns), np.int64)
    first_grid[ground.town[::-1]] = np.arange(len(ground.town))[::-1]
    of_town = np.repeat(np.arange(len(ground.towns)), many)
    vehicle = np.zeros(len(line), np.int64)
    for kind, these in (("bus", np.flatnonzero(~train)), ("train", np.flatnonzero(train))):
        if len(these):
            of = np.repeat(these, each)
            made = making.add(kind, first_grid[of_town[of]], (carriages * rows)[of], np.zeros(len(of), np.int64), of)
            vehicle[these] = made[::each]
    return Lines(np.cumsum(many) - many, many, vehicle, rows, carriages)


def _staff(
    places: Places, employed: Ints, jobs: _Jobs, town: Ints, ground: Ground, place: NDArray[np.uint32], space: NDArray[np.uint32],
    does: NDArray[np.uint8], shift: NDArray[np.uint8], p: Parameters, chance: Chance,
) -> None:  # fmt: skip
    """One job for everyone with work, half of them near home. Where there are more jobs than workers, jobs at the end stay free."""
    # Jobs of each place in turn, so that no place stays without anybody where people are few.
    at = np.repeat(np.arange(len(places.staff)), places.staff)
    rank, _ = rank_within(at)
    kept = np.lexsort((chance.bits("which jobs are taken", at * 8192 + rank), rank > 0))[: len(employed)]
    kept.sort()
    at, rank = at[kept], rank[kept]
    workers = employed[: len(at)] if len(at) < len(employed) else employed
    near = chance.happens("works near home", workers, 0.5)
    anyone = workers[chance.below("works far", workers, len(workers))]
    key = np.where(near, town[workers], town[anyone])
    workers = workers[np.lexsort((chance.bits("order of workers", workers), key))]
    jobs_in_order = np.lexsort((chance.bits("order of jobs", at * 8192 + rank), ground.town[places.grid[at]]))
    at, rank = at[jobs_in_order], rank[jobs_in_order]
    kind = places.kind[at]
    room = np.where(kind == NUMBER["work"], rank // int(p.work["room"]), rank % places.spaces[at])
    place[workers] = at
    space[workers] = places.first[at] + np.minimum(room, places.spaces[at] - 1)
    does[workers] = WORK
    around = np.zeros(len(places.kind), bool)
    around[jobs.first : jobs.first + len(jobs.around)] = jobs.around
    around |= places.kind == NUMBER["hospital"]
    places.opens[around], places.closes[around] = 0, 1440
    serves = (kind >= NUMBER["shop"]) & (kind <= NUMBER["worship"])
    half = np.where(chance.happens("first half", workers, 0.5), EARLY, LATE)
    nights = around[at] & chance.happens("nights", workers, p.work["nights"])
    shift[workers] = np.where(nights, NIGHT, np.where(serves, half, DAY))


def _second(h: Households, people: People, p: Parameters, chance: Chance) -> NDArray[np.uint32]:
    """A second home, which is another household's dwelling: of adults to 69, of those in dormitories likewise."""
    found = np.full(len(people.age), NONE, np.uint32)
    these = np.flatnonzero((people.age >= 18) & (people.age <= 69) & (people.role != 10))
    these = these[chance.happens("two homes", these, p.traps["two_homes"])]
    families = np.flatnonzero(~h.collective)
    other = families[chance.below("second home", these, len(families))]
    differ = other != people.household[these]
    found[these[differ]] = other[differ]
    return found


def _carers(people: People, does: NDArray[np.uint8], p: Parameters, chance: Chance) -> NDArray[np.uint32]:
    """Who takes babies of 0 to 2 years along: a grandmother or grandfather of the household without work, else a mother without work."""
    found = np.full(len(people.age), NONE, np.uint32)
    carer = np.full(int(people.household[-1]) + 1, NONE, np.uint32)
    for role in (WIFE, GRANDFATHER, GRANDMOTHER):  # the last that is there
        these = np.flatnonzero((people.role == role) & (does == NOTHING))
        carer[people.household[these]] = these
    babies = np.flatnonzero((people.age <= 2) & (carer[people.household] != NONE))
    babies = babies[chance.happens("pram", babies, p.traps["pram"])]
    found[babies] = carer[people.household[babies]]
    return found


def near(ground: Ground, places: Places) -> dict[str, tuple[Ints, Ints, Ints, Ints]]:
    """For each kind of outing: its places in the order of villages, where each village's and each town's begin, and their towns' order."""
    found = {}
    for kind in KINDS:
        these = np.flatnonzero(places.kind == NUMBER[kind])
        village = ground.village[places.grid[these]]
        town = ground.town[places.grid[these]]
        order = np.lexsort((village, town))
        these, village, town = these[order], village[order], town[order]
        villages, towns = len(ground.villages), len(ground.towns)
        first_v = np.zeros(villages, np.int64)
        many_v = np.bincount(village, minlength=villages)
        seen = np.r_[True, village[1:] != village[:-1]]
        first_v[village[seen]] = np.flatnonzero(seen)
        many_t = np.bincount(town, minlength=towns)
        found[kind] = (these, np.stack([first_v, many_v]), np.stack([np.cumsum(many_t) - many_t, many_t]), np.asarray([0, len(these)]))
    return found


__all__ = ["NONE", "PLACES", "Belonging", "Lines", "Places", "near", "settle_in"]
