"""A small play as a play leaves it, made by hand: forty-two people, three pools, one of them positive; and what a worse platform would have left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as arrow
from pyarrow import parquet

from bulou.basis.ids import named_id, to_text
from bulou.exercise.score.records import key_of, person_id

PEOPLE, END = 42, 2 * 1440
FIRST = "2020-12-07"
Row = dict[str, Any]
#: Who is infected when, and when their symptoms began: 0 brought it; 1 was swabbed in a pool; 12 is on the register and was never swabbed; 41 is on none.
INFECTIONS = ((0, 0, 300), (1, 400, None), (12, 500, None), (41, 600, 2000))


def _id(*parts: object) -> str:
    return to_text(named_id("tests play", *map(str, parts)))


def _hour(minute: float) -> str:
    days, rest = divmod(int(minute), 1440)
    return f"2020-12-{7 + days:02d} {rest // 60:02d}:{rest % 60:02d}"


class Made:
    """The log and the lists as they grow, always by both at once: what an actor sent, and what a right platform makes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, key_of(folder)
        self.log: list[Row] = []
        self.lists: dict[str, list[Row]] = {
            n: [] for n in ("duties", "samples", "tubes", "cases", "contacts", "orders", "people", "areas", "reporting", "zones", "traced")
        }
        self.members: dict[str, list[str]] = {}
        self.tubes: dict[str, Row] = {}
        self.incident = _id("incident")

    def who(self, person: int) -> str:
        return person_id(self.key, person)

    def act(self, at: float, actor: str, verb: str, values: Row, status: int | None = 200, fact: str | None = None) -> str:
        fact = fact or _id(verb, len(self.log))
        self.log.append({"n": len(self.log) + 1, "at": at, "clock": at, "actor": actor, "verb": verb, "fact": fact, "values": values, "status": status,
                         "told": "new" if status else None, "again": None})  # fmt: skip
        return fact

    def row(self, name: str, text: Row, gives: Row, state: Row | None = None, key: str | None = None) -> None:
        rows = self.lists[name]
        rows.append({"key": key or str(len(rows) + 1), "text": text, "state": state or {}, "href": {}, "gives": gives})

    def duty(self, rule: str, subject: str, state: str = "done", **gives: str) -> None:
        self.row(
            "duties",
            {"what": rule},
            {"rule": rule, "subject": subject.replace("-", "") if len(subject) == 36 else subject, **gives},
            {"state": state},
        )

    def swab(self, at: float, person: int, tube: str, capacity: int, actor: str = "sampler-1") -> None:
        values = {"person": self.who(person), "tube": tube, "capacity": capacity, "disease": "covid19"}
        fact = _id("swab", tube, person)
        if len(self.log) % 7 == 0:  # the answer is lost: sent again under the same id
            self.act(at, actor, "take_sample", values, None, fact)
        self.act(at + 1, actor, "take_sample", values, fact=fact)
        self.row("samples", {"at": _hour(at)}, {"person": self.who(person), "tube": tube}, key=fact)
        self.members.setdefault(tube, []).append(self.who(person))
        if tube not in self.tubes:
            self.row("tubes", {"tube": tube, "received": "", "resulted": ""}, {"tube": tube}, {"result": None, "pool": None})
            self.tubes[tube] = self.lists["tubes"][-1]

    def read(self, at: float, tube: str, result: str) -> None:
        """Received two hours before, read now; a positive one recalls its people."""
        self.act(at - 120, "laboratory-1", "receive_tube", {"tube": tube})
        self.duty("testing.result", tube, tube=tube)
        self.act(at, "laboratory-1", "report_result", {"tube": tube, "result": result})
        self.tubes[tube]["text"] |= {"received": _hour(at - 120), "resulted": _hour(at)}
        self.tubes[tube]["state"]["result"] = result
        if result != "positive":
            return
        self.duty("recall.rerun", tube, tube=tube)
        for person in self.members[tube]:
            for rule in ("recall.single", "recall.locate", "recall.tell", "recall.interview"):
                self.duty(rule, person, tube=tube)
        if len(self.members[tube]) == 1:
            self.duty("case.recheck", self.members[tube][0], tube=tube)

    def left(self, worse: Callable[[Made], None] | None = None) -> None:
        """Writes it all down, after ``worse`` has done to it what a worse platform would."""
        facts = list(dict.fromkeys(line["fact"] for line in self.log if line["status"] == 200))
        self.again = [{"fact": f, "status": 200, "told": "same"} for f in facts]
        self.figures = {
            "infections": 1,
            "contacts_close": 1,
            "candidates": 0,
            "under_order": 1,
            "tests_owed": 0,
            "not_located": 0,
            "pools_open": 0,
            "zones": 0,
        }
        if worse:
            worse(self)
        to = self.folder / "play"
        (to / "exports").mkdir(parents=True)
        _write(to / "log.jsonl", self.log)
        _write(to / "again.jsonl", self.again)
        for name, rows in self.lists.items():
            _write(to / "exports" / f"{name}.jsonl", rows)
        figures = [{"name": n, "value": v} for n, v in self.figures.items()]
        (to / "exports" / "figures.json").write_text(json.dumps({"figures": figures}))
        (to / "edition.toml").write_text(EDITION)
        said = {"city": "exercise 990101 test", "name": "某区", "seed": 7, "days": 2, "first_day": FIRST, "edition": "covid19/cn-9", "zone": "Asia/Shanghai",
                "ended": "2020-12-09T00:00+08:00", "faults": [], "events": [], "wholly": True, "contact": {"minutes": 15, "look_back_days": 2}}  # fmt: skip
        (to / "play.json").write_text(json.dumps(said))


EDITION = """
[testing.result]
[recall.single]
[recall.locate]
[recall.tell]
[recall.interview]
[recall.rerun]
[case.recheck]
[case.report]
[case.investigate]
[case.core]
[contact.judge]
[[measure]]
ring = "close"
measure = "central"
test_days = [1, 2]
test = {}
[[zone]]
level = "medium"
visit = {}
[[zone]]
level = "low"
"""


def _write(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def city(folder: Path) -> None:
    """The city's files as far as the score reads them: the infections, the register, two days of visits in which 0 meets 1, 2 and 12."""
    (folder / "visits").mkdir(parents=True)
    (folder / "city.toml").write_text(
        f'format = 1\narea = "990101"\nname = "某区"\npeople = {PEOPLE}\nseed = 7\nfirst_day = {FIRST}\ndays = 2\nversion = "0"\nparameters = "x"\n'
    )
    persons, minutes, onsets = zip(*INFECTIONS, strict=True)
    parquet.write_table(arrow.table({"person": arrow.array(persons, "uint32"), "minute": arrow.array(minutes, "int32"), "onset": arrow.array(onsets, "int32")}),
                        folder / "infections.parquet")  # fmt: skip
    known = list(range(PEOPLE - 1))
    parquet.write_table(
        arrow.table({"record": arrow.array(known, "uint32"), "truth": arrow.array(known, "uint32")}), folder / "registered.parquet"
    )
    visits = [(0, 5, 350, 420), (1, 5, 380, 500), (2, 5, 400, 440), (12, 6, 0, 600), (0, 6, 480, 520), (3, 5, 415, 500), (4, 7, 0, 1440)]
    person, space, start, end = zip(*visits, strict=True)
    table = arrow.table({
        "person": arrow.array(person, "uint32"), "place": arrow.array(space, "uint32"), "space": arrow.array(space, "uint32"),
        "start": arrow.array(start, "uint16"), "end": arrow.array(end, "uint16"),
    })  # fmt: skip
    parquet.write_table(table, folder / "visits" / f"day={FIRST}.parquet")


def play(folder: Path, worse: Callable[[Made], None] | None = None) -> Path:
    """A play: 0 comes to the clinic, is found and names 1 and 2 of those whom they met; 1's pool is positive; 20 is held for nothing."""
    city(folder)
    made = Made(folder)
    for n, tube in enumerate(("P1", "P2", "P3")):
        for i in range(10):
            person = (1 + i, 20 + i, 30 + i)[n]
            made.swab(600 + 20 * n + i, person, tube, 10)
    made.swab(700, 0, "C1", 1, "clinic")
    made.read(1000, "C1", "positive")
    made.read(1010, "P1", "positive")
    made.read(1020, "P2", "negative")
    for i in range(10):
        made.act(1030 + i, "grid-1", "tell", {"person": made.who(1 + i), "about": "hold"})
        made.swab(1060 + i, 1 + i, f"S{i}", 1)
        made.read(1300 + i, f"S{i}", "positive" if i == 0 else "negative")
    made.act(1100, "expert-1", "diagnose", {"person": made.who(0), "status": "confirmed"})
    made.row(
        "cases",
        {"diagnosed": _hour(1100)},
        {"person": made.who(0), "incident": made.incident, "status": "confirmed"},
        {"status": "positive"},
    )
    for rule in ("case.report", "case.investigate", "case.core"):
        made.duty(rule, made.who(0))
    for person in (1, 2):
        made.act(1110, "investigator-1", "name_contact", {"person": made.who(person), "met": made.who(0)})
        made.duty("contact.judge", made.who(person))
        ring, judged = ("close contact", _hour(1200)) if person == 1 else ("candidate", "")
        made.row("contacts", {"ring": ring, "named": _hour(1110), "judged": judged, "told": "", "placed": ""},
                 {"person": made.who(person), "incident": made.incident})  # fmt: skip
    order = _id("order")
    made.act(1210, "head-1", "make_order", {"person": made.who(1)}, fact=order)
    made.row("orders", {"ring": "close contact", "starts": _hour(1210), "over": "2020-12-14 24:00"},
             {"order": order, "person": made.who(1), "incident": made.incident, "measure": "central"})  # fmt: skip
    for turn in ("1", "2"):
        made.duty("close.test", made.who(1), "upcoming", order=order, turn=turn)
    made.act(1215, "grid-2", "tell", {"person": made.who(20), "about": "hold"})
    made.act(1500, "grid-2", "tell", {"person": made.who(20), "about": "release"})
    for code, parent in (("99", None), ("9901", "99")):
        made.row("areas", {"people": str(PEOPLE - 1)}, {"area": code, **({"parent": parent} if parent else {})})
    for person in range(PEOPLE - 1):
        made.row("people", {}, {"person": made.who(person), "area": "9901"})
    made.left(worse)
    return folder
