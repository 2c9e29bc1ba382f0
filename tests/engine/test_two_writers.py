"""Two processes that enter facts about the same people and tubes at once lose nothing and double nothing.

With a control run without the ledger's lock, which does lose duties: so the test can fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS
from bulou.basis.time import DAY, HOUR, Instant, MachineClock
from bulou.duties.enter import duties_as_of
from bulou.duties.rebuild import entry_facts
from bulou.duties.reckoning import reckon
from bulou.protocol.read import shipped
from bulou.protocol.rules import Protocol_
from tests.engine.databases import copied, vendor
from tests.histories import ZONE

PROTOCOL = Protocol_(shipped(), ZONE)
INCIDENT = named_id("incident").hex()
T0 = MachineClock().now() - HOUR


@pytest.fixture
def url(django_db_blocker: Any) -> Iterator[str]:
    with copied() as url, django_db_blocker.unblock():
        yield url


def told(kind: str, id_: str, at: int, **body: Any) -> dict[str, Any]:
    values = {k: "#" + v.hex() if isinstance(v, bytes) else v for k, v in body.items()}
    return {"id": named_id(kind, id_).hex(), "kind": kind, "at": at, "incident": INCIDENT, "body": values}


def base() -> list[dict[str, Any]]:
    return [
        told("area.declared", "a", T0 - DAY, area="510117", parent=None, level="county", name="郫都区"),
        told(
            "incident.opened",
            "i",
            T0 - DAY,
            incident=bytes.fromhex(INCIDENT),
            disease="covid19",
            area="510117",
            name="x",
            name_en="x",
            nature="outbreak",
        ),
        told("edition.adopted", "e", T0 - DAY, edition="covid19/cn-7", disease="covid19", area="510117", hash="x", post="P"),
    ]


def sample(person: str, tube: str, at: int, capacity: int = 10) -> dict[str, Any]:
    return told("sample.taken", f"{person} {tube}", at, person=named_id("person", person), tube=tube, disease="covid19", capacity=capacity)


def positive(tube: str, at: int) -> dict[str, Any]:
    return told("tube.resulted", tube, at, tube=tube, disease="covid19", result="positive")


class Writer:
    """A process beside this one; ``say`` sends it facts, ``hear`` waits for its next line."""

    def __init__(self, url: str, number: int, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.writer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "DATABASE_URL": url, "WRITER": str(number), "PYTHONPATH": "src:.",
                 "DJANGO_SETTINGS_MODULE": "bulou.web.settings", **env},
        )  # fmt: skip
        assert self.hear() == "ready"

    def say(self, facts: list[dict[str, Any]]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(facts) + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def outcome(self) -> dict[str, Any]:
        while (line := self.hear()) in ("appended", "settled"):
            pass
        return dict(json.loads(line))

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


def look(url: str) -> tuple[int, set[Any], set[Any]]:
    """Facts in the ledger, duties it keeps, and duties that follow from its facts."""
    import dj_database_url

    connections.databases["race"] = {**connections.databases["default"], **dj_database_url.parse(url)}
    connection = connections.create_connection("race")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, known FROM entry ORDER BY seq")
            entries = cursor.fetchall()
        facts = FactSet(f for seq, _ in entries for f in entry_facts(connection, seq))
        kept = duties_as_of(connection, entries[-1][0], PROTOCOL)
        return len(facts.facts), kept, reckon(PROTOCOL, facts, facts.standing, Instant(max(k for _, k in entries)))
    finally:
        connection.close()
        del connections.databases["race"]


def race(url: str, **env: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One process registers people into a tube while another enters its positive result; each pauses before it settles."""
    first = Writer(url, 0)
    first.say(base())
    first.outcome()
    first.end()
    one, two = Writer(url, 1, PAUSE="1", **env), Writer(url, 2, PAUSE="1", **env)
    one.say([sample(p, "T1", T0) for p in "abcdefghij"])
    assert one.hear() == "appended"
    two.say([positive("T1", T0 + 60)])
    outcomes = one.outcome(), two.outcome()
    one.end()
    two.end()
    return outcomes


def test_with_the_lock_nothing_is_lost_or_doubled(url: str) -> None:
    outcomes = race(url)
    assert [o.get("new") for o in outcomes] == [10, 1], outcomes
    facts, kept, should = look(url)
    assert facts == len(base()) + 11
    assert kept == should
    recalled = {d.subject for d in kept if d.rule.endswith("recall.single")}
    assert recalled == {named_id("person", p) for p in "abcdefghij"}


def test_control_without_the_lock_duties_are_lost(url: str) -> None:
    """On PostgreSQL both go on and the ten people of the tube owe nothing; SQLite refuses the second writer, whose facts are lost."""
    outcomes = race(url, WITHOUT_LOCK="1")
    facts, kept, should = look(url)
    if vendor() == "postgresql":
        assert [o.get("new") for o in outcomes] == [10, 1], outcomes
        assert len(should - kept) >= 10
    else:
        assert any("locked" in o.get("error", "") for o in outcomes), outcomes
        assert facts < len(base()) + 11


@pytest.mark.landing
def test_many_at_once_hear_no_busy_error_and_lose_nothing(url: str) -> None:
    """Four processes, the same people and tubes, double sends: every fact once, every duty as reckoned, no error to anyone."""
    first = Writer(url, 0)
    first.say(base())
    first.outcome()
    first.end()
    writers = [Writer(url, n) for n in range(1, 5)]
    rounds, sent = 12, set()
    for i in range(rounds):
        for n, writer in enumerate(writers):
            at = T0 + 1000 * i
            facts = [sample(f"p{(i + j) % 7}", f"T{(i + n) % 3}", T0) for j in range(3)]
            facts.append(positive(f"T{i % 3}", T0 + 60))
            facts.append(sample(f"p{(i + n) % 7}", f"S{i}{n}", at, capacity=1))
            sent |= {f["id"] for f in facts}
            writer.say(facts)
    outcomes = [writer.outcome() for writer in writers for _ in range(rounds)]
    for writer in writers:
        writer.end()
    assert not [o for o in outcomes if "error" in o]
    facts_in, kept, should = look(url)
    assert facts_in == len(base()) + len(sent)
    assert kept == should
    assert sum(o["new"] for o in outcomes) == len(sent)
    assert KINDS
