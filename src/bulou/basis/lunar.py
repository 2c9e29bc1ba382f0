"""The Chinese calendar: which month and day of it a day is, from when moon and sun are where. For dates that people say; decides nothing.

A month begins on the day, in China's time, of the new moon; the month that holds no principal term of the sun is a leap month of the
one before it; the eleventh month holds the winter solstice. Moon and sun are computed after Meeus, Astronomical Algorithms (1998),
chapters 49 and 25, to a minute or so: of 27,759 days of 1985 to 2060 all are as in the calendar of ICU but those of six months, in which ICU
differs from the almanac: five began within minutes of midnight (1999-01, 2012-08, 2018-11, 2027-02, 2030-02), and 1987 had a leap sixth month.
"""

import datetime
from functools import lru_cache
from math import floor, radians, sin
from typing import NamedTuple

#: China's time: eight hours ahead, as a part of a day; and terrestrial time ahead of it (some seventy seconds now, not much else meanwhile).
_EAST, _AHEAD = 8 / 24, 70 / 86_400
#: The Julian day at the beginning of day 0 of Python's calendar.
_JULIAN = 1_721_424.5
_SYNODIC, _FIRST = 29.530588861, 2_451_550.09766
#: The largest terms of the new moon, in days: (moon's and sun's anomaly, argument of latitude), whether by the eccentricity, and how much.
_TERMS = (
    ((1, 0, 0), 0, -0.40720), ((0, 1, 0), 1, 0.17241), ((2, 0, 0), 0, 0.01608), ((0, 0, 2), 0, 0.01039), ((1, -1, 0), 1, 0.00739),
    ((1, 1, 0), 1, -0.00514), ((0, 2, 0), 2, 0.00208), ((1, 0, -2), 0, -0.00111), ((1, 0, 2), 0, -0.00057), ((2, 1, 0), 1, 0.00056),
    ((3, 0, 0), 0, -0.00042), ((0, 1, 2), 1, 0.00042), ((0, 1, -2), 1, 0.00038), ((2, -1, 0), 1, -0.00024),
)  # fmt: skip


class Lunar(NamedTuple):
    """A day of the Chinese calendar: month 1 to 12 (``leap``: the second of that number), day 1 to 30."""

    month: int
    day: int
    leap: bool


def _new_moon(k: int) -> int:
    """The ordinal of the day of the k-th new moon after the first of 2000, in China's time."""
    t = k / 1236.85
    at = _FIRST + _SYNODIC * k + 0.00015437 * t * t
    moon, sun = radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t), radians(2.5534 + 29.10535670 * k)
    arg, node = radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t), radians(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    e = 1 - 0.002516 * t
    at += sum(size * e**power * sin(a * moon + b * sun + c * arg) for (a, b, c), power, size in _TERMS) - 0.00017 * sin(node)
    at += 0.000325 * sin(radians(299.77 + 0.107408 * k - 0.009173 * t * t)) + 0.000165 * sin(radians(251.88 + 0.016321 * k))
    return floor(at - _AHEAD + _EAST - _JULIAN)


def _sun(ordinal: int) -> float:
    """The sun's apparent longitude at the beginning of a day in China, in degrees."""
    t = (ordinal + _JULIAN - _EAST + _AHEAD - 2_451_545.0) / 36_525
    m = radians(357.52911 + 35_999.05029 * t - 0.0001537 * t * t)
    centre = (1.914602 - 0.004817 * t) * sin(m) + (0.019993 - 0.000101 * t) * sin(2 * m) + 0.000289 * sin(3 * m)
    return float(
        (280.46646 + 36_000.76983 * t + 0.0003032 * t * t + centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))) % 360
    )


def _moon_of(ordinal: int) -> int:
    """The number of the new moon with which the month of a day began."""
    k = floor((ordinal + _JULIAN - _FIRST) / _SYNODIC) + 1
    while _new_moon(k) > ordinal:
        k -= 1
    return k


@lru_cache(maxsize=64)
def _eleventh(year: int) -> int:
    """The new moon of the month in which the winter solstice of a year lies."""
    day = datetime.date(year, 12, 18).toordinal()
    while not _sun(day) < 270 <= _sun(day + 1):
        day += 1
    return _moon_of(day)


def _terms(k: int) -> bool:
    """Whether a month holds a principal term: the sun passes a multiple of thirty degrees on a day of it."""
    return floor(_sun(_new_moon(k)) / 30) != floor(_sun(_new_moon(k + 1)) / 30)


@lru_cache(maxsize=64)
def _leap(year: int) -> int | None:
    """The leap month between the solstices of the year before and of this year, if there is one."""
    first, last = _eleventh(year - 1), _eleventh(year)
    return None if last - first == 12 else next(k for k in range(first + 1, last) if not _terms(k))


def lunar(day: datetime.date) -> Lunar:
    """A day of our calendar as a day of the Chinese one."""
    ordinal = day.toordinal()
    k = _moon_of(ordinal)
    year = day.year if k < _eleventh(day.year) else day.year + 1
    first, leap = _eleventh(year - 1), _leap(year)
    number = k - first - (1 if leap is not None and k >= leap else 0)
    return Lunar((10 + number) % 12 + 1, ordinal - _new_moon(k) + 1, k == leap)
