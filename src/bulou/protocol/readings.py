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


def _anchor_moved(cell: Cell, subject: Subject) -> Moment | None:
    """When it became known, while the order stood, that its anchor is no longer the controlling exposure; no date moves by itself.

    Of several later exposures the first that no decision has answered counts; an exposure that is withdrawn counts from its
    withdrawal, also when no other is left.
    """
    anchor, made, over = cell.first.body.anchor, cell.first.at, _order_over(cell, subject).at
    incident = cell.key["incident"]
    named = [f for f in _exposures(cell, subject, incident) if f.at < over]
    later = sorted(Moment(max(f.at, made), f.id) for f in named if f.body.exposed_until > anchor)
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
    sent = {f.body.letter: order(f) for f in cell.facts.by("letter.sent", "person", subject) if cell.counts(f)}
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
_DECISION_READS = (Read("order.made", "replaces", "order"), Read("contact.judged", "person", "subject"))


def _ring_one_negative_twice(cell: Cell, subject: Subject) -> Moment | None:
    """When the close contacts behind a second-ring contact have each had their first two tests read negative.

    Tests that were read before the judgement do not count, and one swab reported twice is one test. A positive among them
    gives no moment: the second ring is then judged again, by a person.
    """
    links = {cell.person(f, "met") for f in _exposures(cell, subject, cell.key["incident"])}
    moments: list[Moment] = []
    for link in sorted(links, key=str):
        tests = [t for t in _tests(cell, link, BEGINNING) if t.moment.at >= cell.first.at]
        first_two = sorted(tests, key=lambda t: (t.taken, t.moment))[:2]
        if len(first_two) < 2 or any(t.result != "negative" for t in first_two):
            return None
        moments.append(max(t.moment for t in first_two))
    return max(moments, default=None)


_TO_INDEX = Step("contact.named", "person", "met")


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
                (Read("contact.named", "person", "subject"), *_DECISION_READS, *_ORDER_READS), _anchor_moved, "order.made"),
        Reading("order reconsidered", Word("隔离令已重新决定", "the order has been decided again"), "order",
                (Read("contact.named", "person", "subject"), *_DECISION_READS, *_ORDER_READS), _order_reconsidered, "order.made"),
        Reading("judged otherwise than ordered", Word("判定已与隔离令不符", "the person is no longer judged what the order says"), "order",
                (Read("contact.judged", "person", "subject"), *_ORDER_READS), _judged_off, "order.made"),
        Reading("order ended or replaced", Word("隔离令已由有权岗位解除或替代", "a named post has ended or replaced the order"), "order",
                (Read("contact.judged", "person", "subject"), *_ORDER_READS), _order_decided, "order.made"),
        Reading("a day before the order ends", Word("隔离令期满前24小时", "24 hours before the order's end"), "order",
                _ORDER_READS, _order_ends_soon, "order.made"),
        Reading("order over", Word("隔离令结束", "the order is over"), "order", _ORDER_READS, _order_over, "order.made"),
        Reading("ring one negative twice", Word("密接前两次检测均阴性", "the close contacts' first two tests are negative"), "person",
                (Read("contact.named", "person", "subject"),
                 Read("sample.taken", "person", "subject", (_TO_INDEX,)),
                 Read("tube.resulted", "tube", "subject", (_TO_INDEX, _TO_TUBES))), _ring_one_negative_twice),
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

__all__ = ["FOREVER", "MET", "READINGS", "Moment", "Pool", "Reading", "pool_of", "single_result"]
