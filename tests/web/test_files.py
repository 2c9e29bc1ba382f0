"""The contract of every file: each form says what the list's CSV says, masked alike, marked alike; long files take no more memory."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from pyarrow import parquet

from bulou.kit import looks
from bulou.kit.files import FORMS, Head, Leaving
from bulou.kit.sheet import EXERCISE, SHEETS
from tests.run import thorough
from tests.web.world import World

HEAD = Head("List", ("id", "name"), ("编号", "姓名"), (EXERCISE,), (("List", "A list"), ("As of", "2020-12-09 09:00")))


def raw(world: World, user: str, name: str, form: str, query: str = "") -> tuple[dict[str, str], bytes]:
    answer = world.client(user, "zh").get(reverse(f"{form}-{name}") + query)
    assert answer.status_code == 200, (name, form)
    return dict(answer.items()), b"".join(answer.streaming_content)


def table(form: str, data: bytes) -> list[list[str]]:
    """The rows of a file in any form, without its headings."""
    match form:
        case "csv":
            return [[c.removeprefix("'") for c in row] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))][1:]
        case "xlsx":
            page = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
            return [["" if c is None else c for c in row] for row in page.iter_rows(min_row=2, values_only=True)]
        case "json":
            return [list(row.values()) for row in json.loads(data)]
        case "jsonl":
            return [list(json.loads(line).values()) for line in data.decode().split("\n") if line]
        case "parquet":
            return [list(row.values()) for row in parquet.read_table(io.BytesIO(data)).to_pylist()]
    raise AssertionError(form)


def differing(world: World, user: str, name: str) -> list[str]:
    """The forms that do not say what the CSV says."""
    headers, data = raw(world, user, name, "csv")
    wanted, found = table("csv", data), []
    for form in FORMS:
        more, other = raw(world, user, name, form)
        rows = [[*row, *[""] * (len(wanted[0]) - len(row))] for row in table(form, other)] if wanted else table(form, other)
        plain = [[str(c).replace("\r\n", "\n").removeprefix("'") for c in row] for row in rows]
        if plain != [[c.replace("\r\n", "\n") for c in row] for row in wanted]:
            found.append(form)
        assert more["Content-Disposition"] == headers["Content-Disposition"].replace(".csv", f".{form}")
    return found


@pytest.mark.parametrize("name", SHEETS)
def test_every_form_says_the_same(world: World, name: str) -> None:
    for user in ("data", "commander"):
        if world.look(user).viewer.sees(SHEETS[name].desk):
            assert not differing(world, user, name)
            return


def test_a_form_that_says_something_else_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: lines of JSON without the first row of each part."""
    write = FORMS["jsonl"].write
    monkeypatch.setitem(FORMS, "jsonl", FORMS["jsonl"]._replace(write=lambda head, parts: write(head, (rows[1:] for rows in parts))))
    assert differing(world, "commander", "zones") == ["jsonl"]


def test_every_row_says_that_it_is_an_exercise(world: World) -> None:
    for form in FORMS:
        headers, data = raw(world, "commander", "zones", form)
        assert {row[-1] for row in table(form, data)} == {EXERCISE}
        assert 'filename="EXERCISE_zones_about-' in headers["Content-Disposition"]


def test_a_bulk_file_leaves_masked_in_every_form(world: World) -> None:
    for form in FORMS:
        headers, data = raw(world, "data", "people", form)
        assert "masked" in headers["Content-Disposition"]
        assert all("*" in row[0] or "＊" in row[0] or "某" in row[0] for row in table(form, data)[:20]), table(form, data)[0]


def test_filters_order_and_chosen_columns_hold_for_files(world: World) -> None:
    chosen = [c.name for c in SHEETS["duties"].columns][:2]
    query = f"?state=open&columns={chosen[1]}&columns={chosen[0]}"
    data = {form: raw(world, "commander", "duties", form, query)[1] for form in FORMS}
    rows = {form: table(form, d) for form, d in data.items()}
    assert len({str(r) for r in rows.values()}) == 1
    assert 0 < len(rows["csv"]) < len(table("csv", raw(world, "commander", "duties", "csv")[1]))
    assert list(json.loads(data["json"])[0]) == [*chosen, "mark"]
    col = next(c for c in SHEETS["duties"].columns if c.sort)
    up, down = (table("csv", raw(world, "commander", "duties", "csv", f"?sort={s}{col.name}&columns={col.name}")[1]) for s in ("", "-"))
    assert sorted(up) == sorted(down)
    assert up[0] != down[0]


def test_a_workbook_says_what_it_is(world: World) -> None:
    book = openpyxl.load_workbook(io.BytesIO(raw(world, "commander", "duties", "xlsx", "?state=open")[1]))
    said = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert said["截至时间"] == "2020-12-09 09:00"
    assert said["导出人"] == "commander"
    assert "open" in said.values()
    assert EXERCISE in said.values()
    assert all(
        c.data_type in ("s", "n") and c.number_format == "@" for row in book.worksheets[0].iter_rows(min_row=2) for c in row if c.value
    )


def test_text_stays_text() -> None:
    """No digit lost, no leading zero, no formula, nothing that JSON or XML would break on."""
    told = [["510117200001010018", '=1+1"\n\x01'], ["0013800000000", "王\U00020bb7小丫"], ["", ""]]
    for name, form in FORMS.items():
        data = b"".join(form.write(HEAD, iter([told])))
        rows = [[str(c) for c in row[:2]] for row in table(name, data)]
        assert rows[0][0] == "510117200001010018", name
        assert rows[0][1].replace("_x0001_", "\x01") == told[0][1], name
        assert rows[1] == told[1], name
        assert len(rows) == 3, name


def test_no_rows_are_a_file_too() -> None:
    for name, form in FORMS.items():
        for parts in ([], [[]]):
            assert table(name, b"".join(form.write(HEAD, iter(parts)))) == []


def peak(form: str, parts: int, write: Any = None) -> int:
    """The most memory that a file of so many parts of 2,000 rows takes, once it was written out once before."""

    def rows() -> Iterator[list[list[str]]]:
        for part in range(parts):
            yield [[f"{part:06}-{i:06}", f"name {part * i % 977}"] for i in range(2000)]

    write = write or FORMS[form].write
    for _piece in write(HEAD, iter([[["1", "2"]]])):
        pass
    tracemalloc.start()
    for _piece in write(HEAD, rows()):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("form", FORMS)
def test_a_longer_file_takes_no_more_memory(form: str) -> None:
    most = 10 if thorough() else 5
    assert peak(form, 2 * most) < 1.1 * peak(form, most) + 200_000


def test_a_file_that_is_gathered_is_caught() -> None:
    """Planted: a form that gathers all rows before it writes the first."""

    def gathered(head: Head, parts: Iterator[list[list[str]]]) -> Iterator[bytes]:
        return FORMS["jsonl"].write(head, iter(list(parts)))

    assert peak("", 20, gathered) > 1.1 * peak("", 10, gathered) + 200_000


def test_an_asynchronous_server_is_given_a_piece_at_a_time() -> None:
    """Django gathers a synchronous answer whole before an asynchronous server sends its first byte."""
    asked: list[int] = []

    def pieces() -> Iterator[bytes]:
        for i in range(5):
            asked.append(i)
            yield b"x"

    async def first() -> int:
        async for _piece in Leaving(pieces()):
            return len(asked)
        return 0

    assert asyncio.run(first()) == 1


def test_looks_are_written_while_a_workbook_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook is sent when it is whole; who was shown is written down part by part all the same."""
    monkeypatch.setattr("bulou.kit.sheet.EXPORT_PART", 300)
    monkeypatch.setattr(looks, "PART", 200)
    before = looks.looks().count()
    raw(world, "tracing", "people", "xlsx")
    assert looks.looks().count() - before >= 4


def test_a_file_lets_go_of_the_names_it_has_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    look = world.look("tracing")
    kept: list[int] = []
    learn = type(look).learn_names
    monkeypatch.setattr(type(look), "learn_names", lambda self, people: (learn(self, people), kept.append(len(self._names)))[0])
    monkeypatch.setattr("bulou.kit.sheet.EXPORT_PART", 100)
    monkeypatch.setitem(SHEETS, "people", replace(SHEETS["people"]))
    raw(world, "tracing", "people", "csv")
    assert max(kept) <= 200
