"""How duties stand at an hour: the partition of SEMANTICS, for duties and for everyone on a register. Pure; the reference.

Two hours throughout: the rows given are those *as known at* an entry; ``at`` is the hour the question is *about*.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from bulou.basis.time import Instant
from bulou.duties.reckoning import Duty
from bulou.protocol.rules import Subject

#: What outranks what when one subject has several turns: the worst is what someone must hear of.
RANK = ("overdue", "blocked", "due", "upcoming", "done_late", "done", "excused", "ended")
#: States in which something is still to be done.
OPEN = frozenset({"overdue", "blocked", "due", "upcoming"})


def state_of(duty: Duty, at: Instant) -> str:
    """The one state of a duty at an hour, as far as these rows know.

    Done and excused count from when they happened; ended is computed from the end; blocked is shown, never silent.
    """
    if duty.closed_at is not None and duty.closed_at <= at:
        if duty.outcome == "excused":
            return "excused"
        return "done" if duty.closed_at <= duty.due_at else "done_late"
    if duty.end_at <= at:
        return "ended"
    if duty.given_at > at:
        return "blocked"
    if at < duty.opens_at:
        return "upcoming"
    return "due" if at <= duty.due_at else "overdue"


def here(duty: Duty, at: Instant) -> bool:
    """Whether this row is the one that speaks for the subject's place at that hour."""
    return duty.here_from <= at < duty.here_until


def is_gap(duty: Duty, at: Instant) -> bool:
    """A gap: due before the hour, and neither closed nor ended by then, in the place that the row is for."""
    return duty.due_at < at and here(duty, at) and state_of(duty, at) in ("overdue", "blocked")


class Standing(NamedTuple):
    """A register against its duties. ``states`` is a partition of the register; ``strangers`` owe and are not on it."""

    states: Mapping[str, frozenset[Subject]]
    strangers: frozenset[Subject]

    def total(self) -> int:
        return sum(map(len, self.states.values()))


def partition(duties: Iterable[Duty], register: Collection[Subject], at: Instant) -> Standing:
    """Everyone on the register in exactly one state, and everyone in the evidence who is not on it."""
    worst: dict[Subject, int] = {}
    for duty in duties:
        if here(duty, at):
            rank = RANK.index(state_of(duty, at))
            worst[duty.subject] = min(rank, worst.get(duty.subject, rank))
    known = set(register)
    states = {state: frozenset(s for s, rank in worst.items() if RANK[rank] == state and s in known) for state in RANK}
    states["not_owed"] = frozenset(known - set(worst))
    return Standing(states, frozenset(set(worst) - known))


# --- figures that must close -------------------------------------------------------------------------------------------
class Part(NamedTuple):
    """A figure inside a total: its own parts must close, and it must lie inside its parent."""

    name: str
    value: int
    partitions: tuple["Partition", ...] = ()


class Partition(NamedTuple):
    """One way of dividing a figure; its parts must sum to it. ``of_which`` parts need only lie inside."""

    name: str
    parts: tuple[Part, ...]
    of_which: bool = False


class Hole(NamedTuple):
    """A partition that does not close: ``missing`` people have no part (negative: counted twice or out of nowhere)."""

    figure: str
    partition: str
    total: int
    sum: int

    @property
    def missing(self) -> int:
        return self.total - self.sum


def reconcile(figure: Part) -> list[Hole]:
    """Every partition, at every depth, that does not close. An empty list is the only good answer."""
    holes: list[Hole] = []
    for division in figure.partitions:
        total = sum(p.value for p in division.parts)
        if division.of_which:
            holes += [Hole(figure.name, division.name, figure.value, p.value) for p in division.parts if not 0 <= p.value <= figure.value]
        elif total != figure.value:
            holes.append(Hole(figure.name, division.name, figure.value, total))
        for part in division.parts:
            holes += reconcile(part)
    return holes
