"""Official areas from the built file: a part of them read by itself is that part of the whole."""

from __future__ import annotations

import pytest

from bulou.protocol.read import shipped, shipped_ids
from bulou.register.areas import above, official


@pytest.fixture(scope="module")
def whole() -> list[tuple[str, str]]:
    return [(a.code, a.name) for a in official()]


@pytest.mark.parametrize(
    "prefix", ["11", "5101", "510117", "510117001", "510117001218", "441900", "820000", "659", "99", "5", "510", "51011"]
)
def test_a_part_is_that_part_of_the_whole(whole: list[tuple[str, str]], prefix: str) -> None:
    assert [(a.code, a.name) for a in official(prefix)] == [(c, n) for c, n in whole if c.startswith(prefix)]


def test_what_is_above_a_code_is_found(whole: list[tuple[str, str]]) -> None:
    names = dict(whole)
    assert [(a.code, a.name) for a in above("510117001218")] == [(c, names[c]) for c in ("51", "5101", "510117", "510117001")]


def test_the_ids_of_shipped_editions_are_theirs() -> None:
    assert shipped_ids() == set(shipped())
