"""Facts about places where cases were while infectious: named, closed, sampled, disinfected, re-opened. Declares them and does nothing."""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Instant, Place
from bulou.basis.kinds import Mask, Pick, Ref, kind

Point = Annotated[bytes, Ref("point")]


@kind("point.named", "确定风险点", "risk point named", scope="incident", opens=True)
class PointNamed(NamedTuple):
    """A named post says that cases were at a place while infectious, between ``since`` and ``until``, and whether it is closed for that:
    ``closed_until`` is when the closure ends, whatever is missing; absent where the place stays open."""

    place: Place
    point: Point
    since: Instant
    until: Instant
    held: Annotated[str, Pick("point_held")]
    reason: str
    post: ByPost
    closed_until: Instant | None = None


@kind("point.closed", "场所已关闭", "place closed", scope="incident")
class PointClosed(NamedTuple):
    """The place of a risk point was closed to the public: signs are up, whoever runs it was told until when and why."""

    place: Place
    point: Point
    post: ByPost
    note: Annotated[str, Mask("words")] | None = None


@kind("surfaces.sampled", "环境采样", "surfaces sampled", scope="incident")
class SurfacesSampled(NamedTuple):
    """So many samples (not people) were taken of surfaces, air or goods at a risk point; ``stage``: before its disinfection or after."""

    place: Place
    point: Point
    stage: Annotated[str, Pick("stage")]
    samples: int
    post: ByPost
    note: Annotated[str, Mask("words")] | None = None


@kind("surfaces.read", "环境样本结果", "surfaces read", scope="incident")
class SurfacesRead(NamedTuple):
    """The result of samples of one stage: ``positive`` and ``negative`` count samples; ``result`` is positive where any one is."""

    place: Place
    point: Point
    stage: Annotated[str, Pick("stage")]
    result: Annotated[str, Pick("surfaces")]
    positive: int
    negative: int
    post: ByPost
    note: Annotated[str, Mask("words")] | None = None


@kind("point.disinfected", "终末消毒", "place disinfected", scope="incident", opens=True)
class PointDisinfected(NamedTuple):
    """The whole place was disinfected, shared objects included; ``note``: with what, for how long, and what was left out."""

    place: Place
    point: Point
    post: ByPost
    note: Annotated[str, Mask("words")] | None = None


@kind("point.reopened", "重新开放", "place re-opened", scope="incident")
class PointReopened(NamedTuple):
    """A named post ends what was put on a place as a risk point."""

    place: Place
    point: Point
    reason: str
    post: ByPost
