"""Facts of the lake of visits: what was loaded into it, who asked it what for, what was deleted from it. Declares them and does nothing.

They name nobody who is in the lake: whom an answer puts near a case becomes a candidate by a fact of its own, or nothing.
"""

from typing import Annotated, NamedTuple

from bulou.basis.facts import ByPost, Instant, LocalDay
from bulou.basis.kinds import Pick, kind


@kind("visits.loaded", "载入停留数据", "visits loaded", scope="incident")
class VisitsLoaded(NamedTuple):
    """A file of visits was taken into the lake, for this incident alone. ``source``: what recorded them; ``basis``: by what it was obtained.

    ``digest`` is the SHA-256 of the file. Days are the local days of what was taken; absent where nothing was. ``error``: how often the source
    itself says that it is wrong; absent: it does not say.
    """

    source: Annotated[str, Pick("proof")]
    basis: str
    digest: str
    taken: int
    refused: int
    post: ByPost
    account: str
    first_day: LocalDay | None = None
    last_day: LocalDay | None = None
    error: str | None = None


@kind("visits.queried", "查询停留数据", "visits queried", scope="incident")
class VisitsQueried(NamedTuple):
    """Somebody asked bulk visits who was near cases of this incident, and by what right. Entered before the answer is shown, also when it finds nobody.

    ``since`` and ``until``: the hours that were asked about; ``cases``: of how many; ``read``: visits looked through; ``found``: candidates.
    """

    basis: str
    edition: str
    cases: int
    since: Instant
    until: Instant
    read: int
    found: int
    post: ByPost
    account: str


@kind("visits.deleted", "删除停留数据", "visits deleted", scope="incident")
class VisitsDeleted(NamedTuple):
    """Visits of this incident were deleted from every copy in the lake. ``until``: everything that began before this hour, where the window says so.

    ``people``: how many people's rows went, where they are excluded or asked for it. ``post`` absent: the clock did it.
    """

    cause: Annotated[str, Pick("deletion")]
    visits: int
    people: int | None = None
    until: Instant | None = None
    post: ByPost | None = None
