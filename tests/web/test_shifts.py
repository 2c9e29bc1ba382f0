"""The shift pass: who joins sees the point and nothing else, at its hours and no other, on their own phone and no other."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bulou.basis.facts import ShiftOpened
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, MINUTE, Instant, SetClock
from bulou.duties.enter import enter
from bulou.duties.rebuild import check
from bulou.evidence.models import CONTENT, Entry, Envelope
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, set_clock
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused, do
from bulou.register import passes
from bulou.register.models import Household, Person, Seat, Shift, ShiftPass, Stay, User
from bulou.register.scope import on_shift
from tests.run import drawn
from tests.web.test_scope import Raw, leaks
from tests.web.test_statements import counting
from tests.web.world import SHIFT_ID, Seen, World, sheet_url

VILLAGE, ELSEWHERE = "510117001218", "510117008"
PIN = "123456"
#: Statements that joining sends, whatever the shift already holds: reading the pass and the shift, the lock, one entry, the session.
JOIN_STATEMENTS = 65


def shift(
    world: World, role: str = "visitor", *, area: str = VILLAGE, seats: int = 5, starts: int = 0, hours: int = 8
) -> tuple[bytes, str]:
    """A shift with its pass: its id and the path of its link."""
    id_ = new_id(world.opens)
    begins = Instant(world.opens + starts)
    body = ShiftOpened(id_, role, area, "太平入户一队", seats, begins, Instant(begins + hours * HOUR), "village.510117001218")
    assert not enter(
        [Fact(id_, "shift.opened", world.opens, None, body)], by="t", source="t", clock=centre().clock, protocol=centre().protocol
    ).refused
    link = passes.new_link()
    passes.issue(id_, link, PIN)
    return id_, reverse("join", kwargs={"token": link})


def phone(language: str = "zh-hans") -> Client:
    made = Client()
    made.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return made


def join(url: str, name: str = "王小志", pin: str = PIN, client: Client | None = None) -> tuple[Client, Any]:
    by = client or phone()
    return by, by.post(url, {"name": name, "pin": pin, "phone": ""})


def seat_of(client: Client) -> Any:
    person, device = client.session["seat"]
    return Seat.objects.get(person=bytes.fromhex(person), device=device, void_seq=NEVER)


# --- joining ----------------------------------------------------------------------------------------------------------
def test_a_phone_joins_without_an_account_and_is_on_the_register(world: World) -> None:
    id_, url = shift(world)
    users = User.objects.count()
    client, answer = join(url)
    assert (answer.status_code, answer["Location"]) == (302, reverse("on-shift"))
    seat = seat_of(client)
    assert bytes(seat.shift) == id_
    assert User.objects.count() == users, "no account is made"
    row = Person.objects.get(person=seat.person, void_seq=NEVER)
    assert (row.name, row.document_kind, row.document) == ("王小志", "none", None)
    stay = Stay.objects.get(person=seat.person, void_seq=NEVER)
    assert (stay.area, stay.here_until) == (VILLAGE, world.opens + 8 * HOUR)
    text = client.get(reverse("on-shift")).content.decode()
    assert "入户排查员" in text
    assert "太平入户一队" in text
    assert "2020-12-09 17:00" in text
    joined = Envelope.objects.get(kind="shift.joined", subject=id_)
    assert joined.device == seat.device
    assert "王小志" not in Entry.objects.get(seq=joined.entry).by, "the ledger's own lines name nobody"


def test_what_a_phone_enters_is_by_its_seat_and_says_its_device(world: World) -> None:
    _id, url = shift(world)
    client, _ = join(url)
    seat = seat_of(client)
    home = Household.objects.filter(area__startswith=VILLAGE, void_seq=NEVER).order_by("household").values_list("household", flat=True)[0]
    at = f"{reverse('do', kwargs={'name': 'visit_household'})}?household={to_text(bytes(home))}"
    assert client.get(at).status_code == 200
    assert (
        client.post(
            at, {"symptoms": "0", "household": to_text(bytes(home)), "at": "2020-12-09 09:00", "fact_id": to_text(new_id(world.opens))}
        ).status_code
        == 302
    )
    fact = Envelope.objects.filter(kind="household.visited").order_by("-entry").first()
    assert fact is not None
    assert fact.device == seat.device
    by = Entry.objects.get(seq=fact.entry).by
    assert by == f"shift.{bytes(seat.shift).hex()[-8:]} p-{bytes(seat.person).hex()[-8:]}"


def test_five_wrong_pins_lock_the_pass_and_a_new_one_opens_it(world: World) -> None:
    id_, url = shift(world)
    join(url, pin="000000")
    assert join(url)[1].status_code == 302, "a right one begins anew"
    for _ in range(passes.MOST_TRIES):
        assert join(url, pin="000000")[1].status_code == 422
    assert join(url)[1].status_code in (200, 422), "the right PIN comes too late"
    assert passes.locked([id_]) == {id_}
    link = passes.new_link()
    passes.issue(id_, link, "654321")
    assert join(url, pin="654321")[1].status_code == 200, "the earlier link leads nowhere"
    assert join(reverse("join", kwargs={"token": link}), pin="654321")[1].status_code == 302


def test_a_lock_that_does_not_count_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: wrong PINs are forgotten."""
    _id, url = shift(world)
    monkeypatch.setattr(passes, "MOST_TRIES", 10**6)
    for _ in range(5):
        join(url, pin="000000")
    assert join(url)[1].status_code == 302


def test_a_pass_is_worth_nothing_before_and_after_its_shift(world: World) -> None:
    _early, early = shift(world, starts=2 * HOUR)
    _id, url = shift(world, hours=2)
    assert join(early)[1].status_code == 200
    client, _ = join(url)
    for minutes, status in ((119, 200), (120, 302)):
        set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))
        assert client.get(reverse("on-shift")).status_code == status, minutes
    assert "seat" not in client.session
    assert join(url)[1].status_code == 200
    assert join(early)[1].status_code == 302


def test_no_more_join_than_there_are_seats_and_the_same_phone_takes_one(world: World) -> None:
    id_, url = shift(world, seats=2)
    first, _ = join(url)
    again, answer = join(url, client=first)
    assert answer.status_code == 302
    assert bytes(seat_of(again).person) == bytes(seat_of(first).person)
    assert join(url, "李二")[1].status_code == 302
    assert join(url, "张三")[1].status_code == 422
    assert CONTENT["shift.joined"].objects.filter(shift=id_).count() == 2


def test_the_same_phone_and_name_is_the_same_person_next_evening(world: World) -> None:
    _id, url = shift(world, hours=2)
    client, _ = join(url)
    person = bytes(seat_of(client).person)
    set_clock(SetClock(Instant(world.opens + 4 * HOUR)))
    _next, later = shift(world, starts=4 * HOUR)
    join(later, client=client)
    assert bytes.fromhex(client.session["seat"][0]) == person
    assert CONTENT["person.enrolled"].objects.filter(person=person).count() == 1


# --- ending -----------------------------------------------------------------------------------------------------------
def test_a_leader_ends_a_shift_or_one_phone_at_once(world: World) -> None:
    id_, url = shift(world)
    one, _ = join(url)
    two, _ = join(url, "李二")
    end = VERBS["end_shift"]
    do(end, world.look("taiping"), {"shift": id_, "person": bytes(seat_of(one).person), "reason": None})
    assert one.get(reverse("on-shift")).status_code == 302
    assert two.get(reverse("on-shift")).status_code == 200
    assert join(url, client=one)[1].status_code in (200, 302, 422)
    do(end, world.look("taiping"), {"shift": id_, "person": None, "reason": None})
    assert two.get(reverse("on-shift")).status_code == 302
    assert join(url, "赵四")[1].status_code == 200
    assert not [d for d in check(centre().protocol) if d.table in ("shift", "seat", "stay")]


def test_a_shift_is_opened_within_limits(world: World) -> None:
    look, verb = world.look("taiping"), VERBS["open_shift"]
    good = {"shift": new_id(world.opens), "role": "visitor", "area": VILLAGE, "name": "队", "seats": 5, "starts": world.opens,
            "ends": Instant(world.opens + 14 * HOUR)}  # fmt: skip
    for field, value in (
        ("ends", Instant(world.opens + 14 * HOUR + MINUTE)), ("role", "commander"), ("role", "auditor"), ("role", "courier"), ("area", ELSEWHERE),
        ("place", point(world, ELSEWHERE)), ("place", new_id(world.opens)),
        ("seats", 0), ("seats", 501), ("name", " "), ("ends", world.opens), ("starts", Instant(world.opens + 200 * HOUR)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            do(verb, look, {**good, field: value})
        assert field in {p.field for p in refused.value.problems} or (
            field == "starts" and "ends" in {p.field for p in refused.value.problems}
        )
    assert do(verb, look, good).new


def test_whoever_was_sent_off_does_not_join_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not under another name on the same phone, and not on another phone with the PIN that they know."""
    id_, url = shift(world)
    one, _ = join(url)
    other, _ = join(url, "李二")
    person = bytes(seat_of(one).person)
    sent = world.client("taiping").post(
        reverse("shift-end"), {"shift": to_text(id_), "person": to_text(person), "reason": "", "fact_id": to_text(new_id(world.opens))}
    )
    assert sent.status_code == 302
    assert passes.of_link(url.rsplit("/", 1)[-1]) is None, "the code that was shown leads nowhere"
    assert join(url)[1].status_code == 200
    link = passes.new_link()
    passes.issue(id_, link, PIN)  # even with the new code and PIN
    renewed = reverse("join", kwargs={"token": link})
    assert join(renewed, client=one)[1].status_code == 422
    assert join(renewed, "换一个名字", client=one)[1].status_code == 422
    assert join(renewed, "赵四")[1].status_code == 302
    assert other.get(reverse("on-shift")).status_code == 200


def test_sending_off_shuts_the_pass_however_it_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_, url = shift(world)
    one, _ = join(url)
    end = VERBS["end_shift"]
    do(end, world.look("taiping"), {"shift": id_, "person": bytes(seat_of(one).person), "reason": None})
    assert passes.locked([id_]) == {id_}
    assert join(url, "换了手机")[1].status_code in (200, 422)
    # Planted: a pass that stays open lets them in again.
    again, url = shift(world)
    one, _ = join(url)
    do(replace(end, after=None), world.look("taiping"), {"shift": again, "person": bytes(seat_of(one).person), "reason": None})
    assert join(url, "换了手机")[1].status_code == 302


def point(world: World, area: str, nature: str = "sampling") -> bytes:
    """A place on record, entered by whoever answers for its village."""
    place = new_id(world.opens)
    user = "taiping" if area.startswith(VILLAGE) else "data"
    do(VERBS["declare_place"], world.look(user), {"place": place, "name": "太平小学操场", "nature": nature, "area": area, "address": None})
    return place


def test_a_shift_is_for_one_point(world: World) -> None:
    place, far = point(world, VILLAGE), point(world, ELSEWHERE)
    form = {"name": "", "role": "sampler", "area": "", "seats": "5", "starts": "2020-12-09 09:00", "ends": "2020-12-09 17:00"}
    lead = world.client("taiping")
    assert lead.post(reverse("shift-open"), {**form, "place": to_text(far), "fact_id": to_text(new_id(world.opens))}).status_code == 422
    assert lead.post(reverse("shift-open"), {**form, "place": "", "fact_id": to_text(new_id(world.opens))}).status_code == 422
    id_ = new_id(world.opens)
    assert lead.post(reverse("shift-open"), {**form, "place": to_text(place), "fact_id": to_text(id_)}).status_code == 302
    row = Shift.objects.get(shift=id_, void_seq=NEVER)
    assert (bytes(row.place), row.area, row.name) == (place, VILLAGE, "太平小学操场")
    link = passes.new_link()
    passes.issue(id_, link, PIN)
    client, _ = join(reverse("join", kwargs={"token": link}))
    person, device = client.session["seat"]
    eyes = on_shift(bytes.fromhex(person), device, world.opens, Entry.objects.order_by("-seq").values_list("seq", flat=True)[0])
    look = replace(world.look("taiping"), viewer=eyes)
    other = point(world, VILLAGE)
    tube = {"capacity": 10, "area": VILLAGE}
    with pytest.raises(Refused) as refused:
        do(VERBS["open_tube"], look, {**tube, "tube": "ZZ-2", "place": other}, incident=world.incident)
    assert {p.field for p in refused.value.problems} == {"place"}
    do(VERBS["open_tube"], look, {**tube, "tube": "ZZ-1", "place": None}, incident=world.incident)
    assert bytes(CONTENT["tube.opened"].objects.get(tube="ZZ-1").place) == place, "whoever is at a point need not say where"


# --- what a pass sees -------------------------------------------------------------------------------------------------
def seen_by(world: World, client: Client) -> list[Seen]:
    """Everything that a phone can ask for: every page at its addresses, every list and CSV, searches."""
    urls = [u for p in PAGES.values() if p.name not in ("demo-people", "demo-start", "on-shift") for u in world.addresses(p)[:8]]
    urls += [sheet_url(s, csv) for s in SHEETS.values() for csv in (False, True)]
    urls += [f"/search?q={q}" for q in ("王", "李", "51", "case", "AJ09")]
    return [world.ask(None, u, client=client) for u in urls]


@pytest.mark.parametrize("role", drawn(["visitor", "sampler", "checkpoint_officer"], "sampler"))
def test_a_pass_sees_nothing_outside_its_point(world: World, role: str) -> None:
    _id, url = shift(world, role)
    client, _ = join(url)
    said = seen_by(world, client)
    assert not leaks(said, Raw().outside(VILLAGE))
    person, device = client.session["seat"]
    eyes = on_shift(bytes.fromhex(person), device, world.opens, Entry.objects.order_by("-seq").values_list("seq", flat=True)[0])
    assert eyes.scope.codes
    assert all(c.startswith(VILLAGE) for c in eyes.scope.codes)
    assert not leaks(said, Raw().masked(eyes))


def test_a_pass_for_everywhere_is_caught(world: World) -> None:
    """Planted: a pass whose area is the whole district leaks, by the same test."""
    _id, url = shift(world, "visitor", area="510117")
    client, _ = join(url)
    assert leaks(seen_by(world, client), Raw().outside(VILLAGE))


def test_a_pass_does_nothing_outside_its_point_and_nothing_its_role_does_not(world: World) -> None:
    _id, url = shift(world)
    client, _ = join(url)
    far = Household.objects.filter(area__startswith=ELSEWHERE, void_seq=NEVER).order_by("household").values_list("household", flat=True)[0]
    before = Envelope.objects.count()
    at = f"{reverse('do', kwargs={'name': 'visit_household'})}?household={to_text(bytes(far))}"
    assert client.get(at).status_code == 404
    assert client.post(at, {"symptoms": "0"}).status_code == 404
    for name in ("make_order", "establish_post", "open_shift", "withdraw", "enrol"):
        page = VERBS[name].page
        assert (
            client.get(reverse(page) if page and "<" not in PAGES[page].path else reverse("do", kwargs={"name": name})).status_code == 404
        )
    assert Envelope.objects.count() == before


def test_another_phone_with_the_same_session_is_nobody(world: World) -> None:
    """A session that was copied is worth nothing without the device that it was given to."""
    _id, url = shift(world)
    client, _ = join(url)
    thief = phone()
    thief.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert thief.get(reverse("sheet-people")).status_code == 302
    assert client.get(reverse("sheet-people")).status_code == 200


# --- many -------------------------------------------------------------------------------------------------------------
def test_joining_sends_no_more_statements_when_many_have_joined(world: World) -> None:
    _id, url = shift(world, seats=100)
    counted = []
    for i in range(12):
        with counting() as counter:
            assert join(url, f"员{i}")[1].status_code == 302
        counted.append(counter.n)
    assert max(counted) <= JOIN_STATEMENTS
    assert counted[-1] <= counted[1]


# --- the leader's page ------------------------------------------------------------------------------------------------
def test_the_leader_is_shown_a_code_made_here_and_a_pin_once(world: World) -> None:
    client = world.client("taiping", "en")
    opened = client.post(reverse("shift-open"), {
        "name": "Taiping door team", "place": "", "role": "visitor", "area": VILLAGE, "seats": "5", "starts": "2020-12-09 09:00", "ends": "2020-12-09 17:00",
        "fact_id": to_text(new_id(world.opens)),
    })  # fmt: skip
    assert opened.status_code == 302, opened.content.decode()
    text = client.get(opened["Location"]).content.decode()
    link = re.search(r"http://testserver(/join/[\w-]+)", text)
    pin = re.search(r"(\d{3} \d{3})</p>", text)
    assert link and pin and "<svg" in text
    kept = ShiftPass.objects.order_by("-pk").first()
    assert pin[1].replace(" ", "") not in str(vars(kept))
    assert join(link[1], pin=pin[1])[1].status_code == 302
    again = client.get(opened["Location"]).content.decode()
    assert "1 / 5" in again
    other = world.client("commander").get(opened["Location"]).content.decode()
    assert link[1] not in other
    assert world.client("pitong").get(opened["Location"]).status_code == 200
    far = reverse("shift", kwargs={"shift": to_text(SHIFT_ID)})
    assert world.client("sampler").get(far).status_code == 404
