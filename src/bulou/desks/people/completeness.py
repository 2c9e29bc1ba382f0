"""Pages of how complete the register is: by area with its sources and their assumptions, and the households of a draw."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from bulou.basis.ids import to_text
from bulou.desks.people.verbs import COUNT_LIST, DRAW_REVISIT, RECORD_REVISIT
from bulou.evidence.timeline import standing_facts
from bulou.gaps.completeness import CLUSTERED, INDEPENDENCE, LEAST_MET, LEAST_OVERLAP, Source, percent, statement
from bulou.kit.completeness import MET_DAYS, draws, of_areas, tops_of
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.page import id_or_404, page, show
from bulou.kit.sheet import area_options, whole_centre
from bulou.register.models import Household
from bulou.register.scope import standing


@page("completeness", "people/completeness", "登记完整程度", "Completeness", desk="people", nav=8, icon="clipboard-check", sample="")
def completeness_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """What may be said of the register of an area and of each area directly below it: never that it is whole."""
    asked = request.GET.get("area", "")
    root = look.areas.root or ""
    top = asked or (root if look.scope.holds(root) else next(iter(tops_of(look, look.scope.codes or [])), root))
    if top not in look.areas.places or not look.scope.holds(top):
        raise Http404
    below = [c for c in look.areas.below.get(top, []) if look.scope.holds(c)]
    found = of_areas(look, [top, *below], met=True)
    here = request.get_full_path()
    seen = [d for d in draws(look) if look.scope.holds(d.fact.body.area)]
    context = {
        "title": _("Completeness of the register"), "top": top, "said": statement(found[top]), "strangers": found[top].strangers,
        "sources": [_source(s) for s in found[top].sources], "met_days": MET_DAYS,
        "rows": [{"code": c, "said": statement(found[c]), "strangers": found[c].strangers, "below": bool(look.areas.below.get(c))} for c in below],
        "independence": INDEPENDENCE, "clustered": CLUSTERED, "draws": list(reversed(seen)), "areas": whole_centre(look) + area_options(look),
        "draw": link(DRAW_REVISIT, look, {"area": top}, here), "count": link(COUNT_LIST, look, {"area": top}, here),
    }  # fmt: skip
    return show(request, "people/completeness.html", context)


def _source(source: Source) -> dict[str, Any]:
    share = source.share()
    return {
        "kind": source.kind, "name": source.name, "register": source.register, "seen": source.seen, "matched": source.matched,
        "low": percent(share.low, up=False) if share else "", "high": percent(share.high, up=True) if share and share.high < 1 else "",
        "few": LEAST_MET if source.kind == "revisit" else LEAST_OVERLAP,
    }  # fmt: skip


@page("revisit", "people/revisits", "复访名单", "A re-visit", desk="people", sample="")
def revisit_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """The households of a draw (the latest, where none is asked for) within the viewer's areas: which were visited again, and what
    was found."""
    seen = [d for d in draws(look) if look.scope.codes is None or look.scope.codes & look.areas.inside(d.fact.body.area, d.fact.at)]
    if request.GET.get("draw"):
        id_ = id_or_404(request.GET["draw"])
        seen = [d for d in seen if d.fact.id == id_]
        if not seen:
            raise Http404
    if not seen:
        return show(request, "people/revisit.html", {"title": _("Re-visit"), "none": True})
    one = seen[-1]
    homes = standing(Household, look.seq).filter(look.scope.q(), household__in=one.households)
    made = (
        standing_facts("revisit.made", look.seq, look.about).filter(household__in=one.households, at__gte=one.fact.at).order_by("at", "id")
    )
    latest = {bytes(h): (at, living, matched) for h, at, living, matched in made.values_list("household", "at", "living", "matched")}
    here = request.get_full_path()
    rows = []
    for home, area, address in sorted(homes.values_list("household", "area", "address"), key=lambda h: (h[1], h[0])):
        at, living, matched = latest.get(bytes(home), (None, None, None))
        rows.append({
            "area": area, "address": look.show("address", address, bytes(home)), "at": at, "living": living, "matched": matched,
            "do": link(RECORD_REVISIT, look, {"household": bytes(home)}, here),
        })  # fmt: skip
    context = {
        "title": _("Re-visit"), "area": one.fact.body.area, "drawn_at": one.fact.at, "seed": to_text(one.fact.id), "rows": rows,
        "many": one.fact.body.many,
    }  # fmt: skip
    return show(request, "people/revisit.html", context)
