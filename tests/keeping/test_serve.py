"""``bulou serve``: what it keeps running, what it refuses, and that it stops; readiness says what is wrong and nothing of anybody."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bulou.basis.time import SECOND, Instant, MachineClock, SetClock
from bulou.gaps import watch as watching
from bulou.web import health, serve, shape
from bulou.web.shape import Standing
from bulou.web.supervisor import BACK_OFF, Child, Supervisor
from tests.engine.databases import address, create, drop, vendor
from tests.keeping.ground import environment


# --- the supervisor ---------------------------------------------------------------------------------------------------
class Process:
    """A process that ends when it is told how."""

    def __init__(self) -> None:
        self.code: int | None = None
        self.told: list[str] = []

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.told.append("terminate")

    def kill(self) -> None:
        self.told.append("kill")

    def wait(self, timeout: float | None = None) -> int:
        if timeout is not None:
            raise subprocess.TimeoutExpired("x", timeout)
        return 0


@pytest.fixture
def kept() -> tuple[Supervisor, list[Process], list[str]]:
    started: list[Process] = []
    said: list[str] = []

    def start(_child: Child) -> Process:
        started.append(Process())
        return started[-1]

    return Supervisor([Child("watch", ("x",))], lambda _zh, en: said.append(en), start), started, said


def test_a_child_that_died_is_started_again_later_each_time(kept: Any) -> None:
    supervisor, started, said = kept
    supervisor.look(0.0)
    now = 0.0
    for i, wait in enumerate([*BACK_OFF, BACK_OFF[-1]]):
        started[-1].code = 3
        now += 1.0
        supervisor.look(now)
        assert said[-1] == f"watch ended with 3 (it says why above) after 1 s: it is started again in {wait} s"
        supervisor.look(now + wait - 0.5)
        assert len(started) == i + 1, "not before its time"
        now += wait
        supervisor.look(now)
        assert len(started) == i + 2


def test_one_that_was_well_begins_anew(kept: Any) -> None:
    supervisor, started, said = kept
    supervisor.look(0.0)
    for now in (1.0, 3.0):
        started[-1].code = 1
        supervisor.look(now)
        supervisor.look(now + 60)
    started[-1].code = -9
    supervisor.look(1000.0)
    assert "was ended by signal SIGKILL" in said[-1]
    assert said[-1].endswith("in 1 s")


def test_stopping_ends_what_does_not_stop(kept: Any) -> None:
    supervisor, started, _said = kept
    supervisor.look(0.0)
    supervisor.stop()
    assert started[0].told == ["terminate", "kill"]


# --- the watch --------------------------------------------------------------------------------------------------------
def test_the_watch_leaves_its_sign(tmp_path: Path) -> None:
    clock, sign, looks = SetClock(Instant(5 * SECOND)), tmp_path / "sign", []
    watching.keep(lambda: looks.append(1), sign, clock, lambda: len(looks) < 2, every_s=0)
    assert len(looks) == 2
    assert watching.last_sign(sign) == 5 * SECOND
    assert watching.fresh(sign, Instant(60 * SECOND))
    assert not watching.fresh(sign, Instant(66 * SECOND))
    assert not watching.fresh(tmp_path / "none", Instant(0))


def test_a_watch_that_fails_leaves_no_sign(tmp_path: Path) -> None:
    def fails() -> None:
        raise RuntimeError("database gone")

    with pytest.raises(RuntimeError):
        watching.keep(fails, tmp_path / "sign", MachineClock(), lambda: True, every_s=0)
    assert watching.last_sign(tmp_path / "sign") is None


# --- health and readiness ---------------------------------------------------------------------------------------------
def sign_now(settings: Any) -> None:
    (settings.BULOU_HOME / health.SIGN).write_text(str(MachineClock().now()))


def test_ready_needs_no_account_and_tells_nothing_of_anybody(db: None, settings: Any) -> None:
    sign_now(settings)
    client = Client(headers={"host": "10.0.0.9"})  # a probe asks by address
    assert client.get("/health").json() == {"alive": True}
    found = client.get("/ready")
    assert found.status_code == 200
    assert found.json() == {"ready": True, "database": True, "migrations": True, "watch": True, "disk": True}
    assert not found.cookies


@pytest.mark.parametrize("what", ["database", "migrations", "watch", "disk"])
def test_ready_says_what_is_wrong(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    sign_now(settings)
    if what == "watch":
        (settings.BULOU_HOME / health.SIGN).write_text("1")
    elif what == "disk":
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 9, 1))
    elif what == "database":
        monkeypatch.setattr(health, "_database", lambda: False)
    else:
        monkeypatch.setattr(health, "_migrated", False)
        monkeypatch.setattr(health, "standing", lambda _c: Standing(False, [("kit", "0009_x")], []))
    found = Client().get("/ready")
    assert found.status_code == 503
    assert [k for k, v in found.json().items() if not v] == ["ready", what]


def test_health_asks_no_database(settings: Any) -> None:
    assert Client().get("/health").status_code == 200  # this test may touch none


# --- what it refuses --------------------------------------------------------------------------------------------------
def test_a_home_is_served_once(tmp_path: Path) -> None:
    with serve.holding(tmp_path), pytest.raises(serve.CannotServe, match="in use by another"), serve.holding(tmp_path):
        raise AssertionError("held twice")
    with serve.holding(tmp_path):
        pass


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Standing(False, [("kit", "0002_x")], []), "run bulou upgrade"),
        (Standing(False, [], [("kit", "0099_later")]), "made by a newer Bulou .it has kit.0099_later"),
    ],
)
def test_another_shape_is_refused_and_left_alone(found: Standing, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "standing", lambda _c: found)
    monkeypatch.setattr(serve, "migrate", lambda _c: pytest.fail("migrated"))
    with pytest.raises(serve.CannotServe, match=told):
        serve.prepare(connection, lambda *_: None)


def test_this_code_knows_its_own_database(db: None) -> None:
    assert shape.standing(connection).whole


# --- the whole of it --------------------------------------------------------------------------------------------------
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def database() -> Iterator[str | None]:
    """On SQLite the home's own, which is not there yet; on PostgreSQL one with nothing in it."""
    if vendor() == "sqlite":
        yield None
        return
    name = f"bulou_served_{os.urandom(4).hex()}"
    create(name)
    yield address(name)
    drop(name)


def started(home: Path, url: str | None, port: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "bulou.cli", "serve", "--port", str(port), "--lang", "en"]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment(home, url))


#: A centre with one officer, who is signed in: says the session.
OFFICER = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from bulou.basis import facts as f
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, Instant
from bulou.duties.enter import enter
from bulou.kit.centre import centre
from bulou.register.models import User
at = Instant(centre().clock.now() - DAY)
told = [("area.declared", f.AreaDeclared("510117", None, "district", "区")), ("centre.founded", f.CentreFounded("510117", "部", "Centre")),
        ("post.established", f.PostEstablished("duty", "duty_officer", "510117", "值班员", "officer", "部", "Centre")),
        ("post.held", f.PostHeld("duty", named_id("officer")))]
enter([Fact(named_id("served", kind), kind, at, None, body) for kind, body in told], by="t", source="t", clock=centre().clock,
      protocol=centre().protocol)
client = Client()
client.force_login(User.objects.create_user("officer", holder=named_id("officer")), backend=settings.AUTHENTICATION_BACKENDS[0])
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


def streaming(home: Path, url: str | None, port: int) -> socket.socket:
    """A live page of someone signed in, which has heard the first number and waits for the next."""
    said = subprocess.run([sys.executable, "-c", OFFICER], env=environment(home, url), capture_output=True, text=True, check=True)
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    stream.sendall(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={said.stdout.strip()}\r\n\r\n".encode())
    heard = b""
    while b"data: " not in heard:
        piece = stream.recv(4096)
        assert piece, heard
        heard += piece
    assert heard.startswith(b"HTTP/1.1 200"), heard
    return stream


def asked(port: int, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def until_ready(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(300):
        assert process.poll() is None
        try:
            if asked(port, "/ready")[0] == 200:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        signal.sigtimedwait([signal.SIGUSR1], 0.2)
    raise AssertionError("never ready")


def test_first_start_serves_refuses_a_second_and_stops(database: str | None, tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    process = started(home, database, port)
    try:
        until_ready(process, port)
        assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
        if database is None:
            assert (home / "bulou.sqlite3").stat().st_mode & 0o077 == 0
        assert home.stat().st_mode & 0o077 == 0
        second = started(home, database, free_port())
        assert second.communicate()[1] == f"Error: {home} is in use by another bulou process: stop that one first\n"
        assert second.returncode == 1
        key = (home / "secret.key").read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "first start: the database is made" in told
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the web server has gone with it"
    again = started(home, database, port)
    stream = None
    try:
        until_ready(again, port)
        stream = streaming(home, database, port)
    finally:
        again.send_signal(signal.SIGINT)
        told = again.communicate(timeout=30)[1]
    with stream:
        while stream.recv(4096):
            pass
    assert again.returncode == 0, "a page that is open keeps nobody from stopping"
    assert "first start" not in told
    assert "Traceback" not in told
    assert (home / "secret.key").read_text() == key
