"""The answer of a comparison as files: figures in one, people one line each with an index, so that a page of names reads fifty lines.

Written once by the worker, read by pages. Holds values as they were written in the lists: whoever shows them masks them.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bulou.basis.words import Word
from bulou.desks.compare.differences import Index
from bulou.identity.linking import Tie
from bulou.lists.comparing import LETTERS, Comparison
from bulou.lists.findings import HEAD, Findings

#: What is told of a person, in the order in which it is read.
TOLD = ("name", "document", "phone", "address", "area", "state", "born_on", "sex", "code_of", "household")
#: Lines of a page of names.
PER_PAGE = 50


class Lines(NamedTuple):
    """A file of JSON lines with an index of where each begins: any of them is read without reading the others."""

    path: Path

    def write(self, lines: Iterable[Any]) -> int:
        starts = array("Q")
        with self.path.open("wb") as file:
            for line in lines:
                starts.append(file.tell())
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        with self._index.open("wb") as file:
            starts.tofile(file)
        return len(starts)

    @property
    def _index(self) -> Path:
        return self.path.with_suffix(".index")

    def __len__(self) -> int:
        return self._index.stat().st_size // 8

    def read(self, numbers: Sequence[int]) -> list[Any]:
        """The lines of these numbers (from 0), in their order."""
        found = []
        with self.path.open("rb") as file, self._index.open("rb") as index:
            for n in numbers:
                index.seek(8 * n)
                start = array("Q", index.read(8))
                file.seek(start[0])
                found.append(json.loads(file.readline()))
        return found


# --- writing ------------------------------------------------------------------------------------------------------------
def write(folder: Path, findings: Findings, known: Sequence[bytes] = ()) -> None:
    """Writes the answer into a folder that is there and empty. ``known``: whose the records of the register are, in their order."""
    c = findings.comparison
    Lines(folder / "people").write(Index(folder).write(_people(c, known), [x.name for x in c.lists]))
    Lines(folder / "review").write(_review(c, known))
    Lines(folder / "unread").write(_unread(c))
    spans = _spans(folder / "groups", dict(_groups(c)))
    _json(folder / "notices.json", [[_both(n) for n in x.notices] for x in c.lists])
    _json(folder / "answer.json", _said(findings, spans))
    write_asked(folder, findings)


def write_asked(folder: Path, findings: Findings) -> None:
    """Writes what was asked of a comparison beside its answer: bridges and other counts. Asked anew, it takes the place of what stood there."""
    spans = _spans(
        folder / "asked", {f"bridge_{i}_{t.code}": sorted(set(t.people)) for i, b in enumerate(findings.bridges) for t in b.terms}
    )
    _json(folder / "asked.json", {"spans": spans, "bridges": _bridges(findings), "figures": _figures(findings, asked=True)})


def _spans(path: Path, groups: dict[str, list[int]]) -> dict[str, list[int]]:
    """Writes the people of groups one behind the other; where each begins and how many they are."""
    spans, at = {}, 0
    with path.open("wb") as file:
        for code, numbers in groups.items():
            array("I", numbers).tofile(file)
            spans[code] = [at, len(numbers)]
            at += len(numbers)
    return spans


def _json(path: Path, what: Any) -> None:
    path.write_text(json.dumps(what, ensure_ascii=False), encoding="utf-8")


def _both(word: Word) -> dict[str, str]:
    return {"zh": word.zh, "en": word.en}


def _said(findings: Findings, spans: dict[str, list[int]]) -> dict[str, Any]:
    """Everything that is said without a name."""
    c = findings.comparison
    in_words = {r.mask: {lang: findings._replace(lang=lang).in_words(r.mask) for lang in ("zh", "en")} for r in c.regions}
    return {
        "people": len(c.people), "fewest": c.fewest, "thresholds": c.thresholds._asdict(),
        "rows": sum(x.rows for x in c.lists), "agrees": findings.agrees(), "spans": spans,
        "lists": [
            {"name": x.name, "rows": x.rows, "people": len(c.in_list(i)), "unread": len(x.unread),
             "further": sum(len(held) - 1 for _, j, held in c.twice if j == i)}
            for i, x in enumerate(c.lists)
        ],
        "figures": _figures(findings, asked=False),
        "regions": [{"mask": r.mask, "word": in_words[r.mask], "number": len(r.people)} for r in c.regions],
        "areas": [
            {"word": {lang: c.area_name(a, lang) for lang in ("zh", "en")}, "number": len(people),
             "partial": sum(c.person(n).mask != c.everywhere for n in people)}
            for a, people in c.areas.items()
        ],
        "partitions": [
            {"list": d.list, "field": d.field, "total": d.classed.total, "none": len(d.classed.none), "two": len(d.classed.two),
             "classes": {str(k): len(v) for k, v in d.classed.classes.items()}, "closes": d.classed.closing().closes}
            for d in findings.partitions()
        ],
        "unlike": [{"field": f, "a": a, "b": b, "agree": agree, "of": n} for f, a, b, agree, n in c.unlike],
    }  # fmt: skip


def _figures(findings: Findings, *, asked: bool) -> list[dict[str, Any]]:
    """The figures of the lists, or those that definitions of others give."""
    return [
        {"code": f.code, "word": _both(f.word), "number": f.number, "unit": f.unit, "means": _both(f.means), "until": f.until}
        # Of the register only those are here who may be in the lists: how many are on it alone is not known.
        for f in findings.figures() if f.code != "only_register" and f.code.startswith("counted_") == asked
    ]  # fmt: skip


def _bridges(findings: Findings) -> list[dict[str, Any]]:
    return [
        {"from": b.before_name, "before": b.before, "to": b.after_name, "after": b.after, "said": _both(b.say()), "unexplained": b.unexplained,
         "terms": [{"code": t.code, "word": _both(t.word), "sign": t.sign, "number": t.number} for t in b.terms]}
        for b in findings.bridges
    ]  # fmt: skip


def _groups(c: Comparison) -> Iterator[tuple[str, list[int]]]:
    """The people of every figure, by its code."""
    known = {r.mask: r.people for r in c.regions}
    yield "distinct", [p.number for p in c.people]
    yield "in_all", known.get(c.everywhere, [])
    yield "not_in_all", c.not_everywhere
    other = set(c.not_everywhere)
    for i in range(len(c.lists)):
        for code, mask in ((f"only_{LETTERS[i]}", 1 << i), (f"missing_{LETTERS[i]}", c.everywhere & ~(1 << i))):
            yield code, known.get(mask, [])
            other -= set(known.get(mask, ()))
        yield f"in_{LETTERS[i]}", c.in_list(i)
    yield "other", sorted(other)
    for mask, people in known.items():
        yield f"mask_{mask}", people
    yield "differing", c.differing_people
    for f, people in c.differing.items():
        yield f"differs_{f}", people
    yield "twice", sorted({n for n, _, _ in c.twice})
    yield "not_registered", c.not_registered
    for n, people in enumerate(c.areas.values()):
        yield f"area_{n}", people
    for d in c.divisions:
        yield f"none_{LETTERS[d.list]}_{d.field}", sorted(d.classed.none)
        yield f"two_{LETTERS[d.list]}_{d.field}", sorted(d.classed.two)


def _record(c: Comparison, r: int, known: Sequence[bytes] = ()) -> list[Any]:
    """One row: its list, its number in the source, what it says, and of a record of the register whose it is."""
    whose = [known[r - c.size].hex()] if r >= c.size else []
    return [c.of[r], c.row[r], {f: v for f, column in c.values.items() if (v := column[r])}, *whose]


def _whose(c: Comparison, known: Sequence[bytes]) -> dict[int, list[str]]:
    """For each person that linking found, the ids of the register that are theirs."""
    whose: dict[int, list[str]] = {}
    for i, one in enumerate(known):
        held = whose.setdefault(c.linked.person[c.size + i], [])
        if one.hex() not in held:
            held.append(one.hex())
    return whose


def _people(c: Comparison, known: Sequence[bytes]) -> Iterator[Any]:
    whose = _whose(c, known)
    differs: dict[int, list[str]] = {}
    for d in c.differences:
        differs.setdefault(d.person, []).append(d.field)
    for p in c.people:
        places = {r: i for i, r in enumerate(p.records)}
        ties = [_tie(t, places) for t in c.ties(p.number) if t.a in places and t.b in places]
        yield {
            "n": p.number, "mask": p.mask, "at": p.area, "area": {lang: c.area_name(p.area, lang) for lang in ("zh", "en")}, "on": p.registered,
            "rows": [_record(c, r) for r in p.records], "ties": ties, "differs": differs.get(p.number, []),
            "ids": whose.get(c.linked.person[p.records[0]], []),
        }  # fmt: skip


def _tie(t: Tie, places: dict[int, int]) -> list[Any]:
    return [places[t.a], places[t.b], t.why, t.probability, t.detail]


def _review(c: Comparison, known: Sequence[bytes]) -> Iterator[Any]:
    found = _whose(c, known)
    whose = {p.number: found[one] for p in c.people if (one := c.linked.person[p.records[0]]) in found}
    for x in c.review:
        records = [r for r in (x.first, x.second) if r is not None]
        yield {"why": x.why, "word": _both(x.word), "p": x.probability, "rows": [_record(c, r, known) for r in records], "detail": x.detail,
               "people": [c.person_of(r) for r in records], "ids": [_ids(c, r, known, whose) for r in records]}  # fmt: skip


def _ids(c: Comparison, r: int, known: Sequence[bytes], whose: dict[int, list[str]]) -> list[str]:
    """Whose record of the register a row is, where it is known."""
    return [known[r - c.size].hex()] if r >= c.size else whose.get(c.person_of(r), [])


def _unread(c: Comparison) -> Iterator[Any]:
    for i, each in enumerate(c.lists):
        for u in each.unread:
            yield {"list": i, "row": u.row, "text": u.text, "why": _both(u.why)}


# --- reading ------------------------------------------------------------------------------------------------------------
class Answer:
    """An answer that was written; ``said`` holds what names nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
        self._asked: dict[str, list[int]] = asked["spans"]
        self.said |= {"bridges": asked["bridges"], "counted": asked["figures"]}

    def has(self, group: str) -> bool:
        return group in self._asked or group in self.said["spans"]

    def count(self, group: str) -> int:
        return int((self._asked.get(group) or self.said["spans"].get(group, (0, 0)))[1])

    def numbers(self, group: str, first: int, most: int) -> list[int]:
        """The numbers of the people of a group, from its ``first``-th on, at most so many."""
        asked = group in self._asked
        start, count = self._asked[group] if asked else self.said["spans"][group]
        found = array("I")
        with (self.folder / ("asked" if asked else "groups")).open("rb") as file:
            file.seek(found.itemsize * (start + first))
            found.frombytes(file.read(found.itemsize * max(0, min(most, count - first))))
        return list(found)

    def people(self, group: str, page: int) -> list[dict[str, Any]]:
        """The people of one page of a group, pages from 1."""
        numbers = self.numbers(group, (page - 1) * PER_PAGE, PER_PAGE)
        return Lines(self.folder / "people").read([n - 1 for n in numbers])

    def lines(self, what: str, page: int) -> list[dict[str, Any]]:
        """One page of ``review`` or ``unread``."""
        there = Lines(self.folder / what)
        first = (page - 1) * PER_PAGE
        return there.read(range(first, min(first + PER_PAGE, len(there))))

    def size(self, what: str) -> int:
        return len(Lines(self.folder / what))


def head(field: str) -> Word:
    """What a field is called."""
    return HEAD.get(field, Word(field, field))
