"""Who answers: rosters of the night, handing over that needs acceptance, levels and parties; and planted readers, each caught."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.gaps.answer import Posts, minute_of_day
from bulou.gaps.responsibility import Authority, Charge, Charges, authority, entrusted, responsible
from tests.unit.test_answer import ANN, BEN, CAY, UP, at, chair, fact, held, posts

HERE, THERE, THIRD = "510117001", "510107110", "500103001"
PERSON = named_id("moved")
SUBJECT = PERSON.hex()


def rostered(post: str, hours: tuple[str, str], when: str = "01 00:00", **more: object) -> Fact:
    return fact("post.rostered", when, post=post, on_from=hours[0], on_until=hours[1], **more)


# --- nights -----------------------------------------------------------------------------------------------------------------
NIGHT = [
    chair("g", "grid", "grid-1"), chair("v", "village", "village-1"), chair("duty", "district", "district"),
    held("g", ANN, "01 00:00"), held("v", BEN, "01 00:00"), held("duty", CAY, "01 00:00"),
    rostered("g", ("08:00", "20:00")), rostered("v", ("07:00", "22:00")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "post", "off_duty"),
    [
        ("05 07:59", "v", ("g",)), ("05 08:00", "g", ()), ("05 19:59", "g", ()), ("05 20:00", "v", ("g",)), ("05 22:00", "duty", ("g", "v")),
        ("06 02:00", "duty", ("g", "v")),
    ],
)  # fmt: skip
def test_what_falls_due_at_night_goes_to_whoever_is_on_duty(when: str, post: str, off_duty: tuple[str, ...]) -> None:
    answer = posts(*NIGHT).answering(UP, "grid", at(when))
    assert (answer.chair and answer.chair.post, answer.off_duty, answer.vacant) == (post, off_duty, off_duty)


def test_without_a_roster_a_chair_is_on_duty_round_the_clock() -> None:
    answer = posts(*[f for f in NIGHT if f.kind != "post.rostered"]).answering(UP, "grid", at("06 02:00"))
    assert answer.holder == ANN, "the control: it is the roster that lets the grid officer sleep"


def test_a_night_that_ends_on_the_next_day_and_two_holders_by_turns() -> None:
    found = posts(
        chair("g", "grid", "grid-1"), held("g", ANN, "01 00:00"), held("g", BEN, "01 01:00", acting=True),
        rostered("g", ("08:00", "20:00"), holder=ANN), rostered("g", ("20:00", "08:00"), holder=BEN),
    )  # fmt: skip
    on = [h.holder if (h := found.on_duty("g", at(t))) else None for t in ("05 12:00", "05 20:00", "06 03:00", "06 08:00")]
    assert on == [ANN, BEN, BEN, ANN]


def test_a_later_roster_replaces_an_earlier_and_may_end() -> None:
    found = posts(
        chair("g", "grid", "grid-1"), held("g", ANN, "01 00:00"), rostered("g", ("08:00", "20:00")),
        rostered("g", ("10:00", "12:00"), "05 00:00", until=at("06 00:00")),
    )  # fmt: skip
    assert [found.state("g", at(t)) for t in ("04 09:00", "05 09:00", "05 11:00", "06 09:00")] == ["held", "off_duty", "held", "held"]


def test_when_nobody_is_on_duty_the_highest_is_woken() -> None:
    found = posts(
        chair("g", "grid", "grid-1"), chair("c", "command", "district"), held("g", ANN, "01 00:00"), held("c", CAY, "01 00:00"),
        rostered("g", ("08:00", "20:00")), rostered("c", ("08:00", "20:00")),
    )  # fmt: skip
    answer = found.answering(UP, "grid", at("05 02:00"))
    assert (answer.holder, answer.off_duty) == (CAY, ("g", "c"))


def test_a_roster_that_says_no_hours_changes_nothing() -> None:
    found = posts(chair("g", "grid", "grid-1"), held("g", ANN, "01 00:00"), rostered("g", ("later", "20:00")))
    assert found.state("g", at("05 02:00")) == "held"
    assert [minute_of_day(t) for t in ("00:00", "24:00", "24:01", "7:00", "xx")] == [0, 1440, None, None, None]


def test_how_it_stands_with_a_chair() -> None:
    found = posts(chair("g", "grid", "grid-1"), held("g", ANN, "02 00:00", until=at("04 00:00")), held("g", BEN, "05 00:00", acting=True))
    assert [found.state("g", at(t)) for t in ("01 00:00", "03 00:00", "04 12:00", "06 00:00")] == [
        "vacant",
        "held",
        "vacant",
        "standing_in",
    ]


# --- handing over -----------------------------------------------------------------------------------------------------------
def offered(n: int, when: str, to: str = THERE, party: str = "territory", post: str | None = None, subject: str = SUBJECT) -> Fact:
    return fact("charge.offered", when, charge=named_id("charge", str(n)), subject=subject, party=party, reason="moved", post="town.here",
                to_area=to if post is None else None, to_post=post)  # fmt: skip


def accepted(n: int, when: str) -> Fact:
    return fact("charge.accepted", when, charge=named_id("charge", str(n)), post="town.there")


def declined(n: int, when: str) -> Fact:
    return fact("charge.declined", when, charge=named_id("charge", str(n)), reason="not known here", post="town.there")


Reader_ = Callable[[Sequence[tuple[Instant, str | None]], Sequence[Charge], Instant], Authority]
LIVED = [(at("01 00:00"), HERE)]
MOVED = [*LIVED, (at("05 12:00"), THERE)]
#: Histories with the hours at which each area answers, by hand: places, facts, (hour, area, in transfer).
HISTORIES: dict[str, tuple[list[tuple[Instant, str | None]], list[Fact], list[tuple[str, str, bool]]]] = {
    "nothing handed over: where they stay": (MOVED, [], [("05 11:59", HERE, False), ("05 12:00", THERE, False)]),
    "sender owes until accepted": (
        MOVED, [offered(1, "05 10:00"), accepted(1, "06 09:00")],
        [("05 09:59", HERE, False), ("05 10:00", HERE, True), ("05 13:00", HERE, True), ("06 08:59", HERE, True), ("06 09:00", THERE, False)],
    ),
    "accepted before the move": (
        MOVED, [offered(1, "05 08:00"), accepted(1, "05 09:00")], [("05 08:30", HERE, True), ("05 09:00", THERE, False), ("05 13:00", THERE, False)],
    ),
    "declined: the sender goes on, though they have moved": (
        MOVED, [offered(1, "05 10:00"), declined(1, "06 09:00")], [("06 08:00", HERE, True), ("06 09:00", HERE, False), ("09 00:00", HERE, False)],
    ),
    "declined, offered to a third, accepted": (
        MOVED, [offered(1, "05 10:00"), declined(1, "06 09:00"), offered(2, "06 10:00", THIRD), accepted(2, "06 12:00")],
        [("06 09:30", HERE, False), ("06 11:00", HERE, True), ("06 12:00", THIRD, False)],
    ),
    "a later offer takes the place of an open one, whose acceptance says nothing": (
        MOVED, [offered(1, "05 10:00"), offered(2, "05 11:00", THIRD), accepted(1, "05 13:00"), accepted(2, "05 14:00")],
        [("05 13:30", HERE, True), ("05 14:00", THIRD, False)],
    ),
    "moved again after acceptance": (
        [*MOVED, (at("08 00:00"), THIRD)], [offered(1, "05 10:00"), accepted(1, "06 09:00")], [("07 00:00", THERE, False), ("08 00:00", THIRD, False)],
    ),
    "who accepts first is heard": (
        MOVED, [offered(1, "05 10:00"), accepted(1, "06 09:00"), declined(1, "06 10:00")], [("06 11:00", THERE, False)],
    ),
    "an answer before the offer answers nothing": (MOVED, [accepted(1, "04 00:00"), offered(1, "05 10:00")], [("07 00:00", HERE, True)]),
}  # fmt: skip


def disagreements(read: Reader_) -> list[tuple[str, str]]:
    wrong = []
    for name, (places, facts, told) in HISTORIES.items():
        charges = Charges(facts)
        for when, area, moving in told:
            found = read(places, charges.about([SUBJECT], "territory", at(when)), at(when))
            if (found.area, found.transfer is not None) != (area, moving):
                wrong.append((name, when))
    return wrong


def test_exactly_one_area_answers_at_every_hour() -> None:
    assert disagreements(authority) == []


def test_the_order_of_arrival_changes_nothing() -> None:
    for seed in range(20):
        for places, facts, told in HISTORIES.values():
            shuffled = list(facts)
            random.Random(seed).shuffle(shuffled)
            for when, area, _moving in told:
                assert authority(places, Charges(shuffled).about([SUBJECT], "territory", at(when)), at(when)).area == area


def _sent_is_gone(places: Sequence[tuple[Instant, str | None]], charges: Sequence[Charge], at_: Instant) -> Authority:
    """Planted: an offer hands over by itself."""
    return authority(places, [c._replace(answer="accepted", answered_at=c.offered_at) for c in charges], at_)


def _where_they_stay(places: Sequence[tuple[Instant, str | None]], charges: Sequence[Charge], at_: Instant) -> Authority:
    """Planted: charges are not read at all."""
    return authority(places, [], at_)


def _declined_is_accepted(places: Sequence[tuple[Instant, str | None]], charges: Sequence[Charge], at_: Instant) -> Authority:
    """Planted: any answer hands over."""
    return authority(places, [c._replace(answer="accepted") if c.answer else c for c in charges], at_)


@pytest.mark.parametrize("planted", [_sent_is_gone, _where_they_stay, _declined_is_accepted])
def test_planted_readers_are_caught(planted: Reader_) -> None:
    assert disagreements(planted)


def test_how_a_handing_over_stands() -> None:
    charges = Charges([offered(1, "05 10:00"), offered(2, "05 12:00"), declined(2, "06 00:00")])
    one, two = charges.of[SUBJECT]
    assert [one.state(at(t)) for t in ("05 09:00", "05 11:00", "05 12:00")] == [None, "offered", "lapsed"]
    assert [two.state(at(t)) for t in ("05 13:00", "06 00:00")] == ["offered", "declined"]
    assert (two.said, two.answered_by) == ("not known here", "town.there")


# --- parties ----------------------------------------------------------------------------------------------------------------
PARENTS = {"grid-1": "village-1", "village-1": "town-1", "town-1": "district", "district": None}
PLACE = named_id("market").hex()


def upward(area: str | None) -> list[str]:
    found = []
    while area:
        found.append(area)
        area = PARENTS[area]
    return found


def test_every_level_is_named_vacant_and_unnamed_ones_too() -> None:
    found = responsible(
        posts(chair("g", "grid", "grid-1"), chair("t", "town", "town-1"), chair("c", "command", "district"), held("c", CAY, "01 00:00")),
        Charges([]), at("05 00:00"), subjects=[SUBJECT], places=[(at("01 00:00"), "grid-1")], upward=upward, household=True, person=PERSON,
    )  # fmt: skip
    assert [(s.level, s.chair and s.chair.post, s.state) for s in found.of("territory")] == [
        ("household", None, "unnamed"), ("grid", "g", "vacant"), ("village", None, "unnamed"), ("town", "t", "vacant"),
        ("district", None, "unnamed"), ("command", "c", "held"),
    ]  # fmt: skip
    assert [(s.holder, s.state) for s in found.of("person")] == [(PERSON, "held")]
    assert found.of("employer") == [], "someone who works nowhere that is known has no employer to name"


def test_the_employer_answers_once_it_accepted() -> None:
    there = posts(chair("boss", "unit", "town-1"), held("boss", BEN, "01 00:00"))
    facts = [offered(1, "05 10:00", party="employer", post="boss", subject=PLACE), accepted(1, "05 12:00")]

    def employer(when: str) -> tuple[list[tuple[bytes | None, str]], int]:
        found = responsible(
            there, Charges(facts), at(when), subjects=[SUBJECT], places=[(at("01 00:00"), "grid-1")], upward=upward, person=PERSON,
            workplaces=[PLACE],
        )  # fmt: skip
        return [(s.holder, s.state) for s in found.of("employer")], len(found.transfers)

    assert employer("05 11:00") == ([(None, "unnamed")], 1)
    assert employer("05 12:00") == ([(BEN, "held")], 0)


def test_a_place_names_all_its_parties() -> None:
    found = responsible(
        posts(), Charges([]), at("05 00:00"), subjects=[PLACE], places=[(at("01 00:00"), "town-1")], upward=upward,
    )  # fmt: skip
    assert {s.party for s in found.seats} == {"territory", "department", "employer"}
    assert all(s.state == "unnamed" for s in found.seats)


def test_the_last_accepted_post_answers_for_a_party() -> None:
    facts = [
        offered(1, "05 10:00", party="department", post="a"),
        accepted(1, "05 11:00"),
        offered(2, "06 00:00", party="department", post="b"),
    ]
    told = Charges(facts).about([SUBJECT], "department", at("07 00:00"))
    post, open_ = entrusted(told, at("07 00:00"))
    assert (post, open_ and open_.to_post) == ("a", "b")


def test_records_that_are_one_person_are_read_as_one() -> None:
    other = named_id("other record").hex()
    charges = Charges([offered(1, "05 10:00", subject=other), accepted(1, "05 11:00")])
    assert authority(LIVED, charges.about([SUBJECT, other], "territory", at("06 00:00")), at("06 00:00")).area == THERE
    assert authority(LIVED, charges.about([SUBJECT], "territory", at("06 00:00")), at("06 00:00")).area == HERE, "the control"


def test_a_set_of_posts_is_made_whatever_the_zone() -> None:
    assert Posts([], {}).answering(["x"], "grid", at("01 00:00")).chair is None
