"""``bulou restore``: a backup into an empty home or database, of either kind, and proof that it is whole. Overwrites nothing.

All of it happens in one transaction; a SQLite database is made beside its place and moved there at the end. Whatever ends the
process in the middle leaves a place that is still empty, and the command can be given again.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from django.apps import apps
from django.core.management.color import no_style
from django.db.migrations.loader import MigrationLoader

from bulou.duties import rebuild
from bulou.duties.enter import forget
from bulou.duties.rebuild import Difference
from bulou.evidence.sql import insert, quote
from bulou.evidence.verify import Verified, verify
from bulou.protocol.rules import Protocol_
from bulou.web.backup import BATCH
from bulou.web.manifest import KEY, Manifest, NotABackup, check, digest
from bulou.web.shape import migrate, one_step, standing

#: Where a SQLite database is made before it is moved to its place.
RESTORING = ".restoring"
Progress = Callable[[str], Callable[[int, int], None]]


class Restored(NamedTuple):
    """What was restored and what is wrong with it: where the ledger is not what was entered, where tables are not what facts give."""

    verified: Verified
    differences: list[Difference]

    @property
    def whole(self) -> bool:
        return not (self.verified.wrong or self.differences)


def restore(
    connection: Any,
    home: Path,
    source: Path,
    manifest: Manifest,
    protocol: Callable[[], Protocol_],
    progress: Progress,
    *,
    keep: bool = False,
) -> Restored:
    """Restores into ``connection``, whose database is empty, and the home. ``keep``: also what turns out not to be whole.

    ``protocol`` is asked for once the editions of the backup are in the home. ``progress`` gives for a step (``parts``, ``rows``,
    ``verify``, ``check``) who hears how far it has come. NotABackup where it cannot be done or was not whole: nothing was changed.
    """  # fmt: skip
    check(source, manifest, progress("parts"))
    _known(connection, manifest)
    _copy(source, home, manifest)
    with one_step(connection):
        if not standing(connection).empty or connection.introspection.table_names():
            raise NotABackup("目标数据库不是空的", "the database to restore into is not empty")
        migrate(connection, _targets(connection, manifest))
        _load(connection, source, manifest, progress("rows"))
        _settle_constraints(connection)
        migrate(connection)
        _sequences(connection)
        found = Restored(verify(connection, progress("verify")), rebuild.check(protocol(), connection.alias, progress("check")))
        if (found.verified.entries, found.verified.hash.hex()) != (manifest.entry, manifest.hash):
            raise NotABackup("末条记录或其哈希与清单不符", "the last entry or its hash is not that of the manifest")
        if not (found.whole or keep):
            raise NotABackup(
                f"恢复的数据不完好({len(found.verified.wrong)} 处与录入不符,{len(found.differences)} 张表与事实不符);"
                "仍要恢复请加 --keep-differences",
                f"what was restored is not whole ({len(found.verified.wrong)} places not as entered, {len(found.differences)} tables not what facts "
                "give); to have it all the same say --keep-differences",
            )
    forget()
    return found


def _known(connection: Any, manifest: Manifest) -> None:
    disk = MigrationLoader(connection, ignore_no_migrations=True).disk_migrations
    for app, name in manifest.migrations:
        if (app, name) not in disk:
            raise NotABackup(
                f"备份来自更新版本的 Bulou(有本版本不认识的 {app}.{name})",
                f"the backup is of a newer Bulou (it has {app}.{name}, which this one does not know)",
            )


def _targets(connection: Any, manifest: Manifest) -> list[tuple[str, str]]:
    """The last migration of each app that the backup had."""
    had = {(app, name) for app, name in manifest.migrations}
    graph = MigrationLoader(connection, ignore_no_migrations=True).graph
    return sorted(s for s in had if not any(child.key[0] == s[0] and child.key in had for child in graph.node_map[s].children))


def _copy(source: Path, home: Path, manifest: Manifest) -> None:
    for name, part in manifest.files.items():
        target = home / name
        if target.exists() and name != KEY and digest(target) != part.sha256:
            raise NotABackup(f"{target} 已存在且内容不同", f"{target} is there already and is another")
    for name in manifest.files:
        target = home / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = target.with_name(target.name + RESTORING)
            shutil.copyfile(source / "files" / name, beside)
            beside.chmod(0o600)
            beside.replace(target)


def _load(connection: Any, source: Path, manifest: Manifest, progress: Callable[[int, int], None]) -> None:
    into = _TEXT_TIME if connection.vendor == "sqlite" else _SAME
    total, done = sum(part.rows for part in manifest.tables.values()), 0
    for table, part in manifest.tables.items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {quote(table)}")  # noqa: S608
            if cursor.fetchone()[0]:
                raise NotABackup(f"表 {table} 不是空的", f"table {table} is not empty")
        rows = 0
        for columns, batch in _batches(source / "tables" / f"{table}.parquet", into):
            insert(connection, table, columns, batch)
            rows += len(batch)
            done += len(batch)
            progress(done, total)
        if rows != part.rows:
            raise NotABackup(f"表 {table} 应有 {part.rows} 行,实有 {rows} 行", f"table {table} should have {part.rows} rows and has {rows}")


def _batches(path: Path, into: dict[str, Callable[[Any], Any]]) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        kinds = [(f.metadata or {}).get(b"kind", b"text").decode() for f in schema]
        for batch in file.iter_batches(BATCH):
            columns = [map(into.get(k, _as_it_is), column.to_pylist()) for k, column in zip(kinds, batch.columns, strict=True)]
            yield schema.names, list(zip(*columns, strict=True))


def _as_it_is(value: Any) -> Any:
    return value


def _sqlite_time(value: str | None) -> str | None:
    """A time as Django writes it into SQLite: UTC without saying so."""
    return None if value is None else datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None).isoformat(" ")


_SAME: dict[str, Callable[[Any], Any]] = {}
_TEXT_TIME: dict[str, Callable[[Any], Any]] = {"time": _sqlite_time}


def _settle_constraints(connection: Any) -> None:
    if connection.vendor == "postgresql":  # tables with checks still to be made cannot be changed
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    else:
        connection.check_constraints()


def _sequences(connection: Any) -> None:
    """Numbers that the database gives out go on after those that were restored."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)


def into_place(made: Path, place: Path) -> None:
    """Moves a SQLite database that is whole to its place; its connection is closed, which has written its log into it."""
    log = made.with_name(made.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise NotABackup(f"{made} 仍被使用", f"{made} is still in use")
    handle = os.open(made, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    made.replace(place)
    for rest in place.parent.glob(f"{made.name}-*"):
        rest.unlink()
