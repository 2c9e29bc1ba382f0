"""Reads facts from the database into the same index that the memory engine uses, many values at a time. Writes nothing.

Settling asks a ``Reader`` as it asks a ``FactSet``. What was not fetched beforehand is fetched when asked for: slower, never
wrong. Small kinds are kept at hand between transactions and brought up to date by entry number.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from bulou.basis.factset import FactSet
from bulou.basis.kinds import INCIDENT, KINDS, Fact, Value, members, ref_of
from bulou.basis.time import Instant
from bulou.evidence.append import fact_columns, load, to_fact
from bulou.evidence.models.kinds import IN_INCIDENT, content_table
from bulou.evidence.sql import quote, select_in

SMALL = tuple(sorted(name for name, kind in KINDS.items() if kind.small))
_SMALL = frozenset(SMALL)


class Reader(FactSet):
    """Facts as entered up to ``upto`` (None: all), read when needed.

    Made before the entry that it serves is appended, so that nothing of an entry that fails stays at hand.
    """

    def __init__(self, connection: Any, upto: int | None = None, small: FactSet | None = None) -> None:
        self.connection, self.upto = connection, upto
        self.loaded: dict[tuple[str, str], set[Value]] = {}
        #: How often settling asked for something that had not been fetched: each is a statement of its own.
        self.misses = 0
        self._small = _small_facts(connection, upto) if small is None else small
        super().__init__()
        self._standing, self._ever = self._small._standing, self._small._ever

    # --- small kinds are kept at hand ---------------------------------------------------------------------------------
    def at(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        own = super().at(kind, field, value)
        if KINDS[kind].small:
            kept = self._small.at(kind, field, value)
            return [*kept, *own] if own else kept
        return own

    def _gone(self, fact: Fact) -> bool:
        return super()._gone(fact) or self._small._gone(fact)

    def _gone_at(self, fact: Fact) -> Instant:
        return min(w[fact.id] for w in (self.withdrawn, self._small.withdrawn) if fact.id in w)

    def _joining(self, kind: str, field: str) -> Iterable[Fact]:
        yield from self._small._joining(kind, field)
        yield from super()._joining(kind, field)

    def standing(self, kind: str) -> list[Fact]:
        """Every fact of a small kind that is not withdrawn, earliest first; other kinds are never at hand as a whole."""
        if not KINDS[kind].small:
            raise ValueError(f"{kind} is not a small kind: ask by a field")
        kept = {f.id: f for f in (*self._small.facts.values(), *self.facts.values()) if f.kind == kind}
        return sorted((f for f in kept.values() if not self._gone(f)), key=lambda f: (f.at, f.id))

    def by(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        """What stands, as in the set; asked so often while settling that nothing is called for a fact that stands."""
        found = self._found(kind, field, self._family(self._standing, ref_of(kind, field), value))
        own, small = self.withdrawn, self._small.withdrawn
        if not (own or small):
            return found
        return [f for f in found if (f.id not in own and f.id not in small) or f.kind == "fact.withdrawn"]

    def _found(self, kind: str, field: str, values: Sequence[Value]) -> list[Fact]:
        found: list[Fact] = []
        for k in members(kind, field):
            at = (k, field)
            kept = self._small._index.get(at) if k in _SMALL else None
            if k not in _SMALL and not self.loaded.get(at, _NOTHING).issuperset(values):
                self.misses += 1
                self.fetch({at: set(values)})
            own = self._index.get(at)
            for value in values:
                if kept:
                    found.extend(kept.get(value, ()))
                if own:
                    found.extend(own.get(value, ()))
        return found

    def raw(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        if kind == "fact" and value not in self.facts:
            self.fetch({("fact", "id"): {value}})
            small = self._small.facts.get(value) if isinstance(value, bytes) else None
            if small:
                return [small]
        return super().raw(kind, field, value)

    def fetch(self, wanted: dict[tuple[str, str], set[Value]]) -> None:
        """Reads what is not here yet: one statement for each kind and field, however many values."""
        for (kind_or_group, field), values in sorted(wanted.items()):
            if kind_or_group == "fact":
                self._fetch_by_id(values)
                continue
            ref = ref_of(kind_or_group, field)
            # A generic subject may be an id or a code; only what the column can hold is looked for in it.
            fitting = bytes if field == INCIDENT or _is_id(kind_or_group, field) else str
            family = {v for value in values for v in self.family(ref, value) if isinstance(v, fitting)}
            for kind in members(kind_or_group, field):
                have = self.loaded.setdefault((kind, field), set())
                missing = family - have
                if missing and not KINDS[kind].small:
                    self._load(kind, IN_INCIDENT if field == INCIDENT else field, sorted(missing, key=_bytes))
                have |= missing

    # --- statements ---------------------------------------------------------------------------------------------------
    def _load(self, kind: str, column: str, values: Sequence[Value]) -> None:
        self.add(load(self.connection, KINDS[kind], column, values, self.upto))

    def _fetch_by_id(self, values: Iterable[Value]) -> None:
        missing = [v for v in values if v not in self.facts and v not in self._small.facts]
        by_kind: dict[str, list[Value]] = {}
        where, params = ("", []) if self.upto is None else (' AND "entry" <= %s', [self.upto])
        for id_, kind in select_in(self.connection, "id, kind", '"fact"', "id", missing, where, params) if missing else ():
            by_kind.setdefault(kind, []).append(id_)
        for kind, ids in by_kind.items():
            self._load(kind, "id", ids)


_NOTHING: set[Value] = set()


@lru_cache(maxsize=512)
def _is_id(kind_or_group: str, field: str) -> bool:
    found = KINDS[members(kind_or_group, field)[0]].field(field)
    return found is not None and found.type == "id"


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


# --- small kinds, kept at hand ----------------------------------------------------------------------------------------
class _Kept:
    """The small kinds and all withdrawals of a database as of one entry, known by its number and hash."""

    def __init__(self) -> None:
        self.seq, self.hash = 0, b""
        self.facts = FactSet()


_kept: dict[str, _Kept] = {}
_past: dict[tuple[str, int, bytes], FactSet] = {}
_MOST_PAST = 8


def forget_small() -> None:
    """Drops what is kept at hand: after a database was swapped or rebuilt under the process."""
    _kept.clear()
    _past.clear()


def _broad(connection: Any, upto: int | None) -> tuple[int, bytes]:
    """The last entry with facts of small kinds or withdrawals."""
    where = "" if upto is None else f" AND seq <= {int(upto)}"
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT seq, hash FROM "entry" WHERE broad{where} ORDER BY seq DESC LIMIT 1')  # noqa: S608
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, b"")


def _small_facts(connection: Any, upto: int | None) -> FactSet:
    name = f"{connection.alias}:{connection.settings_dict['NAME']}"
    seq, hash_ = _broad(connection, upto)
    kept = _kept.get(name)
    if kept and (kept.seq, kept.hash) == (seq, hash_):
        return kept.facts
    if upto is not None:
        return _past_facts(connection, name, seq, hash_)
    if kept is None or kept.seq > seq or not _still_there(connection, kept):
        kept = _kept[name] = _Kept()
    _bring_forward(connection, kept.facts, kept.seq, seq)
    kept.seq, kept.hash = seq, hash_
    return kept.facts


def _past_facts(connection: Any, name: str, seq: int, hash_: bytes) -> FactSet:
    past = _past.get((name, seq, hash_))
    if past is None:
        past = FactSet()
        _bring_forward(connection, past, 0, seq)
        while len(_past) >= _MOST_PAST:
            _past.pop(next(iter(_past)))
        _past[(name, seq, hash_)] = past
    return past


def _still_there(connection: Any, kept: _Kept) -> bool:
    """Whether the entry up to which facts are kept is still the one of this ledger (it is not after a restore)."""
    if kept.seq == 0:
        return True
    with connection.cursor() as cursor:
        cursor.execute('SELECT hash FROM "entry" WHERE seq = %s', [kept.seq])
        row = cursor.fetchone()
    return row is not None and bytes(row[0]) == kept.hash


def _bring_forward(connection: Any, facts: FactSet, after: int, upto: int) -> None:
    if after == upto:
        return
    with connection.cursor() as cursor:
        for kind in (*SMALL, "fact.withdrawn"):
            declared = KINDS[kind]
            cursor.execute(
                f'SELECT {fact_columns(declared)} FROM {quote(content_table(kind))} WHERE "entry" > %s AND "entry" <= %s',  # noqa: S608
                [after, upto],
            )
            facts.add(to_fact(declared, row) for row in cursor.fetchall())
