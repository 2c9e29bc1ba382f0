"""Who is on the register within one's areas and in none of the lists: how many by area, and their names. Copies no register, enters nothing.

What is kept of it is two things: how many of each area are in no list, and the ids of those who are in one. The names are read from the
register when they are asked for, as it was known when the lists were compared, within the areas of whoever asks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import Instant
from bulou.basis.words import Word
from bulou.desks.compare import kept
from bulou.desks.compare.answer import PER_PAGE
from bulou.desks.compare.found import found_or_404
from bulou.desks.compare.onregister import Known
from bulou.kit.looking import Looking, Moment
from bulou.kit.page import id_or_404, page, show
from bulou.kit.people import here
from bulou.register.models import Person
from bulou.register.scope import standing

#: Rows of the register read at once: most of an area is in the lists, so pages are found by passing over those.
AT_ONCE = 2000
_ID = 16


class Missing(NamedTuple):
    """The register beside the lists, as it was known when they were compared."""

    folder: Path
    said: dict[str, Any]

    @property
    def moment(self) -> Moment:
        return Moment(Instant(self.said["about"]), self.said["seq"], Instant(self.said["known"]), live=False)

    def by_area(self, look: Looking) -> Counter[str]:
        """How many of each area of the viewer are in no list."""
        return Counter({a: n for a, n in self.said["areas"].items() if n and look.scope.holds(a)})

    def listed(self) -> set[bytes]:
        """The ids of those who are in a list."""
        data = (self.folder / "listed").read_bytes()
        return {data[i : i + _ID] for i in range(0, len(data), _ID)}


def _there(look: Looking) -> Any:
    """Everyone whom the register has in the viewer's areas; who is away is looked for elsewhere."""
    return here(look).exclude(nature="away")


def write(folder: Path, look: Looking, known: Sequence[Known], alone: Iterable[int]) -> None:
    """Keeps who of the register is in the lists: all of ``known`` but those whose numbers are ``alone``."""
    left = set(alone)
    listed = {k.canonical: k.area for i, k in enumerate(known) if i not in left}
    (folder / "listed").write_bytes(b"".join(sorted(listed)))
    areas = Counter(dict(_there(look).values_list("area").annotate(n=Count("pk"))))
    areas.subtract(Counter(area for area in listed.values() if area))
    said = {"areas": {a: n for a, n in areas.items() if n > 0}, "about": look.about, "seq": look.seq, "known": look.moment.known}
    kept.write_json(folder / "register.json", said)


def missing_of(comparison: bytes) -> Missing | None:
    """What was kept with an answer; ``None`` where its maker holds no post and so has no register."""
    folder = kept.folder(comparison) / "answer"
    said = kept.read_json(folder / "register.json")
    return None if said is None else Missing(folder, said)


def _after(found: Missing, look: Looking, area: str, start: bytes | None) -> Iterator[tuple[bytes, str]]:
    """Those who are in no list in the order of their ids, after one of them."""
    listed = found.listed()
    rows = _there(look).order_by("person")
    if area:
        rows = rows.filter(area__in=look.inside(area))
    while part := list((rows.filter(person__gt=start) if start else rows).values_list("person", "area")[:AT_ONCE]):
        yield from ((bytes(p), a) for p, a in part if bytes(p) not in listed)
        start = bytes(part[-1][0])


def _below(counts: Counter[str], top: str | None, look: Looking) -> list[dict[str, Any]]:
    """The areas right under one, each with its number, the largest first; nothing below the lowest."""
    if top is None:
        return []
    found = Counter[str]()
    for code, n in counts.items():
        child = look.areas.child_of(top, code)
        if child is not None and child != top:
            found[child] += n
    return [{"code": c, "name": look.areas.name(c, look.language), "n": n} for c, n in found.most_common()]


@page("bench-register", "compare/<str:comparison>/register", "只在名册的人", "Only on the register", desk="compare", sample="comparison")
def bench_register(request: HttpRequest, look: Looking, comparison: str) -> HttpResponse:
    """Everyone of the viewer's areas who is on the register and in none of the lists: by area, with names, as of the comparison."""
    of = found_or_404(look, comparison)
    found = missing_of(of.pk)
    if of.state != "done" or found is None:
        raise Http404
    then = look.at(found.moment)
    area = request.GET.get("area", "")
    if area and (area not in then.areas.places or not look.scope.holds(area)):
        raise Http404
    start = id_or_404(request.GET["after"]) if request.GET.get("after") else None
    within = then.inside(area) if area else None
    counts = Counter({a: n for a, n in found.by_area(look).items() if within is None or a in within})
    some = list(islice(_after(found, then, area, start), PER_PAGE + 1))
    shown = some[:PER_PAGE]
    then.learn_names(p for p, _ in shown)
    phones = dict(standing(Person, then.seq).filter(person__in=[p for p, _ in shown]).values_list("person", "phone"))
    opens = look.viewer.sees("people")
    people = [
        {"name": then.name(p), "phone": then.show("phone", phones.get(p), p), "area": then.area(a),
         "page": reverse("person", kwargs={"person": to_text(p)}) if opens else ""}
        for p, a in shown
    ]  # fmt: skip
    tops = [c.area for c in look.viewer.chairs]
    top = area or (then.areas.root if look.scope.codes is None else tops[0] if len(set(tops)) == 1 else None)
    context = {
        "title": look.say(Word("只在名册的人", "Only on the register")), "c": of, "people": people, "count": sum(counts.values()), "area": area,
        "area_name": then.area(area) if area else "", "areas": _below(counts, top, then), "about": found.moment.about, "known": found.moment.known,
        "next": to_text(shown[-1][0]) if len(some) > PER_PAGE else "", "first": start is None,
    }  # fmt: skip
    return show(request, "compare/register.html", context)
