"""Support for candidate sources, reckoned from days, links and sequences by `assessment.chains`. Names nobody: below a half nothing is drawn, and where
its starts disagree nothing is told. Nothing is kept: the answer stands on the page that asked."""

import csv
import io
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from bulou.assessment.chains import DRAWN, SHOWN, Model, Reconstruction, reconstruct
from bulou.assessment.refusing import Refused
from bulou.assessment.reproduction import discrete_serial_interval
from bulou.basis.words import Word
from bulou.desks.tracing.chain import node
from bulou.desks.tracing.chained import Chain, Member, read
from bulou.desks.tracing.sequences import FAR
from bulou.kit.centre import drill
from bulou.kit.files import safe
from bulou.kit.form import dress
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.page import page, show

#: Cases of which a page waits for an answer (some seconds); more go to the command line.
MOST = 60
#: Mean and standard deviation in days, offered to begin with. They are assumptions until the incident's own pairs say otherwise.
GENERATION, INCUBATION = (5.0, 2.0), (6.0, 3.0)
_SUPPORT = Word("有支持度", "supported")


class Asked(NamedTuple):
    """What is handed to the reckoning: cases with a day, whom something joins, how far apart sequences are (-1: not known)."""

    cases: list[Member]
    #: Infections without any day, who cannot be placed.
    dayless: int
    days: list[int]
    contacts: list[tuple[int, int]]
    snp: Any


class Row(NamedTuple):
    """A case with its possible sources: label (None: not among these cases) and support; ``resolved``: one of them reaches a half."""

    member: Member
    sources: list[tuple[str | None, float]]
    resolved: bool


def asked(whole: Chain) -> Asked:
    """The chain as the reckoning takes it: infections alone, by day of onset or else of the first positive sign."""
    known = [m for m in whole.members.values() if m.infected and m.node.day]
    at = {m.person: n for n, m in enumerate(known)}
    contacts = [(at[k.source], at[k.case]) for k in whole.links if k.source in at and k.case in at and set(k.ways) - {"sequence"}]
    days = [date.fromisoformat(m.node.day).toordinal() for m in known if m.node.day]
    read_ = {p for pair in whole.apart for p in pair if p in at}
    snp = None
    if read_:
        snp = np.full((len(known), len(known)), -1, np.int64)
        for a in read_:
            for b in read_:
                # a pair of which no distance was kept is further apart than all that were
                snp[at[a], at[b]] = 0 if a == b else whole.apart.get(frozenset((a, b)), FAR + 1)
    return Asked(known, sum(m.infected for m in whole.members.values()) - len(known), days, contacts, snp)


def reckon(of: Asked, generation: tuple[float, float], incubation: tuple[float, float], sites: int) -> Reconstruction:
    """Support of each link. Refused (of `assessment`) where starts disagree or the input carries no answer."""
    first = min(of.days)
    w, f = discrete_serial_interval(*generation), discrete_serial_interval(*incubation)
    return reconstruct(
        [d - first for d in of.days], (w / w.sum()).tolist(), (f / f.sum()).tolist(), of.contacts or None, of.snp, model=Model(sites=sites)
    )


def rows(of: Asked, found: Reconstruction) -> list[Row]:
    """For each case whoever has support of a tenth and the source that is not among the cases, which always has its line; the most first."""
    made = []
    for i, member in enumerate(of.cases):
        some = [
            (None if j == len(of.cases) else of.cases[j].label, float(s))
            for j, s in enumerate(found.support[i])
            if s >= SHOWN or j == len(of.cases)
        ]
        some.sort(key=lambda pair: -pair[1])
        made.append(Row(member, some, some[0][1] > DRAWN))
    return sorted(made, key=lambda r: r.resolved)


class _Form(forms.Form):
    """The assumptions, in days, each to be changed."""

    generation_mean = forms.FloatField(min_value=1.1, max_value=60)
    generation_sd = forms.FloatField(min_value=0.1, max_value=60)
    incubation_mean = forms.FloatField(min_value=1.1, max_value=60)
    incubation_sd = forms.FloatField(min_value=0.1, max_value=60)
    sites = forms.IntegerField(min_value=100, max_value=1_000_000)

    def __init__(self, data: Any) -> None:
        usual = {"generation_mean": GENERATION[0], "generation_sd": GENERATION[1], "incubation_mean": INCUBATION[0], "incubation_sd": INCUBATION[1],
                 "sites": 29903}  # fmt: skip
        super().__init__(data, initial=usual)
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
    """Asks how much the days, links and sequences support each candidate source. Above so many cases it says how to ask on the command line."""
    incident = current(request, look)
    if incident is None:
        raise Http404
    whole = read(incident, look)
    of = asked(whole)
    form = _Form(request.POST if request.method == "POST" else None)
    refused, found = "", None
    many = len(of.cases)
    if request.method == "POST" and form.is_valid() and 2 <= many <= MOST:
        said = form.cleaned_data
        try:
            found = reckon(
                of, (said["generation_mean"], said["generation_sd"]), (said["incubation_mean"], said["incubation_sd"]), said["sites"]
            )
        except Refused as why:
            refused = look.say(why.word)
    told = rows(of, found) if found is not None else []
    context = {
        "title": look.say(Word("来源支持度", "Support for sources")), "form": form, "refused": refused, "found": found, "many": many, "most": MOST,
        "dayless": of.dayless, "rows": [_shown(r) for r in told], "open": sum(not r.resolved for r in told), "contacts": len(of.contacts),
        "sequences": 0 if of.snp is None else int((of.snp.diagonal() == 0).sum()), "rev": look.seq, "picture": _picture(whole, of, found, look) if found else None,
    }  # fmt: skip
    return show(request, "tracing/support.html", context, status=422 if refused or form.errors else 200)


def _shown(row: Row) -> dict[str, Any]:
    return {
        "label": row.member.label, "resolved": row.resolved,
        "sources": [{"label": label, "support": f"{support:.2f}", "drawn": support > DRAWN} for label, support in row.sources],
    }  # fmt: skip


def _picture(whole: Chain, of: Asked, found: Reconstruction, look: Looking) -> dict[str, Any]:
    """Arrows of more than half support alone; everyone else has a question mark."""
    arrows = [[j, i, "support", 0, 0] for i, (j, s) in enumerate(found.best()) if j is not None and s > DRAWN]
    to = {i for _, i, *_rest in arrows}
    nodes = [{**node(whole, m, look), "unknown": i not in to, "cluster": 1} for i, m in enumerate(of.cases)]
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
