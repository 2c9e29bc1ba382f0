"""How fast facts are entered, on both databases, with the shipped edition and a million duties present. Asserts nothing.

`enter_many` beside raw inserts of the same columns; 50,000 duties opened by one fact and taken back; fifty phones alone and
beside a bulk import; statements for batches of 1, 10, 100 and 1,000 facts.
"""

import os
import random
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import ground
import psycopg
from django.core.management import call_command
from django.db import connection, connections, transaction

from bulou.basis.facts import (
    AreaDeclared,
    EditionAdopted,
    FactWithdrawn,
    HouseholdDeclared,
    IncidentOpened,
    SampleTaken,
    TubeReceived,
    TubeResulted,
    ZoneDrawn,
    ZoneExtended,
)
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, MachineClock
from bulou.duties.enter import CHUNK, Receipt, enter, enter_many, index_of, pack, rule_numbers
from bulou.duties.enter import _standing as standing_rows
from bulou.duties.enter import cell_id as id_of_cell
from bulou.duties.reckoning import difference, settle
from bulou.evidence.append import head
from bulou.evidence.models.kinds import content_table
from bulou.evidence.now import NEVER, Numbers
from bulou.evidence.reader import Reader
from bulou.evidence.sql import insert, quote
from bulou.kit.centre import centre

EDITION = "covid19/cn-7"
#: The hour of this run, the same in every process of it.
NOW = Instant(int(os.environ.setdefault("BULOU_BENCH_NOW", str(MachineClock().now()))))
WATCH, OUTBREAK = named_id("bench", "watch"), named_id("bench", "outbreak")
DISTRICT, TOWN = "510117", "510117001"
ROOTS = ((DISTRICT, None), (TOWN, DISTRICT), ("510117002", DISTRICT))
CLOCK = MachineClock()


class Sizes:
    """How much there is of everything."""

    def __init__(self, small: bool) -> None:
        #: Batches whose tubes all stand in the stock, so that only their number differs.
        self.batches = (1, 10, 100) if small else (1, 10, 100, 1000)
        self.duties = 3_000 if small else 1_000_000
        self.households = 300 if small else 50_000
        self.results = 200 if small else 4_000
        self.pools = 20 if small else 300
        self.phones, self.seconds = (10, 6.0) if small else (50, 40.0)


# --- set-up -----------------------------------------------------------------------------------------------------------
def fact(kind: str, name: str, at: int, body: Any, incident: bytes | None = None) -> Fact:
    return Fact(named_id("bench", kind, name), kind, Instant(at), incident, body)


def put(facts: Iterable[Fact]) -> Receipt:
    return enter(facts, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol)


def grids() -> list[str]:
    return [f"{TOWN}{v:03d}-{g}" for v in range(1, 51) for g in range(1, 7)]


def found_it() -> None:
    """Areas, the edition in force, a standing watch and an outbreak: entered."""
    put(fact("area.declared", a, NOW - 30 * DAY, AreaDeclared(a, up, "town" if up else "district", a)) for a, up in ROOTS)
    villages = sorted({g.split("-", maxsplit=1)[0] for g in grids()})
    put(fact("area.declared", v, NOW - 30 * DAY, AreaDeclared(v, TOWN, "village", v)) for v in villages)
    put(fact("area.declared", g, NOW - 30 * DAY, AreaDeclared(g, g.split("-", maxsplit=1)[0], "grid", g)) for g in grids())
    opened = [
        fact("incident.opened", nature, NOW - 30 * DAY, IncidentOpened(i, "covid19", DISTRICT, nature, nature, nature), i)
        for i, nature in ((WATCH, "watch"), (OUTBREAK, "outbreak"))
    ]
    put([fact("edition.adopted", "e", NOW - 30 * DAY, EditionAdopted(EDITION, "covid19", DISTRICT, "hash", "P")), *opened])


def received(tube: str, at: int) -> Fact:
    return fact("tube.received", tube, at, TubeReceived(tube, "covid19"), WATCH)


def stock(many: int) -> None:
    """A million tubes received, each with the duty to give its result: one entered, the others its rows copied with other names.

    Bulk-loaded, since entering them would take minutes: indexes are dropped and made again, `checked_stock` settles some cells
    and compares. Only the seals and hashes of these entries are not true ones.
    """
    model = received("MODEL", NOW - 20 * HOUR)
    seq = put([model]).seq
    with connection.cursor() as cursor:
        rows = {t: _one(cursor, t, seq) for t in ("fact", content_table("tube.received"), "cell", "duty", "tube")}
    rule = next(name for name, number in rule_numbers(connection, ()).items() if number == rows["cell"]["rule"])
    source = random.Random(11)
    cells: list[tuple[Any, ...]] = []
    with ground.without_indexes(list(rows)):
        for start in range(0, many, 50_000):
            with transaction.atomic():
                cells += _copies(rows, rule, model.at, source, range(start, min(many, start + 50_000)))
        with transaction.atomic():  # sorted: each page of a key's tree is written once
            insert(connection, "cell", tuple(rows["cell"]), sorted(cells))


def _copies(rows: dict[str, dict[str, Any]], rule: str, at: int, source: random.Random, these: range) -> list[tuple[Any, ...]]:
    """The rows of these tubes, a thousand in an entry; gives those of their cells, to be written later."""
    made: dict[str, list[tuple[Any, ...]]] = {t: [] for t in rows}
    entries = []
    last = head(connection)
    for i in these:
        if i % 1000 == 0:
            seq = last.seq + 1 + len(entries)
            numbers = Numbers(seq)
            entries.append((seq, last.known, "bench", "loaded in bulk", min(1000, these.stop - i), False, last.hash))
        tube, moved = f"S{i:07d}", source.randrange(-9 * DAY, 8 * HOUR)
        id_, cell = (0x0176 << 112 | i).to_bytes(16, "big"), id_of_cell((rule, (WATCH, tube)))
        own = {
            "fact": {"id": id_, "subject": tube.encode(), "at": at + moved, "entry": seq},
            content_table("tube.received"): {"id": id_, "at": at + moved, "entry": seq, "tube": tube},
            "cell": {"id": cell, "key": pack((WATCH, tube))},
            "duty": {
                "id": numbers.take(), "cell": cell, "subject": tube.encode(), "opened_seq": seq,
                "opens_at": rows["duty"]["opens_at"] + moved, "due_at": rows["duty"]["due_at"] + moved,
            },
            "tube": {"id": numbers.take(), "tube": tube, "opened_seq": seq, "received_at": at + moved},
        }  # fmt: skip
        for table, row in rows.items():
            made[table].append(tuple({**row, **own[table]}.values()))
    insert(connection, "entry", ("seq", "known", "by", "source", "n", "broad", "hash"), entries)
    for table, row in rows.items():
        if table != "cell":
            insert(connection, table, tuple(row), made[table])
    return made["cell"]


def _one(cursor: Any, table: str, seq: int) -> dict[str, Any]:
    where = {
        "duty": f"opened_seq = {seq}",
        "tube": f"opened_seq = {seq}",
        "cell": f"id IN (SELECT cell FROM duty WHERE opened_seq = {seq})",
    }
    cursor.execute(f"SELECT * FROM {quote(table)} WHERE {where.get(table, f'entry = {seq}')}")
    rows = cursor.fetchall()
    assert len(rows) == 1, f"{len(rows)} rows in {table}"
    columns = [c.name if hasattr(c, "name") else c[0] for c in cursor.description]
    return {c: bytes(v) if isinstance(v, memoryview) else v for c, v in zip(columns, rows[0], strict=True)}


def checked_stock(many: int, some: int = 300) -> bool:
    """Whether settling some of the loaded cells from the loaded facts gives just the rows that were loaded."""
    facts, protocol = Reader(connection), centre().protocol
    index = index_of(protocol, facts, ())
    rule = index.rules[f"{EDITION}/testing.result"]
    touched = {(rule.id, (WATCH, f"S{i:07d}")): None for i in random.Random(3).sample(range(many), min(many, some))}
    have = standing_rows(connection, touched, {id_of_cell(c): c for c in touched}, index)
    found = [difference(have.get(c, ()), settle(rule, c[1], facts, protocol, NOW).duties) for c in touched]
    return all(not (d.close or d.void or d.add) for d in found) and len(have) == len(touched)


def households(many: int) -> float:
    """Households declared, evenly over the grids: entered in large entries. Gives facts a second."""
    where = grids()
    facts = (
        fact(
            "household.declared", str(i), NOW - 29 * DAY, HouseholdDeclared(named_id("bench home", str(i)), where[i % len(where)], f"{i}号")
        )
        for i in range(many)
    )
    seconds, _ = ground.timed(lambda: [None for _ in _entered(facts, 2000)])
    return many / seconds


def _entered(facts: Iterable[Fact], chunk: int) -> Iterator[Receipt]:
    """In entries of just this size, however long each takes; only the import beside phones lets them shrink."""
    return enter_many(facts, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol, chunk=chunk, hold=None)


def person(n: int) -> bytes:
    return named_id("bench person", str(n))


def pools(many: int) -> tuple[float, int]:
    """Pools of ten that read positive: their people are recalled. Gives duties opened a second and how many."""
    swabs = [
        fact("sample.taken", f"pool {n}", NOW - 3 * HOUR, SampleTaken(person(n), f"P{n // 10:05d}", "covid19", 10), WATCH)
        for n in range(many * 10)
    ]
    list(_entered(swabs, 1000))
    reads = [
        fact("tube.resulted", f"P{t:05d}", NOW - HOUR, TubeResulted(f"P{t:05d}", "covid19", "positive"), OUTBREAK) for t in range(many)
    ]
    seconds, receipts = ground.timed(lambda: list(_entered(reads, 20)))
    opened = sum(r.opened for r in receipts)
    return opened / seconds, opened


# --- facts a second ---------------------------------------------------------------------------------------------------
class Raw:
    """The other side: the same columns of the same rows put into tables like ours by the database's own client, nothing else."""

    def __init__(self) -> None:
        self.postgresql = connection.vendor == "postgresql"
        if self.postgresql:
            self.client: Any = psycopg.connect(_conninfo())
            self.client.execute("CREATE SCHEMA IF NOT EXISTS raw")
            self.client.commit()
            return
        self.client = sqlite3.connect(ground.folder() / "raw.sqlite3", isolation_level=None)
        for pragma in connection.settings_dict["OPTIONS"]["init_command"].split(";"):
            self.client.execute(pragma)

    def table(self, name: str) -> str:
        if self.postgresql:
            self.client.execute(f"CREATE TABLE IF NOT EXISTS raw.{quote(name)} (LIKE public.{quote(name)} INCLUDING ALL)")
            self.client.commit()
            return f"raw.{quote(name)}"
        if not self.client.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [name]).fetchone():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index') AND sql IS NOT NULL", [name]
                )
                for (statement,) in cursor.fetchall():
                    self.client.execute(statement)
        return quote(name)

    def put(self, rows: dict[str, list[tuple[Any, ...]]], columns: dict[str, list[str]], chunk: int) -> None:
        """All rows, ``chunk`` of each table in one transaction."""
        tables = {t: self.table(t) for t in rows}
        for start in range(0, max(map(len, rows.values())), chunk):
            self.client.execute("BEGIN IMMEDIATE" if not self.postgresql else "SELECT 1")
            for table, these in rows.items():
                names = ",".join(map(quote, columns[table]))
                part = these[start : start + chunk]
                if self.postgresql:
                    with self.client.cursor().copy(f"COPY {tables[table]} ({names}) FROM STDIN") as copy:
                        for row in part:
                            copy.write_row(row)
                else:
                    marks = ",".join("?" * len(columns[table]))
                    self.client.executemany(f"INSERT INTO {tables[table]} ({names}) VALUES ({marks})", part)
            self.client.commit() if self.postgresql else self.client.execute("COMMIT")

    def rows(self, table: str, ids: Sequence[bytes], columns: list[str]) -> set[tuple[Any, ...]]:
        names, wanted = ",".join(map(quote, columns)), set(ids)
        found = self.client.execute(f"SELECT {names} FROM {self.table(table)}").fetchall()
        at = columns.index("id")
        return {tuple(map(_plain, row)) for row in found if bytes(row[at]) in wanted}

    def close(self) -> None:
        self.client.close()


def _conninfo() -> str:
    return str(psycopg.conninfo.make_conninfo(**{k: v for k, v in connection.get_connection_params().items() if k in _PARAMS}))


_PARAMS = ("dbname", "user", "host", "port", "password")


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else int(value) if isinstance(value, bool) else value


def written(kind: str, seqs: range) -> tuple[dict[str, list[tuple[Any, ...]]], dict[str, list[str]]]:
    """What our side wrote for a kind in some entries: envelopes and contents, as rows."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    columns: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in ("fact", content_table(kind)):
            cursor.execute(f"SELECT * FROM {quote(table)} WHERE entry BETWEEN {seqs.start} AND {seqs.stop - 1} ORDER BY id")
            columns[table] = [c.name if hasattr(c, "name") else c[0] for c in cursor.description]
            bools = [i for i, c in enumerate(columns[table]) if c == "provisional"]
            rows[table] = [_typed(row, bools) for row in cursor.fetchall()]
    return rows, columns


def _typed(row: tuple[Any, ...], bools: list[int]) -> tuple[Any, ...]:
    if connection.vendor != "postgresql":
        return row
    return tuple(bool(v) if i in bools else bytes(v) if isinstance(v, memoryview) else v for i, v in enumerate(row))


def negatives(first: int, many: int, tag: str) -> list[Fact]:
    body = [f"S{i:07d}" for i in range(first, first + many)]
    return [fact("tube.resulted", f"{tag} {t}", NOW, TubeResulted(t, "covid19", "negative", channel="file"), WATCH) for t in body]


def singles(people: range, tag: str, incident: bytes) -> list[Fact]:
    return [
        fact("sample.taken", f"{tag} {n}", NOW - MINUTE, SampleTaken(person(n), f"Q{tag}{n:06d}", "covid19", 1), incident) for n in people
    ]


def speed(sizes: Sizes, rounds: int, table: ground.Table) -> None:
    raw = Raw()
    each = sizes.pools * 10 // rounds // 2
    lots: list[tuple[str, str, int, Callable[[int], list[Fact]]]] = []
    for k, chunk in enumerate((CHUNK, 1000)):
        lots += [
            ("tube results, each closing a duty", "tube.resulted", chunk,
             lambda r, k=k: negatives((2 * r + k) * sizes.results, sizes.results, "n")),
            ("single samples of recalled people, each closing a duty", "sample.taken", chunk,
             lambda r, k=k: singles(range((2 * r + k) * each, (2 * r + k + 1) * each), "r", OUTBREAK)),
            ("single samples of people who owe nothing", "sample.taken", chunk,
             lambda r, k=k: singles(range(10**6 + (2 * r + k) * sizes.results, 10**6 + (2 * r + k + 1) * sizes.results), "f", WATCH)),
        ]  # fmt: skip
    ours: dict[int, list[float]] = {i: [] for i in range(len(lots))}
    theirs: dict[int, list[float]] = {i: [] for i in range(len(lots))}
    owns: dict[int, list[float]] = {i: [] for i in range(len(lots))}
    raws: dict[int, list[float]] = {i: [] for i in range(len(lots))}
    closed: Counter[int] = Counter()
    equal = dict.fromkeys(ours, True)
    for r in range(rounds):
        for i, (_, kind, chunk, make) in enumerate(lots):
            facts = make(r)
            seconds, own, receipts = ground.worked(lambda facts=facts, chunk=chunk: list(_entered(facts, chunk)))
            ours[i].append(len(facts) / seconds)
            owns[i].append(len(facts) / own)
            closed[i] += sum(x.closed for x in receipts)
            rows, columns = written(kind, range(receipts[0].seq, receipts[-1].seq + 1))
            seconds, own, _ = ground.worked(lambda rows=rows, columns=columns, chunk=chunk: raw.put(rows, columns, chunk))
            theirs[i].append(len(facts) / seconds)
            raws[i].append(len(facts) / own)
            ids = [f.id for f in facts]
            equal[i] &= all(raw.rows(t, ids, columns[t]) == {tuple(map(_plain, row)) for row in rows[t]} for t in rows)
            equal[i] &= len(rows["fact"]) == len(facts)
    raw.close()
    for i, (what, _, chunk, make) in enumerate(lots):
        a, b = ground.median(ours[i]), ground.median(theirs[i])
        told = f"{what}, {chunk} an entry ({len(make(0)):,} × {rounds}; {closed[i]:,} duties closed)"
        ours_, raw_ = f"{a:,.0f}/s ({ground.median(owns[i]):,.0f})", f"{b:,.0f}/s ({ground.median(raws[i]):,.0f})"
        table.line(told, ours_, raw_, f"{b / a:.1f}×", "≥ 5,000/s", table.same(equal[i]))


# --- many duties by one fact ------------------------------------------------------------------------------------------
def opening(sizes: Sizes, rounds: int, table: ground.Table) -> None:
    raw = Raw()
    opened_s: list[float] = []
    raw_s: list[float] = []
    gone_s: list[float] = []
    right = True
    for r in range(rounds):
        zone = named_id("bench zone", str(r))
        put([fact("zone.drawn", str(r), NOW, ZoneDrawn(zone, "medium", "z", "z", "P", 9, True, True, "yes"), OUTBREAK)])
        spread = fact("zone.extended", str(r), NOW, ZoneExtended(zone, TOWN), OUTBREAK)
        seconds, receipt = ground.timed(lambda spread=spread: put([spread]))
        opened_s.append(seconds)
        right &= receipt.opened >= sizes.households and _visits_owed(receipt.seq) == sizes.households
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM duty WHERE opened_seq = {receipt.seq} ORDER BY id")
            columns = {"duty": [c.name if hasattr(c, "name") else c[0] for c in cursor.description]}
            rows = {"duty": [tuple(map(_plain, row)) for row in cursor.fetchall()]}
        seconds, _ = ground.timed(lambda rows=rows, columns=columns: raw.put(rows, columns, 10**9))
        raw_s.append(seconds)
        right &= (
            raw.client.execute(f"SELECT COUNT(*) FROM {raw.table('duty')} WHERE opened_seq = {receipt.seq}").fetchone()[0] == receipt.opened
        )
        back = fact("fact.withdrawn", str(r), NOW, FactWithdrawn(spread.id, "drawn in error"))
        seconds, withdrawn = ground.timed(lambda back=back: put([back]))
        gone_s.append(seconds)
        right &= withdrawn.voided >= sizes.households and _visits_owed(receipt.seq) == 0
    raw.close()
    n = sizes.households
    a, b, c = ground.median(opened_s), ground.median(raw_s), ground.median(gone_s)
    table.line(f"{n:,} visits opened by one fact", f"{a:.2f} s ({n / a:,.0f}/s)", f"{b:.2f} s", f"{a / b:.1f}×", "", table.same(right))
    table.line("the fact withdrawn, the visits void", f"{c:.2f} s ({n / c:,.0f}/s)", "", "", "", table.same(right))


def _visits_owed(seq: int) -> int:
    with connection.cursor() as cursor:
        numbers = [number for name, number in rule_numbers(connection, ()).items() if name == f"{EDITION}/zone.visit.medium"]
        cursor.execute(f"SELECT COUNT(*) FROM duty WHERE opened_seq = {seq} AND rule = {numbers[0]} AND void_seq = {NEVER}")
        return int(cursor.fetchone()[0])


# --- phones -----------------------------------------------------------------------------------------------------------
def phone_facts(phone: int, n: int, tag: str) -> Fact:
    """What a sampler's phone sends: swabs into tubes of ten."""
    who = 2_000_000 + phone * 10_000 + n
    tube = f"Z{tag}{phone:02d}{n // 10:04d}"
    return fact("sample.taken", f"phone {tag} {who}", NOW, SampleTaken(person(who), tube, "covid19", 10), WATCH)


def phones(sizes: Sizes, tag: str) -> list[float]:
    """Seconds that each post of every phone waited: threads of one process, as one server has them; each posts every 2 s."""
    waits: list[float] = []
    every, begin = 2.0, time.perf_counter() + 0.5
    put([])

    def one(phone: int) -> None:
        for n in range(int(sizes.seconds / every)):
            time.sleep(max(0.0, begin + n * every + every * phone / sizes.phones - time.perf_counter()))
            given = phone_facts(phone, n, tag)
            seconds, _ = ground.timed(lambda given=given: put([given]))
            waits.append(seconds)
        connections.close_all()

    threads = [threading.Thread(target=one, args=(p,)) for p in range(sizes.phones)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def bulk(sizes: Sizes) -> None:
    """A bulk import that never ends, in a process of its own: results of the stock's tubes from its far end, until killed."""
    print("ready", flush=True)
    done = 0
    facts = (f for i in range(sizes.duties - 1, 0, -1) for f in negatives(i, 1, "bulk"))
    for receipt in enter_many(facts, by="bench", source="bench", clock=CLOCK, protocol=centre().protocol):
        done += len(receipt.new)
        print(done, flush=True)


def beside(sizes: Sizes, args: Any, table: ground.Table) -> None:
    for tag, with_bulk in (("a", False), ("b", True)):
        imported = ""
        started = time.perf_counter()
        if with_bulk:
            words = [sys.executable, __file__, "--child", "--only", "bulk", *(["--small"] if args.small else [])]
            importing = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            assert importing.stdout and importing.stdout.readline()
            started = time.perf_counter()
        waits = phones(sizes, tag)
        if with_bulk:
            seconds = time.perf_counter() - started
            importing.terminate()
            told = [line for line in importing.stdout.read().split("\n") if line.isdigit()]
            importing.wait()
            imported = f", {int(told[-1]) / seconds if told else 0:,.0f} facts/s imported meanwhile"
        sent = [phone_facts(p, n, tag).id for p in range(sizes.phones) for n in range(int(sizes.seconds / 2))]
        facts = Reader(connection)
        facts.fetch({("fact", "id"): set(sent)})
        lost = sum(not facts.raw("fact", "id", id_) for id_ in sent)
        what = f"{sizes.phones} phones, a post every 2 s each ({len(sent):,} posts)" + (" beside a bulk import" if with_bulk else "")
        p50, p99, worst = (1000 * ground.quantile(waits, s) for s in (0.5, 0.99, 1.0))
        table.line(what, f"p50 {p50:.1f} ms, p99 {p99:.0f} ms, worst {worst:.0f} ms{imported}", "", "", "p99 < 100 ms, none lost",
                   f"{lost} lost" if table.same(lost == 0) else "")  # fmt: skip


# --- statements -------------------------------------------------------------------------------------------------------
def statements(sizes: Sizes, table: ground.Table) -> None:
    put([])  # an entry after one with small kinds or withdrawals reads those; that is not what is counted here
    for what, make in (
        ("tube results", lambda first, n: negatives(sizes.results * 7 + first, n, "n")),
        ("single samples", lambda first, n: singles(range(3 * 10**6 + first, 3 * 10**6 + first + n), "s", WATCH)),
    ):
        counted: list[Counter[str]] = []
        for batch in sizes.batches:
            heard: list[str] = []

            def hear(execute: Any, sql: str, params: Any, many: bool, context: Any, heard: list[str] = heard) -> Any:
                heard.append(sql)
                return execute(sql, params, many, context)

            facts = make(batch, batch)
            with connection.execute_wrapper(hear):
                put(facts)
            counted.append(Counter(re.sub(r"(%s,\s*)+%s", "…", sql) for sql in heard))
        # A statement that only this batch has something for is no growth; one that is said more often is.
        grows = any(n > max(1, *(c[sql] for c in counted[:-1])) for sql, n in counted[-1].items())
        table.line(
            f"statements for {', '.join(f'{b:,}' for b in sizes.batches)} {what}",
            " · ".join(str(c.total()) for c in counted),
            "",
            "",
            "do not grow",
            "grows" if grows else "ok",
        )
        table.failed |= grows


def measure(args: Any) -> int:
    sizes = Sizes(args.small)
    sizes.duties = args.duties or sizes.duties
    parts = args.only.split(",") if args.only else ["speed", "opening", "phones", "statements"]
    if "bulk" in parts:
        bulk(sizes)
        return 0
    call_command("migrate", verbosity=0)
    found_it()
    put([received("WARM", NOW)])
    loading, _ = ground.timed(lambda: stock(sizes.duties))
    right = checked_stock(sizes.duties)
    declared = households(sizes.households)
    recalled, opened = pools(sizes.pools)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    title = (
        f"enter on {args.database}: {ground.machine()}; {sizes.duties:,} duties present (loaded in bulk in {loading:.0f} s), "
        f"edition {EDITION}, medians of {args.rounds} interleaved rounds; in brackets per second of this process's own time"
    )
    raw = "raw COPY" if connection.vendor == "postgresql" else "raw executemany"
    table = ground.Table(title, ("what", "bulou", raw, "ratio", "target", "check"))
    table.line("300 of the loaded duties settled again from their facts", "", "", "", "", table.same(right))
    if "speed" in parts:
        speed(sizes, args.rounds, table)
    table.line(f"{sizes.households:,} households declared, 2,000 an entry", f"{declared:,.0f}/s", "", "", "", "")
    table.line(f"recall duties of {sizes.pools:,} positive pools of ten, 20 an entry ({opened:,})", f"{recalled:,.0f}/s", "", "", "", "")
    if "opening" in parts:
        opening(sizes, args.rounds, table)
    if "statements" in parts:
        statements(sizes, table)
    if "phones" in parts:
        beside(sizes, args, table)
    table.show()
    return int(table.failed)


if __name__ == "__main__":
    given = ground.arguments(__doc__.split("\n", maxsplit=1)[0])
    with ground.cleaned():
        sys.exit(measure(given) if given.child else ground.on_each(__file__, given))
