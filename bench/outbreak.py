"""An outbreak in a city beside Covasim: same people, days and about the same epidemic. Asserts nothing.

    uv run --with covasim python bench/outbreak.py

Ours runs along visits by the minute (a week of them, made and put in order before), Covasim along its networks by day; both with nobody immune and nothing
done. Time is that of the days alone: making people, homes and networks is told apart. Covasim's beta is set so that as many are infected.
"""

import argparse
import sys
import time
from importlib import import_module
from typing import Any

import ground
import numpy as np

from bulou.exercise.city import build
from bulou.exercise.contagion import NEVER
from bulou.exercise.days import visits
from bulou.exercise.ground import find
from bulou.exercise.outbreak import Outbreak, Town, prepared, rates, read, weighted
from bulou.exercise.parameters import read_file

AREA, SEED, IMPORTED = "500107", 7, 50


def own() -> float:
    return time.process_time()


def ours(people: int, days: int, rounds: int) -> tuple[float, float, float]:
    """Processor seconds to make the city, of the days, and the share infected; medians of rounds with other seeds."""
    begun = own()
    city = build(find(AREA), AREA, people, SEED, read_file(None))
    home = city.people.household
    town = Town(
        city.places.kind.astype(np.uint8),
        int(city.places.first[-1] + city.places.spaces[-1]),
        home.astype(np.uint32),
        ~city.households.collective[home],
    )
    week = [prepared(town, visits(city, d)) for d in range(7)]
    known = read("wild-2020")
    found = rates(known, town, week)
    week = [weighted(d, found) for d in week]
    made = own() - begun
    times, shares = [], []
    for seed in range(-1, rounds):  # the first compiles
        outbreak = Outbreak(known, town, found, max(seed, 0))
        outbreak.seeded(IMPORTED, 0)
        begun = own()
        for n in range(days):
            outbreak.day(n, week[n % 7])
        if seed >= 0:
            times.append(own() - begun)
            shares.append(float((outbreak.infected != NEVER).mean()))
    return made, ground.median(times), ground.median(shares)


def theirs(people: int, days: int, rounds: int, share: float) -> tuple[float, float, float, float] | None:
    """The same of Covasim, and the beta with which it came nearest to the share; None where it is not installed."""
    try:
        covasim: Any = import_module("covasim")
    except ImportError:
        return None

    def run(beta: float, seed: int) -> tuple[float, float, float]:
        begun = own()
        sim = covasim.Sim(pop_size=people, pop_infected=IMPORTED, n_days=days, beta=beta, pop_type="hybrid", rand_seed=seed, verbose=0)
        (sim.init if hasattr(sim, "init") else sim.initialize)()
        made = own() - begun
        begun = own()
        sim.run()
        taken = own() - begun
        return made, taken, float(np.asarray(sim.results["cum_infections"])[-1]) / people

    low, high = 0.001, 0.08
    for _ in range(6):
        beta = (low * high) ** 0.5
        low, high = (beta, high) if run(beta, 1)[2] < share else (low, beta)
    found = [run(beta, seed) for seed in range(rounds)]
    made, taken, infected = (ground.median([f[i] for f in found]) for i in range(3))
    return made, taken, infected, beta


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--small", action="store_true", help="a smoke run: the numbers mean nothing")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    people, days, rounds = (2_000, 10, 1) if args.small else (args.people, args.days, args.rounds)
    table = ground.Table(
        f"An outbreak of {days} days among {people:,} people ({ground.machine()})",
        ("who", "own s of the days", "s per agent-day", "infected", "own s before", "ratio"),
    )
    made, taken, share = ours(people, days, rounds)
    table.line("bulou, along visits by the minute", f"{taken:.2f}", f"{taken / people / days:.1e}", f"{share:.1%}", f"{made:.1f}", "")
    other = theirs(people, days, rounds, share)
    if other is None:
        table.line("Covasim is not installed: uv run --with covasim", "", "", "", "", "")
    else:
        before, they, infected, beta = other
        table.line(
            f"Covasim, hybrid networks, beta {beta:.4f}",
            f"{they:.2f}",
            f"{they / people / days:.1e}",
            f"{infected:.1%}",
            f"{before:.1f}",
            f"{they / taken:.1f}×",
        )
    table.show()
    return 0


if __name__ == "__main__":
    sys.exit(main())
