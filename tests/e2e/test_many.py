"""Many rows, in a browser: a village's people located at one go and taken back; a file brought in; a list changed in a file and put back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import At

VILLAGE = "510117001218"


def test_a_village_is_located_at_one_go_and_taken_back(at: At) -> None:
    desk = at("taiping", "zh", 390)
    desk.open(f"/people/people/?area={VILLAGE}")
    desk.page.get_by_text("批量办理").click()
    desk.page.locator("select[name=verb]").select_option("locate")
    desk.page.locator("select[name=which]").select_option("all")
    desk.page.locator("#many button").click()
    desk.page.locator("select[name=outcome]").select_option("staying")
    desk.look()
    desk.page.locator("form.fields button[type=submit]").click()
    expect(desk.page.locator("button[value=enter]")).to_be_visible(timeout=30_000)
    desk.look()
    desk.page.locator("button[value=enter]").click()
    desk.page.get_by_text("全部撤回").click(timeout=30_000)
    desk.page.locator("textarea[name=reason]").fill("试 · trial")
    desk.page.locator("button[value=undo]").click()
    expect(desk.page.locator("#r-state")).to_contain_text("已全部撤回", timeout=30_000)


def test_a_list_goes_out_is_changed_and_comes_back(at: At, tmp_path: Path) -> None:
    desk = at("data", "en", 1440)
    desk.open(f"/people/people/?area={VILLAGE}")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    column = rows[0].index("Nature")
    rows[1][column] = "temporary stay" if rows[1][column] != "temporary stay" else "residence"
    edited = tmp_path / "edited.csv"
    with edited.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    desk.page.get_by_role("link", name="Put a file back").click()
    desk.look()
    desk.page.locator("input[type=file]").set_input_files(edited)
    desk.page.locator("form.fields button[type=submit]").click()
    expect(desk.page.get_by_text("Changes by column:")).to_be_visible(timeout=30_000)
    expect(desk.page.get_by_role("button", name="Enter 1 row")).to_be_visible()
    desk.look()


def test_columns_are_chosen_and_kept(at: At) -> None:
    desk = at("duty", "en", 390)
    desk.open("/command/duties/?state=open")
    desk.page.get_by_role("link", name="Views and columns").click()
    desk.page.locator("input[name=columns][value=unit]").uncheck()
    desk.page.locator("input[name=name]").fill("Tonight")
    desk.look()
    desk.page.locator("button[value=keep]").click()
    expect(desk.page.get_by_role("link", name="Tonight")).to_be_visible()
    assert "state=open" in desk.path
