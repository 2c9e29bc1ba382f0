"""Engines with one planted bug each: what the laws of the engine are there to catch. Never imported by the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bulou.basis.factset import FactSet
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.duties import memory as memory_module
from bulou.duties import reckoning
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Difference, Duty, Settled


@contextmanager
def planted(target: Any, name: str, bug: Any) -> Iterator[None]:
    """Puts a bug in place while an entry is made, and takes it out before the definition is asked."""
    right = getattr(target, name)
    setattr(target, name, bug(right) if callable(bug) else bug)
    try:
        yield
    finally:
        setattr(target, name, right)


class Planted(Memory):
    """A memory engine whose entries are made with a bug in one function."""

    where: tuple[Any, str]

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        raise NotImplementedError

    def enter(self, facts: Iterable[Fact], known: Instant) -> int:
        with planted(*self.where, type(self).bug):
            return super().enter(facts, known)


class ForwardOnly(Planted):
    """Duties follow from what happens after: a person of a tube who becomes known late is never asked."""

    where = (memory_module, "touches")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def touches(facts: Iterable[Fact], ledger: FactSet, index: reckoning.Index) -> set[reckoning.Touch]:
            kinds = {r.on.kind for r in index.rules.values()} | {"incident.opened", "edition.adopted"}
            return right([f for f in facts if f.kind in kinds], ledger, index)

        return touches


class OnlyAdds(Planted):
    """Looks back, opens and closes, but a duty never disappears: people are asked for too much."""

    where = (memory_module, "difference")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def difference(standing: Iterable[tuple[int, Duty]], should: Iterable[Duty]) -> Difference:
            rows = list(standing)
            made = right(rows, should)
            names = {d.name for d in made.add}
            return made._replace(void=[i for i, d in rows if i in made.void and d.name in names])

        return difference


class LastArrivalWins(Planted):
    """The opener that arrived last sets the clock, instead of the one that happened first."""

    where = (reckoning, "openers")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *a: sorted(right(*a), key=lambda f: -f.entry)


class EarlierArrivingLaterIgnored(Planted):
    """The opener that arrived first keeps the clock, though an earlier one has become known."""

    where = (reckoning, "openers")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *a: sorted(right(*a), key=lambda f: f.entry)


class WithdrawalIgnored(Planted):
    """A withdrawn fact goes on counting."""

    where = (FactSet, "_gone")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, fact: False


class OpenerWithdrawnDutyKept(Planted):
    """When the fact that opened a duty is withdrawn, the duty stays."""

    where = (memory_module, "difference")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def difference(standing: Iterable[tuple[int, Duty]], should: Iterable[Duty]) -> Difference:
            wanted = list(should)
            made: Difference = right(standing, wanted)
            return made if wanted else made._replace(void=[])

        return difference


class SecondExposureDoubles(Planted):
    """Every opener makes duties of its own: a contact named by two cases is asked twice."""

    where = (memory_module, "settle")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def settle(rule: Any, key: Any, facts: Any, protocol: Any, now: Any, only: Any = None) -> Settled:
            settled: Settled = right(rule, key, facts, protocol, now, only)
            extra = 0 if rule.after else max(0, len(reckoning.openers(rule, key, facts)) - 1)
            doubled = [d._replace(turn=d.turn + 7 * (i + 1)) for i in range(extra) for d in settled.duties]
            return settled._replace(duties=settled.duties + doubled)

        return settle


class IncidentsMixed(Planted):
    """Evidence of one incident discharges the duties of another."""

    where = (reckoning, "_counts")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        return lambda cell, fact: True


class RegisterNotAsOf(Planted):
    """A move changes the area in the row itself: yesterday's list shows today's address."""

    where = (memory_module, "difference")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def difference(standing: Iterable[tuple[int, Duty]], should: Iterable[Duty]) -> Difference:
            rows, wanted = list(standing), list(should)
            made: Difference = right(rows, wanted)
            have = {d.name: (i, d) for i, d in rows}
            in_place = [
                (have[d.name][0], d) for d in made.add if d.name in have and d._replace(area=have[d.name][1].area) == have[d.name][1]
            ]
            kept = {i for i, _ in in_place}
            return Difference(
                [*made.close, *in_place],
                [i for i in made.void if i not in kept],
                [d for d in made.add if d not in [d for _, d in in_place]],
            )

        return difference


class ClosingOverwritten(Planted):
    """Better evidence overwrites the closing in the row: what was known this morning is gone."""

    where = (memory_module, "difference")

    @staticmethod
    def bug(right: Callable[..., Any]) -> Callable[..., Any]:
        def difference(standing: Iterable[tuple[int, Duty]], should: Iterable[Duty]) -> Difference:
            rows, wanted = list(standing), list(should)
            made: Difference = right(rows, wanted)
            have = {d.name: (i, d) for i, d in rows}
            better = [d for d in made.add if d.name in have and d.open() == have[d.name][1].open() and d.closed_at]
            kept = {have[d.name][0] for d in better}
            return Difference(
                [*made.close, *((have[d.name][0], d) for d in better)],
                [i for i in made.void if i not in kept],
                [d for d in made.add if d not in better],
            )

        return difference


class OtherBodyAccepted(Memory):
    """The same fact id with other content replaces the first."""

    def enter(self, facts: Iterable[Fact], known: Instant) -> int:
        for fact in (new := list(facts)):
            if fact.id in self.ledger.facts:
                rest = [f for f in self.ledger.facts.values() if f.id != fact.id]
                self.ledger = FactSet(rest)
        return super().enter(new, known)


ENGINES: tuple[type[Memory], ...] = (
    ForwardOnly, OnlyAdds, LastArrivalWins, EarlierArrivingLaterIgnored, WithdrawalIgnored, OpenerWithdrawnDutyKept,
    SecondExposureDoubles, IncidentsMixed, RegisterNotAsOf, ClosingOverwritten, OtherBodyAccepted,
)  # fmt: skip
