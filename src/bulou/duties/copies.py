"""Copies of contents outside the facts: what was kept aside, receipts of imports, ended sessions. Destroys them; knows no fact.

``wiped`` makes sure that nothing of what was destroyed is left in the files of the database.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from bulou.basis.time import DAY, Instant, to_datetime
from bulou.evidence.guards import forgetting
from bulou.evidence.now import NEVER
from bulou.evidence.sql import quote

#: How long they are kept.
ASIDE_DAYS = RECEIPT_DAYS = 90
#: Where someone passed a door is where they move: two weeks, the longest that a contact is looked back for.
DOOR_DAYS = 14
#: An answer to who infected whom names people by id, and says nothing of an outbreak two weeks later.
RECKONING_DAYS = 14
#: What was written down of signals goes with the source it came from, and after two weeks whatever became of that.
SIGNAL_VERB, SIGNAL_DAYS = "note_signal", 14
#: A receipt names no source: it goes with the first of its incident that was open when it came and is over.
_RECEIPTS_OF_SIGNALS = """
    SELECT r.id FROM import_receipt r WHERE r.verb = %s AND (CAST(r.rows AS text) <> '[]' OR CAST(r.given AS text) <> '{}' OR r.reason <> ''
        OR EXISTS (SELECT 1 FROM import_row w WHERE w.receipt_id = r.id AND CAST(w.cells AS text) <> '[]'))
    AND (r.at < %s OR EXISTS (SELECT 1 FROM signal_source s
        WHERE s.void_seq = %s AND s.incident = r.incident AND s.opened_at <= r.at AND s.over_at > r.at AND s.over_at <= %s))
"""
GONE = "已销毁 destroyed"


class Copies(NamedTuple):
    """How many went, or would go."""

    aside: int
    receipts: int
    sessions: int
    checks: int = 0
    #: Links of own pages and passes for doors.
    passes: int = 0
    #: Answers of long reckonings, which name people by their ids.
    reckonings: int = 0


def old(connection: Any, now: Instant, *, dry: bool) -> Copies:
    """Copies whose time is over at ``now``; receipts keep their counts and the digest of their file."""
    over = to_datetime(now).replace(tzinfo=None).isoformat(" ") if connection.vendor == "sqlite" else to_datetime(now)
    asked: list[tuple[str, str, list[Any], str]] = [
        ("aside", "known < %s", [now - ASIDE_DAYS * DAY], "DELETE FROM aside"),
        (
            "import_receipt",
            "at < %s AND (CAST(rows AS text) <> '[]' OR CAST(given AS text) <> '{}' OR reason <> '')",
            [now - RECEIPT_DAYS * DAY],
            "UPDATE import_receipt SET rows = '[]', given = '{}', reason = ''",
        ),
        (
            "import_row",
            "CAST(cells AS text) <> '[]' AND receipt_id IN (SELECT id FROM import_receipt WHERE at < %s)",
            [now - RECEIPT_DAYS * DAY],
            "UPDATE import_row SET cells = '[]'",
        ),
        ("django_session", "expire_date < %s", [over], "DELETE FROM django_session"),
        ("door_check", "at < %s", [now - DOOR_DAYS * DAY], "DELETE FROM door_check"),
        ("door_pass", "ends < %s", [now], "DELETE FROM door_pass"),
        ("own_page", "until < %s", [now], "DELETE FROM own_page"),
        ("reckoning", "at < %s", [now - RECKONING_DAYS * DAY], "DELETE FROM reckoning"),
    ]
    found = []
    with transaction.atomic(using=connection.alias), forgetting(connection, ["aside", "door_check"], ()), connection.cursor() as cursor:
        for table, where, params, go in asked:
            cursor.execute(f"SELECT count(*) FROM {quote(table)} WHERE {where}", params)  # noqa: S608
            found.append(cursor.fetchone()[0])
            if not dry:
                cursor.execute(f"{go} WHERE {where}", params)
    aside, receipts, rows, sessions, checks, *passes, reckonings = found
    return Copies(aside, receipts + rows, sessions, checks, sum(passes), reckonings)


def of_signals(connection: Any, now: Instant, *, dry: bool) -> Copies:
    """What receipts of lists of signals repeat, and signals that were kept aside, once their source is over."""
    with transaction.atomic(using=connection.alias), forgetting(connection, ["aside"], ()), connection.cursor() as cursor:
        cursor.execute(_RECEIPTS_OF_SIGNALS, [SIGNAL_VERB, now - SIGNAL_DAYS * DAY, NEVER, now])
        receipts = cursor.fetchall()
        cursor.execute("SELECT id FROM aside WHERE kind LIKE 'signal.%%' AND known < %s", [now - SIGNAL_DAYS * DAY])
        aside = cursor.fetchall()
        if not dry:
            cursor.executemany("UPDATE import_receipt SET rows = '[]', given = '{}', reason = '' WHERE id = %s", receipts)
            cursor.executemany("UPDATE import_row SET cells = '[]' WHERE receipt_id = %s", receipts)
            cursor.executemany("DELETE FROM aside WHERE id = %s", aside)
    return Copies(len(aside), len(receipts), 0)


def of_words(connection: Any, words: Sequence[str], *, dry: bool) -> Copies:
    """Copies that hold one of these words (a name, a number, an id as text) of one person."""
    aside: list[int] = []
    receipts: list[tuple[str, str, str, int]] = []
    with transaction.atomic(using=connection.alias), forgetting(connection, ["aside"], ()), connection.cursor() as cursor:
        cursor.execute("SELECT id, body FROM aside")
        aside = [id_ for id_, body in cursor.fetchall() if _without(told := json.loads(body), words) != told]
        cursor.execute("SELECT id, CAST(rows AS text), CAST(given AS text), reason FROM import_receipt")
        for id_, rows, given, reason in cursor.fetchall():
            told = [json.loads(rows), json.loads(given), reason]
            if (rest := _without(told, words)) != told:
                receipts.append((*(json.dumps(part, ensure_ascii=False) for part in rest[:2]), rest[2], id_))
        cells: list[tuple[str, int]] = []
        cursor.execute("SELECT id, CAST(cells AS text) FROM import_row WHERE CAST(cells AS text) <> '[]'")
        for id_, row in cursor.fetchall():
            if (rest := _without(told := json.loads(row), words)) != told:
                cells.append((json.dumps(rest, ensure_ascii=False), id_))
        if not dry:
            cursor.executemany("UPDATE import_row SET cells = %s WHERE id = %s", cells)
            cursor.executemany("DELETE FROM aside WHERE id = %s", [(id_,) for id_ in aside])
            cursor.executemany("UPDATE import_receipt SET rows = %s, given = %s, reason = %s WHERE id = %s", receipts)
    return Copies(len(aside), len(receipts) + len(cells), 0)


def of_person(connection: Any, people: Sequence[bytes], *, dry: bool) -> Copies:
    """What says where one person passed, links to their own page, passes signed for them, and who may have infected them: before their days are over."""
    found = []
    with transaction.atomic(using=connection.alias), forgetting(connection, ["door_check"], ()), connection.cursor() as cursor:
        for table in ("door_check", "own_page", "door_pass"):
            where = f"person IN ({','.join(['%s'] * len(people))})"
            cursor.execute(f"SELECT count(*) FROM {quote(table)} WHERE {where}", list(people))  # noqa: S608
            found.append(cursor.fetchone()[0])
            if not dry:
                cursor.execute(f"DELETE FROM {quote(table)} WHERE {where}", list(people))  # noqa: S608
        cursor.execute("SELECT id, CAST(answer AS text) FROM reckoning")
        named = [id_ for id_, answer in cursor.fetchall() if any(bytes(p).hex() in answer for p in people)]
        if not dry:
            cursor.executemany("DELETE FROM reckoning WHERE id = %s", [(id_,) for id_ in named])
    return Copies(0, 0, 0, found[0], sum(found[1:]), len(named))


def _holds(text: str, words: Iterable[str]) -> bool:
    # A name of two characters stands in many texts: it must be the whole of one.
    return any(word == text or (len(word) > 2 and word in text) for word in words)


def _without(value: Any, words: Sequence[str]) -> Any:
    """A value of JSON in which every text that holds one of the words says that it was destroyed."""
    if isinstance(value, str):
        return GONE if _holds(value, words) else value
    if isinstance(value, list):
        return [_without(each, words) for each in value]
    return {key: _without(each, words) for key, each in value.items()} if isinstance(value, dict) else value


def wiped(connection: Any) -> None:
    """Rewrites the files of the database, so that no page, log or statistic of it holds what was destroyed. Others wait meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()[0]
            if busy:
                raise TimeoutError("the log of the database is in use")
        else:
            cursor.execute("VACUUM (FULL, ANALYZE)")
