"""May this person pass here now: orders, zones and rules of places as of any hour; and planted doors, each caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bulou.basis import facts as f
from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, Instant, parse_local
from bulou.basis.words import Word
from bulou.gaps import passing as gaps
from bulou.gaps.answer import Posts
from bulou.gaps.passing import Door, Passing, passing, whom_to_call
from bulou.kit.verb import VERBS
from bulou.protocol.lint import Broken
from bulou.protocol.read import compile_edition, shipped
from bulou.protocol.rules import PassingRule, Protocol_

ZONE = ZoneInfo("Asia/Shanghai")
NINE = shipped()["covid19/cn-9"]
TESTED = PassingRule(
    "passing.place.hospital", "place", "hospital", "", "all", 48, Word("须有48小时内结果", "a result of 48 h"), "s", "unverified"
)
PROTOCOL = Protocol_({NINE.id: replace(NINE, passings=(*NINE.passings, TESTED))}, ZONE)
P, OTHER, INCIDENT, ZONE_ID, ORDER = (named_id(n) for n in ("p", "other", "incident", "zone", "order"))


def at(text: str) -> Instant:
    return parse_local(f"2022-08-{text}", ZONE)


def fact(kind: str, hour: str, body: Any) -> Fact:
    return Fact(named_id("fact", kind, hour, repr(body)), kind, at(hour), INCIDENT, body)


def area(code: str, parent: str | None) -> Fact:
    return fact("area.declared", "01 00:00", f.AreaDeclared(code, parent, "village", code))


GROUND = [
    area("d", None), area("v1", "d"), area("g1", "v1"), area("v2", "d"),
    fact("incident.opened", "01 00:00", f.IncidentOpened(INCIDENT, "covid19", "d", "事件", "incident", "outbreak")),
    fact("edition.adopted", "01 00:00", f.EditionAdopted(NINE.id, "covid19", "d", NINE.hash, "command")),
    fact("person.enrolled", "01 00:00", f.PersonEnrolled(P, "某", "g1")),
    fact("person.enrolled", "01 00:00", f.PersonEnrolled(OTHER, "某", "v2")),
]  # fmt: skip
MADE = fact(
    "order.made",
    "09 08:00",
    f.OrderMade(ORDER, P, "home", NINE.id, "secondary", at("08 12:00"), at("09 09:00"), at("15 24:00"), "r", "tracing"),
)


def drawn(level: str, expires: Instant | None = None) -> list[Fact]:
    body = f.ZoneDrawn(ZONE_ID, level, "区", "zone", "command", 12, True, True, "某", expires=expires)
    return [fact("zone.drawn", "09 10:00", body), fact("zone.extended", "09 10:00", f.ZoneExtended(ZONE_ID, "v1"))]


MARKET = Door("v2", "market")


def ask(facts: list[Fact], hour: str, door: Door = MARKET, person: bytes | None = P) -> Passing:
    return passing(FactSet([*GROUND, *facts]), PROTOCOL, person, door, at(hour))


def why(found: Passing) -> str:
    return found.bar.rule.name if found.bar else ""


# --- orders -----------------------------------------------------------------------------------------------------------
def test_an_order_holds_from_its_first_hour_until_its_end_and_not_a_second_longer() -> None:
    assert [ask([MADE], hour).passes for hour in ("09 08:59", "09 09:00", "15 23:59", "15 24:00")] == [True, False, False, True]
    found = ask([MADE], "10 12:00")
    assert found.bar is not None
    assert (why(found), found.bar.until, found.bar.post) == ("passing.order.home", at("15 24:00"), "tracing")
    assert ask([MADE], "10 12:00", person=OTHER).passes


def test_what_ends_an_order_opens_every_door() -> None:
    early = fact("order.ended", "11 10:00", f.OrderEnded(ORDER, "clean", "tracing"))
    assert [ask([MADE, early], hour).passes for hour in ("11 09:59", "11 10:00")] == [False, True]
    softer = fact(
        "order.made", "11 10:00", MADE.body._replace(order=named_id("later"), measure="monitoring", replaces=ORDER, starts=at("11 10:00"))
    )
    assert [ask([MADE, softer], hour).passes for hour in ("11 09:59", "11 10:00")] == [False, True], "who is monitored passes"
    taken_back = fact("fact.withdrawn", "11 10:00", f.FactWithdrawn(MADE.id, "wrong person"))
    assert ask([MADE, taken_back], "12 10:00").passes


def test_an_order_on_one_record_holds_the_person_and_parting_frees_the_other() -> None:
    one = fact("person.identified", "09 12:00", f.PersonIdentified(OTHER, P, "one document"))
    assert not ask([MADE, one], "10 12:00", person=OTHER).passes
    assert ask([MADE, one, fact("fact.withdrawn", "09 13:00", f.FactWithdrawn(one.id, "two people"))], "10 12:00", person=OTHER).passes


# --- zones ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "door", "person", "passes"),
    [
        ("high", Door("g1", "market"), P, False), ("high", Door("v2", "market"), P, False), ("medium", Door("g1", "market"), P, True),
        ("medium", Door("v2", "market"), P, False), ("medium", Door("v1", "gate"), P, False), ("medium", Door("v1", "market"), OTHER, False),
        ("medium", Door("v2", "market"), OTHER, True), ("low", Door("v2", "market"), P, True), ("low", Door("v1", "gate"), OTHER, True),
        ("medium", Door("v1", "gate"), None, False), ("medium", Door("v2", "gate"), None, True),
    ],
)  # fmt: skip
def test_a_door_and_a_zone(level: str, door: Door, person: bytes | None, passes: bool) -> None:
    assert ask(drawn(level), "09 12:00", door, person).passes is passes


def test_a_zone_ends_when_it_is_lifted_or_expires_and_an_area_that_left_it_is_free() -> None:
    lifted = fact("zone.lifted", "12 09:00", f.ZoneLifted(ZONE_ID, "command", "clean"))
    reduced = fact("zone.reduced", "12 09:00", f.ZoneReduced(ZONE_ID, "g1"))
    for end in ([*drawn("high"), lifted], [*drawn("high"), reduced], drawn("high", expires=at("12 09:00"))):
        assert [ask(end, hour).passes for hour in ("09 09:59", "09 10:00", "12 08:59", "12 09:00")] == [True, False, False, True]
    assert why(ask(drawn("high"), "10 09:00")) == "passing.zone.high.inside"
    bar = ask(drawn("high"), "10 09:00").bar
    assert bar is not None and bar.until is None, "until it is lifted: no hour is made up"


def test_of_two_the_one_that_ends_last_is_said() -> None:
    assert why(ask([MADE, *drawn("high", expires=at("11 09:00"))], "10 09:00")) == "passing.order.home"
    assert why(ask([MADE, *drawn("high")], "10 09:00")) == "passing.zone.high.inside"


# --- places and people nobody knows -----------------------------------------------------------------------------------
def swab(hour: str, result: str | None) -> list[Fact]:
    taken = fact("sample.taken", hour, f.SampleTaken(P, "T" + hour, "covid19", 10))
    return [taken] if result is None else [taken, fact("tube.resulted", hour[:3] + "20:00", f.TubeResulted("T" + hour, "covid19", result))]


def test_whoever_is_not_known_passes_unless_a_rule_of_the_place_says_otherwise() -> None:
    assert ask([MADE], "10 09:00", person=None).passes
    found = ask([], "10 09:00", Door("v2", "hospital"), None)
    assert (found.passes, why(found)) == (False, "passing.place.hospital")


def test_a_place_that_asks_for_a_result() -> None:
    door = Door("v2", "hospital")
    assert not ask(swab("09 10:00", None), "10 09:00", door).passes, "sampled is not negative"
    assert not ask(swab("09 10:00", "positive"), "10 09:00", door).passes
    assert ask(swab("09 10:00", "negative"), "10 09:00", door).passes
    assert not ask(swab("09 10:00", "negative"), "11 10:01", door).passes, "older than the hours asked for"
    assert not ask(swab("09 10:00", "negative"), "09 19:00", door).passes, "not read yet at that hour"


# --- whom to call -----------------------------------------------------------------------------------------------------
def test_whom_to_call_is_whoever_signed_and_else_whoever_is_awake() -> None:
    chairs = [
        fact("post.established", "01 00:00", f.PostEstablished(post, post, area_, post, post, "u", "u", phone))
        for post, area_, phone in (("tracing", "d", "6001"), ("town", "d", "6002"), ("command", "d", "6003"))
    ]
    held = [fact("post.held", "01 00:00", f.PostHeld(post, named_id(post))) for post in ("tracing", "town", "command")]
    answers = {n: (n,) for n in ("tracing", "town", "command")}
    bar = ask([MADE], "10 12:00").bar
    assert bar is not None

    def phone(*left: Fact) -> str | None:
        chair = whom_to_call(Posts([*chairs, *held, *left], answers), bar, ["v2", "d"], at("10 12:00")).chair
        return chair.phone if chair else None

    assert phone() == "6001"
    gone = [fact("post.left", "02 00:00", f.PostLeft(p, named_id(p))) for p in ("tracing", "town")]
    assert (phone(gone[0]), phone(*gone)) == ("6002", "6003")


def test_whom_to_call_has_a_telephone_where_anybody_has_one() -> None:
    bar = ask([MADE], "10 12:00").bar
    assert bar is not None
    answers = {n: (n,) for n in ("town", "command")}
    held = [fact("post.held", "01 00:00", f.PostHeld(post, named_id(post))) for post in answers]

    def called(**phones: str | None) -> str | None:
        chairs = [
            fact("post.established", "01 00:00", f.PostEstablished(post, post, "d", post, post, "u", "u", phones[post])) for post in answers
        ]
        chair = whom_to_call(Posts([*chairs, *held], answers), bar, ["v2", "d"], at("10 12:00")).chair
        return chair.post if chair else None

    assert called(town="6002", command="6003") == "town"
    assert called(town=None, command="6003") == "command", "a number that nobody can dial helps nobody"
    assert called(town=None, command=None) == "town"


# --- what an edition may say at a door --------------------------------------------------------------------------------
BLUE = """[edition]
id = "blue/one"
disease = "blue"
title = {{ zh = "一", en = "one" }}
disease_title = {{ zh = "蓝热", en = "blue fever" }}
authority = {{ zh = "某", en = "someone" }}
valid_from = "2020-01-01"
[recall.locate]
within = "1 h"
source = "s"
status = "unverified"
[[passing]]
{passing}
source = "s"
status = "unverified"
"""
SAYS = 'says = { zh = "请留在住处", en = "Please stay at home" }'


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f'order = "home"\nzone = "high"\n{SAYS}', "order"), (f'order = "hom"\n{SAYS}', "order"), (f'zone = "high"\n{SAYS}', "who"),
        (f'order = "home"\nwho = "inside"\n{SAYS}', "who"), (f'place = "hospital"\n{SAYS}', "tested_hours"),
        (f'order = "home"\nscore = 3\n{SAYS}', "score"), ('order = "home"\nsays = { zh = "密接请留在住处", en = "Stay" }', "says"),
        ('order = "home"\nsays = { zh = "请留", en = "Stay: you tested positive" }', "says"),
        ('order = "home"\nsays = { zh = "请留", en = "Stay: blue fever" }', "says"),
    ],
)  # fmt: skip
def test_a_planted_mistake_at_a_door_is_told(text: str, key: str) -> None:
    with pytest.raises(Broken) as broken:
        compile_edition(BLUE.format(passing=text), "blue/one.toml")
    assert key in {m.key for m in broken.value.mistakes}


def test_a_door_is_read_from_an_edition() -> None:
    edition = compile_edition(BLUE.format(passing=f'order = "home"\n{SAYS}'), "blue/one.toml")
    assert [(r.name, r.says.en) for r in edition.passings] == [("passing.order.home", "Please stay at home")]


# --- no block but orders and zones --------------------------------------------------------------------------------------
def test_nothing_else_closes_a_door() -> None:
    """Loops over the kinds and verbs: no fact of another kind closes a door, and what does is one person's order or a signed zone."""
    assert {rule.when for e in shipped().values() for rule in e.passings} <= {"order", "zone", "place"}
    closes = {"order.made", "zone.drawn", "zone.extended", "edition.adopted"}
    by = {v.name for v in VERBS.values() if v.kind in closes}
    assert by == {"make_order", "draw_zone", "adopt_edition"}
    people = [x.name for x in KINDS["order.made"].fields if x.ref == "person"]
    assert people == ["person"], "an order is on one person: there is no order on a list"
    for kind in KINDS.values():
        assert not {x.name for x in kind.fields} & {"block", "blocked", "flag", "colour", "color", "score", "code_colour"}, kind.name


# --- planted doors ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "planted", "test"),
    [
        ("order_over", lambda facts, made: Instant(made.body.ends + DAY), test_an_order_holds_from_its_first_hour_until_its_end_and_not_a_second_longer),
        ("order_over", lambda facts, made: Instant(made.body.ends), test_what_ends_an_order_opens_every_door),
        ("_zone_over", lambda facts, made: at("30 00:00"), test_a_zone_ends_when_it_is_lifted_or_expires_and_an_area_that_left_it_is_free),
        ("_tested", lambda *_: True, test_a_place_that_asks_for_a_result),
        ("_place", lambda *_: (), test_whoever_is_not_known_passes_unless_a_rule_of_the_place_says_otherwise),
    ],
)  # fmt: skip
def test_a_planted_door_is_caught(name: str, planted: Any, test: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, name, planted)
    with pytest.raises(AssertionError):
        test()
