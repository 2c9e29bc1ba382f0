"""The call desk in plain Python: how a person stands with the telephone, by which numbers they are reached, and how numbers are dealt."""

from __future__ import annotations

import random
from importlib import resources
from itertools import permutations
from typing import Any

import pytest

from bulou.basis.callfacts import CallAssigned, CallMade
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import MINUTE, Instant
from bulou.gaps import calls
from bulou.gaps.calls import Dealt, Number, Stand, deal, numbers, on_the_phone, stand
from bulou.protocol.calling import USUAL, calling_of
from bulou.protocol.diff import diff
from bulou.protocol.lint import Broken
from bulou.protocol.read import compile_edition, shipped

P, WANG, LI, ZHAO = (named_id("calls", n) for n in ("person", "wang", "li", "zhao"))
INCIDENT = named_id("calls", "incident")
OWN, HOME = Number("13900000001", "own", P), Number("13900000002", "household", WANG)


def at(minute: int) -> Instant:
    return Instant(1_600_000_000_000_000 + minute * MINUTE)


def made(minute: int, outcome: str, whose: str = "own", n: int = 0, phone: str | None = None) -> Fact:
    return Fact(
        named_id("made", str(minute), outcome, str(n)), "call.made", at(minute), INCIDENT, CallMade(P, outcome, whose, "post", WANG, phone)
    )


def dealt(minute: int, caller: bytes | None, *, begun: bool = False, n: int = 0) -> Fact:
    id_ = named_id("dealt", str(minute), str(begun), str(n))
    return Fact(id_, "call.assigned", at(minute), INCIDENT, CallAssigned(P, "post", caller, begun))


def stood(*facts: Fact, now: int = 500, have: tuple[Number, ...] = (OWN,), since: int = 0, **more: Any) -> Stand:
    called, deals = ([f for f in facts if f.kind == kind] for kind in ("call.made", "call.assigned"))
    return stand(called, deals, have, at(since), at(now), USUAL, **more)


# --- how a person stands: a table worked out by hand ----------------------------------------------------------------------
@pytest.mark.parametrize(("facts", "state", "tries", "again"), [
    ((), "open", 0, None),
    ((made(10, "no_answer"),), "again", 1, 40),
    ((made(10, "no_answer"), made(45, "no_answer")), "again", 2, 75),
    ((made(10, "no_answer"), made(45, "no_answer"), made(80, "no_answer")), "door", 3, None),
    ((made(10, "no_answer"), made(45, "no_answer"), made(80, "no_answer"), made(90, "reached")), "reached", 3, None),
    ((made(10, "reached"), made(20, "no_answer"), made(30, "refused")), "reached", 1, None),
    ((made(10, "elsewhere"),), "reached", 0, None),
    ((made(10, "refused"),), "refused", 0, None),
    ((made(10, "refused"), made(60, "no_answer")), "again", 1, 90),
    ((made(10, "wrong_number"),), "wrong", 0, None),
    ((made(600, "reached"),), "open", 0, None),  # not yet, at the hour asked
    ((made(-5, "reached"),), "open", 0, None),  # before they came to the desk
])  # fmt: skip
def test_how_a_person_stands(facts: tuple[Fact, ...], state: str, tries: int, again: int | None) -> None:
    found = stood(*facts)
    assert (found.state, found.tries, found.again_at) == (state, tries, None if again is None else at(again))


def test_a_wrong_number_leaves_the_others() -> None:
    assert stood(made(10, "wrong_number"), have=(OWN, HOME)).number == HOME
    assert stood(made(10, "wrong_number"), have=(OWN, HOME)).state == "open"
    both = (made(10, "wrong_number"), made(20, "wrong_number", "household", phone=HOME.phone))
    assert stood(*both, have=(OWN, HOME)).state == "wrong"
    assert stood(have=()).state == "wrong"


def test_found_at_the_door_needs_no_call() -> None:
    assert stood(made(10, "no_answer"), found=True).state == "found"
    assert stood(made(10, "reached"), found=True).state == "reached"


def test_the_last_deal_stands_and_ties_go_by_id() -> None:
    assert stood(dealt(5, WANG), dealt(9, LI)).caller == LI
    assert stood(dealt(9, LI), dealt(5, WANG)).caller == LI
    assert stood(dealt(5, WANG), dealt(9, None)).caller is None
    tie = [dealt(5, WANG, n=1), dealt(5, LI, n=2)]
    assert stood(*tie).caller == max(tie, key=lambda f: f.id).body.caller


def test_a_deal_lasts_until_the_person_was_talked_to() -> None:
    assert stood(dealt(-20, WANG)).caller == WANG  # before they came to the desk
    assert stood(dealt(5, WANG), made(10, "no_answer")).caller == WANG
    assert stood(dealt(5, WANG), made(10, "reached")).caller is None
    assert stood(dealt(5, WANG), made(10, "reached"), dealt(11, LI)).caller == LI
    assert stood(dealt(5, WANG), made(600, "reached")).caller == WANG


def test_order_does_not_matter() -> None:
    facts = [made(10, "no_answer"), made(45, "wrong_number"), made(45, "no_answer", n=2), dealt(5, WANG), dealt(30, LI, begun=True)]
    assert len({repr(stood(*some, have=(OWN, HOME), now=46)) for some in permutations(facts)}) == 1


def test_who_is_on_it() -> None:
    begun, on = dealt(5, WANG, begun=True), USUAL.on_it.micros // MINUTE
    assert on_the_phone([], [begun], at(6), USUAL) == (WANG, at(5))
    assert on_the_phone([], [begun], at(4), USUAL) is None
    assert on_the_phone([], [begun], at(5 + on), USUAL) is None  # nobody is on the phone for ever
    assert on_the_phone([made(7, "no_answer")], [begun], at(8), USUAL) is None
    assert on_the_phone([made(7, "no_answer")], [begun, dealt(9, LI, begun=True)], at(10), USUAL) == (LI, at(9))
    assert on_the_phone([], [begun, dealt(6, LI)], at(7), USUAL) == (WANG, at(5))  # dealt away while on the line: still on it


# --- planted: readings that are wrong in one way, each caught by the table above -----------------------------------------
@pytest.mark.parametrize("name", ["a later call that nobody answered puts them back", "four before the door", "the first deal stands"])
def test_a_planted_reading_is_caught(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name.startswith("a later"):
        monkeypatch.setattr(calls, "_TALKED", frozenset())
        with pytest.raises(AssertionError):
            test_how_a_person_stands((made(10, "reached"), made(20, "no_answer"), made(30, "refused")), "reached", 1, None)
    elif name.startswith("four"):
        monkeypatch.setattr(calls, "NO_ANSWERS", 4)
        with pytest.raises(AssertionError):
            test_how_a_person_stands((made(10, "no_answer"), made(45, "no_answer"), made(80, "no_answer")), "door", 3, None)
    else:
        monkeypatch.setattr(calls, "order", lambda f: (-f.at, f.id))
        with pytest.raises(AssertionError):
            test_the_last_deal_stands_and_ties_go_by_id()


# --- numbers --------------------------------------------------------------------------------------------------------------
def test_a_child_is_reached_by_the_code_shown_and_by_the_household() -> None:
    found = numbers(None, [(WANG, "139 0000 0001")], [(LI, "13900000002"), (WANG, "13900000001")], P)
    assert [(n.phone, n.whose, n.of) for n in found] == [("13900000001", "code_of", WANG), ("13900000002", "household", LI)]


@pytest.mark.parametrize("text", ["13800138000", "2.02E+12", "", None, "无"])
def test_what_cannot_be_dialled_is_no_number(text: str | None) -> None:
    assert numbers(text, [], [], P) == []


# --- dealing --------------------------------------------------------------------------------------------------------------
def anyone(caller: bytes, key: str) -> bool:
    return True


def sizes(found: dict[str, bytes] | Any, callers: list[bytes]) -> list[int]:
    return sorted(sum(c == one for c in found.values()) for one in callers)


@pytest.mark.parametrize("seed", range(40))
def test_numbers_are_dealt_evenly_once_and_without_need_to_none_other(seed: int) -> None:
    source = random.Random(seed)
    callers = [WANG, LI, ZHAO][: source.randint(1, 3)]
    items = [Dealt(f"n{i:03d}", source.choice([None, None, *callers, named_id("left")]), False) for i in range(source.randint(0, 60))]
    found = deal(items, callers, anyone)
    assert set(found) == {i.key for i in items}
    assert set(found.values()) <= set(callers)
    assert max(sizes(found, callers)) - min(sizes(found, callers)) <= 1
    source.shuffle(items)
    assert deal(items, list(reversed(callers)), anyone) == found
    again = deal([i._replace(caller=found[i.key]) for i in items], callers, anyone)
    assert again == found  # what is even stays as it is


def test_what_belongs_to_whoever_left_is_dealt_anew_and_the_rest_stays() -> None:
    items = [Dealt("a", WANG, False), Dealt("b", LI, False), Dealt("c", ZHAO, False)]
    found = deal(items, [WANG, LI], anyone)
    assert (found["a"], found["b"]) == (WANG, LI)
    assert found["c"] in (WANG, LI)


def test_a_call_that_goes_on_is_not_taken_away() -> None:
    items = [Dealt(f"n{i}", WANG, True) for i in range(6)]
    assert set(deal(items, [WANG, LI], anyone).values()) == {WANG}


def test_nobody_is_dealt_what_lies_outside_their_areas() -> None:
    items = [Dealt("near", None, False), Dealt("far", WANG, False), Dealt("nowhere", None, False)]
    found = deal(items, [WANG, LI], lambda caller, key: key == "near" or (caller == LI and key == "far"))
    assert found["far"] == LI
    assert "nowhere" not in found
    assert deal(items, [], anyone) == {}


# --- what an edition says of it -------------------------------------------------------------------------------------------
NINE = (resources.files("bulou.protocol") / "editions/covid19/cn-9.toml").read_text(encoding="utf-8")
CALL = """
[call]
retry = "10 min"
ask_again = "6 h"
questions = [ { zh = "您在哪里?", en = "Where are you?" } ]
source = "本市话术 · the city's script"
status = "unverified"
"""


def test_an_edition_replaces_the_script_and_the_times() -> None:
    nine = compile_edition(NINE, "covid19/cn-9.toml")
    assert calling_of(nine) is USUAL
    assert calling_of(None) is USUAL
    own = compile_edition(NINE + CALL, "covid19/cn-9.toml")
    found = calling_of(own)
    assert ([q.en for q in found.questions], str(found.retry), str(found.ask_again), found.on_it) == (
        ["Where are you?"],
        "10 min",
        "6 h",
        USUAL.on_it,
    )
    assert [(c.table, c.change) for c in diff(nine, own)] == [("call", "added")]


@pytest.mark.parametrize(("was", "now", "key"), [
    ('retry = "10 min"', 'retry = "10 d"', "retry"), ('retry = "10 min"', 'retry = "0 min"', "retry"), ('questions = [ {', 'questions = [] # {', "questions"),
    ('en = "Where are you?"', 'fr = "Où?"', "questions"), ("retry =", "retries =", "retries"), ("status", "# status", "status"),
])  # fmt: skip
def test_what_is_wrong_with_it_is_named(was: str, now: str, key: str) -> None:
    with pytest.raises(Broken) as broken:
        compile_edition(NINE + CALL.replace(was, now), "covid19/cn-9.toml")
    assert key in {m.key for m in broken.value.mistakes}


def test_the_usual_script_gives_no_reason_before_it_is_sure_who_speaks() -> None:
    assert "no reason" in USUAL.questions[0].en
    assert "不对接听者说任何原因" in USUAL.questions[0].zh
    assert all(e.calling is None or e.calling.questions for e in shipped().values())
