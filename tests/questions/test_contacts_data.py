"""Face-to-face contacts that badges recorded every 20 seconds in a primary school and at a conference (SocioPatterns), read as meetings.

Compared: who was with a case for at least so many minutes within its window, and behind whom, by the engine, by the plain definition and by
adding up the file's own durations with numpy.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from bulou.basis.time import MINUTE, SECOND, Instant
from bulou.protocol.read import compile_edition
from bulou.questions import memory, rings, visits
from bulou.questions.exposure import Case, ways
from bulou.questions.memory import Asked, Meeting
from tests.data import published
from tests.questions.towns import HEAD

UTC = ZoneInfo("UTC")
RULE = '[[exposure]]\nring = "{}"\nsetting = "other"\ncriteria = {{ zh = "面对面", en = "face to face" }}\nminutes = {}\nsource = "made up"\nstatus = "unverified"\n'
CLOSE, BEHIND = 5, 15
BY = ways(compile_edition(HEAD + RULE.format("close", CLOSE) + RULE.format("secondary", BEHIND), "blue/rings.toml"))


@pytest.mark.parametrize("name", ["primary_school", "WS16"])
def test_rings_of_real_contacts(name: str) -> None:
    a, b, start, stop, _ = np.loadtxt(
        published("sociopatterns") / f"{name}_contact_intervals.csv", delimiter=",", skiprows=1, dtype=np.int64
    ).T
    zero, end = int(start.min()), int(stop.max())
    people = np.unique(np.concatenate([a, b]))
    # a window each, none of which begins or ends with a row: from a third of the first day on, some isolated after the next
    cases = {
        str(i): (int(p), zero + 7 + 3600 * (2 + i), zero + 100_000 + 11 * i if i % 2 else end)
        for i, p in enumerate(people[:: len(people) // 6][:6])
    }

    def near(who: int, low: int, high: int, least: int) -> dict[int, int]:
        """By numpy: whoever was with somebody for so many minutes between two seconds, and since when."""
        together = np.minimum(stop, high) - np.maximum(start, low)
        rows = np.flatnonzero(((a == who) | (b == who)) & (together > 0))
        other = np.where(a[rows] == who, b[rows], a[rows])
        return {
            int(o): int(np.maximum(start, low)[rows[other == o]].min())
            for o in np.unique(other)
            if together[rows[other == o]].sum() >= least * 60
        }

    expected: set[tuple[str, int, str]] = set()
    for case, (who, low, high) in cases.items():
        close = near(who, low, high, CLOSE)
        expected |= {(case, o, "close") for o in close}
        for contact, first in close.items():
            held = min([end + 1, *(h for p, _, h in cases.values() if p == contact)])
            expected |= {(case, o, "secondary") for o in near(contact, first, held, BEHIND) if o != who}
    first_ring = {o for _, o, r in expected if r == "close"}
    expected = {e for e in expected if e[2] == "close" or e[1] not in first_ring}

    met = [Meeting(int(x), int(y), "other", int(s) * SECOND, int(e) * SECOND) for x, y, s, e in zip(a, b, start, stop, strict=True)]
    asked = Asked(meetings=met)
    told = [Case(c, p, None, Instant(low * SECOND), Instant(high * SECOND)) for c, (p, low, high) in cases.items()]
    con = duckdb.connect()
    tables = visits.of_lists(con, asked, UTC)
    found = rings.find(tables, told, BY, UTC)
    assert {(c.case, c.person, c.ring) for c in found.candidates()} == expected
    assert sum(r == "close" for _, _, r in expected) > 20
    assert sum(r == "secondary" for _, _, r in expected) > 20
    assert min(e.together or 0 for e in found.exposures()) >= CLOSE * MINUTE
    # the definition looks at every row for every window: one case of each is enough
    assert set(memory.exposures(asked, told[:1], BY, UTC)) == set(rings.find(tables, told[:1], BY, UTC).exposures())
