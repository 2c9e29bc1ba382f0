"""The path of a case over the map: its places in order, each drawn in its area. No place has a position of its own: an area's point is where its seat lies."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from bulou.basis.time import Instant, day_of, format_local
from bulou.basis.words import Word
from bulou.gaps.path import Visit
from bulou.kit.looking import Looking

#: Areas drawn at most: those around the path that lie nearest, so that a path through several towns still shows where it went.
MOST_AREAS = 160
_NOTE = Word("示意图:场所画在所属区域内,分块非测绘边界", "schematic: places stand in their areas, whose cells are not surveyed boundaries")


class Step(NamedTuple):
    """A visit as the map and its table have it: its number, the visit, the area in which it is drawn (None: of no area whose position is known)."""

    number: int
    visit: Visit
    drawn: str | None


def steps(visits: Sequence[Visit], look: Looking) -> list[Step]:
    """Visits in their order, each with the nearest area at or above its own that has a point."""
    ordered = sorted(visits, key=lambda v: (v.at, v.id))
    return [Step(n, v, _drawn(v.area, look)) for n, v in enumerate(ordered, start=1)]


def _drawn(area: str | None, look: Looking) -> str | None:
    book = look.areas
    if area is None or area not in book.places:
        return None
    return next((c for c in book.upward(area) if c in book.places and book.places[c].lon is not None), None)


def map_of(found: Sequence[Step], shown: Mapping[bytes, dict[str, Any]], look: Looking) -> dict[str, Any] | None:
    """What the map island draws of a path; None where no area of it has a point. Visits that follow each other in one area are one stop."""
    placed = [s for s in found if s.drawn is not None]
    if not placed:
        return None
    been = {s.drawn for s in placed}
    days = {day_of(s.visit.at, look.zone) for s in placed}
    return {
        "schematic": True, "note": look.say(_NOTE), "measure": look.say(Word("到过次数", "visits")), "zones": [],
        "areas": [_area(code, sum(s.drawn == code for s in placed), look) for code in _around(been, look)],
        "legend": [{"state": "low", "label": look.say(Word("到过", "visited"))}, {"state": "none", "label": look.say(Word("未提及", "not told of"))}],
        "route": [_stop(list(group), shown, len(days) > 1, look) for _, group in groupby(placed, key=lambda s: s.drawn)],
    }  # fmt: skip


def _around(been: set[str | None], look: Looking) -> list[str]:
    """The areas that were visited, with their neighbours below the same parents; only what lies at their level."""
    places = look.areas.places
    here = {places[c].parent for c in been if c is not None}
    near = [c for c, p in places.items() if p.parent in here and p.lon is not None and c not in been]
    return [*sorted(c for c in been if c is not None), *sorted(near)[: max(0, MOST_AREAS - len(been))]]


def _area(code: str, visits: int, look: Looking) -> dict[str, Any]:
    place = look.areas.places[code]
    return {
        "code": code, "name": look.areas.name(code, look.language), "lon": place.lon, "lat": place.lat, "parent": place.parent, "value": visits,
        "label": str(visits), "state": "low" if visits else "none",
    }  # fmt: skip


def _stop(group: list[Step], shown: Mapping[bytes, dict[str, Any]], dated: bool, look: Looking) -> dict[str, Any]:
    first, last = group[0], group[-1]
    names = list(dict.fromkeys(str(shown[s.visit.id]["place"] or shown[s.visit.id]["words"]) for s in group))
    return {
        "n": str(first.number) if first is last else f"{first.number}–{last.number}", "area": first.drawn,
        "hours": _hours(first.visit.at, last.visit.until, dated, look), "name": " · ".join(names),
    }  # fmt: skip


def _hours(since: Instant, until: Instant | None, dated: bool, look: Looking) -> str:
    begun = format_local(since, look.zone)[:16]
    if until is None:
        return f"{begun[5:] if dated else begun[11:]}–?"
    ended = format_local(until, look.zone)[:16]
    return f"{begun[5:] if dated else begun[11:]}–{ended[11:] if ended[:10] == begun[:10] else ended[5:]}"
