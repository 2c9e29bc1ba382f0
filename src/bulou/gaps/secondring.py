"""Behind whom a second-ring contact stands, and how each of those stands at an hour, as pages show it. Asks the readings' own meaning; decides nothing."""

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.kinds import INCIDENT, Fact, Value
from bulou.basis.time import Instant
from bulou.duties.reckoning import edition_in_force
from bulou.protocol.readings import Link, judged_second, ring_one
from bulou.protocol.relations import Cell, order
from bulou.protocol.rules import Edition, Facts, Protocol_, Rule

RING = "secondary"
#: The rules by which the second ring is decided on again, in the order in which pages tell them.
DECISIONS = ("rise", "dissolve", "lapse", "doubt")


class Behind(NamedTuple):
    """One person behind a second-ring contact: what their first two tests were read as since the judgement and when, and how they stand.

    ``stands``: "positive", "negative" (twice), "off" (no close contact any more) or "waiting"; ``since``: from when, None while waiting.
    """

    person: bytes
    tests: tuple[tuple[str, Instant], ...]
    stands: str
    since: Instant | None


class Second(NamedTuple):
    """A second-ring contact at an hour: since when they are judged so, under which edition, and everybody behind them."""

    judged_at: Instant
    edition: Edition
    behind: tuple[Behind, ...]

    @property
    def rules(self) -> list[Rule]:
        """What the edition asks when those behind change."""
        return [rule for name in DECISIONS if (rule := self.edition.rule(f"{RING}.{name}"))]


class _Happened:
    """Facts that happened by an hour: what came later is not told of it."""

    def __init__(self, facts: Facts, at: Instant) -> None:
        self.facts, self.until = facts, at

    def by(self, kind: str, field: str, value: Value) -> Sequence[Fact]:
        return [f for f in self.facts.by(kind, field, value) if f.at <= self.until]

    def dropped(self, kind: str, field: str, value: Value) -> Sequence[tuple[Fact, Instant]]:
        return [(f, at) for f, at in self.facts.dropped(kind, field, value) if at <= self.until]

    def canon(self, ref: str | None, value: Value) -> Value:
        return self.facts.canon(ref, value)


def second_of(every: Facts, protocol: Protocol_, zone: ZoneInfo, person: bytes, at: Instant) -> Second | None:
    """How somebody stands in the second ring at an hour; None of whoever is not judged into it then, or under an edition that asks nothing of it."""
    facts = _Happened(every, at)
    judged = sorted((f for f in facts.by("contact.judged", "person", person) if f.incident is not None), key=order)
    if not judged or judged[-1].body.ring != RING:
        return None
    edition = protocol.editions.get(edition_in_force(judged[-1], facts) or "")
    rule = next((r for r in edition.rules if r.on.kind == "contact.judged" and r.on.fits(judged[-1])), None) if edition else None
    if edition is None or rule is None:
        return None
    incident, one = facts.canon("incident", judged[-1].incident), facts.canon("person", person)
    assert isinstance(incident, bytes)
    assert isinstance(one, bytes)
    cell = Cell(rule, edition, {INCIDENT: incident, "incident": incident, "person": one}, [judged[-1]], facts, zone, judged[-1].at)
    since = judged_second(cell, one, RING)
    return Second(since, edition, tuple(_behind(link) for link in ring_one(cell, one, since)))


def _behind(link: Link) -> Behind:
    moments = (("positive", link.positive), ("negative", link.negative), ("off", link.off))
    stands, moment = next(((word, m) for word, m in moments if m), ("waiting", None))
    assert isinstance(link.person, bytes)
    return Behind(link.person, tuple((t.result, t.moment.at) for t in link.tests), stands, moment.at if moment else None)
