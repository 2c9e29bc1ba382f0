"""``bulou rings``: files in, one file out, whole or not at all; every mistake by file, row and column, in both languages."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from bulou.cli import main

VISITS = """person,place,kind,space,from,to
p1,noodles,restaurant,table 5,2020-12-06 12:00,2020-12-06 12:50
p2,noodles,restaurant,table 5,2020-12-06 12:20:00,2020-12-06T05:00:00Z
p3,noodles,restaurant,table 2,2020-12-06 12:20,2020-12-06 13:00
p4,noodles,restaurant,,2020-12-06 12:20,
p2,office,worksite,room 3,2020-12-07 09:00,2020-12-07 24:00
p5,office,worksite,room 3,2020-12-07 10:00,2020-12-07 12:00:00.5
p1,shed,,,2020-12-07 10:00,2020-12-07 12:00
"""
CASES = "case,person,onset,until\nA,p1,2020-12-07,2020-12-08 08:00\nB,p9,2020-12-07 10:00,\n"


def call(folder: Path, *words: str, visits: str = VISITS, cases: str = CASES) -> Result:
    (folder / "v.csv").write_text(visits, encoding="utf-8")
    (folder / "c.csv").write_text(cases, encoding="utf-8")
    given = ["--visits", str(folder / "v.csv"), "--cases", str(folder / "c.csv"), "--edition", "covid19/cn-9", *words]
    return CliRunner().invoke(main, ["rings", *given, *(() if "--lang" in words else ("--lang", "en"))])


def rows(text: str) -> dict[str, dict[str, str]]:
    return {r["person"]: r for r in csv.DictReader(io.StringIO(text))}


def test_candidates_with_their_why(tmp_path: Path) -> None:
    done = call(tmp_path)
    assert done.exit_code == 0, done.output
    found = rows(done.stdout)
    assert done.stdout.splitlines()[0] == "case,person,ring,place,first,last,minutes,why"
    assert {p: r["ring"] for p, r in found.items()} == {"p2": "close", "p5": "secondary", "p3": "co_exposed", "p4": "co_exposed"}
    assert found["p2"]["why"] == "same meal: the same space"
    assert (found["p2"]["first"], found["p2"]["last"], found["p2"]["minutes"]) == ("2020-12-06 12:20:00", "2020-12-06 12:50:00", "30.0")
    assert found["p5"]["why"] == "same workplace: the same space, at least 30 min, behind p2"
    assert found["p4"]["why"].endswith("; an end was assumed")
    for said in ("cases have no visit in their window: B", "nothing was asked there: shed", "A @ noodles: 1", "nobody has checked"):
        assert said in done.stderr


def test_the_same_in_chinese_into_a_file_with_all_exposures(tmp_path: Path) -> None:
    done = call(tmp_path, "--out", str(tmp_path / "o.csv"), "--all", str(tmp_path / "a.parquet"), "--lang", "zh")
    assert done.exit_code == 0, done.output
    found = rows((tmp_path / "o.csv").read_text(encoding="utf-8"))
    assert found["p5"]["why"] == "同工作:同一空间,满 30 分钟,经密接 p2"
    assert "已写" in done.stderr
    kept = duckdb.sql(f"SELECT ring, person FROM '{tmp_path / 'a.parquet'}'").fetchall()
    assert ("co_exposed", "p2") in kept
    assert len(kept) == 5
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.parquet", "c.csv", "o.csv", "v.csv"]


def test_behind_a_close_contact_of_lower_risk_nobody_is_asked_and_unknown_counts_as_higher(tmp_path: Path) -> None:
    """The edition asks behind higher risk alone: unknown is asked, lower is not, and what was said both ways is asked."""
    risk = tmp_path / "risk.csv"
    for text, asked in (("p9,lower\n", True), ("p2,higher\n", True), ("p2,lower\n", False), ("p2,lower\np2,higher\n", True)):
        risk.write_text("person,risk\n" + text, encoding="utf-8")
        done = call(tmp_path, "--risk", str(risk))
        assert done.exit_code == 0, done.output
        assert ("p5" in rows(done.stdout)) is asked, text
    risk.write_text("person,risk\np2,low\n", encoding="utf-8")
    assert "higher or lower" in call(tmp_path, "--risk", str(risk)).output


def test_a_case_that_was_isolated_before_its_window_is_told(tmp_path: Path) -> None:
    done = call(tmp_path, cases=CASES + "C,p2,2020-12-07,2020-12-01\n")
    assert "2 cases have no visit in their window: B, C" in done.stderr


def test_one_ring_alone_keeps_out_whoever_is_in_a_stricter_one(tmp_path: Path) -> None:
    done = call(tmp_path, "--ring", "co_exposed")
    assert set(rows(done.stdout)) == {"p3", "p4"}


def test_parquet_gives_what_csv_gives_whatever_times_it_has(tmp_path: Path) -> None:
    text = call(tmp_path).stdout
    for i, time in enumerate(("epoch_us(timezone('Asia/Shanghai', {}))", "timezone('Asia/Shanghai', {})", "{}")):
        con = duckdb.connect()
        con.execute(f"""COPY (SELECT person, place, kind, space, {time.format("a")} "from", {time.format("b")} "to" FROM (
            SELECT *, "from"::TIMESTAMP a, CASE WHEN person = 'p2' AND place = 'noodles' THEN TIMESTAMP '2020-12-06 13:00' WHEN "to" LIKE '%24:00'
            THEN TIMESTAMP '2020-12-08' ELSE TRY_CAST("to" AS TIMESTAMP) END b
            FROM read_csv('{tmp_path / "v.csv"}', all_varchar = true))) TO '{tmp_path / f"{i}.parquet"}'""")
        words = [
            "rings",
            "--visits",
            str(tmp_path / f"{i}.parquet"),
            "--cases",
            str(tmp_path / "c.csv"),
            "--edition",
            "covid19/cn-9",
            "--lang",
            "en",
        ]
        assert CliRunner().invoke(main, words).stdout == text, time


def test_more_files_and_json(tmp_path: Path) -> None:
    for name, told in {
        "h": "person,household\np1,1\np7,1\n", "m": "a,b,setting,from,to\np1,p8,care,2020-12-07 10:00,2020-12-07 10:05\n",
        "i": "person,at\np2,2020-12-07 09:30\n", "sp": "id,same_as\np33,p3\n", "sl": "id,same_as\nnoodles,noodle bar\n",
        "k": "place,kind\nnoodles,restaurant\noffice,worksite\n",
    }.items():  # fmt: skip
        (tmp_path / f"{name}.csv").write_text(told, encoding="utf-8")
    files = {"households": "h", "meetings": "m", "isolated": "i", "same-people": "sp", "same-places": "sl", "places": "k"}
    more = [word for option, name in files.items() for word in (f"--{option}", str(tmp_path / f"{name}.csv"))]
    done = call(tmp_path, *more, "--json", "--minutes", "20")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {c["person"]: c["ring"] for c in told["candidates"]} == {"p2": "close", "p7": "close", "p3": "co_exposed", "p4": "co_exposed"}
    assert told["people"] == {"close": 2, "co_exposed": 2}
    assert told["silent"] == ["B"]
    assert all("zh" in n and "en" in n for n in told["notes"])


WRONG = {
    "an end before its beginning": ({"visits": VISITS.replace("13:00\np4", "11:00\np4")}, "v.csv: row 4, column to"),
    "no time": ({"visits": VISITS.replace("2020-12-06 12:00,", "6 Dec noon,")}, 'v.csv: row 2, column from: "6 Dec noon" should be a local time'),
    "nobody": ({"visits": VISITS.replace("p3,", ",")}, "v.csv: row 4, column person"),
    "no such kind": ({"visits": VISITS.replace("worksite", "worksight")}, "column kind: \"worksight\" should be one of sampling"),
    "a row cut short": ({"visits": VISITS.replace(",2020-12-06 13:00\np4", "\np4")}, "v.csv: row 4 cannot be read: should have as many cells as row 1"),
    "no column": ({"visits": VISITS.replace("person,place", "who,place")}, "there is no column person"),
    "a case without a time": ({"cases": "case,person,onset\nA,p1,\n"}, "c.csv: row 2, column onset"),
    "a case twice": ({"cases": "case,person,onset\nA,p1,2020-12-07\nA,p2,2020-12-07\n"}, "c.csv: row 3, column case"),
    "a case with no such day": ({"cases": "case,person,onset\nA,p1,2020-13-07\n"}, "c.csv: row 2, column onset"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    files, right = WRONG[name]
    done = call(tmp_path, "--out", str(tmp_path / "o.csv"), "--lang", "both", **files)
    assert done.exit_code == 2, done.output
    assert right in done.stderr
    assert any("一" <= c <= "鿿" for c in done.stderr)
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (("--out", "no/where.csv"), "there is no such folder"), (("--out", "o.doc"), "should end in .csv"), (("--zone", "Mars"), "there is no such zone"),
        (("--edition", "covid19/cn-77"), "is neither a file nor an edition"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(words: tuple[str, ...], right: str, tmp_path: Path) -> None:
    done = call(tmp_path, *words)
    assert done.exit_code == 2
    assert right in done.output


def test_visits_in_another_encoding_are_refused_and_tabs_and_marks_are_read(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_bytes(VISITS.replace("noodles", "面馆").encode("gbk"))
    done = call(tmp_path, "--visits", str(tmp_path / "g.csv"))
    assert done.exit_code == 2
    assert "UTF-8" in done.stderr
    (tmp_path / "t.tsv").write_text(
        "\ufeff" + VISITS.replace(",", "\t").title().replace("Restaurant", "restaurant").replace("Worksite", "worksite"), encoding="utf-8"
    )
    done = call(tmp_path, "--visits", str(tmp_path / "t.tsv"), cases=CASES.replace("p1", "P1"))
    assert rows(done.stdout)["P5"]["ring"] == "secondary", done.stderr


def test_numbers_are_asked_for_where_visits_have_numbers(tmp_path: Path) -> None:
    duckdb.sql('SELECT 1 person, 2 place, \'market\' kind, 5::BIGINT "from", 9::BIGINT "to"').write_parquet(str(tmp_path / "v.parquet"))
    done = call(tmp_path, "--visits", str(tmp_path / "v.parquet"))
    assert done.exit_code == 2
    assert '"p1" should be a whole number' in done.stderr
