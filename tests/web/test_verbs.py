"""The contract of every verb: who may not do it enters nothing, nor does who looks back or acts elsewhere; sent twice is once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from bulou.basis.facts import PostEstablished, PostHeld
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, format_local
from bulou.basis.words import LISTS
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Aside, Case, Contact, Entry, Envelope, Order
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.verb import VERBS, Refused, Verb, do
from bulou.register.models import Household, Stay, User
from bulou.register.roles import roles
from tests.web.test_pages import USERS
from tests.web.world import POOL, World, fresh_id, given, subjects

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
}  # fmt: skip


def who(name: str) -> str:
    """The first user of the demo whose role has the verb."""
    by_user = dict(zip(USERS, (
        "commander", "duty_officer", "tracing_lead", "investigator", "expert", "laboratory", "sampling_lead", "sampler", "isolation_lead",
        "data_clerk", "auditor", "town_lead", "village_lead", "grid_officer",
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
        case "record_stay":
            values["area"] = things["area"]
        case "withdraw" | "withdraw_result":
            values = {
                "target": bytes(CONTENT["tube.resulted"].objects.filter(tube=POOL).values_list("id", flat=True)[0]),
                "reason": "试 · test",
            }
    return user, {k: v for k, v in values.items() if k in kind.body._fields}


def sent(world: World, user: str, verb: Verb, values: dict[str, Any], *, id_: bytes | None = None, look: Any = None) -> Any:
    """Does a verb as its page does."""
    return do(verb, look or world.look(user), values, incident=world.incident, id_=id_ or new_id(world.opens))


def ready(world: World, name: str) -> None:
    """What must have happened before a verb is right: a consultation follows a positive recheck."""
    if name == "consult":
        user, values = good(world, "recheck")
        sent(world, user, VERBS["recheck"], values)


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
    for other in (*USERS, "nobody"):
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


# --- areas ------------------------------------------------------------------------------------------------------------
ELSEWHERE = "510117008"


def elsewhere(world: World, verb: Verb, values: dict[str, Any]) -> dict[str, Any]:
    """The same, about someone or something outside the areas of a town or village."""
    assert verb.about
    ref = KINDS[verb.kind].field(verb.about).ref  # type: ignore[union-attr]
    people = Stay.objects.filter(area__startswith=ELSEWHERE, void_seq=NEVER).exclude(household=None).order_by("person")
    person, home = people.values_list("person", "household")[0]
    thing = {"person": bytes(person), "household": bytes(home), "area": ELSEWHERE, "any": bytes(person).hex()}[ref or ""]
    return {**values, verb.about: thing}


def local_verbs() -> list[str]:
    """The verbs that posts of a part of the centre have."""
    local = set().union(*(roles()[r].verbs for r in ("town_lead", "village_lead", "grid_officer")))
    return sorted(local & set(VERBS))


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
