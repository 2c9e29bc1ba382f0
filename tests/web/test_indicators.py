"""The indicators of an incident: each opens to those behind it, open ones are never dropped, few pairs tell no interval."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

from django.db import transaction
from django.urls import reverse

from bulou.basis.facts import ContactJudged, ContactNamed, InterviewHeld, NoticeGiven, OnsetRecorded, PersonLocated, PlacementMade
from bulou.basis.fetchfacts import PersonFetched
from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing.indicators import INDICATORS, Reading, Span, measured, reading, rows_of, said
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking
from bulou.questions.chain import FEW
from tests.web.test_chain import HERE, diagnosed, people
from tests.web.test_traced import entered, fact
from tests.web.world import World

PAGE = reverse("chain-figures")


def read(world: World, look: Looking | None = None) -> Reading:
    eyes = look or world.look("tracing")
    return reading(next(i for i in incidents(eyes) if i.id == world.incident), eyes)


def spans(world: World, name: str) -> dict[bytes, Span]:
    found = INDICATORS[name].spans
    assert found
    return {s.person: s for s in found(read(world))}


def test_who_was_not_interviewed_is_open_and_counted(world: World) -> None:
    before = measured(INDICATORS["interview"], read(world))
    one, two = people(HERE, 2)
    diagnosed(world, one, "61", -50)
    diagnosed(world, two, "62", -20)
    entered(fact(world, "interview.held", InterviewHeld(two, "core", "pidu.tracing"), -18))
    now = measured(INDICATORS["interview"], read(world))
    assert (now.n - before.n, now.open - before.open) == (1, 1)
    told = spans(world, "interview")
    assert told[one].until is None and told[two].until == world.opens - 18 * HOUR
    seen = unescape(world.ask("tracing", reverse("chain-figure", kwargs={"name": "interview"}), "en").text)
    row = next(part for part in seen.split("<tr>") if "case 61</a>" in part)
    assert "still open" in row and "50.0" in row


def test_in_a_record_of_the_past_nobody_waits(world: World) -> None:
    """What was not written down is said to be that and takes no time; a closed incident waits no longer than until it was closed."""
    one, two = people(HERE, 2)
    diagnosed(world, one, "61", -50)
    diagnosed(world, two, "62", -20)
    entered(fact(world, "interview.held", InterviewHeld(two, "core", "pidu.tracing"), -18))
    now, interview = read(world), INDICATORS["interview"]
    past = replace(now, incident=now.incident._replace(nature="history"))
    open_ = measured(interview, now).open
    assert open_ and (measured(interview, past).open, measured(interview, past).n) == (0, measured(interview, now).n)
    assert said(interview, past)[1].endswith(f"未记载 {open_}")
    past.interviewed.clear()
    assert said(interview, past)[0] == "/" and "未记载" in said(interview, past)[1]
    shut = replace(now, incident=now.incident._replace(closed_at=world.opens - 10 * HOUR))
    assert next(line["hours"] for line in rows_of(interview, shut) if line["label"] == "病例61") == 40.0


def test_naming_judging_and_placing_are_measured_from_contact_to_contact(world: World) -> None:
    case, contact = people(HERE, 2)
    diagnosed(world, case, "63", -30)
    entered(fact(world, "contact.named", ContactNamed(contact, case, Instant(world.opens - 40 * HOUR), "meal"), -28))
    assert spans(world, "naming")[case].until == world.opens - 28 * HOUR
    assert spans(world, "judging")[contact].until is None and contact not in spans(world, "placing")
    entered(fact(world, "contact.judged", ContactJudged(contact, "close", "同桌", "pidu.expert"), -25))
    assert spans(world, "judging")[contact].until == world.opens - 25 * HOUR and spans(world, "placing")[contact].until is None
    assert spans(world, "telling")[contact].until is None and spans(world, "holding")[contact].until is None
    with transaction.atomic():  # whoever is there already waits for no vehicle, and for nobody to find them
        entered(fact(world, "placement.made", PlacementMade(contact, "central"), -24))
        assert not {contact} & (spans(world, "holding").keys() | spans(world, "fetching").keys()) and contact in spans(world, "placing")
        transaction.set_rollback(True)
    entered(
        fact(world, "person.located", PersonLocated(contact, "staying"), -29),
        fact(world, "person.located", PersonLocated(contact, "not_reached"), -26),
    )
    assert spans(world, "holding")[contact].until is None, "found before anybody named them, and not reached since"
    entered(
        fact(world, "person.located", PersonLocated(contact, "staying"), -24),
        fact(world, "notice.given", NoticeGiven(contact, "order", "x"), -24),
    )
    assert spans(world, "holding")[contact].until == spans(world, "telling")[contact].until == world.opens - 24 * HOUR
    assert contact not in spans(world, "riding") and spans(world, "fetching")[contact].until is None
    entered(
        fact(world, "person.fetched", PersonFetched(contact, "川A·00001"), -22), fact(world, "person.fetched", PersonFetched(contact), -21)
    )
    assert spans(world, "fetching")[contact].until == world.opens - 22 * HOUR
    entered(fact(world, "placement.made", PlacementMade(contact, "central"), -20))
    assert spans(world, "placing")[contact].until == world.opens - 20 * HOUR
    riding = spans(world, "riding")[contact]
    assert (riding.since, riding.until) == (world.opens - 22 * HOUR, world.opens - 20 * HOUR)
    page = unescape(world.ask("tracing", reverse("contact", kwargs={"person": to_text(contact)}), "en").text)
    assert [word in page for word in ("Staying put", "Fetched", "Brought there")] == [True] * 3
    row = world.ask("tracing", reverse("sheet-contacts") + "?sort=fetched", "en").text
    assert "Fetched" in row


def test_the_interval_is_told_of_enough_pairs_alone(world: World) -> None:
    one, *rest = people(HERE, FEW + 1)
    for n, p in enumerate((one, *rest)):
        diagnosed(world, p, str(70 + n), -30)
        entered(fact(world, "onset.recorded", OnsetRecorded(p, "2020-12-02" if n == 0 else "2020-12-06"), -29))
    for p in rest[:-1]:
        entered(fact(world, "contact.named", ContactNamed(p, one, Instant(world.opens - 90 * HOUR), "meal"), -28))
    assert said(INDICATORS["serial"], read(world, world.look("tracing", "en")))[0] == "—", "nine pairs tell nothing"
    entered(fact(world, "contact.named", ContactNamed(rest[-1], one, Instant(world.opens - 90 * HOUR), "meal"), -28))
    assert said(INDICATORS["serial"], read(world, world.look("tracing", "en"))) == ("4 d", f"{FEW} pairs · middle half 4–4 d")


def test_every_figure_is_the_size_of_what_it_opens_to(world: World) -> None:
    made = read(world, world.look("tracing", "en"))
    for name, one in INDICATORS.items():
        seen = unescape(world.get("tracing", reverse("chain-figure", kwargs={"name": name}), "en").text)
        assert one.definition.en in seen and said(one, made)[0] in seen
        if one.part:
            assert seen.count(">counted</td>") == len(one.part(made)) and len(made.infected) == seen.count("<tr>") - 1
        if one.spans:
            assert seen.count("still open") == min(50, measured(one, made).open)
    assert world.get("tracing", reverse("chain-figure", kwargs={"name": "nonsense"})).status == 404


def test_a_narrower_viewer_measures_fewer(world: World) -> None:
    for user in world.users:
        look = world.look(user)
        if look.viewer.sees("tracing"):
            assert world.get(user, PAGE).status == 200
            assert {m.person for m in read(world, look).infected} <= {m.person for m in read(world).infected}
        else:
            assert world.get(user, PAGE).status == 404
