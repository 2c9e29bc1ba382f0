"""What is told of one person, read: fields of their page with every word side by side, and symptoms day by day. Pure; decides nothing.

Two words differ where they are not the same after folding. A word never replaces another: a named post says which one holds, and a word that
is told afterwards opens the question again.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from bulou.basis.time import add_days
from bulou.basis.words import LISTS, Word

#: The longest word on a field; days of symptoms on one page, the latest.
MOST_SIGNS, MOST_DAYS = 1000, 21
#: Asked, and there were no symptoms.
NONE = "none"


class Detail(NamedTuple):
    """What a field takes. ``manner``: how it is masked; ``one``: only one word on it can be true, so that two that differ must be settled."""

    manner: Literal["address", "phone", "words"]
    one: bool


#: Every field that is told one at a time. Where somebody is now changes, several numbers and illnesses may all be theirs.
DETAILS: dict[str, Detail] = {
    "whereabouts": Detail("words", one=False),
    "last_days": Detail("words", one=False),
    "address": Detail("address", one=True),
    "home": Detail("words", one=True),
    "phone": Detail("phone", one=False),
    "occupation": Detail("words", one=True),
    "workplace": Detail("words", one=True),
    "illness": Detail("words", one=False),
}
_PHONE = re.compile(r"\+?[0-9][0-9 \-#()]{4,28}[0-9]")


class Told(NamedTuple):
    """A word on a field, as it was entered."""

    id: bytes
    detail: str
    said: str
    at: int
    entry: int


class Settled(NamedTuple):
    """Which word a named post chose."""

    detail: str
    chosen: bytes
    at: int
    entry: int
    id: bytes


class Side(NamedTuple):
    """One of the words that differ, with every telling of it, the first first."""

    told: tuple[Told, ...]
    holds: bool


class Page(NamedTuple):
    """One field: its sides, and the decision that stands. ``open``: sides differ where only one can be true, and nobody has said which holds,
    or another was told since."""

    detail: str
    sides: tuple[Side, ...]
    settled: Settled | None
    open: bool


class Day(NamedTuple):
    """How somebody was on one day, by each of ``told`` (the ids and signs of every statement). ``differs``: they do not say the same."""

    on: str
    told: tuple[tuple[bytes, frozenset[str]], ...]

    @property
    def differs(self) -> bool:
        return len({signs for _id, signs in self.told}) > 1

    def of(self, sign: str) -> Literal["yes", "no", "differs", "unasked"]:
        """What is told of one symptom that day."""
        said = {sign in signs for _id, signs in self.told}
        return "unasked" if not said else "differs" if len(said) > 1 else "yes" if True in said else "no"


def fold(detail: str, said: str) -> str:
    """A word as it is compared: width, case and spaces say nothing; of a number its digits."""
    text = " ".join(unicodedata.normalize("NFKC", said).casefold().split())
    return re.sub(r"\D", "", text) if detail == "phone" else text


def wrong_word(detail: str, said: str) -> Word | None:
    """What would be right where a word cannot stand in a field."""
    text = said.strip()
    if not text:
        return Word("请填写所述内容", "write what was said")
    if len(text) > MOST_SIGNS:
        return Word(f"不超过{MOST_SIGNS}字", f"at most {MOST_SIGNS} signs")
    if detail == "phone" and not _PHONE.fullmatch(unicodedata.normalize("NFKC", text)):
        return Word("应为一个电话号码,6至30位数字", "one telephone number of 6 to 30 digits")
    return None


def wrong_signs(signs: str) -> Word | None:
    """What would be right where symptoms cannot be read."""
    listed, given = LISTS["symptom"], signs.split()
    if not given or len(set(given)) < len(given) or set(given) - set(listed):
        return Word(
            "应为症状代码,以空格分隔,各一次:" + "、".join(listed), f"codes of symptoms with spaces between, each once: {', '.join(listed)}"
        )
    if NONE in given and len(given) > 1:
        return Word("“无症状”不能与症状同选", "“none” stands alone, or symptoms do")
    return None


def signs_of(signs: str) -> frozenset[str]:
    return frozenset(signs.split()) - {NONE}


def page_of(told: Iterable[Told], settled: Iterable[Settled]) -> list[Page]:
    """Every field of the registry, in its order, with what was told of it."""
    by: dict[str, list[Told]] = {}
    for one in sorted(told, key=lambda t: (t.entry, t.at, t.id)):
        by.setdefault(one.detail, []).append(one)
    decided = list(settled)
    return [_page(name, by.get(name, []), [s for s in decided if s.detail == name]) for name in DETAILS]


def _page(name: str, told: Sequence[Told], settled: Sequence[Settled]) -> Page:
    sides: dict[str, list[Told]] = {}
    for one in told:
        sides.setdefault(fold(name, one.said), []).append(one)
    on_record = {one.id for one in told}
    last = max((s for s in settled if s.chosen in on_record), key=lambda s: (s.entry, s.at, s.id), default=None)
    chosen = next((key for key, words in sides.items() if last and any(t.id == last.chosen for t in words)), None)
    later = last is not None and any(t.entry > last.entry and fold(name, t.said) != chosen for t in told)
    return Page(
        name, tuple(Side(tuple(words), key == chosen) for key, words in sides.items()), last,
        DETAILS[name].one and len(sides) > 1 and (last is None or later),
    )  # fmt: skip


def days_of(told: Iterable[tuple[bytes, str, str]], most: int = MOST_DAYS) -> list[Day]:
    """Symptoms day by day, from (id, day, signs) in the order in which they were told: from the first day to the last, days of which nobody was
    asked among them; the latest ``most``."""
    by: dict[str, list[tuple[bytes, frozenset[str]]]] = {}
    for id_, on, signs in told:
        by.setdefault(on, []).append((id_, signs_of(signs)))
    if not by:
        return []
    day, days = max(by), list[Day]()
    while day >= min(by) and len(days) < most:
        days.append(Day(day, tuple(by.get(day, ()))))
        day = add_days(day, -1)
    return days[::-1]


def had(days: Iterable[Day]) -> list[str]:
    """The symptoms that anybody told of on any of these days, in the list's order."""
    told = {sign for day in days for _id, signs in day.told for sign in signs}
    return [code for code in LISTS["symptom"] if code in told]
