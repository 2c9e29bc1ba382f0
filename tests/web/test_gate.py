"""At a door: yes or not now, and nothing else; written down before it is said; no list, no name, no oracle; planted doors are caught."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import Error, connection
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import OrderMade, PersonEnrolled
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock
from bulou.desks.people import gate
from bulou.duties import copies
from bulou.duties.enter import enter
from bulou.gaps.passing import Bar, Passing
from bulou.kit import doorchecks, doorpasses
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import DoorCheck, Look
from bulou.kit.sheet import SHEETS
from bulou.kit.signing import EVERY, read_published, verdict
from bulou.register import tokens
from bulou.register.models import User
from tests.web.test_httpverbs import body, post
from tests.web.test_shifts import ELSEWHERE as HERE
from tests.web.test_shifts import VILLAGE, join, phone, shift
from tests.web.test_tokens import made
from tests.web.world import Seen, World, sheet_url

FREE, HELD, NOBODYS = "510124199001010011", "51012419900101002X", "510124199001010038"
NAME = "欧阳门口"


def put(world: World, *facts: Fact) -> None:
    assert not enter(list(facts), by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def people(world: World, ends: int = 3 * DAY) -> tuple[bytes, bytes]:
    """Two people of another street: one free to go, one under an order; both come to a gate where no zone is."""
    book = world.look("commander").areas
    away = next(
        c
        for c, p in sorted(book.places.items(), reverse=True)
        if p.level == "street" and c not in (HERE, "510117001") and c.startswith("510117")
    )
    one, two, order = (new_id(world.opens) for _ in range(3))
    for person, number in ((one, FREE), (two, HELD)):
        body = PersonEnrolled(person, NAME, away, document_kind="id_card", document=number)
        put(world, Fact(person, "person.enrolled", Instant(world.opens - DAY), None, body))
    made = OrderMade(order, two, "central", "covid19/cn-7", "close", Instant(world.opens - DAY), Instant(world.opens - HOUR), Instant(world.opens + ends),
                     "同桌吃饭的密接", "pidu.tracing")  # fmt: skip
    put(world, Fact(order, "order.made", Instant(world.opens - HOUR), world.incident, made))
    return one, two


def officer(world: World) -> Client:
    _id, url = shift(world, "checkpoint_officer", area=HERE)
    return join(url)[0]


def ask(client: Client, number: str, door: str = HERE) -> Any:
    return client.post(reverse("door"), {"door": door, "number": number})


def said(answer: Any) -> str:
    """What the door is told, without the form."""
    found = re.search(r'id="door-answer">(.*?)</section>', answer.content.decode(), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_a_phone_on_shift_is_told_yes_or_not_now(world: World) -> None:
    people(world)
    client = officer(world)
    assert client.get(reverse("door")).status_code == 200
    free, held = said(ask(client, FREE)), said(ask(client, HELD))
    assert "可以通行" in free
    assert "暂不通行" in held
    assert "请留在隔离点" in held
    assert world.look("commander").time(world.opens + 3 * DAY, deadline=True) in held
    for text in (free, held):
        assert not re.search(r"密接|阳性|隔离令|同桌|" + NAME, text), text
        assert FREE not in text and HELD not in text


def test_whoever_is_not_known_is_told_what_everyone_is_told(world: World) -> None:
    """Nobody learns at a door who is on the register."""
    people(world)
    client = officer(world)
    assert said(ask(client, NOBODYS)) == said(ask(client, FREE))


def test_a_door_that_tells_who_is_known_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: whoever is not on the register is not let through."""
    people(world)
    client = officer(world)
    edition = centre().protocol.editions["covid19/cn-7"]
    bar = Bar(edition.passings[0], edition.id, None, None)
    monkeypatch.setattr(gate, "passing", lambda facts, protocol, who, door, at: Passing(who is not None, None if who else bar))
    assert said(ask(client, NOBODYS)) != said(ask(client, FREE))


def test_a_gate_of_a_zone_says_so_and_whom_to_call(world: World) -> None:
    """The village stands in a medium zone of the demo: whoever stays elsewhere, or is not known, does not enter for now."""
    people(world)
    _id, url = shift(world, "checkpoint_officer")
    client = join(url)[0]
    for number in (FREE, NOBODYS):
        told = said(ask(client, number, VILLAGE))
        assert "本区域暂不进入" in told
        assert "至解除为止" in told
    english = join(url, "Wang", client=phone("en"))[0]
    assert "Not now" in said(ask(english, FREE, VILLAGE))


def test_the_answer_follows_the_order_and_the_hour(world: World) -> None:
    people(world, ends=2 * HOUR)
    client = officer(world)
    assert "暂不通行" in said(ask(client, HELD))
    set_clock(SetClock(Instant(world.opens + 2 * HOUR)))
    assert "可以通行" in said(ask(client, HELD)), "an order that ended holds nobody at a door"


def test_written_down_before_it_is_said_and_not_said_where_it_cannot_be(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _free, held = people(world)
    client = officer(world)
    looks = Look.objects.count()
    ask(client, HELD)
    ask(client, NOBODYS)
    last, first = DoorCheck.objects.order_by("-id")[:2]
    assert (bytes(first.person), first.passes, first.rule, first.area) == (held, False, "covid19/cn-7 passing.order.central", HERE)
    assert (last.person, last.passes, last.rule) == (None, True, "")
    assert first.device == client.session["seat"][1]
    assert Look.objects.count() == looks, "where someone passed does not stay with the looks"

    def broken(*_a: Any) -> None:
        raise Error

    monkeypatch.setattr(gate, "write_down", broken)
    refused = ask(client, HELD)
    assert refused.status_code == 503
    assert "暂不通行" not in refused.content.decode()


def test_half_a_number_finds_nobody_and_no_address_keeps_one(world: World) -> None:
    people(world)
    client = officer(world)
    assert ask(client, HELD[-4:]).status_code == 422
    assert "可以通行" in said(ask(client, HELD[6:])), "the end of a number is nobody's"
    assert "暂不通行" not in client.get(f"{reverse('door')}?door={HERE}&number={HELD}").content.decode()
    assert "暂不通行" in said(ask(client, " ".join(HELD.lower()))), "as people write it"


def test_a_door_elsewhere_and_a_role_without_doors_are_not_asked(world: World) -> None:
    client = officer(world)
    assert ask(client, FREE, VILLAGE).status_code == 422
    assert DoorCheck.objects.count() == 0
    for user in ("tracing", "laboratory", "data", "nobody", "auditor"):
        assert world.ask(user, reverse("door")).status in (302, 404), user
    assert world.ask("taiping", reverse("door")).status == 200


def test_a_gate_does_not_search_people(world: World) -> None:
    client, text = officer(world), world.ask("commander", "/search?q=王").text
    assert "/people/person/" in text, "the control: others find someone"
    assert "/people/person/" not in world.ask(None, "/search?q=王", client=client).text
    people(world)
    assert not re.search(r"#[0-9a-f]{6}|某|\*", said(ask(client, HELD)))
    found = world.ask(None, f"/search?q={HELD[-4:]}", client=client).text
    assert NAME[0] not in re.sub(r"<[^>]+>", " ", found)


def test_the_auditor_sees_the_checks_and_no_name(world: World) -> None:
    people(world)
    ask(officer(world), HELD)
    page = world.ask("auditor", sheet_url(SHEETS["door-checks"]))
    assert page.status == 200
    assert "暂不通行" in page.text
    assert NAME not in page.text and HELD not in page.text
    assert world.ask("auditor", sheet_url(SHEETS["door-checks"], csv=True)).status == 200
    assert world.ask("taiping", sheet_url(SHEETS["door-checks"])).status == 404


def test_checks_are_destroyed_after_two_weeks_and_changed_never(world: World) -> None:
    people(world)
    ask(officer(world), HELD)
    now = int(world.opens)
    kept = copies.old(connection, Instant(now + copies.DOOR_DAYS * DAY - HOUR), dry=False)
    assert (kept.checks, DoorCheck.objects.count()) == (0, 1)
    gone = copies.old(connection, Instant(now + copies.DOOR_DAYS * DAY + HOUR), dry=False)
    assert (gone.checks, DoorCheck.objects.count()) == (1, 0)


# --- signed passes ------------------------------------------------------------------------------------------------------
def test_a_pass_is_signed_for_whoever_may_pass_and_withdrawn_when_that_ends(world: World) -> None:
    """The known limit, from both ends: without a network a pass lives to its end; with one its number is told as withdrawn."""
    free, held = people(world)
    assert doorpasses.sign(held, "510117", EVERY, "002X") is None, "there is no signed no"
    signed = doorpasses.sign(free, HERE, EVERY, "0011")
    assert signed is not None
    assert NAME not in signed.text and FREE[-4:] not in signed.text
    public = world.ask(None, reverse("pass-keys"))
    keys, withdrawn = read_published(public.text)
    assert public.headers["Cache-Control"] == "no-store" and not withdrawn
    assert verdict(signed.text, keys, world.opens).state == "good"
    made = OrderMade(new_id(world.opens), free, "central", "covid19/cn-7", "close", Instant(world.opens - DAY), world.opens, Instant(world.opens + DAY),
                     "后来判定", "pidu.tracing")  # fmt: skip
    put(world, Fact(made.order, "order.made", world.opens, world.incident, made))
    later, withdrawn = read_published(world.ask(None, reverse("pass-keys")).text)
    assert withdrawn == [signed.told.number]
    assert verdict(signed.text, later, world.opens, withdrawn).state == "withdrawn"
    assert verdict(signed.text, keys, world.opens).state == "good", "a phone that fetched nothing: why passes are short"


def test_a_pass_for_everywhere_is_not_signed_where_a_zone_says_no(world: World) -> None:
    free, _held = people(world)
    assert doorpasses.sign(free, "510117", EVERY, "0011") is None, "the village's gate would say not now"
    assert doorpasses.sign(free, HERE, "market", "0011") is not None


def test_passes_are_destroyed_when_their_time_is_over(world: World) -> None:
    free, _held = people(world)
    signed = doorpasses.sign(free, HERE, EVERY, "0011")
    assert signed is not None and signed.told.ends <= world.opens + 12 * HOUR
    assert copies.old(connection, Instant(signed.told.ends), dry=False).passes == 0
    assert copies.old(connection, Instant(signed.told.ends + 1), dry=False).passes == 1


def test_the_door_page_brings_what_reading_passes_needs_and_no_pass(world: World) -> None:
    told = officer(world).get(reverse("door")).content.decode()
    assert "<bulou-pass" in told and '"lineage"' in told
    assert doorpasses.keys().signing(world.opens).private_bytes_raw().hex() not in told


# --- by a program -----------------------------------------------------------------------------------------------------
def token_of(user: str, door: str, *verbs: str) -> str:
    return tokens.make(User.objects.get(username=user), "闸机", verbs, 30, centre().clock.now(), door=door)


def asked(world: World, token: str, number: Any, **more: Any) -> Seen:
    client = world.client(None)
    answer = client.post(
        reverse("api:route-door"),
        json.dumps({"number": number, **more}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return Seen("", answer.status_code, dict(answer.items()), answer.content.decode())


def test_a_token_of_a_door_is_answered_as_the_page_answers(world: World) -> None:
    """The same words, hour and telephone; whoever is not known is told what everyone is told; each check is written down; no name."""
    _free, held = people(world)
    token = token_of("taiping", VILLAGE)
    looks = Look.objects.count()
    for number in (FREE, HELD, NOBODYS):
        seen = asked(world, token, number)
        assert seen.status == 200, seen.text
        found, page = json.loads(seen.text), said(world.client("taiping").post(reverse("door"), {"door": VILLAGE, "number": number}))
        assert found["passes"] == ("可以通行" in page)
        assert all(found[part] in page for part in ("says", "unit", "phone") if found[part])
        assert NAME not in seen.text and number not in seen.text
    assert asked(world, token, NOBODYS).text == asked(world, token, FREE).text
    rows = DoorCheck.objects.filter(device="闸机").order_by("id")
    assert [bytes(r.person) if r.person else None for r in rows][1] == held
    assert (rows.count(), rows[1].passes, rows[1].area) == (5, False, VILLAGE)
    assert Look.objects.count() == looks, "where someone passed does not stay with the looks"


def test_a_token_of_a_door_does_nothing_else(world: World) -> None:
    """No list, no act, no other door; a device's token without a door does not ask at any."""
    door = token_of("taiping", VILLAGE)
    client = world.client(None)
    for url in (reverse("api:list-people"), reverse("api:list-mine"), reverse("api:list-door-checks")):
        refused = client.get(url, headers={"Authorization": f"Bearer {door}"})
        assert (refused.status_code, "门口" in refused.content.decode()) == (403, True)
    user, sent = body(world, "locate")
    assert post(world, None, "locate", sent, Authorization=f"Bearer {door}").status == 403
    assert asked(world, door, FREE, door=HERE).status == 422
    assert asked(world, door, FREE, door=VILLAGE).status == 200
    assert asked(world, made("taiping", "locate"), FREE).status == 403
    assert asked(world, token_of("tracing", VILLAGE), FREE).status == 403, "no role with doors"
    assert asked(world, token_of("taiping", HERE), FREE).status == 403, "a door that is not theirs"
    for wrong in ("12345", "", None, 7, "x" * 90, "\x00" * 8):
        assert asked(world, door, wrong).status == 422
    with pytest.raises(ValueError, match="door"):
        token_of("taiping", VILLAGE, "locate")
    assert user


def test_nobody_tries_out_numbers_at_a_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorchecks, "MOST_A_MINUTE", 3)
    token = token_of("taiping", VILLAGE)
    seen = [asked(world, token, FREE) for _ in range(4)]
    assert [s.status for s in seen] == [200, 200, 200, 429]
    assert 0 < int(seen[3].headers["Retry-After"]) <= 60
    assert DoorCheck.objects.count() == 3
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    assert asked(world, token, FREE).status == 200


def test_what_cannot_be_written_down_is_not_answered_to_a_program(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_a: Any) -> None:
        raise Error

    monkeypatch.setattr(gate, "write_down", broken)
    assert asked(world, token_of("taiping", VILLAGE), FREE).status == 503


def test_a_token_of_a_door_is_made_on_its_page(world: World) -> None:
    page = reverse("tokens")
    made_ = world.ask("taiping", page, data={"device": "村口闸机", "days": "30", "door": VILLAGE})
    assert made_.status == 200
    token = re.search(r"<code>(bulou_[\w-]+)</code>", made_.text)
    assert token and asked(world, token[1], FREE).status == 200
    for wrong in (
        {"door": VILLAGE, "verbs": ["locate"]},
        {"door": VILLAGE, "pin": "314159"},
        {"door": "110000"},
        {"pin": "111111"},
        {"verbs": ["open_shift"]},
    ):
        assert world.ask("taiping", page, data={"device": "x", "days": "30", **wrong}).status == 422, wrong
    own = world.ask("taiping", page, data={"device": "x", "days": "30", "verbs": ["open_shift"], "pin": "314159"})
    assert (own.status, "PIN" in own.text) == (200, True)
