"""Which places cases were at while infectious, and who else was there then. Pure; closes and names nothing.

A stay whose end nobody said is taken to have lasted two hours: whoever came in soon after is asked about, not left out.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bulou.basis.time import HOUR, Instant

#: A stay without an end is taken to have lasted so long (this project's proposal): the hours of a place are asked about, nobody is judged by it.
ASSUMED = 2 * HOUR


class Seen(NamedTuple):
    """One stay of a case at a place; ``until`` None: nobody said until when."""

    person: bytes
    place: bytes
    at: Instant
    until: Instant | None


class Span(NamedTuple):
    """The hours of a place: from the first to the last presence of any case while infectious; of how many cases, in how many stays."""

    since: Instant
    until: Instant
    cases: int
    visits: int
    #: Whether the end of some stay was assumed.
    assumed: bool


def ends(at: int, until: int | None) -> Instant:
    """When a stay ended, or is taken to have ended."""
    return Instant(at + ASSUMED) if until is None else Instant(max(at, until))


def spans_of(seen: Iterable[Seen], infectious: Mapping[bytes, tuple[Instant, Instant]]) -> dict[bytes, Span]:
    """The hours of each place; stays outside a case's infectious time, and of people who are no cases, propose nothing.

    A stay is cut to the infectious time; one that only touches its edge is in it, because a minute at a counter counts.
    """
    found: dict[bytes, list[tuple[Instant, Instant, bytes, bool]]] = {}
    for one in seen:
        if one.person not in infectious:
            continue
        since, until = infectious[one.person]
        end = ends(one.at, one.until)
        if one.at <= until and end >= since:
            cut = (max(one.at, since), max(min(end, until), one.at, since))
            found.setdefault(one.place, []).append((Instant(cut[0]), Instant(cut[1]), one.person, one.until is None))
    return {
        place: Span(
            min(s for s, *_ in rows), max(e for _, e, *_ in rows), len({p for *_, p, _ in rows}), len(rows), any(a for *_, a in rows)
        )
        for place, rows in found.items()
    }


def asked_of(at: int, until: int | None, since: int, to: int) -> bool:
    """Whether a stay lies in the hours of a risk point, an end that nobody said assumed."""
    return at <= to and ends(at, until) >= since
