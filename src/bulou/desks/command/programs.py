"""Drawing a zone by a program: the same safeguards and areas as its page, with how many live inside shown first. Enters nothing itself."""

from bulou.basis.words import Word
from bulou.desks.command.pages import drawing
from bulou.desks.command.verbs import DRAW_ZONE
from bulou.evidence.timeline import entered_facts
from bulou.kit.confirming import Asking, Confirmed, Meant, More, confirmed
from bulou.kit.incidents import incidents
from bulou.kit.people import unit_options
from bulou.kit.verb import Problem, Refused
from bulou.register.models import Household, Stay
from bulou.register.scope import standing


def _draws(asking: Asking) -> Meant:
    look, said = asking.look, dict(asking.said)
    areas: list[str] = list(dict.fromkeys(said.pop("areas")))
    offered = dict(unit_options(look))
    if outside := [code for code in areas if code not in offered]:
        raise Refused([Problem("areas", f"不是您可划入的区域:{c}", f"is no area that you may draw in: {c}") for c in outside])
    if asking.incident is not None and asking.incident not in {c.id for c in incidents(look)}:
        raise Refused([Problem("incident", "没有这个事件", "there is no such incident")])
    inside = {b for code in areas for b in look.areas.subtree(code)}
    people = standing(Stay, look.seq).filter(look.scope.q(), area__in=inside, here_from__lte=look.about, here_until__gt=look.about).count()
    homes = standing(Household, look.seq).filter(look.scope.q(), area__in=inside).count()
    shows = (
        (", " if look.language == "en" else "、").join(look.area(code) for code in areas),
        look.say(Word(f"区内 {people:,} 人、{homes:,} 户", f"{people:,} people and {homes:,} households inside")),
    )
    return Meant(drawing(areas, asking.id), {**said, "zone": asking.id}, shows, f"{people} {homes}", asking.incident, asking.at)


def _same(asking: Asking) -> bool:
    """Whether the zone that stands under this id has these areas."""
    drawn = entered_facts("zone.drawn", asking.look.seq, asking.look.about).filter(id=asking.id).values_list("entry", flat=True)
    rows = entered_facts("zone.extended", asking.look.seq, asking.look.about).filter(zone=asking.id, entry__in=drawn)
    return set(rows.values_list("area", flat=True)) == set(asking.said["areas"])


confirmed(Confirmed(
    "draw_zone", (*DRAW_ZONE.fields,), _draws,
    {"areas": More(Word("划入的区域代码(以最小范围为准)", "the codes of the areas in the zone (the smallest that will do)"), many=True)}, same=_same,
))  # fmt: skip
