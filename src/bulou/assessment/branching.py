"""Outbreaks drawn case by case, compiled: one by generations as published, one by events with queues. Judges nothing, reads nothing.

Random numbers come from a small generator of our own (splitmix64) and quantile tables: the same seed gives the same draws on every
machine, and compiled code that asks numpy for them is slower than numpy. The first use compiles (seconds) and keeps the result beside the
module or, where that may not be written, in the user's cache (``NUMBA_CACHE_DIR``).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Points of a quantile table: quantiles at (i + 1/2) / TABLE.
TABLE = 4096

_jit = numba.njit(cache=True, nogil=True)


@_jit
def uniform(state: Any) -> Any:
    """The next number in [0, 1) of a splitmix64 whose state is one unsigned integer in an array."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@_jit
def quantile(table: Any, u: Any) -> Any:
    """A draw by a table of quantiles, between whose points it is interpolated."""
    at = u * len(table) - 0.5
    if at <= 0:
        return table[0]
    low = int(at)
    if low >= len(table) - 1:
        return table[-1]
    return table[low] + (at - low) * (table[low + 1] - table[low])


@_jit
def counted(cumulative: Any, u: Any) -> Any:
    """A count by its cumulative distribution."""
    n = 0
    while n < len(cumulative) - 1 and u > cumulative[n]:
        n += 1
    return n


@_jit
def generations(seeds, initial, offspring, incubation, exposure, delay, asymptomatic, traced, one_delay, quarantine, cap, days, weeks):  # type: ignore[no-untyped-def]
    """Outbreaks as Hellewell et al. 2020 published them: cases per week of onset, one row per seed; the last column counts all cases.

    ``one_delay`` draws one delay for a whole generation, as their first code did; else one per case.
    """
    out = np.zeros((len(seeds), weeks + 1))
    state = np.zeros(1, np.uint64)
    for run in range(len(seeds)):
        state[0] = seeds[run]
        onset = np.empty(initial)
        isolated = np.empty(initial)
        silent = np.zeros(initial, np.bool_)
        shared = quantile(delay, uniform(state))
        for i in range(initial):
            onset[i] = quantile(incubation, uniform(state))
            silent[i] = uniform(state) < asymptomatic
            wait = shared if one_delay else quantile(delay, uniform(state))
            isolated[i] = np.inf if silent[i] else onset[i] + wait
        total, latest = initial, onset.max()
        for i in range(initial):
            week = int(onset[i] / 7)
            if week < weeks:
                out[run, week] += 1
        while len(onset) > 0 and total < cap and latest < days:
            room = 0
            born = np.empty(len(onset), np.int64)
            for i in range(len(onset)):
                born[i] = counted(offspring, uniform(state))
                room += born[i]
            onset_, isolated_, silent_ = np.empty(room), np.empty(room), np.zeros(room, np.bool_)
            late, found = quantile(delay, uniform(state)), quantile(delay, uniform(state))
            n = 0
            for i in range(len(onset)):
                for _ in range(born[i]):
                    at = max(1.0, onset[i] + quantile(exposure, uniform(state)))
                    inc = quantile(incubation, uniform(state))
                    quiet = uniform(state) < asymptomatic
                    missed = uniform(state) >= traced or silent[i]
                    if at >= isolated[i]:
                        continue
                    wait = (late if missed else found) if one_delay else quantile(delay, uniform(state))
                    onset_[n], silent_[n] = at + inc, quiet
                    if quiet:
                        isolated_[n] = np.inf
                    elif missed:
                        isolated_[n] = at + inc + wait
                    elif quarantine:
                        isolated_[n] = isolated[i]
                    else:
                        isolated_[n] = min(at + inc + wait, max(at + inc, isolated[i]))
                    n += 1
            onset, isolated, silent = onset_[:n], isolated_[:n], silent_[:n]
            total += n
            for i in range(n):
                latest = max(latest, onset[i])
                week = int(onset[i] / 7)
                if week < weeks:
                    out[run, week] += 1
        out[run, weeks] = total
    return out


@_jit
def _push(heap, size, at, kind, who):  # type: ignore[no-untyped-def]
    i = size
    while i > 0 and heap[(i - 1) // 2, 0] > at:
        for column in range(3):  # number by number: copying rows would compile for seconds
            heap[i, column] = heap[(i - 1) // 2, column]
        i = (i - 1) // 2
    heap[i, 0], heap[i, 1], heap[i, 2] = at, kind, who
    return size + 1


@_jit
def _room(heap, size, more):  # type: ignore[no-untyped-def]
    if size + more + 4 < len(heap):
        return heap
    wider = np.empty((2 * len(heap) + more, 3))
    for i in range(size):
        for column in range(3):
            wider[i, column] = heap[i, column]
    return wider


@_jit
def _pop(heap, size):  # type: ignore[no-untyped-def]
    size -= 1
    at, kind, who = heap[size, 0], heap[size, 1], heap[size, 2]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1, 0] < heap[child, 0]:
            child += 1
        if heap[child, 0] >= at:
            break
        for column in range(3):
            heap[i, column] = heap[child, column]
        i = child
    heap[i, 0], heap[i, 1], heap[i, 2] = at, kind, who
    return size


#: What happens in an outbreak drawn by events: someone may be infected, is confirmed, has been asked so that contacts are found.
MEET, CONFIRM, TRACED = 0.0, 1.0, 2.0
#: Columns counted per day and run: infections, cases confirmed, those of them that were not in quarantine, contacts to be found, rooms taken
#: by the infected (change).
INFECTED, CONFIRMED, OUTSIDE, CONTACTS, ROOMS = 0, 1, 2, 3, 4


@_jit
def events(seeds, which, offspring, incubation, exposure, delays, numbers, initial_age, sensitivity, cap, days, patient):  # type: ignore[no-untyped-def]
    """Outbreaks by events in order of time, so that a tracing team with few hands keeps a queue: counts per run, day and column; whether a
    run was stopped at ``cap`` cases; when the last infection from day 0 on was (-1: none).

    ``which`` names, for each seed, the row of ``offspring`` (cumulative), ``delays`` (five tables: onset to sample, sample to result, result
    to contacts, contacts to quarantine, stay in isolation) and ``numbers`` (share without symptoms, share of contacts traced, share of cases
    asked, contacts per case, days between screening rounds or 0, their coverage, cases asked per day or infinity, whether the traced are
    quarantined at once). Who is screened is found with ``sensitivity`` by whole days since infection. ``patient`` lets the traced wait for
    their symptoms, as published models do.
    """
    out = np.zeros((len(seeds), days, 5))
    stopped = np.zeros(len(seeds), np.bool_)
    last = np.full(len(seeds), -1.0)
    state = np.zeros(1, np.uint64)
    infected, onset, free_until = np.empty(cap), np.empty(cap), np.empty(cap)
    eldest, younger = np.empty(cap, np.int64), np.empty(cap, np.int64)
    traced, confirmed = np.empty(cap, np.bool_), np.empty(cap, np.bool_)
    heap = np.empty((1024, 3))
    for run in range(len(seeds)):
        state[0] = seeds[run]
        row = which[run]
        p_silent, p_traced, p_asked, contacts, every, coverage, hands, at_once = numbers[row]
        cases, size, server = 0, 0, -np.inf
        for i in range(len(initial_age)):
            size = _push(heap, size, -initial_age[i], MEET, -1.0)
        while size > 0:
            at, kind, who = heap[0, 0], heap[0, 1], int(heap[0, 2])
            size = _pop(heap, size)
            if at >= days:
                break
            if kind == MEET:
                if who >= 0 and at >= free_until[who]:
                    continue
                if cases == cap:
                    stopped[run] = True
                    break
                me = cases
                cases += 1
                infected[me], confirmed[me], eldest[me], younger[me] = at, False, -1, -1
                if who >= 0:
                    younger[me], eldest[who] = eldest[who], me
                inc = quantile(incubation, uniform(state))
                onset[me], free_until[me] = at + inc, np.inf
                silent = uniform(state) < p_silent
                traced[me] = uniform(state) < p_traced
                seen = np.inf  # when this case is confirmed, if tracing is no faster
                if not silent:
                    seen = onset[me] + quantile(delays[row, 0], uniform(state)) + quantile(delays[row, 1], uniform(state))
                if every > 0:
                    round_ = np.ceil(max(at, 0.0) / every) * every
                    while round_ < min(seen, days):
                        age = min(int(round_ - at), len(sensitivity) - 1)
                        if uniform(state) < coverage * sensitivity[age]:
                            seen = min(seen, round_ + quantile(delays[row, 1], uniform(state)))
                            break
                        round_ += every
                if seen < days:
                    size = _push(heap, size, max(seen, at), CONFIRM, float(me))
                if at >= 0:
                    out[run, int(at), INFECTED] += 1
                    last[run] = max(last[run], at)
                born = counted(offspring[row], uniform(state))
                heap = _room(heap, size, born)
                for _ in range(born):
                    meet = max(at, onset[me] + quantile(exposure, uniform(state)))
                    if meet < days and meet < seen:  # whoever is confirmed by then meets nobody
                        size = _push(heap, size, meet, MEET, float(me))
            elif kind == CONFIRM:
                if confirmed[who]:
                    continue
                confirmed[who] = True
                if free_until[who] > at:
                    free_until[who] = at
                    out[run, max(0, int(at)), OUTSIDE] += 1
                    out[run, max(0, int(at)), ROOMS] += 1
                    leaves = at + quantile(delays[row, 4], uniform(state))
                    if leaves < days:
                        out[run, max(0, int(leaves)), ROOMS] -= 1
                out[run, max(0, int(at)), CONFIRMED] += 1
                if uniform(state) < p_asked:
                    server = max(at, server) + 1.0 / hands
                    out[run, max(0, int(at)), CONTACTS] += contacts
                    found = server + quantile(delays[row, 2], uniform(state)) + quantile(delays[row, 3], uniform(state))
                    if found < days:
                        size = _push(heap, size, found, TRACED, float(who))
            else:
                child = eldest[who]
                while child >= 0:
                    this, child = child, younger[child]
                    if not traced[this] or free_until[this] <= at:
                        continue
                    heap = _room(heap, size, 1)
                    when = at
                    if not at_once > 0 or patient:
                        when = max(at, onset[this])
                        if when < days:
                            size = _push(heap, size, when, CONFIRM, float(this))
                        continue
                    free_until[this] = when
                    out[run, max(0, int(when)), ROOMS] += 1
                    leaves = when + quantile(delays[row, 4], uniform(state))
                    if leaves < days:
                        out[run, max(0, int(leaves)), ROOMS] -= 1
                    result = when + quantile(delays[row, 1], uniform(state))
                    if result < days and not confirmed[this]:
                        size = _push(heap, size, result, CONFIRM, float(this))
    return out, stopped, last
