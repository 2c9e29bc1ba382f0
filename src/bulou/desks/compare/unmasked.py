"""What may leave the bench whole when two people let it: the answer as a workbook, and the city's workbook filled. Asked for in ``kit.exports``.

Whoever asks must see the comparison, and takes it themselves; what was deleted meanwhile can be taken no more.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from bulou.basis.words import Word
from bulou.desks.compare import asked, lasting
from bulou.desks.compare.city import XLSX, as_file, workbook_or_404
from bulou.desks.compare.found import answer_of, found_or_404
from bulou.desks.compare.restored import restored
from bulou.desks.compare.showing import Shown
from bulou.kit.centre import drill
from bulou.kit.exports import Leaves, leaves
from bulou.kit.looking import Looking
from bulou.kit.sheet import EXERCISE
from bulou.lists.findings import Findings
from bulou.lists.sheets import Sheet, sheets
from bulou.lists.writing import write

#: What is shown whole in a file that was let go.
WHOLE = frozenset(("name", "document", "phone", "address", "words"))


def whole(look: Looking) -> Looking:
    """The same eyes for one file that two people let go: what they see is noted as seen."""
    return replace(look, viewer=look.viewer._replace(unmasked=look.viewer.unmasked | WHOLE))


def _mark(mark: str) -> str:
    return f"{EXERCISE} · {mark}" if drill() else mark


def _exercise() -> str:
    return "EXERCISE_" if drill() else ""


# --- the answer ---------------------------------------------------------------------------------------------------------
def _people(look: Looking, query: QueryDict) -> int:
    return answer_of(found_or_404(look, query.get("comparison", ""))).count("distinct")


def _answer(request: HttpRequest, look: Looking, query: QueryDict, mark: str, under: str) -> HttpResponseBase:
    """The whole answer, as ``bulou compare`` writes it, the mark in every row."""
    found = found_or_404(look, query.get("comparison", ""))
    answer = answer_of(found)
    compared, asks = restored(answer.folder), asked.read(found.asks)
    counted, steps = asked.counted(compared, asks, lasting.definitions())
    findings = Findings(compared, look.language, False, [*asked.bridges(compared, asks), *steps], counted)
    shown = Shown(look, found.pk)
    for p in compared.people:
        for manner in ("name", "document", "phone", "address"):
            look.seen.note(shown.of(p.number), manner, bare=True)
    with tempfile.TemporaryDirectory(dir=answer.folder) as place:
        path = Path(place) / "whole.xlsx"
        write(path, [_marked(s, _mark(mark)) for s in sheets(findings)], look.language)
        data = path.read_bytes()
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{_exercise()}result_{under}.xlsx"'
    return response


def _marked(sheet: Sheet, mark: str) -> Sheet:
    return sheet._replace(heads=[*sheet.heads, Word("标记", "mark")], rows=([*row, mark] for row in sheet.rows))


# --- the city's workbook ------------------------------------------------------------------------------------------------
def _of_group(look: Looking, query: QueryDict) -> int:
    answer = answer_of(found_or_404(look, query.get("comparison", "")))
    workbook_or_404(query.get("workbook", ""))
    group = str(query.get("group", ""))
    if not answer.has(group):
        raise Http404
    return answer.count(group)


def _city(request: HttpRequest, look: Looking, query: QueryDict, mark: str, under: str) -> HttpResponseBase:
    """The city's workbook, its cells filled whole; the mark is printed at the foot of each page, for no cell is ours."""
    found = found_or_404(look, query.get("comparison", ""))
    answer = answer_of(found)
    one, data = workbook_or_404(query.get("workbook", ""))
    return as_file(found, answer, str(query["group"]), one, data, Shown(whole(look), found.pk), _mark(mark), under)


leaves(Leaves("bench-result", "compare", Word("对表结果工作簿", "workbook of a comparison"), _people, _answer))
leaves(Leaves("bench-city", "compare", Word("对表填好的市里表格", "the city's workbook, filled from a comparison"), _of_group, _city))
