"""Could A have infected B: how surprising the days and sequences of a pair are if so. Excludes or does not; never confirms.

The three verdicts and their cut-offs are those of Illingworth CJR et al. eLife 2021;10:e67308; the distributions are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import poisson

from bulou.assessment.refusing import Unusable

CONSISTENT, UNLIKELY = 0.05, 0.01


class Compatible(NamedTuple):
    """The log-likelihood of the pair, the chance of data at least as surprising, and the verdict."""

    log_likelihood: float
    p: float
    verdict: str


def compatible(days: int, w: Sequence[float], f: Sequence[float], snp: int | None = None, per_generation: float = 1.0) -> Compatible:
    """Whether B, sampled ``days`` after A, may have been infected by A directly, ``snp`` differences apart.

    ``w[k]`` is the chance that a generation takes k days, ``f[k]`` that a case is sampled k days after infection, ``per_generation`` the
    expected differences per transmission (Poisson). ``p`` is the chance, if A infected B, of days and differences no more likely than these.
    Verdict: ``consistent`` above 0.05, ``unlikely`` below 0.01, ``borderline`` between.

    Units: whole days, differences. Shapes: w and f by day. Errors: Unusable for what are no probabilities.
    Paper: Illingworth et al. 2021, eLife 10:e67308 (verdicts and cut-offs).
    """
    w_, f_ = np.asarray(w, float), np.asarray(f, float)
    for name, each in (("w", w_), ("f", f_)):
        if each.ndim != 1 or not len(each) or (each < 0).any() or not abs(each.sum() - 1) < 1e-3:
            raise Unusable(f"{name} 应是合计为 1 的概率", f"{name} should be probabilities that sum to 1")
    if (snp is not None and snp < 0) or not per_generation > 0:
        raise Unusable("差异位点数应不小于 0", "differences should be from 0 on")
    # sampled B - sampled A = generation + (infection to sample of B) - (infection to sample of A)
    apart = np.convolve(np.convolve(w_ / w_.sum(), f_ / f_.sum()), f_[::-1] / f_.sum())
    at = days + len(f_) - 1
    one = float(apart[at]) if 0 <= at < len(apart) else 0.0
    other = np.ones(1)
    if snp is not None:
        other = poisson(per_generation).pmf(np.arange(max(snp + 1, int(per_generation * 10) + 30)))
        one *= float(other[snp])
    both = np.outer(apart, other)
    p = float(both[both <= one * (1 + 1e-12)].sum()) if one > 0 else 0.0
    verdict = "consistent" if p > CONSISTENT else "unlikely" if p < UNLIKELY else "borderline"
    return Compatible(float(np.log(one)) if one > 0 else -np.inf, p, verdict)
