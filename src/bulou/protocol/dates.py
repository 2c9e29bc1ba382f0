"""The dates of an order from an edition's measure, with the arithmetic said in words. Proposes; a named post orders."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.time import HOUR, Instant, add_days, day_of, end_of_day, format_local, midnight
from bulou.basis.words import Word
from bulou.protocol.rules import MeasureRule


class Dates(NamedTuple):
    """Anchor, first day and end of an order, and why the end is the end."""

    anchor: Instant
    starts: Instant
    ends: Instant
    why: Word


def dates(measure: MeasureRule, last_exposure: Instant | None, starts: Instant, zone: ZoneInfo) -> Dates:
    """The order that the measure proposes: its length from the last exposure or from the first day, to its hour of release."""
    from_exposure = measure.length_from == "last_exposure" and last_exposure is not None
    anchor = last_exposure if from_exposure and last_exposure is not None else starts
    last_day = add_days(day_of(anchor, zone), length(measure, from_exposure=from_exposure))
    ends = end_of_day(last_day, zone) if measure.release_hour == 24 else Instant(midnight(last_day, zone) + measure.release_hour * HOUR)
    return Dates(anchor, starts, ends, why(measure, anchor, ends, zone, from_exposure=from_exposure))


def length(measure: MeasureRule, *, from_exposure: bool) -> int:
    """Days from the anchor's day to the last day: a first day of isolation that is day 1 is itself one of them."""
    return measure.days if from_exposure else measure.days - measure.first_day


def why(measure: MeasureRule, anchor: Instant, ends: Instant, zone: ZoneInfo, *, from_exposure: bool) -> Word:
    """The arithmetic of an end as a sentence."""
    days = length(measure, from_exposure=from_exposure)
    at, end = format_local(anchor, zone), format_local(ends, zone, deadline=True)
    zh = "末次暴露" if from_exposure else "隔离首日"
    en = "last exposure" if from_exposure else "first day"
    return Word(
        f"{zh} {at} + {days} 天 = {end},依据:{measure.source.split(' · ')[0]}",
        f"{en} {at} + {days} days = {end}, because: {measure.source.split(' · ')[-1]}",
    )
