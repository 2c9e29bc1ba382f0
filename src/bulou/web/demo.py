"""``bulou demo``: a database of its own, a loader and a watch beside it, and the server; one command, nothing else to install."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from pathlib import Path

import uvicorn

from bulou.web.home import home
from bulou.web.progress import Progress

#: Changes whenever a demo's database made by an older Bulou would no longer do.
FORMAT = "1"


class PortTaken(RuntimeError):
    """Something else listens on the port."""


def run(port: int, *, browser: bool, reset: bool) -> None:
    """Serves the demo until it is stopped. The first page answers within seconds and shows how far the loading has come."""
    folder = home() / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _free(port)
    if reset or not _loaded(folder):
        _clear(folder)
    token = secrets.token_urlsafe(12)
    os.environ.update(
        BULOU_HOME=str(folder), BULOU_DEMO="pidu_2020_12", BULOU_DEMO_TOKEN=token, DJANGO_SETTINGS_MODULE="bulou.web.settings"
    )
    os.environ.pop("DATABASE_URL", None)
    helpers = []
    if not _loaded(folder):
        Progress("start", 0, 1, ready=False).write(folder)
        (folder / "format").write_text(FORMAT)
        helpers.append(subprocess.Popen([sys.executable, "-m", "bulou.scenarios.run", "load"]))
    helpers.append(subprocess.Popen([sys.executable, "-m", "bulou.scenarios.run", "watch"]))
    url = f"http://127.0.0.1:{port}/demo/start/{token}"
    print(f"\n  Bulou 不漏 · demo: {url}\n  Ctrl+C stops it. Data: {folder}\n", flush=True)  # noqa: T201 - said to the person at the terminal
    if browser:
        threading.Thread(target=_open, args=(port, url), daemon=True).start()
    try:
        uvicorn.run("bulou.web.asgi:application", host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3)
    finally:
        for helper in helpers:
            helper.terminate()


def _loaded(folder: Path) -> bool:
    progress = Progress.read(folder)
    mark = folder / "format"
    return bool(progress and progress.ready and mark.exists() and mark.read_text() == FORMAT and (folder / "bulou.sqlite3").exists())


def _clear(folder: Path) -> None:
    """Takes an old or half-made demo away; only what a demo made is in this folder."""
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


def _open(port: int, url: str) -> None:
    """Opens the browser once the server answers."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                webbrowser.open(url)
                return
        time.sleep(0.2)
