"""Incremental equals whole-set after every fact, for every rule shipped; and every branch of `touches` is needed."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bulou.basis.kinds import Fact
from bulou.basis.time import Duration, Instant
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Duty
from bulou.protocol.read import shipped
from bulou.protocol.rules import Branch, Protocol_, Rule
from tests.histories import Director, protocol_of, shrink, tell
from tests.likes import content, first_of_each, shape
from tests.property.laws import WHOLE, broken_law
from tests.run import thorough

EDITIONS = shipped()


#: Two editions that share a rule word for word would play the same histories twice and learn nothing.
RULES = first_of_each(EDITIONS, content)
SHAPES = first_of_each(EDITIONS, shape)
#: Each third of them in a quick run, all of them before a change lands.
MUTATED = SHAPES if thorough() else SHAPES[::3]
HISTORIES = int(os.environ.get("BULOU_HISTORIES", "100"))


class Reckoned:
    """The histories of one rule with what follows from each entry by definition: what every mutant of the rule's branches is held against,
    as reckoning from the set of facts asks no branch."""

    def __init__(self, edition: str, rule: Rule) -> None:
        self.edition, self.rule = EDITIONS[edition], rule
        self.protocol = protocol_of(self.edition, rule)
        self.played: dict[int, list[tuple[list[Fact], Instant, set[Duty]]]] = {}

    def history(self, seed: int) -> list[tuple[list[Fact], Instant, set[Duty]]]:
        if seed not in self.played:
            memory, made = Memory(self.protocol), []
            for facts, known in Director(self.edition, self.rule, seed).history():
                memory.enter(facts, known)
                made.append((facts, known, memory.reckoned()))
            self.played[seed] = made
        return self.played[seed]

    def differs(self, protocol: Protocol_, seed: int) -> bool:
        """Whether an engine with these branches keeps anything else after an entry."""
        memory = Memory(protocol)
        for facts, known, want in self.history(seed):
            memory.enter(facts, known)
            if memory.duties() != want:
                return True
        return False


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_incremental_equals_whole_set(edition: str, name: str) -> None:
    rule = EDITIONS[edition].rule(name)
    assert rule
    protocol = protocol_of(EDITIONS[edition], rule)
    live = 0
    for seed in range(HISTORIES):
        entries = Director(EDITIONS[edition], rule, seed).history()
        memory = Memory(protocol)
        if broken_law(memory, entries, whole=WHOLE and seed % 10 == 0):
            least = shrink(entries, lambda e: broken_law(Memory(protocol), e) is not None)
            pytest.fail(f"{rule.id} seed {seed}\n{tell(least)}\n{broken_law(Memory(protocol), least)}")
        live += any(v.duty.rule == rule.id for v in memory.versions)
    assert live > HISTORIES / 6, f"only {live} of {HISTORIES} histories made a duty: they are not directed at {rule.id}"


def test_every_rule_has_its_like_among_those_played() -> None:
    """Nothing falls out: each shipped rule is played itself, or one whose every word the engine sees is the same."""
    played = {content(EDITIONS[e], rule) for e, n in RULES if (rule := EDITIONS[e].rule(n))}
    assert {content(e, r) for e in EDITIONS.values() for r in e.rules} == played
    cn7 = EDITIONS["covid19/cn-7"]
    place = cn7.rule("close.place")
    assert place
    other = replace(place, within=Duration(place.within.micros + 1, None))
    assert content(cn7, place) != content(cn7, other), "a microsecond more is another rule"


#: Branches that no history can need, by kind and field, with the reason. Anything else that survives is a hole in the histories.
EQUIVALENT = {
    ("recall.", "tube.resulted", "tube", 0): "the tube is also reached through its people, and without people nobody owes anything",
    ("zone.final", "area.declared", "area", 3): "what moves an area in or out of the zone is also found from the zone down",
    ("contact.judge", "contact.named", "person", 0): "the same fact is found by the other field of the key",
    ("callup.interview", "callup.answered", "person", 0): "the same fact is found by the other field of the key",
    ("signal.follow", "signal.noted", "source", 0): "the same fact is found by the other field of the key",
    ("callup.interview", "callup.answered", "callup", 0): "the same fact is found by the other field of the key",
    ("", "person.identified", "person", 0): "whatever joins two records touches all that is read of either",
    ("", "person.identified", "same_as", 0): "whatever joins two records touches all that is read of either",
    ("", "person.identified", "person", 1): "whatever joins two records touches all that is read of either",
    ("", "person.identified", "same_as", 1): "whatever joins two records touches all that is read of either",
}


def equivalent(name: str, branch: Branch) -> bool:
    return any(
        name.startswith(rule) and (branch.kind, branch.field, len(branch.steps)) == (kind, field, steps)
        for rule, kind, field, steps in EQUIVALENT
    )


@pytest.mark.parametrize(("edition", "name"), MUTATED, ids=lambda v: v)
def test_every_branch_of_touches_is_needed(edition: str, name: str) -> None:
    """The mutants: `touches` with one branch removed must make some history fail."""
    rule = EDITIONS[edition].rule(name)
    assert rule
    right = Reckoned(edition, rule)
    whole = right.protocol
    assert not any(right.differs(whole, seed) for seed in range(3)), "with every branch nothing differs"
    survivors = []
    for i, branch in enumerate(rule.branches):
        if equivalent(name, branch):
            continue
        mutant = replace(rule, branches=rule.branches[:i] + rule.branches[i + 1 :])
        rules = tuple(mutant if r.name == name else r for r in whole.editions[edition].rules)
        protocol = Protocol_({edition: replace(whole.editions[edition], rules=rules)}, whole.zone)
        if not any(right.differs(protocol, seed) for seed in range(1000)):
            survivors.append(branch)
    assert not survivors, f"{rule.id}: no history needs {survivors}"
