"""Ids: made in the order of time, the same for the same words, and told apart from codes when both are text."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.basis.ids import from_text, named_id, new_id, subject_of, subject_text, to_text
from bulou.basis.time import SECOND, Instant


def test_ids_sort_by_their_time() -> None:
    ids = [new_id(Instant(n * SECOND)) for n in (1, 2, 3, 1_607_000_000)]
    assert ids == sorted(ids)
    for each in ids:
        found = uuid.UUID(bytes=each)
        assert (found.version, found.variant) == (7, uuid.RFC_4122)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id(Instant(5 * SECOND)) for _ in range(1000)}) == 1000


def test_the_time_can_be_read_back() -> None:
    at = Instant(1_607_346_000_123_456)
    assert int.from_bytes(new_id(at)[:6], "big") == at // 1000


def test_given_entropy_gives_the_same_id() -> None:
    assert new_id(Instant(7 * SECOND), bytes(10)) == new_id(Instant(7 * SECOND), bytes(10))
    assert new_id(Instant(7 * SECOND), bytes(10)) != new_id(Instant(7 * SECOND), b"\x01" * 10)


def test_before_1970_is_clamped() -> None:
    assert new_id(Instant(-SECOND))[:6] == bytes(6)


def test_named_ids_are_the_same_for_the_same_words() -> None:
    assert named_id("person", "a") == named_id("person", "a")
    assert len({named_id("person", "a"), named_id("person", "b"), named_id("persona"), named_id("pers", "ona"), named_id()}) == 5
    assert uuid.UUID(bytes=named_id("x")).version == 8


@given(st.binary(min_size=16, max_size=16))
def test_an_id_is_the_same_behind_its_texts(value: bytes) -> None:
    assert subject_of(subject_text(value)) == value
    assert from_text(to_text(value)) == value
    assert from_text(value.hex()) == value


@pytest.mark.parametrize("code", ["510117", "T1", "grid-1", "", "g" * 32, "5101170012180110000000000000000x"])
def test_codes_stand_for_themselves(code: str) -> None:
    assert subject_text(code) == code
    assert subject_of(code) == code


@pytest.mark.parametrize("text", ["", "T1", "0176", "g" * 32])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        from_text(text)
