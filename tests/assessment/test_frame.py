"""Every method of ``bulou assess``, by its registry: help in both languages, sound calls, files that mean nothing, an answer that is whole or not there."""

from __future__ import annotations

import csv
import importlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bulou.cli import main
from bulou.cli.assess.frame import METHODS
from bulou.cli.assess.reading import Wrong, read
from tests.assessment.examples import EXAMPLES, written


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["assess", *map(str, words)])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def test_every_method_has_an_example() -> None:
    assert set(EXAMPLES) == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_help_tells_paper_and_limits_in_both_languages(name: str) -> None:
    said = METHODS[name].said
    for lang, head in (("zh", "局限:"), ("en", "Limits:")):
        for words in ((name, "--help", "--lang", lang), (name, f"--lang={lang}", "--help"), ("--help", "--lang", lang)):
            text = "".join(call(*words).stdout.split())
            assert head in text
            assert "".join(said.paper.split()) in text
            assert "".join(getattr(said.limits, lang).split()) in text


@pytest.mark.parametrize("name", METHODS)
def test_its_functions_say_meaning_units_shapes_errors_and_paper(name: str) -> None:
    for told in METHODS[name].said.functions:
        module, _, function = told.rpartition(".")
        text = getattr(importlib.import_module(f"bulou.assessment.{module}"), function).__doc__
        assert all(f"{head}:" in text for head in ("Units", "Shapes", "Errors", "Paper")), told


@pytest.mark.parametrize("name", METHODS)
def test_a_sound_call_writes_the_declared_columns(name: str, tmp_path: Path) -> None:
    words = written(name, tmp_path)
    out = tmp_path / "out.csv"
    done = call(*words, "--out", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    heads = out.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert heads == [c.name for c in METHODS[name].said.gives]
    printed = call(*words, "--lang", "zh")
    assert printed.stdout == out.read_text(encoding="utf-8")
    told = json.loads(call(*words, "--json").stdout)
    assert told["columns"] == heads
    assert [[str(v) if v is not None else "" for v in row.values()] for row in told["rows"]] == [list(r.values()) for r in rows(out)]
    assert all(len(i["sha256"]) == 64 for i in told["inputs"])
    saved = tmp_path / "out.json"
    assert call(*words, "--out", saved).exit_code == 0
    assert json.loads(saved.read_text(encoding="utf-8")) == told


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("broken", ["empty", "headings only", "other columns", "no text", "ragged"])
def test_a_file_that_means_nothing_is_named_and_nothing_is_written(name: str, broken: str, tmp_path: Path) -> None:
    option = next(iter(EXAMPLES[name][0]), None)
    if option is None:
        pytest.skip("this method reads no file")
    if EXAMPLES[name][0][option].startswith(("[", "#")):
        pytest.skip("this method's first file is no table")

    def change(told: str, text: str) -> str:
        head, _, rest = text.partition("\n")
        return text if told != option else {
            "empty": "", "headings only": head + "\n", "other columns": "foo,bar\n1,2\n", "no text": "\x01\x02\x03\x04" * 50,
            "ragged": f"{head}\n{rest.splitlines()[0]}\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n",
        }[broken]  # fmt: skip

    words = written(name, tmp_path, change)
    before = sorted(tmp_path.iterdir())
    done = call(*words, "--out", tmp_path / "out.csv", "--lang", "en")
    assert done.exit_code == 2, done.output
    assert str(tmp_path / option.strip("-")) in done.stderr
    if broken == "ragged":
        assert "row 3: 16 cells, should be" in done.stderr
    assert sorted(tmp_path.iterdir()) == before
    assert json.loads(call(*words, "--json").stdout)["exit"] == 2


@pytest.mark.parametrize("name", METHODS)
def test_an_out_that_cannot_be_written_is_refused_before_anything_is_read(name: str, tmp_path: Path) -> None:
    words = written(name, tmp_path)
    assert "no such folder" in call(*words, "--out", tmp_path / "none" / "out.csv", "--lang", "en").stderr
    assert "ends in .csv" in call(*words, "--out", tmp_path / "out.xlsx", "--lang", "en").stderr
    if not EXAMPLES[name][0]:
        return
    own = Path(words[2])
    was = own.read_text(encoding="utf-8")
    if own.suffix == ".csv":
        done = call(*words, "--out", own, "--lang", "en")
        assert (done.exit_code, own.read_text(encoding="utf-8")) == (2, was)


def test_a_failed_answer_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("kept", encoding="utf-8")
    done = call(*written("rt", tmp_path, lambda o, t: t.replace("0.5", "0.9") if o == "--si" else t), "--out", out, "--lang", "en")
    assert done.exit_code == 2
    assert "sums to 1.4, should be 1" in done.stderr
    assert out.read_text(encoding="utf-8") == "kept"


def test_what_is_wrong_is_told_in_the_language_asked_for(tmp_path: Path) -> None:
    words = written("rt", tmp_path, lambda o, t: t.replace("\n3,3\n", "\n3,three\n"))
    path = tmp_path / "cases.csv"
    assert f'{path}: row 4, column local: "three" should be a number from 0 on' in call(*words, "--lang", "en").stderr
    assert f"{path}:第 4 行,local 列:“three”应是不小于 0 的数字" in call(*words, "--lang", "zh").stderr
    assert len(call(*words, "--lang", "both").stderr.splitlines()) == 2


def table(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    return path


def test_a_file_is_read_as_people_save_it(tmp_path: Path) -> None:
    for data in (
        b"Day, Local\n1,2\n", b"\xef\xbb\xbfday,local\r\n1,2\r\n", b"day\tlocal\n1\t2\n", b"\n\nday;local\n1;2\n\n", b'"day","local"\n"1","2"\n',
        "day,local,备注\n1,2,无\n".encode("gb18030"),
    ):  # fmt: skip
        found = read(table(tmp_path, data))
        assert (found.whole("day"), found.numbers("local")) == ([1], [2.0])


@pytest.mark.parametrize("value", ["", "x", "nan", "inf", "-1", "1_000", "１２abc"])
def test_a_value_that_is_no_count_is_refused_with_its_row(value: str, tmp_path: Path) -> None:
    found = read(table(tmp_path, f"day,local\n1,2\n\n3,{value}\n".encode()))
    with pytest.raises(Wrong) as why:
        found.numbers("local", least=0)
    assert f'row 4, column local: "{value}"' in why.value.words[0].en


def test_many_mistakes_are_told_at_once_and_counted(tmp_path: Path) -> None:
    found = read(table(tmp_path, b"day,local\n" + b"1,x\n" * 20))
    with pytest.raises(Wrong) as why:
        found.numbers("local")
    assert len(why.value.words) == 9
    assert "12 more like these" in why.value.words[-1].en


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="column day stands twice"):
        read(table(tmp_path, b"day,Day\n1,2\n"))
