"""Enrolling from a file: who is on the register already is not enrolled again, and who may be is left to a person. Never merges anyone."""

from collections.abc import Sequence
from typing import Any

from bulou.desks.people.verbs import ENROL
from bulou.evidence.timeline import standing_facts
from bulou.identity.documents import Document, read_document
from bulou.identity.names import fold
from bulou.identity.phones import as_written, phones
from bulou.kit.importing import Import, importing
from bulou.kit.looking import Looking
from bulou.kit.many import Fate
from bulou.register.models import Person
from bulou.register.scope import standing


def who(numbers: Sequence[int], rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None = None) -> list[Fate | None]:
    """Of rows to be enrolled, who is there already (the same number and name), and who may be (a number under another name; a name
    with a telephone, first or second, that someone has). A number that a spreadsheet destroyed is no number: the row waits for the card itself."""
    read = [_document(row) for row in rows]
    numbers_said = {text for doc in read if doc and doc.verdict != "refused" for text in (doc.value, doc.original.strip())}
    numbers_of = [phones(row.get("phone")) for row in rows]
    dialled = {p for row, some in zip(rows, numbers_of, strict=True) for p in (row.get("phone"), *as_written(row.get("phone")), *some) if p}
    have: dict[str, set[str]] = {}
    people = standing(Person, look.seq)
    for document, name in people.filter(document__in=numbers_said).values_list("document", "name"):
        have.setdefault(_value(document), set()).add(fold(name))
    recorded = dict(
        standing_facts("document.recorded", look.seq, look.about).filter(document__in=numbers_said).values_list("document", "person")
    )
    if recorded:
        named = dict(people.filter(person__in=recorded.values()).values_list("person", "name"))
        for document, person in recorded.items():
            have.setdefault(_value(document), set()).add(fold(named.get(person)))
    called = (
        {(fold(n), one) for n, p in people.filter(phone__in=dialled).values_list("name", "phone") for one in phones(p)}
        if dialled
        else set()
    )
    fates: list[Fate | None] = []
    before: dict[str, tuple[int, str]] = {}
    for n, row, document, some in zip(numbers, rows, read, numbers_of, strict=True):
        name = fold(row.get("name"))
        fates.append(_fate(n, row, name, document, have, any((name, one) in called for one in some), before))
    return fates


def _fate(
    n: int, row: dict[str, Any], name: str, document: Document | None, have: dict[str, set[str]], called: bool,
    before: dict[str, tuple[int, str]],
) -> Fate | None:  # fmt: skip
    if document and document.verdict == "refused":
        return Fate("waiting", "document", document.zh, document.en)
    if document:
        row["document"], row["document_kind"] = document.value, document.kind
        if document.value in have:
            if name in have[document.value]:
                return Fate("same", "document", "登记册中已有此人", "this person is on the register")
            return Fate(
                "waiting", "document", "登记册中此证件号属于另一姓名:请核对", "on the register this number has another name: look at both"
            )
        if document.value in before:
            first, other = before[document.value]
            if other == name:
                return Fate("same", "document", f"与第 {first} 行是同一人", f"the same person as row {first}")
            return Fate("waiting", "document", f"第 {first} 行另一姓名用了此证件号", f"row {first} has this number under another name")
        before[document.value] = (n, name)
    elif called:
        return Fate(
            "waiting",
            "phone",
            "登记册中有同名同电话的人:请核对是否同一人",
            "someone of this name and telephone is on the register: see whether it is they",
        )
    return None


def _document(row: dict[str, Any]) -> Document | None:
    kind = row.get("document_kind")
    return read_document(row.get("document"), kind if kind != "none" else None)


def _value(document: str) -> str:
    read = read_document(document)
    return read.value if read else document


ENROLMENT = importing(
    Import(
        ENROL,
        ("name", "document_kind", "document", "phone", "sex", "born_on", "area", "registered_area", "nationality"),
        ("person",),
        who,
    )
)
