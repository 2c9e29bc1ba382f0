"""The moves of the chain sampler, compiled: states of trees under several temperatures. Reads nothing and judges nothing (`chains` does).

For each case a state holds the day of infection, the ancestor (-1: a source that is not among the cases) and the number of generations
between them. A sweep redraws all three jointly for every case, exchanges cases with their ancestors, moves mu, pi, eps and lambda, and lets
neighbouring temperatures exchange states. Random numbers are those of `branching`.

What a link weighs hangs on few things: how many sites differ, whether a contact is recorded, how many days lie between. So each sweep makes
one table of weights by kind of link and days (`links`), and a case's days are weighed by adding rows of it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from bulou.assessment.branching import uniform

_jit = numba.njit(cache=True, nogil=True)

#: Places in the array of parameters of a state: mutations per site and generation, share of cases sampled, share of transmissions with a
#: recorded contact, and of other pairs relative to it.
MU, PI, EPS, LAMBDA = 0, 1, 2, 3
#: Rows of the array of logarithms of a state, by generations less one: a differing site, a site that is alike, the generations themselves, a
#: link of one generation (with a recorded contact, without) relative to none.
_DIFFER, _ALIKE, _PASSED, _CONTACT = 0, 1, 2, 3
#: Kinds of link that weigh less than e to this beside the best of a case are passed over.
_NOTHING = -35.0


@_jit
def logs(par, kmax):  # type: ignore[no-untyped-def]
    """The logarithms that the likelihood of links is made of, under the parameters of a state."""
    out = np.empty((4, max(kmax, 2)))
    for q in range(kmax):
        out[_DIFFER, q], out[_ALIKE, q] = np.log((q + 1) * par[MU]), np.log(1 - (q + 1) * par[MU])
        out[_PASSED, q] = np.log(par[PI]) + q * np.log(1 - par[PI])
    out[_CONTACT, 0] = -np.log(par[LAMBDA])
    out[_CONTACT, 1] = np.log(1 - par[EPS]) - np.log(1 - par[EPS] * par[LAMBDA])
    return out


@_jit
def case(i, day, ancestor, kappa, log, logw, logf, dates, snp, outside, contact, sites, has_contacts, alien):  # type: ignore[no-untyped-def]
    """The log-likelihood of one case with the link to its ancestor: sampling, interval, generations, genetic, contact (relative to no link)."""
    lag = dates[i] - day[i]
    if lag < 0 or lag >= len(logf):
        return -np.inf
    out = logf[lag]
    j, q = ancestor[i], kappa[i] - 1
    if j < 0:
        return out + alien[i]
    lag = day[i] - day[j]
    if lag < 1 or lag >= logw.shape[1]:
        return -np.inf
    out += logw[q, lag] + log[_PASSED, q]
    if sites > 0:
        if snp[i, j] >= 0:
            out += snp[i, j] * log[_DIFFER, q] + (sites - snp[i, j]) * log[_ALIKE, q]
        else:
            out += outside[i]
    if has_contacts and q == 0:
        out += log[_CONTACT, 0] if contact[i, j] else log[_CONTACT, 1]
    return out


@_jit
def total(day, ancestor, kappa, par, logw, logf, dates, snp, outside, contact, sites, has_contacts, pairs, contacts, alien):  # type: ignore[no-untyped-def]
    """The log-likelihood of a state."""
    out = 0.0
    if has_contacts:  # of the contact list, if no pair were linked
        out += contacts * np.log(par[EPS] * par[LAMBDA]) + (pairs - contacts) * np.log(1 - par[EPS] * par[LAMBDA])
    log = logs(par, logw.shape[0])
    for i in range(len(day)):
        out += case(i, day, ancestor, kappa, log, logw, logf, dates, snp, outside, contact, sites, has_contacts, alien)
    return out


def kinds(
    candidates: NDArray[np.int64], snp: NDArray[np.int64], outside: NDArray[np.float64], contact: NDArray[np.bool_], sites: int
) -> Any:
    """The kind of link to each candidate (-1 where there is none), and the kinds: differing sites (-1: not known), the log-likelihood of the
    sequence where they are not known, whether a contact is recorded, and the first two of the kind that a case's weights are measured by
    (the nearest sequence). O(cases x candidates)."""
    known: dict[tuple[float, ...], int] = {}
    out = np.full(candidates.shape, -1, np.int64)
    for i, row in enumerate(candidates.tolist()):
        mine = [j for j in row if j >= 0]
        genetic = [(float(snp[i, j]), 0.0) if sites and snp[i, j] >= 0 else (-1.0, float(outside[i]) if sites else 0.0) for j in mine]
        nearest = min((g for g in genetic if g[0] >= 0), default=genetic[0] if genetic else (-1.0, 0.0))
        for at, (j, g) in enumerate(zip(mine, genetic, strict=True)):
            out[i, at] = known.setdefault((*g, float(contact[i, j]), *nearest), len(known))
    return out, np.array([*known] or [(-1.0, 0.0, 0.0, -1.0, 0.0)])


@_jit
def _genetic(differ, unknown, log, q, sites):  # type: ignore[no-untyped-def]
    return differ * log[_DIFFER, q] + (sites - differ) * log[_ALIKE, q] if differ >= 0 else unknown


@_jit
def _links(kinds_, log, beta, ws, sites, has_contacts, weight, scale, by_day, counts):  # type: ignore[no-untyped-def]
    """Weights of each kind of link by generations, and summed over them by days between; the logarithm they are measured by; whether a
    kind counts at all."""
    kmax, span = ws.shape
    for e in range(len(kinds_)):
        differ, unknown, met, differ0, unknown0 = kinds_[e, 0], kinds_[e, 1], kinds_[e, 2], kinds_[e, 3], kinds_[e, 4]
        top = -np.inf
        for q in range(kmax):
            top = max(top, log[_PASSED, q] + _genetic(differ0, unknown0, log, q, sites))
        scale[e] = beta * top
        most = -np.inf
        for q in range(kmax):
            v = log[_PASSED, q] + _genetic(differ, unknown, log, q, sites)
            if q == 0 and has_contacts:
                v += log[_CONTACT, 0] if met > 0 else log[_CONTACT, 1]
            v = beta * v - scale[e]
            most = max(most, v)
            weight[e, q] = np.exp(v)
        counts[e] = most > _NOTHING
        for lag in range(span):
            by_day[e, lag] = 0.0
        if counts[e]:
            for q in range(kmax):
                g = weight[e, q]
                for lag in range(1, span):
                    by_day[e, lag] += g * ws[q, lag]


@_jit
def sample(  # type: ignore[no-untyped-def]
    seed, dates, logf, logw, fs, ws, earliest, latest, snp, outside, contact, candidates, kind, kinds_, fixed, alien, prior_outside, prior_link, sites,
    betas, day0, ancestor0, kappa0, par0, sweeps, burn, drawn, beat,
):  # fmt: skip
    """Tempered Gibbs sampling: how often each (case, ancestor; the last column is the outside source) occurred after ``burn`` sweeps, and the
    sum of its generations; the trace of the log-likelihood; sums of the parameters.

    ``fs`` and ``ws`` are ``logf`` and ``logw`` raised to the power of each temperature, out of the logarithm. ``candidates`` holds for each
    case its possible ancestors (-1 ends them), ``kind`` and ``kinds_`` what `kinds` says of them; ``fixed`` says 1 for a case that has an
    outside source for sure, 0 for one that has none, -1 where it is open; ``alien`` is the log-likelihood of an outside source for each case,
    ``prior_outside`` its log prior; ``prior_link`` the log prior of one ancestor. ``earliest`` and ``latest`` bound the day of infection.
    ``beat`` says to others how many sweeps are done, and is told by them, by a second number that is not 0, that nobody waits any more.
    Gives also how often neighbouring temperatures exchanged, and ``drawn`` states of the coldest, evenly apart: (draw, case) day, ancestor
    and generations, and (draw, parameter).
    """
    n, temps, kmax, span = len(dates), len(betas), logw.shape[0], logw.shape[1]
    state = np.zeros(1, np.uint64)
    state[0] = seed
    pairs, contacts = n * (n - 1) / 2, 0.0
    for i in range(n):
        for j in range(i):
            contacts += contact[i, j]
    has_contacts = contacts > 0
    day, ancestor, kappa = np.empty((temps, n), np.int64), np.empty((temps, n), np.int64), np.ones((temps, n), np.int64)
    par, lls, steps = np.empty((temps, 4)), np.empty(temps), np.full((temps, 4), 0.5)
    for t in range(temps):  # number by number: copying rows would compile for seconds
        for i in range(n):
            day[t, i], ancestor[t, i], kappa[t, i] = day0[i], ancestor0[i], kappa0[i]
        for q in range(4):
            par[t, q] = par0[q]
    width = candidates.shape[1]
    support, generations = np.zeros((n, n + 1)), np.zeros((n, n + 1))
    trace, means = np.empty(sweeps), np.zeros(4)
    days_, ancestors_, kappas_ = np.empty((drawn, n), np.int32), np.empty((drawn, n), np.int32), np.empty((drawn, n), np.int32)
    pars_ = np.empty((drawn, 4))
    taken, exchanged, tried = 0, 0, 0
    weight, scale = np.empty((len(kinds_), kmax)), np.empty(len(kinds_))
    by_day, counts = np.empty((len(kinds_), span)), np.empty(len(kinds_), np.bool_)
    children = np.empty(n, np.int64)
    mass, z = np.empty(len(logf) + 1), np.empty(len(logf) + 1)
    for sweep in range(sweeps):
        beat[0] = sweep
        if beat[1] != 0:
            break
        for t in range(temps):
            beta, d, a, k, p, w = betas[t], day[t], ancestor[t], kappa[t], par[t], ws[t]
            log = logs(p, kmax)
            _links(kinds_, log, beta, w, sites, has_contacts, weight, scale, by_day, counts)
            for i in range(n):
                low, high, offspring = earliest[i], latest[i], 0
                for c in range(n):
                    if a[c] == i:
                        high = min(high, d[c] - 1)
                        children[offspring] = c
                        offspring += 1
                m = high - low + 1
                if m < 1:
                    continue
                own, share = 0.0, 0.0
                could = 0 if fixed[i] == 1 or kind[i, 0] < 0 else width
                if could == 0:
                    own = 1.0
                elif fixed[i] == 0:
                    share = 1.0
                else:
                    one, other = beta * alien[i] + prior_outside[i], scale[kind[i, 0]] + prior_link
                    top = max(one, other)
                    own, share = np.exp(one - top), np.exp(other - top)
                for x in range(m):
                    mass[x] = 0.0
                for c in range(could):
                    e = kind[i, c]
                    if e < 0:
                        break
                    if counts[e]:
                        first = low - d[candidates[i, c]]
                        for x in range(max(0, 1 - first), min(m, span - first)):
                            mass[x] += by_day[e, first + x]
                for x in range(m):
                    mass[x] = own + share * mass[x]
                    z[x] = mass[x] * fs[t, dates[i] - low - x]
                for o in range(offspring):
                    c = children[o]
                    q, first = k[c] - 1, d[c] - low
                    for x in range(m):
                        z[x] *= w[q, first - x] if first - x < span else 0.0
                sum_ = 0.0
                for x in range(m):
                    sum_ += z[x]
                if not sum_ > 0:
                    continue
                u = uniform(state) * sum_
                x = 0
                while x < m - 1 and u >= z[x]:
                    u -= z[x]
                    x += 1
                u = uniform(state) * mass[x] - own
                d[i], a[i], k[i] = low + x, -1, 1
                if u >= 0 and share > 0:
                    u /= share
                    for c in range(could):
                        e = kind[i, c]
                        if e < 0:
                            break
                        lag = low + x - d[candidates[i, c]]
                        if not counts[e] or lag < 1 or lag >= span or not by_day[e, lag] > 0:
                            continue
                        a[i] = candidates[i, c]
                        for q in range(kmax):
                            v = weight[e, q] * w[q, lag]
                            if v > 0:
                                k[i] = q + 1
                                if u < v:
                                    break
                                u -= v
                        else:
                            continue
                        break
            _exchange_with_ancestor(state, beta, d, a, k, log, logw, logf, dates, snp, outside, contact, sites, has_contacts, alien, prior_outside,
                                    fixed, earliest, latest, children)  # fmt: skip
            _parameters(state, beta, a, k, p, steps[t], snp, contact, sites, has_contacts, contacts, pairs, kmax, sweep < burn)
            lls[t] = total(d, a, k, p, logw, logf, dates, snp, outside, contact, sites, has_contacts, pairs, contacts, alien)
        for t in range(sweep % 2, temps - 1, 2):
            tried += 1
            if np.log(uniform(state)) < (betas[t] - betas[t + 1]) * (lls[t + 1] - lls[t]):
                exchanged += 1
                for i in range(n):
                    day[t, i], day[t + 1, i] = day[t + 1, i], day[t, i]
                    ancestor[t, i], ancestor[t + 1, i] = ancestor[t + 1, i], ancestor[t, i]
                    kappa[t, i], kappa[t + 1, i] = kappa[t + 1, i], kappa[t, i]
                for q in range(4):
                    par[t, q], par[t + 1, q] = par[t + 1, q], par[t, q]
                lls[t], lls[t + 1] = lls[t + 1], lls[t]
        trace[sweep] = lls[0]
        if sweep >= burn:
            for i in range(n):
                support[i, ancestor[0, i] if ancestor[0, i] >= 0 else n] += 1
                if ancestor[0, i] >= 0:
                    generations[i, ancestor[0, i]] += kappa[0, i]
            for q in range(4):
                means[q] += par[0, q]
            while taken < drawn and (sweep - burn + 1) * drawn >= (taken + 1) * (sweeps - burn):
                for i in range(n):
                    days_[taken, i], ancestors_[taken, i], kappas_[taken, i] = day[0, i], ancestor[0, i], kappa[0, i]
                for q in range(4):
                    pars_[taken, q] = par[0, q]
                taken += 1
    return support, generations, trace, means, exchanged / max(tried, 1), days_, ancestors_, kappas_, pars_


@_jit
def _parameters(state, beta, a, k, p, steps, snp, contact, sites, has_contacts, contacts, pairs, kmax, learning):  # type: ignore[no-untyped-def]
    """Moves mu, pi, eps and lambda by steps whose length is learned while ``learning``. Everything is counted by generations once."""
    links, extra, seen, direct, differ = 0, 0, 0, 0, 0
    alike = np.zeros(kmax)
    for i in range(len(a)):
        j = a[i]
        if j >= 0:
            links += 1
            extra += k[i] - 1
            if k[i] == 1:
                direct += 1
                seen += contact[i, j]
            if snp[i, j] >= 0:
                differ += snp[i, j]
                alike[k[i] - 1] += sites - snp[i, j]
    for what in range(4):
        if (what == MU and sites == 0) or (what >= EPS and not has_contacts):
            continue
        was = p[what]
        step = steps[what] * (uniform(state) + uniform(state) + uniform(state) - 1.5) * 2
        if what == MU:
            new = was * np.exp(step)
            ok = new * kmax < 1
            ratio = step - (new - was)  # exponential prior of mean 1
        else:
            logit = np.log(was / (1 - was)) + step
            new = 1 / (1 + np.exp(-logit))
            ok = 1e-6 < new < 1 - 1e-6
            ratio = np.log(new * (1 - new)) - np.log(was * (1 - was))
        if not ok:
            continue
        if what == MU:
            change = differ * step
            for q in range(kmax):
                change += alike[q] * (np.log(1 - (q + 1) * new) - np.log(1 - (q + 1) * was))
        elif what == PI:
            change = links * np.log(new / was) + extra * np.log((1 - new) / (1 - was))
            ratio += 9 * np.log(new / was)  # Beta(10, 1) prior
        else:
            change = -_contacts(p, seen, direct, contacts, pairs)
            p[what] = new
            change += _contacts(p, seen, direct, contacts, pairs)
            p[what] = was
        if np.log(uniform(state)) < beta * change + ratio:
            p[what] = new
            if learning:
                steps[what] *= 1.05
        elif learning:
            steps[what] *= 0.98


@_jit
def _contacts(par, seen, direct, contacts, pairs):  # type: ignore[no-untyped-def]
    unseen = direct - seen
    rest = pairs - contacts - unseen
    return (
        seen * np.log(par[EPS])
        + (contacts - seen) * np.log(par[EPS] * par[LAMBDA])
        + unseen * np.log(1 - par[EPS])
        + rest * np.log(1 - par[EPS] * par[LAMBDA])
    )


@_jit
def _exchange_with_ancestor(  # type: ignore[no-untyped-def]
    state,
    beta,
    d,
    a,
    k,
    log,
    logw,
    logf,
    dates,
    snp,
    outside,
    contact,
    sites,
    has_contacts,
    alien,
    prior_outside,
    fixed,
    earliest,
    latest,
    touched,
):
    """Proposes for a few cases to change places with their ancestors: days, ancestors, generations and other offspring."""
    n = len(d)
    for _ in range(max(1, n // 4)):
        i = int(uniform(state) * n)
        j = a[i]
        if j < 0 or fixed[j] == 1 or (a[j] < 0 and fixed[i] == 0):
            continue
        if not (earliest[i] <= d[j] <= latest[i] and earliest[j] <= d[i] <= latest[j]):
            continue
        touched[0], touched[1], size = i, j, 2
        for c in range(n):
            if (a[c] == i or a[c] == j) and c not in (i, j):
                touched[size] = c
                size += 1
        change, prior = 0.0, 0.0
        for sign in (-1.0, 1.0):
            for at in range(size):
                c = touched[at]
                change += sign * case(c, d, a, k, log, logw, logf, dates, snp, outside, contact, sites, has_contacts, alien)
                if a[c] < 0:
                    prior += sign * prior_outside[c]
            if sign < 0:
                _swap(i, j, d, a, k, touched, size)
        if not np.log(uniform(state)) < beta * change + prior:
            _swap(j, i, d, a, k, touched, size)


@_jit
def _swap(i, j, d, a, k, touched, size):  # type: ignore[no-untyped-def]
    """``j`` is the ancestor of ``i``; afterwards ``i`` is the ancestor of ``j``, and the offspring among ``touched`` change hands."""
    for at in range(2, size):
        c = touched[at]
        a[c] = j if a[c] == i else i
    a[i], a[j] = a[j], i
    k[i], k[j] = k[j], k[i]
    d[i], d[j] = d[j], d[i]
