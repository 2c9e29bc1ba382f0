"""Directed histories: small, adversarial lists of facts made for one rule, and the shrinker that makes a failure readable.

Uniform random facts almost never meet in a rule. These draw only kinds that the rule reads, from a tiny universe, at times
near other facts (plus or minus a second, plus or minus the rule's own lengths), with late arrivals, duplicates, withdrawals
that come first, and joins of people and of incidents.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import FORBIDDEN, INCIDENT, KINDS, Fact, Field, members
from bulou.basis.time import DAY, HOUR, MINUTE, SECOND, Instant, parse_local
from bulou.basis.words import LISTS
from bulou.protocol.branches import branch_kinds, relation_of
from bulou.protocol.rules import Days, Edition, Every, Match, Protocol_, Rule

ZONE = ZoneInfo("Asia/Shanghai")
T0 = parse_local("2020-12-07 21:00", ZONE)

UNIVERSE: dict[str, list[bytes | str]] = {
    "charge": [named_id("charge", "1"), named_id("charge", "2")],
    "person": [named_id("person", n) for n in "abc"],
    "household": [named_id("household", n) for n in "hk"],
    "place": [named_id("place", "p")],
    "incident": [named_id("incident", n) for n in "ij"],
    "order": [named_id("order", n) for n in "op"],
    "zone": [named_id("zone", n) for n in "zy"],
    "callup": [named_id("callup", n) for n in "uv"],
    "signal": [named_id("signal", n) for n in "st"],
    "signal_source": [named_id("signal_source", n) for n in "qr"],
    "point": [named_id("point", n) for n in "kl"],
    "objection": [named_id("objection", n) for n in "jk"],
    "letter": [named_id("letter", n) for n in "lm"],
    "area": ["510117", "510117001", "510117001218", "510117001218-011"],
    "tube": ["T1", "T2", "T3"],
    "post": ["P1"],
    "holder": [named_id("holder", "x")],
    "shift": [named_id("shift", n) for n in "st"],
}
TREE: dict[str, str | None] = {
    "510117": None,
    "510117001": "510117",
    "510117001218": "510117001",
    "510117001218-011": "510117001218",
}


def protocol_of(edition: Edition, rule: Rule) -> Protocol_:
    """A protocol that has only this rule and the rules it builds on: what the history is directed at."""
    names = {rule.name, *(rule.after.rules if rule.after else ())}
    return Protocol_({edition.id: replace(edition, rules=tuple(r for r in edition.rules if r.name in names))}, ZONE)


class Director:
    """Makes histories for one rule: lists of entries, each a list of facts with the hour at which it became known."""

    def __init__(self, edition: Edition, rule: Rule, seed: int) -> None:
        self.edition, self.rule, self.random = edition, rule, random.Random(seed)
        self.kinds = sorted({k for b in rule.branches for k in branch_kinds(b)} - {"fact.withdrawn"})
        self.matches = [m for m in (rule.on, rule.must, *(u.match for u in rule.until)) if isinstance(m, Match)]
        self.matches += [Match(s.kind) for s in relation_of(rule).steps if s.kind in KINDS]
        for name in rule.after.rules if rule.after else ():
            base = edition.rule(name)
            assert base
            self.matches += [m for m in (base.on, base.must) if isinstance(m, Match)]
        self.times: list[int] = [T0]
        self.made: list[Fact] = []
        self.count = 0
        self.apart = True

    def history(self, length: int = 14) -> list[tuple[list[Fact], Instant]]:
        facts = list(self.base())
        if self.random.random() < 0.8:
            facts.append(self.opener())
        if self.random.random() < (0.8 if "secondary" in self.rule.name else 0.5):
            facts += self.recipe()
        while len(facts) < length + 5:
            facts += self.thread() if self.random.random() < 0.4 else [self.fact()]
        late = [f for f in facts if self.random.random() < 0.35]
        facts = [f for f in facts if f not in late]
        for fact in late:
            facts.insert(self.random.randrange(len(facts) + 1), fact)
        if self.random.random() < 0.3:
            facts.insert(self.random.randrange(len(facts) + 1), self.random.choice(facts))
        entries: list[tuple[list[Fact], Instant]] = []
        known = T0 - DAY
        while facts:
            size = 1 if self.random.random() < 0.8 else 2
            chunk, facts = facts[:size], facts[size:]
            ahead = self.random.choice([0, SECOND, MINUTE, HOUR, 6 * HOUR, DAY])
            known = max(known + ahead, min(max(f.at for f in chunk), known + 2 * DAY))
            entries.append((chunk, Instant(known)))
        entries.append(([], Instant(known + self.random.choice([HOUR, DAY, 3 * DAY, 20 * DAY]))))
        return entries

    def base(self) -> Iterator[Fact]:
        """What makes the rule live at all: a tree, an incident, an adoption, an authorisation; most often in order."""
        incident = UNIVERSE["incident"][0]
        early = T0 - 30 * DAY
        for area, parent in TREE.items():
            if "area.declared" in self.kinds:
                yield self.of("area.declared", early, area=area, parent=parent, level="grid", name=area)
        yield self.of("incident.opened", early, incident=incident, disease=self.edition.disease, area="510117001", nature="outbreak")
        if self.rule.on.kind == "incident.opened":
            yield self.of("incident.opened", T0, incident=incident, disease=self.edition.disease, area="510117001", nature="outbreak")
        if self.random.random() < 0.4:
            other = UNIVERSE["incident"][1]
            yield self.of("incident.opened", early + SECOND, incident=other, disease=self.edition.disease, area="510117", nature="outbreak")
        if "person.enrolled" in self.kinds:
            for person in UNIVERSE["person"][:2] if self.random.random() < 0.7 else []:
                home = UNIVERSE["household"][0]
                yield self.of("person.enrolled", early, person=person, household=home, nature="residence", area="510117001218", until=None)
        yield self.of("edition.adopted", early, edition=self.edition.id, disease=self.edition.disease, area="510117", incident=None)
        if "authorisation.signed" in self.kinds:
            yield self.of("authorisation.signed", early, edition=self.edition.id, area="510117", measure="hold", hours=24)

    def opener(self) -> Fact:
        return self.of(self.rule.on.kind, self.near(), **{k: self.random.choice(sorted(v, key=str)) for k, v in self.rule.on.equal})

    def recipe(self) -> Iterator[Fact]:
        """Facts that a reading of the rule needs together and that chance never draws."""
        named = {self.rule.start.reading, self.rule.given, *(u.reading for u in self.rule.until)}
        named.add(self.rule.must if isinstance(self.rule.must, str) else None)
        if named & {"pool resolved", "pool unresolved", "pool unresolved a day", "hold over"}:
            yield from self.unresolved()
        if named & {"two negatives 24 h apart", "two negatives 48 h apart", "two high Ct 24 h apart"}:
            yield from self.negatives("two high Ct 24 h apart" in named)
        if named & {"last infection in the zone", "a day before lifting", "two days before lifting"}:
            yield from self.infection()
        if named & {"a day before lifting", "two days before lifting"}:
            yield from self.last_round()
        if self.rule.after and self.rule.after.when == "overdue" and self.rule.on.kind == "contact.judged":
            yield from self.answered()
        if "first exposure" in named and self.rule.on.kind == "contact.judged":
            yield from self.exposed()
        if "immune" in named:
            yield from self.immunity()
        if "accepted elsewhere" in named:
            yield from self.accepted()
        if "anchor differs" in named:
            yield from self.moved_anchor()
        if "person found" in named:
            yield from self.looked_for()
        if "judged otherwise than ordered" in named:
            yield from self.judged_off()
        if behind := named & {
            "ring one positive", "ring one gone", "ring one negative under the order", "ring one and own negative under the order",
            "ring one open a day before the end", "ring one negative twice",
        }:  # fmt: skip
            self.apart = False  # a dozen facts that chance would scatter over two incidents
            yield from self.second_ring(behind.pop())
            self.apart = True

    def moved_anchor(self) -> Iterator[Fact]:
        """An order, then an exposure later than its anchor, then a professional's word on it."""
        person, anchor, ring = UNIVERSE["person"][0], T0 - DAY, self.rule.name.split(".")[0]
        yield self.of("stay.recorded", T0 - DAY, person=person, nature="residence", area=self.random.choice(UNIVERSE["area"]))
        asked = {k: self.random.choice(sorted(v, key=str)) for k, v in self.rule.on.equal}
        yield self.of(
            "order.made",
            T0,
            order=UNIVERSE["order"][0],
            person=person,
            anchor=anchor,
            starts=T0,
            ends=T0 + 14 * DAY,
            **{"ring": ring, **asked},
        )
        record = person
        if self.random.random() < 0.3:  # what is known of another record of the person
            record = UNIVERSE["person"][1]
            yield self.of("person.identified", T0 + self.random.choice([0, 1, 2]) * HOUR, person=record, same_as=person)
        if self.random.random() < 0.8:
            yield self.of("contact.named", T0 + HOUR, person=record, exposed_until=anchor + self.random.choice([-1, 1, 1]) * HOUR)
        if self.random.random() < 0.8:
            yield self.of("contact.judged", T0 + self.random.choice([1, 2]) * HOUR, person=person, ring=ring)

    def looked_for(self) -> Iterator[Fact]:
        """Somebody who is sought, perhaps under two records, and then joined to another record or said to be somebody new."""
        one, other, third = UNIVERSE["person"]
        yield self.of("stay.recorded", T0 - DAY, person=one, nature="residence", area=self.random.choice(UNIVERSE["area"]))
        yield self.of("person.sought", T0, person=one)
        if self.random.random() < 0.4:
            yield self.of("person.sought", T0 + self.random.choice([-HOUR, HOUR]), person=other)
        for to in self.random.sample([other, third], self.random.choice([1, 1, 2])):
            yield self.of("person.identified", T0 + self.random.choice([-1, 1, 2]) * HOUR, person=one, same_as=to)
        if self.random.random() < 0.4:
            yield self.of("person.found", T0 + self.random.choice([-1, 1, 2]) * HOUR, person=self.random.choice([one, other]))

    def judged_off(self) -> Iterator[Fact]:
        """An order, a judgement that takes its ground away and perhaps gives it back, then a post's decision."""
        person, made = UNIVERSE["person"][0], UNIVERSE["order"][0]
        yield self.of("stay.recorded", T0 - DAY, person=person, nature="residence", area=self.random.choice(UNIVERSE["area"]))
        yield self.of("order.made", T0, order=made, person=person, ring="close", starts=T0, ends=T0 + 14 * DAY)
        for hour in (1, self.random.choice([1, 2])):
            yield self.of(
                "contact.judged", T0 + hour * HOUR, person=person, ring=self.random.choice(["excluded", "excluded", "close", "secondary"])
            )
        if self.random.random() < 0.7:
            at = T0 + self.random.choice([1, 2, 3]) * HOUR
            if self.random.random() < 0.5:
                yield self.of("order.ended", at, order=made)
            else:
                yield self.of(
                    "order.made", at, order=UNIVERSE["order"][1], person=person, ring="close", starts=at, ends=at + DAY, replaces=made
                )

    def second_ring(self, reading: str) -> Iterator[Fact]:
        """Someone judged into the second ring behind one or two people, what became of those, and a post's word on it."""
        (person, *behind), made, pick = UNIVERSE["person"], UNIVERSE["order"][0], self.random.choice
        yield self.of("stay.recorded", T0 - DAY, person=person, nature="residence", area=pick(UNIVERSE["area"]))
        links, found = behind[: pick([1, 1, 2])], []
        for i, link in enumerate(links):
            yield self.of("contact.named", T0 + pick([-HOUR, -HOUR, i * 3 * HOUR]), person=person, met=link)
        yield self.of("contact.judged", T0, person=person, ring="secondary")
        if self.rule.on.kind == "order.made":
            yield self.of(
                "order.made", T0 + pick([1, 1, 30]) * HOUR, order=made, person=person, ring="secondary", starts=T0, replaces=None,
                ends=T0 + (2 if reading == "ring one open a day before the end" else 7) * DAY,
            )  # fmt: skip
        for link in links:
            second = link != links[0] and pick([True, False])  # one negative twice, the other no close contact any more
            if second:
                yield self.of("contact.judged", T0 + pick([1, 2, 40]) * HOUR, person=link, ring="excluded")
                continue
            if pick([True, True, True, True, False]):
                yield from self.swabs(link, "T2" if link == behind[0] else "T3", positive=reading == "ring one positive")
            if reading == "ring one gone" or (reading != "ring one positive" and pick([True, False, False])):
                yield self.of("contact.judged", T0 + pick([1, 2, 40]) * HOUR, person=link, ring=pick(["excluded", "excluded", "close"]))
            if pick([True, False, False]):
                status = pick(["confirmed", "confirmed", "confirmed", "excluded"])
                found.append(self.of("case.diagnosed", T0 + pick([1, 3, 41]) * HOUR, person=link, status=status))
        if reading == "ring one and own negative under the order":
            yield from list(self.swabs(person, "T1", positive=False))[: pick([2, 2, 4])]
        yield from found
        if self.rule.on.kind == "contact.judged" and pick([True, False, False]):
            yield from self.accepted()
        at = T0 + pick([2, 4, 30, 42, 60]) * HOUR
        if pick([True, False, False]):
            yield self.of("contact.judged", at, person=person, ring=pick(["close", "secondary"]))
        elif pick([True, False]):
            yield self.of("duty.excused", at, subject=subject_text(person), rule=self.rule.name)
        elif self.rule.on.kind == "order.made":
            yield pick([
                self.of("order.ended", at, order=made),
                self.of("order.made", at, order=UNIVERSE["order"][1], person=person, ring="secondary", starts=at, ends=at + DAY, replaces=made),
            ])  # fmt: skip

    def swabs(self, person: bytes | str, tube: str, *, positive: bool) -> Iterator[Fact]:
        """Two single swabs of a person and what each was read as."""
        for i, name in enumerate((tube, f"{tube}b")):
            taken = T0 + i * DAY + self.random.choice([-2 * HOUR, *[HOUR] * 5])
            yield self.of("sample.taken", taken, person=person, tube=name, capacity=1, disease=self.edition.disease)
            read = self.random.choice(["negative", "positive", "grey"] if positive else ["negative"] * 9 + ["positive"])
            yield self.of("tube.resulted", taken + HOUR, tube=name, result=read, run="first", disease=self.edition.disease)

    def answered(self) -> Iterator[Fact]:
        """A judgement, and an answer to what it asked for once that has been overdue long enough to be taken up."""
        assert self.rule.after
        base, person = self.edition.rule(self.random.choice(self.rule.after.rules)), UNIVERSE["person"][0]
        assert base
        asked = {k: self.random.choice(sorted(v, key=str)) for k, v in base.on.equal}
        yield self.of("contact.judged", T0, person=person, **asked)
        late = T0 + base.within.micros + self.rule.after.by.micros + self.random.choice([-SECOND, 0, SECOND, HOUR])
        yield self.of("gap.answered", late, subject=subject_text(person), rule=base.name)
        if self.random.random() < 0.5 and any(u.reading == "accepted elsewhere" for u in base.until):
            yield from self.accepted()

    def exposed(self) -> Iterator[Fact]:
        """Someone who was named and then judged as the rule asks: without a naming there is no exposure to count from."""
        person = UNIVERSE["person"][0]
        asked = {k: self.random.choice(sorted(v, key=str)) for k, v in self.rule.on.equal}
        yield self.of("contact.named", self.near(), person=person)
        yield self.of("contact.judged", self.near(), person=person, **asked)

    def immunity(self) -> Iterator[Fact]:
        """What is recorded of one person's immunity, and recorded again."""
        for said in ("immune", self.random.choice(["immune", "not_immune"])):
            yield self.of("immunity.recorded", self.near(), person=UNIVERSE["person"][0], immunity=said)

    def accepted(self) -> Iterator[Fact]:
        """Someone judged as the rule asks and accepted elsewhere by one letter; and another letter of them, earlier or later."""
        person, (one, other) = UNIVERSE["person"][0], UNIVERSE["letter"][:2]
        asked = {k: self.random.choice(sorted(v, key=str)) for k, v in self.rule.on.equal}
        if self.rule.on.kind == "contact.judged":
            yield self.of("contact.judged", T0, person=person, **asked)
        yield self.of("letter.sent", T0 + HOUR, person=person, letter=one)
        yield self.of("letter.answered", T0 + 2 * HOUR, person=person, letter=one, outcome="accepted", answered_by=None)
        yield self.of("letter.sent", T0 + self.random.choice([0, 3]) * HOUR, person=person, letter=other)

    def negatives(self, by_ct: bool) -> Iterator[Fact]:
        """Two swabs that clear a person: read negative, or positive with both genes high."""
        person = UNIVERSE["person"][0]
        for i, tube in enumerate(("T2", "T3")):
            taken = T0 + i * DAY + self.random.choice([SECOND, HOUR, DAY, 2 * DAY])
            yield self.of("sample.taken", taken, person=person, tube=tube, capacity=1, disease=self.edition.disease)
            read = self.random.choice(["negative", "positive"]) if by_ct else "negative"
            yield self.of(
                "tube.resulted", taken + HOUR, tube=tube, result=read, run="first", disease=self.edition.disease, ct_orf=36.0,
                ct_n=self.random.choice([35.0, 35.0, 34.9]),
            )  # fmt: skip

    def infection(self) -> Iterator[Fact]:
        zone, area = UNIVERSE["zone"][0], self.random.choice(UNIVERSE["area"])
        yield self.of("zone.extended", T0, zone=zone, area=area)
        if self.random.random() < 0.5:
            yield self.of("zone.reduced", T0 + self.random.choice([HOUR, DAY, 3 * DAY]), zone=zone, area=area)
        for _ in range(2):
            at = T0 + self.random.choice([HOUR, DAY, 2 * DAY])
            person = self.random.choice(UNIVERSE["person"])
            yield self.of("case.diagnosed", at, person=person, status="confirmed")
            yield self.of(
                "stay.recorded", at - self.random.choice([0, HOUR]), person=person, nature="stay", area=self.random.choice(UNIVERSE["area"])
            )

    def clean(self) -> int:
        """The days without an infection that the rule's zone needs."""
        levels = dict(self.rule.on.equal).get("level", frozenset())
        return next((z.clean_days for z in self.edition.zones if z.level in levels), 0)

    def last_round(self) -> Iterator[Fact]:
        """Someone who lives in the zone and is swabbed about the days of its last round."""
        zone, person = UNIVERSE["zone"][0], UNIVERSE["person"][0]
        yield self.of("zone.extended", T0, zone=zone, area=self.random.choice(["510117001", "510117001218"]))
        yield self.of("stay.recorded", T0 - DAY, person=person, nature="residence", area="510117001218")
        for _ in range(self.random.choice([1, 2])):
            days = self.clean() + self.random.choice([-1, 0, 0, 1, 2])
            yield self.of(
                "sample.taken", T0 + days * DAY + self.random.choice([0, HOUR]), person=person, tube="T2", disease=self.edition.disease
            )

    def unresolved(self) -> Iterator[Fact]:
        """A pool whose people are all negative alone and whose tube is positive again."""
        person = UNIVERSE["person"][0]
        after = self.random.choice([0, SECOND, MINUTE, HOUR])
        yield self.of("sample.taken", T0 - HOUR, person=person, tube="T1", capacity=10, disease=self.edition.disease)
        yield self.of("tube.resulted", T0, tube="T1", result="positive", run="first", disease=self.edition.disease)
        yield self.of("sample.taken", T0 + after, person=person, tube="T2", capacity=1, disease=self.edition.disease)
        yield self.of("tube.resulted", T0 + 2 * HOUR, tube="T2", result="negative", disease=self.edition.disease)
        read = self.random.choice(["positive", "positive", "grey", "negative"])
        yield self.of(
            "tube.resulted", T0 + self.random.choice([1, 2, 3]) * HOUR, tube="T1", result=read, run="rerun", disease=self.edition.disease
        )
        if self.random.random() < 0.5:
            yield self.of("pool.reviewed", T0 + self.random.choice([1, 3, 4]) * HOUR, tube="T1")

    def thread(self) -> list[Fact]:
        """Facts along one branch of the rule, each leading to the next: chance alone would hardly ever link them."""
        branch = self.random.choice(self.rule.branches)
        if branch.start == INCIDENT:
            value: Any = UNIVERSE["incident"][0]
        else:
            field = KINDS[self.rule.on.kind].field(branch.start)
            assert field and field.ref
            value = self.value(self.rule.on.kind, field, T0)
        facts: list[Fact] = []
        for step in branch.steps:
            kind = self.random.choice([k for k in members(step.kind, step.leave) if step.enter == INCIDENT or KINDS[k].field(step.enter)])
            given = {} if step.enter == INCIDENT else {step.enter: value}
            facts.append(self.of(kind, self.near(), **{**self.fit(kind), **given}))
            value = getattr(facts[-1].body, step.leave)
            if value is None:
                return facts
        kind = self.random.choice(branch_kinds(branch))
        given = {} if branch.field == INCIDENT else {branch.field: subject_text(value) if branch.field == "subject" else value}
        return [*facts, self.of(kind, self.near(), **{**self.fit(kind), **given})]

    def fit(self, kind: str) -> dict[str, Any]:
        """Values that make a fact of this kind match a word of the rule, where one asks for them."""
        match = next((m for m in self.random.sample(self.matches, len(self.matches)) if m.kind == kind), None)
        return {k: self.random.choice(sorted(v, key=str)) for k, v in match.equal} if match and self.random.random() < 0.8 else {}

    def fact(self) -> Fact:
        roll = self.random.random()
        if roll < 0.14 and self.made:
            return self.of("fact.withdrawn", self.near(), target=self.random.choice(self.made).id, reason="x", post=None)
        if roll < 0.18:
            return self.of("person.identified", self.near(), reason="x")
        if roll < 0.20:
            a, b = UNIVERSE["incident"]
            return self.of("incident.joined", self.near(), incident=a, into=b, reason="x")
        if roll < 0.72:
            match = self.random.choice(self.matches)
            return self.of(match.kind, self.near(), **{k: self.random.choice(sorted(v, key=str)) for k, v in match.equal})
        return self.of(self.random.choice(self.kinds), self.near())

    def near(self) -> int:
        lengths = [0, 0, SECOND, MINUTE, HOUR, DAY, self.rule.within.micros, 24 * HOUR]
        if isinstance(self.rule.turns, Days):
            lengths += [d * DAY for d in self.rule.turns.days]
        if isinstance(self.rule.turns, Every):
            lengths.append(self.rule.turns.length.micros)
        if self.clean():
            lengths += [self.clean() * DAY, (self.clean() + 1) * DAY]
        for until in self.rule.until:
            if until.after:
                lengths.append(until.after.micros)
        step = self.random.choice(lengths) + self.random.choice([-SECOND, 0, 0, SECOND])
        at = self.random.choice(self.times) + self.random.choice([1, 1, 1, -1]) * step
        self.times.append(at)
        return at

    def of(self, kind: str, at: int, **given: Any) -> Fact:
        self.count += 1
        declared = KINDS[kind]
        values = {f.name: given[f.name] if f.name in given else self.value(kind, f, at) for f in declared.fields}
        if "capacity" in values and "capacity" not in given:
            values["capacity"] = 10 if (values["tube"] == "T1") == (self.random.random() < 0.9) else 1
        if kind in ("incident.opened", "incident.closed", "incident.joined", "step.done"):
            incident = values["incident"]
        elif declared.scope == "world" and self.random.random() < 0.5:
            incident = None
        else:
            incident = self.random.choice([*UNIVERSE["incident"][:1] * 4, UNIVERSE["incident"][1 if self.apart else 0]])
        entropy = self.random.getrandbits(80).to_bytes(10, "big")
        fact = Fact(self.count.to_bytes(6, "big") + entropy, kind, Instant(at), incident, declared.body(**values))
        self.made.append(fact)
        return fact

    def value(self, kind: str, field: Field, at: int) -> Any:
        pick = self.random.choice
        if field.name in FORBIDDEN or (field.optional and self.random.random() < 0.3):
            return None
        if field.name == "subject":
            return subject_text(pick([*UNIVERSE["person"], *UNIVERSE["household"], *UNIVERSE["area"], "T1"]))
        if field.name == "disease":
            return self.edition.disease if self.random.random() < 0.95 else "other"
        if field.ref == "edition":
            return self.edition.id
        if field.name == "rule":
            names = [self.rule.name, *(self.rule.after.rules if self.rule.after else ())]
            return pick(names)
        if field.name == "result":
            return pick([r for r in ("negative", "negative", "positive", "grey") if field.words is None or r in LISTS[field.words]])
        if field.name == "status":
            return pick(["confirmed", "confirmed", "asymptomatic", "excluded"])
        if kind == "area.declared" and field.name == "parent":
            return pick([None, "510117", "510117001"])
        if field.ref == "fact":
            return None if field.optional else pick(self.made).id
        if field.ref:  # the first of each is drawn more often: facts should meet
            return UNIVERSE[field.ref][0] if self.random.random() < 0.45 else pick(UNIVERSE[field.ref])
        if field.words:
            return pick(list(LISTS[field.words]))
        if field.type == "instant":
            return at + pick([-DAY, 0, HOUR, DAY, 3 * DAY, 10 * DAY]) + pick([-SECOND, 0, SECOND])
        if field.type == "id":
            return named_id(field.name)
        return {"bool": pick([True, False]), "int": pick([0, 1, 24]), "float": 36.5, "day": "2020-12-08", "text": "x"}[field.type]


def shrink(
    entries: list[tuple[list[Fact], Instant]], fails: Callable[[list[tuple[list[Fact], Instant]]], bool]
) -> list[tuple[list[Fact], Instant]]:
    """The shortest history found, by leaving entries and facts out, that still fails."""
    changed = True
    while changed:
        changed = False
        for i in range(len(entries) - 1, -1, -1):
            fewer = entries[:i] + entries[i + 1 :]
            if fewer and fails(fewer):
                entries, changed = fewer, True
        for i, (chunk, known) in enumerate(entries):
            if len(chunk) == 2:
                for keep in chunk:
                    fewer = [*entries[:i], ([keep], known), *entries[i + 1 :]]
                    if fails(fewer):
                        entries, changed = fewer, True
                        break
    return entries


def tell(entries: list[tuple[list[Fact], Instant]]) -> str:
    """A history as lines that a person can read."""
    lines = []
    for chunk, known in entries:
        hours = (known - T0) / HOUR
        lines.append(f"entry known T0{hours:+.4f} h")
        lines += [f"   {f.kind} at T0{(f.at - T0) / HOUR:+.4f} h {_short(f.incident)} {_fields(f)} #{f.id[:6].hex()}" for f in chunk]
    return "\n".join(lines)


def _fields(fact: Fact) -> str:
    return " ".join(f"{k}={_short(v)}" for k, v in fact.body._asdict().items() if v not in (None, "x"))


_NAMES = {v: f"{ref}:{i}" for ref, values in UNIVERSE.items() for i, v in enumerate(values) if isinstance(v, bytes)}


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return _NAMES.get(value, "#" + value[:6].hex())
    if isinstance(value, int) and value > 10**14:
        return f"T0{(value - T0) / HOUR:+.4f}h"
    return str(value)
