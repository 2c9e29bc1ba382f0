"""Who answers for a duty: the post of its level in its area at an hour, and the holder on it; vacant ones are named. Pure.

Never stored: read by area and time, so that a change of post known late is true for the hour it speaks of.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import FOREVER, Instant
from bulou.protocol.relations import order

#: Where a duty goes when nobody holds the post that should answer: up, level by level, to the command.
LADDER = ("grid", "village", "town", "district", "command")


class Chair(NamedTuple):
    """A post as established: its area, its unit's names and what its role answers for."""

    post: str
    area: str
    role: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    phone: str | None


class Holding(NamedTuple):
    """A person on a chair for a time; ``acting`` for a stand-in."""

    holder: bytes
    start: Instant
    end: Instant
    acting: bool


class Answer(NamedTuple):
    """Who answers: the post and its holder (None: nobody is on it), and the posts passed over because they stood vacant."""

    chair: Chair | None
    holder: bytes | None
    acting: bool
    vacant: tuple[str, ...]


class Posts:
    """The posts and holdings that a set of facts tells of."""

    def __init__(self, facts: Iterable[Fact], answers: Mapping[str, Sequence[str]]) -> None:
        """``answers`` says for each role what it answers for."""
        self.established: dict[str, list[tuple[Instant, Chair]]] = {}
        self.holdings: dict[str, list[Holding]] = {}
        self._answers = answers
        self._by_area: dict[tuple[str, str], set[str]] = {}
        for fact in sorted(facts, key=order):
            body = fact.body
            if fact.kind == "post.established":
                chair = Chair(body.post, body.area, body.role, body.name, body.name_en, body.unit, body.unit_en, body.phone)
                self.established.setdefault(body.post, []).append((fact.at, chair))
                for what in answers.get(chair.role, ()):
                    self._by_area.setdefault((chair.area, what), set()).add(chair.post)
            elif fact.kind == "post.held":
                have = [self._until(h, fact.at) if not body.acting else h for h in self.holdings.get(body.post, [])]
                end = FOREVER if body.until is None else body.until
                self.holdings[body.post] = [*have, Holding(body.holder, fact.at, end, body.acting)]
            elif fact.kind == "post.left":
                self.holdings[body.post] = [
                    self._until(h, fact.at) if h.holder == body.holder else h for h in self.holdings.get(body.post, [])
                ]

    @staticmethod
    def _until(holding: Holding, at: Instant) -> Holding:
        return holding._replace(end=min(holding.end, max(at, holding.start)))

    def chair(self, post: str, at: Instant) -> Chair | None:
        """A post as it stood at an hour: established again, it may lie elsewhere or answer for other work from then on."""
        return next((chair for since, chair in reversed(self.established.get(post, [])) if since <= at), None)

    def holder(self, post: str, at: Instant) -> Holding | None:
        """Who is on a chair at an hour: an acting holder before the regular one, None when it stands vacant."""
        on = [h for h in self.holdings.get(post, []) if h.start <= at < h.end]
        return max(on, key=lambda h: (h.acting, h.start, h.holder), default=None)

    def held_by(self, holder: bytes, at: Instant) -> list[Chair]:
        """The chairs on which a person sits at an hour."""
        sat = [post for post, held in sorted(self.holdings.items()) if any(h.holder == holder and h.start <= at < h.end for h in held)]
        return [chair for post in sat if (chair := self.chair(post, at))]

    def answering(self, areas: Sequence[str], what: str, at: Instant) -> Answer:
        """Who answers for ``what`` in the first of ``areas`` (the duty's own, then those above) that has a post for it.

        A vacant post passes the duty up: to the same work further up, then to the next level of territory.
        """
        vacant: list[str] = []
        ladder = [what, *(LADDER[LADDER.index(what) + 1 :] if what in LADDER else ("command",))]
        first: Chair | None = None
        for work in ladder:
            for area in areas:
                for post in sorted(self._by_area.get((area, work), ())):
                    chair = self.chair(post, at)
                    if chair is None or chair.area != area or work not in self._answers.get(chair.role, ()):
                        continue
                    first = first or chair
                    held = self.holder(post, at)
                    if held:
                        return Answer(chair, held.holder, held.acting, tuple(vacant))
                    vacant.append(post)
        return Answer(first, None, False, tuple(vacant))
