"""Making an order by a program: for a contact of the incident alone, with the edition's proposal and its arithmetic. Enters nothing itself."""

from typing import Any

from bulou.basis.time import to_datetime
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.pages import offered
from bulou.desks.tracing.verbs import MAKE_ORDER
from bulou.kit.confirming import Asking, Confirmed, Meant, confirmed
from bulou.kit.incidents import edition_of, incidents
from bulou.kit.verb import Problem, Refused

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
