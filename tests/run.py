"""The folder that all processes of one run of the tests share: made by the first of them, taken away by it. Knows no database.

What is costly to make is made in it once for a run (``tests.engine.databases``), however many workers there are.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_NAME = "BULOU_TEST_RUN"
_mine = _NAME not in os.environ


def shared() -> Path:
    """The folder; workers and commands that tests start find it in their environment."""
    if _NAME not in os.environ:
        os.environ[_NAME] = tempfile.mkdtemp(prefix="bulou-test-")
        _compiled(Path(os.environ[_NAME]))
    return Path(os.environ[_NAME])


def _compiled(folder: Path) -> None:
    """Where nothing may be compiled beside the sources, it is compiled here: tests start some hundred processes, and each would compile
    everything that it imports."""
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(folder / "compiled")
        sys.dont_write_bytecode = False


def thorough() -> bool:
    """Whether this is the run before a change lands, which tries everything, and not the quick one."""
    return bool(os.environ.get("BULOU_HISTORIES"))


def asked_for(arguments: Iterable[str]) -> bool:
    """Whether files or tests were named, and not the whole or a folder of it."""
    return all(".py" in one for one in arguments)


def drawn(every: Iterable[T], *quick: T) -> list[T]:
    """What a parametrized test tries: these few in a quick run, every one where more histories are asked for, as ``.ci/run`` does on
    both databases."""
    known = list(every)
    assert set(quick) <= set(known)
    return known if thorough() else list(quick)


def over() -> bool:
    """Whether this process made the folder and ends the run with it."""
    return _mine and _NAME in os.environ


def forget() -> None:
    """Takes the folder away."""
    shutil.rmtree(os.environ.pop(_NAME), ignore_errors=True)
