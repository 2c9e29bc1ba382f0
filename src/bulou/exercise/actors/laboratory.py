"""The laboratory: receives boxes, reads tubes in runs, sends results late and in another order, takes a wrong one back. Knows tubes, nobody's name.

The first laboratory hands its results in as the files of its machine, by the page for them; the second has a program.
"""

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Any

from bulou.basis.ids import to_text
from bulou.desks.testing.importing import RESULTS
from bulou.exercise.actors.desk import Desk
from bulou.exercise.files import title
from bulou.exercise.stage import DISEASE

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: A run begins every so many minutes and takes so long. Shares: of tubes whose receipt nobody notes, whose result waits for the next run,
#: and of negative tubes entered as positive and corrected hours later.
EVERY, TAKES = 180, 240
UNNOTED, LATE, MISTAKEN = 0.04, 0.06, 0.004
PER_RUN = 960
#: The share of runs in which two racks of so many tubes stand in each other's place, and how often somebody notices; minutes until then.
SWAPPED, RACK, NOTICED, UNTIL = 0.02, 8, 0.7, (180, 600)
#: How often a file is corrected without a word; the old result stays.
QUIET = 0.3
#: Where files are handed in; how that laboratory's machine heads its columns, and writes results.
PAGE, HEADS, SIGNS = "/testing/results/import", ("样本编号", "检测结果", "报告时间", "备注"), {"positive": "阳性", "negative": "阴性"}


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
        self.by_file = seat.endswith("-1")

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
        stands = self._racks(order)
        positive = [c for c in order if play.world.reads(stands[c])]
        wrong = [c for c in order if c not in positive and self.chance.random() < MISTAKEN]
        if play.faulty("late sync") and not self._mistaken:  # a result taken back while those whom it is about stand on a silent device
            wrong += (unsynced := [c for c in order if c not in positive + wrong and play.unsynced(c)][:1])
            self._mistaken = bool(unsynced)
        phoned = [self._result(c, "positive", channel="phone", provisional=True) for c in positive]
        self.sent(phoned, "report_result")
        play.wait(2)
        said = {c: "positive" if c in positive or c in wrong else "negative" for c in order}
        sent = self._handed_in(said) if self.by_file else self._programmed(said)
        late = self.chance.randint(*UNTIL) if any(stands[c] != c for c in order) and self.chance.random() < NOTICED else None
        quiet = [c for c in wrong if self.by_file and self.chance.random() < QUIET]
        if quiet:  # the corrected file comes without a word; the old result stays until somebody takes it back
            right = {c: "negative" if c in quiet else r for c, r in said.items()}
            play.at(play.minute + self.chance.randint(90, 300), lambda: self._handed_in(right))
        for code, fact in sent.items():
            if code in quiet:
                continue
            if code in wrong:
                play.at(play.minute + self.chance.randint(90, 300), lambda c=code, f=fact: self.corrects(c, f))  # type: ignore[misc]
            elif late is not None and said[code] != self._truly(code):
                play.at(play.minute + late, lambda c=code, f=fact: self.corrects(c, f))  # type: ignore[misc]

    def _racks(self, order: list[str]) -> dict[str, str]:
        """Which tube truly stands where the machine believes each to be: two racks may stand in each other's place."""
        stands = {c: c for c in order}
        if len(order) >= 2 * RACK and self.play.faulty("swapped racks") and self.chance.random() < SWAPPED:
            at = self.chance.randrange(len(order) - 2 * RACK + 1)
            one, other = order[at : at + RACK], order[at + RACK : at + 2 * RACK]
            stands |= dict(zip(one + other, other + one, strict=True))
            self.play.diary.line(self.seat, self.play.minute, self.play.minute, "racks swapped", {"one": one, "other": other})
        return stands

    def _programmed(self, said: dict[str, str]) -> dict[str, str]:
        """Sends the results by program; the fact of each that stands."""
        filed = [self._result(c, result, channel="file") for c, result in said.items()]
        found = {}
        for body, one in zip(filed, self.sent(filed, "report_result"), strict=True):
            if one.stands:
                found[body["content"]["tube"]] = body["id"]
            else:
                self.gives_up("report_result", body["content"], one.text)
        return found

    def _handed_in(self, said: dict[str, str]) -> dict[str, str]:
        """Hands the results in as the machine's file, puts its columns right, and enters what was checked; the fact of each that stands."""
        if self.play.lead.sits(self.seat):
            return self._programmed(said)
        play, program = self.play, self.play.stage.in_person[self.seat]
        hour = self.hour(int(play.minute))[:16].replace("T", " ")
        text = io.StringIO()
        csv.writer(text).writerows([HEADS, *([c, SIGNS[r], hour, title(play.world.head)] for c, r in said.items())])
        data = text.getvalue().encode("gb18030")
        name = f"{self.seat}-{int(play.minute)}.csv"
        page = self.asked(lambda: program.hand_in(PAGE, name, data, verb="report_result")).leads
        if play.faulty("sent twice"):  # the browser's button is pressed again: the same receipt
            self.asked(lambda: program.hand_in(PAGE, name, data, verb="report_result"))
        if not page:
            raise RuntimeError(f"{self.seat}: the file was not taken in")
        for what in ({"do": "columns", "column-tube": "0", "column-result": "1", "column-at": "2"}, {"do": "enter"}):
            answer = self.asked(lambda what=what: program.form(page, **what))  # type: ignore[misc]
            play.diary.line(
                self.seat, play.minute, play.minute, f"file {what['do']}", {"file": name, "rows": len(said)}, status=answer.status
            )
            play.works_off()
        wrong = {row[-2]: row[-1] for row in csv.reader(self.asked(lambda: program.get(f"{page}/rows.csv")).text.splitlines()[1:])}
        assert RESULTS.named
        sha256, found = hashlib.sha256(data).hexdigest(), {}
        for n, (code, result) in enumerate(said.items(), start=2):  # as a spreadsheet numbers them: the headings are row 1
            body = self._result(code, result, channel="file", provisional=False)
            body |= {"id": to_text(RESULTS.named(sha256, n)), "at": self.hour(int(play.minute))}
            if str(n) in wrong:
                self.gives_up("report_result", body["content"], wrong[str(n)])
                continue
            play.diary.keep(self.seat, "report_result", body, self._line("report_result", body, 200, "file"))
            play.heard("report_result", body["content"])
            found[code] = body["id"]
        return found

    def corrects(self, code: str, fact: str) -> None:
        """Takes a result back that was another tube's, and enters the right one."""
        told = self.in_person("withdraw_result", {"target": fact, "reason": "演练:录入错管 · exercise: another tube's result"})
        if told.stands:
            self.sent([self._result(code, self._truly(code), channel="form")], "report_result")
        else:
            self.gives_up("withdraw_result", {"target": fact}, told.text)

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
        told = self.send(
            "report_result", {"tube": code, "disease": DISEASE, "result": self._truly(code, 1), "run": "rerun"}, incident, self.play.minute
        )
        if not told.stands:
            self.gives_up("report_result", {"tube": code, "run": "rerun"}, told.text)

    def _truly(self, code: str, nth: int = 0) -> str:
        """What an honest machine says of a tube."""
        return "positive" if self.play.world.reads(code, nth) else "negative"

    def _result(self, code: str, result: str, **more: Any) -> dict[str, Any]:
        content = {"tube": code, "disease": DISEASE, "result": result, **more}
        return self.body("report_result", content, self.play.stage.watch, self.play.minute)
