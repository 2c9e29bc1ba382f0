"""The list of orders and the engine end an order at the same moment, on generated histories: a list that differs would lie."""

from __future__ import annotations

from bulou.basis.factset import FactSet
from bulou.basis.kinds import INCIDENT, Fact
from bulou.evidence.things import order_over
from bulou.protocol.read import shipped
from bulou.protocol.readings import READINGS
from bulou.protocol.relations import Cell, order
from tests.histories import UNIVERSE, ZONE, Director

EDITION = shipped()["covid19/cn-7"]


def ends(facts: FactSet, made: Fact) -> int:
    """When the engine says that an order is over."""
    rule = EDITION.rule("close.test")
    assert rule
    assert made.incident
    key = {INCIDENT: made.incident, "incident": made.incident, "order": made.body.order}
    moment = READINGS["order over"].moment(Cell(rule, EDITION, key, [made], facts, ZONE, made.at), made.body.person)
    assert moment
    return moment.at


def test_an_order_is_over_at_one_moment() -> None:
    rule = EDITION.rule("close.test")
    assert rule
    why: dict[str, int] = {"its end": 0, "ended": 0, "replaced": 0, "died": 0}
    for seed in range(600):
        facts = FactSet(f for facts, _ in Director(EDITION, rule, seed).history() for f in facts)
        for id_ in UNIVERSE["order"]:
            made = min(facts.by("order.made", "order", id_), key=order, default=None)
            if made is None:
                continue
            over = order_over(facts, made)
            assert over == ends(facts, made)
            why["its end"] += over == made.body.ends
            why["ended"] += over in {f.at for f in facts.by("order.ended", "order", id_)}
            why["replaced"] += over in {f.at for f in facts.by("order.made", "replaces", id_)}
            why["died"] += over in {f.at for f in facts.by("person.died", "person", made.body.person)}
    assert all(why.values()), f"histories in which nothing ended so: {why}"
