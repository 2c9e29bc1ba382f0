"""May this person pass this door now: from the orders and zones in force and the rules of editions that are adopted there. Pure.

Says yes or not now, the sentence of the rule, until when, and which post to call; never why someone is under an order, no score and no
colour. Whoever is not known passes, unless a rule of the place, or of the zone in which its door lies, says otherwise. Nothing here is
kept: it is read again for every question, as of any hour, so that what was ended holds nobody at a door.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from bulou.basis.kinds import Fact
from bulou.basis.time import FOREVER, HOUR, Instant
from bulou.duties.reckoning import edition_at
from bulou.gaps.answer import LADDER, Answer, Posts
from bulou.protocol.relations import ancestors, inside_zone, order, segments, zone_named
from bulou.protocol.rules import Edition, Facts, PassingRule, Protocol_


class Standing(Facts, Protocol):
    """Facts of which a whole small kind can be read."""

    def standing(self, kind: str) -> Sequence[Fact]: ...


class Door(NamedTuple):
    """A door: the area in which it lies and what kind of place it leads to (a word of the list ``place``)."""

    area: str
    nature: str


class Bar(NamedTuple):
    """What keeps someone from passing now: the rule, the edition that it stands in, until when (None: until it is lifted), whose it is."""

    rule: PassingRule
    edition: str
    until: Instant | None
    post: str | None
    #: The order or zone that it is (None: a rule of the place), and its incident: what an objection is about.
    thing: bytes | None = None
    incident: bytes | None = None


class Passing(NamedTuple):
    """The answer at a door at an hour. ``bar`` is None where they pass; of several the one that ends last, so that the hour said is true."""

    passes: bool
    bar: Bar | None


def passing(facts: Standing, protocol: Protocol_, person: bytes | None, door: Door, at: Instant) -> Passing:
    """Whether a person (None: nobody whom the register knows) may pass a door at an hour."""
    return judged(bars(facts, protocol, person, door, at))


def judged(found: Sequence[Bar]) -> Passing:
    """The answer, where these are what keeps them."""
    if not found:
        return Passing(True, None)
    return Passing(False, max(found, key=lambda b: (FOREVER if b.until is None else b.until, b.edition, b.rule.name)))


def bars(facts: Standing, protocol: Protocol_, person: bytes | None, door: Door, at: Instant) -> list[Bar]:
    """Everything that keeps a person from passing a door at an hour: each can be objected to by itself."""
    return [*_orders(facts, protocol, person, at), *_zones(facts, protocol, person, door, at), *_place(facts, protocol, person, door, at)]


def whom_to_call(posts: Posts, bar: Bar, upward: Sequence[str], at: Instant) -> Answer:
    """The post that signed what keeps them, if somebody is on duty there; else who answers for the town of the door, or above it.

    Whom to call is somebody with a telephone: a post without one is named only where nobody above it has one either.
    """
    chair = posts.chair(bar.post, at) if bar.post else None
    on = posts.on_duty(bar.post, at) if bar.post else None
    if chair is not None and on is not None and chair.phone:
        return Answer(chair, on.holder, on.acting, ())
    found = [posts.answering(upward, work, at) for work in LADDER[LADDER.index("town") :]]
    return next((a for a in found if a.holder is not None and a.chair is not None and a.chair.phone), found[0])


# --- every answer of a span -------------------------------------------------------------------------------------------
class Change(NamedTuple):
    """From an hour on a door gives another answer."""

    at: Instant
    found: Passing


def changes(facts: Standing, protocol: Protocol_, person: bytes | None, door: Door, since: Instant, until: Instant) -> list[Change]:
    """What a door answers at ``since``, and from every later hour at which the answer, its rule or its end is another.

    As far as facts tell now: an order entered late shows from the hour for which it was made, not from when it became known.
    """
    told = [Change(since, passing(facts, protocol, person, door, since))]
    for hour in _hours(facts, protocol, person, [door], since, until):
        found = passing(facts, protocol, person, door, hour)
        if _said(found) != _said(told[-1].found):
            told.append(Change(hour, found))
    return told


def _said(found: Passing) -> tuple[object, ...]:
    return (found.passes, *((found.bar.edition, found.bar.rule.name, found.bar.until) if found.bar else ()))


def passes_until(
    facts: Standing, protocol: Protocol_, person: bytes | None, doors: Sequence[Door], now: Instant, longest: int
) -> Instant | None:
    """Until when someone may pass all of these doors, as far as facts tell now: ``longest`` at most; None where one answers no."""
    if any(not passing(facts, protocol, person, door, now).passes for door in doors):
        return None
    end = Instant(now + longest)
    hours = _hours(facts, protocol, person, doors, now, end)
    return next((h for h in hours if any(not passing(facts, protocol, person, d, h).passes for d in doors)), end)


def doors_under(facts: Standing, protocol: Protocol_, area: str, every: bool, nature: str, zoned: Sequence[str], at: Instant) -> list[Door]:
    """The doors that a pass for an area speaks of: one in each part of it where another answer could be given.

    ``every``: of every kind, else of ``nature`` alone. ``zoned``: the areas that any zone was drawn over.
    """
    places = [(f.body.area, what) for f, edition in _adopted(facts, protocol, at) for what in _asking(edition)]
    natures = {"gate", *(what for _area, what in places)} if every else {nature}
    parts = {area, *(a for a in (*zoned, *(a for a, _what in places)) if area in ancestors(facts, a))}
    return [Door(a, n) for a in sorted(parts) for n in sorted(natures)]


def asking(facts: Standing, protocol: Protocol_, area: str, at: Instant) -> list[str]:
    """The kinds of places in an area that ask for something of whoever comes, by an edition adopted there."""
    above = ancestors(facts, area)
    return sorted({what for f, edition in _adopted(facts, protocol, at) if f.body.area in above for what in _asking(edition)})


def _adopted(facts: Standing, protocol: Protocol_, at: Instant) -> Iterator[tuple[Fact, Edition]]:
    for fact in facts.standing("edition.adopted"):
        edition = protocol.editions.get(fact.body.edition)
        if edition is not None and fact.at <= at and fact.body.incident is None:
            yield fact, edition


def _asking(edition: Edition) -> list[str]:
    return [rule.what for rule in edition.passings if rule.when == "place"]


def _hours(
    facts: Standing, protocol: Protocol_, person: bytes | None, doors: Sequence[Door], since: Instant, until: Instant
) -> list[Instant]:
    """Every hour after ``since``, up to ``until``, at which these doors could begin to answer otherwise. One too many is slow, one too few
    is a wrong pass."""
    hours: set[int] = {f.at for f in facts.standing("edition.adopted")}
    here = segments(facts, "person", person) if person is not None and facts.by("stay", "person", person) else ()
    hours |= {h.span.start for h in here}
    for made in facts.by("order.made", "person", person) if person is not None else ():
        hours |= {max(made.at, made.body.starts), order_over(facts, made)}
    for zone in _zones_of(facts, [*(d.area for d in doors), *(h.area for h in here)]):
        for kind in ("zone.drawn", "zone.extended", "zone.reduced", "zone.lifted"):
            hours |= {f.at for f in facts.by(kind, "zone", zone)}
        hours |= {f.body.expires for f in facts.by("zone.drawn", "zone", zone) if f.body.expires is not None}
    lives = {rule.tested_hours for edition in protocol.editions.values() for rule in edition.passings if rule.when == "place"}
    for sample in facts.by("sample.taken", "person", person) if person is not None and lives else ():
        hours |= {f.at for f in facts.by("tube.resulted", "tube", sample.body.tube)}
        hours |= {sample.at + n * HOUR + 1 for n in lives}
    return [Instant(h) for h in sorted(hours) if since < h <= until]


# --- orders -----------------------------------------------------------------------------------------------------------
def _orders(facts: Facts, protocol: Protocol_, person: bytes | None, at: Instant) -> Iterator[Bar]:
    """Every order that stands on them at the hour, whose measure an edition says may not pass a door."""
    for made in facts.by("order.made", "person", person) if person is not None else ():
        over = order_over(facts, made)
        edition = protocol.editions.get(made.body.edition)
        if edition is None or not max(made.at, made.body.starts) <= at < over:
            continue
        for rule in edition.passings:
            if rule.when == "order" and rule.what == made.body.measure:
                yield Bar(rule, edition.id, over, made.body.post, made.body.order, made.incident)


def order_over(facts: Facts, made: Fact) -> Instant:
    """When an order ends: at its end, ended early, replaced, or with the person's life, as the reading "order over" has it."""
    ended = [f.at for f in facts.by("order.ended", "order", made.body.order)]
    replaced = [f.at for f in facts.by("order.made", "replaces", made.body.order) if order(f) > order(made)]
    died = [f.at for f in facts.by("stay", "person", made.body.person) if f.kind == "person.died"]
    return min([Instant(made.body.ends), *ended, *replaced, *died])


# --- zones ------------------------------------------------------------------------------------------------------------
def _zones(facts: Facts, protocol: Protocol_, person: bytes | None, door: Door, at: Instant) -> Iterator[Bar]:
    """Every zone in which they stay or the door lies, and not both alike, whose level an edition says may not be left or entered."""
    here = segments(facts, "person", person) if person is not None and facts.by("stay", "person", person) else ()
    home = next((h.area for h in here if h.span.holds(at)), None)
    for zone in _zones_of(facts, (home, door.area)):
        drawn = min((f for f in facts.by("zone.drawn", "zone", zone) if f.at <= at), key=order, default=None)
        if drawn is None or at >= (end := _zone_over(facts, drawn)):
            continue
        edition = protocol.editions.get(edition_at(drawn.incident, at, facts) or "")
        named = zone_named(facts, zone)
        stays = home is not None and any(s.holds(at) for s in inside_zone(facts, named, home))
        lies = any(s.holds(at) for s in inside_zone(facts, named, door.area))
        for rule in edition.passings if edition else ():
            if rule.when != "zone" or rule.what != drawn.body.level:
                continue
            leaves = stays and (rule.doors == "all" or not lies or door.nature == "gate")
            if (rule.who == "inside" and leaves) or (rule.who == "outside" and lies and not stays):
                until = None if end == FOREVER else end
                yield Bar(rule, edition.id if edition else "", until, drawn.body.post, zone, drawn.incident)


def _zones_of(facts: Facts, areas: Sequence[str | None]) -> list[bytes]:
    above = {a for area in areas if area is not None for a in ancestors(facts, area)}
    return sorted({f.body.zone for area in sorted(above) for f in facts.by("zone.extended", "area", area)})


def _zone_over(facts: Facts, drawn: Fact) -> Instant:
    """When a zone ends: lifted, or at its expiry."""
    lifted = [f.at for f in facts.by("zone.lifted", "zone", drawn.body.zone) if f.at >= drawn.at]
    return min([FOREVER if drawn.body.expires is None else Instant(drawn.body.expires), *lifted])


# --- places -----------------------------------------------------------------------------------------------------------
def _place(facts: Standing, protocol: Protocol_, person: bytes | None, door: Door, at: Instant) -> Iterator[Bar]:
    """Every rule for this kind of place, of an edition in force where the door lies, that they do not meet."""
    above = ancestors(facts, door.area)
    latest: dict[str, tuple[tuple[int, Instant, bytes], str]] = {}
    for adopted in facts.standing("edition.adopted"):
        if adopted.at <= at and adopted.body.area in above and adopted.body.incident is None:
            rank = (-above.index(adopted.body.area), adopted.at, adopted.id)
            if adopted.body.disease not in latest or rank > latest[adopted.body.disease][0]:
                latest[adopted.body.disease] = rank, adopted.body.edition
    for disease, (_rank, name) in sorted(latest.items()):
        edition = protocol.editions.get(name)
        for rule in edition.passings if edition else ():
            if rule.when == "place" and rule.what == door.nature and not _tested(facts, disease, person, rule.tested_hours, at):
                yield Bar(rule, name, None, None)


def _tested(facts: Facts, disease: str, person: bytes | None, hours: int, at: Instant) -> bool:
    """Whether a swab of theirs, taken within so many hours, was read negative by the hour and by nobody otherwise."""
    for sample in facts.by("sample.taken", "person", person) if person is not None else ():
        if sample.body.disease == disease and at - hours * HOUR <= sample.at <= at:
            read = [f for f in facts.by("tube.resulted", "tube", sample.body.tube) if f.at <= at and f.body.disease == disease]
            if {f.body.result for f in read} == {"negative"}:
                return True
    return False
