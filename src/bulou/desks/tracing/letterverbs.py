"""What is done with letters of assistance: sent, answered, received, matched with the register, decided. Accepts nobody by itself and joins no records.

A letter that came in says a name; who of the register that is, a named post says after looking, and only then is somebody accepted as ours.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.basis.words import Word
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.gaps.letters import TAKEN
from bulou.identity.names import fold
from bulou.kit.importing import Import, importing
from bulou.kit.looking import Looking
from bulou.kit.many import Fate
from bulou.kit.verb import Acting, Problem, Verb, beyond, verb
from bulou.protocol.relations import order
from bulou.protocol.rules import Facts

#: Answers that say where to: nobody can follow a person who "moved on", or a letter that was handed on, to nowhere.
_SOMEWHERE = frozenset({"moved", "forwarded"})


def sent(facts: Facts, letter: bytes) -> Fact | None:
    """A letter that was sent, as it was first entered."""
    return min(facts.by("letter.sent", "letter", letter), key=order, default=None)


def received(facts: Facts, letter: bytes) -> Fact | None:
    """A letter that came in, as it was first entered."""
    return min(facts.by("letter.received", "letter", letter), key=order, default=None)


def matched(facts: Facts, letter: bytes, about: Instant | None = None) -> Fact | None:
    """Who of the register a letter that came in is about, as it was last said by ``about``; None where nobody has said it."""
    said = (f for f in facts.by("letter.matched", "letter", letter) if about is None or f.at <= about)
    return max(said, key=order, default=None)


def _of_letter(acting: Acting, body: Any) -> tuple[bytes | None, Iterable[Fact]]:
    """What is said of a letter belongs to the incident of the letter."""
    facts = acting.book.facts
    one = sent(facts, body.letter) or received(facts, body.letter)
    return (one.incident if one else acting.incident), ()


def _sendable(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    if not body.to.strip():
        yield Problem("to", "请写明发往哪个单位", "say to which authority it goes")
    if (
        body.region_code
        and body.region_code in acting.looking.areas.places
        and acting.looking.areas.root in acting.looking.areas.upward(body.region_code)
    ):
        yield Problem("region_code", "该区域属本中心:不必去函", "this area is of this centre: no letter is needed")
    before = sent(facts, body.letter) or received(facts, body.letter)
    if before is not None and before.body != body:
        yield Problem("letter", "此函编号已用", "this letter exists already")
    if body.follows is not None:
        earlier = sent(facts, body.follows)
        if earlier is None or facts.canon("person", earlier.body.person) != facts.canon("person", body.person):
            yield Problem("follows", "没有关于此人的这件函", "there is no such letter about this person")


def _where(body: Any) -> Iterable[Problem]:
    if body.outcome in _SOMEWHERE and not (body.where or "").strip():
        yield Problem("where", "请写明去向或转往单位", "say where the person went, or to whom the letter was passed")


def _answerable(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    one = sent(facts, body.letter)
    if one is None:
        yield Problem("letter", "没有这件发出的函", "no such letter was sent")
    elif facts.canon("person", one.body.person) != facts.canon("person", body.person):
        yield Problem("person", "此函是关于另一人的", "this letter is about somebody else")
    yield from _where(body)


def _named(acting: Acting, body: Any) -> Iterable[Problem]:
    before = sent(acting.book.facts, body.letter) or received(acting.book.facts, body.letter)
    if before is not None and before.body != body:
        yield Problem("letter", "此函编号已用", "this letter exists already")
    if not any((text or "").strip() for text in (body.name, body.document, body.phone)):
        yield Problem("name", "姓名、证件号、电话至少写一项", "write at least one of name, document number and telephone")


def _came_in(acting: Acting, body: Any) -> Iterable[Problem]:
    one = received(acting.book.facts, body.letter)
    if one is None:
        yield Problem("letter", "没有收到这件函", "no such letter came in")
    elif one.body.area is not None:
        yield from beyond(acting, "letter", one.body.area)


def _decidable(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from _came_in(acting, body)
    yield from _where(body)
    if body.outcome in TAKEN and matched(acting.book.facts, body.letter) is None:
        yield Problem(
            "outcome", "接收前先核对是登记册中的何人;不在册的先登记", "before anyone is accepted say who of the register it is; enrol whoever is not on it"
        )  # fmt: skip


SEND = verb(Verb(
    "send_letter", Word("发出协查函", "send a letter of assistance"), "tracing", "letter.sent", "person",
    ("to", "region_code", "why", "letter_number", "words", "asked"), (_sendable,), timed=False,
))  # fmt: skip
ANSWER = verb(Verb(
    "answer_letter", Word("登记外地答复", "write down what came back"), "tracing", "letter.answered", "person",
    ("outcome", "answered_by", "where", "letter_number", "words"), (_answerable,), belongs=_of_letter,
))  # fmt: skip
RECEIVE = verb(Verb(
    "receive_letter", Word("登记来函", "write down a letter that came in"), "tracing", "letter.received", "area",
    ("sender", "letter_number", "why", "name", "document", "phone", "words", "area", "asked"), (_named,),
))  # fmt: skip
MATCH = verb(Verb(
    "match_letter", Word("核对来函所指何人", "say whom a letter is about"), "tracing", "letter.matched", "person", (), (_came_in,), belongs=_of_letter,
    timed=False, warning=Word("请先看清证件、电话和住处。记录不会合并。", "Look at document, telephone and address first. No records are joined by it."),
))  # fmt: skip
DECIDE = verb(Verb(
    "decide_letter", Word("答复来函", "answer a letter that came in"), "tracing", "letter.decided", "letter",
    ("outcome", "where", "letter_number", "words"), (_decidable,), belongs=_of_letter,
    warning=Word("“已接收管理”后此人由本中心负责。", "After “accepted as ours” this centre answers for the person."),
))  # fmt: skip


# --- a list of letters that came in -------------------------------------------------------------------------------------
def _key(said: Any) -> tuple[str, ...]:
    """What makes two letters one: who sent it, under which number, about whom as they wrote them."""
    return tuple(fold(said(name) or "") for name in ("sender", "letter_number", "name", "document", "phone"))


def _judge(numbers: Sequence[int], rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None) -> list[Fate | None]:
    """A letter that was entered before is there already, in whatever list it comes again; one without a number is never taken for another."""
    there: set[tuple[str, ...]] = set()
    if known := {row["letter_number"] for row in rows if row.get("letter_number")}:
        fields = ("sender", "letter_number", "name", "document", "phone")
        found = standing_facts("letter.received", NEVER - 1, look.about).filter(letter_number__in=known)
        there = {_key(dict(zip(fields, values, strict=True)).get) for values in found.values_list(*fields)}
    fates: list[Fate | None] = []
    before: dict[tuple[str, ...], int] = {}
    for n, row in zip(numbers, rows, strict=True):
        key = _key(row.get) if row.get("letter_number") else None
        if key in before:
            fates.append(Fate("same", "", f"与第 {before[key]} 行相同", f"the same as row {before[key]}"))
        elif key in there:
            fates.append(Fate("same", "", "此前已收到", "came in before"))
        else:
            fates.append(None)
        if key is not None:
            before.setdefault(key, n)
    return fates


LETTERS_IN = importing(Import(
    RECEIVE, ("sender", "letter_number", "why", "name", "document", "phone", "words", "area", "asked", "at"), fresh=("letter",), judge=_judge,
    usual={"why": "searched"},
    called={
        "sender": ("来函单位", "发函单位", "来函地区", "发函地区", "发函地", "from", "sending authority"),
        "letter_number": ("文号", "函号", "来函文号", "协查函编号", "number", "reference"),
        "why": ("人员类别", "协查类别", "类别", "身份", "category"), "name": ("姓名", "人员姓名", "被协查人", "name"),
        "document": ("身份证号", "证件号码", "证件号", "id number", "document number"), "phone": ("联系电话", "手机号", "手机号码", "电话", "phone"),
        "words": ("现住址", "目前所在地", "地址", "所在位置", "address", "where"), "area": ("所属街道", "街道", "属地", "area"),
        "asked": ("协查事项", "请求事项", "协查内容", "request"), "at": ("来函时间", "收函时间", "收到时间", "received at", "date"),
    },
    words={"why": {
        "密接": "contact", "密切接触者": "contact", "次密接": "contact", "密接的密接": "contact", "contact": "contact", "close contact": "contact",
        "病例": "case", "确诊": "case", "确诊病例": "case", "无症状感染者": "case", "阳性": "case", "case": "case",
        "协查人员": "searched", "重点人员": "searched", "排查": "searched", "to be found": "searched",
    }},
))  # fmt: skip
