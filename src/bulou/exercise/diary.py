"""The actors' own diary: a line for everything that one of them sent and got told, in the order sent. Written beside the platform, never in it."""

import json
from collections import deque
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from bulou.basis.kinds import Fact


class Sent(NamedTuple):
    """Something that was acknowledged, to be asked about again at the end: by whom, the verb, the body."""

    actor: str
    verb: str
    body: dict[str, Any]
    line: int


#: So many of the last lines are at hand for whoever leads a live play.
LAST = 1000


class Diary:
    """The lines of ``log.jsonl``; ``kept`` holds what the platform acknowledged, once each. Any thread may write a line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self.lines = 0
        self.kept: dict[str, Sent] = {}
        #: What people entered at desks that they took, by id: read from the ledger, and looked for there again at the end.
        self.people: dict[str, Fact] = {}
        self._last: deque[dict[str, Any]] = deque(maxlen=LAST)
        self._lock = Lock()

    def line(
        self, actor: str, at: float, clock: float, verb: str, values: Any, *, fact: str | None = None, status: int | None = None,
        told: str | None = None, again: int | None = None, incident: str | None = None,
    ) -> int:  # fmt: skip
        """One line; its number. ``at`` and ``clock`` are minutes since the first midnight: the true time, and what the device believed."""
        with self._lock:
            self.lines += 1
            said = {
                "n": self.lines, "at": round(at, 3), "clock": round(clock, 3), "actor": actor, "verb": verb, "fact": fact, "values": values,
                "status": status, "told": told, "again": again, "incident": incident,
            }  # fmt: skip
            self._file.write(json.dumps(said, ensure_ascii=False) + "\n")
            self._last.append(said)
            return self.lines

    def last(self) -> list[dict[str, Any]]:
        """The last lines, the newest first."""
        with self._lock:
            return list(reversed(self._last))

    def keep(self, actor: str, verb: str, body: dict[str, Any], line: int) -> None:
        """Remembers what was acknowledged."""
        self.kept.setdefault(body["id"], Sent(actor, verb, body, line))

    def close(self) -> None:
        self._file.close()
