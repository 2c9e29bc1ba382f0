"""Rings from tables: visits and the windows of cases to candidates, in DuckDB. Gives what `memory` gives, of millions of visits; changes no table.

The edition's rule is part of the query. Rooms, tables, rows and carriages become spaces that a case reached, and only visits to those are
looked at, so that a hub of 50,000 people costs what its one table costs. Where an edition counts everybody at a place, everybody is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from bulou.basis.time import FOREVER
from bulou.questions.exposure import BEHIND, RINGS, Candidate, Case, Exposure, Id, Way, window


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of a DuckDB connection, by these names, with one id for whoever and whatever was found to be one. Instants are microseconds UTC.

    ``visit`` (person, place, space, start, stop, crew, assumed) · ``visit_by_person`` (the same, from a copy sorted so where there is one) ·
    ``seat`` (place, space, carriage, row) · ``place_kind`` (place, kind) ·
    ``household`` (person, household) · ``meeting`` (a, b, setting, start, stop) · ``isolated`` (person, held) · ``lower_risk`` (person) ·
     ``same_person`` (id, one).
    """

    con: duckdb.DuckDBPyConnection
    #: SQL types of people and of places.
    person: str
    place: str
    #: Whether any visit is of somebody who works in a vehicle; whether the space of any is unknown.
    crew: bool
    bare: bool
    #: It is known that nobody is in two places, or twice in one, at once: then minutes need no second look.
    disjoint: bool = False
    #: Whether anybody was found to be somebody else, any meeting was told, any household is known.
    merged: bool = True
    meeting: bool = True
    household: bool = True


class Unplaced(NamedTuple):
    """People who were at a place at the same time as a case, where a space is asked for and theirs or the case's is not known: to be asked."""

    case: str
    place: Id
    people: int


class Found:
    """The answer, in tables of the connection it was asked of, until that is asked again: ``exposure``, and what is made of it when it is asked for."""

    def __init__(self, tables: Tables, by: Sequence[Way], first: str) -> None:
        self.tables, self.con, self.by = tables, tables.con, by
        #: How the tables of the first ring's question end.
        self._first = first
        self._chosen = False

    def _choose(self) -> None:
        """Makes the table ``candidate``, once."""
        if not self._chosen:
            _candidates(self.con)
            self._chosen = True

    def candidates(self) -> list[Candidate]:
        """Each person once for each case, in the strictest ring, with the exposure that controls."""
        self._choose()
        rows = self.con.execute(
            "SELECT of_case, person, ring, way, via, place, first, last, together, assumed, exposures FROM candidate"
        ).fetchall()
        return [Candidate(r[0], r[1], r[2], Exposure(r[0], r[1], *r[3:10]), r[10]) for r in rows]

    def exposures(self) -> list[Exposure]:
        """All of them, those of weaker rings as well."""
        rows = self.con.execute("SELECT of_case, person, way, via, place, first, last, together, assumed FROM exposure").fetchall()
        return [Exposure(*r) for r in rows]

    def unplaced(self) -> list[Unplaced]:
        """How many people, by case and place, nobody can tell near from far for want of a space."""
        if not self.tables.bare:
            return []
        rows = self.con.execute(f"""SELECT a.of_case, y.place, count(DISTINCT o.person) people
            FROM stay{self._first} y JOIN asked{self._first} a USING (ask) JOIN visit o ON o.place = y.place AND o.start < y.e AND o.stop > y.s
            WHERE y.shares IN ('space', 'rows', 'carriage') AND (y.space IS NULL OR o.space IS NULL)
            AND o.person <> y.person AND o.person <> y.own GROUP BY ALL ORDER BY ALL""")
        return [Unplaced(*r) for r in rows.fetchall()]

    def silent(self) -> list[str]:
        """Cases of whom no visit lies in any window, or that have none: nobody was found at any place, because nobody knows where they were."""
        rows = self.con.execute(f"""SELECT of_case::VARCHAR of_case FROM told_case EXCEPT SELECT a.of_case::VARCHAR FROM asked{self._first} a
            JOIN mine{self._first} v ON v.person = a.person AND v.start < a.until AND v.stop > a.start ORDER BY 1""")
        return [r[0] for r in rows.fetchall()]

    def kindless(self) -> list[Id]:
        """Places that a case visited and whose kind nobody told: no edition asks anything there."""
        rows = self.con.execute(f"SELECT DISTINCT place FROM mine{self._first} WHERE kind IS NULL ORDER BY 1")
        return [r[0] for r in rows.fetchall()]

    def counted(self) -> dict[str, int]:
        """How many people are in each ring; nobody is in two."""
        self._choose()
        return dict(self.con.execute("SELECT ring, count(DISTINCT person) FROM candidate GROUP BY ring, rank ORDER BY rank").fetchall())

    def write(
        self, to: str, zone: ZoneInfo, why: Mapping[int, str], words: tuple[str, str, str, str], only: Sequence[str] = RINGS, *, everything: bool = False
    ) -> int:  # fmt: skip
        """The answer as a file of CSV or Parquet, by case and ring, the longest exposure first; how many rows it has.

        Columns: case, person, ring, place, first, last (local times; empty: not yet ended), minutes (two decimals, cut), why. ``why``: a sentence
        for each way; ``words``: behind whom, an assumed end, how many more exposures, a case as well. ``only`` these rings; ``everything``: all
        exposures, not one a person.
        """
        self._choose()
        _load(self.con, "sentence", ("way", "said"), list(why.items()))
        behind, assumed, more, also = (quoted(w) for w in words)
        rows = "candidate" if not everything else "(SELECT e.*, w.ring, w.rank, 1 exposures FROM exposure e JOIN way w USING (way))"
        time = f"CASE WHEN {{0}} BETWEEN {-(2**61)} AND {2**61} THEN strftime(timezone({quoted(zone.key)}, make_timestamptz({{0}})), '%Y-%m-%d %H:%M:%S') END"
        told = f"""SELECT c.of_case AS "case", c.person, c.ring, c.place, {time.format("c.first")} AS first, {time.format("c.last")} AS last,
            floor(c.together / 600000) / 100 AS minutes, s.said || coalesce({behind} || c.via::VARCHAR, '') || CASE WHEN c.assumed THEN {assumed} ELSE '' END
            || CASE WHEN c.exposures > 1 THEN {more} || (c.exposures - 1) ELSE '' END || coalesce({also} || o.cases, '') why
            FROM {rows} c JOIN sentence s USING (way) LEFT JOIN (SELECT own, string_agg(of_case, ' ' ORDER BY of_case) cases FROM own GROUP BY own) o
            ON o.own = c.person WHERE c.ring IN ({", ".join(map(quoted, only))}) ORDER BY c.of_case, c.rank, c.together DESC NULLS FIRST, c.person, c.way, c.place"""
        form = (
            "FORMAT parquet"
            if to.lower().endswith(".parquet")
            else f"FORMAT csv, HEADER, DELIMITER '{chr(9) if to.lower().endswith('.tsv') else ','}'"
        )
        return int(self.con.execute(f"COPY ({told}) TO {quoted(to)} ({form})").fetchall()[0][0])


def quoted(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


def find(tables: Tables, cases: Sequence[Case], by: Sequence[Way], zone: ZoneInfo) -> Found:
    """Whoever is in a ring of these cases, one case or a thousand. A case needs an anchor or a beginning."""
    con = tables.con
    # what nobody told is not asked: half the ways of an edition are meetings
    by = [w for w in by if {"meeting": tables.meeting, "household": tables.household}.get(w.shares, True)]
    _ways(con, by)
    first = [w for c in cases for way in by if way.ring != BEHIND and (w := window(c, way, zone)).start < w.until]
    _load(
        con,
        "told_window",
        ("of_case", "person", "way", "start", "until"),
        [(w.case, str(w.person), w.way, w.start, w.until) for w in first],
    )
    one = f"""LATERAL (SELECT coalesce(s.one, t.person::{tables.person}) who FROM (SELECT 1)
        LEFT JOIN same_person s ON s.id = t.person::{tables.person}) p"""
    if not tables.merged:
        one = f"LATERAL (SELECT t.person::{tables.person} who) p"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE asked AS SELECT row_number() OVER () ask, t.of_case, p.who own, p.who person, NULL::{tables.person} via,
        t.way::INTEGER way, t.start::BIGINT start, t.until::BIGINT until FROM told_window t, {one}""")
    con.execute("CREATE OR REPLACE TEMP TABLE own AS SELECT DISTINCT of_case, own FROM asked")
    _load(con, "told_case", ("of_case",), [(c.case,) for c in cases])
    _step(tables, "exposed_first")
    con.execute("CREATE OR REPLACE TEMP VIEW exposure AS SELECT * FROM exposed_first")
    if any(w.ring == BEHIND for w in by):
        for name in ("asked", "mine", "stay"):  # what is told of the first ring is asked for later, if at all
            con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_first AS SELECT * FROM {name}")
        _second(tables, cases)
        con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT * FROM asked_behind")
        _step(tables, "exposed_second")
        con.execute("CREATE OR REPLACE TEMP VIEW exposure AS SELECT * FROM exposed_first UNION ALL SELECT * FROM exposed_second")
    return Found(tables, by, "_first" if any(w.ring == BEHIND for w in by) else "")


def _load(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A small table of the connection, from rows: whole numbers and texts."""
    types = ["BIGINT" if all(r[i] is None or isinstance(r[i], int) for r in rows) else "VARCHAR" for i in range(len(columns))]
    told = ", ".join(f"unnest(?::{t}[]) {c}" for c, t in zip(columns, types, strict=True))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {told}", [[r[i] for r in rows] for i in range(len(columns))])


def _ways(con: duckdb.DuckDBPyConnection, by: Sequence[Way]) -> None:
    _load(con, "way", ("way", "ring", "rank", "setting", "shares", "least", "rows", "crew", "lingers", "higher"), [
        (w.number, w.ring, RINGS.index(w.ring), w.setting, w.shares, w.least, w.rows, int(w.crew), w.lingers, int(w.higher)) for w in by
    ])  # fmt: skip
    _load(con, "way_kind", ("way", "kind"), [(w.number, k) for w in by for k in w.places])


def _second(tables: Tables, cases: Sequence[Case]) -> None:
    """The windows of the second ring: behind each close contact, from the first exposure until isolation."""
    con = tables.con
    _load(con, "told_until", ("person", "until"), [(str(c.person), c.until) for c in cases if c.until is not None])
    con.execute(f"""CREATE OR REPLACE TEMP TABLE asked_behind AS WITH
        held AS (SELECT coalesce(s.one, x.person) person, min(x.until) until FROM (
            SELECT person::{tables.person} person, until FROM told_until UNION ALL SELECT person, held FROM isolated
            ) x LEFT JOIN same_person s ON s.id = x.person GROUP BY 1),
        close AS (SELECT e.of_case, e.person, min(e.first) start FROM exposure e JOIN way w USING (way) WHERE w.ring = '{RINGS[0]}' GROUP BY ALL)
        SELECT row_number() OVER () ask, c.of_case, own.own, c.person, c.person via, w.way, c.start, coalesce(h.until, {FOREVER}) until
        FROM close c JOIN own USING (of_case) LEFT JOIN held h ON h.person = c.person, way w
        WHERE w.ring = '{BEHIND}' AND c.start < coalesce(h.until, {FOREVER})
        AND NOT (w.higher = 1 AND c.person IN (SELECT person FROM lower_risk))""")


#: What is known of a meeting of somebody asked for with somebody else: the two clipped to what they shared.
_PAIR = """SELECT {t}.ask, o.person, o.place, greatest({t}.s, o.start) b, least({t}.e, o.stop) e, {t}.assumed OR o.assumed assumed
    FROM {of} {t} JOIN {visits} o ON o.place = {t}.place AND o.start < {t}.e AND o.stop > {t}.s {on}
    WHERE o.person <> {t}.person AND o.person <> {t}.own AND greatest({t}.s, o.start) < least({t}.e, o.stop)"""


def _step(tables: Tables, into: str) -> None:
    """The exposures of everything in ``asked``, as a table of this name."""
    con = tables.con
    con.execute("""CREATE OR REPLACE TEMP TABLE mine AS SELECT v.*, k.kind FROM visit_by_person v
        JOIN (SELECT person, min(start) low, max(until) high FROM asked GROUP BY person) p ON v.person = p.person AND v.start < p.high AND v.stop > p.low
        LEFT JOIN place_kind k ON k.place = v.place""")
    con.execute("""CREATE OR REPLACE TEMP TABLE stay AS
        SELECT a.ask, a.person, a.own, w.shares, w.rows, w.crew = 1 with_crew, v.place, v.space, v.crew, v.assumed,
            greatest(v.start, a.start) s, least(v.stop, a.until) + w.lingers e
        FROM mine v JOIN way_kind k ON k.kind = v.kind JOIN asked a ON a.person = v.person AND a.way = k.way AND v.start < a.until AND v.stop > a.start
        JOIN way w ON w.way = a.way""")
    con.execute("""CREATE OR REPLACE TEMP TABLE reached AS SELECT DISTINCT * FROM (
        SELECT ask, person, own, place, space, s, e, assumed FROM stay WHERE shares = 'space' AND space IS NOT NULL
        UNION ALL SELECT y.ask, y.person, y.own, y.place, b.space, y.s, y.e, y.assumed FROM stay y
        JOIN seat a ON a.place = y.place AND a.space = y.space
        JOIN seat b ON b.place = y.place AND (CASE y.shares WHEN 'carriage' THEN b.carriage = a.carriage
            ELSE b.carriage IS NOT DISTINCT FROM a.carriage AND b.row BETWEEN a.row - y.rows AND a.row + y.rows END)
        WHERE y.shares IN ('rows', 'carriage'))""")
    # Two steps, the first by one column alone: five times faster than a join by both, and what it found is small.
    con.execute("CREATE OR REPLACE TEMP TABLE there AS SELECT * FROM visit WHERE space IN (SELECT space FROM reached)")
    pairs = [_PAIR.format(t="r", of="reached", visits="there", on="AND o.space = r.space")]
    if con.execute("SELECT count(*) FROM stay WHERE shares = 'place' OR (with_crew AND crew)").fetchall()[0][0]:
        pairs.append(_PAIR.format(t="y", of="(SELECT * FROM stay WHERE shares = 'place' OR (with_crew AND crew))", visits="visit", on=""))
    if tables.crew:
        pairs.append(
            _PAIR.format(
                t="y", of="(SELECT * FROM stay WHERE with_crew AND NOT crew AND shares <> 'place')", visits="visit", on="AND o.crew"
            )
        )
    if tables.meeting:
        pairs.append("""SELECT a.ask, m.other, NULL, greatest(m.start, a.start), least(m.stop, a.until), false FROM asked a JOIN way w USING (way)
        JOIN (SELECT a who, b other, setting, start, stop FROM meeting UNION ALL SELECT b, a, setting, start, stop FROM meeting) m
        ON m.who = a.person AND m.setting = w.setting WHERE w.shares = 'meeting' AND m.other <> a.person AND m.other <> a.own
        AND greatest(m.start, a.start) < least(m.stop, a.until)""")
    homes = """UNION ALL SELECT DISTINCT a.of_case, h.person, a.way, a.via, NULL, a.start, a.until, NULL, false
        FROM asked a JOIN way w USING (way) JOIN household m ON m.person = a.person JOIN household h ON h.household = m.household
        WHERE w.shares = 'household' AND h.person <> a.person AND h.person <> a.own"""
    con.execute(f"""CREATE OR REPLACE TEMP TABLE {into} AS
        SELECT a.of_case, p.person, a.way, a.via, p.place, p.first, p.last, p.together, p.assumed FROM (
            SELECT ask, person, place, min(b) first, max(e) last, sum(adds)::BIGINT together, bool_or(assumed) assumed
            FROM (SELECT *, {_adds(tables)} adds FROM ({" UNION ALL ".join(pairs)}))
            GROUP BY ask, person, place) p JOIN asked a USING (ask) JOIN way w ON w.way = a.way WHERE p.together >= w.least {homes if tables.household else ""}""")


def _adds(tables: Tables) -> str:
    """What a row of a meeting adds to the time together: each moment once, however many rows tell it.

    Where nobody is twice anywhere that is all of it; else what lies beyond all that began before it.
    """
    if tables.disjoint and not tables.crew and not tables.meeting:
        again = """SELECT count(*) FROM (SELECT s < max(e) OVER (PARTITION BY ask, place ORDER BY s, e ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            again FROM stay) WHERE again"""  # air that lingers until the case is there again
        if not tables.con.execute(again).fetchall()[0][0]:
            return "e - b"
    return """greatest(0, e - greatest(b, coalesce(max(e) OVER (PARTITION BY ask, person, place ORDER BY b, e
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), b)))"""


def _candidates(con: duckdb.DuckDBPyConnection) -> None:
    """The same as `exposure.candidates`."""
    con.execute("""CREATE OR REPLACE TEMP TABLE candidate AS WITH
        ranked AS (SELECT e.*, w.ring, w.rank FROM exposure e JOIN way w USING (way)),
        best AS (SELECT person, min(rank) best FROM ranked GROUP BY person)
        SELECT of_case, person, ring, rank, way, via, place, first, last, together, assumed, exposures FROM (
            SELECT r.*, count(*) OVER (PARTITION BY r.of_case, r.person) exposures, row_number() OVER (PARTITION BY r.of_case, r.person
                ORDER BY r.last DESC, coalesce(r.together, 0) DESC, r.way, r.via NULLS FIRST, r.place NULLS FIRST) nth
            FROM ranked r JOIN best b ON b.person = r.person WHERE r.rank = b.best)
        WHERE nth = 1""")
