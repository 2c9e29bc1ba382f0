"""A district of 1.5 million people and 300 cases, on both databases: from an empty ledger to every page, one table. Asserts nothing.

The demo's district and posts with so many people on its register; then, in the five days after the demo opens, cases with a third of a thousand
contacts each (named, judged, ordered, told, placed), swabs in pools and what laboratories say of them: 100,000 contacts, 30,000 tubes, three
million facts. Everything is entered by ``enter_many`` with the shipped edition. Then every list and page of the registries, the same of an hour
in the middle as it was known then, memory, the size of the database, and a rebuild.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import ground
from board import ask, lists, pages, reader, show, who, world
from django.conf import settings
from django.db import connection
from django.test import override_settings
from tests.web.world import PAGES, sheet_url

from bulou.basis.facts import (
    CaseDiagnosed,
    CaseReported,
    ContactJudged,
    ContactNamed,
    InvestigationCompleted,
    NoticeGiven,
    OrderMade,
    PlacementMade,
    SampleTaken,
    TubeOpened,
    TubeReceived,
    TubeResulted,
)
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock, format_local
from bulou.duties.enter import enter_many, tick
from bulou.duties.models import Duty
from bulou.duties.rebuild import rebuild
from bulou.kit.centre import centre, set_clock
from bulou.kit.sheet import SHEETS
from bulou.scenarios import demo
from bulou.scenarios.staff_work import EDITION

DAYS, POOL = 5, 10
CHUNK = 1000


class Size(NamedTuple):
    people: int
    cases: int
    contacts: int
    swabs: int


FULL, SMALL = Size(1_500_000, 300, 333, 300_000), Size(2_000, 5, 20, 300)


def persons(many: int, source: random.Random) -> list[tuple[bytes, str]]:
    """So many people of the register, by lot, with their area."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person, area FROM stay WHERE nature = 'residence'")
        found = [(bytes(p), a) for p, a in cursor.fetchall()]
    return source.sample(sorted(found), min(many, len(found)))


class Outbreak:
    """What is entered after the demo opens, hour by hour; ids by number."""

    def __init__(self, size: Size) -> None:
        self.size, self.source, self.number = size, random.Random(11), 0
        self.watch, self.incident = named_id("pidu-2020-12", "watch"), self._incident()
        self.opens = demo.head().opens
        per = 1 + size.contacts
        some = persons(size.cases * per + size.swabs, self.source)
        self.cases = [some[i * per : (i + 1) * per] for i in range(size.cases)]
        self.swabbed = some[size.cases * per :]

    @staticmethod
    def _incident() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT incident, nature FROM incident")
            return next(bytes(i) for i, nature in cursor.fetchall() if nature == "outbreak")

    def one(self, kind: str, at: int, body: Any, incident: bytes | None = None) -> Fact:
        self.number += 1
        return Fact(named_id("bench district", str(self.number)), kind, Instant(at), incident or self.incident, body)

    def day(self, n: int) -> Iterator[tuple[Instant, str, list[Fact]]]:
        """What becomes known on a day, in three parts: when, what it is, the facts."""
        begin, per = self.opens + n * DAY, -(-len(self.cases) // DAYS)
        cases = self.cases[n * per : (n + 1) * per]
        named, judged = [], []
        for (case, _), *others in cases:
            at = begin + self.source.randrange(4 * HOUR)
            named += [
                self.one("case.diagnosed", at, CaseDiagnosed(case, "confirmed", "contact_tracing", post="pidu.expert")),
                self.one("case.reported", at + HOUR, CaseReported(case, "pidu.expert")),
                self.one("investigation.completed", at + 2 * HOUR, InvestigationCompleted(case, "pidu.tracing.1")),
            ]
            for person, _ in others:
                exposed = Instant(at - self.source.randrange(2 * DAY))
                named.append(self.one("contact.named", at + HOUR, ContactNamed(person, case, exposed, "household")))
                judged += self._held(person, exposed, at)
        yield Instant(begin + 6 * HOUR), "cases and contacts named", named
        yield Instant(begin + 14 * HOUR), "contacts judged, ordered, told, placed", judged
        per = -(-len(self.swabbed) // DAYS)
        yield Instant(begin + 20 * HOUR), "swabs, tubes, results", list(self._swabs(n, self.swabbed[n * per : (n + 1) * per]))

    def _held(self, person: bytes, exposed: Instant, at: int) -> Iterator[Fact]:
        luck = self.source.random()
        ring = "close" if luck < 0.6 else "general" if luck < 0.9 else "excluded"
        if luck < 0.98:  # the others still wait
            yield self.one("contact.judged", at + 4 * HOUR, ContactJudged(person, ring, "bench", "pidu.tracing"))
        if ring == "close":
            order = named_id("bench district order", str(self.number))
            until = Instant(exposed + 14 * DAY)
            yield self.one("order.made", at + 5 * HOUR, OrderMade(order, person, "central", EDITION, "close", exposed, Instant(at + 5 * HOUR), until, "bench",
                                                                 "pidu.tracing"))  # fmt: skip
            if luck < 0.55:
                yield self.one("notice.given", at + 6 * HOUR, NoticeGiven(person, "order", "pidu.tracing.1"))
            if luck < 0.5:
                yield self.one("placement.made", at + 8 * HOUR, PlacementMade(person, "central", post="pidu.isolation"))

    def _swabs(self, n: int, people: list[tuple[bytes, str]]) -> Iterator[Fact]:
        at = self.opens + n * DAY + 8 * HOUR
        for i in range(0, len(people), POOL):
            tube, some = f"B{n}{i // POOL:06d}", people[i : i + POOL]
            yield self.one("tube.opened", at, TubeOpened(tube, POOL, some[0][1]), self.watch)
            for person, _ in some:
                yield self.one("sample.taken", at + MINUTE, SampleTaken(person, tube, "covid19", POOL), self.watch)
            yield self.one("tube.received", at + 3 * HOUR, TubeReceived(tube, "covid19"), self.watch)
            luck = self.source.random()
            if luck < 0.97:
                result = "positive" if luck < 0.001 else "negative"
                yield self.one("tube.resulted", at + 9 * HOUR, TubeResulted(tube, "covid19", result), self.watch)


def highest() -> str:
    """The most memory that this process had."""
    return f"{ground.most_memory() / 2**10:.2f} GiB"


def weight() -> str:
    """How large the database is."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        else:
            size = sum(p.stat().st_size for p in Path(connection.settings_dict["NAME"]).parent.glob("bench.sqlite3*"))
    return f"{size / 2**30:.2f} GiB"


def entered(size: Size, table: ground.Table) -> Instant:
    """Enters the outbreak; the hour in the middle."""
    made, protocol = Outbreak(size), centre().protocol
    seconds: dict[str, float] = {}
    many: dict[str, int] = {}
    middle = made.opens
    for n in range(DAYS):
        for known, what, facts in made.day(n):
            clock = SetClock(known)
            took, receipts = ground.timed(
                lambda facts=facts, clock=clock: list(
                    enter_many(facts, by="bench", source="bench", clock=clock, protocol=protocol, chunk=CHUNK, hold=None)
                )
            )
            refused = [r for receipt in receipts for r in receipt.refused]
            table.same(not refused)
            if refused:
                print(len(refused), "refused, the first:", refused[0])
            seconds[what], many[what] = seconds.get(what, 0) + took, many.get(what, 0) + len(facts)
            middle = Instant(known + MINUTE) if n == DAYS // 2 else middle
            print(f"  day {n + 1}: {what}, {len(facts):,} facts in {took:.0f} s", file=sys.stderr, flush=True)
        tick(SetClock(Instant(made.opens + (n + 1) * DAY - MINUTE)), protocol)
    for what, n in many.items():
        table.line(
            f"intake: {what}, {n:,} facts", f"{seconds[what]:.0f} s", "", "", "", f"{n / max(seconds[what], 1e-9):,.0f} facts/s", "", ""
        )
    set_clock(SetClock(Instant(made.opens + DAYS * DAY)))
    return middle


def asof(seen: Any, middle: Instant, rounds: int, table: ground.Table) -> None:
    """The board and the lists as they were known at an hour in the middle, and asked about then."""
    hour = format_local(middle, settings.BULOU_ZONE)[:16].replace(" ", "T")
    for name in ("board", "duties", "contacts", "orders", "tubes", "people"):
        if name == "board":
            url = next(iter(seen.addresses(PAGES[name])))
            user = who(seen, PAGES[name], url)
        else:
            url = sheet_url(SHEETS[name])
            user = reader(seen, SHEETS[name])
        if user:
            asked = ask(seen, user, f"{url}{'&' if '?' in url else '?'}about={hour}&known={hour}", rounds)
            show(table, f"{name} as known at {hour}", [asked], 1000 if name == "board" else 300)


def run(args: Any) -> int:
    size = SMALL if args.small else FULL
    settings.BULOU_DEMO, settings.BULOU_DEMO_TOKEN, settings.ALLOWED_HOSTS = demo.SCENARIO, "token-of-the-demo", ["testserver"]
    table = ground.Table("", ("what", "median", "of which ours", "first", "limit", "", "statements", "status"))
    busy = ground.machine()
    took, _ = ground.timed(lambda: demo.load(lambda *_told: None, size.people))
    facts = _facts()
    table.line(
        f"register and opening loaded, {facts:,} facts",
        f"{took:.0f} s",
        "",
        "",
        "",
        f"{facts / took:,.0f} facts/s",
        "",
        f"{highest()}, {weight()}",
    )
    middle = entered(size, table)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    table.line(
        f"all of it: {_facts():,} facts, {Duty.objects.count():,} rows of duties", "", "", "", "", "", "", f"{highest()}, {weight()}"
    )
    seen = world()
    with override_settings(DEBUG=False):
        lists(seen, args.rounds, table)
        pages(seen, args.rounds, table)
        asof(seen, middle, args.rounds, table)
    table.line("most memory until here", "", "", "", "", "", "", highest())
    what = f"{size.people:,} people, {size.cases} cases and {size.cases * size.contacts:,} contacts"
    table.title = f"A district of {what} on {connection.vendor} ({busy}); {args.rounds} rounds"
    table.show()
    if not args.only:
        took, _ = ground.timed(lambda: rebuild(centre().protocol))
        print(
            f"| everything worked out again from the facts (rebuild) | {took:.0f} s |  |  |  | {_facts() / took:,.0f} facts/s |  | {highest()} |",
            flush=True,
        )
    return int(table.failed)


def _facts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM fact")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    words = ground.arguments(__doc__.split("\n", maxsplit=1)[0])
    with ground.cleaned():
        sys.exit(run(words) if words.child else ground.on_each(__file__, words))
