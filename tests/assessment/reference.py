"""Values that published code gave, read from the published data; a test that asks for them is skipped where they are not at hand."""

from __future__ import annotations

import csv

import numpy as np
from numpy.typing import NDArray

from tests.data import published


def columns(name: str, *wanted: str) -> list[NDArray[np.float64]]:
    """Columns of a reference file as numbers; NA is nan."""
    with published(f"reference/{name}").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    return [np.array([float(r[w]) if r[w] not in ("NA", "") else np.nan for r in rows]) for w in wanted]


def same(ours: NDArray[np.float64], theirs: NDArray[np.float64], within: float) -> bool:
    """Equal within a distance, and undefined at the same places."""
    return ours.shape == theirs.shape and bool(np.allclose(ours, theirs, rtol=0, atol=within, equal_nan=True))
