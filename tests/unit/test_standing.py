"""The state of a duty hour by hour, what is a gap, what outranks what, and figures that must close."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.basis.ids import named_id
from bulou.basis.time import BEGINNING, FOREVER, Instant
from bulou.basis.words import STATE
from bulou.duties.reckoning import Duty
from bulou.gaps.standing import OPEN, RANK, Part, Partition, here, is_gap, partition, reconcile, state_of

INCIDENT, P, Q, R = (named_id(n) for n in "ipqr")
OPENS, DUE, END = Instant(100), Instant(200), Instant(300)


def duty(
    subject: bytes = P, *, opens: int = OPENS, due: int = DUE, end: int = FOREVER, given: int = BEGINNING, closed: int | None = None,
    outcome: str = "done", start: int = BEGINNING, until: int = FOREVER, turn: int = 0,
) -> Duty:  # fmt: skip
    return Duty(
        "e/r", (INCIDENT, P), subject, turn, Instant(start), Instant(until), "a", Instant(opens), Instant(due), Instant(end), Instant(given),
        None if closed is None else Instant(closed), None if closed is None else outcome, None if closed is None else b"f",
    )  # fmt: skip


def states(row: Duty, *hours: int) -> list[str]:
    return [state_of(row, Instant(h)) for h in hours]


def test_open_duty_hour_by_hour() -> None:
    assert states(duty(), 99, 100, 200, 201) == ["upcoming", "due", "due", "overdue"]


def test_done_in_time_at_the_hour_and_late() -> None:
    assert states(duty(closed=150), 149, 150, 500) == ["due", "done", "done"]
    assert states(duty(closed=200), 200, 201) == ["done", "done"]
    assert states(duty(closed=201), 200, 201) == ["due", "done_late"]


def test_ended_whatever_is_missing() -> None:
    assert states(duty(end=END), 250, 299, 300) == ["overdue", "overdue", "ended"]
    assert states(duty(end=END, closed=300), 300) == ["done_late"], "what ends a cell may be what discharges it"
    assert states(duty(end=END, closed=150), 400) == ["done"]


def test_blocked_until_it_is_given_and_never_silent() -> None:
    assert states(duty(given=FOREVER), 50, 150, 250) == ["blocked"] * 3
    assert states(duty(given=150), 149, 150, 201) == ["blocked", "due", "overdue"]
    assert states(duty(given=FOREVER, end=END), 300) == ["ended"]
    assert states(duty(given=FOREVER, closed=160), 150, 160) == ["blocked", "done"]


def test_excused_from_the_hour_it_was() -> None:
    assert states(duty(closed=250, outcome="excused"), 150, 249, 250) == ["due", "overdue", "excused"]


def test_a_gap_is_past_its_hour_open_and_here() -> None:
    assert not is_gap(duty(), DUE)
    assert is_gap(duty(), Instant(DUE + 1))
    assert is_gap(duty(given=FOREVER), Instant(DUE + 1)), "blocked is a gap too"
    assert not is_gap(duty(given=FOREVER), DUE)
    for row in (duty(closed=150), duty(closed=250, outcome="excused"), duty(end=250)):
        assert not is_gap(row, Instant(260))
    moved = duty(until=240)
    assert is_gap(moved, Instant(239))
    assert not is_gap(moved, Instant(240)), "another row speaks for the place from then on"


def test_here_is_half_open() -> None:
    row = duty(start=100, until=200)
    assert [here(row, Instant(h)) for h in (99, 100, 199, 200)] == [False, True, True, False]


numbers = st.integers(0, 400)


@given(numbers, numbers, st.one_of(numbers, st.just(FOREVER)), st.sampled_from([BEGINNING, 150, FOREVER]), st.one_of(st.none(), numbers),
       st.sampled_from(["done", "excused"]), numbers)  # fmt: skip
def test_every_duty_is_in_exactly_one_state(opens: int, due: int, end: int, given_: int, closed: int | None, outcome: str, at: int) -> None:
    row = duty(opens=opens, due=due, end=end, given=given_, closed=closed, outcome=outcome)
    state = state_of(row, Instant(at))
    assert state in RANK
    assert (state in ("done", "done_late", "excused")) == (closed is not None and closed <= at)
    assert not is_gap(row, Instant(at)) or state in OPEN
    if state == "overdue":
        assert due < at < end


# --- partition --------------------------------------------------------------------------------------------------------
def test_the_ranks_are_all_states_that_a_duty_has() -> None:
    assert set(RANK) | {"not_owed"} == set(STATE)
    assert set(RANK) >= OPEN


def test_the_worst_turn_speaks_for_the_person() -> None:
    rows = [duty(P, closed=150), duty(P, turn=1, due=250), duty(Q, closed=150), duty(Q, turn=1, closed=220)]
    found = partition(rows, [P, Q, R], Instant(300))
    assert {s: set(p) for s, p in found.states.items() if p} == {"overdue": {P}, "done_late": {Q}, "not_owed": {R}}
    assert found.total() == 3


def test_strangers_owe_and_are_not_on_the_register() -> None:
    found = partition([duty(P), duty(Q)], [P], Instant(150))
    assert found.strangers == {Q}
    assert found.total() == 1


def test_rows_of_other_places_do_not_speak() -> None:
    rows = [duty(P, until=200, closed=150), duty(P, start=200)]
    assert partition(rows, [P], Instant(199)).states["done"] == {P}
    assert partition(rows, [P], Instant(201)).states["overdue"] == {P}


@dataclass(frozen=True)
class Row:
    subject: bytes
    due: int
    closed: int | None


rows_of = st.lists(st.builds(Row, st.sampled_from([P, Q, R]), numbers, st.one_of(st.none(), numbers)), max_size=8)


@given(rows_of, st.sets(st.sampled_from([P, Q, R])), numbers)
def test_the_states_divide_the_register(rows: list[Row], register: set[bytes], at: int) -> None:
    found = partition([duty(r.subject, due=r.due, closed=r.closed, turn=i) for i, r in enumerate(rows)], register, Instant(at))
    everyone = [p for people in found.states.values() for p in people]
    assert sorted(everyone) == sorted(register), "each once"
    assert found.strangers == {r.subject for r in rows} - register


# --- figures ----------------------------------------------------------------------------------------------------------
def part(name: str, value: int, *divisions: Partition) -> Part:
    return Part(name, value, divisions)


def test_a_figure_without_parts_closes() -> None:
    assert reconcile(part("x", 7)) == []


@pytest.mark.parametrize(("a", "b", "missing"), [(3, 4, None), (3, 3, 1), (4, 4, -1), (0, 0, 7)])
def test_what_is_missing_has_a_sign(a: int, b: int, missing: int | None) -> None:
    holes = reconcile(part("x", 7, Partition("by", (part("a", a), part("b", b)))))
    assert [h.missing for h in holes] == ([] if missing is None else [missing])


def test_every_partition_is_looked_at_at_every_depth() -> None:
    inner = part("a", 5, Partition("deep", (part("c", 2), part("d", 2))))
    holes = reconcile(part("x", 9, Partition("one", (inner, part("b", 4))), Partition("two", (part("e", 8),))))
    assert {(h.figure, h.partition, h.missing) for h in holes} == {("a", "deep", 1), ("x", "two", 1)}


@pytest.mark.parametrize(("value", "good"), [(0, True), (7, True), (8, False), (-1, False)])
def test_of_which_lies_inside(value: int, good: bool) -> None:
    holes = reconcile(part("x", 7, Partition("of which", (part("a", value),), of_which=True)))
    assert (holes == []) == good
