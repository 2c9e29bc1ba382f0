"""What every list becomes when it has been read: rows of text with their numbers, and all that was noticed. Never loses a row.

Every row of the source is in ``Table.numbers`` or in ``Table.aside``; a row that is neither is a person missed.
"""

from typing import NamedTuple

from bulou.basis.words import Word


class Said(NamedTuple):
    """A kind of notice: what is said (``zh``, ``en`` with places for values) and what it means for whoever reads the list."""

    zh: str
    en: str
    zh_why: str
    en_why: str


class Notice(NamedTuple):
    """Something about a source that a person should know: ``row`` as counted there (0: the whole), ``column`` its heading or ""."""

    row: int
    column: str
    code: str
    zh: str
    en: str
    times: int = 1


class Aside(NamedTuple):
    """A row of the source that is nobody's: its number, the code of why it was set aside, and its text."""

    number: int
    code: str
    cells: tuple[str, ...]


class Table(NamedTuple):
    """One list as it was found: all text, no value repaired.

    ``columns``: headings, those of several rows joined by "/"; ``rows``: as many cells each as there are columns;
    ``numbers[i]``: where row i stands in its source, as a person counts there (rows of a spreadsheet, lines of a text, from 1);
    ``form``: xlsx, xls, ods, csv, html, text, blocks or chat; ``aside``: every other row of the source.
    """

    name: str
    sheet: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: list[int]
    notices: list[Notice]
    form: str
    aside: tuple[Aside, ...] = ()


class Unreadable(ValueError):
    """A source that cannot be read at all, with what would be right in both languages; nothing of it was read."""

    def __init__(self, word: Word) -> None:
        super().__init__(word.en)
        self.word = word
