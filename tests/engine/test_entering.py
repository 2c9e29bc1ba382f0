"""The one way in: many facts in small entries are the same as one by one; the same id with other content is kept aside; a busy
ledger is asked again; the number of statements does not depend on the number of facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bulou.basis import facts as bodies
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant, SetClock
from bulou.duties import enter as entering
from bulou.duties.enter import Receipt, duties_as_of, enter, enter_many, patiently
from bulou.duties.reckoning import Duty
from bulou.protocol.read import shipped
from bulou.protocol.rules import Protocol_
from tests.histories import T0, ZONE

EDITION = shipped()["covid19/cn-7"]
PROTOCOL = Protocol_({EDITION.id: EDITION}, ZONE)
INCIDENT = named_id("incident")
CLOCK = SetClock(Instant(T0 + HOUR))


def fact(kind: str, name: str, body: Any, at: int = T0) -> Fact:
    return Fact(named_id(kind, name), kind, Instant(at), INCIDENT, body)


def base() -> list[Fact]:
    return [
        fact("area.declared", "d", bodies.AreaDeclared("d", None, "county", "区"), T0 - DAY),
        fact("incident.opened", "i", bodies.IncidentOpened(INCIDENT, "covid19", "d", "事", "incident", "outbreak"), T0 - DAY),
        fact("edition.adopted", "e", bodies.EditionAdopted(EDITION.id, "covid19", "d", EDITION.hash, "chief"), T0 - DAY),
        fact("authorisation.signed", "a", bodies.AuthorisationSigned(EDITION.id, "d", "hold", 24, "chief"), T0 - DAY),
    ]


def pools(tubes: int, people: int = 10) -> list[Fact]:
    """So many tubes of so many people each, every one of them positive."""
    found = []
    for t in range(tubes):
        for p in range(people):
            found.append(
                fact("sample.taken", f"{t} {p}", bodies.SampleTaken(named_id("person", f"{t} {p}"), f"T{t}", "covid19", 10), T0 - HOUR)
            )
        found.append(fact("tube.resulted", str(t), bodies.TubeResulted(f"T{t}", "covid19", "positive")))
    return found


def put(facts: list[Fact]) -> Receipt:
    return enter(facts, by="test", source="test", clock=CLOCK, protocol=PROTOCOL)


def many(facts: list[Fact], chunk: int, heard: list[int] | None = None) -> list[Receipt]:
    progress = heard.append if heard is not None else None
    return list(enter_many(facts, by="test", source="file", clock=CLOCK, protocol=PROTOCOL, chunk=chunk, progress=progress))


def owed() -> set[Duty]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM entry")
        return duties_as_of(connection, cursor.fetchone()[0], PROTOCOL)


# --- many facts -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_many_in_small_entries_are_as_one(db: None, rolled_back: Callable[[], Any], chunk: int) -> None:
    facts = base() + pools(3)
    with rolled_back():
        put(facts)
        whole = owed()
    heard: list[int] = []
    receipts = many(facts, chunk, heard)
    assert owed() == whole != set()
    assert [id_ for r in receipts for id_ in r.new] == [f.id for f in facts]
    assert len(receipts) == -(-len(facts) // chunk)
    assert heard[-1] == len(facts)
    assert [r.seq for r in receipts] == sorted({r.seq for r in receipts})


def test_the_same_file_twice_is_no_news(db: None) -> None:
    facts = base() + pools(2)
    many(facts, 10)
    before = owed()
    again = many(facts, 10)
    assert [r.new for r in again] == [()] * len(again)
    assert sum(len(r.same) for r in again) == len(facts)
    assert all((r.opened, r.closed, r.voided) == (0, 0, 0) for r in again)
    assert owed() == before


# --- what is looked at first, or fails to commit --------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_is_taken_back_leaves_no_number_of_a_rule() -> None:
    """A zone is looked at first, something else is entered, then the zone is drawn: each duty stands under its own rule.

    Nothing is forgotten between: this is one process of a centre, as it serves.
    """
    homes = [fact("household.declared", str(n), bodies.HouseholdDeclared(named_id("home", str(n)), "d")) for n in range(3)]
    zone = named_id("zone")
    drawn = [
        fact("zone.drawn", "z", bodies.ZoneDrawn(zone, "medium", "区", "zone", "chief", 20, True, True, "组")),
        fact("zone.extended", "z", bodies.ZoneExtended(zone, "d")),
    ]
    entering.forget()
    put([*base(), *homes])
    with transaction.atomic():
        assert put(drawn).opened > 0
        transaction.set_rollback(True)
    put(pools(2))
    put(drawn)
    with connection.cursor() as cursor:
        cursor.execute("SELECT d.rule FROM duty d JOIN cell c ON c.id = d.cell WHERE c.rule <> d.rule")
        assert cursor.fetchall() == []
    entering.forget()
    found = Counter(d.rule.rpartition("/")[2] for d in owed())
    assert found["zone.visit.medium"] == 3 and found["recall.single"] == 20


@pytest.mark.django_db
def test_numbers_that_another_process_gave_are_seen() -> None:
    put(base())
    before = entering.rule_numbers(connection, ())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO rule_number (id, name) VALUES (900, 'given elsewhere')")
    assert entering.rule_numbers(connection, ()) == {**before, "given elsewhere": 900}


# --- one id, one content ----------------------------------------------------------------------------------------------
def aside() -> list[tuple[bytes, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fact, kind, reason FROM aside ORDER BY id")
        return [(bytes(id_), kind, reason) for id_, kind, reason in cursor.fetchall()]


def test_the_same_id_with_other_content_is_kept_aside(db: None) -> None:
    put(base() + pools(1))
    before = owed()
    true = pools(1)[0]
    for forged in (
        true._replace(body=true.body._replace(tube="T9")), true._replace(at=Instant(true.at + 1)), true._replace(incident=named_id("other")),
        Fact(true.id, "tube.resulted", true.at, INCIDENT, bodies.TubeResulted("T0", "covid19", "negative")),
    ):  # fmt: skip
        receipt = put([forged])
        assert receipt.new == receipt.same == ()
        assert [(r.fact, bool(r.zh), bool(r.en)) for r in receipt.refused] == [(forged, True, True)]
    assert owed() == before
    assert [row[0] for row in aside()] == [true.id] * 4
    assert all(row[2] == "同一编号已有不同内容 · this id is already taken by other content" for row in aside())


def test_two_contents_under_one_id_in_one_entry(db: None) -> None:
    true = pools(1)[0]
    receipt = put([true, true, true._replace(body=true.body._replace(tube="T9"))])
    assert (receipt.new, receipt.same, len(receipt.refused)) == ((true.id,), (true.id,), 1)


def test_content_of_the_wrong_shape_is_kept_aside_and_stops_nothing(db: None) -> None:
    good, bad = pools(1)[:2]
    receipt = put([good, bad._replace(body=bad.body._replace(capacity="ten"))])
    assert (receipt.new, len(receipt.refused)) == ((good.id,), 1)
    assert "capacity" in aside()[0][2]


# --- a busy ledger ----------------------------------------------------------------------------------------------------
def test_a_busy_ledger_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(entering.time, "sleep", waited.append)
    answers: list[Any] = [OperationalError("database is locked"), OperationalError("deadlock detected"), "receipt"]

    def attempt() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(attempt) == "receipt"  # type: ignore[comparison-overlap]
    assert waited == sorted(waited)
    assert len(waited) == 2


def test_other_errors_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering.time, "sleep", lambda _: pytest.fail("waited for what no waiting mends"))

    def attempt() -> Any:
        raise OperationalError("no such table: entry")

    with pytest.raises(OperationalError, match="no such table"):
        patiently(attempt)


# --- statements -------------------------------------------------------------------------------------------------------
def statements(facts: list[Fact]) -> int:
    with CaptureQueriesContext(connection) as queries:
        put(facts)
    return len(queries)


def test_statements_do_not_grow_with_the_facts(db: None, rolled_back: Callable[[], Any]) -> None:
    counts = []
    for tubes in (2, 40):
        with rolled_back():
            put(base())
            counts.append(statements(pools(tubes)))
    assert counts[1] <= counts[0] + 2, counts


def test_entering_one_by_one_is_caught(db: None, rolled_back: Callable[[], Any]) -> None:
    """The control: a way in that takes each fact by itself sends more statements for more facts."""
    counts = []
    for tubes in (1, 4):
        with rolled_back():
            put(base())
            counts.append(sum(statements([f]) for f in pools(tubes)))
    assert counts[1] > 3 * counts[0]
