"""What every actor has: a device with its own clock, a name in the diary, ids of its own, patience with answers that do not come."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from bulou.basis.ids import from_text, named_id, to_text
from bulou.basis.time import MINUTE, Instant, to_datetime
from bulou.exercise.client import PATIENCE, ROOT, Answer, Program
from bulou.exercise.live import Paper

if TYPE_CHECKING:
    from bulou.exercise.playing import Play

#: Rows of one batch. How often an answer is lost after the platform has committed, and how often something is sent twice although it came.
BATCH, LOST, TWICE = 50, 0.02, 0.01
#: One sending of so many meets a site whose process is killed after it has committed.
KILLED = 60
#: Whoever is not called looks at their list every so many minutes all the same.
LOOKS = 240
#: Open duties read at most at one look, in pages.
PAGES = 8
_PROPOSED = re.compile(r"the edition proposes (\S+)")


class Duty(NamedTuple):
    """A row of one's own list: the rule, whom it is about, of which incident, by which verb it may be done with what is known already."""

    rule: str
    subject: str
    incident: str | None
    state: str
    verb: str
    given: dict[str, str]

    @property
    def person(self) -> bytes | None:
        """Whom it is about; None for what is not about a person."""
        said = self.given.get("person")
        return from_text(said) if said else None


class Told(NamedTuple):
    """What became of something that was sent: whether it stands in the ledger, the fields that were refused, what was said in English."""

    stands: bool
    fields: tuple[str | None, ...] = ()
    text: str = ""
    #: What the platform proposes for what was left out, by field.
    proposes: Mapping[str, str] = MappingProxyType({})


#: Pages that are a verb's own, by the end of their path.
_PAGES = {"sample": "take_sample", "result": "report_result", "contact-name": "name_contact", "order": "make_order"}


class Desk:
    """Somebody at work, with the post of ``seat``. ``skew``: minutes by which their clock is ahead."""

    #: Of which acts of others they are told, by telephone or by the live page: what may put something on their list.
    hears: frozenset[str] = frozenset()

    def __init__(self, play: "Play", seat: str, skew: int = 0) -> None:
        self.play, self.seat, self.skew = play, seat, skew
        self.chance = Random(f"{play.seed} {seat}")
        self.program: Program = play.stage.programs[seat]
        self.area = play.stage.seats[seat].area
        self._read_at, self._news = -1e9, -1

    # --- ids and hours ------------------------------------------------------------------------------------------------
    def new_id(self) -> str:
        """The next client id of this seat, whatever device it works on: the same in every play of one seed."""
        number = next(self.play.numbers[self.seat])
        return to_text(named_id("exercise sent", self.play.key, self.seat, str(number)))

    def hour(self, minute: float) -> str:
        """A minute of the play as this device writes it."""
        return to_datetime(Instant(self.play.begin + int(minute * 60) * (MINUTE // 60)), self.play.zone).isoformat()

    def day(self, minute: float) -> str:
        """The local day of a minute of the play."""
        return (self.play.world.head.first_day + timedelta(days=int(minute // 1440))).isoformat()

    # --- sending ------------------------------------------------------------------------------------------------------
    def body(self, verb: str, content: dict[str, Any], incident: bytes | str | None, at: float | None) -> dict[str, Any]:
        """What is sent: an id, the content, and where it matters the incident and the hour as this device's clock had it."""
        made: dict[str, Any] = {"id": self.new_id(), "content": content}
        if incident is not None:
            made["incident"] = to_text(incident) if isinstance(incident, bytes) else incident
        if at is not None:
            made["at"] = self.hour(at + self.skew)
        return made

    def send(self, verb: str, content: dict[str, Any], incident: bytes | str | None = None, at: float | None = None) -> Told:
        """Does one thing; sends again under the same id while no answer came."""
        return self.sent([self.body(verb, content, incident, at)], verb)[0]

    def sent(self, bodies: list[dict[str, Any]], verb: str) -> list[Told]:
        """Sends these, in batches where there are several; what became of each. Where a person sits at this desk, it is left for them to enter."""
        if self.play.lead.sits(self.seat):
            return [self._left(verb, body) for body in bodies]
        found: list[Told] = []
        for start in range(0, len(bodies), BATCH):
            part = [{**b, "device": self.seat, "device_at": self.hour(self.play.minute + self.skew)} for b in bodies[start : start + BATCH]]
            found += self._part(part, verb, [None] * len(part), tries=0)
        return found

    def _part(self, part: list[dict[str, Any]], verb: str, again: Sequence[int | None], tries: int) -> list[Told]:
        path, whole = (f"{ROOT}verbs/{verb}", part[0]) if len(part) == 1 else (f"{ROOT}verbs/{verb}/many", {"rows": part})
        killed = tries == 0 and self.play.faulty("killed") and next(self.play.sendings) % KILLED == KILLED // 2
        if killed:
            self.program.killed(path, whole)
        else:
            answer = self._post(path, whole)
        if killed or (tries < 3 and self.play.faulty("lost answers") and self.chance.random() < LOST):
            lines = [self._line(verb, b, None, "killed" if killed else None, again=a) for b, a in zip(part, again, strict=True)]
            self.play.wait(1)
            return self._part(part, verb, lines, tries + 1)
        found = []
        for b, (status, text, fields), a in zip(part, _fates(answer, len(part)), again, strict=True):
            line = self._line(verb, b, status, text, again=a)
            if status == 200:
                self.play.diary.keep(self.seat, verb, b, line)
                self.play.heard(verb, b["content"])
            found.append(Told(status == 200, fields, text))
        if tries == 0 and self.play.faulty("sent twice") and self.chance.random() < TWICE:
            self._part(part, verb, [self.play.diary.lines] * len(part), tries=3)
        return found

    def in_person(self, verb: str, content: dict[str, Any], incident: bytes | str | None = None) -> Told:
        """What is shown before it is done: looked at, then confirmed with the code, by somebody signed in."""
        program, body = self.play.stage.in_person[self.seat], self.body(verb, content, incident, None)
        if self.play.lead.sits(self.seat):
            return self._left(verb, body, in_person=True)
        path = f"{ROOT}verbs/{verb}"
        first = self.asked(lambda: program.post(path, body))
        code = (first.json or {}).get("code") if first.status == 200 else None
        if code is None:
            _status, text, wrong = _fates(first, 1)[0]
            self._line(verb, {**body, "id": None}, first.status, text)
            said = first.json if isinstance(first.json, dict) else {}
            offers = {p["field"]: m[1] for p in said.get("problems", []) if (m := _PROPOSED.search(p["en"]))}
            return Told(False, wrong, text, offers)
        self._line(verb, {**body, "id": None}, first.status, "shown")
        done = self.asked(lambda: program.post(path, {**body, "code": code}))
        status, text, fields = _fates(done, 1)[0]
        line = self._line(verb, body, status, text)
        if status == 200:
            self.play.diary.keep(self.seat, verb, body, line)
            self.play.heard(verb, content)
        return Told(status == 200, fields, text)

    def _left(self, verb: str, body: dict[str, Any], in_person: bool = False) -> Told:
        self.play.lead.noted(self.play, self.seat, Paper(self.play.minute, verb, body, in_person))
        return Told(False)

    def gives_up(self, verb: str, content: dict[str, Any], why: str) -> None:
        """Says in the diary that something was not done in the end."""
        if self.play.lead.sits(self.seat):
            return
        self.play.diary.line(
            self.seat, self.play.minute, self.play.minute + self.skew, "gave_up", {"verb": verb, **content}, told=why[:200]
        )

    def _line(self, verb: str, body: dict[str, Any], status: int | None, told: str | None, again: int | None = None) -> int:
        now = self.play.minute
        values = {**body["content"], **({"at": body["at"]} if "at" in body else {})}
        return self.play.diary.line(
            self.seat,
            now,
            now + self.skew,
            verb,
            values,
            fact=body["id"],
            status=status,
            told=told,
            again=again,
            incident=body.get("incident"),
        )

    def _post(self, path: str, body: Any) -> Answer:
        return self.asked(lambda: self.program.post(path, body))

    def asked(self, ask: Callable[[], Answer]) -> Answer:
        """Asks; waits for as long as is said where it asked too often, or where the centre is busy."""
        for _ in range(PATIENCE):
            answer = ask()
            if answer.status not in (429, 503):
                return answer
            self.play.wait(max(answer.wait, 5) / 60)
        return answer

    # --- reading ------------------------------------------------------------------------------------------------------
    def rows(self, sheet: str, pages: int | None = None, **query: str) -> list[dict[str, Any]]:
        """A list as it may be read, to its end or so many pages of it."""
        found: list[dict[str, Any]] = []
        cursor, n = "", 0
        while True:
            answer = self.asked(lambda c=cursor: self.program.get(f"{ROOT}lists/{sheet}", **query, **({"cursor": c} if c else {})))  # type: ignore[misc]
            told = answer.json if answer.status == 200 else None
            if told is None:
                self.play.diary.line(
                    self.seat, self.play.minute, self.play.minute + self.skew, f"list {sheet}", query, status=answer.status
                )
                return found
            found += told["rows"]
            cursor, n = told["next"] or "", n + 1
            if not cursor or n == pages:
                return found

    def called(self) -> bool:
        """Whether this desk looks at its list now: it was told of something since it last did, or that is long ago. Not while a person sits there."""
        if self.play.lead.sits(self.seat):
            self._read_at = -1e9  # its staff look at once when they are back
            return False
        news = sum(self.play.news[verb] for verb in self.hears)
        if self._news == news and self.play.minute - self._read_at < LOOKS:
            return False
        self._news, self._read_at = news, self.play.minute
        return True

    def duties(self, *verbs: str, **query: str) -> list[Duty]:
        """The open duties of one's own list that may be done by these verbs, the most urgent first."""
        found = [d for row in self.rows("mine", PAGES, state="open", **query) if (d := _duty(row)) and d.verb in verbs]
        return sorted(found, key=lambda d: (d.state != "overdue", d.rule, d.subject))


def _duty(row: dict[str, Any]) -> Duty | None:
    where = row["href"].get("do")
    gives = row.get("gives") or {}
    if not where or not gives.get("rule"):
        return None
    parts = urlsplit(where)
    last = parts.path.rstrip("/").rsplit("/", 1)[-1]
    verb = last if "/do/" in parts.path else _PAGES.get(last, last)
    given = {k: v for k, v in parse_qsl(parts.query) if k != "next"}
    return Duty(gives["rule"], gives["subject"], gives.get("incident"), row["state"].get("state") or "", verb, given)


def _fates(answer: Answer, many: int) -> list[tuple[int, str, tuple[str | None, ...]]]:
    """For each thing that was sent: the status it would have had alone, a short text, the fields that were refused."""
    said = answer.json
    if answer.status == 200 and isinstance(said, dict) and "rows" in said:
        return [(_STATUS[r["fate"]], _short(r["problems"]) or r["fate"], tuple(p["field"] for p in r["problems"])) for r in said["rows"]]
    problems = said.get("problems", []) if isinstance(said, dict) else []
    text = _short(problems) or (said.get("fate", "") if isinstance(said, dict) else "")
    return [(answer.status, text, tuple(p["field"] for p in problems))] * many


_STATUS = {"new": 200, "same": 200, "refused": 422, "conflict": 409}


def _short(problems: list[dict[str, Any]]) -> str:
    return "; ".join(f"{p['field'] or ''}: {p['en']}" for p in problems)[:300]
