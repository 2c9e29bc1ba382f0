"""The watch: settles again and again what time alone changes, and leaves a sign that it is there. Enters nothing of its own."""

import time
from collections.abc import Callable
from pathlib import Path

from bulou.basis.time import SECOND, Clock, Instant

#: How often the watch looks at the clock.
EVERY_S = 2.0
#: A sign older than this is no sign: one look at many cells may take its time, no look takes this long.
STALE = 60 * SECOND


def keep(step: Callable[[], object], sign: Path, clock: Clock, alive: Callable[[], bool], every_s: float = EVERY_S) -> None:
    """Does ``step`` for as long as ``alive`` says so, and writes the hour into the file ``sign`` after each.

    What ``step`` raises ends the watch: whoever runs it says why and starts it again.
    """
    while alive():
        step()
        part = sign.with_name(sign.name + ".part")
        part.write_text(str(clock.now()))
        part.replace(sign)
        time.sleep(every_s)


def last_sign(sign: Path) -> Instant | None:
    """When the watch last was there, by the machine's clock; None when it never was."""
    try:
        return Instant(int(sign.read_text()))
    except (FileNotFoundError, ValueError):
        return None


def fresh(sign: Path, now: Instant) -> bool:
    """Whether the watch is there."""
    last = last_sign(sign)
    return last is not None and now - last < STALE
