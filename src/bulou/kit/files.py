"""Files of a sheet: CSV, workbook, Parquet and JSON, written in parts as rows are read. Reads nothing itself; holds no more than a part.

The same texts as the list shows, in every form. Text stays text: no number loses a digit, no cell becomes a formula.
"""

import csv
import io
import json
import tempfile
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from importlib import import_module
from itertools import accumulate
from typing import Any, NamedTuple

import xlsxwriter
from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from bulou.lists.sheetfile import MOST_SIGNS, TEXT_STAYS_TEXT, sheet_name

Rows = list[list[str]]
#: Rows of a sheet of a workbook, which holds 1,048,576; what is longer goes on in a second sheet.
MOST_ROWS = 1_000_000
#: Bytes of a finished workbook sent at once, and rows of a text sent at once.
PIECE, TOGETHER = 256 * 1024, 100


class Head(NamedTuple):
    """What a file says before its rows: its title, the columns by name and as headed, and what its definition sheet says.

    ``marks`` end every row (that it is an exercise, who took it). ``about``: pairs of what and its words: hours, filters, columns.
    """

    title: str
    names: tuple[str, ...]
    heads: tuple[str, ...]
    marks: tuple[str, ...]
    about: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all columns, those of marks after the others; unlike headings the same in every language."""
        return (*self.names, *("mark" if i == 0 else f"mark_{i + 1}" for i in range(len(self.marks))))


class Form(NamedTuple):
    """A form of file: how its name ends, what the browser is told, what people call it, how it is written."""

    ending: str
    type: str
    called: str
    write: Callable[[Head, Iterator[Rows]], Iterator[bytes]]


class Leaving(StreamingHttpResponse):
    """A file that leaves while it is written. Django would gather all of it for an asynchronous server; this takes a piece at a time."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces: Iterator[bytes] = iter(self.streaming_content)  # type: ignore[arg-type]  # files are written synchronously
        step = sync_to_async(lambda: next(pieces, None), thread_sensitive=True)
        while (piece := await step()) is not None:
            yield piece


def as_csv(head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    """For a spreadsheet: UTF-8 with its mark, headed in the reader's language."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((*head.heads, *head.marks))
    yield b"\xef\xbb\xbf" + _taken(out)
    for rows in parts:
        for start in range(0, len(rows), TOGETHER):
            writer.writerows([*map(safe, row), *head.marks] for row in rows[start : start + TOGETHER])
            yield _taken(out)


def as_lines(head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    """One JSON object on each line."""
    for rows in parts:
        for start in range(0, len(rows), TOGETHER):
            yield "".join(f"{_object(head, row)}\n" for row in rows[start : start + TOGETHER]).encode()


def as_json(head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    """One JSON array of objects."""
    before = "[\n"
    for rows in parts:
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER]
            yield (before + ",\n".join(_object(head, row) for row in some)).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def as_workbook(head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    """A workbook of two sheets: the rows, all of them text, and what they are. Sent when it is whole; kept on disk until then.

    Gives an empty piece for every part that was read, so that whoever hears of what was shown hears of it part by part.
    """
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, TEXT_STAYS_TEXT)
        yield from _fill(book, head, parts)
        book.close()
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(book: "xlsxwriter.Workbook", head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    taken: set[str] = set()
    page, at = None, MOST_ROWS + 1
    for rows in parts:
        for row in rows:
            if page is None or at > MOST_ROWS:
                page, at = _page(book, head, taken, bold), 1
            for column, cell in enumerate((*row, *head.marks)):
                if cell:
                    page.write_string(at, column, cell[:MOST_SIGNS], text)
            at += 1
        yield b""
    if page is None:
        _page(book, head, taken, bold)
    says = book.add_worksheet(sheet_name("说明 About", taken))
    says.set_column(0, 0, 28)
    says.set_column(1, 1, 90)
    for number, (what, words) in enumerate(head.about):
        says.write_string(number, 0, what, bold)
        says.write_string(number, 1, words[:MOST_SIGNS], text)


def _page(book: "xlsxwriter.Workbook", head: Head, taken: set[str], bold: Any) -> Any:
    page = book.add_worksheet(sheet_name(head.title, taken))
    page.freeze_panes(1, 0)
    page.set_column(0, len(head.heads) - 1, 18)
    for column, word in enumerate((*head.heads, *head.marks)):
        page.write_string(0, column, word, bold)
    return page


def as_parquet(head: Head, parts: Iterator[Rows]) -> Iterator[bytes]:
    """Columns of text; a group of rows for each part; headings, hours and filters in the file's metadata."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")  # a tenth of a second that only this form takes
    said = {"bulou": json.dumps(dict(head.about), ensure_ascii=False), "headings": json.dumps(head.heads, ensure_ascii=False)}
    schema = pa.schema([(key, pa.string()) for key in head.keys], metadata=said)
    out = _Pieces()
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in parts:
            columns = [*zip(*rows, strict=True), *((mark,) * len(rows) for mark in head.marks)] if rows else []
            if columns:
                writer.write_table(pa.table([_column(pa, texts) for texts in columns], schema=schema))
            yield out.taken()
    yield out.taken()


def _column(pa: Any, texts: Sequence[str]) -> Any:
    """Texts as Arrow has them. ``pa.array`` would load pandas, a second and 60 MB, to see whether this is a table of its own."""
    data = [text.encode() for text in texts]
    ends = array("i", (0, *accumulate(map(len, data))))
    return pa.StringArray.from_buffers(len(data), pa.py_buffer(ends), pa.py_buffer(b"".join(data)))


class _Pieces(io.RawIOBase):
    """Where a writer writes: what was written is taken away before more comes."""

    def __init__(self) -> None:
        self.kept, self.at = bytearray(), 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.kept += piece
        self.at += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        piece, self.kept = bytes(self.kept), bytearray()
        return piece


#: Every form in which a sheet can leave.
FORMS = {
    form.ending: form
    for form in (
        Form("csv", "text/csv; charset=utf-8", "CSV", as_csv),
        Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX", as_workbook),
        Form("json", "application/json", "JSON", as_json),
        Form("jsonl", "application/jsonl", "JSON Lines", as_lines),
        Form("parquet", "application/vnd.apache.parquet", "Parquet", as_parquet),
    )
}


def _object(head: Head, row: list[str]) -> str:
    return json.dumps(dict(zip(head.keys, (*row, *head.marks), strict=True)), ensure_ascii=False)


def _taken(out: io.StringIO) -> bytes:
    """What was written since it was last asked."""
    data = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return data


def safe(text: str) -> str:
    """A cell that a spreadsheet takes for text, not for a formula."""
    return "'" + text if text and text[0] in "=+-@\t\r" else text
