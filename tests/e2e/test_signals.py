"""Signals at two widths: a source opened for few days, somebody noted by it, not reached, then followed up; the source closed, and nothing shown any more."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_a_signal_from_its_source_to_the_end_of_it(at: At, width: int, language: str) -> None:
    lead = at("tracing", language, width)
    say, pharmacy, name = lead.say, f"Riverside pharmacy {language}", f"Buyer {language}"
    lead.open("/signals/open")
    lead.seen("signals-open")
    lead.fill(source_kind="pharmacy", name=pharmacy, purpose=" ")
    lead.submit()
    expect(lead.main.locator(".text-danger").first).to_be_visible()
    lead.fill(purpose="a nurse asks how they are")
    lead.submit()
    expect(lead.page.locator(".alert-success").first).to_be_visible()
    source = lead.path

    # somebody as the pharmacy wrote them: nobody is put on the register
    lead.page.get_by_role("link", name=say("登记信号", "Note a signal")).click()
    lead.seen("signal-note")
    lead.fill(name=name, phone="13900000077", words="ibuprofen")
    lead.submit()
    expect(lead.page.locator(".alert-success").first).to_be_visible()
    lead.seen("signal-source")
    lead.open("/signals/signals/")
    lead.seen("signals")
    lead.page.get_by_role("link", name=name).first.click()
    signal = lead.path

    # not reached is owed still; well is not
    for outcome, stands in (("unreached", say("待随访", "to be followed up")), ("well", say("已随访", "followed up"))):
        lead.open(signal)
        lead.page.get_by_role("link", name=say("随访", "Follow up"), exact=True).click()
        lead.seen("signal-follow")
        lead.fill(outcome=outcome)
        lead.submit()
        expect(lead.main.locator(".h3 .st").first).to_have_text(stands)
    lead.seen("signal")

    # closed: what it brought is shown no more
    lead.open(source)
    lead.page.locator("a[href*='/do/close_signals']").first.click()
    lead.fill(reason="not needed any more")
    lead.submit()
    lead.open(source)
    expect(lead.main).to_contain_text(say("内容不再显示", "shown no more"))
    lead.seen("signal-source-over")
    lead.open("/signals/signals/")
    expect(lead.main).not_to_contain_text(name)
