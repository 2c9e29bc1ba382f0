"""The world behind a play: who is infected, who meets whom, what is truly in each tube, who is kept where. Actors sense it; the platform never does."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bulou.exercise.contagion import AT_HOME, AWAY, DAY, FREE, NEVER
from bulou.exercise.days import Visits
from bulou.exercise.entering import person_id
from bulou.exercise.files import Head, day_names, key_of, read_table
from bulou.exercise.outbreak import Outbreak, Pathogen, prepared, rates
from bulou.exercise.parameters import Unfit
from bulou.exercise.places import PLACES
from bulou.exercise.truth import town, visits, week

#: Chance that a tube without anybody infected reads positive: a contamination.
FALSE_ALARM = 0.0002
#: Days of visits that people can be asked about.
REMEMBERED = 4


class Citizen(NamedTuple):
    """Somebody of the city as the staff meet them: the number in the city's files, the id in the ledger (None: on no register), where they live."""

    person: int
    id: bytes | None
    grid: str
    household: int
    age: int


class Met(NamedTuple):
    """Two who were in one space: the other, from and until which minute of the play, the kind of place."""

    other: int
    start: int
    end: int
    kind: str


class Stay(NamedTuple):
    """Somebody's stay in a space of a place of a kind, from and until which minute of the play."""

    person: int
    place: int
    space: int
    kind: str
    start: int
    end: int


@dataclass
class Tube:
    """A tube as it truly is: who was swabbed into it and when, when it reached the laboratory (None: not yet), whether its box was lost."""

    code: str
    swabs: list[tuple[int, int]] = field(default_factory=list)
    arrived: int | None = None
    lost: bool = False
    #: What the trainer put into it.
    injected: bool = False


class World:
    """The city as it goes; minutes count from the first day's midnight."""

    def __init__(self, folder: Path, head: Head, pathogen: Pathogen, imported: int, days: int, seed: int) -> None:
        self.folder, self.head, self.days = folder, head, days
        self.names = day_names(head)
        if not 1 <= days <= len(self.names):
            raise Unfit(f"--days {days}:城市有 {len(self.names)} 天活动", f"--days {days}: the city has visits of {len(self.names)} days")
        self.town = town(folder, head)
        self.outbreak = Outbreak(pathogen, self.town, rates(pathogen, self.town, week(folder, self.town, self.names), seed=seed), seed)
        self.outbreak.seeded(imported, 0)
        self.citizens = _citizens(folder, head)
        self.by_id = {c.id: c.person for c in self.citizens if c.id is not None}
        self.by_grid: dict[str, list[int]] = {}
        for c in self.citizens:
            self.by_grid.setdefault(c.grid, []).append(c.person)
        self.homes: dict[int, list[int]] = {}
        for c in self.citizens:
            self.homes.setdefault(c.household, []).append(c.person)
        self.tubes: dict[str, Tube] = {}
        self._visits: dict[int, Visits] = {}
        #: Who is told to stay until when, and who is away.
        self.holds: dict[int, tuple[int, int, int]] = {}

    def enrolled(self, person: int, id_: bytes) -> None:
        """Somebody who was on no register is on it from now on; a second id for one person stands for them too."""
        self.by_id[id_] = person
        if self.citizens[person].id is None:
            self.citizens[person] = self.citizens[person]._replace(id=id_)

    def moved(self, person: int, grid: str) -> None:
        """Somebody lives in another grid from now on: rounds and doors find them there. Their days in the city's files stay as they are."""
        self.by_grid[self.citizens[person].grid].remove(person)
        self.by_grid.setdefault(grid, []).append(person)
        self.citizens[person] = self.citizens[person]._replace(grid=grid)

    def name(self, person: int) -> str:
        """What somebody says that they are called."""
        if self._said is None:
            self._said = read_table(self.folder, "people", ["name"])["name"].to_pylist()
        return str(self._said[person])

    _said: list[str] | None = None

    # --- what passes --------------------------------------------------------------------------------------------------
    def visits(self, day: int) -> Visits:
        """A day's visits, kept for as long as people remember them."""
        if day not in self._visits:
            self._visits = {d: v for d, v in self._visits.items() if d > day - REMEMBERED}
            self._visits[day] = visits(self.folder, self.names[day])
        return self._visits[day]

    def pass_day(self, day: int) -> int:
        """Lets a day pass with everything that was done on it in force; how many were infected on it."""
        return len(self.outbreak.day(day, prepared(self.town, self.visits(day))))

    def keep(self, person: int, how: int, since: int, until: int) -> None:
        """Somebody is told to stay at home, or is taken away. A day knows one hold of a person: one that follows another on its day counts
        from the earlier beginning."""
        if (old := self.holds.get(person)) and how != FREE and old[1] // DAY == since // DAY and old[2] > since:
            how, since, until = max(how, old[0]), old[1], max(until, old[2])
        self.holds[person] = (how, since, until)
        self.outbreak.hold(person, how, since, until)

    def let_go(self, person: int, at: int) -> None:
        """Somebody is told that they may go; whoever is away stays there."""
        how, since, until = self.holds.get(person, (FREE, 0, 0))
        if how == AT_HOME and until > at:
            self.holds[person] = (how, since, at)
            self.outbreak.hold(person, how, since, at)

    def away(self, person: int, at: int) -> bool:
        """Whether somebody is not at home but in isolation or in hospital."""
        how, since, until = self.holds.get(person, (FREE, 0, 0))
        return how == AWAY and since <= at < until

    def at_home(self, person: int, at: int) -> bool:
        """Whether somebody was told to stay at home."""
        how, since, until = self.holds.get(person, (FREE, 0, 0))
        return how == AT_HOME and since <= at < until

    # --- what is sensed -----------------------------------------------------------------------------------------------
    def infected(self, person: int, at: int) -> bool:
        return bool(self.outbreak.infected[person] <= at)

    def ill(self, since: int, until: int) -> list[tuple[int, int]]:
        """Those whose symptoms begin in these minutes, with the minute; by person."""
        who = self.outbreak.cases()
        onset = self.outbreak.onset(who)
        chosen = (onset != NEVER) & (onset >= since) & (onset < until)
        return sorted(zip(who[chosen].tolist(), onset[chosen].tolist(), strict=True))

    def onset(self, person: int) -> int | None:
        """The minute of somebody's first symptom; None without."""
        found = int(self.outbreak.onset(np.asarray([person]))[0])
        return None if found == NEVER else found

    def swab(self, code: str, person: int, at: int) -> None:
        """A swab of somebody truly goes into a tube."""
        self.tubes.setdefault(code, Tube(code)).swabs.append((person, at))

    def reads(self, code: str, nth: int = 0) -> bool:
        """What an honest machine reads of a tube; the ``nth`` run is drawn anew."""
        tube = self.tubes[code]
        if tube.injected:
            return nth == 0  # a contamination: the second run tells
        found = any(bool(self.outbreak.positive(np.asarray([p]), at, nth)[0]) and self.infected(p, at) for p, at in tube.swabs)
        return found or bool(self.outbreak.chance.happens(f"false alarm {code}", np.asarray([nth]), FALSE_ALARM)[0])

    def met(self, person: int, since: int, until: int) -> list[Met]:
        """Everyone with whom somebody shared a space in these minutes, by hour; at home once a day."""
        found: list[Met] = []
        for day in range(max(0, since // DAY), min(self.days - 1, until // DAY) + 1):
            if day < until // DAY - REMEMBERED + 1:
                continue
            v = self.visits(day)
            low, high = np.searchsorted(v.person, [person, person + 1])
            for row in range(low, high):
                if self._kept(person, day * DAY + int(v.start[row])):
                    continue
                same = np.flatnonzero((v.space == v.space[row]) & (v.start < v.end[row]) & (v.end > v.start[row]) & (v.person != person))
                kind = PLACES[int(self.town.kind[int(v.place[row])])]
                for i in same.tolist():
                    start, end = max(int(v.start[i]), int(v.start[row])), min(int(v.end[i]), int(v.end[row]))
                    found.append(Met(int(v.person[i]), day * DAY + start, day * DAY + end, kind))
        return [m for m in found if m.end > since and m.start < until]

    def stays(self, person: int, since: int, until: int) -> list[Stay]:
        """Where somebody was in these minutes, as far back as people are asked; not while they were kept."""
        found: list[Stay] = []
        for day in range(max(0, since // DAY, until // DAY - REMEMBERED + 1), min(self.days - 1, until // DAY) + 1):
            v = self.visits(day)
            for row in range(*np.searchsorted(v.person, [person, person + 1]).tolist()):
                stay = self._stay(v, row, day)
                if stay.end > since and stay.end <= until and not self._kept(person, stay.start):
                    found.append(stay)
        return found

    def there(self, stay: Stay, but: int) -> list[Stay]:
        """The stays of others in the same place that overlap with one; of those who are kept none."""
        day = stay.start // DAY
        v, start, end = self.visits(day), stay.start - day * DAY, stay.end - day * DAY
        rows = np.flatnonzero((v.place == stay.place) & (v.start < end) & (v.end > start) & (v.person != but))
        return [s for s in (self._stay(v, row, day) for row in rows.tolist()) if not self._kept(s.person, s.start)]

    def _stay(self, v: Visits, row: int, day: int) -> Stay:
        place, begin = int(v.place[row]), day * DAY
        return Stay(
            int(v.person[row]),
            place,
            int(v.space[row]),
            PLACES[int(self.town.kind[place])],
            begin + int(v.start[row]),
            begin + int(v.end[row]),
        )

    def area_of_place(self, place: int) -> str:
        """The grid in which a place lies; of one that moves the first of the city."""
        if self._grids is None:
            found = read_table(self.folder, "places", ["grid"])["grid"].to_pylist()
            self._grids = [str(g) if g else next(iter(self.by_grid)) for g in found]
        return self._grids[place]

    _grids: list[str] | None = None

    def _kept(self, person: int, at: int) -> bool:
        return self.at_home(person, at) or self.away(person, at)


def _citizens(folder: Path, head: Head) -> list[Citizen]:
    """Everyone of the city, with the id of their first record on the register."""
    key = key_of(head)
    grids = read_table(folder, "households", ["grid"])["grid"].to_pylist()
    people: Any = read_table(folder, "people", ["household", "age"])
    record: dict[int, int] = {}
    registered = read_table(folder, "registered", ["record", "truth"])
    for number, truth in zip(registered["record"].to_pylist(), registered["truth"].to_pylist(), strict=True):
        record.setdefault(truth, number)
    return [
        Citizen(i, person_id(key, record[i]) if i in record else None, grids[home], home, age)
        for i, (home, age) in enumerate(zip(people["household"].to_pylist(), people["age"].to_pylist(), strict=True))
    ]


__all__ = ["AT_HOME", "AWAY", "Citizen", "Met", "Tube", "World"]
