"""Recording an onset: the person's own words, and the day that they probably mean, proposed and never filled in unseen."""

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.saidday import Proposed, proposed
from bulou.basis.time import day_of
from bulou.desks.tracing.verbs import RECORD_ONSET
from bulou.kit.doing import back, given_of, subject_line
from bulou.kit.form import FactForm, reasons
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.verb import Refused, do

_ASKED = ("words", "on", "inferred")


def _form(look: Looking, given: dict[str, Any], data: Any = None) -> FactForm:
    form = FactForm(KINDS["onset.recorded"], _ASKED, given, look.language, look.zone, timed=False, now=look.about, data=data)
    form.fields["words"].help_text = _(
        "As they said it: “初八”, “上周二”, “last Tuesday”. Without a day below, the day that is probably meant is proposed."
    )
    form.fields["on"].required = False
    form.fields["inferred"].label = _("Inferred from the words")
    return form


@page("onset", "tracing/onset", "记录发病", "Record the onset", desk="tracing", sample="onset", verb="record_onset")
def onset_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """The onset of a person: words, day, and whether the day was inferred; from words alone a day is proposed with its reason."""
    given = given_of(request, RECORD_ONSET)
    about, incident = subject_line(look, RECORD_ONSET, given), current(request, look)
    if about is None:
        raise Http404
    form = _form(look, given, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    offered: Proposed | None = None
    status = 200
    if request.method == "POST":
        status = 422
        values = form.values() if form.is_valid() else {}
        if values and not values["on"]:
            offered = proposed(values["words"] or "", datetime.date.fromisoformat(day_of(look.about, look.zone)))
            if offered is None:
                form.add_error("on", _("No day can be read from these words: write the day."))
            else:
                status = 200
                form = _form(look, {**given, "words": values["words"], "on": offered.on, "inferred": True})
        elif values:
            try:
                do(RECORD_ONSET, look, {**values, "person": given["person"]}, incident=incident.id if incident else None,
                   id_=id_or_404(request.POST.get("fact_id", "")))  # fmt: skip
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(RECORD_ONSET.word)})
                return redirect(back(request))
    context = {
        "title": look.say(RECORD_ONSET.word), "verb": RECORD_ONSET, "form": form, "about": about, "problems": problems, "next": back(request),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "incident_now": incident, "offered": offered,
        "why": look.say(offered.why) if offered else "",
    }  # fmt: skip
    return show(request, "tracing/onset.html", context, status=status)
