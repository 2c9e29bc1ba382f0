"""Risk points: which places the paths of an incident's cases propose, naming one, and what was done about it. Closes nothing by itself.

Whoever answers for an area sees when cases were at its places, never who they were.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import DAY, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.callupverbs import PUBLISH_CALLUP
from bulou.desks.tracing.path import places_offered, window
from bulou.desks.tracing.pointverbs import CLOSE_POINT, DISINFECT, NAME_POINT, READ_SURFACES, REOPEN_POINT, SAMPLE_SURFACES
from bulou.desks.tracing.sheets import seen_of
from bulou.evidence.models import Case, Contact, Point
from bulou.evidence.things import DONE_AT_POINT, point_done
from bulou.evidence.timeline import about_subjects, standing_facts
from bulou.gaps.coverage import rows as duties
from bulou.gaps.points import Seen, Span, asked_of, spans_of
from bulou.kit.areas import area_href
from bulou.kit.doing import back, given_of, link
from bulou.kit.duties import shown
from bulou.kit.form import FactForm, reasons
from bulou.kit.incidents import Named, current, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import ones_of
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.kit.telling import told
from bulou.kit.verb import Refused, Verb, do
from bulou.register.models import Person, Place
from bulou.register.scope import standing

#: Rows on one page.
PER_PAGE = 50
#: How a risk point stands, with the colour of its badge: the first that holds.
STATES: Mapping[str, tuple[Word, str]] = {
    "reopened": (Word("已重新开放", "re-opened"), "ended"),
    "over": (Word("关闭已到期,待决定", "closure over, to be decided"), "overdue"),
    "clean": (Word("消毒后采样阴性", "negative after disinfection"), "done"),
    "dirty": (Word("消毒后仍有阳性", "positive after disinfection"), "positive"),
    "disinfected": (Word("已消毒,待采样复核", "disinfected, to be checked"), "pending"),
    "closed": (Word("已关闭", "closed"), "due"),
    "to_close": (Word("待关闭", "to be closed"), "overdue"),
    "named": (Word("已确定", "named"), "due"),
}


def state_of(row: Any, about: Instant) -> str:
    """How a risk point stands at an hour."""

    def by(at: int | None) -> bool:
        return at is not None and at <= about

    if by(row.reopened_at):
        return "reopened"
    if row.held == "closed" and by(row.closed_until):
        return "over"
    if by(row.read_at) and row.result:
        return "clean" if row.result == "negative" else "dirty"
    if by(row.disinfected_at):
        return "disinfected"
    if row.held == "closed":
        return "closed" if by(row.closed_at) else "to_close"
    return "named"


# --- the sheet ----------------------------------------------------------------------------------------------------------
def point_rows(look: Looking) -> QuerySet[Point]:
    """Risk points named by the hour asked, of places in the viewer's areas."""
    return standing(Point, look.seq).filter(look.scope.q(), named_at__lte=look.about)


def as_of(rows: Sequence[Point], look: Looking) -> None:
    """Puts on rows what was done by the hour asked about: what came after it is not theirs yet, and hides nothing that came before."""
    if look.moment.live or not rows:
        return
    facts = look.facts()
    facts.fetch({(kind, "point"): {bytes(r.point) for r in rows} for kind in DONE_AT_POINT})
    for row in rows:
        for name, value in point_done(facts, bytes(row.point), look.about)._asdict().items():
            setattr(row, name, value)


def _of(rows: list[Any], look: Looking) -> None:
    """What the places of this page are called, in one statement; and what was done by the hour asked about."""
    as_of(rows, look)
    places = {bytes(p.place): p for p in standing(Place, look.seq).filter(place__in={bytes(r.place) for r in rows})}
    for row in rows:
        row.where = places.get(bytes(row.place))


def _called(rows: Any, text: str, look: Looking) -> Any:
    return rows.filter(place__in=standing(Place, look.seq).filter(name__contains=text).values("place"))


def _open(rows: Any, value: str, look: Looking) -> Any:
    return rows.filter(reopened_at__lte=look.about) if value == "reopened" else rows.filter(reopened_at__gt=look.about)


_OPEN = {"held": Word("未开放", "not re-opened"), "reopened": Word("已重新开放", "re-opened")}

POINTS = sheet(Sheet(
    "points", "people", Word("风险点", "Risk points"), point_rows,
    (
        Col("place", Word("场所", "Place"), lambda r, k: r.where.name if r.where else "—", ("place", "point"), strong=True, narrow=False,
            href=lambda r, k: reverse("point", kwargs={"point": to_text(bytes(r.point))})),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "named_at"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("state", Word("状态", "State"), lambda r, k: k.say(STATES[state_of(r, k.about)][0]), badge=lambda r, k: STATES[state_of(r, k.about)][1]),
        Col("since", Word("病例在场自", "Cases there from"), lambda r, k: k.time(r.since), ("since", "point")),
        Col("until", Word("至", "Until"), lambda r, k: k.time(r.until), ("until", "point")),
        Col("named", Word("确定时间", "Named"), lambda r, k: k.time(r.named_at), ("named_at", "point")),
        Col("closed_until", Word("关闭至", "Closed until"), lambda r, k: k.time(r.closed_until, deadline=True) if r.closed_until else "/", ("closed_until", "point")),
        Col("samples", Word("环境样本(份)", "Samples of surfaces"), lambda r, k: f"{r.samples:,}" if r.sampled_at and r.sampled_at <= k.about else "—"),
        Col("disinfected", Word("消毒", "Disinfected"), lambda r, k: k.time(r.disinfected_at) if r.disinfected_at and r.disinfected_at <= k.about else ""),
        Col("post", Word("确定岗位", "Named by"), lambda r, k: r.post),
    ),
    (
        Narrow("q", Word("名称", "Name"), _called),
        Narrow("open", Word("是否开放", "Open"), _open, choices=lambda k: [(code, k.say(word)) for code, word in _OPEN.items()]),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="-named", prepare=_of, nav=7, icon="alert-triangle",
    empty=Word("尚无风险点", "No risk point so far"),
    note=Word("单位:份数是样本,不是人。", "Samples are samples, not people."),
    detail=lambda r: reverse("point", kwargs={"point": to_text(bytes(r.point))}),
    ids=lambda k: lambda r: {"point": bytes(r.point), "place": bytes(r.place), "held": r.held},
))  # fmt: skip


# --- what the paths propose ---------------------------------------------------------------------------------------------
class Proposed(NamedTuple):
    """A place with the spans in which cases were there while infectious, and the risk point that it is already."""

    place: Place
    span: Span
    named: Point | None

    @property
    def later(self) -> bool:
        """Whether a case was there after the hours for which the place was named, or after it was re-opened."""
        return self.named is not None and self.span.until > self.named.until


def proposed(incident: Named, look: Looking) -> list[Proposed]:
    """Places of the viewer's areas at which the incident's cases were while infectious, the latest first. A fixed number of statements."""
    edition = edition_of(look, incident)
    of = members(look, incident.id)
    known = Q(positive_at__lte=look.about) | Q(rechecked_at__lte=look.about) | Q(diagnosed_at__lte=look.about)
    cases = [c for c in standing(Case, look.seq).filter(known, incident__in=of) if c.status != "excluded"]
    windows = {bytes(c.person): window(c, edition, look) for c in cases}
    if not windows:
        return []
    records = dict(standing(Person, look.seq).filter(canonical__in=list(windows)).values_list("person", "canonical"))
    one = {bytes(p): bytes(c) for p, c in records.items()} | {p: p for p in windows}
    rows = standing_facts("visit.recorded", look.seq, look.about).filter(
        person__in=list(one), in_incident__in=of, at__gte=min(w.infectious for w in windows.values()) - DAY
    ).exclude(place=None)  # fmt: skip
    found = spans_of(
        (Seen(one[bytes(r.person)], bytes(r.place), Instant(r.at), None if r.until is None else Instant(r.until)) for r in rows),
        {p: (w.infectious, w.until) for p, w in windows.items()},
    )
    places = {bytes(p.place): p for p in standing(Place, look.seq).filter(look.scope.q(), place__in=list(found))}
    named: dict[bytes, Point] = {}
    for p in (
        standing(Point, look.seq).filter(place__in=list(found), incident__in=of, named_at__lte=look.about).order_by("named_at", "point")
    ):
        named[bytes(p.place)] = p
    as_of(list(named.values()), look)
    made = [Proposed(places[place], span, named.get(place)) for place, span in found.items() if place in places]
    return sorted(made, key=lambda p: (p.named is not None and not p.later, -p.span.until, bytes(p.place.place)))


@page("points-proposed", "tracing/points/proposed", "待研判的风险点", "Places proposed", desk="tracing", nav=7, icon="map-pin", sample="")
def proposed_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Places that the paths of cases propose as risk points; what nobody has named yet stands first."""
    incident = current(request, look)
    found = proposed(incident, look) if incident else []
    part = Paginator(found, PER_PAGE).get_page(request.GET.get("page", 1))
    here = request.get_full_path()
    context = {
        "title": _("Places proposed as risk points"), "many": len(found), "paged": part, "edition": edition_of(look, incident) if incident else None,
        "waiting": sum(p.named is None or p.later for p in found),
        "rows": [
            {
                "place": p.place, "span": p.span, "named": p.named, "later": p.later,
                "state": STATES[state_of(p.named, look.about)] if p.named else None,
                "name": link(NAME_POINT, look, {"place": bytes(p.place.place), "since": p.span.since, "until": p.span.until}, here)
                if p.named is None or p.later else None,
            }
            for p in part
        ],
    }  # fmt: skip
    return show(request, "tracing/points.html", context)


# --- naming one ---------------------------------------------------------------------------------------------------------
@page(
    "point-name",
    "tracing/points/name",
    "确定风险点",
    "Name a risk point",
    desk="tracing",
    nav=8,
    icon="plus",
    sample="point-name",
    verb="name_point",
)
def point_name(request: HttpRequest, look: Looking) -> HttpResponse:
    """Names a place a risk point: found among the places on record, with the hours at which cases were there, and whether it is closed."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    given = {k: v for k, v in given_of(request, NAME_POINT).items() if k in ("since", "until")} if request.method == "GET" else {}
    form = FactForm(KINDS["point.named"], NAME_POINT.fields, {"held": "closed", **given}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    form.fields["since"].label, form.fields["until"].label = _("Cases there from"), _("Until")
    chosen, asked = request.POST.get("place") or request.GET.get("place", ""), (request.POST.get("q") or request.GET.get("q", "")).strip()
    known = standing(Place, look.seq).filter(look.scope.q())
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        if not chosen:
            problems.append(_("Choose the place: find it by its name."))
        elif not known.filter(place=id_or_404(chosen)).exists():
            raise Http404
        else:
            point = id_or_404(request.POST.get("fact_id", ""))
            values = {**form.values(), "place": id_or_404(chosen), "point": point}
            try:
                receipt = do(NAME_POINT, look, values, incident=incident.id, id_=point)
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("The risk point stands. %(n)d duties follow from it.") % {"n": receipt.opened})
                return redirect("point", point=to_text(point))
    context = {
        "title": look.say(NAME_POINT.word), "form": form, "problems": problems, "verb": NAME_POINT, "asked": asked, "chosen": chosen,
        "places": places_offered(asked, Q(place=id_or_404(chosen)) if chosen else Q(pk=None), look), "incident_now": incident, "query": request.GET,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "next": back(request, reverse("points-proposed")),
    }  # fmt: skip
    return show(request, "tracing/point_name.html", context, status=422 if problems or form.errors else 200)


# --- one of them --------------------------------------------------------------------------------------------------------
_ACTS: tuple[Verb, ...] = (CLOSE_POINT, SAMPLE_SURFACES, DISINFECT, READ_SURFACES, REOPEN_POINT)
_STEPS = (
    ("named_at", Word("确定", "named")),
    ("closed_at", Word("关闭", "closed")),
    ("sampled_at", Word("环境采样", "surfaces sampled")),
    ("disinfected_at", Word("最近一次消毒", "last disinfected")),
    ("read_at", Word("消毒后采样结果", "read after disinfection")),
    ("reopened_at", Word("重新开放", "re-opened")),
)


@page("point", "tracing/points/<str:point>", "风险点", "A risk point", desk="people", sample="point")
def point_page(request: HttpRequest, look: Looking, point: str) -> HttpResponse:
    """A risk point: its hours, what was done, what is owed; and for those who trace, who else was there in those hours."""
    found = point_rows(look).filter(point=id_or_404(point)).first()
    if found is None:
        raise Http404
    as_of([found], look)
    place, here = standing(Place, look.seq).filter(place=found.place).first(), request.get_full_path()
    state = state_of(found, look.about)
    keys = {"place": bytes(found.place), "point": bytes(found.point)}
    acts = (
        []
        if state == "reopened"
        else [{"word": v.word, "href": href} for v in _ACTS if _fits(v, found) and (href := link(v, look, keys, here))]
    )
    if calling := link(PUBLISH_CALLUP, look, {"place": bytes(found.place), "since": found.since, "until": found.until}, here):
        acts.append({"word": PUBLISH_CALLUP.word, "href": calling})
    there, hidden = _there(found, look) if look.viewer.sees("tracing") else ([], 0)
    part = Paginator(there, PER_PAGE).get_page(request.GET.get("page", 1))
    owed = duties(look.seq, look.about, look.scope).filter(subject=found.place, incident=found.incident).order_by("due_at", "id")
    ids = [p for p, _visits in part]
    rings = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=ids)}
    look.learn_names(ids)
    context = {
        "title": place.name if place else _("A risk point"), "point": found, "place": place, "state": STATES[state], "acts": acts,
        "steps": [{"word": word, "at": at if (at := getattr(found, field)) is not None and at <= look.about else None} for field, word in _STEPS],
        "there": [{"person": p, "visits": visits, "contact": p in rings, "ring": _ring(rings.get(p), look)} for p, visits in part],
        "many": len(there), "hidden": hidden, "paged": part, "duties": shown(owed, look, here),
        "happened": told(about_subjects(connection, [bytes(found.place)], look.seq, look.about), look, here),
    }  # fmt: skip
    return show(request, "tracing/point.html", context)


def _fits(verb: Verb, point: Point) -> bool:
    """Whether an act has anything to do here: what stays open is not closed, and what was closed need not be closed again."""
    return verb is not CLOSE_POINT or (point.held == "closed" and point.closed_at is None)


def _ring(contact: Contact | None, look: Looking) -> str:
    if contact is None:
        return ""
    if contact.ring is None or (contact.judged_at or 0) > look.about:
        return look.say(Word("待判定", "candidate"))
    return look.pick(LISTS["ring"], contact.ring)


def _there(point: Point, look: Looking) -> tuple[list[tuple[bytes, list[Any]]], int]:
    """Who else was at the place in its hours by the visits on record, with their visits, and how many of them the viewer may not see."""
    rows = standing_facts("visit.recorded", look.seq, look.about).filter(place=point.place, at__lte=point.until).order_by("at", "id")
    rows = [r for r in rows if asked_of(r.at, r.until, point.since, point.until)]
    who = ones_of({bytes(r.person) for r in rows}, look)
    people: dict[bytes, list[Any]] = {}
    for r in rows:
        people.setdefault(who[bytes(r.person)], []).append(r)
    cases = {
        bytes(p)
        for p in standing(Case, look.seq).filter(person__in=list(people)).exclude(status="excluded").values_list("person", flat=True)
    }
    others = {p: visits for p, visits in people.items() if p not in cases}
    seen = seen_of(others, look)
    return [(p, visits) for p, visits in others.items() if p in seen], len(others) - len(seen)
