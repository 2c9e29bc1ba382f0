"""Properties of reading: every row of a source is a row of its table or stands aside; and planted readers that break it are caught."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from bulou.identity.documents import read_document
from bulou.lists import rows as rows_of
from bulou.lists.columns import apply, recognise
from bulou.lists.noticed import ASIDE
from bulou.lists.reading import Table, Unreadable, read_file, read_pasted
from tests.lists.made import HEADS, IDS, PEOPLE

Reader = Callable[[bytes, str], list[Table]]

#: Rows as lists have them: people, totals, remarks, headings again, blank rows, titles.
PERSON = st.tuples(st.integers(1, 99).map(str), st.sampled_from(["张三", "李四", "扎西", "Anna Lee", "买买提·艾力"]), st.sampled_from(IDS),
                   st.sampled_from(["13980001234", "028-87654321", ""]), st.sampled_from(["太平村", "a,b", '他说"好"', "两\n行", ""]))  # fmt: skip
NOBODY = st.sampled_from(
    [("", "合计", "4", "", ""), ("小计", "", "", "", ""), tuple(HEADS), ("", "", "", "", ""), ("填表人:甲", "", "", "", "")]
)
ROWS = st.lists(st.one_of(PERSON, PERSON, PERSON, NOBODY), min_size=1, max_size=12)
TITLE = st.lists(st.sampled_from([("应采名单", "", "", "", ""), ("", "", "", "", ""), ("单位:太平村", "", "", "", "")]), max_size=3)


def as_xlsx(rows: list[tuple[str, ...]], hidden: frozenset[int] = frozenset()) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("名单")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value:
                page.write_string(r, c, value)
        if r in hidden:
            page.set_row(r, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def as_csv(rows: list[tuple[str, ...]]) -> bytes:
    return "\r\n".join(",".join('"' + c.replace('"', '""') + '"' if re.search(r'[",\n]', c) else c for c in row) for row in rows).encode(
        "gb18030"
    )


def accounted(table: Table) -> set[int]:
    """Every number of a source's row that a table knows of; a row is not both someone and nobody."""
    kept, away = set(table.numbers), {a.number for a in table.aside}
    assert not kept & away
    assert len(table.numbers) == len(table.rows)
    assert {a.code for a in table.aside} <= set(ASIDE)
    return kept | away


def last(rows: list[tuple[str, ...]]) -> int:
    """The last row that holds something: what follows it is no row of the source."""
    return max((i for i, r in enumerate(rows, start=1) if any(r)), default=0)


@given(TITLE, ROWS, st.frozensets(st.integers(0, 14)))
def test_every_row_of_a_workbook_is_a_row_or_stands_aside(
    title: list[tuple[str, ...]], rows: list[tuple[str, ...]], hidden: frozenset[int]
) -> None:
    whole = [*title, tuple(HEADS), *rows]
    (table,) = read_file(as_xlsx(whole, hidden), "a.xlsx")
    assert accounted(table) == set(range(1, last(whole) + 1))
    documents = [r[2] for r in rows if len(r[2]) == 18]
    assert [r[2] for r in table.rows] == documents
    seen = {n + i for x in table.notices if x.code == "hidden_rows" for n, i in ((x.row, i) for i in range(x.times))}
    assert seen == {i + 1 for i in hidden if i < last(whole) and any(whole[i])}


@given(TITLE, ROWS)
def test_every_row_of_a_csv_is_a_row_or_stands_aside(title: list[tuple[str, ...]], rows: list[tuple[str, ...]]) -> None:
    whole = [*title, tuple(HEADS), *rows]
    (table,) = read_file(as_csv(whole), "a.csv")
    assert accounted(table) == set(range(1, last(whole) + 1))
    assert [r[2] for r in table.rows] == [r[2] for r in rows if len(r[2]) == 18]


WORDS = st.sampled_from(["张三", "李四", "收到", IDS[0], "13980001234", "太平村11组", "#接龙", "1.", "2.", "例", "王五 20:15", "姓名:", "电话:", "合计", ",", "\t",
                         "2022-08-14", "谢谢", "(3)", "男", "35岁", "未采", "——", "“", '"'])  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=5).map(" ".join), min_size=1, max_size=12))
def test_every_line_that_is_pasted_is_someone_or_stands_aside_and_every_number_stays(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        table = read_pasted(text)
    except Unreadable:
        assert not text.strip()
        return
    if table.form == "text":
        accounted(table)
    else:
        assert accounted(table) == set(range(1, last([(line.strip(),) for line in lines]) + 1))
    held = " ".join(" ".join(r) for r in table.rows) + " ".join(" ".join(a.cells) for a in table.aside)
    for number in (IDS[0], "13980001234"):
        assert held.count(number) >= min(1, text.count(number))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_word(text: str) -> None:
    for read in (lambda: read_pasted(text), lambda: read_file(text.encode("utf-8", "replace"), "a.csv")[0]):
        try:
            table = read()
        except Unreadable as refused:
            assert refused.word.zh
            assert refused.word.en
        else:
            accounted(table)
            got = apply(table, recognise(table))
            assert len(got.name) == len(table.rows)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_word(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        try:
            for table in read_file(start + data, "a"):
                accounted(table)
        except Unreadable as refused:
            assert refused.word.zh


# --- planted readers: each wrong in one way, each caught -----------------------------------------------------------------
EVENING: list[tuple[str, ...]] = [("太平村应采名单", "", "", "", ""), tuple(HEADS), *map(tuple, PEOPLE), ("合计", "4", "", "", "")]


def known_answer(read: Reader) -> str:
    """What is wrong with a reader's account of one known evening; "" when nothing is."""
    (table,) = read(as_xlsx(EVENING, frozenset({3})), "a.xlsx")
    said = {n.code for n in table.notices}
    if accounted(table) != set(range(1, len(EVENING) + 1)):
        return "rows were lost"
    if [r[2] for r in table.rows] != IDS:
        return "not the four people"
    if "hidden_rows" not in said:
        return "a hidden row is not said"
    return "" if "total" in said else "a total is not said"


def drops_hidden(data: bytes, name: str) -> list[Table]:
    """Reads only what a screen shows."""
    return [t._replace(rows=[r for r, n in zip(t.rows, t.numbers, strict=True) if n != 4], numbers=[n for n in t.numbers if n != 4])
            for t in read_file(data, name)]  # fmt: skip


def totals_are_people(data: bytes, name: str) -> list[Table]:
    """Takes every row under the headings for someone."""
    made = []
    for t in read_file(data, name):
        totals = [a for a in t.aside if a.code == "total"]
        made.append(t._replace(rows=t.rows + [a.cells for a in totals], numbers=t.numbers + [a.number for a in totals],
                               aside=tuple(a for a in t.aside if a.code != "total")))  # fmt: skip
    return made


def silent(data: bytes, name: str) -> list[Table]:
    """Reads rightly and says nothing."""
    return [t._replace(notices=[]) for t in read_file(data, name)]


def title_is_headings(data: bytes, name: str) -> list[Table]:
    """Takes the first row for the headings."""
    return [
        t._replace(aside=t.aside[:1], rows=[a.cells for a in t.aside[1:2]] + t.rows, numbers=[2, *t.numbers]) for t in read_file(data, name)
    ]


def test_the_reader_gives_the_known_answer() -> None:
    assert known_answer(read_file) == ""


@pytest.mark.parametrize(
    ("planted", "caught"),
    [
        (drops_hidden, "rows were lost"),
        (totals_are_people, "not the four people"),
        (silent, "a hidden row is not said"),
        (title_is_headings, "rows were lost"),
    ],
)
def test_a_planted_reader_is_caught(planted: Reader, caught: str) -> None:
    assert known_answer(planted) == caught


def tail_refused(read: Reader) -> bool:
    """Whether a document stored as a number is said to have lost its tail, refused as a key, and its person kept."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write_row(0, 0, ["姓名", "身份证号"])
    page.write_row(1, 0, ["张三", 510117199001011234])
    book.close()
    (table,) = read(out.getvalue(), "a.xlsx")
    document = read_document(apply(table, recognise(table)).document[0])
    return (
        len(table.rows) == 1 and document is not None and document.verdict == "refused" and "long_number" in {n.code for n in table.notices}
    )


def accepts_the_tail(data: bytes, name: str) -> list[Table]:
    """Prints the digits that a float has, which are none of the person's and end in no 000."""
    return [t._replace(rows=[tuple(str(int(float(c))) if len(c) == 18 else c for c in r) for r in t.rows]) for t in read_file(data, name)]


def test_a_tail_of_000_is_refused_and_its_person_stays() -> None:
    assert tail_refused(read_file)
    assert not tail_refused(silent)
    assert not tail_refused(accepts_the_tail)


def test_a_reader_that_knows_no_totals_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_of, "TOTAL", re.compile("never"))
    assert known_answer(read_file) == "not the four people"


def test_a_reader_that_sees_no_hidden_rows_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    never: Any = re.compile(b"never")
    monkeypatch.setattr("bulou.lists.spreadsheet._HIDDEN", never)
    assert known_answer(read_file) == "a hidden row is not said"
