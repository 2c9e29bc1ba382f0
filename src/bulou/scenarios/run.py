"""The demo's helpers beside the web server: ``python -m bulou.scenarios.run load`` makes its database, ``watch`` keeps its time."""

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from bulou.scenarios.progress import Progress

#: How often the watch looks at the clock.
EVERY_S = 2.0


def load(home: Path, demo: Any) -> None:
    """Loads the demo, telling its progress; what goes wrong is told too, and ends it. Ends with the demo that started it."""
    many = int(os.environ.get("BULOU_DEMO_PEOPLE", demo.PEOPLE))
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
    while os.getppid() == parent:  # until the demo is gone
        progress = Progress.read(home)
        if progress and progress.ready:
            demo.catch_up()
        time.sleep(EVERY_S)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
    django.setup()
    demo = import_module("bulou.scenarios.demo")  # needs Django set up
    {"load": load, "watch": watch}[sys.argv[1]](Path(os.environ["BULOU_HOME"]), demo)


if __name__ == "__main__":
    main()
