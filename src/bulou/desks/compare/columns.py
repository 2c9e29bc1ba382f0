"""The page where the columns of a list are corrected, once for every list with these headings. Reads no answer."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.desks.compare import kept
from bulou.desks.compare.found import found_or_404
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.showing import Shown
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.lists.columns import DATES, Mapping
from bulou.lists.headings import words

#: How a date is written where day and month could be taken for each other.
WRITING = {"": Word("按识别", "as recognised"), "dmy": Word("日在前", "day first"), "mdy": Word("月在前", "month first")}
_DAYS = (*DATES, "born_on")


@page(
    "bench-columns",
    "compare/<str:comparison>/columns/<int:number>",
    "各列是什么",
    "Columns of a list",
    desk="compare",
    sample="comparison-list",
)
def bench_columns(request: HttpRequest, look: Looking, comparison: str, number: int) -> HttpResponse:
    """Which column of a list is which, beside its first rows; said once, it is remembered for every list with these headings."""
    found = found_or_404(look, comparison)
    lists = (kept.read_json(kept.folder(found.pk) / "lists.json") or []) if found.state not in kept.OPEN else []
    if number >= len(lists) or "columns" not in lists[number]:
        raise Http404
    said = lists[number]
    mapping, problem = Mapping.from_json(said["mapping"]), ""
    if request.method == "POST":
        if not kept.mine(look, found):
            raise Http404
        if request.POST.get("act") == "forget":
            kept.forget(said["header"])
            kept.uncorrect(found, said["file"], said["sheet"])
            return redirect("bench-one", comparison=comparison)
        mapping, problem = _mapped(request, mapping, said["columns"], look)
        if not problem:
            kept.remember(mapping, look, centre().clock.now())
            kept.correct(found, said["file"], said["sheet"], mapping)
            messages.success(request, _("Remembered for every list with these headings."))
            return redirect("bench-one", comparison=comparison)
    context = {
        "title": look.say(Word("各列是什么", "Columns of a list")), "c": found, "own": kept.mine(look, found), "problem": problem, "letter": said["letter"],
        "name": said["name"], "columns": _columns(said, mapping, look), "rows": _preview(said, mapping, found, look),
        "fields": [(f, look.say(w.word)) for f, w in words().items()], "writings": [(c, look.say(w)) for c, w in WRITING.items()],
    }  # fmt: skip
    return show(request, "compare/columns.html", context, status=422 if problem else 200)


def _columns(said: dict[str, Any], mapping: Mapping, look: Looking) -> list[dict[str, Any]]:
    """Each column: its heading, the field that it is taken for, and how sure that is."""
    of = {c: f for f, c in mapping.fields.items()}
    return [
        {"n": n, "heading": heading, "field": of.get(n, ""), "sure": round(100 * mapping.sure.get(of.get(n, ""), 0)), "writing": mapping.writing.get(of.get(n, ""), ""),
         "dated": of.get(n) in _DAYS}
        for n, heading in enumerate(said["columns"])
    ]  # fmt: skip


def _preview(said: dict[str, Any], mapping: Mapping, found: Comparison, look: Looking) -> list[list[str]]:
    """The first rows, each cell masked as the field that it is taken for; of a column that is none, what no role may take for nothing is hidden."""
    of, shown = {c: f for f, c in mapping.fields.items()}, Shown(look, found.pk)
    return [
        [shown.cell(of.get(n, ""), text, shown.of(f"list {said['file']} {said['sheet']} {i}")) for n, text in enumerate(row)]
        for i, row in enumerate(said["rows"])
    ]


def _mapped(request: HttpRequest, before: Mapping, columns: list[str], look: Looking) -> tuple[Mapping, str]:
    """The mapping that a form says, or what is wrong with it."""
    known, fields, writing = words(), dict[str, int](), dict[str, str]()
    for n in range(len(columns)):
        field = request.POST.get(f"c{n}", "")
        if not field:
            continue
        if field not in known:
            raise Http404
        if field in fields:
            return before, _("Two columns are said to be the %(field)s: choose one.") % {"field": look.say(known[field].word)}
        fields[field] = n
        if field in _DAYS and request.POST.get(f"w{n}") in ("dmy", "mdy"):
            writing[field] = request.POST[f"w{n}"]
    if not fields.keys() & {"name", "document", "phone", "family_name", "given_name"}:
        return before, _("Say which column is the name, the document or the phone: without one nobody can be told from another.")
    return Mapping(fields, dict.fromkeys(fields, 1.0), before.header, {}, writing), ""
