"""People first, on the pages: nothing is proposed for a child, and looking back brings no rights back."""

from __future__ import annotations

import re

from django.urls import reverse

from bulou.basis.facts import PersonEnrolled, PostLeft
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant, format_local
from bulou.duties.enter import enter
from bulou.evidence.models import Contact
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.register.models import Holding, Person, User
from tests.web.world import World

_CHOSEN = re.compile(r'<option value="(\w*)"[^>]*selected', re.DOTALL)


def _measure(world: World, person: bytes) -> str:
    """The measure that the page of an order has chosen beforehand; empty where it leaves the choice."""
    seen = world.ask("tracing", f"{reverse('order-make')}?person={to_text(person)}&ring=close")
    assert seen.status == 200, seen.url
    select = re.search(r'<select name="measure".*?</select>', seen.text, re.DOTALL)
    assert select
    found = _CHOSEN.search(select[0])
    return found[1] if found else ""


def _close_contact() -> bytes:
    return bytes(Contact.objects.filter(ring="close", void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])


def _enter(*facts: Fact) -> None:
    enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)


def _born(world: World, person: bytes, day: str) -> None:
    """The register learns when someone was born."""
    row = Person.objects.get(person=person, void_seq=NEVER)
    area = world.look("commander").areas.root or ""
    _enter(
        Fact(new_id(world.opens), "person.enrolled", Instant(world.opens - HOUR), None, PersonEnrolled(person, row.name, area, born_on=day))
    )


def test_no_measure_is_proposed_for_a_child(world: World) -> None:
    person = _close_contact()
    _born(world, person, "2006-12-10")  # turns fourteen tomorrow
    assert _measure(world, person) == ""


def test_control_the_edition_proposes_a_measure_for_a_grown_up(world: World) -> None:
    person = _close_contact()
    _born(world, person, "1970-01-01")
    assert _measure(world, person) == "central"


def test_looking_back_brings_no_rights_back(world: World) -> None:
    """Who left the post yesterday does not see today what they might have seen then; nor does a past hour give verbs."""
    user = User.objects.get(username="tracing")
    posts = list(Holding.objects.filter(holder=user.holder, void_seq=NEVER).values_list("post", flat=True))
    assert posts
    then = format_local(Instant(world.opens - DAY), world.look("tracing").zone).replace(" ", "T")
    url = f"{reverse('sheet-cases')}?about={then}&known={then}"
    assert world.ask("tracing", url).status == 200
    _enter(*(Fact(new_id(world.opens), "post.left", Instant(world.opens - HOUR), None, PostLeft(p, user.holder)) for p in posts))
    assert world.ask("tracing", url).status == 404
    assert world.ask("tracing", reverse("sheet-cases")).status == 404
