"""Call-ups on their pages: words that tell nobody, a denominator that stays open, and a public page that forgets what was taken down."""

import re
from typing import Any

from django.urls import reverse

from bulou.basis.ids import new_id, to_text
from bulou.basis.time import DAY, HOUR, Instant, SetClock, format_local
from bulou.desks.tracing.callups import callup_rows
from bulou.evidence.models import CONTENT, Callup, Contact
from bulou.evidence.now import NEVER
from bulou.kit.centre import set_clock
from bulou.kit.looking import moment_at
from bulou.kit.verb import VERBS, Refused, do
from bulou.register.models import Person
from tests.web.test_path import narrowed
from tests.web.world import CALLUP, PLACE, World

URL = reverse("callup", kwargs={"callup": to_text(CALLUP)})


def form(world: World, **more: Any) -> dict[str, Any]:
    def hour(at: int) -> str:
        return format_local(Instant(at), world.look("tracing").zone)[:16]

    return {
        "place": to_text(PLACE), "area": "510117001218", "public": "河边茶馆", "since": hour(world.opens - 28 * HOUR), "until": hour(world.opens - 26 * HOUR),
        "ends": hour(world.opens + 7 * DAY), "reply_to": "19900000000", "reason": "有人未找到", "fact_id": to_text(new_id(world.opens)), **more,
    }  # fmt: skip


def a_contact(world: World) -> str:
    person = Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]
    return Person.objects.get(person=person, void_seq=NEVER).name


def test_a_name_of_the_incident_a_door_and_minutes_are_not_published(world: World) -> None:
    url = reverse("callup-publish")
    for wrong, told in (
        ({"public": f"{a_contact(world)}家的茶馆"}, "holds the name"), ({"public": "河边茶馆2单元"}, "holds a door"), ({"reply_to": " "}, "This field is required"),
        ({"since": form(world)["until"]}, "under an hour"), ({"since": form(world)["since"][:-2] + "10"}, "half hours"),
        ({"ends": form(world)["since"]}, "at most 21 days"),
    ):  # fmt: skip
        page = world.ask("tracing", url, "en", data=form(world, **wrong))
        assert page.status == 422 and told in page.text, (wrong, page.text[-2000:])
    # Planted: the same words without what is wrong are published.
    assert world.ask("tracing", url, "en", data=form(world)).status == 302


def test_everybody_reads_places_and_hours_and_nothing_else(world: World) -> None:
    page = world.ask(None, reverse("notices"), "en")
    assert page.status == 200 and "河边茶馆" in page.text and "19900000000" in page.text
    assert a_contact(world) not in page.text and "case" not in page.text.lower().split("</main>")[0].split("<main")[1]
    set_clock(SetClock(Instant(world.opens + 7 * DAY)))
    assert "河边茶馆" not in world.ask(None, reverse("notices"), "en").text, "its end has come"


def test_what_was_taken_down_is_gone_and_owes_nothing(world: World) -> None:
    with_area = {"area": "510117001218", "callup": CALLUP, "reason": "人已找到"}
    do(VERBS["withdraw_callup"], world.look("commander"), with_area, incident=world.incident, id_=new_id(world.opens))
    assert "河边茶馆" not in world.ask(None, reverse("notices"), "en").text
    assert "taken down" in world.ask("tracing", URL, "en").text
    try:
        do(VERBS["withdraw_callup"], world.look("commander"), with_area, incident=world.incident, id_=new_id(world.opens))
        raise AssertionError("taken down twice")
    except Refused as refused:
        assert "already" in " ".join(p.en for p in refused.problems)


def test_a_stranger_who_answers_is_enrolled_and_counted_apart(world: World) -> None:
    page = world.ask("tracing", URL, "en")
    assert page.status == 200 and "How many were there nobody knows" in page.text
    set_clock(SetClock(Instant(world.opens + HOUR)))
    sent = {
        "callup": to_text(CALLUP),
        "via": "hotline",
        "at": form(world)["until"],
        "new_name": "红衣男子",
        "fact_id": to_text(new_id(world.opens)),
        "person_id": to_text(new_id(world.opens)),
    }
    assert world.ask("investigator", reverse("callup-answer"), "en", data={**sent, "new_name": ""}).status == 422
    assert world.ask("investigator", reverse("callup-answer"), "en", data=sent).status == 302
    text = world.ask("tracing", URL, "en").text
    rows = dict(zip(("known", "answered", "strangers", "unreached"), _numbers(text), strict=True))
    assert rows == {"known": 1, "answered": 2, "strangers": 1, "unreached": 0}
    assert Callup.objects.get(callup=CALLUP, void_seq=NEVER).answered == 2


def test_an_hour_of_the_past_knows_only_who_had_answered_by_then(world: World) -> None:
    """As known now: whoever answers twice is one, and whoever answers later is nobody yet."""
    some = [bytes(p) for p in Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)]
    there = {bytes(p) for p in CONTENT["callup.answered"].objects.values_list("person", flat=True)}
    some = [p for p in some if p not in there][:2]
    before = Callup.objects.get(callup=CALLUP, void_seq=NEVER).answered
    for hours, person in ((1, some[0]), (2, some[0]), (3, some[1])):
        set_clock(SetClock(Instant(world.opens + hours * HOUR)))
        values = {"person": person, "callup": CALLUP, "via": "hotline", "words": None}
        do(VERBS["answer_callup"], world.look("tracing"), values, incident=world.incident, id_=new_id(world.opens))
    known = Instant(world.opens + 4 * HOUR)

    def said(hours: float) -> int:
        look = world.look("tracing", moment=moment_at(Instant(world.opens + int(hours * HOUR)), known))
        return int(callup_rows(look).get(callup=CALLUP).said)

    assert [said(h) - before for h in (0.5, 2.5, 3.5)] == [0, 1, 2]
    assert Callup.objects.get(callup=CALLUP, void_seq=NEVER).answered == before + 2


def _numbers(text: str) -> list[int]:
    part = text.split('id="u-n"')[1].split("</dl>")[0]
    return [int(re.sub(r"<[^>]+>", "", dd)) for dd in re.findall(r"<dd>(.*?)</dd>", part)]


def test_whoever_holds_another_area_finds_no_call_up(world: World) -> None:
    assert callup_rows(world.look("tracing")).exists() and not callup_rows(narrowed(world, "510117008")).exists()


def test_whoever_answers_is_written_over_nobody(world: World) -> None:
    """An id that is somebody's on the register enrols nobody; and a choice beside a name is no answer."""
    contact = bytes(Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[1])
    before = Person.objects.get(person=contact, void_seq=NEVER).name
    sent = {
        "callup": to_text(CALLUP),
        "via": "hotline",
        "at": form(world)["until"],
        "new_name": "别人",
        "fact_id": to_text(new_id(world.opens)),
    }
    assert world.ask("investigator", reverse("callup-answer"), "en", data={**sent, "person_id": to_text(contact)}).status == 422
    both = world.ask(
        "investigator", reverse("callup-answer"), "en", data={**sent, "person": to_text(contact), "person_id": to_text(new_id(world.opens))}
    )
    assert both.status == 422 and "not both" in both.text
    assert Person.objects.get(person=contact, void_seq=NEVER).name == before
    assert Callup.objects.get(callup=CALLUP, void_seq=NEVER).answered == 1


def test_a_notice_is_not_taken_down_before_it_was_published(world: World) -> None:
    """Planted once: an hour before the publishing was entered, told nobody, and left the notice up for good."""
    values = {"area": "510117001218", "callup": CALLUP, "reason": "x"}
    look = world.look("commander")
    try:
        do(VERBS["withdraw_callup"], look, values, at=Instant(world.opens - HOUR), incident=world.incident, id_=new_id(world.opens))
        raise AssertionError("taken down before it was up")
    except Refused as refused:
        assert {p.field for p in refused.problems} == {"at"}
