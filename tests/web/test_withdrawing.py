"""What the page of a withdrawal says it will undo is what it undoes; and looking at it undoes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import StepDone
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Entry
from bulou.evidence.now import NEVER
from bulou.kit import withdrawing
from bulou.kit.centre import centre
from bulou.kit.looks import SOURCE
from bulou.kit.withdrawing import consequences
from tests.web.world import POOL, World

#: Facts from which much follows, each found in the demo's ledger; adoption and authorisation are kinds kept at hand between entries.
FACTS: dict[str, dict[str, Any]] = {
    "tube.resulted": {"tube": POOL, "result": "positive"}, "contact.judged": {"ring": "close"}, "order.made": {}, "zone.drawn": {},
    "case.diagnosed": {"label": "1"}, "authorisation.signed": {}, "edition.adopted": {},
}  # fmt: skip

Named = set[tuple[bytes, bytes, int]]


def _fact(world: World, kind: str) -> Fact:
    id_ = bytes(CONTENT[kind].objects.filter(**FACTS[kind]).order_by("id").values_list("id", flat=True)[0])
    return world.look("commander").facts().raw("fact", "id", id_)[0]


def _names(rows: Any) -> Named:
    return {(bytes(d.cell), bytes(d.subject), d.turn) for d in rows}


def _standing() -> set[tuple[Any, ...]]:
    return set(Duty.objects.filter(void_seq=NEVER).values_list("id", "closed_seq", "due_at"))


def _last() -> int:
    # looks that have waited a minute are sealed with whatever is looked at next, and that undoes nothing
    return int(Entry.objects.exclude(source=SOURCE).order_by("-seq").values_list("seq", flat=True)[0])


def _withdraw(world: World, fact: Fact) -> tuple[Named, int]:
    """Withdraws a fact by the page; returns the duties that went and how many came."""
    url = reverse("withdraw", kwargs={"fact": to_text(fact.id)})
    seen = world.ask("commander", url, data={"reason": "wrong", "fact_id": to_text(new_id(world.opens)), "next": "/"})
    assert seen.status == 302, seen.text
    gone, come = Duty.objects.filter(void_seq=_last()), Duty.objects.filter(opened_seq=_last())
    return _names(gone) - _names(come), come.count()


@pytest.mark.parametrize("kind", FACTS)
def test_what_is_shown_is_what_happens(world: World, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "MOST", 100_000)
    fact = _fact(world, kind)
    gone, _come, n_gone, n_come = consequences(fact, world.look("commander"))
    assert n_gone + n_come > 0, "nothing follows from it: a poor example"
    told = {(s.cell, s.subject if isinstance(s.subject, bytes) else s.subject.encode(), s.duty.turn) for s in gone}
    went, came = _withdraw(world, fact)
    assert (told, n_gone, n_come) == (went, len(went), came)


@pytest.mark.parametrize("kind", FACTS)
def test_looking_undoes_nothing(world: World, kind: str) -> None:
    fact, before, last = _fact(world, kind), _standing(), _last()
    seen = world.ask("commander", reverse("withdraw", kwargs={"fact": to_text(fact.id)}))
    assert seen.status == 200
    assert (_standing(), _last()) == (before, last)
    # the next entry takes the number that the trial had: nothing kept at hand from the trial may speak in it
    incident = fact.incident or bytes(CONTENT["incident.opened"].objects.order_by("-at").values_list("id", flat=True)[0])
    note = Fact(new_id(world.opens), "step.done", world.opens, incident, StepDone(incident, "a note", "pidu.duty", "-"))
    enter([note], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    facts = world.look("commander").facts()
    found = next(f.name for f in KINDS[kind].fields if f.find)
    assert fact.id in {f.id for f in facts.by(kind, found, getattr(fact.body, found))}
    assert {i for i, _closed, _due in before} - {i for i, _closed, _due in _standing()} == set()


def test_a_page_that_shows_too_little_is_caught(world: World) -> None:
    """The control: duties left out of what is shown are missed by the comparison."""
    fact = _fact(world, "tube.resulted")
    _gone, _come, n_gone, _n = consequences(fact, world.look("commander"))
    went, _came = _withdraw(world, fact)
    assert n_gone - 1 != len(went)
