"""The call desk as one viewer sees it: who is to be phoned, by which number, whose call it is, how far each pool is. Reads, in a fixed number of statements.

A page reads pools and the numbers that stand on it; the numbers are counted and put in order by the database (``callcount``). ``desk`` reads everybody: it
says what the desk is, and tests hold the database to it.

Everyone is here whose last days, whereabouts or being told of an order an open duty of the incident asks for: the people of a pool from
the moment its tube is read, cases, contacts. A pool that is resolved is folded: its people are shown and no longer asked for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, Q, QuerySet, When

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, day_of
from bulou.desks.tracing import callcount
from bulou.desks.tracing.callverbs import ASKED, asked, asked_lately
from bulou.duties.models import Duty
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import standing_facts
from bulou.gaps.calls import STATES, TO_CALL, TO_DOOR, Number, Stand, begun_by, numbers, on_the_phone, stand
from bulou.gaps.coverage import RuleBook, keys_of, rows
from bulou.gaps.pools import State, state_of
from bulou.kit.incidents import Named, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.pools import fetch_pools
from bulou.protocol.calling import calling_of
from bulou.protocol.rules import Calling, Match, Rule
from bulou.register.models import Person, Seat, Shift, Stay
from bulou.register.roles import roles
from bulou.register.scope import standing

#: Up to which age someone is called a child, whose parents are spoken to.
CHILD = 14
#: How many people of a household are asked for their number, the oldest first.
OF_HOUSEHOLD = 3


@dataclass(slots=True)
class Line:
    """One person on the desk."""

    person: bytes
    area: str | None
    since: Instant
    tubes: tuple[str, ...]
    owed: frozenset[str]
    tells: bool
    child: bool
    numbers: list[Number]
    stand: Stand
    #: What they were asked, or where they were found, the latest first; and of the questions those of a short while ago.
    asked: list[Fact]
    lately: Fact | None
    folded: bool
    #: Who has begun a call to them and not yet said what it met.
    begun: frozenset[bytes]

    @property
    def waits(self) -> bool:
        """Whether the desk still has to phone them."""
        return not self.folded and self.stand.state in TO_CALL


@dataclass(slots=True)
class Group:
    """A number with everyone who is reached by it: one call. ``key`` tells it apart on the desk."""

    key: str
    number: Number | None
    lines: list[Line] = field(default_factory=list)

    @property
    def caller(self) -> bytes | None:
        """Whose call it is: the one that most recently got any of its people; nobody's where none has one."""
        return next((line.stand.caller for line in self.lines if line.stand.caller is not None and line.waits), None)

    @property
    def on_it(self) -> tuple[bytes, Instant] | None:
        return max((line.stand.on_it for line in self.lines if line.stand.on_it), key=lambda on: on[1], default=None)

    @property
    def again_at(self) -> Instant | None:
        """When to call again; None where somebody in it was not called at all."""
        waiting = [line.stand.again_at for line in self.lines if line.waits]
        return None if None in waiting else min((at for at in waiting if at is not None), default=None)

    @property
    def waits(self) -> bool:
        return any(line.waits for line in self.lines)

    @property
    def since(self) -> Instant:
        return min(line.since for line in self.lines)


@dataclass(slots=True)
class Part:
    """A pool, or those who are here for another reason (``tube`` empty): how many of its people were reached."""

    tube: str
    pool: State | None
    word: str
    lines: list[Line]

    @property
    def folded(self) -> bool:
        return self.word == "resolved"

    @property
    def reached(self) -> int:
        return sum(line.stand.state in ("reached", "found") for line in self.lines)

    @property
    def missing(self) -> list[Line]:
        return [line for line in self.lines if line.stand.state not in ("reached", "found")]

    @property
    def door(self) -> int:
        return sum(line.stand.state in TO_DOOR for line in self.lines)

    @property
    def next_at(self) -> Instant | None:
        return min((line.stand.again_at for line in self.lines if line.stand.again_at is not None), default=None)


class Desk(NamedTuple):
    """The whole desk: its parts, the numbers to be phoned, and how that is done."""

    parts: list[Part]
    groups: list[Group]
    calling: Calling


class Caller(NamedTuple):
    """Somebody who may be dealt calls: on duty on a post, or on a shift; ``area`` is where they work."""

    holder: bytes
    area: str
    where: str


# --- who calls ----------------------------------------------------------------------------------------------------------
def callers(look: Looking) -> list[Caller]:
    """Everyone at work at the hour asked whose role phones people, within the viewer's areas."""
    may = {code for code, role in roles().items() if "make_call" in role.verbs}
    found: dict[bytes, Caller] = {}
    for post in sorted(look.posts.holdings):
        chair, on = look.posts.chair(post, look.about), look.posts.on_duty(post, look.about)
        if chair is not None and on is not None and chair.role in may and look.scope.holds(chair.area):
            found.setdefault(on.holder, Caller(on.holder, chair.area, chair.unit_en if look.language == "en" else chair.unit))
    now = {"here_from__lte": look.about, "here_until__gt": look.about}
    shifts = {
        bytes(s.shift): s
        for s in standing(Shift, look.seq).filter(look.scope.q(), role__in=may, starts__lte=look.about, ends__gt=look.about)
    }
    for person, shift in standing(Seat, look.seq).filter(shift__in=list(shifts), **now).order_by("person").values_list("person", "shift"):
        at = shifts[bytes(shift)]
        found.setdefault(bytes(person), Caller(bytes(person), at.area, at.name))
    return list(found.values())


# --- who is to be called ------------------------------------------------------------------------------------------------
def rules_of(look: Looking, book: RuleBook | None = None) -> dict[int, Rule]:
    """The rules that a call may answer: about a person, and asking for whereabouts, an interview, or that an order is told."""
    book = book or RuleBook(look.protocol)
    return {n: rule for n, rule in book.rules.items() if book.subject_type(n) == "person" and _by_phone(rule)}


def _by_phone(rule: Rule) -> bool:
    return isinstance(rule.must, Match) and (rule.must.kind in ("person.located", "interview.held") or _tells(rule))


def _tells(rule: Rule) -> bool:
    """Whether a rule asks that somebody be told of an order; being asked to stay put is told at the door."""
    must = rule.must
    return isinstance(must, Match) and must.kind == "notice.given" and "order" in dict(must.equal).get("about", frozenset())


class Owed(NamedTuple):
    """What one person owes of what a call answers: since when, in which pools, by which rules, what of it is open."""

    since: dict[str, Instant]
    rules: dict[str, set[str]]
    open: dict[str, set[str]]
    tells: bool


def shut(look: Looking) -> Q:
    """A duty that was done or excused by the hour asked, as far as was known."""
    return Q(closed_seq__lte=look.seq, closed_at__isnull=False, closed_at__lte=look.about)


def owing(look: Looking, incidents: Any, rules: Collection[int]) -> QuerySet[Duty]:
    """Duties that a call answers: open ones that have not ended, and those that were done."""
    found = rows(look.seq, look.about, look.scope).filter(
        incident__in=incidents, rule__in=rules, opens_at__lte=look.about, given_at__lte=look.about
    )
    return found.filter(shut(look) | Q(end_at__gt=look.about))


def _of_pools(rules: dict[int, Rule]) -> list[int]:
    """The rules that ask for people because of a tube."""
    return [n for n, rule in rules.items() if "tube" in rule.key]


def in_pools(look: Looking, incidents: Collection[bytes], rules: dict[int, Rule], among: Any = None) -> set[bytes]:
    """Who is on the desk because of a tube; ``among``: of these people alone, told or asked of the database."""
    found = owing(look, incidents, _of_pools(rules))
    if among is not None:
        found = found.filter(subject__in=among)
    return {bytes(who) for who in found.values_list("subject", flat=True).distinct()}


def owed_by(look: Looking, incidents: Collection[bytes], rules: dict[int, Rule], among: Collection[bytes] | None) -> dict[bytes, Owed]:
    """Who owes what a call answers; ``among``: of these people alone."""
    found = owing(look, incidents, list(rules))
    if among is not None:
        found = found.filter(subject__in=among)
    done = Case(When(shut(look), then=1), default=0, output_field=BigIntegerField())
    read = list(found.annotate(shut=done).order_by("id").values_list("subject", "rule", "cell", "opens_at", "shut"))
    keys = keys_of({r[2] for r in read if "tube" in rules[r[1]].key})
    people: dict[bytes, Owed] = {}
    for who, number, cell, opens, closed in read:
        rule = rules[number]
        tube = str(dict(zip(rule.key, keys[bytes(cell)].key[1:], strict=True))["tube"]) if bytes(cell) in keys else ""
        one = people.get(bytes(who)) or Owed({}, {}, {}, tells=False)
        one.since[tube] = min(one.since.get(tube, Instant(opens)), Instant(opens))
        one.rules.setdefault(tube, set()).add(rule.name)
        one.open.setdefault(tube, set()).update(() if closed else {rule.name})
        people[bytes(who)] = one._replace(tells=one.tells or (_tells(rule) and not closed))
    return people


class Counting(NamedTuple):
    """Since when somebody is to be asked, what of it is still open, and whether every pool of theirs is resolved."""

    since: Instant
    still: frozenset[str]
    folded: bool


def counts_of(one: Owed, words: Mapping[str, str]) -> Counting:
    """What counts of what somebody owes: of pools that are open, or of no pool, from the latest of them on: what was said before it was asked of
    another. Of whoever has none but resolved pools these count, and nobody asks any more. ``words``: how each tube stands."""
    folded = all(words.get(tube) == "resolved" for tube in one.since)
    counts = {t: at for t, at in one.since.items() if folded or words.get(t) != "resolved"}
    return Counting(max(counts.values()), frozenset(rule for t in counts for rule in one.open[t]), folded)


class Some(NamedTuple):
    """Some people of the desk, worked out in full, with the pools they are in."""

    lines: dict[bytes, Line]
    owed: dict[bytes, Owed]
    pools: dict[str, State | None]
    words: dict[str, str]
    calling: Calling


def pools_of(look: Looking, facts: Reader, tubes: Collection[str]) -> tuple[dict[str, State | None], dict[str, str]]:
    """How each of these tubes stands, and its word."""
    fetch_pools(facts, set(tubes))
    pools = {t: state_of(facts, look.protocol, look.zone, t, look.about) for t in sorted(tubes)}
    return pools, {t: pool.word(look.about) if pool else "open" for t, pool in pools.items()}


def read(look: Looking, incident: Named, among: Collection[bytes] | None) -> Some:
    """People of the desk worked out in full: these, or everybody."""
    owed = owed_by(look, members(look, incident.id), rules_of(look), among)
    calling = calling_of(edition_of(look, incident))
    facts = look.facts()
    tubes = sorted({t for one in owed.values() for t in one.since if t})
    pools, words = pools_of(look, facts, tubes)
    facts.fetch({(kind, "person"): set(owed) for kind in (*ASKED, "call.assigned")})
    register = _register(look, owed, facts, tubes)
    lines = {who: _line(who, one, register, facts, calling, words, incident.id, look) for who, one in owed.items()}
    return Some(lines, owed, pools, words, calling)


def parts_of(some: Some) -> list[Part]:
    """Pools with their people, those that are open first; then whoever is here for another reason."""
    parts = [
        Part(tube, some.pools.get(tube), some.words.get(tube, "open"), [some.lines[who] for who in sorted(some.owed) if tube in some.owed[who].since])
        for tube in [*some.pools, ""]
    ]  # fmt: skip
    return sorted((p for p in parts if p.lines), key=lambda p: (p.folded, not p.tube, p.pool.opened_at if p.pool else 0, p.tube))


def desk(look: Looking, incident: Named) -> Desk:
    """The whole call desk of an incident at the hour asked, everybody in memory: what the desk means. No page reads it so."""
    some = read(look, incident, None)
    return Desk(parts_of(some), grouped(some.lines.values()), some.calling)


class Floor(NamedTuple):
    """The desk as pages read it: its pools in full, and what the database counts beside them."""

    parts: list[Part]
    counting: callcount.Desk
    calling: Calling
    #: Whoever is in a pool: worked out already.
    lines: dict[bytes, Line]


def floor(look: Looking, incident: Named, me: bytes | None, at_work: Collection[bytes]) -> Floor:
    """The desk of an incident: whoever is in a pool worked out, everybody else left to the database."""
    rules, incidents = rules_of(look), members(look, incident.id)
    some = read(look, incident, in_pools(look, incidents, rules))
    ready = [
        callcount.Ready(line.person, line.since, group.key, line.stand.state, line.stand.again_at, line.stand.caller, line.folded, "" in some.owed[line.person].since)
        for group in grouped(some.lines.values()) for line in group.lines
    ]  # fmt: skip
    duties = owing(look, incidents, list(rules)).exclude(subject__in=list(some.lines))
    return Floor(
        [p for p in parts_of(some) if p.tube], callcount.Desk(duties, shut(look), incidents, some.calling, ready, me, at_work), some.calling, some.lines
    )  # fmt: skip


def behind(look: Looking, incident: Named, on: Floor, people: Collection[bytes]) -> list[Group]:
    """The numbers of these people, worked out; whoever is in a pool is so already."""
    new = {p for p in people if p not in on.lines}
    lines = read(look, incident, new).lines if new else {}
    return grouped([*lines.values(), *(on.lines[p] for p in people if p in on.lines)])


def built(look: Looking, incident: Named, on: Floor, page: Sequence[tuple[str, list[bytes]]]) -> list[Group]:
    """Numbers of one page with their people worked out, in the order of the page."""
    found = {g.key: g for g in behind(look, incident, on, {p for _key, people in page for p in people})}
    return [found[key] for key, _people in page if key in found]


class _Register(NamedTuple):
    """What the register says of the people of the desk and of those through whom they are reached."""

    phone: dict[bytes, str | None]
    born: dict[bytes, str | None]
    area: dict[bytes, str]
    home: dict[bytes, bytes]
    living: dict[bytes, list[bytes]]
    code: dict[bytes, list[bytes]]


def _register(look: Looking, owed: Iterable[bytes], facts: Reader, tubes: Iterable[str]) -> _Register:
    people = set(owed)
    now = {"here_from__lte": look.about, "here_until__gt": look.about}
    stays = list(standing(Stay, look.seq).filter(person__in=people, **now).values_list("person", "area", "household"))
    home = {bytes(p): bytes(h) for p, _a, h in stays if h is not None}
    living: dict[bytes, list[bytes]] = {}
    for person, household in standing(Stay, look.seq).filter(household__in=set(home.values()), **now).values_list("person", "household"):
        living.setdefault(bytes(household), []).append(bytes(person))
    code: dict[bytes, list[bytes]] = {}
    for tube in tubes:
        for fact in facts.by("sample.taken", "tube", tube):
            who, shown = facts.canon("person", fact.body.person), fact.body.code_of
            if shown is not None and isinstance(who, bytes) and shown not in code.setdefault(who, []):
                code[who].append(shown)
    everyone = people | {p for some in (*living.values(), *code.values()) for p in some}
    known = list(standing(Person, look.seq).filter(person__in=everyone).values_list("person", "phone", "born_on"))
    return _Register(
        {bytes(p): phone for p, phone, _b in known}, {bytes(p): born for p, _n, born in known}, {bytes(p): a for p, a, _h in stays if a},
        home, living, code,
    )  # fmt: skip


def _line(
    who: bytes, one: Owed, register: _Register, facts: Reader, calling: Calling, words: dict[str, str], incident: bytes, look: Looking
) -> Line:  # fmt: skip
    since, still, folded = counts_of(one, words)
    born, home = register.born, register.living.get(register.home.get(who, b""), [])
    beside = sorted((p for p in home if p != who), key=lambda p: (born.get(p) or "9999", p))[:OF_HOUSEHOLD]
    have = numbers(
        register.phone.get(who), [(p, register.phone.get(p)) for p in register.code.get(who, ())], [(p, register.phone.get(p)) for p in beside], who,
    )  # fmt: skip
    made, deals = facts.by("call.made", "person", who), facts.by("call.assigned", "person", who)
    here, dealt = ([f for f in some if facts.canon("incident", f.incident) == incident] for some in (made, deals))
    on = on_the_phone(made, deals, look.about, calling)
    stood = stand(here, dealt, have, since, look.about, calling, found=not still, on_it=on)
    return Line(
        who, register.area.get(who), since, tuple(t for t in one.since if t), frozenset(r for some in one.rules.values() for r in some),
        one.tells, _child(born.get(who), look), have, stood, asked(facts, who, look.about),
        asked_lately(facts, who, look.about, calling), folded, begun_by(here, dealt, look.about),
    )  # fmt: skip


def _child(born: str | None, look: Looking) -> bool:
    return born is not None and day_of(look.about, look.zone) < f"{int(born[:4]) + CHILD + 1}{born[4:]}"


def on_it_now(look: Looking, incident: Named) -> dict[bytes, bytes]:
    """Who is on the phone with whom, wherever the call belongs: a handful of people, by whom they talk to."""
    calling, facts = calling_of(edition_of(look, incident)), look.facts()
    begun = standing_facts("call.assigned", look.seq, look.about).filter(begun=True, at__gt=look.about - calling.on_it.micros)
    people = {facts.canon("person", bytes(p)) for p in begun.values_list("person", flat=True)}
    facts.fetch({(kind, "person"): set(people) for kind in ("call.made", "call.assigned")})
    on = {p: on_the_phone(facts.by("call.made", "person", p), facts.by("call.assigned", "person", p), look.about, calling) for p in people}
    return {p: found[0] for p, found in on.items() if found is not None and isinstance(p, bytes)}


def grouped(lines: Iterable[Line]) -> list[Group]:
    """People by the number they are reached by, each number once; whoever has none stands alone."""
    found: dict[str, Group] = {}
    for line in sorted(lines, key=lambda one: (one.since, one.person)):
        number = line.stand.number or (line.numbers[0] if line.numbers else None)
        key = number.phone if number else f"person {line.person.hex()}"
        group = found.setdefault(key, Group(key, number))
        group.lines.append(line)
        if number and number.whose == "own" and (group.number is None or group.number.whose != "own"):
            group.number = number
    return list(found.values())


def in_order(groups: Sequence[Group], me: bytes | None, now: Instant) -> list[Group]:
    """Groups as a caller meets them: their own before nobody's before another's; of these first whom to call again by now, then whoever
    was not called, then whom to call later."""

    def place(group: Group) -> tuple[Any, ...]:
        again = group.again_at
        return (
            not group.waits, 0 if me is not None and group.caller == me else 1 if group.caller is None else 2,
            0 if again is not None and again <= now else 1 if again is None else 2, again or group.since, group.key,
        )  # fmt: skip

    return sorted(groups, key=place)


def worst(group: Group) -> str:
    """How a group stands: as the first of its people does in the order of ``STATES``."""
    return min((line.stand.state for line in group.lines), key=STATES.index)
