"""Who answers, as pages show it: level by level, on a past day, while something is handed over, and to whom it may be shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import AreaDeclared, AreaSpanned, FactWithdrawn, PersonIdentified, PlaceDeclared, PostEstablished
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, MINUTE, Instant, SetClock
from bulou.desks.command.board import gaps_by_unit
from bulou.desks.command.figures import Board
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import Order
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook, gaps
from bulou.kit.answering import answering, subject
from bulou.kit.centre import centre, set_clock
from bulou.kit.duties import shown
from bulou.kit.handed import Handed, handed, territorial
from bulou.kit.looking import Looking, moment_at
from bulou.kit.people import find
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Stay
from bulou.register.scope import subtree
from tests.web.test_verbs import sent
from tests.web.world import World, sheet_url

PLACE = named_id("a market of the tests")
HERE, THERE = "510117001218", "510117005"


def someone(area: str = HERE) -> bytes:
    rows = Stay.objects.filter(area__startswith=area, void_seq=NEVER).exclude(household=None).order_by("person")
    return bytes(rows.values_list("person", flat=True)[0])


def page(world: World, user: str, person: bytes, **hours: str) -> Any:
    return world.ask(
        user, reverse("who-answers", kwargs={"type_": "person", "text": to_text(person)}) + (f"?about={hours['about']}" if hours else "")
    )


def offer(world: World, user: str, person: bytes, charge: bytes, **more: Any) -> Any:
    values = {"subject": person.hex(), "charge": charge, "party": "territory", "to_area": THERE, "to_post": None, "reason": "moved", **more}
    return sent(world, user, VERBS["offer_charge"], values)


def later(world: World, minutes: int) -> None:
    set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))


def test_every_level_is_shown_with_post_and_state(world: World) -> None:
    seen = page(world, "commander", someone())
    assert seen.status == 200
    rows = [" ".join(r) for r in seen.read.rows]
    for word in ("网格", "村社区", "街道乡镇", "指挥部", "本人"):
        assert any(word in r for r in rows), word


def test_handing_over_needs_acceptance_and_both_sides_see_it(world: World) -> None:
    person, charge = someone(), new_id(world.opens)
    assert page(world, "taiping", person).status == 200
    offer(world, "taiping", person, charge)
    later(world, 1)
    look = world.look("taiping")
    of = subject(look, "person", to_text(person))
    assert of is not None
    found = answering(look, of)
    assert (found.authority.area, found.authority.transfer and found.authority.transfer.id) == (found.authority.lies, charge)
    assert "移交中" in page(world, "commander", person).text
    assert "移交中" in world.ask("commander", sheet_url(SHEETS["charges"])).text
    with pytest.raises(Refused, match="not handed to you"):
        sent(world, "taiping", VERBS["accept_charge"], {"charge": charge})
    sent(world, "commander", VERBS["accept_charge"], {"charge": charge})
    later(world, 2)
    look = world.look("commander")
    of = subject(look, "person", to_text(person))
    assert of is not None
    assert answering(look, of).authority.area == THERE
    with pytest.raises(Refused, match="waits for an answer"):
        sent(world, "commander", VERBS["decline_charge"], {"charge": charge, "reason": "x"})


def _overdue(world: World) -> tuple[bytes, Duty, int]:
    """A household (or person) of the demo with a gap of the territory, the duty, and how many such gaps it has."""
    look = world.look("commander")
    book = RuleBook(look.protocol)
    found = (
        gaps(look.seq, look.about, look.scope).filter(rule__in=territorial(book), incident=world.incident).exclude(area=None).order_by("id")
    )
    people = [d for d in found if book.subject_type(d.rule) in ("person", "household")]
    row = people[0]
    return bytes(row.subject), row, sum(d.subject == row.subject for d in people)


def on_list(look: Looking, area: str) -> list[Duty]:
    """The sheet of duties narrowed to an area."""
    narrow = next(n for n in SHEETS["duties"].narrows if n.name == "area")
    return list(narrow.apply(SHEETS["duties"].rows(look), area, look))


def _by_unit(world: World, user: str = "commander") -> dict[str, int]:
    board = Board.of(world.look(user), world.incident)
    return {g.name: g.overdue for g in gaps_by_unit(board)}


def test_what_was_handed_over_is_on_the_list_of_whoever_accepted_it(world: World) -> None:
    person, duty, n = _overdue(world)
    here, there = duty.area, next(a for a in ("510117006", THERE) if not duty.area.startswith(a))
    url = {
        "subject": person.hex(),
        "charge": new_id(world.opens),
        "party": "territory",
        "to_area": there,
        "to_post": None,
        "reason": "moved",
    }
    town, what = here[:9], RuleBook(world.look("commander").protocol).rules[duty.rule].answers

    def ids(area: str) -> set[int]:
        return {r.id for r in on_list(world.look("commander"), area) if bytes(r.subject) == person}

    before, units = ids(town), _by_unit(world)
    assert duty.id in before, "the control"
    assert not ids(there)
    sent(world, "commander", VERBS["offer_charge"], url)
    later(world, 1)
    assert ids(town) == before, "an offer hands nothing over"
    sent(world, "commander", VERBS["accept_charge"], {"charge": url["charge"]})
    later(world, 2)
    assert duty.id not in ids(town)
    assert duty.id in ids(there)
    told = _by_unit(world)
    assert sum(told.values()) == sum(units.values()), "each gap is at exactly one unit"
    assert {u for u in told if told[u] > units.get(u, 0)} == {look_unit(world, there, what)}
    assert sum(told[u] - units.get(u, 0) for u in told if told[u] > units.get(u, 0)) == n
    shown = world.ask("commander", reverse("duty", kwargs={"number": duty.id}))
    assert look_unit(world, there, what) in shown.text
    before_then = world.look("commander").at(moment_at(world.opens, world.opens))
    assert duty.id in {r.id for r in on_list(before_then, town)}, "as of before it was handed over it is where it was"


def look_unit(world: World, area: str, what: str) -> str:
    look = world.look("commander")
    found = look.posts.answering(look.areas.upward(area), what, Instant(look.about))
    assert found.chair
    return found.chair.unit


def test_a_list_that_ignores_charges_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted reader: nothing was ever handed over."""
    monkeypatch.setattr("bulou.kit.handed.handed", lambda look: {})
    with pytest.raises(AssertionError):
        test_what_was_handed_over_is_on_the_list_of_whoever_accepted_it(world)


def test_who_does_not_answer_cannot_hand_over(world: World) -> None:
    with pytest.raises(Refused) as refused:
        offer(world, "taiping", someone("510117008"), new_id(world.opens))
    assert "subject" in {p.field for p in refused.value.problems}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to_area": None}, "to_area"),
        ({"party": "employer"}, "to_post"),
        ({"party": "person"}, "party"),
        ({"to_post": "pidu.command"}, "to_post"),
    ],
)
def test_an_offer_that_is_not_whole_is_refused(world: World, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        offer(world, "commander", someone(), new_id(world.opens), **change)
    assert field in {p.field for p in refused.value.problems}


def test_people_of_other_areas_are_not_found(world: World) -> None:
    assert page(world, "taiping", someone("510117008")).status == 404
    assert page(world, "commander", someone("510117008")).status == 200, "the control"


def test_a_day_before_the_register_knew_them_nobody_is_there(world: World) -> None:
    url = reverse("who-answers", kwargs={"type_": "person", "text": to_text(someone())})
    assert world.ask("commander", url + "?about=2019-01-01+00:00&known=2019-01-01+00:00").status == 404


def test_a_roster_sends_the_night_up(world: World) -> None:
    look = world.look("commander")
    night = Instant(world.opens + 17 * HOUR)
    post = f"grid.{HERE}"
    before = look.posts.answering(look.areas.upward(HERE), "grid", night)
    assert before.chair and before.chair.post == post, "the control: without a roster"
    sent(world, "commander", VERBS["set_roster"], {"post": post, "on_from": "08:00", "on_until": "20:00", "holder": None, "until": None})
    look = world.look("commander")
    after = look.posts.answering(look.areas.upward(HERE), "grid", night)
    assert after.chair and after.chair.post == f"village.{HERE}"
    assert after.off_duty == (post,)
    with pytest.raises(Refused, match="HH:MM"):
        sent(world, "commander", VERBS["set_roster"], {"post": post, "on_from": "8", "on_until": "20:00", "holder": None, "until": None})


def test_places_are_listed_and_answered_for(world: World) -> None:
    fact = Fact(PLACE, "place.declared", world.opens, None, PlaceDeclared(PLACE, "试市场", "market", HERE))
    enter([fact], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    assert "试市场" in world.ask("taiping", sheet_url(SHEETS["places"])).text
    assert "试市场" in world.ask("taiping", reverse("who") + "?q=试市").text
    seen = world.ask("taiping", reverse("who-answers", kwargs={"type_": "place", "text": to_text(PLACE)}))
    assert seen.status == 200
    assert "行业主管部门" in seen.text


def test_every_document_finds_its_person_and_a_withdrawn_one_does_not(world: World) -> None:
    person = someone()
    sent(world, "taiping", VERBS["record_document"], {"person": person, "document_kind": "passport", "document": "EH7654321"})
    later(world, 1)
    assert [f.person for f in find(world.look("taiping"), "EH7654321")] == [person]
    assert find(world.look("taiping"), "EH7654322") == []
    seen = world.ask("taiping", reverse("person", kwargs={"person": to_text(person)}))
    assert "护照" in seen.text
    assert "EH7654321" not in seen.text, "a village leader sees documents masked"
    with pytest.raises(Refused, match="on record for the person already"):
        sent(world, "taiping", VERBS["record_document"], {"person": person, "document_kind": "passport", "document": "EH7654321"})


def test_parting_two_people_merged_under_orders_brings_both_orders_back(world: World) -> None:
    """FIELD E9: what each owed before they were taken for one is owed again, by each; a merge that changes nothing would prove nothing."""

    def owed() -> set[tuple[Any, ...]]:
        rows = Duty.objects.filter(void_seq=NEVER).values_list("rule", "subject", "turn", "due_at", "end_at", "area", "outcome")
        return {tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows}

    def orders() -> set[tuple[bytes, bytes]]:
        return {(bytes(o), bytes(p)) for o, p in Order.objects.filter(void_seq=NEVER).values_list("order", "person")}

    def entered(kind: str, body: Any) -> bytes:
        fact = Fact(new_id(world.opens), kind, world.opens, None, body)
        enter([fact], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
        return fact.id

    before, ordered = owed(), orders()
    one, other = sorted({p for _, p in ordered})[:2]
    merge = entered("person.identified", PersonIdentified(one, other, "same name and birthday"))
    assert owed() != before
    entered("fact.withdrawn", FactWithdrawn(merge, "two people after all"))
    assert (owed(), orders()) == (before, ordered)


def test_an_exclusion_asks_a_named_post_and_ends_no_order(world: World) -> None:
    """Judged out while the order stands: the order stays, a duty opens with the act that decides, and the contact's page says so."""
    order = (
        Order.objects.filter(void_seq=NEVER, over_at__gt=world.opens + HOUR, made_at__lt=world.opens, ring="close")
        .order_by("order")
        .first()
    )
    assert order is not None
    person = bytes(order.person)
    url = reverse("contact", kwargs={"person": to_text(person)})
    later(world, 1)
    assert "有权岗位解除或另下" not in world.ask("tracing", url).text, "the control"
    sent(world, "tracing", VERBS["judge_contact"], {"person": person, "ring": "excluded", "reason": "the case was elsewhere"})
    later(world, 2)
    assert Order.objects.get(order=order.order, void_seq=NEVER).over_at == order.over_at, "no date moves by itself"
    page_ = world.ask("tracing", url)
    assert "有权岗位解除或另下" in page_.text
    look = world.look("tracing")
    numbers = RuleBook(look.protocol).numbers_of("contact.decide")
    row = SHEETS["duties"].rows(look).filter(rule__in=numbers, subject=person).get()
    made = shown([row], look, "/")[0]
    assert made.state == "due"
    assert made.do is not None
    assert "end_order" in made.do
    assert to_text(bytes(order.order)) in made.do
    sent(world, "tracing", VERBS["end_order"], {"order": bytes(order.order), "reason": "excluded"})
    later(world, 3)
    look = world.look("tracing")
    found = SHEETS["duties"].rows(look).filter(rule__in=numbers, subject=person).get()
    assert shown([found], look, "/")[0].state == "done"
    assert "有权岗位解除或另下" not in world.ask("tracing", url).text


def test_a_functional_area_reaches_across_the_tree_and_answers_only_for_what_it_accepted(world: World) -> None:
    """A park laid across a village: its post sees who stays there, the village answers, and a place is the park's from acceptance on."""
    park, market, charge = "510117-PARK", named_id("a market in the park"), new_id(world.opens)
    at = Instant(world.opens - HOUR)

    def told(kind: str, body: Any) -> Fact:
        return Fact(new_id(at), kind, at, None, body)

    enter(
        [
            told("area.declared", AreaDeclared(park, "510117", "functional", "园区", "the park", official=False)),
            told("area.spanned", AreaSpanned(park, HERE)),
            told("post.established", PostEstablished("park.lead", "village_lead", park, "园区负责人", "head of the park", "园区", "the park")),
            told("place.declared", PlaceDeclared(market, "园区市场", "market", HERE)),
        ],
        by="test", source="test", clock=centre().clock, protocol=centre().protocol,
    )  # fmt: skip
    look = world.look("commander")
    reach = subtree(park, look.seq, look.about)
    assert reach >= {park, HERE} | look.areas.subtree(HERE), "across the tree, with all below"
    assert not reach & look.areas.subtree(THERE), "and nothing beside it"
    assert handed(look) == {}, "lying across takes nothing over: the village answers"
    offer(world, "commander", market, charge, to_area=park)
    later(world, 1)
    assert market not in handed(world.look("commander")), "an offer hands nothing over"
    sent(world, "commander", VERBS["accept_charge"], {"charge": charge})
    later(world, 2)
    look = world.look("commander")
    assert handed(look)[market] == Handed(park, HERE)
    of = subject(look, "place", to_text(market))
    assert of is not None
    assert answering(look, of).authority.area == park
    before = subject(look.at(moment_at(world.opens, world.opens)), "place", to_text(market))
    assert before is not None
    assert answering(look.at(moment_at(world.opens, world.opens)), before).authority.area == HERE, "one area at every hour"
