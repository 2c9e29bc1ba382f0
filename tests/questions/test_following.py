"""Candidates that are followed are those of the whole set after every single change; followers with one bug each are caught; what a change costs."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from bulou.basis.time import HOUR, MINUTE, Instant
from bulou.questions import following, memory
from bulou.questions.exposure import Case
from bulou.questions.following import CHANGED, DISSOLVED, ROSE, Following
from bulou.questions.memory import Asked, Visit
from tests.questions.towns import EXPOSURES, KINDS, NOON, WAYS, ZONE, at, town

#: A history is tens of changes, and after each the whole set is asked: a quarter of the histories that a rule gets.
HISTORIES = max(16, int(os.environ.get("BULOU_HISTORIES", "60")) // 4)
ASKED = [w for w in WAYS if w.shares != "meeting"]
assert EXPOSURES


def history(seed: int) -> list[tuple[str, Any]]:
    """Changes in any order: visits come, are corrected, taken back and come again; the case, homes, kinds of places and isolation move."""
    source = random.Random(seed)
    told, cases = town(seed)
    visits = dict(enumerate(told.visits))
    case = cases[0]
    steps: list[tuple[str, Any]] = [("visit", (n, None)) for n in source.sample(sorted(visits), len(visits) // 2)]
    steps += [("visit", (n, v)) for n, v in source.sample(sorted(visits.items()), len(visits) // 4)]
    steps += [
        ("visit", (n, v._replace(stop=source.choice((None, v.start + 15 * MINUTE)), space=source.choice((11, 12)))))
        for n, v in source.sample(sorted(visits.items()), len(visits) // 4)
    ]
    steps += [("case", case)] * 2 + [("case", None), ("case", case._replace(until=Instant(NOON + source.choice((0, HOUR)))))]
    if case.anchor is not None:
        steps.append(("case", case._replace(anchor=Instant(case.anchor - 24 * HOUR))))
    steps += [("case", case._replace(person=cases[-1].person)), ("homes", told.households), ("homes", told.households[1:]), ("homes", [])]
    steps += [
        ("kinds", {p: k for p, k in KINDS.items() if p != source.choice((2, 3, 5))}),
        ("kinds", KINDS),
        ("kinds", {**KINDS, 6: "restaurant"}),
    ]
    edges = [v.start for v in visits.values()]
    steps += [("isolated", {p: source.choice(edges) for p in range(1, 8) if source.random() < 0.6}) for _ in range(3)] + [("isolated", {})]
    steps += [
        ("risk", [(p, source.choice(("higher", "lower", "lower"))) for p in range(1, 8) if source.random() < 0.5]) for _ in range(3)
    ] + [("risk", [])]
    source.shuffle(steps)
    return [("kinds", KINDS), ("homes", told.households), *(("visit", pair) for pair in visits.items()), ("case", case), *steps]


def follows(make: Callable[[], Following], histories: int) -> tuple[int, set[str]]:
    """Follows histories and asks the whole set after every change; how many candidates there were, and which turns were told."""
    some, told = 0, set[str]()
    for seed in range(histories):
        one, visits, now = make(), dict[Any, Visit](), {"case": None, "homes": [], "kinds": {}, "isolated": {}, "risk": []}
        stood: dict[Any, Any] = {}
        begun = False
        for n, (what, value) in enumerate(history(seed)):
            if what == "visit":
                name, visit = value
                visits.pop(name, None)
                if visit is not None:
                    visits[name] = visit
                one.visit(name, visit)
            else:
                now[what] = value
                getattr(one, what)(value)
            begun = begun or what == "case"
            if not begun:  # nothing is owed to anybody yet, and nobody looks
                continue
            turns = one.settle()
            whole = Asked(list(visits.values()), now["kinds"], now["homes"], isolated=now["isolated"], risk=now["risk"])
            should = memory.rings(whole, [now["case"]], ASKED, ZONE) if now["case"] is not None else []
            assert set(one.standing) == set(should), f"history({seed}), change {n}: {what}"
            for turn in turns:  # and what is told leads from what stood to what stands
                told.add(turn.what)
                if turn.what == DISSOLVED:
                    assert stood.pop(turn.candidate.person) == turn.candidate
                else:
                    assert (turn.candidate.person in stood) == (turn.what == CHANGED)
                    stood[turn.candidate.person] = turn.candidate
            assert stood.keys() == {c.person for c in one.standing}
            stood = {c.person: c for c in one.standing}
            some += len(should)
    return some, told


def test_after_every_change_it_is_the_whole_set() -> None:
    some, told = follows(lambda: Following(WAYS, ZONE), HISTORIES)
    assert some > 5 * HISTORIES and told == {ROSE, CHANGED, DISSOLVED}, "histories in which nobody meets would agree about anything"


def _no_stay(self: Following, person: Any) -> None:
    mine = [n for n in self._of[person] if n not in self._stays]
    for name, stay in zip(mine, memory.stays([self._visits[n] for n in mine], ZONE), strict=True):
        self._stays[name] = stay


def _same_kinds(self: Following, kinds: Any) -> None:
    self._kinds = dict(kinds)


def _same_homes(self: Following, homes: Any) -> None:
    self._homes = frozenset(homes)


def _case_kept(self: Following, case: Any) -> None:
    self._case = self._case if case is None and self._case is not None else case


PLANTED: dict[str, dict[str, Any]] = {
    "another visit moves no open end": {"_stay": _no_stay},
    "the kind of a place touches nothing": {"kinds": _same_kinds},
    "a home touches nothing": {"homes": _same_homes},
    "who is isolated touches nothing": {"isolated": lambda self, isolated: None},
    "who is at lower risk touches nothing": {"risk": lambda self, risk: None},
    "a case that is none keeps its contacts": {"case": _case_kept},
    "what is taken back stays": {
        "visit": lambda self, name, visit, right=Following.visit: right(self, name, visit) if visit is not None else None
    },
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_follower_with_a_bug_is_caught(name: str) -> None:
    bad = type("Bad", (Following,), PLANTED[name])
    with pytest.raises(AssertionError):
        follows(lambda: bad(WAYS, ZONE), 200)  # until it is seen: of whom only the second ring tells, later than others


def test_a_window_that_is_kept_though_the_second_ring_moved_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the windows behind close contacts are worked out once."""
    first: list[Any] = []
    right = following.contact_windows

    def once(*asked: Any) -> Any:
        if not first:
            first.append(right(*asked))
        return first[0]

    def anew() -> Following:
        first.clear()
        return Following(WAYS, ZONE)

    monkeypatch.setattr(following, "contact_windows", once)
    with pytest.raises(AssertionError):
        follows(anew, HISTORIES)


def test_a_visit_elsewhere_asks_nothing_anew() -> None:
    one = Following(WAYS, ZONE)
    one.kinds(KINDS)
    one.case(Case("A", 1, Instant(NOON)))
    for n in range(50):
        one.visit(n, Visit(n % 7 + 1, 2, at("11:00") + n * MINUTE, at("12:00"), 11))
    one.settle()
    before = one.asked
    one.visit("elsewhere", Visit(98, 6, at("11:00"), at("12:00"), 11))
    assert one.settle() == [] and one.asked == before, "nobody of the case was ever there"
    one.visit("here", Visit(99, 2, at("11:00"), at("12:00"), 11))
    assert [(t.what, t.candidate.person) for t in one.settle()] == [(ROSE, 99)]
    assert one.asked - before <= len(ASKED) * 7, "the cells of one place"
