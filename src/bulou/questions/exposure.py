"""What a ring means: an edition's ways of asking, a case's window, which exposure controls, which ring outranks. Pure; reads no table.

`memory` asks it of lists in plain Python and is the definition; `rings` asks the same of tables and must give the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.time import BEGINNING, FOREVER, MINUTE, Instant, add_days, day_of, end_of_day, midnight
from bulou.basis.words import LISTS, Word
from bulou.protocol.rules import Edition, Status

#: The rings that visits can be asked for, the strictest first: a person is in the first of them that holds.
RINGS = ("close", "secondary", "general", "co_exposed")
#: The ring whose people are found behind close contacts and not behind cases.
BEHIND = "secondary"
#: An id of a person, a place, a case: as the files have it, all of one type.
Id = str | int


class Way(NamedTuple):
    """One way in which an edition's exposure is asked: everything that decides whether a meeting counts."""

    number: int
    ring: str
    setting: str
    shares: str
    places: tuple[str, ...]
    #: Microseconds together from which it counts; 0: any time together, but some.
    least: int
    rows: int
    crew: bool
    #: Microseconds for which the air counts after whoever was infectious left.
    lingers: int
    look_back: int
    look_ahead: int | None
    after_negative: bool
    source: str
    status: Status
    #: Whether the edition itself gives the minutes.
    timed: bool
    #: Of the second ring: not asked behind a close contact who is marked at lower risk.
    higher: bool = False


def ways(edition: Edition, minutes: int = 0, rings: Iterable[str] = RINGS) -> list[Way]:
    """Every way in which an edition asks for these rings, in its order; after those of an exposure, meetings told in its setting.

    ``minutes`` hold where the edition gives none.
    """
    wanted = set(rings)
    found: list[Way] = []
    for rule in edition.exposures:
        if rule.ring not in wanted or rule.ring not in RINGS:
            continue
        back, ahead = rule.look_back or 0, rule.look_ahead
        for find in rule.finds:
            least = minutes if find.minutes is None else find.minutes
            found.append(Way(
                len(found), rule.ring, rule.setting, find.shares, find.places, 0 if find.shares == "household" else least * MINUTE, find.rows or 0,
                find.crew, find.lingers * MINUTE, back, ahead, rule.after_negative, find.source, find.status, find.minutes is not None,
                rule.higher_risk,
            ))  # fmt: skip
        least = minutes if rule.minutes is None else rule.minutes
        found.append(Way(len(found), rule.ring, rule.setting, "meeting", (), least * MINUTE, 0, False, 0, back, ahead, rule.after_negative,
                         rule.source, rule.status, rule.minutes is not None, rule.higher_risk))  # fmt: skip
    return found


class Case(NamedTuple):
    """Somebody infected, and what their window is reckoned from. Instants; None where nobody said."""

    case: str
    person: Id
    #: The first symptom, else the specimen of whoever has none.
    anchor: Instant | None
    #: From when they could infect, where a person decided it: then the edition's look-back is not asked.
    since: Instant | None = None
    #: From when they were under control; None: they are not yet.
    until: Instant | None = None
    #: Of a case that was found by repeated testing.
    last_negative: Instant | None = None


class Window(NamedTuple):
    """Of whom, and from when until when, meetings are asked for one way; ``via`` is the close contact behind whom the second ring lies."""

    case: str
    person: Id
    way: int
    start: int
    until: int
    via: Id | None = None


def window(case: Case, way: Way, zone: ZoneInfo) -> Window:
    """From when until when a case's meetings count in one way. Days are local calendar days, whole.

    A case with neither an anchor nor ``since`` has no beginning: the caller must not ask for one.
    """
    day = None if case.anchor is None else day_of(case.anchor, zone)
    if case.since is not None:
        start: int = case.since
    elif way.after_negative and case.last_negative is not None:
        start = case.last_negative
    else:
        start = BEGINNING if day is None else midnight(add_days(day, -way.look_back), zone)
    ends = [FOREVER if case.until is None else case.until]
    if way.look_ahead is not None and day is not None:
        ends.append(end_of_day(add_days(day, way.look_ahead), zone))
    return Window(case.case, case.person, way.number, start, min(ends))


class Exposure(NamedTuple):
    """One person's time with a case (or with the close contact ``via``) in one way and at one place."""

    case: str
    person: Id
    way: int
    via: Id | None
    #: None: a household, or a meeting that was told.
    place: Id | None
    first: int
    last: int
    #: Microseconds, each counted once; None of a household.
    together: int | None
    #: An end of a stay was not known and was assumed.
    assumed: bool


class Candidate(NamedTuple):
    """A person in a ring of a case, once, with the exposure that controls: the last one, which sets the clock."""

    case: str
    person: Id
    ring: str
    exposure: Exposure
    #: How many exposures of this ring and case there are.
    exposures: int


def _lasting(e: Exposure) -> tuple[object, ...]:
    """What is later controls; of equals the longer, then the way that the edition names first, then the smaller ids."""
    return (-e.last, -(e.together or 0), e.way, e.via is not None, e.via or 0, e.place is not None, e.place or 0)


def candidates(exposures: Iterable[Exposure], asked: Sequence[Way]) -> list[Candidate]:
    """Each person once for each case, in the strictest ring in which any case of these puts them; the exposures of weaker rings stay exposures."""
    ring = {w.number: w.ring for w in asked}
    rows: dict[tuple[str, Id, str], list[Exposure]] = {}
    best: dict[Id, int] = {}
    for e in exposures:
        rows.setdefault((e.case, e.person, ring[e.way]), []).append(e)
        best[e.person] = min(best.get(e.person, len(RINGS)), RINGS.index(ring[e.way]))
    return [
        Candidate(case, person, of, min(found, key=_lasting), len(found))
        for (case, person, of), found in rows.items()
        if RINGS.index(of) == best[person]
    ]


def contact_windows(
    exposures: Iterable[Exposure], asked: Sequence[Way], isolated: Mapping[Id, int], untils: Mapping[Id, int], lower: Collection[Id] = ()
) -> list[Window]:
    """Behind whom the second ring is asked: each close contact of a case, from their first exposure to it until they were isolated.

    ``lower``: close contacts whom a named person marked at lower risk: a way of higher risk is not asked behind them. Nobody said: it is asked.

    ``isolated``: when a person was isolated; ``untils``: when one who is a case as well was. The earlier ends it; without either it is open.
    """
    close = {w.number for w in asked if w.ring == RINGS[0]}
    first: dict[tuple[str, Id], int] = {}
    for e in exposures:
        if e.way in close:
            first[e.case, e.person] = min(first.get((e.case, e.person), FOREVER), e.first)
    return [
        Window(case, person, w.number, start, until, person)
        for (case, person), start in first.items()
        for w in asked
        if w.ring == BEHIND
        and not (w.higher and person in lower)
        and start < (until := min(isolated.get(person, FOREVER), untils.get(person, FOREVER)))
    ]


def lower_of(risk: Iterable[tuple[Id, str]]) -> frozenset[Id]:
    """Who counts as at lower risk: whoever is said to be lower and by nobody higher."""
    said = list(risk)
    return frozenset(p for p, r in said if r == "lower") - {p for p, r in said if r != "lower"}


def merged(pairs: Iterable[tuple[Id, Id]]) -> dict[Id, Id]:
    """Of ids that were found to be one, however many and in whatever order, the one that stands for all: the smallest. Others are not in it."""
    up: dict[Id, Id] = {}

    def top(x: Id) -> Id:
        while (above := up.get(x, x)) != x:
            x = above
        return x

    for a, b in pairs:
        one, other = sorted((top(a), top(b)))
        if one != other:
            up[other] = one
    return {x: top(x) for x in up}


def told(way: Way) -> Word:
    """Why somebody is a candidate, without any name: the setting and what was shared, and the minutes where some are asked."""
    setting, shares = LISTS["setting"][way.setting], LISTS["shares"][way.shares]
    n = way.least // MINUTE
    more = (f",满 {n} 分钟", f", at least {n} min") if n else ("", "")
    rows = (f"(±{way.rows})", f" (± {way.rows})") if way.shares == "rows" else ("", "")
    return Word(f"{setting.zh}:{shares.zh}{rows[0]}{more[0]}", f"{setting.en}: {shares.en}{rows[1]}{more[1]}")
