"""Numbers drawn by counting: what is drawn for one person on one day depends on the seed, the purpose, the person and the day alone.

So neither the order of the work nor the number of processes changes a byte. Whole numbers and single IEEE operations only: the same on
every machine. Not for secrets.
"""

import hashlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]
_M1, _M2, _STEP = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)


class Table(NamedTuple):
    """A distribution to be drawn from: ``upto[i]`` is the chance of a value of at most the i-th; the last is 1."""

    values: Ints
    upto: Floats


def table(values: Any, weights: Any) -> Table:
    """Values with weights, as many of one as of the other; ValueError where the weights are negative or all nothing."""
    w = np.asarray(weights, dtype=np.float64)
    if len(w) != len(values) or (w < 0).any() or not w.any():
        raise ValueError("a distribution has one weight of at least 0 for each value, and one above 0")
    upto = np.cumsum(w)  # one after the other: no order of summing that a machine may choose
    return Table(np.asarray(values, dtype=np.int64), np.append(upto[:-1] / upto[-1], 1.0))


def mixed(z: Bits) -> Bits:
    """Bits well mixed (the finaliser of SplitMix64: Steele, Lea, Flood, OOPSLA 2014). In place."""
    z ^= z >> np.uint64(30)
    z *= _M1
    z ^= z >> np.uint64(27)
    z *= _M2
    z ^= z >> np.uint64(31)
    return z


class Chance:
    """All that a seed has in store. ``purpose`` names what is drawn; ``who`` are numbers of people, households, places."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, who: Any, day: int = 0) -> Bits:
        """Sixty-four bits for each of ``who``."""
        digest = hashlib.blake2b(f"{self.seed}\x1f{purpose}\x1f{day}".encode(), digest_size=8, person=b"bulou.city").digest()
        z = np.asarray(who).astype(np.uint64)
        z *= _STEP
        z += np.uint64(int.from_bytes(digest, "little"))
        return mixed(z)

    def uniform(self, purpose: str, who: Any, day: int = 0) -> Floats:
        """A number from 0 up to, never reaching, 1 for each of ``who``."""
        return unit(self.bits(purpose, who, day))

    def below(self, purpose: str, who: Any, most: Any, day: int = 0) -> Ints:
        """A whole number from 0 up to, never reaching, ``most`` (one number, or one for each)."""
        found: Ints = (self.uniform(purpose, who, day) * most).astype(np.int64)
        return found

    def happens(self, purpose: str, who: Any, share: Any, day: int = 0) -> NDArray[np.bool_]:
        """Yes for about this share of ``who`` (one share, or one for each)."""
        found: NDArray[np.bool_] = self.uniform(purpose, who, day) < share
        return found

    def pick(self, purpose: str, who: Any, of: Table, day: int = 0) -> Ints:
        """A value of the table for each of ``who``."""
        return of.values[np.searchsorted(of.upto, self.uniform(purpose, who, day), side="right")]

    def shuffled(self, purpose: str, many: int) -> Ints:
        """The numbers 0 to ``many`` - 1 in another order."""
        return np.argsort(self.bits(purpose, np.arange(many)), kind="stable")


def unit(bits: Bits) -> Floats:
    """The upper 53 bits as a number from 0 up to, never reaching, 1."""
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def shares(total: int, weights: Any) -> Ints:
    """Whole numbers that sum to ``total`` in proportion to ``weights``, the largest remainders rounded up first (Hare and Niemeyer)."""
    w = np.asarray(weights, dtype=np.float64)
    exact = w * (total / np.cumsum(w)[-1])
    whole: Ints = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    if rest > 0:
        whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    elif rest < 0:  # a product that was rounded up past its whole number
        whole[np.argsort(exact - whole, kind="stable")[:-rest]] -= 1
    return whole


def rank_within(group: Any) -> tuple[Ints, Ints]:
    """For members sorted by group: the place of each within its group from 0, and how many its group has."""
    group = np.asarray(group)
    if not len(group):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    size = np.diff(np.r_[first, len(group)])
    return np.arange(len(group)) - np.repeat(first, size), np.repeat(size, size)
