"""Reads the spec tables and plays one case on an engine. Knows no database: whoever has an engine hands a factory in.

A case is facts with the hour at which they happened (``at``) and the hour at which they became known (``known``), and tables
of duties "as known at" one hour, "about" another. ``play(case, engine)`` enters the facts in order of arrival;
``wrong(played)`` says what the tables expect and the engine does not tell.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import BEGINNING, FOREVER, Instant, format_local
from bulou.basis.words import ANSWERS
from bulou.duties.reckoning import Duty
from bulou.gaps.answer import Posts
from bulou.gaps.standing import here, state_of
from bulou.protocol import stories
from bulou.protocol.branches import relation_of
from bulou.protocol.read import read_file, shipped
from bulou.protocol.relations import ancestors
from bulou.protocol.rules import Edition, Protocol_, Rule
from bulou.protocol.stories import EARLY, TREE, TYPES, ZONE, Case, Table, Topic, instant, shipped_files, topic_of

HERE = Path(__file__).parent


class Engine(Protocol):
    """What a case is played on: the memory engine, or one on a database."""

    def enter(self, facts: Iterable[Fact], known: Instant) -> int: ...

    def duties(self, seq: int | None = None) -> Iterable[Duty]: ...


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


def case_of(file: str, raw: dict[str, Any], under: str | None = None) -> Case:
    """One case from its text, under its own editions or with the first of them replaced by another."""
    return stories.case_of(file, raw, editions(), under)


@cache
def topics() -> list[Topic]:
    """Every file of cases, in the order of the handbook: those that come with Bulou, each with its rest told of made-up editions."""
    files = dict(shipped_files())
    for path in sorted((HERE / "cases").glob("*.toml")):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        files[path.stem] = {**files[path.stem], "case": files[path.stem]["case"] + raw["case"]} if path.stem in files else raw
    return [topic_of(stem, files[stem], editions()) for stem in sorted(files)]


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
    made = engine(case.protocol)
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
    """Every case under its own editions."""
    return [(topic, case) for topic in topics() for case in topic.cases]


@cache
def every_playing() -> Sequence[tuple[Topic, Case]]:
    """Every case under its own editions, and again under each other edition that its author says it holds under."""
    found = []
    for topic, case in every_case():
        found.append((topic, case))
        found += [(topic, case_of(topic.file, case.text, other)) for other in case.alike]
    return found


def subject_type(rule: Rule) -> str:
    return relation_of(rule).subject


__all__ = [
    "HERE",
    "TREE",
    "Case",
    "Played",
    "Table",
    "asked",
    "case_of",
    "editions",
    "every_case",
    "every_playing",
    "instant",
    "play",
    "topics",
    "wrong",
]
