"""Pages of tracing: a case with its steps, timeline, visits and contacts; a contact with the strip of days; naming; ordering."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import DAY, MINUTE, Instant, day_of, midnight
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.cases import case_or_404
from bulou.desks.tracing.lettersheets import about_person
from bulou.desks.tracing.secondring import second_shown
from bulou.desks.tracing.sheets import ring_text, within
from bulou.desks.tracing.sought import search_of
from bulou.desks.tracing.soughtverbs import SEEK
from bulou.desks.tracing.strangers import WhoForm, meant, with_stranger
from bulou.desks.tracing.told import post_of, told_of
from bulou.desks.tracing.verbs import MAKE_ORDER, NAME_CONTACT
from bulou.evidence.models import Case, Contact, Order
from bulou.evidence.timeline import about_subjects, entered_by, standing_facts
from bulou.gaps.coverage import rows
from bulou.gaps.why import for_the_person
from bulou.kit.doing import back, link
from bulou.kit.duties import Shown, shown
from bulou.kit.form import FactForm, reasons
from bulou.kit.incidents import Named, current, edition_of, members
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import area_of, family, find, tested
from bulou.kit.telling import told
from bulou.kit.verb import VERBS, Refused, do
from bulou.protocol.dates import Dates, dates, why
from bulou.protocol.rules import Edition
from bulou.register.models import Person, Place
from bulou.register.scope import standing

#: People met on one page of a case, those named last first: a case may have met thousands.
MET = 50
#: The steps from a positive swab to a reported case, each by its own role, with the verb that takes it.
STEPS = (
    ("positive_at", Word("初筛阳性", "preliminary positive"), None),
    ("rechecked_at", Word("疾控复核", "recheck"), "recheck"),
    ("consulted_at", Word("专家会诊", "consultation"), "consult"),
    ("diagnosed_at", Word("诊断", "diagnosis"), "diagnose"),
    ("reported_at", Word("网络直报", "reported"), "report_case"),
    ("hospital_at", Word("转定点医院", "in hospital"), "place"),
    ("investigated_at", Word("流调完成", "investigated"), "complete_investigation"),
)


def _duties(ids: list[bytes], look: Looking, here: str) -> list[Shown]:
    found = rows(look.seq, look.about, look.scope).filter(subject__in=ids).order_by("due_at", "id")
    return shown(found, look, here)


# --- a case -----------------------------------------------------------------------------------------------------------
@page("case", "tracing/case/<str:person>", "病例", "A case", desk="tracing", sample="case")
def case_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """A case: where it stands on the way to diagnosis, what comes next and whose it is, timeline, visits, contacts."""
    one, ids, found = case_or_404(person, look)
    here = request.get_full_path()
    named = standing_facts("contact.named", look.seq, look.about).filter(met__in=ids).order_by()
    met = Paginator(named.values_list("person").annotate(last=Max("at")).order_by("-last", "person"), MET).get_page(
        request.GET.get("page", 1)
    )
    contacts = [bytes(p) for p, _last in met]
    rings = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=contacts)}
    look.learn_names([one, *contacts])
    visits = list(standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids).order_by("at", "id"))
    steps = [_step(found, field, word, verb, look, one, here) for field, word, verb in STEPS]
    reached = max((i for i, s in enumerate(steps) if s["at"]), default=-1)  # what others did before may never be told here
    context = {
        "title": " · ".join(dict.fromkeys((found.label or look.say(Word("病例", "Case")), look.name(one)))), "case": found, "person": one, "area": area_of(one, look),
        "onsets": _onsets(ids, bytes(found.incident), look),
        "steps": steps, "next": next((s for s in steps[reached + 1 :] if s["href"]), None), "testing": tested(one, look),
        "visits": [_visit(v, look) for v in visits],
        "contacts": [{"person": p, "name": look.name(p), "ring": ring_text(rings[p], look) if p in rings else ""} for p in contacts],
        "paged": met, "duties": _duties(ids, look, here), "happened": told(about_subjects(connection, ids, look.seq, look.about), look, here),
        "name_contact": link(NAME_CONTACT, look, {"met": one}, here), "record_visit": link(VERBS["record_visit"], look, {"person": one}, here),
        "record_onset": link(VERBS["record_onset"], look, {"person": one}, here),
        "record_sequence": link(VERBS["record_sequence"], look, {"person": one}, here),
        **told_of(one, ids, bytes(found.incident), look, here),
    }  # fmt: skip
    return show(request, "tracing/case.html", context)


def _onsets(ids: list[bytes], incident: bytes, look: Looking) -> list[dict[str, Any]]:
    """Every word on the day of onset that stands, where they differ: the last one counts, and all are shown with who entered them."""
    rows = list(
        standing_facts("onset.recorded", look.seq, look.about)
        .filter(person__in=ids, in_incident__in=members(look, incident))
        .order_by("at", "id")
    )
    if len({r.on for r in rows}) < 2:
        return []
    by = entered_by(r.entry for r in rows)
    return [
        {"on": r.on, "words": look.show("words", r.words, bytes(r.person)) if r.words else "", "inferred": r.inferred, "at": r.at, "by": by.get(r.entry, ""),
         "counts": r is rows[-1]}
        for r in rows
    ]  # fmt: skip


def _step(found: Case, field: str, word: Word, verb: str | None, look: Looking, person: bytes, here: str) -> dict[str, Any]:
    at = getattr(found, field)
    at = at if at is not None and at <= look.about else None
    given = {"person": person, **({"measure": "hospital"} if verb == "place" else {})}
    href = link(VERBS[verb], look, given, here) if verb else None
    said = ""
    if field == "rechecked_at" and at:
        said = look.pick(LISTS["result"], found.recheck)
    if field == "consulted_at" and at:
        said = look.pick(LISTS["conclusion"], found.conclusion)
    if field == "diagnosed_at" and at:
        said = look.pick(LISTS["case_status"], found.status) + (
            f" · {look.pick(LISTS['severity'], found.severity)}" if found.severity else ""
        )
    return {"word": look.say(word), "at": at, "href": href, "said": said, "state": "done" if at else "upcoming"}


def _visit(row: Any, look: Looking) -> dict[str, Any]:
    return {
        "at": row.at, "until": row.until, "words": look.show("words", row.words, bytes(row.person)), "certainty": look.pick(LISTS["certainty"], row.certainty),
        "area": row.area,
    }  # fmt: skip


# --- a contact --------------------------------------------------------------------------------------------------------
@page("contact", "tracing/contact/<str:person>", "接触者", "A contact", desk="tracing", sample="contact")
def contact_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """A contact: whom they met, who judged, the order with the arithmetic of its end, and the strip of its days."""
    one, ids = family(id_or_404(person), look)
    found = within(standing(Contact, look.seq).filter(person=one), look).first()
    if found is None:
        raise Http404
    here, incident = request.get_full_path(), current(request, look)
    links = list(standing_facts("contact.named", look.seq, look.about).filter(person__in=ids).order_by("-exposed_until", "id"))
    look.learn_names([one, *(bytes(n.met) for n in links)])
    orders = list(standing(Order, look.seq).filter(person__in=ids, made_at__lte=look.about).order_by("-made_at"))
    duties = _duties(ids, look, here)
    edition = edition_of(look, incident)
    order = orders[0] if orders else None
    stands = order if order and order.over_at > look.about else None
    context = {
        "title": look.name(one), "contact": found, "person": one, "area": area_of(one, look), "ring": ring_text(found, look),
        "links": [_link(n, look) for n in links], "steps": _times(found, orders, _held(found, ids, look), look), "orders": orders, "order": order,
        "signed": post_of(order.post, order.made_at, look) if order else "",
        "why": _why(order, look) if order else None, "strip": _strip(order, duties, look) if order else [], "duties": duties,
        "testing": tested(one, look), "happened": told(about_subjects(connection, ids, look.seq, look.about), look, here),
        "judge": link(VERBS["judge_contact"], look, {"person": one}, here),
        "make_order": link(MAKE_ORDER, look, {"person": one, "ring": found.ring}, here) if found.ring in ("close", "secondary") and edition else None,
        "record_visit": link(VERBS["record_visit"], look, {"person": one}, here), "for_person": _for_person(links, look),
        "raise_objection": link(VERBS["raise_objection"], look, {"person": one, "order": bytes(stands.order), "objection": new_id(Instant(look.about))}, here)
        if stands else None,
        "end_order": link(VERBS["end_order"], look, {"order": bytes(stands.order)}, here) if stands else None,
        "fetch": link(VERBS["fetch"], look, {"person": one}, here) if stands else None,
        "search": (search := search_of(ids, look)), "seek": link(SEEK, look, {"person": one}, here) if search is None else None,
        "second": second_shown(one, duties, look), "off": judged_off(found, order, look), "letters": about_person(ids, look),
        "send_letter": link(VERBS["send_letter"], look, {"person": one, "letter": new_id(Instant(look.about)), "why": "contact"}, here),
        **told_of(one, ids, bytes(found.incident), look, here),
    }  # fmt: skip
    return show(request, "tracing/contact.html", context)


def _for_person(links: list[Any], look: Looking) -> str:
    """What the person themselves may be told of why, by the exposure that sets the clock; nothing where nobody named them."""
    if not links:
        return ""
    last = links[0]
    nature = standing(Place, look.seq).filter(place=last.place).values_list("nature", flat=True).first() if last.place else None
    return look.say(for_the_person(last.setting, nature, day_of(Instant(last.exposed_until), look.zone)))


def judged_off(found: Contact, order: Order | None, look: Looking) -> bool:
    """Whether the last judgement took away the ground of an order that still stands: somebody must decide, no date moves by itself."""
    judged = found.judged_at is not None and order is not None and order.made_at < found.judged_at <= look.about < order.over_at
    return bool(judged and order and found.ring != order.ring)


def _held(found: Contact, ids: list[bytes], look: Looking) -> int | None:
    """When they were first found staying where they were, since they were named or judged."""
    staying = standing_facts("person.located", look.seq, look.about).filter(outcome="staying", person__in=ids)
    began = min(at for at in (found.named_at, found.judged_at) if at is not None)
    return min((at for (at,) in staying.filter(at__gte=began).values_list("at")), default=None)


def _times(found: Contact, orders: list[Order], held: int | None, look: Looking) -> list[dict[str, Any]]:
    """Named, judged, ordered, told, staying put, fetched, brought there: each hour by itself, and how long after the one before."""
    steps: list[tuple[Word, int | None, str]] = [
        (Word("报告", "Named"), found.named_at, ""),
        (
            Word("判定", "Judged"),
            found.judged_at,
            " · ".join(t for t in (post_of(found.judged_by, found.judged_at, look), found.reason) if t),
        ),
        (
            Word("下令", "Ordered"),
            min((o.made_at for o in orders), default=None),
            post_of(orders[0].post, orders[0].made_at, look) if orders else "",
        ),
        (Word("告知本人", "Told"), found.told_at, ""),
        (Word("原地等候", "Staying put"), held, ""),
        (Word("接上", "Fetched"), found.fetched_at, ""),
        (Word("转运到位", "Brought there"), found.placed_at, ""),
    ]
    lines, before = [], None
    for word, at, said in steps:
        known = at is not None and at <= look.about
        after = _span(at - before, look) if known and at is not None and before is not None and at > before else ""
        lines.append({"word": look.say(word), "at": at if known else None, "after": after, "said": said if known else ""})
        before = at if known else before
    return lines


def _span(micros: int, look: Looking) -> str:
    hours, minutes = divmod(micros // MINUTE, 60)
    if hours == 0:
        return look.say(Word(f"{minutes}分钟", f"{minutes} min"))
    return look.say(Word(f"{hours}小时{minutes}分钟", f"{hours} h {minutes} min"))


def _link(row: Any, look: Looking) -> dict[str, Any]:
    return {
        "met": bytes(row.met), "name": look.name(bytes(row.met)), "setting": look.pick(LISTS["setting"], row.setting), "from": row.exposed_from,
        "until": row.exposed_until, "named": row.at, "words": look.show("words", row.words, bytes(row.person)),
    }  # fmt: skip


def _why(order: Order, look: Looking) -> str:
    edition = look.protocol.editions.get(order.edition)
    measure = edition.measure(order.ring) if edition else None
    if measure is None:
        return ""
    return look.say(
        why(measure, Instant(order.anchor), Instant(order.ends), look.zone, from_exposure=measure.length_from == "last_exposure")
    )


def _strip(order: Order, duties: list[Shown], look: Looking) -> list[dict[str, Any]]:
    """One box for each day of the order: what was owed that day and how it stands, the worst first."""
    rank = ("overdue", "blocked", "due", "upcoming", "done_late", "done", "excused", "ended")
    first, days = day_of(Instant(order.starts), look.zone), []
    today = day_of(look.about, look.zone)
    at, number = midnight(first, look.zone), 1
    while at < order.ends and number <= 60:
        day = day_of(at, look.zone)
        owed = [d for d in duties if d.rule.on.kind == "order.made" and at < d.duty.due_at <= at + DAY and d.rule.after is None]
        state = min((d.state for d in owed), key=rank.index, default="not_owed")
        tests = [d for d in owed if d.rule.name.endswith(".test")]
        days.append({
            "day": day, "n": number, "state": state, "today": day == today, "test": bool(tests),
            "said": ", ".join(f"{look.say(d.rule.word)}: {look.pick(LISTS['state'], d.state)}" for d in owed),
        })  # fmt: skip
        at, number = Instant(at + DAY), number + 1
    return days


# --- naming -----------------------------------------------------------------------------------------------------------
@page("contact-name", "tracing/contact-name", "报告接触者", "Name a contact", desk="tracing", sample="met", verb="name_contact")
def contact_name(request: HttpRequest, look: Looking) -> HttpResponse:
    """Someone whom a case met: found on the register, or entered as a stranger until found. A candidate, not yet a contact."""
    incident = current(request, look)
    met_text = request.POST.get("met") or request.GET.get("met", "")
    if incident is None or not met_text:
        raise Http404
    met = id_or_404(met_text)
    if (
        not within(standing(Case, look.seq).filter(person=met), look).exists()
        and not within(standing(Contact, look.seq).filter(person=met), look).exists()
    ):
        raise Http404
    form = WhoForm(NAME_CONTACT, look, {"met": met, "setting": "venue"}, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    asked = (request.POST.get("q") or request.GET.get("q", "")).strip()
    if request.method == "POST" and form.is_valid():
        who = meant(request, form, incident, look)
        problems += who.problems
        if who.person is not None:
            values = {**form.values(), "person": who.person, "met": met, "place": None}
            try:
                do(
                    with_stranger(NAME_CONTACT, who.more),
                    look,
                    values,
                    incident=incident.id,
                    id_=id_or_404(request.POST.get("fact_id", "")),
                )
            except Refused as refused:
                problems += reasons(refused.problems, look)
            else:
                messages.success(request, _("%(name)s is named. A professional judges next.") % {"name": who.name or look.name(who.person)})
                return redirect(back(request, reverse("case", kwargs={"person": to_text(met)})))
    candidates = find(look, asked)
    look.learn_names([met, *(c.person for c in candidates)])
    context = {
        "title": look.say(NAME_CONTACT.word), "form": form, "problems": problems, "met": met, "asked": asked, "candidates": candidates,
        "next": back(request, reverse("case", kwargs={"person": to_text(met)})), "fact_id": to_text(new_id(look.about)),
        "person_id": to_text(new_id(look.about)), "chosen": request.POST.get("person", ""),
    }  # fmt: skip
    return show(request, "tracing/contact_name.html", context, status=422 if problems or form.errors else 200)


# --- ordering ---------------------------------------------------------------------------------------------------------
class Offer(NamedTuple):
    """An order as the edition proposes it for a contact: of whom, its dates, for a child, the order that it would replace, and the values
    offered; for a child no measure, which whoever signs chooses with the parents."""

    person: bytes
    proposed: Dates
    child: bool
    replaces: Any
    given: dict[str, Any]


def offered(look: Looking, incident: Named, edition: Edition, who: bytes, ring: str) -> Offer:
    """What the edition offers for a contact of the incident whom the viewer may see; not found for anyone else, or without a measure for the ring."""
    person, _ids = family(who, look)
    found = within(standing(Contact, look.seq).filter(person=person, incident__in=members(look, incident.id)), look).first()
    measure = edition.measure(ring)
    if found is None or measure is None:
        raise Http404
    proposed = dates(measure, Instant(found.exposed_until) if found.exposed_until else None, look.about, look.zone)
    replaces = standing(Order, look.seq).filter(person=person, over_at__gt=look.about).order_by("-made_at").first()
    child = child_of(person, look)
    given = {"measure": None if child else measure.measure, "anchor": proposed.anchor, "starts": proposed.starts, "ends": proposed.ends}
    return Offer(person, proposed, child, replaces, given)


@page("order-make", "tracing/order", "下达隔离令", "Make an order", desk="tracing", sample="order", verb="make_order")
def order_make(request: HttpRequest, look: Looking) -> HttpResponse:
    """An order as the edition proposes it: anchor, first day, end with its arithmetic. A named post signs, or changes, or does not."""
    incident = current(request, look)
    edition = edition_of(look, incident)
    text, ring = request.POST.get("person") or request.GET.get("person", ""), request.POST.get("ring") or request.GET.get("ring", "close")
    if incident is None or edition is None or not text:
        raise Http404
    person, proposed, child, standing_order, given = offered(look, incident, edition, id_or_404(text), ring)
    form = FactForm(KINDS["order.made"], MAKE_ORDER.fields, given, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        order_id = id_or_404(request.POST.get("fact_id", ""))
        values = {**form.values(), "order": order_id, "person": person, "edition": edition.id, "ring": ring,
                  "replaces": bytes(standing_order.order) if standing_order else None}  # fmt: skip
        try:
            receipt = do(MAKE_ORDER, look, values, incident=incident.id, id_=order_id)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("The order stands. %(n)d duties follow from it.") % {"n": receipt.opened})
            return redirect("contact", person=to_text(person))
    context = {
        "title": look.say(MAKE_ORDER.word), "verb": MAKE_ORDER, "form": form, "problems": problems, "about": {"text": look.name(person), "area": None},
        "why": look.say(proposed.why), "next": back(request, reverse("contact", kwargs={"person": to_text(person)})), "replaces": standing_order,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "incident_now": incident, "child": child,
    }  # fmt: skip
    return show(request, "tracing/order.html", context, status=422 if request.method == "POST" else 200)


def child_of(person: bytes, look: Looking) -> bool:
    """Whether the register says that this is a child up to 14: never separated by proposal of the system."""
    born = standing(Person, look.seq).filter(person=person).values_list("born_on", flat=True).first()
    return born is not None and day_of(look.about, look.zone) < f"{int(born[:4]) + 15}{born[4:]}"
