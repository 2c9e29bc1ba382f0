"""A live play: its pace, its page, people at desks. Real time is the test's own: nothing sleeps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import signals
from django.db import close_old_connections, connection, transaction
from django.http import Http404, HttpRequest
from django.test import Client, override_settings

from bulou.basis.ids import new_id, to_text
from bulou.basis.time import SECOND, Instant, SetClock
from bulou.exercise import drill, outbreak
from bulou.exercise.actors import trainer
from bulou.exercise.files import read_head, title
from bulou.exercise.live import LEADS, SLICE, TOLD, Live, leading, running
from bulou.exercise.parameters import Unfit
from bulou.exercise.people import notices
from bulou.exercise.playing import Play
from bulou.exercise.score.reckoned import score
from bulou.exercise.score.said import lines as said_of
from bulou.kit.centre import centre
from bulou.register.models import User
from bulou.web import drillpage
from bulou.web.accounts import sign_in_as
from tests.exercise.test_play import SEED, copied, lines, town
from tests.exercise.test_zeros import ZEROS

__all__ = ["town"]


# --- the pace -------------------------------------------------------------------------------------------------------------
class Ticking:
    """A play as far as its lead asks it: the minute, and the clock that is moved on."""

    def __init__(self) -> None:
        self.minute = 0.0
        self.moved: list[float] = []

    def to(self, minute: float) -> None:
        self.minute = max(self.minute, minute)
        self.moved.append(self.minute)


class Real:
    """Real time that passes only when it is waited for, and what is done meanwhile."""

    def __init__(self) -> None:
        self.clock, self.waited = SetClock(Instant(0)), 0.0
        self.meanwhile: list[Callable[[], object]] = []

    def wait(self, seconds: float) -> None:
        assert 0 < seconds <= SLICE, "whoever stops a play is heard soon"
        self.waited += seconds
        self.clock.at = Instant(self.clock.at + round(seconds * SECOND))
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def passes(self, seconds: float) -> None:
        self.clock.at = Instant(self.clock.at + round(seconds * SECOND))


def lead(speed: float | None, real: Real) -> Live:
    return Live(speed, real.clock, real.wait)


def until(live: Live, play: Any, minute: float) -> None:
    while not live.comes(play, minute):
        assert not live.over
    play.minute = max(play.minute, minute)


def test_an_hour_at_600_takes_six_seconds_and_the_clock_goes_smoothly() -> None:
    real, play = Real(), Ticking()
    until(lead(600, real), play, 60)
    assert real.waited == pytest.approx(6, abs=0.01)
    assert play.moved == sorted(play.moved) and max(b - a for a, b in zip([0.0, *play.moved], play.moved, strict=False)) <= 5.01


def test_a_machine_that_is_late_is_told_and_nothing_is_hurried() -> None:
    real, play = Real(), Ticking()
    live = lead(600, real)
    until(live, play, 10)
    real.passes(30)  # a day's work took half a minute
    before = real.waited
    until(live, play, 11)
    assert real.waited == before and live.behind == pytest.approx(299, abs=1)
    until(live, play, 21)
    assert real.waited - before == pytest.approx(1, abs=0.01), "ten minutes take their second all the same"


def test_a_pause_stops_the_clock_and_is_not_made_up_for() -> None:
    real, play = Real(), Ticking()
    live = lead(60, real)
    until(live, play, 1)
    live.pause()
    stood = play.minute
    real.meanwhile = [lambda: None] * 20 + [live.go]
    while live.paused:
        assert not live.comes(play, 2) and play.minute == stood and live.state != "going"
    before = real.waited
    until(live, play, 2)
    assert real.waited - before == pytest.approx(1, abs=0.01) and live.behind == 0


def test_as_fast_as_possible_waits_for_nothing_and_a_stop_is_heard() -> None:
    real, play = Real(), Ticking()
    live = lead(None, real)
    assert live.comes(play, 1e6) and real.waited == 0
    live.stop()
    assert not live.comes(play, 1e6) and live.over and real.waited == 0
    live.stays()
    assert live.state == "ended"
    ended = lead(1, real)
    ended.ends()
    real.meanwhile = [lambda: None, ended.stop]
    ended.stays()
    assert real.waited == 2 * SLICE


# --- outside a live play --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_outside_a_live_exercise_there_is_none_of_it(town: Path) -> None:
    user, client = User.objects.create(username="exercise.auditor"), Client()
    assert client.get("/exercise/play").status_code == 302, "a stranger is sent to sign in"
    client.force_login(user)
    asked = (lambda: client.get("/exercise/play"), lambda: client.post("/exercise/play/do", {"do": "take", "seat": "town-1"}))
    for ask in (*asked, lambda: client.get("/exercise/start/x")):
        with override_settings(BULOU_EXERCISE="exercise 1 x"):
            assert ask().status_code == 404
    live = Live(None)
    with leading(live):
        assert running() is None, "a play that has not begun"
        live.play = Ticking()  # type: ignore[assignment]  # nothing of it is asked
        assert running() is live
        for ask in (*asked, lambda: client.get(f"/exercise/start/{live.token}")):
            assert ask().status_code == 404, "a home without the mark"
    assert running() is None
    with override_settings(BULOU_EXERCISE="", BULOU_DEMO=None), pytest.raises(Http404):
        sign_in_as(HttpRequest(), user)


def test_a_site_that_people_are_served_by_is_not_killed(town: Path, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="'killed'"):
        drill.run(town, connection, tmp_path / "r", 1, SEED, outbreak.read("wild-2020"), 5, ["killed"], [], lambda *_: None, Live(None))


@pytest.mark.parametrize(("fact", "status", "fate"), [
    (None, 302, ""), (None, 422, "refused"), ("f", 200, "entered"), ("f", 422, "refused"), ("f", None, "unanswered"),
])  # fmt: skip
def test_a_form_that_was_taken_is_not_called_refused(fact: str | None, status: int | None, fate: str) -> None:
    assert drillpage._fate({"fact": fact, "status": status, "told": None, "again": None}) == fate


def test_every_event_of_a_trainer_has_its_words() -> None:
    assert set(drillpage.HAPPENS) == set(trainer.EVENTS)


# --- a whole day with people at desks -------------------------------------------------------------------------------------
class _Browser(Client):
    """A browser beside a play in the same process: Django's client connects again what closes connections, which the play keeps open."""

    def request(self, **words: Any) -> Any:
        try:
            return super().request(**words)
        finally:
            for signal in (signals.request_started, signals.request_finished):
                signal.disconnect(close_old_connections)


class Drill:
    """What a trainer and another person do, each hour of it in the play's own thread, through the site's pages."""

    def __init__(self) -> None:
        self.real = Real()
        self.live = Live(None, self.real.clock, self.real.wait, notices, self.opens)
        self.trainer, self.other, self.stranger = _Browser(), _Browser(), _Browser()
        self.done: list[str] = []

    @property
    def play(self) -> Play:
        assert self.live.play
        return self.live.play

    def opens(self, live: Live) -> None:
        for minute, step in (
            (60, self.sits_down),
            (700, self.pauses),
            (735, self.sits_at_a_laboratory),
            (1000, self.makes_it_harder),
            (1255, self.reports),
            (1300, self.ends),
        ):
            self.play.at(minute, step)

    def do(self, by: Client, act: str, **more: str) -> Any:
        return by.post("/exercise/play/do", {"do": act, **more})

    def sits_down(self) -> None:
        assert self.stranger.get("/exercise/play").headers["Location"].startswith("/accounts/login/")
        assert self.stranger.get("/exercise/start/another").status_code == 404
        someone = _Browser()
        someone.force_login(User.objects.get(username="exercise.town-2"))
        seen = someone.get("/exercise/play")
        assert seen.status_code == 200 and b'name="do"' not in seen.content, "whoever did not come by the link looks on"
        for act in ("pause", "take", "happens", "end", "speed", "back"):
            assert self.do(someone, act, seat="town-1", what="lost_box", speed="60").status_code == 404
        for client in (self.trainer, self.other):
            assert client.get(f"/exercise/start/{self.live.token}").headers["Location"] == "/exercise/play"
        strict = _Browser(enforce_csrf_checks=True)
        strict.get(f"/exercise/start/{self.live.token}")
        assert self.do(strict, "pause").status_code == 403 and not self.live.paused
        assert self.do(self.trainer, "take", seat="town-1").status_code == 302
        assert self.do(self.other, "take", seat="town-1").headers["Location"] == "/exercise/play" and list(self.live.people) == ["town-1"]
        assert self.do(self.other, "take", seat=LEADS).status_code == 404 and self.do(self.other, "take", seat="nobody").status_code == 404
        assert "town-1" in self.trainer.get("/shell/mine/").content.decode()
        self.done.append("sat down")

    def pauses(self) -> None:
        self.do(self.trainer, "pause")
        stood = centre().clock.now()

        def still() -> None:
            assert (
                centre().clock.now() == stood
                and 'value="go"' in self.trainer.get("/exercise/play", HTTP_ACCEPT_LANGUAGE="en").content.decode()
            )

        self.real.meanwhile = [
            still,
            still,
            lambda: self.do(self.trainer, "speed", speed="3600"),
            lambda: self.do(self.other, "speed", speed="most"),
        ]
        self.done.append("paused")

    def sits_at_a_laboratory(self) -> None:
        self.laboratory = next(x.seat for x in self.play.laboratories if x.waiting)  # its next run is about to begin
        self.do(self.other, "take", seat=self.laboratory)
        assert list(self.live.people) == ["town-1", self.laboratory]
        self.done.append("sat at a laboratory")

    def makes_it_harder(self) -> None:
        assert not self.real.meanwhile and self.live.speed is None
        assert self.do(self.trainer, "happens", what="flood").status_code == 404
        self.do(self.trainer, "happens", what="lost_box")
        self.done.append("made it harder")

    def reports(self) -> None:
        area = self.play.stage.seats["town-1"].area
        at = f"/do/send_report?area={area}"
        fact = re.search(r'name="fact_id" value="([^"]+)"', self.trainer.get(at).content.decode())
        assert fact, "the form of an ordinary page"
        sent = self.trainer.post(at, {"fact_id": fact[1], "area": area, "day": "2020-12-07", "findings": "3", "at": "2020-12-07 20:55"})
        assert sent.status_code == 302
        page = self.other.get("/exercise/play").content.decode()
        assert self.live.papers[self.laboratory] and "/testing/result?tube=" in page
        paper = next(p for p in self.live.papers[self.laboratory] if p.verb == "report_result")
        self.by_hand = paper.body["content"]["tube"]
        by_hand = {"fact_id": to_text(new_id(centre().clock.now())), **paper.body["content"], "run": "first"}
        assert self.other.post(f"/testing/result?tube={self.by_hand}", by_hand).status_code in (200, 302)
        self.done.append("reported")

    def ends(self) -> None:
        left = {p.body["content"].get("tube") for p in self.live.papers[self.laboratory]}
        assert left and self.by_hand not in left, "what a person entered lies on their table no more"
        self.left = left
        self.do(self.other, "back", seat=self.laboratory)
        assert list(self.live.people) == ["town-1"]
        self.play.at(1310, lambda: self.do(self.trainer, "end"))
        self.done.append("ended")


@pytest.mark.django_db
def test_people_lead_it_sit_at_desks_and_end_it_early(town: Path, tmp_path: Path) -> None:
    folder, people = copied(town, tmp_path / "town"), Drill()
    with transaction.atomic(), override_settings(BULOU_EXERCISE=title(read_head(folder))):
        told = drill.run(
            folder, connection, tmp_path / "receipt.jsonl", 3, SEED, outbreak.read("wild-2020"), 5, [], [], lambda *_: None, people.live,
            lambda _told: people.live.stop(),
        )  # fmt: skip
        transaction.set_rollback(True)
    assert people.done == ["sat down", "paused", "sat at a laboratory", "made it harder", "reported", "ended"] and running() is None
    # It ended at the minute at which it was ended, and says what was played.
    said = json.loads((folder / "play" / "play.json").read_text())
    assert (said["days"], told.days, said["ended"][:16]) == (1, 1, "2020-12-07T21:51")
    assert [e["event"] for e in said["events"]] == ["lost_box"]
    assert {(d["actor"], d["since"], d["until"]) for d in said["desks"]} == {("town-1", 60, 1310), (people.laboratory, 735, 1300)}
    log = lines(folder / "play" / "log.jsonl")
    # Simulated staff did nothing at a desk that was taken; the staff of other desks went on.
    by = {seat: [d for d in log if d["actor"] == seat and d["fact"] and d["status"] == 200] for seat in ("town-1", people.laboratory)}
    assert [(d["verb"], d["told"], d["values"]["findings"]) for d in by["town-1"]] == [("send_report", TOLD, 3)]
    assert len([d for d in log if d["fact"] and d["at"] > 60 and d["actor"] != people.laboratory and d["told"] != TOLD]) > 10
    laboratory = [d for d in by[people.laboratory] if d["at"] > 735]
    assert {d["values"]["tube"] for d in laboratory if d["told"] == TOLD} == {people.by_hand}
    assert (
        people.left == {d["values"]["tube"] for d in laboratory if d["told"] != TOLD}
        and min(d["at"] for d in laboratory if d["told"] != TOLD) >= 1300
    )
    assert [d["verb"] for d in log if d["verb"].startswith("desk ")] == ["desk taken", "desk taken", "desk given back", "desk given back"]
    # What was played is scored, people's acts with it.
    scored = score(folder)
    assert {z: scored["zeros"][z]["n"] for z in ZEROS} == dict.fromkeys(ZEROS, 0)
    assert {d["fact"] for d in log if d["told"] == TOLD} <= {
        a["fact"] for a in lines(folder / "play" / "again.jsonl") if a["told"] == "same"
    }
    assert (scored["days"], scored["desks"], scored["by_people"]) == (1, 2, 2)
    assert ("People at desks", "facts that people entered", "2") in [(line.part.en, line.word.en, line.value) for line in said_of(scored)]
