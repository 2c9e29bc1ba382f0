"""Databases of their own for tests that need committed transactions: copied from a migrated template, on both engines.

The append-only triggers refuse what Django's flush does, so nothing is ever emptied: a copy is thrown away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from tests.run import shared

MIGRATE = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--settings", "bulou.web.settings"]


def vendor() -> str:
    return "postgresql" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"


def _server() -> dict[str, Any]:
    d = settings.DATABASES["default"]
    return {"host": d["HOST"] or None, "port": d["PORT"] or None, "user": d["USER"] or None, "password": d["PASSWORD"] or None}


def _url(name: str) -> str:
    s = _server()
    login = f"{s['user']}:{s['password']}@" if s["password"] else f"{s['user']}@"
    return f"postgres://{login}{s['host']}{':' + str(s['port']) if s['port'] else ''}/{name}"


def _migrate(url: str) -> None:
    subprocess.run(MIGRATE, check=True, env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": "src:."})


@contextmanager
def made_once(name: str) -> Iterator[bool]:
    """For what all processes of a run share: whether it is to be made within; False where another of them has made it."""
    mark = shared() / f"{vendor()}-{name}"
    with mark.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists():
            yield False
            return
        yield True
        mark.touch()


def template() -> str:
    """The migrated template: a file on SQLite, a database on PostgreSQL; made once for a run of the tests."""
    with made_once(TEMPLATE) as anew:
        if anew:
            create(TEMPLATE)
            _migrate(address(TEMPLATE))
            settled(TEMPLATE)
    return TEMPLATE


#: What this run calls its template, and the demo that tests of pages look at.
ONCE = TEMPLATE, DEMO = tuple(f"bulou_{what}_{shared().name[-8:].lower()}" for what in ("template", "demo"))


def create(name: str, source: str | None = None) -> None:
    """A database of the run: empty, or a copy of another to which nobody is connected."""
    if vendor() == "postgresql":
        _admin(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{source}"' if source else ""))
    elif source:
        shutil.copy(_file(source), _file(name))


def address(name: str) -> str:
    """The DATABASE_URL of a database of the run."""
    return _url(name) if vendor() == "postgresql" else f"sqlite:///{_file(name)}"


def settled(name: str) -> None:
    """Brings what SQLite keeps beside a file into the file, so that it can be copied."""
    if vendor() == "sqlite":
        with closing(sqlite3.connect(_file(name))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def drop(name: str) -> None:
    """Ends a database of the run."""
    if vendor() == "postgresql":
        _admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        return
    for each in shared().glob(f"{name}.sqlite3*"):
        each.unlink()


def end() -> None:
    """Ends what was made once for the run."""
    for name in ONCE:
        if vendor() == "postgresql" and (shared() / f"postgresql-{name}").exists():
            drop(name)


def _file(name: str) -> Path:
    return shared() / f"{name}.sqlite3"


def _admin(statement: str) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **_server()) as connection:
        connection.execute(statement)


@contextmanager
def copied() -> Iterator[str]:
    """A fresh database, as a DATABASE_URL."""
    name = f"bulou_copy_{uuid.uuid4().hex[:10]}"
    create(name, template())
    try:
        yield address(name)
    finally:
        drop(name)
