"""Where a person is: temporary stays over the residence, leaving, death, moves to come, two records of one person."""

from __future__ import annotations

import itertools
import random
from zoneinfo import ZoneInfo

import pytest

from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import BEGINNING, FOREVER, Instant, format_local, parse_local
from bulou.protocol.relations import ancestors, descendants, inside_zone, segments, stays, zone_named

ZONE = ZoneInfo("Asia/Shanghai")
P, Q, H, K = named_id("p"), named_id("q"), named_id("h"), named_id("k")


def at(text: str) -> Instant:
    return parse_local(f"2020-12-{text}", ZONE)


def hour(value: Instant) -> str:
    if value in (BEGINNING, FOREVER):
        return "ever"
    return format_local(value, ZONE)[8:]


class Told:
    """A few facts, written as (when, kind, body)."""

    def __init__(self, *facts: tuple[str, str, dict[str, object]]) -> None:
        self.made = [self.fact(i, *f) for i, f in enumerate(facts)]
        self.facts = FactSet(self.made)

    @staticmethod
    def fact(i: int, when: str, kind: str, body: dict[str, object]) -> Fact:
        return Fact(named_id("fact", str(i)), kind, at(when), None, KINDS[kind].body(**body))

    def stays(self, person: bytes = P) -> list[tuple[str, str, str | None]]:
        return [(hour(s.span.start), hour(s.span.end), s.area) for s in stays(self.facts, person)]

    def segments(self, person: bytes = P) -> list[tuple[str, str, str | None]]:
        return [(hour(h.span.start), hour(h.span.end), h.area) for h in segments(self.facts, "person", person)]


def enrolled(when: str = "01 08:00", area: str = "a", person: bytes = P, **more: object) -> tuple[str, str, dict[str, object]]:
    return when, "person.enrolled", {"person": person, "name": "n", "area": area, **more}


def recorded(when: str, nature: str, area: str | None = None, **more: object) -> tuple[str, str, dict[str, object]]:
    return when, "stay.recorded", {"person": P, "nature": nature, "area": area, **more}


# --- stays ------------------------------------------------------------------------------------------------------------
def test_a_residence_lasts() -> None:
    told = Told(enrolled())
    assert told.stays() == [("01 08:00", "ever", "a")]
    assert told.segments() == [("ever", "ever", "a")], "the first place stands for the time before it was recorded too"


def test_a_move_ends_the_residence_before() -> None:
    assert Told(enrolled(), recorded("05 10:00", "residence", "b")).stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "ever", "b")]


def test_a_temporary_stay_lies_over_the_residence() -> None:
    told = Told(enrolled(), recorded("05 10:00", "stay", "b", until=at("06 08:00")))
    assert told.stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "06 08:00", "b"), ("06 08:00", "ever", "a")]


def test_a_temporary_stay_is_ended_by_a_fact() -> None:
    told = Told(enrolled(), recorded("05 10:00", "stay", "b"), ("07 09:00", "stay.ended", {"person": P}))
    assert told.stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "07 09:00", "b"), ("07 09:00", "ever", "a")]


def test_one_temporary_stay_ends_another() -> None:
    told = Told(
        enrolled(), recorded("05 10:00", "stay", "b", until=at("09 00:00")), recorded("06 10:00", "stay", "c", until=at("07 00:00"))
    )
    assert told.stays() == [
        ("01 08:00", "05 10:00", "a"),
        ("05 10:00", "06 10:00", "b"),
        ("06 10:00", "07 00:00", "c"),
        ("07 00:00", "ever", "a"),
    ]


def test_moving_house_during_a_temporary_stay_does_not_end_it() -> None:
    told = Told(enrolled(), recorded("05 10:00", "stay", "b", until=at("09 00:00")), recorded("06 10:00", "residence", "c"))
    assert told.stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "09 00:00", "b"), ("09 00:00", "ever", "c")]


def test_leaving_ends_every_stay() -> None:
    told = Told(enrolled(), recorded("05 10:00", "stay", "b"), recorded("06 10:00", "away"))
    assert told.stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "06 10:00", "b"), ("06 10:00", "ever", None)]
    back = Told(enrolled(), recorded("06 10:00", "away"), recorded("08 10:00", "residence", "c"))
    assert back.segments() == [("ever", "06 10:00", "a"), ("06 10:00", "08 10:00", None), ("08 10:00", "ever", "c")]


def test_enrolled_away_is_nowhere_however_many_facts_there_are() -> None:
    alone = Told(enrolled(nature="away"))
    assert alone.stays() == [("01 08:00", "ever", None)]
    assert Told(enrolled(nature="away"), recorded("09 00:00", "away")).segments() == alone.segments() == [("ever", "ever", None)]


def test_death_ends_everything() -> None:
    told = Told(
        enrolled(), recorded("05 10:00", "stay", "b"), ("06 03:00", "person.died", {"person": P}), recorded("07 00:00", "residence", "c"))  # fmt: skip
    assert told.stays() == [("01 08:00", "05 10:00", "a"), ("05 10:00", "06 03:00", "b")]
    assert told.segments()[-1] == ("06 03:00", "ever", None)


def test_a_move_to_come_is_a_move() -> None:
    told = Told(enrolled(), recorded("30 00:00", "residence", "b"))
    assert told.stays()[-1] == ("30 00:00", "ever", "b")


def test_an_end_before_the_beginning_is_no_stay() -> None:
    assert Told(enrolled(), recorded("05 10:00", "stay", "b", until=at("04 00:00"))).segments() == [("ever", "ever", "a")]


def test_nobody_knows() -> None:
    assert Told().stays() == []
    assert Told().segments() == [("ever", "ever", None)]


def test_two_records_of_one_person_are_one_life() -> None:
    """Joined, the stays of both records follow each other; parted again, each has its own."""
    facts = [enrolled(person=P), enrolled("03 08:00", "b", person=Q)]
    apart = Told(*facts)
    assert apart.segments(P) == [("ever", "ever", "a")]
    joined = Told(*facts, ("09 00:00", "person.identified", {"person": P, "same_as": Q, "reason": "-"}))
    assert joined.segments(P) == joined.segments(Q) == [("ever", "03 08:00", "a"), ("03 08:00", "ever", "b")]
    join = joined.made[2]
    parted = Told(*facts, ("09 00:00", "person.identified", {"person": P, "same_as": Q, "reason": "-"}))
    parted.facts.add([Fact(named_id("w"), "fact.withdrawn", at("10 00:00"), None, KINDS["fact.withdrawn"].body(join.id, "-"))])
    assert parted.segments(P) == [("ever", "ever", "a")]
    assert parted.segments(Q) == [("ever", "ever", "b")]


@pytest.mark.parametrize("seed", range(40))
def test_stays_are_a_partition_whatever_arrives_in_whatever_order(seed: int) -> None:
    rng = random.Random(seed)
    days = [f"{d:02d} {h:02d}:00" for d in range(1, 9) for h in (0, 12)]
    facts = [enrolled(rng.choice(days))]
    for _ in range(rng.randint(1, 6)):
        nature = rng.choice(["residence", "stay", "stay", "away"])
        until = at(rng.choice(days)) if nature == "stay" and rng.random() < 0.6 else None
        facts.append(recorded(rng.choice(days), nature, None if nature == "away" else rng.choice("abc"), until=until))
    if rng.random() < 0.4:
        facts.append((rng.choice(days), "stay.ended", {"person": P}))
    if rng.random() < 0.3:
        facts.append((rng.choice(days), "person.died", {"person": P}))
    told = Told(*facts)
    found = stays(told.facts, P)
    assert all(s.span.start < s.span.end for s in found)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(found)), "no two at once"
    whole = segments(told.facts, "person", P)
    assert whole[0].span.start == BEGINNING
    assert whole[-1].span.end == FOREVER
    assert all(a.span.end == b.span.start for a, b in itertools.pairwise(whole)), "no gap in the segments"
    assert all(a.area != b.area for a, b in itertools.pairwise(whole)), "joined where nothing changes"
    for _ in range(3):
        rng.shuffle(told.made)
        again = FactSet(told.made)
        assert stays(again, P) == found


# --- places of other subjects, the tree, zones --------------------------------------------------------------------------
def test_a_household_and_a_tube_stay_where_they_are() -> None:
    told = Told(
        ("02 00:00", "household.declared", {"household": H, "area": "a"}), ("03 00:00", "household.declared", {"household": H, "area": "b"}),
        ("02 00:00", "tube.opened", {"tube": "T1", "capacity": 5, "area": "c"}),
    )  # fmt: skip
    assert [h.area for h in segments(told.facts, "household", H)] == ["a"]
    assert [h.area for h in segments(told.facts, "household", K)] == [None]
    assert [h.area for h in segments(told.facts, "tube", "T1")] == ["c"]
    assert [h.area for h in segments(told.facts, "area", "d")] == ["d"]


def tree(*pairs: tuple[str, str | None]) -> list[tuple[str, str, dict[str, object]]]:
    return [("01 00:00", "area.declared", {"area": a, "parent": p, "level": "grid", "name": a}) for a, p in pairs]


def test_the_tree_is_the_latest_declared_and_a_loop_is_cut() -> None:
    told = Told(
        *tree(("a", None), ("b", "a"), ("c", "b"), ("d", "a")),
        ("05 00:00", "area.declared", {"area": "c", "parent": "d", "level": "grid", "name": "c"}),
    )
    assert ancestors(told.facts, "c") == ["c", "d", "a"]
    assert descendants(told.facts, "a") == {"a", "b", "c", "d"}
    assert ancestors(told.facts, "unheard of") == ["unheard of"]
    loop = Told(*tree(("a", "c"), ("b", "a"), ("c", "b")))
    assert ancestors(loop.facts, "a") == ["a", "c", "b"]
    assert descendants(loop.facts, "a") == {"a", "b", "c"}


def spans(told: Told, area: str) -> list[tuple[str, str]]:
    zone = named_id("z")
    return [(hour(s.start), hour(s.end)) for s in inside_zone(told.facts, zone_named(told.facts, zone), area)]


def test_a_zone_takes_in_and_lets_go_of_what_lies_below() -> None:
    zone = named_id("z")
    below = tree(("town", None), ("village", "town"), ("grid", "village"), ("other", "village"))
    told = Told(
        *below,
        ("05 00:00", "zone.extended", {"zone": zone, "area": "village"}), ("07 00:00", "zone.reduced", {"zone": zone, "area": "grid"}),
        ("08 00:00", "zone.extended", {"zone": zone, "area": "town"}), ("09 00:00", "zone.reduced", {"zone": zone, "area": "village"}),
    )  # fmt: skip
    assert spans(told, "grid") == [("05 00:00", "07 00:00"), ("08 00:00", "09 00:00")]
    assert spans(told, "other") == [("05 00:00", "09 00:00")]
    assert spans(told, "town") == [("08 00:00", "ever")]
    assert spans(told, "elsewhere") == []


def test_at_one_instant_the_smaller_area_decides() -> None:
    zone = named_id("z")
    below = tree(("village", None), ("grid", "village"))
    for notices in itertools.permutations(
        [("06 00:00", "zone.reduced", {"zone": zone, "area": "village"}), ("06 00:00", "zone.extended", {"zone": zone, "area": "grid"})]
    ):
        told = Told(*below, ("05 00:00", "zone.extended", {"zone": zone, "area": "village"}), *notices)
        assert spans(told, "grid") == [("05 00:00", "ever")] or spans(told, "grid") == [("05 00:00", "06 00:00"), ("06 00:00", "ever")]
        assert spans(told, "village") == [("05 00:00", "06 00:00")]
