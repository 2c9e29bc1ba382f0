"""Tokens of devices: one's own eyes, some of one's verbs, an end; kept as hashes; nothing beyond, and no page is opened by one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from bulou.basis.time import DAY, MINUTE, Instant, SetClock
from bulou.evidence.models import Envelope
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import Look
from bulou.register import accounts, scope, tokens
from bulou.register.models import DeviceToken, User
from bulou.web import middleware
from tests.web.test_httplists import url
from tests.web.test_httpverbs import body, post
from tests.web.world import Seen, World


def made(user: str, *verbs: str, days: int = 30) -> str:
    return tokens.make(User.objects.get(username=user), "pad-7", verbs, days, centre().clock.now())


def ask(world: World, token: str, address: str, user: str | None = None) -> Seen:
    client = world.client(user)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return world.ask(None, address, client=client)


def do(world: World, token: str, name: str, sent: Any) -> Seen:
    return post(world, None, name, sent, Authorization=f"Bearer {token}")


def test_a_token_sees_what_its_user_sees_and_the_look_names_the_device(world: World) -> None:
    for user in ("taiping", "tracing", "auditor"):
        token = made(user)
        assert json.loads(ask(world, token, url("people")).text)["rows"] == json.loads(world.ask(user, url("people")).text)["rows"]
        assert ask(world, token, url("accounts")).status == world.ask(user, url("accounts")).status
        ask(world, token, url("people"))
        look = Look.objects.order_by("-number")[0]
        assert (look.account, look.device, look.page) == (user, "pad-7", "list-people")


def test_a_token_does_only_what_it_was_made_for(world: World) -> None:
    user, sent = body(world, "locate")
    before = Envelope.objects.count()
    assert do(world, made(user), "locate", sent).status == 403
    assert do(world, made(user, "tell"), "locate", sent).status == 403
    assert do(world, made("auditor", "locate"), "locate", sent).status == 403
    assert Envelope.objects.count() == before
    assert do(world, made(user, "locate"), "locate", {**sent, "device": "another"}).status == 200
    assert Envelope.objects.get(id=bytes.fromhex(sent["id"].replace("-", ""))).device == "pad-7"


def test_a_token_that_gave_more_than_it_was_made_for_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a token with all the verbs of its user."""
    assert middleware.by_token is scope.by_token
    monkeypatch.setattr(middleware, "by_token", lambda eyes, verbs, device: eyes)
    with pytest.raises(AssertionError):
        test_a_token_does_only_what_it_was_made_for(world)


def test_a_token_ends(world: World) -> None:
    """By its hour, by its owner, by suspension, by a new password; another's cannot be ended."""
    user = User.objects.get(username="taiping")

    def stands(token: str) -> bool:
        return ask(world, token, url("people")).status == 200

    short, owned, hung = made("taiping", days=1), made("taiping"), made("taiping")
    assert stands(short)
    assert not tokens.end(DeviceToken.objects.get(hash=accounts.hash_of(owned)).pk, User.objects.get(username="grid"), world.opens)
    assert stands(owned)
    assert tokens.end(DeviceToken.objects.get(hash=accounts.hash_of(owned)).pk, user, world.opens)
    assert not stands(owned)
    set_clock(SetClock(Instant(world.opens + DAY + MINUTE)))
    assert not stands(short)
    assert stands(hung)
    accounts.suspend(user)
    assert not stands(hung)
    accounts.restore(user)
    assert not stands(hung), "a token does not come back with its account"
    with pytest.raises(ValueError, match="90 days"):
        made("taiping", days=91)


def test_what_lets_nobody_in_is_nobody_whoever_is_signed_in(world: World) -> None:
    for token in ("", "x", "bulou_none"):
        assert ask(world, token, url("people"), user="commander").status == 401
    assert ask(world, made("commander"), "/people/people/").signs_in, "a page is opened by no token"


def test_too_many_requests_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_A_MINUTE", 3)
    token, other = made("taiping"), made("taiping")
    assert [ask(world, token, url("duties")).status for _ in range(5)][-2:] == [429, 429]
    seen = ask(world, token, url("duties"))
    assert 0 < int(seen.headers["Retry-After"]) <= 60
    assert json.loads(seen.text)["status"] == 429
    assert ask(world, other, url("duties")).status != 429
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    assert ask(world, token, url("duties")).status != 429


def test_a_token_is_shown_once_and_kept_nowhere(world: World) -> None:
    client = world.client("taiping", "en")
    seen = world.ask(None, reverse("tokens"), data={"device": "ward pad", "days": "7", "verbs": ["locate"]}, client=client)
    assert seen.status == 200, seen.text
    found = re.search(r"<code>(bulou_[\w-]+)</code>", seen.text)
    assert found
    assert seen.headers["Cache-Control"] == "no-store"
    assert found[1] not in world.ask(None, reverse("tokens"), client=client).text
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM device_token")
        assert found[1] not in str(cursor.fetchall())
    assert ask(world, found[1], url("people")).status == 200
    assert "ward pad" not in world.ask("grid", reverse("tokens")).text
    number = DeviceToken.objects.get(device="ward pad").pk
    assert world.ask("grid", reverse("tokens"), data={"end": str(number)}).status == 404
    admin = next(u for u in world.users if world.look(u).viewer.may("change_account"))
    assert "ward pad" in world.ask(admin, reverse("tokens")).text
    assert world.ask(admin, reverse("tokens"), data={"end": str(number)}).status == 302
    assert ask(world, found[1], url("people")).status == 401


def test_nobody_makes_a_token_for_what_they_may_not_do(world: World) -> None:
    before = DeviceToken.objects.count()
    for data in (
        {"device": "x", "days": "7", "verbs": ["make_order"]},
        {"device": "x", "days": "91"},
        {"device": "", "days": "7"},
        {"end": "x"},
    ):
        assert world.ask("taiping", reverse("tokens"), data=data).status in (404, 422)
    assert DeviceToken.objects.count() == before
