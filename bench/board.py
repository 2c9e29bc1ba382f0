"""How long every page, list and CSV of the demo takes with its real ledger and 100,000 people, on SQLite. Asserts nothing.

Loops over the registries, so that nothing new is forgotten: each list as it opens, in every order, through each of its filters,
and its last page; the board; every other page at each address that tests open; all at the hour the demo opens and days later.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import ground
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from tests.web.world import PAGES, World, sheet_url

from bulou.basis.time import Instant, parse_local
from bulou.duties.models import Duty
from bulou.evidence.models import Entry
from bulou.kit.centre import centre, set_clock
from bulou.kit.sheet import SHEETS, Listed, Sheet
from bulou.register.models import Person, User
from bulou.scenarios import demo

LIST_MS, BOARD_MS, PAGE_MS = 300, 1000, 300
LATER = ("2020-12-14 09:00",)


class Asked(NamedTuple):
    """What one address took: the first time, the median after it, of that in this process's own time, and how many statements."""

    url: str
    status: int
    first: float
    median: float
    own: float
    statements: int


def world() -> World:
    sessions = {}
    for user in User.objects.filter(demo=True).order_by("pk"):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        sessions[user.username] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return World("bench", connection, centre().clock.now(), sessions)


def ask(seen: World, user: str, url: str, rounds: int) -> Asked:
    """The same request again and again, through everything but the socket; streams are read to their end."""
    heard = 0

    def hear(execute: Any, *call: Any) -> Any:
        nonlocal heard
        heard += 1
        return execute(*call)

    client = seen.client(user)

    def once() -> int:
        return seen.ask(user, url, client=client).status

    with connection.execute_wrapper(hear):
        first, status = ground.timed(once)
        heard, own = 0, []
        again = []
        for _ in range(rounds):
            before = time.process_time()
            again.append(ground.timed(once)[0])
            own.append(time.process_time() - before)
    return Asked(url, status, 1000 * first, 1000 * ground.median(again), 1000 * ground.median(own), heard // rounds)


def who(seen: World, page: Any, url: str) -> str | None:
    """The first user who opens a page at all: the commander, where the commander does."""
    return next((u for u in seen.users if seen.allowed(seen.look(u), page, url)), None)


def reader(seen: World, declared: Sheet) -> str | None:
    """The first user who reads a list for the whole centre."""
    return next((u for u in seen.users if seen.look(u).viewer.sees(declared.desk) and seen.look(u).scope.codes is None), None)


def addresses(declared: Sheet, seen: World, user: str) -> Iterator[str]:
    """A list as it opens, in every order both ways, through each filter with one of its choices, and its last page."""
    yield sheet_url(declared)
    for column in declared.columns:
        if column.sort:
            yield sheet_url(declared, sort=column.name)
            yield sheet_url(declared, sort=f"-{column.name}")
    look = seen.look(user)
    listed = Listed(declared, look, HttpRequest())
    for name, narrow in listed.filter.filters.items():
        choices = [c for c, _ in getattr(narrow.field, "choices", []) if c] or ["王", "5101"]
        for choice in (choices[0], choices[-1]):
            yield sheet_url(declared, **{name: str(choice)})
    yield sheet_url(declared, page=str(max(1, -(-listed.rows.count() // 50))))


def lists(seen: World, rounds: int, table: ground.Table, some: Mapping[str, Sheet] = SHEETS) -> None:
    for declared in some.values():
        user = reader(seen, declared)
        if user is None:
            table.line(f"list {declared.name}", "nobody of the demo opens it", "", "", "", "", "", "")
            continue
        asked = [ask(seen, user, url, rounds) for url in addresses(declared, seen, user)]
        plain, worst = asked[0], max(asked, key=lambda a: a.median)
        rows = declared.rows(seen.look(user)).count()
        show(table, f"list {declared.name}, {rows:,} rows", [plain], LIST_MS)
        show(table, f"… its slowest of {len(asked)}: {worst.url.partition('?')[2] or 'as it opens'}", asked, LIST_MS)


def show(table: ground.Table, what: str, asked: list[Asked], limit: float) -> None:
    worst = max(asked, key=lambda a: a.median)
    first = max(a.first for a in asked)
    told = sorted({a.status for a in asked})
    over = "over" if worst.median > limit else "within"
    right = table.same(all(s in (200, 302) for s in told)) == "same"
    table.line(what, f"{worst.median:.0f} ms", f"{worst.own:.0f} ms", f"{first:.0f} ms", f"{limit:.0f} ms", over, str(worst.statements),
               "/".join(map(str, told)) + ("" if right else " WRONG"))  # fmt: skip


def pages(seen: World, rounds: int, table: ground.Table) -> None:
    for page in PAGES.values():
        if page.part and page.name not in ("home",):
            continue
        asked = []
        for url in seen.addresses(page):
            user = who(seen, page, url)
            if user is not None:
                asked.append(ask(seen, user, url, rounds))
        # A door's list, a shift, an objection: this ledger has none; tests of pages make one.
        if asked and all(a.status == 404 for a in asked):
            table.line(f"page {page.name}", "nothing of it is in this ledger", "", "", "", "", "", "404")
        elif asked := [a for a in asked if a.status != 404]:  # one of its addresses may be about a place that is not here
            slow = max(asked, key=lambda a: a.median)
            what = f"page {page.name}" + (f", slowest of {len(asked)}: {slow.url[:70]}" if len(asked) > 1 else "")
            show(table, what, asked, BOARD_MS if page.name == "board" else PAGE_MS)


def exports(seen: World, table: ground.Table) -> None:
    """Every list as CSV, to its last row; beside it how many rows there are."""
    for declared in SHEETS.values():
        user = reader(seen, declared)
        if user is None:
            continue
        rows = declared.rows(seen.look(user)).count()
        seconds, answer = ground.timed(lambda declared=declared, user=user: seen.ask(user, sheet_url(declared, csv=True)))
        lines = answer.text.count("\n") - 1
        table.line(f"CSV {declared.name}, {rows:,} rows", f"{1000 * seconds:.0f} ms", "", "", "", f"{rows / seconds:,.0f} rows/s", "",
                   table.same(lines >= rows))  # fmt: skip


def prepare(args: argparse.Namespace) -> float:
    """The demo's ledger: loaded anew, or a copy of a loaded one. Seconds that loading took."""
    settings.BULOU_DEMO = demo.SCENARIO
    settings.BULOU_DEMO_TOKEN = "token-of-the-demo"
    settings.ALLOWED_HOSTS = ["testserver"]
    if args.ledger:
        shutil.copy(args.ledger, ground.folder() / "bulou.sqlite3")
        call_command("migrate", verbosity=0)
        seconds = 0.0
    else:
        many = 2_000 if args.small else args.people
        seconds, _ = ground.timed(lambda: demo.load(lambda *_told: None, many))
    set_clock(demo.DemoClock())
    return seconds


def main(args: argparse.Namespace) -> int:
    loading = prepare(args)
    failed = False
    if loading:
        print(f"loaded in {loading:.0f} s")
    for hour in (None, *LATER):
        if hour:
            seconds, fed = ground.timed(lambda hour=hour: demo.advance(Instant(parse_local(hour, settings.BULOU_ZONE))))
            print(f"\nadvanced to {hour}: {fed} entries in {seconds:.1f} s")
        seen = world()
        title = (
            f"board at {hour or 'the hour the demo opens'}: {ground.machine()}; {Person.objects.count():,} people, "
            f"{Duty.objects.count():,} rows of duties, {Entry.objects.count():,} entries; medians of {args.rounds} after the first"
        )
        table = ground.Table(title, ("what", "median", "of which ours", "first", "limit", "", "statements", "status"))
        lists(seen, args.rounds, table)
        pages(seen, args.rounds, table)
        exports(seen, table)
        table.show()
        failed |= table.failed
    return int(failed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--small", action="store_true", help="2,000 people: a smoke run, the numbers mean nothing")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=demo.PEOPLE)
    parser.add_argument("--ledger", type=Path, help="a demo's database that is loaded already; it is copied")
    with ground.cleaned():
        sys.exit(main(parser.parse_args()))
