"""What every request passes: the content security policy, the page shown while a demo loads, and how its viewer looks."""

from collections.abc import Callable
from contextlib import suppress
from itertools import chain

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation

from bulou.basis.time import Instant, parse_local
from bulou.desks.centre.shifts import SEAT, device_of
from bulou.kit.answers import ROOT, problem
from bulou.kit.centre import centre
from bulou.kit.looking import Looking, Moment, moment_at, moment_now
from bulou.kit.looks import Cannot, keep, purpose_of, record, recorded
from bulou.register import tokens
from bulou.register.models import DeviceToken
from bulou.register.passes import seen
from bulou.register.scope import NOBODY, Viewer, by_token, on_shift, viewer
from bulou.scenarios.progress import Progress

Handler = Callable[[HttpRequest], HttpResponse]
#: The cookie that remembers a past moment, and the words of an address that override it.
MOMENT = "bulou_moment"
#: The cookie of what someone looks for, until the browser is closed.
PURPOSE = "bulou_purpose"


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
    """Puts ``request.looking`` in place: who looks (judged now), from which moment (this one, or a past one).

    What an answer shows of people is written down before it is sent; where that fails nothing of it is sent.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        one = centre()
        present = moment_now(one.clock.now())
        token = _token(request)
        if token is not None:
            eyes, wait, found = _by_token(token, present)
            request.by_token = True  # type: ignore[attr-defined]  # a browser sends none by itself: no CSRF
            request.token = found  # type: ignore[attr-defined]  # whose PIN, which door
            if wait is not None:
                return problem(429, seconds=wait)
        else:
            eyes = viewer(request.user, present.about, present.seq)  # type: ignore[arg-type]  # the user model is ours
            if eyes.user is None:
                eyes = _on_shift(request, present) or eyes
        language = "en" if (translation.get_language() or "").startswith("en") else "zh"
        purpose = purpose_of(eyes, request.COOKIES.get(PURPOSE))
        look = Looking(eyes, _moment(request, present), language, settings.BULOU_ZONE, one.protocol, purpose)
        request.looking = look  # type: ignore[attr-defined]
        response = get_response(request)
        try:
            return _recorded(response, look, request)
        except Cannot:
            return _unrecorded(request)

    return handle


def _token(request: HttpRequest) -> str | None:
    """The token that a program shows, on its own routes alone: a page is never opened by one."""
    said = request.headers.get("Authorization", "")
    return said[7:].strip() if request.path.startswith(ROOT) and said[:7].lower() == "bearer " else None


def _by_token(token: str, present: Moment) -> tuple[Viewer, int | None, DeviceToken | None]:
    """Who a token lets in, how long to wait where it has asked too often, its row. One that lets in nobody is nobody, whoever is signed in."""
    found = tokens.of(token, present.about)
    if found is None:
        return NOBODY, None, None
    eyes = viewer(found.user, present.about, present.seq)
    return by_token(eyes, frozenset(found.verbs.split()), found.device), tokens.used(found, present.about), found


def _recorded(response: HttpResponse, look: Looking, request: HttpRequest) -> HttpResponse:
    """The answer, once the look at it is written. What was not found or failed shows nothing."""
    clock = centre().clock
    if response.status_code == 404 or response.status_code >= 500:
        return response
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        parts = recorded(response.streaming_content, look, request, clock)
        first = next(parts, b"")  # before the head of the answer is sent
        response.streaming_content = chain((first,), parts)
    elif record(look, request, clock.now()):
        with suppress(Error):  # a busy ledger: the looks are written, and are sealed a minute later
            keep(clock, centre().protocol)
    return response


def _unrecorded(request: HttpRequest) -> HttpResponse:
    """Nothing of the page, and none of the messages that it would have left for the next."""
    for _message in get_messages(request):
        pass
    if request.path.startswith(ROOT):
        return problem(503)
    return render(request, "web/unrecorded.html", status=503)


def _on_shift(request: HttpRequest, present: Moment) -> Viewer | None:
    """Who a phone on a shift is, judged now: its session and the device that it was given must be of one seat that still goes on."""
    seat = request.session.get(SEAT)
    if not seat or device_of(request) != seat[1]:
        return None
    person = bytes.fromhex(seat[0])
    eyes = on_shift(person, seat[1], present.about, present.seq)
    if eyes.user is None:
        request.session.flush()  # the shift is over, or its leader ended it
        return None
    seen(person, present.about)
    return eyes


def _moment(request: HttpRequest, present: Moment) -> Moment:
    """The moment asked for in the address, else the one remembered, else this one. What cannot be read is this one."""
    about, known = request.GET.get("about"), request.GET.get("known")
    if about is None and known is None:
        if request.path.startswith(ROOT):  # a program says at which moment it reads; what a browser remembers is not meant
            return present
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
