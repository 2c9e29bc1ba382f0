"""100,000 contacts in one incident: the call desk, the list of contacts, a case's pages and the chain, on both databases. Asserts nothing.

The demo's district with a register large enough; its outbreak after the demo opens, as `district` enters it, with one case that named ten
thousand people; then a call centre's day: four callers hold 40,000 of the numbers, 20,000 calls were made, most of them met somebody. Then
the pages whose size is the number of contacts, each beside its limit.
"""

import random
import sys
from typing import Any

import ground
from board import ask, lists, show, who, world
from django.conf import settings
from django.db import connection
from django.test import override_settings
from tests.web.world import PAGES

import district
from bulou.basis.callfacts import CallAssigned, CallMade
from bulou.basis.facts import ContactNamed
from bulou.basis.ids import named_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock
from bulou.duties.enter import enter_many
from bulou.duties.models import Duty
from bulou.kit.centre import centre, set_clock
from bulou.kit.sheet import SHEETS
from bulou.register.models import User
from bulou.scenarios import demo

FULL, SMALL = district.Size(130_000, 300, 333, 20_000), district.Size(2_000, 5, 20, 100)
#: Of a thousand contacts: whose call is somebody's, who was called, and what the call met.
DEALT, CALLED = 400, 200
MET = ("reached",) * 6 + ("no_answer",) * 2 + ("wrong_number", "refused")
#: Lists whose size is the number of contacts.
LISTS = ("contacts", "traced", "called", "unreached", "orders", "mine")
PAGED = (
    "calls",
    "calls-deal",
    "call",
    "case",
    "case-candidates",
    "contact",
    "chain",
    "chain-work",
    "chain-figures",
    "chain-figure",
    "chain-support",
    "contact-name",
)


def calls(made: district.Outbreak, hub: int) -> list[Fact]:
    """What is entered on the sixth day: one case's many contacts, and the calls."""
    source, at = random.Random(5), Instant(made.opens + district.DAYS * DAY)
    (first, *_), others = made.cases[0], [p for case in made.cases for p in case[1:]]
    found = [made.one("contact.named", at, ContactNamed(p, first[0], Instant(at - DAY), "other")) for p, _ in source.sample(others, hub)]
    callers = sorted(bytes(u.holder) for u in User.objects.filter(demo=True) if u.holder)[:4]
    for i, (person, _) in enumerate(others):
        luck = source.randrange(1000)
        if luck < DEALT:
            found.append(made.one("call.assigned", at + HOUR, CallAssigned(person, "pidu.tracing", callers[i % len(callers)])))
        if luck < CALLED:
            caller, phone = callers[i % len(callers)], None
            met = CallMade(person, source.choice(MET), "own", "pidu.tracing", caller, phone)
            found.append(made.one("call.made", at + 2 * HOUR + source.randrange(HOUR), met))
    return found


def built(size: district.Size, table: ground.Table) -> None:
    """The ledger: register, outbreak, calls."""
    took, _ = ground.timed(lambda: demo.load(lambda *_told: None, size.people))
    print(f"  loaded in {took:.0f} s", file=sys.stderr, flush=True)
    made = district.Outbreak(size)
    district.entered(size, table)
    facts = calls(made, size.cases * size.contacts // 10)
    # Their ids go on where the outbreak's ended.
    facts = [f._replace(id=named_id("bench contacts", str(i))) for i, f in enumerate(facts)]
    clock = SetClock(Instant(made.opens + district.DAYS * DAY + 4 * HOUR))
    took, receipts = ground.timed(
        lambda: list(
            enter_many(facts, by="bench", source="bench", clock=clock, protocol=centre().protocol, chunk=district.CHUNK, hold=None)
        )
    )
    refused = [r for receipt in receipts for r in receipt.refused]
    table.same(not refused)
    table.line(f"calls, {len(facts):,} facts", f"{took:.0f} s", "", "", "", f"{len(facts) / took:,.0f} facts/s", "", str(refused[:1] or ""))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def run(args: Any) -> int:
    size = SMALL if args.small else FULL
    settings.BULOU_DEMO, settings.BULOU_DEMO_TOKEN, settings.ALLOWED_HOSTS = demo.SCENARIO, "token-of-the-demo", ["testserver"]
    only = set(filter(None, args.only.split(",")))
    table = ground.Table("", ("what", "median", "of which ours", "first", "limit", "", "statements", "status"))
    busy = ground.machine()
    if "built" not in only:
        built(size, table)
    made = district.Outbreak(size)
    set_clock(SetClock(Instant(made.opens + district.DAYS * DAY + 4 * HOUR + MINUTE)))
    if "build" in only:
        return int(table.failed)
    seen = world()
    few = {n: s for n, s in SHEETS.items() if n in LISTS}
    with override_settings(DEBUG=False):
        lists(seen, args.rounds, table, few)
        hub = made.cases[0][0][0]
        for name in PAGED:
            page = PAGES[name]
            urls = list(seen.addresses(page))
            if name.startswith("case"):
                urls.append(urls[0].replace(urls[0].split("/")[3].split("?")[0], to_text(hub)))
            asked = [ask(seen, user, url, args.rounds) for url in urls if (user := who(seen, page, url))]
            if asked:
                show(table, f"page {name}, slowest of {len(asked)}", asked, 300)
        for url in ("/tracing/calls?show=all", "/tracing/calls?show=door", "/tracing/calls?show=nobody&page=400"):
            user = who(seen, PAGES["calls"], url)
            if user:
                show(table, f"page {url}", [ask(seen, user, url, args.rounds)], 300)
    many = size.cases * size.contacts
    table.title = (
        f"contacts: {many:,} contacts of {size.cases} cases among {size.people:,} people on {connection.vendor} ({busy}); "
        f"{Duty.objects.count():,} rows of duties; {args.rounds} rounds"
    )
    table.show()
    return int(table.failed)


if __name__ == "__main__":
    words = ground.arguments(__doc__.split("\n", maxsplit=1)[0])
    with ground.cleaned():
        sys.exit(run(words) if words.child else ground.on_each(__file__, words))
