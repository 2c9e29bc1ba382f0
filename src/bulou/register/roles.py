"""Roles as data: verbs, fields seen unmasked, what a post answers for; the masks are in basis. Decides nothing else."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from bulou.basis.masks import masked as masked
from bulou.basis.words import Word


class Role(NamedTuple):
    """What the holder of a post may do and see."""

    code: str
    word: Word
    sees: frozenset[str]
    answers: tuple[str, ...]
    verbs: frozenset[str]
    unmasked: frozenset[str]
    #: What the holder usually looks at people for (a word of the list ``purpose``).
    purpose: str = "response"
    #: The roles for which its holder may open a shift.
    shifts: tuple[str, ...] = ()


#: Two roles that one person never holds together: who keeps the house, and who looks at how it is kept.
NEVER_BOTH = frozenset({"auditor", "administrator"})


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Role]:
    """Every role by its code."""
    raw = tomllib.loads((resources.files("bulou.register") / "roles.toml").read_text(encoding="utf-8"))
    return {
        code: Role(
            code,
            Word(**r["name"]),
            frozenset(r["sees"]),
            tuple(r["answers"]),
            frozenset(r["verbs"]),
            frozenset(r["unmasked"]),
            r["purpose"],
            tuple(r.get("shifts", ())),
        )
        for code, r in raw.items()
    }


def answers_by_role() -> dict[str, tuple[str, ...]]:
    """What each role answers for, as ``gaps.answer.Posts`` wants it."""
    return {code: role.answers for code, role in roles().items()}
