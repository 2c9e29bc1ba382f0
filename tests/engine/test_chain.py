"""The hash chain finds whatever is changed past the triggers: any column of any entry, envelope or content, and anything taken or put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant, SetClock
from bulou.duties.enter import enter
from bulou.evidence import verify as verifying
from bulou.evidence.append import ENTRY, ENVELOPE, plain
from bulou.evidence.guards import APPENDED, unguard
from bulou.evidence.models.kinds import IN_INCIDENT, content_table
from bulou.evidence.sql import quote
from bulou.evidence.verify import Verified, erased_digest, verify
from tests.engine.test_projections import EDITION, PROTOCOL, mixed
from tests.histories import Director


@pytest.fixture
def ledger(db: None) -> None:
    """A ledger whose triggers are off, as they are for someone who owns the database."""
    clock = SetClock(Instant(0))
    for facts, known in mixed(3):
        clock.at = known
        enter(facts, by="test", source="历史 history", clock=clock, protocol=PROTOCOL)
    director = Director(EDITION, EDITION.rules[0], 3)
    said = {k: {} if any(f.name == "reason" and f.words for f in declared.fields) else {"reason": "x"} for k, declared in KINDS.items()}
    every = [director.of(kind, director.near(), **said[kind]) for kind in KINDS]
    # an erasure of nothing: one that says otherwise is found, see tests/keeping/test_forgetting.py
    nothing = {"contents": 0, "digest": erased_digest([])}
    every = [f._replace(body=f.body._replace(**nothing)) if f.kind == "content.erased" else f for f in every]
    assert not enter([f._replace(id=b"\x88" + f.id[1:]) for f in every], by="test", source="each", clock=clock, protocol=PROTOCOL).refused
    body = KINDS["observation.made"].body(person=named_id("p"), temperature=37, symptoms=True)
    enter([Fact(named_id("warm"), "observation.made", Instant(5), None, body)], by="𰻝", source="file", clock=clock, protocol=PROTOCOL)
    unguard(connection, APPENDED)


def change(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        assert cursor.rowcount == 1, statement


def one(statement: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
    return row if row is None or len(row) > 1 else row[0]


def test_a_ledger_as_it_was_entered_is_whole(ledger: None) -> None:
    heard: list[tuple[int, int]] = []
    found = verify(connection, lambda *told: heard.append(told))
    assert found.wrong == []
    assert found.entries == one('SELECT count(*) FROM "entry"')
    assert found.facts == one('SELECT count(*) FROM "fact"') > 100
    assert found.hash == bytes(one('SELECT hash FROM "entry" ORDER BY seq DESC LIMIT 1'))
    assert heard[-1] == (found.entries, found.entries)


def test_read_in_parts_it_is_the_same(ledger: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = verify(connection)
    monkeypatch.setattr(verifying, "PART", 5)
    assert verify(connection) == whole


def other(value: Any) -> Any:
    if value is None:
        return 7
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes | memoryview):
        return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
    return value + 1 if isinstance(value, int | float) else value + "x"


#: A column that has no value in these ledgers is given one of its own type.
NEW = {"origin": "elsewhere", "device": "phone", "subject": b"x" * 16, "incident": b"x" * 16}


@pytest.mark.parametrize("column", [*ENTRY[1:], "hash"])
def test_a_changed_word_of_an_entry_is_found(ledger: None, column: str) -> None:
    seq, value = one(f"SELECT seq, {quote(column)} FROM entry WHERE n > 0 ORDER BY seq LIMIT 1 OFFSET 20")
    change(f"UPDATE entry SET {quote(column)} = %s WHERE seq = %s", other(bool(value) if column == "broad" else value), seq)
    found = verify(connection).wrong
    assert seq in {t.entry for t in found}
    assert {t.entry for t in found} <= {seq, seq + 1}, "what comes after is whole"


@pytest.mark.parametrize("column", [c for c in ENVELOPE if c not in ("id", "kind")])
def test_a_changed_column_of_an_envelope_is_found(ledger: None, column: str) -> None:
    id_, entry, value = one(f"SELECT id, entry, {quote(column)} FROM fact WHERE entry > 20 ORDER BY entry, id LIMIT 1")
    change(f"UPDATE fact SET {quote(column)} = %s WHERE id = %s", NEW[column] if value is None and column in NEW else other(value), id_)
    assert entry in {t.entry for t in verify(connection).wrong}


def columns(kind: str) -> list[tuple[str, str]]:
    """The columns of a content that are sealed or repeat its envelope, each with its type."""
    return [(IN_INCIDENT, "id"), ("at", "instant"), *((f.name, f.type) for f in KINDS[kind].fields)]


def test_a_changed_content_is_found(ledger: None) -> None:
    """Every column of every kind, one of each kind at a time."""
    rows = {kind: one(f"SELECT id, entry FROM {quote(content_table(kind))} ORDER BY entry LIMIT 1") for kind in KINDS}
    assert all(rows.values()), "a fact of every kind was entered"
    for i in range(max(len(columns(kind)) for kind in KINDS)):
        was: list[tuple[str, str, Any]] = []
        for kind, (id_, _) in rows.items():
            for column, type_ in columns(kind)[i : i + 1]:
                table = quote(content_table(kind))
                value = one(f"SELECT {quote(column)} FROM {table} WHERE id = %s", id_)
                new = {"id": b"y" * 16, "text": "y", "code": "y", "day": "y", "bool": True}.get(type_, 3)
                made = new if value is None else not value if type_ == "bool" else other(value)
                change(f"UPDATE {table} SET {quote(column)} = %s WHERE id = %s", made, id_)
                was.append((kind, column, value))
        found = {(t.entry, t.fact, t.wrong) for t in verify(connection).wrong if t.wrong != verifying.UNLAWFUL}
        assert found == {(rows[kind][1], bytes(rows[kind][0]), verifying.CONTENT) for kind, _, _ in was}
        for kind, column, value in was:
            change(f"UPDATE {quote(content_table(kind))} SET {quote(column)} = %s WHERE id = %s", value, rows[kind][0])
    assert verify(connection).wrong == []


def _take_entry() -> None:
    change("DELETE FROM entry WHERE seq = 12")


def _take_fact() -> None:
    id_, kind = one("SELECT id, kind FROM fact WHERE entry = 12 ORDER BY id LIMIT 1")
    change("DELETE FROM fact WHERE id = %s", id_)
    change(f"DELETE FROM {quote(content_table(kind))} WHERE id = %s", id_)


def _take_content() -> None:
    id_, kind = one("SELECT id, kind FROM fact WHERE entry = 12 ORDER BY id LIMIT 1")
    change(f"DELETE FROM {quote(content_table(kind))} WHERE id = %s", id_)


def _put_content() -> None:
    columns = "at, entry, salt, target, reason"
    change(f"INSERT INTO fact_fact_withdrawn (id, {columns}) VALUES (%s, 1, 12, %s, %s, 'x')", b"z" * 16, b"s" * 16, b"t" * 16)


def _put_fact() -> None:
    _put_content()
    columns = "id, kind, version, at, entry, seal"
    change(f"INSERT INTO fact ({columns}) VALUES (%s, 'fact.withdrawn', 1, 1, 12, %s)", b"z" * 16, b"s" * 16)


def _put_fact_of_no_entry() -> None:
    columns = "id, kind, version, at, entry, seal"
    change(f"INSERT INTO fact ({columns}) VALUES (%s, 'fact.withdrawn', 1, 1, 999999, %s)", b"z" * 16, b"s" * 16)


def _swap_kind() -> None:
    change("UPDATE fact SET kind = 'step.done' WHERE id = (SELECT id FROM fact WHERE entry = 12 ORDER BY id LIMIT 1)")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (_take_entry, verifying.ORDER), (_take_fact, verifying.COUNT), (_take_content, verifying.GONE), (_put_content, verifying.STRAY),
        (_put_fact, verifying.HASH), (_put_fact_of_no_entry, verifying.NOWHERE), (_swap_kind, verifying.STRAY),
    ],
)  # fmt: skip
def test_what_is_taken_or_put_is_found(ledger: None, tamper: Callable[[], None], told: Any) -> None:
    tamper()
    assert told in {t.wrong for t in verify(connection).wrong}


def test_a_last_entry_cut_off_changes_the_hash_at_the_end(ledger: None) -> None:
    """What no chain can see from inside: the hash noted elsewhere tells it."""
    noted = verify(connection).hash
    last = one("SELECT max(seq) FROM entry")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind FROM fact WHERE entry = %s", [last])
        for id_, kind in cursor.fetchall():
            change(f"DELETE FROM {quote(content_table(kind))} WHERE id = %s", id_)
        cursor.execute("DELETE FROM fact WHERE entry = %s", [last])
    change("DELETE FROM entry WHERE seq = %s", last)
    found: Verified = verify(connection)
    assert found.wrong == []
    assert found.hash != noted


def test_different_values_are_different_bytes() -> None:
    rows: list[list[Any]] = [
        [None, ""],
        ["", None],
        ["a", "b"],
        ["ab", ""],
        ["", "ab"],
        ["1:a", "b"],
        [1, 11],
        [11, 1],
        [True, 1],
        ["𰻝", 1],
    ]
    assert len({plain(r) for r in rows}) == len(rows)
