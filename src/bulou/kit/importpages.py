"""Pages of importing: a file handed in, its columns put right, every row checked, then entered, with the fate of each. Enters nothing itself."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.kinds import KINDS
from bulou.basis.time import MachineClock
from bulou.basis.words import FIELD, LISTS, Word
from bulou.gaps.watch import fresh
from bulou.kit.files import FORMS, Head, Leaving
from bulou.kit.form import dress
from bulou.kit.importing import Import, import_of, imports, receive
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.many import (
    FATES,
    SIGN,
    WAYS,
    WORKING,
    again,
    columns_again,
    drop,
    enter_rows,
    go_on,
    may_undo,
    receipts,
    rows_of,
    start,
    step,
    stop,
    undo,
    undoes,
    verbs_of,
)
from bulou.kit.models import ImportReceipt
from bulou.kit.page import page, show
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS
from bulou.lists.reading import Unreadable

#: Rows of a page, and rows shown before the columns are settled.
PER_PAGE, FIRST = 100, 8
_TITLE = Word("导入", "Import")
_AT = Word("发生时间", "when it happened")
#: What a file of rows to be corrected has before the rows' own columns.
_N, _WRONG = Word("原行号", "Row"), Word("应为", "What would be right")
_PART = 2000
#: Reasons and areas that are listed: the most frequent.
MOST_REASONS, MOST_AREAS = 12, 12
_NOWHERE = Word("区域未知", "area not known")
STATES = {
    "mapping": Word("请核对列", "columns to be looked at"), "checking": Word("核对中", "being checked"), "ready": Word("已核对,未录入", "checked, not entered"),
    "entering": Word("录入中", "being entered"), "done": Word("已录入", "entered"), "undoing": Word("撤回中", "being taken back"),
    "undone": Word("已全部撤回", "taken back"),
}  # fmt: skip


class _FileForm(forms.Form):
    verb = forms.ChoiceField()
    file = forms.FileField()

    def __init__(self, look: Looking, some: list[Import], request: HttpRequest) -> None:
        posted = request.method == "POST"
        super().__init__(request.POST if posted else None, request.FILES if posted else None, initial={"verb": request.GET.get("verb", "")})
        self.fields["verb"] = forms.ChoiceField(label=_("What the rows are"), choices=[(o.verb.name, look.say(o.verb.word)) for o in some])
        self.fields["file"].label = _("File: XLSX, XLS, ODS, CSV or text")
        dress(self)


@page("imports", "imports", "导入", "Import", desk="kit", sample="")
def imports_page(request: HttpRequest, look: Looking) -> HttpResponseBase:
    """A file for any verb that the viewer may do; and their files so far."""
    return take_in(request, look, None, look.say(_TITLE))


def take_in(request: HttpRequest, look: Looking, only: Import | None, title: str) -> HttpResponseBase:
    """A file is handed in: for one verb, or for one of all that the viewer may do."""
    some = [only] if only else imports(look)
    if not some or not look.moment.live:
        raise Http404
    form, problem = _FileForm(look, some, request), ""
    if request.method == "POST" and form.is_valid():
        sent, one = form.cleaned_data["file"], import_of(form.cleaned_data["verb"])
        assert one
        incident = current(request, look) if one.scoped else None
        try:
            if one.scoped and incident is None:
                raise Unreadable(Word("请先选择事件:这些行属于一个事件", "choose the incident first: these rows belong to one"))
            receipt = receive(one, sent.read(), sent.name, look, incident.id if incident else None)
        except Unreadable as unreadable:
            problem = look.say(unreadable.word)
        else:
            return redirect("import", number=receipt.pk)
    found = receipts(look).filter(verb=only.verb.name) if only else receipts(look)
    columns = [(look.say(one.verb.word), [(_word(c, look), c in one.needed) for c in one.heads]) for one in some]
    context = {
        "title": title, "form": form, "problem": problem, "columns": columns, "only": only,
        "receipts": [(r, _what(r, look), look.say(STATES[r.state])) for r in found.order_by("-pk")[:20]],
    }  # fmt: skip
    return show(request, "kit/imports.html", context, status=422 if problem or (request.method == "POST" and form.errors) else 200)


def _what(receipt: ImportReceipt, look: Looking) -> str:
    """What the rows of a receipt are: their verb, their sheet, or both."""
    verb, sheet = VERBS.get(receipt.verb), SHEETS.get(receipt.sheet)
    return " · ".join(look.say(w) for w in (verb.word if verb else None, sheet.word if sheet else None) if w)


def _word(name: str, look: Looking) -> str:
    return look.say(_AT) if name == "at" else look.say(FIELD[name])


def _receipt(number: int, look: Looking) -> ImportReceipt:
    receipt = receipts(look).filter(pk=number).first()
    if receipt is None or receipt.way not in WAYS or not all(look.viewer.may(name) for name in verbs_of(receipt)):
        raise Http404
    return receipt


@page("import", "imports/<int:number>", "导入的文件", "An imported file", desk="kit", sample="import")
def import_page(request: HttpRequest, look: Looking, number: int) -> HttpResponseBase:
    """One receipt: its columns, how far the check or the entering has come, the fate of every row, and taking all of it back."""
    receipt = _receipt(number, look)
    problems: list[str] = []
    if request.method == "POST":
        if not look.moment.live:
            raise Http404
        if request.POST.get("do") == "drop":
            drop(receipt)
            messages.success(request, _("The file is forgotten; nothing of it was entered."))
            return redirect("imports")
        problems = _done(request, receipt, look)
        if not problems:
            return redirect("import", number=receipt.pk)
    context = {**_context(request, receipt, look), "problems": problems}
    return show(request, "kit/import.html", context, status=422 if problems else 200)


def _done(request: HttpRequest, receipt: ImportReceipt, look: Looking) -> list[str]:
    """Does what was pressed; what is missing for it."""
    match request.POST.get("do"):
        case "columns" if one := import_of(receipt.verb):
            mapping = _mapping(request, receipt, one)
            if problems := _missing(mapping, one, look):
                return problems
            start(receipt, mapping)
        case "enter":
            enter_rows(receipt)
        case "go":
            go_on(receipt)
        case "stop":
            stop(receipt)
            return []
        case "undo" if may_undo(receipt, look):
            reason = request.POST.get("reason", "").strip()
            if len(reason) < 2:
                return [_("Give the reason.")]
            undo(receipt, reason)
        case "again" if receipt.way == "file":
            again(receipt)
        case "columns-again":
            columns_again(receipt)
            return []
    # The first rows at once, so that a short file is done when the page comes; the worker goes on with the rest.
    step(receipt, look)
    return []


def _context(request: HttpRequest, receipt: ImportReceipt, look: Looking) -> dict[str, Any]:
    state, one, way = receipt.state, import_of(receipt.verb), WAYS[receipt.way](receipt, look)
    fate = request.GET.get("fate", "")
    fate = fate if fate in FATES else ""
    some = rows_of(receipt, fate) if fate else rows_of(receipt)
    number = max(1, int(request.GET["page"]) if request.GET.get("page", "").isdecimal() and len(request.GET["page"]) < 8 else 1)
    ended = receipt.entered + receipt.same + receipt.refused + receipt.waiting + receipt.undone
    checked = rows_of(receipt, "ok").count() if state in ("checking", "ready", "entering") else 0
    # Of what is done in this state, how much.
    did, of = {
        "checking": (ended + checked, receipt.total), "entering": (receipt.entered, receipt.entered + checked),
        "undoing": (receipt.undone, receipt.undone + receipt.entered),
    }.get(state, (0, 0))  # fmt: skip
    count = some.count()
    rows = list(some[:FIRST] if state == "mapping" else some[(number - 1) * PER_PAGE : number * PER_PAGE])
    working = state in WORKING
    shown = way.shown(rows) if receipt.way != "file" or state == "mapping" or one else [[] for _row in rows]
    return {
        "title": " · ".join(t for t in (_what(receipt, look), receipt.file) if t), "receipt": receipt, "state": state,
        "said": look.say(STATES[state]), "working": working and not receipt.stopped, "stopped": working and receipt.stopped,
        "by_hand": working and not receipt.stopped and not fresh(settings.BULOU_HOME / SIGN, MachineClock().now()),
        "columns": [(c, _word(c, look), c in one.needed, receipt.mapping.get(c, -1)) for c in one.heads] if one and receipt.way == "file" else [],
        "options": list(enumerate(receipt.columns)), "heads": way.heads(), "rows": list(zip(rows, shown, strict=True)), "fate": fate,
        "checked": checked, "to_go": of - did, "percent": did * 100 // of if of else 0, "given": _given(receipt, look),
        "fates": [(f, look.say(FATES[f]), n) for f, n in (("entered", receipt.entered), ("same", receipt.same), ("refused", receipt.refused),
                                                         ("waiting", receipt.waiting), ("ok", checked), ("undone", receipt.undone)) if n],
        "number": number, "pages": max(1, -(-count // PER_PAGE)), "files": [f.called for f in FORMS.values() if f.ending in ("csv", "xlsx")],
        "words": {code: look.say(word) for code, word in FATES.items()}, "why": _why(receipt, look), "changed": _changed(receipt, look),
        "undo": may_undo(receipt, look) and look.moment.live, "undoing": undoes(receipt, way) if "undo" in request.GET and may_undo(receipt, look) else None,
        "asks_undo": "undo" in request.GET,
    }  # fmt: skip


def _given(receipt: ImportReceipt, look: Looking) -> list[tuple[str, str]]:
    """What is said once for all rows, and whom it concerns by area."""
    verb = VERBS.get(receipt.verb)
    if receipt.way != "many" or verb is None:
        return []
    said = []
    for name, value in receipt.given.get("values", {}).items():
        field = KINDS[verb.kind].field(name)
        if field is None or value is None or field.name in ("disease", "incident"):
            continue
        text = look.pick(LISTS[field.words], value) if field.words else look.area(value) if field.ref == "area" else str(value)
        text = look.time(value, deadline=True) if field.type == "instant" else text
        said.append((_word(name, look), text))
    areas = receipt.given.get("areas", {})
    return said + [
        (look.area(code) or look.say(_NOWHERE), f"{n:,}") for code, n in sorted(areas.items(), key=lambda pair: -pair[1])[:MOST_AREAS]
    ]


def _why(receipt: ImportReceipt, look: Looking) -> list[tuple[str, int]]:
    """Why rows are not entered, the most frequent reasons first."""
    if not (receipt.refused or receipt.waiting):
        return []
    language = "en" if look.language == "en" else "zh"
    found = (
        rows_of(receipt, "refused", "waiting").order_by().values_list("field", language).annotate(n=Count("id")).order_by("-n", language)
    )
    return [(f"{_word(field, look)}: {text}" if field in FIELD or field == "at" else text, n) for field, text, n in found[:MOST_REASONS]]


def _changed(receipt: ImportReceipt, look: Looking) -> list[tuple[str, int]]:
    """Of a sheet's file put back: how many rows change each column."""
    sheet = SHEETS.get(receipt.sheet)
    if receipt.way != "sheet" or sheet is None:
        return []
    found: Counter[str] = Counter()
    for names, n in rows_of(receipt, "ok", "entered").order_by().values_list("field").annotate(n=Count("id")):
        for name in names.split():
            found[name] += n
    return [(look.say(c.word), found[c.name]) for c in sheet.columns if found[c.name]]


def _mapping(request: HttpRequest, receipt: ImportReceipt, one: Import) -> dict[str, int]:
    chosen = {c: request.POST.get(f"column-{c}", "") for c in one.heads}
    return {c: int(text) for c, text in chosen.items() if text.isdecimal() and len(text) < 5 and int(text) < len(receipt.columns)}


def _missing(mapping: dict[str, int], one: Import, look: Looking) -> list[str]:
    missing = [_word(c, look) for c in one.needed if c not in mapping]
    return [_("Say which column is: %(names)s") % {"names": ", ".join(missing)}] if missing else []


@page("import-rows", "imports/<int:number>/rows.<str:ending>", "待更正的行", "Rows to correct", desk="kit", part=True, sample="import-rows")
def import_rows(request: HttpRequest, look: Looking, number: int, ending: str) -> HttpResponseBase:
    """The rows that were refused or wait, as a file to be put right and imported again; their own columns as they were sent."""
    receipt = _receipt(number, look)
    if receipt.way == "many" or ending not in ("csv", "xlsx"):
        raise Http404
    heads = (*receipt.columns, look.say(_N), look.say(_WRONG))
    head = Head(receipt.file, tuple(map(str, range(len(heads)))), heads, (), ((look.say(_TITLE), receipt.file),))

    def parts() -> Iterator[list[list[str]]]:
        part: list[list[str]] = []
        for row in rows_of(receipt, "refused", "waiting").iterator(chunk_size=_PART):
            part.append([*row.cells, str(row.n), _said(row, look)])
            if len(part) == _PART:
                yield part
                part = []
        yield part

    response = Leaving(FORMS[ending].write(head, parts()), content_type=FORMS[ending].type)
    response["Content-Disposition"] = f'attachment; filename="import-{receipt.pk}-to-correct.{ending}"'
    return response


def _said(row: Any, look: Looking) -> str:
    return f"{_word(row.field, look)}: {row.en if look.language == 'en' else row.zh}" if row.field in FIELD or row.field == "at" else (
        row.en if look.language == "en" else row.zh)  # fmt: skip
