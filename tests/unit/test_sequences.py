"""Sequences are compared where both were read, and a file that is not aligned is refused with the record named."""

from __future__ import annotations

import pytest

from bulou.questions.sequences import MOST, Apart, NotAligned, apart, read, same_line


def test_only_sites_that_both_read_count() -> None:
    """The planted count takes an N for a difference: then a poor sequence is far from everyone."""
    aligned = read(b">1\nACGTACGT\n>2 other words\nacgtNC-A\n>3\nACGTACGU\n")
    assert aligned.names == ("1", "2", "3")
    assert apart(aligned) == [Apart(0, 1, 1, 6, True), Apart(0, 2, 0, 8, True), Apart(1, 2, 1, 6, True)]
    planted = sum(a != b for a, b in zip("ACGTACGT", "ACGTNC-A", strict=True))
    assert planted == 3 != apart(aligned)[0].differ


def test_of_too_few_common_sites_nothing_is_said() -> None:
    [one] = apart(read(b">1\nACGTACGT\n>2\nNNNNNCGT\n"))
    assert (one.differ, one.sites, one.enough) == (0, 3, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b">1\nACGT\n>2\nACG\n", "“2” has 3 sites and the first, “1”, 4"),
        (b">1\nACGT\n>1\nACGT\n", "“1” is there twice"),
        (b">1\nACGT\n>2\n\n", "“2” has no sequence"),
        (b">1\nACGT\n>2\nAC9T\n", "“2” holds “9” at site 3"),
        (b"ACGT\n", "the first line begins with >"),
        (b">1\nACGT\n", "two sequences at least"),
        (b"", "two sequences at least"),
        (b">\nACGT\n>2\nACGT\n", "record 1 has no name"),
        (b"".join(b">%d\nA\n" % i for i in range(MOST + 1)), f"at most {MOST} at once"),
    ],
)
def test_what_cannot_be_compared_names_the_record(text: bytes, words: str) -> None:
    with pytest.raises(NotAligned) as told:
        read(text)
    assert words in told.value.word.en and told.value.word.zh != told.value.word.en


def test_a_lineage_within_another_is_no_other() -> None:
    assert same_line("B.1", "b.1.1.7") and same_line("BA.5", "BA.5")
    assert not same_line("B.1", "B.11") and not same_line("BA.5", "BA.2")
