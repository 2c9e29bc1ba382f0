"""The one way in: append an entry, settle what it touches, write the difference. The only module that writes duties.

Everything of an entry happens in one transaction under the ledger's lock, in a number of statements that does not depend on
the number of facts. Nobody else may write facts, versions of duties or rows of projections.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import OperationalError, connections, transaction

from bulou.basis.ids import subject_of, subject_text
from bulou.basis.kinds import INCIDENT, Fact
from bulou.basis.time import BEGINNING, FOREVER, Clock, Instant
from bulou.duties.memory import Version
from bulou.duties.reckoning import (
    CellName,
    Duty,
    Fronts,
    Index,
    Marked,
    Route,
    Routes,
    Settled,
    Touch,
    cells,
    difference,
    fetch_ahead,
    fetch_along,
    group,
    seeds,
    settle,
    walk,
)
from bulou.evidence.append import Appended, Refusal, append, lock, queue
from bulou.evidence.fields import stored
from bulou.evidence.now import NEVER, PROJECTIONS, Numbers, write
from bulou.evidence.reader import Reader, forget_small
from bulou.evidence.sql import insert, select_in, update_by_id, upsert
from bulou.protocol.rules import Edition, Protocol_, Subject

#: Facts in one entry of a bulk import: larger is faster, and makes a phone beside it wait longer.
CHUNK = 100
#: An entry of a bulk import that took longer than this, in microseconds, is followed by smaller ones, of this many facts at least.
HOLD, LEAST = 30_000, 10
#: How long a bulk import stands back between two entries, so that whoever waits is next.
GIVE_WAY_S = 0.001
#: How often a busy ledger is asked again before the caller hears of it.
TRIES = 8
DONE, EXCUSED = 1, 2
_OUTCOME = {"done": DONE, "excused": EXCUSED, None: None}
_OUTCOME_NAME = {DONE: "done", EXCUSED: "excused", None: None}


class Receipt(NamedTuple):
    """What became of an entry: its number and hour, the fate of every fact, and how duties changed."""

    seq: int
    known: Instant
    new: tuple[bytes, ...]
    same: tuple[bytes, ...]
    refused: tuple[Refusal, ...]
    opened: int
    closed: int
    voided: int


@dataclass(slots=True)
class Book:
    """An entry in the making, under the lock: read through ``facts``, add what is to be entered. Made by ``writing``."""

    connection: Any
    facts: Reader
    clock: Clock
    #: In whose name; may be said more exactly until the block ends.
    by: str
    adding: list[Fact] = field(default_factory=list)
    receipt: Receipt | None = None

    def now(self) -> Instant:
        return self.clock.now()

    def add(self, *facts: Fact) -> None:
        self.adding.extend(facts)


@contextmanager
def writing(by: str, source: str, clock: Clock, protocol: Protocol_, using: str = "default") -> Iterator[Book]:
    """A transaction that holds the ledger before anything is read; what was added is entered when the block ends.

    ``by`` says which post, user or device; ``source`` where it came from. After the block ``receipt`` tells what happened.
    """
    connection = connections[using]
    with queue(connection), transaction.atomic(using=using):
        lock(connection)
        book = Book(connection, Reader(connection), clock, by)
        yield book
        book.receipt = _enter(book, book.by, source, protocol)


def enter(facts: Iterable[Fact], *, by: str, source: str, clock: Clock, protocol: Protocol_, using: str = "default") -> Receipt:
    """Enters facts as one entry. A busy ledger is asked again; the caller only ever sees a receipt."""
    wanted = list(facts)

    def attempt() -> Receipt:
        with writing(by, source, clock, protocol, using) as book:
            book.add(*wanted)
        assert book.receipt
        return book.receipt

    return patiently(attempt)


def enter_many(
    facts: Iterable[Fact],
    *,
    by: str,
    source: str,
    clock: Clock,
    protocol: Protocol_,
    using: str = "default",
    chunk: int = CHUNK,
    hold: int | None = HOLD,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Receipt]:
    """Enters many facts in small entries, giving way to others between them; yields a receipt for each entry.

    Entries have at most ``chunk`` facts, and fewer where the clock says that one took longer than ``hold`` microseconds (None:
    whatever it takes): on a slow or busy machine a phone must not wait longer. ``progress`` hears the facts entered so far.
    """  # fmt: skip
    total, size = 0, chunk
    rest = iter(facts)
    while part := list(islice(rest, size)):
        begun = clock.now()
        receipt = enter(part, by=by, source=source, clock=clock, protocol=protocol, using=using)
        took = clock.now() - begun
        if hold is not None:
            size = max(min(LEAST, chunk), size // 2) if took > hold else min(chunk, size * 2) if 3 * took < hold else size
        total += len(part)
        if progress:
            progress(total)
        yield receipt
        time.sleep(GIVE_WAY_S)


def patiently(attempt: Callable[[], Receipt]) -> Receipt:
    """Asks again when the database says that it is busy, at growing distance; any other error goes through at once."""
    for i in range(TRIES):
        try:
            return attempt()
        except OperationalError as error:
            busy = "locked" in str(error) or "deadlock" in str(error)
            if not busy or i == TRIES - 1:
                raise
            time.sleep(0.05 * 2**i)
    raise AssertionError("not reached")


def tick(clock: Clock, protocol: Protocol_, using: str = "default") -> Receipt | None:
    """Settles the cells whose hour has come, as an entry without facts; None when no hour has come."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM cell WHERE wake_at <= %s AND wake_at < {FOREVER} LIMIT 1", [clock.now()])  # noqa: S608
        if cursor.fetchone() is None:
            return None
    return enter((), by="clock", source="clock", clock=clock, protocol=protocol, using=using)


# --- which rules are in force -----------------------------------------------------------------------------------------
@lru_cache(maxsize=16)
def _index_of(editions: tuple[Edition, ...], zone: ZoneInfo) -> Index:
    return Index(Protocol_({e.id: e for e in editions}, zone))


def index_of(protocol: Protocol_, facts: Reader, new: Iterable[Fact]) -> Index:
    """The index of the editions that were ever adopted in this ledger; others carry nothing and cost nothing."""
    adopted = {f.body.edition for f in facts._joining("edition.adopted", "edition")}
    adopted |= {f.body.edition for f in new if f.kind == "edition.adopted"}
    return _index_of(tuple(protocol.editions[e] for e in sorted(adopted) if e in protocol.editions), protocol.zone)


@lru_cache(maxsize=1)
def _projections(names: tuple[str, ...]) -> Routes:
    routes = Routes()
    for name in names:
        routes.put(name, PROJECTIONS[name].branches())
    return routes


# --- one entry --------------------------------------------------------------------------------------------------------
def _enter(book: Book, by: str, source: str, protocol: Protocol_) -> Receipt:
    appended = append(book.connection, book.adding, by, source, book.clock)
    opened, closed, voided = settle_entry(book.connection, book.facts, appended.head.seq, appended.head.known, appended.new, protocol)
    return _receipt(appended, opened, closed, voided)


def _receipt(appended: Appended, opened: int, closed: int, voided: int) -> Receipt:
    return Receipt(
        appended.head.seq, appended.head.known, tuple(f.id for f in appended.new), tuple(f.id for f in appended.same),
        tuple(appended.refused), opened, closed, voided,
    )  # fmt: skip


def settle_entry(
    connection: Any,
    facts: Reader,
    seq: int,
    known: Instant,
    new: Sequence[Fact],
    protocol: Protocol_,
    *,
    sealed: bool | None = None,
    after: int = 0,
) -> tuple[int, int, int]:
    """Settles what the new facts of entry ``seq`` touch and what wakes at ``known``; writes duties and projections.

    Returns how many duties were opened, closed and voided. ``facts`` was read up to the entry before. What lost content is left as
    it is; ``sealed`` says whether anything did (None: as far as ``facts`` know). ``after``: number rows after this one.
    """
    index = index_of(protocol, facts, new)
    woken = set(_woken(connection, known, index))
    touched = {Touch(rule, key, None) for rule, key in woken}
    entities: dict[str, set[Subject]] = {}
    if new:
        facts.add(new)
        reached, entities = touches(new, facts, index)
        touched |= reached
    numbers = Numbers(seq, after)
    asked = group(touched)
    if sealed or (sealed is None and next(iter(facts._joining("content.erased", "post")), None) is not None):
        seals = _seals(connection, asked, entities)
        asked = {cell: subjects for cell, subjects in asked.items() if ("cell", cell_id(cell), None) not in seals}
        entities = {name: {e for e in these if (name, _key_of(e), None) not in seals} for name, these in entities.items()}
    else:
        seals = Seals()
    changed = _settle(connection, facts, asked, woken, index, protocol, seq, known, numbers, seals)
    _project(connection, facts, entities, seq, numbers, seals)
    return changed


def touches(new: Sequence[Fact], facts: Reader, index: Index) -> tuple[set[Touch], dict[str, set[Subject]]]:
    """The cells that these facts can affect, and the entities of each projection."""
    routes = _projections(tuple(sorted(PROJECTIONS)))
    begin = seeds(new, facts, index)
    arrived = walk({**begin, **seeds(new, facts, routes, _matters(routes))}, facts)
    touched = cells({r: v for r, v in arrived.items() if r in begin}, facts, index)
    return touched, _entities({r: v for r, v in arrived.items() if r not in begin}, facts, routes)


def _key_of(entity: Subject) -> bytes:
    return entity if isinstance(entity, bytes) else entity.encode()


#: What is sealed: "cell" or a projection, the cell or the entity, and the subject or incident (None: all of it).
Seals = set[tuple[str, bytes, bytes | None]]


def _seals(connection: Any, asked: Mapping[CellName, frozenset[Subject] | None], entities: Mapping[str, Collection[Subject]]) -> Seals:
    """Of these, what is sealed: ("cell", cell, subject), (projection, entity, incident); without the last: all of it."""
    keys = {cell_id(cell) for cell in asked} | {_key_of(e) for these in entities.values() for e in these}
    rows = select_in(connection, "what, key, subject", '"sealed"', "key", sorted(keys))
    return {(what, bytes(key), None if s is None else bytes(s)) for what, key, s in rows}


def _matters(routes: Routes) -> Callable[[Route, Fact], bool]:
    def matters(route: Route, fact: Fact) -> bool:
        # Branches by incident are there for joins; a single fact concerns the person it names.
        return route[1].field != INCIDENT and any(PROJECTIONS[o].when.get(fact.kind, _always)(fact) for o in routes.owners[route])

    return matters


def _always(_fact: Fact) -> bool:
    return True


def _entities(arrived: Mapping[Route, Marked], facts: Reader, routes: Routes) -> dict[str, set[Subject]]:
    found: dict[str, set[Subject]] = {}
    for route, values in arrived.items():
        for owner in routes.owners[route]:
            entity = PROJECTIONS[owner].entity
            found.setdefault(owner, set()).update(v for value, _ in values for v in facts.family(entity, value))  # type: ignore[misc]
    return found


def _project(
    connection: Any, facts: Reader, entities: Mapping[str, Collection[Subject]], seq: int, numbers: Numbers,
    seals: Collection[tuple[str, bytes, bytes | None]] = (),
) -> None:  # fmt: skip
    fronts: Fronts = {}
    for name, these in entities.items():
        for branch in PROJECTIONS[name].branches():
            if branch.field == INCIDENT:
                continue  # there to be walked backward when incidents are joined; rows are not made from it
            fronts.setdefault((branch.steps, branch.kind, branch.field), set()).update(these)
    fetch_along(fronts, facts)
    for name in sorted(entities):
        parts = {(key, incident) for what, key, incident in seals if what == name and incident is not None}
        write(connection, PROJECTIONS[name], entities[name], facts, seq, numbers, parts)


def _woken(connection: Any, known: Instant, index: Index) -> Iterator[CellName]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.name, c.key FROM cell c JOIN rule_number r ON r.id = c.rule WHERE c.wake_at <= %s AND c.wake_at < {FOREVER}",  # noqa: S608
            [known],
        )
        for rule, key in cursor.fetchall():
            if rule in index.rules:
                yield rule, unpack(bytes(key))


# --- duties -----------------------------------------------------------------------------------------------------------
_COLUMNS = ("id", "cell", "rule", "incident", "subject", "turn", "here_from", "here_until", "area", "opens_at", "due_at", "end_at",
            "given_at", "opened_seq", "closed_seq", "void_seq", "closed_at", "outcome", "closed_by")  # fmt: skip
_READ = "id, cell, subject, turn, here_from, here_until, area, opens_at, due_at, end_at, given_at, closed_at, outcome, closed_by"


def _settle(
    connection: Any, facts: Reader, touched: Mapping[CellName, frozenset[Subject] | None], woken: Collection[CellName], index: Index,
    protocol: Protocol_, seq: int, known: Instant, numbers: Numbers, seals: Collection[tuple[str, bytes, bytes | None]] = (),
) -> tuple[int, int, int]:  # fmt: skip
    if not touched:
        return 0, 0, 0
    fetch_ahead(touched, index, facts)
    names = {cell_id(cell): cell for cell in touched}
    standing = _standing(connection, touched, names, index)
    close: list[tuple[int, Duty]] = []
    void: list[int] = []
    add: list[Duty] = []
    wakes: dict[CellName, Instant] = {}
    for cell, subjects in touched.items():
        settled = settle(index.rules[cell[0]], cell[1], facts, protocol, known, subjects)
        have, should = standing.get(cell, []), settled.duties
        if seals:  # whoever lost content in this cell keeps what they had
            name = cell_id(cell)
            have = [(id_, d) for id_, d in have if ("cell", name, _key_of(d.subject)) not in seals]
            should = [d for d in should if ("cell", name, _key_of(d.subject)) not in seals]
        made = difference(have, should)
        close += made.close
        void += made.void
        add += made.add
        _note_wake(wakes, cell, settled, subjects, bool(standing.get(cell)) or cell in woken)
    rules = rule_numbers(connection, {d.rule for d in add} | {rule for rule, _ in wakes}) if add or wakes else {}
    _write_duties(connection, close, void, add, seq, numbers, rules)
    _write_cells(connection, wakes, {c for c, s in touched.items() if s is None}, rules)
    return len(add), len(close), len(void)


def _note_wake(wakes: dict[CellName, Instant], cell: CellName, settled: Settled, subjects: frozenset[Subject] | None, known: bool) -> None:
    # A whole cell sets its hour anew; part of a cell can only bring it forward. Cells without duties need no row; one that was
    # woken has one, and an hour that has passed must not stay in it: the watch would make an entry at every look for ever.
    if subjects is None:
        if settled.duties or known or settled.wake < FOREVER:
            wakes[cell] = settled.wake
    elif settled.wake < FOREVER or (settled.duties and not known):
        wakes[cell] = settled.wake


def _standing(
    connection: Any, touched: Mapping[CellName, frozenset[Subject] | None], names: Mapping[bytes, CellName], index: Index
) -> dict[CellName, list[tuple[int, Duty]]]:
    """The rows that stand now for these cells, and for parts of cells only those of their subjects."""
    whole = [cell_id(c) for c, subjects in touched.items() if subjects is None]
    parts = {cell_id(c): subjects for c, subjects in touched.items() if subjects is not None}
    live = f" AND void_seq = {NEVER}"
    rows: list[tuple[Any, ...]] = list(select_in(connection, _READ, "duty", "cell", whole, live)) if whole else []
    if parts:
        asked = {stored(s) for subjects in parts.values() for s in subjects}
        found = select_in(connection, _READ, "duty", "subject", sorted(asked), live)
        rows += [r for r in found if (wanted := parts.get(bytes(r[1]))) and _subject(r[2], names[bytes(r[1])], index) in wanted]
    standing: dict[CellName, list[tuple[int, Duty]]] = {}
    for row in rows:
        cell = names[bytes(row[1])]
        standing.setdefault(cell, []).append((row[0], to_duty(cell, row, index)))
    return standing


def _subject(value: Any, cell: CellName, index: Index) -> Subject:
    return to_subject(bytes(value), index.subjects[cell[0]])


def to_subject(value: bytes, type_: str) -> Subject:
    """A stored subject as the core has it: codes of areas and tubes are text, everything else is an id."""
    return value.decode() if type_ in CODES else value


#: Types of subject that are codes.
CODES = frozenset({"area", "tube", "post"})


def to_duty(cell: CellName, row: Sequence[Any], index: Index) -> Duty:
    """A Duty from a row of ``_READ``."""
    return Duty(
        cell[0], cell[1], _subject(row[2], cell, index), row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[11],
        _OUTCOME_NAME[row[12]], None if row[13] is None else bytes(row[13]),
    )  # fmt: skip


def _write_duties(
    connection: Any, close: Sequence[tuple[int, Duty]], void: Sequence[int], add: Sequence[Duty], seq: int, numbers: Numbers, rules: Mapping[str, int],
) -> None:  # fmt: skip
    update_by_id(
        connection, "duty", {"closed_seq": "bigint", "closed_at": "bigint", "outcome": "smallint", "closed_by": "bytea"},
        [(seq, d.closed_at, _OUTCOME[d.outcome], d.closed_by, id_) for id_, d in sorted(close)],
    )  # fmt: skip
    update_by_id(connection, "duty", {"void_seq": "bigint"}, [(seq, id_) for id_ in sorted(void)])
    ids: dict[CellName, bytes] = {}
    rows = []
    for duty in add:
        name = (duty.rule, duty.key)
        cell = ids.get(name) or ids.setdefault(name, cell_id(name))
        rows.append(
            (numbers.take(), cell, rules[duty.rule], duty.incident, stored(duty.subject), duty.turn, duty.here_from, duty.here_until,
             duty.area, duty.opens_at, duty.due_at, duty.end_at, duty.given_at, seq, NEVER if duty.closed_at is None else seq, NEVER,
             duty.closed_at, _OUTCOME[duty.outcome], duty.closed_by)
        )  # fmt: skip
    insert(connection, "duty", _COLUMNS, rows)


def _write_cells(connection: Any, wakes: Mapping[CellName, Instant], whole: Collection[CellName], rules: Mapping[str, int]) -> None:
    """The hour at which time alone changes each cell; rows are sorted, like every upsert."""
    if not wakes:
        return
    rows = sorted((cell_id(c), rules[c[0]], pack(c[1]), wake, c in whole) for c, wake in wakes.items())
    for full in (True, False):
        these = [row[:4] for row in rows if row[4] is full]
        if these:
            later = "excluded.wake_at" if full else "CASE WHEN excluded.wake_at < cell.wake_at THEN excluded.wake_at ELSE cell.wake_at END"
            # Most cells keep their hour: a row that would not change is not written.
            upsert(connection, "cell", _CELL, these, f"wake_at = {later}", f"cell.wake_at <> {later}")


_CELL = {"id": "bytea", "rule": "smallint", "key": "bytea", "wake_at": "bigint"}


# --- names in the database --------------------------------------------------------------------------------------------
def pack(key: tuple[Subject, ...]) -> bytes:
    """A key as one column: its parts as text, ids in hexadecimal."""
    return "\x1f".join(subject_text(part) for part in key).encode()


def unpack(packed: bytes) -> tuple[Subject, ...]:
    """The key behind its column."""
    return tuple(subject_of(part) for part in packed.decode().split("\x1f"))


def cell_id(cell: CellName) -> bytes:
    """Sixteen bytes that stand for a cell: the hash of its rule and key."""
    return hashlib.blake2b(cell[0].encode() + b"\x1e" + pack(cell[1]), digest_size=16).digest()


def rule_numbers(connection: Any, names: Collection[str]) -> dict[str, int]:
    """The numbers of rules in this database; names not yet known are given one, under the ledger's lock.

    Read anew each time: another process may have given numbers since, and one that was given in a transaction that is taken back (what is
    looked at first, a commit that fails) is nobody's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id FROM rule_number")
        known: dict[str, int] = dict(cursor.fetchall())
    if new := sorted(set(names) - set(known)):
        first = max(known.values(), default=0) + 1
        given = {name: first + i for i, name in enumerate(new)}
        insert(connection, "rule_number", ("id", "name"), [(number, name) for name, number in given.items()])
        known |= given
    return known


def forget() -> None:
    """Drops what this process keeps at hand of any ledger: after a restore, a rebuild, or a test."""
    forget_small()


# --- reading back -----------------------------------------------------------------------------------------------------
def versions(connection: Any, protocol: Protocol_) -> list[Version]:
    """Every version in the database, as the memory engine has them: for comparing and rebuilding, not for pages."""
    index = _index_of(tuple(protocol.editions[e] for e in sorted(protocol.editions)), protocol.zone)
    names = {number: name for name, number in rule_numbers(connection, ()).items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, rule, key FROM cell")
        keys = {bytes(id_): (names[rule], unpack(bytes(key))) for id_, rule, key in cursor.fetchall()}
        cursor.execute(f"SELECT {_READ}, opened_seq, closed_seq, void_seq FROM duty ORDER BY id")  # noqa: S608
        rows = cursor.fetchall()
    return [
        Version(to_duty(keys[bytes(r[1])], r, index), r[-3], None if r[-2] == NEVER else r[-2], None if r[-1] == NEVER else r[-1])
        for r in rows
    ]


def duties_as_of(connection: Any, seq: int, protocol: Protocol_) -> set[Duty]:
    """The duties that stood as of an entry, as the memory engine has them."""
    return {duty for v in versions(connection, protocol) if (duty := v.as_of(seq)) is not None}


__all__ = ["BEGINNING", "CHUNK", "Book", "Receipt", "enter", "enter_many", "forget", "patiently", "settle_entry", "tick", "writing"]
