"""Reads an edition: TOML in typed sections that an epidemiologist writes, compiled to rules. Runs nothing, guesses nothing.

Sections are shorthand: each duty of a section is a template of the twelve words below, in which the file fills the numbers,
the source and the status. ``[[rule]]`` gives all twelve words itself. Every mistake is collected with the file, the line, the
rule, the key and what would be right; lint prints them, loading refuses them. No text whatever makes it fail otherwise.
"""

import hashlib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_args

from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis.kinds import KINDS, Field, Value
from bulou.basis.time import HOUR, Duration, parse_duration
from bulou.basis.words import LISTS, Word
from bulou.protocol.branches import with_branches
from bulou.protocol.lint import (
    SORTING,
    Broken,
    Mistake,
    Wrong,
    is_forbidden,
    line_of,
    near,
    of_measure,
    of_rule,
    of_zone,
    sorting,
    twice,
)
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
from bulou.protocol.templates import MEASURE_DUTIES, TEMPLATES, Raw

assert _facts

_SECTIONS = {"edition", "testing", "recall", "case", "contact", "measure", "zone", "reporting", "plan", "escalation", "release",
             "rule", "parameter", "pool"}  # fmt: skip
_RULE_KEYS = {"name", "title", "on", "key", "each", "mode", "given", "must", "turns", "from", "within", "until", "after", "answers",
              "source", "url", "status"}  # fmt: skip
_CLOCK_KEYS = {"within", "every", "answers", "source", "url", "status", "title", "must", "until"}
_MEASURE_KEYS = {"ring", "measure", "days", "length_from", "test_days", "first_day", "last_day", "release_hour", "source", "url", "status",
                 *MEASURE_DUTIES}  # fmt: skip
_ZONE_KEYS = {"level", "title", "criteria", "clean_days", "counts", "source", "url", "status", "visit", "review", "decide"}


_REQUIRED = Word("必填,文本", "is required, as text")
#: A name that can stand in an id and in a file: rules, steps, parameters.
_NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
_EDITION = re.compile(r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
#: Bounds that keep every calendar day inside the calendar.
_MOST_DAYS = 400


def _number(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


class _Reader:
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
        self.wrong(rule, key, _REQUIRED)
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
            if not _number(first, 0, 1):
                self.wrong(rule, "turns.first", Word("首日记为 0 或 1", "days are counted from 0 or from 1"))
            elif not isinstance(days, list) or not days or not all(_number(d, first, _MOST_DAYS) for d in days):
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
        self.keys(name, raw, _RULE_KEYS)
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


# --- the file ---------------------------------------------------------------------------------------------------------
def compile_edition(text: str, file: str) -> Edition:
    """The edition that ``text`` says; Broken with every mistake when it says something else.

    ``file`` names it in messages, as ``covid19/cn-7.toml``; the edition's id must be the same without ``.toml``.
    """
    reader = _Reader(file, text)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        raise Broken([Mistake(file, "the file", "TOML", f"cannot be read: {error}", f"读不懂:{error}", line)]) from None
    except RecursionError:
        raise Broken([Mistake(file, "the file", "TOML", "is nested too deeply to be an edition", "嵌套过深,不是方案")]) from None
    reader.keys("the file", raw, _SECTIONS)
    for path in sorting(raw):
        section, _, rest = path.partition(".")
        reader.wrong(section, rest or section, SORTING)
    head = reader.table("the file", "edition", raw.get("edition"))
    reader.keys("edition", head, {"id", "disease", "title", "disease_title", "authority", "valid_from", "url"})
    id_, disease, url = reader.text("edition", "id", head), reader.text("edition", "disease", head), reader.url("edition", head)
    _check_head(reader, head, id_, disease)
    raws = dict(_rules(reader, raw))
    rules = [r for name, each in raws.items() if (r := reader.rule(id_, name, each, url)) is not None]
    _check_strata(reader, rules, set(raws))
    edition = Edition(
        id_, disease, reader.word("edition", "title", head.get("title")),
        reader.word("edition", "disease_title", head.get("disease_title")),
        reader.word("edition", "authority", head.get("authority")), reader.text("edition", "valid_from", head), url,
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), tuple(rules), tuple(_zones(reader, raw)),
        tuple(_measures(reader, raw)), _pool_sizes(reader, raw), tuple(_parameters(reader, raw)),
    )  # fmt: skip
    if not raws:
        reader.wrong("the file", "rule", Word("没有规则的方案什么都不要求", "an edition without a rule asks for nothing"))
    if reader.mistakes:
        raise Broken(sorted(reader.mistakes, key=lambda m: m.line or 0))
    return with_branches(edition)


def _check_head(reader: _Reader, head: Raw, id_: str, disease: str) -> None:
    if id_ and not _EDITION.match(id_):
        reader.wrong(
            "edition",
            "id",
            Word(
                "应为 疾病/版本,小写字母、数字和连字符,如 covid19/cn-7",
                "should be disease/edition in small letters, figures and hyphens, as in covid19/cn-7",
            ),
        )
    elif id_ and f"{id_}.toml" != reader.file:
        own = reader.file.removesuffix(".toml")
        reader.wrong("edition", "id", Word(f'应为 "{own}",即文件名', f'should be "{own}", the name of its file'))
    if id_ and disease and not id_.startswith(f"{disease}/"):
        first = id_.partition("/")[0]
        reader.wrong("edition", "disease", Word(f'应为 "{first}",即 id 的前半', f'should be "{first}", the first part of the id'))
    valid = head.get("valid_from")
    if isinstance(valid, str) and valid.strip() and not _DAY.match(valid):
        reader.wrong("edition", "valid_from", Word("应为日期 YYYY-MM-DD", "should be a day YYYY-MM-DD"))


def _clock(reader: _Reader, name: str, template: Raw, table: Any) -> Raw:
    if not isinstance(table, dict):
        reader.wrong(name, "the section", Word("应为一节,写 within、source、status", "should be a table with within, source and status"))
        return template
    reader.keys(name, table, _CLOCK_KEYS)
    filled = {**template, **{k: v for k, v in table.items() if k in _CLOCK_KEYS and k not in ("every", "must")}}
    if "must" in table:
        base, own = template.get("must"), table["must"]
        filled["must"] = {**base, **own} if isinstance(own, dict) and isinstance(base, dict) else own
    if "every" in table:
        filled["turns"] = {"every": table["every"]}
    return filled


def _rules(reader: _Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
    """Every rule's twelve words by its name, from all sections; a name used twice is told once."""
    seen: set[str] = set()
    for name, rule in _all_rules(reader, raw):
        if name in seen:
            reader.wrong(name, "name", Word("用了两次;规则的名字就是它的身份", "is used twice; a rule's name is its identity"))
        elif not _NAME.match(name):
            reader.wrong(name, "name", Word("应为小写字母、数字、下划线和点", "should be small letters, figures, underscores and dots"))
        else:
            yield name, rule
        seen.add(name)


def _all_rules(reader: _Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
    yield from _base_rules(reader, raw)
    below = dict(_base_rules(_Reader(reader.file), raw))
    for when, section in (("overdue", "escalation"), ("missing", "release")):
        for table in reader.tables(raw, section):
            yield from _after_rule(reader, table, section, when, below)


def _base_rules(reader: _Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
    for section in ("testing", "recall", "case", "contact", "reporting"):
        for key, table in reader.table("the file", section, raw.get(section)).items():
            name = f"{section}.{key}"
            if name in TEMPLATES:
                yield name, _clock(reader, name, TEMPLATES[name], table)
            elif not is_forbidden(key):
                known = [t for t in TEMPLATES if t.startswith(section)]
                reader.wrong(section, key, reader.unknown(name, known, Word("这一节没有这项任务", "is no duty of this section")))
    for table in reader.tables(raw, "measure"):
        yield from _measure_rules(reader, table)
    for table in reader.tables(raw, "zone"):
        yield from _zone_rules(reader, table)
    for table in reader.tables(raw, "plan"):
        yield from _plan_rule(reader, table)
    for table in reader.tables(raw, "rule"):
        own = table.get("name")
        if isinstance(own, str):
            yield own, {k: v for k, v in table.items() if k != "name"}
        else:
            reader.wrong("rule", "name", _REQUIRED)


def _measure_rules(reader: _Reader, table: Raw) -> Iterator[tuple[str, Raw]]:
    ring = table.get("ring")
    rings = [k for k in LISTS["ring"] if k != "excluded"]
    if not isinstance(ring, str) or ring not in rings:
        reader.one_of("measure", "ring", ring, rings)
        return
    reader.keys(f"measure {ring}", table, _MEASURE_KEYS)
    inherited = {k: table[k] for k in ("source", "url", "status") if k in table}
    for duty, template in MEASURE_DUTIES.items():
        if duty not in table:
            continue
        name = f"{ring}.{duty}"
        clock = table[duty]
        rule = _clock(reader, name, template, {**inherited, **clock} if isinstance(clock, dict) else clock)
        rule = {**rule, "on": {"kind": "order.made" if template["key"] == ["order"] else "contact.judged", "ring": ring}}
        if template["key"] == ["person"]:  # asked of whoever is in the ring, for as long as that is the last word
            ends = rule.get("until", [])
            rule["until"] = [*(ends if isinstance(ends, list) else [ends]), "judged otherwise"]
        if duty == "place":
            rule["must"] = {"kind": "placement.made", "measure": table.get("measure")}
        if duty == "test":
            rule["turns"] = {"days": table.get("test_days"), "first": table.get("first_day", 1), "last_day": table.get("last_day", False)}
        yield name, rule


def _zone_rules(reader: _Reader, table: Raw) -> Iterator[tuple[str, Raw]]:
    level = table.get("level")
    if not isinstance(level, str) or level not in LISTS["zone_level"]:
        reader.one_of("zone", "level", level, LISTS["zone_level"])
        return
    reader.keys(f"zone {level}", table, _ZONE_KEYS)
    inherited = {k: table[k] for k in ("source", "url", "status") if k in table}
    for duty in ("visit", "review", "decide"):
        if duty in table:
            name, clock = f"zone.{duty}.{level}", table[duty]
            rule = _clock(reader, name, TEMPLATES[f"zone.{duty}"], {**inherited, **clock} if isinstance(clock, dict) else clock)
            yield name, {**rule, "on": {"kind": "zone.drawn", "level": level}}


def _plan_rule(reader: _Reader, table: Raw) -> Iterator[tuple[str, Raw]]:
    step = table.get("step")
    if not isinstance(step, str):
        reader.wrong("plan", "step", _REQUIRED)
        return
    reader.keys(f"plan.{step}", table, {*_CLOCK_KEYS, "step"})
    yield (
        f"plan.{step}",
        {
            "on": {"kind": "incident.opened", "nature": "outbreak"}, "key": ["incident"], "each": "incident",
            "must": {"kind": "step.done", "step": step}, "answers": "command",
            **{k: v for k, v in table.items() if k in _CLOCK_KEYS and k not in ("every", "must")},
        },
    )  # fmt: skip


def _after_rule(reader: _Reader, table: Raw, section: str, when: str, below: Mapping[str, Raw]) -> Iterator[tuple[str, Raw]]:
    name: Any = table.get("name")
    of: Any = table.get("of")
    if not isinstance(name, str) or not isinstance(of, list) or not of or not all(isinstance(o, str) for o in of):
        example = f'name = "{section}.…", of = ["recall.single"]'
        reader.wrong(section, "of", Word(f"应写自己的名字和下面的规则:{example}", f"should name the rules below and itself: {example}"))
        return
    base = below.get(of[0])
    if base is None or not isinstance(base.get("on"), dict):
        meant = near(of[0], below)
        reader.wrong(
            name, "of",
            Word(
                f"{of[0]} 不是下层的规则{meant.zh};应写本身要求证据的规则,不写 escalation 或 release,因而不会成环",
                f"{of[0]} is no rule below this one{meant.en}; name rules that ask for something themselves, not escalations or releases:"
                " so there is no circle",
            ),
        )  # fmt: skip
        return
    rule = {k: v for k, v in table.items() if k not in ("name", "of", "by")}
    rule["after"] = {"rules": of, "when": when, "by": table.get("by")}
    rule["must"] = {"kind": "gap.answered", "by": "subject"} if when == "overdue" else MET
    # It opens where all of them open: the same filter where they share one, else the kind alone.
    shared = all(below.get(o, {}).get("on") == base["on"] for o in of)
    rule["on"] = base["on"] if shared else {"kind": base["on"].get("kind")}
    yield name, {**rule, "key": base.get("key"), "each": base.get("each"), "mode": base.get("mode", "at_opening")}


def _check_strata(reader: _Reader, rules: list[Rule], known: set[str]) -> None:
    by_name = {r.name: r for r in rules}
    for rule in rules:
        for name in rule.after.rules if rule.after else ():
            base = by_name.get(name)
            if name not in known:
                meant = near(name, known)
                reader.wrong(rule.name, "after", Word(f"{name} 不是本方案的规则{meant.zh}", f"{name} is no rule of this edition{meant.en}"))
            elif base is not None and base.after is not None:
                circle = name == rule.name or rule.name in base.after.rules
                zh, en = (":成环", ": a circle") if circle else (";只有两层", "; two strata are all there are")
                reader.wrong(rule.name, "after", Word(f"{name} 本身就建立在任务之上{zh}", f"{name} is itself a rule on duties{en}"))
            elif base is not None and (base.key != rule.key or base.on.kind != rule.on.kind or base.each != rule.each):
                reader.wrong(
                    rule.name,
                    "after",
                    Word(
                        f"{name} 的 key 或对象不同;请另写一条", f"{name} has another key or other subjects; make a rule of its own for it"
                    ),
                )


# --- tables -----------------------------------------------------------------------------------------------------------
def _pool_sizes(reader: _Reader, raw: Raw) -> tuple[int, ...]:
    pool = reader.table("the file", "pool", raw.get("pool"))
    reader.keys("pool", pool, {"sizes", "source", "url", "status"})
    sizes = pool.get("sizes", [1])
    if not isinstance(sizes, list) or not all(_number(s, 1, 20) for s in sizes) or len(set(sizes)) != len(sizes):
        reader.wrong(
            "pool",
            "sizes",
            Word(
                "应为 1 到 20 之间的人数,各一次,如 [5, 10]", "should be a list of numbers of people from 1 to 20, each once, as in [5, 10]"
            ),
        )
        return (1,)
    if pool:
        reader.text("pool", "source", pool)
        status = reader.status("pool", pool)
        if status == "official" and not reader.url("pool", pool):
            reader.wrong("pool", "status", Word("标为官方文本须给出网址", "official needs the url of the text that was compared"))
    return tuple(sorted({1, *sizes}))


def _measures(reader: _Reader, raw: Raw) -> Iterator[MeasureRule]:
    tables = reader.tables(raw, "measure")
    for ring in twice(str(t.get("ring")) for t in tables):
        reader.wrong(f"measure {ring}", "ring", Word("写了两次", "is given twice"))
    for table in tables:
        rule = f"measure {table.get('ring')}"
        days, first, hour, tests = (table.get("days"), table.get("first_day", 1), table.get("release_hour", 24), table.get("test_days", []))
        if not isinstance(table.get("measure"), str) or table["measure"] not in LISTS["measure"]:
            reader.one_of(rule, "measure", table.get("measure"), LISTS["measure"])
        if not _number(days, 1, _MOST_DAYS):
            reader.wrong(rule, "days", Word(f"应为 1 到 {_MOST_DAYS} 的天数", f"should be a number of days from 1 to {_MOST_DAYS}"))
            days = _MOST_DAYS  # what follows from it is not told as well
        if table.get("length_from") not in ("last_exposure", "first_day"):
            reader.one_of(rule, "length_from", table.get("length_from"), ("last_exposure", "first_day"))
        if not _number(hour, 0, 24):
            reader.wrong(rule, "release_hour", Word("应为 0 到 24 的钟点", "should be an hour from 0 to 24"))
        if not _number(first, 0, 1):
            reader.wrong(rule, "first_day", Word("首日记为 0 或 1", "days are counted from 0 or from 1"))
            first = 1
        if not isinstance(tests, list) or not all(_number(d, first, _MOST_DAYS) for d in tests):
            reader.wrong(
                rule,
                "test_days",
                Word(f"应为从 {first} 起的日数,如 [1, 4, 7, 14]", f"should be a list of day numbers from {first} on, as in [1, 4, 7, 14]"),
            )
            tests = []
        found = MeasureRule(
            str(table.get("ring")), str(table.get("measure")), days or 1, str(table.get("length_from")), tuple(tests), first,
            bool(table.get("last_day", False)), hour, reader.text(rule, "source", table), reader.status(rule, table),
        )  # fmt: skip
        reader.wrongs(rule, of_measure(found, table))
        yield found


def _zones(reader: _Reader, raw: Raw) -> Iterator[ZoneRule]:
    tables = reader.tables(raw, "zone")
    for level in twice(str(t.get("level")) for t in tables):
        reader.wrong(f"zone {level}", "level", Word("写了两次", "is given twice"))
    for table in tables:
        rule = f"zone {table.get('level')}"
        clean, counts = table.get("clean_days"), table.get("counts", [])
        if not _number(clean, 0, _MOST_DAYS):
            reader.wrong(
                rule, "clean_days", Word("应为多少天没有计入的感染", "should be a number of days without an infection that counts")
            )
            clean = 0
        if not isinstance(counts, list) or not all(isinstance(c, str) and c in LISTS["case_status"] for c in counts):
            reader.one_of(rule, "counts", counts, LISTS["case_status"])
            counts = []
        found = ZoneRule(
            str(table.get("level")), reader.word(rule, "title", table.get("title")), reader.word(rule, "criteria", table.get("criteria")),
            clean or 0, tuple(counts), reader.text(rule, "source", table), reader.status(rule, table),
        )  # fmt: skip
        reader.wrongs(rule, of_zone(found, table.get("review")))
        yield found


def _parameters(reader: _Reader, raw: Raw) -> Iterator[Parameter]:
    tables = reader.tables(raw, "parameter")
    for name in twice(str(t.get("name")) for t in tables):
        reader.wrong(f"parameter {name}", "name", Word("写了两次", "is given twice"))
    for table in tables:
        rule = f"parameter {table.get('name')}"
        reader.keys(rule, table, {"name", "title", "value", "unit", "citation", "status"})
        value = table.get("value")
        if (
            not isinstance(value, int | float | str)
            or isinstance(value, bool)
            or value == ""
            or (isinstance(value, float) and not math.isfinite(value))
        ):
            reader.wrong(rule, "value", Word("应为数字,或写成文本的范围", "should be a number, or a range as text"))
            value = 0
        yield Parameter(
            reader.text(rule, "name", table), reader.word(rule, "title", table.get("title")), value,
            reader.text(rule, "unit", table), reader.text(rule, "citation", table), reader.status(rule, table),
        )  # fmt: skip


# --- where editions are -------------------------------------------------------------------------------------------------
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
    file = f"{path.absolute().parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except UnicodeDecodeError as error:
        right = Word(
            f"应为 UTF-8 文本:第 {error.start} 字节不是;请另存为 UTF-8",
            f"should be UTF-8 text: {error.reason} at byte {error.start}; save the file as UTF-8",
        )
        raise Broken([Mistake(file, "the file", "encoding", right.en, right.zh)]) from None
    return compile_edition(text, file)


__all__ = ["MEASURE_DUTIES", "TEMPLATES", "Broken", "Mistake", "compile_edition", "read_file", "shipped"]
