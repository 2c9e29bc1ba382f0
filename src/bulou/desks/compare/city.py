"""The city's own workbook filled from a comparison, cell for cell: an empty one is kept once, its columns are shown before anything leaves.

Masked for everyone; whole only when two people let it go (``kit.exports``).
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bulou.basis.ids import to_text
from bulou.basis.words import Word
from bulou.desks.compare import lasting
from bulou.desks.compare.answer import PER_PAGE, TOLD, Answer, head
from bulou.desks.compare.found import answer_of, found_or_404, group_word
from bulou.desks.compare.models import CityWorkbook, Comparison
from bulou.desks.compare.showing import Shown
from bulou.kit.centre import centre, drill
from bulou.kit.exports import masked
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import EXERCISE
from bulou.lists.columns import DATES
from bulou.lists.comparing import DIFFERING
from bulou.lists.table import Unreadable
from bulou.lists.workbook import Filled, fill

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a workbook may be filled with.
FIELDS = (*TOLD, *DATES)


def workbook_or_404(text: str) -> tuple[CityWorkbook, bytes]:
    """A workbook of the city and its file."""
    one = lasting.workbooks().filter(pk=id_or_404(text)).first()
    data = lasting.workbook_of(one) if one else None
    if one is None or data is None:
        raise Http404
    return one, data


def filled(found: Comparison, answer: Answer, group: str, template: bytes, shown: Shown, mark: str) -> Filled:
    """The workbook with the people of a group, each once, as their viewer sees them."""
    columns: dict[str, list[str | None]] = {f: [] for f in FIELDS}
    for number in range(1, -(-answer.count(group) // PER_PAGE) + 1):
        for p in answer.people(group, number):
            of = shown.of(p["n"])
            said = {f: v for r in reversed(p["rows"]) for f, v in r[2].items()}
            for f, column in columns.items():
                column.append(shown.value(f, said.get(f), of) or None)
    used = {f: c for f, c in columns.items() if any(c)}
    return fill(template, used or {"name": []}, mark=mark)


def _tried(data: bytes, used: list[str]) -> tuple[Filled | None, Word | None]:
    """The workbook as it would be filled, without a row; or why it cannot be."""
    try:
        return fill(data, {f: [] for f in used}), None
    except Unreadable as why:
        return None, why.word


def _used(answer: Answer) -> list[str]:
    """The fields that the first people of the answer say something of: what a workbook would be filled with."""
    people = answer.people("distinct", 1) if answer.count("distinct") else []
    return [f for f in FIELDS if any(r[2].get(f) for p in people for r in p["rows"])] or ["name"]


@page(
    "bench-city",
    "compare/<str:comparison>/names/<slug:group>/city/workbook",
    "填市里的表",
    "The city's workbook",
    desk="compare",
    sample="comparison-group",
)
def bench_city(request: HttpRequest, look: Looking, comparison: str, group: str) -> HttpResponse:
    """Which of the city's workbooks, kept once for everyone, and which of its columns would be filled; then the filled copy."""
    found = found_or_404(look, comparison)
    answer, problem = answer_of(found), ""
    if not answer.has(group):
        raise Http404
    used = _used(answer)
    if request.method == "POST":
        problem = _brought(request, look, used)
        if not problem:
            return redirect("bench-city", comparison=comparison, group=group)
    lines = [_line(one, used, found, group, look) for one in lasting.workbooks()]
    context = {
        "title": look.say(Word("填市里的表", "The city's workbook")), "c": found, "group": group, "word": group_word(answer, group, look)[0],
        "count": answer.count(group), "lines": lines, "problem": problem, "most_mb": lasting.MOST_BYTES // 1_000_000,
        "ask": look.viewer.may("ask_export") and look.moment.live,
    }  # fmt: skip
    return show(request, "compare/city.html", context, status=422 if problem else 200)


def _brought(request: HttpRequest, look: Looking, used: list[str]) -> str:
    """Keeps a workbook, or takes one away; what is wrong with it."""
    if request.POST.get("act") == "drop":
        lasting.drop_workbook(workbook_or_404(request.POST.get("workbook", ""))[0])
        messages.success(request, _("Taken away."))
        return ""
    file = request.FILES.get("file")
    if file is None:
        return _("Choose the city's empty workbook (.xlsx).")
    if (file.size or 0) > lasting.MOST_BYTES:
        return _("More than %(n)d MB: the empty workbook is wanted, without its rows.") % {"n": lasting.MOST_BYTES // 1_000_000}
    if lasting.workbooks().count() >= lasting.MOST_WORKBOOKS:
        return _("The centre keeps %(n)d workbooks already: take one away first.") % {"n": lasting.MOST_WORKBOOKS}
    data = file.read()
    _made, why = _tried(data, used)
    if why is not None:
        return look.say(why)
    lasting.keep_workbook(look, (file.name or "workbook.xlsx")[:200], data, centre().clock.now())
    messages.success(request, _("Kept for everyone at the bench."))
    return ""


def _line(one: CityWorkbook, used: list[str], found: Comparison, group: str, look: Looking) -> dict[str, Any]:
    """A workbook with the columns that would be filled, and what would not."""
    data = lasting.workbook_of(one)
    made, why = _tried(data, used) if data is not None else (None, Word("文件已不在", "the file is gone"))
    query = {"sheet": "bench-city", "comparison": to_text(found.pk), "group": group, "workbook": to_text(one.pk)}
    said = {**DIFFERING, **{f: head(f) for f in TOLD}}
    return {
        "id": one.pk, "name": one.name, "by": one.by, "at": one.at, "wrong": look.say(why) if why else "", "sheet": made.sheet if made else "",
        "columns": [(h, look.say(said[k]) if k in said else k) for h, k in made.columns.items()] if made else [],
        "unfilled": made.unfilled if made else (), "unused": [look.say(said[k]) if k in said else k for k in made.unused] if made else [],
        "lost": [look.say(w) for w in made.lost] if made else [], "ask": f"{reverse('export-ask')}?{urlencode(query)}",
    }  # fmt: skip


@page(
    "bench-city-file", "compare/<str:comparison>/names/<slug:group>/city/<str:workbook>/filled", "填好的表", "The workbook filled", desk="compare",
    sample="comparison-city", part=True,
)  # fmt: skip
def bench_city_file(request: HttpRequest, look: Looking, comparison: str, group: str, workbook: str) -> HttpResponse:
    """The city's workbook with the people of a figure, masked; sheets, formats and everything beside the rows stay as they are."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    if not answer.has(group):
        raise Http404
    one, data = workbook_or_404(workbook)
    return as_file(found, answer, group, one, data, Shown(masked(look), found.pk), EXERCISE if drill() else "", "masked")


def as_file(
    found: Comparison, answer: Answer, group: str, one: CityWorkbook, data: bytes, shown: Shown, mark: str, under: str
) -> HttpResponse:
    """The filled workbook as an answer; a workbook that cannot be filled is not found."""
    try:
        made = filled(found, answer, group, data, shown, mark)
    except Unreadable:
        raise Http404 from None
    response = HttpResponse(made.data, content_type=XLSX)
    stem = one.name.rsplit(".", 1)[0]
    plain = "".join(c for c in stem if c.isascii() and (c.isalnum() or c in "-_"))[:60] or "workbook"
    response["Content-Disposition"] = f'attachment; filename="{"EXERCISE_" if drill() else ""}{plain}_{under}.xlsx"'
    return response
