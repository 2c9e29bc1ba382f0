"""The rings of one case followed as visits, homes, kinds of places and the case itself come, change and go; who rose and who dissolved by what. Pure.

A cell is a window (of the case, or of a close contact behind whom the second ring lies) and a place. A change marks the cells that it can touch, and only
these are asked again, of `memory`, whose meaning this keeps: after every change the candidates are those of the whole set, as a test holds.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.questions.exposure import (
    BEHIND,
    RINGS,
    Candidate,
    Case,
    Exposure,
    Id,
    Way,
    Window,
    candidates,
    contact_windows,
    lower_of,
    window,
)
from bulou.questions.memory import Asked, Stay, Visit, exposures_in, stays

#: What became of somebody: near the case since now, near it in another way, no longer near it.
ROSE, CHANGED, DISSOLVED = "rose", "changed", "dissolved"


class Turn(NamedTuple):
    """What one change made of somebody; of whom it dissolved, the candidate that they were until then."""

    what: str
    candidate: Candidate


class Following:
    """One case and everything on record that can put somebody near it. Told meetings are not followed: whoever tells one names the person."""

    def __init__(self, by: Iterable[Way], zone: ZoneInfo) -> None:
        self.zone = zone
        self.ways = {w.number: w for w in by if w.shares != "meeting"}
        #: How many cells were asked: what a change costs.
        self.asked = 0
        self._case: Case | None = None
        self._kinds: dict[Id, str] = {}
        self._homes: frozenset[tuple[Id, Id]] = frozenset()
        self._lives: dict[Id, list[Id]] = {}
        self._in: dict[Id, list[Id]] = {}
        self._isolated: dict[Id, int] = {}
        self._lower: frozenset[Id] = frozenset()
        self._visits: dict[Id, Visit] = {}
        self._stays: dict[Id, Stay] = {}
        self._of: dict[Id, dict[Id, None]] = {}
        self._at: dict[Id, dict[Id, None]] = {}
        self._cells: dict[Window, dict[Id | None, list[Exposure]]] = {}
        self._marked: set[Id] = set()
        self._moved = False
        self._stand: dict[Id, Candidate] = {}

    # --- what changes -------------------------------------------------------------------------------------------------
    def visit(self, name: Id, visit: Visit | None) -> None:
        """A visit as it stands from now on; None: it was taken back."""
        self.visits([(name, visit)])

    def visits(self, some: Iterable[tuple[Id, Visit | None]]) -> None:
        """Visits as they stand from now on, all at once."""
        people: dict[Id, None] = {}
        for name, visit in some:
            before = self._visits.pop(name, None)
            if before is not None:
                self._stays.pop(name, None)
                del self._of[before.person][name], self._at[before.place][name]
            if visit is not None:
                self._visits[name] = visit
                self._of.setdefault(visit.person, {})[name] = None
                self._at.setdefault(visit.place, {})[name] = None
            for v in (before, visit):
                if v is not None:
                    self._marked.add(v.place)
                    people[v.person] = None
        for person in people:
            self._stay(person)

    def _stay(self, person: Id) -> None:
        """A visit without an end lasts until the person's next one: another visit can move it, wherever it was."""
        mine = list(self._of[person])
        for name, stay in zip(mine, stays([self._visits[n] for n in mine], self.zone), strict=True):
            if self._stays.get(name) != stay:
                self._stays[name] = stay
                self._marked.add(stay.visit.place)

    def case(self, case: Case | None) -> None:
        """The case as its window is reckoned from now on; None: it is none, or nobody knows from when on."""
        if case is None or self._case is None or case.person != self._case.person:
            self._cells = {}  # nobody is a contact of their own case: what was asked of somebody else's is asked anew
        self._case = case

    def kinds(self, kinds: Mapping[Id, str]) -> None:
        """The kinds of places."""
        self._marked |= {p for p in kinds.keys() | self._kinds.keys() if kinds.get(p) != self._kinds.get(p)}
        self._kinds = dict(kinds)

    def homes(self, homes: Collection[tuple[Id, Id]]) -> None:
        """Who lives in which household."""
        self._moved |= frozenset(homes) != self._homes
        self._homes = frozenset(homes)
        self._lives, self._in = {}, {}
        for person, home in self._homes:
            self._lives.setdefault(person, []).append(home)
            self._in.setdefault(home, []).append(person)

    def isolated(self, isolated: Mapping[Id, int]) -> None:
        """Since when contacts are isolated: it ends the windows behind them."""
        self._isolated = dict(isolated)

    def risk(self, risk: Iterable[tuple[Id, str]]) -> None:
        """Which close contacts are marked at higher or lower risk: behind the lower an edition may ask nothing."""
        self._lower = lower_of(risk)

    # --- what stands --------------------------------------------------------------------------------------------------
    def settle(self) -> list[Turn]:
        """Asks the cells that were touched since the last time, and tells what that made of whom."""
        before, self._stand = self._stand, {c.person: c for c in self._settled()}
        self._marked, self._moved = set(), False
        return sorted(turns(before, self._stand), key=lambda t: (RINGS.index(t.candidate.ring), str(t.candidate.person)))

    @property
    def standing(self) -> list[Candidate]:
        """The candidates of the case as of the last settling."""
        return list(self._stand.values())

    def _settled(self) -> list[Candidate]:
        case, by = self._case, list(self.ways.values())
        if case is None:
            self._cells = {}
            return []
        first = [window(case, w, self.zone) for w in by if w.ring != BEHIND]
        found = [e for w in first for e in self._asked(w, case.person)]
        untils = {} if case.until is None else {case.person: case.until}
        second = contact_windows(found, by, self._isolated, untils, self._lower)
        found += [e for w in second for e in self._asked(w, case.person)]
        wanted = {*first, *second}
        self._cells = {w: cells for w, cells in self._cells.items() if w in wanted}
        return candidates(found, by)

    def _asked(self, w: Window, own: Id) -> list[Exposure]:
        """The exposures of a window: of cells that nothing touched, as they were."""
        way, new = self.ways[w.way], w not in self._cells
        cells = self._cells.setdefault(w, {})
        if way.shares == "household":
            if new or self._moved:
                cells[None] = self._ask(w, way, own, None)
        else:
            places = {self._visits[n].place for n in self._of.get(w.person, ())}
            for place in places if new else (places | cells.keys()) & self._marked:
                cells[place] = self._ask(w, way, own, place)
        return [e for some in cells.values() for e in some]

    def _ask(self, w: Window, way: Way, own: Id, place: Id | None) -> list[Exposure]:
        self.asked += 1
        here = [] if place is None else [self._stays[n] for n in self._at.get(place, ())]
        kinds = {place: self._kinds[place]} if place is not None and place in self._kinds else {}
        beside = [(p, home) for home in self._lives.get(w.person, ()) for p in self._in[home]] if place is None else []
        return list(exposures_in(w, way, own, Asked(kinds=kinds, households=beside), here))


def turns(before: Mapping[Id, Candidate], after: Mapping[Id, Candidate]) -> list[Turn]:
    """Who rose, who dissolved, and of whom the ring or the exposure that controls is another. Another number of exposures alone is no turn."""
    found = [Turn(DISSOLVED, c) for p, c in before.items() if p not in after]
    for person, c in after.items():
        was = before.get(person)
        if was is None:
            found.append(Turn(ROSE, c))
        elif (was.ring, was.exposure) != (c.ring, c.exposure):
            found.append(Turn(CHANGED, c))
    return found
