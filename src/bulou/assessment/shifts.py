"""Who works when: heads per block that cover an hourly need, and a roster of people over shifts. A shortage is a number, never a failure.

Dantzig GB. J Oper Res Soc Am 1954;2:339-41 (covering by shifts); the cyclic example of the tests is Winston's post office. Solved by HiGHS
through scipy; a tie between people is broken by their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from bulou.assessment.refusing import NoAnswer, Unusable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Cover(NamedTuple):
    """How many start each pattern; how many in all; the bound without whole people."""

    heads: Ints
    total: int
    bound: float


def blocks(hours: int, length: int, cyclic: bool = False) -> Ints:
    """Patterns of work: one block of ``length`` from each hour on (0 or 1 by hour); cyclic ones go over the end.

    Units: hours. Shapes: (patterns, hours). Errors: Unusable when a block does not fit. Paper: Dantzig 1954.
    """
    if not 1 <= length <= hours:
        raise Unusable("一段应为 1 小时至全部时段", "a block should be from 1 hour to all of them")
    starts = hours if cyclic else hours - length + 1
    out = np.zeros((starts, hours), np.int64)
    for start in range(starts):
        out[start, [(start + i) % hours for i in range(length)]] = 1
    return out


def cover(need: ArrayLike, patterns: ArrayLike) -> Cover:
    """The fewest people such that every hour has as many at work as it needs, each working one of the patterns.

    Units: people. Shapes: need (hours), patterns (patterns, hours) of 0 and 1. Errors: Unusable for needs below 0; NoAnswer when an hour
    with need is in no pattern. Paper: Dantzig 1954, J Oper Res Soc Am 2:339.
    """
    n, p = np.asarray(need, float), np.asarray(patterns, float)
    if n.ndim != 1 or p.ndim != 2 or p.shape[1] != len(n) or (n < 0).any() or not np.isfinite(n).all():
        raise Unusable("需要的人数应不小于 0,与班型对应", "needs should be from 0 on and fit the patterns")
    bare = np.flatnonzero((p.sum(axis=0) == 0) & (n > 0))
    if len(bare):
        raise NoAnswer(f"第 {bare[0]} 个时段没有班型覆盖", f"no pattern covers hour {bare[0]}")
    rules = [LinearConstraint(p.T, n, np.inf)]
    loose = milp(np.ones(len(p)), constraints=rules)
    whole = milp(np.ones(len(p)), constraints=rules, integrality=np.ones(len(p)))
    heads = np.round(whole.x).astype(np.int64)
    return Cover(heads, int(heads.sum()), float(loose.fun))


class Shift(NamedTuple):
    """A shift: its name, when it begins and ends in hours from the first day's midnight, how many it needs, of which skill ("" any)."""

    name: str
    start: float
    end: float
    need: int
    skill: str = ""


class Person(NamedTuple):
    """Somebody to be rostered: most shifts, skills, shifts (by place in the list) they cannot work."""

    name: str
    most: int = 5
    skills: frozenset[str] = frozenset()
    away: frozenset[int] = frozenset()


class Roster(NamedTuple):
    """Who works which shift (places of person and shift); how many are missing from each; the shortage that no roster can go below."""

    work: list[tuple[int, int]]
    short: Ints
    bound: float


def roster(people: Sequence[Person], shifts: Sequence[Shift], rest: float = 11.0, seconds: float = 60.0) -> Roster:
    """Gives people to shifts so that fewest are missing, and then so that shifts are spread evenly as far as the first allows.

    Nobody works two shifts with less than ``rest`` hours between, more shifts than they may, without the skill, or when away.

    Units: hours, people. Shapes: lists. Errors: Unusable for a shift that ends before it begins, needs below 0. Never infeasible: what
    cannot be filled is ``short``. Paper: Ernst et al. 2004, Eur J Oper Res 153:3 (rostering with penalties).
    """
    for shift in shifts:
        if not shift.end > shift.start or shift.need < 0:
            raise Unusable(f"班次 {shift.name}:应有 end > start、need ≥ 0", f"shift {shift.name} should have end > start and need ≥ 0")
    if rest < 0 or any(p.most < 0 for p in people):
        raise Unusable("休息与班次上限应不小于 0", "rest and most shifts should be from 0 on")
    pairs = [(i, s) for i, p in enumerate(people) for s, shift in enumerate(shifts)
             if s not in p.away and (not shift.skill or shift.skill in p.skills) and shift.need and p.most]  # fmt: skip
    if not pairs:
        need = np.array([s.need for s in shifts], np.int64)
        return Roster([], need, float(need.sum()))
    at = {pair: v for v, pair in enumerate(pairs)}
    rows: list[int] = []
    cols: list[int] = []
    low: list[float] = []
    high: list[float] = []
    size = len(pairs) + len(shifts)

    def rule(variables: list[int], least: float, most: float) -> None:
        rows.extend([len(low)] * len(variables))
        cols.extend(variables)
        low.append(least)
        high.append(most)

    of_shift: list[list[int]] = [[] for _ in shifts]
    of_person: list[list[int]] = [[] for _ in people]
    for (i, s), v in at.items():
        of_shift[s].append(v)
        of_person[i].append(v)
    for s, shift in enumerate(shifts):
        rule([*of_shift[s], len(pairs) + s], shift.need, np.inf)
        if of_shift[s]:
            rule(of_shift[s], -np.inf, shift.need)
    order = sorted(range(len(shifts)), key=lambda s: shifts[s].start)
    cliques = _too_close([shifts[s] for s in order], rest)
    for i, person in enumerate(people):
        if of_person[i]:
            rule(of_person[i], -np.inf, person.most)
        for clique in cliques:
            together = [at[i, order[s]] for s in clique if (i, order[s]) in at]
            if len(together) > 1:
                rule(together, -np.inf, 1)
    matrix = coo_array((np.ones(len(rows)), (rows, cols)), shape=(len(low), size)).tocsr()
    cost = np.concatenate([np.zeros(len(pairs)), np.ones(len(shifts))])
    found = milp(cost, constraints=[LinearConstraint(matrix, low, high)], integrality=np.concatenate([np.ones(len(pairs)), np.zeros(len(shifts))]),
                 bounds=Bounds(0, np.concatenate([np.ones(len(pairs)), np.full(len(shifts), np.inf)])), options={"time_limit": seconds})  # fmt: skip
    if found.x is None:
        raise NoAnswer("在限时内没有排出班表", "no roster was found in the time allowed")
    work = [pair for pair, v in at.items() if found.x[v] > 0.5]
    filled = np.bincount([s for _, s in work], minlength=len(shifts)) if work else np.zeros(len(shifts), np.int64)
    short = np.array([max(0, shift.need - int(f)) for shift, f in zip(shifts, filled, strict=True)], np.int64)
    bound = float(found.mip_dual_bound if found.mip_dual_bound is not None else 0.0)
    return Roster(sorted(work, key=lambda pair: (pair[1], pair[0])), short, min(float(short.sum()), float(np.ceil(bound - 1e-6))))


def _too_close(shifts: Sequence[Shift], rest: float) -> list[list[int]]:
    """Pairs of shifts (sorted by start) of which one person may work one: the later begins before the rest after the earlier is over."""
    return [[first, s] for s, shift in enumerate(shifts) for first in range(s) if shift.start < shifts[first].end + rest]
