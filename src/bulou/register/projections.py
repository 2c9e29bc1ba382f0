"""The register as it follows from facts: areas, places, households, people, stays, posts, holdings, shifts. Pure functions to rows."""

from collections.abc import Iterator
from typing import Any

from bulou.basis.time import BEGINNING, FOREVER
from bulou.evidence.now import Projection, project
from bulou.protocol.relations import ancestors, order, stays
from bulou.protocol.rules import Facts, Read, Step, Subject


def _latest(facts: Facts, kind: str, field: str, value: Subject) -> Any:
    found = sorted(facts.by(kind, field, value), key=order)
    return found[-1].body if found else None


def _area(facts: Facts, area: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "area.declared", "area", area)
    if body is not None:
        lineage = "/".join(reversed(ancestors(facts, body.area)))
        yield body.parent, body.level, body.name, body.name_en, body.official, body.lon, body.lat, f"/{lineage}/"


def _crossing(facts: Facts, area: Subject) -> Iterator[tuple[Any, ...]]:
    """Spans in which a functional area covers others: laid twice it is covered once, lifted where it is not laid changes nothing."""
    open_: dict[str, int] = {}
    for fact in sorted([*facts.by("area.spanned", "area", area), *facts.by("area.lifted", "area", area)], key=order):
        if fact.kind == "area.spanned":
            open_.setdefault(fact.body.member, fact.at)
        elif (since := open_.pop(fact.body.member, None)) is not None and since < fact.at:
            yield fact.body.member, since, fact.at
    yield from ((member, since, FOREVER) for member, since in sorted(open_.items()))


def _place(facts: Facts, place: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "place.declared", "place", place)
    if body is not None:
        yield body.name, body.nature, body.area, body.address


def _household(facts: Facts, household: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "household.declared", "household", household)
    if body is not None:
        yield body.area, body.address


def _person(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """One row for every id that was enrolled; ``canonical`` names the id that stands for all ids of the person.

    What was put right since the latest enrolment stands in its place, field by field.
    """
    found = [f for f in facts.by("person.enrolled", "person", person) if f.body.person == person]
    if found:
        last = max(found, key=order)
        body = last.body
        right = sorted(
            (f for f in facts.by("person.amended", "person", person) if f.body.person == person and order(f) > order(last)), key=order
        )
        for f in right:
            body = body._replace(**{k: v for k in ("name", "phone", "born_on", "sex") if (v := getattr(f.body, k)) is not None})
        yield (
            facts.canon("person", person), body.name, body.sex, body.born_on, body.document_kind, body.document, body.phone,
            body.registered_area, body.nationality, min(f.at for f in found),
        )  # fmt: skip


def _stay(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """Spans of a person's stays, under the id that stands for the person; the other ids have none, so nobody counts twice."""
    if facts.canon("person", person) == person:
        for stay in stays(facts, person):
            yield stay.area, stay.household, stay.nature, stay.span.start, stay.span.end


def _post(facts: Facts, post: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "post.established", "post", post)
    if body is not None:
        yield body.role, body.area, body.name, body.name_en, body.unit, body.unit_en, body.phone


def _holding(facts: Facts, post: Subject) -> Iterator[tuple[Any, ...]]:
    events = sorted([*facts.by("post.held", "post", post), *facts.by("post.left", "post", post)], key=order)
    spans: list[list[Any]] = []
    for fact in events:
        for span in spans:
            ends = fact.kind == "post.left" and span[0] == fact.body.holder
            if (ends or (fact.kind == "post.held" and not fact.body.acting)) and span[2] > fact.at:
                span[2] = max(fact.at, span[1])
        if fact.kind == "post.held":
            spans.append([fact.body.holder, fact.at, FOREVER if fact.body.until is None else fact.body.until, fact.body.acting])
    yield from sorted({(holder, acting, start, end) for holder, start, end, acting in spans if start < end})


def _shift(facts: Facts, shift: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "shift.opened", "shift", shift)
    if body is not None:
        ended = [f.at for f in facts.by("shift.ended", "shift", shift) if f.body.person is None]
        yield body.role, body.area, body.place, body.name, body.seats, body.post, body.starts, min([body.ends, *ended])


def _seat(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    ended = [f for f in facts.by("shift.ended", "person", person) if f.body.person == person]
    for joined in sorted((f for f in facts.by("shift.joined", "person", person) if f.body.person == person), key=order):
        off = [f.at for f in ended if f.body.shift == joined.body.shift and f.at >= joined.at]
        yield joined.body.shift, joined.body.device, joined.at, min([FOREVER, *off])


_UP = (Step("area.declared", "area", "parent", deep=True),)

AREA = project(Projection(
    "area", "area", "area", "code", ("parent", "level", "name", "name_en", "official", "lon", "lat", "lineage"),
    (Read("area.declared", "area", "entity", _UP),), _area,
))  # fmt: skip
CROSSING = project(Projection(
    "crossing", "area", "crossing", "functional", ("member", "here_from", "here_until"),
    (Read("area.spanned", "area", "entity"), Read("area.lifted", "area", "entity")), _crossing,
))  # fmt: skip
PLACE = project(Projection(
    "place", "place", "place", "place", ("name", "nature", "area", "address"), (Read("place.declared", "place", "entity"),), _place,
))  # fmt: skip
HOUSEHOLD = project(Projection(
    "household", "household", "household", "household", ("area", "address"),
    (Read("household.declared", "household", "entity"),), _household,
))  # fmt: skip
PERSON = project(Projection(
    "person", "person", "person", "person",
    ("canonical", "name", "sex", "born_on", "document_kind", "document", "phone", "registered_area", "nationality", "since"),
    (Read("person.enrolled", "person", "entity"), Read("person.amended", "person", "entity")), _person,
))  # fmt: skip
STAY = project(Projection(
    "stay", "person", "stay", "person", ("area", "household", "nature", "here_from", "here_until"),
    (Read("stay", "person", "entity"),), _stay,
))  # fmt: skip
POST = project(Projection(
    "post", "post", "post", "post", ("role", "area", "name", "name_en", "unit", "unit_en", "phone"),
    (Read("post.established", "post", "entity"),), _post,
))  # fmt: skip
HOLDING = project(Projection(
    "holding", "post", "holding", "post", ("holder", "acting", "here_from", "here_until"),
    (Read("post.held", "post", "entity"), Read("post.left", "post", "entity")), _holding,
))  # fmt: skip
SHIFT = project(Projection(
    "shift", "shift", "shift", "shift", ("role", "area", "place", "name", "seats", "post", "starts", "ends"),
    (Read("shift.opened", "shift", "entity"), Read("shift.ended", "shift", "entity")), _shift,
))  # fmt: skip
SEAT = project(Projection(
    "seat", "person", "seat", "person", ("shift", "device", "here_from", "here_until"),
    (Read("shift.joined", "person", "entity"), Read("shift.ended", "person", "entity")), _seat,
))  # fmt: skip

__all__ = ["AREA", "BEGINNING", "CROSSING", "HOLDING", "HOUSEHOLD", "PERSON", "PLACE", "POST", "SEAT", "SHIFT", "STAY"]
