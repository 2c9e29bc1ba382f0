"""Candidates from visits: each in the ring that the edition's words give, with the evidence; named once, however often it is sent.

The demo's edition, the seventh, counts those at the same table as close, and all others who were in the room at the time as general contacts.
"""

from __future__ import annotations

from html import unescape

from django.urls import reverse

from bulou.basis.facts import ContactJudged, FactWithdrawn, OnsetRecorded, PlaceDeclared
from bulou.basis.ids import named_id, to_text
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing.candidatehistory import History, history
from bulou.desks.tracing.candidates import ask
from bulou.evidence.models import Case, Contact
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.kit.incidents import edition_of, incidents
from bulou.kit.looking import Moment
from bulou.questions.following import DISSOLVED, ROSE
from bulou.register.scope import standing
from tests.web.test_path import case_of, tracer
from tests.web.test_traced import HERE, THERE, entered, fact, people
from tests.web.world import World

MEAL = named_id("tests", "a restaurant")


def visited(world: World, person: bytes, space: str, since: float, until: float) -> None:
    body = VisitRecorded(
        person, "吃饭", "stated", place=MEAL, until=Instant(world.opens + int(until * HOUR)), space=space, proof="interview"
    )
    entered(fact(world, "visit.recorded", body, since))


def met(world: World) -> tuple[bytes, bytes, bytes, bytes]:
    """A case at table 5; one at the same table, one at another, one who came when the case had left."""
    case = case_of(world)
    near, far, late = [p for p in people(THERE, 6) if p != case][:3]
    entered(fact(world, "place.declared", PlaceDeclared(MEAL, "老陈面馆", "restaurant", HERE), -200, incident=False))
    visited(world, case, "5桌", -20, -19)
    visited(world, near, "5桌", -19.5, -19.2)
    visited(world, far, "9桌", -19.5, -19.2)
    visited(world, late, "5桌", -19, -18)
    return case, near, far, late


def url(case: bytes) -> str:
    return reverse("case-candidates", kwargs={"person": to_text(case)})


def test_whoever_shared_the_table_is_a_candidate_with_the_evidence(world: World) -> None:
    case, near, far, late = met(world)
    seen = unescape(world.ask(tracer(world), url(case), "en").text)
    assert f'value="{to_text(near)} {to_text(case)}"' in seen and "老陈面馆" in seen and "18 min together" in seen
    rows = {name: part for part in seen.split("<tr>") for name in (to_text(near), to_text(far)) if f'value="{name}' in part}
    assert "close contact" in rows[to_text(near)] and "general contact" in rows[to_text(far)]
    assert to_text(late) not in seen, "who came when the case had left was near nobody"
    assert "共处 18 分钟" in unescape(world.ask(tracer(world), url(case), "zh").text)


def test_the_chosen_are_named_once_and_wait_to_be_judged(world: World) -> None:
    case, near, _far, late = met(world)
    user, data = tracer(world), {"name": [f"{to_text(near)} {to_text(case)}", f"{to_text(late)} {to_text(case)}"]}
    assert world.ask(user, url(case), "en", data=data).status == 302
    look = world.look(user)

    def links(person: bytes) -> list[object]:
        return list(standing_facts("contact.named", look.seq, look.about).filter(person=person, met=case))

    [named] = links(near)
    assert (named.setting, bytes(named.place)) == ("meal", MEAL)
    assert named.exposed_until - named.exposed_from == int(0.3 * HOUR)
    assert links(late) == [], "who is no candidate is not named by asking for it"
    assert world.ask(user, url(case), "en", data=data).status == 422, "nobody chosen is unnamed"
    assert len(links(near)) == 1
    assert Contact.objects.filter(person=near, void_seq=NEVER).exclude(named_at=None).count() == 1
    assert "named, waits to be judged" in world.ask(user, url(case), "en").text
    # Two texts: the evidence is the investigator's; the person may be told the day and the kind of place, not the table, the hour or the name.
    shown = unescape(world.ask(user, reverse("contact", kwargs={"person": to_text(near)}), "en").text)
    told = shown.split("What the person may be told", 1)[1].split("</dd>", 1)[0]
    assert "you were at the same restaurant as somebody who was infectious" in told
    assert not any(word in told for word in ("老陈面馆", "5桌", "minutes", ":"))


def test_whoever_was_named_by_mistake_and_taken_back_can_be_named_again(world: World) -> None:
    case, near, *_ = met(world)
    user, data = tracer(world), {"name": [f"{to_text(near)} {to_text(case)}"]}
    look = world.look(user)

    def links() -> list[bytes]:
        return [bytes(r.id) for r in standing_facts("contact.named", look.seq + 9, look.about).filter(person=near, met=case)]

    for n in range(2):
        assert world.ask(user, url(case), "en", data=data).status == 302
        [named] = links()
        entered(fact(world, "fact.withdrawn", FactWithdrawn(named, "点错"), -0.5 + n / 10, incident=False))
        assert links() == []


def test_a_visit_withdrawn_takes_its_candidates_back(world: World) -> None:
    case, near, *_ = met(world)
    look = world.look("commander")
    [row] = list(standing_facts("visit.recorded", look.seq, look.about).filter(person=near))
    entered(fact(world, "fact.withdrawn", FactWithdrawn(bytes(row.id), "记错"), -0.5, incident=False))
    assert to_text(near) not in world.ask(tracer(world), url(case), "en").text


def test_nobody_names_who_may_not(world: World) -> None:
    case, near, *_ = met(world)
    data = {"name": [f"{to_text(near)} {to_text(case)}"]}
    for user in world.users:
        viewer = world.look(user).viewer
        if viewer.sees("tracing") and not viewer.may("name_contact"):
            world.ask(user, url(case), "en", data=data)
    look = world.look("commander")
    assert not standing_facts("contact.named", look.seq, look.about).filter(person=near, met=case).exists()


# --- how they came and went ---------------------------------------------------------------------------------------------
def came_and_went(case: bytes) -> str:
    return reverse("case-candidates-history", kwargs={"person": to_text(case)})


def followed(world: World, user: str, case: bytes) -> History:
    look = world.look(user)
    incident = next(i for i in incidents(look) if i.id == world.incident)
    edition = edition_of(look, incident)
    assert edition is not None
    return history(case, [case], incident, edition, look)


def whole(world: World, user: str, case: bytes, seq: int) -> set[tuple[str, str, int, int]]:
    """Everybody near the case by all that was known at an entry: the page's own answer then."""
    now = world.look(user)
    look = now.at(Moment(now.about, seq, now.moment.known, live=False))
    row = standing(Case, seq).filter(person=case).first()
    incident = next(i for i in incidents(now) if i.id == world.incident)
    edition = edition_of(now, incident)
    assert row is not None and edition is not None
    return {(str(c.person), c.ring, c.exposure.first, c.exposure.last) for c in ask(row, incident, edition, look).found}


def test_the_history_is_the_whole_answer_after_every_entry(world: World) -> None:
    """A visit taken back, corrected, come late; the onset told earlier; the kind of the place told otherwise."""
    case, near, _far, late = met(world)
    look = world.look("commander")
    [row] = list(standing_facts("visit.recorded", look.seq, look.about).filter(person=near))
    entered(fact(world, "fact.withdrawn", FactWithdrawn(bytes(row.id), "记错"), -0.5, incident=False))
    visited(world, near, "9桌", -19.4, -19.3)
    visited(world, late, "5桌", -19.2, -19.1)
    entered(fact(world, "onset.recorded", OnsetRecorded(case, "2020-12-01"), -0.4))
    entered(fact(world, "place.declared", PlaceDeclared(MEAL, "老陈面馆", "market", HERE), -0.3, incident=False))
    user = tracer(world)
    made = followed(world, user, case)
    stood: dict[str, tuple[str, str, int, int]] = {}
    some = 0
    for seq in sorted({h.seq for h in made.turns}):
        for h in (h for h in made.turns[::-1] if h.seq == seq):
            c = h.turn.candidate
            stood.pop(str(c.person), None)
            if h.turn.what != DISSOLVED:
                stood[str(c.person)] = (str(c.person), c.ring, c.exposure.first, c.exposure.last)
        assert set(stood.values()) == whole(world, user, case, seq), f"entry {seq}"
        some += len(stood)
    assert some > 3 and {h.turn.what for h in made.turns} >= {ROSE, DISSOLVED}
    assert {c for h in made.turns for c in h.causes} >= {"visit", "taken", "place"}


def test_whoever_was_named_on_a_visit_that_is_gone_is_shown_and_let_go_by_nobody_unseen(world: World) -> None:
    case, near, *_ = met(world)
    user = tracer(world)
    assert world.ask(user, url(case), "en", data={"name": [f"{to_text(near)} {to_text(case)}"]}).status == 302
    seen = unescape(world.ask(user, came_and_went(case), "en").text)
    assert "became a candidate" in seen and "judge the candidate" in seen and "no longer stands" not in seen
    look = world.look("commander")
    [row] = list(standing_facts("visit.recorded", look.seq, look.about).filter(person=near))
    entered(fact(world, "fact.withdrawn", FactWithdrawn(bytes(row.id), "记错"), -0.1, incident=False))
    seen = unescape(world.ask(user, came_and_went(case), "en").text)
    assert "Named on evidence that no longer stands" in seen and "no longer a candidate" in seen and "visit taken back" in seen
    assert "1 named on evidence that no longer stands" in unescape(world.ask(user, url(case), "en").text)
    assert Contact.objects.filter(person=near, void_seq=NEVER).exclude(named_at=None).count() == 1, (
        "the naming stands: nobody is let go by a machine"
    )
    lead = unescape(world.ask("tracing", came_and_went(case), "en").text)
    assert "ring=excluded" in lead and "Exclude, with a reason" in lead
    entered(fact(world, "contact.judged", ContactJudged(near, "excluded", "停留记录撤回", "pidu.tracing"), 0))
    assert "Exclude, with a reason" not in unescape(world.ask("tracing", came_and_went(case), "en").text)
