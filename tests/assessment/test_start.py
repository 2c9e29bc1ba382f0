"""What the command line loads: heavy modules only when a method needs them. Measures no time."""

from __future__ import annotations

import subprocess
import sys

#: Half a second each, or a compiler: none of them for help, none for the reproduction number.
HEAVY = {"numpy", "scipy.stats", "scipy.optimize", "numba", "pandas", "django", "duckdb"}
_TELL = "import sys; {0}; print(*sorted(m for m in {1!r} if m in sys.modules))"


def loaded(does: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", _TELL.format(does, sorted(HEAVY))], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_command_line_loads_nothing_heavy() -> None:
    assert loaded("import bulou.cli") == set()


def test_the_reproduction_number_loads_numpy_alone() -> None:
    assert loaded("import bulou.assessment.reproduction") == {"numpy"}


def test_what_is_loaded_is_seen() -> None:
    assert loaded("import numba") >= {"numba", "numpy"}
