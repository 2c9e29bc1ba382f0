"""The path of a case, day by day: what was said beside what was recorded, hours nobody explains, words that cannot both be true; and the page on
which a visit is recorded. Corrects nobody: whatever was said stands until somebody withdraws it."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.facts import PlaceDeclared
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, add_days, day_of, format_local, midnight, parse_local
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.cases import case_or_404, found_at, held_at
from bulou.desks.tracing.moving import Told, change, may_take_back, visit_told
from bulou.desks.tracing.pathmap import Step, map_of, steps
from bulou.desks.tracing.sheets import places_of
from bulou.desks.tracing.verbs import RECORD_VISIT, with_new
from bulou.evidence.models import Case
from bulou.evidence.timeline import on_record, standing_facts
from bulou.gaps.path import HOLE, Clash, Hole, Visit, clashes, holes, spans, unspoken
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.incidents import Named, current, edition_of
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, family, unit_options
from bulou.kit.telling import take_back
from bulou.kit.verb import VERBS, Act, Problem, Refused, Verb, do, do_all
from bulou.protocol.rules import Edition
from bulou.register.models import Place
from bulou.register.scope import standing

#: Days before the first positive sign of which everyone is asked (FIELD B1: "where since four days"), days on one page at most.
ASKED_DAYS, MOST_DAYS = 4, 21
#: Hours of the day in which an unexplained span is worth a question (this project's proposal).
WAKING = (7, 23)
#: Places offered for a search.
MOST_PLACES = 12
_CLASH = {
    "two_places": Word("同一时间两处", "two places at once"),
    "other_hours": Word("与记录时间不符", "other hours than the record says"),
}


class Window(NamedTuple):
    """The span that a path is asked about, and from when on the case may have infected others."""

    since: Instant
    until: Instant
    infectious: Instant


def window(case: Case, edition: Edition | None, look: Looking) -> Window:
    """From four days before the first sign of infection (or from the edition's look-back, where that is earlier) until the case was in hospital,
    or until the hour asked. The first sign is the onset, else the first positive result."""
    found = found_at(case, look) or look.about
    onset = midnight(case.onset_on, look.zone) if case.onset_on else None
    first = min(found, onset) if onset is not None else found
    infectious = midnight(add_days(day_of(first, look.zone), -(edition.look_back if edition else 0)), look.zone)
    since = min(infectious, midnight(add_days(day_of(found, look.zone), -ASKED_DAYS), look.zone))
    until = Instant(max(held_at(case, look), since))
    return Window(Instant(max(since, until - MOST_DAYS * DAY)), until, infectious)


def same_place(look: Looking, one: Visit, other: Visit) -> bool:
    """Whether two visits may be of one place: of one known place; or one of a place unknown, of which the areas do not rule it out."""
    if one.place is not None and other.place is not None:
        return one.place == other.place
    if one.area is None or other.area is None:
        return True
    return one.area in look.areas.upward(other.area) or other.area in look.areas.upward(one.area)


@page("case-path", "tracing/case/<str:person>/path", "活动轨迹", "The path", desk="tracing", sample="case")
def path_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """Where a case was, day by day, with what it rests on; what nobody explains and what cannot both be true stand first."""
    one, ids, case = case_or_404(person, look)
    here, incident = request.get_full_path(), current(request, look)
    edition = edition_of(look, incident)
    span = window(case, edition, look)
    rows = list(standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids).order_by("at", "id"))
    places = places_of(rows, look)
    visits = [visit_of(r, places) for r in rows]
    inside = [v for v in visits if v.at < span.until and (v.until or v.at) >= span.since]

    def same(a: Visit, b: Visit) -> bool:
        return same_place(look, a, b)

    days, told = _days(span, look), told_of(inside, span, look)
    open_, differ = told.holes(inside), told.clashes(inside)
    alone = set(unspoken(inside, look.about, same))
    shown = {bytes(r.id): _shown(r, places, look, here, alone) for r in rows}
    stops = steps(inside, look)
    look.learn_names([one])
    record = link(RECORD_VISIT, look, {"person": one}, here)
    context = {
        "title": look.name(one), "case": case, "person": one, "area": area_of(one, look), "record": record, "window": span,
        "days": [_day(at, inside, open_, span, look, shown, _movable(record, look)) for at in days],
        "holes": [{"since": h.since, "until": h.until, "ask": _ask(record, h, look)} for h in open_],
        "clashes": [_clash(c, shown, look) for c in differ], "alone": [shown[v] for v in sorted(alone, key=lambda i: shown[i]["at"])],
        "visits": [shown[v.id] for v in visits], "least": HOLE // HOUR, "waking": WAKING,
        "ticks": [{"x": h * _HOUR_W, "word": f"{h:02d}:00"} for h in range(0, 25, 3)],
        "map": map_of(stops, shown, look), "stops": [_stop(one, shown) for one in stops],
        "outside": len(visits) - len(inside), "back": reverse("case", kwargs={"person": to_text(one)}),
    }  # fmt: skip
    return show(request, "tracing/path.html", context)


def told_of(visits: list[Visit], span: Window, look: Looking) -> Told:
    """A path with how its holes and contradictions are found, also with other hours of a visit."""

    def same(a: Visit, b: Visit) -> bool:
        return same_place(look, a, b)

    waking = waking_hours(span, look)
    return Told(visits, lambda some: holes(some, span.since, span.until, waking), lambda some: clashes(some, look.about, same))


def _movable(record: str | None, look: Looking) -> str:
    """Where a visit is entered with other hours: the form, for whoever reads the words that it copies."""
    return record if record is not None and "words" in look.viewer.unmasked else ""


def _stop(step: Step, shown: dict[bytes, dict[str, Any]]) -> dict[str, Any]:
    return {"number": step.number, "drawn": step.drawn, "visit": shown[step.visit.id]}


def waking_hours(span: Window, look: Looking) -> list[tuple[Instant, Instant]]:
    """The hours of each day of a window in which an unexplained span is worth a question."""
    return [(Instant(at + WAKING[0] * HOUR), Instant(at + WAKING[1] * HOUR)) for at in _days(span, look)]


def _days(span: Window, look: Looking) -> list[Instant]:
    """The midnights of the days of a window."""
    found: list[Instant] = []
    at = midnight(day_of(span.since, look.zone), look.zone)
    while at < span.until and len(found) <= MOST_DAYS:
        found.append(at)
        at = midnight(add_days(day_of(at, look.zone), 1), look.zone)
    return found


def visit_of(row: Any, places: dict[bytes, Place]) -> Visit:
    """A recorded visit as plain values; where it says no area, that of its place."""
    place = bytes(row.place) if row.place else None
    area = row.area or (places[place].area if place in places else None)
    return Visit(bytes(row.id), Instant(row.at), None if row.until is None else Instant(row.until), place, area, row.proof)


def _shown(row: Any, places: dict[bytes, Place], look: Looking, here: str, alone: set[bytes]) -> dict[str, Any]:
    place = places.get(bytes(row.place)) if row.place else None
    person, id_ = bytes(row.person), bytes(row.id)
    parts = (row.space, row.vehicle, row.seat)
    return {
        "id": id_.hex(), "at": row.at, "until": row.until, "words": look.show("words", row.words, person), "place": place.name if place else "",
        "area": row.area or (place.area if place else None), "space": " · ".join(p for p in parts if p), "alone": id_ in alone,
        "companions": look.show("words", row.companions, person) if row.companions else "",
        "worn": look.pick(LISTS["worn"], row.worn), "proof": look.pick(LISTS["proof"], row.proof) if row.proof else "",
        "recorded": Visit(id_, Instant(row.at), None, None, None, row.proof).recorded,
        "certainty": look.pick(LISTS["certainty"], row.certainty), "authority": row.authority or "",
        "withdraw": take_back(id_, "visit.recorded", look, here),
    }  # fmt: skip


def _clash(clash: Clash, shown: dict[bytes, dict[str, Any]], look: Looking) -> dict[str, Any]:
    return {
        "what": look.say(_CLASH[clash.what]),
        "one": shown[clash.one],
        "other": shown[clash.other],
        "since": clash.since,
        "until": clash.until,
    }


def _ask(record: str | None, hole: Hole, look: Looking) -> str | None:
    """Where a hole is filled: the form with its hours."""
    if record is None:
        return None
    return f"{record}&from={format_local(hole.since, look.zone)[:16].replace(' ', 'T')}&to={format_local(hole.until, look.zone)[:16].replace(' ', 'T')}"


#: A day as a picture: units of width of an hour, heights of the two lanes.
_HOUR_W, _LANE = 40, 22


def _day(
    at: Instant, visits: list[Visit], open_: list[Hole], span: Window, look: Looking, shown: dict[bytes, dict[str, Any]], move: str
) -> dict[str, Any]:
    """One day: what was said above, what was recorded below, holes between; in units of the picture."""
    end = Instant(at + DAY)

    def x(moment: int) -> float:
        return (min(max(moment, at), end) - at) / HOUR * _HOUR_W

    bars = [
        {"x": f"{x(a):.1f}", "w": f"{max(6.0, x(b) - x(a)):.1f}", "lane": "recorded" if v.recorded else "said", "y": _LANE + 4 if v.recorded else 2,
         "id": v.id.hex(), "label": _label(v, a, b, shown, look), "open": v.until is None, "move": f"{move}&instead={to_text(v.id)}" if move else "",
         "from": (a - at) // MINUTE, "until": "" if v.until is None else (v.until - at) // MINUTE, "ends": (b - at) // MINUTE,
         "last": (look.about - at) // MINUTE}
        for v, a, b in spans(visits, span.until) if a < end and (b > at or a >= at)
    ]  # fmt: skip
    gaps = [{"x": f"{x(h.since):.1f}", "w": f"{x(h.until) - x(h.since):.1f}"} for h in open_ if h.since < end and h.until > at]
    return {
        "day": day_of(at, look.zone), "bars": bars, "holes": gaps, "infectious": end > span.infectious,
        "over": f"{x(span.until):.1f}" if span.until < end else None, "over_w": f"{24 * _HOUR_W - x(span.until):.1f}",
    }  # fmt: skip


def _label(visit: Visit, since: Instant, until: Instant, shown: dict[bytes, dict[str, Any]], look: Looking) -> str:
    one = shown[visit.id]
    ends = format_local(until, look.zone)[11:16] if visit.until is not None else "?"
    return f"{format_local(since, look.zone)[11:16]}–{ends} {one['place'] or one['words']}"


# --- recording a visit ------------------------------------------------------------------------------------------------
class _VisitForm(FactForm):
    """When, where and on what it rests; the place chosen from those that are known, or made known here."""

    def __init__(self, look: Looking, given: dict[str, Any], data: Any) -> None:
        super().__init__(
            KINDS["visit.recorded"], RECORD_VISIT.fields, given, look.language, look.zone, timed=True, now=look.about, data=data
        )
        nature = [(code, look.say(word)) for code, word in LISTS["place"].items()]
        self.fields["new_place"] = forms.CharField(label=_("A place not known yet: its name"), max_length=80, required=False)
        self.fields["new_nature"] = forms.ChoiceField(label=_("What kind of place"), required=False, choices=[("", "—"), *nature])
        self.fields["new_area"] = forms.ChoiceField(
            label=_("In which area it lies"), required=False, choices=[("", "—"), *unit_options(look)]
        )
        if given.get("at") is not None:
            self.fields["at"].initial = given["at"]
        self.fields["at"].label = _("From")
        self.fields["at"].show_hidden_initial = False
        self.order_fields(["new_place", "new_nature", "new_area", "at", "until", "words"])
        dress(self)

    def at(self) -> Instant | None:
        """The beginning of the visit, always as written: a visit lies in the past."""
        at: Instant | None = self.cleaned_data.get("at")
        return at


def _hour(text: str, look: Looking) -> Instant | None:
    """An hour of an address, as a form has it; nothing where it is none, or lies where nobody was."""
    try:
        at = parse_local(text[:16].replace("T", " "), look.zone)
    except (ValueError, OverflowError):
        return None
    return at if look.about - 366 * DAY <= at <= look.about + DAY else None


@page("visit-record", "tracing/visit", "记录活动轨迹", "Record a visit", desk="tracing", sample="visited", verb="record_visit")
def visit_record(request: HttpRequest, look: Looking) -> HttpResponse:
    """Records where somebody was: found among the places that are known, or a place made known by the way. With ``instead`` it is entered in the
    place of a visit that was told with other hours, and what that changes is shown before."""
    incident = current(request, look)
    text = request.POST.get("person") or request.GET.get("person", "")
    if incident is None or not text:
        raise Http404
    person, ids = family(id_or_404(text), look)
    if not look.scope.holds(area_of(person, look)):
        raise Http404
    home = back(request, reverse("case-path", kwargs={"person": to_text(person)}))
    fact_id = id_or_404(request.POST["fact_id"]) if "fact_id" in request.POST else new_id(look.about)
    old = _instead(request, ids, look)
    if old is None and "instead" in request.POST and on_record([fact_id]):
        return redirect(home)  # sent twice: it was entered, and what it stands instead of is gone
    if old is None and (request.POST.get("instead") or request.GET.get("instead")):
        raise Http404
    given = _given(request, old, look)
    form = _VisitForm(look, {k: v for k, v in given.items() if v is not None}, request.POST if request.method == "POST" else None)
    verb = may_take_back(old.row, look) if old is not None else None
    if verb is not None:
        form.fields["reason"] = forms.CharField(label=_("Why the hours are changed"), max_length=500)
        dress(form)
    problems: list[str] = []
    asked = (request.POST.get("q") or request.GET.get("q", "")).strip()
    hours, seen = (given.get("at"), given.get("until")), request.POST.get("shown", "")
    if request.method == "POST" and form.is_valid():
        place, more, problems = _place(request, form, look)
        hours = (form.at(), form.values().get("until"))
        if not problems and (old is None or verb is None or seen == _hours_key(hours)):
            values = {**form.values(), "person": person, "place": place}
            try:
                _enter(
                    values,
                    form,
                    more,
                    old,
                    verb,
                    incident if old is None else incident._replace(id=old.fact.incident or incident.id),
                    fact_id,
                    look,
                )
            except Refused as refused:
                problems = reasons(refused.problems, look, form)
            else:
                messages.success(request, _("Entered: %(what)s") % {"what": look.say(RECORD_VISIT.word)})
                return redirect(home)
    look.learn_names([person])
    visited = standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids).exclude(place=None).values("place")
    places = places_offered(asked, Q(place__in=visited), look)
    if old is not None and old.place is not None and old.place not in places:
        places = [old.place, *places]
    context = {
        "title": look.say(RECORD_VISIT.word), "form": form, "problems": problems, "person": person, "asked": asked, "places": places,
        "chosen": request.POST.get("place", to_text(bytes(old.place.place)) if old is not None and old.place is not None else ""),
        "next": home, "incident_now": incident, "fact_id": to_text(fact_id), "query": request.GET, "instead": old, "takes_back": verb is not None,
        "place_id": request.POST.get("place_id") or to_text(new_id(look.about)), "new_hours": hours, "shown": _hours_key(hours),
        "again": bool(seen) and seen != _hours_key(hours) and not problems and not form.errors,
        "change": _change(old, hours, person, ids, incident, look) if verb is not None else None,
    }  # fmt: skip
    return show(request, "tracing/visit.html", context, status=422 if problems or form.errors else 200)


class _Old(NamedTuple):
    """The visit that another is entered instead of: its row, its fact, its place where one is known."""

    row: Any
    fact: Fact
    place: Place | None


def _instead(request: HttpRequest, ids: list[bytes], look: Looking) -> _Old | None:
    """The visit that an address or a form wants other hours for; nobody copies words that they may not read."""
    text = request.POST.get("instead") or request.GET.get("instead", "")
    if not text or "words" not in look.viewer.unmasked:
        return None
    row = visit_told(id_or_404(text), ids, look)
    found = look.facts().raw("fact", "id", bytes(row.id)) if row is not None else ()
    if row is None or not found:
        return None
    return _Old(row, found[0], places_of([row], look).get(bytes(row.place)) if row.place else None)


def _given(request: HttpRequest, old: _Old | None, look: Looking) -> dict[str, Any]:
    """What the form begins with: hours of the address; where a visit is told anew, everything else as it was told."""
    since, until = _hour(request.GET.get("from", ""), look), _hour(request.GET.get("to", ""), look)
    if old is None:
        return {"at": since, "until": until, "certainty": "stated"}
    body = old.fact.body
    kept = {name: getattr(body, name) for name in (*RECORD_VISIT.fields, "area") if name != "until"}
    return {**kept, "at": since or old.fact.at, "until": until if "to" in request.GET else body.until}


def _hours_key(hours: tuple[Instant | None, Instant | None]) -> str:
    """Hours as the form says which ones were shown with what they change; to the minute, as they are written."""
    return " ".join("" if at is None else str(at // MINUTE) for at in hours)


def _enter(
    values: dict[str, Any], form: _VisitForm, more: tuple[Fact, ...], old: _Old | None, verb: str | None, incident: Named, fact_id: bytes, look: Looking
) -> None:  # fmt: skip
    """The visit alone, or with what takes back the one that it stands instead of: both or neither."""
    at = form.at()
    if old is None or verb is None:
        do(_with(more), look, values, at=at, incident=incident.id, id_=fact_id)
        return
    gone = {"target": old.fact.id, "reason": form.cleaned_data["reason"]}
    do_all(look, [
        Act(VERBS[verb], gone, named_id("visit instead", fact_id.hex()), old.fact.incident),
        Act(_with(more), values, fact_id, incident.id, at),
    ])  # fmt: skip


def _change(
    old: _Old | None, hours: tuple[Instant | None, Instant | None], person: bytes, ids: list[bytes], incident: Named, look: Looking
) -> dict[str, Any] | None:  # fmt: skip
    """What other hours would change, in words; nothing where they are the same or could not be."""
    at, until = hours
    if old is None or at is None or (at, until) == (old.fact.at, old.fact.body.until) or (until is not None and until <= at):
        return None
    case = standing(Case, look.seq).filter(person=person).first()
    edition = edition_of(look, incident)
    rows = list(standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids).order_by("at", "id"))
    places = places_of(rows, look)
    visits = [visit_of(r, places) for r in rows]
    told = told_of(visits, window(case, edition, look) if case is not None else Window(at, at, at), look)
    found = change(old.fact, at, until, case, incident, edition, told, look)
    shown = {bytes(r.id): _shown(r, places, look, "", set()) for r in rows}
    look.learn_names([p for p, _ring in (*found.near_gone, *found.near_come)])
    return {
        "at": at, "until": until, "nothing": found.nothing, "of": found,
        "clashes_gone": [_clash(c, shown, look) for c in found.clashes_gone], "clashes_come": [_clash(c, shown, look) for c in found.clashes_come],
    }  # fmt: skip


def _with(more: tuple[Fact, ...]) -> Verb:
    """Recording a visit together with the place that is made known by it."""
    return with_new(
        RECORD_VISIT, more, Problem("place", "此场所已登记:请从列表中选择", "this place is on record already: choose it from the list")
    )


def places_offered(asked: str, otherwise: Q, look: Looking) -> list[Place]:
    """Places of the viewer's areas by a part of their name or address; where nothing is asked, those that are given."""
    wanted = Q(name__contains=asked) | Q(address__contains=asked) if asked else otherwise
    return list(standing(Place, look.seq).filter(look.scope.q()).filter(wanted).order_by("name", "place")[:MOST_PLACES])


def _place(request: HttpRequest, form: forms.Form, look: Looking) -> tuple[bytes | None, tuple[Fact, ...], list[str]]:
    """The place chosen, or the one made known with the visit; neither where nobody knows which it was."""
    cleaned, chosen = form.cleaned_data, request.POST.get("place", "")
    name = cleaned["new_place"].strip()
    if chosen:
        place = id_or_404(chosen)
        if not standing(Place, look.seq).filter(look.scope.q(), place=place).exists():
            raise Http404
        return place, (), []
    if not name:
        return None, (), []
    if not cleaned["new_nature"] or not cleaned["new_area"]:
        return None, (), [_("A new place needs its kind and the area in which it lies.")]
    place = id_or_404(request.POST.get("place_id", ""))
    return (
        place,
        (Fact(place, "place.declared", look.about, None, PlaceDeclared(place, name, cleaned["new_nature"], cleaned["new_area"])),),
        [],
    )
