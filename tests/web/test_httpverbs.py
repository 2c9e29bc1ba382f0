"""The contract of every verb for programs: typed by its kind, once however often it is sent, refused in both languages, never beyond one's areas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import HOUR, MINUTE, Instant, to_datetime
from bulou.evidence.models import CONTENT, Aside, Entry, Envelope
from bulou.evidence.now import NEVER
from bulou.kit.answers import ROOT
from bulou.kit.confirming import CONFIRMED
from bulou.kit.http import description, interface
from bulou.kit.httpverbs import MOST_ROWS, asked_of
from bulou.kit.verb import SHOWN_FIRST, VERBS, Verb
from bulou.register.models import Stay
from tests.web.test_verbs import good, ready
from tests.web.world import NOBODY, Seen, World

ROUTED = [name for name in VERBS if name not in SHOWN_FIRST]


def said(verb: Verb, values: dict[str, Any]) -> dict[str, Any]:
    """Values of a body as a program says them."""
    kind = KINDS[verb.kind]
    names = {f.name for f in asked_of(kind)} | ({"post"} if verb.about == "post" else set())
    found: dict[str, Any] = {}
    for field in kind.fields:
        if field.name in names and field.name in values:
            value = values[field.name]
            if isinstance(value, bytes):
                value = to_text(value)
            elif field.type == "instant" and value is not None:
                value = to_datetime(Instant(value)).isoformat()
            found[field.name] = value
    return found


def post(world: World, user: str | None, name: str, body: Any, *, many: bool = False, client: Client | None = None, **headers: str) -> Seen:
    by = client or world.client(user)
    url = reverse(f"api:{'many' if many else 'verb'}-{name}")
    answer = by.post(url, body if isinstance(body, str) else json.dumps(body), content_type="application/json", headers=headers or None)
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Seen(url, answer.status_code, dict(answer.items()), said.decode())


def body(world: World, name: str) -> tuple[str, dict[str, Any]]:
    user, values = good(world, name)
    found: dict[str, Any] = {"id": to_text(new_id(world.opens)), "content": said(VERBS[name], values)}
    kind = KINDS[VERBS[name].kind]
    if kind.scope == "incident" and VERBS[name].belongs is None:
        found["incident"] = to_text(world.incident)
    elif kind.scope == "incident" and kind.field("incident"):  # it is about the incident that it opens or closes
        found["incident"] = to_text(values["incident"])
    if name == "open_tube":
        found["content"]["capacity"] = 1  # as the edition in force has it
    return user, found


def ledger() -> tuple[int, int]:
    return Envelope.objects.count(), Aside.objects.count()


@pytest.mark.parametrize("name", ROUTED)
def test_sent_twice_is_once_and_another_content_is_kept_aside(world: World, name: str) -> None:
    with transaction.atomic():
        ready(world, name)
        user, sent = body(world, name)
        first = post(world, user, name, sent)
        assert first.status == 200, first.text
        answer = json.loads(first.text)
        assert (answer["fate"], answer["id"], answer["flagged"]) == ("new", sent["id"], False)
        entered = ledger()
        again = post(world, user, name, sent)
        assert (again.status, json.loads(again.text)["fate"]) == (200, "same"), again.text
        assert ledger() == entered
        if VERBS[name].timed:
            other = post(world, user, name, {**sent, "at": to_datetime(Instant(world.opens - HOUR)).isoformat()})
            assert other.status == 409, other.text
            assert ledger() == (entered[0], entered[1] + 1)
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", ROUTED)
def test_who_may_not_do_it_enters_nothing(world: World, name: str) -> None:
    _user, sent = body(world, name)
    before = ledger()
    assert post(world, None, name, sent).status == 401
    assert post(world, NOBODY, name, sent).status == 403
    others = [u for u in ("auditor", "laboratory", "sampler", "administrator") if not world.look(u).viewer.may(name)]
    for user in others:
        assert post(world, user, name, sent).status == 403
        assert post(world, user, name, {"rows": [sent]}, many=True).status == 403
    assert others
    assert ledger() == before


def test_every_verb_has_its_route() -> None:
    paths = description(interface())["paths"]
    assert set(SHOWN_FIRST) < set(VERBS)
    assert {f"{ROOT}verbs/{v}" for v in VERBS} == {p for p in paths if "/verbs/" in p and not p.endswith("/many")}
    assert {f"{ROOT}verbs/{v}/many" for v in ROUTED} == {p for p in paths if p.endswith("/many")}, (
        "what restricts people is done one by one"
    )
    assert set(CONFIRMED) == set(SHOWN_FIRST)
    assert all(
        "code" in paths[f"{ROOT}verbs/{v}"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
        for v in SHOWN_FIRST
    )


WRONG: dict[str, Any] = {
    "nothing": {}, "a list": [], "a text": '"x"', "null": None, "no id": {"content": {}}, "an id that is none": {"id": "x", "content": {}},
    "an unknown field": {"id": "0176a6f5-0000-7000-8000-000000000001", "content": {"colour": "red"}}, "content that is a list": {"id": 1, "content": []},
    "a NUL": {"id": "0176a6f5-0000-7000-8000-000000000001", "content": {"note": "\x00", "person": "\ud800"}},
    "a number for text": {"id": "0176a6f5-0000-7000-8000-000000000001", "content": {"note": 10**40, "person": 1e300}},
}  # fmt: skip


@pytest.mark.parametrize("name", ROUTED)
def test_what_is_wrong_is_said_by_field_in_both_languages(world: World, name: str) -> None:
    user, sent = body(world, name)
    before = ledger()
    for wrong in (*WRONG.values(), {**sent, "at": "yesterday"}, {**sent, "device": "d" * 61}, {**sent, "extra": 1}):
        seen = post(world, user, name, wrong)
        assert seen.status == 422, (wrong, seen.text)
        assert seen.headers["Content-Type"] == "application/problem+json"
        problems = json.loads(seen.text)["problems"]
        assert problems
        assert all(p["zh"] and p["en"] for p in problems)
    for text in ("{", '{"id": ', "\ufeff{}", "[" * 100_000):
        assert post(world, user, name, text).status == 400
    assert world.client(user).post(reverse(f"api:verb-{name}"), {"id": "x"}).status_code == 415
    assert world.client(user).get(reverse(f"api:verb-{name}")).status_code == 405
    assert ledger() == before


def test_what_lies_elsewhere_is_not_done(world: World) -> None:
    """Any id can be said here, also in fields of which a verb is not about: none of them beyond one's areas."""
    far = Stay.objects.filter(void_seq=NEVER, area__startswith="510117008").order_by("person").values_list("person", flat=True)[0]
    before = ledger()
    user = "grid"
    for name in ROUTED:
        field = next((f for f in asked_of(KINDS[VERBS[name].kind]) if f.ref == "person"), None)
        if field and world.look(user).viewer.may(name):
            _user, sent = body(world, name)
            seen = post(world, user, name, {**sent, "content": {**sent["content"], field.name: to_text(bytes(far))}})
            assert seen.status == 422, name
            assert field.name in {p["field"] for p in json.loads(seen.text)["problems"]}
    assert ledger() == before


def test_each_row_of_a_batch_has_its_own_fate(world: World) -> None:
    user, one = body(world, "locate")
    two = {**one, "id": to_text(new_id(world.opens))}
    rows = [one, {**two, "content": {}}, two, one, {**two, "at": "2020-12-09 08:00"}, 7]
    seen = post(world, user, "locate", {"rows": rows}, many=True)
    fates = json.loads(seen.text)["rows"]
    assert [f["fate"] for f in fates] == ["new", "refused", "new", "same", "conflict", "refused"]
    assert [f["row"] for f in fates] == list(range(6))
    assert {p["row"] for p in fates[1]["problems"]} == {1}
    for wrong in ({"rows": []}, {"rows": [one] * (MOST_ROWS + 1)}, [one], {"rows": one}, {}):
        assert post(world, user, "locate", wrong, many=True).status == 422


def test_a_positive_result_sent_again_is_the_same_wherever_the_platform_put_it(world: World) -> None:
    """It joins the outbreak, whatever incident its sender works in: an answer that was lost must not make a conflict of it."""
    user, sent = body(world, "report_result")
    sent = {**sent, "incident": to_text(named_id("pidu-2020-12", "watch")), "content": {**sent["content"], "result": "positive"}}
    with transaction.atomic():
        before = ledger()[1]
        fates = [json.loads(post(world, user, "report_result", sent).text) for _ in range(2)]
        assert [f.get("fate") for f in fates] == ["new", "same"], fates
        assert ledger()[1] == before
        transaction.set_rollback(True)


def test_an_account_or_post_cannot_be_said(world: World) -> None:
    user, sent = body(world, "locate")
    for name in ("post", "account"):
        assert post(world, user, "locate", {**sent, "content": {**sent["content"], name: "another"}}).status == 422


def test_a_clock_that_is_off_is_told_and_kept(world: World) -> None:
    """More than five minutes is flagged; what the device said of itself stands in the envelope, and the hour of entering is ours."""
    for off, flagged in ((4 * MINUTE, False), (-6 * MINUTE, True), (26 * HOUR, True)):
        user, sent = body(world, "locate")
        at = Instant(world.opens + off)
        seen = post(world, user, "locate", {**sent, "device": "pad-7", "device_at": to_datetime(at).isoformat()})
        told = json.loads(seen.text)
        assert (told["flagged"], told["skew"]) == (flagged, off / 1_000_000)
        envelope = Envelope.objects.get(id=bytes.fromhex(sent["id"].replace("-", "")))
        assert (envelope.device, envelope.device_at, envelope.at) == ("pad-7", at, world.opens)
        page = world.ask(user, reverse("person", kwargs={"person": sent["content"]["person"]}), "en")
        assert (f"device clock {off // MINUTE:+,d} min" in page.text) == flagged


def test_a_session_needs_its_csrf_token(world: World) -> None:
    user, sent = body(world, "locate")
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[user]
    before = ledger()
    assert post(world, None, "locate", sent, client=client).status == 403
    assert ledger() == before
    client.get("/about")
    token = client.cookies["csrftoken"].value
    assert post(world, None, "locate", sent, client=client, **{"X-CSRFToken": token}).status == 200


def test_an_entry_says_that_a_program_made_it(world: World) -> None:
    user, sent = body(world, "locate")
    seq = json.loads(post(world, user, "locate", sent).text)["entry"]
    entry = Entry.objects.get(seq=seq)
    assert (entry.source, entry.by.split(" ")[1]) == ("api", user)
    assert CONTENT["person.located"].objects.filter(entry=seq).exists()


def test_nothing_is_done_while_looking_back(world: World) -> None:
    user, sent = body(world, "locate")
    answer = world.client(user).post(
        reverse("api:verb-locate") + "?about=2020-12-08+12:00", json.dumps(sent), content_type="application/json"
    )
    assert answer.status_code == 422
