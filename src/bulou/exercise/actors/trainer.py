"""The trainer: events from a list, each at its hour, that make the day harder. Reads and checks the list; says in the diary what was done."""

import json
import tomllib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from bulou.basis.ids import to_text
from bulou.exercise.actors.desk import Desk
from bulou.exercise.parameters import Unfit

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: What may happen: its word in a list, and what it means.
EVENTS = {
    "positive_tube": "a pool of today turns out contaminated: it reads positive, its second run does not",
    "lost_box": "the next box on its way never arrives",
    "power_cut": "a laboratory is dark for `hours`",
    "scope_widened": "tomorrow's round takes in everyone of the street, said late",
    "post_vacant": "a grid officer's post falls vacant until the morning",
    "no_signal": "a sampler's device has no signal for `hours`",
    "rumour": "word goes round: many with nothing come to the clinic within `hours`",
}
HOURS = {"power_cut": 8.0, "no_signal": 24.0, "rumour": 6.0}
#: How many in a thousand of the city believe a rumour.
BELIEVE = 4


class Event(NamedTuple):
    """One event: the minute of the play, what, for how many hours where that matters."""

    at: int
    what: str
    hours: float


#: Where the trainer brings no list: day of the play (0 the first), hour, what.
USUAL = (
    Event(470, "positive_tube", 0), Event(1440 + 180, "power_cut", 8), Event(1440 + 495, "no_signal", 24), Event(1440 + 600, "lost_box", 0),
    Event(1440 + 1320, "scope_widened", 0), Event(1440 + 1350, "post_vacant", 0), Event(3 * 1440 + 540, "rumour", 6), Event(4 * 1440 + 600, "positive_tube", 0),
    Event(5 * 1440 + 840, "lost_box", 0), Event(7 * 1440 + 1320, "scope_widened", 0),
)  # fmt: skip


def read(path: Path | None) -> list[Event]:
    """The events of a TOML file (``[[event]]`` with ``day``, ``hour`` as HH:MM, ``what``, ``hours``) or a JSON list of the same; USUAL
    without one. Unfit with the line that is wrong and what would be right."""
    if path is None:
        return list(USUAL)
    text = path.read_text(encoding="utf-8")
    try:
        told: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text).get("event", [])
    except ValueError as wrong:
        raise Unfit(f"{path} 读不懂:{wrong}", f"{path} cannot be read: {wrong}") from None
    if not isinstance(told, list):
        raise Unfit(f"{path}:应为事件列表", f"{path}: should be a list of events")
    return sorted(_event(path, n, one) for n, one in enumerate(told, start=1))


def _event(path: Path, n: int, one: Any) -> Event:
    try:
        what, day = one["what"], one["day"]
        hour, minute = (int(part) for part in one["hour"].split(":"))
        hours = float(one.get("hours", HOURS.get(what, 0)))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unfit(
            f"{path} 第 {n} 个事件:应有 day(0 起)、hour(HH:MM)、what", f"{path}, event {n}: should have day (from 0), hour (HH:MM) and what"
        ) from None
    if what not in EVENTS:
        raise Unfit(
            f"{path} 第 {n} 个事件:没有 {what!r};有:{'、'.join(EVENTS)}", f"{path}, event {n}: no {what!r}; there are: {', '.join(EVENTS)}"
        )
    if not (isinstance(day, int) and 0 <= day < 1000 and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= hours <= 240):
        raise Unfit(f"{path} 第 {n} 个事件:时刻不对", f"{path}, event {n}: that is no hour of a play")
    return Event(day * 1440 + hour * 60 + minute, what, hours)


class Trainer:
    """Carries events out."""

    def __init__(self, play: "Play", events: list[Event]) -> None:
        self.play, self.events = play, events
        self.done: list[dict[str, Any]] = []
        self.administrator = Desk(play, "administrator")
        self.chance = Random(f"{play.seed} trainer")

    def plan(self) -> None:
        """All of them, each at its minute."""
        for event in self.events:
            self.play.at(event.at, lambda e=event: self.happens(e))  # type: ignore[misc]

    def happens(self, event: Event) -> None:
        """One of them, and a line in the diary of what exactly."""
        what = {
            "positive_tube": self._positive, "lost_box": self._lost, "power_cut": self._dark, "scope_widened": self._widened,
            "post_vacant": self._vacant, "no_signal": self._silent, "rumour": self._rumour,
        }[event.what](event)  # fmt: skip
        play = self.play
        play.diary.line("trainer", play.minute, play.minute, event.what, {"what": what})
        self.done.append({"at": round(play.minute), "event": event.what, "what": what})

    def _positive(self, event: Event) -> str:
        pools = [t for t in self.play.world.tubes.values() if len(t.swabs) > 2 and not t.lost and t.arrived is None]
        if not pools:
            self.play.injecting += 1
            return "the next pool"
        pools[-1].injected = True
        return pools[-1].code

    def _lost(self, event: Event) -> str:
        self.play.losing += 1
        return "the next box"

    def _dark(self, event: Event) -> str:
        laboratory = self.play.laboratories[0]
        laboratory.dark_until = self.play.minute + event.hours * 60
        return laboratory.seat

    def _widened(self, event: Event) -> str:
        return self.play.widen()

    def _silent(self, event: Event) -> str:
        point = max(self.play.points, key=lambda p: (len(p.grids), p.seat))
        point.loses_signal(event.hours * 60)
        return point.seat

    def _rumour(self, event: Event) -> str:
        many = max(10, len(self.play.world.citizens) * BELIEVE // 1000)
        for _ in range(many):
            person, later = self.chance.randrange(len(self.play.world.citizens)), self.chance.random() * event.hours * 60
            self.play.at(self.play.minute + later, lambda p=person: self.play.clinic.sees(p))  # type: ignore[misc]
        return f"{many} come"

    def _vacant(self, event: Event) -> str:
        """The administrator relieves an officer late in the evening, and appoints the same person again in the morning."""
        play = self.play
        seat = play.stage.seats["grid-1"]
        self.administrator.in_person("relieve", {"post": seat.post, "holder": to_text(seat.holder)})

        def again() -> None:
            until = self.administrator.hour((play.world.days + 1) * 1440)
            self.administrator.in_person("appoint", {"post": seat.post, "holder": to_text(seat.holder), "until": until})

        play.at(play.minute + 9 * 60, again)
        return seat.post
