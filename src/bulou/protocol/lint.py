"""What can be wrong with an edition beyond its grammar: what may never be asked, and what no fact could ever meet. Pure.

``read`` collects mistakes while it compiles and asks here for the rest; loading refuses them all, ``bulou protocol lint``
prints them. A mistake says the file, the line, the rule, the key and what would be right, in both languages.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from bulou.basis.kinds import FORBIDDEN, KINDS, Field, Value, members
from bulou.basis.time import DAY, HOUR, Duration
from bulou.basis.words import Word
from bulou.protocol.branches import evidence_field, relation_of
from bulou.protocol.readings import MET, READINGS
from bulou.protocol.rules import Days, Edition, Every, Match, MeasureRule, Once, PassingRule, Read, Rule, ZoneRule
from bulou.protocol.templates import ZONE_DUTIES

#: No rule makes more turns than this for one subject; the engine stops there, so an edition may not reach it.
MOST_TURNS = 2_000
#: A rule whose end is not a length (a zone is lifted, an order is over) must be able to run for so long.
LONGEST = 180 * DAY
#: A rule on duties numbers the turns of its bases; there is room for so many.
MOST_BASES = 10


class Mistake(NamedTuple):
    """One mistake in an edition's file: where it is and what would be right, in English and in Chinese."""

    file: str
    rule: str
    key: str
    right: str
    right_zh: str
    line: int | None = None

    def text(self, lang: str) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule}: {self.key}: {self.right_zh if lang == 'zh' else self.right}"

    def __str__(self) -> str:
        return self.text("en")


class Broken(ValueError):
    """An edition with mistakes; carries them all."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class Wrong(NamedTuple):
    """A mistake before it has a file: the key, and what would be right."""

    key: str
    right: Word


SORTING = Word(
    "任何规则不得按户籍、民族、国籍区分人,只能看人到过哪里",
    "no rule may sort people by registration, ethnicity or nationality, only by where they were",
)
#: Other names for the same thing, and fields that would stand in for it.
_ALSO_FORBIDDEN = frozenset({
    "document", "document_kind", "hukou", "citizenship", "birthplace", "native_place", "tribe", "caste", "origin",
    "户籍", "户籍地", "户口", "籍贯", "民族", "国籍", "种族", "宗教", "证件类型",
})  # fmt: skip
#: Texts for people, which may use any word.
_TEXTS = frozenset({"title", "disease_title", "authority", "criteria", "source", "citation", "url"})


def is_forbidden(word: object) -> bool:
    """Whether a word of a rule would sort people by where they are registered or what people they belong to."""
    if not isinstance(word, str):
        return False
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    return plain in FORBIDDEN or plain in _ALSO_FORBIDDEN


def sorting(raw: object, path: str = "") -> Iterator[str]:
    """Where in a table, however deep, such a word stands as a key or as a value."""
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            here = f"{path}.{key}" if path else str(key)
            if is_forbidden(key):
                yield here
            elif key not in _TEXTS:
                yield from sorting(value, here)
    elif isinstance(raw, list):
        for each in raw:
            yield from sorting(each, path)
    elif is_forbidden(raw):
        yield path


def near(word: object, known: Iterable[str]) -> Word:
    """What someone may have meant: " did you mean …?", or nothing."""
    found = difflib.get_close_matches(str(word), list(known), 1)
    return Word(f";是否想写 {found[0]}?", f"; did you mean {found[0]}?") if found else Word("", "")


# --- one rule ---------------------------------------------------------------------------------------------------------
def of_rule(rule: Rule, edition_url: str | None) -> Iterator[Wrong]:
    """What is wrong with a rule whose words are each in order."""
    disease = rule.edition.split("/")[0]
    yield from _official(rule.status, rule.url or edition_url)
    if rule.within.days is None and rule.within.micros <= 0 and isinstance(rule.turns, Once):
        yield Wrong("within", Word("不能为零:没有人能在零时间内做到", "may not be 0: nobody can do anything in no time"))
    yield from _readings(rule)
    yield from _turns(rule)
    yield from _ends(rule)
    yield from _filters("on", rule.on, disease)
    if rule.after:
        yield from _on_duties(rule)
        return
    if isinstance(rule.must, Match):
        yield from _filters("must", rule.must, disease)
        if all(w.key != "must" for w in _filters("must", rule.must, disease)) and _only_openers(rule, rule.must):
            yield Wrong("must", Word("能满足它的事实都会再次触发本规则,永远无人能完成",
                                     "whatever would meet it opens the rule again: nobody could ever do it"))  # fmt: skip
    yield from _holds(rule)


def _readings(rule: Rule) -> Iterator[Wrong]:
    """Readings asked of a rule that they cannot read: of another opening fact, or of subjects of another type."""
    named = [("from", rule.start.reading), ("given", rule.given), ("must", rule.must if isinstance(rule.must, str) else None)]
    named += [(f"until[{i}]", until.reading) for i, until in enumerate(rule.until)]
    subject = relation_of(rule).subject
    for key, name in named:
        reading = READINGS.get(name or "")
        if reading is None:
            continue
        if reading.on and reading.on != rule.on.kind:
            yield Wrong(
                key,
                Word(f"读数“{name}”只用于从 {reading.on} 开始的规则", f'the reading "{name}" is for rules that start from {reading.on}'),
            )
        of = {_entered(read) for read in reading.reads if read.start == "subject"}
        if of - {subject}:
            yield Wrong(key, Word(f"读数“{name}”说的是 {'、'.join(sorted(of))},本规则的对象是 {subject}",
                                  f'the reading "{name}" speaks of a {", ".join(sorted(of))}, and this rule\'s subject is a {subject}'))  # fmt: skip


def _entered(read: Read) -> str:
    """The type of what a read starts from."""
    kind, name = (read.steps[0].kind, read.steps[0].enter) if read.steps else (read.kind, read.field)
    field = KINDS[members(kind, name)[0]].field(name)
    return str(field.ref) if field else name


def _official(status: str, url: str | None) -> Iterator[Wrong]:
    if status == "official" and not url:
        yield Wrong("status", Word("标为官方文本须给出网址", "official needs the url of the text that was compared"))


def _filters(key: str, match: Match, disease: str) -> Iterator[Wrong]:
    """Filters that no fact can pass: no value at all, a value of another type, another disease."""
    kind = KINDS[match.kind]
    for name, values in match.equal:
        field = kind.field(name)
        assert field
        if not values:
            yield Wrong(f"{key}.{name}", Word("空列表:没有事实能满足", "is an empty list: no fact could meet it"))
        for value in sorted(values, key=repr):
            if not _fits(field, value):
                yield Wrong(f"{key}.{name}", Word(f"{value!r} 与该项类型不符,没有事实能满足",
                                                  f"{value!r} is not of the field's type ({field.type}): no fact could meet it"))  # fmt: skip
            elif name == "disease" and value != disease:
                yield Wrong(f"{key}.disease", Word(f"只有 {disease} 的事实算数", f"only facts of {disease} count under this edition"))


def _fits(field: Field, value: Value) -> bool:
    if isinstance(value, bool):
        return field.type == "bool"
    return isinstance(value, {"int": int, "instant": int, "float": int | float}.get(field.type, str)) and field.type not in ("id", "bool")


def _implies(narrow: Match, wide: Match) -> bool:
    """Whether every fact that passes ``narrow`` passes ``wide``."""
    given = dict(narrow.equal)
    return narrow.kind == wide.kind and all(f in given and given[f] <= allowed for f, allowed in wide.equal)


def _only_openers(rule: Rule, must: Match) -> bool:
    """Whether all evidence would itself open the cell; what opens a cell never discharges it."""
    return _implies(must, rule.on) and evidence_field(rule, must, relation_of(rule))[0] in rule.key


def _turns(rule: Rule) -> Iterator[Wrong]:
    turns = rule.turns
    planned = _planned(rule)
    if isinstance(turns, Every):
        length = turns.length.micros if turns.length.days is None else turns.length.days * DAY
        if length <= 0:
            yield Wrong("turns.every", Word("不能为零", "may not be 0"))
        elif not rule.until:
            yield Wrong("until", Word("每隔一段时间重复的规则必须写明何时结束", "a rule that repeats must say when it ends"))
        elif (min(planned) if planned else LONGEST) // length > MOST_TURNS:
            yield Wrong("turns.every", Word(f"一人会有超过 {MOST_TURNS} 轮", f"would make more than {MOST_TURNS} turns for one subject"))
    if isinstance(turns, Days):
        if list(turns.days) != sorted(set(turns.days)):
            yield Wrong("turns.days", Word("应从小到大排列、不重复", "should be in order, each day once"))
        if planned and turns.days and max(turns.days) - turns.first > min(planned) // DAY:
            yield Wrong(
                "turns.days", Word(f"第 {max(turns.days)} 天在规则结束之后", f"day {max(turns.days)} lies after the rule's own end")
            )


def _planned(rule: Rule) -> list[int]:
    """The lengths after which a rule ends by itself, in microseconds; a day counts whole."""
    return [u.after.micros if u.after.days is None else (u.after.days + 1) * DAY for u in rule.until if u.after]


def _ends(rule: Rule) -> Iterator[Wrong]:
    """Ends that come at once, or before anyone could be late."""
    for i, until in enumerate(rule.until):
        key = f"until[{i}]"
        if until.match and _implies(rule.on, until.match) and rule.key[0] == (until.match.by or rule.key[0]):
            yield Wrong(key, Word("触发它的事实同时使它结束", "the fact that opens the rule ends it at once"))
        if until.reading and until.reading == rule.start.reading:
            yield Wrong(key, Word("开始与结束是同一时刻", "it begins and ends at the same moment"))
        if until.field and until.field == rule.start.field and not rule.start.reading:
            yield Wrong(key, Word("开始与结束是同一时刻", "it begins and ends at the same moment"))
        if until.after and isinstance(rule.turns, Once) and _surely_before(until.after, rule.within):
            yield Wrong(key, Word(f"到期({rule.within})之前就结束,永远无人会超时",
                                  f"ends before it is due ({rule.within}): nobody could ever be late"))  # fmt: skip


def _surely_before(end: Duration, due: Duration) -> bool:
    """Whether a stretch is over before another, whenever it begins: n days end at 24:00 of the n-th day after."""
    if (end.days is None) == (due.days is None):
        return (end.days or end.micros) < (due.days or due.micros)
    if end.days is None:
        return end.micros < (due.days or 0) * DAY
    return (end.days + 1) * DAY <= due.micros


def _on_duties(rule: Rule) -> Iterator[Wrong]:
    assert rule.after
    if len(rule.after.rules) > MOST_BASES or len(set(rule.after.rules)) != len(rule.after.rules):
        yield Wrong("after", Word(f"最多列 {MOST_BASES} 条规则,每条一次", f"names at most {MOST_BASES} rules, each once"))
    if not (rule.must == MET or (isinstance(rule.must, Match) and rule.must.kind == "gap.answered")):
        yield Wrong("must", Word("建立在任务之上的规则只能要求任务完成或 gap.answered",
                                 "a rule on duties asks for the duties themselves, or for gap.answered"))  # fmt: skip
    if not isinstance(rule.turns, Once):
        yield Wrong("turns", Word("建立在任务之上的规则随任务的轮次", "a rule on duties has the turns of its duties"))
    for key, given in (("given", rule.given), ("until", rule.until), ("from", rule.start.reading or rule.start.field != "at")):
        if given:
            yield Wrong(key, Word("在建立于任务之上的规则里没有意义", "has no meaning in a rule on duties"))


def _holds(rule: Rule) -> Iterator[Wrong]:
    """Who is told to stay put is held: only under a standing authorisation, and never longer than its hours."""
    must = rule.must
    if not isinstance(must, Match) or must.kind != "notice.given" or "hold" not in dict(must.equal).get("about", frozenset()):
        return
    if rule.given != "hold authorised":
        yield Wrong("given", Word('自动等候须有常设授权:given = "hold authorised"',
                                  'an automatic hold needs a standing authorisation: given = "hold authorised"'))  # fmt: skip
    lengths = [u.after for u in rule.until if u.after]
    short = any(d.days is None and d.micros <= 24 * HOUR for d in lengths)
    if not short and not any(u.reading in ("hold over", "hold at its limit") for u in rule.until):
        yield Wrong("until", Word("等候至多 24 小时", "a hold lasts at most 24 h"))


# --- tables -----------------------------------------------------------------------------------------------------------
def of_measure(measure: MeasureRule, duties: Iterable[str]) -> Iterator[Wrong]:
    """Test days that are out of order, that no order is long enough for, or that nothing asks for."""
    days = [d for d in measure.test_days if isinstance(d, int)]
    if days != sorted(set(days)):
        yield Wrong("test_days", Word("应从小到大排列、不重复", "should be in order, each day once"))
    late = [d for d in days if d > measure.days + measure.first_day]
    if late:
        yield Wrong("test_days", Word(f"第 {late[0]} 天:{measure.days} 天的隔离令到不了",
                                      f"day {late[0]} is reached by no order of {measure.days} days"))  # fmt: skip
    if days and "test" not in duties:
        yield Wrong(
            "test", Word("写了检测日却没有检测任务:加上 test = {}", "test days are given and nothing asks for the tests: add test = {}")
        )


def of_zone(zone: ZoneRule, review: Any) -> Iterator[Wrong]:
    """A decision on lifting that the zone's own table contradicts."""
    if not isinstance(review, Mapping):
        return
    if not zone.counts:
        yield Wrong("counts", Word("写了研判就要写明哪些感染计入", "a decision on lifting needs the infections that count"))
    within = str(review.get("within", "")).replace(" ", "")
    if within.endswith("d") and within != f"{zone.clean_days}d":
        yield Wrong("review.within", Word(f"与 clean_days = {zone.clean_days} 不一致", f"differs from clean_days = {zone.clean_days}"))


def twice(names: Iterable[str]) -> list[str]:
    """The names that come more than once."""
    seen: set[str] = set()
    return sorted({n for n in names if n in seen or seen.add(n)})  # type: ignore[func-returns-value]


# --- what a signature takes over ----------------------------------------------------------------------------------------
def unverified(edition: Edition) -> list[Rule]:
    """The rules whose source nobody has checked, in the order of the edition: who adopts it signs each of them.

    A rule without a status of its own has that of its section, so the tables of measures and zones are in it by their rules.
    """
    return [rule for rule in edition.rules if rule.status == "unverified"]


def unverified_at_doors(edition: Edition) -> list[PassingRule]:
    """What is said at doors and nobody has checked: it restricts people as rules do, and is signed like them."""
    return [rule for rule in edition.passings if rule.status == "unverified"]


# --- lines ------------------------------------------------------------------------------------------------------------
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")


def line_of(text: str, rule: str, key: str) -> int | None:
    """The line on which a mistake most likely stands: the key's within its section, else the section's own."""
    blocks: list[tuple[int, str, list[str]]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        header = _HEADER.match(line)
        if header:
            blocks.append((number, header[1].replace(" ", ""), []))
        elif blocks:
            blocks[-1][2].append(line)
    wanted = re.split(r"[.\[]", key, maxsplit=1)[0]
    if rule == "the file":
        return next((n for n, name, _ in blocks if name.partition(".")[0] == wanted), None)
    for number, name, body in blocks:
        inner = _inner(rule, name, body)
        if inner is None:
            continue
        for name_of_key in (inner, wanted):
            for offset, line in enumerate(body, start=1):
                if name_of_key and re.match(rf"\s*{re.escape(name_of_key)}\s*[=.]", line):
                    return number + offset
        return number
    return None


def _inner(rule: str, header: str, body: list[str]) -> str | None:
    """Whether a rule is made by this section, and the key inside that makes it ("" for the whole); None: another section."""
    first, _, rest = rule.replace(" ", ".").partition(".")
    said = {m[1]: m[2] for line in body if (m := re.match(r'\s*(ring|setting|measure|level|step|name)\s*=\s*"([^"]*)"', line))}
    if header in (rule, first) and header in (rule, "edition", "pool"):
        return ""
    if header == "measure" and said.get("ring") in (first, rest):
        phase, _, duty = rest.partition(".")
        if duty and said.get("measure") not in (None, phase):
            return None
        return (duty or rest) if first == said["ring"] else ""
    if header == "zone" and first == "zone" and said.get("level") in rule.split(".") + rule.split():
        duty = rest.partition(".")[0]
        return duty if duty in ZONE_DUTIES else ""
    if header == "plan" and first == "plan" and said.get("step") == rest:
        return ""
    if header == "exposure" and first == "exposure" and rest == f"{said.get('ring')}.{said.get('setting')}":
        return ""
    if header == "parameter" and first == "parameter" and said.get("name") == rest:
        return ""
    if said.get("name") == rule:
        return ""
    return None


__all__ = [
    "MOST_TURNS", "SORTING", "Broken", "Mistake", "Wrong", "is_forbidden", "line_of", "near", "of_measure", "of_rule", "of_zone",
    "sorting", "twice", "unverified",
]  # fmt: skip
