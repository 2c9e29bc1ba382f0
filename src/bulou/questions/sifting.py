"""Visits of a file row by row: what the lake may take, and for every other row its field and what would be right. Mends nothing, guesses nothing.

What is refused is told without its content: a receipt must not keep what the lake did not take.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from bulou.basis.time import Instant, midnight
from bulou.basis.words import Word
from bulou.questions.rings import quoted
from bulou.questions.visits import Column, Unreadable, checks, instant, told_rows, types_of

_TEXT = ("person", "place", "from", "to", "space", "carriage", "row", "crew", "kind")
_UUID = "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"


class Refused(NamedTuple):
    """A row that the lake does not take: where it stands, its field and what would be right."""

    row: int
    field: str
    right: Word


class Sifted:
    """The rows of a file, each with its fate, in a table of the connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, asked: list[Column], zone: ZoneInfo) -> None:
        self.con, self._asked = con, asked
        self.taken, self.wrong, first, last = con.execute(
            "SELECT count(*) FILTER (wrong IS NULL), count(wrong), min(day) FILTER (wrong IS NULL), max(day) FILTER (wrong IS NULL) FROM sifted"
        ).fetchall()[0]
        self.first_day: str | None = first
        self.last_day: str | None = last

    #: What is taken, as the lake has it.
    rows = "SELECT person, place, space, carriage, row, crew, start, stop, kind, day FROM sifted WHERE wrong IS NULL"

    def refused(self) -> Iterator[Refused]:
        """Every other row, in its order."""
        found = self.con.execute("SELECT line, wrong FROM sifted WHERE wrong IS NOT NULL ORDER BY line")
        while part := found.fetchmany(1000):
            for line, wrong in part:
                yield Refused(line, self._asked[wrong].name, self._asked[wrong].right)


def sift(con: duckdb.DuckDBPyConnection, path: Path, zone: ZoneInfo, since: str, now: Instant) -> Sifted:
    """Reads a file of visits (Parquet, CSV, TSV). Rows of a local day before ``since`` are older than is kept, and refused. Unreadable where it is no such file.

    Ids of the register lose their strokes, and documents have large letters, so that one is written in one way.
    """
    start, stop = _table(con, path, zone)
    first = midnight(since, zone)
    asked = [
        *checks(_TEXT, start, stop),
        Column(
            "from", f"({start}) < {first}", Word(f"不早于 {since}:更早的不予保存", f"no earlier than {since}: what is older is not kept")
        ),
        Column("from", f"({start}) > {now}", Word("不晚于现在", "no later than now")),
    ]
    wrongs = " ".join(f"WHEN {c.wrong} THEN {i}" for i, c in enumerate(asked))
    words = {c: f"nullif(trim({c}), '')" for c in ("space", "carriage", "row", "crew", "kind")}
    row = f"TRY_CAST({words['row']} AS INTEGER)"
    seat = f"nullif(coalesce({words['carriage']}, '') || '/' || coalesce({row}::VARCHAR, ''), '/')"
    con.execute(f"""CREATE OR REPLACE TABLE sifted AS SELECT line, {_id("person", upper=True)} person, {_id("place")} place, coalesce({seat}, {words["space"]}) space,
        {words["carriage"]} carriage, {row} AS row, coalesce(lower({words["crew"]}), '') IN ('1', 'true', 'yes', 'y', '是') crew, {start} start, {stop} stop,
        {words["kind"]} kind, strftime(timezone({quoted(zone.key)}, make_timestamptz({start})), '%Y-%m-%d') AS day,
        CASE {wrongs} END::INTEGER wrong FROM told_visit""")
    if path.suffix.lower() != ".parquet":
        con.execute("CREATE OR REPLACE TEMP TABLE told_visit AS SELECT 1 AS gone")  # its room is given back
    return Sifted(con, asked, zone)


def _id(column: str, *, upper: bool = False) -> str:
    """An id as the lake has it: of a document the letters are large, whoever wrote ``x`` for ``X``; a place's code stays as it is written."""
    other = f"upper(trim({column}))" if upper else f"trim({column})"
    return f"CASE WHEN regexp_full_match(lower(trim({column})), '{_UUID}') THEN replace(lower(trim({column})), '-', '') ELSE {other} END"


def _table(con: duckdb.DuckDBPyConnection, path: Path, zone: ZoneInfo) -> tuple[str, str]:
    """The file as ``told_visit`` with every column as text; gives its times as SQL."""
    if path.suffix.lower() == ".parquet":
        table = f"read_parquet({quoted(path)}, file_row_number = true)"
        heads = types_of(con, table, path)
        for column in ("from", "to"):
            if instant(column, heads[column], zone) is None:
                raise Unreadable([Word(f"{path}:{column} 列是 {heads[column]},应是微秒(UTC)、时间或文字",
                                       f"{path}: column {column} is {heads[column]}, should be microseconds UTC, a time or text")])  # fmt: skip
        start, stop = (instant(f't."{c}"', heads[c], zone) for c in ("from", "to"))
        columns = ", ".join(f'"{c}"::VARCHAR AS "{c}"' if c in heads else f'NULL::VARCHAR AS "{c}"' for c in _TEXT)
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW told_visit AS SELECT file_row_number + 1 AS line, {columns}, {start} AS start_, {stop} AS stop_ FROM {table} t"
        )
        return "start_", "stop_"
    heads = told_rows(con, path)
    for column in _TEXT:
        if column not in heads:
            con.execute(f'ALTER TABLE told_visit ADD COLUMN "{column}" VARCHAR')
    start, stop = (instant(f'trim("{c}")', "VARCHAR", zone) for c in ("from", "to"))
    return start or "", stop or ""
