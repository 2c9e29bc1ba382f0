"""The lake asked who was near the cases of an incident: recorded before anything is shown, answered by candidates entered as facts. Judges nobody.

What an answer no longer supports is told, and taken back only by somebody: history stays.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import F
from duckdb import DuckDBPyConnection

from bulou.basis.ids import named_id, new_id
from bulou.basis.kinds import Fact
from bulou.basis.lakefacts import VisitsQueried
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.candidates import Answer, case_of, homes_of, isolated_of, named_among, why
from bulou.desks.tracing.lakekeeping import ASK, LAKE, NO_BASIS, excluded, ids_of, lake, written
from bulou.desks.tracing.sheets import seen_of
from bulou.desks.tracing.verbs import NAME_CONTACT
from bulou.evidence.models import Case
from bulou.evidence.timeline import entries_from, on_record, standing_facts
from bulou.kit.incidents import Named, members
from bulou.kit.looking import Looking
from bulou.kit.verb import VERBS, Act, Problem, Refused, do, do_all, enter_facts
from bulou.lake.store import Load, connected
from bulou.protocol.rules import Edition
from bulou.questions import exposure, laked, rings, visits
from bulou.questions.exposure import Candidate, Way
from bulou.register.models import Person, Place
from bulou.register.scope import standing

#: Candidates named in one entry.
CHUNK = 50
#: No window begins before this: a case without an end to its beginning is asked from here.
_EVER = 0


class Stale(NamedTuple):
    """A candidate that the lake gave and that its visits no longer support: the fact, whom it names, whom they met."""

    fact: bytes
    person: bytes
    met: bytes


class Near(NamedTuple):
    """What the lake answered: candidates within the viewer's areas, and everything that it does not know."""

    answer: Answer
    #: Candidates whose ids are on no register, as the data write them: nobody can be named by them. Whoever keeps the register must know.
    unknown: list[str]
    #: Candidates outside the viewer's areas: counted and not named.
    hidden: int
    cases: int
    #: Cases of whom the lake has no visit in their window, or whose beginning nobody knows.
    silent: int
    unasked: int
    #: Places that a case visited and whose kind nobody told; people whose nearness nobody can tell for want of a space.
    kindless: int
    unplaced: int
    #: Loads that are not whole yet, and the first day that the lake still has.
    unfinished: list[Load]
    since: Instant | None
    reached: str | None
    stale: list[Stale]
    #: The fact that says that this was asked.
    query: bytes


def loads_of(incident: Named, look: Looking) -> list[Load]:
    """What of the lake is this incident's: no other incident is asked by its visits."""
    mine = {bytes(i).hex() for i in members(look, incident.id)} | {incident.id.hex()}
    return [each for each in lake().loads() if each.incident in mine and each.gone is None]


def cases_of(incident: Named, look: Looking, person: bytes | None = None) -> list[Case]:
    """The cases of an incident that a question is about: those that stand, or one."""
    rows = standing(Case, look.seq).filter(incident__in=members(look, incident.id)).exclude(status="excluded")
    return list(rows.filter(person=person) if person else rows.order_by("person"))


def ask(look: Looking, incident: Named, edition: Edition, basis: str, person: bytes | None = None) -> Near:
    """Asks for the rings of one case, or of all. Refused without a basis. The question is on record when this returns, or nothing is returned."""
    if not look.viewer.may(ASK):
        raise Refused([Problem(None, "您的岗位无此权限", "your post may not do this")])
    if not basis.strip():
        raise Refused([NO_BASIS])
    near = _ask(look, incident, edition, person)
    _record(look, incident, edition, basis, near)
    return near


def _record(look: Looking, incident: Named, edition: Edition, basis: str, near: Near) -> None:
    """The question as a fact; what cannot be recorded is not answered."""
    chair = look.viewer.chair_for(ASK)
    assert chair is not None
    since, until = near.since or look.about, look.about
    body = VisitsQueried(
        basis.strip(), edition.id, near.cases, since, until, near.answer.read, len(near.answer.found) + near.hidden + len(near.unknown), chair.post,
        look.viewer.account,
    )  # fmt: skip
    receipt = enter_facts(look, ASK, [Fact(near.query, "visits.queried", look.about, incident.id, body)], LAKE)
    if receipt.refused:
        raise Refused([Problem(None, r.zh, r.en) for r in receipt.refused])


def _ask(look: Looking, incident: Named, edition: Edition, person: bytes | None) -> Near:
    rows = cases_of(incident, look, person)
    told = [(row, one) for row in rows if (one := case_of(row, look)) is not None]
    cases = [one._replace(case=bytes(row.person).hex()) for row, one in told]
    ways = [w for w in exposure.ways(edition) if w.shares != "meeting"]
    of, loads = lake(), loads_of(incident, look)
    windows = [exposure.window(c, w, look.zone) for c in cases for w in ways if w.ring != exposure.BEHIND]
    since, until = min((w.start for w in windows), default=look.about), max((min(w.until, look.about) for w in windows), default=look.about)
    nothing = Near(Answer([], ways, {}, 0, 0), [], 0, len(rows), len(cases), len(rows) - len(cases), 0, 0, [x for x in loads if not x.whole],
                   Instant(max(since, _EVER)), None, [], new_id(look.about))  # fmt: skip
    if not cases or not ways:
        return nothing
    with of.reading():
        within = laked.within(of, [each.number for each in loads], since, until, look.zone)
        con = connected(of.folder)
        try:
            kinds = _kinds(laked.kindless(con, of, within), look)
            source = laked.source(of, within, look.zone, kinds)
            if source is None:
                return nothing
            found = _found(con, source, within, cases, ways, incident, look)
            raw = found.candidates()
            silent, kindless = len(found.silent()), len(found.kindless())
            unplaced = sum(u.people for u in found.unplaced())
        finally:
            con.close()
    known = _known({str(c.person) for c in raw} | {str(c.exposure.via) for c in raw if c.exposure.via is not None}, look)
    unknown = sorted({str(c.person) for c in raw if str(c.person) not in known})
    every = _each_once([_by(c, known) for c in raw if str(c.person) in known])
    seen = seen_of([bytes.fromhex(str(c.person)) for c in every], look)
    shown = [c for c in every if bytes.fromhex(str(c.person)) in seen]
    order = {ring: n for n, ring in enumerate(exposure.RINGS)}
    shown.sort(key=lambda c: (c.case, order[c.ring], -(c.exposure.together or 0), str(c.person)))
    places = _places({str(c.exposure.place) for c in shown if c.exposure.place is not None}, look)
    near = nothing._replace(
        answer=Answer(shown, ways, places, within.visits, 0), unknown=unknown, hidden=len(every) - len(shown), silent=silent, kindless=kindless,
        unplaced=unplaced, reached=within.days[0].name,
    )  # fmt: skip
    reach = laked.instants(within, look.zone)
    return near._replace(stale=_stale(near, every, look, incident, person, reach[0]) if reach else [])


def _found(
    con: DuckDBPyConnection, source: visits.Source, within: laked.Within, cases: Sequence[exposure.Case], ways: Sequence[Way], incident: Named,
    look: Looking,
) -> rings.Found:  # fmt: skip
    """The rings of the cases in these visits, by whichever of their ids; with the households that the register has of whoever is close."""
    of = lake()
    own = {bytes.fromhex(str(c.person)) for c in cases}
    isolated = {bytes.fromhex(str(p)): at for p, at in isolated_of(incident, look).items()}
    ids = ids_of(own | set(isolated), look)
    here = laked.ids(con, of, within, "person", [i for i, p in ids.items() if i != p.hex()] + _aliases(look))
    same = [(i, one.hex()) for i, one in (ids | _ones(here - set(ids), look)).items() if i in here and i != one.hex()]
    more = visits.More(None, homes_of(own, look), isolated=[(p.hex(), at) for p, at in isolated.items()], same_people=same)
    tables = visits.tables(con, source, more, look.zone)
    first = [w for w in ways if w.ring == exposure.RINGS[0]]
    if any(w.ring == exposure.BEHIND and w.shares == "household" for w in ways):
        close = _known({str(c.person) for c in rings.find(tables, cases, first, look.zone).candidates()}, look)
        tables = visits.tables(con, source, more._replace(households=homes_of(own | set(close.values()), look)), look.zone)
    return rings.find(tables, cases, ways, look.zone)


def _aliases(look: Looking) -> list[str]:
    """Records of people who have another: they may stand in the data under either."""
    rows = standing(Person, look.seq).exclude(person=F("canonical")).values_list("person", flat=True)
    return [bytes(p).hex() for p in rows]


def _ones(ids: Iterable[str], look: Looking) -> dict[str, bytes]:
    rows = standing(Person, look.seq).filter(person__in=[bytes.fromhex(i) for i in ids]).values_list("person", "canonical")
    return {bytes(p).hex(): bytes(c) for p, c in rows}


def _known(ids: set[str], look: Looking) -> dict[str, bytes]:
    """Whom of the register these ids name: a record, or a document that is one person's alone."""
    records = [bytes.fromhex(i) for i in ids if _is_id(i)]
    found = {bytes(p).hex(): bytes(c) for p, c in standing(Person, look.seq).filter(person__in=records).values_list("person", "canonical")}
    rest = ids - set(found)
    numbers = sorted({w for i in rest for w in written(i)})
    by: dict[str, set[bytes]] = {}
    for document, one in standing(Person, look.seq).filter(document__in=numbers).values_list("document", "canonical") if rest else ():
        by.setdefault(document.upper(), set()).add(bytes(one))
    later = standing_facts("document.recorded", look.seq, look.about).filter(document__in=numbers).values_list("document", "person")
    told = [(str(document), bytes(person)) for document, person in (later if rest else ())]
    ones = _ones({person.hex() for _, person in told}, look)
    for document, person in told:
        by.setdefault(document.upper(), set()).add(ones.get(person.hex(), person))
    return found | {i: next(iter(by[i.upper()])) for i in rest if len(by.get(i.upper(), ())) == 1}


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def _by(c: Candidate, known: dict[str, bytes]) -> Candidate:
    """A candidate by the ids of the register."""
    via = c.exposure.via
    behind = None if via is None else known[str(via)].hex() if str(via) in known else None
    return c._replace(person=known[str(c.person)].hex(), exposure=c.exposure._replace(person=known[str(c.person)].hex(), via=behind))


def _each_once(found: Sequence[Candidate]) -> list[Candidate]:
    """Somebody whom the data have under two ids is one candidate of a case: in the strictest ring, with the last exposure. Nobody is their own."""
    order = {ring: n for n, ring in enumerate(exposure.RINGS)}
    best: dict[tuple[str, object], Candidate] = {}
    for c in found:
        if str(c.person) == c.case or c.person == c.exposure.via:
            continue
        before = best.get((c.case, c.person))
        if before is None or (order[c.ring], -c.exposure.last) < (order[before.ring], -before.exposure.last):
            best[c.case, c.person] = c
    return list(best.values())


def _kinds(places: Iterable[str], look: Looking) -> list[tuple[str, str]]:
    """What the register says of places whose kind the data do not."""
    return [(p, place.nature) for p, place in _places({p for p in places if _is_id(p)}, look).items()]


def _places(ids: set[str], look: Looking) -> dict[str, Place]:
    wanted = [bytes.fromhex(i) for i in ids if _is_id(i)]
    return {bytes(p.place).hex(): p for p in standing(Place, look.seq).filter(place__in=wanted)} if wanted else {}


# --- what follows -------------------------------------------------------------------------------------------------------
def id_of(c: Candidate, answer: Answer, incident: Named) -> bytes:
    """The id of the fact that names a candidate of the lake: from whom it names and the exposure, so that twice is once."""
    e, way = c.exposure, _way(c, answer)
    met = c.case if e.via is None else str(e.via)
    # what runs until now, as a household does, has no end of its own
    when = ("", "") if e.together is None else (str(e.first), str(e.last))
    return named_id("visits", incident.id.hex(), str(c.person), met, c.ring, way.setting, str(e.place or ""), *when)


def _way(c: Candidate, answer: Answer) -> Way:
    return next(w for w in answer.ways if w.number == c.exposure.way)


class Given(NamedTuple):
    """A candidate that the lake gave and that stands: whom it names, whom they met, from when on (nothing: as long as they live together), the evidence."""

    person: bytes
    met: bytes
    since: int | None
    words: str


def given(incident: Named, look: Looking) -> dict[bytes, Given]:
    """Every candidate of the incident that the lake gave and that stands, by its fact."""
    rows = standing_facts("contact.named", look.seq, look.about).filter(
        in_incident__in=members(look, incident.id), entry__in=entries_from(LAKE)
    )
    told = rows.values_list("id", "person", "met", "exposed_from", "words")
    return {bytes(i): Given(bytes(p), bytes(m), since, words or "") for i, p, m, since, words in told}


def _stale(near: Near, every: Sequence[Candidate], look: Looking, incident: Named, person: bytes | None, since: Instant) -> list[Stale]:
    """Candidates of the lake that stand and that this answer does not support. Of hours whose visits are deleted nobody can say, nor of who was excluded."""
    supported = {id_of(c, near.answer, incident) for c in every}
    gone = excluded(look, members(look, incident.id), look.about)
    return [
        Stale(fact, who, met)
        for fact, (who, met, first, _words) in given(incident, look).items()
        if fact not in supported and first is not None and first >= since and who not in gone and (person is None or met == person)
    ]


def enter(look: Looking, incident: Named, near: Near) -> tuple[int, list[str]]:
    """Names every candidate of an answer that is not on record yet; how many, and why others could not be. What somebody took back stays taken back."""
    wanted = {id_of(c, near.answer, incident): c for c in near.answer.found}
    have = on_record(wanted)
    people = [bytes.fromhex(str(c.person)) for c in wanted.values()]
    named = named_among(people, incident, look)
    fresh = [
        Act(NAME_CONTACT, _values(c, near, incident, look), id_, incident.id)
        for id_, c in wanted.items()
        if id_ not in have and not (c.exposure.together is None and (bytes.fromhex(str(c.person)), _met(c)) in named)
    ]
    done, problems = 0, list[str]()
    for at in range(0, len(fresh), CHUNK):
        part = fresh[at : at + CHUNK]
        try:
            do_all(look, part, LAKE)
        except Refused:
            for one in part:  # one that cannot be named keeps nobody else from it
                try:
                    do_all(look, [one], LAKE)
                except Refused as refused:
                    whom = look.name(one.values["person"])
                    problems.append(f"{whom}: " + "; ".join(p.en if look.language == "en" else p.zh for p in refused.problems))
                else:
                    done += 1
        else:
            done += len(part)
    return done, problems


def take_back(look: Looking, stale: Sequence[Stale], reason: str) -> int:
    """Takes back candidates that the lake gave and that its visits no longer support, each by a withdrawal of its own; how many."""
    for one in stale:
        do(VERBS["withdraw"], look, {"target": one.fact, "reason": reason}, source=LAKE)
    return len(stale)


def _met(c: Candidate) -> bytes:
    return bytes.fromhex(c.case if c.exposure.via is None else str(c.exposure.via))


def _values(c: Candidate, near: Near, incident: Named, look: Looking) -> dict[str, object]:
    e = c.exposure
    last = Instant(min(e.last, look.about))
    words = why(c, near.answer, look)
    return {
        "person": bytes.fromhex(str(c.person)), "met": _met(c), "exposed_until": last,
        "exposed_from": Instant(min(e.first, last)) if e.together is not None else None, "setting": _way(c, near.answer).setting,
        "place": bytes.fromhex(str(e.place)) if e.place is not None and str(e.place) in near.answer.places else None,
        "words": f"{words} · {said_by(loads_of(incident, look), look)}" if e.together is not None else words,
    }  # fmt: skip


def said_by(loads: Sequence[Load], look: Looking) -> str:
    """What recorded bulk visits, and how often their sources say they are wrong: so a candidate is read."""
    sources = ", ".join(look.pick(LISTS["proof"], s) for s in sorted({each.source for each in loads}))
    errors = "; ".join(sorted({each.error for each in loads if each.error})) or look.say(Word("未说明", "not stated"))
    return look.say(Word(f"批量停留数据({sources});自述误差:{errors}", f"bulk visits ({sources}); stated error: {errors}"))
