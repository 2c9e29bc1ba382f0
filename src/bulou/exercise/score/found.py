"""Of all infections: who was found by the end of the play, when, by which way, in or outside control; who was missed and why. Reads records only."""

from collections import Counter, defaultdict
from functools import cached_property
from typing import NamedTuple

from bulou.exercise.score import Row
from bulou.exercise.score.records import DAY, Act, Infection, Records, about, bare, quartiles
from bulou.exercise.score.zeros import INFECTED, OPEN

HOUR = 60
WAYS = ("clinic", "recalled", "contact", "round")
CONTROL = ("order", "told_to_stay", "outside")
#: Why somebody was missed, in the order in which it is asked; of each the duty that would have caught them where one is meant for it.
WHY: dict[str, str | None] = {
    "not_registered": "revisit.made", "too_recent": None, "duty_open": None, "tube_lost": "tube.received", "not_returned": "testing.result",
    "read_negative": "recall.single_again", "kept_quiet": "case.investigate",
    "forgotten": "case.investigate", "never_swabbed": "testing round",
}  # fmt: skip
#: A hold that nobody ends is over after so many minutes; whoever was infected so shortly before the end could not yet be found.
HOLD, RECENT = DAY, DAY


class Swab(NamedTuple):
    """A swab of a person: when it was taken, into which tube, by whom."""

    at: float
    tube: str
    actor: str


class Found(NamedTuple):
    """How somebody was found: the hour of the result or diagnosis, and by which way and under what control."""

    at: float
    way: str
    control: str


class Finding:
    """What records say of people, by their number in the city."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.by_person: dict[int, Infection] = {}
        for one in records.infections:
            self.by_person.setdefault(one.person, one)

    def who(self, text: str | None) -> int | None:
        """The city's number of an id of the ledger; None for staff and for whoever is unknown."""
        return self.records.city.get(text or "")

    @cached_property
    def swabs(self) -> dict[int, list[Swab]]:
        """Swabs by person, in the order in which they were taken: as the platform lists them, taken by whom the log says."""
        takers = {a.fact: a for a in self.records.of("take_sample")}
        found: dict[int, list[Swab]] = defaultdict(list)
        for row in self.records.lists.get("samples", ()):
            act = takers.get(row["key"])
            at = act.at if act else self.records.minute(row["text"]["at"])
            if (person := self.who(about(row).get("person"))) is not None and at is not None:
                found[person].append(Swab(at, about(row)["tube"], act.actor if act else ""))
        return {person: sorted(some) for person, some in found.items()}

    @cached_property
    def tubes(self) -> dict[str, Row]:
        return {about(r).get("tube") or r["text"]["tube"]: r for r in self.records.lists.get("tubes", ())}

    @cached_property
    def members(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for person, swabs in self.swabs.items():
            for s in swabs:
                found[s.tube].add(person)
        return found

    def result(self, tube: str) -> tuple[str | None, float | None]:
        """What a tube was read as, and when; None where it was not."""
        row = self.tubes.get(tube)
        return (row["state"].get("result"), self.records.minute(row["text"]["resulted"])) if row else (None, None)

    @cached_property
    def named(self) -> dict[int, float]:
        """When people were first named a contact."""
        found: dict[int, float] = {}
        for act in self.records.of("name_contact"):
            if (person := self.who(act.values.get("person"))) is not None:
                found[person] = min(act.at, found.get(person, act.at))
        return found

    @cached_property
    def orders(self) -> dict[int, list[tuple[float, float]]]:
        """From when until when people were under an order."""
        found: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for row in self.records.lists.get("orders", ()):
            person, starts = self.who(about(row).get("person")), self.records.minute(row["text"]["starts"])
            over = _deadline(row["text"].get("over"), self.records)
            if person is not None and starts is not None and starts < min(over, self.records.end):
                found[person].append((starts, min(over, self.records.end)))
        return found

    @cached_property
    def told(self) -> dict[int, list[Act]]:
        found: dict[int, list[Act]] = defaultdict(list)
        for act in self.records.of("tell"):
            if (person := self.who(act.values.get("person"))) is not None:
                found[person].append(act)
        return found

    @cached_property
    def holds(self) -> dict[int, list[tuple[float, float]]]:
        """From when until when people had been told to stay where they are: a day, or until they were told that it was over."""
        found: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for person, acts in self.told.items():
            ends = [a.at for a in acts if a.values.get("about") == "release"]
            for act in (a for a in acts if a.values.get("about") == "hold"):
                over = min([act.at + HOLD, self.records.end, *(e for e in ends if e > act.at)])
                found[person].append((act.at, over))
        return found

    @cached_property
    def found(self) -> dict[int, Found]:
        """Whoever is truly infected and was found: a positive tube of theirs alone after the infection, or a diagnosis."""
        diagnosed: dict[int, float] = {}
        for row in self.records.lists.get("cases", ()):
            person, at = self.who(about(row).get("person")), self.records.minute(row["text"].get("diagnosed"))
            if person is not None and at is not None and _status(row) in INFECTED:
                diagnosed[person] = at
        found = {}
        for person, one in self.by_person.items():
            alone = [(at, s) for s in self.swabs.get(person, ()) if s.at >= one.minute and len(self.members[s.tube]) == 1
                     for result, at in [self.result(s.tube)] if result == "positive" and at is not None]  # fmt: skip
            hours = [at for at, _ in alone] + ([diagnosed[person]] if person in diagnosed else [])
            if hours:
                at = min(hours)
                found[person] = Found(at, self._way(person, min(alone)[1] if alone else None, at), self._control(person, at))
        return found

    def _way(self, person: int, swab: Swab | None, at: float) -> str:
        """Recalled from a pool read before the swab, else named before it, else whoever came to the clinic, else a round."""
        before = swab.at if swab else at
        pools = [s.tube for s in self.swabs.get(person, ()) if len(self.members[s.tube]) > 1]
        if any(r == "positive" and when is not None and when <= before for r, when in map(self._first, pools)):
            return "recalled"
        if self.named.get(person, before + 1) <= before:
            return "contact"
        return "clinic" if swab and swab.actor.startswith("clinic") else "round"

    def _first(self, tube: str) -> tuple[str | None, float | None]:
        """A tube's first reading that stood, positive before anything else."""
        readings = self.readings.get(tube, [])
        return next(((r, at) for at, r in readings if r == "positive"), self.result(tube))

    @cached_property
    def readings(self) -> dict[str, list[tuple[float, str]]]:
        found: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for act in self.records.of("report_result"):
            found[act.values["tube"]].append((act.at, act.values["result"]))
        return {tube: sorted(some) for tube, some in found.items()}

    def _control(self, person: int, at: float) -> str:
        if any(a <= at < b for a, b in self.orders.get(person, ())):
            return "order"
        return "told_to_stay" if any(a <= at < b for a, b in self.holds.get(person, ())) else "outside"


def _status(row: Row) -> str:
    told = about(row).get("status")
    if told:
        return str(told)
    return "confirmed" if row["state"].get("status") == "positive" else ""


def _deadline(text: str | None, records: Records) -> float:
    at = records.minute(text)
    return float("inf") if at is None else at


def of_infections(finding: Finding) -> Row:
    """How many were found, when, by which way, under what control; infected and found by the day."""
    records, found, true = finding.records, finding.found, finding.by_person
    since, onset, swab = [], [], []
    for person, one in found.items():
        since.append((one.at - true[person].minute) / HOUR)
        ill = true[person].onset
        if ill is not None and ill <= one.at:
            onset.append((one.at - ill) / HOUR)
        first = next((s.at for s in finding.swabs.get(person, ()) if s.at >= true[person].minute), None)
        if first is not None:
            swab.append((one.at - first) / HOUR)
    days = range(int(-(-records.end // DAY)))
    return {
        "infections": len(true), "found": len(found), "by_way": {w: sum(f.way == w for f in found.values()) for w in WAYS},
        "control": {c: sum(f.control == c for f in found.values()) for c in CONTROL},
        "hours_from_infection": quartiles(since), "hours_from_onset": quartiles(onset), "hours_from_swab": quartiles(swab),
        "by_day": [
            {"day": d + 1, "infected": sum(i.minute < (d + 1) * DAY for i in true.values()), "found": sum(f.at < (d + 1) * DAY for f in found.values())}
            for d in days
        ],
    }  # fmt: skip


def missed(finding: Finding, met: dict[int, set[int]]) -> Row:
    """Whoever is infected and was not found, by reason, with the duty that would have caught them. ``met``: of people the known cases whom they
    met as close contacts."""
    open_: dict[str, list[str]] = defaultdict(list)
    for row in finding.records.lists.get("duties", ()):
        if row["state"].get("state") in OPEN and (rule := about(row).get("rule")):
            open_[bare(about(row).get("subject"))].append(rule)
    told = []
    for person, one in sorted(finding.by_person.items(), key=lambda x: x[1].minute):
        if person not in finding.found:
            why, duty = _why(person, one, finding, open_, met)
            told.append({"person": person, "infected_at": one.minute, "why": why, "duty": duty})
    return {"n": len(told), "why": {w: n for w in WHY if (n := sum(t["why"] == w for t in told))}, "people": told,
            "duties": dict(Counter(t["duty"] for t in told if t["duty"]).most_common())}  # fmt: skip


def _why(person: int, one: Infection, finding: Finding, open_: dict[str, list[str]], met: dict[int, set[int]]) -> tuple[str, str | None]:
    ids = finding.records.ids.get(person, [])
    if not ids:
        return "not_registered", WHY["not_registered"]
    swabs = [s for s in finding.swabs.get(person, ()) if s.at >= one.minute]
    owed = [rule for text in ids for rule in open_.get(bare(text), ())]
    swab = next((r for r in owed if ".single" in r or r.endswith(".test")), None)
    if swab:
        return "duty_open", swab
    for s in swabs:
        result, _ = finding.result(s.tube)
        if result == "positive":
            return "duty_open", next(iter(owed), "recall.single")
        if not result or result == "pending":
            received = (finding.tubes.get(s.tube) or {"text": {}})["text"].get("received")
            return ("not_returned", WHY["not_returned"]) if received else ("tube_lost", WHY["tube_lost"])
    if one.minute > finding.records.end - RECENT:
        return "too_recent", None
    if swabs:
        return "read_negative", WHY["read_negative"]
    if person in finding.records.hidden and person not in finding.named:
        return "kept_quiet", WHY["kept_quiet"]
    if met.get(person) and person not in finding.named:
        return "forgotten", WHY["forgotten"]
    return "never_swabbed", WHY["never_swabbed"]
