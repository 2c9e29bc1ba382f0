"""Pages of command: the board, a figure opened, a duty with its why, a zone, drawing one, and published figures reconciled."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.facts import ZoneExtended
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import FOREVER, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.command import board as parts
from bulou.desks.command import letterfigures as _letterfigures
from bulou.desks.command import reporting as _reporting
from bulou.desks.command import soughtfigures as _soughtfigures
from bulou.desks.command import tracedfigures as _tracedfigures
from bulou.desks.command.figures import FIGURES, HEADINGS, Board, Figure, bridge, days, how_many
from bulou.desks.command.figures import Line as Step
from bulou.desks.command.published import agreements, disagreements
from bulou.desks.command.verbs import DRAW_ZONE, EXCUSE, LIFT_ZONE, SET_CUT_OFF
from bulou.duties.models import Duty
from bulou.duties.reckoning import openers
from bulou.evidence.models import Zone, ZoneArea
from bulou.evidence.timeline import about_subjects, sources
from bulou.gaps.coverage import keys_of
from bulou.gaps.responsibility import ladder_seats
from bulou.kit.answering import shown_seats
from bulou.kit.areas import Drawn, area_href, outlines, svg
from bulou.kit.completeness import said
from bulou.kit.copying import copied
from bulou.kit.doing import back, link
from bulou.kit.duties import may_open, shown
from bulou.kit.exports import masked
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.handed import reached
from bulou.kit.incidents import Named, current
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import unit_options
from bulou.kit.telling import line, told
from bulou.kit.verb import VERBS, Acting, Refused, Verb, do
from bulou.lists.message import MOST_LINES, Line
from bulou.protocol.explain import explain
from bulou.register.models import Household, Stay
from bulou.register.scope import standing

assert _reporting  # declares its sheet
assert _letterfigures and _soughtfigures and _tracedfigures  # declare their figures

#: How many names a figure's page lists at once.
PER_PAGE = 100


def _board(request: HttpRequest, look: Looking) -> tuple[Named | None, Board | None]:
    incident = current(request, look)
    return incident, Board.of(look, incident.id) if incident else None


def _shown_figure(declared: Figure, board: Board) -> dict[str, Any]:
    value = declared.value(board)
    of = how_many(declared.of, board) if declared.of else None
    return {
        "figure": declared, "value": value, "of": of, "tone": "danger" if declared.alarming and value else "",
        "parts": [(word, n) for word, n in (declared.parts(board) if declared.parts else []) if n],
        "href": reverse("figure", kwargs={"name": declared.name}),
    }  # fmt: skip


def board_context(look: Looking, incident: Named, board: Board) -> dict[str, Any]:
    """Everything that the board shows, under its four headings."""
    shown_ = {name: _shown_figure(declared, board) for name, declared in FIGURES.items()}
    headings = [(HEADINGS[h], [s for s in shown_.values() if s["figure"].heading == h]) for h in HEADINGS]
    silent = {s for s in FIGURES["silent_units"].keys(board) if isinstance(s, str)}
    return {
        "headings": headings, "incident": incident, "clock": parts.clock(board, incident), "curve": parts.curve(board, incident),
        "map": parts.map_(board, silent), "by_area": parts.gaps_by_area(board)[:12], "by_unit": parts.gaps_by_unit(board)[:12],
        "silent": [look.areas.name(code, look.language) for code in sorted(silent)], "rev": look.seq,
        "complete": said(look),
    }  # fmt: skip


@page("board", "board", "态势", "Board", desk="command", nav=1, icon="map-pin", shortcut="g b", sample="")
def board_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """The board of an incident under four headings; a fragment of itself when the ledger has grown."""
    incident, board = _board(request, look)
    if incident is None or board is None:
        return show(request, "command/no_incident.html", {"title": look.say(Word("态势", "Board"))})
    context = board_context(look, incident, board)
    context["title"] = incident.name_en if look.language == "en" else incident.name
    part = getattr(request, "htmx", False) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    return show(request, "command/board_part.html" if part else "command/board.html", context)


def _opened(request: HttpRequest, look: Looking, name: str) -> tuple[Figure, Named, Board, list[Step], Step]:
    """A figure with its bridge from yesterday and the step of it that is asked for; not found where there is none."""
    declared = FIGURES.get(name)
    incident, board = _board(request, look)
    if declared is None or incident is None or board is None:
        raise Http404
    lines = bridge(declared, board)
    return declared, incident, board, lines, next((step for step in lines if step.code == request.GET.get("step", "now")), lines[-1])


@page("figure", "board/<slug:name>", "数字明细", "A figure", desk="command", sample="figure")
def figure_page(request: HttpRequest, look: Looking, name: str) -> HttpResponse:
    """A figure opened: its names, definition, cut-off, unit, parts, and the bridge from yesterday."""
    declared, incident, board, lines, wanted = _opened(request, look, name)
    number = max(1, int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1)
    some = wanted.names[(number - 1) * PER_PAGE : number * PER_PAGE]
    pages = max(1, -(-len(wanted.names) // PER_PAGE))
    context = {
        "title": look.say(declared.word), "figure": declared, "incident": incident, "lines": lines, "wanted": wanted,
        "value": lines[-1].value, "names": _names(declared.subject, some, look), "number": number, "pages": pages,
        "parts": declared.parts(board) if declared.parts else [], **_day(board, request.get_full_path()), "name": name,
        # Beside every figure that says how much of the register was reached.
        "complete": said(look) if declared.covers else None,
    }  # fmt: skip
    return show(request, "command/figure.html", context)


def _day(board: Board, here: str) -> dict[str, Any]:
    """The day that a figure is of, from when until when it runs, and where its closing hour is set."""
    cut = days(board)
    day = cut.of_report(board.look.about)
    return {
        "day": day, "day_from": cut.begin(day), "day_until": cut.close(day), "yesterday": cut.begin(day),
        "set_cut_off": link(SET_CUT_OFF, board.look, {}, here),
    }  # fmt: skip


@page("figure-message", "board/<slug:name>/message", "数字复制为消息", "A figure as a message", desk="command", sample="figure")
def figure_message(request: HttpRequest, look: Looking, name: str) -> HttpResponse:
    """A figure with its unit, both hours and the first of those behind it, masked, as a text for a chat group."""
    declared, incident, _whole, lines, wanted = _opened(request, look, name)
    called = incident.name_en if look.language == "en" else incident.name
    title = f"{called} · {look.say(declared.word)}" + ("" if wanted is lines[-1] else f" · {look.say(wanted.word)}")
    return copied(
        request, look, title=title, count=len(wanted.names), unit=look.pick(LISTS["unit"], declared.meaning.unit),
        lines=[Line(n["text"], None, look.areas.path(n["area"], look.language) if n["area"] else None)
               for n in _names(declared.subject, tuple(wanted.names[:MOST_LINES]), masked(look))],
        source=_("board of Bulou"), back=f"{reverse('figure', kwargs={'name': name})}?step={wanted.code}", masked_already=True,
    )  # fmt: skip


def _names(subject: str, some: tuple[Any, ...], look: Looking) -> list[dict[str, Any]]:
    """Whom or what a figure counts, as links, in a fixed number of statements."""
    if subject == "person":
        ids = [bytes(s) for s in some]
        look.learn_names(ids)
        areas = dict(
            standing(Stay, look.seq)
            .filter(person__in=ids, here_from__lte=look.about, here_until__gt=look.about)
            .values_list("person", "area")
        )
        return [
            {
                "text": look.name(p),
                "area": areas.get(p),
                "href": reverse("person", kwargs={"person": to_text(p)}) if look.viewer.sees("people") else None,
            }
            for p in ids
        ]
    if subject == "household":
        homes = {bytes(h.household): h for h in standing(Household, look.seq).filter(household__in=[bytes(s) for s in some])}
        return [
            {
                "text": look.show("address", homes[h].address, h) if h in homes else "",
                "area": homes[h].area if h in homes else None,
                "href": None,
            }
            for h in map(bytes, some)
        ]
    if subject == "zone":
        zones = {bytes(z.zone): z for z in standing(Zone, look.seq).filter(zone__in=[bytes(s) for s in some])}
        return [
            {
                "text": zones[z].name_en if look.language == "en" else zones[z].name,
                "area": None,
                "href": reverse("zone", kwargs={"zone": to_text(z)}),
            }
            for z in map(bytes, some)
            if z in zones
        ]
    if subject == "area":
        return [{"text": look.area(str(s)), "area": None, "href": f"{reverse('sheet-duties')}?area={s}"} for s in some]
    return [
        {"text": str(s), "area": None, "href": reverse("tube", kwargs={"tube": str(s)}) if look.viewer.sees("testing") else None}
        for s in some
    ]


@page("duty", "duties/<int:number>", "应办事项", "A duty", desk="shell", sample="duty")
def duty_page(request: HttpRequest, look: Looking, number: int) -> HttpResponse:
    """A duty with its why: the rule as a sentence with source and status, the facts that opened it, the arithmetic of its
    hour, who answers, what would discharge it, and how this was known before."""
    row = reached(look).filter(id=number).first()
    if row is None or not may_open(row.rule, look):
        raise Http404
    made = shown([row], look, request.get_full_path())
    if not made:
        raise Http404
    one = made[0]
    keyed = keys_of([one.cell])[one.cell]
    facts = look.facts()
    opening = openers(one.rule, keyed.key, facts)
    before, came_from = list(asof_history(row, look)), sources(f.entry for f in opening)
    context = {
        "title": look.say(one.rule.word), "one": one, "sentence": _sentence(one, look), "row": row,
        "opening": [{**line(f, look), "source": came_from.get(f.entry, "")} for f in opening], "history": before, "never": FOREVER,
        "excuse": link(EXCUSE, look, {"subject": _subject_text(one), "rule": one.rule.name}, request.get_full_path()),
        "answer_gap": link(VERBS["answer_gap"], look, {"subject": _subject_text(one), "rule": one.rule.name}, request.get_full_path())
        if one.state in ("overdue", "blocked") else None,
        "closer": _closed_by(row, look), "seats": _ladder(one, look), "at_deadline": _at_deadline(one, look),
    }  # fmt: skip
    return show(request, "command/duty.html", context)


def _ladder(one: Any, look: Looking) -> list[dict[str, Any]]:
    """Who answers at each level above a duty: a unit that is silent has someone at every level who must hear of it."""
    if one.area is None:
        return []
    return shown_seats(ladder_seats(look.posts, look.areas.upward(one.area), Instant(look.about)), look)


def _at_deadline(one: Any, look: Looking) -> str:
    """The unit that answers at the deadline, where that is still to come and another than now: at 02:00 the grid may be asleep."""
    if one.duty.due_at <= look.about or one.state not in ("due", "upcoming", "blocked"):
        return ""
    above = look.areas.upward(one.area) or [look.areas.root or ""]
    found = look.posts.answering(above, one.rule.answers, Instant(one.duty.due_at)).chair
    unit = "" if found is None else found.unit_en if look.language == "en" else found.unit
    return unit if unit != one.unit else ""


def _sentence(one: Any, look: Looking) -> Word:
    told_ = explain(look.protocol.editions[one.rule.edition], one.rule.name)[0]
    return Word(told_.zh, told_.en)


def _subject_text(one: Any) -> str:
    return one.subject.hex() if isinstance(one.subject, bytes) else str(one.subject)


def asof_history(row: Duty, look: Looking) -> Any:
    """Every version of the same duty that had been known by the entry looked at, oldest first."""
    found = Duty.objects.filter(cell=row.cell, subject=row.subject, turn=row.turn, opened_seq__lte=look.seq).order_by("opened_seq", "id")
    return found.filter(look.scope.q())


def _closed_by(row: Duty, look: Looking) -> dict[str, Any] | None:
    if row.closed_by is None or row.closed_seq > look.seq:
        return None
    found = look.facts().raw("fact", "id", bytes(row.closed_by))
    return line(found[0], look) if found else None


# --- zones ------------------------------------------------------------------------------------------------------------
@page("zone", "command/zones/<str:zone>", "风险区", "A zone", desk="command", sample="zone")
def zone_page(request: HttpRequest, look: Looking, zone: str) -> HttpResponse:
    """A zone: who drew it, its safeguards, its areas over time, who is inside, and lifting it."""
    found = standing(Zone, look.seq).filter(zone=id_or_404(zone), drawn_at__lte=look.about).first()
    if found is None:
        raise Http404
    areas = list(standing(ZoneArea, look.seq).filter(zone=found.zone).order_by("here_from", "area"))
    inside = {b for a in areas if a.here_from <= look.about < a.here_until for b in look.areas.subtree(a.area)}
    people = standing(Stay, look.seq).filter(look.scope.q(), area__in=inside, here_from__lte=look.about, here_until__gt=look.about).count()
    homes = standing(Household, look.seq).filter(look.scope.q(), area__in=inside).count()
    stands = found.lifted_at > look.about
    happened = about_subjects(connection, [bytes(found.zone)], look.seq, look.about)
    context = {
        "title": found.name_en if look.language == "en" else found.name, "zone": found, "areas": areas, "people": people, "homes": homes,
        "stands": stands, "lift": link(LIFT_ZONE, look, {"zone": bytes(found.zone)}, request.path) if stands else None,
        "happened": told(happened, look, request.get_full_path()),
        "forever": FOREVER, "complete": said(look), "map": _locator(look, [a.area for a in areas if a.here_from <= look.about < a.here_until]),
    }  # fmt: skip
    return show(request, "command/zone.html", context)


def _locator(look: Looking, areas: list[str]) -> str:
    """Where a zone lies, among the towns of the centre: its areas by their boundaries, or the smallest area around them that has one."""
    root = look.areas.root
    if root is None or not areas:
        return ""
    towns = look.areas.below.get(root, [])
    near = {code: look.areas.upward(code) for code in areas}
    found = outlines(look, list(dict.fromkeys([root, *towns, *(c for code in areas for c in near[code])])))
    drawn = found.picture.shapes
    marked: dict[str, list[str]] = {}
    for code in areas:
        holder = next((c for c in near[code] if c in drawn), None)
        if holder is not None:
            marked.setdefault(holder, []).append(look.areas.name(code, look.language))
    if not marked:
        return ""
    base = [Drawn(c, look.areas.name(c, look.language), "", "silent", None) for c in towns if c not in marked]
    inside = [
        Drawn(c, look.areas.name(c, look.language), ", ".join(names), "zone", area_href(c, look)) for c, names in sorted(marked.items())
    ]
    return svg(found, [*base, *inside], _("Where the zone lies"), root if root not in marked else None)


class _ZoneForm(FactForm):
    """The zone's own fields, and the areas that belong to it."""

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(
            KINDS["zone.drawn"], DRAW_ZONE.fields, {"level": "medium"}, look.language, look.zone, timed=True, now=look.about, data=data
        )
        self.fields["areas"] = forms.MultipleChoiceField(
            label=_("Areas in the zone (the smallest that will do)"), choices=unit_options(look)
        )
        self.fields["areas"].widget.attrs["size"] = 8
        dress(self)


@page("zone-draw", "command/zone/draw", "划定风险区", "Draw a zone", desk="command", nav=4, icon="plus", sample="", verb="draw_zone")
def zone_draw(request: HttpRequest, look: Looking) -> HttpResponse:
    """Drawing a zone: refused without its safeguards; signed by the post of whoever draws it."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    form = _ZoneForm(look, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    if request.method == "POST" and look.moment.live and form.is_valid():
        at, zone = form.cleaned_data["at"], id_or_404(request.POST.get("fact_id", ""))
        values = {**form.values(), "zone": zone}
        try:
            receipt = do(drawing(form.cleaned_data["areas"], zone), look, values, at=at, incident=incident.id, id_=zone)
        except Refused as refused:
            problems = reasons(refused.problems, look, form)
        else:
            messages.success(request, _("The zone stands. %(n)d duties follow from it.") % {"n": receipt.opened})
            return redirect("zone", zone=to_text(zone))
    context = {
        "title": look.say(DRAW_ZONE.word), "form": form, "problems": problems, "next": back(request, reverse("sheet-zones")), "verb": DRAW_ZONE,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)), "incident_now": incident,
    }  # fmt: skip
    return show(request, "kit/do.html", context, status=422 if request.method == "POST" else 200)


def drawing(areas: list[str], zone: bytes) -> Verb:
    """The verb of drawing, with the facts that put these areas into the zone in the same entry."""

    def more(acting: Acting, fact: Fact) -> Iterator[Fact]:
        for area in areas:
            yield Fact(new_id(fact.at), "zone.extended", fact.at, fact.incident, ZoneExtended(zone, area))

    return replace(DRAW_ZONE, more=more)


@page(
    "agreements",
    "command/published/agreements",
    "公开数字核对",
    "Published figures, reconciled",
    desk="command",
    nav=7,
    icon="check",
    sample="",
)
def agreements_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What others published, held against itself: sums that close, and holes that nobody explained."""
    return show(
        request,
        "command/agreements.html",
        {
            "title": look.say(Word("公开数字核对", "Published figures, reconciled")),
            "checks": agreements(look),
            "rivals": disagreements(look),
        },
    )
