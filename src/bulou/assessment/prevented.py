"""What a day of testing or tracing delay is worth: the closed form of Kretzschmar et al. 2020. Simulates nothing.

Kretzschmar ME, Rozhnova G, Bootsma MCJ, van Boven M, van de Wijgert JHHM, Bonten MJM. Impact of delays on effectiveness of contact
tracing strategies for COVID-19: a modelling study. Lancet Public Health 2020;5:e452-59. Written from the published equations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from bulou.assessment.refusing import Unusable

Floats = NDArray[np.float64]

#: Relative infectiousness on infectious days 1 to 10, and the published shape of the hazard of symptoms on the same days.
INFECTIOUSNESS = np.array((0.348446, 0.531887, 0.634637, 0.6393, 0.560803, 0.434692, 0.299959, 0.184989, 0.10216, 0.0505619))
SYMPTOMS = np.array((0.0209371, 0.0461089, 0.0813067, 0.122817, 0.165713, 0.202934, 0.224878, 0.220575, 0.183746, 0.123545))
#: The chance to become infectious on the first, second, third day after infection, when not yet so.
LATENT_EXIT = np.array((0.5, 0.7, 1.0))


def symptom_hazard(never: float = 0.2) -> Floats:
    """The daily hazard of symptoms such that a share ``never`` (0 to 1) of the infected never has any. Ten days."""
    if not 0 <= never < 1:
        raise Unusable("无症状的比例应从 0 到小于 1", "the share that never has symptoms should be from 0 to below 1")

    def missing(scale: float) -> float:
        return float(np.prod(1 - scale * SYMPTOMS)) - never

    top = 1 / SYMPTOMS.max()
    return np.asarray(SYMPTOMS * (top if never == 0 else brentq(missing, 0.0, top, xtol=1e-14)))


@dataclass(frozen=True)
class Population:
    """Who meets whom and how it passes on; the defaults are the paper's (the Netherlands under distancing, spring 2020)."""

    transmissibility: float = 0.1211
    #: Persons met at home, and elsewhere, over the whole infectious period, after distancing (4 x 0.6; 1.6 x 0.85/0.15 x 0.3).
    household: float = 4 * 0.6
    elsewhere: float = 1.6 * (1 - 0.15) / 0.15 * 0.3
    #: Risk of a contact elsewhere relative to one at home.
    elsewhere_risk: float = 0.25
    infectiousness: Floats = field(default_factory=INFECTIOUSNESS.copy)
    hazard: Floats = field(default_factory=symptom_hazard)
    latent_exit: Floats = field(default_factory=LATENT_EXIT.copy)
    #: How many days after the first possible contact of an index are looked back on.
    window: int = 7

    def rings(self) -> tuple[Floats, Floats]:
        """Expected infections at home and elsewhere on each infectious day, nobody isolated; each person is infected once."""
        daily = self.transmissibility * self.infectiousness
        out = []
        for contacts, risk in ((self.household, 1.0), (self.elsewhere, self.elsewhere_risk)):
            escaped = np.concatenate(([1.0], np.cumprod(1 - risk * daily)[:-1]))
            out.append(contacts * risk * daily * escaped)
        return out[0], out[1]

    def latent(self) -> Floats:
        """The chance that the latent period lasts 1, 2, … days."""
        stays = np.concatenate(([1.0], np.cumprod(1 - self.latent_exit)[:-1]))
        return stays * self.latent_exit


@dataclass(frozen=True)
class Prevented:
    """What isolation and tracing do to onward transmission. Rates per infected person; ``percent`` of ``r_none`` prevented."""

    r_none: float
    r_isolated: float
    r_traced: float
    percent: float


def _growing(population: Population) -> float:
    home, away = population.rings()
    latent, days = population.latent(), np.arange(1, len(home) + 1)

    def euler(rate: float) -> float:
        weights = np.exp(-rate * np.arange(1, len(latent) + 1)) @ latent
        return float(weights * (np.exp(-rate * days) @ (home + away))) - 1

    return float(brentq(euler, -2.0, 2.0, xtol=1e-14))


def doubling_time(population: Population | None = None) -> float:
    """Days in which incidence doubles with nobody isolated; negative when it halves (Euler-Lotka, daily steps)."""
    return float(np.log(2)) / _growing(population or Population())


def prevented(
    testing_delay: int,
    tracing_delay: int,
    coverage: float | tuple[float, float] = 0.8,
    tested: float = 0.8,
    population: Population | None = None,
    traced_share: float | None = None,
    legacy_double_ft: bool = False,
    since: Literal["index", "contact"] = "index",
) -> Prevented:
    """How much onward transmission is prevented when symptoms are tested after ``testing_delay`` and contacts found ``tracing_delay`` later.

    Both delays are whole days from 0 (from symptoms to isolation of the index; from there to quarantine of its contacts). ``coverage``
    is the share of contacts found (one for all, or at home and elsewhere); ``tested`` the share of the symptomatic who are tested.
    ``traced_share`` is a further factor on tracing (the share of indices whose contacts are asked for at all; 1 unless told; for an app,
    its users, whose square then counts). ``legacy_double_ft`` multiplies tracing by ``tested`` once more, as the published notebook does:
    only for reproducing its figures. ``since`` says from when the onward transmission of a contact is counted: the notebook counts from
    the first infectious day of the index (``index``), which credits tracing with less than it does for contacts met later; ``contact``
    counts from the meeting.

    Units: days; shares from 0 to 1; infections per infected person; percent. Shapes: numbers.
    Errors: Unusable for shares outside 0 to 1 and delays that are not whole days from 0.
    Paper: Kretzschmar et al. 2020, Lancet Public Health 5:e452.
    """
    where = population or Population()
    shares = coverage if isinstance(coverage, tuple) else (coverage, coverage)
    asked = 1.0 if traced_share is None else traced_share
    if min(testing_delay, tracing_delay) < 0 or testing_delay != int(testing_delay) or tracing_delay != int(tracing_delay):
        raise Unusable("延迟应为从 0 起的整天", "delays should be whole days from 0")
    if not all(0 <= share <= 1 for share in (*shares, tested, asked)):
        raise Unusable("比例应为 0 至 1", "shares should be from 0 to 1")
    if legacy_double_ft:
        asked *= tested
    home, away = where.rings()
    days = len(home)
    diagnosed = np.zeros(days)
    if testing_delay < days:
        diagnosed[testing_delay:] = tested * where.hazard[: days - testing_delay]
    at_large = np.concatenate(([1.0], np.cumprod(1 - diagnosed)[:-1]))
    left = _left(where)
    found = np.zeros(days)
    for met in range(days - 1):
        for day in range(met, min(days - 2, met + where.window) + 1):
            age = (day if since == "index" else day - met + 1) + tracing_delay
            free = np.prod(1 - diagnosed[met + 1 : day + 1])
            found[met] += free * diagnosed[day + 1] * (left[age] if age < len(left) else 0.0)
    none = float(home.sum() + away.sum())
    isolated = float((home + away) @ at_large)
    traced = float((home * (1 - asked * shares[0] * found) + away * (1 - asked * shares[1] * found)) @ at_large)
    return Prevented(none, isolated, traced, 100 * (1 - traced / none))


def _left(where: Population) -> Floats:
    """The share of a person's onward transmission still to come 0, 1, … days after infection; nothing from the tenth day, as published."""
    home, away = where.rings()
    done = np.cumsum(home + away) / (home + away).sum()
    left = np.ones(len(done))
    for day in range(len(done)):
        left[day] -= sum(share * done[day - wait] for wait, share in enumerate(where.latent(), start=1) if day >= wait)
    return left
