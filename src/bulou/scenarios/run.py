"""The demo's helpers beside the web server: ``python -m bulou.scenarios.run load`` makes its database, ``watch`` keeps its time, ``work`` compares."""

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from bulou.basis.time import MachineClock
from bulou.gaps.watch import keep
from bulou.scenarios.progress import Progress
from bulou.scenarios.size import how_many


def load(home: Path, demo: Any) -> None:
    """Loads the demo, telling its progress; what goes wrong is told too, and ends it. Ends with the demo that started it."""
    many = how_many()
    parent = os.getppid()

    def say(step: str, done: int, of: int) -> None:
        if os.getppid() != parent:  # another demo may already be making the database anew: leave its progress alone
            sys.exit("the demo has ended: loading stops")
        Progress(step, done, of, ready=False).write(home)

    Progress("start", 0, many, ready=False).write(home)
    try:
        demo.load(say, many)
        say("end", many, many)
    except Exception as error:
        Progress("error", 0, many, ready=False, error=f"{type(error).__name__}: {error}").write(home)
        raise
    Progress("ready", many, many, ready=True).write(home)


def watch(home: Path, demo: Any) -> None:
    """Enters what becomes known as the demo's time runs, and settles the duties whose hour has come."""
    parent = os.getppid()

    def step() -> None:
        progress = Progress.read(home)
        if progress and progress.ready:
            demo.catch_up()
            demo.seal_looks()

    keep(step, home / "watch.sign", MachineClock(), lambda: os.getppid() == parent)  # until the demo is gone


def work(home: Path, demo: Any) -> None:
    """Compares lists, once the demo is loaded, as a centre's worker does."""
    parent = os.getppid()
    worker = import_module("bulou.desks.compare.work")  # its tables need Django set up, and the demo loaded
    while not ((progress := Progress.read(home)) and progress.ready):
        if os.getppid() != parent:
            return
        time.sleep(1)
    worker.keep_working(home, lambda: os.getppid() == parent)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    django.setup()
    demo = import_module("bulou.scenarios.demo")  # needs Django set up
    {"load": load, "watch": watch, "work": work}[sys.argv[1]](Path(os.environ["BULOU_HOME"]), demo)


if __name__ == "__main__":
    main()
