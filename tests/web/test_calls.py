"""The call desk through the site: from a tube that was read to the pool that folds, with two callers who must never phone the same person unseen."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from bulou.basis.callfacts import CallAssigned, CallMade
from bulou.basis.facts import ContactJudged, PersonEnrolled, PersonIdentified, PersonLocated, SampleTaken, TubeResulted
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.listfacts import PersonAmended
from bulou.basis.time import MINUTE, Instant, SetClock
from bulou.desks.tracing import callcount, calldesk, calls
from bulou.desks.tracing.calldesk import Desk, Group, callers, desk
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Entry
from bulou.evidence.now import NEVER
from bulou.gaps.calls import NO_ANSWERS, TO_DOOR
from bulou.gaps.coverage import RuleBook
from bulou.kit.centre import centre, set_clock
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking, moment_at
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Problem, Refused, do_all
from bulou.protocol.calling import USUAL
from bulou.register.models import Stay, User
from tests.run import thorough
from tests.web.test_shifts import join, shift
from tests.web.test_statements import statements
from tests.web.test_verbs import good, sent
from tests.web.world import POOL, Seen, World, fresh_id, members_of, sheet_url

CALLERS = ("tracing", "investigator")


def of(world: World, user: str = "tracing", moment: Any = None) -> Desk:
    look = world.look(user, moment=moment)
    return desk(look, next(i for i in incidents(look) if i.id == world.incident))


def of_pool(world: World, user: str = "tracing") -> list[Group]:
    return [g for g in of(world, user).groups if any(POOL in line.tubes for line in g.lines)]


def later(world: World, minutes: int) -> None:
    set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))


def entered(world: World, kind: str, *bodies: Any, ago: int = 60, incident: bool = False) -> None:
    at = Instant(world.opens - ago * MINUTE)
    facts = [Fact(new_id(at), kind, at, world.incident if incident else None, body) for body in bodies]
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def one_phone(world: World, people: list[bytes], phone: str = "13912340001") -> None:
    """A landlord's number, written down for all of them."""
    entered(world, "person.amended", *(PersonAmended(p, phone=phone) for p in people))


def at(person: bytes) -> str:
    return f"{reverse('call')}?{urlencode({'person': to_text(person)})}"


def against_(world: World, user: str, person: bytes) -> list[str]:
    """What the call's page shows against beginning, as its form sends it."""
    return re.findall(r'name="seen" value="([^"]+)"', world.ask(user, at(person), "en").text)


def begin(world: World, user: str, person: bytes, **more: Any) -> Seen:
    return world.ask(user, at(person), "en", data={"fact_id": fresh_id(world), "person": to_text(person), **more})


def met(world: World, user: str, outcome: str, people: list[bytes], number: str | None = None, **said: str) -> Seen:
    """What a call met: the form as a browser sends it, for everyone of the number."""
    group = next(g for g in of(world, user).groups if any(line.person == people[0] for line in g.lines))
    data = {
        "fact_id": fresh_id(world),
        "person": to_text(people[0]),
        "outcome": outcome,
        "number": number or (calls.key_of(group.number.phone) if group.number else "other"),
        "other": "",
    }
    for p in people:
        usual = {"said": "reached", "where": "staying", "words": "", "note": "", "asked": "on", **said}
        data |= {f"{name}-{p.hex()}": value for name, value in usual.items() if value}
    return world.ask(user, at(people[0]), "en", data=data)


def line_of(world: World, person: bytes, user: str = "tracing") -> Any:
    return next(line for g in of(world, user).groups for line in g.lines if line.person == person)


def holder(user: str) -> bytes:
    return bytes(User.objects.get(username=user).holder or b"")


def name_of(world: World, user: str, eyes: str = "tracing") -> str:
    return world.look(eyes).name(holder(user))


# --- who is on it ---------------------------------------------------------------------------------------------------------
def test_everyone_of_a_tube_that_was_read_is_to_be_phoned(world: World) -> None:
    people = members_of(POOL)
    lines = [line for g in of_pool(world) for line in g.lines]
    assert sorted(line.person for line in lines if POOL in line.tubes) == people
    part = next(p for p in of(world).parts if p.tube == POOL)
    assert (part.reached, len(part.lines), part.folded) == (0, len(people), False)
    seen = world.ask("investigator", reverse("calls"), "en")
    assert f"reached 0 of {len(people)}" in " ".join(seen.text.split())
    for person in people[:6]:
        assert to_text(person) in seen.text
    assert "tel:" not in seen.text, "no number is dialled from the list"


def test_whoever_must_be_told_of_an_order_is_there(world: World) -> None:
    person = good(world, "judge_contact")[1]["person"]
    before = {line.person for p in of(world).parts for line in p.lines}
    body = ContactJudged(person, "close", "试 · test", "pidu.tracing")
    entered(world, "contact.judged", body, ago=5, incident=True)
    line = line_of(world, person)
    assert line.tells
    assert "close.tell" in line.owed
    assert next(p for p in of(world).parts if not p.tube).lines or person in before
    later(world, 1)
    assert "told-" in begun_page(world, person)
    assert met(world, "tracing", "reached", [person], told="on").status == 302
    assert "close.tell" in closed(person)


def begun_page(world: World, person: bytes) -> str:
    assert begin(world, "tracing", person).status == 302
    return world.ask("tracing", at(person), "en").text


def test_a_shared_number_is_one_call(world: World) -> None:
    people = members_of(POOL)
    before = len(of_pool(world))
    one_phone(world, people[:3])
    after = of_pool(world)
    assert len(after) == before - 2
    shared = next(g for g in after if g.key == "13912340001")
    assert sorted(line.person for line in shared.lines) == people[:3]
    text = world.ask("tracing", reverse("calls"), "en").text
    assert "13912340001" not in text
    assert text.count("139****0001") == 1


def test_a_child_is_reached_by_the_code_that_was_shown(world: World) -> None:
    """Swabbed under somebody else's code, without a telephone of their own (FIELD E 5)."""
    child, parent = members_of(POOL)[0], members_of(POOL)[1]
    entered(world, "sample.taken", SampleTaken(child, "T-CODE", "covid19", 10, None, parent), ago=40)
    entered(world, "tube.resulted", TubeResulted("T-CODE", "covid19", "positive"), ago=10, incident=True)
    have = {n.whose for n in line_of(world, child).numbers}
    assert "code_of" in have or have == {"own"}
    one_phone(world, [child], "无")
    group = next(g for g in of(world).groups if any(line.person == child for line in g.lines))
    assert group.number is not None
    assert group.number.of == parent
    assert any(line.person == parent for line in group.lines), "and spoken to with the parent, in one call"


# --- dealing --------------------------------------------------------------------------------------------------------------
def dealt(world: World, *users: str) -> dict[bytes | None, int]:
    data = {"fact_id": fresh_id(world), "caller": [to_text(holder(u)) for u in users]}
    assert world.ask("tracing", reverse("calls-deal"), data=data).status == 302
    found: dict[bytes | None, int] = {}
    for group in of(world).groups:
        if group.waits:
            found[group.caller] = found.get(group.caller, 0) + 1
    return found


def test_numbers_are_dealt_evenly_and_again_when_somebody_leaves(world: World) -> None:
    assert {c.holder for c in callers(world.look("tracing"))} == {holder(u) for u in CALLERS}
    both = dealt(world, *CALLERS)
    assert set(both) == {holder(u) for u in CALLERS}
    assert abs(both[holder("tracing")] - both[holder("investigator")]) <= 1
    facts = CONTENT["call.assigned"].objects.count()
    assert dealt(world, *CALLERS) == both
    assert CONTENT["call.assigned"].objects.count() == facts, "what is even is not dealt again"
    later(world, 1)
    alone = dealt(world, "investigator")
    assert alone == {holder("investigator"): sum(both.values())}


def test_nobody_deals_without_the_right_or_to_nobody(world: World) -> None:
    for user in ("investigator", "auditor", "duty", "grid"):
        assert world.ask(user, reverse("calls-deal")).status == 404
    assert world.ask("tracing", reverse("calls-deal"), data={"fact_id": fresh_id(world)}).status == 422
    assert world.ask("tracing", reverse("calls-deal"), data={"fact_id": fresh_id(world), "caller": to_text(holder("grid"))}).status == 422


def test_a_caller_sees_theirs_first_and_takes_the_next(world: World) -> None:
    dealt(world, *CALLERS)
    rows = world.ask("investigator", f"{reverse('calls')}?show=mine", "en").read.rows
    assert sum("you" in row for row in rows) == len([row for row in rows if "you" in row])
    first = next(
        row for row in world.ask("investigator", reverse("calls"), "en").read.rows if any("/tracing/call?" in cell for cell in row)
    )
    assert "you" in first
    taken = world.ask("investigator", reverse("calls"), data={"fact_id": fresh_id(world)})
    assert taken.status == 302
    assert taken.headers["Location"].startswith(reverse("call"))
    assert "tel:" in world.ask("investigator", taken.headers["Location"]).text


def test_whoever_joins_a_shift_is_dealt_numbers_of_its_area_alone(world: World) -> None:
    town = of_pool(world)[0].lines[0].area[:9]
    _id, url = shift(world, "investigator", area=town)
    client, _ = join(url)
    person = bytes.fromhex(client.session["seat"][0])
    assert person in {c.holder for c in callers(world.look("tracing"))}
    data = {"fact_id": fresh_id(world), "caller": [to_text(holder("investigator")), to_text(person)]}
    assert world.ask("tracing", reverse("calls-deal"), data=data).status == 302
    book, theirs = world.look("tracing").areas, [g for g in of(world).groups if g.caller == person]
    assert theirs
    assert all(town in book.upward(line.area) for g in theirs for line in g.lines)
    seen = world.ask(None, reverse("calls"), client=client)
    assert seen.status == 200
    inside = set(Stay.objects.filter(area__startswith=town, void_seq=NEVER).values_list("person", flat=True))
    for group in of(world).groups:
        for line in group.lines:
            assert (line.person in inside) or to_text(line.person) not in seen.text, "nobody outside the area"


# --- two callers ----------------------------------------------------------------------------------------------------------
def test_two_callers_never_phone_the_same_person_unseen(world: World) -> None:
    person = members_of(POOL)[0]
    number = line_of(world, person).stand.number.phone
    before = world.ask("investigator", at(person), "en").text
    assert number not in before
    assert begin(world, "tracing", person).status == 302
    assert f"tel:{number}" in world.ask("tracing", at(person), "en").text
    seen = world.ask("investigator", reverse("calls"), "en").text
    assert f"{name_of(world, 'tracing')} is on it" in seen
    assert "2020-12-09 09:00" in seen
    refused = begin(world, "investigator", person)
    assert refused.status == 422
    assert f"{name_of(world, 'tracing')} is on it since 2020-12-09 09:00" in refused.text
    assert number not in refused.text
    assert line_of(world, person).stand.on_it[0] == holder("tracing")
    later(world, 1)
    assert begin(world, "investigator", person, seen=against_(world, "investigator", person)).status == 302
    assert line_of(world, person).stand.on_it[0] == holder("investigator")


def test_a_call_begun_unseen_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the desk that does not look, under the lock, who is on the line."""
    monkeypatch.setattr(calls, "BEGIN", replace(VERBS["begin_call"], check=()))
    with pytest.raises(AssertionError):
        test_two_callers_never_phone_the_same_person_unseen(world)


def test_nobody_puts_another_on_the_phone(world: World) -> None:
    values = {"person": members_of(POOL)[0], "caller": holder("investigator"), "begun": True}
    with pytest.raises(Refused):
        sent(world, "tracing", VERBS["begin_call"], values)


def test_dealing_puts_nobody_on_the_phone(world: World) -> None:
    values = {"person": members_of(POOL)[0], "caller": holder("investigator"), "begun": True}
    with pytest.raises(Refused):
        sent(world, "tracing", VERBS["assign_call"], values)


def test_only_what_was_shown_is_passed_over(world: World) -> None:
    """The page told of the deal; a colleague who began since then is not passed with it."""
    person = members_of(POOL)[0]
    dealt(world, "tracing")
    shown = against_(world, "investigator", person)
    assert len(shown) == 1
    later(world, 1)
    assert begin(world, "tracing", person).status == 302
    refused = begin(world, "investigator", person, seen=shown)
    assert refused.status == 422
    assert "is on it since" in refused.text
    assert line_of(world, person).stand.on_it[0] == holder("tracing")
    later(world, 2)
    assert begin(world, "investigator", person, seen=against_(world, "investigator", person)).status == 302
    later(world, 3)
    assert begin(world, "tracing", person, seen=against_(world, "tracing", person)).status == 302
    assert begin(world, "investigator", person, seen=shown).status == 422


def test_a_number_that_is_masked_stands_nowhere_on_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = members_of(POOL)[0]
    number = line_of(world, person).stand.number.phone
    assert begin(world, "tracing", person).status == 302
    assert number in world.ask("tracing", at(person)).text
    monkeypatch.setattr(Looking, "show", lambda self, manner, value, of=None: "***" if value else "")
    text = world.ask("tracing", at(person)).text
    assert "***" in text
    assert number not in text
    assert met(world, "tracing", "no_answer", [person]).status == 302
    assert CONTENT["call.made"].objects.get(person=person).whose == line_of(world, person).stand.number.whose


def test_no_number_is_had_by_sending_what_cannot_be(world: World) -> None:
    person = members_of(POOL)[0]
    number = line_of(world, person).stand.number.phone
    data = {"fact_id": fresh_id(world), "person": to_text(person), "outcome": "x", "number": "other"}
    seen = world.ask("investigator", at(person), data=data)
    assert seen.status == 422
    assert number not in seen.text
    # Whoever did begin keeps what they typed, however long it took.
    assert begin(world, "investigator", person).status == 302
    later(world, USUAL.on_it.micros // MINUTE + 5)
    seen = world.ask("investigator", at(person), data={**data, "other": "typed-99"})
    assert (seen.status, number in seen.text, "typed-99" in seen.text) == (422, True, True)


def test_the_next_number_is_found_behind_those_asked_lately(world: World) -> None:
    groups = [g for g in of(world).groups if g.waits]
    for group in calldesk.in_order(groups, holder("investigator"), Instant(world.opens))[: calls.TRIES + 6]:
        for line in group.lines:
            sent(world, "tracing", VERBS["interview"], {"person": line.person, "about": "core"})
    later(world, 1)
    lately = [g for g in of(world).groups if g.waits and any(line.lately for line in g.lines)]
    assert len(lately) >= calls.TRIES, "they are still to be phoned"
    taken = world.ask("investigator", reverse("calls"), data={"fact_id": fresh_id(world)})
    assert taken.headers["Location"].startswith(reverse("call"))


def test_an_old_deal_is_shown_and_may_be_passed_over(world: World) -> None:
    """Dealt before the duty that brought them here: whose call it is has one answer, on the list, on the page and under the lock."""
    person = members_of(POOL)[0]
    body = CallAssigned(person, "pidu.tracing", holder("tracing"))
    entered(world, "call.assigned", body, ago=600, incident=True)
    line = line_of(world, person)
    assert line.since > world.opens - 600 * MINUTE
    assert line.stand.caller == holder("tracing")
    assert begin(world, "investigator", person).status == 422
    assert begin(world, "investigator", person, seen=against_(world, "investigator", person)).status == 302


def test_whoever_is_on_no_roster_keeps_their_own_numbers_and_hours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    dealt(world, "investigator")
    waiting = [g for g in of(world).groups if g.waits]
    monkeypatch.setattr(calls, "callers", lambda look: [])
    assert "has left" not in world.ask("investigator", reverse("calls"), "en").text
    for group in waiting:
        later(world, 1)
        for line in group.lines:
            values = {
                "person": line.person,
                "outcome": "no_answer",
                "whose": "own",
                "caller": holder("investigator"),
                "words": None,
                "note": None,
            }
            sent(world, "investigator", VERBS["make_call"], values)
    assert all(g.again_at for g in of(world).groups if g.waits)
    taken = world.ask("investigator", reverse("calls"), data={"fact_id": fresh_id(world)})
    assert taken.headers["Location"] == reverse("calls"), "every one of them is to be called later"


def test_a_call_that_nobody_ended_is_free_again(world: World) -> None:
    person = members_of(POOL)[0]
    assert begin(world, "tracing", person).status == 302
    later(world, USUAL.on_it.micros // MINUTE)
    assert line_of(world, person).stand.on_it is None


# --- what a call met ------------------------------------------------------------------------------------------------------
def closed(person: bytes) -> set[str]:
    book = RuleBook(centre().protocol)
    done = Duty.objects.filter(subject=person, void_seq=NEVER, closed_seq__lt=NEVER).values_list("rule", flat=True)
    return {book.rules[r].name for r in done}


def test_reached_is_one_entry_that_discharges_what_was_owed(world: World) -> None:
    people = members_of(POOL)[:2]
    one_phone(world, people)
    assert begin(world, "investigator", people[0]).status == 302
    entries = Entry.objects.count()
    assert met(world, "investigator", "reached", people, words="在单位门卫室").status == 302
    assert Entry.objects.count() == entries + 1
    for person in people:
        assert {"recall.locate", "recall.interview"} <= closed(person)
        assert CONTENT["call.made"].objects.get(person=person).words == "在单位门卫室"
        assert line_of(world, person).stand.state == "reached"
    part = next(p for p in of(world).parts if p.tube == POOL)
    assert part.reached == 2


def test_what_was_asked_is_not_asked_twice_without_a_warning(world: World) -> None:
    person, incident = members_of(POOL)[0], world.incident
    assert begin(world, "investigator", person).status == 302
    assert met(world, "investigator", "reached", [person], asked="").status == 302
    # The tube of another pool is read: the same person is to be asked again.
    later(world, 20)
    entered(world, "sample.taken", SampleTaken(person, "T-AGAIN", "covid19", 10), ago=120)
    entered(world, "tube.resulted", TubeResulted("T-AGAIN", "covid19", "positive"), ago=-15, incident=True)
    assert incident == world.incident
    assert line_of(world, person).stand.state == "open"
    seen = world.ask("tracing", at(person), "en").text
    assert "already asked at 2020-12-09 09:00" in seen
    assert name_of(world, "investigator") in seen
    assert "Phone all the same" in seen
    assert begin(world, "tracing", person).status == 422
    later(world, 20 + USUAL.ask_again.micros // MINUTE)
    assert "Phone all the same" not in world.ask("tracing", at(person), "en").text


def test_three_unanswered_calls_send_someone_to_the_door(world: World) -> None:
    person = members_of(POOL)[0]
    area = Stay.objects.filter(person=person, void_seq=NEVER).values_list("area", flat=True)[0]
    for i in range(NO_ANSWERS):
        later(world, 40 * i)
        assert line_of(world, person).stand.state == ("again" if i else "open")
        assert not unreached(world, "duty")
        assert met(world, "investigator", "no_answer", [person]).status == 302
        if i < NO_ANSWERS - 1:
            again = line_of(world, person).stand.again_at
            assert again == centre().clock.now() + USUAL.retry.micros
    stood = line_of(world, person)
    assert (stood.stand.state, stood.stand.tries, stood.waits) == ("door", NO_ANSWERS, False)
    assert not {"recall.locate", "recall.interview"} & closed(person), "no answer closes nothing"
    door = world.ask("tracing", f"{reverse('calls')}?show=door", "en").text
    assert to_text(person) in door
    assert "not reached by phone: to the door" in door
    # On the list of whoever answers there, and of nobody else.
    assert unreached(world, "duty") == [person]
    for user in ("taiping", "pitong", "grid"):
        inside = world.look(user).scope.holds(area)
        assert unreached(world, user) == ([person] if inside else []), user
    sent(world, "duty", VERBS["locate"], {"person": person, "outcome": "staying", "area": None, "note": None})
    assert unreached(world, "duty") == []


def unreached(world: World, user: str) -> list[bytes]:
    return [bytes(p) for p in SHEETS["unreached"].rows(world.look(user)).values_list("person", flat=True)]


@pytest.mark.parametrize("outcome", ["refused", "wrong_number"])
def test_a_refusal_and_a_wrong_number_go_to_the_door_and_close_nothing(world: World, outcome: str) -> None:
    person = members_of(POOL)[0]
    entered(world, "person.amended", PersonAmended(person, phone="13912340009"))
    assert met(world, "investigator", outcome, [person]).status == 302
    assert not {"recall.locate", "recall.interview"} & closed(person)
    assert unreached(world, "duty") == [person]
    if outcome == "refused":
        assert line_of(world, person).stand.state == "refused"


def test_elsewhere_says_where(world: World) -> None:
    person = members_of(POOL)[0]
    assert met(world, "investigator", "reached", [person], said="elsewhere").status == 422
    assert CONTENT["call.made"].objects.filter(person=person).count() == 0, "all or nothing"
    assert met(world, "investigator", "reached", [person], said="elsewhere", words="绵阳,出差").status == 302
    located = CONTENT["person.located"].objects.filter(person=person).order_by("-at").first()
    assert located is not None
    assert (located.outcome, located.note) == ("elsewhere", "绵阳,出差")  # type: ignore[attr-defined]


def test_the_same_form_sent_twice_is_entered_once(world: World) -> None:
    person = members_of(POOL)[0]
    data = {"fact_id": fresh_id(world), "person": to_text(person), "outcome": "no_answer", "number": "other", "other": "13912340003",
            f"said-{person.hex()}": "reached", f"where-{person.hex()}": "staying"}  # fmt: skip
    for _ in range(2):
        assert world.ask("investigator", at(person), data=data).status == 302
    made = CONTENT["call.made"].objects.get(person=person)
    assert (made.whose, made.phone, bytes(made.caller)) == ("other", "13912340003", holder("investigator"))  # type: ignore[attr-defined]


# --- folding --------------------------------------------------------------------------------------------------------------
def test_a_resolved_pool_is_folded_with_who_was_asked(world: World) -> None:
    people = members_of(POOL)
    assert met(world, "investigator", "reached", people[:1]).status == 302
    later(world, 30)
    for i, person in enumerate(people):
        entered(world, "sample.taken", SampleTaken(person, f"{POOL}-s{i}", "covid19", 1), ago=-10)
        entered(world, "tube.resulted", TubeResulted(f"{POOL}-s{i}", "covid19", "negative"), ago=-20)
    entered(world, "tube.resulted", TubeResulted(POOL, "covid19", "negative", "rerun"), ago=-25, incident=True)
    part = next(p for p in of(world).parts if p.tube == POOL)
    assert part.folded
    assert not any(line.waits for line in part.lines)
    seen = world.ask("investigator", reverse("calls"), "en")
    assert "Resolved: nobody of these is asked any more" in seen.text
    listed = next(row for row in seen.read.rows if any(to_text(people[0]) in cell for cell in row) and "reached" in row)
    assert "already asked" in " ".join(listed)
    assert world.ask("investigator", f"{reverse('calls')}?show=all").text.count(to_text(people[1])) <= 1


# --- who sees it ----------------------------------------------------------------------------------------------------------
def test_strangers_see_nothing_and_an_auditor_no_number(world: World) -> None:
    person = members_of(POOL)[0]
    assert world.ask(None, reverse("calls")).signs_in
    for user in ("laboratory", "sampler", "data", "grid", "taiping", "pitong"):
        assert world.ask(user, reverse("calls")).status == 404, user
        assert world.ask(user, at(person)).status == 404, user
    seen = world.ask("auditor", reverse("calls"))
    assert seen.status == 200
    assert world.look("tracing").name(person) not in seen.text
    assert world.ask("auditor", at(person)).status == 404
    assert world.ask("auditor", reverse("calls"), data={"fact_id": fresh_id(world)}).status == 404
    assert world.ask("investigator", at(holder("grid"))).status == 404, "whoever is not on the desk is not found"


def test_the_past_is_as_it_was(world: World) -> None:
    person = members_of(POOL)[0]
    then = moment_at(world.opens, world.opens)
    text = [repr(line.stand) for g in of(world, moment=then).groups for line in g.lines]
    later(world, 10)
    assert met(world, "investigator", "no_answer", [person]).status == 302
    dealt(world, *CALLERS)
    assert [repr(line.stand) for g in of(world, moment=then).groups for line in g.lines] == text
    past = f"{reverse('calls')}?about=2020-12-09+09:00&known=2020-12-09+09:00"
    assert world.ask("investigator", past, data={"fact_id": fresh_id(world)}).status == 404


def test_more_people_need_no_more_statements(world: World) -> None:
    before = statements(lambda: world.ask("tracing", reverse("calls")))
    people = [
        bytes(p)
        for p in Stay.objects.filter(area__startswith="510117005", void_seq=NEVER).order_by("person").values_list("person", flat=True)[:60]
    ]
    for n in range(15):
        entered(world, "sample.taken", *(SampleTaken(p, f"T-MORE-{n}", "covid19", 10) for p in people[4 * n : 4 * n + 4]), ago=30)
        entered(world, "tube.resulted", TubeResulted(f"T-MORE-{n}", "covid19", "positive"), ago=5, incident=True)
    assert len([p for p in of(world).parts if p.tube.startswith("T-MORE")]) == 15
    assert statements(lambda: world.ask("tracing", reverse("calls"))) <= before + 2
    assert "T-MORE-14" in world.ask("tracing", reverse("calls")).text, "a pool too many for a card is still there"


def test_calls_stand_in_a_sheet_and_its_files(world: World) -> None:
    person = members_of(POOL)[0]
    assert met(world, "investigator", "no_answer", [person]).status == 302
    sheet = SHEETS["called"]
    assert world.look("tracing").name(person) in world.ask("tracing", sheet_url(sheet)).text
    assert "无人接听" in world.ask("tracing", sheet_url(sheet, csv=True)).text
    assert world.ask("grid", sheet_url(sheet)).status == 404


def test_names_of_many_callers_need_no_more_statements(world: World) -> None:
    people = members_of(POOL)
    others = [bytes(p) for p in User.objects.exclude(holder=None).order_by("username").values_list("holder", flat=True)][: len(people)]
    assert len(set(others)) > 4
    pairs = list(zip(people, others, strict=False))
    for n, (person, _who) in enumerate(pairs):
        body = CallMade(person, "reached", "own", "pidu.tracing", pairs[0][1])
        entered(world, "call.made", body, ago=60 + n, incident=True)
    world.ask("tracing", reverse("calls"))  # what is read once for all requests is read
    before = statements(lambda: world.ask("tracing", reverse("calls")))
    for n, (person, who) in enumerate(pairs):
        entered(world, "call.made", CallMade(person, "reached", "own", "pidu.tracing", who), ago=50 - n, incident=True)
    assert statements(lambda: world.ask("tracing", reverse("calls"))) <= before + 1


def fits(group: Group, wanted: str, me: bytes | None, now: Instant, at_work: set[bytes]) -> bool:
    """Whether a number is among those asked for, in plain Python: what the database is held to."""
    match wanted:
        case "all":
            return not all(line.folded for line in group.lines)
        case "door":
            return any(line.stand.state in TO_DOOR and not line.folded for line in group.lines)
        case "mine":
            return group.waits and me is not None and group.caller == me
        case "nobody":
            return group.waits and (group.caller is None or group.caller not in at_work)
        case "again":
            return group.waits and group.again_at is not None and group.again_at <= now
    return group.waits


def same_in_sql(world: World, user: str = "tracing", moment: Any = None) -> int:
    """The database counts, orders and groups as the whole desk in memory does; how many numbers there are."""
    look, me = world.look(user, moment=moment), holder(user)
    incident = next(i for i in incidents(look) if i.id == world.incident)
    at_work = {c.holder for c in callers(look)} | {me}
    whole, floor = desk(look, incident), calldesk.floor(look, incident, me, at_work)
    groups = calldesk.in_order(whole.groups, me, look.about)
    for wanted in calls._SHOWN:
        kept = [g for g in groups if fits(g, wanted, me, look.about, at_work)]
        told = callcount.counted(floor.counting, look, wanted, 1, 5000, 6)
        assert [(k, sorted(p)) for k, p in told.page] == [(g.key, sorted(line.person for line in g.lines)) for g in kept], wanted
        assert told.counts[wanted] == len(kept)
        assert callcount.counted(floor.counting, look, wanted, 99, 3, 6).page == told.page[(len(kept) - 1) // 3 * 3 :]
    rest = next((p for p in whole.parts if not p.tube), None)
    if rest is not None:
        sql = callcount.counted(floor.counting, look, "", 1, 1, 6).rest
        assert sql == (len(rest.lines), rest.reached, rest.door, rest.next_at, sorted(line.person for line in rest.missing)[:6])
    assert [
        [(line.person, line.stand) for line in g.lines]
        for g in calldesk.built(look, incident, floor, callcount.counted(floor.counting, look, "all", 1, 50, 0).page)
    ] == [[(line.person, line.stand) for line in g.lines] for g in groups if fits(g, "all", me, look.about, at_work)][:50]
    waits = [g for g in groups if g.waits]
    held, people = callcount.held(floor.counting, look, None)
    assert (sum(held.values()), people) == (len(waits), sum(line.waits for g in waits for line in g.lines))
    assert {w.key: sorted(w.people) for w in callcount.waiting(floor.counting, look, None, 9999)} == {
        g.key: sorted((line.person, line.area) for line in g.lines if line.waits) for g in waits
    }
    for group in groups[::7]:
        assert sorted(callcount.beside(floor.counting, look, group.lines[-1].person)) == sorted(line.person for line in group.lines)
    return len(groups)


def many_calls(world: World, seed: int) -> None:
    """Contacts judged, numbers written in every way, calls that met everything, deals: by lot."""
    source = random.Random(seed)
    people = sorted(
        bytes(p) for p in Stay.objects.filter(void_seq=NEVER, area__startswith="510117").values_list("person", flat=True).distinct()
    )
    some = source.sample(people, 30)
    homes = list(Stay.objects.filter(void_seq=NEVER, person__in=some[:8]).values_list("household", flat=True))
    some += [bytes(p) for p in Stay.objects.filter(void_seq=NEVER, household__in=homes).values_list("person", flat=True)]
    some = list(dict.fromkeys([*some, *members_of(POOL)[:6]]))
    for person in some:
        entered(
            world, "contact.judged", ContactJudged(person, "close", "试 · test", "pidu.tracing"), ago=source.randrange(300), incident=True
        )
        if source.random() < 0.5:
            phone = source.choice(
                ("13912340001", "139 1234 0002", "+86 13912340001", "028-87654321", "无", "13900000000", "13912340003", "00012345678")
            )
            entered(world, "person.amended", PersonAmended(person, phone=phone), ago=200)
        for _ in range(source.randrange(4)):
            met = source.choice(("no_answer", "no_answer", "no_answer", "wrong_number", "wrong_number", "refused", "reached", "elsewhere"))
            phone = source.choice((None, "13912340001", "139 1234 0002", "02887654321"))
            body = CallMade(person, met, source.choice(("own", "household", "other")), "pidu.tracing", None, phone)
            entered(world, "call.made", body, ago=source.randrange(400), incident=True)
        if source.random() < 0.5:
            who = source.choice([holder("tracing"), holder("investigator"), holder("grid"), None])
            entered(world, "call.assigned", CallAssigned(person, "pidu.tracing", who), ago=source.randrange(300), incident=True)


@pytest.mark.parametrize("seed", range(12 if thorough() else 2))
def test_the_database_says_what_the_desk_is(world: World, seed: int) -> None:
    many_calls(world, seed)
    assert same_in_sql(world) > 20
    assert same_in_sql(world, "investigator") > 20
    past = moment_at(Instant(world.opens - 90 * MINUTE), Instant(world.opens))
    same_in_sql(world, moment=past)


@pytest.mark.parametrize("bug", ["NO_ANSWERS", "TO_DOOR", "dialled"])
def test_a_planted_bug_in_the_database_is_caught(world: World, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    wrong = {"NO_ANSWERS": 2, "TO_DOOR": frozenset({"door"}), "dialled": lambda text: None}[bug]
    monkeypatch.setattr(callcount, "_ODD", {})
    monkeypatch.setattr(callcount, bug, wrong)
    many_calls(world, 1)
    with pytest.raises(AssertionError):
        same_in_sql(world)


def test_two_tubes_open_at_once_count_from_the_later_on_both_lists(world: World) -> None:
    """Not reached because of the first, then in a second: they are phoned again, and nobody goes to the door before that."""
    person = members_of(POOL)[0]
    began = line_of(world, person).since
    for n in range(NO_ANSWERS):
        entered(
            world,
            "call.made",
            CallMade(person, "no_answer", "own", "pidu.tracing", None),
            ago=(world.opens - began) // MINUTE - 1 - n,
            incident=True,
        )
    assert unreached(world, "duty") == [person] and line_of(world, person).stand.state == "door"
    entered(world, "sample.taken", SampleTaken(person, "T-TWO", "covid19", 10), ago=40)
    entered(world, "tube.resulted", TubeResulted("T-TWO", "covid19", "positive"), ago=1, incident=True)
    line = line_of(world, person)
    assert {POOL, "T-TWO"} <= set(line.tubes)
    assert line.stand.state == "open" and unreached(world, "duty") == []
    same_in_sql(world)


def test_a_number_put_right_is_dialled(world: World) -> None:
    person = members_of(POOL)[0]
    one_phone(world, [person], "13912340009")
    assert met(world, "investigator", "wrong_number", [person]).status == 302
    assert CONTENT["call.made"].objects.get(person=person).phone == "13912340009"
    later(world, 1)
    entered(world, "person.amended", PersonAmended(person, phone="13912340010"), ago=0)
    stood = line_of(world, person).stand
    assert (stood.state, stood.number.phone) == ("open", "13912340010")


def test_who_was_talked_to_or_is_owed_something_new_is_not_at_the_door(world: World) -> None:
    """Calls count from when what is owed began, in the same incident; whoever was talked to since is not sought at the door."""
    person, other, third = members_of(POOL)[:3]
    for ago in (900, 800, 700):
        entered(world, "call.made", CallMade(person, "no_answer", "own", "pidu.tracing", None), ago=ago, incident=True)
    entered(world, "call.made", CallMade(third, "refused", "own", "pidu.tracing", None), ago=700, incident=True)
    entered(world, "call.made", CallMade(other, "reached", "own", "pidu.tracing", None), ago=5, incident=True)
    entered(world, "call.made", CallMade(other, "refused", "own", "pidu.tracing", None), ago=1, incident=True)
    assert line_of(world, person).since > world.opens - 700 * MINUTE
    assert unreached(world, "duty") == []
    entered(world, "call.made", CallMade(third, "refused", "own", "pidu.tracing", None), ago=1, incident=True)
    assert unreached(world, "duty") == [third]


def test_a_call_to_another_record_of_the_same_person_counts(world: World) -> None:
    person = members_of(POOL)[0]
    old = new_id(Instant(world.opens))
    area = Stay.objects.filter(person=person, void_seq=NEVER).values_list("area", flat=True)[0]
    entered(world, "person.enrolled", PersonEnrolled(old, "试某", area), ago=100)
    entered(world, "call.made", CallMade(old, "refused", "own", "pidu.tracing", None), ago=2, incident=True)
    entered(world, "person.identified", PersonIdentified(old, person, "试 · test"), ago=1)
    assert unreached(world, "duty") == [old]
    for user in ("taiping", "pitong"):
        assert bool(unreached(world, user)) == world.look(user).scope.holds(area), user
    assert SHEETS["called"].rows(world.look("tracing")).filter(person=old).exists()
    entered(world, "person.located", PersonLocated(person, "staying"), ago=0)
    assert unreached(world, "duty") == []


def test_a_deal_that_was_refused_in_part_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "CHUNK", 2)
    done: list[int] = []

    def refusing(look: Any, acts: Any) -> Any:
        if done:
            raise Refused([Problem(None, "不行", "it may not be")])
        done.append(len(acts))
        return do_all(look, acts)

    monkeypatch.setattr(calls, "do_all", refusing)
    client = world.client("tracing", "en")
    data = {"fact_id": fresh_id(world), "caller": [to_text(holder("investigator"))]}
    assert world.ask("tracing", reverse("calls-deal"), data=data, client=client).status == 302
    seen = world.ask("tracing", reverse("calls-deal"), client=client).text
    assert "2 people were dealt anew" in seen
    assert "it may not be" in seen
    assert "<strong>Nothing was entered" not in seen


def test_nobody_is_offered_to_deal_where_their_post_may_not(world: World) -> None:
    look = world.look("tracing")
    chair = look.viewer.chairs[0]
    groups = [g for g in of(world).groups if g.waits]
    area = groups[0].lines[0].area
    near = chair._replace(reach=frozenset({area}))
    wide = chair._replace(role=chair.role._replace(verbs=frozenset(chair.role.verbs) - {"assign_call"}))
    two = replace(look, viewer=look.viewer._replace(chairs=(near, wide)))
    floor = calldesk.floor(two, next(i for i in incidents(look) if i.id == world.incident), None, ())
    offered = {w.key for w in callcount.waiting(floor.counting, two, calls._reach(two), 9999)}
    dealt_by = [g for g in groups if all(line.area in (None, area) for line in g.lines if line.waits)]
    assert groups[0].key in offered
    assert offered == {g.key for g in dealt_by}
    assert sum(callcount.held(floor.counting, two, calls._reach(two))[0].values()) == len(offered)
    assert len(dealt_by) < len(groups)
