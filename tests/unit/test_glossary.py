"""GLOSSARY.md and the closed lists of basis/words.py say the same words, both ways."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bulou.basis.words import LISTS, NOT_APPLICABLE, NOTHING_REPORTED, POOL_POSITIVE, ZERO

TEXT = (Path(__file__).parents[2] / "GLOSSARY.md").read_text(encoding="utf-8")
#: Lists whose words say themselves; every other word has its meaning in both languages.
PLAIN = {"setting", "place", "certainty", "notice", "interview", "document", "sex"}
#: Words of the engine that the glossary must explain.
ENGINE = (
    "fact", "kind", "entry", "as known at", "about", "withdrawal", "version", "rule", "edition", "adoption", "cell", "duty", "subject",
    "turn", "relation", "reading", "evidence", "hold", "standing authorisation", "order", "anchor", "gap", "answers", "post", "role",
    "holding", "register", "stay", "stranger", "pool unresolved", "incident", "zone", "cumulative, new, current", "partition",
)  # fmt: skip


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without their heads."""
    found = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    heads = {i - 1 for i, row in enumerate(found) if set(row[0]) <= {"-"}} | {i for i, row in enumerate(found) if set(row[0]) <= {"-"}}
    return [row for i, row in enumerate(found) if i not in heads]


def sections() -> dict[str, str]:
    """The text under each heading of a closed list."""
    parts = re.split(r"^### `(\w+)`.*$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_closed_list_is_there_and_no_other() -> None:
    assert list(sections()) == list(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_words_are_the_same(name: str) -> None:
    told = {row[0].strip("`"): (row[1], row[2]) for row in rows(sections()[name])}
    assert told == {code: (word.zh, word.en) for code, word in LISTS[name].items()}


@pytest.mark.parametrize("name", [n for n in LISTS if n not in PLAIN])
def test_words_have_their_meaning_in_both_languages(name: str) -> None:
    for row in rows(sections()[name]):
        assert row[3].endswith("."), row
        assert re.search(r"[一-鿿]", row[4]), row


def test_the_engine_words_are_explained() -> None:
    told = {row[0]: row[1:] for row in rows(TEXT.split("## Signs")[0])}
    assert set(ENGINE) <= set(told)
    for word, (zh, en, meaning) in told.items():
        assert zh and en.endswith("."), word
        assert meaning.endswith("。"), word


def test_one_word_per_thing() -> None:
    """No Chinese word and no English word of the engine stands for two things."""
    told = rows(TEXT.split("## Signs")[0])
    for column in (0, 1):
        words = [row[column] for row in told]
        assert len(words) == len(set(words))
    for name, words_ in LISTS.items():
        for side in zip(*words_.values(), strict=True):
            assert len(side) == len(set(side)), name


def test_signs_and_the_tube_s_own_word() -> None:
    signs = [row[0] for row in rows(TEXT.split("## Signs")[1].split("## Zone")[0])]
    assert signs == [ZERO, NOTHING_REPORTED, NOT_APPLICABLE]
    assert f"**{POOL_POSITIVE.en}** (**{POOL_POSITIVE.zh}**)" in TEXT
