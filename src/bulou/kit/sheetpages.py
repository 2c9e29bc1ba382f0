"""The list page and the CSV of any sheet."""

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from bulou.kit.looking import Looking
from bulou.kit.sheet import Listed, Sheet


def list_page(request: HttpRequest, sheet: Sheet, *, csv: bool = False) -> HttpResponseBase:
    """A sheet for its viewer; htmx is given the table alone, a spreadsheet all rows."""
    look: Looking = request.looking  # type: ignore[attr-defined]  # put there by the middleware
    if look.viewer.user is None:
        return redirect_to_login(request.get_full_path())
    if not look.viewer.sees(sheet.desk):
        raise Http404
    listed = Listed(sheet, look, request)
    if csv:
        return listed.csv()
    context = {
        "sheet": sheet, "listed": listed, "table": listed.page(request), "title": look.say(sheet.word),
        "csv_url": f"{reverse(f'csv-{sheet.name}')}?{request.GET.urlencode()}",
    }  # fmt: skip
    part = getattr(request, "htmx", False) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    return render(request, "kit/list_part.html" if part else "kit/list.html", context)
