"""The dossier of a case on a page and as a file: in the centre's own template or the neutral one. The file leaves once its look is written.

Templates are files that the centre puts into ``templates/dossier`` of its home; nothing is uploaded here, and no template runs anything.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import to_datetime
from bulou.desks.tracing.cases import case_or_404
from bulou.desks.tracing.dossier import filling_of, plan_of
from bulou.kit.centre import drill
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.lists.filling import Filling, Plan, Unfit, fill_docx, fill_xlsx, plain_docx, plain_xlsx
from bulou.lists.printed import as_pdf

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}
#: A template larger than this is none.
MOST = 10_000_000


def folder() -> Path:
    """Where a centre puts its templates of dossiers."""
    return Path(settings.BULOU_HOME) / "templates" / "dossier"


def templates() -> list[str]:
    """The names of the centre's own templates."""
    found = folder().iterdir() if folder().is_dir() else ()
    return sorted(p.name for p in found if p.suffix in (".docx", ".xlsx") and not p.name.startswith(("~", ".")) and p.is_file())


def _template(name: str, ending: str) -> bytes | None:
    """A template of the centre's by its name; None where the neutral one is asked for. A name that is no file of the folder is not found."""
    if not name:
        return None
    if name not in templates() or not name.endswith(f".{ending}"):
        raise Http404
    path = folder() / name
    if path.stat().st_size > MOST:
        raise Http404
    return path.read_bytes()


def written(ending: str, own: bytes | None, plan: Plan, filling: Filling, look: Looking) -> bytes:
    """The file of a dossier; Unfit says what of the template or the machine is wrong."""
    match ending:
        case "docx":
            return fill_docx(own or plain_docx(plan), filling)
        case "xlsx":
            return fill_xlsx(own or plain_xlsx(plan), filling)
        case "pdf":
            return as_pdf(plan, filling, look.language)
    said = {"fields": dict(filling.fields), "lists": {name: [dict(r) for r in rows] for name, rows in filling.lists.items()}}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _names(request: HttpRequest) -> bool:
    """Whether names were asked for: a dossier is written without them by default."""
    return request.GET.get("names") == "1"


def _page(request: HttpRequest, look: Looking, person: str, problem: str = "") -> HttpResponse:
    one, ids, case = case_or_404(person, look)
    plan, filling = plan_of(look), filling_of(one, ids, case, look, names=_names(request))
    context: dict[str, Any] = {
        "title": f"{plan.title} · {filling.fields['label']} {filling.fields['name']}", "problem": problem, "person": to_text(one), "own": templates(),
        "fields": [(called, filling.fields[name]) for name, called in plan.fields], "back": reverse("case", kwargs={"person": to_text(one)}),
        "lists": [{"name": name, "called": called, "heads": [h for _, h in columns], "rows": [[r.get(c, "") for c, _ in columns] for r in filling.lists[name]]}
                  for name, called, columns in plan.lists],
        "with_names": _names(request), "may_name": "name" in look.viewer.unmasked, "folder": "templates/dossier",
        "footer": filling.footer, "names": filling.names, "endings": list(TYPES),
    }  # fmt: skip
    return show(request, "tracing/dossier.html", context, status=422 if problem else 200)


@page("dossier", "tracing/case/<str:person>/dossier", "卷宗", "Dossier", desk="tracing", sample="case")
def dossier_page(request: HttpRequest, look: Looking, person: str) -> HttpResponse:
    """Everything that the dossier of a case says, and in which forms and templates it is taken."""
    return _page(request, look, person)


@page(
    "dossier-file",
    "tracing/case/<str:person>/dossier/<slug:ending>",
    "卷宗文件",
    "The dossier as a file",
    desk="tracing",
    sample="dossier",
    part=True,
)
def dossier_file(request: HttpRequest, look: Looking, person: str, ending: str) -> HttpResponse:
    """The dossier as a file. What a template asks for and there is not, is said on the page, and nothing leaves."""
    if ending not in TYPES:
        raise Http404
    one, ids, case = case_or_404(person, look)
    own = _template(request.GET.get("template", ""), ending)
    filling = filling_of(one, ids, case, look, names=_names(request))
    try:
        made = written(ending, own, plan_of(look), filling, look)
    except Unfit as wrong:
        return _page(request, look, person, look.say(wrong.word))
    hours = "_".join(
        f"{what}-{to_datetime(at, look.zone):%Y%m%dT%H%M}" for what, at in (("about", look.about), ("known", look.moment.known))
    )
    response = HttpResponse(made, content_type=TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="{"EXERCISE_" if drill() else ""}dossier_{to_text(one)[-6:]}_{hours}.{ending}"'
    return response


@page(
    "dossier-template",
    "tracing/dossier-template/<slug:ending>",
    "卷宗模板",
    "The neutral template",
    desk="tracing",
    sample="ending",
    part=True,
)
def template_file(request: HttpRequest, look: Looking, ending: str) -> HttpResponse:
    """The neutral template with its fields unfilled, to be taken and changed."""
    makers = {"docx": plain_docx, "xlsx": plain_xlsx}
    if ending not in makers:
        raise Http404
    response = HttpResponse(makers[ending](plan_of(look)), content_type=TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="dossier-template.{ending}"'
    return response
