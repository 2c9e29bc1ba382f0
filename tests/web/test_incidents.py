"""Several incidents through the site: everyone once in a total, a proposal with its evidence, a joining that a named post decides and takes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import ContactNamed, FactWithdrawn, IncidentOpened
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant
from bulou.desks.command.figures import FIGURES, Board
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Stay
from tests.web.test_verbs import sent
from tests.web.world import World

MARKET, LAB = named_id("the market"), named_id("the measles")


def entered(world: World, kind: str, body: Any, incident: bytes | None, id_: bytes | None = None, ago: int = HOUR) -> bytes:
    at = Instant(world.opens - ago)
    fact = Fact(id_ or new_id(at), kind, at, incident, body)
    assert not enter([fact], by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused
    return fact.id


@pytest.fixture
def two(world: World) -> World:
    """A second outbreak beside the demo's: somebody of it is a contact of the first too, and met a case of the first."""
    entered(
        world,
        "incident.opened",
        IncidentOpened(MARKET, "covid19", "510117001", "12·01 市场", "12·01 market", "outbreak"),
        MARKET,
        ago=8 * DAY,
    )
    entered(
        world,
        "contact.named",
        ContactNamed(both(world), case(world), Instant(world.opens - 5 * HOUR), "meal"),
        MARKET,
        named_id("under the market"),
    )
    return world


def case(world: World) -> bytes:
    return bytes(
        Case.objects.filter(void_seq=NEVER, incident=world.incident, status="confirmed")
        .order_by("person")
        .values_list("person", flat=True)[0]
    )


def both(world: World) -> bytes:
    """A contact of the demo's incident."""
    named = CONTENT["contact.named"].objects.filter(in_incident=world.incident).exclude(id=named_id("under the market"))
    return bytes(named.order_by("person").values_list("person", flat=True)[0])


def page(world: World, user: str = "commander") -> Any:
    return world.ask(user, reverse("incidents"), "en")


def join(world: World, **more: Any) -> bytes:
    id_ = new_id(world.opens)
    sent(world, "commander", VERBS["join_incidents"], {"incident": MARKET, "into": world.incident, "reason": "同一人", **more}, id_=id_)
    return id_


def total(world: World, user: str = "commander") -> int:
    foot = next(r for r in page(world, user).read.rows if any("each once" in text for text in r))
    return int(foot[1].replace("\u202f", ""))


def test_one_person_in_two_incidents_is_shown_in_both_and_counted_once(two: World) -> None:
    entered_before = total(two)
    assert "12·01 market" in page(two).text and "some people are in two" in page(two).text
    new = bytes(
        Stay.objects.filter(void_seq=NEVER)
        .exclude(person__in=CONTENT["contact.named"].objects.values("person"))
        .order_by("-person")
        .values_list("person", flat=True)[0]
    )
    entered(two, "contact.named", ContactNamed(new, case(two), Instant(two.opens - 2 * HOUR), "meal"), MARKET)
    assert total(two) == entered_before + 1, "its control: somebody new counts"
    entered(two, "contact.named", ContactNamed(new, case(two), Instant(two.opens - 2 * HOUR), "meal"), two.incident)
    assert total(two) == entered_before + 1, "and not a second time in the other incident"


def test_joining_is_proposed_with_its_evidence_and_done_by_nobody_unseen(two: World) -> None:
    seen = page(two)
    assert "1 person is in both" in seen.text and "Join them" in seen.text
    assert not CONTENT["incident.joined"].objects.filter(incident=MARKET).exists()
    assert "Join them" not in page(two, "duty").text, "who may not decide is shown the evidence alone"
    assert f"into={to_text(MARKET)}" in next(link for link in seen.read.links if "join_incidents" in link), (
        "the later is joined to the earlier"
    )


def test_joined_they_are_one_and_facts_keep_the_incident_they_were_entered_under(two: World) -> None:
    def contacts() -> set[Any]:
        return set(FIGURES["candidates"].keys(Board.of(two.look("commander"), two.incident)))

    before, apart = total(two), contacts()
    joined = join(two)
    assert len({MARKET, two.incident} & {i.id for i in incidents(two.look("commander"))}) == 1, "one incident is left to choose"
    assert total(two) == before and "some people are in two" not in page(two).text
    kept = bytes(CONTENT["contact.named"].objects.get(id=named_id("under the market")).in_incident)
    assert kept == MARKET, "the fact was not rewritten"
    entered(two, "fact.withdrawn", FactWithdrawn(joined, "两起"), None)
    assert {MARKET, two.incident} <= {i.id for i in incidents(two.look("commander"))} and contacts() == apart and total(two) == before


@pytest.mark.parametrize(
    ("more", "field"),
    [({"reason": " "}, "reason"), ({"into": MARKET}, "into"), ({"into": named_id("none")}, "into"), ({"incident": LAB}, "into")],
)
def test_what_is_not_two_of_one_disease_is_refused(two: World, more: dict[str, Any], field: str) -> None:
    entered(two, "incident.opened", IncidentOpened(LAB, "measles", "510117", "麻疹", "measles", "outbreak"), LAB, ago=8 * DAY)
    with pytest.raises(Refused) as refused:
        join(two, **more)
    assert {p.field for p in refused.value.problems} == {field}


def test_who_sees_one_area_sees_no_evidence_of_others(two: World) -> None:
    assert total(two, "pitong") < total(two)
    assert two.ask(None, reverse("incidents")).status == 302
