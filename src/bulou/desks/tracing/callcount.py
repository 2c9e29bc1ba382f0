"""The call desk counted and paged by the database: how many numbers there are of each kind, which stand on a page, whom each of them reaches.

What it says of a person is what ``gaps.calls.stand`` says (a test holds the two to each other); everything else of a number is read for those of one
page by ``calldesk``. People of pools come as lines that ``calldesk`` has worked out: which pool counts is not a question for SQL.
"""

# ruff: noqa: S608  (what stands in these statements are this module's own words, numbers, ids written in hexadecimal and texts that ``_text`` quotes)
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, Case, F, Max, Min, QuerySet, When

from bulou.basis.time import Instant
from bulou.evidence.timeline import standing_facts
from bulou.gaps.calls import NO_ANSWERS, STATES, TO_CALL, TO_DOOR, dialled
from bulou.kit.looking import Looking
from bulou.protocol.rules import Calling
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

#: What a list of numbers can be asked for, as a condition on ``grp``; ``next`` is what a caller may be given.
_WANTED = {
    "": "waits = 1", "mine": "waits = 1 AND place = 0", "nobody": "waits = 1 AND loose = 1",
    "again": "waits = 1 AND again <= {now}", "door": "door = 1", "all": "folded = 0",
    "next": "waits = 1 AND (place = 0 OR loose = 1) AND (again IS NULL OR again <= {now})",
}  # fmt: skip
#: Telephones that are written in other ways than as they are dialled, by how they are dialled: few, worked out once, the same for ever.
_ODD: dict[str, str | None] = {}
_MOST_ODD, _AT_ONCE = 20_000, 2_000
#: A mobile that can be somebody's, or a made-up number, written as it is dialled: all others are worked out by ``gaps.calls.dialled``.
_SAME = "".join(str(digit) * 8 for digit in range(10))
_PLAIN = {
    "postgresql": "({0} ~ '^000[0-9]{{8}}$' OR ({0} ~ '^1[3-9][0-9]{{9}}$' AND {0} !~ '([0-9])\\1{{7}}$' AND {0} <> '13800138000'))",
    "sqlite": f"({{0}} GLOB '000{'[0-9]' * 8}' OR ({{0}} GLOB '1[3-9]{'[0-9]' * 9}' AND {{0}} <> '13800138000' "
              f"AND substr({{0}}, 4) <> substr('{_SAME}', 1 + 8 * CAST(substr({{0}}, 11) AS INTEGER), 8)))",
}  # fmt: skip


class Ready(NamedTuple):
    """A person of a pool, worked out already. ``other``: they are on the desk for another reason as well."""

    person: bytes
    since: Instant
    key: str
    state: str
    again_at: Instant | None
    caller: bytes | None
    folded: bool
    other: bool


class Rest(NamedTuple):
    """Those who are on the desk for another reason than a pool: people, reached, to the door, when to call again, some of the missing."""

    people: int
    reached: int
    door: int
    next_at: Instant | None
    missing: list[bytes]


class Counted(NamedTuple):
    """Numbers by what they can be asked for, those of one page with the people behind each, and the rest."""

    counts: dict[str, int]
    page: list[tuple[str, list[bytes]]]
    number: int
    rest: Rest


class Desk(NamedTuple):
    """What is counted: duties that a call answers (one row each), the members of the incident, how it is phoned, whose eyes, who is at work."""

    duties: QuerySet[Any]
    shut: Any
    incidents: list[bytes]
    calling: Calling
    ready: Sequence[Ready]
    me: bytes | None
    at_work: Collection[bytes]


def stated(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    """Rows as a part of a larger statement, with its values; also rows that cannot be, because no rule is in force or no incident stands."""
    sql, values = rows.query.get_compiler(connection.alias, elide_empty=False).as_sql()
    return sql, values


class _Sql:
    """A statement in parts, each with its values."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def put(self, name: str, sql: str, values: Iterable[Any] = ()) -> None:
        self.parts.append(f"{name} AS MATERIALIZED ({sql})")
        self.values += values

    def of(self, name: str, rows: QuerySet[Any]) -> None:
        self.put(name, *stated(rows))

    def ask(self, tail: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(self.parts)} {tail}", [*self.values, *values])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _id(value: bytes | None) -> str:
    """An id as both databases read it; it can be nothing but signs of hexadecimal numbers."""
    if value is None:
        return f"CAST(NULL AS {_BYTES[connection.vendor]})"
    return f"'\\x{value.hex()}'::bytea" if connection.vendor == "postgresql" else f"X'{value.hex()}'"


_BYTES = {"postgresql": "bytea", "sqlite": "blob"}
_BYTEWISE = {"postgresql": 'COLLATE "C"', "sqlite": "COLLATE BINARY"}


def _lines(desk: Desk, look: Looking) -> _Sql:
    """``line``: everyone on the desk by how they stand; ``grp``: every number."""
    sql, plain = _Sql(), _PLAIN[connection.vendor]
    owed = desk.duties.annotate(shut_=Case(When(desk.shut, then=0), default=1, output_field=BigIntegerField())).order_by()
    if connection.vendor == "sqlite":
        # Found by their rules and then put together: asked at once, it walks all duties in the order of people (0.1 s instead of 1.4).
        sql.of("asked", owed.values("subject", "opens_at", "shut_"))
        sql.put("owed", "SELECT subject, MIN(opens_at) AS since, MAX(shut_) AS still FROM asked GROUP BY subject")
    else:  # PostgreSQL knows how many people that gives only where it is asked at once, and joins them one by one where it does not
        sql.of("owed", owed.values("subject").annotate(since=Min("opens_at"), still=Max("shut_")).values("subject", "since", "still"))
    records = standing(Person, look.seq)
    sql.of("alias", records.exclude(person=F("canonical")).values("person", "canonical"))
    made = standing_facts("call.made", look.seq, look.about).filter(in_incident__in=desk.incidents)
    sql.of("made_", made.values("person", "at", "id", "outcome", "phone", "whose"))
    dealt = standing_facts("call.assigned", look.seq, look.about).filter(in_incident__in=desk.incidents)
    sql.of("dealt_", dealt.values("person", "at", "id", "caller"))
    odd = "SELECT key AS text, value AS dial FROM json_each(%s)"
    if connection.vendor == "postgresql":
        odd = "SELECT key AS text, value AS dial FROM jsonb_each_text(CAST(%s AS jsonb))"
    sql.put("odd", odd, [json.dumps(_ODD)])
    one = "COALESCE(a.canonical, f.person)"
    sql.put(
        "made", f"SELECT {one} AS person, f.at, f.id, f.outcome, f.phone, f.whose FROM made_ f LEFT JOIN alias a ON a.person = f.person"
    )
    sql.put("met", """SELECT m.person, m.at, m.outcome, m.phone, m.whose, ROW_NUMBER() OVER (PARTITION BY m.person ORDER BY m.at DESC, m.id DESC) AS nth
        FROM made m JOIN owed o ON o.subject = m.person AND m.at >= o.since""")  # fmt: skip
    sql.put("told", """SELECT person, SUM(CASE WHEN outcome = 'no_answer' THEN 1 ELSE 0 END) AS tries,
        MAX(CASE WHEN outcome IN ('reached', 'elsewhere') THEN 1 ELSE 0 END) AS talked, MAX(CASE WHEN nth = 1 THEN outcome END) AS last,
        MAX(CASE WHEN nth = 1 THEN at END) AS last_at FROM met GROUP BY person""")  # fmt: skip
    sql.put("wrong", """SELECT m.person, COALESCE(d.dial, NULLIF(m.phone, ''), m.whose) AS what FROM met m LEFT JOIN odd d ON d.text = m.phone
        WHERE m.outcome = 'wrong_number' GROUP BY 1, 2""")  # fmt: skip
    sql.put("spoken", "SELECT person, MAX(at) AS at FROM made WHERE outcome IN ('reached', 'elsewhere') GROUP BY person")
    sql.put("dealt", f"""SELECT person, at, caller, ROW_NUMBER() OVER (PARTITION BY person ORDER BY at DESC, id DESC) AS nth
        FROM (SELECT {one} AS person, f.at, f.id, f.caller FROM dealt_ f LEFT JOIN alias a ON a.person = f.person) z""")  # fmt: skip
    # Their own number first; of whoever cannot be reached by it those of the three oldest beside them.
    at, opened = (
        f"here_from <= {int(look.about)} AND {{0}}here_until > {int(look.about)}",
        f"opened_seq <= {look.seq} AND {{0}}void_seq > {look.seq}",
    )
    stays = "{0}" + at + " AND {0}" + opened
    live = "{0}" + opened
    dial = f"CASE WHEN {plain.format('p.phone')} THEN p.phone ELSE d.dial END"
    sql.put("own", f"""SELECT o.subject AS person, p.phone AS text, {dial} AS dial FROM owed o
        JOIN {_table(Person)} p ON p.person = o.subject AND {live.format("p.")} LEFT JOIN odd d ON d.text = p.phone""")  # fmt: skip
    # Carried along as a column, so that nothing below is asked for row by row of what is not indexed.
    sql.put("bad", """SELECT o.subject AS person, MAX(n.dial) AS mine FROM owed o LEFT JOIN own n ON n.person = o.subject
        LEFT JOIN wrong w ON w.person = o.subject WHERE n.dial IS NULL OR w.what = n.dial OR w.what = 'own' GROUP BY o.subject""")  # fmt: skip
    sql.put("beside", f"""SELECT b.person, b.mine, t.person AS other, p.phone AS text, {dial} AS dial,
        ROW_NUMBER() OVER (PARTITION BY b.person ORDER BY COALESCE(NULLIF(p.born_on, ''), '9999') {_BYTEWISE[connection.vendor]}, t.person) AS nth
        FROM bad b JOIN {_table(Stay)} s ON s.person = b.person AND s.household IS NOT NULL AND {stays.format("s.")}
        JOIN {_table(Stay)} t ON t.household = s.household AND t.person <> b.person AND {stays.format("t.")}
        LEFT JOIN {_table(Person)} p ON p.person = t.person AND {live.format("p.")} LEFT JOIN odd d ON d.text = p.phone""")  # fmt: skip
    sql.put("near", """SELECT b.person, b.dial, b.nth, CASE WHEN w.person IS NULL AND h.person IS NULL THEN 1 ELSE 0 END AS good FROM beside b
        LEFT JOIN wrong w ON w.person = b.person AND w.what = b.dial LEFT JOIN wrong h ON h.person = b.person AND h.what = 'household'
        WHERE b.nth <= 3 AND b.dial IS NOT NULL AND (b.mine IS NULL OR b.mine <> b.dial)""")  # fmt: skip
    sql.put("nearest", """SELECT person, dial, good, ROW_NUMBER() OVER (PARTITION BY person ORDER BY good DESC, nth) AS first FROM near""")
    call, door = _in(TO_CALL), _in(TO_DOOR)
    sql.put("stood", f"""SELECT o.subject AS person, o.since, CASE WHEN t.talked = 1 THEN 'reached' WHEN o.still = 0 THEN 'found'
        WHEN t.last = 'refused' THEN 'refused' WHEN t.tries >= {NO_ANSWERS} THEN 'door' WHEN b.person IS NOT NULL AND COALESCE(h.good, 0) = 0 THEN 'wrong'
        WHEN t.last = 'no_answer' THEN 'again' ELSE 'open' END AS state, t.last_at,
        CASE WHEN b.person IS NULL OR (COALESCE(h.good, 0) = 0 AND n.dial IS NOT NULL) THEN n.dial ELSE h.dial END AS dial,
        CASE WHEN k.at >= c.at THEN NULL ELSE c.caller END AS caller
        FROM owed o LEFT JOIN own n ON n.person = o.subject LEFT JOIN told t ON t.person = o.subject LEFT JOIN bad b ON b.person = o.subject
        LEFT JOIN nearest h ON h.person = o.subject AND h.first = 1 LEFT JOIN dealt c ON c.person = o.subject AND c.nth = 1
        LEFT JOIN spoken k ON k.person = o.subject""")  # fmt: skip
    hexed = "encode(person, 'hex')" if connection.vendor == "postgresql" else "lower(hex(person))"
    again = f"CASE WHEN state = 'again' THEN last_at + {desk.calling.retry.micros} END"
    line = f"SELECT person, since, COALESCE(dial, 'person ' || {hexed}) AS key, state, {again} AS again_at, caller, 0 AS folded, 1 AS other FROM stood"
    if desk.ready:
        rows = (
            f"({_id(r.person)}, {int(r.since)}, '{_text(r.key)}', '{r.state}', CAST({int(r.again_at) if r.again_at is not None else 'NULL'} AS bigint), {_id(r.caller)}, "
            f"{int(r.folded)}, {int(r.other)})" for r in desk.ready
        )  # fmt: skip
        line += f" UNION ALL SELECT * FROM (VALUES {', '.join(rows)}) ready"
    sql.put("line", f"SELECT z.*, CASE WHEN folded = 0 AND state IN ({call}) THEN 1 ELSE 0 END AS waits FROM ({line}) z")
    sql.put(
        "whose",
        "SELECT key, caller, ROW_NUMBER() OVER (PARTITION BY key ORDER BY since, person) AS nth FROM line WHERE waits = 1 AND caller IS NOT NULL",
    )
    work, me = ", ".join(_id(p) for p in sorted(desk.at_work)), _id(desk.me) if desk.me is not None else None
    loose = "w.caller IS NULL" + (f" OR w.caller NOT IN ({work})" if work else " OR w.caller IS NOT NULL")
    sql.put("grp", f"""SELECT g.key, g.waits, g.since, CASE WHEN g.fresh = 0 THEN g.again END AS again, g.door, g.folded, w.caller,
        CASE WHEN {f"w.caller = {me}" if me else "1 = 0"} THEN 0 WHEN w.caller IS NULL THEN 1 ELSE 2 END AS place, CASE WHEN {loose} THEN 1 ELSE 0 END AS loose
        FROM (SELECT key, MAX(waits) AS waits, MIN(since) AS since, MAX(CASE WHEN waits = 1 AND again_at IS NULL THEN 1 ELSE 0 END) AS fresh,
            MIN(CASE WHEN waits = 1 THEN again_at END) AS again, MAX(CASE WHEN folded = 0 AND state IN ({door}) THEN 1 ELSE 0 END) AS door,
            MIN(folded) AS folded FROM line GROUP BY key) g
        LEFT JOIN whose w ON w.key = g.key AND w.nth = 1""")  # fmt: skip
    return sql


def _in(words: Iterable[str]) -> str:
    return ", ".join(f"'{w}'" for w in STATES if w in set(words))


def _text(text: str) -> str:
    """A text within a statement that has values beside it."""
    return text.replace("'", "''").replace("%", "%%")


def _table(model: Any) -> str:
    return f'"{model._meta.db_table}"'


def _order(now: int) -> str:
    """Numbers as a caller meets them: the same order as ``calldesk.in_order``."""
    return f"waits DESC, place, CASE WHEN again IS NULL THEN 1 WHEN again <= {now} THEN 0 ELSE 2 END, COALESCE(again, since), key {_BYTEWISE[connection.vendor]}"


def _asked(sql: _Sql, tail: str, plain: str) -> list[tuple[Any, ...]]:
    """The rows of a question, and texts of telephones that have to be worked out first (tag ``x``)."""
    odd = f"""SELECT text FROM own WHERE text <> '' AND NOT {plain.format("text")} UNION SELECT text FROM beside WHERE text <> '' AND NOT {plain.format("text")}
        UNION SELECT phone FROM met WHERE outcome = 'wrong_number' AND phone <> '' AND NOT {plain.format("phone")}"""
    bare = f"SELECT 'x', 0, 0, 0, 0, 0, 0, text, {_id(None)} FROM (SELECT y.text FROM ({odd}) y LEFT JOIN odd d ON d.text = y.text WHERE d.text IS NULL) v"
    return sql.ask(f"{tail} UNION ALL {bare}")


def _ask(desk: Desk, look: Looking, tail: str) -> list[tuple[Any, ...]]:
    """Asks; again where numbers are there that were never worked out."""
    while True:
        found = _asked(_lines(desk, look), tail, _PLAIN[connection.vendor])
        new = [r[7] for r in found if r[0] == "x"]
        if not new:
            return found
        if len(_ODD) > _MOST_ODD:
            _ODD.clear()
        _ODD.update((text, dialled(text)) for text in new)


def counted(desk: Desk, look: Looking, wanted: str, number: int, size: int, missing: int) -> Counted:
    """The desk counted, with one page of what is ``wanted``; a page that is not there is the last one."""
    now = int(look.about)
    kinds = [k for k in _WANTED if k != "next"]
    sums = ", ".join(f"COALESCE(SUM(CASE WHEN {_WANTED[k].format(now=now)} THEN 1 ELSE 0 END), 0)" for k in kinds)
    reached = "SUM(CASE WHEN state IN ('reached', 'found') THEN 1 ELSE 0 END)"
    doors = f"SUM(CASE WHEN state IN ({_in(TO_DOOR)}) THEN 1 ELSE 0 END)"
    nothing, text = _id(None), "CAST(NULL AS text)"
    page = f"""SELECT 'p', nth, 0, 0, 0, 0, 0, key, person FROM (SELECT q.nth, q.key, l.person FROM
        (SELECT key, ROW_NUMBER() OVER (ORDER BY {_order(now)}) AS nth FROM grp WHERE {_WANTED[wanted].format(now=now)}
         ORDER BY nth LIMIT {size} OFFSET {{0}}) q JOIN line l ON l.key = q.key) v"""
    head = f"""SELECT 'n', {sums}, {text}, {nothing} FROM grp
        UNION ALL SELECT 'o', COUNT(*), COALESCE({reached}, 0), COALESCE({doors}, 0), MIN(again_at), 0, 0, {text}, {nothing} FROM line WHERE other = 1
        UNION ALL SELECT 'm', 0, 0, 0, 0, 0, 0, {text}, person FROM
            (SELECT person FROM line WHERE other = 1 AND state NOT IN ('reached', 'found') ORDER BY person LIMIT {missing}) v"""
    rows = _ask(desk, look, f"{head} UNION ALL {page.format(max(0, number - 1) * size)}")
    counts = next(dict(zip(kinds, map(int, r[1:7]), strict=True)) for r in rows if r[0] == "n")
    last = max(1, -(-counts.get(wanted, 0) // size))
    if wanted in counts and not 1 <= number <= last:
        number = last
        rows = [r for r in rows if r[0] != "p"] + _ask(desk, look, page.format((last - 1) * size))
    groups: dict[tuple[int, str], list[bytes]] = {}
    for r in sorted((r for r in rows if r[0] == "p"), key=lambda r: r[1]):
        groups.setdefault((r[1], r[7]), []).append(bytes(r[8]))
    of = next(r for r in rows if r[0] == "o")
    rest = Rest(
        int(of[1]), int(of[2]), int(of[3]), Instant(of[4]) if of[4] is not None else None, sorted(bytes(r[8]) for r in rows if r[0] == "m")
    )
    return Counted(counts, [(key, people) for (_n, key), people in groups.items()], number, rest)


def beside(desk: Desk, look: Looking, person: bytes) -> list[bytes]:
    """Everyone who is reached by the same number as a person; nobody where the person is not on the desk."""
    who = f"SELECT 'p', 0, 0, 0, 0, 0, 0, CAST(NULL AS text), person FROM line WHERE key IN (SELECT key FROM line WHERE person = {_id(person)})"
    return [bytes(r[8]) for r in _ask(desk, look, who) if r[0] == "p"]


class Waiting(NamedTuple):
    """A number that waits: whose call it is, and everyone of it who is to be phoned, with where they stay."""

    key: str
    caller: bytes | None
    people: list[tuple[bytes, str | None]]


_STAYING = """SELECT l.key, l.person, MAX(s.area) AS area FROM line l LEFT JOIN {stay} s ON s.person = l.person AND s.here_from <= {now} AND s.here_until > {now}
    AND s.opened_seq <= {seq} AND s.void_seq > {seq} WHERE l.waits = 1 GROUP BY l.key, l.person"""


def _dealable(look: Looking, reach: Collection[str] | None) -> str:
    """Waiting numbers all of whose people the viewer deals; ``reach`` None: wherever they stay."""
    if reach is None:
        return "SELECT key, caller, waits, place, again, since FROM grp WHERE waits = 1"
    there = _STAYING.format(stay=_table(Stay), now=int(look.about), seq=look.seq)
    codes = ", ".join(f"'{_text(c)}'" for c in sorted(reach)) or "''"
    return f"""SELECT key, caller, waits, place, again, since FROM grp WHERE waits = 1
        AND key NOT IN (SELECT key FROM ({there}) v WHERE area IS NOT NULL AND area NOT IN ({codes}))"""


def held(desk: Desk, look: Looking, reach: Collection[str] | None) -> tuple[dict[bytes | None, int], int]:
    """How many waiting numbers are whose, and how many people they are."""
    tail = f"""SELECT 'p', COUNT(*), SUM(people), 0, 0, 0, 0, CAST(NULL AS text), caller FROM
        (SELECT d.key, d.caller, COUNT(*) AS people FROM ({_dealable(look, reach)}) d JOIN line l ON l.key = d.key AND l.waits = 1
         GROUP BY d.key, d.caller) v GROUP BY caller"""
    rows = [r for r in _ask(desk, look, tail) if r[0] == "p"]
    return {bytes(r[8]) if r[8] is not None else None: int(r[1]) for r in rows}, sum(int(r[2]) for r in rows)


def waiting(desk: Desk, look: Looking, reach: Collection[str] | None, most: int) -> list[Waiting]:
    """The first so many waiting numbers, in their order, with whom they reach."""
    now = int(look.about)
    there = _STAYING.format(stay=_table(Stay), now=now, seq=look.seq)
    keys = (
        f"SELECT key, caller, ROW_NUMBER() OVER (ORDER BY {_order(now)}) AS nth FROM ({_dealable(look, reach)}) d ORDER BY nth LIMIT {most}"
    )
    tail = f"""SELECT 'p', nth, 0, 0, 0, 0, 0, whole, person FROM (SELECT k.nth, k.key || '|' || COALESCE(t.area, '') AS whole, t.person
        FROM ({keys}) k JOIN ({there}) t ON t.key = k.key) v
        UNION ALL SELECT 'c', nth, 0, 0, 0, 0, 0, key, caller FROM ({keys}) k"""
    rows = _ask(desk, look, tail)
    found = {
        int(r[1]): Waiting(r[7], bytes(r[8]) if r[8] is not None else None, [])
        for r in sorted((r for r in rows if r[0] == "c"), key=lambda r: r[1])
    }
    for r in sorted((r for r in rows if r[0] == "p"), key=lambda r: (r[1], bytes(r[8]))):
        found[int(r[1])].people.append((bytes(r[8]), r[7].rsplit("|", 1)[1] or None))
    return list(found.values())
