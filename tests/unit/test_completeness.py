"""How complete the register is: estimators against published values and simulation, draws that anyone can repeat, and what is never said."""

from __future__ import annotations

import random

import pytest
from scipy import stats

from bulou.basis.ids import named_id
from bulou.gaps.completeness import (
    LEAST_OVERLAP,
    Interval,
    Source,
    chapman,
    chosen,
    clopper_pearson,
    completeness,
    percent,
    sadinle,
    statement,
)


# --- two lists ------------------------------------------------------------------------------------------------------------
def test_the_estimate_is_chapmans() -> None:
    """By hand: (200 + 1)(150 + 1)/(30 + 1) - 1."""
    found = chapman(200, 150, 30)
    assert found
    assert found.value == pytest.approx(201 * 151 / 31 - 1)
    assert found.low < found.value < found.high


def test_the_interval_is_sadinles() -> None:
    """The example that accompanies the method everywhere: ten marked, fifteen caught later, five of them marked: 22 to 65."""
    low, high = sadinle(10, 15, 5)
    assert (round(low), round(high)) == (22, 65)


def test_too_small_an_overlap_is_refused() -> None:
    assert chapman(100, 100, LEAST_OVERLAP - 1) is None
    assert chapman(100, 100, LEAST_OVERLAP) is not None


@pytest.mark.parametrize("numbers", [(5, 10, 6), (10, 5, 6), (5, 5, -1)])
def test_numbers_that_no_lists_have(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be in both"):
        chapman(*numbers)


def test_it_is_never_below_the_people_who_are_known() -> None:
    found = chapman(100, 100, 100)
    assert found
    assert found.low >= 100
    assert found.value >= 100


def covered(shares: tuple[float, float], *, together: float = 0.0) -> tuple[float, float]:
    """How often the interval holds the truth, and the mean estimate, over simulated areas of 500; ``together``: how much likelier
    someone on the first list is to be on the second."""
    source, hits, total, rounds = random.Random(7), 0, 0.0, 400
    for _ in range(rounds):
        first = [source.random() < shares[0] for _ in range(500)]
        second = [source.random() < shares[1] * (1 + together if f else 1 - together) for f in first]
        found = chapman(sum(first), sum(second), sum(f and s for f, s in zip(first, second, strict=True)))
        assert found
        hits += found.low <= 500 <= found.high
        total += found.value
    return hits / rounds, total / rounds


def test_the_interval_holds_the_truth_when_lists_are_independent() -> None:
    share, mean = covered((0.8, 0.3))
    assert 0.92 <= share <= 0.99
    assert mean == pytest.approx(500, rel=0.02)


def test_lists_that_are_not_independent_find_too_few() -> None:
    """Planted: those easily registered are easily listed. The assumption that is said beside the estimate is a real one."""
    share, mean = covered((0.6, 0.4), together=0.3)
    assert mean < 450
    assert share < 0.2


# --- a share ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (81, 263, 0.2527, 0.3676)],
)
def test_the_exact_interval_as_published(hits: int, of: int, low: float, high: float) -> None:
    """0, 5 and 10 of 10 are in every table after Clopper and Pearson; 81 of 263 is the example of Newcombe, Stat. Med. 17 (1998)
    857-872, which gives 0.2527 to 0.3676."""
    found = clopper_pearson(hits, of)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize("seed", range(20))
def test_the_exact_interval_is_scipys(seed: int) -> None:
    source = random.Random(seed)
    of = source.randint(1, 900)
    hits = source.randint(0, of)
    told = stats.binomtest(hits, of).proportion_ci(0.95, "exact")
    assert clopper_pearson(hits, of) == Interval(hits / of, pytest.approx(told.low, abs=1e-9), pytest.approx(told.high, abs=1e-9))


@pytest.mark.parametrize(("hits", "of"), [(1, 0), (3, 2), (-1, 5)])
def test_what_is_no_share(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        clopper_pearson(hits, of)


# --- draws ------------------------------------------------------------------------------------------------------------------
HOMES = [named_id("home", str(i)) for i in range(300)]


def test_a_draw_is_the_same_for_everyone_and_another_seed_draws_others() -> None:
    shuffled = list(HOMES)
    random.Random(1).shuffle(shuffled)
    one = chosen(b"seed", HOMES, 12)
    assert one == chosen(b"seed", [*shuffled, *HOMES[:5]], 12)
    assert len(set(one)) == 12
    assert set(one) != set(chosen(b"other", HOMES, 12))
    assert chosen(b"seed", HOMES[:3], 12) != []


def test_every_household_is_as_likely() -> None:
    counted = dict.fromkeys(HOMES, 0)
    for i in range(600):
        for home in chosen(str(i).encode(), HOMES, 15):
            counted[home] += 1
    assert stats.chisquare(list(counted.values())).pvalue > 0.001


# --- what is said -------------------------------------------------------------------------------------------------------------
def test_nothing_found_out_is_said_so() -> None:
    found = completeness(1500, [])
    assert (found.low, found.high) == (None, None)
    assert statement(found).en == "known register 1,500; how complete it is has not been estimated"
    assert "at least 3 missing" in statement(completeness(1500, [], strangers=3)).en


def test_a_re_visit_that_found_nobody_new_does_not_say_all_are_known() -> None:
    found = completeness(1500, [Source("revisit", "", 1500, 60, 60)])
    assert statement(found).en == "known register 1,500, estimated at least 94.0 % complete; up to 95 missing"


def test_sources_leave_the_widest_range_and_strangers_are_certainly_missing() -> None:
    revisit, list_ = Source("revisit", "", 1000, 200, 196), Source("list", "school", 1000, 120, 112)
    both = completeness(1000, [revisit, list_])
    assert both.low == min(revisit.share().low, list_.share().low)  # type: ignore[union-attr]
    assert both.high == max(revisit.share().high, list_.share().high)  # type: ignore[union-attr]
    met = completeness(1000, [revisit, list_], strangers=40)
    assert met.high == pytest.approx(1000 / 1040)
    assert met.missing_low == 40


def test_too_little_is_not_said() -> None:
    assert Source("revisit", "", 1000, 19, 19).share() is None
    assert Source("list", "x", 1000, 8, 6).share() is None
    assert completeness(1000, [Source("list", "x", 1000, 8, 6)]).low is None


def test_a_hundred_per_cent_is_never_printed() -> None:
    for register in (1, 10, 1000, 1_000_000):
        for seen, matched in ((20, 20), (500, 500), (5000, 4999), (100, 0)):
            for strangers in (0, 1):
                said = statement(completeness(register, [Source("revisit", "", register, seen, matched)], strangers))
                assert "100" not in said.en.replace("1,000,000", "").replace("1,000", "").split("estimated")[-1].split("%")[0]
    assert (percent(0.99999, up=True), percent(0.99999, up=False), percent(0.5, up=True)) == ("99.9", "99.9", "50.0")


def test_rounding_goes_away_from_certainty() -> None:
    assert (percent(0.9512, up=False), percent(0.9512, up=True)) == ("95.1", "95.2")
