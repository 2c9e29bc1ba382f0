"""One verb for many rows: what is offered, what is looked at first, what is entered, what is taken back, and what is never offered."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Entry
from bulou.evidence.now import NEVER
from bulou.kit import bulk, many
from bulou.kit.bulk import fits
from bulou.kit.httpverbs import SHOWN_FIRST
from bulou.kit.many import rows_of
from bulou.kit.models import ImportReceipt
from bulou.kit.sheet import SHEETS, Listed
from bulou.kit.verb import VERBS
from bulou.register.models import Stay
from tests.web.test_statements import statements
from tests.web.world import Seen, World, fresh_id

#: What restricts a person or says that they are a case: ordered, judged, diagnosed by a named post for each.
RESTRICTS = SHOWN_FIRST | {"judge_contact", "diagnose", "place", "recheck", "consult", "lift_zone", "excuse", "review_pool"}
VILLAGE = "510117001218"
#: As the form has it when nobody changes the hour.
NOW = {"at": "2020-12-09 09:00", "initial-at": "2020-12-09 09:00"}


def offered() -> list[tuple[str, str]]:
    return [(v.name, name) for v in VERBS.values() for name in v.many]


@pytest.mark.parametrize(("verb", "sheet"), offered())
def test_a_verb_fits_every_sheet_that_it_names(verb: str, sheet: str) -> None:
    assert fits(VERBS[verb], SHEETS[sheet]), "the rows do not say all that the verb's fact needs"


def test_nothing_that_restricts_is_done_for_many() -> None:
    assert not {name for name, _ in offered()} & RESTRICTS


def address(sheet: str, verb: str, which: str, rows: list[int] | None = None, **filters: str) -> str:
    asked = [*filters.items(), ("verb", verb), ("which", which), *(("row", str(r)) for r in rows or ())]
    return f"{reverse('many', kwargs={'sheet': sheet})}?{urlencode(asked)}"


def begun(world: World, user: str, url: str, **values: Any) -> ImportReceipt:
    answer = world.ask(user, url, data={"fact_id": fresh_id(world), **NOW, **values})
    assert answer.status == 302, unescape(answer.text)
    return ImportReceipt.objects.get(pk=int(answer.headers["Location"].rstrip("/").rsplit("/", 1)[-1]))


def press(world: World, user: str, receipt: ImportReceipt, do: str, **more: str) -> Seen:
    answer = world.ask(user, reverse("import", kwargs={"number": receipt.pk}), data={"do": do, **more})
    receipt.refresh_from_db()
    return answer


def here(world: World) -> list[int]:
    """The rows of the village's people."""
    return list(SHEETS["people"].rows(world.look("taiping")).order_by("pk").values_list("pk", flat=True))


def located() -> int:
    return int(CONTENT["person.located"].objects.count())


def standing() -> set[tuple[bytes, bytes, str, int | None]]:
    return {(bytes(d.cell), bytes(d.subject), str(d.turn), d.closed_at) for d in Duty.objects.filter(void_seq=NEVER)}


def test_looked_at_first_then_done_then_taken_back_as_a_whole(world: World) -> None:
    before, entries, duties = located(), Entry.objects.count(), standing()
    url = address("people", "locate", "all", area=VILLAGE)
    assert world.ask("taiping", url).status == 200
    receipt = begun(world, "taiping", url, outcome="staying", note="电话核实 · by phone")
    assert (receipt.state, receipt.refused, Entry.objects.count()) == ("ready", 0, entries), "looked at is not entered"
    page = unescape(world.ask("taiping", reverse("import", kwargs={"number": receipt.pk}), "en").text)
    assert "Tried with the first" in page and "by phone" in page
    press(world, "taiping", receipt, "enter")
    people = len(here(world))
    assert receipt.entered == receipt.total == located() - before == people
    press(world, "taiping", receipt, "undo", reason="写错了")
    assert (receipt.state, receipt.undone) == ("undone", people)
    assert standing() == duties, "all that followed from it is as it was"
    assert located() - before == people, "and what was entered stays on record"


def test_only_the_rows_ticked_each_once_and_only_of_the_viewers_areas(world: World) -> None:
    far = Stay.objects.filter(area__startswith="510117008", void_seq=NEVER).order_by("pk").values_list("pk", flat=True)[0]
    ticked = here(world)[:3]
    receipt = begun(world, "taiping", address("people", "locate", "rows", [*ticked, ticked[0], far]), outcome="staying")
    assert receipt.total == 3
    assert (
        world.ask(
            "taiping", address("people", "locate", "rows", [far]), data={"outcome": "staying", "fact_id": fresh_id(world), **NOW}
        ).status
        == 422
    )


def test_sent_twice_is_one_receipt(world: World) -> None:
    url, sent = address("people", "locate", "rows", here(world)[:2]), {"fact_id": fresh_id(world), "outcome": "staying", **NOW}
    places = {world.ask("taiping", url, data=sent).headers["Location"] for _ in range(2)}
    assert len(places) == 1


def test_who_may_not_is_not_offered_and_does_not_find_it(world: World) -> None:
    assert world.ask("auditor", address("people", "locate", "page")).status == 404
    assert world.ask("commander", address("people", "locate", "page")).status == 404
    assert world.ask("tracing", address("contacts", "judge_contact", "page")).status == 404
    assert 'name="row"' not in world.ask("auditor", reverse("sheet-people")).text
    assert 'name="row"' in world.ask("tracing", reverse("sheet-contacts")).text


def test_a_row_that_the_verb_refuses_says_why_and_the_others_go_on(world: World) -> None:
    """A stay in an area that is none is refused for every row; nothing is entered."""
    receipt = begun(world, "data", address("people", "record_stay", "rows", here(world)[:2]), nature="stay", area="999")
    assert (receipt.refused, rows_of(receipt, "ok").count()) == (2, 0)
    assert set(rows_of(receipt).values_list("fate", "field")) == {("refused", "area")}
    page = unescape(world.ask("data", reverse("import", kwargs={"number": receipt.pk})).text)
    assert "没有这个区域代码" in page


@pytest.mark.parametrize(("verb", "sheet"), offered())
def test_every_verb_for_many_can_be_looked_at(world: World, verb: str, sheet: str) -> None:
    """Of each verb and sheet: the form opens for whoever may do it and sees the sheet."""
    users = [u for u in world.sessions if world.look(u).viewer.may(verb) and world.look(u).viewer.sees(SHEETS[sheet].desk)]
    for user in users[:1]:
        assert world.ask(user, address(sheet, verb, "page")).status == 200


def test_no_statement_for_each_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many rows in an entry take no more statements; planted: one that is asked for each row."""
    rows = list(SHEETS["people"].rows(world.look("pitong")).order_by("pk").values_list("pk", flat=True)[:40])

    def sent(n: int) -> int:
        def work() -> None:
            receipt = begun(world, "pitong", address("people", "locate", "rows", rows[:n]), outcome="staying")
            press(world, "pitong", receipt, "enter")
            assert receipt.entered == n

        return statements(work)

    few, most = sent(10), sent(40)
    assert most - few <= 6, (few, most)
    real = many._fetch
    monkeypatch.setattr(many, "_fetch", lambda acts, book: None)
    assert sent(40) > most + 20, "what is not read at once is asked for row by row"
    monkeypatch.setattr(many, "_fetch", real)


def test_a_list_that_is_too_long_is_done_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 5)
    url = address("people", "locate", "all")
    assert world.ask("taiping", url, "en", data={"outcome": "staying", "fact_id": fresh_id(world), **NOW}).status == 422


def test_rows_outside_the_areas_that_slip_in_are_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the rows are taken from everywhere."""
    monkeypatch.setattr(bulk, "chosen", lambda listed, request, which: Stay.objects.filter(pk__in=request.GET.getlist("row")))
    monkeypatch.setattr(Listed, "one", lambda self, key: None)
    with pytest.raises(AssertionError):
        test_only_the_rows_ticked_each_once_and_only_of_the_viewers_areas(world)
