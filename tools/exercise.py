"""Draws a city of the exercise beside the tables it was made after: ``uv run python -m tools.exercise``. Asks no network; decides nothing.

``--check`` changes nothing and fails when a picture is out of date.
"""

import sys
from pathlib import Path

import numpy as np
from tests.exercise.towns import PARAMETERS, city, day
from tools.drawing import Chart

from bulou.exercise.places import NUMBER
from bulou.exercise.population import FIVES

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


PICTURES = (households, ages, weekday)


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
