"""How complete the register is, estimated with intervals: strangers met, independent lists, a small random re-visit. Pure.

Never 100 %: what nobody has looked at is said not to be estimated, and a re-visit that found nobody new says only how few may be
missing. Sources: Chapman, Univ. Calif. Publ. Stat. 1 (1951) 131-160; Robson and Regier, Trans. Am. Fish. Soc. 93 (1964) 215-226 (at
least seven in both lists, or the estimate is biased); Sadinle, Comm. Stat. Simul. Comput. 38 (2009) 1909-1924 (interval); Clopper and
Pearson, Biometrika 26 (1934) 404-413 (interval of a proportion).
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

from bulou.basis.words import Word

#: The fewest people in both lists for which an estimate is made (Robson and Regier 1964).
LEAST_OVERLAP = 7
#: The fewest people met at re-visits for which an interval is worth saying.
LEAST_MET = 20
#: The 97.5 % point of the normal distribution.
Z = 1.959963984540054

#: What must hold for two lists to be compared, said wherever the estimate stands.
INDEPENDENCE = Word(
    "前提:另一份名单与登记册彼此独立,名单上的人与其他人同样可能已登记,且核对无误。若易登记者也更易进名单,则实际缺漏更多。",
    "Assumes that the other list was made without the register, that people on it are as likely to be registered as others, and that "
    "matching is right. Where those easily registered are also easily listed, more are missing than estimated.",
)
#: The same for a re-visit: people of one household are alike, so that the truth may lie somewhat outside.
CLUSTERED = Word(
    "前提:住户由抽签决定,且户内的人都数到了。同户的人情况相似,实际范围可能略宽。",
    "Assumes that the households were drawn by lot and everyone inside was counted. People of one household are alike: the true range "
    "may be somewhat wider.",
)


class Interval(NamedTuple):
    """A share with its 95 % interval, each from 0 to 1."""

    value: float
    low: float
    high: float


class Recaptured(NamedTuple):
    """How many people there are by two lists: the estimate and its 95 % interval."""

    value: float
    low: float
    high: float


def chapman(first: int, second: int, both: int) -> Recaptured | None:
    """How many there are, from two independent lists of ``first`` and ``second`` people with ``both`` in both.

    Chapman's estimator with Sadinle's transformed logit interval; never below the people that are known. None where fewer than
    seven are in both: too few to say. ValueError for numbers that no two lists can have.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"{both} cannot be in both of two lists of {first} and {second}")
    if both < LEAST_OVERLAP:
        return None
    value = (first + 1) * (second + 1) / (both + 1) - 1
    low, high = sadinle(first, second, both)
    seen = first + second - both
    return Recaptured(max(value, seen), max(low, seen), max(high, seen))


def sadinle(first: int, second: int, both: int) -> tuple[float, float]:
    """The 95 % interval of the number of people, by Sadinle's transformed logit (2009)."""
    k, a, b = both + 0.5, first - both + 0.5, second - both + 0.5
    spread = exp(Z * sqrt(1 / k + 1 / a + 1 / b + k / (a * b)))
    seen = first + second - both
    return seen - 0.5 + a * b / k / spread, seen - 0.5 + a * b / k * spread


def clopper_pearson(hits: int, of: int, alpha: float = 0.05) -> Interval:
    """The share ``hits`` of ``of`` with its exact binomial interval (95 % by default). ValueError for what is no share."""
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of} is no share")
    low = 0.0 if hits == 0 else _solve(lambda p: 1 - _at_most(hits - 1, of, p) < alpha / 2)
    high = 1.0 if hits == of else _solve(lambda p: _at_most(hits, of, p) > alpha / 2)
    return Interval(hits / of, low, high)


def _solve(below: Callable[[float], bool]) -> float:
    """The point in (0, 1) up to which ``below`` holds, by halving; 60 halvings are beyond a double's precision."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def _at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) of a binomial distribution, summed in logarithms."""
    if p <= 0 or k >= n:
        return 1.0
    if p >= 1:
        return 0.0
    return sum(exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p)) for i in range(k + 1))


def chosen(seed: bytes, households: Iterable[bytes], many: int) -> list[bytes]:
    """The households of a draw: those whose hash with the seed is smallest. Anyone can draw again and gets the same."""
    return sorted(set(households), key=lambda h: hashlib.blake2b(seed + h, digest_size=16).digest())[:many]


class Source(NamedTuple):
    """One way in which an area's register was held against the world. ``kind``: list, revisit or strangers.

    ``register``: the register where it was looked; ``seen``: people whom the source found; ``matched``: those on the register.
    """

    kind: str
    name: str
    register: int
    seen: int
    matched: int

    def share(self) -> Interval | None:
        """How much of those who are there is on the register; None where there is too little to say."""
        if self.kind == "revisit":
            return clopper_pearson(self.matched, self.seen) if self.seen >= LEAST_MET else None
        found = chapman(self.register, self.seen, self.matched) if self.matched <= min(self.register, self.seen) else None
        return Interval(self.register / found.value, self.register / found.high, self.register / found.low) if found else None


class Completeness(NamedTuple):
    """The known register and what is estimated of it; ``low`` None: nothing was found out yet. Shares from 0 to 1."""

    register: int
    low: float | None
    high: float | None
    missing_low: int | None
    missing_high: int | None
    strangers: int
    sources: tuple[Source, ...]


def completeness(register: int, sources: Collection[Source], strangers: int = 0) -> Completeness:
    """What may be said of a register: the widest range that its sources leave open.

    Sources are not multiplied: they see different people, and the one that is wrong is not known. Strangers met are certainly
    missing, so that the share is at most what is left without them.
    """
    shares = [s for source in sources if (s := source.share()) is not None]
    if not shares or register == 0:
        return Completeness(register, None, None, None, None, strangers, tuple(sources))
    ceiling = register / (register + strangers)
    high = min(max(s.high for s in shares), ceiling)
    low = min(high, *(s.low for s in shares))
    most = round(register / low) - register if low > 0 else None
    least = max(strangers, round(register / high) - register)
    return Completeness(register, low, high, least, most, strangers, tuple(sources))


def percent(share: float, *, up: bool) -> str:
    """A share in per cent with one decimal, rounded away from certainty: what is not whole is never printed as 100."""
    tenths = share * 1000
    rounded = -int(-tenths // 1) if up else int(tenths // 1)
    rounded = min(rounded, 999)
    return f"{rounded / 10:.1f}"


def statement(found: Completeness) -> Word:
    """The register and its completeness as one sentence, in both languages; never "100 %", never "nobody missed"."""
    n = f"{found.register:,}"
    if found.low is None or found.high is None:
        zh, en = f"已知登记 {n} 人;完整程度尚未估计", f"known register {n}; how complete it is has not been estimated"
        if found.strangers:
            return Word(f"{zh};至少缺 {found.strangers:,} 人", f"{en}; at least {found.strangers:,} missing")
        return Word(zh, en)
    low, high = percent(found.low, up=False), percent(found.high, up=True)
    most = f"{found.missing_high:,}" if found.missing_high is not None else "?"
    if found.high >= 1:
        return Word(
            f"已知登记 {n} 人,估计至少完整 {low} %;缺漏至多 {most} 人",
            f"known register {n}, estimated at least {low} % complete; up to {most} missing",
        )
    return Word(
        f"已知登记 {n} 人,估计完整 {low}–{high} %;缺 {found.missing_low:,} 至 {most} 人",
        f"known register {n}, estimated {low} to {high} % complete; {found.missing_low:,} to {most} missing",
    )
