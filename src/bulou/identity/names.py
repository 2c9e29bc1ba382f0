"""Names of any script folded for comparing; what is printed is always what was written. No name says alone who someone is.

``hanzi.txt`` holds readings and traditional forms; its sources are named in it. Matching is by what really happens to one name in
several lists: another dot in a minority name, parts in another order, pinyin for characters, a homophone from an input method, a
character that a system could not write, a name masked by an office.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from importlib.resources import files
from itertools import permutations
from typing import Literal, NamedTuple

Likeness = Literal["same", "order", "letters", "sound", "part", "masked", "near", "different"]

#: How much alike two names may be and still stand for one person where a document says the same number.
COMPATIBLE: frozenset[Likeness] = frozenset(["same", "order", "letters", "sound", "part", "masked"])

# middle dots of ten code points, full stops and hyphens that stand for them, separators of machine-readable lines, Tibetan tsheg
_DOTS = re.compile(r"[·•‧・･·∙⋅⸱ᐧ●丶.。．,，、<'’‘`\-‐‑–—_/་༌།]+")
_BRACKETS = re.compile(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]?")
#: A remark in brackets with one of these is no remark: it says that another person is meant.
_KIN = re.compile(
    r"[子女儿婴孩宝妻夫母父妈爸爷奶孙双胎兄弟姐妹家属]|son|daughter|child|baby|wife|husband|mother|father|twin", re.IGNORECASE
)
_MASKS = re.compile(r"[*＊?？□■○●◯✕×╳]|某")
_LATIN = re.compile(r"[a-z]")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003134f〇]")
_TITLES = re.compile(r"^(?:(?:mr|mrs|ms|miss|dr)\b\.?\s*)+|(?:先生|女士|小姐)+$", re.IGNORECASE)
#: Names given to those who have none yet: two of them in one family are not one child.
_UNNAMED = re.compile(
    r"之[子女婴]|^.{1,5}的?(?:儿子|女儿|婴儿|宝宝|大双|小双|长子|次子|长女|次女)$|"
    r"^(?:未取名|未命名|新生儿|婴儿|宝宝|无名氏?|不详|未知|姓名不详|无|unknown|nn|baby.*|unnamed)$",
    re.IGNORECASE,
)


class _Hanzi(NamedTuple):
    readings: dict[str, tuple[str, ...]]  #: of each character, the commonest first
    surnames: dict[str, str]  #: readings as surnames
    simple: dict[int, str]  #: traditional and variant forms


@lru_cache(maxsize=1)
def _hanzi() -> _Hanzi:
    readings: dict[str, list[str]] = {}
    others: list[tuple[str, str]] = []
    surnames: dict[str, str] = {}
    simple: dict[int, str] = {}
    for line in (files("bulou.identity") / "hanzi.txt").read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(" ")
        if head == "=":
            surnames = {one[0]: one[1:] for one in rest.split()}
        elif head == ">":
            simple = {ord(a): b for a, b in zip(rest[::2], rest[1::2], strict=True)}
        elif head != "#":
            first, _, second = rest.partition(" ")
            for c in first.strip("-"):
                readings[c] = [head]
            others += [(c, head) for c in second.strip("-")]
    for c, syllable in others:
        readings.setdefault(c, []).append(syllable)
    return _Hanzi({c: tuple(r) for c, r in readings.items()}, surnames, simple)


def has_characters(text: str) -> bool:
    """Whether there are Chinese characters in it."""
    return bool(_HAN.search(text))


def simple(text: str) -> str:
    """Traditional and variant characters in their simple form."""
    return text.translate(_hanzi().simple)


@lru_cache(maxsize=400_000)
def parts(name: str) -> tuple[str, ...]:
    """The parts of a written name, folded: traditional to simple, small letters without marks or tones; dots and spaces part them.

    Characters of one name with spaces between them ("张 三") are one part, and so are syllables of a Tibetan name.
    """
    text = simple(unicodedata.normalize("NFKC", name))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    for remark in _BRACKETS.findall(text):
        if not _KIN.search(remark):
            text = text.replace(remark, " ")
    text = _TITLES.sub("", text.strip()).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", text) if not 0x300 <= ord(c) <= 0x36F))
    text = text.replace("零", "〇") if _HAN.search(text) else text
    found = tuple(re.sub(r"[()\[\]【】〔〕\"“”:;]", "", one) for one in _DOTS.sub(" ", text).split())
    if (
        len(found) > 1
        and all(_HAN.search(one) for one in found)
        and (max(map(len, found)) == 1 or len(found[0]) == 1)
        and not _dotted(name)
    ):
        return ("".join(found),)
    return tuple(one for one in found if one)


def _dotted(name: str) -> bool:
    return bool(re.search(r"[·•‧・･·∙⋅⸱ᐧ●.．]", name))


def fold(name: str | None) -> str:
    """What two writings of one name share: parts in their order without dots, spaces, case, tones, traditional forms. Idempotent."""
    return "".join(parts(name)) if name else ""


def unnamed(name: str | None) -> bool:
    """Whether this is a word for someone without a name ("王芳之女", 新生儿): it never makes two records one."""
    return not name or bool(_UNNAMED.search("".join(parts(name)))) or not parts(name)


@lru_cache(maxsize=400_000)
def spoken(name: str) -> str:
    """The letters of a name without tones: 张晓明, Zhang Xiaoming and ZHANG<<XIAOMING give ``zhangxiaoming``; for grouping, not for deciding."""
    hanzi = _hanzi()
    out: list[str] = []
    for i, c in enumerate("".join(parts(name))):
        if i == 0 and c in hanzi.surnames:
            out.append(hanzi.surnames[c])
        elif c in hanzi.readings:
            out.append(hanzi.readings[c][0])
        else:
            out.append(c)
    return "".join(out)


def turned(name: str) -> str:
    """The same letters whatever the order of the parts: for finding Xiaoming ZHANG beside 张晓明; for grouping, not for deciding."""
    found = parts(name)
    if len(found) == 1 and _HAN.search(found[0]) and len(found[0]) > 1:
        cut = 2 if len(found[0]) > 3 else 1
        found = (found[0][:cut], found[0][cut:])
    return "".join(sorted(spoken(one) for one in found))


def alike(a: str, b: str) -> Likeness:
    """How two written names compare: the first of ``same order letters sound part masked near different`` that is true of them.

    ``order``: the same parts in another order. ``letters``: pinyin for characters, surname first or last, or the same letters cut
    in another way. ``sound``: other characters that sound alike, which input methods exchange and some twins bear. ``part``: a
    dotted name of which one list has only some parts. ``masked``: equal where neither hides a character. ``near``: one
    character or, of a name in letters in any order of its parts, one slip in five apart; two characters of a short name are never near.
    """
    if a == b:
        return "same"
    return _alike(a, b) if a < b else _alike(b, a)


@lru_cache(maxsize=200_000)
def _alike(a: str, b: str) -> Likeness:
    pa, pb = parts(a), parts(b)
    fa, fb = "".join(pa), "".join(pb)
    if not fa or not fb:
        return "different"
    if fa == fb:
        return "same"
    if sorted(pa) == sorted(pb) or (len(pa) != len(pb) and has_characters(fa) and _turns(pa, pb)):
        return "order"
    if unnamed(a) or unnamed(b):
        return "different"  # a child that has no name yet, and its mother whose name it is written under
    if found := _sounds(pa, pb):
        return found
    if min(len(pa), len(pb)) < max(len(pa), len(pb)) and _begins(pa, pb):
        return "part"
    if (_MASKS.search(fa) or _MASKS.search(fb)) and _unmasked(fa, fb):
        return "masked"
    if _near(fa, fb) or (not has_characters(fa + fb) and any(_near(fa, "".join(order)) for order in _orders(pb)[1:])):
        return "near"
    return "different"


def _begins(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one has only some parts of the other: one part in characters, of letters at least two."""
    short, long = (a, b) if len(a) < len(b) else (b, a)
    enough = len("".join(short)) >= 2 and (len(short) > 1 or has_characters(short[0]))
    return enough and not Counter(short) - Counter(long)


def _readings(part: str, first: bool) -> list[tuple[str, ...]]:
    hanzi = _hanzi()
    out = []
    for i, c in enumerate(part):
        found = hanzi.readings.get(c, (c,))
        if first and i == 0 and c in hanzi.surnames:
            found = (hanzi.surnames[c], *found)
        # ü is written in passports as yu, u or v
        out.append(
            tuple(
                dict.fromkeys(
                    w for r in found for w in ((r, r.replace("v", "yu"), r.replace("v", "u")) if "v" in r and len(r) > 1 else (r,))
                )
            )
        )
    return out


def _sounds(a: tuple[str, ...], b: tuple[str, ...]) -> Literal["letters", "sound"] | None:
    one, two = "".join(a), "".join(b)
    han_a, han_b = bool(_HAN.search(one)), bool(_HAN.search(two))
    if han_a and han_b:
        if _LATIN.search(one) or _LATIN.search(two):  # a character that a system could not write, in letters: 王zhuo
            return "letters" if _spells(one, two) or _spells(two, one) else None
        readings = zip(_readings(one, True), _readings(two, True), strict=False)
        return "sound" if len(one) == len(two) and all(set(x) & set(y) for x, y in readings) else None
    if han_a == han_b:
        return "letters" if _turns(a, b) else None
    han, letters = (one, b) if han_a else (two, a)
    return "letters" if any(_spells(han, "".join(order)) for order in _orders(letters)) else None


def _orders(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    if len(words) <= 3:
        return list(permutations(words))
    return [words, words[-1:] + words[:-1], words[1:] + words[:1]]


def _turns(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether the same letters, cut into parts in two ways, are the same in some order of either's parts."""
    one, two = "".join(a), "".join(b)
    return sorted(one) == sorted(two) and (
        any("".join(order) == two for order in _orders(a)) or any("".join(order) == one for order in _orders(b))
    )


def _spells(han: str, letters: str) -> bool:
    """Whether letters (and characters left among them) can be read from characters, each in one of its readings."""
    ends = {0}
    for c, options in zip(han, _readings(han, True), strict=True):
        ends = {e + len(o) for e in ends for o in (*options, c) if letters.startswith(o, e)}
        if not ends:
            return False
    return len(letters) in ends


def _unmasked(a: str, b: str) -> bool:
    """Whether one name fits the other where it hides characters: one for one, but a star may stand for up to three."""
    return any(bool(_MASKS.search(one)) and _fits(one, other) for one, other in ((a, b), (b, a)))


def _fits(masked: str, name: str) -> bool:
    pieces = [one for one in re.split(r"([*＊?？□■○●◯✕×╳某]+)", masked) if one]
    if all(_MASKS.match(one) for one in pieces):
        return False
    pattern = "".join(f".{{1,{len(one) + 2 * one.count('*')}}}" if _MASKS.match(one) else re.escape(one) for one in pieces)
    return re.fullmatch(pattern, name) is not None


def _near(a: str, b: str) -> bool:
    longer = max(len(a), len(b))
    if _HAN.search(a + b):
        return longer >= 3 and a[0] == b[0] and slips(a, b, 1) <= 1
    return longer >= 4 and slips(a, b, max(1, longer // 5)) <= max(1, longer // 5)


def lone(a: str, b: str) -> bool:
    """Whether one name in letters is a single part of the other: ``Santi`` beside ``Samantha Santi``. Never a reason by itself."""
    short, long = sorted((parts(a), parts(b)), key=len)
    return len(short) == 1 and len(long) > 1 and len(short[0]) >= 3 and short[0] in long and not has_characters("".join(long))


def slips(a: str, b: str, most: int) -> int:
    """How many slips part two words: a character wrong, lost or doubled, two neighbours exchanged; ``most + 1`` for more than ``most``."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
