"""Several incidents in plain values: everyone once, whoever is in two shown in both, and what speaks for joining."""

from __future__ import annotations

import pytest

from bulou.gaps import incidents
from bulou.gaps.incidents import Alike, Met, Near, counted, proposed

A, B, C = b"a", b"b", b"c"
PEOPLE = {A: {b"1", b"2", b"3"}, B: {b"3", b"4"}, C: {b"5"}}


def test_whoever_is_in_two_is_counted_once_in_the_total_and_shown_in_both() -> None:
    found = counted(PEOPLE)
    assert dict(found.own) == {A: 3, B: 2, C: 1} and dict(found.shared) == {A: 1, B: 1, C: 0}
    assert found.total == 5 < sum(found.own.values())
    assert counted({}).total == 0


def test_a_total_that_adds_up_the_parts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the sum of the incidents as their total."""
    right = incidents.counted
    monkeypatch.setattr("tests.unit.test_incidents.counted", lambda people: (c := right(people))._replace(total=sum(c.own.values())))
    with pytest.raises(AssertionError):
        test_whoever_is_in_two_is_counted_once_in_the_total_and_shown_in_both()


def test_a_shared_person_and_a_link_to_a_case_of_the_other_speak_for_joining() -> None:
    cases = {A: {b"1"}, B: {b"4"}, C: {b"5"}}
    found = proposed(PEOPLE, cases, [Met(A, b"2", b"5"), Met(A, b"3", b"1"), Met(B, b"9", b"8")])
    assert [(p.one, p.other, p.shared, p.links) for p in found] == [(A, B, {b"3"}, frozenset()), (A, C, frozenset(), {(b"2", b"5")})]


def test_sequences_speak_between_two_incidents_and_a_lineage_alone_speaks_last() -> None:
    people = {A: {b"1", b"2"}, B: {b"3"}, C: {b"4"}}
    near = [Near(b"1", b"3", 1), Near(b"1", b"2", 0), Near(b"2", b"3", 2)]
    found = proposed(people, people, [], Alike(near, {b"1": "B.1", b"2": "B.1", b"4": "B.1", b"3": "C.37"}))
    assert [(p.one, p.other, p.near, p.lines) for p in found] == [(A, B, (near[0], near[2]), frozenset()), (A, C, (), {"B.1"})]


def test_a_link_within_one_incident_proposes_nothing() -> None:
    assert proposed({A: {b"1", b"2"}, B: {b"4"}}, {A: {b"1"}, B: {b"4"}}, [Met(A, b"2", b"1")]) == []
    assert proposed({A: {b"1"}, B: {b"4"}}, {A: {b"1"}, B: {b"4"}}, [Met(A, b"9", b"7")]) == []


def test_many_incidents_are_not_asked_in_pairs() -> None:
    """Two thousand incidents with one person and one link each: what they share is walked once, and the same pairs come out."""

    class Once(list[Met]):
        walked = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            self.walked += 1
            return super().__iter__()

    ids = [n.to_bytes(2, "big") for n in range(2_000)]
    people = {i: {b"p" + i} for i in ids} | {ids[3]: {b"p" + ids[5]}}
    named = Once([Met(ids[7], b"x", b"p" + ids[9])])
    found = proposed(people, people, named)
    assert {(p.one, p.other) for p in found} == {(ids[3], ids[5]), (ids[7], ids[9])} and named.walked == 1
