"""Every spec table, played on the memory engine in order of arrival and shuffled; and the comparison itself can fail."""

from __future__ import annotations

import random

import pytest

from bulou.duties.memory import Memory
from tests.spec.play import Case, every_case, every_playing, play, wrong

ALL = every_case()
CASES = [pytest.param(case, id=f"{topic.file}:{case.id}:{case.editions[0]}") for topic, case in every_playing()]
SHUFFLES = 3


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case) -> None:
    """The engine tells what the tables say, and no more; the order in which the facts arrive changes nothing in the end."""
    played = play(case, Memory)
    assert not (found := wrong(played)), "\n".join(found)
    final = set(played.engine.duties())
    for seed in range(SHUFFLES):
        assert set(play(case, Memory, random.Random(seed)).engine.duties()) == final, f"shuffled with seed {seed}"


def test_every_table_is_seen_by_the_comparison() -> None:
    """The comparison itself can fail: a wrong hour, a row too many and a row too few are each told."""
    case = next(c for _, c in ALL if c.id == "locate-outcomes")
    played = play(case, Memory)
    table = case.tables[0]
    rows = list(table.rows)
    try:
        table.rows[:] = [rows[0]._replace(says={**rows[0].says, "done": "12-07 21:41"}), *rows[1:]]
        assert "differ" in "".join(wrong(played))
        table.rows[:] = rows[1:]
        assert "not in the table" in "".join(wrong(played))
        table.rows[:] = [*rows, rows[0]]
        assert "nobody owes" in "".join(wrong(played))
    finally:
        table.rows[:] = rows


def test_ids_are_unique() -> None:
    ids = [case.id for _, case in ALL]
    assert len(ids) == len(set(ids))
