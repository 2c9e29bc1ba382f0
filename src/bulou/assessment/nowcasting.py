"""How many there already are of whom only part has been reported: chain ladder, reporting by weekday, a smooth curve. Never looks past "now"."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cholesky_banded, solve_banded, solveh_banded
from scipy.special import gammaln

from bulou.assessment.refusing import NoAnswer, Unusable
from bulou.assessment.reproduction import QUANTILES

Floats = NDArray[np.float64]
#: Quantile 0.95 of chi-squared with 6 degrees of freedom: what seven weekdays must differ by to be told apart.
WEEKDAYS_DIFFER = 12.59
#: Days of the past that the delay and the curve are learned from, beside the longest delay.
HISTORY = 60
#: Steps of the curve from one day to the next (log scale), and sizes of its overdispersion, between which the data choose.
STEPS = (0.05, 0.1, 0.2, 0.35, 0.6)
SIZES = (2.0, 6.0, 20.0, 60.0, 1000.0)
#: What was learned about the delay fades over so many days, if that foretold the last week's reports better by so much (log likelihood).
FADING = (np.inf, 28.0, 10.0)
FADING_GAIN = 2.0
LATELY = 7
#: The scatter of reported shares is learned from the days that the delay was learned from, so it is a little too small: tried on made-up outbreaks.
WIDER = 1.4
#: Candidates from which one is drawn for each day and draw; enough that more change no quantile by a case.
CANDIDATES = 16


class Nowcast(NamedTuple):
    """For each day of the triangle: reported so far, quantiles of what it will be, the share that is reported by now."""

    observed: Floats
    quantiles: Floats
    p_complete: Floats
    delay: Floats
    reporting: Floats
    happening: Floats
    fade: float
    draws: Floats


class Triangle(NamedTuple):
    """Reports by day of the event (rows, from ``first`` on) and by delay (columns); nan where the report would lie after now."""

    first: int
    counts: Floats
    late: int


def triangle(event: ArrayLike, report: ArrayLike, now: int, max_delay: int) -> Triangle:
    """A list of cases as a triangle of reports; delays longer than ``max_delay`` count as ``max_delay`` and are told in ``late``.

    Units: days as whole numbers on one scale. Shapes: (cases) and (cases) in; (days, ``max_delay`` + 1) out.
    Errors: Unusable for a report before its event, a negative ``max_delay``, no case reported until now.
    Paper: Lawless 1994, Can J Stat 22:15.
    """
    happened, told = np.asarray(event, dtype=np.int64), np.asarray(report, dtype=np.int64)
    if (told < happened).any():
        raise Unusable("有病例的报告早于发生", "a case is reported before it happened")
    if max_delay < 0:
        raise Unusable("最长延迟应不小于 0", "the longest delay should be from 0 on")
    known = told <= now
    if not known.any():
        raise Unusable("到此刻还没有一例报告", "no case is reported until now")
    happened, delay = happened[known], (told - happened)[known]
    first = int(happened.min())
    days = now - first + 1
    counts = np.zeros((days, max_delay + 1))
    np.add.at(counts, (happened - first, np.minimum(delay, max_delay)), 1)
    return Triangle(first, _hidden(counts), int((delay > max_delay).sum()))


def of_counts(first: int, counts: ArrayLike, late: int = 0) -> Triangle:
    """Counts by day and delay as a triangle; whatever lies after now is hidden.

    Units: ``first`` is a day as a whole number; cases. Shapes: (days, delays) in and out. Errors: Unusable for counts below 0 until now.
    Paper: none; a change of form.
    """
    return Triangle(first, _hidden(_checked(counts)), late)


def _hidden(counts: Floats) -> Floats:
    """Cells after the last day's midnight become nan."""
    days, delays = counts.shape
    return np.where(_seen(days, delays), counts, np.nan)


def _seen(days: int, delays: int) -> NDArray[np.bool_]:
    return np.asarray(np.arange(days)[:, None] + np.arange(delays)[None, :] < days)


def chain_ladder(counts: ArrayLike) -> Floats:
    """The distribution of the delay: each column filled from the columns before it, then its share of all.

    Units: probabilities by delay in days. Shapes: (days, delays) in with nan in the lower right; (delays) out.
    Errors: Unusable where there is no report, or fewer days than delays.
    Paper: Mack 1993, ASTIN Bull 23:213; as in baselinenowcast, Wellcome Open Res 10:614.
    """
    filled = _checked(counts)
    days, delays = filled.shape
    if days < delays:
        raise Unusable(f"{days} 天不够估计 {delays - 1} 天的延迟", f"{days} days are too few for delays of up to {delays - 1}")
    for d in range(1, delays):
        top, below = slice(0, days - d), slice(days - d, days)
        factor = filled[top, d].sum() / max(filled[top, :d].sum(), 1.0)
        filled[below, d] = factor * filled[below, :d].sum(axis=1)
    total = filled.sum()
    if not total > 0:
        raise Unusable("没有一例报告", "there is no report")
    return np.asarray(filled.sum(axis=0) / total)


def point_nowcast(counts: ArrayLike, delay: ArrayLike) -> Floats:
    """The expected final count of each day, filled delay by delay with ``(x + 1 - F) / F * p``, which is above 0 where nothing is reported yet.

    Units: cases. Shapes: (days, delays) and (delays) in, (days) out. Errors: Unusable for counts below 0.
    Paper: baselinenowcast, Wellcome Open Res 10:614.
    """
    filled, p = _checked(counts), np.asarray(delay, dtype=float)
    days, delays = filled.shape
    below = np.cumsum(p)
    for d in range(1, delays):
        rows = slice(max(days - d, 0), days)
        so_far = filled[rows, :d].sum(axis=1)
        filled[rows, d] = (so_far + 1 - below[d - 1]) / below[d - 1] * p[d]
    return np.asarray(filled.sum(axis=1))


def _checked(counts: ArrayLike) -> Floats:
    found = np.array(counts, dtype=float)
    if found.ndim != 2 or not found.size:
        raise Unusable("三角表应有日期(行)与延迟(列)", "the triangle should have days (rows) and delays (columns)")
    seen = _seen(*found.shape)
    if not (np.isfinite(found[seen]).all() and (found[seen] >= 0).all()):
        raise Unusable("到此刻为止的每一格应是不小于 0 的数", "every cell until now should be a number from 0 on")
    found[~seen] = 0.0
    return found


def _fading(counts: Floats) -> float:
    """Over how many days what was learned fades: for ever (inf) unless a faster fading foretold the last week's reports better.

    Each candidate learns from what was known a week ago; of those reported with a delay of up to d, the share with a delay of exactly d is foretold.
    """
    days, delays = counts.shape
    if days < LATELY + 7 or not counts.sum() > 0:
        return np.inf
    told = np.arange(days)[:, None] + np.arange(delays)[None, :]
    lately = (told >= days - LATELY) & (told < days)
    lately[:, 0] = False
    so_far = np.cumsum(counts, axis=1)
    scores, spread = [], 1.0
    for fade in FADING:
        share, _ = _report_weekdays(np.where(told < days - LATELY, counts, 0.0)[: days - LATELY], 0, False, fade)
        exactly = np.clip((share + 1e-3) / (np.cumsum(share) + 2e-3), 1e-3, 1 - 1e-3)
        each = counts * np.log(exactly) + (so_far - counts) * np.log1p(-exactly)
        scores.append(float(each[lately].sum()))
        if fade == np.inf:
            chance = so_far * exactly * (1 - exactly)
            used = lately & (so_far > 0)
            spread = max(float(((counts - so_far * exactly) ** 2)[used].sum() / max(chance[used].sum(), 1e-9)), 1.0)
    best = int(np.argmax(scores))
    return FADING[best] if (scores[best] - scores[0]) / spread > FADING_GAIN else np.inf


def _report_weekdays(counts: Floats, first_weekday: int, by_weekday: bool, fade: float = np.inf) -> tuple[Floats, Floats]:
    """Shares by delay and factors by weekday of the report, fitted together to what is seen; without weekdays it is the chain ladder.

    Reports of day t at delay d are Poisson around level(t) * share(d) * factor(weekday of t + d), fitted by matching margins in turn.
    """
    days, delays = counts.shape
    ago = days - 1 - np.arange(days)[:, None] - np.arange(delays)[None, :]
    seen = np.where(ago >= 0, np.exp(-np.maximum(ago, 0) / fade), 0.0)
    counts = counts * seen
    weekday = (first_weekday + np.arange(days)[:, None] + np.arange(delays)[None, :]) % 7
    ones = [(weekday == k) * seen for k in range(7)]
    share, factor = np.full(delays, 1 / delays), np.ones(7)

    def fit(turns: int, weekdays: bool) -> Floats:
        nonlocal share, factor
        expected = seen
        for _ in range(turns):
            shape = share[None, :] * factor[weekday] * seen
            level = _per(counts.sum(axis=1), shape.sum(axis=1))
            share = _per(counts.sum(axis=0), (level[:, None] * factor[weekday] * seen).sum(axis=0))
            share /= max(share.sum(), 1e-300)
            shape = share[None, :] * seen
            level = _per(counts.sum(axis=1), (shape * factor[weekday]).sum(axis=1))
            expected = level[:, None] * shape
            if weekdays:
                factor = np.array([((counts * m).sum() + 1) / ((expected * m).sum() + 1) for m in ones])
            expected = expected * factor[weekday]
        return expected

    plain = fit(12, False)
    if not by_weekday or days < 28:
        return share, factor
    kept = share.copy()
    fitted = fit(12, True)
    used = (seen > 0) & (fitted > 0) & (plain > 0)
    gain = 2 * np.where(used & (counts > 0), counts * np.log(np.where(used, fitted, 1) / np.where(used, plain, 1)), 0).sum()
    spread = max(
        float((((counts - fitted) ** 2)[used] / np.maximum(fitted[used], 0.05)).sum() / max(used.sum() - days - delays - 6, 1)), 1.0
    )
    if gain / spread < WEEKDAYS_DIFFER:
        return kept, np.ones(7)
    return share, factor


def _per(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=b > 0)


def _happening(total: Floats, weekday: NDArray[np.int64]) -> Floats:
    """Factors by weekday of the event, from days that are all but complete, against the seven days around each."""
    if len(total) < 28:
        return np.ones(7)
    around = np.convolve(total, np.full(7, 1 / 7), mode="valid")
    here, day = total[3:-3], weekday[3:-3]
    seen = np.array([here[day == k].sum() for k in range(7)])
    expected = np.array([around[day == k].sum() for k in range(7)])
    factor = (seen + 5) / (expected + 5)
    fitted = around * factor[day]
    spread = max(float(((here - fitted) ** 2 / np.maximum(fitted, 0.5)).mean()), 1.0)
    if ((seen - expected) ** 2 / np.maximum(expected, 0.5)).sum() / spread < WEEKDAYS_DIFFER:
        return np.ones(7)
    return np.asarray(factor / factor.mean())


def _scatter(counts: Floats, share: Floats, total: Floats, mature: NDArray[np.bool_]) -> Floats:
    """How much more the reported share scatters at each delay than by chance alone: 0 is chance, 1 is all or nothing."""
    n, p = total[mature], np.clip(share[mature], 1e-6, 1 - 1e-6)
    so_far = np.cumsum(counts[mature], axis=1)
    chance = n[:, None] * p * (1 - p)
    more = ((so_far - n[:, None] * p) ** 2 - chance).sum(axis=0)
    most = ((n * (n - 1))[:, None] * p * (1 - p)).sum(axis=0)
    around = np.ones(5)
    pooled = _per(np.convolve(more, around, mode="same"), np.convolve(most, around, mode="same"))
    return np.asarray(np.clip(WIDER * pooled, 0, 0.5) + 1 / max(n.sum(), 2.0))


class _Curve(NamedTuple):
    """One choice of step and size: how well it explains what is seen, where the log curve lies, how sharply."""

    size: float
    score: float
    at: Floats
    root: Floats


def _curve(seen: Floats, known: Floats, spread: Floats, step: float, size: float) -> _Curve:
    """The smooth log level of a day whose reported count is negative binomial around ``known`` times it, by Newton's method.

    A day's level hangs on the day before and the day after alone, so the curvature has one band beside its diagonal, and a turn costs as much as
    there are days.
    """
    days = len(seen)
    start = np.log((seen.sum() + 0.5) / max(known.sum(), 1e-9))
    inner = np.full(days, 2.0)
    inner[0] -= 1
    inner[-1] -= 1
    band = np.zeros((2, days))
    band[1, :-1] = -1 / step**2
    sizes = 1 / (1 / size + spread)
    x = np.full(days, start)
    for _ in range(30):
        mean = np.exp(x) * known
        steps = np.diff(x) / step**2
        slope = seen - (seen + sizes) * mean / (mean + sizes)
        slope[1:] -= steps
        slope[:-1] += steps
        slope[0] -= (x[0] - start) / 9
        band[0] = inner / step**2 + (seen + sizes) * mean * sizes / (mean + sizes) ** 2
        band[0, 0] += 1 / 9
        move = solveh_banded(band, slope, lower=True, check_finite=False)
        x = x + np.clip(move, -2, 2)
        if np.abs(move).max() < 1e-4:
            break
    mean = np.exp(x) * known
    least = np.maximum(mean / (sizes + mean), 1e-300)
    fit = gammaln(seen + sizes) - gammaln(sizes) + sizes * np.log(sizes / (sizes + mean)) + seen * np.log(least)
    walked = np.diff(x)
    root = cholesky_banded(band, lower=True, check_finite=False)
    score = fit.sum() - 0.5 * (walked @ walked) / step**2 - (days - 1) * np.log(step) - 0.5 * (x[0] - start) ** 2 / 9
    return _Curve(size, float(score - np.log(root[0]).sum()), x, root)


def nowcast(
    counts: ArrayLike,
    first_weekday: int = 0,
    by_weekday: bool = True,
    draws: int = 1000,
    seed: int = 1,
    history: int = HISTORY,
    quantiles: tuple[float, ...] = QUANTILES,
) -> Nowcast:
    """What each day's count will be when all its reports are in.

    The delay is learned by chain ladder from the last ``history`` days (or twice the longest delay, if more), with a factor for the weekday
    of the report where weekdays differ by more than chance (and there are four weeks); where forgetting older reports would have foretold the
    last week better (delays that shorten or lengthen), they fade over 28 or 10 days. How much the reported share scatters is measured on
    days that are complete. The count of a day is negative binomial around a curve that walks from day to day (log scale) with a factor for
    the weekday of the event; step and overdispersion are weighed by how well they explain what is seen. A day's own reports and its
    neighbours both count.

    Units: cases; ``first_weekday`` is that of the first row (Monday 0). Shapes: (days, delays) in, nan or anything after now; (days), quantiles
    (days, quantiles), draws (draws, days) out.
    Errors: Unusable for counts below 0; NoAnswer where there is no report or fewer days than delays.
    Paper: Hoehle and an der Heiden 2014, Biometrics 70:993; McGough et al. 2020, PLoS Comput Biol 16:e1007735; chain ladder: Mack 1993, ASTIN Bull 23:213.
    """
    whole = _checked(counts)
    days, delays = whole.shape
    if not whole.sum() > 0 or days < delays:
        raise NoAnswer(
            f"{days} 天、{whole.sum():g} 例报告:不够估计 {delays - 1} 天的延迟",
            f"{days} days and {whole.sum():g} reports are too few for delays of up to {delays - 1} days: give a shorter --max-delay",
        )
    kept = min(days, max(history, 2 * delays))
    early, table = days - kept, whole[days - kept :]
    weekday = (first_weekday + early + np.arange(kept)) % 7
    fade = _fading(table)
    delay, reporting = _report_weekdays(table, int(weekday[0]), by_weekday, fade)
    weights = delay[None, :] * reporting[(weekday[:, None] + np.arange(delays)[None, :]) % 7]
    share = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    horizon = np.minimum(kept - 1 - np.arange(kept), delays - 1)
    known = share[np.arange(kept), horizon]
    seen = table.sum(axis=1)
    mature = known >= 0.95
    total = seen / np.maximum(known, 1e-9)
    happening = _happening(total[mature], weekday[mature]) if by_weekday else np.ones(7)
    factor = happening[weekday]
    scatter = (_scatter(table, share, total, mature) if mature.any() else np.full(delays, 0.05))[horizon]
    scatter = np.where(known >= 1 - 1e-12, 1e-9, scatter)
    spread = scatter * (1 - known) / np.maximum(known, 1e-3)
    to_come = np.zeros((draws, kept))
    waiting = np.flatnonzero(known < 1 - 1e-12)
    if len(waiting):
        source = np.random.default_rng(seed)
        level, size = _levels(source, seen, known, factor, spread, draws)
        for t in waiting:
            to_come[:, t] = _to_come(source, level[:, t], size, seen[t], known[t], scatter[t])
    found = np.concatenate([np.broadcast_to(whole[:early].sum(axis=1), (draws, early)), to_come + seen], axis=1)
    return Nowcast(
        whole.sum(axis=1),
        np.quantile(found, quantiles, axis=0, method="inverted_cdf").T,
        np.concatenate([np.ones(early), known]),
        delay,
        reporting,
        happening,
        fade,
        found,
    )


def _levels(source: np.random.Generator, seen: Floats, known: Floats, factor: Floats, spread: Floats, draws: int) -> tuple[Floats, Floats]:
    """Draws of the level of every day, and of the size of its overdispersion: each choice of step and size by how well it explains what is seen."""
    fits = [_curve(seen, known * factor, spread, step, size) for step in STEPS for size in SIZES]
    weight = np.exp(np.array([f.score for f in fits]) - max(f.score for f in fits))
    level, size = np.empty((draws, len(seen))), np.empty(draws)
    at = 0
    for fit, n in zip(fits, source.multinomial(draws, weight / weight.sum()), strict=True):
        if n:
            upper = np.stack([np.concatenate([[0.0], fit.root[1, :-1]]), fit.root[0]])
            level[at : at + n] = fit.at + solve_banded((0, 1), upper, source.standard_normal((len(seen), n))).T
            size[at : at + n] = fit.size
            at += n
    return np.exp(np.minimum(level, 20)) * factor, size


def _to_come(source: np.random.Generator, level: Floats, size: Floats, seen: float, known: float, scatter: float) -> Floats:
    """Draws of what is still to be reported of one day, given its level: candidates of its size and reported share, one kept by its likelihood."""
    shape = (len(level), CANDIDATES)
    rate = source.gamma(size[:, None], 1 / size[:, None], shape) * level[:, None]
    precision = 1 / scatter - 1
    share = np.clip(source.beta(max(precision * known, 1e-3), max(precision * (1 - known), 1e-3), shape), 1e-9, 1 - 1e-12)
    mean = np.maximum(rate * share, 1e-12)
    likely = seen * np.log(mean) - mean
    pick = np.argmax(likely + source.gumbel(size=shape), axis=1)
    row = np.arange(len(level))
    return np.asarray(source.poisson(rate[row, pick] * (1 - share[row, pick])), dtype=float)
