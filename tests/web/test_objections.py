"""Objections: from the person's own page or written down for them, answered by a post of another unit; the chain that ordered never decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import PostEstablished, PostHeld
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant
from bulou.desks.people import objections
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook
from bulou.kit.centre import centre
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused, do
from bulou.register.models import User
from tests.web.test_gate import HELD, ask, officer, people, put, said
from tests.web.test_own import given, opened, read
from tests.web.world import World, fresh_id, sheet_url

WORDS = "我那天不在场"


def order_of(person: bytes) -> bytes:
    return bytes(CONTENT["order.made"].objects.filter(person=person).order_by("-at").values_list("order", flat=True)[0])


def objected(world: World) -> tuple[bytes, Client, str, bytes]:
    """Somebody under an order objects on their own page: the person, their browser, the page's address, the objection."""
    _free, held = people(world)
    url = given(world, held)
    client = opened(url)
    sent = {"do": "object", "thing": to_text(order_of(held)), "words": WORDS, "fact_id": fresh_id(world)}
    assert "已收到" in read(client.post(url, sent))
    return held, client, url, bytes(CONTENT["objection.raised"].objects.filter(person=held).values_list("objection", flat=True)[0])


def decide(world: World, user: str, person: bytes, objection: bytes, outcome: str = "rejected", reason: str = "记录显示您当日在场") -> Any:
    values = {"person": person, "objection": objection, "outcome": outcome, "reason": reason}
    return do(VERBS["decide_objection"], world.look(user), values, id_=new_id(world.opens))


def duties(world: World, person: bytes) -> list[Any]:
    rules = [n for n, r in RuleBook(centre().protocol).rules.items() if r.name == "objection.decide"]
    return list(Duty.objects.filter(rule__in=rules, subject=person, void_seq=NEVER))


def test_an_objection_is_owed_an_answer_within_a_day_by_the_reviewer(world: World) -> None:
    held, client, url, _objection = objected(world)
    (duty,) = duties(world, held)
    assert duty.due_at == world.opens + DAY and duty.closed_seq == NEVER
    rule = RuleBook(centre().protocol).rules[duty.rule]
    assert (rule.answers, rule.status) == ("review", "unverified")
    page = read(client.get(url))
    assert "待答复" in page and WORDS in page
    raised = CONTENT["objection.raised"].objects.get(person=held)
    assert (raised.post, raised.channel) == (None, "own_page")


def test_a_rejection_is_read_on_the_page_and_the_order_stands(world: World) -> None:
    held, client, url, objection = objected(world)
    assert decide(world, "commander", held, objection).new
    page = read(client.get(url))
    assert "不成立" in page and "记录显示您当日在场" in page and "暂不通行" in page
    assert duties(world, held)[0].closed_seq != NEVER


def test_upheld_ends_the_order_and_the_door_opens(world: World) -> None:
    held, client, url, objection = objected(world)
    door = officer(world)
    assert "暂不通行" in said(ask(door, HELD))
    decide(world, "commander", held, objection, "upheld", "查明当日不在场")
    assert "可以通行" in said(ask(door, HELD))
    assert "查明当日不在场" in read(client.get(url))
    ended = CONTENT["order.ended"].objects.get(order=order_of(held))
    assert ended.post == "pidu.command" or ended.post


def test_an_order_ended_early_answers_the_objection(world: World) -> None:
    held, client, url, objection = objected(world)
    do(
        VERBS["end_order"],
        world.look("tracing"),
        {"order": order_of(held), "reason": "查明"},
        incident=world.incident,
        id_=new_id(world.opens),
    )
    decided = CONTENT["objection.decided"].objects.get(objection=objection)
    assert decided.outcome == "ended"
    assert "已先行解除" in read(client.get(url))
    assert duties(world, held)[0].closed_seq != NEVER


# --- another post decides ---------------------------------------------------------------------------------------------------
def same_unit(world: World) -> None:
    """The commander's person is put on a post of the unit that ordered, whose role may decide."""
    posts = world.look("commander").posts
    chair = posts.chair("pidu.tracing", world.opens)
    assert chair is not None
    user = User.objects.get(username="commander")
    own = [c.post for c in posts.held_by(bytes(user.holder or b""), world.opens)]
    at = Instant(world.opens - HOUR)
    for post in own:
        body = PostEstablished(post, "commander", "510117", "指挥", "command", chair.unit, chair.unit_en, None)
        put(world, Fact(new_id(at), "post.established", at, None, body))


def test_the_unit_that_ordered_does_not_decide(world: World) -> None:
    held, _client, _url, objection = objected(world)
    same_unit(world)
    with pytest.raises(Refused) as refused:
        decide(world, "commander", held, objection)
    assert "another unit" in refused.value.problems[0].en
    assert not CONTENT["objection.decided"].objects.exists()


def test_the_person_who_ordered_does_not_decide_from_another_chair(world: World) -> None:
    held, _client, _url, objection = objected(world)
    holder = bytes(User.objects.get(username="commander").holder or b"")
    at = Instant(world.opens - 2 * HOUR)
    put(world, Fact(new_id(at), "post.held", at, None, PostHeld("pidu.tracing", holder)))
    with pytest.raises(Refused):
        decide(world, "commander", held, objection)


def test_a_chain_that_decides_its_own_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody is of the chain."""
    monkeypatch.setattr(objections, "same_chain", lambda *_: False)
    with pytest.raises(pytest.fail.Exception):
        test_the_unit_that_ordered_does_not_decide(world)


def test_who_orders_has_no_right_to_decide(world: World) -> None:
    held, _client, _url, objection = objected(world)
    address = f"{reverse('objection')}?objection={to_text(objection)}"
    for user in ("tracing", "duty", "isolation", "grid", "auditor"):
        assert world.ask(user, address).status == 404, user
        with pytest.raises(Refused):
            decide(world, user, held, objection)
    page = world.ask("commander", address)
    assert page.status == 200
    told = world.ask(
        "commander", address, data={"objection": to_text(objection), "outcome": "upheld", "reason": "成立", "fact_id": fresh_id(world)}
    )
    assert told.status == 302
    assert "成立" in world.ask("commander", address).text


# --- what cannot be raised or decided -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "field"), [({"outcome": "ended"}, "outcome"), ({"reason": " "}, "reason"), ({"objection": b"x" * 16}, "objection")]
)
def test_a_decision_that_says_nothing_is_refused(world: World, change: dict[str, Any], field: str) -> None:
    held, _client, _url, objection = objected(world)
    with pytest.raises(Refused) as refused:
        decide(world, "commander", **{"person": held, "objection": objection, **change})
    assert field in {p.field for p in refused.value.problems}


def test_one_objection_at_a_time_and_only_to_what_stands(world: World) -> None:
    held, client, url, objection = objected(world)
    sent = {"do": "object", "thing": to_text(order_of(held)), "words": "", "fact_id": fresh_id(world)}
    assert "已有一件异议" in read(client.post(url, sent))
    assert CONTENT["objection.raised"].objects.filter(person=held).count() == 1
    client.post(url, {**sent, "thing": to_text(new_id(world.opens))})
    assert CONTENT["objection.raised"].objects.filter(person=held).count() == 1, (
        "of something that keeps nobody there is nothing to object to"
    )
    decide(world, "commander", held, objection)
    assert "已收到" in read(client.post(url, {**sent, "fact_id": fresh_id(world)})), "answered, another may follow"
    with pytest.raises(Refused):
        decide(world, "commander", held, objection)


def test_a_post_writes_one_down_for_who_has_no_page(world: World) -> None:
    _free, held = people(world)
    values = {"person": held, "objection": new_id(world.opens), "order": order_of(held), "channel": "hotline", "words": WORDS}
    assert do(VERBS["raise_objection"], world.look("duty"), values, id_=new_id(world.opens)).new
    assert duties(world, held)
    with pytest.raises(Refused):
        do(
            VERBS["raise_objection"],
            world.look("duty"),
            {**values, "objection": new_id(world.opens), "channel": "own_page"},
            id_=new_id(world.opens),
        )


def test_outcomes_are_counted_on_a_sheet(world: World) -> None:
    held, _client, _url, objection = objected(world)
    sheet = SHEETS["objections"]
    assert "待答复" in world.ask("commander", sheet_url(sheet)).text
    decide(world, "commander", held, objection)

    def rows(outcome: str) -> int:
        return world.ask("commander", sheet_url(sheet, csv=True, outcome=outcome)).text.strip().count("\n")

    assert rows("open") == 1, "the one of the demo's world"
    assert (rows("rejected"), world.ask("auditor", sheet_url(sheet)).status) == (1, 200)
    assert WORDS not in world.ask("commander", sheet_url(sheet)).text, "a list says that somebody objected, not what they said"
