"""The page of an area: where it lies and what lies in it, what is owed there, who answers, what is laid across it; drawn where boundaries are known."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from bulou.basis.ids import to_text
from bulou.basis.time import FOREVER
from bulou.desks.people.sheets import registered
from bulou.desks.people.verbs import LAY_ACROSS, LIFT_ACROSS
from bulou.evidence.models import Zone, ZoneArea
from bulou.kit.answering import answering, shown_seats, subject
from bulou.kit.areas import FILLS, MOST_SHAPES, Fill, Tally, area_href, filled, legend, outlines, percent, svg, tallies
from bulou.kit.centre import centre
from bulou.kit.completeness import said
from bulou.kit.doing import link
from bulou.kit.looking import Laid, Looking, Place, moment_now
from bulou.kit.page import page, show
from bulou.register.models import Household
from bulou.register.scope import standing

#: Areas below on one page of the list.
PER_PAGE = 50


@page("area", "people/area/<str:area>", "区域", "An area", desk="people", sample="area")
def area_(request: HttpRequest, look: Looking, area: str) -> HttpResponse:
    """One area at the hour asked: upward, downward and across; owed and done; who answers; zones; how complete its register is."""
    place = look.areas.places.get(area)
    if place is None or not look.scope.holds(area):
        raise Http404
    below = _below(look, place)
    totals, people = tallies(look, [area, *below]), registered(look, [area, *below])
    paged = Paginator(below, PER_PAGE).get_page(request.GET.get("page", 1))
    fill = FILLS.get(request.GET.get("fill", ""), FILLS["open"])
    inside = look.inside(area)
    homes = standing(Household, look.seq).filter(look.scope.q())
    context = {
        "title": look.areas.name(area, look.language), "place": place, "word": look.areas.path(area, look.language),
        "upward": [_named(look, c) for c in reversed(look.areas.upward(area)[1:])],
        "tally": totals[area], "share": percent(totals[area].share), "people": people[area],
        "homes": (homes if area == look.areas.root else homes.filter(area__in=inside)).count(),
        "complete": said(look, area), "paged": paged, "many": len(below), "lists": _lists(look, area),
        "rows": [{**_named(look, c), "tally": totals[c], "share": percent(totals[c].share), "people": people[c],
                  "level": look.areas.places[c].level, "across": look.areas.places[c].parent != area} for c in paged],
        "laid": _laid(look, place, request.get_full_path()), "lay": _lay(look, place, request.get_full_path()), "forever": FOREVER,
        "zones": _zones(look, area, inside), **_answers(look, area), **_picture(look, area, below, totals, fill),
    }  # fmt: skip
    return show(request, "people/area.html", context)


def _below(look: Looking, place: Place) -> list[str]:
    """What lies directly in an area within the viewer's areas: the areas under it, and for a functional area what it covers at the hour."""
    found = [c for c in look.areas.below.get(place.code, []) if look.scope.holds(c)]
    covered = (x.member for x in look.areas.laid if x.functional == place.code and x.holds(look.about))
    return list(dict.fromkeys([*found, *(c for c in covered if look.scope.holds(c) and c in look.areas.places)]))


def _named(look: Looking, code: str) -> dict[str, Any]:
    return {"code": code, "name": look.areas.name(code, look.language), "href": area_href(code, look)}


def _lists(look: Looking, area: str) -> dict[str, str]:
    """The lists of an area, for the desks that the viewer opens."""
    found = {"people": f"{reverse('sheet-people')}?{urlencode({'area': area})}"}
    if look.viewer.sees("command"):
        found |= {
            "open": f"{reverse('sheet-duties')}?{urlencode({'state': 'open', 'area': area})}",
            "overdue": f"{reverse('sheet-duties')}?{urlencode({'state': 'overdue', 'area': area})}",
        }
    return found


def _answers(look: Looking, area: str) -> dict[str, Any]:
    """Who answers at the hour asked; and, for whoever looks back, who answers now."""

    def seats(at: Looking) -> list[dict[str, Any]]:
        of = subject(at, "area", area)
        return shown_seats(answering(at, of).seats, at) if of else []

    now = None if look.moment.live else look.at(moment_now(centre().clock.now()))
    return {"seats": seats(look), "seats_now": seats(now) if now else None}


def _laid(look: Looking, place: Place, here: str) -> list[dict[str, Any]]:
    """What is laid across what, now and before: for a functional area what it covers, for another all that is laid across any of it."""
    near = set(look.areas.upward(place.code)) | look.areas.subtree(place.code)
    found: list[Laid] = [x for x in look.areas.laid if x.here_from <= look.about and (x.functional == place.code or x.member in near)]
    return [
        {
            "functional": _named(look, x.functional), "member": _named(look, x.member), "here_from": x.here_from,
            "here_until": x.here_until if x.here_until <= look.about else None, "holds": x.holds(look.about),
            "lift": link(LIFT_ACROSS, look, {"area": x.functional, "member": x.member}, here)
            if x.here_until == FOREVER and look.scope.holds(x.functional) and look.scope.holds(x.member) else None,
        }
        for x in sorted(found, key=lambda x: (not x.holds(look.about), x.functional, x.member, x.here_from))
    ]  # fmt: skip


def _lay(look: Looking, place: Place, here: str) -> str | None:
    return link(LAY_ACROSS, look, {"area": place.code}, here) if place.level == "functional" else None


def _zones(look: Looking, area: str, inside: set[str]) -> list[dict[str, Any]]:
    """The zones in force in any of an area, or around it, at the hour asked."""
    near = [c for c in inside if look.scope.holds(c)] if len(inside) <= MOST_SHAPES else None
    rows = standing(ZoneArea, look.seq).filter(here_from__lte=look.about, here_until__gt=look.about)
    if near is not None:
        rows = rows.filter(area__in=[*near, *look.areas.upward(area)])
    held: dict[bytes, list[str]] = {}
    for zone, code in rows.order_by("area").values_list("zone", "area"):
        held.setdefault(bytes(zone), []).append(code)
    zones = (
        standing(Zone, look.seq).filter(zone__in=list(held), drawn_at__lte=look.about, lifted_at__gt=look.about).order_by("drawn_at", "id")
    )
    opens = look.viewer.sees("command")
    return [
        {"name": z.name_en if look.language == "en" else z.name, "level": z.level, "since": z.drawn_at,
         "areas": [look.area(c) for c in held[bytes(z.zone)][:6]], "more": max(0, len(held[bytes(z.zone)]) - 6),
         "href": reverse("zone", kwargs={"zone": to_text(bytes(z.zone))}) if opens else None}
        for z in zones
    ]  # fmt: skip


def _picture(look: Looking, area: str, below: list[str], totals: Mapping[str, Tally], fill: Fill) -> dict[str, Any]:
    """The picture of an area and what lies in it, with the table that says the same, and what could not be drawn."""
    found = outlines(look, [area, *below])
    shapes = filled(look, found, {c: totals[c] for c in below}, fill)
    if not shapes and area in found.picture.shapes:  # nothing below is drawn: the area itself then
        shapes, around = filled(look, found, {area: totals[area]}, fill), None
    else:
        around = area
    figure, title = look.say(fill.word), look.areas.name(area, look.language)
    return {
        "drawn": svg(found, shapes, f"{title}: {figure}", around) if shapes else "", "shapes": shapes, "fill": fill,
        "fills": [{"name": f.name, "word": f.word, "here": f is fill} for f in FILLS.values()], "legend": legend(look, fill),
        "lacking": sum(c in set(found.lacking) for c in below), "unread": [look.areas.name(c, look.language) for c in found.unread],
        "too_many": len(below) > MOST_SHAPES,
    }  # fmt: skip
