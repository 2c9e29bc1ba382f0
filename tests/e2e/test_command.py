"""The command's own work: zones with their safeguards, figures that open, live pages, looking back, keys, languages, the dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk, violations
from tests.e2e.test_pool import POINT, register

SAFEGUARDS = {"lane_minutes": "12", "fire_exits": True, "vulnerable_listed": True, "supplies": "Chen, supplies"}


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_a_zone_needs_its_safeguards_and_a_person_to_lift_it(at: At, width: int, language: str) -> None:
    desk = at("commander", language, width)
    name = f"{language} court 3"
    assert at("tracing", language, width).open("/command/zone/draw") == 404
    desk.open("/board")
    desk.look()
    before = int(desk.figure("zones").inner_text())
    desk.open("/command/zone/draw")
    desk.look()
    desk.fill(level="medium", name=name, name_en=name, areas=f"{POINT}-1", **SAFEGUARDS)
    for missing, value in SAFEGUARDS.items():
        desk.fill(**{missing: False if value is True else ""})
        desk.submit()
        expect(desk.page.locator(f"#id_{missing}-error")).to_be_visible()
        assert desk.value("name") == name, "what was typed is gone"
        desk.fill(**{missing: value})
    desk.fill(expires="in a while")
    desk.submit()
    expect(desk.page.locator("#id_expires-error")).to_contain_text("YYYY-MM-DD HH:MM")
    assert desk.value("expires") == "in a while"
    desk.look(again=True)
    desk.fill(expires="")
    desk.submit()
    expect(desk.page.locator(".alert-success")).to_be_visible()
    expect(desk.page.locator("h1")).to_have_text(re.compile(name, re.IGNORECASE))
    desk.look()
    zone = desk.path
    desk.open("/board")
    expect(desk.figure("zones")).to_have_text(str(before + 1))
    expect(desk.page.locator("a.zone-pin", has_text=name)).to_be_attached()
    desk.open(zone)
    desk.page.get_by_role("link", name=desk.say("解除风险区", "Lift the zone")).click()
    desk.look()
    desk.submit()
    expect(desk.main.locator(".text-danger").first).to_be_visible()
    desk.fill(reason="drawn for a journey and no longer needed")
    desk.submit()
    desk.open("/board")
    expect(desk.figure("zones")).to_have_text(str(before))


def test_a_fact_entered_in_one_browser_comes_to_the_board_of_another_by_itself(at: At, demo: Demo) -> None:
    board, laboratory, sampler = at("commander"), at("laboratory"), at("sampler")
    register(sampler, demo, "LIVE-1", 5, 2)
    board.open("/board")
    board.settle()
    expect(board.page.locator("bulou-live")).to_have_attribute("state", "live")
    board.page.evaluate("window.untouched = true")
    before = int(board.figure("pools_open").inner_text())
    laboratory.open("/testing/result?phone=1")
    laboratory.fill(tube="LIVE-1")
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(board.figure("pools_open")).to_have_text(str(before + 1), timeout=10_000)
    assert board.page.evaluate("window.untouched"), "the page was loaded anew"


def test_every_figure_opens_to_names_definition_cutoff_unit_and_bridge(at: At) -> None:
    desk = at("commander")
    desk.open("/board")
    figures = [href for href in desk.page.eval_on_selector_all("a.stat", "all => all.map(one => one.getAttribute('href'))") if href]
    assert figures
    values = {href: desk.page.locator(f"a.stat[href='{href}'] .stat-fig").inner_text().split(" / ")[0] for href in figures}
    for href in figures:
        desk.open(href)
        expect(desk.page.locator(".display-6")).to_contain_text(values[href])
        for word in ("Unit", "Counting", "Clock", "Cut-off", "Incident"):
            expect(desk.page.locator("dl.why dt", has_text=word).first).to_be_visible()
        bridge = desk.page.locator("ol.bridge li")
        expect(bridge.first).to_contain_text("yesterday")
        shown = desk.page.locator("section[aria-labelledby='f-names'] tbody tr").count()
        assert shown == min(100, int(re.sub(r"\D", "", values[href]))), f"{href} says {values[href]} and names {shown}"


def test_looking_back_shows_what_was_known_and_lets_nothing_be_entered(at: At) -> None:
    desk = at("commander")
    desk.open("/board")
    now = desk.figure("infections").inner_text()
    desk.page.get_by_role("link", name="Look back").click()
    desk.look()
    desk.fill(about="2020-12-08 12:00", known="2020-12-08 12:00")
    desk.page.locator("form.fields button[type=submit]").click()
    expect(desk.page.locator(".asof")).to_contain_text("2020-12-08 12:00")
    desk.open("/board")
    desk.look(again=True)
    expect(desk.figure("infections")).to_have_text("2")
    assert desk.open("/command/zone/draw") == 404
    desk.open("/command/duties/")
    expect(desk.main.get_by_role("link", name="do", exact=True)).to_have_count(0)
    desk.page.locator(".asof a").click()
    expect(desk.page.locator(".asof")).to_have_count(0)
    desk.open("/board")
    expect(desk.figure("infections")).to_have_text(now)


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.getAttribute('data-key') || document.activeElement.id || document.activeElement.className")
    )


def test_everything_that_matters_is_reached_by_keyboard(at: At) -> None:
    desk = at("commander")
    page = desk.page
    desk.open("/command/duties/")
    desk.settle()
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[data-key='/']")).to_be_focused()
    assert (
        page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow")
        != "nonenone"
    )
    page.keyboard.press("Escape")
    page.locator("#main").focus()
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/board")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/testing/pools")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_be_visible()
    assert not violations(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keys")).to_be_hidden()
    desk.open("/command/duties/")
    page.locator("#main").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/duties/\d+"))
    page.wait_for_load_state("load")
    for _ in range(12):  # whatever is reached is seen to be
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", focused(page)


def test_language_and_theme_are_kept_from_page_to_page(at: At) -> None:
    desk = at("commander")
    desk.open("/board")
    desk.page.locator("[data-theme-toggle]").click()
    expect(desk.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.page.locator(".langs a[lang='zh-Hans']").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(desk.page.locator(".subheader").first).to_have_text("溯到源")
    desk.open("/command/zones/")
    expect(desk.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(desk.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert not violations(desk.page)


def test_what_cannot_be_read_is_said_and_kept(at: At) -> None:
    desk = at("laboratory")
    desk.open("/testing/result")
    desk.fill(tube="2.02208E+12")
    desk.submit()
    expect(desk.page.locator(".alert-danger")).to_contain_text("spreadsheet")
    assert desk.value("tube") == "2.02208E+12"
    assert not violations(desk.page)
    desk.open("/testing/results/import")
    sent = {"name": "results.csv", "mimeType": "text/csv", "buffer": b"number,reading\n1,2\n"}
    desk.main.locator("input[type='file']").set_input_files(sent)  # type: ignore[arg-type]  # a file's payload
    desk.submit()
    expect(desk.page.locator("#r-state")).to_contain_text("columns to be looked at")
    expect(desk.page.locator("select[name=column-tube]")).to_have_value("")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_whoever_is_not_signed_in_is_asked_to(at: At, language: str) -> None:
    desk: Desk = at("sampler", language, 390)
    desk.context.clear_cookies()
    desk.open("/board")
    desk.look()
    expect(desk.page.locator("input[name='password']")).to_be_visible()


def test_search_finds_people_tubes_cases_and_areas_and_says_when_nothing_fits(at: At) -> None:
    desk = at("tracing", "zh", 390)
    for words, section in (("王", "q-p"), ("AJ09", "q-t"), ("太平村", "q-a")):
        desk.open("/board")
        desk.page.locator("[data-key='/']").fill(words)
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator(f"section[aria-labelledby='{section}'] tbody tr").first).to_be_visible()
    desk.open("/search?q=nobody-is-called-this")
    expect(desk.page.locator(".nothing")).to_be_visible()
    desk.look()
