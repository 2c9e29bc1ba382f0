"""Support for sources: told where the starts agree, an unknown source always a row, no arrow below a half; and what to find out next."""

from __future__ import annotations

import os
import subprocess
import sys
from html import unescape
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse

from bulou.assessment.chains import Model, Reconstruction, reconstruct
from bulou.assessment.refusing import Left, NoAnswer
from bulou.basis.facts import ContactNamed, InterviewHeld, OnsetRecorded
from bulou.basis.ids import to_text
from bulou.basis.time import DAY, HOUR, Instant
from bulou.desks.tracing import chainwork, support, supported
from bulou.desks.tracing.chain import SUPPORT
from bulou.desks.tracing.support import GENERATION, INCUBATION, Given, asked
from bulou.desks.tracing.supported import answer_of, distances, reckon
from bulou.duties import copies
from bulou.evidence.now import NEVER
from bulou.kit import reckonings
from bulou.kit.centre import centre
from bulou.kit.incidents import incidents
from bulou.kit.looking import moment_now
from bulou.kit.models import Reckoning
from bulou.kit.reckonings import MOST_TURNS
from bulou.register.models import Stay, User
from tests.web.test_chain import HERE, chain_of, diagnosed, names, people
from tests.web.test_path import narrowed
from tests.web.test_traced import entered, fact
from tests.web.world import World

PAGE, WORK, CHAIN = reverse("chain-support"), reverse("chain-work"), reverse("chain")
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


def planted(monkeypatch: pytest.MonkeyPatch, best: float) -> None:
    """An answer without the seconds that it takes."""
    monkeypatch.setattr(supported, "reckon", lambda of, *_: told(len(of.cases), best))


def worked() -> int:
    return supported.work(centre().clock, lambda: True)


def test_it_reckons_what_the_chain_has(world: World) -> None:
    one, two = pair(world)
    of = asked(chain_of(world, world.look("tracing", "en")))
    at = {m.person: i for i, m in enumerate(of.cases)}
    assert (at[one], at[two]) in of.contacts and of.days[at[two]] - of.days[at[one]] == 5
    found = reckon(of, Given(GENERATION, INCUBATION, 29903))
    made = answer_of(of, found)
    assert all(any(j is None for j, *_ in some) for some in made["sources"]), (
        "a source that is not among the cases has its line in every row"
    )
    assert np.allclose(found.support.sum(axis=1), 1)


def test_distances_are_those_that_were_kept_and_no_sequence_is_no_distance(world: World) -> None:
    pair(world)
    of = asked(chain_of(world, world.look("tracing", "en")))._replace(read=[0, 1, 3], apart={(0, 1): 2})
    snp = distances(of)
    assert snp[0, 1] == snp[1, 0] == 2 and snp[0, 0] == 0 and snp[0, 3] > 25 and (snp[2] == -1).all()
    assert distances(of._replace(read=[], apart={})) is None


@pytest.mark.parametrize(("best", "drawn"), [(0.8, 1), (0.5, 0), (0.3, 0)])
def test_no_arrow_is_drawn_without_more_than_half(world: World, monkeypatch: pytest.MonkeyPatch, best: float, drawn: int) -> None:
    pair(world)
    planted(monkeypatch, best)
    assert world.ask("tracing", PAGE, "en", data=FORM).status == 302
    waiting = unescape(world.ask("tracing", PAGE, "en").text)
    assert "waiting to be reckoned" in waiting and 'hx-trigger="every 2s"' in waiting and "<bulou-chain" not in waiting
    assert worked() == 1
    seen = unescape(world.ask("tracing", PAGE, "en").text)
    props = seen.split("<bulou-chain", 1)[1].split("</bulou-chain>", 1)[0]
    assert props.count('"support", 0, 0]') == drawn
    assert f"{best:.2f}" in seen and "source unknown: not among these cases" in seen and "hx-trigger" not in seen
    assert not [x for x in names() if x in seen]


def test_where_the_starts_disagree_nothing_is_told_but_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)

    def disagree(*_: Any) -> Reconstruction:
        raise NoAnswer("各起点不一致", "the starts disagree")

    monkeypatch.setattr(supported, "reckon", disagree)
    world.ask("tracing", PAGE, "en", data=FORM)
    worked()
    seen = unescape(world.ask("tracing", PAGE, "en").text)
    assert "Not resolvable" in seen and "the starts disagree" in seen and "<bulou-chain" not in seen
    assert "各起点不一致" in unescape(world.ask("tracing", PAGE, "zh").text)


def test_more_cases_than_are_reckoned_are_sent_to_the_command_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    monkeypatch.setattr(support, "MOST", 3)
    seen = unescape(world.ask("tracing", PAGE, "en", data=FORM).text)
    assert "bulou assess chains" in seen and "More than 3 cases" in seen and not Reckoning.objects.exists()
    for what in ("cases", "contacts"):
        file = world.ask("tracing", reverse("chain-support-file", kwargs={"what": what}), "en").text
        assert "case 91" in file and not [x for x in names() if x in file]


def test_an_answer_stays_that_of_its_entry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked as of one entry, another case comes before it is reckoned: the answer knows nothing of it, and says that there is one more."""
    pair(world)
    planted(monkeypatch, 0.8)
    world.ask("tracing", PAGE, "en", data=FORM)
    before = len(asked(chain_of(world, world.look("tracing"))).cases)
    late = people(HERE, 3)[2]
    diagnosed(world, late, "99")
    worked()
    one = Reckoning.objects.get()
    assert one.state == "done" and len(one.answer["cases"]) == before and late.hex() not in one.answer["cases"]
    seen = unescape(world.ask("tracing", PAGE, "en").text)
    assert "1 infection more since" in seen and "case 99" not in seen.split("<tbody>", 1)[1]


def test_it_stands_on_the_chain_with_its_age_and_not_before_it_was_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    planted(monkeypatch, 0.8)
    before = moment_now(centre().clock.now())
    assert "min ago" not in world.ask("tracing", CHAIN, "en").text
    world.ask("tracing", PAGE, "en", data=FORM)
    worked()
    assert "0 min ago" in world.ask("tracing", CHAIN, "en").text
    one = Reckoning.objects.get()
    look = world.look("tracing")
    then = before._replace(live=False, known=Instant(before.known))
    Reckoning.objects.update(ended=then.known + HOUR)
    assert reckonings.latest(SUPPORT, [world.incident], look) == one
    assert reckonings.latest(SUPPORT, [world.incident], look.at(then)) is None, "of a past moment only what had ended by then"
    assert reckonings.latest(SUPPORT, [world.incident], look.at(then._replace(known=Instant(then.known + 2 * HOUR)))) == one
    assert reckonings.latest(SUPPORT, [world.incident], look.at(then._replace(seq=one.seq - 1))) is None


def test_who_sees_less_is_told_less_and_no_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was reckoned over the whole district is shown of one's own areas alone: cases elsewhere are counted, a source there has no label."""
    pair(world)
    planted(monkeypatch, 0.8)
    world.ask("tracing", PAGE, "en", data=FORM)
    worked()
    found = Reckoning.objects.get()
    text = str(found.answer)
    assert not [x for x in names() if x in text], "nothing that is kept has a name"
    look = world.look("tracing", "en")
    incident = next(i for i in incidents(look) if i.id == world.incident)
    whole = support.told(found, incident, look)
    assert len(whole.rows) == len(found.answer["cases"]) and not whole.elsewhere
    ids = [bytes.fromhex(c) for c in found.answer["cases"]]
    homes = dict(Stay.objects.filter(void_seq=NEVER, person__in=ids).values_list("person", "area"))
    sourced = next(i for i in ids if homes[i] != homes[ids[0]])
    found.answer["sources"][ids.index(sourced)] = [[0, 0.8, 1.0], [None, 0.2, 0.0]]
    less = support.told(found, incident, narrowed(world, homes[sourced]))
    assert 0 < len(less.rows) < len(whole.rows) and less.elsewhere == len(whole.rows) - len(less.rows)
    row = next(r for r in less.rows if r.member.person == sourced)
    assert [s.label for s in row.sources] == ["", None] and row.resolved and not less.arrows
    for user in world.users:
        if not world.look(user).viewer.sees("tracing"):
            assert world.ask(user, PAGE).status == 404


def test_a_cancelled_one_is_left_and_one_is_asked_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    for _ in range(2):
        world.ask("tracing", PAGE, "en", data=FORM)
    assert Reckoning.objects.count() == 1, "asked twice it is one"

    def cancelled_meanwhile(of: Any, given: Any, heard: Any) -> Reconstruction:
        assert heard(0, 0.4) and Reckoning.objects.get().told == {"attempt": 0, "share": 0.4}
        assert "40 %" in world.ask("tracing", PAGE, "en").text
        world.ask("tracing", PAGE, "en", data={"act": "cancel"})
        assert not heard(0, 0.5)
        raise Left

    monkeypatch.setattr(supported, "reckon", cancelled_meanwhile)
    worked()
    assert Reckoning.objects.get().state == "cancelled"
    assert "cancelled" in world.ask("tracing", PAGE, "en").text


def test_what_was_left_in_the_middle_is_begun_anew_and_not_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    world.ask("tracing", PAGE, "en", data=FORM)
    for _ in range(MOST_TURNS):
        assert reckonings.claim(SUPPORT) is not None and reckonings.claim(SUPPORT) is None
        reckonings.take_up()
    assert Reckoning.objects.get().state == "failed"
    assert "it broke off" in world.ask("tracing", PAGE, "en").text
    world.ask("tracing", PAGE, "en", data=FORM)
    first = reckonings.claim(SUPPORT)
    reckonings.take_up()
    planted(monkeypatch, 0.8)
    worked()
    assert first and not reckonings.tell(first, {}), "whoever is late tells nothing"
    reckonings.end(first, "refused", {}, centre().clock.now())
    assert Reckoning.objects.exclude(state="failed").get().state == "done"


def test_an_account_that_is_closed_has_no_eyes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pair(world)
    planted(monkeypatch, 0.8)
    world.ask("tracing", PAGE, "en", data=FORM)
    User.objects.filter(username="tracing").update(is_active=False)
    worked()
    assert Reckoning.objects.get().state == "refused"


def test_what_names_somebody_goes_with_them_and_all_goes_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _two = pair(world)
    planted(monkeypatch, 0.8)
    for _ in range(2):
        world.ask("tracing", PAGE, "en", data=FORM)
        worked()
    stranger = people(HERE, 3)[2]
    assert copies.of_person(connection, [stranger], dry=False).reckonings == 0 and Reckoning.objects.count() == 2
    assert copies.of_person(connection, [one], dry=False).reckonings == 2 and not Reckoning.objects.exists()
    world.ask("tracing", PAGE, "en", data=FORM)
    at = Reckoning.objects.get().at
    assert copies.old(connection, Instant(at + copies.RECKONING_DAYS * DAY), dry=False).reckonings == 0
    assert copies.RECKONING_DAYS * DAY == reckonings.KEPT and reckonings.sweep(Instant(at + reckonings.KEPT)) == 0
    assert copies.old(connection, Instant(at + copies.RECKONING_DAYS * DAY + 1), dry=False).reckonings == 1


def test_a_reckoning_tells_how_far_it_is_and_ends_when_nobody_waits() -> None:
    heard: list[tuple[int, float]] = []
    days, w, f = list(range(12)), [0, 0.2, 0.3, 0.3, 0.2], [0.2, 0.4, 0.4]

    def told(attempt: int, share: float) -> bool:
        heard.append((attempt, share))
        return len(heard) < 2

    with pytest.raises(Left):
        reconstruct(days, w, f, model=Model(sweeps=100_000_000), told=told)
    assert [a for a, _ in heard] == [0, 0] and 0 <= heard[0][1] <= heard[1][1] < 1


def test_pages_load_no_compiler() -> None:
    """What a web server loads at its start holds no compiled sampler: it would cost every process two seconds."""
    words = "import django; django.setup(); import sys, bulou.web.urls; assert 'bulou.desks.tracing.support' in sys.modules; assert 'numba' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0, done.stderr


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
