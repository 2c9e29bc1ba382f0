"""Support for sources: told where the starts agree, an unknown source always a row, no arrow below a half; and what to find out next."""

from __future__ import annotations

from html import unescape
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from bulou.assessment.chains import Reconstruction
from bulou.assessment.refusing import NoAnswer
from bulou.basis.facts import ContactNamed, InterviewHeld, OnsetRecorded
from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing import chainwork, support
from bulou.desks.tracing.support import GENERATION, INCUBATION, asked, reckon, rows
from tests.web.test_chain import HERE, chain_of, diagnosed, names, people
from tests.web.test_traced import entered, fact
from tests.web.world import World

PAGE, WORK = reverse("chain-support"), reverse("chain-work")
FORM = {"generation_mean": "5", "generation_sd": "2", "incubation_mean": "6", "incubation_sd": "3", "sites": "29903"}


def pair(world: World) -> tuple[bytes, bytes]:
    one, two = people(HERE, 2)
    for n, (p, day) in enumerate(((one, "2020-11-28"), (two, "2020-12-03"))):
        diagnosed(world, p, str(91 + n))
        entered(fact(world, "onset.recorded", OnsetRecorded(p, day), -4))
    entered(fact(world, "contact.named", ContactNamed(two, one, Instant(world.opens - 170 * HOUR), "meal"), -6))
    return one, two


def told(n: int, best: float) -> Reconstruction:
    """An answer in which the second case was infected by the first with this support, and nobody else by anyone here."""
    found = np.zeros((n, n + 1))
    found[:, n] = 1.0
    found[1, 0], found[1, n] = best, 1 - best
    return Reconstruction(found, np.zeros((n, n + 1)), 0.0, 1.0, 0.5, 0.1, -10.0, 0.01, 1.0, 0.2)


def test_it_reckons_what_the_chain_has(world: World) -> None:
    one, two = pair(world)
    of = asked(chain_of(world, world.look("tracing", "en")))
    at = {m.person: i for i, m in enumerate(of.cases)}
    assert (at[one], at[two]) in of.contacts and of.days[at[two]] - of.days[at[one]] == 5
    found = reckon(of, GENERATION, INCUBATION, 29903)
    made = rows(of, found)
    assert all(any(label is None for label, _ in r.sources) for r in made), "a source that is not among the cases has its line in every row"
    assert np.allclose(found.support.sum(axis=1), 1)


@pytest.mark.parametrize(("best", "drawn"), [(0.8, 1), (0.5, 0), (0.3, 0)])
def test_no_arrow_is_drawn_without_more_than_half(world: World, monkeypatch: pytest.MonkeyPatch, best: float, drawn: int) -> None:
    pair(world)
    monkeypatch.setattr(support, "reckon", lambda of, *_: told(len(of.cases), best))
    seen = unescape(world.ask("tracing", PAGE, "en", data=FORM).text)
    props = seen.split("<bulou-chain", 1)[1].split("</bulou-chain>", 1)[0]
    assert props.count('"support", 0, 0]') == drawn
    assert f"{best:.2f}" in seen and "source unknown: not among these cases" in seen
    assert not [x for x in names() if x in seen]


def test_where_the_starts_disagree_nothing_is_told_but_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)

    def disagree(*_: Any) -> Reconstruction:
        raise NoAnswer("各起点不一致", "the starts disagree")

    monkeypatch.setattr(support, "reckon", disagree)
    answer = world.ask("tracing", PAGE, "en", data=FORM)
    seen = unescape(answer.text)
    assert answer.status == 422 and "Not resolvable" in seen and "the starts disagree" in seen and "<bulou-chain" not in seen


def test_more_cases_than_a_page_waits_for_are_sent_to_the_command_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    monkeypatch.setattr(support, "MOST", 3)
    monkeypatch.setattr(support, "reckon", lambda *_: pytest.fail("it must not begin"))
    seen = unescape(world.ask("tracing", PAGE, "en", data=FORM).text)
    assert "bulou assess chains" in seen and "More than 3 cases" in seen
    for what in ("cases", "contacts"):
        file = world.ask("tracing", reverse("chain-support-file", kwargs={"what": what}), "en").text
        assert "case 91" in file and not [x for x in names() if x in file]


def test_a_wrong_assumption_is_said_and_not_reckoned(world: World) -> None:
    answer = world.ask("tracing", PAGE, "en", data={**FORM, "generation_mean": "0"})
    assert answer.status == 422


def test_what_is_not_on_record_leads_to_where_it_is_entered(world: World) -> None:
    one, two = pair(world)
    look = world.look("tracing", "en")
    found = {(k.what, k.case) for k in chainwork.work(chain_of(world, look), look)}
    assert ("interview", one) in found and ("judgement", two) in found
    seen = unescape(world.ask("tracing", f"{WORK}?what=interview", "en").text)
    assert f"{reverse('do', kwargs={'name': 'interview'})}?person={to_text(one)}" in seen and "case 91</a>" in seen
    entered(fact(world, "interview.held", InterviewHeld(one, "core", "pidu.tracing"), -1))
    look = world.look("tracing", "en")
    again = {(k.what, k.case) for k in chainwork.work(chain_of(world, look), look)}
    assert ("interview", one) not in again and ("path", one) in again, "whoever was asked and told of no place is asked for their path"
    assert not [x for x in names() if x in world.ask("tracing", WORK, "en").text]
