"""The journey "a pool turns positive", at both widths and in both languages, from the first swab to the last word on the pool."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk

#: Where the journeys' tubes are opened: neighbours in the queue are those of the same point.
POINT = "510117001218"


def register(desk: Desk, demo: Demo, tube: str, capacity: int, n: int) -> list[tuple[str, str]]:
    """Registers ``n`` people into a tube, whom no journey had before: their ids and names. Someone who is refused is passed over, and so is
    whoever has another's name or a part of it: below, a row is found by its name."""
    inside: list[tuple[str, str]] = []
    heading = desk.page.locator("#s-in")
    for person in candidates(desk, demo, tube, capacity):
        if len(inside) == n:
            break
        if any(person[1] in name or name in person[1] for _, name in inside):
            continue
        desk.page.locator(f".choices form:has(input[value='{person[0]}']) button").click()
        desk.page.wait_for_load_state("load")
        if desk.page.locator(".alert-danger").count() == 0:
            inside.append(person)
        expect(heading).to_contain_text(f"{len(inside)} / {capacity}")
    assert len(inside) == n
    return inside


def candidates(desk: Desk, demo: Demo, tube: str, capacity: int) -> Iterator[tuple[str, str]]:
    """People as the sampler finds them, family name by family name; each is on the page when given."""
    for family in demo.families:
        search = f"/testing/sample?tube={tube}&capacity={capacity}&area={POINT}&q={family}"
        desk.open(search)
        forms = desk.main.locator(".choices form")
        found = [
            (forms.nth(i).locator("input[name='person']").input_value(), re.split(r"\s|…", forms.nth(i).locator("strong").inner_text())[0])
            for i in range(forms.count())
        ]
        for person in found:
            if f"q={family}" not in desk.page.url or desk.page.locator(".alert-danger").count():
                desk.open(search)
            yield person


def read(desk: Desk, tube: str, result: str, run: str = "first") -> None:
    """A result by hand."""
    desk.open(f"/testing/result?tube={tube}&run={run}")
    desk.look()
    desk.fill(result=result)
    desk.submit()
    expect(desk.page.locator(".alert-success").first).to_contain_text(tube)


def row(desk: Desk, name: str) -> object:
    return desk.page.locator("section[aria-labelledby='t-people'] tbody tr", has_text=name)


def nobody_is_negative(desk: Desk, tube: str) -> None:
    desk.open(f"/testing/tube/{tube}")
    expect(desk.page.locator("section[aria-labelledby='t-people'] tbody tr")).not_to_have_count(0)
    expect(desk.page.locator("section[aria-labelledby='t-people'] [data-state='negative']")).to_have_count(0)


@pytest.mark.parametrize(("width", "language", "size"), [(1440, "en", 10), (390, "zh", 10), (1440, "zh", 5), (390, "en", 5)])
def test_a_pool_turns_positive(at: At, demo: Demo, width: int, language: str, size: int) -> None:
    tube = f"E2E-{language}-{width}"
    sampler, laboratory = at("sampler", language, width), at("laboratory", language, width)
    sampling, duty = at("sampling", language, width), at("duty", language, width)

    # a tube at a point, its people one after another, no more than it holds
    sampler.open("/testing/pools")
    sampler.look()
    sampler.page.get_by_role("link", name=sampler.say("登记人员", "Register people")).last.click()
    sampler.look()
    people = register(sampler, demo, tube, size, size)
    one_more = next(candidates(sampler, demo, tube, size))
    sampler.page.locator(f".choices form:has(input[value='{one_more[0]}']) button").click()
    expect(sampler.page.locator(".alert-danger")).to_contain_text(sampler.say("已满", "full"))
    assert sampler.value("tube") == tube
    sampler.look(again=True)
    behind = register(sampler, demo, f"{tube}-next", size, 2)

    # the laboratory tells it by phone before any file: the code, one press
    laboratory.open("/testing/pools")
    laboratory.page.get_by_role("link", name=laboratory.say("电话先报", "Result by phone")).click()
    laboratory.look()
    laboratory.fill(tube=tube)
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(laboratory.page.locator(".alert-warning").first).to_contain_text(laboratory.say("查明之前", "nobody in it is negative"))
    laboratory.look()
    for _person, name in people:  # the laboratory reads tubes, not people
        expect(laboratory.main).not_to_contain_text(name)

    # everyone stands as due, by name: in the pool, in the list of duties, behind the board's figure
    sampling.open(f"/testing/tube/{tube}")
    sampling.look()
    expect(sampling.page.locator("section[aria-labelledby='t-people'] tbody tr")).to_have_count(size)
    duty.open("/command/duties/?state=open&rule=recall.single")
    duty.look()
    due = duty.page.locator("tbody tr", has=duty.page.locator(".st[data-state='due']"))
    for _person, name in people:
        expect(row(sampling, name)).to_contain_text(sampling.say("未单采", "no single yet"))  # type: ignore[arg-type]
        expect(due.filter(has_text=name).first).to_be_visible()
    duty.open("/board")
    duty.look()
    duty.figure("not_located").click()
    duty.look()
    for _person, name in people:
        expect(duty.page.locator("section[aria-labelledby='f-names']")).to_contain_text(name)

    # where each of them is now
    for (_person, name), outcome, word in zip(
        people, ("staying", "not_reached"), (sampling.say("已找到并原地等候", "found and staying put"), sampling.say("未联系上", "not reached")),
        strict=False,
    ):  # fmt: skip
        row(sampling, name).get_by_role("link", name=sampling.say("报告", "say"), exact=True).click()  # type: ignore[attr-defined]
        sampling.look()
        sampling.fill(outcome=outcome)
        sampling.submit()
        expect(row(sampling, name)).to_contain_text(word)  # type: ignore[arg-type]
    sampling.open("/testing/pools")
    sampling.look()
    expect(sampling.page.locator("section.card", has_text=tube)).to_contain_text(f"1 / {size}")

    # singles; one is read negative, and still nobody may be called so
    for i, (person, _name) in enumerate(people):
        sampling.open(f"/testing/sample?tube={tube}-{i}&capacity=1&area={POINT}&person={person}")
        sampling.page.locator(f".choices form:has(input[value='{person}']) button").click()
        expect(sampling.page.locator("#s-in")).to_contain_text("1 / 1")
    read(laboratory, f"{tube}-0", "negative")
    nobody_is_negative(sampling, tube)
    expect(row(sampling, people[0][1])).to_contain_text(sampling.say("混管未查明", "pool still open"))  # type: ignore[arg-type]
    duty.open(f"/people/person/{people[0][0]}")
    duty.look()
    expect(duty.main.locator(".st[data-state='unresolved']").first).to_have_text(duty.say("混管未查明", "pool not resolved"))
    expect(duty.main.locator(".st[data-state='negative']")).to_have_count(0)

    # the others come in a file; the same tube again is positive: the pool is unresolved and its neighbours are looked at
    laboratory.open("/testing/results/import")
    laboratory.look()
    lines = "".join(f"{tube}-{i},{laboratory.say('阴性', 'negative')}\n" for i in range(1, size))
    laboratory.main.locator("input[type='file']").set_input_files(
        {"name": "results.csv", "mimeType": "text/csv", "buffer": ("tube,result\n" + lines).encode()}
    )
    laboratory.submit()
    laboratory.main.locator("button[value=columns]").click()
    enter = laboratory.main.locator("button[value=enter]")
    expect(enter).to_be_visible(timeout=30_000)
    expect(enter).to_contain_text(str(size - 1))
    laboratory.look()
    enter.click()
    expect(laboratory.main.get_by_text(laboratory.say("全部撤回", "Take all of it back")).first).to_be_visible(timeout=30_000)
    read(laboratory, tube, "positive", "rerun")
    nobody_is_negative(sampling, tube)
    expect(sampling.page.locator(".alert-warning").first).to_contain_text(sampling.say("混管存疑", "pool unresolved"))
    near = sampling.page.locator("section[aria-labelledby='t-near']")
    expect(near).to_contain_text(f"{tube}-next")
    for _person, name in behind:
        expect(near).to_contain_text(name)
    sampling.look(again=True)
    duty.open("/board")
    expect(duty.figure("pools_open")).not_to_have_text("0")

    # the re-run was entered wrongly: what its withdrawal undoes is shown before, a reason is asked for, then the right one is entered
    laboratory.open(f"/testing/tube/{tube}")
    newest = laboratory.page.locator("section[aria-labelledby='t-what'] li", has_text=laboratory.say("原管复测", "re-run")).first
    newest.get_by_role("link", name=laboratory.say("撤回", "withdraw")).click()
    laboratory.look()
    undone = laboratory.page.locator("#w-undo")
    expect(undone).to_contain_text(re.compile("[1-9]"))
    laboratory.submit()
    expect(laboratory.main.locator(".text-danger")).to_be_visible()
    laboratory.fill(reason="read from the wrong line")
    laboratory.submit()
    expect(laboratory.page.locator(".alert-warning").first).to_contain_text(laboratory.say("混管未查明", "pool open"))
    read(laboratory, tube, "negative", "rerun")
    sampling.open(f"/testing/tube/{tube}")
    expect(sampling.page.locator(".alert-success").first).to_contain_text(sampling.say("已查明", "resolved"))
    expect(sampling.page.locator("section[aria-labelledby='t-people'] [data-state='negative']")).to_have_count(size)
