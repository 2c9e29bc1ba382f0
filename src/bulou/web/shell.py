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
from bulou.kit.page import PAGES, Page
from bulou.kit.sheet import SHEETS
from bulou.scenarios.demo import ends
from bulou.web.drillpage import standing_of

DESK_WORDS = {
    "shell": Word("本岗", "My post"),
    "command": Word("指挥", "Command"),
    "testing": Word("检测", "Testing"),
    "tracing": Word("流调", "Tracing"),
    "signals": Word("信号", "Signals"),
    "people": Word("人员与区域", "People and areas"),
    "compare": Word("对表", "Bench"),
    "door": Word("门口", "Doors"),
    "audit": Word("审计", "Audit"),
    "shift": Word("班次", "Shifts"),
    "centre": Word("中心管理", "The centre"),
}

#: Links that fit side by side on a phone of 390 px, in either language, beside "More".
DOCKED = 4


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the frame's template needs. Pages that fail before anyone is known get the frame without it."""
    look: Looking | None = getattr(request, "looking", None)
    if look is None:
        return {}
    found = {
        "look": look,
        "demo": settings.BULOU_DEMO,
        "exercise": settings.BULOU_EXERCISE,
        "drill": standing_of(request),
        "demo_over": bool(settings.BULOU_DEMO) and centre().clock.now() >= ends(),
        "moment_about": format_local(look.about, look.zone),
        "moment_known": format_local(look.moment.known, look.zone),
        "csrf": get_token(request),
    }
    if look.viewer.user is None:
        found["unfounded"] = not settings.BULOU_DEMO and look.areas.root is None
    else:
        nav = navigation(request, look)
        found |= {"nav": nav, "dock": docked(nav), "incident": current(request, look), "incidents": incidents(look)}
    return found


def _led(page: Page, look: Looking) -> bool:
    """Whether the navigation leads a viewer to a page: what is done on it, they may do, and now."""
    return all(v is None or (look.viewer.may(v) and look.moment.live) for v in (page.verb, page.leads))


def navigation(request: HttpRequest, look: Looking) -> list[dict[str, Any]]:
    """Pages and sheets by desk, in their order."""
    here = request.resolver_match.url_name if request.resolver_match else None
    links: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for page in PAGES.values():
        if page.nav is not None and look.viewer.sees(page.desk) and _led(page, look):
            link = {"href": reverse(page.name), "word": page.word, "icon": page.icon, "shortcut": page.shortcut, "here": page.name == here}
            links.setdefault("shell" if page.desk == "kit" else page.desk, []).append((page.nav, link))
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


def docked(nav: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stands at a phone's lower edge beside "More": the first page of each desk, or of the only desk its first pages; no more than fit."""
    first = [group["links"][0] for group in nav] if len(nav) > 1 else nav[0]["links"] if nav else []
    return first[:DOCKED]
