"""What verbs refuse because it would harm someone, and that nobody is called negative while a pool of theirs is open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from bulou.basis import facts as f
from bulou.basis.callupfacts import CallupPublished
from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.ownfacts import ObjectionDecided
from bulou.basis.pointfacts import PointNamed
from bulou.basis.signalfacts import SignalsClosed
from bulou.basis.soughtfacts import SearchAbandoned
from bulou.basis.time import DAY, Instant, parse_local
from bulou.basis.toldfacts import DetailSettled
from bulou.desks.command import verbs as command
from bulou.desks.command.verbs import DRAW_ZONE, EXCUSE, LIFT_ZONE
from bulou.desks.compare import verbs as joining
from bulou.desks.compare.verbs import IDENTIFY
from bulou.desks.testing.verbs import TAKE_SAMPLE
from bulou.desks.tracing import verbs as tracing
from bulou.desks.tracing.verbs import CONSULT, DIAGNOSE, END_ORDER, JUDGE_CONTACT, MAKE_ORDER, TELL
from bulou.gaps.pools import holds, open_tubes, state_of, status
from bulou.kit.verb import VERBS, Verb
from bulou.protocol.read import shipped
from bulou.protocol.rules import Facts, Protocol_

ZONE = ZoneInfo("Asia/Shanghai")
EDITION = shipped()["covid19/cn-7"]
PROTOCOL = Protocol_({EDITION.id: EDITION}, ZONE)
INCIDENT, P, Q, ZONE_ID, ORDER, PLACE = (named_id(n) for n in ("incident", "p", "q", "zone", "order", "place"))


def at(text: str) -> Instant:
    return parse_local(f"2020-12-{text}", ZONE)


NOW = at("09 09:00")
_count = iter(range(10_000))


def fact(kind: str, hour: str, body: Any) -> Fact:
    return Fact(named_id("fact", str(next(_count))), kind, at(hour), INCIDENT, body)


ADOPTED = fact("edition.adopted", "01 00:00", f.EditionAdopted(EDITION.id, "covid19", "d", EDITION.hash, "command"))
SIGNED = fact("authorisation.signed", "01 00:00", f.AuthorisationSigned(EDITION.id, "d", "hold", 24, "command"))
OPENED = fact("incident.opened", "01 00:00", f.IncidentOpened(INCIDENT, "covid19", "d", "事件", "incident", "outbreak"))
SHOP = fact("place.declared", "01 00:00", f.PlaceDeclared(PLACE, "店", "restaurant", "d"))
AREA = fact("area.declared", "01 00:00", f.AreaDeclared("d", None, "county", "区"))


def fields(declared: Verb, body: Any, *facts: Fact, now: Instant = NOW) -> set[str | None]:
    """The fields about which a verb's own checks refuse a body."""
    acting = SimpleNamespace(
        book=SimpleNamespace(facts=FactSet(facts)),
        at=now,
        now=now,
        incident=INCIDENT,
        looking=SimpleNamespace(protocol=PROTOCOL, zone=ZONE),
        chair=None,
    )
    return {problem.field for check in declared.check for problem in check(acting, body)}  # type: ignore[arg-type]  # what checks read of it


# --- zones ------------------------------------------------------------------------------------------------------------
SAFE = f.ZoneDrawn(
    zone=ZONE_ID, level="medium", name="区", name_en="zone", post="command", lane_minutes=12, fire_exits=True, vulnerable_listed=True,
    supplies="someone who leads",
)  # fmt: skip

#: What a zone rests on: an edition adopted and signed where its incident is.
RESTS = (AREA, OPENED, ADOPTED, SIGNED)


def test_a_zone_with_its_safeguards_is_drawn() -> None:
    assert fields(DRAW_ZONE, SAFE, *RESTS) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lane_minutes", None),
        ("lane_minutes", 0),
        ("lane_minutes", 61),
        ("fire_exits", False),
        ("vulnerable_listed", False),
        ("supplies", " "),
    ],
)
def test_a_zone_without_a_safeguard_is_refused(name: str, value: Any) -> None:
    assert fields(DRAW_ZONE, SAFE._replace(**{name: value}), *RESTS) == {name}


def test_a_temporary_zone_says_when_it_expires_and_no_zone_expires_before_it_begins() -> None:
    assert fields(DRAW_ZONE, SAFE._replace(level="temporary"), *RESTS) == {"expires"}
    assert fields(DRAW_ZONE, SAFE._replace(expires=NOW), *RESTS) == {"expires"}
    assert fields(DRAW_ZONE, SAFE._replace(level="temporary", expires=NOW + DAY), *RESTS) == set()


def test_a_zone_is_lifted_once_and_with_a_reason() -> None:
    drawn = fact("zone.drawn", "08 09:00", SAFE)
    lifted = fact("zone.lifted", "08 10:00", f.ZoneLifted(ZONE_ID, "clean", "command"))
    assert fields(LIFT_ZONE, lifted.body, drawn) == set()
    assert fields(LIFT_ZONE, lifted.body) == {"zone"}
    assert fields(LIFT_ZONE, lifted.body, drawn, lifted) == {"zone"}
    assert fields(LIFT_ZONE, lifted.body._replace(reason=" "), drawn) == {"reason"}


# --- orders and judgements --------------------------------------------------------------------------------------------
MADE = f.OrderMade(ORDER, P, "central", EDITION.id, "close", at("08 12:00"), at("09 09:00"), at("22 24:00"), "a contact", "tracing")


def test_an_order_rests_on_an_adopted_edition_and_has_its_reason_and_its_end() -> None:
    good = (AREA, OPENED, ADOPTED, SIGNED)
    assert fields(MAKE_ORDER, MADE, *good) == set()
    assert fields(MAKE_ORDER, MADE, AREA, OPENED) == {"edition"}
    assert fields(MAKE_ORDER, MADE._replace(reason=" "), *good) == {"reason"}
    assert fields(MAKE_ORDER, MADE._replace(ends=MADE.starts), *good) == {"ends"}
    assert fields(MAKE_ORDER, MADE._replace(ends=MADE.anchor + 61 * DAY), *good) == {"ends"}


#: What does not carry an order outside a demo: adopted and not signed; signed before it was adopted; signed for another area, or
#: another edition; adopted with a text that is not the one that is read.
BARE: dict[str, tuple[Fact, ...]] = {
    "not signed": (ADOPTED,),
    "signed before": (ADOPTED, SIGNED._replace(at=at("01 00:00") - 1)),
    "signed elsewhere": (ADOPTED, SIGNED._replace(body=SIGNED.body._replace(area="e"))),
    "another signed": (ADOPTED, SIGNED._replace(body=SIGNED.body._replace(edition="mers/who"))),
    "other text": (ADOPTED._replace(body=ADOPTED.body._replace(hash="0")), SIGNED),
}


@pytest.mark.parametrize("case", BARE)
def test_an_edition_not_adopted_and_signed_carries_no_order_outside_a_demo(case: str) -> None:
    assert fields(MAKE_ORDER, MADE, AREA, OPENED, *BARE[case]) == {"edition"}
    with override_settings(BULOU_DEMO="a scenario"):
        assert fields(MAKE_ORDER, MADE, AREA, OPENED, *BARE[case]) == set()


def test_orders_that_ask_for_no_signature_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: an order asks only whether its edition was adopted, as it once did."""
    monkeypatch.setattr(tracing, "may_carry", lambda *_: ())
    assert all(not fields(MAKE_ORDER, MADE, AREA, OPENED, *facts) for facts in BARE.values())


#: What restricts people, by the kind that does it, and a body of each; ``lift_zone`` and ``end_order`` free people and ask nothing.
CLOSING = PointNamed(PLACE, named_id("point"), NOW, NOW, "closed", "cases were there", "tracing", Instant(NOW + DAY))
RESTRICTS = {"order.made": MADE, "zone.drawn": SAFE, "point.named": CLOSING}


@pytest.mark.parametrize("case", BARE)
@pytest.mark.parametrize("name", [v.name for v in VERBS.values() if v.kind in RESTRICTS])
def test_whatever_restricts_rests_on_a_signed_edition(name: str, case: str) -> None:
    body = RESTRICTS[VERBS[name].kind]
    assert fields(VERBS[name], body, AREA, OPENED, SHOP, *BARE[case])
    assert fields(VERBS[name], body, AREA, OPENED, SHOP, *BARE[case], now=at("01 00:00") - 1), "nor before anything was adopted"
    with override_settings(BULOU_DEMO="a scenario"):
        assert not fields(VERBS[name], body, AREA, OPENED, SHOP, *BARE[case])


def test_every_verb_that_restricts_is_asked() -> None:
    assert {v.kind for v in VERBS.values()} & set(RESTRICTS) == set(RESTRICTS)


def test_a_zone_under_no_edition_is_refused_and_lifting_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fields(DRAW_ZONE, SAFE, AREA, OPENED) == {None}
    drawn = fact("zone.drawn", "08 09:00", SAFE)
    assert fields(LIFT_ZONE, f.ZoneLifted(ZONE_ID, "clean", "command"), drawn) == set()
    # Planted: zones that ask for no signature, as they once did.
    monkeypatch.setattr(command, "in_force_may_carry", lambda *_: ())
    assert not fields(DRAW_ZONE, SAFE, AREA, OPENED)


# --- an auditor is never an administrator, under whichever record ---------------------------------------------------------
def _seat(post: str, role: str, who: bytes) -> tuple[Fact, Fact]:
    chair = f.PostEstablished(post, role, "d", post, post, "单位", "unit", "120")
    return fact("post.established", "01 00:00", chair), fact("post.held", "01 00:00", f.PostHeld(post, who))


def test_two_records_are_not_joined_into_an_auditor_who_administers(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [fact("person.enrolled", "01 00:00", f.PersonEnrolled(who, "某", "d")) for who in (P, Q)]
    founded = fact("centre.founded", "01 00:00", f.CentreFounded("d", "中心", "centre"))
    seats = [*_seat("a", "auditor", P), *_seat("s", "administrator", Q), *_seat("c", "commander", named_id("chief"))]
    body = f.PersonIdentified(P, Q, "one document")
    assert fields(IDENTIFY, body, AREA, founded, *known, *seats) == {None}
    left = fact("post.left", "02 00:00", f.PostLeft("s", Q))
    assert fields(IDENTIFY, body, AREA, founded, *known, *seats, left) == set(), "once one of the two has ended"
    assert fields(IDENTIFY, body, AREA, founded, *known, *_seat("a", "auditor", P)) == set()
    # Planted: nobody asks which chairs the two hold.
    monkeypatch.setattr(joining, "apart", lambda *_: [])
    assert fields(IDENTIFY, body, AREA, founded, *known, *seats) == set()


def test_nobody_is_judged_who_was_not_named() -> None:
    judged = f.ContactJudged(P, "close", "same table", "tracing")
    named = fact("contact.named", "09 08:00", f.ContactNamed(P, Q, at("08 12:00"), "meal"))
    assert fields(JUDGE_CONTACT, judged) == {"person"}
    assert fields(JUDGE_CONTACT, judged, named) == set()
    assert fields(JUDGE_CONTACT, judged, named._replace(incident=named_id("elsewhere"))) == {"person"}


def test_each_step_to_a_diagnosis_waits_for_the_one_before() -> None:
    read = fact("recheck.read", "09 07:00", f.RecheckRead(P, "positive", "tracing"))
    held = fact("consultation.held", "09 08:00", f.ConsultationHeld(P, "case", "expert"))
    assert (fields(CONSULT, held.body), fields(CONSULT, held.body, read)) == ({"person"}, set())
    diagnosed = f.CaseDiagnosed(person=P, status="confirmed", how_found="contact", post="expert")
    assert (fields(DIAGNOSE, diagnosed, read), fields(DIAGNOSE, diagnosed, read, held)) == ({"person"}, set())


@pytest.mark.parametrize("name", [v.name for v in VERBS.values() if v.warning and "reason" in v.fields and v.check])
def test_whatever_restricts_someone_and_asks_for_a_reason_wants_one(name: str) -> None:
    bodies = {
        "judge_contact": f.ContactJudged(P, "close", " ", "t"),
        "make_order": MADE._replace(reason=" "),
        "decide_objection": ObjectionDecided(P, named_id("objection"), "rejected", " ", "t"),
        "identify": f.PersonIdentified(P, Q, " "),
        "name_point": CLOSING._replace(reason=" "),
        "join_incidents": f.IncidentJoined(named_id("another"), INCIDENT, " "),
        "open_incident": OPENED.body._replace(incident=named_id("another"), reason=" "),
        "close_incident": f.IncidentClosed(INCIDENT, "t", " "),
        "publish_callup": CallupPublished("d", named_id("callup"), " ", NOW, NOW, NOW, "line", " ", "tracing"),
        "close_signals": SignalsClosed("d", named_id("source"), " ", "tracing"),
        "settle_detail": DetailSettled(P, "workplace", named_id("a word"), " ", "tracing"),
        "abandon_search": SearchAbandoned(P, " ", "tracing"),
        "offer_charge": f.ChargeOffered(named_id("charge"), P.hex(), "territory", " ", "t", to_area="d"),
        **{v.name: f.FactWithdrawn(named_id("target"), " ") for v in VERBS.values() if v.kind == "fact.withdrawn"},
    }
    assert "reason" in fields(VERBS[name], bodies[name], AREA, OPENED, SHOP, ADOPTED, SIGNED)


def test_an_order_ended_and_a_duty_excused_say_why() -> None:
    assert fields(END_ORDER, f.OrderEnded(ORDER, " ", "tracing")) == {"reason"}
    assert fields(EXCUSE, f.DutyExcused(P.hex(), "close.test", " ", "tracing")) == {"reason"}


# --- pools ------------------------------------------------------------------------------------------------------------
TOLD = [
    AREA, OPENED, ADOPTED,
    fact("sample.taken", "08 08:00", f.SampleTaken(P, "T", "covid19", 10)), fact("sample.taken", "08 08:01", f.SampleTaken(Q, "T", "covid19", 10)),
    fact("tube.resulted", "08 20:00", f.TubeResulted("T", "covid19", "positive")),
    fact("sample.taken", "08 21:00", f.SampleTaken(P, "S1", "covid19", 1)), fact("tube.resulted", "09 02:00", f.TubeResulted("S1", "covid19", "negative")),
    fact("sample.taken", "08 22:00", f.SampleTaken(Q, "S2", "covid19", 1)), fact("tube.resulted", "09 03:00", f.TubeResulted("S2", "covid19", "negative")),
    fact("tube.resulted", "09 06:00", f.TubeResulted("T", "covid19", "negative", "rerun")),
]  # fmt: skip
HOURS = [f"{day:02d} {hour:02d}:30" for day in (8, 9) for hour in range(24)]


def last_swab(facts: Facts, _protocol: Protocol_, _zone: ZoneInfo, person: bytes, hour: Instant) -> str:
    """The planted bug: what was read last of someone is what they are."""
    swabs = sorted((x for x in facts.by("sample.taken", "person", person) if x.at <= hour), key=lambda x: x.at)
    read = [r for r in facts.by("tube.resulted", "tube", swabs[-1].body.tube) if r.at <= hour] if swabs else []
    return str(read[-1].body.result) if read else "sampled"


def called_negative_too_early(say: Any) -> list[str]:
    """The hours at which someone is called negative while a pool of theirs is open, over the story known up to each fact."""
    wrong = []
    for n in range(1, len(TOLD) + 1):
        known = FactSet(TOLD[:n])
        for hour in HOURS:
            for person in (P, Q):
                open_ = open_tubes(known, PROTOCOL, ZONE, person, at(hour))
                if open_ and say(known, PROTOCOL, ZONE, person, at(hour)) == "negative":
                    wrong.append(f"{hour} after {n} facts")
    return wrong


def test_nobody_is_negative_while_a_pool_of_theirs_is_open() -> None:
    assert called_negative_too_early(status) == []
    assert called_negative_too_early(last_swab), "the control says it too early"


def test_the_pool_is_resolved_by_its_re_run_and_then_they_are_negative() -> None:
    known = FactSet(TOLD)
    words = [state_of(known, PROTOCOL, ZONE, "T", at(h)) for h in ("08 20:30", "09 05:30", "09 06:30")]
    assert [w.word(at(h)) for w, h in zip(words, ("08 20:30", "09 05:30", "09 06:30"), strict=True) if w] == ["open", "open", "resolved"]
    assert [status(known, PROTOCOL, ZONE, P, at(h)) for h in ("09 05:30", "09 06:30")] == ["pool_open", "negative"]


def test_a_pool_under_no_edition_is_open_and_not_forgotten() -> None:
    known = FactSet([t for t in TOLD if t.kind != "edition.adopted"])
    assert status(known, PROTOCOL, ZONE, P, at("09 07:00")) == "pool_open"


def test_whoever_is_in_an_open_pool_is_swabbed_alone() -> None:
    known = TOLD[:6]
    pooled, alone = f.SampleTaken(P, "T2", "covid19", 10), f.SampleTaken(P, "T2", "covid19", 1)
    assert "person" in fields(TAKE_SAMPLE, pooled, *known)
    assert "person" not in fields(TAKE_SAMPLE, alone, *known)


def test_nobody_is_told_of_a_release_while_another_hold_runs() -> None:
    """P was swabbed into two tubes: the first is cleared, the second still holds P, until its hours are over."""
    signed = fact("authorisation.signed", "01 00:00", f.AuthorisationSigned(EDITION.id, "d", "hold", 24, "chief"))
    sampled = [fact("sample.taken", "08 08:00", f.SampleTaken(P, tube, "covid19", 10)) for tube in ("T1", "T2")]
    single = fact("sample.taken", "08 11:00", f.SampleTaken(P, "T3", "covid19", 1))
    read = [
        fact("tube.resulted", hour, f.TubeResulted(tube, "covid19", result, run))
        for hour, tube, result, run in (
            ("08 10:00", "T1", "positive", "first"), ("08 13:00", "T1", "negative", "rerun"), ("08 13:00", "T3", "negative", "first"),
            ("08 12:00", "T2", "grey", "first"),
        )
    ]  # fmt: skip
    known = (ADOPTED, OPENED, AREA, signed, *sampled, single, *read)
    release, hold = f.NoticeGiven(P, "release", "chief"), f.NoticeGiven(P, "hold", "chief")
    assert holds(FactSet(known), PROTOCOL, ZONE, P, at("08 12:30")) == [("T1", at("08 13:00")), ("T2", at("09 12:00"))]
    assert holds(FactSet(known), PROTOCOL, ZONE, P, at("08 14:00")) == [("T2", at("09 12:00"))]
    assert fields(TELL, release, *known, now=at("08 14:00")) == {"about"}
    assert fields(TELL, hold, *known, now=at("08 14:00")) == set()
    assert fields(TELL, release, *known, now=at("09 12:00")) == set(), "no hold runs longer than a day"
    assert fields(TELL, release, *known[:-1], now=at("08 14:00")) == set(), "with the first tube alone P is free"
    unsigned = [k for k in known if k is not signed]
    assert fields(TELL, release, *unsigned, now=at("08 14:00")) == set(), "without an authorisation nobody is held"
