"""Reads what was published from a scenario's file into facts with their hours. Pure; refuses what it does not understand."""

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact, check
from bulou.basis.time import Instant, parse_local

assert _facts
#: The source that every made-up fact of a scenario carries.
SYNTHETIC = "情景合成 · synthetic"


class Scheduled(NamedTuple):
    """Facts that become known at one hour from one source: one entry."""

    known: Instant
    facts: tuple[Fact, ...]
    source: str


class Head(NamedTuple):
    """What a scenario is, and the hours between which it plays."""

    id: str
    name: str
    name_en: str
    begins: Instant
    opens: Instant
    ends: Instant
    centre: str


class Published(NamedTuple):
    """Everything that a scenario's file says."""

    head: Head
    entries: list[Scheduled]
    people: dict[str, bytes]


def read(scenario: str, zone: ZoneInfo) -> Published:
    """The scenario in ``scenarios/<scenario>/published.toml``; ValueError with the place for anything that is not understood."""
    path = resources.files("bulou.scenarios") / scenario / "published.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    h = raw["scenario"]
    head = Head(
        h["id"], h["name"]["zh"], h["name"]["en"], parse_local(h["begins"], zone), parse_local(h["opens"], zone),
        parse_local(h["ends"], zone), h["centre"],
    )  # fmt: skip
    people = {p["id"]: named_id(head.id, p["id"]) for p in raw["person"]}
    reader = _Reader(head, zone, people)
    first: dict[str, str] = {}
    for f in raw["fact"]:
        if "person" in f:
            told = f.get("known", f["at"])
            first[f["person"]] = min(told, first.get(f["person"], told))
    entries = [
        *(reader.person(p, first) for p in raw["person"]),
        *(reader.place(p) for p in raw.get("place", ())),
        *(reader.fact(i, f) for i, f in enumerate(raw["fact"])),
    ]
    entries += [entry for z in raw["zone"] for entry in reader.zone_acts(z)]
    entries += [reader.figure(f) for f in raw["figure"]]
    return Published(head, sorted(entries, key=lambda e: (e.known, e.facts[0].at, e.facts[0].id)), people)


def place_of(scenario: str, name: str) -> bytes:
    """The id of a place of a scenario."""
    return named_id(scenario, "place", name)


class _Reader:
    def __init__(self, head: Head, zone: ZoneInfo, people: dict[str, bytes]) -> None:
        self.head, self.zone, self.people = head, zone, people
        self.incident = named_id(head.id, "outbreak")

    def source(self, table: dict[str, Any], where: str) -> str:
        found = table.get("url") or table.get("no_url")
        if not found:
            raise ValueError(f"{where}: give a public url, or say in no_url why there is none")
        return str(found)

    def make(self, kind: str, id_: str, at: str, under: bytes | None, **values: Any) -> Fact:
        declared = KINDS[kind]
        body = declared.body(**values)
        hour = parse_local(at, self.zone)
        wrong = check(declared, body, under)
        if wrong:
            raise ValueError(f"{kind} {id_}: {wrong[0].field} {wrong[0].en}")
        return Fact(named_id(self.head.id, kind, id_), kind, hour, under, body)

    def person(self, table: dict[str, Any], first: dict[str, str]) -> Scheduled:
        """A case comes onto the register with the first fact that names them, staying where it was published that they live.

        Nobody could have found them there before; nothing else is known of them.
        """
        person = self.people[table["id"]]
        fact = self.make(
            "person.enrolled", table["id"], "2020-12-01 00:00", None, person=person, name=table["name"]["zh"], area=table["area"]
        )
        if table["id"] not in first:
            raise ValueError(f"person {table['id']}: no fact tells of them")
        known = parse_local(first[table["id"]], self.zone)
        return Scheduled(known, (fact,), SYNTHETIC if table.get("synthetic") else "公布的居住地 · published place of living")

    def place(self, table: dict[str, Any]) -> Scheduled:
        """A place that was published: its name, what kind, in which area, never whom it was of."""
        body = {"place": place_of(self.head.id, table["id"]), "name": table["name"], "nature": table["nature"], "area": table["area"]}
        fact = self.make("place.declared", table["id"], table["known"], None, **body)
        return Scheduled(fact.at, (fact,), self.source(table, f"place {table['id']}"))

    def fact(self, number: int, table: dict[str, Any]) -> Scheduled:
        where = f"fact {number + 1} ({table.get('kind')})"
        kind = KINDS.get(table["kind"])
        if kind is None:
            raise ValueError(f"{where}: no such kind of fact")
        values: dict[str, Any] = {}
        for field in kind.fields:
            value = table.get("note_field") if field.name == "note" else table.get(field.name)
            if value is None:
                continue
            if field.ref == "person":
                value = self.people[value]
            elif field.ref == "place":
                value = place_of(self.head.id, value)
            elif field.name == "incident":
                value = self.incident
            elif field.type == "instant":
                value = parse_local(value, self.zone)
            values[field.name] = value
        if kind.field("post") is not None and "post" not in values and not kind.field("post").optional:  # type: ignore[union-attr]
            values["post"] = "pidu.command"
        made = self.make(table["kind"], str(number), table["at"], self.incident, **values)
        known = parse_local(table.get("known", table["at"]), self.zone)
        return Scheduled(known, (made,), self.source(table, where))

    def zone_acts(self, table: dict[str, Any]) -> Iterator[Scheduled]:
        """A zone as two acts: drawn with its areas, lifted by notice. Its safeguards are the scenario's, marked synthetic."""
        zone, where = named_id(self.head.id, "zone", table["id"]), f"zone {table['id']}"
        drawn = self.make(
            "zone.drawn", table["id"], table["drawn"], self.incident, zone=zone, level="medium", name=table["name"]["zh"],
            name_en=table["name"]["en"], post="pidu.command", lane_minutes=15, fire_exits=True, vulnerable_listed=True,
            supplies="物资保障组(合成)· supplies group (synthetic)", synthetic=True,
        )  # fmt: skip
        areas = [self.make("zone.extended", f"{table['id']} {a}", table["drawn"], self.incident, zone=zone, area=a) for a in table["areas"]]
        known = parse_local(table["drawn"], self.zone)
        yield Scheduled(known, (drawn, *areas), self.source({"url": table.get("drawn_url")}, where))
        lifted = self.make(
            "zone.lifted", table["id"], table["lifted"], self.incident, zone=zone, post="pidu.command", reason=table["lifted_note"]
        )
        yield Scheduled(parse_local(table["lifted"], self.zone), (lifted,), self.source({"url": table.get("lifted_url")}, where))

    def figure(self, table: dict[str, Any]) -> Scheduled:
        where = f"figure {table['code']}"
        source = self.source(table, where)
        fact = self.make(
            "figure.published", table["code"], table["at"], self.incident, area=table["area"], code=table["code"], value=table["value"],
            unit=table["unit"], clock=table["clock"], counting=table["counting"], name=table["name"]["zh"], name_en=table["name"]["en"],
            url=table.get("url"), promised=table.get("promised", False),
        )  # fmt: skip
        return Scheduled(parse_local(table.get("known", table["at"]), self.zone), (fact,), source)
