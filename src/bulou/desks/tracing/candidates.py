"""Candidates that the visits of an incident give for one case, by the edition's own words; named by a person, one by one or a page at once.

Proposes and judges nobody: whoever is named becomes a candidate, and a professional judges next. What is asked is `questions`' meaning.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.ids import named_id, to_text
from bulou.basis.time import DAY, MINUTE, Instant, midnight
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.cases import case_or_404, found_at, held_at, told_by
from bulou.desks.tracing.sheets import places_of, seen_of
from bulou.desks.tracing.verbs import NAME_CONTACT
from bulou.evidence.models import Case, Contact, Order
from bulou.evidence.timeline import standing_facts, untaken
from bulou.kit.incidents import Named, current, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.people import ones_of
from bulou.kit.verb import Refused, do
from bulou.protocol.rules import Edition
from bulou.questions import exposure, memory
from bulou.questions.exposure import Candidate, Id, Way
from bulou.questions.following import Following
from bulou.register.models import Person, Place, Stay
from bulou.register.scope import standing

#: Visits older than so many days before a case's first sign are not read: no edition looks further back.
LOOK_BACK = 30 * DAY
#: Candidates on one page.
PER_PAGE = 50
_ROW = re.compile(r"\d+")


class Answer(NamedTuple):
    """What the visits of an incident give for a case: candidates, the ways they were asked in, the names of the places."""

    found: list[Candidate]
    ways: list[Way]
    places: dict[str, Place]
    #: Visits that were read; of these without a known place, which tell of nobody.
    read: int
    nowhere: int


def case_of(case: Case, look: Looking) -> exposure.Case | None:
    """The case as a ring is asked of it: its window begins before the onset, else before the first positive sign; none without either, nor where
    it was excluded."""
    if told_by(case, look) and case.status == "excluded":
        return None
    anchor = midnight(case.onset_on, look.zone) if case.onset_on else found_at(case, look)
    return exposure.Case("case", bytes(case.person).hex(), anchor, until=held_at(case, look)) if anchor is not None else None


def ask(
    case: Case,
    incident: Named,
    edition: Edition,
    look: Looking,
    moved: Mapping[bytes, tuple[Instant, Instant | None]] = MappingProxyType({}),
) -> Answer:
    """Asks every visit of the incident that stands, and the households of whoever is told of in them. A fixed number of statements.

    ``moved``: visits with other hours than were told, to see what those would give.
    """
    one = case_of(case, look)
    ways = exposure.ways(edition)
    if one is None or not ways:
        return Answer([], ways, {}, 0, 0)
    since = (one.anchor or look.about) - LOOK_BACK
    rows = list(
        standing_facts("visit.recorded", look.seq, look.about)
        .filter(in_incident__in=members(look, incident.id), at__gte=since)
        .order_by("at", "id")
        .values_list("id", "person", "place", "at", "until", "space", "vehicle", "seat", named=True)
    )
    known = [r for r in rows if r.place is not None]
    if moved:
        known = [r._replace(at=moved[bytes(r.id)][0], until=moved[bytes(r.id)][1]) if bytes(r.id) in moved else r for r in known]
    who = ones_of({bytes(r.person) for r in known} | {bytes(case.person)}, look)
    places = {id_.hex(): place for id_, place in places_of(known, look).items()}
    # Of cells that lie by a place, as the history of candidates follows them: the whole set would be asked visit by visit.
    of = Following(ways, look.zone)
    of.case(one)
    of.kinds({id_: place.nature for id_, place in places.items()})
    of.homes(homes_of(set(who.values()), look))
    of.isolated(isolated_of(incident, look))
    of.visits((bytes(r.id).hex(), visit_of(r, who[bytes(r.person)])) for r in known)
    of.settle()
    found = [c for c in of.standing if c.person != one.person]
    order = {ring: n for n, ring in enumerate(exposure.RINGS)}
    found.sort(key=lambda c: (order[c.ring], -(c.exposure.together or 0), str(c.person)))
    return Answer(found, ways, places, len(rows), len(rows) - len(known))


def visit_of(row: Any, who: bytes) -> memory.Visit:
    """A visit as a ring is asked of it, by the id that stands for its person."""
    return memory.Visit(
        who.hex(), bytes(row.place).hex(), row.at, row.until, row.space, row.space if row.vehicle or row.seat else None, _row(row.seat)
    )


def _row(seat: str | None) -> int | None:
    """The row of a seat as people write it: ``7排A座``, ``12F``."""
    found = _ROW.search(seat or "")
    return int(found[0]) if found else None


def homes_of(people: set[bytes], look: Looking) -> list[tuple[str, str]]:
    """Everyone who lives in a home of one of these people, with the home."""
    here = standing(Stay, look.seq).filter(here_from__lte=look.about, here_until__gt=look.about).exclude(household=None)
    homes = here.filter(person__in=people).values("household")
    return [(bytes(p).hex(), bytes(h).hex()) for p, h in here.filter(household__in=homes).values_list("person", "household")]


def isolated_of(incident: Named, look: Looking) -> dict[Id, int]:
    """When contacts of the incident began to be under the order that stands: one that was over before says nothing of whom they met since."""
    of = members(look, incident.id)
    orders = standing(Order, look.seq).filter(incident__in=of, made_at__lte=look.about, over_at__gt=look.about).order_by("-starts")
    return {bytes(p).hex(): at for p, at in orders.values_list("person", "starts")}


@page(
    "case-candidates", "tracing/case/<str:person>/candidates", "轨迹推出的接触者", "Candidates from visits", desk="tracing", sample="case"
)
def candidates_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """Whom the visits of the incident put near a case, by the edition's words, each with its evidence; not yet named ones can be named here."""
    one, ids_, case = case_or_404(person, look)
    incident = current(request, look)
    edition = edition_of(look, incident)
    if incident is None:
        raise Http404
    answer = ask(case, incident, edition, look) if edition else Answer([], [], {}, 0, 0)
    ids = [person_of(c) for c in answer.found]
    seen = seen_of(ids, look)
    shown = [c for c in answer.found if person_of(c) in seen]
    named = named_among(ids, incident, look)
    told = {(person_of(c), met_of(c, one)): c for c in shown}
    near = {(person_of(c), met_of(c, one)) for c in answer.found}
    gone = {g.person for g in links_of(one, ids_, incident, answer.ways, look) if (g.person, g.met) not in near} if edition else set()
    problems: list[str] = []
    if request.method == "POST" and look.viewer.may(NAME_CONTACT.name) and look.moment.live:
        chosen = [key for key in told if f"{to_text(key[0])} {to_text(key[1])}" in request.POST.getlist("name") and key not in named]
        if chosen:
            done = _name(chosen, told, answer, incident, look, problems)
            if done:
                messages.success(request, ngettext("%(n)d candidate is named. A professional judges next.",
                                                   "%(n)d candidates are named. A professional judges next.", done) % {"n": done})  # fmt: skip
            if not problems:
                return redirect(request.get_full_path())
        else:
            problems.append(_("Choose at least one person who is not named yet."))
    rings = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=ids)}
    part = Paginator(shown, PER_PAGE).get_page(request.GET.get("page", 1))
    look.learn_names([one, *(person_of(c) for c in part), *(met_of(c, one) for c in part)])
    context = {
        "title": look.name(one), "case": case, "person": one, "answer": answer, "edition": edition, "problems": problems, "many": len(shown),
        "hidden": len(answer.found) - len(shown), "gone": len(seen_of(gone, look)) if gone else 0, "may": look.viewer.may(NAME_CONTACT.name) and look.moment.live,
        "rows": [_shown(c, one, answer, named, rings, look) for c in part],
        "paged": part, "sums": _sums(shown, look), "lake": f"{reverse('visits-data')}?person={to_text(one)}" if look.viewer.may("ask_visits") else "",
    }  # fmt: skip
    return show(request, "tracing/candidates.html", context, status=422 if problems else 200)


def named_among(people: list[bytes], incident: Named, look: Looking) -> set[tuple[bytes, bytes]]:
    """Who of these is named already, and as having met whom: under whichever of their records, each by the id that stands for them."""
    records = standing(Person, look.seq)
    links = standing_facts("contact.named", look.seq, look.about).filter(in_incident__in=members(look, incident.id))
    told = [
        (bytes(p), bytes(m))
        for p, m in links.filter(person__in=records.filter(canonical__in=people).values("person")).values_list("person", "met")
    ]
    one = ones_of({x for pair in told for x in pair}, look)
    return {(one[p], one[m]) for p, m in told}


def person_of(candidate: Candidate) -> bytes:
    """Who a candidate is, by the id that stands for them."""
    return bytes.fromhex(str(candidate.person))


def met_of(candidate: Candidate, case: bytes) -> bytes:
    """Whom a candidate met: the case, or the close contact behind whom they are."""
    via = candidate.exposure.via
    return case if via is None else bytes.fromhex(str(via))


def _sums(shown: list[Candidate], look: Looking) -> list[tuple[str, int]]:
    return [(look.pick(LISTS["ring"], ring), n) for ring in exposure.RINGS if (n := sum(c.ring == ring for c in shown))]


def why(candidate: Candidate, answer: Answer, look: Looking) -> str:
    """The investigator's evidence: the edition's words, the place, from when until when, how long together. Names no person."""
    e, way = candidate.exposure, next(w for w in answer.ways if w.number == candidate.exposure.way)
    parts = [look.say(exposure.told(way))]
    if e.place is not None and str(e.place) in answer.places:
        parts.append(answer.places[str(e.place)].name)
    if e.together is not None:
        parts.append(f"{look.time(e.first)} – {look.time(e.last)}")
        parts.append(look.say(Word(f"共处 {e.together // MINUTE} 分钟", f"{e.together // MINUTE} min together")))
    if e.assumed:
        parts.append(look.say(Word("停留结束时刻为推定", "an end was assumed")))
    if candidate.exposures > 1:
        parts.append(look.say(Word(f"另有 {candidate.exposures - 1} 次暴露", f"{candidate.exposures - 1} more exposures")))
    return " · ".join(parts)


def _shown(
    c: Candidate, case: bytes, answer: Answer, named: set[tuple[bytes, bytes]], rings: dict[bytes, Contact], look: Looking
) -> dict[str, Any]:
    person, met = person_of(c), met_of(c, case)
    judged = rings.get(person)
    return {
        "person": person, "met": met if met != case else None, "ring": look.pick(LISTS["ring"], c.ring), "why": why(c, answer, look),
        "key": f"{to_text(person)} {to_text(met)}", "named": (person, met) in named,
        "judged": look.pick(LISTS["ring"], judged.ring) if judged and judged.ring and (judged.judged_at or 0) <= look.about else "",
    }  # fmt: skip


def id_of(incident: bytes, person: bytes, met: bytes, way: int, first: int, last: int | None, turn: int) -> bytes:
    """The id of the fact that names a candidate of visits: from whom it names and the exposure, so that twice is once; ``turn``: how often it was
    taken back. ``last`` None: it runs until now, as a household does, and has no end of its own."""
    more = [str(turn)] if turn else []
    return named_id("candidate", incident.hex(), person.hex(), met.hex(), str(way), str(first), "" if last is None else str(last), *more)


class Link(NamedTuple):
    """A naming that rests on visits and stands: whom it names, whom they met, when, with which words."""

    person: bytes
    met: bytes
    at: Instant
    words: str


def links_of(case: bytes, ids: Iterable[bytes], incident: Named, ways: list[exposure.Way], look: Looking) -> list[Link]:
    """Everyone named from the visits of a case, or from those of a close contact behind whom they are: the id of such a fact says that it was."""
    links, records = (
        standing_facts("contact.named", look.seq, look.about).filter(in_incident__in=members(look, incident.id)),
        standing(Person, look.seq),
    )
    # Whoever is named from a case: met it, or met somebody who was named as having met it, under whichever of their records.
    first = links.filter(met__in={case, *ids}).values("person")
    records_of_first = records.filter(canonical__in=records.filter(person__in=first).values("canonical")).values("person")
    near = links.filter(Q(met__in={case, *ids}) | Q(met__in=first) | Q(met__in=records_of_first))
    # A naming from visits says from when on: of ten thousand that somebody told none is looked at.
    mine = [r for r in near.exclude(exposed_from=None).order_by("at", "id") if _from_visits(r, ways)]
    who = ones_of({bytes(x) for r in mine for x in (r.person, r.met)}, look)
    return [Link(who[bytes(r.person)], who[bytes(r.met)], Instant(r.at), r.words or "") for r in mine]


def _from_visits(row: Any, ways: list[exposure.Way]) -> bool:
    if row.exposed_from is None:
        return False
    said = bytes(row.in_incident), bytes(row.person), bytes(row.met)
    return any(bytes(row.id) == id_of(*said, w.number, row.exposed_from, row.exposed_until, n) for w in ways for n in range(4))


def _name(
    chosen: list[tuple[bytes, bytes]], told: dict[tuple[bytes, bytes], Candidate], answer: Answer, incident: Named, look: Looking, problems: list[str]
) -> int:  # fmt: skip
    """Names these candidates, each by itself; how many stand. The id of each follows from whom it names and the exposure: sent twice, it is one."""
    done = 0
    for person, met in chosen:
        c = told[person, met]
        e, way = c.exposure, next(w for w in answer.ways if w.number == c.exposure.way)
        last = Instant(min(e.last, look.about))
        values = {
            "person": person, "met": met, "exposed_until": last, "exposed_from": Instant(min(e.first, last)) if e.together is not None else None,
            "setting": way.setting, "place": None if e.place is None else bytes.fromhex(str(e.place)), "words": why(c, answer, look),
        }  # fmt: skip
        try:
            do(
                NAME_CONTACT,
                look,
                values,
                incident=incident.id,
                id_=untaken([partial(id_of, incident.id, person, met, way.number, e.first, None if e.together is None else last)])[0],
            )
        except Refused as refused:
            problems.append(f"{look.name(person)}: " + "; ".join(p.en if look.language == "en" else p.zh for p in refused.problems))
        else:
            done += 1
    return done
