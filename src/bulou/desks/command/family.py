"""Incidents beside each other: what each has, who is in two, which may be one and by what; joining them, by a named post. Joins nothing by itself.

A fact keeps the incident that it was entered under: joined, two are counted as one; the joining taken back, they are two again with what each had.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse

from bulou.basis.ids import to_text
from bulou.basis.time import FOREVER, day_of
from bulou.basis.words import LISTS, Word
from bulou.desks.command.opening import CLOSE_INCIDENT, OPEN_INCIDENT, closable
from bulou.evidence.models import Incident
from bulou.evidence.timeline import entered_by, standing_facts
from bulou.gaps.incidents import Alike, Met, Near, counted, proposed
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.telling import take_back
from bulou.kit.verb import Acting, Problem, Verb, verb
from bulou.protocol.relations import order
from bulou.questions.chain import NEAR
from bulou.questions.sequences import same_line
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

#: Kinds of facts by which somebody is a case or a contact of the incident that the fact was entered under.
CASES, CONTACTS = ("recheck.read", "consultation.held", "case.diagnosed"), ("contact.named", "contact.judged")
#: People shown of a proposal; the others are counted.
SHOWN = 5


def _joinable(acting: Acting, body: Any) -> Iterable[Problem]:
    """Both are there, of one disease, and two as yet; what was taken from the past is joined to nothing that goes on."""
    facts = acting.book.facts
    found = [min(facts.by("incident.opened", "incident", i), key=order, default=None) for i in (body.incident, body.into)]
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明并案依据", "say on what evidence they are one")
    for field, opened in zip(("incident", "into"), found, strict=True):
        if opened is None:
            yield Problem(field, "没有这个事件", "there is no such incident")
    one, other = found
    if one is None or other is None:
        return
    if facts.canon("incident", body.incident) == facts.canon("incident", body.into):
        yield Problem("into", "已是同一事件", "they are one incident already")
    if one.body.disease != other.body.disease:
        yield Problem("into", "病种不同,不能并案", "two diseases are never one incident")
    if "history" in (one.body.nature, other.body.nature):
        yield Problem("into", "历史记录不能与进行中的事件并案", "records of the past are not joined to what goes on")
    for field, incident in (("incident", body.incident), ("into", body.into)):
        if facts.by("incident.closed", "incident", incident):
            yield Problem(field, "该事件已结束:先撤回结束,再并案,否则并入者一并结束",
                          "this incident is closed: take its closing back first, or what is joined to it ends with it")  # fmt: skip


JOIN = verb(Verb(
    "join_incidents", Word("并案", "join two incidents"), "command", "incident.joined", "incident", ("reason",), (_joinable,),
    warning=Word("并案后两起合为一起计数,各自的任务按同一事件重算;撤回并案即复原。",
                 "Joined, they are counted as one and what is owed is reckoned as of one incident; taken back, they are two again."),
))  # fmt: skip


def _people(kinds: tuple[str, ...], look: Looking, ones: dict[bytes, bytes]) -> dict[bytes, set[bytes]]:
    """By the incident that the facts were entered under: whom they are about, each by the id that stands for them."""
    found: dict[bytes, set[bytes]] = {}
    for kind in kinds:
        rows = standing_facts(kind, look.seq, look.about)
        for incident, person in rows.order_by().values_list("in_incident", "person").distinct():
            found.setdefault(bytes(incident), set()).add(ones.get(bytes(person), bytes(person)))
    return found


def _near(look: Looking) -> set[bytes] | None:
    """Who stays in the viewer's areas; None for who sees all of the centre."""
    if look.scope.codes is None:
        return None
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    return {bytes(p) for p in here.values_list("person", flat=True)}


def _met(look: Looking, ones: dict[bytes, bytes], near: set[bytes] | None) -> list[Met]:
    rows = standing_facts("contact.named", look.seq, look.about).order_by().values_list("in_incident", "person", "met").distinct()
    found = (Met(bytes(i), ones.get(bytes(p), bytes(p)), ones.get(bytes(m), bytes(m))) for i, p, m in rows)
    return [m for m in found if near is None or m.person in near]


@page("incidents", "command/incidents", "事件", "Incidents", desk="command", nav=9, icon="git-fork")
def incidents_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every incident by its day and place, what was joined to it, how many it has and how many there are in all; and which two may be one."""
    rows = list(standing(Incident, look.seq).filter(opened_at__lte=look.about).order_by("-opened_at", "incident"))
    joined_records = standing(Person, look.seq).exclude(person=F("canonical"))
    ones = {bytes(p): bytes(c) for p, c in joined_records.values_list("person", "canonical")}
    near = _near(look)

    def within(found: dict[bytes, set[bytes]]) -> dict[bytes, set[bytes]]:
        return {i: people if near is None else people & near for i, people in found.items()}

    cases = within(_people(CASES, look, ones))
    contacts = within(_people(CONTACTS, look, ones))
    own = {bytes(r.incident): cases.get(bytes(r.incident), set()) | contacts.get(bytes(r.incident), set()) for r in rows}
    head = {bytes(r.incident): bytes(r.canonical) for r in rows}
    whole, infected = _summed(own, head), _summed(cases, head)
    totals, here = counted({i: p for i, p in whole.items() if _nature(rows, i) != "history"}), request.get_full_path()
    joined, ended, opened = _joinings(look, here), _ended(look, here), _opened(look)
    shown = [
        {**_told(r, look), "cases": len(cases.get(bytes(r.incident), ())), "contacts": len(contacts.get(bytes(r.incident), ())),
         "family": len(whole[bytes(r.incident)]) if r.incident == r.canonical else None,
         "shared": totals.shared.get(bytes(r.incident), 0) if r.incident == r.canonical else None,
         "into": next((_told(o, look)["name"] for o in rows if o.incident == r.canonical and o.incident != r.incident), ""),
         "joining": joined.get(bytes(r.incident), []), "ends": _ending(r, ended, opened, look),
         "close": link(CLOSE_INCIDENT, look, {"incident": bytes(r.incident)}, here) if closable(r, look) else None}
        for r in rows
    ]  # fmt: skip
    alike = _alike(look, ones, {p for found in infected.values() for p in found})
    open_ = {
        bytes(r.incident) for r in rows if r.incident == r.canonical and r.closed_at > look.about and r.nature not in ("history", "watch")
    }
    met = _moved(_met(look, ones, near), head)
    context = {
        "title": look.say(Word("事件", "Incidents")), "open": link(OPEN_INCIDENT, look, {}, here), "incidents": shown,
        "total": totals.total, "sum": sum(totals.own.values()),
        "proposals": _proposals(rows, {i: whole[i] for i in open_}, {i: infected.get(i, set()) for i in open_}, met, alike, look, here),
    }  # fmt: skip
    return show(request, "command/incidents.html", context)


def _ended(look: Looking, here: str) -> dict[bytes, dict[str, Any]]:
    """By incident, by which post and why it was closed, and where that is taken back."""
    rows = standing_facts("incident.closed", look.seq, look.about).order_by("-at", "id")
    return {
        bytes(r.incident): {"post": r.post, "reason": r.reason, "back": take_back(bytes(r.id), "incident.closed", look, here)} for r in rows
    }


def _opened(look: Looking) -> dict[bytes, dict[str, Any]]:
    """By incident, by which post and why it was opened, where that was by hand."""
    rows = standing_facts("incident.opened", look.seq, look.about).exclude(post=None).order_by("-at", "id")
    return {bytes(r.incident): {"post": r.post, "reason": r.reason} for r in rows}


def _ending(row: Any, ended: dict[bytes, dict[str, Any]], opened: dict[bytes, dict[str, Any]], look: Looking) -> list[dict[str, Any]]:
    """Who opened it by hand and who closed it, each with the reason."""
    found = [(Word("启动", "opened"), opened.get(bytes(row.incident))), (Word("结束", "closed"), ended.get(bytes(row.incident)))]
    return [
        {"word": word, "post": _chair(one["post"], look), "reason": one["reason"], "back": one.get("back")} for word, one in found if one
    ]


def _chair(code: str, look: Looking) -> str:
    chair = look.posts.chair(code, look.about)
    return code if chair is None else chair.name_en if look.language == "en" else chair.name


def _nature(rows: list[Any], incident: bytes) -> str:
    return next((str(r.nature) for r in rows if bytes(r.incident) == incident), "")


def _summed(people: dict[bytes, set[bytes]], head: dict[bytes, bytes]) -> dict[bytes, set[bytes]]:
    """What was joined counts with what it was joined to, each person once."""
    found: dict[bytes, set[bytes]] = {one: set() for one in head.values()}
    for incident, some in people.items():
        if incident in head:
            found[head[incident]] |= some
    return found


def _moved(met: list[Met], head: dict[bytes, bytes]) -> list[Met]:
    return [m._replace(incident=head.get(m.incident, m.incident)) for m in met]


def _told(row: Any, look: Looking) -> dict[str, Any]:
    """An incident by its day and place; never by a person."""
    return {
        "id": to_text(bytes(row.incident)), "name": row.name_en if look.language == "en" else row.name, "day": day_of(row.opened_at, look.zone),
        "area": row.area, "nature": look.pick(LISTS["incident"], row.nature),
        "closed": row.closed_at if row.closed_at < FOREVER and row.closed_at <= look.about else None,
    }  # fmt: skip


def _joinings(look: Looking, here: str) -> dict[bytes, list[dict[str, Any]]]:
    """By incident, when, by which post and why it was joined, and where that is taken back."""
    rows = list(standing_facts("incident.joined", look.seq, look.about).order_by("at", "id"))
    by = entered_by(r.entry for r in rows)
    found: dict[bytes, list[dict[str, Any]]] = {}
    for r in rows:
        found.setdefault(bytes(r.incident), []).append({
            "at": r.at, "by": by.get(r.entry, ""), "reason": r.reason, "split": take_back(bytes(r.id), "incident.joined", look, here),
        })  # fmt: skip
    return found


def _alike(look: Looking, ones: dict[bytes, bytes], cases: set[bytes]) -> Alike:
    """Cases whose sequences are near, by the latest comparison of each pair, and the lineages of cases, by the latest usable sequence."""
    apart: dict[frozenset[bytes], int] = {}
    compared = standing_facts("sequences.compared", look.seq, look.about).order_by("at", "id")
    for person, other, differ in compared.values_list("person", "other", "differ"):
        apart[frozenset((ones.get(bytes(person), bytes(person)), ones.get(bytes(other), bytes(other))))] = differ
    lines: dict[bytes, str] = {}
    read = standing_facts("sequence.read", look.seq, look.about).order_by("at", "id")
    for person, lineage, quality in read.values_list("person", "lineage", "quality"):
        if lineage and quality != "poor":
            lines[ones.get(bytes(person), bytes(person))] = str(lineage).strip().upper()
    lines = {p: line for p, line in lines.items() if p in cases}
    near = [
        Near(min(pair), max(pair), n) for pair, n in apart.items()
        if n <= NEAR and len(pair) == 2 and pair <= cases and not _differ([lines[p] for p in pair if p in lines])
    ]  # fmt: skip
    return Alike(near, lines)


def _differ(lines: list[str]) -> bool:
    """Whether two lineages are told that cannot be one: then near sequences are a mistake somewhere, and propose nothing."""
    return len(lines) == 2 and not same_line(*lines)


def _proposals(
    rows: list[Any], people: dict[bytes, set[bytes]], cases: dict[bytes, set[bytes]], met: list[Met], alike: Alike, look: Looking, here: str
) -> list[dict[str, Any]]:
    by, disease = {bytes(r.incident): r for r in rows}, {bytes(r.incident): r.disease for r in rows}
    found = [p for p in proposed(people, cases, met, alike) if disease[p.one] == disease[p.other]]
    look.learn_names(
        {
            q
            for p in found
            for q in (
                *sorted(p.shared)[:SHOWN],
                *(x for pair in sorted(p.links)[:SHOWN] for x in pair),
                *(x for a in p.near[:SHOWN] for x in a[:2]),
            )
        }
    )
    return [
        {"one": _told(by[p.one], look), "other": _told(by[p.other], look), "shared": len(p.shared), "links": len(p.links),
         "who": [look.name(q) for q in sorted(p.shared)[:SHOWN]], "met": [(look.name(a), look.name(b)) for a, b in sorted(p.links)[:SHOWN]],
         "near": [(look.name(a.one), look.name(a.other), a.differ) for a in p.near[:SHOWN]], "nears": len(p.near), "lines": sorted(p.lines),
         # The later one is joined to the earlier one.
         "join": link(JOIN, look, dict(zip(("into", "incident"), sorted((p.one, p.other), key=lambda i: (by[i].opened_at, i)), strict=True)), here)}
        for p in found
    ]  # fmt: skip
