"""Readings: small pure functions that rules name where a kind and an equality are not enough. Each says what it reads.

A reading gives the moment at which something is so (and the fact that made it so), or None while it is not. It may be
asked in ``from``, ``given``, ``until`` and ``must``. It never decides anything about a person by itself.
"""

from collections.abc import Callable
from typing import NamedTuple

from bulou.basis.kinds import INCIDENT, Fact
from bulou.basis.time import DAY, FOREVER, Instant
from bulou.basis.words import Word
from bulou.protocol.relations import INCIDENT_UP, Cell, ancestors, order, stays, zone_spans
from bulou.protocol.rules import Read, Step, Subject


class Moment(NamedTuple):
    """When a reading became so, and the fact that made it so where one did."""

    at: Instant
    fact: bytes = b""


class Reading(NamedTuple):
    """A named reading. ``reads`` starting at ``subject`` concern one subject; others concern the whole cell."""

    name: str
    word: Word
    needs: str
    reads: tuple[Read, ...]
    moment: Callable[[Cell, Subject], Moment | None]


_IN_TUBE = Step("sample.taken", "tube", "person")
_TO_TUBES = Step("sample.taken", "person", "tube")


# --- pools ------------------------------------------------------------------------------------------------------------
def _single_result(cell: Cell, person: Subject) -> tuple[Moment | None, Moment | None]:
    """When a person's single swab, taken after the pool was read, was first read negative, and first read positive.

    A single read both ways counts as positive until one of the two is withdrawn: the hold stays until decided.
    """
    negative: Moment | None = None
    positive: Moment | None = None
    for sample in cell.facts.by("sample.taken", "person", person):
        if sample.body.capacity != 1 or sample.at < cell.first.at or sample.body.tube == cell.key["tube"]:
            continue
        for read in cell.facts.by("tube.resulted", "tube", sample.body.tube):
            if read.body.result == "negative" and (negative is None or (read.at, read.id) < (negative.at, negative.fact)):
                negative = Moment(read.at, read.id)
            if read.body.result == "positive" and (positive is None or (read.at, read.id) < (positive.at, positive.fact)):
                positive = Moment(read.at, read.id)
    return (None if positive else negative), positive


class _Pool(NamedTuple):
    resolved: Moment | None
    unresolved: Moment | None


def _pool(cell: Cell) -> _Pool:
    """Whether the tube is resolved, or unresolved: singles all negative and yet the same tube positive again (FIELD B1.6)."""
    known = cell.memo.get("pool")
    if known is None:
        known = cell.memo["pool"] = _look_at_pool(cell)
    assert isinstance(known, _Pool)
    return known


def _look_at_pool(cell: Cell) -> _Pool:
    people = {cell.person(f) for f in cell.facts.by("sample.taken", "tube", cell.key["tube"])}
    singles = [_single_result(cell, p) for p in sorted(people, key=str)]
    found = min((p for _, p in singles if p), default=None)
    reviews = [
        Moment(f.at, f.id)
        for f in cell.facts.by("pool.reviewed", "tube", cell.key["tube"])
        if f.body.finding == "explained" and f.at >= cell.first.at
    ]
    ends = [m for m in (found, min(reviews, default=None)) if m]
    negatives = [n for n, _ in singles if n]
    reruns = sorted(
        (f for f in cell.facts.by("tube.resulted", "tube", cell.key["tube"]) if f.body.run == "rerun" and f.at >= cell.first.at),
        key=order,
    )
    unresolved: Moment | None = None
    if people and len(negatives) == len(people) and reruns:
        last = max(negatives)
        run = reruns[-1]
        if run.body.result == "negative":
            ends.append(max(last, Moment(run.at, run.id)))
        elif run.body.result in ("positive", "grey"):
            unresolved = max(last, Moment(run.at, run.id))
    resolved = min(ends, default=None)
    return _Pool(resolved, unresolved)


def _pool_resolved(cell: Cell, _subject: Subject) -> Moment | None:
    return _pool(cell).resolved


def _pool_unresolved(cell: Cell, _subject: Subject) -> Moment | None:
    return _pool(cell).unresolved


def _pool_unresolved_a_day(cell: Cell, _subject: Subject) -> Moment | None:
    unresolved, resolved = _pool(cell).unresolved, _pool(cell).resolved
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
    limit = Moment(Instant(cell.first.at + _hold_hours(cell) * 3_600_000_000))
    resolved = _pool(cell).resolved
    negative, _ = _single_result(cell, subject)
    if resolved and negative:
        return min(limit, max(resolved, negative))
    return limit


def _authorisations(cell: Cell) -> list[Fact]:
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
def _two_negatives(cell: Cell, subject: Subject) -> Moment | None:
    """Two negative results of a person's own swabs taken at least 24 hours apart, with no positive between them."""
    reads: list[tuple[Instant, Fact, Fact]] = []
    for sample in cell.facts.by("sample.taken", "person", subject):
        if sample.at < cell.first.at or sample.body.capacity != 1:
            continue
        reads.extend((sample.at, sample, r) for r in cell.facts.by("tube.resulted", "tube", sample.body.tube))
    run: list[tuple[Instant, Fact]] = []
    done: list[Moment] = []
    for taken, _sample, read in sorted(reads, key=lambda r: (r[0], r[2].at, r[2].id)):
        if read.body.result == "negative":
            run.append((taken, read))
            earlier = [r for t, r in run if taken - t >= DAY]
            if earlier:
                last = max(read, earlier[0], key=order)
                done.append(Moment(last.at, last.id))
        elif read.body.result in ("positive", "grey"):
            run = []
    return min(done, default=None)


_OWN_RESULTS = (
    Read("sample.taken", "person", "subject"),
    Read("tube.resulted", "tube", "subject", (_TO_TUBES,)),
)


# --- contacts ---------------------------------------------------------------------------------------------------------
def _exposures(cell: Cell, person: Subject, incident: object) -> list[Fact]:
    return [f for f in cell.facts.by("contact.named", "person", person) if cell.facts.canon("incident", f.incident) == incident]


def _last_exposure(cell: Cell, subject: Subject) -> Moment | None:
    """The controlling exposure of a contact in this incident: the latest, whichever case it comes from."""
    named = _exposures(cell, subject, cell.key["incident"])
    return max((Moment(f.body.exposed_until, f.id) for f in named), default=None)


def _anchor_moved(cell: Cell, subject: Subject) -> Moment | None:
    """When it became known that the order's anchor is no longer the controlling exposure; no date moves by itself."""
    anchor = cell.first.body.anchor
    incident = cell.key["incident"]
    named = _exposures(cell, subject, incident)
    later = [f for f in named if f.body.exposed_until > anchor]
    if later:
        known = min(later, key=order)
        return Moment(max(known.at, cell.first.at), known.id)
    if named and max(f.body.exposed_until for f in named) < anchor:
        gone = [
            Moment(max(at, cell.first.at), f.id)
            for f, at in cell.facts.dropped("contact.named", "person", subject)
            if f.body.exposed_until == anchor and cell.facts.canon("incident", f.incident) == incident
        ]
        return min(gone, default=Moment(cell.first.at, cell.first.id))
    return None


def _order_reconsidered(cell: Cell, subject: Subject) -> Moment | None:
    """An order that replaces this one, or a professional's new judgement that upholds it, after the anchor moved."""
    moved = _anchor_moved(cell, subject)
    if moved is None:
        return None
    answers = list(cell.facts.by("order.made", "replaces", cell.key["order"]))
    answers += [
        f for f in cell.facts.by("contact.judged", "person", subject) if cell.facts.canon("incident", f.incident) == cell.key["incident"]
    ]
    after = [Moment(f.at, f.id) for f in answers if f.at >= moved.at and f.id != moved.fact]
    return min(after, default=None)


def _order_over(cell: Cell, _subject: Subject) -> Moment | None:
    """When an order ends: at its own end, when a named post ended it early, or when another replaced it."""
    ends = [Moment(cell.first.body.ends)]
    ends += [Moment(f.at, f.id) for f in cell.facts.by("order.ended", "order", cell.key["order"])]
    ends += [Moment(f.at, f.id) for f in cell.facts.by("order.made", "replaces", cell.key["order"]) if f.at > cell.first.at]
    return min(ends)


_ORDER_READS = (Read("order.ended", "order", "order"), Read("order.made", "replaces", "order"))


def _ring_one_negative_twice(cell: Cell, subject: Subject) -> Moment | None:
    """When the close contacts behind a second-ring contact have each had their first two tests read negative.

    A positive among them gives no moment: the second ring is then judged again, by a person.
    """
    links = {cell.person(f, "met") for f in _exposures(cell, subject, cell.key["incident"])}
    if not links:
        return None
    moments: list[Moment] = []
    for link in sorted(links, key=str):
        results: list[tuple[Instant, Fact]] = []
        for sample in cell.facts.by("sample.taken", "person", link):
            for read in cell.facts.by("tube.resulted", "tube", sample.body.tube):
                if sample.body.capacity == 1 and read.at >= cell.first.at:
                    results.append((sample.at, read))
        first_two = [read for _, read in sorted(results, key=lambda r: (r[0], r[1].at, r[1].id))][:2]
        if len(first_two) < 2 or any(r.body.result != "negative" for r in first_two):
            return None
        last = max(first_two, key=order)
        moments.append(Moment(last.at, last.id))
    return max(moments)


_TO_INDEX = Step("contact.named", "person", "met")


# --- zones ------------------------------------------------------------------------------------------------------------
def _last_infection(cell: Cell, _subject: Subject) -> Moment | None:
    """The last infection that the edition counts and that was in the zone while it stood; the zone's own hour before any.

    Someone found elsewhere after leaving does not count, and someone found here counts whoever was told first.
    """
    areas = zone_spans(cell.facts, cell.key["zone"])
    last = Moment(cell.first.at, cell.first.id)
    for case in cell.facts.by("case.diagnosed", INCIDENT, cell.first.incident):
        if case.body.status not in ("confirmed", "converted"):
            continue
        for stay in stays(cell.facts, cell.person(case)):
            if stay.area is None or not stay.span.holds(case.at):
                continue
            inside = any(s.holds(case.at) for a in ancestors(cell.facts, stay.area) for s in areas.get(a, ()))
            if inside and case.at > last.at:
                last = Moment(case.at, case.id)
    return last


_CASES = Step("case.diagnosed", INCIDENT, "person")

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
        Reading("hold authorised", Word("已有常设授权", "a standing authorisation is signed"), "tube", _AUTHORISED_READS, _hold_authorised),
        Reading("tube's people known", Word("试管人员已查明", "the people in the tube are known"), "tube",
                (Read("sample.taken", "tube", "tube"),), _tube_known),
        Reading("two negatives 24 h apart", Word("两次阴性且间隔满24小时", "two negatives at least 24 hours apart"), "person",
                _OWN_RESULTS, _two_negatives),
        Reading("last exposure", Word("末次暴露", "the last exposure"), "person",
                (Read("contact.named", "person", "subject"),), _last_exposure),
        Reading("anchor differs", Word("末次暴露与隔离令不一致", "the last exposure is no longer the order's"), "order",
                (Read("contact.named", "person", "subject"),), _anchor_moved),
        Reading("order reconsidered", Word("隔离令已重新决定", "the order has been decided again"), "order",
                (Read("contact.named", "person", "subject"), Read("order.made", "replaces", "order"),
                 Read("contact.judged", "person", "subject")), _order_reconsidered),
        Reading("order over", Word("隔离令结束", "the order is over"), "order", _ORDER_READS, _order_over),
        Reading("ring one negative twice", Word("密接前两次检测均阴性", "the close contacts' first two tests are negative"), "person",
                (Read("contact.named", "person", "subject"),
                 Read("sample.taken", "person", "subject", (_TO_INDEX,)),
                 Read("tube.resulted", "tube", "subject", (_TO_INDEX, _TO_TUBES))), _ring_one_negative_twice),
        Reading("last infection in the zone", Word("区内末例感染", "the last infection in the zone"), "zone",
                (Read("zone.extended", "zone", "zone"), Read("zone.reduced", "zone", "zone"),
                 Read("case.diagnosed", INCIDENT, INCIDENT), Read("stay", "person", INCIDENT, (_CASES,)),
                 Read("area.declared", "area", INCIDENT, (_CASES, Step("stay", "person", "area"),
                                                         Step("area.declared", "area", "parent", deep=True)))), _last_infection),
    )
}  # fmt: skip

#: What "must" means in a rule on duties: the duties it is built on are met.
MET = "duties met"

__all__ = ["FOREVER", "MET", "READINGS", "Moment", "Reading"]
