"""Rows of lists for the tests of linking: short to write, with sound numbers made after the standard."""

from __future__ import annotations

from typing import Any

from bulou.identity.documents import check_character
from bulou.identity.linking import Linked, Records

FIELDS = ("name", "document", "phone", "address", "born_on", "sex", "area", "code_of", "document_kind")


def card(born: str = "1990-03-07", order: int = 123, area: str = "510117") -> str:
    """A sound citizen number."""
    body = area + born.replace("-", "") + f"{order:03d}"
    return body + check_character(body)


def records(*rows: dict[str, Any]) -> Records:
    """Rows as dictionaries of fields; ``list`` is 0, 1, 2… unless a row says its own."""
    columns: dict[str, list[Any]] = {f: [row.get(f) for row in rows] for f in FIELDS}
    return Records(
        list=[row.get("list", i) for i, row in enumerate(rows)], row=[row.get("row", i + 1) for i, row in enumerate(rows)], **columns
    )


def groups(linked: Linked) -> set[frozenset[int]]:
    """The people as sets of records."""
    found: dict[int, set[int]] = {}
    for record, person in enumerate(linked.person):
        found.setdefault(person, set()).add(record)
    return {frozenset(members) for members in found.values()}


def one(linked: Linked, *members: int) -> bool:
    """Whether these records are one person."""
    return len({linked.person[m] for m in members}) == 1


def asked(linked: Linked, a: int, b: int) -> str | None:
    """Why these two are before a person, if they are."""
    return next((tie.why for tie in linked.review if {tie.a, tie.b} == {a, b}), None)
