"""How others count, kept as data: by which clock, until when, which states, which unit. Counts lists as they would; judges nobody."""

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bulou.basis.time import add_days
from bulou.basis.words import UNIT, Word
from bulou.lists import sameness
from bulou.lists.bridge import Bridge, bridge, dated
from bulou.lists.columns import DATES
from bulou.lists.comparing import DIFFERING, Comparison

COUNTINGS = ("cumulative", "new")


class NotADefinition(ValueError):
    """A definition that cannot be read: which one, which field, and what would be right."""


class Definition(NamedTuple):
    """How someone counts.

    ``unit``: ``people`` (each once), ``samples`` (each row) or ``households`` (each household once). ``clock``: the date that decides
    (a field of ``columns.DATES``; empty: no date decides). ``cut_off``: the hour at which a day ends, ``HH:MM``; 24:00 is midnight.
    ``counting``: ``cumulative`` until the cut-off of the day, ``new`` since that of the day before. ``states``: only these (empty:
    all); ``without``: never these; ``areas``: only these. ``undated``: whether a row without that date is counted. A day without its
    hour counts with its day.
    """

    code: str
    zh: str
    en: str
    unit: str = "people"
    clock: str = ""
    cut_off: str = "24:00"
    counting: str = "cumulative"
    states: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    undated: bool = False

    def say(self, day: str) -> Word:
        """The definition as it stands beside its figure: what is counted, by which clock, until when."""
        zh, en = [UNIT[self.unit].zh], [UNIT[self.unit].en]
        if self.clock:
            clock = CLOCK_WORDS[self.clock]
            zh.append(f"按{clock.zh},{day} {self.cut_off} 截止" + (",当日新增" if self.counting == "new" else ""))
            en.append(f"by {clock.en} until {day} {self.cut_off}" + (", new that day" if self.counting == "new" else ""))
        for words, zh_word, en_word in (
            (self.states, "只计", "only"),
            (self.without, "不计", "without"),
            (self.areas, "只计区域", "only areas"),
        ):
            if words:
                zh.append(zh_word + "、".join(words))
                en.append(f"{en_word} {', '.join(words)}")
        return Word(";".join(zh), "; ".join(en))


#: How the clocks of ``columns.DATES`` are called.
CLOCK_WORDS: dict[str, Word] = {field: word for field, word in DIFFERING.items() if field in DATES}
#: Everyone whom the lists name, once: what "ours" is where nothing else is said.
EVERYONE = Definition("ours", "名单上的人,各计一次", "everyone in the lists, once")


class Counted(NamedTuple):
    """What a definition gives: the figure, the records that are counted, and why each of the others is not (a term of ``bridge``)."""

    definition: Definition
    day: str
    number: int
    records: tuple[int, ...]
    left_out: dict[int, str]


def last_day(comparison: Comparison) -> str:
    """The latest day in any of the lists; empty where they carry no date. The machine is never asked what day it is."""
    return max((dated(comparison, r)[:10] for r in range(comparison.size)), default="")


def count(comparison: Comparison, definition: Definition, day: str, lists: Iterable[int] | None = None) -> Counted:
    """Counts the rows of some lists (all without ``lists``) as a definition says, for a day."""
    chosen = set(range(len(comparison.lists)) if lists is None else lists)
    records, left_out = list[int](), dict[int, str]()
    rule = _Rule(comparison, definition, day)
    for r in range(comparison.size):
        if comparison.of[r] in chosen:
            why = rule.against(r)
            if why:
                left_out[r] = why
            else:
                records.append(r)
    return Counted(definition, day, len(set(_units(comparison, definition.unit, records))), tuple(records), left_out)


def difference(
    comparison: Comparison, ours: Definition, theirs: Definition, day: str, lists: Iterable[int] | None = None
) -> tuple[Counted, Counted, Bridge]:
    """Our count, theirs, and the bridge from ours to theirs over the people: whom they leave out and why, whom they have besides.

    The bridge is in people whatever the definitions count; figures of other units stand beside it and are not added.
    """
    chosen = None if lists is None else set(lists)
    mine, other = count(comparison, ours, day, chosen), count(comparison, theirs, day, chosen)
    a, b = ({comparison.person_of(r) for r in c.records} for c in (mine, other))
    terms: dict[str, list[int]] = {}
    for number in sorted(a - b):
        held = [r for r in comparison.person(number).records if r in other.left_out]
        terms.setdefault(other.left_out[held[0]] if held else "unexplained_fewer", []).append(number)
    for number in sorted(b - a):
        terms.setdefault("unexplained_more", []).append(number)
    return mine, other, bridge((ours.code, len(a)), (theirs.code, len(b)), terms)


def _units(comparison: Comparison, unit: str, records: Sequence[int]) -> Iterable[object]:
    if unit == "people":
        return (comparison.person_of(r) for r in records)
    if unit == "households":
        column = comparison.values.get("household")
        return (sameness.plain(v) for r in records if column and (v := column[r]))
    return records


def _instant(day: str, time: str) -> str:
    """A moment that sorts as text; 24:00 of a day is 00:00 of the next."""
    return f"{add_days(day, 1)} 00:00" if day and time == "24:00" else f"{day} {time}"


class _Rule:
    """A definition made ready for many rows."""

    def __init__(self, comparison: Comparison, definition: Definition, day: str) -> None:
        self.values, self.definition = comparison.values, definition
        self.states = {sameness.state(s) for s in definition.states}
        self.without = {sameness.state(s) for s in definition.without}
        self.areas = {sameness.area(a) for a in definition.areas}
        self.day, self.before = day, add_days(day, -1) if day else ""
        self.until, self.since = _instant(day, definition.cut_off), _instant(self.before, definition.cut_off)

    def _of(self, field: str, record: int) -> str:
        column = self.values.get(field)
        return (column[record] or "") if column else ""

    def against(self, record: int) -> str:
        """The term under which a row is not counted; empty when it is."""
        if self.areas and sameness.area(self._of("area", record)) not in self.areas:
            return "other_area"
        said = sameness.state(self._of("state", record))
        if said in self.without or (self.states and said not in self.states):
            return "other_state"
        if self.definition.clock:
            day, time = sameness.moment(self._of(self.definition.clock, record))
            if not day or day.startswith("-"):
                return "" if self.definition.undated else "undated"
            # a day without its hour counts with its day, whatever the hour of the cut-off
            late, early = (
                (_instant(day, time) > self.until, _instant(day, time) <= self.since) if time else (day > self.day, day <= self.before)
            )
            if late or (self.definition.counting == "new" and early):
                return "other_cut_off"
        return ""


# --- as data ----------------------------------------------------------------------------------------------------------
_LISTS = ("states", "without", "areas")


def read(text: str, form: str = "toml") -> list[Definition]:
    """The definitions in a text of TOML (``[[definition]]`` tables) or JSON (a list of objects). Raises ``NotADefinition``."""
    try:
        raw = json.loads(text) if form == "json" else tomllib.loads(text).get("definition")
    except ValueError as wrong:
        raise NotADefinition(f"this is not {form.upper()}: {wrong}") from wrong
    if not isinstance(raw, list) or not raw:
        raise NotADefinition("there is no definition: in TOML each begins with [[definition]], in JSON they are a list")
    found = [_one(n, each) for n, each in enumerate(raw, start=1)]
    codes = [d.code for d in found]
    if len(set(codes)) < len(codes):
        raise NotADefinition(f"two definitions have the code {next(c for c in codes if codes.count(c) > 1)}")
    return found


def _one(n: int, raw: Any) -> Definition:
    if not isinstance(raw, dict) or not isinstance(raw.get("code"), str) or not raw["code"]:
        raise NotADefinition(f"definition {n} has no code")
    who = f"definition {n} ({raw['code']})"
    for key, value in raw.items():
        if key not in Definition._fields:
            raise NotADefinition(f"{who}: there is no field {key}; there are {', '.join(Definition._fields)}")
        wanted = list if key in _LISTS else bool if key == "undated" else str
        if not isinstance(value, wanted) or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            raise NotADefinition(
                f"{who}: {key} should be {'a list of words' if wanted is list else 'true or false' if wanted is bool else 'text'}"
            )
    said: dict[str, Any] = {k: tuple(v) if k in _LISTS else v for k, v in raw.items()}
    said.setdefault("zh", said.get("en", said["code"]))
    said.setdefault("en", said["zh"])
    made = Definition(**said)
    for key, value, allowed in (
        ("unit", made.unit, ("people", "samples", "households")),
        ("clock", made.clock, ("", *DATES)),
        ("counting", made.counting, COUNTINGS),
    ):
        if value not in allowed:
            raise NotADefinition(f"{who}: {key} is {value!r}; it may be {', '.join(filter(None, allowed))}")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", made.cut_off):
        raise NotADefinition(f"{who}: cut_off is {made.cut_off!r}; it should be an hour such as 20:00")
    return made


def write(definitions: Iterable[Definition], form: str = "toml") -> str:
    """The same definitions as text that ``read`` takes."""
    raw: list[dict[str, Any]] = [{k: list(v) if isinstance(v, tuple) else v for k, v in d._asdict().items()} for d in definitions]
    if form == "json":
        return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"
    lines = ["# How others count. See docs/how-to/compare-lists.md."]
    for each in raw:
        lines += ["", "[[definition]]", *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in each.items())]
    return "\n".join(lines) + "\n"
