"""Facts of signals: a source opened under an incident, somebody noted by it, followed up; the source closed and counted; a test advised. Declares them
and does nothing.

Whoever a signal is about is found through no index: no timeline, no page of a person and no door is led to a signal by them.
"""

from typing import Annotated, NamedTuple

from bulou.basis.facts import Area, ByPost, Instant, LocalDay, Person, SomeArea
from bulou.basis.kinds import Mask, Pick, Ref, kind

Source = Annotated[bytes, Ref("signal_source")]
Signal = Annotated[bytes, Ref("signal")]
#: Known, and yet nothing is looked up by it.
Somebody = Annotated[bytes, Ref("person", find=False)]


@kind("signals.opened", "开设信号来源", "source of signals opened", scope="incident", opens=True)
class SignalsOpened(NamedTuple):
    """A named post takes signals from a named source for stated days and one purpose. ``ends``: until when they are entered; ``forget_by``: when
    everything of them is destroyed, followed up or not."""

    area: Area
    source: Source
    source_kind: Annotated[str, Pick("signal_source")]
    name: str
    first_day: LocalDay
    last_day: LocalDay
    purpose: str
    ends: Instant
    forget_by: Instant
    post: ByPost


@kind("signal.noted", "登记信号", "signal noted", scope="incident", opens=True)
class SignalNoted(NamedTuple):
    """Somebody bought such medicine, went to a fever clinic, or had symptoms at a door, on a ``day`` for which the source was opened: on the register,
    or as the source wrote them. It says nothing of an infection. ``forget_by`` is its source's."""

    signal: Signal
    source: Source
    area: SomeArea
    day: LocalDay
    forget_by: Instant
    post: ByPost
    person: Somebody | None = None
    name: Annotated[str, Mask("name")] | None = None
    phone: Annotated[str, Mask("phone")] | None = None
    words: Annotated[str, Mask("words")] | None = None


@kind("signal.followed", "信号随访", "signal followed up", scope="incident")
class SignalFollowed(NamedTuple):
    """A nurse followed a signal up, or tried to. ``person``: who it turned out to be, where the signal did not say it."""

    signal: Signal
    source: Source
    outcome: Annotated[str, Pick("signal")]
    post: ByPost
    person: Somebody | None = None
    words: Annotated[str, Mask("words")] | None = None


@kind("signals.closed", "关闭信号来源", "source of signals closed", scope="incident")
class SignalsClosed(NamedTuple):
    """A named post takes no more of a source, and what is owed for its signals ends: what it brought is destroyed."""

    area: Area
    source: Source
    reason: str
    post: ByPost


@kind("signals.counted", "信号计数", "signals counted", scope="incident")
class SignalsCounted(NamedTuple):
    """What is left of a source when its signals are destroyed: how many there were, followed up, not followed up, and found positive since."""

    area: Area
    source: Source
    noted: int
    followed: int
    missed: int
    found_positive: int


@kind("test.advised", "建议检测", "test advised", scope="incident", opens=True)
class Advised(NamedTuple):
    """A person is to be offered a test. Says not why: it outlives what led to it."""

    person: Person
    post: ByPost
