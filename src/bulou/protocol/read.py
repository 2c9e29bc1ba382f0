"""Reads an edition: TOML in typed sections that an epidemiologist writes, compiled to rules. Runs nothing, guesses nothing.

Sections are shorthand: each duty of a section is a template of the twelve words below, in which the file fills the numbers,
the source and the status. ``[[rule]]`` gives all twelve words itself. Every mistake is collected with the file, the rule,
the key and what would be right; lint prints them, loading refuses them.
"""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis.kinds import FORBIDDEN, KINDS, Value
from bulou.basis.time import HOUR, Duration, parse_duration
from bulou.basis.words import LISTS, Word
from bulou.protocol.branches import with_branches
from bulou.protocol.readings import MET, READINGS
from bulou.protocol.relations import PLACED, RELATIONS
from bulou.protocol.rules import (
    After,
    Answers,
    Days,
    Edition,
    Every,
    From,
    Match,
    MeasureRule,
    Mode,
    Once,
    Parameter,
    Rule,
    Status,
    Turns,
    Until,
    ZoneRule,
)

assert _facts


class Mistake(NamedTuple):
    """One mistake in an edition's file: where it is and what would be right."""

    file: str
    rule: str
    key: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.key}: {self.right}"


class Broken(ValueError):
    """An edition with mistakes; carries them all."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


Raw = dict[str, Any]

_POOL = {"on": {"kind": "tube.resulted", "result": ["positive", "grey"], "run": "first"}, "key": ["tube"], "mode": "at_opening"}
_PEOPLE = {**_POOL, "each": "people in the tube"}
_JUDGED = {"key": ["person"], "each": "person", "mode": "at_opening"}
_LOCATED = {"kind": "person.located", "outcome": ["staying", "on_the_way", "elsewhere"]}
_SINGLE = {"kind": "sample.taken", "capacity": 1}
_ORDER = {"key": ["order"], "each": "person", "mode": "at_opening", "from": "starts", "until": ["ends", "order over"]}
_CASE = {"key": ["person"], "each": "person", "mode": "at_opening"}
_INFECTED = ["confirmed", "asymptomatic"]

#: The duties that sections may ask for: a template of words each, completed by the file.
TEMPLATES: dict[str, Raw] = {
    "testing.result": {
        "title": {"zh": "实验室出结果", "en": "read the tube"},
        "on": {"kind": "tube.received"}, "key": ["tube"], "each": "tube", "must": {"kind": "tube.resulted"},
        "answers": "laboratory",
    },
    "recall.locate": {**_PEOPLE, "title": {"zh": "找到并落位", "en": "locate"}, "must": _LOCATED, "answers": "grid"},
    "recall.tell": {
        **_PEOPLE, "title": {"zh": "告知原地等候", "en": "tell to stay put"}, "given": "hold authorised",
        "must": {"kind": "notice.given", "about": "hold"}, "until": ["hold over"], "answers": "grid",
    },
    "recall.household": {
        **_POOL, "each": "households of the people in the tube", "title": {"zh": "告知同住人等候", "en": "ask the household to stay"},
        "given": "hold authorised", "must": {"kind": "notice.given", "about": "hold"},
        "until": ["hold at its limit", "pool resolved"],
        "answers": "grid",
    },
    "recall.single": {**_PEOPLE, "title": {"zh": "单人单管重采", "en": "take a single swab"}, "must": _SINGLE, "answers": "sampling"},
    "recall.interview": {
        **_PEOPLE, "title": {"zh": "询问近日行程", "en": "ask about the last days"},
        "must": {"kind": "interview.held"}, "answers": "tracing",
    },
    "recall.rerun": {
        **_POOL, "each": "tube", "title": {"zh": "原管复测", "en": "re-run the same tube"},
        "must": {"kind": "tube.resulted", "run": "rerun"}, "answers": "laboratory",
    },
    "recall.identify": {
        **_POOL, "each": "tube", "title": {"zh": "查明试管人员", "en": "find who is in the tube"},
        "must": "tube's people known", "answers": "sampling",
    },
    "recall.review": {
        **_POOL, "each": "tube", "title": {"zh": "复盘混管:查邻管与登记", "en": "review the pool and its neighbours"},
        "from": "pool unresolved", "must": {"kind": "pool.reviewed"}, "answers": "sampling",
    },
    "recall.single_again": {
        **_PEOPLE, "title": {"zh": "24小时后再次单采", "en": "take a second single swab"},
        "from": "pool unresolved a day", "must": _SINGLE, "answers": "sampling",
    },
    "recall.release": {
        **_PEOPLE, "title": {"zh": "告知等候结束", "en": "tell that the hold is over"}, "given": "hold authorised",
        "from": "hold over", "must": {"kind": "notice.given", "about": "release"}, "answers": "command",
    },
    "case.recheck": {
        "title": {"zh": "疾控复核", "en": "recheck"}, "on": {"kind": "tube.resulted", "result": "positive"}, "key": ["tube"],
        "each": "person of the single tube", "must": {"kind": "recheck.read"}, "answers": "tracing",
    },
    "case.consult": {
        **_CASE, "title": {"zh": "专家会诊", "en": "consult"}, "on": {"kind": "recheck.read", "result": "positive"},
        "must": {"kind": "consultation.held"}, "answers": "hospital",
    },
    "case.diagnose": {
        **_CASE, "title": {"zh": "作出诊断", "en": "diagnose"}, "on": {"kind": "consultation.held", "conclusion": "case"},
        "must": {"kind": "case.diagnosed"}, "answers": "hospital",
    },
    "case.report": {
        **_CASE, "title": {"zh": "网络直报", "en": "report"}, "on": {"kind": "case.diagnosed", "status": _INFECTED},
        "must": {"kind": "case.reported"}, "answers": "hospital",
    },
    "case.hospital": {
        **_CASE, "title": {"zh": "转定点医院", "en": "move to the designated hospital"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": {"kind": "placement.made", "measure": "hospital"},
        "answers": "isolation",
    },
    "case.investigate": {
        **_CASE, "title": {"zh": "完成流调", "en": "complete the investigation"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": {"kind": "investigation.completed"}, "answers": "tracing",
    },
    "case.household": {
        **_CASE, "title": {"zh": "找到同住人", "en": "locate the household"}, "each": "household of the person",
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": _LOCATED, "answers": "grid",
    },
    "case.observe": {
        **_CASE, "title": {"zh": "病例观察", "en": "watch the case"}, "on": {"kind": "case.diagnosed", "status": _INFECTED},
        "must": {"kind": "observation.made"}, "until": ["two negatives 24 h apart"], "answers": "hospital",
    },
    "case.two_negatives": {
        **_CASE, "title": {"zh": "两次阴性后解除", "en": "show two negatives"},
        "on": {"kind": "case.diagnosed", "status": _INFECTED}, "must": "two negatives 24 h apart", "answers": "hospital",
    },
    "contact.judge": {
        "title": {"zh": "判定接触者", "en": "judge the candidate"}, "on": {"kind": "contact.named"}, "key": ["person", "met"],
        "each": "person", "must": {"kind": "contact.judged"}, "answers": "tracing",
    },
    "zone.visit": {
        "title": {"zh": "入户排查", "en": "visit"}, "key": ["zone"], "each": "households of the zone", "mode": "while_open",
        "must": {"kind": "household.visited"}, "until": [{"kind": "zone.lifted"}], "answers": "grid",
    },
    "zone.decide": {
        "title": {"zh": "临时管控须作决定", "en": "decide on the temporary zone"}, "key": ["zone"], "each": "zone", "from": "expires",
        "must": {"kind": "zone.lifted"}, "until": [{"kind": "zone.lifted"}], "answers": "command",
    },
    "zone.review": {
        "title": {"zh": "研判解除风险区", "en": "decide on lifting"}, "key": ["zone"], "each": "zone",
        "from": "last infection in the zone", "must": {"kind": "zone.lifted"}, "answers": "command",
    },
    "reporting.daily": {
        "title": {"zh": "日报告、零报告", "en": "report every day, also when there is nothing"},
        "on": {"kind": "incident.opened", "nature": "outbreak"}, "key": ["incident"], "each": "reporting units",
        "mode": "while_open", "must": {"kind": "report.sent"}, "until": [{"kind": "incident.closed"}], "answers": "town",
    },
}  # fmt: skip

#: What each [[measure]] asks of people of its ring, and of the order that is made for them.
MEASURE_DUTIES: dict[str, Raw] = {
    "order": {**_JUDGED, "title": {"zh": "下达隔离令", "en": "make the order"}, "must": {"kind": "order.made"}, "answers": "tracing"},
    "tell": {
        **_JUDGED, "title": {"zh": "告知本人", "en": "tell the person"}, "must": {"kind": "notice.given", "about": "order"},
        "answers": "tracing",
    },
    "place": {**_JUDGED, "title": {"zh": "转运到位", "en": "bring to the place"}, "answers": "isolation"},
    "test": {**_ORDER, "title": {"zh": "按日检测", "en": "test on the day"}, "must": _SINGLE, "answers": "isolation"},
    "observe": {**_ORDER, "title": {"zh": "健康观察", "en": "observe"}, "must": {"kind": "observation.made"}, "answers": "isolation"},
    "reconsider": {
        "key": ["order"], "each": "person", "mode": "at_opening", "title": {"zh": "重新决定隔离令", "en": "decide again on the order"},
        "from": "anchor differs", "until": ["order over"], "must": "order reconsidered", "answers": "tracing",
    },
}  # fmt: skip

_SECTIONS = {"edition", "testing", "recall", "case", "contact", "measure", "zone", "reporting", "plan", "escalation", "release",
             "rule", "parameter", "pool"}  # fmt: skip
_RULE_KEYS = {"name", "title", "on", "key", "each", "mode", "given", "must", "turns", "from", "within", "until", "after", "answers",
              "source", "url", "status"}  # fmt: skip
_CLOCK_KEYS = {"within", "every", "answers", "source", "url", "status", "title", "must", "until"}
_MEASURE_KEYS = {"ring", "measure", "days", "length_from", "test_days", "first_day", "last_day", "release_hour", "source", "url", "status",
                 *MEASURE_DUTIES}  # fmt: skip
_ZONE_KEYS = {"level", "title", "criteria", "clean_days", "counts", "source", "url", "status", "visit", "review", "decide"}


class _Reader:
    """Collects mistakes while it compiles, so that one run of lint shows them all."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []

    def wrong(self, rule: str, key: str, right: str) -> None:
        self.mistakes.append(Mistake(self.file, rule, key, right))

    def keys(self, rule: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
        for key in table:
            if key in FORBIDDEN:
                self.wrong(rule, key, "no rule may sort people by registration, ethnicity or nationality, only by where they were")
            elif key not in allowed:
                near = difflib.get_close_matches(key, list(allowed), 1)
                self.wrong(
                    rule, key, f"is no word here{f'; did you mean {near[0]}?' if near else '; known: ' + ', '.join(sorted(allowed))}"
                )

    def word(self, rule: str, key: str, value: Any) -> Word:
        if isinstance(value, dict) and isinstance(value.get("zh"), str) and isinstance(value.get("en"), str):
            return Word(value["zh"], value["en"])
        self.wrong(rule, key, 'should name both languages: { zh = "…", en = "…" }')
        return Word("?", "?")

    def text(self, rule: str, key: str, table: Raw) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(rule, key, "is required, as text")
        return ""

    def status(self, rule: str, table: Raw) -> Status:
        value = table.get("status")
        if value in get_args(Status):
            return cast(Status, value)
        self.wrong(rule, "status", f"should be one of {', '.join(get_args(Status))}")
        return "unverified"

    def duration(self, rule: str, key: str, value: Any) -> Duration:
        try:
            return parse_duration(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.wrong(rule, key, str(error))
            return Duration(HOUR, None)

    # --- words of a rule ---------------------------------------------------------------------------------------------
    def match(self, rule: str, key: str, value: Any, *, opens: bool = False) -> Match | None:
        if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
            self.wrong(rule, key, 'should name a kind of fact: { kind = "sample.taken", capacity = 1 }')
            return None
        kind = KINDS.get(value["kind"])
        if kind is None:
            near = difflib.get_close_matches(value["kind"], list(KINDS), 1)
            self.wrong(rule, key, f"{value['kind']} is no kind of fact{f'; did you mean {near[0]}?' if near else ''}")
            return None
        if opens and not kind.opens:
            self.wrong(
                rule, key, f"no rule may start from {kind.name}; start from one of {', '.join(k for k, v in KINDS.items() if v.opens)}"
            )
            return None
        equal: list[tuple[str, frozenset[Value]]] = []
        for name, wanted in value.items():
            if name in ("kind", "by"):
                continue
            if name in FORBIDDEN:
                self.wrong(
                    rule, f"{key}.{name}", "no rule may sort people by registration, ethnicity or nationality, only by where they were"
                )
                continue
            field = kind.field(name)
            if field is None:
                near = difflib.get_close_matches(name, [f.name for f in kind.fields], 1)
                self.wrong(rule, f"{key}.{name}", f"{kind.name} has no such field{f'; did you mean {near[0]}?' if near else ''}")
                continue
            values = wanted if isinstance(wanted, list) else [wanted]
            for each in values:
                if isinstance(each, dict):
                    self.wrong(rule, f"{key}.{name}", "should be a value or a list of values: rules compare, they do not compute")
                elif field.words and each not in LISTS[field.words]:
                    self.wrong(rule, f"{key}.{name}", f"{each!r} should be one of {', '.join(LISTS[field.words])}")
            equal.append((name, frozenset(v for v in values if not isinstance(v, dict))))
        by = value.get("by")
        if by is not None and kind.field(by) is None:
            self.wrong(rule, f"{key}.by", f"{kind.name} has no field {by}")
            by = None
        return Match(kind.name, tuple(sorted(equal, key=lambda e: e[0])), by)

    def reading(self, rule: str, key: str, value: Any, keys: Iterable[str]) -> str | None:
        if not isinstance(value, str) or value not in READINGS:
            near = difflib.get_close_matches(str(value), list(READINGS), 1)
            self.wrong(rule, key, f"{value!r} is no reading{f'; did you mean {near[0]}?' if near else '; known: ' + ', '.join(READINGS)}")
            return None
        if READINGS[value].needs not in keys:
            self.wrong(rule, key, f'the reading "{value}" needs {READINGS[value].needs} in the key')
            return None
        return value

    def turns(self, rule: str, value: Any) -> Turns:
        if value is None or value == "once":
            return Once()
        if isinstance(value, dict) and "days" in value:
            self.keys(rule, value, {"days", "first", "last_day"})
            days, first = value["days"], value.get("first", 1)
            good = isinstance(days, list) and days and all(isinstance(d, int) and d >= first for d in days)
            if first not in (0, 1):
                self.wrong(rule, "turns.first", "days are counted from 0 or from 1")
            elif not good:
                self.wrong(rule, "turns.days", f"should be a list of day numbers from {first} on, as in [1, 4, 7, 14]")
            else:
                return Days(tuple(sorted(days)), first, bool(value.get("last_day", False)))
            return Once()
        if isinstance(value, dict) and set(value) == {"every"}:
            length = self.duration(rule, "turns.every", value["every"])
            if length.days is None and length.micros < HOUR:
                self.wrong(rule, "turns.every", "nobody can be asked more often than once an hour")
            return Every(length)
        self.wrong(
            rule, "turns", 'should be "once", { days = [1, 4, 7], first = 1 } or { every = "12 h" } (quota and share come with rounds)'
        )
        return Once()

    def until(self, rule: str, value: Any, on: Match | None, keys: list[str]) -> tuple[Until, ...]:
        ends: list[Until] = []
        for i, each in enumerate(value if isinstance(value, list) else [value]):
            key = f"until[{i}]"
            if isinstance(each, dict):
                match = self.match(rule, key, each)
                if match:
                    ends.append(Until(match=match))
            elif isinstance(each, str) and re.match(r"^\s*\d", each):
                ends.append(Until(after=self.duration(rule, key, each)))
            elif isinstance(each, str) and on and (field := KINDS[on.kind].field(each)) is not None:
                if field.type != "instant":
                    self.wrong(rule, key, f"{each} is no time of {on.kind}")
                ends.append(Until(field=each))
            else:
                reading = self.reading(rule, key, each, keys)
                if reading:
                    ends.append(Until(reading=reading))
        return tuple(ends)

    def start(self, rule: str, value: Any, on: Match | None, keys: list[str]) -> From:
        if value in (None, "at"):
            return From()
        field = KINDS[on.kind].field(value) if on and isinstance(value, str) else None
        if field is not None:
            if field.type != "instant":
                self.wrong(rule, "from", f"{value} is no time of {on.kind if on else '?'}")
            return From(field=field.name)
        return From(reading=self.reading(rule, "from", value, keys))

    def rule(self, edition: str, name: str, raw: Raw) -> Rule | None:
        """One rule from its twelve words, or None with its mistakes noted."""
        before = len(self.mistakes)
        self.keys(name, raw, _RULE_KEYS)
        on = self.match(name, "on", raw.get("on"), opens=True)
        keys = raw.get("key")
        if not isinstance(keys, list) or not keys or not all(isinstance(k, str) for k in keys):
            self.wrong(name, "key", 'should be a list of fields of the opening fact, as in ["tube"]')
            keys = []
        for key in keys:
            field = KINDS[on.kind].field(key) if on else None
            if key in FORBIDDEN:
                self.wrong(name, "key", "no rule may sort people by registration, ethnicity or nationality, only by where they were")
            elif on and (field is None or not field.find):
                self.wrong(name, "key", f"{key} is no reference by which {on.kind} is found")
        each, subject = raw.get("each"), None
        if each in RELATIONS:
            subject = RELATIONS[each].subject
            if RELATIONS[each].needs not in keys:
                self.wrong(name, "each", f'"{each}" needs {RELATIONS[each].needs} in the key')
        elif each in FORBIDDEN:
            self.wrong(name, "each", "no rule may sort people by registration, ethnicity or nationality, only by where they were")
        else:
            own = KINDS[on.kind].field(each) if on and isinstance(each, str) else None
            subject = own.ref if own else None
            if on and (subject is None or subject not in PLACED):
                near = difflib.get_close_matches(str(each), [*RELATIONS, *(f.name for f in KINDS[on.kind].fields if f.ref)], 1)
                self.wrong(
                    name,
                    "each",
                    f"{each!r} is neither a relation nor a reference of {on.kind}{f'; did you mean {near[0]}?' if near else ''}",
                )
        mode: Mode = raw.get("mode", "at_opening")
        if mode not in get_args(Mode):
            self.wrong(name, "mode", f"should be one of {', '.join(get_args(Mode))}")
        must: Match | str | None
        if raw.get("after") is not None and raw.get("must") in (None, MET):
            must = MET
        elif isinstance(raw.get("must"), dict):
            must = self.match(name, "must", raw["must"])
            if must and subject and must.by is None and KINDS[must.kind].finds(subject) is None:
                self.wrong(name, "must", f'{must.kind} does not say which {subject} it is about; name the field: by = "…"')
        else:
            must = self.reading(name, "must", raw.get("must"), keys)
        given = self.reading(name, "given", raw["given"], keys) if raw.get("given") is not None else None
        turns = self.turns(name, raw.get("turns"))
        start = self.start(name, raw.get("from"), on, keys)
        until = self.until(name, raw["until"], on, keys) if raw.get("until") is not None else ()
        within = self.duration(name, "within", raw["within"]) if "within" in raw else None
        if within is None and isinstance(turns, Once):
            self.wrong(name, "within", 'is required for a single turn, as in "2 h"')
        if within is not None and not isinstance(turns, Once):
            self.wrong(name, "within", "a turn on days or every so often is due when it ends; leave within out")
        answers: Any = raw.get("answers")
        if answers not in get_args(Answers):
            self.wrong(name, "answers", f"should be one of {', '.join(get_args(Answers))}")
        word = self.word(name, "title", raw.get("title"))
        source, status = self.text(name, "source", raw), self.status(name, raw)
        after = self.after(name, raw["after"]) if raw.get("after") is not None else None
        if len(self.mistakes) > before or on is None or must is None:
            return None
        return Rule(
            name, edition, word, on, tuple(keys), str(each), mode, given, must, turns, start, within or Duration(0, None), until, after,
            answers, source, raw.get("url"), status,
        )  # fmt: skip

    def after(self, rule: str, value: Any) -> After | None:
        if not isinstance(value, dict) or value.get("when") not in ("overdue", "missing") or not isinstance(value.get("rules"), list):
            self.wrong(rule, "after", 'should name the rules below: { rules = ["recall.single"], when = "overdue", by = "30 min" }')
            return None
        return After(tuple(value["rules"]), value["when"], self.duration(rule, "after.by", value.get("by")))


def compile_edition(text: str, file: str) -> Edition:
    """The edition that ``text`` says; Broken with every mistake when it says something else.

    ``file`` names it in messages, as ``covid19/cn-7.toml``; the edition's id must be the same without ``.toml``.
    """
    reader = _Reader(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Broken([Mistake(file, "the file", "TOML", f"cannot be read: {error}")]) from None
    reader.keys("the file", raw, _SECTIONS)
    head = raw.get("edition") if isinstance(raw.get("edition"), dict) else {}
    assert isinstance(head, dict)
    reader.keys("edition", head, {"id", "disease", "title", "disease_title", "authority", "valid_from", "url"})
    id_ = reader.text("edition", "id", head)
    disease = reader.text("edition", "disease", head)
    if id_ and f"{id_}.toml" != file:
        reader.wrong("edition", "id", f'should be "{file.removesuffix(".toml")}", the name of its file')
    if id_ and disease and not id_.startswith(f"{disease}/"):
        reader.wrong("edition", "disease", f'should be "{id_.split("/")[0]}", the first part of the id')
    raws = dict(_rules(reader, raw))
    rules = [r for name, each in raws.items() if (r := reader.rule(id_, name, each)) is not None]
    _check_strata(reader, rules, set(raws))
    edition = Edition(
        id_, disease, reader.word("edition", "title", head.get("title")),
        reader.word("edition", "disease_title", head.get("disease_title")),
        reader.word("edition", "authority", head.get("authority")), reader.text("edition", "valid_from", head), head.get("url"),
        hashlib.sha256(text.encode()).hexdigest(), tuple(rules), tuple(_zones(reader, raw)), tuple(_measures(reader, raw)),
        _pool_sizes(reader, raw), tuple(_parameters(reader, raw)),
    )  # fmt: skip
    if not raws:
        reader.wrong("the file", "rule", "an edition without a rule asks for nothing")
    if reader.mistakes:
        raise Broken(reader.mistakes)
    return with_branches(edition)


def _clock(reader: _Reader, name: str, template: Raw, table: Any) -> Raw:
    if not isinstance(table, dict):
        reader.wrong(name, "the section", "should be a table with within, source and status")
        return template
    reader.keys(name, table, _CLOCK_KEYS)
    filled = {**template, **{k: v for k, v in table.items() if k not in ("every", "must")}}
    if "must" in table:
        filled["must"] = {**(template.get("must") or {}), **table["must"]} if isinstance(table["must"], dict) else table["must"]
    if "every" in table:
        filled["turns"] = {"every": table["every"]}
    return filled


def _rules(reader: _Reader, raw: Raw) -> Iterable[tuple[str, Raw]]:
    seen: set[str] = set()

    def fresh(name: str, rule: Raw) -> Iterable[tuple[str, Raw]]:
        if name in seen:
            reader.wrong(name, "name", "is used twice; a rule's name is its identity")
        seen.add(name)
        yield name, rule

    for section in ("testing", "recall", "case", "contact", "reporting"):
        for key, table in (raw.get(section) or {}).items():
            name = f"{section}.{key}"
            if name in TEMPLATES:
                yield from fresh(name, _clock(reader, name, TEMPLATES[name], table))
            else:
                known = [t for t in TEMPLATES if t.startswith(section)]
                near = difflib.get_close_matches(name, known, 1)
                reader.wrong(
                    section, key, f"is no duty of this section; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(known)}"
                )
    for table in raw.get("measure", []):
        yield from ((n, r) for name, rule in _measure_rules(reader, table) for n, r in fresh(name, rule))
    for table in raw.get("zone", []):
        yield from ((n, r) for name, rule in _zone_rules(reader, table) for n, r in fresh(name, rule))
    for table in raw.get("plan", []):
        yield from ((n, r) for name, rule in _plan_rule(reader, table) for n, r in fresh(name, rule))
    for when, section in (("overdue", "escalation"), ("missing", "release")):
        for table in raw.get(section, []):
            yield from ((n, r) for name, rule in _after_rule(reader, table, section, when, raw) for n, r in fresh(name, rule))
    for table in raw.get("rule", []):
        own = table.get("name") if isinstance(table, dict) else None
        if not isinstance(own, str):
            reader.wrong("rule", "name", "is required, as text")
            continue
        yield from fresh(own, {k: v for k, v in table.items() if k != "name"})


def _measure_rules(reader: _Reader, table: Raw) -> Iterable[tuple[str, Raw]]:
    ring = table.get("ring")
    if ring not in LISTS["ring"] or ring == "excluded":
        reader.wrong("measure", "ring", f"should be one of {', '.join(k for k in LISTS['ring'] if k != 'excluded')}")
        return
    reader.keys(str(ring), table, _MEASURE_KEYS)
    for duty, template in MEASURE_DUTIES.items():
        clock = table.get(duty)
        if clock is None:
            continue
        name = f"{ring}.{duty}"
        rule = _clock(
            reader, name, template, {"source": table.get("source"), "url": table.get("url"), "status": table.get("status"), **clock}
        )
        if template.get("key") == ["order"]:
            rule["on"] = {"kind": "order.made", "ring": ring}
        else:
            rule["on"] = {"kind": "contact.judged", "ring": ring}
        if duty == "place":
            rule["must"] = {"kind": "placement.made", "measure": table.get("measure")}
        if duty == "test":
            rule["turns"] = {"days": table.get("test_days"), "first": table.get("first_day", 1), "last_day": table.get("last_day", False)}
        yield name, {k: v for k, v in rule.items() if v is not None}


def _zone_rules(reader: _Reader, table: Raw) -> Iterable[tuple[str, Raw]]:
    level = table.get("level")
    if level not in LISTS["zone_level"]:
        reader.wrong("zone", "level", f"should be one of {', '.join(LISTS['zone_level'])}")
        return
    reader.keys(f"zone {level}", table, _ZONE_KEYS)
    for duty in ("visit", "review", "decide"):
        if duty in table:
            name = f"zone.{duty}.{level}"
            given = {"source": table.get("source"), "url": table.get("url"), "status": table.get("status"), **table[duty]}
            rule = _clock(reader, name, TEMPLATES[f"zone.{duty}"], given)
            yield name, {k: v for k, v in {**rule, "on": {"kind": "zone.drawn", "level": level}}.items() if v is not None}


def _plan_rule(reader: _Reader, table: Raw) -> Iterable[tuple[str, Raw]]:
    step = table.get("step")
    if not isinstance(step, str):
        reader.wrong("plan", "step", "is required, as text")
        return
    yield (
        f"plan.{step}",
        {
            "on": {"kind": "incident.opened", "nature": "outbreak"}, "key": ["incident"], "each": "incident",
            "must": {"kind": "step.done", "step": step}, "answers": "command",
            **{k: v for k, v in table.items() if k != "step"},
        },
    )  # fmt: skip


def _after_rule(reader: _Reader, table: Raw, section: str, when: str, raw: Raw) -> Iterable[tuple[str, Raw]]:
    name: Any = table.get("name")
    of: Any = table.get("of")
    if not isinstance(name, str) or not isinstance(of, list) or not of:
        reader.wrong(section, "of", f'should name the rules below and itself: name = "{section}.…", of = ["recall.single"]')
        return
    below = dict(_rules(_Reader(reader.file), {k: v for k, v in raw.items() if k not in ("escalation", "release")}))
    base = below.get(str(of[0]))
    if base is None:
        near = difflib.get_close_matches(str(of[0]), list(below), 1)
        reader.wrong(name, "of", f"{of[0]} is no rule below this one{f'; did you mean {near[0]}?' if near else ''}")
        return
    rule = {k: v for k, v in table.items() if k not in ("name", "of", "by")}
    rule["after"] = {"rules": of, "when": when, "by": table.get("by")}
    rule["must"] = {"kind": "gap.answered", "by": "subject"} if when == "overdue" else MET
    # It opens where all of them open: the same filter where they share one, else the kind alone.
    shared = all(below.get(str(o), {}).get("on") == base["on"] for o in of)
    rule["on"] = base["on"] if shared else {"kind": base["on"]["kind"]}
    yield name, {**rule, "key": base["key"], "each": base["each"], "mode": base.get("mode", "at_opening")}


def _check_strata(reader: _Reader, rules: list[Rule], known: set[str]) -> None:
    by_name = {r.name: r for r in rules}
    for rule in rules:
        for name in rule.after.rules if rule.after else ():
            base = by_name.get(name)
            if name not in known:
                reader.wrong(rule.name, "after", f"{name} is no rule of this edition")
            elif base is not None and base.after is not None:
                circle = name == rule.name or rule.name in base.after.rules
                reader.wrong(
                    rule.name, "after", f"{name} is itself a rule on duties{': a circle' if circle else '; two strata are all there are'}"
                )
            elif base is not None and (base.key != rule.key or base.on.kind != rule.on.kind or base.each != rule.each):
                reader.wrong(rule.name, "after", f"{name} has another key or other subjects; make a rule of its own for it")


def _pool_sizes(reader: _Reader, raw: Raw) -> tuple[int, ...]:
    pool = raw.get("pool") or {}
    reader.keys("pool", pool, {"sizes", "source", "url", "status"})
    sizes = pool.get("sizes", [1])
    if not isinstance(sizes, list) or not all(isinstance(s, int) and 1 <= s <= 20 for s in sizes):
        reader.wrong("pool", "sizes", "should be a list of numbers of people from 1 to 20, as in [5, 10]")
        return (1,)
    if pool:
        reader.text("pool", "source", pool)
        reader.status("pool", pool)
    return tuple(sorted({1, *sizes}))


def _measures(reader: _Reader, raw: Raw) -> Iterable[MeasureRule]:
    for table in raw.get("measure", []):
        rule = f"measure {table.get('ring')}"
        if table.get("measure") not in LISTS["measure"]:
            reader.wrong(rule, "measure", f"should be one of {', '.join(LISTS['measure'])}")
        if not isinstance(table.get("days"), int) or not 0 < table["days"] <= 400:
            reader.wrong(rule, "days", "should be a number of days from 1 to 400")
        if table.get("length_from") not in ("last_exposure", "first_day"):
            reader.wrong(rule, "length_from", "should be last_exposure or first_day")
        if not isinstance(table.get("release_hour", 24), int) or not 0 <= table.get("release_hour", 24) <= 24:
            reader.wrong(rule, "release_hour", "should be an hour from 0 to 24")
        yield MeasureRule(
            str(table.get("ring")), str(table.get("measure")), table.get("days", 0), str(table.get("length_from")),
            tuple(table.get("test_days") or ()), table.get("first_day", 1), bool(table.get("last_day", False)),
            table.get("release_hour", 24), reader.text(rule, "source", table), reader.status(rule, table),
        )  # fmt: skip


def _zones(reader: _Reader, raw: Raw) -> Iterable[ZoneRule]:
    for table in raw.get("zone", []):
        rule = f"zone {table.get('level')}"
        if not isinstance(table.get("clean_days"), int):
            reader.wrong(rule, "clean_days", "should be a number of days without an infection that counts")
        counts = table.get("counts", [])
        for each in counts:
            if each not in LISTS["case_status"]:
                reader.wrong(rule, "counts", f"{each!r} should be one of {', '.join(LISTS['case_status'])}")
        yield ZoneRule(
            str(table.get("level")), reader.word(rule, "title", table.get("title")), reader.word(rule, "criteria", table.get("criteria")),
            table.get("clean_days", 0), tuple(counts), reader.text(rule, "source", table), reader.status(rule, table),
        )  # fmt: skip


def _parameters(reader: _Reader, raw: Raw) -> Iterable[Parameter]:
    for table in raw.get("parameter", []):
        rule = f"parameter {table.get('name')}"
        reader.keys(rule, table, {"name", "title", "value", "unit", "citation", "status"})
        yield Parameter(
            reader.text(rule, "name", table), reader.word(rule, "title", table.get("title")), table.get("value", 0),
            reader.text(rule, "unit", table), reader.text(rule, "citation", table), reader.status(rule, table),
        )  # fmt: skip


def shipped() -> dict[str, Edition]:
    """Every edition that comes with Bulou, by id. None of them is in force until a named post adopts it."""
    folder = resources.files("bulou.protocol") / "editions"
    editions: dict[str, Edition] = {}
    for disease in sorted(folder.iterdir(), key=lambda p: p.name):
        if not disease.is_dir():
            continue
        for path in sorted(disease.iterdir(), key=lambda p: p.name):
            if path.name.endswith(".toml"):
                edition = compile_edition(path.read_text(encoding="utf-8"), f"{disease.name}/{path.name}")
                editions[edition.id] = edition
    return editions


def read_file(path: Path) -> Edition:
    """The edition in a file, named by its folder and file as ``covid19/cn-7.toml``; Broken with every mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Broken([Mistake(str(path), "the file", "encoding", f"should be UTF-8 text: {error.reason} at byte {error.start}")]) from None
    return compile_edition(text, f"{path.parent.name}/{path.name}")
