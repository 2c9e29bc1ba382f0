"""Closed forms of a branching process with superspreading: dying out, who causes how much, large clusters. Simulates nothing.

Lloyd-Smith JO, Schreiber SJ, Kopp PE, Getz WM. Superspreading and the effect of individual variation on disease emergence.
Nature 2005;438:355-9; Endo A et al. Wellcome Open Res 2020;5:67 for the share of cases that causes most transmission.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.stats import nbinom, poisson

from bulou.assessment.refusing import Unusable


def _check(r: float, k: float) -> None:
    if not (r > 0 and k > 0):
        raise Unusable("R 与 k 应大于 0(k 可为无穷)", "R and k should be above 0 (k may be infinite: all cause about the same)")


def _offspring(r: float, k: float) -> object:
    return poisson(r) if np.isinf(k) else nbinom(k, k / (k + r))


def p_extinct(r: float, k: float, initial: int = 1, population_control: float = 0.0, individual_control: float = 0.0) -> float:
    """The chance that all chains of ``initial`` cases die out, with ``r`` infections each on average and dispersion ``k``.

    ``population_control`` lowers everyone's R by that share; ``individual_control`` lets that share of cases infect nobody (both 0 to 1).
    One when R after control is at most one.

    Units: infections per case; shares from 0 to 1; a probability. Shapes: numbers.
    Errors: Unusable for what is out of range. Paper: Lloyd-Smith et al. 2005, Nature 438:355.
    """
    _check(r, k)
    if not (0 <= population_control <= 1 and 0 <= individual_control <= 1):
        raise Unusable("控制的比例应为 0 至 1", "control should be a share from 0 to 1")
    if initial < 0:
        raise Unusable("病例数应不小于 0", "cases should be counted from 0")
    mean = r * (1 - population_control)
    if mean * (1 - individual_control) <= 1:
        return 1.0

    def off(s: float) -> float:
        free = np.exp(-mean * (1 - s)) if np.isinf(k) else (1 + mean * (1 - s) / k) ** -k
        return float(individual_control + (1 - individual_control) * free - s)

    return float(brentq(off, 0.0, 1 - 1e-9, xtol=1e-14)) ** initial


def share_causing(r: float, k: float, share: float = 0.8) -> float:
    """The smallest share of cases that causes ``share`` of transmission, those with most offspring first.

    Units: shares from 0 to 1. Shapes: numbers. Errors: Unusable for what is out of range. Paper: Endo et al. 2020, Wellcome Open Res 5:67.
    """
    _check(r, k)
    if not 0 < share < 1:
        raise Unusable("比例应在 0 与 1 之间", "the share should lie between 0 and 1")
    offspring = _offspring(r, k)
    caused = people = 0.0
    for x in range(100_000):
        p = float(offspring.pmf(x))  # type: ignore[attr-defined]
        if caused + x * p / r >= 1 - share:
            return 1 - people - (1 - share - caused) * r / x
        caused, people = caused + x * p / r, people + p
    raise Unusable("R 或 k 过于极端", "R or k is too extreme")


def share_in_clusters(r: float, k: float, size: int) -> float:
    """The share of all infections that happen in events where one case infects at least ``size`` others.

    Units: a share from 0 to 1. Shapes: numbers. Errors: Unusable for what is out of range. Paper: Lloyd-Smith et al. 2005, Nature 438:355.
    """
    _check(r, k)
    x = np.arange(size)
    return float(1 - (x * _offspring(r, k).pmf(x)).sum() / r)  # type: ignore[attr-defined]
