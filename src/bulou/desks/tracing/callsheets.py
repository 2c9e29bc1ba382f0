"""Sheets of the call desk: every call that was made, and who was not reached by phone, for those who go to the door."""

from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from bulou.basis.ids import subject_text
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.calldesk import counts_of, in_pools, owed_by, owing, pools_of, rules_of
from bulou.desks.tracing.sheets import areas_of, facts_within, records_of, standing_stays
from bulou.evidence.fields import InstantField
from bulou.evidence.models import Incident
from bulou.evidence.timeline import standing_facts
from bulou.gaps.calls import NO_ANSWERS
from bulou.kit.areas import area_href
from bulou.kit.doing import link
from bulou.kit.incidents import members
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Gives, Narrow, Sheet, sheet
from bulou.kit.verb import VERBS
from bulou.register.models import Person
from bulou.register.scope import standing

BADGE = {"reached": "done", "elsewhere": "done", "no_answer": "due", "wrong_number": "overdue", "refused": "blocked"}


def call_rows(look: Looking) -> QuerySet[Any]:
    """Calls to people who stay in the viewer's areas, as known."""
    return facts_within(standing_facts("call.made", look.seq, look.about), look)


def _in_area(rows: Any, code: str, look: Looking) -> Any:
    return rows.filter(person__in=records_of(standing_stays(look).filter(area__in=look.inside(code)), look))


def _person_ids(row: Any) -> dict[str, Any]:
    person = bytes(row.person)
    return {"person": person, "subject": subject_text(person), "incident": bytes(row.in_incident)}


def _people(row: Any) -> list[bytes | None]:
    return [bytes(row.person), bytes(row.caller) if row.caller else None]


_PERSON = Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person", "at"), strong=True)
_OUTCOME = Col(
    "outcome",
    Word("结果", "Outcome"),
    lambda r, k: k.pick(LISTS["call"], r.outcome),
    ("outcome", "at"),
    badge=lambda r, k: BADGE[r.outcome],
)
_CALLER = Col("caller", Word("拨打人", "Caller"), lambda r, k: k.name(bytes(r.caller)) if r.caller else r.post)

CALLS = sheet(Sheet(
    "called", "tracing", Word("电话记录", "Calls made"), call_rows,
    (
        Col("at", Word("拨打时间", "Called"), lambda r, k: k.time(r.at), ("at", "id")),
        _PERSON, _OUTCOME,
        Col("whose", Word("谁的号码", "Whose number"), lambda r, k: k.pick(LISTS["whose"], r.whose), ("whose", "at")),
        _CALLER,
        Col("words", Word("现在何处", "Where now"), lambda r, k: k.show("words", r.words, bytes(r.person)), narrow=False),
        Col("note", Word("备注", "Note"), lambda r, k: k.show("words", r.note, bytes(r.person)), narrow=False),
    ),
    (
        Narrow("outcome", Word("结果", "Outcome"), lambda rows, v, k: rows.filter(outcome=v), words="call"),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="-at", people=_people, nav=5, icon="phone",
    empty=Word("还没有打过电话", "No call so far"),
    note=Word("单位:人次。同一号码一次联系几人,每人一行。", "These are people called, not calls: one call by a shared number has a row for each of its people."),
    ids=lambda k: lambda r: {"person": bytes(r.person), "incident": bytes(r.in_incident), "outcome": r.outcome},
))  # fmt: skip


# --- not reached by phone -----------------------------------------------------------------------------------------------
def unreached_rows(look: Looking) -> QuerySet[Any]:
    """The last call to everyone whom the telephone did not reach: three times no answer, a wrong number, or a refusal; until somebody has
    found them, or nothing of what a call answers is owed any more. Only calls of the incident count, from when what is owed began, as on the desk; whoever
    was talked to since then is not here. Two records of one person are one, and so are incidents that were joined."""
    records, incidents = standing(Person, look.seq), standing(Incident, look.seq)
    one = {
        "one": Subquery(records.filter(person=OuterRef("person")).values("canonical")[:1]),
        "case": Subquery(incidents.filter(incident=OuterRef("in_incident")).values("canonical")[:1]),
    }
    theirs_too = {
        "person__in": records.filter(canonical=OuterRef(OuterRef("one"))).values("person"),
        "in_incident__in": incidents.filter(canonical=OuterRef(OuterRef("case"))).values("incident"),
    }
    last: QuerySet[Any] = call_rows(look).filter(outcome__in=("no_answer", "wrong_number", "refused")).annotate(**one)
    owed = owing(look, theirs_too["in_incident__in"], list(rules_of(look))).filter(subject=OuterRef("one"))
    open_ = owed.filter(Q(closed_seq__gt=look.seq) | Q(closed_at__gt=look.about))
    first = Subquery(owed.order_by("opens_at").values("opens_at")[:1])
    since = Case(*_pooled(last, look), When(Exists(open_), then=first), default=None, output_field=InstantField())
    theirs = standing_facts("call.made", look.seq, look.about).filter(**theirs_too, at__gte=OuterRef("since"))
    later = theirs.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), id__gt=OuterRef("id")))
    silent = theirs.filter(outcome="no_answer").order_by().values("outcome").annotate(n=Count("id")).values("n")
    found = standing_facts("person.located", look.seq, look.about).filter(person__in=theirs_too["person__in"], at__gte=OuterRef("at"))
    last = last.annotate(since=since)
    last = last.filter(since__isnull=False, at__gte=F("since")).annotate(tries=Coalesce(Subquery(silent, output_field=IntegerField()), 0))
    last = last.filter(
        ~Exists(later), ~Exists(theirs.filter(outcome__in=("reached", "elsewhere"))), ~Exists(found.exclude(outcome="not_reached"))
    )
    return last.filter(Q(tries__gte=NO_ANSWERS) | Q(outcome__in=("wrong_number", "refused")))


def _pooled(calls: QuerySet[Any], look: Looking) -> list[When]:
    """From when on calls to people of pools count: as on the desk, from the latest of the pools that are open; null where nothing is owed any more."""
    people: dict[bytes, set[bytes]] = {}
    for who, case in calls.order_by().values_list("one", "case").distinct():
        if who is not None and case is not None:
            people.setdefault(bytes(case), set()).add(bytes(who))
    rules, found = rules_of(look), dict[tuple[bytes, Any], list[bytes]]()
    for case, some in sorted(people.items()):
        incidents = members(look, case)
        owed = owed_by(look, incidents, rules, in_pools(look, incidents, rules, some))
        _pools, words = pools_of(look, look.facts(), {t for each in owed.values() for t in each.since if t})
        for who, each in sorted(owed.items()):
            counts = counts_of(each, words)
            found.setdefault((case, counts.since if counts.still else None), []).append(who)
    return [When(case=case, one__in=some, then=Value(at, output_field=InstantField())) for (case, at), some in found.items()]


def _locate(row: Any, look: Looking) -> str | None:
    return link(VERBS["locate"], look, {"person": bytes(row.person)}, look.here or reverse("sheet-unreached"))


UNREACHED = sheet(Sheet(
    "unreached", "people", Word("电话未联系上", "Not reached by phone"), unreached_rows,
    (
        _PERSON,
        Col("area", Word("居停", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
        _OUTCOME,
        Col("tries", Word("无人接听次数", "Unanswered"), lambda r, k: str(r.tries), ("tries", "at")),
        Col("at", Word("最近一次", "Last call"), lambda r, k: k.time(r.at), ("at", "id")),
        _CALLER,
        Col("do", Word("上门", "At the door"), lambda r, k: k.say(Word("报告落位", "say where")) if _locate(r, k) else "", href=_locate, act=True),
    ),
    (
        Narrow("outcome", Word("结果", "Outcome"), lambda rows, v, k: rows.filter(outcome=v), words="call"),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="at", people=_people, prepare=areas_of, nav=6, icon="phone",
    empty=Word("没有电话联系不上的人", "Everyone who was phoned was reached, or may still be"),
    note=Word("三次无人接听、号码错误或拒绝配合:请上门。拒绝的人由卫生人员再访,不得强制。",
              "Three times no answer, a wrong number or a refusal: please go to the door. Whoever refused is visited again by health staff, never forced."),
    gives=Gives(("person", "subject", "incident"), lambda k: _person_ids),
    ids=lambda k: lambda r: {"outcome": r.outcome},
))  # fmt: skip
