"""Sheets of the call desk: every call that was made, and who was not reached by phone, for those who go to the door."""

# ruff: noqa: S608, S611  (what stands in the statement is this module's own words, numbers and what the models say; values are given beside it)
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.urls import reverse

from bulou.basis.ids import subject_text
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.callcount import stated
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

#: What a call met that may send somebody to the door.
MISSED = ("no_answer", "wrong_number", "refused")
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
    pooled = _pooled(look)
    last: QuerySet[Any] = call_rows(look).filter(id__in=_last_calls(look, pooled)).annotate(**one)
    owed = owing(look, theirs_too["in_incident__in"], list(rules_of(look))).filter(subject=OuterRef("one"))
    first = Subquery(owed.order_by("opens_at").values("opens_at")[:1])
    theirs = standing_facts("call.made", look.seq, look.about).filter(**theirs_too, at__gte=OuterRef("since"))
    silent = theirs.filter(outcome="no_answer").order_by().values("outcome").annotate(n=Count("id")).values("n")
    since = [When(case=p.case, one=p.who, then=Value(p.since, output_field=InstantField())) for p in pooled if p.since is not None]
    last = last.annotate(since=Case(*since, default=first, output_field=InstantField()))
    found: QuerySet[Any] = last.annotate(tries=Coalesce(Subquery(silent, output_field=IntegerField()), 0))
    return found


class _Pooled(NamedTuple):
    """Since when calls to somebody of pools count, in an incident; None: nothing is owed any more."""

    who: bytes
    case: bytes
    since: Instant | None


def _pooled(look: Looking) -> list[_Pooled]:
    """From when on calls to people of pools count, of whoever was called: as on the desk, from the latest of the pools that are open."""
    calls = standing_facts("call.made", look.seq, look.about).filter(outcome__in=MISSED).order_by()
    called = standing(Person, look.seq).filter(person__in=calls.values("person")).values("canonical")
    every = standing(Incident, look.seq).filter(incident__in=calls.values("in_incident")).values_list("canonical", flat=True)
    rules, found = rules_of(look), list[_Pooled]()
    for case in sorted({bytes(c) for c in every}):
        incidents = members(look, case)
        people = in_pools(look, incidents, rules, called)
        owed = owed_by(look, incidents, rules, people) if people else {}
        _pools, words = pools_of(look, look.facts(), {t for each in owed.values() for t in each.since if t})
        for who, each in sorted(owed.items()):
            counts = counts_of(each, words)
            found.append(_Pooled(who, case, counts.since if counts.still else None))
    return found


def _last_calls(look: Looking, pooled: list[_Pooled]) -> RawSQL:
    """The ids of these calls, found in one pass over all calls: asking of each whether another came after it takes ten seconds of twenty thousand."""
    made = standing_facts("call.made", look.seq, look.about).order_by()
    calls, values = stated(made.values("person", "in_incident", "at", "id", "outcome"))
    still = Case(When(Q(closed_seq__gt=look.seq) | Q(closed_at__gt=look.about), then=1), default=0, output_field=BigIntegerField())
    owing_ = owing(look, standing(Incident, look.seq).values("incident"), list(rules_of(look))).order_by().annotate(still_=still)
    duties, owed_values = stated(owing_.values("subject", "incident", "opens_at", "still_"))
    located = standing_facts("person.located", look.seq, look.about).exclude(outcome="not_reached").order_by()
    found, found_values = stated(located.values("person", "at"))
    live = f"{{0}}.opened_seq <= {int(look.seq)} AND {{0}}.void_seq > {int(look.seq)}"
    person, incident, missed = Person._meta.db_table, Incident._meta.db_table, ", ".join(f"'{m}'" for m in MISSED)
    id_ = "bytea" if connection.vendor == "postgresql" else "blob"
    pool = f"SELECT CAST(NULL AS {id_}) AS who, CAST(NULL AS {id_}) AS ca, CAST(NULL AS bigint) AS since WHERE 1 = 0"
    pool += " UNION ALL SELECT %s, %s, CAST(%s AS bigint)" * len(pooled)
    sql = f"""WITH made AS MATERIALIZED (SELECT p.canonical AS who, i.canonical AS ca, f.at, f.id, f.outcome FROM ({calls}) f
            JOIN {person} p ON p.person = f.person AND {live.format("p")} JOIN {incident} i ON i.incident = f.in_incident AND {live.format("i")}),
        missed AS MATERIALIZED (SELECT who, ca FROM made WHERE outcome IN ({missed}) GROUP BY who, ca),
        pool AS MATERIALIZED ({pool}),
        owed AS MATERIALIZED (SELECT m.who, m.ca, MIN(d.opens_at) AS since, MAX(d.still_) AS still FROM ({duties}) d
            JOIN {incident} i ON i.incident = d.incident AND {live.format("i")} JOIN missed m ON m.who = d.subject AND m.ca = i.canonical GROUP BY m.who, m.ca),
        begun AS MATERIALIZED (SELECT who, ca, since FROM pool WHERE since IS NOT NULL UNION ALL SELECT o.who, o.ca, o.since FROM owed o
            LEFT JOIN pool p ON p.who = o.who AND p.ca = o.ca WHERE o.still = 1 AND p.who IS NULL),
        ranked AS MATERIALIZED (SELECT m.who, m.id, m.at, m.outcome, ROW_NUMBER() OVER (PARTITION BY m.who, m.ca ORDER BY m.at DESC, m.id DESC) AS nth,
            SUM(CASE WHEN m.outcome = 'no_answer' THEN 1 ELSE 0 END) OVER (PARTITION BY m.who, m.ca) AS tries,
            MAX(CASE WHEN m.outcome IN ('reached', 'elsewhere') THEN 1 ELSE 0 END) OVER (PARTITION BY m.who, m.ca) AS talked
            FROM made m JOIN begun b ON b.who = m.who AND b.ca = m.ca AND m.at >= b.since)
        SELECT r.id FROM ranked r WHERE r.nth = 1 AND r.talked = 0 AND r.outcome IN ({missed})
            AND (r.tries >= {NO_ANSWERS} OR r.outcome <> 'no_answer') AND NOT EXISTS (SELECT 1 FROM {person} p JOIN ({found}) l ON l.person = p.person
            WHERE p.canonical = r.who AND {live.format("p")} AND l.at >= r.at)"""
    given = [v for p in pooled for v in (p.who, p.case, p.since)]
    return RawSQL(sql, [*values, *given, *owed_values, *found_values])


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
