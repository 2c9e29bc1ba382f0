"""What tests of keeping share: ledgers of their own with a history, commands in processes of their own, and processes that are killed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

#: Enters a history, a user and a receipt into the ledger of DATABASE_URL.
FILL = """
import django; django.setup()
from bulou.basis.time import Instant, SetClock
from bulou.duties.enter import enter
from bulou.kit.centre import centre
from bulou.kit.models import ImportReceipt
from bulou.register.models import User
from tests.engine.test_projections import mixed
clock = SetClock(Instant(0))
for facts, known in mixed({seed}):
    clock.at = known
    enter(facts, by="test", source="历史 history", clock=clock, protocol=centre().protocol)
if {users}:
    User.objects.create_user("clerk", password="p", holder=b"h" * 16)
    ImportReceipt.objects.create(what="tubes", file="名.csv", sha256="0" * 64, by="x", at=1, entered=1, same=0, refused=0, rows=[["T1", "好"]])
"""
#: Ends the process, as a power cut would, at the n-th call of a function.
KILL = """
import os, signal
def _killing(owner, name, n):
    right, calls = getattr(owner, name), [0]
    def called(*args, **kwargs):
        calls[0] += 1
        if calls[0] == n:
            os.kill(os.getpid(), signal.SIGKILL)
        return right(*args, **kwargs)
    setattr(owner, name, called)
import django; django.setup()
"""


def environment(home: Path, url: str | None) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "BULOU_HOME")}
    env |= {"DJANGO_SETTINGS_MODULE": "bulou.web.settings", "PYTHONPATH": "src:.", "BULOU_HOME": str(home)}
    return env | ({"DATABASE_URL": url} if url else {})


def fill(home: Path, url: str | None, seed: int = 3, users: bool = True) -> None:
    subprocess.run([sys.executable, "-c", FILL.format(seed=seed, users=users)], check=True, env=environment(home, url))


def called(home: Path, url: str | None, *words: str, kill: str = "") -> subprocess.CompletedProcess[str]:
    """A command in a process of its own; ``kill``: code before it, with ``_killing(owner, name, n)`` at hand."""
    code = (KILL + kill if kill else "") + "\nfrom bulou.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *words, "--lang", "en"], capture_output=True, text=True, env=environment(home, url), check=False
    )


def content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, the same from both databases; what sessions and tools keep for themselves is left out."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as own:
            names = [r[0] for r in own.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
            return {n: _rows(own.execute(_select(n, [r[1] for r in own.execute(f'PRAGMA table_info("{n}")')]))) for n in names}
    with psycopg.connect(url) as server:
        columns: dict[str, list[str]] = {}
        for table, column in server.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
        ).fetchall():
            columns.setdefault(table, []).append(column)
        return {n: _rows(server.execute(_select(n, c))) for n, c in columns.items()}


def _select(table: str, columns: list[str]) -> str:
    chosen = [c for c in columns if table != "django_migrations" or c in ("app", "name")]
    return f'SELECT {",".join(f"{chr(34)}{c}{chr(34)}" for c in sorted(chosen))} FROM "{table}"'


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(_plain, row)) for row in cursor), key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview | bytes):
        return bytes(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict):
        return repr(value)
    if isinstance(value, str) and value[:1] in "[{":
        try:
            import json

            return repr(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == " ":
        value = datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
