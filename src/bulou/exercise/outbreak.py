"""An outbreak in a city: from its seeds, day by day along the visits, with what is done about it. Its truth is written to a file.

Who infects whom is drawn on the visits themselves: by minutes together in one space (a home, a table, a row), and by chance among those
that come to a place. Courses: infectivity by hours since infection, some without symptoms, some far more infectious than others, mutations
along the chain. What is done in the platform comes in as holds: from a minute until a minute somebody stays at home, or is away.

Limits, also printed with a run: contacts are drawn once by the day's plan (whoever is told to stay does not stay longer at home than their
plan has them), no age is more susceptible than another, nobody is immune at the beginning, the weight of a setting is a model.
"""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import gamma, norm, poisson

from bulou.exercise.chance import Chance, Floats, Ints
from bulou.exercise.contagion import DAY, HOUR, NEVER, PLAN, gathered, met, spread, weights
from bulou.exercise.days import Visits
from bulou.exercise.parameters import Unfit
from bulou.exercise.places import PLACES

#: A course ends after so many days at the latest, and as soon as so little of infectivity is left; the rest is spread over it.
COURSE, LEFT = 28, 1e-3
NOBODY = 0xFFFF_FFFF
DWELLINGS = ("home", "dormitory", "care_home")


class Pathogen(NamedTuple):
    """What is known of a pathogen, as ``pathogens.toml`` words it; the sources stand there."""

    name: str
    generation_mean: float
    generation_sd: float
    meanlog: float
    sdlog: float
    asymptomatic: float
    relative: float
    r0: float
    dispersion: float
    household_sar: float
    sensitivity: tuple[float, ...]
    mutations: float
    near: Mapping[str, float]
    far: Mapping[str, float]

    def detected(self, days: Any) -> Floats:
        """The chance that a swab finds somebody so many whole days after their infection (arrays too); 0 outside the curve."""
        table, d = np.asarray(self.sensitivity), np.asarray(days)
        found: Floats = np.where((d >= 0) & (d < len(table)), table[np.clip(d, 0, len(table) - 1)], 0.0)
        return found


class Town(NamedTuple):
    """What an outbreak has to know of a city: kinds of its places (numbers of ``PLACES``), how many spaces, the home space of everyone, and
    who lives in a family's home rather than in a dormitory or a home for the old."""

    kind: NDArray[np.uint8]
    spaces: int
    home: NDArray[np.uint32]
    family: NDArray[np.bool_]


class Day(NamedTuple):
    """A day's visits in the orders in which an outbreak asks for them: by person, by space, by place."""

    visits: Visits
    plan: NDArray[np.void]
    first: Ints
    begin: Ints
    rows: NDArray[np.int32]
    begin_place: Ints
    rows_place: NDArray[np.int32]
    #: How much each person meets, by a pathogen's rates (``weighted``); none yet.
    weight: Floats = np.zeros(0)


class Rates(NamedTuple):
    """Hazards by kind of place, as ``contagion.spread`` takes them, and what was expected of them."""

    near: Floats
    far: Floats
    #: Infections that one case makes at home and elsewhere where everybody is susceptible.
    at_home: float
    elsewhere: float


def read(name: str, path: Path | None = None) -> Pathogen:
    """A pathogen of the file (None: the one that comes with Bulou). Unfit with what is there, or with what is wrong."""
    text = (path or resources("bulou.exercise") / "pathogens.toml").read_text(encoding="utf-8")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Unfit(f"{path}:不是 TOML:{wrong}", f"{path} is not TOML: {wrong}") from None
    there = sorted(set(told) - {"settings"})
    if name not in there:
        raise Unfit(f"没有病原体 {name!r};有:{'、'.join(there)}", f"no pathogen {name!r}; there are: {', '.join(there)}")
    try:
        return pathogen(name, told[name], told["settings"])
    except (KeyError, TypeError) as wrong:
        raise Unfit(f"病原体 {name}:缺 {wrong}", f"pathogen {name} lacks {wrong}") from None


def pathogen(name: str, one: Mapping[str, Any], settings: Mapping[str, Any]) -> Pathogen:
    """A pathogen from its words. KeyError for one that is missing; Unfit for a number that cannot be."""
    made = Pathogen(
        name, one["generation"]["mean"], one["generation"]["sd"], one["incubation"]["meanlog"], one["incubation"]["sdlog"],
        one["asymptomatic"]["share"], one["asymptomatic"]["relative"], one["r0"]["value"], one["dispersion"]["k"], one["household_sar"]["value"],
        tuple(one["sensitivity"]["by_day"]), one["mutations"]["per_day"], dict(settings["near"]), dict(settings["far"]),
    )  # fmt: skip
    shares = {
        "asymptomatic.share": made.asymptomatic, "asymptomatic.relative": made.relative, "household_sar": made.household_sar,
        **{f"sensitivity.by_day[{i}]": s for i, s in enumerate(made.sensitivity)},
    }  # fmt: skip
    above = {
        "generation.mean": made.generation_mean, "generation.sd": made.generation_sd, "incubation.sdlog": made.sdlog, "dispersion.k": made.dispersion,
    }  # fmt: skip
    for where, value in shares.items():
        if not 0 <= value < 1 and not (value == 1 and where != "household_sar"):
            raise Unfit(f"{name}.{where} = {value}:应在 0 至 1 之间", f"{name}.{where} = {value}: should lie between 0 and 1")
    for where, value in {**above, "r0": made.r0}.items():
        if not value > 0:
            raise Unfit(f"{name}.{where} = {value}:应大于 0", f"{name}.{where} = {value}: should be above 0")
    for word in {*made.near, *made.far} - set(PLACES):
        raise Unfit(f"settings.{word}:没有这种场所", f"settings.{word}: there is no such kind of place")
    return made


def prepared(town: Town, visits: Visits) -> Day:
    """A day's visits, put in order: once for a day, however many outbreaks run over it."""
    first = np.searchsorted(visits.person, np.arange(len(town.home) + 1))
    begin, rows = gathered(visits.space, town.spaces)
    plan = np.empty(len(visits.person), PLAN)
    plan["start"], plan["end"], plan["space"], plan["kind"] = visits.start, visits.end, visits.space, town.kind[visits.place]
    plan["company"] = np.diff(begin)[visits.space]
    return Day(visits, plan, first, begin, rows, *gathered(visits.place, len(town.kind)))


def weighted(day: Day, rates: Rates) -> Day:
    """The day with what each person meets on it by these rates: once for a day, however many outbreaks of the pathogen run over it."""
    return day._replace(weight=weights(day.plan, day.first, rates.near, rates.far))


def curve(p: Pathogen) -> Floats:
    """Infectivity per minute by hours since infection, one over a course: the density of the generation interval."""
    shape = (p.generation_mean / p.generation_sd) ** 2
    upto = gamma.cdf(np.arange(COURSE * 24 + 1) / 24, shape, scale=p.generation_mean / shape)
    upto = upto[: int(np.searchsorted(upto, 1 - LEFT)) + 1]
    found: Floats = np.diff(upto) / upto[-1] / HOUR
    return found


def rates(p: Pathogen, town: Town, days: Iterable[Day], *, sample: int = 2000, seed: int = 0) -> Rates:
    """Hazards with which the household's attack rate and R0 come out as asked, from how some people spend these days.

    Unfit where nobody meets anybody outside although R0 asks for it.
    """
    kinds, together, there, n = len(PLACES), np.zeros(len(PLACES)), np.zeros(len(PLACES)), 0
    people = len(town.home)
    some = np.unique(Chance(seed).below("whom to watch", np.arange(min(sample, people)), people)).astype(np.uint32)
    for d in days:
        a, b = met(d.visits.person, d.plan, d.first, d.begin, d.rows, kinds, some)
        together, there, n = together + a, there + b, n + len(some)
    share, alone = together / n / DAY, there / n / DAY  # of a day with one other, and in the place
    dwelling = np.isin(np.asarray(PLACES), DWELLINGS)
    near, far = (np.asarray([of.get(k, 0.0) for k in PLACES], dtype=np.float64) for of in (p.near, p.far))
    # At home: -ln(1 - SAR) over a whole course, of which they are together for a part only.
    mates = np.bincount(town.home)[town.home[some]] - 1
    family, collective = np.where(town.family[some], mates, 0).mean(), np.where(town.family[some], 0, mates).mean()
    part = share[PLACES.index("home")] / family if family > 0 else 0.0
    hazard = -np.log1p(-_spread_sar(p)) / part if part > 0 else 0.0
    near = np.where(dwelling, near * hazard, near)
    at_home = float((family + p.near.get("dormitory", 0.0) * collective) * p.household_sar)
    # Elsewhere: one number makes up what is left of R0.
    outside = float((np.where(dwelling, 0.0, near) * share).sum() + (far * alone).sum())
    left = p.r0 - at_home
    if left < 0:
        raise Unfit(
            f"household_sar {p.household_sar} 在平均 {family + collective:.2f} 名同住者中已超过 r0 {p.r0}",
            f"household_sar {p.household_sar} with {family + collective:.2f} people at home is more than r0 {p.r0}",
        )
    if outside == 0 and left > 0:
        raise Unfit("家庭之外无人相遇,达不到 r0", "nobody meets anybody outside their home: r0 cannot be reached")
    scale = left / outside if outside else 0.0
    return Rates(np.where(dwelling, near, near * scale), far * scale, at_home, left)


def _spread_sar(p: Pathogen) -> float:
    """The attack rate of a case of average infectiousness with which the mean over all cases, who differ, is the one asked for.

    For a gamma of mean 1 and shape k the chance of escaping a hazard h is (1 + h / k)^-k; whoever has no symptoms has less of it.
    """
    low, high = p.relative / _mean(p), 1.0 / _mean(p)

    def escaped(h: float) -> float:
        def one(f: float) -> float:
            return float(np.exp(-h * f)) if np.isinf(p.dispersion) else float((1 + h * f / p.dispersion) ** -p.dispersion)

        return p.asymptomatic * one(low) + (1 - p.asymptomatic) * one(high)

    h = float(brentq(lambda h: 1 - escaped(h) - p.household_sar, 0.0, 1e6))
    return float(-np.expm1(-h))


def _mean(p: Pathogen) -> float:
    return p.asymptomatic * p.relative + 1 - p.asymptomatic


class Outbreak:
    """An outbreak as it goes; minutes count from the midnight with which the city's first day begins, in the city's own time."""

    def __init__(self, p: Pathogen, town: Town, rates: Rates, seed: int) -> None:
        n = len(town.home)
        self.p, self.town, self.rates, self.seed, self.chance = p, town, rates, seed, Chance(seed)
        self.curve = curve(p)
        ahead = np.concatenate([self.curve, np.zeros(DAY // HOUR + 1)])
        self._peak = np.lib.stride_tricks.sliding_window_view(ahead, DAY // HOUR + 2).max(axis=1)
        self.infected = np.full(n, NEVER)
        self.infector = np.full(n, NOBODY, np.uint32)
        self.place, self.space = np.full(n, NOBODY, np.uint32), np.full(n, NOBODY, np.uint32)
        self.held = np.zeros(n, np.uint8)
        self.held_from, self.held_until = np.full(n, NEVER), np.full(n, NEVER)
        self._dwelling = np.isin(np.asarray(PLACES), DWELLINGS)
        self._key = self.chance.bits("contagion", np.zeros(1, np.int64))[0]
        everyone = np.arange(n)
        self.symptoms = ~self.chance.happens("no symptoms", everyone, p.asymptomatic)
        self.factor = self._factors(everyone)

    def _factors(self, who: Ints) -> Floats:
        """How much more infectious than the mean each would be; their mean is 1."""
        u = self.chance.uniform("infectiousness", who)
        k = self.p.dispersion
        own = np.ones(len(who)) if np.isinf(k) else gamma.ppf(u, k, scale=1 / k)
        found: Floats = own * np.where(self.symptoms, 1.0, self.p.relative) / _mean(self.p)
        return found

    # --- what comes in ------------------------------------------------------------------------------------------------
    def seeded(self, many: int, day: int) -> Ints:
        """Infects so many people from outside in the course of a day: people who were not infected. Unfit for more than there are."""
        free = np.flatnonzero(self.infected == NEVER)
        if not 0 < many <= len(free):
            raise Unfit(f"{many} 名输入病例:可为 1 至 {len(free):,}", f"{many} imported cases: there may be 1 to {len(free):,}")
        order = np.argsort(self.chance.bits("imported", free, day), kind="stable")
        who = np.sort(free[order[:many]])
        self.infected[who] = day * DAY + self.chance.below("imported at", who, DAY, day)
        return who

    def hold(self, who: Any, how: int, since: Any, until: Any) -> None:
        """Keeps people at home or away from a minute until a minute; a later word replaces the earlier. FREE lets them go."""
        self.held[who], self.held_from[who], self.held_until[who] = how, since, until

    # --- what happens -------------------------------------------------------------------------------------------------
    def day(self, n: int, day: Day) -> Ints:
        """Lets a day pass; who was infected on it, by number."""
        age = n * DAY - self.infected
        infectious = np.flatnonzero((self.infected < (n + 1) * DAY) & (age < len(self.curve) * HOUR)).astype(np.uint32)
        before = self.infected.copy()
        day = day if len(day.weight) else weighted(day, self.rates)
        spread(
            self._key, np.int64(n * DAY), day.visits.person, day.visits.place, *day[1:], self._dwelling, self.town.home, infectious, self.factor,
            self.curve, self._peak, self.rates.near, self.rates.far, self.held_from, self.held_until, self.held, self.infected, self.infector,
            self.place, self.space,
        )  # fmt: skip
        return np.flatnonzero((before == NEVER) & (self.infected != NEVER))

    # --- what is true -------------------------------------------------------------------------------------------------
    def cases(self) -> Ints:
        """Everyone infected so far, the first first."""
        who = np.flatnonzero(self.infected != NEVER)
        return who[np.lexsort((who, self.infected[who]))]

    def onset(self, who: Any) -> Ints:
        """The minute of the first symptom of people who are infected; NEVER without symptoms."""
        days = np.exp(self.p.meanlog + self.p.sdlog * norm.ppf(self.chance.uniform("incubation", who)))
        found: Ints = np.where(self.symptoms[who], self.infected[who] + (days * DAY).astype(np.int64), NEVER)
        return found

    def mutations(self, who: Any) -> Ints:
        """How many mutations each has beyond the one who infected them: by the days between (Poisson)."""
        of = self.infector[who]
        since = np.where(of == NOBODY, 0, self.infected[who] - self.infected[np.where(of == NOBODY, 0, of)]) / DAY
        found: Ints = poisson.ppf(self.chance.uniform("mutations", who), self.p.mutations * np.maximum(since, 0)).astype(np.int64)
        return np.maximum(found, 0)

    def positive(self, who: Any, minute: int, nth: int = 0) -> NDArray[np.bool_]:
        """Whether a swab of these people at a minute finds them; the ``nth`` on one day is drawn anew."""
        days = np.where(self.infected[who] == NEVER, -1, (minute - self.infected[who]) // DAY)
        return self.chance.happens(f"swab {nth}", who, self.p.detected(days), minute // DAY)
