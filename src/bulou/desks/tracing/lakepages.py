"""The page on which bulk visits are asked: by what right first, then candidates, and what the data do not know. Shows no visit."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.time import HOUR
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing import lakeasking
from bulou.desks.tracing.candidates import PER_PAGE
from bulou.desks.tracing.cases import case_or_404
from bulou.desks.tracing.lakekeeping import ASK, EXCLUDED_FOR, NO_BASIS
from bulou.desks.tracing.sheets import seen_of
from bulou.evidence.models import Contact
from bulou.evidence.timeline import standing_facts
from bulou.kit.incidents import current, edition_of, members
from bulou.kit.looking import Looking, moment_now
from bulou.kit.page import page, show
from bulou.kit.verb import Acting, Problem, Refused, Verb, verb
from bulou.lake.store import UNREADABLE
from bulou.protocol.kept import kept
from bulou.questions.exposure import RINGS
from bulou.register.scope import standing

#: Questions of the past that are shown.
SHOWN = 20


def _reasoned(acting: Acting, body: object) -> list[Problem]:
    return [] if (getattr(body, "basis", "") or "").strip() else [NO_BASIS]


ASK_VISITS = verb(Verb(
    ASK, Word("查询停留数据", "ask the visits data"), "tracing", "visits.queried", None, ("basis",), (_reasoned,), timed=False, page="visits-data",
    warning=Word("查询批量停留数据须有依据,每次查询连同查询人都会留痕;查到的人只是候选,由专业人员判定。",
                 "Asking bulk visits needs a legal basis, and every question is recorded with whoever asked; who is found is a candidate, judged by a professional."),
))  # fmt: skip


def _unread() -> str:
    return _("The files of the lake cannot be read: nothing was asked, or not all of it. Tell whoever keeps this centre.")


def _shown(fact: bytes, g: lakeasking.Given, stale: bool, judged: Contact | None, look: Looking) -> dict[str, object]:
    ring = judged.ring if judged and judged.ring and (judged.judged_at or 0) <= look.about else None
    return {
        "fact": fact, "person": g.person, "met": g.met, "why": look.show("words", g.words, g.person), "stale": stale,
        "judged": look.pick(LISTS["ring"], ring),
    }  # fmt: skip


@page("visits-data", "tracing/visits-data", "停留数据", "Bulk visits", desk="tracing", verb=ASK)
def visits_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What of the lake is this incident's, who asked it by what right, and the question: of all cases, or of the one in the address."""
    incident = current(request, look)
    edition = edition_of(look, incident)
    if incident is None or (request.method == "POST" and not look.moment.live):
        raise Http404
    person = case_or_404(request.GET["person"], look)[0] if request.GET.get("person") else None
    problems: list[str] = []
    near, entered = None, 0
    basis = request.POST.get("basis", "")
    if request.method == "POST" and look.moment.live:
        try:
            if edition is None:
                raise Refused([Problem(None, "此事件没有生效的方案", "no edition is in force for this incident")])
            near = lakeasking.ask(look, incident, edition, basis, person)
            entered, problems = lakeasking.enter(look, incident, near)
        except UNREADABLE:
            problems = [_unread()]
        except Refused as refused:
            problems = [p.en if look.language == "en" else p.zh for p in refused.problems]
        else:
            told = ngettext("Recorded and answered: %(n)d new candidate is named. A professional judges next.",
                            "Recorded and answered: %(n)d new candidates are named. A professional judges next.", entered)  # fmt: skip
            messages.success(request, told % {"n": entered})
    if near:
        look = look.at(moment_now(look.about))  # with what was entered just now
    asked = standing_facts("visits.queried", look.seq, look.about).filter(in_incident__in=members(look, incident.id)).order_by("-at", "id")
    named = sorted(lakeasking.given(incident, look).items(), key=lambda g: (-(g[1].since or 0), g[0]))
    seen = seen_of([g.person for _f, g in named], look)
    near_it = {person, *(g.person for _f, g in named if g.met == person)}  # behind a contact of the case too
    mine = [(f, g) for f, g in named if g.person in seen and (person is None or g.met in near_it)]
    part = Paginator(mine, PER_PAGE).get_page(request.GET.get("page", 1))
    look.learn_names([x for _f, g in part for x in (g.person, g.met)] + ([person] if person else []))
    judged = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=[g.person for _f, g in part])}
    stale = {s.fact for s in near.stale} if near else set()
    try:
        loads = lakeasking.loads_of(incident, look)
    except UNREADABLE:
        loads, problems = [], [_unread()]
    window = kept(edition)
    context = {
        "title": _("Bulk visits"), "person": person, "edition": edition, "near": near, "entered": entered, "problems": problems, "basis": basis,
        "loads": [(each, look.pick(LISTS["proof"], each.source), look.time(each.at)) for each in loads], "kept": window, "paged": part,
        "rows": [_shown(f, g, f in stale, judged.get(g.person), look) for f, g in part], "many": len(mine), "may": look.moment.live,
        "asked": [(row, look.time(row.at)) for row in asked[:SHOWN]], "hours": EXCLUDED_FOR // HOUR, "status": look.pick(LISTS["status"], window.status),
        "sums": [(look.pick(LISTS["ring"], ring), n) for ring in RINGS if near and (n := sum(c.ring == ring for c in near.answer.found))],
    }  # fmt: skip
    return show(request, "tracing/visits_data.html", context, status=422 if request.method == "POST" and problems and near is None else 200)
