"""Who answers for a duty: the post of its level in its area at an hour, and the holder on duty; vacant ones are named. Pure.

Never stored: read by area and time, so that a change of post known late is true for the hour it speaks of. Whoever is off duty at
the hour does not answer: what falls due at 02:00 goes to the duty officer of the night, not to the sleeping one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulou.basis.kinds import Fact
from bulou.basis.time import FOREVER, Instant, to_datetime
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


class Roster(NamedTuple):
    """From when on a chair (or one holder of it) is on duty only between two minutes of the local day."""

    holder: bytes | None
    since: Instant
    until: Instant
    first: int
    last: int


class Answer(NamedTuple):
    """Who answers: the post and its holder (None: nobody is on it), and the posts passed over because nobody was on duty there.

    ``off_duty``: those among the vacant that have a holder, whose hours these are not.
    """

    chair: Chair | None
    holder: bytes | None
    acting: bool
    vacant: tuple[str, ...]
    off_duty: tuple[str, ...] = ()


#: What a set of posts is made from.
KINDS_OF_POSTS = ("post.established", "post.held", "post.left", "post.rostered")
_HOUR = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


def minute_of_day(text: str) -> int | None:
    """``20:00`` as minutes from midnight; None for what is no hour. 24:00 ends the day."""
    found = _HOUR.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else None
    return minutes if minutes is not None and minutes <= 24 * 60 else None


class Posts:
    """The posts and holdings that a set of facts tells of."""

    def __init__(self, facts: Iterable[Fact], answers: Mapping[str, Sequence[str]], zone: ZoneInfo | None = None) -> None:
        """``answers`` says for each role what it answers for; ``zone`` is the centre's, for rosters (SEMANTICS: Asia/Shanghai)."""
        self.zone = zone or ZoneInfo("Asia/Shanghai")
        self.rosters: dict[str, list[Roster]] = {}
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
            elif fact.kind == "post.rostered":
                first, last = minute_of_day(body.on_from), minute_of_day(body.on_until)
                if first is not None and last is not None:
                    end = FOREVER if body.until is None else body.until
                    self.rosters.setdefault(body.post, []).append(Roster(body.holder, fact.at, end, first, last))
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

    def on_duty(self, post: str, at: Instant) -> Holding | None:
        """Who is on a chair and within their hours; None when it stands vacant or nobody on it is on duty."""
        on = [h for h in self.holdings.get(post, []) if h.start <= at < h.end and self.within_hours(post, h.holder, at)]
        return max(on, key=lambda h: (h.acting, h.start, h.holder), default=None)

    def within_hours(self, post: str, holder: bytes, at: Instant) -> bool:
        """Whether these are a holder's hours on a chair: their own roster goes before the chair's, a later before an earlier."""
        said = [r for r in self.rosters.get(post, []) if r.since <= at < r.until]
        roster = next((r for r in reversed(said) if r.holder == holder), None) or next(
            (r for r in reversed(said) if r.holder is None), None
        )
        if roster is None or roster.first == roster.last:
            return True
        local = to_datetime(at, self.zone)
        minute = local.hour * 60 + local.minute
        if roster.first < roster.last:
            return roster.first <= minute < roster.last
        return minute >= roster.first or minute < roster.last

    def state(self, post: str, at: Instant) -> str:
        """How it stands with a chair at an hour: one of the list ``answering``."""
        on = self.on_duty(post, at)
        if on is not None:
            return "standing_in" if on.acting else "held"
        return "off_duty" if self.holder(post, at) else "vacant"

    def at_level(self, areas: Sequence[str], what: str, at: Instant) -> list[Chair]:
        """The chairs that answer for ``what`` in the first of ``areas`` that has any, whether or not anyone is on them."""
        for area in areas:
            found = []
            for post in sorted(self._by_area.get((area, what), ())):
                chair = self.chair(post, at)
                if chair is not None and chair.area == area and what in self._answers.get(chair.role, ()):
                    found.append(chair)
            if found:
                return found
        return []

    def held_by(self, holder: bytes, at: Instant) -> list[Chair]:
        """The chairs on which a person sits at an hour."""
        sat = [post for post, held in sorted(self.holdings.items()) if any(h.holder == holder and h.start <= at < h.end for h in held)]
        return [chair for post in sat if (chair := self.chair(post, at))]

    def answering(self, areas: Sequence[str], what: str, at: Instant) -> Answer:
        """Who answers for ``what`` in the first of ``areas`` (the duty's own, then those above) that has a post for it.

        A post with nobody on duty passes the duty up: to the same work further up, then to the next level of territory. Where
        nobody at all is on duty the highest holder is woken: someone always answers while any post is held.
        """
        vacant: list[str] = []
        off_duty: list[str] = []
        ladder = [what, *(LADDER[LADDER.index(what) + 1 :] if what in LADDER else ("command",))]
        first: Chair | None = None
        asleep: tuple[Chair, Holding] | None = None
        for work in ladder:
            for area in areas:
                for post in sorted(self._by_area.get((area, work), ())):
                    chair = self.chair(post, at)
                    if chair is None or chair.area != area or work not in self._answers.get(chair.role, ()):
                        continue
                    first = first or chair
                    on = self.on_duty(post, at)
                    if on:
                        return Answer(chair, on.holder, on.acting, tuple(vacant), tuple(off_duty))
                    held = self.holder(post, at)
                    if held:
                        asleep = chair, held
                        off_duty.append(post)
                    vacant.append(post)
        if asleep:
            return Answer(asleep[0], asleep[1].holder, asleep[1].acting, tuple(vacant), tuple(off_duty))
        return Answer(first, None, False, tuple(vacant))
