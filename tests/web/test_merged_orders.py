"""Two people under orders held for one and parted again: both orders run meanwhile, each is restored, and both are told what holds for them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from bulou.basis.ids import new_id, to_text
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.duties.models import Duty
from bulou.evidence.models import Order
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, set_clock
from bulou.kit.verb import VERBS, do
from tests.web.world import World


def two_under_orders(world: World) -> list[bytes]:
    """Two people, each with one order that runs."""
    rows = Order.objects.filter(void_seq=NEVER, starts__lte=world.opens, over_at__gt=world.opens).order_by("person")
    people = [bytes(p) for p in rows.values_list("person", flat=True)]
    once = [p for p in people if people.count(p) == 1]
    assert len(once) >= 2
    return once[:2]


def orders(people: list[bytes]) -> list[tuple[Any, ...]]:
    """Every order of these people as it stands: whose, its anchor, its days."""
    fields = ("order", "person", "measure", "anchor", "starts", "ends", "over_at")
    found = Order.objects.filter(void_seq=NEVER, person__in=people).values_list(*fields)
    return sorted((bytes(o), bytes(p), *rest) for o, p, *rest in found)


def owed(people: list[bytes]) -> list[tuple[Any, ...]]:
    """Everything that these people owe, and what became of it."""
    fields = ("rule", "cell", "subject", "turn", "due_at", "end_at", "closed_at", "outcome")
    found = Duty.objects.filter(void_seq=NEVER, subject__in=people).values_list(*fields)
    return sorted(((rule, bytes(cell), bytes(subject), *rest) for rule, cell, subject, *rest in found), key=str)


def test_both_orders_run_and_both_are_restored(world: World) -> None:
    people = two_under_orders(world)
    before, duties = orders(people), owed(people)
    assert len(before) == 2 and {d[2] for d in duties} == set(people), "control: both owe something"
    joined = new_id(world.opens)
    do(VERBS["identify"], world.look("duty"), {"person": people[0], "same_as": people[1], "reason": "误认"}, id_=joined)
    meanwhile = orders(people)
    assert [(o[0], *o[2:]) for o in meanwhile] == [(o[0], *o[2:]) for o in before], "no date moves because two are held for one"
    assert owed(people) != duties, "control: what they owe comes together"
    page = world.ask("tracing", reverse("sheet-orders")).text
    assert page
    set_clock(SetClock(Instant(world.opens + 60_000_000)))
    part = reverse("withdraw", kwargs={"fact": to_text(joined)})
    shown = world.ask("data", part)
    assert shown.opened, "what parting will do is shown before"
    done = world.ask("data", part, data={"reason": "查明是两人", "fact_id": to_text(new_id(Instant(world.opens + 60_000_000)))})
    assert done.status == 302
    assert orders(people) == before
    assert owed(people) == duties


def test_whoever_was_told_while_they_were_one_is_told_again_where_they_are_two(world: World) -> None:
    people = two_under_orders(world)
    look = world.look("tracing")
    joined = new_id(world.opens)
    do(VERBS["identify"], world.look("duty"), {"person": people[0], "same_as": people[1], "reason": "误认"}, id_=joined)
    do(VERBS["tell"], look, {"person": people[0], "about": "order"}, incident=world.incident, id_=new_id(world.opens))
    set_clock(SetClock(Instant(world.opens + HOUR)))
    before = owed(people)
    do(VERBS["part"], world.look("data"), {"target": joined, "reason": "查明是两人"}, id_=new_id(centre().clock.now()))
    after = owed(people)
    assert before != after
    told = {d[2] for d in after if d[6] is not None and d[6] >= world.opens}
    assert people[1] not in told, "what was said to the one was not said to the other"
