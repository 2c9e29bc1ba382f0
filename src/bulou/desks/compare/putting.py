"""The page that shows what would be entered on the register from the lists, enters it, and takes a press back. Enters nothing that it has not shown."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulou.basis.ids import new_id, to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.compare import entering
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.differences import is_difference
from bulou.desks.compare.entering import AT_ONCE, ENROL, FIXES, Press, Proposal
from bulou.desks.compare.found import answer_of, found_or_404, group_word
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.settling import post_words, settled
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import unit_options
from bulou.lists.comparing import LETTERS

#: Proposals shown on one page; of more the number is told.
SHOWN = 200


def what_of_group(group: str) -> str:
    """What can be put right for the people of a figure: the field in which they differ, or that they are enrolled; nothing for others."""
    if group == "not_registered":
        return ENROL
    field = group.removeprefix("differs_")
    return field if group.startswith("differs_") and field in FIXES else ""


def offer(look: Looking, group: str, answer: Answer) -> dict[str, Any]:
    """What the page of a figure's names offers to enter: nothing, or from which list a value is taken, or in which area people are enrolled."""
    what = what_of_group(group)
    if not what or not entering.may(look, what):
        return {}
    lists = [(LETTERS[i], x["name"]) for i, x in enumerate(answer.said["lists"])]
    return {
        "fix": what,
        "fix_word": _word(look, what),
        "fix_from": unit_options(look) if what == ENROL else lists,
        "enrolling": what == ENROL,
    }


def _word(look: Looking, what: str) -> str:
    return look.say(Word("登记入册", "enrol")) if what == ENROL else look.pick(LISTS["difference"], what)


def given(look: Looking, found: Comparison) -> list[dict[str, Any]]:
    """What was entered from a comparison, press by press, to be taken back."""
    own = {c.post for c in look.viewer.chairs}
    return [
        {"id": p.id, "what": _word(look, p.what), "n": len(p.facts), "by": post_words(look, p.by.split(" ")[0]), "at": p.at,
         "own": look.viewer.may("undo_entry") and p.by.split(" ")[0] in own}
        for p in entering.presses(found)
    ]  # fmt: skip


@page(
    "bench-enter",
    "compare/<str:comparison>/enter/<slug:group>",
    "登记到名册",
    "Enter on the register",
    desk="compare",
    sample="comparison-group",
)
def bench_enter(request: HttpRequest, look: Looking, comparison: str, group: str) -> HttpResponse:
    """What would change on the register, one line for each person, or why nothing; then it is entered, and can be taken back as a whole."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    if not answer.has(group):
        raise Http404
    if request.method == "POST" and request.POST.get("back"):
        return _back(request, look, found, comparison, group)
    what = what_of_group(group)
    word, _means, _unit = group_word(answer, group, look)
    some: list[Proposal] = []
    source = request.POST.get("source", "")
    if request.method == "POST":
        if not what or not entering.may(look, what) or not _known(look, what, source, answer):
            raise Http404
        numbers = _chosen(request, look, found, answer, group)
        some = entering.proposals(look, found, answer, what, source, numbers[: AT_ONCE * 2])
        if request.POST.get("step") == "enter":
            _enter(request, look, found, what, some, id_or_404(request.POST.get("press", "")))
            return redirect("bench-names", comparison=comparison, group=group)
    good = [p for p in some if p.why_not is None]
    context = {
        "title": look.say(Word("登记到名册", "Enter on the register")), "c": found, "group": group, "word": word, "what": _word(look, what) if what else "",
        "source": source, "whom": request.POST.get("whom", ""), "chosen": request.POST.getlist("n"), "n": min(len(good), AT_ONCE),
        "lines": [_line(look, p) for p in sorted(some, key=lambda p: p.why_not is not None)[:SHOWN]], "unshown": max(0, len(some) - SHOWN), "enrolling": what == ENROL,
        "press": to_text(new_id(look.about)), "given": given(look, found), "not": len(some) - len(good), "asked": request.method == "POST",
    }  # fmt: skip
    return show(request, "compare/enter.html", context)


def _known(look: Looking, what: str, source: str, answer: Answer) -> bool:
    if what == ENROL:
        return source == "" or source in dict(unit_options(look))
    return len(source) == 1 and source in LETTERS[: len(answer.said["lists"])]


def _chosen(request: HttpRequest, look: Looking, found: Comparison, answer: Answer, group: str) -> list[int]:
    """The people that a form names: those ticked, or all of the figure that are open."""
    of_group = answer.numbers(group, 0, answer.count(group))
    if request.POST.get("whom") == "all":
        stand = settled(look, found, answer) if is_difference(group, 0) else None
        return [n for n in of_group if stand is None or stand.how(group, n) == "open"]
    chosen = {int(n) for n in request.POST.getlist("n") if n.isdigit() and len(n) < 10}
    return [n for n in of_group if n in chosen]


def _line(look: Looking, p: Proposal) -> dict[str, Any]:
    return {"name": p.name, "now": p.now, "then": p.then, "why_not": look.say(p.why_not) if p.why_not else ""}


def _enter(request: HttpRequest, look: Looking, found: Comparison, what: str, some: list[Proposal], press: bytes) -> None:
    n, refused = entering.enter(look, found, what, some, press)
    if n:
        messages.success(request, ngettext("%(n)d entered on the register. Compare again, and the figures say so.",
                                           "%(n)d entered on the register. Compare again, and the figures say so.", n) % {"n": n})  # fmt: skip
    for why, many in refused.most_common():
        messages.warning(
            request, ngettext("%(n)d left as it was: %(why)s", "%(n)d left as they were: %(why)s", many) % {"n": many, "why": look.say(why)}
        )
    if not n and not refused:
        messages.warning(request, _("Nobody was chosen: tick some, or choose all that are shown."))


def _back(request: HttpRequest, look: Looking, found: Comparison, comparison: str, group: str) -> HttpResponse:
    presses: dict[str, Press] = {p.id: p for p in entering.presses(found)}
    press = request.POST["back"]
    if press not in presses or not look.viewer.may("undo_entry") or not look.moment.live:
        raise Http404
    n, refused = entering.take_back(look, found, press)
    if n:
        messages.success(request, ngettext("%(n)d entry taken back.", "%(n)d entries taken back.", n) % {"n": n})
    for problem, many in refused.most_common():
        why = problem.en if look.language == "en" else problem.zh
        messages.error(
            request, ngettext("%(n)d left as it was: %(why)s", "%(n)d left as they were: %(why)s", many) % {"n": many, "why": why}
        )
    return redirect("bench-names", comparison=comparison, group=group)
