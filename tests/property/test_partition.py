"""Law 6 on generated histories: everyone on a register is in exactly one state, and the states sum to it at every level of the tree."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import islice

import pytest

from bulou.basis.factset import FactSet
from bulou.basis.time import BEGINNING, FOREVER, Instant
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Duty
from bulou.gaps import standing
from bulou.gaps.standing import Standing
from bulou.protocol.branches import relation_of
from bulou.protocol.read import shipped
from bulou.protocol.relations import stays
from bulou.protocol.rules import Subject
from tests.histories import TREE, UNIVERSE, Director, protocol_of
from tests.likes import content, first_of_each

EDITIONS = shipped()
#: Every rule that is about people: they move, are merged, leave and die in these histories.
RULES = first_of_each(EDITIONS, lambda edition, rule: content(edition, rule) if relation_of(rule).subject == "person" else None)
AREAS = [a for a in UNIVERSE["area"] if isinstance(a, str)]


def register(facts: FactSet, at: Instant) -> dict[Subject, str]:
    """Where everyone who is somewhere is at an hour, each person once, whatever records they have."""
    people = {facts.canon("person", p) for p in UNIVERSE["person"]}
    found = {p: next((s.area for s in stays(facts, p) if s.span.holds(at)), None) for p in people if isinstance(p, bytes)}
    return {p: area for p, area in found.items() if area is not None}


def _ancestors(area: str) -> list[str]:
    """Histories also declare areas anew and in circles; levels are those of the tree that they begin with."""
    parent = TREE[area]
    return [parent, *_ancestors(parent)] if parent else []


def broken(duties: set[Duty], facts: FactSet, at: Instant) -> str | None:
    """What does not add up, or None. An area has its own people and those of the areas below; nobody is in two.

    Asked about a past hour with what is known since, a duty that opens later lies where its subject will be then, so only
    those count that are open by the hour; asked about the last of all hours, all count.
    """
    where = register(facts, at)
    last = max(f.at for f in facts.facts.values())
    duties = {d for d in duties if d.opens_at <= at or at >= last}
    above = {area: [area, *_ancestors(area)] for area in AREAS}
    whole: dict[str, Standing] = {}
    own: dict[str, Standing] = {}
    for area in AREAS:
        inside = [d for d in duties if d.area and area in above[d.area]]
        people = {p for p, a in where.items() if area in above[a]}
        whole[area] = standing.partition(inside, people, at)
        own[area] = standing.partition([d for d in duties if d.area == area], {p for p, a in where.items() if a == area}, at)
        if whole[area].total() != len(people) or len({p for s in whole[area].states.values() for p in s}) != len(people):
            return f"{area}: {whole[area].total()} in states, {len(people)} on the register"
        if strangers := {p for p in whole[area].strangers if p in where}:
            return f"{area}: {strangers} are on the register of another area and owe here"
    for area in AREAS:
        parts = [whole[below] for below in AREAS if above[below][1:2] == [area]] + [own[area]]
        for state, people_ in whole[area].states.items():
            if sum(len(p.states[state]) for p in parts) != len(people_) or people_ != frozenset().union(*(p.states[state] for p in parts)):
                return f"{area}: {state} does not sum"
    return None


def first_broken(edition: str, name: str, seeds: Iterable[int]) -> tuple[str | None, int]:
    """The first law broken, and how many people stood in some state of owing."""
    rule = EDITIONS[edition].rule(name)
    assert rule
    owing = 0
    for seed in seeds:
        draw = random.Random(seed)
        memory = Memory(protocol_of(EDITIONS[edition], rule))
        for facts, known in Director(EDITIONS[edition], rule, seed).history():
            memory.enter(facts, known)
        duties = memory.duties()
        bounds = sorted({b for d in duties for b in (d.opens_at, d.due_at, d.here_from, d.here_until) if BEGINNING < b < FOREVER})
        last = Instant(max(f.at for f in memory.ledger.facts.values()) + draw.choice([0, 1, 10**12]))
        for at in {last, *(Instant(draw.choice(bounds) + draw.choice([-1, 0, 1])) for _ in range(4))} if bounds else ():
            owing += len(register(memory.ledger, at).keys() & {d.subject for d in duties})
            wrong = broken(duties, memory.ledger, at)
            if wrong:
                return f"{rule.id} seed {seed} at {at}: {wrong}", owing
    return None, owing


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_states_sum_to_the_register_at_every_level(edition: str, name: str) -> None:
    owing, seeds = 0, iter(range(9000, 9400))
    while owing <= 5 and (some := list(islice(seeds, 40))):  # a rule of a narrow case needs more of them
        wrong, more = first_broken(edition, name, some)
        assert wrong is None
        owing += more
    assert owing > 5, "the histories speak of people on the register"


def _every_place(right: Callable[..., bool]) -> Callable[..., bool]:
    """A row speaks for its place for ever: whoever moved owes in two places."""
    return lambda duty, at: True


def _a_moment_too_long(right: Callable[..., bool]) -> Callable[..., bool]:
    """At the moment of a move one is still in the old place and already in the new."""
    return lambda duty, at: duty.here_from <= at <= duty.here_until


def _last_row(right: Callable[..., Standing]) -> Callable[..., Standing]:
    """Each duty puts its subject into a state of its own: a person with two turns is counted twice."""

    def partition(duties: Iterable[Duty], people: set[Subject], at: Instant) -> Standing:
        found = right(list(rows := list(duties)), people, at)
        states = {s: set(p) for s, p in found.states.items()}
        for duty in rows:
            if duty.subject in people and standing.here(duty, at):
                states[standing.state_of(duty, at)].add(duty.subject)
        return Standing({s: frozenset(p) for s, p in states.items()}, found.strangers)

    return partition


def _not_owed_left_out(right: Callable[..., Standing]) -> Callable[..., Standing]:
    """Whoever owes nothing is not counted: the register looks complete."""
    return lambda duties, people, at: (f := right(duties, people, at))._replace(states={**f.states, "not_owed": frozenset()})


@pytest.mark.parametrize(
    ("where", "bug"),
    [("here", _every_place), ("here", _a_moment_too_long), ("partition", _last_row), ("partition", _not_owed_left_out)],
)
def test_a_planted_bug_does_not_sum(where: str, bug: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, where, bug(getattr(standing, where)))
    assert any(first_broken("covid19/cn-7", name, range(9000, 9100))[0] for name in ("close.test", "recall.single", "case.household"))
