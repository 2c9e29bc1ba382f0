"""The retention verb: destroys the content of facts whose time is over, and nothing else may. Envelopes, entries and figures stay.

What a content was read by is sealed: those cells and rows of lists keep their last state, without what named anybody. A fact says
what was destroyed and why; the hash chain runs over seals of contents and stays whole. There is no way back.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from bulou.basis.facts import ContentErased
from bulou.basis.ids import new_id, subject_text
from bulou.basis.kinds import KINDS, Fact, Field, Kind
from bulou.basis.time import DAY, FOREVER, Clock, Instant
from bulou.basis.words import Word
from bulou.duties.enter import CODES, cell_id, forget, index_of, touches, writing
from bulou.evidence.append import head, load
from bulou.evidence.fields import stored
from bulou.evidence.guards import forgetting
from bulou.evidence.models.kinds import IN_INCIDENT, content_table
from bulou.evidence.now import NEVER, PROJECTIONS
from bulou.evidence.reader import Reader
from bulou.evidence.sql import in_parts, insert, quote, select_in
from bulou.evidence.verify import NO_SALT, erased_digest
from bulou.protocol.rules import Protocol_

#: Facts in one entry of an erasure.
CHUNK = 200
REQUEST = "request"


class Rule(NamedTuple):
    """How long a kind's content is kept: see ``retention.toml``, which says what each word means."""

    kind: str
    after: str
    days: int
    goes: str
    reason: Word
    status: str

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.after}+{self.days}d"

    @property
    def firm(self) -> bool:
        """Whether it goes on its day though its incident lives: what is owed for it ends on that day at the latest."""
        return self.after == "source_over"


class Cannot(ValueError):
    """An erasure that may not be done now. Says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")
        self.zh, self.en = zh, en


class Erasure(NamedTuple):
    """What an erasure did, or would do: facts of each kind, and facts held back because something that runs rests on them."""

    erased: dict[str, int]
    held: dict[str, int]


@lru_cache(maxsize=1)
def table() -> dict[str, Rule]:
    """The table of retention; ValueError for a line that cannot be carried out."""
    return read(resources.files("bulou.duties").joinpath("retention.toml").read_text(encoding="utf-8"))


def read(text: str) -> dict[str, Rule]:
    """A table of retention from its text."""
    found = {}
    for kind, told in tomllib.loads(text).items():
        rule = Rule(
            kind, told["after"], told.get("days", 0), told["goes"], Word(told["reason"]["zh"], told["reason"]["en"]), told["status"]
        )
        if kind not in KINDS:
            raise ValueError(f"retention: there is no kind {kind}")
        if rule.after not in ("kept", "at", "incident_closed", "departed", "source_over") or rule.goes not in ("none", "all", "words"):
            raise ValueError(f"retention: {kind}: after or goes is none of the words of this table")
        if (rule.after == "kept") != (rule.goes == "none") or (rule.after not in ("kept", "source_over") and rule.days < 1):
            raise ValueError(f"retention: {kind}: what is kept goes not, what goes says after how many days (at least 1)")
        if rule.after == "source_over" and (rule.goes != "all" or KINDS[kind].field("source") is None):
            raise ValueError(f"retention: {kind} says of no source, or would outlive it")
        if rule.goes != "none" and (KINDS[kind].small or kind == "fact.withdrawn"):
            raise ValueError(f"retention: {kind} is read as a whole and cannot lose content")
        if rule.after == "departed" and not _people(KINDS[kind]):
            raise ValueError(f"retention: {kind} speaks of no person who could leave")
        found[kind] = rule
    return found


def _people(kind: Kind) -> list[str]:
    return [f.name for f in kind.fields if f.ref == "person"]


# --- what is due ------------------------------------------------------------------------------------------------------
def due(connection: Any, rule: Rule, until: Instant) -> list[bytes]:
    """The facts of a rule's kind whose time is over at ``until``, and whose content is still there."""
    if rule.goes == "none":
        return []
    own, before = quote(content_table(rule.kind)), until - rule.days * DAY
    where, params = "c.at < %s", [before]
    if rule.after == "departed":
        left = "SELECT person FROM stay WHERE void_seq = %s AND area IS NULL AND here_until = %s AND here_from < %s"
        where = f"c.{quote(_people(KINDS[rule.kind])[0])} IN ({left})"
        params = [NEVER, FOREVER, before]
    elif rule.after == "incident_closed":
        over = "SELECT incident FROM incident WHERE void_seq = %s AND closed_at < %s"
        watch = "SELECT incident FROM incident WHERE void_seq = %s AND nature = 'watch'"
        of = f"c.{IN_INCIDENT}"
        where = f"({of} IN ({over}) OR (c.at < %s AND ({of} IS NULL OR {of} IN ({watch}))))"
        params = [NEVER, before, before, NEVER]
    elif rule.after == "source_over":
        # Whatever has no source that stands and is not over goes: one that was taken back, or never was, keeps nothing alive.
        lives = "SELECT source FROM signal_source WHERE void_seq = %s AND over_at > %s"
        over = "SELECT incident FROM incident WHERE void_seq = %s AND closed_at <= %s"
        where = f"(c.source NOT IN ({lives}) OR c.{IN_INCIDENT} IN ({over}))"
        params = [NEVER, before, NEVER, before]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id FROM {own} c WHERE {where} AND NOT EXISTS (SELECT 1 FROM erased e WHERE e.fact = c.id) ORDER BY c.id",  # noqa: S608
            params,
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def of_person(connection: Any, person: bytes, now: Instant) -> dict[str, list[bytes]]:
    """Every fact that speaks of a person under any of their ids, of kinds that can lose content. Cannot where an order holds them."""
    ids = list(Reader(connection).family("person", person))
    orders = select_in(connection, "over_at", '"order_"', "person", ids, f" AND void_seq = {NEVER} AND over_at > {int(now)}")
    if next(iter(orders), None) is not None:
        raise Cannot("此人尚在隔离令期间:解除之后才能销毁", "an order holds this person: their data can be destroyed once it is over")
    found: dict[str, list[bytes]] = {}
    for kind, rule in table().items():
        if rule.goes == "none":
            continue
        for field in KINDS[kind].fields:
            if field.ref in ("person", "any"):
                values: list[Any] = [subject_text(i) for i in ids if isinstance(i, bytes)] if field.type != "id" else list(ids)
                gone = ' AND NOT EXISTS (SELECT 1 FROM erased e WHERE e.fact = "id")'
                rows = select_in(connection, "id", quote(content_table(kind)), quote(field.name), values, gone)
                found.setdefault(kind, []).extend(bytes(r[0]) for r in rows)
    return {kind: sorted(set(these)) for kind, these in found.items() if these}


def words_of(connection: Any, person: bytes) -> list[str]:
    """Ids as text, names, numbers of a person: what finds copies of them."""
    found: set[str] = set()
    for id_ in Reader(connection).family("person", person):
        if isinstance(id_, bytes):
            found |= {subject_text(id_), id_.hex()}
            for row in select_in(connection, "name, document, phone", '"person"', "person", [id_]):
                found |= {word for word in row if word}
    return sorted(found)


def ids_of(connection: Any, person: bytes) -> list[bytes]:
    """Every id under which a person is on record."""
    return [i for i in Reader(connection).family("person", person) if isinstance(i, bytes)]


# --- destroying -------------------------------------------------------------------------------------------------------
def erase(
    wanted: Mapping[str, Sequence[bytes]],
    *,
    post: str,
    reason: str,
    by: str,
    clock: Clock,
    protocol: Protocol_,
    using: Any,
    rule: str | None = None,
    dry: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Erasure:
    """Destroys the content of these facts, kind by kind, in small entries. ``rule``: a lawful request (``REQUEST``); None: the table's.

    A request takes everything of a content, also of kinds that otherwise lose only their words. ``dry`` changes nothing. Facts
    on which duties still run are held back: what runs must not freeze.
    """  # fmt: skip
    erased: dict[str, int] = {}
    held: dict[str, int] = {}
    total, done = sum(map(len, wanted.values())), 0
    for kind, ids in sorted(wanted.items()):
        of = table()[kind]
        words = of.goes == "words"
        for part in in_parts(ids, CHUNK):
            plan = _plan(using, Reader(using), kind, part, protocol, clock.now(), words=words, firm=of.firm)
            if plan.going and not dry:
                with writing(by, "retention", clock, protocol, using.alias) as book:  # asked again, now that nobody else can write
                    plan = _plan(using, book.facts, kind, part, protocol, clock.now(), words=words, firm=of.firm)
                    _destroy(using, kind, plan, words)
                    now = book.now()
                    body = ContentErased(post, kind, rule or of.name, len(plan.going), erased_digest(plan.going), reason)
                    said = Fact(new_id(now), "content.erased", now, None, body)
                    seq = head(using).seq + 1
                    insert(using, "erased", ("fact", "by", "entry"), [(id_, said.id, seq) for id_ in sorted(plan.going)])
                    _seal(using, plan, seq)
                    book.facts = Reader(using)
                    book.add(said)
            erased[kind] = erased.get(kind, 0) + len(plan.going)
            held[kind] = held.get(kind, 0) + len(part) - len(plan.going)
            done += len(part)
            if progress:
                progress(done, total)
    if not dry:
        forget()
    return Erasure({k: n for k, n in erased.items() if n}, {k: n for k, n in held.items() if n})


class _Plan(NamedTuple):
    """Facts that go, and what they touch: cells (with the subject, or whole) and entities of projections."""

    going: list[bytes]
    cells: set[tuple[bytes, bytes | None]]
    #: A projection, an entity of it, and the incident whose rows it has (None: the projection knows no incidents).
    entities: set[tuple[str, bytes, bytes | None]]


def _plan(
    connection: Any, reader: Reader, kind: str, ids: Sequence[bytes], protocol: Protocol_, now: Instant, *, words: bool, firm: bool
) -> _Plan:  # fmt: skip
    facts = sorted(load(connection, KINDS[kind], "id", ids), key=lambda f: f.id)
    index = index_of(protocol, reader, ())
    plan = _Plan([], set(), set())
    each = []
    for fact in facts:
        touched, entities = touches([fact], reader, index)
        cells = set() if words else {(cell_id((t.rule, t.key)), None if t.subject is None else stored(t.subject)) for t in touched}
        each.append((fact.id, cells, {(name, stored(e)) for name, these in entities.items() for e in these}))
    rows = _rows(connection, {one for _, _, entities_ in each for one in entities_})
    live = set() if firm else live_incidents(connection)
    running = set() if firm else running_cells(connection, {cell for _, cells, _ in each for cell, _ in cells}, now, live)
    for id_, cells, entities_ in each:
        # What lost content and has no row keeps nothing, and must take up what happens to the same person later.
        mine = {(*one, incident) for one in entities_ for incident in rows.get(one, ())}
        if running.isdisjoint(cell for cell, _ in cells) and live.isdisjoint(incident for _, _, incident in mine if incident):
            plan.going.append(id_)
            plan.cells.update(cells)
            # A person has rows in each incident. A thing has one: sealed whole, or what another incident says of it takes its place.
            plan.entities.update((name, e, incident if PROJECTIONS[name].entity == "person" else None) for name, e, incident in mine)
    return plan


def _rows(connection: Any, entities: Iterable[tuple[str, bytes]]) -> dict[tuple[str, bytes], set[bytes | None]]:
    """In which incidents entities ever had rows; {None} for a projection that knows no incidents."""
    by_name: dict[str, list[bytes]] = {}
    for name, entity in entities:
        by_name.setdefault(name, []).append(entity)
    found: dict[tuple[str, bytes], set[bytes | None]] = {}
    for name, these in by_name.items():
        of = PROJECTIONS[name]
        keys: list[Any] = sorted(e.decode() if of.entity in CODES else e for e in these)
        columns = quote(of.key) + (", incident" if "incident" in of.columns else "")
        for key, *incident in select_in(connection, columns, quote(of.table), quote(of.key), keys):
            own = key.encode() if isinstance(key, str) else bytes(key)
            found.setdefault((name, own), set()).add(bytes(incident[0]) if incident and incident[0] is not None else None)
    return found


def live_incidents(connection: Any) -> set[bytes]:
    """Incidents that are not over, but for standing watches, which never are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT incident, canonical FROM incident WHERE void_seq = %s AND closed_at = %s AND nature <> 'watch'", [NEVER, FOREVER]
        )
        return {bytes(value) for row in cursor.fetchall() for value in row}


def running_cells(connection: Any, cells: Iterable[bytes], now: Instant, live: set[bytes]) -> set[bytes]:
    """Cells with duties of an incident that is not over, or with one that is open and whose end is still to come."""
    rows = select_in(connection, "cell, incident, closed_seq, end_at", '"duty"', "cell", sorted(cells), f" AND void_seq = {NEVER}")
    return {bytes(c) for c, incident, closed, end in rows if bytes(incident) in live or (closed == NEVER and now < end < FOREVER)}


def _destroy(connection: Any, kind: str, plan: _Plan, words: bool) -> None:
    own = content_table(kind)
    lists = sorted({PROJECTIONS[name].table for name, _, _ in plan.entities})
    with forgetting(connection, [own], lists), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")
        if words:
            gone = ",".join(f"{quote(f.name)} = {'NULL' if f.optional else chr(39) * 2}" for f in KINDS[kind].columns if _speaks(f))
            sets = f"salt = %s{',' if gone else ''}{gone}"
            cursor.executemany(f"UPDATE {quote(own)} SET {sets} WHERE id = %s", [(NO_SALT, id_) for id_ in plan.going])  # noqa: S608
        else:
            cursor.executemany(f"DELETE FROM {quote(own)} WHERE id = %s", [(id_,) for id_ in plan.going])  # noqa: S608
        for name, entity, incident in sorted(plan.entities, key=repr):
            _blank(connection, cursor, name, entity, incident)
        if not words:  # time wakes nothing in a cell that keeps its state
            whole = sorted(cell for cell, subject in plan.cells if subject is None)
            cursor.executemany("UPDATE cell SET wake_at = %s WHERE id = %s", [(FOREVER, cell) for cell in whole])


def _speaks(field: Field) -> bool:
    """Whether a field may name someone: free text, or masked."""
    return field.mask is not None or (field.type == "text" and not field.words)


#: Columns of lists that say something of a person beside those that a kind masks.
MORE = {
    "person": ("born_on", "registered_area", "nationality"),
    "contact": ("reason",),
    "order": ("reason",),
    "case": ("label",),
    "stay": ("household",),
}


def blanked(name: str) -> tuple[str, ...]:
    """The columns of a projection that lose what they say when an entity of it lost content."""
    of = PROJECTIONS[name]
    masked = {f.name for read in of.reads for f in _fields(read.kind) if f.mask}
    return tuple(c for c in of.columns if c in masked or c in MORE.get(name, ()))


def _fields(kind_or_group: str) -> Iterator[Field]:
    for kind in KINDS.values():
        if kind.name == kind_or_group:
            yield from kind.fields


def _blank(connection: Any, cursor: Any, name: str, entity: bytes, incident: bytes | None) -> None:
    of = PROJECTIONS[name]
    columns = blanked(name)
    if columns:
        null = {c.name: c.null_ok for c in connection.introspection.get_table_description(cursor, of.table)}
        sets = ",".join(f"{quote(c)} = {'NULL' if null[c] else chr(39) * 2}" for c in columns)
        params: list[Any] = [entity.decode() if of.entity in CODES else entity, *([incident] if incident else [])]
        where = f"{quote(of.key)} = %s" + (" AND incident = %s" if incident else "")
        cursor.execute(f"UPDATE {quote(of.table)} SET {sets} WHERE {where}", params)  # noqa: S608


def _seal(connection: Any, plan: _Plan, seq: int) -> None:
    rows = [("cell", cell, subject, seq) for cell, subject in plan.cells] + [(*one, seq) for one in plan.entities]
    have = {
        (what, bytes(key), None if s is None else bytes(s))
        for what, key, s in select_in(connection, "what, key, subject", '"sealed"', "key", sorted({r[1] for r in rows}))
    }
    fresh = sorted((r for r in rows if r[:3] not in have), key=repr)
    insert(connection, "sealed", ("what", "key", "subject", "entry"), fresh)
