"""What the bench says beyond who is where: bridges, causes, counts of others, lists for tomorrow, the city's workbook, what leaves whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from bulou.basis.ids import from_text, new_id, to_text
from bulou.basis.time import HOUR, Instant, SetClock, format_local
from bulou.desks.compare import kept, lasting
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.models import CityWorkbook, Comparison, KeptList, SavedDefinition
from bulou.desks.compare.restored import restored
from bulou.kit.centre import set_clock
from bulou.lists.findings import Findings
from tests.lists.made import plain
from tests.web.test_bench import A, B, begun, one, worked
from tests.web.world import World

YESTERDAY = (
    "姓名,身份证号,报告时间,状态\n欧阳甲子,11010519491231002X,2022-08-10 09:00,密接\n司马乙丑,110105194912310038,2022-08-10 10:00,密接\n"
)
TODAY = (
    "姓名,身份证号,报告时间,状态\n欧阳甲子,11010519491231002X,2022-08-10 09:00,密接\n诸葛丙寅,110105194912310054,2022-08-11 21:00,密接\n"
)


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path) -> Iterator[None]:
    """What is swept away here is none of the session's."""
    with override_settings(BULOU_HOME=tmp_path / "home"):
        yield


def days(world: World, *more: tuple[str, bytes]) -> Comparison:
    return worked(begun(world, "data", ("yesterday.csv", YESTERDAY.encode()), ("today.csv", TODAY.encode()), *more))


def answer_of(comparison: Comparison) -> Answer:
    return Answer(kept.folder(comparison.pk) / "answer")


def asked(world: World, comparison: Comparison, user: str = "data", **said: Any) -> Any:
    return world.ask(user, one(comparison, "bench-asked"), data=said)


def steps(comparison: Comparison, n: int = 0) -> dict[str, int]:
    return {t["code"]: t["sign"] * t["number"] for t in answer_of(comparison).said["bridges"][n]["terms"]}


# --- read back --------------------------------------------------------------------------------------------------------
def test_a_comparison_read_back_says_what_it_said(world: World) -> None:
    rows = "姓名,身份证号,电话,街道\n欧阳甲子,11010519491231002X,19900000001,白沙镇\n欧阳甲子,11010519491231002X,,白沙镇\n张三,510117199003071000,,\n合计,3,,\n"
    comparison = worked(begun(world, "data", ("a.csv", rows.encode()), ("b.csv", A.encode()), ("c.csv", B.encode())))
    folder = kept.folder(comparison.pk) / "answer"
    found, said = restored(folder), Answer(folder).said
    assert not found.reconciles()
    again = Findings(found)
    told = {f.code: f.number for f in again.figures()}
    assert {f["code"]: f["number"] for f in said["figures"]} == {c: n for c, n in told.items() if c != "only_register"}
    assert [(r.mask, len(r.people)) for r in found.regions] == [(r["mask"], r["number"]) for r in said["regions"]]
    assert [len(p) for p in found.areas.values()] == [a["number"] for a in said["areas"]]
    assert found.fewest == said["fewest"]
    assert any(found.reasons(p.number, "en") for p in found.people)


# --- bridges ----------------------------------------------------------------------------------------------------------
def test_a_bridge_takes_a_cut_off_a_published_figure_and_causes_said_by_hand(world: World) -> None:
    comparison = days(world)
    assert steps(comparison) == {"new": 1, "unexplained_fewer": -1}
    assert asked(world, comparison, act="bridge", **{"from": "A", "to": "B"}, since="2022-08-11 22:00", before="3").status == 302
    comparison = worked(comparison)
    assert comparison.state == "done"
    assert steps(comparison) == {"said_before": -1, "late": 1, "unexplained_fewer": -1}
    assert asked(world, comparison, act="cause", bridge="0", code="other_cut_off", number="1", why="市里 20:00 截止,李科电话").status == 302
    comparison = worked(comparison)
    assert steps(comparison) == {"said_before": -1, "late": 1, "other_cut_off": -1}
    page = world.ask("data", one(comparison, "bench-asked")).text
    assert "李科电话" in page and "data" in page, "who said it stands beside it"
    names = world.ask("data", one(comparison, "bench-names", group="bridge_0_other_cut_off"))
    assert "司马乙丑" in names.text, "whoever opens the cause sees who may be meant"
    assert asked(world, comparison, act="uncause", bridge="0", cause="0").status == 302
    assert steps(worked(comparison)) == {"said_before": -1, "late": 1, "unexplained_fewer": -1}


def test_a_bridge_leads_between_any_two_lists(world: World) -> None:
    comparison = days(world, ("c.csv", B.encode()))
    assert answer_of(comparison).said["bridges"] == [], "of three lists nobody knows which is yesterday's"
    assert asked(world, comparison, act="bridge", **{"from": "C", "to": "B"}).status == 302
    comparison = worked(comparison)
    (bridge,) = answer_of(comparison).said["bridges"]
    assert (bridge["from"], bridge["to"]) == ("c.csv", "today.csv")
    assert asked(world, comparison, act="unbridge", bridge="0").status == 302
    assert answer_of(worked(comparison)).said["bridges"] == []


@pytest.mark.parametrize(
    "said",
    [
        {"act": "bridge", "from": "A", "to": "A"},
        {"act": "bridge", "from": "A", "to": "B", "since": "gestern"},
        {"act": "bridge", "from": "A", "to": "B", "before": "viele"},
        {"act": "cause", "bridge": "0", "code": "other_cut_off", "number": "0", "why": "x"},
        {"act": "cause", "bridge": "0", "code": "other_cut_off", "number": "1", "why": " "},
        {"act": "definitions", "day": "morgen"},
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(world: World, said: dict[str, str]) -> None:
    comparison = days(world)
    seen = asked(world, comparison, **said)
    assert seen.status == 422
    assert Comparison.objects.get(pk=comparison.pk).asks == {}
    assert asked(world, comparison, act="cause", bridge="9", code="new", number="1", why="x").status == 404
    kept.hand(comparison, [c.post for c in world.look("duty").viewer.chairs])
    assert asked(world, comparison, "duty", act="unbridge", bridge="0").status == 404, "who was handed it asks nothing"


def test_asking_does_not_link_anew_and_the_answer_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = days(world)
    before = answer_of(comparison).said["people"]
    monkeypatch.setattr("bulou.desks.compare.work.compare", lambda *a, **k: pytest.fail("linked anew"))
    asked(world, comparison, act="bridge", **{"from": "B", "to": "A"})
    comparison = worked(comparison)
    assert (comparison.state, answer_of(comparison).said["people"]) == ("done", before)


# --- as others count --------------------------------------------------------------------------------------------------
FORM = {
    "act": "save",
    "code": "city",
    "zh": "市里按报告时间",
    "en": "",
    "unit": "people",
    "clock": "reported",
    "cut_off": "20:00",
    "counting": "cumulative",
}


def test_a_definition_is_written_in_a_form_and_counts_with_names(world: World) -> None:
    page = reverse("bench-definitions")
    SavedDefinition.objects.all().delete()
    assert world.ask("data", page, data={**FORM, "cut_off": "8pm"}).status == 422
    assert world.ask("data", page, data={**FORM, "zh": ""}).status == 422
    assert world.ask("data", page, data={**FORM, "without": "已解除\n已解除"}).status == 302
    (kept_,) = lasting.definitions()
    assert (kept_.code, kept_.cut_off, kept_.without, kept_.en) == ("city", "20:00", ("已解除",), "市里按报告时间")
    assert 'value="city"' in world.ask("data", f"{page}?code=city").text, "it is changed where it was written"
    comparison = days(world)
    assert asked(world, comparison, act="definitions", definitions=["city", "none"], day="2022-08-11").status == 302
    comparison = worked(comparison)
    said = answer_of(comparison).said
    assert [(f["code"], f["number"]) for f in said["counted"]] == [
        ("counted_city_yesterday.csv", 2), ("counted_city_today.csv", 1), ("counted_city_全部名单", 2),
    ]  # fmt: skip
    number = len(said["bridges"]) - 1
    assert (said["bridges"][number]["before"], said["bridges"][number]["after"]) == (3, 2)
    assert steps(comparison, number) == {"other_cut_off": -1}
    assert "诸葛丙寅" in world.ask("data", one(comparison, "bench-names", group=f"bridge_{number}_other_cut_off")).text


def test_definitions_come_as_a_file_too_and_bad_ones_say_why(world: World) -> None:
    page = reverse("bench-definitions")
    toml = b'[[definition]]\ncode = "province"\nen = "the province"\nclock = "onset"\n'
    assert world.ask("data", page, data={"act": "file", "file": SimpleUploadedFile("p.toml", toml)}).status == 302
    assert "province" in {d.code for d in lasting.definitions()}
    for bad in (b"x = ", b'[[definition]]\ncode = "a b"\n', b"\xff\xfe\x00", b'[[definition]]\ncode = "x"\nclock = "moon"\n'):
        assert world.ask("data", page, data={"act": "file", "file": SimpleUploadedFile("p.toml", bad)}).status == 422
    assert world.ask("data", page, data={"act": "drop", "code": "province"}).status == 302
    assert "province" not in {d.code for d in lasting.definitions()}


# --- lists for tomorrow -----------------------------------------------------------------------------------------------
def keep(world: World, comparison: Comparison, group: str = "in_A", hours: str = "24") -> KeptList:
    sent = world.ask("data", one(comparison, "bench-keep", group=group), data={"name": "昨天的名单", "hours": hours})
    assert sent.status == 302, sent.text
    return KeptList.objects.get(name="昨天的名单")


def test_a_list_is_kept_and_is_the_start_of_the_next_bridge(world: World) -> None:
    mine = keep(world, days(world))
    assert mine.rows == 2
    files = [SimpleUploadedFile("today.csv", TODAY.encode())]
    sent = world.ask("data", reverse("bench"), data={"files": files, "text": "", "kept": [to_text(mine.pk)]})
    assert sent.status == 302
    comparison = worked(Comparison.objects.get(pk=from_text(sent.headers["Location"].rsplit("/", 1)[1])))
    assert comparison.state == "done"
    (bridge,) = answer_of(comparison).said["bridges"]
    assert (bridge["before"], bridge["after"]) == (2, 2)
    assert steps(comparison) == {"new": 1, "unexplained_fewer": -1}


def test_a_kept_list_is_its_makers_until_it_is_handed_over_and_goes_at_its_hour(world: World) -> None:
    mine = keep(world, days(world))
    assert "昨天的名单" in world.ask("data", reverse("bench-kept")).text
    assert "昨天的名单" not in world.ask("duty", reverse("bench")).text
    assert world.ask("duty", reverse("bench-kept"), data={"act": "drop", "list": to_text(mine.pk)}).status == 404
    stolen = world.ask("duty", reverse("bench"), data={"text": "1. 欧阳甲子 19900000001", "kept": [to_text(mine.pk)]})
    assert len(Comparison.objects.get(pk=from_text(stolen.headers["Location"].rsplit("/", 1)[1])).files) == 1, "another's list is not there"
    (chair,) = world.look("duty").viewer.chairs
    assert world.ask("data", reverse("bench-kept"), data={"act": "hand", "list": to_text(mine.pk), "posts": [chair.post]}).status == 302
    assert "昨天的名单" in world.ask("duty", reverse("bench")).text
    assert world.ask("duty", reverse("bench-kept"), data={"act": "drop", "list": to_text(mine.pk)}).status == 404, "handed is not owned"
    file = next((Path(settings.BULOU_HOME) / "kept-lists").iterdir())
    lasting.sweep(Instant(mine.until - 1))
    assert file.exists(), "not a moment earlier"
    set_clock(SetClock(Instant(world.opens + 24 * HOUR)))
    assert not lasting.lists(world.look("data"), Instant(mine.until)).filter(pk=mine.pk).exists()
    lasting.sweep(mine.until)
    assert not file.exists()
    assert not KeptList.objects.filter(pk=mine.pk).exists()


def test_a_figures_people_are_kept_each_once(world: World) -> None:
    comparison = days(world)
    one_each = keep(world, comparison, "distinct")
    assert one_each.rows == 3
    assert world.ask("data", one(comparison, "bench-keep", group="twice"), data={"name": "x", "hours": "24"}).status == 422
    assert world.ask("data", one(comparison, "bench-keep", group="in_A"), data={"name": "x", "hours": "9999"}).status == 404


def test_a_list_of_the_ledger_as_it_stood_is_compared(world: World) -> None:
    at = format_local(world.opens, settings.BULOU_ZONE)
    text = "1. 欧阳甲子 19900000001"
    sent = world.ask("data", reverse("bench"), data={"text": text, "ledger": "people", "ledger_at": at})
    assert sent.status == 302, sent.text
    comparison = worked(Comparison.objects.get(pk=from_text(sent.headers["Location"].rsplit("/", 1)[1])))
    assert comparison.state == "done"
    said = answer_of(comparison).said
    assert said["lists"][0]["people"] > 10
    assert said["bridges"][0]["before"] == said["lists"][0]["rows"]
    for wrong in ("yesterday", "2099-01-01 00:00"):
        assert world.ask("data", reverse("bench"), data={"text": text, "ledger": "people", "ledger_at": wrong}).status == 422
    assert world.ask("data", reverse("bench"), data={"text": text, "ledger": "no", "ledger_at": at}).status == 404


# --- the city's workbook ----------------------------------------------------------------------------------------------
def city(world: World, comparison: Comparison) -> tuple[str, CityWorkbook]:
    CityWorkbook.objects.all().delete()
    page = one(comparison, "bench-city", group="distinct")
    data = plain([["序号", "姓名", "身份证号", "联系电话", "核酸单位"]], "市日报")
    assert world.ask("data", page, data={"file": SimpleUploadedFile("市日报.xlsx", data)}).status == 302
    return page, CityWorkbook.objects.get()


def cells(content: bytes) -> tuple[list[list[Any]], Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[c.value for c in row] for row in book["市日报"].iter_rows()], book


def test_the_citys_workbook_shows_its_columns_and_is_filled_masked(world: World) -> None:
    comparison = days(world)
    page, book = city(world, comparison)
    said = world.ask("data", page).text
    assert "市日报" in said and "核酸单位" in said, "what stays empty is said before anything leaves"
    assert "市日报.xlsx" in world.ask("data", one(days(world), "bench-city", group="only_A")).text, "it is there the next time"
    file = world.client("data").get(one(comparison, "bench-city-file", group="distinct", workbook=to_text(book.pk)))
    rows, opened = cells(file.content)
    assert rows[0] == ["序号", "姓名", "身份证号", "联系电话", "核酸单位"]
    assert len(rows) == 4
    assert all("*" in r[1] and "*" in r[2] for r in rows[1:])
    assert all(c.number_format == "@" for c in opened["市日报"]["C"][1:])
    assert world.ask("data", page, data={"file": SimpleUploadedFile("x.xlsx", b"no")}).status == 422
    assert world.ask("data", page, data={"act": "drop", "workbook": to_text(book.pk)}).status == 302
    assert not CityWorkbook.objects.exists()


# --- whole, when two people let it ------------------------------------------------------------------------------------
def requested(world: World, query: dict[str, str]) -> bytes:
    ask = f"{reverse('export-ask')}?{'&'.join(f'{k}={v}' for k, v in query.items())}"
    assert world.ask("data", ask).opened
    request = new_id(world.opens)
    sent = world.ask(
        "data",
        ask,
        data={"purpose": "reconciling", "reason": "市里今晚要原表", "fact_id": to_text(request)},
    )
    assert sent.status == 302, sent.text
    return request


def decider(world: World) -> str:
    own = {c.post for c in world.look("data").viewer.chairs}
    return next(
        u for u in world.users
        if u != "data" and any("decide_export" in c.role.verbs and c.post not in own for c in world.look(u).viewer.chairs)
    )  # fmt: skip


@pytest.mark.parametrize("what", ["bench-result", "bench-city"])
def test_what_leaves_whole_is_asked_for_let_go_by_another_and_marked(world: World, what: str) -> None:
    comparison = days(world)
    query = {"sheet": what, "comparison": to_text(comparison.pk)}
    if what == "bench-city":
        query |= {"group": "distinct", "workbook": to_text(city(world, comparison)[1].pk)}
    request = requested(world, query)
    client, take = world.client("data"), {"do": "take", "request": to_text(request)}
    assert client.post(reverse("exports"), take).status_code == 422, "nothing leaves before a second person let it"
    grant = {"do": "grant", "request": to_text(request), "reason": "已核对"}
    assert world.ask("data", reverse("exports"), data=grant).status == 422, "nobody decides their own request"
    assert world.ask(decider(world), reverse("exports"), data=grant).status == 302
    file = client.post(reverse("exports"), take)
    assert file.status_code == 200
    name = file.headers["Content-Disposition"]
    assert "data_" in name, "who holds it stands in its name"
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    texts = [str(c.value) for page in book.worksheets for row in page.iter_rows() for c in row if c.value is not None]
    assert "诸葛丙寅" in texts
    assert "110105194912310054" in texts
    if what == "bench-city":
        assert "data" in str(book.worksheets[0].oddFooter.center.text)
        assert [c.value for c in book.worksheets[0][1]] == ["序号", "姓名", "身份证号", "联系电话", "核酸单位"], "no cell is ours"
    else:
        page = next(p for p in book.worksheets if p.title == "全部人员")
        assert all("data" in str(row[-1].value) for row in page.iter_rows(min_row=3)), "the mark stands in every row"
    assert client.post(reverse("exports"), take).status_code == 422, "it is taken once"


def test_nobody_asks_for_anothers_comparison_and_what_was_deleted_is_not_taken(world: World) -> None:
    comparison = days(world)
    query = f"?sheet=bench-result&comparison={to_text(comparison.pk)}"
    for user in world.users:
        if user != "data":
            assert world.ask(user, reverse("export-ask") + query).status in (302, 404), user
    request = requested(world, {"sheet": "bench-result", "comparison": to_text(comparison.pk)})
    grant = {"do": "grant", "request": to_text(request), "reason": "已核对"}
    assert world.ask(decider(world), reverse("exports"), data=grant).status == 302
    kept.destroy(comparison)
    assert world.ask("data", reverse("exports"), data={"do": "take", "request": to_text(request)}).status == 404
    assert world.ask("data", reverse("exports")).opened


def test_the_masked_answer_is_written_anew_when_something_is_asked(world: World) -> None:
    comparison = days(world)
    asked(world, comparison, act="bridge", **{"from": "B", "to": "A"})
    comparison = worked(comparison)
    book = openpyxl.load_workbook(kept.folder(comparison.pk) / "answer" / "result-zh.xlsx")
    assert "today.csv → yesterday.csv" in [c.value for c in book["衔接"]["A"]]
    texts = [str(c.value) for page in book.worksheets for row in page.iter_rows() for c in row]
    assert "诸葛丙寅" not in texts
