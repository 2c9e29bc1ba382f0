"""How long things take: the serial interval from clusters or pairs, a delay from its bounds. Fits distributions; takes no case for another's source."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gamma as gamma_function
from scipy.special import gammainc, gammaincinv, gammaln, ndtr, ndtri, stdtrit

from bulou.assessment.refusing import NoAnswer, Unusable

Floats = NDArray[np.float64]
#: Cases of a cluster that are used, the first included, as in Tindale et al. 2020.
FIRST = 4
#: Where the published code starts, and for how many turns it runs.
START_MEAN, START_SD, TURNS = 10.0, 4.0, 100


class Mixture(NamedTuple):
    """The serial interval of a mixture of routes, in days, and the share of the intervals on each of the seven routes."""

    mu: float
    sigma: float
    weights: Floats


class Interval(NamedTuple):
    """A serial interval in days: mean, standard deviation, the 95 % interval of the mean, from how many intervals."""

    mean: float
    sd: float
    low: float
    high: float
    n: int


def index_case_intervals(cluster: ArrayLike, day: ArrayLike, first: int = FIRST) -> list[Floats]:
    """For each cluster the days from its first onset to the next ones, up to its ``first`` cases; clusters of one case give none.

    Units: days. Shapes: (cases) and (cases) in; a list of arrays out. Errors: Unusable for ``first`` below 2.
    Paper: Vink, Bootsma and Wallinga 2014, Am J Epidemiol 180:865.
    """
    if first < 2:
        raise Unusable("每个聚集至少用 2 例", "at least 2 cases of a cluster should be used")
    names, days = np.asarray(cluster), np.asarray(day, dtype=float)
    found = []
    for name in sorted(set(names.tolist())):
        onsets = np.sort(days[names == name])[:first]
        if len(onsets) > 1:
            found.append(onsets[1:] - onsets[0])
    return found


def serial_interval_clusters(icc_days: ArrayLike, start: tuple[float, float] = (START_MEAN, START_SD), turns: int = TURNS) -> Mixture:
    """The serial interval from days between the first case of a cluster and its others, when nobody knows who infected whom.

    An interval may be between two infected by the same person, one, two or three generations long, or backwards: seven normal components
    with means 0, 1, 2 and 3 times the serial interval. Days are whole, so each is spread over a triangle of a day on either side. As in the
    published code every turn weighs the components alike, and the mean is that of the intervals by how likely they are one generation long.

    Units: days. Shapes: (intervals) in. Errors: Unusable for negative or missing intervals; NoAnswer for fewer than 2 or all alike.
    Paper: Vink, Bootsma and Wallinga 2014, Am J Epidemiol 180:865; Tindale et al. 2020, eLife 9:e57149.
    """
    x = np.asarray(icc_days, dtype=float)
    if x.ndim != 1 or not np.isfinite(x).all() or (x < 0).any():
        raise Unusable("间隔应是不小于 0 的天数", "intervals should be days from 0 on")
    if len(x) < 2 or x.max() == x.min():
        raise NoAnswer(f"{len(x)} 个间隔,且没有差别:估不出代际间隔", f"{len(x)} intervals that do not differ carry no serial interval")
    values, times = np.unique(x, return_counts=True)
    mu, sigma, weights = _mixture(values, times[None, :].astype(float), start, turns)
    if not sigma[0] > 1e-3:
        raise NoAnswer("间隔太少或太齐,估不出代际间隔", "the intervals are too few or too alike to carry a serial interval")
    return Mixture(float(mu[0]), float(sigma[0]), weights[:, 0])


def _mixture(values: Floats, times: Floats, start: tuple[float, float], turns: int) -> tuple[Floats, Floats, Floats]:
    """The mixture for several samples at once: how often each value is in each (samples, values). A sample that carries none has sigma 0."""
    samples = len(times)
    mu, sigma = np.full(samples, start[0]), np.full(samples, start[1])
    share = np.zeros((7, samples, len(values)))
    alive = np.ones(samples, dtype=bool)
    for _ in range(turns):
        m, s = mu[:, None], np.maximum(sigma, 1e-3)[:, None]
        routes = [2 * _triangle(values, 0 * m, np.sqrt(2) * s)]
        routes += [_triangle(values, sign * k * m, np.sqrt(k) * s) for k in (1, 2, 3) for sign in (1, -1)]
        likely = np.maximum(np.array(routes), 1e-300)
        share = likely / likely.sum(axis=0)
        one = share[1] * times
        total, squares = one.sum(axis=1), (share[1] ** 2 * times).sum(axis=1)
        left = total**2 - squares
        mu = (one * values).sum(axis=1) / np.maximum(total, 1e-300)
        about = (one * (values - mu[:, None]) ** 2).sum(axis=1)
        sigma = np.sqrt(np.where(left > 1e-12, total * about / np.maximum(left, 1e-12), 0.0))
        alive &= sigma > 1e-3
    return mu, np.where(alive, sigma, 0.0), (share * times).sum(axis=2) / times.sum(axis=1)


def _triangle(day: Floats, mean: Floats, sd: Floats) -> Floats:
    """The probability of a whole-day difference: a normal density under a triangle of one day on either side (at 0, twice its right half)."""

    def parts(low: Floats, high: Floats) -> tuple[Floats, Floats]:
        a, b = (low - mean) / sd, (high - mean) / sd
        mass = ndtr(b) - ndtr(a)
        density = (np.exp(-a * a / 2) - np.exp(-b * b / 2)) / np.sqrt(2 * np.pi)
        return mass, mean * mass + sd * density

    (up, up_mean), (down, down_mean) = parts(day - 1, day), parts(day, day + 1)
    rising, falling = up_mean - (day - 1) * up, (day + 1) * down - down_mean
    return np.asarray(np.where(day == 0, 2 * falling, rising + falling))


def clusters_interval(intervals: list[Floats], draws: int = 1000, seed: int = 1, whole_clusters: bool = False) -> Interval:
    """`serial_interval_clusters` with the interval of its mean: 1.96 standard deviations of the means of samples drawn with replacement.

    Intervals are drawn one by one, as published. Those of one cluster depend on each other (they share its first case), so this is too sure;
    ``whole_clusters`` draws clusters whole and takes quantiles of the means. A few samples fall on another mode, so
    fewer than 1,000 draws give ends that differ by some tenths of a day from seed to seed.
    Units: days. Shapes: one array of intervals for each cluster. Errors: as `serial_interval_clusters`; the interval is nan where fewer than half
    of the draws carry an answer.
    Paper: Tindale et al. 2020, eLife 9:e57149.
    """
    every = np.concatenate(intervals) if intervals else np.zeros(0)
    found = serial_interval_clusters(every)
    source = np.random.default_rng(seed)
    values, which = np.unique(every, return_inverse=True)
    if whole_clusters:
        owner = np.repeat(np.arange(len(intervals)), [len(i) for i in intervals])
        table = np.zeros((len(intervals), len(values)))
        np.add.at(table, (owner, which), 1)
        times = source.multinomial(len(intervals), np.full(len(intervals), 1 / len(intervals)), draws) @ table
    else:
        times = source.multinomial(len(every), np.bincount(which) / len(every), draws).astype(float)
    means, sds, _ = _mixture(values, times, (START_MEAN, START_SD), TURNS)
    means = means[sds > 0]
    if len(means) <= draws / 2:
        low = high = float("nan")
    elif whole_clusters:
        low, high = (float(q) for q in np.quantile(means, (0.025, 0.975)))
    else:
        half = 1.96 * float(means.std(ddof=1))
        low, high = found.mu - half, found.mu + half
    return Interval(found.mu, found.sigma, low, high, len(every))


def pairs_interval(infector: ArrayLike, infectee: ArrayLike) -> Interval:
    """The serial interval of known pairs: mean and standard deviation of the days between their onsets, Student's interval of the mean.

    Negative days are kept. With one pair the standard deviation and the interval are nan.
    Units: days. Shapes: (pairs) and (pairs) in. Errors: NoAnswer without a pair; Unusable for missing days.
    Paper: Student 1908, Biometrika 6:1.
    """
    days = np.asarray(infectee, dtype=float) - np.asarray(infector, dtype=float)
    if not len(days):
        raise NoAnswer("没有一对病例", "there is no pair")
    if not np.isfinite(days).all():
        raise Unusable("发病日应是天数", "onsets should be days")
    n = len(days)
    mean = float(days.mean())
    if n == 1:
        return Interval(mean, float("nan"), float("nan"), float("nan"), 1)
    sd = float(days.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * sd / np.sqrt(n)
    return Interval(mean, sd, mean - half, mean + half, n)


# --- a delay from its bounds ------------------------------------------------------------------------------------------
class Family(NamedTuple):
    """A family of distributions of a delay, by two unbounded numbers."""

    names: tuple[str, str]
    natural: Callable[[Floats], tuple[float, float]]
    start: Callable[[float, float], Floats]
    below: Callable[[Floats, float, float], Floats]
    log_density: Callable[[Floats, float, float], Floats]
    quantile: Callable[[Floats, float, float], Floats]
    moments: Callable[[float, float], tuple[float, float]]


def _weibull_moments(shape: float, scale: float) -> tuple[float, float]:
    one, two = gamma_function(1 + 1 / shape), gamma_function(1 + 2 / shape)
    return float(scale * one), float(scale * np.sqrt(max(two - one**2, 0)))


def _positive(x: Floats) -> Floats:
    return np.maximum(x, 1e-12)


FAMILIES: dict[str, Family] = {
    "gamma": Family(
        ("shape", "scale"),
        lambda z: (float(np.exp(z[0])), float(np.exp(z[1] - z[0]))),  # by shape and mean, which the data tell apart best
        lambda m, s: np.array([2 * np.log(m / s), np.log(m)]),
        lambda x, a, b: np.asarray(gammainc(a, x / b)),
        lambda x, a, b: np.asarray((a - 1) * np.log(_positive(x)) - x / b - gammaln(a) - a * np.log(b)),
        lambda p, a, b: np.asarray(gammaincinv(a, p) * b),
        lambda a, b: (a * b, float(np.sqrt(a) * b)),
    ),
    "lognormal": Family(
        ("meanlog", "sdlog"),
        lambda z: (float(z[0]), float(np.exp(z[1]))),
        lambda m, s: np.array([np.log(m) - np.log1p((s / m) ** 2) / 2, np.log(np.log1p((s / m) ** 2)) / 2]),
        lambda x, a, b: np.asarray(ndtr((np.log(_positive(x)) - a) / b)),
        lambda x, a, b: np.asarray(-0.5 * ((np.log(_positive(x)) - a) / b) ** 2 - np.log(_positive(x) * b * np.sqrt(2 * np.pi))),
        lambda p, a, b: np.asarray(np.exp(a + b * ndtri(p))),
        lambda a, b: (float(np.exp(a + b * b / 2)), float(np.exp(a + b * b / 2) * np.sqrt(np.expm1(b * b)))),
    ),
    "weibull": Family(
        ("shape", "scale"),
        lambda z: (float(np.exp(z[0])), float(np.exp(z[1]))),
        lambda m, s: np.array([np.log(m / s), np.log(m)]),
        lambda x, a, b: np.asarray(-np.expm1(-((x / b) ** a))),
        lambda x, a, b: np.asarray(np.log(a / b) + (a - 1) * np.log(_positive(x) / b) - (x / b) ** a),
        lambda p, a, b: np.asarray(b * (-np.log1p(-p)) ** (1 / a)),
        _weibull_moments,
    ),
}
#: Quantiles of the delay that are told.
TOLD = (0.05, 0.25, 0.5, 0.75, 0.95)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(7)


class Delay(NamedTuple):
    """A fitted delay: each quantity with its estimate and 95 % interval, in the order they are told."""

    quantities: tuple[str, ...]
    estimate: Floats
    low: Floats
    high: Floats
    log_likelihood: float
    n: int


def delay_fit(
    lower: ArrayLike,
    upper: ArrayLike,
    truncation: ArrayLike = np.inf,
    dist: str = "gamma",
    both_days: bool = False,
    draws: int = 4000,
    seed: int = 1,
) -> Delay:
    """A delay of which only bounds are known, among those that had ended by the time of looking.

    A row says that the delay lies between ``lower`` and ``upper`` (equal: known exactly; infinite: not over yet) and that it would not be in the table had it
    been longer than ``truncation``. With ``both_days`` the two ends of the delay are each known to within half of ``upper - lower`` (a difference d
    of two calendar days: d - 1 to d + 1), so the middle is likelier than the bounds. Told are the two parameters, mean, sd and quantiles, with
    intervals from the curvature of the likelihood at its top.

    Units: days, or whatever the table has. Shapes: (rows) in, scalars broadcast. Errors: Unusable for bounds below 0 or the wrong way round, a truncation at or below the
    lower bound, an unknown ``dist``; NoAnswer where the rows do not determine two parameters.
    Paper: Turnbull 1976, J R Stat Soc B 38:290 (censored and truncated); Reich et al. 2009, Stat Med 28:2769 (both ends censored).
    """  # fmt: skip
    if dist not in FAMILIES:
        raise Unusable(f"没有分布 {dist};有 {'、'.join(FAMILIES)}", f"there is no distribution {dist}; there are {', '.join(FAMILIES)}")
    low, high, cut = (np.asarray(x, dtype=float) for x in np.broadcast_arrays(lower, upper, truncation))
    if low.ndim != 1 or np.isnan(low).any() or np.isnan(high).any() or np.isnan(cut).any() or (low < 0).any() or np.isinf(low).any():
        raise Unusable("下界应是不小于 0 的数", "lower bounds should be numbers from 0 on")
    if (high < low).any() or ((high == low) & (high == 0)).any():
        raise Unusable("上界应不小于下界,且大于 0", "upper bounds should be no less than the lower ones, and above 0")
    if (cut <= low).any() and ((cut < low) | (high > low))[cut <= low].any():
        raise Unusable("截断应大于下界", "the truncation should be above the lower bound")
    family = FAMILIES[dist]
    n, high = len(low), np.minimum(high, cut)
    (low, high, cut), times = _alike(low, high, cut)
    exact, open_ = high == low, np.isinf(high)
    middle = np.where(open_, low, (low + np.where(open_, low, high)) / 2)
    mean = float(np.average(middle, weights=times))
    spread = float(np.sqrt(np.average((middle - mean) ** 2, weights=times)))
    if n < 2 or (exact.all() and len(low) == 1):
        raise NoAnswer(f"{n} 行不足以定出分布", f"{n} rows do not determine a distribution")
    start = family.start(max(mean, 0.1), max(spread, 0.3 * mean, 0.1))

    def minus_log_likelihood(z: Floats) -> float:
        if np.abs(z).max() > 12:
            return 1e12
        a, b = family.natural(z)
        mass = family.below(high, a, b) - family.below(low, a, b)
        mass[open_] = 1 - family.below(low[open_], a, b)
        if both_days:
            half = (high - low)[~exact & ~open_, None] / 2
            back = half * (_NODES + 1) / 2
            top, bottom = high[~exact & ~open_, None], low[~exact & ~open_, None] + half
            inner = family.below(np.maximum(top - back, 0), a, b) - family.below(np.maximum(bottom - back, 0), a, b)
            mass[~exact & ~open_] = inner @ _WEIGHTS / 2
        each = np.log(np.maximum(mass, 1e-300))
        each[exact] = family.log_density(low[exact], a, b)
        each -= np.where(np.isinf(cut), 0.0, np.log(np.maximum(family.below(np.where(np.isinf(cut), 1.0, cut), a, b), 1e-300)))
        return float(-(each * times).sum())

    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
    best = minimize(minus_log_likelihood, start, method="Nelder-Mead", options=options)
    best = minimize(minus_log_likelihood, best.x, method="Nelder-Mead", options=options)
    sharp = _curvature(minus_log_likelihood, best.x)
    flat = np.abs(best.x).max() > 11 or not np.isfinite(sharp).all() or np.linalg.eigvalsh(sharp).min() < 1e-6
    if flat or best.fun > 1e11:
        raise NoAnswer(
            f"这 {n} 行定不出 {dist} 的两个参数:请给更多的行或更窄的界",
            f"these {n} rows do not determine the two parameters of a {dist}: give more rows or narrower bounds",
        )

    def told(z: Floats) -> Floats:
        a, b = family.natural(z)
        return np.array([a, b, *family.moments(a, b), *family.quantile(np.array(TOLD), a, b)])

    source = np.random.default_rng(seed)
    drawn = best.x + np.linalg.solve(np.linalg.cholesky(sharp).T, source.standard_normal((2, draws))).T
    around = np.quantile(np.array([told(z) for z in drawn]), (0.025, 0.975), axis=0)
    quantities = (*family.names, "mean", "sd", *("median" if q == 0.5 else f"q{round(100 * q):02d}" for q in TOLD))
    return Delay(quantities, told(best.x), around[0], around[1], -float(best.fun), n)


def _alike(*columns: Floats) -> tuple[list[Floats], Floats]:
    """Rows that are alike taken together, and how many they are: days are few however many rows there are."""
    rows, times = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    return list(rows.T.copy()), times.astype(float)


def _curvature(f: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by central differences."""
    i = np.eye(len(at)) * step
    found = np.array([[(f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)) / (4 * step**2) for b in i] for a in i])
    return np.asarray((found + found.T) / 2)
