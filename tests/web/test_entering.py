"""From the bench into the register: shown before, entered as the verbs enter it, of one or of many, taken back as a whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import override_settings

from bulou.basis.ids import from_text, new_id, to_text
from bulou.desks.compare import entering, kept
from bulou.desks.compare.answer import Answer
from bulou.desks.compare.models import Comparison
from bulou.evidence.models import CONTENT, Envelope
from bulou.evidence.now import NEVER
from bulou.kit.verb import VERBS, do
from bulou.register.models import Person, Stay
from tests.web.test_bench import STRANGER, as_list, begun, of_register, one, worked
from tests.web.world import Seen, World


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Any) -> Any:
    with override_settings(BULOU_HOME=tmp_path / "home"):
        yield


def now(person: str) -> Person:
    return Person.objects.get(person=from_text(person), void_seq=NEVER)


def press(world: World, c: Comparison, group: str, source: str, user: str = "data", **more: Any) -> tuple[Seen, Seen]:
    """What would change is shown; then it is entered."""
    url, data = one(c, "bench-enter", group=group), {"whom": "all", "source": source, **more}
    shown = world.ask(user, url, data=data)
    id_ = re.search(r'name="press" value="([^"]+)"', shown.text)
    done = world.ask(user, url, data={**data, "step": "enter", "press": id_[1] if id_ else to_text(new_id(world.opens))})
    return shown, done


def differing(world: World, **change: str) -> tuple[Comparison, list[dict[str, str]]]:
    """Three people of the register, of whom the second list says something else."""
    people = of_register(world)
    other = [{**p, **{k: f"{v}{n}" for k, v in change.items()}} for n, p in enumerate(people)]
    return worked(begun(world, "data", ("a.csv", as_list(people)), ("b.csv", as_list(other)))), people


def test_a_telephone_is_put_right_from_a_list_and_taken_back(world: World) -> None:
    c, people = differing(world, phone="1990000020")
    shown, done = press(world, c, "differs_phone", "B")
    assert people[0]["phone"] in shown.text and "19900000200" in shown.text, "what the register says, and what it will say"
    assert shown.status == 200 and done.status == 302
    assert [now(p["id"]).phone for p in people] == ["19900000200", "19900000201", "19900000202"]
    again, _done = press(world, c, "differs_phone", "B")
    assert again.text.count("名册上已是如此") == 3
    names = world.ask("data", one(c, "bench-names", group="differs_phone")).text
    back = re.search(r'name="back" value="([0-9a-f]+)"', names)
    assert back
    assert world.ask("data", one(c, "bench-enter", group="differs_phone"), data={"back": back[1]}).status == 302
    assert [now(p["id"]).phone for p in people] == [p["phone"] for p in people]
    assert not entering.presses(c)


def test_looking_at_what_would_change_changes_nothing(world: World) -> None:
    c, _people = differing(world, phone="1990000020")
    before = Envelope.objects.count()
    world.ask("data", one(c, "bench-enter", group="differs_phone"), data={"whom": "all", "source": "B"})
    assert Envelope.objects.count() == before


def test_the_same_press_twice_enters_once(world: World) -> None:
    c, _people = differing(world, phone="1990000020")
    data = {"whom": "all", "source": "B", "step": "enter", "press": to_text(new_id(world.opens))}
    for _ in range(2):
        world.ask("data", one(c, "bench-enter", group="differs_phone"), data=data)
    assert CONTENT["person.amended"].objects.count() == 3
    assert len(entering.presses(c)) == 1


def test_one_of_many_is_put_right(world: World) -> None:
    c, people = differing(world, phone="1990000020")
    answer = Answer(kept.folder(c.pk) / "answer")
    n = answer.numbers("differs_phone", 0, 3)[1]
    press(world, c, "differs_phone", "B", whom="some", n=[str(n)])
    assert sorted(now(p["id"]).phone != p["phone"] for p in people) == [False, False, True]


def test_a_stay_is_recorded_where_a_list_names_an_area_of_the_centre(world: World) -> None:
    (p,) = of_register(world, 1)
    places = world.look("data").areas.places
    rows = [f"{p['name']},{p['document']},{p['phone']},{area}" for area in ("水星街道", places["510117008"].name)]
    c = worked(begun(world, "data", *((f"{i}.csv", f"姓名,身份证号,电话,街道\n{row}\n".encode()) for i, row in enumerate(rows))))
    assert Answer(kept.folder(c.pk) / "answer").count("differs_area") == 1
    nowhere, _done = press(world, c, "differs_area", "A")
    assert "名册里没有或不止一个同名区域" in nowhere.text
    shown, _done = press(world, c, "differs_area", "B")
    assert places["510117008"].name in shown.text
    assert Stay.objects.filter(person=from_text(p["id"]), void_seq=NEVER, area="510117008").exists()


def test_a_spoiled_number_is_never_recorded() -> None:
    for text in ("510117199001010000", "5.10117E+17", "110105194912310029"):
        values, wrong = entering._value("document", text, {})
        assert not values and wrong is not None, text
    assert entering._value("document", "11010519491231002x", {})[0] == {"document": "11010519491231002X", "document_kind": "id_card"}


def test_all_strangers_of_a_figure_are_enrolled_and_taken_back(world: World) -> None:
    people = of_register(world, 1)
    more = ["司马乙丑,110105194912310038,19900000002", "上官丁卯,,19900000003", "诸葛丙寅,510117199001010000,19900000004"]
    c = worked(begun(world, "data", ("a.csv", as_list(people, STRANGER, *more)), ("b.csv", as_list(people))))
    assert Answer(kept.folder(c.pk) / "answer").count("not_registered") == 4
    before = Person.objects.filter(void_seq=NEVER).count()
    shown, _done = press(world, c, "not_registered", "")
    assert "名单未写区域" in shown.text and Person.objects.filter(void_seq=NEVER).count() == before
    press(world, c, "not_registered", "510117001218")
    enrolled = Person.objects.filter(void_seq=NEVER, name__in=["欧阳甲子", "司马乙丑", "上官丁卯", "诸葛丙寅"])
    assert enrolled.count() == 4
    assert enrolled.get(name="诸葛丙寅").document is None, "someone with a spoiled number is enrolled, the number is not"
    press(world, c, "not_registered", "510117001218")
    assert enrolled.all().count() == 4, "who is there already is not enrolled twice"
    c = worked(kept.again(c))
    assert Answer(kept.folder(c.pk) / "answer").count("not_registered") == 0
    (pressed,) = entering.presses(c)
    assert world.ask("data", one(c, "bench-enter", group="distinct"), data={"back": pressed.id}).status == 302
    assert Person.objects.filter(void_seq=NEVER).count() == before


def test_who_may_not_enrol_or_amend_is_not_offered_it(world: World) -> None:
    c, _people = differing(world, phone="1990000020")
    kept.hand(c, [x.post for user in ("duty", "commander") for x in world.look(user).viewer.chairs])
    for user in ("duty", "commander"):
        assert "formaction" not in world.ask(user, one(c, "bench-names", group="differs_phone")).text
        assert world.ask(user, one(c, "bench-enter", group="differs_phone"), data={"whom": "all", "source": "B"}).status == 404
    assert world.ask("data", one(c, "bench-enter", group="differs_phone"), data={"whom": "all", "source": "Z"}).status == 404
    assert world.ask("data", one(c, "bench-enter", group="in_all"), data={"whom": "all", "source": "A"}).status == 404


def test_anothers_press_is_not_taken_back(world: World) -> None:
    c, _people = differing(world, phone="1990000020")
    press(world, c, "differs_phone", "B")
    (pressed,) = entering.presses(c)
    kept.hand(c, [x.post for x in world.look("duty").viewer.chairs])
    assert world.ask("duty", one(c, "bench-enter", group="differs_phone"), data={"back": pressed.id}).status == 404


def test_what_was_put_right_last_holds_field_by_field(world: World) -> None:
    (p,) = of_register(world, 1)
    person, look = from_text(p["id"]), world.look("data")
    before = now(p["id"])
    usual = {"name": None, "phone": None, "born_on": None, "sex": None, "source": None}
    first = do(VERBS["amend_person"], look, {**usual, "person": person, "phone": "19900000111"}, id_=new_id(world.opens))
    do(VERBS["amend_person"], look, {**usual, "person": person, "name": "欧阳甲"}, id_=(second := new_id(world.opens)))
    assert first and (now(p["id"]).phone, now(p["id"]).name, now(p["id"]).sex) == ("19900000111", "欧阳甲", before.sex)
    do(VERBS["undo_entry"], look, {"target": second, "reason": "-"}, id_=new_id(world.opens))
    assert (now(p["id"]).phone, now(p["id"]).name) == ("19900000111", before.name)
