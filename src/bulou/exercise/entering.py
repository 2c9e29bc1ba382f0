"""Enters what a city's register knows as facts into a ledger of its own, through the one way in. Never a trap's truth, never a real ledger.

Every fact says in its origin that it is an exercise's; its id follows from the city and its row, so entering again changes nothing. The
ledger's first fact makes it an exercise's for good (``evidence.append``); it and a real ledger refuse each other's facts.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bulou.basis.facts import AreaDeclared, HouseholdDeclared, PersonEnrolled, PlaceDeclared
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, SetClock, midnight
from bulou.duties.enter import enter_many
from bulou.evidence.append import head, is_exercise
from bulou.exercise.files import Head, key_of, read_head, read_table, title
from bulou.exercise.parameters import Unfit
from bulou.protocol.rules import Protocol_

#: Facts in one entry: nobody waits beside the loader. How many of them are asked for at a time, and how often the receipt is written.
CHUNK, ROWS, EVERY = 400, 20_000, 25
#: What a place is called in the register; homes are in the addresses of households.
NATURES = {
    "work": "worksite", "kindergarten": "school", "primary": "school", "junior": "school", "senior": "school", "college": "school", "market": "market",
    "teahouse": "teahouse", "clinic": "clinic", "hospital": "hospital", "shop": "other", "restaurant": "other", "worship": "other",
}  # fmt: skip
Tell = Callable[[int, int], None]


class NotWhole(RuntimeError):
    """A fact of the city was refused: the ledger would hold less than the register."""


def person_id(key: str, record: int) -> bytes:
    """The person of a record of the register, in the ledger."""
    return named_id("exercise person", key, str(record))


def household_id(key: str, household: int) -> bytes:
    """A household of the city, in the ledger."""
    return named_id("exercise household", key, str(household))


def place_id(key: str, place: int) -> bytes:
    """A place of the city, in the ledger."""
    return named_id("exercise place", key, str(place))


def facts(folder: Path, zone: ZoneInfo) -> Iterator[Fact]:
    """The register's facts in an order that is always the same: areas, households, places, then everyone's record."""
    of = read_head(folder)
    key, at, origin = key_of(of), midnight(of.first_day.isoformat(), zone), title(of)

    def fact(kind: str, name: object, body: object) -> Fact:
        return Fact(named_id("exercise fact", key, kind, str(name)), kind, at, None, body, origin=origin)

    for a in read_table(folder, "areas").to_pylist():
        yield fact("area.declared", a["code"], AreaDeclared(a["code"], a["parent"], a["level"], a["name"], official=a["official"]))
    grids: list[str] = []
    for h in _rows(folder, "households", ["household", "grid", "address"]):
        grids.append(h["grid"])
        yield fact("household.declared", h["household"], HouseholdDeclared(household_id(key, h["household"]), h["grid"], h["address"]))
    for p in _rows(folder, "places", ["place", "kind", "grid", "name"]):
        if nature := NATURES.get(p["kind"]):
            yield fact("place.declared", p["place"], PlaceDeclared(place_id(key, p["place"]), p["name"], nature, p["grid"]))
    for r in _rows(folder, "registered", None):
        yield fact("person.enrolled", r["record"], PersonEnrolled(
            person_id(key, r["record"]), r["name"], grids[r["household"]], household_id(key, r["household"]), r["sex"], _day(r["born_on"]),
            "id_card" if r["document"] else "none", r["document"] or None, r["phone"] or None, r["registered_area"] or None,
        ))  # fmt: skip


def _day(value: date) -> str:
    return value.isoformat()


def _rows(folder: Path, name: str, columns: list[str] | None) -> Iterator[dict[str, Any]]:
    for part in read_table(folder, name, columns).to_batches(max_chunksize=ROWS):
        yield from part.to_pylist()


def how_many(of: Head, folder: Path) -> int:
    """How many facts there will be."""
    kinds = read_table(folder, "places", ["kind"])["kind"].to_pylist()
    return of.rows["areas"] + of.rows["households"] + sum(k in NATURES for k in kinds) + of.rows["registered"]


@dataclass
class Receipt:
    """How far entering has come, in a file beside the ledger: one line as it begins, one for every so many entries, one with the totals."""

    path: Path
    key: str
    done: int = 0
    whole: bool = False
    count: Counter[str] = field(default_factory=Counter)

    def read(self) -> None:
        """Takes up an unfinished receipt of the same city; Unfit for one of another."""
        if not self.path.exists():
            return
        lines = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
        if not lines or lines[0].get("city") != self.key:
            raise Unfit(f"{self.path} 是另一座城的回执", f"{self.path} is the receipt of another city")
        last = lines[-1]
        self.done, self.whole = int(last.get("done", 0)), "totals" in last
        self.count = Counter(last.get("totals") or last.get("so_far") or {})

    def begin(self) -> None:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            self._line({"city": self.key})

    def note(self, end: bool = False) -> None:
        """Says how far it has come; only what is in the ledger already."""
        self._line({"done": self.done, "totals" if end else "so_far": dict(sorted(self.count.items()))})

    def _line(self, said: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said, ensure_ascii=False) + "\n")


def enter(folder: Path, connection: Any, protocol: Protocol_, receipt_at: Path, tell: Tell) -> Receipt:
    """Enters the register of the city in ``folder``; goes on where an earlier run stopped. Gives the receipt.

    Unfit for a ledger that is real already, or another city's; NotWhole where a fact is refused.
    """
    of = read_head(folder)
    if head(connection).seq and not is_exercise(connection):
        raise Unfit("该账本已有真实事实,演练不得录入", "this ledger holds real facts: an exercise is never entered into it")
    if (there := _city_of(connection)) not in (None, title(of)):
        raise Unfit(f"该账本是另一演练({there})的", f"this ledger is of another exercise ({there})")
    receipt = Receipt(receipt_at, key_of(of))
    receipt.read()
    if there is None and receipt.done:
        raise Unfit(
            f"{receipt_at} 说已录入 {receipt.done:,} 条,账本却是空的",
            f"{receipt_at} says that {receipt.done:,} facts are entered, but the ledger is empty",
        )
    if receipt.whole:
        return receipt
    receipt.begin()
    total = how_many(of, folder)
    clock = SetClock(Instant(midnight(of.first_day.isoformat(), protocol.zone)))
    rest = islice(facts(folder, protocol.zone), receipt.done, None)
    for number, entered in enumerate(
        enter_many(rest, by="exercise", source=title(of), clock=clock, protocol=protocol, chunk=CHUNK, hold=None), start=1
    ):
        if entered.refused:
            receipt.note()
            raise NotWhole(f"{len(entered.refused)} facts were refused; the first: {entered.refused[0].en}")
        receipt.done += len(entered.new) + len(entered.same)
        receipt.count["new"] += len(entered.new)
        receipt.count["same"] += len(entered.same)
        if number % EVERY == 0:
            receipt.note()
        tell(receipt.done, total)
    receipt.note(end=True)
    return receipt


def _city_of(connection: Any) -> str | None:
    """The exercise whose facts a ledger holds; None for a ledger without facts."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT origin FROM "fact" ORDER BY entry LIMIT 1')
        row = cursor.fetchone()
    return str(row[0]) if row else None
