"""Reads the spec's stories: facts with the hours at which they happened and became known, and tables of who owes what then.

The stories of editions that come with Bulou lie beside them, in ``scenarios``: the tests play them, the handbook prints them,
and two editions are compared on them. Knows no engine, plays nothing, decides nothing.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import KINDS, Fact, Field, check
from bulou.basis.time import Instant, parse_local
from bulou.protocol.rules import Edition, Protocol_, Rule

ZONE = ZoneInfo("Asia/Shanghai")
YEAR = "2020-"
#: Everything that stands before a story begins was entered then.
EARLY = parse_local("2020-11-01 00:00", ZONE)
#: The edition of a story that names none.
FIRST = "covid19/cn-7"

#: What a name is a name of, by its first letter and a number: p1 is a person, h1 a household.
TYPES = {
    "j": "objection",
    "l": "letter",
    "p": "person",
    "h": "household",
    "i": "incident",
    "o": "order",
    "z": "zone",
    "c": "place",
    "d": "holder",
    "k": "point",
    "u": "callup",
    "q": "signal_source",
    "s": "signal",
}
#: The tree that stands unless a case brings its own.
TREE = {
    "district": ("", "county"), "town-1": ("district", "street"), "town-2": ("district", "street"),
    "village-1": ("town-1", "village"), "village-2": ("town-2", "village"),
    "grid-1": ("village-1", "grid"), "grid-2": ("village-1", "grid"), "grid-3": ("village-2", "grid"),
}  # fmt: skip
#: Fields that every story would repeat and none is about.
FILLED: dict[str, Any] = {
    "post": "chief", "reason": "-", "name": "-", "name_en": "-", "unit": "-", "unit_en": "-", "note": "-", "supplies": "-",
    "to": "-", "sender": "-", "why": "contact", "setting": "other", "how_found": "not_given", "lane_minutes": 10, "fire_exits": True, "vulnerable_listed": True,
    "certainty": "stated", "words": "-", "findings": 0, "hash": "-", "level": "grid", "official": True, "nature": "residence",
}  # fmt: skip


#: What a row may say of a duty. ``cell`` tells two cells of one rule apart (the tube, the case met); ``end = "never"``.
COLUMNS = ("who", "state", "turn", "opens", "due", "end", "done", "area", "cell", "incident", "answers", "holder", "vacant")


class Owed(NamedTuple):
    """One row of a table: what it says of a duty, by column."""

    rule: str
    says: dict[str, Any]


@dataclass
class Table:
    """What is owed under some rules, as known at one hour, about another; nobody owes what the table does not name."""

    known: Instant
    about: Instant
    rules: list[str]
    turns: list[int] | None
    whom: list[str] | None
    rows: list[Owed]
    note: dict[str, str] | None = None
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """One story with its facts and its tables."""

    id: str
    title: dict[str, str]
    story: dict[str, str]
    editions: list[str]
    raw: list[dict[str, Any]]
    base: list[tuple[Fact, Instant]]
    facts: list[tuple[Fact, Instant]]
    tables: list[Table]
    names: dict[bytes, str] = field(default_factory=dict)
    given: dict[str, bool] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    #: As it was written, to be told again under another edition.
    text: dict[str, Any] = field(default_factory=dict)
    #: The editions that it is played under, read.
    protocol: Protocol_ = field(default_factory=lambda: Protocol_({}, ZONE))
    #: Other editions under which the same facts come to the same tables.
    alike: list[str] = field(default_factory=list)

    def rule(self, name: str) -> Rule:
        """The rule of a name, with its edition in front where two editions have it."""
        found = [r for e in self.protocol.editions.values() for r in e.rules if name in (r.name, r.id)]
        if len(found) != 1:
            raise LookupError(f"{self.id}: {name} is {'no rule' if not found else 'a rule of several editions: write its edition too'}")
        return found[0]


@dataclass
class Topic:
    """One file of cases."""

    file: str
    title: dict[str, str]
    about: dict[str, str]
    cases: list[Case]


def topic_of(file: str, raw: Mapping[str, Any], known: Mapping[str, Edition]) -> Topic:
    """One file of stories; what it says of ``alike`` holds for each story that does not say otherwise."""
    told = raw["topic"]
    for each in raw["case"]:
        if "alike" in told and "editions" not in each:
            each.setdefault("alike", told["alike"])
    return Topic(file, told["title"], told["about"], [case_of(file, each, known) for each in raw["case"]])


def shipped_files() -> list[tuple[str, dict[str, Any]]]:
    """The stories that come with Bulou, as text read, by the names of their files."""
    folder = resources.files("bulou.protocol") / "scenarios"
    paths = sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    return [(p.name.removesuffix(".toml"), tomllib.loads(p.read_text(encoding="utf-8"))) for p in paths]


def case_of(file: str, raw: dict[str, Any], known: Mapping[str, Edition], under: str | None = None, *, tables: bool = True) -> Case:
    """One story from its text, under its own editions, or with the first of them replaced by another."""
    return _Maker(file, raw, known, under).case(tables)


def instant(text: str) -> Instant:
    """A local time of the story, with the year left out where it is 2020: ``12-07 21:00``."""
    return parse_local(YEAR + text if re.match(r"^\d\d-\d\d( |$)", text) else text, ZONE)


class _Maker:
    """Makes the facts and tables of one case from its text."""

    def __init__(self, file: str, raw: dict[str, Any], known: Mapping[str, Edition], under: str | None) -> None:
        self.file, self.raw, self.known = file, raw, known
        self.id: str = raw["id"]
        told = list(raw.get("editions", [FIRST]))
        self.own, self.under = told[0], under or told[0]
        self.editions: list[str] = [self.under, *told[1:]]
        self.disease = known[self.under].disease
        self.names: dict[bytes, str] = {}
        self.count = 0

    def case(self, tables: bool) -> Case:
        words = {"id", "title", "story", "editions", "alike", "base", "people", "facts", "then"}
        if unknown := set(self.raw) - words:
            raise ValueError(f"{self.id}: unknown {unknown}")
        base = list(self.base())
        facts = [self.fact(row) for row in self.raw["facts"]]
        case = Case(
            self.id, self.raw["title"], self.raw["story"], self.editions, self.raw["facts"],
            [(f, EARLY) for f in base], facts, [], self.names, self.raw.get("base", {}), self.raw.get("people", {}), self.raw,
            Protocol_({e: self.known[e] for e in self.editions}, ZONE), list(self.raw.get("alike", ())),
        )  # fmt: skip
        case.tables = [self.table(case, each) for each in self.raw["then"]] if tables else []
        return case

    def base(self) -> Iterator[Fact]:
        """The tree, a standing watch, adoption and authorisation, and the people: what a story takes for granted."""
        given = {"tree": True, "incident": True, "adopted": True, "authorised": True, **self.raw.get("base", {})}
        early = "2020-11-01 00:00"
        if given["tree"]:
            for area, (parent, level) in TREE.items():
                yield self.fact({"at": early, "what": "area.declared", "area": area, "parent": parent or None, "level": level})[0]
        if given["incident"]:
            yield self.fact({"at": early, "what": "incident.opened", "incident": "i1", "area": "district", "nature": "watch"})[0]
        for edition in self.editions if given["adopted"] else ():
            adopted = {"at": early, "what": "edition.adopted", "edition": edition, "area": "district"}
            disease = self.known[edition].disease
            yield self.fact(adopted if disease == self.disease else {**adopted, "disease": disease})[0]
        for edition in self.editions if given["authorised"] else ():
            row = {"at": early, "what": "authorisation.signed", "edition": edition, "area": "district", "measure": "hold", "hours": 24}
            yield self.fact(row)[0]
        homes: dict[str, str] = {}
        for person, home in self.raw.get("people", {}).items():
            area, _, household = home.partition("/")
            if household and household not in homes:
                homes[household] = area
                yield self.fact({"at": early, "what": "household.declared", "household": household, "area": area})[0]
            row = {"at": early, "what": "person.enrolled", "person": person, "area": area, "household": household or None}
            yield self.fact(row)[0]

    def fact(self, row: dict[str, Any]) -> tuple[Fact, Instant]:
        kind = KINDS[row["what"]]
        self.count += 1
        label = row.get("label", f"fact {self.count}")
        extra = set(row) - {"at", "known", "what", "label", "incident"} - {f.name for f in kind.fields}
        if extra:
            raise ValueError(f"{self.id}: {kind.name} has no {extra}")
        body: dict[str, Any] = {}
        for each in kind.fields:
            if each.name in row:
                body[each.name] = self.value(each, row[each.name])
            elif each.name == "disease":
                body[each.name] = self.disease
            elif each.name == "incident" and kind.scope == "incident":
                body[each.name] = self.id_of("incident", row.get("incident", "i1"))
            elif each.name in kind.body._field_defaults or each.optional:
                body[each.name] = kind.body._field_defaults.get(each.name)
            else:
                body[each.name] = FILLED[each.name]
        incident = row.get("incident", None if kind.scope == "world" else "i1")
        under = None if incident is None or kind.scope == "world" else self.id_of("incident", incident)
        fact = Fact(named_id(self.file, self.id, label), kind.name, instant(row["at"]), under, kind.body(**body))
        if wrongs := check(kind, fact.body, fact.incident):
            raise ValueError(f"{self.id}: {kind.name}: {wrongs}")
        return fact, instant(row.get("known", row["at"]))

    def id_of(self, type_: str, name: str) -> bytes:
        found = named_id(type_, name)
        self.names[found] = name
        return found

    def value(self, field_: Field, value: Any) -> Any:
        if value is None:
            return None
        if field_.ref == "fact":
            return named_id(self.file, self.id, value)
        if field_.name == "disease" and value == self.disease:
            return self.own.partition("/")[0]  # what was another disease in the story stays another
        if field_.ref == "any":
            return subject_text(self.id_of(TYPES[value[0]], value)) if re.match(r"^[a-z]\d+$", value) else value
        if value == self.own and field_.ref == "edition":
            return self.under
        if field_.type == "id":
            assert field_.ref
            return self.id_of(field_.ref, value)
        if field_.type == "instant":
            return instant(value)
        if field_.type == "day":
            return YEAR + value if re.match(r"^\d\d-\d\d$", value) else value
        return value

    def table(self, case: Case, raw: dict[str, Any]) -> Table:
        if unknown := set(raw) - {"known", "about", "rules", "turns", "whom", "owed", "note"}:
            raise ValueError(f"{self.id}: unknown {unknown}")
        known = instant(raw["known"])
        rows = []
        for row in raw["owed"]:
            if unknown := set(row) - {"rule", *COLUMNS}:
                raise ValueError(f"{self.id}: a row cannot say {unknown}; it may say {', '.join(COLUMNS)}")
            name = row.get("rule") or raw["rules"][0]
            case.rule(name)
            rows.append(Owed(name, {k: v for k, v in row.items() if k != "rule"}))
        about = instant(raw["about"]) if "about" in raw else known
        return Table(known, about, raw["rules"], raw.get("turns"), raw.get("whom"), rows, raw.get("note"), raw)
