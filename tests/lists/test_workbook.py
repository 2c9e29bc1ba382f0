"""Workbooks out: identifiers stay text, nothing becomes a formula, and the city's own workbook keeps all that is not filled."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from bulou.lists import sheetfile
from bulou.lists.reading import Unreadable, read_file
from bulou.lists.sheetfile import Sheet, sheet_name, write_workbook
from bulou.lists.workbook import fill
from tests.lists.made import HEADS, IDS, NAMES, PEOPLE


def template(write: Any = None) -> bytes:
    """The city's workbook: a title, headings in two rows, a formatted row, a footer with a formula, and two other sheets."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "附件1 应采名单"
    page["A1"] = "____区应采未采人员名单"
    page.merge_cells("A1:H1")
    page["A1"].font = Font(bold=True, size=16)
    for ref, text in (("A2", "序号"), ("B2", "基本信息"), ("E2", "采样信息"), ("G2", "备注"), ("H2", "包保领导")):
        page[ref] = text
    for merged in ("A2:A3", "B2:D2", "E2:F2", "G2:G3", "H2:H3"):
        page.merge_cells(merged)
    for ref, text in (("B3", "姓名"), ("C3", "身份证号"), ("D3", "联系电话"), ("E3", "采样时间"), ("F3", "年龄")):
        page[ref] = text
    page["E4"].number_format = "yyyy-mm-dd hh:mm"
    page["B4"].font = Font(italic=True)
    page["F4"] = '=IF(C4="","",2022-MID(C4,7,4))'
    page.row_dimensions[4].height = 30
    page["A6"] = "合计"
    page["B6"] = "=COUNTA(B4:B5)"
    page["A7"] = "填表人:"
    page.merge_cells("A7:C7")
    page.row_dimensions[7].height = 41
    page.column_dimensions["C"].width = 25
    other = book.create_sheet("填表说明")
    other["A1"] = "请勿改动格式"
    book.create_sheet("附件2")
    if write:
        write(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


VALUES: dict[str, list[Any]] = {
    "name": NAMES,
    "document": IDS,
    "phone": [p[3] for p in PEOPLE],
    "sampled": ["2022-08-14 21:00", "2022-08-15", None, "不详"],
    "remark": ["=1+1", None, "+8", ""],
    "state": ["未采"] * 4,
}


def test_the_city_s_workbook_cell_for_cell() -> None:
    done = fill(template(), VALUES)
    book = openpyxl.load_workbook(io.BytesIO(done.data))
    assert book.sheetnames == ["附件1 应采名单", "填表说明", "附件2"]
    page = book["附件1 应采名单"]
    assert [[page.cell(r, c).value for c in (1, 2, 3, 4)] for r in range(4, 8)] == [[i + 1, *PEOPLE[i][1:4]] for i in range(4)]
    assert all(page.cell(r, c).data_type == "s" and page.cell(r, c).number_format == "@" for r in range(4, 8) for c in (3, 4))
    assert (page["E4"].value.isoformat(), page["E5"].value.isoformat()[:10], page["E6"].value, page["E7"].value) == (
        "2022-08-14T21:00:00",
        "2022-08-15",
        None,
        "不详",
    )
    assert page["F6"].value == '=IF(C6="","",2022-MID(C6,7,4))'
    assert (page["G4"].value, page["G4"].data_type) == ("=1+1", "s")
    assert (done.rows, done.unfilled, done.unused, done.lost) == (
        4,
        ("包保领导",),
        ("state",),
        (),
    )


def test_what_is_not_filled_stays() -> None:
    done = fill(template(), VALUES)
    page = openpyxl.load_workbook(io.BytesIO(done.data))["附件1 应采名单"]
    assert page["A1"].value == "____区应采未采人员名单"
    assert page["A1"].font.size == 16
    assert page.column_dimensions["C"].width == 25
    assert {str(m) for m in page.merged_cells.ranges} == {"A1:H1", "A2:A3", "B2:D2", "E2:F2", "G2:G3", "H2:H3", "A9:C9"}
    assert (page["A8"].value, page["A9"].value, page.row_dimensions[9].height) == ("合计", "填表人:", 41)
    assert {page.row_dimensions[r].height for r in range(4, 8)} == {30}
    assert all(page.cell(r, 2).font.italic for r in range(4, 8))


def test_what_was_filled_is_read_back_the_same() -> None:
    tables = read_file(fill(template(), VALUES).data, "out.xlsx")
    assert [r[1:4] for r in tables[0].rows] == [tuple(p[1:4]) for p in PEOPLE]


def test_by_the_template_s_own_heading() -> None:
    done = fill(template(), {"姓名": NAMES, "包保领导": ["甲"] * 4})
    assert done.columns == {"基本信息/姓名": "姓名", "包保领导": "包保领导"}


def test_rows_that_stand_there_are_not_overwritten_without_being_told() -> None:
    full = fill(template(), VALUES).data
    with pytest.raises(Unreadable, match="4 rows stand under the headings already"):
        fill(full, VALUES)
    again = fill(full, {k: v[:2] for k, v in VALUES.items()}, replace=True)
    page = openpyxl.load_workbook(io.BytesIO(again.data))["附件1 应采名单"]
    assert [page.cell(r, 2).value for r in range(4, 8)] == ["张三", "李四", None, None]
    assert page["A8"].value == "合计"


@pytest.mark.parametrize(
    ("data", "sheet", "values", "said"),
    [
        (b"\xd0\xcf\x11\xe0", None, VALUES, "save it as .xlsx"),
        (template(), "附件9", VALUES, "no sheet"),
        (template(), "填表说明", VALUES, "no headings"),
        (template(), None, {"colour": ["x"]}, "no column"),
    ],
)
def test_a_template_that_cannot_be_filled_says_why(data: bytes, sheet: str | None, values: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        fill(data, values, sheet)


def test_columns_of_different_lengths_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        fill(template(), {"name": ["a"], "phone": []})


# --- plain workbooks -----------------------------------------------------------------------------------------------------
def test_a_plain_workbook_keeps_text_as_text(tmp_path: Path) -> None:
    path = tmp_path / "result.xlsx"
    odd = ["=1+1", "0012", "https://example.org", "2.02E+12", "@SUM(A1)", "a\x01b", "", "x" * 40_000]
    write_workbook(
        path,
        [
            Sheet("全部", HEADS, iter(PEOPLE)),
            Sheet("只在A:B/C", ["姓名", "人数"], [[o, i] for i, o in enumerate(odd)]),
            Sheet("空", ["a"], []),
        ],
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["全部", "只在A B C", "空"]
    assert [[c.value for c in r] for r in book["全部"].iter_rows()] == [HEADS, *PEOPLE]
    assert all(c.data_type == "s" for r in book["全部"].iter_rows() for c in r)
    page = book["只在A B C"]
    assert [page.cell(r, 1).value for r in range(2, 7)] == odd[:5]
    assert page.cell(2, 1).data_type == "s"
    assert page.cell(3, 2).value == 1
    assert len(page.cell(9, 1).value) == 32_767
    assert [[c.value for c in r] for r in book["空"].iter_rows()] == [["a"]]


def test_more_rows_than_a_sheet_holds_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetfile, "MOST_ROWS", 3)
    out = io.BytesIO()
    write_workbook(out, [Sheet("人", ["a"], [[str(i)] for i in range(5)])])
    assert [(t.sheet, [r[0] for r in t.rows]) for t in read_file(out.getvalue(), "a")] == [
        ("人", ["0", "1"]),
        ("人 (2)", ["2", "3"]),
        ("人 (3)", ["4"]),
    ]


def test_a_workbook_is_whole_or_not_there(tmp_path: Path) -> None:
    def broken() -> Any:
        yield ["a"]
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        write_workbook(tmp_path / "a.xlsx", [Sheet("人", ["a"], broken())])
    assert list(tmp_path.iterdir()) == []


def test_numbers_too_long_for_a_spreadsheet_are_text() -> None:
    out = io.BytesIO()
    write_workbook(out, [Sheet("人", ["id"], [[510117199001011234]])])
    page = openpyxl.load_workbook(out).active
    assert page is not None
    assert page["A2"].value == "510117199001011234"


def test_names_of_sheets() -> None:
    taken: set[str] = set()
    assert [sheet_name(n, taken) for n in ("a", "A", "x" * 40, "x" * 40, "[]", "'q'")] == [
        "a",
        "A (2)",
        "x" * 31,
        "x" * 27 + " (2)",
        "Sheet",
        "q",
    ]
