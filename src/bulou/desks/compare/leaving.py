"""What leaves the bench: a list as CSV or workbook, a message for a chat group, the whole answer as a workbook. Always masked.

Names and numbers leave whole only as exports do that two people let go (``kit.exports``); what lies on the bench has no such way yet.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.desks.compare import kept
from bulou.desks.compare.answer import PER_PAGE, Answer
from bulou.desks.compare.found import answer_of, found_or_404, group_word
from bulou.desks.compare.showing import Shown, person_line
from bulou.kit.centre import drill
from bulou.kit.copying import copied
from bulou.kit.exports import masked
from bulou.kit.files import Leaving, safe
from bulou.kit.looking import Looking
from bulou.kit.page import page
from bulou.kit.sheet import EXERCISE
from bulou.lists.message import MOST_LINES, Line
from bulou.lists.sheetfile import Sheet, write_workbook

HEADS = (
    Word("姓名", "name"), Word("证件", "document"), Word("电话", "phone"), Word("区域", "area"), Word("名单与行号", "list and row"),
    Word("哪里不一样", "what differs"), Word("为何是同一人", "why one person"),
)  # fmt: skip


def _rows(shown: Shown, answer: Answer, group: str) -> Iterator[list[str]]:
    """Everyone of a group, one row each, as who sees nobody unmasked."""
    for number in range(1, -(-answer.count(group) // PER_PAGE) + 1):
        for one in answer.people(group, number):
            p = person_line(shown, one)
            differs = "; ".join(f"{d['word']}: " + " / ".join(f"{at} {v}" for at, v in d["said"]) for d in p["differs"])
            yield [
                p["told"]["name"],
                p["told"]["document"],
                p["told"]["phone"],
                p["area"],
                " · ".join(p["places"]),
                differs,
                "; ".join(p["reasons"]),
            ]


def _mark() -> list[list[str]]:
    return [[EXERCISE]] if drill() else []


@page(
    "bench-file",
    "compare/<str:comparison>/names/<slug:group>/<slug:form>",
    "名单文件",
    "A list as a file",
    desk="compare",
    sample="comparison-file",
    part=True,
)
def bench_file(request: HttpRequest, look: Looking, comparison: str, group: str, form: str) -> HttpResponseBase:
    """The people of one figure as CSV or XLSX, masked; written as it is read."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    if not answer.has(group) or form not in ("csv", "xlsx"):
        raise Http404
    shown = Shown(masked(look), found.pk)
    word, means, unit = group_word(answer, group, look)
    about = [f"{word}: {answer.count(group)} {unit}", means, look.time(found.at)]
    heads = [look.say(h) for h in HEADS]
    name = f"{'EXERCISE_' if drill() else ''}{group}.{form}"
    if form == "xlsx":
        file = io.BytesIO()
        about_rows = [[a] for a in about] + _mark()
        write_workbook(
            file,
            [
                Sheet(look.say(Word("名单", "names")), heads, _rows(shown, answer, group)),
                Sheet(look.say(Word("说明", "about")), [word], about_rows),
            ],
        )
        response: HttpResponseBase = HttpResponse(
            file.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        response = Leaving(_csv([*_mark(), about, heads], _rows(shown, answer, group)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(before: list[list[str]], rows: Iterator[list[str]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for row in (*before, *rows):
        line = io.StringIO()
        csv.writer(line).writerow(map(safe, row))
        yield line.getvalue().encode()


@page(
    "bench-message",
    "compare/<str:comparison>/names/<slug:group>/message/copy",
    "复制为消息",
    "Copy as message",
    desk="compare",
    sample="comparison-group",
)
def bench_message(request: HttpRequest, look: Looking, comparison: str, group: str) -> HttpResponse:
    """One figure with its first names as a text for a chat group, masked whatever its reader may see."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    if not answer.has(group):
        raise Http404
    word, _means, unit = group_word(answer, group, look)
    shown = Shown(look, found.pk)
    people = [
        p
        for number in range(1, -(-MOST_LINES // PER_PAGE) + 1)
        if answer.count(group) > (number - 1) * PER_PAGE
        for p in answer.people(group, number)
    ]
    return copied(
        request, look, title=word, count=answer.count(group), unit=unit, lines=[_line(shown, p) for p in people], source=_("bench of Bulou"),
        back=reverse("bench-names", kwargs={"comparison": comparison, "group": group}), about=look.time(found.at), known=look.time(found.at),
    )  # fmt: skip


def _line(shown: Shown, person: dict[str, Any]) -> Line:
    shown.look.seen.note(shown.of(person["n"]), "name", bare=False)
    told = {f: next((r[2][f] for r in person["rows"] if r[2].get(f)), None) for f in ("name", "phone")}
    return Line(told["name"], told["phone"], person["area"][shown.look.language])


@page(
    "bench-workbook",
    "compare/<str:comparison>/result.xlsx",
    "结果工作簿",
    "The result as a workbook",
    desk="compare",
    sample="comparison",
    part=True,
)
def bench_workbook(request: HttpRequest, look: Looking, comparison: str) -> HttpResponseBase:
    """The whole answer as ``bulou compare --names masked`` writes it."""
    found = found_or_404(look, comparison)
    answer = answer_of(found)
    path = kept.folder(found.pk) / "answer" / f"result-{look.language}.xlsx"
    if not path.exists():
        raise Http404
    for n in range(answer.count("distinct")):
        look.seen.note(Shown(look, found.pk).of(n + 1), "name", bare=False)
    name = f"{'EXERCISE_' if drill() else ''}result.xlsx"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)
