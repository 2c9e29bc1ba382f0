"""What tests of the engine on a database share: ledgers that are made and undone within one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from bulou.duties.enter import forget


@pytest.fixture
def rolled_back(db: None) -> Iterator[Callable[[], Any]]:
    """Gives a context in which a ledger is made and then undone."""

    def fresh() -> Any:
        return _Undone()

    yield fresh


class _Undone:
    def __enter__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        forget()
