"""Files into verbs: every row has its fate, the same file changes nothing, what was stopped goes on, no row is half entered."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from bulou.basis.facts import DocumentRecorded
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Entry
from bulou.kit import many
from bulou.kit.centre import centre
from bulou.kit.importing import import_of, imports, receive
from bulou.kit.many import Fate, receipts, rows_of, start, step
from bulou.kit.models import ImportReceipt, ImportRow
from bulou.kit.verb import VERBS
from bulou.register.models import Person
from bulou.register.scope import standing
from tests.web.world import Seen, World

VILLAGE = "510117001218"
GOOD = [["王试甲", "110101199003070134", "00000000111"], ["李试乙", "", "00000000112"]]


def sheet(rows: list[list[str]], heads: tuple[str, ...] = ("姓名", "身份证号", "手机号", "区域")) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([heads, *([*row, VILLAGE] for row in rows)])
    return out.getvalue().encode()


def send(world: World, data: bytes, verb: str = "enrol", user: str = "data", name: str = "people.csv") -> Seen:
    return world.ask(user, reverse("imports"), data={"verb": verb, "file": SimpleUploadedFile(name, data)})


def sent(world: World, data: bytes, **more: Any) -> ImportReceipt:
    answer = send(world, data, **more)
    assert answer.status == 302, answer.text
    return ImportReceipt.objects.get(pk=int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1]))


def press(world: World, receipt: ImportReceipt, do: str, user: str = "data", **more: str) -> Seen:
    answer = world.ask(user, reverse("import", kwargs={"number": receipt.pk}), data={"do": do, **more})
    if do != "drop":
        receipt.refresh_from_db()
    return answer


def columns(receipt: ImportReceipt) -> dict[str, str]:
    return {f"column-{name}": str(i) for name, i in receipt.mapping.items()}


def through(world: World, receipt: ImportReceipt) -> ImportReceipt:
    """Columns as recognised, checked, entered."""
    press(world, receipt, "columns", **columns(receipt))
    assert receipt.state == "ready"
    press(world, receipt, "enter")
    assert receipt.state == "done"
    return receipt


def fates(receipt: ImportReceipt) -> list[tuple[int, str, str]]:
    return list(rows_of(receipt).values_list("n", "fate", "field"))


def enrolled() -> int:
    return int(CONTENT["person.enrolled"].objects.count())


def test_people_are_enrolled_from_a_file(world: World) -> None:
    before, entries = enrolled(), Entry.objects.count()
    receipt = sent(world, sheet(GOOD))
    assert receipt.mapping == {"name": 0, "document": 1, "phone": 2, "area": 3}
    press(world, receipt, "columns", **columns(receipt))
    assert enrolled() == before, "checked is not entered"
    assert Entry.objects.count() == entries
    press(world, receipt, "enter")
    assert (receipt.entered, receipt.same, receipt.refused, receipt.waiting) == (2, 0, 0, 0)
    assert enrolled() == before + 2
    person = Person.objects.get(name="王试甲")
    assert (person.document, person.document_kind, person.phone) == ("110101199003070134", "id_card", "00000000111")
    assert all(row.cells == [] for row in rows_of(receipt)), "what was entered is not kept twice"


def test_a_second_telephone_and_a_recorded_document_are_known_again(world: World) -> None:
    """Who is on the register by a passport recorded later, or may be by the second number of a cell, is not enrolled twice."""
    through(world, sent(world, sheet(GOOD)))
    person = Person.objects.get(name="王试甲").person
    passport = Fact(new_id(world.opens), "document.recorded", world.opens, None, DocumentRecorded(bytes(person), "passport", "E12345678"))
    enter([passport], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    before = enrolled()
    again = sent(
        world,
        sheet([["王试甲", "E12345678", ""], ["李试乙", "", "00000000999 / 00000000112"], ["李试丙", "", "00000000999 / 00000000112"]]),
    )
    press(world, again, "columns", **columns(again))
    assert [fate for _, fate, _ in fates(again)] == ["same", "waiting", "ok"]
    assert enrolled() == before


def test_the_same_file_changes_nothing(world: World) -> None:
    first = through(world, sent(world, sheet(GOOD)))
    before = enrolled(), Entry.objects.count()
    assert sent(world, sheet(GOOD)).pk == first.pk
    ImportReceipt.objects.filter(pk=first.pk).delete()
    again = through(world, sent(world, sheet(GOOD)))
    assert (again.entered, again.same) == (0, 2)
    assert (enrolled(), Entry.objects.count()) == before


def test_every_row_has_its_fate(world: World) -> None:
    known = standing(Person, world.look("data").seq).exclude(document=None).order_by("id")[0]
    rows = [
        [known.name, known.document, ""],  # on the register
        ["赵另名", known.document, ""],  # another name under a number that someone has
        ["钱表格", "110101199003070000", ""],  # a number that a spreadsheet has cut
        ["孙一", "11010119900307059X", ""], ["孙 一", "11010119900307059x", ""], ["周二", "11010119900307059X", ""],
        ["", "", ""], ["", "110101199003070610", ""],  # nobody's name
        [known.name, "", "000" + "1" * 8],
    ]  # fmt: skip
    receipt = through(world, sent(world, sheet(rows)))
    found = {n: (fate, field) for n, fate, field in fates(receipt)}
    assert found[2] == ("same", "document")
    assert found[3] == ("waiting", "document")
    assert found[4] == ("waiting", "document")
    assert found[5][0] == "entered"
    assert found[6] == ("same", "document")
    assert found[7] == ("waiting", "document")
    assert found[9] == ("refused", "name")
    assert receipt.entered + receipt.same + receipt.refused + receipt.waiting == receipt.total == len(found)


def test_an_area_may_be_named_and_a_wrong_cell_says_what_would_be_right(world: World) -> None:
    heads = ("姓名", "性别", "出生日期", "区域")
    name = world.look("data").area(VILLAGE)
    data = "\n".join(
        (",".join(heads), f"吴名,男,1990/3/7,{name}", f"郑错,男孩,1990-03-07,{name}", "王错,女,昨天,510117001218", "冯错,女,,火星")
    ).encode()
    receipt = through(world, sent(world, data))
    assert fates(receipt) == [(2, "entered", ""), (3, "refused", "sex"), (4, "refused", "born_on"), (5, "refused", "area")]
    page = world.ask("data", reverse("import", kwargs={"number": receipt.pk}), "en").text
    assert "should be a day YYYY-MM-DD" in page
    assert Person.objects.get(name="吴名").born_on == "1990-03-07"


def test_what_was_refused_comes_back_corrected(world: World) -> None:
    receipt = through(world, sent(world, sheet([*GOOD, ["", "110101199003070610", ""]])))
    for ending in ("csv", "xlsx"):
        answer = world.client("data", "zh").get(reverse("import-rows", kwargs={"number": receipt.pk, "ending": ending}))
        data = b"".join(answer.streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert [c.value for c in page[1]] == ["姓名", "身份证号", "手机号", "区域", "原行号", "应为"]
    assert page.max_row == 2
    assert page["B2"].value == "110101199003070610"
    page["A2"] = "陈补"
    del book[book.sheetnames[1]]
    out = io.BytesIO()
    book.save(out)
    again = through(world, sent(world, out.getvalue(), name="again.xlsx"))
    assert (again.entered, again.refused) == (1, 0)


def test_columns_put_right_are_remembered(world: World) -> None:
    heads = ("甲", "乙", "丙", "丁")
    receipt = sent(world, sheet(GOOD, heads))
    assert "name" not in receipt.mapping
    assert press(world, receipt, "columns").status == 422
    assert receipt.state == "mapping"
    press(world, receipt, "columns", **{"column-name": "0", "column-document": "1", "column-area": "3", "column-phone": "99"})
    assert receipt.state == "ready"
    assert sent(world, sheet([["别人", "", ""]], heads)).mapping == {"name": 0, "document": 1, "area": 3}
    press(world, receipt, "columns-again")
    assert receipt.state == "mapping"
    assert press(world, receipt, "drop").status == 302
    assert not ImportRow.objects.filter(receipt_id=receipt.pk).exists()


class Killed(Exception):
    """The process goes in the middle."""


def test_a_stopped_import_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while an entry is written: of that entry neither facts nor fates are there; the rest is entered once."""
    monkeypatch.setattr(many, "CHUNK", 10)
    look, before = world.look("data"), enrolled()
    one = import_of("enrol")
    assert one
    receipt = receive(one, sheet([[f"断{i:03}", "", ""] for i in range(45)]), "long.csv", look, None)
    start(receipt, receipt.mapping)
    while receipt.state == "checking":
        step(receipt, look, 20)
    many.enter_rows(receipt)
    keep, calls = many._keep, iter(range(100))

    def killed(*args: Any) -> None:
        if next(calls) == 2:
            raise Killed
        keep(*args)

    monkeypatch.setattr(many, "_keep", killed)
    with pytest.raises(Killed):
        step(receipt, look)
    receipt.refresh_from_db()
    assert receipt.entered == enrolled() - before == rows_of(receipt, "entered").count() == 20
    monkeypatch.setattr(many, "_keep", keep)
    while receipt.state != "done":
        step(receipt, world.look("data"), 10)
    assert receipt.entered == enrolled() - before == 45
    assert not rows_of(receipt).exclude(fate="entered").exists()


def test_fates_outside_the_entry_are_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the fates of rows are not kept with their facts."""
    monkeypatch.setattr(many, "_keep", lambda receipt, rows, fates: None)
    look = world.look("data")
    one = import_of("enrol")
    assert one
    receipt = receive(one, sheet(GOOD), "x.csv", look, None)
    ImportRow.objects.filter(receipt=receipt).update(fate="ok")
    ImportReceipt.objects.filter(pk=receipt.pk).update(state="entering")
    receipt.refresh_from_db()
    before = enrolled()
    many._enter(receipt, many.WAYS["file"](receipt, look), look)
    assert receipt.entered != enrolled() - before


def test_an_import_is_its_senders_alone(world: World) -> None:
    receipt = sent(world, sheet(GOOD))
    for user in ("commander", "laboratory", "taiping", "auditor"):
        assert world.ask(user, reverse("import", kwargs={"number": receipt.pk})).status == 404
        assert world.ask(user, reverse("import-rows", kwargs={"number": receipt.pk, "ending": "csv"})).status == 404
    assert send(world, sheet(GOOD), user="auditor").status == 404


def test_rights_and_areas_hold_for_every_row(world: World) -> None:
    """One who answers for a village enrols in it, not elsewhere."""
    other = next(c for c, p in sorted(world.look("data").areas.places.items()) if p.level == "village" and c != VILLAGE)
    data = f"姓名,区域\n邻里甲,{VILLAGE}\n邻里乙,{other}\n".encode()
    receipt = sent(world, data, user="taiping")
    press(world, receipt, "columns", "taiping", **columns(receipt))
    press(world, receipt, "enter", "taiping")
    assert fates(receipt) == [(2, "entered", ""), (3, "refused", "area")]


@pytest.mark.parametrize("data", (b"", b"%PDF-1.4 x", b"\x89PNG\r\n\x1a\n"))
def test_a_file_that_is_none_says_what_would_be_right(world: World, data: bytes) -> None:
    before = ImportReceipt.objects.count(), enrolled()
    assert send(world, data).status == 422
    assert (ImportReceipt.objects.count(), enrolled()) == before


def test_a_file_of_an_exercise_never_enters_a_real_ledger(world: World) -> None:
    data = f"姓名,区域,\n演练甲,{VILLAGE},EXERCISE / 演练\n".encode()
    with override_settings(BULOU_DEMO="", BULOU_EXERCISE=""):
        answer = send(world, data)
        assert answer.status == 422 and ("演练的文件" in answer.text or "file of an exercise" in answer.text)
    with override_settings(BULOU_DEMO="", BULOU_EXERCISE="exercise 9"):
        assert sent(world, data).total == 1


def importable() -> list[str]:
    return [name for name in VERBS if import_of(name)]


def test_verbs_that_say_all_they_need_can_be_imported() -> None:
    assert {"enrol", "record_stay", "locate", "record_document", "count_list"} <= set(importable())
    assert "withdraw" not in importable(), "what needs its own page is not imported"


@pytest.mark.parametrize("name", importable())
def test_a_row_of_nonsense_is_refused_by_every_verb(world: World, name: str) -> None:
    """The contract of every importable verb: its columns are recognised by their own names; nonsense is refused and nothing entered."""
    one = import_of(name)
    assert one
    user = next((u for u in world.sessions if world.look(u).viewer.may(name)), None)
    if user is None:
        pytest.skip(f"no user of the demo may {name}")
    look = world.look(user)
    assert one in imports(look)
    data = (",".join(f"{c}" for c in one.columns) + "\n" + ",".join(["没有这样的东西"] * len(one.columns)) + "\n").encode()
    incident = world.look("commander").facts().standing("incident.opened")[0].id if one.scoped else None
    receipt = receive(one, data, "x.csv", look, incident)
    assert set(receipt.mapping) == set(one.columns), name
    before = Entry.objects.count()
    start(receipt, receipt.mapping)
    step(receipt, look)
    assert receipt.state == "ready"
    assert (receipt.refused, rows_of(receipt, "ok").count()) in ((1, 0), (0, 1))
    assert Entry.objects.count() == before
    assert receipts(look).filter(pk=receipt.pk).exists()


def test_no_fate_is_without_a_word() -> None:
    assert {f for f in many.FATES if f} == {"entered", "same", "refused", "waiting", "ok", "undone"}
    assert Fate("ok").field == ""


# --- the worker, stopping, taking back --------------------------------------------------------------------------------
def waiting(world: World, rows: int = 30) -> ImportReceipt:
    receipt = sent(world, sheet([[f"众{i:03}", "", ""] for i in range(rows)]))
    start(receipt, receipt.mapping)
    return receipt


def worked(world: World, receipt: ImportReceipt, most: int = 50) -> None:
    for _ in range(most):
        if not many.work(centre().clock):
            break
    receipt.refresh_from_db()


def test_the_worker_goes_on_by_itself_and_one_process_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "CHUNK", 5)
    monkeypatch.setattr(many, "STEP_ROWS", 10)
    receipt, before = waiting(world), enrolled()
    ImportReceipt.objects.filter(pk=receipt.pk).update(held=world.opens + 1)
    assert not step(receipt, world.look("data")), "another process is at it"
    assert not many.work(centre().clock)
    ImportReceipt.objects.filter(pk=receipt.pk).update(held=0)
    worked(world, receipt)
    assert (receipt.state, enrolled()) == ("ready", before)
    assert receipt.tried["rows"] == 5, "what the first rows would do was tried"
    many.enter_rows(receipt)
    worked(world, receipt)
    assert (receipt.state, receipt.entered, enrolled() - before) == ("done", 30, 30)


def test_what_is_stopped_stays_stopped_until_someone_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "CHUNK", 5)
    receipt, before = waiting(world), enrolled()
    worked(world, receipt)
    many.enter_rows(receipt)
    step(receipt, world.look("data"), 5)
    assert press(world, receipt, "stop").status == 302
    assert not many.work(centre().clock)
    assert (receipt.stopped, receipt.entered, enrolled() - before) == ("asked", 5, 5)
    assert 'value="go"' in world.ask("data", reverse("import", kwargs={"number": receipt.pk})).text
    press(world, receipt, "go")
    assert (receipt.state, enrolled() - before) == ("done", 30)


def test_what_breaks_the_worker_stops_that_receipt_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = waiting(world)

    def broken(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(many, "prepare", broken)
    assert many.work(centre().clock)
    receipt.refresh_from_db()
    assert receipt.stopped == "failed"
    assert not many.work(centre().clock)


def test_all_of_it_is_taken_back_with_one_reason(world: World) -> None:
    people = standing(Person, world.look("data").seq).count()
    receipt = through(world, sent(world, sheet(GOOD)))
    page = world.ask("data", reverse("import", kwargs={"number": receipt.pk}) + "?undo=1", "en").text
    assert "Take all of it back" in page
    assert press(world, receipt, "undo", reason="").status == 422
    press(world, receipt, "undo", reason="错了 · the wrong file")
    assert (receipt.state, receipt.entered, receipt.undone) == ("undone", 0, 2)
    assert standing(Person, world.look("data").seq).count() == people
    assert set(CONTENT["fact.withdrawn"].objects.order_by("-id").values_list("reason", flat=True)[:2]) == {"错了 · the wrong file"}
    before = Entry.objects.count()
    press(world, receipt, "undo", reason="again")
    assert (receipt.state, Entry.objects.count()) == ("undone", before)


def test_nobody_takes_back_what_another_entered(world: World) -> None:
    receipt = through(world, sent(world, sheet(GOOD)))
    assert many.may_undo(receipt, world.look("data"))
    for user in ("commander", "taiping", "grid"):
        assert not many.may_undo(receipt, world.look(user))
