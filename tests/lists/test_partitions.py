"""A partition that does not close says by how much; units are never added; the published hole of 93 people is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.lists.partitions import NotAFigure, Part, close, divide, typed


def test_the_published_partition_leaves_93_people_over() -> None:
    """MISSION: of 208,429 people traced, four states sum to 208,336."""
    (found,) = typed("208429 = 10050 + 139682 + 58377 + 227")
    assert found.over == 93
    assert not found.closes
    assert "93 are in no class" in found.say().en
    assert "93不在任何一类" in found.say().zh.replace(" ", "")


def test_two_partitions_of_one_total_are_told_apart() -> None:
    by_origin, by_state = typed("208,429人 = 省内 199,213 + 省外 9,216 = 离开 10,050 + 正常 139,682 + 居家 58,377 + 观察 227")
    assert by_origin.closes
    assert by_state.over == 93
    assert by_state.unit == "people"
    assert [p.word for p in by_state.parts] == ["离开", "正常", "居家", "观察"]


def test_a_part_is_divided_again() -> None:
    outer, inner = typed("100 = 60 (20 + 39) + 40")
    assert outer.closes
    assert inner.over == 1


def test_too_many_are_told() -> None:
    (found,) = typed("10 = 6 + 5")
    assert found.over == -1
    assert "1 too many" in found.say().en


def test_units_are_never_added() -> None:
    (found,) = typed("630份 = 14份 + 553份 + 63人")
    assert [p.unit for p in found.mixed] == ["people"]
    assert found.over == 63
    assert not found.closes
    assert "another unit" in found.say().en


def test_tens_of_thousands_and_full_width() -> None:
    (found,) = typed("１.".replace(".", "") + "万人 ＝ ４０００ ＋ ６０００")
    assert found.closes
    assert found.total == Part("", 10_000, "people")


@pytest.mark.parametrize("text", ["12", "a = b", "10 = 5 + (3", "10 = 5 + 3) + 2", "10 = 1.5 + 8", "= 3", "10 = "])
def test_what_is_no_figure_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotAFigure) as told:
        typed(text)
    assert str(told.value)
    assert told.value.zh


@given(st.dictionaries(st.integers(), st.lists(st.sampled_from(["a", "b", None, ""]), min_size=1, max_size=3)))
def test_everyone_is_in_exactly_one_place(said: dict[int, list[str | None]]) -> None:
    found = divide(said)
    everyone = [*(w for who in found.classes.values() for w in who), *found.none, *found.two]
    assert sorted(everyone) == sorted(said)
    assert found.total == len(said)
    twice = sum(len(words) - 1 for words in found.two.values())
    assert found.closing().over == len(found.none) - twice


def test_none_and_two_are_named() -> None:
    found = divide({1: ["治愈"], 2: [None], 3: ["治愈", "在院"]})
    assert found.none == [2]
    assert found.two == {3: ("治愈", "在院")}


def test_a_total_without_a_unit_takes_that_of_its_parts() -> None:
    assert close(Part("", 3), [Part("", 1, "tubes"), Part("", 2, "tubes")]).unit == "tubes"
