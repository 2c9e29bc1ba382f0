"""Projections of the things that facts speak of: incidents, tubes, cases, contacts, orders, zones, risk points. Pure functions to rows."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bulou.basis.kinds import INCIDENT, Fact
from bulou.basis.time import FOREVER
from bulou.evidence.now import Projection, project
from bulou.protocol.relations import order, zone_spans
from bulou.protocol.rules import Facts, Read, Step, Subject

#: Of several readings of one tube the gravest is shown, until one of them is withdrawn.
GRAVITY = ("negative", "invalid", "insufficient", "grey", "positive")


def _sorted(facts: Facts, kind: str, field: str, value: Subject) -> list[Fact]:
    return sorted(facts.by(kind, field, value), key=order)


def _first(found: Iterable[Fact]) -> Fact | None:
    return min(found, key=order, default=None)


def _at(fact: Fact | None) -> int | None:
    return fact.at if fact else None


def _incident(facts: Facts, incident: Subject) -> Iterator[tuple[Any, ...]]:
    opened = _first(f for f in facts.by("incident.opened", "incident", incident) if f.body.incident == incident)
    if opened is not None:
        closed = _first(facts.by("incident.closed", "incident", incident))
        body = opened.body
        yield (
            facts.canon("incident", incident), body.name, body.name_en, body.disease, body.area, body.nature, opened.at,
            closed.at if closed else FOREVER,
        )  # fmt: skip


def gravest(reads: Iterable[Fact]) -> Fact | None:
    """The reading that stands for several: the gravest, and of equal ones the first."""
    found = sorted(reads, key=order)
    return max(found, key=lambda f: GRAVITY.index(f.body.result), default=None) if found else None


def _tube(facts: Facts, tube: Subject) -> Iterator[tuple[Any, ...]]:
    opened = _first(facts.by("tube.opened", "tube", tube))
    received = _first(facts.by("tube.received", "tube", tube))
    reads = _sorted(facts, "tube.resulted", "tube", tube)
    first = gravest(f for f in reads if f.body.run == "first")
    rerun = gravest(f for f in reads if f.body.run == "rerun")
    review = _sorted(facts, "pool.reviewed", "tube", tube)
    if not (opened or received or reads or review):
        return
    told = {f.body.result for f in reads if f.body.run == "first"}
    any_ = next(f for f in (first, rerun, received, opened, *review) if f)
    yield (
        opened.body.capacity if opened else None, opened.body.area if opened else None, opened.body.place if opened else None,
        getattr(any_.body, "disease", None), _at(opened), _at(received), first.body.result if first else None, _at(first),
        bool(first and first.body.provisional), rerun.body.result if rerun else None, _at(rerun),
        review[-1].body.finding if review else None, len(told) > 1, (first or any_).incident,
    )  # fmt: skip


def _of_incident(facts: Facts, kind: str, person: Subject) -> dict[Any, list[Fact]]:
    found: dict[Any, list[Fact]] = {}
    for fact in _sorted(facts, kind, "person", person):
        found.setdefault(facts.canon("incident", fact.incident), []).append(fact)
    return found


_CASE_KINDS = ("recheck.read", "consultation.held", "case.diagnosed", "onset.recorded", "case.reported", "investigation.completed")


def status_of(positive: bool, rechecked: list[Fact], diagnosed: list[Fact]) -> str | None:
    """The status word of a person (FIELD B2): what the last diagnosis says, else the recheck, else the screening."""
    if diagnosed:
        last, before = diagnosed[-1].body.status, [f.body.status for f in diagnosed[:-1]]
        return "converted" if last == "confirmed" and before[-1:] == ["asymptomatic"] else str(last)
    if any(f.body.result == "positive" for f in rechecked):
        return "recheck_positive"
    return "screening_positive" if positive else None


def _case(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """One row for each incident in which a person is or was suspected to be infected."""
    if facts.canon("person", person) != person:
        return
    by_kind = {kind: _of_incident(facts, kind, person) for kind in _CASE_KINDS}
    positives: dict[Any, list[Fact]] = {}
    for sample in facts.by("sample.taken", "person", person):
        if sample.body.capacity == 1:
            for read in facts.by("tube.resulted", "tube", sample.body.tube):
                if read.body.result == "positive":
                    positives.setdefault(facts.canon("incident", read.incident), []).append(read)
    placed = _of_incident(facts, "placement.made", person)
    hospital = {i: [f for f in found if f.body.measure == "hospital"] for i, found in placed.items()}
    started = {*positives, *by_kind["recheck.read"], *by_kind["consultation.held"], *by_kind["case.diagnosed"]}
    for incident in sorted(started - {None}):
        rechecked, consulted, diagnosed = (by_kind[k].get(incident, []) for k in _CASE_KINDS[:3])
        onset, reported, investigated = (by_kind[k].get(incident, []) for k in _CASE_KINDS[3:])
        positive = _first(positives.get(incident, []))
        told = diagnosed[-1].body if diagnosed else None
        yield (
            incident, status_of(positive is not None, rechecked, diagnosed), _at(positive),
            rechecked[-1].body.result if rechecked else None, _at(_first(rechecked)),
            consulted[-1].body.conclusion if consulted else None, _at(_first(consulted)),
            _at(_first(diagnosed)), told.severity if told else None, told.how_found if told else None, told.control if told else None,
            next((f.body.label for f in reversed(diagnosed) if f.body.label), None), onset[-1].body.on if onset else None,
            _at(_first(reported)), _at(_first(investigated)), _at(_first(hospital.get(incident, []))),
        )  # fmt: skip


def order_over(facts: Facts, made: Fact) -> int:
    """When an order ends: as the reading "order over" has it, at its end, ended, replaced, or with the person's life."""
    ended = [f.at for f in facts.by("order.ended", "order", made.body.order)]
    replaced = [f.at for f in facts.by("order.made", "replaces", made.body.order) if order(f) > order(made)]
    died = [f.at for f in facts.by("person.died", "person", made.body.person)]
    return int(min([made.body.ends, *ended, *replaced, *died]))


def _contact(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """One row for each incident in which a person was named or judged: a person once, however many links."""
    if facts.canon("person", person) != person:
        return
    named = _of_incident(facts, "contact.named", person)
    judged = _of_incident(facts, "contact.judged", person)
    orders = _of_incident(facts, "order.made", person)
    told = _of_incident(facts, "notice.given", person)
    fetched = _of_incident(facts, "person.fetched", person)
    placed = _of_incident(facts, "placement.made", person)
    for incident in sorted({*named, *judged} - {None}):
        links = named.get(incident, [])
        last = judged[incident][-1] if incident in judged else None
        made = orders[incident][-1] if incident in orders else None
        yield (
            incident, _at(_first(links)), len({facts.canon("person", f.body.met) for f in links}),
            max((f.body.exposed_until for f in links), default=None), last.body.ring if last else None, _at(last),
            last.body.post if last else None, last.body.reason if last else None, made.body.order if made else None,
            made.body.anchor if made else None, made.body.starts if made else None, made.body.ends if made else None,
            order_over(facts, made) if made else None,
            _at(_first(f for f in told.get(incident, []) if f.body.about in ("order", "risk"))),
            _at(_first(fetched.get(incident, []))), _at(_first(f for f in placed.get(incident, []) if f.body.measure != "hospital")),
        )  # fmt: skip


def _traced(facts: Facts, person: Subject) -> Iterator[tuple[Any, ...]]:
    """One row for each incident that must trace a person, by whatever channels they became known."""
    if facts.canon("person", person) != person:
        return
    told, states = _of_incident(facts, "person.traced", person), _of_incident(facts, "state.confirmed", person)
    for incident in sorted(set(told) - {None}):
        those, confirmed = told[incident], states.get(incident, [])
        channels = dict.fromkeys(f.body.channel for f in those)
        last = confirmed[-1] if confirmed else None
        yield incident, those[0].at, those[-1].at, len(those), f",{','.join(channels)},", last.body.state if last else None, _at(last)


def _order(facts: Facts, order_id: Subject) -> Iterator[tuple[Any, ...]]:
    made = _first(facts.by("order.made", "order", order_id))
    if made is not None:
        b = made.body
        yield (
            made.incident, facts.canon("person", b.person), b.ring, b.measure, b.edition, b.anchor, b.starts, b.ends,
            order_over(facts, made), b.reason, b.post, made.at,
        )  # fmt: skip


def _zone(facts: Facts, zone: Subject) -> Iterator[tuple[Any, ...]]:
    drawn = _first(facts.by("zone.drawn", "zone", zone))
    if drawn is not None:
        lifted = _first(f for f in facts.by("zone.lifted", "zone", zone) if f.at >= drawn.at)
        b = drawn.body
        yield (
            drawn.incident, b.level, b.name, b.name_en, b.notice, b.post, drawn.at, b.expires, lifted.at if lifted else FOREVER,
            lifted.body.post if lifted else None, lifted.body.notice if lifted else None, b.lane_minutes, b.supplies, b.synthetic,
        )  # fmt: skip


def _zone_area(facts: Facts, zone: Subject) -> Iterator[tuple[Any, ...]]:
    for area, spans in sorted(zone_spans(facts, zone).items()):
        for span in spans:
            yield area, span.start, span.end


class PointDone(NamedTuple):
    """What was done at a risk point by an hour: samples of surfaces, how they were read, the last disinfection and what was found after it."""

    closed_at: int | None
    sampled_at: int | None
    samples: int
    positive: int
    negative: int
    disinfected_at: int | None
    result: str | None
    read_at: int | None


#: The kinds of which ``point_done`` speaks.
DONE_AT_POINT = ("point.closed", "surfaces.sampled", "surfaces.read", "point.disinfected")


def point_done(facts: Facts, point: Subject, about: int = FOREVER) -> PointDone:
    """What was done at a risk point by an hour. A place that was disinfected twice is checked after the last time."""
    closed, sampled, reads, cleaned = ([f for f in _sorted(facts, kind, "point", point) if f.at <= about] for kind in DONE_AT_POINT)
    clean = max((f.at for f in cleaned), default=None)
    after = [f for f in reads if f.body.stage == "after" and clean is not None and f.at >= clean]
    result = None if not after else "positive" if any(f.body.result == "positive" for f in after) else "negative"
    return PointDone(
        _at(_first(closed)), _at(_first(sampled)), sum(f.body.samples for f in sampled), sum(f.body.positive for f in reads),
        sum(f.body.negative for f in reads), clean, result, _at(after[-1]) if after else None,
    )  # fmt: skip


def _point(facts: Facts, point: Subject) -> Iterator[tuple[Any, ...]]:
    """A risk point with what was done."""
    named = _first(facts.by("point.named", "point", point))
    if named is None:
        return
    b = named.body
    place = _first(facts.by("place.declared", "place", b.place))
    reopened = _first(facts.by("point.reopened", "point", point))
    yield (
        named.incident, b.place, place.body.area if place else None, b.since, b.until, b.held, b.closed_until, b.reason, b.post, named.at,
        *point_done(facts, point), max(reopened.at, named.at) if reopened else FOREVER, reopened.body.post if reopened else None,
    )  # fmt: skip


def _callup(facts: Facts, callup: Subject) -> Iterator[tuple[Any, ...]]:
    """A call-up; who answered counts once however often they did."""
    published = _first(facts.by("callup.published", "callup", callup))
    if published is None:
        return
    b = published.body
    down = _first(facts.by("callup.withdrawn", "callup", callup))
    said = {facts.canon("person", f.body.person) for f in facts.by("callup.answered", "callup", callup)}
    yield (
        published.incident, b.area, b.place, b.public, b.since, b.until, b.ends, b.reply_to, b.reason, b.post, published.at, len(said),
        min(b.ends, max(down.at, published.at)) if down else b.ends, _at(down),
    )  # fmt: skip


def _signal_source(facts: Facts, source: Subject) -> Iterator[tuple[Any, ...]]:
    """A source of signals: never later than the day it was opened with, whoever says what afterwards."""
    opened = _first(facts.by("signals.opened", "source", source))
    if opened is None:
        return
    b = opened.body
    closed = _first(f for f in facts.by("signals.closed", "source", source) if f.at >= opened.at)
    counted = _first(facts.by("signals.counted", "source", source))
    counts = (counted.body.noted, counted.body.followed, counted.body.missed, counted.body.found_positive) if counted else (None,) * 4
    yield (
        opened.incident, b.area, b.source_kind, b.name, b.first_day, b.last_day, b.purpose, b.ends, b.forget_by, b.post, opened.at, _at(closed),
        min(b.forget_by, closed.at) if closed else b.forget_by, *counts,
    )  # fmt: skip


_TO_TUBES = Step("sample.taken", "person", "tube")


def _person_reads(*kinds: str) -> tuple[Read, ...]:
    return tuple(Read(kind, "person", "entity") for kind in kinds)


def _when_joined(*kinds: str) -> tuple[Read, ...]:
    """Rows are by incident: when incidents are joined or parted, everyone whom these kinds name in them is looked at again."""
    return tuple(Read(kind, INCIDENT, "entity", (Step(kind, "person", INCIDENT),)) for kind in kinds)


INCIDENTS = project(Projection(
    "incident", "incident", "incident", "incident",
    ("canonical", "name", "name_en", "disease", "area", "nature", "opened_at", "closed_at"),
    (Read("incident.opened", "incident", "entity"), Read("incident.closed", "incident", "entity")), _incident,
))  # fmt: skip
TUBES = project(Projection(
    "tube", "tube", "tube", "tube",
    ("capacity", "area", "place", "disease", "began_at", "received_at", "result", "resulted_at", "provisional", "rerun", "rerun_at",
     "review", "conflict", "incident"),
    tuple(Read(kind, "tube", "entity") for kind in ("tube.opened", "tube.received", "tube.resulted", "pool.reviewed")), _tube,
))  # fmt: skip
CASES = project(Projection(
    "case", "person", "case_", "person",
    ("incident", "status", "positive_at", "recheck", "rechecked_at", "conclusion", "consulted_at", "diagnosed_at", "severity", "how_found",
     "control", "label", "onset_on", "reported_at", "investigated_at", "hospital_at"),
    (*_person_reads(*_CASE_KINDS, "placement.made"), *_when_joined(*_CASE_KINDS, "placement.made"),
     Read("tube.resulted", "tube", "entity", (_TO_TUBES,)),
     Read("tube.resulted", INCIDENT, "entity", (_TO_TUBES, Step("tube.resulted", "tube", INCIDENT)))), _case,
    {"tube.resulted": lambda f: f.body.result == "positive", "sample.taken": lambda f: f.body.capacity == 1},
))  # fmt: skip
CONTACTS = project(Projection(
    "contact", "person", "contact", "person",
    ("incident", "named_at", "links", "exposed_until", "ring", "judged_at", "judged_by", "reason", "order", "anchor", "starts", "ends",
     "over_at", "told_at", "fetched_at", "placed_at"),
    (*_person_reads("contact.named", "contact.judged", "order.made", "notice.given", "person.fetched", "placement.made"),
     *_when_joined("contact.named", "contact.judged", "order.made", "notice.given", "person.fetched", "placement.made"),
     Read("contact.named", "met", "entity", (Step("contact.named", "person", "met"),)),
     Read("order.ended", "order", "entity", (Step("order.made", "person", "order"),)), Read("person.died", "person", "entity"),
     Read("order.made", "replaces", "entity", (Step("order.made", "person", "order"),))), _contact,
))  # fmt: skip
TRACED = project(Projection(
    "traced", "person", "traced", "person", ("incident", "first_at", "last_at", "told", "channels", "state", "state_at"),
    (*_person_reads("person.traced", "state.confirmed"), *_when_joined("person.traced", "state.confirmed")), _traced,
))  # fmt: skip
ORDERS = project(Projection(
    "order", "order", "order_", "order",
    ("incident", "person", "ring", "measure", "edition", "anchor", "starts", "ends", "over_at", "reason", "post", "made_at"),
    (Read("order.made", "order", "entity"), Read("order.ended", "order", "entity"), Read("order.made", "replaces", "entity"),
     Read("order.made", "person", "entity", (Step("order.made", "order", "person"),)),
     Read("person.died", "person", "entity", (Step("order.made", "order", "person"),))), _order,
))  # fmt: skip
ZONES = project(Projection(
    "zone", "zone", "zone", "zone",
    ("incident", "level", "name", "name_en", "notice", "post", "drawn_at", "expires", "lifted_at", "lifted_by", "lift_notice",
     "lane_minutes", "supplies", "synthetic"),
    (Read("zone.drawn", "zone", "entity"), Read("zone.lifted", "zone", "entity")), _zone,
))  # fmt: skip
ZONE_AREAS = project(Projection(
    "zone area", "zone", "zone_area", "zone", ("area", "here_from", "here_until"),
    (Read("zone.extended", "zone", "entity"), Read("zone.reduced", "zone", "entity")), _zone_area,
))  # fmt: skip
POINTS = project(Projection(
    "point", "point", "point", "point",
    ("incident", "place", "area", "since", "until", "held", "closed_until", "reason", "post", "named_at", "closed_at", "sampled_at", "samples",
     "positive", "negative", "disinfected_at", "result", "read_at", "reopened_at", "reopened_by"),
    (*(Read(kind, "point", "entity") for kind in
       ("point.named", "point.closed", "surfaces.sampled", "surfaces.read", "point.disinfected", "point.reopened")),
     Read("place.declared", "place", "entity", (Step("point.named", "point", "place"),))), _point,
))  # fmt: skip
CALLUPS = project(Projection(
    "callup", "callup", "callup", "callup",
    ("incident", "area", "place", "public", "since", "until", "ends", "reply_to", "reason", "post", "published_at", "answered", "down_at", "withdrawn_at"),
    tuple(Read(kind, "callup", "entity") for kind in ("callup.published", "callup.withdrawn", "callup.answered")), _callup,
))  # fmt: skip
SIGNAL_SOURCES = project(Projection(
    "signal_source", "signal_source", "signal_source", "source",
    ("incident", "area", "source_kind", "name", "first_day", "last_day", "purpose", "ends", "forget_by", "post", "opened_at", "closed_at", "over_at",
     "noted", "followed", "missed", "found_positive"),
    tuple(Read(kind, "source", "entity") for kind in ("signals.opened", "signals.closed", "signals.counted")), _signal_source,
))  # fmt: skip
