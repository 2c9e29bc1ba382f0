"""People who were only described: the list with who searches until when, and the page of one, with people of the register who may be meant. Joins nobody."""

from typing import Any

from django.db import connection
from django.db.models import Case as When_
from django.db.models import CharField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import subject_text, to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.lettersheets import clocks
from bulou.desks.tracing.sheets import areas_of, facts_within, ring_text, within
from bulou.desks.tracing.soughtverbs import ABANDON, FOUND
from bulou.evidence.models import Contact
from bulou.evidence.timeline import about_subjects, standing_facts
from bulou.gaps.coverage import RuleBook, rows
from bulou.gaps.sought import NOT_FOUND
from bulou.kit.areas import area_href
from bulou.kit.doing import link
from bulou.kit.duties import answers, shown
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, family, find
from bulou.kit.sheet import Col, Gives, Narrow, Sheet, sheet
from bulou.kit.sought import Search, searches
from bulou.kit.telling import take_back, told
from bulou.kit.verb import VERBS
from bulou.register.models import Person
from bulou.register.scope import standing

RULE = "contact.identify"
BADGE = {"searched": "due", "abandoned": "excused", "found": "done"}
assert set(LISTS["search"]) == set(BADGE)


def sought_rows(look: Looking) -> QuerySet[Any]:
    """Searches of people of the viewer's areas, with how each stands: the first word of an incident about a record, however often it was said."""
    found = searches(look)
    first: dict[tuple[bytes, bytes], Search] = {}
    for each in found:
        first.setdefault((each.one, each.incident), each)
    by = {state: [s.id for s in first.values() if s.state == state] for state in BADGE}
    rows_: QuerySet[Any] = facts_within(standing_facts("person.sought", look.seq, look.about), look)
    rows_ = rows_.filter(id__in=[s.id for s in first.values()])
    made: QuerySet[Any] = rows_.annotate(
        state=When_(
            *(When(id__in=ids, then=Value(state)) for state, ids in by.items() if ids), default=Value("searched"), output_field=CharField()
        )
    )
    return made


def _ready(rows_: list[Any], look: Looking) -> None:
    """Where they stay as far as is known, until when they are to be found, and who searches."""
    areas_of(rows_, look)
    one = {bytes(p): bytes(c) for p, c in
           standing(Person, look.seq).filter(person__in={bytes(r.person) for r in rows_}).values_list("person", "canonical")}  # fmt: skip
    owed = clocks(look, (RULE,), {bytes(r.person) for r in rows_})
    book = RuleBook(look.protocol)
    rule = next((book.rules[n] for n in book.numbers_of(RULE)), None)
    look.learn_names(bytes(r.met) for r in rows_ if r.met)
    for row in rows_:
        row.one = one.get(bytes(row.person), bytes(row.person))
        row.owed = owed.get(row.one) if row.state == "searched" else None
        row.unit, _vacant = answers(rule, row.area, look) if rule and row.state == "searched" else ("", False)


def _page(row: Any, look: Looking | None = None) -> str:
    return reverse("sought", kwargs={"person": to_text(bytes(row.person))})


def _by_state(rows_: Any, value: str, look: Looking) -> Any:
    return rows_.filter(state__in=NOT_FOUND) if value == "not_found" else rows_.filter(state=value)


def _states(look: Looking) -> list[tuple[str, str]]:
    return [("not_found", look.say(Word("未查明", "not found yet"))), *((code, look.say(word)) for code, word in LISTS["search"].items())]


def _seen(row: Any, look: Looking) -> str:
    """When they were seen, as far as anybody told."""
    return " – ".join(look.time(at) for at in (row.seen_from, row.seen_until) if at is not None)


def _from_whom(row: Any, look: Looking) -> str:
    """Who told of them, and whom they met."""
    return " · ".join(
        t for t in (look.pick(LISTS["teller"], row.teller) if row.teller else "", look.name(bytes(row.met)) if row.met else "") if t
    )


SOUGHT = sheet(Sheet(
    "sought", "tracing", Word("身份不明、待查明", "Not found yet"), sought_rows,
    (
        Col("state", Word("状态", "State"), lambda r, k: k.pick(LISTS["search"], r.state), ("state", "at", "id"), badge=lambda r, k: BADGE[r.state]),
        Col("due", Word("时限", "Due"), lambda r, k: k.time(r.owed[0], deadline=True) if r.owed else "", badge=lambda r, k: r.owed[1] if r.owed else ""),
        Col("person", Word("记录", "Record"), lambda r, k: k.name(bytes(r.person)), ("person", "at", "id"), strong=True, href=_page),
        Col("words", Word("所知特征", "What is known"), lambda r, k: k.show("words", r.words, bytes(r.person)), manner="words", narrow=False),
        Col("where", Word("何处所见", "Where seen"), lambda r, k: k.show("words", r.seen_where, bytes(r.person)) if r.seen_where else "", manner="words", narrow=False),
        Col("seen", Word("何时所见", "When seen"), _seen, ("seen_from", "at", "id")),
        Col("told", Word("谁说的、遇见谁", "Told by, met whom"), _from_whom, narrow=False),
        Col("searches", Word("由谁寻找", "Who searches"), lambda r, k: r.unit, narrow=False),
        Col("at", Word("寻找自", "Sought since"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("area", Word("居停", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
    ),
    (
        Narrow("state", Word("状态", "State"), _by_state, choices=_states),
        Narrow("teller", Word("谁说的", "Told by"), lambda rows_, v, k: rows_.filter(teller=v), words="teller"),
    ),
    order="at", people=lambda r: [bytes(r.person)], prepare=_ready, nav=3, icon="search", opens="?state=not_found", detail=_page,
    empty=Word("没有身份不明的人", "Nobody is unknown"),
    note=Word("单位:记录。一人可能有两条描述,认定为同一人后计一次。未查明者仍计为接触者;停止寻找不等于找到。",
              "These are records: one person may have been described twice, and counts once when the two are joined. Who is not found counts as a contact "
              "all the same; a search that was abandoned found nobody."),
    gives=Gives(("person", "subject", "incident"), lambda k: lambda r: {
        "person": bytes(r.person), "subject": subject_text(bytes(r.person)), "incident": bytes(r.in_incident)}),
    ids=lambda k: lambda r: {"state": r.state},
))  # fmt: skip


@page("sought", "tracing/sought/<str:person>", "身份不明的人", "Somebody not found yet", desk="tracing", sample="sought")
def sought_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """Somebody who was only described: what is known, who searches until when, people of the register who may be meant, and what may be done."""
    record = id_or_404(person)
    one, ids = family(record, look)
    found = searches(look, people=ids)
    facts = {bytes(r.id): r for r in facts_within(standing_facts("person.sought", look.seq, look.about), look).filter(person__in=ids)}
    known = [(s, facts[s.id]) for s in found if s.id in facts]
    if not known:
        raise Http404
    state, here, asked = known[0][0].state, request.get_full_path(), request.GET.get("q", "").strip()
    look.learn_names([record, one, *(bytes(r.met) for _, r in known if r.met)])
    owed = (
        rows(look.seq, look.about, look.scope)
        .filter(subject=one, rule__in=RuleBook(look.protocol).numbers_of(RULE))
        .order_by("due_at", "id")
    )
    contact = within(standing(Contact, look.seq).filter(person=one), look).first()
    joins = {bytes(f.id): f for f in standing_facts("person.identified", look.seq, look.about).filter(person__in=ids)}
    joins |= {bytes(f.id): f for f in standing_facts("person.identified", look.seq, look.about).filter(same_as__in=ids)}
    context = {
        "title": look.name(record), "person": one, "record": record, "state": state, "badge": BADGE[state], "state_word": look.pick(LISTS["search"], state),
        "area": area_of(one, look), "known": [
            {"words": look.show("words", r.words, bytes(r.person)), "where": look.show("words", r.seen_where, bytes(r.person)) if r.seen_where else "",
             "seen": _seen(r, look), "told": _from_whom(r, look), "at": r.at, "post": r.post, "withdraw": take_back(bytes(r.id), "person.sought", look, here)}
            for _, r in known
        ],
        "is_contact": contact is not None, "ring": ring_text(contact, look) if contact else "", "duties": shown(owed, look, here),
        "open": state in NOT_FOUND, "asked": asked, "likely": _likely(look, record, ids, asked, here) if state in NOT_FOUND else [],
        "may_join": look.viewer.may("identify") and look.moment.live,
        "found": link(FOUND, look, {"person": record}, here) if state in NOT_FOUND else None,
        "abandon": link(ABANDON, look, {"person": record}, here) if state == "searched" else None,
        "joined": [
            {"at": f.at, "name": look.name(bytes(f.same_as if bytes(f.person) == record else f.person)), "reason": f.reason,
             "withdraw": take_back(i, "person.identified", look, here)}
            for i, f in sorted(joins.items(), key=lambda each: (each[1].at, each[0]))
        ],
        "given_up": [
            {"at": f.at, "reason": look.show("words", f.reason, bytes(f.person)), "post": f.post,
             "withdraw": take_back(bytes(f.id), "search.abandoned", look, here)}
            for f in standing_facts("search.abandoned", look.seq, look.about).filter(person__in=ids).order_by("at", "id")
        ],
        "happened": told(about_subjects(connection, ids, look.seq, look.about), look, here), "back": reverse("sheet-sought") + SOUGHT.opens,
    }  # fmt: skip
    return show(request, "tracing/sought.html", context)


def _likely(look: Looking, record: bytes, ids: list[bytes], asked: str, here: str) -> list[dict[str, Any]]:
    """People of the viewer's areas who may be meant: by the telephone of the record, and by what was searched for. Nobody is chosen."""
    phone = standing(Person, look.seq).filter(person=record).values_list("phone", flat=True).first() or ""
    by: dict[bytes, dict[str, Any]] = {}
    for why, text in ((Word("电话相同", "same telephone"), phone), (None, asked)):
        for each in find(look, text):
            if each.person in ids:
                continue
            at = by.setdefault(each.person, {"person": each.person, "area": each.area, "tail": each.tail, "why": ""})
            at["why"] = at["why"] or (look.say(why) if why else "")
    return [
        {**each, "name": look.name(p), "join": link(VERBS["identify"], look, {"person": record, "same_as": p}, here)} for p, each in by.items()
    ]  # fmt: skip


def search_of(ids: list[bytes], look: Looking) -> dict[str, Any] | None:
    """How the search for somebody stands, for the page of a contact; None where nobody seeks them, or the viewer may not see it."""
    found = searches(look, people=ids)
    if not found:
        return None
    state = found[0].state
    return {
        "state": BADGE[state],
        "word": look.pick(LISTS["search"], state),
        "href": reverse("sought", kwargs={"person": to_text(found[0].record)}),
    }
