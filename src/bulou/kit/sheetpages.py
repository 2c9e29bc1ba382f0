"""The list page and the files of any sheet. What leaves in bulk leaves masked, in every form."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from bulou.kit.bulk import WHICH, verbs_for
from bulou.kit.exports import bulk, masked
from bulou.kit.files import FORMS
from bulou.kit.importing import imports
from bulou.kit.looking import Looking
from bulou.kit.roundtrip import editable
from bulou.kit.sheet import Listed, Sheet
from bulou.kit.views import first_of, kept


def list_page(request: HttpRequest, sheet: Sheet, ending: str = "") -> HttpResponseBase:
    """A sheet for its viewer; htmx is given the table alone. With the ending of a form of ``FORMS``: all rows as such a file."""
    look: Looking = request.looking  # type: ignore[attr-defined]  # put there by the middleware
    if look.viewer.user is None:
        return redirect_to_login(request.get_full_path())
    if not look.viewer.sees(sheet.desk):
        raise Http404
    listed = Listed(sheet, look, request)
    if ending:
        if not bulk(listed):
            return listed.file(ending)
        listed = Listed(sheet, masked(look), request)
        listed.under = "masked"
        return listed.file(ending)
    look.here = request.get_full_path()
    many, views = verbs_for(sheet, look), kept(sheet, look)
    first = first_of(views)
    if first and not request.GET and not getattr(request, "htmx", False):
        return redirect(first)
    table = listed.page(request)
    table.pick = bool(many)
    context = {
        "views": views, "views_url": f"{reverse('views', kwargs={'sheet': sheet.name})}?{request.GET.urlencode()}" if look.viewer.chairs else None,
        "many": [(v.name, look.say(v.word)) for v in many], "kept": [(k, v) for k, values in request.GET.lists() for v in values],
        "which": [(code, look.say(word)) for code, word in WHICH.items()],
        "sheet": sheet, "listed": listed, "table": table, "title": look.say(sheet.word),
        "complete": listed.complete,
        "copy_url": f"{reverse('list-message', kwargs={'name': sheet.name})}?{request.GET.urlencode()}",
        "ask_url": f"{reverse('export-ask')}?{urlencode({'sheet': sheet.name})}&{request.GET.urlencode()}"
        if look.viewer.may("ask_export") and look.moment.live and sheet.people is not None else None,
        "back_url": reverse("put-back", kwargs={"sheet": sheet.name}) if editable(sheet, look) else None,
        "import_url": next((f"{reverse('imports')}?verb={o.verb.name}" for o in imports(look) if o.verb.desk == sheet.desk), None)
        if look.moment.live else None,
        "files": [(f.called, f"{reverse(f'{f.ending}-{sheet.name}')}?{request.GET.urlencode()}") for f in FORMS.values()],
    }  # fmt: skip
    part = getattr(request, "htmx", False) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    return render(request, "kit/list_part.html" if part else "kit/list.html", context)
