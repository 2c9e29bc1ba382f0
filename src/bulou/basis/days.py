"""The days by which a centre counts: each closes at an hour that the centre set, 24:00 where it set none. Pure.

A day closes once and for ever: an hour that is set holds from the following local day on, so that no day that was reported is cut anew.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bulou.basis.time import Instant, add_days, day_of, end_of_day, parse_local

#: Without any fact the day ends with the calendar's.
MIDNIGHT = "24:00"
_HOUR = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$")


def closing_hour(text: str) -> str | None:
    """The hour ``HH:MM`` at which a day may close, from 00:01 to 24:00; None for anything else. 00:00 is the day before's 24:00."""
    text = text.strip()
    return text if text == MIDNIGHT or (_HOUR.match(text) and text != "00:00") else None


class Days:
    """When each day of a centre closes. A day runs from the close of the day before (within it) to its own (no longer within it)."""

    def __init__(self, told: Iterable[tuple[int, str]], zone: ZoneInfo) -> None:
        """``told``: instants at which an hour was set, with the hour; of two on one local day the later holds."""
        self.zone = zone
        latest: dict[str, str] = {}
        for at, hour in sorted(told):
            if closing_hour(hour):
                latest[day_of(Instant(at), zone)] = hour
        self._since, self._hours = sorted(latest), [latest[d] for d in sorted(latest)]

    def hour(self, day: str) -> str:
        """The hour at which a day closes: the one that was last set on an earlier day."""
        i = bisect_left(self._since, day)
        return self._hours[i - 1] if i else MIDNIGHT

    def close(self, day: str) -> Instant:
        """The instant at which a day closes."""
        hour = self.hour(day)
        return end_of_day(day, self.zone) if hour == MIDNIGHT else parse_local(f"{day} {hour}", self.zone)

    def day(self, at: int) -> str:
        """The day to which something that happened at an instant is counted."""
        calendar = day_of(Instant(at), self.zone)
        return calendar if at < self.close(calendar) else add_days(calendar, 1)

    def begin(self, day: str) -> Instant:
        """The instant at which a day begins: the close of the day before."""
        return self.close(add_days(day, -1))

    def of_report(self, about: int) -> str:
        """The day that a report about what happened until an hour is of: at the very hour of closing, the day that it closes."""
        return self.day(about - 1)
