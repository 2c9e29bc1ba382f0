"""Areas from files: what is read, what is refused and named, how outdated codes map; and planted files, each caught by its row."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from bulou.basis.facts import AreaBounded, AreaDeclared, AreaRecoded
from bulou.register.tree import (
    MOST_GEOMETRY,
    RECODED,
    Bad,
    Codes,
    Known,
    Plan,
    is_official,
    plan,
    read_boundaries,
    read_code,
    read_codes,
    read_rows,
    read_units,
)

TREE = """代码,名称
51,四川省
5101,成都市
510117,郫都区
510117001,郫筒街道
510117001218,太平村村委会
"""


def known(plan_: Plan) -> dict[str, Known]:
    """The tree after a plan was entered into an empty ledger."""
    return {b.area: Known(*b) for b in plan_.bodies if isinstance(b, AreaDeclared)}


def planned(text: str, have: dict[str, Known] | None = None, **more: object) -> Plan:
    rows, bad = read_rows(text.encode(), "a.csv")
    return plan(rows, have or {}, bad=bad, **more)  # type: ignore[arg-type]


def wrong(text: str, **more: object) -> list[tuple[int, str]]:
    found = planned(text, **more)  # type: ignore[arg-type]
    assert not found.bad or found.bodies == (), "all or nothing"
    return [(b.row, b.field) for b in found.bad]


# --- reading ------------------------------------------------------------------------------------------------------------
def test_parents_and_levels_follow_from_the_codes() -> None:
    found = planned(TREE)
    assert [(b.area, b.parent, b.level, b.name, b.official) for b in found.bodies if isinstance(b, AreaDeclared)] == [
        ("51", None, "province", "四川省", True),
        ("5101", "51", "city", "成都市", True),
        ("510117", "5101", "county", "郫都区", True),
        ("510117001", "510117", "street", "郫筒街道", True),
        ("510117001218", "510117001", "village", "太平村", True),
    ]
    assert (found.new, found.bad) == (5, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_as_offices_save_them(encoding: str) -> None:
    rows, bad = read_rows(TREE.encode(encoding), "a.csv")
    assert not bad
    assert [r.name for r in rows] == ["四川省", "成都市", "郫都区", "郫筒街道", "太平村村委会"]


def test_other_separators_and_english_heads() -> None:
    rows, bad = read_rows(b"Code;Name;Parent;Level\n51;Sichuan;;province\nA-1;Park;51;functional\n", "a.csv")
    assert not bad
    assert [(r.code, r.parent, r.level) for r in rows] == [("51", None, "province"), ("A-1", "51", "functional")]


def test_a_file_without_the_columns_says_which() -> None:
    rows, bad = read_rows(b"id,title\n1,x\n", "a.csv")
    assert rows == []
    assert [(b.row, b.field) for b in bad] == [(1, "code"), (1, "name")]
    assert "id" in bad[0].en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("５１０１１７", "510117"), (" 510 117 ", "510117"), ("510117000000", "510117"), ("510117001000", "510117001"), ("510000", "51"),
        ("510100", "5101"), ("510117001218", "510117001218"), ("510117001218-3", "510117001218-3"), ("510000000000", "51"),
    ],
)  # fmt: skip
def test_codes_are_folded(text: str, code: str) -> None:
    assert read_code(text) == code


@pytest.mark.parametrize("text", ["", "5.10117E+11", "510117.0", "51011", "5101170012181", "510117/1", "000000"])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert not isinstance(read_code(text), str)


# --- planted files --------------------------------------------------------------------------------------------------------
PLANTED = {
    "unknown parent": ("510118001,某街道\n", (7, "parent")),
    "a code twice with another name": ("510117,新都区\n", (7, "code")),
    "a spreadsheet's number": ("5.10117E+11,某村\n", (7, "code")),
    "digits of no level": ("5101170,某区\n", (7, "code")),
    "no name": ("510117002,\n", (7, "name")),
    "a local code without a level": ("510117001218-3,三组\n", (7, "level")),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_row_is_named_and_nothing_is_entered(name: str) -> None:
    line, where = PLANTED[name]
    assert wrong(TREE + line) == [where]
    assert wrong(TREE) == [], "the control: without the row nothing is wrong"


def test_a_loop_names_every_row_on_it() -> None:
    text = "code,name,parent,level\n51,x,,\nA,a,B,grid\nB,b,C,grid\nC,c,A,grid\nD,d,A,grid\n"
    assert wrong(text) == [(3, "parent"), (4, "parent"), (5, "parent")]


def test_the_same_row_twice_is_one_area() -> None:
    assert planned(TREE + "510117,郫都区\n").new == 5


def test_every_bad_row_is_named_not_only_the_first() -> None:
    assert len(wrong(TREE + "".join(line for line, _ in PLANTED.values()))) == len(PLANTED)


# --- again, and changed ---------------------------------------------------------------------------------------------------
def test_again_changes_nothing() -> None:
    first = planned(TREE)
    again = planned(TREE, known(first))
    assert (again.bodies, again.same) == ((), 5)


def test_a_new_name_is_one_fact_and_what_the_file_leaves_out_stays() -> None:
    have = known(planned(TREE))
    have["510117"] = have["510117"]._replace(name_en="Pidu", lon=103.9, lat=30.8)
    found = planned(TREE.replace("郫筒街道", "郫筒镇"), have)
    assert [(b.area, b.name) for b in found.bodies if isinstance(b, AreaDeclared)] == [("510117001", "郫筒镇")]


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    lines = TREE.splitlines()
    rest = lines[1:]
    random.Random(seed).shuffle(rest)
    found = planned("\n".join([lines[0], *rest]))
    assert found.bodies == planned(TREE).bodies


# --- the root ---------------------------------------------------------------------------------------------------------------
def test_a_root_takes_what_is_below_and_above_it() -> None:
    text = TREE + "510118,新津区\n510118001,某街道\n999999001,无主街道\n"
    found = planned(text, root="510117")
    assert [b.area for b in found.bodies if isinstance(b, AreaDeclared)] == ["51", "5101", "510117", "510117001", "510117001218"]
    assert (found.outside, found.bad) == (3, ())
    assert wrong(text) == [(9, "parent")], "the control: without a root the row without a parent is wrong"


def test_a_root_nobody_knows() -> None:
    assert wrong(TREE, root="500103") == [(0, "root")]


def test_a_tree_may_begin_at_its_root() -> None:
    found = planned("code,name\n510117,郫都区\n510117001,郫筒街道\n", root="510117")
    assert [(b.area, b.parent) for b in found.bodies if isinstance(b, AreaDeclared)] == [("510117", None), ("510117001", "510117")]


def test_a_city_without_counties() -> None:
    text = "code,name\n44,广东省\n4419,东莞市\n441900003,东城街道\n"
    assert [b.parent for b in planned(text).bodies if isinstance(b, AreaDeclared)] == [None, "44", "4419"]


# --- outdated codes ---------------------------------------------------------------------------------------------------------
CHANGES = [("510124", "510117")]


def test_a_row_under_an_outdated_code_does_not_rename_the_current_area() -> None:
    found = planned(TREE + "510124,郫县\n", codes=CHANGES)
    assert [b.name for b in found.bodies if isinstance(b, AreaDeclared) and b.area == "510117"] == ["郫都区"]
    assert [b for b in found.bodies if isinstance(b, AreaRecoded)] == [AreaRecoded("510124", "510117")]
    assert [(n.row, n.field) for n in found.notices] == [(7, "code")]


def test_what_lies_under_an_outdated_code_lies_in_what_stands_for_it() -> None:
    found = planned(TREE + "510124100,郫筒镇\n", codes=CHANGES)
    assert [b.parent for b in found.bodies if isinstance(b, AreaDeclared) and b.area == "510124100"] == ["510117"]
    assert wrong(TREE + "510124100,郫筒镇\n") == [(7, "parent")], "the control: nobody said that the code changed"


def test_history_stays_under_the_old_code_and_counts_under_the_new() -> None:
    have = known(planned("code,name\n51,四川省\n5101,成都市\n510124,郫县\n510124100,郫筒镇\n"))
    found = planned(TREE, have, codes=CHANGES)
    moved = [b for b in found.bodies if isinstance(b, AreaDeclared) and b.area.startswith("510124")]
    assert [(b.area, b.parent, b.name) for b in moved] == [("510124", "510117", "郫县")], "its own code and name; only its place changes"
    after = {**have, **known(found)}
    assert planned(TREE, after, codes=CHANGES, recorded=CHANGES).bodies == ()


def test_codes_by_date() -> None:
    codes = Codes([("a", "b", 100), ("b", "c", 200), ("x", "c", 150)])
    assert [codes.current("a", t) for t in (99, 100, 199, 200)] == ["a", "b", "b", "c"]
    assert codes.current("a") == "c"
    assert codes.current("never") == "never"
    assert [codes.then("c", t) for t in (50, 120, 160, 250)] == [("a", "x"), ("b", "x"), ("b",), ("c",)]


def test_a_loop_of_codes_ends() -> None:
    assert Codes([("a", "b", 1), ("b", "a", 2)]).current("a") in ("a", "b")


def test_codes_from_a_file() -> None:
    found, bad = read_codes("旧代码,新代码,生效日期\n510124,510117,2016-12-05\n500228,500155,\n1,2,soon\n".encode(), "c.csv")
    assert found == [("510124", "510117", "2016-12-05"), ("500228", "500155", None)]
    assert {(b.row, b.field) for b in bad} == {(4, "old"), (4, "new"), (4, "date")}


# --- local units ----------------------------------------------------------------------------------------------------------
def test_local_units_have_local_codes() -> None:
    text = "parent,name,level,unit\n510117001218,8组,group,8\n510117001218-8,安置点1栋,楼栋,b1\n"
    rows, bad = read_units(text.encode(), "g.csv")
    assert not bad
    found = plan(rows, known(planned(TREE)))
    assert [(b.area, b.parent, b.level, b.official) for b in found.bodies if isinstance(b, AreaDeclared)] == [
        ("510117001218-8", "510117001218", "group", False),
        ("510117001218-8-b1", "510117001218-8", "building", False),
    ]


def test_an_official_code_is_never_invented() -> None:
    rows, bad = read_units(b"parent,name,level,code\n510117001,x,grid,510117001999\n510117001,y,village,510117001-9\n", "g.csv")
    assert rows == []
    assert [(b.row, b.field) for b in bad] == [(2, "code"), (3, "level")]
    assert not any(is_official(r.code) for r in rows)


# --- boundaries -----------------------------------------------------------------------------------------------------------
def feature(code: str, ring: list[list[float]], kind: str = "Polygon") -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": [ring] if kind == "Polygon" else [[ring]]},
    }


SQUARE = [[103.0, 30.0], [104.0, 30.0], [104.0, 31.0], [103.0, 30.0]]


def geojson(*features: dict[str, object]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_boundaries_are_joined_by_code_outdated_ones_too_and_kept_as_given() -> None:
    outlines, bad = read_boundaries(geojson(feature("510124", SQUARE), feature("999999", SQUARE)), "b.geojson")
    assert not bad
    found = plan([], known(planned(TREE)), codes=CHANGES, outlines=outlines, source="b.geojson")
    bounds = [b for b in found.bodies if isinstance(b, AreaBounded)]
    assert [(b.area, json.loads(b.geometry)["coordinates"], b.source) for b in bounds] == [("510117", [SQUARE], "b.geojson")]
    assert [(n.row, n.field) for n in found.notices] == [(2, "code")], "a boundary of an area nobody knows is said and left out"
    again = plan([], known(planned(TREE)), codes=CHANGES, recorded=CHANGES, outlines=outlines, bounded={"510117": bounds[0].geometry})
    assert again.bodies == ()


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("geojson", b"[1,2"),
        ("code", geojson({"type": "Feature", "properties": {}, "geometry": None})),
        ("geometry", geojson(feature("510117", SQUARE[:3]))),
        ("geometry", geojson(feature("510117", [*SQUARE[:3], [0.0, 0.0]]))),
        ("geometry", geojson(feature("510117", [[500.0, 30.0], *SQUARE[1:3], [500.0, 30.0]]))),
        ("geometry", geojson(feature("510117", [[103.123456789, 30.0]] * (MOST_GEOMETRY // 18 + 5)))),
    ],
)
def test_boundaries_that_are_none_are_named(what: str, data: bytes) -> None:
    outlines, bad = read_boundaries(data, "b.geojson")
    assert (outlines, [b.field for b in bad]) == ([], [what])


def test_what_is_wrong_is_said_in_both_languages() -> None:
    bad = Bad("a.csv", 7, "code", "错", "wrong")
    assert (bad.text("zh"), bad.text("en")) == ("a.csv 第 7 行 code:错", "a.csv row 7, code: wrong")


# --- the real tree ----------------------------------------------------------------------------------------------------------
def data() -> Path:
    folder = Path(os.environ.get("BULOU_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the published codes are not at hand: {folder} (set BULOU_DATA)")
    return folder


def test_the_published_codes_have_no_orphan_and_the_counts_that_are_known() -> None:
    folder = data() / "china_admin_codes_2023"
    rows = []
    for name in ("provinces", "cities", "areas", "streets", "villages_50_chongqing", "villages_51_sichuan", "villages_63_qinghai"):
        found, bad = read_rows((folder / f"{name}.csv").read_bytes(), name)
        assert not bad
        rows += found
    made = plan(rows, {}, codes=[(old, new) for old, new, _ in RECODED])
    assert made.bad == ()
    areas = [b for b in made.bodies if isinstance(b, AreaDeclared)]

    def below(code: str, level: str) -> int:
        return sum(b.level == level and b.area.startswith(code) for b in areas)

    assert [(below(c, "street"), below(c, "village")) for c in ("500103", "500107", "510117", "632323")] == [
        (11, 80),
        (19, 219),
        (12, 157),
        (7, 74),
    ]
    outlines = []
    for path in sorted((data() / "china_boundaries_geojson").glob("*_*.geojson")):
        drawn, wrong_ = read_boundaries(path.read_bytes(), path.name)
        assert not wrong_
        outlines += drawn
    known_ = {b.area: Known(*b) for b in areas}
    joined = plan([], known_, codes=[(old, new) for old, new, _ in RECODED], outlines=outlines)
    bounded = {b.area for b in joined.bodies if isinstance(b, AreaBounded)}
    assert {"510117", "500155", "500156", "632301", "510118"} <= bounded
    assert len(bounded) == len(outlines) == 62
