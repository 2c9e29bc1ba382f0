"""Several incidents through the site: everyone once in a total, a proposal with its evidence, a joining that a named post decides and takes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, ContactNamed, FactWithdrawn, IncidentClosed, IncidentOpened
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.seqfacts import SequenceRead, SequencesCompared
from bulou.basis.time import DAY, HOUR, Instant
from bulou.desks.command.figures import FIGURES, Board
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, Case, Order
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.verb import VERBS, Refused
from bulou.questions.chain import NEAR
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


# --- opened and closed by hand ------------------------------------------------------------------------------------------
OPEN, CLOSE = reverse("incident-open"), reverse("incident-close")


def opened(world: World, **more: str) -> Any:
    data = {
        "disease": "covid19",
        "area": "510117",
        "nature": "outbreak",
        "name": "12·10 客运站",
        "name_en": "12·10 bus station",
        "reason": "省级通报",
        **more,
    }
    return world.ask("commander", OPEN, "en", data={"fact_id": to_text(new_id(world.opens)), **data})


def named(world: World, name: str) -> Any:
    return next((i for i in incidents(world.look("commander")) if i.name == name), None)


def closed(world: World, incident: bytes, reason: str = "连续14天无新增") -> Any:
    return world.ask("commander", f"{CLOSE}?incident={to_text(incident)}", "en", data={
        "incident": to_text(incident), "reason": reason, "fact_id": to_text(new_id(world.opens)),
    })  # fmt: skip


def test_an_incident_is_opened_and_closed_by_a_named_post_with_a_reason(world: World) -> None:
    assert (
        opened(world, reason=" ").status == 422 and opened(world, disease="plague").status == 422 and opened(world, name=" ").status == 422
    )
    assert named(world, "12·10 客运站") is None
    assert opened(world).status == 302
    new = named(world, "12·10 客运站")
    assert new is not None and "省级通报" in page(world).text and to_text(new.id) in page(world).text
    again = opened(world)
    assert again.status == 422 and "still open" in again.text, "the same name twice is a mistake"
    assert closed(world, new.id, " ").status == 422
    assert closed(world, new.id).status == 302
    assert named(world, "12·10 客运站").closed_at <= world.opens and "连续14天无新增" in page(world).text
    assert "closed already" in closed(world, new.id).text
    assert opened(world).status == 302, "once it is over its name is free"


def test_nothing_is_closed_while_somebody_is_under_an_order(world: World) -> None:
    assert Order.objects.filter(void_seq=NEVER, incident=world.incident, over_at__gt=world.opens).exists(), "its control"
    refused = closed(world, world.incident)
    assert refused.status == 422 and "under an order" in refused.text
    assert not CONTENT["incident.closed"].objects.filter(incident=world.incident).exists()


def test_whoever_may_not_open_or_close_finds_neither_page(world: World) -> None:
    for user in ("duty", "tracing"):
        assert (
            world.ask(user, OPEN, "en").status == 404 and world.ask(user, f"{CLOSE}?incident={to_text(world.incident)}", "en").status == 404
        )
    assert "Open an incident" not in page(world, "duty").text


def test_near_sequences_propose_that_two_incidents_are_one(two: World) -> None:
    """A case of each, one site apart: proposed with both names; far apart, or of lineages that cannot be one, not."""
    mine = case(two)
    other = bytes(
        Stay.objects.filter(void_seq=NEVER).exclude(person__in=CONTENT["contact.named"].objects.values("person")).order_by("-person")
        .values_list("person", flat=True)[0]
    )  # fmt: skip
    entered(two, "case.diagnosed", CaseDiagnosed(other, "confirmed", "symptom_report"), MARKET)
    entered(two, "sequences.compared", SequencesCompared(mine, other, NEAR + 1, 29_000, "a", "pidu.tracing"), two.incident, ago=3 * HOUR)
    assert "near sequences" not in page(two).text
    entered(two, "sequences.compared", SequencesCompared(mine, other, 1, 29_000, "b", "pidu.tracing"), two.incident, ago=2 * HOUR)
    seen = page(two)
    assert "1 pair of cases has near sequences" in seen.text and "1 site apart" in seen.text
    entered(two, "sequence.read", SequenceRead(mine, "pidu.tracing", "B.1", quality="good"), two.incident)
    entered(two, "sequence.read", SequenceRead(other, "pidu.tracing", "B.1", quality="good"), MARKET)
    assert "Lineages read in both: B.1" in page(two).text
    entered(two, "sequence.read", SequenceRead(other, "pidu.tracing", "C.37", quality="good"), MARKET, ago=60 * 1_000_000)
    assert "near sequences" not in page(two).text and "Lineages read in both" not in page(two).text


def test_a_closed_incident_is_joined_to_nothing_that_goes_on(two: World) -> None:
    entered(two, "incident.closed", IncidentClosed(MARKET, "pidu.command", "结束"), MARKET)
    with pytest.raises(Refused) as refused:
        join(two)
    assert {p.field for p in refused.value.problems} == {"incident"}
