"""People who were only described: sought from the naming on, counted once, found by joining or by a word, and restored when that is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import ContactJudged, ContactNamed, DocumentRecorded, FactWithdrawn, OrderMade
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant, SetClock
from bulou.desks.command.figures import FIGURES, Board
from bulou.desks.tracing.sought import sought_rows
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case, Contact
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook, rows
from bulou.kit.centre import centre, set_clock
from bulou.kit.looking import moment_at
from bulou.kit.sheet import SHEETS
from bulou.kit.sought import searches
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Person, Stay
from tests.web.test_path import narrowed
from tests.web.test_verbs import sent
from tests.web.world import World, sheet_url

LEAD = "tracing"


def case_of(world: World) -> bytes:
    return bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])


def stranger(world: World, name: str = "红衣男,5号桌", user: str = "investigator", **more: str) -> bytes:
    """Somebody named by what is known of them, through the page that names contacts."""
    person = new_id(world.opens)
    form = {"met": to_text(case_of(world)), "setting": "venue", "exposed_from": "2020-12-07 18:00", "exposed_until": "2020-12-07 19:00", "new_name": name,
            "new_where": "某茶馆", "fact_id": to_text(new_id(world.opens)), "person_id": to_text(person)}  # fmt: skip
    assert world.ask(user, reverse("contact-name"), "en", data={**form, **more}).status == 302
    return person


def somebody(world: World, n: int = 0) -> bytes:
    """Somebody of the register who is no contact yet."""
    taken = {bytes(p) for p in Contact.objects.values_list("person", flat=True)}
    free = Stay.objects.filter(void_seq=NEVER, area__startswith="510117001").order_by("-person").values_list("person", flat=True)
    return [bytes(p) for p in free if bytes(p) not in taken][n]


def entered(world: World, kind: str, body: Any, ago: int = 1, id_: bytes | None = None) -> bytes:
    at = Instant(world.opens - ago * HOUR)
    fact = Fact(id_ or new_id(at), kind, at, world.incident, body)
    assert not enter([fact], by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused
    return fact.id


def owed(world: World, name: str) -> dict[bytes, Any]:
    look = world.look(LEAD)
    found = rows(look.seq, look.about, look.scope).filter(rule__in=RuleBook(look.protocol).numbers_of(name))
    return {bytes(r.subject): r for r in found}


def figure(world: World, name: str = "not_found", look: Any = None) -> set[Any]:
    return set(FIGURES[name].keys(Board.of(look or world.look(LEAD), world.incident)))


def join(world: World, person: bytes, to: bytes) -> bytes:
    id_ = new_id(world.opens)
    sent(world, LEAD, VERBS["identify"], {"person": person, "same_as": to, "reason": "视频比对"}, id_=id_)
    return id_


def one_of(person: bytes) -> bytes:
    return bytes(Person.objects.get(person=person, void_seq=NEVER).canonical)


def test_whoever_is_named_by_a_description_is_a_contact_and_is_sought(world: World) -> None:
    before = figure(world)
    person = stranger(world)
    mark = CONTENT["person.sought"].objects.get(person=person)
    assert (mark.words, mark.seen_where, bytes(mark.met), bytes(mark.in_incident)) == (
        "红衣男,5号桌",
        "某茶馆",
        case_of(world),
        world.incident,
    )
    assert mark.seen_until - mark.seen_from == HOUR and mark.post.startswith("pidu.")
    assert owed(world, "contact.identify")[person].due_at - mark.at == DAY
    assert figure(world) == before | {person}
    assert Contact.objects.filter(person=person, void_seq=NEVER).count() == 1
    listed = world.ask(LEAD, sheet_url(SHEETS["sought"], state="not_found"), "en").text
    assert "红衣男" in listed and "某茶馆" in listed and "being sought" in listed
    page = world.ask(LEAD, reverse("contact", kwargs={"person": to_text(person)}), "en").text
    assert "being sought" in page and reverse("sought", kwargs={"person": to_text(person)}) in page


def test_whoever_is_known_by_name_is_enrolled_and_not_sought(world: World) -> None:
    person = stranger(world, "王某某", new_known="on", new_phone="13900001111")
    assert Person.objects.filter(person=person, void_seq=NEVER).exists()
    assert not CONTENT["person.sought"].objects.filter(person=person).exists() and person not in figure(world)


def test_named_twice_by_one_form_is_one_enrolment_and_one_search(world: World) -> None:
    person = new_id(world.opens)
    form = {"met": to_text(case_of(world)), "setting": "venue", "exposed_until": "2020-12-07 19:00", "new_name": "红衣男",
            "fact_id": to_text(new_id(world.opens)), "person_id": to_text(person)}  # fmt: skip
    for _ in range(2):
        assert world.ask("investigator", reverse("contact-name"), "en", data=form).status == 302
    assert (
        CONTENT["person.sought"].objects.filter(person=person).count()
        == CONTENT["person.enrolled"].objects.filter(person=person).count()
        == 1
    )


def test_joined_to_somebody_the_exposures_of_both_are_theirs_and_the_later_one_asks_for_a_decision(world: World) -> None:
    known, case = somebody(world), case_of(world)
    early = Instant(world.opens - 60 * HOUR)
    entered(world, "contact.named", ContactNamed(known, case, early, "meal"), 12)
    entered(world, "contact.judged", ContactJudged(known, "close", "同桌", "pidu.tracing"), 11)
    order = new_id(world.opens)
    made = OrderMade(
        order,
        known,
        "central",
        "covid19/cn-7",
        "close",
        early,
        Instant(world.opens - 10 * HOUR),
        Instant(early + 14 * DAY),
        "密接",
        "pidu.tracing",
    )
    entered(world, "order.made", made, 10, order)
    person = stranger(world)
    entered(world, "contact.judged", ContactJudged(person, "close", "同桌", "pidu.tracing"), 1)
    before, mark = figure(world, "contacts_now"), figure(world)
    assert {person, known} <= before and person in mark
    assert known not in owed(world, "close.reconsider")
    same = join(world, person, known)
    one = one_of(known)
    contact = Contact.objects.get(person__in=[person, known], void_seq=NEVER)
    last = max(CONTENT["contact.named"].objects.filter(person__in=[person, known]).values_list("exposed_until", flat=True))
    assert contact.exposed_until == last > early, "the later exposure sets the clock, whichever record it was told of"
    assert CONTENT["contact.named"].objects.filter(person__in=[person, known]).count() == 2, "both exposures are kept"
    assert figure(world, "contacts_now") == before - {person, known} | {one}, "one person, once"
    assert not {person, known, one} & figure(world)
    assert owed(world, "contact.identify")[one].closed_at is not None
    again = owed(world, "close.reconsider")[one]
    assert again.closed_at is None, "nobody has decided since the two are one: the word on the description answers nothing"
    assert CONTENT["order.made"].objects.get(order=order).ends == early + 14 * DAY, "no date moves by itself"
    entered(world, "fact.withdrawn", FactWithdrawn(same, "误认"), 0)
    assert figure(world, "contacts_now") == before and figure(world) == mark
    assert owed(world, "contact.identify")[person].closed_at is None
    assert known not in owed(world, "close.reconsider")
    assert Contact.objects.get(person=known, void_seq=NEVER).exposed_until == early


def test_two_descriptions_of_one_person_are_one_whom_nobody_knows(world: World) -> None:
    one, other = stranger(world), stranger(world, "戴帽者")
    both = figure(world)
    assert {one, other} <= both
    join(world, one, other)
    assert figure(world) == both - {one, other} | {one_of(one)}
    assert {s.state for s in searches(world.look(LEAD), people=[one, other])} == {"searched"}


def test_found_to_be_new_the_record_says_who_it_is(world: World) -> None:
    person = stranger(world)
    values = {
        "person": person,
        "name": "某丁",
        "document_kind": "passport",
        "document": "E99887766",
        "phone": "13911112222",
        "words": "见护照",
    }
    with pytest.raises(Refused):
        sent(world, LEAD, VERBS["found_person"], {**values, "document": None, "phone": None, "document_kind": "none"})
    with pytest.raises(Refused):
        sent(world, LEAD, VERBS["found_person"], {**values, "person": somebody(world)})
    set_clock(SetClock(Instant(world.opens + HOUR)))
    sent(world, LEAD, VERBS["found_person"], values)
    row = Person.objects.get(person=person, void_seq=NEVER)
    assert (row.name, row.phone) == ("某丁", "13911112222")
    assert CONTENT["document.recorded"].objects.get(person=person).document == "E99887766"
    assert person not in figure(world) and owed(world, "contact.identify")[person].closed_at is not None
    assert Contact.objects.filter(person=person, void_seq=NEVER).exists(), "the contact stays"
    with pytest.raises(Refused):
        sent(world, LEAD, VERBS["found_person"], values)


def test_a_number_that_the_register_has_is_joined_and_not_written_down_anew(world: World) -> None:
    values = {
        "person": stranger(world),
        "name": "某丁",
        "document_kind": "passport",
        "document": "E55667788",
        "phone": None,
        "words": "见证件",
    }
    entered(world, "document.recorded", DocumentRecorded(somebody(world), "passport", "E55667788"))
    with pytest.raises(Refused) as refused:
        sent(world, LEAD, VERBS["found_person"], values)
    assert {p.field for p in refused.value.problems} == {"document"}


def test_an_abandoned_search_finds_nobody_and_can_be_taken_up_again(world: World) -> None:
    person = stranger(world)
    with pytest.raises(Refused):
        sent(world, LEAD, VERBS["abandon_search"], {"person": person, "reason": " "})
    off = new_id(world.opens)
    sent(world, LEAD, VERBS["abandon_search"], {"person": person, "reason": "无任何线索"}, id_=off)
    assert owed(world, "contact.identify")[person].end_at <= world.opens
    assert person in figure(world), "giving up finds nobody"
    parts = FIGURES["not_found"].parts
    assert parts and {w.en: n for w, n in parts(Board.of(world.look(LEAD), world.incident))}["search abandoned"] == 1
    assert Contact.objects.filter(person=person, void_seq=NEVER).exists()
    text = world.ask(LEAD, reverse("sought", kwargs={"person": to_text(person)}), "en").text
    assert "无任何线索" in text
    with pytest.raises(Refused):
        sent(world, LEAD, VERBS["seek_person"], {"person": person, "words": "红衣男"})
    entered(world, "fact.withdrawn", FactWithdrawn(off, "有新线索"), 0)
    assert owed(world, "contact.identify")[person].end_at > world.opens


def test_an_investigator_proposes_and_the_head_of_tracing_decides(world: World) -> None:
    person = stranger(world)
    at = reverse("sought", kwargs={"person": to_text(person)}) + "?q=" + Person.objects.get(person=somebody(world), void_seq=NEVER).name
    assert "It is they" in world.ask(LEAD, at, "en").text
    mine = world.ask("investigator", at, "en").text
    assert "It is they" not in mine and "head of tracing" in mine
    with pytest.raises(Refused):
        sent(world, "investigator", VERBS["abandon_search"], {"person": person, "reason": "无线索"})


def test_nobody_of_another_area_sees_them(world: World) -> None:
    person = stranger(world, new_area="510117001218")
    assert world.ask("pitong", reverse("sought", kwargs={"person": to_text(person)}), "en").status == 404, "their role opens no tracing"
    far, near = narrowed(world, "510117008"), narrowed(world, "510117001218")
    assert sought_rows(near).filter(person=person).exists() and not sought_rows(far).filter(person=person).exists()
    assert person in figure(world, look=near) and person not in figure(world, look=far)


def test_an_hour_of_the_past_seeks_whoever_was_sought_then(world: World) -> None:
    person = stranger(world)
    before = world.look(LEAD, moment=moment_at(Instant(world.opens - HOUR), Instant(world.opens - HOUR)))
    assert person not in figure(world, look=before) and person in figure(world)
