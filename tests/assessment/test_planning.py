"""Pools, prevalence, sites, shifts, rooms: published values, what scales and permutes, bad input."""

from __future__ import annotations

import csv
import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from bulou.assessment.beds import isolation_demand, survival
from bulou.assessment.pools import (
    NEVER_PAYS,
    Rates,
    array_tests,
    best_size,
    dilution,
    nested_tests,
    pool_plan,
    prevalence_from_tubes,
    relative_sensitivity,
    tests_per_person,
)
from bulou.assessment.refusing import NoAnswer, Unusable
from bulou.assessment.shifts import Person, Shift, blocks, cover, roster
from bulou.assessment.sites import place_sites, straight
from bulou.cli import main
from tests.data import published

tests_per_person.__test__ = False  # type: ignore[attr-defined]


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["assess", *map(str, words), "--lang", "en"])


# --- pools ----------------------------------------------------------------------------------------------------------------
#: Prevalence, best size, tests per person, at 5, 10, 20; three stages with their sizes; square array with its size (perfect test).
POOLS = (
    (0.0001, 101, 0.019951, 0.200500, 0.101000, 0.051998, None, None),
    (0.001, 32, 0.062759, 0.204990, 0.109955, 0.069811, (0.029468, 110, 10), (0.029803, 106)),
    (0.005, 15, 0.139098, 0.224751, 0.148890, 0.145390, (0.084923, 36, 6), (0.086144, 38)),
    (0.01, 11, 0.195571, 0.249010, 0.195618, 0.232093, (0.133446, 25, 5), (0.135475, 25)),
    (0.02, 8, 0.274237, 0.296079, 0.282927, 0.382392, (0.209182, 16, 4), (0.211979, 16)),
    (0.05, 5, 0.426219, 0.426219, 0.501263, 0.691514, (0.376986, 9, 3), (0.379844, 9)),
    (0.10, 4, 0.593900, 0.609510, 0.751322, 0.928423, (0.586304, 9, 3), (0.583307, 7)), (0.30, 3, 0.990333, 1.031930, 1.071752, 1.049202, None, None),
)  # fmt: skip


@pytest.mark.parametrize("p,n,tests,five,ten,twenty,three,array", POOLS)
def test_pools_with_a_perfect_test(p, n, tests, five, ten, twenty, three, array) -> None:  # type: ignore[no-untyped-def]
    assert best_size(p) == (n, pytest.approx(tests, abs=1e-6))
    assert [tests_per_person(p, s) for s in (5, 10, 20)] == pytest.approx([five, ten, twenty], abs=1e-6)
    if three:
        assert nested_tests(p, three[1:]) == pytest.approx(three[0], abs=1e-6)
    if array:
        assert array_tests(p, array[1]) == pytest.approx(array[0], abs=1e-6)


def test_pools_by_the_tables() -> None:
    with (published("reference") / "pooling_perfect_test_table.csv").open() as f:
        for row in csv.DictReader(f):
            p = float(row["p"])
            n, tests = best_size(p, 400)
            assert (n, tests) == (int(row["n_opt"]), pytest.approx(float(row["tests_per_person"]), abs=1e-9))
            assert [tests_per_person(p, s) for s in (5, 10, 20)] == pytest.approx([float(row[f"E_{s}"]) for s in (5, 10, 20)], abs=1e-9)
            assert nested_tests(p, (int(row["n1"]), int(row["n2"]))) == pytest.approx(float(row["three_stage"]), abs=1e-9)
            assert array_tests(p, int(row["A2_n"])) == pytest.approx(float(row["A2_E"]), abs=1e-9)
    with (published("reference") / "pooling_array_A2_binGroup2.csv").open() as f:
        for row in csv.DictReader(f):
            p, n = float(row["p"]), int(row["n"])
            assert array_tests(p, n) == pytest.approx(float(row["ET_per_ind_se1"]), abs=1e-9)
            assert array_tests(p, n, 0.99, 0.99) == pytest.approx(float(row["ET_per_ind_se99"]), abs=1e-9)


def test_pools_with_an_imperfect_test() -> None:
    ten, eleven = pool_plan(0.01, (10, 11), 0.99, 0.99)
    assert 10 * ten.tests_per_person == pytest.approx(2.0371, abs=5e-5)
    assert (ten.pool_sensitivity, ten.pool_specificity) == (pytest.approx(0.9801, abs=5e-5), pytest.approx(0.9991, abs=5e-5))
    assert (ten.ppv, ten.npv) == (pytest.approx(0.9127, abs=5e-5), pytest.approx(0.9998, abs=5e-5))
    assert best_size(0.01, 100, 0.99, 0.99) == (11, pytest.approx(0.2035, abs=5e-5))
    assert eleven.ppv == pytest.approx(0.9052, abs=5e-5)
    assert (array_tests(0.01, 25, 0.99, 0.99), array_tests(0.01, 10, 0.99, 0.99)) == (
        pytest.approx(0.137774, abs=1e-6),
        pytest.approx(0.226112, abs=1e-6),
    )
    assert nested_tests(0.02, (27, 9, 3)) == pytest.approx(0.20, abs=5e-3)
    for ct, ratios in (((25.0, 6.0), (0.969, 0.948, 0.921)), ((28.0, 5.0), (0.943, 0.904, 0.856))):
        assert [round(relative_sensitivity(dilution(n, "lab"), *ct), 3) for n in (5, 10, 20)] == list(ratios)
    assert (dilution(10, "swab"), dilution(20, "swab")) == (1.0, 2.0)


def test_pools_move_as_they_must() -> None:
    assert best_size(NEVER_PAYS + 1e-4)[0] == 1
    assert best_size(NEVER_PAYS - 1e-4)[0] == 3
    assert tests_per_person(0.0, 10) == 0.1
    assert tests_per_person(0.01, 10, correlation=0.3) < tests_per_person(0.01, 10)  # families share: fewer tubes are positive
    plain, lab, swab = (pool_plan(0.001, (10,), kind=kind)[0] for kind in (None, "lab", "swab"))  # type: ignore[arg-type]
    assert 0 == plain.missed < swab.missed < lab.missed
    slow, fast = (pool_plan(0.001, rates=Rates(tests_per_hour=v))[0] for v in (100, 1000))
    assert slow.hours_to_last > fast.hours_to_last
    assert pool_plan(0.01, rates=Rates(recall_loss=0.1))[1].missed == pytest.approx(0.1 * 1e4)
    for bad in ((-0.1, 10), (0.1, 0), (0.1, 10, 1.2)):
        with pytest.raises(Unusable):
            tests_per_person(*bad)
    for sizes in ((), (10, 3), (4, 4)):
        with pytest.raises(Unusable):
            nested_tests(0.1, sizes)


def test_the_pools_command_tells_the_optimum() -> None:
    told = json.loads(call("pools", "--prevalence", 0.01, "--sizes", "10", "--json").stdout)
    assert told["facts"]["optimum"] == 11
    assert told["rows"][0]["tests_per_person"] == pytest.approx(0.195618, abs=1e-6)
    for words in (("--prevalence", 2), ("--prevalence", 0.1, "--sizes", "5,x"), ("--prevalence", 0.1, "--sizes", "0")):
        assert call("pools", *words).exit_code == 2
    assert "one person to a tube" in call("pools", "--prevalence", 0.4).output


# --- prevalence -----------------------------------------------------------------------------------------------------------
def test_prevalence_of_campaigns() -> None:
    """Chongqing 24 August 2022: 2 tubes of 10.32 million people; none of 10.9 million; Wuhan May 2020: 300 of 9,899,828."""
    for size in (10, 20):
        found = prevalence_from_tubes([(size, 10_320_000 // size, 2)])
        assert [1e6 * x for x in found] == pytest.approx([0.194, 0.023, 0.700], abs=5e-4)
    assert 1e6 * prevalence_from_tubes([(10, 1_090_000, 0)]).q975 == pytest.approx(0.34, abs=5e-3)
    assert [1e4 * x for x in prevalence_from_tubes([(1, 9_899_828, 300)])] == pytest.approx([0.303, 0.270, 0.339], abs=5e-4)


def test_prevalence_moves_as_it_must() -> None:
    one = prevalence_from_tubes([(10, 1000, 5)])
    assert prevalence_from_tubes([(10, 400, 2), (10, 600, 3)]) == one
    mixed, turned = prevalence_from_tubes([(10, 1000, 5), (20, 500, 4)]), prevalence_from_tubes([(20, 500, 4), (10, 1000, 5)])
    assert mixed == turned
    assert mixed.q025 < mixed.estimate < mixed.q975
    assert prevalence_from_tubes([(10, 1000, 5), (20, 0, 0)]) == one
    more = prevalence_from_tubes([(10, 10_000, 50)])
    assert more.estimate == pytest.approx(one.estimate) and more.q975 - more.q025 < one.q975 - one.q025
    rng = np.random.default_rng(1)
    truth, inside = 0.01, 0
    for _ in range(200):
        tubes = [(s, 200, int(rng.binomial(200, 1 - (1 - truth) ** s))) for s in (5, 10, 20)]
        found = prevalence_from_tubes(tubes)
        inside += found.q025 <= truth <= found.q975
    assert 0.90 <= inside / 200 <= 0.99
    assert prevalence_from_tubes([(5, 3, 3)]).q975 == 1.0
    assert prevalence_from_tubes([(5, 3, 0), (10, 2, 0)]).estimate == 0.0
    for bad in ([], [(0, 1, 0)], [(5, 1, 2)], [(5, 0, 0)]):
        with pytest.raises(Unusable):
            prevalence_from_tubes(bad)


def test_more_positive_tubes_than_tubes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("size,count,positive\n10,5,1\n10,5,6\n")
    done = call("prevalence", "--tubes", path)
    assert done.exit_code == 2
    assert "row 3, column positive" in done.output


# --- sites ----------------------------------------------------------------------------------------------------------------
@pytest.mark.landing
def test_p_median_of_or_library() -> None:
    words = (published("reference") / "orlib_pmed1.txt").read_text().split()
    n, edges, p = map(int, words[:3])
    d = np.full((n, n), np.inf)
    np.fill_diagonal(d, 0)
    for a, b, c in np.array(words[3 : 3 + 3 * edges], int).reshape(-1, 3):
        d[a - 1, b - 1] = d[b - 1, a - 1] = c
    for k in range(n):
        d = np.minimum(d, d[:, [k]] + d[[k], :])
    found = place_sites(d, n=p)
    assert found.objective == 5819
    assert found.bound == pytest.approx(5819, abs=1e-6)
    held = place_sites(d, capacity=np.full(n, 25.0), n=p)
    assert held.load.max() <= 25 and held.objective >= 5819
    near = place_sites(d, max_walk=100.0)
    assert near.distance.max() <= 100 and near.objective == near.bound


def square(n: int, m: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return straight(rng.uniform(0, 1000, (n, 2)), rng.uniform(0, 1000, (m, 2))), rng.integers(1, 200, n).astype(float)


def test_sites_scale_permute_and_have_a_bound() -> None:
    d, w = square(30, 12)
    base = place_sites(d, w, n=3)
    assert place_sites(2 * d, 3 * w, n=3).objective == pytest.approx(6 * base.objective)
    order = np.random.default_rng(2).permutation(30)
    assert place_sites(d[order], w[order], n=3).objective == pytest.approx(base.objective)
    assert place_sites(d, w, n=4).objective <= base.objective
    assert place_sites(d, w, n=12).objective == pytest.approx((w * d.min(axis=1)).sum())
    wide, people = square(260, 200)
    large = place_sites(wide, people, n=12)  # beyond the exact program: exchanges, with the Lagrangian bound
    assert large.bound <= large.objective <= 1.05 * large.bound
    assert large.load.sum() == people.sum()


def test_sites_that_cannot_be() -> None:
    d, w = square(6, 3)
    with pytest.raises(NoAnswer):
        place_sites(d, w, capacity=[1, 1, 1], n=3)
    with pytest.raises(NoAnswer):
        place_sites(d, w, max_walk=1e-3)
    for bad in ({"n": 4}, {"n": 0}, {}, {"n": 1, "max_walk": 3}):
        with pytest.raises(Unusable):
            place_sites(d, w, **bad)
    assert place_sites([[5.0]], n=1).objective == 5


def test_the_sites_command(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("id,x,y,people\na,0,0,10\nb,100,0,20\n")
    (tmp_path / "c.csv").write_text("id,x,y\nA,0,0\nB,100,0\n")
    (tmp_path / "m.csv").write_text("id,A,B\na,1,5\nb,7,2\n")
    files = ("--demand", tmp_path / "d.csv", "--candidates", tmp_path / "c.csv")
    told = json.loads(call("sites", *files, "--n", 1, "--json").stdout)
    assert [r["site"] for r in told["rows"]] == ["B", "B"]
    assert told["facts"]["objective"] == told["facts"]["bound"] == pytest.approx(1300)
    told = json.loads(call("sites", "--distances", tmp_path / "m.csv", "--n", 1, "--json").stdout)
    assert told["facts"]["objective"] == 7
    assert call("sites", *files, "--n", 3).exit_code == 2
    assert call("sites", *files).exit_code == 2
    assert call("sites", *files, "--max-walk", 1).exit_code == 0
    (tmp_path / "c.csv").write_text("id,x,y\nA,500,0\n")
    assert call("sites", *files, "--max-walk", 1).exit_code == 3


# --- shifts ---------------------------------------------------------------------------------------------------------------
def test_the_post_office() -> None:
    """Winston's example: five days on, two off."""
    week = np.array([[int((day - start) % 7 < 5) for day in range(7)] for start in range(7)])
    found = cover([17, 13, 15, 19, 14, 16, 11], week)
    assert found.total == 23
    assert found.bound == pytest.approx(22.3333, abs=5e-5)
    assert (week.T @ found.heads >= [17, 13, 15, 19, 14, 16, 11]).all()
    assert (blocks(7, 5, cyclic=True) == week).all()
    assert cover([0, 0], blocks(2, 1)).total == 0
    with pytest.raises(NoAnswer):
        cover([1, 1], [[1, 0]])
    with pytest.raises(Unusable):
        cover([-1], [[1]])


WEEK = [
    Shift(f"{d}{k}", 24 * d + a, 24 * d + b, n) for d in range(7) for k, a, b, n in (("m", 8, 16, 60), ("e", 16, 24, 45), ("n", 24, 32, 20))
]


@pytest.mark.parametrize("people,short", [(200, 0), (170, 25)])
def test_a_week_of_shifts(people: int, short: int) -> None:
    """875 shifts to fill, at most 5 each, 11 hours between: 200 people suffice, 170 leave exactly 25."""
    found = roster([Person(str(i)) for i in range(people)], WEEK)
    assert int(found.short.sum()) == short == found.bound
    by_person: dict[int, list[int]] = {}
    for person, shift in found.work:
        by_person.setdefault(person, []).append(shift)
    assert max(map(len, by_person.values())) <= 5
    for worked in by_person.values():
        times = sorted((WEEK[s].start, WEEK[s].end) for s in worked)
        assert all(b[0] - a[1] >= 11 for a, b in pairwise(times))


def test_rosters_are_never_infeasible() -> None:
    one = [Shift("a", 0, 8, 2, "nurse"), Shift("b", 10, 18, 1)]
    found = roster([Person("x", skills=frozenset({"nurse"})), Person("y", away=frozenset({1}))], one)
    assert found.short.tolist() == [1, 1]  # only x is a nurse and cannot do both; y cannot do b
    assert roster([], one).short.tolist() == [2, 1]
    assert roster([Person("x")], []).work == []
    with pytest.raises(Unusable):
        roster([Person("x")], [Shift("a", 8, 8, 1)])


def test_the_roster_command_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("shift,start,end,need\na,0,8,1\nb,8,8,1\n")
    (tmp_path / "p.csv").write_text("person,away\nLi,c\n")
    files = ("--shifts", tmp_path / "s.csv", "--people", tmp_path / "p.csv")
    assert "row 3, column end" in call("roster", *files).output
    (tmp_path / "s.csv").write_text("shift,start,end,need\na,0,8,1\n")
    assert "row 2, column away" in call("roster", *files).output


# --- rooms ----------------------------------------------------------------------------------------------------------------
FORTNIGHT = [0.0] * 14 + [1.0]


def test_constant_admissions() -> None:
    found = isolation_demand([100.0] * 40, FORTNIGHT)
    assert found.mean[[6, 13, 20]].tolist() == [700, 1400, 1400]
    assert found.quantiles[30, 4] == 1474
    assert found.mean == pytest.approx(np.convolve([100.0] * 40, survival(FORTNIGHT))[:40])


def test_overdispersion_widens() -> None:
    plain = isolation_demand(np.random.default_rng(1).poisson(100, (2000, 30)), FORTNIGHT)
    wide = isolation_demand([100.0] * 30, FORTNIGHT, dispersion=5.0)
    spread = [(d.quantiles[25, 4] - d.quantiles[25, 0]) ** 2 for d in (plain, wide)]
    assert spread[1] / spread[0] == pytest.approx(1 + 100 / 5, rel=0.25)
    assert wide.mean[25] == pytest.approx(1400)


def test_rooms_run_out_and_are_ordered_in_time() -> None:
    found = isolation_demand([10.0] * 14, FORTNIGHT, occupied=[50] * 5 + [0] * 9, ready=100.0, reserve=30.0)
    assert found.open[:4].tolist() == [100, 110, 115, 130]
    assert found.first_short is not None and found.order_by == max(0, found.first_short - 3)
    assert (np.diff(found.p_short[5:]) >= -1e-12).all()
    assert isolation_demand([10.0] * 14, FORTNIGHT, ready=1e4).first_short is None
    with_contacts = isolation_demand([10.0] * 14, FORTNIGHT, contacts=4.0, p_isolate=0.5)
    assert with_contacts.mean == pytest.approx(3 * isolation_demand([10.0] * 14, FORTNIGHT).mean)
    assert isolation_demand([0.0], FORTNIGHT).quantiles.tolist() == [[0.0] * 5]
    for bad in ({"admissions": [-1]}, {"stay": [0.5, 0.1]}, {"ready": -1}, {"p_isolate": 2}, {"dispersion": 0}):
        with pytest.raises(Unusable):
            isolation_demand(**{"admissions": [1.0], "stay": FORTNIGHT, **bad})  # type: ignore[arg-type]


def test_rooms_agree_with_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("R = 1.5\ninitial_cases = 5\ndays = 10\nfollow = 0\ndraws = 200\n")
    (tmp_path / "stay.csv").write_text("k,w\n" + "".join(f"{k},{w}\n" for k, w in enumerate(FORTNIGHT)))
    done = call("beds", "--scenario", tmp_path / "s.toml", "--stay", tmp_path / "stay.csv", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["rows"]
    assert len(rows) == 10 and math.isfinite(rows[-1]["mean"])
    assert call("beds", "--stay", tmp_path / "stay.csv").exit_code == 2
