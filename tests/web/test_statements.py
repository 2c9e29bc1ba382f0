"""How many statements every page, sheet, CSV and verb sends: never more than written down, and not more for more rows.

A number that fell is written down anew, and so is one that rose for a reason:
``BULOU_BASELINE=write uv run pytest tests/web/test_statements.py``; the change is then read with the rest of the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bulou.duties.enter import forget
from bulou.kit import sheet as sheets
from bulou.kit.looking import forget_books
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS, Sheet
from bulou.kit.verb import VERBS
from tests.engine.databases import vendor
from tests.web.test_verbs import good, ready, sent
from tests.web.world import NEGATIVE_POOL, POOL, World, sheet_url

BASELINE = Path(__file__).parent.parent / "statements" / "baseline.json"
#: Rows of other kinds need other things read; a statement for each row would be thirty more.
SLACK = 4
#: Who opens a page when the commander may not.
OPENERS = ("commander", "duty", "tracing", "sampling", "taiping", "expert", "isolation", "laboratory", "data")


class Counting:
    """Counts statements that ask or write; savepoints and the ledger's lock differ between databases and are left out."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT pg_advisory")):
            self.n += 1
        return execute(sql, params, many, context)


@contextmanager
def counting() -> Iterator[Counting]:
    """Cold: nothing remembered of another page."""
    forget()
    forget_books()
    counter = Counting()
    with connection.execute_wrapper(counter):
        yield counter


def statements(work: Callable[[], Any]) -> int:
    """How many statements a piece of work sends; what it enters is taken back."""
    with counting() as counter, transaction.atomic():
        work()
        transaction.set_rollback(True)
    return counter.n


def opener(world: World, name: str, url: str) -> str | None:
    """The first user who opens an address."""
    return next((u for u in OPENERS if world.allowed(world.look(u), PAGES[name], url) and world.get(u, url).opened), None)


def measured(world: World) -> dict[str, int]:
    """The number of statements of everything there is."""
    found: dict[str, int] = {}
    for page in PAGES.values():
        for url in world.addresses(page)[:1]:
            user = opener(world, page.name, url)
            if user and page.name not in ("live", "do"):
                found[f"page {page.name}"] = statements(lambda user=user, url=url: world.ask(user, url))
    for sheet in SHEETS.values():
        for csv in (False, True):
            url = sheet_url(sheet, csv)
            found[f"{'csv' if csv else 'sheet'} {sheet.name}"] = statements(lambda url=url: world.ask("commander", url))
    for verb in VERBS.values():
        with transaction.atomic():
            ready(world, verb.name)
            user, values = good(world, verb.name)
            found[f"verb {verb.name}"] = statements(lambda user=user, verb=verb, values=values: sent(world, user, verb, values))
            transaction.set_rollback(True)
    return found


def rises(now: dict[str, int], before: dict[str, int]) -> list[str]:
    """What sends more statements than written down, or is not written down at all."""
    return [f"{what}: {n}, written down {before.get(what)}" for what, n in sorted(now.items()) if n > before.get(what, -1)]


def test_no_number_rises_above_the_baseline(world: World) -> None:
    now = measured(world)
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("BULOU_BASELINE") == "write":
        kept[vendor()] = now
        BASELINE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    found = rises(now, kept.get(vendor(), {}))
    assert not found, f"more statements than written down; if they must be, BULOU_BASELINE=write writes {BASELINE.name} anew: {found}"


def test_a_number_that_rises_is_caught() -> None:
    assert rises({"page a": 3, "page b": 2}, {"page a": 2, "page b": 2}) == ["page a: 3, written down 2"]
    assert rises({"page c": 1}, {}) == ["page c: 1, written down None"]


# --- not more for more rows -------------------------------------------------------------------------------------------
def growth(world: World, sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many more statements a page of fifty rows sends than one of fifteen."""
    numbers = []
    world.ask("commander", sheet_url(sheet))  # looks are sealed once a minute, by whoever comes first
    for per_page in (15, 50):
        monkeypatch.setattr(sheets, "PER_PAGE", per_page)
        numbers.append(statements(lambda: world.ask("commander", sheet_url(sheet))))
    return numbers[1] - numbers[0]


@pytest.mark.parametrize("name", SHEETS)
def test_a_longer_list_sends_no_more_statements(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert growth(world, SHEETS[name], monkeypatch) <= SLACK


@pytest.mark.parametrize("name", SHEETS)
def test_a_longer_csv_sends_no_more_statements(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Rows are written in parts; a whole register needs as many statements for each part as a village."""
    numbers = []
    sheet = SHEETS[name]
    rows = sheet.rows
    for most in (15, 50):
        short = replace(sheet, rows=lambda look, rows=rows, most=most: _first(rows(look), most))
        monkeypatch.setitem(SHEETS, name, short)
        numbers.append(statements(lambda: world.ask("commander", sheet_url(sheet, csv=True))))
        monkeypatch.setitem(SHEETS, name, sheet)
    assert numbers[1] - numbers[0] <= SLACK


def _first(rows: Any, most: int) -> Any:
    return rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:most]))


def test_a_query_for_each_row_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a sheet that does not say whom its rows name, so that every name is asked for alone."""
    sheet = SHEETS["samples"]
    monkeypatch.setitem(SHEETS, "samples", replace(sheet, people=None))
    assert growth(world, sheet, monkeypatch) > SLACK + 20
    before = {"sheet samples": statements(lambda: None) + 30}
    assert rises({"sheet samples": statements(lambda: world.ask("commander", sheet_url(sheet)))}, before)


def test_a_fuller_tube_sends_no_more_statements(world: World) -> None:
    """Ten people of a pool, or one: what is said of each is read together."""
    full = [statements(lambda t=t: world.ask("duty", f"/testing/tube/{t}")) for t in (POOL, NEGATIVE_POOL)]
    single = statements(lambda: world.ask("duty", "/testing/tube/AJ09-006"))
    assert max(full) - single <= SLACK + 6  # a pool's page also shows its neighbours and what each of its people owes
