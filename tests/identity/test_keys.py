"""The arithmetic under linking: codes, equals, blocks and connections, each against a slow way that is plainly right."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.identity.keys import chained, column, connected, fold_address, folded, joined, numbers_in, paired, rows_once

codes = st.lists(st.integers(-1, 4), max_size=12).map(lambda v: np.array(v, np.int64))
edges = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=14)


def slowly(n: int, pairs: list[tuple[int, int]]) -> list[int]:
    label = list(range(n))
    for a, b in pairs:
        low, high = sorted((label[a], label[b]))
        label = [low if one == high else one for one in label]
    return label


@given(edges)
def test_connections(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    assert connected(15, a, b).tolist() == slowly(15, pairs)


@given(codes)
def test_neighbours_hold_equals_together(key: np.ndarray) -> None:
    a, b = chained(key)
    label = slowly(len(key), list(zip(a.tolist(), b.tolist(), strict=True)))
    for i, j in combinations(range(len(key)), 2):
        assert (label[i] == label[j]) == (key[i] == key[j] and key[i] >= 0)


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), max_size=12))
def test_several_codes_as_one(rows: list[tuple[int, int]]) -> None:
    one, two = (np.array([r[i] for r in rows], np.int64) for i in (0, 1))
    both = joined(one, two)
    for i, j in combinations(range(len(rows)), 2):
        assert (both[i] == both[j] and both[i] >= 0) == (rows[i] == rows[j] and min(rows[i]) >= 0)
    assert {rows[i] for i in rows_once(one, two).tolist()} == {r for r in rows if min(r) >= 0}
    assert len(rows_once(one, two)) == len({r for r in rows if min(r) >= 0})


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 4)), max_size=12), st.integers(2, 6))
def test_blocks_give_each_two_groups_that_share_a_key(rows: list[tuple[int, int]], most: int) -> None:
    key, group = (np.array([r[i] for r in rows], np.int64) for i in (0, 1))
    a, b = paired(key, group, most)
    found = sorted((int(key[i]), *sorted((int(group[i]), int(group[j])))) for i, j in zip(a, b, strict=True))
    wanted = []
    for k in {k for k, _ in rows if k >= 0}:
        members = sorted({g for one, g in rows if one == k})
        wanted += [(k, *pair) for pair in combinations(members, 2)] if len(members) <= most else []
    assert found == sorted(wanted)


def test_columns() -> None:
    made = column(["乙", None, "甲", "", "乙"])
    assert made.code.tolist() == [0, -1, 1, -1, 0] and made.values == ["乙", "甲"]
    assert made.text(2) == "甲" and made.text(1) is None
    again = folded(made, lambda v: None if v == "甲" else "丙")
    assert again.code.tolist() == [0, -1, -1, -1, 0] and again.values == ["丙"]


@pytest.mark.parametrize(("a", "b"), [("太平村8組12號", "太平村 8组 12号"), ("Ｔ３栋-501", "t3栋501"), ("12, High St.", "12 high st")])
def test_addresses_fold(a: str, b: str) -> None:
    assert fold_address(a) == fold_address(b)


def test_numbers_of_an_address() -> None:
    assert numbers_in("天河路１２号3栋2单元501") == "12-3-2-501"
