"""What the call desk does: deals numbers to callers, begins a call, says what it met. Two callers never begin the same one unseen."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, format_local
from bulou.basis.words import Word
from bulou.duties.reckoning import edition_at
from bulou.gaps.calls import on_the_phone, whose_call
from bulou.kit.verb import Acting, Problem, Verb, verb
from bulou.protocol.calling import calling_of
from bulou.protocol.relations import order
from bulou.protocol.rules import Calling, Facts

#: What shows that somebody was asked, wherever and by whom.
ASKED = ("call.made", "interview.held", "person.located")


def calling_at(acting: Acting) -> Calling:
    """How people are phoned in the incident of an act."""
    edition = edition_at(acting.incident, acting.now, acting.book.facts) if acting.incident else None
    return calling_of(acting.looking.protocol.editions.get(edition or ""))


def asked(facts: Facts, person: bytes, upto: Instant) -> list[Fact]:
    """Everything by which a person was asked or found, the latest first: a call that met somebody, an interview, their whereabouts."""
    said = (f for kind in ASKED for f in facts.by(kind, "person", person) if f.at <= upto)
    met = (f for f in said if getattr(f.body, "outcome", "") not in ("no_answer", "wrong_number", "not_reached"))
    return sorted(met, key=order, reverse=True)


def asked_lately(facts: Facts, person: bytes, now: Instant, calling: Calling) -> Fact | None:
    """The last questions that a person was asked, where that is too short a while ago to ask anew unseen. Having been found is no question."""
    last = next((f for f in asked(facts, person, now) if f.kind != "person.located"), None)
    return last if last is not None and now < last.at + calling.ask_again.micros else None


def _own(acting: Acting, body: Any) -> Iterable[Problem]:
    """Whoever begins a call makes it: nobody is put on the phone by another."""
    user = acting.looking.viewer.user
    if user is None or not user.holder or body.caller != bytes(user.holder):
        yield Problem("caller", "只能由本人开始拨打", "a call is begun by whoever makes it")
    if not body.begun:
        yield Problem("begun", "开始拨打须标明", "says that the call is begun")


class Against(NamedTuple):
    """A reason against beginning a call, with what tells it apart from any other: whoever was shown this one was not shown the next."""

    key: str
    problem: Problem


def key_on(on: tuple[bytes, Instant]) -> str:
    """Tells apart that somebody is on the phone since an hour."""
    return f"on {on[0].hex()} {on[1]}"


def key_dealt(caller: bytes) -> str:
    """Tells apart that a number was dealt to somebody."""
    return f"dealt {caller.hex()}"


def key_asked(fact: Fact) -> str:
    """Tells apart that somebody was asked."""
    return f"asked {fact.id.hex()}"


def against(acting: Acting, body: Any) -> Iterator[Against]:
    """Who else is on the phone with this person, to whom else the number was dealt, whether they were asked a short while ago."""
    facts, now, look, calling = acting.book.facts, acting.now, acting.looking, calling_at(acting)
    made, deals = facts.by("call.made", "person", body.person), facts.by("call.assigned", "person", body.person)
    if (on := on_the_phone(made, deals, now, calling)) and on[0] != body.caller:
        at, name = format_local(on[1], look.zone), look.name(on[0])
        yield Against(key_on(on), Problem("person", f"{name} 自 {at} 起正在拨打", f"{name} is on it since {at}"))
    here = facts.canon("incident", acting.incident)
    met, mine = ([f for f in some if facts.canon("incident", f.incident) == here] for some in (made, deals))
    whose = whose_call(met, mine, now)
    if whose is not None and whose != body.caller and not (on and on[0] == whose):
        name = look.name(whose)
        yield Against(key_dealt(whose), Problem("person", f"此号码已分给 {name}", f"this number was dealt to {name}"))
    recent = asked_lately(facts, body.person, now, calling)
    if recent is not None:
        at = format_local(recent.at, look.zone)
        said = Problem("person", f"{look.name(body.person)} 已于 {at} 被询问过", f"{look.name(body.person)} was already asked at {at}")
        yield Against(key_asked(recent), said)


def _free(acting: Acting, body: Any) -> Iterator[Problem]:
    """Nobody else is on the phone with this person, nor was the number dealt to somebody else, nor were they asked a short while ago."""
    return (one.problem for one in against(acting, body))


def _not_begun(acting: Acting, body: Any) -> Iterable[Problem]:
    """Dealing puts nobody on the phone: a call is begun by whoever makes it."""
    if body.begun:
        yield Problem("begun", "分派不等于开始拨打:由本人开始", "dealing begins no call: whoever makes it does")


def _said(acting: Acting, body: Any) -> Iterable[Problem]:
    """Where someone is elsewhere, it is said where; another's number is written down."""
    if body.outcome == "elsewhere" and not (body.words or "").strip():
        yield Problem("words", "请写明现在在哪里", "say where they are now")
    if body.whose == "other" and not (body.phone or "").strip():
        yield Problem("phone", "请写下所拨号码", "write down the number that was dialled")


ASSIGN = verb(Verb(
    "assign_call", Word("分派电话", "deal the calls"), "tracing", "call.assigned", "person", ("caller",), (_not_begun,), timed=False, page="calls-deal",
))  # fmt: skip
BEGIN = verb(Verb(
    "begin_call", Word("开始拨打", "begin a call"), "tracing", "call.assigned", "person", (), (_own, _free), timed=False, page="call",
))  # fmt: skip


def begin_seeing(seen: Collection[str]) -> Verb:
    """The same by somebody who was shown these reasons against it (their keys) and goes on: any other reason still stands."""

    def free(acting: Acting, body: Any) -> Iterator[Problem]:
        return (one.problem for one in against(acting, body) if one.key not in seen)

    return replace(BEGIN, check=(_own, free))


CALL = verb(Verb(
    "make_call", Word("登记电话结果", "say what the call met"), "tracing", "call.made", "person", ("outcome", "whose", "words", "note"), (_said,),
    timed=False, page="call",
))  # fmt: skip
