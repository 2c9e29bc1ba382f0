"""Take any one published fact away and the figure or page that carries it changes; a board that does not hear it is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction

from bulou.basis.facts import FactWithdrawn
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.desks.command.published import RIVALS, SUMS
from bulou.duties.enter import forget
from bulou.evidence.models import Entry
from bulou.kit.looking import Looking
from bulou.scenarios.demo import SCENARIO
from bulou.scenarios.reading import read
from tests.scenario.ground import ends, looking, page_of_claims, put, value_of

pytestmark = pytest.mark.django_db
TOLD = [f for e in read(SCENARIO, settings.BULOU_ZONE).entries for f in e.facts]
HELD_AGAINST = {c for s in SUMS for c in (s.total, *s.parts)} | {c for r in RIVALS for c in r.codes}


def named(fact: Fact) -> str:
    return f"{value_of(fact)[0]} · {fact.id.hex()[-6:]}"


@contextmanager
def without(fact: Fact) -> Iterator[None]:
    """The ledger with the fact withdrawn; afterwards as it was."""
    with transaction.atomic():
        put([Fact(named_id("test", fact.id.hex()), "fact.withdrawn", ends(), None, FactWithdrawn(fact.id, "test"))], ends())
        yield
        transaction.set_rollback(True)
    forget()


def changes(fact: Fact, look: Callable[[Instant], Looking] = looking) -> bool:
    """Whether the value that carries a fact is another without it."""
    _name, read_value, about = value_of(fact)
    before = read_value(look(about))
    with without(fact):
        return bool(read_value(look(about)) != before)


@pytest.mark.parametrize("fact", TOLD, ids=named)
def test_without_it_its_figure_is_another(fact: Fact, ledger: None) -> None:
    assert changes(fact), f"{fact.kind} can be taken away and {value_of(fact)[0]} stays the same"


@pytest.mark.parametrize("fact", [f for f in TOLD if f.kind == "figure.published" and f.body.code in HELD_AGAINST], ids=named)
def test_without_it_the_page_of_published_figures_is_another(fact: Fact, ledger: None) -> None:
    before = page_of_claims(looking(ends()))
    with without(fact):
        assert page_of_claims(looking(ends())) != before


@pytest.mark.parametrize("kind", sorted({f.kind for f in TOLD}))
def test_a_board_that_hears_nothing_is_found_out(kind: str, ledger: None) -> None:
    """The planted board reads as of the entry before the withdrawal: nothing changes, and that must be noticed."""
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    fact = next(f for f in TOLD if f.kind == kind)
    assert not changes(fact, lambda about: looking(about, last))
