"""A comparison read back from its answer: for what is asked of it later, without linking it again. Reads files; decides nothing anew."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from bulou.basis.words import Word
from bulou.desks.compare.answer import Answer, Lines
from bulou.identity.documents import read_document
from bulou.identity.linking import Linked, Refused, Tie
from bulou.lists.comparing import FIELDS, Comparison, Listed, NotRead, Person


def restored(folder: Path) -> Comparison:
    """The comparison whose answer stands in a folder: everyone with their rows and reasons, what is to review, what was not read.

    Records of the register, that the answer does not hold, are not in it: a question that spoke of one is not asked again.
    """
    answer = Answer(folder)
    people = list(_all(folder / "people"))
    rows = sorted(((r[0], r[1], p["n"], i) for p in people for i, r in enumerate(p["rows"])), key=lambda one: one[:2])
    at = {(n, i): place for place, (_list, _row, n, i) in enumerate(rows)}
    place_of = {(one[0], one[1]): place for place, one in enumerate(rows)}
    said = {p["n"]: p["rows"] for p in people}
    told = [said[n][i][2] for *_, n, i in rows]
    used = [f for f in FIELDS if any(f in t for t in told)]
    values: dict[str, list[str | None]] = {f: [t.get(f) for t in told] for f in used}
    of, row = [one[0] for one in rows], [one[1] for one in rows]
    ties = [_tie(at[p["n"], a], at[p["n"], b], *why) for p in people for a, b, *why in p["ties"]]
    made = [Person(p["n"], p["mask"], tuple(sorted(at[p["n"], i] for i in range(len(p["rows"])))), p["at"], p["on"]) for p in people]
    linked = Linked([one[2] for one in rows], ties, *_review(folder, place_of))
    on_register: list[int] | None = [] if any(p["on"] is not None for p in people) else None
    return Comparison(tuple(_lists(answer, folder, of, row, values)), of, row, values, linked, made, len(rows), on_register)


def _tie(a: int, b: int, why: str, probability: float | None, detail: str) -> Tie:
    return Tie(min(a, b), max(a, b), why, probability, detail)


def _all(path: Path) -> Iterator[Any]:
    lines = Lines(path)
    for first in range(0, len(lines), 1000):
        yield from lines.read(range(first, min(first + 1000, len(lines))))


def _lists(answer: Answer, folder: Path, of: list[int], row: list[int], values: dict[str, list[str | None]]) -> Iterator[Listed]:
    unread: dict[int, list[NotRead]] = {}
    for u in _all(folder / "unread"):
        unread.setdefault(u["list"], []).append(NotRead(u["row"], u["text"], Word(**u["why"])))
    notices = json.loads((folder / "notices.json").read_text(encoding="utf-8"))
    spans = {i: list(places) for i, places in groupby(range(len(of)), of.__getitem__)}
    for i, about in enumerate(answer.said["lists"]):
        places = spans.get(i, [])
        columns = {f: [column[r] for r in places] for f, column in values.items()}
        yield Listed(
            about["name"], [row[r] for r in places], {f: c for f, c in columns.items() if any(c)}, tuple(unread.get(i, ())),
            tuple(Word(**n) for n in notices[i]),
        )  # fmt: skip


def _review(folder: Path, place_of: dict[tuple[int, int], int]) -> tuple[list[Tie], list[Refused]]:
    """The questions, in their order, and the records whose number identifies nobody."""
    asked, spoiled = list[Tie](), list[Refused]()
    for x in _all(folder / "review"):
        places = [place_of.get((r[0], r[1])) for r in x["rows"]]
        if any(p is None for p in places):
            continue
        known = [p for p in places if p is not None]
        if len(known) == 2:
            asked.append(Tie(known[0], known[1], x["why"], x["p"], x["detail"]))
        else:
            spoiled += [Refused(p, found) for p in known if (found := read_document(x["detail"])) is not None]
    return asked, spoiled
