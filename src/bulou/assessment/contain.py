"""Will it be contained at our speeds: draws of an outbreak under symptoms, rounds and tracing. Reads no file; decides nothing.

Hellewell J et al. Feasibility of controlling COVID-19 outbreaks by isolation of cases and contacts. Lancet Glob Health 2020;8:e488-96
(incubation, time of infection around onset, dispersion and onset-to-isolation delays are theirs unless the scenario says otherwise);
Lloyd-Smith JO et al. Nature 2005;438:355-9 for the offspring. The result is an interval over parameters and chance, never one curve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bulou.assessment.abreast import abreast
from bulou.assessment.branching import CONFIRMED, CONTACTS, INFECTED, OUTSIDE, ROOMS, TABLE, events, generations
from bulou.assessment.prevented import Population, prevented, symptom_hazard
from bulou.assessment.refusing import Unusable
from bulou.assessment.scenario import BEFORE_ONSET, LATER, POINTS, SHORT, Delay, Scenario, Value, check

Floats = NDArray[np.float64]
#: Quantities by day, with the column of the draws that holds them.
QUANTITIES = {"infections": INFECTED, "cases_found": CONFIRMED, "found_outside": OUTSIDE, "contacts": CONTACTS, "isolation": ROOMS}
#: So many outbreaks are drawn by one processor before it takes more.
TOGETHER = 100
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True)
class Contained:
    """Quantiles at ``LEVELS`` by quantity and day, with the draws they come from (run, day, column of `branching`)."""

    days: int
    quantiles: dict[str, Floats]
    #: p_contained by parameter draw and day, its sampling noise taken out.
    chances: Floats
    counts: Floats
    levers: dict[str, Floats] = field(default_factory=dict)
    #: The share of draws that reached the cap, after which they are not followed; they count as not contained.
    stopped: float = 0.0
    #: The day of each row of a quantity, where rows are not days 0, 1, …
    labels: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, int, float, float, float, float, float]]:
        """``quantity, day`` and the five quantiles, as the command writes them."""
        found = [
            (name, self.labels[name][at] if name in self.labels else at, q)
            for name, by_day in self.quantiles.items()
            for at, q in enumerate(by_day.tolist())
        ]
        found += [(f"lever: {name}", self.days - 1, q.tolist()) for name, q in self.levers.items()]
        return [(name, day, a, b, c, d, e) for name, day, (a, b, c, d, e) in found]


def contain(scenario: Scenario, levers: bool = False) -> Contained:
    """Draws of the outbreak of ``scenario``: per day infections, cases found, those found outside quarantine, contacts to be found, rooms
    taken by the infected, and the chance that no infection happens after that day (``p_contained``, looked at over ``follow`` days more).

    Parameters with an interval are drawn ``parameter_draws`` times, and each draw runs ``draws / parameter_draws`` outbreaks, so the
    intervals hold both. For ``p_contained`` the interval is over parameters (over chance alone when none is uncertain). ``levers`` adds the
    change of its last day's value when one thing is done better. The same scenario and seed give the same numbers.

    Units: people per day; days; probabilities. Shapes: quantiles (days, 5) by quantity, draws (draws, days, 5). Errors: Unusable for a
    scenario that means nothing. Paper: Hellewell et al. 2020, Lancet Glob Health 8:e488; Lloyd-Smith et al. 2005, Nature 438:355.
    """
    check(scenario)
    if scenario.published == "kretzschmar2020":
        return _closed(scenario)
    if scenario.published:
        return _published(scenario)
    counts, last, stopped, which = _draw(scenario, scenario.days + scenario.follow)
    counts[:, :, ROOMS] = np.cumsum(counts[:, :, ROOMS], axis=1)
    counts = counts[:, : scenario.days]
    quantiles = {name: np.quantile(counts[:, :, column], LEVELS, axis=0).T for name, column in QUANTITIES.items()}
    chances = _chances(last, stopped, which, scenario)
    quantiles["p_contained"] = _spread(chances, scenario)
    found = {}
    if levers:
        for name, changed in tornado(scenario):
            _, l2, s2, w2 = _draw(changed, changed.days + changed.follow)
            change = _chances(l2, s2, w2, changed)[:, -1] - chances[:, -1]
            found[name] = np.quantile(change, LEVELS)
            found[name][2] = change.mean()
        found = dict(sorted(found.items(), key=lambda item: -abs(item[1][2])))
    return Contained(scenario.days, quantiles, chances, counts, found, float(stopped.mean()))


def p_controlled(
    r: float,
    k: float = 0.16,
    initial: int = 20,
    traced: float = 0.8,
    delay: Delay = SHORT,
    before_onset: float = 0.15,
    asymptomatic: float = 0.0,
    one_delay_per_generation: bool = False,
    draws: int = 1000,
    seed: int = 1,
    cap: int = 5000,
) -> float:
    """The share of outbreaks controlled in the model of Hellewell 2020: no onset in weeks 12 to 16 and fewer than ``cap`` cases.

    Their first published code drew one isolation delay for each whole generation, which makes large outbreaks die out together; with
    ``one_delay_per_generation`` it is reproduced, without it each case has its own.

    Units: a probability; shares from 0 to 1; days. Shapes: numbers. Errors: Unusable.
    Paper: Hellewell et al. 2020, Lancet Glob Health 8:e488.
    """
    scenario = Scenario(
        Value(r), Value(k), (0.0,) * initial, draws=draws, seed=seed, cap=cap, onset_to_sample=delay, before_onset=before_onset,
        asymptomatic=Value(asymptomatic), traced=Value(traced), published="hellewell2020", one_delay_per_generation=one_delay_per_generation,
    )  # fmt: skip
    check(scenario)
    return float(_controlled(_weeks(scenario), cap).mean())


def tornado(scenario: Scenario) -> list[tuple[str, Scenario]]:
    """One thing done better at a time: the scenario's own levers, or delays halved, shares raised by 0.15, twice the hands and rounds."""
    if scenario.levers:
        return [(name, _changed(replace(scenario, levers=()), word, value)) for name, word, value in scenario.levers]
    found: list[tuple[str, Scenario]] = []
    for name in ("onset_to_sample", *LATER):
        was: Delay = getattr(scenario, name)
        if was.table().max() > 0:
            found.append((f"{name} halved", _changed(scenario, name, _scaled(was, 0.5))))
    for name in ("traced", "asked"):
        value: Value = getattr(scenario, name)
        if value.value < 1:
            more = [None if x is None else min(1.0, x + 0.15) for x in (value.value, value.low, value.high)]
            found.append((f"{name} +0.15", _changed(scenario, name, Value(more[0] or 0.0, more[1], more[2]))))
    if math.isfinite(scenario.hands):
        found.append(("hands doubled", replace(scenario, hands=2 * scenario.hands)))
    if scenario.every:
        found.append(("rounds twice as often", replace(scenario, every=scenario.every / 2)))
    else:
        found.append(("rounds every 3 days, 0.9 covered", replace(scenario, every=3.0, coverage=0.9)))
    return found


def _changed(scenario: Scenario, word: str, value: Any) -> Scenario:
    changes: dict[str, Any] = {word: value}
    return replace(scenario, **changes)


def _scaled(delay: Delay, by: float) -> Delay:
    def times(x: float | None) -> float | None:
        return None if x is None else x * by

    moved = None if delay.mu is None else delay.mu + math.log(by)
    return replace(delay, mean=times(delay.mean), sd=times(delay.sd), scale=times(delay.scale), mu=moved,
                   low=times(delay.low), high=times(delay.high))  # fmt: skip


def _offspring(r: float, k: float) -> Floats:
    """The cumulative distribution of how many one case infects, to where less than 1e-12 remains."""
    if r == 0:
        return np.ones(1)
    spread = stats.poisson(r) if k > 1e6 else stats.nbinom(k, k / (k + r))
    return np.asarray(spread.cdf(np.arange(int(spread.ppf(1 - 1e-12)) + 2)))


@lru_cache(maxsize=8)
def _exposure(before_onset: float) -> Floats:
    return np.asarray(stats.skewnorm(BEFORE_ONSET[before_onset], 0, 2).ppf(POINTS))


def _seeds(s: Scenario) -> NDArray[np.uint64]:
    return np.random.default_rng((s.seed, 20200228)).integers(0, 2**63, s.draws, dtype=np.uint64)


def _draw(s: Scenario, horizon: int) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.int64]]:
    sets = s.parameter_draws if _uncertain(s) else 1
    normal = np.random.default_rng((s.seed, 7)).standard_normal((10, sets))
    r, k = s.r.draw(normal[0]), s.k.draw(normal[1])
    shares = [v.draw(normal[2 + i], share=True) for i, v in enumerate((s.asymptomatic, s.traced, s.asked))]
    born = [_offspring(a, b) for a, b in zip(r, k, strict=True)]
    offspring = np.ones((sets, max(map(len, born))))
    for row, each in zip(offspring, born, strict=True):
        row[: len(each)] = each
    five = (s.onset_to_sample, *(getattr(s, n) for n in LATER), s.stay)
    delays = np.empty((sets, 5, TABLE))
    for i, delay in enumerate(five):
        table = delay.table()
        factor = np.ones(sets)
        if delay.low is not None and delay.high is not None and table.mean() > 0:
            factor = Value(float(table.mean()), delay.low, delay.high).draw(normal[5 + i]) / table.mean()
        delays[:, i] = table * factor[:, None]
    numbers = np.empty((sets, 8))
    numbers[:, 0], numbers[:, 1], numbers[:, 2] = shares
    numbers[:, 3:] = (s.contacts_per_case, s.every, s.coverage, s.hands, float(s.quarantine))
    which = np.arange(s.draws) % sets
    seeds, told = (
        _seeds(s),
        (offspring, s.incubation.table(), _exposure(s.before_onset), delays, numbers, np.array(s.ages), np.array(s.sensitivity)),
    )

    def some(part: slice) -> Any:
        return events(seeds[part], which[part], *told, s.cap, horizon, not s.quarantine)

    found = abreast(some, [slice(at, at + TOGETHER) for at in range(0, s.draws, TOGETHER)])
    counts, stopped, last = (np.concatenate([each[column] for each in found]) for column in range(3))
    return counts, last, stopped, which


def _uncertain(s: Scenario) -> bool:
    return any(v.low is not None for v in (s.r, s.k, s.asymptomatic, s.traced, s.asked, s.onset_to_sample, s.stay,
                                           *(getattr(s, n) for n in LATER)))  # fmt: skip


def _chances(last: Floats, stopped: NDArray[np.bool_], which: NDArray[np.int64], s: Scenario) -> Floats:
    """P(no infection after the day) per parameter draw, drawn towards their mean by as much as chance alone moves them."""
    over = (last[:, None] < np.arange(1, s.days + 1)) & ~stopped[:, None]
    sets = int(which.max()) + 1
    p = np.stack([over[which == i].mean(axis=0) for i in range(sets)])
    if sets == 1:
        return p
    mean, seen, runs = p.mean(axis=0), p.var(axis=0, ddof=1), len(last) / sets
    noise = (p * (1 - p)).mean(axis=0) / max(runs - 1, 1)
    kept = np.sqrt(np.clip(1 - noise / np.where(seen > 0, seen, 1), 0, 1))
    return np.asarray(mean + kept * (p - mean))


def _spread(p: Floats, s: Scenario) -> Floats:
    if len(p) > 1:
        out = np.quantile(p, LEVELS, axis=0).T
        out[:, 2] = p.mean(axis=0)
        return np.sort(out, axis=1)
    good = p[0] * s.draws
    return np.stack([stats.beta(good + 0.5, s.draws - good + 0.5).ppf(level) for level in LEVELS], axis=1)


def _weeks(s: Scenario) -> Floats:
    return np.asarray(
        generations(
            _seeds(s), len(s.ages), _offspring(s.r.value, s.k.value), s.incubation.table(), _exposure(s.before_onset),
            s.onset_to_sample.table(), s.asymptomatic.value, s.traced.value, s.one_delay_per_generation, False, s.cap, 365, 17,
        )
    )  # fmt: skip


def _controlled(weeks: Floats, cap: int) -> NDArray[np.bool_]:
    return np.asarray((weeks[:, 12:17].sum(axis=1) == 0) & (weeks[:, 17] < cap))


def _published(s: Scenario) -> Contained:
    weeks = _weeks(s)
    good = _controlled(weeks, s.cap)
    p = np.full((1, 1), good.mean())
    out = {"onsets_in_week": np.quantile(weeks[:, :17], LEVELS, axis=0).T, "p_contained": _spread(p, s)}
    days = {"onsets_in_week": tuple(range(0, 119, 7)), "p_contained": (112,)}
    return Contained(112, out, p, weeks[:, :17, None], labels=days)


def _closed(s: Scenario) -> Contained:
    """The closed form of Kretzschmar 2020 at the scenario's delays: nothing is drawn, every quantile is the value."""
    whole = [
        sum(d.table().mean() for d in pair)
        for pair in ((s.onset_to_sample, s.sample_to_result), (s.result_to_contacts, s.contacts_to_quarantine))
    ]
    if any(abs(x - round(x)) > 1e-9 for x in whole):
        raise Unusable(
            "kretzschmar2020:采样加结果、查找加隔离的延迟各应合为整天",
            "kretzschmar2020: onset_to_sample with sample_to_result, and result_to_contacts with contacts_to_quarantine, should make whole days",
        )
    found = prevented(
        round(whole[0]), round(whole[1]), s.traced.value, s.asked.value, Population(hazard=symptom_hazard(s.asymptomatic.value)),
        legacy_double_ft=s.legacy_double_ft,
    )  # fmt: skip
    values = {"r_none": found.r_none, "r_isolated": found.r_isolated, "r_traced": found.r_traced, "percent_prevented": found.percent}
    return Contained(1, {name: np.full((1, 5), value) for name, value in values.items()}, np.zeros((1, 1)), np.zeros((0, 1, 1)))
