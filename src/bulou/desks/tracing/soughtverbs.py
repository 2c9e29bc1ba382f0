"""What is done about people who were only described: sought, found to be somebody new, or the search abandoned. Joins no records by itself.

Whoever is on the register already is joined to it by the verb that joins any two records; what both owe comes together then, and parts again when
it is taken back.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from bulou.basis.facts import DocumentRecorded
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.listfacts import PersonAmended
from bulou.basis.words import Word
from bulou.gaps.sought import state_at
from bulou.identity.documents import read_document
from bulou.kit.people import find
from bulou.kit.verb import Acting, Problem, Verb, verb
from bulou.protocol.relations import order
from bulou.protocol.rules import Facts


def sought(facts: Facts, person: bytes, incident: bytes | None) -> Fact | None:
    """The first word of an incident that nobody knows who somebody is, under any of their records; None where they are not sought.
    Without an incident that of any: who somebody is, is not a matter of one."""
    return min((f for f in facts.by("person.sought", "person", person) if _within(facts, f, incident)), key=order, default=None)


def _within(facts: Facts, fact: Fact, incident: bytes | None) -> bool:
    return incident is None or facts.canon("incident", fact.incident) == facts.canon("incident", incident)


def _state(acting: Acting, person: bytes) -> str | None:
    facts, begun = acting.book.facts, sought(acting.book.facts, person, acting.incident)
    if begun is None:
        return None
    unknown = {f.body.person for f in facts.by("person.sought", "person", person)}
    joins = [f for field in ("person", "same_as") for f in facts.by("person.identified", field, person)]
    known = any({f.body.person, f.body.same_as} - unknown for f in joins)
    over = [f.at for f in facts.by("search.abandoned", "person", person) if _within(facts, f, acting.incident)]
    return state_at(begun.at, known, (f.at for f in facts.by("person.found", "person", person)), over, acting.now)


def _unknown(acting: Acting, body: Any) -> Iterable[Problem]:
    if not body.words.strip():
        yield Problem("words", "请写明所知的特征", "say what is known of them")
    if not acting.book.facts.by("person.enrolled", "person", body.person):
        yield Problem("person", "此人不在名册", "is not on the register")
    if body.seen_from is not None and body.seen_until is not None and body.seen_until < body.seen_from:
        yield Problem("seen_until", "结束早于开始", "the end lies before the beginning")
    match _state(acting, body.person):
        case "searched":
            yield Problem("person", "已在寻找此人", "this person is being sought already")
        case "abandoned":
            yield Problem("person", "寻找已停止:请撤回停止", "the search was abandoned: take that back")
        case "found":
            yield Problem("person", "此人身份已查明", "it is known who this is")


def _still_unknown(acting: Acting, body: Any) -> Iterator[Problem]:
    state = _state(acting, body.person)
    if state is None:
        yield Problem("person", "没有人在寻找此人", "nobody seeks this person")
    elif state == "found":
        yield Problem("person", "此人身份已查明", "it is known who this is")


def _says_who(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from _still_unknown(acting, body)
    for field, zh, en in (("name", "请写明姓名", "give the name"), ("words", "请写明如何查明", "say by what they were found")):
        if not getattr(body, field).strip():
            yield Problem(field, zh, en)
    number, phone = (body.document or "").strip(), (body.phone or "").strip()
    if not number and not phone:
        yield Problem("document", "证件号与电话至少写一项", "write down a document or a telephone: somebody is found by one of them")
    if number and body.document_kind == "none":
        yield Problem("document_kind", "请选择证件类型", "choose what kind of document it is")
    read = read_document(number, body.document_kind if body.document_kind != "none" else None) if number else None
    if read is not None and read.verdict == "refused":
        yield Problem("document", read.zh, read.en)
    one = acting.book.facts.canon("person", body.person)
    if number and any(each.person != one for each in find(acting.looking, number)):
        yield Problem(
            "document", "名册中已有此证件:请与该记录认定为同一人", "the register has this number: say that the two records are one person"
        )


def _completed(acting: Acting, fact: Fact) -> Iterable[Fact]:
    """The record says from now on who it is: name and telephone in the place of the description, and the document beside."""
    b = fact.body
    yield Fact(
        new_id(fact.at), "person.amended", fact.at, None, PersonAmended(b.person, name=b.name, phone=b.phone or None, source=b.words)
    )
    if b.document:
        yield Fact(new_id(fact.at), "document.recorded", fact.at, None, DocumentRecorded(b.person, b.document_kind, b.document))


def _may_abandon(acting: Acting, body: Any) -> Iterable[Problem]:
    if not body.reason.strip():
        yield Problem("reason", "请写明理由", "give the reason")
    yield from _still_unknown(acting, body)
    if _state(acting, body.person) == "abandoned":
        yield Problem("person", "寻找已停止", "the search was abandoned already")


SEEK = verb(Verb(
    "seek_person", Word("登记为身份不明、寻找此人", "say that nobody knows who this is"), "tracing", "person.sought", "person",
    ("words", "seen_where", "seen_from", "seen_until", "teller"), (_unknown,), timed=False,
))  # fmt: skip
FOUND = verb(Verb(
    "found_person", Word("查明为新人,补全记录", "say who it is: new to the register"), "tracing", "person.found", "person",
    ("name", "document_kind", "document", "phone", "words"), (_says_who,), _completed, timed=False,
    warning=Word("先查名册:已在册者应认定为同一人,不另立。", "Search the register first: whoever is on it is joined to their record, not written down anew."),
))  # fmt: skip
ABANDON = verb(Verb(
    "abandon_search", Word("停止寻找", "abandon the search"), "tracing", "search.abandoned", "person", ("reason",), (_may_abandon,), timed=False,
    warning=Word("停止寻找不等于找到:此人仍计为未查明,判定与应办不变。可撤回。",
                 "Abandoning finds nobody: the person stays counted as not found, and what they were judged and owe stays. It can be taken back."),
))  # fmt: skip
