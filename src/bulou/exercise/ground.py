"""Where a city stands: areas as they are given, grids below them, compounds, buildings and homes. Never invents an official code.

Grids and groups are local units: their codes hang below an official one with a hyphen (``register.areas.local_code``).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Chance, Ints, rank_within, shares
from bulou.exercise.parameters import Parameters, Unfit
from bulou.register.areas import above, local_code, official

#: Levels below the official ones: where such units are known, people live in them and no others are made.
LOCAL = frozenset({"group", "compound", "phase", "building", "stair", "grid"})
#: A leaf of the tree takes at least so many households, on average: a small city does not lie thinly over a province.
FEWEST_IN_A_LEAF = 60


class Land(NamedTuple):
    """An area as a ledger declares it."""

    code: str
    parent: str | None
    level: str
    name: str
    official: bool


class Ground(NamedTuple):
    """Areas and grids. ``village`` and ``town`` number a grid's village and street; ``rural``: it is a village's."""

    #: Everything to be declared: those above, the area, what lies below it as far as people live there, and the grids.
    lands: list[Land]
    #: Code of each grid.
    grids: list[str]
    village: Ints
    town: Ints
    rural: NDArray[np.bool_]
    #: Code of each village (or leaf), of each town (its parent).
    villages: list[str]
    towns: list[str]


class Homes(NamedTuple):
    """Where each household lives, in the order of households: a dwelling each."""

    #: Of each household: grid, building, and the stair, floor and door in it.
    grid: Ints
    building: Ints
    stair: Ints
    floor: Ints
    door: Ints
    #: Of each building: grid, its number in the grid; how many households.
    building_grid: Ints
    building_number: Ints
    building_households: Ints
    #: Of each building: 0 a building of homes, 1 a dormitory, 2 a home for the old.
    building_kind: Ints


def find(code: str) -> list[Land]:
    """The areas at and below an official code, and those above it; Unfit where there is none such."""
    if code.isdecimal():
        found = list(official(code))
        if found and found[0].code == code:
            return [Land(a.code, a.parent, a.level, a.name, True) for a in (*above(code), *found)]
    raise Unfit(
        f"--area {code}:官方区划表中没有这个代码(如 510107),本账本中也没有",
        f"--area {code}: there is no such code in the table of official areas (as 510107 is), nor in this ledger",
    )


def lay(lands: Sequence[Land], root: str, households: int, p: Parameters, chance: Chance) -> tuple[Ground, Ints]:
    """The ground for so many households, and how many of them live in each grid."""
    parents = {a.parent for a in lands}
    known = {a.code: a for a in lands}
    below = [a for a in lands if _under(a, root, known)]
    leaves = [a for a in below if a.code not in parents]
    if not leaves:
        raise Unfit(f"--area {root}:没有可居住的区域", f"--area {root}: there is no area in which people could live")
    most = max(1, households // FEWEST_IN_A_LEAF)
    if len(leaves) > most:  # evenly over the area, in the order of codes
        leaves = [leaves[i * len(leaves) // most] for i in range(most)]
    who = np.arange(len(leaves))
    rural = np.asarray([_rural(a, known) for a in leaves])
    weight = (0.5 + 1.5 * chance.uniform("size of a village", who)) * np.where(rural, 0.6, 1.3)
    inside = shares(households, weight)
    made = [a.level in LOCAL for a in leaves]
    want = np.maximum(1, -(-inside // int(p.homes["households_in_a_grid"])))
    want = np.where(np.asarray(made), 1, want)
    owner = np.repeat(who, want)
    number, of = rank_within(owner)
    many = inside[owner] // of + (number < inside[owner] % of)
    units, grids = [], []
    for i, n in zip(owner, number, strict=True):
        leaf = leaves[i]
        if made[i]:
            grids.append(leaf.code)
            continue
        level, name = ("group", f"{n + 1}组") if rural[i] else ("grid", f"第{n + 1}网格")
        grids.append(local_code(leaf.code, str(n + 1)))
        units.append(Land(grids[-1], leaf.code, level, name, False))
    village_codes = [(a.parent or a.code) if m else a.code for a, m in zip(leaves, made, strict=True)]
    villages = list(dict.fromkeys(village_codes))
    town_of = [known[v].parent if v != root and known[v].parent in known else v for v in villages]
    towns = list(dict.fromkeys(t or v for t, v in zip(town_of, villages, strict=True)))
    at = {v: i for i, v in enumerate(villages)}
    village = np.asarray([at[village_codes[i]] for i in owner])
    town = np.asarray([towns.index(town_of[v] or villages[v]) for v in village])
    needed = _with_above((a.code for a in leaves), known)
    declared = [a for a in lands if a.code in needed or a.code == root]
    return Ground([*declared, *units], grids, village, town, rural[owner], villages, towns), many


def _under(a: Land, root: str, known: dict[str, Land]) -> bool:
    code: str | None = a.code
    while code is not None and code in known:
        if code == root:
            return True
        code = known[code].parent
    return False


def _with_above(codes: Iterable[str], known: dict[str, Land]) -> set[str]:
    found: set[str] = set()
    for start in codes:
        code: str | None = start
        while code is not None and code in known and code not in found:
            found.add(code)
            code = known[code].parent
    return found


def _rural(a: Land, known: dict[str, Land]) -> bool:
    if a.level in LOCAL:
        return a.level == "group"
    return a.name.endswith("村")


def house(ground: Ground, many: Ints, rooms: Sequence[int], p: Parameters, chance: Chance) -> Homes:
    """Homes for all households: ``many`` of families in each grid, in their order; then ``rooms`` rooms of dormitories and of homes for the
    old, each kind in buildings of its own."""
    grid = np.repeat(np.arange(len(many)), many)
    rank, _ = rank_within(grid)
    shapes = np.asarray(p.homes["buildings"], dtype=np.int64)
    upto = np.cumsum(np.asarray(p.homes["building_shares"], dtype=np.float64))
    drawn = np.minimum(np.searchsorted(upto, chance.uniform("shape of buildings", np.arange(len(many))), side="right"), len(shapes) - 1)
    low = chance.happens("low buildings", np.arange(len(many)), p.homes["low_buildings"])
    shape = np.where(ground.rural[:, None], np.where(low[:, None], [[1, 3, 2]], [[1, 1, 1]]), shapes[drawn])
    floors, per_floor = shape[:, 1][grid], shape[:, 2][grid]
    capacity = shape.prod(axis=1)[grid]
    number, inside = rank // capacity, rank % capacity
    per_stair = floors * per_floor
    stair, floor, door = inside // per_stair + 1, inside % per_stair // per_floor + 1, inside % per_floor + 1
    first = np.r_[True, (grid[1:] != grid[:-1]) | (number[1:] != number[:-1])] if len(grid) else np.zeros(0, bool)
    building = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    parts = [(grid, building, stair, floor, door)]
    of_buildings = [(grid[starts], number[starts], np.diff(np.r_[starts, len(grid)]), np.zeros(len(starts), np.int64))]
    built = len(starts)
    used = np.bincount(grid[starts], minlength=len(many))
    for kind, (many_rooms, a_floor, levels) in enumerate(((rooms[0], 20, 6), (rooms[1], 12, 4)), start=1):
        n = np.arange(many_rooms)
        block = n // (a_floor * levels)
        blocks = int(block[-1]) + 1 if many_rooms else 0
        where = chance.below(f"where rooms of kind {kind} stand", np.arange(blocks), len(many))
        parts.append((where[block], built + block, np.ones(many_rooms, np.int64), n % (a_floor * levels) // a_floor + 1, n % a_floor + 1))
        of_buildings.append(
            (where, used[where] + 100 * kind + np.arange(blocks), np.bincount(block, minlength=blocks), np.full(blocks, kind))
        )
        built += blocks
    g, b, s, f, d = (np.concatenate(c) for c in zip(*parts, strict=True))
    bg, bn, bh, bk = (np.concatenate(c) for c in zip(*of_buildings, strict=True))
    return Homes(g, b, s, f, d, bg, bn, bh, bk)
