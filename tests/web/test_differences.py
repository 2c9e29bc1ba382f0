"""What is said of differences: explained, passed on, taken back; of people on the register it outlives the comparison, of others it goes with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from bulou.basis.ids import new_id
from bulou.basis.time import DAY, HOUR, Instant, SetClock
from bulou.desks.compare import kept, settling
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.differences import Index, called, in_group, is_difference, keys, what_of
from bulou.desks.compare.models import Comparison, DifferenceAct
from bulou.desks.compare.settling import settled
from bulou.desks.compare.verbs import EXPLAIN, PASS
from bulou.evidence.models import CONTENT
from bulou.kit.centre import set_clock
from bulou.kit.verb import Refused, do
from bulou.register.models import Stay
from tests.web.test_bench import STRANGER, as_list, begun, of_register, one, worked
from tests.web.world import World


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Any) -> Any:
    with override_settings(BULOU_HOME=tmp_path / "home"):
        yield


def facts(kind: str = "difference.explained") -> int:
    return CONTENT[kind].objects.count()


def two(world: World, user: str = "data", day: str = "0803") -> Comparison:
    """Three people of the register and a stranger in the first list, of whom the second has one."""
    people = of_register(world)
    files = (f"检测组{day}.csv", as_list(people, STRANGER)), (f"流调组{day}.csv", as_list(people[:1]))
    return worked(begun(world, user, *files))


def only_a(comparison: Comparison) -> str:
    return one(comparison, "bench-names", group="only_A")


def tally(world: World, comparison: Comparison, group: str = "only_A", user: str = "data") -> tuple[int, int, int]:
    of = settled(world.look(user), comparison, Answer(kept.folder(comparison.pk) / "answer")).tally(group)
    return of["explained"], of["passed"], of["open"]


def numbers(comparison: Comparison, group: str = "only_A") -> list[int]:
    answer = Answer(kept.folder(comparison.pk) / "answer")
    return answer.numbers(group, 0, answer.count(group))


EXPLAINED = {"act": "explained", "reason": "cut_off", "cut_off": "20:00"}


# --- explained --------------------------------------------------------------------------------------------------------
def test_an_explanation_is_a_fact_and_tomorrow_is_known_already(world: World) -> None:
    comparison = two(world)
    sent = world.ask("data", only_a(comparison), data={**EXPLAINED, "whom": "all"})
    assert sent.status == 302
    assert facts() == 2, "the two of the register"
    assert DifferenceAct.objects.count() == 1, "and the stranger, whom no fact is about"
    assert tally(world, comparison) == (3, 0, 0)
    page = world.ask("data", only_a(comparison)).text
    assert "已说明 · 截止时刻不同 20:00" in page
    assert "其中已说明 3、不归我方 0、未处理 0" in world.ask("data", one(comparison)).text
    kept.destroy(comparison)
    assert not DifferenceAct.objects.exists(), "what was said of strangers goes with their lists"
    set_clock(SetClock(Instant(world.opens + DAY)))
    again = two(world, day="0804")
    assert tally(world, again) == (2, 0, 1), "the same lists of the next day"
    set_clock(SetClock(Instant(world.opens + settling.HOLDS + HOUR)))
    assert tally(world, two(world, day="0818")) == (0, 0, 3), "for two weeks: nothing is in transfer for ever"


def test_what_is_said_otherwise_is_another_difference(world: World) -> None:
    people = of_register(world)
    other = [{**people[0], "phone": "19900000077"}]
    a, b = as_list(people[:1]), as_list(other)
    first = worked(begun(world, "data", ("检测组.csv", a), ("流调组.csv", b)))
    names = one(first, "bench-names", group="differs_phone")
    world.ask("data", names, data={"act": "explained", "reason": "both_right", "whom": "all"})
    assert tally(world, first, "differs_phone") == tally(world, first, "differing") == (1, 0, 0)
    other[0]["phone"] = "19900000078"
    second = worked(begun(world, "data", ("检测组.csv", a), ("流调组.csv", as_list(other))))
    assert tally(world, second, "differs_phone") == (0, 0, 1)


def test_it_is_taken_back_and_stays_when_all_is_compared_anew(world: World) -> None:
    comparison = two(world)
    chosen = numbers(comparison)
    world.ask("data", only_a(comparison), data={**EXPLAINED, "n": [str(n) for n in chosen[1:]]})
    assert tally(world, comparison) == (2, 0, 1)
    comparison = worked(kept.again(comparison))
    assert tally(world, comparison) == (2, 0, 1), "rows are where they were"
    open_ = world.ask("data", f"{only_a(comparison)}?how=open").text
    assert open_.count('name="n"') == 1
    done = world.ask("data", f"{only_a(comparison)}?how=explained", data={"act": "back", "whom": "all"})
    assert done.status == 302
    assert tally(world, comparison) == (0, 0, 3)


def test_all_that_are_open_leaves_what_was_said_before(world: World) -> None:
    comparison = two(world)
    world.ask("data", only_a(comparison), data={"act": "explained", "reason": "transfer", "n": [str(numbers(comparison)[0])]})
    world.ask("data", only_a(comparison), data={**EXPLAINED, "whom": "all"})
    said = [
        *CONTENT["difference.explained"].objects.values_list("reason", flat=True),
        *DifferenceAct.objects.values_list("reason", flat=True),
    ]
    assert sorted(said) == ["cut_off", "cut_off", "transfer"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"act": "explained", "reason": "cut_off"}, "请写对方的截止时刻"),
        ({"act": "explained", "reason": "cut_off", "cut_off": "25:00"}, "请写对方的截止时刻"),
        ({"act": "explained", "reason": "transfer", "cut_off": "20:00"}, "只有截止时刻不同时才填"),
        ({"act": "passed", "why": "other_list", "to": ""}, "请选择一个岗位或一个区域"),
        ({"act": "passed", "why": "other_list", "to": "post:pidu.data"}, "自己的岗位"),
        ({"act": "passed", "why": "other_list", "to": "area:999"}, "没有这个区域"),
        ({"act": "explained", "reason": "cut_off", "cut_off": "20:00", "whom": "some"}, "没有选中任何人"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_entered(world: World, wrong: dict[str, str], told: str) -> None:
    (own,) = (c.post for c in world.look("data").viewer.chairs)
    comparison = two(world)
    data = {"whom": "all", **wrong}
    if "to" in data:
        data["to"] = data["to"].replace("pidu.data", own)
    client = world.client("data")
    assert client.post(only_a(comparison), data).status_code == 302
    assert told in client.get(only_a(comparison)).content.decode()
    assert facts() + facts("difference.passed") + DifferenceAct.objects.count() == 0


def test_who_may_only_look_says_nothing(world: World) -> None:
    comparison = two(world)
    kept.hand(comparison, [c.post for c in world.look("commander").viewer.chairs])
    assert world.ask("commander", only_a(comparison)).opened
    assert world.ask("commander", only_a(comparison), data={**EXPLAINED, "whom": "all"}).status == 404
    assert world.ask("data", one(comparison, "bench-names", group="in_all"), data={**EXPLAINED, "whom": "all"}).status == 404, (
        "no difference"
    )


# --- not mine ---------------------------------------------------------------------------------------------------------
def test_what_is_not_mine_goes_to_the_right_post_and_comes_back_with_a_reason(world: World) -> None:
    comparison = two(world)
    (chair,) = world.look("duty").viewer.chairs
    inbox = reverse("bench-passed")
    world.ask("data", only_a(comparison), data={"act": "passed", "why": "other_list", "to": f"post:{chair.post}", "whom": "all"})
    assert tally(world, comparison) == (0, 3, 0)
    assert (facts("difference.passed"), DifferenceAct.objects.count()) == (2, 1)
    theirs = world.ask("duty", inbox).text
    assert theirs.count('name="key"') == 3
    assert "欧阳甲子" in theirs, "they see whom it is about, though nobody handed them the comparison"
    assert "11010519491231002X" not in theirs
    assert world.ask("duty", one(comparison)).status == 404
    assert "3 处差异" in world.ask("duty", reverse("bench")).text
    assert 'name="key"' not in world.ask("data", inbox).text
    assert 'name="key"' not in world.ask("tracing", inbox).text, "nobody else is asked"
    set_clock(SetClock(Instant(world.opens + 60_000_000)))
    assert world.ask("duty", inbox, data={"act": "explained", "reason": "older", "whom": "all"}).status == 302
    assert tally(world, comparison) == (3, 0, 0)
    page = world.ask("data", only_a(comparison)).text
    assert "另一张名单较旧" in page and chair.name in page, "the sender reads who said what"
    assert 'name="key"' not in world.ask("duty", inbox).text


def test_what_is_theirs_neither_is_given_back(world: World) -> None:
    comparison = two(world)
    (chair,), (own,) = world.look("duty").viewer.chairs, world.look("data").viewer.chairs
    world.ask("data", only_a(comparison), data={"act": "passed", "why": "lives_elsewhere", "to": f"post:{chair.post}", "whom": "all"})
    set_clock(SetClock(Instant(world.opens + 60_000_000)))
    world.ask("duty", reverse("bench-passed"), data={"act": "passed", "why": "back", "to": f"post:{own.post}", "whom": "all"})
    assert world.ask("data", reverse("bench-passed")).text.count('name="key"') == 3
    assert 'name="key"' not in world.ask("duty", reverse("bench-passed")).text


def test_a_key_that_was_not_passed_to_one_does_nothing(world: World) -> None:
    comparison = two(world)
    world.ask("data", only_a(comparison), data={"act": "passed", "why": "other_list", "to": "area:510117008", "whom": "all"})
    keys_ = list(settled(world.look("data"), comparison, Answer(kept.folder(comparison.pk) / "answer")).stands)
    before = facts()
    sent = world.ask("pitong", reverse("bench-passed"), data={"act": "explained", "reason": "older", "key": keys_})
    assert sent.status == 404
    assert facts() == before
    assert world.ask("anjing", reverse("bench-passed")).text.count('name="key"') == 3 if "anjing" in world.users else True


def test_people_elsewhere_are_explained_only_by_whom_they_were_passed_to(world: World) -> None:
    look = world.look("pitong")
    far = bytes(Stay.objects.filter(area__startswith="510117008").order_by("person").values_list("person", flat=True)[0])
    body = {"person": far, "what": "absent", "difference": "0123456789abcdef", "comparison": None}
    with pytest.raises(Refused):
        do(EXPLAIN, look, {**body, "reason": "older", "cut_off": None}, id_=new_id(world.opens))
    (chair,) = look.viewer.chairs
    do(PASS, world.look("data"), {**body, "reason": "other_list", "to_post": chair.post, "to_area": None}, id_=new_id(world.opens))
    assert not do(EXPLAIN, world.look("pitong"), {**body, "reason": "older", "cut_off": None}, id_=new_id(world.opens)).refused


# --- keys -------------------------------------------------------------------------------------------------------------
def line(
    n: int, mask: int, *rows: tuple[int, dict[str, str]], ids: tuple[str, ...] = (), differs: tuple[str, ...] = (), on: Any = None
) -> dict[str, Any]:
    return {
        "n": n,
        "mask": mask,
        "rows": [[i, 2 + k, v] for k, (i, v) in enumerate(rows)],
        "ids": list(ids),
        "differs": list(differs),
        "on": on,
    }


def test_a_list_is_called_the_same_on_every_day() -> None:
    assert called("检测组0803.xlsx") == called("检测组 8-4.csv") == called("检测组_20220805 (2).xls") == "检测组"
    assert called("A.xlsx") != called("B.xlsx")
    assert called("0803.xlsx") == "0803", "a name of days alone is all there is"


def test_no_two_differences_have_one_key() -> None:
    same = {"name": "王芳", "document": "", "phone": "1"}
    lines = [
        line(1, 1, (0, same)),
        line(2, 1, (0, {**same, "phone": "2"})),
        line(3, 2, (1, same)),
        line(4, 1, (0, same), ids=("aa",)),
        line(5, 1, (0, same), ids=("bb",), on=False),
        line(6, 3, (0, same), (1, {**same, "phone": "2"}), ids=("aa",), differs=("phone",)),
        line(7, 3, (0, same), (1, {**same, "phone": "3"}), ids=("aa",), differs=("phone",)),
        line(8, 3, (0, same), (0, same), (1, same), ids=("aa",)),
    ]
    found = [(x["n"], k) for x in lines for k in keys(x, ["a", "b"]).values()]
    assert len({k for _, k in found}) == len(found) == 9
    moved = keys(line(4, 1, (0, {**same, "phone": "9"}), ids=("aa",)), ["a", "b"])
    assert moved == keys(lines[3], ["a", "b"]), "of the register's people absence does not hang on how their row is written"


def test_whoever_is_found_by_a_key_is_the_one_it_is_about(tmp_path: Any) -> None:
    lines = [line(n, 1 + n % 3, (0, {"name": f"n{n}"}), on=n % 2 == 0) for n in range(1, 200)]
    assert list(Index(tmp_path).write(lines, ["A.csv", "B.csv"])) == lines
    wanted = {k: x["n"] for x in lines for k in keys(x, ["a", "b"]).values()}
    assert Index(tmp_path).find([*wanted, "0" * 16]) == wanted


@pytest.mark.parametrize("lists", [2, 4])
def test_groups_of_an_answer_and_of_a_line_are_the_same(lists: int) -> None:
    full = (1 << lists) - 1
    for mask in range(1, full + 1):
        one_ = line(1, mask, *((i, {}) for i in range(lists) if mask >> i & 1))
        in_ = [g for g in ("only_A", "missing_B", "other", "not_in_all", "mask_1", f"mask_{full}") if in_group(g, one_, lists)]
        assert ("only_A" in in_) == (mask == 1)
        assert ("not_in_all" in in_) == (mask != full)
        if lists > 2:
            assert ("other" in in_) == (mask.bit_count() in range(2, lists - 1))
    assert not is_difference(f"mask_{full}", full) and is_difference("mask_1", full) and not is_difference("area_1", full)
    assert what_of("differing", line(1, 3, differs=("phone", "name_writing"))) == ["phone"]


def test_more_than_one_press_holds_says_how_many_are_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    comparison, client = two(world), world.client("data")
    client.post(only_a(comparison), {**EXPLAINED, "whom": "all"})
    assert tally(world, comparison) == (2, 0, 1)
    assert "还有 1 处" in client.get(only_a(comparison)).content.decode()
