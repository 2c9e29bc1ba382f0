"""The few statements of the write path, for both databases: read by many values, insert, update by number. Knows no table.

Django's ORM is two to five times slower at each of these; everything that reads for people uses the ORM. Statements go
through Django's cursor, so that they are counted and logged like all others.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

#: Values in one statement. Above this a list is read in parts; no batch of the write path comes near it.
MOST_VALUES = 20_000


def quote(name: str) -> str:
    return f'"{name}"'


def select_in(
    connection: Any, columns: str, table: str, field: str, values: Collection[Any], where: str = "", params: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Rows of ``table`` whose ``field`` is among ``values``; ``where`` is appended with its ``params``."""
    wanted = list(values)
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), MOST_VALUES):
            part = wanted[start : start + MOST_VALUES]
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT {columns} FROM {table} WHERE {field} = ANY(%s){where}", [part, *params])  # noqa: S608
            else:
                # Padded to a power of two with a repeated value, so that few different statements are prepared.
                size = 1 << (len(part) - 1).bit_length() if part else 0
                part += part[-1:] * (size - len(part))
                marks = ",".join(["%s"] * size)
                cursor.execute(f"SELECT {columns} FROM {table} WHERE {field} IN ({marks}){where}", [*part, *params])  # noqa: S608
            yield from cursor.fetchall()


def insert(connection: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows into a table in one statement (SQLite: one prepared statement; PostgreSQL: COPY)."""
    if not rows:
        return
    names = ",".join(map(quote, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 4:
            _copy(connection, cursor, f"COPY {quote(table)} ({names}) FROM STDIN", rows)
        else:
            marks = ",".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _copy(connection: Any, cursor: Any, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    def run(sql: str, params: Any, many: bool, context: Any) -> None:
        with cursor.cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    # COPY goes past Django's execute(); the wrappers (statement counters) still hear of it.
    for wrapper in reversed(connection.execute_wrappers):
        run = _wrapped(wrapper, run)
    run(statement, None, False, {"connection": connection, "cursor": cursor})


def _wrapped(wrapper: Any, run: Any) -> Any:
    return lambda sql, params, many, context: wrapper(run, sql, params, many, context)


def update_by_id(connection: Any, table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """For each row ``(value, …, id)``: sets ``columns`` (name and PostgreSQL type) where the id is; one statement."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 4:
            names = [f"c{i}" for i in range(len(columns))]
            sets = ",".join(f"{quote(c)} = v.{n}" for c, n in zip(columns, names, strict=True))
            arrays = ",".join(f"%s::{type_}[]" for type_ in (*columns.values(), "bigint"))
            cursor.execute(
                f"UPDATE {quote(table)} t SET {sets} FROM unnest({arrays}) "  # noqa: S608
                f"AS v({','.join([*names, 'id'])}) WHERE t.id = v.id",
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            sets = ",".join(f"{quote(c)} = %s" for c in columns)
            cursor.executemany(f"UPDATE {quote(table)} SET {sets} WHERE id = %s", rows)  # noqa: S608


def upsert(connection: Any, table: str, columns: dict[str, str], rows: Sequence[Sequence[Any]], sets: str, where: str) -> None:
    """Rows into a table by its first column; where one is there already it is set as ``sets`` says, if ``where`` holds. Sorted rows.

    ``columns`` name PostgreSQL's types; ``excluded`` is the row that came.
    """
    names = ",".join(map(quote, columns))
    key = quote(next(iter(columns)))
    conflict = f"ON CONFLICT ({key}) DO UPDATE SET {sets} WHERE {where}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 4:
            arrays = ",".join(f"%s::{type_}[]" for type_ in columns.values())
            given = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"INSERT INTO {quote(table)} ({names}) SELECT * FROM unnest({arrays}) {conflict}", given)  # noqa: S608
        else:
            marks = ",".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks}) {conflict}", rows)  # noqa: S608


def in_parts(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """``rows`` in lists of at most ``size``."""
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
