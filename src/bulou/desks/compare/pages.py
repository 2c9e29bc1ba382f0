"""The pages of the bench: lists dropped in, how far the work is, the answer in one sentence. Shows what the worker found; judges nothing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bulou.basis.ids import to_text
from bulou.basis.masks import scrubbed
from bulou.basis.words import Word
from bulou.desks.compare import kept, lasting
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.found import found_or_404
from bulou.desks.compare.ledger import drawable, drawn, hour
from bulou.desks.compare.missing import missing_of
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.posts import offered
from bulou.desks.compare.settling import passed, settled
from bulou.desks.compare.told import told
from bulou.kit.centre import centre
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show

STATES = {
    "draft": Word("等待名单", "waits for lists"),
    "waiting": Word("排队中", "waiting"),
    "running": Word("正在比对", "comparing"),
    "done": Word("已完成", "done"),
    "needs": Word("需要您看一下", "needs you"),
    "failed": Word("失败", "failed"),
    "cancelled": Word("已取消", "cancelled"),
}
#: What the worker tells of its way.
STEPS = {
    "reading": Word("读取名单", "reading the lists"), "read": Word("整理", "putting in order"), "documents": Word("按证件比对", "by document"),
    "names and phones": Word("按姓名与电话比对", "by name and phone"), "undecided": Word("比对未定的", "the undecided"),
    "review": Word("排出待核", "what to review"), "done": Word("汇总", "adding up"), "asked": Word("算衔接与口径", "bridges and counts"),
    "writing": Word("写出结果", "writing the answer"),
}  # fmt: skip


# --- what is put in -----------------------------------------------------------------------------------------------------
def _sent(request: HttpRequest, look: Looking, already: int, size: int) -> tuple[list[kept.Sent], str]:
    """The files and the text of a form; or what is wrong with all of them together. One bad file among them is found when it is read."""
    sent = [kept.Sent(f.name or "?", b"") for f in request.FILES.getlist("files")]
    text = request.POST.get("text", "")
    of_ledger, problem = _drawn(request, look)
    if problem:
        return [], problem
    before = [*_kept(request, look), *of_ledger]
    many = len(sent) + bool(text.strip()) + len(before)
    whole = size + sum(f.size or 0 for f in request.FILES.getlist("files")) + len(text.encode()) + sum(len(b.data) for b in before)
    if already + many > kept.MOST_FILES:
        return [], _("%(n)d files: at most %(most)d can be compared at once.") % {"n": already + many, "most": kept.MOST_FILES}
    if whole > kept.MOST_BYTES:
        return [], _("More than %(n)d MB in all: split the lists by street or by day.") % {"n": kept.MOST_BYTES // 1_000_000}
    if not many:
        return [], _("Nothing was put in: choose files or paste a text.")
    # What was kept comes first: a bridge leads from yesterday's list to today's.
    sent = [*before, *(kept.Sent(f.name or "?", f.read()) for f in request.FILES.getlist("files"))]
    if text.strip():
        name = request.POST.get("called", "").strip() or _("pasted %(n)d") % {"n": already + many}
        sent.append(kept.Sent(name, text.encode(), pasted=True))
    return sent, ""


def _kept(request: HttpRequest, look: Looking) -> list[kept.Sent]:
    """The kept lists that were chosen; one that went meanwhile is left out, and the page then says that there are too few."""
    wanted = {id_or_404(text) for text in request.POST.getlist("kept")}
    there = [one for one in lasting.lists(look, centre().clock.now()) if one.pk in wanted] if wanted else []
    return [sent for one in there if (sent := lasting.taken(one))]


def _drawn(request: HttpRequest, look: Looking) -> tuple[list[kept.Sent], str]:
    """The list that is drawn from the ledger as of an hour, if one was asked for; or why there is none."""
    name = request.POST.get("ledger", "")
    if not name:
        return [], ""
    sheet = next((s for s in drawable(look) if s.name == name), None)
    if sheet is None:
        raise Http404
    at = hour(look, request.POST.get("ledger_at", ""))
    if at is None:
        return [], _("The hour of the ledger's list is none, or still to come: write it as 2022-08-10 20:00.")
    made = drawn(look, sheet, at)
    return ([made], "") if made else ([], _("The ledger has nobody in that list at that hour within your areas."))


def _before(look: Looking) -> dict[str, Any]:
    """What may be put in beside files: lists that were kept, and the ledger as of an hour."""
    return {
        "kept_lists": [{"id": one.pk, "name": one.name, "rows": one.rows, "by": one.by, "until": one.until} for one in lasting.lists(look, centre().clock.now())],
        "ledger": [(s.name, look.say(s.word)) for s in drawable(look)],
    }  # fmt: skip


@page("bench", "compare", "对表", "Compare lists", desk="compare", nav=1, icon="git-fork", shortcut="g l", sample="")
def bench(request: HttpRequest, look: Looking) -> HttpResponse:
    """Lists dropped in as they are, and the comparisons that the viewer may see."""
    problem = ""
    if request.method == "POST":
        own = kept.visible(look).filter(by=look.viewer.account).count()
        sent, problem = _sent(request, look, 0, 0)
        if not problem and own >= kept.MOST_OWN:
            problem = _("You keep %(n)d comparisons already: delete one first.") % {"n": own}
        if not problem:
            made = kept.begin(look, sent, centre().clock.now())
            return redirect("bench-one", comparison=to_text(made.pk))
    found = [_listed(c, look) for c in kept.visible(look)[: kept.MOST_OWN * 2]]
    context = {
        "title": look.say(Word("对表", "Compare lists")),
        "problem": problem,
        "found": found,
        "text": request.POST.get("text", ""),
        **_before(look),
        "passed": len(passed(look)),
        **_limits(),
    }
    return show(request, "compare/bench.html", context, status=422 if problem else 200)


def _limits() -> dict[str, Any]:
    return {"most_files": kept.MOST_FILES, "most_mb": kept.MOST_BYTES // 1_000_000, "hours": 72}


def _listed(c: Comparison, look: Looking) -> dict[str, Any]:
    return {
        "id": c.pk,
        "name": kept.name_of(c),
        "at": c.at,
        "by": c.by,
        "own": kept.mine(look, c),
        "state": c.state,
        "word": look.say(STATES[c.state]),
    }


# --- one comparison -----------------------------------------------------------------------------------------------------
@page("bench-one", "compare/<str:comparison>", "一次对表", "A comparison", desk="compare", sample="comparison")
def bench_one(request: HttpRequest, look: Looking, comparison: str) -> HttpResponse:
    """How far a comparison is, or its answer: the sentence first, then who is in which list, what differs, what does not close."""
    found = found_or_404(look, comparison)
    problem = ""
    if request.method == "POST":
        if not kept.mine(look, found):
            raise Http404
        problem, gone = _act(request, look, found)
        if gone:
            return redirect("bench")
        if not problem:
            return redirect("bench-one", comparison=comparison)
    folder = kept.folder(found.pk)
    said = [dict(each, n=n) for n, each in enumerate(kept.read_json(folder / "lists.json") or ())] if found.state not in kept.OPEN else []
    context = {
        "title": look.say(Word("对表", "Compare lists")), "c": found, "own": kept.mine(look, found), "problem": problem, "state": look.say(STATES[found.state]),
        "working": found.state in kept.OPEN, "files": found.files, "lists": [_about(s, look) for s in said], **_limits(),
    }  # fmt: skip
    if kept.mine(look, found):
        context |= _before(look)
        context["posts"] = offered(look, found.handed)
    if found.state in kept.OPEN:
        context |= _progress(found, look)
    if found.state == "done" and (folder / "answer" / "answer.json").exists():
        alone = missing_of(found.pk)
        context["only_register"] = None if alone is None else sum(alone.by_area(look).values())
        answer = Answer(folder / "answer")
        context |= told(answer, look, settled(look, found, answer)) | {
            "workbook": (folder / "answer" / f"result-{look.language}.xlsx").exists()
        }
        if look.viewer.may("ask_export") and look.moment.live:
            context["ask_whole"] = f"{reverse('export-ask')}?{urlencode({'sheet': 'bench-result', 'comparison': comparison})}"
    return show(request, "compare/one.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, look: Looking, found: Comparison) -> tuple[str, bool]:
    """Does what a form of the page asks: what is wrong with it, and whether the comparison is gone."""
    match request.POST.get("act"):
        case "add":
            sent, problem = _sent(request, look, len(found.files), sum(f["bytes"] for f in found.files))
            if problem:
                return problem, False
            kept.add(found, sent)
        case "out":
            text = request.POST.get("file", "")
            if not text.isdigit() or int(text) >= len(found.files):
                raise Http404
            kept.take_out(found, int(text))
        case "again":
            kept.again(found)
        case "cancel":
            kept.cancel(found)
        case "hand":
            known = {p["post"] for p in offered(look, found.handed)}
            kept.hand(found, [p for p in request.POST.getlist("posts") if p in known])
            messages.success(request, _("Handed over."))
        case "destroy":
            kept.destroy(found)
            messages.success(request, _("Deleted: the lists, the answer and every name in them."))
            return "", True
        case _:
            raise Http404
    return "", False


def _about(said: dict[str, Any], look: Looking) -> dict[str, Any]:
    """What is said of a list. A notice may quote a cell, and so a person: it is for those alone who see names, without numbers of persons."""
    wrong, noticed = said.get("wrong"), said.get("notices", ())
    named = "name" in look.viewer.unmasked
    notices = [scrubbed(n[look.language]) for n in noticed] if named else []
    return {**said, "wrong": wrong[look.language] if wrong else "", "notices": notices, "unsaid": 0 if named else len(noticed)}


def _progress(found: Comparison, look: Looking) -> dict[str, Any]:
    """How far it is: a step, and the share of it."""
    far = kept.read_json(kept.folder(found.pk) / "progress.json") if found.state == "running" else None
    far = far or {"step": "", "share": 0.0, "what": ""}
    step = STEPS.get(far["step"])
    return {"step": look.say(step) if step else "", "percent": int(100 * far["share"]), "what": far["what"], "ahead": kept.ahead(found)}
