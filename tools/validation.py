"""Draws what assessment gives beside what published code gave: ``uv run python -m tools.validation``. Needs the published data; decides nothing.

Every picture of ``docs/reference/validation.md`` is a function in PICTURES, drawn from the same numbers that the tests compare. ``--check`` changes
nothing and fails when a picture is out of date. A method is added by adding a function here and a section there.
"""

import csv
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.assessment.reported import interval_score, outbreak, plain
from tools.drawing import Chart

from bulou.assessment.chains import DRAWN, Model, reconstruct
from bulou.assessment.clearing import p_no_more_cases, p_undetected
from bulou.assessment.contain import p_controlled
from bulou.assessment.delays import FAMILIES, delay_fit, serial_interval_clusters
from bulou.assessment.nowcasting import nowcast
from bulou.assessment.pools import tests_per_person
from bulou.assessment.prevented import Population, prevented, symptom_hazard
from bulou.assessment.reproduction import rt_cohort, rt_cori
from bulou.assessment.sites import place_sites, straight

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("BULOU_DATA", ROOT.parent / "shared" / "data")) / "reference"
OUT = ROOT / "docs" / "images" / "validation"
Floats = NDArray[np.float64]


def columns(name: str, *wanted: str) -> list[Floats]:
    """Columns of a reference file; NA is nan."""
    with (DATA / name).open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    return [np.array([float(r[w]) if r[w] not in ("NA", "") else np.nan for r in rows]) for w in wanted]


def _cases(name: str) -> tuple[Floats, Floats]:
    return columns(f"epiestim_{name}_incidence.csv", "I")[0], columns(f"epiestim_{name}_si_distr.csv", "w")[0]


def _rt(name: str, title: str, top: float) -> Chart:
    found = rt_cori(*_cases(name))
    end, mean, low, high = columns(f"epiestim_{name}_R_weekly_nonparamSI.csv", "t_end", "Mean(R)", "Quantile.0.025(R)", "Quantile.0.975(R)")
    chart = Chart(title, (0, float(end[-1]) + 1), (0, top), "last day of the week")
    chart.band(found.t_end, found.quantiles[:, 0], found.quantiles[:, 4], "95 %")
    chart.line(found.t_end, found.mean, "bulou")
    chart.dots(end, mean, "EpiEstim, mean")
    chart.line(end, low, "EpiEstim, 95 %", "other")
    chart.line(end, high, "", "other")
    chart.line([0, float(end[-1]) + 1], [1, 1], "", "a")
    return chart


def rt_flu() -> Chart:
    return _rt("Flu1918", "Influenza, Baltimore 1918: reproduction number by week", 3)


def rt_measles() -> Chart:
    return _rt("Measles1861", "Measles, Hagelloch 1861: reproduction number by week", 25)


def cohort() -> Chart:
    found = rt_cohort(*_cases("Flu2009"))
    end, mean = columns("wallinga_teunis_Flu2009_weekly_nsim0.csv", "t_end", "Mean(R)")
    chart = Chart("School influenza 2009: case reproduction number by week", (0, float(end[-1]) + 1), (0, 2), "last day of the week")
    chart.line(found.t_end, found.mean, "bulou")
    chart.dots(end, mean, "EpiEstim, wallinga_teunis")
    return chart


def nowcast_germany() -> Chart:
    with (DATA / "nowcast_germany_triangle_2021-08-01.csv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.reader(f))[1:]
    counts = np.array([[float(c) if c != "NA" else np.nan for c in row[1:]] for row in rows])
    found = nowcast(counts, date.fromisoformat(rows[0][0]).weekday(), draws=4000)
    (final,) = columns("nowcast_germany_point_nowcast.csv", "final40")
    low, high = columns("nowcast_germany_baselinenowcast_quantiles.csv", "2.5%", "97.5%")
    days = np.arange(-20, 1)
    labels = {float(d): rows[int(d) - 1][0][5:] for d in range(-20, 1, 5)}
    chart = Chart("Hospital admissions, Germany, as seen on 1 August 2021", (-20.6, 0.6), (0, 220), "day of report to the office", labels)
    last = slice(-21, None)
    chart.bars(days, found.observed[last], 0.7, "reported by then")
    chart.band(days, found.quantiles[last, 0], found.quantiles[last, 4], "95 %")
    chart.band(days, found.quantiles[last, 1], found.quantiles[last, 3], "50 %", "band2")
    chart.line(days, low[last], "baselinenowcast, 95 %", "other")
    chart.line(days, high[last], "", "other")
    chart.crosses(days, final[last], "40 days later")
    return chart


def nowcast_coverage() -> Chart:
    """Made-up outbreaks: how often the 95 % interval holds the truth, by how many days ago, ours and the plain chain ladder's."""
    inside: list[Floats] = []
    base: list[Floats] = []
    scores: list[tuple[float, float]] = []
    for seed in range(40):
        made = outbreak(seed)
        truth, q, other = made.final[-14:], nowcast(made.seen, 0, draws=600).quantiles[-14:], plain(made.seen)[-14:]
        inside.append(((q[:, 0] <= truth) & (truth <= q[:, 4])).astype(float))
        base.append(((other[:, 0] <= truth) & (truth <= other[:, 1])).astype(float))
        scores.append(
            (float(interval_score(q[:, 0], q[:, 4], truth).mean()), float(interval_score(other[:, 0], other[:, 1], truth).mean()))
        )
    ours, theirs = np.mean(scores, axis=0)
    title = f"40 made-up outbreaks: share inside the 95 % interval (interval score {ours:.0f}, plain {theirs:.0f})"
    chart = Chart(title, (-13.5, 0.5), (0, 1), "days before now")
    days = np.arange(-13, 1)
    chart.line([-13.5, 0.5], [0.95, 0.95], "0.95", "a")
    chart.line(days, np.mean(inside, axis=0), "bulou")
    chart.line(days, np.mean(base, axis=0), "plain chain ladder", "other")
    return chart


def serial_interval() -> Chart:
    with (DATA / "tianjin_SI_vink_icc.csv").open(encoding="utf-8", newline="") as f:
        row = next(r for r in csv.DictReader(f) if r["K"] == "4")
    days = np.array([float(x) for x in row["icc"].split()])
    found = serial_interval_clusters(days)
    values, times = np.unique(days, return_counts=True)
    x = np.linspace(0, 19, 191)
    routes = [2 * _normal(x, 0, np.sqrt(2) * found.sigma)]
    routes += [_normal(x, s * k * found.mu, np.sqrt(k) * found.sigma) for k in (1, 2, 3) for s in (1, -1)]
    title = f"Tianjin 2020, days after a cluster's first onset; interval {found.mu:.3f} (theirs {float(row['mu']):.3f})"
    chart = Chart(title, (-0.6, 19), (0, float(times.max()) + 2), "days")
    chart.bars(values, times, 0.8, "cases")
    chart.line(x, len(days) * sum(w * r for w, r in zip(found.weights, routes, strict=True)), "mixture of routes")
    chart.line(x, len(days) * found.weights[1] * routes[1], "one generation", "other")
    return chart


def _normal(x: Floats, mean: float, sd: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi)))


def delays() -> Chart:
    """An outbreak that grows by a tenth a day, looked at on day 30: the delay with and without saying what could not be seen yet."""
    source = np.random.default_rng(6)
    start = 30 + np.log(source.uniform(size=6000)) / 0.1
    end = start + source.gamma(2.5, 2.0, 6000)
    seen = (end < 30) & (start > 0)
    days, until = np.floor(end[seen]) - np.floor(start[seen]), 30 - np.floor(start[seen])
    x = np.linspace(0.05, 20, 200)
    chart = Chart("A delay learned while an outbreak grows by a tenth a day (made up)", (0, 20), (0, 0.26), "days")
    density = FAMILIES["gamma"].log_density
    chart.line(x, np.exp(density(x, 2.5, 2.0)), "truth", "truth")
    for cut, name, kind in ((until, "with truncation", "ours"), (np.inf, "without", "other")):
        found = delay_fit(np.maximum(days - 1, 0), days + 1, cut, both_days=True, draws=200)
        chart.line(x, np.exp(density(x, *found.estimate[:2])), name, kind)
    return chart


def over() -> Chart:
    _, w = _cases("Flu2009")
    t, cases, z = columns("parag_elimination_Flu2009.csv", "t", "I", "z")
    found = p_no_more_cases(cases[:31], w, 13, prior_mean=500, prior_sd=50)
    chart = Chart("School influenza 2009: probability that it is over", (30, 45), (0, 1), "day; the last case was on day 31")
    chart.line([30, 45], [0.95, 0.95], "0.95", "a")
    chart.line(np.arange(32, 45), found, "bulou")
    chart.dots(t[31:44], z[31:44], "Parag et al. 2020")
    return chart


def freedom() -> Chart:
    chart = Chart("Freedom from infection after rounds of sensitivity 0.8", (0.5, 7.5), (0.8, 1), "round")
    for brought, kind in (("0", "ours"), ("0.05", "other")):
        told = np.concatenate(columns(f"freedom_epiR_pfree_se0.8_pintro{brought}.csv", *(f"PFree.{i}" for i in range(1, 8))))
        rounds = np.arange(1, 8)
        chart.line(rounds, 1 - p_undetected(np.ones(7), 0.8, 0.5, float(brought)), f"bulou, {brought} brought in per round", kind)
        chart.dots(rounds, told, "epiR" if brought == "0" else "")
    return chart


def prevented_by_delay() -> Chart:
    chart = Chart(
        "Onward transmission prevented, by days from symptoms to isolation",
        (0, 6),
        (0, 100),
        "days; coverage 80 %, everybody with symptoms tested",
    )
    told = columns("kretzschmar2020_fig5_percent_prevented.csv", "isolation_only", "D2_3", "D2_0")
    people = Population(hazard=symptom_hazard(0.0))
    days = np.arange(7)
    for at, (name, coverage, tracing) in enumerate(
        (("isolation alone", 0.0, 0), ("and tracing after 3 days", 0.8, 3), ("and tracing at once", 0.8, 0))
    ):
        chart.line(days, [prevented(int(d), tracing, coverage, 1.0, people).percent for d in days], name, ("other", "truth", "ours")[at])
        chart.dots(days, told[at], "Kretzschmar et al. 2020" if at == 2 else "")
    return chart


def controlled() -> Chart:
    chart = Chart("Outbreaks of 20 cases that are controlled", (0, 100), (0, 1), "% of contacts traced")
    with (DATA.parent / "hellewell2020_ringbp_published" / "published_control_probabilities.csv").open(encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["figure"] == "3A"]
    traced = np.arange(0, 101, 20)
    for r0, kind in ((1.5, "ours"), (2.5, "truth"), (3.5, "other")):
        chart.line(
            traced,
            [p_controlled(r0, traced=t / 100, one_delay_per_generation=True, draws=1000) for t in traced],
            f"R0 {r0}",
            kind,
        )
        chart.dots(traced, [float(r["value"]) / 100 for r in rows if float(r["R0"]) == r0], "Hellewell et al. 2020" if r0 == 1.5 else "")
    return chart


def pools() -> Chart:
    chart = Chart("Tests per person by people in a pool", (1, 40), (0, 1), "people in a pool; perfect test")
    table = columns("pooling_perfect_test_table.csv", "p", "n_opt", "tests_per_person", "E_5", "E_10", "E_20")
    for p, kind in ((0.001, "ours"), (0.01, "truth"), (0.05, "other")):
        chart.line(np.arange(2, 41), [tests_per_person(p, n) for n in range(2, 41)], f"prevalence {p}", kind)
        at = int(np.flatnonzero(np.isclose(table[0], p))[0])
        chart.dots(
            [5, 10, 20, float(table[1][at])],
            [table[3][at], table[4][at], table[5][at], table[2][at]],
            "closed form, optimum" if p == 0.001 else "",
        )
    return chart


def chains() -> Chart:
    """The 30 cases of outbreaker2: the support of the source that is true, by case, ours and its own default run's."""
    name = "outbreaker2_fake_outbreak_{0}.csv"
    sampled, source = columns(name.format("cases"), "sample", "true_ances")
    lines = (DATA / name.format("snpdist")).read_text(encoding="utf-8").split("\n")[1:31]
    snp = np.array([[int(x) for x in line.split(",")[1:]] for line in lines])
    log_w = np.full((5, 22), -np.inf)
    log_w[:, 1:] = [line.split(",") for line in (DATA / name.format("log_w_dens")).read_text(encoding="utf-8").split("\n")[1:] if line]
    f = np.array([0.0, *np.exp([float(x) for x in (DATA / name.format("log_f_dens")).read_text(encoding="utf-8").split()[1:]])])
    w = [0.0, *columns(name.format("w"), "w")[0]]
    pairs = [(int(a) - 1, int(b) - 1) for a, b in zip(*columns(name.format("ctd"), "i", "j"), strict=True)]
    told, (case, theirs) = np.isnan(source), columns(name.format("ancestry_dates_dna"), "id", "support_of_true")
    chart = Chart("30 made-up cases of outbreaker2: support of the true source", (1, 31), (0, 1), "case")
    chart.line([1, 31], [DRAWN, DRAWN], "0.5", "a")
    linked = np.flatnonzero(~told)
    for contacts, words in ((None, "bulou, days and sequences"), (pairs, "and contacts")):
        found = reconstruct(
            sampled.astype(int).tolist(), w, (f / f.sum()).tolist(), contacts, snp, told.tolist(), model=Model(sites=10_000), log_w=log_w
        )
        support = found.support[linked, source[linked].astype(int) - 1]
        if contacts is None:
            chart.dots(linked + 1, support, words, "ours")
        else:
            chart.crosses(linked + 1, support, words)
    chart.dots(case, theirs, "outbreaker2, not converged")
    return chart


def sites() -> Chart:
    """A made-up district on a map: blocks, each with a line to its sampling site; no other choice of sites walks less, as the bound proves."""
    source = np.random.default_rng(12)
    blocks, places = source.uniform((0, 0), (3000, 1000), (120, 2)), source.uniform((0, 0), (3000, 1000), (40, 2))
    people = source.integers(20, 400, 120).astype(float)
    found = place_sites(straight(blocks, places), people, n=8)
    mean, least = found.objective / people.sum(), found.bound / people.sum()
    title = f"120 blocks, 8 of 40 places: {mean:.1f} m to walk on average; proved least {least:.1f} m (made up)"
    chart = Chart(title, (0, 3000), (0, 1000), "metres")
    for (x, y), site in zip(blocks.tolist(), found.site.tolist(), strict=True):
        chart.line([x, places[site, 0]], [y, places[site, 1]], "", "a")
    chart.dots(blocks[:, 0], blocks[:, 1], "blocks", "ours")
    chart.dots(places[:, 0], places[:, 1], "places that could be used")
    chart.crosses(places[found.opened, 0], places[found.opened, 1], "sites")
    return chart


#: Every picture, by the name of its file.
PICTURES: dict[str, Callable[[], Chart]] = {
    "rt-flu": rt_flu, "rt-measles": rt_measles, "cohort": cohort, "nowcast-germany": nowcast_germany, "nowcast-coverage": nowcast_coverage,
    "serial-interval": serial_interval, "delays": delays, "over": over, "freedom": freedom, "prevented": prevented_by_delay, "controlled": controlled, "pools": pools,
    "chains": chains, "sites": sites,
}  # fmt: skip


def run(arguments: list[str]) -> int:
    if not DATA.is_dir():
        print(f"the published data is not at hand: {DATA} (set BULOU_DATA)")
        return 2
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = [a for a in arguments if not a.startswith("-")] or list(PICTURES)
    stale = 0
    for name in wanted:
        path, text = OUT / f"{name}.svg", PICTURES[name]().svg()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale += 1
            print(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
