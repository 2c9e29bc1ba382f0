"""The path of a case at two widths: an hour nobody explains is filled in with a new place, its hours are moved and shown before they are
entered; somebody else was at its table, and is named from the list."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.test_pool import register


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_from_an_hour_nobody_explains_to_a_candidate(at: At, demo: Demo, width: int, language: str) -> None:
    investigator, sampler, laboratory = (at(user, language, width) for user in ("investigator", "sampler", "laboratory"))
    say, tube, shop = investigator.say, f"PATH-{language}", f"Noodles-{language}"
    (case, _), *_none = register(sampler, demo, tube, 1, 1)
    (near, _near_name), *_none = register(sampler, demo, f"{tube}-near", 1, 1)
    laboratory.open("/testing/result?phone=1")
    laboratory.fill(tube=tube)
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(laboratory.page.locator(".alert-success").first).to_contain_text(tube)

    # the first hole of the path leads to the form with its hours in it
    investigator.open(f"/tracing/case/{case}/path")
    investigator.look()
    holes = investigator.page.locator("section[aria-labelledby='p-holes']")
    before = holes.locator("li").count()
    assert before >= 2
    holes.get_by_role("link", name=say("补录", "Fill in")).last.click()
    investigator.look()
    since, until = investigator.value("at"), investigator.value("until")
    assert since < until
    investigator.fill(words="lunch", certainty="stated", proof="camera", space="table 5", new_place=shop, new_nature="restaurant")
    investigator.submit()
    expect(investigator.main.locator(".text-danger, .alert-danger").first).to_be_visible()
    assert investigator.value("new_place") == shop
    investigator.look(again=True)
    investigator.page.locator("select[name='new_area'] option[value]:not([value=''])").first.wait_for(state="attached")
    area = investigator.page.locator("select[name='new_area'] option:not([value=''])").first.get_attribute("value")
    investigator.fill(proof="interview", new_area=str(area))
    investigator.submit()
    expect(investigator.page.locator("section[aria-labelledby='p-visits']")).to_contain_text(shop)
    expect(holes.locator("li")).to_have_count(before - 1)
    investigator.look(again=True)

    # its end is taken hold of, and put back; then the whole is moved by the keys: the form says what that changes before it is entered
    bar = investigator.page.locator("a[data-move]", has=investigator.page.locator(f"title:has-text('{shop}')")).first
    bar.scroll_into_view_if_needed()
    box = bar.locator("rect").bounding_box()
    assert box
    panel = investigator.page.locator(".hours-panel")
    investigator.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2)
    investigator.page.mouse.down()
    investigator.page.mouse.move(box["x"] + box["width"] - box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    investigator.page.mouse.up()
    expect(panel).to_contain_text("→")
    expect(panel).to_contain_text(say("移动结束时刻", "its end is moved"))
    assert "/path" in investigator.path, "dragging opens nothing by itself"
    investigator.look(again=True)
    panel.get_by_role("button", name=say("还原", "Put it back")).click()
    expect(panel).to_be_hidden()
    if width == 390:  # a finger does the same; drawn upwards it moves the page and no visit
        box = bar.locator("rect").bounding_box()
        assert box
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        investigator.swipe(*middle, 0.3 * box["width"], 1)
        expect(panel).to_contain_text(say("移动整段", "the whole is moved"))
        panel.get_by_role("button", name=say("还原", "Put it back")).click()
        expect(panel).to_be_hidden()
        investigator.swipe(*middle, 1, -60)
        expect(panel).to_be_hidden()
        bar.scroll_into_view_if_needed()
    bar.focus()
    for _ in range(2):
        investigator.page.keyboard.press("ArrowLeft")
    expect(panel).to_contain_text(say("移动整段", "the whole is moved"))
    investigator.page.keyboard.press("Enter")
    investigator.page.wait_for_url("**/tracing/visit?**")
    investigator.look(again=True)
    expect(investigator.main.locator(".visit-change")).to_contain_text("→")
    since = (datetime.fromisoformat(since) - timedelta(minutes=10)).isoformat(" ", "minutes")
    assert investigator.value("at") == since and investigator.value("space") == "table 5"
    investigator.fill(reason="said so again")
    investigator.submit()
    visits = investigator.page.locator("section[aria-labelledby='p-visits'] li", has_text=shop)
    expect(visits).to_have_count(1)
    expect(visits).to_contain_text(since[11:])
    expect(investigator.page.locator("section[aria-labelledby='p-map'] .route-stop").first).to_be_visible()

    # somebody else says that they sat at that table: found among the places that are known
    investigator.open(f"/tracing/visit?person={near}&q={shop}")
    investigator.look(again=True)
    investigator.page.get_by_label(shop).check()
    investigator.fill(at=since, until=until, words="lunch too", certainty="stated", proof="interview", space="table 5")
    investigator.submit()
    expect(investigator.page.locator(".alert-success").first).to_be_visible()

    # whom the visits put near the case, with the evidence; named from the list, once
    investigator.open(f"/tracing/case/{case}/candidates")
    investigator.look()
    row = investigator.page.locator("tr", has=investigator.page.locator(f"input[name='name'][value^='{near}']"))
    expect(row).to_contain_text(shop)
    row.locator("input[name='name']").check()
    investigator.page.get_by_role("button", name=say("报告所选人员", "Name the chosen")).click()
    expect(investigator.page.locator(".alert-success").first).to_contain_text("1")
    expect(investigator.page.locator("tr", has_text=shop).first).to_contain_text(say("待判定", "waits to be judged"))
    assert investigator.open(f"/tracing/contact/{near}") == 200
    investigator.look()
