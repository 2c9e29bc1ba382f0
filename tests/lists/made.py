"""Files as offices make them, made by the tests: workbooks with every trap, ODS and XLS by hand. Reads nothing."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import xlsxwriter

IDS = ["510117199001011234", "51011719900202123X", "510117195503031236", "510117201212120011"]
NAMES = ["张三", "李四", "王五", "阿卜杜拉·买买提"]
HEADS = ["序号", "姓名", "身份证号", "联系电话", "现住址"]
PEOPLE = [[str(i + 1), NAMES[i], IDS[i], f"1398000{1230 + i}", f"太平村{i + 1}组"] for i in range(4)]


def xlsx(write: Callable[[Any, Any], None], sheet: str = "名单", **options: Any) -> bytes:
    """A workbook of one sheet that ``write(book, page)`` fills."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, **options})
    write(book, book.add_worksheet(sheet))
    book.close()
    return out.getvalue()


def plain(rows: Sequence[Sequence[Any]], sheet: str = "名单") -> bytes:
    """A workbook of one sheet with these cells."""

    def write(book: Any, page: Any) -> None:
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(r, c, value)
                elif value is not None:
                    page.write(r, c, value)

    return xlsx(write, sheet)


def rezipped(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A zip file with its parts changed by ``change(name, content)``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info.filename)))
    return out.getvalue()


def by_openpyxl(write: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    write(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Sequence[tuple[str, Sequence[str]]], sheet: str = "名单") -> bytes:
    """An ODS of one sheet: for each row its attributes and the XML of its cells, or plain text."""
    body = ""
    for attributes, cells in rows:
        inside = "".join(
            c if c.startswith("<") else f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in cells
        )
        body += f"<table:table-row {attributes}>{inside}</table:table-row>"
    spaces = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return out.getvalue()


def xls(rows: Sequence[Sequence[str | float]], sheet: str = "Sheet1") -> bytes:
    """An Excel 97 file (BIFF8 in a compound file) with these cells, by hand: no library here writes them."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)
    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                cells += record(0x0204, struct.pack("<HHHHB", r, c, 0, len(value), 1) + value.encode("utf-16-le"))
            else:
                cells += record(0x0203, struct.pack("<HHHd", r, c, 0, value))
    width = max(map(len, rows))
    page = record(0x0809, bof) + record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0)) + cells + record(0x000A, b"")
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + record(0x0042, struct.pack("<H", 1200))
    named = struct.pack("<BB", len(sheet), 1) + sheet.encode("utf-16-le")
    length = len(start) + 4 + 6 + len(named) + 4
    stream = start + record(0x0085, struct.pack("<IBB", length, 0, 0) + named) + record(0x000A, b"") + page
    stream += b"\0" * (-len(stream) % 512) + b"\0" * max(0, 4096 - len(stream) - (-len(stream) % 512))
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *[i + 3 for i in range(sectors - 1)], 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII16sIQQIQ", text, len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, b"", 0, 0, 0, first, size
        )  # fmt: skip

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + b"\0" * 256
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0,
        0xFFFFFFFE, 0,
    ) + struct.pack("<I", 0) + b"\xff" * (4 * 108)  # fmt: skip
    return head + struct.pack("<128I", *fat) + folder + stream
