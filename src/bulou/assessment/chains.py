"""Who infected whom, with probabilities: from days, contacts and sequences. Names nobody a source; refuses when two starts disagree.

Jombart T et al. PLoS Comput Biol 2014;10:e1003457; Campbell F et al. BMC Bioinformatics 2018;19:363 and PLoS Comput Biol 2019;15:e1006930
(the likelihood). The sampler is our own: days, ancestors and generations are redrawn jointly and tempered in parallel, because the
posterior has many peaks and single chains stay in one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from bulou.assessment.abreast import abreast
from bulou.assessment.chainmoves import EPS, LAMBDA, MU, PI, kinds, sample, total
from bulou.assessment.refusing import Left, NoAnswer, Unusable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Length of a SARS-CoV-2 genome, the default number of sites.
GENOME = 29_903
#: A link may differ by this much between starts, if it is shown at all.
AGREE = 0.1
#: Support above which a link is drawn, and above which a person may be named as a source.
DRAWN, NAMED = 0.5, 0.9
#: States of each start that are kept whole.
DRAWS = 500
#: Links that have this support in some start are compared between starts; weaker ones mislead nobody.
SHOWN = 0.1


@dataclass(frozen=True)
class Model:
    """What is assumed. Defaults are printed with every answer."""

    #: Most generations between a case and its nearest sampled ancestor.
    generations: int = 5
    #: Prior chance that a case was infected from outside the listed cases.
    p_outside: float = 0.05
    sites: int = GENOME
    sweeps: int = 2000
    temperatures: int = 8
    #: The power of the hottest temperature; None spaces them so that neighbours exchange states (2 / sqrt(cases) apart in the logarithm).
    hottest: float | None = None
    seeds: int = 2
    seed: int = 1
    #: Where starts disagree all are run anew, twice as long each time, at most so often altogether.
    attempts: int = 3
    #: Convolve w as the published code does, which credits k generations with k - 1 days too few; only for reproducing it.
    legacy_convolution: bool = False


class States(NamedTuple):
    """Trees as they were drawn, evenly apart, those of the first start first."""

    #: (draw, case): day of infection; ancestor, -1 for a source outside; generations between them, 1 for a source outside.
    day: Ints
    ancestor: Ints
    kappa: Ints
    #: (draw, parameter): mutations per site and generation, share sampled, share of links with a contact, of other pairs relative to it.
    parameters: Floats


@dataclass(frozen=True)
class Reconstruction:
    """Support of each link, averaged over the starts. Rows are cases in the order given."""

    #: (case, ancestor); the last column is a source that is not among the cases. Each row sums to 1.
    support: Floats
    #: Mean generations of each link where it occurs, 0 where it never does; the last column is 0.
    generations: Floats
    mutation_rate: float
    sampled_share: float
    contact_share: float
    contact_noise: float
    #: Mean log-likelihood, the largest difference of a shown link between starts, the potential scale reduction of the log-likelihood,
    #: and how often neighbouring temperatures exchanged states.
    log_likelihood: float
    disagreement: float
    rhat: float
    exchanged: float
    #: Some of the draws, for what is asked of them (`asking`).
    states: States | None = None

    def best(self) -> list[tuple[int | None, float]]:
        """For each case the ancestor with most support (None: outside the cases) and its support."""
        n = len(self.support)
        return [(None if j == n else int(j), float(row[j])) for row, j in zip(self.support, self.support.argmax(axis=1), strict=True)]

    def one_introduction(self) -> float:
        """Expected number of sources outside the cases."""
        return float(self.support[:, -1].sum())


def convolved(w: Floats, generations: int, legacy: bool = False) -> Floats:
    """log w for 1 to ``generations`` generations by days 0, 1, …: (generations, days); -inf where impossible."""
    rows = [w]
    for _ in range(generations - 1):
        longer = np.convolve(rows[-1], w)
        rows.append(longer[1:] if legacy else longer)
    out = np.zeros((generations, max(map(len, rows))))
    for row, each in zip(out, rows, strict=True):
        row[: len(each)] = each
    out[:, 0] = 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(out))


def log_likelihood(
    day: Ints,
    ancestor: Ints,
    kappa: Ints,
    sampled: Ints,
    log_w: Floats,
    log_f: Floats,
    snp: Ints | None,
    contacts: NDArray[np.bool_] | None,
    mu: float = 1e-4,
    pi: float = 0.9,
    eps: float = 0.8,
    lam: float = 0.1,
    sites: int = GENOME,
) -> float:
    """The log-likelihood of one tree: genetic, infection times, sampling, reporting, contacts. -1 as ancestor means from outside, at no cost.

    Units: whole days, log of probability. Shapes: day, ancestor, kappa, sampled (n); ``log_w[k - 1, lag]``; ``log_f[lag]``; ``snp`` and
    ``contacts`` (n, n) or None. Errors: none; an impossible tree has -inf. Paper: Campbell et al. 2018, 2019.
    """
    n = len(day)
    contact = np.zeros((n, n), np.bool_) if contacts is None else contacts
    distances = np.full((n, n), -1, np.int64) if snp is None else snp
    par = np.array((mu, pi, eps, lam))
    return float(
        total(day, ancestor, kappa, par, log_w, log_f, sampled, distances, np.zeros(n), contact, 0 if snp is None else sites,
              contacts is not None, n * (n - 1) / 2, contact.sum() / 2, np.zeros(n))
    )  # fmt: skip


def reconstruct(
    sampled: Sequence[int],
    w: Sequence[float],
    f: Sequence[float],
    contacts: Sequence[tuple[int, int]] | None = None,
    snp: Ints | None = None,
    imported: Sequence[bool] | None = None,
    exposed: Sequence[tuple[int | None, int | None]] | None = None,
    model: Model | None = None,
    log_w: Floats | None = None,
    told: Callable[[int, float], bool] | None = None,
) -> Reconstruction:
    """The posterior support of who infected whom.

    ``sampled``: day of each case (whole days: of sample or of onset); ``w[k]`` the chance that a generation takes k days and ``f[k]`` that a
    case is sampled k days after infection (both from k = 0, sum 1; w[0] is 0); ``contacts`` pairs of indices; ``snp`` whole distances
    (n, n), -1 where a case has no sequence; ``imported`` which cases came from outside, if that is known, else every case may;
    ``exposed`` first and last possible day of infection. ``log_w`` (generations, days) replaces the convolution of ``w``.

    Starts: the first is led by sequences and days, the second by contacts, further ones by chance. Where they differ, all are run anew, each
    time twice as long; if a link with support of 0.1 or more in some start still differs by more than 0.1, there is no result.

    ``told`` hears twice a second which attempt it is (from 0) and the share of it that is done, and says whether anybody still waits.

    Units: days; differences between sequences; probabilities. Shapes: sampled (n), w and f by day, snp (n, n), support (n, n + 1).
    Errors: NoAnswer when the starts disagree; Unusable for input that means nothing; Left when nobody waits any more.
    Paper: Jombart et al. 2014, PLoS Comput Biol 10:e1003457; Campbell et al. 2018, BMC Bioinformatics 19:363 and 2019, PLoS Comput Biol
    15:e1006930. O(sweeps x temperatures x cases x days of f x candidates x generations).
    """
    model = model or Model()
    dates = np.asarray(sampled, np.int64)
    n = len(dates)
    w_, f_ = _spread("w", w, 1), _spread("f", f, 0)
    if n == 0:
        raise Unusable("没有病例", "there are no cases")
    if model.seeds < 2:
        raise Unusable("起点至少两个", "there are at least two starts")
    with np.errstate(divide="ignore"):
        log_f = np.log(f_)
    tables = convolved(w_, model.generations, model.legacy_convolution) if log_w is None else log_w
    fixed = np.full(n, -1, np.int64) if imported is None else np.asarray(imported, np.int64)
    lags = np.flatnonzero(f_)
    earliest, latest = dates - lags.max(), dates - lags.min()
    if exposed is not None:
        for i, (low, high) in enumerate(exposed):
            earliest[i] = earliest[i] if low is None else max(earliest[i], low)
            latest[i] = latest[i] if high is None else min(latest[i], high)
    if (latest < earliest).any():
        i = int(np.flatnonzero(latest < earliest)[0])
        raise Unusable(f"第 {i + 1} 个病例:暴露的日子与采样日不合", f"case {i + 1}: the days of exposure do not fit the day of the sample")
    contact = np.zeros((n, n), np.bool_)
    for a, b in contacts or ():
        if a != b:
            contact[a, b] = contact[b, a] = True
    distances = np.full((n, n), -1, np.int64) if snp is None else np.asarray(snp, np.int64)
    sites = model.sites if snp is not None and n > 1 and (distances[~np.eye(n, dtype=bool)] >= 0).any() else 0
    if sites and distances.max() >= sites:
        raise Unusable("序列长度小于差异位点数", "the sequence is shorter than the number of differences")
    outside, alien, prior_outside = _outside(distances, sites, earliest, latest, fixed, model)
    candidates = _candidates(distances, sites, earliest, latest, tables, fixed)
    if imported is not None and not fixed.any():
        raise Unusable("至少一例来自外部", "at least one case comes from outside")
    hottest = max(0.05, math.exp(-2 * (model.temperatures - 1) / math.sqrt(max(n, 2)))) if model.hottest is None else model.hottest
    betas = np.geomspace(1.0, hottest, model.temperatures) if model.temperatures > 1 else np.ones(1)
    prior_link = math.log((1 - model.p_outside) / max(n - 1, 1)) if imported is None else 0.0
    par = np.array((_first_rate(distances, sites), 0.9, 0.5, 0.1))
    kind, known = kinds(candidates, distances, outside, contact, sites)
    fs, ws = np.exp(betas[:, None] * log_f), np.exp(betas[:, None, None] * tables)
    sweeps, apart = model.sweeps, math.inf
    for attempt in range(model.attempts):
        burn, beats = sweeps // 4, np.zeros((model.seeds, 2), np.int64)

        def run(start: int, attempt: int = attempt, sweeps: int = sweeps, burn: int = burn, beats: Ints = beats) -> Any:
            rng = np.random.default_rng((model.seed, start, attempt))
            day0, ancestor0, kappa0 = _start(start, rng, dates, f_, tables, earliest, latest, distances, contact, candidates, fixed)
            seed = np.uint64(rng.integers(0, 2**63))
            return sample(seed, dates, log_f, tables, fs, ws, earliest, latest, distances, outside, contact, candidates, kind, known, fixed, alien,
                          prior_outside, prior_link, sites, betas, day0, ancestor0, kappa0, par, sweeps, burn, DRAWS,
                          beats[start])  # fmt: skip

        def heard(attempt: int = attempt, sweeps: int = sweeps, beats: Ints = beats) -> None:
            if told is not None and not told(attempt, float(beats[:, 0].mean()) / sweeps):
                beats[:, 1] = 1

        found = abreast(run, range(model.seeds), heard if told is not None else None)
        if beats[:, 1].any():
            raise Left
        supports = np.stack([s[0] for s in found]) / (sweeps - burn)
        shown = supports.max(axis=0) >= SHOWN
        apart = float((supports.max(axis=0) - supports.min(axis=0))[shown].max(initial=0.0))
        if apart <= AGREE:
            break
        sweeps *= 2
    if apart > AGREE:
        i, j = divmod(int(np.argmax((supports.max(axis=0) - supports.min(axis=0)) * shown)), n + 1)
        least, most = float(supports[:, i, j].min()), float(supports[:, i, j].max())
        who = ("外部来源", "a source outside the cases") if j == n else (f"第 {j + 1} 个病例", f"case {j + 1}")
        raise NoAnswer(
            f"各起点不一致:第 {i + 1} 个病例由{who[0]}感染的支持度在 {least:.2f} 与 {most:.2f} 之间(容许差 {AGREE})。"
            "后验有多个峰,不给结果;可增加迭代(--sweeps)、核对接触或序列",
            f"the starts disagree: support that case {i + 1} was infected by {who[1]} lies between {least:.2f} and {most:.2f} (at most {AGREE} apart "
            "is accepted). The posterior has several peaks, so there is no result; more sweeps (--sweeps) or a look at the contacts or "
            "sequences may help",
        )
    means = np.mean([s[3] for s in found], axis=0) / (sweeps - burn)
    traces = np.stack([s[2][burn:] for s in found])
    return Reconstruction(
        supports.mean(axis=0), _generations(found), float(means[MU]) if sites else math.nan, float(means[PI]),
        float(means[EPS]) if contact.any() else math.nan, float(means[LAMBDA]) if contact.any() else math.nan,
        float(traces.mean()), apart, _rhat(traces), float(np.mean([s[4] for s in found])),
        States(*(np.concatenate([s[at] for s in found]) for at in (5, 6, 7, 8))),
    )  # fmt: skip


def _spread(name: str, values: Sequence[float], first: int) -> Floats:
    out = np.array(values, np.float64)
    if len(out) < 2 or not np.isfinite(out).all() or (out < 0).any() or abs(out.sum() - 1) > 1e-3:
        raise Unusable(f"{name} 应是合计为 1 的概率", f"{name} should be probabilities that sum to 1")
    if first and out[0] > 0:
        raise Unusable(
            f"{name}:0 天的概率应为 0(世代至少一天)", f"{name}: the chance of 0 days should be 0 (a generation takes a day or more)"
        )
    return np.asarray(out / out.sum())


def _pool(distance: Floats, mean: float, sites: int) -> Floats:
    """log P of a sequence from outside that lies ``distance`` from its nearest case: geometric with the mean pairwise distance."""
    q = 1 / (1 + mean)
    ways = gammaln(sites + 1) - gammaln(distance + 1) - gammaln(sites - distance + 1)
    return np.asarray(np.log(q) + distance * np.log1p(-q) - ways)


def _outside(distances: Ints, sites: int, earliest: Ints, latest: Ints, fixed: Ints, model: Model) -> tuple[Floats, Floats, Floats]:
    """The genetic log-likelihood without a relative among the cases, the log-likelihood and the log prior of an outside source."""
    n = len(distances)
    genetic = np.zeros(n)
    if sites:
        off = np.where(np.eye(n, dtype=bool), -1, distances)
        mean = max(1.0, float(off[off >= 0].mean()))
        for i in range(n):
            known = off[i][off[i] >= 0]
            if len(known):
                genetic[i] = _pool(np.array(float(known.min())), mean, sites)
    span = float(latest.max() - earliest.min() + 1)
    open_ = fixed < 0
    return genetic, np.where(open_, genetic - math.log(span), 0.0), np.where(open_, math.log(model.p_outside), 0.0)


def _candidates(distances: Ints, sites: int, earliest: Ints, latest: Ints, tables: Floats, fixed: Ints) -> Ints:
    """For each case those who could have infected it: days that fit, and not more than 15 differences beyond the nearest."""
    n, span = len(earliest), tables.shape[1]
    found: list[list[int]] = []
    for i in range(n):
        mine = []
        if fixed[i] != 1:
            mine = [j for j in range(n) if j != i and latest[i] - earliest[j] >= 1 and earliest[i] - latest[j] < span]
            known = [distances[i, j] for j in mine if distances[i, j] >= 0]
            if sites and known:
                mine = [j for j in mine if distances[i, j] < 0 or distances[i, j] <= min(known) + 15]
        found.append(mine)
    out = np.full((n, max(1, *map(len, found)) if n > 1 else 1), -1, np.int64)
    for row, mine in zip(out, found, strict=True):
        row[: len(mine)] = mine
    return out


def _first_rate(distances: Ints, sites: int) -> float:
    if not sites:
        return 1e-4
    off = np.where(np.eye(len(distances), dtype=bool), -1, distances)
    nearest = [row[row >= 0].min() for row in off if (row >= 0).any()]
    return max(0.1, float(np.mean(nearest))) / sites


def _start(
    start: int, rng: np.random.Generator, dates: Ints, f: Floats, tables: Floats, earliest: Ints, latest: Ints, distances: Ints,
    contact: NDArray[np.bool_], candidates: Ints, fixed: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Days, ancestors and generations to begin with: led by sequences (0), by contacts (1), by chance (2 and more). All are possible."""
    n = len(dates)
    day = np.clip(dates - (int(np.argmax(f)) if start < 2 else rng.choice(len(f), n, p=f)), earliest, latest)
    one_step = int(np.argmax(tables[0]))
    reach = np.isfinite(tables[0])
    ancestor = np.full(n, -1, np.int64)
    open_ = [i for i in range(n) if fixed[i] != 1]
    for i in open_:
        could = [j for j in candidates[i] if j >= 0 and 1 <= day[i] - day[j] < len(reach) and reach[day[i] - day[j]]]
        if not could:
            continue
        order: list[tuple[Any, Any, float]]
        if start == 0:
            order = [(distances[i, j] if distances[i, j] >= 0 else 0, abs(day[i] - day[j] - one_step), rng.random()) for j in could]
        elif start == 1:
            order = [(not contact[i, j], abs(day[i] - day[j] - one_step), rng.random()) for j in could]
        else:
            order = [(0, 0, rng.random()) for _ in could]
        ancestor[i] = could[min(range(len(could)), key=order.__getitem__)]
    kappa = np.ones(n, np.int64)
    if ((ancestor < 0) & (fixed == 0)).any():
        return _rooted(rng, dates, f, tables, earliest, latest, fixed)
    return day, ancestor, kappa


def _rooted(
    rng: np.random.Generator, dates: Ints, f: Floats, tables: Floats, earliest: Ints, latest: Ints, fixed: Ints
) -> tuple[Ints, Ints, Ints]:
    """A possible state when it is known who came from outside: trees grown from those, days as early, as likely or as late as can be."""
    n, (kmax, span) = len(dates), tables.shape
    wished = (earliest, np.clip(dates - int(np.argmax(f)), earliest, latest), latest)
    stuck = 0
    for want in wished:
        day, ancestor, kappa = want.copy(), np.full(n, -1, np.int64), np.ones(n, np.int64)
        placed = [i for i in range(n) if fixed[i] == 1]
        day[placed] = earliest[placed]
        left = [i for i in np.argsort(earliest, kind="stable").tolist() if fixed[i] != 1]
        while left:
            for i in left:
                options = [
                    (abs(at - want[i]), rng.random(), at, j, k)
                    for at in range(earliest[i], latest[i] + 1)
                    for j in placed
                    for k in range(kmax)
                    if 1 <= at - day[j] < span and np.isfinite(tables[k, at - day[j]])
                ]
                if options:
                    _, _, day[i], ancestor[i], k = min(options)
                    kappa[i] = k + 1
                    placed.append(i)
                    left.remove(i)
                    break
            else:
                stuck = left[0]
                break
        if not left:
            return day, ancestor, kappa
    raise Unusable(
        f"第 {stuck + 1} 个病例不是外来的,却没有谁早得能感染它",
        f"case {stuck + 1} is not from outside, and nobody was early enough to have infected it",
    )


def _generations(found: list[Any]) -> Floats:
    """Mean generations of each link over all states of all starts in which it occurs."""
    times, sums = (np.sum([s[at] for s in found], axis=0) for at in (0, 1))
    return np.asarray(sums / np.maximum(times, 1))


def _rhat(traces: Floats) -> float:
    n = traces.shape[1]
    within = traces.var(axis=1, ddof=1).mean()
    if n < 2 or not within > 0:
        return 1.0
    return math.sqrt((n - 1) / n + traces.mean(axis=1).var(ddof=1) / within)
