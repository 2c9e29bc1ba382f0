"""People traced: once however many channels, one state each, and a hole that cannot be overlooked; careless counts beside them."""

from __future__ import annotations

import pytest

from bulou.basis.ids import named_id
from bulou.basis.time import HOUR, Instant
from bulou.gaps.standing import Hole, Part, Partition, reconcile
from bulou.gaps.traced import CADENCE_H, State, by_channel, by_state, state_at

A, B, C = (named_id(n) for n in "abc")


def test_who_was_told_of_by_several_channels_is_one_person() -> None:
    people = {A: ["self_report", "community", "self_report"], B: ["pushed"], C: ["community", "community"]}
    found = by_channel(people)
    assert found == {"self_report": 0, "community": 1, "assistance": 0, "pushed": 1, "several": 1}
    assert sum(found.values()) == len(people)
    careless = sum(map(len, people.values()))
    assert careless != len(people), "the planted count adds tellings, and the sum does not close"


def test_the_published_figure_has_its_hole_in_sight() -> None:
    """Of 208,429 traced 93 are in no state: they are a part of their own, and a division without it does not close."""
    told = {"left": 10_050, "normal": 139_682, "home": 58_377, "observed": 227}
    states = [State(s, Instant(0)) for s, n in told.items() for _ in range(n)] + [None] * 93
    found = by_state(states)
    assert found["none"] == 93
    assert sum(found.values()) == 208_429
    parts = tuple(Part(s, n) for s, n in found.items() if s != "none")
    assert reconcile(Part("traced", 208_429, (Partition("by state", parts),))) == [Hole("traced", "by state", 208_429, 208_336)]
    assert reconcile(Part("traced", 208_429, (Partition("by state", (*parts, Part("none", 93))),))) == []


def test_one_state_at_an_hour_the_last_that_was_confirmed() -> None:
    told = [(Instant(5), A, "home"), (Instant(1), B, "normal"), (Instant(9), C, "left")]
    assert [state_at(told, Instant(t)) for t in (0, 1, 5, 8, 9)] == [
        None, State("normal", Instant(1)), State("home", Instant(5)), State("home", Instant(5)), State("left", Instant(9)),
    ]  # fmt: skip
    assert state_at(told[::-1], Instant(8)) == state_at(told, Instant(8)), "the order of arrival plays no part"


@pytest.mark.parametrize("state", sorted(CADENCE_H))
def test_a_state_grows_old_at_its_cadence(state: str) -> None:
    hours, one = CADENCE_H[state], State(state, Instant(0))
    if hours is None:
        assert not one.old(Instant(10_000 * HOUR))
    else:
        assert [one.old(Instant(hours * HOUR + d)) for d in (0, 1)] == [False, True]
