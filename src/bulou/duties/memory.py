"""The engine in plain Python, without a database: the definition that every other engine is compared with. Pure.

``Memory`` appends entries to a set of facts and keeps duties as versions. Small and slow on purpose: no cleverness here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bulou.basis.factset import FactSet
from bulou.basis.kinds import Fact
from bulou.basis.time import FOREVER, Instant
from bulou.duties.reckoning import Duty, Index, Touch, difference, group, reckon, settle, touches
from bulou.protocol.rules import Protocol_, Subject


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
