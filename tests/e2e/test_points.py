"""A risk point at two widths: proposed by a case's path, named with an end, closed, sampled, disinfected, read, re-opened; each by its own post."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk
from tests.e2e.test_pool import register


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_a_place_from_a_path_to_its_re_opening(at: At, demo: Demo, width: int, language: str) -> None:
    lead, sampling, laboratory, duty, commander = (
        at(user, language, width) for user in ("tracing", "sampling", "laboratory", "duty", "commander")
    )
    sampler, say, tube, shop = at("sampler", language, width), lead.say, f"POINT-{language}", f"Dumplings-{language}"
    (case, _), *_none = register(sampler, demo, tube, 1, 1)
    laboratory.open("/testing/result?phone=1")
    laboratory.fill(tube=tube)
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(laboratory.page.locator(".alert-success").first).to_contain_text(tube)
    lead.open(f"/tracing/case/{case}/path")
    lead.page.locator("section[aria-labelledby='p-holes']").get_by_role("link", name=say("补录", "Fill in")).last.click()
    lead.page.locator("select[name='new_area'] option[value]:not([value=''])").first.wait_for(state="attached")
    area = lead.page.locator("select[name='new_area'] option:not([value=''])").first.get_attribute("value")
    lead.fill(words="lunch", certainty="stated", proof="interview", new_place=shop, new_nature="restaurant", new_area=str(area))
    lead.submit()

    # proposed, and nothing is closed by it; named with an end, or not at all
    lead.open("/tracing/points/proposed")
    lead.seen("proposed")
    row = lead.page.locator("tr", has_text=shop)
    row.get_by_role("link", name=say("确定", "name it"), exact=True).click()
    lead.fill(reason="three tables, no window")
    lead.submit()
    expect(lead.main.locator(".text-danger").first).to_contain_text(say("到何时", "when it ends"))
    lead.seen("naming")
    lead.fill(closed_until=_three_days_on(lead.main.locator("form[method=post] [name='until']").input_value()))
    lead.submit()
    expect(lead.page.locator(".alert-success").first).to_contain_text("4")
    point = lead.path
    lead.seen("point")

    # closed, sampled and disinfected from what is owed; re-opening waits for negative surfaces
    for desk, act, values in (
        (duty, "close_point", {"note": "sign is up"}), (sampling, "sample_surfaces", {"stage": "before", "samples": "6"}), (duty, "disinfect", {}),
    ):  # fmt: skip
        _act(desk, point, act, values)
        expect(desk.page.locator(".alert-success").first).to_be_visible()
    _act(commander, point, "reopen_point", {"reason": "asked for"})
    expect(commander.main.locator(".alert-danger").first).to_contain_text(say("全部阴性", "all negative"))
    _act(sampling, point, "read_surfaces", {"stage": "after", "result": "negative", "positive": "0", "negative": "8"})
    expect(sampling.page.locator(".alert-success").first).to_be_visible()
    _act(commander, point, "reopen_point", {"reason": "negative"})
    expect(commander.page.locator(".alert-success").first).to_be_visible()
    lead.open(point)
    expect(lead.main).to_contain_text(say("已重新开放", "re-opened"))
    lead.seen("reopened")
    lead.open("/people/points/")
    lead.seen("points")


def _act(desk: Desk, point: str, act: str, values: dict[str, str]) -> None:
    desk.open(point)
    desk.page.locator(f"a[href*='/do/{act}']").first.click()
    desk.fill(**values)
    desk.submit()


def _three_days_on(until: str) -> str:
    return f"{until[:8]}{int(until[8:10]) + 3:02d} 09:00"
