"""One day of an outbreak, compiled: who infects whom, where and in which minute. Knows arrays alone; draws by counting.

What is drawn for a pair and a visit depends on the key, the two, the visit's minute and the day, never on the order of the work. The first
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
def _caught(q: Any, p: Any, when: Any, place: Any, space: Any, infected: Any, infector: Any, where: Any, room: Any) -> Any:
    """Puts down that one infected another, unless somebody else did before that minute; whether it was put down."""
    if when >= infected[q]:
        return False
    infected[q], infector[q], where[q], room[q] = when, p, place, space
    return True


@_jit
def spread(
    key: Any, midnight: Any, person: Any, place: Any, space: Any, start: Any, end: Any, first: Any, begin: Any, person_by: Any, start_by: Any,
    end_by: Any, begin_place: Any, rows_place: Any, kind: Any, dwelling: Any, home: Any, infectious: Any, factor: Any, curve: Any, near: Any,
    far: Any, held_from: Any, held_until: Any, held: Any, infected: Any, infector: Any, where: Any, room: Any,
) -> Any:  # fmt: skip
    """Infects whom the infectious meet on a day; returns how often somebody was put down as infected (again, where it was earlier).

    ``person … end``: the day's visits, by person; minutes of the day. ``first``: where each person's rows begin; ``begin``: where those of each
    space begin in ``person_by``, ``start_by``, ``end_by``, the same by space and start;
    ``begin_place``, ``rows_place``: rows by place (``gathered``). ``midnight``: the minute at which it begins. ``kind``: of each place;
    ``dwelling``, ``near`` and ``far``: of each kind; ``near`` is the hazard of staying a whole course together in one space, ``far`` how many
    are infected in a whole course in the place by chance among all that come there that day. ``curve``: infectivity by hours since
    infection, per minute, one over a course. Changes ``infected`` (minute), ``infector``, ``where`` (place) and ``room`` (space).
    """
    found = 0
    for p in infectious:
        for r in range(first[p], first[p + 1]):
            k, a, b, s = kind[place[r]], np.int64(start[r]), np.int64(end[r]), space[r]
            middle = midnight + (a + b) // 2
            strength = factor[p] * _infectivity(curve, middle - infected[p])
            if strength > 0 and _there(p, home, s, dwelling[k], middle, held_from, held_until, held):
                if near[k] > 0:
                    for i in range(begin[s], begin[s + 1]):
                        if start_by[i] >= b:
                            break
                        q = person_by[i]
                        since, until = max(a, np.int64(start_by[i])), min(b, np.int64(end_by[i]))
                        if until <= since or infected[q] <= midnight + since or q == p:
                            continue
                        hazard = near[k] * strength * (until - since)
                        u = _unit(key, p, q, midnight + since)
                        if u >= hazard or u >= 1.0 - np.exp(-hazard):  # the chance is below the hazard: most need no power of e
                            continue
                        when = midnight + since + np.int64(_unit(key, q, p, midnight + since) * (until - since))
                        if _there(q, home, s, dwelling[k], when, held_from, held_until, held):
                            found += _caught(q, p, when, place[r], s, infected, infector, where, room)
                many = begin_place[place[r] + 1] - begin_place[place[r]]
                if far[k] > 0 and many > 0:
                    expected = far[k] * strength * (b - a)
                    drawn, left, nth = np.exp(-expected), _unit(key, place[r], p, midnight + a), 0
                    total = drawn
                    while left >= total and nth < 10_000:  # a Poisson number, by its sum
                        nth += 1
                        drawn *= expected / nth
                        total += drawn
                    for j in range(nth):
                        o = rows_place[
                            begin_place[place[r]] + np.int64(_unit(key, p, place[r], (midnight + a) * 20_000 + 2 * j + 1) * many)
                        ]
                        q = person[o]
                        since, until = max(a, np.int64(start[o])), min(b, np.int64(end[o]))
                        when = midnight + a + np.int64(_unit(key, p, place[r], (midnight + a) * 20_000 + 2 * j) * (b - a))
                        if q == p or when < midnight + since or when >= midnight + until or infected[q] <= when:
                            continue
                        if _there(q, home, s, dwelling[k], when, held_from, held_until, held):
                            found += _caught(q, p, when, place[r], space[o], infected, infector, where, room)
    return found


@_jit
def met(
    person: Any, place: Any, space: Any, start: Any, end: Any, first: Any, begin: Any, person_by: Any, start_by: Any, end_by: Any, kind: Any,
    kinds: Any, some: Any,
) -> Any:  # fmt: skip
    """Of these people on a day, by kind of place: minutes with others in one space (each other counted), and minutes spent there."""
    together, there = np.zeros(kinds), np.zeros(kinds)
    for p in some:
        for r in range(first[p], first[p + 1]):
            k, s = kind[place[r]], space[r]
            there[k] += np.float64(end[r]) - np.float64(start[r])
            for i in range(begin[s], begin[s + 1]):
                since, until = max(np.int64(start[r]), np.int64(start_by[i])), min(np.int64(end[r]), np.int64(end_by[i]))
                if person_by[i] != p and until > since:
                    together[k] += until - since
    return together, there
