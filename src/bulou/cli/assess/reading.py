"""Columns of a CSV or TSV file, each value checked: what is wrong is told by file, row, column and what would be right. Never guesses a value.

Rows are counted as a spreadsheet shows them: the headings are row 1. Blank lines are passed over and counted.
"""

import csv
import hashlib
import io
import math
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from bulou.basis.words import Word
from bulou.cli.terminal import use

T = TypeVar("T")
#: Mistakes of one column that are told before "and so many more".
TOLD = 8
#: One line above the headings would be row 0.
_FIRST = 1


class Wrong(Exception):
    """A file that cannot be used: lines to print, in both languages. The command ends with 2 and writes nothing."""

    def __init__(self, words: Sequence[Word]) -> None:
        super().__init__("; ".join(w.en for w in words))
        self.words = list(words)


class Table:
    """One file as columns of text with the row of each value."""

    def __init__(self, path: Path, heads: list[str], rows: list[int], cells: list[list[str]], sha256: str) -> None:
        self.path, self.heads, self.rows, self.cells, self.sha256 = path, heads, rows, cells, sha256

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str) -> bool:
        """Whether there is a column of this name; case and spaces around it do not matter."""
        return name.lower() in self.heads

    def wrong(self, at: int, name: str, right: Word) -> Wrong:
        """The mistake of one value: ``at`` counts the values from 0."""
        return Wrong([self.place(at, name, right)])

    def place(self, at: int, name: str, right: Word) -> Word:
        """File, row, column, what stands there, what would be right."""
        stands = self.cells[at][self.heads.index(name.lower())] if self.has(name) else ""
        return Word(
            f"{self.path}:第 {self.rows[at]} 行,{name} 列:“{stands}”应是{right.zh}",
            f'{self.path}: row {self.rows[at]}, column {name}: "{stands}" should be {right.en}',
        )

    def text(self, name: str, *, empty: bool = False) -> list[str]:
        """A column as text; an empty cell is a mistake unless it is allowed."""
        right = Word("非空文字", "some text")
        return self.column(name, lambda x: x if x or empty else None, right)

    def numbers(
        self, name: str, *, least: float = -math.inf, most: float = math.inf, above: float = -math.inf, empty: float | None = None
    ) -> list[float]:
        """A column of numbers from ``least`` to ``most`` (and more than ``above``); ``empty`` is what an empty cell means, if anything."""
        bounds = _bounds(least, most, above)

        def read(x: str) -> float | None:
            if not x and empty is not None:
                return empty
            found = _number(x)
            return found if found is not None and least <= found <= most and found > above else None

        return self.column(name, read, Word(f"{bounds.zh}数字,小数点用“.”", f"a number{bounds.en}, written with a decimal point"))

    def whole(self, name: str, *, least: int | None = None, empty: int | None = None) -> list[int]:
        """A column of whole numbers; ``3.0`` is one, ``3.5`` is not."""

        def read(x: str) -> int | None:
            if not x and empty is not None:
                return empty
            found = _number(x)
            return int(found) if found is not None and found == int(found) and (least is None or found >= least) else None

        bounds = _bounds(-math.inf if least is None else least, math.inf, -math.inf)
        return self.column(name, read, Word(f"{bounds.zh}整数", f"a whole number{bounds.en}"))

    def dates(self, name: str, *, empty: bool = False) -> list[date | None]:
        """A column of dates, written YYYY-MM-DD; None where an empty cell is allowed and the cell is empty."""

        def read(x: str) -> list[date | None] | None:
            return [None] if empty and not x else _date(x)

        return [x[0] for x in self.column(name, read, Word("YYYY-MM-DD 的日期", "a date written YYYY-MM-DD"))]

    def column(self, name: str, read: Callable[[str], T | None], right: Word) -> list[T]:
        """A column through ``read``, which gives None for what is wrong; every mistake of the column is told at once."""
        if not self.has(name):
            raise Wrong([self._missing(name)])
        at = self.heads.index(name.lower())
        found = [read(row[at]) for row in self.cells]
        bad = [i for i, value in enumerate(found) if value is None]
        if bad:
            words = [self.place(i, name, right) for i in bad[:TOLD]]
            if len(bad) > TOLD:
                words.append(
                    Word(
                        f"{self.path}:{name} 列另有 {len(bad) - TOLD} 处同样的错误",
                        f"{self.path}: column {name}: {len(bad) - TOLD} more like these",
                    )
                )
            raise Wrong(words)
        return [value for value in found if value is not None]

    def one_of(self, *names: str) -> str:
        """The one column of these that is there: two, or none, is a mistake."""
        there = [n for n in names if self.has(n)]
        if len(there) == 1:
            return there[0]
        if there:
            raise Wrong(
                [
                    Word(
                        f"{self.path}:第 1 行:{'、'.join(there)} 只应有其中一列",
                        f"{self.path}: row 1: only one of the columns {', '.join(there)} should be there",
                    )
                ]
            )
        raise Wrong([self._missing(" / ".join(names))])

    def _missing(self, name: str) -> Word:
        there = [h for h in self.heads if h]
        return Word(
            f"{self.path}:第 1 行:没有 {name} 这一列;有 {'、'.join(there) or '(空)'}",
            f"{self.path}: row 1: there is no column {name}; there are {', '.join(there) or '(none)'}",
        )

    def distinct(self, name: str, values: Sequence[object]) -> None:
        """Every value of the column is there once."""
        seen: dict[object, int] = {}
        for i, value in enumerate(values):
            if value in seen:
                raise self.wrong(
                    i,
                    name,
                    Word(
                        f"只出现一次的值(第 {self.rows[seen[value]]} 行已有)",
                        f"a value that stands once (row {self.rows[seen[value]]} has it)",
                    ),
                )
            seen[value] = i

    def matrix(self, *, labels: bool, least: float = 0.0) -> tuple[list[str], list[str], list[list[float]]]:
        """The file as a table of numbers: labels of the columns, labels of the rows (its first column, or none), the numbers."""
        first = 1 if labels else 0
        heads = self.heads[first:]
        rows: list[list[float]] = []
        for i, row in enumerate(self.cells):
            numbers = []
            for head, cell in zip(heads, row[first:], strict=True):
                number = _number(cell)
                if number is None or number < least:
                    bounds = _bounds(least, math.inf, -math.inf)
                    raise self.wrong(i, head, Word(f"{bounds.zh}数字", f"a number{bounds.en}"))
                numbers.append(number)
            rows.append(numbers)
        return heads, [row[0] for row in self.cells] if labels else [], rows


def read(path: Path, *, empty: bool = False) -> Table:
    """A file as a table: UTF-8 or GBK, parted by commas, tabs or semicolons; its first line names the columns.

    A file with headings and no rows is a mistake unless ``empty`` allows it.
    """
    delimited, tables = use("lists.delimited"), use("lists.table")
    try:
        data = path.read_bytes()
        text, notices = delimited.decoded(data)
    except OSError as why:
        raise Wrong([Word(f"{path}:读不了({why.strerror})", f"{path}: cannot be read ({why.strerror})")]) from why
    except tables.Unreadable as why:
        raise Wrong([Word(f"{path}:{why.word.zh}", f"{path}: {why.word.en}")]) from why
    if notices or "\0" in text:
        raise Wrong([Word(f"{path}:有读不出的字符;请存为 UTF-8", f"{path}: some characters cannot be read; save it as UTF-8")])
    text = text.removeprefix("\ufeff")
    line = text.lstrip("\r\n").split("\n", 1)[0]
    sign = next((s for s in ("\t", ",", ";") if s in line), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    heads: list[str] = []
    rows: list[int] = []
    cells: list[list[str]] = []
    try:
        for number, row in enumerate(reader, start=_FIRST):
            if not any(c.strip() for c in row):
                continue
            if not heads:
                heads = [c.strip().lower() for c in row]
                continue
            if len(row) != len(heads):
                raise Wrong(
                    [
                        Word(
                            f"{path}:第 {number} 行:有 {len(row)} 格,应同第 1 行一样有 {len(heads)} 格",
                            f"{path}: row {number}: {len(row)} cells, should be {len(heads)} as in the headings",
                        )
                    ]
                )
            rows.append(number)
            cells.append([c.strip() for c in row])
    except csv.Error as why:
        raise Wrong([Word(f"{path}:不是 CSV 或 TSV({why})", f"{path}: is neither CSV nor TSV ({why})")]) from why
    if not heads:
        raise Wrong([Word(f"{path}:是空文件:第 1 行应是列名", f"{path}: is empty: row 1 should name the columns")])
    twice = sorted({h for h in heads if h and heads.count(h) > 1})
    if twice:
        raise Wrong(
            [Word(f"{path}:第 1 行:{twice[0]} 列出现两次,应只有一次", f"{path}: row 1: column {twice[0]} stands twice, should stand once")]
        )
    if not rows and not empty:
        raise Wrong([Word(f"{path}:只有列名,没有一行数据", f"{path}: has headings and no row of data")])
    return Table(path, heads, rows, cells, hashlib.sha256(data).hexdigest())


def _number(text: str) -> float | None:
    """A finite number as people and programs write it; None for anything else (nan, inf, 1,000, 1_000)."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and "_" not in text else None


def _date(text: str) -> list[date | None] | None:
    try:
        return [date.fromisoformat(text)] if len(text) == 10 else None
    except ValueError:
        return None


def _bounds(least: float, most: float, above: float) -> Word:
    low_zh, low_en = (f"不小于 {least:g} ", f"from {least:g} on") if least > -math.inf else ("", "")
    if above > -math.inf:
        low_zh, low_en = f"大于 {above:g} ", f"above {above:g}"
    if most == math.inf:
        return Word(low_zh and low_zh + "的", low_en and " " + low_en)
    if above > -math.inf:
        return Word(f"大于 {above:g}、不超过 {most:g} 的", f" above {above:g} and at most {most:g}")
    if least == -math.inf:
        return Word(f"不超过 {most:g} 的", f" of at most {most:g}")
    return Word(f"{least:g} 至 {most:g} 的", f" from {least:g} to {most:g}")
