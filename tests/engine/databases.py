"""Databases of their own for tests that need committed transactions: copied from a migrated template, on both engines.

The append-only triggers refuse what Django's flush does, so nothing is ever emptied: a copy is thrown away.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

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


def template(folder: Path) -> str:
    """The migrated template: a file on SQLite, a database on PostgreSQL; made once for a folder of the test session."""
    if vendor() == "sqlite":
        path = folder / "template.sqlite3"
        if not path.exists():
            _migrate(f"sqlite:///{path}")
            with sqlite3.connect(path) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)
    mark = folder / "template.name"
    if not mark.exists():
        name = f"bulou_template_{uuid.uuid4().hex[:10]}"
        _admin(f'CREATE DATABASE "{name}"')
        _migrate(_url(name))
        mark.write_text(name)
    return mark.read_text()


def forget_template(folder: Path) -> None:
    """Drops the template of a folder, where it is not a file of the folder."""
    mark = folder / "template.name"
    if mark.exists():
        _admin(f'DROP DATABASE "{mark.read_text()}" WITH (FORCE)')
        mark.unlink()


def _admin(statement: str) -> None:
    with psycopg.connect(dbname="postgres", autocommit=True, **_server()) as connection:
        connection.execute(statement)


@contextmanager
def copied(folder: Path) -> Iterator[str]:
    """A fresh database, as a DATABASE_URL."""
    source = template(folder)
    name = f"bulou_copy_{uuid.uuid4().hex[:10]}"
    if vendor() == "sqlite":
        path = folder / f"{name}.sqlite3"
        shutil.copy(source, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for each in folder.glob(f"{name}.sqlite3*"):
                each.unlink()
        return
    _admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        yield _url(name)
    finally:
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')
