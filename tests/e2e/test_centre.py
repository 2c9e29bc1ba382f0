"""Keeping a centre: an administrator invites someone to a post, a commander signs an edition, a phone joins a shift by its pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import HEIGHT, At, Demo
from tests.e2e.desk import Desk


def stranger(browser: Browser, demo: Demo, language: str, width: int) -> Desk:
    """Someone who has never been here."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT[width]}, locale="en-US" if language == "en" else "zh-CN", color_scheme="light",
        reduced_motion="reduce", is_mobile=width < 600, has_touch=width < 600,
    )  # fmt: skip
    return Desk(demo.url, "stranger", language, width, context, context.new_page())


def test_an_administrator_establishes_a_post_and_its_holder_comes_by_a_link(at: At, browser: Browser, demo: Demo) -> None:
    desk = at("administrator")
    desk.open("/centre/establish")
    desk.look()
    desk.fill(
        post="e2e.gate",
        role="sampling_lead",
        area="510117001",
        name="门岗采样组",
        name_en="gate sampling",
        unit="采样组",
        unit_en="Sampling",
    )
    desk.submit()
    expect(desk.main).to_contain_text("vacant")
    desk.look()
    desk.open("/centre/invite?post=e2e.gate")
    desk.look()
    desk.fill(username="e2e.holder", name="韩一", area="510117001", post="e2e.gate")
    desk.submit()
    link = desk.page.locator("#the-link").input_value()
    guest = stranger(browser, demo, "en", 390)
    guest.open(link)
    guest.look()
    guest.fill(password="a-long-word-of-passage", again="a-long-word-of-passage")
    guest.submit()
    expect(guest.main).to_contain_text("offered to you")
    guest.look()
    guest.main.locator("button[value=accept]").click()
    expect(guest.page.locator(".alert-success")).to_be_visible()
    assert guest.open("/shift/open") == 200
    guest.context.close()
    desk.open("/centre/accounts/")
    desk.look()


def test_an_edition_is_adopted_and_signed_rule_by_rule(at: At) -> None:
    desk = at("commander")
    desk.open("/centre/editions")
    desk.look()
    desk.open("/centre/edition/mers/who")
    desk.look()
    desk.main.page.locator("header a.btn-primary").click()
    desk.look()
    desk.submit()
    desk.look()
    desk.submit()
    expect(desk.main.locator(".alert-danger")).to_be_visible()
    for box in desk.main.locator("input[name=rule]").all():
        box.check()
    desk.submit()
    expect(desk.page.locator(".alert-success")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_joins_by_the_pass_and_is_off_it_when_its_leader_says(at: At, browser: Browser, demo: Demo, language: str) -> None:
    leader = at("taiping", language, 390)
    leader.open("/shift/open")
    leader.look()
    leader.fill(name=f"e2e {language}", role="visitor", area="510117001218", seats="5")
    leader.submit()
    leader.look()
    link, pin, shift = leader.page.locator("#the-link").input_value(), leader.main.locator("p.h1").inner_text(), leader.path
    phone = stranger(browser, demo, language, 390)
    phone.open(link)
    phone.look()
    phone.fill(name="周小明", pin="000000")
    phone.submit()
    expect(phone.main.locator(".alert-danger")).to_be_visible()
    phone.fill(pin=pin)
    phone.submit()
    expect(phone.main).to_contain_text("周小明")
    phone.look()
    assert phone.open("/people/people/") == 200
    assert phone.open("/board") == 404
    leader.open(shift)
    leader.page.locator("header a.btn-primary").click()
    leader.submit()
    phone.open("/on-shift")
    assert "/accounts/login" in phone.path
    phone.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_at_a_gate_is_told_yes_or_not_now(at: At, browser: Browser, demo: Demo, language: str) -> None:
    leader = at("taiping", language, 390)
    leader.open("/people/place")
    leader.look()
    leader.fill(name=f"南门 {language}", nature="gate", area="510117001218")
    leader.submit()
    leader.open("/shift/open")
    leader.main.locator("[name=place]").select_option(
        label=leader.main.locator("[name=place] option").filter(has_text=f"南门 {language}").inner_text()
    )
    leader.fill(name="", role="checkpoint_officer", seats="5")
    leader.submit()
    link, pin = leader.page.locator("#the-link").input_value(), leader.main.locator("p.h1").inner_text()
    phone = stranger(browser, demo, language, 390)
    phone.open(link)
    phone.fill(name="郑小勇", pin=pin)
    phone.submit()
    phone.look(again=True)
    phone.main.locator("a[href='/door']").click()
    phone.look()
    phone.fill(number="X123")
    phone.submit()
    expect(phone.main.locator(".invalid-feedback")).to_be_visible()
    phone.look(again=True)
    # Nobody's number, at the gate of a village that stands in a zone.
    phone.fill(number="510124199001010038")
    phone.submit()
    answer = phone.page.locator("#door-answer")
    expect(answer).to_contain_text(phone.say("暂不通行", "Not now"))
    expect(answer).to_contain_text(phone.say("至解除为止", "until it is lifted"))
    assert "510124199001010038" not in phone.page.content()
    phone.look(again=True)
    if picture := os.environ.get("BULOU_PICTURES"):
        phone.picture(Path(picture) / f"door-{language}.png")
    phone.context.close()
