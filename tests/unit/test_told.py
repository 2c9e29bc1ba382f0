"""Words about a person: what differs stands side by side, a decision opens again when another word comes, and not asked is not none."""

import pytest

from bulou.basis.words import LISTS
from bulou.gaps.told import DETAILS, Page, Settled, Told, days_of, fold, had, page_of, wrong_signs, wrong_word

A, B, C = b"a", b"b", b"c"


def told(id_: bytes, said: str, entry: int, detail: str = "workplace") -> Told:
    return Told(id_, detail, said, entry, entry)


def field(words: list[Told], settled: list[Settled] | None = None, detail: str = "workplace") -> Page:
    return next(p for p in page_of(words, settled or []) if p.detail == detail)


def test_every_field_of_the_list_has_its_registry() -> None:
    assert list(DETAILS) == list(LISTS["detail"])
    assert [p.detail for p in page_of([], [])] == list(DETAILS)


def test_two_words_stand_side_by_side_and_nothing_replaces_either() -> None:
    found = field([told(A, "西门 菜场", 1), told(B, "东门菜场", 2), told(C, "西门  菜场", 3)])
    assert [[t.id for t in s.told] for s in found.sides] == [[A, C], [B]] and found.open
    # Planted: the last word wins, as in a form that is saved over another.
    assert len({t.detail: t for t in (told(A, "x", 1), told(B, "y", 2))}) == 1 < len(found.sides)


def test_a_decision_holds_until_another_word_comes() -> None:
    words, chose = [told(A, "西", 1), told(B, "东", 2)], Settled("workplace", B, 3, 3, b"s")
    assert not field(words, [chose]).open and [s.holds for s in field(words, [chose]).sides] == [False, True]
    assert not field([*words, told(C, "东", 4)], [chose]).open, "the same word once more changes nothing"
    later = field([*words, told(C, "南", 4)], [chose])
    assert later.open and [s.holds for s in later.sides] == [False, True, False], "what was entered offline and came late opens it"
    assert field([*words, told(C, "西", 4)], [chose]).open, "somebody said the other again"


def test_a_decision_falls_with_its_word() -> None:
    found = field([told(A, "西", 1)], [Settled("workplace", B, 3, 3, b"s")])
    assert found.settled is None and not found.sides[0].holds


def test_what_may_all_be_true_is_never_to_be_settled() -> None:
    for name, one in DETAILS.items():
        assert field([told(A, "12345678", 1, name), told(B, "87654321", 2, name)], detail=name).open == one.one


def test_numbers_are_compared_by_their_digits() -> None:
    assert fold("phone", "190-0000 0000") == fold("phone", "19000000000") and fold("address", "A  b") == fold("address", "ａ B")


@pytest.mark.parametrize(
    ("detail", "said", "right"),
    [("phone", "无", False), ("phone", "028-8888 8888", True), ("address", "  ", False), ("home", "x" * 1001, False)],
)
def test_a_word_that_cannot_stand_says_what_would(detail: str, said: str, right: bool) -> None:
    assert (wrong_word(detail, said) is None) == right


@pytest.mark.parametrize(
    ("signs", "right"), [("fever cough", True), ("none", True), ("", False), ("none fever", False), ("fever fever", False), ("x", False)]
)
def test_symptoms_are_codes_or_none(signs: str, right: bool) -> None:
    assert (wrong_signs(signs) is None) == right


def test_days_in_between_were_not_asked_and_a_day_may_be_told_differently() -> None:
    days = days_of([(A, "2020-12-01", "fever"), (B, "2020-12-03", "none"), (C, "2020-12-03", "cough"), (b"d", "2020-12-04", "none")])
    assert [d.on for d in days] == ["2020-12-01", "2020-12-02", "2020-12-03", "2020-12-04"]
    assert [d.of("cough") for d in days] == ["no", "unasked", "differs", "no"] and [d.differs for d in days] == [False, False, True, False]
    assert had(days) == ["fever", "cough"] and days_of([]) == []
    assert len(days_of([(A, "2020-01-01", "none"), (B, "2020-12-03", "none")])) == 21


def test_no_code_of_a_symptom_is_part_of_another() -> None:
    """The list is narrowed by a part of the text."""
    codes = list(LISTS["symptom"])
    assert not [(a, b) for a in codes for b in codes if a != b and a in b]
