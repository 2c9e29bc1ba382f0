"""Verbs: what a post may do. ``check`` may refuse; doing cannot. A verb ends in one entry of the ledger, or in a reason why not.

Desks declare verbs; forms, duty lists, the tests and the API go through the registry. A verb that restricts people names the
post that orders it, because the fact does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from bulou.basis.ids import new_id, subject_of
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import MINUTE, Instant
from bulou.basis.words import Word
from bulou.duties.enter import Book, Receipt, writing
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.protocol.relations import PLACED, order, segments
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
    #: What must not outlive the act beside the ledger (a pass that no longer admits), done with it, whoever asks.
    after: Callable[[Fact], None] | None = None
    #: Said before doing, where the act restricts someone or is hard to take back.
    warning: Word | None = None
    #: The sheets of which it may be done for many rows at once, each checked by itself. None for what restricts a person: that a named
    #: post orders for each.
    many: tuple[str, ...] = ()


VERBS: dict[str, Verb] = {}
#: For each kind of fact, the verb by which people enter it.
BY_KIND: dict[str, Verb] = {}
#: Verbs that are shown before they are done, by their page or by an interface (``kit.confirming``): what a withdrawal undoes, what leaves
#: the house, an account, a link or a pass. And what restricts people: a named person orders it for each, with the evidence before their
#: eyes, and confirms it; no script does it by the hundred, no device and no shift's pass does it at all.
SHOWN_FIRST = frozenset({
    "withdraw", "withdraw_result", "part", "reopen_difference", "undo_entry",
    "ask_export", "decide_export", "take_export", "establish_post", "offer_post", "appoint", "relieve",
    "change_account", "adopt_edition", "sign_edition", "open_shift", "end_shift",
    "print_doors", "return_list", "make_order", "draw_zone", "give_page", "close_page", "decide_objection",
    "name_point", "publish_callup", "close_incident", "open_signals",
})  # fmt: skip


def verb(declared: Verb) -> Verb:
    """Declares a verb."""
    if declared.name in VERBS:
        raise ValueError(f"verb {declared.name} is declared twice")
    VERBS[declared.name] = declared
    BY_KIND.setdefault(declared.kind, declared)
    return declared


#: Kinds whose place is the point at which they are entered: whoever is on shift at one need not say where they are.
AT_POINT = frozenset({"tube.opened", "sample.taken"})
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
    if facts.by("household.declared", "household", subject):
        return "household"
    return "place" if facts.by("place.declared", "place", subject) else "person"


def beyond(acting: Acting, field: str | None, area: str | None) -> Iterator[Problem]:
    """A reason against what lies outside the areas of the acting post; what lies nowhere (None) is outside too."""
    if acting.chair and acting.chair.reach is not None and area not in acting.chair.reach:
        yield Problem(field, "不在您负责的区域内", "is not in the areas that your post answers for")


def known_post(acting: Acting, body: Any) -> Iterator[Problem]:
    """Reasons against an act about a post that nobody established, or that lies outside the areas of the acting post."""
    found = sorted(acting.book.facts.by("post.established", "post", body.post), key=order)
    if not found:
        yield Problem("post", "没有这个岗位", "there is no such post")
    else:
        yield from beyond(acting, "post", found[-1].body.area)


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
        if area is not None:
            problems += beyond(acting, verb_.about, area)
    if chair.place and verb_.kind in AT_POINT and getattr(body, "place", chair.place) != chair.place:
        problems.append(Problem("place", "您的班次只在本点位", "your shift is for its own point alone"))
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


def prepare(
    verb_: Verb, acting: Acting, values: Mapping[str, Any], id_: bytes | None = None, **of_device: Any
) -> tuple[list[Fact], list[Problem]]:  # fmt: skip
    """The facts that doing a verb would enter now, or every reason against it. Enters nothing. ``of_device``: what it says of itself."""
    filled, chair = {**values}, acting.chair
    kind = KINDS[verb_.kind]
    if kind.field("post") is not None and verb_.about != "post":
        filled["post"] = chair.post if chair else "-"
    if chair and chair.place and verb_.kind in AT_POINT and filled.get("place") is None:
        filled["place"] = chair.place
    body = kind.body(**filled)
    opening: Iterable[Fact] = ()
    if verb_.belongs:
        incident, opening = verb_.belongs(acting, body)
        acting = replace(acting, incident=incident)
    problems = check(verb_, acting, body)
    if problems:
        return [], problems
    fact = Fact(id_ or new_id(acting.at), verb_.kind, acting.at, acting.incident, body, **of_device)
    return [*opening, fact, *(verb_.more(acting, fact) if verb_.more else ())], []


def do(
    verb_: Verb,
    looking: Looking,
    values: Mapping[str, Any],
    *,
    at: Instant | None = None,
    incident: bytes | None = None,
    id_: bytes | None = None,
    source: str = "web",
    device: str | None = None,
    device_at: Instant | None = None,
) -> Receipt:
    """Does a verb: checks it under the lock and enters its facts as one entry. Refused with every reason otherwise.

    ``id_`` is the fact's id made where the form was made, so that sending twice changes nothing. ``device`` and
    ``device_at``: what a program or phone says of itself; a device that is known by its seat or token goes before.
    """  # fmt: skip
    one = centre()
    chair = looking.viewer.chair_for(verb_.name)
    with writing(in_whose_name(looking, chair), source, one.clock, one.protocol) as book:
        now = one.clock.now()
        acting = Acting(looking, chair, book, now if at is None else at, now, incident)
        chair = _in_the_name_of(verb_, acting, values)
        acting = replace(acting, chair=chair)
        book.by = in_whose_name(looking, chair)
        facts, problems = prepare(verb_, acting, values, id_, device=device, device_at=device_at)
        if problems:
            raise Refused(problems)
        book.add(*_on_device(looking, facts))
        if verb_.after:
            verb_.after(next(f for f in facts if f.kind == verb_.kind))
    assert book.receipt
    if book.receipt.refused:  # kept aside: whoever sent it must hear that it was not entered
        raise Refused([Problem(None, r.zh, r.en) for r in book.receipt.refused])
    return book.receipt


class Act(NamedTuple):
    """One of several verbs that are done together: the verb, its fact's values and id, under which incident, when (nothing: now)."""

    verb: Verb
    values: Mapping[str, Any]
    id: bytes
    incident: bytes | None
    at: Instant | None = None


def do_all(
    looking: Looking, acts: Iterable[Act], source: str = "web", *, device: str | None = None, device_at: Instant | None = None
) -> Receipt:  # fmt: skip
    """Does several verbs as one entry: each is checked as if alone, under the one lock, and all are entered or none is. ``device`` and
    ``device_at`` are as for one."""
    one, acts = centre(), list(acts)
    chair = looking.viewer.chair_for(acts[0].verb.name) if acts else None
    with writing(in_whose_name(looking, chair), source, one.clock, one.protocol) as book:
        now, wrong = one.clock.now(), list[Problem]()
        for act in acts:
            acting = Acting(looking, looking.viewer.chair_for(act.verb.name), book, now if act.at is None else act.at, now, act.incident)
            acting = replace(acting, chair=_in_the_name_of(act.verb, acting, act.values))
            facts, problems = prepare(act.verb, acting, act.values, act.id, device=device, device_at=device_at)
            wrong += [p for p in problems if p not in wrong]
            book.add(*_on_device(looking, facts))
        if wrong:
            raise Refused(wrong)
    assert book.receipt
    if book.receipt.refused:
        raise Refused([Problem(None, r.zh, r.en) for r in book.receipt.refused])
    return book.receipt


def enter_facts(looking: Looking, verb_name: str, facts: Iterable[Fact], source: str) -> Receipt:
    """Enters facts that a page has already made and checked, in the name of the chair that has the verb."""
    one = centre()
    chair = looking.viewer.chair_for(verb_name)
    if chair is None or looking.viewer.user is None:
        raise Refused([Problem(None, "您的岗位无此权限", "your post may not do this")])
    with writing(in_whose_name(looking, chair), source, one.clock, one.protocol) as book:
        book.add(*_on_device(looking, facts))
    assert book.receipt
    return book.receipt


def _on_device(looking: Looking, facts: Iterable[Fact]) -> Iterable[Fact]:
    """Facts say on which phone they were made, where someone works on a shift without an account."""
    device = looking.viewer.device
    return facts if device is None else [f._replace(device=device) for f in facts]
