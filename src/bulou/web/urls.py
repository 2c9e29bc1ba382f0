"""Addresses: every page and sheet that desks declared, signing in, and what belongs to no desk."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path

from bulou.kit.answers import ROOT
from bulou.kit.files import FORMS
from bulou.kit.http import interface
from bulou.kit.page import urls
from bulou.kit.sheet import SHEETS
from bulou.kit.sheetpages import list_page
from bulou.web import drillpage, scorepage, views  # declare the pages of the shell

assert drillpage
assert scorepage
assert views


def _list(name: str) -> Any:
    def view(request: HttpRequest) -> HttpResponseBase:
        return list_page(request, SHEETS[name])

    return view


def _file(name: str, ending: str) -> Any:
    def view(request: HttpRequest) -> HttpResponseBase:
        return list_page(request, SHEETS[name], ending)

    return view


urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    *urls(),
    *(path(s.url, _list(s.name), name=f"sheet-{s.name}") for s in SHEETS.values()),
    *(path(f"{s.desk}/{s.name}.{e}", _file(s.name, e), name=f"{e}-{s.name}") for s in SHEETS.values() for e in FORMS),
    path(ROOT.lstrip("/"), interface().urls),
]

handler404 = "bulou.web.views.not_found"
handler500 = "bulou.web.views.broken"
