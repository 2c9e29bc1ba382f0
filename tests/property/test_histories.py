"""Incremental equals whole-set after every fact, for every rule shipped; and every branch of `touches` is needed."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.duties.memory import Memory
from bulou.protocol.read import shipped
from bulou.protocol.rules import Branch, Protocol_
from tests.histories import Director, protocol_of, shrink, tell
from tests.property.laws import broken_law

EDITIONS = shipped()
RULES = [(e.id, r.name) for e in EDITIONS.values() for r in e.rules]
HISTORIES = int(os.environ.get("BULOU_HISTORIES", "100"))


def first_difference(protocol: Protocol_, entries: list[tuple[list[Fact], Instant]]) -> str | None:
    """The first law that the memory engine breaks on a history."""
    return broken_law(Memory(protocol), entries, every_entry=False)


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_incremental_equals_whole_set(edition: str, name: str) -> None:
    rule = EDITIONS[edition].rule(name)
    assert rule
    protocol = protocol_of(EDITIONS[edition], rule)
    live = 0
    for seed in range(HISTORIES):
        entries = Director(EDITIONS[edition], rule, seed).history()
        memory = Memory(protocol)
        if broken_law(memory, entries):
            least = shrink(entries, lambda e: broken_law(Memory(protocol), e) is not None)
            pytest.fail(f"{rule.id} seed {seed}\n{tell(least)}\n{broken_law(Memory(protocol), least)}")
        live += any(v.duty.rule == rule.id for v in memory.versions)
    assert live > HISTORIES / 6, f"only {live} of {HISTORIES} histories made a duty: they are not directed at {rule.id}"


#: Branches that no history can need, by kind and field, with the reason. Anything else that survives is a hole in the histories.
EQUIVALENT = {
    ("recall.", "tube.resulted", "tube", 0): "the tube is also reached through its people, and without people nobody owes anything",
    ("contact.judge", "contact.named", "person", 0): "the same fact is found by the other field of the key",
}


def equivalent(name: str, branch: Branch) -> bool:
    return any(
        name.startswith(rule) and (branch.kind, branch.field, len(branch.steps)) == (kind, field, steps)
        for rule, kind, field, steps in EQUIVALENT
    )


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_every_branch_of_touches_is_needed(edition: str, name: str) -> None:
    """The mutants: `touches` with one branch removed must make some history fail."""
    rule = EDITIONS[edition].rule(name)
    assert rule
    whole = protocol_of(EDITIONS[edition], rule)
    survivors = []
    for i, branch in enumerate(rule.branches):
        mutant = replace(rule, branches=rule.branches[:i] + rule.branches[i + 1 :])
        rules = tuple(mutant if r.name == name else r for r in whole.editions[edition].rules)
        protocol = Protocol_({edition: replace(whole.editions[edition], rules=rules)}, whole.zone)
        caught = any(first_difference(protocol, Director(EDITIONS[edition], rule, seed).history()) is not None for seed in range(1000))
        if not caught and not equivalent(name, branch):
            survivors.append(branch)
    assert not survivors, f"{rule.id}: no history needs {survivors}"
