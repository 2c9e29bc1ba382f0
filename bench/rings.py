"""Rings of cases among millions of visits, beside hand-written SQL, pandas, Polars and PostgreSQL in the same run. Asserts nothing.

The visits are those of an exercise's city. Asked is one rule that every side can be told in a few lines: the same space for 15 minutes in all at one place,
in a window of two days; behind close contacts the same from their first exposure on. Every side must give the same people with the same minutes.
Polars is measured where it is there (``uv run --with polars``), PostgreSQL where ``--postgres`` names a server.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import duckdb
import ground
import numpy as np
import psycopg
import pyarrow as pa

from bulou.basis.time import Instant
from bulou.exercise.city import build
from bulou.exercise.days import visits as visits_of_day
from bulou.exercise.parameters import read_file
from bulou.exercise.places import PLACES
from bulou.protocol.read import compile_edition
from bulou.questions import rings, visits
from bulou.questions.exposure import Case, ways

try:
    import polars as pl
except ImportError:
    pl = None

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.exercise.towns import AREA, LANDS
from tests.questions.towns import HEAD

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = 60_000_000
LEAST = 15 * MINUTE
#: 00:00 of 7 December 2020 in the city's zone, and the window that is asked: days 1 and 2, counted from 0.
ZERO = 1_607_270_400_000_000
LOW, HIGH = ZERO + 1440 * MINUTE, ZERO + 3 * 1440 * MINUTE
_KINDS = sorted(set(visits.CITY_KINDS.values()) | {"other"})
_RULE = (
    '[[exposure]]\nring = "{}"\nsetting = "venue"\ncriteria = {{ zh = "同", en = "same" }}\nminutes = 15\nsource = "made up"\nstatus = "unverified"\n'
    + ('find = [{{ places = [{}], shares = "space", status = "unverified" }}]\n')
)
_PLACES = ", ".join(f'"{k}"' for k in _KINDS)
BY = ways(compile_edition(HEAD + _RULE.format("close", _PLACES) + _RULE.format("secondary", _PLACES), "blue/rings.toml"))
#: An answer: case, person, place, microseconds; of the second ring case, contact, person, place, microseconds. Sorted.
Answer = np.ndarray


class Side(NamedTuple):
    """One way to ask: the first ring, and the first and the second."""

    name: str
    first: Callable[[np.ndarray], Answer]
    second: Callable[[np.ndarray], Answer] | None


def made(people: int, days: int) -> tuple[pa.Table, pa.Table]:
    """The visits of a city's days, as its files have them (by day, person, time), and the kinds of its places."""
    city = build(LANDS, AREA, people, 7, read_file(None))
    columns: list[list[np.ndarray]] = [[] for _ in range(5)]
    for day in range(days):
        v = visits_of_day(city, day)
        zero = ZERO + day * 1440 * MINUTE
        for column, values in zip(
            columns,
            (v.person, v.place, v.space, zero + v.start.astype(np.int64) * MINUTE, zero + v.end.astype(np.int64) * MINUTE),
            strict=True,
        ):
            column.append(values)
    table = pa.table({n: np.concatenate(c) for n, c in zip(("person", "place", "space", "start", "stop"), columns, strict=True)})
    kinds = [visits.CITY_KINDS.get(PLACES[k], "other") for k in city.places.kind.tolist()]
    return table, pa.table({"place": np.arange(len(kinds), dtype=np.uint32), "kind": kinds})


def ordered(rows: Any) -> Answer:
    """Rows as whole numbers in one order, so that answers can be compared."""
    found = np.asarray(rows, dtype=np.int64)
    return found[np.lexsort(found.T[::-1])] if len(found) else found.reshape(0, 0)


def ours(con: duckdb.DuckDBPyConnection, source: visits.Source) -> Side:
    """`bulou.questions.rings` on tables of the connection."""

    tables = visits.tables(con, source, visits.More(), ZONE)

    def ask(cases: np.ndarray, by: list[Any]) -> None:
        con.execute(f"CREATE OR REPLACE TEMP VIEW raw_visit AS {source.visits}")
        rings.find(tables, [Case(str(p), int(p), None, Instant(LOW), Instant(HIGH)) for p in cases], by, ZONE)

    def first(cases: np.ndarray) -> Answer:
        ask(cases, [w for w in BY if w.ring == "close"])
        return ordered(
            np.column_stack(
                list(con.execute("SELECT of_case::BIGINT c, person p, place w, together t FROM exposure").fetchnumpy().values())
            )
        )

    def second(cases: np.ndarray) -> Answer:
        ask(cases, BY)
        told = "SELECT of_case::BIGINT c, via v, person p, place w, together t FROM exposure WHERE via IS NOT NULL"
        return ordered(np.column_stack(list(con.execute(told).fetchnumpy().values())))

    return Side("", first, second)


_FIRST = """SELECT c.person c, o.person p, o.place w, sum(least(o.stop, v.stop, {high}) - greatest(o.start, v.start, {low}))::BIGINT t,
        min(greatest(o.start, v.start, {low})) since
    FROM cases c JOIN {mine} v ON v.person = c.person AND v.start < {high} AND v.stop > {low}
    JOIN {v} o ON o.space = v.space AND o.start < least(v.stop, {high}) AND o.stop > greatest(v.start, {low}) AND o.person <> c.person
    GROUP BY 1, 2, 3 HAVING sum(least(o.stop, v.stop, {high}) - greatest(o.start, v.start, {low})) >= {least}"""
_SECOND = """WITH near AS (SELECT c, p, min(since) since FROM ({first}) x GROUP BY 1, 2)
    SELECT n.c, n.p v, o.person p, o.place w, sum(least(o.stop, v.stop) - greatest(o.start, v.start, n.since))::BIGINT t
    FROM near n JOIN {mine} v ON v.person = n.p AND v.stop > n.since
    JOIN {v} o ON o.space = v.space AND o.start < v.stop AND o.stop > greatest(v.start, n.since) AND o.person <> n.p AND o.person <> n.c
    WHERE NOT EXISTS (SELECT 1 FROM cases k WHERE k.person = n.p) GROUP BY 1, 2, 3, 4
    HAVING sum(least(o.stop, v.stop) - greatest(o.start, v.start, n.since)) >= {least}"""


def _sql(name: str, mine: str) -> tuple[str, str]:
    first = _FIRST.format(v=name, mine=mine, low=LOW, high=HIGH, least=LEAST)
    return f"SELECT c, p, w, t FROM ({first}) x", _SECOND.format(first=first, v=name, mine=mine, least=LEAST)


def by_hand(con: duckdb.DuckDBPyConnection, name: str, mine: str) -> Side:
    """The same two questions as one statement each, as somebody writes them down. Cases isolated at the window's end have nobody behind them after it."""
    one, two = _sql(name, mine)

    def asking(told: str) -> Callable[[np.ndarray], Answer]:
        def ask(cases: np.ndarray) -> Answer:
            frame = pa.table({"person": cases})
            con.register("cases", frame)
            return ordered(np.column_stack(list(con.execute(told).fetchnumpy().values())))

        return ask

    return Side("", asking(one), asking(two))


def in_pandas(table: pa.Table) -> Side:
    """Two merges and a sum."""
    frame = table.to_pandas()

    def first(cases: np.ndarray) -> Answer:
        mine = frame[frame.person.isin(cases) & (frame.start < HIGH) & (frame.stop > LOW)]
        pairs = mine.merge(
            frame[frame.space.isin(mine.space.unique()) & (frame.start < HIGH) & (frame.stop > LOW)], on="space", suffixes=("_c", "_o")
        )
        pairs["b"] = np.maximum(np.maximum(pairs.start_c, pairs.start_o), LOW)
        pairs["t"] = np.minimum(np.minimum(pairs.stop_c, pairs.stop_o), HIGH) - pairs.b
        pairs = pairs[(pairs.t > 0) & (pairs.person_c != pairs.person_o)]
        total = pairs.groupby(["person_c", "person_o", "place_o"], as_index=False).t.sum()
        return ordered(total[total.t >= LEAST].to_numpy())

    return Side("pandas", first, None)


def in_polars(table: pa.Table) -> Side:
    """The same in Polars, lazily."""
    frame = pl.from_arrow(table)

    def first(cases: np.ndarray) -> Answer:
        inside = frame.lazy().filter((pl.col("start") < HIGH) & (pl.col("stop") > LOW))
        mine = inside.join(pl.DataFrame({"person": cases.astype(np.uint32)}).lazy(), on="person", how="semi")
        b, e = pl.max_horizontal("start", "start_o", pl.lit(LOW)), pl.min_horizontal("stop", "stop_o", pl.lit(HIGH))
        pairs = (
            mine.join(inside, on="space", suffix="_o")
            .with_columns(t=e - b)
            .filter((pl.col("t") > 0) & (pl.col("person") != pl.col("person_o")))
        )
        total = pairs.group_by("person", "person_o", "place_o").agg(pl.col("t").sum()).filter(pl.col("t") >= LEAST)
        return ordered(total.collect().select("person", "person_o", "place_o", "t").cast(pl.Int64).to_numpy())

    return Side("Polars", first, None)


def in_postgres(server: str, table: pa.Table) -> tuple[Side, Callable[[], None], float]:
    """The same statements in PostgreSQL, two covering indexes, clustered by space; how to be rid of it; seconds to load."""
    name = f"bulou_bench_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(server, autocommit=True) as client:
        client.execute(f'CREATE DATABASE "{name}"')
    client = psycopg.connect(urlunsplit(urlsplit(server)._replace(path=f"/{name}")), autocommit=True)
    began = time.perf_counter()
    client.execute("CREATE UNLOGGED TABLE visit (person int, place int, space int, start bigint, stop bigint)")
    con = duckdb.connect()
    con.register("told", table)
    with tempfile.TemporaryDirectory() as folder, client.cursor() as cursor:
        path = Path(folder) / "visits.csv"
        con.execute(
            f"COPY (SELECT person, place, space, start, stop FROM told ORDER BY space, start) TO '{path}' (FORMAT csv, HEADER false)"
        )
        with cursor.copy("COPY visit FROM STDIN (FORMAT csv)") as copy, path.open("rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)
    client.execute("SET maintenance_work_mem = '1GB'")
    client.execute("CREATE INDEX ON visit (space, start) INCLUDE (stop, person, place)")
    client.execute("CREATE INDEX ON visit (person, start) INCLUDE (stop, space)")
    client.execute("VACUUM ANALYZE visit")
    client.execute("SET work_mem = '256MB'")
    client.execute("CREATE TEMP TABLE cases (person int)")
    one, two = _sql("visit", "visit")

    def asking(told: str) -> Callable[[np.ndarray], Answer]:
        def ask(cases: np.ndarray) -> Answer:
            client.execute("TRUNCATE cases")
            with client.cursor() as cursor, cursor.copy("COPY cases FROM STDIN") as copy:
                copy.write("\n".join(map(str, cases)))
            client.execute("ANALYZE cases")
            return ordered(client.execute(told).fetchall())

        return ask

    def dropped() -> None:
        client.close()
        with psycopg.connect(server, autocommit=True) as last:
            last.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    return Side("PostgreSQL", asking(one), asking(two)), dropped, time.perf_counter() - began


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", "--smoke", action="store_true", help="a smoke run in seconds: the numbers mean nothing")
    parser.add_argument("--people", type=int, default=480_000, help="people of the city: about 4.2 visits a person and day")
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; medians are printed")
    parser.add_argument("--postgres", default="", metavar="URL", help="a database of a server whose user may create others")
    parser.add_argument("--skip", default="", help="sides to leave out, with commas between: pandas, Polars, files")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    people, days, rounds = (3_000, 4, 1) if args.small else (args.people, args.days, args.rounds)
    began = time.perf_counter()
    table, kinds = made(people, days)
    built = time.perf_counter() - began
    with tempfile.TemporaryDirectory(dir=ground.folder()) as folder:
        return _measured(args, Path(folder), table, kinds, built, rounds, days)


def _measured(args: argparse.Namespace, folder: Path, table: pa.Table, kinds: pa.Table, built: float, rounds: int, days: int) -> int:
    skipped = set(args.skip.split(","))
    con = duckdb.connect(str(folder / "visits.duckdb"))
    con.register("told", table)
    began = time.perf_counter()
    con.execute("CREATE TABLE by_space AS SELECT person, place, space, start, stop FROM told ORDER BY space, start")
    con.execute("CREATE TABLE by_person AS SELECT person, place, space, start, stop FROM told ORDER BY person, start")
    con.execute("CREATE TABLE kind AS SELECT * FROM kinds")
    loaded = time.perf_counter() - began
    con.execute(f"COPY (SELECT * FROM told) TO '{folder / 'visits.parquet'}' (FORMAT parquet)")
    con.unregister("told")

    def source(name: str) -> visits.Source:
        told = f"SELECT person, place, space, NULL carriage, NULL::INTEGER AS row, false crew, start, stop FROM {name}"
        sorted_ = told.replace("FROM by_space", "FROM by_person") if name == "by_space" else None
        return visits.Source(told, "UINTEGER", "UINTEGER", "SELECT * FROM kind", disjoint=True, by_person=sorted_)

    parquet = f"read_parquet('{folder / 'visits.parquet'}')"
    sides = [
        ours(con, source("by_space"))._replace(name="bulou"),
        by_hand(con, "by_space", "by_person")._replace(name="SQL by hand, same file"),
    ]
    if "files" not in skipped:
        sides += [
            ours(con, source(parquet))._replace(name="bulou on unsorted Parquet"),
            by_hand(con, parquet, parquet)._replace(name="SQL by hand on unsorted Parquet"),
        ]
    if "pandas" not in skipped:
        sides.append(in_pandas(table))
    if pl is not None and "Polars" not in skipped:
        sides.append(in_polars(table))
    drop: Callable[[], None] | None = None
    if args.postgres:
        side, drop, seconds = in_postgres(args.postgres, table)
        sides.append(side)
        print(f"PostgreSQL: loaded, indexed and analysed in {seconds:.0f} s", flush=True)
    n = table.num_rows
    del table
    gc.collect()
    shown = ground.Table(
        f"rings: {ground.machine()}; {n:,} visits of {args.people if not args.small else 3000:,} people on {days} days (made in {built:.0f} s, sorted into a "
        f"DuckDB file twice, by space and by person, in {loaded:.0f} s); medians of {rounds} interleaved rounds",
        ("what", "rows", *(s.name for s in sides), "answers"),
    )
    try:
        for many in (30, 1000):
            cases = np.sort(np.random.default_rng(3).choice(args.people if not args.small else 3000, many, replace=False)).astype(np.int64)
            for ring, which in (("first ring", "first"), ("both rings", "second")):
                times: list[list[float]] = [[] for _ in sides]
                answers: list[Answer | None] = [None] * len(sides)
                for nth in range(rounds + 1):  # the first is to warm up
                    for i, side in enumerate(sides):
                        ask = getattr(side, which)
                        if ask is None or (nth == 0 and rounds == 1):
                            continue
                        seconds, found = ground.timed(partial(ask, cases))
                        if which == "second":  # hand-written SQL leaves out whoever is a case: so are they here
                            found = found[~np.isin(found[:, 1], cases)] if len(found) else found
                        if nth or rounds == 1:
                            times[i].append(seconds)
                        answers[i] = found
                told = [a for a in answers if a is not None]
                same = all(np.array_equal(told[0], a) for a in told[1:])
                mine = ground.median(times[0])
                cells = [
                    f"{ground.median(t):.3f} s" + ("" if i == 0 else f" ({ground.median(t) / mine:.1f}×)") if t else ""
                    for i, t in enumerate(times)
                ]
                shown.line(f"{ring}, {many:,} cases", f"{len(told[0]):,}", *cells, shown.same(same))
                print(f"{ring} {many}: {cells}", file=sys.stderr, flush=True)
    finally:
        if drop is not None:
            drop()
    shown.show()
    print(f"most memory of the process: {ground.most_memory() / 1024:.1f} GiB; processors: {os.cpu_count()}")
    return int(shown.failed)


if __name__ == "__main__":
    with ground.cleaned():
        sys.exit(main())
