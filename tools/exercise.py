"""Draws a city of the exercise beside its tables, outbreaks in it beside theory: ``uv run python -m tools.exercise``. Asks no network; decides nothing.

``--check`` changes nothing and fails when a picture is out of date.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from tests.exercise.test_outbreak import PLAIN, hashable, in_mixed, run
from tests.exercise.towns import PARAMETERS, city, day
from tools.drawing import Chart

from bulou.exercise.contagion import DAY, NEVER
from bulou.exercise.places import NUMBER
from bulou.exercise.population import FIVES
from bulou.exercise.responding import Screening

OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "exercise"
PEOPLE = 20_000


def households() -> Chart:
    """Family households by size."""
    one = city(PEOPLE)
    sizes = np.bincount(np.minimum(one.households.size[~one.households.collective], 10), minlength=11)[1:]
    rows = np.asarray(PARAMETERS.households["by_size_and_generations"], float).sum(axis=1)
    chart = Chart("Family households by size, %", (0.4, 10.6), (0, 32), "people (10: 10 and more)")
    chart.bars(list(range(1, 11)), [float(v) for v in 100 * sizes / sizes.sum()], 0.7, "city of 20,000")
    chart.crosses(list(range(1, 11)), [float(v) for v in 100 * rows / rows.sum()], "census 2020")
    return chart


def ages() -> Chart:
    """People by five years of age."""
    target = np.asarray(PARAMETERS.ages["five_years"], float)
    got = np.bincount(FIVES[city(PEOPLE).people.age], minlength=21)
    chart = Chart("People by age, % in five years", (-1, 104), (0, 10), "age")
    middle = [5.0 * i + 2 for i in range(21)]
    chart.bars(middle, [float(v) for v in 100 * got / got.sum()], 4, "city of 20,000")
    chart.crosses(middle, [float(v) for v in 100 * target / target.sum()], "census 2020")
    return chart


def weekday() -> Chart:
    """Of a Tuesday, how many are where at each quarter of an hour."""
    one, stays = city(PEOPLE), day(1, PEOPLE)
    kind = one.places.kind[stays.place.astype(int)]
    minutes = list(range(0, 1440, 15))
    chart = Chart("Where people are on a Tuesday, %", (0, 24), (0, 100), "hour")
    work, lessons = kind == NUMBER["work"], (kind > NUMBER["work"]) & (kind < NUMBER["shop"])
    rides = kind >= NUMBER["bus"]
    for name, mask, style in (
        ("at home", kind < 3, "ours"), ("at work", work, "theirs"), ("at school", lessons, "other"),
        ("elsewhere, rides too", (kind > 2) & ~work & ~lessons | rides, "truth"),
    ):  # fmt: skip
        start, end = stays.start[mask], stays.end[mask]
        chart.line([m / 60 for m in minutes], [100 * float(((start <= m) & (end > m)).sum()) / PEOPLE for m in minutes], name, style)
    return chart


def growth() -> Chart:
    """New infections by day in a homogeneous city, ten outbreaks, beside the growth that Euler and Lotka give (Wallinga and Lipsitch 2007)."""
    shape = (PLAIN.generation_mean / PLAIN.generation_sd) ** 2
    told, days = (2.0 ** (1 / shape) - 1) * shape / PLAIN.generation_mean, 45
    runs = [in_mixed(300_000, 2.0, seed, days)[1] for seed in range(10)]
    chart = Chart("New infections by day, log10; R = 2, everyone meets everyone", (0, days), (0, 4), "day")
    for n, counts in enumerate(runs):
        chart.line(list(range(len(counts))), [float(np.log10(c)) if c else np.nan for c in counts], "" if n else "ten outbreaks", "other")
    middle = np.mean([np.log10(max(c[30], 1)) for c in runs])
    chart.line([12, days], [float(middle + told * (d - 30) / np.log(10)) for d in (12, days)], f"Euler and Lotka: {told:.3f} a day", "ours")
    return chart


def final_size() -> Chart:
    """Who is infected in the end by R, beside 1 - z = exp(-R z)."""
    chart = Chart("Infected in the end, %, by R; everyone meets everyone", (1, 3.1), (0, 100), "R")
    rs = [1.05 + 0.05 * i for i in range(41)]
    chart.line(rs, [100 * float(brentq(lambda z, r=r: 1 - np.exp(-r * z) - z, 1e-6, 1)) for r in rs], "Kermack and McKendrick", "ours")
    for n, r in enumerate((1.3, 1.5, 2.0, 2.5, 3.0)):
        found = [100 * float((in_mixed(20_000, r, seed, 300)[0].infected != NEVER).mean()) for seed in range(4)]
        chart.dots([r] * 4, found, "" if n else "four outbreaks each")
    return chart


def recall() -> Chart:
    """Everyone infected so far by day, where pools are recalled in 2 hours, in 48, or nobody does anything: means of ten outbreaks in a town."""
    p, days = hashable("wild-2020", r0=3.0), 45
    chart = Chart("Infected so far, % of a town; R0 = 3, means of ten outbreaks", (0, days), (0, 30), "day")
    for name, hours, style in (("nothing is done", None, "truth"), ("pools recalled in 48 h", 48, "other"), ("in 2 h", 2, "ours")):
        share = np.zeros(days + 1)
        for seed in range(10):
            infected = run(p, seed, days, None if hours is None else Screening(3, 10, hours)).infected
            share += [float((infected < d * DAY).mean()) for d in range(days + 1)]
        chart.line(list(range(days + 1)), [float(v) for v in 10 * share], name, style)
    return chart


PICTURES = (households, ages, weekday, growth, final_size, recall)


def main() -> int:
    """Writes every picture; with ``--check`` only says which differ."""
    OUT.mkdir(parents=True, exist_ok=True)
    old = []
    for picture in PICTURES:
        path, svg = OUT / f"{picture.__name__}.svg", picture().svg()
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            old.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(svg, encoding="utf-8")
    print("\n".join(old) or "every picture is up to date")
    return 1 if old and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
