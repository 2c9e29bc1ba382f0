"""No word of the vocabulary, no template, reading, relation, state or shipped rule without a spec table that shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bulou.basis.kinds import KINDS
from bulou.protocol.read import MEASURE_DUTIES, TEMPLATES, shipped
from bulou.protocol.readings import MET, READINGS
from bulou.protocol.relations import RELATIONS
from bulou.protocol.rules import Days, Every, Match, Once, Rule
from tests.spec.play import every_playing

ALL = every_playing()


def rules_shown() -> Iterator[tuple[Rule, str]]:
    """Every rule that some table says is owed, with the column names of its row."""
    for _, case in ALL:
        for table in case.tables:
            for row in table.rows:
                rule = case.rule(row.rule)
                yield rule, row.says["state"]
                for name in rule.after.rules if rule.after else ():
                    base = next(r for e in case.protocol.editions.values() if e.id == rule.edition for r in e.rules if r.name == name)
                    yield base, ""


SHOWN = list(rules_shown())
RULES = {rule.id: rule for rule, _ in SHOWN}


def test_every_rule_shipped_is_shown() -> None:
    shipped_rules = {r.id for e in shipped().values() for r in e.rules}
    assert not shipped_rules - set(RULES), "shipped and in no table"


def test_every_template_is_shown() -> None:
    names = {r.name for r in RULES.values()}
    assert not {t for t in TEMPLATES if not any(n == t or n.startswith(f"{t}.") for n in names)}
    assert not {d for d in MEASURE_DUTIES if not any(n.split(".")[-1] == d for n in names)}
    for section in ("plan", "escalation", "release"):
        assert any(n.startswith(f"{section}.") for n in names), section


def test_every_relation_is_shown() -> None:
    assert not set(RELATIONS) - {r.each for r in RULES.values()}


def test_every_reading_is_shown() -> None:
    named = {r.start.reading for r in RULES.values()} | {r.given for r in RULES.values()}
    named |= {u.reading for r in RULES.values() for u in r.until} | {r.must for r in RULES.values() if isinstance(r.must, str)}
    assert not set(READINGS) - named


def test_every_state_is_shown() -> None:
    """Not owed is what every table says of whom it does not name."""
    assert {state for _, state in SHOWN} - {""} == {
        "done", "done_late", "upcoming", "due", "overdue", "blocked", "excused", "ended",
    }  # fmt: skip


#: What each word of the vocabulary looks like in a rule.
WORDS = {
    "on: equality": lambda r: any(len(v) == 1 for _, v in r.on.equal),
    "on: one of a list": lambda r: any(len(v) > 1 for _, v in r.on.equal),
    "key: one field": lambda r: len(r.key) == 1,
    "key: two fields": lambda r: len(r.key) == 2,
    "each: a relation": lambda r: r.each in RELATIONS,
    "each: the opener's own": lambda r: KINDS[r.on.kind].field(r.each) is not None,
    "mode: at_opening of a relation": lambda r: r.mode == "at_opening" and r.each == "residents of the zone",
    "mode: while_open of a relation": lambda r: r.mode == "while_open" and r.each == "residents of the zone",
    "given": lambda r: r.given is not None,
    "must: a kind": lambda r: isinstance(r.must, Match) and r.must.by is None,
    "must: by a field of the key": lambda r: isinstance(r.must, Match) and r.must.by is not None and r.after is None,
    "must: a reading": lambda r: isinstance(r.must, str) and r.must != MET,
    "turns: once": lambda r: isinstance(r.turns, Once),
    "turns: days from 0": lambda r: isinstance(r.turns, Days) and r.turns.first == 0,
    "turns: days from 1": lambda r: isinstance(r.turns, Days) and r.turns.first == 1,
    "turns: days and the last": lambda r: isinstance(r.turns, Days) and r.turns.last_day,
    "turns: every so many hours": lambda r: isinstance(r.turns, Every) and r.turns.length.days is None,
    "turns: every local day": lambda r: isinstance(r.turns, Every) and r.turns.length.days == 1,
    "turns: every second local day": lambda r: isinstance(r.turns, Every) and r.turns.length.days == 2,
    "from: at": lambda r: r.start.reading is None and r.start.field == "at",
    "from: a field": lambda r: r.start.reading is None and r.start.field != "at",
    "from: a reading": lambda r: r.start.reading is not None,
    "within: hours": lambda r: r.within.days is None and r.within.micros > 0,
    "within: days": lambda r: bool(r.within.days),
    "until: a duration of hours or days": lambda r: any(u.after for u in r.until),
    "until: a field": lambda r: any(u.field for u in r.until),
    "until: a kind": lambda r: any(u.match for u in r.until),
    "until: a reading": lambda r: any(u.reading for u in r.until),
    "after: overdue": lambda r: r.after is not None and r.after.when == "overdue",
    "after: missing": lambda r: r.after is not None and r.after.when == "missing",
    "after: by days": lambda r: r.after is not None and r.after.by.days is not None,
}


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_shown(word: str) -> None:
    assert any(WORDS[word](rule) for rule in RULES.values())


def test_who_answers_is_shown() -> None:
    said = {c for _, case in ALL for table in case.tables for row in table.rows for c in row.says}
    assert {"answers", "holder", "vacant"} <= said
