"""Where to put sampling sites: total walking with a given number, or the fewest within a walk. Proves how far from the best an answer may be.

Hakimi SL. Oper Res 1964;12:450-9 (p-median); Cornuejols G, Fisher ML, Nemhauser GL. Manage Sci 1977;23:789-810 (the Lagrangian bound);
Toregas C et al. Oper Res 1971;19:1363-73 (covering). Small instances are solved by HiGHS through scipy; large ones by exchange, with the bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, eye_array, hstack, kron

from bulou.assessment.refusing import NoAnswer, Unusable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Pairs of demand and candidate up to which the exact program is tried.
EXACT = 40_000
#: Work of one pass of exchanges (sites x demand x candidates) up to which exchanges follow the greedy choice; the bound tells what is lost.
EXCHANGED = 500_000_000
#: A walk is this much longer than the straight line where no street graph gives distances.
DETOUR = 1.3


class Sites(NamedTuple):
    """Which candidates are opened; for each demand point its site and the distance; the objective and what no solution can beat."""

    opened: Ints
    site: Ints
    distance: Floats
    objective: float
    bound: float
    load: Floats


def straight(demand: ArrayLike, candidates: ArrayLike, detour: float = DETOUR) -> Floats:
    """Distances between points (n, 2) and (m, 2): the straight line times ``detour``.

    Units: those of the coordinates. Shapes: (n, m). Errors: none. Paper: none; the detour of 1.3 is a planning rule.
    """
    a, b = np.asarray(demand, float), np.asarray(candidates, float)
    return np.asarray(detour * np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]))


def place_sites(
    distance: ArrayLike,
    people: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    n: int | None = None,
    max_walk: float | None = None,
    seconds: float = 60.0,
) -> Sites:
    """Opens ``n`` sites so that people walk least in all, or the fewest such that nobody walks more than ``max_walk`` (give one of the two).

    Each demand point goes whole to one site: the nearest that is open, or one with room where ``capacity`` (people a site can serve, inf
    for no limit) is given. ``objective`` is people times distance with ``n`` and the number of sites with ``max_walk``; ``bound`` is proved:
    no choice has a smaller objective. Equal to the objective when the solution is optimal.

    Units: those of the distances; people. Shapes: distance (demand, candidates), people (demand), capacity (candidates).
    Errors: Unusable for input that means nothing; NoAnswer when the sites cannot hold the people or someone is beyond the walk from all.
    Paper: Hakimi 1964, Oper Res 12:450; Toregas et al. 1971, Oper Res 19:1363.
    """
    d = np.asarray(distance, float)
    if d.ndim != 2 or not d.size or not np.isfinite(d).all() or (d < 0).any():
        raise Unusable("距离应是不小于 0 的数字组成的表", "distances should be a table of numbers from 0 on")
    w = np.ones(len(d)) if people is None else np.asarray(people, float)
    room = np.full(d.shape[1], np.inf) if capacity is None else np.asarray(capacity, float)
    if len(w) != len(d) or len(room) != d.shape[1] or (w < 0).any() or np.isnan(room).any() or (room < 0).any():
        raise Unusable("人数与容量应不小于 0,与距离表对应", "people and capacities should be from 0 on and fit the distances")
    if (n is None) == (max_walk is None):
        raise Unusable("n 与 max_walk 应给其中一个", "one of n and max_walk should be given")
    if max_walk is not None:
        return _cover(d, w, room, max_walk, seconds)
    assert n is not None
    if not 1 <= n <= d.shape[1]:
        raise Unusable(f"n 应为 1 至 {d.shape[1]}", f"n should be from 1 to {d.shape[1]}")
    if np.isfinite(room).any() and np.sort(room)[::-1][:n].sum() < w.sum():
        raise NoAnswer("最大的 n 个点也容不下这么多人", "even the n largest sites cannot hold so many people")
    cost = w[:, None] * d
    limited = bool(np.isfinite(room).any())
    if d.size <= EXACT:
        return _exact(d, w, room, n, limited, seconds)
    if limited:
        raise Unusable(
            f"有容量时至多 {EXACT:,} 对;请分区计算",
            f"with capacities at most {EXACT:,} pairs of demand and candidate: take districts one by one",
        )
    opened = _exchange(cost, n)
    total = float(cost[:, opened].min(axis=1).sum())
    return _made(d, w, opened, opened[cost[:, opened].argmin(axis=1)], total, min(total, _lagrange(cost, n, total)))


def _made(d: Floats, w: Floats, opened: Ints, site: Ints, objective: float, bound: float) -> Sites:
    load = np.asarray(np.bincount(site, weights=w, minlength=d.shape[1]), float)
    return Sites(np.sort(opened), site, d[np.arange(len(d)), site], objective, bound, load)


def _exact(d: Floats, w: Floats, room: Floats, n: int, limited: bool, seconds: float) -> Sites:
    people, sites = d.shape
    one_each = hstack([kron(eye_array(people), np.ones((1, sites))), coo_array((people, sites))])
    only_open = hstack([eye_array(people * sites), -kron(np.ones((people, 1)), eye_array(sites))])
    count = hstack([coo_array((1, people * sites)), coo_array(np.ones((1, sites)))])
    rules = [
        LinearConstraint(one_each.tocsr(), 1, 1),
        LinearConstraint(only_open.tocsr(), -np.inf, 0),
        LinearConstraint(count.tocsr(), n, n),
    ]
    if limited:
        finite = np.where(np.isfinite(room), room, w.sum())
        rules.append(LinearConstraint(hstack([kron(w[None, :], eye_array(sites)), -_diagonal(finite)]).tocsr(), -np.inf, 0))
    cost = np.concatenate([(w[:, None] * d).ravel(), np.zeros(sites)])
    whole = np.concatenate([np.full(people * sites, int(limited)), np.ones(sites)])
    found = milp(cost, constraints=rules, integrality=whole, bounds=Bounds(0, 1), options={"time_limit": seconds, "mip_rel_gap": 0.0})
    if found.x is None:
        raise NoAnswer(
            "没有一种分法装得下:每处的人不能拆开,请加点或加容量",
            "no way to place them fits: no demand point is split; open more sites or raise capacities",
        )
    opened = np.flatnonzero(found.x[people * sites :] > 0.5)
    x = found.x[: people * sites].reshape(people, sites)
    site = x.argmax(axis=1) if limited else opened[d[:, opened].argmin(axis=1)]
    objective = float((w * d[np.arange(people), site]).sum())
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else 0.0
    return _made(d, w, opened, site, objective, min(objective, float(bound)))


def _diagonal(values: Floats) -> coo_array:
    at = np.arange(len(values))
    return coo_array((values, (at, at)))


def _cover(d: Floats, w: Floats, room: Floats, max_walk: float, seconds: float) -> Sites:
    near = d <= max_walk
    alone = np.flatnonzero(~near.any(axis=1) & (w > 0))
    if len(alone):
        raise NoAnswer(
            f"第 {alone[0] + 1} 处等 {len(alone)} 处离所有候选点都超过 {max_walk:g}",
            f"{len(alone)} demand points, the first in row {alone[0] + 1}, are more than {max_walk:g} from every candidate",
        )
    if np.isfinite(room).any():
        raise Unusable("max_walk 不计容量:请用 n 求解或去掉容量", "max_walk takes no capacities: use n, or leave capacities out")
    sites = d.shape[1]
    found = milp(np.ones(sites), constraints=[LinearConstraint(near[w > 0].astype(float), 1, np.inf)] if (w > 0).any() else [],
                 integrality=np.ones(sites), bounds=Bounds(0, 1), options={"time_limit": seconds})  # fmt: skip
    if found.x is None:
        raise NoAnswer("在限时内没有找到解", "no solution was found in the time allowed")
    opened = np.flatnonzero(found.x > 0.5)
    if not len(opened):
        opened = np.array([int(d.sum(axis=0).argmin())])
    bound = float(np.ceil((found.mip_dual_bound or 0.0) - 1e-6))
    return _made(d, w, opened, opened[d[:, opened].argmin(axis=1)], float(len(opened)), min(bound, float(len(opened))))


def _exchange(cost: Floats, n: int) -> Ints:
    """Greedy, then exchanges of one open site for one closed while that helps (Teitz and Bart)."""
    best = np.full(len(cost), np.inf)
    opened: list[int] = []
    for _ in range(n):
        gain = np.minimum(best[:, None], cost).sum(axis=0)
        gain[opened] = np.inf
        opened.append(int(gain.argmin()))
        best = np.minimum(best, cost[:, opened[-1]])
    for _ in range(10 if n * cost.size <= EXCHANGED else 0):
        moved = False
        for place in range(n):
            others = [s for at, s in enumerate(opened) if at != place]
            rest = cost[:, others].min(axis=1) if others else np.full(len(cost), np.inf)
            totals = np.minimum(rest[:, None], cost).sum(axis=0)
            totals[others] = np.inf
            new = int(totals.argmin())
            if totals[new] < totals[opened[place]] - 1e-9:
                opened[place], moved = new, True
        if not moved:
            break
    return np.array(sorted(opened))


def _lagrange(cost: Floats, n: int, upper: float, rounds: int = 200) -> float:
    """A lower bound of the p-median by subgradients on the rule that each demand point is served once."""
    price = np.partition(cost, min(1, cost.shape[1] - 1), axis=1)[:, : min(2, cost.shape[1])].max(axis=1)
    best, step = -np.inf, 1.5
    for at in range(rounds):
        reduced = np.minimum(cost - price[:, None], 0)
        worth = reduced.sum(axis=0)
        chosen = np.argpartition(worth, n - 1)[:n]
        value = float(price.sum() + worth[chosen].sum())
        best = max(best, value)
        served = (reduced[:, chosen] < 0).sum(axis=1)
        slope = 1 - served
        size = float((slope**2).sum())
        if size == 0 or upper - best < 1e-9:
            break
        price = price + step * max(upper - value, 1e-12) / size * slope
        step *= 0.98 if at % 2 else 1.0
    return best
