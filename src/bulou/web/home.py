"""Where a centre keeps what is its own: database, secret key, attachments, lake. Never in the checkout."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_data_path

from bulou.basis.options import open_settings, said


class Impossible(RuntimeError):
    """Something that cannot be done to this home or its database now: nothing was changed. Says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")
        self.zh, self.en = zh, en


class CannotServe(Impossible):
    """The centre cannot be served."""


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Keeps a home to one server, or to one command that changes the whole of it. The lock ends with the process, however it ends."""
    held = sqlite3.connect(folder / "serve.lock", timeout=0, isolation_level=None)
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        held.close()
        raise CannotServe(
            f"{folder} 正由另一个 bulou 进程使用:请先停止它", f"{folder} is in use by another bulou process: stop that one first"
        ) from None
    try:
        yield
    finally:
        held.close()


def home() -> Path:
    """The folder of this centre: ``BULOU_HOME``, or the platform's place for data of programs. Made when missing."""
    path = Path(os.environ.get("BULOU_HOME") or user_data_path("bulou", appauthor=False))
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret_key(folder: Path) -> str:
    """The key that signs sessions: made at first start, readable by its owner alone."""
    path = folder / "secret.key"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


#: The file of a home that says that its ledger is an exercise's, and of which city.
EXERCISE = "exercise"


def exercise_of(folder: Path) -> str:
    """Of which exercise the ledger of this home is; empty for a centre's and a demo's. Written by ``bulou exercise enter``."""
    path = folder / EXERCISE
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def zone_of(folder: Path) -> str:
    """The centre's time zone: ``BULOU_ZONE``, else what was chosen when the centre was founded."""
    kept = folder / "zone"
    return kept.read_text(encoding="utf-8").strip() if kept.exists() and "BULOU_ZONE" not in open_settings() else said("BULOU_ZONE")
