"""A tree of areas from files: rows read, checked and planned against what the ledger knows. Pure; enters nothing.

All or nothing: every bad row is named with its file, its number and what would be right, and a plan with a bad row has no bodies.
Official codes are never invented: what lies below them has local codes, outdated ones map to the current, and history stays.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.facts import AreaBounded, AreaDeclared, AreaRecoded
from bulou.basis.words import AREA_LEVEL, Word
from bulou.register.areas import ABOVE, LEVELS, local_code, short_name

#: The largest boundary that is kept, in bytes of its GeoJSON: a county at 1/1024 of a degree has about 30,000.
MOST_GEOMETRY = 2_000_000
#: County codes that changed between the boundaries that circulate (codes of 2017 and before) and the codes of the National Bureau of
#: Statistics of 2023-06-30: old, new, and the day of the decision where it was checked (郫都: 川府函〔2016〕238号, published 2016-12-07).
#: Without a day the change holds from the hour of entering; a file given with the load says it better.
RECODED: tuple[tuple[str, str, str | None], ...] = (
    ("510124", "510117", "2016-12-05"),
    ("510132", "510118", None),
    ("510180", "510185", None),
    ("500228", "500155", None),
    ("500232", "500156", None),
    ("632321", "632301", None),
)


class Row(NamedTuple):
    """An area as a file has it. ``parent`` and ``level`` None: to be worked out from the code."""

    file: str
    number: int
    code: str
    name: str
    parent: str | None = None
    level: str | None = None
    name_en: str | None = None
    lon: float | None = None
    lat: float | None = None
    local: bool = False


class Bad(NamedTuple):
    """What is wrong (or worth knowing) at a row of a file, and what would be right."""

    file: str
    row: int
    field: str
    zh: str
    en: str

    def text(self, language: str) -> str:
        if language == "zh":
            return f"{self.file} 第 {self.row} 行 {self.field}:{self.zh}"
        return f"{self.file} row {self.row}, {self.field}: {self.en}"


class Known(NamedTuple):
    """An area as the ledger has it now."""

    code: str
    parent: str | None
    level: str
    name: str
    name_en: str | None
    official: bool
    lon: float | None
    lat: float | None


class Outline(NamedTuple):
    """The boundary of an area as a file has it."""

    file: str
    number: int
    code: str
    geometry: str


class Plan(NamedTuple):
    """What entering would do: the bodies in the order of the tree, what is wrong, what to know; and how many rows change nothing."""

    bodies: tuple[AreaDeclared | AreaRecoded | AreaBounded, ...]
    bad: tuple[Bad, ...]
    notices: tuple[Bad, ...]
    new: int = 0
    changed: int = 0
    same: int = 0
    outside: int = 0
    recoded: int = 0
    bounded: int = 0


# --- reading ----------------------------------------------------------------------------------------------------------
_HEADS: dict[str, tuple[str, ...]] = {
    "code": ("code", "代码", "编码", "区划代码", "行政区划代码", "统计用区划代码", "区域代码", "areacode", "area_code"),
    "name": ("name", "名称", "区划名称", "区域名称", "行政区划名称", "单位名称", "name_zh", "中文名称"),
    "parent": ("parent", "上级", "上级代码", "父级", "父代码", "上级区划代码", "parentcode", "parent_code", "上级区域"),
    "level": ("level", "级别", "层级", "类型", "type"),
    "name_en": ("name_en", "英文名称", "英文名", "english", "name in english"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "unit": ("unit", "编号", "序号", "本地编号", "单元号", "number", "no"),
    "old": ("old", "旧代码", "原代码", "old_code", "from"),
    "new": ("new", "新代码", "现代码", "new_code", "to", "current"),
    "date": ("date", "日期", "生效日期", "变更日期", "since"),
}
_LEVEL_WORDS: dict[str, str] = {
    **{code: code for code in AREA_LEVEL},
    **{word.zh: code for code, word in AREA_LEVEL.items()},
    **{word.en: code for code, word in AREA_LEVEL.items()},
    "区": "county", "县": "county", "街道": "street", "镇": "street", "乡": "street", "乡镇": "street", "社区": "village", "村": "village",
    "组": "group", "小组": "group", "楼": "building", "栋": "building", "园区": "functional", "town": "street", "district": "county",
    "community": "village",
}  # fmt: skip
_WIDE = str.maketrans("０１２３４５６７８９－ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ", "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOCAL = re.compile(r"^[0-9A-Za-z][0-9A-Za-z._-]*$")
_SHEET = re.compile(r"^\d+(\.\d+)?[eE]\+?\d+$|^\d+\.0+$")


def is_official(code: str) -> bool:
    """Whether a code looks like an official one: digits alone, of the length of a level."""
    return code.isdigit() and len(code) in LEVELS


def read_code(text: str) -> str | Word:
    """A code as the tree has it: folded to plain digits, padding zeros taken off; or what is wrong with it.

    Statistical files pad to twelve digits (510117000000), others to six (510100): the area meant is the one above the zeros.
    """
    code = text.strip().translate(_WIDE).replace(" ", "").replace("\u00a0", "")
    if not code:
        return Word("缺代码", "has no code")
    if _SHEET.match(code):
        return Word(
            f"{code} 是被表格软件改写的数字:请以文本格式另存",
            f"{code} is a number that a spreadsheet has rewritten: save the column as text",
        )
    if code.isdigit():
        if len(code) == 12:
            code = next((code[:n] for n in (2, 4, 6, 9) if not code[n:].strip("0")), code)
        elif len(code) == 6:
            code = next((code[:n] for n in (2, 4) if not code[n:].strip("0")), code)
        if len(code) not in LEVELS or not code.strip("0"):
            return Word(
                f"{code} 位数不对:官方代码为2、4、6、9或12位", f"{code} has {len(code)} digits: official codes have 2, 4, 6, 9 or 12"
            )
        return code
    if not _LOCAL.match(code):
        return Word(f"{code} 含有代码不能用的字符", f"{code} has characters that no code has: letters, digits, - . _ only")
    return code


def text_of(data: bytes) -> str:
    """A file as text: UTF-8 with or without its mark, else GB 18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _table(data: bytes, file: str, wanted: Sequence[str]) -> tuple[list[tuple[int, dict[str, str]]], list[Bad]]:
    """Rows by the names of fields, numbered as a person counts lines; ``wanted`` must be among the columns."""
    text = text_of(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    head = next(lines, [])
    at: dict[str, int] = {}
    for i, cell in enumerate(head):
        plain = cell.strip().casefold()
        field = next((f for f, words in _HEADS.items() if plain in words), None)
        if field and field not in at:
            at[field] = i
    missing = [w for w in wanted if w not in at]
    if missing:
        have = "、".join(c.strip() for c in head) or "—"
        return [], [
            Bad(file, 1, w, f"找不到这一列(应名为 {_HEADS[w][0]} 或 {_HEADS[w][1]});现有:{have}",
                f"no such column (call it {_HEADS[w][0]} or {_HEADS[w][1]}); there are: {have}")
            for w in missing
        ]  # fmt: skip
    rows = []
    for cells in lines:
        if any(c.strip() for c in cells):
            rows.append((lines.line_num, {f: cells[i].strip() if i < len(cells) else "" for f, i in at.items()}))
    return rows, []


def read_rows(data: bytes, file: str) -> tuple[list[Row], list[Bad]]:
    """The areas of a CSV with columns for code and name; parent, level, name_en, lon and lat where it has them."""
    table, bad = _table(data, file, ("code", "name"))
    rows = []
    for number, cells in table:
        code = read_code(cells["code"])
        parent: str | Word | None = read_code(cells["parent"]) if cells.get("parent") else None
        level = _LEVEL_WORDS.get(cells.get("level", "").casefold()) or _LEVEL_WORDS.get(cells.get("level", ""))
        wrong: list[Bad] = []
        for field, value in (("code", code), ("parent", parent)):
            if isinstance(value, Word):
                wrong.append(Bad(file, number, field, *value))
        if not cells["name"]:
            wrong.append(Bad(file, number, "name", "缺名称", "has no name"))
        lon, lat = _degrees(cells, "lon", 180, file, number, wrong), _degrees(cells, "lat", 90, file, number, wrong)
        if cells.get("level") and level is None and not (isinstance(code, str) and is_official(code)):
            named = "、".join(w.zh for w in AREA_LEVEL.values())
            wrong.append(Bad(file, number, "level", f"没有“{cells['level']}”这一级别;应为:{named}",
                             f"{cells['level']} is no level; there are: {', '.join(AREA_LEVEL)}"))  # fmt: skip
        bad += wrong
        if not wrong and isinstance(code, str) and not isinstance(parent, Word):
            rows.append(Row(file, number, code, cells["name"], parent, level, cells.get("name_en") or None, lon, lat))
    return rows, bad


def _degrees(cells: Mapping[str, str], field: str, most: int, file: str, number: int, wrong: list[Bad]) -> float | None:
    text = cells.get(field, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        wrong.append(Bad(file, number, field, f"应为 −{most} 至 {most} 的度数", f"should be degrees between −{most} and {most}"))
        return None
    return value


def read_units(data: bytes, file: str) -> tuple[list[Row], list[Bad]]:
    """Local units below official areas (grids, village groups, phases, buildings, stairs): parent, level and name, and a ``code``
    or a ``unit`` number from which the local code is made. A local unit never has a code that looks official."""
    table, bad = _table(data, file, ("parent", "name"))
    rows = []
    for number, cells in table:
        wrong: list[Bad] = []
        parent = read_code(cells["parent"])
        level = _LEVEL_WORDS.get(cells.get("level", "").casefold()) if cells.get("level") else "grid"
        code: str | Word = ""
        if isinstance(parent, Word):
            wrong.append(Bad(file, number, "parent", *parent))
        elif cells.get("code"):
            code = read_code(cells["code"])
        elif cells.get("unit"):
            code = read_code(local_code(parent, cells["unit"].translate(_WIDE)))
        else:
            code = Word("缺编号:应有 code 或 unit 一列", "has neither a code nor a unit number")
        if isinstance(code, Word):
            wrong.append(Bad(file, number, "code", *code))
        elif code and is_official(code):
            wrong.append(Bad(file, number, "code", f"{code} 像官方代码:网格等本地单元须用本地代码,如 {parent}-1",
                             f"{code} looks like an official code: local units have local codes, such as {parent}-1"))  # fmt: skip
        if level is None or level in LEVELS.values():
            zh, en = (
                "应为网格、村民小组、小区、期、楼栋、单元等本地级别",
                "should be a local level: grid, group, compound, phase, building, stair",
            )
            wrong.append(Bad(file, number, "level", zh, en))
        if not cells["name"]:
            wrong.append(Bad(file, number, "name", "缺名称", "has no name"))
        bad += wrong
        if not wrong and isinstance(code, str) and isinstance(parent, str):
            rows.append(Row(file, number, code, cells["name"], parent, level, cells.get("name_en") or None, local=True))
    return rows, bad


def read_codes(data: bytes, file: str) -> tuple[list[tuple[str, str, str | None]], list[Bad]]:
    """Outdated codes with the current one, and the day from which it holds where the file says it: old, new, date."""
    table, bad = _table(data, file, ("old", "new"))
    found = []
    for number, cells in table:
        old, new, day = read_code(cells["old"]), read_code(cells["new"]), cells.get("date") or None
        for field, value in (("old", old), ("new", new)):
            if isinstance(value, Word):
                bad.append(Bad(file, number, field, *value))
        if day and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            bad.append(Bad(file, number, "date", "应为日期 YYYY-MM-DD", "should be a day YYYY-MM-DD"))
        elif isinstance(old, str) and isinstance(new, str):
            found.append((old, new, day))
    return found, bad


def read_boundaries(data: bytes, file: str) -> tuple[list[Outline], list[Bad]]:
    """The boundaries of a GeoJSON FeatureCollection by the code of each feature (its property code or adcode, or its id)."""
    try:
        told = json.loads(text_of(data))
        features = told["features"] if told["type"] == "FeatureCollection" else [told]
        assert isinstance(features, list)
    except (ValueError, KeyError, TypeError, AssertionError):
        return [], [Bad(file, 1, "geojson", "不是 GeoJSON 的 FeatureCollection", "is no GeoJSON FeatureCollection")]
    found, bad = [], []
    for number, feature in enumerate(features, start=1):
        properties = (feature.get("properties") or {}) if isinstance(feature, dict) else {}
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        told_code = next((str(v) for v in (properties.get("code"), properties.get("adcode"), feature.get("id")) if v), "")
        code = read_code(told_code)
        if isinstance(code, Word):
            bad.append(Bad(file, number, "code", *code))
            continue
        if not _closed(geometry):
            bad.append(Bad(file, number, "geometry", f"{code}:应为由闭合环构成的 Polygon 或 MultiPolygon",
                           f"{code}: should be a Polygon or MultiPolygon of closed rings"))  # fmt: skip
            continue
        text = json.dumps(geometry, separators=(",", ":"))
        if len(text) > MOST_GEOMETRY:
            bad.append(Bad(file, number, "geometry", f"{code}:边界有 {len(text):,} 字节,最多 {MOST_GEOMETRY:,};请先简化",
                           f"{code}: the boundary has {len(text):,} bytes, at most {MOST_GEOMETRY:,} are kept: simplify it first"))  # fmt: skip
            continue
        found.append(Outline(file, number, code, text))
    return found, bad


def _closed(geometry: Any) -> bool:
    """Whether a geometry is a polygon (or several) of closed rings of at least four points within the world's degrees."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    told = geometry.get("coordinates")
    parts: Any = [told] if geometry["type"] == "Polygon" else told
    try:
        rings = [ring for part in parts for ring in part]
        return bool(rings) and all(
            len(r) >= 4 and r[0][:2] == r[-1][:2] and all(-180 <= x <= 180 and -90 <= y <= 90 for x, y, *_ in r) for r in rings
        )
    except (TypeError, ValueError, IndexError):
        return False


# --- codes that changed -----------------------------------------------------------------------------------------------
class Codes:
    """Outdated codes and what stands for them, by the hour from which it does. Chains are followed, a loop is cut."""

    def __init__(self, changes: Iterable[tuple[str, str, int]]) -> None:
        """``changes``: old, new, instant from which the new one holds; of two about one code the later."""
        self._into: dict[str, tuple[int, str]] = {}
        self._from: dict[str, list[tuple[int, str]]] = {}
        for old, new, at in sorted(changes, key=lambda c: (c[2], c[0], c[1])):
            if old != new:
                self._into[old] = (at, new)
        for old, (at, new) in self._into.items():
            self._from.setdefault(new, []).append((at, old))

    def current(self, code: str, at: int | None = None) -> str:
        """The code that stands for ``code`` at an hour (None: now); itself where it never changed or had not yet."""
        seen = {code}
        while code in self._into:
            since, new = self._into[code]
            if (at is not None and at < since) or new in seen:
                break
            code = new
            seen.add(code)
        return code

    def then(self, code: str, at: int) -> tuple[str, ...]:
        """The codes that an area of today had at an earlier hour: several where areas were merged, itself where it had it already."""
        found: list[str] = []
        edge, seen = [code], {code}
        while edge:
            one = edge.pop()
            before = [old for since, old in self._from.get(one, ()) if at < since and old not in seen]
            seen.update(before)
            edge += before
            if not before:
                found.append(one)
        return tuple(sorted(found))


# --- planning ---------------------------------------------------------------------------------------------------------
def plan(
    rows: Sequence[Row],
    known: Mapping[str, Known],
    *,
    codes: Sequence[tuple[str, str]] = (),
    recorded: Iterable[tuple[str, str]] = (),
    root: str | None = None,
    level: str | None = None,
    outlines: Sequence[Outline] = (),
    bounded: Mapping[str, str] | None = None,
    source: str | None = None,
    bad: Iterable[Bad] = (),
) -> Plan:
    """What entering these rows would change in the tree that the ledger knows; with every row that is wrong.

    ``codes`` are outdated codes with the current one, ``recorded`` those that the ledger has already. ``root``: only this area,
    what lies below it and what lies above it. ``level``: of local codes that say none. ``bounded``: boundaries the ledger has.
    """
    wrong, notices = list(bad), list[Bad]()
    into = dict(codes)
    told, dropped = _first(rows, into, known, wrong, notices)
    above = _parents(told, known, into, level, root, wrong)
    _loops(told, above, wrong)
    kept = told if root is None else _under(root, told, above, known, wrong)
    if root is not None:  # what is wrong in rows that are left out anyway is no reason against the others
        out = {(r.file, r.number) for c, r in told.items() if c not in kept and not c.startswith(root)}
        wrong = [w for w in wrong if (w.file, w.row) not in out]
    declared: list[AreaDeclared] = []
    new = changed = same = 0
    for code in _downward(kept, above):
        row, have = kept[code], known.get(code)
        body = _body(row, code, above[code], level, have)
        if have is None:
            new += 1
        elif body == AreaDeclared(have.code, have.parent, have.level, have.name, have.name_en, have.official, have.lon, have.lat):
            same += 1
            continue
        else:
            changed += 1
        declared.append(body)
    there = known.keys() | kept.keys()
    done = set(recorded)
    recoded = [AreaRecoded(old, now) for old, now in sorted(into.items()) if now in there and (old, now) not in done and old != now]
    # What was entered under an old code stays there; the old area hangs below the new one, so that it is counted in it.
    for change in recoded:
        old_area = known.get(change.area)
        if old_area is not None and old_area.parent != change.into and change.area not in kept:
            declared.append(
                AreaDeclared(
                    change.area, change.into, old_area.level, old_area.name, old_area.name_en, old_area.official, old_area.lon, old_area.lat
                )
            )
    bounds = _bounds(outlines, into, there, bounded or {}, source, root, kept, notices, wrong)
    counts = {"new": new, "changed": changed, "same": same + dropped, "outside": len(told) - len(kept)}
    if wrong:
        return Plan((), tuple(sorted(wrong)), tuple(notices), **counts)
    return Plan((*declared, *recoded, *bounds), (), tuple(notices), **counts, recoded=len(recoded), bounded=len(bounds))


def _first(
    rows: Sequence[Row], into: Mapping[str, str], known: Mapping[str, Known], wrong: list[Bad], notices: list[Bad]
) -> tuple[dict[str, Row], int]:
    """One row for each code; rows under outdated codes are read as the current area, and do not rename it."""
    told: dict[str, Row] = {}
    old: list[Row] = []
    for row in rows:
        if row.code in into:
            old.append(row)
            continue
        have = told.get(row.code)
        if have is None:
            told[row.code] = row
        elif short_name(have.name) != short_name(row.name):
            wrong.append(
                Bad(row.file, row.number, "code", f"{row.code} 已是“{have.name}”({have.file} 第 {have.number} 行),此处为“{row.name}”",
                    f"{row.code} is {have.name} already ({have.file} row {have.number}), here it is {row.name}")
            )  # fmt: skip
    for row in old:
        now = into[row.code]
        notices.append(Bad(row.file, row.number, "code", f"{row.code} 已变更为 {now}", f"{row.code} is outdated: read as {now}"))
        if now not in told and now not in known:
            told[now] = row._replace(code=now, parent=None)
    return {c: _placed(r, into) for c, r in told.items()}, len(old)


def _placed(row: Row, into: Mapping[str, str]) -> Row:
    return row._replace(parent=into.get(row.parent, row.parent)) if row.parent else row


def prefix_parent(code: str) -> str | None:
    """The official area above an official code by its digits; a city without counties writes zeros for them (东莞 441900)."""
    if len(code) not in ABOVE:
        return None
    above = code[: ABOVE[len(code)]]
    return above[:4] if len(above) == 6 and above.endswith("00") else above


def _parents(
    told: Mapping[str, Row], known: Mapping[str, Known], into: Mapping[str, str], level: str | None, root: str | None, wrong: list[Bad]
) -> dict[str, str | None]:
    """The parent of every code told: as the row says it, else by its prefix, else as the ledger has it."""
    above: dict[str, str | None] = {}
    for code, row in told.items():
        parent = row.parent
        if parent is None:
            parent = prefix_parent(code) if is_official(code) else None
            if not is_official(code):
                cut = code
                while parent is None and "-" in cut:
                    cut = cut.rpartition("-")[0]
                    parent = cut if cut in told or cut in known else None
                have = known.get(code)
                parent = parent or (have.parent if have else None)
        if parent is not None and parent in into and parent not in told and parent not in known:
            parent = into[parent]  # below an outdated code: the area keeps its own code and lies in what stands for it now
        above[code] = parent
        if parent is None and not (is_official(code) and len(code) == 2) and code != root:
            wrong.append(Bad(row.file, row.number, "parent", f"{code} 没有上级", f"{code} has no parent"))
        elif parent is not None and parent not in told and parent not in known:
            if code == root:
                above[code] = None
            else:
                wrong.append(Bad(row.file, row.number, "parent", f"{code} 的上级 {parent} 既不在文件中也未登记",
                                 f"the parent {parent} of {code} is neither in the files nor known"))  # fmt: skip
        if not is_official(code) and not (row.level or level or (known[code].level if code in known else None)):
            wrong.append(Bad(row.file, row.number, "level", f"{code} 是本地代码,须写明级别", f"{code} is a local code: say its level"))
    return above


def _loops(told: Mapping[str, Row], above: Mapping[str, str | None], wrong: list[Bad]) -> None:
    """Names every row that lies, by its parents, above itself."""
    safe: set[str] = set()
    for start in told:
        path: list[str] = []
        code: str | None = start
        while code is not None and code in above and code not in safe and code not in path:
            path.append(code)
            code = above[code]
        if code is not None and code in path:
            for each in path[path.index(code) :]:
                row = told[each]
                wrong.append(
                    Bad(
                        row.file,
                        row.number,
                        "parent",
                        f"{each} 经 {above[each]} 回到自身",
                        f"{each} lies above itself, by way of {above[each]}",
                    )
                )
        safe.update(path)


def _under(
    root: str, told: Mapping[str, Row], above: Mapping[str, str | None], known: Mapping[str, Known], wrong: list[Bad]
) -> dict[str, Row]:
    """The rows at, below and above an area."""
    if root not in told and root not in known:
        wrong.append(Bad("--root", 0, "root", f"{root} 既不在文件中也未登记", f"{root} is neither in the files nor known"))
        return {}

    def parent(code: str) -> str | None:
        return above[code] if code in above else (known[code].parent if code in known else None)

    inside: dict[str, bool] = {root: True}
    upward, code = {root}, parent(root)
    while code is not None and code not in upward:
        upward.add(code)
        code = parent(code)
    for start in told:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in inside and at not in path:
            path.append(at)
            at = parent(at)
        answer = at is not None and inside.get(at, False)
        inside.update(dict.fromkeys(path, answer))
    return {c: r for c, r in told.items() if inside.get(c) or c in upward}


def _downward(kept: Mapping[str, Row], above: Mapping[str, str | None]) -> Iterator[str]:
    """Codes with those above first, so that a tree is entered from its root."""
    given: set[str] = set()
    for start in sorted(kept):
        path: list[str] = []
        code: str | None = start
        while code is not None and code in kept and code not in given and code not in path:
            path.append(code)
            code = above[code]
        given.update(path)
        yield from reversed(path)


def _body(row: Row, code: str, parent: str | None, level: str | None, have: Known | None) -> AreaDeclared:
    """The declaration of a row; what the file does not say stays as the ledger has it."""
    official = is_official(code)
    told = LEVELS[len(code)] if official else row.level or level or (have.level if have else "grid")
    if have is not None:
        row = row._replace(
            name_en=row.name_en or have.name_en,
            lon=have.lon if row.lon is None else row.lon,
            lat=have.lat if row.lat is None else row.lat,
        )
    return AreaDeclared(code, parent, told, short_name(row.name), row.name_en, official, row.lon, row.lat)


def _bounds(
    outlines: Sequence[Outline], into: Mapping[str, str], there: Iterable[str], bounded: Mapping[str, str], source: str | None,
    root: str | None, kept: Mapping[str, Row], notices: list[Bad], wrong: list[Bad],
) -> list[AreaBounded]:  # fmt: skip
    known = set(there)
    found: dict[str, AreaBounded] = {}
    for outline in outlines:
        code = into.get(outline.code, outline.code)
        if code not in known:
            notices.append(
                Bad(
                    outline.file,
                    outline.number,
                    "code",
                    f"没有区域 {code},未载入其边界",
                    f"there is no area {code}: its boundary is left out",
                )
            )
            continue
        if code in found and found[code].geometry != outline.geometry:
            wrong.append(Bad(outline.file, outline.number, "code", f"{code} 有两个不同的边界", f"{code} has two different boundaries"))
            continue
        if bounded.get(code) != outline.geometry:
            found[code] = AreaBounded(code, outline.geometry, source)
    return [found[c] for c in sorted(found)]
