"""Facts about areas beside their tree: a functional area lifted off another, the hour at which a centre's day closes. Declares them and does nothing."""

from typing import NamedTuple

from bulou.basis.facts import Area, ByPost
from bulou.basis.kinds import kind


@kind("area.lifted", "撤除功能区覆盖", "functional area lifted", scope="world", small=True)
class AreaLifted(NamedTuple):
    """From ``at`` on a functional area no longer covers ``member``, until it is laid across it again. What it covered before stays so."""

    area: Area
    member: Area
    post: ByPost | None = None


@kind("cutoff.set", "设定日截止时刻", "closing hour of the day set", scope="world")
class CutoffSet(NamedTuple):
    """The hour ``HH:MM`` (00:01 to 24:00) at which the centre's day closes for its daily figures, from the local day after ``at`` on: a day
    that was counted is not cut anew. Without it a day closes at 24:00. Deadlines keep to the calendar's days, as the edition says them."""

    cut_off: str
    post: ByPost | None = None
