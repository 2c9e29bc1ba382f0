"""The register of a city enters a ledger of its own, once, and goes on where it stopped; exercise and real data refuse each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings

from bulou.basis.facts import AreaDeclared, PersonEnrolled
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, SetClock
from bulou.cli import exercise as command
from bulou.duties.enter import enter as enter_facts
from bulou.evidence.append import is_exercise
from bulou.evidence.models.kinds import CONTENT
from bulou.exercise import city as making
from bulou.exercise import entering, files
from bulou.exercise.files import read_head, read_table
from bulou.exercise.parameters import Unfit
from bulou.kit.adoption import drill
from bulou.kit.centre import centre
from bulou.kit.sheet import EXERCISE
from bulou.web.home import CannotServe, exercise_of
from bulou.web.serve import marked_alike
from tests.exercise.towns import AREA, LANDS, PARAMETERS
from tests.house.laws import modules

AT = Instant(1_607_000_000_000_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("cities") / "one"
    making.make(to, LANDS, AREA, 1000, 7, PARAMETERS, 0, lambda *_: None)
    return to


def _enter(folder: Path, receipt: Path, tell: Any = lambda *_: None) -> entering.Receipt:
    return entering.enter(folder, connection, centre().protocol, receipt, tell)


def _a_fact(origin: str | None, name: str = "x") -> Fact:
    return Fact(named_id("test", name), "area.declared", AT, None, AreaDeclared(f"99-{name}", None, "county", "甲"), origin=origin)


def _put(*facts: Fact) -> Any:
    return enter_facts(facts, by="test", source="test", clock=SetClock(AT), protocol=centre().protocol)


@pytest.mark.django_db
def test_the_register_enters_as_facts_and_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    receipt = _enter(folder, tmp_path / "r.jsonl", lambda *x: told.append(x))
    of = read_head(folder)
    assert receipt.whole is False and receipt.done == entering.how_many(of, folder) == told[-1][0] == told[-1][1]
    assert CONTENT["person.enrolled"].objects.count() == of.rows["registered"]
    assert CONTENT["household.declared"].objects.count() == of.rows["households"]
    assert is_exercise(connection)
    register = read_table(folder, "registered").to_pylist()
    one = CONTENT["person.enrolled"].objects.get(person=entering.person_id(files.key_of(of), register[5]["record"]))
    assert (one.name, one.phone or "", one.document or "") == tuple(register[5][k] for k in ("name", "phone", "document"))
    again = _enter(folder, tmp_path / "r.jsonl")
    assert again.whole and again.count == receipt.count
    anew = _enter(folder, tmp_path / "other.jsonl")  # the receipt was lost: everything is there already
    assert anew.count["new"] == 0 and anew.count["same"] == receipt.done


@pytest.mark.django_db
def test_entering_goes_on_where_it_stopped(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "EVERY", 1)

    def stops(done: int, _total: int) -> None:
        if done >= 800:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _enter(folder, tmp_path / "r.jsonl", stops)
    receipt = _enter(folder, tmp_path / "r.jsonl")
    of = read_head(folder)
    assert receipt.done == entering.how_many(of, folder) and receipt.count["new"] + receipt.count["same"] == receipt.done
    assert receipt.count["same"] == 0, "what was entered was sent again"
    assert CONTENT["person.enrolled"].objects.count() == of.rows["registered"]
    assert [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()][-1]["totals"]["new"] == receipt.done


@pytest.mark.django_db
def test_a_receipt_of_another_city_or_ledger_is_refused(folder: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "r.jsonl"
    receipt.write_text('{"city": "another"}\n')
    with pytest.raises(Unfit, match="another city"):
        _enter(folder, receipt)
    receipt.write_text(json.dumps({"city": files.key_of(read_head(folder))}) + '\n{"done": 400, "so_far": {"new": 400}}\n')
    with pytest.raises(Unfit, match="the ledger is empty"):
        _enter(folder, receipt)


@pytest.mark.django_db
def test_a_real_ledger_takes_no_fact_of_an_exercise(folder: Path, tmp_path: Path) -> None:
    _put(_a_fact(None))
    with pytest.raises(Unfit, match="real facts"):
        _enter(folder, tmp_path / "r.jsonl")
    assert not (tmp_path / "r.jsonl").exists()
    played = next(entering.facts(folder, centre().protocol.zone))
    found = _put(played, _a_fact(None, "y"))
    assert len(found.refused) == 1 and "real ledger" in found.refused[0].en and len(found.new) == 1
    assert not is_exercise(connection)


@pytest.mark.django_db
def test_an_exercise_takes_no_fact_of_another_instance(folder: Path, tmp_path: Path) -> None:
    played = next(entering.facts(folder, centre().protocol.zone))
    assert not _put(played).refused and is_exercise(connection)
    found = _put(_a_fact("5101 centre", "real"), _a_fact(None, "here"), _a_fact("exercise of others", "drill"))
    assert [r.fact.origin for r in found.refused] == ["5101 centre"] and len(found.new) == 2
    with pytest.raises(Unfit, match="another exercise"):
        making.make(tmp_path / "other", LANDS, AREA, 1000, 8, PARAMETERS, 0, lambda *_: None)
        _enter(tmp_path / "other", tmp_path / "r.jsonl")


@pytest.mark.django_db
def test_a_first_entry_that_mixes_both_is_real() -> None:
    found = _put(_a_fact("exercise 9 x", "a"), _a_fact(None, "b"))
    assert len(found.new) == len(found.refused) == 1 and not is_exercise(connection)


@pytest.mark.django_db
def test_a_home_and_its_ledger_agree_or_are_not_served(folder: Path) -> None:
    marked_alike(connection)  # nothing is in it yet
    _put(next(entering.facts(folder, centre().protocol.zone)))
    with pytest.raises(CannotServe, match="the home does not say so"):
        marked_alike(connection)
    with override_settings(BULOU_EXERCISE="exercise 9"):
        marked_alike(connection)


@pytest.mark.django_db
def test_a_real_ledger_in_a_home_that_says_exercise_is_not_served() -> None:
    _put(Fact(named_id("p"), "person.enrolled", AT, None, PersonEnrolled(named_id("q"), "甲", "99")))
    marked_alike(connection)
    with override_settings(BULOU_EXERCISE="exercise 9"), pytest.raises(CannotServe, match="its ledger is real"):
        marked_alike(connection)


@pytest.mark.django_db
def test_every_page_of_an_exercise_says_so() -> None:
    assert not drill() and EXERCISE not in Client().get("/accounts/login/").content.decode()
    with override_settings(BULOU_EXERCISE="exercise 9"):
        assert drill() and EXERCISE in Client().get("/accounts/login/").content.decode()


def test_a_home_says_of_which_exercise_it_is(tmp_path: Path) -> None:
    assert exercise_of(tmp_path) == ""
    (tmp_path / "exercise").write_text("exercise 500107 ab\n")
    assert exercise_of(tmp_path) == "exercise 500107 ab"


def test_by_command_into_a_home_of_its_own(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "BULOU_HOME": str(home),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/real",
        "DJANGO_SETTINGS_MODULE": "bulou.web.settings",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bulou.cli", "exercise", "enter", str(folder), "--lang", "en", *words],
            env=environment,
            capture_output=True,
            text=True,
        )

    done = run()
    assert done.returncode == 0, done.stderr
    assert "EXERCISE / 演练" in done.stdout and (home / "exercise" / "bulou.sqlite3").is_file()
    assert exercise_of(home / "exercise") == files.title(read_head(folder))
    assert not (home / "bulou.sqlite3").exists(), "the centre's own ledger was touched"
    (home / "exercise" / "exercise").unlink()
    refused = run()
    assert refused.returncode == 2 and "no exercise's" in refused.stderr and not (home / "exercise" / "exercise").exists()


def test_no_desk_asks_whether_it_is_a_demo_alone() -> None:
    """A mark that only a demo gets would be missing from an exercise: desks and the kit ask ``drill()``."""
    asking = {m for m, text in modules() if "settings.BULOU_DEMO" in text and m.split("/")[0] in ("desks", "kit")}
    assert asking == {"kit/centre.py"}


@pytest.mark.django_db
def test_a_city_lies_in_the_areas_of_the_ledger_where_the_code_is_not_official() -> None:
    areas = [
        ("kk", None, "county", "甲县"),
        ("kk-1", "kk", "street", "甲镇"),
        ("kk-1-a", "kk-1", "village", "甲村"),
        ("kk-1-b", "kk-1", "group", "乙组"),
    ]
    _put(*(Fact(named_id(c), "area.declared", AT, None, AreaDeclared(c, p, level, name, official=False)) for c, p, level, name in areas))
    lands = command._lands("kk", Unfit)
    ground = making.build(lands, "kk", 1000, 7, PARAMETERS).ground
    assert "kk-1-b" in ground.grids and all(g.startswith("kk-1-a-") for g in ground.grids if g != "kk-1-b")
    with pytest.raises(Unfit, match="no such code"):
        command._lands("nowhere", Unfit)
