"""Spreadsheets (XLSX, XLS, ODS) as grids of text, with what a reader of values alone would not see. Decides nothing about rows.

Values come from calamine, which is fast; hidden rows and columns, formulas without a result, errors, digits that a float loses and
zeros that only a number format shows come from one pass over the sheet's XML. Nothing is inflated beyond the limits below.
"""

import datetime
import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import python_calamine

from bulou.basis.words import Word
from bulou.lists.noticed import notice
from bulou.lists.table import Notice, Unreadable

#: Of one file, as it lies on the disk.
MOST_BYTES = 100_000_000
#: Of one spreadsheet, unpacked: 1,000,000 rows of 12 columns take about 300 MB.
MOST_UNPACKED = 600_000_000
#: Cells of one sheet, empty ones between the first and the last included.
MOST_CELLS = 20_000_000
#: How long an .xls may take; 65,536 rows take about two.
LEGACY_SECONDS = 60

Merge = tuple[int, int, int, int]


class Grid(NamedTuple):
    """One sheet: ``cells[r][c]`` as text, row r standing in row r + 1 of the sheet; ``merges``: first row, first column, last row, last column."""

    sheet: str
    cells: list[list[str]]
    merges: tuple[Merge, ...]
    notices: list[Notice]
    form: str


def grids(data: bytes) -> list[Grid]:
    """Every sheet of a workbook that holds something; Unreadable with what would be right."""
    parts = unpacked(data) if data[:2] == b"PK" else {}
    form = "xls"
    if parts:
        form = "ods" if "content.xml" in parts else "xlsx"
        if form == "xlsx" and not any(n.startswith("xl/") for n in parts):
            raise Unreadable(_not_a_workbook(parts))
    elif b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0" in data:
        raise Unreadable(_PASSWORD)
    if form == "xls":
        return apart(data)
    return opened(data, _seen_xlsx(parts) if form == "xlsx" else _seen_ods(parts), form)


def opened(data: bytes, seen: dict[str, "_Seen"], form: str) -> list[Grid]:
    """The sheets of a workbook, opened in this process; ``seen``: what their XML said beside the values."""
    try:
        return list(_sheets(python_calamine.load_workbook(io.BytesIO(data)), seen, form))
    except python_calamine.PasswordError as wrong:
        raise Unreadable(_PASSWORD) from wrong
    except python_calamine.CalamineError as wrong:
        raise Unreadable(BROKEN) from wrong
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # what the library raises where it met what it did not expect: not an Exception
            raise
        raise Unreadable(BROKEN) from wrong


def apart(data: bytes) -> list[Grid]:
    """The sheets of an .xls, read in a process of its own (``legacy`` says why); Unreadable when that process does not come back."""
    try:
        done = subprocess.run(  # our own module, no shell
            [sys.executable, "-m", "bulou.lists.legacy"],
            input=data,
            capture_output=True,
            timeout=LEGACY_SECONDS,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, json.JSONDecodeError) as wrong:
        raise Unreadable(BROKEN) from wrong
    if "refused" in told:
        raise Unreadable(Word(*told["refused"]))
    return [Grid(g[0], g[1], tuple(tuple(m) for m in g[2]), [Notice(*n) for n in g[3]], g[4]) for g in told["grids"]]


BROKEN = Word(
    "文件打不开,可能没有传完或已损坏:请在表格软件里打开,另存为 .xlsx 再交",
    "the file cannot be opened, it may be incomplete or damaged: open it in a spreadsheet, save it as .xlsx and hand it in again",
)
_PASSWORD = Word("文件有密码:请去掉密码,另存为 .xlsx 再交", "the file has a password: save it as .xlsx without one")


def _not_a_workbook(parts: dict[str, bytes]) -> Word:
    if any(n.startswith("word/") for n in parts):
        return Word("这是 Word 文档:请复制其中的表格,直接粘贴", "this is a Word document: copy its table and paste it")
    return Word(
        "压缩包里没有工作簿:请先解压,再交其中的 .xlsx 或 .csv", "no workbook in this archive: unpack it and hand in the .xlsx or .csv"
    )


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of a zip file that are XML, inflated by hand so that no part can be larger than it says; Unreadable above the limits."""
    try:
        infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError) as wrong:
        raise Unreadable(BROKEN) from wrong
    left = MOST_UNPACKED
    parts: dict[str, bytes] = {}
    for info in infos:
        head = data[info.header_offset : info.header_offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04" or info.flag_bits & 1:
            raise Unreadable(_PASSWORD if info.flag_bits & 1 else BROKEN)
        start = info.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
        raw = data[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            inflated, whole = raw, True
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            inflater = zlib.decompressobj(-15)
            try:
                inflated = inflater.decompress(raw, left + 1)
            except zlib.error as wrong:
                raise Unreadable(BROKEN) from wrong
            whole = inflater.eof
        else:
            raise Unreadable(BROKEN)
        left -= len(inflated)
        if left < 0:
            raise Unreadable(
                Word(
                    f"解开后超过 {MOST_UNPACKED // 1_000_000} MB:请按街道或日期拆成几个文件",
                    f"more than {MOST_UNPACKED // 1_000_000} MB when unpacked: split it into several files, by street or by day",
                )
            )
        if not whole or len(inflated) != info.file_size:
            raise Unreadable(BROKEN)
        if info.filename.endswith((".xml", ".rels")):
            parts[info.filename] = inflated
        else:
            parts[info.filename] = b""
    return parts


@dataclass(frozen=True)
class _Seen:
    """What the XML of a sheet says beside its values: rows from 1, columns from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merges: tuple[Merge, ...] | None = None
    formulas: dict[int, int] = field(default_factory=dict)
    unsaved: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    exact: dict[tuple[int, int], str] = field(default_factory=dict)
    padded: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: list[int] = field(default_factory=list)
    comments: list[tuple[int, int, str]] = field(default_factory=list)
    blind: bool = False


# --- XLSX -------------------------------------------------------------------------------------------------------------
_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_COL = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
#: Hidden, or of no height or width.
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"|\b(?:ht|width)="0(?:\.0+)?"')
_R = re.compile(rb'(?<![\w:])r="(\d+)"')
#: Rows that cells name themselves, where these are far down: a row and its cells need not agree.
_DEEP = re.compile(rb'r="[A-Z]{1,3}(\d{5,7})"')
_LETTERS = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})')
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v>([^<]+)</)?(?:<(?:\w+:)?is>)?"
)
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")([^>]*)>(?:\s*<(?:\w+:)?f.*?</(?:\w+:)?f>)?\s*<(?:\w+:)?v>([^<]*)<', re.DOTALL)
_LONG = re.compile(rb'<(?:\w+:)?c\s(?![^>]*\bt="(?:s|str|inlineStr|b|e|d)")([^>]*)>\s*<(?:\w+:)?v>(\d{16,20})<')
_SOME_LONG = re.compile(rb"v>\d{16,20}<")
_CELL = re.compile(rb'(?<![\w:])r="([A-Z]{1,3})(\d+)"')


def _number(letters: str) -> int:
    """The column of its letters, from 0."""
    n = 0
    for letter in letters:
        n = n * 26 + ord(letter) - 64
    return n - 1


def letters(column: int) -> str:
    """The letters of a column from 0, as a spreadsheet names it."""
    named = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        named = chr(65 + rest) + named
    return named


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _CELL.search(attributes)
    return (int(found[2]), _number(found[1].decode())) if found else None


def _seen_xlsx(parts: dict[str, bytes]) -> dict[str, _Seen]:
    """By the name of the sheet."""
    targets = {}
    for found in re.finditer(rb"<(?:\w+:)?Relationship\s([^>]*)>", parts.get("xl/_rels/workbook.xml.rels", b"")):
        said = _attributes(found[1])
        targets[said.get("Id", "")] = said.get("Target", "").removeprefix("/xl/").removeprefix("./")
    masks, lines = _masks(parts.get("xl/styles.xml", b"")), _struck(parts.get("xl/styles.xml", b""))
    seen = {}
    for found in re.finditer(rb"<(?:\w+:)?sheet\s([^>]*)>", parts.get("xl/workbook.xml", b"")):
        said = _attributes(found[1])
        name = said.get("name", "")
        link = next((v for k, v in said.items() if k.endswith(":id")), "")
        raw = parts.get("xl/" + targets.get(link, ""), b"")
        if not raw:
            seen[name] = _Seen(blind=True)
            continue
        seen[name] = _sheet_xml(raw, masks, lines, name)
        seen[name].comments.extend(_comments(parts, targets[link]))
    return seen


_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}


def _attributes(raw: bytes) -> dict[str, str]:
    found = {}
    for name, value in re.findall(rb'([\w:]+)\s*=\s*"([^"]*)"', raw):
        text = value.decode("utf-8", "replace")
        text = re.sub(r"&#(x?)([0-9a-fA-F]+);", lambda m: chr(int(m[2], 16 if m[1] else 10)), text)
        for entity, sign in _ENTITIES.items():
            text = text.replace(entity, sign)
        found[name.decode()] = text.replace("&amp;", "&")
    return found


def _masks(styles: bytes) -> dict[bytes, str]:
    """Of cell styles that show leading zeros: the digits and marks that they show ("000000", "000-0000-0000")."""
    codes = {}
    for found in re.finditer(rb"<(?:\w+:)?numFmt\s([^>]*)>", styles):
        said = _attributes(found[1])
        codes[said.get("numFmtId", "")] = said.get("formatCode", "")
    block = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
    masks = {}
    for i, found in enumerate(re.finditer(rb"<(?:\w+:)?xf\s([^>]*)>", block[0] if block else b"")):
        code = codes.get(_attributes(found[1]).get("numFmtId", ""), "").split(";")[0]
        mask = re.sub(r'\\(.)|"([^"]*)"', r"\1\2", code)
        if re.fullmatch(r"[0\- ]*", mask) and mask.count("0") >= 2:
            masks[str(i).encode()] = mask
    return masks


def _struck(styles: bytes) -> list[bytes]:
    """Cell styles whose text is struck through."""
    fonts = re.search(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", styles, re.DOTALL)
    each = re.findall(rb"<(?:\w+:)?font(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?font>)", fonts[0] if fonts else b"", re.DOTALL)
    struck = {str(i) for i, font in enumerate(each) if re.search(rb'<(?:\w+:)?strike\s*(?:/|val="(?:1|true)")', font)}
    block = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", styles, re.DOTALL)
    if not struck or not block:
        return []
    styled = re.finditer(rb"<(?:\w+:)?xf\s([^>]*)>", block[0])
    return [str(i).encode() for i, found in enumerate(styled) if _attributes(found[1]).get("fontId") in struck]


def _comments(parts: dict[str, bytes], target: str) -> Iterator[tuple[int, int, str]]:
    """What was written beside the cells of a sheet."""
    folder, _, file = f"xl/{target}".rpartition("/")
    for found in re.finditer(rb'Target="([^"]*comments[^"]*\.xml)"', parts.get(f"{folder}/_rels/{file}.rels", b"")):
        path = found[1].decode("utf-8", "replace")
        raw = parts.get(path.lstrip("/") if path.startswith("/") else "xl/" + path.removeprefix("../"), b"")
        for one in re.finditer(rb"<(?:\w+:)?comment\s([^>]*)>(.*?)</(?:\w+:)?comment>", raw, re.DOTALL):
            cell = re.search(rb'ref="([A-Z]{1,3})(\d+)"', one[1])
            text = b"".join(re.findall(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</", one[2]))
            if cell:
                said = _attributes(b'a="' + text.replace(b'"', b"'") + b'"').get("a", "")
                yield int(cell[2]), _number(cell[1].decode()), " ".join(said.split())


def _sheet_xml(raw: bytes, masks: dict[bytes, str], lines: list[bytes], name: str) -> _Seen:
    if re.search(rb"<(?:\w+:)?c[\s>]", raw) and not _LETTERS.search(raw):
        return _Seen(blind=True)
    hidden, last = [], 0
    for found in _ROW.finditer(raw):
        numbered = _R.search(found[1])
        last = int(numbered[1]) if numbered else last + 1
        if _HIDDEN.search(found[1]):
            hidden.append(last)
    last = max(last, max((int(n) for n in _DEEP.findall(raw)), default=0))
    widest = max((_number(w.decode()) + 1 for w in set(_LETTERS.findall(raw))), default=0)
    if last * widest > MOST_CELLS:
        raise Unreadable(
            Word(
                f"工作表“{name}”占到 {letters(widest - 1)}{last},超过 {MOST_CELLS:,} 格:请删去右边和下边用不到的列与行",
                f"sheet “{name}” reaches to {letters(widest - 1)}{last}, more than {MOST_CELLS:,} cells: "
                "delete the columns and rows that are not used",
            )
        )
    columns: list[int] = []
    for found in _COL.finditer(raw[: raw.find(b"sheetData") if b"sheetData" in raw else 0]):
        if _HIDDEN.search(found[1]):
            said = _attributes(found[1])
            columns += range(int(said.get("min", 1)) - 1, min(int(said.get("max", 0)), widest))
    formulas: dict[int, int] = {}
    unsaved = []
    if re.search(rb"<(?:\w+:)?f[\s>/]", raw):
        for found in _FORMULA.finditer(raw):
            place = _place(found[1])
            if place:
                formulas[place[1]] = formulas.get(place[1], 0) + 1
                if found[2] is None and b't="str"' not in found[1] and b't="inlineStr"' not in found[1]:
                    unsaved.append(place)
    errors = []
    if b't="e"' in raw:
        for found in _ERROR.finditer(raw):
            place = _place(found[1])
            if place:
                errors.append((*place, found[2].decode("utf-8", "replace")))
    exact = {}
    for found in _LONG.finditer(raw) if _SOME_LONG.search(raw) else ():
        place = _place(found[1])
        if place:
            exact[place] = found[2].decode()
    padded = {}
    if masks:
        styled = rb'<(?:\w+:)?c\s(?=[^>]*\bs="(' + b"|".join(masks) + rb')")([^>]*)>'
        for found in re.finditer(styled, raw):
            place = _place(found[2])
            if place:
                padded[place] = masks[found[1]]
    struck = set()
    if lines:
        for found in re.finditer(rb'<(?:\w+:)?c\s(?=[^>]*\bs="(?:' + b"|".join(lines) + rb')")([^>]*)>', raw):
            place = _place(found[1])
            if place:
                struck.add(place[0])
    return _Seen(hidden, columns, None, formulas, unsaved, errors, exact, padded, sorted(struck))


# --- ODS --------------------------------------------------------------------------------------------------------------
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ODS_REPEATED = re.compile(rb'<table:table-cell\b(?=[^>]*office:value-type)[^>]*number-columns-repeated="(\d{1,9})"')
_ODS_CELL = re.compile(rb"<table:(covered-)?table-cell\b([^>]*?)(?:/>|>)")


def _seen_ods(parts: dict[str, bytes]) -> dict[str, _Seen]:
    seen = {}
    for table in re.finditer(rb"<table:table\s([^>]*)>(.*?)</table:table>", parts["content.xml"], re.DOTALL):
        hidden: list[int] = []
        merges: list[Merge] = []
        formulas: dict[int, int] = {}
        unsaved: list[tuple[int, int]] = []
        at, used, area = 0, 0, 0
        for row in _ODS_ROW.finditer(table[2]):
            said = _attributes(row[1])
            times = int(said.get("table:number-rows-repeated", 1))
            inside = row[2] or b""
            if b"office:value-type" in inside:
                wide = inside.count(b"office:value-type") + sum(int(n) for n in _ODS_REPEATED.findall(inside))
                area += wide * times
                if area > MOST_CELLS:
                    raise Unreadable(
                        Word(
                            f"超过 {MOST_CELLS:,} 格:请删去用不到的列与行",
                            f"more than {MOST_CELLS:,} cells: delete the columns and rows that are not used",
                        )
                    )
                if said.get("table:visibility", "visible") != "visible":
                    hidden += range(at + 1, at + times + 1)
                used = at + times
            if b"spanned" in inside or b"table:formula" in inside:
                column = 0
                for cell in _ODS_CELL.finditer(inside):
                    of = _attributes(cell[2])
                    down, right = int(of.get("table:number-rows-spanned", 1)), int(of.get("table:number-columns-spanned", 1))
                    if down * right > 1:
                        merges.append((at, column, at + down - 1, column + right - 1))
                    if "table:formula" in of:
                        formulas[column] = formulas.get(column, 0) + times
                        if "office:value-type" not in of:
                            unsaved.append((at + 1, column))
                    column += int(of.get("table:number-columns-repeated", 1))
            at += times
            if used > 2_000_000:
                raise Unreadable(Word("超过200万行:请删去下边用不到的行", "more than 2,000,000 rows: delete the rows that are not used"))
        seen[_attributes(table[1]).get("table:name", "")] = _Seen(hidden, [], tuple(merges), formulas, unsaved)
    return seen


# --- values -----------------------------------------------------------------------------------------------------------
def text_of(value: Any) -> str:
    """A value of a cell as people read it: whole numbers without ".0", at most the 15 digits that a spreadsheet keeps, dates as ISO."""
    match value:
        case str():
            return value.strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return _number_text(value)
        case datetime.datetime():
            return _datetime_text(value)
        case datetime.date():
            return value.isoformat()
        case datetime.time():
            return value.isoformat("seconds" if value.second else "minutes")
        case datetime.timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case _:
            return str(value).strip()


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 1e15:
        digits = f"{value:.14e}"  # 15 digits, as a spreadsheet shows them
        mantissa, _, power = digits.partition("e")
        if int(power) <= 24:
            return mantissa.replace(".", "") + "0" * (int(power) - 14)
    return f"{value:.15g}"


def _datetime_text(value: datetime.datetime) -> str:
    if value.microsecond >= 500_000:
        value += datetime.timedelta(seconds=1)
    value = value.replace(microsecond=0)
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")


def _sheets(book: python_calamine.CalamineWorkbook, seen: dict[str, _Seen], form: str) -> Iterator[Grid]:
    for about in book.sheets_metadata:
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        values = sheet.to_python(skip_empty_area=False)
        extra = seen.get(about.name, _Seen(blind=True))
        notices: list[Notice] = []
        if about.visible != python_calamine.SheetVisibleEnum.Visible and any(map(any, values)):
            notices.append(notice("hidden_sheet", text=about.name))
        if extra.blind and values:
            notices.append(notice("unseen"))
        merges = extra.merges if extra.merges is not None else tuple((a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ())
        cells = [[c.strip() if type(c) is str else text_of(c) for c in row] for row in values]
        notices += _noticed(values, cells, extra)
        if cells:
            yield Grid(about.name, cells, merges, notices, form)


def _noticed(values: Sequence[Sequence[Any]], cells: list[list[str]], extra: _Seen) -> Iterator[Notice]:
    """Puts right what the XML knows better, and says what it saw. Columns are named by their letters; headings come later."""
    inside = len(cells)
    for first, times in runs(r for r in extra.hidden_rows if r <= inside and any(cells[r - 1])):
        yield notice("hidden_rows", first, times=times)
    for first, times in runs(r for r in extra.struck if r <= inside and any(cells[r - 1])):
        yield notice("struck", first, times=times)
    for row, column, text in extra.comments:
        yield notice("comment", row, letters(column), text=text)
    for column in extra.hidden_columns:
        yield notice("hidden_column", column=letters(column))
    for (row, column), digits in extra.exact.items():
        if row <= inside and column < len(cells[row - 1]):
            cells[row - 1][column] = digits
    padded: dict[int, int] = {}
    for (row, column), mask in extra.padded.items():
        if row <= inside and column < len(cells[row - 1]) and isinstance(values[row - 1][column], int | float):
            shown = _shown(cells[row - 1][column], mask)
            if shown != cells[row - 1][column]:
                cells[row - 1][column] = shown
                padded[column] = padded.get(column, 0) + 1
    for column, times in sorted(padded.items()):
        yield notice("zeros", column=letters(column), times=times)
    for column, times in sorted(extra.formulas.items()):
        yield notice("formula", column=letters(column), times=times)
    for row, column in extra.unsaved:
        yield notice("formula_empty", row, letters(column))
    for row, column, text in extra.errors:
        yield notice("cell_error", row, letters(column), text=text)
    for r, row_values in enumerate(values):
        for c, value in enumerate(row_values):
            if type(value) is float and (value >= 1e15 or value <= -1e15):
                yield notice("long_number", r + 1, letters(c), text=cells[r][c])
            elif type(value) is float and value >= 1e11 and value % 1e8 == 0:  # what is left of 2.02E+12 once it was a text
                yield notice("scientific", r + 1, letters(c), text=cells[r][c])


def _shown(digits: str, mask: str) -> str:
    """Digits as a format such as "000-0000-0000" shows them."""
    wanted = mask.count("0")
    if not digits.isdigit() or len(digits) > wanted:
        return digits
    left = iter(digits.zfill(wanted))
    return "".join(next(left) if sign == "0" else sign for sign in mask).strip()


def runs(rows: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Stretches of numbers that follow each other: the first and how many."""
    first, times = 0, 0
    for row in rows:
        if times and row == first + times:
            times += 1
            continue
        if times:
            yield first, times
        first, times = row, 1
    if times:
        yield first, times
