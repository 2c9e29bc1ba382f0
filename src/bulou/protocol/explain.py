"""Each rule as one plain sentence, in Chinese and in English, built from its words alone. Decides nothing, hides nothing."""

from collections.abc import Iterable
from typing import NamedTuple

from bulou.basis.kinds import KINDS, Value
from bulou.basis.time import HOUR, Duration
from bulou.basis.words import ANSWERS, FIELD, LISTS, STATUS, Word
from bulou.protocol.branches import relation_of
from bulou.protocol.readings import READINGS
from bulou.protocol.rules import Days, Edition, Every, Match, Rule, Until

#: How a sentence begins, for each kind that a rule may start from.
WHEN: dict[str, Word] = {
    "incident.opened": Word("启动事件", "an incident is opened"),
    "tube.received": Word("实验室接收试管", "a tube reaches the laboratory"),
    "tube.resulted": Word("试管出结果", "a tube is read"),
    "recheck.read": Word("复核出结果", "a recheck is read"),
    "consultation.held": Word("专家会诊", "a consultation is held"),
    "case.diagnosed": Word("作出诊断", "a case is diagnosed"),
    "contact.named": Word("报告接触者", "a contact is named"),
    "person.sought": Word("有人身份不明、须寻找", "somebody is told of and not known"),
    "contact.judged": Word("判定接触者", "a contact is judged"),
    "order.made": Word("下达隔离令", "an order is made"),
    "objection.raised": Word("提出异议", "somebody objects"),
    "letter.sent": Word("发出协查函", "a letter of assistance is sent"),
    "letter.received": Word("收到协查函", "a letter of assistance comes in"),
    "zone.drawn": Word("划定风险区", "a zone is drawn"),
    "zone.lifted": Word("解除风险区", "a zone is lifted"),
    "callup.published": Word("发布协查通告", "a call-up is published"),
    "callup.answered": Word("有人响应协查通告", "somebody answers a call-up"),
    "signals.opened": Word("开设信号来源", "a source of signals is opened"),
    "signal.noted": Word("登记信号", "a signal is noted"),
    "test.advised": Word("建议检测", "a test is advised"),
    "point.named": Word("确定风险点", "a risk point is named"),
    "point.disinfected": Word("场所终末消毒", "a risk point is disinfected"),
}


#: How a sentence ends in English, where the kind's own word would be no clause.
OVER = {
    "letter.sent": "another letter takes its place", "letter.answered": "another authority has answered for the person",
    "zone.lifted": "the zone is lifted", "incident.closed": "the incident is closed", "point.reopened": "the place is re-opened",
    "callup.withdrawn": "the notice is taken down", "signals.closed": "the source is closed",
    "search.abandoned": "the search is given up",
}  # fmt: skip


class Sentence(NamedTuple):
    """What a rule says."""

    rule: str
    zh: str
    en: str


def explain(edition: Edition, name: str | None = None) -> list[Sentence]:
    """Every rule of an edition, or the one of a name, as a sentence in both languages."""
    return [Sentence(r.name, _zh(r, edition), _en(r, edition)) for r in edition.rules if name in (None, r.name)]


def source_of(rule: Rule) -> Word:
    """Where the number comes from: a source says it in Chinese, then after a dot in English, or in one language for both."""
    zh, _, en = rule.source.partition(" · ")
    return Word(zh.strip(), (en or zh).strip())


def _listed(words: Iterable[str], last: str, comma: str) -> str:
    """ "a, b or c"; in Chinese "a、b或c"."""
    items = list(words)
    return items[0] if len(items) == 1 else comma.join(items[:-1]) + last + items[-1]


def duration(length: Duration) -> Word:
    """A length in words."""
    if length.days is not None:
        return Word(f"{length.days}天", f"{length.days} day" + ("" if length.days == 1 else "s"))
    if length.micros % HOUR == 0:
        return Word(f"{length.micros // HOUR}小时", f"{length.micros // HOUR} h")
    minutes = length.micros // 60_000_000
    return Word(f"{minutes}分钟", f"{minutes} min")


def _value(words: str | None, value: Value) -> Word:
    if words and value in LISTS[words]:
        return LISTS[words][str(value)]
    if isinstance(value, bool):
        return Word("是", "yes") if value else Word("否", "no")
    return Word(str(value), str(value))


def filters(match: Match) -> Word:
    """What a match asks of a fact, in brackets; nothing when it asks nothing."""
    zh, en = [], []
    for name, allowed in match.equal:
        field = KINDS[match.kind].field(name)
        order = list(LISTS[field.words]) if field and field.words else []
        ranked = sorted(allowed, key=lambda v: (order.index(v) if isinstance(v, str) and v in order else 0, str(v)))
        values = [_value(field.words if field else None, v) for v in ranked]
        zh.append(f"{FIELD[name].zh}为{_listed((v.zh for v in values), '或', '、')}")
        en.append(f"{FIELD[name].en}: {_listed((v.en for v in values), ' or ', ', ')}")
    if match.by and match.by != "subject":
        zh.append(f"按{FIELD[match.by].zh}查找")
        en.append(f"found by the {FIELD[match.by].en}")
    return Word(f"({';'.join(zh)})", f" ({'; '.join(en)})") if zh else Word("", "")


def _shown(rule: Rule) -> Word:
    """What must be shown; a step of the plan is called by its title, not by its code."""
    if isinstance(rule.must, str):
        return READINGS[rule.must].word
    word, more = KINDS[rule.must.kind].word, filters(rule.must)
    if rule.must.kind == "step.done":
        more = Word(f"({rule.word.zh})", f" ({rule.word.en})")
    return Word(word.zh + more.zh, word.en + more.en)


# --- English ----------------------------------------------------------------------------------------------------------
def _en(rule: Rule, edition: Edition) -> str:
    told = f"{ANSWERS[rule.answers].en} answers. Source: {source_of(rule).en} ({STATUS[rule.status].en})."
    if rule.after:
        return f"{_above_en(rule, edition)}; {told}"
    relation = relation_of(rule)
    whom = relation.word.en + (", for as long as that is so," if rule.mode == "while_open" else "")
    given = f", provided that {READINGS[rule.given].word.en}" if rule.given else ""
    ends = f", until {_listed(map(_until_en, rule.until), ' or ', ', ')}" if rule.until else ""
    must = f"must {'show' if relation.subject in _SHOWING else 'have'}: {_shown(rule).en}"
    return f"When {WHEN[rule.on.kind].en}{filters(rule.on).en}, {whom} {must}{_clock_en(rule)}{given}{ends}; {told}"


#: Those who can be said to show something; a tube, a zone or an incident has it.
_SHOWING = ("person", "household", "area")


def _start_en(rule: Rule) -> str:
    """From where a clock runs, when it is not the opening fact itself."""
    if rule.start.reading:
        return f" (counted from: {READINGS[rule.start.reading].word.en})"
    return "" if rule.start.field == "at" else f" (counted from: its {FIELD[rule.start.field].en})"


def _clock_en(rule: Rule) -> str:
    start = _start_en(rule)
    if isinstance(rule.turns, Every):
        length = duration(rule.turns.length).en
        return f", once {'a day' if length == '1 day' else f'in every {length}'}{start}"
    if isinstance(rule.turns, Days):
        days = _listed(map(str, rule.turns.days), " and ", ", ")
        last = " and on the last day" if rule.turns.last_day else ""
        return (
            f", on day{'s' if len(rule.turns.days) > 1 else ''} {days}{last}, each by 24:00; the first day is day {rule.turns.first}{start}"
        )
    if rule.within.days is None:
        return f" within {duration(rule.within).en}{start or ' of it'}"
    return f" by 24:00 of the day {duration(rule.within).en} {f'later{start}' if start else 'after it'}"


def _until_en(until: Until) -> str:
    if until.after:
        return f"{duration(until.after).en} have passed"
    if until.field:
        return f"its {FIELD[until.field].en}"
    if until.match:
        return OVER.get(until.match.kind, KINDS[until.match.kind].word.en) + filters(until.match).en
    return READINGS[str(until.reading)].word.en


def _above_en(rule: Rule, edition: Edition) -> str:
    assert rule.after
    below = _listed((f'"{r.word.en}"' for name in rule.after.rules if (r := edition.rule(name))), " or ", ", ")
    by, within = duration(rule.after.by).en, duration(rule.within).en
    must = f"done or answered ({_shown(rule).en})" if isinstance(rule.must, Match) else "done"
    if rule.after.when == "overdue":
        return f"When {below} is overdue by {by}, it must be {must} within {within}"
    return f"When {below} is still missing {by} before the end, it must be {must} within {within}"


# --- Chinese ----------------------------------------------------------------------------------------------------------
def _zh(rule: Rule, edition: Edition) -> str:
    told = f"由{ANSWERS[rule.answers].zh}答复。来源:{source_of(rule).zh}({STATUS[rule.status].zh})。"
    if rule.after:
        return f"{_above_zh(rule, edition)};{told}"
    whom = relation_of(rule).word.zh + ("在此期间" if rule.mode == "while_open" else "")
    given = f",前提是{READINGS[rule.given].word.zh}" if rule.given else ""
    ends = f",至{_listed(map(_until_zh, rule.until), '或', '、')}为止" if rule.until else ""
    must = ("须有:" if isinstance(rule.must, Match) else "须做到:") + _shown(rule).zh
    return f"{WHEN[rule.on.kind].zh}{filters(rule.on).zh}时,{whom}{_clock_zh(rule)}{must}{given}{ends};{told}"


def _start_zh(rule: Rule) -> str:
    if rule.start.reading:
        return f"自{READINGS[rule.start.reading].word.zh}之时起"
    return "" if rule.start.field == "at" else f"自{FIELD[rule.start.field].zh}起"


def _clock_zh(rule: Rule) -> str:
    start = _start_zh(rule)
    if isinstance(rule.turns, Every):
        length = duration(rule.turns.length).zh
        return f"{start}每{'天' if length == '1天' else length}一次"
    if isinstance(rule.turns, Days):
        days = _listed((f"第{d}" for d in rule.turns.days), "、", "、")
        last = "及最后一天" if rule.turns.last_day else ""
        return f"{start or '自当天起'}({'当天' if not start else '那天'}为第{rule.turns.first}天)在{days}天{last}24:00前"
    if rule.within.days is None:
        return f"{start}{duration(rule.within).zh}内"
    return f"{start or '自当天起'}第{rule.within.days}天24:00前"


def _until_zh(until: Until) -> str:
    if until.after:
        return f"满{duration(until.after).zh}"
    if until.field:
        return f"其{FIELD[until.field].zh}"
    if until.match:
        return KINDS[until.match.kind].word.zh + filters(until.match).zh
    return READINGS[str(until.reading)].word.zh


def _above_zh(rule: Rule, edition: Edition) -> str:
    assert rule.after
    below = _listed((f"“{r.word.zh}”" for name in rule.after.rules if (r := edition.rule(name))), "或", "、")
    by, within = duration(rule.after.by).zh, duration(rule.within).zh
    must = f"完成或答复({_shown(rule).zh})" if isinstance(rule.must, Match) else "完成"
    if rule.after.when == "overdue":
        return f"{below}超时{by}后,{within}内须{must}"
    return f"止期前{by}仍缺{below}时,{within}内须{must}"


__all__ = ["WHEN", "Sentence", "duration", "explain", "filters", "source_of"]
