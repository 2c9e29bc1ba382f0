"""Triggers that refuse every update and delete of facts and versions, but the closing and the voiding of a version, once.

They hold against everyone with a database client, not only against our own code. Only ``unguarded`` takes them away, for a
rebuild inside one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bulou.basis.kinds import KINDS
from bulou.evidence.models.kinds import content_table
from bulou.evidence.now import NEVER
from bulou.evidence.sql import quote

#: Tables to which rows are only ever added.
APPENDED = ("entry", "fact", "aside", "erased", "sealed", *(content_table(k) for k in sorted(KINDS)))
#: Tables of versions, with the columns that closing writes beside ``closed_seq``.
CLOSING = {"duty": ("closed_seq", "closed_at", "outcome", "closed_by")}


def columns_of(connection: Any, table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [c.name for c in connection.introspection.get_table_description(cursor, table)]


def guard(connection: Any, appended: Sequence[str], versions: Sequence[str]) -> None:
    """Puts the triggers on these tables; they must exist."""
    with connection.cursor() as cursor:
        for table in appended:
            for statement in _refuse(connection.vendor, table, ("UPDATE", "DELETE"), ""):
                cursor.execute(statement)
        for table in versions:
            for statement in _refuse(connection.vendor, table, ("DELETE",), ""):
                cursor.execute(statement)
            for statement in _refuse(connection.vendor, table, ("UPDATE",), _unless_once(columns_of(connection, table), table)):
                cursor.execute(statement)


def unguard(connection: Any, tables: Sequence[str]) -> None:
    """Takes the triggers of these tables away."""
    with connection.cursor() as cursor:
        for table in tables:
            for what in ("update", "delete"):
                on = f" ON {quote(table)}" if connection.vendor == "postgresql" else ""
                cursor.execute(f'DROP TRIGGER IF EXISTS "guard_{table}_{what}"{on}')


@contextmanager
def unguarded(connection: Any, versions: Sequence[str]) -> Iterator[None]:
    """Inside a transaction: versions may be deleted and written anew. Facts stay guarded."""
    assert connection.in_atomic_block, "only inside a transaction, so that a failure leaves the guards as they were"
    unguard(connection, versions)
    yield
    guard(connection, (), versions)


@contextmanager
def forgetting(connection: Any, contents: Sequence[str], versions: Sequence[str]) -> Iterator[None]:
    """Inside a transaction: contents and rows of lists may be destroyed. Only the retention verb does this; entries stay guarded."""
    assert connection.in_atomic_block, "only inside a transaction, so that a failure leaves the guards as they were"
    unguard(connection, [*contents, *versions])
    yield
    guard(connection, contents, versions)


def _unless_once(columns: Sequence[str], table: str) -> str:
    """A condition that is true of every change but voiding a standing row, or closing one that was open."""
    closing = CLOSING.get(table, ())
    allowed = [f"OLD.void_seq = {NEVER} AND NEW.void_seq <> {NEVER} AND {_same(columns, ('void_seq',))}"]
    if closing:
        allowed.append(f"OLD.closed_seq = {NEVER} AND OLD.void_seq = {NEVER} AND NEW.closed_seq <> {NEVER} AND {_same(columns, closing)}")
    return "NOT (" + " OR ".join(f"({a})" for a in allowed) + ")"


def _same(columns: Sequence[str], but: Sequence[str]) -> str:
    return " AND ".join(f"OLD.{quote(c)} IS NOT DISTINCT FROM NEW.{quote(c)}" for c in columns if c not in but)


def _refuse(vendor: str, table: str, whats: Sequence[str], when: str) -> Iterator[str]:
    for what in whats:
        name = quote(f"guard_{table}_{what.lower()}")
        said = f"{table}: rows are never changed ({what.lower()} refused)"
        if vendor == "postgresql":
            yield _FUNCTION
            condition = f" WHEN ({when})" if when else ""
            yield f"CREATE TRIGGER {name} BEFORE {what} ON {quote(table)} FOR EACH ROW{condition} EXECUTE FUNCTION bulou_refuse()"
        else:
            condition = f" WHEN {when.replace('IS NOT DISTINCT FROM', 'IS')}" if when else ""
            yield f"CREATE TRIGGER {name} BEFORE {what} ON {quote(table)}{condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"


_FUNCTION = """
CREATE OR REPLACE FUNCTION bulou_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are never changed (% refused)', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
