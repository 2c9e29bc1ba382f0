"""Pools that read positive or grey, as a desk sees them: who is in them, how far each has come, and what nobody may say yet.

No screen says negative of a person whose pool is open: that sentence is made here and nowhere else.
"""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.kinds import INCIDENT, Fact
from bulou.basis.time import FOREVER, Instant
from bulou.duties.reckoning import edition_in_force, key_of
from bulou.protocol.readings import READINGS, Pool, pool_of, single_result
from bulou.protocol.relations import Cell, order
from bulou.protocol.rules import Facts, Protocol_, Rule, Subject


class Member(NamedTuple):
    """One person of a pool: the single swab taken since, and what came of it."""

    person: bytes
    sampled_at: Instant | None
    negative_at: Instant | None
    positive_at: Instant | None


class State(NamedTuple):
    """A pool: since when it is open, and how it stands at the hour asked."""

    tube: str
    incident: bytes
    result: str
    opened_at: Instant
    resolved_at: Instant | None
    unresolved_at: Instant | None
    rerun: str | None
    members: tuple[Member, ...]

    def word(self, at: Instant) -> str:
        """ "resolved", "unresolved" or "open"."""
        if self.resolved_at is not None and self.resolved_at <= at:
            return "resolved"
        return "unresolved" if self.unresolved_at is not None and self.unresolved_at <= at else "open"


def state_of(facts: Facts, protocol: Protocol_, zone: ZoneInfo, tube: str, at: Instant = FOREVER) -> State | None:
    """How a tube stands as a pool that was read positive or grey; None for every other tube."""
    reads = [f for f in facts.by("tube.resulted", "tube", tube) if f.body.result in ("positive", "grey") and f.at <= at]
    first = [f for f in reads if f.body.run == "first"] or reads
    if not first:
        return None
    opener = min(first, key=order)
    rule = _rule(facts, protocol, opener)
    people = sorted({_person(facts, f) for f in facts.by("sample.taken", "tube", tube)})
    gravest = "positive" if any(f.body.result == "positive" for f in first) else "grey"
    reruns = sorted((f for f in facts.by("tube.resulted", "tube", tube) if f.body.run == "rerun" and f.at <= at), key=order)
    if rule is None or opener.incident is None:
        empty = tuple(Member(p, None, None, None) for p in people)
        return State(tube, opener.incident or b"", gravest, opener.at, None, None, reruns[-1].body.result if reruns else None, empty)
    key = key_of(rule, opener, facts)
    edition = protocol.editions[rule.edition]
    cell = Cell(rule, edition, {INCIDENT: key[0], "incident": key[0], "tube": tube}, sorted(first, key=order), facts, zone, opener.at)
    pool: Pool = pool_of(cell)
    members = tuple(_member(cell, facts, person, tube, at) for person in people)
    return State(
        tube, opener.incident, gravest, opener.at, pool.resolved.at if pool.resolved else None,
        pool.unresolved.at if pool.unresolved else None, reruns[-1].body.result if reruns else None, members,
    )  # fmt: skip


def _rule(facts: Facts, protocol: Protocol_, opener: Fact) -> Rule | None:
    edition = protocol.editions.get(edition_in_force(opener, facts) or "")
    return next((r for r in edition.rules if r.name == "recall.single"), None) if edition else None


def _person(facts: Facts, sample: Fact) -> bytes:
    found = facts.canon("person", sample.body.person)
    assert isinstance(found, bytes)
    return found


def _member(cell: Cell, facts: Facts, person: Subject, tube: str, at: Instant) -> Member:
    negative, positive = single_result(cell, person)
    swabs = sorted(
        f.at
        for f in facts.by("sample.taken", "person", person)
        if f.body.capacity == 1 and cell.first.at <= f.at <= at and f.body.tube != tube
    )
    assert isinstance(person, bytes)
    return Member(
        person, swabs[0] if swabs else None, negative.at if negative and negative.at <= at else None,
        positive.at if positive and positive.at <= at else None,
    )  # fmt: skip


def open_tubes(facts: Facts, protocol: Protocol_, zone: ZoneInfo, person: bytes, at: Instant) -> list[State]:
    """The pools of a person that are open or unresolved at an hour: while there is one, nobody calls the person negative."""
    tubes = {f.body.tube for f in facts.by("sample.taken", "person", person) if f.body.capacity > 1 and f.at <= at}
    states = (state_of(facts, protocol, zone, tube, at) for tube in sorted(tubes))
    return [s for s in states if s is not None and s.word(at) != "resolved"]


def holds(facts: Facts, protocol: Protocol_, zone: ZoneInfo, person: bytes, at: Instant) -> list[tuple[str, Instant]]:
    """The tubes for which a person is held at an hour under a standing authorisation, each with the end of its hold as it stands."""
    found: list[tuple[str, Instant]] = []
    for tube in sorted({f.body.tube for f in facts.by("sample.taken", "person", person) if f.at <= at}):
        cell = _tell_cell(facts, protocol, zone, tube, at)
        if cell is None or READINGS["hold authorised"].moment(cell, person) is None:
            continue
        over = READINGS["hold over"].moment(cell, person)
        if over is not None and at < over.at:
            found.append((tube, over.at))
    return found


def _tell_cell(facts: Facts, protocol: Protocol_, zone: ZoneInfo, tube: str, at: Instant) -> Cell | None:
    """The cell by which people of a tube are told to stay put; None where no edition asks for it."""
    reads = sorted((f for f in facts.by("tube.resulted", "tube", tube) if f.incident is not None and f.at <= at), key=order)
    for opener in reads:
        edition = protocol.editions.get(edition_in_force(opener, facts) or "")
        rule = edition.rule("recall.tell") if edition else None
        if edition and rule and rule.on.fits(opener):
            key = key_of(rule, opener, facts)
            return Cell(rule, edition, {INCIDENT: key[0], "incident": key[0], "tube": tube}, [opener], facts, zone, opener.at)
    return None


def status(facts: Facts, protocol: Protocol_, zone: ZoneInfo, person: bytes, at: Instant) -> str:
    """What may be said of a person's testing at an hour: ``none``, ``sampled``, ``pool_open``, ``positive`` or ``negative``.

    Negative only when the last swab was read negative, and no pool of theirs is open.
    """
    samples = sorted((f for f in facts.by("sample.taken", "person", person) if f.at <= at), key=order)
    if not samples:
        return "none"
    singles = [f for f in samples if f.body.capacity == 1]
    if any(r.body.result == "positive" and r.at <= at for s in singles for r in facts.by("tube.resulted", "tube", s.body.tube)):
        return "positive"
    if open_tubes(facts, protocol, zone, person, at):
        return "pool_open"
    read = [r for r in facts.by("tube.resulted", "tube", samples[-1].body.tube) if r.at <= at]
    if not read:
        return "sampled"
    return "negative" if all(r.body.result == "negative" for r in read) else "sampled"
