"""The page on which a verb is done: its form, what it is about, why it was refused. One page for every verb there is."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, subject_of, to_text
from bulou.basis.kinds import KINDS
from bulou.kit.form import FactForm, reasons
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.verb import VERBS, Refused, Verb, do, type_of
from bulou.protocol.relations import PLACED, segments
from bulou.register.models import Place
from bulou.register.scope import standing

#: Instants that an address may say: from 1970 into years that a clock can write.
FARTHEST = 2**57


def link(verb: Verb, look: Looking, given: dict[str, Any], after: str) -> str | None:
    """Where this viewer may do a verb about something, or None where they may not."""
    if not look.viewer.may(verb.name) or not look.moment.live:
        return None
    words = {k: to_text(v) if isinstance(v, bytes) else v for k, v in given.items() if v is not None}
    return f"{reverse(verb.page or 'do', kwargs={} if verb.page else {'name': verb.name})}?{urlencode({**words, 'next': after})}"


def back(request: HttpRequest, default: str = "/") -> str:
    """Where to go when done: only within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or default
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else default


def given_of(request: HttpRequest, verb: Verb) -> dict[str, Any]:
    """What the address already says of the body, typed; what it cannot be is not found."""
    kind = KINDS[verb.kind]
    found: dict[str, Any] = {}
    for field in kind.fields:
        text = request.GET.get(field.name) or request.POST.get(field.name)
        if text is None or text == "":
            continue
        if field.type == "id":
            found[field.name] = id_or_404(text)
        elif field.type in ("int", "instant"):
            try:
                number = int(text[:20])
            except ValueError:
                if field.type == "int":
                    raise Http404 from None
                continue
            if field.type == "int" or 0 <= number < FARTHEST:
                found[field.name] = number
        else:
            found[field.name] = text
    return found


def subject_line(look: Looking, verb: Verb, given: dict[str, Any]) -> dict[str, Any] | None:
    """Whom or what the verb is about, as the viewer may see it; not found when it lies outside their areas."""
    kind = KINDS[verb.kind]
    field = kind.field(verb.about) if verb.about else None
    if field is None or field.name not in given:
        return None
    subject, ref = given[field.name], field.ref
    if ref == "any":
        subject = subject_of(subject)
        ref = type_of(look.facts(), subject)
    if ref == "post":
        chair = look.posts.chair(str(subject), look.about)
        if chair is None or not look.scope.holds(chair.area):
            raise Http404
        return {"text": chair.name_en if look.language == "en" else chair.name, "area": chair.area, "ref": ref, "id": subject}
    if ref not in PLACED:
        return {"text": str(subject) if isinstance(subject, str) else "", "area": None}
    places = segments(look.facts(), ref, subject)
    area = next((h.area for h in places if h.span.holds(look.about)), None)
    if look.scope.codes is not None and area is not None and not look.scope.holds(area):
        raise Http404
    if ref == "person":
        text = look.name(subject)
    elif ref == "area":
        text = look.area(str(subject))
    elif ref == "place":
        text = standing(Place, look.seq).filter(place=subject).values_list("name", flat=True).first() or ""
    else:
        text = subject if isinstance(subject, str) else ""
    return {"text": text, "area": area, "ref": ref, "id": subject}


@page("do", "do/<slug:name>", "办理", "Do", desk="kit", sample="verb")
def do_page(request: HttpRequest, look: Looking, name: str) -> HttpResponse:
    """The form of a verb; doing it; or every reason why it was refused, with what was typed still there."""
    verb = VERBS.get(name)
    if verb is None or verb.page or not look.viewer.may(name) or not look.moment.live:
        raise Http404
    given = given_of(request, verb)
    about = subject_line(look, verb, given)
    incident = current(request, look)
    fixed = {k: v for k, v in given.items() if k not in verb.fields}
    form = FactForm(
        KINDS[verb.kind], verb.fields, {**given}, look.language, look.zone, timed=verb.timed, now=look.about,
        data=request.POST if request.method == "POST" else None,
    )  # fmt: skip
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        values = {**form.values(), **fixed}
        if KINDS[verb.kind].field("incident") is not None and KINDS[verb.kind].scope == "incident" and incident:
            values["incident"] = incident.id
        try:
            do(
                verb, look, values, at=form.at(), incident=incident.id if incident else None,
                id_=id_or_404(request.POST["fact_id"]) if request.POST.get("fact_id") else None,
            )  # fmt: skip
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(verb.word)})
            return redirect(back(request))
    context = {
        "title": look.say(verb.word), "verb": verb, "form": form, "about": about, "problems": problems, "next": back(request),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "incident_now": incident,
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)
