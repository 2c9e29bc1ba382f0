"""Tellings by file: four channels' lists as they are sent, each telling once, whoever is not known waits and is never lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bulou.desks.people import tellings
from bulou.evidence.models import CONTENT, Traced
from bulou.kit.centre import centre
from bulou.kit.importing import import_of
from bulou.kit.many import rows_of
from bulou.kit.models import ImportReceipt
from bulou.register.models import Person, Stay
from bulou.register.scope import standing
from tests.web.test_importing import columns, fates, press, sent
from tests.web.world import World

VILLAGE, USER = "510117001218", "taiping"


def known(world: World, many: int = 3) -> list[Any]:
    """People of the village with a number of a document."""
    look = world.look(USER)
    here = standing(Stay, look.seq).filter(look.scope.q(), here_until__gt=world.opens).values("person")
    found = standing(Person, look.seq).filter(person__in=here).exclude(document=None).exclude(phone=None)
    return list(found.order_by("person")[:many])


def file(*rows: str, heads: str = "姓名,身份证号,手机号,排查渠道,推送单位,获知时间") -> bytes:
    return "\n".join((heads, *rows)).encode()


def checked(world: World, data: bytes, verb: str = "record_traced", user: str = USER) -> ImportReceipt:
    receipt = sent(world, data, verb=verb, user=user)
    press(world, receipt, "columns", user, **columns(receipt))
    return receipt


def told() -> int:
    return int(CONTENT["person.traced"].objects.count())


def test_the_lists_of_four_channels_come_in_as_they_are(world: World) -> None:
    a, b, c = known(world)
    data = file(
        f"{a.name},{a.document},,大数据推送,市大数据局,2020-12-08 10:00", f"{b.name},{b.document},,社区,网格员小王,2020/12/08 11:00",
        f"{c.name},{c.document},,协查函,外地疾控,2020-12-08 12:00", f"{a.name},{a.document},,群众自报,,2020-12-08 13:00",
    )  # fmt: skip
    before = told()
    receipt = checked(world, data)
    assert receipt.mapping == {"person": 1, "channel": 3, "source": 4, "at": 5, "name": 0, "phone": 2}
    assert (told(), [f for _, f, _ in fates(receipt)]) == (before, ["ok"] * 4), fates(receipt)
    press(world, receipt, "enter", USER)
    assert (receipt.entered, told() - before) == (4, 4)
    row = CONTENT["person.traced"].objects.get(source="市大数据局")
    assert (bytes(row.person), row.channel, world.look(USER).time(row.at)) == (bytes(a.person), "pushed", "2020-12-08 10:00")
    now = standing(Traced, world.look(USER).seq).get(person=a.person)
    assert set(now.channels.strip(",").split(",")) == {"pushed", "self_report"}
    english = file(f"{b.document},self-reported,2020-12-08 14:00", heads="ID number,Traced by,Told at")
    assert [f for _, f, _ in fates(checked(world, english))] == ["ok"]


def test_yesterdays_rows_in_todays_list_are_there_already(world: World) -> None:
    a, b, _c = known(world)
    first, second = f"{a.name},{a.document},,推送,局,2020-12-08 10:00", f"{b.name},{b.document},,推送,局,2020-12-08 11:00"
    press(world, checked(world, file(first)), "enter", USER)
    before = told()
    receipt = checked(world, file(first, second, second))
    assert [f for _, f, _ in fates(receipt)] == ["same", "ok", "same"]
    press(world, receipt, "enter", USER)
    assert (receipt.entered, receipt.same, told() - before) == (1, 2, 1)


def test_who_is_not_on_the_register_waits_and_is_not_lost(world: World) -> None:
    """Unknown, known by another name, known by name and telephone: each waits with its reason; enrolled, the rows are checked again."""
    a, b, c = known(world)
    stranger = "王新来,110101199003070134,19900000021"
    data = file(
        f"{stranger},推送,局,2020-12-08 10:00", f"赵另名,{a.document},,推送,局,2020-12-08 10:00", f"{b.name},,{b.phone},推送,局,2020-12-08 10:00",
        f"{c.name},{c.document},,推送,局,2020-12-08 10:00", "李无证,,,自报,,2020-12-08 10:00", f"{c.name},{c.document},,听说,局,2020-12-08 10:00",
    )  # fmt: skip
    receipt = checked(world, data)
    assert [(f, w) for _, f, w in fates(receipt)] == [
        ("waiting", "person"), ("waiting", "person"), ("waiting", "person"), ("ok", ""), ("waiting", "person"), ("refused", "channel"),
    ]  # fmt: skip
    why = {r.n: (r.zh, r.en) for r in rows_of(receipt, "waiting")}
    assert "先登记" in why[2][0] and "another name" in why[3][1] and "同名同电话" in why[4][0]
    press(world, receipt, "enter", USER)
    assert (receipt.entered, receipt.waiting, receipt.refused) == (1, 4, 1)
    press(
        world, sent(world, f"姓名,身份证号,手机号,区域\n{stranger},{VILLAGE}\n".encode(), user=USER), "again", USER
    )  # nothing waits: nothing happens
    enrol = ImportReceipt.objects.order_by("-pk")[0]
    press(world, enrol, "columns", USER, **columns(enrol))
    press(world, enrol, "enter", USER)
    assert enrol.entered == 1
    assert "再次核对" in world.ask(USER, reverse("import", kwargs={"number": receipt.pk})).text
    press(world, receipt, "again", USER)
    assert (receipt.state, receipt.waiting, rows_of(receipt, "ok").count(), receipt.entered) == ("ready", 3, 1, 1)
    before = told()
    press(world, receipt, "enter", USER)
    assert (receipt.state, receipt.entered, told() - before) == ("done", 2, 1)
    person = Person.objects.filter(name="王新来").values_list("person", flat=True)[0]
    assert CONTENT["person.traced"].objects.filter(person=person, channel="pushed").exists()
    press(world, receipt, "again", USER)
    assert (receipt.state, receipt.waiting) == ("done", 3), "still nobody has looked at these"
    press(world, receipt, "undo", USER, reason="整批有误")
    assert (receipt.state, receipt.undone) == ("undone", 2)


def test_states_come_by_file_one_at_an_hour(world: World) -> None:
    a, b, _c = known(world)
    heads = "姓名,身份证号,当前状态,确认时间"
    data = file(
        f"{a.name},{a.document},居家,2020-12-08 10:00", f"{b.name},{b.document},集中隔离,2020-12-08 10:00",
        f"{b.name},{b.document},住院,2020-12-08 10:00", f"{b.name},{b.document},不详,2020-12-08 10:00", heads=heads,
    )  # fmt: skip
    receipt = checked(world, data, "confirm_state")
    assert [f for _, f, _ in fates(receipt)] == ["ok", "ok", "waiting", "refused"]
    press(world, receipt, "enter", USER)
    rows = CONTENT["state.confirmed"].objects.filter(person__in=[a.person, b.person])
    assert {(bytes(r.person), r.state) for r in rows} >= {(bytes(a.person), "home"), (bytes(b.person), "observed")}


def test_a_stranger_who_is_refused_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: whoever is not known is somebody else's problem."""
    monkeypatch.setattr(tellings, "_strangers", lambda rows, look: [None for _row in rows])
    with pytest.raises(AssertionError):
        test_who_is_not_on_the_register_waits_and_is_not_lost(world)


def test_what_is_beside_never_comes_into_the_fact() -> None:
    one = import_of("record_traced")
    assert one and set(one.beside).isdisjoint(one.columns)
    assert "person" not in one.needed and "channel" in one.needed
    assert centre
