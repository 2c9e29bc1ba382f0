"""Reads an edition: TOML in typed sections that an epidemiologist writes, compiled to rules. Runs nothing, guesses nothing.

Sections are shorthand: each duty of a section is a template of the twelve words below, in which the file fills the numbers,
the source and the status. ``[[rule]]`` gives all twelve words itself. Every mistake is collected with the file, the line, the
rule, the key and what would be right; lint prints them, loading refuses them. No text whatever makes it fail otherwise.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from bulou.basis.words import LISTS, Word
from bulou.protocol import tables
from bulou.protocol.branches import with_branches
from bulou.protocol.calling import calling
from bulou.protocol.lint import SORTING, Broken, Mistake, is_forbidden, near, sorting
from bulou.protocol.reader import REQUIRED, Reader
from bulou.protocol.readings import MET
from bulou.protocol.rules import Edition, Rule
from bulou.protocol.templates import FOLLOWING, MEASURE_DUTIES, TEMPLATES, ZONE_DUTIES, Raw

_SECTIONS = {"edition", "testing", "recall", "case", "contact", "measure", "zone", "reporting", "plan", "escalation", "release",
             "rule", "parameter", "pool", "exposure", "passing", "objection", "letter", "call", "callup", "point", "signal"}  # fmt: skip
_CLOCK_KEYS = {"within", "every", "answers", "source", "url", "status", "title", "must", "until", "from"}
_MEASURE_KEYS = {"ring", "measure", "days", "length_from", "test_days", "first_day", "last_day", "release_hour", "after", "source", "url", "status",
                 *MEASURE_DUTIES}  # fmt: skip
_ZONE_KEYS = {"level", "title", "criteria", "clean_days", "counts", "source", "url", "status", *ZONE_DUTIES}
#: Days of a zone's tests stand in the duty itself.
_ZONE_TEST_KEYS = {"days", "first_day"}


#: A name that can stand in an id and in a file: rules, steps, parameters.
_NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
_EDITION = re.compile(r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


# --- the file ---------------------------------------------------------------------------------------------------------
def compile_edition(text: str, file: str) -> Edition:
    """The edition that ``text`` says; Broken with every mistake when it says something else.

    ``file`` names it in messages, as ``covid19/cn-7.toml``; the edition's id must be the same without ``.toml``.
    """
    reader = Reader(file, text)
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
    reader.keys("edition", head, {"id", "disease", "title", "disease_title", "authority", "valid_from", "valid_until", "url"})
    id_, disease, url = reader.text("edition", "id", head), reader.text("edition", "disease", head), reader.url("edition", head)
    _check_head(reader, head, id_, disease)
    raws = dict(_rules(reader, raw))
    rules = [r for name, each in raws.items() if (r := reader.rule(id_, name, each, url)) is not None]
    _check_strata(reader, rules, set(raws))
    edition = Edition(
        id_, disease, reader.word("edition", "title", head.get("title")),
        reader.word("edition", "disease_title", head.get("disease_title")),
        reader.word("edition", "authority", head.get("authority")), reader.text("edition", "valid_from", head), url,
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), tuple(rules), tuple(tables.zones(reader, raw)),
        tuple(tables.measures(reader, raw)), tables.pool_sizes(reader, raw), tuple(tables.parameters(reader, raw)),
        tuple(tables.exposures(reader, raw)), head.get("valid_until"),
        tuple(tables.passings(reader, raw, _called(head, disease))), calling(reader, raw),
    )  # fmt: skip
    if not raws:
        reader.wrong("the file", "rule", Word("没有规则的方案什么都不要求", "an edition without a rule asks for nothing"))
    if reader.mistakes:
        raise Broken(sorted(reader.mistakes, key=lambda m: m.line or 0))
    return with_branches(edition)


def _called(head: Raw, disease: str) -> list[str]:
    """What the disease is called, so that no sentence of a door says it."""
    title = head.get("disease_title")
    return [disease, *(t for t in (title.values() if isinstance(title, dict) else ()) if isinstance(t, str))]


def _check_head(reader: Reader, head: Raw, id_: str, disease: str) -> None:
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
    until = head.get("valid_until")
    if until is not None and (not isinstance(until, str) or not _DAY.match(until) or (isinstance(valid, str) and until < valid)):
        reader.wrong("edition", "valid_until", Word("应为不早于 valid_from 的日期", "should be a day YYYY-MM-DD, not before valid_from"))


def _clock(reader: Reader, name: str, template: Raw, table: Any) -> Raw:
    if not isinstance(table, dict):
        reader.wrong(name, "the section", Word("应为一节,写 within、source、status", "should be a table with within, source and status"))
        return dict(template)  # the caller fills it in: the template itself is everyone's
    reader.keys(name, table, _CLOCK_KEYS)
    filled = {**template, **{k: v for k, v in table.items() if k in _CLOCK_KEYS and k not in ("every", "must")}}
    if "must" in table:
        base, own = template.get("must"), table["must"]
        filled["must"] = {**base, **own} if isinstance(own, dict) and isinstance(base, dict) else own
    if "every" in table:
        filled["turns"] = {"every": table["every"]}
    return filled


def _rules(reader: Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
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


def _all_rules(reader: Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
    yield from _base_rules(reader, raw)
    below = dict(_base_rules(Reader(reader.file), raw))
    for when, section in (("overdue", "escalation"), ("missing", "release")):
        for table in reader.tables(raw, section):
            yield from _after_rule(reader, table, section, when, below)


def _base_rules(reader: Reader, raw: Raw) -> Iterator[tuple[str, Raw]]:
    for section in ("testing", "recall", "case", "contact", "objection", "letter", "callup", "point", "signal", "reporting"):
        for key, table in reader.table("the file", section, raw.get(section)).items():
            name = f"{section}.{key}"
            if name in TEMPLATES:
                yield name, _clock(reader, name, TEMPLATES[name], table)
            elif not is_forbidden(key):
                known = [t for t in TEMPLATES if t.startswith(section)]
                reader.wrong(section, key, reader.unknown(name, known, Word("这一节没有这项任务", "is no duty of this section")))
    measures = reader.tables(raw, "measure")
    for table in measures:
        phased = sum(t.get("ring") == table.get("ring") for t in measures) > 1
        yield from _measure_rules(reader, table, phased)
    for table in reader.tables(raw, "zone"):
        yield from _zone_rules(reader, table)
    for table in reader.tables(raw, "plan"):
        yield from _plan_rule(reader, table)
    for table in reader.tables(raw, "rule"):
        own = table.get("name")
        if isinstance(own, str):
            yield own, {k: v for k, v in table.items() if k != "name"}
        else:
            reader.wrong("rule", "name", REQUIRED)


def _measure_rules(reader: Reader, table: Raw, phased: bool) -> Iterator[tuple[str, Raw]]:
    """The duties of a measure. Of a ring with several phases each asks of the orders of its own measure alone."""
    ring = table.get("ring")
    rings = [k for k in LISTS["ring"] if k != "excluded"]
    if not isinstance(ring, str) or ring not in rings:
        reader.one_of("measure", "ring", ring, rings)
        return
    reader.keys(f"measure {ring}", table, _MEASURE_KEYS)
    inherited = {k: table[k] for k in ("source", "url", "status") if k in table}
    after, measure = table.get("after"), table.get("measure")
    own: Raw = {"kind": "order.made", "ring": ring, **({"measure": measure} if phased else {})}
    for duty, first in MEASURE_DUTIES.items():
        if duty not in table:
            continue
        template = FOLLOWING.get(duty, first) if after is not None else first
        name = f"{ring}.{measure}.{duty}" if after is not None else f"{ring}.{duty}"
        clock = table[duty]
        rule = _clock(reader, name, template, {**inherited, **clock} if isinstance(clock, dict) else clock)
        rule["on"] = own if template["key"] == ["order"] else {"kind": "contact.judged", "ring": ring}
        if after is not None and duty == "order":
            rule.update(on={**own, "measure": after}, must={**own, "measure": measure})
        if template["key"] == ["person"]:  # asked of whoever is in the ring, for as long as that is the last word
            ends = rule.get("until", [])
            rule["until"] = [*(ends if isinstance(ends, list) else [ends]), "judged otherwise", "accepted elsewhere"]
        if duty == "place":
            said = clock.get("must") if isinstance(clock, dict) else None
            rule["must"] = {"kind": "placement.made", "measure": measure, **(said if isinstance(said, dict) else {})}
        if duty == "test":
            rule["turns"] = {"days": table.get("test_days"), "first": table.get("first_day", 1), "last_day": table.get("last_day", False)}
        yield name, rule


def _zone_rules(reader: Reader, table: Raw) -> Iterator[tuple[str, Raw]]:
    level = table.get("level")
    if not isinstance(level, str) or level not in LISTS["zone_level"]:
        reader.one_of("zone", "level", level, LISTS["zone_level"])
        return
    reader.keys(f"zone {level}", table, _ZONE_KEYS)
    inherited = {k: table[k] for k in ("source", "url", "status") if k in table}
    for duty in ZONE_DUTIES:
        if duty in table:
            name, clock = f"zone.{duty}.{level}", table[duty]
            days: Raw = {}
            if duty == "test" and isinstance(clock, dict):
                days = {k: clock[k] for k in _ZONE_TEST_KEYS & set(clock)}
                clock = {k: v for k, v in clock.items() if k not in days}
            rule = _clock(reader, name, TEMPLATES[f"zone.{duty}"], {**inherited, **clock} if isinstance(clock, dict) else clock)
            if days:
                rule["turns"] = {"days": days.get("days"), "first": days.get("first_day", 1)}
            yield name, {**rule, "on": {"kind": "zone.drawn", "level": level}}


def _plan_rule(reader: Reader, table: Raw) -> Iterator[tuple[str, Raw]]:
    step = table.get("step")
    if not isinstance(step, str):
        reader.wrong("plan", "step", REQUIRED)
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


def _after_rule(reader: Reader, table: Raw, section: str, when: str, below: Mapping[str, Raw]) -> Iterator[tuple[str, Raw]]:
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


def _check_strata(reader: Reader, rules: list[Rule], known: set[str]) -> None:
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


# --- where editions are -------------------------------------------------------------------------------------------------
def _files() -> Iterator[tuple[str, Traversable]]:
    """The files of the editions that come with Bulou, by name: ``covid19/cn-7.toml``."""
    folder = resources.files("bulou.protocol") / "editions"
    for disease in sorted(folder.iterdir(), key=lambda p: p.name):
        if disease.is_dir():
            yield from (
                (f"{disease.name}/{p.name}", p) for p in sorted(disease.iterdir(), key=lambda p: p.name) if p.name.endswith(".toml")
            )


def shipped() -> dict[str, Edition]:
    """Every edition that comes with Bulou, by id. None of them is in force until a named post adopts it."""
    return dict(_shipped())


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Edition]:
    """Read once: what comes with Bulou does not change while it runs."""
    editions = (compile_edition(path.read_text(encoding="utf-8"), name) for name, path in _files())
    return {edition.id: edition for edition in editions}


@lru_cache(maxsize=1)
def shipped_ids() -> frozenset[str]:
    """Their ids, without reading them: an edition's id is the name of its file."""
    return frozenset(name.removesuffix(".toml") for name, _path in _files())


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


__all__ = ["MEASURE_DUTIES", "TEMPLATES", "Broken", "Mistake", "compile_edition", "read_file", "shipped", "shipped_ids"]
