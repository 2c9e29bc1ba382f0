"""The page of what others passed on: differences that are one's own to settle now, each with the person and what was said. Judges nothing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from bulou.basis.ids import to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.compare.answer import PER_PAGE
from bulou.desks.compare.found import page_number, paging
from bulou.desks.compare.joining import Registered
from bulou.desks.compare.settleform import asked, choices, tell
from bulou.desks.compare.settling import Passed, Point, in_words, passed, say, with_lines
from bulou.desks.compare.showing import Shown, person_line
from bulou.kit.looking import Looking
from bulou.kit.page import page, show


@page("bench-passed", "compare-passed", "转交给我的差异", "Passed to me", desk="compare", sample="")
def bench_passed(request: HttpRequest, look: Looking) -> HttpResponse:
    """Differences that others say are this viewer's: explained here they go back with the reason; not mine either goes on."""
    found = passed(look)
    if request.method == "POST":
        if not look.viewer.may("explain_difference") or not look.moment.live:
            raise Http404
        chosen = set(request.POST.getlist("key"))
        everyone = request.POST.get("whom") == "all"
        act, values = asked(request)
        by: dict[bytes, list[Point]] = {}
        for key, s in found:
            if everyone or key in chosen:
                by.setdefault(s.comparison or b"", []).append(Point(key, s.what, 0, s.person))
        for comparison, some in by.items():
            tell(request, look, act, say(look, comparison, act, some, values))
        if not by:
            raise Http404
        return redirect("bench-passed")
    number = page_number(request)
    where = paging(number, len(found))
    here = with_lines(found[(number - 1) * PER_PAGE : number * PER_PAGE])
    look.learn_names(p.stands.person for p in here if p.stands.person and p.line is None)
    lines = [_line(look, p) for p in here]
    on_it = Registered(look, [i for x in lines for i in x["ids"]])
    for x in lines:
        x["pages"] = on_it.pages(x["ids"])
    may = look.viewer.may("explain_difference") and look.moment.live
    context: dict[str, Any] = {
        "title": look.say(Word("转交给我的差异", "Passed to me")), "lines": lines,
        "may_settle": may, **(choices(look) if may and lines else {}), **where,
    }  # fmt: skip
    return show(request, "compare/passed.html", context)


def _line(look: Looking, one: Passed) -> dict[str, Any]:
    """One difference: who it is about, in what, who passed it on and why. Whoever it was passed to sees the rows as their role sees rows."""
    s, told = one.stands, {"name": "", "phone": ""}
    shown: dict[str, Any] = {"differs": [], "ids": [s.person] if s.person else []}
    if one.line is not None and s.comparison:
        shown = person_line(Shown(look, s.comparison), one.line)
        told = shown["told"]
    elif s.person:
        told = {**told, "name": look.name(s.person)}
    return {
        "key": one.key, "name": told["name"], "phone": told["phone"], "area": shown.get("area", ""), "ids": shown["ids"],
        "what": look.pick(LISTS["difference"], s.what), "differs": [d for d in shown["differs"] if d["field"] == s.what],
        "said": in_words(look, s), "at": s.at, "id": to_text(s.person) if s.person else "",
    }  # fmt: skip
