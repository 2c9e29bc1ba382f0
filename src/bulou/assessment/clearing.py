"""Whether an outbreak is over, and whether rounds of negative tests mean that nobody infected is left. Says probabilities; lifts no zone."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bulou.assessment.refusing import Unusable
from bulou.assessment.reproduction import infectiousness, serial_interval

Floats = NDArray[np.float64]


def p_no_more_cases(
    local: ArrayLike,
    w: ArrayLike,
    days: int,
    imported: ArrayLike = 0.0,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    window_days: int | None = None,
    strict: bool = False,
) -> Floats:
    """The probability that no further local case follows, for each of ``days`` days after the last row, if each stays without cases.

    The reproduction number is estimated anew for every coming day from the window that ends there (`rt_cori`'s posterior, zeros appended) and
    the number of new cases is predicted from it; the probability is the product over all coming days that none occurs. ``window_days`` is by
    default one less than the days from the first row to the last case, so rows without cases at the end change nothing. As in the published script the
    value of day t takes day t + 1 to be clear as well; ``strict`` does not, and is the value of the day before.

    Units: cases per day, days, probability. Shapes: (days of data) and (k) in, (``days``) out.
    Errors: Unusable for negative counts, a prior that is not above 0, a window or ``days`` below 1, and what `serial_interval` refuses.
    Paper: Parag et al. 2020, PLoS Comput Biol 16:e1008478, equation 5.
    """
    weights = serial_interval(w)
    here = np.asarray(local, dtype=float)
    away = np.broadcast_to(np.asarray(imported, dtype=float), here.shape)
    _counts(here, away)
    if not (prior_mean > 0 and prior_sd > 0):
        raise Unusable("先验的均值与标准差应大于 0", "the prior's mean and sd should be above 0")
    if days < 1:
        raise Unusable(f"天数是 {days},应至少 1", f"days is {days}, should be at least 1")
    seen = len(here)
    with_cases = np.flatnonzero(here + away)
    window = window_days if window_days is not None else max(int(with_cases[-1]) if len(with_cases) else 1, 1)
    if window < 1:
        raise Unusable(f"窗口是 {window} 天,应至少 1 天", f"the window is {window} days, should be at least 1")
    more = days + len(weights) + 2
    here, both = (np.concatenate([x, np.zeros(more)]) for x in (here, here + away))
    past = infectiousness(both, weights)
    cases_sum, past_sum = (np.concatenate([[0.0], np.cumsum(x)]) for x in (here, past))
    day = np.arange(1, len(here))  # a day counted from 1; the day after it is predicted from it
    start = np.maximum(day - window + 1, min(2, len(here)))
    start = np.minimum(start, day)
    shape = (prior_mean / prior_sd) ** 2 + cases_sum[day] - cases_sum[start - 1]
    scale = 1 / (prior_mean / prior_sd**2 + past_sum[day] - past_sum[start - 1])
    none = -shape * np.log1p(past[day] * scale)  # past[day] is that of the day after `day`, because arrays count from 0
    to_come = np.cumsum(none[::-1])[::-1]
    first = seen + np.arange(1, days + 1) + (0 if strict else 1)
    return np.asarray(np.exp(to_come[first - 1]))


def p_no_more_offspring(cases: ArrayLike, w: ArrayLike, days: int, r: float, k: float) -> Floats:
    """The probability that no further case follows when each case infects a known number with known spread, for days after the last row.

    Every case infects a negative binomial number with mean ``r`` and dispersion ``k``; each of these falls ill a serial interval later. Those who
    would have fallen ill by now and did not are known not to be there only through the share of the interval that has passed.

    Units: cases per day, days, probability. Shapes: (days of data) and (k) in, (``days``) out.
    Errors: Unusable for negative counts, ``r`` below 0, ``k`` not above 0, ``days`` below 1, and what `serial_interval` refuses.
    Paper: Nishiura et al. 2016, Emerg Infect Dis 22:146, with the offspring of Lloyd-Smith et al. 2005, Nature 438:355.
    """
    weights = serial_interval(w)
    counts = np.asarray(cases, dtype=float)
    _counts(counts, counts)
    if not (r >= 0 and np.isfinite(r) and k > 0):
        raise Unusable("r 应不小于 0,k 应大于 0", "r should be from 0 on and k above 0")
    if days < 1:
        raise Unusable(f"天数是 {days},应至少 1", f"days is {days}, should be at least 1")
    left = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)  # of the interval after 0, 1, 2 … days
    seen = np.flatnonzero(counts)
    answer = np.empty(days)
    for i in range(days):
        passed = np.minimum(len(counts) + i - seen, len(left) - 1)
        mean = r * left[passed]
        each = -mean if np.isinf(k) else -k * np.log1p(mean / k)
        answer[i] = np.exp((counts[seen] * each).sum())
    return answer


def _counts(here: Floats, away: Floats) -> None:
    if here.ndim != 1 or not len(here):
        raise Unusable("应有至少一天的病例数", "there should be at least one day of cases")
    if not (np.isfinite(here).all() and np.isfinite(away).all() and (here >= 0).all() and (away >= 0).all()):
        raise Unusable("病例数应是不小于 0 的数", "counts of cases should be numbers from 0 on")


def round_sensitivity(coverage: ArrayLike, sensitivity: ArrayLike, infected: float = 1.0) -> Floats:
    """The probability that a round of tests finds at least one of ``infected`` infected people.

    Units: shares and probabilities. Shapes: any that broadcast. Errors: Unusable for a share outside 0 to 1 or ``infected`` not above 0.
    Paper: Martin, Cameron and Greiner 2007, Prev Vet Med 79:71; epiR's ``rsu.sep.rs``.
    """
    covered, found = np.asarray(coverage, dtype=float), np.asarray(sensitivity, dtype=float)
    for zh, en, x in (("覆盖率", "coverage", covered), ("灵敏度", "sensitivity", found)):
        if not ((x >= 0) & (x <= 1)).all():
            raise Unusable(f"{zh}应是 0 至 1 的数", f"{en} should be from 0 to 1")
    if not infected > 0:
        raise Unusable("感染人数应大于 0", "the number of infected should be above 0")
    return np.asarray(1 - (1 - covered * found) ** infected)


def p_undetected(
    coverage: ArrayLike, sensitivity: ArrayLike, prior: float = 0.5, p_intro: ArrayLike = 0.0, infected: float = 1.0
) -> Floats:
    """The probability, after each of several rounds that found nobody, that someone infected is left. ``1 -`` it is freedom from infection.

    ``prior`` is the probability of freedom before the first round; between rounds infection comes in with ``p_intro``; ``infected`` are as many as
    there would be if there were any. The sensitivity is that on the day since infection on which the round meets them: a negative on the first day says little,
    so what counts are rounds at least 3 days after the last possible exposure.

    Units: shares and probabilities. Shapes: (rounds) in, scalars broadcast; (rounds) out.
    Errors: Unusable for a share or probability outside 0 to 1, ``infected`` not above 0.
    Paper: Martin, Cameron and Greiner 2007, Prev Vet Med 79:71; epiR's ``rsu.pfree.rs``.
    """
    found, brought = np.broadcast_arrays(round_sensitivity(coverage, sensitivity, infected), np.asarray(p_intro, dtype=float))
    if not (0 <= prior <= 1 and ((brought >= 0) & (brought <= 1)).all()):
        raise Unusable("先验与输入概率应是 0 至 1 的数", "the prior and the probability of introduction should be from 0 to 1")
    left = np.empty(found.shape)
    infected_now = 1.0 - prior
    for i in range(len(found)):
        infected_now = infected_now + (1 - infected_now) * brought[i]
        missed = infected_now * (1 - found[i])
        infected_now = missed / (missed + 1 - infected_now) if missed + 1 - infected_now > 0 else 1.0
        left[i] = infected_now
    return left
