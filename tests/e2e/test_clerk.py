"""The data clerk at two in the morning: eight lists that disagree, dropped as they are; the answer, and what is done about it, all taken back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Locator, expect

from bulou.cli import main
from tests.e2e.conftest import At
from tests.e2e.desk import Desk
from tests.lists.dirty import Dirty, make

PASTED = ("chat", "pasted")


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def figures(desk: Desk) -> dict[str, int]:
    """Every figure of the answer by its words."""
    rows = desk.page.locator("section[aria-labelledby=b-figures] tbody tr")
    return {r.locator("td").first.inner_text().split("\n")[0].strip(): number(r.locator("td").nth(1).inner_text()) for r in rows.all()}


def answered(desk: Desk) -> None:
    desk.page.locator("#b-answer").wait_for(timeout=120_000)


def by_command(dirty: Dirty, folder: Path) -> dict[str, int]:
    """The same lists by ``bulou compare``, its figures as the bench words them."""
    words = [str(folder / f.file) for f in dirty.forms if f.form not in PASTED]
    for form in dirty.forms:
        words += ["--pasted", str(folder / form.file)] if form.form in PASTED else []
    done = CliRunner().invoke(main, ["compare", *words, "--json"])
    said = json.loads(done.stdout)
    return {f[lang]: f["number"] for f in said["figures"] for lang in ("zh", "en")}


def dropped(desk: Desk, dirty: Dirty, folder: Path) -> str:
    """Six files dropped, one list pasted; then the other pasted beside them. The address of the answer."""
    page, paths = desk.page, dirty.write(folder)
    texts = [p for p, f in zip(paths, dirty.forms, strict=True) if f.form in PASTED]
    desk.open("/compare")
    desk.look()
    page.set_input_files("#b-files", [str(p) for p in paths if p not in texts])
    page.locator("#b-text").fill(texts[0].read_text(encoding="utf-8"))
    page.locator("form.fields button[type=submit]").click()
    answered(desk)
    one = desk.path
    page.locator("summary").filter(has_text=desk.say("再加一张名单", "Add another list")).click()
    page.locator("#b-text").fill(texts[1].read_text(encoding="utf-8"))
    page.locator("form.fields button[type=submit]").click()
    answered(desk)
    expect(page.locator("section[aria-labelledby=b-regions] thead abbr")).to_have_count(8)
    return one


def again(desk: Desk, one: str) -> None:
    desk.open(one)
    desk.page.locator("button[value=again]").click()
    answered(desk)


def settle(desk: Desk, at_: str, row: int) -> Locator:
    """The form of a figure's names, with one person ticked."""
    desk.open(at_)
    desk.main.locator("input[name=n]").nth(row).check()
    desk.page.locator("details:has(#b-settle) > summary").click()
    return desk.page.locator("#b-settle")


def enrol(desk: Desk, name: str, kind: str, document: str) -> None:
    desk.open("/people/enrol")
    desk.fill(name=name, document_kind=kind, document=document)
    desk.main.locator("select[name=area]").select_option(index=2)
    desk.submit()
    expect(desk.page.locator(".alert-success")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(1440, "zh"), (390, "en"), (390, "zh"), (1440, "en")])
def test_eight_lists_the_answer_and_what_is_done_about_it(at: At, tmp_path: Path, width: int, language: str) -> None:
    seed = {(1440, "zh"): 5, (390, "en"): 6, (390, "zh"): 7, (1440, "en"): 8}[width, language]
    dirty, desk = make(seed=seed, people=60), at("data", language, width)
    page = desk.page
    one = dropped(desk, dirty, tmp_path)
    desk.look()
    found, true = figures(desk), len(set(dirty.truth.person_of.values()))
    distinct, least = (
        found[desk.say(*w)]
        for w in (("不重复的人", "distinct people"), ("至少(待核的若都是同一人)", "at least (were all in review one person)"))
    )
    assert least <= true <= distinct <= true + 4 + len(dirty.truth.trap_of) // 50
    told = by_command(dirty, tmp_path)
    of_lists = {w: n for w, n in found.items() if w in told and w not in {desk.say("不在名册", "not on the register")}}
    assert len(of_lists) > 12
    assert {w: told[w] for w in of_lists} == of_lists, "the bench and the command say the same"

    # Columns are said once, and remembered.
    page.get_by_role("link", name=re.compile(desk.say("各列", "Columns"))).first.click()
    desk.look()
    page.locator("main form button.btn-primary").first.click()
    answered(desk)
    assert figures(desk) == found

    # One difference is explained, one is another's; the figure says so.
    group = next(g for g in (f"{one}/names/only_{x}" for x in "ABCDEFGH") if _people(desk, g) >= 3)
    form = settle(desk, group, 0)
    desk.look()
    form.locator("[name=reason]").select_option("cut_off")
    form.locator("[name=cut_off]").fill("20:00")
    form.locator("button[value=explained]").click()
    expect(page.locator(".alert-success")).to_be_visible()
    form = settle(desk, f"{group}?how=open", 0)
    form.locator("[name=to]").select_option(index=1)
    form.locator("button[value=passed]").click()
    expect(page.locator(".alert-success")).to_be_visible()
    desk.open(group)
    expect(desk.main).to_contain_text("20:00")
    desk.open(one)
    expect(page.locator("section[aria-labelledby=b-figures]")).to_contain_text(desk.say("已说明 1、不归我方 1", "1 explained, 1 not mine"))

    # One is enrolled, under two documents; the two records are joined, and parted again.
    desk.open(f"{one}/names/not_registered")
    before = number(page.locator("#b-names").inner_text())
    row = page.locator("tbody tr").filter(has=page.locator("form button")).filter(has_text=re.compile(r"\d{17}[\dX]")).first
    name, document = row.locator("strong").inner_text(), re.search(r"\d{17}[\dX]", row.inner_text())
    assert document
    row.locator("form button").click()
    expect(page.locator("input[name=name]")).to_have_value(name)
    page.locator("select[name=area]").select_option(index=2)
    desk.submit()
    enrol(desk, name, "passport", document[0])
    again(desk, one)
    desk.open(f"{one}/names/not_registered")
    assert number(page.locator("#b-names").inner_text()) == before - 1
    desk.open(f"{one}/names/distinct")
    _find(desk, desk.say("合并两条记录", "join the two records")).click()
    desk.fill(reason="同一证件 · the same document")
    desk.submit()
    part = _find(desk, desk.say("重新分开", "part them again"))
    part.click()
    desk.fill(reason="误合 · by mistake")
    desk.main.locator("form[method=post] button[type=submit]").last.click()
    desk.open(f"{one}/names/distinct")
    expect(_find(desk, desk.say("合并两条记录", "join the two records"))).to_be_visible()

    # The review stands side by side, in groups; who is on the register alone is named.
    desk.open(f"{one}/review")
    desk.look()
    page.locator("section table a").first.click()
    desk.look()
    desk.open(f"{one}/register")
    desk.look()

    # A message and a file leave, masked; then nothing is left.
    desk.open(f"{one}/names/distinct/message/copy")
    assert "**" in page.locator("#b-message").input_value()
    desk.open(one)
    with page.expect_download() as leaving:
        page.get_by_role("link", name=re.compile(desk.say("工作簿", "Workbook"))).click()
    assert leaving.value.suggested_filename.endswith(".xlsx")
    desk.open(one)
    page.locator("button[value=destroy]").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert desk.open(one) == 404


def _people(desk: Desk, path: str) -> int:
    desk.open(path)
    return desk.main.locator("input[name=n]").count()


def _find(desk: Desk, text: str) -> Locator:
    """A link on the pages of names, on whichever of them it stands."""
    while True:
        link = desk.main.get_by_role("link", name=re.compile(text)).first
        if link.count():
            return link
        desk.main.locator("a[rel=next]").click()
        desk.page.wait_for_load_state("load")
