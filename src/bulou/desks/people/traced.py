"""Who is traced: the sheet of everyone once with their channels and their one state, and the acts that tell of someone or confirm it."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, Instant
from bulou.basis.words import LISTS, TRACED_BY, Word
from bulou.evidence.models import Incident, Traced
from bulou.evidence.timeline import standing_facts
from bulou.gaps.traced import State, state_at
from bulou.kit.areas import area_href
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.kit.verb import Verb, verb
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

RECORD_TRACED = verb(Verb(
    "record_traced", Word("登记排查到的人", "record someone traced"), "people", "person.traced", "person", ("channel", "source"),
))  # fmt: skip
CONFIRM_STATE = verb(Verb(
    "confirm_state", Word("确认状态", "confirm the state"), "people", "state.confirmed", "person", ("state",),
))  # fmt: skip


def traced_rows(look: Looking) -> QuerySet[Traced]:
    """Everyone traced by the hour, once for each incident, within the viewer's areas."""
    rows = standing(Traced, look.seq).filter(first_at__lte=look.about)
    if look.scope.codes is None:
        return rows
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    return rows.filter(person__in=here.values("person"))


def _read(rows: list[Any], look: Looking) -> None:
    """Where these people stay, and their channels and state at the hour: five statements, however many they are."""
    people = [bytes(r.person) for r in rows]
    ids = {bytes(p): bytes(c) for p, c in standing(Person, look.seq).filter(canonical__in=people).values_list("person", "canonical")}
    ids |= {p: p for p in people}
    joined = {bytes(i): bytes(c) for i, c in standing(Incident, look.seq).values_list("incident", "canonical")}
    here = standing(Stay, look.seq).filter(person__in=people, here_from__lte=look.about, here_until__gt=look.about)
    areas = {bytes(p): a for p, a in here.values_list("person", "area")}
    told: dict[tuple[bytes, bytes], list[tuple[Instant, str]]] = defaultdict(list)
    for person, incident, at, channel in _facts("person.traced", ids, look).values_list("person", "in_incident", "at", "channel"):
        told[ids[bytes(person)], joined.get(bytes(incident), bytes(incident))].append((Instant(at), channel))
    states: dict[tuple[bytes, bytes], list[tuple[Instant, bytes, str]]] = defaultdict(list)
    for person, incident, at, id_, state in _facts("state.confirmed", ids, look).values_list("person", "in_incident", "at", "id", "state"):
        states[ids[bytes(person)], joined.get(bytes(incident), bytes(incident))].append((Instant(at), bytes(id_), state))
    for row in rows:
        key = bytes(row.person), bytes(row.incident)
        row.area, row.tellings = areas.get(key[0]), told[key]
        row.now = state_at(states[key], Instant(look.about))


def _facts(kind: str, ids: dict[bytes, bytes], look: Looking) -> Any:
    return standing_facts(kind, look.seq, look.about).filter(person__in=list(ids)).exclude(in_incident=None).order_by("at", "id")


def _badge(row: Any, look: Looking) -> str:
    state: State | None = row.now
    return "overdue" if state is None else "due" if state.old(Instant(look.about)) else "done"


def _age(row: Any, look: Looking) -> str:
    return f"{(look.about - row.now.confirmed_at) // HOUR} h" if row.now else ""


def _channels(row: Any, look: Looking) -> str:
    """The channels in the order in which they first told, each once."""
    return (", " if look.language == "en" else "、").join(look.say(TRACED_BY[c]) for c in dict.fromkeys(c for _, c in row.tellings))


def _in_state(rows: Any, value: str, look: Looking) -> Any:
    return rows.filter(state=None) if value == "none" else rows.filter(state=value)


def _state_choices(look: Looking) -> list[tuple[str, str]]:
    return [("none", look.say(_NO_STATE)), *((c, look.say(w)) for c, w in LISTS["traced_state"].items())]


def _in_area(rows: Any, code: str, look: Looking) -> Any:
    here = standing(Stay, look.seq).filter(area__in=look.inside(code), here_from__lte=look.about, here_until__gt=look.about)
    return rows.filter(person__in=here.values("person"))


_NO_STATE, _CONFIRM = Word("没有状态", "in no state"), Word("确认", "confirm")

TRACED = sheet(Sheet(
    "traced", "people", Word("排查人员", "People traced"), traced_rows,
    (
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person",), strong=True,
            href=lambda r, k: reverse("person", kwargs={"person": to_text(bytes(r.person))})),
        Col("area", Word("居停区域", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("channels", Word("渠道", "Channels"), _channels, narrow=False),
        Col("first", Word("首次得知", "First told"), lambda r, k: k.time(r.first_at), ("first_at", "id")),
        Col("last", Word("最近得知", "Last told"), lambda r, k: k.time(r.tellings[-1][0] if r.tellings else None)),
        Col("told", Word("报来次数", "Times told"), lambda r, k: str(len(r.tellings))),
        Col("state", Word("状态", "State"), lambda r, k: k.pick(LISTS["traced_state"], r.now.state) if r.now else k.say(_NO_STATE), badge=_badge),
        Col("confirmed", Word("确认时间", "Confirmed"), lambda r, k: k.time(r.now.confirmed_at if r.now else None)),
        Col("age", Word("距今", "Age"), _age),
        Col("do", Word("办理", "Do"), lambda r, k: k.say(_CONFIRM) if k.viewer.may(CONFIRM_STATE.name) else "",
            href=lambda r, k: link(CONFIRM_STATE, k, {"person": bytes(r.person)}, reverse("sheet-traced")), act=True),
    ),
    (
        Narrow("channel", Word("渠道", "Channel"), lambda rows, v, k: rows.filter(channels__contains=f",{v},"), words="traced_by"),
        Narrow("state", Word("状态", "State"), _in_state, choices=_state_choices),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="-first", people=lambda r: [bytes(r.person)], prepare=_read, nav=9, icon="users",
    empty=Word("没有登记排查人员", "Nobody was recorded as traced"),
    note=Word("每人每事件一行,不论几个渠道报来;筛选状态按录入时的最近状态。", "One row for each person and incident; the filter of states goes by the last one entered."),
    detail=lambda r: reverse("person", kwargs={"person": to_text(bytes(r.person))}),
))  # fmt: skip
