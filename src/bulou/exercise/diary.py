"""The actors' own diary: a line for everything that one of them sent and got told, in the order sent. Written beside the platform, never in it."""

import json
from pathlib import Path
from typing import Any, NamedTuple


class Sent(NamedTuple):
    """Something that was acknowledged, to be asked about again at the end: by whom, the verb, the body."""

    actor: str
    verb: str
    body: dict[str, Any]
    line: int


class Diary:
    """The lines of ``log.jsonl``; ``kept`` holds what the platform acknowledged, once each."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self.lines = 0
        self.kept: dict[str, Sent] = {}

    def line(
        self, actor: str, at: float, clock: float, verb: str, values: Any, *, fact: str | None = None, status: int | None = None,
        told: str | None = None, again: int | None = None, incident: str | None = None,
    ) -> int:  # fmt: skip
        """One line; its number. ``at`` and ``clock`` are minutes since the first midnight: the true time, and what the device believed."""
        self.lines += 1
        said = {
            "n": self.lines, "at": round(at, 3), "clock": round(clock, 3), "actor": actor, "verb": verb, "fact": fact, "values": values, "status": status,
            "told": told, "again": again, "incident": incident,
        }  # fmt: skip
        self._file.write(json.dumps(said, ensure_ascii=False) + "\n")
        return self.lines

    def keep(self, actor: str, verb: str, body: dict[str, Any], line: int) -> None:
        """Remembers what was acknowledged."""
        self.kept.setdefault(body["id"], Sent(actor, verb, body, line))

    def close(self) -> None:
        self._file.close()
