"""Pages: every view of the project is declared here, so that tests, navigation and the crawl forget none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path as url_path

from bulou.basis.ids import from_text
from bulou.basis.words import Word
from bulou.kit.looking import Looking

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it is, what it is called, its key on the keyboard, its place in the navigation (None: not in it).

    ``sample`` gives the URL arguments with which tests open it, from what the demo's ledger holds.
    """

    name: str
    path: str
    word: Word
    view: View
    desk: str
    nav: int | None
    icon: str
    shortcut: str | None
    sample: str | None
    #: A fragment, a file, a stream or an action: no whole page of its own.
    part: bool
    open: bool
    #: The verb that the page is for: whoever may not do it does not find the page, and nobody does when looking back.
    verb: str | None
    #: Where the navigation leads to it only who may do this one of several things that are done there.
    leads: str | None = None


PAGES: dict[str, Page] = {}


def page(
    name: str, path: str, zh: str, en: str, *, desk: str, nav: int | None = None, icon: str = "file-text", shortcut: str | None = None,
    sample: str | None = None, part: bool = False, open_: bool = False, verb: str | None = None, leads: str | None = None,
) -> Callable[[View], View]:  # fmt: skip
    """Declares a view as a page. It is given the request and how its viewer looks; strangers are sent to sign in."""

    def declare(view: View) -> View:
        if name in PAGES:
            raise ValueError(f"page {name} is declared twice")

        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            look: Looking = request.looking  # type: ignore[attr-defined]  # put there by the middleware
            if not open_ and look.viewer.user is None:
                return redirect_to_login(request.get_full_path())
            # A page for one act opens to whoever may do it, also where their role opens no other page of its desk: their duties lead here.
            if not open_ and verb is None and not look.viewer.sees(desk):
                raise Http404
            if verb is not None and not (look.viewer.may(verb) and look.moment.live):
                raise Http404
            return view(request, look, **kwargs)

        PAGES[name] = Page(name, path, Word(zh, en), guarded, desk, nav, icon, shortcut, sample, part, open_, verb, leads)
        return guarded

    return declare


def urls() -> list[Any]:
    """The URL patterns of all pages declared."""
    return [url_path(p.path, p.view, name=p.name) for p in PAGES.values()]


def id_or_404(text: str) -> bytes:
    """An id from a URL; what is no id is not found, like what does not exist."""
    try:
        return from_text(text)
    except ValueError:
        raise Http404 from None


def show(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page in the shell; htmx asks for the fragment ``part`` of a template by its target."""
    return render(request, template, dict(context), status=status)
