"""Looks: who was shown whom, when, on which page and what for; and their seal. Appended, never changed; holds no name of anyone looked at.

A look is written when a page is ready and before it is sent, in a statement of its own outside whatever the reader read in: where
it cannot be written the page is not shown (``web.middleware.looking``). Once a minute the looks not yet sealed are sealed: their
digests into a row of their own, the digest of that row as a fact ``looks.sealed`` into the ledger, whose hash chain covers it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db import Error, connections, transaction
from django.db import connection as default
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.http import HttpRequest

from bulou.basis.facts import LooksSealed
from bulou.basis.ids import from_text, new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import MINUTE, Clock, Instant
from bulou.basis.words import LISTS, Word
from bulou.duties.enter import writing
from bulou.evidence.append import plain, queue
from bulou.evidence.now import NEVER
from bulou.evidence.sql import insert
from bulou.kit.files import FORMS
from bulou.kit.looking import Looking
from bulou.kit.models import Look
from bulou.kit.sheet import SHEETS
from bulou.protocol.rules import Protocol_
from bulou.register.models import Person, Stay
from bulou.register.scope import Viewer, root, standing

#: The columns of a look that its digest runs over, in this order.
COLUMNS = ("at", "account", "post", "device", "about", "entry", "page", "address", "typed", "purpose", "ids", "n", "bare", "export")
#: Sealed at most this many at once, and this long after the first that is not.
MOST, EVERY = 20_000, MINUTE
#: Beside the filters of sheets that offer a closed choice: what may stand in an address as it was asked, because it names nobody.
_PLAIN = frozenset({"about", "known", "page", "sort", "step", "ring", "fate", "columns"})
_IDS = frozenset({"person", "household", "order", "zone", "incident", "met", "place", "export", "list", "holder", "shift", "printed"})
_WIDTH = 8 + 16


class Cannot(Exception):
    """A look could not be written: what it would have shown must not be shown."""


# --- writing ----------------------------------------------------------------------------------------------------------
def purpose_of(viewer: Viewer, chosen: str | None) -> str:
    """What someone looks for: what they chose for their session, else what their first role is usually there for."""
    if chosen in LISTS["purpose"]:
        return str(chosen)
    return viewer.chair.role.purpose if viewer.chair else next(iter(LISTS["purpose"]))


def typed(text: str) -> str:
    """What stands for a text that someone typed: the same for the same text, and of no use to who has not the centre's key.

    An auditor may ask whether a name was searched for; the looks are no second register of names. Ends with the text's length.
    """
    said = " ".join(text.split()).casefold()
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"bulou looks").digest()
    return f"{hashlib.blake2b(said.encode(), digest_size=8, key=key).hexdigest()}.{len(said)}"


def _asked(request: HttpRequest) -> tuple[str, str, bool]:
    """The address without what was typed in it, what stands for that, and whether it was a search."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    kind, _, of = name.partition("-")
    sheet = SHEETS.get(of) if kind in ("sheet", "list") or kind in FORMS else None
    closed = {n.name for n in sheet.narrows if n.words or n.area or n.choices} if sheet else set()
    kept, marks, searched = [], [], False
    fields = {n.name for n in sheet.narrows} if sheet else {"q"}
    for key, value in ((k, v) for k, values in request.GET.lists() for v in values if v):
        if ((key in _PLAIN or key in closed) and len(value) <= 60) or (key in _IDS and _id(value)):
            kept.append((key, value))
        elif key not in ("next", "csrfmiddlewaretoken"):
            marks.append(typed(value))
            searched = searched or key in fields
    return (request.path + ("?" + urlencode(kept) if kept else ""))[:300], " ".join(dict.fromkeys(marks))[:300], searched


def _id(text: str) -> bool:
    try:
        return bool(from_text(text))
    except ValueError:
        return False


def record(look: Looking, request: HttpRequest, now: Instant, connection: Any = None) -> bool:
    """Writes down what a look has shown since it was last asked; whether there was anything. Cannot, when it cannot.

    A search is written down also where it found nobody.
    """
    address, marks, searched = _asked(request)
    if not (look.seen.ids or searched) or look.viewer.user is None:
        return False
    own = connection if connection is not None else default
    match = request.resolver_match
    row = (
        now, look.viewer.user.get_username(), look.viewer.chair.post if look.viewer.chair else "", look.viewer.device, look.about, look.seq,
        (match.url_name or "") if match else "", address, marks, look.purpose, b"".join(sorted(i.ljust(16, b"\0")[:16] for i in look.seen.ids)),
        len(look.seen.ids), " ".join(sorted(look.seen.bare)), look.export,
    )  # fmt: skip
    try:
        # A statement of its own is a transaction of its own; only a test's ledger is inside one already.
        with queue(own), transaction.atomic() if own is default and own.in_atomic_block else nullcontext():
            insert(own, "look", COLUMNS, [row])
    except (Error, OSError) as error:
        raise Cannot from error
    look.seen.ids.clear()
    look.seen.bare.clear()
    return True


def attempted(look: Looking, request: HttpRequest, now: Instant) -> None:
    """Writes down that something was tried and refused: a look that showed nobody."""
    address, marks, _searched = _asked(request)
    account = look.viewer.account
    post, name = (
        look.viewer.chair.post if look.viewer.chair else "",
        (request.resolver_match.url_name or "") if request.resolver_match else "",
    )
    row = (now, account, post, None, look.about, look.seq, name, address + "#refused", marks, look.purpose, b"", 0, "", None)
    insert(default, "look", COLUMNS, [row])


def recorded(chunks: Iterable[Any], look: Looking, request: HttpRequest, clock: Clock) -> Iterator[Any]:
    """A file that is written as it is read: each part leaves after the look at it is written, on a connection of its own.

    The reader's own connection stands in the middle of what it reads, and a writer's snapshot would be too old.
    """
    own = default if default.in_atomic_block else default.copy()
    try:
        part: list[Any] = []
        held = 0
        for chunk in chunks:
            if chunk:  # an empty piece says that more was read, of a file that is sent when it is whole
                part.append(chunk)
                held += len(chunk)
            if len(look.seen.ids) >= PART or held >= HELD:
                record(look, request, clock.now(), own)
                yield from part
                part, held = [], 0
        record(look, request, clock.now(), own)
        yield from part
    finally:
        if own is not default:
            own.close()


#: A file is held back until the look at what it shows is written: after so many people and households, or so many bytes of it.
PART, HELD = 2000, 1_000_000


# --- sealing ----------------------------------------------------------------------------------------------------------
class Sealed(NamedTuple):
    """A seal: its number, the looks it covers, their digests, and the hash that goes into the ledger."""

    number: int
    first: int
    last: int
    looks: int
    digests: bytes
    hash: bytes


def digest(row: Iterable[Any]) -> bytes:
    """Of one look, over ``COLUMNS``."""
    return hashlib.blake2b(plain(bytes(v) if isinstance(v, memoryview) else v for v in row), digest_size=16).digest()


def _chained(before: bytes, number: int, digests: bytes) -> bytes:
    return hashlib.blake2b(before + number.to_bytes(8) + digests, digest_size=32).digest()


_SELECT = f"SELECT number, {', '.join(COLUMNS)} FROM look WHERE number"  # noqa: S608


_asked_at: dict[str, int] = {}


def keep(clock: Clock, protocol: Protocol_) -> None:
    """Seals what has waited for more than a minute, where no watch did: asked at every look, it looks at most once a minute."""
    now, name = clock.now(), str(default.settings_dict["NAME"])
    if now - _asked_at.setdefault(name, now) < EVERY:
        return
    _asked_at[name] = now
    if waiting(now):
        seal(clock, protocol)


def waiting(now: Instant, using: str = "default") -> bool:
    """Whether the oldest look that no seal covers is older than a minute."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT at FROM look WHERE number > (SELECT COALESCE(MAX(last), 0) FROM look_seal) ORDER BY number LIMIT 1")
        row = cursor.fetchone()
    return row is not None and now - row[0] >= EVERY


def seal(clock: Clock, protocol: Protocol_, using: str = "default") -> Sealed | None:
    """Seals every look that is not yet sealed, as a fact under the ledger's lock; None where there is none."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM look WHERE number > (SELECT COALESCE(MAX(last), 0) FROM look_seal) LIMIT 1")
        if cursor.fetchone() is None:
            return None
    with writing("watch", SOURCE, clock, protocol, using) as book, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Whoever was given a number is in the table once this is held: no look can come later under a number already passed.
            cursor.execute("LOCK TABLE look IN SHARE MODE")
        cursor.execute("SELECT number, last, hash FROM look_seal ORDER BY number DESC LIMIT 1")
        number, last, before = cursor.fetchone() or (0, 0, b"")
        cursor.execute(f"{_SELECT} > %s ORDER BY number LIMIT {MOST}", [last])
        rows = cursor.fetchall()
        digests = b"".join(row[0].to_bytes(8) + digest(row[1:]) for row in rows)
        made = Sealed(number + 1, rows[0][0], rows[-1][0], len(rows), digests, _chained(bytes(before), number + 1, digests))
        insert(connection, "look_seal", Sealed._fields, [made])
        now = book.now()
        body = LooksSealed(root(NEVER) or "-", made.number, made.first, made.last, made.looks, made.hash.hex())
        book.add(Fact(new_id(now), "looks.sealed", now, None, body))
    return made


#: Where entries of seals come from: live pages need not look again for them.
SOURCE = "looks"


# --- verifying --------------------------------------------------------------------------------------------------------
class Doubt(NamedTuple):
    """A look, or a seal of looks, that is not as it was written: which, and what is wrong with it."""

    look: int | None
    seal: int | None
    wrong: Word


class Verified(NamedTuple):
    """How many looks and seals were read, how many looks wait for their seal, and everything that is not as it was written."""

    looks: int
    seals: int
    waiting: int
    wrong: list[Doubt]


ALTERED = Word("查看记录被改动", "the look was changed")
MISSING = Word("查看记录缺失", "the look is gone")
INSERTED = Word("多出未封存的查看记录", "a look that was put in after its time was sealed")
SEAL_GONE = Word("封存记录缺失", "the seal is gone")
SEAL_CHANGED = Word("封存记录与账本不符", "the seal is not the one that the ledger holds")
SEAL_STRAY = Word("账本中没有这一封存", "the ledger holds no such seal")


def verify(using: str = "default") -> Verified:
    """Every sealed look against its seal, and every seal against its fact. That the facts are as entered is for ``evidence.verify``."""
    connection, wrong, looks = connections[using], list[Doubt](), 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, digest, first, last FROM fact_looks_sealed ORDER BY number, entry")
        facts = {number: (said, first, last) for number, said, first, last in reversed(cursor.fetchall())}
        cursor.execute(f"SELECT {', '.join(Sealed._fields)} FROM look_seal ORDER BY number")  # noqa: S608
        seals = [Sealed(row[0], row[1], row[2], row[3], bytes(row[4]), bytes(row[5])) for row in cursor.fetchall()]
    before, upto, have = b"", 0, {s.number for s in seals}
    wrong += [Doubt(None, number, SEAL_GONE) for number in sorted(set(facts) - have)]
    for one in seals:
        said = facts.get(one.number)
        if said is None:
            wrong.append(Doubt(None, one.number, SEAL_STRAY))
        elif said[0] != one.hash.hex() or _chained(before, one.number, one.digests) != one.hash or said[1:] != (one.first, one.last):
            wrong.append(Doubt(None, one.number, SEAL_CHANGED))
        with connection.cursor() as cursor:
            cursor.execute(f"{_SELECT} > %s AND number <= %s ORDER BY number", [upto, one.last])
            there = {row[0]: digest(row[1:]) for row in cursor.fetchall()}
        parts = (one.digests[i : i + _WIDTH] for i in range(0, len(one.digests), _WIDTH))
        wanted = {int.from_bytes(p[:8]): p[8:] for p in parts}
        looks += len(there)
        wrong += [Doubt(n, one.number, MISSING) for n in sorted(wanted.keys() - there.keys())]
        wrong += [Doubt(n, one.number, INSERTED) for n in sorted(there.keys() - wanted.keys())]
        wrong += [Doubt(n, one.number, ALTERED) for n in sorted(wanted.keys() & there.keys()) if wanted[n] != there[n]]
        before, upto = one.hash, max(upto, one.last)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM look WHERE number > %s", [upto])
        later = cursor.fetchone()[0]
    return Verified(looks + later, len(seals), later, wrong)


# --- reading ----------------------------------------------------------------------------------------------------------
class _At(Func):
    """Where bytes stand in a column of packed ids; 0 where they do not."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template="(instr(%(expressions)s) > 0)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template="(position(%(expressions)s) > 0)", arg_joiner=" in ", **extra)


def looks(since: int | None = None, until: int | None = None) -> QuerySet[Look]:
    """The looks of a span of time."""
    found = Look.objects.all()
    found = found if since is None else found.filter(at__gte=since)
    return found if until is None else found.filter(at__lt=until)


def of_person(found: QuerySet[Look], ids: Iterable[bytes]) -> QuerySet[Look]:
    """Those of them that showed one of these people or households. Reads every look of the span: give it one."""
    condition = Value(False)
    for id_ in ids:
        order = (F("ids"), Value(id_)) if default.vendor == "sqlite" else (Value(id_), F("ids"))
        condition |= _At(*order)  # type: ignore[assignment]
    return found.filter(condition)


def same_person(person: bytes) -> list[bytes]:
    """Every id under which a person, or the household of theirs, may stand in a look: judged by what is known now."""
    now = NEVER - 1
    one = standing(Person, now).filter(person=person).values_list("canonical", flat=True).first() or person
    ids = {person, bytes(one), *(bytes(p) for p in standing(Person, now).filter(canonical=one).values_list("person", flat=True))}
    homes = standing(Stay, now).filter(person__in=ids).exclude(household=None).values_list("household", flat=True)
    return sorted({*ids, *(bytes(h) for h in homes)})


def sealed_by(number: int, upto: int = NEVER) -> int | None:
    """The seal that covers a look as of an entry, if one does."""
    with default.cursor() as cursor:
        cursor.execute("SELECT number FROM fact_looks_sealed WHERE first <= %s AND last >= %s AND entry <= %s", [number, number, upto])
        row = cursor.fetchone()
    return row[0] if row else None


def last_seal(upto: int = NEVER) -> tuple[int, str] | None:
    """The number and the hash of the last seal as of an entry: what someone outside notes down. None where nothing was sealed."""
    with default.cursor() as cursor:
        cursor.execute("SELECT number, digest FROM fact_looks_sealed WHERE entry <= %s ORDER BY number DESC LIMIT 1", [upto])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def shown_in(look: Look) -> list[bytes]:
    """Whom a look showed."""
    packed = bytes(look.ids)
    return [packed[i : i + 16] for i in range(0, len(packed), 16)]
