"""How often a minute something may be asked for: counted in the database, by all processes together. Writes nothing itself."""

from typing import Any

from django.db.models import Case, F, Value, When

from bulou.basis.time import MINUTE, Instant


def counted(now: Instant) -> dict[str, Any]:
    """The columns ``asked`` and ``minute`` of a row after one more request, for its module to write: a new minute begins at one."""
    minute = int(now) // MINUTE
    return {"asked": Case(When(minute=minute, then=F("asked") + 1), default=Value(1)), "minute": minute}


def wait(asked: int, most: int, now: Instant) -> int | None:
    """Seconds until the minute is over where more than ``most`` were asked for in it; None where there is no need to wait."""
    return None if asked <= most else seconds(MINUTE - int(now) % MINUTE)


def seconds(left: int) -> int:
    """Whole seconds, at least one, that ``left`` microseconds take."""
    return max(1, -(-left // 1_000_000))
