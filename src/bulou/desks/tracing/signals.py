"""Pages of signals: a source opened and looked at, somebody noted by it, a nurse's follow-up. Nothing of them is read by a page of a person or a door."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import DAY, Instant, add_days, day_of
from bulou.basis.words import LISTS
from bulou.desks.tracing.signalsheets import OWED, STATES, counts_of, owed_of, signal_rows, source_rows, source_state, who
from bulou.desks.tracing.signalverbs import CLOSE_SIGNALS, FOLLOW_SIGNAL, NOTE_SIGNAL, OPEN_SIGNALS
from bulou.desks.tracing.strangers import WhoForm, meant, with_stranger
from bulou.evidence.models import SignalSource
from bulou.evidence.timeline import standing_facts
from bulou.gaps.signals import LONGEST, MOST_DAYS
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import current, incidents
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import find, ones_of, unit_options
from bulou.kit.verb import Refused, do
from bulou.register.scope import standing

#: Proposed when a source is opened: whoever opens it says otherwise.
USUAL = 7 * DAY


# --- a source -----------------------------------------------------------------------------------------------------------
class _Opening(FactForm):
    """Which source, for which days and which purpose, and in which area."""

    def __init__(self, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(
            KINDS["signals.opened"], OPEN_SIGNALS.fields, given, look.language, look.zone, timed=False, now=look.about, data=data
        )
        self.fields["area"] = forms.ChoiceField(label=_("Area of the source"), choices=unit_options(look), initial=given.get("area"))
        dress(self)


@page(
    "signals-open",
    "signals/open",
    "开设信号来源",
    "Open a source of signals",
    desk="signals",
    nav=3,
    icon="plus",
    sample="",
    verb="open_signals",
)
def open_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """A named post opens a source under the incident: named, for few days, for one purpose, with its end and the day on which all of it goes."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    today = day_of(look.about, look.zone)
    given = {
        "first_day": add_days(today, -MOST_DAYS // 2), "last_day": today, "ends": Instant(look.about + USUAL), "forget_by": Instant(look.about + LONGEST),
        "area": incident.area,
    }  # fmt: skip
    form = _Opening(look, given, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        source = id_or_404(request.POST.get("fact_id", ""))
        try:
            do(OPEN_SIGNALS, look, {**form.values(), "source": source, "area": form.cleaned_data["area"]}, incident=incident.id, id_=source)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("The source is open until its end."))
            return redirect("signal-source", source=to_text(source))
    context = {
        "title": look.say(OPEN_SIGNALS.word), "form": form, "problems": problems, "verb": OPEN_SIGNALS, "incident_now": incident,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "next": back(request, reverse("sheet-signal_sources")),
    }  # fmt: skip
    return show(request, "tracing/signal_form.html", context, status=422 if problems or form.errors else 200)


def _source_or_404(look: Looking, text: str) -> SignalSource:
    found: SignalSource | None = source_rows(look).filter(source=id_or_404(text)).first()
    if found is None:
        raise Http404
    return found


@page("signal-source", "signals/source/<str:source>", "信号来源", "A source of signals", desk="signals", sample="signal-source")
def source_page(request: HttpRequest, look: Looking, source: str) -> HttpResponse:
    """A source: by whom, for what, until when, and what was done about its signals."""
    row, here = _source_or_404(look, source), request.get_full_path()
    state, of = source_state(row, look), {"source": bytes(row.source)}
    name = next((i for i in incidents(look) if row.incident and i.id == bytes(row.incident)), None)
    context = {
        "title": row.name, "row": row, "state": STATES[state], "kind": look.pick(LISTS["signal_source"], row.source_kind), "counts": counts_of([row], look)[of["source"]],
        "incident_of": name, "gone": state in ("over", "destroyed"),
        "note": link(NOTE_SIGNAL, look, of, here) if state == "open" else None,
        "import": f"{reverse('imports')}?verb={NOTE_SIGNAL.name}" if state == "open" and look.viewer.may(NOTE_SIGNAL.name) and look.moment.live else None,
        "close": link(CLOSE_SIGNALS, look, {**of, "area": row.area}, here) if state in ("open", "ended") else None,
    }  # fmt: skip
    return show(request, "tracing/signal_source.html", context)


# --- one signal ---------------------------------------------------------------------------------------------------------
class _Noting(FactForm):
    """What the source wrote of somebody, and where they live."""

    def __init__(self, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(KINDS["signal.noted"], NOTE_SIGNAL.fields, given, look.language, look.zone, timed=False, now=look.about, data=data)
        self.fields["area"] = forms.ChoiceField(label=_("Lives in"), choices=unit_options(look), initial=given.get("area"))
        dress(self)


@page("signal-note", "signals/note", "登记信号", "Note a signal", desk="signals", sample="signal-note", verb="note_signal")
def note_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Notes somebody by a source that is open: found on the register, or as the source wrote them. Nobody is enrolled by it."""
    row = _source_or_404(look, request.POST.get("source") or request.GET.get("source", ""))
    asked, chosen = (request.POST.get("q") or request.GET.get("q", "")).strip(), request.POST.get("person", "")
    form = _Noting(
        look,
        {"day": min(row.last_day, day_of(look.about, look.zone)), "area": row.area},
        request.POST if request.method == "POST" else None,
    )
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        signal = id_or_404(request.POST.get("fact_id", ""))
        values = {
            **form.values(), "signal": signal, "source": bytes(row.source), "forget_by": Instant(row.forget_by), "area": form.cleaned_data["area"],
            "person": id_or_404(chosen) if chosen else None,
        }  # fmt: skip
        if chosen:
            values |= {"name": None, "phone": None}
        try:
            do(NOTE_SIGNAL, look, values, incident=bytes(row.incident) if row.incident else None, id_=signal)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(NOTE_SIGNAL.word)})
            return redirect("signal-source", source=to_text(bytes(row.source)))
    people = find(look, asked)
    look.learn_names([c.person for c in people])
    context = {
        "title": look.say(NOTE_SIGNAL.word), "form": form, "problems": problems, "row": row, "asked": asked, "candidates": people, "chosen": chosen,
        "ask_with": {"source": to_text(bytes(row.source))}, "choosing": True, "nobody": _("Not chosen: as the source wrote them"),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
        "next": back(request, reverse("signal-source", kwargs={"source": to_text(bytes(row.source))})),
    }  # fmt: skip
    return show(request, "tracing/signal_form.html", context, status=422 if problems or form.errors else 200)


def _signal_or_404(look: Looking, text: str) -> Any:
    found = signal_rows(look).filter(signal=id_or_404(text)).first()
    if found is None:
        raise Http404
    found.person = ones_of({bytes(found.person)}, look)[bytes(found.person)] if found.person else None
    return found


@page("signal", "signals/signal/<str:signal>", "信号", "A signal", desk="signals", sample="signal")
def signal_page(request: HttpRequest, look: Looking, signal: str) -> HttpResponse:
    """One signal: who, by which source, what is owed until when and who answers, and every attempt to reach them."""
    row, here = _signal_or_404(look, signal), request.get_full_path()
    id_ = bytes(row.signal)
    source = standing(SignalSource, look.seq).filter(source=row.source).first()
    told = list(standing_facts("signal.followed", look.seq, look.about).filter(signal=id_).order_by("-at", "-id"))
    one = ones_of({bytes(f.person) for f in told if f.person}, look)
    look.learn_names([*one.values(), *([row.person] if row.person else [])])
    owed = owed_of([id_], look).get(id_)
    context = {
        "title": who(row, look) or look.say(OWED["due"]), "row": row, "source": source, "owed": owed, "owed_word": OWED[owed[0]] if owed else None,
        "kind": look.pick(LISTS["signal_source"], source.source_kind) if source else "",
        "phone": look.show("phone", row.phone, id_) if row.phone else "", "words": look.show("words", row.words, id_) if row.words else "",
        "told": [{"at": f.at, "outcome": look.pick(LISTS["signal"], f.outcome), "post": f.post, "words": look.show("words", f.words, id_) if f.words else "",
                  "settles": f.outcome != "unreached", "who": look.name(one[bytes(f.person)]) if f.person else ""} for f in told],
        "follow": link(FOLLOW_SIGNAL, look, {"signal": id_}, here),
    }  # fmt: skip
    return show(request, "tracing/signal.html", context)


@page("signal-follow", "signals/follow", "随访信号", "Follow a signal up", desk="signals", sample="signal-follow", verb="follow_signal")
def follow_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What a nurse found. Whoever is to be tested is somebody of the register, or is enrolled with it; then the test is owed, without a reason."""
    row = _signal_or_404(look, request.POST.get("signal") or request.GET.get("signal", ""))
    incident = next((i for i in incidents(look) if row.in_incident and i.id == bytes(row.in_incident)), None) or current(request, look)
    if incident is None:
        raise Http404
    given = {"outcome": request.GET.get("outcome") if request.GET.get("outcome") in LISTS["signal"] else None}
    form = WhoForm(FOLLOW_SIGNAL, look, given, request.POST if request.method == "POST" else None)
    asks = row.person is None
    for name in ("new_where", "new_known"):  # the nurse spoke with them: nobody seeks whoever is followed up
        del form.fields[name]
    if not asks:
        for name in ("new_name", "new_phone", "new_area"):
            del form.fields[name]
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        values, verb = {**form.values(), "signal": bytes(row.signal), "source": bytes(row.source)}, FOLLOW_SIGNAL
        if asks and (request.POST.get("person") or form.cleaned_data["new_name"].strip()):
            told = meant(request, form, incident, look)
            problems += told.problems
            values["person"], verb = told.person, with_stranger(FOLLOW_SIGNAL, told.more)
        if not problems:
            try:
                do(verb, look, values, at=form.at(), incident=incident.id, id_=id_or_404(request.POST.get("fact_id", "")))
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(FOLLOW_SIGNAL.word)})
                return redirect("signal", signal=to_text(bytes(row.signal)))
    asked = (request.POST.get("q") or request.GET.get("q", row.phone or "" if asks else "")).strip()
    people = find(look, asked) if asks else []
    look.learn_names([*(c.person for c in people), *([row.person] if row.person else [])])
    source = standing(SignalSource, look.seq).filter(source=row.source).first()
    context = {
        "title": look.say(FOLLOW_SIGNAL.word), "form": form, "problems": problems, "row": source, "about": who(row, look), "script": source,
        "asked": request.GET.get("q", ""),
        "candidates": people, "chosen": request.POST.get("person", ""), "choosing": asks, "ask_with": {"signal": to_text(bytes(row.signal))},
        "nobody": _("Nobody chosen: enough unless a test is advised"), "person_id": to_text(new_id(look.about)),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
        "next": back(request, reverse("signal", kwargs={"signal": to_text(bytes(row.signal))})),
    }  # fmt: skip
    return show(request, "tracing/signal_form.html", context, status=422 if problems or form.errors else 200)
