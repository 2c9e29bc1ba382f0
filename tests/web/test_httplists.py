"""The contract of every list for programs: the rows, texts, order and masks of the page; a walk meets every row once; nothing typed breaks it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import Q
from django.urls import reverse

from bulou.basis.ids import named_id, to_text
from bulou.basis.time import MINUTE, Instant, SetClock
from bulou.desks.command.figures import FIGURES
from bulou.evidence.now import NEVER
from bulou.kit import sheet as sheets
from bulou.kit.answers import ROOT
from bulou.kit.centre import set_clock
from bulou.kit.exports import MANY
from bulou.kit.http import description, interface
from bulou.kit.looks import shown_in
from bulou.kit.models import Look
from bulou.kit.sheet import PER_PAGE, SHEETS, Sheet
from bulou.register.models import Stay
from bulou.register.roles import masked
from tests.run import drawn, thorough
from tests.web.test_sheets import HOSTILE, LOOKERS, listed, rows_of, shown
from tests.web.test_statements import statements
from tests.web.test_verbs import VERBS, good, sent
from tests.web.world import NOBODY, Seen, World, sheet_url


def url(sheet: str, **query: str) -> str:
    return reverse(f"api:list-{sheet}") + (f"?{urlencode(query)}" if query else "")


def told(seen: Seen) -> Any:
    assert seen.status == 200, (seen.url, seen.text[:300])
    return json.loads(seen.text)


def walk(world: World, user: str, sheet: Sheet, language: str = "zh", **query: str) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    found: list[dict[str, Any]] = []
    page = told(world.get(user, url(sheet.name, **query), language))
    found += page["rows"]
    while page["next"]:
        page = told(world.get(user, url(sheet.name, **query, cursor=page["next"]), language))
        assert page["rows"]
        found += page["rows"]
    return found


def cells(rows: list[dict[str, Any]]) -> list[list[str]]:
    return [[shown(t) for t in r["text"].values()] for r in rows]


@pytest.mark.parametrize("name", SHEETS)
def test_list_for_programs_and_page_agree(world: World, name: str) -> None:
    """The same rows in the same order with the same words; every row once; both hours said."""
    sheet = SHEETS[name]
    for user in LOOKERS:
        if not world.look(user).viewer.sees(sheet.desk):
            assert world.get(user, url(name)).status == 404
            continue
        for language in drawn(("zh", "en"), "en"):
            rows = walk(world, user, sheet, language)
            assert len({r["key"] for r in rows}) == len(rows) == len(rows_of(world, user, sheet, language))
            page = listed(world, user, sheet, language, **({"sort": sheet.order} if sheet.order else {}))
            assert sorted(cells(rows)[: len(page)]) == sorted(page) or len(rows) > PER_PAGE
        first = told(world.get(user, url(name)))
        assert (first["entry"], first["about"][:16]) == (world.look(user).seq, "2020-12-09T09:00")


def test_a_walk_that_loses_rows_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: beyond the last row by its first field alone, so that rows equal to it in that field are lost."""
    right = sheets._beyond
    monkeypatch.setattr(sheets, "_beyond", lambda fields, last: right(fields[:1], last[:1]))
    monkeypatch.setattr(world, "seen", {})
    with pytest.raises(AssertionError):
        test_list_for_programs_and_page_agree(world, "people")


def test_every_order_meets_every_row_once(world: World) -> None:
    """Also where the column is empty in some rows, both ways."""
    for sheet in SHEETS.values():
        total = len(rows_of(world, "commander", sheet)) if world.look("commander").viewer.sees(sheet.desk) else 0
        if PER_PAGE < total < 400:
            for column in sheet.columns:
                for sort in (column.name, "-" + column.name) if column.sort else ():
                    keys = [r["key"] for r in walk(world, "commander", sheet, sort=sort)]
                    assert len(set(keys)) == len(keys) == total, (sheet.name, sort)


def test_what_is_entered_meanwhile_moves_no_row(world: World) -> None:
    """A walk stays at the moment at which it began; one that begins now sees what is new."""
    sheet = SHEETS["samples"]
    whole = [r["key"] for r in walk(world, "commander", sheet)]
    first = told(world.ask("commander", url("samples")))
    user, values = good(world, "take_sample")
    set_clock(SetClock(Instant(world.opens + MINUTE)))
    sent(world, user, VERBS["take_sample"], values)
    found, page = [r["key"] for r in first["rows"]], first
    while page["next"]:
        page = told(world.ask("commander", url("samples", cursor=page["next"])))
        assert (page["entry"], page["about"]) == (first["entry"], first["about"])
        found += [r["key"] for r in page["rows"]]
    assert found == whole
    assert told(world.ask("commander", url("samples")))["entry"] > first["entry"]


def test_a_past_moment_is_that_of_the_page(world: World) -> None:
    query = {"about": "2020-12-08 12:00", "known": "2020-12-08 13:00"}
    one = told(world.get("commander", url("people", **query)))
    assert (one["about"], one["known"]) == ("2020-12-08T12:00:00+08:00", "2020-12-08T13:00:00+08:00")
    assert cells(one["rows"]) == listed(world, "commander", SHEETS["people"], **query)
    browser = world.client("commander")
    browser.cookies["bulou_moment"] = "2020-12-08 12:00|2020-12-08 13:00"
    assert told(world.ask(None, url("people"), client=browser))["about"] == "2020-12-09T09:00:00+08:00"


def test_one_row_is_found_in_ones_own_areas_alone(world: World) -> None:
    near, far = (
        str(Stay.objects.filter(Q(void_seq=NEVER), area__startswith=a).order_by("id").values_list("pk", flat=True)[0])
        for a in ("510117001218", "510117008")
    )
    for sheet in SHEETS.values():
        if world.look("commander").viewer.sees(sheet.desk):
            for row in told(world.get("commander", url(sheet.name)))["rows"][:2]:
                one = told(world.get("commander", reverse(f"api:row-{sheet.name}", kwargs={"key": row["key"]})))
                assert one["row"] == row
    assert world.get("taiping", reverse("api:row-people", kwargs={"key": near})).status == 200
    assert world.get("commander", reverse("api:row-people", kwargs={"key": far})).status == 200
    assert world.get("taiping", reverse("api:row-people", kwargs={"key": far})).status == 404


def test_who_may_not_ask_is_told_so_in_both_languages(world: World) -> None:
    for user, status in ((None, 401), (NOBODY, 403)):
        for name in (*(f"api:list-{s}" for s in SHEETS), "api:openapi"):
            seen = world.get(user, reverse(name))
            assert (seen.status, seen.headers["Content-Type"]) == (status, "application/problem+json")
    said = json.loads(world.get(None, url("people")).text)["title"]
    assert "·" in said


def test_a_walk_as_long_as_a_file_goes_on_masked(world: World) -> None:
    """As the file of the list would be without a second person: whoever may see names pages to them, and carries none out in number."""
    user = next(u for u in world.users if "name" in world.look(u).viewer.unmasked and world.look(u).viewer.sees("people"))
    rows = walk(world, user, SHEETS["people"])
    assert len(rows) > MANY + PER_PAGE
    names = [r["text"]["name"] for r in rows]
    assert not any("*" in n for n in names[:MANY])
    assert all(n == masked("name", n) or "*" in n for n in names[MANY:])


def test_whom_a_program_is_told_of_is_looked_at(world: World) -> None:
    before = Look.objects.count()
    page = told(world.ask("tracing", url("people", q="王")))
    look = Look.objects.order_by("-number")[0]
    assert Look.objects.count() == before + 1
    assert (look.account, look.page, look.n) == ("tracing", "list-people", len(shown_in(look)))
    assert look.n >= len(page["rows"]) > 0
    assert "王" not in look.address
    assert "name" in look.bare


def test_what_cannot_be_meant_is_refused_and_never_ignored(world: World) -> None:
    """A filter that is not applied would tell more rows than were asked for."""
    for query in (
        {"no": "1"},
        {"about": "yesterday"},
        {"known": "2020-13-01"},
        {"sort": "pk"},
        {"cursor": "x"},
        {"area": "510117999"},
        {"page": "2"},
    ):
        seen = world.get("commander", url("people", **query))
        assert seen.status == 422, query
        wrong = json.loads(seen.text)["problems"]
        assert wrong[0]["field"] == next(iter(query))
        assert wrong[0]["zh"]
        assert wrong[0]["en"]
    cursor = told(world.get("commander", url("people")))["next"]
    assert world.get("commander", url("samples", cursor=cursor)).status == 422
    assert world.get("commander", url("people", cursor=cursor, area="510117001")).status == 422
    assert world.get("commander", url("people", cursor=cursor[:-1] + "x")).status == 422


@pytest.mark.parametrize("name", SHEETS)
def test_nothing_typed_breaks_a_list(world: World, name: str) -> None:
    fields = [*(n.name for n in SHEETS[name].narrows), "sort", "cursor", "about", "known", "columns"]
    for value in HOSTILE[: 8 if thorough() else 3]:
        for field in fields:
            assert world.get("commander", url(name, **{field: value})).status in (200, 404, 422), (field, value[:20])
        for key in ("0", "-1", "9" * 30, "x", "１"):
            assert world.get("commander", reverse(f"api:row-{name}", kwargs={"key": key})).status == 404


@pytest.mark.parametrize("name", SHEETS)
def test_a_list_for_programs_asks_no_more_than_its_page(world: World, name: str) -> None:
    if world.look("commander").viewer.sees(SHEETS[name].desk):
        page, program = (statements(lambda u=u: world.ask("commander", u)) for u in (sheet_url(SHEETS[name]), url(name)))
        assert program <= page


def test_the_description_has_every_list_and_both_languages() -> None:
    api = description(interface())
    assert api["openapi"] == "3.1.0"
    assert {f"{ROOT}lists/{s}" for s in SHEETS} <= set(api["paths"])
    for path in api["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                assert parameter["in"] == "path" or " · " in parameter["description"], parameter
            assert {200, 401, 403, 429} <= set(operation["responses"])
    answer = api["paths"][f"{ROOT}lists/people"]["get"]["responses"][200]["content"]["application/json"]["schema"]
    assert answer["properties"]["about"]["format"] == "date-time"
    columns, told_ = {c.name for c in SHEETS["people"].columns}, answer["properties"]["rows"]["items"]["properties"]["text"]
    assert (set(told_["properties"]), told_["required"]) == (columns, []), "a list may be asked for fewer columns"
    one = api["paths"][f"{ROOT}lists/people/{{key}}"]["get"]["responses"][200]["content"]["application/json"]["schema"]
    assert set(one["properties"]["row"]["properties"]["text"]["required"]) == columns


def test_rows_say_what_they_are_about(world: World) -> None:
    """By ids and codes, never by words: no list of people, tubes or duties leaves a program to guess from a name."""
    for name, wanted in {
        "duties": {"rule", "edition", "subject", "type", "incident", "turn"}, "samples": {"person", "tube"}, "tubes": {"tube"}, "cases": {"person", "incident"},
        "contacts": {"person", "incident"}, "orders": {"order", "person", "incident"}, "people": {"person"}, "households": {"household", "area"},
        "areas": {"area"},
    }.items():  # fmt: skip
        rows = told(world.ask("commander", url(name)))["rows"]
        assert rows, name
        assert all(wanted <= set(r["gives"]) for r in rows), (name, rows[0]["gives"])
    duties = told(world.ask("commander", url("duties")))["rows"]
    assert all(("closed" in r["gives"]) == (r["state"]["state"] in ("done", "done_late", "excused")) for r in duties)


def test_figures_for_programs_are_those_of_the_board(world: World) -> None:
    answer = told(world.ask("commander", reverse("api:route-figures")))
    board = world.ask("commander", reverse("board"))
    assert [f["name"] for f in answer["figures"]] == list(FIGURES)
    assert answer["incident"] == to_text(world.incident)
    for figure in answer["figures"]:
        assert f">{figure['value']:,}<" in board.text.replace(" ", "").replace("\n", ""), figure["name"]
    assert world.ask("laboratory", reverse("api:route-figures")).status == 404
    for query in ("incident=x", f"incident={to_text(named_id('no'))}", "area=510117"):
        assert world.ask("commander", f"{reverse('api:route-figures')}?{query}").status == 422
