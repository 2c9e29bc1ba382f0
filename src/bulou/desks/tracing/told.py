"""What is told of one person on their page: fields with every word side by side, symptoms day by day; and the pages on which both are entered
and a named post says which word holds. Overwrites nothing."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import HOUR, Instant, add_days, day_of
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.held import LONGEST, Written, eyes_of, written
from bulou.desks.tracing.sheets import standing_stays
from bulou.desks.tracing.toldverbs import BACK, SETTLE_DETAIL, TELL_DETAIL, TELL_SYMPTOMS
from bulou.evidence.timeline import devices_of, known_by, standing_facts
from bulou.gaps.told import DETAILS, NONE, Day, Page, Settled, Told, days_of, had, page_of
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, LocalDay, dress, reasons
from bulou.kit.incidents import current, members
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, family
from bulou.kit.verb import AHEAD, Act, Refused, do, do_all
from bulou.register.models import Household, Person
from bulou.register.scope import standing

#: Kinds of device that a page's own form says; the devices of a shift say themselves.
_DEVICE = {"phone": Word("手机", "a phone"), "computer": Word("电脑", "a computer")}
#: Days that one form tells the same of at once.
MOST_AT_ONCE = 14
_CELL = {
    "yes": (Word("有", "yes"), "positive"), "no": (Word("无", "no"), "not_owed"), "differs": (Word("说法不一", "told differently"), "unresolved"),
    "unasked": (Word("未问", "not asked"), ""),
}  # fmt: skip


def post_of(code: str | None, at: int | None, look: Looking) -> str:
    """A post with its unit, and who sat on it at that hour as this viewer may see their name."""
    chair = look.posts.chair(code, Instant(at)) if code and at is not None else None
    if chair is None or code is None or at is None:
        return code or ""
    held = look.posts.holder(code, Instant(at))
    name = f" {look.name(held.holder)}" if held else ""
    return f"{chair.unit_en}, {chair.name_en}{name}" if look.language == "en" else f"{chair.unit}{chair.name}{name}"


# --- what a page shows ------------------------------------------------------------------------------------------------
def _rows(kind: str, ids: list[bytes], incidents: list[bytes], look: Looking) -> list[Any]:
    found = standing_facts(kind, look.seq, look.about).filter(person__in=ids, in_incident__in=incidents)
    return list(found.order_by("entry", "at", "id"))


def told_of(one: bytes, ids: list[bytes], incident: bytes, look: Looking, here: str) -> dict[str, Any]:
    """What the page of a case or contact shows of what was told of them: fields, symptoms by day, and where to tell more."""
    incidents = members(look, incident)
    details, settled, days = (_rows(kind, ids, incidents, look) for kind in ("detail.told", "detail.settled", "symptoms.told"))
    by_id = {bytes(r.id): r for r in (*details, *settled, *days)}
    entered, devices = (known_by(r.entry for r in by_id.values()), devices_of(by_id)) if by_id else ({}, {})

    def who(id_: bytes) -> dict[str, Any]:
        row = by_id[id_]
        known, _by = entered[row.entry]
        return {
            "at": row.at, "by": post_of(row.post, row.at, look), "device": look.pick(_DEVICE, devices.get(id_)), "late": known if known - row.at > AHEAD else None,
            "teller": look.pick(LISTS["teller"], row.teller) if hasattr(row, "teller") else "",
            "sure": look.pick(LISTS["certainty"], row.certainty) if hasattr(row, "certainty") else "",
        }  # fmt: skip

    pages = page_of(
        (Told(bytes(r.id), r.detail, r.said, r.at, r.entry) for r in details),
        (Settled(r.detail, bytes(r.chosen), r.at, r.entry, bytes(r.id)) for r in settled),
    )
    register = _register(one, look)
    week = days_of((bytes(r.id), r.day, r.signs) for r in days)
    return {
        "told_fields": [_field(p, by_id, who, register, one, look, here) for p in pages], "told_open": sum(p.open for p in pages),
        "told_days": [_day(d, by_id, who, one, look) for d in week], "told_signs": _grid(week, look),
        "tell_detail": link(TELL_DETAIL, look, {"person": one}, here), "tell_symptoms": link(TELL_SYMPTOMS, look, {"person": one}, here),
    }  # fmt: skip


def _register(one: bytes, look: Looking) -> dict[str, str]:
    """What the register itself has on these fields; it is shown beside what was told and is none of the words."""
    phone = standing(Person, look.seq).filter(person=one).values_list("phone", flat=True).first()
    home = standing_stays(look).filter(person=one).exclude(household=None).values_list("household", flat=True).first()
    address = standing(Household, look.seq).filter(household=home).values_list("address", flat=True).first() if home else None
    return {"phone": look.show("phone", phone, one), "address": look.show("address", address, one)}


def _field(
    page_: Page, by_id: dict[bytes, Any], who: Any, register: dict[str, str], one: bytes, look: Looking, here: str
) -> dict[str, Any]:
    name, kind = page_.detail, DETAILS[page_.detail]
    given, settled = {"person": one, "detail": name}, None
    if page_.settled:
        reason = look.show("words", by_id[page_.settled.id].reason, one)
        settled = {"reason": reason, "stale": page_.open, **who(page_.settled.id)}
    return {
        "name": name, "word": look.say(LISTS["detail"][name]), "open": page_.open, "register": register.get(name, ""), "one": kind.one,
        "sides": [
            {
                "said": look.show(kind.manner, side.told[-1].said, one), "holds": side.holds, "fact": to_text(side.told[-1].id),
                "who": [who(t.id) for t in side.told],
            }
            for side in sorted(page_.sides, key=lambda s: (not s.holds, -s.told[-1].entry))
        ],
        "settled": settled,
        "tell": link(TELL_DETAIL, look, given, here), "settle": link(SETTLE_DETAIL, look, given, here) if len(page_.sides) > 1 else None,
    }  # fmt: skip


def _grid(week: list[Day], look: Looking) -> list[dict[str, Any]]:
    """A row for each symptom that anybody told of, with its state on each day."""
    return [
        {
            "word": look.pick(LISTS["symptom"], sign),
            "cells": [{"on": d.on, "said": look.say(_CELL[d.of(sign)][0]), "state": _CELL[d.of(sign)][1]} for d in week],
        }
        for sign in had(week)
    ]


def _day(day: Day, by_id: dict[bytes, Any], who: Any, one: bytes, look: Looking) -> dict[str, Any]:
    told = [
        {
            "signs": _said(signs, look), "words": look.show("words", by_id[id_].words, one) if by_id[id_].words else "", **who(id_),
        }
        for id_, signs in day.told
    ]  # fmt: skip
    return {
        "on": day.on,
        "short": day.on[5:],
        "told": told,
        "differs": day.differs,
        "none": bool(told) and not any(s for _i, s in day.told),
    }


def _said(signs: Iterable[str], look: Looking) -> str:
    words = [look.say(word) for code, word in LISTS["symptom"].items() if code in set(signs)]
    return (", " if look.language == "en" else "、").join(words or [look.say(LISTS["symptom"][NONE])])


# --- telling ----------------------------------------------------------------------------------------------------------
def about_whom(request: HttpRequest, look: Looking) -> tuple[bytes, list[bytes]]:
    """Who a form is about, within the viewer's areas; not found for anyone else."""
    text = request.POST.get("person") or request.GET.get("person", "")
    if not text:
        raise Http404
    person, ids = family(id_or_404(text), look)
    if not look.scope.holds(area_of(person, look)):
        raise Http404
    return person, ids


def _default(person: bytes) -> str:
    return reverse("case", kwargs={"person": to_text(person)})


class _DetailForm(FactForm):
    """A word on one field: what was said, who said it, how sure."""

    def __init__(self, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(KINDS["detail.told"], TELL_DETAIL.fields, given, look.language, look.zone, timed=False, now=look.about, data=data)
        self.fields["said"].widget = forms.Textarea(attrs={"rows": 2})
        dress(self)


@page("detail", "tracing/detail", "记录个案信息", "Record what was said", desk="tracing", sample="told", verb="tell_detail")
def detail_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """One word on one field of somebody's page; what was said before stays beside it."""
    person, _ids = about_whom(request, look)
    detail = request.GET.get("detail", "")
    given = {"teller": "self", "certainty": "stated", **({"detail": detail} if detail in DETAILS else {})}
    form = _DetailForm(look, given, request.POST if request.method == "POST" else None)
    problems = enter_detail(request, look, person, form, written(request)) if request.method == "POST" else []
    if problems is None:
        messages.success(request, _("Entered: %(what)s") % {"what": look.say(TELL_DETAIL.word)})
        return redirect(back(request, _default(person)))
    return _shown(request, look, "tracing/detail.html", person, form, problems, TELL_DETAIL.word, hold=TELL_DETAIL.name)


def enter_detail(request: HttpRequest, look: Looking, person: bytes, form: "_DetailForm", when: Written) -> list[str] | None:
    """Enters a word on a field; None where it was, else every reason against it."""
    if not form.is_valid():
        return []
    incident = current(request, look)
    try:
        do(TELL_DETAIL, look, {**form.values(), "person": person}, at=when.at, incident=incident.id if incident else None,
           id_=id_or_404(request.POST.get("fact_id", "")), device=when.device, device_at=when.device_at)  # fmt: skip
    except Refused as refused:
        return reasons(refused.problems, look, form)
    return None


class _SymptomsForm(forms.Form):
    """How somebody was on one day, or on each of several that were alike."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data)
        said, word = look.say, LISTS["symptom"]
        tellers = [(code, said(w)) for code, w in LISTS["teller"].items()]
        self.fields["day"] = LocalDay(label=_("Day"), initial=day_of(look.about, look.zone))
        self.fields["until"] = LocalDay(label=_("The same on each day until"), required=False)
        self.fields["signs"] = forms.MultipleChoiceField(
            label=_("Symptoms of that day"),
            choices=[(c, said(w)) for c, w in word.items()],
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        )
        self.fields["signs"].error_messages["required"] = _("Tick what they had, or “none”: nothing ticked would say nothing.")
        self.fields["words"] = forms.CharField(
            label=_("In their words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        self.fields["teller"] = forms.ChoiceField(label=_("Told by"), choices=tellers, initial="self")
        dress(self)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        on, until = said.get("day"), said.get("until")
        if on and until and not on <= until <= add_days(on, MOST_AT_ONCE - 1):
            self.add_error("until", _("A day from the first on, at most %(n)d days at once.") % {"n": MOST_AT_ONCE})
        return said

    def days(self) -> list[str]:
        first, last = self.cleaned_data["day"], self.cleaned_data["until"] or self.cleaned_data["day"]
        return [d for d in (add_days(first, n) for n in range(MOST_AT_ONCE)) if d <= last]


@page("symptoms", "tracing/symptoms", "记录逐日症状", "Record symptoms by day", desk="tracing", sample="symptoms", verb="tell_symptoms")
def symptoms_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """How somebody was on one day or several, all in one entry; another's word on the same day stays beside it."""
    person, _ids = about_whom(request, look)
    form = _SymptomsForm(look, request.POST if request.method == "POST" else None)
    problems = enter_symptoms(request, look, person, form, written(request)) if request.method == "POST" else []
    if problems is None:
        messages.success(request, _("Entered: %(what)s") % {"what": look.say(TELL_SYMPTOMS.word)})
        return redirect(back(request, _default(person)))
    return _shown(
        request, look, "tracing/symptoms.html", person, form, problems, TELL_SYMPTOMS.word, back_days=BACK, hold=TELL_SYMPTOMS.name
    )


def enter_symptoms(request: HttpRequest, look: Looking, person: bytes, form: "_SymptomsForm", when: Written) -> list[str] | None:
    """Enters how somebody was, each day by itself, all or none; None where it was, else every reason against it."""
    if not form.is_valid():
        return []
    incident, said, base = current(request, look), form.cleaned_data, id_or_404(request.POST.get("fact_id", "")).hex()
    body = {"person": person, "signs": " ".join(said["signs"]), "teller": said["teller"], "words": said["words"] or None}
    acts = [
        Act(TELL_SYMPTOMS, {**body, "day": on}, named_id("symptoms", base, on), incident.id if incident else None, when.at)
        for on in form.days()
    ]
    try:
        do_all(look, acts, device=when.device, device_at=when.device_at)
    except Refused as refused:
        return reasons(refused.problems, look, form)
    return None


@page("held", "held", "交接前所写", "Written before a hand-over", desk="shell")
def held_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Takes what somebody wrote while they sat on a post and could send only after they had left it. Shows nobody of whom it was."""
    said, done, status = "", False, 200
    if request.method == "POST":
        when, name = written(request), request.POST.get("verb", "")
        then = eyes_of(look, name, when.at) if name in (TELL_DETAIL.name, TELL_SYMPTOMS.name) and when.at is not None else None
        if then is None or not look.moment.live:
            status, said = 422, _("Not entered: at that hour you held no post that may do this, or it is longer ago than is taken.")
        else:
            person, _ids = about_whom(request, then)
            problems = (
                enter_detail(request, then, person, _DetailForm(then, {}, request.POST), when)
                if name == TELL_DETAIL.name
                else enter_symptoms(request, then, person, _SymptomsForm(then, request.POST), when)
            )
            done, status = problems is None, 200 if problems is None else 422
            said = _("Entered as written at %(at)s, on the post that you held then. Whoever holds it now has it on the page of the case.") % {
                "at": look.time(when.at)
            } if done else " ".join(problems or [_("Nothing was entered.")])  # fmt: skip
    context = {"title": _("Written before a hand-over"), "said": said, "done": done, "hours": LONGEST // HOUR}
    return show(request, "tracing/held.html", context, status=status)


def _shown(
    request: HttpRequest, look: Looking, template: str, person: bytes, form: forms.Form, problems: list[str], word: Word, **more: Any
) -> HttpResponse:  # fmt: skip
    look.learn_names([person])
    context = {
        "title": look.say(word), "form": form, "problems": problems, "about": {"text": look.name(person), "area": area_of(person, look)},
        "person_text": to_text(person), "next": back(request, _default(person)), "incident_now": current(request, look),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), **more,
    }  # fmt: skip
    return show(request, template, context, status=422 if problems or form.errors else 200)


# --- settling ---------------------------------------------------------------------------------------------------------
@page(
    "detail-settle", "tracing/detail/settle", "认定哪一说法", "Say which word holds", desk="tracing", sample="settled", verb="settle_detail"
)
def settle_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every word on one field with who told it, and which one holds, with a reason."""
    incident, (person, ids) = current(request, look), about_whom(request, look)
    detail = request.POST.get("detail") or request.GET.get("detail", "")
    if detail not in DETAILS or incident is None:
        raise Http404
    here = request.get_full_path()
    field = next(f for f in told_of(person, ids, incident.id, look, here)["told_fields"] if f["name"] == detail)
    form = FactForm(KINDS["detail.settled"], ("reason",), {}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    problems: list[str] = []
    if request.method == "POST":
        chosen = request.POST.get("chosen", "")
        if not chosen:
            problems.append(_("Choose which word holds."))
        elif form.is_valid():
            values = {"person": person, "detail": detail, "chosen": id_or_404(chosen), "reason": form.cleaned_data["reason"]}
            try:
                do(SETTLE_DETAIL, look, values, incident=incident.id, id_=id_or_404(request.POST.get("fact_id", "")))
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(SETTLE_DETAIL.word)})
                return redirect(back(request, _default(person)))
    return _shown(
        request, look, "tracing/settle.html", person, form, problems, SETTLE_DETAIL.word, field=field, detail=detail,
        chosen=request.POST.get("chosen", ""), verb=SETTLE_DETAIL,
    )  # fmt: skip
