"""What the heading of a column says it is, by the words of words.toml. Looks at no value and opens no file of anyone's."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from bulou.basis.words import Word

#: What joins the parts of a heading that stands in several rows.
JOIN = "/"


class Words(NamedTuple):
    """How one field is headed: whole headings, lesser ones, endings, and beginnings that make an ending mean another person or place."""

    word: Word
    whole: frozenset[str]
    less: frozenset[str]
    ends: tuple[str, ...]
    excluded: tuple[str, ...]


_BRACKETS = re.compile(r"[(（\[【<《{].*?[)）\]】>》}]")
_MARKS = re.compile(r"[\s_\-./\\:：*＊,，、;；·・|?？!！'\"“”‘’()（）\[\]【】]+")


@lru_cache(maxsize=65536)
def fold(heading: str) -> str:
    """A heading without what does not matter: width, case, spaces, marks, and what stands in brackets unless that is all."""
    text = unicodedata.normalize("NFKC", heading).lower().replace("\ufeff", "")
    outside = _MARKS.sub("", _BRACKETS.sub("", text))
    return outside or _MARKS.sub("", text) or text.strip()


@lru_cache(maxsize=1)
def words() -> dict[str, Words]:
    """The words of every field."""
    raw = tomllib.loads((resources.files("bulou.lists") / "words.toml").read_text(encoding="utf-8"))
    return {
        field: Words(
            Word(said["zh"], said["en"]),
            frozenset(fold(w) for w in said["whole"]),
            frozenset(fold(w) for w in said.get("less", ())),
            tuple(sorted((fold(w) for w in said.get("ends", ())), key=len, reverse=True)),
            tuple(fold(w) for w in said.get("not", ())),
        )
        for field, said in raw.items()
    }


@lru_cache(maxsize=1)
def _whole() -> dict[str, tuple[str, float]]:
    less = {heading: (field, 0.6) for field, said in words().items() for heading in said.less}
    return less | {heading: (field, 1.0) for field, said in words().items() for heading in said.whole}


#: Of a dotted heading ("person.firstName") the last part speaks for the person only after one of these.
_OF_PERSON = re.compile(r"(person|patient|case|contact|participant|address)\b", re.IGNORECASE)


@lru_cache(maxsize=65536)
def field_of(heading: str) -> tuple[str, float] | None:
    """The field that a heading names and how sure it is (0 to 1); None when it names none.

    Of a heading in several rows ("基本信息/姓名", "person.firstName") the last part decides, then the whole.
    """
    parts = [p for p in heading.split(JOIN) if p.strip()] or [heading]
    tries = [(heading, 0.95), (parts[-1], 0.95)]
    if "." in parts[-1] and _OF_PERSON.match(parts[-1]):
        last = parts[-1].rsplit(".", 1)[-1]
        if fold(last) != "id":  # of the record, not of the person
            tries.append((last, 0.85))
    if not parts[-1].isascii():  # "姓名 Name" in one cell
        tries += [(part, 0.85) for part in (re.sub(r"[!-~]+", " ", parts[-1]), re.sub(r"[^ -~]+", " ", parts[-1])) if part.strip()]
    if len(parts) > 1:
        tries.append((parts[0], 0.7))
    for text, sure in tries:
        found = _whole().get(fold(text))
        if found:
            return found[0], sure * found[1]
    for text, _ in tries:
        folded = fold(text)
        best = max(
            ((len(end), field) for field, said in words().items() for end in said.ends
             if folded.endswith(end) and not folded.startswith(said.excluded)),
            default=None,
        )  # fmt: skip
        if best:
            return best[1], 0.75
    return None
