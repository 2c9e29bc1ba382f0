"""Instants, days, durations and the one Clock. Nothing else in the project may ask the machine for the time.

An *instant* is a whole number of microseconds since 1970-01-01T00:00Z (UTC). Days are local calendar days of the
centre's time zone, written ``YYYY-MM-DD``. *24:00* of a day is the same instant as 00:00 of the next; it is accepted,
stored as that instant and printed as the trade writes it where a deadline ends a day.
"""

import re
import time as _machine
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, NewType, Protocol
from zoneinfo import ZoneInfo

Instant = NewType("Instant", int)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
#: Before and after every instant that can be entered; they stand for "ever" in spans and never reach a screen.
BEGINNING = Instant(-(2**62))
FOREVER = Instant(2**62)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: 1901-01-01T00:00Z: since that year Shanghai is whole hours from UTC; before, its local mean time was 8 h 5 min 43 s ahead.
_WHOLE_HOURS = Instant(-2_177_452_800 * SECOND)


class Span(NamedTuple):
    """A half-open stretch of time ``[start, end)``; ``BEGINNING`` and ``FOREVER`` stand for no bound."""

    start: Instant
    end: Instant

    def holds(self, at: Instant) -> bool:
        return self.start <= at < self.end

    def meets(self, other: "Span") -> bool:
        """Whether the two share any time; a span without length still meets the span that holds its start."""
        return self.start < max(other.end, other.start + 1) and other.start < max(self.end, self.start + 1)

    def cut(self, other: "Span") -> "Span":
        return Span(max(self.start, other.start), min(self.end, other.end))


def from_datetime(value: datetime) -> Instant:
    """The instant of an aware datetime; a naive one is refused, because nobody knows what it means."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone has no instant: give it one")
    delta = value - _EPOCH
    return Instant((delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds)


def to_datetime(at: Instant, zone: ZoneInfo | None = None) -> datetime:
    """The aware datetime of an instant, in ``zone`` (UTC by default)."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone or UTC)


@lru_cache(maxsize=65_536)
def midnight(day: str, zone: ZoneInfo) -> Instant:
    """The instant at which the local day ``YYYY-MM-DD`` begins in ``zone``."""
    return from_datetime(datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=zone))


@lru_cache(maxsize=65_536)
def _day_of_hour(hour: int, zone: ZoneInfo) -> str:
    return to_datetime(Instant(hour * HOUR), zone).date().isoformat()


def day_of(at: Instant, zone: ZoneInfo) -> str:
    """The local calendar day ``YYYY-MM-DD`` in which the instant lies."""
    if zone.key == "Asia/Shanghai" and at >= _WHOLE_HOURS:  # offsets of whole hours: the day is a function of the hour, which caches
        return _day_of_hour(at // HOUR, zone)
    return to_datetime(at, zone).date().isoformat()


def add_days(day: str, days: int) -> str:
    """The local day ``days`` after ``day`` (negative: before)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def days_between(first: str, second: str) -> int:
    """How many days ``second`` lies after ``first``."""
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


def end_of_day(day: str, zone: ZoneInfo) -> Instant:
    """24:00 of the local day: the instant at which the next day begins."""
    return midnight(add_days(day, 1), zone)


class Duration(NamedTuple):
    """A length as an edition writes it: whole local ``days`` (``"14 d"``) or a stretch of ``micros`` (``"12 h"``, ``"30 min"``)."""

    micros: int
    days: int | None

    def after(self, anchor: Instant, zone: ZoneInfo) -> Instant:
        """The instant this long after ``anchor``; *n days* ends at 24:00 of the local day n days after the anchor's."""
        if self.days is None:
            return Instant(anchor + self.micros)
        return end_of_day(add_days(day_of(anchor, zone), self.days), zone)

    def __str__(self) -> str:
        if self.days is not None:
            return f"{self.days} d"
        return f"{self.micros // HOUR} h" if self.micros % HOUR == 0 else f"{self.micros // MINUTE} min"


_DURATION = re.compile(r"^\s*(\d{1,5})\s*(min|h|d)\s*$")


def parse_duration(text: str) -> Duration:
    """``"30 min"``, ``"12 h"`` or ``"14 d"`` as a Duration; anything else is a ValueError that says what would be right."""
    found = _DURATION.match(text)
    if not found:
        raise ValueError(f'"{text}" is no duration: write a whole number and min, h or d, as in "12 h"')
    number, unit = int(found[1]), found[2]
    return Duration(0, number) if unit == "d" else Duration(number * (MINUTE if unit == "min" else HOUR), None)


_LOCAL = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?$")


def parse_local(text: str, zone: ZoneInfo) -> Instant:
    """A local time ``YYYY-MM-DD[ HH:MM[:SS]]`` as an instant; 24:00 is the end of that day, a bare day its beginning.

    Raises ValueError with what would be right for anything else.
    """
    found = _LOCAL.match(text.strip())
    if not found:
        raise ValueError(f'"{text}" is no local time: write YYYY-MM-DD HH:MM, as in 2020-12-07 21:00 (24:00 ends the day)')
    day, hour, minute, second, micro = found.groups()
    try:
        start = midnight(day, zone)
    except ValueError:
        raise ValueError(f'"{day}" is no day of the calendar') from None
    if hour is None:
        return start
    if (hour, minute, second or "00") == ("24", "00", "00") and not int(micro or 0):
        return end_of_day(day, zone)
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise ValueError(f'"{text}": hours run from 00 to 23 (24:00 ends the day), minutes and seconds from 00 to 59')
    wall = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second or '00'}").replace(tzinfo=zone)
    return Instant(from_datetime(wall) + int((micro or "").ljust(6, "0")))


def format_local(at: Instant, zone: ZoneInfo, *, deadline: bool = False, seconds: bool = False) -> str:
    """``YYYY-MM-DD HH:MM`` in ``zone``; a ``deadline`` at midnight is printed as 24:00 of the day that it ends."""
    wall = to_datetime(at, zone)
    if deadline and (wall.hour, wall.minute, wall.second, wall.microsecond) == (0, 0, 0, 0):
        return f"{(wall.date() - timedelta(days=1)).isoformat()} 24:00"
    return wall.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


class Clock(Protocol):
    """Whoever tells the time. Everything that needs "now" is handed one."""

    def now(self) -> Instant: ...


class MachineClock:
    """The machine's time; the only place in the project that asks for it."""

    def now(self) -> Instant:
        return Instant(_machine.time_ns() // 1000)


class SetClock:
    """A clock that stands where it is put: tests, loaders and replays move it by hand."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at


class ShiftedClock:
    """A clock that runs from ``origin`` at ``speed`` since the machine's instant ``since``: a demo's or exercise's time."""

    def __init__(self, origin: Instant, since: Instant, speed: float, machine: Clock | None = None) -> None:
        self.origin, self.since, self.speed, self.machine = origin, since, speed, machine or MachineClock()

    def now(self) -> Instant:
        return Instant(self.origin + int((self.machine.now() - self.since) * self.speed))
