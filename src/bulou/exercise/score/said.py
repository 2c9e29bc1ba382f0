"""A score as lines of a table, in Chinese and English: for the terminal and the page alike. Computes nothing."""

from typing import Any, NamedTuple

from bulou.basis.words import Word
from bulou.exercise.score import Row

#: Not applicable: there is no such step yet.
NONE = "/"
WAYS = {
    "clinic": Word("门诊就诊", "came to a clinic"), "recalled": Word("混管召回", "recalled from a mixed tube"),
    "contact": Word("接触者追踪", "named as a contact"), "round": Word("采样轮次", "in a round of sampling"),
}  # fmt: skip
CONTROL = {
    "order": Word("隔离令下", "under an order"),
    "told_to_stay": Word("已告知等候", "told to stay put"),
    "outside": Word("管控外", "outside control"),
}
STEPS = {
    "candidate": Word("列为候选", "candidates"),
    "judged": Word("已判定", "judged"),
    "told": Word("已告知", "told"),
    "placed": Word("已到位", "placed"),
}
WHY = {
    "not_registered": Word("不在登记册", "not on the register"), "too_recent": Word("感染不足24小时", "infected less than 24 hours before the end"),
    "duty_open": Word("任务到结束仍未完成", "a duty was open at the end"), "tube_lost": Word("试管遗失", "in a tube that was lost"),
    "not_returned": Word("结果未回", "the result did not return"), "read_negative": Word("采样读为阴性", "swabbed and read negative"),
    "kept_quiet": Word("受访者隐瞒", "kept quiet about by whoever was interviewed"),
    "forgotten": Word("受访者遗漏", "forgotten by whoever was interviewed"), "never_swabbed": Word("从未采样", "never swabbed"),
}  # fmt: skip
ZEROS = {
    "facts_lost": Word("丢失的事实", "facts lost"),
    "duties_missed": Word("漏生的任务", "duties missed"),
    "figures_disagree": Word("不一致的数字", "figures that disagree"),
}


class Line(NamedTuple):
    """One line: its heading, what it is called, its number, and what belongs beside it. ``level``: 1 lies inside the line before."""

    part: Word
    word: Word
    value: str
    note: Word
    level: int = 0
    #: One of the three that must be zero, and is not.
    wrong: bool = False


FOUND, MISSED = Word("找到", "Found"), Word("遗漏", "Missed")
CONTACTS, PEOPLE, ZERO = Word("密切接触者", "Close contacts"), Word("对人的影响", "What it cost people"), Word("必须为零", "Must be zero")
DESKS = Word("真人参与", "People at desks")
_NOTHING = Word("", "")


def lines(told: Row) -> list[Line]:
    """Everything of a score, line by line."""
    found, contacts, held, waiting = told["found"], told["contacts"], told["held"], told["waiting"]
    made = [
        Line(ZERO, word, number(told["zeros"][code]["n"]), _of(told["zeros"][code]["of"]), wrong=bool(told["zeros"][code]["n"]))
        for code, word in ZEROS.items()
    ]
    made.append(Line(FOUND, Word("感染者中找到", "infections found"), number(found["found"]), _of(found["infections"])))
    made += [Line(FOUND, word, number(found["by_way"][code]), _NOTHING, 1) for code, word in WAYS.items()]
    made += [Line(FOUND, word, number(found["control"][code]), _NOTHING, 1) for code, word in CONTROL.items()]
    for code, word in (
        ("hours_from_infection", Word("自感染到找到(小时,中位数)", "hours from infection (median)")),
        ("hours_from_onset", Word("自发病到找到(小时,中位数)", "hours from the first symptom (median)")),
        ("hours_from_swab", Word("自首次采样到找到(小时,中位数)", "hours from the first swab (median)")),
    ):
        made.append(Line(FOUND, word, *_hours(found[code])))
    made.append(Line(MISSED, Word("未找到的感染者", "infections not found"), number(told["missed"]["n"]), _of(found["infections"])))
    made += [Line(MISSED, WHY[code], number(n), _caught(told, code), 1) for code, n in told["missed"]["why"].items()]
    made.append(
        Line(
            CONTACTS,
            Word("按真相符合定义者", "meet the definition by the truth"),
            number(contacts["contacts"]),
            _defined(contacts["definition"]),
        )
    )
    for code, word in STEPS.items():
        step = contacts["steps"][code]
        made.append(Line(CONTACTS, word, number(step and step["n"]), _hours(step["hours"])[1] if step else _NOTHING, 1))
    made += [
        Line(PEOPLE, Word("被错误留置的人", "people held without need"), number(held["people"]), _of(held["held"])),
        Line(PEOPLE, Word("错误留置人时", "person-hours held without need"), f"{held['hours']:,.1f}", _of(held["hours_all"])),
        Line(PEOPLE, Word("阳性结果后等待告知(小时,合计)", "hours waited to be told after a positive result, in all"), f"{waiting['hours']:,.1f}",
             Word(f"{waiting['people']:,} 人,{waiting['untold']:,} 人未被告知", f"{waiting['people']:,} people, of whom {waiting['untold']:,} were not told")),
    ]  # fmt: skip
    if told.get("desks"):  # of a live play: what was done was not all the simulated staff's
        made += [
            Line(DESKS, Word("由真人坐过的席位", "desks at which a person sat"), number(told["desks"]), _NOTHING),
            Line(DESKS, Word("真人录入的事实", "facts that people entered"), number(told["by_people"]), _of(told["acknowledged"]), 1),
        ]
    return made


def number(n: Any) -> str:
    """A count; a slash where there is none to be had."""
    return NONE if n is None else f"{n:,}"


def _of(n: Any) -> Word:
    return Word(f"共 {n:,}", f"of {n:,}")


def _hours(told: Row | None) -> tuple[str, Word]:
    if told is None:
        return "—", _NOTHING
    return f"{told['median']:,.1f}", Word(
        f"中位 {told['median']:,.1f} 小时,四分位 {told['q1']:,.1f} 至 {told['q3']:,.1f},{told['n']:,} 人",
        f"median {told['median']:,.1f} h, quartiles {told['q1']:,.1f} to {told['q3']:,.1f}, {told['n']:,} people",
    )


#: What would have caught somebody and is no rule of an edition; rules keep their own names in both languages.
_NO_RULE = {"testing round": Word("采样轮次", "a round of sampling")}


def _caught(told: Row, why: str) -> Word:
    duties = sorted({p["duty"] for p in told["missed"]["people"] if p["why"] == why and p["duty"]})
    zh, en = ([_NO_RULE.get(d, Word(d, d))[i] for d in duties] for i in (0, 1))
    return Word(f"本可由此发现:{'、'.join(zh)}", f"would have been caught by: {', '.join(en)}") if duties else _NOTHING


def _defined(of: Row) -> Word:
    assumed_zh, assumed_en = ("(部分为假定)", " (in part assumed)") if of["assumed"] else ("", "")
    return Word(
        f"同一空间至少 {of['minutes']} 分钟,追溯 {of['look_back_days']} 天{assumed_zh}",
        f"{of['minutes']} minutes in one space, {of['look_back_days']} days back{assumed_en}",
    )


def table(told: Row, lang: str) -> str:
    """The score as text, in one language."""
    zh = lang == "zh"
    head = "EXERCISE / 演练 " + (
        f"评分:{told['exercise']},{told['days']} 天至 {told['ended']},{told['people']:,} 人,{told['edition']}" if zh
        else f"score of {told['exercise']}: {told['days']} days to {told['ended']}, {told['people']:,} people, {told['edition']}"
    )  # fmt: skip
    rows, part = [head], None
    for line in lines(told):
        if line.part != part:
            part = line.part
            rows += ["", part.zh if zh else part.en]
        word, note = (line.word.zh, line.note.zh) if zh else (line.word.en, line.note.en)
        label = "  " * (line.level + 1) + word
        rows.append(f"{label}{' ' * max(58 - _wide(label), 1)}{line.value:>9}{' !' if line.wrong else '  '} {note}".rstrip())
    return "\n".join(rows)


def _wide(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)
