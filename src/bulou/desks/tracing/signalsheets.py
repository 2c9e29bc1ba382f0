"""Sheets of signals: the sources that were opened with their counts, and the signals with who answers and what is overdue. Only for who follows them up.

What is to be destroyed is shown no more, also where it lies for another hour, and whatever past hour is looked at.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.evidence.models import Case, SignalSource
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook, condition
from bulou.gaps.coverage import counted as by_state
from bulou.gaps.coverage import rows as duties
from bulou.gaps.signals import Counted, counted, state_of
from bulou.gaps.standing import state_of as duty_state
from bulou.kit.areas import area_href
from bulou.kit.centre import centre
from bulou.kit.duties import answers, as_duty, as_known
from bulou.kit.incidents import members
from bulou.kit.looking import Looking
from bulou.kit.people import ones_of
from bulou.kit.sheet import Col, Narrow, Sheet, sheet
from bulou.register.models import Person
from bulou.register.scope import standing

RULE = "signal.follow"
STATES = {
    "open": (Word("登记中", "open"), "due"),
    "ended": (Word("已停止登记,待关闭", "ended, to be closed"), "overdue"),
    "over": (Word("已关闭,内容待销毁", "closed, to be destroyed"), "pending"),
    "destroyed": (Word("已销毁", "destroyed"), "ended"),
}
#: What is owed for a signal, in the words of its list.
OWED = {
    "overdue": Word("逾期未随访", "overdue"), "due": Word("待随访", "to be followed up"), "done": Word("已随访", "followed up"),
    "done_late": Word("已随访(逾期)", "followed up late"), "excused": Word("免除", "excused"), "ended": Word("未随访即终止", "ended without a follow-up"),
    "upcoming": Word("未开始", "upcoming"), "blocked": Word("受阻", "blocked"),
}  # fmt: skip
_SHOWN = ("overdue", "due", "done", "done_late", "ended")


def source_rows(look: Looking) -> QuerySet[SignalSource]:
    """Sources of the viewer's areas."""
    return standing(SignalSource, look.seq).filter(look.scope.q(), opened_at__lte=look.about)


def signal_rows(look: Looking) -> QuerySet[Any]:
    """Signals of the viewer's areas whose source stands and is not over: at the hour asked, and not at this moment either."""
    now = max(look.about, centre().clock.now())
    lives = standing(SignalSource, look.seq).filter(over_at__gt=look.about, forget_by__gt=now)
    rows: QuerySet[Any] = standing_facts("signal.noted", look.seq, look.about).filter(look.scope.q(), source__in=lives.values("source"))
    return rows


def _owed(look: Looking) -> Any:
    """What is owed for signals, in the viewer's areas."""
    return duties(look.seq, look.about, look.scope).filter(rule__in=RuleBook(look.protocol).numbers_of(RULE))


def owed_of(signals: Iterable[bytes], look: Looking) -> dict[bytes, tuple[str, int, str, bool]]:
    """For each of these signals how its follow-up stands, by when it is due, who answers for it, and whether that post stands vacant."""
    book = RuleBook(look.protocol)
    found: dict[bytes, tuple[str, int, str, bool]] = {}
    for row in (as_known(r, look.seq) for r in _owed(look).filter(subject__in=list(signals)).order_by("due_at", "id")):
        rule, signal = book.rules[row.rule], bytes(row.subject)
        found.setdefault(signal, (duty_state(as_duty(row, rule, signal), Instant(look.about)), row.due_at, *answers(rule, row.area, look)))
    return found


def counts_of(sources: Iterable[SignalSource], look: Looking) -> dict[bytes, Counted]:
    """The counts of each source: of its signals while they are there, and what was counted when they went. In a number of statements that does not depend
    on how many there are."""
    every = list(sources)
    live = {bytes(s.source): s for s in every if s.noted is None}
    found = {
        bytes(s.source): Counted(s.noted, s.followed or 0, 0, 0, s.missed or 0, s.found_positive or 0) for s in every if s.noted is not None
    }
    if not live:
        return found
    noted = standing_facts("signal.noted", look.seq, look.about).filter(look.scope.q(), source__in=list(live))
    many = {bytes(s): n for s, n in noted.values_list("source").annotate(n=Count("id"))}
    of = noted.filter(signal=OuterRef("subject")).values("source")[:1]
    states: dict[bytes, dict[str, int]] = {}
    for (source,), by in by_state(
        _owed(look).filter(subject__in=noted.values("signal")).annotate(source=Subquery(of)), look.seq, look.about, "source"
    ).items():
        states[bytes(source)] = by
    positive = _positive(live, noted, look)
    return found | {s: counted(many.get(s, 0), states.get(s, {}), len(positive.get(s, ()))) for s in live}


def _positive(sources: dict[bytes, SignalSource], noted: Any, look: Looking) -> dict[bytes, set[bytes]]:
    """Of each source the people who were found to be cases of its incident after they had been noted; each once."""
    of = {bytes(s.incident) for s in sources.values() if s.incident}
    every = {i for one in sorted(of) for i in members(look, one)}
    cases = standing(Case, look.seq).filter(incident__in=every, status__in=("confirmed", "asymptomatic"), diagnosed_at__lte=look.about)
    since = {bytes(p): at for p, at in cases.values_list("person", "diagnosed_at")}
    records = {
        bytes(p): bytes(c) for p, c in standing(Person, look.seq).filter(canonical__in=list(since)).values_list("person", "canonical")
    }
    said = list(noted.filter(person__in=list(records)).values_list("source", "person", "at")) if records else []
    told = standing_facts("signal.followed", look.seq, look.about).filter(signal__in=noted.values("signal"), person__in=list(records))
    said += list(told.values_list("source", "person", "at")) if records else []
    found: dict[bytes, set[bytes]] = {}
    for source, person, at in said:
        one = records[bytes(person)]
        if since[one] >= at:
            found.setdefault(bytes(source), set()).add(one)
    return found


def _count(rows: list[Any], look: Looking) -> None:
    counts = counts_of(rows, look)
    for row in rows:
        row.counts = counts[bytes(row.source)]


def source_state(row: Any, look: Looking) -> str:
    """How a source stands at the hour asked."""
    return state_of(row.ends, row.closed_at, row.forget_by, row.noted is not None, Instant(look.about))


def _source(row: Any, look: Looking | None = None) -> str:
    return reverse("signal-source", kwargs={"source": to_text(bytes(row.source))})


def _number(name: str, zh: str, en: str, badge: str = "") -> Col:
    return Col(
        name,
        Word(zh, en),
        lambda r, k: f"{getattr(r.counts, name):,}",
        badge=(lambda r, k: badge if getattr(r.counts, name) else "") if badge else None,
    )


SOURCES = sheet(Sheet(
    "signal_sources", "signals", Word("信号来源", "Sources of signals"), source_rows,
    (
        Col("name", Word("来源", "Source"), lambda r, k: r.name, ("name", "source"), strong=True, narrow=False, href=_source),
        Col("source_kind", Word("类别", "Kind"), lambda r, k: k.pick(LISTS["signal_source"], r.source_kind), ("source_kind", "source"), narrow=False),
        Col("state", Word("状态", "State"), lambda r, k: k.say(STATES[source_state(r, k)][0]), badge=lambda r, k: STATES[source_state(r, k)][1]),
        _number("noted", "信号", "Signals"), _number("followed", "已随访", "Followed up"), _number("open", "待随访", "To be followed up"),
        _number("overdue", "逾期", "Overdue", "overdue"), _number("ended", "未随访即终止", "Ended without one"),
        _number("positive", "其后查出阳性", "Found positive since"),
        Col("days", Word("日期范围", "Days"), lambda r, k: f"{r.first_day} – {r.last_day}", ("first_day", "source")),
        Col("ends", Word("停止登记", "Entered until"), lambda r, k: k.time(r.ends, deadline=True), ("ends", "source")),
        Col("forget_by", Word("销毁", "Destroyed by"), lambda r, k: k.time(r.over_at, deadline=True), ("over_at", "source")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "source"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("post", Word("开设岗位", "Opened by"), lambda r, k: r.post),
    ),
    (
        Narrow("q", Word("来源", "Source"), lambda rows, v, k: rows.filter(name__contains=v)),
        Narrow("source_kind", Word("类别", "Kind"), lambda rows, v, k: rows.filter(source_kind=v), words="signal_source"),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="-ends", prepare=_count, nav=2, icon="list-check",
    empty=Word("尚未开设信号来源", "No source of signals was opened"),
    note=Word("单位:信号;末列为人。信号不说明感染。内容销毁后只留计数。",
              "Signals; the last count is of people. A signal says nothing of an infection. Once the content is destroyed counts alone are left."),
    detail=_source, ids=lambda k: lambda r: {"source": bytes(r.source), "area": r.area},
))  # fmt: skip


# --- signals ------------------------------------------------------------------------------------------------------------
def who(row: Any, look: Looking) -> str:
    """Whom a signal is about, as the viewer may see it: as the register has them, else as the source wrote them."""
    if row.person:
        return look.name(bytes(row.person))
    written = [look.show(m, getattr(row, m), bytes(row.signal)) for m in ("name", "phone") if getattr(row, m)]
    return " · ".join(written)


def _ready(rows: list[Any], look: Looking) -> None:
    signals = [bytes(r.signal) for r in rows]
    owed = owed_of(signals, look)
    names = {
        bytes(s): n for s, n in standing(SignalSource, look.seq).filter(source__in={r.source for r in rows}).values_list("source", "name")
    }
    said: dict[bytes, list[str]] = {}
    for signal, outcome in (
        standing_facts("signal.followed", look.seq, look.about)
        .filter(signal__in=signals)
        .order_by("at", "id")
        .values_list("signal", "outcome")
    ):
        said.setdefault(bytes(signal), []).append(outcome)
    one = ones_of({bytes(r.person) for r in rows if r.person}, look)
    look.learn_names(one.values())
    for row in rows:
        row.owed, row.called, row.said = owed.get(bytes(row.signal)), names.get(bytes(row.source), ""), said.get(bytes(row.signal), [])
        row.person = one[bytes(row.person)] if row.person else None


def _outcome(row: Any, look: Looking) -> str:
    missed = row.said.count("unreached")
    last = next((o for o in reversed(row.said) if o != "unreached"), None)
    if last:
        return look.pick(LISTS["signal"], last)
    return f"{look.pick(LISTS['signal'], 'unreached')} ×{missed}" if missed else ""


def _of_state(rows: Any, value: str, look: Looking) -> Any:
    if value not in OWED:
        return rows.none()
    return rows.filter(signal__in=_owed(look).filter(condition(value, look.seq, look.about)).values("subject"))


def _of_source(rows: Any, value: str, look: Looking) -> Any:
    return rows.filter(source__in=source_rows(look).filter(name__contains=value).values("source"))


def _signal(row: Any, look: Looking | None = None) -> str:
    return reverse("signal", kwargs={"signal": to_text(bytes(row.signal))})


SIGNALS = sheet(Sheet(
    "signals", "signals", Word("信号", "Signals"), signal_rows,
    (
        Col("who", Word("人员", "Who"), who, strong=True, narrow=False, href=_signal),
        Col("state", Word("随访", "Follow-up"), lambda r, k: k.say(OWED[r.owed[0]]) if r.owed else "/", badge=lambda r, k: r.owed[0] if r.owed else ""),
        Col("due", Word("时限", "Due"), lambda r, k: k.time(r.owed[1], deadline=True) if r.owed else ""),
        Col("outcome", Word("随访结果", "Found"), _outcome),
        Col("answers", Word("谁负责", "Who answers"), lambda r, k: (r.owed[2] or k.say(Word("无岗位", "no post"))) if r.owed else "", narrow=False,
            badge=lambda r, k: "overdue" if r.owed and r.owed[3] else ""),
        Col("source", Word("来源", "Source"), lambda r, k: r.called, ("source", "at", "id"), narrow=False, href=_source),
        Col("day", Word("日期", "Day"), lambda r, k: r.day, ("day", "id")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "at", "id"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("at", Word("登记时间", "Noted"), lambda r, k: k.time(r.at), ("at", "id")),
    ),
    (
        Narrow("state", Word("随访", "Follow-up"), _of_state, choices=lambda k: [(s, k.say(OWED[s])) for s in _SHOWN]),
        Narrow("source", Word("来源", "Source"), _of_source),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="at", people=lambda r: [r.person] if getattr(r, "person", None) else [], prepare=_ready, nav=1, icon="bell",
    empty=Word("没有信号", "No signal here"),
    note=Word("信号不说明感染,不得用于门口核验、处罚或拒售药品。到期或关闭后全部销毁。",
              "A signal says nothing of an infection; it is used at no door, to punish nobody and to refuse nobody medicine. All go when their source is over."),
    detail=_signal, ids=lambda k: lambda r: {"signal": bytes(r.signal), "source": bytes(r.source), "area": r.area},
))  # fmt: skip
