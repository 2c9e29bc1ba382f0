"""Two investigators on one field: both told something else, nothing is lost, one says which holds; symptoms by day by each of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk
from tests.e2e.test_pool import register

#: Where pictures go, if anywhere: the folder is asked for by whoever wants to look at them.
PICTURES = os.environ.get("BULOU_PICTURES")


def case_of(at: At, demo: Demo, tube: str, width: int, language: str) -> str:
    """Somebody whose single tube read positive."""
    sampler, laboratory = at("sampler", language, width), at("laboratory", language, width)
    (person, _name), *_none = register(sampler, demo, tube, 1, 1)
    laboratory.open("/testing/result?phone=1")
    laboratory.fill(tube=tube)
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(laboratory.page.locator(".alert-success").first).to_contain_text(tube)
    return person


def add(desk: Desk, person: str, said: str, teller: str) -> None:
    """From the page of the case: one word on where they work."""
    desk.open(f"/tracing/case/{person}")
    desk.page.locator("#told-workplace").get_by_role("link", name=desk.say("添加", "Add")).click()
    desk.look()
    desk.fill(said=said, teller=teller)


def picture(desk: Desk, name: str) -> None:
    if PICTURES:
        for scheme in ("light", "dark"):
            desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            desk.picture(Path(PICTURES) / f"{name}-{desk.width}-{desk.language}-{scheme}.png")


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_two_words_on_one_field(at: At, demo: Demo, width: int, language: str) -> None:
    person = case_of(at, demo, f"TWO-{language}", width, language)
    lead, investigator = at("tracing", language, width), at("investigator", language, width)
    say, field = lead.say, lead.page.locator("#told-workplace")
    # one writes where there is no network: the words stay in the form, and the page says so
    add(investigator, person, "西门菜场", "self")
    investigator.context.set_offline(True)
    investigator.main.locator("form[data-hold] button[type=submit]").click()
    waits = investigator.main.locator("form[data-hold][data-waits] .alert-warning")
    expect(waits).to_contain_text(say("没有网络", "No network"))
    assert investigator.value("said") == "西门菜场"
    picture(investigator, "waits")
    # the other enters another word meanwhile
    add(lead, person, "东门菜场", "household")
    lead.submit()
    expect(field).not_to_contain_text("西门菜场")
    investigator.context.set_offline(False)
    expect(investigator.page.locator(".alert-success").first).to_be_visible()
    picture(investigator, "sent")
    lead.open(f"/tracing/case/{person}")
    expect(field).to_contain_text("西门菜场")
    expect(field).to_contain_text("东门菜场")
    expect(field).to_contain_text(say("说法不一", "told differently"))
    # symptoms: one tells three days, the other tells one of them otherwise
    for desk, signs, until in ((investigator, ("fever", "cough"), True), (lead, ("cough",), False)):
        desk.open(f"/tracing/case/{person}")
        desk.page.locator("section[aria-labelledby='t-days']").get_by_role(
            "link", name=say("记录逐日症状", "Record symptoms by day")
        ).click()
        desk.look()
        day = desk.value("day")
        for sign in signs:
            desk.main.locator(f"input[name='signs'][value='{sign}']").check()
        desk.fill(day=day[:8] + "05" if until else day[:8] + "06", **({"until": day[:8] + "07"} if until else {}))
        picture(desk, f"symptoms-{desk.user}")
        desk.submit()
        expect(desk.page.locator(".alert-success").first).to_be_visible()
    grid = lead.page.locator("section[aria-labelledby='t-days']")
    expect(grid.locator("tbody tr")).to_have_count(2)
    expect(grid.locator(".told-cell[data-state='unresolved']")).to_have_count(2)  # one of a day, one of the legend
    lead.look(again=True)
    picture(lead, "case")
    # one says which holds; the other stays
    field.get_by_role("link", name=say("认定哪一说法", "Say which word holds")).click()
    lead.look()
    picture(lead, "settle")
    lead.main.locator("label", has_text="西门菜场").locator("input[name='chosen']").check()
    lead.fill(reason=say("看过工牌", "saw the badge"))
    lead.submit()
    expect(field).not_to_contain_text(say("说法不一", "told differently"))
    expect(field).to_contain_text("东门菜场")
    expect(field.locator("[data-holds]")).to_contain_text("西门菜场")
    lead.look(again=True)
    # that there was no network is what the browser complained of, and nothing else
    investigator.heard[:] = [line for line in investigator.heard if "ERR_INTERNET_DISCONNECTED" not in line]
