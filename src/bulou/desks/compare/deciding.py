"""Answers to the review: one person or two, of one pair or of a whole group of one reason. Kept with who and when; taken back as given.

An answer names rows by file, sheet and number, so that it holds when the same files are compared anew; it joins nothing on the register. A group
is never joined at once where evidence of its kind is too weak to merge people unseen (docs/explanation/identity.md).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from bulou.basis.ids import new_id
from bulou.basis.words import Word
from bulou.desks.compare import kept
from bulou.desks.compare.models import Comparison, ReviewDecision
from bulou.desks.compare.onregister import Known
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.lists.comparing import Comparison as Compared

ANSWERS: dict[str, Word] = {
    "same": Word("同一人", "one person"),
    "different": Word("不是同一人", "two people"),
    "leave": Word("先不定", "left open"),
}
#: Reasons of which a whole group may be said to be one person each: a number cut by a spreadsheet whose rest agrees, and rows that hold nothing
#: but a name which few bear. Every other reason is of people who may be twins, namesakes, a child under a parent's number: one by one, or *two*.
TOGETHER = frozenset({"lost_digits", "name_only"})
#: A row with a spoiled number alone has nobody beside it: it can only be left as it is.
ALONE = frozenset({"spoiled"})
SAMPLE = 10
_REGISTER = "r"


class Point(NamedTuple):
    """One point of a review: its number in the answer, why it asks, and the rows that it is about (the second empty for one row alone)."""

    number: int
    why: str
    first: str
    second: str

    @property
    def pair(self) -> tuple[str, str]:
        return (self.first, self.second)

    @property
    def registered(self) -> bool:
        """Whether both are records of the register: those are joined by a fact, one by one."""
        return self.first.startswith(f"{_REGISTER}:") and self.second.startswith(f"{_REGISTER}:")


# --- rows by name -----------------------------------------------------------------------------------------------------
def lists_by_name(comparison: Comparison, said: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each list of an answer is called in answers to the review: its file's content, which of equal files, its sheet."""
    seen, files = Counter[str](), list[str]()
    for file in comparison.files:
        files.append(f"{file['sha256'][:16]}.{seen[file['sha256']]}")
        seen[file["sha256"]] += 1
    return [f"{files[x['file']]}:{x['sheet']}" for x in said if x.get("letter")]


def write(folder: Path, c: Compared, lists: Sequence[str], known: Sequence[Known]) -> None:
    """Keeps beside an answer which rows each point of its review is about, in the order of the review."""

    def row(r: int | None) -> str:
        if r is None:
            return ""
        return f"{_REGISTER}:{known[r - c.size].person.hex()}" if r >= c.size else f"{lists[c.of[r]]}:{c.row[r]}"

    kept.write_json(folder / "points.json", [[x.why, row(x.first), row(x.second)] for x in c.review])


def points(folder: Path) -> list[Point]:
    """The points of a review in their order."""
    return [Point(n, *each) for n, each in enumerate(kept.read_json(folder / "points.json") or ())]


def records(
    decisions: Iterable[ReviewDecision], lists: Sequence[str], numbers: Sequence[Sequence[int]], known: Sequence[Known]
) -> list[tuple[int, int, bool]]:  # fmt: skip
    """The answers as a comparison takes them: two records by their numbers, and whether they are one person. What is no longer there is left out."""
    said = [(pair, d.answer == "same") for d in decisions if d.answer in ("same", "different") for pair in d.pairs if pair[1]]
    if not said:
        return []
    place: dict[str, int] = {}
    for name, rows in zip(lists, numbers, strict=True):
        for n in rows:
            place[f"{name}:{n}"] = len(place)
    size = len(place)
    for i, k in enumerate(known):
        place.setdefault(f"{_REGISTER}:{k.person.hex()}", size + i)
    return [(place[a], place[b], one) for (a, b), one in said if a in place and b in place]


# --- answers ----------------------------------------------------------------------------------------------------------
def decisions(comparison: Comparison) -> list[ReviewDecision]:
    """The answers that stand, in the order in which they were given."""
    return list(ReviewDecision.objects.filter(comparison=comparison.pk, back_at=None).order_by("at", "pk"))


def decided(some: Iterable[ReviewDecision]) -> dict[tuple[str, str], ReviewDecision]:
    """For each pair the answer that holds: the latest."""
    return {(a, b): d for d in some for a, b in d.pairs}


def answers_of(why: str, *, group: bool) -> list[str]:
    """What may be answered to a point of this reason, to one or to a whole group."""
    if why in ALONE:
        return ["leave"]
    return [a for a in ANSWERS if a != "same" or not group or why in TOGETHER]


def decide(look: Looking, comparison: Comparison, why: str, answer: str, some: Sequence[Point]) -> int:
    """Keeps one answer to these points; to how many. ValueError for what may not be answered so.

    A group answered *one person* takes only points that stand alone: a row asked about with two others cannot be both, and stays to be asked.
    """
    group = len(some) > 1
    if answer not in answers_of(why, group=group) or any(p.why != why for p in some):
        raise ValueError(f"{answer} is no answer to {why}")
    if answer == "same":
        beside = Counter(r for p in some for r in p.pair)
        some = (
            [p for p in some if not p.registered and all(beside[r] == 1 for r in p.pair)]
            if group
            else [p for p in some if not p.registered]
        )
    if not some:
        return 0
    chair, user, now = look.viewer.chair, look.viewer.user, centre().clock.now()
    assert user is not None
    ReviewDecision.objects.create(
        id=new_id(now), comparison=comparison.pk, why=why, answer=answer, pairs=[p.pair for p in some], by=user.get_username(),
        post=chair.post if chair else "", at=now,
    )  # fmt: skip
    return len(some)


def take_back(comparison: Comparison, decision: bytes) -> int:
    """Takes an answer back as it was given: all of its points are asked again; how many."""
    found = ReviewDecision.objects.filter(pk=decision, comparison=comparison.pk, back_at=None).first()
    if found is None:
        return 0
    ReviewDecision.objects.filter(pk=found.pk).update(back_at=centre().clock.now())
    return len(found.pairs)


def sample(some: Sequence[Point], draw: int) -> list[Point]:
    """Ten of a group by lot, the same for everyone who looks; another ten at the next draw."""
    return sorted(some, key=lambda p: blake2b(f"{draw} {p.pair}".encode(), digest_size=8).digest())[:SAMPLE]
