"""Facts of the call desk: whose call a person is, and what a call met. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Person
from bulou.basis.kinds import Mask, Pick, Ref, kind

Caller = Annotated[bytes, Ref("holder", find=False)]


@kind("call.assigned", "分派电话", "call assigned", scope="incident")
class CallAssigned(NamedTuple):
    """From ``at`` on the call to a person is ``caller``'s: whoever sits on a post or on a shift. The latest ``at`` stands, ties by id;
    ``begun``: they are on the phone with it from ``at`` on. ``caller`` absent: it is nobody's again."""

    person: Person
    post: ByPost
    caller: Caller | None = None
    begun: bool = False


@kind("call.made", "电话联系", "call made", scope="incident")
class CallMade(NamedTuple):
    """A person was phoned and this is what was met; a shared number is one call and a fact for each of its people. ``whose``: whose
    number it was; ``phone``: the number that was dialled; absent in older facts where it was the register's own.
    ``words``: where they said they are now."""

    person: Person
    outcome: Annotated[str, Pick("call")]
    whose: Annotated[str, Pick("whose")]
    post: ByPost
    caller: Caller | None = None
    phone: Annotated[str, Mask("phone")] | None = None
    words: Annotated[str, Mask("words")] | None = None
    note: Annotated[str, Mask("words")] | None = None
