"""The hour at which a centre's day closes: new figures, the curve and the bridge from yesterday count by it; deadlines do not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bulou.basis.areafacts import CutoffSet
from bulou.basis.facts import CaseDiagnosed
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, Instant, parse_local
from bulou.basis.words import LISTS
from bulou.desks.command.board import curve
from bulou.desks.command.figures import FIGURES, Board, bridge, diagnoses, infections
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking, moment_at
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Stay
from tests.web.test_verbs import sent
from tests.web.world import World


def closing(world: World, hour: str, days_ago: int = 30) -> None:
    at = Instant(world.opens - days_ago * DAY)
    enter(
        [Fact(new_id(at), "cutoff.set", at, None, CutoffSet(hour, "pidu.command"))],
        by="test",
        source="test",
        clock=centre().clock,
        protocol=centre().protocol,
    )


def board(world: World, look: Looking | None = None) -> Board:
    return Board.of(look or world.look("commander"), world.incident)


def first_hours(world: World) -> list[int]:
    """When each infection was first diagnosed."""
    one = board(world)
    return sorted(diagnoses(one)[p][0][0] for p in infections(one))


def diagnosed(world: World) -> None:
    """Two people of the register found infected on the eighth, one before and one after eighteen o'clock."""
    people = Stay.objects.filter(void_seq=NEVER).exclude(household=None).order_by("person").values_list("person", flat=True)[:2]
    zone = world.look("commander").zone
    facts = []
    for person, hour in zip(people, ("2020-12-08 10:00", "2020-12-08 20:00"), strict=True):
        at = parse_local(hour, zone)
        facts.append(
            Fact(
                new_id(at), "case.diagnosed", at, world.incident, CaseDiagnosed(bytes(person), "confirmed", next(iter(LISTS["how_found"])))
            )
        )
    enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)


def test_new_figures_and_the_curve_divide_days_at_the_hour(world: World) -> None:
    diagnosed(world)
    look, known = world.look("commander"), world.look("commander").moment.known
    midnight, evening, about = (parse_local(f"2020-12-08 {h}", look.zone) for h in ("00:00", "18:00", "21:00"))
    one = board(world, look.at(moment_at(about, known)))
    incident = next(i for i in incidents(look) if i.id == world.incident)
    drawn = curve(one, incident)
    assert FIGURES["infections_new"].value(one) == sum(midnight <= h <= about for h in first_hours(world)), "the calendar's day"
    closing(world, "18:00")
    one = board(world, world.look("commander").at(moment_at(about, known)))
    assert FIGURES["infections_new"].value(one) == sum(evening <= h <= about for h in first_hours(world)) >= 1
    moved = curve(one, incident)
    totals = [{d: sum(s["values"][i] for s in c["series"]) for i, d in enumerate(c["days"])} for c in (drawn, moved)]
    assert sum(totals[0].values()) == sum(totals[1].values()), "nobody is lost between two days"
    assert moved["today"] == "2020-12-09", "the ninth began at 18:00 of the eighth"
    assert totals[1]["2020-12-09"] == FIGURES["infections_new"].value(one)
    assert totals[0]["2020-12-08"] > totals[1]["2020-12-08"]
    assert "18:00" in moved["axis"]
    assert "18:00" not in drawn["axis"]


def test_the_bridge_begins_when_yesterday_closed_as_it_was_known_then(world: World) -> None:
    closing(world, "18:00")
    look = world.look("commander")
    for hour, begins in (("2020-12-09 09:00", "2020-12-08 18:00"), ("2020-12-08 18:00", "2020-12-07 18:00")):
        about, then = parse_local(hour, look.zone), parse_local(begins, look.zone)
        now = look.at(moment_at(about, look.moment.known))
        lines = {line.code: line.value for line in bridge(FIGURES["infections"], board(world, now))}
        known = board(world, look.at(moment_at(then, then)))
        assert lines["then"] == FIGURES["infections"].value(known), hour
        assert sum(v for code, v in lines.items() if code != "now") == lines["now"]


def test_a_figure_says_its_day_and_who_may_sets_the_hour(world: World) -> None:
    url = reverse("figure", kwargs={"name": "infections_new"})
    seen = world.ask("commander", url, "en")
    assert "2020-12-09: 2020-12-09 00:00 – 2020-12-09 24:00" in " ".join(seen.text.split())
    assert any(reverse("do", kwargs={"name": "set_cut_off"}) in link for link in seen.read.links)
    assert not any(reverse("do", kwargs={"name": "set_cut_off"}) in link for link in world.ask("duty", url, "en").read.links)
    closing(world, "18:00")
    assert "2020-12-09: 2020-12-08 18:00 – 2020-12-09 18:00" in " ".join(world.ask("commander", url, "en").text.split())


def test_from_tomorrow_on_and_no_deadline_moves(world: World) -> None:
    owed = list(Duty.objects.order_by("id").values_list("id", "due_at", "void_seq"))
    sent(world, "commander", VERBS["set_cut_off"], {"cut_off": "08:00"})
    days = world.look("commander").days()
    assert (days.hour("2020-12-09"), days.hour("2020-12-10")) == ("24:00", "08:00")
    assert list(Duty.objects.order_by("id").values_list("id", "due_at", "void_seq")) == owed
    for wrong in ("00:00", "25:00", "8 pm"):
        with pytest.raises(Refused, match="HH:MM"):
            sent(world, "commander", VERBS["set_cut_off"], {"cut_off": wrong})
