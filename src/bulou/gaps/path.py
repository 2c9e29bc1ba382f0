"""The path of a person, read: hours that nobody can explain, words that cannot both be true, records that nobody spoke of. Pure; asks nobody.

A path is visits, each with what it rests on. Somebody's word and a record of a place are kept side by side: neither corrects the other.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bulou.basis.time import HOUR, MINUTE, Instant

#: What recorded a visit by itself; every other proof is somebody's word.
RECORDS = frozenset({"payment", "ticket", "camera", "register", "telecom"})
#: A hole is worth a question from this length on; a word that begins or ends so much off a record of the same place differs from it
#: (this project's proposals).
HOLE, OFF = 2 * HOUR, 30 * MINUTE


class Visit(NamedTuple):
    """A visit as it was told. ``until`` None: nobody said until when; ``place`` and ``area`` None: nobody knows where."""

    id: bytes
    at: Instant
    until: Instant | None
    place: bytes | None
    area: str | None
    proof: str | None

    @property
    def recorded(self) -> bool:
        """Whether it rests on a record, not on somebody's word."""
        return self.proof in RECORDS


class Hole(NamedTuple):
    """A span of which nobody said where the person was."""

    since: Instant
    until: Instant


class Clash(NamedTuple):
    """Two visits that cannot both be as told. ``what``: ``two_places`` at once, ``other_hours`` than the record of the same place."""

    what: str
    one: bytes
    other: bytes
    since: Instant
    until: Instant


def spans(visits: Iterable[Visit], now: Instant) -> list[tuple[Visit, Instant, Instant]]:
    """Visits in order with their ends: one of which nobody said the end lasts until the next begins, or until now, at most an hour."""
    ordered = sorted(visits, key=lambda v: (v.at, v.id))
    found = []
    for n, visit in enumerate(ordered):
        if visit.until is not None:
            end = visit.until
        else:
            after = min((v.at for v in ordered[n + 1 :] if v.at > visit.at), default=now)
            end = Instant(max(visit.at, min(after, visit.at + HOUR)))
        found.append((visit, visit.at, end))
    return found


def holes(
    visits: Iterable[Visit], since: Instant, until: Instant, asked: Sequence[tuple[Instant, Instant]] = (), least: int = HOLE
) -> list[Hole]:
    """The spans between two hours of which no visit tells, of at least so many microseconds.

    ``asked``: spans in which a hole matters (the waking hours of each day); without any, all hours do.
    """
    told = sorted((a, b) for _, a, b in spans(visits, until))
    found: list[Hole] = []
    for begin, end in asked or ((since, until),):
        at = max(begin, since)
        last = min(end, until)
        for a, b in told:
            if b <= at:
                continue
            if a >= last:
                break
            if a - at >= least:
                found.append(Hole(at, a))
            at = max(at, b)
        if last - at >= least:
            found.append(Hole(at, last))
    return found


def clashes(visits: Iterable[Visit], now: Instant, same: Callable[[Visit, Visit], bool]) -> list[Clash]:
    """Pairs of visits that cannot both be as told, each once, by hour.

    ``same``: whether two visits may be of one place (one lies in the other's area, or one is of a place unknown). Two visits that only touch
    do not clash. A word beside a record of the same place clashes where it begins or ends ``OFF`` or more away from it.
    """
    found: list[Clash] = []
    ordered = spans(visits, now)
    for n, (one, a, b) in enumerate(ordered):
        for other, c, d in ordered[n + 1 :]:
            if c >= b:
                break
            if not same(one, other):
                found.append(Clash("two_places", one.id, other.id, Instant(max(a, c)), Instant(min(b, d))))
            elif one.recorded != other.recorded and one.place is not None and one.place == other.place and _off(one, other):
                found.append(Clash("other_hours", one.id, other.id, Instant(min(a, c)), Instant(max(b, d))))
    return sorted(found, key=lambda c: (c.since, c.one, c.other))


def _off(one: Visit, other: Visit) -> bool:
    ends = one.until is not None and other.until is not None and abs(one.until - other.until) >= OFF
    return ends or abs(one.at - other.at) >= OFF


def unspoken(visits: Iterable[Visit], now: Instant, same: Callable[[Visit, Visit], bool]) -> list[bytes]:
    """Records that nobody's word speaks of: no visit told by somebody overlaps them at what may be the same place."""
    ordered = spans(visits, now)
    words = [(v, a, b) for v, a, b in ordered if not v.recorded]
    return [
        r.id for r, a, b in ordered
        if r.recorded and not any(c <= b and a <= d and same(r, w) for w, c, d in words)
    ]  # fmt: skip
