"""The engine in plain Python, without a database: the definition that every other engine is compared with. Pure.

``FactSet`` is a set of facts with its indexes; ``Memory`` appends entries to one and keeps duties as versions. Small and
slow on purpose: no cleverness may live here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bulou.basis.ids import subject_of, subject_text
from bulou.basis.kinds import KINDS, Fact, Value, members
from bulou.basis.time import FOREVER, Instant
from bulou.duties.reckoning import Duty, Index, Touch, difference, reckon, settle, touches
from bulou.protocol.rules import INCIDENT, Protocol_, Subject


class Families:
    """Which ids are one: joined by facts, parted by their withdrawal. The smallest id of a family stands for it."""

    def __init__(self, pairs: Iterable[tuple[Value, Value]]) -> None:
        self._of: dict[Value, tuple[Value, ...]] = {}
        for a, b in pairs:
            joined = tuple(sorted({*self.of(a), *self.of(b)}, key=_sortable))
            for each in joined:
                self._of[each] = joined

    def of(self, value: Value) -> tuple[Value, ...]:
        return self._of.get(value, (value,))

    def canon(self, value: Value) -> Value:
        family = self._of.get(value)
        return family[0] if family else value


def _sortable(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


#: For each type of entity whose ids can be one: the kind that joins them and its two fields.
JOINS: dict[str, tuple[str, str, str]] = {
    "person": ("person.identified", "person", "same_as"),
    "incident": ("incident.joined", "incident", "into"),
}


class FactSet:
    """Facts with their indexes: what stands (``by``), what was ever appended (``raw``), and which ids are one."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.facts: dict[bytes, Fact] = {}
        self.withdrawn: dict[bytes, Instant] = {}
        self._index: dict[tuple[str, str], dict[Value, list[Fact]]] = {}
        self._standing: dict[str, Families] = {}
        self._ever: dict[str, Families] = {}
        self.add(facts)

    def add(self, facts: Iterable[Fact]) -> None:
        joined = not self._standing
        for fact in facts:
            if fact.id in self.facts:
                continue
            self.facts[fact.id] = fact
            kind = KINDS[fact.kind]
            if fact.incident is not None:
                self._put(fact.kind, INCIDENT, fact.incident, fact)
            for each in kind.fields:
                if each.find:
                    value = getattr(fact.body, each.name)
                    if value is not None:
                        self._put(fact.kind, each.name, value, fact)
            if fact.kind == "fact.withdrawn":
                at = self.withdrawn.get(fact.body.target, FOREVER)
                self.withdrawn[fact.body.target] = min(at, fact.at)
                joined = True
            joined = joined or fact.kind in ("person.identified", "incident.joined")
        if joined:
            self._join()

    def _put(self, kind: str, field: str, value: Value, fact: Fact) -> None:
        self._index.setdefault((kind, field), {}).setdefault(value, []).append(fact)

    def _join(self) -> None:
        for ref, (kind, a, b) in JOINS.items():
            facts = [f for found in self._index.get((kind, a), {}).values() for f in found]
            pairs = [(f, getattr(f.body, a), getattr(f.body, b)) for f in facts]
            self._ever[ref] = Families((x, y) for _, x, y in pairs)
            self._standing[ref] = Families((x, y) for f, x, y in pairs if not self._gone(f))

    def _gone(self, fact: Fact) -> bool:
        """Withdrawn: and a withdrawal itself never is."""
        return fact.id in self.withdrawn and fact.kind != "fact.withdrawn"

    def _found(self, kind: str, field: str, values: Sequence[Value]) -> list[Fact]:
        return [f for k in members(kind, None if field == INCIDENT else field) for v in values for f in self.at(k, field, v)]

    def at(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        return self._index.get((kind, field), {}).get(value, ())

    def by(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        family = self._family(self._standing, self._ref(kind, field), value)
        return [f for f in self._found(kind, field, family) if not self._gone(f)]

    def dropped(self, kind: str, field: str, value: Value) -> Sequence[tuple[Fact, Instant]]:
        family = self._family(self._standing, self._ref(kind, field), value)
        return [(f, self.withdrawn[f.id]) for f in self._found(kind, field, family) if self._gone(f)]

    def raw(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        if kind == "fact":
            found = self.facts.get(value) if isinstance(value, bytes) else None
            return [found] if found else []
        return self._found(kind, field, self._family(self._ever, self._ref(kind, field), value))

    def family(self, ref: str | None, value: Value) -> Sequence[Value]:
        return self._family(self._ever, ref, value)

    def canon(self, ref: str | None, value: Value) -> Value:
        return self._standing[ref].canon(value) if ref in self._standing else value

    def fetch(self, wanted: dict[tuple[str, str], set[Value]]) -> None:
        """Everything is here already."""

    def standing(self, kind: str) -> list[Fact]:
        """Every fact of a kind that is not withdrawn."""
        return [f for f in self.facts.values() if f.kind == kind and not self._gone(f)]

    @staticmethod
    def _family(families: dict[str, Families], ref: str | None, value: Value) -> Sequence[Value]:
        if ref == "any" and isinstance(value, str):
            of = subject_of(value)
            return [subject_text(v) for ref in families for v in families[ref].of(of) if v != of and isinstance(v, bytes)] + [value]
        return families[ref].of(value) if ref in families else (value,)

    @staticmethod
    def _ref(kind: str, field: str) -> str | None:
        if field == INCIDENT:
            return "incident"
        found = KINDS[members(kind, field)[0]].field(field)
        return found.ref if found else None


@dataclass(slots=True)
class Version:
    """A row of the history of duties; each number is written once."""

    duty: Duty
    opened_seq: int
    closed_seq: int | None = None
    void_seq: int | None = None

    def as_of(self, seq: int) -> Duty | None:
        """The duty as this row told it at entry ``seq``; None before it was opened and after it was voided."""
        if self.opened_seq > seq or (self.void_seq is not None and self.void_seq <= seq):
            return None
        return self.duty if self.closed_seq is not None and self.closed_seq <= seq else self.duty.open()


class Refused(ValueError):
    """A fact came again under the same id with other content: kept aside and shown, never entered."""


@dataclass(slots=True)
class Memory:
    """A ledger of entries with its duties as versions: append, settle the cells touched, write the difference."""

    protocol: Protocol_
    ledger: FactSet = field(default_factory=FactSet)
    known: list[Instant] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    aside: list[Fact] = field(default_factory=list)
    _live: dict[tuple[str, tuple[Subject, ...]], set[int]] = field(default_factory=dict)
    _wakes: dict[tuple[str, tuple[Subject, ...]], Instant] = field(default_factory=dict)
    _index: Index | None = None

    @property
    def index(self) -> Index:
        if self._index is None:
            self._index = Index(self.protocol)
        return self._index

    def enter(self, facts: Iterable[Fact], known: Instant) -> int:
        """Appends one entry and settles what it touches; returns its number. ``known`` never goes back."""
        seq = len(self.known) + 1
        self.known.append(max(known, self.known[-1]) if self.known else known)
        new: list[Fact] = []
        for fact in facts:
            have = self.ledger.facts.get(fact.id)
            if have is None:
                new.append(fact._replace(entry=seq))
                self.ledger.add(new[-1:])
            elif have._replace(entry=0) != fact._replace(entry=0):
                self.aside.append(fact)
        touched = touches(new, self.ledger, self.index)
        touched |= {Touch(*cell, None) for cell, wake in self._wakes.items() if wake <= self.known[-1]}
        for cell, subjects in group(touched).items():
            self._settle(cell, subjects, seq)
        return seq

    def _settle(self, cell: tuple[str, tuple[Subject, ...]], subjects: frozenset[Subject] | None, seq: int) -> None:
        settled = settle(self.index.rules[cell[0]], cell[1], self.ledger, self.protocol, self.known[-1], subjects)
        rows = self._live.setdefault(cell, set())
        standing = [(i, self.versions[i].duty) for i in sorted(rows)]
        made = difference((row for row in standing if subjects is None or row[1].subject in subjects), settled.duties)
        for i, duty in made.close:
            self.versions[i].duty, self.versions[i].closed_seq = duty, seq
        for i in made.void:
            self.versions[i].void_seq = seq
            rows.discard(i)
        for duty in made.add:
            self.versions.append(Version(duty, seq, seq if duty.closed_at is not None else None))
            rows.add(len(self.versions) - 1)
        wake = settled.wake if subjects is None else min(settled.wake, self._wakes.get(cell, FOREVER))
        self._wakes[cell] = wake

    def duties(self, seq: int | None = None) -> set[Duty]:
        """The duties that stood as of an entry (the last by default)."""
        at = len(self.known) if seq is None else seq
        return {duty for v in self.versions if (duty := v.as_of(at)) is not None}

    def reckoned(self, seq: int | None = None) -> set[Duty]:
        """The same by definition: reckoned from the facts of the entries up to ``seq``, and nothing else."""
        at = len(self.known) if seq is None else seq
        facts = self.ledger if at == len(self.known) else FactSet(f for f in self.ledger.facts.values() if f.entry <= at)
        return reckon(self.protocol, facts, facts.standing, self.known[at - 1])


def group(touched: Iterable[Touch]) -> dict[tuple[str, tuple[Subject, ...]], frozenset[Subject] | None]:
    """Touches by cell; a touch of the whole cell swallows those of its subjects."""
    cells: dict[tuple[str, tuple[Subject, ...]], set[Subject] | None] = {}
    for touch in touched:
        cell = (touch.rule, touch.key)
        if touch.subject is None:
            cells[cell] = None
        else:
            have = cells.setdefault(cell, set())
            if have is not None:
                have.add(touch.subject)
    return {cell: None if subjects is None else frozenset(subjects) for cell, subjects in cells.items()}
