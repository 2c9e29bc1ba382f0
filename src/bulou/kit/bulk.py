"""One verb for many rows of a sheet: those ticked, a page, or all of its filters; looked at first, then done, and taken back as a whole.

Only verbs that say so (``Verb.many``) are offered: what restricts a person is ordered for each by a named post, with the evidence before
their eyes. The rows are kept as they are now; ``kit.many`` checks, enters and takes back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import from_text, named_id, new_id, subject_of, to_text
from bulou.basis.kinds import KINDS, Field
from bulou.basis.words import Word
from bulou.kit.form import FactForm
from bulou.kit.incidents import current
from bulou.kit.looking import Looking
from bulou.kit.many import WAYS, Act, Said, begin, new_receipt, receipts, start, step
from bulou.kit.models import ImportReceipt, ImportRow
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import EXPORT_PART, SHEETS, Listed, Sheet
from bulou.kit.verb import VERBS, Verb, in_whose_name
from bulou.register.models import Household
from bulou.register.scope import standing

#: Rows changed at once; a longer list is done in parts, each looked at.
MOST = 20_000
WHICH = {"rows": Word("勾选的行", "the rows ticked"), "page": Word("本页", "this page"), "all": Word("本清单全部", "all of this list")}
_TITLE = Word("批量办理", "Do for many")
#: Filled in by what is known of who asks, or of the incident.
_KNOWN = frozenset({"post", "incident", "disease", "account"})


def fits(verb: Verb, sheet: Sheet) -> bool:
    """Whether the rows of a sheet say whom a verb is about, and with what the verb asks for all that its fact needs."""
    if sheet.gives is None or verb.page or sheet.name not in verb.many:
        return False
    kind, names = KINDS[verb.kind], set(sheet.gives.names)
    about = verb.about or (kind.subject.name if kind.subject else None)
    usual = getattr(kind.body, "_field_defaults", {})
    needed = {f.name for f in kind.fields if not f.optional and f.name not in usual} - _KNOWN
    # What is said once for all is kept as it is written; an id is the row's own.
    said_once = all((f := kind.field(name)) is not None and f.type != "id" for name in set(verb.fields) - names)
    return about in names and needed <= names | set(verb.fields) and said_once


def verbs_for(sheet: Sheet, look: Looking) -> list[Verb]:
    """What this viewer may do for many rows of a sheet."""
    return [v for v in VERBS.values() if look.viewer.may(v.name) and fits(v, sheet)] if look.moment.live else []


# --- rows are read ----------------------------------------------------------------------------------------------------
class ManyWay:
    """The way of rows of a sheet: each is one act of the same verb with the same words, about whom or what the row is."""

    def __init__(self, receipt: ImportReceipt, look: Looking) -> None:
        self.receipt, self.look, self.verb = receipt, look, VERBS[receipt.verb]
        self.fields: dict[str, Field | None] = {n: KINDS[self.verb.kind].field(n) for n in receipt.columns}

    def ids(self, row: ImportRow) -> list[bytes]:
        return [named_id("many", self.receipt.sha256, str(row.n))]

    def _values(self, row: ImportRow) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for (name, field), text in zip(self.fields.items(), row.cells, strict=True):
            if text is not None and (name == "incident" or field is not None):
                found[name] = from_text(text) if name == "incident" or (field and field.type == "id") else text
        return found

    def read(self, rows: Sequence[ImportRow]) -> list[Said]:
        usual = getattr(KINDS[self.verb.kind].body, "_field_defaults", {})
        names = [f.name for f in KINDS[self.verb.kind].fields if f.name != "post"]
        given, at = dict(self.receipt.given["values"]), self.receipt.given["at"]
        said = []
        for row in rows:
            own = self._values(row)
            incident = own.pop("incident", None) or self.receipt.incident
            values = {**{n: usual.get(n) for n in names}, **given, **own}
            said.append(Said([Act(self.verb, self.ids(row)[0], values, at, incident)]))
        return said

    def heads(self) -> list[str]:
        sheet = SHEETS.get(self.receipt.sheet)
        return [self.look.say(sheet.word) if sheet else ""]

    def shown(self, rows: Sequence[ImportRow]) -> list[list[str]]:
        at = {name: i for i, name in enumerate(self.receipt.columns)}
        first = next((n for n in ("person", "household", "tube", "subject", "area") if n in at), None)
        whom = [_whom(first, row.cells[at[first]]) if first and row.cells and row.cells[at[first]] else None for row in rows]
        self.look.learn_names(w for w in whom if isinstance(w, bytes))
        homes = [w for w in whom if isinstance(w, bytes)] if first == "household" else []
        address = {
            bytes(h): a for h, a in standing(Household, self.look.seq).filter(household__in=homes).values_list("household", "address")
        }
        return [[self._called(w, address)] for w in whom]

    def _called(self, whom: bytes | str | None, address: dict[bytes, str | None]) -> str:
        if isinstance(whom, bytes):
            return self.look.show("address", address[whom], whom) if whom in address else self.look.name(whom)
        return (self.look.area(whom) if whom in self.look.areas.places else whom) if whom else ""


def _whom(name: str, text: str) -> bytes | str:
    try:
        return from_text(text) if name in ("person", "household") else text if name == "tube" else subject_of(text)
    except ValueError:  # destroyed since
        return text


WAYS["many"] = ManyWay


# --- choosing rows ----------------------------------------------------------------------------------------------------
def chosen(listed: Listed, request: HttpRequest, which: str) -> Any:
    """The rows that were chosen, as the viewer's list has them now."""
    if which == "all":
        return listed.rows
    if which == "page":
        return listed.rows.filter(pk__in=[row.record.pk for row in listed.page(request).paginated_rows])
    ticked = [int(text) for text in request.GET.getlist("row") if text.isascii() and text.isdigit() and len(text) < 19]
    return listed.rows.filter(pk__in=ticked)


def _given(sheet: Sheet, rows: Any, look: Looking, counted: Counter[str]) -> Iterator[tuple[str | None, ...]]:
    """What each row says of a verb's body, each once; ``counted`` learns in which areas they lie."""
    assert sheet.gives
    seen: set[tuple[str | None, ...]] = set()
    of = sheet.gives.of(look)
    for row in rows.order_by("pk").iterator(chunk_size=EXPORT_PART):
        said = of(row)
        cells = tuple(to_text(v) if isinstance(v, bytes) else v for v in (said.get(n) for n in sheet.gives.names))
        if cells not in seen:
            seen.add(cells)
            counted[look.areas.child_of(look.areas.root or "", getattr(row, "area", None)) or ""] += 1
            yield cells


@page("many", "many/<slug:sheet>", "批量办理", "Do for many", desk="kit", sample="many")
def many_page(request: HttpRequest, look: Looking, sheet: str) -> HttpResponse:
    """What is to be done for the rows that were chosen, with the words that are the same for all of them; then they are checked."""
    declared, verb = SHEETS.get(sheet), VERBS.get(request.GET.get("verb", ""))
    if declared is None or not look.viewer.sees(declared.desk) or verb is None or verb not in verbs_for(declared, look):
        raise Http404
    listed, kind = Listed(declared, look, request), KINDS[verb.kind]
    which = request.GET.get("which", "rows")
    rows = chosen(listed, request, which if which in WHICH else "rows")
    count = rows.count()
    incident = current(request, look)
    form = FactForm(
        kind, [f for f in verb.fields if f not in (declared.gives.names if declared.gives else ())], {}, look.language, look.zone,
        timed=verb.timed, now=look.about, data=request.POST if request.method == "POST" else None,
    )  # fmt: skip
    problems = []
    if not count:
        problems = [_("No row is chosen: tick some in the list, or take the page or all of it.")]
    elif count > MOST:
        problems = [_("More than %(most)s rows: narrow the list, and do it in parts.") % {"most": f"{MOST:,}"}]
    elif kind.scope == "incident" and incident is None:
        problems = [_("Choose the incident first: these rows belong to one.")]
    kept = request.GET.copy()
    for name in ("verb", "which", "row"):
        kept.pop(name, None)
    next_ = f"{reverse(f'sheet-{declared.name}')}?{kept.urlencode() or 'all=1'}"
    if request.method == "POST" and form.is_valid() and not problems:
        mark = id_or_404(request.POST.get("fact_id", "")).hex()
        receipt = receipts(look).filter(way="many", sha256=mark).first()
        if receipt is None:
            values = {n: v for n, v in form.values().items() if n in form.fields}
            receipt = receipt_of(declared, verb, look, values, form.at(), rows, mark, incident, next_)
        return redirect("import", number=receipt.pk)
    context = {
        "title": f"{look.say(verb.word)} · {look.say(declared.word)}", "verb": verb, "form": form, "count": count, "problems": problems,
        "which": look.say(WHICH.get(which, WHICH["rows"])), "next": next_,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/many.html", context, status=422 if request.method == "POST" else 200)


def receipt_of(
    sheet: Sheet,
    verb: Verb,
    look: Looking,
    values: dict[str, Any],
    at: int | None,
    rows: Any,
    mark: str,
    incident: Any = None,
    back: str = "",
) -> ImportReceipt:
    """The rows kept as they are now, and their check begun. ``values``: what is said for all of them; ``mark`` is the receipt's own."""
    kind, areas = KINDS[verb.kind], Counter[str]()
    assert sheet.gives
    cells = list(_given(sheet, rows, look, areas))
    if kind.field("disease") is not None:
        values["disease"] = incident.disease if incident else None
    receipt = new_receipt(
        "many", in_whose_name(look, look.viewer.chair_for(verb.name)), what=verb.desk, file="", sha256=mark, state="ready", verb=verb.name,
        sheet=sheet.name, incident=incident.id if incident and kind.scope != "world" else None, columns=list(sheet.gives.names), total=len(cells),
        given={"values": values, "at": at, "areas": dict(areas), "back": back},
    )  # fmt: skip
    begin(receipt, enumerate(cells, start=1))
    start(receipt, {})
    step(receipt, look)
    return receipt


__all__ = ["MOST", "ManyWay", "fits", "receipt_of", "verbs_for"]
