"""What `.ci/run` leaves out on PostgreSQL knows no database: nothing that asks one is tried on SQLite alone."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
#: Left out there because they are run with more histories in a step of their own.
ELSEWHERE = frozenset({"house", "property", "planted", "engine"})
_ASKS = re.compile(r"django_db|\bdb: None\b|\bworld: World\b|tests\.engine\.databases|connection\.cursor|\.objects\b")


def left_out() -> list[str]:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    step = next(block for block in text.split("\nstep ") if "DATABASE_URL=" in block)
    return [name for name in re.findall(r"--ignore tests/(\w+)", step) if name not in ELSEWHERE]


def asking(folder: Path) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted(folder.rglob("*.py")) if _ASKS.search(path.read_text(encoding="utf-8"))]


def test_what_is_left_out_on_postgresql_knows_no_database() -> None:
    assert len(left_out()) >= 3
    assert not [path for name in left_out() for path in asking(ROOT / "tests" / name)]


def test_a_test_that_asks_a_database_is_caught() -> None:
    assert asking(ROOT / "tests" / "engine")
    assert asking(ROOT / "tests" / "web")
