"""A centre's days: each closes once, at the hour that was set on an earlier day."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import pytest

from bulou.basis.days import Days, closing_hour
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, add_days, parse_local

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> Instant:
    return parse_local(text, ZONE)


def test_without_a_word_a_day_is_the_calendars() -> None:
    days = Days([], ZONE)
    assert days.day(at("2020-12-09 00:00")) == "2020-12-09"
    assert days.day(at("2020-12-09 23:59")) == "2020-12-09"
    assert (days.begin("2020-12-09"), days.close("2020-12-09")) == (at("2020-12-09"), at("2020-12-09 24:00"))


def test_an_hour_that_is_set_holds_from_the_following_day_on() -> None:
    """FIELD: reports at 18:00. Set at noon of the 8th; the 8th still closes at 24:00, the 9th at 18:00, and the 10th begins there."""
    days = Days([(at("2020-12-08 12:00"), "18:00")], ZONE)
    assert [days.hour(d) for d in ("2020-12-07", "2020-12-08", "2020-12-09")] == ["24:00", "24:00", "18:00"]
    assert days.day(at("2020-12-08 20:00")) == "2020-12-08"
    assert days.day(at("2020-12-09 17:59")) == "2020-12-09"
    assert days.day(at("2020-12-09 18:00")) == "2020-12-10"
    assert (days.begin("2020-12-09"), days.begin("2020-12-10")) == (at("2020-12-09 00:00"), at("2020-12-09 18:00"))


def test_at_the_hour_of_closing_a_report_is_of_the_day_that_closes() -> None:
    days = Days([(at("2020-12-01"), "18:00")], ZONE)
    assert days.of_report(at("2020-12-09 18:00")) == "2020-12-09"
    assert days.of_report(at("2020-12-09 18:01")) == "2020-12-10"
    assert Days([], ZONE).of_report(at("2020-12-09 24:00")) == "2020-12-09"


def test_of_two_on_one_day_the_later_holds_and_nonsense_none() -> None:
    days = Days([(at("2020-12-01 09:00"), "18:00"), (at("2020-12-01 10:00"), "20:00"), (at("2020-12-03 10:00"), "25:99")], ZONE)
    assert {days.hour(f"2020-12-0{n}") for n in range(2, 9)} == {"20:00"}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("18:00", "18:00"),
        ("24:00", "24:00"),
        (" 08:30 ", "08:30"),
        ("00:00", None),
        ("24:01", None),
        ("8:00", None),
        ("", None),
        ("18", None),
    ],
)
def test_what_is_no_hour_of_closing(text: str, hour: str | None) -> None:
    assert closing_hour(text) == hour


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_every_instant_is_in_one_day_and_days_follow_each_other(zone: str) -> None:
    """However often the hour changes, and where clocks are put forward and back."""
    draw, tz = random.Random(7), ZoneInfo(zone)
    start = parse_local("2020-03-20", tz)
    told = [(start + draw.randrange(30 * DAY), draw.choice(["18:00", "24:00", "08:00", "20:30"])) for _ in range(12)]
    days, day = Days(told, tz), "2020-03-20"
    while day < "2020-04-25":
        assert days.begin(day) < days.close(day) == days.begin(add_days(day, 1))
        for moment in (days.begin(day), days.begin(day) + HOUR // 2, days.close(day) - 1):
            assert days.day(moment) == day
        assert days.day(days.close(day)) == add_days(day, 1)
        day = add_days(day, 1)
    assert days.close("2020-03-25") - days.begin("2020-03-25") > MINUTE
