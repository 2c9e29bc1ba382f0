"""Figures that must close, and the partition of the register, against ``gaps.standing``: from figures.toml."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bulou.basis.words import STATE
from bulou.duties.memory import Memory
from bulou.duties.reckoning import Duty
from bulou.gaps.standing import Hole, Part, Partition, here, is_gap, partition, reconcile, state_of
from bulou.protocol.relations import ancestors, stays
from tests.spec.play import HERE, TREE, Case, Played, Table, asked, case_of, instant, play

RAW = tomllib.loads((HERE / "figures.toml").read_text(encoding="utf-8"))


def part(raw: dict[str, Any]) -> Part:
    """A figure with its partitions, from its text."""
    divisions = (Partition(p["name"], tuple(map(part, p["parts"])), p.get("of_which", False)) for p in raw.get("partitions", ()))
    return Part(raw["name"], raw["value"], tuple(divisions))


@pytest.mark.parametrize("raw", RAW["figure"], ids=lambda r: r["id"])
def test_figure_closes(raw: dict[str, Any]) -> None:
    holes = [(h.figure, h.partition, h.sum, h.missing) for h in reconcile(part(raw))]
    assert sorted(holes) == sorted((h["figure"], h["partition"], h["sum"], h["missing"]) for h in raw["holes"])


def test_a_hole_counts_what_is_missing() -> None:
    assert Hole("traced", "by state", 208_429, 208_336).missing == 93


STANDS = [pytest.param(raw, stands, id=f"{raw['id']}:{i}") for raw in RAW["case"] for i, stands in enumerate(raw["stands"])]


class Asked:
    """A case as it stands about an hour: the register of every area, and the duties that lie in it."""

    def __init__(self, raw: dict[str, Any], stands: dict[str, Any]) -> None:
        self.case: Case = case_of("figures", {k: v for k, v in raw.items() if k != "stands"} | {"then": []})
        known = instant(stands["known"])
        self.at = instant(stands.get("about", stands["known"]))
        self.table = Table(known, self.at, stands["rules"], None, None, [])
        self.case.tables.append(self.table)
        self.played: Played = play(self.case, Memory)
        self.duties: list[Duty] = asked(self.played, self.table)
        self.facts = self.played.facts(known)
        enrolled = {f.body.person for f in self.facts.standing("person.enrolled")}
        self.where = {p: next((s.area for s in stays(self.facts, p) if s.span.holds(self.at)), None) for p in enrolled}

    def register(self, area: str) -> set[bytes]:
        return {p for p, stay in self.where.items() if stay and area in ancestors(self.facts, stay)}

    def inside(self, area: str) -> list[Duty]:
        return [d for d in self.duties if d.area and area in ancestors(self.facts, d.area)]

    def names(self, people: frozenset[Any]) -> list[str]:
        return sorted(self.case.names[p] for p in people)


@pytest.mark.parametrize(("raw", "stands"), STANDS)
def test_everyone_is_in_exactly_one_state(raw: dict[str, Any], stands: dict[str, Any]) -> None:
    asks = Asked(raw, stands)
    found = partition(asks.duties, asks.register("district"), asks.at)
    assert {s: asks.names(p) for s, p in found.states.items() if p} == {s: sorted(p) for s, p in stands["states"].items()}
    assert asks.names(found.strangers) == stands["strangers"]
    assert set(found.states) <= set(STATE)


@pytest.mark.parametrize(("raw", "stands"), STANDS)
def test_states_sum_to_the_register_at_every_level(raw: dict[str, Any], stands: dict[str, Any]) -> None:
    asks = Asked(raw, stands)
    at_level = {area: partition(asks.inside(area), asks.register(area), asks.at) for area in TREE}
    assert {area: p.total() for area, p in at_level.items()} == stands["levels"]
    assert {area: len(p.states["overdue"]) for area, p in at_level.items()} == stands["overdue"]
    for area, found in at_level.items():
        below = [a for a, (parent, _) in TREE.items() if parent == area]
        for state, people in found.states.items():
            if below:
                assert people == frozenset().union(*(at_level[b].states[state] for b in below)), f"{state} in {area}"
        assert sum(len(p) for p in found.states.values()) == len(asks.register(area))


def test_a_gap_is_due_before_and_not_ended() -> None:
    """A gap: overdue or blocked past its hour, in the place that the row is for; never what is done, excused or ended."""
    raw, stands = RAW["case"][0], RAW["case"][0]["stands"][0]
    asks = Asked(raw, stands)
    gaps = {asks.case.names[d.subject] for d in asks.duties if is_gap(d, asks.at) and isinstance(d.subject, bytes)}
    assert gaps == {"p5", "p6", "p12"}
    for duty in asks.duties:
        if is_gap(duty, asks.at):
            assert state_of(duty, asks.at) in ("overdue", "blocked")
            assert here(duty, asks.at)
            assert not is_gap(duty, duty.due_at), "at its hour it is still due"
