"""Compiles the words of one rule from a table of text, and collects every mistake on the way. Knows no section and no file.

A mistake says the rule, the key and what would be right, in both languages; ``read`` and ``tables`` hand their tables here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from bulou.basis import callfacts as _callfacts
from bulou.basis import callupfacts as _callupfacts
from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis import fetchfacts as _fetchfacts
from bulou.basis import lakefacts as _lakefacts
from bulou.basis import letterfacts as _letterfacts
from bulou.basis import ownfacts as _ownfacts  # and those of which an edition may speak
from bulou.basis import pathfacts as _pathfacts
from bulou.basis import pointfacts as _pointfacts
from bulou.basis import seqfacts as _seqfacts
from bulou.basis import signalfacts as _signalfacts
from bulou.basis import soughtfacts as _soughtfacts
from bulou.basis import toldfacts as _toldfacts
from bulou.basis.kinds import KINDS, Field, Value
from bulou.basis.time import HOUR, Duration, parse_duration
from bulou.basis.words import LISTS, Word
from bulou.protocol.lint import SORTING, Mistake, Wrong, is_forbidden, line_of, near, of_rule
from bulou.protocol.readings import MET, READINGS
from bulou.protocol.relations import PLACED, RELATIONS
from bulou.protocol.rules import After, Answers, Days, Every, From, Match, Mode, Once, Rule, Status, Turns, Until
from bulou.protocol.templates import Raw

assert (
    _callfacts
    and _callupfacts
    and _facts
    and _fetchfacts
    and _lakefacts
    and _letterfacts
    and _ownfacts
    and _pathfacts
    and _pointfacts
    and _seqfacts
    and _signalfacts
    and _soughtfacts
    and _toldfacts
)

RULE_KEYS = {"name", "title", "on", "key", "each", "mode", "given", "must", "turns", "from", "within", "until", "after", "answers",
              "source", "url", "status"}  # fmt: skip

REQUIRED = Word("必填,文本", "is required, as text")
#: Bounds that keep every calendar day inside the calendar.
MOST_DAYS = 400


def number(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


class Reader:
    """Collects mistakes while it compiles, so that one run of lint shows them all."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file, self.source = file, text
        self.mistakes: list[Mistake] = []

    def wrong(self, rule: str, key: str, right: Word) -> None:
        line = line_of(self.source, rule, key) if self.source else None
        mistake = Mistake(self.file, rule, key, right.en, right.zh, line)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def wrongs(self, rule: str, found: Iterable[Wrong]) -> None:
        for each in found:
            self.wrong(rule, each.key, each.right)

    def keys(self, rule: str, table: Mapping[str, Any], allowed: Iterable[str]) -> None:
        known = sorted(allowed)
        for key in table:
            if is_forbidden(key):
                self.wrong(rule, key, SORTING)
            elif key not in known:
                self.wrong(rule, key, self.unknown(key, known, Word("这里没有这个词", "is no word here")))

    @staticmethod
    def unknown(word: object, known: Iterable[str], what: Word) -> Word:
        """What it is not, and what may have been meant: the nearest word, or else all there are."""
        listed = list(known)
        meant = near(word, listed)
        if meant.en:
            return Word(what.zh + meant.zh, what.en + meant.en)
        return Word(f"{what.zh};已有:{'、'.join(listed)}", f"{what.en}; known: {', '.join(listed)}")

    def one_of(self, rule: str, key: str, value: Any, known: Iterable[str]) -> None:
        listed = list(known)
        said = "" if value is None else f"{value!r} "
        self.wrong(rule, key, Word(f"{said}应为其中之一:{'、'.join(listed)}", f"{said}should be one of {', '.join(listed)}"))

    def table(self, rule: str, key: str, value: Any) -> Raw:
        """A section that is a table; empty with a mistake noted when it is something else."""
        if value is None or isinstance(value, dict):
            return value or {}
        self.wrong(rule, key, Word(f"应为一节 [{key}]", f"should be a table: [{key}]"))
        return {}

    def tables(self, raw: Raw, section: str) -> list[Raw]:
        """The tables of a section that may come several times."""
        value = raw.get(section)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(t, dict) for t in value):
            return value
        self.wrong("the file", section, Word(f"应为若干节 [[{section}]]", f"should be one table or more: [[{section}]]"))
        return []

    def word(self, rule: str, key: str, value: Any) -> Word:
        if isinstance(value, dict) and set(value) == {"zh", "en"} and all(isinstance(v, str) and v.strip() for v in value.values()):
            return Word(value["zh"], value["en"])
        both = '{ zh = "…", en = "…" }'
        self.wrong(rule, key, Word(f"应写中英两种语言:{both}", f"should name both languages: {both}"))
        return Word("?", "?")

    def text(self, rule: str, key: str, table: Raw) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(rule, key, REQUIRED)
        return ""

    def url(self, rule: str, table: Raw) -> str | None:
        value = table.get("url")
        if value is None or (isinstance(value, str) and value.startswith(("http://", "https://"))):
            return value
        self.wrong(rule, "url", Word("应为网址", "should be an address that begins with https://"))
        return None

    def status(self, rule: str, table: Raw) -> Status:
        value = table.get("status")
        if isinstance(value, str) and value in get_args(Status):
            return cast(Status, value)
        self.one_of(rule, "status", value, get_args(Status))
        return "unverified"

    def duration(self, rule: str, key: str, value: Any) -> Duration:
        try:
            return parse_duration(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.wrong(rule, key, Word(f'{value!r} 不是时长:写整数加 min、h 或 d,如 "12 h"', str(error)))
            return Duration(HOUR, None)

    # --- words of a rule ---------------------------------------------------------------------------------------------
    def match(self, rule: str, key: str, value: Any, *, opens: bool = False) -> Match | None:
        if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
            example = '{ kind = "sample.taken", capacity = 1 }'
            self.wrong(rule, key, Word(f"应写事实的种类:{example}", f"should name a kind of fact: {example}"))
            return None
        kind = KINDS.get(value["kind"])
        if kind is None:
            name = value["kind"]
            meant = near(name, KINDS)
            self.wrong(rule, key, Word(f"{name} 不是事实的种类{meant.zh}", f"{name} is no kind of fact{meant.en}"))
            return None
        if opens and not kind.opens:
            can = [k for k, v in KINDS.items() if v.opens]
            self.wrong(rule, key, Word(f"规则不能从 {kind.name} 开始;可从:{'、'.join(can)}",
                                       f"no rule may start from {kind.name}; start from one of {', '.join(can)}"))  # fmt: skip
            return None
        equal: list[tuple[str, frozenset[Value]]] = []
        for name, wanted in value.items():
            if name in ("kind", "by"):
                continue
            field = kind.field(name)
            if is_forbidden(name):
                self.wrong(rule, f"{key}.{name}", SORTING)
            elif field is None:
                meant = near(name, (f.name for f in kind.fields))
                self.wrong(rule, f"{key}.{name}", Word(f"{kind.name} 没有这一项{meant.zh}", f"{kind.name} has no such field{meant.en}"))
            else:
                equal.append((name, self.values(rule, f"{key}.{name}", field, wanted)))
        by = value.get("by")
        if by is not None and (not isinstance(by, str) or (found := kind.field(by)) is None or not found.find):
            self.wrong(rule, f"{key}.by", Word(f"{kind.name} 不能按 {by} 查找", f"{kind.name} is not found by {by}"))
            by = None
        return Match(kind.name, tuple(sorted(equal, key=lambda e: e[0])), by)

    def values(self, rule: str, key: str, field: Field, wanted: Any) -> frozenset[Value]:
        """What a field may equal: one value, or one of a list."""
        allowed: set[Value] = set()
        for each in wanted if isinstance(wanted, list) else [wanted]:
            if not isinstance(each, str | int | float):
                self.wrong(
                    rule,
                    key,
                    Word(
                        "应为一个值或一列值:规则只比较,不计算", "should be a value or a list of values: rules compare, they do not compute"
                    ),
                )
            elif field.words and each not in LISTS[field.words]:
                self.one_of(rule, key, each, LISTS[field.words])
            else:
                allowed.add(each)
        return frozenset(allowed)

    def reading(self, rule: str, key: str, value: Any, keys: Iterable[str]) -> str | None:
        if not isinstance(value, str) or value not in READINGS:
            self.wrong(rule, key, self.unknown(value, READINGS, Word(f"{value!r} 不是读数", f"{value!r} is no reading")))
            return None
        needs = READINGS[value].needs
        if needs not in keys:
            self.wrong(rule, key, Word(f"读数“{value}”需要 key 中有 {needs}", f'the reading "{value}" needs {needs} in the key'))
            return None
        return value

    def turns(self, rule: str, value: Any) -> Turns:
        if value is None or value == "once":
            return Once()
        if isinstance(value, dict) and "days" in value:
            self.keys(rule, value, {"days", "first", "last_day"})
            days, first, last = value["days"], value.get("first", 1), value.get("last_day", False)
            if not number(first, 0, 1):
                self.wrong(rule, "turns.first", Word("首日记为 0 或 1", "days are counted from 0 or from 1"))
            elif not isinstance(days, list) or not days or not all(number(d, first, MOST_DAYS) for d in days):
                self.wrong(
                    rule,
                    "turns.days",
                    Word(
                        f"应为从 {first} 起的日数,如 [1, 4, 7, 14]", f"should be a list of day numbers from {first} on, as in [1, 4, 7, 14]"
                    ),
                )
            elif not isinstance(last, bool):
                self.wrong(rule, "turns.last_day", Word("应为 true 或 false", "should be true or false"))
            else:
                return Days(tuple(days), first, last)
            return Once()
        if isinstance(value, dict) and set(value) == {"every"}:
            length = self.duration(rule, "turns.every", value["every"])
            if length.days is None and 0 < length.micros < HOUR:
                self.wrong(rule, "turns.every", Word("不能比每小时一次更密", "nobody can be asked more often than once an hour"))
            return Every(length)
        can = '"once", { days = [1, 4, 7], first = 1 } or { every = "12 h" }'
        self.wrong(rule, "turns", Word(f"应为 {can}(配额与抽样随轮次而来)", f"should be {can} (quota and share come with rounds)"))
        return Once()

    def until(self, rule: str, value: Any, on: Match | None, keys: list[str]) -> tuple[Until, ...]:
        ends: list[Until] = []
        for i, each in enumerate(value if isinstance(value, list) else [value]):
            key = f"until[{i}]"
            field = KINDS[on.kind].field(each) if on and isinstance(each, str) else None
            if isinstance(each, dict):
                match = self.match(rule, key, each)
                if match and self.found_by_key(rule, key, match, on, keys):
                    ends.append(Until(match=match))
            elif isinstance(each, str) and re.match(r"^\s*\d", each):
                ends.append(Until(after=self.duration(rule, key, each)))
            elif field is not None and on:
                if field.type != "instant":
                    self.wrong(rule, key, Word(f"{each} 不是 {on.kind} 的时刻", f"{each} is no time of {on.kind}"))
                ends.append(Until(field=each))
            else:
                reading = self.reading(rule, key, each, keys)
                if reading:
                    ends.append(Until(reading=reading))
        return tuple(ends)

    def found_by_key(self, rule: str, key: str, match: Match, on: Match | None, keys: list[str]) -> bool:
        """Whether what ends a cell can be found from the cell's key."""
        if on is None or not keys:
            return False
        opened = KINDS[on.kind].field(keys[0])
        field = KINDS[match.kind].field(match.by or keys[0])
        if opened and field and field.find and field.ref == opened.ref:
            return True
        self.wrong(
            rule, key, Word(f"{match.kind} 不能由 {keys[0]} 找到;写明 by", f"{match.kind} cannot be found by {keys[0]}; name the field: by")
        )
        return False

    def start(self, rule: str, value: Any, on: Match | None, keys: list[str]) -> From:
        if value in (None, "at"):
            return From()
        field = KINDS[on.kind].field(value) if on and isinstance(value, str) else None
        if field is not None and on:
            if field.type != "instant":
                self.wrong(rule, "from", Word(f"{value} 不是 {on.kind} 的时刻", f"{value} is no time of {on.kind}"))
            return From(field=field.name)
        return From(reading=self.reading(rule, "from", value, keys))

    def key(self, rule: str, value: Any, on: Match | None) -> list[str]:
        if not isinstance(value, list) or not value or not all(isinstance(k, str) for k in value) or len(set(value)) != len(value):
            self.wrong(
                rule,
                "key",
                Word(
                    '应为触发事实的若干项,各一次,如 ["tube"]', 'should be a list of fields of the opening fact, each once, as in ["tube"]'
                ),
            )
            return []
        for key in value:
            field = KINDS[on.kind].field(key) if on else None
            if is_forbidden(key):
                self.wrong(rule, "key", SORTING)
            elif on and (field is None or not field.find or field.optional):
                can = [f.name for f in KINDS[on.kind].fields if f.find and not f.optional]
                self.wrong(
                    rule,
                    "key",
                    self.unknown(
                        key, can, Word(f"{on.kind} 不能按 {key} 查找", f"{key} is no reference by which {on.kind} is always found")
                    ),
                )
        return value

    def each(self, rule: str, value: Any, on: Match | None, keys: list[str]) -> str | None:
        """The type of subject behind "each"."""
        if is_forbidden(value):
            self.wrong(rule, "each", SORTING)
            return None
        if isinstance(value, str) and value in RELATIONS:
            relation = RELATIONS[value]
            if relation.needs not in keys:
                self.wrong(rule, "each", Word(f"“{value}”需要 key 中有 {relation.needs}", f'"{value}" needs {relation.needs} in the key'))
            return relation.subject
        own = KINDS[on.kind].field(value) if on and isinstance(value, str) else None
        if on and (own is None or own.optional or own.ref not in PLACED):
            can = [*RELATIONS, *(f.name for f in KINDS[on.kind].fields if f.ref in PLACED and not f.optional)]
            what = Word(
                f"{value!r} 既不是关系,也不是 {on.kind} 所指的人或物", f"{value!r} is neither a relation nor a reference of {on.kind}"
            )
            self.wrong(rule, "each", self.unknown(value, can, what))
        return own.ref if own else None

    def must(self, rule: str, raw: Raw, on: Match | None, keys: list[str], subject: str | None) -> Match | str | None:
        value = raw.get("must")
        if raw.get("after") is not None and value in (None, MET):
            return MET
        if not isinstance(value, dict):
            return self.reading(rule, "must", value, keys)
        must = self.match(rule, "must", value)
        if must is None or subject is None or on is None:
            return must
        kind = KINDS[must.kind]
        if must.by is None:
            if kind.finds(subject) is None:
                self.wrong(
                    rule,
                    "must",
                    Word(
                        f'{must.kind} 没有说明是哪个 {subject};写明 by = "…"',
                        f'{must.kind} does not say which {subject} it is about; name the field: by = "…"',
                    ),
                )
            return must
        by = kind.field(must.by)
        keyed = [f.ref for k in keys if (f := KINDS[on.kind].field(k)) is not None]
        if by and by.ref not in (subject, "any", *keyed):
            self.wrong(rule, "must.by", Word(f"{must.by} 既不是对象,也不在 key 中", f"{must.by} is neither the subject nor in the key"))
        return must

    def rule(self, edition: str, name: str, raw: Raw, edition_url: str | None) -> Rule | None:
        """One rule from its twelve words, or None with its mistakes noted."""
        before = len(self.mistakes)
        self.keys(name, raw, RULE_KEYS)
        on = self.match(name, "on", raw.get("on"), opens=True)
        keys = self.key(name, raw.get("key"), on)
        subject = self.each(name, raw.get("each"), on, keys)
        mode: Any = raw.get("mode", "at_opening")
        if mode not in get_args(Mode):
            self.one_of(name, "mode", mode, get_args(Mode))
        must = self.must(name, raw, on, keys, subject)
        given = self.reading(name, "given", raw["given"], keys) if raw.get("given") is not None else None
        turns = self.turns(name, raw.get("turns"))
        start = self.start(name, raw.get("from"), on, keys)
        until = self.until(name, raw["until"], on, keys) if raw.get("until") is not None else ()
        within = self.duration(name, "within", raw["within"]) if "within" in raw else None
        if within is None and isinstance(turns, Once):
            self.wrong(name, "within", Word('只有一轮的须写时限,如 "2 h"', 'is required for a single turn, as in "2 h"'))
        if within is not None and not isinstance(turns, Once):
            self.wrong(
                name,
                "within",
                Word("按日或按间隔的一轮到段末为止,不写 within", "a turn on days or every so often is due when it ends; leave within out"),
            )
        answers: Any = raw.get("answers")
        if answers not in get_args(Answers):
            self.one_of(name, "answers", answers, get_args(Answers))
        word = self.word(name, "title", raw.get("title"))
        source, status, url = self.text(name, "source", raw), self.status(name, raw), self.url(name, raw)
        after = self.after(name, raw["after"]) if raw.get("after") is not None else None
        if len(self.mistakes) > before or on is None or must is None:
            return None
        rule = Rule(
            name, edition, word, on, tuple(keys), str(raw["each"]), mode, given, must, turns, start, within or Duration(0, None), until,
            after, answers, source, url, status,
        )  # fmt: skip
        self.wrongs(name, of_rule(rule, edition_url))
        return rule if len(self.mistakes) == before else None

    def after(self, rule: str, value: Any) -> After | None:
        good = isinstance(value, dict) and value.get("when") in ("overdue", "missing") and isinstance(value.get("rules"), list)
        if not good or not value["rules"] or not all(isinstance(r, str) for r in value["rules"]):
            example = '{ rules = ["recall.single"], when = "overdue", by = "30 min" }'
            self.wrong(rule, "after", Word(f"应写下面的规则:{example}", f"should name the rules below: {example}"))
            return None
        self.keys(rule, value, {"rules", "when", "by"})
        return After(tuple(value["rules"]), value["when"], self.duration(rule, "after.by", value.get("by")))


__all__ = ["MOST_DAYS", "REQUIRED", "RULE_KEYS", "Reader", "number"]
