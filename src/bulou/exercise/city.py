"""Makes a city from an area, a number of people and a seed: builds it, lays the traps of its register, writes it day by day. Enters nothing."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bulou import __version__
from bulou.exercise.chance import Chance
from bulou.exercise.days import City, visits
from bulou.exercise.files import EPOCH, FORMAT, Head, whole, write, write_day, write_head
from bulou.exercise.ground import Land, house, lay
from bulou.exercise.parameters import TRAPS, Parameters, Unfit, people_in_range
from bulou.exercise.places import settle_in
from bulou.exercise.population import households, people, plan
from bulou.exercise.traps import register, truth

#: A Monday a few weeks after the census whose tables are used.
FIRST_DAY = date(2020, 12, 7)
MOST_DAYS = 120
#: Tells how far the work has come: which part ("city", "register", "day"), done, of how many.
Say = Callable[[str, int, int], None]


def build(lands: Sequence[Land], area: str, many: int, seed: int, p: Parameters, first_day: date = FIRST_DAY) -> City:
    """The city without its days: people, homes, places, who belongs where. Unfit for what no city can be made of."""
    people_in_range(many)
    if not 0 <= seed < 2**63:
        raise Unfit(f"--seed {seed}:应为 0 至 2^63 的整数", f"--seed {seed}: should be a whole number from 0 to below 2^63")
    chance, first = Chance(seed), (first_day - EPOCH).days
    planned = plan(p, many)
    h = households(planned, chance)
    everyone = people(h, planned, p, first, chance)
    families = int((~h.collective).sum())
    ground, inside = lay(lands, area, families, p, chance)
    rooms = [int((h.type == len(planned.counts) + k).sum()) for k in (0, 1)]
    homes = house(ground, inside, rooms, p, chance)
    places, belonging, lines = settle_in(ground, homes, h, everyone, p, chance)
    return City(seed, everyone, h, ground, homes, places, belonging, lines, p, first)


def make(
    to: Path, lands: Sequence[Land], area: str, many: int, seed: int, p: Parameters, days: int, say: Say, *,
    first_day: date = FIRST_DAY, workers: int = 1,
) -> Head:  # fmt: skip
    """A city in the folder ``to``, which is there whole or not at all. The number of workers changes nothing but the time it takes."""
    if not 0 <= days <= MOST_DAYS:
        raise Unfit(f"--days {days}:应在 0 至 {MOST_DAYS} 之间", f"--days {days}: should lie between 0 and {MOST_DAYS}")
    people_in_range(many)
    with whole(to) as folder:
        say("city", 0, 1)
        city = build(lands, area, many, seed, p, first_day)
        say("register", 0, 1)
        known = truth(city)
        records, laid, able = register(city, known)
        rows = write(folder, city, known, records, laid)
        counted = np.bincount(laid.trap, minlength=len(TRAPS))
        del known, records, laid
        say("day", 0, days)
        rows["visits"] = 0
        for done, n in enumerate(_days(folder, city, first_day, days, workers), start=1):
            rows["visits"] += n
            say("day", done, days)
        named = next(a.name for a in city.ground.lands if a.code == area)
        traps = {trap: {"laid": int(counted[i]), "of": int(able.get(trap, 0))} for i, trap in enumerate(TRAPS)}
        head = Head(FORMAT, area, named, many, seed, first_day, days, __version__, rows, traps, p.text)
        write_head(folder, head)
    return head


def _days(folder: Path, city: City, first_day: date, days: int, workers: int) -> Iterator[int]:
    if workers <= 1 or days <= 1:
        for day in range(days):
            yield write_day(folder, first_day + timedelta(days=day), visits(city, day))
        return
    with ProcessPoolExecutor(
        min(workers, days), mp_context=get_context("spawn"), initializer=_take, initargs=(city, folder, first_day)
    ) as pool:
        yield from pool.map(_day, range(days))


#: What a process that makes days was given.
_given: dict[str, tuple[City, Path, date]] = {}


def _take(city: City, folder: Path, first_day: date) -> None:
    _given["city"] = city, folder, first_day


def _day(day: int) -> int:
    city, folder, first_day = _given["city"]
    return write_day(folder, first_day + timedelta(days=day), visits(city, day))
