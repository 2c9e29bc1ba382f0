"""Makes every table of now and of the past again from facts alone, and says where it differs. Changes no fact.

Duties, cells and projections follow from the entries; replaying them in order must give the rows that are there.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connections, transaction

from bulou.basis.factset import FactSet
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant
from bulou.duties.enter import CODES, forget, settle_entry
from bulou.evidence.append import load, lock
from bulou.evidence.guards import columns_of, unguarded
from bulou.evidence.now import PROJECTIONS
from bulou.evidence.reader import Reader
from bulou.evidence.sql import quote
from bulou.protocol.rules import Protocol_


class Difference(NamedTuple):
    """Rows of a table that a rebuild does not give, and rows that it gives and that are not there."""

    table: str
    unduly: list[tuple[Any, ...]]
    missing: list[tuple[Any, ...]]


def tables() -> list[str]:
    """Every table that follows from facts, each row a version."""
    return ["duty", *sorted(p.table for p in PROJECTIONS.values())]


def rebuild(protocol: Protocol_, using: str = "default", progress: Callable[[int, int], None] | None = None) -> None:
    """Deletes and makes again every version, in one transaction; ``progress`` hears entries done and in all."""
    with transaction.atomic(using=using):
        _replay(protocol, using, progress)
    forget()


def check(protocol: Protocol_, using: str = "default", progress: Callable[[int, int], None] | None = None) -> list[Difference]:
    """Rebuilds, compares with what was there, and leaves everything as it was. An empty list is the only good answer."""
    connection = connections[using]
    with transaction.atomic(using=using):
        lock(connection)
        before = {table: _rows(connection, table) for table in tables()}
        _replay(protocol, using, progress)
        after = {table: _rows(connection, table) for table in tables()}
        transaction.set_rollback(True, using=using)
    forget()
    found = []
    for table in tables():
        unduly, missing = sorted(before[table] - after[table], key=str), sorted(after[table] - before[table], key=str)
        if unduly or missing:
            found.append(Difference(table, unduly, missing))
    return found


def _replay(protocol: Protocol_, using: str, progress: Callable[[int, int], None] | None) -> None:
    connection = connections[using]
    lock(connection)
    with unguarded(connection, tables()):
        with connection.cursor() as cursor:
            for table in (*tables(), "cell"):
                cursor.execute(f"DELETE FROM {quote(table)}{_unsealed(connection, table)}")  # noqa: S608
            kept: dict[int, int] = {}  # the last row of each entry that is left as it is
            for table in tables():
                cursor.execute(f"SELECT id FROM {quote(table)}")  # noqa: S608
                for (id_,) in cursor.fetchall():
                    kept[id_ >> 21] = max(id_, kept.get(id_ >> 21, 0))
            cursor.execute('SELECT 1 FROM "sealed" LIMIT 1')
            sealed = cursor.fetchone() is not None
            cursor.execute('SELECT seq, known FROM "entry" ORDER BY seq')
            entries = cursor.fetchall()
        small = FactSet()
        for i, (seq, known) in enumerate(entries):
            new = entry_facts(connection, seq)
            reader = Reader(connection, seq - 1, small)
            settle_entry(connection, reader, seq, Instant(known), new, protocol, sealed=sealed, after=kept.get(seq, 0))
            small.add(f for f in new if KINDS[f.kind].small or f.kind == "fact.withdrawn")
            if progress and i % 100 == 0:
                progress(i, len(entries))
        if progress:
            progress(len(entries), len(entries))


def _unsealed(connection: Any, table: str) -> str:
    """Which rows of a table may go: those of nothing that lost content."""
    if table in ("cell", "duty"):
        mine, rest = (
            ("id", "s.subject IS NULL") if table == "cell" else ("cell", f"(s.subject IS NULL OR s.subject = {quote(table)}.subject)")
        )
        return f" WHERE NOT EXISTS (SELECT 1 FROM sealed s WHERE s.what = 'cell' AND s.key = {quote(table)}.{mine} AND {rest})"  # noqa: S608
    of = next(p for p in PROJECTIONS.values() if p.table == table)
    column = f"{quote(table)}.{quote(of.key)}"
    if of.entity in CODES:  # a code is text in its own column
        column = f"convert_to({column}, 'UTF8')" if connection.vendor == "postgresql" else f"CAST({column} AS BLOB)"
    part = f" AND (s.subject IS NULL OR s.subject = {quote(table)}.incident)" if "incident" in of.columns else ""
    return f" WHERE NOT EXISTS (SELECT 1 FROM sealed s WHERE s.what = '{of.name}' AND s.key = {column}{part})"  # noqa: S608


def entry_facts(connection: Any, seq: int) -> list[Fact]:
    """The facts that an entry brought, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT kind, id FROM "fact" WHERE entry = %s', [seq])
        by_kind: dict[str, list[bytes]] = {}
        for kind, id_ in cursor.fetchall():
            by_kind.setdefault(kind, []).append(bytes(id_))
    found = [f for kind, ids in by_kind.items() for f in load(connection, KINDS[kind], "id", ids)]
    return sorted(found, key=lambda f: f.id)


def _rows(connection: Any, table: str) -> set[tuple[Any, ...]]:
    """The rows of a table without their own number, which says only in which order they were written."""
    columns = [c for c in columns_of(connection, table) if c != "id"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {','.join(map(quote, columns))} FROM {quote(table)}")  # noqa: S608
        return {tuple(_plain(row)) for row in cursor.fetchall()}


def _plain(row: tuple[Any, ...]) -> Iterator[Any]:
    for value in row:
        yield bytes(value) if isinstance(value, memoryview) else value
