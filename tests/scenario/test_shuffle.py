"""The same facts in any order of arrival give the same duties and figures; what depends on arrival is found out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from bulou.basis.kinds import Fact
from bulou.duties.enter import forget
from bulou.evidence.models import CONTENT
from bulou.kit.looking import forget_books
from tests.scenario.ground import ends, enter_all, everything, ground, hours

SEEDS = (1, 2, 3)


@contextmanager
def entered(facts: list[Fact]) -> Iterator[None]:
    """A ledger of these facts in this order, taken back afterwards."""
    with transaction.atomic():
        enter_all(facts, ends())
        yield
        transaction.set_rollback(True)
    forget()
    forget_books()


def values(facts: list[Fact]) -> dict[str, Any]:
    with entered(facts):
        return everything(hours()) | {"as they arrived": as_they_arrived()}


def as_they_arrived() -> list[str]:
    """Planted: a page that lists published figures in the order in which they came."""
    return list(CONTENT["figure.published"]._default_manager.order_by("entry").values_list("code", flat=True))


def shuffled(seed: int) -> list[Fact]:
    facts = ground().facts
    random.Random(seed).shuffle(facts)
    return facts


def different(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


@pytest.fixture(scope="module")
def in_order(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return values(ground().facts)


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffling_changes_nothing(seed: int, in_order: dict[str, Any], db: None) -> None:
    found = different(in_order, values(shuffled(seed)))
    assert "as they arrived" in found, "the order was not another, or the comparison sees nothing"
    assert not found - {"as they arrived"}


def test_one_fact_less_is_noticed(in_order: dict[str, Any], db: None) -> None:
    """The comparison itself: a ledger that lost one visit to a door, one of its thousands of facts, is another."""
    facts = ground().facts
    lost = next(i for i, f in enumerate(facts) if f.kind == "household.visited")
    assert "duties" in different(in_order, values(facts[:lost] + facts[lost + 1 :]))
