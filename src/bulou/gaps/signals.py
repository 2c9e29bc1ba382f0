"""What a source of signals may be opened for, and how a signal stands. Pure: knows nobody.

Fever that is watched is fever that is hidden. So a source is named, its days are few, everything of it is destroyed soon, and a door never knows of it.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from bulou.basis.time import DAY, Instant

#: Everything of a source is destroyed so long after it was opened, at the latest (FIELD F 12).
LONGEST = 14 * DAY
#: Days before the opening that a source may reach back, that one included: nobody who fell ill before is found by it any more (this project's proposal).
MOST_DAYS = 14


class Counted(NamedTuple):
    """The signals of a source: ``open`` not followed up and in time, ``overdue`` not followed up in time, ``ended`` never followed up when the source was
    over. ``positive``: people among them who were found to be cases since."""

    noted: int
    followed: int
    open: int
    overdue: int
    ended: int
    positive: int


def days_wrong(first: str, last: str, today: str, ends: str) -> list[str]:
    """Why days may not be asked for, as codes: backward, too far back, beyond the day until when signals are entered."""
    found = []
    if last < first:
        found.append("backward")
    if (date.fromisoformat(today) - date.fromisoformat(first)).days > MOST_DAYS:
        found.append("far")
    if last > ends:
        found.append("beyond")
    return found


def hours_wrong(opened: int, ends: int, forget_by: int) -> list[str]:
    """Why a source may not stand as long, as codes: its end does not lie ahead, it is kept too long, or it takes signals after they are to be destroyed."""
    found = []
    if ends <= opened:
        found.append("over")
    if not opened < forget_by <= opened + LONGEST:
        found.append("long")
    if ends > forget_by:
        found.append("after")
    return found


def state_of(ends: int, closed_at: int | None, forget_by: int, counted: bool, about: Instant) -> str:
    """How a source stands at an hour: open, at its end and to be closed, closed, or over, its content destroyed or to be destroyed now."""
    if counted:
        return "destroyed"
    if (closed_at is not None and closed_at <= about) or forget_by <= about:
        return "over"
    return "ended" if ends <= about else "open"


def counted(noted: int, by: Mapping[str, int], positive: int) -> Counted:
    """The counts of a source by the states of what is owed for its signals; a signal for which nothing is owed is open."""
    done = sum(by.get(s, 0) for s in ("done", "done_late", "excused"))
    overdue, ended = by.get("overdue", 0), by.get("ended", 0)
    return Counted(noted, done, noted - done - overdue - ended, overdue, ended, positive)
