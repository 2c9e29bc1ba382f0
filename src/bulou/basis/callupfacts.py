"""Facts about calling up whoever was somewhere at a time: published, answered, withdrawn. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import Area, ByPost, Instant, Person, Place
from bulou.basis.kinds import Mask, Pick, Ref, kind

Callup = Annotated[bytes, Ref("callup")]


@kind("callup.published", "发布协查通告", "call-up published", scope="incident", opens=True)
class CallupPublished(NamedTuple):
    """A named post calls up whoever was somewhere between ``since`` and ``until``. ``public`` is what everyone reads of where: a place, never a
    person; ``reply_to`` is where to answer. ``ends``: when the notice is taken down, by itself if nobody does."""

    area: Area
    callup: Callup
    public: str
    since: Instant
    until: Instant
    ends: Instant
    reply_to: str
    reason: str
    post: ByPost
    place: Place | None = None


@kind("callup.answered", "响应协查通告", "call-up answered", scope="incident", opens=True)
class CallupAnswered(NamedTuple):
    """Somebody said that they were there; ``via``: how the answer came. Whether they are a contact is judged by others."""

    person: Person
    callup: Callup
    via: Annotated[str, Pick("objected_by")]
    post: ByPost
    words: Annotated[str, Mask("words")] | None = None


@kind("callup.withdrawn", "撤下协查通告", "call-up withdrawn", scope="incident")
class CallupWithdrawn(NamedTuple):
    """A named post took a notice down before its end, or says that its end has come and the public copies are gone."""

    area: Area
    callup: Callup
    reason: str
    post: ByPost
