"""Made-up outbreaks whose reports are late, with the truth known; and the plain nowcast that ours is held against. Asserts nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from bulou.assessment.nowcasting import chain_ladder

Floats = NDArray[np.float64]


class Reported(NamedTuple):
    """What is seen now, and what each day's count will be."""

    seen: Floats
    final: Floats


def outbreak(seed: int, days: int = 70, delays: int = 15, level: float = 40.0, *, weekdays: bool = True, batches: float = 40.0) -> Reported:
    """A curve that grows, turns and falls; reporting by weekday where asked; a day's reports scatter more the smaller ``batches``."""
    source = np.random.default_rng(seed)
    turns = source.choice([-0.06, 0.0, 0.05, 0.1], 3)
    slope = np.repeat(turns, int(np.ceil(days / 3)))[:days] + source.normal(0, 0.03, days)
    curve = np.cumsum(slope)
    mean = level * np.exp(curve - curve.mean())
    day = np.arange(days)
    if weekdays:
        mean = mean * np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.8, 0.8])[day % 7]
    final = source.negative_binomial(20, 20 / (20 + mean)).astype(float)
    p = source.gamma(1.5, 1, delays) * 0.75 ** np.arange(delays)
    table = np.zeros((days, delays))
    for t in day:
        w = p * (np.array([1.2, 1.1, 1.1, 1.1, 1.0, 0.5, 0.3])[(t + np.arange(delays)) % 7] if weekdays else 1)
        share = source.dirichlet(np.maximum(batches * w / w.sum(), 1e-3))
        table[t] = source.multinomial(int(final[t]), share)
    seen = np.where(day[:, None] + np.arange(delays)[None, :] < days, table, np.nan)
    return Reported(seen, final)


def changing(seed: int, before: float, after: float, days: int = 60, delays: int = 15, at: int = 35, level: float = 25.0) -> Reported:
    """A quiet curve whose cases are reported each day with one probability, and with another from day ``at`` on."""
    source = np.random.default_rng(seed)
    mean = level * np.exp(np.cumsum(source.normal(0, 0.06, days)))
    final = source.negative_binomial(20, 20 / (20 + mean))
    table = np.zeros((days, delays))
    for t in range(days):
        waiting = int(final[t])
        for d in range(delays):
            told = waiting if d == delays - 1 else int(source.binomial(waiting, before if t + d < at else after))
            table[t, d], waiting = told, waiting - told
    seen = np.where(np.arange(days)[:, None] + np.arange(delays)[None, :] < days, table, np.nan)
    return Reported(seen, final.astype(float))


def plain(seen: Floats, shares: tuple[float, ...] = (0.025, 0.975)) -> Floats:
    """The stated baseline: chain ladder, then the negative binomial that a flat prior for the day's count gives. Quantiles by day."""
    days, delays = seen.shape
    below = np.cumsum(chain_ladder(seen))[np.minimum(days - 1 - np.arange(days), delays - 1)]
    so_far = np.nansum(seen, axis=1)
    return np.asarray(so_far[:, None] + nbinom.ppf(np.array(shares)[None, :], so_far[:, None] + 1, np.minimum(below, 1)[:, None]))


def interval_score(low: Floats, high: Floats, truth: Floats, level: float = 0.05) -> Floats:
    """Width, and a penalty for a truth outside: Gneiting and Raftery 2007, J Am Stat Assoc 102:359, equation 43. Smaller is better."""
    return np.asarray((high - low) + 2 / level * (np.maximum(low - truth, 0) + np.maximum(truth - high, 0)))
