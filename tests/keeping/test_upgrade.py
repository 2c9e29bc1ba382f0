"""``bulou upgrade``, ended in the middle by SIGKILL: the old state works, and the command given again completes, equal to the fact."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.databases import copied
from tests.keeping.ground import called, content, environment, fill
from tests.run import drawn, thorough

#: A shape that an earlier Bulou left: additive migrations of this one taken back.
OLDER = ("duties", "0002_guards")


@pytest.fixture
def older(tmp_path: Path) -> Iterator[str]:
    with copied() as url:
        fill(tmp_path, url)
        back = [sys.executable, "-m", "django", "migrate", *OLDER, "--verbosity", "0"]
        subprocess.run(back, check=True, env=environment(tmp_path, url))
        yield url


#: Makes a table differ from the facts once the migrations are through, as a changed shape of a projection would.
ODD = """
from bulou.web import upgrade as u
_right = u.migrate
def _odd(connection, **more):
    steps = _right(connection, **more)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO area (id, opened_seq, void_seq, code, name, level, official, lineage)"
                       " VALUES (1, 1, 4611686018427387904, 'x', 'x', 'grid', true, '/x/')")
    return steps
u.migrate = _odd
"""
KILLED = {
    "in the backup": "import pyarrow.parquet as p; _killing(p.ParquetWriter, 'write_table', 9)",
    "after the backup": "from bulou.web import upgrade as u; _killing(u, 'migrate', 1)",
    "in the migrations": "from django.db.migrations.recorder import MigrationRecorder as m; _killing(m, 'record_applied', 1)",
    "before it is compared": "from bulou.duties import rebuild as r; _killing(r, 'check', 1)",
    "in the rebuild": ODD + "from bulou.duties import rebuild as r; _killing(r, 'settle_entry', 80)",
    "before it is committed": "from bulou.web import upgrade as u; _killing(u, 'Upgraded', 1)",
}


@pytest.mark.landing
@pytest.mark.parametrize("where", drawn(KILLED, "in the rebuild"))
def test_killed_in_the_middle(where: str, older: str, tmp_path: Path) -> None:
    before = content(older)
    killed = called(tmp_path, older, "upgrade", kill=KILLED[where])
    assert killed.returncode == -9, killed.stderr
    if where != "before it is committed":
        assert content(older) == before, "the old state stands as it was"
        if thorough():
            assert called(tmp_path, older, "verify").returncode == 0
            assert called(tmp_path, older, "rebuild", "--check").returncode == 0
    done = called(tmp_path, older, "upgrade")
    assert done.returncode == 0, done.stderr
    after = content(older)
    assert {k: v for k, v in after.items() if k != "django_migrations"} == {k: v for k, v in before.items() if k != "django_migrations"}
    assert len(after["django_migrations"]) > len(before["django_migrations"])
    assert called(tmp_path, older, "verify").returncode == 0
    assert called(tmp_path, older, "rebuild", "--check").returncode == 0
    assert "already" in called(tmp_path, older, "upgrade").stdout


@pytest.mark.landing
def test_what_differs_is_made_again_and_the_backup_brings_the_old_state_back(older: str, tmp_path: Path) -> None:
    before = content(older)
    done = called(tmp_path, older, "upgrade", kill=ODD)
    assert done.returncode == 0, done.stderr
    assert "made again from the facts: area" in done.stdout
    assert called(tmp_path, older, "rebuild", "--check").returncode == 0
    (kept,) = (tmp_path / "backups").iterdir()
    into = tmp_path / "into"
    back = called(tmp_path, None, "restore", str(kept), "--into", str(into))
    assert back.returncode == 0, back.stderr
    after = content(f"sqlite:///{into / 'bulou.sqlite3'}")
    assert {t: r for t, r in after.items() if t not in ("django_migrations", "django_session")} == {
        t: r for t, r in before.items() if t not in ("django_migrations", "django_session")
    }


def test_serving_an_older_database_is_refused_with_the_command_that_helps(older: str, tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\nfrom django.db import connection\nfrom bulou.web.serve import prepare\nprepare(connection, print)"
    )
    told = subprocess.run([sys.executable, "-c", code], env=environment(tmp_path, older), capture_output=True, text=True, check=False)
    assert "run bulou upgrade" in told.stderr
