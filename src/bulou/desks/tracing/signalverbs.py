"""What is done with signals: a source opened for few days and one purpose, somebody noted by it, followed up by a nurse, the source closed. Restricts
nobody and tells no door.

Lists come from pharmacies, clinics and gates: each row becomes a signal only where its source is open for its day.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.signalfacts import Advised
from bulou.basis.time import Instant, day_of
from bulou.basis.words import Word
from bulou.desks.tracing.sheets import standing_stays
from bulou.evidence.models import Incident, SignalSource
from bulou.evidence.timeline import standing_facts
from bulou.gaps.signals import days_wrong, hours_wrong, state_of
from bulou.identity.names import fold
from bulou.kit.importing import Import, importing
from bulou.kit.incidents import members
from bulou.kit.looking import Looking
from bulou.kit.many import Fate
from bulou.kit.verb import Acting, Problem, Verb, beyond, verb
from bulou.protocol.relations import order
from bulou.register.models import Person
from bulou.register.scope import standing

_DAYS = {
    "backward": ("last_day", Word("最晚一天不能早于最早一天", "the last day is not before the first")),
    "far": ("first_day", Word("最多回溯14天", "it reaches back 14 days at most")),
    "beyond": ("last_day", Word("不能晚于停止登记之日", "not after the day on which it ends")),
}
_HOURS = {
    "over": ("ends", Word("停止登记须晚于现在", "the end lies ahead")),
    "long": ("forget_by", Word("销毁须晚于现在,且不超过14天", "it is destroyed within 14 days of now")),
    "after": ("ends", Word("停止登记不能晚于销毁", "nothing is entered after the day on which everything is destroyed")),
}


def opened(acting: Acting, source: bytes) -> Fact | None:
    """A source as it was first opened."""
    return min(acting.book.facts.by("signals.opened", "source", source), key=order, default=None)


def noted(acting: Acting, signal: bytes) -> Fact | None:
    """A signal as it was first noted."""
    return min(acting.book.facts.by("signal.noted", "signal", signal), key=order, default=None)


def _of_source(acting: Acting, body: Any) -> tuple[bytes | None, Iterable[Fact]]:
    """What is said of a source belongs to its incident."""
    one = opened(acting, body.source)
    return (one.incident if one else acting.incident), ()


def _openable(acting: Acting, body: Any) -> Iterable[Problem]:
    for field, zh, en in (
        ("name", "请写明是哪些药店、哪家门诊、哪些门口", "name the pharmacies, the clinic or the doors"),
        ("purpose", "请写明用途", "say for which purpose"),
    ):
        if not getattr(body, field).strip():
            yield Problem(field, zh, en)
    look = acting.looking
    one = standing(Incident, look.seq).filter(incident=acting.incident).first() if acting.incident else None
    if one is None or one.nature in ("watch", "history") or one.closed_at <= acting.now:
        yield Problem("incident", "只有在未结束的事件中才能开设", "a source is opened only under an incident that is not over")
    zone = look.zone
    for code in days_wrong(body.first_day, body.last_day, day_of(acting.at, zone), day_of(body.ends, zone)):
        field, why = _DAYS[code]
        yield Problem(field, why.zh, why.en)
    for code in hours_wrong(acting.at, body.ends, body.forget_by):
        field, why = _HOURS[code]
        yield Problem(field, why.zh, why.en)
    before = opened(acting, body.source)
    if before is not None and before.body != body:
        yield Problem("source", "此来源编号已用", "this source exists already")


def _open_for(acting: Acting, source: bytes) -> Iterable[Problem]:
    """Reasons against anything more of a source."""
    one = opened(acting, source)
    if one is None:
        yield Problem("source", "没有这个信号来源", "no such source was opened")
    elif acting.book.facts.by("signals.closed", "source", source) or one.body.forget_by <= acting.now:
        yield Problem("source", "该来源已关闭,内容待销毁", "this source is closed, what it brought is to be destroyed")


def _notable(acting: Acting, body: Any) -> Iterable[Problem]:
    """Only from an open source, for its own days, and never nobody."""
    wrong = list(_open_for(acting, body.source))
    yield from wrong
    one = opened(acting, body.source)
    if wrong or one is None:
        return
    if one.body.ends <= acting.now:
        yield Problem("source", "该来源已停止登记", "this source has ended: nothing more is entered")
    if body.forget_by != one.body.forget_by:
        yield Problem("forget_by", "应与来源的销毁时刻一致", "should be the day of its source")
    if not one.body.first_day <= body.day <= min(one.body.last_day, day_of(acting.now, acting.looking.zone)):
        days = f"{one.body.first_day} – {one.body.last_day}"
        yield Problem("day", f"来源只开设于 {days},且不晚于今天", f"the source is open for {days} only, and not after today")
    if body.person is None and not any((text or "").strip() for text in (body.name, body.phone)):
        yield Problem("name", "请选择人员,或写姓名、电话", "choose a person, or write a name or telephone")
    before = noted(acting, body.signal)
    if before is not None and before.body != body:
        yield Problem("signal", "此信号编号已用", "this signal exists already")


def _followable(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from _open_for(acting, body.source)
    one = noted(acting, body.signal)
    if one is None or one.body.source != body.source:
        yield Problem("signal", "该来源没有这个信号", "this source has no such signal")
        return
    yield from beyond(acting, "signal", one.body.area)
    if acting.at < one.at:
        yield Problem("at", "不能早于登记时刻", "not before it was noted")
    if body.outcome == "to_test" and body.person is None and one.body.person is None:
        yield Problem(
            "person", "建议检测前先选定是登记册中的何人,或先登记", "before a test is advised say who of the register it is, or enrol them"
        )


def _advises(acting: Acting, fact: Fact) -> Iterable[Fact]:
    """Whoever is to be tested is owed a test, by a fact that does not say why: it stays when the signal is gone."""
    if fact.body.outcome != "to_test":
        return ()
    one = noted(acting, fact.body.signal)
    person = fact.body.person or (one.body.person if one else None)
    return (
        (Fact(named_id("advised", fact.id.hex()), "test.advised", fact.at, fact.incident, Advised(person, fact.body.post)),)
        if person
        else ()
    )


def _closable(acting: Acting, body: Any) -> Iterable[Problem]:
    one = opened(acting, body.source)
    if one is None or one.body.area != body.area:
        yield Problem("source", "没有这个信号来源", "no such source was opened")
    elif acting.book.facts.by("signals.closed", "source", body.source):
        yield Problem("source", "该来源已关闭", "this source is closed already")
    elif acting.at < one.at:
        yield Problem("at", "不能早于开设时刻", "not before it was opened")
    if not body.reason.strip():
        yield Problem("reason", "请写明理由", "give the reason")


OPEN_SIGNALS = verb(Verb(
    "open_signals", Word("开设信号来源", "open a source of signals"), "signals", "signals.opened", "area",
    ("source_kind", "name", "first_day", "last_day", "purpose", "ends", "forget_by"), (_openable,), timed=False, page="signals-open",
    warning=Word("只用于护士随访。不得据此拒售药品、处罚任何人,也绝不用于门口核验。到期全部销毁,最长14天。",
                 "For a nurse's follow-up alone: nobody is refused medicine or punished by it, and no door ever knows of it. All of it is destroyed, within 14 days."),
))  # fmt: skip
NOTE_SIGNAL = verb(Verb(
    "note_signal", Word("登记信号", "note a signal"), "signals", "signal.noted", "area", ("day", "name", "phone", "words"), (_notable,), belongs=_of_source,
    timed=False, page="signal-note",
))  # fmt: skip
FOLLOW_SIGNAL = verb(Verb(
    "follow_signal", Word("随访信号", "follow a signal up"), "signals", "signal.followed", "signal", ("outcome", "words"), (_followable,), more=_advises,
    belongs=_of_source, page="signal-follow",
))  # fmt: skip
CLOSE_SIGNALS = verb(Verb(
    "close_signals", Word("关闭信号来源", "close a source of signals"), "signals", "signals.closed", "area", ("reason",), (_closable,), belongs=_of_source,
    warning=Word("尚未随访的信号随之终止,全部内容随即销毁,不可恢复。", "What was not followed up ends with it, and everything of it is destroyed. There is no way back."),
))  # fmt: skip


# --- a list of signals --------------------------------------------------------------------------------------------------
def _judge(numbers: Sequence[int], rows: Sequence[dict[str, Any]], look: Looking, incident: bytes | None) -> list[Fate | None]:
    """Says of which source each row is: the one it names, else the only one that is open. One that was entered before, in whatever list, is there."""
    sources = _sources(look, incident)
    people = {row["person"] for row in rows if row.get("person")}
    where = _where(people, look)
    names: dict[bytes, set[str]] = {}
    for canonical, name in standing(Person, look.seq).filter(canonical__in=people).values_list("canonical", "name"):
        names.setdefault(bytes(canonical), set()).add(fold(name))
    there = {_key(f.source, f.day, f.person, f.name, f.phone) for f in _there(sources, look)}
    fates: list[Fate | None] = []
    before: dict[tuple[Any, ...], int] = {}
    for n, row in zip(numbers, rows, strict=True):
        fate = _placed(row, sources, where)
        person, name = row.get("person"), fold(row.get("name") or "")
        if fate is None and person and name and person in names and name not in names[person]:
            fate = Fate(
                "waiting", "person", "登记册中此证件号属于另一姓名:请核对", "on the register this number has another name: look at both"
            )
        if fate is None:
            if person:  # the register says it, and better
                row["name"] = row["phone"] = None
            key = _key(row["source"], row.get("day"), person, row.get("name"), row.get("phone"))
            if key in before:
                fate = Fate("same", "", f"与第 {before[key]} 行相同", f"the same as row {before[key]}")
            elif key in there:
                fate = Fate("same", "", "此前已登记", "was noted before")
            before.setdefault(key, n)
        fates.append(fate)
    return fates


def _sources(look: Looking, incident: bytes | None) -> list[SignalSource]:
    of = members(look, incident) if incident else []
    found = standing(SignalSource, look.seq).filter(look.scope.q(), incident__in=of, opened_at__lte=look.about)
    return [s for s in found.order_by("source") if state_of(s.ends, s.closed_at, s.forget_by, s.noted is not None, look.about) == "open"]


def _there(sources: Iterable[SignalSource], look: Looking) -> Any:
    return standing_facts("signal.noted", look.seq, look.about).filter(source__in=[s.source for s in sources])


def _where(people: Iterable[bytes], look: Looking) -> dict[bytes, str]:
    """Where people stay now."""
    here = standing_stays(look).filter(person__in=list(people)).exclude(area=None)
    return {bytes(p): str(a) for p, a in here.values_list("person", "area")}


def _key(source: Any, day: Any, person: Any, name: Any, phone: Any) -> tuple[Any, ...]:
    """What makes two signals one: who, of which source, on which day."""
    return (bytes(source), day, bytes(person)) if person else (bytes(source), day, fold(name or ""), (phone or "").strip())


def _placed(row: dict[str, Any], sources: Sequence[SignalSource], where: dict[bytes, str]) -> Fate | None:
    """Puts a row under its source, or says why it cannot be."""
    asked = fold(row.get("source_name") or "")
    found = [s for s in sources if not asked or asked in fold(s.name)]
    if len(found) != 1:
        some, en = "、".join(s.name for s in sources) or "无", ", ".join(s.name for s in sources) or "none"
        return Fate("refused", "source", f"应为本事件已开设的来源之一:{some}", f"should be one source that is open in this incident: {en}")
    row["source"], row["forget_by"] = bytes(found[0].source), Instant(found[0].forget_by)
    row["area"] = row.get("area") or where.get(row.get("person") or b"") or found[0].area
    return None


SIGNALS_IN = importing(Import(
    NOTE_SIGNAL, ("day", "person", "name", "phone", "words", "area"), fresh=("signal",), judge=_judge, beside=("source_name",), strangers=True,
    usual={"area": None},
    called={
        "day": ("购药日期", "就诊日期", "日期", "发现日期", "date", "day"), "person": ("身份证号", "证件号码", "证件号", "id number", "document number"),
        "name": ("姓名", "购药人", "患者姓名", "name"), "phone": ("联系电话", "手机号", "手机号码", "电话", "phone"),
        "words": ("药品", "药品名称", "症状", "主诉", "medicine", "symptoms", "words"), "area": ("所属街道", "街道", "社区", "属地", "area"),
        "source_name": ("药店", "药店名称", "来源", "医院", "发热门诊", "门口", "source", "pharmacy", "clinic"),
    },
))  # fmt: skip
