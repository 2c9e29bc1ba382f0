"""A page that fails stands in the server's log: where and as what, and nobody's name."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from bulou.web.failures import Where

NAME = "欧阳甲子"


def _failed() -> None:
    try:
        raise KeyError(NAME)
    except KeyError as why:
        raise ValueError(f"no such row: {NAME}") from why


def test_a_failed_page_is_written_with_its_places_and_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    (handler,) = [h for h in logging.getLogger("django.request").handlers if isinstance(h.formatter, Where)]
    assert isinstance(handler, logging.StreamHandler) and not handler.filters, "also where nobody debugs"
    monkeypatch.setattr(handler, "stream", written)
    try:
        _failed()
    except ValueError:
        logging.getLogger("django.request").error("Internal Server Error: %s", "/tracing/calls", exc_info=sys.exc_info())
        logging.getLogger("django.request").warning("Not Found: %s", "/nowhere")
    text = written.getvalue()
    assert "Internal Server Error: /tracing/calls" in text and "_failed" in text
    assert text.index("KeyError") < text.index("ValueError") and text.rstrip().endswith("ValueError")
    assert NAME not in text and "/nowhere" not in text
