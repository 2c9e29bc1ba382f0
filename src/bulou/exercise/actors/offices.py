"""Offices: whoever finds, tells, places, diagnoses and reports does what their own list of duties asks, some time later, and not always at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bulou.basis.ids import to_text
from bulou.exercise.actors.desk import PAGES, Desk, Duty
from bulou.exercise.client import ROOT
from bulou.exercise.contagion import AT_HOME, AWAY

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Shares: of those who are looked for who cannot be reached this time; of those told to stay who do.
UNREACHED, STAYS = 0.08, 0.95
HOLD, ISOLATION = 24 * 60, 14 * 24 * 60
#: Somebody is asked about again at the earliest after so many minutes.
AGAIN = 40


class Office(Desk):
    """A post that works off its own list by certain verbs."""

    hears = frozenset({"report_result", "recheck", "consult", "diagnose", "judge_contact", "make_order", "clock"})

    def __init__(self, play: "Play", seat: str, verbs: tuple[str, ...]) -> None:
        super().__init__(play, seat)
        self.verbs = verbs
        self._tried: dict[tuple[str, str], float] = {}
        self._how: dict[str, Callable[[Duty], dict[str, Any] | None]] = {
            "locate": self._locate, "tell": self._tell, "place": self._place, "observe": self._observe, "recheck": self._recheck,
            "consult": self._consult, "diagnose": self._diagnose, "report_case": self._person, "send_report": self._report,
            "do_step": lambda d: {"step": d.given["step"], "note": "演练 · exercise"}, "review_pool": self._review, "visit_household": self._visit,
        }  # fmt: skip

    def works(self) -> None:
        """Reads the list and does what is on it, a few minutes for each."""
        if not self.called():
            return
        self._does(self.duties(*self.verbs))

    def _does(self, listed: list[Duty]) -> None:
        """Does what is on the list, verb by verb."""
        play = self.play
        for verb in self.verbs:
            todo: list[tuple[Duty, dict[str, Any]]] = []
            for duty in (d for d in listed if d.verb == verb):
                key = (duty.rule, duty.subject)
                if play.minute - self._tried.get(key, -AGAIN) < AGAIN:
                    continue
                self._tried[key] = play.minute
                content = self._how[verb](duty)
                if content is not None:
                    todo.append((duty, content))
            play.wait(min(len(todo), 30))
            bodies = [self.body(verb, content, duty.incident, None) for duty, content in todo]
            for (duty, content), told in zip(todo, self.sent(bodies, verb), strict=True):
                if told.stands:
                    self.follows(verb, duty, content)
                else:
                    self.gives_up(verb, content, told.text)

    def holds(self) -> bool:
        """Whether somebody sits on this post now: an account without a post is refused its list."""
        return self.asked(lambda: self.program.get(f"{ROOT}lists/mine", state="open")).status == 200

    # --- what each act says -------------------------------------------------------------------------------------------
    def _person(self, duty: Duty) -> dict[str, Any] | None:
        return {"person": to_text(duty.person)} if duty.person else None

    def _locate(self, duty: Duty) -> dict[str, Any] | None:
        roll = self.chance.random()
        outcome = "not_reached" if roll < UNREACHED else "on_the_way" if roll < UNREACHED + 0.05 else "staying"
        return {**said, "outcome": outcome} if (said := self._person(duty)) else None

    def _tell(self, duty: Duty) -> dict[str, Any] | None:
        if duty.person is None or self.chance.random() < UNREACHED / 2:
            return None
        return {"person": to_text(duty.person), "about": duty.given.get("about", "hold")}

    def _place(self, duty: Duty) -> dict[str, Any] | None:
        return {**said, "measure": duty.given.get("measure", "central")} if (said := self._person(duty)) else None

    def _observe(self, duty: Duty) -> dict[str, Any] | None:
        said = self._person(duty)
        return {**said, "temperature": round(self.chance.uniform(36.1, 36.9), 1), "symptoms": False} if said else None

    def _infected(self, duty: Duty) -> bool:
        city = self.play.world.by_id.get(duty.person) if duty.person else None
        return city is not None and self.play.world.infected(city, int(self.play.minute))

    def _recheck(self, duty: Duty) -> dict[str, Any] | None:
        return {**said, "result": "positive" if self._infected(duty) else "negative"} if (said := self._person(duty)) else None

    def _consult(self, duty: Duty) -> dict[str, Any] | None:
        return {**said, "conclusion": "case" if self._infected(duty) else "not_case"} if (said := self._person(duty)) else None

    def _diagnose(self, duty: Duty) -> dict[str, Any] | None:
        if (said := self._person(duty)) is None:
            return None
        play, city = self.play, self.play.world.by_id.get(duty.person or b"")
        onset = play.world.onset(city) if city is not None else None
        ill = onset is not None and onset <= play.minute
        held = city is not None and (play.world.away(city, int(play.minute)) or play.world.at_home(city, int(play.minute)))
        how = "contact_tracing" if city in play.named else "clinic" if ill else "area_testing"
        return {
            **said, "status": "confirmed" if ill else "asymptomatic", "how_found": how, "control": "inside" if held else "outside",
            **({"severity": "mild"} if ill else {}),
        }  # fmt: skip

    def _report(self, duty: Duty) -> dict[str, Any] | None:
        return {"area": duty.given.get("area", self.area), "day": self.day(self.play.minute), "findings": 0}

    def _review(self, duty: Duty) -> dict[str, Any] | None:
        return {
            "tube": duty.given.get("tube", duty.subject),
            "finding": "not_explained",
            "note": "演练:邻管已核对 · exercise: neighbours looked at",
        }

    def _visit(self, duty: Duty) -> dict[str, Any] | None:
        return {"household": duty.given["household"], "symptoms": 0} if "household" in duty.given else None

    # --- what follows in the world ------------------------------------------------------------------------------------
    def follows(self, verb: str, duty: Duty, content: dict[str, Any]) -> None:
        """Whoever is told to stay mostly stays; whoever is taken away is away."""
        world, now = self.play.world, int(self.play.minute)
        city = world.by_id.get(duty.person) if duty.person else None
        if city is None:
            return
        if verb == "place":
            world.keep(city, AT_HOME if content["measure"] in ("home", "monitoring") else AWAY, now, now + ISOLATION)
        elif verb == "tell" and content["about"] in ("hold", "order"):
            if not world.away(city, now) and self.chance.random() < STAYS:
                world.keep(city, AT_HOME, now, now + (HOLD if content["about"] == "hold" else ISOLATION))
        elif verb == "tell" and content["about"] == "release":
            world.let_go(city, now)


class Commander(Office):
    """The commander's own acts beyond the list: zones, drawn around villages with a case."""

    def draws(self, village: str, incident: str | None) -> bool:
        """Draws a zone of medium risk around a village, with its safeguards; whether it stands."""
        content = {
            "level": "medium", "name": f"演练 {village}", "name_en": f"exercise {village}", "lane_minutes": 20, "fire_exits": True,
            "vulnerable_listed": True, "supplies": "演练:物资组 · exercise: supplies", "areas": [village],
        }  # fmt: skip
        told = self.in_person("draw_zone", content, incident)
        if not told.stands:
            self.gives_up("draw_zone", {"areas": [village]}, told.text)
        return told.stands


class DutyRoom(Office):
    """The duty room: sees on the list of the whole centre in which areas people are owed a visit or a word, and calls whoever answers there."""

    hears = frozenset({"report_result", "diagnose", "locate", "draw_zone", "clock"})
    #: What is done at doors, by the rules' names.
    AT_DOORS = ("recall.locate", "recall.tell", "recall.household", "case.household", "zone.visit.medium")

    def calls(self) -> None:
        """Calls the grid officers of areas with something open; where one does not answer, the village's leader."""
        if not self.called():
            return
        areas: set[str] = set()
        for row in self.rows("duties", PAGES, state="open"):
            if row["gives"].get("rule") in self.AT_DOORS:
                areas.add((row["href"].get("area") or "").split("?")[0].rstrip("/").rsplit("/", 1)[-1])
        for area in sorted(areas - {""}):
            self.play.at(self.play.minute + self.chance.randint(2, 15), lambda a=area: self.play.knock(a))  # type: ignore[misc]
        self._does(self.duties(*self.verbs))
