"""The contract of every page and sheet: who opens it, that it opens whole in both languages, and that looking changes nothing."""

from __future__ import annotations

import gettext
import re
from collections import Counter
from functools import cache

import pytest
from django.conf import settings
from django.db import transaction

from bulou.basis.time import format_local
from bulou.evidence.models import Entry
from bulou.kit.page import PAGES, Page
from bulou.kit.sheet import SHEETS
from bulou.web.shell import DOCKED
from tests.run import drawn
from tests.web.world import LANGUAGES, NOBODY, SAMPLES, Reading, Seen, World, sheet_url

USERS = (
    "commander", "duty", "tracing", "investigator", "expert", "laboratory", "sampling", "sampler", "isolation", "data", "auditor", "pitong",
    "taiping", "grid", "administrator",
)  # fmt: skip


def test_these_are_the_users_of_the_demo(world: World) -> None:
    assert sorted(world.users) == sorted(USERS)


def test_every_page_with_arguments_says_what_to_open_it_with() -> None:
    assert not [p.name for p in PAGES.values() if "<" in p.path and p.sample not in SAMPLES], (
        "give the page a sample, and write its sampler"
    )
    assert not [p.name for p in PAGES.values() if p.sample and p.sample not in SAMPLES]


def test_every_page_has_something_to_open(world: World) -> None:
    assert not [p.name for p in PAGES.values() if not world.addresses(p)]


# --- who opens what ---------------------------------------------------------------------------------------------------
def test_a_stranger_is_sent_to_sign_in(world: World) -> None:
    urls = [u for p in PAGES.values() if not p.open for u in world.addresses(p)]
    urls += [sheet_url(s, csv) for s in SHEETS.values() for csv in (False, True)]
    assert not [u for u in urls if not world.get(None, u).signs_in]
    for page in PAGES.values():
        if page.open and page.name not in LIVE:
            for url in world.addresses(page):
                seen = world.get(None, url)
                assert seen.opened
                assert "nav" not in seen.read.ids
                assert "side" not in seen.read.ids, f"{url} shows a stranger the desks"


def test_someone_without_a_post_sees_nothing(world: World) -> None:
    own = {"shell"}
    for page in PAGES.values():
        for url in world.addresses(page):
            assert world.get(NOBODY, url).opened == (page.desk in own and not _only_posted(page) and page.name not in BY_ROW), url
    for sheet in SHEETS.values():
        written = world.get(NOBODY, sheet_url(sheet, csv=True))
        if sheet.desk in own:  # open to whoever signs in; the heads of its columns and no row
            assert written.text.count("\n") == 1
        else:
            assert (written.status, world.get(NOBODY, sheet_url(sheet)).status) == (404, 404)
    found = world.get(NOBODY, "/search?q=51").read
    assert not [link for link in found.links if "/person/" in link or "/tube/" in link or "/case/" in link or "area=" in link]


#: Pages of a live exercise: there are none outside it (tests/exercise/test_live.py).
LIVE = ("exercise-start", "exercise-play", "exercise-play-do")
#: Pages that no desk owns and that judge for each row whether its viewer has to do with it.
BY_ROW = frozenset({"duty"})


def _only_posted(page: Page) -> bool:
    """A page that is only sent to: it changes something, and looking at it finds nothing. In a demo a live exercise's pages find nothing either."""
    return page.name in ("demo-clock", *LIVE)


@pytest.mark.parametrize("user", drawn(USERS, "data", "grid"))
def test_a_role_opens_its_desks_and_no_others(world: World, user: str) -> None:
    look = world.look(user)
    everywhere = look.scope.codes is None
    for page in PAGES.values():
        urls = world.addresses(page)
        doing = [u for u in urls if world.allowed(look, page, u)] + [u for u in urls if not world.allowed(look, page, u)][:2]
        for url in doing if page.name == "do" else urls[:1]:
            seen = world.get(user, url)
            if page.name in BY_ROW and not look.viewer.sees("command"):
                assert seen.opened or seen.status == 404, url
            elif not world.allowed(look, page, url) or _only_posted(page):
                assert seen.status == 404, url
            elif everywhere or "<" not in page.path:
                assert seen.opened, url
            else:
                assert seen.opened or seen.status == 404, url
    for sheet in SHEETS.values():
        for csv in (False, True):
            assert world.get(user, sheet_url(sheet, csv)).status == (200 if look.viewer.sees(sheet.desk) else 404), sheet.name


# --- how a page is ----------------------------------------------------------------------------------------------------
def wrong(seen: Seen, language: str, hours: tuple[str, str]) -> list[str]:
    """What is wrong with a whole page."""
    if seen.status == 302 or seen.headers.get("Content-Type", "").startswith("text/event-stream"):
        return []
    if seen.headers.get("Content-Disposition", "").startswith("attachment"):
        return []  # a file
    if seen.status != 200:
        return [f"status {seen.status}"]
    read, found = seen.read, []
    if read.language != ("zh-Hans" if language == "zh" else "en"):
        found.append(f"lang is {read.language}")
    if len(read.h1) != 1 or not read.h1[0].strip():
        found.append(f"h1 are {read.h1}")
    if not read.title.split("·")[0].strip():
        found.append("no title")
    found += read.inline
    found += [f"id {i} twice" for i, n in Counter(read.ids).items() if n > 1]
    said = " ".join(read.texts)
    found += [f"does not show {hour}" for hour in hours if hour not in said]
    if seen.headers.get("Content-Security-Policy", "").count("'self'") < 5 or "unsafe" in seen.headers["Content-Security-Policy"]:
        found.append("no strict policy")
    return found + foreign(read, language)


def _catalogue() -> dict[str, str]:
    path = settings.LOCALE_PATHS[0] / "zh_Hans/LC_MESSAGES/django.mo"
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # the only way to list what it says
    return {k: v for k, v in catalogue.items() if isinstance(k, str) and k and v and k != v}


CATALOGUE = _catalogue()
#: Names and brands that stand in both languages.
BOTH = frozenset({"English", "简体中文", "EN", "中文"})


@cache
def _of_the_other(language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What must not stand on a page in this language, and what of it is long enough to be looked for within other words."""
    other = frozenset(k for k in CATALOGUE if k not in BOTH)
    if language != "zh":
        other = frozenset(v for v in CATALOGUE.values() if v not in BOTH and not v.isascii())
    return other, tuple(sorted(w for w in other if "%(" not in w and len(w) > (20 if language == "zh" else 8)))


def foreign(read: Reading, language: str) -> list[str]:
    """Words of the catalogue that stand on the page in the other language: as a text of their own, or a sentence within one."""
    other, sentences = _of_the_other(language)
    said = {t.strip(" :·") for t in (*read.texts, *read.said)}
    found = [f"says “{word}”" for word in sorted(other & said)]
    whole = "\n".join(dict.fromkeys((*read.texts, *read.said)))  # a list says the same in many rows
    return found + [f"says “{s}”" for s in sentences if s in whole]


def _hours(world: World) -> tuple[str, str]:
    look = world.look("commander")
    return format_local(look.about, look.zone), format_local(look.moment.known, look.zone)


@pytest.mark.parametrize("user", drawn(USERS, "commander"))
def test_every_page_is_whole_in_both_languages(world: World, user: str) -> None:
    hours = _hours(world)
    found = []
    for language in LANGUAGES:
        for _page, seen in world.crawl(user, language, most=3 if language == "zh" else 1):
            if seen.status != 404:
                found += [(language, seen.url, w) for w in wrong(seen, language, hours)]
        look = world.look(user, language)
        for sheet in SHEETS.values():
            if look.viewer.sees(sheet.desk):
                seen = world.get(user, sheet_url(sheet), language)
                found += [(language, seen.url, w) for w in wrong(seen, language, hours)]
    assert not found


def test_a_page_that_is_not_whole_is_caught(world: World) -> None:
    hours = _hours(world)
    seen = world.get("commander", "/board")
    assert not wrong(seen, "zh", hours)
    for spoil, said in (
        (lambda t: t.replace('lang="zh-Hans">', 'lang="en">', 1), "lang is"),
        (lambda t: t.replace("<h1>", "<h1>x</h1><h1>"), "h1 are"),
        (lambda t: t.replace("</main>", "<script>alert(1)</script></main>"), "script without src"),
        (lambda t: t.replace("</main>", '<p style="color:red">x</p></main>'), "style in p"),
        (lambda t: t.replace("</main>", '<a href="javascript:x">x</a></main>'), "javascript:"),
        (lambda t: t.replace("</main>", '<b onclick="x">x</b></main>'), "onclick in b"),
        (lambda t: t.replace("</main>", "<p>Gaps by area</p></main>"), "Gaps by area"),
        (
            lambda t: t.replace("</main>", "<p>x The server did not answer. Nothing was entered; try again. y</p></main>"),
            "The server did not",
        ),
        (lambda t: t.replace("</main>", '<p id="board"></p></main>'), "id board twice"),
        (lambda t: t.replace(hours[0], ""), "does not show"),
    ):
        spoilt = Seen(seen.url, 200, seen.headers, spoil(seen.text))
        assert any(said in w for w in wrong(spoilt, "zh", hours)), said


def test_looking_enters_nothing(world: World) -> None:
    before = Entry.objects.count()
    for page in PAGES.values():
        for url in world.addresses(page)[:2]:
            with transaction.atomic():
                world.ask("commander", url)
                assert Entry.objects.count() == before, url
                transaction.set_rollback(True)


def test_every_link_of_the_navigation_opens(world: World) -> None:
    for user in drawn(USERS, "commander", "grid"):
        home = world.get(user, "/about").read
        inside = [link for link in home.links if link.startswith("/") and not link.startswith(("/language", "/accounts"))]
        assert len(inside) > 3
        assert not [link for link in inside if not world.get(user, link).opened], user


def test_no_role_has_more_links_at_a_phones_lower_edge_than_fit(world: World) -> None:
    for user in USERS:
        text = world.get(user, "/about").text
        dock = text[text.index('<nav class="dock"') :]
        assert 1 <= dock[: dock.index("</nav>")].count("<a ") <= DOCKED, user


def test_links_of_pages_lead_somewhere(world: World) -> None:
    """What a page of the commander, a laboratory or a grid links to opens for them: no page offers what its viewer may not do."""
    for user in drawn(("commander", "tracing", "laboratory", "grid"), "grid"):
        links = {link for _page, seen in world.crawl(user) if seen.status == 200 for link in seen.read.links}
        kinds: dict[str, str] = {}
        for link in sorted(links):
            if link.startswith("/") and not link.startswith(("/accounts", "/static")):
                kinds.setdefault(re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[\w-]*\d[\w-]*|(?<==)[^&]+", "*", link), link)
        assert len(kinds) > 10
        assert not [link for link in kinds.values() if not world.get(user, link).opened], user
