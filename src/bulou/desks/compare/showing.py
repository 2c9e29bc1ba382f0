"""How people of lists are shown on the bench: masked as the viewer's role sees them, each noted as looked at. Decides nothing about who they are."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bulou.basis.ids import named_id
from bulou.basis.masks import scrubbed
from bulou.basis.words import DOCUMENT, LISTS
from bulou.desks.compare.answer import TOLD, head
from bulou.identity.documents import read_document
from bulou.kit.looking import Looking
from bulou.lists.comparing import DIFFERING, LETTERS

#: Fields that are masked, and how.
_MANNER = {
    "name": "name",
    "family_name": "name",
    "given_name": "name",
    "sent_by": "name",
    "remark": "words",
    "document": "document",
    "code_of": "document",
    "phone": "phone",
    "address": "address",
}


class Shown(NamedTuple):
    """One viewer looking at one comparison."""

    look: Looking
    comparison: bytes

    def of(self, person: int | str) -> bytes:
        """What stands for a person of a comparison in the record of looks: an id that says no more than which of it they are."""
        return named_id("comparison", self.comparison.hex(), str(person))

    def value(self, field: str, text: str | None, of: bytes) -> str:
        """One value of a list as the viewer sees it."""
        if not text:
            return ""
        if field in _MANNER:
            return self.look.show(_MANNER[field], text, of)
        if field == "born_on":
            return self.look.born(text, of)
        return self.words(text, of)

    def cell(self, field: str, text: str, of: bytes) -> str:
        """A cell of a column that was taken for a field, or for none: then it may hold anything, and is shown to those who see everything."""
        if field:
            return self.value(field, text, of)
        bare = {"name", "document", "phone", "address"} <= self.look.viewer.unmasked
        self.look.seen.note(of, "words", bare=bare)
        return text if bare or not text else "…"

    def words(self, text: str, of: bytes) -> str:
        """Free text: people write numbers into any column."""
        seen = self.look.viewer.unmasked
        self.look.seen.note(of, "words", bare="words" in seen)
        return text if {"document", "phone"} <= seen else scrubbed(text, phones="phone" not in seen)


def place(row: list[Any]) -> str:
    """Where a row stands: the letter of its list and its number there."""
    return f"{LETTERS[row[0]] if row[0] < len(LETTERS) else 'R'} {row[1]}"


def _first(rows: Iterable[list[Any]], field: str) -> str | None:
    return next((r[2][field] for r in rows if r[2].get(field)), None)


def _said(shown: Shown, rows: list[list[Any]], field: str, of: bytes) -> list[tuple[str, str]]:
    """What is said in a field, each writing once with the rows that say it."""
    field = "name" if field == "name_writing" else field
    said: dict[str, list[str]] = {}
    for r in rows:
        if text := r[2].get(field):
            said.setdefault(text, []).append(place(r))
    return [(", ".join(places), shown.value(field, text, of)) for text, places in said.items()]


def person_line(shown: Shown, person: dict[str, Any]) -> dict[str, Any]:
    """One person: what is told of them, where they stand, what differs, why their rows are one."""
    look, rows = shown.look, person["rows"]
    of = shown.of(person["n"])
    for one in person["ids"]:
        look.seen.note(bytes.fromhex(one), "registered", bare=False)
    told = {f: shown.value(f, _first(rows, f), of) for f in TOLD}
    differs = [{"field": f, "word": look.say(DIFFERING[f]), "said": _said(shown, rows, f, of)} for f in person["differs"]]
    why = [
        {"pair": f"{place(rows[a])} = {place(rows[b])}", "word": look.pick(LISTS["tie"], code), "p": p}
        for a, b, code, p, _detail in person["ties"]
    ]
    return {
        "n": person["n"], "told": told, "places": [place(r) for r in rows], "differs": differs, "why": why, "area": shown.words(person["area"][look.language], of),
        "reasons": list(dict.fromkeys(w["word"] for w in why)), "on": person["on"], "ids": [bytes.fromhex(one) for one in person["ids"]],
        "prefill": prefill(rows) if person["on"] is False else None,
    }  # fmt: skip


def prefill(rows: list[list[Any]]) -> dict[str, str]:
    """What the lists say of someone, as the form of enrolment asks it. A number that a spreadsheet spoiled is left for the person to read."""
    text = _first(rows, "document")
    read = read_document(text) if text else None
    sound = read is not None and read.verdict == "sound" and read.kind in DOCUMENT
    told = {"name": _first(rows, "name"), "phone": _first(rows, "phone"), "sex": _first(rows, "sex")}
    born = _first(rows, "born_on") or ""
    if len(born) >= 10 and not born.startswith("-"):
        told["born_on"] = born[:10]
    if sound and read is not None:
        told |= {"document": read.value, "document_kind": read.kind}
    return {k: v for k, v in told.items() if v}


def review_line(shown: Shown, point: dict[str, Any]) -> dict[str, Any]:
    """One point of the review: both records field by field, and whether they say the same."""
    look, rows = shown.look, point["rows"]
    # A record of the register is shown as the register is: of people outside the viewer's areas everything is masked.
    look.learn_names(bytes.fromhex(r[3]) for r in rows if len(r) > 3)
    ids = [bytes.fromhex(r[3]) if len(r) > 3 else shown.of(n) for r, n in zip(rows, point["people"], strict=True)]
    used = [f for f in TOLD if any(r[2].get(f) for r in rows)]
    fields = [
        {"word": look.say(head(f)), "values": [shown.value(f, r[2].get(f), of) for r, of in zip(rows, ids, strict=True)],
         "same": len(rows) == 2 and bool(rows[0][2].get(f)) and rows[0][2].get(f) == rows[1][2].get(f)}
        for f in used
    ]  # fmt: skip
    return {
        "word": point["word"][look.language],
        "p": point["p"],
        "places": [place(r) for r in rows],
        "fields": fields,
        "ids": [[bytes.fromhex(i) for i in each] for each in point["ids"]],
    }


def unread_line(shown: Shown, number: int, line: dict[str, Any]) -> dict[str, Any]:
    """A row that is nobody's: its text may hold a person all the same."""
    of = shown.of(f"unread {line['list']} {line['row']}")
    text = line["text"]
    bare = {"name", "document", "phone", "address"} <= shown.look.viewer.unmasked
    shown.look.seen.note(of, "words", bare=bare)
    return {
        "place": place([line["list"], line["row"]]),
        "text": text if bare else _hidden(text),
        "why": line["why"][shown.look.language],
        "n": number,
    }


def _hidden(text: str) -> str:
    """A row of which it is not known what is in it: its beginning only, without numbers of persons."""
    return scrubbed(text)[:4] + "…" if text else ""
