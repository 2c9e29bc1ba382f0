"""People who are traced: once however many channels told of them, in one state that has an age. Pure; decides nothing about anyone.

The cadences are this project's proposal, no edition's: a state that nobody confirmed for so long is shown as old, not as wrong.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from bulou.basis.time import HOUR, Instant
from bulou.basis.words import TRACED_BY, TRACED_STATE

#: After how many hours a state must be confirmed again; None: it stands until someone says otherwise.
CADENCE_H: dict[str, int | None] = {"normal": 72, "home": 24, "observed": 24, "hospital": 24, "left": None}


class State(NamedTuple):
    """The state of someone traced, and when it was last confirmed."""

    state: str
    confirmed_at: Instant

    def old(self, at: Instant) -> bool:
        """Whether it was to be confirmed again by this hour, and was not."""
        hours = CADENCE_H[self.state]
        return hours is not None and at - self.confirmed_at > hours * HOUR


def state_at(told: Iterable[tuple[Instant, bytes, str]], at: Instant) -> State | None:
    """The one state at an hour of (when, id of the fact, state): the last by then; None where nobody has confirmed any."""
    last = max((t for t in told if t[0] <= at), default=None)
    return State(last[2], last[0]) if last else None


def by_channel(people: Mapping[bytes, Collection[str]]) -> dict[str, int]:
    """How many became known by one channel alone, for each, and by several: parts that sum to the people, each person once."""
    alone = dict.fromkeys(TRACED_BY, 0)
    several = 0
    for channels in people.values():
        if len(set(channels)) == 1:
            alone[next(iter(channels))] += 1
        else:
            several += 1
    return {**alone, "several": several}


def by_state(states: Iterable[State | None]) -> dict[str, int]:
    """How many are in each state, and how many in none: a partition of everyone traced, with its hole in sight."""
    counted = dict.fromkeys((*TRACED_STATE, "none"), 0)
    for state in states:
        counted[state.state if state else "none"] += 1
    return counted
