"""Verbs: what a post may do. ``check`` may refuse; doing cannot. A verb ends in one entry of the ledger, or in a reason why not.

Desks declare verbs; forms, duty lists, the tests and the API go through the registry. A verb that restricts people names the
post that orders it, because the fact does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from bulou.basis.ids import new_id, subject_of
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import MINUTE, Instant
from bulou.basis.words import Word
from bulou.duties.enter import Book, Receipt, writing
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.protocol.relations import PLACED, segments
from bulou.protocol.rules import Facts, Subject
from bulou.register.scope import Chair


class Problem(NamedTuple):
    """Why a verb is refused: the field it is about (None: the whole), and what would be right."""

    field: str | None
    zh: str
    en: str


class Refused(Exception):
    """A verb that was checked and refused; nothing was entered."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(p.en for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Acting:
    """A verb being done, under the ledger's lock: who acts, in the name of which chair, on which facts, at which hour."""

    looking: Looking
    chair: Chair | None
    book: Book
    at: Instant
    now: Instant
    incident: bytes | None


Check = Callable[[Acting, Any], Iterable[Problem]]
More = Callable[[Acting, Fact], Iterable[Fact]]
#: Under which incident a fact belongs, and the facts that must come with it (an incident that is only now opened).
Belongs = Callable[[Acting, Any], tuple[bytes | None, Iterable[Fact]]]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a post may do, as one kind of fact. ``about`` is the field that says whom or what, for the viewer's areas.

    ``check`` gives every reason against it; ``more`` adds facts that belong to the same entry. ``fields`` are asked for, in
    this order; the others come from where the verb is used.
    """

    name: str
    word: Word
    desk: str
    kind: str
    about: str | None
    fields: tuple[str, ...]
    check: tuple[Check, ...] = ()
    more: More | None = None
    belongs: Belongs | None = None
    #: Asks for the hour at which it happened; otherwise that is the hour of entering.
    timed: bool = True
    page: str | None = None
    #: Said before doing, where the act restricts someone or is hard to take back.
    warning: Word | None = None


VERBS: dict[str, Verb] = {}
#: For each kind of fact, the verb by which people enter it.
BY_KIND: dict[str, Verb] = {}


def verb(declared: Verb) -> Verb:
    """Declares a verb."""
    if declared.name in VERBS:
        raise ValueError(f"verb {declared.name} is declared twice")
    VERBS[declared.name] = declared
    BY_KIND.setdefault(declared.kind, declared)
    return declared


#: How far ahead of the centre's clock a time may lie: the skew of honest clocks.
AHEAD = 5 * MINUTE


def area_of(acting: Acting, ref: str, subject: Subject) -> str | None:
    """The area in which a subject is at this moment."""
    if ref not in PLACED:
        return None
    return next((h.area for h in segments(acting.book.facts, ref, subject) if h.span.holds(acting.now)), None)


def type_of(facts: Facts, subject: Subject) -> str:
    """What a generic subject is: a code is an area or a tube, an id a household or a person."""
    if isinstance(subject, str):
        return "area" if facts.by("area.declared", "area", subject) else "tube"
    return "household" if facts.by("household.declared", "household", subject) else "person"


def check(verb_: Verb, acting: Acting, body: Any) -> list[Problem]:
    """Every reason against doing this now: rights and areas first, then the verb's own."""
    chair = acting.chair
    if chair is None:
        return [Problem(None, "您的岗位无此权限", "your post may not do this")]
    problems: list[Problem] = []
    if acting.at > acting.now + AHEAD:
        problems.append(Problem("at", "时间不能晚于现在", "the time lies in the future"))
    kind = KINDS[verb_.kind]
    if kind.scope == "incident" and acting.incident is None:
        problems.append(Problem("incident", "请选择事件", "choose the incident that this belongs to"))
    if chair.reach is not None:
        area = _about_area(verb_, acting, getattr(body, verb_.about) if verb_.about else None)
        if area is not None and area not in chair.reach:
            problems.append(Problem(verb_.about, "不在您负责的区域内", "is not in the areas that your post answers for"))
    for one in verb_.check:
        problems += one(acting, body)
    return problems


def in_whose_name(looking: Looking, chair: Chair | None) -> str:
    """Who an entry says it is by: the post and its user."""
    return f"{chair.post} {looking.viewer.user.get_username()}" if chair and looking.viewer.user else "nobody"


def _about_area(verb_: Verb, acting: Acting, subject: Subject | None) -> str | None:
    """The area of whom or what a verb is about; None where it is about nothing that lies anywhere."""
    about = KINDS[verb_.kind].field(verb_.about) if verb_.about else None
    if about is None or about.ref is None or subject is None:
        return None
    ref = about.ref
    if ref == "any" and isinstance(subject, str):
        subject = subject_of(subject)
        ref = type_of(acting.book.facts, subject)
    return str(subject) if ref == "area" else area_of(acting, ref, subject)


def _in_the_name_of(verb_: Verb, acting: Acting, values: Mapping[str, Any]) -> Chair | None:
    """Of several chairs that have the verb, the one that reaches whom or what it is about."""
    able = [c for c in acting.looking.viewer.chairs if verb_.name in c.role.verbs]
    if len(able) < 2:
        return acting.chair
    return acting.looking.viewer.chair_for(verb_.name, _about_area(verb_, acting, values.get(verb_.about or ""))) or acting.chair


def do(
    verb_: Verb,
    looking: Looking,
    values: Mapping[str, Any],
    *,
    at: Instant | None = None,
    incident: bytes | None = None,
    id_: bytes | None = None,
    source: str = "web",
) -> Receipt:
    """Does a verb: checks it under the lock and enters its facts as one entry. Refused with every reason otherwise.

    ``id_`` is the fact's id made where the form was made, so that sending twice changes nothing.
    """  # fmt: skip
    one = centre()
    chair = looking.viewer.chair_for(verb_.name)
    with writing(in_whose_name(looking, chair), source, one.clock, one.protocol) as book:
        now = one.clock.now()
        acting = Acting(looking, chair, book, now if at is None else at, now, incident)
        chair = _in_the_name_of(verb_, acting, values)
        acting = replace(acting, chair=chair)
        book.by = in_whose_name(looking, chair)
        filled = {**values}
        kind = KINDS[verb_.kind]
        if kind.field("post") is not None and verb_.about != "post":
            filled["post"] = chair.post if chair else "-"
        body = kind.body(**filled)
        opening: Iterable[Fact] = ()
        if verb_.belongs:
            incident, opening = verb_.belongs(acting, body)
            acting = replace(acting, incident=incident)
        problems = check(verb_, acting, body)
        if problems:
            raise Refused(problems)
        fact = Fact(id_ or new_id(acting.at), verb_.kind, acting.at, incident, body)
        book.add(*opening, fact, *(verb_.more(acting, fact) if verb_.more else ()))
    assert book.receipt
    if book.receipt.refused:  # kept aside: whoever sent it must hear that it was not entered
        raise Refused([Problem(None, r.zh, r.en) for r in book.receipt.refused])
    return book.receipt


def enter_facts(looking: Looking, verb_name: str, facts: Iterable[Fact], source: str) -> Receipt:
    """Enters facts that a page has already made and checked, in the name of the chair that has the verb."""
    one = centre()
    chair = looking.viewer.chair_for(verb_name)
    if chair is None or looking.viewer.user is None:
        raise Refused([Problem(None, "您的岗位无此权限", "your post may not do this")])
    with writing(in_whose_name(looking, chair), source, one.clock, one.protocol) as book:
        book.add(*facts)
    assert book.receipt
    return book.receipt
