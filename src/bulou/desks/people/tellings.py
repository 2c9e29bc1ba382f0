"""Tellings from files: who was traced by which channel, when and by whom, and who is in which state. Never loses anybody, merges nobody.

Each of the four channels sends its own list, again and again, with the rows of yesterday in it: a telling that was entered before is there
already, in whatever file it comes. Whoever is not on the register waits, with what would be right; enrolled, they are checked again.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from bulou.basis.ids import to_text
from bulou.desks.people.traced import CONFIRM_STATE, RECORD_TRACED
from bulou.evidence.models import Incident
from bulou.evidence.now import NEVER
from bulou.evidence.timeline import standing_facts
from bulou.identity.names import fold
from bulou.identity.phones import as_written, phones
from bulou.kit.importing import Import, Judge, importing
from bulou.kit.looking import Looking
from bulou.kit.many import Fate
from bulou.register.models import Person
from bulou.register.scope import standing

#: Headings of such lists, beside the names of the fields, and how they write the channels and the states.
WHEN = ("排查时间", "获知时间", "推送时间", "报告时间", "登记时间", "traced at", "told at", "reported at", "time")
WHO = ("人员", "身份证号", "证件号码", "证件号", "id number", "document number")
BESIDE = ("name", "phone")
CHANNELS = {
    "自报": "self_report", "主动报备": "self_report", "自主申报": "self_report", "报备": "self_report", "self report": "self_report",
    "self-reported": "self_report", "社区": "community", "社区摸排": "community", "网格排查": "community", "入户排查": "community", "community": "community",
    "协查": "assistance", "协查函": "assistance", "外地协查": "assistance", "assistance": "assistance", "大数据": "pushed", "推送": "pushed",
    "数据推送": "pushed", "公安推送": "pushed", "big data": "pushed", "pushed": "pushed", "data push": "pushed",
}  # fmt: skip
STATES = {
    "居家": "home", "居家医学观察": "home", "at home": "home", "home isolation": "home", "集中": "observed", "集中隔离": "observed",
    "医学观察": "observed", "隔离点": "observed", "quarantined": "observed", "住院": "hospital", "定点医院": "hospital", "hospitalised": "hospital",
    "离开": "left", "离开本地": "left", "gone": "left",
}  # fmt: skip


def judge_of(kind: str, what: str) -> Judge:
    """The judge of a file of such facts. ``what``: the field that, with the person, the hour and who told, makes one the same as another."""

    def judge(numbers: Sequence[int], rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None) -> list[Fate | None]:
        fates = _strangers(rows, look)
        there = _there(kind, what, rows, look, incident)
        before: dict[tuple[Any, ...], int] = {}
        states: dict[tuple[Any, Any], tuple[int, Any]] = {}
        for i, (n, row) in enumerate(zip(numbers, rows, strict=True)):
            if fates[i] is not None:
                continue
            key = (row["person"], row[what], row.get("at"), row.get("source"))
            if key in before:
                fates[i] = Fate("same", "", f"与第 {before[key]} 行相同", f"the same as row {before[key]}")
            elif key in there:
                fates[i] = Fate("same", "", "此前已录入", "was entered before")
            elif kind == "state.confirmed" and (first := states.setdefault((row["person"], row.get("at")), (n, row[what])))[1] != row[what]:
                fates[i] = Fate(
                    "waiting",
                    what,
                    f"第 {first[0]} 行同一时刻写了此人的另一状态",
                    f"row {first[0]} says another state of this person at the same hour",
                )
            before.setdefault(key, n)
        return fates

    return judge


def _there(
    kind: str, what: str, rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None
) -> set[tuple[Any, ...]]:  # fmt: skip
    """Which of these stand in the ledger now, under whichever record of the person; without an hour a row is of this hour, and new."""
    ones = {row["person"] for row in rows if row.get("person") and row.get("at")}
    if not ones:
        return set()
    ids = {bytes(p): bytes(c) for p, c in standing(Person, look.seq).filter(canonical__in=ones).values_list("person", "canonical")}
    fields = ("person", what, "at", "source") if kind == "person.traced" else ("person", what, "at")
    joined = [incident, *standing(Incident, look.seq).filter(canonical=incident).values_list("incident", flat=True)]
    found = standing_facts(kind, NEVER - 1, look.about).filter(person__in=list(ids), in_incident__in=joined)
    return {(ids[bytes(p)], *rest, *([None] if len(fields) == 3 else [])) for p, *rest in found.values_list(*fields)}


def _strangers(rows: Sequence[dict[str, Any]], look: Looking) -> list[Fate | None]:
    """For each row why it waits, where whom it speaks of is not sure. A name with a telephone is no more than that: who it may be is said,
    and a person decides."""
    ids = [row["person"] for row in rows if row.get("person")]
    dialled = {
        p
        for row in rows
        if not row.get("person")
        for p in (row.get("phone"), *as_written(row.get("phone")), *phones(row.get("phone")))
        if p
    }
    people = standing(Person, look.seq).filter(Q(canonical__in=ids) | Q(phone__in=dialled))
    names: dict[bytes, set[str]] = {}
    called: dict[tuple[str, str], set[bytes]] = {}
    for canonical, name, phone in people.values_list("canonical", "name", "phone"):
        names.setdefault(bytes(canonical), set()).add(fold(name))
        for one in phones(phone):
            called.setdefault((fold(name), one), set()).add(bytes(canonical))

    def doubt(row: dict[str, Any]) -> Fate | None:
        person, name = row.get("person"), fold(row.get("name"))
        if person:
            if name and person in names and name not in names[person]:
                return Fate(
                    "waiting", "person", "登记册中此证件号属于另一姓名:请核对", "on the register this number has another name: look at both"
                )
            return None
        likely = sorted({to_text(p) for one in phones(row.get("phone")) for p in called.get((name, one), ())}) if name else []
        if likely:
            some = "、".join(likely)
            return Fate(
                "waiting", "person", f"登记册中有同名同电话者:核对后在人员列写其编号 {some}",
                f"someone of this name and telephone is on the register: see whether it is they, then write their id {', '.join(likely)}",
            )  # fmt: skip
        return Fate(
            "waiting",
            "person",
            "登记册中没有此人:请先登记,再核对待核各行",
            "nobody on the register is this: enrol them, then check the rows that wait again",
        )

    return [doubt(row) for row in rows]


TELLINGS = importing(Import(
    RECORD_TRACED, ("channel", "person", "at", "source"), judge=judge_of("person.traced", "channel"),
    called={
        "channel": ("排查渠道", "渠道", "来源渠道", "发现方式", "上报渠道", "traced by", "tracing channel"), "person": WHO, "at": WHEN,
        "source": ("来源单位", "推送单位", "报告单位", "协查单位", "排查人", "登记人", "reported by", "told by"),
    },
    words={"channel": CHANNELS}, beside=BESIDE, strangers=True,
))  # fmt: skip
STATED = importing(Import(
    CONFIRM_STATE, ("state", "person", "at"), judge=judge_of("state.confirmed", "state"),
    called={"state": ("当前状态", "管控状态", "现状", "traced state"), "person": WHO, "at": ("确认时间", "confirmed at", *WHEN)},
    words={"state": STATES}, beside=BESIDE, strangers=True,
))  # fmt: skip
