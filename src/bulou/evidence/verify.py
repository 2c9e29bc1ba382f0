"""Reads the ledger from its first entry on and says where it is not what was entered. Writes nothing, repairs nothing.

The triggers refuse changes; the hash chain finds those that were made past them, with the database's own tools or in a copy.
Someone who rewrites the whole chain is found only by a hash that was kept elsewhere: ``Verified.hash`` is there to be noted.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bulou.basis.kinds import KINDS
from bulou.basis.words import Word
from bulou.evidence.append import ENTRY, ENVELOPE, as_stored, chain, fact_columns, seal
from bulou.evidence.models.kinds import content_table
from bulou.evidence.sql import quote, select_in

#: About so many facts are held at once.
PART = 10_000


class Tampered(NamedTuple):
    """An entry that is not what was entered: which, the fact where it is one, and what is wrong with it."""

    entry: int
    fact: bytes | None
    wrong: Word


class Verified(NamedTuple):
    """How far the ledger was read, the hash at its end, and everything that is not as it was entered."""

    entries: int
    facts: int
    hash: bytes
    wrong: list[Tampered]


ORDER = Word("序号不连续,有记录被删", "an entry is missing before this one")
BACK = Word("知悉时刻倒退", "its hour lies before that of the entry before it")
HASH = Word("记录或其事实的信封被改动", "the entry, or the envelope of one of its facts, was changed")
COUNT = Word("事实条数不符", "it has another number of facts than were entered")
GONE = Word("事实内容缺失", "the content of a fact is gone")
CONTENT = Word("事实内容被改动", "the content of a fact was changed")
STRAY = Word("多出未经录入的内容", "a content that no envelope stands for")
UNLAWFUL = Word("被销毁的与销毁事实所述不符", "other contents were destroyed than the fact of it says")
NOWHERE = Word("事实不属于任何记录", "a fact of no entry")


def verify(connection: Any, progress: Callable[[int, int], None] | None = None) -> Verified:
    """The whole ledger, entry by entry. ``progress`` hears entries read and in all."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {",".join(map(quote, ENTRY))}, hash FROM "entry" ORDER BY seq')  # noqa: S608
        entries = [(*row[:5], bool(row[5]), bytes(row[6])) for row in cursor.fetchall()]
    wrong: list[Tampered] = []
    facts, before, last, known = 0, b"", 0, None
    for part in _parts(entries):
        envelopes = _envelopes(connection, part[0][0], part[-1][0])
        wrong += _contents(connection, envelopes)
        by_entry: dict[int, list[tuple[Any, ...]]] = {}
        for envelope in envelopes.values():
            by_entry.setdefault(envelope[_ENTRY], []).append(envelope)
        for *entry, hash_ in part:
            seq, these = entry[0], by_entry.get(entry[0], [])
            facts += len(these)
            if seq != last + 1:
                wrong.append(Tampered(seq, None, ORDER))
            if known is not None and entry[1] < known:
                wrong.append(Tampered(seq, None, BACK))
            if len(these) != entry[4]:
                wrong.append(Tampered(seq, None, COUNT))
            if chain(before, entry, these) != hash_:
                wrong.append(Tampered(seq, None, HASH))
            before, last, known = hash_, seq, entry[1]
        if progress:
            progress(last, len(entries))
    wrong += _strays(connection)
    wrong += _erasures(connection)
    return Verified(len(entries), facts, before, wrong)


_ENTRY, _KIND = ENVELOPE.index("entry"), ENVELOPE.index("kind")


def _parts(entries: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    size = 0
    for entry in entries:
        part.append(entry)
        size += 1 + entry[4]
        if size > PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def _envelopes(connection: Any, first: int, last: int) -> dict[bytes, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        columns = ",".join(map(quote, ENVELOPE))
        cursor.execute(f'SELECT {columns} FROM "fact" WHERE entry BETWEEN %s AND %s', [first, last])  # noqa: S608
        rows = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
    return {row[0]: row for row in rows}


def _contents(connection: Any, envelopes: dict[bytes, tuple[Any, ...]]) -> Iterator[Tampered]:
    """Contents that are gone, that are not the ones sealed, or that speak of another hour, incident or entry than their envelope."""
    erased = _erased(connection, envelopes)
    by_kind: dict[str, list[bytes]] = {}
    for id_, envelope in envelopes.items():
        by_kind.setdefault(envelope[_KIND], []).append(id_)
    for name, ids in sorted(by_kind.items()):
        kind = KINDS[name]
        left = set(ids)
        for salt, *row in select_in(connection, f"salt, {fact_columns(kind)}", quote(content_table(name)), "id", ids):
            id_, *where = row[:4]
            left.discard(id_)
            if id_ in erased and bytes(salt) == NO_SALT:
                continue
            told = dict(zip(ENVELOPE, envelopes[id_], strict=True))
            version, body = as_stored(kind, row)
            same = where == [told["at"], told["incident"], told["entry"]]
            if not same or seal(kind, body, bytes(salt), version) != told["seal"]:
                yield Tampered(told["entry"], id_, CONTENT)
        for id_ in sorted(left - erased):
            yield Tampered(envelopes[id_][_ENTRY], id_, GONE)


#: The salt of a content of which the words alone were destroyed.
NO_SALT = bytes(16)


def erased_digest(ids: Iterable[bytes]) -> str:
    """The hash by which a fact of erasing says which facts lost their content."""
    return hashlib.blake2b(b"".join(sorted(ids)), digest_size=16).hexdigest()


def _erased(connection: Any, ids: Iterable[bytes]) -> set[bytes]:
    """Which of these facts lost their content lawfully; that it was lawful is looked at by ``_erasures``."""
    return {bytes(row[0]) for row in select_in(connection, "fact", '"erased"', "fact", list(ids))}


def _erasures(connection: Any) -> Iterator[Tampered]:
    """Erasures of other facts than their own fact of the ledger says, and those that no fact says."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT id, entry, contents, digest FROM "fact_content_erased"')
        said = {bytes(id_): (entry, count, digest) for id_, entry, count, digest in cursor.fetchall()}
        cursor.execute('SELECT "by", fact, entry FROM "erased"')
        found: dict[bytes, list[bytes]] = {}
        entries: dict[bytes, int] = {}
        for by, fact, entry in cursor.fetchall():
            found.setdefault(bytes(by), []).append(bytes(fact))
            entries[bytes(by)] = entry
    for by in sorted(said.keys() | found.keys()):
        entry, count, digest = said.get(by, (entries.get(by, 0), 0, ""))
        these = found.get(by, [])
        if (len(these), erased_digest(these)) != (count, digest):
            yield Tampered(entry, by, UNLAWFUL)


def _strays(connection: Any) -> Iterator[Tampered]:
    """Envelopes of no entry, and contents of no envelope."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT f.entry, f.id FROM "fact" f WHERE NOT EXISTS (SELECT 1 FROM "entry" e WHERE e.seq = f.entry) ORDER BY f.entry, f.id'
        )
        yield from (Tampered(entry, bytes(id_), NOWHERE) for entry, id_ in cursor.fetchall())
        for name in KINDS:
            table = quote(content_table(name))
            cursor.execute(
                f'SELECT c.entry, c.id FROM {table} c WHERE NOT EXISTS (SELECT 1 FROM "fact" f WHERE f.id = c.id AND f.kind = %s)'  # noqa: S608
                " ORDER BY c.entry, c.id",
                [name],
            )
            yield from (Tampered(entry, bytes(id_), STRAY) for entry, id_ in cursor.fetchall())


__all__ = ["Tampered", "Verified", "verify"]
