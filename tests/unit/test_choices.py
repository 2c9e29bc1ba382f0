"""What is chosen from a list is written as Django's template writes it, whatever the words and attributes are."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from bulou.kit import choices

LISTS: dict[str, list[Any]] = {
    "none": [],
    "words": [("", "—"), ("a", "甲"), (1, "one & two"), ("<b>", "<script>"), ('"', "'"), (None, mark_safe("<i>safe</i>"))],
    "groups": [("town & village", [("a", "A"), ("b", "B")]), ("", "none"), ("<x>", [("c", "C")])],
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect], ids=lambda w: w.__name__)
def test_as_django_writes_it(name: str, widget: type[forms.Select]) -> None:
    attrs = {"class": "form-select", "size": 8, "required": True, "disabled": False, "data-x": '<"&'}
    made = widget(attrs=attrs) if widget is forms.NullBooleanSelect else widget(attrs=attrs, choices=LISTS[name])
    for value in ("", "a", "b", ("a", "c"), None, True):
        ours, theirs = (made.render("na<me", value, {"id": "x"}, renderer=r()) for r in (choices.Renderer, DjangoTemplates))
        assert ours.splitlines() == [line for line in theirs.splitlines() if line.strip()]


def test_what_is_written_otherwise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nothing is escaped."""
    monkeypatch.setattr(choices, "conditional_escape", str)
    with pytest.raises(AssertionError):
        test_as_django_writes_it("words", forms.Select)
