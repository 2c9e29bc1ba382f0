"""Areas for a viewer at their moment: what their people and places owe, area by area, and their boundaries as a picture. Enters nothing.

The counts are those of the lists: an area's number of open duties is the number of rows of the list of duties narrowed to it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bulou.basis.words import LISTS, Word
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import STATES, RuleBook, counted, rows
from bulou.kit.handed import EVERYWHERE, handed, territorial
from bulou.kit.looking import FEW_CODES, Looking
from bulou.register.outlines import Picture, picture

#: Shapes of one picture; what has more below it is opened a level further down.
MOST_SHAPES = 2500
#: Shapes that carry their name in the picture; the table beside it names all.
MOST_NAMES = 60


# --- what is owed and done --------------------------------------------------------------------------------------------
class Tally(NamedTuple):
    """The duties of an area with all that lies in it, by how they stand at the hour."""

    states: Mapping[str, int]

    @property
    def overdue(self) -> int:
        return self.states.get("overdue", 0)

    @property
    def open(self) -> int:
        """Due, overdue or blocked: as the list of duties has it under "open"."""
        return sum(self.states.get(s, 0) for s in ("due", "overdue", "blocked"))

    @property
    def done(self) -> int:
        return self.states.get("done", 0) + self.states.get("done_late", 0)

    @property
    def share(self) -> float | None:
        """Of what was done or is open, how much was done, from 0 to 1; None where nothing was owed so far."""
        return self.done / (self.done + self.open) if self.done + self.open else None


def tallies(look: Looking, codes: Collection[str]) -> dict[str, Tally]:
    """How the duties on the viewer's lists stand in each of some areas, with all that lies in it at the hour.

    Duties are counted where they are listed: what was handed over counts in the area that accepted it. A number of statements that
    does not depend on how many areas or duties there are.
    """
    wanted = set(codes)
    found, given = rows(look.seq, look.about, look.scope), handed(look)
    inside = {b for code in wanted for b in look.inside(code)}
    if len(inside) <= FEW_CODES:
        found = found.filter(area__in=inside)
    moved = Q(subject__in=list(given), rule__in=territorial(RuleBook(look.protocol))) if given else None
    by_area = counted(found if moved is None else found.exclude(moved), look.seq, look.about, "area")
    told = [(area, states) for (area,), states in by_area.items()]
    if moved is not None:
        others = counted(rows(look.seq, look.about, EVERYWHERE).filter(moved), look.seq, look.about, "subject")
        told += [(given[bytes(s)].area, states) for (s,), states in others.items() if look.scope.holds(given[bytes(s)].area)]
    totals: dict[str, Counter[str]] = {code: Counter() for code in wanted}
    for area, states in told:
        for code in look.areas.around(area, look.about):
            if code in wanted:
                totals[code].update({state: n for state, n in states.items() if n})
    return {code: Tally({s: totals[code][s] for s in STATES}) for code in codes}


# --- figures that a picture is filled by ------------------------------------------------------------------------------
class Fill(NamedTuple):
    """A figure by which shapes are filled: its word and unit, its value in words, its class, and the list behind it."""

    name: str
    word: Word
    unit: Word
    text: Callable[[Tally], str]
    shade: Callable[[Tally], str]
    legend: tuple[tuple[str, str | Word], ...]
    state: str


def _grouped(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f")


def _many(n: int) -> str:
    return "none" if n == 0 else "low" if n < 5 else "mid" if n < 20 else "high" if n < 100 else "extreme"


def _lack(tally: Tally) -> str:
    share = tally.share
    if share is None:
        return "silent"
    return "none" if not tally.open else "low" if share >= 0.9 else "mid" if share >= 0.7 else "high" if share >= 0.5 else "extreme"


def percent(share: float | None) -> str:
    """A share in per cent with one decimal, down: what is not whole is never printed as 100. Nothing owed is ``/``."""
    return "/" if share is None else "100" if share == 1 else f"{int(share * 1000) / 10:.1f}"


_COUNTS = (("none", "0"), ("low", "1–4"), ("mid", "5–19"), ("high", "20–99"), ("extreme", "≥ 100"))
_DUTIES = LISTS["unit"]["duties"]
FILLS: dict[str, Fill] = {
    f.name: f
    for f in (
        Fill("open", Word("未完成事项", "open duties"), _DUTIES, lambda t: _grouped(t.open), lambda t: _many(t.open), _COUNTS, "open"),
        Fill("overdue", Word("超时事项", "overdue duties"), _DUTIES, lambda t: _grouped(t.overdue), lambda t: _many(t.overdue), _COUNTS, "overdue"),
        Fill(
            "coverage", Word("已完成比例", "share done"), Word("%(占已完成与未完成之和)", "% of what was done or is open"), lambda t: percent(t.share), _lack,
            (("none", Word("全部完成", "all done")), ("low", "≥ 90"), ("mid", "70–90"), ("high", "50–70"), ("extreme", "< 50"),
             ("silent", Word("无应办", "nothing owed"))),
            "open",
        ),
    )
}  # fmt: skip


# --- boundaries -------------------------------------------------------------------------------------------------------
class Outlines(NamedTuple):
    """A picture of areas: those drawn, those whose boundary nobody loaded, those whose boundary cannot be read."""

    picture: Picture
    lacking: tuple[str, ...]
    unread: tuple[str, ...]


@lru_cache(maxsize=8)
def _drawn(geometries: tuple[tuple[str, str], ...]) -> Picture:
    return picture(dict(geometries))


def outlines(look: Looking, codes: Sequence[str]) -> Outlines:
    """The boundaries of some areas as they were known and held at the viewer's moment: the latest of each. One statement."""
    asked = list(dict.fromkeys(codes))[:MOST_SHAPES]
    facts = standing_facts("area.bounded", look.seq, look.about).filter(area__in=asked).order_by("at", "id")
    latest = dict(facts.values_list("area", "geometry"))
    made = _drawn(tuple(sorted(latest.items())))
    return Outlines(made, tuple(c for c in codes if c not in latest), made.unread)


class Drawn(NamedTuple):
    """What a template says of one shape."""

    code: str
    name: str
    text: str
    shade: str
    href: str | None


def svg(outline: Outlines, shapes: Iterable[Drawn], label: str, around: str | None = None) -> SafeString:
    """The picture: shapes that lead on and can be reached by keyboard, each filled by pattern and colour, with the outline ``around`` them."""
    made, parts, names = outline.picture, [], []
    listed = [s for s in shapes if s.code in made.shapes and s.code != around]
    for s in listed:
        shape = made.shapes[s.code]
        said = f"{s.name}: {s.text}" if s.text else s.name
        drawn = format_html('<path d="{}" fill="url(#ol-{})"><title>{}</title></path>', shape.path, s.shade, said)
        parts.append(format_html('<a href="{}" aria-label="{}">{}</a>', s.href, said, drawn) if s.href else drawn)
        # as wide as the name is at 1,000 px (28 units a character, half of it where letters are narrow) and, larger, at 350 px
        width = sum(28 if c > "\u2e80" else 15 for c in s.name)
        if len(listed) <= MOST_NAMES and shape.width >= width and shape.height >= 40:
            wide = ' class="near"' if shape.width < width * 2.5 else ""
            names.append(format_html('<text{} x="{}" y="{}">{}</text>', SafeString(wide), shape.x, shape.y + 10, s.name))
    border = ""
    if around in made.shapes:
        border = format_html('<path class="around" d="{}"/>', made.shapes[around].path)
    return format_html(
        '<svg class="outlines" viewBox="-12 -12 {} {}" role="group" aria-label="{}"><defs>{}</defs>{}{}<g class="names" aria-hidden="true">{}</g></svg>',
        made.width + 24, made.height + 24, label, _PATTERNS, SafeString("".join(parts)), border, SafeString("".join(names)),
    )  # fmt: skip


def _pattern(shade: str, size: int, marks: str) -> str:
    return (
        f'<pattern id="ol-{shade}" width="{size}" height="{size}" patternUnits="userSpaceOnUse" data-state="{shade}">'
        f'<rect width="{size}" height="{size}"/>{marks}</pattern>'
    )


#: Each class by colour and by a pattern of its own: plain, dots, strokes, crossed strokes, dense crossed strokes; grey dots where nothing is owed.
_PATTERNS = SafeString(
    "".join((
        _pattern("none", 30, ""),
        _pattern("low", 40, '<circle cx="20" cy="20" r="4"/>'),
        _pattern("mid", 36, '<path d="M0 36L36 0"/>'),
        _pattern("high", 32, '<path d="M0 32L32 0M0 0l32 32"/>'),
        _pattern("extreme", 18, '<path d="M0 18L18 0M0 0l18 18M9 0v18"/>'),
        _pattern("silent", 56, '<circle cx="14" cy="14" r="4"/><circle cx="42" cy="42" r="4"/>'),
        _pattern("zone", 26, '<path d="M0 26L26 0"/>'),
    ))
)  # fmt: skip


def filled(look: Looking, outline: Outlines, totals: Mapping[str, Tally], fill: Fill) -> list[Drawn]:
    """The shapes of a picture filled by a figure, in the order of their codes."""
    unit = look.say(fill.unit) if fill.unit is _DUTIES else "%"
    found = []
    for code in sorted(c for c in totals if c in outline.picture.shapes):
        text = fill.text(totals[code])
        found.append(
            Drawn(
                code,
                look.areas.name(code, look.language),
                text if text == "/" else f"{text} {unit}",
                fill.shade(totals[code]),
                area_href(code, look),
            )
        )
    return found


def legend(look: Looking, fill: Fill) -> list[dict[str, str]]:
    """The classes of a figure, for the legend."""
    return [{"state": state, "label": label if isinstance(label, str) else look.say(label)} for state, label in fill.legend]


def area_href(code: str | None, look: Looking) -> str | None:
    """Where an area's page is; None where the viewer may not open it."""
    if code is None or code not in look.areas.places or not look.scope.holds(code) or not look.viewer.sees("people"):
        return None
    return reverse("area", kwargs={"area": code})


__all__ = ["FILLS", "MOST_SHAPES", "Drawn", "Outlines", "Tally", "area_href", "filled", "legend", "outlines", "svg", "tallies"]
