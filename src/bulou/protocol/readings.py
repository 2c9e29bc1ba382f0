"""Readings: small pure functions that rules name where a kind and an equality are not enough. Each says what it reads.

A reading gives the moment at which something is so (and the fact that made it so), or None while it is not. It may be
asked in ``from``, ``given``, ``until`` and ``must``. It never decides anything about a person by itself.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bulou.basis.kinds import INCIDENT, Fact
from bulou.basis.time import BEGINNING, DAY, FOREVER, HOUR, Instant, add_days, day_of, midnight
from bulou.basis.words import Word
from bulou.protocol.relations import INCIDENT_UP, Cell, ancestors, inside_zone, order, stays, zone_named
from bulou.protocol.rules import Read, Step, Subject


class Moment(NamedTuple):
    """When a reading became so, and the fact that made it so where one did."""

    at: Instant
    fact: bytes = b""


class Reading(NamedTuple):
    """A named reading. ``reads`` starting at ``subject`` concern one subject; others concern the whole cell.

    ``needs`` must be in the key; ``on``, where given, is the kind that must open the cell, because its body is read.
    """

    name: str
    word: Word
    needs: str
    reads: tuple[Read, ...]
    moment: Callable[[Cell, Subject], Moment | None]
    on: str | None = None


_IN_TUBE = Step("sample.taken", "tube", "person")
_TO_TUBES = Step("sample.taken", "person", "tube")


# --- what was read ------------------------------------------------------------------------------------------------------
def _verdict(reads: Iterable[Fact]) -> tuple[str, Moment] | None:
    """What several readings of one swab or tube come to: a positive stands until it is withdrawn, whatever is told after it;
    a grey one until a later negative. Insufficient and invalid are no readings."""
    told = sorted((r for r in reads if r.body.result in ("negative", "positive", "grey")), key=order)
    positive = next((r for r in told if r.body.result == "positive"), None)
    if positive:
        return "positive", Moment(positive.at, positive.id)
    grey = [r for r in told if r.body.result == "grey"]
    negative = next((r for r in told if r.body.result == "negative" and (not grey or order(r) > order(grey[-1]))), None)
    if negative:
        return "negative", Moment(negative.at, negative.id)
    return ("grey", Moment(grey[0].at, grey[0].id)) if grey else None


class Test(NamedTuple):
    """One single swab of a person, however often it was reported, and what it was read as."""

    taken: Instant
    tube: str
    result: str
    moment: Moment


def _tests(cell: Cell, person: Subject, since: Instant) -> list[Test]:
    """A person's own single swabs for the edition's disease that were taken since an hour and have been read, in order."""
    swabs: dict[str, Fact] = {}
    for sample in sorted(cell.facts.by("sample.taken", "person", person), key=order):
        if sample.body.capacity == 1 and sample.at >= since and cell.counts(sample):
            swabs.setdefault(sample.body.tube, sample)
    found: list[Test] = []
    for tube, sample in swabs.items():
        verdict = _verdict(r for r in cell.facts.by("tube.resulted", "tube", tube) if cell.counts(r))
        if verdict:
            found.append(Test(sample.at, tube, *verdict))
    return found


# --- pools ------------------------------------------------------------------------------------------------------------
def single_result(cell: Cell, person: Subject) -> tuple[Moment | None, Moment | None]:
    """When a person's single swab, taken after the pool was read, was read negative, and when positive.

    Whoever has a positive one has no negative one: the hold stays until a person decides.
    """
    known = cell.memo.get(("single", person))
    if known is None:
        known = cell.memo[("single", person)] = _single_result(cell, person)
    assert isinstance(known, tuple)
    return known


def _single_result(cell: Cell, person: Subject) -> tuple[Moment | None, Moment | None]:
    tests = [t for t in _tests(cell, person, cell.first.at) if t.tube != cell.key["tube"]]
    positive = min((t.moment for t in tests if t.result == "positive"), default=None)
    negative = min((t.moment for t in tests if t.result == "negative"), default=None)
    return (None if positive else negative), positive


class Pool(NamedTuple):
    """When a pool was resolved, and when it came to be unresolved; None while it is not so."""

    resolved: Moment | None
    unresolved: Moment | None


def pool_of(cell: Cell) -> Pool:
    """Whether the tube is resolved, or unresolved: singles all negative and yet the same tube positive again (FIELD B1.6)."""
    known = cell.memo.get("pool")
    if known is None:
        known = cell.memo["pool"] = _look_at_pool(cell)
    assert isinstance(known, Pool)
    return known


def _look_at_pool(cell: Cell) -> Pool:
    people = {cell.person(f) for f in cell.facts.by("sample.taken", "tube", cell.key["tube"])}
    singles = [single_result(cell, p) for p in sorted(people, key=str)]
    found = min((p for _, p in singles if p), default=None)
    reviews = [
        Moment(f.at, f.id)
        for f in cell.facts.by("pool.reviewed", "tube", cell.key["tube"])
        if f.body.finding == "explained" and f.at >= cell.first.at and cell.counts(f)
    ]
    ends = [m for m in (found, min(reviews, default=None)) if m]
    negatives = [n for n, _ in singles if n]
    reruns = [
        f
        for f in cell.facts.by("tube.resulted", "tube", cell.key["tube"])
        if f.body.run == "rerun" and f.at >= cell.first.at and cell.counts(f)
    ]
    verdict = _verdict(reruns)
    unresolved: Moment | None = None
    if people and len(negatives) == len(people) and verdict:
        if verdict[0] == "negative":
            ends.append(max(*negatives, verdict[1]))
        else:
            unresolved = max(*negatives, _doubtful_since(reruns, verdict[1]))
    resolved = min(ends, default=None)
    return Pool(resolved, unresolved)


def _doubtful_since(reruns: list[Fact], verdict: Moment) -> Moment:
    """The first positive or grey re-run of the row that led to the verdict: a positive after a grey starts no second clock."""
    cleared = max((Moment(r.at, r.id) for r in reruns if r.body.result == "negative" and (r.at, r.id) < verdict), default=Moment(BEGINNING))
    return min(Moment(r.at, r.id) for r in reruns if r.body.result in ("positive", "grey") and (r.at, r.id) > cleared)


def _pool_resolved(cell: Cell, _subject: Subject) -> Moment | None:
    return pool_of(cell).resolved


def _pool_unresolved(cell: Cell, _subject: Subject) -> Moment | None:
    return pool_of(cell).unresolved


def _pool_unresolved_a_day(cell: Cell, _subject: Subject) -> Moment | None:
    unresolved, resolved = pool_of(cell).unresolved, pool_of(cell).resolved
    if unresolved is None or (resolved and resolved.at < unresolved.at + DAY):
        return None
    return Moment(Instant(unresolved.at + DAY), unresolved.fact)


_POOL_READS = (
    Read("tube.resulted", "tube", "tube"),
    Read("pool.reviewed", "tube", "tube"),
    Read("tube.resulted", "tube", "tube", (_IN_TUBE, _TO_TUBES)),
)


def _hold_over(cell: Cell, subject: Subject) -> Moment | None:
    """When a person's hold ends: the first of own single negative with the tube resolved, and the hours authorised."""
    limit = _hold_limit(cell, subject)
    resolved = pool_of(cell).resolved
    negative, _ = single_result(cell, subject)
    if resolved and negative:
        return min(limit, max(resolved, negative))
    return limit


def _hold_limit(cell: Cell, _subject: Subject) -> Moment:
    """The hours authorised for any hold of this tube, whoever is held: at most 24."""
    return Moment(Instant(cell.first.at + _hold_hours(cell) * HOUR))


def _authorisations(cell: Cell) -> list[Fact]:
    known = cell.memo.get("authorisations")
    if known is None:
        known = cell.memo["authorisations"] = _signed(cell)
    assert isinstance(known, list)
    return known


def _signed(cell: Cell) -> list[Fact]:
    opened = sorted(cell.facts.by("incident.opened", "incident", cell.first.incident), key=order)
    if not opened:
        return []
    above = ancestors(cell.facts, opened[0].body.area)
    return sorted(
        (
            f
            for f in cell.facts.by("authorisation.signed", "edition", cell.rule.edition)
            if f.body.measure == "hold" and f.at <= cell.first.at and f.body.area in above
        ),
        key=order,
    )


def _hold_hours(cell: Cell) -> int:
    signed = _authorisations(cell)
    return min(24, signed[-1].body.hours) if signed else 24


def _hold_authorised(cell: Cell, _subject: Subject) -> Moment | None:
    signed = _authorisations(cell)
    return Moment(signed[0].at, signed[0].id) if signed else None


_AUTHORISED_READS = (
    Read(
        "authorisation.signed", "edition", INCIDENT,
        (Step("incident.opened", "incident", "disease"), Step("edition.adopted", "disease", "edition")),
    ),
    Read("area.declared", "area", INCIDENT, INCIDENT_UP),
)  # fmt: skip


def _tube_known(cell: Cell, _subject: Subject) -> Moment | None:
    known = cell.facts.by("sample.taken", "tube", cell.key["tube"])
    if not known:
        return None
    first = min(known, key=order)
    return Moment(max(first.at, cell.first.at), first.id)


# --- cases ------------------------------------------------------------------------------------------------------------
def _negative(_cell: Cell, test: Test) -> bool:
    return test.result == "negative"


#: From this cycle on a reading of both genes counts as cleared (China's clinical protocol of March 2022).
HIGH_CT = 35.0


def _high_ct(cell: Cell, test: Test) -> bool:
    """Whether a swab is cleared by its Ct: negative, or both genes at 35 or more in every reading; a gene not told is not high."""
    if test.result == "negative":
        return True
    reads = [r.body for r in cell.facts.by("tube.resulted", "tube", test.tube) if cell.counts(r) and r.body.result in ("positive", "grey")]
    return all(b.ct_orf is not None and b.ct_n is not None and min(b.ct_orf, b.ct_n) >= HIGH_CT for b in reads)


def _two_apart(cleared: Callable[[Cell, Test], bool], gap: int) -> Callable[[Cell, Subject], Moment | None]:
    """Two cleared single swabs of a person taken at least ``gap`` apart, with none between them that is not."""

    def moment(cell: Cell, subject: Subject) -> Moment | None:
        run: list[Test] = []
        done: list[Moment] = []
        for test in sorted(_tests(cell, subject, cell.first.at), key=lambda t: (t.taken, t.moment)):
            if not cleared(cell, test):
                run = []
                continue
            done += [max(test.moment, earlier.moment) for earlier in run if test.taken - earlier.taken >= gap][:1]
            run.append(test)
        return min(done, default=None)

    return moment


_OWN_RESULTS = (
    Read("sample.taken", "person", "subject"),
    Read("tube.resulted", "tube", "subject", (_TO_TUBES,)),
)


_INFECTED = frozenset({"confirmed", "asymptomatic", "converted", "positive_again"})


def _diagnosed(cell: Cell, subject: Subject) -> Moment | None:
    """When a person was diagnosed as infected in this incident."""
    found = [f for f in cell.facts.by("case.diagnosed", "person", subject) if f.body.status in _INFECTED and cell.counts(f)]
    return min((Moment(f.at, f.id) for f in found), default=None)


# --- contacts ---------------------------------------------------------------------------------------------------------
def _exposures(cell: Cell, person: Subject, incident: object) -> list[Fact]:
    return [f for f in cell.facts.by("contact.named", "person", person) if cell.facts.canon("incident", f.incident) == incident]


def _last_exposure(cell: Cell, subject: Subject) -> Moment | None:
    """The controlling exposure of a contact in this incident: the latest, whichever case it comes from."""
    named = _exposures(cell, subject, cell.key["incident"])
    return max((Moment(f.body.exposed_until, f.id) for f in named), default=None)


def _first_exposure(cell: Cell, subject: Subject) -> Moment | None:
    """When a contact was first exposed in this incident; a naming that does not say when it began is taken by its end."""
    named = _exposures(cell, subject, cell.key["incident"])
    return min((Moment(f.body.exposed_until if f.body.exposed_from is None else f.body.exposed_from, f.id) for f in named), default=None)


def _immune(cell: Cell, subject: Subject) -> Moment | None:
    """When a person was last recorded as immune to the edition's disease; not while a later record says otherwise."""
    told = sorted((f for f in cell.facts.by("immunity.recorded", "person", subject) if cell.counts(f)), key=order)
    if not told or told[-1].body.immunity != "immune":
        return None
    since = next((i for i in range(len(told) - 1, -1, -1) if told[i].body.immunity != "immune"), -1)
    return Moment(told[since + 1].at, told[since + 1].id)


def _decisions(cell: Cell, subject: Subject) -> list[Moment]:
    """What may answer a moved anchor: an order that replaces this one, or a professional's judgement."""
    found = [*cell.facts.by("order.made", "replaces", cell.key["order"])]
    found += [f for f in cell.facts.by("contact.judged", "person", subject) if cell.counts(f)]
    return sorted(Moment(f.at, f.id) for f in found)


def _joined(cell: Cell, subject: Subject) -> list[Fact]:
    """What made the records of a person one, in order."""
    return sorted(
        {f.id: f for field in ("person", "same_as") for f in cell.facts.by("person.identified", field, subject)}.values(), key=order
    )


def _one_since(cell: Cell, subject: Subject, record: Subject) -> Instant:
    """When a record came to be of the person of the order: at the joining that first led from one to the other; of its own record always."""
    if record == cell.first.body.person:
        return BEGINNING
    reached = {cell.first.body.person}
    waiting: list[Fact] = []
    for join in _joined(cell, subject):
        waiting.append(join)
        grown = True
        while grown:
            more = {p for j in waiting for p in (j.body.person, j.body.same_as) if {j.body.person, j.body.same_as} & reached} - reached
            reached |= more
            grown = bool(more)
        if record in reached:
            return join.at
    return BEGINNING


def _anchor_moved(cell: Cell, subject: Subject) -> Moment | None:
    """When it became known, while the order stood, that its anchor is no longer the controlling exposure; no date moves by itself.

    Of several later exposures the first that no decision has answered counts; an exposure that is withdrawn counts from its
    withdrawal, also when no other is left.
    """
    anchor, made, over = cell.first.body.anchor, cell.first.at, _order_over(cell, subject).at
    incident = cell.key["incident"]
    # What is known of another record of the person counts from the hour at which the two were said to be one: before, nobody could decide on it.
    exposures = _exposures(cell, subject, incident)
    told = {f.id: max(f.at, _one_since(cell, subject, f.body.person)) for f in exposures}
    named = [f for f in exposures if told[f.id] < over]
    later = sorted(Moment(Instant(max(told[f.id], made)), f.id) for f in named if f.body.exposed_until > anchor)
    if later:
        decided = max((d.at for d in _decisions(cell, subject)), default=BEGINNING)
        return next((m for m in later if m.at > decided), later[0])
    if any(f.body.exposed_until == anchor for f in named):
        return None
    gone = [
        Moment(max(at, made), f.id)
        for f, at in cell.facts.dropped("contact.named", "person", subject)
        if f.body.exposed_until == anchor and at < over and cell.facts.canon("incident", f.incident) == incident
    ]
    return min(gone, default=Moment(made, cell.first.id) if named else None)


def _order_reconsidered(cell: Cell, subject: Subject) -> Moment | None:
    """An order that replaces this one, or a professional's new judgement that upholds it, after the anchor moved."""
    moved = _anchor_moved(cell, subject)
    return next((d for d in _decisions(cell, subject) if moved and d.at >= moved.at), None)


def _judged_off(cell: Cell, subject: Subject) -> Moment | None:
    """When the person of an order that still stood was judged out of its ring or excluded, where that is the last word since it was
    made. What was judged before the order was known to whoever made it. No date moves by itself."""
    judged = sorted((f for f in cell.facts.by("contact.judged", "person", subject) if cell.counts(f)), key=order)
    other: Moment | None = None
    for fact in judged:
        if order(fact) > order(cell.first):
            other = None if fact.body.ring == cell.first.body.ring else other or Moment(fact.at, fact.id)
    return other if other and other.at < _order_over(cell, subject).at else None


def _order_decided(cell: Cell, subject: Subject) -> Moment | None:
    """When a named post ended an order or put another in its place, after the judgement that took its ground away."""
    off = _judged_off(cell, subject)
    found = [*cell.facts.by("order.ended", "order", cell.key["order"]), *cell.facts.by("order.made", "replaces", cell.key["order"])]
    return min((Moment(f.at, f.id) for f in found if off and f.at >= off.at), default=None)


def _order_over(cell: Cell, subject: Subject) -> Moment:
    """When an order ends: at its own end, when a named post ended it early, when another replaced it, or with the person's life."""
    ends = [Moment(cell.first.body.ends)]
    ends += [Moment(f.at, f.id) for f in cell.facts.by("order.ended", "order", cell.key["order"])]
    ends += [Moment(f.at, f.id) for f in cell.facts.by("order.made", "replaces", cell.key["order"]) if order(f) > order(cell.first)]
    ends += [Moment(f.at, f.id) for f in cell.facts.by("stay", "person", subject) if f.kind == "person.died"]
    return min(ends)


def _order_ends_soon(cell: Cell, subject: Subject) -> Moment | None:
    """24 hours before an order's own end, or its first hour when it is shorter; never for one that ended before its end."""
    planned = cell.first.body.ends
    if _order_over(cell, subject).at < planned:
        return None
    return Moment(Instant(max(cell.first.body.starts, planned - DAY)), cell.first.id)


def _person_found(cell: Cell, subject: Subject) -> Moment | None:
    """When somebody who was sought is known: one of their records was joined to one that nobody seeks, or a fact says who they are. Two descriptions
    joined to each other are one person whom nobody knows; whoever was joined before the search began is known from its beginning."""
    sought = {f.body.person for f in cell.facts.by("person.sought", "person", subject)}
    known = [
        Moment(max(f.at, cell.first.at), f.id) for f in _joined(cell, subject) if (f.body.person in sought) != (f.body.same_as in sought)
    ]
    known += [Moment(f.at, f.id) for f in cell.facts.by("person.found", "person", subject) if f.at >= cell.first.at]
    return min(known, default=None)


def _judged_otherwise(cell: Cell, subject: Subject) -> Moment | None:
    """When a contact was judged into another ring or excluded, where that is the last word. Judged back, what was asked stands."""
    judged = sorted((f for f in cell.facts.by("contact.judged", "person", subject) if cell.counts(f)), key=order)
    other: Moment | None = None
    for fact in judged:
        if fact.body.ring == cell.first.body.ring:
            other = None
        elif other is None and order(fact) > order(cell.first):
            other = Moment(fact.at, fact.id)
    return other


def _accepted_elsewhere(cell: Cell, subject: Subject) -> Moment | None:
    """When another authority took a person over, where that is the last word: of the letter that was sent last, everybody who answered says so,
    and nobody has judged the person into the ring again since. Given back, or answered otherwise by one of them, they are ours again."""
    # Of a letter that was entered twice the last counts, in whatever order facts are read.
    sent = {f.body.letter: order(f) for f in sorted(cell.facts.by("letter.sent", "person", subject), key=order) if cell.counts(f)}
    said = sorted((f for f in cell.facts.by("letter.answered", "person", subject) if cell.counts(f)), key=order)
    began = {f.body.letter: sent.get(f.body.letter, order(f)) for f in reversed(said)} | sent
    if not said or not began:
        return None
    letter = max(began, key=lambda one: (began[one], one))
    last = {f.body.answered_by or "": f for f in said if f.body.letter == letter and f.body.outcome != "receipt"}
    final = [f for f in last.values() if f.body.outcome != "forwarded"]
    if not final or any(f.body.outcome not in ("accepted", "measures") for f in final):
        return None
    first = min(final, key=order)
    return Moment(first.at, first.id) if order(first) > max(map(order, cell.openers)) else None


_ORDER_READS = (Read("order.ended", "order", "order"), Read("order.made", "replaces", "order"), Read("stay", "person", "subject"))
_JOIN_READS = (Read("person.identified", "person", "subject"), Read("person.identified", "same_as", "subject"))
_DECISION_READS = (Read("order.made", "replaces", "order"), Read("contact.judged", "person", "subject"))


# --- the second ring: it rises, dissolves or loses its ground with the close contacts behind it --------------------------
class Link(NamedTuple):
    """A close contact behind a second-ring contact, and how they stand since the judgement.

    ``tests``: their first two swabs that were read since, at most. ``negative``: when both had been read negative. ``positive``: when one of
    them was read positive, or when they were diagnosed, whichever came first. ``off``: since when they are judged no close contact any more.
    Whoever is infected is neither negative nor off.
    """

    person: Subject
    named: Moment
    tests: tuple[Test, ...]
    negative: Moment | None
    positive: Moment | None
    off: Moment | None


def judged_second(cell: Cell, person: Subject, ring: str) -> Instant:
    """When a person was first judged into a ring in this incident; the cell's own opening where no judgement stands."""
    judged = (f.at for f in cell.facts.by("contact.judged", "person", person) if f.body.ring == ring and cell.counts(f))
    return min(judged, default=cell.first.at)


def ring_one(cell: Cell, person: Subject, since: Instant) -> list[Link]:
    """The people behind a second-ring contact, in the order of their ids: whoever the namings of this incident say they met."""
    named: dict[Subject, Moment] = {}
    for fact in sorted(_exposures(cell, person, cell.key["incident"]), key=order):
        named.setdefault(cell.person(fact, "met"), Moment(fact.at, fact.id))
    return [_link(cell, met, named[met], since) for met in sorted(named, key=str)]


def _link(cell: Cell, met: Subject, named: Moment, since: Instant) -> Link:
    """Tests that were read before the judgement do not count, and one swab reported twice is one test."""
    tests = sorted((t for t in _tests(cell, met, BEGINNING) if t.moment.at >= since), key=lambda t: (t.taken, t.moment))[:2]
    found = [t.moment for t in tests if t.result == "positive"]
    infected = _infected(cell, met)
    positive = min([*found, *([infected] if infected else [])], default=None)
    if positive:
        return Link(met, named, tuple(tests), None, positive, None)
    clear = len(tests) == 2 and all(t.result == "negative" for t in tests)
    return Link(met, named, tuple(tests), max(t.moment for t in tests) if clear else None, None, _off(cell, met))


def _run(facts: Iterable[Fact], so: Callable[[Fact], bool]) -> Moment | None:
    """The first of the facts of one kind from which on each says so, where the last of them does."""
    first: Fact | None = None
    for fact in sorted(facts, key=order):
        first = (first or fact) if so(fact) else None
    return Moment(first.at, first.id) if first else None


def _infected(cell: Cell, person: Subject) -> Moment | None:
    """Since when a person is diagnosed as infected, where that is the last word."""
    return _run((f for f in cell.facts.by("case.diagnosed", "person", person) if cell.counts(f)), lambda f: f.body.status in _INFECTED)


def _off(cell: Cell, person: Subject) -> Moment | None:
    """Since when a person is judged into another ring than the close one, or excluded, where that is the last word."""
    return _run((f for f in cell.facts.by("contact.judged", "person", person) if cell.counts(f)), lambda f: f.body.ring != "close")


def _cleared(links: Iterable[Link]) -> Moment | None:
    """When each of the people behind was negative twice or no close contact any more, and at least one of them negative."""
    found = list(links)
    ended = [min((m for m in (k.negative, k.off) if m), default=None) for k in found]
    first = min((k.negative for k in found if k.negative), default=None)
    if first is None or not all(ended):
        return None
    return max([first, *(m for m in ended if m)])


def _ring_one_negative_twice(cell: Cell, subject: Subject) -> Moment | None:
    """When the close contacts behind a second-ring contact have each had their first two tests read negative; whoever was judged no
    close contact meanwhile need not be tested.

    A positive among them gives no moment: the second ring is then judged again, by a person.
    """
    return _cleared(ring_one(cell, subject, cell.first.at))


def _ring_one_positive(cell: Cell, subject: Subject) -> Moment | None:
    """When one of the people behind a second-ring contact turned positive after the judgement, or a positive one was named after it;
    any of them is enough. Of several the first that no judgement has answered counts. Nobody is judged again by this."""
    since = cell.first.at
    found = [max(k.positive, k.named) for k in ring_one(cell, subject, since) if k.positive]
    found = sorted(m for m in found if m.at >= since and _in_the_ring(cell, subject, m.at))
    decided = max((m.at for m in _judged(cell, subject)), default=BEGINNING)
    return next((m for m in found if m.at > decided), found[0] if found else None)


def _ring_one_gone(cell: Cell, subject: Subject) -> Moment | None:
    """When nobody behind a second-ring contact was a close contact any more: each was judged otherwise, or the naming was withdrawn.
    What was gone before the judgement was known to whoever judged."""
    since, incident = cell.first.at, cell.key["incident"]
    links = ring_one(cell, subject, since)
    if any(k.off is None for k in links):
        return None
    lost = [k.off for k in links if k.off]
    standing = {k.person for k in links}
    for fact, at in cell.facts.dropped("contact.named", "person", subject):
        if cell.facts.canon("incident", fact.incident) == incident and cell.person(fact, "met") not in standing:
            lost.append(Moment(at, fact.id))
    last = max(lost, default=None)
    return last if last and last.at >= since and _in_the_ring(cell, subject, last.at) else None


def _in_the_ring(cell: Cell, subject: Subject, at: Instant) -> bool:
    """Whether a person of the second ring was still in it, and ours, when something happened."""
    left = (_judged_otherwise(cell, subject), _accepted_elsewhere(cell, subject))
    return all(m is None or m.at >= at for m in left)


def _judged(cell: Cell, subject: Subject) -> list[Moment]:
    """Every judgement of a person in this incident, in order."""
    return sorted(Moment(f.at, f.id) for f in cell.facts.by("contact.judged", "person", subject) if cell.counts(f))


#: What is counted from the rule's own start; where one of them is that start itself, it is counted from the opening.
_SINCE = frozenset({"judged since", "decided since", "ring one negative or judged since"})


def _since_start(cell: Cell, subject: Subject, found: Iterable[Moment]) -> Moment | None:
    """The first of some moments that comes once the rule's own clock has started."""
    name = cell.rule.start.reading
    start = Moment(cell.first.at, cell.first.id) if name is None or name in _SINCE else READINGS[name].moment(cell, subject)
    return min((m for m in found if start and m.at >= start.at), default=None)


def _judged_since(cell: Cell, subject: Subject) -> Moment | None:
    """A professional's judgement, into whatever ring, made since the rule asks for one: also one that upholds the ring."""
    return _since_start(cell, subject, _judged(cell, subject))


def _order_decided_since(cell: Cell, subject: Subject) -> Moment | None:
    """A named post ended an order or put another in its place, or a professional judged again, since the rule asks for a decision."""
    ended = (Moment(f.at, f.id) for f in cell.facts.by("order.ended", "order", cell.key["order"]))
    return _since_start(cell, subject, [*ended, *_decisions(cell, subject)])


def _cleared_under_order(cell: Cell, subject: Subject) -> Moment | None:
    """When, while the order stood, the first two tests of each close contact behind its person had been read negative. What was so
    before an order took another's place was known to whoever decided that."""
    made = Moment(cell.first.at, cell.first.id)
    cleared = _cleared(ring_one(cell, subject, judged_second(cell, subject, cell.first.body.ring)))
    if cleared is None or (cell.first.body.replaces is not None and cleared < made):
        return None
    at = max(cleared, made)
    return at if at.at < _order_over(cell, subject).at else None


def _cleared_and_own(cell: Cell, subject: Subject) -> Moment | None:
    """The same, and every swab of the person's own that was read since the judgement negative, at least one."""
    cleared = _cleared_under_order(cell, subject)
    since = judged_second(cell, subject, cell.first.body.ring)
    own = [t for t in _tests(cell, subject, BEGINNING) if t.moment.at >= since]
    if cleared is None or not own or any(t.result != "negative" for t in own):
        return None
    at = max(cleared, min(t.moment for t in own))
    return at if at.at < _order_over(cell, subject).at else None


def _uncleared_at_the_end(cell: Cell, subject: Subject) -> Moment | None:
    """24 hours before the end of an order whose person's close contacts have not each been negative twice by then."""
    soon = _order_ends_soon(cell, subject)
    cleared = _cleared(ring_one(cell, subject, judged_second(cell, subject, cell.first.body.ring)))
    return soon if soon and not (cleared and cleared.at <= soon.at) else None


def _cleared_or_judged(cell: Cell, subject: Subject) -> Moment | None:
    """The close contacts behind the person of an order were negative twice after all, or a professional has judged again."""
    cleared = _cleared(ring_one(cell, subject, judged_second(cell, subject, cell.first.body.ring)))
    return _since_start(cell, subject, [*_judged(cell, subject), *([cleared] if cleared else [])])


_TO_INDEX = Step("contact.named", "person", "met")
_RING_ONE_FOUND = (
    Read("contact.named", "person", "subject"),
    Read("sample.taken", "person", "subject", (_TO_INDEX,)), Read("tube.resulted", "tube", "subject", (_TO_INDEX, _TO_TUBES)),
    Read("case.diagnosed", "person", "subject", (_TO_INDEX,)),
)  # fmt: skip
_RING_ONE_READS = (*_RING_ONE_FOUND, Read("contact.judged", "person", "subject", (_TO_INDEX,)))
_OWN_RING = (
    Read("contact.judged", "person", "subject"), Read("letter.sent", "person", "subject"), Read("letter.answered", "person", "subject"),
)  # fmt: skip


# --- zones ------------------------------------------------------------------------------------------------------------
def _last_infection(cell: Cell, _subject: Subject) -> Moment | None:
    """The last infection that the edition counts for this level and that was in the zone while it stood; the zone's own hour
    before any. Someone found elsewhere after leaving does not count, and someone found here counts whoever was told first.
    """
    named = zone_named(cell.facts, cell.key["zone"])
    counted = {status for z in cell.edition.zones if z.level == cell.first.body.level for status in z.counts}
    last = Moment(cell.first.at, cell.first.id)
    for case in cell.facts.by("case.diagnosed", INCIDENT, cell.first.incident):
        if case.body.status not in counted:
            continue
        for stay in stays(cell.facts, cell.person(case)):
            if stay.area is None or not stay.span.holds(case.at):
                continue
            inside = any(s.holds(case.at) for s in inside_zone(cell.facts, named, stay.area))
            if inside and case.at > last.at:
                last = Moment(case.at, case.id)
    return last


def _before_lifting(days: int) -> Callable[[Cell, Subject], Moment | None]:
    """The hour at which the last days of a zone's clean days begin: its level's days after the last infection, less those."""

    def moment(cell: Cell, subject: Subject) -> Moment | None:
        last = _last_infection(cell, subject)
        clean = next((z.clean_days for z in cell.edition.zones if z.level == cell.first.body.level), 0)
        if last is None:
            return None
        begins = midnight(add_days(day_of(last.at, cell.zone), clean - days + 1), cell.zone)
        return Moment(max(last.at, begins), last.fact)

    return moment


_CASES = Step("case.diagnosed", INCIDENT, "person")
_ZONE_CLEAN_READS = (
    Read("zone.extended", "zone", "zone"), Read("zone.reduced", "zone", "zone"),
    Read("case.diagnosed", INCIDENT, INCIDENT), Read("stay", "person", INCIDENT, (_CASES,)),
    Read("area.declared", "area", INCIDENT, (_CASES, Step("stay", "person", "area"), Step("area.declared", "area", "parent", deep=True))),
)  # fmt: skip

READINGS: dict[str, Reading] = {
    reading.name: reading
    for reading in (
        Reading("pool resolved", Word("混管已查明", "the pool is resolved"), "tube", _POOL_READS, _pool_resolved),
        Reading("pool unresolved", Word("单采均阴而原管复测仍阳", "the singles are negative and yet the same tube is positive again"),
                "tube", _POOL_READS, _pool_unresolved),
        Reading("pool unresolved a day", Word("混管未查明满24小时", "the pool has been unresolved for 24 hours"),
                "tube", _POOL_READS, _pool_unresolved_a_day),
        Reading("hold over", Word("原地等候结束", "the hold is over"), "tube",
                (*_POOL_READS, *_OWN_RESULTS, *_AUTHORISED_READS), _hold_over),
        Reading("hold at its limit", Word("等候满时", "the hours of the hold are over"), "tube", _AUTHORISED_READS, _hold_limit),
        Reading("hold authorised", Word("已有常设授权", "a standing authorisation is signed"), "tube", _AUTHORISED_READS, _hold_authorised),
        Reading("tube's people known", Word("试管人员已查明", "the people in the tube are known"), "tube",
                (Read("sample.taken", "tube", "tube"),), _tube_known),
        Reading("two negatives 24 h apart", Word("两次阴性且间隔满24小时", "two negatives at least 24 hours apart"), "person",
                _OWN_RESULTS, _two_apart(_negative, DAY)),
        Reading("two negatives 48 h apart", Word("两次阴性且间隔满48小时", "two negatives at least 48 hours apart"), "person",
                _OWN_RESULTS, _two_apart(_negative, 2 * DAY)),
        Reading("two high Ct 24 h apart", Word("两次单采间隔满24小时,均为阴性或双靶循环阈值不低于35",
                "two swabs at least 24 h apart, each negative or at Ct 35 or more in both genes"),
                "person", _OWN_RESULTS, _two_apart(_high_ct, DAY)),
        Reading("diagnosed", Word("本人诊断为感染者", "the person is diagnosed as infected"), "tube",
                (Read("case.diagnosed", "person", "subject"),), _diagnosed),
        Reading("person found", Word("身份已查明:与名册中一人认定为同一人,或查明为新人", "it is known who the person is, on the register or new to it"), "person",
                (Read("person.sought", "person", "subject"), *_JOIN_READS, Read("person.found", "person", "subject")), _person_found, "person.sought"),
        Reading("judged otherwise", Word("另行判定", "the person is judged otherwise"), "person",
                (Read("contact.judged", "person", "subject"),), _judged_otherwise, "contact.judged"),
        Reading("accepted elsewhere", Word("对方已接收管理", "another authority has accepted the person"), "person",
                (Read("letter.sent", "person", "subject"), Read("letter.answered", "person", "subject")), _accepted_elsewhere, "contact.judged"),
        Reading("last exposure", Word("末次暴露", "the last exposure"), "person",
                (Read("contact.named", "person", "subject"),), _last_exposure),
        Reading("first exposure", Word("首次暴露", "the first exposure"), "person",
                (Read("contact.named", "person", "subject"),), _first_exposure),
        Reading("immune", Word("已登记有免疫力", "the person is recorded as immune"), "person",
                (Read("immunity.recorded", "person", "subject"),), _immune),
        Reading("anchor differs", Word("末次暴露与隔离令不一致", "the last exposure is no longer the order's"), "order",
                (Read("contact.named", "person", "subject"), *_JOIN_READS, *_DECISION_READS, *_ORDER_READS), _anchor_moved, "order.made"),
        Reading("order reconsidered", Word("隔离令已重新决定", "the order has been decided again"), "order",
                (Read("contact.named", "person", "subject"), *_JOIN_READS, *_DECISION_READS, *_ORDER_READS), _order_reconsidered, "order.made"),
        Reading("judged otherwise than ordered", Word("判定已与隔离令不符", "the person is no longer judged what the order says"), "order",
                (Read("contact.judged", "person", "subject"), *_ORDER_READS), _judged_off, "order.made"),
        Reading("order ended or replaced", Word("隔离令已由有权岗位解除或替代", "a named post has ended or replaced the order"), "order",
                (Read("contact.judged", "person", "subject"), *_ORDER_READS), _order_decided, "order.made"),
        Reading("a day before the order ends", Word("隔离令期满前24小时", "24 hours before the order's end"), "order",
                _ORDER_READS, _order_ends_soon, "order.made"),
        Reading("order over", Word("隔离令结束", "the order is over"), "order", _ORDER_READS, _order_over, "order.made"),
        Reading("ring one negative twice", Word("密接前两次检测均阴性", "the close contacts' first two tests are negative"), "person",
                _RING_ONE_READS, _ring_one_negative_twice),
        Reading("ring one positive", Word("其密接转为阳性", "a close contact behind them turned positive"), "person",
                (*_RING_ONE_FOUND, *_OWN_RING), _ring_one_positive, "contact.judged"),
        Reading("ring one gone", Word("其身后已无密接", "no close contact is left behind them"), "person",
                (*_RING_ONE_READS, *_OWN_RING), _ring_one_gone, "contact.judged"),
        Reading("judged since", Word("专业人员重新判定", "a new judgement by a professional"), "person",
                (Read("contact.judged", "person", "subject"),), _judged_since, "contact.judged"),
        Reading("ring one negative under the order", Word("令在而其密接前两次检测均阴性",
                "the close contacts' first two tests are negative while the order stands"), "order",
                (*_RING_ONE_READS, *_DECISION_READS, *_ORDER_READS), _cleared_under_order, "order.made"),
        Reading("ring one and own negative under the order", Word("令在而其密接前两次检测与本人检测均阴性",
                "the close contacts' first two tests and the person's own are negative while the order stands"), "order",
                (*_RING_ONE_READS, *_OWN_RESULTS, *_DECISION_READS, *_ORDER_READS), _cleared_and_own, "order.made"),
        Reading("decided since", Word("有权岗位解除或另下令,或专业人员重新判定",
                "the order ended or replaced by a named post, or a new judgement by a professional"), "order",
                (*_DECISION_READS, *_ORDER_READS), _order_decided_since, "order.made"),
        Reading("ring one open a day before the end", Word("令满前24小时而其密接前两次检测未均阴性",
                "24 hours before the order's end the close contacts' first two tests are not all negative"), "order",
                (*_RING_ONE_READS, *_DECISION_READS, *_ORDER_READS), _uncleared_at_the_end, "order.made"),
        Reading("ring one negative or judged since", Word("其密接前两次检测均阴性,或专业人员重新判定",
                "two negative tests of each close contact behind them after all, or a new judgement by a professional"), "order",
                (*_RING_ONE_READS, *_DECISION_READS, *_ORDER_READS), _cleared_or_judged, "order.made"),
        Reading("last infection in the zone", Word("区内末例感染", "the last infection in the zone"), "zone",
                _ZONE_CLEAN_READS, _last_infection, "zone.drawn"),
        Reading("a day before lifting", Word("无新增期最后一天零时", "00:00 of the last day without a new infection"), "zone",
                _ZONE_CLEAN_READS, _before_lifting(1), "zone.drawn"),
        Reading("two days before lifting", Word("无新增期倒数第二天零时", "00:00 of the last day but one without a new infection"), "zone",
                _ZONE_CLEAN_READS, _before_lifting(2), "zone.drawn"),
    )
}  # fmt: skip

#: What "must" means in a rule on duties: the duties it is built on are met.
MET = "duties met"

__all__ = ["FOREVER", "MET", "READINGS", "Link", "Moment", "Pool", "Reading", "judged_second", "pool_of", "ring_one", "single_result"]
