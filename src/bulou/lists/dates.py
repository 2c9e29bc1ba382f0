"""The dates of a column as text that sorts as time: one writing per column, decided from its values. Never guesses day or month aloud.

What cannot be read stays ``None`` here and as written in the list; whoever compares must not take that for "no date".
"""

import datetime
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.lists.noticed import notice
from bulou.lists.table import Notice

#: How a column may write a date of three numbers that ends in the year.
WRITINGS = ("dmy", "mdy")
#: Serial numbers of a spreadsheet that are dates: 1982 to 2064. Below and above are ages, rooms, counts.
SERIALS = (30000, 60000)
#: Of dates of birth: 1903 to 2064.
BORN_SERIALS = (1000, 60000)
SERIAL_ORIGIN = datetime.datetime.fromisoformat("1899-12-30")

_TIME = (
    r"(?:[T\s]*(?P<half>上午|下午|凌晨|早上|中午|晚上|晚|AM|PM|am|pm)?\s*(?P<h>\d{1,2})(?::|：|时|点|h)(?:(?P<mi>\d{1,2})分?|(?P<halfhour>半)|整)?"
    r"(?:(?::|：)?(?P<s>\d{1,2})(?:\.\d+)?秒?)?\s*(?P<ap>AM|PM|am|pm)?\s*(?P<z>Z|[+-]\d{2}:?\d{2})?)?"
)
_YMD = re.compile(rf"^(?P<y>\d{{4}})\s*[-/.年]\s*(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})日?{_TIME}$")
_XYY = re.compile(rf"^(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){_TIME}$")
_MD = re.compile(rf"^(?P<m>\d{{1,2}})\s*(?:[-/.]|月)\s*(?P<d>\d{{1,2}})[日号]?{_TIME}$")
_SHORT_Y = re.compile(rf"^(?P<y>\d{{2}})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日?{_TIME}$")
_DIGITS = re.compile(r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})[T\s]?(?:(?P<h>\d{2}):?(?P<mi>\d{2}):?(?P<s>\d{2})?)?$")
_SERIAL = re.compile(r"^(\d{4,5})(\.\d+)?$")
_MONTHS = {m: i for i, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1)}
_ENGLISH = re.compile(rf"^(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/]+(?P<mon>[A-Za-z]{{3,9}})\.?,?[\s\-/]+(?P<y>\d{{4}}|\d{{2}}){_TIME}$")
_ENGLISH_US = re.compile(rf"^(?P<mon>[A-Za-z]{{3,9}})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}$")
_YEAR_MONTH = re.compile(r"^(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})月?$")
#: Writings of "no date", which are no mistake.
_NONE = frozenset(["na", "n/a", "nan", "null", "none", "-", "--", "—", "/", "无", "不详", "未知", "暂无", "unknown", "missing", "nat"])


class _One(NamedTuple):
    """One value read: its text; how it was written; whether it stood at 24:00."""

    text: str | None
    how: str
    midnight: bool = False


def looks_like_date(value: str) -> bool:
    """Whether a value is written as a date is (a bare serial number is not: it could be anything)."""
    return bool(_YMD.match(value) or _XYY.match(value) or _ENGLISH.match(value) or _DIGITS.match(value) or _ENGLISH_US.match(value)
                or ("月" in value and _MD.match(value)))  # fmt: skip


def writing_of(values: Sequence[str]) -> str | None:
    """How a column writes dates that end in the year: "dmy", "mdy", "both" (some only so, some only so), or None: nothing tells."""
    day_first = month_first = False
    for value in set(values):
        found = _XYY.match(value)
        if found:
            day_first |= int(found["a"]) > 12
            month_first |= int(found["b"]) > 12
    return "both" if day_first and month_first else "dmy" if day_first else "mdy" if month_first else None


def read_dates(
    values: Sequence[str],
    column: str,
    numbers: Sequence[int],
    writing: str | None = None,
    year: int | None = None,
    zone: str = "Asia/Shanghai",
    serials: tuple[int, int] = SERIALS,
    told: str | None = None,
) -> tuple[list[str | None], list[Notice]]:
    """The values as ``YYYY-MM-DD`` or ``YYYY-MM-DD HH:MM[:SS]`` (local to ``zone``), ``None`` where none can be told.

    ``told``: "dmy" or "mdy" where a person says so; else it is decided from the values, else ``writing``, as the rest of the list
    is written. ``serials``: between which bare numbers are dates. ``year``: of
    dates without one. 24:00 is 00:00 of the next day. A day that could be a month is not taken unless something decides it.
    """
    own = told or writing_of(values)
    decided = own if own in WRITINGS else writing
    read: dict[str, _One] = {}
    for value in set(values):
        read[value] = _read(value, decided, own == "both", year, zone, serials)
    found = [read[v].text for v in values]
    return found, list(_notices(values, read, column, numbers, None if told else own, decided, None if told else writing, year))


def _notices(
    values: Sequence[str], read: dict[str, _One], column: str, numbers: Sequence[int], own: str | None, decided: str | None,
    borrowed: str | None, year: int | None,
) -> list[Notice]:  # fmt: skip
    said: list[Notice] = []
    if any(r.how == "xyy" for r in read.values()):
        if own == "dmy":
            said.append(notice("date_day_first", column=column))
        elif own == "mdy":
            said.append(notice("date_month_first", column=column))
        elif own is None and decided and borrowed:
            said.append(notice("date_borrowed", column=column))
    kinds = {
        "ambiguous": "date_ambiguous",
        "serial": "date_serial",
        "no_year": "date_no_year",
        "year_given": "date_year_taken",
        "unread": "date_unread",
    }
    first: dict[str, tuple[int, str]] = {}
    times: dict[str, int] = {}
    nights = 0
    for value, number in zip(values, numbers, strict=True):
        one = read[value]
        nights += one.midnight
        code = kinds.get(one.how)
        if code:
            times[code] = times.get(code, 0) + 1
            first.setdefault(code, (number, value))
    for code, count in times.items():
        number, value = first[code]
        whole = code in ("date_serial", "date_no_year", "date_year_taken")
        said.append(notice(code, 0 if whole else number, column, count, str(year) if code == "date_year_taken" else value))
    if nights:
        said.append(notice("end_of_day", column=column, times=nights))
    return said


def _read(value: str, writing: str | None, mixed: bool, year: int | None, zone: str, serials: tuple[int, int]) -> _One:
    text = value.strip()
    if not text or text.lower() in _NONE:
        return _One(None, "none")
    for pattern, how in ((_YMD, "ymd"), (_DIGITS, "ymd"), (_SHORT_Y, "ymd"), (_ENGLISH, "ymd"), (_ENGLISH_US, "ymd")):
        found = pattern.match(text)
        if found:
            return _made(found, _year(found["y"]), _month(found), int(found["d"]), zone, how)
    found = _XYY.match(text)
    if found:
        a, b = int(found["a"]), int(found["b"])
        if a > 12 >= b and a <= 31:
            return _made(found, _year(found["y"]), b, a, zone, "xyy")
        if b > 12 >= a and b <= 31:
            return _made(found, _year(found["y"]), a, b, zone, "xyy")
        if a == b:
            return _made(found, _year(found["y"]), a, b, zone, "xyy")
        if mixed or writing is None:
            return _One(None, "ambiguous")
        month, day = (b, a) if writing == "dmy" else (a, b)
        return _made(found, _year(found["y"]), month, day, zone, "xyy")
    found = _SERIAL.match(text)
    if found and serials[0] <= int(found[1]) < serials[1]:
        at = SERIAL_ORIGIN + datetime.timedelta(days=int(found[1]), minutes=round(float(found[2] or 0) * 1440))
        return _One(at.isoformat(" ", "minutes") if found[2] else at.date().isoformat(), "serial")
    found = _MD.match(text)
    if found and 1 <= int(found["m"]) <= 12 and 1 <= int(found["d"]) <= 31:
        if year is None:
            return _One(None, "no_year")
        return _made(found, year, int(found["m"]), int(found["d"]), zone, "year_given")
    return _One(None, "unread")


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _month(found: re.Match[str]) -> int:
    said = found.groupdict()
    return _MONTHS.get(said["mon"][:3].lower(), 0) if said.get("mon") else int(said["m"])


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _made(found: re.Match[str], year: int, month: int, day: int, zone: str, how: str) -> _One:
    said = found.groupdict()
    try:
        on = datetime.date(year, month, day)
    except ValueError:
        return _One(None, "unread")
    if not said.get("h"):
        return _One(on.isoformat(), how)
    hour, minute, second = int(said["h"]), 30 if said.get("halfhour") else int(said.get("mi") or 0), int(said.get("s") or 0)
    half = (said.get("half") or said.get("ap") or "").lower()
    if half in ("下午", "晚上", "晚", "pm") and hour < 12:
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    if hour == 24 and not minute and not second:
        return _One((on + datetime.timedelta(days=1)).isoformat() + " 00:00", how, True)
    if hour > 23 or minute > 59 or second > 59:
        return _One(None, "unread")
    offset = said.get("z")
    if offset and (hour or minute or second):
        sign = 0 if offset == "Z" else (1 if offset[0] == "+" else -1) * (int(offset[1:3]) * 60 + int(offset[-2:]))
        utc = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC) - datetime.timedelta(minutes=sign)
        at = utc.astimezone(_zone(zone))
        return _One(at.strftime("%Y-%m-%d %H:%M:%S" if at.second else "%Y-%m-%d %H:%M"), how)
    if offset:  # midnight with a zone is how systems write a bare date: moving it would shift the day
        return _One(on.isoformat(), how)
    return _One(f"{on.isoformat()} {hour:02}:{minute:02}" + (f":{second:02}" if second else ""), how)


def sniffed_year(texts: Sequence[str]) -> int | None:
    """The one year that texts (titles, other dates) name; None when they name none or several."""
    years = {int(y) for text in texts for y in re.findall(r"(?<!\d)(20\d{2})(?=[-/.年])", text)}
    return years.pop() if len(years) == 1 else None
