"""A small ground for the scenario: the villages that it speaks of with a few hundred made-up people, and how its values are read.

The facts are those of the demo, made by the same functions; only villages that nothing is told about are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from bulou.basis.kinds import Fact
from bulou.basis.time import MINUTE, Instant, SetClock
from bulou.desks.command.board import clock
from bulou.desks.command.figures import FIGURES, Board
from bulou.desks.command.published import agreements, claims, disagreements
from bulou.duties.enter import Receipt, duties_as_of, enter
from bulou.evidence.models import Entry
from bulou.evidence.timeline import standing_facts
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking, Moment
from bulou.protocol.rules import Protocol_
from bulou.register.models import Person, Place
from bulou.register.scope import Scope, Viewer, standing
from bulou.scenarios.demo import SCENARIO, SEED
from bulou.scenarios.reading import Published, Scheduled, read
from bulou.scenarios.register import areas, founding, people, staff, staff_facts
from bulou.scenarios.staff_work import EDITION, Cast, schedule

#: Villages that the scenario or its staff speak of, and one of Anjing for the pool.
VILLAGES = frozenset({"510117001218", "510117104227", "510117001012", "510117006009", "510117106002", "510117008001"})
PEOPLE = 420
CHUNK = 400
#: Everyone who looks in these tests sees the whole centre.
EVERYONE = Viewer(None, (), Scope(None), frozenset(), frozenset({"name"}))


class Ground(NamedTuple):
    """What is there before anything happens, and what happens by the hour at which it became known."""

    published: Published
    before: tuple[Fact, ...]
    entries: tuple[Scheduled, ...]

    @property
    def facts(self) -> list[Fact]:
        return [*self.before, *(f for e in self.entries for f in e.facts)]

    @property
    def told(self) -> list[Fact]:
        """The facts that somebody published, with those of case 3."""
        return [f for e in self.published.entries for f in e.facts]


@lru_cache(maxsize=1)
def ground() -> Ground:
    """The scenario on its small ground."""
    zone, protocol = settings.BULOU_ZONE, centre().protocol
    published = read(SCENARIO, zone)
    head = published.head
    made = areas(head.centre, head.begins)
    kept = [f for f in made.facts if f.kind != "area.declared" or _kept(f.body)]
    units = [u for u in made.units if u.village in VILLAGES]
    first, _watch = founding(head.centre, head.begins, EDITION, protocol.editions[EDITION].hash)
    homes = list(people(units, PEOPLE, head.begins, SEED))
    before = [*kept, *first, *staff_facts(staff(units, SEED), head.begins), *(f for home in homes for f in home)]
    entries = schedule(published, _cast(homes), zone, SEED)
    return Ground(published, tuple(before), tuple(entries))


def _kept(body: Any) -> bool:
    return body.area.split("-")[0] in VILLAGES or body.level not in ("village", "group", "grid", "phase", "compound")


def _cast(homes: Iterable[list[Fact]]) -> Cast:
    """People and households by area, as the demo hands them to its staff."""
    households: dict[str, list[bytes]] = {}
    inside: dict[str, list[bytes]] = {}
    for home in homes:
        area = home[0].body.area
        for key in {area, area.split("-")[0]}:
            households.setdefault(key, []).append(home[0].body.household)
        inside.setdefault(area, []).extend(f.body.person for f in home[1:])
    return Cast(inside, households)


def ends() -> Instant:
    return ground().published.head.ends


def enter_all(facts: list[Fact], known: Instant, protocol: Protocol_ | None = None) -> None:
    """Everything in this order, known at one hour, a few hundred facts to an entry."""
    for start in range(0, len(facts), CHUNK):
        put(facts[start : start + CHUNK], known, protocol)


def put(facts: list[Fact], known: Instant, protocol: Protocol_ | None = None) -> Receipt:
    return enter(facts, by="test", source="scenario", clock=SetClock(known), protocol=protocol or centre().protocol)


# --- reading ----------------------------------------------------------------------------------------------------------
def looking(about: Instant, seq: int | None = None) -> Looking:
    """The whole centre about an hour, as known at an entry (the last)."""
    last = Entry.objects.order_by("-seq").values_list("seq", "known").first()
    assert last
    moment = Moment(about, last[0] if seq is None else seq, Instant(last[1]), live=False)
    return Looking(EVERYONE, moment, "en", settings.BULOU_ZONE, centre().protocol)


def board_of(look: Looking) -> Board | None:
    """The board of the outbreak; None where no outbreak is known."""
    found = [i for i in incidents(look) if i.nature == "outbreak"]
    return Board.of(look, found[0].id) if found else None


def figure(name: str) -> Callable[[Looking], Any]:
    """A figure of the board with its parts, as one value."""

    def read_(look: Looking) -> Any:
        board = board_of(look)
        if board is None:
            return None
        declared = FIGURES[name]
        return declared.value(board), [(w.en, n) for w, n in declared.parts(board)] if declared.parts else []

    return read_


def step(name: str) -> Callable[[Looking], Any]:
    """A step of the plan on the board's clock."""

    def read_(look: Looking) -> Any:
        board = board_of(look)
        named = next((i for i in incidents(look) if i.nature == "outbreak"), None)
        if board is None or named is None:
            return None
        return [(s["done_h"], s["state"]) for s in clock(board, named)["steps"] if s["id"] == f"plan.{name}"]

    return read_


def register(look: Looking) -> int:
    """How many are on the register."""
    return standing(Person, look.seq).count()


def visits(look: Looking) -> list[str]:
    """The visits of cases, as the pages of cases list them."""
    return [r.words for r in standing_facts("visit.recorded", look.seq, look.about).order_by("at", "id")]


def places(look: Looking) -> list[str]:
    """The places that are known."""
    return sorted(standing(Place, look.seq).values_list("name", flat=True))


def claim(code: str) -> Callable[[Looking], Any]:
    """A published figure on its page."""
    return lambda look: claims(look).get(code)


def page_of_claims(look: Looking) -> list[Any]:
    """The page that holds published figures against each other."""
    return [(a.name.en, a.verdict, a.missing) for a in agreements(look)] + [(d.name.en, d.differ.en) for d in disagreements(look)]


def value_of(fact: Fact) -> tuple[str, Callable[[Looking], Any], Instant]:
    """The value that a fact of the scenario carries: its name, how it is read, and about which hour."""
    body, soon = fact.body, Instant(fact.at + MINUTE)
    match fact.kind:
        case "incident.opened":
            return "figure zones", figure("zones"), soon
        case "step.done":
            return f"step {body.step}", step(body.step), ends()
        case "person.enrolled":
            return "register", register, ends()
        case "case.diagnosed":
            return "figure infections", figure("infections"), soon
        case "contact.named":
            return "figure candidates", figure("candidates"), soon
        case "visit.recorded":
            return "visits", visits, ends()
        case "place.declared":
            return "places", places, ends()
        case "zone.drawn" | "zone.lifted":
            return "figure zones", figure("zones"), soon
        case "zone.extended":
            return "figure zone_people", figure("zone_people"), soon
        case "figure.published":
            return f"published {body.code}", claim(body.code), ends()
    raise AssertionError(f"no value is named for facts of kind {fact.kind}: name the figure or page that must show it")


def everything(abouts: Iterable[Instant]) -> dict[str, Any]:
    """Every figure, the page of published figures and all duties, about several hours, as known at the end."""
    found: dict[str, Any] = {"duties": duties(), "register": register(looking(ends())), "visits": visits(looking(ends()))}
    for about in abouts:
        look = looking(about)
        found |= {f"{name} {about}": figure(name)(look) for name in FIGURES}
        found[f"published {about}"] = (sorted(claims(look).items()), page_of_claims(look))
    return found


def duties() -> set[Any]:
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return set(duties_as_of(connection, last or 0, centre().protocol))


def hours() -> Iterator[Instant]:
    """Nine in the morning of some days of the scenario, and its end."""
    head = ground().published.head
    day = 86_400_000_000
    yield from (Instant(head.opens + n * day) for n in (0, 1, 3, 6, 10, 16))
    yield head.ends
