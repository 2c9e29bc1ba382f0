"""The states of duties in SQL are those of ``gaps.standing``, on generated histories, at any entry and any hour; with mutants that are not."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db.models import F, Q

from bulou.basis.time import BEGINNING, FOREVER, Instant, SetClock
from bulou.duties.enter import enter, unpack
from bulou.duties.memory import Memory
from bulou.duties.models import Cell
from bulou.duties.models import Duty as Row
from bulou.duties.reckoning import Duty
from bulou.evidence.now import NEVER
from bulou.gaps import coverage
from bulou.gaps.coverage import STATES, RuleBook, counted, gaps, rows, subject
from bulou.gaps.standing import RANK, here, is_gap, state_of
from bulou.protocol.read import shipped
from bulou.protocol.rules import Protocol_
from bulou.register.scope import Scope
from tests.histories import TREE, Director, protocol_of
from tests.likes import content, first_of_each
from tests.run import drawn, thorough

EDITIONS = shipped()
#: Two editions that share a rule word for word would lay the same rows twice.
RULES = first_of_each(EDITIONS, content)
ALL = Scope(None)
Name = tuple[Any, ...]


def names(found: Iterable[Row], book: RuleBook) -> Counter[Name]:
    """What SQL found, named as the reference names it."""
    keys = {bytes(c.id): unpack(bytes(c.key)) for c in Cell.objects.all()}
    return Counter(
        (book.rules[row.rule].id, keys[bytes(row.cell)], subject(bytes(row.subject), book.subject_type(row.rule)), row.turn, row.here_from)
        for row in found
    )


def hours(duties: Iterable[Duty], draw: random.Random, most: int = 4) -> list[Instant]:
    """Hours at which a state may turn: on every bound of these duties, and a microsecond before and after."""
    bounds = {
        b
        for d in duties
        for b in (d.opens_at, d.due_at, d.end_at, d.given_at, d.closed_at, d.here_from, d.here_until)
        if b is not None and BEGINNING < b < FOREVER
    }
    return [Instant(draw.choice(sorted(bounds)) + draw.choice([-1, 0, 1])) for _ in range(most)] if bounds else []


def differs(
    edition: str, name: str, seeds: Iterable[int], rolled_back: Callable[[], Any], *, both: bool = True
) -> tuple[str | None, set[str]]:
    """Where SQL and reference first differ, and the states that were seen; as of the last entry and an earlier one, or of one of them."""
    rule = EDITIONS[edition].rule(name)
    assert rule
    protocol: Protocol_ = protocol_of(EDITIONS[edition], rule)
    seen: set[str] = set()
    for seed in seeds:
        draw = random.Random(seed)
        entries = Director(EDITIONS[edition], rule, seed).history()
        with rolled_back():
            memory, clock = Memory(protocol), SetClock(entries[0][1])
            for facts, known in entries:
                clock.at = known
                memory.enter(facts, known)
                enter(facts, by="test", source="history", clock=clock, protocol=protocol)
            book = RuleBook(protocol)
            seqs = sorted({len(entries), draw.randrange(len(entries)) + 1})
            for seq in seqs if both else [draw.choice(seqs)]:
                for about in hours(memory.duties(seq), draw):
                    wrong = _at(memory.duties(seq), seq, about, book)
                    if wrong:
                        return f"{rule.id} seed {seed} as of {seq} about {about}: {wrong}", seen
                    seen |= {state_of(d, about) for d in memory.duties(seq) if here(d, about)}
    return None, seen


def _at(duties: set[Duty], seq: int, about: Instant, book: RuleBook) -> str | None:
    standing = [d for d in duties if here(d, about)]
    for state in STATES:
        want = Counter(d.name for d in standing if state_of(d, about) == state)
        have = names(rows(seq, about, ALL).filter(coverage.condition(state, seq, about)), book)
        if have != want:
            return f"{state}: {have - want} unduly, {want - have} missing"
    if names(gaps(seq, about, ALL), book) != Counter(d.name for d in duties if is_gap(d, about)):
        return "gaps"
    by_area = counted(rows(seq, about, ALL), seq, about, "area")
    if {a: {s: n for s, n in c.items() if n} for (a,), c in by_area.items()} != {
        area: dict(Counter(state_of(d, about) for d in standing if d.area == area)) for area in {d.area for d in standing}
    }:
        return "counts by area"
    for area in TREE:
        below = frozenset(a for a in TREE if a == area or _above(a, area))
        told = counted(rows(seq, about, Scope(below)), seq, about)[()]
        if sum(told.values()) != len([d for d in standing if d.area in below]):
            return f"the states do not sum to the rows of {area}"
    return None


def _above(area: str, top: str) -> bool:
    parent = TREE[area]
    return parent is not None and (parent == top or _above(parent, top))


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_sql_and_reference_tell_the_same_states(edition: str, name: str, rolled_back: Callable[[], Any]) -> None:
    assert differs(edition, name, range(7000, 7002 if thorough() else 7001), rolled_back, both=thorough())[0] is None


MIXED = [
    ("covid19/cn-7", n) for n in ("recall.tell", "close.test", "zone.visit.medium", "recall.single", "close.place", "escalation.recall")
]


def test_every_state_is_met(rolled_back: Callable[[], Any]) -> None:
    """So that the comparison does not pass for want of rows."""
    seen: set[str] = set()
    for edition, name in MIXED:
        wrong, states = differs(edition, name, range(7100, 7106), rolled_back)
        assert wrong is None
        seen |= states
    assert seen == set(STATES) == set(RANK)


right = coverage.condition
#: Conditions with one planted mistake each.
MUTANTS: dict[str, Callable[[str, int, int], Q]] = {
    "what is due at its hour is overdue": lambda s, q, a: right("due", q, a) & Q(due_at__gt=a) if s == "due" else right(s, q, a),
    "blocked before ended": lambda s, q, a: ~Q(closed_seq__lte=q, closed_at__lte=a) & Q(given_at__gt=a) if s == "blocked" else right(s, q, a),
    "ended a moment late": lambda s, q, a: right("ended", q, a) & Q(end_at__lt=a) if s == "ended" else right(s, q, a),
    "closed whatever was known": lambda s, q, a: right(s, NEVER, a),
    "late is done": lambda s, q, a: Q(closed_seq__lte=q, closed_at__lte=a, outcome=1) if s == "done" else right(s, q, a),
    "done at its hour is late": lambda s, q, a: right("done", q, a) & Q(closed_at__lt=F("due_at")) if s == "done" else right(s, q, a),
    "excused is done": lambda s, q, a: Q(closed_seq__lte=q, closed_at__lte=a) & Q(closed_at__lte=F("due_at")) if s == "done" else right(s, q, a),
    "upcoming is due": lambda s, q, a: right("due", q, a) | right("upcoming", q, a) if s == "due" else right(s, q, a),
}  # fmt: skip


@pytest.mark.parametrize("name", drawn(MUTANTS, "late is done", "upcoming is due"))
def test_a_wrong_condition_is_caught(name: str, monkeypatch: pytest.MonkeyPatch, rolled_back: Callable[[], Any]) -> None:
    monkeypatch.setattr(coverage, "condition", MUTANTS[name])
    assert any(differs(edition, rule, range(7100, 7140), rolled_back)[0] for edition, rule in MIXED)
