"""``bulou backup``: everything of a centre in one folder, as of one moment, while it runs. Changes nothing of the centre.

Tables are written as Parquet, read in one transaction that sees one state: the same form from both databases, so that either can
be restored into either, without tools of theirs (docs/adr: the form of a backup).
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from bulou import __version__
from bulou.basis.options import open_settings
from bulou.basis.time import Instant
from bulou.evidence.sql import quote
from bulou.web.manifest import FOLDERS, KEY, NAME, UNFINISHED, Manifest, NotABackup, Part, digest

#: Rows that are held at once.
BATCH = 10_000
#: Tables that are not part of a backup: what was applied is in the manifest; everyone signs in again.
LEFT_OUT = frozenset({"django_migrations", "django_session"})
ARROW = {"bytes": pa.binary(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "time": pa.string(), "text": pa.string()}


class Column(NamedTuple):
    """A column, and what kind of value it holds on either database: a key of ``ARROW``."""

    name: str
    kind: str


class Source(NamedTuple):
    """A database as of one moment: its tables, and the rows of a query in lists of at most ``BATCH``."""

    tables: dict[str, list[Column]]
    rows: Callable[[str], Iterator[list[tuple[Any, ...]]]]


def make(
    connection: Any, home: Path, to: Path, now: Instant, *, with_key: bool = False, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, Manifest]:
    """Writes a backup into the new folder ``to``, or into a folder of its own inside ``to`` where that is there already.

    Killed in the middle it leaves a folder ``….unfinished``, which nothing restores and the next run clears away. ``progress``
    hears rows written and in all.
    """  # fmt: skip
    os.umask(0o077)
    with snapshot(connection) as source:
        head = next(source.rows('SELECT seq, hash FROM "entry" ORDER BY seq DESC LIMIT 1'), [])
        seq, hash_ = (head[0][0], bytes(head[0][1]).hex()) if head else (0, "")
        if to.is_dir():
            to = to / f"bulou-{datetime.fromtimestamp(now / 1e6, UTC):%Y%m%dT%H%M%SZ}-{seq}"
        if to.exists():
            raise NotABackup(f"{to} 已存在", f"{to} is there already")
        part = to.with_name(to.name + UNFINISHED)
        if part.exists():
            shutil.rmtree(part)
        (part / "tables").mkdir(parents=True)
        applied = next(source.rows("SELECT app, name FROM django_migrations ORDER BY app, name"), [])
        facts = next(source.rows('SELECT count(*) FROM "fact"'))[0][0]
        manifest = Manifest(now, connection.vendor, __version__, seq, hash_, facts, [list(step) for step in applied], open_settings())
        _tables(source, part, manifest, progress)
    for name in [*_files(home), *([KEY] if with_key else [])]:
        target = part / "files" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(home / name, target)
        manifest.parts[f"files/{name}"] = Part(digest(target), target.stat().st_size)
    (part / NAME).write_text(manifest.text(), encoding="utf-8")
    for path in [*part.rglob("*"), part]:
        _to_disk(path)
    part.rename(to)
    _to_disk(to.parent)
    return to, manifest


def _tables(source: Source, folder: Path, manifest: Manifest, progress: Callable[[int, int], None] | None) -> None:
    names = sorted(source.tables.keys() - LEFT_OUT)
    total = sum(next(source.rows(f"SELECT count(*) FROM {quote(name)}"))[0][0] for name in names)  # noqa: S608
    done = 0
    for name in names:
        columns = source.tables[name]
        path = folder / "tables" / f"{name}.parquet"
        schema = pa.schema([pa.field(c.name, ARROW[c.kind], metadata={"kind": c.kind}) for c in columns])
        rows = 0
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in source.rows(f"SELECT {','.join(quote(c.name) for c in columns)} FROM {quote(name)}"):  # noqa: S608
                arrays = [pa.array(map(_OUT[c.kind], v), ARROW[c.kind]) for c, v in zip(columns, zip(*batch, strict=True), strict=True)]
                writer.write_table(pa.table(arrays, schema=schema))
                rows += len(batch)
                done += len(batch)
                if progress:
                    progress(done, total)
        manifest.parts[f"tables/{name}.parquet"] = Part(digest(path), path.stat().st_size, rows)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _time(value: Any) -> str | None:
    """A time as ISO text in UTC, whichever way a database gave it."""
    if value is None:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def _same(value: Any) -> Any:
    return value


_OUT: dict[str, Callable[[Any], Any]] = {"bytes": _bytes, "bool": _bool, "time": _time, "int": _same, "float": _same, "text": _same}


def _files(home: Path) -> list[str]:
    return sorted(p.relative_to(home).as_posix() for folder in FOLDERS for p in (home / folder).rglob("*") if p.is_file())


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- one state of a database ------------------------------------------------------------------------------------------
@contextmanager
def snapshot(connection: Any) -> Iterator[Source]:
    """Everything that is read inside is as of one moment; nobody who writes waits for it."""
    if connection.vendor == "sqlite":
        # A connection of its own: Django's would take the write lock. Read only, so that nothing can be changed by it.
        own = sqlite3.connect(f"{Path(connection.settings_dict['NAME']).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            own.execute("BEGIN")
            names = [r[0] for r in own.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
            tables = {n: [Column(r[1], _kind(r[2])) for r in own.execute(f"PRAGMA table_info({quote(n)})")] for n in names}
            yield Source(tables, lambda sql: _batches(own.execute(sql)))
        finally:
            own.close()
        return
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()"
                " ORDER BY table_name, ordinal_position"
            )
            tables = {}
            for table, column, type_ in cursor.fetchall():
                tables.setdefault(table, []).append(Column(column, _kind(type_)))

        def rows(sql: str) -> Iterator[list[tuple[Any, ...]]]:
            with connection.chunked_cursor() as cursor:
                cursor.execute(sql)
                yield from _batches(cursor)

        yield Source(tables, rows)


def _batches(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while batch := cursor.fetchmany(BATCH):
        yield batch


_KINDS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("bytes", ("blob", "bytea")),
    ("int", ("bigint", "integer", "smallint")),
    ("float", ("real", "double precision")),
    ("bool", ("bool",)),
    ("time", ("datetime", "timestamp with time zone")),
    ("text", ("text", "varchar", "character varying")),
)


def _kind(declared: str) -> str:
    """What a column of a declared type holds; a type that no table here has yet is an error, not a guess."""
    for kind, types in _KINDS:
        if declared.lower().startswith(types):
            return kind
    if declared.lower() in ("jsonb", "json"):
        return "text"
    raise NotABackup(f"备份不认识的列类型 {declared}", f"a column of type {declared} has no form in a backup yet")
