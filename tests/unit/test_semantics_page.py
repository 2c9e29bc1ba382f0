"""docs/reference/semantics.md names every reading, relation, scope and state of the code, and stays short enough to be read."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from bulou.basis.kinds import KINDS, Scope
from bulou.basis.words import STATE
from bulou.duties.reckoning import STRETCH
from bulou.protocol.lint import MOST_TURNS
from bulou.protocol.readings import READINGS
from bulou.protocol.relations import RELATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "semantics.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in PAGE.splitlines() if line.strip().startswith("|")]


def test_every_reading_has_a_row() -> None:
    told = {row[0].split(" (on ")[0] for row in ROWS}
    assert set(READINGS) <= told


def test_readings_that_need_their_opener_say_so() -> None:
    told = {row[0].split(" (on ")[0]: " (on " in row[0] for row in ROWS}
    assert {name for name, r in READINGS.items() if r.on} == {name for name in READINGS if told[name]}


def test_every_relation_has_a_row() -> None:
    assert set(RELATIONS) <= {row[0] for row in ROWS}


def test_scopes_and_their_examples_are_true() -> None:
    scopes = {row[0]: row[2] for row in ROWS if row[0] in get_args(Scope)}
    assert set(scopes) == set(get_args(Scope))
    for scope, examples in scopes.items():
        for example in examples.split(", "):
            kinds = [k for k in KINDS.values() if k.word.en == example]
            assert all(k.scope == scope for k in kinds), example
            assert kinds or example in ("moves", "posts"), example


def test_states_and_numbers_are_the_code_s() -> None:
    for word in STATE.values():
        assert word.en in PAGE
    assert str(STRETCH) in PAGE
    assert f"{MOST_TURNS:,}" in PAGE
    assert len(PAGE.splitlines()) < 250
