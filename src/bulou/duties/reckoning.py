"""The one way to make duties: ``settle`` a cell from its facts, and ``touches``, the cells that a fact can affect. Pure.

A cell is a rule and its key. Nothing here stores, asks for the time or knows a database; ``memory`` and ``enter`` both
call it, which is why they cannot differ in what a rule means.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from bulou.basis.ids import subject_of, subject_text
from bulou.basis.kinds import INCIDENT, KINDS, Fact, Value, ref_of
from bulou.basis.time import (
    BEGINNING,
    DAY,
    FOREVER,
    Instant,
    Span,
    add_days,
    day_of,
    days_between,
    end_of_day,
    midnight,
)
from bulou.protocol.branches import branch_kinds, evidence_field, relation_of
from bulou.protocol.lint import MOST_TURNS
from bulou.protocol.readings import MET, READINGS, Moment
from bulou.protocol.relations import Cell, Here, Relation, ancestors, order, segments
from bulou.protocol.rules import Branch, Days, Every, Facts, Match, Protocol_, Rule, Step, Subject

#: Turn numbers of a subject's second, third … stretch in a relation start at these steps.
STRETCH = 100_000


class Duty(NamedTuple):
    """What one subject owes for one turn of a rule, in one stretch of places: a row of a version.

    Identity is (rule, key, subject, turn), never the fact that opened it; ``here_from`` tells the rows of a subject that
    moved apart. ``end_at`` is FOREVER when nothing ends it, ``given_at`` BEGINNING when nothing must be given and FOREVER
    when it is not. ``closed_at`` is when it was done or excused, ``closed_by`` the fact that did it.
    """

    rule: str
    key: tuple[Subject, ...]
    subject: Subject
    turn: int
    here_from: Instant
    here_until: Instant
    area: str | None
    opens_at: Instant
    due_at: Instant
    end_at: Instant
    given_at: Instant
    closed_at: Instant | None
    outcome: str | None
    closed_by: bytes | None

    @property
    def name(self) -> tuple[str, tuple[Subject, ...], Subject, int, Instant]:
        """What makes this row the same row after a change."""
        return (self.rule, self.key, self.subject, self.turn, self.here_from)

    @property
    def incident(self) -> bytes:
        incident = self.key[0]
        assert isinstance(incident, bytes)
        return incident

    def open(self) -> "Duty":
        """The same duty before it was closed."""
        return self._replace(closed_at=None, outcome=None, closed_by=None)


class Settled(NamedTuple):
    """The duties of a cell, and the next instant at which time alone changes them (FOREVER: never)."""

    duties: list[Duty]
    wake: Instant


class Touch(NamedTuple):
    """A cell that a fact can affect; ``subject`` None: all of it, else that subject's duties alone."""

    rule: str
    key: tuple[Subject, ...]
    subject: Subject | None


# --- settling ---------------------------------------------------------------------------------------------------------
def edition_in_force(fact: Fact, facts: Facts) -> str | None:
    """The edition under which an opener opens: an order keeps its own, others have the one adopted when they happened.

    An edition that nobody adopted for the incident carries nothing, not even an order that names it.
    """
    return edition_at(fact.incident, fact.at, facts, getattr(fact.body, "edition", None))


def edition_at(incident: bytes | None, at: Instant, facts: Facts, own: str | None = None) -> str | None:
    """The edition in force for an incident at an hour: the one adopted for it, else for the lowest area above it, the latest first.

    With ``own`` that one, if it was adopted, else None. In a historical record none is ever in force: nobody of today owes by it.
    """
    opened = (
        sorted((f for f in facts.by("incident.opened", "incident", incident) if f.body.nature != "history"), key=order) if incident else []
    )
    if not opened:
        return None
    canonical = facts.canon("incident", incident)
    above: list[str] | None = None
    best: tuple[tuple[bool, int, Instant, bytes], str] | None = None
    for adopted in facts.by("edition.adopted", "disease", opened[0].body.disease):
        if adopted.at > at:
            continue
        special = adopted.body.incident is not None
        if special and facts.canon("incident", adopted.body.incident) != canonical:
            continue
        above = above if above is not None else ancestors(facts, opened[0].body.area)
        if adopted.body.area not in above:
            continue
        if own is not None:
            if adopted.body.edition == own:
                return own
            continue
        rank = (special, -above.index(adopted.body.area), adopted.at, adopted.id)
        if best is None or rank > best[0]:
            best = (rank, str(adopted.body.edition))
    return best[1] if best else None


def openers(rule: Rule, key: tuple[Subject, ...], facts: Facts) -> list[Fact]:
    """The facts that open a cell, earliest first, whichever arrived first."""
    return sorted(
        (
            fact
            for fact in facts.by(rule.on.kind, rule.key[0], key[1])
            if fact.incident is not None
            and rule.on.fits(fact)
            and not _other_disease(rule, fact)
            and key_of(rule, fact, facts) == key
            and edition_in_force(fact, facts) == rule.edition
        ),
        key=order,
    )


def key_of(rule: Rule, fact: Fact, facts: Facts) -> tuple[Subject, ...]:
    """The key of the cell that an opener opens: its incident and the rule's key fields, each under its one id."""
    return tuple(
        facts.canon(ref, value)  # type: ignore[misc]  # canon gives back what it was given: an id or a code
        for ref, value in ((("incident", fact.incident)), *((_ref(rule, f), getattr(fact.body, f)) for f in rule.key))
    )


def _ref(rule: Rule, field: str) -> str | None:
    return ref_of(rule.on.kind, field)


def settle(
    rule: Rule, key: tuple[Subject, ...], facts: Facts, protocol: Protocol_, now: Instant, only: frozenset[Subject] | None = None
) -> Settled:
    """The duties of a cell as a function of the facts and the hour; with ``only``, those of some subjects.

    ``key`` holds one id per entity (see ``key_of``). Order of arrival, duplicates and what was owed before play no part.
    """
    if rule.after:
        return _settle_after(rule, key, facts, protocol, now, only)
    opening = openers(rule, key, facts)
    if not opening:
        return Settled([], FOREVER)
    keyed: dict[str, Subject] = {**dict(zip((INCIDENT, *rule.key), key, strict=True)), "incident": key[0]}
    cell = Cell(rule, protocol.editions[rule.edition], keyed, opening, facts, protocol.zone, opening[0].at)
    relation = relation_of(rule)
    duties: list[Duty] = []
    wake = FOREVER
    for subject in sorted(relation.subjects(cell) if only is None else only, key=str):
        if facts.canon(relation.subject, subject) != subject:
            continue
        made, next_ = _settle_subject(cell, relation, subject, now)
        duties.extend(made)
        wake = min(wake, next_)
    return Settled(duties, wake)


def _start(cell: Cell, subject: Subject) -> Instant | None:
    start = cell.rule.start
    if start.reading:
        moment = READINGS[start.reading].moment(cell, subject)
        return moment.at if moment else None
    return cell.first.at if start.field == "at" else getattr(cell.first.body, start.field)


def _end(cell: Cell, subject: Subject, start: Instant) -> tuple[Instant, Instant]:
    """When a subject's duties end, and when they were planned to: by the rule's own length or the opener's own hour."""
    ends, planned = [FOREVER], [FOREVER]
    for until in cell.rule.until:
        if until.after:
            planned.append(until.after.after(start, cell.zone))
        elif until.field:
            hour = getattr(cell.first.body, until.field)
            planned.append(FOREVER if hour is None else hour)
        elif until.match:
            field = until.match.by or cell.rule.key[0]
            value = cell.key[cell.rule.key[0]]
            found = [f for f in cell.facts.by(until.match.kind, field, value) if until.match.fits(f) and _counts(cell, f)]
            ends += [f.at for f in found if f.at >= cell.first.at]
        elif until.reading:
            moment = READINGS[until.reading].moment(cell, subject)
            ends.append(moment.at if moment else FOREVER)
    return min(*ends, *planned), min(planned)


def _settle_subject(cell: Cell, relation: Relation, subject: Subject, now: Instant) -> tuple[list[Duty], Instant]:
    rule = cell.rule
    spans = relation.spans(cell, subject)
    start = _start(cell, subject) if spans else None
    if start is None:
        return [], FOREVER
    end, planned = _end(cell, subject, start)
    if rule.mode == "at_opening":
        stretches = [Span(start, end)] if any(s.holds(cell.anchor) for s in spans) else []
    else:
        whole = Span(start, end)
        stretches = [s.cut(whole) for s in spans if s.meets(whole)]
    if not stretches:
        return [], FOREVER
    evidence = _evidence(cell, relation, subject)
    given = _given(cell, subject)
    excused = _excused(cell, subject)
    places = segments(cell.facts, relation.subject, subject)
    duties: list[Duty] = []
    wake = FOREVER
    for i, stretch in enumerate(stretches):
        turns, next_ = _turns(cell, stretch, planned, now)
        wake = min(wake, next_)
        for number, window, due in turns:
            closed = _first_in(evidence, window, cell.zone) or excused
            outcome = None if closed is None else "excused" if closed is excused else "done"
            base = Duty(
                rule.id, tuple(cell.key[k] for k in (INCIDENT, *rule.key)), subject, i * STRETCH + number,
                BEGINNING, FOREVER, None, window.start, due, stretch.end, given,
                closed.at if closed else None, outcome, (closed.fact or None) if closed else None,
            )  # fmt: skip
            duties.extend(_placed(base, places))
    return duties, wake


def _placed(duty: Duty, places: Sequence[Here]) -> Iterator[Duty]:
    """The duty's rows, one for each place its subject is in from its opening on."""
    kept = [p for p in places if p.span.end > duty.opens_at]
    for i, place in enumerate(kept):
        yield duty._replace(here_from=BEGINNING if i == 0 else place.span.start, here_until=place.span.end, area=place.area)


class Shown(NamedTuple):
    """What a subject showed: when, by which fact, and for which day where the fact says one and turns are days."""

    at: Instant
    fact: bytes
    day: str | None = None


def _first_in(evidence: Sequence[Shown], window: Span, zone: ZoneInfo) -> Shown | None:
    """The first that counts for a turn: shown in its window, or, where facts say their day, for its day however late."""
    if evidence and evidence[0].day is not None:
        first, last = day_of(window.start, zone), day_of(Instant(window.end - 1), zone)
        return next((e for e in evidence if e.at >= window.start and first <= str(e.day) <= last), None)
    i = bisect_left(evidence, (window.start, b""))
    if i < len(evidence) and (evidence[i].at < window.end or (evidence[i].at == window.end == FOREVER)):
        return evidence[i]
    return None


def _evidence(cell: Cell, relation: Relation, subject: Subject) -> list[Shown]:
    """Every moment at which the subject showed what the rule asks for, in order."""
    must = cell.rule.must
    if isinstance(must, str):
        moment = READINGS[must].moment(cell, subject)
        return [Shown(*moment)] if moment else []
    field, of = evidence_field(cell.rule, must, relation)
    value = subject if of == "subject" else cell.key[of]
    opening = {f.id for f in cell.openers}
    turns = cell.rule.turns
    by_day = isinstance(turns, Every) and turns.length.days is not None and KINDS[must.kind].field("day") is not None
    return sorted(
        Shown(f.at, f.id, f.body.day if by_day else None)
        for f in cell.facts.by(must.kind, field, value)
        if must.fits(f) and f.id not in opening and _counts(cell, f)
    )


def _counts(cell: Cell, fact: Fact) -> bool:
    return cell.counts(fact)


def _given(cell: Cell, subject: Subject) -> Instant:
    if cell.rule.given is None:
        return BEGINNING
    moment = READINGS[cell.rule.given].moment(cell, subject)
    return moment.at if moment else FOREVER


def _excused(cell: Cell, subject: Subject) -> Shown | None:
    found = [
        Shown(f.at, f.id)
        for f in cell.facts.by("duty.excused", "subject", subject_text(subject))
        if f.body.rule == cell.rule.name and cell.facts.canon("incident", f.incident) == cell.key["incident"]
    ]
    return min(found, default=None)


# --- turns ------------------------------------------------------------------------------------------------------------
Turn = tuple[int, Span, Instant]


def _turns(cell: Cell, stretch: Span, planned: Instant, now: Instant) -> tuple[list[Turn], Instant]:
    """The turns of a stretch: number, the window in which evidence counts for it, and its due time."""
    rule = cell.rule
    # Evidence at the very end of a stretch still counts: what ends a cell is often what discharges it.
    stop = FOREVER if stretch.end == FOREVER else Instant(stretch.end + 1)
    if isinstance(rule.turns, Days):
        return _day_turns(cell, rule.turns, stretch, planned, stop), FOREVER
    if isinstance(rule.turns, Every):
        return _every_turns(cell, rule.turns, stretch, now)
    return [(0, Span(stretch.start, stop), rule.within.after(stretch.start, cell.zone))], FOREVER


def _day_turns(cell: Cell, turns: Days, stretch: Span, planned: Instant, stop: Instant) -> list[Turn]:
    """A turn on each day that begins before the end; the last day is the planned one, where an end was planned."""
    if stretch.end <= stretch.start:
        return []
    base = day_of(stretch.start, cell.zone)
    final = stretch.end if planned == FOREVER else planned
    days = {k: add_days(base, k - turns.first) for k in turns.days}
    days = {k: day for k, day in days.items() if midnight(day, cell.zone) < stretch.end}
    if turns.last_day and final < FOREVER:
        last = day_of(Instant(final - 1), cell.zone)
        if midnight(last, cell.zone) < stretch.end:
            days.setdefault(days_between(base, last) + turns.first, last)
    starts = [(k, Instant(max(midnight(day, cell.zone), stretch.start)), day) for k, day in sorted(days.items())]
    if not starts:  # it ended before its first day
        return []
    ends = [s for _, s, _ in starts[1:]] + [stop]
    dues = [min(end_of_day(day, cell.zone), planned) for _, _, day in starts]
    return [(k, Span(start, end), due) for (k, start, _), end, due in zip(starts, ends, dues, strict=True)]


def _every_turns(cell: Cell, turns: Every, stretch: Span, now: Instant) -> tuple[list[Turn], Instant]:
    """Windows one after another; without an end only those that have begun, and the hour at which the next one does."""
    made: list[Turn] = []
    base = day_of(stretch.start, cell.zone)
    start, k = stretch.start, 1
    while start < stretch.end and k <= MOST_TURNS:
        if stretch.end == FOREVER and start > now:
            return made, start
        days, micros = turns.length.days, turns.length.micros
        end = Instant(start + micros) if days is None else midnight(add_days(base, k * days), cell.zone)
        window = Span(start, end if end < stretch.end else Instant(stretch.end + 1))
        made.append((k, window, Instant(min(end, stretch.end))))
        start, k = end, k + 1
    return made, FOREVER


# --- rules on duties --------------------------------------------------------------------------------------------------
def _settle_after(
    rule: Rule, key: tuple[Subject, ...], facts: Facts, protocol: Protocol_, now: Instant, only: frozenset[Subject] | None
) -> Settled:
    """Duties that follow from duties of the stratum below: overdue ones are taken up, missing ones shown before the end."""
    assert rule.after
    edition = protocol.editions[rule.edition]
    duties: list[Duty] = []
    wake = FOREVER
    for i, name in enumerate(rule.after.rules):
        base_rule = edition.rule(name)
        assert base_rule is not None
        below = settle(base_rule, key, facts, protocol, now, only)
        wake = min(wake, below.wake)
        made_up = _made_up(base_rule, key, facts, protocol) if rule.after.when == "missing" else None
        for base in below.duties:
            opens = _after_opens(rule, base, protocol)
            if opens is None or (base.closed_at is not None and base.closed_at <= opens) or base.end_at <= opens:
                continue
            if opens > now:
                wake = min(wake, opens)
                continue
            closed = _after_closed(rule, base, opens, facts, made_up)
            outcome = base.outcome if closed and closed.at == base.closed_at else "done"
            duties.append(
                base._replace(
                    rule=rule.id, turn=base.turn * 10 + i, opens_at=opens, due_at=rule.within.after(opens, protocol.zone),
                    given_at=BEGINNING, closed_at=closed.at if closed else None, outcome=outcome if closed else None,
                    closed_by=(closed.fact or None) if closed else None,
                )
            )  # fmt: skip
    return Settled(duties, wake)


def _after_opens(rule: Rule, base: Duty, protocol: Protocol_) -> Instant | None:
    assert rule.after
    if rule.after.when == "overdue":
        return rule.after.by.after(base.due_at, protocol.zone)
    if base.end_at == FOREVER or base.due_at > base.end_at:
        return None
    back = rule.after.by
    return Instant(max(base.opens_at, base.end_at - (back.micros if back.days is None else back.days * DAY)))


def _made_up(base: Rule, key: tuple[Subject, ...], facts: Facts, protocol: Protocol_) -> Callable[[Subject], list[Shown]]:
    """What a subject showed for the rule below, in whatever turn: what is missing before the end is made up by one that is late."""
    opening = openers(base, key, facts)
    keyed: dict[str, Subject] = {**dict(zip((INCIDENT, *base.key), key, strict=True)), "incident": key[0]}
    cell = Cell(base, protocol.editions[base.edition], keyed, opening, facts, protocol.zone, opening[0].at if opening else BEGINNING)
    return lambda subject: _evidence(cell, relation_of(base), subject)


def _after_closed(rule: Rule, base: Duty, opens: Instant, facts: Facts, made_up: Callable[[Subject], list[Shown]] | None) -> Moment | None:
    closed = [Moment(base.closed_at, base.closed_by or b"")] if base.closed_at is not None else []
    if made_up:
        closed += [Moment(e.at, e.fact) for e in made_up(base.subject) if opens <= e.at <= base.end_at]
    if isinstance(rule.must, Match):
        closed += [
            Moment(f.at, f.id)
            for f in facts.by(rule.must.kind, "subject", subject_text(base.subject))
            if rule.must.fits(f) and f.at >= opens and f.body.rule == base.rule.rsplit("/", 1)[-1]
            and facts.canon("incident", f.incident) == base.key[0]
        ]  # fmt: skip
    return min(closed, default=None)


# --- what a fact touches ----------------------------------------------------------------------------------------------
#: Values reached on a walk, each with the subject that it was reached from, once the walk has passed the subjects.
Marked = set[tuple[Value, Subject | None]]


class Raw(Protocol):
    """The ledger as it was appended, withdrawn facts included: it holds both what was so before a fact and what is after."""

    def raw(self, kind: str, field: str, value: Value) -> Sequence[Fact]: ...

    def family(self, ref: str | None, value: Value) -> Sequence[Value]:
        """Every id ever said to be the same person or incident as this one, itself included."""
        ...

    def fetch(self, wanted: dict[tuple[str, str], set[Value]]) -> None:
        """A hint that these will be asked for: a database reads them in one go."""
        ...


#: Facts of one kind reach a cell along one branch, walked backward.
Route = tuple[str, Branch]


class Routes:
    """Whose branches read which kinds: rules here, projections elsewhere. ``owner`` is whatever the branch belongs to."""

    def __init__(self) -> None:
        self.owners: dict[Route, list[str]] = {}
        self.by_kind: dict[str, list[Route]] = {}
        self.by_ref: dict[str, list[Route]] = {}

    def put(self, owner: str, branches: Iterable[Branch]) -> None:
        for branch in branches:
            for kind in branch_kinds(branch):
                route = (kind, branch)
                if route not in self.owners:
                    self.owners[route] = []
                    self.by_kind.setdefault(kind, []).append(route)
                    ref = ref_of(branch.kind, branch.field)
                    if ref in ("person", "incident", "any"):
                        self.by_ref.setdefault("person" if ref == "any" else ref, []).append(route)
                self.owners[route].append(owner)


class Index(Routes):
    """The rules of a protocol by what they read: built once, asked for every fact."""

    def __init__(self, protocol: Protocol_) -> None:
        super().__init__()
        self.rules: dict[str, Rule] = {r.id: r for e in protocol.editions.values() for r in e.rules}
        self.subjects: dict[str, str] = {r.id: relation_of(r).subject for r in self.rules.values()}
        for rule in self.rules.values():
            self.put(rule.id, rule.branches)


def touches(facts: Iterable[Fact], ledger: Raw, index: Index) -> set[Touch]:
    """The cells that these facts can affect, on the ledger with them in it. Too many is slow; too few is a bug.

    A withdrawal touches what its target touches. A fact that joins two ids touches what facts about either would.
    Walking goes from the fact back to the key of every rule that reads its kind, through withdrawn facts too, so that one
    walk covers what was so before and what is so after.
    """
    return cells(walk(seeds(facts, ledger, index), ledger), ledger, index)


def seeds(facts: Iterable[Fact], ledger: Raw, routes: Routes, matters: Callable[[Route, Fact], bool] | None = None) -> dict[Route, Marked]:
    """Where walks begin: for every branch that reads these facts (or the targets of withdrawals), the values it reads them by.

    ``matters`` may leave out facts of which a branch's owners know that they change nothing.
    """
    found: dict[Route, Marked] = {}
    by_kind: dict[str, list[Fact]] = {}
    for fact in _with_targets(facts, ledger):
        by_kind.setdefault(fact.kind, []).append(fact)
        for ref, value in _joins(fact):
            for route in routes.by_ref.get(ref, ()):
                found.setdefault(route, set()).update((v, None) for v in ledger.family(ref, value))
    for kind, these in by_kind.items():
        for route in routes.by_kind.get(kind, ()):
            field = route[1].field
            values = {_read_by(f, field) for f in these if not matters or matters(route, f)} - {None}
            if values:
                found.setdefault(route, set()).update((v, None) for v in values)
    return found


def _read_by(fact: Fact, field: str) -> Value:
    """The value by which a branch that reads ``field`` finds a fact."""
    if field == INCIDENT:
        return fact.incident
    value: Value = getattr(fact.body, field, None)
    return subject_of(value) if field == "subject" and isinstance(value, str) else value


def _with_targets(facts: Iterable[Fact], ledger: Raw) -> list[Fact]:
    found = list(facts)
    targets = {f.body.target for f in found if f.kind == "fact.withdrawn"}
    if targets:
        ledger.fetch({("fact", "id"): set(targets)})
        found.extend(t for target in sorted(targets) for t in ledger.raw("fact", "id", target))
    return found


def _joins(fact: Fact) -> list[tuple[str, Value]]:
    if fact.kind == "person.identified":
        return [("person", fact.body.person), ("person", fact.body.same_as)]
    if fact.kind == "incident.joined":
        return [("incident", fact.body.incident), ("incident", fact.body.into)]
    return []


def walk(begin: dict[Route, Marked], ledger: Raw) -> dict[Route, Marked]:
    """Walks every branch backward to its start, one step of all at a time, so that a database reads each level once."""
    fronts = [(route, len(route[1].steps), _mark(route, len(route[1].steps), values)) for route, values in begin.items()]
    seen: dict[tuple[Step, Value], tuple[Value, ...]] = {}
    arrived: dict[Route, Marked] = {}
    while fronts:
        wanted: dict[tuple[str, str], set[Value]] = {}
        for route, depth, values in fronts:
            if depth:
                step = route[1].steps[depth - 1]
                wanted.setdefault((step.kind, step.leave), set()).update(v for v, _ in values)
        ledger.fetch(wanted)
        following = []
        for route, depth, values in fronts:
            if depth == 0:
                arrived[route] = values
                continue
            back = _mark(route, depth - 1, _step_back(route[1].steps[depth - 1], values, ledger, seen))
            if back:
                following.append((route, depth - 1, back))
        fronts = following
    return arrived


def _mark(route: Route, depth: int, values: Marked) -> Marked:
    """Where the walk stands at the subjects, each value is its own subject from here on."""
    if route[1].subject_at != depth:
        return values
    return {(v, v) for v, _ in values if isinstance(v, bytes | str)}


def _step_back(step: Step, values: Marked, ledger: Raw, seen: dict[tuple[Step, Value], tuple[Value, ...]]) -> Marked:
    """The values from which a step leads to these; ``seen`` holds what other branches of this walk have found already."""
    found: Marked = set()
    edge = values
    if step.deep:
        found |= values
    while edge:
        back: Marked = set()
        for value, subject in edge:
            entered = seen.get((step, value))
            if entered is None:
                came = (
                    f.incident if step.enter == INCIDENT else getattr(f.body, step.enter, None)
                    for f in ledger.raw(step.kind, step.leave, value)
                )
                entered = seen[(step, value)] = tuple({e for e in came if e is not None})
            for each in entered:
                back.add((each, subject))
        edge = (back - found) if step.deep else set()
        found |= back
        if step.deep and edge:
            ledger.fetch({(step.kind, step.leave): {v for v, _ in edge}})
    return found


def cells(arrived: dict[Route, Marked], ledger: Raw, index: "Index") -> set[Touch]:
    """The cells whose openers carry the values at which walks arrived."""
    at: dict[tuple[str, str], dict[str, Marked]] = {}
    for route, values in arrived.items():
        for owner in index.owners[route]:
            at.setdefault((index.rules[owner].on.kind, route[1].start), {}).setdefault(owner, set()).update(values)
    wanted = {place: {v for values in rules.values() for v, _ in values} for place, rules in at.items()}
    ledger.fetch(wanted)
    touched: set[Touch] = set()
    for (kind, field), rules in at.items():
        opening = {v: found for v in wanted[(kind, field)] if (found := ledger.raw(kind, field, v))}
        if not opening:
            continue
        fitting: dict[Match, dict[Value, list[Fact]]] = {}  # many rules open on the same facts, and most facts open none
        for rule_id, values in rules.items():
            rule = index.rules[rule_id]
            fits = fitting.get(rule.on)
            if fits is None:
                sorted_out = ((v, [f for f in found if f.incident is not None and rule.on.fits(f)]) for v, found in opening.items())
                fits = fitting[rule.on] = {v: these for v, these in sorted_out if these}
            if not fits:
                continue
            for value, subject in values:
                for opener in fits.get(value, ()):
                    if _other_disease(rule, opener):
                        continue
                    for key in _keys(rule, opener, ledger):
                        if subject is None:
                            touched.add(Touch(rule_id, key, None))
                        else:
                            touched.update(Touch(rule_id, key, s) for s in ledger.family(index.subjects[rule_id], subject))  # type: ignore[arg-type]
    return touched


CellName = tuple[str, tuple[Subject, ...]]


def group(touched: Iterable[Touch]) -> dict[CellName, frozenset[Subject] | None]:
    """Touches by cell; a touch of the whole cell swallows those of its subjects."""
    found: dict[CellName, set[Subject] | None] = {}
    for touch in touched:
        cell = (touch.rule, touch.key)
        if touch.subject is None:
            found[cell] = None
        else:
            have = found.setdefault(cell, set())
            if have is not None:
                have.add(touch.subject)
    return {cell: None if subjects is None else frozenset(subjects) for cell, subjects in found.items()}


class Ledger(Facts, Raw, Protocol):
    """A ledger that can be settled from and walked."""


def fetch_ahead(cells_: Mapping[CellName, frozenset[Subject] | None], index: "Index", ledger: Ledger) -> None:
    """Asks for everything that settling these cells will read, each level of all of them at once."""
    fronts: Fronts = {}
    by_rule: dict[str, list[tuple[dict[str, Value], frozenset[Subject] | None]]] = {}
    for (rule_id, key), subjects in cells_.items():
        values: dict[str, Value] = {INCIDENT: key[0], "incident": key[0], **dict(zip(index.rules[rule_id].key, key[1:], strict=True))}
        by_rule.setdefault(rule_id, []).append((values, subjects))
    for rule_id, these in by_rule.items():
        for b in index.rules[rule_id].branches:
            if b.subject_at is None:
                fronts.setdefault((b.steps, b.kind, b.field), set()).update(values[b.start] for values, _ in these)
                continue
            whole = {values[b.start] for values, subjects in these if subjects is None}
            if whole:
                fronts.setdefault((b.steps, b.kind, b.field), set()).update(whole)
            parts = [subjects for _, subjects in these if subjects is not None]
            if parts:
                fronts.setdefault((b.steps[b.subject_at :], b.kind, b.field), set()).update(*parts)
    fetch_along(fronts, ledger)


#: Values to start from, by the steps to take and the kind and field to read at their end.
Fronts = dict[tuple[tuple[Step, ...], str, str], set[Value]]


def fetch_along(fronts: Fronts, ledger: Ledger) -> None:
    """Asks for all that is read along these steps, one level of all of them at a time."""
    while fronts:
        wanted: dict[tuple[str, str], set[Value]] = {}
        for (steps, kind, field), reached in fronts.items():
            at = (steps[0].kind, steps[0].enter) if steps else (kind, field)
            texts = (subject_text(v) for v in reached if isinstance(v, bytes | str)) if field == "subject" and not steps else reached
            wanted.setdefault(at, set()).update(texts)
        ledger.fetch(wanted)
        onward: Fronts = {}
        for (steps, kind, field), reached in fronts.items():
            if steps:
                onward.setdefault((steps[1:], kind, field), set()).update(_step_on(steps[0], reached, ledger))
        fronts = {route: reached for route, reached in onward.items() if reached}


def _step_on(step: Step, values: set[Value], ledger: Ledger) -> set[Value]:
    found = set(values) if step.deep else set()
    edge = values
    while edge:
        next_ = set()
        for value in edge:
            for fact in ledger.by(step.kind, step.enter, value):
                left = fact.incident if step.leave == INCIDENT else getattr(fact.body, step.leave, None)
                if left is not None:
                    next_.add(left)
        edge = next_ - found if step.deep else set()
        found |= next_
        if edge:
            ledger.fetch({(step.kind, step.enter): edge})
    return found


def _other_disease(rule: Rule, opener: Fact) -> bool:
    """A tube tested for another disease opens nothing here, whatever incident it was entered under."""
    return getattr(opener.body, "disease", None) not in (None, rule.edition.split("/", 1)[0])


def _keys(rule: Rule, opener: Fact, ledger: Raw) -> Iterator[tuple[Subject, ...]]:
    """Every key under which the opener's cell may stand: one for each id that was ever the same person or incident."""
    families = [ledger.family("incident", opener.incident)]
    families += [ledger.family(_ref(rule, f), getattr(opener.body, f)) for f in rule.key]
    return product(*families)  # type: ignore[return-value]


# --- the whole set, and differences -----------------------------------------------------------------------------------
def reckon(protocol: Protocol_, facts: Facts, opening: Callable[[str], Iterable[Fact]], now: Instant) -> set[Duty]:
    """All duties that follow from a set of facts, by settling every cell there is: the definition that all engines meet.

    ``opening(kind)`` gives the standing facts of a kind.
    """
    duties: set[Duty] = set()
    for edition in protocol.editions.values():
        for rule in edition.rules:
            keys = {key_of(rule, f, facts) for f in opening(rule.on.kind) if f.incident is not None and rule.on.fits(f)}
            for key in keys:
                duties.update(settle(rule, key, facts, protocol, now).duties)
    return duties


class Difference(NamedTuple):
    """What turns the rows that stand into the duties that should: rows to close, to void, and duties to add."""

    close: list[tuple[int, Duty]]
    void: list[int]
    add: list[Duty]


def difference(standing: Iterable[tuple[int, Duty]], should: Iterable[Duty]) -> Difference:
    """Closing happens in place, once; every other change voids the row and adds one."""
    wanted = {d.name: d for d in should}
    close: list[tuple[int, Duty]] = []
    void: list[int] = []
    for row, have in standing:
        want = wanted.get(have.name)
        if want == have:
            del wanted[have.name]
        elif want is not None and have.closed_at is None and want.open() == have:
            close.append((row, want))
            del wanted[have.name]
        else:
            void.append(row)
    return Difference(close, void, list(wanted.values()))


__all__ = [
    "MET", "Difference", "Duty", "Index", "Raw", "Settled", "Touch", "difference", "openers", "reckon", "settle", "touches",
]  # fmt: skip
