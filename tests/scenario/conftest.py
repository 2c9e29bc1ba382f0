"""The scenario's small ledger, made once for a module and taken back after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from bulou.duties.enter import forget
from bulou.kit.looking import forget_books
from tests.scenario.ground import ends, enter_all, ground


@pytest.fixture(scope="module")
def ledger(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """Everything that the scenario tells and its staff does, known at its last hour."""
    with django_db_blocker.unblock(), transaction.atomic():
        enter_all(ground().facts, ends())
        yield
        transaction.set_rollback(True)
    forget()
    forget_books()
