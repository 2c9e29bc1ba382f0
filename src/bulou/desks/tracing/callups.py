"""Call-ups: published by place and hours, answered, counted with an open denominator, taken down; and what everybody reads without signing in.

The public page shows what is up at this moment in the order of the words, so that nobody can tell which places belong to one person.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import DAY, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.callupverbs import ANSWER_CALLUP, PUBLISH_CALLUP, WITHDRAW_CALLUP
from bulou.desks.tracing.path import places_offered
from bulou.desks.tracing.sheets import seen_of
from bulou.desks.tracing.strangers import WhoForm, meant, with_stranger
from bulou.evidence.fields import IdField
from bulou.evidence.models import Callup, Case
from bulou.evidence.timeline import standing_facts
from bulou.gaps.callups import Counted, counted, outward
from bulou.gaps.points import asked_of
from bulou.kit.areas import area_href
from bulou.kit.centre import centre
from bulou.kit.doing import back, given_of, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import current
from bulou.kit.looking import Looking, moment_now
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import find, ones_of, unit_options
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.kit.verb import Refused, do
from bulou.register.models import Person, Place
from bulou.register.scope import standing

#: Rows on one page.
PER_PAGE = 50
#: For how many days a notice is proposed to stand: whoever publishes it says it.
USUAL = 7 * DAY
STATES = {
    "up": (Word("公开中", "up"), "due"),
    "over": (Word("到期,待撤下", "over, to be taken down"), "overdue"),
    "down": (Word("已撤下", "taken down"), "ended"),
}


def state_of(row: Any, about: Instant) -> str:
    """How a notice stands at an hour: up, over and not yet said to be gone, or taken down."""
    if row.withdrawn_at is not None and row.withdrawn_at <= about:
        return "down"
    return "over" if row.ends <= about else "up"


def callup_rows(look: Looking) -> QuerySet[Callup]:
    """Call-ups of the viewer's areas. ``said``: how many people had answered by the hour asked about, each once, whatever was entered since."""
    one = standing(Person, look.seq).filter(person=OuterRef("person")).values("canonical")[:1]
    answers = standing_facts("callup.answered", look.seq, look.about).filter(callup=OuterRef("callup"))
    answers = answers.annotate(one=Coalesce(Subquery(one), F("person"), output_field=IdField())).order_by().values("callup")
    many = answers.annotate(n=Count("one", distinct=True)).values("n")
    rows: QuerySet[Callup] = standing(Callup, look.seq).filter(look.scope.q(), published_at__lte=look.about)
    return rows.annotate(said=Coalesce(Subquery(many), 0, output_field=IntegerField()))


CALLUPS = sheet(Sheet(
    "callups", "tracing", Word("协查通告", "Call-ups"), callup_rows,
    (
        Col("public", Word("公开文字", "Public words"), lambda r, k: r.public, ("public", "callup"), strong=True, narrow=False,
            href=lambda r, k: reverse("callup", kwargs={"callup": to_text(bytes(r.callup))})),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "callup"), href=lambda r, k: area_href(r.area, k)),
        Col("state", Word("状态", "State"), lambda r, k: k.say(STATES[state_of(r, k.about)][0]), badge=lambda r, k: STATES[state_of(r, k.about)][1]),
        Col("since", Word("时段起", "Hours from"), lambda r, k: k.time(r.since), ("since", "callup")),
        Col("until", Word("至", "Until"), lambda r, k: k.time(r.until), ("until", "callup")),
        Col("answered", Word("响应人数", "People who answered"), lambda r, k: f"{r.said:,}", ("said", "callup")),
        Col("published", Word("发布", "Published"), lambda r, k: k.time(r.published_at), ("published_at", "callup")),
        Col("ends", Word("到期", "Ends"), lambda r, k: k.time(r.ends, deadline=True), ("ends", "callup")),
        Col("post", Word("发布岗位", "Published by"), lambda r, k: r.post),
    ),
    (
        Narrow("q", Word("公开文字", "Public words"), lambda rows, v, k: rows.filter(public__contains=v)),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="-published", nav=8, icon="speakerphone",
    empty=Word("尚无协查通告", "No call-up so far"),
    note=Word("单位:人。在场者总数无人知道,故不算比例。", "People. How many were there nobody knows, so no share is given."),
    detail=lambda r: reverse("callup", kwargs={"callup": to_text(bytes(r.callup))}), ids=lambda k: lambda r: {"callup": bytes(r.callup), "area": r.area},
))  # fmt: skip


# --- what everybody reads -----------------------------------------------------------------------------------------------
@page("notices", "notices", "协查通告", "Call-ups to the public", desk="shell", sample="", open_=True)
def notices(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every notice that is up now, whoever asks and whatever hour they look at elsewhere: places and hours, and where to answer."""
    now = moment_now(centre().clock.now())
    look = look.at(now)
    request.looking = look  # type: ignore[attr-defined]  # a past hour shows nothing that was taken down since
    up = standing(Callup, look.seq).filter(published_at__lte=look.about, down_at__gt=look.about).order_by("public", "callup")
    part = Paginator(up, PER_PAGE).get_page(request.GET.get("page", 1))
    return show(request, "tracing/notices.html", {"title": _("Were you there?"), "rows": list(part), "paged": part, "plain": True})


def draft(rows: list[Callup], look: Looking) -> str:
    """The words for a bulletin: each notice by itself, in the order of its words."""
    told = [
        look.say(Word(
            f"{r.public}:{look.time(r.since)} 至 {look.time(r.until)} 在场者,请联系 {r.reply_to}。",
            f"{r.public}: whoever was there between {look.time(r.since)} and {look.time(r.until)}, please call {r.reply_to}.",
        ))
        for r in sorted(rows, key=lambda r: (r.public, bytes(r.callup)))
    ]  # fmt: skip
    return "\n".join(told)


# --- one of them --------------------------------------------------------------------------------------------------------
@page("callup", "tracing/callup/<str:callup>", "协查通告", "A call-up", desk="tracing", sample="callup")
def callup_page(request: HttpRequest, look: Looking, callup: str) -> HttpResponse:
    """A call-up: its words, who was there by the visits on record, who answered, who is reached by nobody yet; and the draft for a bulletin."""
    found = callup_rows(look).filter(callup=id_or_404(callup)).first()
    if found is None:
        raise Http404
    here, keys = request.get_full_path(), {"area": found.area, "callup": bytes(found.callup)}
    state = state_of(found, look.about)
    numbers, known, answers = _counted(found, look)
    wanted = request.GET.get("of", "answered")
    people = known if wanted == "unreached" else list(answers)
    seen = seen_of(people, look)
    shown = [p for p in people if p in seen]
    part = Paginator(shown, PER_PAGE).get_page(request.GET.get("page", 1))
    look.learn_names(part)
    up = [r for r in callup_rows(look).filter(incident=found.incident) if state_of(r, look.about) == "up"]
    context = {
        "title": found.public, "callup": found, "state": STATES[state], "numbers": numbers, "of": wanted,
        "rows": [{"person": p, "at": answers[p].at if p in answers else None, "via": look.pick(LISTS["objected_by"], answers[p].via) if p in answers else "",
                  "words": look.show("words", answers[p].words, p) if p in answers and answers[p].words else ""} for p in part],
        "paged": part, "hidden": len(people) - len(shown), "draft": draft(up, look), "many": len(up),
        "answer": link(ANSWER_CALLUP, look, {"callup": bytes(found.callup)}, here),
        "withdraw": link(WITHDRAW_CALLUP, look, keys, here) if state != "down" else None,
    }  # fmt: skip
    return show(request, "tracing/callup.html", context)


def _counted(found: Callup, look: Looking) -> tuple[Counted, list[bytes], dict[bytes, Any]]:
    """The numbers of a call-up, the known people whom nobody has reached, and the last answer of everyone who answered."""
    said = list(standing_facts("callup.answered", look.seq, look.about).filter(callup=found.callup).order_by("at", "id"))
    visits = standing_facts("visit.recorded", look.seq, look.about).filter(at__lte=found.until)
    visits = visits.filter(place=found.place) if found.place else visits.none()
    there = [r for r in visits.order_by("at", "id") if asked_of(r.at, r.until, found.since, found.until)]
    one = ones_of({bytes(r.person) for r in (*said, *there)}, look)
    answers = {one[bytes(r.person)]: r for r in said}
    cases = {
        bytes(p)
        for p in standing(Case, look.seq).filter(person__in=set(one.values())).exclude(status="excluded").values_list("person", flat=True)
    }
    known = list(dict.fromkeys(p for r in there if (p := one[bytes(r.person)]) not in cases))
    enrolled = (
        standing_facts("person.enrolled", look.seq, look.about).filter(person__in=list(answers)).values("person").annotate(first=Min("at"))
    )
    new = [bytes(r["person"]) for r in enrolled if r["first"] >= found.published_at]
    asked = standing_facts("interview.held", look.seq, look.about).filter(person__in=list(one), at__gte=found.published_at)
    talked = {one[bytes(p)] for p in asked.values_list("person", flat=True)}
    return counted(known, list(answers), new, list(talked)), [p for p in known if p not in answers and p not in talked], answers


# --- publishing ---------------------------------------------------------------------------------------------------------
class _Publishing(FactForm):
    """Where and when in the public's words, and in which area the call is made."""

    def __init__(self, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(
            KINDS["callup.published"], PUBLISH_CALLUP.fields, given, look.language, look.zone, timed=False, now=look.about, data=data
        )
        self.fields["area"] = forms.ChoiceField(label=_("Area that makes the call"), choices=unit_options(look), initial=given.get("area"))
        dress(self)


@page(
    "callup-publish",
    "tracing/callups/publish",
    "发布协查通告",
    "Publish a call-up",
    desk="tracing",
    nav=9,
    icon="plus",
    sample="callup-publish",
    verb="publish_callup",
)
def publish(request: HttpRequest, look: Looking) -> HttpResponse:
    """Calls up whoever was somewhere: the place found on record or only in words, its hours in half hours, and how long the notice stands."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    given: dict[str, Any] = {"ends": Instant(look.about + USUAL)}
    if request.method == "GET":
        said = given_of(request, PUBLISH_CALLUP)
        if isinstance(said.get("since"), int) and isinstance(said.get("until"), int):
            given["since"], given["until"] = outward(said["since"], said["until"])
    chosen, asked = request.POST.get("place") or request.GET.get("place", ""), (request.POST.get("q") or request.GET.get("q", "")).strip()
    known = standing(Place, look.seq).filter(look.scope.q())
    one = known.filter(place=id_or_404(chosen)).first() if chosen else None
    if chosen and one is None:
        raise Http404
    given |= {"public": one.name, "area": one.area} if one else {}
    form = _Publishing(look, given, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        callup = id_or_404(request.POST.get("fact_id", ""))
        values = {**form.values(), "callup": callup, "area": form.cleaned_data["area"], "place": id_or_404(chosen) if chosen else None}
        try:
            do(PUBLISH_CALLUP, look, values, incident=incident.id, id_=callup)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("The notice is up until its end."))
            return redirect("callup", callup=to_text(callup))
    context = {
        "title": look.say(PUBLISH_CALLUP.word), "form": form, "problems": problems, "verb": PUBLISH_CALLUP, "asked": asked, "chosen": chosen,
        "places": places_offered(asked, Q(place=id_or_404(chosen)) if chosen else Q(pk=None), look), "incident_now": incident, "query": request.GET,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "next": back(request, reverse("sheet-callups")), "optional": True,
    }  # fmt: skip
    return show(request, "tracing/point_name.html", context, status=422 if problems or form.errors else 200)


# --- answering ----------------------------------------------------------------------------------------------------------
@page(
    "callup-answer",
    "tracing/callups/answer",
    "登记响应者",
    "Record an answer",
    desk="tracing",
    sample="callup-answer",
    verb="answer_callup",
)
def answer(request: HttpRequest, look: Looking) -> HttpResponse:
    """Somebody says that they were there: found on the register, or enrolled as a stranger with it."""
    incident, text = current(request, look), request.POST.get("callup") or request.GET.get("callup", "")
    found = callup_rows(look).filter(callup=id_or_404(text)).first() if text else None
    if incident is None or found is None:
        raise Http404
    form = WhoForm(ANSWER_CALLUP, look, {"via": "hotline"}, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    asked = (request.POST.get("q") or request.GET.get("q", "")).strip()
    if request.method == "POST" and form.is_valid():
        who = meant(request, form, incident, look)
        problems += who.problems
        if who.person is not None:
            values, of = (
                {**form.values(), "person": who.person, "callup": bytes(found.callup)},
                bytes(found.incident) if found.incident else incident.id,
            )
            try:
                do(
                    with_stranger(ANSWER_CALLUP, who.more),
                    look,
                    values,
                    at=form.at(),
                    incident=of,
                    id_=id_or_404(request.POST.get("fact_id", "")),
                )
            except Refused as refused:
                problems += reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(ANSWER_CALLUP.word)})
                return redirect("callup", callup=to_text(bytes(found.callup)))
    people = find(look, asked)
    look.learn_names([c.person for c in people])
    context = {
        "title": look.say(ANSWER_CALLUP.word), "form": form, "problems": problems, "callup": found, "asked": asked, "candidates": people,
        "next": back(request, reverse("callup", kwargs={"callup": to_text(bytes(found.callup))})), "fact_id": to_text(new_id(look.about)),
        "person_id": to_text(new_id(look.about)), "chosen": request.POST.get("person", ""),
    }  # fmt: skip
    return show(request, "tracing/callup_answer.html", context, status=422 if problems or form.errors else 200)
