"""Founding a centre on an empty ledger: by a link of the command, once, with everything that a centre must have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, IncidentOpened, PersonEnrolled, PostEstablished, PostHeld
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, Instant, ShiftedClock
from bulou.cli import main
from bulou.duties.enter import enter
from bulou.duties.rebuild import check
from bulou.evidence.models import CONTENT, Envelope
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, keep_zone, set_clock
from bulou.kit.looking import forget_books
from bulou.register.models import Area, Holding, Invitation, Post, User
from tests.run import drawn
from tests.web.test_crawl import addresses

PASSWORD = "a-long-word-of-passage"
FORM = {
    "name": "某区疫情防控指挥部", "name_en": "District epidemic command", "area": "north", "area_name": "北区", "level": "county", "zone": "Asia/Urumqi",
    "person": "甲一", "username": "first", "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _empty(db: None, tmp_path: Path) -> None:
    forget_books()


def link(*words: str) -> str:
    result = CliRunner().invoke(main, ["found", "--json", *words])
    assert result.exit_code == 0, result.output
    return str(json.loads(result.stdout)["link"]).replace("http://127.0.0.1:8000", "")


def test_an_empty_ledger_says_what_to_do_and_its_link_founds_it_once() -> None:
    client = Client()
    assert client.get("/").status_code == 302
    assert "bulou found" in client.get(reverse("account_login")).content.decode()
    url = link()
    assert not Invitation.objects.filter(token=url.rsplit("/", 1)[1]).exists(), "only a hash is kept"
    for wrong in (
        {"password": "short", "again": "short"},
        {"again": "other"},
        {"zone": "Mars/Base"},
        {"area": "a b"},
        {"area_name": ""},
        {"name": ""},
    ):
        assert client.post(url, {**FORM, **wrong}).status_code == 422, wrong
    assert Envelope.objects.count() == 0, "nothing is half entered"
    founded = client.post(url, FORM)
    assert founded.status_code == 302, founded.content.decode()
    assert keep_zone(None) == "Asia/Urumqi"
    text = client.get(founded["Location"]).content.decode()
    assert "Asia/Urumqi" in text
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert Holding.objects.get(void_seq=NEVER).holder == user.holder
    assert (Post.objects.get().role, Area.objects.get(void_seq=NEVER).code) == ("administrator", "north")
    assert [
        CONTENT[k].objects.count() for k in ("centre.founded", "area.declared", "post.established", "post.held", "account.changed")
    ] == [1] * 5
    assert client.get(reverse("post-establish")).status_code == 200
    other = Client()
    assert other.post(url, {**FORM, "username": "second"}).status_code == 200
    assert User.objects.count() == 1
    assert CliRunner().invoke(main, ["found"]).exit_code == 1
    assert "bulou found" not in other.get(reverse("account_login")).content.decode()
    assert check(centre().protocol) == []
    (Path(settings.BULOU_HOME) / "zone").unlink()


@pytest.mark.parametrize(
    "role", drawn(("tracing_lead", "commander", "laboratory", "data_clerk", "grid_officer", "auditor"), "tracing_lead")
)
@pytest.mark.parametrize("incident", [False, True], ids=["nothing", "an incident of old"])
def test_every_page_of_a_centre_that_was_founded_a_minute_ago_answers(role: str, incident: bool) -> None:
    """Nobody but two people, no edition ever; no incident, or one of the past with a case, as somebody who tries it brings it in."""
    client = Client()
    client.post(link(), FORM)
    now, holder, one = Instant(centre().clock.now()), named_id("first-day", role), named_id("first-day", "incident")
    bodies: list[tuple[str, Any]] = [
        ("person.enrolled", PersonEnrolled(holder, "甲二", "north")),
        ("post.established", PostEstablished("zz.post", role, "north", "岗", "post", "部", "unit")),
        ("post.held", PostHeld("zz.post", holder)),
    ]
    if incident:
        bodies.append(("incident.opened", IncidentOpened(one, "mers", "north", "往年", "years ago", "history")))
        bodies.append(("case.diagnosed", CaseDiagnosed(holder, "confirmed", "not_given")))
    facts = [Fact(named_id("first-day", kind), kind, now, one if KINDS[kind].scope == "incident" else None, body) for kind, body in bodies]
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused
    eyes = Client(raise_request_exception=False)
    eyes.force_login(User.objects.create_user("second", holder=holder), backend=settings.AUTHENTICATION_BACKENDS[0])
    asked = {a.name: eyes.get("/" + a.route) for a in addresses() if not a.arguments and not re.search(r"[\\^$]|logout|about", a.route)}
    assert [f"{seen.status_code} {name}" for name, seen in asked.items() if seen.status_code >= 500] == []
    assert sum(seen.status_code == 200 for seen in asked.values()) > 20
    (Path(settings.BULOU_HOME) / "zone").unlink()


def test_a_newer_link_and_a_day_end_an_earlier_link() -> None:
    first, second = link(), link()
    client = Client()
    assert "username" not in client.get(first).content.decode()
    assert "username" in client.get(second).content.decode()
    clock = centre().clock
    try:
        set_clock(ShiftedClock(Instant(clock.now() + DAY), clock.now(), 1.0))
        assert "username" not in client.get(second).content.decode()
    finally:
        set_clock(clock)


def test_official_areas_are_declared_with_those_below() -> None:
    client = Client()
    answer = client.post(link(), {**FORM, "area": "510117", "area_name": "", "zone": "Asia/Shanghai"})
    assert answer.status_code == 302
    assert Area.objects.filter(void_seq=NEVER, code__startswith="510117").count() > 100
    assert {"51", "5101"} <= set(Area.objects.values_list("code", flat=True))
    (Path(settings.BULOU_HOME) / "zone").unlink()


def test_who_cannot_sign_in_is_given_a_link_by_the_command() -> None:
    Client().post(link(), FORM)
    result = CliRunner().invoke(main, ["invite", "first", "--json"])
    assert result.exit_code == 0
    path = re.sub(r"^http://[^/]+", "", json.loads(result.stdout)["link"])
    assert Client().post(path, {"password": "another-long-word", "again": "another-long-word"}).status_code == 302
    assert CliRunner().invoke(main, ["invite", "nobody"]).exit_code == 2
    (Path(settings.BULOU_HOME) / "zone").unlink()
