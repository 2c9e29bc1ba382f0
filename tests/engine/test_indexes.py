"""What is read by its subject as of an entry is found by an index: at 1.5 million people a table is not read whole for one of them."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import connection, models

from bulou.evidence.models.versions import Version
from bulou.register.scope import standing

#: Every versioned model that says by what it is found, with the first field of that index.
FOUND_BY = [
    (model, index.fields[0])
    for model in apps.get_models()
    if issubclass(model, Version)
    for index in model._meta.indexes
    if index.name.endswith("_now")
]


def plan(model: type[Version], field: str) -> str:
    """How the database would look for two of them as of an entry."""
    two = [b"\x00" * 16, b"\x01" * 16] if not isinstance(model._meta.get_field(field), models.TextField) else ["a", "b"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table is always read whole
    return str(standing(model, 5).filter(**{f"{field}__in": two}).explain())


def by_index(said: str, field: str) -> bool:
    """Whether the plan looks the field up, and does not only walk what stood."""
    if connection.vendor == "postgresql":
        return "_now" in said and re.search(rf'Index Cond: \(+"?{field}"? = ', said) is not None
    return "SEARCH" in said and f"({field}=?" in said


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), FOUND_BY, ids=lambda v: getattr(v, "__name__", v))
def test_what_stood_is_found_by_an_index(model: type[Version], field: str) -> None:
    assert by_index(plan(model, field), field)


@pytest.mark.django_db
def test_a_field_that_no_index_is_over_is_caught() -> None:
    person = apps.get_model("register", "Person")
    assert not by_index(plan(person, "sex"), "sex")
    assert len(FOUND_BY) > 15
