"""From a preliminary positive to a diagnosis, each step by its own role; contacts named, judged or excluded, ordered, with the arithmetic."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At, Demo
from tests.e2e.desk import Desk
from tests.e2e.test_pool import read, register


def closed_to(desks: list[Desk], path: str) -> None:
    """What a role may not do is not there for it."""
    for desk in desks:
        assert desk.open(path) == 404, f"{desk.user} finds {path}"


def step(desk: Desk, case: str, zh: str, en: str, **values: str) -> None:
    """The case's next step, by whoever has it: the one action that their page offers."""
    desk.open(case)
    desk.page.locator(".top-do").get_by_role("link", name=desk.say(zh, en)).click()
    desk.look()
    desk.fill(**values)
    desk.submit()
    expect(desk.page.locator("section[aria-labelledby='k-steps']")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_from_a_positive_swab_to_a_contacts_last_day(at: At, demo: Demo, width: int, language: str) -> None:
    tracing, investigator, expert = (at(user, language, width) for user in ("tracing", "investigator", "expert"))
    sampling, laboratory = at("sampling", language, width), at("laboratory", language, width)
    say, tube = tracing.say, f"TRACE-{language}"
    (person, name), *met = register(sampler := at("sampler", language, width), demo, tube, 1, 1)
    assert sampler and not met
    laboratory.open("/testing/result?phone=1")
    laboratory.fill(tube=tube)
    laboratory.page.locator("button[name='result'][value='positive']").click()
    expect(laboratory.page.locator(".alert-success").first).to_contain_text(tube)

    # found by name, looked at as a case; everyone else's steps are not there
    tracing.open("/search")
    tracing.page.locator("[data-key='/']").fill(name)
    tracing.page.keyboard.press("Enter")
    tracing.page.locator("section[aria-labelledby='q-p'] a").first.wait_for()
    tracing.look()
    tracing.open(f"/people/person/{person}")
    tracing.look()
    case = f"/tracing/case/{person}"
    tracing.page.locator(f"main a[href='{case}']").click()
    expect(tracing.main.locator(".h3").first).to_have_text(say("初筛阳性", "preliminary positive"))
    tracing.look()
    query = f"person={person}"
    closed_to([investigator, expert, sampling], f"/do/recheck?{query}")
    closed_to([investigator, tracing, sampling], f"/do/consult?{query}")
    closed_to([investigator, tracing, laboratory], f"/do/diagnose?{query}")

    # nobody diagnoses before the expert group has met; then recheck, consultation, diagnosis
    expert.open(f"/do/diagnose?{query}")
    expert.look()
    expert.fill(status="confirmed", how_found="clinic")
    expert.submit()
    expect(expert.page.locator(".alert-danger")).to_contain_text(say("会诊", "expert group"))
    step(tracing, case, "疾控复核", "recheck", result="positive")
    step(expert, case, "专家会诊", "consult", conclusion="case")
    step(expert, case, "诊断", "diagnosis", status="confirmed", severity="mild", how_found="clinic")
    expect(expert.main.locator(".h3").first).to_contain_text(say("确诊病例", "confirmed case"))

    # where they were
    investigator.open(case)
    investigator.look()
    investigator.page.get_by_role("link", name=say("记录活动轨迹", "Record a visit")).click()
    investigator.look()
    investigator.fill(words="noodle shop by the north gate", certainty="stated", until="2020-12-03 19:30", at="2020-12-03 19:00")
    investigator.submit()
    expect(investigator.page.locator("section[aria-labelledby='k-visits']")).to_contain_text("noodle shop by the north gate")

    # whom they met: a name of the register, and a stranger by what is known of him
    investigator.page.get_by_role("link", name=say("报告接触者", "Name a contact")).click()
    investigator.look()
    (contact, contact_name), *_none = register(sampler, demo, f"{tube}-met", 1, 1)
    investigator.page.locator("input[name='q'][type='search']").last.fill(contact_name)
    investigator.page.locator("form.filters button").click()
    investigator.page.locator(f"input[name='person'][value='{contact}']").check()
    investigator.fill(setting="meal", exposed_until="tomorrow, I think")
    investigator.submit()
    expect(investigator.main.locator(".text-danger").first).to_contain_text("YYYY-MM-DD HH:MM")
    assert investigator.value("exposed_until") == "tomorrow, I think"
    investigator.look(again=True)
    investigator.fill(exposed_until="2020-12-03 19:00")
    investigator.submit()
    expect(investigator.page.locator("section[aria-labelledby='k-contacts']")).to_contain_text(contact_name)
    investigator.page.get_by_role("link", name=say("报告接触者", "Name a contact")).click()
    investigator.fill(setting="venue", exposed_until="2020-12-03 19:00", new_name="man in red, table 5")
    investigator.submit()
    expect(investigator.page.locator("section[aria-labelledby='k-contacts'] tbody tr")).to_have_count(2)
    stranger = investigator.page.locator("section[aria-labelledby='k-contacts'] a", has_text="man in red").get_attribute("href")
    assert stranger

    # candidates until a professional judges, with a reason; the one taken in by mistake is excluded
    closed_to([investigator, sampling, expert], f"/do/judge_contact?person={contact}")
    page = f"/tracing/contact/{contact}"
    for path, ring, word in ((page, "close", say("密切接触者", "close contact")), (stranger, "excluded", say("排除", "excluded"))):
        tracing.open(path)
        expect(tracing.main.locator(".h3").first).to_contain_text(say("待判定", "candidate"))
        tracing.page.locator(".top-do").get_by_role("link", name=say("判定", "Judge")).click()
        tracing.look()
        tracing.fill(ring=ring, reason=" ")
        tracing.submit()
        expect(tracing.main.locator(".text-danger").first).to_be_visible()
        tracing.fill(reason="ate at the same table for an hour")
        tracing.submit()
        expect(tracing.main.locator(".h3").first).to_contain_text(word)
        expect(tracing.main.locator("dl.why").first).to_contain_text(say("流调溯源组流调组长", "Tracing group, head of tracing"))
        expect(tracing.main.locator("dl.why").first).to_contain_text("ate at the same table for an hour")

    # an order, proposed with its arithmetic, signed by a named post; its days in a strip; the sum in both languages
    sums = {
        "en": "last exposure 2020-12-03 19:00 + 14 days = 2020-12-17 24:00, because",
        "zh": "末次暴露 2020-12-03 19:00 + 14 天 = 2020-12-17 24:00,依据",
    }
    tracing.open(page)
    tracing.page.locator(".top-do").get_by_role("link", name=say("下达隔离令", "Make the order")).click()
    expect(tracing.main).to_contain_text(sums[language])
    tracing.look()
    tracing.fill(reason="close contact of a confirmed case")
    tracing.submit()
    days = tracing.page.locator("ol.strip li.day")
    expect(days.first).to_be_visible()
    expect(days.and_(tracing.page.locator("[aria-current='date']"))).to_have_count(1)
    tracing.look(again=True)
    for other in sorted(("zh", "en"), key=lambda one: one == language):  # their own last
        tracing.page.locator(f".langs a[lang='{'zh-Hans' if other == 'zh' else 'en'}']").click()
        expect(tracing.main).to_contain_text(sums[other])

    # whoever is behind the contact follows them: their test turns positive, a judgement is asked for and nobody rises by it
    (second, second_name), *_more = register(sampler, demo, f"{tube}-second", 1, 1)
    tracing.open(f"/tracing/contact-name?met={contact}")
    tracing.page.locator("input[name='q'][type='search']").last.fill(second_name)
    tracing.page.locator("form.filters button").click()
    tracing.page.locator(f"input[name='person'][value='{second}']").check()
    tracing.fill(setting="household", exposed_until="2020-12-04 19:00")
    tracing.submit()
    behind = f"/tracing/contact/{second}"
    tracing.open(f"/do/judge_contact?person={second}&next={behind}")
    tracing.fill(ring="secondary", reason="lives with the contact")
    tracing.submit()
    tracing.open(behind)
    section = tracing.page.locator("section[aria-labelledby='o-second']")
    expect(section).to_contain_text(say("未满两次阴性", "not yet negative twice"))
    expect(section.locator("a.btn")).to_have_count(0)
    read(laboratory, f"{tube}-met", "positive")
    tracing.open(behind)
    expect(section).to_contain_text(say("已转阳性", "turned positive"))
    tracing.look(again=True)
    expect(tracing.main.locator(".h3").first).to_contain_text(say("密接的密接", "contact of a close contact"))
    section.locator("a.btn").click()
    tracing.fill(ring="close", reason="the contact is positive")
    tracing.submit()
    expect(tracing.main.locator(".h3").first).to_contain_text(say("密切接触者", "close contact"))
    tracing.open("/tracing/contacts?ring=secondary")
    tracing.look(again=True)
