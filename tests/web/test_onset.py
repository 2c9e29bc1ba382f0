"""An onset in the person's own words: a day is proposed with its reason, and entered only when somebody has seen it."""

from __future__ import annotations

from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.evidence.models import CONTENT, Case
from bulou.evidence.now import NEVER
from bulou.kit.verb import VERBS
from tests.web.test_verbs import sent
from tests.web.world import Seen, World, fresh_id


def case() -> bytes:
    return bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])


def say(world: World, language: str = "en", **said: str) -> Seen:
    person = to_text(case())
    data = {"fact_id": fresh_id(world), "person": person, "next": reverse("case", kwargs={"person": person}), **said}
    return world.ask("investigator", f"{reverse('onset')}?person={person}", language, data=data)


def recorded() -> list[tuple[str, bool, str | None]]:
    return list(CONTENT["onset.recorded"].objects.filter(person=case()).order_by("entry").values_list("on", "inferred", "words"))


def test_words_propose_a_day_and_enter_nothing(world: World) -> None:
    before = recorded()
    seen = say(world, words="上周二")
    assert seen.status == 200
    assert "Proposed, not entered: 2020-12-01" in " ".join(seen.text.split())
    assert 'value="2020-12-01"' in seen.text
    assert "checked" in seen.text
    assert recorded() == before
    assert say(world, words="上周二", on="2020-12-01", inferred="on").status == 302
    assert recorded()[-1] == ("2020-12-01", True, "上周二")


def test_the_moon_and_what_may_be_meant_otherwise(world: World) -> None:
    assert "2020-11-22" in say(world, "zh", words="初八").text
    assert "2020-12-01" in say(world, words="last Tuesday").text


def test_what_cannot_be_read_is_asked_for(world: World) -> None:
    seen = say(world, words="不记得了")
    assert seen.status == 422
    assert "No day can be read" in seen.text
    assert say(world).status == 422


def test_a_day_ahead_is_refused_whoever_says_it(world: World) -> None:
    before = recorded()
    assert "lies in the future" in say(world, on="2020-12-10").text
    assert recorded() == before
    assert say(world, on="2020-12-09").status == 302


def test_who_may_not_record_one_does_not_find_the_page(world: World) -> None:
    url = f"{reverse('onset')}?person={to_text(case())}"
    for user in ("grid", "auditor", "laboratory", "expert"):
        assert world.ask(user, url).status == 404, user
    assert world.ask("investigator", reverse("onset")).status == 404
    assert sent(world, "tracing", VERBS["record_onset"], {"person": case(), "on": "2020-12-01", "inferred": False, "words": None}).new
