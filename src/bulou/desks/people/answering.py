"""Pages of who answers: search, a day, and the answer for a person, household, place or area; offering to hand over; where people work."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import Instant
from bulou.basis.words import LISTS
from bulou.desks.people.verbs import DECLARE_PLACE, HEAD_HOUSEHOLD, OFFER_CHARGE, RECORD_WORK, SET_ROSTER
from bulou.kit.answering import Subject, answering, may_see, offering, shown_charges, shown_seats, subject, work_places
from bulou.kit.doing import back, given_of, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import find, unit_options
from bulou.kit.verb import Refused, Verb, do
from bulou.register.models import Household, Place
from bulou.register.scope import standing

#: How many of each kind a search offers.
MOST = 20


@page("who", "people/who", "谁负责", "Who answers", desk="people", nav=4, icon="user-check", sample="")
def who_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Search for a person, a place or an area; each leads to who answers for it at the hour asked."""
    q = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"title": _("Who answers"), "q": q}
    if q:
        context["people"] = find(look, q)
        context["places"] = list(standing(Place, look.seq).filter(look.scope.q(), name__contains=q).order_by("name", "place")[:MOST])
        areas = [
            p
            for p in look.areas.places.values()
            if (q in p.name or q.lower() in (p.name_en or "").lower() or p.code == q) and look.scope.holds(p.code)
        ]
        context["areas"] = areas[:MOST]
    context["asked"] = look.about
    return show(request, "people/who.html", context)


@page("who-answers", "people/who/<slug:type_>/<str:text>", "谁负责", "Who answers for", desk="people", sample="answered")
def who_answers_page(request: HttpRequest, look: Looking, type_: str, text: str) -> HttpResponse:
    """Who answers for one person, household, place or area at the hour asked, level by level and party by party."""
    of = subject(look, type_, text)
    if of is None or not may_see(look, of):
        raise Http404
    here = request.get_full_path()
    return show(
        request, "people/who_answers.html", {"title": _("Who answers"), **context_of(look, of, here), "asked": look.about, "text": text}
    )


def answers_of(look: Looking, of: Subject, here: str) -> dict[str, Any]:
    """Who answers for a subject and what is being handed over: what the page of a person shows of it."""
    found = answering(look, of)
    open_ = [found.authority.transfer] if found.authority.transfer else []
    return {"seats": shown_seats(found.seats, look), "transfer": shown_charges(open_, look, here)}


def context_of(look: Looking, of: Subject, here: str) -> dict[str, Any]:
    """What a page needs to show who answers for a subject."""
    found = answering(look, of)
    charges = [c for t in of.texts for c in look.charges.of.get(t, ())]
    head = link(HEAD_HOUSEHOLD, look, {"household": of.household, "person": of.id}, here) if of.type == "person" and of.household else None
    work = link(RECORD_WORK, look, {"person": of.id}, here) if of.type == "person" else None
    works = work_places(look, [of.id]) if of.type == "person" and isinstance(of.id, bytes) else []
    return {
        "of": of, "name": name_of(look, of), "lies": found.authority.lies, "answers_area": found.authority.area,
        "transfer": shown_charges([found.authority.transfer] if found.authority.transfer else [], look, here),
        "seats": shown_seats(found.seats, look), "charges": shown_charges(sorted(charges, key=lambda c: c.offered_at, reverse=True), look, here),
        "offer": offering(look, of, here), "head": head, "work": work,
        "works": list(standing(Place, look.seq).filter(look.scope.q(), place__in=works).order_by("name")) if works else [],
        "rosters": _rosters(look, found.seats, here),
    }  # fmt: skip


def _rosters(look: Looking, seats: Any, here: str) -> list[dict[str, Any]]:
    """Where the viewer may set the hours of the chairs that are shown."""
    made = []
    for seat in seats:
        if seat.chair and seat.party == "territory" and look.scope.holds(seat.chair.area):
            to = link(SET_ROSTER, look, {"post": seat.chair.post}, here)
            if to:
                made.append({"name": seat.chair.name_en if look.language == "en" else seat.chair.name, "href": to})
    return made


def name_of(look: Looking, of: Subject) -> str:
    """What a subject is called, as the viewer may see it."""
    if of.type == "person" and isinstance(of.id, bytes):
        return look.name(of.id)
    if of.type == "area":
        return look.area(str(of.id))
    if of.type == "place":
        return str(standing(Place, look.seq).filter(place=of.id).values_list("name", flat=True).first() or "")
    address = standing(Household, look.seq).filter(household=of.id).values_list("address", flat=True).first()
    return look.show("address", address, of.id) if isinstance(of.id, bytes) else ""


@page("charge-offer", "people/charges/offer", "提出移交", "Offer to hand over", desk="people", sample="", verb="offer_charge")
def charge_offer(request: HttpRequest, look: Looking) -> HttpResponse:
    """Offers to hand over who answers: the territory's part to an area, the other parties' to a post. The sender answers until accepted."""
    given = given_of(request, OFFER_CHARGE)
    text = str(given.get("subject", ""))
    of = next((s for t in ("person", "household", "place") if text and (s := subject(look, t, text))), None)
    if text and (of is None or not may_see(look, of)):
        raise Http404
    form = FactForm(KINDS["charge.offered"], OFFER_CHARGE.fields, {}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    form.fields["party"] = forms.ChoiceField(
        label=form.fields["party"].label, choices=[(c, look.say(w)) for c, w in LISTS["party"].items() if c != "person"]
    )
    form.fields["to_area"] = forms.ChoiceField(label=form.fields["to_area"].label, required=False, choices=[("", "—"), *areas_beside(look)])
    form.fields["to_post"] = forms.ChoiceField(label=form.fields["to_post"].label, required=False, choices=[("", "—"), *posts_of(look)])
    dress(form)
    fixed = {"subject": text, "charge": given.get("charge") or new_id(Instant(look.about))}
    return _done(request, look, OFFER_CHARGE, form, fixed, name_of(look, of) if of else "")


def areas_beside(look: Looking) -> list[tuple[str, str]]:
    """Towns of the centre with their villages, and what lies beside the centre: to whom something may be handed. Names of areas
    are nobody's data; every area may be named."""
    book, found = look.areas, []
    for code, place in sorted(book.places.items()):
        if place.level in ("county", "street", "village", "functional"):
            found.append((code, book.path(code, look.language)))
    return found


def posts_of(look: Looking) -> list[tuple[str, str]]:
    """The posts that stand at the hour, by unit and name."""
    at = Instant(look.about)
    chairs = [c for post in look.posts.established if (c := look.posts.chair(post, at)) and c.role in _RECEIVING]
    english = look.language == "en"
    named = [(c.post, f"{c.unit_en} · {c.name_en}" if english else f"{c.unit} · {c.name}") for c in chairs]
    return sorted(named, key=lambda n: n[1])


#: Roles whose holders may accept for a department or an employer.
_RECEIVING = frozenset({"unit_lead", "department_lead", "commander", "duty_officer", "town_lead"})


@page("place-declare", "people/place", "登记场所", "Record a place", desk="people", nav=9, icon="map-pin", sample="", verb="declare_place")
def place_declare(request: HttpRequest, look: Looking) -> HttpResponse:
    """Records a place with a door in one of the viewer's areas: a sampling point, a gate, a market."""
    form = FactForm(KINDS["place.declared"], DECLARE_PLACE.fields, {"nature": "sampling"}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    form.fields["area"] = forms.ChoiceField(label=form.fields["area"].label, choices=unit_options(look))
    dress(form)
    # The id of the form is the place's: sent twice, it is one place.
    sent = request.POST.get("fact_id")
    return _done(request, look, DECLARE_PLACE, form, {"place": id_or_404(sent) if sent else new_id(Instant(look.about))}, "")


@page("work-record", "people/work", "登记工作单位", "Where a person works", desk="people", sample="", verb="record_work")
def work_record(request: HttpRequest, look: Looking) -> HttpResponse:
    """Records that a person works at one of the places of the viewer's areas."""
    given = given_of(request, RECORD_WORK)
    of = subject(look, "person", to_text(given["person"])) if "person" in given else None
    if "person" in given and (of is None or not may_see(look, of)):
        raise Http404
    form = FactForm(KINDS["work.recorded"], ("until",), {}, look.language, look.zone, timed=True, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    places = standing(Place, look.seq).filter(look.scope.q()).order_by("name", "place").values_list("place", "name")[:500]
    form.fields["place"] = forms.ChoiceField(label=_("Place"), choices=[(to_text(bytes(p)), name) for p, name in places])
    form.order_fields(["place"])
    dress(form)
    fixed: dict[str, Any] = {"person": given.get("person")}
    if form.is_bound and form.is_valid():
        chosen = subject(look, "place", form.cleaned_data["place"])
        fixed["place"] = chosen.id if chosen else None
    return _done(request, look, RECORD_WORK, form, fixed, name_of(look, of) if of else "")


def _done(request: HttpRequest, look: Looking, verb: Verb, form: FactForm, fixed: dict[str, Any], about: str) -> HttpResponse:
    """Does a verb whose page chooses from lists; or every reason why not, with what was chosen still there."""
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = {**form.values(), **fixed}
        try:
            id_ = id_or_404(request.POST["fact_id"]) if request.POST.get("fact_id") else None
            do(verb, look, values, at=form.at(), incident=None, id_=id_)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(verb.word)})
            return redirect(back(request, reverse("who")))
    context = {
        "title": look.say(verb.word), "verb": verb, "form": form, "problems": problems, "next": back(request, reverse("who")),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(Instant(look.about))), "incident_now": current(request, look),
        "about": {"text": about} if about else None,
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)
