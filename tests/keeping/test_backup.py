"""Backup, kill, restore: equal to the fact, on both databases and from one into the other; what is not whole is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.databases import address, copied, create, drop, vendor
from tests.keeping.ground import called, content, fill
from tests.run import drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("keeping")


@pytest.fixture(scope="module")
def ledger(folder: Path) -> Iterator[tuple[Path, str, Path]]:
    """A home and the address of its database, with a history, an edition of its own and an attachment; and a backup of it."""
    home = folder / "home"
    (home / "attachments").mkdir(parents=True)
    (home / "attachments" / "ab12").write_bytes(b"picture")
    (home / "editions" / "own").mkdir(parents=True)
    with copied() as url:
        fill(home, url)
        done = called(home, url, "backup", str(folder / "kept"))
        assert done.returncode == 0, done.stderr
        yield home, url, folder / "kept"


@pytest.fixture
def empty(folder: Path) -> Iterator[str]:
    """The address of a database with nothing in it, not even tables."""
    if vendor() == "sqlite":
        path = folder / f"empty-{os.urandom(4).hex()}.sqlite3"
        yield f"sqlite:///{path}"
        return
    name = f"bulou_empty_{os.urandom(4).hex()}"
    create(name)
    yield address(name)
    drop(name)


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for table, rows in one.items():
        if table != "django_session":
            assert rows == other[table], table


def test_a_backup_restores_to_the_fact(ledger: Any, empty: str, tmp_path: Path) -> None:
    home, url, kept = ledger
    done = called(tmp_path, empty, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert "0 places not as entered, 0 tables not what facts give" in done.stdout
    same(content(url), content(empty))
    assert (tmp_path / "attachments" / "ab12").read_bytes() == b"picture"
    assert (tmp_path / "secret.key").read_text() != (home / "secret.key").read_text(), "the key is not in a backup unless asked"
    again = called(tmp_path, empty, "restore", str(kept))
    assert again.returncode == 2
    assert "empty" in again.stderr


@pytest.mark.landing
def test_into_the_other_database(ledger: Any, tmp_path: Path) -> None:
    """From either into SQLite in a home of its own; on PostgreSQL that is from one database into the other, and then back."""
    _home, url, kept = ledger
    into = tmp_path / "into"
    done = called(tmp_path, url, "restore", str(kept), "--into", str(into))
    assert done.returncode == 0, done.stderr
    same(content(url), content(f"sqlite:///{into / 'bulou.sqlite3'}"))
    assert {p.name for p in into.iterdir()} == {"attachments", "bulou.sqlite3", "secret.key", "serve.lock"}
    if vendor() == "sqlite":
        return
    back = called(into, None, "backup", str(tmp_path / "back"))
    assert back.returncode == 0, back.stderr
    name = f"bulou_back_{os.urandom(4).hex()}"
    create(name)
    try:
        done = called(tmp_path, None, "restore", str(tmp_path / "back"), "--into", address(name))
        assert done.returncode == 0, done.stderr
        same(content(url), content(address(name)))
        fill(tmp_path, address(name), seed=4, users=False)  # numbers go on, the ledger takes entries
    finally:
        drop(name)


@pytest.mark.landing
def test_the_key_is_there_when_asked(ledger: Any, empty: str, tmp_path: Path) -> None:
    home, url, _ = ledger
    assert called(home, url, "backup", str(tmp_path / "kept"), "--with-secret-key").returncode == 0
    to = tmp_path / "to"
    assert called(to, empty, "restore", str(tmp_path / "kept")).returncode == 0
    assert (to / "secret.key").read_text() == (home / "secret.key").read_text()
    assert (to / "secret.key").stat().st_mode & 0o777 == 0o600


def test_no_secret_is_in_a_backup(ledger: Any) -> None:
    home, url, kept = ledger
    key = (home / "secret.key").read_bytes()
    for path in kept.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            assert key not in path.read_bytes()
            assert url.encode() not in path.read_bytes()
    assert "secret.key" not in (kept / "manifest.json").read_text()


KILLED_BACKUP = {
    "in the first table": "import pyarrow.parquet as p; _killing(p.ParquetWriter, 'write_table', 1)",
    "among the tables": "import pyarrow.parquet as p; _killing(p.ParquetWriter, 'write_table', 20)",
    "before the manifest": "from bulou.web import manifest as m; _killing(m.Manifest, 'text', 1)",
    "before it has its name": "import pathlib; _killing(pathlib.Path, 'rename', 1)",
}


@pytest.mark.parametrize("where", drawn(KILLED_BACKUP, "among the tables"))
def test_a_backup_that_was_killed_is_none(where: str, ledger: Any, empty: str, tmp_path: Path) -> None:
    home, url, _ = ledger
    to = tmp_path / "kept"
    assert called(home, url, "backup", str(to), kill=KILLED_BACKUP[where]).returncode == -9
    assert not to.exists()
    refused = called(tmp_path / "h", empty, "restore", str(tmp_path / "kept.unfinished"))
    assert refused.returncode == 2
    assert "no whole backup" in refused.stderr
    assert called(home, url, "backup", str(to)).returncode == 0
    assert not (tmp_path / "kept.unfinished").exists()


KILLED_RESTORE = {
    "before the tables": "from bulou.web import restore as r; _killing(r, '_load', 1)",
    "among the rows": "from bulou.web import restore as r; _killing(r, 'insert', 25)",
    "before it is verified": "from bulou.web import restore as r; _killing(r, 'verify', 1)",
    "before it is compared": "from bulou.duties import rebuild as r; _killing(r, 'check', 1)",
}
if vendor() == "sqlite":
    KILLED_RESTORE["before it is in its place"] = "from bulou.web import restore as r; _killing(r, 'into_place', 1)"


@pytest.mark.landing
@pytest.mark.parametrize("where", drawn(KILLED_RESTORE, "among the rows"))
def test_a_restore_that_was_killed_leaves_an_empty_place(where: str, ledger: Any, empty: str, tmp_path: Path) -> None:
    _home, url, kept = ledger
    kill, begun = KILLED_RESTORE[where], empty
    if vendor() == "sqlite":  # what is killed has set Django up before the command says where it works
        begun = f"{empty}.restoring"
        kill += f"\nos.environ['DATABASE_URL'] = {empty!r}"
    assert called(tmp_path, begun, "restore", str(kept), kill=kill).returncode == -9
    if vendor() == "sqlite":
        assert not Path(empty.removeprefix("sqlite:///")).exists()
    else:
        assert content(empty) == {}
    done = called(tmp_path, empty, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    same(content(url), content(empty))


@pytest.mark.parametrize("harm", drawn(("changed", "shortened", "taken", "newer", "unknown step", "other hash"), "changed"))
def test_a_backup_that_is_not_whole_is_refused(harm: str, ledger: Any, empty: str, tmp_path: Path) -> None:
    import shutil

    _home, _url, kept = ledger
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    part = copy / "tables" / "duty.parquet"
    manifest = json.loads((copy / "manifest.json").read_text())
    if harm == "changed":
        part.write_bytes(part.read_bytes()[:100] + bytes([part.read_bytes()[100] ^ 1]) + part.read_bytes()[101:])
    elif harm == "shortened":
        part.write_bytes(part.read_bytes()[:-10])
    elif harm == "taken":
        part.unlink()
    else:
        manifest |= {"newer": {"format": 99}, "unknown step": {"migrations": [["kit", "0099_later"]]}, "other hash": {"hash": "00" * 32}}[
            harm
        ]
        (copy / "manifest.json").write_text(json.dumps(manifest))
    done = called(tmp_path / "h", empty, "restore", str(copy))
    assert done.returncode == 2, done.stderr
    told = {"changed": "duty.parquet of the backup is not", "shortened": "duty.parquet of the backup is not", "taken": "lacks tables/duty",
            "newer": "made by a newer Bulou", "unknown step": "kit.0099_later", "other hash": "not that of the manifest"}  # fmt: skip
    assert told[harm] in done.stderr
    if vendor() == "sqlite":
        assert not Path(empty.removeprefix("sqlite:///")).exists()
    else:
        assert content(empty) == {}
