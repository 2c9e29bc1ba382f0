"""Answers to the review: of one pair, of a whole group of one reason; what is never joined at once; taken back as given."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import override_settings

from bulou.desks.compare import deciding, kept
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.deciding import ANSWERS, TOGETHER, Point, answers_of
from bulou.desks.compare.models import Comparison, ReviewDecision
from bulou.desks.compare.onregister import ORDERED, candidates, heavy
from bulou.evidence.models import Order
from bulou.evidence.now import NEVER
from bulou.identity.linking import JOINING
from bulou.lists.comparing import listed
from bulou.register.models import Person
from tests.web.test_bench import begun, one, worked
from tests.web.world import World

#: Namesakes in a list from a group, one row each; of one more two rows in the other list. And twins.
NAMES = ["诸葛丙寅", "欧阳甲子", "司马乙丑", "上官丁卯"]
TWINS = [
    "慕容戊辰,110105194912310038,19900000005,白沙镇1号,1949-12-31",
    "慕容戊申,,19900000005,白沙镇1号,1949-12-31",
]
HEADS = "姓名,身份证号,电话,住址,出生日期"


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Any) -> Any:
    with override_settings(BULOU_HOME=tmp_path / "home"):
        yield


def asked(world: World, user: str = "data") -> Comparison:
    a = "\n".join([HEADS, *(f"{n},,,," for n in NAMES), TWINS[0], ""])
    b = "\n".join([HEADS, *(f"{n},,,," for n in NAMES), f"{NAMES[3]},,19900000031,,", TWINS[1], ""])
    return worked(begun(world, user, ("接龙.csv", a.encode()), ("街道.csv", b.encode())))


def points(c: Comparison) -> list[Point]:
    return deciding.points(kept.folder(c.pk) / "answer")


def people(c: Comparison) -> int:
    return int(Answer(kept.folder(c.pk) / "answer").said["people"])


def test_groups_of_one_reason_are_counted_shown_by_lot_and_answered_at_once(world: World) -> None:
    c = asked(world)
    whys = [p.why for p in points(c)]
    assert whys.count("name_only") >= 5 and "siblings" in whys
    before, url = people(c), one(c, "bench-reason", why="name_only")
    page = world.ask("data", url).text
    assert "诸葛丙寅" in page and 'value="same"' in page
    sent = world.ask("data", url, data={"answer": "same"})
    assert sent.status == 302
    held = deciding.decided(deciding.decisions(c))
    rows = [r for pair in held for r in pair]
    assert len(rows) == len(set(rows)) == 6, "a row asked about with two others is left to be asked one by one"
    review = world.ask("data", one(c, "bench-review")).text
    assert "name_only" in review and "同一人" in review
    c = worked(kept.again(c))
    assert people(c) == before - 3
    assert not {p.pair for p in points(c)} & set(held), "what was answered is asked no more"
    back = re.search(r'name="back" value="([^"]+)"', world.ask("data", one(c, "bench-review")).text)
    assert back
    assert world.ask("data", one(c, "bench-review"), data={"back": back[1]}).status == 302
    c = worked(kept.again(c))
    assert people(c) == before
    assert ReviewDecision.objects.exclude(back_at=None).count() == 1, "who answered, and that it was taken back, stays"


def test_twins_are_never_joined_as_a_group(world: World) -> None:
    c = asked(world)
    url = one(c, "bench-reason", why="siblings")
    page = world.ask("data", url).text
    assert 'value="same"' not in page and 'value="different"' in page
    assert world.ask("data", url, data={"answer": "same"}).status == 404
    assert not ReviewDecision.objects.exists()
    assert world.ask("data", url, data={"answer": "different"}).status == 302
    before = people(c)
    c = worked(kept.again(c))
    assert people(c) == before
    assert "siblings" not in [p.why for p in points(c)]


def test_no_reason_of_weak_evidence_is_joined_as_a_group() -> None:
    weak = {"siblings", "no_document", "other_document", "other_name", "unnamed", "contradicted", "possible"}
    assert not weak & TOGETHER and not set(JOINING) & TOGETHER
    for why in weak:
        assert "same" not in answers_of(why, group=True)
        assert "same" in answers_of(why, group=False), "a person who looks at one pair may say so"
    assert answers_of("spoiled", group=True) == ["leave"]


def test_one_pair_is_answered_by_itself(world: World) -> None:
    c = asked(world)
    (twin,) = (p for p in points(c) if p.why == "siblings")
    before = people(c)
    assert world.ask("data", one(c, "bench-review"), data={"point": str(twin.number), "answer": "same"}).status == 302
    c = worked(kept.again(c))
    assert people(c) == before - 1
    assert "人工核定为同一人" in world.ask("data", one(c, "bench-names", group="in_all")).text


def test_what_is_left_open_stays_in_the_range(world: World) -> None:
    c = asked(world)
    fewest = Answer(kept.folder(c.pk) / "answer").said["fewest"]
    world.ask("data", one(c, "bench-reason", why="name_only"), data={"answer": "leave"})
    assert {d.answer for d in deciding.decisions(c)} == {"leave"}
    c = worked(kept.again(c))
    assert Answer(kept.folder(c.pk) / "answer").said["fewest"] == fewest


def test_answers_hold_for_the_same_file_and_no_other(world: World) -> None:
    c = asked(world)
    world.ask("data", one(c, "bench-reason", why="name_only"), data={"answer": "different"})
    n = len(points(c))
    c = worked(kept.add(kept.take_out(c, 1), [kept.Sent("街道.csv", f"{HEADS}\n{NAMES[0]},,,,\n".encode())]))
    assert 0 < len(points(c)) < n, "asked about another file's row, though it is called the same"


@pytest.mark.parametrize("user", ["duty", "commander"])
def test_whom_it_was_handed_to_looks_and_does_not_answer(world: World, user: str) -> None:
    c = asked(world)
    kept.hand(c, [x.post for x in world.look(user).viewer.chairs])
    assert world.ask(user, one(c, "bench-review")).opened
    page = world.ask(user, one(c, "bench-reason", why="name_only"))
    assert page.opened and 'name="answer"' not in page.text
    assert world.ask(user, one(c, "bench-reason", why="name_only"), data={"answer": "different"}).status == 404
    assert world.ask(user, one(c, "bench-review"), data={"point": "0", "answer": "different"}).status == 404


@pytest.mark.parametrize("data", [{"point": "999", "answer": "same"}, {"point": "0", "answer": "maybe"}, {"point": "x"}, {"back": "x"}, {}])
def test_what_no_form_says_is_not_found(world: World, data: dict[str, str]) -> None:
    assert world.ask("data", one(asked(world), "bench-review"), data=data).status == 404


def test_ten_by_lot_are_the_same_for_everyone_and_others_at_the_next_draw() -> None:
    some = [Point(n, "name_only", f"a:{n}", f"b:{n}") for n in range(200)]
    assert deciding.sample(some, 0) == deciding.sample(list(reversed(some)), 0)
    assert len(deciding.sample(some, 0)) == deciding.SAMPLE
    assert deciding.sample(some, 0) != deciding.sample(some, 1)
    assert set(ANSWERS) == {"same", "different", "leave"}


def test_people_under_an_order_are_heavier(world: World) -> None:
    look = world.look("data")
    running = Order.objects.filter(void_seq=NEVER, starts__lte=world.opens, over_at__gt=world.opens).values_list("person", flat=True)
    ordered = Person.objects.filter(void_seq=NEVER, person__in=list(running)).order_by("person")[0]
    free = Person.objects.filter(void_seq=NEVER).exclude(person__in=list(running)).exclude(name=ordered.name).order_by("-person")[0]
    known = candidates(look, [listed("a", [2, 3], {"name": [ordered.name, free.name]})])
    weights = heavy(look, known)
    assert {known[i].person for i in weights} >= {bytes(ordered.person)}
    assert all(w >= ORDERED for w in weights.values())
    assert next(i for i, k in enumerate(known) if k.person == bytes(free.person)) not in weights
