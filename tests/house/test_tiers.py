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


def thorough_steps() -> str:
    """What `.ci/run` tries with more histories: with them everything that takes long is tried as well."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    more = next(line for line in text.splitlines() if line.startswith("more=("))
    names = [f"tests/web/test_{name}.py" for name in re.search(r"test_\{([\w,]+)\}", more)[1].split(",")]  # type: ignore[index]
    return "\n".join(
        [
            *(line for line in text.splitlines() if line.startswith(("BULOU_HISTORIES=", 'DATABASE_URL="$POSTGRES" BULOU_HISTORIES='))),
            *names,
        ]
    )


def untried(tests: Path, steps: str) -> list[str]:
    """Files with something that takes long and that no such step names, by themselves or by their folder."""
    long = [
        path.relative_to(ROOT)
        for path in sorted(tests.rglob("test_*.py"))
        if re.search(r"^@pytest\.mark\.landing$", path.read_text(), re.M)
    ]
    return [str(path) for path in long if not {str(path), *map(str, path.parents)} & set(re.findall(r"tests/[\w/.]+", steps))]


def test_whatever_takes_long_is_tried_before_a_change_lands() -> None:
    steps = thorough_steps()
    assert untried(ROOT / "tests", steps) == []
    assert untried(ROOT / "tests", steps.replace("tests/keeping", "")), "a folder that nobody names is caught"
