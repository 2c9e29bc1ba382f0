"""Support for candidate sources: asked for here, reckoned beside the worker (``supported``), shown by labels. Names nobody: below a half nothing is drawn.

An answer belongs to the entry and the hour as of which it was asked. It is shown to whoever opens the chain, and of it what lies in their areas.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.desks.tracing.chain import SUPPORT, node
from bulou.desks.tracing.chained import Chain, Member, read
from bulou.kit import reckonings
from bulou.kit.centre import centre, drill
from bulou.kit.files import safe
from bulou.kit.form import dress
from bulou.kit.incidents import Named, current, members
from bulou.kit.looking import Looking
from bulou.kit.models import Reckoning
from bulou.kit.page import page, show

#: Cases that are reckoned here at most; more go to the command line.
MOST = 500
#: Mean and standard deviation in days, offered to begin with. They are assumptions until the incident's own pairs say otherwise.
GENERATION, INCUBATION = (5.0, 2.0), (6.0, 3.0)
_SUPPORT = Word("有支持度", "supported")
STATES = {
    "waiting": Word("等待推算", "waiting to be reckoned"), "running": Word("推算中", "being reckoned"), "done": Word("已推算", "reckoned"),
    "refused": Word("无法分辨", "Not resolvable"), "failed": Word("未能算完", "it broke off"), "cancelled": Word("已取消", "cancelled"),
}  # fmt: skip


class Asked(NamedTuple):
    """What is handed to the reckoning: cases with a day, whom something joins, whose sequences were read, how far apart two of them are."""

    cases: list[Member]
    #: Infections without any day, who cannot be placed.
    dayless: int
    days: list[int]
    contacts: list[tuple[int, int]]
    read: list[int]
    apart: dict[tuple[int, int], int]


class Given(NamedTuple):
    """The assumptions: mean and standard deviation in days of a generation and of the time to the first sign; sites of a sequence."""

    generation: tuple[float, float]
    incubation: tuple[float, float]
    sites: int


class Source(NamedTuple):
    """A possible source: its label, None where it is not among the cases, empty where it lies outside the viewer's areas; its support."""

    label: str | None
    support: float


class Row(NamedTuple):
    """A case with its possible sources; ``resolved``: one of them reaches more than a half."""

    member: Member
    sources: list[Source]
    resolved: bool


class Told(NamedTuple):
    """An answer as one viewer sees it: of which chain, whom of it they see, arrows of more than half support, cases that lie elsewhere."""

    chain: Chain
    rows: list[Row]
    arrows: list[tuple[bytes, bytes]]
    elsewhere: int


def asked(whole: Chain) -> Asked:
    """The chain as the reckoning takes it: infections alone, by day of onset or else of the first positive sign."""
    known = [m for m in whole.members.values() if m.infected and m.node.day]
    at = {m.person: n for n, m in enumerate(known)}
    contacts = [(at[k.source], at[k.case]) for k in whole.links if k.source in at and k.case in at and set(k.ways) - {"sequence"}]
    days = [date.fromisoformat(m.node.day).toordinal() for m in known if m.node.day]
    apart = {}
    for pair, differ in whole.apart.items():
        a, b = sorted(pair)
        if a in at and b in at:
            apart[at[a], at[b]] = differ
    return Asked(
        known, sum(m.infected for m in whole.members.values()) - len(known), days, contacts, sorted({i for pair in apart for i in pair}), apart
    )  # fmt: skip


def given_of(said: Mapping[str, Any]) -> Given:
    """The assumptions as a form or a reckoning holds them."""
    return Given(
        (said["generation_mean"], said["generation_sd"]), (said["incubation_mean"], said["incubation_sd"]), int(said["sites"])
    )  # fmt: skip


def told(one: Reckoning, incident: Named, look: Looking) -> Told:
    """What an answer says of the cases that the viewer sees, those that are not resolvable first."""
    answer = one.answer
    whole = read(incident, look.at(reckonings.then(one)))  # rights of now, data of then
    ids = [bytes.fromhex(c) for c in answer["cases"]]
    rows, arrows = [], []
    for person, sources in zip(ids, answer["sources"], strict=True):
        member = whole.members.get(person)
        if member is None:
            continue
        said = []
        for at, support, _generations in sources:
            other = None if at is None else whole.members.get(ids[at])
            said.append(Source(None if at is None else other.label if other else "", support))
            if other is not None and support > answer["drawn"]:
                arrows.append((other.person, person))
        rows.append(Row(member, said, said[0].support > answer["drawn"]))
    return Told(whole, sorted(rows, key=lambda r: r.resolved), arrows, len(ids) - len(rows))


class _Form(forms.Form):
    """The assumptions, in days, each to be changed."""

    generation_mean = forms.FloatField(min_value=1.1, max_value=60)
    generation_sd = forms.FloatField(min_value=0.1, max_value=60)
    incubation_mean = forms.FloatField(min_value=1.1, max_value=60)
    incubation_sd = forms.FloatField(min_value=0.1, max_value=60)
    sites = forms.IntegerField(min_value=100, max_value=1_000_000)

    def __init__(self, data: Any, before: Mapping[str, Any]) -> None:
        usual = {"generation_mean": GENERATION[0], "generation_sd": GENERATION[1], "incubation_mean": INCUBATION[0], "incubation_sd": INCUBATION[1],
                 "sites": 29903}  # fmt: skip
        super().__init__(data, initial={**usual, **before})
        words = {
            "generation_mean": _("Generation time, mean (days)"), "generation_sd": _("Generation time, standard deviation (days)"),
            "incubation_mean": _("Infection to onset or first sign, mean (days)"), "incubation_sd": _("Infection to onset or first sign, standard deviation (days)"),
            "sites": _("Sites of a sequence"),
        }  # fmt: skip
        for name, word in words.items():
            self.fields[name].label = word
        dress(self)


@page("chain-support", "tracing/chain/support", "来源支持度", "Support for sources", desk="tracing", sample="")
def support_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Has it reckoned how much the days, links and sequences support each candidate source; how far that is; the answer of the latest entry."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    of = asked(read(incident, look))
    incidents, many = members(look, incident.id), len(of.cases)
    asking = reckonings.own(SUPPORT, incidents, look)
    working = asking is not None and asking.state in reckonings.OPEN
    posted = request.method == "POST"
    if posted and request.POST.get("act") == "cancel":
        if asking is None:
            raise Http404
        reckonings.cancel(asking)
        return redirect("chain-support")
    form = _Form(request.POST if posted else None, asking.given if asking else {})
    if posted and form.is_valid() and 2 <= many <= MOST and look.moment.live:
        reckonings.begin(SUPPORT, incident.id, look, form.cleaned_data, centre().clock.now())
        return redirect("chain-support")
    one = reckonings.latest(SUPPORT, incidents, look)
    found = told(one, incident, look) if one is not None else None
    context = {
        "title": look.say(Word("来源支持度", "Support for sources")), "form": form, "many": many, "most": MOST, "dayless": of.dayless,
        "contacts": len(of.contacts), "sequences": len(of.read), "rev": look.seq, "live": look.moment.live, "working": working, "asking": asking,
        "state": look.say(STATES[asking.state]) if asking else "", "ahead": reckonings.ahead(asking) if asking and working else 0, **_far(asking, look),
        "refused": asking.answer.get(look.language, "") if asking and asking.state == "refused" else "",
        "one": one, "found": found, "given": given_of(one.given) if one else None, "since": many - len(one.answer["cases"]) if one else 0,
        "rows": [_shown(r, one.answer["drawn"]) for r in found.rows] if found and one else [],
        "open": sum(not r.resolved for r in found.rows) if found else 0, "picture": _picture(found, look) if found else None,
    }  # fmt: skip
    return show(request, "tracing/support.html", context, status=422 if form.errors else 200)


def _far(asking: Reckoning | None, look: Looking) -> dict[str, Any]:
    """How far a reckoning is: the share of an attempt, and that it had to begin again because starts disagreed."""
    far = asking.told if asking is not None and asking.state == "running" else {}
    attempt = int(far.get("attempt", 0))
    again = (
        Word(f"各起点不一致,第{attempt + 1}次(加长一倍)", f"starts disagreed: attempt {attempt + 1}, twice as long") if attempt else None
    )
    return {"percent": int(100 * far.get("share", 0)), "again": look.say(again) if again else ""}


def _shown(row: Row, drawn: float) -> dict[str, Any]:
    return {
        "label": row.member.label, "resolved": row.resolved,
        "sources": [{"label": s.label, "support": f"{s.support:.2f}", "drawn": s.support > drawn} for s in row.sources],
    }  # fmt: skip


def _picture(of: Told, look: Looking) -> dict[str, Any]:
    """Arrows of more than half support alone; everyone else has a question mark."""
    cases = sorted((r.member for r in of.rows), key=lambda m: (m.node.day or "", m.label))
    at = {m.person: n for n, m in enumerate(cases)}
    arrows = [[at[a], at[b], "support", 0, 0] for a, b in of.arrows if a in at and b in at]
    to = {i for _, i, *_rest in arrows}
    nodes = [{**node(of.chain, m, look), "unknown": i not in to, "cluster": 1} for i, m in enumerate(cases)]
    return {"by": "day", "nodes": nodes, "links": arrows, "ways": {"support": look.say(_SUPPORT)}}


@page(
    "chain-support-file",
    "tracing/chain/support/<slug:what>",
    "支持度的输入",
    "What the reckoning takes",
    desk="tracing",
    sample="reckoning",
    part=True,
)
def support_file(request: HttpRequest, look: Looking, what: str) -> HttpResponse:
    """The cases and their contacts by labels, as ``bulou assess chains`` takes them. No name."""
    incident = current(request, look)
    if incident is None or what not in ("cases", "contacts"):
        raise Http404
    of = asked(read(incident, look))
    out = io.StringIO()
    writer = csv.writer(out)
    if what == "cases":
        writer.writerow(["id", "day"])
        writer.writerows([safe(m.label), day] for m, day in zip(of.cases, of.days, strict=True))
    else:
        writer.writerow(["a", "b"])
        writer.writerows([safe(of.cases[a].label), safe(of.cases[b].label)] for a, b in of.contacts)
    response = HttpResponse(out.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{"EXERCISE_" if drill() else ""}chain_{what}.csv"'
    return response
