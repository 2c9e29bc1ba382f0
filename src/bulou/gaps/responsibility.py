"""Who answers for a person or a place, at each level and in each party, at an hour; and what is being handed over. Pure.

Four parties (MISSION A6): the territory, level by level from the household to the command; the trade's department; the employer; the
person. Nothing is handed over by being sent: until the other side accepts, the sender answers (FIELD E12, E15).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.gaps.answer import LADDER, Chair, Posts
from bulou.protocol.relations import order

PARTIES = ("territory", "department", "employer", "person")
#: Kinds from which charges are read.
KINDS_OF_CHARGES = ("charge.offered", "charge.accepted", "charge.declined")


class Charge(NamedTuple):
    """One handing over: who offered what to whom, and what became of it. ``answered_at`` None: nobody has answered yet."""

    id: bytes
    subject: str
    party: str
    to_area: str | None
    to_post: str | None
    reason: str
    offered_at: Instant
    by: str
    answer: str | None
    answered_at: Instant | None
    answered_by: str | None
    said: str | None
    #: A later offer of the same subject and party came before an answer.
    lapsed_at: Instant | None

    def state(self, at: Instant) -> str | None:
        """How it stands at an hour, one of the list ``transfer``; None before it was offered."""
        if at < self.offered_at:
            return None
        if self.answered_at is not None and self.answered_at <= at:
            return self.answer
        if self.lapsed_at is not None and self.lapsed_at <= at:
            return "lapsed"
        return "offered"


class Charges:
    """Every handing over that a set of facts tells of, by subject."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        offers: list[Fact] = []
        answers: dict[bytes, list[Fact]] = {}
        for fact in sorted(facts, key=order):
            if fact.kind == "charge.offered":
                offers.append(fact)
            elif fact.kind in ("charge.accepted", "charge.declined"):
                answers.setdefault(fact.body.charge, []).append(fact)
        self.all: dict[bytes, Charge] = {}
        self.of: dict[str, list[Charge]] = {}
        later: dict[tuple[str, str], Instant] = {}
        for fact in reversed(offers):
            body, key = fact.body, (fact.body.subject, fact.body.party)
            lapsed = later.get(key)
            # Whoever answers first is heard; an answer that comes after a later offer has nothing left to answer.
            told = next((f for f in answers.get(body.charge, ()) if f.at >= fact.at and (lapsed is None or f.at < lapsed)), None)
            charge = Charge(
                body.charge, body.subject, body.party, body.to_area, body.to_post, body.reason, fact.at, body.post,
                None if told is None else told.kind.removeprefix("charge."), None if told is None else told.at,
                None if told is None else told.body.post, getattr(told.body, "reason", None) if told else None,
                lapsed if told is None else None,
            )  # fmt: skip
            if body.charge in self.all:
                continue  # one id, one offer: the later stands
            self.all[body.charge] = charge
            self.of.setdefault(body.subject, []).insert(0, charge)
            later[key] = fact.at

    def about(self, subjects: Collection[str], party: str, at: Instant) -> list[Charge]:
        """The handings over of a subject (by all its ids) in one party up to an hour, earliest first."""
        found = [c for s in sorted(subjects) for c in self.of.get(s, ()) if c.party == party and c.offered_at <= at]
        return sorted(found, key=lambda c: (c.offered_at, c.id))


class Authority(NamedTuple):
    """The one area that answers for a subject at an hour; ``lies`` where it is, ``transfer`` what is on offer and not accepted."""

    area: str | None
    lies: str | None
    transfer: Charge | None


def authority(places: Sequence[tuple[Instant, str | None]], charges: Sequence[Charge], at: Instant) -> Authority:
    """Which area answers for a subject at an hour: where it lies, unless a handing over says otherwise.

    ``places``: from when on it lies where. While an offer is open the sender answers wherever the subject has gone meanwhile; once
    accepted the receiver answers, until the subject moves again; declined, the sender goes on, until it moves again or is offered
    again. At every moment exactly one area answers, once the subject lies anywhere.
    """
    # At one instant: first the move, then the offer, then its answer.
    steps: list[tuple[Instant, int, bytes, str | None, Charge | None]] = [(t, 0, b"", area, None) for t, area in places if t <= at]
    for one in charges:
        if one.party == "territory" and one.to_area is not None and one.offered_at <= at:
            steps.append((one.offered_at, 1, one.id, one.to_area, one))
            if one.answered_at is not None and one.answered_at <= at:
                steps.append((one.answered_at, 2, one.id, one.to_area, one))
    answering: str | None = None
    lies: str | None = None
    open_: Charge | None = None
    for _t, what, _id, area, charge in sorted(steps, key=lambda s: s[:3]):
        if what == 0:
            lies = area
            if open_ is None:
                answering = area
        elif what == 1:
            open_ = charge
        elif open_ is not None and charge is not None and charge.id == open_.id:
            if charge.answer == "accepted":
                answering = area
            open_ = None
    return Authority(answering, lies, open_)


def entrusted(charges: Sequence[Charge], at: Instant) -> tuple[str | None, Charge | None]:
    """For a party other than the territory: the post that answers at an hour, and the offer that is still open."""
    post: str | None = None
    open_: Charge | None = None
    for charge in charges:
        state = charge.state(at)
        if state == "accepted":
            post = charge.to_post
        elif state == "offered":
            open_ = charge
    return post, open_


class Seat(NamedTuple):
    """Who answers at one level of one party: a chair, or a person without one. ``state`` is of the list ``answering``."""

    party: str
    level: str
    chair: Chair | None
    holder: bytes | None
    state: str


class Responsible(NamedTuple):
    """Everyone who answers for a subject at an hour; the first of the territory's that is on duty comes from ``Posts.answering``."""

    seats: tuple[Seat, ...]
    authority: Authority
    transfers: tuple[Charge, ...]

    def of(self, party: str) -> list[Seat]:
        return [s for s in self.seats if s.party == party]


def chair_seats(posts: Posts, party: str, level: str, chairs: Iterable[Chair], at: Instant) -> list[Seat]:
    """A seat for each chair of a level, with whoever is on duty; one that names nobody where there is no chair."""
    made = []
    for chair in chairs:
        state = posts.state(chair.post, at)
        held = posts.on_duty(chair.post, at) or posts.holder(chair.post, at)
        made.append(Seat(party, level, chair, held.holder if held else None, state))
    return made or [Seat(party, level, None, None, "unnamed")]


def ladder_seats(posts: Posts, upward: Sequence[str], at: Instant) -> list[Seat]:
    """The territory's seats for an area and those above it, lowest first: grid, village, town, district, command."""
    return [seat for level in LADDER for seat in chair_seats(posts, "territory", level, posts.at_level(upward, level, at), at)]


def responsible(
    posts: Posts,
    charges: Charges,
    at: Instant,
    *,
    subjects: Collection[str],
    places: Sequence[tuple[Instant, str | None]],
    upward: Callable[[str | None], Sequence[str]],
    head: bytes | None = None,
    household: bool = False,
    person: bytes | None = None,
    workplaces: Collection[str] = (),
) -> Responsible:
    """Who answers for a subject at an hour.

    ``subjects``: its ids as text, all of them where records are one. ``places``: where it lies from when on. ``upward`` gives an
    area with those above it. ``head``: who answers for the household (``household``: it has one). ``person``: the subject itself,
    where it is a person. ``workplaces``: ids of the places where they work: their employer and its department answer too.
    """
    here = authority(places, charges.about(subjects, "territory", at), at)
    seats: list[Seat] = []
    if household:
        seats.append(Seat("territory", "household", None, head, "held" if head else "unnamed"))
    seats += ladder_seats(posts, upward(here.area) if here.area else [], at)
    transfers = [here.transfer] if here.transfer else []
    asked = [subjects] if person is None else [subjects, *([w] for w in sorted(workplaces))]
    for party in ("department", "employer"):
        named: list[Seat] = []
        for each in asked:
            post, open_ = entrusted(charges.about(each, party, at), at)
            transfers += [open_] if open_ else []
            chair = posts.chair(post, at) if post else None
            named += chair_seats(posts, party, party, [chair], at) if chair else []
        if named or person is None or workplaces:
            seats += named or [Seat(party, party, None, None, "unnamed")]
    if person is not None:
        seats.append(Seat("person", "person", None, person, "held"))
    return Responsible(tuple(seats), here, tuple(transfers))
