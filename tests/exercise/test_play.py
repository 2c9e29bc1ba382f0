"""A play: everyone works through the interface, every acknowledged fact is there at the end, one seed makes one play, wrong words begin nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.test import override_settings

from bulou.cli import main
from bulou.duties.enter import forget
from bulou.exercise import city as making
from bulou.exercise import drill, outbreak
from bulou.exercise.actors import laboratory, tracing, trainer
from bulou.exercise.actors.laboratory import Laboratory
from bulou.exercise.actors.trainer import Event, Trainer
from bulou.exercise.files import read_head, read_table, title
from bulou.exercise.parameters import Unfit
from bulou.exercise.world import AWAY, Met, World
from bulou.kit.centre import centre
from bulou.kit.sheet import SHEETS
from tests.exercise.towns import AREA, LANDS, PARAMETERS
from tests.run import thorough

#: Few events, so that a small town's three days stay short: one pool is contaminated on the first morning, nobody's round is widened.
EVENTS = [Event(470, "positive_tube", 0), Event(1440 + 180, "power_cut", 8), Event(1440 + 1350, "post_vacant", 0)]
DAYS, SEED = 3, 7
#: What is played here is never committed, so that no process can be killed after it: test_killed.py does that.
FAULTS = tuple(f for f in drill.FAULTS if f != "killed")
_MADE = re.compile(r'"incident": "[0-9a-f-]{36}"')


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("played") / "town"
    making.make(to, LANDS, AREA, 1000, 7, PARAMETERS, DAYS, lambda *_: None)
    return to


def copied(town: Path, to: Path) -> Path:
    shutil.copytree(town, to)
    return to


def played(
    folder: Path, days: int = DAYS, faults: Any = FAULTS, events: Any = None, seed: int = SEED, by_visits: bool = False
) -> drill.Told:
    with override_settings(BULOU_EXERCISE=title(read_head(folder))):
        return drill.run(
            folder, connection, folder.parent / "receipt.jsonl", days, seed, outbreak.read("wild-2020"), 5, faults, EVENTS if events is None else events,
            lambda *_: None, by_visits=by_visits,
        )  # fmt: skip


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.django_db
def test_a_small_town_is_played_and_nothing_acknowledged_is_lost(town: Path, tmp_path: Path) -> None:
    folder = copied(town, tmp_path / "three" / "town")
    before = centre().clock
    with transaction.atomic():
        told = played(folder)
        transaction.set_rollback(True)
    play = folder / "play"
    log, again = lines(play / "log.jsonl"), lines(play / "again.jsonl")
    assert centre().clock is before, "the centre's clock is its own again"
    # Nothing is lost, whatever the faults did.
    acknowledged = {d["fact"] for d in log if d["fact"] and d["status"] == 200}
    assert {a["fact"] for a in again} == acknowledged
    assert {a["told"] for a in again} == {"same"} and told.again == {"same": len(again)}
    # The contaminated pool was recalled: everyone in it was looked for, told and swabbed alone because a list of duties said so.
    sent = Counter(d["verb"] for d in log if d["status"] == 200)
    assert min(sent[v] for v in ("receive_tube", "report_result", "locate", "tell", "interview", "take_sample", "relieve", "appoint")) > 0
    duties = Counter((d["gives"]["rule"], d["state"]["state"]) for d in lines(play / "exports" / "duties.jsonl"))
    pool = sum(n for (rule, _), n in duties.items() if rule == "recall.single")
    assert pool >= 5 and sum(n for (rule, state), n in duties.items() if rule == "recall.single" and state.startswith("done")) == pool
    # What is left behind is whole.
    assert [d["n"] for d in log] == list(range(1, len(log) + 1)) and told.lines == len(log)
    assert {p.stem for p in (play / "exports").glob("*.jsonl")} == set(SHEETS)
    samples = {(d["gives"]["person"], d["gives"]["tube"]) for d in lines(play / "exports" / "samples.jsonl")}
    assert samples == {(d["values"]["person"], d["values"]["tube"]) for d in log if d["verb"] == "take_sample" and d["status"] == 200}
    # Households moved, and are counted where they live now.
    moved = {d["values"]["person"]: d["values"]["area"] for d in log if d["verb"] == "record_stay" and d["status"] == 200}
    people = {d["gives"]["person"]: d["gives"]["area"] for d in lines(play / "exports" / "people.jsonl")}
    assert moved and {p: people[p] for p in moved if p in people} == {p: a for p, a in moved.items() if p in people} != {}
    figures = {f["name"]: f["value"] for f in json.loads((play / "exports" / "figures.json").read_text())["figures"]}
    assert figures["infections"] == len([d for d in lines(play / "exports" / "cases.jsonl") if d["text"]["diagnosed"]])
    said = json.loads((play / "play.json").read_text())
    assert (said["days"], said["seed"], said["wholly"], [e["event"] for e in said["events"]]) == (
        DAYS,
        SEED,
        True,
        [e.what for e in EVENTS],
    )
    assert read_table(folder, "infections").num_rows == told.infected >= 5
    # One laboratory hands in files: their rows stand under the ids that a file has, and the platform knows them when it is asked.
    files = [d for d in log if d["verb"] in ("file columns", "file enter")]
    assert files and {d["status"] for d in files} == {302} and {d["actor"] for d in files} == {"laboratory-1"}
    assert sum(d["told"] == "file" for d in log) == sum(d["values"]["rows"] for d in files) / 2
    assert {d["actor"] for d in log if d["verb"] == "report_result" and d["status"] == 200} == {"laboratory-1", "laboratory-2"}
    # Faults were at work: answers got lost and what was sent is sent again, one clock was hours off.
    assert any(d["status"] is None and d["fact"] for d in log) and any(d["again"] for d in log)
    assert {round(d["clock"] - d["at"]) for d in log} >= {0, 180}
    if thorough():
        _the_first_day_alone_is_the_same(copied(town, tmp_path / "one" / "town"), folder)


def _the_first_day_alone_is_the_same(alone: Path, whole: Path) -> None:
    """One seed makes one play: a first day alone is the first day of three, but for the ids of outbreaks, which the platform makes."""
    forget()
    played(alone, 1)
    one, three = ((f / "play" / "log.jsonl").read_text(encoding="utf-8").splitlines() for f in (alone, whole))
    first = [_MADE.sub("", line) for line in three if json.loads(line)["at"] < 1440]
    assert [_MADE.sub("", line) for line in one[: len(first)]] == first and len(first) > 20


@pytest.mark.django_db
def test_a_play_is_played_once_and_wrong_words_begin_nothing(town: Path, tmp_path: Path) -> None:
    folder = copied(town, tmp_path / "town")
    for words, wrong in (({"days": 9}, "has visits of 3 days"), ({"faults": ["earthquake"]}, "no fault 'earthquake'")):
        with pytest.raises(Unfit, match=wrong):
            played(folder, **words)
    assert not (folder / "play").exists() and not (tmp_path / "receipt.jsonl").exists()
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]
    (folder / "play").mkdir()
    with pytest.raises(Unfit, match="holds a play already"):
        played(folder)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[{"day": 0, "hour": "10:00", "what": "flood"}]', "no 'flood'"), ('[{"day": 0, "what": "lost_box"}]', "should have day"),
        ('[{"day": 0, "hour": "25:00", "what": "lost_box"}]', "no hour of a play"), ('{"a": 1}', "a list of events"), ("[", "cannot be read"),
    ],
)  # fmt: skip
def test_a_list_of_events_says_what_is_wrong(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(Unfit, match=wrong):
        trainer.read(path)


def test_events_are_read_from_toml_and_json(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(
        '[[event]]\nday = 1\nhour = "22:00"\nwhat = "scope_widened"\n[[event]]\nday = 0\nhour = "08:00"\nwhat = "power_cut"\n'
    )
    (tmp_path / "e.json").write_text('[{"day": 0, "hour": "08:00", "what": "no_signal", "hours": 5}]')
    assert trainer.read(tmp_path / "e.toml") == [Event(480, "power_cut", 8.0), Event(1440 + 1320, "scope_widened", 0)]
    assert trainer.read(tmp_path / "e.json") == [Event(480, "no_signal", 5.0)]
    assert trainer.read(None) == sorted(trainer.USUAL)


def standing(**more: Any) -> Any:
    """As much of a play as one actor asks."""
    written: list[Any] = []
    seats = {"one": SimpleNamespace(area="")}
    made = SimpleNamespace(
        seed=3, minute=0.0, written=written, faulty=lambda _fault: True, stage=SimpleNamespace(programs={"one": None}, seats=seats),
        diary=SimpleNamespace(line=lambda *a, **_more: written.append(a)),
    )  # fmt: skip
    return SimpleNamespace(**{**vars(made), **more})


def test_racks_that_are_swapped_stand_in_each_others_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "SWAPPED", 1.0)
    play, order = standing(), [f"P{n}" for n in range(40)]
    stands = Laboratory(play, "one")._racks(order)
    moved = [c for c in order if stands[c] != c]
    assert len(moved) == 2 * laboratory.RACK and sorted(stands.values()) == sorted(order)
    assert all(stands[stands[c]] == c for c in order), "two racks, each in the other's place"
    assert play.written[0][3:] == ("racks swapped", {"one": moved[: laboratory.RACK], "other": moved[laboratory.RACK :]})
    monkeypatch.setattr(laboratory, "SWAPPED", 0.0)
    assert Laboratory(play, "one")._racks(order) == {c: c for c in order}


def test_whoever_lies_keeps_quiet_about_some_places(monkeypatch: pytest.MonkeyPatch) -> None:
    met = [Met(1, 0, 60, "home"), Met(2, 0, 60, "mahjong"), Met(3, 0, 60, "home"), Met(4, 0, 3, "teahouse")]
    play = standing(world=SimpleNamespace(met=lambda *_: met))
    monkeypatch.setattr(tracing, "REMEMBERS", {"home": 1.0, "mahjong": 1.0})
    for lies, named in ((1.0, {1, 3}), (0.0, {1, 2, 3})):
        monkeypatch.setattr(tracing, "LIES", lies)
        assert {o for o, _ in tracing.Investigator(play, "one")._remembered(9, 0, 1440)} == named
    assert [line[3:] for line in play.written] == [("lied", {"city": 9, "hidden": [2]})]


def test_a_rumour_brings_people_to_the_clinic() -> None:
    seen, at = list[int](), list[float]()
    play = standing(
        stage=SimpleNamespace(programs={"administrator": None}, seats={"administrator": SimpleNamespace(area="")}), seed=3,
        world=SimpleNamespace(citizens=range(5000)), clinic=SimpleNamespace(sees=seen.append),
    )  # fmt: skip
    play.at = lambda minute, what: (at.append(minute), what())
    Trainer(play, []).happens(Event(0, "rumour", 6.0))
    assert len(seen) == 5000 * trainer.BELIEVE // 1000 and set(seen) <= set(range(5000))
    assert all(0 <= minute < 360 for minute in at) and play.written[0][3:] == ("rumour", {"what": "20 come"})


def test_the_command_refuses_what_it_cannot_play(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["exercise", "play", str(tmp_path), "--lang", "en"])
    assert answer.exit_code == 2 and "has no city.toml" in answer.output
    assert not list(tmp_path.iterdir())


def test_a_stay_and_who_else_was_there(town: Path) -> None:
    """What an investigator reads of a place: the stays of one in their order, those of others that overlap, nobody twice."""
    world = World(town, read_head(town), outbreak.read("wild-2020"), 3, DAYS, SEED)
    worked = next(s for p in range(200) for s in world.stays(p, 0, 1440) if s.kind in tracing.LISTED)
    own = world.stays(worked.person, 0, 1440)
    assert own == sorted(own, key=lambda s: s.start) and all(s.start < s.end <= 1440 for s in own)
    others = world.there(worked, worked.person)
    assert all(o.place == worked.place and o.person != worked.person and o.start < worked.end and o.end > worked.start for o in others)
    assert world.area_of_place(worked.place) in world.by_grid
    world.keep(worked.person, AWAY, 0, 1440)
    assert not world.stays(worked.person, 0, 1440), "whoever is away was nowhere"
