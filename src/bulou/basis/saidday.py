"""A day that somebody said in words ("初八", "上周二", "last Tuesday", "three days ago") as the day that is probably meant. Proposes, never decides.

What is proposed is never later than the day on which it was said; whoever writes it down sees the reason and keeps the words. Words that
are not understood propose nothing.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bulou.basis.lunar import lunar
from bulou.basis.words import Word

#: How far back a day without a year, and a day of the Chinese calendar, is looked for.
MOST_DAYS = 400


class Proposed(NamedTuple):
    """The day that is probably meant, why, and which other it may be (None: none)."""

    on: str
    why: Word
    other: str | None = None


_ONE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "日": 7, "天": 7, "末": 6}
_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZH_WEEKDAYS = "一二三四五六日"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def _number(text: str) -> int | None:
    """A number up to 99 in figures, in Chinese or as an English word."""
    if text.isdecimal():
        return int(text)
    if text.lower() in _EN:
        return _EN.index(text.lower()) + 1
    tens, ten, ones = text.partition("十")
    if not ten:
        return _ONE.get(text)
    if (tens and tens not in _ONE) or (ones and ones not in _ONE):
        return None
    return 10 * (_ONE[tens] if tens else 1) + (_ONE[ones] if ones else 0)


def _lunar_day(text: str) -> int | None:
    """初八, 十五, 廿三, 二十, 三十 as a day of a month."""
    if text.startswith("初"):
        return _number(text[1:])
    if text[0] in "廿卄":
        return 20 + (_number(text[1:]) or 0)
    return _number(text)


def _ago(days: int) -> Callable[[datetime.date], Proposed]:
    def found(said: datetime.date) -> Proposed:
        return Proposed((said - datetime.timedelta(days)).isoformat(), Word(f"说话当天往前 {days} 天", f"{days} days before it was said"))

    return found


_WORDS = {
    "今天": 0,
    "今日": 0,
    "today": 0,
    "昨天": 1,
    "昨日": 1,
    "昨晚": 1,
    "yesterday": 1,
    "last night": 1,
    "前天": 2,
    "大前天": 3,
    "the day before yesterday": 2,
}


def proposed(words: str, said: datetime.date) -> Proposed | None:
    """The day that is probably meant by ``words``, said on a day; None where they are not understood or would lie ahead."""
    text = re.sub(r"\s+", " ", words.strip().lower().replace("礼拜", "星期").replace("周", "星期"))
    found = next((p for read in _READ for p in read(text, said)), None)
    return found if found is not None and found.on <= said.isoformat() else None


def _plain(text: str, said: datetime.date) -> Iterator[Proposed]:
    if text in _WORDS:
        yield _ago(_WORDS[text])(said)
    if (m := re.fullmatch(r"(\w{1,5}?) ?(?:天前|days? ago)", text)) and (n := _number(m[1])) is not None and n <= MOST_DAYS:
        yield _ago(n)(said)


def _weekday(text: str, said: datetime.date) -> Iterator[Proposed]:
    monday = said - datetime.timedelta(said.weekday())
    if m := re.fullmatch(r"(上上|上|这|本)?(?:个)?星期([一二三四五六日天])", text):
        n = _ONE[m[2]] - 1
        if m[1] in ("上", "上上"):
            back = 7 * len(m[1])
            day = monday - datetime.timedelta(back - n)
            yield Proposed(
                day.isoformat(), Word(f"{m[1]}周的星期{_ZH_WEEKDAYS[n]}", f"{_WEEKDAYS[n].title()} of the week {back} days before")
            )
            return
        yield from _latest(n, said, Word(f"最近的星期{_ZH_WEEKDAYS[n]}", f"the latest {_WEEKDAYS[n].title()}"), other=m[1] is None)
    if m := re.fullmatch(rf"(last|this|on)? ?({'|'.join(_WEEKDAYS)})( last week)?", text):
        n = _WEEKDAYS.index(m[2])
        if m[3]:
            day = monday - datetime.timedelta(7 - n)
            yield Proposed(day.isoformat(), Word(f"上周的星期{_ZH_WEEKDAYS[n]}", f"{m[2].title()} of the week before"))
            return
        yield from _latest(
            n,
            said,
            Word(f"最近的星期{_ZH_WEEKDAYS[n]};也可能是再前一周", f"the latest {m[2].title()}; the one before may be meant"),
            other=True,
        )


def _latest(n: int, said: datetime.date, why: Word, *, other: bool) -> Iterator[Proposed]:
    """The latest day of that weekday, that of the saying itself only where it is said plainly."""
    back = (said.weekday() - n) % 7 or 7
    day = said - datetime.timedelta(back)
    yield Proposed(day.isoformat(), why, (day - datetime.timedelta(7)).isoformat() if other else None)


def _of_month(text: str, said: datetime.date) -> Iterator[Proposed]:
    """The 5th, 5号, 12月5日, 5 December: the latest such day."""
    month, day, back = None, None, 0
    if m := re.fullmatch(r"(上个?月|这个?月|本月|\d{1,2}月|)(\d{1,2})[号日]", text):
        day = int(m[2])
        month = int(m[1][:-1]) if m[1][:1].isdecimal() else None
        back = 1 if m[1].startswith("上") else 0
    elif m := re.fullmatch(r"(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?:(?: of)? ([a-z]{3})[a-z]*)?", text):
        day, month = int(m[1]), _MONTHS.index(m[2]) + 1 if m[2] in _MONTHS else None
        if (m[2] and month is None) or not (m[2] or re.search(r"[a-z]", text)):
            return
    elif (m := re.fullmatch(r"(?:on )?([a-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?", text)) and m[1] in _MONTHS:
        day, month = int(m[2]), _MONTHS.index(m[1]) + 1
    if day is None:
        return
    start = said.replace(day=1) - datetime.timedelta(1) if back else said
    for n in range(MOST_DAYS):
        one = start - datetime.timedelta(n)
        if one.day == day and month in (None, one.month):
            yield Proposed(one.isoformat(), Word(f"最近的{one.month}月{day}日", f"the latest {day} {_MONTHS[one.month - 1].title()}"))
            return


def _by_the_moon(text: str, said: datetime.date) -> Iterator[Proposed]:
    """初八, 农历十月初八, 腊月廿三: the latest such day of the Chinese calendar. A bare 十五 is one only where the calendar or a month is named."""
    m = re.fullmatch(
        r"(农历|阴历|旧历)?(?:(闰)?([正冬腊]|十?[一二]|[二三四五六七八九十])月)?(初[一二三四五六七八九十]|廿[一二三四五六七八九]?|二?十[一二三四五六七八九]?|三十)",
        text,
    )
    if m is None or not (m[1] or m[3] or m[4][0] in "初廿"):
        return
    day, month = _lunar_day(m[4]), None if m[3] is None else _LUNAR_MONTHS.get(m[3]) or _number(m[3])
    for n in range(MOST_DAYS):
        one = said - datetime.timedelta(n)
        moon = lunar(one)
        if moon.day == day and month in (None, moon.month) and (month is None or moon.leap == bool(m[2])):
            yield Proposed(
                one.isoformat(),
                Word(
                    f"农历{moon.month}月{moon.day}日,公历 {one.isoformat()}",
                    f"day {moon.day} of month {moon.month} of the Chinese calendar",
                ),
            )
            return


_READ: tuple[Callable[[str, datetime.date], Iterator[Proposed]], ...] = (_plain, _weekday, _of_month, _by_the_moon)
