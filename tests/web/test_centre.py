"""Administration: nobody is auditor and administrator, nobody seats themselves, a suspended user is out at once, all of it is seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import PersonEnrolled, PersonIdentified, PostEstablished, PostHeld
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant, SetClock
from bulou.desks.centre import verbs
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Envelope
from bulou.kit.centre import centre, set_clock
from bulou.kit.verb import VERBS, Refused, do
from bulou.register.models import Invitation, User
from bulou.register.roles import roles
from bulou.register.scope import viewer
from tests.web.world import SHEETS, World, sheet_url

PASSWORD = "a-long-word-of-passage"


def holder(username: str) -> bytes:
    found = User.objects.get(username=username).holder
    assert found
    return bytes(found)


def put(world: World, kind: str, body: Any, at: int | None = None) -> None:
    fact = Fact(new_id(world.opens), kind, Instant(world.opens if at is None else at), None, body)
    assert not enter([fact], by="test", source="test", clock=centre().clock, protocol=centre().protocol).refused


def refused_fields(name: str, look: Any, values: dict[str, Any]) -> set[str | None]:
    with pytest.raises(Refused) as refused:
        do(VERBS[name], look, values)
    return {p.field for p in refused.value.problems}


# --- never both -------------------------------------------------------------------------------------------------------
def ways(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Every way in which the auditor could come to administer."""
    put(world, "post.established", PostEstablished("zz.admin", "administrator", "510117", "管", "second administrator", "部", "unit"))
    put(world, "post.established", PostEstablished("zz.clerk", "data_clerk", "510117", "员", "clerk", "部", "unit"))
    put(world, "post.held", PostHeld("zz.clerk", holder("auditor")))
    other = new_id(world.opens)  # another record of the same person
    put(world, "person.enrolled", PersonEnrolled(other, "另一条记录", "510117001"))
    put(world, "person.identified", PersonIdentified(other, holder("auditor"), "one person"))
    moved = {
        "post": "zz.clerk",
        "role": "administrator",
        "area": "510117",
        "name": "x",
        "name_en": "x",
        "unit": "x",
        "unit_en": "x",
        "phone": None,
    }
    return [
        ("offer_post", {"post": "zz.admin", "holder": holder("auditor"), "reason": None, "until": None}),
        ("offer_post", {"post": "zz.admin", "holder": other, "reason": None, "until": None}),
        ("appoint", {"post": "zz.admin", "holder": holder("auditor"), "acting": True, "until": Instant(world.opens + DAY)}),
        ("establish_post", moved),
    ]


def test_an_auditor_never_becomes_an_administrator_by_any_way(world: World) -> None:
    for name, values in ways(world):
        assert refused_fields(name, world.look("administrator"), values) & {"holder", "role"}, name


def test_both_at_once_is_caught_where_nothing_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the check is gone. Every way is then open, and still whoever holds both administers nothing."""
    every = ways(world)
    monkeypatch.setattr(verbs, "both", lambda *_a, **_k: False)
    for name, values in every:
        assert do(VERBS[name], world.look("administrator"), values).new, name
    eyes = world.look("auditor").viewer
    assert "auditor" in {c.role.code for c in eyes.chairs}
    assert not eyes.may("establish_post")


def test_an_administrator_never_becomes_an_auditor(world: World) -> None:
    other = {"post": "pidu.audit", "holder": holder("administrator"), "reason": None, "until": None}
    put(world, "post.established", PostEstablished("zz.admin", "administrator", "510117", "管", "administrator", "部", "unit"))
    put(world, "post.held", PostHeld("zz.admin", holder("data")))
    assert refused_fields("offer_post", world.look("administrator"), {**other, "holder": holder("data")}) == {"holder"}


def test_nobody_seats_themselves(world: World) -> None:
    mine = {"post": "pidu.command", "holder": holder("administrator")}
    look = world.look("administrator")
    assert refused_fields("offer_post", look, {**mine, "reason": None, "until": None}) == {"holder"}
    assert refused_fields("appoint", look, {**mine, "acting": True, "until": Instant(world.opens + DAY)}) == {"holder"}
    assert refused_fields("change_account", look, {"holder": holder("administrator"), "change": "suspended", "reason": "x"}) == {"holder"}


def test_no_role_has_the_work_of_both() -> None:
    keeps = roles()["administrator"].verbs
    assert not [r.code for r in roles().values() if r.code != "administrator" and r.verbs & keeps]
    assert not roles()["auditor"].verbs


# --- handing over -----------------------------------------------------------------------------------------------------
def test_a_post_is_handed_over_when_it_is_accepted_and_not_before(world: World) -> None:
    look = world.look("administrator")
    do(VERBS["offer_post"], look, {"post": "pidu.sampling", "holder": holder("data"), "reason": None, "until": None})
    assert not world.look("data").viewer.may("open_shift")
    assert world.look("sampling").viewer.may("open_shift")
    client = world.client("data")
    assert "采样组长" in client.get(reverse("my-posts")).content.decode()
    assert client.post(reverse("my-posts"), {"post": "pidu.sampling", "do": "accept"}).status_code == 302
    assert world.look("data").viewer.may("open_shift")
    assert not world.look("sampling").viewer.may("open_shift")
    again = client.post(reverse("my-posts"), {"post": "pidu.sampling", "do": "accept"})
    assert again.status_code == 422, "an offer is accepted once"


def test_nobody_accepts_what_was_not_offered_to_them(world: World) -> None:
    do(VERBS["offer_post"], world.look("administrator"), {"post": "pidu.sampling", "holder": holder("data"), "reason": None, "until": None})
    before = Envelope.objects.count()
    for user, post, what in (("grid", "pidu.sampling", "accept"), ("data", "pidu.command", "accept"), ("grid", "pidu.command", "leave")):
        assert world.client(user).post(reverse("my-posts"), {"post": post, "do": what}).status_code == 422
    chosen = {"post": "pidu.command", "do": "hand", "person": to_text(holder("grid"))}
    assert world.client("grid").post(reverse("my-posts"), chosen).status_code == 422
    assert Envelope.objects.count() == before


def test_a_holder_leaves_and_the_post_stands_vacant(world: World) -> None:
    assert world.client("sampling").post(reverse("my-posts"), {"post": "pidu.sampling", "do": "leave"}).status_code == 302
    assert not world.look("sampling").viewer.chairs
    assert "空缺" in world.client("administrator").get(reverse("post", kwargs={"post": "pidu.sampling"})).content.decode()


def test_whoever_acts_has_the_post_until_an_hour_that_was_said(world: World) -> None:
    look, values = world.look("administrator"), {"post": "pidu.sampling", "holder": holder("data"), "acting": True}
    assert refused_fields("appoint", look, {**values, "until": None}) == {"until"}
    assert refused_fields("appoint", look, {**values, "until": Instant(world.opens + 31 * DAY)}) == {"until"}
    assert refused_fields("appoint", look, {**values, "acting": False, "until": Instant(world.opens + DAY)}) == {"acting"}
    do(VERBS["appoint"], look, {**values, "until": Instant(world.opens + DAY)})
    assert world.look("data").viewer.may("open_shift")
    assert world.look("sampling").viewer.may("open_shift"), "who is stood in for keeps the post"
    seq = world.look("data").seq
    assert not viewer(User.objects.get(username="data"), world.opens + DAY, seq).may("open_shift")


# --- accounts ---------------------------------------------------------------------------------------------------------
def invited(world: World, username: str = "new.person", post: str = "pidu.sampling") -> tuple[str, str]:
    """Invites someone; gives the page and the path of the link."""
    seen = world.ask(
        "administrator", reverse("account-invite"), data={"username": username, "name": "新人甲", "area": "510117", "post": post}
    )
    link = re.search(r"http://testserver(/welcome/[\w-]+)", seen.text)
    assert link, seen.text
    return seen.text, link[1]


def test_an_invitation_works_once_and_its_person_chooses_the_password(world: World) -> None:
    _text, link = invited(world)
    user = User.objects.get(username="new.person")
    assert not user.has_usable_password()
    token = link.rsplit("/", 1)[1]
    assert not Invitation.objects.filter(token=token).exists(), "only a hash of the link is kept"
    client = Client()
    for wrong in ("short", "1234567890123", "new.person.new"):
        assert client.post(link, {"password": wrong, "again": wrong}).status_code == 422
    assert client.post(link, {"password": PASSWORD, "again": "other"}).status_code == 422
    assert client.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert client.get(reverse("my-posts")).status_code == 200
    assert client.post(reverse("my-posts"), {"post": "pidu.sampling", "do": "accept"}).status_code == 302
    assert world.look("new.person").viewer.may("open_shift")
    late = Client()
    assert "password" not in late.get(link).content.decode()
    late.post(link, {"password": "another-long-word", "again": "another-long-word"})
    assert User.objects.get(username="new.person").check_password(PASSWORD)


def test_an_invitation_lapses_after_a_day_and_by_a_newer_one(world: World) -> None:
    _text, link = invited(world)
    again = world.ask(
        "administrator", reverse("account-change"), data={"holder": to_text(holder("new.person")), "change": "reset", "reason": "lost"}
    )
    newer = re.search(r"http://testserver(/welcome/[\w-]+)", again.text)
    assert newer
    client = Client()
    assert "password" not in client.get(link).content.decode()
    assert "password" in client.get(newer[1]).content.decode()
    set_clock(SetClock(Instant(world.opens + 24 * HOUR)))
    assert "password" not in client.get(newer[1]).content.decode()


def test_a_user_name_is_taken_once_and_nothing_is_half_entered(world: World) -> None:
    before = Envelope.objects.count()
    seen = world.ask("administrator", reverse("account-invite"), data={"username": "sampler", "name": "甲", "area": "510117", "post": ""})
    assert seen.status == 422
    assert Envelope.objects.count() == before


def test_a_suspended_users_sessions_end_at_once_and_for_good(world: World) -> None:
    client = world.client("sampler")
    assert client.get(reverse("pools")).status_code == 200
    for change, status in (("suspended", 302), ("restored", 302)):
        sent = world.ask(
            "administrator", reverse("account-change"), data={"holder": to_text(holder("sampler")), "change": change, "reason": "left"}
        )
        assert sent.status == 302, sent.text
        assert client.get(reverse("pools")).status_code == status, f"{change}: a session that was open is not brought back"
    assert User.objects.get(username="sampler").is_active


def test_only_administrators_change_accounts(world: World) -> None:
    for user in ("commander", "auditor", "duty", "taiping", "nobody"):
        for name in ("account-change", "account-invite", "post-establish", "post-offer", "post-act"):
            url = f"{reverse(name)}?holder={to_text(holder('sampler'))}&post=pidu.sampling"
            assert world.ask(user, url).status == 404, (user, name)
            assert world.ask(user, url, data={"change": "suspended", "reason": "x"}).status == 404


def test_all_administration_is_seen_by_the_auditor(world: World) -> None:
    invited(world)
    do(VERBS["relieve"], world.look("administrator"), {"post": "pidu.sampling", "holder": holder("sampling")})
    look = world.look("auditor", "en")
    rows = world.ask("auditor", sheet_url(SHEETS["administration"], csv=True), "en").text
    for said in ("account changed", "post offered", "post left", "invited", "pidu.administration administrator"):
        assert said in rows, said
    assert "新人甲" not in rows
    assert look.viewer.unmasked == frozenset()
    accounts = world.ask("auditor", sheet_url(SHEETS["accounts"], csv=True), "en").text
    assert "new.person" in accounts


# --- editions ---------------------------------------------------------------------------------------------------------
def test_signing_wants_every_unverified_rule_one_by_one(world: World) -> None:
    url = f"{reverse('edition-sign')}?edition=covid19/cn-7"
    text = world.ask("commander", url).text
    names = re.findall(r'name="rule" value="([^"]+)"', text)
    edition = centre().protocol.editions["covid19/cn-7"]
    assert names == [r.name for r in (*edition.rules, *edition.passings) if r.status == "unverified"]
    assert len(names) > 3
    before = CONTENT["authorisation.signed"].objects.count()
    form = {"edition": edition.id, "hash": edition.hash, "area": "510117", "hours": "24", "fact_id": to_text(new_id(world.opens))}
    for some in ([], names[:-1], names[1:]):
        assert world.ask("commander", url, data={**form, "rule": some}).status == 422
    assert world.ask("commander", url, data={**form, "rule": names, "hash": "0"}).status == 422
    assert CONTENT["authorisation.signed"].objects.count() == before
    assert world.ask("commander", url, data={**form, "rule": names}).status == 302
    assert CONTENT["authorisation.signed"].objects.count() == before + 1


def test_adopting_another_edition_opens_its_watch_and_keeps_the_hash(world: World) -> None:
    edition = centre().protocol.editions["mers/who"]
    url = f"{reverse('edition-adopt')}?edition={edition.id}"
    form = {"edition": edition.id, "area": "510117", "fact_id": to_text(new_id(world.opens))}
    assert world.ask("commander", url, data={**form, "hash": "0"}).status == 422
    assert world.ask("commander", url, data={**form, "hash": edition.hash}).status == 302
    adopted = CONTENT["edition.adopted"].objects.get(edition=edition.id)
    assert (adopted.hash, adopted.post) == (edition.hash, "pidu.command")
    assert CONTENT["incident.opened"].objects.filter(disease=edition.disease, nature="watch").exists()
    for user in ("administrator", "auditor", "data"):
        assert world.ask(user, url, data={**form, "hash": edition.hash}).status == 404
