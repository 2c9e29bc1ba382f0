"""The score of a play made by hand: what it tells is worked out here; what a worse platform would have left scores above zero."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bulou.basis.ids import to_text
from bulou.cli import main
from bulou.exercise import entering
from bulou.exercise.files import Head
from bulou.exercise.files import key_of as the_citys
from bulou.exercise.score import said
from bulou.exercise.score.beside import beside, table
from bulou.exercise.score.reckoned import score
from bulou.exercise.score.records import Unscored, key_of, person_id
from tests.exercise.plays import Made, play

ZERO = {"facts_lost": 0, "duties_missed": 0, "figures_disagree": 0}


def zeros(told: dict) -> dict[str, int]:  # type: ignore[type-arg]
    return {name: zero["n"] for name, zero in told["zeros"].items()}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:  # type: ignore[type-arg]
    return score(play(tmp_path_factory.mktemp("play")))


def test_a_whole_play_has_three_zeros(told: dict) -> None:  # type: ignore[type-arg]
    assert zeros(told) == ZERO, told["zeros"]
    assert all(zero["of"] > 5 for zero in told["zeros"].values())
    assert told["zeros"]["duties_missed"]["rules"]["recall.single"] == 10 + 1 + 1  # the pool's ten, and the two singles that were positive


def test_who_was_found_when_and_by_which_way(told: dict) -> None:  # type: ignore[type-arg]
    found = told["found"]
    assert (found["infections"], found["found"]) == (4, 2)
    assert found["by_way"] == {"clinic": 1, "recalled": 1, "contact": 0, "round": 0}
    # 0 was found before anybody told them anything, 1 under the order made at 20:10
    assert found["control"] == {"order": 1, "told_to_stay": 0, "outside": 1}
    # infected at 0 and 400, found at 1000 and 1300; 0 ill since 300, first swabs at 701 (0) and 601 (1), as they were truly sent
    assert found["hours_from_infection"]["n"] == 2
    assert found["hours_from_infection"]["median"] == round((1000 / 60 + 900 / 60) / 2, 1)
    assert found["hours_from_onset"]["median"] == round(700 / 60, 1)
    assert [d["found"] for d in found["by_day"]] == [2, 2]
    assert [d["infected"] for d in found["by_day"]] == [4, 4]


def test_who_was_missed_and_why(told: dict) -> None:  # type: ignore[type-arg]
    assert told["missed"]["why"] == {"not_registered": 1, "forgotten": 1}
    assert {p["person"]: p["duty"] for p in told["missed"]["people"]} == {12: "case.investigate", 41: "revisit.made"}


def test_whoever_was_kept_quiet_about_is_not_called_forgotten(tmp_path: Path) -> None:
    def lied(made: Made) -> None:
        made.log.append({**made.log[-1], "verb": "lied", "fact": None, "values": {"city": 0, "hidden": [12, 30]}})

    told = score(play(tmp_path, lied))
    assert told["missed"]["why"] == {"not_registered": 1, "kept_quiet": 1} and zeros(told) == ZERO


@pytest.mark.parametrize(("level", "visited", "missed"), [("medium", ("h1", "h2"), 0), ("medium", ("h1",), 1), ("low", (), 0)])
def test_every_household_of_a_zone_is_owed_a_visit(tmp_path: Path, level: str, visited: tuple[str, ...], missed: int) -> None:
    def drawn(made: Made) -> None:
        made.act(1300, "commander", "draw_zone", {"level": level, "areas": ["9901"]})
        made.again.append({"fact": made.log[-1]["fact"], "status": 200, "told": "same"})
        made.lists["households"] = []
        for home, area in (("h1", "9901"), ("h2", "9901-3"), ("h3", "9902")):
            made.row("households", {}, {"household": home, "area": area})
        for home in visited:
            made.duty("zone.visit.medium", home, "due")

    told = score(play(tmp_path, drawn))
    assert told["zeros"]["duties_missed"]["n"] == missed
    assert [w["subject"] for w in told["zeros"]["duties_missed"]["which"]] == ["h2"][:missed]


def test_contacts_by_the_truth(told: dict) -> None:  # type: ignore[type-arg]
    """0 shared a space with 1 for 40 minutes, with 2 for 20, with 12 for 40, with 3 for 5 only, who was with 1 for 85; with 4 never."""
    contacts = told["contacts"]
    assert contacts["contacts"] == 4
    assert {step: s["n"] for step, s in contacts["steps"].items()} == {"candidate": 2, "judged": 1, "told": 0, "placed": 0}
    assert contacts["definition"]["assumed"] == []


def test_who_was_held_without_need_and_who_waited(told: dict) -> None:  # type: ignore[type-arg]
    held = told["held"]
    assert held["held"] == 11  # the pool's ten, and 20
    assert held["people"] == 8  # but 1, who was infected, 2, who met 0, and 3, who met 1
    assert held["by_order"] == 0
    # 20 from 20:15 until they were told; seven of the pool for a day after they were told
    assert held["hours"] == pytest.approx((1500 - 1215) / 60 + 7 * 24, abs=0.2)
    waiting = told["waiting"]
    assert waiting["people"] == 10 + 1 + 1
    assert waiting["untold"] == 2  # 0 of their own single tube, and 1 of theirs


# --- what a worse platform would have left -----------------------------------------------------------------------------------
def _every(n: int) -> object:
    def drop(made: Made) -> None:
        lost = [r["fact"] for i, r in enumerate(made.again, start=1) if i % n == 0]
        made.again = [{**r, "told": "new"} if r["fact"] in lost else r for r in made.again]
        made.lists["samples"] = [r for r in made.lists["samples"] if r["key"] not in lost]

    return drop


def _listless(made: Made) -> None:
    """Says that it has a swab, and lists it nowhere."""
    del made.lists["samples"][5]


def _ruleless(made: Made) -> None:
    made.lists["duties"] = [r for r in made.lists["duties"] if r["gives"]["rule"] != "recall.interview"]


def _one_member(made: Made) -> None:
    rows = made.lists["duties"]
    rows.remove(next(r for r in rows if r["gives"]["rule"] == "recall.single" and r["gives"]["tube"] == "P1"))


def _no_test_days(made: Made) -> None:
    made.lists["duties"] = [r for r in made.lists["duties"] if r["gives"].get("turn") != "2"]


def _figure(made: Made) -> None:
    made.figures["contacts_close"] += 1


def _states(made: Made) -> None:
    made.lists["cases"].append({**made.lists["cases"][0], "state": {"status": "negative"}})


def _sum(made: Made) -> None:
    made.lists["areas"][0]["text"]["people"] = "40"


@pytest.mark.parametrize(("worse", "which", "n"), [
    (_every(40), "facts_lost", 2), (_listless, "facts_lost", 1), (_ruleless, "duties_missed", 12), (_one_member, "duties_missed", 1),
    (_no_test_days, "duties_missed", 1), (_figure, "figures_disagree", 1), (_states, "figures_disagree", 1), (_sum, "figures_disagree", 1),
], ids=lambda x: getattr(x, "__name__", str(x)))  # fmt: skip
def test_a_worse_platform_scores_above_zero(tmp_path: Path, worse: object, which: str, n: int) -> None:
    told = score(play(tmp_path, worse))  # type: ignore[arg-type]
    assert zeros(told) == {**ZERO, which: n}, told["zeros"][which]


# --- the command, and what it shares with nobody ----------------------------------------------------------------------------
def test_the_command_tells_it_in_both_languages_and_keeps_it(tmp_path: Path) -> None:
    folder, home = play(tmp_path / "city"), tmp_path / "home"
    home.mkdir()
    run = CliRunner().invoke(main, ["exercise", "score", str(folder), "--home", str(home)])
    assert run.exit_code == 2, "no exercise's home"
    assert not (folder / "play" / "score.json").exists()
    (home / "exercise").write_text("exercise 990101 test\n")
    run = CliRunner().invoke(main, ["exercise", "score", str(folder), "--home", str(home), "--lang", "both"])
    assert run.exit_code == 0, run.output
    assert "EXERCISE / 演练" in run.output
    for line in said.lines(json.loads((home / "score.json").read_text())):
        assert line.word.zh in run.output
        assert line.word.en in run.output
    assert (home / "score.json").read_text() == (folder / "play" / "score.json").read_text()
    run = CliRunner().invoke(main, ["exercise", "score", str(folder), "--json"])
    assert json.loads(run.stdout) == json.loads((folder / "play" / "score.json").read_text())


def test_what_is_not_zero_ends_with_one(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["exercise", "score", str(play(tmp_path, _figure)), "--lang", "en"])
    assert run.exit_code == 1
    assert "1 !" in run.output


def test_a_step_that_there_is_not_is_a_slash(tmp_path: Path) -> None:
    def no_placing(made: Made) -> None:
        for row in made.lists["contacts"]:
            del row["text"]["placed"]

    told = score(play(tmp_path, no_placing))
    assert told["contacts"]["steps"]["placed"] is None
    assert next(line for line in said.lines(told) if line.word == said.STEPS["placed"]).value == "/"


def test_two_plays_are_compared_by_the_cases_that_both_know(tmp_path: Path) -> None:
    """Both know 0 and 1, and the same four met them; the other play named one of these less."""

    def worse(made: Made) -> None:
        made.lists["contacts"] = made.lists["contacts"][:1]

    one, other = play(tmp_path / "one"), play(tmp_path / "other", worse)
    told = beside(one, other)
    assert told["cases"] == 2 and told["contacts"] == 4
    assert [steps["candidate"]["n"] for steps in told["by"]] == [2, 1]
    assert sum(c["named"][0] for c in told["by_case"]) > sum(c["named"][1] for c in told["by_case"])
    assert beside(other, one)["by"] == told["by"][::-1], "whichever is looked at first"
    for language, words in (("zh", "两次演练都知晓的病例 2 例"), ("en", "2 cases known in both plays, the same 4 close contacts")):
        assert words in table(told, language)
    run = CliRunner().invoke(main, ["exercise", "score", str(one), "--beside", str(other), "--lang", "en"])
    assert run.exit_code == 0 and "candidates: 2 / 1" in run.output


def test_plays_of_two_cities_are_not_compared(tmp_path: Path) -> None:
    one, other = play(tmp_path / "one"), play(tmp_path / "other")
    said_ = json.loads((other / "play" / "play.json").read_text())
    (other / "play" / "play.json").write_text(json.dumps({**said_, "days": said_["days"] + 1}))
    with pytest.raises(Unscored, match="not plays of one city"):
        beside(one, other)


def test_a_folder_without_a_play_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unscored, match="run bulou exercise play first"):
        score(tmp_path)
    run = CliRunner().invoke(main, ["exercise", "score", str(tmp_path)])
    assert run.exit_code == 2
    folder = play(tmp_path / "cut")
    with (folder / "play" / "log.jsonl").open("a") as file:
        file.write('{"n": 9\n')
    with pytest.raises(Unscored, match="cannot be read"):
        score(folder)


def test_ids_are_those_that_the_register_was_entered_with(tmp_path: Path) -> None:
    folder = play(tmp_path)
    head = Head(1, "990101", "某区", 42, 7, date(2020, 12, 7), 2, "0", {}, {}, "x")
    assert key_of(folder) == the_citys(head)
    assert person_id("k", 3) == to_text(entering.person_id("k", 3))
