"""The register as it follows from facts: areas, places, households, people, stays, posts, holdings. Pure functions to rows."""

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
    for member in sorted({f.body.member for f in facts.by("area.spanned", "area", area)}):
        yield (member,)


def _place(facts: Facts, place: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "place.declared", "place", place)
    if body is not None:
        yield body.name, body.nature, body.area, body.address


def _household(facts: Facts, household: Subject) -> Iterator[tuple[Any, ...]]:
    body = _latest(facts, "household.declared", "household", household)
    if body is not None:
        yield body.area, body.address


def _person(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """One row for every id that was enrolled; ``canonical`` names the id that stands for all ids of the person."""
    found = [f for f in facts.by("person.enrolled", "person", person) if f.body.person == person]
    if found:
        body = max(found, key=order).body
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


_UP = (Step("area.declared", "area", "parent", deep=True),)

AREA = project(Projection(
    "area", "area", "area", "code", ("parent", "level", "name", "name_en", "official", "lon", "lat", "lineage"),
    (Read("area.declared", "area", "entity", _UP),), _area,
))  # fmt: skip
CROSSING = project(Projection(
    "crossing", "area", "crossing", "functional", ("member",), (Read("area.spanned", "area", "entity"),), _crossing,
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
    (Read("person.enrolled", "person", "entity"),), _person,
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

__all__ = ["AREA", "BEGINNING", "CROSSING", "HOLDING", "HOUSEHOLD", "PERSON", "PLACE", "POST", "STAY"]
