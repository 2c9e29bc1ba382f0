"""Every unit reports every day, also when there is nothing; silence is a gap with someone who answers, and never a zero."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import RequestFactory

from bulou.basis.words import NOT_APPLICABLE, NOTHING_REPORTED, ZERO
from bulou.desks.command import reporting
from bulou.desks.command.figures import FIGURES, Board
from bulou.kit.sheet import SHEETS, Listed
from tests.web.world import World, sheet_url


def told(world: World, user: str = "commander", language: str = "en") -> list[dict[str, str]]:
    listed = Listed(SHEETS["reporting"], world.look(user, language), RequestFactory().get("/"))
    names = [c.name for c in listed.columns]
    return [dict(zip(names, row, strict=False)) for part in listed.parts() for row in part]


def test_every_unit_and_day_has_one_sign(world: World) -> None:
    rows = told(world)
    assert rows
    assert len({(r["unit"], r["day"]) for r in rows}) == len(rows), "one row for a unit and a day"
    signs = Counter(r["sign"] if r["sign"] in (ZERO, NOTHING_REPORTED, NOT_APPLICABLE) else "number" for r in rows)
    assert signs[ZERO]
    assert signs[NOTHING_REPORTED], "towns of the demo are silent"
    for row in rows:
        assert (row["sent"] != "") == (row["sign"] not in (NOTHING_REPORTED, NOT_APPLICABLE)), row


def test_silence_is_the_boards_figure_and_names_who_answers(world: World) -> None:
    board = Board.of(world.look("commander", "en"), world.incident)
    silent = {board.look.area(str(s)) for s in FIGURES["silent_units"].keys(board)}
    rows = [r for r in told(world) if r["sign"] == NOTHING_REPORTED and r["state"] == "overdue"]
    assert silent == {r["unit"] for r in rows} != set()
    assert all(r["answers"] for r in rows)
    page = world.ask("commander", sheet_url(SHEETS["reporting"]), "en")
    assert "which is not zero" in page.text
    duty = next(h for h in page.read.links if h.startswith("/duties/"))
    seen = world.ask("commander", duty, "en")
    assert seen.status == 200
    assert len(seen.read.h1) == 1


def test_a_silence_shown_as_zero_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted list: what was not reported counts as nothing found."""

    def careless(row: Any) -> str:
        return str(row.report[0]) if row.report else ZERO

    monkeypatch.setattr(reporting, "sign", careless)
    with pytest.raises(AssertionError):
        test_every_unit_and_day_has_one_sign(world)


def test_a_town_sees_its_own(world: World) -> None:
    assert {r["unit"] for r in told(world, "pitong")} == {world.look("pitong", "en").area("510117001")}
