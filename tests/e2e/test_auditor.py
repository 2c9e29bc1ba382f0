"""An auditor in a browser: sees who looked and what left by whose leave, verifies the chain, and can change and unmask nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import At


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 390)])
def test_an_auditor_sees_who_looked_and_changes_nothing(at: At, language: str, width: int) -> None:
    clerk = at("data", "en")
    clerk.open("/people/people/?area=510117001218")
    whole = clerk.main.locator("tbody tr td strong").first.inner_text()
    clerk.open("/exports/ask?sheet=people&area=510117001218")
    clerk.fill(purpose="reconciling", reason=f"e2e {language} {width}")
    clerk.submit()
    duty = at("duty", "en")
    duty.open("/exports")
    waiting = duty.main.locator("li, tr, article, section").filter(has_text=f"e2e {language} {width}").last
    waiting.locator("[name=reason]").fill("checked")
    waiting.locator("button[value=grant]").click()
    expect(duty.page.locator(".alert-success")).to_be_visible()

    auditor = at("auditor", language, width)
    auditor.open("/audit/looks/?account=data")
    auditor.look()
    expect(auditor.main).to_contain_text("data")
    auditor.main.locator("a[href*='/audit/look/']").first.click()
    auditor.look()
    # Whom the look showed is masked here, though the clerk read the name whole.
    assert whole not in auditor.main.inner_text()
    auditor.open("/audit/chain")
    auditor.look()
    auditor.main.locator("button.btn-primary[type=submit]").click()
    expect(auditor.main).to_contain_text(auditor.say("全部与写入时一致", "Everything is as it was written"))
    auditor.look(again=True)
    auditor.main.locator("a[href='/exports']").click()
    expect(auditor.main).to_contain_text(f"e2e {language} {width}")
    expect(auditor.main).to_contain_text("duty")
    expect(auditor.main.locator("button[type=submit]")).to_have_count(0)
    auditor.look()
    auditor.open("/audit/door-checks/")
    auditor.look()
    auditor.open("/people/people/?area=510117001218")
    assert whole not in auditor.main.inner_text()
    auditor.look()
    for path in ("/exports/ask?sheet=people", "/shift/open", "/people/enrol", "/command/zone/draw", "/centre/establish", "/door"):
        assert auditor.open(path) == 404, path
    assert not re.search(r"1\d{10}", auditor.main.inner_text())
