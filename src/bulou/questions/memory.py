"""The rings in plain Python, from lists: the definition that every other engine is compared with. Small and slow on purpose.

A visit is a stay of a person at a place, ``[start, stop)``; everything that is not known is None, and what is not known is shared with nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.time import Instant, day_of, end_of_day
from bulou.questions.exposure import (
    BEHIND,
    Candidate,
    Case,
    Exposure,
    Id,
    Way,
    Window,
    candidates,
    contact_windows,
    lower_of,
    merged,
    window,
)


class Visit(NamedTuple):
    """A person's stay at a place."""

    person: Id
    place: Id
    start: int
    #: None: nobody noted the end.
    stop: int | None
    #: The room, class, table, counter; of a vehicle its carriage and row.
    space: Id | None = None
    carriage: Id | None = None
    row: int | None = None
    #: Works in the vehicle.
    crew: bool = False


class Meeting(NamedTuple):
    """Two people who met, as somebody told it."""

    a: Id
    b: Id
    setting: str
    start: int
    stop: int


class Asked(NamedTuple):
    """Everything that is asked of."""

    visits: Sequence[Visit] = ()
    kinds: Mapping[Id, str] = {}
    #: A person and a household that they belong to; whoever has two homes belongs to both.
    households: Sequence[tuple[Id, Id]] = ()
    meetings: Sequence[Meeting] = ()
    #: When a contact was isolated.
    isolated: Mapping[Id, int] = {}
    same_people: Sequence[tuple[Id, Id]] = ()
    same_places: Sequence[tuple[Id, Id]] = ()
    #: A close contact and the risk that a named person marked: "higher" or "lower". Whoever is not in it counts as higher.
    risk: Sequence[tuple[Id, str]] = ()


class Stay(NamedTuple):
    """A visit whose end is known or assumed."""

    visit: Visit
    stop: int
    assumed: bool


def stays(visits: Iterable[Visit], zone: ZoneInfo) -> list[Stay]:
    """A visit without an end lasts until the person's next visit begins or the local day ends, whichever comes first, and is marked."""
    every = list(visits)
    found = []
    for v in every:
        later = [o.start for o in every if o.person == v.person and o.start > v.start]
        ends = [end_of_day(day_of(Instant(v.start), zone), zone), *later]
        found.append(Stay(v, min(ends) if v.stop is None else v.stop, v.stop is None))
    return found


def shared(way: Way, kind: str | None, of: Visit, other: Visit) -> bool:
    """Whether two stays at one place shared what the way asks for."""
    if kind not in way.places or of.place != other.place:
        return False
    if way.crew and (of.crew or other.crew):
        return True
    if way.shares == "space":
        return of.space is not None and of.space == other.space
    if way.shares == "carriage":
        return of.carriage is not None and of.carriage == other.carriage
    if way.shares == "rows":
        return of.row is not None and other.row is not None and of.carriage == other.carriage and abs(of.row - other.row) <= way.rows
    return way.shares == "place"


def _measure(parts: Iterable[tuple[int, int]]) -> int:
    """How long these stretches are together, each moment once."""
    total, reached = 0, None
    for start, stop in sorted(parts):
        low = start if reached is None else max(start, reached)
        total += max(0, stop - low)
        reached = stop if reached is None else max(reached, stop)
    return total


def exposures_in(w: Window, way: Way, own: Id, asked: Asked, every: Sequence[Stay]) -> Iterator[Exposure]:
    """All exposures in one window, to these stays. ``own`` is the case's person, who is no contact of their own case."""
    if w.until <= w.start:
        return
    if way.shares == "household":
        homes = {household for person, household in asked.households if person == w.person}
        for person in {person for person, household in asked.households if household in homes} - {w.person, own}:
            yield Exposure(w.case, person, way.number, w.via, None, w.start, w.until, None, False)
        return
    parts: dict[tuple[Id, Id | None], list[tuple[int, int, bool]]] = {}
    for m in asked.meetings if way.shares == "meeting" else ():
        if m.setting == way.setting and w.person in (m.a, m.b):
            other = m.b if m.a == w.person else m.a
            parts.setdefault((other, None), []).append((max(m.start, w.start), min(m.stop, w.until), False))
    mine = [s for s in every if s.visit.person == w.person and s.visit.start < w.until and s.stop > w.start]
    for s in mine if way.shares != "meeting" else ():
        low, high = max(s.visit.start, w.start), min(s.stop, w.until) + way.lingers
        for o in every:
            if shared(way, asked.kinds.get(s.visit.place), s.visit, o.visit):
                part = max(low, o.visit.start), min(high, o.stop), s.assumed or o.assumed
                parts.setdefault((o.visit.person, o.visit.place), []).append(part)
    for (person, place), found in parts.items():
        real = [(a, b, assumed) for a, b, assumed in found if b > a]
        together = _measure((a, b) for a, b, _ in real)
        if real and together >= way.least and person not in (w.person, own):
            yield Exposure(w.case, person, way.number, w.via, place, min(a for a, _, _ in real), max(b for _, b, _ in real), together,
                           any(assumed for _, _, assumed in real))  # fmt: skip


def resolved(asked: Asked, cases: Sequence[Case]) -> tuple[Asked, list[Case]]:
    """The same with one id for whoever, and whatever place, was found to be one. The earliest isolation of one person holds."""
    people, places = merged(asked.same_people), merged(asked.same_places)
    isolated: dict[Id, int] = {}
    for person, at in asked.isolated.items():
        who = people.get(person, person)
        isolated[who] = min(isolated.get(who, at), at)
    kinds: dict[Id, str] = {}
    for place, kind in asked.kinds.items():
        where = places.get(place, place)
        kinds[where] = min(kinds.get(where, kind), kind)
    return asked._replace(
        visits=[v._replace(person=people.get(v.person, v.person), place=places.get(v.place, v.place)) for v in asked.visits],
        kinds=kinds,
        households=[(people.get(p, p), h) for p, h in asked.households],
        meetings=[m._replace(a=people.get(m.a, m.a), b=people.get(m.b, m.b)) for m in asked.meetings],
        isolated=isolated, same_people=(), same_places=(), risk=[(people.get(p, p), r) for p, r in asked.risk],
    ), [c._replace(person=people.get(c.person, c.person)) for c in cases]  # fmt: skip


def exposures(asked: Asked, cases: Sequence[Case], by: Sequence[Way], zone: ZoneInfo) -> list[Exposure]:
    """Every exposure to these cases in these ways, the second ring behind the close contacts of the first."""
    asked, cases = resolved(asked, cases)
    every = stays(asked.visits, zone)
    of = {c.case: c.person for c in cases}
    found = [e for c in cases for way in by if way.ring != BEHIND for e in exposures_in(window(c, way, zone), way, c.person, asked, every)]
    untils: dict[Id, int] = {}
    for c in cases:
        if c.until is not None:
            untils[c.person] = min(untils.get(c.person, c.until), c.until)
    numbered = {w.number: w for w in by}
    for w in contact_windows(found, by, asked.isolated, untils, lower_of(asked.risk)):
        found += exposures_in(w, numbered[w.way], of[w.case], asked, every)
    return found


def rings(asked: Asked, cases: Sequence[Case], by: Sequence[Way], zone: ZoneInfo) -> list[Candidate]:
    """Who is in which ring of which case."""
    return candidates(exposures(asked, cases, by, zone), by)
