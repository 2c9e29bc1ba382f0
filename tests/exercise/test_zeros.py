"""Three zeros over several seeds with every fault on; a build of the platform that loses facts or forgets a rule does not have them.

The platform itself is worse here: it says that it has entered what it has not, or never settles a rule. ``BULOU_SEEDS`` says how many
seeds are played (``just long``: 50).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bulou.duties import enter as entering
from bulou.evidence.append import head
from bulou.evidence.reader import Reader
from bulou.exercise.score.reckoned import score
from tests.exercise.test_play import copied, played, town
from tests.run import drawn

SEEDS = range(8, 8 + int(os.environ.get("BULOU_SEEDS", "2")))
ZEROS = ("facts_lost", "duties_missed", "figures_disagree")
__all__ = ["town"]


def of(folder: Path, **more: Any) -> dict[str, int]:
    """The three numbers of a play in a folder; what was entered is taken back."""
    with transaction.atomic():
        played(folder, **more)
        transaction.set_rollback(True)
    entering.forget()
    told = score(folder)
    assert all(told["zeros"][z]["of"] > 0 for z in ZEROS)
    return {z: told["zeros"][z]["n"] for z in ZEROS}


def losing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fortieth swab is said to be entered and is not."""
    right, number = entering._enter, count(1)

    def enter(book: entering.Book, *more: Any) -> entering.Receipt:
        [fact] = book.adding if len(book.adding) == 1 else [None]
        if fact and fact.kind == "sample.taken" and not Reader(book.connection).raw("fact", "id", fact.id) and next(number) % 40 == 0:
            now = head(book.connection)
            return entering.Receipt(now.seq, now.known, (fact.id,), (), (), 0, 0, 0)
        return right(book, *more)

    monkeypatch.setattr(entering, "_enter", enter)


def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody of a positive pool is ever asked for a single swab."""
    right = entering._settle

    def settle(connection: Any, facts: Any, touched: Any, *more: Any) -> tuple[int, int, int]:
        return right(connection, facts, {cell: s for cell, s in touched.items() if not cell[0].endswith("recall.single")}, *more)

    monkeypatch.setattr(entering, "_settle", settle)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", drawn((*SEEDS, "one day"), "one day"))
def test_whatever_the_faults_three_numbers_are_zero(town: Path, tmp_path: Path, seed: Any) -> None:
    more = {"days": 1} if seed == "one day" else {"seed": seed}
    assert of(copied(town, tmp_path / "town"), **more) == dict.fromkeys(ZEROS, 0)


WORSE: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, int]] = {
    "a swab in forty": (losing, "facts_lost", 1), "a rule": (forgetting, "duties_missed", 3),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", drawn(WORSE, "a swab in forty"))
def test_a_worse_build_is_told(town: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worse, which, days = WORSE[name]
    worse(monkeypatch)
    assert of(copied(town, tmp_path / "town"), days=days)[which] > 0
