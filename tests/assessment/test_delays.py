"""Serial intervals and delays: Vink's mixture as published for Tianjin, known pairs, distributions found again from their bounds."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bulou.assessment.delays import (
    FAMILIES,
    clusters_interval,
    delay_fit,
    index_case_intervals,
    pairs_interval,
    serial_interval_clusters,
)
from bulou.assessment.refusing import NoAnswer, Unusable
from tests.assessment.test_frame import call, rows
from tests.data import published

#: Days from the first onset of a cluster to the next three, Tianjin, preprint data (Tindale et al. 2020, eLife 9:e57149).
TIANJIN = [
    1,
    5,
    5,
    5,
    6,
    9,
    2,
    8,
    4,
    4,
    7,
    9,
    4,
    4,
    3,
    2,
    2,
    11,
    6,
    4,
    5,
    10,
    3,
    0,
    4,
    4,
    4,
    4,
    5,
    6,
    2,
    4,
    18,
    2,
    3,
    4,
    9,
    2,
    9,
    10,
    2,
    11,
    3,
    5,
    7,
    5,
]


def reference(name: str) -> list[dict[str, str]]:
    with published(f"reference/{name}").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def tianjin(data: str) -> tuple[list[str], list[int]]:
    found = [r for r in reference(f"tianjin_cases_{data}") if r["component"] != "NA" and r["symptom_onset"] != "NA"]
    return [r["component"] for r in found], [date.fromisoformat(r["symptom_onset"]).toordinal() for r in found]


# --- the serial interval ----------------------------------------------------------------------------------------------
def test_the_mixture_as_published() -> None:
    """Tindale et al. 2020, first four cases of each cluster, preprint data: mu 4.222015, sigma 0.977583."""
    found = serial_interval_clusters(TIANJIN)
    assert (found.mu, found.sigma) == pytest.approx((4.222015, 0.977583), abs=1e-6)
    assert found.weights.sum() == pytest.approx(1)
    assert len(found.weights) == 7


def test_the_mixture_from_cases_as_published() -> None:
    """Clusters, their first K onsets, the mixture: preprint and revised data, K of 3 to 6."""
    told = reference("tianjin_SI_vink_icc.csv")
    assert len(told) == 8
    for row in told:
        intervals = index_case_intervals(*tianjin(row["file"]), first=int(row["K"]))
        every = np.concatenate(intervals)
        assert sorted(every) == sorted(map(float, row["icc"].split()))
        found = serial_interval_clusters(every)
        assert (len(every), found.mu, found.sigma) == pytest.approx((int(row["n"]), float(row["mu"]), float(row["sigma"])), abs=1e-9)


def test_the_interval_of_the_mean_as_published() -> None:
    """Preprint: standard deviation of the bootstrapped mean 0.402, interval 3.43 to 5.01; revised and published: 4.31, 2.91 to 5.72.

    They drew a hundred times, so their standard deviations are themselves uncertain by 7 %.
    """
    found = clusters_interval([np.array(TIANJIN, dtype=float)])
    assert (found.low, found.high) == pytest.approx((3.43, 5.01), abs=0.15)
    revised = clusters_interval(index_case_intervals(*tianjin("Tianjin135cases_revised.csv")))
    assert (revised.mean, revised.low, revised.high) == pytest.approx((4.314055, 2.91, 5.72), abs=0.2)


def test_clusters_drawn_whole_are_less_sure() -> None:
    intervals = index_case_intervals(*tianjin("Tianjin135casesFeb22.csv"))
    one, whole = (clusters_interval(intervals, draws=300, whole_clusters=x) for x in (False, True))
    assert one.mean == whole.mean
    assert whole.high - whole.low > one.high - one.low


def test_a_serial_interval_that_made_the_clusters_is_found() -> None:
    source = np.random.default_rng(5)
    direct = source.normal(5, 1.2, 600)
    second = direct[:150] + source.normal(5, 1.2, 150)
    found = serial_interval_clusters(np.abs(np.round(np.concatenate([direct, second]))))
    assert found.mu == pytest.approx(5, abs=0.15)
    assert found.sigma == pytest.approx(1.2, abs=0.25)
    assert found.weights[3] == pytest.approx(0.2, abs=0.08), "two generations"


def test_order_and_shifts_of_clusters_do_not_matter() -> None:
    names, days = list("aaabbbbbcdd"), [3, 1, 9, 20, 22, 25, 31, 40, 7, 5, 5]
    found = index_case_intervals(names, days)
    assert [x.tolist() for x in found] == [[2, 8], [2, 5, 11], [0]]
    assert [x.tolist() for x in index_case_intervals(names[::-1], [d + 100 for d in days[::-1]])] == [x.tolist() for x in found]
    assert index_case_intervals(["a", "b"], [1, 2]) == []
    with pytest.raises(Unusable):
        index_case_intervals(names, days, first=1)


@pytest.mark.parametrize("days", [[], [4], [4, 4, 4]])
def test_intervals_that_carry_nothing(days: list[float]) -> None:
    with pytest.raises(NoAnswer):
        serial_interval_clusters(days)
    with pytest.raises(Unusable):
        serial_interval_clusters([*days, -1.0])


def test_pairs() -> None:
    """Student's interval by hand: 2, 4, 6, 8 have mean 5, sd 2.582, t(3) 3.182446."""
    found = pairs_interval([1, 1, 1, 1], [3, 5, 7, 9])
    assert found == pytest.approx((5, 2.581989, 5 - 4.1085205, 5 + 4.1085205, 4), abs=1e-5)
    assert pairs_interval([5], [2]).mean == -3
    assert np.isnan(pairs_interval([5], [2]).sd)
    with pytest.raises(NoAnswer):
        pairs_interval([], [])


def test_pairs_of_mers_as_published() -> None:
    """South Korea 2015: onset to onset over 98 links, mean 14.469, sd 5.200; Tianjin's 72 links: mean 5.056, sd 3.356."""
    with published("mers_korea_2015/linelist.csv").open(encoding="utf-8-sig", newline="") as f:
        onset = {r["id"]: r["dt_onset"] for r in csv.DictReader(f)}
    with published("mers_korea_2015/contacts.csv").open(encoding="utf-8-sig", newline="") as f:
        links = [(r["from"], r["to"]) for r in csv.DictReader(f)]
    known = [(onset[a], onset[b]) for a, b in links if onset.get(a, "NA") not in ("", "NA") and onset.get(b, "NA") not in ("", "NA")]
    days = np.array([[date.fromisoformat(x[:10]).toordinal() for x in pair] for pair in known])
    assert len(days) == 98
    found = pairs_interval(days[:, 0], days[:, 1])
    assert (found.mean, found.sd) == pytest.approx((14.469, 5.200), abs=0.03)


# --- a delay from its bounds ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("dist", "shape", "scale"), [("gamma", 2.5, 2.0), ("weibull", 1.6, 5.0), ("lognormal", 1.4, 0.5)])
def test_what_made_the_delays_is_found(dist: str, shape: float, scale: float) -> None:
    source = np.random.default_rng(11)
    family = FAMILIES[dist]
    days = family.quantile(source.uniform(size=2000), shape, scale)
    found = delay_fit(np.floor(days), np.floor(days) + 1, dist=dist)
    assert found.quantities[:4] == (*family.names, "mean", "sd")
    assert found.estimate[:2] == pytest.approx([shape, scale], rel=0.08)
    assert found.estimate[2] == pytest.approx(days.mean(), rel=0.02)
    assert found.estimate[6] == pytest.approx(np.median(days), rel=0.04)
    assert (found.low < found.estimate).all() and (found.estimate < found.high).all()


def test_exact_delays_as_scipy_fits_them() -> None:
    """A gamma's likelihood is highest where log(shape) - digamma(shape) is log(mean) - mean(log): scipy's own fit says the same."""
    from scipy import stats

    days = np.random.default_rng(3).gamma(3, 2, 200)
    shape, _, scale = stats.gamma.fit(days, floc=0)
    found = delay_fit(days, days)
    assert found.estimate[:2] == pytest.approx([shape, scale], rel=1e-4)
    assert found.log_likelihood == pytest.approx(stats.gamma.logpdf(days, shape, scale=scale).sum(), abs=1e-6)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    inside = []
    for seed in range(60):
        days = np.random.default_rng(seed).gamma(2.5, 2.0, 80)
        found = delay_fit(np.floor(days), np.floor(days) + 1, draws=800)
        inside.append(found.low[2] <= 5 <= found.high[2])
    assert 0.87 <= np.mean(inside) <= 1


def growing(n: int = 12_000) -> tuple[np.ndarray, np.ndarray]:
    """Delays of an outbreak that grows by a tenth a day, looked at on day 30: day differences and days until then."""
    source = np.random.default_rng(6)
    start = 30 + np.log(source.uniform(size=n)) / 0.1
    end = start + source.gamma(2.5, 2.0, n)
    seen = (end < 30) & (start > 0)
    return np.floor(end[seen]) - np.floor(start[seen]), 30 - np.floor(start[seen])


def test_truncation_and_both_ends_of_a_growing_outbreak() -> None:
    days, until = growing()
    bounds = np.maximum(days - 1, 0), days + 1
    right = delay_fit(*bounds, until, both_days=True)
    assert right.estimate[2] == pytest.approx(5, rel=0.05)
    without = delay_fit(*bounds, both_days=True)
    assert without.estimate[2] < 4.4, "without truncation it is too short: the check can fail"


def test_delays_that_are_not_over_lengthen_the_rest() -> None:
    days = np.random.default_rng(9).gamma(2.5, 2.0, 800)
    upper = np.where(days > 6, np.inf, np.floor(days) + 1)
    found = delay_fit(np.where(days > 6, 6, np.floor(days)), upper)
    assert found.estimate[2] == pytest.approx(5, rel=0.08)


def test_units_order_and_copies() -> None:
    days = np.random.default_rng(2).gamma(2.5, 2.0, 60)
    low, high = np.floor(days), np.floor(days) + 1
    for dist in FAMILIES:
        whole = delay_fit(low, high, dist=dist, draws=300)
        assert delay_fit(low[::-1], high[::-1], dist=dist, draws=300).estimate == pytest.approx(whole.estimate, rel=1e-4)
        hours = delay_fit(low * 24, high * 24, dist=dist, draws=300)
        assert hours.estimate[2:] == pytest.approx(whole.estimate[2:] * 24, rel=1e-3)
        copies = delay_fit(np.tile(low, 4), np.tile(high, 4), dist=dist, draws=300)
        assert copies.estimate == pytest.approx(whole.estimate, rel=1e-3)
        assert (copies.high - copies.low)[2] == pytest.approx((whole.high - whole.low)[2] / 2, rel=0.25)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lower": [-1.0]},
        {"upper": [0.5]},
        {"lower": [0.0], "upper": [0.0]},
        {"truncation": 0.5},
        {"dist": "normal"},
        {"lower": [np.nan]},
    ],
)
def test_bounds_that_mean_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(Unusable):
        delay_fit(**{"lower": [1.0], "upper": [2.0], **wrong})  # type: ignore[arg-type]


def test_rows_that_determine_nothing() -> None:
    for low, high in (([1.0], [2.0]), ([3.0] * 9, [3.0] * 9), ([0.0] * 5, [np.inf] * 5)):
        with pytest.raises(NoAnswer):
            delay_fit(low, high)


# --- by command -------------------------------------------------------------------------------------------------------
def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_command_gives_tianjin_s_serial_interval(tmp_path: Path) -> None:
    names, days = tianjin("Tianjin135casesFeb22.csv")
    lines = [f"{n},{date.fromordinal(d).isoformat()}\n" for n, d in zip(names, days, strict=True)]
    done = call("si", "--clusters", put(tmp_path / "c.csv", "cluster,day\n" + "".join(lines)), "--out", tmp_path / "o.csv")
    assert done.exit_code == 0, done.output
    (found,) = rows(tmp_path / "o.csv")
    assert (float(found["mean"]), float(found["sd"]), found["n"], found["method"]) == pytest.approx(
        (4.222015, 0.977583, "46", "clusters"), abs=1e-6
    )
    assert float(found["q025"]) < 4.222 < float(found["q975"])
    numbered = [f"{n},{d - 737_000}\n" for n, d in zip(names, days, strict=True)]
    again = call("si", "--clusters", put(tmp_path / "d.csv", "cluster,day\n" + "".join(numbered[::-1])))
    assert again.stdout == (tmp_path / "o.csv").read_text(encoding="utf-8")


def test_pairs_by_command(tmp_path: Path) -> None:
    path = put(tmp_path / "p.csv", "infector_day,infectee_day\n1,3\n1,5\n1,7\n1,9\n")
    done = call("si", "--pairs", path, "--lang", "en")
    assert done.stdout.splitlines()[1].startswith("5.0,2.58198")
    assert done.stdout.splitlines()[1].endswith(",4,pairs")
    assert "only 4 intervals" in done.stderr
    one = call("si", "--pairs", put(tmp_path / "q.csv", "infector_day,infectee_day\n1,3\n"))
    assert one.stdout.splitlines()[1] == "2.0,,,,1,pairs"
    for words in ((), ("--pairs", path, "--clusters", path)):
        assert call("si", *words).exit_code == 2


def test_clusters_that_carry_no_answer_end_with_3(tmp_path: Path) -> None:
    done = call("si", "--clusters", put(tmp_path / "c.csv", "cluster,day\na,1\nb,2\n"), "--out", tmp_path / "o.csv", "--lang", "en")
    assert (done.exit_code, (tmp_path / "o.csv").exists()) == (3, False)
    assert "carry no serial interval" in done.stderr


def test_delays_by_command(tmp_path: Path) -> None:
    days, until = growing(3000)
    lines = "".join(f"{max(d - 1, 0):g},{d + 1:g},{u:g}\n" for d, u in zip(days, until, strict=True))
    path = put(tmp_path / "t.csv", "lower,upper,truncation\n" + lines)
    for dist in FAMILIES:
        done = call("delays", "--table", path, "--dist", dist, "--both-days", "--out", tmp_path / "o.csv")
        assert done.exit_code == 0, done.output
        found = {r["quantity"]: r for r in rows(tmp_path / "o.csv")}
        assert list(found) == [*FAMILIES[dist].names, "mean", "sd", "q05", "q25", "median", "q75", "q95"]
        assert float(found["mean"]["q025"]) < float(found["mean"]["estimate"]) < float(found["mean"]["q975"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lower,upper\n2,1\n", 'row 2, column upper: "1" should be a number no less than lower (2)'),
        ("lower,upper\n0,0\n", "above 0"),
        ("lower,upper,truncation\n2,3,1\n", 'row 2, column truncation: "1" should be a number above lower (2)'),
        ("lower,upper\n-2,1\n", "row 2, column lower"),
    ],
)
def test_a_table_that_means_nothing(text: str, told: str, tmp_path: Path) -> None:
    done = call("delays", "--table", put(tmp_path / "t.csv", text), "--lang", "en")
    assert done.exit_code == 2
    assert told in done.stderr
