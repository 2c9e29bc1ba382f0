"""How the candidates of a case came and went: who rose and who dissolved by which fact, since when that was known, and what was owed by whoever was named from it.

Reads; takes nothing back and judges nobody. Whoever was named on visits that no longer stand is shown, and a named post excludes them with a reason, or does not.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse

from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.candidates import LOOK_BACK, Answer, case_of, links_of, met_of, person_of, visit_of, why
from bulou.desks.tracing.cases import case_or_404
from bulou.desks.tracing.sheets import seen_of
from bulou.desks.tracing.verbs import JUDGE_CONTACT
from bulou.evidence.models import Case, Contact, Order
from bulou.evidence.timeline import entered_facts, known_by, taken_back
from bulou.gaps.coverage import rows as duty_rows
from bulou.kit.doing import link
from bulou.kit.duties import shown
from bulou.kit.incidents import Named, current, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.protocol.rules import Edition
from bulou.questions import exposure
from bulou.questions.exposure import Candidate
from bulou.questions.following import CHANGED, DISSOLVED, ROSE, Following, Turn
from bulou.register.models import Person, Place, Stay
from bulou.register.scope import standing, versions

#: Turns on one page.
PER_PAGE = 50
#: The latest so many entries are followed one by one; what stood before them is where they begin.
MOST_ENTRIES = 200

WHAT = {
    ROSE: Word("成为候选", "became a candidate"), CHANGED: Word("暴露依据有变", "the exposure changed"), DISSOLVED: Word("不再是候选", "no longer a candidate"),
}  # fmt: skip
BADGE = {ROSE: "due", CHANGED: "pending", DISSOLVED: "ended"}
_CAUSES = {
    "visit": Word("停留记录", "visit recorded"),
    "taken": Word("停留记录撤回", "visit taken back"),
    "case": Word("病例可传染时段或状态有变", "the case, or its window, changed"),
    "home": Word("同住关系有变", "a household changed"),
    "place": Word("场所类别有变", "the kind of a place changed"),
    "held": Word("接触者隔离有变", "who is isolated changed"),
    "person": Word("两条记录认定为同一人", "two records are one person"),
    "whole": Word("此前已有", "stood before"),
}  # fmt: skip


class Happened(NamedTuple):
    """A turn with the entry by which it came, and what of that entry brought it."""

    seq: int
    turn: Turn
    causes: tuple[str, ...]


class History(NamedTuple):
    """Every turn, the latest first; who is a candidate now; whether entries before the first that was followed stood in one."""

    turns: list[Happened]
    standing: list[Candidate]
    cut: bool
    ways: list[exposure.Way]


class _Change(NamedTuple):
    """What an entry brought: a visit, or its withdrawal (``row`` None)."""

    seq: int
    fact: bytes
    row: Any


def _visits(of: list[bytes], since: int, look: Looking) -> list[_Change]:
    """Every visit of these incidents as it came and went, by its entries."""
    rows = list(entered_facts("visit.recorded", look.seq, look.about).filter(in_incident__in=of, at__gte=since).exclude(place=None))
    left = taken_back([bytes(r.id) for r in rows], look.seq)
    found = []
    for r in rows:
        end = left.get(bytes(r.id))
        if end is None or end > r.entry:  # a withdrawal may come first: then it never stood
            found.append(_Change(r.entry, bytes(r.id), r))
            if end is not None:
                found.append(_Change(end, bytes(r.id), None))
    return sorted(found, key=lambda c: (c.seq, c.row is not None, c.fact))


class _Versions:
    """Everything beside the visits that can put somebody near a case, with the entries between which it was so: read once, seen as of any entry."""

    def __init__(self, ids: Iterable[bytes], visits: Iterable[Any], incident: Named, look: Looking) -> None:
        seen = list(visits)
        people = {bytes(r.person) for r in seen} | set(ids)
        self.people = self._of(Person, Q(person__in=people), look)
        ones = people | {bytes(p.canonical) for p in self.people}
        self.cases = self._of(Case, Q(person__in=ones), look)
        self.places = self._of(Place, Q(place__in={bytes(r.place) for r in seen}), look)
        here = Q(here_from__lte=look.about, here_until__gt=look.about) & ~Q(household=None)
        homes = versions(Stay, look.seq).filter(here, person__in=ones).values("household")
        self.stays = self._of(Stay, here & Q(household__in=homes), look)
        self.orders = self._of(Order, Q(incident__in=members(look, incident.id), made_at__lte=look.about, over_at__gt=look.about), look)

    @staticmethod
    def _of(model: Any, which: Q, look: Looking) -> list[Any]:
        return list(versions(model, look.seq).filter(which).order_by("id"))

    def causes(self) -> dict[int, list[str]]:
        """By entry, what beside visits came to be or ceased to be so."""
        found: dict[int, list[str]] = {}
        for name, rows in (
            ("case", self.cases),
            ("home", self.stays),
            ("place", self.places),
            ("held", self.orders),
            ("person", self.people),
        ):
            for seq in {s for r in rows for s in (r.opened_seq, r.void_seq)}:
                found.setdefault(seq, []).append(name)
        return found


def _as_of(rows: Iterable[Any], seq: int) -> list[Any]:
    return [r for r in rows if r.opened_seq <= seq < r.void_seq]


def history(person: bytes, ids: Iterable[bytes], incident: Named, edition: Edition, look: Looking) -> History:
    """The candidates of a case, followed from entry to entry: after each they are those of all that was known then. A fixed number of statements."""
    ways = exposure.ways(edition)
    row = standing(Case, look.seq).filter(person=person).first()
    one = case_of(row, look) if row is not None else None
    since = (one.anchor if one is not None and one.anchor is not None else look.about) - LOOK_BACK
    changes = _visits(members(look, incident.id), since, look)
    versions = _Versions({person, *ids}, (c.row for c in changes if c.row is not None), incident, look)
    causes, by_seq = versions.causes(), dict[int, list[_Change]]()
    for c in changes:
        by_seq.setdefault(c.seq, []).append(c)
    begins = min(by_seq, default=look.seq)
    every = sorted(s for s in by_seq.keys() | causes.keys() if begins <= s <= look.seq)
    state, told = _State(Following(ways, look.zone), versions, person, look), list[Happened]()
    for n, seq in enumerate(every):
        mine = by_seq.get(seq, [])
        state.take(mine)
        if n < len(every) - MOST_ENTRIES:
            continue  # what stood before is one step
        state.beside(seq)
        what = [*dict.fromkeys("visit" if c.row is not None else "taken" for c in mine), *causes.get(seq, [])]
        if n and n == len(every) - MOST_ENTRIES:
            what = ["whole"]
        told += [Happened(seq, t, tuple(what)) for t in state.to.settle()]
    return History(told[::-1], state.to.standing, len(every) > MOST_ENTRIES, ways)


class _State:
    """What a follower is told, as of an entry: the visits that stand, by whoever stands for their people, and all that is beside them."""

    def __init__(self, to: Following, versions: _Versions, person: bytes, look: Looking) -> None:
        self.to, self.versions, self.person, self.look = to, versions, person, look
        self.rows: dict[bytes, Any] = {}
        self.who: dict[bytes, bytes] = {}

    def take(self, changes: Iterable[_Change]) -> None:
        for c in changes:
            if c.row is None:
                self.rows.pop(c.fact, None)
                self.to.visit(c.fact.hex(), None)
            else:
                p = bytes(c.row.person)
                self.rows[c.fact] = c.row
                self.to.visit(c.fact.hex(), visit_of(c.row, self.who.setdefault(p, p)))

    def beside(self, seq: int) -> None:
        """Everything but the visits, as it was known at an entry."""
        v = self.versions
        ones = {bytes(r.person): bytes(r.canonical) for r in _as_of(v.people, seq)}
        for fact, row in self.rows.items():
            p = bytes(row.person)
            if self.who[p] != ones.get(p, p):
                self.to.visit(fact.hex(), visit_of(row, ones.get(p, p)))
        self.who = {p: ones.get(p, p) for p in self.who}
        me = ones.get(self.person, self.person)
        found = next((r for r in _as_of(v.cases, seq) if bytes(r.person) == me), None)
        case = None if found is None else case_of(found, self.look)
        self.to.case(case)
        self.to.kinds({bytes(r.place).hex(): r.nature for r in _as_of(v.places, seq)})
        people = {self.who[bytes(r.person)] for r in self.rows.values()} | {me}
        stays = _as_of(v.stays, seq)
        homes = {bytes(r.household) for r in stays if bytes(r.person) in people}
        self.to.homes([(bytes(r.person).hex(), bytes(r.household).hex()) for r in stays if bytes(r.household) in homes])
        orders = sorted(_as_of(v.orders, seq), key=lambda r: -r.starts)
        self.to.isolated({bytes(r.person).hex(): r.starts for r in orders})


# --- the page -------------------------------------------------------------------------------------------------------------
@page(
    "case-candidates-history",
    "tracing/case/<str:person>/candidates/history",
    "候选接触者的来龙去脉",
    "How candidates came and went",
    desk="tracing",
    sample="case",
)
def history_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """Who became a candidate of a case and who ceased to be one, by what and when it was known, and what was owed by whoever was named from it."""
    one, ids, case = case_or_404(person, look)
    incident = current(request, look)
    edition = edition_of(look, incident)
    if incident is None:
        raise Http404
    made = history(one, ids, incident, edition, look) if edition else History([], [], False, [])
    given = links_of(one, ids, incident, made.ways, look)
    near = {(person_of(c), met_of(c, one)) for c in made.standing}
    unsupported = [g for g in given if (g.person, g.met) not in near]
    people = {person_of(h.turn.candidate) for h in made.turns} | {g.person for g in unsupported}
    seen = seen_of(people, look)
    turns = [h for h in made.turns if person_of(h.turn.candidate) in seen]
    part = Paginator(turns, PER_PAGE).get_page(request.GET.get("page", 1))
    gone = [g for g in unsupported if g.person in seen]
    rings = {
        bytes(c.person): c
        for c in standing(Contact, look.seq).filter(person__in={g.person for g in gone}, incident__in=members(look, incident.id))
    }
    owed = duties_of({g.person for g in given} & ({person_of(h.turn.candidate) for h in part} | {g.person for g in gone}), incident, look)
    entries = known_by(h.seq for h in part)
    ids_shown = {person_of(h.turn.candidate) for h in part} | {met_of(h.turn.candidate, one) for h in part}
    look.learn_names({one, *ids_shown, *(x for g in gone for x in (g.person, g.met))})
    places = {str(h.turn.candidate.exposure.place) for h in part if h.turn.candidate.exposure.place is not None}
    known = standing(Place, look.seq).filter(place__in=[bytes.fromhex(p) for p in places])
    answer = Answer([], made.ways, {bytes(p.place).hex(): p for p in known}, 0, 0)
    named = {(g.person, g.met) for g in given}
    here = request.get_full_path()
    context = {
        "title": look.name(one), "case": case, "person": one, "edition": edition, "cut": made.cut, "most": MOST_ENTRIES, "paged": part, "many": len(turns),
        "hidden": len(made.turns) - len(turns), "standing": len(made.standing),
        "rows": [_row_of(h, one, entries, answer, named, owed, look) for h in part],
        "gone": [
            {"person": g.person, "met": g.met if g.met != one else None, "words": look.show("words", g.words, g.person), "named": g.at,
             "owed": owed.get(g.person, []), "ring": _ring(rings.get(g.person), look),
             "exclude": None if _excluded(rings.get(g.person), look) else link(JUDGE_CONTACT, look, {"person": g.person, "ring": "excluded"}, here)}
            for g in gone
        ],
    }  # fmt: skip
    return show(request, "tracing/candidate_history.html", context)


def _excluded(contact: Contact | None, look: Looking) -> bool:
    return contact is not None and contact.ring == "excluded" and (contact.judged_at or 0) <= look.about


def _ring(contact: Contact | None, look: Looking) -> str:
    if contact is None or contact.ring is None or (contact.judged_at or 0) > look.about:
        return look.say(Word("待判定", "waits to be judged"))
    return look.pick(LISTS["ring"], contact.ring)


def duties_of(people: Iterable[bytes], incident: Named, look: Looking) -> dict[bytes, list[tuple[str, str]]]:
    """What contacts of the incident owe and owed as contacts, and what became of it: the rule and its state."""
    rows = (
        duty_rows(look.seq, look.about, look.scope)
        .filter(subject__in=list(people), incident__in=members(look, incident.id))
        .order_by("due_at", "id")
    )
    found: dict[bytes, list[tuple[str, str]]] = {}
    for one in shown(rows, look, ""):
        if one.rule.on.kind in ("contact.named", "contact.judged", "order.made") and isinstance(one.duty.subject, bytes):
            found.setdefault(one.duty.subject, []).append((look.say(one.rule.word), one.state))
    return found


def _row_of(
    h: Happened,
    case: bytes,
    entries: dict[int, tuple[Instant, str]],
    answer: Answer,
    named: set[tuple[bytes, bytes]],
    owed: dict[bytes, list[tuple[str, str]]],
    look: Looking,
) -> dict[str, Any]:
    c = h.turn.candidate
    person, met, entry = person_of(c), met_of(c, case), entries.get(h.seq)
    return {
        "what": WHAT[h.turn.what], "badge": BADGE[h.turn.what], "person": person, "met": met if met != case else None, "ring": look.pick(LISTS["ring"], c.ring),
        "why": why(c, answer, look), "known": entry[0] if entry else None, "by": entry[1] if entry else "", "seq": h.seq,
        "causes": [_CAUSES[x] for x in h.causes], "named": (person, met) in named, "owed": owed.get(person, []) if (person, met) in named else [],
    }  # fmt: skip
