"""Every trap of lists as offices have them, each a file made here with its known answer: nothing lost, nothing counted that is nobody."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from bulou.lists import spreadsheet
from bulou.lists.reading import Table, Unreadable, read_file
from tests.lists.made import HEADS, IDS, NAMES, PEOPLE, by_openpyxl, ods, plain, rezipped, xls, xlsx


def one(data: bytes, name: str = "a.xlsx") -> Table:
    (table,) = read_file(data, name)
    return table


def codes(table: Table) -> set[str]:
    return {n.code for n in table.notices}


def names(table: Table) -> list[str]:
    return [r[table.columns.index("姓名")] for r in table.rows]


def csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8", sign: str = ",") -> bytes:
    return "\r\n".join(sign.join(r) for r in rows).encode(encoding)


# --- workbooks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_a_plain_list_in_each_form(form: str) -> None:
    data = {"xlsx": plain([HEADS, *PEOPLE]), "xls": xls([HEADS, *PEOPLE]), "ods": ods([("", HEADS), *(("", p) for p in PEOPLE)])}[form]
    table = one(data, f"a.{form}")
    assert (table.form, table.columns) == (form, tuple(HEADS))
    assert table.rows == [tuple(p) for p in PEOPLE]
    assert table.numbers == [2, 3, 4, 5]
    assert codes(table) == ({"unseen"} if form == "xls" else set())


def test_title_rows_above_the_headings_are_nobody() -> None:
    table = one(plain([["太平村应采名单"], ["填报单位:郫筒街道", None, "时间:2022-08-14"], [], HEADS, *PEOPLE]))
    assert names(table) == NAMES
    assert table.numbers == [5, 6, 7, 8]
    assert [(a.number, a.code) for a in table.aside] == [(1, "title"), (2, "title"), (3, "blank"), (4, "header")]


def test_headings_of_two_rows_with_merged_cells_are_joined() -> None:
    def write(book: Any, page: Any) -> None:
        page.merge_range("A1:E1", "2022年8月14日名单")
        page.merge_range("A2:A3", "序号")
        page.merge_range("B2:D2", "基本信息")
        page.write_row("B3", ["姓名", "证件号码", "联系电话"])
        page.merge_range("E2:F2", "采样信息")
        page.write_row("E3", ["采样时间", "采样点"])
        page.write_row("A4", ["1", "张三", IDS[0], "13980001234", "2022-08-14", "村口"])

    table = one(xlsx(write))
    assert table.columns == ("序号", "基本信息/姓名", "基本信息/证件号码", "基本信息/联系电话", "采样信息/采样时间", "采样信息/采样点")
    assert (table.numbers, [a.code for a in table.aside]) == ([4], ["title", "header", "header"])


def test_headings_of_three_rows() -> None:
    def write(book: Any, page: Any) -> None:
        page.merge_range("A1:D1", "人员")
        page.merge_range("E1:F1", "检测")
        page.merge_range("A2:B2", "身份")
        page.merge_range("C2:D2", "联系")
        page.merge_range("E2:F2", "核酸")
        page.write_row("A3", ["姓名", "证件号码", "联系电话", "现住址", "采样时间", "检测结果"])
        page.write_row("A4", ["张三", IDS[0], "13980001234", "太平村", "2022-08-14", "阴性"])

    table = one(xlsx(write))
    assert table.columns[:2] == ("人员/身份/姓名", "人员/身份/证件号码")
    assert table.columns[4] == "检测/核酸/采样时间"
    assert table.numbers == [4]


def test_groups_over_headings_in_a_csv_have_gaps_instead_of_merged_cells() -> None:
    table = one(
        csv([["基本信息", "", "采样信息", ""], ["姓名", "证件号码", "采样时间", "采样点"], ["张三", IDS[0], "2022-08-14", "村口"]]), "a.csv"
    )
    assert table.columns == ("基本信息/姓名", "基本信息/证件号码", "采样信息/采样时间", "采样信息/采样点")


def test_headings_in_two_languages() -> None:
    table = one(plain([["姓名", "性别", "电话"], ["Name", "Sex", "Phone"], ["张三", "男", "13980001234"]]))
    assert table.columns == ("姓名/Name", "性别/Sex", "电话/Phone")
    assert table.numbers == [3]


@pytest.mark.parametrize(
    "row",
    [
        ["合计", "4"],
        ["", "合 计", "4人"],
        ["小计", None, None],
        ["总计:4人"],
        ["太平村", "小计", "4"],
        ["Total", "4"],
        ["合计:4"],
        ["共 4 人"],
        ["本页小计", "4"],
    ],
)
def test_totals_are_never_people(row: list[str]) -> None:
    table = one(plain([HEADS, *PEOPLE[:2], row, *PEOPLE[2:]]))
    assert names(table) == NAMES
    assert [(a.number, a.code) for a in table.aside][-1] == (4, "total")
    assert "total" in codes(table)


def test_someone_whose_row_says_total_but_who_has_a_document_is_someone() -> None:
    table = one(plain([HEADS, ["1", "合计", IDS[0], "", ""], *PEOPLE]))
    assert len(table.rows) == 5


def test_remarks_below_and_headings_again_are_nobody() -> None:
    table = one(plain([HEADS, *PEOPLE[:2], HEADS, *PEOPLE[2:], ["填表人:李某", None, "审核人:王某"], ["注:红色为未采"]]))
    assert names(table) == NAMES
    assert [a.code for a in table.aside] == ["header", "header_again", "note", "note"]


def test_hidden_rows_and_columns_are_read_and_said() -> None:
    def write(book: Any, page: Any) -> None:
        for r, row in enumerate([HEADS, *PEOPLE]):
            page.write_row(r, 0, row)
        page.set_row(2, None, None, {"hidden": True})
        page.set_row(3, None, None, {"hidden": True})
        page.set_column("D:D", None, None, {"hidden": True})

    table = one(xlsx(write))
    assert names(table) == NAMES
    hidden = [n for n in table.notices if n.code == "hidden_rows"]
    assert [(n.row, n.times) for n in hidden] == [(3, 2)]
    assert [n.column for n in table.notices if n.code == "hidden_column"] == ["联系电话"]


def test_hidden_rows_of_an_ods_are_read_and_said() -> None:
    rows = [("", HEADS), *(('table:visibility="filter"' if i == 1 else "", p) for i, p in enumerate(PEOPLE))]
    table = one(ods(rows), "a.ods")
    assert names(table) == NAMES
    assert [(n.row, n.times) for n in table.notices if n.code == "hidden_rows"] == [(3, 1)]


def test_all_sheets_are_read_and_a_hidden_one_is_said() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, PEOPLE[0])
        second = book.add_worksheet("外区")
        second.write_row(0, 0, HEADS)
        second.write_row(1, 0, PEOPLE[1])
        second.hide()
        book.add_worksheet("空")

    tables = read_file(xlsx(write), "a.xlsx")
    assert [(t.sheet, names(t)) for t in tables] == [("名单", ["张三"]), ("外区", ["李四"])]
    assert codes(tables[1]) == {"hidden_sheet"}


def test_formulas_give_their_saved_result_and_are_said() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["姓名", "证件号码", "状态"])
        page.write_row(1, 0, ["张三", IDS[0]])
        page.write_formula(1, 2, '=IF(1,"已采","")', None, "已采")

    table = one(xlsx(write))
    assert table.rows == [("张三", IDS[0], "已采")]
    assert [(n.code, n.column, n.times) for n in table.notices] == [("formula", "状态", 1)]


def test_a_formula_without_a_saved_result_is_empty_and_said() -> None:
    def write(page: Any) -> None:
        page.append(["姓名", "证件号码", "状态"])
        page.append(["张三", IDS[0], '=IF(1,"已采","")'])

    table = one(by_openpyxl(write))
    assert table.rows == [("张三", IDS[0], "")]
    assert [(n.code, n.row, n.column) for n in table.notices if n.code != "formula"] == [("formula_empty", 2, "状态")]


def test_errors_of_the_sheet_are_empty_and_said() -> None:
    def write(page: Any) -> None:
        page.append(["姓名", "证件号码", "电话"])
        page.append(["张三", IDS[0], "#N/A"])

    table = one(by_openpyxl(write))
    assert table.rows == [("张三", IDS[0], "")]
    assert [(n.code, n.row, n.column) for n in table.notices] == [("cell_error", 2, "电话")]


def test_a_document_stored_as_a_number_has_lost_its_tail_and_the_person_stays() -> None:
    table = one(plain([HEADS, ["1", "张三", 510117199001011234, 13980001234, "太平村"]]))
    assert table.rows == [("1", "张三", "510117199001011000", "13980001234", "太平村")]
    assert [(n.code, n.row, n.column) for n in table.notices] == [("long_number", 2, "身份证号")]


def test_digits_that_the_file_still_has_are_not_lost_with_a_float() -> None:
    data = rezipped(
        plain([HEADS, ["1", "张三", 510117199001011234, None, "x"]]),
        lambda n, c: c.replace(b"5.101171990010113E+17", b"510117199001011234"),
    )
    assert one(data).rows[0][2] == "510117199001011234"


def test_whole_numbers_have_no_tail_and_zeros_of_a_format_are_kept() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["姓名", "编码", "年龄", "比"])
        zeros = book.add_format({"num_format": "00000000"})
        page.write_string(1, 0, "张三")
        page.write_number(1, 1, 1234, zeros)
        page.write_number(1, 2, 34.0)
        page.write_number(1, 3, 0.1 + 0.2)

    table = one(xlsx(write))
    assert table.rows == [("张三", "00001234", "34", "0.3")]
    assert [(n.code, n.column, n.times) for n in table.notices] == [("zeros", "编码", 1)]


def test_dates_of_cells_are_iso_whatever_their_format() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["姓名", "a", "b", "c", "d", "e"])
        page.write_string(1, 0, "张三")
        for c, (form, value) in enumerate(
            [(14, 44905), ('yyyy"年"m"月"d"日"', 44905), (31, 44905), ("yyyy-mm-dd hh:mm", 44905.875), ("[h]:mm", 1.5)], start=1
        ):
            page.write_number(1, c, value, book.add_format({"num_format": form}))

    assert one(xlsx(write)).rows == [("张三", "2022-12-10", "2022-12-10", "2022-12-10", "2022-12-10 21:00", "36:00")]


def test_dates_of_a_book_that_counts_from_1904() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["姓名", "采样日期"])
        page.write_string(1, 0, "张三")
        page.write_datetime(1, 1, datetime.datetime.fromisoformat("2022-08-14"), book.add_format({"num_format": 14}))

    assert one(xlsx(write, date_1904=True)).rows == [("张三", "2022-08-14")]


def test_text_and_numbers_of_one_column() -> None:
    table = one(plain([["姓名", "电话"], ["张三", "13980001234"], ["李四", 13980001235]]))
    assert [r[1] for r in table.rows] == ["13980001234", "13980001235"]


def test_prefixed_xml_and_rows_without_numbers() -> None:
    def prefixed(name: str, content: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return content
        return content.replace(b'<row r="3" spans="1:5"', b'<row hidden="1"').replace(b' spans="1:5"', b"")

    table = one(rezipped(plain([HEADS, *PEOPLE]), prefixed))
    assert names(table) == NAMES
    assert [(n.row, n.times) for n in table.notices if n.code == "hidden_rows"] == [(3, 1)]


def test_a_list_without_headings_keeps_its_first_person() -> None:
    table = one(plain([p[1:] for p in PEOPLE]))
    assert [r[0] for r in table.rows] == NAMES
    assert table.columns == ("(A)", "(B)", "(C)", "(D)")
    assert codes(table) == {"no_header"}


def test_a_cell_merged_over_several_people_is_said_of_each() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["街道", "姓名", "证件号码", "电话"])
        page.merge_range("A2:A4", "郫筒街道")
        page.merge_range("D2:D3", "13980001234")
        for i in range(3):
            page.write_row(i + 1, 1, [NAMES[i], IDS[i]])

    table = one(xlsx(write))
    assert [r[0] for r in table.rows] == ["郫筒街道"] * 3
    assert [r[3] for r in table.rows] == ["13980001234", "13980001234", ""]
    assert [(n.code, n.column, n.times) for n in table.notices] == [("merged_down", "街道", 2), ("merged_down", "电话", 1)]


def test_people_side_by_side_are_put_one_below_the_other() -> None:
    block = ["序号", "姓名", "证件号码"]
    table = one(
        plain([["名单"], [*block, *block], ["1", NAMES[0], IDS[0], "3", NAMES[2], IDS[2]], ["2", NAMES[1], IDS[1], "4", None, None]])
    )
    assert table.columns == tuple(block)
    assert [(r[1], n) for r, n in zip(table.rows, table.numbers, strict=True)] == [(NAMES[0], 3), (NAMES[1], 4), (NAMES[2], 3)]
    assert {n.code for n in table.notices} == {"title", "side_by_side"}


def test_headings_of_sections_are_nobody_and_stand_beside_their_people() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, HEADS)
        page.merge_range("A2:E2", "一、太平村")
        page.write_row(2, 0, PEOPLE[0])
        page.write_row(3, 0, PEOPLE[1])
        page.write_row(4, 0, ["二、永安村"])
        page.write_row(5, 0, PEOPLE[2])

    table = one(xlsx(write))
    assert [(r[1], r[-1]) for r in table.rows] == [(NAMES[0], "一、太平村"), (NAMES[1], "一、太平村"), (NAMES[2], "二、永安村")]
    assert [(a.number, a.code) for a in table.aside if a.code == "section"] == [(2, "section"), (5, "section")]


def test_someone_with_a_name_alone_is_someone() -> None:
    assert names(one(plain([HEADS, *PEOPLE, [None, "赵六", None, None, None]])))[-1] == "赵六"


def test_lines_numbered_beforehand_are_nobody() -> None:
    table = one(plain([HEADS, *PEOPLE, ["5"], ["6"], ["7"]]))
    assert len(table.rows) == 4
    assert [(n.code, n.row, n.times) for n in table.notices] == [("numbered", 6, 3)]


def test_rows_struck_through_are_read_and_said() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, PEOPLE[0])
        page.write_row(2, 0, PEOPLE[1], book.add_format({"font_strikeout": True}))

    table = one(xlsx(write))
    assert len(table.rows) == 2
    assert [(n.code, n.row, n.times) for n in table.notices] == [("struck", 3, 1)]


def test_comments_beside_cells_are_said() -> None:
    def write(book: Any, page: Any) -> None:
        page.write_row(0, 0, HEADS)
        page.write_row(1, 0, PEOPLE[0])
        page.write_comment("B2", '已转走 "8/14" & 其他')

    table = one(xlsx(write))
    assert [(n.code, n.row, n.column) for n in table.notices] == [("comment", 2, "姓名")]
    assert "已转走 '8/14' & 其他" in table.notices[0].zh


def test_a_row_of_no_height_is_hidden() -> None:
    table = one(rezipped(plain([HEADS, *PEOPLE]), lambda n, c: c.replace(b'<row r="3" ', b'<row r="3" ht="0" customHeight="1" ')))
    assert [(n.code, n.row) for n in table.notices] == [("hidden_rows", 3)]


def test_what_is_left_of_a_number_that_was_scientific_is_said() -> None:
    table = one(plain([["姓名", "试管编号"], ["张三", 2020000000000], ["李四", 2022081400123]]))
    assert [(n.code, n.row) for n in table.notices] == [("scientific", 2)]


def test_a_telephone_in_a_title_is_nobody_and_does_not_hide_the_headings() -> None:
    table = one(plain([["太平村名单"], ["填表人:李某", None, "联系电话:13980009999"], HEADS, *PEOPLE]))
    assert names(table) == NAMES
    assert [a.code for a in table.aside] == ["title", "title", "header"]


def test_people_above_headings_are_not_taken_for_titles() -> None:
    table = one(plain([p[1:] for p in PEOPLE[:2]] + [HEADS[1:]] + [p[1:] for p in PEOPLE[2:]]))
    assert [r[0] for r in table.rows] == NAMES
    assert [(a.number, a.code) for a in table.aside] == [(3, "header_again")]


def test_one_person_alone_is_no_heading() -> None:
    table = one(plain([PEOPLE[0]]))
    assert table.rows == [tuple(PEOPLE[0])]


# --- text files ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("sign", [",", "\t", ";", "，"])
def test_csv_in_each_encoding_and_with_each_delimiter(encoding: str, sign: str) -> None:
    table = one(csv([HEADS, *PEOPLE], encoding, sign).replace("·".encode(encoding), "·".encode(encoding)), "a.csv")
    assert table.rows == [tuple(p) for p in PEOPLE]
    assert (table.numbers, table.notices) == ([2, 3, 4, 5], [])


def test_rare_hanzi_of_four_bytes() -> None:
    assert names(one(csv([HEADS, ["1", "𬱖㛃", IDS[0], "", ""], *PEOPLE], "gb18030"), "a.csv"))[0] == "𬱖㛃"


def test_latin_text_of_windows_is_not_taken_for_gbk() -> None:
    table = one("firstName,lastName\nGünther,Müller\nRené,Çelik\n".encode("cp1252"), "a.csv")
    assert table.rows == [("Günther", "Müller"), ("René", "Çelik")]


def test_two_files_of_two_encodings_put_end_to_end() -> None:
    table = one(csv([HEADS, *PEOPLE[:3]]) + b"\r\n" + csv(PEOPLE[3:], "gbk"), "a.csv")
    assert names(table) == NAMES
    assert codes(table) == {"mixed_encoding"}


def test_a_quoted_newline_is_one_row_and_counts_as_one() -> None:
    data = '姓名,地址,电话\r\n张三,"太平村\n11组",139\r\n李四,"a,b",138\r\n'.encode()
    table = one(data, "a.csv")
    assert table.rows == [("张三", "太平村\n11组", "139"), ("李四", "a,b", "138")]
    assert table.numbers == [2, 3]


def test_a_quotation_mark_that_is_never_closed_swallows_nobody() -> None:
    people = [[f"人{i}", f"村{i}"] for i in range(80)]
    people[3][1] = '"村3'
    table = one(csv([["姓名", "地址"], *people]), "a.csv")
    assert len(table.rows) == 80
    assert codes(table) == {"quotes"}


def test_nul_bytes_are_taken_out_and_said() -> None:
    table = one(csv([HEADS, *PEOPLE]).replace("张三".encode(), "张\0三".encode()), "a.csv")
    assert names(table) == NAMES
    assert codes(table) == {"nul"}


def test_ragged_rows_are_kept_and_said() -> None:
    table = one("姓名,电话,地址\n张三,139\n李四,138,太平村,11组,\n王五,137,x\n".encode(), "a.csv")
    assert table.rows == [("张三", "139", "", ""), ("李四", "138", "太平村", "11组"), ("王五", "137", "x", "")]
    assert table.columns == ("姓名", "电话", "地址", "(D)")
    assert {(n.code, n.row) for n in table.notices} == {("short", 2), ("ragged", 3)}


def test_scientific_notation_is_kept_and_said() -> None:
    table = one("姓名,证件号码\n张三,5.10117E+17\n李四,2.02E+12\n5e9901,x\n".encode(), "a.csv")
    assert [r[1] for r in table.rows] == ["5.10117E+17", "2.02E+12", "x"]
    assert [(n.code, n.row) for n in table.notices] == [("scientific", 2), ("scientific", 3)]


def test_what_exports_put_around_numbers_is_taken_off() -> None:
    table = one(f'姓名,证件号码,电话\n张三,="{IDS[0]}",\'13980001234\n李四,\t{IDS[1]},139\n'.encode(), "a.csv")
    assert table.rows[0] == ("张三", IDS[0], "13980001234")
    assert table.rows[1][1] == IDS[1]


def test_a_table_of_a_web_system_called_xls_is_read() -> None:
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in [HEADS, *PEOPLE])
    table = one(f"<html><body><table border=1>{rows}</table></body></html>".encode("gbk"), "导出.xls")
    assert (table.form, names(table)) == ("html", NAMES)


# --- what cannot be read -------------------------------------------------------------------------------------------------
def bomb() -> bytes:
    """A workbook whose sheet is a few kilobytes on the disk and a gigabyte unpacked."""
    return rezipped(plain([HEADS, *PEOPLE]), lambda n, c: c + b" " * 1_000_000 if n.endswith("sheet1.xml") else c)


def liar() -> bytes:
    """A workbook of which a part says that it is small and is not."""
    data = bytearray(bomb())
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := data.find(signature, start)) >= 0:
            name_at = start + (46 if at == 24 else 30)
            if data[name_at : name_at + 24] == b"xl/worksheets/sheet1.xml":
                data[start + at : start + at + 4] = struct.pack("<I", 100)
            start += 4
    return bytes(data)


def far_out() -> bytes:
    return by_openpyxl(lambda page: [page.cell(1, 1, "姓名"), page.cell(1_048_576, 16_384, "x")])


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.csv", "x")
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "空", "empty"),
    "blank": (b"\xef\xbb\xbf\r\n", "空", "empty"),
    "cut": (plain([HEADS, *PEOPLE])[:3000], ".xlsx", "save it as .xlsx"),
    "no spreadsheet inside": (other_zip(), "解压", "unpack"),
    "pdf": (b"%PDF-1.7 ...", "PDF", "copy its table"),
    "photo": (b"\xff\xd8\xff\xe0 ...", "照片", "type the list"),
    "noise": (bytes(range(1, 32)) * 200, "不是表格", "neither a spreadsheet nor text"),
    "password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
        "密码",
        "password",
    ),
    "broken xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xlsx", "save it as .xlsx"),
    "lies about its size": (liar(), ".xlsx", "save it as .xlsx"),
    "far out": (far_out(), "XFD1048576", "20,000,000 cells"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_would_be_right(what: str) -> None:
    data, zh, en = REFUSED[what]
    with pytest.raises(Unreadable) as refused:
        read_file(data, "a.xlsx")
    assert zh in refused.value.word.zh
    assert en in refused.value.word.en


def vast() -> bytes:
    """An .xls that asks its reader for more memory than there is: in the wrong place, that ends the process."""
    data = bytearray(xls([HEADS, *PEOPLE]))
    data[0x1E:0x20] = struct.pack("<H", 48)
    return bytes(data)


def repeated() -> bytes:
    return ods(
        [
            (
                'table:number-rows-repeated="1000000"',
                ['<table:table-cell office:value-type="string" table:number-columns-repeated="16000"/>'],
            )
        ]
    )


@pytest.mark.parametrize("data", [vast(), repeated(), xls([HEADS, *PEOPLE])[:4000]])
def test_a_file_that_asks_for_the_moon_is_refused_and_the_process_lives(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_file(data, "a.xls")


def test_cells_that_say_another_row_than_their_row_are_looked_at_before_they_are_opened() -> None:
    data = rezipped(plain([HEADS, *PEOPLE]), lambda n, c: c.replace(b'r="E5"', b'r="XFD1048576"'))
    with pytest.raises(Unreadable, match="XFD1048576"):
        read_file(data, "a.xlsx")


def test_a_zip_bomb_is_refused_with_the_limit_named(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bomb()
    assert len(data) < 20_000
    monkeypatch.setattr(spreadsheet, "MOST_UNPACKED", 500_000)
    with pytest.raises(Unreadable, match="MB when unpacked"):
        read_file(data, "a.xlsx")


def test_too_large_a_file_is_refused_with_the_limit_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulou.lists.reading.MOST_BYTES", 1000)
    with pytest.raises(Unreadable, match="split it"):
        read_file(b"x" * 1001, "a.csv")
