"""The pages with names: the people behind a figure, what is said of their differences, and the rows that are nobody's.

What is shown of people in lists passes the viewer's masks; every name shown is recorded as a look, whether they are on the register or not.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from bulou.basis.words import LISTS, Word
from bulou.desks.compare.answer import PER_PAGE, Answer, Lines
from bulou.desks.compare.differences import is_difference, what_of
from bulou.desks.compare.found import answer_of, found_or_404, group_word, keys_of_lists, page_number, paging
from bulou.desks.compare.joining import Registered
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.putting import given, offer
from bulou.desks.compare.settleform import asked, choices, tell
from bulou.desks.compare.settling import Settled, Stands, in_words, points, say, settled, take_back
from bulou.desks.compare.showing import Shown, person_line, unread_line
from bulou.kit.looking import Looking
from bulou.kit.page import page, show

#: How the people of a figure may stand, as the page narrows to them.
HOW = {
    "open": Word("未处理", "open"), "explained": Word("已说明", "explained"), "passed": Word("不归我方", "not mine"),
}  # fmt: skip


@page("bench-names", "compare/<str:comparison>/names/<slug:group>", "名单", "Names", desk="compare", sample="comparison-group")
def bench_names(request: HttpRequest, look: Looking, comparison: str, group: str) -> HttpResponse:
    """The people behind one figure: where each stands in the lists, what differs, why their rows are one person, what was said of it."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    if not answer.has(group):
        raise Http404
    differ = is_difference(group, (1 << len(answer.said["lists"])) - 1)
    how = request.GET.get("how", "")
    if how and (how not in HOW or not differ):
        raise Http404
    stand = settled(look, found, answer) if differ else None
    if request.method == "POST":
        if stand is None or not look.viewer.may("explain_difference") or not look.moment.live:
            raise Http404
        _settle(request, look, found, stand, group, how)
        return redirect(request.get_full_path())
    tally = stand.tally(group) if stand else {}
    number = page_number(request)
    where = paging(number, tally[how] if how else answer.count(group))
    shown = Shown(look, found.pk)
    word, means, unit = group_word(answer, group, look)
    lines = _lines(answer, group, number, stand, how)
    people = [person_line(shown, p) for p in lines]
    here_ = request.get_full_path()
    on_it = Registered(look, [i for p in people for i in p["ids"]])
    for p in people:
        p |= {"pages": on_it.pages(p["ids"]), "joining": on_it.joining(p["ids"], here_), "parting": on_it.parting(p["ids"], here_)}
        p["said"] = _said(look, stand, group, p["n"]) if stand else []
    may = differ and look.viewer.may("explain_difference") and look.moment.live
    context = {
        "title": word, "c": found, "group": group, "means": means, "unit": unit, "people": people, "here": here_, "whole": answer.count(group),
        "may_enrol": look.viewer.may("enrol") and look.viewer.sees("people") and look.moment.live,
        "may_settle": may,
        "tally": [(h, look.say(w), tally[h]) for h, w in HOW.items()] if tally else [], "how": how, "how_word": look.say(HOW[how]) if how else "",
        "given": given(look, found), **offer(look, group, answer), "keys": keys_of_lists(answer), "differs": group.startswith("differ"), **(choices(look) if may else {}),
        **where,
    }  # fmt: skip
    return show(request, "compare/names.html", context)


def _lines(answer: Answer, group: str, number: int, stand: Settled | None, how: str) -> list[dict[str, Any]]:
    if stand is None or not how:
        return answer.people(group, number)
    some = stand.numbers(group, how)[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Lines(answer.folder / "people").read([n - 1 for n in some])


def _said(look: Looking, stand: Settled, group: str, number: int) -> list[str]:
    """What was said of someone's differences in a group."""
    line = stand.lines.get(number)
    if line is None:
        return []
    known = stand.keys[number]
    found = [(w, stand.stands[known[w]]) for w in what_of(group, line) if known.get(w) in stand.stands]
    return [f"{look.pick(LISTS['difference'], w)}: {in_words(look, s)}" if group == "differing" else in_words(look, s) for w, s in found]


def _settle(request: HttpRequest, look: Looking, found: Comparison, stand: Settled, group: str, how: str) -> None:
    """Does what the form of the page says, of those that are ticked or of all that are shown so."""
    answer = stand.answer
    chosen = {int(n) for n in request.POST.getlist("n") if n.isdigit() and len(n) < 10}
    everyone = request.POST.get("whom") == "all"
    of_group = answer.numbers(group, 0, answer.count(group))
    numbers = [n for n in of_group if (everyone or n in chosen) and (not how or stand.how(group, n) == how)]
    act = request.POST.get("act", "")
    if act == "back":
        some = {k: s for n in numbers for k, s in _standing(stand, group, n)}
        tell(request, look, act, take_back(look, list(some.values())))
        return
    if everyone and not how:  # what was settled already stays as it was said
        numbers = [n for n in numbers if stand.how(group, n) == "open"]
    name, values = asked(request)
    tell(request, look, name, say(look, found.pk, name, points(answer, group, numbers), values))


def _standing(stand: Settled, group: str, number: int) -> list[tuple[str, Stands]]:
    line = stand.lines.get(number)
    known = stand.keys.get(number, {})
    return [(k, stand.stands[k]) for w in what_of(group, line) if (k := known.get(w, "")) in stand.stands] if line else []


@page("bench-unread", "compare/<str:comparison>/unread", "不是人的行", "Nobody's rows", desk="compare", sample="comparison")
def bench_unread(request: HttpRequest, look: Looking, comparison: str) -> HttpResponse:
    """The rows that are nobody's, each with the reason: none is dropped unsaid."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    number = page_number(request)
    where = paging(number, answer.size("unread"))
    shown = Shown(look, found.pk)
    lines = [unread_line(shown, n, x) for n, x in enumerate(answer.lines("unread", number))]
    context = {"title": look.say(Word("不是人的行", "Nobody's rows")), "c": found, "lines": lines, "keys": keys_of_lists(answer), **where}
    return show(request, "compare/unread.html", context)
