"""What a call-up may say in public, and how it is counted: nobody twice, no share of a number that nobody knows."""

import pytest

from bulou.basis.time import HOUR, MINUTE
from bulou.gaps.callups import Counted, against, counted, outward


@pytest.mark.parametrize(
    ("public", "nature", "until", "why"),
    [
        ("河边茶馆", "teahouse", HOUR, []),
        ("某小区", "home", HOUR, ["dwelling"]),
        ("河边茶馆", "teahouse", HOUR - 1, ["short"]),
        ("致电13800000000", None, HOUR, ["number"]),
        ("2号楼3单元", None, HOUR, ["door"]),
        ("room 12 of a hotel", None, HOUR, ["door"]),
        ("王某某家面馆", "restaurant", HOUR, ["name"]),
    ],
)
def test_what_would_tell_who_it_was_is_not_published(public: str, nature: str | None, until: int, why: list[str]) -> None:
    assert against(public, nature, 0, until, ["王某某", "李"]) == why


def test_a_window_is_published_outward() -> None:
    assert outward(10 * HOUR + 1, 12 * HOUR + MINUTE) == (10 * HOUR, 12 * HOUR + 30 * MINUTE)
    assert outward(10 * HOUR, 12 * HOUR) == (10 * HOUR, 12 * HOUR)


def test_everyone_is_counted_once() -> None:
    a, b, c, d = b"a", b"b", b"c", b"d"
    assert counted([a, b, c, a], [b, d, d], [d], [c]) == Counted(known=3, answered=2, strangers=1, unreached=1)
    assert counted([], [], [], []) == Counted(0, 0, 0, 0)
