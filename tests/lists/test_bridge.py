"""A bridge closes always and explains what it can; what nobody can explain stands by itself. Others' definitions count as they count."""

from __future__ import annotations

import pytest

from bulou.lists.bridge import between, bridge
from bulou.lists.comparing import Comparison, compare, listed
from bulou.lists.definitions import EVERYONE, Definition, NotADefinition, count, difference, last_day, read, write

FIELDS = ("name", "phone", "state", "reported", "area", "household")
YESTERDAY = [
    ("王芳", "19900000001", "密接", "2022-08-10 09:00", "青石镇", "1"),
    ("李伟", "19900000002", "密接", "2022-08-10 18:00", "青石镇", "2"),
    ("张敏", "19900000003", "密接", "2022-08-10 19:00", "白沙镇", "2"),
    ("张敏", "19900000003", "密接", "2022-08-10 19:00", "白沙镇", "2"),
    ("赵强", "19900000004", "密接", "2022-08-09", "白沙镇", "3"),
    ("周静", "19900000005", "已解除", "2022-08-09", "白沙镇", "4"),
]
TODAY = [
    ("王芳", "19900000001", "密接", "2022-08-10 09:00", "青石镇", "1"),
    ("张敏", "19900000003", "密接", "2022-08-10 19:00", "白沙镇", "2"),
    ("吴洋", "19900000006", "密接", "2022-08-11 08:00", "白沙镇", "5"),
    ("徐勇", "19900000007", "密接", "2022-08-10 17:00", "白沙镇", "6"),
    ("孙杰", "19900000008", "外区转入", "2022-08-11 09:00", "白沙镇", "7"),
    ("胡军", "19900000009", "密接", "", "", ""),
]
ELSEWHERE = [("李伟", "19900000002", "转出", "2022-08-11 07:00", "外区", "2")]


def laid(*lists: list[tuple[str, ...]]) -> Comparison:
    return compare(
        [
            listed(f"{'ABC'[i]}.csv", range(2, len(rows) + 2), {f: [r[c] or None for r in rows] for c, f in enumerate(FIELDS)})
            for i, rows in enumerate(lists)
        ]
    )


def test_from_yesterday_to_today() -> None:
    found = laid(YESTERDAY, TODAY, ELSEWHERE)
    made = between(found, 0, 1, since="2022-08-10 20:00")
    assert made.closes()
    assert (made.before, made.after) == (6, 6)
    assert {t.code: t.sign * t.number for t in made.terms} == {
        "merged": -1, "new": 1, "moved_in": 1, "late": 1, "unexplained_more": 1, "released": -1, "moved_out": -1, "unexplained_fewer": -1,
    }  # fmt: skip
    assert made.unexplained == 2
    names = {t.code: [found.values["name"][found.person(p).records[0]] for p in t.people] for t in made.terms}
    assert names["new"] == ["吴洋"]
    assert names["late"] == ["徐勇"]
    assert names["unexplained_fewer"] == ["赵强"]
    assert names["moved_out"] == ["李伟"]
    assert made.say().en.startswith("6 − 1 further rows")


def test_more_and_fewer_without_explanation_do_not_cancel() -> None:
    assert between(laid(YESTERDAY, TODAY), 0, 1, since="2022-08-10 20:00").unexplained == 3


def test_what_a_clerk_explains_goes_before_what_is_guessed() -> None:
    found = laid(YESTERDAY, TODAY, ELSEWHERE)
    (lost,) = next(t.people for t in between(found, 0, 1, since="2022-08-10 20:00").terms if t.code == "unexplained_fewer")
    made = between(found, 0, 1, since="2022-08-10 20:00", explained={lost: "not_mine"})
    assert made.unexplained == 1
    assert [t.people for t in made.terms if t.code == "not_mine"] == [(lost,)]


def test_a_published_figure_that_is_not_its_list_is_told() -> None:
    made = between(laid(YESTERDAY, TODAY, ELSEWHERE), 0, 1, since="2022-08-10 20:00", said=(8, 5))
    assert made.closes()
    assert {t.code: t.number for t in made.terms if t.code.startswith("said")} == {"said_before": -2, "said_after": -1}
    assert made.unexplained == 5


def test_a_bridge_that_does_not_lead_there_is_refused() -> None:
    with pytest.raises(ValueError, match="lead from 3 to 4, not to 9"):
        bridge(("a", 3), ("b", 9), {"new": [1]})
    with pytest.raises(ValueError, match="no term of a bridge"):
        bridge(("a", 3), ("b", 3), {"vanished": [1]})


# --- definitions ------------------------------------------------------------------------------------------------------------
CITY = Definition("city", "市里按报告时间", "the city counts by report time", clock="reported", cut_off="20:00", without=("解除隔离",))


def test_the_city_counts_until_its_cut_off() -> None:
    found = laid(YESTERDAY, TODAY)
    assert count(found, EVERYONE, "2022-08-11").number == 9
    city = count(found, CITY, "2022-08-10")
    assert city.number == 5
    assert sorted(city.left_out.values()) == ["other_cut_off", "other_cut_off", "other_state", "undated"]


def test_new_of_a_day_is_since_the_cut_off_of_the_day_before() -> None:
    assert count(laid(YESTERDAY, TODAY), CITY._replace(counting="new"), "2022-08-11").number == 2
    assert last_day(laid(YESTERDAY, TODAY)) == "2022-08-11"


@pytest.mark.parametrize(
    ("written", "cut_off", "counted"),
    [("2022-08-10 20:00", "20:00", 1), ("2022-08-10 20:01", "20:00", 0), ("2022-08-10", "20:00", 1), ("2022-08-11", "20:00", 0),
     ("2022-08-10 24:00", "24:00", 1), ("2022-08-11 00:00", "24:00", 1), ("2022-08-11 00:01", "24:00", 0), ("2022-08-10 23:59", "24:00", 1)],
)  # fmt: skip
def test_the_hour_of_the_cut_off(written: str, cut_off: str, counted: int) -> None:
    row = [("王芳", "19900000001", "密接", written, "青石镇", "1")]
    assert count(laid(row, row), CITY._replace(cut_off=cut_off), "2022-08-10").number == counted


def test_units_are_kept_apart() -> None:
    found = laid(YESTERDAY, TODAY)
    assert count(found, CITY._replace(unit="samples"), "2022-08-10").number == 8
    assert count(found, CITY._replace(unit="households"), "2022-08-10").number == 4
    assert count(found, EVERYONE, "", [0]).number == 5


def test_ours_and_theirs_are_bridged_with_names() -> None:
    ours, theirs, made = difference(laid(YESTERDAY, TODAY), EVERYONE, CITY, "2022-08-10")
    assert (ours.number, theirs.number) == (9, 5)
    assert {t.code: t.number for t in made.terms} == {"other_cut_off": 2, "other_state": 1, "undated": 1}
    assert made.unexplained == 0


@pytest.mark.parametrize("form", ["toml", "json"])
def test_definitions_are_data(form: str) -> None:
    both = [CITY, EVERYONE._replace(areas=("青石镇",), undated=True)]
    assert read(write(both, form), form) == both
    assert "by time of report until 2022-08-10 20:00" in CITY.say("2022-08-10").en


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[definition", "not TOML"),
        ("", "no definition"),
        ("[[definition]]\nzh = 'x'", "no code"),
        ("[[definition]]\ncode = 'x'\ncutoff = '20:00'", "no field cutoff"),
        ("[[definition]]\ncode = 'x'\ncut_off = '8 pm'", "hour such as 20:00"),
        ("[[definition]]\ncode = 'x'\nclock = 'noon'", "clock is 'noon'"),
        ("[[definition]]\ncode = 'x'\nstates = '密接'", "a list of words"),
        ("[[definition]]\ncode = 'x'\n[[definition]]\ncode = 'x'", "two definitions"),
    ],
)
def test_a_definition_that_cannot_be_read_says_why(text: str, told: str) -> None:
    with pytest.raises(NotADefinition, match=told):
        read(text)


# --- causes that someone says -----------------------------------------------------------------------------------------
def steps(causes: dict[str, int], said: tuple[int | None, int | None] = (None, None)) -> dict[str, int]:
    made = between(laid(YESTERDAY, TODAY), 0, 1, since="2022-08-10 20:00", causes=causes, said=said)
    assert made.closes()
    return {t.code: t.sign * t.number for t in made.terms}


def test_a_cause_said_by_hand_comes_off_what_has_no_explanation() -> None:
    plain = steps({})
    assert (plain["unexplained_more"], plain["unexplained_fewer"]) == (1, -2)
    told = steps({"other_cut_off": 2})
    assert told["other_cut_off"] == -2
    assert "unexplained_fewer" not in told
    assert told["unexplained_more"] == 1, "what is more is not what is fewer"


def test_a_cause_opens_to_those_who_may_be_meant() -> None:
    made = between(laid(YESTERDAY, TODAY), 0, 1, since="2022-08-10 20:00", causes={"other_cut_off": 1})
    of = {t.code: t for t in made.terms}
    assert (of["other_cut_off"].number, of["unexplained_fewer"].number) == (1, 1)
    assert of["other_cut_off"].people == of["unexplained_fewer"].people
    assert made.unexplained == 2


def test_a_cause_explains_a_published_figure_too() -> None:
    plain = steps({}, said=(2, None))
    assert (plain["late"], plain["unexplained_more"], plain["said_before"]) == (1, 1, 4)
    told = steps({"late": 3}, said=(2, None))
    assert told["late"] == 4
    assert "unexplained_more" not in told
    assert told["said_before"] == 2


def test_more_said_than_is_open_is_shown_as_a_rest_below_nothing() -> None:
    told = steps({"other_cut_off": 5})
    assert (told["other_cut_off"], told["unexplained_fewer"]) == (-5, 3)
    assert between(laid(YESTERDAY, TODAY), 0, 1, since="2022-08-10 20:00", causes={"other_cut_off": 5}).unexplained == 4
