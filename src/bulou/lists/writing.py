"""Sheets of findings written as a workbook that opens on its answer. Text stays text: no number loses a digit, no cell becomes a formula."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import xlsxwriter

from bulou.basis.words import Word
from bulou.lists.sheetfile import MOST_SIGNS, TEXT_STAYS_TEXT, sheet_name, whole_or_nothing
from bulou.lists.sheets import Sheet

#: A sheet holds 1,048,576 rows; what is longer goes on in a second sheet.
MOST_ROWS = 1_000_000
_PEEK = 60


def write(path: Path, sheets: Iterable[Sheet], lang: str) -> dict[str, int]:
    """Writes a workbook; the number of rows by sheet as named. Nothing is at ``path`` until all of it is."""
    with whole_or_nothing(path) as unfinished:
        return _write(unfinished, sheets, lang)


def _write(path: Path, sheets: Iterable[Sheet], lang: str) -> dict[str, int]:
    written: dict[str, int] = {}
    taken: set[str] = set()
    with xlsxwriter.Workbook(str(path), TEXT_STAYS_TEXT) as book:
        look = _Look(book)
        for sheet in sheets:
            rows, turn = iter(sheet.rows), 1
            while True:
                first = list(islice(rows, _PEEK))
                if not first and turn > 1:
                    break
                name = sheet_name(_say(sheet.name, lang), taken)
                written[name] = _one(book, name, sheet, chain(first, rows), first, lang, look)
                turn += 1
                if written[name] < MOST_ROWS:
                    break
    return written


class _Look:
    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self.number = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.plain = book.add_format({"valign": "top"})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8EDF2", "bottom": 1})
        self.says = book.add_format({"italic": True, "font_color": "#4A5560"})
        self.big = book.add_format({"bold": True, "num_format": "#,##0", "valign": "top"})


def _say(word: Word, lang: str) -> str:
    return word.zh if lang == "zh" else word.en


def _one(
    book: "xlsxwriter.Workbook",
    name: str,
    sheet: Sheet,
    rows: Iterator[Sequence[str | int]],
    first: list[Sequence[str | int]],
    lang: str,
    look: _Look,
) -> int:
    page = book.add_worksheet(name)
    heads = [_say(h, lang) for h in sheet.heads]
    summary = sheet.code == "summary"
    for c, head in enumerate(heads):
        width = max([_width(head) if len(first) == 0 else min(_width(head), 16), *(_width(str(r[c])) for r in first if c < len(r))])
        page.set_column(c, c, min(max(width + 2, 7), 90 if summary else 40))
    page.set_row(1, 32)
    page.write_string(0, 0, _say(sheet.says, lang), look.says)
    page.write_row(1, 0, heads, look.head)
    page.freeze_panes(2, 0)
    n = 0
    for n, row in enumerate(islice(rows, MOST_ROWS), start=1):
        for c, value in enumerate(row):
            if isinstance(value, str):
                if value:
                    page.write_string(n + 1, c, value[:MOST_SIGNS], look.wrapped if summary else look.text)
            else:
                page.write_number(n + 1, c, value, look.big if summary else look.plain)
    if n:
        page.autofilter(1, 0, n + 1, len(heads) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    return n


def _width(text: str) -> int:
    """How wide a text stands: a Chinese character is as wide as two letters."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)
