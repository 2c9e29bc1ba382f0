"""The laboratory: receives boxes, reads tubes in runs, sends results late and in another order, takes a wrong one back. Knows tubes, nobody's name."""

from typing import TYPE_CHECKING, Any

from bulou.exercise.actors.desk import Desk
from bulou.exercise.stage import DISEASE

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: A run begins every so many minutes and takes so long. Shares: of tubes whose receipt nobody notes, whose result waits for the next run,
#: and of negative tubes entered as positive and corrected hours later.
EVERY, TAKES = 180, 240
UNNOTED, LATE, MISTAKEN = 0.04, 0.06, 0.004
PER_RUN = 960


class Laboratory(Desk):
    """One laboratory with its machines."""

    hears = frozenset({"report_result"})

    def __init__(self, play: "Play", seat: str, skew: int = 0) -> None:
        super().__init__(play, seat, skew)
        self.waiting: list[str] = []
        #: Until when there is no power.
        self.dark_until = 0.0
        self._rerun: set[str] = set()
        self._mistaken = False

    def plan(self, day: int) -> None:
        """Runs and looks at its own list through the day."""
        for start in range(0, 1440, EVERY):
            self.play.at(day * 1440 + start + 20, self.runs)
        for minute in range(30, 1440, 90):
            self.play.at(day * 1440 + minute, self.reads_again)

    def arrives(self, codes: list[str]) -> None:
        """A box comes in."""
        play = self.play
        for code in codes:
            play.world.tubes[code].arrived = int(play.minute)
        self.waiting += codes
        noted = [c for c in codes if self.chance.random() >= UNNOTED]
        bodies = [self.body("receive_tube", {"tube": c, "disease": DISEASE}, play.stage.watch, play.minute) for c in noted]
        self.sent(bodies, "receive_tube")

    def runs(self) -> None:
        """Loads what waits; the results come when the run ends."""
        play = self.play
        if play.minute < self.dark_until:
            return
        some, self.waiting = self.waiting[:PER_RUN], self.waiting[PER_RUN:]
        held = [c for c in some if self.chance.random() < LATE]
        self.waiting = [*held, *self.waiting]
        read = [c for c in some if c not in held]
        if read:
            play.at(play.minute + TAKES, lambda: self.tells(read))

    def tells(self, codes: list[str]) -> None:
        """Sends the results of a run: positive ones by telephone at once, then everything in the order of the machine's file."""
        play = self.play
        if play.minute < self.dark_until:
            play.at(self.dark_until + 30, lambda: self.tells(codes))
            return
        order = list(codes)
        self.chance.shuffle(order)
        positive = [c for c in order if play.world.reads(c)]
        wrong = [c for c in order if c not in positive and self.chance.random() < MISTAKEN]
        if play.faulty("late sync") and not self._mistaken:  # a result taken back while those whom it is about stand on a silent device
            wrong += (unsynced := [c for c in order if c not in positive + wrong and play.unsynced(c)][:1])
            self._mistaken = bool(unsynced)
        phoned = [self._result(c, "positive", channel="phone", provisional=True) for c in positive]
        self.sent(phoned, "report_result")
        play.wait(2)
        filed = [self._result(c, "positive" if c in positive or c in wrong else "negative", channel="file") for c in order]
        told = self.sent(filed, "report_result")
        for body, one in zip(filed, told, strict=True):
            if not one.stands:
                self.gives_up("report_result", body["content"], one.text)
            elif body["content"]["tube"] in wrong:
                play.at(play.minute + self.chance.randint(90, 300), lambda b=body: self.corrects(b))  # type: ignore[misc]

    def corrects(self, body: dict[str, Any]) -> None:
        """Takes a result back that was another tube's, and enters the right one."""
        code = body["content"]["tube"]
        told = self.in_person("withdraw_result", {"target": body["id"], "reason": "演练:录入错管 · exercise: another tube's result"})
        if told.stands:
            right = self._result(code, "positive" if self.play.world.reads(code) else "negative", channel="form")
            self.sent([right], "report_result")
        else:
            self.gives_up("withdraw_result", {"target": body["id"]}, told.text)

    def reads_again(self) -> None:
        """Its own list says which tubes are to be run again with another kit."""
        play = self.play
        if play.minute < self.dark_until or not self.called():
            return
        for duty in self.duties("report_result"):
            code = duty.given.get("tube", duty.subject)
            tube = play.world.tubes.get(code)
            if (
                duty.given.get("run") == "rerun"
                and code not in self._rerun
                and tube is not None
                and tube.arrived is not None
                and not tube.lost
            ):
                self._rerun.add(code)
                play.at(play.minute + 100, lambda c=code, i=duty.incident: self.tells_again(c, i))  # type: ignore[misc]

    def tells_again(self, code: str, incident: str | None) -> None:
        result = "positive" if self.play.world.reads(code, 1) else "negative"
        told = self.send("report_result", {"tube": code, "disease": DISEASE, "result": result, "run": "rerun"}, incident, self.play.minute)
        if not told.stands:
            self.gives_up("report_result", {"tube": code, "run": "rerun"}, told.text)

    def _result(self, code: str, result: str, **more: Any) -> dict[str, Any]:
        content = {"tube": code, "disease": DISEASE, "result": result, **more}
        return self.body("report_result", content, self.play.stage.watch, self.play.minute)
