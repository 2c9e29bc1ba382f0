"""What a call-up may say in public, and how it is counted. Pure. It knows no names but those it must not print.

The denominator stays open: how many were there nobody knows, so no share of them is ever given.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from bulou.basis.time import DAY, HOUR, Instant

#: Kinds of place of which a notice would name the people: who lives there is found at the door.
NEVER = frozenset({"home", "dormitory", "isolation"})
#: The shortest window that is published: minutes tell who it was (this project's proposal, as are the next two).
SHORTEST = HOUR
#: A notice stands for so long at most: longer than any edition looks back, nobody can answer to it.
LONGEST = 21 * DAY
#: A name of one sign is in half of all words; from two on it is looked for.
LEAST_SIGNS = 2
_NUMBER = re.compile(r"\d{7,}")
_DOOR = re.compile(r"\d+\s*(?:室|户|单元)|(?:flat|apartment|room|unit)\s*\d+", re.IGNORECASE)


class Counted(NamedTuple):
    """A call-up in people: ``known`` were there by the visits on record, ``answered`` said so, of them ``strangers`` were on no register before;
    ``unreached`` are known, did not answer and were asked by nobody since."""

    known: int
    answered: int
    strangers: int
    unreached: int


def outward(since: int, until: int) -> tuple[Instant, Instant]:
    """A window in half hours that holds it: what is published says no minute of anyone. Instants in and out."""
    half = HOUR // 2
    return Instant(since // half * half), Instant(-(-until // half) * half)


def against(public: str, nature: str | None, since: int, until: int, names: Iterable[str], beside: str = "") -> list[str]:
    """Why a notice may not be published, as codes: of a dwelling, too short a window, a number, a door, or a name of the incident's
    people, also in what is printed ``beside``."""
    found = []
    if nature in NEVER:
        found.append("dwelling")
    if until - since < SHORTEST:
        found.append("short")
    if _NUMBER.search(public):
        found.append("number")
    if _DOOR.search(public):
        found.append("door")
    if any(len(name) >= LEAST_SIGNS and name in f"{public}\n{beside}" for name in names):
        found.append("name")
    return found


def counted(known: Collection[bytes], answered: Collection[bytes], new: Collection[bytes], asked: Collection[bytes]) -> Counted:
    """``known``: there by visits; ``answered``: said so; ``new``: came on the register with or after the notice; ``asked``: interviewed since."""
    said, there = set(answered), set(known)
    return Counted(len(there), len(said), len(said & set(new)), len(there - said - set(asked)))
