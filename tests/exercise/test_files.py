"""A city as files: the same bytes for the same seed whatever the workers; traps as stated with their truth; whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from click.testing import CliRunner
from tools import exercise as pictures

from bulou.cli import main
from bulou.exercise import city as making
from bulou.exercise.files import TABLES, day_names, fingerprint, read_head, read_table
from bulou.exercise.parameters import TRAPS, Unfit, read, shipped
from bulou.identity.documents import read_document
from tests.exercise import towns
from tests.exercise.towns import AREA, LANDS, PARAMETERS

#: Of 1,500 people in the made-up district, seed 7, two days: the same on every machine. It changes when what a city is changes: say why.
KNOWN = "16ef99a603dcb63ae39906ff938167a5"


def _quiet(_part: str, _done: int, _total: int) -> None:
    """Says nothing."""


def _make(
    to: Path, seed: int = 7, people: int = 1500, days: int = 2, workers: int = 1, say: Callable[[str, int, int], None] = _quiet
) -> Path:
    making.make(to, LANDS, AREA, people, seed, PARAMETERS, days, say, workers=workers)
    return to


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _make(tmp_path_factory.mktemp("cities") / "one", people=20_000, days=1)


def _rows(folder: Path, name: str) -> dict[str, Any]:
    table = read_table(folder, name)
    return {c: np.asarray(table[c].to_pylist(), object) for c in table.column_names}


def test_the_same_seed_gives_the_same_city_whatever_the_workers(tmp_path: Path) -> None:
    first = fingerprint(_make(tmp_path / "a"))
    assert first == KNOWN
    assert fingerprint(_make(tmp_path / "b", workers=2)) == first
    assert fingerprint(_make(tmp_path / "c", seed=8)) != first


def test_a_fingerprint_sees_one_minute_changed(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = _make(tmp_path / "a", days=1)
    before, name = fingerprint(folder), day_names(read_head(folder))[0]
    table = read_table(folder, name)
    ends = table["end"].to_numpy().copy()
    ends[3] -= 1
    pq.write_table(table.set_column(4, "end", pa.array(ends)), folder / f"{name}.parquet")
    assert fingerprint(folder) != before


def test_the_files_say_what_they_hold(made: Path) -> None:
    head = read_head(made)
    assert (head.area, head.people, head.seed, head.days, head.name) == (AREA, 20_000, 7, 1, "某区")
    assert read(head.parameters) == PARAMETERS._replace(text=head.parameters)
    for name in TABLES:
        assert read_table(made, name).num_rows == head.rows[name], name
    assert sum(read_table(made, n).num_rows for n in day_names(head)) == head.rows["visits"]
    stays = read_table(made, day_names(head)[0])
    assert [str(f.type) for f in stays.schema] == ["uint32", "uint32", "uint32", "uint16", "uint16"]
    places, spaces = _rows(made, "places"), _rows(made, "spaces")
    assert (spaces["place"][places["first_space"].astype(int)] == places["place"]).all()
    assert {"table", "row", "room", "class", "dwelling", "counter"} == set(spaces["kind"])
    trains = spaces["place"][spaces["carriage"].astype(int) > 1].astype(int)
    assert set(places["kind"][trains]) == {"train"}
    assert len(set(places["name_en"])) == len(places["name_en"]), "two places of one name"


def test_numbers_can_be_nobodys_and_are_sound(made: Path) -> None:
    people = _rows(made, "people")
    assert len(set(people["document"])) == 20_000
    for document in people["document"][::97]:
        found = read_document(document)
        assert found is not None and found.verdict == "sound" and found.kind == "id_card" and document[2:6] == "9999"
    held = people["phone"][people["phone"] != ""]
    assert len(set(held)) == len(held) and all(p.startswith("000") and len(p) == 11 for p in held)


@pytest.mark.parametrize("trap", [t for t in TRAPS if t not in ("two_homes", "twins", "pram")])
def test_every_trap_is_laid_as_often_as_stated(made: Path, trap: str) -> None:
    laid = read_head(made).traps[trap]
    share = PARAMETERS.traps[trap]
    assert laid["of"] > 100
    assert abs(laid["laid"] - share * laid["of"]) <= 4 * (laid["of"] * share * (1 - share)) ** 0.5


def test_every_trap_has_its_truth_and_its_error(made: Path) -> None:
    traps, people, register = _rows(made, "traps"), _rows(made, "people"), _rows(made, "registered")
    record = {r: i for i, r in enumerate(register["record"])}
    laid = {name: np.flatnonzero(traps["trap"] == name) for name in TRAPS}
    assert all(len(v) for v in laid.values()), {k: len(v) for k, v in laid.items()}

    def rows(name: str) -> list[tuple[int, int, int, str, str]]:
        columns = [traps[c][laid[name]] for c in ("person", "other", "record", "true", "registered")]
        return list(zip(*columns, strict=True))

    assert {p for p, *_ in rows("unregistered")} == set(people["person"]) - set(register["truth"])
    known = set(register["truth"])
    for name in ("wrong_number", "shared_phone", "child_under_parent", "elder_under_child"):
        for person, other, _r, true, said in rows(name):
            assert person in known and register["phone"][record[person]] == said and people["phone"][person] == true
            assert (
                (said == people["phone"][other]) if name != "wrong_number" else (sum(a != b for a, b in zip(said, true, strict=True)) == 1)
            )
    for person, _o, number, true, said in rows("duplicate"):
        at = record[number]
        assert number >= 20_000 and register["truth"][at] == person and register["document"][at] == said
        assert people["document"][person] == true and sum(a != b for a, b in zip(said, true, strict=True)) == 1
        assert read_document(said).verdict == "checksum"  # type: ignore[union-attr]
    for person, _o, _r, true, said in rows("tail_000"):
        assert said == true[:15] + "000"
        assert register["document"][record[person]] == said and read_document(said).verdict == "refused"  # type: ignore[union-attr]
    for person, other, *_ in rows("twins"):
        assert people["born_on"][person] == people["born_on"][other] and people["household"][person] == people["household"][other]
        assert people["name"][person] != people["name"][other]
    for person, _o, _r, true, said in rows("registered_elsewhere"):
        assert true != said and register["registered_area"][record[person]] == said
    for person, _o, _r, true, said in rows("two_homes"):
        assert people["second_household"][person] == int(true) and people["household"][person] == int(said)


def test_nothing_else_of_the_register_is_wrong(made: Path) -> None:
    traps, people, register = _rows(made, "traps"), _rows(made, "people"), _rows(made, "registered")
    about = {name: set(traps["person"][traps["trap"] == name]) for name in TRAPS}
    phones = about["wrong_number"] | about["shared_phone"] | about["child_under_parent"] | about["elder_under_child"]
    second = register["record"].astype(int) >= 20_000
    for i in np.flatnonzero(~second)[::7]:
        person = register["truth"][i]
        assert register["name"][i] == people["name"][person] and register["born_on"][i] == people["born_on"][person]
        assert register["household"][i] == people["household"][person]
        if person not in phones:
            assert register["phone"][i] == people["phone"][person]
        if person not in about["tail_000"] and people["age"][person] >= 1:
            assert register["document"][i] == people["document"][person]


def test_a_run_that_stops_leaves_nothing(tmp_path: Path) -> None:
    def stops(part: str, done: int, _total: int) -> None:
        if (part, done) == ("day", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _make(tmp_path / "a", say=stops)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_its_head_is_no_city(tmp_path: Path, made: Path) -> None:
    for name in ("city.toml", "format"):
        folder = tmp_path / name
        shutil.copytree(made, folder, ignore=shutil.ignore_patterns("*.parquet"))
        if name == "format":
            (folder / "city.toml").write_text("format = 99\n")
        else:
            (folder / name).unlink()
        with pytest.raises(Unfit, match=r"no \(whole\) city|format 99"):
            read_head(folder)


def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    def find(code: str) -> Any:
        if code != AREA:
            raise Unfit(f"--area {code}:没有", f"--area {code}: there is no such code")
        return LANDS

    def no_ledger(_demo: bool) -> Any:
        raise click.UsageError("there is no ledger")

    monkeypatch.setattr("bulou.exercise.ground.find", find)
    monkeypatch.setattr("bulou.cli.exercise.ledger", no_ledger)
    given = {"--area": AREA, "--people": "1000", "--out": str(tmp_path / "out"), "--days": "1", "--lang": "en"}
    given |= dict(zip(words[::2], words[1::2], strict=True))
    return CliRunner().invoke(main, ["exercise", "city", *(w for pair in given.items() for w in pair)])


def test_a_city_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(tmp_path, monkeypatch)
    assert done.exit_code == 0, done.output
    assert "1,000 people" in done.output and "visits: 1 of 1 days" in done.output
    assert read_head(tmp_path / "out").people == 1000
    again = _run(tmp_path, monkeypatch)
    assert again.exit_code == 2 and "not an empty folder" in again.output


@pytest.mark.parametrize(("words", "said"), [
    (("--area", "000000"), "there is no such code"), (("--people", "999"), "between 1,000 and 2,000,000"), (("--people", "2000001"), "between 1,000"),
    (("--days", "121"), "between 0 and 120"), (("--seed", "-1"), "--seed -1"), (("--first-day", "7.12.2020"), "does not match"),
])  # fmt: skip
def test_wrong_words_make_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str], said: str) -> None:
    done = _run(tmp_path, monkeypatch, *words)
    assert done.exit_code == 2 and said in done.output, done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("old", "new", "said"), [
    ("weekday_where = [0.42", "weekday_where = [0.52", "[days] weekday_where: the shares add up to 1.1, not to 1"),
    ("wrong_number = 0.125", "wrong_number = 12.5", "[traps] wrong_number: 12.5 should be a share from 0 to 1"),
    ("twins = 0.018\n", "", "[traps]: twins is missing"),
    ("twins = 0.018", "twins = 0.018\nghosts = 1", "there is no ghosts"),
    ("[125490007, 0, 0, 0, 0]", "[125490007, 3, 0, 0, 0]", "row 1: 1 people cannot be of more than 1 generations"),
    ("room = 10", "room = 0", "[work] room: 0 should lie between 1 and 500"),
    ("junior = 50,", "junior = \"many\",", "[schools] class_most.junior"),
    ("[1, 33, 6]]", "[1, 330, 6]]", "[homes] buildings: each should be [stairs, floors, homes a floor]"),
    ("[ages]", "[ages", "is no TOML"),
])  # fmt: skip
def test_wrong_parameters_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str) -> None:
    assert old in shipped()
    path = tmp_path / "own.toml"
    path.write_text(shipped().replace(old, new, 1), encoding="utf-8")
    done = _run(tmp_path, monkeypatch, "--parameters", str(path))
    assert done.exit_code == 2 and said in " ".join(done.output.split()).replace(" │ │ ", " "), done.output
    assert list(tmp_path.iterdir()) == [path]


def test_own_parameters_are_used_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.toml"
    path.write_text(shipped().replace("unregistered = 0.02", "unregistered = 0.5"), encoding="utf-8")
    assert _run(tmp_path, monkeypatch, "--parameters", str(path)).exit_code == 0
    head = read_head(tmp_path / "out")
    assert 400 < head.traps["unregistered"]["laid"] < 600 and head.rows["registered"] < 620
    assert "unregistered = 0.5" in head.parameters


def test_the_made_up_district_is_no_official_area() -> None:
    assert towns.AREA.startswith("99")


@pytest.mark.parametrize("picture", pictures.PICTURES, ids=lambda p: p.__name__)
def test_pictures_of_the_docs_are_up_to_date(picture: Any) -> None:
    assert (pictures.OUT / f"{picture.__name__}.svg").read_text(encoding="utf-8") == picture().svg(), "uv run python -m tools.exercise"
