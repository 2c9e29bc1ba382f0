"""A person's own page: the door's answer and every change of it, behind a link and a PIN; no name, no reason, no account, nothing looked at is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import OrderEnded
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock
from bulou.desks.people import own
from bulou.duties import copies, forgetting
from bulou.evidence.models import CONTENT
from bulou.kit import doorpasses
from bulou.kit.bulk import fits
from bulou.kit.centre import set_clock
from bulou.kit.models import DoorCheck, Look
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.kit.signing import check_of, verdict
from bulou.kit.verb import SHOWN_FIRST, VERBS
from bulou.register import ownpages
from bulou.register.models import DoorPass, OwnPage
from tests.web.test_gate import FREE, HELD, HERE, NAME, ask, officer, people, put, said
from tests.web.test_shifts import phone
from tests.web.world import World, fresh_id

PIN = "314159"


def given(world: World, person: bytes, link: str = "a-link-that-nobody-guesses") -> str:
    """A page as a post gives it; its address."""
    page = new_id(world.opens)
    ownpages.give(page, person, link, PIN, Instant(world.opens + 14 * DAY))
    return reverse("own", kwargs={"token": link})


def opened(url: str, language: str = "zh") -> Client:
    client = phone(language)
    assert client.post(url, {"pin": PIN}).status_code == 302
    return client


def read(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()[answer.content.decode().index("<main") :]).split())


def test_the_page_says_what_the_door_says(world: World) -> None:
    """The same sentence, the same end, the same telephone; as the door gives it and as it changes."""
    _free, held = people(world)
    url = given(world, held)
    door = said(ask(officer(world), HELD))
    client = opened(url)
    page = read(client.get(url))
    for part in ("暂不通行", "请留在隔离点", world.look("commander").time(world.opens + 3 * DAY, deadline=True)):
        assert part in door and part in page
    order = CONTENT["order.made"].objects.filter(person=held).values_list("order", flat=True)[0]
    put(world, Fact(new_id(world.opens), "order.ended", world.opens, world.incident, OrderEnded(bytes(order), "查明", "pidu.tracing")))
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    later = read(client.get(url))
    assert later.count("可通行") > page.count("可通行")
    assert world.look("commander").time(world.opens) in later, "the hour at which the answer changed"
    assert "查明" not in later, "never a reason"


def test_it_shows_nobody_and_no_reason(world: World) -> None:
    free, held = people(world)
    looks, checks = Look.objects.count(), DoorCheck.objects.count()
    for person, link in ((free, "one-link"), (held, "two-link")):
        url = given(world, person, link)
        client = opened(url)
        for answer in (phone().get(url), client.get(url), client.post(url, {"do": "pass"})):
            text = answer.content.decode()
            assert NAME not in text and FREE not in text and HELD not in text
            assert not re.search(r"密接|阳性|隔离令|同桌|tracing", text)
            assert to_text(person) not in text
    assert (Look.objects.count(), DoorCheck.objects.count()) == (looks, checks), "when someone looks at their own page is theirs"
    assert {f.name for f in OwnPage._meta.fields} == {"page", "person", "link", "pin", "until", "tries", "minute", "asked"}


def test_a_page_that_names_its_owner_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_GATE", own.Word(NAME, NAME))
    with pytest.raises(AssertionError):
        test_it_shows_nobody_and_no_reason(world)


def test_the_link_alone_says_nothing_and_five_wrong_pins_lock_it(world: World) -> None:
    _free, held = people(world)
    url = given(world, held)
    stranger = phone()
    assert "暂不通行" not in read(stranger.get(url))
    for n in range(5):
        assert stranger.post(url, {"pin": f"00000{n}"}).status_code == 422
    assert "已锁定" in read(stranger.get(url))
    assert stranger.post(url, {"pin": PIN}).status_code == 422, "the right one comes too late"


def test_an_opened_page_is_asked_its_pin_again_after_two_hours_and_when_left(world: World) -> None:
    url = given(world, people(world)[1])
    client = opened(url)
    assert "暂不通行" in read(client.get(url))
    set_clock(SetClock(Instant(world.opens + 2 * HOUR)))
    assert "暂不通行" not in read(client.get(url))
    other = opened(url)
    assert other.post(url, {"do": "leave"}).status_code == 302
    assert "暂不通行" not in read(other.get(url))


def test_it_is_in_no_cache_no_index_and_no_log_of_others(world: World) -> None:
    url = given(world, people(world)[1])
    for address in (url, reverse("own", kwargs={"token": "wrong"})):
        answer = phone().get(address)
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")
        assert "noindex" in answer["X-Robots-Tag"]
    links = {row.link for row in OwnPage.objects.all()}
    assert not any("a-link-that-nobody-guesses" in link for link in links), "only a hash is kept"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, {"pin": PIN}).status_code == 403


def test_thirty_requests_a_minute_and_no_more(world: World) -> None:
    url = given(world, people(world)[1])
    client = phone()
    codes = [client.get(url).status_code for _ in range(ownpages.MOST_A_MINUTE + 1)]
    assert codes == [200] * ownpages.MOST_A_MINUTE + [429]
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    assert client.get(url).status_code == 200


def test_a_pass_from_the_page_is_good_at_doors_and_for_its_owner(world: World) -> None:
    free, held = people(world)
    url = given(world, free)
    client = opened(url)
    text = re.search(r"readonly>(BULOU1:[^<]+)<", client.post(url, {"do": "pass"}).content.decode())
    assert text
    found = verdict(text[1], doorpasses.public(world.opens), world.opens)
    assert found.state == "good" and found.found is not None
    assert found.found.check == check_of(found.found.number, FREE[-4:])
    other = given(world, held, "other")
    refused = opened(other)
    assert 'value="pass"' not in refused.get(other).content.decode()
    assert "BULOU1:" not in refused.post(other, {"do": "pass"}).content.decode(), "there is no signed no"


def test_given_by_a_post_that_knows_the_person_shown_once_and_closed_by_either(world: World) -> None:
    from_page = world.addresses(PAGES["own-give"])[0]
    user = next(u for u in ("tracing", "duty", "taiping") if world.ask(u, from_page).status == 200)
    person = re.search(r"person=([0-9a-f-]+)", from_page)
    assert person
    sent = {"person": person[1], "days": "7", "fact_id": fresh_id(world)}
    shown = world.ask(user, from_page, data=sent)
    link, pin = re.search(r"/own/([\w-]+)", shown.text), re.search(r'id="the-pin">(\d{3}) (\d{3})<', shown.text)
    assert link and pin
    assert world.ask(user, from_page, data=sent).status == 302, "shown once"
    url = reverse("own", kwargs={"token": link[1]})
    client = phone()
    assert client.post(url, {"pin": pin[1] + pin[2]}).status_code == 302
    assert client.post(url, {"do": "close"}).status_code == 200
    assert "此链接无效" in read(client.get(url))
    assert CONTENT["page.closed"].objects.filter(post=None).count() == 1
    for nobody in ("laboratory", "sampler", "auditor", "data", "administrator"):
        assert world.ask(nobody, from_page).status == 404, nobody


def test_a_lawful_request_reaches_checks_links_and_passes(world: World) -> None:
    free, held = people(world)
    ask(officer(world), FREE)
    ask(officer(world), HELD)
    given(world, free)
    given(world, held, "other")
    assert doorpasses.sign(free, HERE, "market", "0011") is not None
    ids = forgetting.ids_of(connection, free)
    would = copies.of_person(connection, ids, dry=True)
    assert (would.checks, would.passes) == (1, 2)
    assert copies.of_person(connection, ids, dry=False) == would
    assert DoorCheck.objects.count() == 1 and OwnPage.objects.count() == 1 and DoorPass.objects.count() == 0, "of nobody else"
    assert copies.of_person(connection, ids, dry=True) == copies.Copies(0, 0, 0)


# --- no list of people to bar ---------------------------------------------------------------------------------------------
def test_no_verb_and_no_route_takes_a_list_of_people_to_bar() -> None:
    """FIELD F14: what closes a door is an order on one person, or a signed zone. Neither is done for many, by file or by a program."""
    closing = {v for v in VERBS.values() if v.kind in ("order.made", "zone.drawn", "zone.extended", "edition.adopted")}
    assert closing
    for verb in closing:
        assert not verb.many, f"{verb.name} is done for rows of a list"
        assert verb.name in SHOWN_FIRST, f"{verb.name} is done by a program without being shown"
        assert not [s.name for s in SHEETS.values() if fits(verb, s)], verb.name
    for kind in KINDS.values():
        refs = [f for f in kind.fields if f.ref == "person"]
        assert all(f.type == "id" for f in refs), f"{kind.name}: a field of people is one person"


def test_a_verb_that_bars_many_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VERBS, "make_order", replace(VERBS["make_order"], many=("contacts",)))
    with pytest.raises(AssertionError):
        test_no_verb_and_no_route_takes_a_list_of_people_to_bar()
