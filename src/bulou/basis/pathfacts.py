"""Facts about the path of a person: where they were, until when, and on what the word rests. Declares them and does nothing."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from bulou.basis.facts import Instant, Person, Place, SomeArea
from bulou.basis.kinds import Mask, Pick, Value, kind


class VisitRecorded1(NamedTuple):
    """The first version: where and when, without what a rule on exposures asks for."""

    person: Person
    words: Annotated[str, Mask("words")]
    certainty: Annotated[str, Pick("certainty")]
    place: Place | None = None
    area: SomeArea | None = None
    until: Instant | None = None


def _visit_2(values: Mapping[str, Value]) -> Mapping[str, Value]:
    return {**values, **dict.fromkeys(("space", "vehicle", "seat", "companions", "worn", "proof", "authority"))}


@kind("visit.recorded", "活动轨迹", "visit recorded", scope="incident", casts=(_visit_2,), older=(VisitRecorded1,))
class VisitRecorded(NamedTuple):
    """A person was somewhere from ``at`` until ``until`` (nothing: not said until when), as stated, recorded or inferred.

    ``space``: the part of the place in which people meet (floor, room, table, carriage). ``vehicle``: its number; ``seat``: row and seat.
    ``proof``: on what the word rests (nothing: not said); where that is a record, ``authority`` says by what it was obtained.
    """

    person: Person
    words: Annotated[str, Mask("words")]
    certainty: Annotated[str, Pick("certainty")]
    place: Place | None = None
    area: SomeArea | None = None
    until: Instant | None = None
    space: str | None = None
    vehicle: str | None = None
    seat: str | None = None
    companions: Annotated[str, Mask("words")] | None = None
    worn: Annotated[str, Pick("worn")] | None = None
    proof: Annotated[str, Pick("proof")] | None = None
    authority: str | None = None
