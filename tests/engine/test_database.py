"""The engine on a database is the memory engine: the same versions, numbers and all, after the same directed histories."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, SetClock
from bulou.duties.enter import duties_as_of, enter, tick, versions
from bulou.duties.memory import Memory
from bulou.evidence.now import NEVER
from bulou.protocol.read import shipped
from bulou.protocol.rules import Protocol_
from tests.histories import Director, protocol_of, shrink, tell
from tests.likes import content, first_of_each

EDITIONS = shipped()
#: Two editions that share a rule word for word would read and write the same rows twice.
RULES = first_of_each(EDITIONS, content)
#: The database engine shares `settle` and `touches` with the memory engine, which sees many more; these are about reading and writing.
HISTORIES = max(3, int(os.environ.get("BULOU_HISTORIES", "100")) // 25)


def play(protocol: Protocol_, entries: list[tuple[list[Fact], Instant]]) -> str | None:
    """Plays a history on both engines and says where the database first differs."""
    memory, clock = Memory(protocol), SetClock(entries[0][1])
    for facts, known in entries:
        clock.at = known
        memory.enter(facts, known)
        enter(facts, by="test", source="history", clock=clock, protocol=protocol)
        if tick(clock, protocol) is not None:
            return f"a cell still wakes at {known}: the watch would make an entry at every look"
    for seq in range(1, len(entries) + 1):
        have, want = duties_as_of(connection, seq, protocol), memory.duties(seq)
        if have != want:
            return f"as of entry {seq}\nmissing {sorted(want - have, key=str)}\nunduly {sorted(have - want, key=str)}"
    mine = [(v.duty, v.opened_seq, v.closed_seq or NEVER, v.void_seq or NEVER) for v in memory.versions]
    theirs = [(v.duty, v.opened_seq, v.closed_seq or NEVER, v.void_seq or NEVER) for v in versions(connection, protocol)]
    return None if _shown(mine) == _shown(theirs) else f"the rows differ:\n{mine}\n{theirs}"


def _shown(rows: list[Any]) -> list[str]:
    return sorted(map(str, rows))


@pytest.mark.parametrize(("edition", "name"), RULES, ids=lambda v: v)
def test_versions_as_of_every_entry_are_those_of_memory(edition: str, name: str, rolled_back: Callable[[], Any]) -> None:
    rule = EDITIONS[edition].rule(name)
    assert rule
    protocol = protocol_of(EDITIONS[edition], rule)

    def differs(entries: list[tuple[list[Fact], Instant]]) -> str | None:
        with rolled_back():
            return play(protocol, entries)

    for seed in range(5000, 5000 + HISTORIES):
        entries = Director(EDITIONS[edition], rule, seed).history()
        if differs(entries):
            least = shrink(entries, lambda e: differs(e) is not None)
            pytest.fail(f"{rule.id} seed {seed}\n{tell(least)}\n{differs(least)}")
