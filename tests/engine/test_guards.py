"""Triggers refuse every update and delete of facts and versions but closing and voiding, once; on every guarded table."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bulou.basis.time import SetClock
from bulou.duties import rebuild
from bulou.duties.enter import enter
from bulou.evidence.guards import APPENDED, columns_of, unguard
from bulou.evidence.now import NEVER
from bulou.evidence.sql import quote
from tests.engine.test_projections import PROTOCOL, mixed


@pytest.fixture
def ledger(db: None) -> None:
    clock = SetClock(0)  # type: ignore[arg-type]
    for facts, known in mixed(3):
        clock.at = known
        enter(facts, by="test", source="history", clock=clock, protocol=PROTOCOL)


def refused(statement: str, params: tuple[Any, ...] = ()) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, params)
            transaction.set_rollback(True)
        return False
    except DatabaseError:
        return True


def filled(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {quote(table)} LIMIT 1")
        return cursor.fetchone() is not None


def test_nothing_appended_is_changed_or_deleted(ledger: None) -> None:
    tried = 0
    for table in APPENDED:
        if filled(table):
            column = columns_of(connection, table)[-1]
            assert refused(f"UPDATE {quote(table)} SET {quote(column)} = {quote(column)}"), f"update of {table}"
            assert refused(f"DELETE FROM {quote(table)}"), f"delete from {table}"
            tried += 1
    assert tried > 20


def test_no_version_is_deleted_or_changed(ledger: None) -> None:
    for table in rebuild.tables():
        if filled(table):
            column = next(c for c in columns_of(connection, table) if c not in ("id", "opened_seq", "void_seq"))
            assert refused(f"DELETE FROM {quote(table)}"), f"delete from {table}"
            assert refused(f"UPDATE {quote(table)} SET opened_seq = opened_seq + 1"), f"update of {table}"
            assert refused(f"UPDATE {quote(table)} SET void_seq = 3, {quote(column)} = NULL WHERE void_seq = {NEVER}"), f"both of {table}"


def test_a_version_is_voided_once(ledger: None) -> None:
    for table in rebuild.tables():
        if filled(table):
            assert not refused(f"UPDATE {quote(table)} SET void_seq = 99999 WHERE void_seq = {NEVER}"), f"voiding in {table}"
            assert refused(f"UPDATE {quote(table)} SET void_seq = 99999 WHERE void_seq < {NEVER}") or not _has(
                f"SELECT 1 FROM {quote(table)} WHERE void_seq < {NEVER}"
            ), f"voiding again in {table}"


def test_a_duty_is_closed_once_and_not_after_it_was_voided(ledger: None) -> None:
    close = "UPDATE duty SET closed_seq = 99999, closed_at = 5, outcome = 1, closed_by = NULL WHERE "
    assert not refused(close + f"closed_seq = {NEVER} AND void_seq = {NEVER}")
    for where in (f"closed_seq < {NEVER}", f"closed_seq = {NEVER} AND void_seq < {NEVER}"):
        assert _has(f"SELECT 1 FROM duty WHERE {where}"), f"the ledger has no duty with {where}: draw another"
    assert refused(close + f"closed_seq < {NEVER}")
    assert refused(close + f"closed_seq = {NEVER} AND void_seq < {NEVER}")
    assert refused(f"UPDATE duty SET closed_seq = 99999, due_at = 5 WHERE closed_seq = {NEVER} AND void_seq = {NEVER}")


def _has(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() is not None


def without_guards() -> set[str]:
    """Guards that should stand on tables of facts and versions, and do not."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger" if postgres else "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    return {f"guard_{t}_{what}" for t in (*APPENDED, *rebuild.tables()) for what in ("update", "delete")} - there


def test_every_table_of_facts_and_versions_has_its_guards(db: None) -> None:
    """Also those that no history here fills, and that of a kind which is declared tomorrow."""
    assert without_guards() == set()
    unguard(connection, ["fact"])  # the control
    assert without_guards() == {"guard_fact_update", "guard_fact_delete"}
