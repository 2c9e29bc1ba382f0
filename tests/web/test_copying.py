"""Copy as message: every figure and every list has it, with unit and both hours, and no name or number of a person whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from bulou.desks.command.figures import FIGURES
from bulou.evidence.now import NEVER
from bulou.kit import copying
from bulou.kit.sheet import SHEETS
from bulou.register.models import Person
from tests.web.world import World, sheet_url


def whole_of(world: World) -> set[str]:
    """Every name, telephone and document that the register has."""
    rows = Person.objects.filter(void_seq=NEVER).values_list("name", "phone", "document")
    return {v for row in rows for v in row if v and len(v) > 2}


def text_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert found
    return found[1].strip()


def addresses(world: World, user: str) -> dict[str, str]:
    """Every list and figure that the user opens, and the address of its message."""
    viewer = world.look(user).viewer
    found = {s.name: reverse("list-message", kwargs={"name": s.name}) for s in SHEETS.values() if viewer.sees(s.desk)}
    if viewer.sees("command"):
        found |= {f"figure {f}": reverse("figure-message", kwargs={"name": f}) for f in FIGURES}
    return found


def leaks(world: World, user: str) -> list[str]:
    """The messages in which a person stands whole; and those that do not say what they must."""
    secret, wrong = whole_of(world), list[str]()
    for what, url in addresses(world, user).items():
        text = text_of(world.ask(user, url).text)
        lines = text.splitlines()
        if any(v in text for v in secret):
            wrong.append(what)
        if not lines[0].startswith("EXERCISE") or not re.search(r"关于 2020-12-09 .*知道到 2020-12-09 .*来源", lines[-1]):
            wrong.append(f"{what} does not say its hours")
        if not re.search(r"\d \S", lines[2]):
            wrong.append(f"{what} does not say its unit")
    return wrong


@pytest.mark.parametrize("user", ["data", "duty"])
def test_every_list_and_figure_is_copied_masked_with_unit_and_hours(world: World, user: str) -> None:
    assert len(addresses(world, user)) > len(FIGURES)
    assert leaks(world, user) == []


def test_a_message_that_is_not_masked_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the masks the same look finds people."""
    monkeypatch.setattr(copying, "masked", lambda look: look)
    assert "people" in leaks(world, "data")


def test_every_list_and_figure_leads_to_its_message(world: World) -> None:
    for sheet in SHEETS.values():
        if world.look("data").viewer.sees(sheet.desk):
            assert reverse("list-message", kwargs={"name": sheet.name}) in world.ask("data", sheet_url(sheet)).text, sheet.name
    for name in FIGURES:
        assert reverse("figure-message", kwargs={"name": name}) in world.ask("duty", reverse("figure", kwargs={"name": name})).text


def test_a_message_says_how_the_list_was_narrowed_and_not_what_was_typed(world: World) -> None:
    area = next(iter(world.look("data").areas.below[world.look("data").areas.root]))
    url = reverse("list-message", kwargs={"name": "people"})
    text = text_of(world.ask("data", f"{url}?area={area}").text)
    assert world.look("data").areas.name(area, "zh") in text
    typed: dict[str, Any] = {n.name: "欧阳甲子" for n in SHEETS["people"].narrows if not (n.words or n.area or n.choices)}
    for name, value in typed.items():
        assert value not in text_of(world.ask("data", f"{url}?{name}={value}").text)


def test_another_desks_list_is_not_found(world: World) -> None:
    for sheet in SHEETS.values():
        if not world.look("sampler").viewer.sees(sheet.desk):
            assert world.ask("sampler", reverse("list-message", kwargs={"name": sheet.name})).status == 404
