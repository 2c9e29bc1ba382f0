"""The path of a case through the ledger: recorded from its page, holes and contradictions named, a record only with what it was obtained by."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import Http404
from django.urls import reverse

from bulou.basis.facts import OnsetRecorded, PersonEnrolled, PersonIdentified, PlaceDeclared
from bulou.basis.ids import named_id, to_text
from bulou.basis.kinds import KINDS, lift
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.time import HOUR, Instant, format_local
from bulou.desks.tracing.cases import case_or_404
from bulou.desks.tracing.path import visit_of
from bulou.desks.tracing.pathmap import map_of, steps
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.gaps.path import Visit
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.kit.people import area_of
from bulou.kit.sheet import SHEETS
from bulou.register.models import Place, Stay
from bulou.register.scope import Scope
from tests.web.test_sheets import rows_of
from tests.web.test_traced import entered, fact
from tests.web.world import World


def case_of(world: World) -> bytes:
    return bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])


def tracer(world: World) -> str:
    """Whoever of the demo records visits for the whole centre."""
    return next(u for u in world.users if world.look(u).viewer.may("record_visit") and world.look(u).scope.codes is None)


def narrowed(world: World, area: str) -> Looking:
    """The eyes of a tracer of one area alone: nobody of the demo has them."""
    look = world.look(tracer(world))
    return Looking(look.viewer._replace(scope=Scope(frozenset({area}))), look.moment, look.language, look.zone, look.protocol)


def hour(world: World, hours: float) -> str:
    return format_local(Instant(world.opens + int(hours * HOUR)), world.look("commander").zone)[:16]


def form(world: World, person: bytes, since: float, until: float | None, **more: Any) -> dict[str, Any]:
    return {
        "person": to_text(person), "at": hour(world, since), "until": "" if until is None else hour(world, until), "words": "面馆", "certainty": "stated",
        "fact_id": more.pop("fact_id"), "place_id": "00000000-0000-4000-8000-0000000000aa", **more,
    }  # fmt: skip


def test_a_visit_is_recorded_with_a_new_place_and_fills_a_hole(world: World) -> None:
    user, person = tracer(world), case_of(world)
    url = reverse("case-path", kwargs={"person": to_text(person)})
    before = unescape(world.ask(user, url, "en").text)
    assert "Hours nobody explains" in before and "Fill in" in before
    data = form(world, person, -30, -28, fact_id="00000000-0000-4000-8000-000000000001", new_place="测试面馆", new_nature="market", new_area="510117001218",
                space="2楼", seat="5桌", proof="interview")  # fmt: skip
    told = world.ask(user, reverse("visit-record"), "en", data=data)
    assert told.status == 302, told.text[:2000]
    after = unescape(world.ask(user, url, "en").text)
    assert "测试面馆" in after and "2楼 · 5桌" in after and "the person's own word" in after
    listed = [row for row in rows_of(world, user, SHEETS["visits"]) if "测试面馆" in row]
    assert len(listed) == 1
    assert Place.objects.filter(name="测试面馆", void_seq=NEVER).count() == 1
    assert world.ask(user, reverse("visit-record"), "en", data=data).status == 302, "sent twice it is one visit"
    assert len([row for row in rows_of(world, user, SHEETS["visits"]) if "测试面馆" in row]) == 1


def test_what_was_obtained_as_a_record_says_by_what(world: World) -> None:
    user, person = tracer(world), case_of(world)
    data = form(world, person, -30, -29, fact_id="00000000-0000-4000-8000-000000000002", proof="camera")
    refused = world.ask(user, reverse("visit-record"), "en", data=data)
    assert refused.status == 422 and "by what it was obtained" in unescape(refused.text)
    assert world.ask(user, reverse("visit-record"), "en", data={**data, "authority": "函〔2020〕7号"}).status == 302


def test_an_end_before_the_beginning_and_one_to_come_are_refused(world: World) -> None:
    user, person = tracer(world), case_of(world)
    for since, until, words in ((-30, -31, "before the beginning"), (-1, 5, "in the future")):
        data = form(world, person, since, until, fact_id="00000000-0000-4000-8000-000000000003")
        refused = world.ask(user, reverse("visit-record"), "en", data=data)
        assert refused.status == 422 and words in unescape(refused.text)


def test_a_new_place_without_its_area_is_not_half_entered(world: World) -> None:
    user, person = tracer(world), case_of(world)
    before = Place.objects.count()
    data = form(world, person, -30, -29, fact_id="00000000-0000-4000-8000-000000000004", new_place="某店")
    refused = world.ask(user, reverse("visit-record"), "en", data=data)
    assert refused.status == 422 and "its kind and the area" in unescape(refused.text)
    assert Place.objects.count() == before


def test_a_place_on_record_is_not_written_over_by_an_id_that_was_sent(world: World) -> None:
    """The planted request: a new place under the id of one that is known would rename it and move it."""
    user, person = tracer(world), case_of(world)
    known = named_id("tests", "a known place")
    entered(fact(world, "place.declared", PlaceDeclared(known, "老店", "restaurant", "510117008"), -200, incident=False))
    data = form(
        world,
        person,
        -30,
        -29,
        fact_id="00000000-0000-4000-8000-000000000005",
        new_place="别名",
        new_nature="market",
        new_area="510117001218",
    )
    refused = world.ask(user, reverse("visit-record"), "en", data={**data, "place_id": to_text(known)})
    assert refused.status == 422 and "on record already" in unescape(refused.text)
    assert Place.objects.get(place=known, void_seq=NEVER).name == "老店"


def test_a_visit_under_another_record_of_the_same_person_stays_on_the_list(world: World) -> None:
    """A fact keeps the id that it was entered under: whoever sees only the area of the person finds it all the same."""
    inside = Stay.objects.filter(void_seq=NEVER, area__startswith="510117001218").exclude(household=None).order_by("person")
    known = inside.values_list("person", flat=True)[0]
    other = b"\xff" * 16
    visit = fact(world, "visit.recorded", VisitRecorded(other, "换名登记", "stated", area="510117008", proof="interview"), -30)
    entered(fact(world, "person.enrolled", PersonEnrolled(other, "同一人", "510117008"), -50, incident=False), visit)
    entered(fact(world, "person.identified", PersonIdentified(bytes(known), other, "同一证件"), -1, incident=False))
    [(one, area)] = Stay.objects.filter(void_seq=NEVER, person__in=[known, other], here_until__gt=world.opens).values_list("person", "area")
    assert bytes(one) != other, "the record that stands for both is the one without the visit"
    near, far = narrowed(world, area), narrowed(world, "510117115")
    assert visit.id in {bytes(r.id) for r in SHEETS["visits"].rows(near)}
    assert visit.id not in {bytes(r.id) for r in SHEETS["visits"].rows(far)}


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T99:99", "2020-12-07T99:99", "x", "2020-13-45T00:00"])
def test_an_hour_of_an_address_that_is_none_is_left_out(world: World, text: str) -> None:
    user, person = tracer(world), case_of(world)
    assert world.ask(user, f"{reverse('visit-record')}?person={to_text(person)}&from={text}&to={text}").status == 200


def test_words_that_cannot_both_be_true_and_records_nobody_spoke_of_stand_first(world: World) -> None:
    user, person = tracer(world), case_of(world)
    entered(
        fact(world, "visit.recorded", VisitRecorded(person, "在家", "stated", area="510117001218", until=Instant(world.opens - 26 * HOUR), proof="interview"), -30),
        fact(world, "visit.recorded", VisitRecorded(person, "刷卡", "recorded", area="510117008", until=Instant(world.opens - 27 * HOUR), proof="payment",
                                                    authority="函1"), -28),
    )  # fmt: skip
    seen = unescape(world.ask(user, reverse("case-path", kwargs={"person": to_text(person)}), "en").text)
    assert "two places at once" in seen and "Recorded, and nobody spoke of it" in seen
    zh = unescape(world.ask(user, reverse("case-path", kwargs={"person": to_text(person)}), "zh").text)
    assert "同一时间两处" in zh and "有记录而无人提及" in zh


def test_an_onset_told_by_two_is_shown_twice_and_the_last_word_counts(world: World) -> None:
    """Two investigators on one field: one of them had no signal, and their word came later. Nothing is lost, and both are on the page."""
    user, person = tracer(world), case_of(world)
    url = reverse("case", kwargs={"person": to_text(person)})
    assert "The onset was told differently" not in world.ask(user, url, "en").text
    entered(fact(world, "onset.recorded", OnsetRecorded(person, "2020-12-05", True, "初八"), -3))
    assert "The onset was told differently" not in world.ask(user, url, "en").text
    entered(fact(world, "onset.recorded", OnsetRecorded(person, "2020-12-03"), -4))
    seen = unescape(world.ask(user, url, "en").text)
    told = seen.split("The onset was told differently", 1)[1].split("</div>", 1)[0]
    assert "2020-12-03" in told and "2020-12-05" in told and told.count("this one counts") == 1
    assert told.index("2020-12-03") < told.index("2020-12-05") < told.index("this one counts"), (
        "the last word by its own hour counts, not the last to arrive"
    )
    assert Case.objects.get(person=person, void_seq=NEVER).onset_on == "2020-12-05"


def test_nobody_outside_the_areas_of_a_case_opens_its_path(world: World) -> None:
    person = case_of(world)
    url = reverse("case-path", kwargs={"person": to_text(person)})
    case = reverse("case", kwargs={"person": to_text(person)})
    near = [u for u in world.users if world.look(u).viewer.sees("tracing") and world.look(u).scope.codes is not None]
    strangers = [u for u in near if world.ask(u, case).status == 404]
    assert all(world.ask(u, url).status == 404 for u in strangers)
    stays = area_of(person, world.look("commander"))
    assert stays
    assert case_or_404(to_text(person), narrowed(world, stays))[0] == person
    with pytest.raises(Http404):
        case_or_404(to_text(person), narrowed(world, "510117008"))
    assert all(world.ask(u, url).status in (403, 404) for u in world.users if not world.look(u).viewer.sees("tracing"))


def test_a_visit_of_the_first_version_is_read_as_one_that_said_less() -> None:
    """What was recorded under version 1 is read for ever: a sample of it, as it was stored."""
    stored = {"person": b"p" * 16, "words": "菜市场", "certainty": "stated", "place": None, "area": "510117001", "until": None}
    body = lift(KINDS["visit.recorded"], 1, stored)
    assert body == VisitRecorded(b"p" * 16, "菜市场", "stated", area="510117001")
    assert body.proof is None and body.space is None


# --- other hours for a visit ------------------------------------------------------------------------------------------
TOLD = VisitRecorded(b"", "面馆", "stated", area="510117001218", proof="interview", space="5桌")


def moving(world: World, person: bytes, n: int, by: str = "test") -> bytes:
    """A visit of this person from 93 to 92 hours before the board opens, entered in the name of a post; its id."""
    made = fact(world, "visit.recorded", TOLD._replace(person=person, until=Instant(world.opens - 92 * HOUR)), -93)
    made = made._replace(id=named_id("tests", "a visit to move", str(n)))
    enter([made], by=by, source="web", clock=centre().clock, protocol=centre().protocol)
    return made.id


def proposed(world: World, person: bytes, visit: bytes, since: float, until: float | None) -> str:
    to = "" if until is None else hour(world, until).replace(" ", "T")
    return (
        f"{reverse('visit-record')}?person={to_text(person)}&instead={to_text(visit)}&from={hour(world, since).replace(' ', 'T')}&to={to}"
    )


def sent_instead(world: World, user: str, url: str, n: int, since: float, until: float | None, **more: str) -> Any:
    """The form as the page gave it, sent with these hours."""
    shown = re.search(r'name="shown" value="([^"]*)"', world.ask(user, url, "en").text)
    data = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items() if k in ("person", "instead")}
    return world.ask(user, reverse("visit-record"), "en", data={
        **data, "at": hour(world, since), "until": "" if until is None else hour(world, until), "words": "面馆", "certainty": "stated", "proof": "interview",
        "space": "5桌", "area": "510117001218", "fact_id": to_text(named_id("tests", "instead", str(n))), "place_id": to_text(named_id("tests", "no place")),
        "shown": shown[1] if shown else "", "reason": "本人更正", **more,
    })  # fmt: skip


def standing_visits(world: World, person: bytes) -> set[bytes]:
    look = world.look("commander")
    return {bytes(r.id) for r in standing_facts("visit.recorded", look.seq, look.about).filter(person=person)}


def test_other_hours_show_what_they_change_and_stand_instead_of_those_told(world: World) -> None:
    user, person = tracer(world), case_of(world)
    assert world.look(user).viewer.may("withdraw")
    old = moving(world, person, 1)
    url = proposed(world, person, old, -96, -92)
    before = standing_visits(world, person)
    seen = unescape(world.ask(user, url, "en").text)
    assert "What these hours would change" in seen and "no longer unexplained" in seen and 'value="5桌"' in seen
    assert standing_visits(world, person) == before, "looking enters nothing"
    assert sent_instead(world, user, url, 1, -96, -92).status == 302
    after = standing_visits(world, person)
    assert before - after == {old} and after - before == {named_id("tests", "instead", "1")}
    kept = world.look(user).facts().raw("fact", "id", named_id("tests", "instead", "1"))[0].body
    assert (kept.space, kept.area, kept.until) == ("5桌", "510117001218", world.opens - 92 * HOUR)
    [gone] = CONTENT["fact.withdrawn"].objects.filter(target=old)
    assert gone.reason == "本人更正"
    assert sent_instead(world, user, url, 1, -96, -92).status == 302 and standing_visits(world, person) == after, "sent twice it is one"


def test_hours_that_were_not_shown_are_not_entered(world: World) -> None:
    """The planted form: what was looked at is one thing, what is sent another."""
    user, person = tracer(world), case_of(world)
    old = moving(world, person, 2)
    url, before = proposed(world, person, old, -94, -92), standing_visits(world, person)
    answer = sent_instead(world, user, url, 2, -98, -92)
    assert answer.status == 200 and "Nothing was entered: see what these would change" in unescape(answer.text)
    assert standing_visits(world, person) == before
    refused = sent_instead(world, user, url, 2, -94, -92, reason="")
    assert refused.status == 422 and standing_visits(world, person) == before


def test_a_word_of_another_post_is_not_taken_back_but_stands_beside(world: World) -> None:
    person, user = case_of(world), "investigator"
    look = world.look(user)
    assert look.viewer.may("undo_entry") and not look.viewer.may("withdraw")
    post = next(c.post for c in look.viewer.chairs)
    old, own = moving(world, person, 3), moving(world, person, 4, f"{post} {user}")
    url = proposed(world, person, old, -94, -92)
    assert "Another post entered this visit" in unescape(world.ask(user, url, "en").text)
    assert sent_instead(world, user, url, 3, -94, -92).status == 302
    assert {old, named_id("tests", "instead", "3")} <= standing_visits(world, person)
    assert sent_instead(world, user, proposed(world, person, own, -94, -92), 4, -94, -92).status == 302
    assert own not in standing_visits(world, person)


def test_other_hours_for_somebody_elses_visit_are_not_found(world: World) -> None:
    """The planted address: the visit of one under the name of another."""
    user, person = tracer(world), case_of(world)
    other = next(bytes(p) for p in Case.objects.filter(void_seq=NEVER).exclude(person=person).values_list("person", flat=True))
    old = moving(world, person, 5)
    assert world.ask(user, proposed(world, other, old, -94, -92)).status == 404
    assert (
        world.ask(
            user, reverse("visit-record"), data={"person": to_text(other), "instead": to_text(old), "fact_id": to_text(named_id("x", "y"))}
        ).status
        == 404
    )


def test_what_other_hours_change_names_the_candidates_that_go_and_come(world: World) -> None:
    """Two at one table: moved an hour on, the other is no longer near the case."""
    user, person = tracer(world), case_of(world)
    near = next(
        bytes(p)
        for p in Stay.objects.filter(void_seq=NEVER, area__startswith="510117001218").order_by("-person").values_list("person", flat=True)
    )
    place = named_id("tests", "a table")
    entered(fact(world, "place.declared", PlaceDeclared(place, "同桌面馆", "restaurant", "510117001218"), -200, incident=False))
    body = TOLD._replace(person=person, place=place, until=Instant(world.opens - 19 * HOUR))
    made = fact(world, "visit.recorded", body, -20)
    entered(made, fact(world, "visit.recorded", body._replace(person=near, companions="一人"), -20))
    look = world.look(user)
    seen = unescape(world.ask(user, proposed(world, person, made.id, -16, -15), "en").text)
    assert "no longer a candidate" in seen and look.name(near) in seen


# --- the map ----------------------------------------------------------------------------------------------------------
def test_the_map_has_the_places_in_order_and_a_table_of_the_same(world: World) -> None:
    user, person = tracer(world), case_of(world)
    moving(world, person, 6)
    look = world.look(user)
    rows = list(standing_facts("visit.recorded", look.seq, look.about).filter(person=person).order_by("at", "id"))
    visits = [visit_of(r, {}) for r in rows]
    found = steps(visits, look)
    assert [s.number for s in found] == list(range(1, len(rows) + 1))
    drawn = map_of(found, {v.id: {"place": "", "words": "面馆"} for v in visits}, look)
    assert drawn is not None
    codes = {a["code"]: a for a in drawn["areas"]}
    assert {r["area"] for r in drawn["route"]} <= set(codes) and all(a["lon"] is not None for a in codes.values())
    assert codes["510117001218"]["state"] == "low" and any(a["state"] == "none" for a in codes.values())
    page = unescape(world.ask(user, reverse("case-path", kwargs={"person": to_text(person)}), "en").text)
    assert "<bulou-map" in page and "On the map, in order" in page


def test_a_path_of_which_no_area_has_a_position_draws_nothing(world: World) -> None:
    look = world.look(tracer(world))
    nowhere = [Visit(b"v" * 16, world.opens, None, None, None, None), Visit(b"w" * 16, world.opens, None, None, "nosuch", None)]
    found = steps(nowhere, look)
    assert [s.drawn for s in found] == [None, None] and map_of(found, {}, look) is None
    group = next(c for c, p in look.areas.places.items() if p.level == "group")
    [step] = steps([Visit(b"v" * 16, world.opens, None, None, group, None)], look)
    assert step.drawn == look.areas.places[group].parent, "a group without a point is drawn in its village"


def test_the_list_of_visits_leads_whoever_is_no_case_to_a_page_that_is_there(world: World) -> None:
    user = tracer(world)
    stays = (
        Stay.objects.filter(void_seq=NEVER, here_until__gt=world.opens).exclude(person__in=Case.objects.values("person")).order_by("person")
    )
    person = bytes(stays.values_list("person", flat=True)[0])
    moving(world, person, 7)
    look = world.look(user)
    rows = [r for r in SHEETS["visits"].rows(look) if bytes(r.person) in (person, case_of(world))]
    SHEETS["visits"].prepare(rows, look)  # type: ignore[misc]
    for row in rows:
        href = SHEETS["visits"].columns[0].href(row, look)  # type: ignore[misc]
        assert href and world.ask(user, href).status == 200
        assert ("/path" in href) == (bytes(row.person) != person)
