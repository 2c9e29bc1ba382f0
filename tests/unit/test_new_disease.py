"""A new disease touches no Python: an edition written here, in a folder of its own, adopted in an area, makes duties."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant, format_local, parse_local
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Duty
from bulou.gaps.standing import state_of
from bulou.protocol.explain import explain
from bulou.protocol.read import Broken, read_file
from bulou.protocol.rules import Edition, Protocol_

ZONE = ZoneInfo("Asia/Shanghai")

#: Every section that there is, for a disease that there is not.
REDSPOT = """
[edition]
id = "redspot/first"
disease = "redspot"
title = { zh = "红斑热防控方案(虚构)", en = "Redspot protocol (made up)" }
disease_title = { zh = "红斑热", en = "redspot" }
authority = { zh = "无", en = "nobody" }
valid_from = "2021-01-01"

[pool]
sizes = [3]
source = "made up"
status = "unverified"

[testing.result]
within = "6 h"
source = "made up"
status = "unverified"

[recall.locate]
within = "2 h"
source = "made up"
status = "unverified"

[case.report]
within = "3 h"
source = "made up"
status = "unverified"

[contact.judge]
within = "5 h"
source = "made up"
status = "unverified"

[[measure]]
ring = "close"
measure = "home"
days = 4
length_from = "last_exposure"
test_days = [0, 3]
first_day = 0
last_day = true
source = "made up"
status = "unverified"
order = { within = "8 h" }
test = {}

[[zone]]
level = "high"
title = { zh = "红区", en = "red zone" }
criteria = { zh = "有病例", en = "a case" }
clean_days = 2
counts = ["confirmed"]
source = "made up"
status = "unverified"
visit = { within = "7 h" }
review = { within = "2 d" }

[reporting.daily]
every = "1 d"
source = "made up"
status = "unverified"

[[plan]]
step = "bell"
title = { zh = "鸣钟", en = "ring the bell" }
within = "10 min"
source = "made up"
status = "unverified"

[[escalation]]
name = "escalation.order"
of = ["close.order"]
by = "1 h"
within = "1 h"
title = { zh = "接手", en = "take up" }
answers = "district"
source = "made up"
status = "unverified"

[[release]]
name = "release.test"
of = ["close.test"]
by = "12 h"
within = "12 h"
title = { zh = "补齐", en = "complete" }
answers = "isolation"
source = "made up"
status = "unverified"

[[rule]]
name = "household.door"
title = { zh = "登门", en = "knock at the door" }
on = { kind = "case.diagnosed", status = ["confirmed"] }
key = ["person"]
each = "household of the person"
must = { kind = "observation.made" }
turns = { every = "6 h" }
until = ["1 d"]
answers = "grid"
source = "made up"
status = "unverified"

[[parameter]]
name = "incubation"
title = { zh = "潜伏期", en = "incubation period" }
value = 2
unit = "d"
citation = "made up"
status = "unverified"
"""


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    path = tmp_path / "redspot" / "first.toml"
    path.parent.mkdir()
    path.write_text(REDSPOT, encoding="utf-8")
    return read_file(path)


def at(text: str) -> Instant:
    return parse_local(f"2021-03-{text}", ZONE)


class Town:
    """A town with one watch in it, and the facts of a story."""

    def __init__(self, edition: Edition, adopted: bool = True) -> None:
        self.engine = Memory(Protocol_({edition.id: edition}, ZONE))
        self.incident = named_id("incident", "x")
        self.count = 0
        self.enter("01 00:00", "area.declared", area="town", parent=None, level="street", name="town")
        self.enter("01 00:00", "area.declared", area="west", parent="town", level="village", name="west")
        self.enter("01 00:00", "household.declared", household=named_id("h", "1"), area="west")
        for person in ("ann", "ben"):
            self.enter("01 00:00", "person.enrolled", person=named_id("p", person), name=person, area="west", household=named_id("h", "1"))
        if adopted:
            self.enter("01 00:00", "edition.adopted", edition=edition.id, disease="redspot", area="town", hash=edition.hash, post="chief")
        self.enter("01 09:00", "incident.opened", incident=self.incident, disease="redspot", area="town", name="x", name_en="x",
                   nature="outbreak")  # fmt: skip

    def enter(self, when: str, kind: str, **body: object) -> None:
        self.count += 1
        declared = KINDS[kind]
        incident = None if declared.scope == "world" else self.incident
        fact = Fact(named_id("fact", str(self.count)), kind, at(when), incident, declared.body(**body))
        self.engine.enter([fact], at(when))

    def tick(self, when: str) -> None:
        self.engine.enter([], at(when))

    def owed(self, rule: str) -> list[Duty]:
        return sorted((d for d in self.engine.duties() if d.rule == f"redspot/first/{rule}"), key=lambda d: (d.turn, str(d.subject)))

    def states(self, rule: str, when: str) -> list[tuple[str, str]]:
        return [(format_local(d.due_at, ZONE, deadline=True)[8:], state_of(d, at(when))) for d in self.owed(rule)]


def test_every_section_makes_duties(edition: Edition) -> None:
    town = Town(edition)
    ann, ben = named_id("p", "ann"), named_id("p", "ben")
    town.enter("01 09:05", "step.done", incident=town.incident, step="bell", post="chief")
    town.enter("01 10:00", "sample.taken", person=ann, tube="R1", disease="redspot", capacity=3)
    town.enter("01 11:00", "tube.received", tube="R1", disease="redspot")
    town.enter("01 12:00", "tube.resulted", tube="R1", disease="redspot", result="positive")
    town.enter("01 13:00", "case.diagnosed", person=ann, status="confirmed", how_found="clinic")
    town.enter("01 13:30", "contact.named", person=ben, met=ann, exposed_until=at("01 08:00"), setting="household")
    town.enter("01 14:00", "contact.judged", person=ben, ring="close", reason="-", post="chief")
    zone = named_id("zone", "z")
    town.enter("01 15:00", "zone.drawn", zone=zone, level="high", name="z", name_en="z", post="chief", lane_minutes=5, fire_exits=True,
               vulnerable_listed=True, supplies="-")  # fmt: skip
    town.enter("01 15:00", "zone.extended", zone=zone, area="west")
    town.tick("01 23:30")
    assert town.states("plan.bell", "01 23:30") == [("01 09:10", "done")]
    assert town.states("testing.result", "01 23:30") == [("01 17:00", "done")]
    assert town.states("recall.locate", "01 23:30") == [("01 14:00", "overdue")]
    assert town.states("case.report", "01 23:30") == [("01 16:00", "overdue")]
    assert town.states("contact.judge", "01 23:30") == [("01 18:30", "done")]
    assert town.states("close.order", "01 23:30") == [("01 22:00", "overdue")]
    assert town.states("escalation.order", "01 23:30") == [("01 24:00", "due")]
    assert town.states("zone.visit.high", "01 23:30") == [("01 22:00", "overdue")]
    assert town.states("zone.review.high", "01 23:30") == [("03 24:00", "due")]
    assert town.states("reporting.daily", "01 23:30") == [("01 24:00", "due")]
    assert [s for _, s in town.states("household.door", "01 23:30")] == ["overdue", "due", "upcoming", "upcoming", "upcoming", "upcoming"]


def test_an_order_runs_its_days(edition: Edition) -> None:
    town = Town(edition)
    town.enter("01 14:00", "order.made", order=named_id("o", "1"), person=named_id("p", "ben"), measure="home", edition="redspot/first",
               ring="close", anchor=at("01 08:00"), starts=at("01 14:00"), ends=at("05 24:00"), reason="-", post="chief")  # fmt: skip
    town.tick("05 12:00")
    assert town.states("close.test", "05 12:00") == [("01 24:00", "overdue"), ("04 24:00", "overdue"), ("05 24:00", "due")]
    assert town.states("release.test", "05 12:00") == [("05 24:00", "due")] * 3


def test_without_adoption_it_asks_for_nothing(edition: Edition) -> None:
    town = Town(edition, adopted=False)
    town.enter("01 13:00", "case.diagnosed", person=named_id("p", "ann"), status="confirmed", how_found="clinic")
    assert not town.engine.duties()


def test_it_explains_itself(edition: Edition) -> None:
    sentences = {s.rule: s for s in explain(edition)}
    assert len(sentences) == len(edition.rules)
    assert sentences["plan.bell"].en.startswith(
        "When an incident is opened (nature: outbreak), the incident must have: step done (ring the bell)"
    )
    assert "步骤完成(鸣钟)" in sentences["plan.bell"].zh


def test_it_is_refused_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "redspot" / "second.toml"
    path.parent.mkdir()
    path.write_text(REDSPOT, encoding="utf-8")
    with pytest.raises(Broken, match='should be "redspot/second", the name of its file'):
        read_file(path)
