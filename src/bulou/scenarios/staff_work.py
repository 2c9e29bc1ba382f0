"""What the made-up staff of the scenario do around what was published: reports, visits, contacts, tests, one pool. All synthetic.

Everything here carries the source "synthetic" and is seeded: the same demo every time. Nothing of it is a fact of the world.
"""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.facts import (
    AttemptMade,
    CaseReported,
    ContactJudged,
    ContactNamed,
    GapAnswered,
    HouseholdVisited,
    InterviewHeld,
    InvestigationCompleted,
    NoticeGiven,
    ObservationMade,
    OrderMade,
    PersonLocated,
    PlacementMade,
    ReportSent,
    SampleTaken,
    StepDone,
    TubeOpened,
    TubeReceived,
    TubeResulted,
)
from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, add_days, day_of, end_of_day, parse_local
from bulou.scenarios.path_work import Paths
from bulou.scenarios.reading import SYNTHETIC, Published, Scheduled
from bulou.scenarios.register import TOWNS

COVID = "covid19"
EDITION = "covid19/cn-7"
#: Towns whose reports of these days come late: until then silence, which the board must not show as zero.
SILENT = {
    ("2020-12-08", "510117104"): "2020-12-10 10:40", ("2020-12-08", "510117115"): "2020-12-09 11:10",
    ("2020-12-09", "510117104"): "2020-12-10 10:45", ("2020-12-13", "510117008"): "2020-12-14 11:20",
}  # fmt: skip


class Cast(NamedTuple):
    """Whom the staff meet: people and households of the made-up register by village."""

    people: dict[str, list[bytes]]
    households: dict[str, list[bytes]]


class Work:
    """Makes the staff's facts, each with the hour at which it became known."""

    def __init__(self, published: Published, cast: Cast, zone: ZoneInfo, seed: int) -> None:
        self.published, self.cast, self.zone = published, cast, zone
        self.random = random.Random(seed)
        self.incident = named_id(published.head.id, "outbreak")
        self.watch = named_id("pidu-2020-12", "watch")
        self.count = 0

    def at(self, text: str) -> Instant:
        return parse_local(text, self.zone)

    def one(self, kind: str, at: int, body: Any, known: int | None = None, incident: bytes | None = None) -> Scheduled:
        self.count += 1
        fact = Fact(named_id("pidu-2020-12 work", kind, str(self.count)), kind, Instant(at), incident or self.incident, body)
        return Scheduled(Instant(at if known is None else known), (fact,), SYNTHETIC)

    def answer(self, subject: str, rule: str, at: int, post: str, reason: str) -> Scheduled:
        """A unit says why something is not done: the gap stands, and is explained."""
        return self.one("gap.answered", at, GapAnswered(subject, rule, f"合成:{reason} (synthetic)", post))

    def all(self) -> Iterator[Scheduled]:
        yield from self.reports()
        yield from self.cases()
        yield from self.visits()
        yield from self.reviews()
        yield from self.contacts()
        yield from self.routine_tubes()
        yield from self.pool()
        yield from Paths(self).all()

    # --- reports and the plan -----------------------------------------------------------------------------------------
    def reports(self) -> Iterator[Scheduled]:
        """Every town every evening, also when there is nothing; the silent ones once the command has asked."""
        yield self.one("step.done", self.at("2020-12-08 04:30"), StepDone(self.incident, "testing", "pidu.sampling", "合成 · synthetic"))
        for k in range(25):
            day = add_days("2020-12-07", k)
            for town in TOWNS:
                at = self.at(f"{day} 20:00") + self.random.randint(0, 150) * MINUTE
                findings = self.random.choice((0, 0, 0, 0, 1, 2))
                if (day, town) in SILENT:
                    at, findings = self.at(SILENT[day, town]), 0
                    yield self.answer(
                        town, "reporting.daily", at - 30 * MINUTE, f"town.{town}", "值班人员调整,漏报已补 · shift change, sent late"
                    )
                yield self.one("report.sent", at, ReportSent(town, day, findings, f"town.{town}"))

    def cases(self) -> Iterator[Scheduled]:
        """What a diagnosis asks of the staff: report, hospital, investigation; a few late. Cases are no longer candidates."""
        for entry in self.published.entries:
            for fact in entry.facts:
                if fact.kind == "contact.named":
                    judged = fact.at + self.random.randint(40, 160) * MINUTE
                    reason = "合成:已诊断,按病例管理 · synthetic: diagnosed, followed as a case"
                    yield self.one("contact.judged", judged, ContactJudged(fact.body.person, "excluded", reason, "pidu.tracing"))
                if fact.kind != "case.diagnosed" or fact.body.label is None:
                    continue
                late = self.random.random() < 0.15
                told = fact.at + self.random.randint(20, 100) * MINUTE + (2 * HOUR if late else 0)
                yield self.one("case.reported", told, CaseReported(fact.body.person, "pidu.expert"))
                moved = fact.at + self.random.randint(30, 110) * MINUTE
                yield self.one("placement.made", moved, PlacementMade(fact.body.person, "hospital", post="pidu.isolation"))
                done = fact.at + self.random.randint(10, 23) * HOUR + (6 * HOUR if late else 0)
                yield self.one("investigation.completed", done, InvestigationCompleted(fact.body.person, "pidu.tracing.1"))

    # --- doors --------------------------------------------------------------------------------------------------------
    def visits(self) -> Iterator[Scheduled]:
        """Doors in the zones: most within the day, some only later, a few nobody opened."""
        plans = (("510117001218", "2020-12-07 21:00"), ("510117104227-8", "2020-12-08 22:00"), ("510117001012-P2", "2020-12-10 21:00"),
                 ("510117001012-P3", "2020-12-10 21:00"), ("510117006009-2", "2020-12-11 21:00"), ("510117106002-8A", "2020-12-18 09:00"))  # fmt: skip
        for area, drawn in plans:
            start = self.at(drawn)
            for home in self.cast.households.get(area, []):
                roll = self.random.random()
                if roll < 0.04:
                    yield self.one("attempt.made", start + 20 * HOUR, AttemptMade(subject_text(home), "not_found"))
                    yield self.one("household.visited", start + 52 * HOUR, HouseholdVisited(home, 0))
                    continue
                hours = self.random.uniform(9, 22) if roll < 0.9 else self.random.uniform(25, 40)
                symptoms = int(self.random.random() < 0.02)
                at = int(start + hours * HOUR)
                late = 6 * HOUR if roll > 0.86 else 0  # done in time, synced late
                yield self.one("household.visited", at, HouseholdVisited(home, symptoms), known=at + late)

    def reviews(self) -> Iterator[Scheduled]:
        """Zones whose fourteen days are over and whose notice has not come: the command says what it waits for."""
        drawn: dict[bytes, int] = {}
        for entry in self.published.entries:
            for fact in entry.facts:
                if fact.kind == "zone.drawn":
                    drawn[fact.body.zone] = fact.at
                if fact.kind == "zone.lifted" and fact.at - drawn[fact.body.zone] > 15 * DAY:
                    reason = "已报请专家评估,待通告 · experts asked, notice awaited"
                    yield self.answer(subject_text(fact.body.zone), "zone.review.medium", fact.at - 2 * DAY, "pidu.command", reason)

    # --- contacts -----------------------------------------------------------------------------------------------------
    def contacts(self) -> Iterator[Scheduled]:
        """Made-up contacts of the linked cases, through naming, judging, ordering, telling, placing, tests and observation."""
        cases, village = self.published.people, "510117001218"
        plans = (("case 1", "2020-12-07 21:30", 9), ("case 2", "2020-12-07 22:10", 8), ("case 4", "2020-12-08 21:40", 6),
                 ("case 5", "2020-12-08 22:30", 5), ("case 8", "2020-12-10 19:00", 6))  # fmt: skip
        pool = [p for v, people in sorted(self.cast.people.items()) if v.startswith(village) for p in people]
        chosen = iter(self.random.sample(pool, min(len(pool), 34)))
        for case, began, many in plans:
            start = self.at(began)
            for n in range(many):
                person = next(chosen, None)
                if person is None:
                    return
                yield from self._contact(person, cases[case], start + n * 7 * MINUTE, n)

    def _contact(self, person: bytes, met: bytes, named: int, n: int) -> Iterator[Scheduled]:
        exposed = named - self.random.randint(20, 70) * HOUR
        setting = self.random.choice(("venue", "venue", "kin", "meal"))
        yield self.one("contact.named", named, ContactNamed(person, met, exposed, setting, words="合成 · synthetic"))
        judged = named + self.random.randint(20, 200) * MINUTE
        if n == 5 and named < self.at("2020-12-08 00:00"):  # nobody could reach them: a gap that the board must show for three days
            asked, judged = self.at("2020-12-09 11:30") + n * MINUTE, self.at("2020-12-10 16:10")
            reason = "三次未接通,转社区查找 · not reached three times, the community was asked"
            yield self.answer(subject_text(person), "contact.judge", asked, "pidu.tracing", reason)
        ring = "excluded" if n % 7 == 6 else "secondary" if n % 4 == 3 else "close"
        yield self.one("contact.judged", judged, ContactJudged(person, ring, "合成 · synthetic", "pidu.tracing"))
        if ring == "excluded":
            return
        made = judged + self.random.randint(10, 90) * MINUTE
        length = 14 if ring == "close" else 7
        ends = end_of_day(add_days(day_of(Instant(exposed), self.zone), length), self.zone)
        order = named_id("pidu-2020-12 order", person.hex())
        yield self.one("order.made", made, OrderMade(
            order, person, "central", EDITION, ring, Instant(exposed), Instant(made), ends, "合成:密切接触 · synthetic: contact", "pidu.tracing",
        ))  # fmt: skip
        yield self.one("notice.given", made + 15 * MINUTE, NoticeGiven(person, "order", "pidu.tracing.1"))
        placed = judged + (self.random.randint(2, 11) if n % 5 else 15) * HOUR
        yield self.one("placement.made", placed, PlacementMade(person, "central", post="pidu.isolation"))
        yield from self._days(person, order, made, ends, ring)

    def _days(self, person: bytes, order: bytes, made: int, ends: int, ring: str) -> Iterator[Scheduled]:
        day0 = day_of(Instant(made), self.zone)
        last = day_of(Instant(ends - 1), self.zone)
        for k in {1, 4, 7, *({14} if ring == "close" else set())}:
            day = add_days(day0, k - 1)
            if day > last:
                continue
            at = max(made + HOUR, self.at(f"{day} 09:00") + self.random.randint(0, 120) * MINUTE)
            tube = f"G{person.hex()[:6].upper()}{k:02d}"
            yield self.one("sample.taken", at, SampleTaken(person, tube, COVID, 1))
            yield self.one("tube.resulted", at + 7 * HOUR, TubeResulted(tube, COVID, "negative", channel="scenario"))
        at = made
        while at < ends:
            at += 12 * HOUR
            if at >= ends:
                continue
            if self.random.random() < 0.985:
                temperature = round(self.random.uniform(36.1, 36.9), 1)
                yield self.one("observation.made", at - self.random.randint(5, 300) * MINUTE, ObservationMade(person, temperature))
            else:
                reason = "漏测一次,下次体温正常 · one reading missed, the next was normal"
                yield self.answer(subject_text(person), f"{ring}.observe", at + 2 * HOUR, "pidu.isolation", reason)

    # --- tubes --------------------------------------------------------------------------------------------------------
    def routine_tubes(self) -> Iterator[Scheduled]:
        """Pools of ten in Taiping on 8 and 10 December: negative, some still at the laboratory when the board opens."""
        people = [p for v, some in sorted(self.cast.people.items()) if v.startswith("510117001218") for p in some]
        for day, prefix in (("2020-12-08", "TP08"), ("2020-12-10", "TP10")):
            for n in range(0, len(people), 10):
                tube, start = f"{prefix}-{n // 10 + 1:03d}", self.at(f"{day} 08:30") + (n // 10) * 4 * MINUTE
                yield self.one("tube.opened", start, TubeOpened(tube, 10, "510117001218"), incident=self.watch)
                swabs = [
                    self.one("sample.taken", start + i * 20_000_000, SampleTaken(p, tube, COVID, 10)).facts[0]
                    for i, p in enumerate(people[n : n + 10])
                ]
                yield Scheduled(Instant(start + 4 * MINUTE), tuple(swabs), SYNTHETIC)
                received = start + 3 * HOUR
                yield self.one("tube.received", received, TubeReceived(tube, COVID))
                read = received + 8 * HOUR
                if day == "2020-12-08" and n // 10 in (7, 8):  # left in the box until the next afternoon: the laboratory's gap
                    read = self.at("2020-12-09 14:20")
                    reason = "两管遗漏在箱底,正在检测 · two tubes left in the box, running now"
                    yield self.answer(tube, "testing.result", self.at("2020-12-09 10:20"), "pidu.laboratory", reason)
                yield self.one("tube.resulted", read, TubeResulted(tube, COVID, "negative", channel="file"))

    def pool(self) -> Iterator[Scheduled]:
        """One pool turns positive by phone twenty minutes before the board opens; by noon it proves a false alarm. Synthetic."""
        village = "510117008"
        people = [p for v, some in sorted(self.cast.people.items()) if v.startswith(village) for p in some]
        start = self.at("2020-12-09 06:40")
        for i, tube in enumerate(("AJ09-006", "AJ09-007", "AJ09-008")):
            opened = start + i * 6 * MINUTE
            area = next(v for v, some in sorted(self.cast.people.items()) if v.startswith(village) and people[10] in some).split("-")[0]
            yield self.one("tube.opened", opened, TubeOpened(tube, 10, area), incident=self.watch)
            swabs = [
                self.one("sample.taken", opened + j * 30_000_000, SampleTaken(p, tube, COVID, 10), incident=self.watch).facts[0]
                for j, p in enumerate(people[i * 10 : i * 10 + 10])
            ]
            yield Scheduled(Instant(opened + 5 * MINUTE), tuple(swabs), SYNTHETIC)
            yield self.one("tube.received", start + 70 * MINUTE, TubeReceived(tube, COVID), incident=self.watch)
            if i != 1:
                yield self.one(
                    "tube.resulted", start + 6 * HOUR, TubeResulted(tube, COVID, "negative", channel="file"), incident=self.watch
                )
        members, read = people[10:20], self.at("2020-12-09 08:40")
        yield self.one("tube.resulted", read, TubeResulted("AJ09-007", COVID, "positive", channel="phone", provisional=True))
        for i, person in enumerate(members):
            if i < 3:
                at = read + (8 + 4 * i) * MINUTE
                yield self.one("person.located", at, PersonLocated(person, "staying", post="pidu.duty"))
                yield self.one("notice.given", at + MINUTE, NoticeGiven(person, "hold", "pidu.duty"))
            else:
                at = self.at("2020-12-09 09:50") + 5 * i * MINUTE
                yield self.one("person.located", at, PersonLocated(person, "on_the_way" if i == 8 else "staying", post="pidu.duty"))
                yield self.one("notice.given", at + MINUTE, NoticeGiven(person, "hold", "pidu.duty"))
            yield self.one(
                "interview.held", self.at("2020-12-09 10:30") + 3 * i * MINUTE, InterviewHeld(person, "last_days", "pidu.tracing.1")
            )
            swab = self.at("2020-12-09 10:10") + 6 * i * MINUTE
            tube = f"AJ09-S{i + 1:02d}"
            yield self.one("sample.taken", swab, SampleTaken(person, tube, COVID, 1))
            yield self.one("tube.resulted", self.at("2020-12-09 15:30"), TubeResulted(tube, COVID, "negative", channel="file"))
            told = self.at("2020-12-09 16:10") + i * MINUTE
            yield self.one("notice.given", told, NoticeGiven(person, "release", "pidu.duty"))
        yield self.one("tube.resulted", self.at("2020-12-09 12:20"), TubeResulted("AJ09-007", COVID, "negative", "rerun", "form"))


def schedule(published: Published, cast: Cast, zone: ZoneInfo, seed: int = 7) -> list[Scheduled]:
    """Everything that happens, published and synthetic, by the hour at which it became known; one entry for each hour and source."""
    found = [e for e in (*published.entries, *Work(published, cast, zone, seed).all()) if e.known <= published.head.ends]
    grouped: dict[tuple[int, str], list[Fact]] = {}
    for entry in found:
        grouped.setdefault((entry.known, entry.source), []).extend(entry.facts)
    return [Scheduled(Instant(known), tuple(facts), source) for (known, source), facts in sorted(grouped.items(), key=lambda g: g[0])]
