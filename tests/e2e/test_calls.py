"""The journey "everyone of a tube is phoned": a tube reads positive, numbers are dealt, two callers, and the pool that is resolved folds."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk
from tests.e2e.test_pool import POINT, read, register


def row(desk: Desk, name: str) -> object:
    return desk.page.locator("section[aria-labelledby='c-list'] tbody tr", has_text=name)


def call(desk: Desk, name: str) -> None:
    """Opens somebody's call from the list and begins it."""
    desk.open("/tracing/calls?show=all")
    row(desk, name).locator("a[href*='/tracing/call?']").click()  # type: ignore[attr-defined]
    desk.look()
    desk.submit()


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_everyone_of_a_tube_is_phoned(at: At, demo: Demo, width: int, language: str) -> None:
    tube = f"E2E-call-{language}-{width}"
    sampler, laboratory = at("sampler", language, width), at("laboratory", language, width)
    lead, caller, duty = at("tracing", language, width), at("investigator", language, width), at("duty", language, width)
    inside = register(sampler, demo, tube, 10, 7)
    read(laboratory, tube, "positive")

    # everyone in it is to be phoned, before any recheck
    lead.open("/tracing/calls")
    lead.look()
    card = lead.page.locator("section.card", has=lead.page.get_by_role("heading", name=tube))
    expect(card).to_contain_text(re.compile(lead.say("已联系 0 / 7", "reached 0 of 7"), re.IGNORECASE))
    # whoever has no number that anyone could dial, nor anybody at home with one, goes to the door at once
    lead.open("/tracing/calls?show=all")
    for _person, name in inside:
        expect(row(lead, name)).to_have_count(1)  # type: ignore[arg-type]
    people = [(person, name) for person, name in inside if row(lead, name).locator("a[href*='/tracing/call?']").count()]  # type: ignore[attr-defined]
    assert len(people) > 2, "three of them have a number"
    lead.open("/tracing/calls")

    # the numbers are dealt to both who are at work
    lead.page.get_by_role("link", name=lead.say("分派号码", "Deal the numbers")).click()
    lead.look()
    lead.submit()
    expect(lead.page.locator(".alert-success").first).to_be_visible()
    lead.open("/tracing/calls?show=nobody")
    expect(lead.page.locator("section[aria-labelledby='c-list'] tbody tr")).to_have_count(0)
    lead.look(again=True)

    # one begins: the number opens for them alone, and the other reads who is on it
    first = people[0][1]
    call(caller, first)
    number = caller.page.locator("a[href^='tel:']").first
    expect(number).to_be_visible()
    caller.look(again=True)
    lead.open("/tracing/calls?show=all")
    expect(row(lead, first)).to_contain_text(lead.say("正在拨打", "is on it"))  # type: ignore[arg-type]
    row(lead, first).locator("a[href*='/tracing/call?']").click()  # type: ignore[attr-defined]
    expect(lead.page.locator(".alert-warning")).to_contain_text(lead.say("正在拨打", "is on it since"))
    expect(lead.main).not_to_contain_text((number.get_attribute("href") or "tel:").removeprefix("tel:"))
    expect(lead.main.locator("a[href^='tel:']")).to_have_count(0)
    lead.look(again=True)

    # reached: one entry for the call, the whereabouts and the interview
    caller.fill(**{f"words-{people[0][0].replace('-', '')}": caller.say("在单位门卫室", "at the gatehouse of the works")})
    caller.page.locator("button[name='outcome'][value='reached']").click()
    expect(caller.page.locator(".alert-success").first).to_be_visible()
    card = caller.page.locator("section.card", has=caller.page.get_by_role("heading", name=tube))
    expect(card).to_contain_text(re.compile(caller.say("已联系 1 / 7", "reached 1 of 7"), re.IGNORECASE))
    expect(card).not_to_contain_text(first)
    lead.open(f"/people/person/{people[0][0]}")
    lead.look()
    expect(lead.main).to_contain_text(lead.say("近日行程", "the last days"))

    # three times no answer: not to be phoned any more, on the list of those who go to the door
    silent = people[1][1]
    for n in range(3):
        call(caller, silent)
        caller.page.locator("button[name='outcome'][value='no_answer']").click()
        expect(caller.page.locator(".alert-success").first).to_be_visible()
        if n < 2:
            caller.open("/tracing/calls?show=all")
            expect(row(caller, silent)).to_contain_text(caller.say("再次拨打", "call again"))  # type: ignore[arg-type]
    caller.open("/tracing/calls?show=door")
    expect(row(caller, silent)).to_contain_text(caller.say("上门", "to the door"))  # type: ignore[arg-type]
    caller.look(again=True)
    duty.open("/people/unreached/")
    duty.look()
    expect(duty.page.locator("tbody tr", has_text=silent)).to_have_count(1)
    duty.page.locator("tbody tr", has_text=silent).get_by_role("link", name=duty.say("报告落位", "say where")).click()
    duty.fill(outcome="staying")
    duty.submit()
    expect(duty.page.locator("tbody tr", has_text=silent)).to_have_count(0)

    # all singles negative, and the same tube too: resolved, and nobody of it is asked any more
    for i, (person, _name) in enumerate(inside):
        sampler.open(f"/testing/sample?tube={tube}-{i}&capacity=1&area={POINT}&person={person}")
        sampler.page.locator(f".choices form:has(input[value='{person}']) button").click()
        expect(sampler.page.locator("#s-in")).to_contain_text("1 / 1")
        read(laboratory, f"{tube}-{i}", "negative")
    read(laboratory, tube, "negative", "rerun")
    caller.open("/tracing/calls")
    folded = caller.page.locator("section[aria-labelledby='c-folded'] details", has_text=tube)
    expect(folded).to_have_count(1)
    expect(caller.page.locator("section[aria-labelledby='c-list']")).not_to_contain_text(people[2][1])
    folded.locator("summary").click()
    expect(folded).to_contain_text(first)
    expect(folded.locator("li", has_text=first)).to_contain_text(re.compile(caller.say("询问", "already asked")))
    caller.look(again=True)
    caller.open("/tracing/called/")
    caller.look()
    expect(caller.page.locator("tbody tr", has_text=silent)).to_have_count(3)
