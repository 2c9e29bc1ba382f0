"""Pages of the register: a person as the register knows them, and enrolling someone it does not know yet."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import FOREVER
from bulou.basis.words import LISTS
from bulou.desks.people import areas as _areas
from bulou.desks.people import completeness as _completeness
from bulou.desks.people import doorlists as _doorlists
from bulou.desks.people import gate as _gate
from bulou.desks.people import importing as _importing
from bulou.desks.people import objections as _objections
from bulou.desks.people import own as _own
from bulou.desks.people import tellings as _tellings
from bulou.desks.people import traced as _traced
from bulou.desks.people.answering import answers_of
from bulou.desks.people.verbs import ENROL, RECORD_DOCUMENT, RECORD_STAY
from bulou.evidence.models import Case, Contact
from bulou.evidence.timeline import about_subjects, standing_facts
from bulou.gaps.coverage import rows
from bulou.kit.answering import subject
from bulou.kit.doing import back, link
from bulou.kit.duties import shown
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import tested, unit_options
from bulou.kit.telling import told
from bulou.kit.verb import Refused, do
from bulou.register.models import Household, Person, Stay
from bulou.register.scope import standing

assert _completeness  # declares its pages
assert _doorlists
assert _gate
assert _areas  # declares the page of an area
assert _importing  # declares how people are enrolled from a file
assert _objections
assert _own
assert _tellings  # and how tellings come by file
assert _traced  # declares its sheet and verbs


@page("person", "people/person/<str:person>", "人员", "A person", desk="people", sample="person")
def person_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """A person: what the register knows, where they stay and stayed, what they owe, what happened; within the viewer's areas."""
    asked = id_or_404(person)
    row = standing(Person, look.seq).filter(person=asked).first()
    one = bytes(row.canonical) if row else asked
    records = list(standing(Person, look.seq).filter(canonical=one).order_by("since")) if row else []
    stays = list(standing(Stay, look.seq).filter(person=one).order_by("here_from"))
    now = next((s for s in stays if s.here_from <= look.about < s.here_until), None)
    happened = about_subjects(connection, [one, *(bytes(r.person) for r in records)], look.seq, look.about)
    if look.scope.codes is not None and not (now and look.scope.holds(now.area)):
        raise Http404
    if not records and not happened:
        raise Http404
    here = request.get_full_path()
    found = rows(look.seq, look.about, look.scope).filter(subject__in=[one, *(bytes(r.person) for r in records)]).order_by("due_at", "id")
    address = None
    if now and now.household:
        address = standing(Household, look.seq).filter(household=now.household).values_list("address", flat=True).first()
    of = subject(look, "person", to_text(one))
    context = {
        **(answers_of(look, of, here) if of else {"seats": [], "transfer": []}),
        "title": look.name(one), "person": one, "records": [_record(r, look) for r in records],
        "documents": _documents([one, *(bytes(r.person) for r in records)], look),
        "record_traced": link(_traced.RECORD_TRACED, look, {"person": one}, here), "confirm_state": link(_traced.CONFIRM_STATE, look, {"person": one}, here),
        "record_document": link(RECORD_DOCUMENT, look, {"person": one}, here),
        "stays": stays, "now": now,
        "address": look.show("address", address, bytes(now.household)) if now and now.household else "", "testing": tested(one, look), "duties": shown(found, look, here),
        "happened": told(happened, look, here), "stay": link(RECORD_STAY, look, {"person": one}, here), "forever": FOREVER,
        "give_page": link(_own.GIVE_PAGE, look, {"person": one}, here), "own_pages": _own.pages_of([one, *(bytes(r.person) for r in records)], look, here),
        "is_case": look.viewer.sees("tracing") and standing(Case, look.seq).filter(person=one).exists(),
        "is_contact": look.viewer.sees("tracing") and standing(Contact, look.seq).filter(person=one).exists(),
    }  # fmt: skip
    return show(request, "people/person.html", context)


def _documents(ids: list[bytes], look: Looking) -> list[dict[str, str]]:
    """The documents recorded beside those of enrolment, of all records that are this person."""
    found = standing_facts("document.recorded", look.seq, look.about).filter(person__in=ids).order_by("at", "id")
    return [
        {"kind": look.pick(LISTS["document"], kind), "document": look.show("document", document, bytes(person))}
        for person, kind, document in found.values_list("person", "document_kind", "document")
    ]


def _record(row: Person, look: Looking) -> dict[str, Any]:
    of = bytes(row.person)
    return {
        "name": look.show("name", row.name, of), "sex": look.pick(LISTS["sex"], row.sex),
        "born_on": look.born(row.born_on, of),
        "document_kind": look.pick(LISTS["document"], row.document_kind), "document": look.show("document", row.document, of),
        "phone": look.show("phone", row.phone, of), "since": row.since,
    }  # fmt: skip


@page("person-enrol", "people/enrol", "登记人员", "Enrol a person", desk="people", sample="", verb="enrol")
def person_enrol(request: HttpRequest, look: Looking) -> HttpResponse:
    """Someone the register does not know yet: no papers are needed to be counted, and nobody is refused a test for lack of them."""
    # What another page knows of them comes in the body of a request: an address would be kept in histories and logs.
    typed = request.method == "POST" and "prefill" not in request.POST
    known = {f: v for f in ENROL.fields if (v := request.POST.get(f))} if request.method == "POST" else {}
    form = FactForm(KINDS["person.enrolled"], ENROL.fields, {"sex": "not_stated", "document_kind": "none", **known}, look.language, look.zone, timed=False,
                    now=look.about, data=request.POST if typed else None)  # fmt: skip
    form.fields["area"] = forms.ChoiceField(label=_("Stays in"), choices=unit_options(look))
    dress(form)
    problems: list[str] = []
    if typed and form.is_valid():
        person = id_or_404(request.POST.get("fact_id", ""))
        try:
            do(ENROL, look, {**form.values(), "person": person, "area": form.cleaned_data["area"]}, incident=None, id_=person)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Enrolled."))
            return redirect(back(request, reverse("person", kwargs={"person": to_text(person)})))
    context = {
        "title": look.say(ENROL.word), "verb": ENROL, "form": form, "problems": problems, "next": back(request, reverse("sheet-people")),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "incident_now": current(request, look),
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if typed else 200)
