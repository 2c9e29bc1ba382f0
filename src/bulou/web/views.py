"""Pages of the shell that belong to no desk: live stream, search, language, looking back, incident, about, errors."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from bulou import __version__
from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, Instant, add_days, day_of, format_local, parse_local
from bulou.basis.words import LISTS, Word
from bulou.evidence.models import Case, Tube
from bulou.kit.centre import centre
from bulou.kit.form import LocalTime, dress
from bulou.kit.incidents import COOKIE, incidents
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import find
from bulou.register.models import Stay, User
from bulou.register.scope import standing
from bulou.scenarios.demo import advance
from bulou.web.accounts import sign_in_as
from bulou.web.live import reader
from bulou.web.middleware import MOMENT, PURPOSE
from bulou.web.shell import navigation

#: How many of each kind a search shows.
MOST = 20
_LOOK_BACK, _SEARCH = Word("回看", "Look back"), Word("搜索", "Search")
#: The desks whose roles look people up.
_OF_PEOPLE = ("people", "testing", "tracing", "command", "compare", "centre")
_PURPOSE = Word("查看用途", "Purpose of looking")
_ABOUT, _PEOPLE = Word("关于不漏", "About Bulou"), Word("选择演示身份", "Choose who you are")


def _next(request: HttpRequest, default: str = "/") -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or default
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else default


@page("home", "", "首页", "Home", desk="shell", part=True)
def home(request: HttpRequest, look: Looking) -> HttpResponse:
    """Where a viewer begins: the board for those who see the whole centre's command, their own duties for everyone else."""
    if look.viewer.device is not None:
        return redirect("on-shift")
    if look.viewer.sees("command") and look.scope.codes is None:
        return redirect("board")
    groups = navigation(request, look)
    return redirect(groups[0]["links"][0]["href"] if groups else "about")


@page("live", "live", "实时", "Live", desk="shell", part=True)
def live(request: HttpRequest, look: Looking) -> HttpResponseBase:
    """The stream of entry numbers."""

    async def stream() -> Any:
        async for message in reader().listen():
            yield message

    response = StreamingHttpResponse(stream(), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


@page("language", "language/<str:code>", "语言", "Language", desk="shell", sample="language", part=True, open_=True)
def language(request: HttpRequest, look: Looking, code: str) -> HttpResponse:
    """Remembers a language."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    response = redirect(_next(request))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 86_400, samesite="Lax")
    return response


@page("incident-choose", "incident/<str:incident>/choose", "切换事件", "Choose incident", desk="shell", sample="incident", part=True)
def choose(request: HttpRequest, look: Looking, incident: str) -> HttpResponse:
    """Works in another incident from here on."""
    id_ = id_or_404(incident)
    if id_ not in {i.id for i in incidents(look)}:
        raise Http404
    response = redirect(_next(request))
    response.set_cookie(COOKIE, to_text(id_), samesite="Lax")
    return response


@page("moment", "moment", "回看", "Look back", desk="shell")
def moment(request: HttpRequest, look: Looking) -> HttpResponse:
    """Two hours: what happened until the first, as known at the second."""

    class Hours(forms.Form):
        about = LocalTime(zone=look.zone, label=_("What happened until"))
        known = LocalTime(zone=look.zone, label=_("As known at"), required=False)

    form = Hours(request.GET if "set" in request.GET else None, initial={"about": look.about, "known": look.moment.known})
    dress(form)
    if "set" in request.GET and form.is_valid():
        response = redirect(_next(request))
        at = form.cleaned_data["about"]
        known = form.cleaned_data["known"] or at
        response.set_cookie(MOMENT, f"{format_local(at, look.zone)}|{format_local(known, look.zone)}", samesite="Lax")
        return response
    return show(request, "web/moment.html", {"title": look.say(_LOOK_BACK), "form": form, "next": _next(request)})


@page("moment-now", "moment/now", "回到现在", "Back to now", desk="shell", part=True)
def moment_now_(request: HttpRequest, look: Looking) -> HttpResponse:
    """Forgets the past moment."""
    response = redirect(_next(request))
    response.delete_cookie(MOMENT)
    return response


@page("purpose", "purpose", "查看用途", "Purpose of looking", desk="shell")
def purpose(request: HttpRequest, look: Looking) -> HttpResponse:
    """What someone looks at people for, until the browser is closed: recorded with every look. Without a choice it is their role's."""
    chosen = request.GET.get("set")
    if chosen is not None:
        if chosen not in LISTS["purpose"]:
            raise Http404
        response = redirect(_next(request))
        response.set_cookie(PURPOSE, chosen, samesite="Lax")
        return response
    return show(request, "web/purpose.html", {"title": look.say(_PURPOSE), "purposes": LISTS["purpose"], "next": _next(request)})


@page("search", "search", "搜索", "Search", desk="shell")
def search(request: HttpRequest, look: Looking) -> HttpResponse:
    """People by name, document or phone; tubes by code; cases by label; areas by name. Only within the viewer's areas."""
    q = request.GET.get("q", "").strip()
    found: dict[str, Any] = {"q": q, "title": look.say(_SEARCH)}
    if len(q) >= 1:
        # A gate, a courier, a driver: their role opens no page of people, and the search is no way round that.
        found["people"] = find(look, q) if any(look.viewer.sees(desk) for desk in _OF_PEOPLE) else []
        found["tubes"] = list(standing(Tube, look.seq).filter(look.scope.q(), tube__startswith=q).order_by("tube")[:MOST])
        labelled = standing(Case, look.seq).filter(label__icontains=q)
        here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
        if look.scope.codes is not None:
            labelled = labelled.filter(person__in=here.values("person"))
        found["cases"] = list(labelled[:MOST])
        found["areas"] = [p for p in look.areas.places.values() if q in p.name and look.scope.holds(p.code)][:MOST]
    return show(request, "web/search.html", found)


@page("about", "about", "关于", "About", desk="shell", open_=True)
def about(request: HttpRequest, look: Looking) -> HttpResponse:
    """What this is, under which licence, and what is in force here."""
    return show(request, "web/about.html", {"title": look.say(_ABOUT), "version": __version__})


@page("demo-people", "demo/people", "演示身份", "Be someone else", desk="shell", open_=True)
def demo_people(request: HttpRequest, look: Looking) -> HttpResponse:
    """In a demo, and only there: sign in as any of its posts with one click."""
    if not settings.BULOU_DEMO:
        raise Http404
    if request.method == "POST":
        user = User.objects.filter(demo=True, username=request.POST.get("user", "")).first()
        if user is None:
            raise Http404
        sign_in_as(request, user)
        return redirect(_next(request))
    users = [
        {"username": u.username, "name": u.get_full_name(), "chairs": look.posts.held_by(bytes(u.holder or b""), look.about)}
        for u in User.objects.filter(demo=True).order_by("pk")
    ]
    return show(request, "web/demo_people.html", {"title": look.say(_PEOPLE), "users": users, "next": _next(request)})


@page("demo-start", "demo/start/<str:token>", "演示", "Demo", desk="shell", sample="token", part=True, open_=True)
def demo_start(request: HttpRequest, look: Looking, token: str) -> HttpResponse:
    """The link that the demo opens: signs in as its commander, once it has been loaded."""
    if not settings.BULOU_DEMO or token != settings.BULOU_DEMO_TOKEN:
        raise Http404
    user = User.objects.filter(demo=True).order_by("pk").first()
    if user is not None:
        sign_in_as(request, user)
    return HttpResponseRedirect(reverse("board"))


@page("demo-clock", "demo/clock", "演示时钟", "Clock of the demo", desk="shell", part=True)
def demo_clock(request: HttpRequest, look: Looking) -> HttpResponse:
    """Moves the demo's time on by an hour, or to nine in the morning; what became known until then is entered. Never back."""
    if not settings.BULOU_DEMO or request.method != "POST":
        raise Http404
    now = centre().clock.now()
    morning = parse_local(f"{add_days(day_of(now, look.zone), 1)} 09:00", look.zone)
    advance(morning if request.POST.get("do") == "day" else Instant(now + HOUR))
    return redirect(_next(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What does not exist and what may not be seen look the same."""
    return render(request, "web/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed that should not have; nothing was half entered."""
    return render(request, "web/broken.html", status=500)
