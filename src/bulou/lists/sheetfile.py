"""Plain workbooks of several sheets, written as rows come. Text stays text: no number loses a digit, no cell becomes a formula.

Knows nothing of lists or of a template: the city's own workbook is ``lists.workbook``, whose library this one does not load.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter

from bulou.lists.headings import field_of

Value = str | int | float | None
#: Rows of a sheet, and signs of a cell, that a spreadsheet can hold.
MOST_ROWS = 1_048_576
MOST_SIGNS = 32_767
#: How every workbook is written: at constant memory, nothing taken for a number, a formula or a link.
TEXT_STAYS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


class Sheet(NamedTuple):
    """One sheet of a plain workbook: ``rows`` as they come (a generator will do), as many values each as there are ``columns``."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_workbook(path: Path | str | BinaryIO, sheets: Iterable[Sheet]) -> None:
    """Writes a workbook at constant memory, one row at a time. Text stays text whatever it looks like; whole or not at all.

    A sheet with more rows than a spreadsheet holds goes on in another; a name is made one that a spreadsheet takes.
    """
    if not isinstance(path, str | Path):
        _write(path, sheets)
        return
    with whole_or_nothing(Path(path)) as unfinished, unfinished.open("wb") as file:
        _write(file, sheets)


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[Path]:
    """Where to write what becomes ``path`` only once all of it is there; after a failure nothing is left of it."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(file: BinaryIO, sheets: Iterable[Sheet]) -> None:
    book = xlsxwriter.Workbook(file, TEXT_STAYS_TEXT)
    bold = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    taken: set[str] = set()
    for sheet in sheets:
        page, at = None, 0
        for row in sheet.rows:
            if page is None or at >= MOST_ROWS:
                page, at = _page(book, sheet, taken, bold), 1
            for c, value in enumerate(row):
                if isinstance(value, bool) or (value is not None and not isinstance(value, int | float)):
                    page.write_string(at, c, fit(str(value)), text)
                elif value is not None:
                    page.write_number(at, c, value) if abs(value) < 10**15 else page.write_string(at, c, str(value), text)
            at += 1
        if page is None:
            _page(book, sheet, taken, bold)
    book.close()


def _page(book: Any, sheet: Sheet, taken: set[str], bold: Any) -> Any:
    page = book.add_worksheet(sheet_name(sheet.name, taken))
    page.freeze_panes(1, 0)
    for c, heading in enumerate(sheet.columns):
        page.set_column(c, c, _width(heading))
        page.write_string(0, c, fit(heading), bold)
    return page


def _width(heading: str) -> int:
    said = field_of(heading)
    wide = {"document": 22, "address": 36, "phone": 14, "name": 14, "remark": 36}.get(said[0] if said else "", 10)
    return max(wide, min(40, sum(2 if ord(c) > 0x2E80 else 1 for c in heading) + 2))


def fit(text: str) -> str:
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def sheet_name(name: str, taken: set[str]) -> str:
    """A name that a spreadsheet takes (31 signs, none of ``[]:*?/\\``), not taken yet; it is added to ``taken``."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip().strip("'")[:31] or "Sheet"
    made, n = plain, 1
    while made.lower() in taken:
        n += 1
        made = f"{plain[: 31 - len(str(n)) - 3]} ({n})"
    taken.add(made.lower())
    return made
