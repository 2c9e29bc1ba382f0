"""Days that people say in words: the Chinese calendar against the almanac, and what each saying proposes, worked out by hand."""

from __future__ import annotations

import datetime

import pytest

from bulou.basis.lunar import Lunar, lunar
from bulou.basis.saidday import proposed

#: Wednesday; the 25th of the 10th month of the Chinese calendar.
SAID = datetime.date.fromisoformat("2020-12-09")
#: The first day of the year, as almanacs have it.
NEW_YEARS = (
    "1985-02-20", "1990-01-27", "2000-02-05", "2003-02-01", "2012-01-23", "2015-02-19", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01",
    "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2033-01-31", "2034-02-19",
)  # fmt: skip


@pytest.mark.parametrize("day", NEW_YEARS)
def test_new_year_is_as_in_the_almanac(day: str) -> None:
    one = datetime.date.fromisoformat(day)
    assert lunar(one) == Lunar(1, 1, leap=False)
    assert lunar(one - datetime.timedelta(1)).month == 12


@pytest.mark.parametrize(("day", "moon"), [
    ("2020-05-23", (4, 1, True)), ("2020-06-21", (5, 1, False)), ("2020-10-01", (8, 15, False)), ("2023-03-22", (2, 1, True)), ("2033-12-22", (11, 1, True)),
    ("2018-11-08", (10, 1, False)), ("2012-08-17", (7, 1, False)), ("1987-07-26", (6, 1, True)), ("2017-07-23", (6, 1, True)),
])  # fmt: skip
def test_leap_months_and_months_that_begin_at_midnight(day: str, moon: tuple[int, int, bool]) -> None:
    assert lunar(datetime.date.fromisoformat(day)) == moon


def test_every_day_follows_the_one_before() -> None:
    before = lunar(datetime.date.fromisoformat("2019-12-31"))
    for n in range(4000):
        now = lunar(datetime.date.fromisoformat("2020-01-01") + datetime.timedelta(n))
        assert now.day == before.day + 1 or (now.day == 1 and before.day in (29, 30)), n
        before = now


@pytest.mark.parametrize(("words", "on"), [
    ("今天", "2020-12-09"), ("昨天", "2020-12-08"), ("大前天", "2020-12-06"), ("三天前", "2020-12-06"), ("十二天前", "2020-11-27"), ("5 天前", "2020-12-04"),
    ("yesterday", "2020-12-08"), ("three days ago", "2020-12-06"), ("1 day ago", "2020-12-08"), ("the day before yesterday", "2020-12-07"),
    ("上周二", "2020-12-01"), ("上个星期天", "2020-12-06"), ("上上礼拜五", "2020-11-27"), ("周二", "2020-12-08"), ("星期三", "2020-12-02"), ("这周一", "2020-12-07"),
    ("last Tuesday", "2020-12-08"), ("Tuesday last week", "2020-12-01"), ("on Monday", "2020-12-07"),
    ("5号", "2020-12-05"), ("12日", "2020-11-12"), ("11月30日", "2020-11-30"), ("12月25号", "2019-12-25"), ("上个月5号", "2020-11-05"), ("上月31号", "2020-10-31"),
    ("the 5th", "2020-12-05"), ("the 12th", "2020-11-12"), ("5 December", "2020-12-05"), ("December 5th", "2020-12-05"),
    ("初八", "2020-11-22"), ("农历十月初八", "2020-11-22"), ("廿三", "2020-12-07"), ("腊月初八", "2020-01-02"), ("正月十五", "2020-02-08"), ("闰四月初一", "2020-05-23"),
    ("农历十五", "2020-11-29"), ("十月二十", "2020-12-04"),
])  # fmt: skip
def test_what_is_said_proposes_a_day(words: str, on: str) -> None:
    found = proposed(words, SAID)
    assert found is not None
    assert found.on == on
    assert found.why.zh
    assert found.why.en


@pytest.mark.parametrize(
    "words", ["", "十五", "不记得了", "a while ago", "明天", "99天", "32号", "5", "13月5日", "初十五", "last", "sometime in March or so"]
)
def test_what_is_not_understood_proposes_nothing(words: str) -> None:
    assert proposed(words, SAID) is None


def test_last_tuesday_may_be_the_one_before() -> None:
    found = proposed("last Tuesday", SAID)
    assert found is not None
    assert found.other == "2020-12-01"


def test_nothing_proposed_lies_ahead() -> None:
    for n in range(500):
        said = SAID + datetime.timedelta(n)
        for words in ("初八", "上周二", "周日", "last Sunday", "31号", "2月29日", "腊月三十", "昨天"):
            found = proposed(words, said)
            assert found is None or found.on <= said.isoformat()
