"""``bulou demo``: time goes on and never back, stops at the last hour, feeds what one ledger would hold; one process for a home."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from bulou.basis.ids import named_id
from bulou.basis.time import DAY, HOUR, Instant, SetClock
from bulou.duties.enter import forget
from bulou.duties.memory import Memory
from bulou.evidence.models import Entry
from bulou.kit.centre import centre, set_clock
from bulou.kit.looking import forget_books
from bulou.register.models import User
from bulou.scenarios import demo, run
from bulou.scenarios.models import DemoState
from bulou.scenarios.progress import Progress
from bulou.scenarios.size import FEWEST
from bulou.web import demo as serving
from tests.scenario.ground import duties, ends, enter_all, ground

HEAD = ground().published.head


class Machine:
    """A machine's clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = Instant(0)

    def now(self) -> Instant:
        return self.at


@pytest.fixture
def playing(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A demo at the hour at which its board opens, on the small ground, with a machine whose time the test moves."""
    machine = Machine()
    clock = demo.DemoClock()
    monkeypatch.setattr(clock, "_machine", machine)
    monkeypatch.setattr(demo, "MachineClock", lambda: machine)
    monkeypatch.setattr(demo, "plan", lambda zone, many: (ground().published, [], list(ground().entries)))
    before = centre().clock
    set_clock(clock)
    protocol = centre().protocol
    enter_all(list(ground().before), HEAD.begins)
    for entry in (e for e in ground().entries if e.known <= HEAD.opens):
        demo.feed_one(entry, protocol)
    demo.tick(SetClock(HEAD.opens), protocol)
    DemoState.objects.create(scenario=demo.SCENARIO, origin=HEAD.opens, since=0, speed=1.0, fed=HEAD.opens, people=0)
    yield machine
    set_clock(before)
    forget()
    forget_books()


def fed() -> int:
    return Entry.objects.exclude(by__in=("clock", "test")).count()


def test_day_by_day_it_tells_what_one_ledger_would_hold(playing: Machine) -> None:
    now = HEAD.opens
    while now < ends():
        demo.advance(Instant(now + DAY))
        later = centre().clock.now()
        assert later > now
        now = later
    assert now == ends()
    assert fed() == len(ground().entries)
    assert duties() == at_once(), "feeding by the hour gave other duties than the same facts entered at the end"


def at_once() -> Any:
    """The duties of the same facts by the engine in memory, all entered at the last hour."""
    memory = Memory(centre().protocol)
    memory.enter(ground().facts, ends())
    return memory.duties(1)


def test_it_never_goes_back(playing: Machine) -> None:
    demo.advance(Instant(HEAD.opens + 3 * HOUR))
    entries = fed()
    assert demo.advance(Instant(HEAD.opens + HOUR)) == 0
    assert centre().clock.now() == HEAD.opens + 3 * HOUR
    assert fed() == entries


def test_time_runs_by_itself_and_feeds(playing: Machine) -> None:
    before = fed()
    playing.at = Instant(2 * HOUR)
    assert centre().clock.now() == HEAD.opens + 2 * HOUR
    assert demo.catch_up() == fed() - before > 0
    assert demo.catch_up() == 0


def test_time_stands_at_the_last_hour(playing: Machine) -> None:
    demo.advance(Instant(ends() + 30 * DAY))
    assert centre().clock.now() == ends()
    playing.at = Instant(100 * DAY)
    assert centre().clock.now() == ends()
    entries = Entry.objects.count()
    demo.catch_up()
    assert demo.advance(Instant(ends() + DAY)) == 0
    assert Entry.objects.count() == entries, "after the last hour nothing more becomes known"


@pytest.mark.parametrize("over", [False, True])
def test_after_the_last_hour_it_says_that_it_is_over(over: bool, playing: Machine) -> None:
    user = User.objects.create_user("commander", holder=named_id("pidu-2020-12 staff", "pidu.command"), demo=True)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    if over:
        demo.advance(ends())
    with override_settings(BULOU_DEMO=demo.SCENARIO):
        page = client.get("/board").content.decode()
    assert ("the scenario is over" in page) == over
    assert ('value="day"' in page) == (not over)


# --- serving ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "demo"
    made.mkdir()
    return made


def test_one_process_for_a_home(folder: Path) -> None:
    held = serving._hold(folder)
    (folder / "port").write_text("8000")
    with pytest.raises(serving.AlreadyRunning, match=r"127\.0\.0\.1:8000"):
        serving._hold(folder)
    held.close()
    serving._hold(folder).close()


def test_reset_beside_a_running_demo_takes_nothing_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = serving._hold(folder)
    (folder / "bulou.sqlite3").write_text("in use")
    monkeypatch.setattr(serving, "home", lambda: folder.parent)
    with pytest.raises(serving.AlreadyRunning):
        serving.run(0, browser=False, reset=True)
    assert (folder / "bulou.sqlite3").read_text() == "in use"
    held.close()


def test_a_taken_port_is_said_and_takes_nothing_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bulou.sqlite3").write_text("whole")
    monkeypatch.setattr(serving, "home", lambda: folder.parent)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(serving.PortTaken, match="--port"):
            serving.run(other.getsockname()[1], browser=False, reset=True)
    assert (folder / "bulou.sqlite3").read_text() == "whole"
    serving._hold(folder).close()


@pytest.mark.parametrize("told", ["300", "many", "-5", "1e5"])
def test_too_small_a_register_is_said_and_takes_nothing_away(folder: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """With 300 people the story's villages are empty: it used to break in the middle of loading."""
    (folder / "bulou.sqlite3").write_text("whole")
    monkeypatch.setattr(serving, "home", lambda: folder.parent)
    monkeypatch.setenv("BULOU_DEMO_PEOPLE", told)
    with pytest.raises(serving.CannotStart, match=f"BULOU_DEMO_PEOPLE={told}.*at least {FEWEST}"):
        serving.run(0, browser=False, reset=True)
    assert (folder / "bulou.sqlite3").read_text() == "whole"


def test_the_fewest_people_are_enough_for_the_story() -> None:
    demo.plan.cache_clear()
    _published, _units, entries = demo.plan(settings.BULOU_ZONE, FEWEST)
    told = {f.kind for entry in entries for f in entry.facts}
    demo.plan.cache_clear()
    assert {"contact.named", "order.made", "sample.taken", "household.visited"} <= told


def test_half_a_demo_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "format").write_text(serving._format())
    (folder / "bulou.sqlite3").write_text("half")
    Progress("register", 1, 2, ready=False).write(folder)
    assert not serving._loaded(folder)
    Progress("ready", 2, 2, ready=True).write(folder)
    assert serving._loaded(folder)
    (folder / "format").write_text("another Bulou's")
    assert not serving._loaded(folder)
    serving._clear(folder)
    assert not list(folder.iterdir())


def test_a_loader_whose_demo_has_gone_leaves_the_next_ones_progress_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while loading and started again: two loaders would tell two stories of one file."""
    parents = iter([1, 1, 2])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    told: list[str] = []

    class Loading:
        PEOPLE = 10

        @staticmethod
        def load(say: Any, many: int) -> None:
            say("register", 1, many)
            told.append("register")
            Progress("migrate", 0, 10, ready=False).write(folder)  # the next demo's loader begins
            say("register", 2, many)
            told.append("more")

    with pytest.raises(SystemExit):
        run.load(folder, Loading)
    assert told == ["register"]
    left = Progress.read(folder)
    assert left is not None
    assert left.step == "migrate"
