"""The demo: loads a scenario into a database of its own, tells its time, and feeds what becomes known as that time advances."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, MachineClock, SetClock, ShiftedClock
from bulou.duties.enter import Receipt, enter, tick
from bulou.kit.centre import centre
from bulou.kit.looks import seal, waiting
from bulou.protocol.rules import Protocol_
from bulou.register.models import User
from bulou.scenarios.models import DemoState
from bulou.scenarios.reading import SYNTHETIC, Head, Published, Scheduled, read
from bulou.scenarios.register import Unit, areas, founding, people, staff, staff_facts
from bulou.scenarios.staff_work import EDITION, Cast, schedule

SCENARIO = "pidu_2020_12"
SEED = 7
#: The register's size, and how many facts of it go into one entry: nobody waits beside the loader.
PEOPLE = 100_000
CHUNK = 400

Say = Callable[[str, int, int], None]


class DemoClock:
    """The scenario's time: stands in the database, so that every process of the demo tells the same."""

    def __init__(self) -> None:
        self._machine = MachineClock()
        self._read_at, self._clock = Instant(0), SetClock(Instant(0))
        self._shifted: ShiftedClock | None = None

    def now(self) -> Instant:
        # Asked many times in a request; another process may have moved it, which is seen half a second later.
        machine = self._machine.now()
        if self._shifted is None or machine - self._read_at > 500_000:
            self._read_at = machine
            state = DemoState.objects.first()
            if state is None:
                return machine
            self._shifted = ShiftedClock(Instant(state.origin), Instant(state.since), state.speed, self._machine)
        return min(self._shifted.now(), ends())  # after the last hour nothing more becomes known: time stands

    def forget(self) -> None:
        self._shifted = None


@lru_cache(maxsize=1)
def head() -> Head:
    """What the demo's scenario is, and between which hours it plays."""
    return read(SCENARIO, settings.BULOU_ZONE).head


def ends() -> Instant:
    """The last hour of the scenario."""
    return head().ends


def cast_of(units: list[Unit], many: int) -> tuple[Cast, Iterator[list[Fact]]]:
    """The register's households, made twice from one seed: once to know who is where, once to be entered."""
    homes: dict[str, list[bytes]] = {}
    inside: dict[str, list[bytes]] = {}
    at = Instant(0)
    for household in people(units, many, at, SEED):
        area = household[0].body.area
        for key in {area, area.split("-")[0]}:
            homes.setdefault(key, []).append(household[0].body.household)
        inside.setdefault(area, []).extend(f.body.person for f in household[1:])
    return Cast(inside, homes), people(units, many, at, SEED)


@lru_cache(maxsize=2)
def plan(zone: ZoneInfo, many: int = PEOPLE) -> tuple[Published, list[Unit], list[Scheduled]]:
    """What was published, the local units, and the whole schedule around it."""
    published = read(SCENARIO, zone)
    made = areas(published.head.centre, published.head.begins)
    cast, _ = cast_of(made.units, many)
    return published, made.units, schedule(published, cast, zone, SEED)


def load(say: Say, many: int = PEOPLE) -> None:
    """Makes the demo's database from nothing: migrations, the register as facts, everything known when the board opens."""
    say("migrate", 0, many)
    call_command("migrate", verbosity=0)
    protocol, zone = centre().protocol, centre().protocol.zone
    published, units, entries = plan(zone, many)
    begin = published.head.begins
    founding_facts, _watch = founding(published.head.centre, begin, EDITION, protocol.editions[EDITION].hash)
    posts = staff(units, SEED)
    clock = SetClock(begin)
    first = [*areas(published.head.centre, begin).facts, *founding_facts, *staff_facts(posts, begin)]
    done, looked = 0, 2000
    for part in _parts(iter([[f] for f in first])):
        _whole(enter(part, by="scenario", source=SYNTHETIC, clock=clock, protocol=protocol))
    for part in _parts(people(units, many, begin, SEED)):
        _whole(enter(part, by="scenario", source=SYNTHETIC, clock=clock, protocol=protocol))
        done += sum(f.kind == "person.enrolled" for f in part)
        if (
            connection.vendor == "postgresql" and done >= looked
        ):  # a server that does not look by itself reads tables whole that it takes for small
            _analyze()
            looked = 4 * done
        say("register", min(done, many), many)
    _accounts(posts)
    known = [e for e in entries if e.known <= published.head.opens]
    for i, entry in enumerate(known):
        feed_one(entry, protocol)
        if i % 20 == 0:
            say("scenario", i, len(known))
    clock.at = published.head.opens
    tick(clock, protocol)
    with transaction.atomic():
        DemoState.objects.all().delete()
        DemoState.objects.create(
            scenario=SCENARIO, origin=published.head.opens, since=MachineClock().now(), speed=1.0, fed=published.head.opens, people=many
        )
    _analyze()


def _analyze() -> None:
    """The database looks at how full its tables are, before it is asked."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class NotWhole(RuntimeError):
    """A fact of the scenario was refused: the demo would tell less than it says."""


def _whole(receipt: Receipt) -> None:
    if receipt.refused:
        first = receipt.refused[0]
        raise NotWhole(f"{len(receipt.refused)} facts were refused; the first: {first.en}")


def _parts(groups: Iterator[list[Fact]]) -> Iterator[list[Fact]]:
    part: list[Fact] = []
    for some in groups:
        part += some
        if len(part) >= CHUNK:
            yield part
            part = []
    if part:
        yield part


def feed_one(entry: Scheduled, protocol: Protocol_) -> None:
    """One entry of the scenario, known at its own hour; time that passed before it is settled with it."""
    by = "scenario" if entry.source == SYNTHETIC else "published"
    _whole(enter(entry.facts, by=by, source=entry.source[:500], clock=SetClock(entry.known), protocol=protocol))


def advance(to: Instant) -> int:
    """Moves the demo's time on to an hour and enters what became known until then; returns how many entries.

    Never back, and never past the scenario's last hour.
    """
    state = DemoState.objects.get()
    protocol = centre().protocol
    now = centre().clock.now()
    target = min(max(to, now), ends())
    _published, _units, entries = plan(protocol.zone, state.people)
    due = [e for e in entries if state.fed < e.known <= target]
    for entry in due:
        feed_one(entry, protocol)
    tick(SetClock(target), protocol)
    DemoState.objects.filter(pk=state.pk).update(origin=target, since=MachineClock().now(), fed=target)
    clock = centre().clock
    if isinstance(clock, DemoClock):
        clock.forget()
    return len(due)


def catch_up() -> int:
    """Enters what became known as the demo's time ran on by itself, and settles the duties whose hour has come."""
    state = DemoState.objects.first()
    if state is None:
        return 0
    now = centre().clock.now()
    protocol = centre().protocol
    fed = 0
    if now - state.fed > 30_000_000:
        _published, _units, entries = plan(protocol.zone, state.people)
        for entry in (e for e in entries if state.fed < e.known <= now):
            feed_one(entry, protocol)
            fed += 1
        DemoState.objects.filter(pk=state.pk).update(fed=now)
    tick(SetClock(now), protocol)
    if waiting(now):
        seal(centre().clock, protocol)
    return fed


def seal_looks() -> None:
    """Seals the looks of the last minute, as the watch of a centre does."""
    one = centre()
    if waiting(one.clock.now()):
        seal(one.clock, one.protocol)


def _accounts(posts: list) -> None:  # type: ignore[type-arg]
    """One user for each post that has an account; they have no password: one signs in through the demo's own page."""
    users = [
        User(
            username=s.account, first_name=f"{s.unit} {s.name}", holder=s.holder, demo=True, is_active=True,
            password=make_password(None),
        )
        for s in posts
        if s.account
    ]  # fmt: skip
    User.objects.bulk_create(users)
