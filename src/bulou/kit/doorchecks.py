"""Checks at doors as they were answered: where, when, on which device, yes or not now. Added only, destroyed after their window; no name.

Where someone passed is where they move: so this is kept apart from the looks, which stay, and goes after two weeks, in copies too
(``duties.copies``). It shows nobody. Where it cannot be written the door gets no answer.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from bulou.basis.ids import from_text, to_text
from bulou.basis.time import MINUTE, Instant
from bulou.basis.words import Word
from bulou.evidence.sql import insert
from bulou.gaps.passing import Door
from bulou.kit.looking import Looking
from bulou.kit.looks import same_person
from bulou.kit.models import DoorCheck
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.protocol.rules import PassingRule
from bulou.register.models import Place
from bulou.register.rates import seconds
from bulou.register.scope import standing

COLUMNS = ("at", "area", "place", "account", "post", "device", "about", "person", "passes", "rule")


def write_down(look: Looking, now: Instant, area: str, place: bytes | None, person: bytes | None, rule: str | None) -> None:
    """One answer at a door, before it is given. ``rule``: edition and rule that kept them; None where they passed."""
    chair = look.viewer.chair
    row = (
        now, area, place, look.viewer.account, chair.post if chair else "", look.viewer.device or "", look.about, person,
        rule is None, rule or "",
    )  # fmt: skip
    with transaction.atomic():
        insert(connection, "door_check", COLUMNS, [row])


#: Doors that a form offers, and answers a minute for one account and device: more people than come to a gate, far fewer than a search.
MOST, MOST_A_MINUTE = 500, 30


def wait_of(look: Looking, now: Instant) -> int | None:
    """Seconds to wait where this account and device have asked at doors too often within a minute. Counted by what was written down."""
    mine = DoorCheck.objects.filter(account=look.viewer.account, device=look.viewer.device or "", at__gt=now - MINUTE)
    times = list(mine.order_by("-at").values_list("at", flat=True)[:MOST_A_MINUTE])
    return None if len(times) < MOST_A_MINUTE else seconds(times[-1] + MINUTE - now)


def doors_of(look: Looking) -> dict[str, tuple[str, Door, bytes | None]]:
    """The doors at which the viewer may ask: their shift's own point, else the areas of their posts and the places in them."""
    chairs = [c for c in look.viewer.chairs if "door" in c.role.sees]
    points = {c.place for c in chairs if c.place}
    rows = standing(Place, look.seq).filter(look.scope.q())
    rows = rows.filter(place__in=points) if points else rows.exclude(nature="home")
    found: dict[str, tuple[str, Door, bytes | None]] = {}
    if not chairs:
        return found
    if not points:
        for chair in chairs:
            found[chair.area] = look.area(chair.area), Door(chair.area, "gate"), None
    for row in rows.order_by("name", "place")[:MOST]:
        found[to_text(bytes(row.place))] = f"{row.name} · {look.area(row.area)}", Door(row.area, row.nature), bytes(row.place)
    return found


def check_rows(look: Looking) -> QuerySet[DoorCheck]:
    """The checks at doors of the viewer's areas, before the hour asked about."""
    return DoorCheck.objects.filter(look.scope.q(), at__lte=min(look.about, look.moment.known) if not look.moment.live else look.about)


def _of(rows: Any, text: str, look: Looking) -> Any:
    try:
        return rows.filter(person__in=same_person(from_text(text)))
    except ValueError:
        return rows.none()


def rule_of(row: DoorCheck, look: Looking) -> PassingRule | None:
    """The rule that kept someone, where the centre still has its edition."""
    edition, _, name = row.rule.partition(" ")
    found = look.protocol.editions.get(edition)
    return next((r for r in found.passings if r.name == name), None) if found else None


def _said(row: DoorCheck, look: Looking) -> str:
    rule = rule_of(row, look)
    return look.say(rule.says) if rule else row.rule


CHECKS = sheet(Sheet(
    "door-checks", "audit", Word("门口核对", "Checks at doors"), check_rows,
    (
        Col("at", Word("时间", "When"), lambda r, k: k.time(r.at), ("at", "id"), strong=True),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "id")),
        Col("post", Word("岗位", "Post"), lambda r, k: r.post, ("post", "id")),
        Col("device", Word("设备", "Device"), lambda r, k: r.device[:6] or "—", ("device", "id")),
        Col("answer", Word("答复", "Answer"), lambda r, k: k.say(Word("可通行", "may pass") if r.passes else Word("暂不通行", "not now"))),
        Col("rule", Word("规则", "Rule"), _said, narrow=False),
    ),
    (
        Narrow("post", Word("岗位", "Post"), lambda rows, v, k: rows.filter(post=v)),
        Narrow("person", Word("人员编号", "Id of a person"), _of),
    ),
    order="-at", nav=3, icon="user-check",
    note=Word("每次答复一行,不记姓名;14天后销毁。", "One row for each answer, without a name; destroyed after 14 days."),
    empty=Word("没有符合条件的核对", "No checks here"),
))  # fmt: skip


__all__ = ["CHECKS", "check_rows", "doors_of", "wait_of", "write_down"]
