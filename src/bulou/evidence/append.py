"""The only place that writes entries and facts. Appends under the ledger's lock; never changes, never deletes, never settles."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bulou.basis.ids import subject_text
from bulou.basis.kinds import EXERCISE, KINDS, Fact, Kind, check, lift
from bulou.basis.time import BEGINNING, Clock, Instant
from bulou.evidence.fields import stored
from bulou.evidence.models.kinds import IN_INCIDENT, content_table
from bulou.evidence.sql import insert, quote, select_in

try:
    import fcntl
except ImportError:  # Windows: writers ask again, as SQLite does by itself
    fcntl = None  # type: ignore[assignment]

#: The advisory lock of the ledger on PostgreSQL: one ledger, one writer.
LOCK = 0x62_75_6C_6F_75


class Head(NamedTuple):
    """The last entry: what the next one follows."""

    seq: int
    known: Instant
    hash: bytes


class Refusal(NamedTuple):
    """A fact kept aside: why, in both languages."""

    fact: Fact
    zh: str
    en: str


class Appended(NamedTuple):
    """What an entry took in. ``new`` carry the entry's number; ``same`` were there already; ``refused`` are kept aside."""

    head: Head
    new: list[Fact]
    same: list[Fact]
    refused: list[Refusal]


def lock(connection: Any) -> None:
    """Takes the ledger for this transaction, before anything is read.

    On SQLite the transaction itself was begun IMMEDIATE (settings), which is the same lock; on PostgreSQL one advisory lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@contextmanager
def queue(connection: Any) -> Iterator[None]:
    """Waits in line for the ledger, where the database keeps no line itself. Guards nothing (``lock`` does), only who is next.

    SQLite's writers ask again at growing distances: whoever enters in bulk would keep a phone out for half a second and more.
    A lock on a file beside the database wakes the next one at once. PostgreSQL's advisory lock is a line already.
    """
    database = Path(str(connection.settings_dict["NAME"]))
    if fcntl is None or connection.vendor != "sqlite" or connection.in_atomic_block or not database.is_file():
        yield
        return
    with database.with_name(database.name + "-queue").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def head(connection: Any) -> Head:
    """The last entry; a ledger without one begins at 0."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT seq, known, hash FROM "entry" ORDER BY seq DESC LIMIT 1')
        row = cursor.fetchone()
    return Head(row[0], row[1], bytes(row[2])) if row else Head(0, BEGINNING, b"")


def seal(kind: Kind, body: Any, salt: bytes, version: int | None = None) -> bytes:
    """The salted hash of a content: proves it unchanged while it is there, and tells nothing once its salt is deleted.

    ``version``: the one whose fields ``body`` has, where it is not the kind's last.
    """
    if kind.name in _WITH_FLOAT or kind.older:  # 37 and 37.0 are one number to a column
        fields = kind.fields_of(kind.version if version is None else version)
        body = [float(v) if f.type == "float" and v is not None else v for f, v in zip(fields, body, strict=True)]
    return hashlib.blake2b(plain(body), digest_size=16, key=salt).digest()


_WITH_FLOAT = frozenset(name for name, kind in KINDS.items() if any(f.type == "float" for f in kind.fields))


def plain(values: Iterable[Any]) -> bytes:
    """Values as bytes to be hashed: the same on both databases and under every Python (whose ``repr`` of rare characters is
    not), and another for any other values."""
    return b"".join(map(_plain, values))


def _plain(value: Any) -> bytes:
    if value is None:
        return b"-"
    raw = value if isinstance(value, bytes) else (value if isinstance(value, str) else repr(value)).encode()
    return b"%d:%b" % (len(raw), raw)


def chain(before: bytes, entry: Sequence[Any], envelopes: Iterable[tuple[Any, ...]]) -> bytes:
    """The hash of an entry over the one before it, its own words (``ENTRY``) and the envelopes of its facts (``ENVELOPE``),
    each with the seal of its content: in the order of their ids, so that it can be told again from what is stored."""
    digest = hashlib.blake2b(before, digest_size=32)
    digest.update(plain(entry))
    for envelope in sorted(envelopes):
        digest.update(b"\x1e" + plain(envelope))
    return digest.digest()


def is_exercise(connection: Any) -> bool:
    """Whether this ledger is an exercise's: its first fact was one's. It is so from its first entry on, or never."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT origin FROM "fact" ORDER BY entry LIMIT 1')
        row = cursor.fetchone()
    return bool(row and row[0] and row[0].startswith(EXERCISE))


def _apart(connection: Any, facts: Sequence[Fact]) -> tuple[list[Fact], list[Refusal]]:
    """An exercise and a real ledger refuse each other's facts. Facts that were made here say no origin, and cost no question."""
    if not any(f.origin for f in facts):
        return list(facts), []
    with connection.cursor() as cursor:
        cursor.execute('SELECT 1 FROM "fact" LIMIT 1')
        empty = cursor.fetchone() is None
    played = [bool(f.origin and f.origin.startswith(EXERCISE)) for f in facts]
    here = all(played) if empty else is_exercise(connection)
    kept, refused = [], []
    for fact, of_exercise in zip(facts, played, strict=True):
        if of_exercise and not here:
            refused.append(Refusal(fact, "演练的事实,不录入真实账本", "a fact of an exercise: a real ledger never takes it in"))
        elif fact.origin and here and not of_exercise:
            refused.append(Refusal(fact, "别处的真实事实,不录入演练账本", "another instance's fact: an exercise never takes it in"))
        else:
            kept.append(fact)
    return kept, refused


def append(connection: Any, facts: Sequence[Fact], by: str, source: str, clock: Clock) -> Appended:
    """One entry with these facts. The lock is held by the caller's transaction.

    The same id with equal content is no news; with other content it is refused and kept aside, as is content of the wrong
    shape. An entry is written even when nothing is new, so that what was sent and when stays known.
    """
    last = head(connection)
    kept, kept_out = _apart(connection, facts)
    fresh, same, refused = _sort_out(connection, kept)
    refused = [*kept_out, *refused]
    known = Instant(max(clock.now(), last.known))
    seq = last.seq + 1
    new = [f._replace(entry=seq) for f in fresh]
    salts = os.urandom(16 * len(new))
    envelopes = [_envelope(f, seal(KINDS[f.kind], f.body, salts[16 * i : 16 * i + 16])) for i, f in enumerate(new)]
    broad = any(KINDS[f.kind].small or f.kind == "fact.withdrawn" for f in new)
    entry = (seq, known, by, source, len(new), broad)
    hash_ = chain(last.hash, entry, envelopes)
    insert(connection, "entry", (*ENTRY, "hash"), [(*entry, hash_)])
    insert(connection, "fact", ENVELOPE, envelopes)
    by_kind: dict[str, list[tuple[Any, ...]]] = {}
    for i, fact in enumerate(new):
        row = (fact.id, fact.at, fact.incident, seq, salts[16 * i : 16 * i + 16], *fact.body)
        by_kind.setdefault(fact.kind, []).append(row)
    for kind, rows in sorted(by_kind.items()):
        columns = ("id", "at", IN_INCIDENT, "entry", "salt", *KINDS[kind].body._fields)
        insert(connection, content_table(kind), columns, rows)
    _keep_aside(connection, refused, by, source, known)
    return Appended(Head(seq, known, hash_), new, same, refused)


#: The columns that the chain runs over: an entry's own words, and a fact's envelope with the seal of its content.
ENTRY = ("seq", "known", "by", "source", "n", "broad")
ENVELOPE = ("id", "kind", "version", "subject", "incident", "at", "entry", "origin", "device", "device_at", "seal")


def _envelope(fact: Fact, sealed: bytes) -> tuple[Any, ...]:
    kind = KINDS[fact.kind]
    about = kind.subject
    subject = getattr(fact.body, about.name) if about else None
    return (
        fact.id, fact.kind, kind.version, None if subject is None else stored(subject), fact.incident, fact.at, fact.entry,
        fact.origin, fact.device, fact.device_at, sealed,
    )  # fmt: skip


def _sort_out(connection: Any, facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact], list[Refusal]]:
    fresh: dict[bytes, Fact] = {}
    same: list[Fact] = []
    refused: list[Refusal] = []
    have, destroyed = _there(connection, [f.id for f in facts])
    for fact in facts:
        if fact.id in destroyed:  # sent again after its content was destroyed: it is not taken in anew, nor kept aside
            same.append(fact)
            continue
        wrongs = check(KINDS[fact.kind], fact.body, fact.incident)
        earlier = fresh.get(fact.id) or have.get(fact.id)
        if wrongs:
            zh = ";".join(f"{w.field}:{w.zh}" for w in wrongs)
            refused.append(Refusal(fact, zh, "; ".join(f"{w.field} {w.en}" for w in wrongs)))
        elif earlier is None:
            fresh[fact.id] = fact
        elif equal(earlier, fact):
            same.append(fact)
        else:
            refused.append(Refusal(fact, "同一编号已有不同内容", "this id is already taken by other content"))
    return list(fresh.values()), same, refused


def equal(one: Fact, other: Fact) -> bool:
    """Whether two facts with one id say the same; on which entry and device they came plays no part."""
    return one[:5] == other[:5]


def present(connection: Any, ids: Sequence[bytes]) -> dict[bytes, Fact]:
    """The facts already in the ledger among these ids, with their content."""
    return _there(connection, ids)[0]


def _there(connection: Any, ids: Sequence[bytes]) -> tuple[dict[bytes, Fact], set[bytes]]:
    """The facts already in the ledger among these ids, with their content; and the ids of those that lost it, or words of it."""
    found: dict[str, list[bytes]] = {}
    for id_, kind in select_in(connection, "id, kind", '"fact"', "id", ids):
        found.setdefault(kind, []).append(bytes(id_))
    if not found:
        return {}, set()
    taken = [id_ for these in found.values() for id_ in these]
    destroyed = {bytes(row[0]) for row in select_in(connection, "fact", '"erased"', "fact", taken)}
    return {f.id: f for kind, these in found.items() for f in load(connection, KINDS[kind], "id", these)}, destroyed


def load(connection: Any, kind: Kind, field: str, values: Iterable[Any], upto: int | None = None) -> list[Fact]:
    """Facts of a kind by a column, as entered up to ``upto``; whether they are withdrawn is another question."""
    where = "" if upto is None else ' AND "entry" <= %s'
    params = [] if upto is None else [upto]
    columns = fact_columns(kind)
    rows = select_in(connection, columns, quote(content_table(kind.name)), quote(field), list(values), where, params)
    return [to_fact(kind, row) for row in rows]


def fact_columns(kind: Kind) -> str:
    """The columns of a content table in the order that ``to_fact`` takes them; where a kind had other versions, the row's version last."""
    columns = ",".join(quote(c) for c in ("id", "at", IN_INCIDENT, "entry", *(f.name for f in kind.columns)))
    if not kind.older:
        return columns
    return f'{columns},(SELECT e.version FROM "fact" e WHERE e.id = {quote(content_table(kind.name))}.id)'  # noqa: S608


def to_fact(kind: Kind, row: Sequence[Any]) -> Fact:
    """A fact from a row of ``fact_columns``; what an older version stored is lifted to what the kind is now."""
    version, body = as_stored(kind, row)
    if version == kind.version:
        return Fact(row[0], kind.name, row[1], row[2], kind.body(*body), row[3])
    named = zip((f.name for f in kind.fields_of(version)), body, strict=True)
    return Fact(row[0], kind.name, row[1], row[2], lift(kind, version, dict(named)), row[3])


def as_stored(kind: Kind, row: Sequence[Any]) -> tuple[int, Sequence[Any]]:
    """The version of a row of ``fact_columns`` and its content with the fields of that version, as it was entered and sealed."""
    if not kind.older:
        version, fields, body = 1, kind.fields, row[4 : 4 + len(kind.fields)]
    else:
        # a content without an envelope is nobody's version: ``verify`` says that it is astray
        version = row[-1] or kind.version
        fields, by_name = kind.fields_of(version), dict(zip((f.name for f in kind.columns), row[4:-1], strict=True))
        body = tuple(by_name[f.name] for f in fields)
    if kind.name in _WITH_BOOL or kind.older:
        body = tuple(bool(v) if f.type == "bool" and v is not None else v for f, v in zip(fields, body, strict=True))
    return version, body


_WITH_BOOL = frozenset(name for name, kind in KINDS.items() if any(f.type == "bool" for f in kind.fields))


def _keep_aside(connection: Any, refused: Sequence[Refusal], by: str, source: str, known: Instant) -> None:
    rows = [
        (r.fact.id, r.fact.kind, json.dumps(_readable(r.fact), ensure_ascii=False), f"{r.zh} · {r.en}", by, source, known) for r in refused
    ]
    insert(connection, "aside", ("fact", "kind", "body", "reason", "by", "source", "known"), rows)


def _readable(fact: Fact) -> dict[str, Any]:
    body = {k: subject_text(v) if isinstance(v, bytes) else v for k, v in fact.body._asdict().items()}
    return {"at": fact.at, "incident": fact.incident.hex() if fact.incident else None, **body}
