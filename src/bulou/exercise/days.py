"""One day of a city: who is where from which minute to which, in which space. Nobody is in two places; nobody is in a closed one.

A day is made from the city, the seed and its own number alone. Minutes are of the local day, 0 to 1440, the end not included; a night's
stay is split at midnight, so that every day's file is whole by itself. Between two rows of one person they are on foot, with nobody.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Bits, Chance, Floats, Ints, table
from bulou.exercise.ground import Ground, Homes
from bulou.exercise.parameters import OUTINGS, Parameters
from bulou.exercise.places import DAY, EARLY, LATE, NIGHT, NONE, NUMBER, STUDY, WORK, Belonging, Lines, Places, near
from bulou.exercise.population import Households, People

#: How long an outing lasts, in minutes: from, to.
LASTS = {"shop": (10, 40), "restaurant": (35, 90), "market": (20, 50), "teahouse": (60, 180), "clinic": (20, 70), "worship": (30, 90)}
#: From which minute to which each stage has lessons.
LESSONS = {"kindergarten": (500, 1000), "primary": (490, 990), "junior": (465, 1060), "senior": (450, 1090), "college": (510, 1020)}
#: A night's work: until which minute in the morning, from which in the evening.
NIGHT_UNTIL, NIGHT_FROM = 360, 1320
#: A vehicle leaves every so many minutes, and a ride is shorter than a round of all vehicles of a line.
EVERY = 12


class City(NamedTuple):
    """All that does not change from day to day."""

    seed: int
    people: People
    households: Households
    ground: Ground
    homes: Homes
    places: Places
    belonging: Belonging
    lines: Lines
    parameters: Parameters
    #: Days since 1970-01-01 of the first day.
    first_day: int


class Visits(NamedTuple):
    """Stays of one day, by person and then by time; columns of one length."""

    person: NDArray[np.uint32]
    place: NDArray[np.uint32]
    space: NDArray[np.uint32]
    start: NDArray[np.uint16]
    end: NDArray[np.uint16]


class _Book:
    """Rows in the making. What is put down for a person is put down in the order of time."""

    def __init__(self, people: int) -> None:
        self.count = np.zeros(people, np.uint8)
        self.rows: list[
            tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint16]]
        ] = []

    def put(self, who: Ints, place: Ints, space: Ints, start: Ints, end: Ints) -> None:
        self.rows.append(
            (who, self.count[who], place.astype(np.uint32), space.astype(np.uint32), start.astype(np.uint16), end.astype(np.uint16))
        )
        self.count[who] += 1

    def done(self, carer: NDArray[np.uint32], led: Ints) -> Visits:
        """The visits of everyone; whoever is led has those of their carer."""
        count = self.count.astype(np.int64)
        count[led] = count[carer[led].astype(np.int64)]
        last = np.cumsum(count)
        first = last - count
        total = int(last[-1])
        out = Visits(
            np.repeat(np.arange(len(count), dtype=np.uint32), count), np.empty(total, np.uint32), np.empty(total, np.uint32),
            np.empty(total, np.uint16), np.empty(total, np.uint16),
        )  # fmt: skip
        while self.rows:
            who, nth, place, space, start, end = self.rows.pop()
            at = first[who] + nth
            out.place[at], out.space[at], out.start[at], out.end[at] = place, space, start, end
        if len(led):
            many = count[led]
            inner = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
            to, of = np.repeat(first[led], many) + inner, np.repeat(first[carer[led].astype(np.int64)], many) + inner
            for column in out[1:]:
                column[to] = column[of]
        return out


def _slice(bits: Bits, part: int) -> Floats:
    """One of four numbers from 0 to 1 in 64 bits: enough for minutes, not for choosing a place."""
    return ((bits >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.float64) / 65536.0


class _Where:
    """Chooses places of outings: near home, in the town, anywhere."""

    def __init__(self, city: City, chance: Chance, day: int) -> None:
        self.places, self.chance, self.day = city.places, chance, day
        self.near = near(city.ground, city.places)
        self.upto = np.cumsum(np.asarray(city.parameters.days["near"], dtype=np.float64))
        grid = city.homes.grid[city.people.household]
        self.village, self.town = city.ground.village[grid], city.ground.town[grid]

    def choose(self, purpose: str, kind: str, who: Ints) -> tuple[Ints, Ints]:
        """The place and the space of each."""
        order, by_village, by_town, all_ = self.near[kind]
        bits = self.chance.bits(f"where {purpose} {kind}", who, self.day)
        how = np.searchsorted(self.upto, _slice(bits, 0), side="right")
        village, town = self.village[who], self.town[who]
        first, many = by_village[0][village], by_village[1][village]
        wide = (how > 0) | (many == 0)
        first, many = np.where(wide, by_town[0][town], first), np.where(wide, by_town[1][town], many)
        wide = (how > 1) | (many == 0)
        first, many = np.where(wide, all_[0], first), np.where(wide, all_[1], many)
        place = order[first + (self.chance.uniform(f"which {purpose} {kind}", who, self.day) * many).astype(np.int64)]
        return place, self.space(place, _slice(bits, 1))

    def space(self, place: Ints, drawn: Floats) -> Ints:
        return self.places.first[place] + (drawn * self.places.spaces[place]).astype(np.int64)


def visits(city: City, day: int) -> Visits:
    """All stays of the day (0: the first) of everyone."""
    return _Day(city, day).made()


class _Day:
    """A day in the making."""

    def __init__(self, city: City, day: int) -> None:
        self.city, self.day, self.chance = city, day, Chance(city.seed)
        self.n = len(city.people.age)
        self.weekday = (city.first_day + day + 3) % 7  # 1 January 1970 was a Thursday
        self.book = _Book(self.n)
        self.where = _Where(city, self.chance, day)
        self.home_now = self._home(day - 1)
        self.home_tonight = self._home(day)
        #: Since when each person is at home, and whether they are there as the next row is made.
        self.since = np.zeros(self.n, np.int64)

    def _home(self, day: int) -> Ints:
        """The household in whose dwelling each sleeps in the night after the day: a second home after Friday and Saturday."""
        mine = self.city.people.household
        if (self.city.first_day + day + 3) % 7 not in (4, 5):
            return mine
        second = self.city.belonging.second
        return np.where(second != NONE, second.astype(np.int64), mine)

    def _works(self, day: int) -> NDArray[np.bool_]:
        """Who has work or lessons on the day."""
        city, who = self.city, np.arange(self.n)
        weekday = (city.first_day + day + 3) % 7
        does, shift = city.belonging.does, city.belonging.shift
        has = does != 0
        place = np.where(has, city.belonging.place, 0).astype(np.int64)
        is_open = (city.places.days[place] >> weekday) & 1 == 1
        office = city.places.kind[place] == NUMBER["work"]
        five_of_seven = (self.chance.below("days off", who, 7) + day) % 7 >= 2
        ordinary = np.full(self.n, weekday < 5)
        if weekday >= 5:
            ordinary = self.chance.happens("works at the weekend", who, city.parameters.days["weekend_work"], day)
        turns = (shift == EARLY) | (shift == LATE) | (shift == NIGHT)
        of_hospital = city.places.kind[place] == NUMBER["hospital"]
        on = np.where(does == STUDY, True, np.where(turns | of_hospital, five_of_seven, np.where(office, ordinary, weekday < 5)))
        found: NDArray[np.bool_] = has & is_open & on
        return found

    def made(self) -> Visits:
        city, shift = self.city, self.city.belonging.shift
        works = self._works(self.day)
        night_before = (shift == NIGHT) & self._works(self.day - 1)
        night_after = (shift == NIGHT) & works
        led = self._led(works)
        follows = np.zeros(self.n, bool)
        follows[led] = True
        self._night(np.flatnonzero(night_before), True)
        at_work = np.flatnonzero(works & (shift != NIGHT) & ~follows)
        self._main(at_work)
        free = ~works & ~follows & ~night_before & ~night_after
        moves = free & (self.home_now != self.home_tonight)
        self._move(np.flatnonzero(moves))
        weekend = self.weekday >= 5
        days = city.parameters.days
        self._outing("morning", np.flatnonzero(free & ~moves), days["weekend_morning" if weekend else "morning_out"], 480, 600)
        rested = (night_before | night_after) & ~follows
        share = days["weekend_afternoon" if weekend else "afternoon_out"]
        self._outing("afternoon", np.flatnonzero(free | (rested & (self.since < 800))), share, 850, 990)
        evening = np.flatnonzero(((works & (shift != NIGHT) & (shift != LATE)) | free) & ~follows)
        self._outing("evening", evening, days["evening_out"], 1090, 1180)
        self._night(np.flatnonzero(night_after), False)
        rest = np.flatnonzero(~follows & ~night_after)
        self._at_home(rest, np.full(len(rest), 1440), self.home_tonight)
        return self.book.done(city.belonging.carer, led)

    def _led(self, works: NDArray[np.bool_]) -> Ints:
        """Babies whose carer has the day free and sleeps at home: they go along all day."""
        carer = self.city.belonging.carer
        babies = np.flatnonzero(carer != NONE)
        who = carer[babies].astype(np.int64)
        same = (self.home_now[who] == self.home_now[babies]) & (self.home_tonight[who] == self.home_tonight[babies])
        found: Ints = babies[same & ~works[who]]
        return found

    def _at_home(self, who: Ints, until: Ints, home: Ints) -> None:
        """Puts down that they were at home since they came until they go."""
        if len(who):
            household = home[who]
            self.book.put(who, self.city.homes.building[household], household, self.since[who], until)

    def _night(self, who: Ints, morning: bool) -> None:
        """A night's work: its second half in the morning, or its first half in the evening."""
        place, space = self.city.belonging.place[who].astype(np.int64), self.city.belonging.space[who].astype(np.int64)
        if morning:
            self.book.put(who, place, space, np.zeros(len(who), np.int64), np.full(len(who), NIGHT_UNTIL))
            self.since[who] = NIGHT_UNTIL + 20 + self.chance.below("home from the night", who, 25, self.day)
            self.home_now = self.home_now.copy()
            self.home_now[who] = self.home_tonight[who]
        else:
            leave = NIGHT_FROM - 20 - self.chance.below("to the night", who, 25, self.day)
            stays = self.home_now.copy()
            self._at_home(who, leave, stays)
            self.book.put(who, place, space, np.full(len(who), NIGHT_FROM), np.full(len(who), 1440))

    def _move(self, who: Ints) -> None:
        """From one home to the other, by those who go nowhere else first."""
        leave = 540 + self.chance.below("moves", who, 60, self.day)
        self._at_home(who, leave, self.home_now)
        self.since[who] = leave + 40
        self.home_now = self.home_now.copy()
        self.home_now[who] = self.home_tonight[who]

    def _main(self, who: Ints) -> None:
        """Work or lessons: home, perhaps a ride, the place, perhaps lunch outside, the place again, perhaps a ride."""
        city, belonging = self.city, self.city.belonging
        place, space = belonging.place[who].astype(np.int64), belonging.space[who].astype(np.int64)
        shift, does = belonging.shift[who], belonging.does[who]
        bits = self.chance.bits("hours", who, self.day)
        opens, closes = city.places.opens[place], city.places.closes[place]
        begin = 470 + (60 * _slice(bits, 0)).astype(np.int64)
        end = 1020 + (90 * _slice(bits, 1)).astype(np.int64)
        for stage, (first, last) in LESSONS.items():
            lessons = (city.places.kind[place] == NUMBER[stage]) & (does == STUDY)
            begin[lessons] = first - (12 * _slice(bits, 0)[lessons]).astype(np.int64)
            end[lessons] = last + (12 * _slice(bits, 1)[lessons]).astype(np.int64)
        half = np.minimum(500, (closes - opens + 30) // 2)
        early, late = shift == EARLY, shift == LATE
        begin[early], end[early] = opens[early], (opens + half)[early]
        begin[late], end[late] = (closes - half)[late], closes[late]
        rides = self.chance.happens("rides", who, city.parameters.days["rides"])
        takes = 15 + (29 * _slice(bits, 2)).astype(np.int64)
        walk = 3 + (12 * _slice(bits, 3)).astype(np.int64)
        rides &= (begin - takes - walk - 3 >= 331) & (end + takes + walk + 3 <= 1424)
        leave = np.where(rides, begin - takes - walk - 3, begin - walk)
        self._at_home(who, leave, self.home_now)
        self._ride("out", who[rides], (begin - takes - 3)[rides], takes[rides])
        lunch = (does == WORK) & (shift == DAY) & self.chance.happens("lunch outside", who, city.parameters.days["lunch_out"], self.day)
        noon = 690 + (50 * _slice(bits, 3)).astype(np.int64)
        eats = 30 + (25 * _slice(bits, 2)).astype(np.int64)
        self.book.put(who, place, space, begin, np.where(lunch, noon, end))
        hungry = who[lunch]
        if len(hungry):
            self._lunch(hungry, place[lunch], noon[lunch] + 5, eats[lunch])
            self.book.put(hungry, place[lunch], space[lunch], (noon + eats + 10)[lunch], end[lunch])
        self._ride("back", who[rides], (end + 3)[rides], takes[rides])
        self.since[who] = np.where(rides, end + takes + 3 + walk, end + walk)
        self.home_now = self.home_now.copy()
        self.home_now[who] = self.home_tonight[who]

    def _ride(self, way: str, who: Ints, start: Ints, takes: Ints) -> None:
        """In a vehicle of one's line: which of them runs follows from the minute, the carriage and the row are of chance."""
        lines = self.city.lines
        line = self.city.belonging.line[who]
        run = start // EVERY + line
        vehicle = lines.vehicle[line] + run % int(self.city.parameters.places["vehicles_on_a_line"])
        space = self.where.space(vehicle, self.chance.uniform(f"row {way}", who, self.day))
        self.book.put(who, vehicle, space, start, start + takes)

    def _lunch(self, who: Ints, work: Ints, start: Ints, takes: Ints) -> None:
        """At a restaurant of the town where they work."""
        order, _, by_town, all_ = self.where.near["restaurant"]
        town = self.city.ground.town[self.city.places.grid[work]]
        first, many = by_town[0][town], by_town[1][town]
        none = many == 0
        first, many = np.where(none, all_[0], first), np.where(none, all_[1], many)
        place = order[first + (self.chance.uniform("which lunch", who, self.day) * many).astype(np.int64)]
        self.book.put(who, place, self.where.space(place, self.chance.uniform("table at lunch", who, self.day)), start, start + takes)

    def _outing(self, purpose: str, who: Ints, share: float, first: int, last: int) -> None:
        """Goes out from home and comes back, where the place is open for as long and the evening is long enough."""
        who = who[self.chance.happens(f"{purpose} out", who, share, self.day)]
        who = who[(self.city.people.age[who] >= 6)]
        if not len(who):
            return
        days, age, weekend = self.city.parameters.days, self.city.people.age[who], self.weekday >= 5
        bits = self.chance.bits(purpose, who, self.day)
        kinds = self._kinds(days, age, weekend, self.chance.uniform(f"{purpose} kind", who, self.day))
        start = np.maximum(first + ((last - first) * _slice(bits, 0)).astype(np.int64), self.since[who] + 15)
        walk = 4 + (12 * _slice(bits, 1)).astype(np.int64)
        for number, kind in enumerate(OUTINGS):
            these = np.flatnonzero(kinds == number)
            least, most = LASTS[kind]
            end = start[these] + least + ((most - least) * _slice(bits, 2)[these]).astype(np.int64)
            place, space = self.where.choose(purpose, kind, who[these])
            fits = (start[these] >= self.city.places.opens[place]) & (end <= np.minimum(self.city.places.closes[place], 1400))
            fits &= start[these] - walk[these] > self.since[who[these]]
            these, place, space, end = these[fits], place[fits], space[fits], end[fits]
            go = who[these]
            self._at_home(go, start[these] - walk[these], self.home_now)
            self.book.put(go, place, space, start[these], end)
            self.since[go] = end + walk[these]

    @staticmethod
    def _kinds(days: Mapping[str, Any], age: NDArray[np.uint8], weekend: bool, drawn: Floats) -> Ints:
        old = age >= 60
        kinds = np.empty(len(age), np.int64)
        for mask, where in ((old, days["retired_where"]), (~old, days["weekend_where" if weekend else "weekday_where"])):
            kinds[mask] = np.searchsorted(table(range(len(OUTINGS)), where).upto, drawn[mask], side="right")
        return kinds
