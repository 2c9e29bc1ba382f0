"""What every request passes: the content security policy, the page shown while a demo loads, and how its viewer looks."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation

from bulou.basis.time import Instant, parse_local
from bulou.kit.centre import centre
from bulou.kit.looking import Looking, Moment, moment_at, moment_now
from bulou.register.scope import viewer
from bulou.scenarios.progress import Progress

Handler = Callable[[HttpRequest], HttpResponse]
#: The cookie that remembers a past moment, and the words of an address that override it.
MOMENT = "bulou_moment"


def content_security_policy(get_response: Handler) -> Handler:
    """Sends ``SECURE_CSP`` as Django 6 will: only this server's own files, nothing inline, nothing evaluated."""
    policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        return response

    return handle


def without_nul(get_response: Handler) -> Handler:
    """Takes NUL characters out of what was typed: nobody means them, and PostgreSQL keeps no text that has one."""

    def handle(request: HttpRequest) -> HttpResponse:
        if _NUL in request.path:
            raise Http404
        request.GET = _cleaned(request.GET)  # type: ignore[assignment]  # a QueryDict like the one it replaces
        if request.method == "POST":
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]
        return get_response(request)

    return handle


_NUL = "\x00"


def _cleaned(given: QueryDict) -> QueryDict:
    if not any(_NUL in text for key, values in given.lists() for text in (key, *values)):
        return given
    clean = QueryDict(mutable=True, encoding=given.encoding)
    for key, values in given.lists():
        clean.setlist(key.replace(_NUL, ""), [v.replace(_NUL, "") for v in values])
    clean._mutable = False
    return clean


def loading(get_response: Handler) -> Handler:
    """While a demo is being loaded every page is the page that says how far it has come."""

    def handle(request: HttpRequest) -> HttpResponse:
        progress = Progress.read(settings.BULOU_HOME) if settings.BULOU_DEMO else None
        if progress is None or progress.ready or request.path.startswith(settings.STATIC_URL):
            return get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            return render(request, "web/loading.html", {"progress": progress}, status=503 if progress.error else 200)

    return handle


def looking(get_response: Handler) -> Handler:
    """Puts ``request.looking`` in place: who looks (judged now), from which moment (this one, or a past one)."""

    def handle(request: HttpRequest) -> HttpResponse:
        one = centre()
        present = moment_now(one.clock.now())
        eyes = viewer(request.user, present.about, present.seq)  # type: ignore[arg-type]  # the user model is ours
        language = "en" if (translation.get_language() or "").startswith("en") else "zh"
        request.looking = Looking(eyes, _moment(request, present), language, settings.BULOU_ZONE, one.protocol)  # type: ignore[attr-defined]
        return get_response(request)

    return handle


def _moment(request: HttpRequest, present: Moment) -> Moment:
    """The moment asked for in the address, else the one remembered, else this one. What cannot be read is this one."""
    about, known = request.GET.get("about"), request.GET.get("known")
    if about is None and known is None:
        about, _, known = request.COOKIES.get(MOMENT, "").partition("|")
    try:
        about_at = parse_local(about.replace("T", " "), settings.BULOU_ZONE) if about else None
        known_at = parse_local(known.replace("T", " "), settings.BULOU_ZONE) if known else None
    except ValueError:
        return present
    if about_at is None and known_at is None:
        return present
    known_at = min(known_at if known_at is not None else present.about, present.about)
    return moment_at(Instant(min(about_at if about_at is not None else known_at, present.about)), known_at)
