"""CSV and its kin as rows of text: the encoding told by its bytes, the delimiter by its lines. Loses no line to a stray quote or byte."""

import csv
import io
import re
from collections import Counter
from statistics import median

from bulou.basis.words import Word
from bulou.lists.noticed import notice
from bulou.lists.table import Notice, Unreadable

#: In the order in which one is preferred when two fit alike.
DELIMITERS = (",", "\t", ";", "|", "，", "；")
#: A field with more lines than this is a quotation mark that was never closed.
MOST_LINES_IN_A_FIELD = 30
csv.field_size_limit(2**31 - 1)


def decoded(data: bytes) -> tuple[str, list[Notice]]:
    """The text of a file in UTF-8, UTF-16, GB18030 (GBK) or, where its bytes are plainly neither, Windows Latin; Unreadable for what is no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            if encoding == "utf-16":
                return data.decode("utf-16", "replace"), []
            data = data[3:]
            break
    else:
        head = data[:4000]
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if head and max(even, odd) > len(head) / 8 and min(even, odd) < max(even, odd) / 8:
            return data.decode("utf-16-le" if odd > even else "utf-16-be", "replace"), []
    strange = sum(data[:4000].count(bytes([c])) for c in (*range(1, 9), *range(14, 27), *range(28, 32)))
    if strange > len(data[:4000]) / 100:
        raise Unreadable(
            Word(
                "这不是表格,也不是文字:请交 .xlsx、.xls、.ods、.csv 文件,或粘贴文字",
                "this is neither a spreadsheet nor text: hand in .xlsx, .xls, .ods or .csv, or paste the text",
            )
        )
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _not_utf8(data)


def _not_utf8(data: bytes) -> tuple[str, list[Notice]]:
    lines = data.split(b"\n")
    foreign = [line for line in lines if not line.isascii()]
    good = sum(_is(line, "utf-8") for line in foreign)
    if good > len(foreign) / 2:  # a UTF-8 file with lines of another
        return _by_line(lines)
    pairs = sum(len(m) for m in re.findall(rb"(?:[\xa1-\xf7][\xa1-\xfe])+", data))
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", data)))
    if pairs < high / 2 and _is(data, "cp1252"):
        return data.decode("cp1252"), []
    if _is(data, "gb18030"):
        return data.decode("gb18030"), []
    return _by_line(lines, first="gb18030")


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_line(lines: list[bytes], first: str = "utf-8") -> tuple[str, list[Notice]]:
    other = "gb18030" if first == "utf-8" else "utf-8"
    text: list[str] = []
    mixed: list[int] = []
    unread: list[int] = []
    for number, line in enumerate(lines, start=1):
        if _is(line, first):
            text.append(line.decode(first))
        elif _is(line, other):
            text.append(line.decode(other))
            mixed.append(number)
        else:
            text.append(line.decode(first, "replace"))
            unread.append(number)
    notices = [notice(code, rows[0], times=len(rows)) for code, rows in (("mixed_encoding", mixed), ("undecoded", unread)) if rows]
    return "\n".join(text), notices


def delimiter_of(text: str) -> str:
    """The sign that parts the cells: the one that gives the most cells the same number of times; "" when every line is one cell."""
    sample = text[:200_000]
    if len(text) > len(sample):
        sample = sample.rpartition("\n")[0] or sample
    best, best_score = "", 0.0
    for rank, sign in enumerate(DELIMITERS):
        if sign not in sample:
            continue
        widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=sign) if any(c.strip() for c in row)][:400]
        wide = [w for w in widths if w > 1]
        if not wide or len(wide) < len(widths) / 2:
            continue
        usual, times = Counter(wide).most_common(1)[0]
        steady = times / len(widths)
        # headings and totals may be narrower; a comma inside addresses is unsteady
        score = steady * min(usual, 6) - rank * 0.01 - (0.5 if sign in "，；" else 0)
        if usual > 1 and steady > 0.3 and score > best_score and median(wide) > 1:
            best, best_score = sign, score
    return best


_EXCEL_TEXT = re.compile(r'^="([^"]*)"$|^\'(?=\d)')


def split(text: str, delimiter: str) -> tuple[list[list[str]], list[Notice]]:
    """Rows of cells, stripped. A quotation mark that is never closed is read as a plain character, and noticed."""
    notices: list[Notice] = []
    nuls = text.count("\0")
    if nuls:
        text = text.replace("\0", "")
        notices.append(notice("nul", times=nuls))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not delimiter:
        rows = [[_plain(line[1:-1] if line[:1] == line[-1:] == '"' and line[1:-1].strip() else line)] for line in text.split("\n")]
    else:
        quoted = '"' in text
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        if quoted and any(cell.count("\n") > MOST_LINES_IN_A_FIELD for row in rows for cell in row if "\n" in cell):
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
            notices.append(notice("quotes"))
        rows = [[_plain(cell) for cell in row] for row in rows]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows, notices


def _plain(cell: str) -> str:
    """A cell without what exports put around text that looks like a number."""
    cell = cell.strip()
    if cell[:1] in ("=", "'") and (found := _EXCEL_TEXT.match(cell)):
        return found[1] if found[1] is not None else cell[1:]
    return cell
