"""Tracing by programs: an order for a contact of the incident with the edition's arithmetic, a risk point, a call-up, a source of
signals; each shown first. Enters nothing."""

from typing import Any

from bulou.basis.time import to_datetime
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.callupverbs import PUBLISH_CALLUP
from bulou.desks.tracing.pages import offered
from bulou.desks.tracing.pointverbs import NAME_POINT
from bulou.desks.tracing.signalverbs import OPEN_SIGNALS
from bulou.desks.tracing.verbs import MAKE_ORDER
from bulou.kit.confirming import Asking, Confirmed, Meant, confirmed
from bulou.kit.incidents import edition_of, incidents
from bulou.kit.verb import Problem, Refused
from bulou.register.models import Place
from bulou.register.scope import standing

_CHILD = Word(
    "14岁及以下:与父母商定措施,不得单独隔离", "a child up to 14: the measure is chosen with the parents, and nobody separates them by rule"
)


def _orders(asking: Asking) -> Meant:
    """An order as the page proposes it. No date and no measure is filled in by itself: what is left out is answered with the proposal."""
    look, said = asking.look, dict(asking.said)
    incident = next((c for c in incidents(look) if c.id == asking.incident), None)
    edition = edition_of(look, incident)
    if incident is None or edition is None:
        raise Refused([Problem("incident", "请选择有现行方案的事件", "choose the incident: one for which an edition is in force")])
    person, proposed, child, standing_order, given = offered(look, incident, edition, said["person"], said["ring"])
    offers: dict[str, Any] = {n: to_datetime(given[n], look.zone).isoformat() for n in ("anchor", "starts", "ends")}
    offers["measure"] = given["measure"]
    if missing := [n for n in ("measure", "anchor", "starts", "ends") if said[n] is None]:
        raise Refused([
            Problem(n, f"必填;{_CHILD.zh}" if offers[n] is None else f"必填;方案建议 {offers[n]}({proposed.why.zh})",
                    f"is required; {_CHILD.en}" if offers[n] is None else f"is required; the edition proposes {offers[n]} ({proposed.why.en})")
            for n in missing
        ])  # fmt: skip
    shows = [
        f"{look.name(person)} · {look.pick(LISTS['measure'], said['measure'])} · {look.time(said['starts'])} – {look.time(said['ends'], deadline=True)}",
        f"{look.say(Word('方案建议:', 'the edition proposes: '))}{look.say(proposed.why)}", *([look.say(_CHILD)] if child else []),
    ]  # fmt: skip
    if standing_order:
        shows.append(look.say(Word("将代替现行的隔离令", "takes the place of the order that stands")))
    replaces = bytes(standing_order.order) if standing_order else None
    values = {**said, "order": asking.id, "person": person, "edition": edition.id, "replaces": replaces}
    return Meant(MAKE_ORDER, values, tuple(shows), f"{edition.hash} {(replaces or b'').hex()}", incident.id)


confirmed(Confirmed(
    "make_order", ("person", "ring", "measure", "anchor", "starts", "ends", "reason"), _orders, maybe=frozenset({"measure", "anchor", "starts", "ends"}),
))  # fmt: skip


def _incident(asking: Asking) -> bytes:
    if asking.incident is None or asking.incident not in {c.id for c in incidents(asking.look)}:
        raise Refused([Problem("incident", "请选择事件", "choose the incident that this belongs to")])
    return asking.incident


def _place(asking: Asking) -> Place | None:
    """The place that was said, within the viewer's areas."""
    if asking.said.get("place") is None:
        return None
    found: Place | None = standing(Place, asking.look.seq).filter(asking.look.scope.q(), place=asking.said["place"]).first()
    if found is None:
        raise Refused([Problem("place", "您的区域内没有这个场所", "there is no such place in your areas")])
    return found


def _names(asking: Asking) -> Meant:
    """A risk point, with what its place is called and until when it would be closed."""
    look, incident, place = asking.look, _incident(asking), _place(asking)
    held, until = asking.said.get("held"), asking.said.get("closed_until")
    shows = (
        place.name if place else "—", f"{look.time(asking.said['since'])} – {look.time(asking.said['until'])}",
        f"{look.pick(LISTS['point_held'], held)}{' – ' + look.time(until, deadline=True) if until is not None else ''}", look.say(NAME_POINT.warning or NAME_POINT.word),
    )  # fmt: skip
    return Meant(NAME_POINT, {**asking.said, "point": asking.id}, shows, "", incident)


def _calls_up(asking: Asking) -> Meant:
    """A call-up, with the words that everybody would read."""
    look, incident, said = asking.look, _incident(asking), asking.said
    _place(asking)
    shows = (
        str(said["public"]), f"{look.time(said['since'])} – {look.time(said['until'])}", f"{said['reply_to']} – {look.time(said['ends'], deadline=True)}",
        look.say(PUBLISH_CALLUP.warning or PUBLISH_CALLUP.word),
    )  # fmt: skip
    return Meant(PUBLISH_CALLUP, {**said, "callup": asking.id}, shows, "", incident)


def _opens_signals(asking: Asking) -> Meant:
    """A source of signals: what it is, for which days and what, and when all of it is destroyed."""
    look, incident, said = asking.look, _incident(asking), asking.said
    shows = (
        f"{said['name']} · {look.pick(LISTS['signal_source'], said['source_kind'])}", f"{said['first_day']} – {said['last_day']}", str(said["purpose"]),
        f"{look.time(said['ends'], deadline=True)} – {look.time(said['forget_by'], deadline=True)}", look.say(OPEN_SIGNALS.warning or OPEN_SIGNALS.word),
    )  # fmt: skip
    return Meant(OPEN_SIGNALS, {**said, "source": asking.id}, shows, "", incident)


confirmed(Confirmed("open_signals", ("area", *OPEN_SIGNALS.fields), _opens_signals))
confirmed(Confirmed("name_point", ("place", *NAME_POINT.fields), _names))
confirmed(Confirmed("publish_callup", ("area", "place", *PUBLISH_CALLUP.fields), _calls_up))
