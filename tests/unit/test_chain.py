"""What joins cases means: every link once with all its kinds, several candidate sources kept, an unknown source counted, nothing told of too few."""

from __future__ import annotations

from bulou.basis.time import HOUR, Instant
from bulou.questions import chain
from bulou.questions.chain import FEW, Lasted, Link, Node, Told, Was, interval, lasted


def n(name: str, day: str | None = None, **more: object) -> Node:
    return Node(name.encode(), day, day is not None, **more)  # type: ignore[arg-type]


def told(person: str, met: str, hour: int = 0, setting: str = "meal", judged: bool = False) -> Told:
    return Told(person.encode(), met.encode(), Instant(hour * HOUR), setting, judged)


def was(person: str, since: int, until: int | None, place: str = "shop", space: str | None = None) -> Was:
    return Was(person.encode(), place.encode(), Instant(since * HOUR), None if until is None else Instant(until * HOUR), space)


def ends(found: list[Link]) -> list[tuple[str, str]]:
    return [(k.source.decode(), k.case.decode()) for k in found]


def test_a_pair_is_one_link_however_much_joins_it() -> None:
    home = b"home"
    [link] = chain.links(
        [n("a", "2020-12-01", home=home), n("b", "2020-12-04", home=home)],
        [told("b", "a", 1), told("b", "a", 9, "household", judged=True)],
        [was("a", 0, 2), was("b", 1, 3)],
    )
    assert (link.source, link.case, link.either) == (b"a", b"b", False)
    assert link.ways == ("judged", "household", "place"), "judged says more than named and stands for it"
    assert link.settings == ("meal", "household") and link.until == 9 * HOUR and link.place == b"shop"


def test_what_was_told_says_the_direction_and_a_later_onset_of_the_source_speaks_against_it() -> None:
    nodes = [n("a", "2020-12-06"), n("b", "2020-12-01")]
    [link] = chain.links(nodes, [told("b", "a")])
    assert ends([link]) == [("a", "b")] and link.against == ("order",)
    [both] = chain.links(nodes, [told("b", "a"), told("a", "b")])
    assert both.either and not both.against


def test_without_a_word_the_earlier_day_comes_first_and_one_day_leaves_it_open() -> None:
    shared = [was("a", 0, 2), was("b", 1, 3)]
    assert ends(chain.links([n("a", "2020-12-06"), n("b", "2020-12-01")], [], shared)) == [("b", "a")]
    for days in (("2020-12-01", "2020-12-01"), (None, "2020-12-01")):
        [link] = chain.links([n("a", days[0]), n("b", days[1])], [], shared)
        assert link.either


def test_a_place_joins_only_who_was_there_at_one_time_and_in_one_part() -> None:
    nodes = [n("a", "2020-12-01"), n("b", "2020-12-02")]
    assert not chain.links(nodes, [], [was("a", 0, 2), was("b", 3, 4)])
    assert not chain.links(nodes, [], [was("a", 0, 2), was("b", 1, 3, "other")])
    assert not chain.links(nodes, [], [was("a", 0, 4, space="1"), was("b", 1, 3, space="2")])
    assert chain.links(nodes, [], [was("a", 0, 4, space="1"), was("b", 1, 3)])
    assert not chain.links(nodes, [], [was("a", 0, None), was("b", 1, 3)]), "without an end nobody knows that they were still there"


def test_a_crowd_is_not_joined_in_pairs() -> None:
    nodes = [n(f"p{i:03}", "2020-12-01") for i in range(200)]
    crowd = chain.links(nodes, [], [was(f"p{i:03}", 0, 9) for i in range(200)])
    assert len(crowd) < 200 * chain.CROWD and not [
        k for k in chain.links([n._replace(home=b"dorm") for n in nodes], []) if "household" in k.ways
    ]


def test_several_candidate_sources_stay_several() -> None:
    nodes = [n("a", "2020-12-01"), n("b", "2020-12-01"), n("c", "2020-12-05")]
    found = chain.links(nodes, [told("c", "a"), told("c", "b")])
    assert {k.source for k in chain.candidates(found)[b"c"]} == {b"a", b"b"}
    assert chain.serial(nodes, found) == [], "a pair of which nobody knows the source tells no interval"


def test_who_is_not_on_the_chain_joins_nobody() -> None:
    assert chain.links([n("a", "2020-12-01")], [told("a", "x"), told("x", "a"), told("a", "a")], [was("a", 0, 2), was("x", 0, 2)]) == []


def test_clusters_begin_with_whom_nothing_joins() -> None:
    nodes = [
        n("a", "2020-12-01"),
        n("b", "2020-12-02"),
        n("c", "2020-12-03"),
        n("d", "2020-12-09"),
        n("e", "2020-12-04"),
        n("f", "2020-12-05"),
    ]
    found = chain.links(nodes, [told("b", "a"), told("c", "b"), told("f", "e")])
    assert chain.clusters(nodes, found) == [[b"d"], [b"a", b"b", b"c"], [b"e", b"f"]]
    assert chain.unlinked(nodes, found) == {b"d"}
    assert chain.generations(nodes, found) == {b"a": 0, b"b": 1, b"c": 2, b"d": 0, b"e": 0, b"f": 1}


def test_an_unknown_source_is_who_has_no_candidate_and_did_not_come_from_outside() -> None:
    nodes = [n("a", "2020-12-01", outside=True), n("b", "2020-12-02"), n("c", "2020-12-03")]
    found = chain.links(nodes, [told("b", "a")])
    assert chain.sourceless(nodes, found) == {b"c"}


def test_a_circle_has_no_generation() -> None:
    nodes = [n("a", "2020-12-01"), n("b", "2020-12-02")]
    assert chain.generations(nodes, chain.links(nodes, [told("b", "a"), told("a", "b")])) == {}


def test_sequences_join_when_near_and_speak_against_when_their_lineages_differ() -> None:
    nodes = [n("a", "2020-12-01", lineage="B.1"), n("b", "2020-12-02", lineage="B.1"), n("c", "2020-12-03", lineage="B.2")]
    apart = {frozenset((b"a", b"b")): chain.NEAR, frozenset((b"a", b"c")): 0, frozenset((b"b", b"c")): 19}
    found = chain.links(nodes, [told("c", "b")], [], apart)
    assert [(k.source, k.case, k.ways, k.apart, k.against) for k in found] == [
        (b"a", b"b", ("sequence",), chain.NEAR, ()), (b"b", b"c", ("told",), 19, ("lineage",)),
    ]  # fmt: skip


def test_an_interval_of_few_is_not_told() -> None:
    assert interval([3] * (FEW - 1)).middle is None and interval([3] * (FEW - 1)).n == FEW - 1
    assert interval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])[:2] == (10, 5.5)


def test_serial_intervals_are_of_told_pairs_with_both_onsets() -> None:
    nodes = [n("a", "2020-12-01"), n("b", "2020-12-05"), n("c", "2020-12-08")._replace(onset=False), n("d", "2020-12-09")]
    found = chain.links(nodes, [told("b", "a"), told("c", "b")], [was("a", 0, 2), was("d", 1, 3)])
    assert [(k.case, days) for k, days in chain.serial(nodes, found)] == [(b"b", 4)]


def test_an_open_step_counts_with_what_it_took_so_far() -> None:
    """The planted figure drops them: then nine quick ones hide the one whom nobody has asked for two days."""
    spans: list[tuple[int, int | None]] = [(0, HOUR)] * 9 + [(0, None)]

    def dropping(some: list[tuple[int, int | None]], now: int) -> Lasted:
        return lasted([s for s in some if s[1] is not None], now)

    assert lasted(spans * 2, 48 * HOUR) == Lasted(18, 2, 1.0, 1.0)
    assert lasted([*spans, (0, None)], 48 * HOUR).ninety == 48.0
    assert dropping([*spans, (0, None)], 48 * HOUR).ninety == 1.0
    assert lasted([(50 * HOUR, None)], 48 * HOUR) == Lasted(0, 0), "what has not begun is not counted"
    assert lasted([(0, 50 * HOUR)], 48 * HOUR) == Lasted(0, 1, 48.0, 48.0, (True, True)), "what came later is still open at the hour asked"


def test_a_figure_that_may_be_longer_says_so() -> None:
    """Somebody who has waited an hour so far may wait for days: then the middle of two hours is at least two."""
    spans: list[tuple[int, int | None]] = [(0, 2 * HOUR), (0, 2 * HOUR), (47 * HOUR, None)]
    assert lasted(spans, 48 * HOUR).least == (True, True)
    assert lasted([(0, 2 * HOUR), (0, 2 * HOUR), (0, None)], 48 * HOUR).least == (False, True)


def test_what_could_settle_most_stands_first_and_what_settles_nothing_is_not_asked_for() -> None:
    home = b"h"
    nodes = [n("a", "2020-12-01", home=home), n("b", "2020-12-03", home=home), n("c", "2020-12-04", home=b"i"), n("d", "2021-03-01")]
    found = chain.links(nodes, [told("b", "a")])
    some = chain.lacking(
        nodes, found, chain.Known(interviewed=frozenset((b"b",)), visited=frozenset((b"b",)), sequenced=frozenset((b"a",)))
    )
    assert [(k.what, k.case, k.links, k.sources) for k in some] == [
        ("interview", b"a", 0, 2), ("interview", b"c", 0, 1), ("home", b"d", 0, 1), ("interview", b"d", 0, 1), ("judgement", b"b", 1, 0),
        ("sequence", b"b", 1, 0),
    ]  # fmt: skip
    assert "onset" not in {k.what for k in some}, "every onset is on record"
    lost = [n("a", None), n("b", None)]
    by_home = chain.links([x._replace(home=home) for x in lost], [])
    what = {
        (k.what, k.case): k.links
        for k in chain.lacking([x._replace(home=home) for x in lost], by_home, chain.Known(without=frozenset((b"b",))))
    }
    assert what == {("onset", b"a"): 1}, "of whoever has no symptoms no onset is asked for; each is the other's candidate"


def test_a_word_of_a_case_may_tell_of_whoever_fell_ill_after_it() -> None:
    """The planted ranking asks whoever is without a source alone: then the first case, who may have infected ten, comes last."""
    nodes = [n("x", "2020-12-01", outside=True), *(n(f"y{i}", "2020-12-06") for i in range(9))]
    first = chain.lacking(nodes, [], chain.Known())[0]
    planted = max((k for k in chain.lacking(nodes, [], chain.Known()) if k.case in chain.sourceless(nodes, [])), key=lambda k: k.settles)
    assert (first.what, first.case, first.sources) == ("interview", b"x", 9) and planted.case != b"x"
