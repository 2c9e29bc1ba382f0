"""The journey of somebody whom a door turns away: their own page says the same, they object, another post ends the order, a pass is read offline."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import SIDEWAYS, STILL, violations

#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("BULOU_PICTURES")


def pictured(page: Page, name: str) -> None:
    """The page in both widths, light and dark, sideways nowhere and right for axe; a picture of each where asked for."""
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            page.evaluate(STILL)
            assert page.evaluate(SIDEWAYS) <= 0, f"{name} scrolls sideways at {width} px"
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate(STILL)
    assert not violations(page)


def test_a_door_says_no_and_another_post_ends_it(at: At, demo: Demo, browser: Browser) -> None:
    tracing, commander, door = at("tracing", "zh", 1440), at("commander", "zh", 1440), at("taiping", "zh", 390)
    # somebody under an order, whose page a post gives
    tracing.open("/tracing/orders")
    tracing.page.locator("tbody tr a[href*='/contact/']").first.click()
    person = re.search(r"[0-9a-f-]{36}", tracing.page.url)
    assert person
    tracing.open(f"/people/own-page?person={person[0]}")
    tracing.look()
    tracing.submit()
    link, pin = tracing.page.locator("#the-link").input_value(), tracing.page.locator("#the-pin").inner_text().replace(" ", "")

    # the person, on a phone of their own, without an account
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", is_mobile=True, has_touch=True, reduced_motion="reduce"
    )
    mine = context.new_page()
    mine.goto(link)
    expect(mine.locator("main")).not_to_contain_text("暂不通行")
    pictured(mine, "own-pin-zh")
    mine.locator("[name=pin]").fill(pin)
    mine.locator("button[type=submit]").click()
    expect(mine.locator("main")).to_contain_text("暂不通行")
    pictured(mine, "own-zh")
    mine.get_by_text("我有异议").first.click()
    mine.locator("textarea[name=words]").first.fill("当日不在场")
    mine.get_by_role("button", name="提交异议").first.click()
    expect(mine.locator("main")).to_contain_text("待答复")

    # another post answers, and the order ends
    commander.open("/tracing/objections")
    commander.look()
    commander.page.locator("tbody tr a[href*='objection=']").first.click()
    commander.look()
    commander.fill(outcome="upheld", reason="查明当日不在场")
    commander.submit()
    expect(commander.page.locator(".alert-success").first).to_be_visible()
    mine.goto(link)
    expect(mine.locator("main")).to_contain_text("查明当日不在场")
    pictured(mine, "own-answered-zh")

    # somebody free to go takes a pass, which a door reads without a network
    duty = at("duty", "zh", 1440)
    duty.open("/people/people/?area=510117008")
    duty.page.locator("tbody tr a[href*='/people/person/']").first.click()
    free = re.search(r"[0-9a-f-]{36}", duty.page.url)
    assert free
    duty.open(f"/people/own-page?person={free[0]}")
    duty.submit()
    theirs, their_pin = duty.page.locator("#the-link").input_value(), duty.page.locator("#the-pin").inner_text().replace(" ", "")
    mine.goto(theirs)
    mine.locator("[name=pin]").fill(their_pin)
    mine.locator("button[type=submit]").click()
    mine.get_by_role("button", name="取通行凭证").click()
    text = mine.locator("#pass-own").input_value()
    pictured(mine, "own-pass-zh")
    door.open("/door")
    door.look()
    door.context.set_offline(True)
    for shown, state in ((text[:-9] + "AAAAAAAAA", "forged"), (text, "elsewhere"), ("BULOU1", "unreadable")):
        door.page.locator("#pass-text").fill(shown)
        door.page.locator("[data-pass=check]").click()
        expect(door.page.locator(f"[data-pass-state={state}]")).to_be_visible()
    if PICTURES:
        door.picture(Path(PICTURES) / "door-offline-390.png")
    door.context.set_offline(False)
    mine.goto(f"{demo.url}/language/en?next={theirs.removeprefix(demo.url)}")
    pictured(mine, "own-en")
    context.close()
