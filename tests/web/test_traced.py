"""People traced, through the ledger: four channels and no duplicate, a state each with its age, and the ones in no state named."""

from __future__ import annotations

from typing import Any

from django.test import RequestFactory
from django.urls import reverse

from bulou.basis.facts import FactWithdrawn, PersonIdentified, PersonTraced, StateConfirmed
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.desks.command.figures import FIGURES, Board, bridge
from bulou.duties.enter import enter
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, set_clock
from bulou.kit.sheet import SHEETS, Listed
from bulou.kit.verb import VERBS
from bulou.register.models import Stay
from tests.web.test_verbs import sent
from tests.web.world import World

HERE, THERE = "510117001218", "510117008"


def people(area: str, many: int) -> list[bytes]:
    found = Stay.objects.filter(area__startswith=area, void_seq=NEVER).exclude(household=None).order_by("person")
    return [bytes(p) for p in found.values_list("person", flat=True)[:many]]


def fact(world: World, kind: str, body: Any, hours: float = -5, incident: bool = True) -> Fact:
    at = Instant(world.opens + int(hours * HOUR))
    return Fact(new_id(at), kind, at, world.incident if incident else None, body)


def entered(*facts: Fact) -> None:
    enter(list(facts), by="test", source="test", clock=centre().clock, protocol=centre().protocol)


def told(world: World) -> tuple[bytes, bytes, bytes, bytes]:
    """Four people by six tellings; of the first three a state is confirmed, of one long ago."""
    a, b, c, d = *people(HERE, 3), people(THERE, 1)[0]
    entered(
        fact(world, "person.traced", PersonTraced(a, "self_report", "pidu.data"), -80),
        fact(world, "person.traced", PersonTraced(a, "assistance", "pidu.data", "外地来函"), -70),
        fact(world, "person.traced", PersonTraced(a, "assistance", "pidu.data", "外地再函"), -60),
        fact(world, "person.traced", PersonTraced(b, "pushed", "pidu.data")),
        fact(world, "person.traced", PersonTraced(c, "community", "pidu.data")),
        fact(world, "person.traced", PersonTraced(d, "community", "pidu.data")),
        fact(world, "state.confirmed", StateConfirmed(a, "home", "pidu.data"), -30),
        fact(world, "state.confirmed", StateConfirmed(b, "home", "pidu.data"), -4),
        fact(world, "state.confirmed", StateConfirmed(b, "normal", "pidu.data"), -1),
    )
    return a, b, c, d


def values(world: World, user: str = "commander") -> dict[str, int]:
    board = Board.of(world.look(user), world.incident)
    return {name: FIGURES[name].value(board) for name in FIGURES if name.startswith("traced")}


def test_sums_agree_and_the_hole_has_names(world: World) -> None:
    a, b, c, d = told(world)
    assert values(world) == {"traced": 4, "traced_state": 2, "traced_no_state": 2, "traced_old": 1}
    board = Board.of(world.look("commander"), world.incident)
    for name in ("traced", "traced_state"):
        figure = FIGURES[name]
        assert figure.parts
        assert sum(n for _, n in figure.parts(board)) == figure.value(board), name
    assert set(FIGURES["traced_no_state"].keys(board)) == {c, d}
    assert set(FIGURES["traced_old"].keys(board)) == {a}
    assert FIGURES["traced_no_state"].alarming
    assert reverse("figure", kwargs={"name": "traced_no_state"}) in world.ask("commander", reverse("board"), "en").read.links
    opened = world.ask("commander", reverse("figure", kwargs={"name": "traced_no_state"}), "en")
    assert to_text(c) in opened.text
    assert to_text(b) not in opened.text


def test_a_channel_more_is_no_person_more_and_two_records_are_one(world: World) -> None:
    a, b, _c, _d = told(world)
    entered(fact(world, "person.traced", PersonTraced(b, "self_report", "pidu.data"), -1))
    assert values(world)["traced"] == 4
    joined = fact(world, "person.identified", PersonIdentified(a, b, "same document"), -1, incident=False)
    entered(joined)
    assert values(world) == {"traced": 3, "traced_state": 1, "traced_no_state": 2, "traced_old": 0}, "the last state of all their records"
    entered(fact(world, "fact.withdrawn", FactWithdrawn(joined.id, "two people", "pidu.data"), 0, incident=False))
    assert values(world)["traced"] == 4


def test_the_sheet_shows_each_once_with_channels_state_and_age(world: World) -> None:
    a, _b, c, _d = told(world)
    look = world.look("commander", "en")
    listed = Listed(SHEETS["traced"], look, RequestFactory().get("/"))
    (head, *_), rows = [c.name for c in listed.columns], [row for part in listed.parts() for row in part]
    assert head == "person"
    assert len(rows) == 4, "six tellings, four people"
    names = [c.name for c in listed.columns]
    by = {row[names.index("channels")]: row for row in rows}
    assert by["self-report, assistance between regions"][names.index("told")] == "3"
    assert by["self-report, assistance between regions"][names.index("age")] == "30 h"
    assert [row[names.index("state")] for row in rows].count("in no state") == 2
    none = Listed(SHEETS["traced"], look, RequestFactory().get("/", {"state": "none"}))
    assert none.rows.count() == 2
    assert Listed(SHEETS["traced"], look, RequestFactory().get("/", {"channel": "assistance"})).rows.count() == 1
    assert {bytes(r.person) for r in SHEETS["traced"].rows(world.look("taiping"))} >= {a, c}
    assert Listed(SHEETS["traced"], world.look("taiping"), RequestFactory().get("/")).rows.count() == 3, "the village sees its own"


def test_confirming_a_state_closes_the_hole_from_its_hour_on(world: World) -> None:
    _a, _b, c, _d = told(world)
    set_clock(SetClock(Instant(world.opens + HOUR)))
    sent(world, "tracing", VERBS["confirm_state"], {"person": c, "state": "observed"})
    set_clock(SetClock(Instant(world.opens + 2 * HOUR)))
    assert values(world)["traced_no_state"] == 1
    board = Board.of(world.look("commander"), world.incident)
    lines = {line.code: line.value for line in bridge(FIGURES["traced"], board)}
    assert lines["now"] == 4
    before = world.look("commander").at(world.look("commander").moment._replace(about=world.opens))
    assert FIGURES["traced_no_state"].value(Board.of(before, world.incident)) == 2
