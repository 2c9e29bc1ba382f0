"""Pages of lists for doors: choosing and printing one, its paper, giving it back; and the sheet of those that are out.

Nothing is on paper that was not entered: what is looked at before printing is kept off paper by the style sheet, and the paper itself is
a page of its own under a fact that says who holds it, until when it is good and what stood on it.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import HOUR, Instant
from bulou.basis.words import LISTS, Word
from bulou.desks.people.doors import (
    LEVELS,
    MOST,
    PRINT,
    RETURN,
    USUAL,
    Changes,
    Line,
    as_printed,
    before,
    came_back,
    changes,
    digest,
    doors,
    lines,
    number,
    printed,
    then,
)  # fmt: skip
from bulou.duties.enter import Receipt
from bulou.evidence.timeline import standing_facts
from bulou.kit.answering import post_name
from bulou.kit.centre import drill
from bulou.kit.confirming import Asking, Confirmed, Meant, More, confirmed
from bulou.kit.doing import back, link
from bulou.kit.form import FactForm, dress, reasons
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import unit_options
from bulou.kit.sheet import EXERCISE, Col, Narrow, Sheet, sheet
from bulou.kit.verb import Problem, Refused, do

#: Hours for which a list may be asked for.
HOURS = (4, 8, 12, 24, 48, 72)
#: Rows shown before printing, and rows on one sheet of paper.
FIRST, PER_SHEET = 40, 22
MARKS = {"added": Word("新增", "new"), "changed": Word("变化", "changed"), "gone": Word("撤下", "gone")}
OWED, NOT_OWED = Word("应办", "owed"), Word("无应办", "not owed")


class _Choosing(forms.Form):
    """Of which area and what, and how long the paper is good for."""

    def __init__(self, look: Looking, areas: list[tuple[str, str]], data: Any) -> None:
        super().__init__(data)
        hours = [(n, _("%(n)s hours") % {"n": n}) for n in HOURS]
        self.fields["area"] = forms.ChoiceField(label=_("Area"), choices=areas)
        self.fields["what"] = forms.ChoiceField(label=_("What"), choices=[(c, look.say(w)) for c, w in LISTS["door"].items()])
        self.fields["hours"] = forms.TypedChoiceField(label=_("Good for"), choices=hours, coerce=int)
        dress(self)


def _areas(look: Looking) -> list[tuple[str, str]]:
    """Villages and the units below them that a chair with the right to print reaches."""
    own = {c: look.areas.places[c] for c, _name in unit_options(look) if c in look.areas.places}
    return [(c, look.area(c)) for c, p in own.items() if p.level in LEVELS and look.viewer.may(PRINT.name, c)]


@page("doors", "people/doors", "上门名单打印", "Print a list for doors", desk="people", nav=9, icon="printer", verb="print_doors")
def doors_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Chooses a list for doors and shows it; printing enters who holds it, and leads to its paper."""
    areas = _areas(look)
    given = request.POST if request.method == "POST" else request.GET
    area, what = given.get("area") or (areas[0][0] if areas else ""), given.get("what") or "all"
    if areas and area not in dict(areas):
        raise Http404
    if what not in LISTS["door"]:
        raise Http404
    form = _Choosing(look, areas, {"area": area, "what": what, "hours": given.get("hours") or USUAL // HOUR})
    found = doors(look, area, what) if areas else []
    problems: list[str] = []
    if request.method == "POST" and areas and form.is_valid():
        id_ = id_or_404(request.POST.get("fact_id", ""))
        values = {
            "area": area, "what": what, "rows": len(found), "upto": look.seq, "digest": digest(found),
            "account": look.viewer.account,
            "until": Instant(look.about + form.cleaned_data["hours"] * HOUR),
        }  # fmt: skip
        try:
            do(PRINT, look, values, at=look.about, id_=id_)
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            return redirect("door-list", printed=to_text(id_))
    last = before(look, area, what)
    was = as_printed(look, last) if last else None
    context = {
        "title": look.say(PRINT.word), "form": form, "areas": areas, "area": area, "problems": problems, "warning": PRINT.warning, "most": MOST,
        "count": len(found), "owed": sum(d.owed for d in found), "lines": lines(found[:FIRST], look, area), "more": max(len(found) - FIRST, 0),
        "last": last, "last_number": number(last.id) if last else "", "counts": changes(found, was).counts() if was is not None else None,
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "people/doors.html", context, status=422 if request.method == "POST" else 200)


def _mine(look: Looking, text: str) -> Any:
    """A list that the viewer printed themselves, within their areas of now."""
    row = printed(look).filter(id=id_or_404(text), account=look.viewer.account).first()
    if row is None or not look.viewer.may(PRINT.name, row.area):
        raise Http404
    return row


@page("door-list", "people/doors/<str:printed>", "上门名单", "A list for doors", desk="people", sample="door-list", verb="print_doors")
def door_list(request: HttpRequest, look: Looking, printed: str) -> HttpResponse:
    """The paper of a list, for who printed it and until its end: every page with its holder, hour, number and end. Also as plain text."""
    row = _mine(look, printed)
    out = standing_facts("list.returned", look.seq, look.about).filter(printed=row.id).order_by("-at").first()
    after = reverse("sheet-door-lists")
    context = {
        "title": look.say(_A_LIST), "row": row, "number": number(row.id), "over": row.until <= look.about, "out": out,
        "return": link(RETURN, look, {"printed": bytes(row.id)}, after), "exercise": EXERCISE if drill() else "",
    }  # fmt: skip
    if context["over"] or out:
        return show(request, "people/door_over.html", context)
    look.export = bytes(row.id)
    at = then(look, row)
    found = as_printed(look, row)
    if found is None:  # content was destroyed meanwhile, or its holder's areas are others now
        return show(request, "people/door_over.html", {**context, "untold": True})
    last = before(at, row.area, row.what)
    was = as_printed(look, last) if last else None
    against = changes(found, was) if was is not None else None
    made = lines(found, at, row.area, against)
    context |= {
        "holder": f"{row.account} · {post_name(look, row.post)}", "last": last, "last_number": number(last.id) if last else "",
        "counts": against.counts() if against else None, "count": len(found), "owed": sum(d.owed for d in found), "marks": MARKS, "yes": OWED,
        "no": NOT_OWED, "sheets": [made[i : i + PER_SHEET] for i in range(0, len(made), PER_SHEET)], "tiles": range(60),
    }  # fmt: skip
    if request.GET.get("form") == "text":
        response = HttpResponse(_text(look, context, made), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{"EXERCISE_" if drill() else ""}doors_{number(row.id)}.txt"'
        return response
    return show(request, "people/door_list.html", context)


def _text(look: Looking, context: dict[str, Any], made: list[Line]) -> str:
    """The same as plain text. The number stands on every line: lines are copied one by one."""
    row, no = context["row"], context["number"]
    head = [
        " ".join(t for t in (context["exercise"], look.say(_A_LIST), no, look.area(row.area)) if t),
        f"{_('Held by')}: {context['holder']} · {_('Printed')}: {look.time(row.at)} · {_('Good until')}: {look.time(row.until, deadline=True)}",
        _("Return or destroy it; do not photograph it or pass it on."),
        _("%(count)s rows, of which %(owed)s owed") % {"count": context["count"], "owed": context["owed"]},
    ]
    body = []
    for one in made:
        said = "—" if one.gone else look.say(OWED if one.owed else NOT_OWED)
        body.append(
            " · ".join(t for t in (str(one.number), one.door, one.name, said, look.say(MARKS[one.mark]) if one.mark else "", no) if t)
        )
    return "\n".join([*head, *body]) + "\n"


@page(
    "door-return", "people/door-return", "交回上门名单", "Return a list for doors", desk="people", sample="door-return", verb="return_list"
)
def door_return(request: HttpRequest, look: Looking) -> HttpResponse:
    """What became of a printed list: returned, destroyed or lost; for whoever answers for its area."""
    asked = id_or_404(request.POST.get("printed") or request.GET.get("printed") or "")
    row = printed(look).filter(id=asked).first()
    if row is None or not look.viewer.may(RETURN.name, row.area):
        raise Http404
    form = FactForm(KINDS["list.returned"], RETURN.fields, {}, look.language, look.zone, timed=False, now=look.about,
                    data=request.POST if request.method == "POST" else None)  # fmt: skip
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            do(RETURN, look, {**form.values(), "printed": asked}, id_=id_or_404(request.POST.get("fact_id", "")))
        except Refused as refused:
            problems = reasons(refused.problems, look)
        else:
            messages.success(request, _("Entered: %(what)s") % {"what": look.say(RETURN.word)})
            return redirect(back(request, reverse("sheet-door-lists")))
    context = {
        "title": look.say(RETURN.word), "form": form, "problems": problems, "row": row, "number": number(row.id), "next": back(request),
        "fact_id": request.POST.get("fact_id") or to_text(new_id(look.about)),
    }  # fmt: skip
    return show(request, "people/door_return.html", context, status=422 if request.method == "POST" else 200)


# --- for programs -----------------------------------------------------------------------------------------------------
def _prints(asking: Asking) -> Meant:
    """A list of an area that a chair of the viewer's may print, as it stands now; the code holds for exactly these rows."""
    look, said = asking.look, asking.said
    if said["area"] not in dict(_areas(look)):
        raise Http404
    if said["hours"] not in HOURS:
        some = ", ".join(map(str, HOURS))
        raise Refused([Problem("hours", f"应为其中之一:{some}", f"should be one of {some}")])
    found = doors(look, said["area"], said["what"])
    values = {
        "area": said["area"], "what": said["what"], "rows": len(found), "upto": look.seq, "digest": digest(found),
        "account": look.viewer.account, "until": Instant(look.about + said["hours"] * HOUR),
    }  # fmt: skip
    owed = sum(d.owed for d in found)
    shows = look.say(Word(f"{len(found):,} 行,其中应办 {owed:,}", f"{len(found):,} rows, of which {owed:,} owed"))
    return Meant(PRINT, values, (f"{look.area(said['area'])} · {shows}",), bound=digest(found), at=look.about)


def _paper(asking: Asking, meant: Meant, receipt: Receipt) -> dict[str, str]:
    return {"paper": asking.request.build_absolute_uri(reverse("door-list", kwargs={"printed": to_text(asking.id)}))}


def _returns(asking: Asking) -> Meant:
    look, said = asking.look, asking.said
    row = printed(look).filter(id=said["printed"]).first()
    if row is None or not look.viewer.may(RETURN.name, row.area):
        raise Http404
    return Meant(RETURN, said, (f"{number(row.id)} · {look.area(row.area)} · {row.account}",))


confirmed(Confirmed(
    "print_doors", ("area", "what"), _prints, {"hours": More(Word("有效小时数", "hours for which it is good"), "int")}, carry=_paper,
    gives={"paper": Word("名单页面", "the page of the list")},
))  # fmt: skip
confirmed(Confirmed("return_list", ("printed", "outcome", "note"), _returns))


# --- the sheet --------------------------------------------------------------------------------------------------------
_A_LIST = Word("上门名单", "list for doors")
STATES = {
    "overdue": Word("逾期未交回", "overdue for return"), "out": Word("在外", "out"), "lost": Word("遗失", "lost"),
    "returned": Word("已交回", "returned"), "destroyed": Word("已销毁", "destroyed"),
}  # fmt: skip
_BADGE = {"overdue": "overdue", "out": "due", "lost": "blocked", "returned": "done", "destroyed": "done"}
OPEN = Word("未交回(在外、逾期)", "not returned (out, overdue)")


def _state_of(rows_: Any, value: str, look: Looking) -> Any:
    """Lists in one state; a list that was lost and then found is returned."""
    back_, lost = came_back(look, "returned", "destroyed"), came_back(look, "lost")
    match value:
        case "open":
            return rows_.exclude(id__in=back_).exclude(id__in=lost)
        case "overdue" | "out":
            late = Q(until__lte=look.about)
            return _state_of(rows_, "open", look).filter(late if value == "overdue" else ~late)
        case "lost":
            return rows_.filter(id__in=lost).exclude(id__in=back_)
        case "returned" | "destroyed":
            return rows_.filter(id__in=came_back(look, value))
    return rows_.none()


def _became(rows_: list[Any], look: Looking) -> None:
    """What became of the lists of this page, and what may be done with them: one statement."""
    found = standing_facts("list.returned", look.seq, look.about).filter(printed__in=[r.id for r in rows_]).order_by("at", "id")
    became: dict[bytes, Any] = {}
    for one in found:
        if bytes(one.printed) not in became or became[bytes(one.printed)].outcome == "lost":
            became[bytes(one.printed)] = one
    here, account = reverse("sheet-door-lists"), look.viewer.account
    for row in rows_:
        one = became.get(bytes(row.id))
        row.state = one.outcome if one else "overdue" if row.until <= look.about else "out"
        row.back_at = one.at if one else None
        mine = row.account == account and row.state == "out" and look.moment.live and look.viewer.may(PRINT.name, row.area)
        row.paper = reverse("door-list", kwargs={"printed": to_text(bytes(row.id))}) if mine else None
        able = row.state in ("out", "overdue", "lost") and look.viewer.may(RETURN.name, row.area)
        row.give_back = link(RETURN, look, {"printed": bytes(row.id)}, here) if able else None


_GIVE_BACK = Word("交回", "return")

LISTS_OUT = sheet(Sheet(
    "door-lists", "people", Word("上门名单登记", "Lists for doors"), printed,
    (
        Col("number", Word("编号", "Number"), lambda r, k: number(r.id), strong=True, href=lambda r, k: r.paper),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "at"), narrow=False),
        Col("what", Word("内容", "What"), lambda r, k: k.pick(LISTS["door"], r.what), ("what", "at")),
        Col("holder", Word("持有人", "Held by"), lambda r, k: r.account, ("account", "at")),
        Col("post", Word("岗位", "Post"), lambda r, k: post_name(k, r.post), ("post", "at")),
        Col("rows", Word("行数", "Rows"), lambda r, k: f"{r.rows:,}", ("rows", "at")),
        Col("at", Word("打印时间", "Printed"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("until", Word("有效至", "Good until"), lambda r, k: k.time(r.until, deadline=True), ("until", "id")),
        Col("state", Word("状态", "State"), lambda r, k: k.say(STATES[r.state]), badge=lambda r, k: _BADGE[r.state]),
        Col("back", Word("交回时间", "Back"), lambda r, k: k.time(r.back_at)),
        Col("do", Word("办理", "Do"), lambda r, k: k.say(_GIVE_BACK) if r.give_back else "", href=lambda r, k: r.give_back, act=True),
    ),
    (
        Narrow("state", Word("状态", "State"), _state_of, choices=lambda k: [("open", k.say(OPEN)), *((s, k.say(w)) for s, w in STATES.items())]),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="-at", prepare=_became, nav=10, icon="file-text", opens="?state=open",
    empty=Word("没有符合条件的上门名单", "No list for doors here"),
    note=Word("名单只写门牌、掩码姓名、应办与否;每张纸有持有人、时间与编号,到期须交回或销毁。撤回记录不等于收回纸张。",
              "A list says the door, a masked name, owed or not owed; every page its holder, hour and number. It is returned or destroyed "
              "at its end; withdrawing the record takes no paper back."),
))  # fmt: skip

__all__ = ["LISTS_OUT", "Changes"]
