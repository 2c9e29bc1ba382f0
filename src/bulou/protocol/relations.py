"""Whom a duty is about ("each"), found from facts: people in a tube, a household, the residents of a zone. Pure.

A relation names the steps from the key to its subjects, and gives for one subject the spans in which the relation holds.
It also knows where subjects are: a duty lies in the area where its subject stays.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.kinds import INCIDENT, KINDS, Fact
from bulou.basis.time import BEGINNING, FOREVER, Instant, Span
from bulou.basis.words import Word
from bulou.protocol.rules import Edition, Facts, Read, Rule, Step, Subject

EVER = Span(BEGINNING, FOREVER)


@dataclass(slots=True)
class Cell:
    """A rule and its key, with the facts that open it: what relations and readings are given."""

    rule: Rule
    edition: Edition
    key: dict[str, Subject]
    openers: list[Fact]
    facts: Facts
    zone: ZoneInfo
    anchor: Instant
    #: What readings and relations have worked out for this cell already.
    memo: dict[object, object] = field(default_factory=dict)

    @property
    def first(self) -> Fact:
        """The opener that controls: the earliest by its own time, whichever arrived first."""
        return self.openers[0]

    def person(self, fact: Fact, field: str = "person") -> Subject:
        found = self.facts.canon("person", getattr(fact.body, field))
        assert isinstance(found, bytes)
        return found

    def counts(self, fact: Fact) -> bool:
        """Whether a fact counts here: of the same incident, of the same disease wherever entered, or about the world."""
        scope = KINDS[fact.kind].scope
        if scope == "world":
            return True
        if scope == "disease":
            return bool(fact.body.disease == self.edition.disease)
        return self.facts.canon("incident", fact.incident) == self.key["incident"]


class Stay(NamedTuple):
    """Where a person is in a span: ``area`` None when they left or died, or nobody knows."""

    span: Span
    area: str | None
    household: bytes | None
    nature: str


def order(fact: Fact) -> tuple[Instant, bytes]:
    """Facts are ordered by when they happened; ids break ties, so that the order of arrival never matters."""
    return (fact.at, fact.id)


def stays(facts: Facts, person: Subject) -> list[Stay]:
    """A person's stays: a partition of time from the first record on. A temporary stay lies over the residence, until it ends
    or the person leaves the area."""
    found = facts.by("stay", "person", person)
    if len(found) == 1 and found[0].kind == "person.enrolled" and found[0].body.until is None and found[0].body.nature != "away":
        only = found[0]
        return [Stay(Span(only.at, FOREVER), only.body.area, only.body.household, only.body.nature)]
    base: list[Stay] = []
    over: list[Stay] = []
    died = FOREVER
    for fact in sorted(found, key=order):
        if fact.kind == "person.died":
            died = min(died, fact.at)
        elif fact.kind == "stay.ended":
            over = [_until(stay, fact.at) for stay in over]
        else:
            body = fact.body
            end = FOREVER if body.until is None else Instant(max(body.until, fact.at))
            away = body.nature == "away"
            stay = Stay(Span(fact.at, end), None if away else body.area, None if away else body.household, body.nature)
            if body.nature == "stay":
                over = [_until(earlier, fact.at) for earlier in over] + [stay]
            else:
                base = [_until(earlier, fact.at) for earlier in base] + [Stay(Span(fact.at, FOREVER), *stay[1:])]
                over = [_until(earlier, fact.at) for earlier in over] if away else over
    over = [stay for stay in over if stay.span.start < stay.span.end]
    return _cut(_lay(base, over), died)


def _until(stay: Stay, end: Instant) -> Stay:
    return stay._replace(span=Span(stay.span.start, min(stay.span.end, max(end, stay.span.start)))) if end < stay.span.end else stay


def _lay(base: list[Stay], over: list[Stay]) -> list[Stay]:
    """``over`` on top of ``base``: both are sorted and free of overlap, so is what comes out."""
    result: list[Stay] = []
    for under in base:
        start = under.span.start
        for top in over:
            if top.span.end <= start or top.span.start >= under.span.end:
                continue
            if top.span.start > start:
                result.append(under._replace(span=Span(start, top.span.start)))
            start = min(top.span.end, under.span.end)
        if start < under.span.end:
            result.append(under._replace(span=Span(start, under.span.end)))
    result.extend(over)
    return sorted((s for s in result if s.span.start < s.span.end), key=lambda s: s.span.start)


def _cut(all_: list[Stay], died: Instant) -> list[Stay]:
    kept = [_until(s, died) for s in all_ if s.span.start < died]
    return [s for s in kept if s.span.start < s.span.end]


# --- where subjects are -----------------------------------------------------------------------------------------------
class Here(NamedTuple):
    """A stretch of time in which a subject lies in an area (None: nobody knows)."""

    span: Span
    area: str | None


def _person_here(facts: Facts, person: Subject) -> list[Here]:
    return [Here(stay.span, stay.area) for stay in stays(facts, person)]


def _first_area(kind: str, key: str) -> Callable[[Facts, Subject], list[Here]]:
    def here(facts: Facts, subject: Subject) -> list[Here]:
        found = sorted(facts.by(kind, key, subject), key=order)
        return [Here(EVER, found[0].body.area)] if found else []

    return here


def _area_here(facts: Facts, area: Subject) -> list[Here]:
    return [Here(EVER, str(area))]


#: For each type of subject: where it is, and what must be read to know.
PLACED: dict[str, tuple[Callable[[Facts, Subject], list[Here]], tuple[Read, ...]]] = {
    "person": (_person_here, (Read("stay", "person", "subject"),)),
    "household": (_first_area("household.declared", "household"), (Read("household.declared", "household", "subject"),)),
    "place": (_first_area("place.declared", "place"), (Read("place.declared", "place", "subject"),)),
    "tube": (_first_area("tube.opened", "tube"), (Read("tube.opened", "tube", "subject"),)),
    "incident": (_first_area("incident.opened", "incident"), (Read("incident.opened", "incident", "subject"),)),
    "zone": (_first_area("zone.extended", "zone"), (Read("zone.extended", "zone", "subject"),)),
    "letter": (_first_area("letter.received", "letter"), (Read("letter.received", "letter", "subject"),)),
    "signal": (_first_area("signal.noted", "signal"), (Read("signal.noted", "signal", "subject"),)),
    "area": (_area_here, ()),
}


def segments(facts: Facts, subject_type: str, subject: Subject) -> list[Here]:
    """Where a subject is, as a partition of all time: the first place also stands for the time before it was recorded."""
    found = [here for here in PLACED[subject_type][0](facts, subject) if here.area is not None or subject_type == "person"]
    if not found:
        return [Here(EVER, None)]
    found[0] = found[0]._replace(span=Span(BEGINNING, found[0].span.end))
    whole: list[Here] = []
    for here in [*found, Here(Span(FOREVER, FOREVER), None)]:
        edge = whole[-1].span.end if whole else BEGINNING
        if edge < here.span.start:  # nobody knows
            whole.append(Here(Span(edge, here.span.start), None))
        if here.span.start < here.span.end:
            whole.append(here)
    merged = whole[:1]
    for here in whole[1:]:
        if here.area == merged[-1].area:
            merged[-1] = Here(Span(merged[-1].span.start, here.span.end), here.area)
        else:
            merged.append(here)
    return merged


#: From an opener's incident up the tree: an adoption or an authorisation for any of these areas holds.
INCIDENT_UP = (Step("incident.opened", "incident", "area"), Step("area.declared", "area", "parent", deep=True))


# --- relations --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Relation:
    """Who is meant by "each". ``needs``: the field of the key it starts from. ``own``: the subject is read from the opener."""

    name: str
    word: Word
    subject: str
    needs: str
    steps: tuple[Step, ...]
    reads: tuple[Read, ...]
    subjects: Callable[[Cell], Iterable[Subject]]
    spans: Callable[[Cell, Subject], list[Span]]


def _listed(subjects: Callable[[Cell], Iterable[Subject]]) -> Callable[[Cell, Subject], list[Span]]:
    """For ever, for whoever is among the subjects."""

    def spans(cell: Cell, subject: Subject) -> list[Span]:
        listed = cell.memo.get(subjects)
        if listed is None:
            listed = cell.memo[subjects] = frozenset(subjects(cell))
        assert isinstance(listed, frozenset)
        return [EVER] if subject in listed else []

    return spans


def _tube_people(fits: Callable[[Fact], bool]) -> tuple[Callable[[Cell], Iterable[Subject]], Callable[[Cell, Subject], list[Span]]]:
    def subjects(cell: Cell) -> Iterable[Subject]:
        return {cell.person(f) for f in cell.facts.by("sample.taken", "tube", cell.key["tube"]) if fits(f)}

    return subjects, _listed(subjects)


_IN_TUBE = Step("sample.taken", "tube", "person")


def _household_of(cell: Cell, person: Subject) -> bytes | None:
    """The household in which a person is at the cell's anchor."""
    return next((s.household for s in stays(cell.facts, person) if s.span.holds(cell.anchor)), None)


def _household_members(cell: Cell, household: bytes) -> set[Subject]:
    return {cell.person(f) for f in cell.facts.by("stay", "household", household)}


def _tube_household_subjects(cell: Cell) -> Iterable[Subject]:
    swabbed = set(_in_tube(cell))
    homes = {_household_of(cell, p) for p in swabbed} - {None}
    return {m for home in homes if home for m in _household_members(cell, home)} - swabbed


def _in_tube(cell: Cell) -> Iterable[Subject]:
    return {cell.person(f) for f in cell.facts.by("sample.taken", "tube", cell.key["tube"])}


def _tube_household_spans(cell: Cell, subject: Subject) -> list[Span]:
    known = cell.memo.get("tube household")
    if known is None:
        people = set(_in_tube(cell))
        known = cell.memo["tube household"] = (people, {_household_of(cell, p) for p in people} - {None})
    assert isinstance(known, tuple)
    swabbed, homes = known
    if subject in swabbed:
        return []
    return [stay.span for stay in stays(cell.facts, subject) if stay.household in homes]


def _case_household_subjects(cell: Cell) -> Iterable[Subject]:
    home = _household_of(cell, cell.key["person"])
    return (_household_members(cell, home) if home else set()) - {cell.key["person"]}


def _case_household_spans(cell: Cell, subject: Subject) -> list[Span]:
    if subject == cell.key["person"]:
        return []
    home = _household_of(cell, cell.key["person"])
    return [stay.span for stay in stays(cell.facts, subject) if home and stay.household == home]


def zone_named(facts: Facts, zone: Subject) -> dict[str, list[Fact]]:
    """For each area that a zone's notices name, what they say of it, in order."""
    named: dict[str, list[Fact]] = {}
    for fact in sorted([*facts.by("zone.extended", "zone", zone), *facts.by("zone.reduced", "zone", zone)], key=order):
        named.setdefault(fact.body.area, []).append(fact)
    return named


def _spans_of(said: Iterable[Fact]) -> list[Span]:
    spans: list[Span] = []
    for fact in said:
        inside = bool(spans) and spans[-1].end == FOREVER
        if fact.kind == "zone.extended" and not inside:
            spans.append(Span(fact.at, FOREVER))
        elif fact.kind == "zone.reduced" and inside:
            spans[-1] = Span(spans[-1].start, fact.at)
    return spans


def zone_spans(facts: Facts, zone: Subject) -> dict[str, list[Span]]:
    """For each area named by a zone, the spans in which its own notices put it inside."""
    return {area: _spans_of(said) for area, said in zone_named(facts, zone).items()}


def inside_zone(facts: Facts, named: dict[str, list[Fact]], area: str) -> list[Span]:
    """The spans in which an area lies in a zone: an area brings and takes along everything below it, and the latest notice
    about it or an area above it holds; at one instant the smaller area decides."""
    said = [(f.at, -depth, f.id, f) for depth, above in enumerate(ancestors(facts, area)) for f in named.get(above, ())]
    return _spans_of(f for *_, f in sorted(said))


def ancestors(facts: Facts, area: str) -> list[str]:
    """An area and all areas above it, lowest first. The tree is the latest declared; a loop is cut."""
    found = [area]
    while True:
        declared = sorted(facts.by("area.declared", "area", found[-1]), key=order)
        parent = declared[-1].body.parent if declared else None
        if parent is None or parent in found:
            return found
        found.append(parent)


def descendants(facts: Facts, area: str) -> set[str]:
    """An area and all areas below it, by every declaration that stands (a moved area is checked by ``ancestors``)."""
    found, edge = {area}, [area]
    while edge:
        below = {f.body.area for a in edge for f in facts.by("area.declared", "parent", a)} - found
        found |= below
        edge = sorted(below)
    return found


def _zone_areas(cell: Cell) -> dict[str, list[Fact]]:
    memo = cell.memo.get("zone_areas")
    if memo is None:
        memo = cell.memo["zone_areas"] = zone_named(cell.facts, cell.key["zone"])
    assert isinstance(memo, dict)
    return memo


def _in_zone(cell: Cell, area: str | None, during: Span) -> list[Span]:
    if area is None:
        return []
    cached = cell.memo.get("in:" + area)
    if cached is None:
        cached = cell.memo["in:" + area] = inside_zone(cell.facts, _zone_areas(cell), area)
    assert isinstance(cached, list)
    return [span.cut(during) for span in cached if span.meets(during)]


def _zone_people(cell: Cell) -> Iterable[Subject]:
    below = {b for area in _zone_areas(cell) for b in descendants(cell.facts, area)}
    return {cell.person(f) for a in below for f in cell.facts.by("stay", "area", a)}


def _zone_people_spans(cell: Cell, subject: Subject) -> list[Span]:
    return union([s for stay in stays(cell.facts, subject) for s in _in_zone(cell, stay.area, stay.span)])


def _zone_households(cell: Cell) -> Iterable[Subject]:
    below = {b for area in _zone_areas(cell) for b in descendants(cell.facts, area)}
    return {f.body.household for a in below for f in cell.facts.by("household.declared", "area", a)}


def _zone_household_spans(cell: Cell, subject: Subject) -> list[Span]:
    declared = sorted(cell.facts.by("household.declared", "household", subject), key=order)
    return union(_in_zone(cell, declared[0].body.area, EVER)) if declared else []


def union(spans: list[Span]) -> list[Span]:
    """Spans joined where they touch, sorted, without empty ones."""
    joined: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _reporting_units(cell: Cell) -> Iterable[Subject]:
    opened = sorted(cell.facts.by("incident.opened", "incident", cell.key["incident"]), key=order)
    if not opened:
        return set()
    area = opened[0].body.area
    below = {f.body.area for f in cell.facts.by("area.declared", "parent", area)}
    return {a for a in below if ancestors(cell.facts, a)[1:2] == [area]}


_ZONE_DOWN = (Step("zone.extended", "zone", "area"), Step("area.declared", "parent", "area", deep=True))
_ZONE_READS = (Read("zone.reduced", "zone", "zone"), Read("area.declared", "area", "zone", _ZONE_DOWN))

RELATIONS: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        Relation(
            "people in the tube", Word("试管内人员", "everyone in the tube"), "person", "tube",
            (_IN_TUBE,), (), *_tube_people(lambda f: True),
        ),
        Relation(
            "person of the single tube", Word("单管受检人", "the person of the single tube"), "person", "tube",
            (_IN_TUBE,), (), *_tube_people(lambda f: bool(f.body.capacity == 1)),
        ),
        Relation(
            "households of the people in the tube", Word("试管内人员的同住人", "everyone who lives with people in the tube"),
            "person", "tube",
            (_IN_TUBE, Step("stay", "person", "household"), Step("stay", "household", "person")), (),
            _tube_household_subjects, _tube_household_spans,
        ),
        Relation(
            "household of the person", Word("同住人", "everyone who lives with the person"), "person", "person",
            (Step("stay", "person", "household"), Step("stay", "household", "person")), (),
            _case_household_subjects, _case_household_spans,
        ),
        Relation(
            "residents of the zone", Word("风险区内人员", "everyone who stays in the zone"), "person", "zone",
            (*_ZONE_DOWN, Step("stay", "area", "person")), _ZONE_READS, _zone_people, _zone_people_spans,
        ),
        Relation(
            "households of the zone", Word("风险区内住户", "every household in the zone"), "household", "zone",
            (*_ZONE_DOWN, Step("household.declared", "area", "household")), _ZONE_READS,
            _zone_households, _zone_household_spans,
        ),
        Relation(
            "reporting units", Word("各街道乡镇", "every street and town"), "area", "incident",
            (Step("incident.opened", "incident", "area"), Step("area.declared", "parent", "area")),
            (), _reporting_units, _listed(_reporting_units),
        ),
    )
}  # fmt: skip


def own(rule_key: tuple[str, ...], kind: str, name: str, subject: str) -> Relation:
    """The opener's own ``name`` as the only subject: the tube itself, the person of an order, the incident."""
    start, steps = (name, ()) if name in rule_key else (rule_key[0], (Step(kind, rule_key[0], name),))

    def subjects(cell: Cell) -> Iterable[Subject]:
        found = cell.facts.canon(subject, getattr(cell.first.body, name))
        assert isinstance(found, bytes | str)
        return (found,)

    return Relation(name, WHO[subject], subject, start, steps, (), subjects, _listed(subjects))


#: How a subject is called when it is the opener's own.
WHO: dict[str, Word] = {
    "person": Word("本人", "the person"),
    "tube": Word("该试管", "the tube"),
    "zone": Word("该风险区", "the zone"),
    "incident": Word("该事件", "the incident"),
    "area": Word("该区域", "the area"),
    "household": Word("该住户", "the household"),
    "letter": Word("该来函", "the letter"),
    "place": Word("该场所", "the place"),
    "signal": Word("该信号", "the signal"),
}
__all__ = ["INCIDENT", "PLACED", "RELATIONS", "Cell", "Here", "Relation", "Stay", "ancestors", "own", "segments", "stays"]
