"""Incidents opened and closed by hand, by a named post with a reason. A tube or a person who reads positive opens one without anybody."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import INCIDENT, KINDS
from bulou.basis.time import FOREVER
from bulou.basis.words import LISTS, Word
from bulou.evidence.models import Incident, Order
from bulou.kit.doing import back
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import incidents, members
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import area_options, whole_centre
from bulou.kit.verb import Acting, Problem, Refused, Verb, do, verb
from bulou.register.scope import standing

#: What a person may open: a record of the past comes in by a file, and a standing watch with the edition that is adopted.
BY_HAND = ("outbreak", "signal")


def _openable(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    for field, text in (("name", body.name), ("name_en", body.name_en)):
        if not (text or "").strip():
            yield Problem(field, "请写明名称:日期与地点,不写任何人", "give a name: day and place, and nobody")
    if body.nature not in BY_HAND:
        listed = [LISTS["incident"][n] for n in BY_HAND]
        yield Problem("nature", f"应为其中之一:{'、'.join(w.zh for w in listed)}", f"should be one of: {', '.join(w.en for w in listed)}")
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明启动依据", "say on what it is opened")
    if not any(e.disease == body.disease for e in acting.looking.protocol.editions.values()):
        yield Problem("disease", "没有这种疾病的方案", "no edition of this disease is known here")
    if facts.by("incident.opened", "incident", body.incident):
        yield Problem("incident", "该事件已存在", "this incident is there already")
    same = [f for f in facts.by("incident.opened", "disease", body.disease) if f.body.name.strip() == (body.name or "").strip()]
    if any(not facts.by("incident.closed", "incident", f.body.incident) for f in same):
        yield Problem("name", "同名事件尚未结束:请用另一名称,或在该事件下录入",
                      "an incident of this name is still open: give another name, or enter what there is under that one")  # fmt: skip


def _closable(acting: Acting, body: Any) -> Iterable[Problem]:
    """It is there and goes on, and nobody is left under an order of what is no more."""
    facts = acting.book.facts
    opened = facts.by("incident.opened", "incident", body.incident)
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明结束依据", "say on what it is closed")
    if not opened:
        yield Problem("incident", "没有这个事件", "there is no such incident")
        return
    if facts.by("incident.closed", "incident", body.incident):
        yield Problem("incident", "该事件已结束", "it is closed already")
    if all(f.body.nature in ("watch", "history") for f in opened):
        yield Problem("incident", "常态监测与历史资料不能结束", "a standing watch and records of the past are not closed")
    held = _held(acting, body.incident)
    if held:
        yield Problem(
            "incident",
            f"仍有 {held} 人的措施令未到期:先解除或待其到期",
            f"{held} people are still under an order: end the orders first, or let them end",
        )


def _held(acting: Acting, incident: bytes) -> int:
    """How many people are under an order of the incident that stands."""
    facts, now = acting.book.facts, acting.now
    made = facts.by("order.made", INCIDENT, incident)
    replaced = {f.body.replaces for f in made}
    return len({
        facts.canon("person", f.body.person) for f in made
        if f.body.ends > now and f.body.order not in replaced and not facts.by("order.ended", "order", f.body.order)
        and not any(d.kind == "person.died" for d in facts.by("stay", "person", f.body.person))
    })  # fmt: skip


def _its_own(_acting: Acting, body: Any) -> tuple[bytes, tuple[()]]:
    """What opens or closes an incident is entered under that one, whichever the viewer works in."""
    return body.incident, ()


OPEN_INCIDENT = verb(Verb(
    "open_incident", Word("启动事件", "open an incident"), "command", "incident.opened", "area", ("nature", "name", "name_en", "reason"), (_openable,), timed=False,
    belongs=_its_own, page="incident-open",
    warning=Word("启动后,本病种在该区域现行方案的任务随即产生;名称只写日期与地点,不写任何人。",
                 "From then on the edition in force for this disease in the area carries duties. Name it by its day and place, and by nobody."),
))  # fmt: skip
CLOSE_INCIDENT = verb(Verb(
    "close_incident", Word("结束事件", "close the incident"), "command", "incident.closed", "incident", ("reason",), (_closable,), timed=False,
    belongs=_its_own, page="incident-close",
    warning=Word("结束后,按事件存续的任务随之终止,批量停留数据被删除且不能恢复;撤回结束可恢复任务,不能恢复数据。",
                 "Closed, the duties that last as long as the incident end, and its bulk visits are deleted for good: taking the closing back brings the "
                 "duties back and not the visits."),
))  # fmt: skip


@page("incident-open", "command/incidents/open", "启动事件", "Open an incident", desk="command", sample="", verb="open_incident")
def open_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """An incident opened by hand: of which disease, where, on what ground."""
    sent = request.POST if request.method == "POST" else None
    form = FactForm(
        KINDS["incident.opened"],
        OPEN_INCIDENT.fields,
        {"nature": BY_HAND[0]},
        look.language,
        look.zone,
        timed=False,
        now=look.about,
        data=sent,
    )
    diseases = sorted({(str(look.say(e.disease_word)), e.disease) for e in look.protocol.editions.values()})
    form.fields = {
        "disease": forms.ChoiceField(label=_("Disease"), choices=[(code, word) for word, code in diseases]),
        "area": forms.ChoiceField(label=_("For the area"), choices=whole_centre(look) + area_options(look)), **form.fields,
        "nature": forms.ChoiceField(label=form.fields["nature"].label, choices=[(n, look.pick(LISTS["incident"], n)) for n in BY_HAND]),
        "reason": forms.CharField(label=form.fields["reason"].label, widget=form.fields["reason"].widget),
    }  # fmt: skip
    dress(form)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        incident = id_or_404(request.POST.get("fact_id", ""))
        values = {
            **form.values(),
            "disease": form.cleaned_data["disease"],
            "area": form.cleaned_data["area"],
            "incident": incident,
            "trigger": None,
        }
        try:
            do(OPEN_INCIDENT, look, values, incident=incident, id_=incident)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(OPEN_INCIDENT.word)})
            return redirect("incidents")
    context = {
        "title": look.say(OPEN_INCIDENT.word), "verb": OPEN_INCIDENT, "form": form, "problems": problems, "about": None, "incident_now": None,
        "next": back(request, reverse("incidents")), "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)


@page(
    "incident-close",
    "command/incidents/close",
    "结束事件",
    "Close an incident",
    desk="command",
    sample="incident-close",
    verb="close_incident",
)
def close_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """An incident closed by hand: what ends with it is said before."""
    id_ = id_or_404(request.POST.get("incident") or request.GET.get("incident", ""))
    found = next((i for i in incidents(look) if i.id == id_ and look.scope.holds(i.area)), None)
    if found is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = FactForm(
        KINDS["incident.closed"], CLOSE_INCIDENT.fields, {"incident": id_}, look.language, look.zone, timed=False, now=look.about, data=sent
    )
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            do(CLOSE_INCIDENT, look, form.values(), incident=id_, id_=id_or_404(request.POST.get("fact_id", "")))
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(CLOSE_INCIDENT.word)})
            return redirect("incidents")
    held, joined = ends_with(id_, look)
    context = {
        "title": look.say(CLOSE_INCIDENT.word), "verb": CLOSE_INCIDENT, "form": form, "problems": problems, "incident_now": found, "held": held,
        "about": {"text": _name(found, look), "area": found.area}, "joined": joined,
        "next": back(request, reverse("incidents")), "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "command/incident_close.html", context, status=422 if request.method == "POST" else 200)


def ends_with(incident: bytes, look: Looking) -> tuple[int, int]:
    """How many people are under an order of an incident, and how many incidents that were joined to it end with it."""
    of = members(look, incident)
    held = standing(Order, look.seq).filter(incident__in=of, made_at__lte=look.about, over_at__gt=look.about)
    return held.values("person").distinct().count(), len(of) - 1


def _name(of: Any, look: Looking) -> str:
    return str(of.name_en if look.language == "en" else of.name)


def closable(row: Incident, look: Looking) -> bool:
    """Whether an incident goes on, stands for itself and is one that is closed at all: what was joined ends with what it was joined to."""
    return (
        row.incident == row.canonical and row.closed_at == FOREVER and row.nature not in ("watch", "history") and look.scope.holds(row.area)
    )
