"""Templates into files: a centre's own document or workbook is filled with named fields and rows. Guesses no field, runs nothing that a template says.

A field stands as ``{{name}}``; a row of a table with ``{{contacts.ring}}`` is repeated for each row of that list, and is left out where there is
none. In a workbook a cell that is named ``bulou_name`` is filled too. Text stays text: no cell becomes a formula, no number loses a digit.
"""

import copy
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import docx
import openpyxl
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from openpyxl.workbook.defined_name import DefinedName

from bulou.basis.words import Word

_FIELD = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
#: The beginning of the names of cells that are filled.
NAMED = "bulou_"
#: Fields without which no page leaves: both hours, and whether it is an exercise.
HOURS = ("about", "known", "exercise")
Row = Mapping[str, str]


class Filling(NamedTuple):
    """What a template is filled with: fields by name, and lists of rows by name, each row with the same columns."""

    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[Row]]
    columns: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """Every name that a template may use."""
        return [*self.fields, *(f"{name}.{column}" for name, columns in self.columns.items() for column in columns)]

    @property
    def footer(self) -> str:
        """What stands on every page."""
        return " · ".join(self.fields[name] for name in HOURS if self.fields.get(name))


class Unfit(ValueError):
    """A template that cannot be filled: which field, where, and what there is instead."""

    def __init__(self, word: Word) -> None:
        super().__init__(word.en)
        self.word = word


def _unknown(names: Iterable[str], where: str, filling: Filling) -> Unfit:
    """A template asks for what there is not: said with the field, its place and everything that may stand there."""
    some, known = "、".join(sorted(set(names))), ", ".join(filling.names)
    return Unfit(
        Word(
            f"模板中没有这样的字段:{some}({where})。可用字段:{known}",
            f"the template asks for unknown fields: {some} ({where}). There are: {known}",
        )
    )


# --- documents --------------------------------------------------------------------------------------------------------
def fill_docx(raw: bytes, filling: Filling) -> bytes:
    """A document with its fields filled; both hours stand on every page, whether the template asked for them or not."""
    try:
        document = docx.Document(io.BytesIO(raw))
    except (ValueError, KeyError, zipfile.BadZipFile) as wrong:
        raise Unfit(Word("模板不是 DOCX 文件", "the template is no DOCX file")) from wrong
    parts = list(_parts(document))
    wrong_ones = {n for _, part in parts for p in _paragraphs(part) for n in _FIELD.findall(p.text) if n not in filling.names}
    if wrong_ones:
        where = next(name for name, part in parts for p in _paragraphs(part) if wrong_ones & set(_FIELD.findall(p.text)))
        raise _unknown(wrong_ones, where, filling)
    for _, part in parts:
        for table in _tables(part):
            _repeat(table, filling)
        for paragraph in _paragraphs(part):
            _fill(paragraph, filling.fields, filling)
    for section in document.sections:
        told = "".join(p.text for p in (*_paragraphs(section.header), *_paragraphs(section.footer)))
        if any(filling.fields.get(name, "") not in told for name in HOURS):
            section.footer.is_linked_to_previous = False
            section.footer.add_paragraph(filling.footer)
        section.different_first_page_header_footer = False  # else the first page would not say it
    document.settings.odd_and_even_pages_header_footer = False
    out = io.BytesIO()
    document.save(out)
    return _still(out.getvalue())


def _parts(document: Document) -> Iterator[tuple[str, Any]]:
    yield "body", document
    for i, section in enumerate(document.sections, start=1):
        yield f"header {i}", section.header
        yield f"footer {i}", section.footer


def _tables(part: Any) -> Iterator[Table]:
    for table in part.tables:
        yield table
        for row in table.rows:
            for cell in row.cells:
                yield from _tables(cell)


def _paragraphs(part: Any) -> Iterator[Paragraph]:
    yield from part.paragraphs
    for table in part.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _paragraphs(cell)


def _repeat(table: Table, filling: Filling) -> None:
    """A row that asks for columns of a list stands once for each of its rows."""
    for row in list(table.rows):
        asked = {n for cell in row.cells for p in _paragraphs(cell) for n in _FIELD.findall(p.text)}
        lists = {n.split(".")[0] for n in asked if "." in n}
        if not lists:
            continue
        if len(lists) > 1:
            raise Unfit(
                Word(f"表格一行只能用一个清单:{'、'.join(sorted(lists))}", f"a row of a table may use one list: {', '.join(sorted(lists))}")
            )
        name = lists.pop()
        for said in filling.lists[name]:
            made = copy.deepcopy(row._tr)
            row._tr.addprevious(made)
            values = {**filling.fields, **{f"{name}.{c}": said.get(c, "") for c in filling.columns[name]}}
            for element in made.iter(qn("w:p")):
                _fill(Paragraph(element, table), values, filling)
        row._tr.getparent().remove(row._tr)


def _fill(paragraph: Paragraph, values: Mapping[str, str], filling: Filling) -> None:
    """Fields of a paragraph, also where the editor split one over several runs: the first run of it keeps the text and its look."""
    while found := _FIELD.search("".join(r.text for r in paragraph.runs)):
        if found[1] not in values:
            if "." in found[1] and found[1] in filling.names:
                raise Unfit(
                    Word(f"{found[1]} 属清单,只能用在表格的行中", f"{found[1]} is of a list: it may stand in a row of a table alone")
                )
            break
        at, begun = 0, False
        for run in paragraph.runs:
            start, end = at, at + len(run.text)
            at = end
            if end <= found.start() or start >= found.end():
                continue
            before, after = run.text[: max(0, found.start() - start)], run.text[max(0, found.end() - start) :] if found.end() < end else ""
            run.text = before + ("" if begun else _plain(values[found[1]])) + after
            begun = True
        if not begun:
            break


def _plain(text: str) -> str:
    """A value as text: what looks like a field in it is none, and signs that no document holds are left out."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text).replace("{{", "{ {")


#: When a part was written, as such files have it: the machine's hour is nobody's business, and the same content is the same file.
_WRITTEN = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def _still(raw: bytes) -> bytes:
    """The file without the hour at which this machine wrote it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as was, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as now:
        for part in was.infolist():
            data = was.read(part)
            if part.filename == "docProps/core.xml":
                data = _WRITTEN.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", data)
            now.writestr(zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# --- workbooks --------------------------------------------------------------------------------------------------------
def fill_xlsx(raw: bytes, filling: Filling) -> bytes:
    """A workbook with its fields and named cells filled; sheets, their names, widths and formats stay as they are."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw))
    except (ValueError, KeyError, zipfile.BadZipFile, OSError) as wrong:
        raise Unfit(Word("模板不是 XLSX 文件", "the template is no XLSX file")) from wrong
    asked = [
        (sheet.title, cell, cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]
    for title, cell, text in asked:
        if bad := [n for n in _FIELD.findall(text) if n not in filling.names]:
            raise _unknown(bad, f"{title}!{cell.coordinate}", filling)
    for name, defined in _named(book):
        if name not in filling.fields:
            raise _unknown([NAMED + name], defined.attr_text or "", filling)
        for title, place in defined.destinations:
            _put(book[title][place.replace("$", "")], filling.fields[name])
    for sheet in book.worksheets:
        _fill_sheet(sheet, filling)
        sheet.oddFooter.center.text = filling.footer.replace("&", "&&")
        sheet.evenFooter.center.text = sheet.firstFooter.center.text = sheet.oddFooter.center.text
    out = io.BytesIO()
    book.save(out)
    return _still(out.getvalue())


def _named(book: Any) -> Iterator[tuple[str, DefinedName]]:
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name, defined in names.items():
            if name.startswith(NAMED):
                yield name.removeprefix(NAMED), defined


def _put(cell: Any, text: str) -> None:
    """A value as text, whatever it looks like."""
    cell.value = _plain(text)
    cell.data_type = "s"
    if cell.number_format == "General":
        cell.number_format = "@"


def _fill_sheet(sheet: Any, filling: Filling) -> None:
    for number in range(sheet.max_row, 0, -1):  # from below, so that rows put in move none that is still to be read
        cells = [c for c in sheet[number] if isinstance(c.value, str) and _FIELD.search(c.value)]
        lists = {n.split(".")[0] for c in cells for n in _FIELD.findall(c.value) if "." in n}
        if not lists:
            for cell in cells:
                _put(cell, _FIELD.sub(lambda m: filling.fields[m[1]], cell.value))
            continue
        name, template = lists.pop(), [(c.column, c.value, c._style) for c in cells]
        if lists:
            raise Unfit(Word(f"一行只能用一个清单({sheet.title} 第 {number} 行)", f"a row may use one list ({sheet.title}, row {number})"))
        rows = filling.lists[name]
        if len(rows) > 1:
            below = [r for r in sheet.merged_cells.ranges if r.min_row > number]
            for merged in below:  # inserting moves cells and leaves what is merged where it was, over the new rows
                sheet.merged_cells.remove(merged)
                merged.shift(row_shift=len(rows) - 1)
            sheet.insert_rows(number + 1, len(rows) - 1)
            for merged in below:
                sheet.merged_cells.add(merged)
        for i, said in enumerate(rows or [{}]):
            values = {**filling.fields, **{f"{name}.{c}": said.get(c, "") for c in filling.columns[name]}}
            for column, text, style in template:
                cell = sheet.cell(number + i, column)
                cell._style = copy.copy(style)
                _put(cell, _FIELD.sub(lambda m, values=values: values[m[1]], text))  # type: ignore[misc]


# --- the neutral templates --------------------------------------------------------------------------------------------
class Plan(NamedTuple):
    """What a neutral template shows: a title, fields with what they are called, lists with the headings of their columns."""

    title: str
    fields: Sequence[tuple[str, str]]
    lists: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


def plain_docx(plan: Plan) -> bytes:
    """A neutral document template, to be taken and changed: a table of fields, a table for each list, both hours in the footer."""
    document = docx.Document()
    style = document.styles["Normal"]
    style.font.size = Pt(10)
    for name in ("Normal", "Title", "Heading 1"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    document.add_paragraph("{{exercise}}")
    document.add_heading(plan.title, 0)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, called in plan.fields:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = called, f"{{{{{name}}}}}"
    for name, called, columns in plan.lists:
        document.add_heading(called, 1)
        table = document.add_table(rows=2, cols=len(columns), style="Table Grid")
        for i, (column, head) in enumerate(columns):
            table.rows[0].cells[i].text, table.rows[1].cells[i].text = head, f"{{{{{name}.{column}}}}}"
    document.sections[0].footer.paragraphs[0].text = " · ".join(f"{{{{{n}}}}}" for n in HOURS)
    out = io.BytesIO()
    document.save(out)
    return _still(out.getvalue())


def plain_xlsx(plan: Plan) -> bytes:
    """A neutral workbook template: one sheet of named cells, one sheet for each list."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = plan.title[:31]
    for i, (name, called) in enumerate(plan.fields, start=1):
        sheet.cell(i, 1).value, sheet.cell(i, 2).number_format = called, "@"
        book.defined_names[NAMED + name] = DefinedName(NAMED + name, attr_text=f"'{sheet.title}'!$B${i}")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 60
    for name, called, columns in plan.lists:
        sheet = book.create_sheet(called[:31])
        for i, (column, head) in enumerate(columns, start=1):
            sheet.cell(1, i).value, sheet.cell(2, i).value = head, f"{{{{{name}.{column}}}}}"
            sheet.cell(2, i).number_format = "@"
            sheet.column_dimensions[sheet.cell(1, i).column_letter].width = 18
    out = io.BytesIO()
    book.save(out)
    return _still(out.getvalue())
