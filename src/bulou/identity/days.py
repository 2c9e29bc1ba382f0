"""Days as people write them in lists, above all days of birth. A day that can be read in two ways is given with both; nothing is guessed."""

import re
import unicodedata
from datetime import date, timedelta
from typing import NamedTuple


class Day(NamedTuple):
    """A day that was read, ``YYYY-MM-DD``; ``other`` is the second way to read it, where day and month may be exchanged."""

    value: str
    other: str | None = None


#: Day 0 of a spreadsheet's calendar, which believes in a 29 February 1900, and of the one on old Macintoshes.
_EXCEL, _EXCEL_1904 = date(1899, 12, 30), date(1904, 1, 1)
_ISO = re.compile(r"^(\d{4})\s*[-/.年_]\s*(\d{1,2})\s*[-/.月_]\s*(\d{1,2})\s*日?(?:[T\s].*)?$")
_EIGHT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_LAST = re.compile(r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?:[T\s].*)?$")
_SERIAL = re.compile(r"^(\d{4,5})(?:\.\d+)?$")
_MONTHS = {m: i for i, m in enumerate(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), start=1)}
_NAMED = re.compile(r"^(\d{1,2})\s*[-/ ]?\s*([A-Za-z]{3})[a-z]*\.?\s*[-/, ]?\s*(\d{4})$")


def read_day(text: str | None, *, month_first: bool | None = None, from_1904: bool = False) -> Day | None:
    """Reads 1990-3-7, 1990/03/07, 1990.3.7, 1990年3月7日, 19900307, 07/03/1990, 7 Mar 1990 and a spreadsheet's 32939; None where it is no day.

    ``month_first`` says how a column writes 07/03/1990; unsaid, the day comes first and ``other`` holds the second reading.
    """
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().strip("'`\"‘’").strip()
    if found := _ISO.match(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if (found := _EIGHT.match(plain)) and (day := _day(int(found[1]), int(found[2]), int(found[3]))):
        return day
    if found := _NAMED.match(plain):
        return _day(int(found[3]), _MONTHS.get(found[2].lower(), 0), int(found[1]))
    if found := _LAST.match(plain):
        a, b, year = int(found[1]), int(found[2]), int(found[3])
        by_day, by_month = _day(year, b, a), _day(year, a, b)
        if month_first is not None:
            return (by_month or by_day) if month_first else (by_day or by_month)
        if by_day and by_month and by_day != by_month:
            return Day(by_day.value, by_month.value)
        return by_day or by_month
    if (found := _SERIAL.match(plain)) and 1 <= int(found[1]) <= 73_050:
        number = int(found[1])
        # four digits are a year written alone far more often than a day before 1927
        return None if number < 10_000 else Day(((_EXCEL_1904 if from_1904 else _EXCEL) + timedelta(days=number)).isoformat())
    return None


def _day(year: int, month: int, day: int) -> Day | None:
    try:
        return Day(date(year, month, day).isoformat()) if 1880 <= year <= 2099 else None
    except ValueError:
        return None


def weak(day: str | None) -> bool:
    """1 January stands for "only the year is known" in many registers: weak evidence that two people are one."""
    return bool(day) and str(day).endswith("-01-01")
