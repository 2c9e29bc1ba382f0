"""Letters of assistance in plain values: how one stands, whose turn it is, and that everyone is counted once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.letterfacts import LetterAnswered, LetterDecided, LetterSent
from bulou.basis.time import HOUR, Instant
from bulou.gaps import letters
from bulou.gaps.letters import Stand, stand_in, stand_out, transfers

T0 = Instant(1_600_000_000_000_000)
P, Q, LETTER = named_id("p"), named_id("q"), named_id("letter")
SENT = Fact(named_id("sent"), "letter.sent", T0, b"i", LetterSent(P, LETTER, "乙区疾控", "contact", "lead"))


def answer(outcome: str, hours: float, by: str | None = None, where: str | None = None) -> Fact:
    at = Instant(T0 + int(hours * HOUR))
    return Fact(named_id(outcome, str(hours), by or ""), "letter.answered", at, b"i", LetterAnswered(P, LETTER, outcome, "lead", by, where))


def decided(outcome: str, hours: float, where: str | None = None) -> Fact:
    at = Instant(T0 + int(hours * HOUR))
    return Fact(named_id("in", outcome, str(hours)), "letter.decided", at, b"i", LetterDecided(LETTER, outcome, "lead", where))


def stands(*answers: Fact, hours: float = 100, replaced: bool = False) -> Stand:
    """The same whatever the order in which the answers came."""
    now = Instant(T0 + int(hours * HOUR))
    found = {stand_out(SENT, some, now, replaced=replaced) for some in itertools.permutations(answers)}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize(
    ("answers", "state", "turn", "ours"),
    [
        ((), "sent", "them", True),
        ((answer("receipt", 1),), "receipt", "them", True),
        ((answer("receipt", 1), answer("accepted", 2)), "accepted", "nobody", False),
        ((answer("accepted", 1), answer("receipt", 2)), "accepted", "nobody", False),  # the receipt came after the answer
        ((answer("measures", 1),), "measures", "nobody", False),
        ((answer("unknown", 1),), "unknown", "us", True),
        ((answer("bounced", 1),), "bounced", "us", True),
        ((answer("unknown", 1), answer("accepted", 2)), "accepted", "nobody", False),  # they looked again: their last word counts
        ((answer("accepted", 1), answer("unknown", 2)), "unknown", "us", True),
        ((answer("accepted", 1), answer("unknown", 2, "丙区")), "differs", "us", True),
        ((answer("accepted", 1), answer("measures", 2, "丙区")), "measures", "nobody", False),  # both have them: settled all the same
        ((answer("accepted", 1), answer("accepted", 2, "乙区疾控")), "accepted", "nobody", False),
        ((answer("unknown", 1), answer("accepted", 2, " 乙区 疾控")), "accepted", "nobody", False),  # the same authority, written otherwise
    ],
)
def test_how_a_letter_stands(answers: tuple[Fact, ...], state: str, turn: str, ours: bool) -> None:
    found = stands(*answers)
    assert (found.state, found.turn, found.ours) == (state, turn, ours)


def test_two_answers_that_differ_are_both_shown() -> None:
    found = stands(answer("accepted", 1), answer("unknown", 2, "丙区"))
    assert [f.body.outcome for f in found.counts] == ["accepted", "unknown"]


def test_a_letter_handed_on_twice_waits_for_the_last() -> None:
    chain = (answer("forwarded", 1, where="丙区"), answer("forwarded", 2, "丙区", "丁区"))
    found = stands(*chain)
    assert (found.state, found.waiting_for, found.ours) == ("forwarded", "丁区", True)
    assert stands(*chain, answer("accepted", 3, "丁区")).state == "accepted"
    assert stands(*chain, answer("unknown", 3, "丁区")).turn == "us"


def test_an_answer_taken_back_leaves_what_was_before() -> None:
    """What is withdrawn is not among the facts: the letter is as open as it was."""
    assert stands(answer("receipt", 1), answer("accepted", 2)).turn == "nobody"
    assert stands(answer("receipt", 1)).turn == "them"


def test_an_answer_of_a_later_hour_is_not_known_yet_and_one_before_the_letter_counts() -> None:
    assert stands(answer("accepted", 5), hours=4).state == "sent"
    assert stands(answer("accepted", -3)).state == "accepted"  # the letter was entered, and dated, after the telephone call


def test_a_letter_whose_place_another_took_owes_nothing() -> None:
    assert stands(answer("unknown", 1), replaced=True).turn == "nobody"


@pytest.mark.parametrize(
    ("answers", "state", "turn", "ours"),
    [
        ((), "received", "us", False),
        ((decided("receipt", 1),), "receipt", "us", False),
        ((decided("receipt", 1), decided("accepted", 2)), "accepted", "nobody", True),
        ((decided("forwarded", 1, "丁区"),), "forwarded", "them", False),
        ((decided("accepted", 1), decided("bounced", 2)), "bounced", "them", False),
    ],
)
def test_how_a_letter_that_came_in_stands(answers: tuple[Fact, ...], state: str, turn: str, ours: bool) -> None:
    for some in itertools.permutations(answers):
        found = stand_in(some, Instant(T0 + 100 * HOUR))
        assert (found.state, found.turn, found.ours) == (state, turn, ours)


def everyone() -> dict[bytes, list[Stand]]:
    taken, waits, back = stands(answer("accepted", 1)), stands(), stands(answer("unknown", 1))
    names = (
        "two letters, the last accepted",
        "accepted before, and written anew",
        "waits",
        "given back",
        "written to again",
        "only replaced",
    )
    some = (
        [waits, taken], [taken, waits], [waits, waits], [back], [stands(answer("unknown", 1), replaced=True), waits], [stands(replaced=True)],
    )  # fmt: skip
    return {named_id(n): list(s) for n, s in zip(names, some, strict=True)}


def test_everyone_is_counted_once() -> None:
    found = transfers(everyone())
    assert found.elsewhere == {named_id("two letters, the last accepted")}
    assert found.in_transfer == {named_id("waits"), named_id("written to again"), named_id("accepted before, and written anew")}
    assert found.back == {named_id("given back")}
    assert sum(map(len, found)) == len(frozenset().union(*found))


def test_a_count_by_letters_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a letter that waits puts its person in transfer, whatever another letter about them says."""

    def by_letter(of: dict[bytes, list[Stand]]) -> Any:
        sets = [
            {p for p, ss in of.items() if any(s.state in states for s in ss)}
            for states in (letters.IN_TRANSFER, letters.TAKEN, letters.BACK)
        ]
        return letters.Transfers(*map(frozenset, sets))

    monkeypatch.setattr("tests.unit.test_letters.transfers", by_letter)
    with pytest.raises(AssertionError):
        test_everyone_is_counted_once()
