"""What is shown before it is done, by programs: as strict as the page, in two steps, in person, once; no device and no shift's pass does it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import MINUTE, Instant, SetClock, to_datetime
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Aside, Contact, Envelope
from bulou.evidence.now import NEVER
from bulou.kit import httpconfirm
from bulou.kit.centre import centre, set_clock
from bulou.kit.confirming import CONFIRMED
from bulou.kit.httpconfirm import LIVES
from bulou.kit.verb import SHOWN_FIRST, VERBS
from bulou.protocol.lint import unverified, unverified_at_doors
from bulou.register import tokens
from bulou.register.models import DeviceToken, ShiftPass, User
from tests.run import drawn
from tests.web.test_httpverbs import post
from tests.web.test_shifts import join, shift
from tests.web.test_tokens import made
from tests.web.test_verbs import good, ready
from tests.web.world import NOBODY, Seen, World

PIN = "314159"


def said(world: World, name: str) -> tuple[str, dict[str, Any]]:
    """Somebody who may do it, and a body for which it is done: what its page would be told."""
    user, values = good(world, name)
    declared = CONFIRMED[name]
    more: dict[str, Any] = {}
    match name:
        case "draw_zone":
            more = {"areas": ["510117001218"]}
        case "sign_edition":
            edition = centre().protocol.editions["covid19/cn-7"]
            more = {"rules": [r.name for r in (*unverified(edition), *unverified_at_doors(edition))]}
        case "give_page":
            more = {"days": 7}
        case "print_doors":
            user, values, more = "taiping", {**values, "area": "510117001218"}, {"hours": 24}
        case "make_order":
            edition = centre().protocol.editions["covid19/cn-7"]
            rows = Contact.objects.filter(void_seq=NEVER).order_by("person")
            values["person"], values["ring"] = bytes(rows.values_list("person", flat=True)[0]), "close"
        case "open_shift":
            values["area"] = "510117001218" if user == "taiping" else values["area"]
        case "ask_export":
            values["query"] = None
    content: dict[str, Any] = {}
    for field in KINDS[VERBS[name].kind].fields:
        value = values.get(field.name)
        if field.name in declared.fields and value is not None:
            value = to_text(value) if isinstance(value, bytes) else value
            content[field.name] = to_datetime(Instant(value)).isoformat() if field.type == "instant" else value
    found: dict[str, Any] = {"id": to_text(new_id(world.opens)), "content": {**content, **more}}
    if name in ("draw_zone", "make_order", "name_point", "publish_callup", "open_signals"):
        found["incident"] = to_text(world.incident)
    return user, found


def ledger() -> tuple[int, int]:
    """What stands in the ledger; that somebody looked is sealed into it as well, and is no act of theirs."""
    return Envelope.objects.exclude(kind="looks.sealed").count(), Aside.objects.count()


def told(seen: Seen) -> Any:
    assert seen.status == 200, seen.text
    return json.loads(seen.text)


def shown(world: World, user: str, name: str, body: dict[str, Any], **headers: str) -> Any:
    answer = told(post(world, None if headers else user, name, body, **headers))
    assert answer["fate"] == "shown" and answer["code"], answer
    return answer


def mine(user: str, *verbs: str) -> dict[str, str]:
    token = tokens.make(User.objects.get(username=user), "desk", verbs, 30, centre().clock.now(), PIN)
    return {"Authorization": f"Bearer {token}", "X-Pin": PIN}


def problems(seen: Seen, status: int = 422) -> set[str | None]:
    assert seen.status == status, seen.text
    found = json.loads(seen.text)["problems"]
    assert all(p["zh"] and p["en"] for p in found)
    return {p["field"] for p in found}


# --- two steps --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(SHOWN_FIRST))
def test_it_is_shown_then_done_and_sent_again_it_is_once(world: World, name: str) -> None:
    with transaction.atomic():
        ready(world, name)
        user, body = said(world, name)
        before, duties = ledger(), Duty.objects.count()
        first = shown(world, user, name, body)
        assert (ledger(), Duty.objects.count()) == (before, duties), "shown is not done"
        assert first["shows"] and all(first["shows"])
        assert first["entry"] is None
        done = post(world, user, name, {**body, "code": first["code"]})
        if CONFIRMED[name].file:
            assert done.status == 200 and done.headers["Content-Type"].startswith(CONFIRMED[name].file)
        else:
            assert told(done)["fate"] == "new"
        entered = ledger()
        assert entered > before
        again = told(post(world, user, name, {**body, "code": first["code"]}))
        assert (again["fate"], again["gives"]) == ("same", None)
        assert told(post(world, user, name, body))["fate"] == "same"
        assert ledger() == entered
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", drawn(sorted(SHOWN_FIRST), "make_order", "draw_zone", "change_account"))
def test_no_device_and_no_pass_of_a_shift_does_it(world: World, name: str) -> None:
    """By a device's token, a PIN that is wrong or missing, a token without the verb, a phone on shift, a stranger: nothing, with the reason."""
    ready(world, name)
    user, body = said(world, name)
    before = ledger()
    device = post(world, None, name, body, Authorization=f"Bearer {made(user, name)}")
    assert (device.status, "设备令牌" in device.text) == (403, True)
    own = mine(user, name)
    for pin in ("", "271828"):
        wrong = post(world, None, name, body, **{**own, "X-Pin": pin})
        assert (wrong.status, "PIN" in wrong.text) == (403, True)
    assert post(world, None, name, body, **mine(user)).status == 403, "a token made for other verbs"
    phone = join(shift(world, "checkpoint_officer")[1])[0]
    on_shift = post(world, None, name, body, client=phone)
    assert (on_shift.status, "班次" in on_shift.text) == (403, True)
    assert post(world, None, name, body).status == 401
    assert post(world, NOBODY, name, body).status == 403
    others = [u for u in ("auditor", "laboratory", "grid") if not world.look(u).viewer.may(name)]
    assert others and all(post(world, u, name, body).status == 403 for u in others)
    assert ledger()[0] - before[0] <= 3, "the shift, its seat and its person alone"


def test_ones_own_token_with_its_pin_does_it_and_five_wrong_pins_end_it(world: World) -> None:
    user, body = said(world, "establish_post")
    own = mine(user, "establish_post")
    code = shown(world, user, "establish_post", body, **own)["code"]
    assert told(post(world, None, "establish_post", {**body, "code": code}, **own))["fate"] == "new"
    for _ in range(tokens.MOST_TRIES):
        assert post(world, None, "establish_post", body, **{**own, "X-Pin": "000111222"}).status == 403
    assert post(world, None, "establish_post", body, **own).status == 401, "ended"
    assert PIN not in str(list(DeviceToken.objects.values()))


def test_a_device_that_may_after_all_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody asks in whose hands the token is."""
    monkeypatch.setattr(httpconfirm, "_in_person", lambda request, look: None)
    with pytest.raises(AssertionError):
        test_no_device_and_no_pass_of_a_shift_does_it(world, "make_order")


# --- the code ---------------------------------------------------------------------------------------------------------
def test_a_code_holds_for_what_was_shown_alone(world: World) -> None:
    """Other content, another id, another person, made up, late: nothing is done, and what would be right is said."""
    user, body = said(world, "make_order")
    code = shown(world, user, "make_order", body)["code"]
    before = CONTENT["order.made"].objects.count()
    other = {**body, "content": {**body["content"], "reason": "另一理由"}}
    assert problems(post(world, user, "make_order", {**other, "code": code})) == {"code"}
    assert problems(post(world, user, "make_order", {**body, "id": to_text(new_id(world.opens)), "code": code})) == {"code"}
    someone = next(u for u in ("commander", "tracing") if u != user)
    assert problems(post(world, someone, "make_order", {**body, "code": code})) == {"code"}
    for made_up in ("x", "", code[:-2], 7, ["x"], "x" * 500):
        assert problems(post(world, user, "make_order", {**body, "code": made_up})) == {"code"}
    set_clock(SetClock(Instant(world.opens + LIVES + MINUTE)))
    assert problems(post(world, user, "make_order", {**body, "code": code})) == {"code"}
    assert CONTENT["order.made"].objects.count() == before


def test_what_would_follow_otherwise_by_now_is_looked_at_again(world: World) -> None:
    """Between the two steps another order is made for the same person: the code was for a person without it."""
    user, body = said(world, "make_order")
    code = shown(world, user, "make_order", body)["code"]
    other = {**body, "id": to_text(new_id(world.opens))}
    done = post(world, user, "make_order", {**other, "code": shown(world, user, "make_order", other)["code"]})
    assert told(done)["fate"] == "new"
    assert problems(post(world, user, "make_order", {**body, "code": code})) == {"code"}
    again = shown(world, user, "make_order", body)
    assert any("代替" in line for line in again["shows"])


def test_a_code_for_anything_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a code is not looked at."""
    monkeypatch.setattr(httpconfirm, "_confirms", lambda code, digest, now: True)
    with pytest.raises(AssertionError):
        test_a_code_holds_for_what_was_shown_alone(world)


# --- as strict as the page --------------------------------------------------------------------------------------------
def test_an_order_is_of_a_contact_and_no_date_is_filled_in(world: World) -> None:
    user, body = said(world, "make_order")
    without = {k: v for k, v in body["content"].items() if k not in ("measure", "anchor", "starts", "ends")}
    seen = post(world, user, "make_order", {**body, "content": without})
    assert problems(seen) == {"measure", "anchor", "starts", "ends"}
    assert "方案建议" in seen.text and "proposes" in seen.text
    stranger = {**body["content"], "person": to_text(named_id("nobody at all"))}
    assert post(world, user, "make_order", {**body, "content": stranger}).status == 404
    assert problems(post(world, user, "make_order", {k: v for k, v in body.items() if k != "incident"})) == {"incident"}
    assert problems(post(world, user, "make_order", {**body, "content": {**body["content"], "reason": " "}})) == {"reason"}


def test_a_zone_asks_for_its_safeguards_and_for_areas_of_ones_own(world: World) -> None:
    user, body = said(world, "draw_zone")
    content = body["content"]
    assert problems(post(world, user, "draw_zone", {**body, "content": {**content, "fire_exits": False, "lane_minutes": 90}})) == {
        "fire_exits", "lane_minutes",
    }  # fmt: skip
    assert problems(post(world, user, "draw_zone", {**body, "content": {**content, "areas": ["110000"]}})) == {"areas"}
    assert problems(post(world, user, "draw_zone", {**body, "content": {**content, "areas": []}})) == {"areas"}
    first = shown(world, user, "draw_zone", body)
    assert first["follows"]["opened"] > 0 and first["follows"]["come"]
    done = told(post(world, user, "draw_zone", {**body, "code": first["code"]}))
    assert done["fate"] == "new"
    zone = bytes.fromhex(body["id"].replace("-", ""))
    assert [r.area for r in CONTENT["zone.extended"].objects.filter(zone=zone)] == ["510117001218"]
    other = {**body, "content": {**content, "areas": ["510117001"]}}
    assert post(world, user, "draw_zone", other).status == 409, "the same zone elsewhere"


def test_each_unverified_rule_is_taken_over_by_name(world: World) -> None:
    user, body = said(world, "sign_edition")
    some = {**body["content"], "rules": body["content"]["rules"][1:]}
    seen = post(world, user, "sign_edition", {**body, "content": some})
    assert problems(seen) == {"rules"}
    assert body["content"]["rules"][0] in seen.text


def test_what_is_given_once_is_given_once_and_works(world: World) -> None:
    """The link of an account, the link and PIN of a shift: in the answer that did it, and kept nowhere."""
    user, body = said(world, "change_account")
    content = {"change": "invited", "reason": "新人", "username": "new.one", "name": "新某某", "area": "510117001"}
    body = {**body, "content": content}
    first = shown(world, user, "change_account", body)
    assert not User.objects.filter(username="new.one").exists()
    link = told(post(world, user, "change_account", {**body, "code": first["code"]}))["gives"]["link"]
    assert User.objects.filter(username="new.one").exists()
    assert Client().get(re.sub(r"^https?://[^/]+", "", link)).status_code == 200
    assert problems(post(world, user, "change_account", {**body, "id": to_text(new_id(world.opens))})) == {"username"}
    lead, body = said(world, "open_shift")
    first = shown(world, lead, "open_shift", body)
    assert not ShiftPass.objects.filter(shift=bytes.fromhex(body["id"].replace("-", ""))).exists()
    given = told(post(world, lead, "open_shift", {**body, "code": first["code"]}))["gives"]
    phone = Client()
    joined = phone.post(re.sub(r"^https?://[^/]+", "", given["link"]), {"name": "王采样", "pin": given["pin"]})
    assert joined.status_code == 302


def test_what_lies_elsewhere_is_neither_shown_nor_done(world: World) -> None:
    """A village's list is not another village's to print, return or see; a fact of elsewhere is not withdrawn."""
    _user, body = said(world, "print_doors")
    before = ledger()
    far = {**body, "content": {**body["content"], "area": "510117008"}}
    assert post(world, "taiping", "print_doors", far).status in (404, 422)
    _user, back = said(world, "return_list")
    mine_ = {u for u in world.users if world.look(u).viewer.may("return_list")}
    assert {
        post(world, u, "return_list", back).status for u in mine_ if "510117001218" not in (world.look(u).scope.codes or {"510117001218"})
    } <= {404}
    lab = post(
        world, "laboratory", "withdraw_result", {"id": back["id"], "content": {"target": to_text(named_id("no fact")), "reason": "x"}}
    )
    assert lab.status == 404
    assert ledger() == before


def test_a_session_needs_its_csrf_token_and_looking_back_does_nothing(world: World) -> None:
    user, body = said(world, "establish_post")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world.client(user).cookies
    assert post(world, None, "establish_post", body, client=strict).status == 403
    url = reverse("api:verb-establish_post") + "?about=2020-12-08+12:00"
    assert world.client(user).post(url, json.dumps(body), content_type="application/json").status_code == 422


WRONG: tuple[Any, ...] = (
    {},
    [],
    None,
    {"id": "x", "content": {}},
    {"id": "0176a6f5-0000-7000-8000-000000000001", "content": {"colour": "red"}},
)


@pytest.mark.parametrize("name", drawn(sorted(SHOWN_FIRST), "draw_zone", "change_account"))
def test_what_is_wrong_is_said_by_field(world: World, name: str) -> None:
    user, body = said(world, name)
    before = ledger()
    for wrong in (*WRONG, {**body, "extra": 1}, {**body, "at": "yesterday"}, {**body, "content": dict.fromkeys(body["content"], 7.5)}):
        assert problems(post(world, user, name, wrong)) is not None
    assert ledger() == before
