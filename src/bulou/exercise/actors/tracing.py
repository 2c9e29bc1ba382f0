"""Investigators and their head: ask, name contacts (people forget), judge them, order. What restricts somebody is looked at first, then confirmed.

Where a play is traced by visits as well, a case's path is recorded with the lists that places keep, and the head names whom the page of
candidates puts near: the platform's words decide who that is, not what anybody remembers.
"""

import re
from random import Random
from typing import TYPE_CHECKING, Any

from bulou.basis.ids import from_text, to_text
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

#: Where a play is traced by visits: the share of those at a place of which its list tells (a class book, a roster, a payment at the table), by
#: the kind of place; a model, like what people remember. Homes and vehicles keep none. Lines of one list that are entered at most.
LISTED = {
    "work": 0.8, "kindergarten": 0.95, "primary": 0.95, "junior": 0.95, "senior": 0.95, "college": 0.7, "care_home": 0.9, "dormitory": 0.6, "restaurant": 0.5,
    "teahouse": 0.3, "shop": 0.3, "clinic": 0.9, "hospital": 0.9,
}  # fmt: skip
MOST_LINES = 80
#: What a place of the city is in the platform's list of kinds.
_NATURES = {
    "work": "worksite",
    **dict.fromkeys(("kindergarten", "primary", "junior", "senior", "college"), "school"),
    "mahjong": "teahouse",
}
_ROW, _CHOICE, _TOGETHER, _PAGES = (
    re.compile(r"<tr>.*?</tr>", re.DOTALL),
    re.compile(r'name="name" value="([^"]+)"'),
    re.compile(r"(\d+) min together"),
    20,
)


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
        if play.by_visits:
            self._path(city, case, since, now, duty.incident)
            play.paths.append((case, duty.incident))
            play.news["path"] += 1
        told = self.send("complete_investigation", {"person": case}, duty.incident)
        if not told.stands:
            self.gives_up("complete_investigation", {"person": case}, told.text)

    def _path(self, city: int, case: str, since: int, now: int, incident: str | None) -> None:
        """Where a case was that is no home, as visits; and of each such place what its list tells of the others who were there."""
        world, bodies = self.play.world, []
        chance = Random(f"{self.play.seed} lists {city}")  # of its own: what people remember stays what it is without lists
        for stay in world.stays(city, since, now):
            if stay.kind not in LISTED or (place := self.play.registrar.place_of(stay.place, _NATURES.get(stay.kind, stay.kind))) is None:
                continue
            said = {"place": place, "space": str(stay.space), "until": self.hour(stay.end)}
            word = {"words": "演练:本人所述 · exercise: told", "certainty": "stated", "proof": "interview"}
            bodies.append(self.body("record_visit", {"person": case, **said, **word}, incident, stay.start))
            listed = [o for o in world.there(stay, city) if chance.random() < LISTED[stay.kind] and world.citizens[o.person].id is not None]
            for other in listed[:MOST_LINES]:
                line = {
                    "words": "演练:场所名单 · exercise: a list of the place",
                    "certainty": "recorded",
                    "proof": "register",
                    "authority": "演练函1号 · exercise letter 1",
                }
                who = {
                    "person": to_text(world.citizens[other.person].id or b""),
                    "place": place,
                    "space": str(other.space),
                    "until": self.hour(other.end),
                }
                if (other.person, other.start) not in self.play.listed:
                    self.play.listed.add((other.person, other.start))
                    bodies.append(self.body("record_visit", {**who, **line}, incident, other.start))
        self.play.wait(min(len(bodies), 60))
        for body, told in zip(bodies, self.sent(bodies, "record_visit"), strict=True):
            if not told.stands:
                self.gives_up("record_visit", body["content"], told.text)

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

    hears = frozenset({"report_result", "name_contact", "judge_contact", "make_order", "clock", "path"})

    def __init__(self, play: "Play", seat: str) -> None:
        super().__init__(play, seat, ("recheck", "tell"))

    def works(self) -> None:
        if not self.called():
            return
        while self.play.paths:
            self._names(*self.play.paths.pop(0))
        listed = self.duties(*self.verbs, "judge_contact", "make_order")
        self._does(listed)
        self._judges([d for d in listed if d.rule == "contact.judge"])
        self._orders([d for d in listed if d.verb == "make_order"])

    def _names(self, case: str, incident: str | None) -> None:
        """Names everyone whom the page of candidates puts in the closest ring of a case, page by page, by pressing its button."""
        page = self.play.stage.in_person[self.seat]
        if incident is not None:
            page.looks_at(incident)
        for _ in range(_PAGES):
            answer = self.asked(lambda: page.get(f"/tracing/case/{case}/candidates"))
            rows = [
                (m[1], row)
                for row in _ROW.findall(answer.text)
                if "close contact" in row and "contact of a close" not in row and (m := _CHOICE.search(row))
            ]
            if answer.status != 200 or not rows:
                return
            for key, row in rows:
                city = self.play.world.by_id.get(from_text(key.split(" ")[0]))
                minutes = _TOGETHER.search(row)
                if city is not None:
                    self.play.named.setdefault(city, (int(minutes[1]), "") if minutes else (0, "home"))
            self.play.wait(3)
            chosen = [key for key, _ in rows]
            done = self.asked(lambda c=chosen: page.form(f"/tracing/case/{case}/candidates", name=c))  # type: ignore[misc]
            self.play.diary.line(
                self.seat, self.play.minute, self.play.minute, "named_from_visits", {"met": case, "people": len(rows)}, status=done.status
            )
            if done.status != 302:
                return
            self.play.news["name_contact"] += 1

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
