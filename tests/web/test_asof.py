"""As-of is tested whole: everything that can be read of a past moment stays byte for byte what it was, whatever is learned later."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import KINDS, Fact, Field, Kind, check
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock, day_of, format_local, parse_local
from bulou.basis.words import LISTS
from bulou.desks.command.figures import FIGURES
from bulou.duties.enter import enter
from bulou.evidence.models import Envelope, Order, Tube, Zone
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, set_clock
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.register.models import Area, Holding, Household, Post, Stay, User
from bulou.register.roles import roles
from tests.run import thorough
from tests.web.world import SOURCE, World, sheet_url

#: A thousand late facts where everything is tried, a good two hundred in a quick run: of every kind in both.
MANY, TOGETHER, SEED = 1000 if thorough() else 225, 25, 2020
#: Who reads: someone who sees everything, masked; and someone who sees one street. Whether they may is judged now, so their own
#: posts, areas and the centre stay as they are.
READERS = ("auditor", "pitong", "duty")
_STEADY = ("centre.founded", "edition.adopted", "authorisation.signed")
#: Moments: the hour of the board itself, and an earlier hour as it was known later.
MOMENTS = (("2020-12-09 09:00", "2020-12-09 09:00"), ("2020-12-08 20:00", "2020-12-09 08:00"))
#: What changes from one answer to the next without saying anything.
_TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")
#: What a page says of now, beside what it says of the hour: marked as such, and left out here.
_NOW = re.compile(r"<section[^>]* data-now>.*?</section>", re.DOTALL)


def read_whole(world: World, reader: str, moment: tuple[str, str] | None, language: str, pages: bool) -> dict[str, str]:
    """Every sheet with all its rows, every figure with its names and its bridge, and every other page, as of a moment."""
    hours = {"about": moment[0], "known": moment[1]} if moment else {}
    look = world.look(reader)
    found: dict[str, str] = {}

    def keep(what: str, url: str) -> str:
        seen = world.ask(reader, url + ("&" if "?" in url else "?") + urlencode(hours), language)
        found[what] = f"{seen.status} {seen.headers.get('Content-Disposition', '')}\n{_NOW.sub('', _TOKEN.sub('', seen.text))}"
        return seen.text

    for sheet in SHEETS.values():
        if look.viewer.sees(sheet.desk):
            keep(f"sheet {sheet.name}", sheet_url(sheet, csv=True))
            if pages:
                keep(f"list {sheet.name}", sheet_url(sheet))
    for name in FIGURES:
        text = keep(f"figure {name}", f"/board/{name}")
        for step in dict.fromkeys(re.findall(r"\?step=(\w+)\"", text) if thorough() else ()):
            keep(f"figure {name} {step}", f"/board/{name}?step={step}")
    for page in PAGES.values():
        if (page.desk != "shell" or page.name == "duty") and page.name != "figure" and pages:
            for i, url in enumerate(world.addresses(page)[:6]):
                keep(f"page {page.name} {i}", url)
    return found


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(what for what in one.keys() | other.keys() if one.get(what) != other.get(what))


class Later:
    """Makes facts about the ledger's own people, tubes, places and posts: of every kind there is, at hours before and after."""

    def __init__(self, world: World, seed: int) -> None:
        self.random = random.Random(seed)
        self.world, self.zone, self.n = world, centre().protocol.zone, 0
        holders = {bytes(h) for h in User.objects.exclude(holder=None).values_list("holder", flat=True)}
        mine = {
            bytes(u): set(Holding.objects.filter(holder=u, void_seq=NEVER).values_list("post", flat=True))
            for u in User.objects.filter(username__in=READERS).values_list("holder", flat=True)
        }
        kept = set().union(*mine.values())
        people = [bytes(p) for p in Stay.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)]
        people = [p for p in people if p not in holders]
        areas = list(
            Area.objects.filter(void_seq=NEVER, level__in=("village", "group", "grid")).order_by("code").values_list("code", flat=True)
        )
        facts = Envelope.objects.exclude(kind__startswith="post.").exclude(kind__startswith="area.").exclude(kind__in=_STEADY)
        self.things: dict[str, list[Any]] = {
            "person": people, "holder": people, "area": areas[:400],
            "household": [bytes(h) for h in Household.objects.filter(void_seq=NEVER).order_by("household").values_list("household", flat=True)],
            "post": [p for p in Post.objects.filter(void_seq=NEVER).order_by("post").values_list("post", flat=True) if p not in kept],
            "tube": [*Tube.objects.filter(void_seq=NEVER).order_by("tube").values_list("tube", flat=True), *(f"LATE-{i}" for i in range(30))],
            "zone": [bytes(z) for z in Zone.objects.filter(void_seq=NEVER).order_by("zone").values_list("zone", flat=True)],
            "order": [bytes(o) for o in Order.objects.filter(void_seq=NEVER).order_by("order").values_list("order", flat=True)],
            "incident": [world.incident], "place": [named_id("late place", str(i)) for i in range(5)],
            "shift": [named_id("late shift", str(i)) for i in range(3)],
            "charge": [named_id("late charge", str(i)) for i in range(12)], "objection": [named_id("late objection", str(i)) for i in range(5)],
            "letter": [named_id("late letter", str(i)) for i in range(5)], "point": [named_id("late point", str(i)) for i in range(5)],
            "callup": [named_id("late callup", str(i)) for i in range(5)], "signal": [named_id("late signal", str(i)) for i in range(5)],
            "signal_source": [named_id("late source", str(i)) for i in range(3)],
            "fact": [bytes(f) for f in facts.order_by("id").values_list("id", flat=True)], "disease": ["covid19"], "edition": ["covid19/cn-7"],
        }  # fmt: skip
        self.kinds = sorted(k for k in KINDS if k not in _STEADY)
        self.kinds += ["stay.recorded"] * 6 + ["person.identified"] * 3 + ["fact.withdrawn"] * 8 + ["post.held"] * 2

    def facts(self, many: int) -> Iterator[Fact]:
        each = sorted(set(self.kinds))  # first one of every kind, however few are asked for
        self.random.shuffle(each)
        failed: Counter[str] = Counter()
        while self.n < many:
            kind = KINDS[each[self.n] if self.n < len(each) else self.random.choice(self.kinds)]
            self.n += 1
            incident = self.random.choice(self.things["incident"]) if kind.scope != "world" else None
            body = self.body(kind, incident)
            if kind.name == "incident.opened":
                incident = body.incident
            if not check(kind, body, incident):
                at = self.hour()
                # Before the moments: of one source that lives a single draw might be of an hour that nobody reads.
                if kind.name == "signal.noted":
                    at = Instant(min(at, self.world.opens - HOUR))
                yield Fact(named_id("late", str(SEED), str(self.n)), kind.name, at, incident, body)
            else:
                self.n -= 1
                failed[kind.name] += 1
                assert failed[kind.name] < 200, f"no fact of {kind.name} can be made: say what its fields hold"

    def hour(self) -> Instant:
        """Mostly before the moments that are read, some between them, some after."""
        near = self.random.choice([parse_local(m[0], self.zone) for m in MOMENTS])
        return Instant(
            near + self.random.choice([-5 * DAY, -DAY, -HOUR, -MINUTE, 0, 0, MINUTE, HOUR, DAY]) + self.random.randint(-HOUR, HOUR)
        )

    def body(self, kind: Kind, incident: bytes | None) -> Any:
        values = {f.name: self.value(f) for f in kind.fields}
        if kind.field("incident") is not None and kind.scope == "incident":
            values["incident"] = named_id("late incident", str(self.n)) if kind.name == "incident.opened" else incident
        match kind.name:
            case "area.declared" if self.random.random() < 0.5:
                village = self.random.choice([a for a in self.things["area"] if "-" not in a])
                values |= {"area": f"{village}-L{self.n}", "parent": village, "level": "grid"}
            case "area.declared":
                code = self.random.choice([a for a in self.things["area"] if "-" not in a])
                values |= {"area": code, "parent": code[:9], "level": "village", "name": f"改名{self.n}"}
            case "post.established":
                values["role"] = self.random.choice(sorted(roles()))
            case "order.made":
                values |= {"order": named_id("late order", str(self.n)), "ends": values["starts"] + 14 * DAY}
            case "person.enrolled" if self.random.random() < 0.7:
                values["person"] = named_id("late person", str(self.n))
            case "signal.noted":
                values |= {"source": SOURCE, "forget_by": Instant(self.world.opens + 10 * DAY)}
            case "post.rostered":
                values |= {"on_from": "08:00", "on_until": self.random.choice(["20:00", "08:00", "02:00"])}
            case "zone.drawn":
                values["zone"] = named_id("late zone", str(self.n))
                self.things["zone"].append(values["zone"])
        return kind.body(**values)

    def value(self, f: Field) -> Any:
        if f.optional and self.random.random() < 0.4:
            return None
        if f.words:
            return self.random.choice(list(LISTS[f.words]))
        if f.ref == "any":
            return subject_text(self.random.choice(self.things[self.random.choice(["person", "household", "tube", "area"])]))
        if f.ref:
            return self.random.choice(self.things[f.ref])
        match f.type:
            case "id":
                return named_id("late thing", str(self.random.randint(0, 5)))
            case "instant":
                return self.hour()
            case "day":
                return day_of(self.hour(), self.zone)
            case "int":
                return self.random.choice([0, 1, 5, 10, 30])
            case "float":
                return round(self.random.uniform(30, 40), 1)
            case "bool":
                return self.random.random() < 0.5
        return f"后来 {self.n}"


def test_what_was_known_of_a_moment_stays_as_it_was(world: World) -> None:
    readings = (("auditor", MOMENTS[0], "zh", True), ("auditor", MOMENTS[1], "en", False), ("pitong", MOMENTS[0], "en", False))[
        :: 1 if thorough() else 2
    ]
    before = [read_whole(world, *reading) for reading in readings]
    live = read_whole(world, "auditor", None, "zh", pages=False)
    # An auditor's post owes nothing: its own list is read by one whose post does.
    mine = [
        world.ask("duty", sheet_url(SHEETS["mine"], csv=True, **hours)).text
        for hours in ({"about": MOMENTS[0][0], "known": MOMENTS[0][1]}, {})
    ]
    assert all(len(found) > 20 for found in before)
    assert not [what for what, text in before[0].items() if text[:3] not in ("200", "404", "302")]
    opened = Counter(text[:3] for text in before[0].values())
    assert opened["200"] > 80

    clock = SetClock(Instant(world.opens + 5 * MINUTE))
    set_clock(clock)
    late = list(Later(world, SEED).facts(MANY))
    assert {"stay.recorded", "person.identified", "post.held", "post.left", "post.established", "fact.withdrawn"} <= {f.kind for f in late}
    assert {f.kind for f in late} | set(_STEADY) == set(KINDS)
    assert sum(f.at < world.opens for f in late) > MANY * 0.3 < sum(f.at > parse_local(MOMENTS[1][0], clock_zone()) for f in late)
    new = 0
    for i in range(0, len(late), TOGETHER):
        part = late[i : i + TOGETHER]
        if i % (4 * TOGETHER) == 0:  # ids that come again with other content are kept aside, and that list is read too
            part = [*part, part[0]._replace(at=Instant(part[0].at + 1))]
        receipt = enter(part, by="late", source="late", clock=clock, protocol=centre().protocol)
        new += len(receipt.new)
        clock.at = Instant(clock.at + MINUTE)
    assert new == MANY

    for reading, found in zip(readings, before, strict=True):
        assert differing(found, read_whole(world, *reading)) == [], reading
    # The control: the same, read as of now. Every sheet and most figures say something else.
    now = read_whole(world, "auditor", None, "zh", pages=False)
    changed = set(differing({k: v.split("\n", 1)[1] for k, v in live.items()}, {k: v.split("\n", 1)[1] for k, v in now.items()}))
    # Checks at doors are no facts: no fact adds one. Nobody draws three unanswered calls of one person who owes something by chance; and of a
    # list of so few as accounts or posts a draw may miss every row.
    still = {f"sheet {name}" for name in SHEETS} - {"sheet mine", "sheet door-checks", "sheet unreached"} - changed
    assert len(still) <= (1 if thorough() else len(SHEETS) // 8), still
    then = world.ask("duty", sheet_url(SHEETS["mine"], csv=True, about=MOMENTS[0][0], known=MOMENTS[0][1])).text
    assert then == mine[0]
    assert world.ask("duty", sheet_url(SHEETS["mine"], csv=True)).text != mine[1]
    assert sum(f"figure {name}" in changed for name in FIGURES) > len(FIGURES) / 2
    # And the same hour as known now: what is learned late changes what is said of it.
    known_now = (MOMENTS[0][0], format_local(clock.at, clock_zone()))
    assert len(differing(before[0], read_whole(world, "auditor", known_now, "zh", pages=False))) > len(SHEETS)


def clock_zone() -> Any:
    return centre().protocol.zone
