"""The page on which a sheet's file is put back; what differs is then shown as every receipt is. Enters nothing itself."""

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bulou.basis.words import Word
from bulou.kit.form import dress
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.roundtrip import editable, put_back
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS
from bulou.lists.reading import Unreadable

_TITLE = Word("改后放回", "Put a file back")


class _FileForm(forms.Form):
    file = forms.FileField()


@page("put-back", "back/<slug:sheet>", "改后放回", "Put a file back", desk="kit", sample="put-back")
def put_back_page(request: HttpRequest, look: Looking, sheet: str) -> HttpResponseBase:
    """A sheet's own file, edited: which columns are taken, and where it is handed in."""
    declared = SHEETS.get(sheet)
    edits = editable(declared, look) if declared and look.viewer.sees(declared.desk) else []
    if declared is None or not edits:
        raise Http404
    form, problem = _FileForm(request.POST or None, request.FILES or None), ""
    form.fields["file"].label = _("The list as CSV or XLSX, edited")
    dress(form)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            receipt = put_back(declared, sent.read(), sent.name, look)
        except Unreadable as unreadable:
            problem = look.say(unreadable.word)
        else:
            return redirect("import", number=receipt.pk)
    words = {c.name: look.say(c.word) for c in declared.columns}
    context = {
        "title": f"{look.say(_TITLE)} · {look.say(declared.word)}", "form": form, "problem": problem, "next": reverse(f"sheet-{declared.name}"),
        "edits": [(words[e.column], look.say(VERBS[e.verb].word)) for e in edits],
    }  # fmt: skip
    return show(request, "kit/put_back.html", context, status=422 if problem or (request.method == "POST" and form.errors) else 200)
