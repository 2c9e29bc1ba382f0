"""Facts about what a person holds in their own hands: a page of their own, an objection. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Instant, Order, Person, Zone
from bulou.basis.kinds import Mask, Pick, Ref, kind

Objection = Annotated[bytes, Ref("objection")]


@kind("page.given", "发放本人页面", "own page given", scope="world")
class PageGiven(NamedTuple):
    """A named post gave a person the link to their own page, good ``until``. The id of the fact is the page; link and PIN stand nowhere."""

    person: Person
    until: Instant
    post: ByPost


@kind("page.closed", "收回本人页面", "own page closed", scope="world")
class PageClosed(NamedTuple):
    """The link leads nowhere from ``at`` on. ``post`` absent: the person closed it."""

    person: Person
    page: bytes
    post: ByPost | None = None


@kind("objection.raised", "提出异议", "objection raised", scope="incident", opens=True)
class ObjectionRaised(NamedTuple):
    """A person objects to an order on them or to a zone that keeps them: exactly one of the two. ``post`` absent: from their own page;
    else the post that wrote it down for them. ``words`` are theirs, and may be absent: nobody has to give a reason."""

    person: Person
    objection: Objection
    channel: Annotated[str, Pick("objected_by")]
    order: Order | None = None
    zone: Zone | None = None
    words: Annotated[str, Mask("words")] | None = None
    post: ByPost | None = None


@kind("objection.decided", "答复异议", "objection decided", scope="incident")
class ObjectionDecided(NamedTuple):
    """A named post, of another unit than the one that ordered, answered an objection; ``reason`` is what the person reads. "ended": the order
    was ended before anyone decided."""

    person: Person
    objection: Objection
    outcome: Annotated[str, Pick("objection")]
    reason: Annotated[str, Mask("words")]
    post: ByPost
