"""Which hours of which places are proposed: only what lies in a case's infectious time, and nobody who is no case."""

from bulou.basis.time import HOUR, Instant
from bulou.gaps.points import ASSUMED, Seen, Span, asked_of, spans_of

CASE, OTHER, HERE, THERE = b"case", b"other", b"here", b"there"
INFECTIOUS = {CASE: (Instant(100 * HOUR), Instant(200 * HOUR))}


def seen(place: bytes, at: int, until: int | None, person: bytes = CASE) -> Seen:
    return Seen(person, place, Instant(at), None if until is None else Instant(until))


def test_a_stay_is_cut_to_the_infectious_time_and_its_edge_counts() -> None:
    found = spans_of(
        [seen(HERE, 98 * HOUR, 101 * HOUR), seen(THERE, 90 * HOUR, 100 * HOUR), seen(b"before", 90 * HOUR, 100 * HOUR - 1)], INFECTIOUS
    )
    assert found == {HERE: Span(Instant(100 * HOUR), Instant(101 * HOUR), 1, 1, False), THERE: Span(Instant(100 * HOUR), Instant(100 * HOUR), 1, 1, False)}  # fmt: skip


def test_several_stays_of_several_cases_are_one_span_of_a_place() -> None:
    both = {**INFECTIOUS, OTHER: (Instant(150 * HOUR), Instant(160 * HOUR))}
    rows = [seen(HERE, 110 * HOUR, 111 * HOUR), seen(HERE, 155 * HOUR, 156 * HOUR, OTHER), seen(HERE, 120 * HOUR, 121 * HOUR)]
    assert spans_of(rows, both) == spans_of(reversed(rows), both) == {HERE: Span(Instant(110 * HOUR), Instant(156 * HOUR), 2, 3, False)}


def test_whoever_is_no_case_proposes_nothing() -> None:
    assert spans_of([seen(HERE, 110 * HOUR, 111 * HOUR, OTHER)], INFECTIOUS) == {}


def test_an_end_that_nobody_said_is_assumed_and_marked() -> None:
    assert spans_of([seen(HERE, 110 * HOUR, None)], INFECTIOUS)[HERE] == Span(
        Instant(110 * HOUR), Instant(110 * HOUR + ASSUMED), 1, 1, True
    )
    assert asked_of(100 * HOUR, None, 100 * HOUR + ASSUMED, 300 * HOUR)
    assert not asked_of(100 * HOUR, None, 100 * HOUR + ASSUMED + 1, 300 * HOUR)
    assert not asked_of(100 * HOUR, 101 * HOUR, 101 * HOUR + 1, 300 * HOUR)
