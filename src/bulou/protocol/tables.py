"""The tables of an edition that make no duty by themselves: measures, zones, exposures, pools, parameters. Compiles, decides nothing."""

import math
import re
from collections.abc import Collection, Iterable, Iterator

from bulou.basis.words import LISTS, Word
from bulou.protocol.lint import of_measure, of_zone, twice
from bulou.protocol.reader import MOST_DAYS, Reader, number
from bulou.protocol.rules import ExposureRule, Find, MeasureRule, Parameter, PassingRule, ZoneRule
from bulou.protocol.templates import Raw


def pool_sizes(reader: Reader, raw: Raw) -> tuple[int, ...]:
    pool = reader.table("the file", "pool", raw.get("pool"))
    reader.keys("pool", pool, {"sizes", "source", "url", "status"})
    sizes = pool.get("sizes", [1])
    if not isinstance(sizes, list) or not all(number(s, 1, 20) for s in sizes) or len(set(sizes)) != len(sizes):
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


def measures(reader: Reader, raw: Raw) -> Iterator[MeasureRule]:
    tables = reader.tables(raw, "measure")
    for ring in twice(str(t.get("ring")) for t in tables if t.get("after") is None):
        reader.wrong(f"measure {ring}", "ring", Word("写了两次;后续阶段须写 after", "is given twice; a phase that follows says after"))
    for phase in twice(f"{t.get('ring')} {t.get('measure')}" for t in tables):
        reader.wrong(f"measure {phase.split(' ')[0]}", "measure", Word("同一措施写了两次", "the same measure is given twice"))
    for table in tables:
        rule = f"measure {table.get('ring')}"
        days, first, hour, tests = (table.get("days"), table.get("first_day", 1), table.get("release_hour", 24), table.get("test_days", []))
        if not isinstance(table.get("measure"), str) or table["measure"] not in LISTS["measure"]:
            reader.one_of(rule, "measure", table.get("measure"), LISTS["measure"])
        if not number(days, 1, MOST_DAYS):
            reader.wrong(rule, "days", Word(f"应为 1 到 {MOST_DAYS} 的天数", f"should be a number of days from 1 to {MOST_DAYS}"))
            days = MOST_DAYS  # what follows from it is not told as well
        if table.get("length_from") not in ("last_exposure", "first_day"):
            reader.one_of(rule, "length_from", table.get("length_from"), ("last_exposure", "first_day"))
        if not number(hour, 0, 24):
            reader.wrong(rule, "release_hour", Word("应为 0 到 24 的钟点", "should be an hour from 0 to 24"))
        if not number(first, 0, 1):
            reader.wrong(rule, "first_day", Word("首日记为 0 或 1", "days are counted from 0 or from 1"))
            first = 1
        if not isinstance(tests, list) or not all(number(d, first, MOST_DAYS) for d in tests):
            reader.wrong(
                rule,
                "test_days",
                Word(f"应为从 {first} 起的日数,如 [1, 4, 7, 14]", f"should be a list of day numbers from {first} on, as in [1, 4, 7, 14]"),
            )
            tests = []
        found = MeasureRule(
            str(table.get("ring")), str(table.get("measure")), days or 1, str(table.get("length_from")), tuple(tests), first,
            bool(table.get("last_day", False)), hour, reader.text(rule, "source", table), reader.status(rule, table), table.get("after"),
        )  # fmt: skip
        earlier = [t.get("measure") for t in tables if t.get("ring") == found.ring and t is not table]
        if found.after is not None and found.after not in earlier:
            reader.one_of(rule, "after", found.after, [str(m) for m in earlier])
        reader.wrongs(rule, of_measure(found, table))
        yield found


def zones(reader: Reader, raw: Raw) -> Iterator[ZoneRule]:
    tables = reader.tables(raw, "zone")
    for level in twice(str(t.get("level")) for t in tables):
        reader.wrong(f"zone {level}", "level", Word("写了两次", "is given twice"))
    for table in tables:
        rule = f"zone {table.get('level')}"
        clean, counts = table.get("clean_days"), table.get("counts", [])
        if not number(clean, 0, MOST_DAYS):
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


def parameters(reader: Reader, raw: Raw) -> Iterator[Parameter]:
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


_EXPOSURE_KEYS = {"ring", "setting", "criteria", "look_back", "look_ahead", "after_negative", "higher_risk", "minutes", "metres", "rows", "find",
                  "source", "url", "status"}  # fmt: skip
_FIND_KEYS = {"places", "shares", "minutes", "rows", "crew", "lingers", "source", "url", "status"}
#: What visits and households can be asked; meetings that were told count under their setting without a word.
_SHARED = [s for s in LISTS["shares"] if s != "meeting"]


def exposures(reader: Reader, raw: Raw) -> Iterator[ExposureRule]:
    """The definitions of rings, each for a setting: what whoever judges holds a meeting against."""
    found = reader.tables(raw, "exposure")
    for name in twice(f"{t.get('ring')} {t.get('setting')}" for t in found):
        reader.wrong(f"exposure {name}", "setting", Word("写了两次", "is given twice"))
    for table in found:
        rule = f"exposure {table.get('ring')} {table.get('setting')}"
        reader.keys(rule, table, _EXPOSURE_KEYS)
        for key in ("ring", "setting"):
            if not isinstance(table.get(key), str) or table[key] not in LISTS[key]:
                reader.one_of(rule, key, table.get(key), LISTS[key])
        _whole(reader, rule, table, (("look_back", MOST_DAYS), ("look_ahead", MOST_DAYS), ("minutes", 24 * 60), ("rows", 100)))
        _yes_no(reader, rule, table, "after_negative")
        _yes_no(reader, rule, table, "higher_risk")
        if table.get("higher_risk") is True and table.get("ring") != "secondary":
            reader.wrong(
                rule,
                "higher_risk",
                Word("只有密接的密接才问密接的风险", "only the second ring lies behind close contacts whose risk is asked"),
            )
        metres = table.get("metres")
        if metres is not None and (isinstance(metres, bool) or not isinstance(metres, int | float) or not 0 < metres <= 100_000):
            reader.wrong(rule, "metres", Word("应为米数", "should be a number of metres"))
        yield ExposureRule(
            str(table.get("ring")), str(table.get("setting")), reader.word(rule, "criteria", table.get("criteria")), table.get("look_back"),
            table.get("minutes"), metres, table.get("rows"), reader.text(rule, "source", table), reader.status(rule, table),
            table.get("look_ahead"), table.get("after_negative") is True, tuple(_finds(reader, rule, table, raw)),
            higher_risk=table.get("higher_risk") is True,
        )  # fmt: skip


def _whole(reader: Reader, rule: str, table: Raw, keys: Iterable[tuple[str, int]], at: str = "") -> None:
    for key, most in keys:
        if key in table and not number(table[key], 0, most):
            reader.wrong(rule, at + key, Word(f"应为 0 到 {most} 的整数", f"should be a whole number from 0 to {most}"))


def _yes_no(reader: Reader, rule: str, table: Raw, key: str, at: str = "") -> None:
    if not isinstance(table.get(key, False), bool):
        reader.wrong(rule, at + key, Word("应为 true 或 false", "should be true or false"))


def _minutes_of(reader: Reader, rule: str, one: Raw, raw: Raw) -> Raw:
    """The same with its minutes as a number, where they name a parameter of the edition in minutes: "for long" of a text that gives none."""
    name = one.get("minutes")
    if not isinstance(name, str):
        return one
    known = [p for p in reader.tables(raw, "parameter") if p.get("unit") == "min" and number(p.get("value"), 0, 24 * 60)]
    value = next((p["value"] for p in known if p.get("name") == name), None)
    if value is None:
        reader.one_of(rule, "find.minutes", name, [str(p.get("name")) for p in known])
    return {**one, "minutes": value or 0}


def _finds(reader: Reader, rule: str, table: Raw, raw: Raw) -> Iterator[Find]:
    """How visits are asked for an exposure; minutes and rows are the exposure's own where they are not said again."""
    given = table.get("find", [])
    if not isinstance(given, list) or not all(isinstance(g, dict) for g in given):
        example = '[{ places = ["restaurant"], shares = "space", status = "unverified" }]'
        reader.wrong(rule, "find", Word(f"应为若干项,如 {example}", f"should be a list, as in {example}"))
        return
    for one in (_minutes_of(reader, rule, g, raw) for g in given):
        reader.keys(rule, one, _FIND_KEYS)
        shares, places, crew = one.get("shares"), one.get("places", []), one.get("crew", False)
        if not isinstance(shares, str) or shares not in _SHARED:
            reader.one_of(rule, "find.shares", shares, _SHARED)
            continue
        if not isinstance(places, list) or not all(isinstance(p, str) and p in LISTS["place"] for p in places):
            reader.one_of(rule, "find.places", places, LISTS["place"])
            continue
        if (shares == "household") == bool(places) or len(set(places)) != len(places):
            reader.wrong(
                rule, "find.places", Word("住户不写场所种类,其他须写,各一次", "a household names no places; all else names them, each once")
            )
        _whole(reader, rule, one, (("minutes", 24 * 60), ("rows", 100), ("lingers", 24 * 60)), "find.")
        _yes_no(reader, rule, one, "crew", "find.")
        rows = one.get("rows", table.get("rows")) if shares == "rows" else one.get("rows")
        if (shares == "rows") != (rows is not None):
            reader.wrong(
                rule,
                "find.rows",
                Word('只有 shares = "rows" 写排数,且必须写', 'rows are said where shares = "rows", and must be said there'),
            )
        if crew and shares not in ("rows", "carriage"):
            reader.wrong(rule, "find.crew", Word("只有车厢和座位才有乘务员", "only rows and carriages have a crew"))
        if shares == "household" and ("minutes" in one or "lingers" in one):
            reader.wrong(rule, "find.minutes", Word("同住不计分钟", "a household counts no minutes"))
        minutes = None if shares == "household" else one.get("minutes", table.get("minutes"))
        status = reader.status(rule, one)
        if status == "official" and not reader.url(rule, one):
            reader.wrong(rule, "find.status", Word("标为官方文本须给出网址", "official needs the url of the text that was compared"))
        source = reader.text(rule, "source", one) if "source" in one else str(table.get("source", ""))
        yield Find(tuple(places), shares, minutes, rows, bool(crew), one.get("lingers", 0), source, status)


#: What a door may be closed to, with the closed list of each.
_CLOSES = {"order": "measure", "zone": "zone_level", "place": "place"}
#: Words that would tell at a door what someone is suspected of: in no sentence that is read out there.
_TELLING = re.compile(
    r"阳性|阴转|确诊|无症状|密接|密切接触|次密|疑似|感染|病例|positive|confirmed|asymptomatic|contact|infect|case|suspect", re.IGNORECASE
)


def passings(reader: Reader, raw: Raw, diseases: Collection[str]) -> Iterator[PassingRule]:
    """Who may not pass a door for now, each with the sentence that is read out there."""
    found = reader.tables(raw, "passing")
    names = [_passing_name(t) for t in found]
    for name in twice(names):
        reader.wrong(name, "passing", Word("写了两次", "is given twice"))
    for name, table in zip(names, found, strict=True):
        reader.keys(name, table, {*_CLOSES, "who", "doors", "tested_hours", "says", "source", "url", "status"})
        said = [w for w in _CLOSES if w in table]
        if len(said) != 1:
            reader.wrong(name, "order", Word("应写 order、zone、place 之一", "should say one of order, zone and place"))
            continue
        when, what = said[0], table[said[0]]
        if not isinstance(what, str) or what not in LISTS[_CLOSES[when]]:
            reader.one_of(name, when, what, LISTS[_CLOSES[when]])
        who, doors, hours = table.get("who"), table.get("doors", "all"), table.get("tested_hours")
        if (when == "zone") != (who in ("inside", "outside")):
            reader.wrong(
                name, "who", Word("风险区须写 inside 或 outside,其他不写", "a zone says inside or outside, the others say nothing")
            )
        if doors not in ("all", "outside"):
            reader.one_of(name, "doors", doors, ("all", "outside"))
        if (when == "place") != (hours is not None) or (hours is not None and not number(hours, 1, 168)):
            reader.wrong(
                name, "tested_hours", Word("场所须写 1 到 168 小时,其他不写", "a place says from 1 to 168 hours, the others say nothing")
            )
            hours = None
        says = reader.word(name, "says", table.get("says"))
        if any(_TELLING.search(text) or any(d and d.casefold() in text.casefold() for d in diseases) for text in says):
            reader.wrong(
                name,
                "says",
                Word("门口的话不得透露病情或接触", "what is read out at a door tells nothing of an illness or whom someone met"),
            )
        yield PassingRule(
            name,
            when,
            str(what),
            str(who or ""),
            str(doors),
            hours or 0,
            says,
            reader.text(name, "source", table),
            reader.status(name, table),
        )


def _passing_name(table: Raw) -> str:
    return ".".join(["passing", *(f"{w}.{table[w]}" for w in _CLOSES if w in table), *([str(table["who"])] if "who" in table else [])])
