"""A small city is what it says: sums, ages, homes, classes, days; and it fits the tables that it was made after."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from bulou.exercise.chance import Chance, rank_within, shares, table
from bulou.exercise.days import Visits
from bulou.exercise.names import documents
from bulou.exercise.parameters import Unfit
from bulou.exercise.places import DAY, NIGHT, NONE, NUMBER, PLACES, STUDY, WORK
from bulou.exercise.population import CHILD, FIVES, GRANDMOTHER, HUSBAND, WIFE, plan
from tests.exercise.towns import AREA, LANDS, PARAMETERS, city, day

DAYS = range(7)  # Monday to Sunday


def test_shares_are_whole_and_sum_to_the_total() -> None:
    for total, weights in ((10, [1, 1, 1]), (7, [0.1, 0.0, 0.9]), (1_500_000, np.arange(1, 1000)), (0, [3, 4])):
        found = shares(total, weights)
        assert found.sum() == total
        assert (np.abs(found - np.asarray(weights) * total / np.sum(weights)) < 1).all()


def test_a_draw_depends_on_seed_purpose_person_and_day_alone() -> None:
    who = np.arange(1000)
    drawn = Chance(7).uniform("x", who, 3)
    assert (drawn[500:] == Chance(7).uniform("x", who[500:], 3)).all(), "what is drawn for one depends on who else is asked"
    for other in (Chance(8).uniform("x", who, 3), Chance(7).uniform("y", who, 3), Chance(7).uniform("x", who, 4)):
        assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.15
    assert chisquare(np.bincount((Chance(1).uniform("x", np.arange(100_000)) * 20).astype(int))).pvalue > 1e-4


def test_a_table_without_weights_is_refused() -> None:
    for weights in ([0, 0], [1], [1, -1]):
        with pytest.raises(ValueError, match="weight"):
            table([1, 2], weights)


def test_as_many_people_as_were_asked_for_by_every_way_of_adding() -> None:
    one = city()
    assert len(one.people.age) == one.households.size.sum() == 4000
    in_grids = np.bincount(one.homes.grid[one.people.household], minlength=len(one.ground.grids))
    assert in_grids.sum() == 4000
    for number in range(len(one.ground.towns)):
        assert (one.people.household < len(one.homes.grid)).all()
        assert in_grids[one.ground.town == number].sum() > 0, "a town of the area without anybody"


@pytest.mark.parametrize("people", [1000, 1001, 1003, 2500])
def test_any_number_of_people_is_met_to_the_person(people: int) -> None:
    assert len(city(people).people.age) == people


def test_grids_hang_below_official_areas_and_look_like_none() -> None:
    ground, known = city().ground, {a.code: a for a in LANDS}
    for a in ground.lands:
        if a.code not in known:
            assert not a.official and a.parent in known and a.code.startswith(f"{a.parent}-"), a
    assert len(set(ground.grids)) == len(ground.grids)
    assert f"{AREA}001001-A" in ground.grids, "a compound that the centre has is not used"


def test_sizes_of_households_are_those_of_the_census() -> None:
    one = city(20_000)
    sizes = one.households.size[~one.households.collective]
    rows = np.asarray(PARAMETERS.households["by_size_and_generations"], float).sum(axis=1)
    got = np.bincount(np.minimum(sizes, 10), minlength=11)[1:]
    assert np.abs(got / got.sum() - rows / rows.sum()).max() < 0.002, "quotas: within rounding"
    assert sizes.mean() == pytest.approx(2.62, abs=0.02)
    assert (one.people.role[one.households.collective[one.people.household]] >= 9).mean() == 1
    assert one.households.size[one.households.collective].sum() == pytest.approx(0.0843 * 20_000, abs=1)


def test_ages_and_sexes_are_those_of_the_census() -> None:
    people = city(20_000).people
    target = np.asarray(PARAMETERS.ages["five_years"], float)
    got = np.bincount(FIVES[people.age], minlength=21)
    # people of one household are not independent: the bound is that of a sample a third as large
    assert chisquare(got / 3, target / target.sum() * got.sum() / 3).pvalue > 0.001
    assert people.male.mean() == pytest.approx(0.5124, abs=0.015)


def test_the_fit_moves_ages_towards_the_table_and_not_away() -> None:
    young = PARAMETERS._replace(
        ages={**PARAMETERS.ages, "five_years": [2 * v if i < 8 else v for i, v in enumerate(PARAMETERS.ages["five_years"])]}
    )
    lines = "five_years = " + repr([int(v) for v in young.ages["five_years"]])
    text = (
        PARAMETERS.text[: PARAMETERS.text.index("five_years")]
        + lines
        + PARAMETERS.text[PARAMETERS.text.index("]", PARAMETERS.text.index("five_years")) + 1 :]
    )
    changed = plan(young._replace(text=text), 5000)
    ages = np.arange(105)
    single = [t.roles for t in changed.types].index((0,))
    assert (changed.chances[single] * ages).sum() != pytest.approx((plan(PARAMETERS, 5000).chances[single] * ages).sum(), abs=0.5)


def test_couples_and_children_are_of_plausible_ages() -> None:
    people = city(20_000).people
    age, home = people.age.astype(int), people.household
    wife = np.full(home.max() + 1, -1)
    wife[home[people.role == WIFE]] = age[people.role == WIFE]
    husbands = people.role == HUSBAND
    apart = age[husbands] - wife[home[husbands]]
    assert (apart >= -3).all() and (apart <= 8).all()
    children = (people.role == CHILD) & (wife[home] >= 0)
    at_birth = wife[home[children]] - age[children]
    assert at_birth.min() >= 17 and at_birth.max() <= 42
    grand = (people.role == GRANDMOTHER) & (wife[home] >= 0)
    assert (age[grand] - wife[home[grand]] >= 20).all()
    assert (wife[wife >= 0] >= 20).all()


def test_days_of_birth_give_the_ages() -> None:
    one = city()
    first = np.datetime64(one.first_day, "D")
    born = one.people.born.astype("datetime64[D]")
    months = first.astype("datetime64[M]").astype(int) - born.astype("datetime64[M]").astype(int)
    day_of = (born - born.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    today = (first - first.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    assert ((months - (day_of > today)) // 12 == one.people.age).mean() > 0.999  # but for 29 February


def test_everyone_has_one_home_or_the_stated_two() -> None:
    one = city()
    second = one.belonging.second
    two = second != NONE
    assert (second[two] != one.people.household[two]).all() and (~one.households.collective[second[two]]).all()
    adults = (one.people.age >= 18) & (one.people.age <= 69)
    assert not two[~adults].any()
    assert two[adults].mean() == pytest.approx(PARAMETERS.traps["two_homes"], abs=0.01)
    # homes are spaces of buildings, one for each household
    first = one.places.first[one.homes.building]
    assert ((np.arange(len(first)) >= first) & (np.arange(len(first)) < first + one.places.spaces[one.homes.building])).all()


def test_classes_are_of_one_year_and_no_larger_than_stated() -> None:
    one = city(20_000)
    for stage, most in PARAMETERS.schools["class_most"].items():
        here = np.flatnonzero(
            (one.belonging.does == STUDY)
            & (one.places.kind[np.where(one.belonging.does == STUDY, one.belonging.place, 0)] == NUMBER[stage])
        )
        assert len(here), stage
        space = one.belonging.space[here]
        _, size = np.unique(space, return_counts=True)
        assert size.max() <= most
        for s in np.unique(space)[:20]:
            assert len(np.unique(one.people.age[here][space == s])) == 1


def test_who_works_is_of_age_and_has_a_place_with_room() -> None:
    one = city()
    workers = one.belonging.does == WORK
    assert one.people.age[workers].min() >= 16 and one.people.age[workers].max() <= 69
    assert (one.belonging.place[workers] != NONE).all() and (one.belonging.place[one.belonging.does == 0] == NONE).all()
    at = one.belonging.place[workers].astype(int)
    assert (np.bincount(at, minlength=len(one.places.staff)) <= one.places.staff).all()
    offices = one.places.kind[at] == NUMBER["work"]
    _, many = np.unique(one.belonging.space[workers][offices], return_counts=True)
    assert many.max() <= PARAMETERS.work["room"]


def _checked(v: Visits) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return v.person.astype(int), v.place.astype(int), v.start.astype(int), v.end.astype(int)


@pytest.mark.parametrize("number", DAYS)
def test_nobody_is_in_two_places_or_in_a_closed_one(number: int) -> None:
    one, v = city(), day(number)
    person, place, start, end = _checked(v)
    assert (start < end).all() and end.max() <= 1440
    assert (np.diff(person) >= 0).all() and len(np.unique(person)) == 4000, "someone is nowhere all day"
    follow = person[1:] == person[:-1]
    assert (start[1:][follow] >= end[:-1][follow]).all()
    assert (start >= one.places.opens[place]).all() and (end <= one.places.closes[place]).all()
    assert ((one.places.days[place] >> number) & 1).all(), "in a place that is closed on that day"
    first = one.places.first[place]
    assert ((v.space >= first) & (v.space < first + one.places.spaces[place])).all(), "in a space of another place"


@pytest.mark.parametrize("number", DAYS)
def test_a_day_begins_and_ends_at_home_or_at_a_nights_work(number: int) -> None:
    one, v = city(), day(number)
    person, place, start, end = _checked(v)
    first, last = np.r_[True, person[1:] != person[:-1]], np.r_[person[1:] != person[:-1], True]
    assert (start[first] == 0).all() and (end[last] == 1440).all()
    for edge in (first, last):
        kind, who = one.places.kind[place[edge]], person[edge]
        night = one.belonging.shift[who] == NIGHT
        assert (kind[~night] < 3).all()
    if number:
        before = day(number - 1)
        stay = np.r_[before.person[1:] != before.person[:-1], True]
        assert (before.space[stay] == v.space[first]).all(), "someone wakes where they did not fall asleep"


def test_weekends_are_other_than_weekdays() -> None:
    one = city()
    at = [np.bincount(one.places.kind[day(n).place.astype(int)], minlength=len(PLACES)) for n in DAYS]
    for stage in ("kindergarten", "primary", "senior"):
        assert all(at[n][NUMBER[stage]] for n in range(5)) and not at[5][NUMBER[stage]] and not at[6][NUMBER[stage]]
    assert at[5][NUMBER["work"]] < 0.5 * at[2][NUMBER["work"]]
    assert at[5][NUMBER["shop"]] > at[2][NUMBER["shop"]]


def test_a_second_home_is_slept_in_from_friday_to_sunday() -> None:
    one = city()
    two = np.flatnonzero((one.belonging.second != NONE) & (one.belonging.shift <= DAY))
    for number, where in ((3, one.people.household), (4, one.belonging.second), (5, one.belonging.second), (6, one.people.household)):
        v = day(number)
        last = np.r_[v.person[1:] != v.person[:-1], True]
        assert (v.space[last][two] == where[two]).all(), number


def test_a_baby_in_a_pram_is_where_its_carer_is() -> None:
    one, v = city(20_000), day(1, 20_000)
    carer = one.belonging.carer
    babies = np.flatnonzero(carer != NONE)
    assert len(babies) and (one.people.age[babies] <= 2).all()
    assert (one.people.household[carer[babies].astype(int)] == one.people.household[babies]).all()
    same = 0
    for baby in babies[:40]:
        mine, theirs = v.person == baby, v.person == carer[baby]
        same += mine.sum() == theirs.sum() and bool((v.space[mine] == v.space[theirs]).all() and (v.start[mine] == v.start[theirs]).all())
    assert same == len(babies[:40]), "a carer without work has the baby along all day"


def test_a_vehicle_of_one_minute_is_one_vehicle() -> None:
    one, v = city(20_000), day(1, 20_000)
    person, place, start, end = _checked(v)
    rides = one.places.kind[place] >= NUMBER["bus"]
    assert rides.mean() > 0.05 and (end - start)[rides].max() < 48
    assert (one.places.line[place[rides]] == one.belonging.line[person[rides]]).all()


def test_another_seed_is_another_city_and_the_same_is_the_same() -> None:
    one, again = city(1000, 1), city.__wrapped__(1000, 1)
    assert (one.people.age == again.people.age).all() and (one.people.born == again.people.born).all()
    assert (day(2, 1000, 1).space == day.__wrapped__(2, 1000, 1).space).all()
    assert (one.people.born != city(1000, 2).people.born).mean() > 0.9


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("number", [0, 4, 6])
def test_days_hold_together_for_any_seed(seed: int, number: int) -> None:
    one, v = city(1000, seed), day(number, 1000, seed)
    person, place, start, end = _checked(v)
    follow = person[1:] == person[:-1]
    assert (start < end).all() and (start[1:][follow] >= end[:-1][follow]).all() and len(np.unique(person)) == 1000
    assert (start >= one.places.opens[place]).all() and (end <= one.places.closes[place]).all()


def test_numbers_that_run_out_are_told() -> None:
    with pytest.raises(Unfit, match="flatter table of ages"):
        documents("50", np.zeros(600, np.int32), np.ones(600, bool))
    assert len({bytes(d) for d in documents("50", np.zeros(400, np.int32), np.arange(400) % 2 == 0)}) == 400


def test_ranks_within_groups() -> None:
    rank, of = rank_within([3, 3, 5, 5, 5, 9])
    assert rank.tolist() == [0, 1, 0, 1, 2, 0] and of.tolist() == [2, 2, 3, 3, 3, 1]
    assert rank_within([])[0].tolist() == []
