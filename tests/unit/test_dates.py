"""The dates that an order is proposed with: the length of each phase, day 0 or 1, from the exposure or from the first day."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bulou.basis.time import Instant, format_local, parse_local
from bulou.protocol.dates import dates
from bulou.protocol.read import shipped

ZONE = ZoneInfo("Asia/Shanghai")
EDITIONS = shipped()


def at(text: str) -> Instant:
    return parse_local(f"2022-{text}", ZONE)


def end(edition: str, ring: str, exposed: str | None, starts: str, after: str | None = None) -> str:
    found = EDITIONS[edition]
    measure = found.following(ring, after) if after else found.measure(ring)
    assert measure
    proposed = dates(measure, at(exposed) if exposed else None, at(starts), ZONE)
    return format_local(proposed.ends, ZONE, deadline=True)[5:]


def test_a_length_from_the_exposure_is_added_to_its_day() -> None:
    """Exposed on the 6th and 7 days: the last is the 13th, however late the person is found."""
    assert end("covid19/cn-9", "close", "07-06 19:00", "07-08 10:00") == "07-13 24:00"
    assert end("covid19/cn-9", "close", "07-06 19:00", "07-11 09:00") == "07-13 24:00"
    assert end("measles/cdc", "close", "07-07 12:00", "07-12 00:00") == "07-28 24:00"


def test_a_first_day_that_is_day_one_is_one_of_the_days() -> None:
    """Three days at home from the 14th are the 14th, 15th and 16th: a fourth would be a day of somebody's liberty."""
    assert end("covid19/cn-9", "close", None, "07-14 00:00", after="central") == "07-16 24:00"
    assert end("covid19/cn-8", "close", None, "07-21 00:00", after="central") == "07-27 24:00"
    assert end("covid19/cn-9", "arrival", None, "07-08 10:00") == "07-14 24:00"


def test_a_phase_that_follows_is_found_by_the_measure_before_it() -> None:
    nine, twenty = EDITIONS["covid19/cn-9"], EDITIONS["covid19/cn-20"]
    after = {e.id: e.following("close", "central") for e in (nine, twenty)}
    assert {k: (m.measure, m.days) for k, m in after.items() if m} == {"covid19/cn-9": ("monitoring", 3), "covid19/cn-20": ("home", 3)}
    assert nine.following("secondary", "home") is None


@pytest.mark.parametrize("edition", EDITIONS)
def test_each_phase_that_follows_counts_from_its_first_day(edition: str) -> None:
    """Counted from the exposure again it would be over before it began."""
    assert all(m.length_from == "first_day" for m in EDITIONS[edition].measures if m.after)
