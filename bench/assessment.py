"""What the methods of `bulou.assessment` take beside plain numpy versions of the same formulas, and beside published R timings. Asserts nothing.

Both sides are asked the same and must answer the same. Timings of R are those of the published packages on another machine, for their order of
magnitude only. Each part is a function in PARTS: a method is added by adding one.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import ground
import numpy as np
from scipy.special import gammaincinv

from bulou.assessment.chains import Model, convolved, log_likelihood, reconstruct
from bulou.assessment.contain import contain, p_controlled
from bulou.assessment.nowcasting import chain_ladder, nowcast, point_nowcast
from bulou.assessment.refusing import NoAnswer
from bulou.assessment.reproduction import QUANTILES, discrete_serial_interval, rt_cohort, rt_cori
from bulou.assessment.scenario import Scenario, Value

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.assessment.outbreaks import F as CHAIN_F
from tests.assessment.outbreaks import Outbreak, outbreak
from tests.assessment.outbreaks import W as CHAIN_W

W = discrete_serial_interval(4.7, 2.9)
#: EpiEstim 2.2-4 under R 4.2.2: one series of 92 days (WT with 100 simulations), milliseconds.
R_CORI, R_COHORT = 14.9, 563.0


class Tree(NamedTuple):
    """Who infected whom, by which day and over how many generations; mu, pi, eps, lambda; who met whom."""

    day: np.ndarray
    ancestor: np.ndarray
    kappa: np.ndarray
    par: tuple[float, float, float, float]
    met: np.ndarray


def series(areas: int, days: int) -> np.ndarray:
    """Made-up cases of many areas."""
    source = np.random.default_rng(8)
    level = np.exp(np.cumsum(source.normal(0, 0.1, (areas, days)), axis=1)) * source.gamma(2, 4, (areas, 1))
    return source.poisson(np.minimum(level, 500)).astype(float)


def plain_cori(cases: np.ndarray) -> np.ndarray:
    """One series, window by window, as one writes it down: mean and quantiles."""
    days = len(cases)
    past = np.convolve(cases, W)[:days]
    past[0] = 0
    found = []
    for start in range(1, days - 6):
        shape, scale = 1 + cases[start : start + 7].sum(), 1 / (1 / 5 + past[start : start + 7].sum())
        undefined = start + 7 <= (W * np.arange(len(W))).sum()
        found.append([np.nan] * 6 if undefined else [shape * scale, *(gammaincinv(shape, q) * scale for q in QUANTILES)])
    return np.array(found)


def plain_cohort(cases: np.ndarray) -> np.ndarray:
    """One series, every pair of days: the case reproduction number of each week."""
    days = len(cases)
    by_day = np.zeros(days)
    for t in range(days):
        for later in range(t + 1, min(t + len(W), days)):
            past = sum(W[later - s] * cases[s] for s in range(max(0, later - len(W) + 1), later))
            if past > 0:
                by_day[t] += cases[later] * W[later - t] / past
    sums = [(cases[s : s + 7], by_day[s : s + 7]) for s in range(1, days - 6)]
    return np.array([(n * r).sum() / n.sum() if n.sum() else np.nan for n, r in sums])


def plain_ladder(table: np.ndarray) -> np.ndarray:
    """The point nowcast, cell by cell."""
    days, delays = table.shape
    filled = table.copy()
    for d in range(1, delays):
        top = sum(filled[t, :d].sum() for t in range(days - d))
        factor = sum(filled[t, d] for t in range(days - d)) / max(top, 1)
        for t in range(days - d, days):
            filled[t, d] = factor * filled[t, :d].sum()
    p = filled.sum(axis=0) / filled.sum()
    below = np.cumsum(p)
    filled = table.copy()
    for t in range(days):
        for d in range(1, delays):
            if t + d >= days:
                filled[t, d] = (filled[t, :d].sum() + 1 - below[d - 1]) / below[d - 1] * p[d]
    return filled.sum(axis=1)


def triangle(days: int, delays: int) -> np.ndarray:
    source = np.random.default_rng(9)
    p = source.dirichlet(np.full(delays, 2.0) * 0.8 ** np.arange(delays))
    table = source.poisson(60 * p, (days, delays)).astype(float)
    table[np.arange(days)[:, None] + np.arange(delays)[None, :] >= days] = np.nan
    return table


def beside(table: ground.Table, what: str, rounds: int, ours: Callable[[], np.ndarray], plain: Callable[[], np.ndarray], r: str, target: str) -> None:  # fmt: skip
    """One line: both sides by turns, medians, whether they say the same."""
    first, found = ground.timed(ours)
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    theirs = np.zeros(0)
    for _ in range(rounds):
        began = time.process_time()
        times[0].append(ground.timed(ours)[0])
        times[2].append(time.process_time() - began)
        seconds, theirs = ground.timed(plain)
        times[1].append(seconds)
    mine, other, own = map(ground.median, times)
    same = table.same(bool(np.allclose(found, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)))
    told = f"{mine * 1000:.2f} ms, own time {own * 1000:.2f} ({first * 1000:.1f})"
    table.line(what, told, f"{other * 1000:.1f} ms", f"{other / mine:.0f}×", r, target, same)


def rt(table: ground.Table, small: bool, rounds: int) -> None:
    one = series(1, 92)[0]

    def asked(cases: np.ndarray) -> np.ndarray:
        found = rt_cori(cases, W)
        return np.concatenate([found.mean[..., None], found.quantiles], axis=-1)

    beside(table, "rt, one series of 92 days", rounds, lambda: asked(one), lambda: plain_cori(one), f"{R_CORI:.1f} ms", "0.31 ms")
    areas, days = (20, 60) if small else (1000, 365)
    many = series(areas, days)
    beside(
        table, f"rt, {areas:,} areas × {days} days", rounds, lambda: asked(many), lambda: np.array([plain_cori(c) for c in many]),
        f"{R_CORI * areas * days / 92 / 1000:.0f} s", "< 150 ms",
    )  # fmt: skip


def cohort(table: ground.Table, small: bool, rounds: int) -> None:
    one = series(1, 30 if small else 92)[0]
    beside(
        table, f"cohort, one series of {len(one)} days", rounds, lambda: rt_cohort(one, W).mean, lambda: plain_cohort(one),
        f"{R_COHORT:.0f} ms", "0.25 ms",
    )  # fmt: skip


def nowcasts(table: ground.Table, small: bool, rounds: int) -> None:
    made = triangle(40 if small else 90, 15 if small else 41)
    whole = np.nan_to_num(made)
    beside(
        table, f"nowcast, point, {made.shape[0]} days × {made.shape[1] - 1}", rounds, lambda: point_nowcast(made, chain_ladder(made)),
        lambda: plain_ladder(whole), "—", "< 5 ms",
    )  # fmt: skip
    times = [ground.timed(lambda: nowcast(made, 0, draws=1000))[0] for _ in range(rounds)]
    table.line(
        "nowcast with weekdays, curve and 1,000 draws",
        f"{ground.median(times) * 1000:.0f} ms",
        "none: no plain version",
        "—",
        "—",
        "< 100 ms",
        "—",
    )


def plain_controlled(runs: int, initial: int, r: float, k: float, traced: float, cap: int, seed: int = 1) -> float:
    """Hellewell's branching process by generations of arrays, one delay per case: the share controlled."""
    source = np.random.default_rng(seed)
    tilt = 1.95 / np.sqrt(1 + 1.95**2)
    good = 0
    for _ in range(runs):
        onset = 6.492272 * source.weibull(2.322737, initial)
        isolated = onset + 4.287786 * source.weibull(1.651524, initial)
        weeks = [onset]
        total = initial
        while len(onset) and total < cap and onset.max() < 365:
            parent = np.repeat(np.arange(len(onset)), source.negative_binomial(k, k / (k + r), len(onset)))
            skew = tilt * np.abs(source.normal(size=len(parent))) + np.sqrt(1 - tilt**2) * source.normal(size=len(parent))
            met = np.maximum(1, onset[parent] + 2 * skew)
            ill = met + 6.492272 * source.weibull(2.322737, len(parent))
            late = ill + 4.287786 * source.weibull(1.651524, len(parent))
            found = source.random(len(parent)) < traced
            out = np.where(found, np.minimum(late, np.maximum(ill, isolated[parent])), late)
            kept = met < isolated[parent]
            onset, isolated = ill[kept], out[kept]
            weeks.append(onset)
            total += len(onset)
        all_ = np.concatenate(weeks)
        good += total < cap and not ((all_ >= 84) & (all_ < 119)).any()
    return good / runs


def contains(table: ground.Table, small: bool, rounds: int) -> None:
    runs = 100 if small else 1000
    for traced, target in ((0.0, "7,752 runs/s"), (0.4, "6,787 runs/s"), (0.8, "104,826 runs/s")):
        mine, theirs = [], []
        first, ours = ground.timed(lambda traced=traced: p_controlled(2.5, initial=5, traced=traced, draws=runs))
        plain = 0.0
        for _ in range(rounds):
            mine.append(ground.timed(lambda traced=traced: p_controlled(2.5, initial=5, traced=traced, draws=runs))[0])
            seconds, plain = ground.timed(lambda traced=traced: plain_controlled(runs, 5, 2.5, 0.16, traced, 5000))
            theirs.append(seconds)
        a, b = ground.median(mine), ground.median(theirs)
        same = table.same(abs(ours - plain) < 4 * np.sqrt(0.5 / runs))
        table.line(f"contain (Hellewell), {runs:,} runs, {traced:.0%} traced", f"{a * 1000:.0f} ms, {runs / a:,.0f} runs/s ({first * 1000:.0f})",
                   f"{b * 1000:.0f} ms", f"{b / a:.0f}×", "50 to 150 s" if runs == 1000 else "—", target, same)  # fmt: skip
    draws = 200 if small else 2000
    for name, scenario in (
        ("that dies out", Scenario(Value(2.5), ages=(0.0,) * 5, draws=draws, hands=5.0, every=3.0, coverage=0.8)),
        ("of which four in five reach the cap of 5,000", Scenario(
            Value(2.5, 2, 3), ages=(0.0,) * 20, draws=draws, hands=5.0, every=7.0, coverage=0.3, traced=Value(0.4))),
    ):  # fmt: skip

        def ours(scenario=scenario):  # type: ignore[no-untyped-def]
            began = time.process_time()
            contain(scenario)
            return time.process_time() - began

        first, _ = ground.timed(ours)
        both = [ground.timed(ours) for _ in range(rounds)]
        own, times = ground.median([own for _, own in both]), [t for t, _ in both]
        table.line(f"contain with queue and rounds, {draws:,} draws, 70 days, an outbreak {name}",
                   f"{ground.median(times) * 1000:.0f} ms, own time {own * 1000:.0f} ({first * 1000:.0f})", "none: no plain version", "—", "—", "< 1 s", "—")  # fmt: skip


def plain_chain(made: Outbreak, told: list[bool], contacts: bool, sweeps: int, sites: int = 10_000, kmax: int = 5, seed: int = 1) -> Tree:
    """One tree at one temperature as one writes it down: day, ancestor and generations of a case are drawn together from the table of all of
    them, case by case; the parameters by a random walk. No exchange with ancestors."""
    source = np.random.default_rng(seed)
    n, dates = len(made.sampled), np.array(made.sampled)
    f, w = np.array(CHAIN_F), np.zeros((kmax, (len(CHAIN_W) - 1) * kmax + 1))
    w[0, : len(CHAIN_W)] = CHAIN_W
    for q in range(1, kmax):
        longer = np.convolve(w[q - 1], CHAIN_W)[: w.shape[1]]
        w[q, : len(longer)] = longer
    met = np.zeros((n, n), bool)
    if contacts:
        for a, b in made.contacts:
            met[a, b] = met[b, a] = True
    mu, pi, eps, lam = 1e-4, 0.9, 0.5, 0.1
    day, kappa = dates - int(f.argmax()), np.ones(n, np.int64)
    ancestor = np.array([-1 if told[i] else 0 for i in range(n)])
    for i in range(n):
        if not told[i]:  # whoever is most likely one generation before
            gap = day[i] - day
            ancestor[i] = int(np.where((gap > 0) & (gap < len(CHAIN_W)), np.take(CHAIN_W, np.clip(gap, 0, len(CHAIN_W) - 1)), 0.0).argmax())
            day[i] = max(day[i], day[ancestor[i]] + 1)
    lags, k = np.flatnonzero(f), np.arange(1, kmax + 1)

    def state() -> Tree:
        return Tree(day.copy(), ancestor.copy(), kappa.copy(), (mu, pi, eps, lam), met)

    for _ in range(sweeps):
        for i in range(n):
            days = dates[i] - lags
            p = f[lags].copy()
            for c in np.flatnonzero(ancestor == i):
                gap = day[c] - days
                p *= np.where((gap > 0) & (gap < w.shape[1]), w[kappa[c] - 1, np.clip(gap, 0, w.shape[1] - 1)], 0.0)
            if told[i]:
                if p.sum() > 0:
                    day[i] = source.choice(days, p=p / p.sum())
                continue
            g = (
                np.log(pi)
                + (k - 1) * np.log(1 - pi)
                + made.snp[i][:, None] * np.log(k * mu)
                + (sites - made.snp[i])[:, None] * np.log(1 - k * mu)
            )
            if contacts:
                g[:, 0] += np.where(met[i], -np.log(lam), np.log(1 - eps) - np.log(1 - eps * lam))
            g[i] = -np.inf
            gap = days[:, None] - day[None, :]
            table = np.where((gap > 0) & (gap < w.shape[1]), w[:, np.clip(gap, 0, w.shape[1] - 1)], 0.0)  # generations, days, ancestors
            mass = (table * np.exp(g - g.max()).T[:, None, :] * p[:, None]).ravel()
            if mass.sum() > 0:
                q, at, ancestor[i] = np.unravel_index(np.searchsorted(np.cumsum(mass), source.random() * mass.sum()), table.shape)
                day[i], kappa[i] = days[at], q + 1
        for what in range(4 if contacts else 2):
            was, before = (mu, pi, eps, lam), plain_likelihood(made, state(), contacts, sites)
            step = source.normal(0, 0.3)
            if what == 0:
                mu = mu * np.exp(step)
                prior = step - (mu - was[0])
            else:
                x = was[what]
                y = 1 / (1 + np.exp(-(np.log(x / (1 - x)) + step)))
                prior = np.log(y * (1 - y)) - np.log(x * (1 - x)) + (9 * np.log(y / x) if what == 1 else 0.0)
                mu, pi, eps, lam = (y if at == what else old for at, old in enumerate(was))
            if np.log(source.random()) >= plain_likelihood(made, state(), contacts, sites) - before + prior:
                mu, pi, eps, lam = was
    return state()


def plain_likelihood(made: Outbreak, tree: Tree, contacts: bool, sites: int, kmax: int = 5) -> float:
    """The log-likelihood of a tree, written down from Campbell et al. 2018 and 2019."""
    mu, pi, eps, lam = tree.par
    linked = np.flatnonzero(tree.ancestor >= 0)
    a, k = tree.ancestor[linked], tree.kappa[linked]
    rows = [np.array(CHAIN_W)]
    for _ in range(kmax - 1):
        rows.append(np.convolve(rows[-1], CHAIN_W))
    gap = tree.day[linked] - tree.day[a]
    out = float(np.log(np.array(CHAIN_F)[np.array(made.sampled) - tree.day]).sum())
    out += float(np.log([rows[q - 1][x] for q, x in zip(k, gap, strict=True)]).sum())
    out += float((np.log(pi) + (k - 1) * np.log(1 - pi)).sum())
    differ = made.snp[linked, a]
    out += float((differ * np.log(k * mu) + (sites - differ) * np.log(1 - k * mu)).sum())
    if contacts:
        direct = np.zeros_like(tree.met)
        direct[linked[k == 1], a[k == 1]] = True
        direct |= direct.T
        p = np.where(tree.met, np.where(direct, eps, eps * lam), np.where(direct, 1 - eps, 1 - eps * lam))
        out += float(np.log(p[np.triu_indices(len(p), 1)]).sum())
    return out


def chain_links(table: ground.Table, small: bool, rounds: int) -> None:
    for n in (10,) if small else (30, 100):
        made = outbreak(n, 1)
        model = Model(sites=10_000, sweeps=200 if small else 2000, attempts=1)
        told = [s < 0 for s in made.source]

        def ours(made=made, model=model, told=told):  # type: ignore[no-untyped-def]
            began = time.process_time()
            with suppress(NoAnswer):
                reconstruct(made.sampled, CHAIN_W, CHAIN_F, made.contacts, made.snp, told, model=model)
            return time.process_time() - began

        first, _ = ground.timed(ours)
        found = [ground.timed(ours) for _ in range(rounds)]
        table.line(f"chains, {n} cases, two starts of {model.sweeps:,} sweeps × {model.temperatures}",
                   f"{ground.median([t for t, _ in found]):.2f} s, own time {ground.median([own for _, own in found]):.2f} s ({first:.1f} s)", "see the next line", "—",
                   "35 s (30 cases, one chain, not converged)" if n == 30 else "—", "2.2 s a chain" if n == 30 else "< 5 s", "—")  # fmt: skip
        sweeps = 5 if small else 20
        plain = []
        for seed in range(rounds):
            began = time.process_time()
            tree = plain_chain(made, told, True, sweeps, seed=seed)
            plain.append((time.process_time() - began) / sweeps)
        mu, pi, eps, lam = tree.par
        log_f = np.log(np.where(np.array(CHAIN_F) > 0, CHAIN_F, 1e-300))
        mine = log_likelihood(tree.day, tree.ancestor, tree.kappa, np.array(made.sampled), convolved(np.array(CHAIN_W), 5), log_f, made.snp,
                              tree.met, mu, pi, eps, lam, sites=10_000)  # fmt: skip
        same = table.same(bool(np.isclose(mine, plain_likelihood(made, tree, True, 10_000), rtol=0, atol=1e-8)))
        each = ground.median([own for _, own in found]) / (2 * model.sweeps * model.temperatures)
        other = ground.median(plain)
        table.line(f"chains, {n} cases, one sweep of one tree (own time; log-likelihood of the same tree)", f"{each * 1e6:.0f} µs", f"{other * 1e3:.1f} ms",
                   f"{other / each:.0f}×", "—", "—", same)  # fmt: skip


#: Every part, by its name; each adds lines to the table.
PARTS: dict[str, Callable[[ground.Table, bool, int], None]] = {
    "rt": rt, "cohort": cohort, "nowcast": nowcasts, "contain": contains, "chains": chain_links,
}  # fmt: skip


def main() -> int:
    args = ground.arguments(__doc__ or "", databases=False)
    heads = ("what", "bulou (first call)", "plain numpy", "ratio", "published R", "target", "check")
    table = ground.Table(f"assessment: {ground.machine()}; medians of {args.rounds} interleaved rounds", heads)
    for part in PARTS.values():
        part(table, args.small, args.rounds)
    table.show()
    return 1 if table.failed else 0


if __name__ == "__main__":
    with ground.cleaned():
        sys.exit(main())
