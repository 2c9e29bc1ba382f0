"""How many people to a tube or a pool: tests, hours, people missed and people held. Knows no outbreak; decides nothing.

Dorfman R. Ann Math Stat 1943;14:436-40 (two stages); Hitt BD, Bilder CR et al. (binGroup2) for imperfect tests and square arrays;
Kim HY et al. Biometrics 2007;63:1152-63 for arrays and hierarchies. The time model and its defaults are ours, to be replaced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import betaln
from scipy.stats import beta, norm

from bulou.assessment.refusing import Unusable

#: Above this prevalence pooling with a perfect test never pays: 1 - 3^(-1/3).
NEVER_PAYS = 1 - 3 ** (-1 / 3)
#: Medium in a tube by how many swabs go into it, in ml (a supplier's page, not a standard).
VOLUME = {1: 3.0, 5: 5.0, 10: 6.0, 20: 12.0}


class Pool(NamedTuple):
    """One size of pool. Tests and infections per person tested; hours from the first sample; people held per person tested."""

    n: int
    tests_per_person: float
    hours_to_last: float
    missed: float
    held: float
    positive_pools: float
    hours_to_person: float
    pool_sensitivity: float
    pool_specificity: float
    ppv: float
    npv: float


@dataclass(frozen=True)
class Rates:
    """Who is sampled how fast. Hours; tests per hour. Defaults are assumptions, printed with the answer."""

    people: int = 10_000
    tests_per_hour: float = 500.0
    hours_collect: float = 8.0
    hours_lab: float = 4.0
    hours_recall: float = 6.0
    #: The share of a positive pool's people who cannot be found again.
    recall_loss: float = 0.0


def _share(name: str, value: float, open_: bool = False) -> float:
    if not (0 < value < 1 if open_ else 0 <= value <= 1):
        raise Unusable(f"{name} 应为 0 至 1", f"{name} should be from 0 to 1")
    return value


def tests_per_person(prevalence: float, n: int, se: float = 1.0, sp: float = 1.0, correlation: float = 0.0) -> float:
    """Expected tests per person with pools of ``n`` whose members are tested again one by one when the pool is positive; 1 for n = 1.

    ``correlation`` (0 to below 1) is that of infections within a pool, as families share a tube (beta-binomial).

    Units: tests per person. Shapes: numbers. Errors: Unusable for shares outside 0 to 1, sizes below 1.
    Paper: Dorfman 1943, Ann Math Stat 14:436.
    """
    _share("prevalence", prevalence), _share("se", se), _share("sp", sp)
    if n < 1 or n != int(n):
        raise Unusable("池的大小应为不小于 1 的整数", "the size of a pool should be a whole number from 1 on")
    if n == 1:
        return 1.0
    none = _none(prevalence, n, correlation)
    return 1 / n + (1 - none) * se + none * (1 - sp)


def _none(prevalence: float, n: int, correlation: float) -> float:
    """The chance that nobody of ``n`` is infected."""
    if not 0 <= correlation < 1:
        raise Unusable("相关系数应为 0 到小于 1", "the correlation should be from 0 to below 1")
    if correlation == 0 or prevalence in (0, 1):
        return (1 - prevalence) ** n
    strength = 1 / correlation - 1
    a, b = prevalence * strength, (1 - prevalence) * strength
    return math.exp(betaln(a, b + n) - betaln(a, b))


def best_size(prevalence: float, most: int = 1000, se: float = 1.0, sp: float = 1.0) -> tuple[int, float]:
    """The size of pool (1 to ``most``) that needs fewest tests per person, and how many.

    Units: people; tests per person. Shapes: numbers. Errors: Unusable. Paper: Dorfman 1943.
    """
    found = [(tests_per_person(prevalence, n, se, sp), n) for n in range(1, most + 1)]
    tests, n = min(found)
    return n, tests


def array_tests(prevalence: float, n: int, se: float = 1.0, sp: float = 1.0) -> float:
    """Expected tests per person in an ``n`` by ``n`` array: rows and columns pooled, crossings (or lone positive lines) tested again.

    Units: tests per person. Shapes: numbers. Errors: Unusable. Paper: Kim et al. 2007, Biometrics 63:1152 (without a master pool).
    """
    _share("prevalence", prevalence), _share("se", se), _share("sp", sp)
    if n < 2:
        raise Unusable("方阵至少 2×2", "an array is at least 2 by 2")
    p, q = prevalence, 1 - prevalence
    if se == sp == 1:
        return 2 / n + p + q * (1 - 2 * q ** (n - 1) + q ** (2 * n - 2))
    return 2 / n + _crossing(p, n, se, sp) + 2 * _lone(p, n, se, sp)


def _crossing(p: float, n: int, se: float, sp: float) -> float:
    """The chance that a person's row and column both test positive."""
    q = 1 - p
    neg = q ** (n - 1)
    row_if_well = neg * (1 - sp) + (1 - neg) * se
    return p * se**2 + q * row_if_well**2


def _lone(p: float, n: int, se: float, sp: float) -> float:
    """The chance that a person's row tests positive while no column of the array does (given infections, lines are read independently)."""
    q = 1 - p
    # columns given how many of the row are infected: that many columns hold one, the rest follow the other rows
    total = 0.0
    clean = q ** (n - 1)  # a column free of infection outside the row
    for c in range(n + 1):
        chance = math.comb(n, c) * p**c * q ** (n - c)
        row = se if c else 1 - sp
        columns = (1 - se) ** c * (clean * sp + (1 - clean) * (1 - se)) ** (n - c)
        total += chance * row * columns
    return total


def nested_tests(prevalence: float, sizes: Sequence[int]) -> float:
    """Expected tests per person with a perfect test and pools split in stages, as (110, 10): pools of 110, then of 10, then one by one.

    Units: tests per person. Shapes: sizes falling, each dividing the one before. Errors: Unusable.
    Paper: Armendariz et al. 2020 (arXiv 2007.09827); Kim et al. 2007.
    """
    _share("prevalence", prevalence)
    steps = [*sizes, 1]
    if not sizes or any(b >= a or a % b for a, b in pairwise(steps)):
        raise Unusable("各级大小应逐级整除、逐级变小", "sizes should fall, each dividing the one before")
    q = 1 - prevalence
    return 1 / steps[0] + sum((1 - q**a) / b for a, b in pairwise(steps))


def dilution(n: int, kind: Literal["swab", "lab"]) -> float:
    """By how many cycles (Ct) a positive person is read later in a pool of ``n``: log2(n) where the laboratory mixes samples, and log2 of the
    volumes where swabs share a tube, since only the medium dilutes them.

    Units: cycles. Shapes: numbers. Errors: Unusable for another kind. Paper: Christoff et al. 2021, PLoS ONE 16:e0246544 (observed shifts).
    """
    if kind == "lab":
        return math.log2(n)
    if kind != "swab":
        raise Unusable("kind 应为 swab 或 lab", "kind should be swab or lab")
    sizes = sorted(VOLUME)
    return math.log2(float(np.interp(n, sizes, [VOLUME[s] for s in sizes])) / VOLUME[1])


def relative_sensitivity(shift: float, ct_mean: float = 25.0, ct_sd: float = 6.0, cutoff: float = 37.0) -> float:
    """Sensitivity in a pool relative to a single test when cycles are normal and read ``shift`` later, up to ``cutoff``.

    Units: cycles; a share. Shapes: numbers. Errors: none. Paper: none; the normal is an assumption (mean 25, sd 6 unless told).
    """
    return float(norm.cdf((cutoff - shift - ct_mean) / ct_sd) / norm.cdf((cutoff - ct_mean) / ct_sd))


def pool_plan(
    prevalence: float,
    sizes: Sequence[int] = (5, 10, 20),
    se: float = 1.0,
    sp: float = 1.0,
    kind: Literal["swab", "lab"] | None = None,
    rates: Rates | None = None,
    correlation: float = 0.0,
    ct: tuple[float, float, float] = (25.0, 6.0, 37.0),
) -> list[Pool]:
    """What each size of pool costs: tests, hours until the last result, infections missed, people held while they wait.

    A positive pool means finding its people again (``hours_recall``), a swab and a test each. ``held`` counts the members of positive pools;
    ``missed`` infections per million people tested (pool or single negative, or not found again). ``se`` and ``sp`` are those of one test on one
    person; with ``kind`` the dilution of a pool lowers its sensitivity (``ct``: mean, sd, cut-off of positives), without it does not.
    Predictive values are of the whole procedure.

    Units: tests and people per person, hours, infections per million. Shapes: one Pool for each size.
    Errors: Unusable for shares outside 0 to 1, sizes below 1, speeds of 0.
    Paper: Dorfman 1943, Ann Math Stat 14:436; binGroup2 (Hitt and Bilder) for predictive values.
    """
    r = rates or Rates()
    _share("recall_loss", r.recall_loss)
    if min(r.tests_per_hour, r.people) <= 0 or min(r.hours_collect, r.hours_lab, r.hours_recall) < 0:
        raise Unusable("速度和人数应大于 0,时间不小于 0", "speeds and people should be above 0, hours from 0 on")
    if not sizes:
        raise Unusable("至少一种大小", "there should be at least one size")
    return [_planned(prevalence, n, se, sp, kind, r, correlation, ct) for n in sizes]


def _planned(
    p: float, n: int, se: float, sp: float, kind: Literal["swab", "lab"] | None, r: Rates, correlation: float,
    ct: tuple[float, float, float],
) -> Pool:  # fmt: skip
    pool_se = se if kind is None or n == 1 else se * relative_sensitivity(dilution(n, kind), *ct)
    tests = tests_per_person(p, n, pool_se, sp, correlation)
    none = _none(p, n, correlation)
    positive = (1 - none) * pool_se + none * (1 - sp) if n > 1 else p * se + (1 - p) * (1 - sp)
    if n == 1:
        psens, pspec, held = se, sp, positive
    else:
        psens = pool_se * se * (1 - r.recall_loss)
        # a healthy person is called positive when the pool is (whoever made it so) and the single test is
        well = _none(p, n - 1, correlation) if correlation == 0 else none / (1 - p) if p < 1 else 0.0
        pspec = 1 - (1 - sp) * (well * (1 - sp) + (1 - well) * pool_se)
        held = positive
    called, cleared = p * psens + (1 - p) * (1 - pspec), p * (1 - psens) + (1 - p) * pspec
    first = r.people / n
    second = r.people * positive if n > 1 else 0.0
    done = max(r.hours_collect, first / r.tests_per_hour) + r.hours_lab
    again = r.hours_recall + r.hours_lab if n > 1 else 0.0
    last = done + (again + second / r.tests_per_hour if second >= 1e-9 else 0.0)
    return Pool(n, tests, last, 1e6 * p * (1 - psens), held, positive, r.hours_collect / 2 + r.hours_lab + again, psens, pspec,
                p * psens / called if called else math.nan, (1 - p) * pspec / cleared if cleared else math.nan)  # fmt: skip


class Prevalence(NamedTuple):
    """An estimate with its interval, as shares of people."""

    estimate: float
    q025: float
    q975: float


def prevalence_from_tubes(tubes: Sequence[tuple[int, int, int]], level: float = 0.95) -> Prevalence:
    """How many are infected, from tubes of several sizes: ``(size, count, positive)`` for each size, a perfect test assumed.

    With one size the interval is exact (Clopper-Pearson on tubes, then per person); with several the estimate is the maximum of the
    likelihood and the interval that of its profile. No positive tube gives an estimate of 0 and an upper limit.

    Units: shares of people. Shapes: numbers. Errors: Unusable for sizes below 1, more positive tubes than tubes, no tube.
    Paper: Clopper and Pearson 1934, Biometrika 26:404; Cleary et al. 2021, Sci Transl Med 13:eabf1568 (estimation from pools).
    """
    merged: dict[int, list[int]] = {}
    for size, count, positive in tubes:
        if size < 1 or count < 0 or not 0 <= positive <= count:
            raise Unusable("每行应有 size ≥ 1、0 ≤ positive ≤ count", "each row should have size ≥ 1 and 0 ≤ positive ≤ count")
        row = merged.setdefault(size, [0, 0])
        row[0], row[1] = row[0] + count, row[1] + positive
    rows = [(size, count, positive) for size, (count, positive) in sorted(merged.items()) if count]
    if not rows:
        raise Unusable("没有试管", "there are no tubes")
    if not 0 < level < 1:
        raise Unusable("level 应在 0 与 1 之间", "the level should lie between 0 and 1")
    tail = (1 - level) / 2
    if len(rows) == 1:
        size, count, positive = rows[0]
        low = beta.ppf(tail, positive, count - positive + 1) if positive else 0.0
        high = beta.ppf(1 - tail, positive + 1, count - positive) if positive < count else 1.0
        return Prevalence(*(_per_person(x, size) for x in (positive / count, float(low), float(high))))
    return _several(rows, tail)


def _per_person(tube: float, size: int) -> float:
    return -math.expm1(math.log1p(-tube) / size) if tube < 1 else 1.0


def _several(rows: list[tuple[int, int, int]], tail: float) -> Prevalence:
    """Maximum likelihood and profile limits by bisection on the logarithm of the chance to be well."""
    positives, drop = sum(r[2] for r in rows), float(norm.ppf(1 - tail)) ** 2 / 2

    def log_likelihood(p: float) -> float:
        if p <= 0:
            return 0.0 if positives == 0 else -math.inf
        if p >= 1:
            return 0.0 if all(c == x for _, c, x in rows) else -math.inf
        lq = math.log1p(-p)
        return sum(x * math.log(-math.expm1(s * lq)) + (c - x) * s * lq for s, c, x in rows)

    def bisect(low: float, high: float, left: bool) -> float:
        goal = log_likelihood(best) - drop
        for _ in range(200):
            middle = math.sqrt(low * high) if low > 0 else high / 2
            if (log_likelihood(middle) >= goal) == left:
                high = middle
            else:
                low = middle
        return high

    if positives == 0:
        people = sum(s * c for s, c, _ in rows)
        return Prevalence(0.0, 0.0, -math.expm1(math.log(tail) / people))
    if all(c == x for _, c, x in rows):
        best = 1.0
    else:
        low, high = 1e-15, 1 - 1e-15
        for _ in range(300):
            a, b = low * (high / low) ** 0.381966, low * (high / low) ** 0.618034
            if log_likelihood(a) < log_likelihood(b):
                low = a
            else:
                high = b
        best = math.sqrt(low * high)
    upper = 1.0 if best == 1.0 else bisect(best, 1.0, False)
    return Prevalence(best, bisect(1e-15, best, True), upper)
