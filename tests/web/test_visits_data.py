"""The lake of an incident: asked with a basis and on record first, candidates named once, taken back by somebody; the excluded gone after 72 hours."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.urls import reverse

from bulou.basis.facts import ContactJudged, DocumentRecorded, FactWithdrawn, IncidentClosed, IncidentJoined, IncidentOpened, PlaceDeclared
from bulou.basis.ids import named_id, to_text
from bulou.basis.time import DAY, HOUR, Instant, SetClock, to_datetime
from bulou.cli import main
from bulou.desks.tracing import lakeasking, lakekeeping
from bulou.desks.tracing.lakekeeping import Told
from bulou.evidence.models import CONTENT, Entry
from bulou.evidence.timeline import standing_facts
from bulou.kit.centre import centre, set_clock
from bulou.kit.incidents import Named, edition_of, incidents
from bulou.kit.verb import Refused
from bulou.lake.store import Lake
from bulou.register.models import Person
from tests.lake.test_store import copies
from tests.web.test_path import case_of
from tests.web.test_traced import HERE, THERE, entered, fact, people
from tests.web.world import World

SHOP = named_id("tests", "a restaurant of the lake")
TOLD = Told("payment", "流调函〔2020〕17号,指挥长批准", "2%")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A lake of this test's own, and the clock put back after it."""
    found, clock = Lake(tmp_path / "visits"), centre().clock
    monkeypatch.setattr(lakekeeping, "lake", lambda: found)
    monkeypatch.setattr(lakeasking, "lake", lambda: found)
    yield found
    set_clock(clock)


def asker(world: World) -> str:
    return next(u for u in world.users if world.look(u).viewer.may("ask_visits"))


def incident(world: World) -> Named:
    return next(i for i in incidents(world.look("commander")) if i.id == world.incident)


def written(path: Path, world: World, rows: list[tuple[str, str, str, float, float]]) -> Path:
    """A file of visits: person, place, space, from and until in hours from the opening of the board."""

    def hour(hours: float) -> str:
        return to_datetime(Instant(world.opens + int(hours * HOUR))).isoformat()

    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("person", "place", "space", "from", "to", "kind"))
        for person, place, space, since, until in rows:
            out.writerow((person, place, space, hour(since), hour(until), "restaurant"))
    return path


class Met:
    """A case at table 5; one at the same table, one at another, one known by a document; one on no register. Documents are written small here
    and large on the register: the same number."""

    def __init__(self, world: World, lake: Lake, tmp_path: Path) -> None:
        self.case = case_of(world)
        self.near, self.far, self.shown = [p for p in people(THERE, 6) if p != self.case][:3]
        entered(
            fact(world, "place.declared", PlaceDeclared(SHOP, "老陈面馆", "restaurant", HERE), -200, incident=False),
            fact(world, "document.recorded", DocumentRecorded(self.case, "passport", "E00000017"), -200, incident=False),
        )
        document = Person.objects.filter(person=self.shown).values_list("document", flat=True)[0]
        self.rows = [
            ("e00000017", to_text(SHOP), "5", -20, -19), (to_text(self.near), SHOP.hex(), "5", -19.5, -19.2), (to_text(self.far), to_text(SHOP), "9", -19.5, -19.2),
            (str(document).lower(), to_text(SHOP), "5", -19.9, -19.1), ("traveller", to_text(SHOP), "5", -20, -19), (to_text(self.near), to_text(SHOP), "5", -900, -899),
        ]  # fmt: skip
        self.world, self.file = world, written(tmp_path / "visits.csv", world, self.rows)
        self.loaded = lakekeeping.load(world.look(asker(world)), self.file, incident(world), TOLD)

    def asks(self, basis: str = "流调函17号") -> tuple[lakeasking.Near, int]:
        look, of = self.world.look(asker(self.world)), incident(self.world)
        edition = edition_of(look, of)
        assert edition is not None
        near = lakeasking.ask(look, of, edition, basis, self.case)
        return near, lakeasking.enter(look, of, near)[0]

    def named(self, person: bytes) -> list[Any]:
        look = self.world.look(asker(self.world))
        return list(standing_facts("contact.named", look.seq, look.about).filter(person=person, met=self.case))

    def questions(self) -> list[Any]:
        return list(CONTENT["visits.queried"]._default_manager.order_by("entry"))


def test_a_file_is_taken_once_with_the_fate_of_every_row_and_a_fact(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    assert (met.loaded.load.taken, met.loaded.load.refused, met.loaded.before) == (5, 1, False)
    lines = [json.loads(line) for line in met.loaded.receipt.read_text().splitlines()]
    assert (lines[0]["basis"], lines[1]["row"], lines[1]["field"], lines[-1]) == (TOLD.basis, 7, "from", {"taken": 5, "refused": 1})
    assert "E00000017" not in met.loaded.receipt.read_text().upper()
    again = lakekeeping.load(world.look(asker(world)), met.file, incident(world), TOLD)
    assert again.before
    by_person, by_place = copies(lake.folder)
    assert by_person == by_place
    assert len(by_person) == 5
    [said] = CONTENT["visits.loaded"]._default_manager.all()
    assert (said.taken, said.refused, said.source, said.error, bytes(said.in_incident)) == (5, 1, "payment", "2%", world.incident)


def test_nobody_loads_without_a_basis_nor_by_a_post_that_may_not(world: World, lake: Lake, tmp_path: Path) -> None:
    file = written(tmp_path / "v.csv", world, [("a", "b", "c", -2, -1)])
    for user, told in ((asker(world), TOLD._replace(basis=" ")), (asker(world), TOLD._replace(source="interview")), ("sampler", TOLD)):
        with pytest.raises(Refused):
            lakekeeping.load(world.look(user), file, incident(world), told)
    assert lake.loads() == []
    assert not CONTENT["visits.loaded"]._default_manager.exists()


def test_whoever_shared_the_table_is_named_once_and_the_question_is_on_record(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    near, entered_ = met.asks()
    rings = {str(c.person): c.ring for c in near.answer.found}
    assert (rings[met.near.hex()], rings[met.shown.hex()], rings[met.far.hex()]) == ("close", "close", "general")
    assert near.unknown == ["TRAVELLER"], "who is on no register is told"
    assert entered_ == len(near.answer.found)
    [one] = met.named(met.near)
    assert (one.setting, bytes(one.place), one.exposed_until - one.exposed_from) == ("meal", SHOP, int(0.3 * HOUR))
    assert "2%" in one.words
    assert Entry.objects.get(seq=one.entry).source == lakekeeping.LAKE
    near, entered_ = met.asks("再查")
    assert (entered_, near.stale) == (0, [])
    assert len(met.named(met.near)) == 1
    asked = met.questions()
    assert [(a.basis, a.cases, a.read, a.found) for a in asked] == [("流调函17号", 1, 5, len(rings) + 1), ("再查", 1, 5, len(rings) + 1)]
    assert asked[0].account == asker(world)
    assert bytes(asked[0].in_incident) == world.incident


def test_a_question_without_basis_is_refused_and_one_that_finds_nobody_is_recorded(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    for basis in ("", "  "):
        with pytest.raises(Refused):
            met.asks(basis)
    assert met.questions() == []
    with lake.changing():
        lake.delete("person <> 'E00000017'")
    near, _ = met.asks()
    assert [c for c in near.answer.found if c.exposure.place] == []
    assert [q.basis for q in met.questions()] == ["流调函17号"]


def test_what_cannot_be_recorded_is_not_answered(world: World, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    met = Met(world, lake, tmp_path)

    def full(*_a: Any, **_k: Any) -> Any:
        raise OSError("the disk is full")

    monkeypatch.setattr(lakeasking, "enter_facts", full)
    with pytest.raises(OSError, match="full"):
        met.asks()
    assert met.named(met.near) == []
    # the planted bug: a question that is answered and not recorded
    monkeypatch.setattr(lakeasking, "_record", lambda *_a: None)
    met.asks()
    with pytest.raises(AssertionError):
        assert met.questions(), "the law above can fail"


def test_a_candidate_taken_back_stays_so_and_what_lost_its_visits_is_told(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    met.asks()
    [one] = met.named(met.near)
    with lake.changing():
        lake.delete(f"person = '{met.near.hex()}'")
    near, _ = met.asks()
    assert [(s.fact, s.person, s.met) for s in near.stale] == [(bytes(one.id), met.near, met.case)]
    assert met.named(met.near), "told, and left to somebody"
    assert lakeasking.take_back(world.look(asker(world)), near.stale, "数据已删") == 1
    assert met.named(met.near) == []
    assert met.asks()[0].stale == []
    # the same visits once more: what somebody took back is not named again by itself
    written(met.file, world, [*met.rows, ("x", "y", "z", -2, -1)])
    lakekeeping.load(world.look(asker(world)), met.file, incident(world), TOLD)
    assert met.asks()[1] == 0
    assert met.named(met.near) == []


def test_the_excluded_are_gone_from_both_copies_after_72_hours_and_nobody_else(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    met.asks()
    now = centre().clock.now()
    entered(
        fact(world, "contact.judged", ContactJudged(met.near, "excluded", "隔着屏风", "pidu.tracing"), 0),
        fact(world, "contact.judged", ContactJudged(met.shown, "excluded", "先误判", "pidu.tracing"), -1),
        fact(world, "contact.judged", ContactJudged(met.shown, "close", "同桌", "pidu.tracing"), 0),
    )

    def there() -> list[set[str]]:
        return [{r[0] for r in rows} for rows in copies(lake.folder)]

    set_clock(SetClock(Instant(world.opens + 72 * HOUR - 1)))
    assert lakekeeping.forget(centre()) == []
    set_clock(SetClock(Instant(max(now, world.opens) + 72 * HOUR)))
    assert [(d.cause, d.visits, d.people) for d in lakekeeping.forget(centre(), dry=True)] == [("excluded", 1, 1)]
    assert met.near.hex() in there()[0], "a dry run deletes nothing"
    assert [(d.cause, d.visits, d.people) for d in lakekeeping.forget(centre())] == [("excluded", 1, 1)]
    for rows in there():
        assert met.near.hex() not in rows
        assert len(rows) == 4
    assert lakekeeping.forget(centre()) == [], "twice changes nothing"
    [said] = CONTENT["visits.deleted"]._default_manager.all()
    assert (said.cause, said.visits, said.people, said.post) == ("excluded", 1, 1, None)
    near, _ = met.asks()
    assert near.stale == [], "of whoever is gone by law nobody says that they are not supported"


def test_the_window_and_the_end_of_the_incident_delete(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    set_clock(SetClock(Instant(world.opens + 13 * DAY)))
    assert lakekeeping.forget(centre()) == []
    set_clock(SetClock(Instant(world.opens + 16 * DAY)))
    assert [(d.cause, d.visits) for d in lakekeeping.forget(centre())] == [("window", 5)]
    assert copies(lake.folder) == ([], [])
    set_clock(SetClock(world.opens))
    written(met.file, world, [*met.rows, ("x", "y", "z", -2, -1)])
    lakekeeping.load(world.look(asker(world)), met.file, incident(world), TOLD)
    entered(fact(world, "incident.closed", IncidentClosed(world.incident, "pidu.command", "结束"), -0.1))
    assert {d.cause for d in lakekeeping.forget(centre())} == {"closed"}
    assert copies(lake.folder) == ([], [])
    assert all(each.gone == "closed" for each in lake.loads())


def test_a_file_is_taken_in_again_once_the_end_of_its_incident_was_taken_back(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    here, n = incident(world), len(copies(lake.folder)[0])
    ended = fact(world, "incident.closed", IncidentClosed(world.incident, "pidu.command", "结束"), -0.1)
    entered(ended)
    assert {d.cause for d in lakekeeping.forget(centre())} == {"closed"}
    assert lakekeeping.load(world.look(asker(world)), met.file, here, TOLD).before, "an incident that is over takes nothing in"
    entered(fact(world, "fact.withdrawn", FactWithdrawn(ended.id, "还在继续"), 0, incident=False))
    again = lakekeeping.load(world.look(asker(world)), met.file, here, TOLD)
    assert not again.before and again.load.whole and len(copies(lake.folder)[0]) == n
    assert len(CONTENT["visits.loaded"]._default_manager.all()) == 2, "each time that it was taken in is on record"
    assert lakekeeping.load(world.look(asker(world)), met.file, here, TOLD).before, "and twice is once again"
    assert lakekeeping.forget(centre()) == []


@pytest.mark.parametrize("later", [True, False])
def test_what_a_closed_incident_is_joined_to_keeps_its_visits(world: World, lake: Lake, tmp_path: Path, later: bool) -> None:
    """An incident with the smaller id stands for both. Closed before they became one, it ends nothing of the other; closed after, it ends both."""
    Met(world, lake, tmp_path)
    other = bytes(16)
    entered(
        fact(world, "incident.opened", IncidentOpened(other, "covid19", "510117", "前一起", "an earlier one", "outbreak"), -90)._replace(
            incident=other
        ),
        fact(world, "incident.closed", IncidentClosed(other, "pidu.command", "结束"), -0.1 if later else -40)._replace(incident=other),
        fact(world, "incident.joined", IncidentJoined(world.incident, other, "同一起"), -30, incident=False),
    )
    assert bool(lakekeeping.forget(centre())) == later
    assert bool(copies(lake.folder)[0]) != later


def test_a_broken_lake_is_told_and_stops_no_duty(world: World, lake: Lake, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Met(world, lake, tmp_path)
    set_clock(SetClock(Instant(world.opens + 16 * DAY)))
    next(iter(lake.folder.glob("*.person.parquet"))).unlink()
    assert lakekeeping.forget_by_clock() == []
    assert "could not be deleted" in caplog.text
    user, url = asker(world), reverse("visits-data")
    told = world.ask(user, url, "en", data={"basis": "流调函17号"})
    assert told.status == 422 and "cannot be read" in told.text
    (lake.folder / "visits.json").write_text('{"loads": [{"other": 1}]}', encoding="utf-8")
    assert world.ask(user, url, "en").status == 200


def test_a_person_who_asks_is_gone_from_the_lake_too(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    done = lakekeeping.forget_people(centre(), [met.shown], post="pidu.data", by="pidu.data retention")
    assert [(d.cause, d.visits, d.people) for d in done] == [("request", 1, 1)]
    assert len(copies(lake.folder)[1]) == 4


def test_the_page_asks_with_a_basis_and_shows_what_was_asked(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    user, url = asker(world), f"{reverse('visits-data')}?person={to_text(met.case)}"
    assert url in unescape(world.ask(user, reverse("case-candidates", kwargs={"person": to_text(met.case)}), "en").text)
    first = unescape(world.ask(user, url, "en").text)
    assert TOLD.basis in first
    assert "Nobody has asked" in first
    assert world.ask(user, url, "en", data={"basis": " "}).status == 422
    assert met.questions() == []
    answered = unescape(world.ask(user, url, "en", data={"basis": "流调函17号"}).text)
    assert "new candidates are named" in answered or "new candidate is named" in answered
    assert "1 candidate is on no register" in answered
    assert reverse("contact", kwargs={"person": to_text(met.near)}) in answered
    assert "流调函17号" in answered
    assert "traveller" not in answered, "ids of the data stay out of the page"
    for other in ("sampler", "commander", "investigator"):
        if other in world.users:
            assert world.ask(other, url, "en").status in (403, 404)
            assert world.ask(other, url, "en", data={"basis": "x"}).status in (403, 404)
    assert len(met.questions()) == 1


def test_the_commands_load_ask_and_forget(world: World, lake: Lake, tmp_path: Path) -> None:
    met = Met(world, lake, tmp_path)
    look = world.look(asker(world))
    chair = look.viewer.chair_for("ask_visits")
    assert chair is not None
    run = CliRunner()
    common = ["--incident", world.incident.hex(), "--basis", "函18号", "--by", chair.post, "--lang", "en"]
    more = written(tmp_path / "more.csv", world, [(to_text(met.far), to_text(SHOP), "5", -19.9, -19.5), ("", "b", "c", -2, -1)])
    done = run.invoke(main, ["visits", "load", str(more), "--source", "ticket", *common])
    assert done.exit_code == 1, done.output
    assert "row 3 person: should be the id of a person" in done.output
    assert "1 rows taken, 1 refused" in done.output
    done = run.invoke(main, ["visits", "rings", "--case", to_text(met.case), *common, "--json"])
    assert done.exit_code == 1, done.output  # somebody is on no register
    said = json.loads(done.output[done.output.index("{") :])
    assert (said["unknown"], said["read"]) == (["TRAVELLER"], 6)
    assert met.named(met.far)
    assert run.invoke(main, ["visits", "rings", *common[:2], "--basis", " ", *common[4:]]).exit_code == 2
    nobody = run.invoke(main, ["visits", "rings", *common[:4], "--by", "no.such.post", "--lang", "en"])
    assert nobody.exit_code == 2
    assert "nobody with an account holds it" in nobody.output
    assert "6" in run.invoke(main, ["visits", "status", "--lang", "en"]).output
    assert "nothing is due" in run.invoke(main, ["visits", "forget", "--lang", "en"]).output
