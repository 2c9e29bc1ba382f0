"""Roles as data: verbs, fields seen unmasked, what a post answers for; and the masks themselves. Decides nothing else."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from bulou.basis.words import Word


class Role(NamedTuple):
    """What the holder of a post may do and see."""

    code: str
    word: Word
    sees: frozenset[str]
    answers: tuple[str, ...]
    verbs: frozenset[str]
    unmasked: frozenset[str]


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Role]:
    """Every role by its code."""
    raw = tomllib.loads((resources.files("bulou.register") / "roles.toml").read_text(encoding="utf-8"))
    return {
        code: Role(code, Word(**r["name"]), frozenset(r["sees"]), tuple(r["answers"]), frozenset(r["verbs"]), frozenset(r["unmasked"]))
        for code, r in raw.items()
    }


def answers_by_role() -> dict[str, tuple[str, ...]]:
    """What each role answers for, as ``gaps.answer.Posts`` wants it."""
    return {code: role.answers for code, role in roles().items()}


def masked(manner: str, value: str | None) -> str:
    """A personal value as those see it who need not know it: enough to tell two people apart at the door, no more."""
    if not value:
        return ""
    match manner:
        case "name":
            return value[0] + "*" * max(1, min(len(value) - 1, 2))
        case "phone":
            return value[:3] + "****" + value[-4:] if len(value) >= 8 else "****"
        case "document":
            return "***" + value[-4:] if len(value) >= 8 else "***"
        case "address":
            return value[:3] + "…" if len(value) > 3 else "…"
        case _:
            return "…"
