"""Is it over, is anyone left: Parag's probabilities to 1e-9, Nishiura's closed form, epiR's freedom; and what must not matter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammainc

from bulou.assessment.clearing import p_no_more_cases, p_no_more_offspring, p_undetected, round_sensitivity
from bulou.assessment.refusing import Unusable
from tests.assessment.reference import columns
from tests.assessment.test_frame import call, rows
from tests.assessment.test_reproduction import CASES, W, outbreak, put

#: Parag's prior of shape 100 and scale 5, as mean and standard deviation.
PARAG = {"prior_mean": 500.0, "prior_sd": 50.0}
#: Probability that the Flu2009 outbreak is over, days 32 to 38 (Parag et al. 2020); the first above 0.95 is day 38.
OVER = [0.1604, 0.3947, 0.6268, 0.7908, 0.8900, 0.9447, 0.9753]


def test_the_end_of_an_outbreak_as_parag() -> None:
    _, w = outbreak("Flu2009")
    t, cases, z = columns("parag_elimination_Flu2009.csv", "t", "I", "z")
    for day in np.flatnonzero(~np.isnan(z)):
        ours = p_no_more_cases(cases[: int(t[day]) - 1], w, 1, window_days=30, **PARAG)[0] if cases[day] == 0 else None
        if ours is not None:
            assert ours == pytest.approx(z[day], abs=1e-9), t[day]
    ahead = p_no_more_cases(cases[:31], w, 13, **PARAG)
    assert ahead == pytest.approx(z[31:44], abs=1e-9)
    assert ahead[:7] == pytest.approx(OVER, abs=5e-5)


def test_days_without_cases_at_the_end_change_nothing() -> None:
    ahead = p_no_more_cases(CASES, W, 20)
    assert p_no_more_cases(np.append(CASES, np.zeros(6)), W, 14) == pytest.approx(ahead[6:], abs=1e-12)
    ahead = p_no_more_offspring(CASES, W, 20, 2, 0.2)
    assert p_no_more_offspring(np.append(CASES, np.zeros(6)), W, 14, 2, 0.2) == pytest.approx(ahead[6:], abs=1e-12)


def test_strict_is_the_day_before() -> None:
    assert p_no_more_cases(CASES, W, 9, strict=True)[1:] == pytest.approx(p_no_more_cases(CASES, W, 8), abs=1e-12)


def test_it_only_becomes_surer_and_ends_sure() -> None:
    for found in (p_no_more_cases(CASES, W, 30), p_no_more_offspring(CASES, W, 30, 2, 0.2)):
        assert (np.diff(found) >= -1e-12).all()
        assert found[-1] == 1
        assert 0 < found[0] < 1


def test_no_case_and_one() -> None:
    assert (p_no_more_cases(np.zeros(9), W, 5) == 1).all()
    assert (p_no_more_offspring(np.zeros(9), W, 5, 2, 0.2) == 1).all()
    one = p_no_more_cases([1.0], W, 6)
    assert one[0] < one[1] < one[-1] == 1
    assert p_no_more_offspring([1.0], W, 1, 2, 0.5) == pytest.approx((1 + 2 * 0.8 / 0.5) ** -0.5)


def test_more_cases_are_less_sure() -> None:
    assert p_no_more_cases(CASES * 3, W, 1) < p_no_more_cases(CASES, W, 1)
    assert p_no_more_offspring(CASES * 3, W, 1, 2, 0.2) < p_no_more_offspring(CASES, W, 1, 2, 0.2)


def test_nishiura_s_closed_form() -> None:
    """1 - P(more), P(more) = 1 - prod (1 + R (1 - F(t - t_i)) / k)^-k, with the gamma 12.6 / 2.8 d of MERS and R 0.75, k 0.14."""
    shape, scale = (12.6 / 2.8) ** 2, 2.8**2 / 12.6
    w = np.diff(gammainc(shape, np.arange(60) / scale), prepend=0.0)
    onsets = np.array([0, 9, 11, 11, 14, 20])
    cases = np.bincount(onsets)
    found = p_no_more_offspring(cases, w, 25, 0.75, 0.14)
    for i in range(25):
        left = 1 - gammainc(shape, (21 + i - onsets) / scale)
        assert found[i] == pytest.approx(np.prod((1 + 0.75 * left / 0.14) ** -0.14), abs=1e-9)


def test_an_outbreak_that_is_simulated_ends_as_often_as_it_is_told() -> None:
    """Offspring drawn at random: of the outbreaks with a case on day 0 and none for three days, the told share has none later."""
    source = np.random.default_rng(4)
    r, k, n = 0.8, 0.5, 200_000
    each = source.negative_binomial(k, k / (k + r), n)
    after = source.choice(len(W), (n, each.max()), p=W)
    there = np.arange(each.max())[None, :] < each[:, None]
    silent = ~(there & (after <= 3)).any(axis=1)
    over = ~(there & (after > 3)).any(axis=1)
    # the closed form does not use that the days were silent, so it is told as it is: the share without any case later
    assert p_no_more_offspring([1, 0, 0], W, 1, r, k)[0] == pytest.approx(over.mean(), abs=0.003)
    assert over[silent].mean() > over.mean()


@pytest.mark.parametrize(
    "wrong",
    [{"prior_mean": 0.0}, {"prior_sd": -1.0}, {"window_days": 0}, {"days": 0}, {"local": [-1.0, 2.0]}, {"local": []}, {"w": [0, 0.2]}],
)
def test_what_means_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        p_no_more_cases(**{"local": CASES, "w": W, "days": 3, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"r": -1.0}, {"k": 0.0}, {"days": 0}, {"cases": [np.nan]}])
def test_offspring_that_mean_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        p_no_more_offspring(**{"cases": CASES, "w": W, "days": 3, "r": 2.0, "k": 0.2, **wrong})  # type: ignore[arg-type]


# --- freedom ----------------------------------------------------------------------------------------------------------
def test_a_round_s_sensitivity_as_epir() -> None:
    """epiR 2.0.57, ``rsu.sep.rs``: coverage, sensitivity, infected, sensitivity of the round."""
    for c, s, d, told in ((0.9, 0.6, 1, 0.54), (0.9, 0.6, 2, 0.7884), (0.95, 0.6, 2, 0.8151)):
        assert round_sensitivity(c, s, d) == pytest.approx(told, abs=1e-9)


def test_every_round_s_sensitivity_of_the_reference() -> None:
    cov, d, se, sep = columns("freedom_epiR_sep_rs.csv", "cov", "d", "se", "sep")
    ours = np.array([round_sensitivity(*x) for x in zip(cov, se, d, strict=True)])
    assert ours == pytest.approx(sep, abs=1e-9)


#: epiR 2.0.57, ``rsu.pfree.rs``: rounds of sensitivity 0.8 from a prior of 0.5.
FREE = [
    (0.0, [0.833333333333333, 0.961538461538462, 0.992063492063492, 0.998402555910543]),
    (0.01, [0.830536912751678, 0.958551756513575, 0.989358799398655, 0.995824447002476]),
]


@pytest.mark.parametrize(("brought", "told"), FREE)
def test_freedom_as_epir(brought: float, told: list[float]) -> None:
    assert 1 - p_undetected(np.ones(4), 0.8, 0.5, brought) == pytest.approx(told, abs=1e-9)


def test_freedom_has_a_limit_where_infection_comes_in() -> None:
    """SCIENCE: with 0.01 per round the limit is 0.9974747."""
    assert 1 - p_undetected(np.ones(200), 0.8, 0.5, 0.01)[-1] == pytest.approx(0.9974747, abs=1e-6)


@pytest.mark.parametrize("brought", ["0", "0.01", "0.05"])
def test_freedom_of_the_reference(brought: str) -> None:
    names = [f"PFree.{i}" for i in range(1, 8)]
    told = np.concatenate(columns(f"freedom_epiR_pfree_se0.8_pintro{brought}.csv", *names))
    assert 1 - p_undetected(np.ones(7), 0.8, 0.5, float(brought)) == pytest.approx(told, abs=1e-9)


def test_rounds_that_see_nobody_change_nothing() -> None:
    assert p_undetected([0, 0.5], [0.9, 0], 0.3) == pytest.approx([0.7, 0.7])
    assert p_undetected([1.0], [1.0], 0.3) == pytest.approx([0])
    assert p_undetected([1.0], [1.0], 0.0) == pytest.approx([1]), "what was sure before stays so"


@pytest.mark.parametrize("wrong", [{"coverage": [1.1]}, {"sensitivity": [-0.1]}, {"prior": 1.2}, {"p_intro": 2}, {"infected": 0}])
def test_rounds_that_mean_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        p_undetected(**{"coverage": [0.9], "sensitivity": [0.8], **wrong})  # type: ignore[arg-type]


# --- by command -------------------------------------------------------------------------------------------------------
def test_the_command_gives_parag_s_days(tmp_path: Path) -> None:
    cases, w = outbreak("Flu2009")
    files = ["--cases", put(tmp_path, "c.csv", ["day", "local"], [*enumerate(cases, start=1)]), "--si", put(tmp_path, "s.csv", ["k", "w"], [*enumerate(w)])]  # fmt: skip
    done = call("over", *files, "--prior-mean", 500, "--prior-sd", 50, "--days", 12, "--out", tmp_path / "o.csv", "--json")
    found = rows(tmp_path / "o.csv")
    assert [r["t"] for r in found] == [str(t) for t in range(33, 45)]
    assert [float(r["p_over"]) for r in found] == pytest.approx(columns("parag_elimination_Flu2009.csv", "z")[0][32:44], abs=1e-9)
    assert json.loads(done.stdout)["facts"] == {"first day with p_over >= 0.95": 38}


def test_the_command_takes_r_and_k_and_dates(tmp_path: Path) -> None:
    lines = [("2022-02-27", 0, 1), ("2022-02-28", 0, 0)]
    files = [
        "--cases",
        put(tmp_path, "c.csv", ["date", "local", "imported"], lines),
        "--si",
        put(tmp_path, "s.csv", ["k", "w"], [*enumerate(W)]),
    ]
    done = call("over", *files, "--r", 2, "--k", 0.5, "--days", 3)
    found = p_no_more_offspring([1, 0], W, 3, 2, 0.5)
    assert done.stdout.splitlines()[1:] == [f"2022-03-0{i + 1},{p}" for i, p in enumerate(found)]
    for words, told in ((["--r", 2], "--r and --k go together"), (["--r", 2, "--k", 1, "--prior-sd", 2], "do not go with")):
        done = call("over", *files, *words, "--lang", "en")
        assert (done.exit_code, told in done.stderr) == (2, True)


def test_rounds_by_command_are_taken_in_their_order(tmp_path: Path) -> None:
    lines = [(str(i), 0.9, 0.5 + i / 30, 0.01 * i) for i in range(1, 12)]
    heads = ["round", "coverage", "sensitivity", "p_intro"]
    whole = call("freedom", "--rounds", put(tmp_path, "a.csv", heads, lines)).stdout
    assert call("freedom", "--rounds", put(tmp_path, "b.csv", heads, lines[::-1])).stdout == whole
    assert [line.split(",")[0] for line in whole.splitlines()[1:]] == [str(i) for i in range(1, 12)]
    named = put(tmp_path, "c.csv", heads[:3], [("first", 0.9, 0.6), ("second", 0.95, 0.6)])
    done = call("freedom", "--rounds", named, "--infected", 2, "--lang", "en")
    assert done.stdout.splitlines()[1] == f"first,{1 - p_undetected([0.9], [0.6], infected=2)[0]}"
    assert "in the order of the file" in done.stderr


def test_a_share_above_1_is_told_with_its_row(tmp_path: Path) -> None:
    done = call("freedom", "--rounds", put(tmp_path, "a.csv", ["round", "coverage", "sensitivity"], [(1, 95, 0.6)]), "--lang", "en")
    assert done.exit_code == 2
    assert 'row 2, column coverage: "95" should be a number from 0 to 1' in done.stderr
