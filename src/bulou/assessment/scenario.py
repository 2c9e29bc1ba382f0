"""What is known and done in an outbreak that is to be projected: its words, their defaults and sources, what means nothing. Draws nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bulou.assessment.branching import TABLE
from bulou.assessment.refusing import Unusable

Floats = NDArray[np.float64]
HELLEWELL = "Hellewell 2020, Lancet Glob Health 8:e488"
POINTS = (np.arange(TABLE) + 0.5) / TABLE


@dataclass(frozen=True)
class Delay:
    """Days between two events. ``low`` and ``high`` are the 95 % interval of its mean, if that is uncertain.

    ``fixed``: ``mean`` days. ``gamma`` and ``lognormal``: ``mean`` and ``sd`` (or ``shape`` and ``scale`` for gamma, ``mu`` and ``sigma``
    for lognormal). ``weibull``: ``shape`` and ``scale``.
    """

    dist: str = "fixed"
    mean: float | None = None
    sd: float | None = None
    shape: float | None = None
    scale: float | None = None
    mu: float | None = None
    sigma: float | None = None
    low: float | None = None
    high: float | None = None

    def table(self) -> Floats:
        """Its quantiles at the middle of ``TABLE`` equal shares. Raises Unusable when the parameters do not make a distribution."""
        return _table(self)


@lru_cache(maxsize=64)
def _table(delay: Delay) -> Floats:
    numbers = {n: getattr(delay, n) for n in ("mean", "sd", "shape", "scale", "sigma")}
    if any(v is not None and not (math.isfinite(v) and v >= 0) for v in numbers.values()):
        raise Unusable(f"延迟 {delay.dist} 的参数应不小于 0", f"the parameters of the {delay.dist} delay should be from 0 on")
    if delay.dist == "fixed" and delay.mean is not None:
        return np.full(TABLE, float(delay.mean))
    if delay.dist == "weibull" and delay.shape and delay.scale:
        return np.asarray(stats.weibull_min(delay.shape, scale=delay.scale).ppf(POINTS))
    if delay.dist == "gamma":
        shape, scale = delay.shape, delay.scale
        if delay.mean and delay.sd:
            shape, scale = (delay.mean / delay.sd) ** 2, delay.sd**2 / delay.mean
        if shape and scale:
            return np.asarray(stats.gamma(shape, scale=scale).ppf(POINTS))
    if delay.dist == "lognormal":
        mu, sigma = delay.mu, delay.sigma
        if delay.mean and delay.sd:
            sigma = math.sqrt(math.log1p((delay.sd / delay.mean) ** 2))
            mu = math.log(delay.mean) - sigma**2 / 2
        if mu is not None and sigma:
            return np.asarray(stats.lognorm(sigma, scale=math.exp(mu)).ppf(POINTS))
    raise Unusable(
        f"延迟“{delay.dist}”应为 fixed(mean)、gamma 或 lognormal(mean 和 sd)、weibull(shape 和 scale)",
        f'the delay "{delay.dist}" should be fixed (mean), gamma or lognormal (mean and sd), or weibull (shape and scale)',
    )


@dataclass(frozen=True)
class Value:
    """A number, with the 95 % interval of what is known of it when it is uncertain."""

    value: float
    low: float | None = None
    high: float | None = None

    def draw(self, normal: Floats, share: bool = False) -> Floats:
        """The value under standard normal scores: lognormal, or logit-normal for a share; constant without an interval."""
        if self.low is None or self.high is None or self.low == self.high:
            return np.full(len(normal), float(self.value))
        width = 2 * 1.959963984540054
        if share:
            low, high = (np.log(x / (1 - x)) for x in np.clip((self.low, self.high), 1e-6, 1 - 1e-6))
            return np.asarray(1 / (1 + np.exp(-((low + high) / 2 + normal * (high - low) / width))))
        low, high = np.log(max(self.low, 1e-9)), np.log(self.high)
        return np.asarray(np.exp((low + high) / 2 + normal * (high - low) / width))


INCUBATION = Delay("weibull", shape=2.322737, scale=6.492272)
SHORT, LONG = Delay("weibull", shape=1.651524, scale=4.287786), Delay("weibull", shape=2.305172, scale=9.483875)
#: Skewness of the time of infection around onset (omega 2 days) for a share of transmission before onset.
BEFORE_ONSET = {0.01: 30.0, 0.15: 1.95, 0.30: 0.7}
#: Chance that a sample shows an infection, by whole days since infection: none on the first two days, then rising; an assumption to be
#: replaced by the laboratory's own.
SENSITIVITY = (0.0, 0.0, 0.2, 0.5, 0.75, 0.85, 0.9, 0.9, 0.9, 0.88, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1)


@dataclass(frozen=True)
class Scenario:
    """What is known and done. Times in days; shares from 0 to 1. `read_scenario` makes one of a TOML file's tables."""

    r: Value
    k: Value = Value(0.16)
    #: Days since infection of each case at large on day 0.
    ages: tuple[float, ...] = (0.0,)
    days: int = 28
    follow: int = 42
    draws: int = 4000
    parameter_draws: int = 40
    seed: int = 1
    cap: int = 5000
    incubation: Delay = INCUBATION
    before_onset: float = 0.15
    onset_to_sample: Delay = SHORT
    sample_to_result: Delay = Delay(mean=0.5)
    result_to_contacts: Delay = Delay(mean=0.5)
    contacts_to_quarantine: Delay = Delay(mean=0.5)
    stay: Delay = Delay(mean=14.0)
    asymptomatic: Value = Value(0.2)
    traced: Value = Value(0.8)
    asked: Value = Value(1.0)
    quarantine: bool = True
    contacts_per_case: float = 10.0
    every: float = 0.0
    coverage: float = 0.0
    sensitivity: tuple[float, ...] = SENSITIVITY
    hands: float = math.inf
    published: str = ""
    one_delay_per_generation: bool = False
    legacy_double_ft: bool = False
    levers: tuple[tuple[str, str, Any], ...] = ()

    def defaults(self) -> dict[str, tuple[Any, str]]:
        """Every parameter with what it is and its source, for whoever reads the answer."""
        theirs, ours = HELLEWELL, "assumed; give your own"
        return {
            "R": (_plain(self.r), ""),
            "k": (_plain(self.k), theirs if self.k == Value(0.16) else ""),
            "incubation": (_plain(self.incubation), theirs if self.incubation == INCUBATION else ""),
            "before_onset": (self.before_onset, theirs if self.before_onset == 0.15 else ""),
            "onset_to_sample": (_plain(self.onset_to_sample), theirs if self.onset_to_sample == SHORT else ""),
            **{n: (_plain(getattr(self, n)), ours if getattr(self, n) == Delay(mean=0.5) else "") for n in LATER},
            "stay": (_plain(self.stay), ours if self.stay == Delay(mean=14.0) else ""),
            "asymptomatic": (_plain(self.asymptomatic), ours if self.asymptomatic == Value(0.2) else ""),
            "traced": (_plain(self.traced), ours if self.traced == Value(0.8) else ""),
            "asked": (_plain(self.asked), ""),
            "contacts_per_case": (self.contacts_per_case, ours if self.contacts_per_case == 10.0 else ""),
            "rounds": ({"every": self.every, "coverage": self.coverage}, ""),
            "cases_asked_per_day": (self.hands if math.isfinite(self.hands) else "no limit", ""),
            "quarantine": (self.quarantine, ""),
            "initial_cases": (len(self.ages), ""),
            **{n: (getattr(self, n), "") for n in ("days", "follow", "draws", "parameter_draws", "seed", "cap")},
        }


LATER = ("sample_to_result", "result_to_contacts", "contacts_to_quarantine")


def _plain(what: Value | Delay) -> Any:
    told = {n: v for n, v in vars(what).items() if v is not None}
    return told["value"] if list(told) == ["value"] else told


def check(s: Scenario) -> None:
    """Raises Unusable for what means nothing, naming it."""
    positive = {"R": s.r, "k": s.k}
    shares = {"asymptomatic": s.asymptomatic, "traced": s.traced, "asked": s.asked}
    for name, value in {**positive, **shares}.items():
        known = [x for x in (value.low, value.value, value.high) if x is not None]
        top = 1.0 if name in shares else math.inf
        if (value.low is None) != (value.high is None) or known != sorted(known):
            raise Unusable(f"{name}:应有 low ≤ value ≤ high", f"{name}: should have low ≤ value ≤ high")
        if not all(math.isfinite(x) and 0 <= x <= top for x in known) or (name == "k" and min(known) <= 0):
            right = ("0 至 1", "from 0 to 1") if name in shares else ("大于 0" if name == "k" else "不小于 0", "above 0")
            raise Unusable(f"{name}:应{right[0]}", f"{name} should be {right[1] if name != 'R' else 'from 0 on'}")
    if not 1 <= s.days <= 60:
        raise Unusable("days:应为 1 至 60 天;更远的只是猜测", "days should be from 1 to 60: further on it is a guess")
    if not (1 <= s.parameter_draws <= s.draws <= 1_000_000):
        raise Unusable("draws 应不小于 parameter_draws,至多一百万", "draws should be at least parameter_draws and at most a million")
    if not s.ages or len(s.ages) >= s.cap or any(not math.isfinite(a) or a < 0 for a in s.ages):
        raise Unusable("initial_cases:至少 1 例,少于 cap", "initial_cases: at least one, fewer than cap")
    if s.before_onset not in BEFORE_ONSET:
        raise Unusable("before_onset:应为 0.01、0.15 或 0.30", "before_onset should be 0.01, 0.15 or 0.30")
    if not (s.hands > 0 and s.every >= 0 and 0 <= s.coverage <= 1 and s.contacts_per_case >= 0 and s.follow >= 0):
        raise Unusable("capacity、rounds:人手应大于 0,其余不小于 0", "capacity should be above 0, rounds and contacts from 0 on")
    if not s.sensitivity or not all(0 <= x <= 1 for x in s.sensitivity):
        raise Unusable("sensitivity:每天一个 0 至 1 的数", "sensitivity: a number from 0 to 1 for each day")
    if s.published not in ("", "hellewell2020", "kretzschmar2020"):
        raise Unusable("published:有 hellewell2020、kretzschmar2020", "published: there are hellewell2020 and kretzschmar2020")


def read_scenario(tables: Mapping[str, Any]) -> Scenario:
    """The scenario of a TOML file: ``R``, ``k``, ``initial_cases`` (or ``ages``), ``[delays]``, ``[shares]``, ``[rounds]``, ``[capacity]``.

    A number may be ``{value, low, high}``; a delay a number of days or a table of `Delay`. An unknown word is refused, not passed over.

    Units: days, shares from 0 to 1. Shapes: tables of TOML. Errors: Unusable, naming the word. Paper: none.
    """
    flat: dict[str, Any] = {}
    known = {
        "": ("R", "k", "initial_cases", "ages", "days", "follow", "draws", "parameter_draws", "seed", "cap", "published",
             "one_delay_per_generation", "legacy_double_ft", "incubation", "levers", "delays", "shares", "rounds", "capacity"),
        "delays": ("onset_to_sample", *LATER, "stay", "incubation"),
        "shares": ("asymptomatic", "traced", "asked", "before_onset"),
        "rounds": ("every", "coverage", "sensitivity"),
        "capacity": ("cases_asked_per_day", "contacts_per_case", "quarantine"),
    }  # fmt: skip
    for part, words in known.items():
        content = tables if not part else tables.get(part, {})
        if not isinstance(content, Mapping):
            raise Unusable(f"[{part}] 应是一个表", f"[{part}] should be a table")
        for word, value in content.items():
            if word not in words:
                where = f"[{part}] " if part else ""
                raise Unusable(f"{where}没有 {word} 这个词;有 {'、'.join(words)}", f"{where}no word {word}; there are {', '.join(words)}")
            if not (not part and word in known):
                flat[word] = value
    if flat.get("published") == "kretzschmar2020":
        flat.setdefault("R", 0.0)  # its contacts and infectiousness are the paper's
    if "R" not in flat:
        raise Unusable("应有 R(每例平均感染几人)", "R is missing: how many each case infects on average")
    return _made(flat)


_NAMES = {"R": "r", "cases_asked_per_day": "hands"}


def _made(flat: dict[str, Any]) -> Scenario:
    made: dict[str, Any] = {}
    for word, value in flat.items():
        name = _NAMES.get(word, word)
        if word == "initial_cases":
            made["ages"] = (0.0,) * int(_number(word, value, whole=True))
        elif word == "ages":
            made["ages"] = tuple(_number(word, a) for a in _list(word, value))
        elif word == "sensitivity":
            made[name] = tuple(_number(word, a) for a in _list(word, value))
        elif word == "levers":
            made[name] = _levers(value)
        elif word in ("quarantine", "one_delay_per_generation", "legacy_double_ft"):
            if not isinstance(value, bool):
                raise Unusable(f"{word}:应为 true 或 false", f"{word} should be true or false")
            made[name] = value
        elif word == "published":
            made[name] = str(value)
        else:
            made[name] = _read(word, value)
    return Scenario(**made)


def _read(word: str, value: Any) -> Any:
    if word in ("R", "k", "asymptomatic", "traced", "asked"):
        parts = value if isinstance(value, Mapping) else {"value": value}
        if not {"value"} <= set(parts) <= {"value", "low", "high"}:
            raise Unusable(f"{word}:应是数字或 {{value, low, high}}", f"{word} should be a number or {{value, low, high}}")
        return Value(**{n: _number(f"{word}.{n}", x) for n, x in parts.items()})
    if word in ("incubation", "onset_to_sample", *LATER, "stay"):
        if not isinstance(value, Mapping):
            return Delay(mean=_number(word, value))
        extra = set(value) - set(Delay.__dataclass_fields__)
        if extra:
            raise Unusable(f"{word}:没有 {min(extra)}", f"{word}: there is no {min(extra)}")
        parts_: dict[str, Any] = {n: str(x) if n == "dist" else _number(f"{word}.{n}", x) for n, x in value.items()}
        delay = Delay(**parts_)
        delay.table()
        return delay
    return _number(word, value, whole=word in ("days", "follow", "draws", "parameter_draws", "seed", "cap"))


def _levers(value: Any) -> tuple[tuple[str, str, Any], ...]:
    found = []
    for lever in _list("levers", value):
        if not isinstance(lever, Mapping) or set(lever) != {"name", "change", "to"}:
            raise Unusable("[[levers]]:应有 name、change、to", "[[levers]] should have name, change and to")
        changed = _made({"R": 1.0, str(lever["change"]): lever["to"]})
        name = _NAMES.get(str(lever["change"]), str(lever["change"]))
        found.append((str(lever["name"]), name, getattr(changed, name)))
    return tuple(found)


def _list(word: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise Unusable(f"{word}:应是非空列表", f"{word} should be a list that is not empty")
    return value


def _number(word: str, value: Any, whole: bool = False) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != int(value)):
        kind = ("整数", "a whole number") if whole else ("数字", "a number")
        raise Unusable(f"{word}:“{value}”应是{kind[0]}", f'{word}: "{value}" should be {kind[1]}')
    return int(value) if whole else float(value)
