"""The page of what is asked of a comparison: bridges from one figure to another, causes that someone says, counts as others count.

What is asked is kept with the comparison and worked out beside the answer, by the worker.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.desks.compare import asked, kept, lasting
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.asked import Asks, Between, Cause
from bulou.desks.compare.found import answer_of, found_or_404
from bulou.desks.compare.told import asked_told
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.lists.bridge import TERMS
from bulou.lists.comparing import LETTERS
from bulou.lists.sameness import moment


@page(
    "bench-asked", "compare/<str:comparison>/asked", "衔接与别人的口径", "Bridges and others' counts", desk="compare", sample="comparison"
)
def bench_asked(request: HttpRequest, look: Looking, comparison: str) -> HttpResponse:
    """Bridges between any two lists, opened to names, with causes said by hand; each list counted as others count, ours − theirs."""
    found = found_or_404(look, comparison)
    answer, problem = answer_of(found), ""
    asks = asked.read(found.asks)
    if request.method == "POST":
        if not kept.mine(look, found):
            raise Http404
        wanted, problem = _said(request, look, asks, answer)
        if wanted is not None:
            kept.ask(found, wanted.as_data())
            messages.success(request, _("Asked; it is being worked out."))
            return redirect("bench-one", comparison=comparison)
    context = {
        "title": look.say(Word("衔接与别人的口径", "Bridges and others' counts")), "c": found, "own": kept.mine(look, found), "problem": problem,
        "keys": [{"letter": LETTERS[i], "name": x["name"], "rows": x["rows"]} for i, x in enumerate(answer.said["lists"])],
        "causes": [(c, look.say(TERMS[c][1]), "+" if TERMS[c][0] > 0 else "−") for c in asked.CAUSES],
        "asked": _bridges(answer, asks, look), "known": _known(asks, look), "asks": asks, **asked_told(answer, look),
    }  # fmt: skip
    return show(request, "compare/asked.html", context, status=422 if problem else 200)


def _bridges(answer: Answer, asks: Asks, look: Looking) -> list[dict[str, Any]]:
    """Each bridge asked for with its number, and what was said of it by hand."""
    return [
        {"n": n, "a": LETTERS[b.a], "b": LETTERS[b.b], "since": b.since, "before": b.before, "after": b.after, "kept": b in asks.bridges,
         "causes": [{"n": i, "word": look.say(TERMS[c.code][1]), "sign": "+" if TERMS[c.code][0] > 0 else "−", **c._asdict()}
                    for i, c in enumerate(b.causes)]}
        for n, b in enumerate(asked.of_two(asks, len(answer.said["lists"])))
    ]  # fmt: skip


def _known(asks: Asks, look: Looking) -> list[dict[str, Any]]:
    """The definitions that the centre keeps, and which of them are asked for."""
    return [
        {"code": d.code, "name": d.en if look.language == "en" else d.zh, "on": d.code in asks.definitions} for d in lasting.definitions()
    ]


def _said(request: HttpRequest, look: Looking, asks: Asks, answer: Answer) -> tuple[Asks | None, str]:
    """What is asked now, or what is wrong with the form."""
    lists = len(answer.said["lists"])
    # Of two lists there is a bridge that nobody asked for: whoever says something of it asks for it.
    bridges = list(asked.of_two(asks, lists))
    match request.POST.get("act"):
        case "bridge":
            made, problem = _between(request, lists)
            if made is None:
                return None, problem
            bridges = [b for b in bridges if (b.a, b.b) != (made.a, made.b)]
            if len(bridges) >= asked.MOST_BRIDGES:
                return None, _("No more than %(n)d bridges: take one away first.") % {"n": asked.MOST_BRIDGES}
            return asks._replace(bridges=(*bridges, made)), ""
        case "unbridge":
            n = _index(request, "bridge", bridges)
            return asks._replace(bridges=tuple(b for i, b in enumerate(bridges) if i != n)), ""
        case "cause":
            n = _index(request, "bridge", bridges)
            cause, problem = _cause(request, look)
            if cause is None:
                return None, problem
            if len(bridges[n].causes) >= asked.MOST_CAUSES:
                return None, _("No more than %(n)d causes of one bridge: take one back first.") % {"n": asked.MOST_CAUSES}
            bridges[n] = bridges[n]._replace(causes=(*bridges[n].causes, cause))
            return asks._replace(bridges=tuple(bridges)), ""
        case "uncause":
            n = _index(request, "bridge", bridges)
            gone = _index(request, "cause", bridges[n].causes)
            bridges[n] = bridges[n]._replace(causes=tuple(c for i, c in enumerate(bridges[n].causes) if i != gone))
            return asks._replace(bridges=tuple(bridges)), ""
        case "definitions":
            return _definitions(request, asks)
        case _:
            raise Http404


def _index(request: HttpRequest, name: str, of: Any) -> int:
    text = request.POST.get(name, "")
    if not text.isdigit() or int(text) >= len(of):
        raise Http404
    return int(text)


def _whole(text: str) -> int | None:
    text = text.strip().replace(",", "").replace("\uff0c", "")
    return int(text) if text.isdigit() and len(text) < 10 else None


def _between(request: HttpRequest, lists: int) -> tuple[Between | None, str]:
    a, b = (LETTERS[:lists].find(request.POST.get(x, "") or "?") for x in ("from", "to"))
    if a < 0 or b < 0:
        raise Http404
    if a == b:
        return None, _("A bridge leads from one list to another: choose two.")
    since = request.POST.get("since", "").replace("T", " ").strip()
    day, time = moment(since) if since else ("", "")
    if since and (not day or day.startswith("-")):
        return None, _("The cut-off is not a time: write it as 2022-08-10 20:00.")
    figures = []
    for name in ("before", "after"):
        text = request.POST.get(name, "").strip()
        if text and _whole(text) is None:
            return None, _("A published figure is a whole number, such as 1,402.")
        figures.append(_whole(text) if text else None)
    return Between(a, b, f"{day} {time}".strip(), figures[0], figures[1]), ""


def _cause(request: HttpRequest, look: Looking) -> tuple[Cause | None, str]:
    code, number = request.POST.get("code", ""), _whole(request.POST.get("number", ""))
    if code not in asked.CAUSES:
        raise Http404
    if not number:
        return None, _("Say how many it explains: a whole number from 1.")
    why = request.POST.get("why", "").strip()[:200]
    if not why:
        return None, _("Say who told it and how: that stands beside the figure.")
    return Cause(code, number, why, look.viewer.account), ""


def _definitions(request: HttpRequest, asks: Asks) -> tuple[Asks | None, str]:
    there = {d.code for d in lasting.definitions()}
    wanted = tuple(c for c in request.POST.getlist("definitions") if c in there)
    if len(wanted) > asked.MOST_DEFINITIONS:
        return None, _("No more than %(n)d definitions at once.") % {"n": asked.MOST_DEFINITIONS}
    ours = request.POST.get("ours", "")
    if ours and ours not in there:
        raise Http404
    said = request.POST.get("day", "").strip()
    day = moment(said)[0] if said else ""
    if said and (not day or day.startswith("-")):
        return None, _("The day is none: write it as 2022-08-10.")
    return asks._replace(definitions=wanted, ours=ours, day=day), ""
