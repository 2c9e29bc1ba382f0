"""The frame around every page: navigation, the hours looked at, the incident, language; the same for every desk."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from bulou.basis.time import format_local
from bulou.basis.words import Word
from bulou.kit.centre import centre
from bulou.kit.incidents import current, incidents
from bulou.kit.looking import Looking
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS
from bulou.scenarios.demo import ends

DESK_WORDS = {
    "shell": Word("本岗", "My post"),
    "command": Word("指挥", "Command"),
    "testing": Word("检测", "Testing"),
    "tracing": Word("流调", "Tracing"),
    "people": Word("人员与区域", "People and areas"),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the frame's template needs. Pages that fail before anyone is known get the frame without it."""
    look: Looking | None = getattr(request, "looking", None)
    if look is None:
        return {}
    found = {
        "look": look,
        "demo": settings.BULOU_DEMO,
        "demo_over": bool(settings.BULOU_DEMO) and centre().clock.now() >= ends(),
        "moment_about": format_local(look.about, look.zone),
        "moment_known": format_local(look.moment.known, look.zone),
        "csrf": get_token(request),
    }
    if look.viewer.user is not None:
        found |= {"nav": navigation(request, look), "incident": current(request, look), "incidents": incidents(look)}
    return found


def navigation(request: HttpRequest, look: Looking) -> list[dict[str, Any]]:
    """Pages and sheets by desk, in their order."""
    here = request.resolver_match.url_name if request.resolver_match else None
    links: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for page in PAGES.values():
        if page.nav is not None and look.viewer.sees(page.desk) and (page.verb is None or look.viewer.may(page.verb)):
            link = {"href": reverse(page.name), "word": page.word, "icon": page.icon, "shortcut": page.shortcut, "here": page.name == here}
            links.setdefault(page.desk, []).append((page.nav, link))
    for sheet in SHEETS.values():
        if sheet.nav is not None and look.viewer.sees(sheet.desk):
            link = {"href": reverse(f"sheet-{sheet.name}") + sheet.opens, "word": sheet.word, "icon": sheet.icon, "shortcut": None,
                    "here": here == f"sheet-{sheet.name}"}  # fmt: skip
            links.setdefault(sheet.desk, []).append((sheet.nav, link))
    return [
        {"word": DESK_WORDS[desk], "links": [link for _, link in sorted(links[desk], key=lambda pair: pair[0])]}
        for desk in DESK_WORDS
        if desk in links
    ]
