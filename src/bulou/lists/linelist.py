"""A line list, with its list of links, in the epidemiologists' vocabulary: which column is which, and what each row says. Enters nothing.

Nothing is repaired silently: a value is recoded only by the mapping, which a person can read, correct and keep.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from bulou.lists.dates import WRITINGS
from bulou.lists.headings import fold
from bulou.lists.peers import DATE_EN, DATE_ZH, Link, Person, Reading, Row, days, key_of, leaf, meaning, reading, said, writing
from bulou.lists.table import Table

#: The fields that hold a day.
DATES = ("infected", "onset", "exposed_from", "exposed_until", "reported", "diagnosed", "admitted", "outcome_on", "died_on")
#: Fields whose words stay in the receipt too: no fact holds them, or it holds less than they say.
KEPT = ("age", "outcome", "status", "severity")


class Columns(NamedTuple):
    """Which heading is which field of the list and of its links, how dates are written, which values stand for others.

    ``values``: by field, what is written and what is meant; "" stands for a blank cell. ``dates``: by field (or "*") dmy or mdy.
    """

    case: Mapping[str, str] = {}
    link: Mapping[str, str] = {}
    dates: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}

    def to_json(self) -> str:
        """The mapping as a person reads and corrects it."""
        return json.dumps(self._asdict(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Columns":
        """What ``to_json`` wrote or a person did; ValueError with what would be right for anything else."""
        try:
            raw: dict[str, Any] = json.loads(text)
            found = cls(*({str(k): v for k, v in raw.get(part, {}).items()} for part in cls._fields))
            flat = [v for part in (found.case, found.link, found.dates) for v in part.values()]
            flat += [v for words in found.values.values() for v in words.values()]
        except (AttributeError, json.JSONDecodeError) as wrong:
            raise ValueError('a mapping is JSON with "case", "link", "dates" and "values", each {field: …}') from wrong
        if not all(isinstance(v, str) for v in flat):
            raise ValueError('in a mapping every heading, writing and value is text: {"onset": "date onset"}')
        strange = [f"case.{f}" for f in found.case if f not in fields("case")] + [
            f"link.{f}" for f in found.link if f not in fields("link")
        ]
        strange += [f"values.{f}" for f in found.values if f not in fields("case") and f not in fields("link")]
        if strange:
            raise ValueError(f"no such field: {', '.join(strange)}. Of a case there are {', '.join(fields('case'))}")
        if any(v not in WRITINGS for v in found.dates.values()):
            raise ValueError('"dates" says dmy or mdy for a field, or for all of them under "*"')
        return found


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, tuple[str, ...]]]:
    """The headings of linelist.toml, folded."""
    raw = tomllib.loads((resources.files("bulou.lists") / "linelist.toml").read_text(encoding="utf-8"))
    return {part: {field: tuple(dict.fromkeys(map(fold, these))) for field, these in table.items()} for part, table in raw.items()}


def fields(part: str) -> tuple[str, ...]:
    """The fields of a list of cases ("case") or of links ("link")."""
    return tuple(words()[part])


def recognise(table: Table, part: str = "case", told: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which heading is which field; ``told`` by a person goes before. ValueError where a told heading is not there."""
    told = told or {}
    headings = {fold(c): c for c in reversed(table.columns)} | {leaf(c): c for c in reversed(table.columns)}
    found: dict[str, str] = {}
    for field, heading in told.items():
        if heading and fold(heading) not in headings:
            raise ValueError(f'{field}: there is no column "{heading}"; there are {", ".join(table.columns)}')
        if heading:
            found[field] = headings[fold(heading)]
    taken = set(found.values())
    for field, known in words()[part].items():
        seen = next((headings[k] for k in known if k in headings and headings[k] not in taken), None)
        if field not in told and seen is not None:
            found[field] = seen
            taken.add(seen)
    return found


def read(table: Table, links: Table | None = None, columns: Columns | None = None, zone: str = "Asia/Shanghai") -> tuple[Reading, Columns]:
    """Every row of a line list with its fate, and the mapping as it was used. ValueError where no column holds the id of cases."""
    columns = columns or Columns()
    case = recognise(table, "case", columns.case)
    if "case_id" not in case:
        raise ValueError(f"no column holds the id of the case; there are {', '.join(table.columns)}. Say it: --column case_id=HEADING")
    link = recognise(links, "link", columns.link) if links else dict(columns.link)
    if links and not {"from", "to"} <= link.keys():
        raise ValueError(
            f"the links need a column from and a column to; there are {', '.join(links.columns)}. Say it: --column from=HEADING"
        )
    out = reading("linelist")
    known = _cases(table, case, columns, zone, out, links is not None)
    if links:
        _links(links, link, columns, zone, out, known)
    used = columns._replace(case=case, link=link)
    return out, used


class _Sheet(NamedTuple):
    """A table with its columns known."""

    table: Table
    at: dict[str, int]
    values: Mapping[str, Mapping[str, str]]

    def cell(self, i: int, field: str) -> str:
        """What a row says in a field, recoded; "" where it says nothing."""
        column = self.at.get(field)
        raw = self.table.rows[i][column].strip() if column is not None else ""
        recoded = self.values.get(field, {})
        if raw in recoded:
            return recoded[raw]
        if not said(raw):
            return recoded.get("", "")
        return raw

    def left(self, i: int, but: frozenset[str]) -> dict[str, str]:
        """What stands in columns of no field, and in those fields that no fact holds."""
        held = {c for field, c in self.at.items() if field not in but}
        row = self.table.rows[i]
        return {self.table.columns[c]: row[c] for c in range(len(row)) if c not in held and said(row[c])}


def _sheet(table: Table, fields: Mapping[str, str], columns: Columns) -> _Sheet:
    return _Sheet(table, {f: table.columns.index(h) for f, h in fields.items()}, columns.values)


def _days(sheet: _Sheet, which: tuple[str, ...], columns: Columns, zone: str) -> dict[str, list[str | None]]:
    have = [f for f in which if f in sheet.at]
    own = writing(sheet.table, [sheet.at[f] for f in have])
    told = columns.dates.get("*")
    return {f: days(sheet.table, sheet.at[f], zone, columns.dates.get(f, told), own).values for f in have}


def _aside(table: Table, out: Reading) -> None:
    for row in table.aside:
        text = " ".join(c for c in row.cells if c.strip())
        out.rows.append(Row(table.name, row.number, row.code, "", "aside", left={"": text} if text else {}))


def _put(out: Reading, sheet: _Sheet, i: int, fate: str, field: str, zh: str, en: str, left: Mapping[str, str] | None = None) -> int:
    """A case's row with its fate, and where it stands among the rows; of a row that is not ready all its words are kept."""
    kept = sheet.left(i, frozenset(sheet.at)) if left is None else left
    out.rows.append(Row(sheet.table.name, sheet.table.numbers[i], "case", sheet.cell(i, "case_id"), fate, field, zh, en, kept))
    return len(out.rows) - 1


def _cases(table: Table, case: Mapping[str, str], columns: Columns, zone: str, out: Reading, linked: bool) -> set[str]:
    sheet = _sheet(table, case, columns)
    dated = _days(sheet, (*DATES, "born_on"), columns, zone)
    first: dict[str, int] = {}
    known = {key_of(k) for i in range(len(table.rows)) if (k := sheet.cell(i, "case_id"))}
    _aside(table, out)
    for i, _number in enumerate(table.numbers):
        label = sheet.cell(i, "case_id")
        key = key_of(label)

        if not key:
            zh, en = "没有病例编号:无法认出是谁,也无法与他人相连", "has no case id: nobody can tell who this is, nor link to them"
            _put(out, sheet, i, "refused", "case_id", zh, en)
            continue
        wrong = [f for f, read_ in dated.items() if read_[i] is None and said(table.rows[i][sheet.at[f]])]
        if wrong:
            value = table.rows[i][sheet.at[wrong[0]]]
            _put(out, sheet, i, "refused", case[wrong[0]], f"“{value}”{DATE_ZH}", f'"{value}" {DATE_EN}')
            continue
        if key in first:
            before = table.rows[first[key]]
            differ = [h for h, a, b in zip(table.columns, before, table.rows[i], strict=True) if a.strip() != b.strip()]
            where = table.numbers[first[key]]
            _put(out, sheet, i, "repeated", "case_id", f"与第{where}行同一病例;不同:{'、'.join(differ) or '无'}",
                f"the same case as row {where}; differs in: {', '.join(differ) or 'nothing'}")  # fmt: skip
            continue
        first[key] = i
        left = sheet.left(i, frozenset(KEPT))
        on = {f: d for f in DATES if f in dated and (d := dated[f][i])}
        source, infector = sheet.cell(i, "source"), sheet.cell(i, "infector")
        if meaning("outcome", sheet.cell(i, "outcome")) == "dead" and "died_on" not in on and "outcome_on" in on:
            on["died_on"] = on["outcome_on"]
        sex = meaning("sex", sheet.cell(i, "sex"))
        if sheet.cell(i, "sex") and sex is None:
            left[case["sex"]] = sheet.cell(i, "sex")
        links = [] if linked else _sources(infector, source, key, known)
        lost = [] if linked or not infector else [part for part in _ids(infector) if part not in known]
        words_ = "; ".join(w for w in (source, sheet.cell(i, "exposure")) if w)
        if lost or (linked and infector):
            left[case["infector"]] = infector
        row = _put(out, sheet, i, "ready", "infector" if lost else "",
                  f"来源病例 {'、'.join(lost)} 不在名单里:未连,原文照留" if lost else "",
                  f"the source {', '.join(lost)} is not in the list: not linked, its words are kept" if lost else "", left)  # fmt: skip
        name = sheet.cell(i, "name") or " ".join(filter(None, (sheet.cell(i, "given_name"), sheet.cell(i, "family_name")))) or label
        born = dated["born_on"][i] if "born_on" in dated else None
        out.people.append(Person(
            row, key, "case", name, sex or "not_stated", on, sheet.cell(i, "age"), born and born[:10], sheet.cell(i, "phone") or None,
            sheet.cell(i, "address") or None, sheet.cell(i, "document") or None, tuple(filter(None, (sheet.cell(i, "area"),))),
            meaning("status", sheet.cell(i, "status")) or "confirmed", meaning("severity", sheet.cell(i, "severity")),
            meaning("outcome", sheet.cell(i, "outcome")) or "", sheet.cell(i, "hospital") or None, words_ or None,
        ))  # fmt: skip
        for one in links:
            out.links.append(Link(row, one, key, words_))
    return known


def _ids(text: str) -> list[str]:
    return [key_of(part) for part in re.split(r"[;,、;,/|]| or | and ", text) if part.strip()]


#: What an id may look like within a text: letters and digits together ("TJ6", "case 12").
_MENTIONED = re.compile(r"[A-Za-z]+[-_ ]?\d+(?:[-_]\d+)*|\d+")


def _sources(infector: str, source: str, key: str, known: set[str]) -> list[str]:
    """Every case that is named as a source: of an infector column all, of a text those that are ids with letters in it."""
    found = [part for part in _ids(infector) if part in known]
    for told in _MENTIONED.findall(source):
        one = key_of(told)
        if one in known and not one.isdigit():
            found.append(one)
    return [k for k in dict.fromkeys(found) if k != key]


def _links(table: Table, link: Mapping[str, str], columns: Columns, zone: str, out: Reading, known: set[str]) -> None:
    sheet = _sheet(table, link, columns)
    dated = _days(sheet, ("on", "began"), columns, zone)
    before: dict[tuple[str, ...], int] = {}
    _aside(table, out)
    for i, number in enumerate(table.numbers):
        source, target, told = sheet.cell(i, "from"), sheet.cell(i, "to"), sheet.cell(i, "exposure")
        left = sheet.left(i, frozenset())
        whole = sheet.left(i, frozenset(sheet.at))
        name = f"{source} → {target}"
        on, began = (dated[f][i] if f in dated else None for f in ("on", "began"))
        lost = [e for e in (source, target) if key_of(e) not in known]
        wrong = next((f for f, read_ in dated.items() if read_[i] is None and said(table.rows[i][sheet.at[f]])), None)
        same = (key_of(source), key_of(target), told, on or "")
        if lost:
            zh, en = "不在名单里:先导入其病例行,再导入这一条", "is not in the list of cases: import that case, then this link again"
            shown = "、".join(x or "(空)" for x in lost), ", ".join(x or "(blank)" for x in lost)
            which = "from" if lost[0] == source else "to"
            out.rows.append(Row(table.name, number, "link", name, "refused", which, f"{shown[0]} {zh}", f"{shown[1]} {en}", whole))
        elif same[0] == same[1]:
            out.rows.append(Row(table.name, number, "link", name, "refused", "to", "不能是本人的来源", "cannot be their own source", whole))
        elif wrong:
            out.rows.append(Row(table.name, number, "link", name, "refused", link[wrong], DATE_ZH, DATE_EN, whole))
        elif same in before:
            out.rows.append(Row(table.name, number, "link", name, "repeated", "", f"同第{before[same]}行", f"as row {before[same]}", whole))
        else:
            before[same] = number
            out.rows.append(Row(table.name, number, "link", name, "ready", left=left))
            out.links.append(Link(len(out.rows) - 1, same[0], same[1], told, on, began))
