"""For what and for how long a source of signals may be opened, and how its signals are counted."""

import pytest

from bulou.basis.time import DAY, HOUR, Instant
from bulou.gaps.signals import LONGEST, Counted, counted, days_wrong, hours_wrong, state_of


@pytest.mark.parametrize(
    ("first", "last", "ends", "wrong"),
    [
        ("2020-11-25", "2020-12-09", "2020-12-15", []),
        ("2020-11-24", "2020-12-09", "2020-12-15", ["far"]),
        ("2020-12-09", "2020-12-08", "2020-12-15", ["backward"]),
        ("2020-12-08", "2020-12-16", "2020-12-15", ["beyond"]),
    ],
)
def test_days_are_few_and_not_long_ago(first: str, last: str, ends: str, wrong: list[str]) -> None:
    assert days_wrong(first, last, "2020-12-09", ends) == wrong


def test_nothing_is_kept_for_longer_than_two_weeks() -> None:
    assert LONGEST == 14 * DAY
    assert hours_wrong(0, DAY, 14 * DAY) == []
    assert hours_wrong(0, DAY, 14 * DAY + 1) == ["long"]
    assert hours_wrong(DAY, DAY, 2 * DAY) == ["over"]
    assert hours_wrong(0, 3 * DAY, 2 * DAY) == ["after"]
    assert hours_wrong(0, DAY, 0) == ["long", "after"]


def test_how_a_source_stands_at_an_hour() -> None:
    def at(hour: int, closed: int | None = None, gone: bool = False) -> str:
        return state_of(2 * DAY, closed, 5 * DAY, gone, Instant(hour))

    assert [at(h) for h in (0, 2 * DAY - 1, 2 * DAY, 5 * DAY - 1, 5 * DAY)] == ["open", "open", "ended", "ended", "over"]
    assert at(DAY - 1, DAY) == "open"
    assert at(DAY, DAY) == "over"
    assert at(DAY + HOUR, DAY, gone=True) == "destroyed"


def test_the_parts_sum_to_the_signals() -> None:
    of = counted(10, {"done": 3, "done_late": 1, "overdue": 2, "due": 2, "ended": 1}, 1)
    assert of == Counted(10, 4, 3, 2, 1, 1)
    assert of.followed + of.open + of.overdue + of.ended == of.noted
