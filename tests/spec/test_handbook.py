"""The handbook pages in docs/reference say what the spec tables say today."""

from __future__ import annotations

import pytest

from tests.spec.handbook import PAGES, page
from tests.spec.play import every_case


@pytest.mark.parametrize("lang", PAGES)
def test_page_is_current(lang: str) -> None:
    committed = PAGES[lang].read_text(encoding="utf-8")
    assert committed == page(lang), "write it again: python -m tests.spec.handbook"


@pytest.mark.parametrize("lang", PAGES)
def test_page_tells_every_case_in_its_language(lang: str) -> None:
    text = page(lang)
    for _, case in every_case():
        assert case.title[lang] in text
        assert case.story[lang] in text
    assert "None" not in text
    assert "{" not in text
