"""Duties as pages show them: what, whom, when, how it stands, who answers, and where to do it. Used by every desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from bulou.basis.time import Instant
from bulou.duties.models import Duty as Row
from bulou.duties.reckoning import Duty
from bulou.evidence.models import SignalSource, Zone
from bulou.evidence.timeline import standing_facts
from bulou.gaps.answer import LADDER
from bulou.gaps.coverage import RuleBook, keys_of, subject
from bulou.gaps.standing import state_of
from bulou.kit.doing import link
from bulou.kit.handed import handed
from bulou.kit.looking import Looking
from bulou.kit.verb import BY_KIND, VERBS, Verb
from bulou.protocol.rules import Match, Rule, Subject
from bulou.register.models import Household, Place
from bulou.register.scope import standing

_OUTCOMES = {1: "done", 2: "excused", None: None}


@dataclass(slots=True)
class Shown:
    """One duty for a viewer."""

    id: int
    rule: Rule
    number: int
    cell: bytes
    duty: Duty
    subject_type: str
    subject: Subject
    text: str
    state: str
    unit: str
    vacant: bool
    do: str | None
    #: Where it opens, for those whom it concerns.
    href: str | None
    #: The area that answers: where the subject lies, unless another accepted it.
    area: str | None
    #: What makes it one case beside the incident: the tube, the order, the zone.
    key: dict[str, Subject]


def mine(look: Looking, book: RuleBook | None = None) -> list[int]:
    """The numbers of the rules that concern a viewer's own posts: what they answer for, and what they may show to have been done."""
    rules = (book or RuleBook(look.protocol)).rules
    answered = {work for chair in look.viewer.chairs for work in chair.role.answers}
    return sorted(n for n, rule in rules.items() if rule.answers in answered or ((verb := _verb_of(rule)) and look.viewer.may(verb.name)))


def may_open(number: int, look: Looking, book: RuleBook | None = None) -> bool:
    """Whether a viewer may open duties of a rule: all of them at the command desk, elsewhere those that concern their posts."""
    return look.viewer.sees("command") or number in mine(look, book)


def as_duty(row: Any, rule: Rule, who: Subject) -> Duty:
    """A row as the core's duty, so that one function says how it stands."""
    return Duty(
        rule.id, (bytes(row.incident),), who, row.turn, row.here_from, row.here_until, row.area, row.opens_at, row.due_at, row.end_at,
        row.given_at, row.closed_at, _OUTCOMES[row.outcome], row.closed_by,
    )  # fmt: skip


def as_known(row: Any, seq: int) -> Any:
    """A row as it was known at an entry: closed later is still open."""
    if row.closed_seq > seq:
        row.closed_at = row.outcome = row.closed_by = None
    return row


def shown(rows: Iterable[Row], look: Looking, after: str) -> list[Shown]:
    """Rows of duties with what a reader needs, in a number of statements that does not depend on how many they are."""
    book = RuleBook(look.protocol)
    found = [as_known(r, look.seq) for r in rows if r.rule in book.rules]
    types = {n: book.subject_type(n) for n in {r.rule for r in found}}
    keys = keys_of(r.cell for r in found)
    look.learn_names(r.subject for r in found if types[r.rule] == "person")
    texts = _texts(found, types, look)
    given = handed(look)
    openable = None if look.viewer.sees("command") else set(mine(look, book))
    made = []
    for row in found:
        rule = book.rules[row.rule]
        who = subject(bytes(row.subject), types[row.rule])
        duty = as_duty(row, rule, who)
        state = state_of(duty, look.about)
        area = given[who].area if rule.answers in LADDER and isinstance(who, bytes) and who in given else row.area
        unit, vacant = answers(rule, area, look)
        key = dict(zip(rule.key, keys[bytes(row.cell)].key[1:], strict=True)) if bytes(row.cell) in keys else {}
        text = look.name(who) if types[row.rule] == "person" and isinstance(who, bytes) else texts.get((types[row.rule], who), "")
        do = _doing(rule, who, types[row.rule], key, look, after) if state in ("due", "overdue", "blocked", "upcoming") else None
        href = reverse("duty", kwargs={"number": row.id}) if openable is None or row.rule in openable else None
        made.append(
            Shown(row.id, rule, row.rule, bytes(row.cell), duty, types[row.rule], who, text, state, unit, vacant, do, href, area, key)
        )
    return made


def _texts(rows: list[Any], types: dict[int, str], look: Looking) -> dict[tuple[str, Subject], str]:
    """What things that are not people are called: areas, tubes, households, zones, incidents."""
    texts: dict[tuple[str, Subject], str] = {}
    by_type: dict[str, set[Subject]] = {}
    for row in rows:
        by_type.setdefault(types[row.rule], set()).add(subject(bytes(row.subject), types[row.rule]))
    for code in by_type.get("area", ()):
        texts[("area", code)] = look.area(str(code))
    for code in by_type.get("tube", ()):
        texts[("tube", code)] = str(code)
    if "household" in by_type:
        homes = standing(Household, look.seq).filter(household__in=by_type["household"])
        for household, address in homes.values_list("household", "address"):
            texts[("household", household)] = look.show("address", address, bytes(household))
    if "place" in by_type:
        texts |= {
            ("place", place): name
            for place, name in standing(Place, look.seq).filter(place__in=by_type["place"]).values_list("place", "name")
        }
    if "zone" in by_type:
        zones = standing(Zone, look.seq).filter(zone__in=by_type["zone"]).values_list("zone", "name", "name_en")
        texts |= {("zone", zone): en if look.language == "en" else zh for zone, zh, en in zones}
    if "signal" in by_type:  # by its source alone: whoever reads of duties is not told of whom
        told = dict(
            standing_facts("signal.noted", look.seq, look.about).filter(signal__in=by_type["signal"]).values_list("signal", "source")
        )
        called = {
            bytes(s): n for s, n in standing(SignalSource, look.seq).filter(source__in=set(told.values())).values_list("source", "name")
        }
        texts |= {("signal", bytes(signal)): called.get(bytes(source), "") for signal, source in told.items()}
    if "letter" in by_type:
        came = standing_facts("letter.received", look.seq, look.about).filter(letter__in=by_type["letter"])
        for letter, sender, number, name in came.values_list("letter", "sender", "letter_number", "name"):
            named = look.show("name", name, bytes(letter)) if name else ""
            texts[("letter", bytes(letter))] = " · ".join(t for t in (sender, number, named) if t)
    return texts


def answers(rule: Rule, area: str | None, look: Looking) -> tuple[str, bool]:
    """The unit that answers for a rule in an area at the hour asked, and whether the post stands vacant."""
    above = look.areas.upward(area) if area else [look.areas.root or ""]
    found = look.posts.answering(above or [look.areas.root or ""], rule.answers, Instant(look.about))
    if found.chair is None:
        return "", True
    return (found.chair.unit_en if look.language == "en" else found.chair.unit), found.holder is None


#: The verb that answers what only a person decides; replacing an order is offered on the contact's page, joining two records on that of whoever is
#: sought.
_DECIDED_BY = {
    "order ended or replaced": "end_order", "decided since": "end_order",
    "person found": "found_person",
    "judged since": "judge_contact", "ring one negative or judged since": "judge_contact",
}  # fmt: skip


def _verb_of(rule: Rule) -> Verb | None:
    """The verb by which people show what a rule asks for; None for what no single act shows."""
    if not isinstance(rule.must, Match):
        return VERBS.get(_DECIDED_BY.get(rule.must, ""))
    return VERBS.get("do_step") if rule.name.startswith("plan.") else BY_KIND.get(rule.must.kind)


def _doing(rule: Rule, who: Subject, type_: str, key: dict[str, Any], look: Looking, after: str) -> str | None:
    """Where this viewer may do what the rule asks for, with everything the rule already knows filled in."""
    verb = _verb_of(rule)
    if verb is None:
        return None
    asked = rule.must if isinstance(rule.must, Match) else None
    given: dict[str, Any] = {name: next(iter(values)) for name, values in asked.equal if len(values) == 1} if asked else {}
    # The tube of a rule is the pool that was read; a swab that the rule asks for goes into another.
    swab = asked is not None and asked.kind == "sample.taken"
    given |= {
        k: v
        for k, v in key.items()
        if k in ("tube", "zone", "order", "objection", "letter", "point", "callup", "signal", "source") and not (k == "tube" and swab)
    }
    if type_ in ("person", "household", "area", "tube", "zone", "incident", "letter", "place", "signal"):
        given[type_] = who
    if rule.name.endswith(".order"):
        given["ring"] = rule.name.split(".")[0]
    return link(verb, look, given, after)
