"""The dirty lists read as a person's files are read: written into a folder, then files in, lists out."""

from __future__ import annotations

from pathlib import Path

from bulou.lists.columns import apply, recognise
from bulou.lists.comparing import Comparison, Listed, listed, of_mapped
from bulou.lists.reading import read_file, read_pasted
from tests.lists.dirty import Dirty

At = tuple[int, int]


def from_files(dirty: Dirty, folder: Path) -> list[Listed]:
    """Every list through its file."""
    found = []
    for form, path in zip(dirty.forms, dirty.write(folder), strict=True):
        (table,) = read_file(path) if form.form not in ("chat", "pasted") else [read_pasted(path.read_text(encoding="utf-8"), path.name)]
        mapping = recognise(table)
        if "code_of" in form.columns and "code_of" not in mapping.fields:
            mapping = mapping.corrected("code_of", table.columns.index(form.columns["code_of"]))
        found.append(of_mapped(apply(table, mapping)))
    return found


def as_read(dirty: Dirty) -> list[Listed]:
    """Every list as if it had been read, without files."""
    return [listed(form.file, *dirty.columns(i)) for i, form in enumerate(dirty.forms)]


def answer(comparison: Comparison) -> tuple[dict[At, int], set[At]]:
    """The person of each row, and the rows that are in review, as ``dirty.judge`` wants them."""
    c = comparison
    of = {(c.of[r], c.row[r]): p.number for p in c.people for r in p.records}
    review = {(c.of[r], c.row[r]) for x in c.review for r in (x.first, x.second) if r is not None and r < c.size}
    return of, review
