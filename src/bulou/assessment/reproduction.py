"""How many people one case infects: the instantaneous number (Cori) and the number by cohort (Wallinga and Teunis). Plots and judges nothing."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincinv

from bulou.assessment.abreast import abreast
from bulou.assessment.refusing import Unusable

Floats = NDArray[np.float64]
#: Quantiles of every answer of the kind `q025, q25, median, q75, q975`.
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
#: A distribution sums to 1 within this, which is what published tables are rounded to.
ROUNDED = 0.01


#: Local cases in a window below which the posterior is too wide to use: its coefficient of variation, 1/sqrt(1 + n), is above 0.3 (Cori).
FEWEST = 11
#: Windows that one processor takes at a time; below so many nothing is shared out.
MANY = 20_000


class Reproduction(NamedTuple):
    """Estimates for each window, counted from 1; undefined ones are nan. Arrays end with an axis of windows; quantiles with one more."""

    t_start: NDArray[np.int64]
    t_end: NDArray[np.int64]
    mean: Floats
    sd: Floats
    quantiles: Floats
    p_below_1: Floats
    n: Floats


class Cohort(NamedTuple):
    """The case reproduction number for each window, counted from 1, and for each day; nan where there is no case."""

    t_start: NDArray[np.int64]
    t_end: NDArray[np.int64]
    mean: Floats
    by_day: Floats


def serial_interval(w: ArrayLike) -> Floats:
    """A serial interval checked: probabilities for 0, 1, 2 … days.

    Units: probabilities; the index is in days. Shapes: one axis, at least two values.
    Errors: Unusable for a negative value, a value at 0 days that is not 0, a sum further than 0.01 from 1.
    Paper: Cori et al. 2013, Am J Epidemiol 178:1505, which needs a case to infect after its own onset.
    """
    found = np.asarray(w, dtype=float)
    if found.ndim != 1 or len(found) < 2 or not np.isfinite(found).all() or (found < 0).any():
        raise Unusable(
            "代际间隔分布应是 0、1、2……天的概率,不小于 0", "the serial interval should be probabilities for 0, 1, 2 … days, none below 0"
        )
    if found[0] != 0:
        raise Unusable("代际间隔为 0 天的概率应为 0", "the serial interval should have probability 0 at 0 days")
    if abs(found.sum() - 1) > ROUNDED:
        raise Unusable(
            f"代际间隔分布之和是 {found.sum():.6g},应为 1(误差不超过 {ROUNDED})",
            f"the serial interval sums to {found.sum():.6g}, should be 1 within {ROUNDED}",
        )
    return found


def discrete_serial_interval(mean: float, sd: float, days: int | None = None) -> Floats:
    """A serial interval in days from its mean and standard deviation: a gamma shifted by one day, as Cori's own appendix makes it.

    Units: days. Shapes: scalars in; ``days`` + 1 probabilities out, by default as many as leave less than 1e-9 outside.
    Errors: Unusable for a mean of at most 1 day or a standard deviation that is not above 0.
    Paper: Cori et al. 2013, Am J Epidemiol 178:1505, web appendix 11.
    """
    if not (mean > 1 and sd > 0 and np.isfinite([mean, sd]).all()):
        raise Unusable("代际间隔的均值应大于 1 天,标准差应大于 0", "the serial interval should have a mean above 1 day and an sd above 0")
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)
    if days is None:
        days = 1 + int(np.ceil(gammaincinv(shape, 1 - 1e-10) * scale))
    k = np.arange(days + 1.0)

    def below(x: Floats, a: float) -> Floats:
        return np.asarray(gammainc(a, np.maximum(x, 0) / scale))

    w = k * below(k, shape) + (k - 2) * below(k - 2, shape) - 2 * (k - 1) * below(k - 1, shape)
    more = 2 * below(k - 1, shape + 1) - below(k - 2, shape + 1) - below(k, shape + 1)
    return np.maximum(w + shape * scale * more, 0)


def infectiousness(incidence: ArrayLike, w: ArrayLike) -> Floats:
    """Lambda: how infectious everyone infected before is on each day, in cases.

    Units: cases. Shapes: (…, days) and (k) in, (…, days) out. The first day has no past and is 0.
    Errors: none of its own. Paper: Cori et al. 2013, Am J Epidemiol 178:1505, equation 1; imports: Thompson et al. 2019, Epidemics 29:100356.
    """
    cases, weights = np.atleast_1d(np.asarray(incidence, dtype=float)), np.asarray(w, dtype=float)
    found = np.zeros(cases.shape)
    days = cases.shape[-1]
    if cases.size > MANY and days <= 1000:  # many areas: one product with the interval moved along the days
        ahead = np.arange(days)[None, :] - np.arange(days)[:, None]
        inside = (ahead > 0) & (ahead < len(weights))
        moved = np.where(inside, weights[np.where(inside, ahead, 0)], 0.0)
        return np.asarray((cases.reshape(-1, days) @ moved).reshape(cases.shape))
    some = np.empty(cases.shape)
    for k in range(1, min(len(weights), days)):
        if weights[k]:
            part = some[..., : days - k]
            found[..., k:] += np.multiply(cases[..., : days - k], weights[k], out=part)
    return found


def _counts(local: ArrayLike, imported: ArrayLike, window_days: int) -> tuple[Floats, Floats]:
    here = np.asarray(local, dtype=float)
    away = np.broadcast_to(np.asarray(imported, dtype=float), here.shape)
    if not (np.isfinite(here).all() and np.isfinite(away).all() and (here >= 0).all() and (away >= 0).all()):
        raise Unusable("病例数应是不小于 0 的数", "counts of cases should be numbers from 0 on")
    if window_days < 1:
        raise Unusable(f"窗口是 {window_days} 天,应至少 1 天", f"the window is {window_days} days, should be at least 1")
    return here, away


def _windows(days: int, window_days: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Windows from the second day on: cases of the first have no past that could have infected them."""
    start = np.arange(2, days - window_days + 2)
    return start, start + window_days - 1


def _over(values: Floats, start: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
    """Sums over windows."""
    total = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    return np.asarray(total[..., end] - total[..., start - 1])


def _unscaled(shape: Floats, quantiles: tuple[float, ...]) -> Floats:
    """Quantiles of gamma distributions of scale 1. The same count of cases has the same: a city has few counts and many windows."""
    least = float(shape.min(initial=np.inf))
    steps = shape - least
    if shape.size and steps.max() < 1e6 and (steps == np.rint(steps)).all():  # whole counts: a table by count, no sorting
        which = steps.astype(np.int64)
        used = np.flatnonzero(np.bincount(which.ravel()))
        table = np.empty((int(used[-1]) + 1, len(quantiles)))
        table[used] = gammaincinv(least + used[:, None], np.asarray(quantiles)[None, :])
        return np.asarray(table[which])
    shapes, back = np.unique(shape, return_inverse=True)
    return np.asarray(gammaincinv(shapes[:, None], np.asarray(quantiles)[None, :])[back.reshape(shape.shape)])


def _below(shape: Floats, x: Floats) -> Floats:
    """The chance of less than x; many windows are shared among the processors."""
    if shape.size <= MANY:
        return np.asarray(gammainc(shape, x))
    one, other = shape.ravel(), x.ravel()
    found = np.empty(len(one))
    abreast(lambda at: gammainc(one[at : at + MANY], other[at : at + MANY], out=found[at : at + MANY]), range(0, len(one), MANY))
    return found.reshape(shape.shape)


def rt_cori(
    local: ArrayLike,
    w: ArrayLike,
    imported: ArrayLike = 0.0,
    window_days: int = 7,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    quantiles: tuple[float, ...] = QUANTILES,
    min_cases: float = 0.0,
) -> Reproduction:
    """The instantaneous reproduction number in sliding windows: how many each case would infect if things stayed as in the window.

    Cases of a window are Poisson around R times the infectiousness of those before; the prior of R is gamma, so the posterior is gamma.
    Imported cases infect and are not counted as infected here. A window is undefined (nan) when it ends no later than the mean serial
    interval after the first day, or holds fewer local cases than ``min_cases``. Without cases the posterior drifts back to the prior's mean.

    Units: cases per day; R is a number; windows in days, counted from 1. Shapes: ``local`` and ``imported`` (…, days), ``w`` (k); the answer
    (…, windows), quantiles (…, windows, quantiles): many areas at once.
    Errors: Unusable for negative counts, a window below 1 day, a prior that is not above 0, and what `serial_interval` refuses.
    Paper: Cori et al. 2013, Am J Epidemiol 178:1505; imports: Thompson et al. 2019, Epidemics 29:100356; use: Gostic et al. 2020, PLoS Comput
    Biol 16:e1008409.
    """
    weights = serial_interval(w)
    here, away = _counts(local, imported, window_days)
    if not (prior_mean > 0 and prior_sd > 0):
        raise Unusable("先验的均值与标准差应大于 0", "the prior's mean and sd should be above 0")
    start, end = _windows(here.shape[-1], window_days)
    n = _over(here, start, end)
    shape = (prior_mean / prior_sd) ** 2 + n
    scale = 1 / (prior_mean / prior_sd**2 + _over(infectiousness(here + away, weights), start, end))
    undefined = (end <= (weights * np.arange(len(weights))).sum()) | (n < min_cases)
    answer = (shape * scale, np.sqrt(shape) * scale, _unscaled(shape, quantiles) * scale[..., None], _below(shape, 1 / scale))
    for each in answer:
        each[undefined] = np.nan
    return Reproduction(start, end, *answer, n)


def rt_cohort(incidence: ArrayLike, w: ArrayLike, window_days: int = 7) -> Cohort:
    """The case reproduction number: how many those with onset in a window infected, looking back.

    Every case is shared among those before it in proportion to the serial interval. Only for the past: whoever was infected by the latest
    cases has not fallen ill yet, so the last days are too low by as much as the serial interval is long.

    Units: cases per day; windows in days, counted from 1. Shapes: (…, days) and (k) in; (…, windows) and (…, days) out.
    Errors: Unusable for negative counts, a window below 1 day, and what `serial_interval` refuses.
    Paper: Wallinga and Teunis 2004, Am J Epidemiol 160:509.
    """
    weights = serial_interval(w)
    cases, _ = _counts(incidence, 0.0, window_days)
    past = infectiousness(cases, weights)
    each = np.divide(cases, past, out=np.zeros(cases.shape), where=past > 0)
    found = np.zeros(cases.shape)
    days = cases.shape[-1]
    for k in range(1, min(len(weights), days)):
        found[..., : days - k] += weights[k] * each[..., k:]
    start, end = _windows(days, window_days)
    n = _over(cases, start, end)
    total = _over(found * cases, start, end)
    mean = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    return Cohort(start, end, mean, np.where(cases > 0, found, np.nan))
