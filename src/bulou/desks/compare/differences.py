"""Which differences an answer holds, each by a key that tomorrow's comparison of the same lists finds again. Pure; says nothing of them.

A key is a digest of who it is about (for someone on the register their id, else what their rows say), which lists differ, and in what they
say. Lists are told by how they are called without days and numbers: 检测组0803.xlsx and 检测组0804.xlsx are one list on two days. What is
said otherwise tomorrow is another difference.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

#: What a group of an answer's people is a difference in, where it is one.
_ABSENT = ("only_", "missing_", "other", "not_in_all", "mask_")
_DAYS = re.compile(r"[\W\d_]+", re.UNICODE)


def called(name: str) -> str:
    """What a list is called on every day: without its ending, days, numbers and marks; all of it where nothing else is left."""
    stem = name.rsplit(".", 1)[0] if "." in name[-6:] else name
    return _DAYS.sub("", stem).lower() or stem


def _key(*parts: object) -> str:
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def keys(line: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """In what lists differ about a person of an answer, each with its key. ``names``: what the lists are called, by :func:`called`."""
    rows, mask, found = line["rows"], line["mask"], dict[str, str]()
    who = (
        min(line["ids"])
        if line["ids"]
        else _key(*sorted({(names[r[0]], *(r[2].get(f, "") for f in ("name", "document", "phone"))) for r in rows}))
    )
    if mask != (1 << len(names)) - 1:
        found["absent"] = _key("absent", who, *sorted((n, mask >> i & 1) for i, n in enumerate(names)))
    if len(rows) > mask.bit_count():
        found["twice"] = _key("twice", who, *sorted(names))
    if line["on"] is False:
        found["not_registered"] = _key("not_registered", who)
    for f in line["differs"]:
        said = "name" if f == "name_writing" else f
        found[f] = _key(f, who, *sorted({(names[r[0]], v) for r in rows if (v := r[2].get(said))}))
    return found


def what_of(group: str, line: Mapping[str, Any]) -> list[str]:
    """In what the people of a group differ, for one of them; nothing where the group is no difference."""
    if group.startswith(_ABSENT):
        return ["absent"]
    if group in ("twice", "not_registered"):
        return [group]
    if group == "differing":
        return [f for f in line["differs"] if f != "name_writing"]
    return [group.removeprefix("differs_")] if group.startswith("differs_") else []


def is_difference(group: str, everywhere: int) -> bool:
    """Whether the people of a group are there because lists differ about them."""
    return group.startswith((*_ABSENT, "differ")) or group in ("twice", "not_registered") if group != f"mask_{everywhere}" else False


def in_group(group: str, line: Mapping[str, Any], lists: int) -> bool:
    """Whether a person of an answer is in a group that is a difference."""
    mask: int = line["mask"]
    full = (1 << lists) - 1
    kind, _mark, rest = group.partition("_")
    if group == "not_in_all":
        return mask != full
    if kind == "only":
        return mask == 1 << (ord(rest) - 65)
    if kind == "missing":
        return mask == full & ~(1 << (ord(rest) - 65))
    if kind == "mask":
        return str(mask) == rest
    if group == "other":
        return mask != full and mask.bit_count() not in (1, lists - 1)
    if group == "twice":
        return len(line["rows"]) > mask.bit_count()
    if group == "not_registered":
        return bool(line["on"] is False)
    return bool(set(what_of(group, line)) & set(line["differs"]))


class Index(NamedTuple):
    """From the key of a difference to the person whom it is about: two files beside an answer, sorted, so that few are found among many."""

    folder: Path

    def write(self, lines: Iterable[dict[str, Any]], names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The lines as they are; when the last was taken the index is there."""
        told = [called(n) for n in names]
        found, whose = array("Q"), array("I")
        for line in lines:
            for key in keys(line, told).values():
                found.append(int(key, 16))
                whose.append(line["n"])
            yield line
        order = sorted(range(len(found)), key=found.__getitem__)
        for name, column in (("keys", found), ("keys_of", whose)):
            with (self.folder / name).open("wb") as file:
                array(column.typecode, (column[i] for i in order)).tofile(file)

    def find(self, wanted: Iterable[str]) -> dict[str, int]:
        """The numbers of the people whom these differences are about, as far as they are in this answer."""
        asked = [(k, int(k, 16)) for k in wanted]
        if not asked or not (self.folder / "keys").exists():
            return {}
        there, whose = array("Q"), array("I")
        there.frombytes((self.folder / "keys").read_bytes())
        whose.frombytes((self.folder / "keys_of").read_bytes())
        places = ((k, n, bisect_left(there, n)) for k, n in asked)
        return {k: whose[i] for k, n, i in places if i < len(there) and there[i] == n}
