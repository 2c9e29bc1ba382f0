"""Lists that leave unmasked: asked for with a reason, let go by a second person of another post, taken once, marked; all of it facts.

Without that a file of many people, or one with telephones, leaves masked for everyone. Nobody decides their own request.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bulou.basis.facts import ExportDecided, ExportRequested
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant
from bulou.basis.words import LISTS, Word
from bulou.duties.enter import Receipt
from bulou.evidence.timeline import standing_facts
from bulou.kit.centre import centre
from bulou.kit.confirming import Asking, Confirmed, Meant, confirmed
from bulou.kit.form import dress, reasons
from bulou.kit.looking import Looking
from bulou.kit.looks import attempted
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import SHEETS, Listed, Sheet
from bulou.kit.verb import Acting, Problem, Refused, Verb, do, verb

#: A file of more rows than this, or with one of these fields unmasked, is bulk: it leaves masked unless two people let it go.
MANY, TELLING = 200, frozenset({"phone", "document"})
#: How long a granted export may be taken.
OPEN = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Leaves:
    """Something that is no sheet and may leave unmasked when two people let it: of which desk, what it is called.

    ``count``: about how many people, for what stands in the address; ``take``: the file, with the mark that must stand in it and what
    its name must bear. Both raise ``Http404`` where it is not the viewer's, or no longer there.
    """

    name: str
    desk: str
    word: Word
    count: Callable[[Looking, QueryDict], int]
    take: Callable[[HttpRequest, Looking, QueryDict, str, str], HttpResponseBase]


#: By name; desks declare theirs.
LEAVES: dict[str, Leaves] = {}


def leaves(declared: Leaves) -> Leaves:
    """Declares something that may be asked for beside the sheets."""
    if declared.name in LEAVES or declared.name in SHEETS:
        raise ValueError(f"{declared.name} is declared twice")
    LEAVES[declared.name] = declared
    return declared


def _asked_for(name: str) -> Sheet | Leaves | None:
    """What a request speaks of: a sheet with people in it, or something that a desk declared."""
    sheet = SHEETS.get(name)
    return LEAVES.get(name) if sheet is None else sheet if sheet.people is not None else None


def bulk(listed: Listed) -> bool:
    """Whether the file of a list would carry people out of the house unmasked, in number or with what reaches them."""
    if listed.sheet.people is None or not listed.look.viewer.unmasked:
        return False
    return bool({c.manner for c in listed.sheet.columns} & TELLING & listed.look.viewer.unmasked) or listed.rows.count() > MANY


def masked(look: Looking) -> Looking:
    """The same eyes, seeing nobody unmasked; what they see is noted with the rest."""
    return replace(look, viewer=look.viewer._replace(unmasked=frozenset()))


def open_filters(sheet: Sheet, query: QueryDict) -> list[str]:
    """Filters of an address in which something was typed: a request on record names nobody, so it cannot have them."""
    return [n.name for n in sheet.narrows if not (n.words or n.area or n.choices) and query.get(n.name)]


# --- the three verbs --------------------------------------------------------------------------------------------------
def _fact(acting: Acting, request: bytes) -> Fact | None:
    found = [f for f in acting.book.facts.raw("fact", "id", request) if f.kind == "export.requested"]
    return found[0] if found else None


def _known_list(acting: Acting, body: ExportRequested) -> Iterable[Problem]:
    sheet = _asked_for(body.sheet)
    if sheet is None or not acting.looking.viewer.sees(sheet.desk):
        yield Problem("sheet", "没有可申请的这一清单", "there is no such list to ask for")


def _may_decide(acting: Acting, body: ExportDecided) -> Iterable[Problem]:
    request = _fact(acting, body.request)
    if request is None:
        yield Problem("request", "没有这一申请", "there is no such request")
        return
    if request.body.account == acting.looking.viewer.account or (acting.chair and acting.chair.post == request.body.post):
        yield Problem("request", "须由另一岗位的另一人审批", "another person, of another post, must decide")
    if acting.book.facts.by("export.decided", "request", body.request):
        yield Problem("request", "已有审批", "it has been decided")


def _may_take(acting: Acting, body: Any) -> Iterable[Problem]:
    request, facts = _fact(acting, body.request), acting.book.facts
    decided = [f for f in facts.by("export.decided", "request", body.request) if f.body.granted]
    if request is None or request.body.account != acting.looking.viewer.account:
        yield Problem("request", "只有申请人可以取走", "only who asked may take it")
    elif not decided:
        yield Problem("request", "未获准", "it was not granted")
    elif decided[0].body.until <= acting.now:
        yield Problem("request", "已过期", "it has lapsed")
    elif facts.by("export.taken", "request", body.request):
        yield Problem("request", "已取走过一次", "it was taken already")


ASK = verb(Verb("ask_export", Word("申请导出", "ask for an export"), "kit", "export.requested", None, ("purpose", "reason"), (_known_list,),
                timed=False, page="export-ask"))  # fmt: skip
DECIDE = verb(Verb("decide_export", Word("审批导出", "decide an export"), "kit", "export.decided", None, ("granted", "reason"), (_may_decide,),
                   timed=False, page="exports"))  # fmt: skip
TAKE = verb(Verb("take_export", Word("取走导出", "take an export"), "kit", "export.taken", None, (), (_may_take,), timed=False,
                 page="exports"))  # fmt: skip


# --- the pages --------------------------------------------------------------------------------------------------------
class _Asking(forms.Form):
    purpose = forms.ChoiceField()
    reason = forms.CharField(max_length=500, min_length=4, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, look: Looking, data: Any) -> None:
        super().__init__(data, initial={"purpose": look.purpose})
        self.fields["purpose"] = forms.ChoiceField(label=_("Purpose"), choices=[(c, look.say(w)) for c, w in LISTS["purpose"].items()])
        self.fields["reason"].label = _("Reason")
        dress(self)


def _bare(query: QueryDict) -> QueryDict:
    """The filters of a list, without what a request's page puts beside them."""
    found = query.copy()
    for name in ("sheet", "page", "sort", "next"):
        found.pop(name, None)
    return found


def _listed(request: HttpRequest, sheet: Sheet, look: Looking, query: str) -> Listed:
    asked = copy.copy(request)
    asked.GET = QueryDict(query)
    return Listed(sheet, look, asked)


def _problems(refused: Refused, look: Looking, request: HttpRequest) -> list[str]:
    """Why not, in the viewer's language; that it was tried is written down."""
    attempted(look, request, centre().clock.now())
    return reasons(refused.problems, look)


@page("export-ask", "exports/ask", "申请导出", "Ask for an export", desk="kit", sample="export", verb="ask_export")
def export_ask(request: HttpRequest, look: Looking) -> HttpResponse:
    """Asks to take a list out unmasked: which, how many rows, what for, why. Another person of another post decides."""
    sheet = _asked_for(request.GET.get("sheet", ""))
    if sheet is None or not look.viewer.sees(sheet.desk):
        raise Http404
    query = _bare(request.GET)
    typed = open_filters(sheet, query) if isinstance(sheet, Sheet) else []
    form = _Asking(look, request.POST if request.method == "POST" else None)
    count = _listed(request, sheet, look, query.urlencode()).rows.count() if isinstance(sheet, Sheet) else sheet.count(look, query)
    problems = [_("Take out what was typed into the filters: a request on record names nobody.")] if typed else []
    if request.method == "POST" and form.is_valid() and not typed:
        values = {**form.cleaned_data, "sheet": sheet.name, "query": query.urlencode() or "-", "rows": count,
                  "account": look.viewer.account}  # fmt: skip
        try:
            do(ASK, look, values, id_=id_or_404(request.POST["fact_id"]) if request.POST.get("fact_id") else None)
        except Refused as refused:
            problems = _problems(refused, look, request)
        else:
            messages.success(request, _("Asked. Another person, of another post, decides."))
            return redirect("exports")
    context = {
        "title": look.say(ASK.word), "form": form, "problems": problems, "sheet": sheet, "count": count, "many": MANY,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "kit/export_ask.html", context, status=422 if request.method == "POST" else 200)


@page("exports", "exports", "导出申请", "Exports", desk="kit", nav=2, icon="share", leads="decide_export")
def exports(request: HttpRequest, look: Looking) -> HttpResponseBase:
    """Requests: one's own, with the way to take what was granted; and for those who may decide, or who audit, those of others."""
    audits = look.viewer.sees("audit") and look.scope.codes is None
    acts = look.viewer.may("ask_export") or look.viewer.may("decide_export")
    if not look.moment.live or not (acts or audits) or (request.method == "POST" and not acts):
        raise Http404
    problems: list[str] = []
    account = look.viewer.account
    if request.method == "POST":
        id_ = id_or_404(request.POST.get("request", ""))
        now = centre().clock.now()
        try:
            if request.POST.get("do") == "take":
                _there(look, id_)
                do(TAKE, look, {"request": id_, "account": account})
                return _taken(request, look, id_)
            granted = request.POST.get("do") == "grant"
            reason = request.POST.get("reason", "").strip()
            until = Instant(now + OPEN) if granted else None
            do(DECIDE, look, {"request": id_, "granted": granted, "account": account, "reason": reason, "until": until})
        except Refused as refused:
            problems = _problems(refused, look, request)
        else:
            messages.success(request, _("Decided."))
            return redirect("exports")
    found = standing_facts("export.requested", look.seq, look.about)
    if not (look.viewer.may("decide_export") or audits):
        found = found.filter(account=account)
    rows = list(found.order_by("-at", "id")[:100])
    ids = [bytes(r.id) for r in rows]
    decided = {bytes(d.request): d for d in standing_facts("export.decided", look.seq, look.about).filter(request__in=ids)}
    taken = {bytes(t.request): t for t in standing_facts("export.taken", look.seq, look.about).filter(request__in=ids)}
    posts = {c.post for c in look.viewer.chairs if "decide_export" in c.role.verbs}
    lines = [_line(r, decided.get(bytes(r.id)), taken.get(bytes(r.id)), account, posts, look) for r in rows]
    context = {
        "title": look.say(Word("导出申请", "Exports")),
        "lines": lines,
        "problems": problems,
        "waiting": sum(line["decide"] for line in lines),
    }
    return show(request, "kit/exports.html", context, status=422 if problems else 200)


def _line(row: Any, decided: Any, taken: Any, account: str, posts: set[str], look: Looking) -> dict[str, Any]:
    mine = row.account == account
    lapsed = bool(decided and decided.granted and not taken and decided.until <= look.about)
    return {
        "id": bytes(row.id), "at": row.at, "account": row.account, "post": row.post, "sheet": _asked_for(row.sheet), "query": row.query, "rows": row.rows,
        "purpose": row.purpose, "reason": row.reason, "decided": decided, "taken": taken, "lapsed": lapsed,
        "decide": decided is None and not mine and bool(posts - {row.post}),
        "take": mine and bool(decided and decided.granted) and not taken and not lapsed,
    }  # fmt: skip


def _there(look: Looking, id_: bytes) -> None:
    """What is no longer there is not found, and its request not used up."""
    found = look.facts().raw("fact", "id", id_)
    other = LEAVES.get(found[0].body.sheet) if found and found[0].kind == "export.requested" else None
    if other is not None:
        other.count(look, QueryDict(found[0].body.query))


def _taken(request: HttpRequest, look: Looking, id_: bytes) -> HttpResponseBase:
    """The file, once: who holds it, when and under which request stands in every row and in its name."""
    body = look.facts().raw("fact", "id", id_)[0].body
    sheet = _asked_for(body.sheet)
    if sheet is None or not look.viewer.sees(sheet.desk):
        raise Http404
    look.export, look.purpose = id_, body.purpose
    query, number = "" if body.query == "-" else body.query, to_text(id_)[-12:]
    mark, under = f"{body.account} · {body.post} · {look.time(centre().clock.now())} · {number}", f"{body.account}_{number}"
    if isinstance(sheet, Leaves):
        return sheet.take(request, look, QueryDict(query), mark, under)
    listed = _listed(request, sheet, look, query)
    listed.watermark, listed.under = mark, under
    return listed.csv()


# --- for programs -----------------------------------------------------------------------------------------------------
def _asks_for(asking: Asking) -> Meant:
    """A request as the page makes it: of a list that the viewer sees, with filters that name nobody, about so many rows."""
    look, said = asking.look, asking.said
    sheet = _asked_for(said["sheet"])
    if sheet is None or not look.viewer.sees(sheet.desk):
        raise Http404
    query = _bare(QueryDict(said["query"] or ""))
    wrong = []
    if isinstance(sheet, Sheet) and open_filters(sheet, query):
        wrong.append(
            Problem("query", "筛选中不得有键入的文字:记录在案的申请不写任何人", "take out what was typed: a request on record names nobody")
        )
    listed = _listed(asking.request, sheet, look, query.urlencode()) if isinstance(sheet, Sheet) else None
    if listed is not None and not listed.filter.is_valid():
        wrong.append(Problem("query", "筛选无效", "is no filter of this list"))
    if len(said["reason"].strip()) < 4:
        wrong.append(Problem("reason", "请写明理由", "give the reason"))
    if wrong:
        raise Refused(wrong)
    count = listed.rows.count() if listed is not None else sheet.count(look, query)  # type: ignore[union-attr]  # no sheet: it leaves
    values = {**said, "query": query.urlencode() or "-", "rows": count, "account": look.viewer.account}
    return Meant(ASK, values, (f"{look.say(sheet.word)} · {count:,}",))


def _decides(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    found = look.facts().raw("fact", "id", said["request"])
    if not found or found[0].kind != "export.requested":
        raise Http404
    body, now = found[0].body, centre().clock.now()
    sheet = _asked_for(body.sheet)
    name = look.say(sheet.word) if sheet else body.sheet
    shows = f"{name} · {body.rows:,} · {body.account} · {body.post} · {look.pick(LISTS['purpose'], body.purpose)} · {body.reason}"
    values = {**said, "account": look.viewer.account, "until": Instant(now + OPEN) if said["granted"] else None}
    return Meant(DECIDE, values, (shows,))


def _takes(asking: Asking) -> Meant:
    look, id_ = asking.look, asking.said["request"]
    found = look.facts().raw("fact", "id", id_)
    if not found or found[0].kind != "export.requested" or found[0].body.account != look.viewer.account:
        raise Http404
    _there(look, id_)
    return Meant(TAKE, {"request": id_, "account": look.viewer.account}, (f"{found[0].body.sheet} · {found[0].body.rows:,}",))


def _carried(asking: Asking, meant: Meant, receipt: Receipt) -> HttpResponseBase:
    return _taken(asking.request, asking.look, asking.said["request"])


confirmed(Confirmed("ask_export", ("sheet", "query", "purpose", "reason"), _asks_for, maybe=frozenset({"query"})))
confirmed(Confirmed("decide_export", ("request", "granted", "reason"), _decides))
confirmed(Confirmed("take_export", ("request",), _takes, carry=_carried, file="text/csv"))


__all__ = ["ASK", "DECIDE", "LEAVES", "MANY", "TAKE", "Leaves", "bulk", "leaves", "masked"]
