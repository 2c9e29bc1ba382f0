"""How complete the register is in areas, read for a viewer at their moment; said beside every coverage figure. Enters nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Exists, OuterRef

from bulou.basis.kinds import Fact
from bulou.basis.time import DAY
from bulou.basis.words import Word
from bulou.evidence.models import Tube
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import standing_facts
from bulou.gaps.completeness import Completeness, Source, chosen, completeness, statement
from bulou.kit.looking import MOST_CODES, Looking
from bulou.protocol.relations import order
from bulou.register.models import Household, Person, Stay
from bulou.register.scope import standing

#: How far back someone swabbed here counts as met here.
MET_DAYS = 14
#: Draws that are looked at: the latest.
MOST_DRAWS = 12


#: The areas asked about that an area lies in.
Above = Callable[[str | None], list[str]]


class Draw(NamedTuple):
    """A re-visit that was drawn: its fact, and the households that follow from its id."""

    fact: Fact
    households: tuple[bytes, ...]


def draws(look: Looking) -> list[Draw]:
    """The latest draws as of the moment, with their households: of the area and below, as the register was when it was drawn."""
    found = [f for f in _small(look, "revisit.drawn") if f.at <= look.about][-MOST_DRAWS:]
    made = []
    for fact in found:
        inside = look.areas.inside(fact.body.area, fact.at)
        homes = standing(Household, fact.entry).filter(area__in=inside).values_list("household", flat=True)
        made.append(Draw(fact, tuple(chosen(fact.id, (bytes(h) for h in homes), fact.body.many))))
    return made


def _small(look: Looking, kind: str) -> list[Fact]:
    return sorted(Reader(connection, look.seq).standing(kind), key=order)


def of_areas(look: Looking, codes: Sequence[str], *, met: bool = False) -> dict[str, Completeness]:
    """What may be said of the register of some areas with all below them, within the viewer's areas.

    A fixed number of statements, but one for each of the latest draws. ``met``: strangers swabbed here in the last days are counted
    too, which reads samples.
    """
    wanted = set(codes)

    def above(area: str | None) -> list[str]:
        return [c for c in look.areas.around(area, look.about) if c in wanted]

    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about).exclude(nature="away")
    by_area = dict(here.values_list("area").annotate(n=Count("*")))
    register: Counter[str] = Counter()
    for area, n in by_area.items():
        for code in above(area):
            register[code] += n
    sources: dict[str, list[Source]] = {code: [] for code in wanted}
    _lists(look, by_area, above, sources)
    _revisits(look, register, above, sources)
    strangers = _strangers(look, above) if met else Counter()
    return {code: completeness(register[code], sources[code], strangers[code]) for code in codes}


def _lists(look: Looking, by_area: dict[str, int], above: Above, sources: dict[str, list[Source]]) -> None:
    """Independent lists: the latest of each source in each area, summed over the areas below."""
    latest = {
        (f.body.area, f.body.source): f.body for f in _small(look, "list.counted") if f.at <= look.about and look.scope.holds(f.body.area)
    }
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (area, source), body in sorted(latest.items()):
        known = sum(n for a, n in by_area.items() if area in look.areas.around(a, look.about))
        for code in above(area):
            total = sums[(code, source)]
            for i, n in enumerate((known, body.listed, body.matched)):
                total[i] += n
    for (code, source), (known, listed, matched) in sorted(sums.items()):
        sources[code].append(Source("list", source, known, listed, matched))


def _revisits(look: Looking, register: Counter[str], above: Above, sources: dict[str, list[Source]]) -> None:
    """Re-visits of drawn households alone: whoever was chosen by someone says nothing of the others."""
    drawn = draws(look)
    since: dict[bytes, int] = {}
    for draw in drawn:
        for home in draw.households:
            since[home] = min(draw.fact.at, since.get(home, draw.fact.at))
    if not since:
        return
    made = standing_facts("revisit.made", look.seq, look.about).filter(household__in=list(since)).order_by("at", "id")
    latest = {
        bytes(h): (living, matched)
        for h, at, living, matched in made.values_list("household", "at", "living", "matched")
        if at >= since[bytes(h)]
    }
    areas = dict(standing(Household, look.seq).filter(look.scope.q(), household__in=list(latest)).values_list("household", "area"))
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for home, area in sorted(areas.items()):
        for code in above(area):
            sums[code][0] += latest[bytes(home)][0]
            sums[code][1] += min(latest[bytes(home)])
    for code, (living, matched) in sums.items():
        sources[code].append(Source("revisit", "", register[code], living, matched))


def _strangers(look: Looking, above: Above) -> Counter[str]:
    """People swabbed in the last days at a tube of an area who are on no register."""
    swabs = standing_facts("sample.taken", look.seq, look.about).filter(at__gte=look.about - MET_DAYS * DAY)
    unknown = dict(swabs.exclude(Exists(standing(Person, look.seq).filter(person=OuterRef("person")))).values_list("person", "tube"))
    places = dict(standing(Tube, look.seq).filter(look.scope.q(), tube__in=set(unknown.values())).values_list("tube", "area"))
    found: Counter[str] = Counter()
    for tube in unknown.values():
        for code in above(places.get(tube)):
            found[code] += 1
    return found


def said(look: Looking, code: str | None = None) -> Word:
    """One sentence on the register of the viewer's areas (or of one): stands beside whatever says how many of it were reached."""
    top = code or look.areas.root
    if top is None:
        return statement(completeness(0, []))
    tops = [top] if look.scope.codes is None or look.scope.holds(top) else tops_of(look, look.scope.codes)
    if not any(_small(look, kind) for kind in ("list.counted", "revisit.drawn")):  # nobody has looked: counting is all there is to do
        here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about).exclude(nature="away")
        if code is None:
            return statement(completeness(here.count(), []))
        inside = {c for t in tops for c in look.inside(t)}
        if len(inside) <= MOST_CODES:
            return statement(completeness(here.filter(area__in=inside).count(), []))
        by_area = here.values_list("area").annotate(n=Count("*"))
        return statement(completeness(sum(n for area, n in by_area if area in inside), []))
    found = of_areas(look, tops)
    if len(tops) == 1:
        return statement(found[tops[0]])
    sources = [s for each in found.values() for s in each.sources]
    return statement(completeness(sum(f.register for f in found.values()), sources))


def tops_of(look: Looking, codes: Collection[str]) -> list[str]:
    """Of some areas those under none of the others."""
    return sorted(c for c in codes if not any(a in codes for a in look.areas.upward(c)[1:]))
