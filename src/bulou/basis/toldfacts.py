"""Facts of what is told of one person: how they were day by day, and one field of their page at a time. Declares them and does nothing.

Nothing told is overwritten: what differs stands side by side, and a named post says which word holds.
"""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, LocalDay, Person
from bulou.basis.kinds import Mask, Pick, Ref, kind


@kind("symptoms.told", "逐日症状", "symptoms told", scope="incident")
class SymptomsTold(NamedTuple):
    """How a person was on one local ``day``, as ``teller`` said: ``signs`` are codes of the list of symptoms, with spaces between; ``none`` says
    that there were none that day, which is not the same as nobody having asked. ``words``: what the list has no code for."""

    person: Person
    day: LocalDay
    signs: str
    teller: Annotated[str, Pick("teller")]
    post: ByPost
    words: Annotated[str, Mask("words")] | None = None


@kind("detail.told", "个案信息", "detail told", scope="incident")
class DetailTold(NamedTuple):
    """What ``teller`` said of one field (``detail``) of a person's page, and how sure that is. Never replaces what was said before."""

    person: Person
    detail: Annotated[str, Pick("detail")]
    said: Annotated[str, Mask("words")]
    teller: Annotated[str, Pick("teller")]
    certainty: Annotated[str, Pick("certainty")]
    post: ByPost


@kind("detail.settled", "认定信息", "detail settled", scope="incident")
class DetailSettled(NamedTuple):
    """A named post says which of the words on one field holds (``chosen``, a fact), and why. The latest stands while its word does; every
    other word stays on record, and one told afterwards opens the question again."""

    person: Person
    detail: Annotated[str, Pick("detail")]
    chosen: Annotated[bytes, Ref("fact", find=False)]
    reason: Annotated[str, Mask("words")]
    post: ByPost
