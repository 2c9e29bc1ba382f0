"""What a running centre has one of: its clock, its editions, its time zone. Handed to verbs; nothing else is global."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bulou.basis.time import Clock, MachineClock
from bulou.protocol.read import read_file, shipped
from bulou.protocol.rules import Protocol_


@dataclass(slots=True)
class Centre:
    """The clock that tells this centre's time, and the editions it knows."""

    clock: Clock
    protocol: Protocol_


#: Stands on every page and in every row that leaves a demo or an exercise.
EXERCISE = "EXERCISE / 演练"
_centre: Centre | None = None


def centre() -> Centre:
    """The running centre. Editions are those shipped and those in the centre's own folder ``editions``."""
    global _centre  # noqa: PLW0603 - one per process, made at first use
    if _centre is None:
        editions = shipped()
        own = Path(settings.BULOU_HOME) / "editions"
        for path in sorted(own.glob("*/*.toml")) if own.is_dir() else ():
            edition = read_file(path)
            editions[edition.id] = edition
        _centre = Centre(MachineClock(), Protocol_(editions, settings.BULOU_ZONE))
    return _centre


def drill() -> bool:
    """Whether this database is a demo's or an exercise's: every page and every row that leaves it says so, and nobody real is in it."""
    return bool(settings.BULOU_DEMO or settings.BULOU_EXERCISE)


def set_clock(clock: Clock) -> None:
    """Puts another clock in: a demo's, an exercise's, a test's."""
    centre().clock = clock


def keep_zone(name: str | None) -> str | None:
    """Keeps the centre's time zone in its home, where the settings find it at the next start (``BULOU_ZONE`` comes first); gives
    what is kept there."""
    path = Path(settings.BULOU_HOME) / "zone"
    if name is not None:
        path.write_text(name, encoding="utf-8")
    return path.read_text(encoding="utf-8").strip() if path.exists() else None
