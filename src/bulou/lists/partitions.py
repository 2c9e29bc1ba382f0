"""Whether the parts of a figure add up to it, and whom they leave over. Never adds different units, never rounds a hole away."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bulou.basis.words import UNIT, Word

#: How people write a unit behind a number, and the unit's code in ``basis.words.UNIT``.
UNITS_WRITTEN = {
    "人次": "samples", "人份": "samples", "人": "people", "名": "people", "例": "people", "管": "tubes", "支": "tubes", "份": "items",
    "户": "households", "处": "places", "people": "people", "persons": "people", "person": "people", "samples": "samples", "tubes": "tubes",
    "items": "items", "households": "households", "places": "places",
}  # fmt: skip
_PART = re.compile(
    r"^\s*(?P<word>[^\d+=]*?)[\s:：]*(?P<number>\d[\d,]*)(?P<ten>万)?\s*(?P<unit>"
    + "|".join(UNITS_WRITTEN)
    + r")?\s*(?P<after>[^\d+=]*?)\s*$"
)


class NotAFigure(ValueError):
    """A typed figure that cannot be read; the message says which part, and what would be right, in English; ``zh`` in Chinese."""

    def __init__(self, part: str, zh: str, en: str) -> None:
        super().__init__(f"“{part}”: {en}")
        self.zh = f"「{part}」:{zh}"


class Part(NamedTuple):
    """One number of a partition: its word (may be empty), how many, of which unit (a code of ``UNIT``, ``None``: not said)."""

    word: str
    number: int
    unit: str | None = None


class Closing(NamedTuple):
    """Whether one partition closes.

    ``over`` is total minus parts: above 0, so many are in no part; below 0, so many are counted more than once or do not belong.
    ``unit`` is what is counted. ``mixed`` names the parts of another unit, which were not added.
    """

    total: Part
    parts: tuple[Part, ...]
    over: int
    unit: str | None
    mixed: tuple[Part, ...] = ()

    @property
    def closes(self) -> bool:
        return self.over == 0 and not self.mixed

    def say(self) -> Word:
        """One sentence: the sum, and what it leaves over."""
        unit = UNIT[self.unit] if self.unit else Word("", "")
        summed = self.total.number - self.over
        added = " + ".join(f"{p.word} {p.number:,}".strip() for p in self.parts)
        zh, en = f"{added} = {summed:,}{unit.zh}", f"{added} = {summed:,} {unit.en}".rstrip()
        if self.over > 0:
            zh += f",总数 {self.total.number:,}{unit.zh}:还有 {self.over:,}{unit.zh}不在任何一类"
            en += f"; the total is {self.total.number:,}: {self.over:,} are in no class"
        elif self.over < 0:
            zh += f",总数 {self.total.number:,}{unit.zh}:多出 {-self.over:,}{unit.zh},重复计入或不属于此"
            en += f"; the total is {self.total.number:,}: {-self.over:,} too many, counted twice or not part of it"
        else:
            zh, en = zh + ",与总数相符", en + ", which is the total"
        for part in self.mixed:
            other = UNIT[part.unit or "people"]
            zh += f";{part.word}{part.number:,}{other.zh}单位不同,未相加"
            en += f"; {part.word} {part.number:,} {other.en}: another unit, not added".replace("  ", " ")
        return Word(zh, en)


def close(total: Part, parts: Sequence[Part]) -> Closing:
    """Does this partition close? Parts of another unit than the total's are kept apart and told, never added.

    Where the total has no unit, that of the first part that has one is taken.
    """
    unit = total.unit or next((p.unit for p in parts if p.unit), None)
    mixed = tuple(p for p in parts if p.unit not in (None, unit))
    added = tuple(p for p in parts if p not in mixed)
    return Closing(total, added, total.number - sum(p.number for p in added), unit, mixed)


def typed(text: str) -> list[Closing]:
    """The partitions in a line such as ``208429 = 10050 + 139682 + 58377 + 227``.

    Words and units may stand at the numbers (``1402人 = 轻型 900 + 无症状 502``). A part may be divided again in brackets
    (``100 = 60 (20 + 40) + 40``): the outer partition comes first, each inner one after it. Several ``=`` are several
    partitions of the first number. Raises ``NotAFigure``.
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("﹢", "+").replace("、", "+")
    plain = re.sub(r"(?<=\d)[,](?=\d{3}(\D|$))", "", plain)
    head, *rest = plain.split("=")
    if not rest:
        raise NotAFigure(text.strip(), "写成「总数 = 部分 + 部分」", "write it as “total = part + part”")
    total, found = _part(head), list[Closing]()
    for side in rest:
        found.extend(_divided(total, side))
    return found


def _divided(total: Part, text: str) -> list[Closing]:
    parts, inner = [], list[Closing]()
    for piece in _pieces(text):
        opened = piece.find("(")
        part = _part(piece[:opened] if opened >= 0 else piece)
        parts.append(part)
        if opened >= 0:
            inner.extend(_divided(part, piece[opened + 1 : piece.rindex(")")]))
    return [close(total, parts), *inner]


def _pieces(text: str) -> list[str]:
    """Text cut at each + outside brackets."""
    pieces, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
        if sign == "+" and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += sign
    if depth:
        raise NotAFigure(text.strip(), "括号不成对", "its brackets do not match")
    return pieces


def _part(text: str) -> Part:
    found = _PART.match(text)
    if not found:
        raise NotAFigure(text.strip(), "应是一个整数,可带单位(人、人次、管、户)", "should be one whole number, with a unit or without")
    number = int(found["number"].replace(",", "")) * (10_000 if found["ten"] else 1)
    word = (found["word"] or found["after"] or "").strip(" :：,，")
    return Part(word, number, UNITS_WRITTEN[found["unit"]] if found["unit"] else None)


class Classed(NamedTuple):
    """A set of people divided by what a column says of each: who is in no class, who in two, and how many in each.

    Keys are whatever names a person for the caller. ``classes[c]`` holds those who are in ``c`` alone, so that
    the sizes of ``classes`` plus ``none`` plus ``two`` are the total, always.
    """

    classes: dict[str, list[int]]
    none: list[int]
    two: dict[int, tuple[str, ...]]

    @property
    def total(self) -> int:
        return sum(map(len, self.classes.values())) + len(self.none) + len(self.two)

    def closing(self, unit: str = "people") -> Closing:
        """As the column alone would be summed by whoever counts its words: a person in two classes is counted in both."""
        sizes = {c: len(who) for c, who in self.classes.items()}
        for said in self.two.values():
            for c in said:
                sizes[c] = sizes.get(c, 0) + 1
        ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
        return close(Part("", self.total, unit), [Part(c, n, unit) for c, n in ordered])


def divide(said: Mapping[int, Sequence[str | None]]) -> Classed:
    """Divides people by the classes said of each: all that their rows say, ``None`` where a row says nothing."""
    classes: dict[str, list[int]] = {}
    none: list[int] = []
    two: dict[int, tuple[str, ...]] = {}
    for who, words in said.items():
        different = tuple(dict.fromkeys(w for w in words if w))
        if not different:
            none.append(who)
        elif len(different) == 1:
            classes.setdefault(different[0], []).append(who)
        else:
            two[who] = different
    return Classed(classes, none, two)
