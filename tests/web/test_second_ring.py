"""The second ring on pages: a positive link asks for a judgement, cleared links for a decision, and nobody rises or is released by it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from bulou.basis.facts import ContactNamed, OrderMade, SampleTaken, TubeResulted
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, MINUTE, Instant, SetClock
from bulou.duties.enter import enter
from bulou.evidence.models import Contact, Order
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook
from bulou.gaps.secondring import second_of
from bulou.kit.centre import centre, set_clock
from bulou.kit.duties import Shown, shown
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS
from bulou.register.models import Stay
from tests.web.test_verbs import sent
from tests.web.world import World, sheet_url

ORDER = named_id("an order of the second ring")


def later(world: World, minutes: int) -> None:
    set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))


def told(world: World, kind: str, body: Any, minutes: int) -> None:
    at = Instant(world.opens + minutes * MINUTE)
    enter([Fact(new_id(at), kind, at, world.incident, body)], by="test", source="test", clock=centre().clock, protocol=centre().protocol)


def two(world: World) -> tuple[bytes, bytes]:
    """Two people of the register whom no contact and no order concerns, the first named behind the second and judged into the second ring."""
    named = {bytes(p) for p in Contact.objects.filter(void_seq=NEVER).values_list("person", flat=True)}
    people = [
        bytes(p)
        for p in Stay.objects.filter(void_seq=NEVER, area__startswith="510117001").order_by("person").values_list("person", flat=True)
    ]
    one, link = [p for p in dict.fromkeys(people) if p not in named][:2]
    told(world, "contact.named", ContactNamed(one, link, Instant(world.opens - DAY), "household"), 0)
    later(world, 1)
    sent(world, "tracing", VERBS["judge_contact"], {"person": one, "ring": "secondary", "reason": "lives with a close contact"})
    return one, link


def swab(world: World, person: bytes, tube: str, result: str, minutes: int) -> None:
    later(world, minutes)
    disease = "covid19"
    told(world, "sample.taken", SampleTaken(person, tube, disease, 1), minutes - 1)
    told(world, "tube.resulted", TubeResulted(tube, disease, result), minutes)


def duty(world: World, rule: str, person: bytes) -> Shown | None:
    look = world.look("tracing")
    rows = SHEETS["duties"].rows(look).filter(rule__in=RuleBook(look.protocol).numbers_of(rule), subject=person)
    made = shown(list(rows), look, "/")
    return made[0] if made else None


def asks_for(found: Shown | None, verb: str, about: bytes) -> None:
    """What is due leads to the act that answers it."""
    assert found is not None
    assert found.state == "due"
    assert found.do is not None
    assert verb in found.do
    assert to_text(about) in found.do


def test_a_positive_link_asks_for_a_judgement_and_raises_nobody(world: World) -> None:
    """The duty opens with the act that answers it; the ring stays what was judged until somebody judges."""
    one, link = two(world)
    swab(world, link, "S-1", "negative", 10)
    assert duty(world, "secondary.rise", one) is None, "the control"
    swab(world, link, "S-2", "positive", 20)
    asks_for(duty(world, "secondary.rise", one), "judge_contact", one)
    assert Contact.objects.get(person=one, void_seq=NEVER).ring == "secondary", "nobody rises by themselves"
    later(world, 25)
    sent(world, "tracing", VERBS["judge_contact"], {"person": one, "ring": "close", "reason": "the close contact is positive"})
    found = duty(world, "secondary.rise", one)
    assert found is not None
    assert found.state == "done"
    assert duty(world, "close.place", one) is not None


def test_cleared_links_ask_for_a_decision_and_end_no_order(world: World) -> None:
    """All links negative twice: a named post is asked to end the order; the order keeps its end until it does."""
    one, link = two(world)
    starts, ends = Instant(world.opens + 2 * MINUTE), Instant(world.opens + 6 * DAY)
    later(world, 3)
    told(
        world, "order.made",
        OrderMade(ORDER, one, "central", "covid19/cn-7", "secondary", Instant(world.opens - DAY), starts, ends, "second ring", "510117.tracing"), 2,
    )  # fmt: skip
    swab(world, link, "S-1", "negative", 10)
    assert duty(world, "secondary.dissolve", one) is None, "the control: one test is not two"
    swab(world, link, "S-2", "negative", 20)
    asks_for(duty(world, "secondary.dissolve", one), "end_order", ORDER)
    assert Order.objects.get(order=ORDER, void_seq=NEVER).over_at == ends, "no date moves by itself"
    later(world, 25)
    sent(world, "tracing", VERBS["end_order"], {"order": ORDER, "reason": "the close contact is negative twice"})
    found = duty(world, "secondary.dissolve", one)
    assert found is not None
    assert found.state == "done"


def test_the_page_says_behind_whom_how_they_stand_and_what_is_to_decide(world: World) -> None:
    """The page shows the link's tests and what would change, then the open decision; the list counts links and is narrowed by decisions."""
    one, link = two(world)
    swab(world, link, "S-1", "negative", 10)
    seen = world.ask("tracing", reverse("contact", kwargs={"person": to_text(one)}))
    assert seen.status == 200
    assert "次密:身后是谁" in seen.text
    assert "未满两次阴性" in seen.text
    assert "4小时内" in seen.text
    assert "作决定" not in seen.text, "the control: nothing is to be decided yet"
    swab(world, link, "S-2", "positive", 20)
    seen = world.ask("tracing", reverse("contact", kwargs={"person": to_text(one)}))
    assert "已转阳性" in seen.text
    assert "作决定" in seen.text
    before = second_of(
        world.look("tracing").facts(), centre().protocol, world.look("tracing").zone, one, Instant(world.opens + 15 * MINUTE)
    )
    assert before is not None
    assert [(b.person, b.stands, len(b.tests)) for b in before.behind] == [(link, "waiting", 1)], "about an earlier hour it was not yet so"
    listed = world.ask("tracing", sheet_url(SHEETS["contacts"], ring="secondary"))
    assert "1:已转阳性 1" in listed.text
    assert to_text(one) in world.ask("tracing", sheet_url(SHEETS["contacts"], decide="rise")).text
    assert to_text(one) in world.ask("tracing", sheet_url(SHEETS["contacts"], decide="any")).text
    assert to_text(one) not in world.ask("tracing", sheet_url(SHEETS["contacts"], decide="dissolve")).text
