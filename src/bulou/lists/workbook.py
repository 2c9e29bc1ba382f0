"""The city's own workbook filled under its headings. Identifiers are text; nothing is a formula.

What a template has beside the filled cells stays as it is; what could not be filled is said, never filled with a guess.
"""

import copy
import datetime
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.formula.translate import Translator
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter

from bulou.basis.words import Word
from bulou.lists.headings import field_of, fold
from bulou.lists.heads import columns_at, headings_at
from bulou.lists.rows import nobody
from bulou.lists.sheetfile import Value, fit
from bulou.lists.spreadsheet import text_of, unpacked
from bulou.lists.table import Unreadable

#: The number of the format "@", text, in every workbook (ECMA-376, part 1, 18.8.30).
TEXT = 49
#: Fields whose values are identifiers: always text, so that no zero and no digit is lost.
IDENTIFIERS = frozenset(("document", "phone", "code", "code_of", "household", "area"))


# --- the city's own workbook ------------------------------------------------------------------------------------------
class Filled(NamedTuple):
    """A template filled: ``data`` the workbook; ``rows`` written; ``columns``: heading and the key that filled it; ``unfilled``:
    headings nothing was given for; ``unused``: keys given that no heading takes; ``lost``: what the template had and the copy has not."""

    data: bytes
    sheet: str
    rows: int
    columns: dict[str, str]
    unfilled: tuple[str, ...]
    unused: tuple[str, ...]
    lost: tuple[Word, ...]


def fill(
    template: bytes | Path, values: Mapping[str, Sequence[Value]], sheet: str | None = None, *, replace: bool = False, mark: str = ""
) -> Filled:
    """The city's workbook with rows under its headings, cell for cell; the rest of it stays: sheets, formats, widths, merged cells.

    ``values``: columns of one length by the heading of the template or by field (``name``, ``document`` …); ``sheet``: which one, by
    default the first with headings that are known. Rows take the formats and formulas of the first row under the headings; a footer
    (totals, who filled it in) moves down. ``mark`` is printed at the foot of every page and stands among the file's properties; no cell
    holds it. Identifiers are written as text, dates as dates where the template's cell is a date.
    Raises Unreadable when there is nowhere to write, or when rows stand there already and ``replace`` does not say to take them away.
    """
    raw = template if isinstance(template, bytes) else Path(template).read_bytes()
    if raw[:2] != b"PK":
        raise Unreadable(Word("模板须是 .xlsx:请另存为 .xlsx", "the template must be .xlsx: save it as .xlsx"))
    parts = unpacked(raw)
    lengths = {len(v) for v in values.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of different lengths: {sorted(lengths)}")
    count = lengths.pop() if lengths else 0
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), keep_vba="xl/vbaProject.bin" in parts)
    except (KeyError, ValueError, zipfile.BadZipFile) as wrong:
        raise Unreadable(Word("模板打不开:请另存为 .xlsx", "the template cannot be opened: save it as .xlsx")) from wrong
    page, first, columns = _where(book, sheet)
    plan, unfilled, unused = _plan(columns, values)
    if not plan:
        raise Unreadable(
            Word(
                "模板的表头没有一列能填:请指定工作表,或核对列名",
                "no column of the template can be filled: name the sheet, or check its headings",
            )
        )
    unfilled = tuple(h for h in unfilled if not str(page.cell(first, columns.index(h) + 1).value or "").startswith("="))
    last, footer = _ground(page, first, columns)
    if last >= first and not replace:
        raise Unreadable(
            Word(
                f"模板的表头下已有 {last - first + 1} 行内容(自第{first}行起):请用空表,或说明要替换",
                f"{last - first + 1} rows stand under the headings already (from row {first}): use an empty one, or say to replace them",
            )
        )
    _make_room(page, first, count, last, footer, len(columns))
    _write_rows(page, first, count, columns, plan, values)
    for each in book.worksheets if mark else ():
        each.oddFooter.center.text = mark.replace("&", "&&")
    book.properties.description = mark or book.properties.description
    out = io.BytesIO()
    book.save(out)
    return Filled(out.getvalue(), page.title, count, {columns[c]: k for c, k in plan.items()}, unfilled, unused, _lost(parts))


def _where(book: Any, sheet: str | None) -> tuple[Any, int, tuple[str, ...]]:
    """The sheet to fill, the first row under its headings (from 1), its headings."""
    names = [sheet] if sheet is not None else book.sheetnames
    if sheet is not None and sheet not in book.sheetnames:
        raise Unreadable(Word(f"模板里没有工作表“{sheet}”,有:{'、'.join(book.sheetnames)}",
                              f"the template has no sheet “{sheet}”; it has {', '.join(book.sheetnames)}"))  # fmt: skip
    for name in names:
        page = book[name]
        if not hasattr(page, "iter_rows"):
            continue  # a chart
        cells = [
            [text_of(c) if c is not None else "" for c in row] for row in page.iter_rows(max_row=min(page.max_row, 60), values_only=True)
        ]
        merges = [(m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in page.merged_cells.ranges]
        first, depth = headings_at(cells, merges)
        if depth:
            columns = columns_at(cells, merges, first, depth)
            if any(field_of(c) for c in columns):
                return page, first + depth + 1, columns
    raise Unreadable(Word("模板里找不到表头", "no headings were found in the template"))


def _plan(columns: tuple[str, ...], values: Mapping[str, Sequence[Value]]) -> tuple[dict[int, str], tuple[str, ...], tuple[str, ...]]:
    """Which key fills which column: its own heading first, then its field; each key once."""
    by_heading = {fold(k): k for k in values}
    plan: dict[int, str] = {}
    for c, heading in enumerate(columns):
        key = by_heading.get(fold(heading)) or by_heading.get(fold(heading.split("/")[-1]))
        if key and key not in plan.values():
            plan[c] = key
    for c, heading in enumerate(columns):
        said = field_of(heading)
        if c not in plan and said and said[0] in values and said[0] not in plan.values():
            plan[c] = said[0]
    unfilled = tuple(
        h for c, h in enumerate(columns) if c not in plan and (field_of(h) or ("",))[0] != "serial" and not re.fullmatch(r"\([A-Z]+\)", h)
    )
    return plan, unfilled, tuple(k for k in values if k not in plan.values())


def _ground(page: Any, first: int, columns: tuple[str, ...]) -> tuple[int, int]:
    """The last row of what stands under the headings as people (first - 1: nothing), and where a footer begins (0: none)."""
    last, footer = first - 1, 0
    for r in range(first, page.max_row + 1):
        row = [text_of(v) if v is not None else "" for v in (page.cell(r, c).value for c in range(1, len(columns) + 1))]
        said = [c for c in row if c and not c.startswith("=")]
        if not said or all(c.isdigit() and len(c) < 5 for c in said):
            continue  # blank, or numbered beforehand
        if nobody(row, columns) in ("total", "note"):
            footer = r
            break
        last = r
    return last, footer


def _make_room(page: Any, first: int, count: int, last: int, footer: int, width: int) -> None:
    """Takes away rows that are replaced, and moves a footer with its merged cells and heights down to where the rows end."""
    for r in range(first, last + 1):
        for c in range(1, width + 1):
            cell = page.cell(r, c)
            if not isinstance(cell, openpyxl.cell.cell.MergedCell) and not str(cell.value or "").startswith("="):
                cell.value = None
    down = first + count - footer if footer else 0
    if down <= 0:
        return
    bottom, right = page.max_row, get_column_letter(page.max_column)
    moved = [m for m in page.merged_cells.ranges if m.min_row >= footer]
    heights = {r: page.row_dimensions[r].height for r in range(footer, bottom + 1) if page.row_dimensions[r].height}
    page.move_range(f"A{footer}:{right}{bottom}", rows=down, translate=True)
    for merged in moved:
        merged.shift(row_shift=down)
    for r in range(footer, bottom + 1):
        page.row_dimensions[r].height = None
    for r, height in heights.items():
        page.row_dimensions[r + down].height = height


def _write_rows(
    page: Any, first: int, count: int, columns: tuple[str, ...], plan: dict[int, str], values: Mapping[str, Sequence[Value]]
) -> None:
    formulas = {
        c: Translator(v, f"{get_column_letter(c + 1)}{first}")
        for c in range(len(columns))
        if c not in plan and isinstance(v := page.cell(first, c + 1).value, str) and v.startswith("=")
    }
    heads = [page.cell(first, c + 1) for c in range(len(columns))]
    looks = [
        _Look(
            copy.copy(h._style) or StyleArray(),
            copy.copy(h._style) or StyleArray(),
            is_date_format(h.number_format),
            h.number_format == "General",
        )
        for h in heads
    ]
    for look in looks:
        look.text.numFmtId = TEXT
    height = page.row_dimensions[first].height
    serials = {c for c, h in enumerate(columns) if c not in plan and (field_of(h) or ("",))[0] == "serial"}
    identifiers = {c for c, k in plan.items() if k in IDENTIFIERS or (field_of(columns[c]) or ("",))[0] in IDENTIFIERS}
    for i in range(count):
        if height:
            page.row_dimensions[first + i].height = height
        for c, look in enumerate(looks):
            cell = page.cell(first + i, c + 1)
            if isinstance(cell, openpyxl.cell.cell.MergedCell):
                continue
            cell._style = look.style
            if c in plan:
                _put(cell, values[plan[c]][i], look, c in identifiers)
            elif c in serials:
                cell.value = i + 1
            elif c in formulas:
                cell.value = formulas[c].translate_formula(cell.coordinate)


class _Look(NamedTuple):
    """How the cells of a column look: their style, the same as text, and what it is for. Shared by all of them, never changed."""

    style: Any
    text: Any
    date: bool
    general: bool


def _put(cell: Any, value: Value, look: _Look, identifier: bool) -> None:
    if value is None or value == "":
        cell.value = None
        return
    if isinstance(value, str) and not identifier and look.date:
        made = _moment(value)
        if made is not None:
            cell.value = made
            cell._style = look.style  # a value of a date changes the format of its cell
            return
    if identifier or isinstance(value, str):
        cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", fit(str(value)))
        cell.data_type = "s"  # "=1+1" is what someone wrote, not a formula
        if identifier or look.general:
            cell._style = look.text
    else:
        cell.value = value


def _moment(text: str) -> datetime.datetime | datetime.date | None:
    try:
        return datetime.datetime.fromisoformat(text) if len(text) > 10 else datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _lost(parts: Mapping[str, bytes]) -> tuple[Word, ...]:
    """What the library that writes templates does not carry over."""
    lost = []
    if any(n.startswith("xl/charts/") for n in parts):
        lost.append(Word("图表没有带过去", "its charts were not carried over"))
    if any(n.startswith("xl/media/") for n in parts):
        lost.append(Word("图片可能没有带过去", "its pictures may not have been carried over"))
    if any(n.startswith("xl/ctrlProps/") for n in parts):
        lost.append(Word("按钮等控件没有带过去", "its buttons were not carried over"))
    return tuple(lost)
