"""A clerk's second half of the night: from yesterday's figure to today's, as the city counts, into the city's workbook, kept for tomorrow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At
from tests.e2e.desk import Desk
from tests.lists.made import plain
from tests.web.test_bench_figures import TODAY, YESTERDAY

#: Where pictures of the pages go, when someone wants to look at them.
PICTURES = os.environ.get("BULOU_PICTURES", "")


def seen(desk: Desk, name: str) -> None:
    desk.look()
    if PICTURES:
        desk.picture(Path(PICTURES) / f"{name}-{desk.language}-{desk.width}.png")


def answered(desk: Desk) -> None:
    """The worker has worked it out: the page of the answer comes by itself."""
    expect(desk.page.locator("#b-answer")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 390)])
def test_from_yesterdays_figure_to_tonights_report(at: At, tmp_path: Path, language: str, width: int) -> None:
    desk = at("data", language, width)
    if language == "zh":
        desk.open("/language/zh-hans?next=/compare")
    files = {
        "yesterday.csv": YESTERDAY.encode(),
        "today.csv": TODAY.encode(),
        "city.xlsx": plain([["序号", "姓名", "身份证号", "联系电话", "备注"]], "日报"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    desk.open("/lists/definitions")
    desk.fill(code="city", zh="市里按报告时间", en="the city counts by report time", clock="reported", cut_off="20:00")
    desk.main.locator("button[value=save]").click()
    expect(desk.main).to_contain_text(desk.say("市里按报告时间", "the city counts by report time"))
    seen(desk, "definitions")
    desk.open("/compare")
    desk.main.locator("#b-files").set_input_files([tmp_path / "yesterday.csv", tmp_path / "today.csv"])
    seen(desk, "bench")
    desk.submit()
    answered(desk)
    seen(desk, "answer")
    here = desk.page.url
    desk.open(f"{here}/asked")
    desk.fill(code="other_cut_off", number="1", why="CDC by phone, 02:10")
    desk.main.locator("button[value=cause]").click()
    answered(desk)
    desk.open(f"{here}/asked")
    expect(desk.main).to_contain_text("CDC by phone, 02:10")
    desk.main.locator("input[name=definitions][value=city]").check()
    desk.main.locator("button[value=definitions]").click()
    answered(desk)
    desk.open(f"{here}/asked")
    expect(desk.main).to_contain_text("20:00")
    seen(desk, "asked")
    desk.open(f"{here}/names/in_B/keep/list")
    seen(desk, "keep")
    desk.submit()
    expect(desk.page.locator("#b-kept")).to_be_visible()
    seen(desk, "kept")
    desk.open(f"{here}/names/distinct/city/workbook")
    desk.main.locator("#b-book").set_input_files(tmp_path / "city.xlsx")
    desk.submit()
    expect(desk.main).to_contain_text("city.xlsx")
    seen(desk, "city")
    with desk.page.expect_download() as download:
        desk.main.get_by_role("link", name=desk.say("填好的表", "Filled")).first.click()
    assert download.value.suggested_filename.endswith("city_masked.xlsx")
    desk.open("/people/people/")
    desk.main.get_by_role("link", name=desk.say("复制为消息", "Copy as message")).click()
    expect(desk.page.locator("#b-message")).to_be_visible()
    seen(desk, "message")
