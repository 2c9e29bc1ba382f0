"""Rings of tables are those of the plain definition, and the definition says what is meant; engines with one bug each are caught."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType

import duckdb
import pytest

from bulou.basis.time import MINUTE, SECOND
from bulou.questions import memory, rings, visits
from bulou.questions.exposure import Candidate, Case, Way, merged
from bulou.questions.memory import Asked, Meeting, Visit
from tests.questions.towns import KINDS, WAYS, ZONE, at, town

#: A town is hundreds of meetings, and each is asked of two engines: a quarter of the histories that a rule gets.
TOWNS = max(60, int(os.environ.get("BULOU_HISTORIES", "60")) // 4)
Engine = Callable[[Asked, Sequence[Case], Sequence[Way]], tuple[set[object], set[object]]]


def plain(asked: Asked, cases: Sequence[Case], by: Sequence[Way]) -> tuple[set[object], set[object]]:
    """The definition: candidates and exposures."""
    found = memory.exposures(asked, cases, by, ZONE)
    assert len(set(found)) == len(found)
    return set(memory.rings(asked, cases, by, ZONE)), set(found)


@cache
def defined_of(seed: int) -> tuple[set[object], set[object]]:
    """What the definition says of a town: the same for every bug."""
    return plain(*town(seed), WAYS)


def of(module: ModuleType) -> Engine:
    """The engine of tables in this module, ours or one with a bug."""

    def run(asked: Asked, cases: Sequence[Case], by: Sequence[Way]) -> tuple[set[object], set[object]]:
        con = duckdb.connect()
        con.execute("SET threads = 1")
        found = module.find(visits.of_lists(con, asked, ZONE), cases, by, ZONE)
        return set(found.candidates()), set(found.exposures())

    return run


def test_tables_give_what_the_definition_gives() -> None:
    some = 0
    engine = of(rings)
    for seed in range(TOWNS):
        asked, cases = town(seed)
        defined = defined_of(seed)
        assert engine(asked, cases, WAYS) == defined, f"town({seed})"
        some += len(defined[0])
    assert some > TOWNS  # towns in which nobody meets would agree about anything


def test_where_nobody_is_twice_anywhere_the_short_way_gives_the_same() -> None:
    back = [work(1, "11:00", "11:10", 11, 5), work(1, "11:15", "11:30", 11, 5), work(2, "11:00", "12:00", 11, 5)]  # before the air is clear
    for seed in range(-1, TOWNS):
        asked, cases = town(seed) if seed >= 0 else (Asked(back, KINDS), [CASE])
        alone: list[memory.Stay] = []
        for s in memory.stays(asked.visits, ZONE):
            if not s.visit.crew and all(
                s.visit.person != o.visit.person or s.stop <= o.visit.start or o.stop <= s.visit.start for o in alone
            ):
                alone.append(s)
        asked = Asked([s.visit._replace(stop=s.stop) for s in alone], asked.kinds, asked.households, (), asked.isolated, risk=asked.risk)
        con = duckdb.connect()
        tables = replace(visits.of_lists(con, asked, ZONE), disjoint=True)
        found = rings.find(tables, cases, WAYS, ZONE)
        assert (set(found.candidates()), set(found.exposures())) == plain(asked, cases, WAYS), f"town({seed})"


#: Bugs: what is written, and what stands there instead.
PLANTED = {
    "more than the minutes": ("p.together >= w.least", "p.together > w.least"),
    "the first exposure controls": ("ORDER BY r.last DESC", "ORDER BY r.first"),
    "one person in two rings": ("WHERE r.rank = b.best)", ")"),
    "split stays do not add up": ("sum(adds)::BIGINT together", "max(adds)::BIGINT together"),
    "time that two rows tell counts twice": ("greatest(0, e - greatest(b, coalesce(max(e)", "greatest(0, e - greatest(b, 0 * coalesce(max(e)"),
    "any space of the place": ('on="AND o.space = r.space"', 'on=""'),
    "other places": ("ON o.place = {t}.place AND o.start", "ON o.start"),
    "rows of any carriage": ("b.carriage IS NOT DISTINCT FROM a.carriage AND b.row", "b.row"),
    "rows before only": ("BETWEEN a.row - y.rows AND a.row + y.rows", "BETWEEN a.row - y.rows AND a.row"),
    "no crew": ("if tables.crew:", "if False:"),
    "a case that is crew meets nobody": ("shares = 'place' OR (with_crew AND crew)", "shares = 'place'"),
    "the air does not linger": ("least(v.stop, a.until) + w.lingers e", "least(v.stop, a.until) e"),
    "isolation ends nothing": ("least(v.stop, a.until) + w.lingers e", "v.stop + w.lingers e"),
    "no beginning": ("greatest(v.start, a.start) s", "v.start s"),
    "cases are their own contacts' contacts": ("WHERE o.person <> {t}.person AND o.person <> {t}.own", "WHERE o.person <> {t}.person"),
    "a second ring from the first visit on": ("w.way, c.start, coalesce(h.until", "w.way, 0::BIGINT start, coalesce(h.until"),
    "a second ring after isolation": ("min(x.until) until FROM (", "NULL::BIGINT until FROM ("),
    "a contact who is a case is never isolated": ("UNION ALL SELECT person, held FROM isolated", "WHERE false UNION ALL SELECT person, held FROM isolated"),
    "lower risk is asked like higher": ("AND NOT (w.higher = 1 AND c.person IN", "AND NOT (false AND c.person IN"),
    "nothing behind lower risk, whatever the edition says": ("AND NOT (w.higher = 1 AND c.person IN", "AND NOT (c.person IN"),
    "meetings of one side": ("UNION ALL SELECT b, a, setting, start, stop FROM meeting", ""),
    "meetings in any setting": ("ON m.who = a.person AND m.setting = w.setting", "ON m.who = a.person"),
    "merged people stay two": ("coalesce(s.one, t.person::{tables.person}) who", "t.person::{tables.person} who"),
    "assumed ends are not marked": ("{t}.assumed OR o.assumed assumed", "{t}.assumed assumed"),
    "a household across homes": ("ON h.household = m.household", "ON true"),
}  # fmt: skip


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(bug: str) -> None:
    old, new = PLANTED[bug]
    text = inspect.getsource(rings)
    assert old in text
    wrong = ModuleType("wrong")
    exec(compile(text.replace(old, new), "wrong", "exec", dont_inherit=True), wrong.__dict__)  # the source of our own module, with one bug
    engine = of(wrong)
    for seed in range(400):
        asked, cases = town(seed)
        if engine(asked, cases, WAYS) != defined_of(seed):
            return
    pytest.fail("400 towns did not tell")


# --- what is meant ------------------------------------------------------------------------------------------------------
def ring(asked: Asked, *cases: Case, by: Sequence[Way] = WAYS) -> dict[tuple[str, object], Candidate]:
    """Candidates by case and person, as both engines say them."""
    defined = plain(asked, cases, by)
    assert of(rings)(asked, cases, by) == defined
    return {(c.case, c.person): c for c in memory.rings(asked, cases, by, ZONE)}


def work(person: int, start: str, stop: str | None, space: int | None = 11, place: int = 2) -> Visit:
    return Visit(person, place, at(start), None if stop is None else at(stop), space)


CASE = Case("A", 1, at("12:00"))
#: Those behind close contacts left out, where they would hide what a test is about.
FIRST = [w for w in WAYS if w.ring != "secondary"]


def test_exactly_the_minutes_counts_and_one_second_less_does_not() -> None:
    met = [work(1, "10:00", "11:00"), work(2, "10:45", "11:30"), work(3, "10:45:01", "11:30")]
    found = ring(Asked(met, KINDS), CASE, by=FIRST)
    assert found["A", 2].ring == "close"
    assert found["A", 2].exposure.together == 15 * MINUTE
    assert found["A", 3].ring == "general"  # somebody at the place, no close contact
    assert found["A", 3].exposure.together == 15 * MINUTE - SECOND


def test_split_stays_add_up_and_what_two_rows_tell_counts_once() -> None:
    split = [
        work(1, "10:00", "12:00"),
        work(2, "10:00", "10:08"),
        work(2, "11:00", "11:07"),
        work(3, "10:00", "10:08"),
        work(3, "10:00", "10:08"),
    ]
    found = ring(Asked(split, KINDS), CASE)
    assert found["A", 2].ring == "close"
    assert found["A", 2].exposure[5:8] == (at("10:00"), at("11:07"), 15 * MINUTE)
    assert found["A", 3].ring == "general"


def test_over_midnight_and_from_the_first_hour_of_the_window() -> None:
    night = [
        work(1, "2020-12-05 23:50", "2020-12-06 00:20"),
        work(2, "2020-12-05 23:50", "2020-12-06 00:15"),
        work(3, "2020-12-05 23:50", "2020-12-06 00:14:59"),
    ]
    found = ring(Asked(night, KINDS), CASE)  # look_back = 1: from 00:00 of 6 December
    assert found["A", 2].ring == "close"
    assert found["A", 3].ring == "general"
    late = [work(1, "23:50", "2020-12-08 00:10"), work(2, "23:55", "2020-12-08 00:10")]
    assert ring(Asked(late, KINDS), CASE)["A", 2].exposure.together == 15 * MINUTE


def test_a_visit_without_an_end_lasts_until_the_next_or_the_end_of_the_day_and_says_so() -> None:
    open_ = [
        work(1, "10:00", "12:00"),
        work(2, "11:00", None),
        work(2, "11:20", "11:30", 11, 7),
        work(3, "11:00", None),
        work(4, "11:00", None),
        work(4, "11:14", None, 12),
    ]
    found = ring(Asked(open_, KINDS), CASE)
    assert found["A", 2].exposure[5:] == (at("11:00"), at("11:20"), 20 * MINUTE, True)
    assert found["A", 3].exposure.together == 60 * MINUTE
    assert found["A", 4].ring == "general"
    alone = [work(1, "23:00", None), work(2, "23:30", "2020-12-08 02:00")]
    assert ring(Asked(alone, KINDS), CASE)["A", 2].exposure[6:] == (at("24:00"), 30 * MINUTE, True)


def test_another_space_an_unknown_space_and_an_unknown_kind_of_place() -> None:
    met = [
        work(1, "10:00", "11:00"),
        work(2, "10:00", "11:00", 12),
        work(3, "10:00", "11:00", None),
        work(1, "09:00", "09:30", 1, 99),
        work(4, "09:00", "09:30", 1, 99),
    ]
    found = ring(Asked(met, KINDS), CASE)
    assert found["A", 2].ring == found["A", 3].ring == "general"
    assert ("A", 4) not in found
    con = duckdb.connect()
    assert rings.find(visits.of_lists(con, Asked(met, KINDS), ZONE), [CASE], WAYS, ZONE).unplaced() == [("A", 2, 1)]


def test_rows_crew_and_carriages() -> None:
    def seat(person: int, carriage: str, row: int | None, crew: bool = False, place: int = 3) -> Visit:
        return Visit(person, place, at("10:00"), at("10:05"), f"{carriage}/{row}", carriage, row, crew)

    bus = [seat(1, "1", 5), seat(2, "1", 4), seat(3, "1", 6), seat(4, "1", 7), seat(5, "2", 5), seat(6, "1", None, True)]
    found = ring(Asked(bus, KINDS), CASE)
    assert {p for (_, p), c in found.items() if c.ring == "close"} == {2, 3, 6}
    assert {p for (_, p), c in found.items() if c.ring == "general"} == {4, 5}
    crew = [seat(1, "1", None, True), seat(2, "1", 1), seat(3, "1", 9)]
    assert {c.ring for c in ring(Asked(crew, KINDS), CASE).values()} == {"close"}
    train = [seat(1, "1", 5, place=4), seat(2, "1", 90, place=4), seat(3, "2", 5, place=4)]
    assert [ring(Asked(train, KINDS), CASE)["A", p].ring for p in (2, 3)] == ["close", "general"]


def test_a_told_space_with_many_rows_puts_nobody_into_everybodys_row() -> None:
    """The seat is the space: a bus that is one told space and has rows is asked by its rows, in tables as in the definition."""
    bus = [Visit(person, 3, at("10:00"), at("10:05"), "T1", "1", row) for person, row in ((1, 3), (2, 4), (3, 20))]
    found = ring(Asked(bus, KINDS), CASE)
    assert [found["A", p].ring for p in (2, 3)] == ["close", "general"]
    assert of(rings)(Asked(bus, KINDS), [CASE], WAYS) == plain(Asked(bus, KINDS), [CASE], WAYS)


def test_a_household_whether_or_not_anyone_saw_them() -> None:
    found = ring(Asked((), KINDS, [(1, 70), (2, 70), (3, 70), (3, 71), (4, 71)]), Case("A", 1, at("12:00"), until=at("18:00")))
    assert found["A", 2].exposure[4:8] == (None, at("2020-12-06 00:00"), at("18:00"), None)
    assert found["A", 3].ring == "close"
    assert found["A", 4].ring == "secondary"
    assert found["A", 4].exposure.via == 3


def test_the_second_ring_lies_between_first_exposure_and_isolation() -> None:
    met = [work(1, "10:00", "10:15"), work(2, "09:00", "11:00"), work(3, "09:30", "10:00", 11, 7), work(2, "11:00", "13:00", 11, 7), work(4, "11:30", "12:00", 11, 7),
           work(5, "12:30", "13:00", 11, 7), work(1, "11:00", "11:01", 12, 7)]  # fmt: skip
    found = ring(Asked(met, KINDS, isolated={2: at("12:44:59")}), CASE)
    assert found["A", 2].ring == "close"
    assert found["A", 4].ring == "secondary"
    assert ("A", 3) not in found  # before the contact was exposed
    assert ("A", 5) not in found  # 14 min 59 s before isolation
    assert ("A", 1) not in found  # the case is no contact of its own contact
    assert ring(Asked(met, KINDS, isolated={2: at("12:45")}), CASE)["A", 5].ring == "secondary"


def test_ring_one_outranks_ring_two_and_exposures_stay() -> None:
    met = [work(1, "10:00", "10:30"), work(2, "10:00", "12:00"), work(3, "10:10", "12:00")]
    found = ring(Asked(met, KINDS), CASE)
    assert {c.ring for c in found.values()} == {"close"}
    assert len(found) == 2
    everything = memory.exposures(Asked(met, KINDS), [CASE], WAYS, ZONE)
    assert any(e.person == 3 and e.via == 2 for e in everything)


def test_the_last_exposure_controls_and_the_others_are_counted() -> None:
    met = [work(1, "08:00", "09:00"), work(2, "08:00", "09:00"), work(1, "10:00", "10:20", 11, 7), work(2, "10:00", "10:20", 11, 7)]
    found = ring(Asked(met, KINDS), CASE)["A", 2]
    assert (found.exposure.place, found.exposures) == (7, 2)


def test_merged_people_and_places_are_one() -> None:
    met = [work(1, "10:00", "10:30"), work(2, "10:00", "10:10", 11), work(8, "10:05", "10:15", 11, 7)]
    found = ring(Asked(met, KINDS, same_people=[(8, 2)], same_places=[(7, 2)]), CASE)
    assert found["A", 2].exposure.together == 15 * MINUTE
    assert ring(Asked(met, KINDS, same_people=[(8, 2), (1, 2)], same_places=[(7, 2)]), CASE) == {}
    assert merged([(3, 2), (5, 4), (4, 3), (9, 9)]) == {3: 2, 4: 2, 5: 2}


def test_meetings_that_were_told() -> None:
    told = [
        Meeting(2, 1, "care", at("10:00"), at("10:01")),
        Meeting(1, 2, "care", at("10:30"), at("10:31")),
        Meeting(1, 3, "care", at("10:00"), at("10:01:59")),
    ]
    found = ring(Asked((), KINDS, meetings=told), CASE)
    assert set(found) == {("A", 2)}
    assert found["A", 2].exposure.place is None


def test_the_air_lingers_and_the_window_has_two_ends() -> None:
    behind = "2020-12-08 00:10", "2020-12-08 01:00"
    meal = [work(1, "11:00", "11:30", 11, 5), work(2, "11:39:59", "12:00", 11, 5), work(3, "11:40", "12:00", 11, 5),
            work(1, *behind, 11, 5), work(4, *behind, 11, 5)]  # fmt: skip
    found = ring(Asked(meal, KINDS), CASE, by=FIRST)
    assert found["A", 2].ring == "close"
    assert ("A", 3) not in found
    assert found["A", 4].ring == "co_exposed"  # look_ahead = 0: 8 December lies behind the window of close contacts
    early = Case("A", 1, at("2020-12-08"), last_negative=at("11:45"))
    assert ("A", 2) not in {k for k, c in ring(Asked(meal, KINDS), early, by=FIRST).items() if c.ring == "close"}


def test_a_hub_of_50_000_costs_what_its_one_table_costs() -> None:
    con = duckdb.connect()
    con.execute("""CREATE TABLE hub AS SELECT i person, 1 place, i // 4 space, 1607313600000000 + (i % 60) * 60000000 "from", 1607320800000000 "to"
        FROM range(50000) t(i) UNION ALL SELECT 100000 + i, 2, i // 4, 1607313600000000, 1607320800000000 FROM range(50000) t(i)""")
    source = visits._columns(con, "hub", visits.Path("hub"), ZONE)
    tables = visits.tables(con, source, visits.More([(1, "worksite"), (2, "worksite")]), ZONE)
    by = [w for w in WAYS if w.ring in ("close", "secondary")]
    found = rings.find(tables, [Case(str(p), p, at("12:00")) for p in range(0, 4000, 4)], by, ZONE)
    assert len(found.candidates()) == 3000
    assert con.execute("SELECT count(*) FROM reached").fetchall()[0][0] <= 3000  # rows looked at, not seconds
