"""Signals: only from a source that is open, for its days; followed up; destroyed on their day though the incident lives; and never told at a door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, FactWithdrawn
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.signalfacts import SignalNoted
from bulou.basis.time import DAY, HOUR, Instant, SetClock, day_of, format_local
from bulou.desks.people import doors, gate
from bulou.desks.tracing import signalkeeping
from bulou.desks.tracing.signalsheets import counts_of, signal_rows, source_rows
from bulou.duties import forgetting, rebuild
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT, SignalSource
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook
from bulou.gaps.coverage import rows as duties
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import ImportReceipt, ImportRow
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused, do
from bulou.register.models import Person
from tests.web.test_gate import FREE, ask, officer, people, said
from tests.web.test_path import narrowed
from tests.web.world import SIGNAL, SOURCE, WRITTEN, World, sheet_url

LEAD, VILLAGE = "tracing", "510117001218"


def put(world: World, verb: str, values: dict[str, Any], user: str = LEAD) -> bytes:
    id_ = new_id(world.opens)
    do(VERBS[verb], world.look(user), values, incident=world.incident, id_=id_)
    return id_


def refused(world: World, verb: str, values: dict[str, Any], user: str = LEAD) -> set[str | None]:
    with pytest.raises(Refused) as told:
        put(world, verb, values, user)
    return {p.field for p in told.value.problems}


def day(world: World, days: int = 0) -> str:
    return day_of(Instant(world.opens + days * DAY), world.look(LEAD).zone)


def source(world: World, **more: Any) -> dict[str, Any]:
    return {
        "area": "510117", "source": new_id(world.opens), "source_kind": "fever_clinic", "name": "某医院发热门诊", "purpose": "护士随访", "first_day": day(world, -3),
        "last_day": day(world), "ends": world.opens + 2 * DAY, "forget_by": world.opens + 7 * DAY, **more,
    }  # fmt: skip


def signal(world: World, **more: Any) -> dict[str, Any]:
    return {
        "signal": new_id(world.opens), "source": SOURCE, "area": VILLAGE, "day": day(world), "forget_by": Instant(world.opens + 10 * DAY), "name": "某乙", **more,
    }  # fmt: skip


def follow(outcome: str, of: bytes = SIGNAL, **more: Any) -> dict[str, Any]:
    return {"signal": of, "source": SOURCE, "outcome": outcome, **more}


def of_source(world: World) -> Any:
    look = world.look(LEAD)
    return counts_of(list(source_rows(look).filter(source=SOURCE)), look)[SOURCE]


# --- opened, noted ------------------------------------------------------------------------------------------------------
def test_a_source_is_opened_under_a_live_incident_by_name_for_few_days_and_one_purpose(world: World) -> None:
    for wrong, field in (
        ({"name": " "}, "name"), ({"purpose": " "}, "purpose"), ({"first_day": day(world, -15)}, "first_day"), ({"last_day": day(world, -4)}, "last_day"),
        ({"ends": world.opens - 1}, "ends"), ({"forget_by": world.opens + 15 * DAY}, "forget_by"), ({"ends": world.opens + 8 * DAY}, "ends"),
    ):  # fmt: skip
        assert field in refused(world, "open_signals", source(world, **wrong)), wrong
    with pytest.raises(Refused) as none:
        do(VERBS["open_signals"], world.look(LEAD), source(world), incident=None, id_=new_id(world.opens))
    assert "incident" in {p.field for p in none.value.problems}
    put(world, "open_signals", source(world))


def test_nothing_is_noted_but_while_and_for_what_a_source_was_opened(world: World) -> None:
    for wrong, field in (
        ({"source": new_id(world.opens)}, "source"), ({"day": day(world, -6)}, "day"), ({"day": day(world, 1)}, "day"), ({"name": " "}, "name"),
        ({"forget_by": Instant(world.opens + 11 * DAY)}, "forget_by"),
    ):  # fmt: skip
        assert field in refused(world, "note_signal", signal(world, **wrong)), wrong
    put(world, "note_signal", signal(world))
    set_clock(SetClock(Instant(world.opens + 5 * DAY)))
    assert "source" in refused(world, "note_signal", signal(world)), "its end has come"
    set_clock(SetClock(Instant(world.opens + HOUR)))
    put(world, "close_signals", {"area": "510117", "source": SOURCE, "reason": "不再需要"})
    assert "source" in refused(world, "note_signal", signal(world)), "it was closed"
    assert "source" in refused(world, "follow_signal", follow("well"))


def test_the_form_names_the_field_and_notes_whom_the_source_wrote(world: World) -> None:
    url = reverse("signal-note")
    sent = {
        "source": to_text(SOURCE),
        "day": day(world, -6),
        "area": VILLAGE,
        "name": "丙某某",
        "phone": "13900000009",
        "fact_id": to_text(new_id(world.opens)),
    }
    page = world.ask(LEAD, url, "en", data=sent)
    assert page.status == 422 and "the source is open for" in page.text
    assert world.ask(LEAD, url, "en", data={**sent, "day": day(world)}).status == 302
    assert "丙某某" in world.ask(LEAD, sheet_url(SHEETS["signals"]), "en").text
    assert CONTENT["person.enrolled"].objects.filter(name="丙某某").count() == 0, "nobody is put on the register by a signal"


LIST = (
    "日期,姓名,联系电话,药店,药品\n{0},甲某某,19900000051,河边药房,退热药\n{0},甲某某,19900000051,河边药房,退热药\n"
    "{1},乙某某,19900000052,河边药房,退热药\n{0},丙某某,19900000053,山上药房,退热药\n"
)


def taken(world: World, text: str) -> Any:
    return world.taken_in(LEAD, reverse("imports"), {"verb": "note_signal", "file": SimpleUploadedFile("list.csv", text.encode())})


def test_a_list_comes_in_with_the_fate_of_every_row(world: World) -> None:
    before = CONTENT["signal.noted"].objects.count()
    taken(world, LIST.format(day(world), day(world, -9)))
    receipt = ImportReceipt.objects.order_by("-pk")[0]
    fates = list(ImportRow.objects.filter(receipt=receipt).order_by("n").values_list("fate", "field"))
    assert [f for f, _ in fates] == ["entered", "same", "refused", "refused"], fates
    assert [f for _, f in fates][2:] == ["day", "source"]
    assert CONTENT["signal.noted"].objects.count() == before + 1


# --- followed up --------------------------------------------------------------------------------------------------------
def test_whoever_was_not_reached_is_owed_it_still(world: World) -> None:
    before = of_source(world)
    assert (before.noted, before.followed) == (2, 0)
    put(world, "follow_signal", follow("unreached"))
    assert of_source(world) == before
    put(world, "follow_signal", follow("well"))
    after = of_source(world)
    assert (after.noted, after.followed) == (2, 1)
    set_clock(SetClock(Instant(world.opens + 2 * DAY)))
    assert of_source(world).overdue == 1
    page = world.ask(LEAD, sheet_url(SHEETS["signals"], state="overdue"), "en")
    assert "overdue" in page.text and "某甲购药" in page.text


def test_a_test_is_advised_to_somebody_of_the_register_and_does_not_say_why(world: World) -> None:
    assert "person" in refused(world, "follow_signal", follow("to_test", WRITTEN))
    put(world, "follow_signal", follow("to_test"))
    advised = CONTENT["test.advised"].objects.get()
    assert bytes(advised.person) == bytes(CONTENT["signal.noted"].objects.get(signal=SIGNAL).person)
    look = world.look("sampling")
    rule = RuleBook(look.protocol).numbers_of("testing.advised")
    assert duties(look.seq, look.about, look.scope).filter(rule__in=rule).count() == 1
    # Its page, read by whoever samples: nothing of medicine, pharmacies or signals.
    text = world.ask("sampling", reverse("person", kwargs={"person": to_text(bytes(advised.person))}), "en").text.split("<main")[1]
    assert "河边药房" not in text and "退热药" not in text and to_text(SIGNAL) not in text and "ignal" not in text


def test_a_stranger_is_enrolled_with_the_advice(world: World) -> None:
    url = reverse("signal-follow")
    sent = {
        "signal": to_text(WRITTEN),
        "outcome": "to_test",
        "at": format_local(Instant(world.opens), world.look(LEAD).zone)[:16],
        "fact_id": to_text(new_id(world.opens)),
        "person_id": to_text(new_id(world.opens)),
    }
    page = world.ask(LEAD, url, "en", data=sent)
    assert page.status == 422 and "before a test is advised" in page.text, page.text.split("<main")[1]
    assert world.ask(LEAD, url, "en", data={**sent, "new_name": "某甲购药", "new_area": VILLAGE}).status == 302
    assert Person.objects.filter(name="某甲购药", void_seq=NEVER).count() == 1
    assert CONTENT["test.advised"].objects.count() == 1


def test_who_is_found_positive_later_is_counted_once(world: World) -> None:
    person = bytes(CONTENT["signal.noted"].objects.get(signal=SIGNAL).person)
    put(world, "note_signal", signal(world, person=person, name=None, day=day(world, -1)))
    now = centre().clock.now()
    body = CaseDiagnosed(person, "confirmed", "symptom_report")
    assert not enter(
        [Fact(new_id(now), "case.diagnosed", now, world.incident, body)],
        by="t",
        source="t",
        clock=centre().clock,
        protocol=centre().protocol,
    ).refused
    assert of_source(world).positive == 1


# --- who sees it --------------------------------------------------------------------------------------------------------
def test_whoever_does_not_follow_signals_up_finds_none(world: World) -> None:
    urls = [sheet_url(SHEETS["signals"]), sheet_url(SHEETS["signal_sources"]), reverse("signal", kwargs={"signal": to_text(SIGNAL)})]
    for user in ("duty", "taiping", "grid", "sampling", "laboratory"):
        assert [world.ask(user, url, "en").status for url in urls] == [404, 404, 404], user
    seen = world.ask("commander", reverse("signal", kwargs={"signal": to_text(WRITTEN)}), "en").text
    assert "某甲购药" not in seen and "13900000001" not in seen and "退热药" not in seen
    assert signal_rows(world.look(LEAD)).count() == 2 and not signal_rows(narrowed(world, "510117008")).exists()
    assert not source_rows(narrowed(world, "510117008")).exists()


def test_the_file_of_signals_leaves_with_its_lists(world: World) -> None:
    text = world.ask(LEAD, sheet_url(SHEETS["signal_sources"], csv=True), "en").text
    assert "河边药房" in text and "13900000001" not in text


# --- never at a door ----------------------------------------------------------------------------------------------------
def reads(act: Callable[[], object]) -> list[str]:
    """What of signals the statements of an act read."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return [q["sql"] for q in asked.captured_queries if "fact_signal" in q["sql"] or "signal_source" in q["sql"]]


def noted_of(world: World, person: bytes) -> None:
    of = SignalNoted(
        new_id(world.opens), SOURCE, VILLAGE, day(world), Instant(world.opens + 10 * DAY), "pidu.tracing", person=person, words="退热药"
    )
    now = centre().clock.now()
    assert not enter(
        [Fact(of.signal, "signal.noted", now, world.incident, of)], by="t", source="t", clock=centre().clock, protocol=centre().protocol
    ).refused


def test_a_door_says_the_same_of_whoever_bought_medicine_and_reads_no_signal(world: World) -> None:
    one, _ = people(world)
    client = officer(world)
    before = said(ask(client, FREE))
    noted_of(world, one)
    assert said(ask(client, FREE)) == before
    assert reads(lambda: ask(client, FREE)) == []
    assert reads(lambda: client.get(reverse("door"))) == []
    assert reads(lambda: world.ask(None, reverse("notices"))) == []
    assert reads(lambda: [doors.doors(world.look("taiping"), VILLAGE, what) for what in ("all", "swab", "visit")]) == []


def test_a_door_that_asks_for_signals_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the door looks whether somebody bought medicine before it answers."""
    one, _ = people(world)
    client = officer(world)
    noted_of(world, one)
    real = gate.passing

    def nosy(facts: Any, protocol: Any, who: Any, door: Any, at: Any) -> Any:
        look = world.look("commander")
        list(standing_facts("signal.noted", look.seq, look.about).filter(person=who))
        return real(facts, protocol, who, door, at)

    monkeypatch.setattr(gate, "passing", nosy)
    assert reads(lambda: ask(client, FREE)) != []


def test_what_follows_from_a_signal_stands_on_no_list_for_doors(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(world, "follow_signal", follow("to_test"))
    person = bytes(CONTENT["signal.noted"].objects.get(signal=SIGNAL).person)

    def owed() -> bool:
        return any(d.subject == person and d.owed for d in doors.doors(world.look("taiping"), VILLAGE, "swab"))

    before = owed()
    monkeypatch.setattr(doors, "NEVER", frozenset())  # Planted: as anything else that is owed.
    assert owed() and not before


def test_no_edition_may_keep_anyone_from_passing_for_a_signal() -> None:
    for edition in centre().protocol.editions.values():
        for passing in edition.passings:
            assert passing.when in ("order", "zone", "place")
        for rule in edition.rules:
            kinds = {b.kind for b in rule.branches}
            assert rule.name.startswith(("signal.", "escalation")) or not any(k.startswith(("signal.", "signals.")) for k in kinds), (
                rule.name
            )


# --- destroyed ----------------------------------------------------------------------------------------------------------
def left() -> tuple[int, int]:
    return CONTENT["signal.noted"].objects.count(), CONTENT["signal.followed"].objects.count()


def test_all_of_it_goes_on_its_day_though_the_incident_lives(world: World) -> None:
    taken(world, LIST.format(day(world), day(world, -9)))
    put(world, "follow_signal", follow("well"))
    for hour, there in ((10 * DAY - 1, 3), (10 * DAY, 0)):
        set_clock(SetClock(Instant(world.opens + hour)))
        signalkeeping.forget(centre())
        assert left()[0] == there, hour
    assert left() == (0, 0)
    row = SignalSource.objects.get(source=SOURCE, void_seq=NEVER)
    assert (row.noted, row.followed, row.missed, row.found_positive) == (3, 1, 2, 0)
    assert of_source(world).followed == 1, "the counts stay"
    assert {json.dumps(c) for c in ImportRow.objects.filter(receipt__verb="note_signal").values_list("cells", flat=True)} == {"[]"}
    assert rebuild.check(centre().protocol) == []
    page = world.ask(LEAD, reverse("signal-source", kwargs={"source": to_text(SOURCE)}), "en")
    assert page.status == 200 and "the counts stay" in page.text
    assert world.ask(LEAD, reverse("signal", kwargs={"signal": to_text(SIGNAL)}), "en").status == 404
    assert signalkeeping.forget(centre()) == signalkeeping.Gone(0, 0, 0), "twice changes nothing"


def test_it_goes_at_once_when_its_source_is_closed_or_taken_back_or_its_incident_is_over(world: World) -> None:
    put(world, "close_signals", {"area": "510117", "source": SOURCE, "reason": "不再需要"})
    assert not signal_rows(world.look(LEAD)).exists(), "shown no more before it is gone"
    signalkeeping.forget(centre())
    assert left() == (0, 0)


def test_what_has_no_source_that_stands_goes_too(world: World) -> None:
    table = forgetting.table()["signal.noted"]
    assert forgetting.due(connection, table, centre().clock.now()) == []
    now = centre().clock.now()
    enter(
        [Fact(new_id(now), "fact.withdrawn", now, None, FactWithdrawn(SOURCE, "误开"))],
        by="t",
        source="t",
        clock=centre().clock,
        protocol=centre().protocol,
    )
    assert len(forgetting.due(connection, table, now)) == 2


def test_a_retention_that_waits_for_the_incident_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: signals are held back like everything else on which an incident rests."""
    monkeypatch.setattr(forgetting.Rule, "firm", property(lambda self: False))
    set_clock(SetClock(Instant(world.opens + 10 * DAY)))
    signalkeeping.forget(centre())
    assert left()[0] == 2, "the control: held back, and seen"


def test_what_is_over_is_not_shown_while_it_waits_to_be_destroyed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert signal_rows(world.look(LEAD)).count() == 2
    past = world.look(LEAD)
    set_clock(SetClock(Instant(world.opens + 10 * DAY)))
    assert not signal_rows(past).exists(), "no past hour brings it back"
