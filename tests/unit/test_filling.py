"""Templates of a centre are filled with what was asked for and nothing else; what they ask for and there is not, is named."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import docx
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from bulou.lists import printed
from bulou.lists.filling import Filling, Plan, Unfit, fill_docx, fill_xlsx, plain_docx, plain_xlsx
from bulou.lists.printed import as_pdf, font

FIELDS = {
    "name": "欧阳甲子",
    "label": "0012",
    "exercise": "EXERCISE / 演练",
    "about": "截至 2020-12-09 09:00",
    "known": "知悉 2020-12-09 09:05",
}
ROWS = [{"who": "诸葛丙寅", "ring": "密切接触者"}, {"who": "=1+1", "ring": "{{name}}"}]
FILLING = Filling(FIELDS, {"contacts": ROWS, "empty": []}, {"contacts": ("who", "ring"), "empty": ("x",)})
PLAN = Plan(
    "病例卷宗",
    [("name", "姓名"), ("label", "编号")],
    [("contacts", "接触者", [("who", "姓名"), ("ring", "类别")]), ("empty", "无", [("x", "x")])],
)


@dataclass
class Read:
    """A document as it reads: body, rows of its tables, feet."""

    body: str
    rows: list[list[str]]
    feet: str


def read(raw: bytes) -> Read:
    made = docx.Document(io.BytesIO(raw))
    rows = [[c.text for c in r.cells] for t in made.tables for r in t.rows]
    return Read("\n".join(p.text for p in made.paragraphs), rows, "\n".join(p.text for s in made.sections for p in s.footer.paragraphs))


def saved(document: docx.document.Document) -> bytes:  # type: ignore[name-defined]
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_the_neutral_document_is_filled_and_both_hours_stand_at_its_foot() -> None:
    made = read(fill_docx(plain_docx(PLAN), FILLING))
    assert ["姓名", "欧阳甲子"] in made.rows and ["编号", "0012"] in made.rows
    assert ["诸葛丙寅", "密切接触者"] in made.rows
    assert "{{" not in str(made.rows).replace("{ {", "") + made.body
    assert all(FIELDS[n] in made.feet for n in ("about", "known", "exercise"))


def test_a_value_that_looks_like_a_field_is_none() -> None:
    made = read(fill_docx(plain_docx(PLAN), FILLING))
    assert ["=1+1", "{ {name}}"] in made.rows, "what somebody typed is never read as a field"


def test_a_field_that_the_editor_split_is_filled_and_a_template_without_hours_gets_them() -> None:
    own = docx.Document()
    line = own.add_paragraph("病例 ")
    for part in ("{{", "na", "me}}", " 完"):
        line.add_run(part)
    own.sections[0].different_first_page_header_footer = True
    made = fill_docx(saved(own), FILLING)
    assert read(made).body == "病例 欧阳甲子 完"
    assert all(FIELDS[n] in read(made).feet for n in ("about", "known", "exercise"))
    assert not docx.Document(io.BytesIO(made)).sections[0].different_first_page_header_footer


def test_an_unknown_field_is_named_with_its_place_and_what_there_is() -> None:
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "{{nmae}}"
    with pytest.raises(Unfit) as wrong:
        fill_docx(saved(own), FILLING)
    assert "nmae (header 1)" in wrong.value.word.en and "name, label" in wrong.value.word.en and "contacts.ring" in wrong.value.word.zh


def test_the_same_content_is_the_same_file_whenever_it_is_written() -> None:
    for made in (plain_docx(PLAN), plain_xlsx(PLAN), fill_docx(plain_docx(PLAN), FILLING), fill_xlsx(plain_xlsx(PLAN), FILLING)):
        parts = zipfile.ZipFile(io.BytesIO(made))
        assert {p.date_time[0] for p in parts.infolist()} == {1980}
        told = re.findall(rb"<dcterms:(?:created|modified)[^>]*>([^<]*)<", parts.read("docProps/core.xml"))
        assert told and set(told) == {b"1980-01-01T00:00:00Z"}


@pytest.mark.parametrize("fill", [fill_docx, fill_xlsx])
def test_what_is_no_template_is_said(fill: object) -> None:
    with pytest.raises(Unfit):
        fill(b"%PDF-1.7", FILLING)  # type: ignore[operator]


def test_a_column_of_a_list_outside_a_table_is_refused() -> None:
    own = docx.Document()
    own.add_paragraph("{{contacts.who}}")
    with pytest.raises(Unfit) as wrong:
        fill_docx(saved(own), FILLING)
    assert "contacts.who" in wrong.value.word.en


def test_a_workbook_keeps_its_sheets_formats_and_text() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "首页"
    sheet["B2"].number_format = "@"
    book.defined_names["bulou_label"] = DefinedName("bulou_label", attr_text="'首页'!$B$2")
    rows = book.create_sheet("接触者")
    rows.append(["姓名", "类别"])
    rows.append(["{{contacts.who}}", "{{contacts.ring}}"])
    rows.append(["合计", "{{label}}"])
    out = io.BytesIO()
    book.save(out)
    made = openpyxl.load_workbook(io.BytesIO(fill_xlsx(out.getvalue(), FILLING)))
    assert made.sheetnames == ["首页", "接触者"]
    assert (made["首页"]["B2"].value, made["首页"]["B2"].number_format, made["首页"]["B2"].data_type) == ("0012", "@", "s")
    assert [[c.value for c in r] for r in made["接触者"].iter_rows()][1:] == [
        ["诸葛丙寅", "密切接触者"],
        ["=1+1", "{ {name}}"],
        ["合计", "0012"],
    ]
    assert made["接触者"]["A3"].data_type == "s", "no cell becomes a formula"
    assert FIELDS["about"] in made["接触者"].oddFooter.center.text


def test_the_neutral_workbook_and_an_unknown_named_cell() -> None:
    made = openpyxl.load_workbook(io.BytesIO(fill_xlsx(plain_xlsx(PLAN), FILLING)))
    assert made["病例卷宗"]["B1"].value == "欧阳甲子"
    book = openpyxl.load_workbook(io.BytesIO(plain_xlsx(PLAN)))
    book.defined_names["bulou_nmae"] = DefinedName("bulou_nmae", attr_text="'病例卷宗'!$B$9")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unfit) as wrong:
        fill_xlsx(out.getvalue(), FILLING)
    assert "bulou_nmae" in wrong.value.word.en


def test_without_a_chinese_font_the_pdf_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "font", lambda: None)
    with pytest.raises(Unfit) as wrong:
        as_pdf(PLAN, FILLING, "zh")
    assert "fonts-noto-cjk" in wrong.value.word.en


@pytest.mark.skipif(font() is None, reason="no font with Chinese characters on this machine")
def test_the_pdf_has_its_pages_and_embeds_the_font() -> None:
    many = FILLING._replace(lists={"contacts": ROWS * 60, "empty": []})
    made = as_pdf(PLAN, many, "zh")
    assert made.startswith(b"%PDF") and len(made) > 10_000
    pages = re.search(rb"/Count (\d+)", made)
    assert pages is not None and int(pages[1]) > 1
    assert as_pdf(PLAN, FILLING._replace(fields={**FIELDS, "name": '#panic("x") $a$ *b*'}), "en").startswith(b"%PDF"), (
        "text is never markup"
    )
