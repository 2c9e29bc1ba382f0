"""Exports of a system: rows under a row of property names, which may have a row of groups above and of captions below. Interprets no value.

Files are CSV, workbooks, or JSON (a list of objects, nested ones with dotted names). No row is lost: what is no data is aside.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.words import Word
from bulou.lists.delimited import decoded, delimiter_of, split
from bulou.lists.peers import days, said, writing
from bulou.lists.spreadsheet import grids
from bulou.lists.table import Aside, Table, Unreadable

#: Above the property names there may be so many rows (titles, groups).
MOST_ABOVE = 6


class Sheet(NamedTuple):
    """A table whose columns are known by ``names`` (normalised); a name may stand several times."""

    table: Table
    names: tuple[str, ...]
    #: By date column: what was read of it.
    dated: dict[int, list[str | None]]

    def column(self, *wanted: str) -> int | None:
        """The first column of the first of these names that is there; a name without a dot is also looked for after a dot."""
        for name in wanted:
            if name in self.names:
                return self.names.index(name)
        for name in wanted:
            if "." not in name:
                found = next((i for i, n in enumerate(self.names) if n.rsplit(".", 1)[-1] == name), None)
                if found is not None:
                    return found
        return None

    def cell(self, i: int, *wanted: str) -> str:
        """What row i says under the first of these names that says anything."""
        row = self.table.rows[i]
        for name in wanted:
            at = self.column(name)
            if at is not None and said(row[at]):
                return row[at].strip()
        return ""

    def day(self, i: int, zone: str, told: str | None, *wanted: str) -> tuple[str | None, str]:
        """The first day that row i tells under one of these names; else the heading of one that tells no day ("": nothing is written)."""
        wrong = ""
        for name in wanted:
            at = self.column(name)
            if at is None or not said(self.table.rows[i][at]):
                continue
            if at not in self.dated:
                self.dated[at] = days(self.table, at, zone, told, self.writing()).values
            found = self.dated[at][i]
            if found:
                return found, ""
            wrong = wrong or self.table.columns[at]
        return None, wrong

    def writing(self) -> str | None:
        """How the dates of this sheet are written, by all columns that are named as dates."""
        return writing(self.table, [i for i, n in enumerate(self.names) if re.search(r"date|day|日期|时间", n)])

    def left(self, i: int, held: Collection[str]) -> dict[str, str]:
        """What row i says under other names than those held; a name may stand several times."""
        row, found = self.table.rows[i], dict[str, str]()
        for heading, name, value in zip(self.table.columns, self.names, row, strict=True):
            if said(value) and name not in held and name.rsplit(".", 1)[-1] not in held:
                found[heading if heading not in found else f"{heading} ({len(found)})"] = value.strip()
        return found


def sheets(data: bytes, name: str, normal: Callable[[str], str], known: Collection[str]) -> Iterator[Sheet]:
    """Every sheet of a file; Unreadable when no row of it holds two of the ``known`` names."""
    found = False
    for sheet, cells in _cells(data, name):
        head = _head(cells, normal, known)
        if head is None:
            continue
        found = True
        yield _sheet(name, sheet, cells, head, normal, known)
    if not found:
        some = ", ".join(sorted(known)[:8])
        raise Unreadable(
            Word(f"{name}:没有认得的列名(如 {some})", f"{name}: no row holds column names that are known here (such as {some})")
        )


def _cells(data: bytes, name: str) -> Iterator[tuple[str, list[list[str]]]]:
    if data[:2] == b"PK" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        for grid in grids(data):
            yield grid.sheet, grid.cells
        return
    text, _ = decoded(data)
    if text.lstrip()[:1] in ("[", "{"):
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as wrong:
            raise Unreadable(Word(f"{name}:JSON 有误:{wrong}", f"{name}: broken JSON: {wrong}")) from wrong
        rows = [flat(r) for r in (raw if isinstance(raw, list) else [raw]) if isinstance(r, dict)]
        names = list(dict.fromkeys(k for row in rows for k in row))
        yield "", [names, *([row.get(k, "") for k in names] for row in rows)]
        return
    cells, _ = split(text, delimiter_of(text) or ",")
    yield "", cells


def flat(value: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """An object as one row: names of nested ones are dotted, places in lists counted from 0."""
    found: dict[str, str] = {}
    for key, inner in value.items():
        name = f"{before}{key}"
        if isinstance(inner, dict):
            found |= flat(inner, f"{name}.")
        elif isinstance(inner, list):
            for i, each in enumerate(inner):
                found |= flat(each, f"{name}.{i}.") if isinstance(each, dict) else {f"{name}.{i}": str(each)}
        else:
            found[name] = "" if inner is None else str(inner)
    return found


def _known(cells: Sequence[str], normal: Callable[[str], str], known: Collection[str]) -> int:
    names = {normal(c) for c in cells if c.strip()}
    return sum(n in known or n.rsplit(".", 1)[-1] in known for n in names)


def _head(cells: Sequence[Sequence[str]], normal: Callable[[str], str], known: Collection[str]) -> int | None:
    counts = [_known(row, normal, known) for row in cells[:MOST_ABOVE]]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else None


def _sheet(name: str, sheet: str, cells: list[list[str]], head: int, normal: Callable[[str], str], known: Collection[str]) -> Sheet:
    wide = max(len(row) for row in cells)
    headings = [*(c.strip() for c in cells[head]), *[""] * (wide - len(cells[head]))]
    aside = [Aside(i + 1, "header" if any(map(str.strip, cells[i])) else "blank", tuple(cells[i])) for i in range(head + 1)]
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    for i, row in enumerate(cells[head + 1 :], start=head + 2):
        full = (*row, *[""] * (wide - len(row)))
        if not any(c.strip() for c in full):
            aside.append(Aside(i, "blank", ()))
        elif _known(row, normal, known) >= 2 and not any(re.search(r"\d", c) for c in row):
            aside.append(Aside(i, "header_again", tuple(row)))
        else:
            rows.append(full)
            numbers.append(i)
    columns = tuple(h or f"({i + 1})" for i, h in enumerate(headings))
    return Sheet(Table(name, sheet, columns, rows, numbers, [], "csv", tuple(aside)), tuple(normal(h) for h in headings), {})
