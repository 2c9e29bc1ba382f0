"""Facts about lists that were compared: why they differ about someone, whose a difference is, what the register is put right to. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, LocalDay, Person, SomeArea
from bulou.basis.kinds import Mask, Pick, kind


@kind("difference.explained", "说明差异", "difference explained", scope="world")
class DifferenceExplained(NamedTuple):
    """Lists differ about a person, and it is said why; the register stays as it is. ``difference`` is a digest of which lists differ
    and in what they say: the same lists of tomorrow find it again, and no name or number is in it.

    ``cut_off`` is the hour HH:MM at which the other list ends, where that is the reason. ``comparison``: where it was seen.
    """

    person: Person
    what: Annotated[str, Pick("difference")]
    difference: str
    reason: Annotated[str, Pick("explained")]
    cut_off: str | None = None
    comparison: bytes | None = None
    post: ByPost | None = None


@kind("difference.passed", "转交差异", "difference passed on", scope="world")
class DifferencePassed(NamedTuple):
    """A difference is another's to settle: it goes to a post, or to whoever compares lists for an area, and leaves the sender's list.

    ``difference`` as in ``difference.explained``; of both kinds the latest ``at`` says how a difference stands.
    """

    person: Person
    what: Annotated[str, Pick("difference")]
    difference: str
    reason: Annotated[str, Pick("not_mine")]
    to_area: SomeArea | None = None
    to_post: ByPost | None = None
    comparison: bytes | None = None
    post: ByPost | None = None


@kind("person.amended", "更正人员信息", "person amended", scope="world")
class PersonAmended(NamedTuple):
    """What the register says of a person is put right. A field that is absent stays as it was; of several the latest ``at`` holds.
    ``source`` says who or what said so (a list, a call back)."""

    person: Person
    name: Annotated[str, Mask("name")] | None = None
    phone: Annotated[str, Mask("phone")] | None = None
    born_on: LocalDay | None = None
    sex: Annotated[str, Pick("sex")] | None = None
    source: Annotated[str, Mask("words")] | None = None
