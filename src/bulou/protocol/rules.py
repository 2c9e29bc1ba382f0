"""The words of a rule as data, and how a rule says which facts it reads. Decides nothing and computes no duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from bulou.basis.kinds import Fact, Value, members
from bulou.basis.time import Duration, Instant
from bulou.basis.words import Word

#: Whom or what a duty is about: an id (person, household, order, zone, incident) or a code (tube, area).
Subject = bytes | str


class Facts(Protocol):
    """Where settling reads facts: the ones that stand (not withdrawn), under every id that means the same person or incident."""

    def by(self, kind: str, field: str, value: Value) -> Sequence[Fact]: ...

    def dropped(self, kind: str, field: str, value: Value) -> Sequence[tuple[Fact, Instant]]:
        """Facts that were withdrawn, each with the hour of its withdrawal."""
        ...

    def canon(self, ref: str | None, value: Value) -> Value:
        """The one id that stands for all ids of the same person or incident."""
        ...


class Step(NamedTuple):
    """One step from a set of values to the next: facts of ``kind`` whose ``enter`` is among them give their ``leave``.

    ``deep`` repeats the step to the end of the tree and keeps the values that it began with.
    """

    kind: str
    enter: str
    leave: str
    deep: bool = False


class Read(NamedTuple):
    """Facts of ``kind`` whose ``field`` is among the values reached from ``start`` by ``steps`` are read by a cell.

    ``start`` is a field of the key, ``~incident`` or ``subject``; what is read from a subject concerns that subject alone.
    """

    kind: str
    field: str
    start: str
    steps: tuple[Step, ...] = ()


class Branch(NamedTuple):
    """One way in which a fact can affect a cell: a read of the rule, walked from the key of the cell.

    ``subject_at``: after so many steps the values are subjects, and the fact affects those alone; None: the whole cell.
    """

    kind: str
    field: str
    start: str
    steps: tuple[Step, ...]
    subject_at: int | None


class Match(NamedTuple):
    """Facts of one kind, with equality or one of a list in some fields; ``by`` names the field that meets the subject or key."""

    kind: str
    equal: tuple[tuple[str, frozenset[Value]], ...] = ()
    by: str | None = None

    def fits(self, fact: Fact) -> bool:
        if fact.kind != self.kind:
            return False
        return all(getattr(fact.body, field) in allowed for field, allowed in self.equal)


class Once(NamedTuple):
    """One turn."""


class Days(NamedTuple):
    """A turn on each of these local days, counted from the anchor's day, which is day ``first`` (0 or 1).

    Days that lie beyond the end fall away; with ``last_day`` there is always a turn on the last day.
    """

    days: tuple[int, ...]
    first: int
    last_day: bool


class Every(NamedTuple):
    """A turn in every stretch of this length, without end until the rule's ``until``."""

    length: Duration


Turns = Once | Days | Every


class Until(NamedTuple):
    """One way in which a cell ends; of several the first holds. Exactly one field is set."""

    after: Duration | None = None
    field: str | None = None
    match: Match | None = None
    reading: str | None = None


class From(NamedTuple):
    """Where the clock of a rule starts: a field of the earliest opener (``at`` by default) or a reading."""

    field: str = "at"
    reading: str | None = None


class After(NamedTuple):
    """A rule on duties: of the rules named, those overdue by ``by``, or those missing ``by`` before the end."""

    rules: tuple[str, ...]
    when: Literal["overdue", "missing"]
    by: Duration


Mode = Literal["at_opening", "while_open"]
#: Who answers: the unit of a level of territory, or of a function. ``gaps`` finds the post.
Answers = Literal["grid", "village", "town", "district", "laboratory", "sampling", "tracing", "isolation", "command", "hospital", "review"]
Status = Literal["official", "copy", "code", "unverified"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What must follow when a fact of a kind happens: the twelve words, and where the number comes from.

    ``roll_call`` comes with rounds; until then no rule has it.
    """

    name: str
    edition: str
    word: Word
    on: Match
    key: tuple[str, ...]
    each: str
    mode: Mode
    given: str | None
    must: Match | str
    turns: Turns
    start: From
    within: Duration
    until: tuple[Until, ...]
    after: After | None
    answers: Answers
    source: str
    url: str | None
    status: Status
    branches: tuple[Branch, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.edition}/{self.name}"


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """When an area is of a level, in the words of an edition, and how long it must be clean before it is lowered."""

    level: str
    word: Word
    criteria: Word
    clean_days: int
    counts: tuple[str, ...]
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """How long a ring is under which measure, from which anchor, tested on which days."""

    ring: str
    measure: str
    days: int
    length_from: str
    test_days: tuple[int, ...]
    first_day: int
    last_day: bool
    release_hour: int
    source: str
    status: Status
    #: The measure that it follows, for a second phase (home after central); None: the first.
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """How visits are asked for an exposure: at which places, what must be shared, for how long. It proposes candidates and judges nobody.

    Its source and status are its own: an edition's text seldom says which kinds of place it means.
    """

    #: Kinds of place (the closed list `place`); empty for a household.
    places: tuple[str, ...]
    #: What must be shared (the closed list `shares`).
    shares: str
    #: Minutes together from which it counts, exactly so many included; None: the text gives none, any time together counts.
    minutes: int | None
    #: Of ``rows``: so many rows before and behind.
    rows: int | None
    #: Of ``rows`` and ``carriage``: whoever works in the vehicle counts in whatever row.
    crew: bool
    #: The air of the space counts for so many minutes after the case has left it.
    lingers: int
    source: str
    status: Status

    def __str__(self) -> str:
        said = ("、".join(self.places), self.shares, self.rows and f"± {self.rows}", self.crew and "crew",
                self.minutes is not None and f"{self.minutes} min", self.lingers and f"lingers {self.lingers} min", self.status)  # fmt: skip
        return " ".join(str(s) for s in said if s)


@dataclass(frozen=True, slots=True)
class ExposureRule:
    """Whom the text counts into a ring, for whoever judges: a setting, minutes, metres, seats, and how far to look back.

    A number that the text does not give is None. It makes no duty and decides nothing about anyone.
    """

    ring: str
    setting: str
    criteria: Word
    look_back: int | None
    minutes: int | None
    metres: float | None
    rows: int | None
    source: str
    status: Status
    #: Days after the day of onset (or specimen) at whose end the window closes; None: only isolation closes it.
    look_ahead: int | None = None
    #: Of a case that was found by repeated testing the window begins at its last negative sample.
    after_negative: bool = False
    #: How visits are asked for it; none: only people who judge, and meetings that were told.
    finds: tuple[Find, ...] = ()
    #: Of the second ring: only behind close contacts at higher risk. Whose risk nobody said counts as higher.
    higher_risk: bool = False


@dataclass(frozen=True, slots=True)
class PassingRule:
    """Who may not pass a door for now: under an order's measure, out of or into a zone of a level, or into a kind of place untested.

    ``says`` is read out at the door and on the person's own page: it names no illness, no contact and nobody else.
    """

    name: str
    #: "order", "zone" or "place"; and which measure, level or nature.
    when: str
    what: str
    #: Of a zone: "inside" (whoever stays in it) or "outside" (whoever does not); and of those inside whether "all" doors or those "outside" it.
    who: str
    doors: str
    #: Of a place: a negative swab of so many hours opens it.
    tested_hours: int
    says: Word
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number from a paper or protocol, with its reference."""

    name: str
    word: Word
    value: float | int | str
    unit: str
    citation: str
    status: Status


@dataclass(frozen=True, slots=True)
class Calling:
    """How people are phoned: what is asked, and how long a caller waits. It makes no duty.

    ``retry``: after an unanswered call; ``ask_again``: before whoever was asked is asked anew without a warning; ``on_it``: how long
    a call that was begun counts as going on.
    """

    retry: Duration
    ask_again: Duration
    on_it: Duration
    questions: tuple[Word, ...]
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class Edition:
    """A protocol edition: its rules and its tables, with the hash of the text it was read from."""

    id: str
    disease: str
    word: Word
    disease_word: Word
    authority: Word
    valid_from: str
    url: str | None
    hash: str
    rules: tuple[Rule, ...]
    zones: tuple[ZoneRule, ...]
    measures: tuple[MeasureRule, ...]
    pool_sizes: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    exposures: tuple[ExposureRule, ...] = ()
    #: The last day on which the text held; None: no later text has replaced it, or nobody knows.
    valid_until: str | None = None
    passings: tuple[PassingRule, ...] = ()
    #: None: the text says nothing of calls, and the usual ones hold (``protocol.calling``).
    calling: Calling | None = None

    @property
    def look_back(self) -> int:
        """The most days before a case's first sign to which any of its exposures looks back."""
        return max((e.look_back or 0 for e in self.exposures), default=0)

    def rule(self, name: str) -> Rule | None:
        return next((r for r in self.rules if r.name == name), None)

    def measure(self, ring: str) -> MeasureRule | None:
        """The first phase of a ring."""
        return next((m for m in self.measures if m.ring == ring and m.after is None), None)

    def following(self, ring: str, measure: str) -> MeasureRule | None:
        """The phase that follows a measure of a ring, if there is one."""
        return next((m for m in self.measures if m.ring == ring and m.after == measure), None)


class Protocol_(NamedTuple):
    """The editions a centre knows, and its time zone: all that settling needs beside facts."""

    editions: dict[str, Edition]
    zone: ZoneInfo


def reads_of_steps(start: str, steps: tuple[Step, ...]) -> list[Read]:
    """The facts that walking these steps reads: each step reads where it enters, a deep one at every depth."""
    return [Read(s.kind, s.enter, start, steps[: i + 1] if s.deep else steps[:i]) for i, s in enumerate(steps)]


def kinds_read(branches: Sequence[Branch]) -> frozenset[str]:
    """Every kind of fact that these branches look at."""
    return frozenset(kind for b in branches for kind in members(b.kind, b.field))
