"""What the board tells morning by morning: few gaps, the old ones explained, zones lifted one after another, nothing owed at the end."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings

from bulou.basis.time import DAY, HOUR, Instant, format_local
from bulou.desks.command.board import gap_rows
from bulou.desks.command.figures import FIGURES, standing_zones
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook, gaps
from bulou.kit.looking import Looking
from bulou.kit.page import PAGES
from bulou.kit.sheet import EXERCISE, SHEETS, Listed
from bulou.scenarios.demo import SCENARIO
from bulou.scenarios.staff_work import SILENT
from bulou.web import urls  # declares every page and sheet
from tests.scenario.ground import board_of, ends, ground, looking

assert urls.urlpatterns
pytestmark = pytest.mark.django_db
HEAD = ground().published.head
MORNINGS = [Instant(HEAD.opens + n * DAY) for n in range((HEAD.ends - HEAD.opens) // DAY + 1)]
#: A gap may stand this long before someone has said why.
PATIENCE = 36 * HOUR


def mornings(about: Instant) -> str:
    return format_local(about, settings.BULOU_ZONE)


def unexplained(look: Looking, patience: int = PATIENCE) -> list[tuple[str, Any]]:
    """Gaps that have stood for longer than anyone should wait, and that nobody has answered."""
    book = RuleBook(look.protocol)
    answered = {(bytes.fromhex(s) if len(s) == 32 else s.encode(), r) for s, r in
                standing_facts("gap.answered", look.seq, look.about).values_list("subject", "rule")}  # fmt: skip
    old = gaps(look.seq, look.about, look.scope).filter(due_at__lt=look.about - patience)
    return [(book.rules[g.rule].name, g.due_at) for g in old if (bytes(g.subject), book.rules[g.rule].name) not in answered]


@pytest.mark.parametrize("about", MORNINGS, ids=mornings)
def test_old_gaps_are_explained(about: Instant, ledger: None) -> None:
    assert unexplained(looking(about)) == []


def test_gaps_that_nobody_explained_are_seen(ledger: None) -> None:
    """The check itself: without patience the first morning's fresh gaps, which nobody has answered yet, are found."""
    assert unexplained(looking(HEAD.opens), patience=0)


def test_there_are_gaps_to_work_on_and_not_too_many(ledger: None) -> None:
    def many(about: Instant) -> int:
        board = board_of(looking(about))
        assert board
        return sum(n for _area, _rule, n, _due in gap_rows(board))

    found = [many(about) for about in MORNINGS]
    people = FIGURES["zone_people"].value(board_of(looking(HEAD.opens)))  # type: ignore[arg-type]
    assert found[0] > 0, "a newcomer finds nothing to do"
    assert max(found) < people, "gaps pile up"


def test_the_last_morning_owes_nothing(ledger: None) -> None:
    board = board_of(looking(ends()))
    assert board
    still = {name: f.value(board) for name, f in FIGURES.items() if f.alarming and name != "unlinked"}
    assert still == dict.fromkeys(still, 0)
    assert gap_rows(board) == []
    assert FIGURES["under_order"].value(board) == 0


def test_zones_are_lifted_one_after_another_and_the_last_at_its_hour(ledger: None) -> None:
    def standing(about: int) -> int:
        board = board_of(looking(Instant(about)))
        assert board
        return len(standing_zones(board))

    counts = [standing(about) for about in MORNINGS]
    top = counts.index(max(counts))
    assert counts[:top] == sorted(counts[:top])
    assert counts[top:] == sorted(counts[top:], reverse=True)
    last = max(f.at for f in ground().told if f.kind == "zone.lifted")
    assert (standing(last - 1), standing(last)) == (1, 0)


def test_silence_is_shown_until_the_late_report_comes(ledger: None) -> None:
    towns = {town for day, town in SILENT if day < format_local(HEAD.opens, settings.BULOU_ZONE)[:10]}
    board = board_of(looking(HEAD.opens))
    assert board
    assert set(FIGURES["silent_units"].keys(board)) == towns


# --- made up, and said so ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [p.name for p in PAGES.values() if p.open and not p.part])
def test_pages_of_a_demo_say_that_it_is_an_exercise(name: str, ledger: None) -> None:
    page = PAGES[name]
    with override_settings(BULOU_DEMO=SCENARIO):
        assert EXERCISE in Client().get("/" + page.path).content.decode()
    if not name.startswith("demo"):
        assert EXERCISE not in Client().get("/" + page.path).content.decode(), "a real centre would be told that it is not real"


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda s: s.name)
@pytest.mark.parametrize("demo", [SCENARIO, ""])
def test_every_row_that_leaves_a_demo_says_so(sheet: Any, demo: str, ledger: None) -> None:
    with override_settings(BULOU_DEMO=demo):
        response = Listed(sheet, looking(ends()), RequestFactory().get("/")).csv()
        lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[arg-type]
    assert all(line.endswith(EXERCISE) == bool(demo) for line in lines)
    assert response["Content-Disposition"].startswith('attachment; filename="EXERCISE_') == bool(demo)
