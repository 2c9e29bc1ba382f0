"""``bulou rebuild`` and ``bulou verify``: on a ledger that is whole they say so, on one that is not they say where and end with 1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from bulou.basis.time import Instant, SetClock
from bulou.cli import main
from bulou.duties import rebuild
from bulou.duties.enter import enter
from bulou.evidence.guards import APPENDED, unguard
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from tests.engine.databases import copied
from tests.engine.test_projections import mixed


@pytest.fixture
def ledger(db: None) -> int:
    """A ledger as the centre itself would have it; how many entries it has."""
    clock, entries = SetClock(Instant(0)), mixed(7)
    for facts, known in entries:
        clock.at = known
        enter(facts, by="test", source="history", clock=clock, protocol=centre().protocol)
    return len(entries)


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def put(table: str, columns: str, *values: Any) -> None:
    marks = ",".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', values)


AREA = ("area", "id, opened_seq, void_seq, code, name, level, official, lineage", 1, 1, NEVER, "x", "x", "grid", True, "/x/")


def test_check_of_a_whole_ledger(ledger: int) -> None:
    code, out, err = run("rebuild", "--check", "--lang", "en")
    assert (code, out) == (0, "every table is what the facts give\n")
    assert f"check: {ledger} of {ledger} entries" in err
    assert run("rebuild", "--check", "--lang", "zh")[1] == "各表与事实一致\n"


def test_check_tells_the_table_and_changes_nothing(ledger: int) -> None:
    put(*AREA)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM duty")
        before = cursor.fetchone()
    for _ in range(2):
        code, out, _ = run("rebuild", "--check", "--lang", "both")
        assert (code, out) == (1, "area:1 行无事实依据,缺 0 行\narea: 1 rows that no fact gives, 0 rows missing\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM duty")
        assert cursor.fetchone() == before


def test_rebuild_puts_it_right(ledger: int) -> None:
    put(*AREA)
    assert run("rebuild", "--lang", "en")[0] == 0
    assert run("rebuild", "--check")[0] == 0
    assert rebuild.check(centre().protocol) == []


def test_verify_tells_the_entry(ledger: int) -> None:
    code, out, _ = run("verify", "--lang", "en")
    assert code == 0
    assert out.startswith(f"{ledger} entries, ")
    assert "0 not as entered" in out
    assert "0 处不符" in run("verify", "--lang", "zh")[1]
    whole = json.loads(run("verify", "--json")[1])
    assert whole["entries"] == ledger
    assert whole["wrong"] == []
    unguard(connection, APPENDED)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fact SET at = at + 1 WHERE id = (SELECT id FROM fact WHERE entry > 3 ORDER BY entry, id LIMIT 1)")
    code, out, _ = run("verify", "--lang", "both")
    assert code == 1
    assert "the content of a fact was changed" in out
    assert "记录或其事实的信封被改动" in out
    assert "2 not as entered" in out
    assert len(json.loads(run("verify", "--json")[1])["wrong"]) == 2


def cold(home: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    code = "from bulou.cli import main; main()"
    there = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-c", code, *words, "--lang", "en"], capture_output=True, text=True, env={**there, "BULOU_HOME": str(home), **env},
    )  # fmt: skip


@pytest.mark.landing
def test_from_the_command_line(tmp_path: Path, django_db_blocker: Any) -> None:
    """A process of its own, which has set up nothing before."""
    with copied() as url:
        for words in (("rebuild", "--check"), ("rebuild",), ("verify",)):
            done = cold(tmp_path, *words, DATABASE_URL=url)
            assert done.returncode == 0, done.stderr
    done = cold(tmp_path, "verify")
    assert done.returncode == 2
    assert "there is no ledger at" in done.stderr
    assert not (tmp_path / "bulou.sqlite3").exists(), "asking for a ledger makes none"
    assert cold(tmp_path, "rebuild", "--demo").returncode == 2
