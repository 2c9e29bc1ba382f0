"""How complete the register is, as pages say it: beside the board, by area, from draws that nobody picks; and as it was known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import reverse

from bulou.basis.facts import SampleTaken, TubeOpened
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import MINUTE, Instant, SetClock
from bulou.desks.command.figures import FIGURES
from bulou.duties.enter import enter
from bulou.evidence.now import NEVER
from bulou.gaps.completeness import chosen
from bulou.kit.centre import centre, set_clock
from bulou.kit.completeness import draws, of_areas, said
from bulou.kit.looking import Looking
from bulou.kit.sheet import SHEETS, Listed, Sheet
from bulou.kit.verb import VERBS
from bulou.register.models import Household
from tests.web.test_verbs import sent
from tests.web.world import World, sheet_url

VILLAGE = "510117001218"


def drawn(world: World, area: str = VILLAGE, many: int = 8) -> bytes:
    id_ = new_id(world.opens)
    sent(world, "commander" if VERBS["draw_revisit"].name in world.look("commander").viewer.verbs else "duty", VERBS["draw_revisit"],
         {"area": area, "many": many}, id_=id_)  # fmt: skip
    return id_


def visit(world: World, home: bytes, living: int, matched: int) -> None:
    sent(world, "pitong", VERBS["record_revisit"], {"household": home, "living": living, "matched": matched})


def later(world: World, minutes: int) -> None:
    set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))


def test_nothing_is_claimed_before_anyone_looked(world: World) -> None:
    board = world.ask("commander", reverse("board"), "en")
    assert "how complete it is has not been estimated" in board.text
    assert "known register" in world.ask("commander", reverse("figure", kwargs={"name": "households_owed"}), "en").text
    assert "known register" not in world.ask("commander", reverse("figure", kwargs={"name": "pools_open"}), "en").text


# --- beside every coverage figure ---------------------------------------------------------------------------------------
SENTENCE = "known register"
#: Tables of people, of where they live, and of duties: a list of them says how many of the register were found or reached.
OF_THE_REGISTER = {"stay", "household", "area", "duty"}


#: Duties of units, not of people.
OF_UNITS = {"reporting"}


def unsaid(sheet: Sheet, look: Looking) -> bool:
    """Whether a list of the register does not say how complete it is."""
    return not sheet.covers and sheet.name not in OF_UNITS and sheet.rows(look).model._meta.db_table in OF_THE_REGISTER


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_every_list_of_the_register_says_how_complete_it_is(world: World, name: str) -> None:
    declared = SHEETS[name]
    assert not unsaid(declared, world.look("commander")), "covers=True: how complete the register is stands beside it"
    page = world.get("commander", sheet_url(declared), "en")
    if page.status == 200:  # what the commander does not open has no people of the register in it
        assert (SENTENCE in page.text) == declared.covers
        assert SENTENCE in world.look("commander", "en").say(said(world.look("commander", "en")))


@pytest.mark.parametrize("name", sorted(n for n, s in SHEETS.items() if s.covers))
def test_files_and_the_interface_say_it_too(world: World, name: str) -> None:
    request = RequestFactory().get("/")
    listed = Listed(SHEETS[name], world.look("commander", "en"), request)
    assert any(SENTENCE in value for _, value in listed.head.about)
    told = world.get("commander", reverse(f"api:list-{name}"), "en")
    assert SENTENCE in json.loads(told.text)["complete"]


def test_a_list_narrowed_to_an_area_speaks_of_that_area(world: World) -> None:
    narrow = Listed(SHEETS["people"], world.look("commander", "en"), RequestFactory().get("/", {"area": VILLAGE}))
    look = world.look("commander", "en")
    assert narrow.complete == said(look, VILLAGE) != said(look)


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_figure_of_coverage_says_it(world: World, name: str) -> None:
    declared = FIGURES[name]
    seen = world.get("commander", reverse("figure", kwargs={"name": name}), "en")
    assert (SENTENCE in seen.text) == (declared.of is not None or declared.of_register)


def test_a_list_without_its_sentence_is_caught(world: World) -> None:
    """The planted list: of people, and silent."""
    look = world.look("commander")
    assert unsaid(replace(SHEETS["people"], covers=False), look)
    assert not unsaid(replace(SHEETS["posts"], covers=False), look), "the control: posts are no people of the register"


def test_a_draw_follows_from_its_own_id_and_only_drawn_households_count(world: World) -> None:
    id_ = drawn(world)
    later(world, 1)
    look = world.look("commander")
    (draw,) = [d for d in draws(look) if d.fact.id == id_]
    inside = look.areas.subtree(VILLAGE)
    homes = [bytes(h) for h in Household.objects.filter(area__in=inside, void_seq=NEVER).values_list("household", flat=True)]
    assert list(draw.households) == chosen(id_, homes, 8)
    for home in draw.households:
        visit(world, home, 5, 4)
    picked = next(h for h in homes if h not in draw.households)
    visit(world, picked, 90, 0)  # planted: somebody chose this one
    later(world, 2)
    (source,) = of_areas(world.look("commander"), [VILLAGE])[VILLAGE].sources
    assert (source.kind, source.seen, source.matched) == ("revisit", 40, 32)
    text = said(world.look("commander"), VILLAGE).en
    assert "estimated" in text
    assert "100" not in text.split("estimated")[1]
    page = world.ask("pitong", reverse("revisit") + f"?draw={to_text(id_)}")
    assert page.status == 200
    assert to_text(id_) in page.text
    assert world.ask("commander", reverse("completeness") + f"?area={VILLAGE}").status == 200
    assert "known register" in world.ask("commander", reverse("board"), "en").text


def test_an_independent_list_and_strangers(world: World) -> None:
    n = of_areas(world.look("commander"), [VILLAGE])[VILLAGE].register
    sent(world, "data", VERBS["count_list"], {"area": VILLAGE, "source": "school", "listed": 10, "matched": 9})
    later(world, 1)
    found = of_areas(world.look("commander"), [VILLAGE])[VILLAGE]
    assert [(s.name, s.register, s.seen, s.matched) for s in found.sources] == [("school", n, 10, 9)]
    before = of_areas(world.look("commander"), [VILLAGE], met=True)[VILLAGE].strangers
    stranger, at = named_id("a stranger of the tests"), world.opens
    facts = [
        Fact(new_id(at), "tube.opened", at, None, TubeOpened("STRANGE-1", 10, VILLAGE)),
        Fact(new_id(at), "sample.taken", at, None, SampleTaken(stranger, "STRANGE-1", "covid19", 10)),
    ]
    enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    later(world, 2)
    assert of_areas(world.look("commander"), [VILLAGE], met=True)[VILLAGE].strangers == before + 1


def test_what_was_known_before_is_not_changed_by_what_is_found_later(world: World) -> None:
    hours = "?about=2020-12-09+08:00&known=2020-12-09+08:00"
    before = world.ask("commander", reverse("completeness") + hours).text
    sent(world, "data", VERBS["count_list"], {"area": VILLAGE, "source": "school", "listed": 10, "matched": 9})
    after: Any = world.ask("commander", reverse("completeness") + hours).text
    assert _plain(after) == _plain(before)


def _plain(text: str) -> str:
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", text)


def test_other_areas_are_not_found(world: World) -> None:
    assert world.ask("taiping", reverse("completeness") + "?area=510117008").status == 404
    assert world.ask("taiping", reverse("completeness")).status == 200
