"""One day of an outbreak, compiled: who infects whom, where and in which minute. Knows arrays alone; draws by counting.

What is drawn for somebody's day depends on the key, the person and the day, never on the order of the work. The first
use compiles (seconds) and keeps the result beside the module or in the user's cache (``NUMBA_CACHE_DIR``).
"""

from typing import Any

import numba
import numpy as np

#: Of somebody who is not infected: a minute that never comes.
NEVER = np.int64(2**62)
#: Minutes of a day; hours of a course.
DAY, HOUR = 1440, 60
#: Who is kept where: at home, with those of the home alone; away from everyone.
FREE, AT_HOME, AWAY = 0, 1, 2

#: What the days' work reads of a visit, side by side in memory: its minutes, how many visits its space has, the space, the kind of its place.
PLAN = np.dtype([("start", np.uint16), ("end", np.uint16), ("company", np.int32), ("space", np.uint32), ("kind", np.uint8)], align=True)

_jit = numba.njit(cache=True, nogil=True)


@_jit
def _stirred(z: Any, part: Any) -> Any:
    z = z + part * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_jit
def _unit(key: Any, a: Any, b: Any, c: Any) -> Any:
    """A number from 0 up to, never reaching, 1 that these four decide (the finaliser of SplitMix64, once for each)."""
    z = _stirred(key, np.uint64(a))
    z = _stirred(z, np.uint64(b))
    z = _stirred(z, np.uint64(c))
    return np.float64(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@_jit
def _there(who: Any, home: Any, space: Any, at_home: Any, minute: Any, held_from: Any, held_until: Any, held: Any) -> Any:
    """Whether somebody is where their day has them at a minute, whatever holds them."""
    if held[who] == FREE or minute < held_from[who] or minute >= held_until[who]:
        return True
    return held[who] == AT_HOME and at_home and space == home[who]


@_jit
def _infectivity(curve: Any, age: Any) -> Any:
    """Infectivity so many minutes after infection; the curve is by hours."""
    hour = age // HOUR
    return curve[hour] if 0 <= hour < len(curve) else 0.0


@_jit
def gathered(of: Any, many: Any) -> Any:
    """Rows by what they belong to (numbers below ``many``): where each begins, one more than there are, and the rows in that order."""
    begin = np.zeros(many + 1, np.int64)
    for r in range(len(of)):
        begin[of[r] + 1] += 1
    for i in range(many):
        begin[i + 1] += begin[i]
    fill, order = begin[:-1].copy(), np.empty(len(of), np.int32)
    for r in range(len(of)):
        order[fill[of[r]]] = r
        fill[of[r]] += 1
    return begin, order


@_jit
def _poisson(u: Any, expected: Any) -> Any:
    """The Poisson number that one draw decides, by its sum; at most 10,000."""
    if u < 1.0 - expected:  # e^-x is never below 1 - x: most need no power of e
        return 0
    drawn, nth = np.exp(-expected), 0
    total = drawn
    while u >= total and nth < 10_000:
        nth += 1
        drawn *= expected / nth
        total += drawn
    return nth


@_jit
def weights(plan: Any, first: Any, near: Any, far: Any) -> Any:
    """Of everyone, how many meetings of a day would infect, were they as infectious all day as a whole course is in a minute, and all of
    those who come there that day were there all the time."""
    found = np.zeros(len(first) - 1)
    for p in range(len(found)):
        for r in range(first[p], first[p + 1]):
            found[p] += _meetings(plan[r], near) + far[plan[r].kind] * (np.int64(plan[r].end) - np.int64(plan[r].start))
    return found


@_jit
def _meetings(row: Any, near: Any) -> Any:
    """The part of a visit's weight that is with those in its space."""
    return near[row.kind] * row.company * (np.int64(row.end) - np.int64(row.start))


@_jit
def spread(
    key: Any, midnight: Any, person: Any, place: Any, plan: Any, first: Any, begin: Any, rows: Any, begin_place: Any, rows_place: Any,
    weight: Any, dwelling: Any, home: Any, infectious: Any, factor: Any, curve: Any, peak: Any, near: Any, far: Any, held_from: Any,
    held_until: Any, held: Any, infected: Any, infector: Any, where: Any, room: Any,
) -> Any:  # fmt: skip
    """Infects whom the infectious meet on a day; returns how often somebody was put down as infected (again, where it was earlier).

    ``midnight``: the minute at which it begins. ``person``, ``place`` and ``plan`` (``PLAN``): the day's visits, by person; ``first``: where each
    person's begin; ``weight``: of each person (``weights``). ``begin``, ``rows``: rows by space (``gathered``); ``begin_place``,
    ``rows_place``: by place. ``dwelling``, ``near`` and ``far``: of each kind of place; ``near`` is the hazard of staying a whole course
    together in one space, ``far`` how many are infected in a whole course in the place by chance among all that come there that day.
    ``curve``: infectivity by hours since infection, per minute, one over a course; ``peak``: its highest in the day after each hour. Changes
    ``infected`` (minute), ``infector``, ``where`` (place) and ``room`` (space).

    One draw says how many meetings of somebody's day might infect (more than can), others for each which visit and whom, when, and whether
    it stands: whoever was not there at that minute, or was infected before, is not infected, and the less infectious infect less.
    """
    found = 0
    for p in infectious:
        top = peak[max((midnight - infected[p]) // HOUR, 0)]
        for j in range(_poisson(_unit(key, p, midnight, 0), factor[p] * top * weight[p])):
            u, r = _unit(key, p, midnight, 3 * j + 1) * weight[p], first[p]
            while True:
                row = plan[r]
                s, k, a, b = row.space, row.kind, np.int64(row.start), np.int64(row.end)
                close, apart = _meetings(row, near), far[k] * (b - a)
                if u < close + apart or r + 1 == first[p + 1]:
                    break
                u, r = u - close - apart, r + 1
            if u < close:  # near: anyone in the same space
                o = rows[begin[s] + min(np.int64(u / close * row.company), row.company - 1)]
            elif u < close + apart:  # far: anyone who comes to the place
                low, many = begin_place[place[r]], begin_place[place[r] + 1] - begin_place[place[r]]
                o = rows_place[low + min(np.int64((u - close) / apart * many), many - 1)]
            else:  # only what rounding leaves
                continue
            q, minute = person[o], a + np.int64(_unit(key, p, midnight, 3 * j + 2) * (b - a))
            when = midnight + minute
            if q == p or minute < plan[o].start or minute >= plan[o].end or not infected[p] < when < infected[q]:
                continue
            if _unit(key, p, midnight, 3 * j + 3) * top >= _infectivity(curve, when - infected[p]):
                continue
            if _there(p, home, s, dwelling[k], when, held_from, held_until, held) and _there(
                q, home, s, dwelling[k], when, held_from, held_until, held
            ):
                infected[q], infector[q], where[q], room[q] = when, p, place[r], plan[o].space
                found += 1
    return found


@_jit
def met(
    person: Any, plan: Any, first: Any, begin: Any, rows: Any, kinds: Any, some: Any,
) -> Any:  # fmt: skip
    """Of these people on a day, by kind of place: minutes with others in one space (each other counted), and minutes spent there."""
    together, there = np.zeros(kinds), np.zeros(kinds)
    for p in some:
        for r in range(first[p], first[p + 1]):
            k, s, a, b = plan[r].kind, plan[r].space, np.int64(plan[r].start), np.int64(plan[r].end)
            there[k] += b - a
            for i in range(begin[s], begin[s + 1]):
                o = rows[i]
                since, until = max(a, np.int64(plan[o].start)), min(b, np.int64(plan[o].end))
                if person[o] != p and until > since:
                    together[k] += until - since
    return together, there
