"""Command by programs: the board's figures, and drawing a zone with the same safeguards and areas as its page, with how many live inside shown first.

Enters nothing itself.
"""

from typing import Any

from django.http import HttpRequest

from bulou.basis.ids import from_text, to_text
from bulou.basis.words import Word
from bulou.desks.command.figures import FIGURES, Board
from bulou.desks.command.opening import CLOSE_INCIDENT, ends_with
from bulou.desks.command.pages import drawing
from bulou.desks.command.verbs import DRAW_ZONE
from bulou.evidence.timeline import entered_facts
from bulou.kit.answers import Answered, Wrong, answer, asks, hour, record, said, text
from bulou.kit.centre import drill
from bulou.kit.confirming import Asking, Confirmed, Meant, More, confirmed
from bulou.kit.httproutes import Route, route
from bulou.kit.incidents import incidents
from bulou.kit.people import unit_options
from bulou.kit.sheet import EXERCISE
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


def _closes(asking: Asking) -> Meant:
    look, said = asking.look, dict(asking.said)
    found = next((c for c in incidents(look) if c.id == said["incident"] and look.scope.holds(c.area)), None)
    if found is None:
        raise Refused([Problem("incident", "没有这个事件", "there is no such incident")])
    held, joined = ends_with(found.id, look)
    shows = (
        found.name_en if look.language == "en" else found.name,
        look.say(
            Word(
                f"措施令未到期 {held} 人,一并结束的并入事件 {joined} 起",
                f"{held} people under an order; {joined} incidents joined to it end with it",
            )
        ),
    )
    return Meant(CLOSE_INCIDENT, said, shows, f"{held} {joined}", found.id)


confirmed(Confirmed("close_incident", ("incident", "reason"), _closes))


# --- figures ------------------------------------------------------------------------------------------------------------
def figures_route(request: HttpRequest) -> Any:
    """Every figure of the board of an incident, for the viewer's areas and at this moment."""
    look = asks(request)
    if not look.viewer.sees("command"):
        raise Answered(404)
    if more := sorted(set(request.GET) - {"incident"}):
        raise Answered(422, *(Wrong(name[:60], "没有这一参数;可用:incident", "is no parameter here; there is: incident") for name in more))
    known = incidents(look)
    if given := request.GET.get("incident"):
        try:
            wanted = from_text(given)
        except ValueError:
            wanted = b""
        known = [c for c in known if c.id == wanted]
        if not known:
            raise Answered(422, Wrong("incident", "没有这个事件", "is no incident known here"))
    return answer({
        "about": hour(look.about, look), "known": hour(look.moment.known, look), "entry": look.seq, "exercise": EXERCISE if drill() else None,
        "incident": to_text(known[0].id) if known else None,
        "figures": _figures(Board.of(look, known[0].id)) if known else [],
    })  # fmt: skip


def _figures(board: Board) -> list[dict[str, Any]]:
    say = board.look.say
    return [
        {
            "name": f.name, "word": say(f.word), "value": f.value(board), "of": len(set(f.of(board))) if f.of else None, "unit": f.meaning.unit,
            "counting": f.meaning.counting, "clock": f.meaning.clock, "definition": say(f.meaning.definition),
            "parts": [{"word": say(word), "value": n} for word, n in f.parts(board)] if f.parts else [],
        }
        for f in FIGURES.values()
    ]  # fmt: skip


_NUMBER, _MAYBE = {"type": "integer"}, {"type": ["string", "null"]}
_FIGURE = record({
    "name": text(), "word": text(), "value": _NUMBER, "of": {"type": ["integer", "null"]}, "unit": text(), "counting": text(), "clock": text(),
    "definition": text(), "parts": {"type": "array", "items": record({"word": text(), "value": _NUMBER})},
})  # fmt: skip
_INCIDENT = Word("事件编号;不写则为最近的一起", "the incident's id; without it the latest")
route(Route(
    "figures", "/figures", "command", Word("态势数字", "figures of the board"),
    Word("与态势页相同的数字,各附定义、单位、口径;只数您负责的区域。",
         "The numbers of the board, each with its definition, unit and clock; of the areas that you answer for."),
    None,
    record({"about": text(), "known": text(), "entry": _NUMBER, "exercise": _MAYBE, "incident": _MAYBE, "figures": {"type": "array", "items": _FIGURE}}),
    (404, 422), figures_route,
    parameters=({"name": "incident", "in": "query", "required": False, "schema": text(_INCIDENT), "description": said(_INCIDENT)},),
))  # fmt: skip
