"""Which single datum would say most about who infected whom: from draws of the trees alone. Asks nobody and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.assessment.chains import DRAWN, Reconstruction
from bulou.assessment.refusing import Unusable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Share of transmissions that an interview finds, and of other pairs it names relative to it, where no contact list says so: 70 % of links and
#: 0.7 % of other pairs, the setting of the made-up outbreaks in the validation. An assumption.
ASKED = (0.7, 0.01)
#: Shape and scale (days) of the incubation: Hellewell 2020, Lancet Glob Health 8:e488.
INCUBATION = (2.322737, 6.492272)
#: Fewest bits that are worth naming: below lies what chance alone makes of some hundred draws.
LEAST = 0.05
#: Pairs of cases are asked about when they are linked in this share of the draws.
LINKED = 0.02
#: Differences to the nearest forebear that are told apart; as many or more are one outcome.
_DIFFERENCES = 15


class Datum(NamedTuple):
    """One thing that could be found out, and what it is expected to say."""

    #: ``contact``: whether ``case`` met ``other``; ``sequence``: that of ``case``; ``onset``: the day on which ``case`` fell ill.
    kind: str
    case: int
    other: int | None
    #: Bits by which it is expected to lower the entropy of the ancestor of each unresolved case that it concerns.
    bits: dict[int, float]

    def whole(self) -> float:
        """Over all unresolved cases that it concerns."""
        return sum(self.bits.values())


class Worth(NamedTuple):
    """What is open, and what would help. Cases are counted from 0."""

    #: Entropy of the ancestor of each unresolved case (no support reaches 0.5), bits.
    entropy: dict[int, float]
    #: Every datum that says something, most first over all.
    data: list[Datum]

    def of(self, case: int) -> Datum | None:
        """The datum that says most about the ancestor of one case; None where none says anything."""
        told = [d for d in self.data if d.bits.get(case, 0.0) >= LEAST]
        return max(told, key=lambda d: d.bits[case], default=None)

    def best(self) -> Datum | None:
        """The single datum that says most over all."""
        return self.data[0] if self.data else None


def incubation() -> Floats:
    """The chance that a case falls ill 0, 1, … days after infection. Sums to 1."""
    shape, scale = INCUBATION
    days = np.arange(23)
    below = 1 - np.exp(-(((days + 0.5) / scale) ** shape))
    return np.asarray(np.diff(below, prepend=0.0) / below[-1])


def worth(
    found: Reconstruction,
    contacts: Sequence[tuple[int, int]] | None = None,
    snp: Ints | None = None,
    sites: int = 0,
    onsets: bool = True,
    fall_ill: Floats | None = None,
) -> Worth:
    """What each single datum that is missing would say about the ancestors of the cases that are not resolved.

    The gain is the mutual information of the ancestor and the datum over the draws of ``found``, less what draws of another start, which can
    tell nothing, seem to tell. Asked about are: a contact between two cases that are linked in 0.02 of the draws and not in ``contacts`` (an
    interview that finds and errs as the contact list does, else as `ASKED`; an earlier silence does not count); the sequence of a case that
    has none in ``snp`` while others do (which sequenced forebear it descends from, and how many differences apart: at least this is said);
    with ``onsets`` the day on which a case fell ill (``fall_ill`` by days since infection, else `incubation`), unless the days are of onset.

    Units: bits; days; differences. Shapes: snp (n, n), -1 where a case has no sequence; fall_ill by day. Errors: Unusable for a
    reconstruction without draws. Paper: Lindley 1956, Ann Math Stat 27:986. O(data x draws x candidates of a case).
    """
    states = found.states
    if states is None or not len(states.ancestor):
        raise Unusable("没有保留抽样,无法计算", "no draws were kept, so there is nothing to reckon from")
    n = len(found.support)
    ancestor = np.where(states.ancestor < 0, n, states.ancestor)
    open_ = [i for i, (_, support) in enumerate(found.best()) if support < DRAWN]
    sorted_ = {i: _Ancestors(ancestor[:, i]) for i in open_}
    data: list[Datum] = []

    def add(kind: str, case: int, other: int | None, chances: Floats) -> None:
        both = {case} if other is None else {case, other}
        near = [i for i in open_ if i in both or max(found.support[i, x] for x in both) >= LINKED]
        bits = {i: gain for i in near if (gain := sorted_[i].told(chances)) >= LEAST}
        if bits:
            data.append(Datum(kind, case, other, bits))

    if open_:
        for a, b, chances in _contacts(states.kappa, states.parameters, ancestor, contacts):
            add("contact", a, b, chances)
        for x, chances in _sequences(states.kappa, states.parameters, ancestor, snp, sites):
            add("sequence", x, None, chances)
        law = incubation() if fall_ill is None else fall_ill
        for x in range(n) if onsets else ():
            add("onset", x, None, _onset(states.day[:, x], law))
    return Worth(
        {i: sorted_[i].entropy for i in open_}, sorted(data, key=lambda d: (-d.whole(), d.kind, d.case, -1 if d.other is None else d.other))
    )


class _Ancestors:
    """The draws of one case's ancestor."""

    def __init__(self, drawn: Ints) -> None:
        names, which = np.unique(drawn, return_inverse=True)
        self.which = np.zeros((len(drawn), len(names)))
        self.which[np.arange(len(drawn)), which] = 1.0
        self.p = self.which.mean(axis=0)
        self.entropy = float(-(self.p * np.log2(self.p)).sum())

    def told(self, chances: Floats) -> float:
        """Bits that a datum says, whose outcomes have ``chances`` (outcome, draw)."""
        return max(0.0, self._shared(chances) - self._shared(np.roll(chances, chances.shape[1] // 2, axis=1)))

    def _shared(self, chances: Floats) -> float:
        given = chances @ (self.which / self.which.sum(axis=0))
        whole = given @ self.p
        return float(_entropy(whole[:, None])[0] - self.p @ _entropy(given))


def _entropy(p: Floats) -> Floats:
    """Bits of each column."""
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1.0))).sum(axis=0))


def _contacts(kappa: Ints, par: Floats, ancestor: Ints, known: Sequence[tuple[int, int]] | None) -> list[tuple[int, int, Floats]]:
    """Pairs that may be linked, with the chances of yes and no in each draw."""
    draws, n = ancestor.shape
    said = {(min(p), max(p)) for p in known or ()}
    seen, error = (par[:, 2], par[:, 3]) if known else (np.full(draws, ASKED[0]), np.full(draws, ASKED[1]))
    linked: dict[tuple[int, int], NDArray[np.bool_]] = {}
    for i in range(n):
        for j in np.unique(ancestor[:, i]).tolist():
            pair = (min(i, j), max(i, j))
            if j < n and pair not in said:
                direct = (ancestor[:, i] == j) & (kappa[:, i] == 1)
                linked[pair] = linked[pair] | direct if pair in linked else direct
    out = []
    for (a, b), direct in sorted(linked.items()):
        if direct.mean() >= LINKED:
            yes = np.where(direct, seen, seen * error)
            out.append((a, b, np.stack([yes, 1 - yes])))
    return out


def _sequences(kappa: Ints, par: Floats, ancestor: Ints, snp: Ints | None, sites: int) -> list[tuple[int, Floats]]:
    """Cases without a sequence, with the chances of each nearest forebear (those with one sequence are one) and differences to it."""
    draws, n = ancestor.shape
    if snp is None or not sites:
        return []
    apart = np.where(np.eye(n, dtype=bool), -1, snp)
    has = np.append((apart >= 0).any(axis=1), True)  # the last is the source outside, where the way up ends
    alike = np.append(np.array([int(np.flatnonzero((snp[i] == 0) | (np.arange(n) == i))[0]) for i in range(n)]), n)
    rows = np.arange(draws)
    out = []
    for x in np.flatnonzero(~has[:-1]).tolist():
        at, steps = ancestor[:, x].copy(), kappa[:, x].astype(float)
        while not has[at].all():
            on = ~has[at]
            steps[on] += kappa[rows[on], at[on]]
            at[on] = ancestor[rows[on], at[on]]
        expected = par[:, 0] * sites * steps
        p = np.empty((_DIFFERENCES, draws))
        p[0] = np.exp(-expected)
        for m in range(1, _DIFFERENCES - 1):
            p[m] = p[m - 1] * expected / m
        p[-1] = np.maximum(0.0, 1 - p[:-1].sum(axis=0))
        p[:, at == n] = 0.0
        p[0, at == n] = 1.0
        names, which = np.unique(alike[at], return_inverse=True)
        chances = np.zeros((len(names), _DIFFERENCES, draws))
        chances[which, :, rows] = p.T
        out.append((x, chances.reshape(-1, draws)))
    return out


def _onset(day: Ints, law: Floats) -> Floats:
    """The chances of each day of falling ill, in each draw."""
    first = int(day.min())
    chances = np.zeros((int(day.max()) - first + len(law), len(day)))
    for later, p in enumerate(law):
        chances[day - first + later, np.arange(len(day))] = p
    return chances
