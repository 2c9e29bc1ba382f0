"""Facts of an older version of their kind are read as what the kind is now, stay as they were stored, and keep their seal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection

from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact, Kind, Mask, Moment, Ref, Value, read_fields, unreadable
from bulou.basis.time import Instant, SetClock
from bulou.basis.words import Word
from bulou.evidence.append import append, load, present
from bulou.evidence.models.kinds import _model, content_table
from bulou.evidence.reader import Reader
from bulou.evidence.verify import CONTENT, verify

NAME, PERSON, OTHER = "planted.seen", named_id("seen"), named_id("seen", "other")


class First(NamedTuple):
    """As it was declared first: minutes as text, a place by its old name."""

    person: Annotated[bytes, Ref("person")]
    minutes: str
    warm: bool
    spot: Annotated[str, Mask("address")] | None = None


class Second(NamedTuple):
    """As it is now."""

    person: Annotated[bytes, Ref("person")]
    warm: bool
    degrees: float
    until: Annotated[int, Moment]
    place: str | None = None


def lifted(old: Mapping[str, Value]) -> Mapping[str, Value]:
    """What the first version said, in the words of the second."""
    return {
        "person": old["person"], "warm": old["warm"], "degrees": 37.0 if old["warm"] else 20.0,
        "until": int(str(old["minutes"])) * 60_000_000, "place": old["spot"],
    }  # fmt: skip


def _kind(version: int, body: type[Any], **more: Any) -> Kind:
    return Kind(NAME, version, body, Word("试", "planted"), "world", False, False, read_fields(body), **more)


THEN = _kind(1, First, casts=())
NOW = _kind(2, Second, casts=(lifted,), older=(THEN.fields,))
#: One of each version, and what the first is read as.
OLD = Fact(named_id("old"), NAME, Instant(5), None, First(PERSON, "7", True, "gate"))
NEW = Fact(named_id("new"), NAME, Instant(6), None, Second(PERSON, False, 36.0, 9, "door"))
READ = Fact(OLD.id, NAME, OLD.at, None, Second(PERSON, True, 37.0, 420_000_000, "gate"), 1)


@pytest.fixture
def two_versions(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A ledger to which a fact was entered under each version; the table has the columns of both, as a migration leaves it."""
    monkeypatch.setitem(KINDS, NAME, THEN)
    model = _model(NOW)
    try:
        with connection.cursor() as cursor:  # not the editor's own transaction: SQLite has none within another
            cursor.execute(connection.schema_editor().table_sql(model)[0])
        clock = SetClock(Instant(10))
        append(connection, [OLD], "t", "t", clock)
        monkeypatch.setitem(KINDS, NAME, NOW)
        append(connection, [NEW], "t", "t", clock)
        yield
    finally:
        del apps.all_models["evidence"][model._meta.model_name or ""]
        apps.clear_cache()


def test_an_older_version_is_read_as_the_kind_is_now(two_versions: None) -> None:
    found = {f.id: f for f in load(connection, NOW, "person", [PERSON])}
    assert found == {READ.id: READ, NEW.id: NEW._replace(entry=2)}
    assert {f.id for f in Reader(connection).by(NAME, "person", PERSON)} == {OLD.id, NEW.id}
    assert list(Reader(connection).by(NAME, "person", OTHER)) == []
    assert present(connection, [OLD.id])[OLD.id].body == READ.body


def test_it_stays_as_it_was_stored_under_its_own_version_and_seal(two_versions: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT minutes, spot, until, place, degrees FROM "{content_table(NAME)}" WHERE id = %s', [OLD.id])
        assert cursor.fetchone() == ("7", "gate", None, None, None)
        cursor.execute("SELECT version FROM fact WHERE kind = %s ORDER BY entry", [NAME])
        assert cursor.fetchall() == [(1,), (2,)]
    assert verify(connection).wrong == []


@pytest.mark.parametrize(("column", "fact"), [("minutes", OLD), ("spot", OLD), ("place", NEW), ("degrees", NEW)])
def test_what_was_changed_in_either_version_is_found(two_versions: None, column: str, fact: Fact) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{content_table(NAME)}" SET "{column}" = %s WHERE id = %s', ["8" if column != "degrees" else 8.0, fact.id])
    assert [(t.fact, t.wrong) for t in verify(connection).wrong] == [(fact.id, CONTENT)]


def test_what_is_sent_again_in_the_words_of_now_is_the_same(two_versions: None) -> None:
    done = append(connection, [READ._replace(entry=0), NEW], "t", "t", SetClock(Instant(11)))
    assert (done.new, len(done.same), done.refused) == ([], 2, [])


def test_control_without_its_cast_an_older_version_cannot_be_read(two_versions: None) -> None:
    with pytest.raises(TypeError):
        load(connection, replace(NOW, casts=(lambda old: old,)), "person", [PERSON])


# --- what a declaration must say --------------------------------------------------------------------------------------
class Elsewhere(NamedTuple):
    """A version whose person is called otherwise: nothing that was stored would be found by it."""

    who: Annotated[bytes, Ref("person")]
    minutes: str


class Retyped(NamedTuple):
    """A version in which one name was two types."""

    person: Annotated[bytes, Ref("person")]
    warm: str


@pytest.mark.parametrize(
    ("older", "told"),
    [((), "its body and its cast"), ((Elsewhere,), "who of version 1 is a reference"), ((Retyped,), "warm was another type in version 1")],
)
def test_versions_that_could_not_be_read_are_refused(older: tuple[type[Any], ...], told: str) -> None:
    assert told in str(unreadable(replace(NOW, older=tuple(map(read_fields, older)))))
    assert unreadable(NOW) is None


def test_every_kind_can_read_all_its_versions() -> None:
    assert {name: why for name, kind in KINDS.items() if (why := unreadable(kind))} == {}


def test_columns_are_those_of_every_version() -> None:
    assert [(f.name, f.optional) for f in NOW.columns] == [
        ("person", False), ("warm", False), ("degrees", True), ("until", True), ("place", True), ("minutes", True), ("spot", True),
    ]  # fmt: skip
