"""``bulou demo``: a database of its own, a loader and a watch beside it, and the server; one command, nothing else to install."""

import hashlib
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import webbrowser
from importlib import resources
from pathlib import Path

import uvicorn

from bulou.scenarios.progress import Progress
from bulou.scenarios.size import NoSize, how_many
from bulou.web.home import home

#: What a demo's database is made of: when any of it changes, one made before would no longer do and is made anew.
MADE_OF = ("scenarios/*.py", "scenarios/*/*.toml", "protocol/editions/**/*.toml", "**/migrations/*.py")


class CannotStart(RuntimeError):
    """The demo cannot be served: nothing was changed."""


class PortTaken(CannotStart):
    """Something else listens on the port."""


class AlreadyRunning(CannotStart):
    """Another process serves the demo of this home."""


def run(port: int, *, browser: bool, reset: bool) -> None:
    """Serves the demo until it is stopped. The first page answers within seconds and shows how far the loading has come."""
    try:
        how_many()
    except NoSize as wrong:
        raise CannotStart(str(wrong)) from None
    folder = home() / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = _hold(folder)
    try:
        _free(port)
        if reset or not _loaded(folder):
            _clear(folder)
        (folder / "port").write_text(str(port))
        (folder / "static").mkdir(exist_ok=True)  # where a centre collects its files; looked for at every start
        _serve(folder, port, browser=browser)
    finally:
        held.close()


def _serve(folder: Path, port: int, *, browser: bool) -> None:
    token = secrets.token_urlsafe(12)
    os.environ.update(
        BULOU_HOME=str(folder), BULOU_DEMO="pidu_2020_12", BULOU_DEMO_TOKEN=token, DJANGO_SETTINGS_MODULE="bulou.web.settings"
    )
    os.environ.pop("DATABASE_URL", None)
    helpers = []
    if not _loaded(folder):
        Progress("start", 0, 1, ready=False).write(folder)
        (folder / "format").write_text(_format())
        helpers.append(subprocess.Popen([sys.executable, "-m", "bulou.scenarios.run", "load"]))
    helpers.append(subprocess.Popen([sys.executable, "-m", "bulou.scenarios.run", "watch"]))
    helpers.append(subprocess.Popen([sys.executable, "-m", "bulou.scenarios.run", "work"]))
    url = f"http://127.0.0.1:{port}/demo/start/{token}"
    print(f"\n  Bulou 不漏 · demo: {url}\n  Ctrl+C stops it. Data: {folder}\n", flush=True)  # noqa: T201 - said to the person at the terminal
    if browser:
        threading.Thread(target=open_browser, args=(port, url), daemon=True).start()
    try:
        uvicorn.run("bulou.web.asgi:application", host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3)
    finally:
        for helper in helpers:
            helper.terminate()


def _hold(folder: Path) -> sqlite3.Connection:
    """Keeps the demo of this home to one process. A lock of SQLite: on every system it ends with the process, however it ends."""
    held = sqlite3.connect(folder.parent / "demo.lock", timeout=0, isolation_level=None)
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        held.close()
        port = folder / "port"
        where = f" at http://127.0.0.1:{port.read_text()}/" if port.exists() else ""
        raise AlreadyRunning(f"the demo is already running{where}: stop it first, or give this one a BULOU_HOME of its own") from None
    return held


def _format() -> str:
    """What stands for the code and files that a demo's database was made of."""
    top = Path(str(resources.files("bulou")))
    digest = hashlib.sha256(os.environ.get("BULOU_DEMO_PEOPLE", "").encode())
    for path in sorted(p for pattern in MADE_OF for p in top.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _loaded(folder: Path) -> bool:
    progress = Progress.read(folder)
    mark = folder / "format"
    return bool(progress and progress.ready and mark.exists() and mark.read_text() == _format() and (folder / "bulou.sqlite3").exists())


def _clear(folder: Path) -> None:
    """Takes an old or half-made demo away; only what a demo made is in this folder, and the lock beside it is held."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(f"port {port} is taken: stop what listens there, or choose another with --port") from None


def open_browser(port: int, url: str) -> None:
    """Opens the browser once the server answers."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                webbrowser.open(url)
                return
        time.sleep(0.2)
