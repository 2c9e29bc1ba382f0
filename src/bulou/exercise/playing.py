"""A play: a city's outbreak and everyone who works on it, minute by minute in simulated time, through the same interface as people's programs.

Nothing but the stage is entered beside the interface. One seed makes one play, but for the ids that the platform itself makes. Limits, also
printed: a day's infections are drawn when its work is done, so that who is infected on a day is not found on it; a day knows one hold of a
person; whoever sits on a post is no citizen and is never infected.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from bulou.basis.time import MINUTE, Instant, SetClock, midnight
from bulou.duties.enter import tick
from bulou.exercise.actors.desk import Desk
from bulou.exercise.actors.laboratory import Laboratory
from bulou.exercise.actors.offices import Commander, DutyRoom, Office
from bulou.exercise.actors.sampling import Clinic, Point, Registrar, Swabbing
from bulou.exercise.actors.tracing import Head, Investigator
from bulou.exercise.actors.trainer import Event, Trainer
from bulou.exercise.diary import Diary
from bulou.exercise.files import key_of
from bulou.exercise.live import Alone, Lead, Paper
from bulou.exercise.stage import Stage
from bulou.exercise.world import World
from bulou.kit.centre import centre
from bulou.kit.looks import seal, waiting
from bulou.kit.many import work

#: Faults that may be on, with what they do.
FAULTS = {
    "lost answers": "an answer is lost after the platform committed: sent again under the same id",
    "killed": "the site's process is killed (SIGKILL) between its commit and its answer: sent again under the same id to a new one",
    "sent twice": "something is sent a second time although its answer came",
    "late sync": "a device synchronises 24 hours late, across a result's withdrawal",
    "clock skew": "two devices' clocks are three hours off, one ahead and one behind",
    "two devices": "two devices enrol one person",
    "swapped racks": "two racks stand in each other's place in a laboratory's machine",
    "lies": "some who are asked keep quiet about where they were",
}
#: How often the watch looks, and when offices read their lists (minutes of the day).
WATCH = 30
DAYTIME = range(420, 1380, 60)
Say = Callable[[int, int], None]


@dataclass
class Play:
    """A play as it goes. ``minute`` counts from the first midnight, ``begin``, in the centre's zone."""

    world: World
    stage: Stage
    diary: Diary
    clock: SetClock
    seed: int
    faults: frozenset[str]
    events: list[Event]
    begin: Instant = field(init=False)
    minute: float = 0.0
    #: Grids in scope of a day's round.
    rounds: dict[int, set[str]] = field(default_factory=dict)
    #: Villages around which a zone was drawn.
    zones: set[str] = field(default_factory=set)
    #: Whom investigators heard of, with minutes together and the kind of place; what somebody has taken up already; singles by the hour.
    named: dict[int, tuple[int, str]] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)
    swabbed: set[tuple[int, float]] = field(default_factory=set)
    enrolled: list[dict[str, Any]] = field(default_factory=list)
    #: Whether cases are traced by visits besides what they remember; cases whose path was recorded since their head last looked, with the
    #: incident; lines of lists that were entered; places on the register by their number in the city (None: refused).
    by_visits: bool = False
    paths: list[tuple[str, str | None]] = field(default_factory=list)
    listed: set[tuple[int, int]] = field(default_factory=set)
    places: dict[int, str | None] = field(default_factory=dict)
    #: Pools that the trainer will contaminate, boxes that will be lost: the next ones.
    injecting: int = 0
    losing: int = 0
    #: The minute of which the lists and figures tell that are left behind.
    ended: float = 0.0
    #: Who says when it goes on. How many days were begun.
    lead: Lead = field(default_factory=Alone)
    days: int = 0
    #: The next number of each seat: what a client makes its ids of.
    numbers: dict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(lambda: count(1)))
    sendings: Iterator[int] = field(default_factory=lambda: count(1))
    #: How often something was entered of which others are told, by its verb; "clock": that an hour came.
    news: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.key = f"{key_of(self.world.head)} {self.seed}"
        self.zone = centre().protocol.zone
        self.begin = midnight(self.world.head.first_day.isoformat(), self.zone)
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._number, self._tubes = count(), count(1)
        self._box: dict[int, list[str]] = {}
        self.chance = Random(f"{self.seed} play")
        skewed = {"sampler-1": 180, "sampler-2": -180} if self.faulty("clock skew") else {}
        names = sorted(self.stage.seats)
        self.laboratories = [Laboratory(self, n) for n in names if n.startswith("laboratory")]
        self.points = [Point(self, n, skewed.get(n, 0)) for n in names if n.startswith("sampler")]
        self.registrar = Registrar(self, "data")
        self.clinic = Clinic(self, "clinic")
        self.room = DutyRoom(self, "duty", ("tell", "do_step"))
        self.commander = Commander(self, "commander", ("do_step",))
        self.investigators = [Investigator(self, n) for n in names if n.startswith("investigator")]
        self.offices = [
            Head(self, "tracing-lead"), Office(self, "expert", ("consult", "diagnose", "report_case", "place")),
            Office(self, "isolation", ("place", "observe")), Office(self, "sampling-lead", ("review_pool",)),
        ]  # fmt: skip
        self.towns = [Office(self, n, ("send_report",)) for n in names if n.startswith("town")]
        self.isolation = Isolation(self)
        self.doors = {n: Office(self, n, ("locate", "tell", "visit_household")) for n in names if n.split("-")[0] in ("grid", "village")}
        self.trainer = Trainer(self, self.events)

    # --- time ---------------------------------------------------------------------------------------------------------
    def at(self, minute: float, what: Callable[[], object]) -> None:
        """Something happens at a minute, or now where that has passed."""
        heapq.heappush(self._queue, (max(minute, self.minute), next(self._number), what))

    def wait(self, minutes: float) -> None:
        """Time passes while somebody works."""
        self.to(self.minute + minutes)

    def to(self, minute: float) -> None:
        """Moves the centre's clock on, never back."""
        self.minute = max(self.minute, minute)
        self.clock.at = Instant(self.begin + int(self.minute * 60) * (MINUTE // 60))

    def run(self, say: Say) -> None:
        """Plays every day to its end, or until it is ended by whoever leads: a day that was begun passes in the world all the same."""
        self.trainer.plan()
        for day in range(self.world.days):
            self._plan(day)
            whole = self._until((day + 1) * 1440)
            self.world.pass_day(day)
            self.days = day + 1
            say(day + 1, self.world.days)
            if not whole:
                break
        else:
            self.to(self.world.days * 1440)
        self._watch()

    def _until(self, end: float) -> bool:
        """Whatever happens until a minute; False where the play was ended before."""
        while True:
            minute = min(self._queue[0][0], end) if self._queue else end
            if not self.lead.comes(self, minute):
                if self.lead.over:
                    return False
            elif minute == end:
                return True
            else:
                minute, _, what = heapq.heappop(self._queue)
                self.to(minute)
                what()

    def _plan(self, day: int) -> None:
        """Who does what on a day."""
        begin = day * 1440
        for minute in range(0, 1440, WATCH):
            self.at(begin + minute, self._watch)
        self.clinic.plan(day)
        self.registrar.plan(day)
        for point in self.points:
            point.plan(day)
        if day == 1 and self.faulty("late sync") and self.points:
            self.at(begin + 479, lambda: self.points[-1].loses_signal(24 * 60))
        for laboratory in self.laboratories:
            laboratory.plan(day)
        for n, minute in enumerate(DAYTIME):
            for office in self.offices:
                self.at(begin + minute + 5, office.works)
            self.at(begin + minute + 12, self.room.calls)
            self.at(begin + minute + 25, self.investigators[n % len(self.investigators)].works)
            if n % 2:
                self.at(begin + minute + 35, self.isolation.swabs)
                self.at(begin + minute + 3, self.commander.works)
            for point in self.points:
                self.at(begin + minute + 40, point.recalled)
        self.at(begin + 1200, self.decides)
        for town in self.towns:
            self.at(begin + 1230, town.works)

    def _watch(self) -> None:
        """What the watch of a served centre does."""
        one = centre()
        if (receipt := tick(one.clock, one.protocol)) is not None and receipt.opened:
            self.news["clock"] += 1
        if waiting(one.clock.now()):
            seal(one.clock, one.protocol)

    @staticmethod
    def works_off() -> None:
        """What the worker of a served centre does with files that were handed in."""
        while work(centre().clock):
            pass

    def heard(self, verb: str, content: dict[str, Any]) -> None:
        """Something was entered: those who should know are told. Nobody telephones about a tube that is negative."""
        if verb == "report_result" and content["result"] == "negative" and content.get("run") != "rerun":
            return
        self.news[verb] += 1
        if content.get("provisional"):  # said by telephone: the duty room is called at once
            self.at(self.minute + 10, self.room.calls)

    # --- what passes from hand to hand --------------------------------------------------------------------------------
    def faulty(self, fault: str) -> bool:
        """Whether a fault is on."""
        return fault in self.faults

    def new_tube(self, prefix: str) -> str:
        """The label of the next tube from the box."""
        return f"{prefix}{next(self._tubes):06d}"

    def carry(self, code: str, minutes: int) -> None:
        """A tube goes to a laboratory with the box that leaves next."""
        tube = self.world.tubes[code]
        if self.injecting and len(tube.swabs) > 2:
            self.injecting, tube.injected = self.injecting - 1, True
        box = int((self.minute + minutes) // 30 + 1) * 30
        if box not in self._box:
            self._box[box] = []
            self.at(box, lambda: self._arrive(box))
        self._box[box].append(code)

    def _arrive(self, box: int) -> None:
        codes = self._box.pop(box)
        if self.losing:
            self.losing -= 1
            for code in codes:
                self.world.tubes[code].lost = True
            return
        lit = [x for x in self.laboratories if x.dark_until <= self.minute] or self.laboratories
        self.chance.choice(lit).arrives(codes)

    def takes_up(self, seat: str, papers: Iterable[Paper]) -> None:
        """The staff of a desk enter what a person left lying on it, as it was noted, in its order."""
        desk = Desk(self, seat)
        for paper in papers:
            if paper.in_person:
                desk.in_person(paper.verb, paper.body["content"], paper.body.get("incident"))
            else:
                desk.sent([paper.body], paper.verb)

    def unsynced(self, code: str) -> bool:
        """Whether a tube's people still stand on a device without a signal alone."""
        return any(code in point.unsent() for point in self.points)

    def knock(self, area: str) -> None:
        """Whoever answers at the doors of an area reads their list: the grid officer, or the village's leader where that post is vacant."""
        reached = [n for n in self.doors if area.startswith(self.stage.seats[n].area)]
        for name in sorted(reached):
            if self.doors[name].holds():
                self.doors[name].works()
                return

    def decides(self) -> None:
        """In the evening the commander reads the list of cases, draws zones around the villages where they stay, and sets the scope of
        tomorrow's round: those villages."""
        day = int(self.minute // 1440) + 1
        found = {
            self._area(r)[:12]: r["gives"].get("incident")
            for r in self.commander.rows("cases", 4)
            if r["state"].get("status") and self._area(r)
        }
        villages = set(found)
        for village in sorted(villages - self.zones):
            if self.commander.draws(village, found[village]):
                self.zones.add(village)
        if villages and day % 2 == 0:
            self.rounds[day] = {g for g in self.world.by_grid if any(g.startswith(v) for v in villages)}

    def widen(self) -> str:
        """Tomorrow's round takes in everyone of the streets that are in it, or of the first street; the areas, as told."""
        day = int(self.minute // 1440) + 1
        have = self.rounds.get(day) or set(list(self.world.by_grid)[:1])
        streets = {g[:9] for g in have}
        self.rounds[day] = {g for g in self.world.by_grid if g[:9] in streets}
        return ", ".join(sorted(streets))

    @staticmethod
    def _area(row: dict[str, Any]) -> str:
        return (row["href"].get("area") or "").split("?")[0].rstrip("/").rsplit("/", 1)[-1]


class Isolation(Swabbing):
    """The isolation group's own swabs, on the days that orders ask for."""

    RECALLS = False
    hears = frozenset({"make_order", "clock"})

    def __init__(self, play: Play) -> None:
        super().__init__(play, "isolation")

    def swabs(self) -> None:
        self.recalled()


__all__ = ["FAULTS", "Desk", "Play"]
