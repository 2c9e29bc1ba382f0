"""The contract of every verb: who may not do it enters nothing, nor does who looks back or acts elsewhere; sent twice is once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from bulou.basis.facts import AreaDeclared, AreaSpanned, IncidentOpened, OrderMade, PlaceDeclared, PostEstablished, PostHeld
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, day_of, format_local
from bulou.basis.words import LISTS
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Aside, Case, Contact, Entry, Envelope, Order
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.verb import VERBS, Refused, Verb, do
from bulou.register.models import Household, Stay, User
from bulou.register.roles import roles
from tests.run import drawn
from tests.web.test_pages import USERS
from tests.web.world import FAR_SHIFT, LETTER_IN, LETTER_OUT, LISTED, POOL, SHIFT_ID, World, fresh_id, given, subjects

ZONE = {
    "level": "medium", "name": "试划区", "name_en": "trial zone", "notice": "", "expires": None, "lane_minutes": 20, "fire_exits": True,
    "vulnerable_listed": True, "supplies": "合成 · synthetic", "synthetic": False,
}  # fmt: skip
#: For each field that a form asks for, a value that will do.
VALUES: dict[str, Any] = {
    "reason": "试 · test", "note": "试 · test", "day": "2020-12-09", "findings": 0, "symptoms": 0, "outcome": None, "capacity": 10, "area": "510117001",
    "finding": None, "about": None, "words": "试", "certainty": None, "on": "2020-12-05", "inferred": False, "result": "positive", "conclusion": "case",
    "status": "confirmed", "severity": None, "how_found": None, "control": None, "label": "", "measure": "central", "room": "312", "temperature": 36.5,
    "ring": "close", "nature": "temporary", "name": "试某某", "sex": "female", "born_on": None, "document_kind": "none", "document": None, "phone": None,
    "tube": "NEW-001", "run": "first", "ct_orf": None, "ct_n": None, "until": None, "notice": None,
    "other": named_id("another person of the tests"), "differ": 1, "sites": 29000, "digest": "0" * 64,
}  # fmt: skip


#: A functional area of the tests.
PARK = "510117-PARK"
OBJECTION = named_id("an objection of the tests")
PAGE = named_id("a person's own page of the tests")
OTHER_INCIDENT = named_id("another incident of the tests")
OFFERED, PLACE, FAR_PLACE = named_id("a charge of the tests"), named_id("a place of the tests"), named_id("a place far away")


def who(name: str) -> str:
    """The first user of the demo whose role has the verb."""
    by_user = dict(zip(USERS, (
        "commander", "duty_officer", "tracing_lead", "investigator", "expert", "laboratory", "sampling_lead", "sampler", "isolation_lead",
        "data_clerk", "auditor", "town_lead", "village_lead", "grid_officer", "administrator",
    ), strict=True))  # fmt: skip
    return next(u for u in USERS if name in roles()[by_user[u]].verbs)


def near(world: World, user: str) -> dict[str, Any]:
    """Things that lie in the areas of a user's post, by type of reference."""
    found = subjects(world)
    codes = world.look(user).scope.codes
    if codes is not None:
        stays = Stay.objects.filter(area__in=codes, void_seq=NEVER).exclude(household=None).order_by("person")
        found["person"] = bytes(stays.values_list("person", flat=True)[0])
        homes = Household.objects.filter(area__in=codes, void_seq=NEVER).order_by("household")
        found["household"] = bytes(homes.values_list("household", flat=True)[0])
        found["area"] = sorted(codes, key=len)[0]
        found["any"] = found["person"].hex()
    return found


def good(world: World, name: str) -> tuple[str, dict[str, Any]]:
    """A user who may do a verb, and values for which it is done."""
    verb, user = VERBS[name], who(name)
    kind, things = KINDS[verb.kind], near(world, user)
    values: dict[str, Any] = {}
    for f in kind.fields:
        if f.name == "post":
            continue
        if f.name in VALUES and (f.name in verb.fields or f.ref not in things):
            values[f.name] = VALUES[f.name]
        elif f.ref in things and not f.optional:
            values[f.name] = things[f.ref]
        elif f.name in ("rule", "disease", "step", "edition"):
            values[f.name] = {"rule": "contact.judge", "disease": "covid19", "step": "testing", "edition": "covid19/cn-7"}[f.name]
        elif f.optional:
            values[f.name] = kind.body._field_defaults.get(f.name)
        if f.words and values.get(f.name) not in LISTS[f.words] and not f.optional:
            values[f.name] = next(iter(LISTS[f.words]))
        if f.type == "bool" and not f.optional:
            values[f.name] = False
    match name:
        case "establish_post":
            values |= {
                "post": "zz.new",
                "role": "grid_officer",
                "area": things["area"],
                "name": "岗",
                "name_en": "post",
                "unit": "组",
                "unit_en": "unit",
            }
        case "offer_post" | "appoint" | "relieve":
            values |= {"post": "grid.510117001218", "holder": things["person"], "acting": name == "appoint", "until": None}
            if name == "appoint":
                values["until"] = world.opens + DAY
            if name == "relieve":
                values["holder"] = bytes(User.objects.get(username="grid").holder or b"")
        case "change_account":
            values |= {"change": "reset", "holder": bytes(User.objects.get(username="sampler").holder or b"")}
        case "adopt_edition":
            edition = centre().protocol.editions["covid19/cn-7"]
            values |= {"edition": edition.id, "disease": edition.disease, "area": things["area"], "hash": edition.hash, "incident": None}
        case "sign_edition":
            values |= {"edition": "covid19/cn-7", "area": things["area"], "measure": "hold", "hours": 24}
        case "set_cut_off":
            values |= {"cut_off": "18:00"}
        case "lay_across" | "lift_across":
            values |= {"area": PARK, "member": "510117001"}
        case "open_shift":
            role = {"sampling": "sampler", "tracing": "investigator"}.get(user, "visitor")
            values |= {
                "shift": new_id(world.opens),
                "role": role,
                "name": "点",
                "seats": 5,
                "starts": world.opens,
                "ends": world.opens + 8 * HOUR,
            }
        case "begin_call" | "assign_call":
            values |= {"caller": bytes(User.objects.get(username=user).holder or b""), "begun": name == "begin_call"}
        case "make_call":
            values |= {"outcome": "reached", "whose": "own"}
        case "name_point":
            values |= {"point": new_id(world.opens), "since": world.opens - DAY, "until": world.opens - HOUR, "held": "closed",
                       "closed_until": world.opens + DAY}  # fmt: skip
        case "sample_surfaces":
            values |= {"stage": "before", "samples": 12}
        case "read_surfaces":
            values |= {"stage": "after", "result": "negative", "positive": 0, "negative": 12}
        case "compare_sequences":
            values |= {"other": another(values["person"]), "differ": 3, "sites": 29_000}
        case "tell_symptoms":
            values |= {"day": "2020-12-06", "signs": "fever cough"}
        case "tell_detail":
            values |= {"detail": "workplace", "said": "试 · test"}
        case "settle_detail":
            word = CONTENT["detail.told"].objects.order_by("entry", "id").values_list("id", "person", "detail")[0]
            values |= {"chosen": bytes(word[0]), "person": bytes(word[1]), "detail": word[2]}
        case "publish_callup":
            values |= {"callup": new_id(world.opens), "public": "某茶馆", "since": world.opens - 3 * HOUR, "until": world.opens - HOUR,
                       "ends": world.opens + DAY, "reply_to": "19900000000", "area": things["area"]}  # fmt: skip
        case "answer_callup":
            values |= {"via": "hotline"}
        case "open_signals":
            day = day_of(Instant(world.opens), world.look("tracing").zone)
            values |= {"source": new_id(world.opens), "source_kind": "fever_clinic", "name": "某医院", "purpose": "随访", "first_day": day, "last_day": day,
                       "ends": world.opens + DAY, "forget_by": world.opens + 7 * DAY}  # fmt: skip
        case "note_signal":
            values |= {"signal": new_id(world.opens), "area": "510117001218", "day": day_of(Instant(world.opens), world.look("tracing").zone), "name": "某乙",
                       "forget_by": world.opens + 10 * DAY}  # fmt: skip
        case "follow_signal":
            values |= {"outcome": "well"}
        case "close_signals":
            values |= {"area": "510117"}
        case "withdraw_callup":
            values |= {"area": "510117001218"}
        case "reopen_point":
            values |= {"point": left_open(world)}
        case "ask_visits":
            told = {"basis": "函 · letter", "cases": 1, "since": world.opens - DAY, "until": world.opens, "read": 10, "found": 0}
            values |= told | {"account": user}
        case "end_shift":
            values |= {"shift": SHIFT_ID, "person": None}
        case "declare_place":
            values |= {"place": new_id(world.opens), "name": "试点位", "nature": "sampling"}
        case "draw_zone":
            values |= {**ZONE, "zone": new_id(world.opens)}
        case "order_make" | "make_order":
            now = world.opens
            values |= {"order": new_id(now), "anchor": now - DAY, "starts": now, "ends": now + 13 * DAY, "replaces": None}
        case "enrol":
            values |= {"person": new_id(world.opens), "area": things["area"], "household": None, "nature": "residence"}
        case "name_contact":
            values |= {"met": bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]),
                       "exposed_until": world.opens - HOUR, "exposed_from": None, "place": None, "setting": "meal"}  # fmt: skip
        case "review_pool" | "receive_tube":
            values["tube"] = POOL
        case "take_sample":
            values |= {"capacity": 1, "tube": "NEW-S1", "place": None, "code_of": None}
        case "end_order":
            values["order"] = bytes(Order.objects.filter(void_seq=NEVER).order_by("order").values_list("order", flat=True)[0])
        case "consult" | "diagnose" | "report_case" | "recheck" | "complete_investigation":
            # A case that has come as far as this step asks for.
            rows = Case.objects.filter(void_seq=NEVER, diagnosed_at__lte=world.opens).order_by("person")
            values["person"] = bytes(rows.values_list("person", flat=True)[0])
        case "offer_charge":
            values |= {"charge": new_id(world.opens), "party": "territory", "to_area": "510117005", "to_post": None}
        case "accept_charge" | "decline_charge":
            values["charge"] = OFFERED
        case "set_roster":
            values |= {"post": things["post"], "on_from": "08:00", "on_until": "20:00", "holder": None, "until": None}
        case "record_document":
            values |= {"document_kind": "passport", "document": "E12345678"}
        case "amend_person":
            values |= {"phone": "19900000001", "name": None, "born_on": None, "sex": None, "source": "来电 · a call"}
        case "explain_difference":
            values |= {"difference": "0123456789abcdef", "cut_off": "20:00"}
        case "pass_difference":
            values |= {"difference": "0123456789abcdef", "to_post": "town.510117008", "to_area": None}
        case "reopen_difference":
            values = {"target": said_once(world, "explain_difference", SAID), "reason": "试 · test"}
        case "undo_entry":
            told = "amend_person" if world.look(user).viewer.may("amend_person") else "record_visit"
            values = {"target": said_once(world, told, AMENDED, user), "reason": "试 · test"}
        case "head_household":
            row = Stay.objects.filter(household=things["household"], void_seq=NEVER).order_by("person")
            values["person"] = bytes(row.values_list("person", flat=True)[0])
        case "record_work" | "end_work":
            values |= {"place": PLACE, "until": None}
        case "count_list":
            values |= {"area": things["area"], "source": "school", "listed": 40, "matched": 38}
        case "draw_revisit":
            values |= {"area": things["area"], "many": 5}
        case "record_revisit":
            values |= {"living": 4, "matched": 3}
        case "record_stay":
            values["area"] = things["area"]
        case "print_doors":
            values = {
                "area": things["area"],
                "what": "all",
                "account": user,
                "rows": 9,
                "upto": 1,
                "digest": "-",
                "until": world.opens + DAY,
            }
        case "give_page":
            values["until"] = world.opens + DAY
        case "close_page":
            values["page"] = PAGE
        case "raise_objection" | "decide_objection":
            made = Order.objects.filter(void_seq=NEVER, over_at__gt=world.opens).order_by("order").values_list("order", "person")[0]
            values |= {"person": bytes(made[1]), "objection": OBJECTION}
            values |= (
                {"channel": "hotline", "order": bytes(made[0]), "zone": None} if name == "raise_objection" else {"outcome": "rejected"}
            )
        case "join_incidents":
            values = {"incident": OTHER_INCIDENT, "into": world.incident, "reason": "试 · test"}
        case "open_incident":
            values |= {"incident": new_id(world.opens), "disease": "covid19", "area": "510117", "nature": "outbreak", "name": "12·10 试", "name_en": "12·10 test",
                       "reason": "试 · test", "trigger": None}  # fmt: skip
        case "close_incident":
            values = {"incident": OTHER_INCIDENT, "reason": "试 · test"}
        case "send_letter":
            values |= {"letter": new_id(world.opens), "to": "乙区疾控", "follows": None}
        case "answer_letter":
            sent_of = CONTENT["letter.sent"].objects.get(letter=LETTER_OUT)
            values |= {"letter": LETTER_OUT, "person": bytes(sent_of.person), "outcome": "accepted"}
        case "receive_letter":
            values |= {"letter": new_id(world.opens), "sender": "丙市", "name": "某某", "area": things["area"]}
        case "match_letter":
            values |= {"letter": LETTER_IN}
        case "seek_person":
            values |= {"words": "红衣男,5号桌"}
        case "found_person":
            values |= {"name": "某丙", "document_kind": "passport", "document": "E12345678", "phone": None, "words": "见证件"}
        case "decide_letter":
            values |= {"letter": LETTER_IN, "outcome": "unknown"}
        case "return_list":
            values = {"printed": LISTED, "outcome": "returned", "note": None}
        case "ask_export":
            values = {"account": user, "sheet": "people", "query": "-", "rows": 9, "purpose": "tracing", "reason": "试 · test"}
        case "decide_export":
            values = {"account": user, "granted": True, "request": asked(world), "reason": "试 · test", "until": world.opens + DAY}
        case "take_export":
            values = {"account": user, "request": ASKED}
        case "identify":
            values |= {"same_as": another(values["person"])}
        case "part":
            values = {"target": joined(world), "reason": "试 · test"}
        case "withdraw" | "withdraw_result":
            values = {
                "target": bytes(CONTENT["tube.resulted"].objects.filter(tube=POOL).values_list("id", flat=True)[0]),
                "reason": "试 · test",
            }
    return user, {k: v for k, v in values.items() if k in kind.body._fields}


def sent(world: World, user: str, verb: Verb, values: dict[str, Any], *, id_: bytes | None = None, look: Any = None) -> Any:
    """Does a verb as its page does."""
    return do(verb, look or world.look(user), values, incident=world.incident, id_=id_ or new_id(world.opens))


def another(person: bytes) -> bytes:
    """Somebody else who stays in the centre."""
    return next(
        bytes(p) for p in Stay.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True) if bytes(p) != person
    )


#: A difference that was explained, and a person put right, by which ids they are taken back.
SAID, AMENDED = named_id("difference explained"), named_id("person amended")


def said_once(world: World, name: str, id_: bytes, user: str = "") -> bytes:
    """A fact that a verb entered, there to be taken back; by a user whose post may do both."""
    if not Envelope.objects.filter(id=id_).exists():
        someone, values = good(world, name)
        sent(world, user or someone, VERBS[name], values, id_=id_)
    return id_


#: A risk point that was never closed: whoever re-opens it needs no samples.
LEFT_OPEN = named_id("a risk point that stays open")


def left_open(world: World) -> bytes:
    """A risk point of the tests that stays open."""
    if not Envelope.objects.filter(id=LEFT_OPEN).exists():
        user, values = good(world, "name_point")
        values |= {"point": LEFT_OPEN, "held": "stays_open", "closed_until": None}
        sent(world, user, VERBS["name_point"], values, id_=LEFT_OPEN)
    return LEFT_OPEN


#: Two people said to be one, by which id they are parted.
JOINED = named_id("two people joined")


def joined(world: World) -> bytes:
    """A fact that two people are one."""
    if not CONTENT["person.identified"].objects.filter(id=JOINED).exists():
        sent(world, "duty", VERBS["identify"], good(world, "identify")[1], id_=JOINED)
    return JOINED


#: An export that was asked for, by which id its decision and its taking find it.
ASKED = named_id("export asked for")


def asked(world: World) -> bytes:
    """A request for an export by someone who decides none."""
    values = {"account": "data", "sheet": "people", "query": "-", "rows": 9, "purpose": "reconciling", "reason": "试 · test"}
    sent(world, "data", VERBS["ask_export"], values, id_=ASKED)
    return ASKED


def ready(world: World, name: str) -> None:
    """What must have happened before a verb is right: a consultation follows a positive recheck."""
    if name in ("found_person", "abandon_search"):
        user, values = good(world, "seek_person")
        sent(world, user, VERBS["seek_person"], {**values, "person": good(world, name)[1]["person"]})
    if name == "decide_objection":
        user, values = good(world, "raise_objection")
        sent(world, user, VERBS["raise_objection"], values)
    if name in ("join_incidents", "close_incident"):
        opened = IncidentOpened(OTHER_INCIDENT, "covid19", "510117001", "12·09 郫筒", "12·09 Pitong", "outbreak")
        fact = Fact(OTHER_INCIDENT, "incident.opened", Instant(world.opens - 8 * DAY), OTHER_INCIDENT, opened)
        enter([fact], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    if name == "close_page":
        user, values = good(world, "give_page")
        sent(world, user, VERBS["give_page"], values, id_=PAGE)
    if name == "take_export":
        user, _values = good(world, name)
        values = {"account": user, "sheet": "people", "query": "-", "rows": 9, "purpose": "tracing", "reason": "试 · test"}
        sent(world, user, VERBS["ask_export"], values, id_=ASKED)
        decision = {"account": "commander", "granted": True, "request": ASKED, "reason": "试 · test", "until": world.opens + DAY}
        sent(world, "commander", VERBS["decide_export"], decision)
    if name == "consult":
        user, values = good(world, "recheck")
        sent(world, user, VERBS["recheck"], values)
    if name in ("accept_charge", "decline_charge"):
        user, values = good(world, "offer_charge")
        sent(world, user, VERBS["offer_charge"], {**values, "charge": OFFERED})
    if name in ("lay_across", "lift_across"):
        park = AreaDeclared(PARK, "510117", "functional", "试园区", "a park", official=False)
        laid = [Fact(new_id(world.opens), "area.declared", world.opens, None, park)]
        if name == "lift_across":
            laid.append(Fact(new_id(world.opens), "area.spanned", Instant(world.opens - HOUR), None, AreaSpanned(PARK, "510117001")))
        enter(laid, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    if name in ("record_work", "end_work"):
        place = Fact(PLACE, "place.declared", world.opens, None, PlaceDeclared(PLACE, "试场所", "worksite", "510117001"))
        enter([place], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    if name == "end_work":
        user, values = good(world, "record_work")
        sent(world, user, VERBS["record_work"], {**values, "person": good(world, "end_work")[1]["person"]})


def ledger() -> tuple[int, int]:
    return Envelope.objects.count(), Duty.objects.count()


def hidden(verb: Verb, values: dict[str, Any], zone: Any) -> dict[str, str]:
    """Values as a form sends them."""
    kind, found = KINDS[verb.kind], {}
    for f in kind.fields:
        value = values.get(f.name)
        if value is None or value is False:
            continue
        found[f.name] = to_text(value) if isinstance(value, bytes) else format_local(value, zone) if f.type == "instant" else str(value)
    return found


# --- rights -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", VERBS)
def test_every_verb_can_be_done(world: World, name: str) -> None:
    """By someone whose role has it, with values that are right: otherwise the refusals below would mean nothing."""
    ready(world, name)
    before = Envelope.objects.count()
    user, values = good(world, name)
    receipt = sent(world, user, VERBS[name], values)
    assert not receipt.refused
    assert Envelope.objects.count() > before


@pytest.mark.parametrize("name", VERBS)
def test_a_post_without_the_verb_enters_nothing(world: World, name: str) -> None:
    ready(world, name)
    verb = VERBS[name]
    _user, values = good(world, name)
    before = ledger()
    for other in (*drawn(USERS, "auditor", "grid", "laboratory", "duty"), "nobody"):
        look = world.look(other)
        if look.viewer.may(name):
            continue
        with pytest.raises(Refused) as refused:
            sent(world, other, verb, values)
        assert {(p.zh, p.en) for p in refused.value.problems} == {("您的岗位无此权限", "your post may not do this")}
        if not verb.page and other in ("auditor", "nobody", "grid"):
            data = {**hidden(verb, values, look.zone), "fact_id": fresh_id(world)}
            assert world.ask(other, reverse("do", kwargs={"name": name}), data=data).status == 404
    assert ledger() == before


def test_looking_back_enters_nothing(world: World) -> None:
    """Whatever is sent: the past is read. The hour that one looks at is in a cookie, or in the address."""
    for name in VERBS:
        good(world, name)  # what some need to be there
    before = ledger()
    for verb in VERBS.values():
        user, values = good(world, verb.name)
        look = world.look(user)
        data = {**hidden(verb, values, look.zone), "fact_id": fresh_id(world), "areas": ["510117001218"], "at": "2020-12-09 08:00"}
        if verb.page == "withdraw":
            url = reverse("withdraw", kwargs={"fact": to_text(values["target"])})
        else:
            url = reverse(verb.page) if verb.page else reverse("do", kwargs={"name": verb.name})
        seen = world.ask(user, f"{url}?about=2020-12-08+20:00&known=2020-12-08+20:00", data=data)
        assert seen.status == 404, verb.name
        client = world.client(user)
        client.cookies["bulou_moment"] = "2020-12-08 20:00|2020-12-08 20:00"
        assert world.ask(user, url, data=data, client=client).status == 404, verb.name
    assert ledger() == before


@pytest.mark.parametrize("name", ["part", "reopen_difference", "undo_entry", "withdraw_result"])
def test_what_takes_back_one_kind_takes_back_no_other(world: World, name: str) -> None:
    user, values = good(world, name)
    other = bytes(CONTENT["incident.opened"].objects.values_list("id", flat=True)[0])
    with pytest.raises(Refused):
        sent(world, user, VERBS[name], {**values, "target": other})


# --- areas ------------------------------------------------------------------------------------------------------------
ELSEWHERE = "510117008"


def elsewhere(world: World, verb: Verb, values: dict[str, Any]) -> dict[str, Any]:
    """The same, about someone or something outside the areas of a town or village."""
    assert verb.about
    ref = KINDS[verb.kind].field(verb.about).ref  # type: ignore[union-attr]
    people = Stay.objects.filter(area__startswith=ELSEWHERE, void_seq=NEVER).exclude(household=None).order_by("person")
    person, home = people.values_list("person", "household")[0]
    thing = {
        "person": bytes(person),
        "household": bytes(home),
        "area": ELSEWHERE,
        "any": bytes(person).hex(),
        "post": f"town.{ELSEWHERE}",
        "shift": FAR_SHIFT,
        "place": FAR_PLACE,
    }[ref or ""]
    return {**values, verb.about: thing}


def local_verbs() -> list[str]:
    """The verbs that posts of a part of the centre have."""
    local = set().union(*(roles()[r].verbs for r in ("town_lead", "village_lead", "grid_officer")))
    # Verbs about nothing that lies anywhere (a charge is answered by whoever it is offered to) have tests of their own.
    return sorted(v for v in local & set(VERBS) if VERBS[v].about)


def fit(world: World, name: str, values: dict[str, Any]) -> None:
    """What goes with whom a verb is about: who lives in that household, where that person works."""
    if name == "head_household":
        rows = Stay.objects.filter(household=values["household"], void_seq=NEVER).order_by("person")
        values["person"] = bytes(rows.values_list("person", flat=True)[0])
    if name == "open_shift":
        values["role"] = "visitor"  # what leaders of streets and villages open
    if name == "raise_objection":
        made = OrderMade(new_id(world.opens), values["person"], "home", "covid19/cn-7", "close", Instant(world.opens - DAY), Instant(world.opens - HOUR),
                         Instant(world.opens + DAY), "试 · test", "pidu.tracing")  # fmt: skip
        enter([Fact(made.order, "order.made", Instant(world.opens - HOUR), world.incident, made)], by="t", source="t", clock=centre().clock,
              protocol=centre().protocol)  # fmt: skip
        values |= {"order": made.order, "objection": made.order}
    if name == "close_page":
        values["page"] = new_id(world.opens)
        sent(world, who("give_page"), VERBS["give_page"], {"person": values["person"], "until": world.opens + DAY}, id_=values["page"])
    if name in ("close_point", "disinfect"):
        far = PlaceDeclared(FAR_PLACE, "远处", "market", ELSEWHERE)
        enter(
            [Fact(FAR_PLACE, "place.declared", world.opens, None, far)],
            by="t",
            source="t",
            clock=centre().clock,
            protocol=centre().protocol,
        )
    if name in ("record_work", "end_work"):
        ready(world, "record_work")
    if name == "end_work":
        sent(world, who("record_work"), VERBS["record_work"], {"person": values["person"], "place": PLACE, "until": None})


@pytest.mark.parametrize("name", local_verbs())
def test_entering_outside_ones_areas_is_refused_and_names_the_field(world: World, name: str) -> None:
    verb = VERBS[name]
    for user in ("pitong", "taiping", "grid"):
        look = world.look(user)
        if not look.viewer.may(name):
            continue
        _other, values = good(world, name)
        values = {k: near(world, user).get(KINDS[verb.kind].field(k).ref, v) if k == verb.about else v for k, v in values.items()}  # type: ignore[union-attr]
        if "area" in values and verb.about != "area":
            values["area"] = near(world, user)["area"]
        fit(world, name, values)
        before = ledger()
        wrong = elsewhere(world, verb, values)
        with pytest.raises(Refused) as refused:
            sent(world, user, verb, wrong)
        assert verb.about in {p.field for p in refused.value.problems}
        assert all(p.zh and p.en for p in refused.value.problems)
        if not verb.page:
            data = {**hidden(verb, wrong, look.zone), "fact_id": fresh_id(world)}
            assert world.ask(user, reverse("do", kwargs={"name": name}), data=data).status == 404
        assert ledger() == before
        with transaction.atomic():
            assert sent(world, user, verb, values).new
            transaction.set_rollback(True)


# --- twice ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", VERBS)
def test_the_same_form_sent_twice_is_entered_once(world: World, name: str) -> None:
    ready(world, name)
    verb = VERBS[name]
    user, values = good(world, name)
    look, id_ = world.look(user), new_id(world.opens)
    first = sent(world, user, verb, values, id_=id_, look=look)
    assert id_ in first.new
    before = ledger()
    try:
        second = sent(world, user, verb, values, id_=id_, look=look)
        assert id_ in second.same
        assert not second.new
    except Refused as refused:  # what stands already is a reason against entering it again
        assert all(p.zh and p.en for p in refused.problems)
    assert ledger() == before


def test_the_same_page_sent_twice_is_entered_once(world: World) -> None:
    for name in ("locate", "tell", "visit_household", "attempt", "send_report"):
        user, values = good(world, name)
        verb = VERBS[name]
        data = {**hidden(verb, values, world.look(user).zone), "fact_id": fresh_id(world), "at": "2020-12-09 08:30"}
        client = world.client(user)
        url = reverse("do", kwargs={"name": name})
        assert world.ask(user, url, data=data, client=client).status == 302, name
        before = ledger()
        assert world.ask(user, url, data=data, client=client).status == 302, name
        assert ledger() == before, name


@pytest.mark.landing
def test_a_form_without_its_id_or_with_nonsense_breaks_nothing(world: World) -> None:
    for verb in VERBS.values():
        user, values = good(world, verb.name)
        sent_ = hidden(verb, values, world.look(user).zone)
        if verb.page == "withdraw":
            url = reverse("withdraw", kwargs={"fact": to_text(values["target"])})
        else:
            url = reverse(verb.page) if verb.page else reverse("do", kwargs={"name": verb.name})
        nonsense = dict.fromkeys(sent_, "\x00'\"" + "x" * 300)
        for data in (
            {**sent_, "areas": ["510117001218"]},
            {**sent_, "fact_id": "no id", "areas": ["510117001218"], "person_id": "x"},
            {**nonsense, "fact_id": fresh_id(world)},
        ):
            with transaction.atomic():
                assert world.ask(user, url, data=data).status in (200, 302, 404, 422), (verb.name, data)
                transaction.set_rollback(True)


def test_a_form_sent_again_with_other_content_is_not_called_entered(world: World) -> None:
    """Sent, gone back to, changed and sent again: the first stands, the second is kept aside, and its sender is told."""
    user, values = good(world, "locate")
    data = {**hidden(VERBS["locate"], values, world.look(user).zone), "fact_id": fresh_id(world), "at": "2020-12-09 08:30"}
    url = reverse("do", kwargs={"name": "locate"})
    assert world.ask(user, url, data=data).status == 302
    seen = world.ask(user, url, "en", data={**data, "note": "changed"})
    assert seen.status == 422
    assert "this id is already taken by other content" in seen.text
    assert Aside.objects.count() == 1


def test_a_time_in_the_future_is_refused_and_named(world: World) -> None:
    for name in ("locate", "tell", "send_report"):
        user, values = good(world, name)
        with pytest.raises(Refused) as refused:
            do(VERBS[name], world.look(user), values, at=world.opens + 6 * MINUTE, incident=world.incident)
        assert [p.field for p in refused.value.problems] == ["at"]


# --- what restricts people --------------------------------------------------------------------------------------------
SAFEGUARDS = {
    "lane_minutes": (0, 61), "fire_exits": (False,), "vulnerable_listed": (False,), "supplies": ("", "  "),
}  # fmt: skip


def zone_form(world: World, **changed: Any) -> dict[str, Any]:
    form = {**ZONE, "areas": ["510117001218"], "at": "2020-12-09 08:55", "fact_id": fresh_id(world), "expires": "", **changed}
    return {k: v for k, v in form.items() if v is not False and v is not None and k != "synthetic"}


def test_a_zone_without_each_safeguard_is_refused_in_both_languages(world: World) -> None:
    before = ledger()
    said = {"lane_minutes": ("就医通道", "medical lane"), "fire_exits": ("消防通道", "fire exits"), "vulnerable_listed": ("名单", "list of people"),
            "supplies": ("物资保障", "supplies")}  # fmt: skip
    for field, values in SAFEGUARDS.items():
        for value in values:
            for i, language in enumerate(("zh", "en")):
                seen = world.ask("commander", reverse("zone-draw"), language, data=zone_form(world, **{field: value}))
                assert seen.status == 422
                problems = seen.text.split("text-danger", 1)[1] if "text-danger" in seen.text else ""
                assert problems, (field, value)
                if value not in ("", "  "):  # an empty field is refused by the form itself
                    assert said[field][i] in problems, (field, value, language)
    assert ledger() == before
    assert world.ask("commander", reverse("zone-draw"), data=zone_form(world)).status == 302
    assert ledger() != before
    drawn = CONTENT["zone.drawn"].objects.order_by("-entry").first()
    assert drawn is not None
    assert drawn.post == "pidu.command"


def test_pools_are_capped_by_the_edition(world: World) -> None:
    sample = VERBS["take_sample"]
    user, values = good(world, "take_sample")
    stays = Stay.objects.filter(area__startswith=ELSEWHERE, void_seq=NEVER).order_by("-person").values_list("person", flat=True)
    people = [bytes(p) for p in stays[:12]]
    for capacity in (2, 3, 11, 20):
        with pytest.raises(Refused) as refused:
            sent(world, user, sample, {**values, "person": people[0], "capacity": capacity})
        assert "capacity" in {p.field for p in refused.value.problems}
        with pytest.raises(Refused):
            sent(world, user, VERBS["open_tube"], {"tube": "NEW-2", "capacity": capacity, "area": ELSEWHERE, "place": None})
    full = {**values, "tube": "NEW-P1", "capacity": 5}
    for person in people[:5]:
        sent(world, user, sample, {**full, "person": person})
    with pytest.raises(Refused) as refused:
        sent(world, user, sample, {**full, "person": people[5]})
    assert [p.field for p in refused.value.problems] == ["tube"]
    with pytest.raises(Refused) as refused:
        sent(world, user, sample, {**full, "person": people[0]})
    assert [p.field for p in refused.value.problems] == ["person"]
    # The tube's own size holds, whatever a later form says.
    with pytest.raises(Refused):
        sent(world, user, sample, {**full, "capacity": 10, "person": people[6]})


def test_who_is_recalled_or_under_an_order_has_a_tube_alone(world: World) -> None:
    user, values = good(world, "take_sample")
    held = Contact.objects.filter(void_seq=NEVER, over_at__gt=world.opens, ring="close").order_by("person").values_list("person", flat=True)
    recalled = CONTENT["sample.taken"].objects.filter(tube=POOL).order_by("person").values_list("person", flat=True)
    for person in (bytes(held[0]), bytes(recalled[0])):
        with pytest.raises(Refused) as refused:
            sent(world, user, VERBS["take_sample"], {**values, "tube": "NEW-P2", "capacity": 10, "person": person})
        assert [p.field for p in refused.value.problems] == ["person"]
        assert sent(world, user, VERBS["take_sample"], {**values, "tube": f"S-{person.hex()[:6]}", "capacity": 1, "person": person}).new


def test_entries_say_who_did_it(world: World) -> None:
    user, values = good(world, "locate")
    seq = sent(world, user, VERBS["locate"], values).seq
    by = Entry.objects.get(seq=seq).by
    assert by.split(" ")[1] == user
    assert by.split(" ")[0] in {c.post for c in world.look(user).viewer.chairs}


def test_the_addresses_that_duties_give_fit_their_verbs(world: World) -> None:
    """What a duty's link already says is enough: the form asks for the rest and no reference is typed by hand."""
    for verb in VERBS.values():
        asked = {f.name for f in KINDS[verb.kind].fields if f.ref in ("person", "household", "order", "zone") and f.name in verb.fields}
        assert not asked, verb.name
        assert given(verb, subjects(world)) is not None


def test_of_two_chairs_the_one_acts_that_reaches_the_person(world: World) -> None:
    """Someone who holds two posts is not refused in the second's areas because the first comes first, and the entry says which."""
    user = User.objects.get(username="grid")
    near, far = "510117001218", "510117008"
    body = PostEstablished("zz.second", "village_lead", far, "第二岗", "second post", "安靖街道", "Anjing")
    facts = [
        Fact(new_id(world.opens), "post.established", Instant(world.opens - HOUR), None, body),
        Fact(new_id(world.opens), "post.held", Instant(world.opens - HOUR), None, PostHeld("zz.second", user.holder)),
    ]
    assert not enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol).refused
    look = world.look("grid")
    assert len([c for c in look.viewer.chairs if "locate" in c.role.verbs]) == 2
    for begins in (near, far):
        person = Stay.objects.filter(area__startswith=begins, void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]
        receipt = do(VERBS["locate"], look, {"person": bytes(person), "outcome": "staying", "note": None}, incident=world.incident)
        by = Entry.objects.get(seq=receipt.seq).by
        assert by.startswith("zz.second " if begins == far else f"{look.viewer.chairs[0].post} "), by


@pytest.mark.parametrize("name", ["enrol", "record_document"])
@pytest.mark.parametrize(
    ("kind", "number"),
    [("id_card", "510117199003071000"), ("id_card", "5101171990030710 00"), ("passport", "510117199003071000"), ("id_card", "5.10117E+17"),
     ("id_card", "5101171990A3071000"), ("id_card", "111111111111111111")],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_destroyed_is_refused_by_every_verb_as_by_every_list(
    world: World, name: str, kind: str, number: str
) -> None:
    user, values = good(world, name)
    with pytest.raises(Refused) as refused:
        do(VERBS[name], world.look(user), {**values, "document_kind": kind, "document": number})
    assert [p.field for p in refused.value.problems] == ["document"]
    do(VERBS[name], world.look(user), {**values, "document_kind": "id_card", "document": "11010519491231002X"})
