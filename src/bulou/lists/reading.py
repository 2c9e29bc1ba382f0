"""The door for lists: a file or pasted text in, tables out. Reads whatever people have; never repairs a value, never loses a row."""

from pathlib import Path

from bulou.basis.words import Word
from bulou.lists.delimited import decoded, delimiter_of, split
from bulou.lists.pasted import html_tables, is_html, pasted
from bulou.lists.rows import to_table
from bulou.lists.spreadsheet import MOST_BYTES, grids
from bulou.lists.table import Aside, Notice, Table, Unreadable

__all__ = ["Aside", "Notice", "Table", "Unreadable", "read_file", "read_pasted"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What people hand in that is no list, by its first bytes, with what would be right.
_OTHERS = (
    (
        b"%PDF",
        Word("这是 PDF:请要原来的表格,或把其中的表复制后粘贴", "this is a PDF: ask for the spreadsheet, or copy its table and paste it"),
    ),
    (
        b"\x89PNG",
        Word("这是图片:请附在记录上,把名单录成文字再比对", "this is a picture: attach it to a record, and type the list to compare it"),
    ),
    (
        b"\xff\xd8\xff",
        Word("这是照片:请附在记录上,把名单录成文字再比对", "this is a photograph: attach it to a record, and type the list to compare it"),
    ),
    (b"Rar!", Word("这是 RAR 压缩包:请先解压", "this is a RAR archive: unpack it first")),
    (b"7z\xbc\xaf", Word("这是 7z 压缩包:请先解压", "this is a 7z archive: unpack it first")),
)


def read_file(source: str | Path | bytes, name: str = "") -> list[Table]:
    """Every sheet of a file as a table (a text file is one).

    ``name``: what the file is called by people. Raises Unreadable, saying in both languages what would be right, when the file is
    broken, has a password, is something else, or is larger than the limits of ``spreadsheet``; nothing of it is read then.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    name = name or ("" if isinstance(source, bytes) else Path(source).name)
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable(Word("文件是空的", "the file is empty"))
    if len(data) > MOST_BYTES:
        raise Unreadable(
            Word(
                f"超过 {MOST_BYTES // 1_000_000} MB:请按街道或日期拆开",
                f"more than {MOST_BYTES // 1_000_000} MB: split it by street or by day",
            )
        )
    for start, word in _OTHERS:
        if data.startswith(start):
            raise Unreadable(word)
    if data[:2] == b"PK" or data[:8] == _OLE:
        return [to_table(name, *g) for g in grids(data) if any(map(any, g.cells))]
    text, notices = decoded(data)
    if is_html(text):
        return html_tables(text, name)
    if "urn:schemas-microsoft-com:office:spreadsheet" in text[:4000]:
        raise Unreadable(Word("这是旧式 XML 表格:请另存为 .xlsx", "this is an old XML spreadsheet: save it as .xlsx"))
    delimiter = delimiter_of(text)
    if not delimiter and not name.lower().endswith(".csv"):
        table = pasted(text, name)
        return [table._replace(notices=notices + table.notices)]
    cells, more = split(text, delimiter)
    return [to_table(name, "", cells, (), notices + more, "csv")]


def read_pasted(text: str, name: str = "") -> Table:
    """Pasted text as a table: cells from a spreadsheet or document, a group's list (接龙), forwarded chat, "姓名:…" blocks, lines of names.

    Raises Unreadable when there is nothing in it.
    """
    if not text.strip("\0 \t\r\n\ufeff"):
        raise Unreadable(Word("没有粘贴任何内容", "nothing was pasted"))
    if is_html(text):
        return html_tables(text, name)[0]
    delimiter = delimiter_of(text)
    if delimiter == "\t" or (delimiter in (",", ";", "|") and looks_like_table(text, delimiter)):
        cells, notices = split(text, delimiter)
        return to_table(name, "", cells, (), notices, "text")
    return pasted(text, name)


def looks_like_table(text: str, delimiter: str) -> bool:
    """Whether text parted by commas is a table with headings rather than people parted by commas."""
    cells, _ = split(text[:20_000], delimiter)
    return not any(n.code == "no_header" for n in to_table("", "", cells, (), [], "text").notices)
