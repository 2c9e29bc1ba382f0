"""Areas into the ledger: entered once, as one entry or not at all; again changes nothing; history maps by date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from bulou.basis.facts import AreaDeclared, PersonEnrolled
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock, parse_local
from bulou.cli import main
from bulou.duties import rebuild
from bulou.duties.enter import enter
from bulou.evidence.models import Entry
from bulou.evidence.now import NEVER
from bulou.evidence.reader import Reader
from bulou.kit.centre import centre, set_clock
from bulou.kit.loading import codes_of, load, look, read
from bulou.kit.looking import AreaBook
from bulou.register.models import Area

TREE = "code,name\n51,四川省\n5101,成都市\n510117,郫都区\n510117001,郫筒街道\n510117001218,太平村村委会\n"
GRIDS = "parent,name,level,unit\n510117001218,8组,group,8\n"
NOW = parse_local("2020-12-07 21:00", centre().protocol.zone)


@pytest.fixture(autouse=True)
def _clock(db: None) -> object:
    before = centre().clock
    set_clock(SetClock(NOW))
    yield
    centre().clock = before


def sources(areas: str = "", grids: str = "", boundaries: bytes = b""):  # type: ignore[no-untyped-def]
    return read(
        [("a.csv", areas.encode())] if areas else [], (), [("b.geojson", boundaries)] if boundaries else [],
        [("g.csv", grids.encode())] if grids else [],
    )  # fmt: skip


def standing() -> dict[str, str]:
    return dict(Area.objects.filter(void_seq=NEVER).values_list("code", "lineage"))


def test_a_tree_is_one_entry_and_its_lineage_is_there() -> None:
    done = load(sources(TREE, GRIDS), by="test", source="file")
    assert done.receipt
    assert Entry.objects.count() == 1
    assert standing()["510117001218-8"] == "/51/5101/510117/510117001/510117001218/510117001218-8/"
    assert rebuild.check(centre().protocol) == []


def test_again_makes_no_entry_at_all() -> None:
    load(sources(TREE, GRIDS), by="test", source="file")
    again = load(sources(TREE, GRIDS), by="test", source="file")
    assert (again.receipt, again.plan.bodies, Entry.objects.count()) == (None, (), 1)


def test_a_bad_row_enters_nothing() -> None:
    done = load(sources(TREE + "510118001,某街道\n"), by="test", source="file")
    assert (done.receipt, [b.row for b in done.plan.bad], Entry.objects.count(), standing()) == (None, [7], 0, {})


def test_what_was_entered_under_an_old_code_is_counted_under_the_new_from_its_day_on() -> None:
    person, before = named_id("p"), Instant(NOW - HOUR)
    old = [
        Fact(named_id(code), "area.declared", before, None, AreaDeclared(code, parent, level, name))
        for code, parent, level, name in (
            ("51", None, "province", "四川省"),
            ("5101", "51", "city", "成都市"),
            ("510124", "5101", "county", "郫县"),
        )
    ]
    enrolled = Fact(person, "person.enrolled", before, None, PersonEnrolled(person, "张三", "510124"))
    enter([*old, enrolled], by="t", source="t", clock=centre().clock, protocol=centre().protocol)
    load(sources(TREE), by="test", source="file")
    seq = Entry.objects.order_by("-seq").values_list("seq", flat=True)[0]
    book = AreaBook(seq)
    assert "510124" in book.subtree("510117"), "the old area lies in the new one: whoever stays there counts there"
    assert standing()["510124"] == "/51/5101/510117/510124/"
    codes = codes_of(Reader(connection))
    zone = centre().protocol.zone
    assert codes.current("510124", NOW) == "510117"
    assert codes.current("510124", parse_local("2016-01-01 00:00", zone)) == "510124"
    assert codes.then("510117", parse_local("2016-01-01 00:00", zone)) == ("510124",)
    assert rebuild.check(centre().protocol) == []


def test_boundaries_are_facts_and_again_are_none() -> None:
    ring = [[103.0, 30.0], [104.0, 30.0], [104.0, 31.0], [103.0, 30.0]]
    feature = {"type": "Feature", "properties": {"code": "510124"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    load(sources(TREE, boundaries=data), by="test", source="file")
    (fact,) = Reader(connection).by("area.bounded", "area", "510117")
    assert json.loads(fact.body.geometry)["coordinates"] == [ring]
    assert look(sources(TREE, boundaries=data)).bodies == ()


def test_the_command_says_what_it_did_and_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(TREE, encoding="utf-8")
    first = CliRunner().invoke(main, ["areas", "load", str(file), "--json"])
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["new"], told["recoded"], told["facts"]) == (5, 1, 6)
    again = CliRunner().invoke(main, ["areas", "load", str(file), "--lang", "en"])
    assert again.exit_code == 0
    assert "0 facts entered" in again.stdout
    file.write_text(TREE + "5.1E+11,x\n", encoding="utf-8")
    bad = CliRunner().invoke(main, ["areas", "load", str(file), "--lang", "zh"])
    assert bad.exit_code == 2
    assert "areas.csv 第 7 行 code:" in bad.stderr
    assert "1 行有误,未载入任何内容" in bad.stderr
    check = CliRunner().invoke(main, ["areas", "load", str(file), "--check", "--lang", "en"])
    assert check.exit_code == 2
    assert CliRunner().invoke(main, ["areas", "load"]).exit_code == 2
    assert Entry.objects.count() == 1
