"""From a grid to a table: which rows are people, which are titles, totals, sections, remarks, blank. Loses no row, repairs no value."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bulou.lists.headings import field_of, fold
from bulou.lists.heads import DATA, ID, PHONE, REMARK, columns_at, headings_at, known_in
from bulou.lists.noticed import notice
from bulou.lists.spreadsheet import Merge, letters, runs
from bulou.lists.table import Aside, Notice, Table

#: Where the heading of a section ("一、太平村") is put for each of its rows.
SECTION = "分组"

TOTAL = re.compile(
    r"^(?:[本上]?[页表街村社区镇市县]{0,3})?(?:合计|小计|总计|共计|累计|总数|总人数|合计人数)(?:\s*[:：]?\s*[\d,，]+\s*[人户例名条份次]{0,2})?[:：]?$"
    r"|^共\s*[\d,，]+\s*[人户例名条份]$"
    r"|^(?:grand |sub-?)?totals?\s*:?(?:\s*[\d,]+)?$|^sum\s*:?$",
    re.IGNORECASE,
)
_TOTAL_STARTS = frozenset("合小总共累本上全街村社镇市县页表TtGgSs")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{1,2}$")
_RULER = re.compile(r"^:?[-=—_─]{2,}:?$")
#: Fields of which one cell alone is someone, not a section.
_SOMEONE = frozenset(("name", "family_name", "given_name", "document", "phone", "code", "code_of", "address"))


def to_table(name: str, sheet: str, cells: list[list[str]], merges: Sequence[Merge], notices: list[Notice], form: str) -> Table:
    """The table of a grid. ``notices`` name columns by their letters as yet; headings are put in their place."""
    first, depth = headings_at(cells, merges)
    columns = columns_at(cells, merges, first, depth) if depth else tuple(f"({letters(i)})" for i in range(max(map(len, cells), default=0)))
    said: list[Notice] = []
    aside: list[Aside] = []
    for i, row in enumerate(cells[: first + depth]):
        code = ("title" if i < first else "header") if any(row) else "blank"
        aside.append(Aside(i + 1, code, tuple(row)))
        if code == "title":
            said.append(notice("title", i + 1, text=" ".join(c for c in row if c)))
    if not depth and any(map(any, cells)):
        said.append(notice("no_header"))
    said += _spread_down(cells, merges, first + depth, columns)
    again = {tuple(fold(c) for c in row if c) for row in cells[first : first + depth]}
    judge = _Judge(columns if depth else (), again, merges, {tuple(c for c in a.cells if c) for a in aside if a.code == "title"})
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    section_of: dict[int, str] = {}
    section = ""
    for number, row in enumerate(cells[first + depth :], start=first + depth + 1):
        code = judge.nobody(row, number)
        if not code:
            rows.append(tuple(row))
            numbers.append(number)
            if section:
                section_of[number] = section
            continue
        aside.append(Aside(number, code, tuple(row)))
        if code == "section":
            section = next(c for c in row if c)
        if code not in ("blank", "numbered"):
            said.append(notice(code, number, text=" ".join(c for c in row if c)))
    columns, rows = _evened(columns, rows, numbers, said, text=form not in ("xlsx", "xls", "ods"))
    for code in ("blank", "numbered"):
        said += [notice(code, start, times=times) for start, times in runs(a.number for a in aside if a.code == code)]
    named = [_renamed(n, columns) for n in notices]
    said += _scientific(rows, numbers, columns)
    columns, rows, numbers = _stacked(columns, rows, numbers, said)
    if section_of:
        columns += (SECTION,)
        rows = [(*r, section_of.get(n, "")) for r, n in zip(rows, numbers, strict=True)]
    return Table(name, sheet, columns, rows, numbers, named + said, form, tuple(aside))


def _evened(
    columns: tuple[str, ...], rows: list[tuple[str, ...]], numbers: list[int], said: list[Notice], *, text: bool
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Rows of one length: short ones filled, longer ones given columns of their own."""
    width = len(columns)
    widest = width
    narrow = []
    for number, row in zip(numbers, rows, strict=True):
        if len(row) < width:
            narrow.append(number)
        elif len(row) > width and any(row[width:]):
            widest = max(widest, *(i + 1 for i, c in enumerate(row) if c))
            if text:
                said.append(notice("ragged", number, text=str(len(row))))
    if narrow and text:
        said.append(notice("short", narrow[0], times=len(narrow)))
    columns += tuple(f"({letters(i)})" for i in range(width, widest))
    return columns, [r if len(r) == widest else (*r[:widest], *[""] * (widest - len(r))) for r in rows]


def _spread_down(cells: list[list[str]], merges: Sequence[Merge], begin: int, columns: tuple[str, ...]) -> list[Notice]:
    """Puts what a cell merged over several rows says (a street, a household's telephone) into each of them."""
    times: dict[int, int] = {}
    for top, left, bottom, _ in merges:
        if top < begin or bottom == top or top >= len(cells) or left >= len(cells[top]) or not cells[top][left]:
            continue
        for r in range(top + 1, min(bottom + 1, len(cells))):
            if left < len(cells[r]) and not cells[r][left] and any(cells[r]):
                cells[r][left] = cells[top][left]
                times[left] = times.get(left, 0) + 1
    return [notice("merged_down", column=columns[c] if c < len(columns) else letters(c), times=n) for c, n in sorted(times.items())]


class _Judge:
    """Who is nobody, by the headings of one list."""

    def __init__(
        self, columns: tuple[str, ...], again: AbstractSet[tuple[str, ...]], merges: Sequence[Merge], titles: AbstractSet[tuple[str, ...]]
    ) -> None:
        self.columns, self.again, self.titles = columns, again, titles
        self.starts = {a[0] for a in again if a}
        self.serial = {i for i, c in enumerate(columns) if (field_of(c) or ("",))[0] == "serial"}
        self.someone = {i for i, c in enumerate(columns) if (field_of(c) or ("",))[0] in _SOMEONE}
        self.wide = {top + 1 for top, left, bottom, right in merges if (right - left + 1) * 2 > len(columns) > 2 and top == bottom}

    def nobody(self, row: list[str], number: int) -> str:
        """Why a row is nobody: blank, total, note, header_again, title, section, numbered; "" when it is someone."""
        said: list[str] = []
        for cell in row:
            if cell:
                said.append(cell)
                if len(said) == 3:
                    break
        if not said:
            return "blank"
        if any(c[0] in _TOTAL_STARTS and len(c) <= 20 and TOTAL.match(c.replace(" ", "").replace("\u3000", "")) for c in said):
            whole = " ".join(row)
            if not ID.search(whole) and not PHONE.search(whole):
                return "total"
        if len(self.columns) >= 3 or not self.columns:
            if len(said[0]) > 1 and (":" in said[0] or "：" in said[0]) and REMARK.match(said[0]):
                filled = [c for c in row if c]
                if len(filled) <= 4 and not ID.search(" ".join(filled)):
                    return "note"
            if said[0][0] in ":-=—_─" and all(_RULER.match(c) for c in row if c):
                return "note"
        if self.starts and fold(said[0]) in self.starts and tuple(fold(c) for c in row if c) in self.again:
            return "header_again"
        if not self.columns and known_in(row) > 1 and not any(DATA.match(c) for c in row if c):
            return "header_again"
        if len(said) == 1 and len(self.columns) >= 3:
            return self._alone(row, said[0], number)
        return ""

    def _alone(self, row: list[str], only: str, number: int) -> str:
        """Of a row with one cell: a title again, a section, a number written beforehand; "" when it could be someone."""
        at = row.index(only)
        if (only,) in self.titles:
            return "title"
        if at in self.serial and only.isdigit() and len(only) < 6:
            return "numbered"
        if number in self.wide and not ID.search(only) and not PHONE.search(only):
            return "section"
        if at not in self.someone and self.someone and not DATA.match(only) and len(only) <= 40:
            return "section"
        return ""


def nobody(row: list[str], columns: tuple[str, ...]) -> str:
    """Why one row under these headings is nobody; "" when it is someone."""
    return _Judge(columns, frozenset(), (), frozenset()).nobody(row, 0)


def _stacked(
    columns: tuple[str, ...], rows: list[tuple[str, ...]], numbers: list[int], said: list[Notice]
) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[int]]:
    """A list printed in two or three blocks side by side, put one below the other: else everyone of the second would be missed."""
    heads = [fold(c) for c in columns]
    for period in range(2, len(columns) // 2 + 1):
        blocks = len(columns) // period
        rest = heads[blocks * period :]
        if rest and not all(re.fullmatch(r"[a-z]{1,3}", h) for h in rest):
            continue
        if all(heads[i] == heads[i % period] or re.fullmatch(r"\([A-Z]+\)", columns[i]) for i in range(blocks * period)) and any(
            (field_of(c) or ("",))[0] in ("name", "document") for c in columns[:period]
        ):
            break
    else:
        return columns, rows, numbers
    serial = {i for i in range(period) if (field_of(columns[i]) or ("",))[0] == "serial"}
    made: list[tuple[str, ...]] = []
    places: list[int] = []
    for b in range(blocks):
        for row, number in zip(rows, numbers, strict=True):
            part = row[b * period : (b + 1) * period]
            if any(c for i, c in enumerate(part) if i not in serial):
                made.append(part)
                places.append(number)
    placed = set(places)
    for row, number in zip(rows, numbers, strict=True):  # numbered beforehand on both sides: kept, for nobody is to be lost
        if number not in placed:
            made.append(row[:period])
            places.append(number)
    said.append(notice("side_by_side", times=blocks))
    return columns[:period], made, places


def _renamed(said: Notice, columns: tuple[str, ...]) -> Notice:
    """A notice that named a column by its letters, with its heading beside them."""
    if not re.fullmatch(r"[A-Z]{1,3}", said.column):
        return said
    at = 0
    for letter in said.column:
        at = at * 26 + ord(letter) - 64
    heading = columns[at - 1] if at <= len(columns) else said.column
    return said._replace(
        column=heading, zh=said.zh.replace(f"“{said.column}”", f"“{heading}”", 1), en=said.en.replace(f'"{said.column}"', f'"{heading}"', 1)
    )


def _scientific(rows: list[tuple[str, ...]], numbers: list[int], columns: tuple[str, ...]) -> list[Notice]:
    return [
        notice("scientific", number, columns[c], text=cell)
        for row, number in zip(rows, numbers, strict=True)
        for c, cell in enumerate(row)
        if "+" in cell and _SCIENTIFIC.match(cell)
    ]
