"""Any rule that lint accepts can be settled, and the engine keeps its laws for it: not only for the rules that are shipped."""

from __future__ import annotations

import random
from typing import Any

from bulou.basis.kinds import KINDS
from bulou.basis.words import LISTS
from bulou.duties.memory import Memory
from bulou.protocol.lint import Broken
from bulou.protocol.read import compile_edition
from bulou.protocol.readings import READINGS
from bulou.protocol.relations import PLACED, RELATIONS
from tests.histories import Director, protocol_of
from tests.property.laws import broken_law
from tests.unit.test_lint import GOOD, toml

RULES = 250


def finds(ref: str) -> list[tuple[str, str]]:
    """The kinds and fields by which facts about such a thing are found."""
    return [(name, f.name) for name, kind in KINDS.items() for f in kind.fields if f.ref == ref and f.find]


class Maker:
    """Makes rules from the whole vocabulary, most of which make sense."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def match(self, kind: str) -> dict[str, Any]:
        made: dict[str, Any] = {"kind": kind}
        for field in KINDS[kind].fields:
            if field.words and field.words != "document" and self.maybe(0.3):
                words = list(LISTS[field.words])
                made[field.name] = self.random.sample(words, self.random.randint(1, min(2, len(words))))
        return made

    def rule(self) -> dict[str, Any]:
        pick = self.random.choice
        on = pick([k for k, v in KINDS.items() if v.opens])
        fields = KINDS[on].fields
        found = [f.name for f in fields if f.find and not f.optional]
        key = self.random.sample(found, min(len(found), pick([1, 1, 2])))
        own = {f.name: f.ref for f in fields if f.ref in PLACED and not f.optional}
        subjects = own | {name: r.subject for name, r in RELATIONS.items() if r.needs in key}
        each = pick(sorted(subjects))
        readings = [name for name, r in READINGS.items() if r.needs in key and r.on in (None, on)]
        hours = [f.name for f in fields if f.type == "instant"]
        keyed = next(str(f.ref) for f in fields if f.name == key[0])
        made: dict[str, Any] = {"on": self.match(on), "key": key, "each": each, "mode": pick(["at_opening", "while_open"])}
        if readings and self.maybe(0.3):
            made["must"] = pick(readings)
        elif self.maybe(0.2):
            kind, by = pick(finds(keyed))
            made["must"] = {**self.match(kind), "by": by}
        else:
            made["must"] = self.match(pick([k for k, v in KINDS.items() if v.finds(str(subjects[each]))]))
        if self.maybe(0.5):
            made["within"] = pick(["1 h", "2 d", "30 min"])
        else:
            made["turns"] = pick([{"every": "12 h"}, {"every": "1 d"}, {"days": [1, 3], "last_day": True}, {"days": [0, 2], "first": 0}])
        if readings and self.maybe(0.3):
            made["given"] = pick(readings)
        if hours + readings and self.maybe(0.4):
            made["from"] = pick(hours + readings)
        if self.maybe(0.7):
            made["until"] = [self.end(keyed, hours, readings) for _ in range(pick([1, 2]))]
        return made

    def end(self, keyed: str, hours: list[str], readings: list[str]) -> Any:
        kind, by = self.random.choice(finds(keyed))
        return self.random.choice(["3 d", "24 h", *hours, *readings, {**self.match(kind), "by": by}])


def test_any_rule_that_is_read_keeps_the_laws() -> None:
    good = 0
    for seed in range(RULES):
        rule = Maker(seed).rule()
        words = "\n".join(f"{k} = {toml(v)}" for k, v in rule.items())
        head = '[[rule]]\nname = "any"\ntitle = { zh = "任", en = "any" }\nanswers = "grid"\nsource = "x"\nstatus = "copy"\n'
        try:
            edition = compile_edition(f"{GOOD}\n{head}{words}\n", "blue/one.toml")
        except Broken:
            continue
        good += 1
        made = edition.rule("any")
        assert made
        for history in range(2):
            law = broken_law(Memory(protocol_of(edition, made)), Director(edition, made, history).history())
            assert law is None, f"{words}\n{law}"
    assert good > RULES / 3, f"only {good} of {RULES} were read"
