"""Rings of an exercise's city against its truth, minute by minute: with perfect visits nobody is missed and nobody is too many; what is
forgotten is lost, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from bulou.basis.time import MINUTE, midnight, parse_local
from bulou.exercise.city import make
from bulou.protocol.read import shipped
from bulou.questions import rings, visits
from bulou.questions.exposure import Case, Id, Way, ways
from bulou.questions.visits import CITY_KINDS
from tests.exercise.towns import AREA, LANDS, PARAMETERS

ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE, DAYS, NONE = 2_000, 3, 0xFFFF_FFFF
#: Cases with the minute at which they fell ill and were isolated; the window begins at the first midnight, two days before.
CASES = {"A": (17, "2020-12-09 08:00", "2020-12-09 09:00"), "B": (600, "2020-12-09", "2020-12-09 20:00"), "C": (788, "2020-12-09", None),
         "D": (2, "2020-12-08 12:00", "2020-12-08 18:00")}  # fmt: skip
ZERO = midnight("2020-12-07", ZONE)
BY: list[Way] = ways(shipped()["covid19/cn-9"])


#: What the edition takes as "for long" behind a close contact, at one place.
FOR_LONG = 30


class Truth(NamedTuple):
    """Where everybody is in each minute, and what each space is."""

    place: NDArray[np.int64]
    space: NDArray[np.int64]
    kind: list[str]
    carriage: NDArray[np.int64]
    row: NDArray[np.int64]
    household: NDArray[np.int64]

    def of(self, person: int, start: int, until: int, own: int, ring: str) -> dict[int, int]:
        """Whoever counts for this person's minutes ``[start, until)``, with the first minute: the edition read once more, by hand."""
        first: dict[int, int] = {}
        together: Counter[tuple[int, int]] = Counter()
        other = np.arange(len(self.household))
        if ring in ("close", "secondary"):
            first.update(dict.fromkeys(np.flatnonzero(self.household == self.household[person]).tolist(), start))
        for m in range(start, until):
            here, mine = self.place[person, m], self.space[person, m]
            if here < 0:
                continue
            kind, near, there = self.kind[here], self.space[:, m] == mine, self.place[:, m] == here
            if ring == "close" and kind == "teahouse":
                near = there
            elif ring == "close" and kind == "bus":
                near = (
                    there
                    & (self.carriage[self.space[:, m]] == self.carriage[mine])
                    & (abs(self.row[self.space[:, m]] - self.row[mine]) <= 3)
                )
            elif ring == "close" and kind == "train":
                near = there & (self.carriage[self.space[:, m]] == self.carriage[mine])
            elif ring == "co_exposed":
                near = there if kind in ("restaurant", "shop", "market", "teahouse", "worship") else there & False
            elif kind not in ("home", "worksite", "school", "dormitory", "care_home", "restaurant", "teahouse") and (
                ring == "secondary" or kind not in ("hospital", "clinic")
            ):
                near = there & False
            for o in other[near].tolist():
                together[o, here] += 1
                if ring != "secondary" or kind == "home" or together[o, here] >= FOR_LONG:
                    first.setdefault(o, m)
        return {o: m for o, m in first.items() if o not in (person, own)}

    def rings(self) -> set[tuple[str, int, str]]:
        """Case, person, ring: each person in the strictest ring of any case."""
        found: set[tuple[str, int, str]] = set()
        end = self.place.shape[1]
        for name, (person, onset, isolated) in CASES.items():
            start = max(0, (midnight(onset[:10], ZONE) - ZERO) // MINUTE - 2 * 1440)
            until = end if isolated is None else (parse_local(isolated, ZONE) - ZERO) // MINUTE
            close = self.of(person, start, until, person, "close")
            found |= {(name, o, "close") for o in close} | {
                (name, o, "co_exposed") for o in self.of(person, start, until, person, "co_exposed")
            }
            for contact, first in close.items():
                held = min([end, *((parse_local(t, ZONE) - ZERO) // MINUTE for p, _, t in CASES.values() if p == contact and t)])
                found |= {(name, o, "secondary") for o in self.of(contact, first, held, person, "secondary")}
        order = ("close", "secondary", "co_exposed")
        best: dict[int, int] = {}
        for _, o, ring in found:
            best[o] = min(best.get(o, 9), order.index(ring))
        return {f for f in found if order.index(f[2]) == best[f[1]]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("rings") / "city"
    make(to, LANDS, AREA, PEOPLE, 11, PARAMETERS, DAYS, lambda *_: None)
    return to


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    def table(name: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = parquet.read_table(folder / f"{name}.parquet", partitioning=None).to_pydict()
        return found

    place, space = (np.full((PEOPLE, DAYS * 1440), -1, np.int64) for _ in range(2))
    for day in range(DAYS):
        rows = table(f"visits/day=2020-12-{7 + day:02d}")
        for p, where, s, a, b in zip(*(rows[c] for c in ("person", "place", "space", "start", "end")), strict=True):
            place[p, day * 1440 + a : day * 1440 + b], space[p, day * 1440 + a : day * 1440 + b] = where, s
    spaces = table("spaces")
    return Truth(place, space, [CITY_KINDS.get(str(k), "other") for k in table("places")["kind"]], np.array(spaces["carriage"]), np.array(spaces["number"]),
                 np.array(table("people")["household"]))  # fmt: skip


def found(folder: Path, forgotten: str = "false", by: list[Way] = BY) -> rings.Found:
    """The engine's answer from the city's own files; ``forgotten``: a condition on visits of whoever is no case."""
    con = duckdb.connect()
    source = visits.source(con, folder, ZONE)
    con.execute(f"CREATE TEMP VIEW kinds AS {source.kinds}")
    cases = ", ".join(str(p) for p, _, _ in CASES.values())
    kept = f"SELECT v.* FROM ({source.visits}) v JOIN kinds k USING (place) WHERE NOT ({forgotten}) OR person IN ({cases})"
    tables = visits.tables(con, source._replace(visits=kept, by_person=f"SELECT * FROM ({kept}) ORDER BY person"), visits.More(), ZONE)
    return rings.find(
        tables, [Case(n, p, parse_local(a, ZONE), None, parse_local(u, ZONE) if u else None) for n, (p, a, u) in CASES.items()], by, ZONE
    )


def test_with_perfect_visits_recall_and_precision_are_one_on_both_rings(folder: Path, truth: Truth) -> None:
    answer = {(c.case, int(c.person), c.ring) for c in found(folder).candidates()}
    true = truth.rings()
    for ring in ("close", "secondary", "co_exposed"):
        mine, theirs = ({(c, p) for c, p, r in rows if r == ring} for rows in (answer, true))
        assert len(theirs) > 20, ring
        assert mine == theirs, (ring, "missed", sorted(theirs - mine)[:5], "too many", sorted(mine - theirs)[:5])


def test_forgotten_visits_lose_exactly_what_was_forgotten(folder: Path) -> None:
    by = [w for w in BY if w.ring == "close"]
    perfect = found(folder, by=by)
    forgotten = {"work": "'worksite', 'school', 'dormitory', 'care_home'", "venue": "'teahouse'", "household": "'home'"}
    missed = 0
    for setting, kinds in forgotten.items():
        only_there: dict[tuple[str, Id], set[bool]] = {}
        for e in perfect.exposures():
            # a household is known without any visit
            there = BY[e.way].setting == setting and BY[e.way].shares != "household"
            only_there.setdefault((e.case, e.person), set()).add(there)
        less = {(c.case, c.person) for c in found(folder, f"k.kind IN ({kinds})", by).candidates()}
        lost = set(only_there) - less
        assert lost == {pair for pair, at in only_there.items() if at == {True}}, setting
        missed += len(lost)
    assert missed > 20
