"""What people said of records that may be one, on top of what was linked."""

from __future__ import annotations

import random

from bulou.identity.linking import Linked, Tie
from bulou.lists.comparing import Listed, compare, listed
from bulou.lists.decided import with_decisions

#: Five records of five people; three pairs are asked about.
APART = Linked([0, 1, 2, 3, 4], [], [Tie(0, 1, "name_only", None, ""), Tie(2, 3, "possible", 0.6, ""), Tie(1, 4, "siblings", 0.7, "")], [])


def test_one_person_joins_and_two_people_is_asked_no_more() -> None:
    found = with_decisions(APART, [(0, 1, True), (2, 3, False)])
    assert found.person == [0, 0, 1, 2, 3]
    assert [(t.a, t.b, t.why) for t in found.ties] == [(0, 1, "decided")]
    assert [(t.a, t.b) for t in found.review] == [(1, 4)]


def test_of_contradicting_answers_two_people_holds() -> None:
    assert with_decisions(APART, [(0, 1, True), (0, 1, False)]).person == APART.person


def test_nothing_said_changes_nothing() -> None:
    assert with_decisions(APART, []) is APART


def test_the_order_of_answers_does_not_matter() -> None:
    said = [(0, 1, True), (1, 4, True), (2, 3, False)]
    first = with_decisions(APART, said)
    for seed in range(6):
        mixed = random.Random(seed).sample(said, len(said))
        assert with_decisions(APART, mixed).person == first.person == [0, 0, 1, 2, 0]


def lists() -> list[Listed]:
    return [listed("a", [2, 3], {"name": ["王秀英", "李强"]}), listed("b", [2, 3], {"name": ["王秀英", "赵敏"]})]


def test_a_comparison_counts_as_people_said() -> None:
    asked = compare(lists())
    assert (len(asked.people), len(asked.review), asked.fewest) == (4, 1, 3)
    joined = compare(lists(), decided=[(0, 2, True)])
    assert (len(joined.people), len(joined.review)) == (3, 0)
    assert "人工核定" in joined.reasons(1, "zh")
    two = compare(lists(), decided=[(0, 2, False)])
    assert (len(two.people), len(two.review), two.fewest) == (4, 0, 4)
    assert not joined.reconciles() and not two.reconciles()


def test_whoever_is_under_an_order_is_asked_about_first() -> None:
    rows = {"name": [f"甲{c}" for c in "乙丙丁戊己"]}
    some = [listed("a", range(2, 7), rows), listed("b", range(2, 7), rows)]
    register = [{"name": n} for n in rows["name"]]
    usual = compare(some, register)
    ordered = compare(some, register, heavy={3: 75})
    assert usual.values["name"][usual.review[0].first] != "甲戊", "control"
    assert ordered.values["name"][ordered.review[0].first] == "甲戊"
