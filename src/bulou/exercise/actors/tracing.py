"""Investigators and their head: ask, name contacts (people forget), judge them, order. What restricts somebody is looked at first, then confirmed."""

from typing import TYPE_CHECKING, Any

from bulou.basis.ids import to_text
from bulou.exercise.actors.desk import Desk, Duty
from bulou.exercise.actors.offices import Office

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Days before the first symptom, or before now, that are asked about.
LOOK_BACK = 2 * 1440
#: How much of whom they met people remember, by the kind of place; who was together for less time is not asked about; names at most.
REMEMBERS = {"home": 0.97, "dormitory": 0.8, "care_home": 0.8, "work": 0.6, "restaurant": 0.5, "teahouse": 0.6, "mahjong": 0.8, "shop": 0.1, "market": 0.1,
             "bus": 0.05, "train": 0.05}  # fmt: skip
OTHERWISE, SHORTEST, MOST = 0.5, 10, 40
#: The share of those asked who lie, and what they keep quiet about.
LIES, HIDDEN = 0.06, frozenset({"mahjong", "teahouse", "restaurant", "worship", "market"})
_SETTINGS = {
    "home": "household", "dormitory": "household", "care_home": "care", "work": "work", "restaurant": "meal", "bus": "vehicle", "train": "vehicle",
}  # fmt: skip
#: Judged close from so many minutes in one space; a share is judged wrongly.
CLOSE, WRONGLY = 15, 0.03


class Investigator(Desk):
    """Asks recalled people about their last days, and cases about everyone whom they met."""

    hears = frozenset({"report_result", "diagnose"})

    def works(self) -> None:
        """Reads the list: interviews first, then investigations that are due, which are opened some hours after the diagnosis."""
        play = self.play
        if not self.called():
            return
        listed = self.duties("interview", "complete_investigation")
        todo = [d for d in listed if d.verb == "interview" and d.person and ("interview", d.subject) not in play.taken]
        bodies = []
        for duty in todo:
            play.taken.add(("interview", duty.subject))
            bodies.append(self.body("interview", {"person": to_text(duty.person or b""), "about": "last_days"}, duty.incident, None))
        play.wait(min(len(bodies) * 3, 45))
        for body, told in zip(bodies, self.sent(bodies, "interview"), strict=True):
            if not told.stands:
                self.gives_up("interview", body["content"], told.text)
        for duty in listed:
            if duty.verb == "complete_investigation" and duty.person and ("investigation", duty.subject) not in play.taken:
                play.taken.add(("investigation", duty.subject))
                play.at(play.minute + self.chance.randint(30, 240), lambda d=duty: self.investigates(d))  # type: ignore[misc]

    def investigates(self, duty: Duty) -> None:
        """One case: the first symptom, everyone whom they met and remember, and done."""
        play, world = self.play, self.play.world
        city = world.by_id.get(duty.person or b"")
        if city is None or duty.person is None:
            return
        case, now = to_text(duty.person), int(play.minute)
        onset = world.onset(city)
        if onset is not None and onset <= now:
            self.send("record_onset", {"person": case, "on": self.day(onset)}, duty.incident)
        since = (onset if onset is not None and onset <= now else now) - LOOK_BACK
        for other, (minutes, last, first, kind) in self._remembered(city, since, now):
            who = world.citizens[other]
            if who.id is None:
                self.gives_up("name_contact", {"met": case}, "nobody of that name is on the register")
                continue
            content = {
                "person": to_text(who.id), "met": case, "exposed_until": self.hour(min(last, now)), "exposed_from": self.hour(first),
                "setting": _SETTINGS.get(kind, "venue"), "words": f"演练:共处 {minutes} 分钟 · exercise: {minutes} min together",
            }  # fmt: skip
            told = self.send("name_contact", content, duty.incident)
            if told.stands:
                play.named.setdefault(other, (minutes, kind))
            else:
                self.gives_up("name_contact", content, told.text)
        told = self.send("complete_investigation", {"person": case}, duty.incident)
        if not told.stands:
            self.gives_up("complete_investigation", {"person": case}, told.text)

    def _remembered(self, city: int, since: int, now: int) -> list[tuple[int, tuple[int, int, int, str]]]:
        met: dict[int, tuple[int, int, int, str]] = {}
        for m in self.play.world.met(city, since, now):
            minutes, last, first, kind = met.get(m.other, (0, 0, m.start, m.kind))
            met[m.other] = (minutes + m.end - m.start, max(last, m.end), min(first, m.start), "home" if "home" in (kind, m.kind) else kind)
        if self.play.faulty("lies") and self.chance.random() < LIES:
            hidden = sorted(o for o, t in met.items() if t[3] in HIDDEN and t[0] >= SHORTEST)
            met = {o: t for o, t in met.items() if t[3] not in HIDDEN}
            self.play.diary.line(self.seat, self.play.minute, self.play.minute, "lied", {"city": city, "hidden": hidden})
        long = sorted(((o, t) for o, t in met.items() if t[0] >= SHORTEST), key=lambda x: (-x[1][0], x[0]))
        return [(o, t) for o, t in long if self.chance.random() < REMEMBERS.get(t[3], OTHERWISE)][:MOST]


class Head(Office):
    """The head of tracing: rechecks by the laboratory's word, judges candidates, orders what the edition proposes, tells."""

    hears = frozenset({"report_result", "name_contact", "judge_contact", "make_order", "clock"})

    def __init__(self, play: "Play", seat: str) -> None:
        super().__init__(play, seat, ("recheck", "tell"))

    def works(self) -> None:
        if not self.called():
            return
        listed = self.duties(*self.verbs, "judge_contact", "make_order")
        self._does(listed)
        self._judges([d for d in listed if d.rule == "contact.judge"])
        self._orders([d for d in listed if d.verb == "make_order"])

    def _judges(self, listed: list[Duty]) -> None:
        play, done = self.play, set()
        bodies = []
        for duty in listed:
            city = play.world.by_id.get(duty.person or b"")
            if city is None or duty.person is None or duty.person in done:
                continue
            done.add(duty.person)
            minutes, kind = play.named.get(city, (0, ""))
            close = minutes >= CLOSE or kind == "home"
            if self.chance.random() < WRONGLY:
                close = not close
            content = {
                "person": to_text(duty.person), "ring": "close" if close else "general", "reason": f"演练:共处 {minutes} 分钟 · exercise: {minutes} min together",
            }  # fmt: skip
            bodies.append(self.body("judge_contact", content, duty.incident, None))
        play.wait(min(len(bodies) * 2, 40))
        for body, told in zip(bodies, self.sent(bodies, "judge_contact"), strict=True):
            if not told.stands:
                self.gives_up("judge_contact", body["content"], told.text)

    def _orders(self, listed: list[Duty]) -> None:
        for duty in listed:
            if duty.person is None or ("order", duty.subject) in self.play.taken:
                continue
            self.play.taken.add(("order", duty.subject))
            said: dict[str, Any] = {
                "person": to_text(duty.person), "ring": duty.given.get("ring", "close"), "reason": "演练:密切接触 · exercise: contact of a case",
            }  # fmt: skip
            asked = self.in_person("make_order", said, duty.incident)
            if asked.proposes:
                order = {**said, "measure": "home", **asked.proposes}
                self.play.wait(2)
                asked = self.in_person("make_order", order, duty.incident)
            if not asked.stands:
                self.gives_up("make_order", said, asked.text)
