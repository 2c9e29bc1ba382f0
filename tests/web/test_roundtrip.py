"""A sheet's file edited and put back: what is a change, what is none, what is refused and why, what happens to it and how it is taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bulou.basis.ids import new_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import MINUTE, Instant, SetClock
from bulou.desks.people import sheets
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Entry
from bulou.kit import roundtrip
from bulou.kit.bulk import _KNOWN
from bulou.kit.centre import centre, set_clock
from bulou.kit.many import rows_of
from bulou.kit.models import ImportReceipt
from bulou.kit.roundtrip import damage
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS
from bulou.register.models import Person, Stay
from bulou.register.scope import standing
from tests.web.test_bulk import press
from tests.web.world import World

Rows = list[list[str]]
EDITED = [(s.name, e.column) for s in SHEETS.values() for e in s.edits]


@pytest.mark.parametrize(("sheet", "column"), EDITED)
def test_every_column_that_may_be_changed_belongs_to_one_verb_that_can_say_it(sheet: str, column: str) -> None:
    declared = SHEETS[sheet]
    edit = next(e for e in declared.edits if e.column == column)
    kind = KINDS[VERBS[edit.verb].kind]
    assert column in {c.name for c in declared.columns}
    assert [e.column for e in declared.edits].count(column) == 1
    assert kind.field(edit.field)
    said = {e.field for e in declared.edits if e.verb == edit.verb} | set(declared.gives.names if declared.gives else ())
    needed = {f.name for f in kind.fields if not f.optional and f.name not in getattr(kind.body, "_field_defaults", {})} - _KNOWN
    assert needed <= said, "the row does not say all that the verb's fact needs"
    assert declared.key


def taken_out(world: World, user: str, sheet: str, form: str = "csv", query: str = "", language: str = "zh") -> Rows:
    answer = world.client(user, language).get(reverse(f"{form}-{sheet}") + query)
    data = b"".join(answer.streaming_content)
    if form == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        return [["" if c is None else str(c) for c in row] for row in page.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def text(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def back(world: World, user: str, sheet: str, rows: Rows, language: str = "zh") -> ImportReceipt:
    sent = {"file": SimpleUploadedFile("edited.csv", text(rows))}
    answer = world.ask(user, reverse("put-back", kwargs={"sheet": sheet}), language, data=sent)
    assert answer.status == 302, unescape(answer.text)
    return ImportReceipt.objects.get(pk=int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1]))


def column(rows: Rows, sheet: str, name: str) -> int:
    word = next(c.word for c in SHEETS[sheet].columns if c.name == name)
    return next(i for i, head in enumerate(rows[0]) if head in (word.zh, word.en))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_put_back_as_it_was_changes_nothing(world: World, form: str, language: str) -> None:
    """Masked, in either language, as text or from a workbook: nothing of it is a change."""
    rows = taken_out(world, "data", "people", form, "?area=510117001", language)
    assert any("*" in row[0] for row in rows[1:]), "it left masked"
    before = Entry.objects.count()
    receipt = back(world, "data", "people", rows)
    assert (receipt.state, receipt.same, receipt.total) == ("ready", len(rows) - 1, len(rows) - 1)
    assert Entry.objects.count() == before


def test_what_differs_is_shown_first_then_entered_and_taken_back(world: World) -> None:
    rows = taken_out(world, "taiping", "people")
    at = column(rows, "people", "nature")
    to = "临时停留" if rows[1][at] != "临时停留" else "居住"
    was = rows[1][at]
    rows[1][at] = rows[2][at] = to
    stays, before = CONTENT["stay.recorded"].objects.count(), Entry.objects.count()
    receipt = back(world, "taiping", "people", rows)
    assert (rows_of(receipt, "ok").count(), receipt.same, Entry.objects.count()) == (2, len(rows) - 3, before)
    page = unescape(world.ask("taiping", reverse("import", kwargs={"number": receipt.pk}) + "?fate=ok").text)
    assert f"{was} → {to}" in page
    press(world, "taiping", receipt, "enter")
    assert (receipt.state, receipt.entered, CONTENT["stay.recorded"].objects.count() - stays) == ("done", 2, 2)
    now = taken_out(world, "taiping", "people")
    assert {r[-2].partition("@")[0]: r[at] for r in now[1:]}[rows[1][-2].partition("@")[0]] == to
    press(world, "taiping", receipt, "undo", reason="改错了")
    again = taken_out(world, "taiping", "people")
    assert {r[-2].partition("@")[0]: r[at] for r in again[1:]}[rows[1][-2].partition("@")[0]] == was


def test_a_name_and_a_telephone_are_put_right_and_taken_back(world: World) -> None:
    """Where the file left masked too: what was typed over the mask is the change, and nothing else of the record moves."""
    rows = taken_out(world, "data", "people", query="?area=510117001218")
    assert "*" in rows[1][0]
    person = bytes.fromhex(rows[1][-2].partition("@")[0].replace("-", ""))
    was = standing(Person, world.look("data").seq).get(person=person)
    rows[1][0], rows[1][3], rows[2][3] = "欧阳更正", "19900000017", "19900000018"
    before = Entry.objects.count()
    receipt = back(world, "data", "people", rows)
    assert (rows_of(receipt, "ok").count(), receipt.same, Entry.objects.count()) == (2, len(rows) - 3, before)
    page = unescape(world.ask("data", reverse("import", kwargs={"number": receipt.pk}) + "?fate=ok").text)
    assert "欧阳更正" in page and "19900000018" in page
    press(world, "data", receipt, "enter")
    now = standing(Person, world.look("data").seq).get(person=person)
    assert (receipt.entered, now.name, now.phone) == (2, "欧阳更正", "19900000017")
    assert (now.sex, now.born_on, now.document) == (was.sex, was.born_on, was.document)
    second = CONTENT["person.amended"].objects.get(phone="19900000018")
    assert (second.name, second.source) == (None, "edited.csv"), "what did not change is not said again"
    press(world, "data", receipt, "undo", reason="改错了")
    again = standing(Person, world.look("data").seq).get(person=person)
    assert (again.name, again.phone) == (was.name, was.phone)


def test_two_records_are_never_made_to_say_the_same(world: World) -> None:
    """Somebody else's name and telephone, on the register or further up in the file, wait for a person."""
    rows = taken_out(world, "data", "people", query="?area=510117001218")
    other = standing(Person, world.look("data").seq).exclude(phone=None).exclude(phone="").order_by("-id")[0]
    rows[1][0], rows[1][3] = other.name, other.phone
    rows[2][0], rows[2][3] = "欧阳同", "19900000017"
    rows[3][0], rows[3][3] = "欧阳同", "199 0000 0017"
    receipt = back(world, "data", "people", rows)
    assert [("同名" in r.zh, bool(r.en)) for r in rows_of(receipt, "waiting")] == [(True, True)] * 2
    assert rows_of(receipt, "ok").get().n == 3


def test_records_made_equal_are_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody looks whose name and telephone these are."""
    monkeypatch.setattr(sheets, "phones", lambda text: [])
    with pytest.raises(AssertionError):
        test_two_records_are_never_made_to_say_the_same(world)


def test_an_onset_is_put_right_in_a_file(world: World) -> None:
    rows = taken_out(world, "tracing", "cases")
    at = column(rows, "cases", "onset")
    rows[1][at] = "2020/12/5"
    receipt = back(world, "tracing", "cases", rows)
    assert rows_of(receipt, "ok").count() == 1
    press(world, "tracing", receipt, "enter")
    assert taken_out(world, "tracing", "cases")[1:][0][at] in ("2020-12-05", rows[1][at]) or receipt.entered == 1


REFUSED: list[tuple[str, Callable[[list[str], Rows], Any], str]] = [
    ("an unknown row", lambda row, all_: row.__setitem__(-2, "0" * 8 + row[-2][8:]), "没有这一行"),
    ("no number", lambda row, all_: row.__setitem__(-2, "x"), "行号"),
    ("twice", lambda row, all_: all_.append(list(row)), "两次"),
    ("a column that cannot be changed", lambda row, all_: row.__setitem__(1, "男" if row[1] == "女" else "女"), "不能在文件中修改"),
    ("a masked name of somebody else", lambda row, all_: row.__setitem__(0, "赵**"), "打码"),
    ("a name that is a number", lambda row, all_: row.__setitem__(0, "13900000000"), "应为姓名"),
    ("a telephone made a number", lambda row, all_: row.__setitem__(3, "1.39E+10"), "科学计数法"),
    ("a telephone that is none", lambda row, all_: row.__setitem__(3, "家里"), "应为电话"),
    (
        "a number of a document",
        lambda row, all_: [r.append(t) for r, t in zip(all_, ["证件号", "510117199003071234"], strict=False)],
        "证件号不能",
    ),
    ("another mask", lambda row, all_: row.__setitem__(3, "1**********"), "打码"),
    ("a word that is none", lambda row, all_: row.__setitem__(5, "旅行"), "应为"),
    ("a date made a number", lambda row, all_: row.__setitem__(6, "44174.375"), "日期"),
    ("an emptied cell", lambda row, all_: row.__setitem__(5, ""), "不能为空"),
]


@pytest.mark.parametrize(("what", "spoil", "said"), REFUSED, ids=[w for w, _, _ in REFUSED])
def test_what_is_no_honest_change_is_refused_row_by_row(world: World, what: str, spoil: Any, said: str) -> None:
    rows = taken_out(world, "data", "people", query="?area=510117001218")
    spoil(rows[1], rows)
    receipt = back(world, "data", "people", rows)
    refused = list(rows_of(receipt, "refused"))
    assert refused and all(said in r.zh and r.en for r in refused), [(r.zh, r.fate) for r in rows_of(receipt)][:3]
    assert rows_of(receipt, "ok").count() == 0
    assert receipt.same + receipt.refused == receipt.total, "a row that nobody touched is lost with it"


def test_what_changed_meanwhile_is_shown_with_both(world: World) -> None:
    rows = taken_out(world, "taiping", "people")
    at = column(rows, "people", "nature")
    stay = standing(Stay, world.look("taiping").seq).get(
        person=bytes.fromhex(rows[1][-2].partition("@")[0].replace("-", "")), here_until__gt=world.opens
    )
    body = KINDS["stay.recorded"].body(bytes(stay.person), "stay" if stay.nature != "stay" else "residence", stay.area)
    later = Instant(world.opens + MINUTE)
    set_clock(SetClock(later))
    enter(
        [Fact(new_id(later), "stay.recorded", later, None, body)],
        by="test",
        source="test",
        clock=centre().clock,
        protocol=centre().protocol,
    )
    was, rows[1][at] = rows[1][at], "离开本地"
    receipt = back(world, "taiping", "people", rows)
    waiting = rows_of(receipt, "waiting").get()
    assert was in waiting.zh


@pytest.mark.parametrize(
    ("cell", "old"),
    [("1380000", "001380000"), ("510117199003071000", "510117199003071234"), ("5.10117E+17", "510117199003071234"), ("44174", "2020-12-09"),
     ("44174.5", "2020-12-09 12:00")],
)  # fmt: skip
def test_the_damage_of_spreadsheets_is_known(cell: str, old: str) -> None:
    assert damage(cell, [old])
    assert not damage(old, [old])
    assert not damage("别的", [old])


def test_only_who_may_change_something_puts_files_back(world: World) -> None:
    for user in ("auditor", "commander", "laboratory"):
        assert world.ask(user, reverse("put-back", kwargs={"sheet": "people"})).status == 404
    assert world.ask("data", reverse("put-back", kwargs={"sheet": "duties"})).status == 404


def test_a_file_without_row_numbers_says_what_would_be_right(world: World) -> None:
    sent = {"file": SimpleUploadedFile("x.csv", "姓名,性质\n王,居住\n".encode())}
    answer = world.ask("data", reverse("put-back", kwargs={"sheet": "people"}), data=sent)
    assert (answer.status, "行号" in unescape(answer.text)) == (422, True)


def test_rows_beyond_ones_areas_are_not_found(world: World) -> None:
    rows = taken_out(world, "data", "people", query="?area=510117008")
    rows[1][column(rows, "people", "nature")] = "临时停留"
    receipt = back(world, "taiping", "people", rows[:3])
    assert (receipt.refused, rows_of(receipt, "ok").count()) == (2, 0)


def test_a_mask_taken_for_a_change_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the file is compared with what stands unmasked alone."""
    monkeypatch.setattr(roundtrip, "masked", lambda look: look)
    with pytest.raises(AssertionError):
        test_a_file_put_back_as_it_was_changes_nothing(world, "csv", "zh")
