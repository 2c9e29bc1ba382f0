"""The path of a case: holes, words that cannot both be true, records nobody spoke of; on cases by hand and beside a count minute by minute."""

from __future__ import annotations

from random import Random

import pytest

from bulou.basis.time import HOUR, MINUTE, Instant
from bulou.gaps import path
from bulou.gaps.path import HOLE, OFF, Visit, clashes, holes, spans, unspoken

NOODLES, TEA = b"n" * 16, b"t" * 16


def visit(
    name: str, since: float, until: float | None, place: bytes | None = NOODLES, proof: str | None = "interview", area: str | None = None
) -> Visit:
    """A visit by hours of a day."""
    return Visit(name.encode(), Instant(int(since * HOUR)), None if until is None else Instant(int(until * HOUR)), place, area, proof)


def same(one: Visit, other: Visit) -> bool:
    return one.place is None or other.place is None or one.place == other.place


def hours(found: list[path.Hole]) -> list[tuple[float, float]]:
    return [(h.since / HOUR, h.until / HOUR) for h in found]


DAY = (Instant(0), Instant(24 * HOUR))


def test_a_day_of_which_nothing_is_told_is_one_hole() -> None:
    assert hours(holes([], *DAY)) == [(0, 24)]


def test_holes_lie_between_visits_and_short_ones_are_nobodys_question() -> None:
    told = [visit("a", 0, 8), visit("b", 9.99, 12), visit("c", 14, 24)]
    assert hours(holes(told, *DAY)) == [(12, 14)]
    exactly = [visit("a", 0, 8), visit("b", 10, 24)]
    assert hours(holes(exactly, *DAY)) == [(8, 10)]
    assert holes([visit("a", 0, 8), Visit(b"b", Instant(8 * HOUR + HOLE - 1), Instant(24 * HOUR), None, None, None)], *DAY) == []


def test_a_visit_without_an_end_lasts_until_the_next_and_no_longer_than_an_hour() -> None:
    assert [(v.id, b / HOUR) for v, _, b in spans([visit("a", 8, None), visit("b", 8.5, None), visit("c", 20, None)], Instant(int(20.25 * HOUR)))] == [
        (b"a", 8.5), (b"b", 9.5), (b"c", 20.25),
    ]  # fmt: skip


def test_overlapping_visits_leave_no_hole_within_the_longer() -> None:
    assert hours(holes([visit("a", 0, 20), visit("b", 2, 3)], *DAY)) == [(20, 24)]


def test_only_hours_that_are_asked_about_count() -> None:
    waking = [(Instant(7 * HOUR), Instant(23 * HOUR))]
    assert hours(holes([visit("a", 9, 20)], *DAY, waking)) == [(7, 9), (20, 23)]


def test_two_places_at_once_clash_and_two_that_touch_do_not() -> None:
    found = clashes([visit("a", 8, 10), visit("b", 9, 11, TEA)], DAY[1], same)
    assert [(c.what, c.one, c.other, c.since / HOUR, c.until / HOUR) for c in found] == [("two_places", b"a", b"b", 9, 10)]
    assert clashes([visit("a", 8, 10), visit("b", 10, 11, TEA)], DAY[1], same) == []
    assert clashes([visit("a", 8, 10), visit("b", 9, 11, None)], DAY[1], same) == [], "a place that nobody knows may be the same"


@pytest.mark.parametrize(("word", "clash"), [((12, 13), []), ((12, 14), ["other_hours"]), ((11, 13), ["other_hours"])])
def test_a_word_beside_a_record_of_the_same_place_may_say_other_hours(word: tuple[float, float], clash: list[str]) -> None:
    told = [visit("record", 12 + 10 / 60, 13, proof="camera"), visit("word", *word)]
    assert [c.what for c in clashes(told, DAY[1], same)] == clash


def test_two_words_of_one_place_do_not_clash() -> None:
    assert clashes([visit("a", 8, 12), visit("b", 9, 10)], DAY[1], same) == []


def test_a_lunch_that_only_a_payment_tells_of_is_unspoken() -> None:
    lunch = visit("lunch", 12, 12.2, proof="payment")
    assert unspoken([visit("home", 0, 12, TEA), lunch], DAY[1], same) == [b"lunch"]
    assert unspoken([visit("told", 11.5, 12.1), lunch], DAY[1], same) == []
    assert unspoken([visit("told", 11.5, 12.1, TEA), lunch], DAY[1], same) == [b"lunch"], "another place explains nothing"


def minute_by_minute(told: list[Visit], least: int) -> list[tuple[int, int]]:
    """Holes of a day, counted minute by minute."""
    covered = [any(a <= m * MINUTE < b for _, a, b in spans(told, DAY[1])) for m in range(1440)]
    found, begin = [], None
    for m in range(1441):
        free = m < 1440 and not covered[m]
        if free and begin is None:
            begin = m
        if not free and begin is not None:
            if (m - begin) * MINUTE >= least:
                found.append((begin, m))
            begin = None
    return found


@pytest.mark.parametrize("seed", range(60))
def test_holes_are_what_counting_minutes_gives(seed: int) -> None:
    source = Random(seed)
    told = []
    for n in range(source.randrange(9)):
        start = source.randrange(1440)
        end = None if source.random() < 0.2 else Instant(min(1440, start + source.randrange(1, 300)) * MINUTE)
        told.append(Visit(str(n).encode(), Instant(start * MINUTE), end, source.choice([NOODLES, TEA, None]), None, "interview"))
    assert [(h.since // MINUTE, h.until // MINUTE) for h in holes(told, *DAY)] == minute_by_minute(told, HOLE)


def test_a_visit_without_an_end_that_explained_a_whole_day_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: nobody said until when, so it lasts until the next."""
    told = [visit("a", 0, 8), visit("b", 8, None), visit("c", 20, 24)]
    assert hours(holes(told, *DAY)) == [(9, 20)]
    monkeypatch.setattr(path, "HOUR", 24 * HOUR)
    assert holes(told, *DAY) == []
    assert OFF < HOLE
