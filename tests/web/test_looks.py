"""Looks: every answer that shows people is written down before it is sent, with all whom it shows; sealed, nothing can be undone unseen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import Error, connection, transaction
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, MINUTE, Instant, SetClock
from bulou.basis.words import LISTS
from bulou.cli import main
from bulou.evidence import verify as ledger
from bulou.evidence.guards import guard, unguard
from bulou.kit import looks
from bulou.kit.centre import centre, set_clock
from bulou.kit.looking import Seen
from bulou.kit.models import Look
from bulou.kit.sheet import SHEETS
from bulou.register.models import Person
from bulou.register.roles import roles
from bulou.web import live
from tests.run import drawn
from tests.web.test_scope import OPEN, Raw
from tests.web.world import POOL, World, members_of, sheet_url
from tests.web.world import Seen as Answer

#: How a masked name, phone, document or address stands on a page.
MASKED = re.compile(r"[\u4e00-\u9fff]\*{1,2}(?!\*)|\d{3}\*{4}\d{4}|\*{3}\w{4}")


@pytest.fixture(scope="module")
def raw_of() -> dict[str, Any]:
    return {}


@pytest.fixture
def raw(raw_of: dict[str, Any]) -> Raw:
    if "raw" not in raw_of:
        raw_of["raw"] = Raw()
    found: Raw = raw_of["raw"]
    return found


def looked(world: World, user: str, url: str, **more: Any) -> tuple[Answer, list[Look]]:
    """An answer, and the looks that were written for it."""
    before = Look.objects.order_by("-number").values_list("number", flat=True).first() or 0
    answer = world.ask(user, url, **more)
    return answer, list(Look.objects.filter(number__gt=before).order_by("number"))


def untold(answer: Answer, found: list[Look], raw: Raw, places: frozenset[str] = frozenset()) -> list[str]:
    """Names, phones and documents on a page of people whom no look of it names; masked ones where no look names anybody.

    ``places``: what stands on a page of areas and may be somebody's name by chance.
    """
    ids = {id_ for look in found for id_ in looks.shown_in(look)}
    told = {values[i] for values in (raw.name, raw.phone, raw.document) for i in ids if i in values}
    known = {v for values in (raw.name, raw.phone, raw.document) for v in values.values()}
    missing = sorted((answer.tokens & known) - told - places)
    return missing or (MASKED.findall(answer.text)[:3] if not ids else [])


def everywhere(world: World, user: str) -> Iterator[str]:
    """Pages, lists, whole files and searches that a user's post opens."""
    look = world.look(user)
    for page, url in world.pages():
        if page.name not in (*OPEN, "live", "demo-start", "language") and world.allowed(look, page, url):
            yield url
    for sheet in SHEETS.values():
        if look.viewer.sees(sheet.desk):
            yield sheet_url(sheet)
            yield sheet_url(sheet, csv=True)
    for person in Person.objects.filter(person__in=members_of(POOL)[:1]).values_list("name", flat=True):
        yield f"/search?q={person}"


@pytest.mark.parametrize("user", drawn(("tracing", "data", "sampling", "pitong", "auditor"), "pitong"))
def test_whoever_stands_on_a_page_stands_in_its_look(world: World, raw: Raw, user: str) -> None:
    places = world.get("commander", sheet_url(SHEETS["areas"], csv=True)).tokens
    seen = 0
    for url in dict.fromkeys(everywhere(world, user)):
        with transaction.atomic():
            answer, found = looked(world, user, url)
            transaction.set_rollback(True)
        if answer.status in (200, 422):
            assert not untold(answer, found, raw, places), url
            seen += bool(found)
            assert len(found) <= 1 or url.split("?")[0].endswith(".csv")
    assert seen > 12


def test_a_name_that_is_not_noted_is_caught(world: World, raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is shown is shown, and not written down."""
    monkeypatch.setattr(Seen, "note", lambda *a, **k: None)
    for user in ("tracing", "auditor"):
        answer, found = looked(world, user, sheet_url(SHEETS["people"]))
        assert untold(answer, found, raw)


def test_a_look_says_who_when_where_what_for_and_how(world: World) -> None:
    person = members_of(POOL)[0]
    url = reverse("person", kwargs={"person": to_text(person)})
    _answer, (look,) = looked(world, "tracing", url)
    assert (look.account, look.post) == ("tracing", world.look("tracing").viewer.chairs[0].post)
    assert (look.at, look.about, look.entry) == (world.opens, world.look("tracing").about, world.look("tracing").seq)
    assert (look.page, look.address, look.purpose) == ("person", url, "tracing")
    assert person in looks.shown_in(look)
    assert look.n == len(looks.shown_in(look))
    assert "name" in look.bare
    assert "document" not in look.bare
    _answer, (masked,) = looked(world, "auditor", url)
    assert (masked.bare, masked.purpose) == ("", "audit")


def test_the_purpose_is_chosen_for_the_session_and_of_the_list(world: World) -> None:
    client = world.client("tracing")
    assert world.ask("tracing", "/purpose?set=objection&next=/about", client=client).status == 302
    _answer, (look,) = looked(world, "tracing", sheet_url(SHEETS["people"]), client=client)
    assert look.purpose == "objection"
    assert world.ask("tracing", "/purpose?set=curiosity").status == 404
    assert all(role.purpose in LISTS["purpose"] for role in roles().values())


def test_what_was_typed_is_not_kept_and_can_be_asked_for(world: World) -> None:
    for url, typed in (("/search?q=王小丫丫", "王小丫丫"), (sheet_url(SHEETS["people"], q="王小丫丫", area="510117001"), "王小丫丫")):
        _answer, (look,) = looked(world, "tracing", url)
        assert looks.typed(f"  {typed} ") == look.typed
        assert "王" not in "".join(str(getattr(look, f)) for f in ("address", "typed", "page", "purpose"))
        assert look.n == 0, "a search that finds nobody is a look too"
    assert "area=510117001" in look.address
    assert looks.typed("王小丫") != look.typed


def test_a_file_is_written_down_part_by_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, (one,) = looked(world, "tracing", sheet_url(SHEETS["people"], csv=True))
    monkeypatch.setattr(looks, "PART", 500)
    monkeypatch.setattr("bulou.kit.sheet.EXPORT_PART", 500)
    parted, several = looked(world, "tracing", sheet_url(SHEETS["people"], csv=True))
    assert parted.text == whole.text
    assert len(several) >= 3
    assert max(look.n for look in several) < 1100
    assert set().union(*map(looks.shown_in, several)) == set(looks.shown_in(one))
    assert one.n > 1400


@pytest.mark.parametrize("user", ("tracing", "auditor"))
def test_where_no_look_can_be_written_nobody_is_shown(world: World, raw: Raw, user: str) -> None:
    person = members_of(POOL)[0]
    names = frozenset(raw.name.values()) | frozenset(raw.phone.values())
    urls = [reverse("person", kwargs={"person": to_text(person)}), sheet_url(SHEETS["people"]), sheet_url(SHEETS["people"], csv=True)]
    areas = world.get("commander", sheet_url(SHEETS["areas"], csv=True)).tokens
    assert all(world.get(user, url).status == 200 for url in urls)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE look RENAME TO look_gone")
        for url in urls:
            answer = world.ask(user, url)
            assert answer.status == 503, url
            assert not (answer.tokens & names) - areas
            assert not MASKED.search(answer.text)
        assert world.ask(user, sheet_url(SHEETS["areas"])).status == 200, "what names nobody is shown"
        transaction.set_rollback(True)


def test_what_a_message_would_say_later_is_not_said_either(world: World, raw: Raw) -> None:
    """A name in the notice of the next page is shown there: where the look fails, it is taken out."""
    client = world.client("sampling")
    person = next(p for p in members_of(POOL) if p in raw.name)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE look RENAME TO look_gone")
        values = {"tube": "NEW-900", "capacity": "1", "person": to_text(person), "area": "510117001"}
        answer = world.ask(
            "sampling", "/testing/sample?tube=NEW-900&capacity=1", data={**values, "fact_id": to_text(person[::-1])}, client=client
        )
        assert answer.status == 503
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE look_gone RENAME TO look")
        assert raw.name[person] not in world.ask("sampling", "/about", client=client).text
        transaction.set_rollback(True)


def test_what_does_not_exist_shows_nobody(world: World) -> None:
    answer, found = looked(world, "pitong", reverse("person", kwargs={"person": to_text(members_of(POOL)[0])}))
    assert (answer.status, found) == (404, [])


# --- sealed -----------------------------------------------------------------------------------------------------------
@contextmanager
def unguarded() -> Iterator[Any]:
    """As someone with the database's own tools: past the triggers."""
    with connection.cursor() as cursor:
        unguard(connection, ("look", "look_seal"))
        yield cursor
        guard(connection, ("look", "look_seal"), ())


def doubts() -> list[tuple[int | None, str]]:
    return [(d.look, d.wrong.en) for d in looks.verify().wrong]


def sealed(world: World, times: int = 2) -> list[int]:
    """Looks under two seals, and one that waits; the numbers of the sealed ones."""
    one = centre()
    looks._asked_at.clear()  # nothing is sealed here but what the test seals, however long its ledger took to load
    for _ in range(times):
        for url in (sheet_url(SHEETS["people"]), "/search?q=王", sheet_url(SHEETS["people"], page="2")):
            assert world.ask("tracing", url).status == 200
        assert looks.seal(one.clock, one.protocol)
    numbers = list(Look.objects.order_by("number").values_list("number", flat=True))
    world.ask("tracing", sheet_url(SHEETS["people"]))
    return numbers


def test_sealed_looks_are_as_they_were_written(world: World) -> None:
    numbers = sealed(world)
    found = looks.verify()
    assert (found.looks, found.seals, found.waiting, found.wrong) == (len(numbers) + 1, 2, 1, [])
    assert not ledger.verify(connection).wrong, "a seal is an entry like any other"
    assert {looks.sealed_by(n) for n in numbers[-6:]} == {1, 2}
    assert looks.sealed_by(numbers[-1] + 1) is None


@pytest.mark.parametrize("column", looks.COLUMNS)
def test_a_look_that_was_changed_is_named(world: World, column: str) -> None:
    number = sealed(world)[-4]
    new = {"ids": b"\1" * 16, "export": b"\2" * 16, "device": "x"}.get(
        column, "9" if column in ("account", "post", "page", "address", "typed", "purpose", "bare") else 9
    )
    with unguarded() as cursor:
        cursor.execute(f"UPDATE look SET {column} = %s WHERE number = %s", [new, number])
    assert doubts() == [(number, looks.ALTERED.en)]


def test_a_look_that_is_gone_or_was_put_in_is_named(world: World) -> None:
    number = sealed(world)[-4]
    columns = ", ".join(looks.COLUMNS)
    with unguarded() as cursor:
        cursor.execute("DELETE FROM look WHERE number = %s", [number])
    assert doubts() == [(number, looks.MISSING.en)]
    with unguarded() as cursor:
        cursor.execute(f"INSERT INTO look (number, {columns}) SELECT %s, {columns} FROM look WHERE number = %s", [number, number - 1])
    assert doubts() == [(number, looks.ALTERED.en)], "another in its place"
    with unguarded() as cursor:
        cursor.execute(f"INSERT INTO look (number, {columns}) SELECT %s, {columns} FROM look WHERE number = %s", [-5, number - 1])
    assert (number, looks.ALTERED.en) in doubts()


def test_whoever_changes_the_seal_too_is_found_by_the_ledger(world: World) -> None:
    """Planted: a look is taken away and its seal made anew as if it had never been; the fact says otherwise."""
    number = sealed(world)[-4]
    with unguarded() as cursor:
        cursor.execute("DELETE FROM look WHERE number = %s", [number])
        cursor.execute("SELECT number, digests FROM look_seal WHERE first <= %s AND last >= %s", [number, number])
        one, digests = cursor.fetchone()
        parts = [bytes(digests)[i : i + 24] for i in range(0, len(digests), 24)]
        new = b"".join(p for p in parts if int.from_bytes(p[:8]) != number)
        cursor.execute("UPDATE look_seal SET digests = %s WHERE number = %s", [new, one])
    assert (None, looks.SEAL_CHANGED.en) in doubts()
    with unguarded() as cursor:
        cursor.execute("DELETE FROM look_seal WHERE number = %s", [one])
    assert (None, looks.SEAL_GONE.en) in doubts()


def test_triggers_refuse_to_change_a_look(world: World) -> None:
    sealed(world, 1)
    for statement in ("UPDATE look SET n = 0", "DELETE FROM look", "UPDATE look_seal SET looks = 0", "DELETE FROM look_seal"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_looks_are_sealed_once_a_minute_where_nobody_watches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "close_old_connections", lambda: None)
    clock = SetClock(Instant(world.opens + HOUR))
    set_clock(clock)
    looks._asked_at.clear()
    world.ask("tracing", sheet_url(SHEETS["people"]))
    assert not looks.verify().seals
    clock.at = Instant(clock.at + MINUTE)
    world.ask("tracing", sheet_url(SHEETS["people"]))
    assert looks.verify().seals == 1
    assert looks.verify().waiting == 0
    world.ask("tracing", sheet_url(SHEETS["people"]))
    assert looks.verify().waiting == 1
    before = live.highest()
    assert looks.seal(clock, centre().protocol)
    assert live.highest() == before, "live pages do not look again because someone looked"
    looks._asked_at.clear()


def test_who_was_shown_a_person_can_be_asked(world: World) -> None:
    """By page and by command: looks at any record of theirs and at their household; and those of an account."""
    person = members_of(POOL)[0]
    url = reverse("person", kwargs={"person": to_text(person)})
    for user in ("tracing", "duty"):
        world.ask(user, url)
    found = looks.of_person(looks.looks(), looks.same_person(person))
    assert {"tracing", "duty"} <= set(found.values_list("account", flat=True))
    assert all(set(looks.same_person(person)) & set(looks.shown_in(row)) for row in found)
    nobody = looks.of_person(looks.looks(), [b"\7" * 16])
    assert not nobody.exists()
    assert to_text(person) in world.ask("auditor", url).text
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    listed = world.ask("auditor", sheet_url(SHEETS["looks"], person=to_text(person), account="duty"))
    assert listed.status == 200
    assert len([row for row in listed.read.rows if "duty" in row]) == found.filter(account="duty").count() == 1
    one = found.filter(account="duty").first()
    assert one
    opened = world.ask("auditor", reverse("look", kwargs={"number": one.number}))
    assert MASKED.search(opened.text), "who audits sees them masked"
    assert world.ask("tracing", reverse("look", kwargs={"number": one.number})).status == 404


def test_the_commands_tell_the_same(world: World) -> None:
    sealed(world, 1)
    run = CliRunner()
    ok = run.invoke(main, ["audit", "verify", "--lang", "en", "--chain"])
    assert ok.exit_code == 0, ok.output
    assert "0 not as written" in ok.output
    told = json.loads(run.invoke(main, ["audit", "looks", "--user", "tracing", "--json", "--searched", "王"]).stdout)
    assert [row["page"] for row in told] == ["search"]
    person = told[0]["people"][0]
    of = json.loads(
        run.invoke(main, ["audit", "looks", "--person", person, "--json", "--from", "2020-12-09", "--to", "2020-12-09 10:00"]).stdout
    )
    assert told[0]["look"] in [row["look"] for row in of]
    assert run.invoke(main, ["audit", "looks", "--person", "王小明"]).exit_code == 2
    assert run.invoke(main, ["audit", "looks", "--from", "yesterday"]).exit_code == 2
    with unguarded() as cursor:
        cursor.execute("UPDATE look SET account = 'someone' WHERE number = %s", [told[0]["look"]])
    spoilt = run.invoke(main, ["audit", "verify", "--lang", "both"])
    assert spoilt.exit_code == 1
    assert f"look {told[0]['look']} (seal 1): the look was changed" in spoilt.output
    assert "查看记录被改动" in spoilt.output
