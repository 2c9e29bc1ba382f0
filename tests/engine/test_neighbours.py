"""The neighbours of a pool in the queue are the nearest on both sides: that is where a mis-scanned person is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bulou.basis.time import FOREVER, MINUTE, Instant
from bulou.desks.testing.pages import MOST_NEIGHBOURS, _neighbours
from bulou.evidence.models import Tube
from bulou.evidence.now import NEVER
from bulou.kit.looking import Looking, Moment
from bulou.protocol.rules import Protocol_
from bulou.register.scope import NOBODY, Scope

ZONE = ZoneInfo("Asia/Shanghai")
START = Instant(1_607_385_600_000_000)
LOOK = Looking(NOBODY._replace(scope=Scope(None)), Moment(Instant(FOREVER - 1), 1, START, live=True), "en", ZONE, Protocol_({}, ZONE))


def queue(*minutes: int) -> list[Tube]:
    """Tubes of one point, opened at these minutes."""
    tubes = [
        Tube(
            id=n + 1,
            tube=f"T{n:02d}",
            area="a",
            place=None,
            began_at=START + m * MINUTE,
            opened_seq=1,
            void_seq=NEVER,
            provisional=False,
            conflict=False,
        )
        for n, m in enumerate(minutes)
    ]
    return Tube.objects.bulk_create(tubes)


@pytest.mark.django_db
def test_the_nearest_on_both_sides_in_the_order_of_the_queue() -> None:
    tubes = queue(*range(0, 40, 4))
    assert [n["tube"] for n in _neighbours(tubes[7], LOOK)] == ["T03", "T04", "T05", "T06", "T08", "T09"]
    assert [n["tube"] for n in _neighbours(tubes[4], LOOK)] == ["T01", "T02", "T03", "T05", "T06", "T07"]


@pytest.mark.django_db
def test_never_the_tube_itself_nor_one_too_far_in_time() -> None:
    tubes = queue(0, 31, 62)
    assert _neighbours(tubes[1], LOOK) == []
    assert MOST_NEIGHBOURS == 6
