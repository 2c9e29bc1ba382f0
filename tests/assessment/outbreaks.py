"""Outbreaks whose every link is known, made up for tests and the bench: days, contacts, sequences. Asserts nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma


def by_day(mean: float, sd: float, days: int, first: int = 1) -> list[float]:
    """A gamma distribution by whole days, nothing before ``first``."""
    law = gamma((mean / sd) ** 2, scale=sd**2 / mean)
    p = law.cdf(np.arange(days) + 0.5) - law.cdf(np.arange(days) - 0.5)
    p[:first] = 0
    return [float(x) for x in p / p.sum()]


#: The setting of the published calibration: generation 5 d (sd 2), infection to sample 6 d (sd 2).
W, F = by_day(5, 2, 16), by_day(6, 2, 18, 0)


class Outbreak(NamedTuple):
    """Sampled cases in the order of their numbers; -1 is a source outside."""

    sampled: list[int]
    source: list[int]
    snp: NDArray[np.int64]
    contacts: list[tuple[int, int]]


def outbreak(n: int, seed: int, *, r: float = 1.5, k: float = 0.5, mutations: float = 1.0, seen: float = 0.7, noise: float = 0.007,
             imports: int = 2, sampled: float = 1.0) -> Outbreak:  # fmt: skip
    """The first ``n`` cases of an outbreak that takes off: Poisson ``mutations`` per transmission on sites that differ, contacts with noise."""
    rng = np.random.default_rng((seed, n))
    while True:
        day, source, strain = [0], [-1], [frozenset[int]()]
        queue, sites = [0], 1000
        for i in range(1, imports):
            day.append(3 * i)
            source.append(-1)
            strain.append(frozenset(range(100 * i, 100 * i + 12)))
            queue.append(i)
        at = 0
        while at < len(queue) and len(day) < 3 * n:
            i = queue[at]
            at += 1
            for _ in range(rng.negative_binomial(k, k / (k + r))):
                new = rng.poisson(mutations)
                day.append(day[i] + int(rng.choice(len(W), p=W)))
                source.append(i)
                strain.append(strain[i] | frozenset(range(sites, sites + new)))
                sites += new
                queue.append(len(day) - 1)
        kept = sorted((i for i in range(len(day)) if rng.random() < sampled or source[i] < 0), key=lambda i: day[i])[:n]
        if len(kept) == n:
            break
    place = {i: at for at, i in enumerate(kept)}

    def sampled_source(i: int) -> int:
        while i >= 0:
            i = source[i]
            if i in place:
                return place[i]
        return -1

    sources = [sampled_source(i) for i in kept]
    snp = np.array([[len(strain[a] ^ strain[b]) for b in kept] for a in kept], np.int64)
    contacts = [
        (a, b) for a in range(n) for b in range(a)
        if rng.random() < (seen if source[kept[a]] == kept[b] or source[kept[b]] == kept[a] else noise)
    ]  # fmt: skip
    sampled_on = [day[i] + int(rng.choice(len(F), p=F)) for i in kept]
    return Outbreak(sampled_on, sources, snp, contacts)


def calibration_error(support: list[float], right: list[bool]) -> float:
    """Expected calibration error over the bins of the published table: 0, 0.3, 0.5, 0.7, 0.9, 1."""
    s, ok = np.array(support), np.array(right, float)
    bins = np.digitize(s, (0.3, 0.5, 0.7, 0.9))
    return float(sum(abs(s[bins == b].mean() - ok[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())))
