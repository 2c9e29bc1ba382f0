"""A play that people take part in: at a pace, paused, with somebody at a desk instead of its simulated staff. What pages ask, and what a play asks.

Light on purpose: the site's pages ask it without loading what a play is made of. Enters nothing, and never skips: what the machine cannot do
in time comes later, and is said.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, RLock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bulou.basis.time import SECOND, Clock, MachineClock

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Simulated seconds for a real one.
SLOWEST, FASTEST = 1, 100_000
#: At most so many real seconds pass until the clock is moved on, and until somebody who stops the play is heard.
SLICE = 0.5
#: What the diary says of something that a person entered.
TOLD = "a person at this desk"
#: The seat of whoever leads: sees every list, does nothing. Nobody takes it.
LEADS = "auditor"


class Paper(NamedTuple):
    """What happened at a desk at which a person sits, and is entered by nobody yet: a result that a machine has read, a swab that was taken."""

    at: float
    verb: str
    body: dict[str, Any]
    #: Is looked at before it is done, by somebody signed in.
    in_person: bool

    @property
    def about(self) -> tuple[Any, ...]:
        """What makes it the same as what a person enters."""
        return about(self.verb, self.body["content"])


def about(verb: str, content: dict[str, Any]) -> tuple[Any, ...]:
    """The verb, and whom or what it is about."""
    return (verb, *(content.get(name) for name in ("tube", "person", "target")), content.get("run") == "rerun")


class Lead(Protocol):
    """Who says when a play goes on."""

    def comes(self, play: "Play", minute: float) -> bool:
        """Whether the next thing, at this minute, happens now. If not, it is asked again, unless the play is over."""
        ...

    @property
    def over(self) -> bool: ...

    def sits(self, seat: str) -> bool:
        """Whether a person sits at a desk: its simulated staff do nothing."""
        ...

    def noted(self, play: "Play", seat: str, paper: Paper) -> None:
        """Something that the simulated staff of a desk would have entered."""
        ...


class Alone:
    """Nobody leads: as fast as possible to the end, and no person sits anywhere."""

    over = False

    def comes(self, play: "Play", minute: float) -> bool:
        return True

    def sits(self, seat: str) -> bool:
        return False

    def noted(self, play: "Play", seat: str, paper: Paper) -> None:
        raise AssertionError("nobody sits there")


class Live:
    """A live play. Commands come from any thread and are done by the play's own, between two things that happen.

    ``machine`` tells how much real time passes, ``wait`` lets some of it pass: tests have their own. ``notices`` looks for what people entered,
    ``opens`` is told once that there is something to lead.
    """

    def __init__(
        self,
        speed: float | None,
        machine: Clock | None = None,
        wait: Callable[[float], object] | None = None,
        notices: "Callable[[Live, Play], None] | None" = None,
        opens: "Callable[[Live], object]" = lambda _live: None,
    ) -> None:
        self.speed, self.token = speed, secrets.token_urlsafe(12)
        self.paused = self.left = False
        self.play: Play | None = None
        #: Minutes of the play that the machine was late in all.
        self.behind = 0.0
        #: Since which minute a person sits at a desk, by seat; what lies on their tables.
        self.people: dict[str, float] = {}
        self.papers: dict[str, list[Paper]] = {}
        #: Every desk that was taken: the seat, from when until when, for ``play.json``.
        self.sat: list[dict[str, Any]] = []
        #: The last entry of the ledger that was looked at for what people entered.
        self.seq = 0
        self._machine, self._notices, self._opens = machine or MachineClock(), notices, opens
        self._todo: list[Callable[[Play], object]] = []
        self._woken, self._lock = Event(), RLock()
        self._wait = wait or self._sleep
        self._stopped = self._ended = False
        self._since: tuple[int, float] | None = None

    # --- asked by the play --------------------------------------------------------------------------------------------
    def begins(self, play: "Play", seq: int) -> None:
        """The stage stands; ``seq`` is the ledger's last entry before anybody acts on it."""
        self.play, self.seq = play, seq
        self._opens(self)

    def comes(self, play: "Play", minute: float) -> bool:
        """Lets at most a slice of real time pass; moves the clock on to where the pace has come."""
        if self._notices and self.sat:
            self._notices(self, play)
        with self._lock:
            todo, self._todo = self._todo, []
        for one in todo:
            one(play)
        if todo or self.over:
            return False
        if self.paused:
            self._since = None
            self._wait(SLICE)
            return False
        if self.speed is None:
            self._since = None
            return True
        now, due = self._machine.now(), max(minute, play.minute)
        if self._since is None:
            self._since = (now, play.minute)
        begun, at = self._since
        allowed = at + (now - begun) / SECOND * self.speed / 60
        if due <= allowed:
            if allowed - due > self.speed / 60:  # a second late is not late; what is lost is not made up for by haste
                self.behind += allowed - due
                self._since = (now, due)
            return True
        play.to(allowed)
        self._wait(min((due - allowed) * 60 / self.speed, SLICE))
        return False

    @property
    def stopped(self) -> bool:
        """Whether this process was told to stop."""
        return self._stopped

    @property
    def over(self) -> bool:
        return self._stopped or self._ended

    def sits(self, seat: str) -> bool:
        return seat in self.people

    def noted(self, play: "Play", seat: str, paper: Paper) -> None:
        with self._lock:
            lying = self.papers.setdefault(seat, [])
            if (paper.verb, paper.body["content"]) not in [
                (p.verb, p.body["content"]) for p in lying
            ]:  # what is thought of again lies there once
                lying.append(paper)

    def entered(self, seat: str, verb: str, content: dict[str, Any]) -> None:
        """A person entered something: it no longer lies on their table."""
        with self._lock:
            self.papers[seat] = [p for p in self.papers.get(seat, ()) if p.about != about(verb, content)]

    # --- asked by whoever leads, from any thread ----------------------------------------------------------------------
    @property
    def state(self) -> str:
        """What it does now, as a word of one's own."""
        if self.left:
            return "ended"
        return "leaving" if self.over or self.play is None else "paused" if self.paused else "going"

    def pause(self) -> None:
        self.paused = True
        self._woken.set()

    def go(self, speed: float | str | None = "same") -> None:
        """Goes on, at another pace where one is said; None: as fast as possible."""
        with self._lock:
            if not isinstance(speed, str):
                self.speed = speed
            self.paused, self._since = False, None
        self._woken.set()

    def end(self) -> None:
        """The play ends at this minute; its site goes on being served."""
        self._ended = True
        self._woken.set()

    def stop(self) -> None:
        """The play ends at this minute, and its site with it. Safe in the handler of a signal: nothing is locked."""
        self._stopped = True

    def ask(self, what: "Callable[[Play], object]") -> None:
        """Has the play's own thread do something before the next thing happens, also while it is paused."""
        with self._lock:
            self._todo.append(what)
        self._woken.set()

    def take(self, seat: str) -> bool:
        """A person sits down at a desk; False where one sits already, or the play is over."""
        with self._lock:
            play = self.play
            if play is None or self.over or seat in self.people or seat == LEADS:
                return False
            self.people[seat] = play.minute
        self.sat.append({"actor": seat, "since": round(play.minute), "until": None})
        play.diary.line(seat, play.minute, play.minute, "desk taken", {"post": play.stage.seats[seat].post})
        return True

    def give_back(self, seat: str) -> bool:
        """The simulated staff of a desk go on, first with what lies on its table; False where nobody sat."""
        with self._lock:
            play, since = self.play, self.people.pop(seat, None)
            if play is None or since is None:
                return False
            left = self.papers.pop(seat, [])
        for one in self.sat:
            if one["actor"] == seat and one["until"] is None:
                one["until"] = round(play.minute)
        play.diary.line(seat, play.minute, play.minute, "desk given back", {"post": play.stage.seats[seat].post})
        if left and not self.over:
            self.ask(lambda p: p.takes_up(seat, left))
        return True

    def ends(self) -> None:
        """The play is over: what people do from now on counts no more."""
        self._ended = True
        if self.play and self._notices and self.sat:
            self._notices(self, self.play)
        for seat in sorted(self.people):
            self.give_back(seat)

    def stays(self) -> None:
        """Nothing more happens; waits until ``stop`` is called, or was."""
        self.left = True
        while not self._stopped:
            self._wait(SLICE)

    def _sleep(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()


_playing: list[Live] = []


def running() -> Live | None:
    """The live play that this process plays, from its first minute until its site is stopped; None everywhere else."""
    return _playing[-1] if _playing and _playing[-1].play is not None else None


@contextmanager
def leading(live: Live) -> Iterator[Live]:
    """This process plays it for as long as the block lasts."""
    _playing.append(live)
    try:
        yield live
    finally:
        _playing.remove(live)
