"""What was overdue, by grid and in one grid, as known at any past entry, with two million duties, on both databases. Asserts nothing.

The board's own question (`gaps.coverage.gaps`) beside the same question put to DuckDB over Parquet and to a scan of the whole table.
"""

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import ground
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count

from bulou.basis.ids import named_id
from bulou.basis.time import BEGINNING, DAY, FOREVER, HOUR, Instant
from bulou.duties.enter import _COLUMNS as COLUMNS
from bulou.evidence.now import NEVER, Numbers
from bulou.evidence.sql import insert
from bulou.gaps.coverage import gaps
from bulou.register.scope import Scope

try:
    import duckdb
except ImportError:
    duckdb = None

BEGIN, DAYS = Instant(1_606_780_800_000_000), 30
CITY = Scope(None)
INCIDENT = named_id("bench", "incident")


class Sizes:
    """How much there is of everything."""

    def __init__(self, small: bool) -> None:
        self.duties = 20_000 if small else 2_000_000
        self.entries = 200 if small else 20_000
        self.grids = [f"510117{t:03d}{v:03d}-{g}" for t in range(1, 13) for v in range(1, 21) for g in range(1, 7)]

    def known(self, seq: int) -> Instant:
        """When an entry became known."""
        return Instant(BEGIN + seq * DAYS * DAY // self.entries)


def duties(sizes: Sizes) -> Iterator[tuple[Any, ...]]:
    """Rows as an outbreak leaves them: most done in hours, some late, some never, some void or moved; all made up."""
    source = random.Random(5)
    per = sizes.duties // sizes.entries
    for seq in range(1, sizes.entries + 1):
        numbers, known = Numbers(seq), sizes.known(seq)
        for i in range(per):
            luck = source.random()
            opens = known - source.randrange(2 * HOUR)
            due = opens + source.choice((2, 4, 12, 24, 24, 48)) * HOUR
            took = source.expovariate(1 / (6 * HOUR)) if luck < 0.9 else source.expovariate(1 / (4 * DAY))
            closed_at = Instant(opens + int(took))
            closed_seq = (closed_at + source.randrange(HOUR) - BEGIN) * sizes.entries // (DAYS * DAY) + 1
            open_ = luck > 0.97 or closed_seq > sizes.entries
            void = seq + source.randrange(1, sizes.entries) if source.random() < 0.05 else NEVER
            subject, area = named_id(str(seq), str(i)), source.choice(sizes.grids)
            end = opens + 14 * DAY if luck < 0.3 else FOREVER
            given = FOREVER if 0.3 < luck < 0.31 else BEGINNING
            moved = opens + source.randrange(3 * DAY) if source.random() < 0.03 else None
            for here_from, here_until in ((BEGINNING, moved), (moved, FOREVER)) if moved else ((BEGINNING, FOREVER),):
                yield (
                    numbers.take(), subject, 1 + i % 12, INCIDENT, subject, 0, here_from, here_until,
                    area if here_from == BEGINNING else source.choice(sizes.grids), opens, due, end, given, seq,
                    NEVER if open_ else max(seq, closed_seq), NEVER if void > sizes.entries else void,
                    None if open_ else closed_at, None if open_ else 1, None,
                )  # fmt: skip


def load(sizes: Sizes) -> int:
    """All rows, in bulk, without indexes until the end: no engine makes them, both sides are asked about the same rows."""
    n, part = 0, []
    with ground.without_indexes(["duty"]):
        for row in duties(sizes):
            part.append(row)
            if len(part) == 50_000:
                with transaction.atomic():
                    insert(connection, "duty", COLUMNS, part)
                n, part = n + len(part), []
        with transaction.atomic():
            insert(connection, "duty", COLUMNS, part)
    with transaction.atomic():
        entries = [(seq, sizes.known(seq), "bench", "loaded in bulk", 0, False, b"") for seq in range(1, sizes.entries + 1)]
        insert(connection, "entry", ("seq", "known", "by", "source", "n", "broad", "hash"), entries)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return n + len(part)


# --- the question, three times ----------------------------------------------------------------------------------------
def by_grid(seq: int, about: int) -> list[tuple[str, int]]:
    """The city's overdue duties by grid: what the board's map is shaded by."""
    found = gaps(seq, about, CITY).values("area").order_by("area").annotate(n=Count("*"))
    return [(g["area"], g["n"]) for g in found]


def in_grid(seq: int, about: int, grid: str) -> list[tuple[int, int]]:
    """A grid's overdue duties, the oldest first: what its officer works from."""
    found = gaps(seq, about, Scope(frozenset([grid]))).order_by("due_at", "id").values_list("due_at", "id")
    return list(found)


#: SEMANTICS in plain words: stood at the entry, in its place at the hour, due before it, and neither closed nor ended.
PLAIN = """opened_seq <= {seq} AND void_seq > {seq} AND here_from <= {about} AND here_until > {about} AND due_at < {about}
    AND end_at > {about} AND (closed_seq > {seq} OR closed_at > {about}) AND (opens_at <= {about} OR given_at > {about})"""


class Lake:
    """The same rows as Parquet, asked by DuckDB."""

    def __init__(self, sizes: Sizes) -> None:
        self.path = str(ground.folder() / "duty.parquet")
        self.client = duckdb.connect()
        self.client.execute("SET threads TO 2")
        source = ground.folder() / "duty.csv"
        keep = (
            "id",
            "area",
            "here_from",
            "here_until",
            "opens_at",
            "due_at",
            "end_at",
            "given_at",
            "opened_seq",
            "closed_seq",
            "void_seq",
            "closed_at",
        )
        at = [COLUMNS.index(c) for c in keep]
        with source.open("w") as file:
            for row in duties(sizes):
                file.write(",".join("" if row[i] is None else str(row[i]) for i in at) + "\n")
        types = "{" + ",".join(f"'{c}': '{'VARCHAR' if c == 'area' else 'BIGINT'}'" for c in keep) + "}"
        self.client.execute(f"COPY (FROM read_csv('{source}', header=false, columns={types})) TO '{self.path}'")
        source.unlink()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.client.execute(sql.replace("duty", f"'{self.path}'", 1)).fetchall()


def scan(sql: str) -> list[tuple[Any, ...]]:
    """A scan of the whole table by this database, told not to use an index."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off")
        cursor.execute(sql if connection.vendor == "postgresql" else sql.replace("duty", "duty NOT INDEXED", 1))
        rows = cursor.fetchall()
        if connection.vendor == "postgresql":
            cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan")
        return list(rows)


def measure(args: Any) -> int:
    sizes = Sizes(args.small)
    sizes.duties = args.duties or sizes.duties
    call_command("migrate", verbosity=0)
    loading, n = ground.timed(lambda: load(sizes))
    lake = Lake(sizes) if duckdb else None
    title = (
        f"asof on {args.database}: {ground.machine()}; {n:,} rows of duties (loaded in bulk in {loading:.0f} s), {sizes.entries:,} entries, "
        f"{len(sizes.grids):,} grids, medians of {args.rounds} interleaved rounds; in brackets this process's own time"
    )
    table = ground.Table(title, ("what", "bulou", "DuckDB over Parquet", "whole table scanned", "ratio", "target", "check"))
    for share in (0.1, 0.25, 0.5, 0.75, 1.0):
        seq = int(share * sizes.entries)
        about = sizes.known(seq)
        where = PLAIN.format(seq=seq, about=about)
        grid = sizes.grids[len(sizes.grids) // 3]
        compare(table, args.rounds, f"a city's overdue by grid, as known at entry {seq:,}", "< 200 ms", lake,
                lambda seq=seq, about=about: by_grid(seq, about),
                f"SELECT area, COUNT(*) FROM duty WHERE {where} GROUP BY area ORDER BY area")  # fmt: skip
        compare(table, args.rounds, f"one grid's list, as known at entry {seq:,}", "< 5 ms", lake,
                lambda seq=seq, about=about, grid=grid: in_grid(seq, about, grid),
                f"SELECT due_at, id FROM duty WHERE {where} AND area = '{grid}' ORDER BY due_at, id")  # fmt: skip
    table.show()
    return int(table.failed)


def compare(table: ground.Table, rounds: int, what: str, target: str, lake: Lake | None, ask: Callable[[], Any], sql: str) -> None:
    ours, own, theirs, scans = [], [], [], []
    same = True
    ask()
    for _ in range(rounds):
        seconds, worked, found = ground.worked(ask)
        ours.append(seconds)
        own.append(worked)
        seconds, scanned = ground.timed(lambda: scan(sql))
        scans.append(seconds)
        same &= found == scanned
        if lake:
            seconds, peer = ground.timed(lambda: lake.ask(sql))
            theirs.append(seconds)
            same &= found == peer
    a, c = ground.median(ours), ground.median(scans)
    b = ground.median(theirs) if theirs else None
    size = f"{sum(n for _, n in found):,} in {len(found):,} grids" if "city" in what else f"{len(found):,} rows"
    table.line(f"{what}: {size}", f"{1000 * a:.1f} ms ({1000 * ground.median(own):.1f})", f"{1000 * b:.1f} ms" if b else "not installed", f"{1000 * c:.0f} ms",
               f"{(b or c) / a:.1f}×", target, table.same(same))  # fmt: skip


if __name__ == "__main__":
    given = ground.arguments(__doc__.split("\n", maxsplit=1)[0])
    with ground.cleaned():
        sys.exit(measure(given) if given.child else ground.on_each(__file__, given))
