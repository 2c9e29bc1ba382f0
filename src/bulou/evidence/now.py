"""Tables of "now" and of every past moment: rows that follow from the facts of one thing, kept as versions.

A projection is a pure function from facts to rows, and the branches by which facts reach it: the machinery of duties, used
for everything that people look at in lists. Nothing here is edited; a rebuild from facts gives the same rows.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import BEGINNING, FOREVER
from bulou.evidence.sql import insert, quote, select_in, update_by_id
from bulou.protocol.rules import Branch, Facts, Read, Subject, reads_of_steps

#: In the columns of entry numbers: not yet.
NEVER = 2**62


class Projection(NamedTuple):
    """Rows of ``table`` that follow from the facts of one entity of type ``entity``.

    ``key`` is the column that holds the entity; ``rows`` gives the other columns. Reads start at ``entity``.
    ``when`` keeps facts that cannot matter from touching anything (most tubes are negative).
    """

    name: str
    entity: str
    table: str
    key: str
    columns: tuple[str, ...]
    reads: tuple[Read, ...]
    rows: Callable[[Facts, Subject], Iterable[Sequence[Any]]]
    when: Mapping[str, Callable[[Fact], bool]] = {}

    def branches(self) -> tuple[Branch, ...]:
        found: dict[Branch, None] = {}
        for read in self.reads:
            for each in (*reads_of_steps("entity", read.steps), read):
                found.setdefault(Branch(each.kind, each.field, "entity", each.steps, None))
        return tuple(found)


#: Every projection by name: filled by the floors that own them.
PROJECTIONS: dict[str, Projection] = {}


def project(projection: Projection) -> Projection:
    """Declares a projection."""
    if projection.name in PROJECTIONS:
        raise ValueError(f"projection {projection.name} is declared twice")
    PROJECTIONS[projection.name] = projection
    return projection


class Changed(NamedTuple):
    """How many rows a projection gained and lost in an entry."""

    added: int
    voided: int


def write(
    connection: Any, projection: Projection, entities: Iterable[Subject], facts: Facts, seq: int, numbers: "Numbers",
    sealed: Collection[tuple[bytes, bytes]] = (),
) -> Changed:  # fmt: skip
    """Brings the rows of some entities to what the facts say: rows that are no longer so are voided, new ones added.

    ``sealed``: entities that lost content in an incident; their rows of it are left as they are.
    """
    at = projection.columns.index("incident") if sealed else 0
    keys = {store(e): e for e in entities}
    columns = ",".join(map(quote, projection.columns))
    standing: dict[tuple[Any, ...], int] = {}
    where = f" AND void_seq = {NEVER}"
    for have in select_in(
        connection, f"id, {quote(projection.key)}, {columns}", quote(projection.table), quote(projection.key), list(keys), where
    ):
        if not (sealed and (_bytes(_key(have[1])), _plain(have[2 + at])) in sealed):
            standing[(_key(have[1]), *map(_plain, have[2:]))] = have[0]
    add = []
    for stored_key, entity in sorted(keys.items(), key=lambda k: _bytes(k[0])):
        for row in projection.rows(facts, entity):
            if sealed and (_bytes(stored_key), row[at]) in sealed:
                continue
            full = (_key(stored_key), *row)
            if standing.pop(full, None) is None:
                add.append((numbers.take(), stored_key, *row, seq, NEVER))
    update_by_id(connection, projection.table, {"void_seq": "bigint"}, [(seq, id_) for id_ in sorted(standing.values())])
    insert(connection, projection.table, ("id", projection.key, *projection.columns, "opened_seq", "void_seq"), add)
    return Changed(len(add), len(standing))


class Numbers:
    """Row numbers of one entry: the entry's number times 2^21, counted up. Unique without asking the database."""

    def __init__(self, seq: int, after: int = 0) -> None:
        self.next = max(seq << 21, after)

    def take(self) -> int:
        self.next += 1
        return self.next


def store(entity: Subject) -> Any:
    """An entity as its key column holds it: ids as bytes, codes as text."""
    return entity


def _key(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


__all__ = ["BEGINNING", "FOREVER", "NEVER", "PROJECTIONS", "Changed", "Numbers", "Projection", "project", "write"]
