"""``bulou compare`` as a clerk calls it: ten lines, a workbook, the columns remembered; called wrongly it says what is wrong and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bulou.cli import main
from bulou.lists import writing
from tests.lists import dirty


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dirty")
    dirty.make(seed=1, people=120, each=1).write(path)
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, words)])


def files(folder: Path) -> list[object]:
    """The eight lists as words of the command."""
    words: list[object] = []
    for form in dirty.FORMS:
        words += ["--pasted", folder / form.file] if form.form in ("chat", "pasted") else [folder / form.file]
    return words


def cells(path: Path, sheet: str) -> list[Sequence[object]]:
    book = openpyxl.load_workbook(path)
    return list(book[sheet].iter_rows(values_only=True))


def test_eight_lists_as_they_are(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "结果.xlsx"
    done = call(*files(folder), "--out", out, "--lang", "zh")
    assert done.exit_code == 1, done.output
    assert done.stdout.startswith("8 张名单")
    assert len(done.stdout.splitlines()) <= 13
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[:4] == ["结果", "待核", "不全在", "说法不一"]
    assert "青石街道" in book.sheetnames
    assert list(tmp_path.iterdir()) == [out]


def test_numbers_stay_text_in_the_workbook(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    call(folder / "流调组.csv", folder / "隔离点.csv", "--out", out, "--lang", "en")
    heads, *rows = cells(out, "Everyone")[1:]
    column = list(heads).index("document")
    assert all(isinstance(r[column], str) for r in rows if r[column])
    assert any(len(str(r[column])) == 18 for r in rows)


def test_masked_names(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    call(folder / "流调组.csv", folder / "隔离点.csv", "--out", out, "--lang", "en", "--names", "masked")
    heads, *rows = cells(out, "Everyone")[1:]
    assert all(str(r[list(heads).index("document")]).startswith("***") for r in rows if r[list(heads).index("document")])
    assert all("*" in str(r[list(heads).index("name")]) for r in rows)


def test_lists_that_agree_end_with_0(tmp_path: Path) -> None:
    text = "姓名,身份证号,电话\n王芳,51011719900307732X,19900000001\n李伟,510117198503071238,19900000002\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = call(tmp_path / "a.csv", tmp_path / "b.csv", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "2 distinct people" in done.stdout


def test_both_languages(folder: Path) -> None:
    done = call(folder / "流调组.csv", folder / "隔离点.csv", "--lang", "both")
    assert "distinct people" in done.stdout
    assert "不重复的人" in done.stdout


def test_json(folder: Path) -> None:
    done = call(folder / "流调组.csv", folder / "隔离点.csv", "--json")
    raw = json.loads(done.stdout)
    assert [x["letter"] for x in raw["lists"]] == ["A", "B"]
    assert raw["bridges"][0]["before"] == raw["lists"][0]["rows"] - len(raw["lists"][0]["not_read"])


def test_the_hole_of_the_published_report(folder: Path) -> None:
    done = call(folder / "流调组.csv", folder / "隔离点.csv", "--lang", "en", "--check", "208429 = 10050 + 139682 + 58377 + 227")
    assert "93 are in no class" in done.stdout


def test_a_column_corrected_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("谁,甲\n王芳,19900000001\n李伟,19900000002\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("姓名,电话,去哪\n王芳,19900000001,青石镇\n李伟,19900000002,白沙镇\n", encoding="utf-8")
    words = (tmp_path / "a.csv", tmp_path / "b.csv", "--map", tmp_path / "map.json", "--lang", "zh")
    first = call(*words, "--column", "B:area=去哪")
    assert first.exit_code == 0, first.output
    again = call(*words)
    assert "去哪=area" in again.stderr
    assert json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))


def test_a_register(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("姓名,电话\n王芳,19900000001\n", encoding="utf-8")
    done = call(folder / "流调组.csv", folder / "隔离点.csv", "--register", tmp_path / "people.csv", "--lang", "en")
    assert "only on it 1" in done.stdout


def test_as_the_city_counts(tmp_path: Path) -> None:
    text = "姓名,电话,报告时间\n王芳,19900000001,2022-08-10 09:00\n李伟,19900000002,2022-08-10 21:00\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    rule = tmp_path / "city.toml"
    rule.write_text(
        '[[definition]]\ncode = "city"\nzh = "市里"\nen = "the city"\nclock = "reported"\ncut_off = "20:00"\n', encoding="utf-8"
    )
    done = call(tmp_path / "a.csv", tmp_path / "b.csv", "--definition", rule, "--json")
    told = {f["code"]: (f["number"], f["until"]) for f in json.loads(done.stdout)["figures"]}
    assert told["counted_city_a.csv"] == (1, "2022-08-10 20:00")
    ours, theirs = (b for b in json.loads(done.stdout)["bridges"])
    assert (theirs["before"], theirs["after"]) == (2, 1), "from everyone once to theirs"
    assert [(t["code"], t["number"]) for t in theirs["terms"]] == [("other_cut_off", 1)]
    assert ours["from"] == "a.csv"


def test_a_cause_said_by_hand_and_our_own_definition(tmp_path: Path) -> None:
    head = "姓名,电话,报告时间\n"
    (tmp_path / "a.csv").write_text(head + "王芳,19900000001,2022-08-10 09:00\n李伟,19900000002,2022-08-10 21:00\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(head + "王芳,19900000001,2022-08-10 09:00\n", encoding="utf-8")
    rule = tmp_path / "both.json"
    rule.write_text(
        '[{"code": "ours", "en": "ours"}, {"code": "city", "en": "city", "clock": "reported", "cut_off": "20:00"}]', encoding="utf-8"
    )
    out = tmp_path / "r.xlsx"
    done = call(
        tmp_path / "a.csv",
        tmp_path / "b.csv",
        "--cause",
        "A:B:other_cut_off=1",
        "--definition",
        rule,
        "--ours",
        "ours",
        "--out",
        out,
        "--lang",
        "zh",
        "--json",
    )
    step, difference = json.loads(done.stdout)["bridges"]
    assert [(t["code"], t["number"]) for t in step["terms"]] == [("other_cut_off", 1)]
    assert step["unexplained"] == 0
    assert (difference["from"], difference["to"], difference["after"]) == ("ours", "city", 1)
    assert any("李伟" in row for row in cells(out, "衔接")), "whoever makes the difference is named"


def test_the_city_s_own_workbook_is_filled(folder: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "上报表"
    book.active.append(["姓名", "身份证号", "联系电话", "备注一"])
    book.save(tmp_path / "city.xlsx")
    done = call(
        folder / "流调组.csv",
        folder / "隔离点.csv",
        "--template",
        tmp_path / "city.xlsx",
        "--filled",
        tmp_path / "out.xlsx",
        "--lang",
        "en",
    )
    people = int(done.stdout.split(" rows: ")[1].split()[0])
    rows = cells(tmp_path / "out.xlsx", "上报表")
    assert len(rows) == people + 1
    assert all(isinstance(r[1], str) for r in rows if r[1])
    assert f"{people:,} rows" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "0 lists"),
        (("A",), "1 lists"),
        (("A", "nothing.csv"), "does not exist"),
        (("A", "B", "--out", "result.csv"), "ends in .xlsx"),
        (("A", "B", "--out", "none/result.xlsx"), "no such folder"),
        (("A", "B", "--column", "A:phone"), "A:phone=HEADING"),
        (("A", "B", "--column", "A:shoe=x"), "no field shoe"),
        (("A", "B", "--column", "A:phone=nowhere"), "no column nowhere"),
        (("A", "B", "--column", "E:phone=x"), "no list E"),
        (("A", "B", "--bridge", "A"), "like A:B"),
        (("A", "B", "--bridge", "A:Z"), "no list Z"),
        (("A", "B", "--figure", "A=many"), "like A=1402"),
        (("A", "B", "--cause", "weather=3"), "like other_cut_off=3"),
        (("A", "B", "--cause", "B:A:late=3"), "say which bridge"),
        (("A", "B", "--ours", "city"), "no such definition"),
        (("A", "B", "--check", "12"), "total = part + part"),
        (("A", "B", "--map", "broken.json"), "broken.json"),
        (("A", "B", "--definition", "broken.json"), "broken.json"),
        (("A", "nobody.csv"), "no column was recognised"),
        (("A", "broken.xlsx"), "broken.xlsx"),
        (("A", "B", "--register", "nobody.csv"), "no column was recognised"),
        (("A", "B", "--template", "nobody.csv"), "go together"),
        (("A", "B", "--template", "nobody.csv", "--filled", "city.xlsx"), "must be .xlsx"),
    ],
)
def test_called_wrongly_it_says_what_would_be_right_and_writes_nothing(
    folder: Path, tmp_path: Path, words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "nobody.csv").write_text("编号,件数\n1,2\n3,4\n", encoding="utf-8")
    before = set(tmp_path.iterdir())
    known = {"A": folder / "流调组.csv", "B": folder / "隔离点.csv"}
    out = () if "--out" in words else ("--out", "result.xlsx")
    done = call(*(known.get(w, w) for w in words), *out, "--lang", "en")
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert set(tmp_path.iterdir()) == before


def test_nothing_is_left_where_writing_fails(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*words: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(writing, "_one", fails)
    done = call(folder / "流调组.csv", folder / "隔离点.csv", "--out", tmp_path / "out.xlsx")
    assert done.exit_code != 0
    assert list(tmp_path.iterdir()) == []
