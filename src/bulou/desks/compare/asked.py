"""What is asked of a comparison beyond its figures: bridges between its lists, counts as others count. Reckons; keeps and shows nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bulou.basis.words import Word
from bulou.lists.bridge import TERMS, UNEXPLAINED, Bridge, between
from bulou.lists.comparing import Comparison
from bulou.lists.definitions import EVERYONE, Counted, Definition, count, difference, last_day

#: Causes that a person may say of a bridge: every term that explains something and is not counted from the lists.
CAUSES = tuple(c for c in TERMS if c not in UNEXPLAINED and c not in ("merged", "twice"))
#: Bridges of one comparison, causes of one bridge, and definitions of one comparison at most.
MOST_BRIDGES, MOST_CAUSES, MOST_DEFINITIONS = 12, 8, 6
ALL = Word("全部名单", "all lists")


class Cause(NamedTuple):
    """A cause that someone said by hand: a code of ``CAUSES``, of how many, in which words, and who said it."""

    code: str
    number: int
    why: str
    by: str


class Between(NamedTuple):
    """A bridge asked for: from list ``a`` to list ``b``; the cut-off of ``a``; the figures published with them where they are not the rows."""

    a: int
    b: int
    since: str = ""
    before: int | None = None
    after: int | None = None
    causes: tuple[Cause, ...] = ()


class Asks(NamedTuple):
    """All that is asked of one comparison. ``definitions`` and ``ours`` are codes (empty: everyone, once); ``day`` is empty for the latest."""

    bridges: tuple[Between, ...] = ()
    definitions: tuple[str, ...] = ()
    ours: str = ""
    day: str = ""

    def as_data(self) -> dict[str, Any]:
        return {**self._asdict(), "bridges": [{**b._asdict(), "causes": [c._asdict() for c in b.causes]} for b in self.bridges]}


def read(raw: Mapping[str, Any] | None) -> Asks:
    """What ``as_data`` wrote; nothing asked where nothing stands."""
    if not raw:
        return Asks()
    bridges = tuple(Between(**{**b, "causes": tuple(Cause(**c) for c in b["causes"])}) for b in raw["bridges"])
    return Asks(bridges, tuple(raw["definitions"]), raw["ours"], raw["day"])


def of_two(asks: Asks, lists: int) -> tuple[Between, ...]:
    """The bridges that are shown: those asked for between lists that are there; of two lists that from the first to the second always."""
    there = tuple(b for b in asks.bridges if b.a < lists and b.b < lists)
    return there or ((Between(0, 1),) if lists == 2 else ())


def bridges(found: Comparison, asks: Asks) -> list[Bridge]:
    """Every bridge asked for."""
    return [
        between(found, b.a, b.b, since=b.since or None, said=(b.before, b.after), causes=summed(b.causes))
        for b in of_two(asks, len(found.lists))
    ]


def summed(causes: Iterable[Cause]) -> dict[str, int]:
    """How many each cause explains, whoever said it."""
    out: dict[str, int] = {}
    for c in causes:
        out[c.code] = out.get(c.code, 0) + c.number
    return out


def counted(found: Comparison, asks: Asks, known: Sequence[Definition]) -> tuple[list[tuple[str | Word, Counted]], list[Bridge]]:
    """Each list and all of them counted as each definition says, and the bridge from our count of all to theirs, with names.

    Where the lists carry no date and a definition goes by one, it counts nobody: the day is then the one said, or none.
    """
    by = {d.code: d for d in known}
    day, ours = asks.day or last_day(found), by.get(asks.ours, EVERYONE)
    out, steps = list[tuple[str | Word, Counted]](), list[Bridge]()
    wanted = [by[c] for c in asks.definitions if c in by]
    for d in (*((ours,) if wanted and ours is not EVERYONE and ours not in wanted else ()), *wanted):
        if d.clock and not day:
            continue
        out += [(x.name, count(found, d, day, [i])) for i, x in enumerate(found.lists)]
        out.append((ALL, count(found, d, day)))
        if d is not ours:
            steps.append(difference(found, ours, d, day)[2])
    return out, steps
