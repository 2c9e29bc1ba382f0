"""What every test stands on: a home of its own for the program, and nothing remembered from another test's ledger."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest

os.environ["BULOU_HOME"] = tempfile.mkdtemp(prefix="bulou-test-")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Ledgers of tests share a name and are rolled back: what a process keeps at hand must not outlive them."""
    yield
    from bulou.duties.enter import forget

    forget()
