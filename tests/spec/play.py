"""Reads the spec tables and plays one case on an engine. Knows no database: whoever has an engine hands a factory in.

A case is facts with the hour at which they happened (``at``) and the hour at which they became known (``known``), and tables
of duties "as known at" one hour, "about" another. ``play(case, engine)`` enters the facts in order of arrival;
``wrong(played)`` says what the tables expect and the engine does not tell.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import KINDS, Fact, Field, check
from bulou.basis.time import BEGINNING, FOREVER, Instant, format_local, parse_local
from bulou.basis.words import ANSWERS
from bulou.duties.reckoning import Duty
from bulou.gaps.answer import Posts
from bulou.gaps.standing import here, state_of
from bulou.protocol.branches import relation_of
from bulou.protocol.read import read_file, shipped
from bulou.protocol.relations import ancestors
from bulou.protocol.rules import Edition, Protocol_, Rule

HERE = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
YEAR = "2020-"
#: Everything that stands before a story begins was entered then.
EARLY = parse_local("2020-11-01 00:00", ZONE)

#: What a name is a name of, by its first letter and a number: p1 is a person, h1 a household.
TYPES = {"p": "person", "h": "household", "i": "incident", "o": "order", "z": "zone", "c": "place", "d": "holder"}
#: The tree that stands unless a case brings its own.
TREE = {
    "district": ("", "county"), "town-1": ("district", "street"), "town-2": ("district", "street"),
    "village-1": ("town-1", "village"), "village-2": ("town-2", "village"),
    "grid-1": ("village-1", "grid"), "grid-2": ("village-1", "grid"), "grid-3": ("village-2", "grid"),
}  # fmt: skip
#: Fields that every story would repeat and none is about.
FILLED: dict[str, Any] = {
    "post": "chief", "reason": "-", "name": "-", "name_en": "-", "unit": "-", "unit_en": "-", "note": "-", "supplies": "-",
    "setting": "other", "how_found": "not_given", "lane_minutes": 10, "fire_exits": True, "vulnerable_listed": True,
    "certainty": "stated", "words": "-", "findings": 0, "hash": "-", "level": "grid", "official": True, "nature": "residence",
}  # fmt: skip


class Engine(Protocol):
    """What a case is played on: the memory engine, or one on a database."""

    def enter(self, facts: Iterable[Fact], known: Instant) -> int: ...

    def duties(self, seq: int | None = None) -> Iterable[Duty]: ...


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

    def protocol(self) -> Protocol_:
        return Protocol_({e: editions()[e] for e in self.editions}, ZONE)

    def rule(self, name: str) -> Rule:
        """The rule of a name, with its edition in front where two editions have it."""
        found = [r for e in self.editions for r in editions()[e].rules if name in (r.name, r.id)]
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


@dataclass
class Played:
    """A case after it was played: the engine, and for every hour asked about the entry that was the last by then."""

    case: Case
    engine: Engine
    seqs: list[tuple[Instant, int]]

    def seq(self, known: Instant) -> int:
        return max((s for k, s in self.seqs if k <= known), default=0)

    def facts(self, known: Instant) -> FactSet:
        """The facts known by an hour."""
        return FactSet(f for f, k in (*self.case.base, *self.case.facts) if k <= known)


# --- reading ----------------------------------------------------------------------------------------------------------
@cache
def editions() -> dict[str, Edition]:
    """The editions shipped, and those made up for specs."""
    made_up = [read_file(path) for path in sorted((HERE / "editions").glob("*/*.toml"))]
    return {**shipped(), **{e.id: e for e in made_up}}


@cache
def topics() -> list[Topic]:
    """Every file of cases, in the order of the handbook."""
    return [read_topic(path) for path in sorted((HERE / "cases").glob("*.toml"))]


def read_topic(path: Path) -> Topic:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    cases = [case_of(path.stem, each) for each in raw["case"]]
    return Topic(path.stem, raw["topic"]["title"], raw["topic"]["about"], cases)


def case_of(file: str, raw: dict[str, Any]) -> Case:
    """One case from its text."""
    return _Maker(file, raw).case()


def instant(text: str) -> Instant:
    """A local time of the story, with the year left out where it is 2020: ``12-07 21:00``."""
    return parse_local(YEAR + text if re.match(r"^\d\d-\d\d( |$)", text) else text, ZONE)


class _Maker:
    """Makes the facts and tables of one case from its text."""

    def __init__(self, file: str, raw: dict[str, Any]) -> None:
        self.file, self.raw = file, raw
        self.id: str = raw["id"]
        self.editions: list[str] = raw.get("editions", ["covid19/cn-7"])
        self.disease = editions()[self.editions[0]].disease
        self.names: dict[bytes, str] = {}
        self.count = 0

    def case(self) -> Case:
        known = {"id", "title", "story", "editions", "base", "people", "facts", "then"}
        if unknown := set(self.raw) - known:
            raise ValueError(f"{self.id}: unknown {unknown}")
        base = list(self.base())
        facts = [self.fact(row) for row in self.raw["facts"]]
        case = Case(
            self.id, self.raw["title"], self.raw["story"], self.editions, self.raw["facts"],
            [(f, EARLY) for f in base], facts, [], self.names, self.raw.get("base", {}), self.raw.get("people", {}),
        )  # fmt: skip
        case.tables = [self.table(case, each) for each in self.raw["then"]]
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
            disease = edition.split("/")[0]
            yield self.fact({"at": early, "what": "edition.adopted", "edition": edition, "disease": disease, "area": "district"})[0]
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
        if field_.ref == "any":
            return subject_text(self.id_of(TYPES[value[0]], value)) if re.match(r"^[a-z]\d+$", value) else value
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


#: What a row may say of a duty. ``cell`` tells two cells of one rule apart (the tube, the case met); ``end = "never"``.
COLUMNS = ("who", "state", "turn", "opens", "due", "end", "done", "area", "cell", "incident", "answers", "holder", "vacant")


# --- playing ----------------------------------------------------------------------------------------------------------
def entries(case: Case, shuffle: random.Random | None = None) -> list[tuple[list[Fact], Instant]]:
    """The case as entries: the base, then each fact when it became known, and nothing at all at each hour asked about.

    Shuffled, the same facts arrive in another order at the same hours.
    """
    facts = sorted(case.facts, key=lambda f: f[1])
    arriving = [f for f, _ in facts]
    if shuffle:
        shuffle.shuffle(arriving)
    made: list[tuple[list[Fact], Instant]] = [([fact], known) for fact, (_, known) in zip(arriving, facts, strict=True)]
    made += [([], table.known) for table in case.tables]
    return [([f for f, _ in case.base], EARLY), *sorted(made, key=lambda e: (e[1], not e[0]))]


def play(case: Case, engine: Callable[[Protocol_], Engine], shuffle: random.Random | None = None) -> Played:
    """The case, entered fact by fact into a fresh engine."""
    made = engine(case.protocol())
    seqs = [(known, made.enter(facts, known)) for facts, known in entries(case, shuffle)]
    return Played(case, made, seqs)


# --- comparing --------------------------------------------------------------------------------------------------------
def asked(played: Played, table: Table) -> list[Duty]:
    """The duties that a table speaks about: its rules, its turns, its people, in the places where they are at that hour."""
    facts = played.facts(table.known)
    whom = None if table.whom is None else {_canon(played.case, facts, name) for name in table.whom}
    found = []
    for duty in played.engine.duties(played.seq(table.known)):
        short = duty.rule.rsplit("/", 1)[-1]
        if not any(fnmatchcase(short, r) or fnmatchcase(duty.rule, r) for r in table.rules):
            continue
        if here(duty, table.about) and (table.turns is None or duty.turn in table.turns) and (whom is None or duty.subject in whom):
            found.append(duty)
    return found


def _canon(case: Case, facts: FactSet, name: str) -> bytes | str:
    if not re.match(r"^[a-z]\d+$", name):
        return name
    type_ = TYPES[name[0]]
    found = facts.canon(type_, named_id(type_, name))
    assert isinstance(found, bytes)
    return found


def says(played: Played, table: Table, duty: Duty, columns: Iterable[str]) -> dict[str, Any]:
    """What the engine tells of a duty, in the columns asked."""
    facts = played.facts(table.known)
    told: dict[str, Any] = {}
    for column in columns:
        if column in ("answers", "holder", "vacant"):
            told[column] = _answering(played, facts, table, duty)[column]
        else:
            told[column] = {
                "who": duty.subject, "state": state_of(duty, table.about), "turn": duty.turn, "opens": duty.opens_at, "due": duty.due_at,
                "end": duty.end_at, "done": duty.closed_at, "area": duty.area, "cell": duty.key[1:], "incident": duty.key[0],
            }[column]  # fmt: skip
    return told


def _answering(played: Played, facts: FactSet, table: Table, duty: Duty) -> dict[str, Any]:
    kinds = ("post.established", "post.held", "post.left")
    posts = Posts([f for k in kinds for f in facts.standing(k)], {name: (name,) for name in ANSWERS})
    opened = facts.by("incident.opened", "incident", duty.incident)
    above = ancestors(facts, duty.area or opened[0].body.area)
    answer = posts.answering(above, played.case.rule(duty.rule).answers, table.about)
    return {
        "answers": answer.chair.post if answer.chair else "nobody", "holder": answer.holder, "vacant": list(answer.vacant),
    }  # fmt: skip


def means(played: Played, table: Table, rule: str, column: str, value: Any) -> Any:
    """What a table's word stands for."""
    facts = played.facts(table.known)
    if column in ("opens", "due", "end", "done"):
        return FOREVER if value == "never" else BEGINNING if value == "always" else instant(value)
    if column in ("who", "incident"):
        return _canon(played.case, facts, value)
    if column == "holder":
        return _canon(played.case, facts, value) if value != "nobody" else None
    if column == "cell":
        names = value if isinstance(value, list) else [value]
        return tuple(_canon(played.case, facts, name) for name in names)
    if column == "area":
        return None if value == "nowhere" else value
    return value


def wrong(played: Played) -> list[str]:
    """What the tables of a case expect and the engine does not tell, and what it tells beyond them, line by line."""
    found: list[str] = []
    for number, table in enumerate(played.case.tables, start=1):
        left = asked(played, table)
        for row in table.rows:
            rule = played.case.rule(row.rule)
            want = {"turn": 0, **row.says} if "turn" not in row.says and rule.after is None else row.says
            values = {c: means(played, table, row.rule, c, v) for c, v in want.items()}
            naming = [c for c in ("who", "turn", "cell", "incident") if c in values]
            alike = [d for d in left if d.rule == rule.id and says(played, table, d, naming) == {c: values[c] for c in naming}]
            if len(alike) != 1:
                what = "nobody owes" if not alike else f"{len(alike)} duties are"
                found.append(f"{played.case.id} table {number}: {what} {row.rule} {want}")
                continue
            left.remove(alike[0])
            told = says(played, table, alike[0], values)
            wrongs = {c: (_show(played.case, told[c]), v) for c, v in want.items() if told[c] != values[c]}
            if wrongs:
                found.append(f"{played.case.id} table {number}: {row.rule} {row.says.get('who')}: engine and table differ in {wrongs}")
        found += [f"{played.case.id} table {number}: not in the table: {tell(played, table, d)}" for d in left]
    return found


def tell(played: Played, table: Table, duty: Duty) -> str:
    told = says(played, table, duty, ("who", "state", "turn", "opens", "due", "end", "done", "area", "cell"))
    return f"{duty.rule} " + " ".join(f"{c}={_show(played.case, v)}" for c, v in told.items())


def _show(case: Case, value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(_show(case, v) for v in value)
    if isinstance(value, bytes):
        return case.names.get(value, value.hex()[:8])
    if isinstance(value, int) and value == FOREVER:
        return "never"
    if isinstance(value, int) and abs(value) > 10**12:
        return "always" if value == BEGINNING else format_local(Instant(value), ZONE, seconds=True)
    return str(value)


def every_case() -> Sequence[tuple[Topic, Case]]:
    return [(topic, case) for topic in topics() for case in topic.cases]


def subject_type(rule: Rule) -> str:
    return relation_of(rule).subject
