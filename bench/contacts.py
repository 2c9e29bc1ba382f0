"""100,000 contacts in one incident: the call desk, the list of contacts, a case's pages and the chain, on both databases. Asserts nothing.

The demo's district with a register large enough; its outbreak after the demo opens, as `district` enters it, with one case that named ten
thousand people; then a call centre's day: four callers hold 40,000 of the numbers, 20,000 calls were made, most of them met somebody. Then
the pages whose size is the number of contacts, each beside its limit.
"""

import gc
import random
import sys
from typing import Any, NamedTuple

import ground
from board import ask, reader, show, who, world
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import RequestFactory, override_settings
from django.urls import reverse
from tests.web.world import PAGES, sheet_url

import district
from bulou.basis.callfacts import CallAssigned, CallMade
from bulou.basis.facts import CaseDiagnosed, ContactNamed, PlaceDeclared
from bulou.basis.ids import named_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock
from bulou.duties.enter import enter_many
from bulou.duties.models import Duty
from bulou.evidence.models import Case, Contact, Entry
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.kit.centre import centre, set_clock
from bulou.kit.sheet import SHEETS, Listed
from bulou.register.models import User
from bulou.scenarios import demo

FULL, SMALL = district.Size(130_000, 300, 333, 20_000), district.Size(2_000, 5, 20, 100)
#: Of a thousand contacts: whose call is somebody's, who was called, and what the call met.
DEALT, CALLED = 400, 200
MET = ("reached",) * 6 + ("no_answer",) * 2 + ("wrong_number", "refused")
#: Cases beside those with contacts, so that the chain has 2,000; of the visits of an incident how many, by how many people, at how many places.
CHAINED, VISITS, VISITORS, PLACES = 1_700, 20_000, 3_000, 300
#: Kinds of places that every edition asks something of.
KINDS_OF_PLACES = ("restaurant", "worksite", "hospital", "market", "bus")
#: Files whose rate is measured.
FILES = ("contacts", "unreached", "called")


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


def hub_of() -> bytes:
    """The case that named the most contacts."""
    named = standing_facts("contact.named", Entry.objects.order_by("-seq").values_list("seq", flat=True)[0], centre().clock.now())
    return bytes(named.order_by().values_list("met").annotate(n=Count("id")).order_by("-n", "met")[0][0])


def grown(made: district.Outbreak) -> list[Fact]:
    """What is entered after the calls: cases with one contact between them and an earlier one, places, and where people were."""
    source, at = random.Random(9), Instant(made.opens + district.DAYS * DAY + 2 * HOUR)
    cases, contacts = (sorted({bytes(p) for p in m.objects.values_list("person", flat=True)}) for m in (Case, Contact))
    found, before, taken = [], list(cases), {*cases, *contacts}
    some = district.persons(10**9, source)
    for person, _ in [one for one in some if one[0] not in taken][: max(2, CHAINED * made.size.cases // 300)]:
        found.append(made.one("case.diagnosed", at, CaseDiagnosed(person, "confirmed", "contact_tracing", post="pidu.expert")))
        exposed = Instant(at - source.randrange(5 * DAY))
        found.append(made.one("contact.named", at, ContactNamed(person, source.choice(before), exposed, "household")))
        before.append(person)
    return found


def visits(made: district.Outbreak) -> list[Fact]:
    """Places, and where cases and contacts were."""
    source, at = random.Random(13), Instant(made.opens + district.DAYS * DAY + 2 * HOUR)
    cases, contacts = (sorted({bytes(p) for p in m.objects.values_list("person", flat=True)}) for m in (Case, Contact))
    found, area = [], made.cases[0][0][1]
    places = [named_id("bench contacts place", str(n)) for n in range(PLACES)]
    for n, place in enumerate(places):
        body = PlaceDeclared(place, f"place {n}", KINDS_OF_PLACES[n % len(KINDS_OF_PLACES)], area)
        found.append(made.one("place.declared", made.opens, body, made.watch))
    people = [hub_of(), *cases, *source.sample(contacts, min(len(contacts), VISITORS))]
    for n in range(VISITS * made.size.cases // 300):
        start = Instant(at - source.randrange(10 * DAY))
        stop = Instant(start + source.randrange(10 * MINUTE, 3 * HOUR)) if source.random() < 0.8 else None
        body = VisitRecorded(
            people[n % len(people)] if n % 40 else people[0],
            "bench",
            "stated",
            source.choice(places),
            until=stop,
            space=f"room {source.randrange(3)}",
        )
        found.append(made.one("visit.recorded", start, body))
    return found


def entered(what: str, facts: list[Fact], known: Instant, table: ground.Table) -> None:
    """Enters facts under ids of their own; what was refused makes the run fail."""
    facts = [f._replace(id=named_id(f"bench contacts {what}", str(i))) for i, f in enumerate(facts)]
    took, receipts = ground.timed(
        lambda: list(
            enter_many(
                facts, by="bench", source="bench", clock=SetClock(known), protocol=centre().protocol, chunk=district.CHUNK, hold=None
            )
        )
    )
    refused = [r for receipt in receipts for r in receipt.refused]
    table.same(not refused)
    table.line(
        f"{what}, {len(facts):,} facts", f"{took:.0f} s", "", "", "", f"{len(facts) / took:,.0f} facts/s", "", str(refused[:1] or "")
    )
    print(f"  {what}: {len(facts):,} facts in {took:.0f} s {refused[:1] or ''}", file=sys.stderr, flush=True)


def hours(made: district.Outbreak) -> tuple[Instant, Instant]:
    """When the calls are known, and what was entered after them."""
    day = made.opens + district.DAYS * DAY
    return Instant(day + 4 * HOUR), Instant(day + 5 * HOUR)


def built(size: district.Size, table: ground.Table) -> None:
    """The ledger, as far as it is not there: register, outbreak, calls, and the chain with the visits."""
    if "fact" not in connection.introspection.table_names() or not Duty.objects.exists():
        took, _ = ground.timed(lambda: demo.load(lambda *_told: None, size.people))
        print(f"  loaded in {took:.0f} s", file=sys.stderr, flush=True)
        made = district.Outbreak(size)
        district.entered(size, table)
        entered("calls", calls(made, size.cases * size.contacts // 10), hours(made)[0], table)
    call_command("migrate", verbosity=0)
    made = district.Outbreak(size)
    if Case.objects.filter(void_seq=NEVER).count() < 3 * size.cases:
        entered("chain", grown(made), hours(made)[1], table)
    if standing_facts("visit.recorded", Entry.objects.order_by("-seq").values_list("seq", flat=True)[0], hours(made)[1]).count() < 1_000:
        entered("visits", visits(made), hours(made)[1], table)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


class Peer(NamedTuple):
    """The same rows counted by hand: SQL over the tables as they stand now."""

    sql: str
    values: tuple[Any, ...] = ()


#: Contacts, each counted by hand with the plainest statement there is.
_CONTACTS = "SELECT count(*) FROM contact c WHERE c.void_seq = %s"


def pages(seen: Any, made: district.Outbreak) -> list[tuple[str, str, str, Peer | None]]:
    """What is measured: what it is called, the page or the list, its address, and who counts the same."""
    hub, area, sheet = to_text(hub_of()), made.cases[0][0][1], lambda name, **query: sheet_url(SHEETS[name], **query)
    last = str(Contact.objects.filter(void_seq=NEVER).count() // 50)
    here = "(SELECT s.person FROM stay s WHERE s.void_seq = %s AND s.here_until > %s AND s.here_from <= %s AND s.area = %s)"
    now = int(centre().clock.now())
    named = "SELECT p.canonical FROM person p WHERE p.void_seq = %s AND p.name LIKE %s"
    reversed_ = Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)
    contact = to_text(bytes(reversed_[1_000 if made.size.cases > 10 else 10]))
    return [
        ("list of contacts, as it opens", "contacts", sheet("contacts"), Peer(_CONTACTS, (NEVER,))),
        ("list of contacts, its last page", "contacts", sheet("contacts", page=last), Peer(_CONTACTS, (NEVER,))),
        ("list of contacts, of one area", "contacts", sheet("contacts", area=area),
         Peer(f"{_CONTACTS} AND c.person IN {here}", (NEVER, NEVER, now, now, area))),
        ("list of contacts, by the end of observation", "contacts", sheet("contacts", sort="ends"), Peer(_CONTACTS, (NEVER,))),
        ("list of contacts, latest end first", "contacts", sheet("contacts", sort="-ends"), Peer(_CONTACTS, (NEVER,))),
        ("list of contacts, by a rare name", "contacts", sheet("contacts", q="王芳"),
         Peer(f"{_CONTACTS} AND c.person IN ({named})", (NEVER, NEVER, "王芳%"))),
        ("list of contacts, by a family name", "contacts", sheet("contacts", q="王"),
         Peer(f"{_CONTACTS} AND c.person IN ({named})", (NEVER, NEVER, "王%"))),
        ("list of contacts, candidates alone", "contacts", sheet("contacts", ring="candidate"), Peer(f"{_CONTACTS} AND c.ring IS NULL", (NEVER,))),
        ("orders", "orders", sheet("orders"), None), ("duties of one's own", "mine", sheet("mine"), None),
        ("calls made", "called", sheet("called"), None), ("not reached by phone", "unreached", sheet("unreached"), None),
        ("letters sent", "letters_out", sheet("letters_out"), None), ("letters received", "letters_in", sheet("letters_in"), None),
        ("a contact's page", "contact", reverse("contact", kwargs={"person": contact}), None),
        ("a case's page with ten thousand contacts", "case", reverse("case", kwargs={"person": hub}), None),
        ("its candidates from visits", "case-candidates", reverse("case-candidates", kwargs={"person": hub}), None),
        ("its path", "case-path", reverse("case-path", kwargs={"person": hub}), None),
        ("chain of 2,000 cases", "chain", reverse("chain"), None), ("chain, what to find out", "chain-work", reverse("chain-work"), None),
        ("chain, support", "chain-support", reverse("chain-support"), None), ("tracing figures", "chain-figures", reverse("chain-figures"), None),
        ("call desk", "calls", reverse("calls"), None), ("call desk, everybody", "calls", reverse("calls") + "?show=all", None),
        ("call desk, nobody's, its last page", "calls", reverse("calls") + "?show=nobody&page=400", None),
        ("dealing calls", "calls-deal", reverse("calls-deal"), None), ("one call", "call", next(iter(seen.addresses(PAGES["call"])), ""), None),
    ]  # fmt: skip


def measured(seen: Any, made: district.Outbreak, args: Any, only: set[str], table: ground.Table) -> None:
    """Each page by whoever opens it for the whole centre; where somebody else counts the same, both and whether they say the same."""
    for what, name, url, peer in pages(seen, made):
        wanted = {w for w in only if not w.startswith("-")}
        if not url or (wanted and not any(w in what for w in wanted)) or any(w[1:] in what for w in only - wanted):
            continue
        user = reader(seen, SHEETS[name]) if name in SHEETS else who(seen, PAGES[name], url)
        if user is None:
            table.line(what, "nobody of the demo opens it", "", "", "", "", "", "")
            continue
        show(table, what, [ask(seen, user, url, args.rounds)], 300)
        if peer is not None:
            beside(table, seen, user, name, url, peer, args.rounds)


def beside(table: ground.Table, seen: Any, user: str, name: str, url: str, peer: Peer, rounds: int) -> None:
    """The count by hand, and the list's own of the same rows."""

    def by_hand() -> int:
        with connection.cursor() as cursor:
            cursor.execute(peer.sql, peer.values)
            return int(cursor.fetchone()[0])

    request = RequestFactory().get(url)
    listed = Listed(SHEETS[name], seen.look(user), request)
    theirs = ground.median([ground.timed(by_hand)[0] for _ in range(rounds)])
    ours = ground.median([ground.timed(listed.rows.count)[0] for _ in range(rounds)])
    same = table.same(listed.rows.count() == by_hand())
    table.line(f"… its rows counted, and by hand in SQL ({by_hand():,})", f"{1000 * ours:.0f} ms", f"{1000 * theirs:.0f} ms by hand", "", "",
               f"{ours / max(theirs, 1e-9):.1f} times", "", same)  # fmt: skip


def files(seen: Any, table: ground.Table) -> None:
    """Lists as CSV to their last row."""
    for name in FILES:
        declared = SHEETS[name]
        user = reader(seen, declared)
        if user is None:
            continue
        rows = declared.rows(seen.look(user)).count()
        seconds, own, answer = ground.worked(lambda declared=declared, user=user: seen.ask(user, sheet_url(declared, csv=True)))
        lines = answer.text.count("\n") - 1
        table.line(f"CSV {name}, {rows:,} rows", f"{1000 * seconds:,.0f} ms", f"{1000 * own:,.0f} ms", "", "", f"{rows / seconds:,.0f} rows/s", "",
                   table.same(lines >= rows))  # fmt: skip


def run(args: Any) -> int:
    size = SMALL if args.small else FULL
    settings.BULOU_DEMO, settings.BULOU_DEMO_TOKEN, settings.ALLOWED_HOSTS = demo.SCENARIO, "token-of-the-demo", ["testserver"]
    only = set(filter(None, args.only.split(",")))
    table = ground.Table("", ("what", "median", "of which ours", "first", "limit", "", "statements", "status"))
    busy = ground.machine()
    built(size, table)
    if "build" in only:
        table.show()
        return int(table.failed)
    made = district.Outbreak(size)
    set_clock(SetClock(Instant(hours(made)[1] + MINUTE)))
    seen = world()
    gc.collect()
    gc.freeze()  # as the server does (``web.asgi``)
    with override_settings(DEBUG=False):
        measured(seen, made, args, only, table)
        if not only or "CSV" in only:
            files(seen, table)
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
