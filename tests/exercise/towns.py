"""A made-up district for small cities: three towns of communities and villages, one community with buildings of its own. Reads no file."""

from functools import lru_cache

from bulou.exercise.city import build
from bulou.exercise.days import City, Visits, visits
from bulou.exercise.ground import Land
from bulou.exercise.parameters import read_file

AREA = "990101"
LANDS = [
    Land("99", None, "province", "某省", True), Land("9901", "99", "city", "某市", True), Land(AREA, "9901", "county", "某区", True),
    *(Land(f"{AREA}00{t}", AREA, "street", f"第{t}街道", True) for t in (1, 2, 3)),
    *(
        Land(f"{AREA}00{t}00{v}", f"{AREA}00{t}", "village", f"{'东西南北'[v - 1]}{'村' if t == 3 else '社区'}", True)
        for t in (1, 2, 3) for v in (1, 2, 3, 4)
    ),
    Land(f"{AREA}001001-A", f"{AREA}001001", "compound", "甲小区", False),
]  # fmt: skip
PARAMETERS = read_file(None)


@lru_cache(maxsize=4)
def city(people: int = 4000, seed: int = 7) -> City:
    return build(LANDS, AREA, people, seed, PARAMETERS)


@lru_cache(maxsize=8)
def day(number: int, people: int = 4000, seed: int = 7) -> Visits:
    return visits(city(people, seed), number)
