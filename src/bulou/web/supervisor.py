"""Keeps a few processes running: starts them, starts again what died, stops them all. Knows nothing of what they do."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

#: How long to wait before a process that died is started again: longer each time, in seconds.
BACK_OFF = (1, 2, 4, 8, 16, 30)
#: A process that ran this long was well: its next death is its first again.
WELL_S = 60.0
#: After so long a process that was told to stop is ended; all within the five seconds that an operator waits.
STOP_S = 4.0
LOOK_S = 0.2


class Child(NamedTuple):
    """A process: what it is called in messages, and how it is called."""

    name: str
    words: tuple[str, ...]


@dataclass(slots=True)
class _Kept:
    child: Child
    process: Any = None
    began: float = 0.0
    deaths: int = 0
    next: float = 0.0


Say = Callable[[str, str], None]


class Supervisor:
    """Children are started at the first look. ``say`` hears in Chinese and English what happens to them."""

    def __init__(self, children: Sequence[Child], say: Say, start: Callable[[Child], Any] | None = None) -> None:
        self.kept = [_Kept(c) for c in children]
        self.say = say
        self.start = start or _start

    def look(self, now: float) -> None:
        """Starts what should run and does not; ``now`` in seconds of any clock that only goes forward."""
        for kept in self.kept:
            if kept.process is not None and (code := kept.process.poll()) is not None:
                self._died(kept, code, now)
            if kept.process is None and now >= kept.next:
                kept.process, kept.began = self.start(kept.child), now

    def _died(self, kept: _Kept, code: int, now: float) -> None:
        ran = now - kept.began
        kept.deaths = 1 if ran >= WELL_S else kept.deaths + 1
        wait = BACK_OFF[min(kept.deaths, len(BACK_OFF)) - 1]
        kept.process, kept.next = None, now + wait
        zh, en = _why(code)
        name = kept.child.name
        self.say(f"{name} 运行 {ran:.0f} 秒后{zh},{wait} 秒后重新启动", f"{name} {en} after {ran:.0f} s: it is started again in {wait} s")

    def stop(self) -> None:
        """Tells every child to stop, waits for them, and ends those that do not."""
        running = [k.process for k in self.kept if k.process is not None and k.process.poll() is None]
        for process in running:
            process.terminate()
        until = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def run(self) -> None:
        """Looks until SIGTERM or SIGINT, then stops."""
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        try:
            while not ended.is_set():
                self.look(time.monotonic())
                ended.wait(LOOK_S)
        finally:
            self.stop()


def _start(child: Child) -> Any:
    # In a group of its own: Ctrl+C at a terminal reaches the supervisor alone, which stops them in order.
    return subprocess.Popen(child.words, start_new_session=True)  # noqa: S603


def _why(code: int) -> tuple[str, str]:
    if code < 0:
        name = signal.Signals(-code).name if -code in {s.value for s in signal.Signals} else str(-code)
        return f"被信号 {name} 终止", f"was ended by signal {name}"
    return f"结束,返回 {code}(原因见其上文)", f"ended with {code} (it says why above)"
