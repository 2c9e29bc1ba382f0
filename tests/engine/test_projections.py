"""Tables of now equal what the facts say, as of every entry; and a rebuild gives the rows that are there."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from bulou.basis.factset import FactSet
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant, SetClock
from bulou.duties import rebuild
from bulou.duties.enter import enter
from bulou.evidence.now import NEVER, PROJECTIONS
from bulou.evidence.sql import quote
from bulou.protocol.read import shipped
from bulou.protocol.rules import Protocol_
from tests.histories import ZONE, Director

EDITION = shipped()["covid19/cn-7"]
PROTOCOL = Protocol_({EDITION.id: EDITION}, ZONE)
SEEDS = range(6)


def mixed(seed: int, *more: str) -> list[tuple[list[Fact], Instant]]:
    """A history drawn for several rules at once, so that every projection has something to say."""
    names = ["recall.release", "case.household", "close.test", "zone.visit.medium", "secondary.order", "reporting.daily"]
    entries: list[tuple[list[Fact], Instant]] = []
    for i, name in enumerate(names):
        rule = EDITION.rule(name)
        assert rule
        for facts, known in Director(EDITION, rule, seed * 100 + i).history(8):
            entries.append(([f._replace(id=bytes([i]) + f.id[1:]) for f in facts], known))
    director = Director(EDITION, EDITION.rules[0], seed)
    kinds = ("post.established", "post.held", "post.held", "post.left", "place.declared", "area.spanned", "area.lifted", "incident.closed",
             "point.named", "callup.published", "signals.opened")  # fmt: skip
    for kind in (*kinds, *more):
        fact = director.of(kind, director.near())
        entries.append(([fact._replace(id=b"\x77" + fact.id[1:])], entries[-1][1]))
    random.Random(seed).shuffle(entries)
    return entries


def entities(facts: FactSet, entity: str) -> set[bytes | str]:
    """Everything of a type that any fact speaks of."""
    found: set[bytes | str] = set()
    for fact in facts.facts.values():
        found |= {getattr(fact.body, f.name) for f in KINDS[fact.kind].fields if f.ref == entity}
    return found - {None}


def as_of(table: str, key: str, columns: tuple[str, ...], seq: int) -> set[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(key)}, {','.join(map(quote, columns))} FROM {quote(table)} WHERE opened_seq <= {seq} AND void_seq > {seq}"
        )
        return set(cursor.fetchall())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_projection_is_what_the_facts_say_as_of_every_entry(db: None, seed: int) -> None:
    clock, entries = SetClock(Instant(0)), mixed(seed, "household.declared", "shift.opened", "shift.joined")
    for facts, known in entries:
        clock.at = known
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM entry ORDER BY seq")
        seqs = [r[0] for r in cursor.fetchall()]
    spoken: set[str] = set()
    for seq in seqs:
        facts = FactSet(f for s in seqs if s <= seq for f in rebuild.entry_facts(connection, s))
        for p in PROJECTIONS.values():
            want = {(e, *row) for e in entities(facts, p.entity) for row in p.rows(facts, e)}
            have = as_of(p.table, p.key, p.columns, seq)
            assert have == want, f"{p.name} as of entry {seq}"
            spoken |= {p.name} if want else set()
    assert len(PROJECTIONS) >= 15
    assert len(spoken) >= len(PROJECTIONS) - 3, f"histories say nothing of {set(PROJECTIONS) - spoken}"


def test_a_rebuild_gives_the_rows_that_are_there(db: None) -> None:
    clock = SetClock(Instant(0))
    for facts, known in mixed(42):
        clock.at = known
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)
    assert rebuild.check(PROTOCOL) == []


def test_a_rebuild_finds_a_row_that_no_fact_gives(db: None) -> None:
    clock = SetClock(Instant(0))
    for facts, known in mixed(42):
        clock.at = known
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO area (id, opened_seq, void_seq, code, name, level, official, lineage) VALUES (1, 1, {NEVER}, 'x', 'x', 'grid', %s, '/x/')",
            [True],
        )
    found = rebuild.check(PROTOCOL)
    assert [d.table for d in found] == ["area"]
    assert len(found[0].unduly) == 1
    assert not found[0].missing
