"""How many isolation rooms will be taken, and when those that are ready run out. Looks 14 days ahead by default; orders nothing.

Jombart T et al. medRxiv 2020 (forecasting bed occupancy from admissions and stays); Palm C. Ericsson Technics 1943;44:1-189 (M/G/infinity:
with Poisson admissions the number present is Poisson with mean admissions convolved with the share still present).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import poisson

from bulou.assessment.refusing import Unusable

Floats = NDArray[np.float64]
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)
#: The share of the reserve that is ready after 1, 2 and 3 days: a third in 24 h, half in 48 h, all in 3 days.
RAMP = (1 / 3, 1 / 2, 1.0)


class Demand(NamedTuple):
    """Rooms taken by day: mean, quantiles at ``LEVELS``, rooms open, the chance that more are needed than are open; the draws, if any."""

    mean: Floats
    quantiles: Floats
    open: Floats
    p_short: Floats
    first_short: int | None
    order_by: int | None


def survival(stay: ArrayLike) -> Floats:
    """The share still present 0, 1, … days after admission, from the chances that a stay takes k = 0, 1, … days.

    Units: shares; days. Shapes: (k) to (k). Errors: Unusable when they do not sum to 1. Paper: none.
    """
    p = np.asarray(stay, float)
    if p.ndim != 1 or len(p) < 2 or (p < 0).any() or not np.isfinite(p).all() or abs(p.sum() - 1) > 1e-3:
        raise Unusable("住留天数应是合计为 1 的概率", "stays should be probabilities that sum to 1")
    return np.asarray(1 - np.cumsum(p / p.sum()))


def isolation_demand(
    admissions: ArrayLike,
    stay: ArrayLike,
    occupied: ArrayLike | None = None,
    ready: float = 0.0,
    reserve: float = 0.0,
    contacts: float = 0.0,
    p_isolate: float = 1.0,
    dispersion: float | None = None,
    lead_days: int = 3,
    draws: int = 2000,
    seed: int = 1,
    risk: float = 0.1,
) -> Demand:
    """Rooms needed on each day for people admitted from day 0 on.

    ``admissions``: expected by day, or draws of them (draws, days), as `contain` gives them. Each brings ``contacts`` contacts of whom
    ``p_isolate`` take a room too, for the same stay. Around an expected number admissions are Poisson, or with ``dispersion`` negative binomial
    (variance m + m^2 / dispersion per day). ``occupied[d]`` are rooms taken today that are still taken on day d. ``ready`` rooms are open;
    ``reserve`` opens by the ramp of a third in 24 h, half in 48 h, all in 3 days. ``first_short`` is the first day on which more are needed than are
    open with a chance above ``risk``; ``order_by`` is ``lead_days`` before it, not before day 0.

    Units: people and rooms; days. Shapes: quantiles (days, 5). Errors: Unusable for numbers below 0 and stays that are no probabilities.
    Paper: Jombart et al. 2020 (bed occupancy); Palm 1943 (M/G/infinity).
    """
    a = np.asarray(admissions, float)
    left = survival(stay)
    if a.ndim not in (1, 2) or not a.size or not np.isfinite(a).all() or (a < 0).any():
        raise Unusable("入住人数应不小于 0", "admissions should be numbers from 0 on")
    if min(ready, reserve, contacts) < 0 or not 0 <= p_isolate <= 1 or (dispersion is not None and not dispersion > 0) or not 0 < risk < 1:
        raise Unusable(
            "房间、接触者应不小于 0,比例 0 至 1,离散度大于 0",
            "rooms and contacts should be from 0 on, shares from 0 to 1, dispersion above 0",
        )
    days = a.shape[-1]
    taken = np.zeros(days)
    if occupied is not None:
        told = np.asarray(occupied, float)[:days]
        taken[: len(told)] = told
    each = 1 + contacts * p_isolate
    openings = ready + reserve * np.array([0.0, *RAMP, *([1.0] * days)])[:days]
    if a.ndim == 1 and dispersion is None and contacts == 0:
        mean = np.convolve(a, left)[:days]
        quantiles = np.stack([poisson.ppf(q, mean) for q in LEVELS], axis=1) + taken[:, None]
        short = poisson.sf(np.floor(openings - taken), mean)
        mean = mean + taken
    else:
        rng = np.random.default_rng(seed)
        if a.ndim == 1:
            rate = np.broadcast_to(a, (draws, days))
            if dispersion is not None:
                rate = rng.gamma(dispersion, np.maximum(a, 1e-300) / dispersion, (draws, days))
            arrived = rng.poisson(rate).astype(float)
        else:
            arrived = a
        if contacts > 0:
            arrived = arrived + rng.poisson(arrived * contacts * p_isolate)
        there = np.stack([np.convolve(row, left)[:days] for row in arrived])
        quantiles = np.quantile(there, LEVELS, axis=0).T + taken[:, None]
        mean = (np.convolve(a * each, left)[:days] if a.ndim == 1 else there.mean(axis=0)) + taken
        short = (there + taken > openings).mean(axis=0)
    over = np.flatnonzero(short > risk)
    first = int(over[0]) if len(over) else None
    return Demand(
        np.asarray(mean), np.asarray(quantiles), openings, np.asarray(short), first, None if first is None else max(0, first - lead_days)
    )
