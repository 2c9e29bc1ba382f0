"""Where the published data lies that tests may read and the project may not copy: ``../shared/data`` or ``$BULOU_DATA``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def published(name: str) -> Path:
    """A file or folder of the published data; skips the test, saying why, where it is not at hand."""
    root = Path(os.environ.get("BULOU_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (root / name).exists():
        pytest.skip(f"published data is not at hand: {root / name} (set BULOU_DATA)")
    return root / name
