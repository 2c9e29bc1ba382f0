"""The review: what only a person can decide, both records side by side, one by one or a group of one reason at once. Decides nothing by itself."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.ids import to_text
from bulou.basis.words import TIE, Word
from bulou.desks.compare import deciding, kept
from bulou.desks.compare.answer import PER_PAGE, Answer, Lines
from bulou.desks.compare.deciding import ANSWERS, TOGETHER, Point
from bulou.desks.compare.found import answer_of, found_or_404, keys_of_lists, page_number, paging
from bulou.desks.compare.joining import Registered
from bulou.desks.compare.models import Comparison, ReviewDecision
from bulou.desks.compare.settling import post_words
from bulou.desks.compare.showing import Shown, review_line
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.lists.comparing import SPOILED

_WHYS = {**TIE, "spoiled": SPOILED}


def _may(look: Looking, found: Comparison) -> bool:
    """Whether a viewer may answer: whoever made the comparison, now."""
    return kept.mine(look, found) and look.moment.live


def _answered(look: Looking, some: dict[tuple[str, str], ReviewDecision], point: Point) -> str:
    d = some.get(point.pair)
    return "" if d is None else " · ".join(filter(None, (look.say(ANSWERS[d.answer]), post_words(look, d.post) or d.by, look.time(d.at))))


def _side_by_side(look: Looking, found: Comparison, answer: Answer, some: list[Point], here: str) -> list[dict[str, Any]]:
    """The points with both records, what was answered, what may be."""
    shown, held = Shown(look, found.pk), deciding.decided(deciding.decisions(found))
    lines = [review_line(shown, x) for x in Lines(answer.folder / "review").read([p.number for p in some])]
    on_it = Registered(look, [i for x in lines for each in x["ids"] for i in each])
    for x, p in zip(lines, some, strict=True):
        both = list(dict.fromkeys(i for each in x["ids"] for i in each))
        x |= {
            "joining": on_it.joining(both, here),
            "parting": on_it.parting(both, here),
            "number": p.number,
            "answered": _answered(look, held, p),
        }
        x["answers"] = [(a, look.say(ANSWERS[a])) for a in deciding.answers_of(p.why, group=False) if not (a == "same" and p.registered)]
    return lines


def _groups(look: Looking, points: list[Point], held: dict[tuple[str, str], ReviewDecision]) -> list[dict[str, Any]]:
    """By reason how many ask, and how many were answered how."""
    of = Counter(p.why for p in points)
    answered = Counter((p.why, held[p.pair].answer) for p in points if p.pair in held)
    return [
        {"why": why, "word": look.say(_WHYS[why]), "n": n, "open": n - sum(answered[why, a] for a in ANSWERS),
         "answered": [(look.say(w), answered[why, a]) for a, w in ANSWERS.items() if answered[why, a]], "together": why in TOGETHER}
        for why, n in sorted(of.items(), key=lambda one: -one[1])
    ]  # fmt: skip


def _given(look: Looking, some: list[ReviewDecision]) -> list[dict[str, Any]]:
    """The answers given, the latest first, each to be taken back as a whole."""
    return [
        {"id": to_text(bytes(d.pk)), "word": look.say(_WHYS[d.why]), "answer": look.say(ANSWERS[d.answer]), "n": len(d.pairs),
         "by": post_words(look, d.post) or d.by, "at": d.at}
        for d in reversed(some)
    ]  # fmt: skip


def _told(request: HttpRequest, look: Looking, answer: str, n: int, asked: int) -> None:
    if n:
        text = ngettext("%(n)d point answered: %(answer)s. Compare again, and the figures say so.",
                        "%(n)d points answered: %(answer)s. Compare again, and the figures say so.", n)  # fmt: skip
        messages.success(request, text % {"n": n, "answer": look.say(ANSWERS[answer])})
    if n < asked:
        messages.warning(request, _("%(n)d stay to be asked: a row that is asked about with two others, or two records of the register, is decided one by one.")
                         % {"n": asked - n})  # fmt: skip


def _answer(request: HttpRequest, look: Looking, found: Comparison, points: list[Point]) -> None:
    """Does what a form of the review says."""
    if back := request.POST.get("back"):
        n = deciding.take_back(found, id_or_404(back))
        if not n:
            raise Http404
        messages.success(request, ngettext("%(n)d point is asked again.", "%(n)d points are asked again.", n) % {"n": n})
        return
    text, answer = request.POST.get("point", ""), request.POST.get("answer", "")
    if not text.isdigit() or len(text) > 9 or int(text) >= len(points):
        raise Http404
    point = points[int(text)]
    try:
        n = deciding.decide(look, found, point.why, answer, [point])
    except ValueError:
        raise Http404 from None
    _told(request, look, answer, n, 1)


@page("bench-review", "compare/<str:comparison>/review", "待核", "To review", desk="compare", sample="comparison")
def bench_review(request: HttpRequest, look: Looking, comparison: str) -> HttpResponse:
    """What only a person can decide, the most consequential first, both records side by side; the groups of one reason, and what was answered."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    points = deciding.points(answer.folder)
    if request.method == "POST":
        if not _may(look, found):
            raise Http404
        _answer(request, look, found, points)
        return redirect(request.get_full_path())
    some = deciding.decisions(found)
    held = deciding.decided(some)
    left = [p for p in points if p.pair not in held]
    number = page_number(request)
    where = paging(number, len(left))
    lines = _side_by_side(look, found, answer, left[(number - 1) * PER_PAGE : number * PER_PAGE], request.get_full_path())
    context = {
        "title": look.say(Word("待核", "To review")), "c": found, "lines": lines, "keys": keys_of_lists(answer), "may": _may(look, found),
        "groups": _groups(look, points, held), "given": _given(look, some), "all": len(points), **where,
    }  # fmt: skip
    return show(request, "compare/review.html", context)


@page(
    "bench-reason",
    "compare/<str:comparison>/review/<slug:why>",
    "一类待核",
    "Points of one reason",
    desk="compare",
    sample="comparison-reason",
)
def bench_reason(request: HttpRequest, look: Looking, comparison: str, why: str) -> HttpResponse:
    """All points of one reason: how many, ten of them by lot side by side, and one answer to all that are open."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    points = [p for p in deciding.points(answer.folder) if p.why == why]
    if not points:
        raise Http404
    held = deciding.decided(deciding.decisions(found))
    left = [p for p in points if p.pair not in held]
    if request.method == "POST":
        if not _may(look, found) or not left:
            raise Http404
        said = request.POST.get("answer", "")
        if said not in deciding.answers_of(why, group=True):
            raise Http404
        _told(request, look, said, deciding.decide(look, found, why, said, left), len(left))
        return redirect("bench-review", comparison=comparison)
    draw = request.GET.get("draw", "0")
    draw_ = int(draw) if draw.isdigit() and len(draw) < 6 else 0
    lines = _side_by_side(look, found, answer, deciding.sample(left, draw_), request.get_full_path())
    context = {
        "title": look.say(_WHYS[why]), "c": found, "lines": lines, "keys": keys_of_lists(answer), "may": _may(look, found), "n": len(left), "all": len(points),
        "answers": [(a, look.say(ANSWERS[a])) for a in deciding.answers_of(why, group=True)], "together": why in TOGETHER, "draw": draw_ + 1,
        "more": len(left) > deciding.SAMPLE, "alone": why in deciding.ALONE,
    }  # fmt: skip
    return show(request, "compare/reason.html", context)
