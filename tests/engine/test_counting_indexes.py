"""What is counted of a district's millions of duties and people is counted from an index: no row of theirs is read for it (SQLite's plans)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, Min
from django.test.utils import CaptureQueriesContext

from bulou.desks.centre.sheets import ADMINISTRATION
from bulou.duties.forgetting import table
from bulou.duties.models import Duty
from bulou.gaps.coverage import counted, gaps, rows
from bulou.kit.withdrawing import undone_at
from bulou.register.models import Person, Stay
from bulou.register.scope import Scope, standing

EVERYWHERE = Scope(None)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses plans by how full a table is"),
]


def plans(made: Callable[[], Any]) -> str:
    """How the database goes about what this asks it."""
    with CaptureQueriesContext(connection) as heard:
        made()
    told = []
    with connection.cursor() as cursor:
        for query in heard.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            told += [row[3] for row in cursor.fetchall()]
    return " · ".join(told)


COUNTED = {
    "states of duties by area": lambda: counted(rows(5, 7, EVERYWHERE), 5, 7, "area"),
    "gaps by area and rule": lambda: list(gaps(5, 7, EVERYWHERE).filter(incident__in=[b"i" * 16]).values("area", "rule").annotate(n=Count("*"), o=Min("due_at"))),
    "the register": lambda: standing(Stay, 5).filter(here_from__lte=7, here_until__gt=7).exclude(nature="away").count(),
    "the register by area": lambda: list(standing(Stay, 5).filter(here_from__lte=7, here_until__gt=7).values_list("area").annotate(n=Count("*"))),
}  # fmt: skip
FOUND = {
    "those with another record": (lambda: list(standing(Person, 5).exclude(person=F("canonical")).values_list("person", "canonical")), "person_alias"),
    "the records of one person": (lambda: list(standing(Person, 5).filter(canonical=b"p" * 16).values_list("person")), "person_canonical"),
    "the duties of a rule": (lambda: list(rows(5, 7, EVERYWHERE).filter(rule__in=[1])), "duty_rule"),
    "the first duties of all": (lambda: list(rows(5, 7, EVERYWHERE).order_by("due_at", "id")[:50]), "duty_due"),
    "what an entry undid": (lambda: list(undone_at(5)), "duty_void"),
}  # fmt: skip


@pytest.mark.parametrize("what", COUNTED)
def test_counting_reads_no_row(what: str) -> None:
    said = plans(COUNTED[what])
    assert "duty" in said or "stay" in said
    assert all("COVERING INDEX" in step for step in said.split(" · ") if re.search(r"\b(?:SCAN|SEARCH) (?:duty|stay)\b", step)), said


@pytest.mark.parametrize("what", FOUND)
def test_a_few_among_many_are_found_by_an_index(what: str) -> None:
    asked, index = FOUND[what]
    assert index in plans(asked)


def test_a_count_that_reads_rows_is_caught() -> None:
    assert "COVERING" not in plans(lambda: list(Duty.objects.values_list("area").annotate(n=Count("turn"))))


def test_administration_is_found_by_contents_that_are_kept_for_ever() -> None:
    """The list finds envelopes by their contents: one that was destroyed would be missing from it."""
    assert [kind for kind in ADMINISTRATION if table()[kind].goes != "none"] == []
