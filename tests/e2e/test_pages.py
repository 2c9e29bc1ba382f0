"""Every page and every sheet that anyone can reach by its links, looked at in both widths, both languages, light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.web import urls  # declares every page
from tests.e2e.conftest import At
from tests.e2e.desk import SEEN, SIDEWAYS, Desk, name_of, violations

assert urls
#: One of each role that opens pages of its own; the journeys are made by the others.
EVERYONE = ("commander", "tracing", "expert", "laboratory", "sampling", "data", "taiping", "auditor")
#: Led to only once something was made, offered, drawn, printed or dropped in: journeys and page tests of their own open them.
NEEDS_WORK_FIRST = (
    "account-change",
    "account-invite",
    "bench-asked",
    "bench-city",
    "bench-columns",
    "bench-enter",
    "bench-keep",
    "bench-message",
    "bench-names",
    "bench-one",
    "bench-passed",
    "bench-reason",
    "bench-register",
    "bench-review",
    "bench-unread",
    "door-list",
    "door-return",
    "edition-sign",
    "import",
    "many",
    "post-act",
    "post-establish",
    "post-offer",
    "revisit",
    "shift",
    "shift-end",
    "work-record",
)
#: Reached by doing something first: sending a file in, judging someone close. The journeys look at these.
#: ``exercise-play``: there is none in a demo; a live exercise has it (tests/exercise/test_live.py).
#: A letter, and a signal with its source, and what everybody reads of one: a demo begins with none; nor has it two words on one field, nor anybody who is sought.
ELSEWHERE = {
    *NEEDS_WORK_FIRST,
    "order-make",
    "detail-settle",
    "exercise-play",
    "letter",
    "letter-paper",
    "signal",
    "signal-source",
    "signal-note",
    "signal-follow",
    "sought",
}
#: Links that change something or leave the session, and files.
LEFT_ALONE = re.compile(
    r"^/(language|incident|moment/now|demo/clock|accounts/logout|live|static)|[./](csv|xlsx|docx|pdf|jsonl?|parquet)\b"
    r"|^/compare/[^/]+/result$|/filled$|^/tracing/chain/support/"
)


def links(desk: Desk) -> list[str]:
    """Where the page leads within the site."""
    found = desk.page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return [href for href in dict.fromkeys(found) if href.startswith("/") and not LEFT_ALONE.search(href)]


def wrong_with(desk: Desk) -> list[str]:
    """Everything that is wrong with the page that is open, in both schemes."""
    desk.settle()
    found = []
    if desk.page.evaluate(SIDEWAYS) > 0:
        found.append("scrolls sideways")
    for scheme in ("dark", "light"):
        desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
        expect(desk.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        desk.settle()
        found += [f"{scheme}: {line}" for line in violations(desk.page)]
    return [f"{desk.user}, {desk.path}, {desk.width} px, {desk.language}: {line}" for line in found]


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_every_page_that_is_linked_is_whole(at: At, width: int, language: str) -> None:
    reached: set[str] = set()
    wrong: list[str] = []
    for user in EVERYONE:
        desk = at(user, language, width)
        assert desk.open("/") == 200
        waiting, met = [desk.path, *links(desk), "/search?q=王"], set()
        while waiting:
            path = waiting.pop(0)
            name = name_of(path)
            if name in met:
                continue
            met.add(name)
            assert desk.open(path) == 200, f"{user} is led to {path}, which is not there"
            waiting += links(desk)
            if name not in reached:
                reached.add(name)
                SEEN.add((name, width))
                wrong += wrong_with(desk)
    # A demo has no score to lead to, and nothing waits to be sent after a hand-over; both pages are there, and say so.
    desk = at("commander", language, width)
    for name, path in (("score", "/exercise/score"), ("held", "/held")):
        assert desk.open(path) == 200
        reached.add(name)
        wrong += wrong_with(desk)
    assert not wrong, "\n".join(wrong)
    # An objection is raised and looked at in a journey of its own: the demo has none.
    whole = {p.name for p in PAGES.values() if not p.part and p.name != "do"} | {f"sheet-{s}" for s in SHEETS}
    assert whole - reached <= ELSEWHERE | {"objection"}, f"nobody was led to {sorted(whole - reached - ELSEWHERE)}"
