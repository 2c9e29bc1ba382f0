"""The floors hold; and an import that goes up is found, so that the check can fail."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.laws import ROOT, SRC

#: For each contract, a module and an import in it that breaks the contract.
PLANTED = {
    "floors": ("gaps/standing.py", "from bulou.kit.looking import Looking"),
    "desks": ("desks/testing/verbs.py", "from bulou.desks.tracing.verbs import MAKE_ORDER"),
    "pure": ("protocol/rules.py", "import django"),
    "score": ("exercise/score/zeros.py", "from bulou.gaps.standing import state_of"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a copy of the project: its command, as pre-commit and .ci/run call it."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder / "src"), "PATH": ""}
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "static", "data", "*.po", "*.mo")
    shutil.copytree(SRC, tmp_path / "src" / "bulou", ignore=ignored)
    return tmp_path


def test_floors_hold(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(PLANTED)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_an_import_that_goes_up_is_found(house: Path, contract: str) -> None:
    module, line = PLANTED[contract]
    path = house / "src" / "bulou" / module
    path.write_text(path.read_text() + f"\n{line}\n")
    done = lint(house)
    assert done.returncode != 0, done.stdout


def test_every_desk_is_in_the_contract_and_every_package_has_a_small_door() -> None:
    contracts = (ROOT / "pyproject.toml").read_text()
    for desk in sorted(p.name for p in (SRC / "desks").iterdir() if (p / "__init__.py").exists()):
        assert f'"bulou.desks.{desk}"' in contracts, f"{desk} is missing in the contract of desks"
    for init in SRC.rglob("__init__.py"):
        names = [line for line in init.read_text().splitlines() if line.startswith(("from ", "import "))]
        assert len(names) <= 8, f"{init}: more than eight names at the door"


def test_the_score_imports_the_basis_alone() -> None:
    """No other module of the exercise either, whatever it will be called."""
    for path in sorted((SRC / "exercise" / "score").glob("*.py")):
        found = re.findall(r"^(?:from|import) (bulou[\w.]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(name.startswith(("bulou.basis", "bulou.exercise.score")) for name in found), path
        assert "import_module" not in path.read_text(encoding="utf-8"), path
