"""Instants, days and durations: 24:00, what is no time, zones with and without daylight saving, and who tells the time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.basis.time import (
    DAY,
    FOREVER,
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Instant,
    SetClock,
    ShiftedClock,
    Span,
    add_days,
    day_of,
    days_between,
    end_of_day,
    format_local,
    from_datetime,
    midnight,
    parse_duration,
    parse_local,
    to_datetime,
)

SHANGHAI, PARIS, URUMQI, KATHMANDU = (ZoneInfo(n) for n in ("Asia/Shanghai", "Europe/Paris", "Asia/Urumqi", "Asia/Kathmandu"))
ZONES = (SHANGHAI, PARIS, URUMQI, KATHMANDU, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia"))


# --- 24:00 ------------------------------------------------------------------------------------------------------------
def test_24_00_is_00_00_of_the_next_day() -> None:
    end = parse_local("2020-12-07 24:00", SHANGHAI)
    assert end == parse_local("2020-12-08 00:00", SHANGHAI) == end_of_day("2020-12-07", SHANGHAI)
    assert day_of(end, SHANGHAI) == "2020-12-08"
    assert format_local(end, SHANGHAI) == "2020-12-08 00:00"
    assert format_local(end, SHANGHAI, deadline=True) == "2020-12-07 24:00"
    assert format_local(Instant(end - 1), SHANGHAI, deadline=True) == "2020-12-07 23:59"
    assert parse_local("2020-12-31 24:00", SHANGHAI) == parse_local("2021-01-01", SHANGHAI)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2020-12-07 24:01", "hours run from 00 to 23"),
        ("2020-12-07 24:00:01", "hours run from 00 to 23"),
        ("2020-12-07 25:00", "hours run from 00 to 23"),
        ("2020-12-07 12:60", "hours run from 00 to 23"),
        ("2020-12-07 12:00:60", "hours run from 00 to 23"),
        ("2020-02-30 12:00", "is no day of the calendar"),
        ("2021-02-29", "is no day of the calendar"),
        ("7 December", "is no local time"),
        ("2020-12-07 9:00", "is no local time"),
        ("2020/12/07 09:00", "is no local time"),
        ("2020-12-07T09:00Z", "is no local time"),
        ("44905", "is no local time"),
        ("", "is no local time"),
    ],
)
def test_what_is_no_time(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_local(text, SHANGHAI)


def test_parts_of_a_second() -> None:
    whole = parse_local("2020-12-07 21:00:05", SHANGHAI)
    assert parse_local("2020-12-07 21:00:05.5", SHANGHAI) == whole + 500_000
    assert parse_local("2020-12-07T21:00:05.000001", SHANGHAI) == whole + 1
    assert parse_local("2020-12-07 24:00:00.000000", SHANGHAI) == end_of_day("2020-12-07", SHANGHAI)
    assert format_local(whole, SHANGHAI, seconds=True) == "2020-12-07 21:00:05"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        from_datetime(datetime(2020, 12, 7, tzinfo=UTC).replace(tzinfo=None))
    assert to_datetime(from_datetime(datetime(2020, 12, 7, tzinfo=UTC))) == datetime(2020, 12, 7, tzinfo=UTC)


# --- days and zones ---------------------------------------------------------------------------------------------------
def test_one_instant_two_days() -> None:
    """17:30 UTC: the 8th has begun in Shanghai and in Kathmandu it is 23:15 of the 7th, in Urumqi 23:30."""
    at = from_datetime(datetime(2020, 12, 7, 17, 30, tzinfo=UTC))
    assert [day_of(at, z) for z in (SHANGHAI, URUMQI, KATHMANDU, PARIS)] == ["2020-12-08", "2020-12-07", "2020-12-07", "2020-12-07"]
    assert format_local(at, KATHMANDU) == "2020-12-07 23:15"


def test_days_of_daylight_saving_have_23_and_25_hours() -> None:
    assert midnight("2021-03-29", PARIS) - midnight("2021-03-28", PARIS) == 23 * HOUR
    assert midnight("2021-11-01", PARIS) - midnight("2021-10-31", PARIS) == 25 * HOUR
    at = parse_local("2021-03-27 10:00", PARIS)
    one_day, a_day_of_hours = parse_duration("1 d"), parse_duration("24 h")
    assert format_local(one_day.after(at, PARIS), PARIS, deadline=True) == "2021-03-28 24:00"
    assert format_local(a_day_of_hours.after(at, PARIS), PARIS) == "2021-03-28 11:00", "hours are hours"


def test_a_local_hour_that_does_not_exist_is_still_an_instant() -> None:
    """02:30 on the morning when clocks go forward: read as the hour before the jump, so nothing is refused at night."""
    assert parse_local("2021-03-28 02:30", PARIS) == parse_local("2021-03-28 03:30", PARIS)


def test_shanghai_had_daylight_saving_once() -> None:
    """The fast path for Shanghai, one offset of whole hours a day, also holds in the summers of 1986 to 1991."""
    for text in ("1988-07-01 00:00", "1988-07-01 23:59", "1991-09-15 00:30", "2020-12-07 00:00"):
        assert day_of(parse_local(text, SHANGHAI), SHANGHAI) == text[:10]


@given(st.integers(0, 4_000_000_000), st.sampled_from(ZONES))
def test_an_instant_lies_in_its_day(seconds: int, zone: ZoneInfo) -> None:
    at = Instant(seconds * SECOND)
    day = day_of(at, zone)
    assert midnight(day, zone) <= at < end_of_day(day, zone)
    assert day == to_datetime(at, zone).date().isoformat()


@given(st.dates(), st.integers(-400, 400))
def test_days_are_added_on_the_calendar(day: object, count: int) -> None:
    text = str(day)
    try:
        later = add_days(text, count)
    except OverflowError:
        return
    assert days_between(text, later) == count
    assert add_days(later, -count) == text


# --- durations --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "length", "shown"),
    [
        ("30 min", Duration(30 * MINUTE, None), "30 min"),
        ("90min", Duration(90 * MINUTE, None), "90 min"),
        ("120 min", Duration(2 * HOUR, None), "2 h"),
        ("12 h", Duration(12 * HOUR, None), "12 h"),
        (" 14 d ", Duration(0, 14), "14 d"),
        ("0 d", Duration(0, 0), "0 d"),
    ],
)
def test_durations(text: str, length: Duration, shown: str) -> None:
    assert parse_duration(text) == length
    assert str(length) == shown
    assert parse_duration(str(length)) == length


@pytest.mark.parametrize("text", ["", "h", "12", "1.5 h", "-2 h", "2 hours", "2 D", "2 h 30 min", "999999 h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


def test_days_end_at_24_00() -> None:
    """14 days from 19:00 on the 6th end at 24:00 of the 20th, whatever the hour of the 6th."""
    for hour in ("00:00", "19:00", "23:59"):
        end = parse_duration("14 d").after(parse_local(f"2020-12-06 {hour}", SHANGHAI), SHANGHAI)
        assert format_local(end, SHANGHAI, deadline=True) == "2020-12-20 24:00"
    assert parse_duration("0 d").after(parse_local("2020-12-06 19:00", SHANGHAI), SHANGHAI) == end_of_day("2020-12-06", SHANGHAI)


# --- spans and clocks -------------------------------------------------------------------------------------------------
def test_spans_are_half_open() -> None:
    span = Span(Instant(10), Instant(20))
    assert span.holds(Instant(10))
    assert not span.holds(Instant(20))
    assert not span.meets(Span(Instant(20), Instant(30)))
    assert span.meets(Span(Instant(19), Instant(30)))
    assert span.meets(Span(Instant(10), Instant(10))), "a span without length meets what holds its start"
    assert span.cut(Span(Instant(15), FOREVER)) == Span(Instant(15), Instant(20))


def test_a_shifted_clock_runs_at_its_speed() -> None:
    machine = SetClock(Instant(1_000 * HOUR))
    clock = ShiftedClock(Instant(0), machine.now(), 60, machine)
    assert clock.now() == 0
    machine.at = Instant(machine.at + MINUTE)
    assert clock.now() == HOUR
    machine.at = Instant(machine.at + 24 * MINUTE)
    assert clock.now() == DAY + HOUR
