"""Reproduction numbers: what EpiEstim 2.2-4 gives on its own outbreaks, to 1e-9; and what must not matter does not matter."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from bulou.assessment.refusing import Unusable
from bulou.assessment.reproduction import MANY, discrete_serial_interval, infectiousness, rt_cohort, rt_cori, serial_interval
from tests.assessment.reference import columns, same
from tests.assessment.test_frame import call, rows

SETS = ("Flu1918", "Measles1861", "Flu2009")
CASES = np.array([1, 2, 0, 3, 5, 6, 8, 9, 12, 10, 9, 7, 8, 5, 3, 0, 0, 2, 1, 0], dtype=float)
W = np.array([0, 0.2, 0.4, 0.3, 0.1])
_QUANTILES = ("Quantile.0.025(R)", "Quantile.0.25(R)", "Median(R)", "Quantile.0.75(R)", "Quantile.0.975(R)")

#: Scalars of EpiEstim 2.2-4 (Cori et al. 2013): set, first and last day of the window, mean, q025, median, q975.
SCALARS = [
    ("Flu1918", 2, 8, 1.414520, 1.023695, 1.403570, 1.867555),
    ("Flu1918", 31, 37, 1.387432, 1.325055, 1.387183, 1.451223),
    ("Flu1918", 46, 52, 0.569136, 0.529791, 0.568891, 0.609869),
    ("Measles1861", 21, 27, 11.199232, 8.285254, 11.123140, 14.545525),
    ("Measles1861", 41, 47, 0.269093, 0.150609, 0.263137, 0.421392),
    ("Flu2009", 2, 8, 1.735609, 1.028632, 1.703576, 2.624496),
    ("Flu2009", 21, 27, 0.297695, 0.119689, 0.283645, 0.555391),
]  # fmt: skip


def outbreak(name: str) -> tuple[np.ndarray, np.ndarray]:
    return columns(f"epiestim_{name}_incidence.csv", "I")[0], columns(f"epiestim_{name}_si_distr.csv", "w")[0]


def against(found: object, file: str) -> None:
    start, end, mean, sd, *q = columns(file, "t_start", "t_end", "Mean(R)", "Std(R)", *_QUANTILES)
    assert same(found.t_start.astype(float), start, 0)  # type: ignore[attr-defined]
    assert same(found.t_end.astype(float), end, 0)  # type: ignore[attr-defined]
    for ours, theirs in ((found.mean, mean), (found.sd, sd), *zip(found.quantiles.T, q, strict=True)):  # type: ignore[attr-defined]
        assert same(ours, theirs, 1e-9)


@pytest.mark.parametrize("name", SETS)
def test_weekly_windows_as_epiestim(name: str) -> None:
    against(rt_cori(*outbreak(name)), f"epiestim_{name}_R_weekly_nonparamSI.csv")


@pytest.mark.parametrize(("name", "start", "end", "mean", "low", "median", "high"), SCALARS)
def test_published_scalars(name: str, start: int, end: int, mean: float, low: float, median: float, high: float) -> None:
    found = rt_cori(*outbreak(name))
    at = int(np.flatnonzero(found.t_start == start)[0])
    assert found.t_end[at] == end
    ours = [found.mean[at], found.quantiles[at, 0], found.quantiles[at, 2], found.quantiles[at, 4]]
    assert ours == pytest.approx([mean, low, median, high], abs=1e-6)


def test_windows_before_the_mean_serial_interval_are_undefined() -> None:
    assert np.isnan(rt_cori(*outbreak("Measles1861")).mean).sum() == 7


def test_a_parametric_serial_interval_as_epiestim() -> None:
    cases, _ = outbreak("Flu2009")
    (theirs,) = columns("epiestim_Flu2009_si_parametric_2.6_1.5.csv", "w")
    ours = discrete_serial_interval(2.6, 1.5, len(theirs) - 1)
    assert same(ours[:-1], theirs[:-1], 1e-9)
    against(rt_cori(cases, theirs), "epiestim_Flu2009_R_weekly_parametricSI_2.6_1.5.csv")


def test_the_discrete_serial_interval_as_cori() -> None:
    """EpiEstim 2.2-4, ``discr_si(k, 4.7, 2.9)``."""
    assert discrete_serial_interval(4.7, 2.9)[1:5] == pytest.approx([0.056501, 0.178074, 0.185418, 0.155734], abs=1e-6)
    assert discrete_serial_interval(4.7, 2.9).sum() == pytest.approx(1, abs=1e-9)


def test_the_discrete_serial_interval_at_nine_means() -> None:
    k, mu, sigma, w = columns("epiestim_discr_si.csv", "k", "mu", "sigma", "w")
    for mean, sd in sorted(set(zip(mu, sigma, strict=True))):
        rows_ = (mu == mean) & (sigma == sd)
        assert same(discrete_serial_interval(mean, sd, int(k[rows_].max())), w[rows_], 1e-9), (mean, sd)


def test_infectiousness_as_epiestim() -> None:
    (theirs,) = columns("epiestim_Flu1918_lambda.csv", "lambda")
    assert same(infectiousness(*outbreak("Flu1918"))[1:], theirs[1:], 1e-9)


def test_imports_infect_and_are_not_infected_here() -> None:
    """EpiEstim 2.2-4 with local and imported cases (Thompson et al. 2019)."""
    local, imported = columns("epiestim_imports_input.csv", "local", "imported")
    against(rt_cori(local, outbreak("Flu2009")[1], imported), "epiestim_imports_R.csv")


@pytest.mark.parametrize("name", SETS)
def test_the_cohort_as_epiestim(name: str) -> None:
    found = rt_cohort(*outbreak(name))
    start, end, mean = columns(f"wallinga_teunis_{name}_weekly_nsim0.csv", "t_start", "t_end", "Mean(R)")
    assert same(found.t_start.astype(float), start, 0)
    assert same(found.t_end.astype(float), end, 0)
    assert same(found.mean, mean, 1e-9)


# --- what must not matter ---------------------------------------------------------------------------------------------
def test_days_without_cases_at_the_end_change_no_window_before_them() -> None:
    more = rt_cori(np.append(CASES, np.zeros(9)), W)
    assert same(more.mean[: len(CASES) - 7], rt_cori(CASES, W).mean, 1e-12)


def test_days_without_cases_before_the_first_change_no_window_of_the_outbreak() -> None:
    later = rt_cori(np.append(np.zeros(9), CASES), W)
    assert same(later.quantiles[9:], rt_cori(CASES, W).quantiles, 1e-12) is True
    assert (later.n[:2] == 0).all()


def test_many_areas_at_once_are_each_by_itself() -> None:
    other = CASES[::-1].copy()
    both = rt_cori(np.stack([CASES, other]), W, np.stack([other, CASES]))
    for i, (local, imported) in enumerate(((CASES, other), (other, CASES))):
        alone = rt_cori(local, W, imported)
        for name in ("mean", "sd", "quantiles", "p_below_1", "n"):
            assert same(getattr(both, name)[i], getattr(alone, name), 1e-12)
    assert same(rt_cohort(np.stack([CASES, other]), W).mean[1], rt_cohort(other, W).mean, 1e-12)
    # so many that they are shared out among processors
    times = MANY // len(CASES) + 2
    for name, value in rt_cori(np.tile(CASES, (times, 1)), W)._asdict().items():
        if name.startswith("t_"):
            continue
        assert same(value[0], getattr(rt_cori(CASES, W), name), 1e-11)
        assert same(value[-1], value[0], 1e-15)


def test_many_cases_leave_the_prior_behind() -> None:
    few, many = (rt_cori(CASES * by, W) for by in (1, 10_000))
    assert (many.sd < few.sd).all()
    other = rt_cori(CASES * 10_000, W, prior_mean=1, prior_sd=1)
    assert np.allclose(many.mean, other.mean, rtol=1e-3)


def test_growth_at_a_known_number_is_found() -> None:
    """Cases that follow the renewal equation with R = 1.7 exactly are given R = 1.7 by both methods, away from the edges."""
    cases = [1000.0]
    for t in range(1, 60):
        cases.append(1.7 * sum(W[k] * cases[t - k] for k in range(1, min(len(W), t + 1))))
    assert rt_cori(cases, W).mean[5:] == pytest.approx(1.7, rel=1e-3)
    assert rt_cohort(cases, W).mean[:-5] == pytest.approx(1.7, rel=1e-9)


def test_the_probability_below_1_is_that_of_the_posterior() -> None:
    found = rt_cori(CASES, W, quantiles=(0.3,))
    at_its_quantile = rt_cori(CASES, W, quantiles=tuple(found.p_below_1))
    assert at_its_quantile.quantiles.diagonal() == pytest.approx(1, abs=1e-9)


def test_windows_below_the_fewest_cases_are_empty() -> None:
    found = rt_cori(CASES, W, min_cases=11)
    assert np.isnan(found.mean[found.n < 11]).all()
    assert not np.isnan(found.mean[found.n >= 11]).any()


def test_one_case_and_none() -> None:
    for cases in (np.zeros(20), np.append(1, np.zeros(19))):
        found = rt_cori(cases, W)
        assert found.mean[-1] == pytest.approx(5), "without cases it drifts back to the prior"
    assert np.isnan(rt_cohort(np.zeros(20), W).mean).all()
    for few in ([], [1], [1, 2, 3, 4, 5, 6, 7]):
        assert len(rt_cori(few, W).mean) == len(rt_cohort(few, W).mean) == 0


@pytest.mark.parametrize("w", [[0, 0.5], [0.1, 0.9], [0, -0.1, 1.1], [1], [], [0, np.nan], [[0, 1]]])
def test_a_serial_interval_that_is_none(w: list[float]) -> None:
    with pytest.raises(Unusable):
        serial_interval(w)


def test_counts_and_priors_that_mean_nothing() -> None:
    for cases, more in (
        ([-1.0] * 9, {}),
        ([np.nan] * 9, {}),
        (CASES, {"prior_mean": 0}),
        (CASES, {"prior_sd": -1}),
        (CASES, {"window_days": 0}),
    ):
        with pytest.raises(Unusable):
            rt_cori(cases, W, **more)  # type: ignore[arg-type]


# --- by command -------------------------------------------------------------------------------------------------------
def put(folder: Path, name: str, heads: list[str], lines: list[tuple[object, ...]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([heads, *lines])
    return path


@pytest.mark.parametrize("name", SETS)
def test_the_command_gives_the_reference_file(name: str, tmp_path: Path) -> None:
    cases, w = outbreak(name)
    files = ["--cases", put(tmp_path, "c.csv", ["day", "local"], [*enumerate(cases, start=1)]), "--si", put(tmp_path, "s.csv", ["k", "w"], [*enumerate(w)])]  # fmt: skip
    assert call("rt", *files, "--out", tmp_path / "o.csv").exit_code == 0
    found = rows(tmp_path / "o.csv")
    mean, *q = columns(f"epiestim_{name}_R_weekly_nonparamSI.csv", "Mean(R)", *_QUANTILES)
    for ours, theirs in zip(("mean", "q025", "q25", "median", "q75", "q975"), (mean, *q), strict=True):
        assert same(np.array([float(r[ours] or "nan") for r in found]), theirs, 1e-9)
    assert call("cohort", *files, "--out", tmp_path / "w.csv").exit_code == 0
    theirs = columns(f"wallinga_teunis_{name}_weekly_nsim0.csv", "Mean(R)")[0]
    assert same(np.array([float(r["mean"] or "nan") for r in rows(tmp_path / "w.csv")]), theirs, 1e-9)


def test_order_of_rows_gaps_and_shifts_do_not_matter(tmp_path: Path) -> None:
    si = put(tmp_path, "s.csv", ["w", "k"], [(x, k) for k, x in reversed([*enumerate(W)])])
    lines = [(i + 1, int(n)) for i, n in enumerate(CASES)]
    plain = put(tmp_path, "a.csv", ["day", "local"], lines)
    for name in ("rt", "cohort"):
        whole = call(name, "--cases", plain, "--si", si).stdout
        mixed = put(
            tmp_path, "b.csv", ["local", "note", "day"], [(n, "x", d) for d, n in sorted(lines, key=lambda x: hash(x)) if n or d in (1, 20)]
        )
        assert call(name, "--cases", mixed, "--si", si).stdout == whole
        shifted = put(tmp_path, "c.csv", ["day", "local"], [(d + 100, n) for d, n in lines])
        ours = [r.split(",", 2) for r in call(name, "--cases", shifted, "--si", si).stdout.splitlines()[1:]]
        assert [f"{int(a) - 100},{int(b) - 100},{rest}" for a, b, rest in ours] == whole.splitlines()[1:]
        dated = put(tmp_path, "d.csv", ["date", "local"], [(f"2022-02-{d + 8:02d}", n) for d, n in lines])
        first = call(name, "--cases", dated, "--si", si).stdout.splitlines()[1]
        assert first.split(",")[:2] == ["2022-02-10", "2022-02-16"]
        assert first.split(",")[2:] == whole.splitlines()[1].split(",")[2:]


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ("day,local\n1,2\n1,3\n", "row 3, column day"),
        ("day,local\n1.5,2\n", "a whole number"),
        ("date,local\n2022-02-30,2\n", "a date written YYYY-MM-DD"),
        ("date,local\n2022/02/03,2\n", "a date written YYYY-MM-DD"),
        ("day,cases\n1,2\n", "no column local"),
        ("day,local\n1,1\n900000,1\n", "more than 100 years apart"),
        ("day,local,imported\n1,1,-2\n", "row 2, column imported"),
    ],
)
def test_cases_that_mean_nothing(cases: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(cases, encoding="utf-8")
    done = call("rt", "--cases", path, "--si", put(tmp_path, "s.csv", ["k", "w"], [*enumerate(W)]), "--lang", "en")
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("si", "told"),
    [
        ("k,w\n0,0\n1,0.5\n3,0.5\n", "2 is missing"),
        ("k,w\n1,0.5\n1,0.5\n", "column k"),
        ("k,w\n1,1.5\n", "from 0 to 1"),
        ("k,w\n0,1\n", "serial interval"),
    ],
)
def test_a_file_of_a_serial_interval_that_means_nothing(si: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(si, encoding="utf-8")
    done = call("rt", "--cases", put(tmp_path, "c.csv", ["day", "local"], [(i, 1) for i in range(20)]), "--si", path, "--lang", "en")
    assert done.exit_code == 2
    assert told in done.stderr


def test_too_short_a_curve_gives_headings_and_says_so(tmp_path: Path) -> None:
    files = ["--cases", put(tmp_path, "c.csv", ["day", "local"], [(1, 3)]), "--si", put(tmp_path, "s.csv", ["k", "w"], [*enumerate(W)])]
    done = call("rt", *files, "--lang", "en")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert "too few for one window" in done.stderr


def test_a_serial_interval_from_its_mean_and_sd(tmp_path: Path) -> None:
    cases_ = ["--cases", put(tmp_path, "c.csv", ["day", "local"], [*enumerate(CASES, start=1)])]
    made = put(tmp_path, "s.csv", ["k", "w"], [*enumerate(discrete_serial_interval(4.7, 2.9))])
    for name in ("rt", "cohort", "over"):
        told = call(name, *cases_, "--si-mean", 4.7, "--si-sd", 2.9)
        assert told.exit_code == 0
        assert told.stdout == call(name, *cases_, "--si", made).stdout
        for words in ((), ("--si-mean", 4.7), ("--si", made, "--si-mean", 4.7, "--si-sd", 2.9), ("--si-mean", 0.5, "--si-sd", 1)):
            assert call(name, *cases_, *words).exit_code == 2


def test_a_file_with_both_kinds_of_days_goes_by_the_number_and_says_so(tmp_path: Path) -> None:
    lines = [(i, f"2022-02-{i:02d}", n) for i, n in enumerate(CASES, start=1)]
    words = ["--si", put(tmp_path, "s.csv", ["k", "w"], [*enumerate(W)]), "--lang", "en"]
    both = call("rt", "--cases", put(tmp_path, "a.csv", ["day", "date", "local"], lines), *words)
    assert both.stdout == call("rt", "--cases", put(tmp_path, "b.csv", ["day", "local"], [(d, n) for d, _, n in lines]), *words).stdout
    assert "day is used" in both.stderr
    neither = call("rt", "--cases", put(tmp_path, "c.csv", ["onset", "local"], [(d, n) for d, _, n in lines]), *words)
    assert "there is no column day / date; there are onset, local" in neither.stderr
