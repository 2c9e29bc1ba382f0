"""How far the loading of a demo has come: a small file beside its database, written by the loader, read by every page."""

import json
from pathlib import Path
from typing import NamedTuple


class Progress(NamedTuple):
    """A step with its share of the whole; ``error`` says what went wrong, in which case nothing goes on."""

    step: str
    done: int
    of: int
    ready: bool
    error: str = ""

    @staticmethod
    def read(home: Path) -> "Progress | None":
        """What the loader last wrote; None when there is no loader."""
        try:
            return Progress(**json.loads((home / "progress.json").read_text()))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def write(self, home: Path) -> None:
        """In one piece, so that a reader never sees half of it."""
        part = home / "progress.json.part"
        part.write_text(json.dumps(self._asdict()))
        part.replace(home / "progress.json")

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.of) if self.of else 0
