"""From yesterday's figure to today's, term by term, each with its people. What nobody can explain is a term of its own, never spread.

``before + new + moved in + known late − released − moved out − withdrawn − … ± without explanation = after``. A bridge always closes;
whether it explains is another matter, and says so.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bulou.basis.words import Word
from bulou.lists import sameness
from bulou.lists.columns import DATES
from bulou.lists.comparing import Comparison

#: Every term of a bridge in the order in which it is read, with its sign. A cause that someone gives by hand is one of these.
TERMS: dict[str, tuple[int, Word]] = {
    "said_before": (1, Word("公布数与名单行数之差(前)", "the figure said and the rows of its list (before)")),
    "merged": (-1, Word("前一名单中同一人重复的行", "further rows of one person in the list before")),
    "new": (1, Word("新增", "new")),
    "moved_in": (1, Word("转入", "moved in")),
    "late": (1, Word("截止前发生、之后才报", "happened before the cut-off, known after it")),
    "unexplained_more": (1, Word("多出,原因不明", "more, without explanation")),
    "released": (-1, Word("解除", "released")),
    "moved_out": (-1, Word("转出", "moved out")),
    "died": (-1, Word("死亡", "died")),
    "withdrawn": (-1, Word("撤销、排除", "withdrawn or excluded")),
    "other_cut_off": (-1, Word("截止时间不同", "another cut-off")),
    "other_state": (-1, Word("状态不计入", "a state that is not counted")),
    "other_area": (-1, Word("区域不计入", "an area that is not counted")),
    "undated": (-1, Word("无日期,不计入", "without a date, not counted")),
    "not_mine": (-1, Word("不归本单位", "not ours")),
    "unexplained_fewer": (-1, Word("少了,原因不明", "fewer, without explanation")),
    "twice": (1, Word("后一名单中同一人重复的行", "further rows of one person in the list after")),
    "said_after": (1, Word("公布数与名单行数之差(后)", "the figure said and the rows of its list (after)")),
}
UNEXPLAINED = {"unexplained_more", "unexplained_fewer", "said_before", "said_after"}
#: What a state says of why someone came or went; the first that is found in it. Compared with ``sameness.state``.
STATES_SAY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("moved_in", re.compile(r"转入|转来|接收|moved?in|transferredin")),
    ("moved_out", re.compile(r"转出|移交|转送外|外区|transferredout|movedout")),
    ("withdrawn", re.compile(r"撤销|撤回|排除|误报|作废|剔除|withdrawn|excluded")),
    ("died", re.compile(r"死亡|病故|died|dead|deceased")),
    ("released", re.compile(r"解除|出院|期满|released|discharged")),
)


class Term(NamedTuple):
    """One step of a bridge: ``number`` is added with ``sign``; ``people`` are the persons behind it (a figure typed in has none)."""

    code: str
    sign: int
    word: Word
    number: int
    people: tuple[int, ...] = ()


class Bridge(NamedTuple):
    """From one figure to another. ``unit`` is a code of ``basis.words.UNIT``; terms of nobody are left out."""

    before_name: str
    before: int
    after_name: str
    after: int
    terms: tuple[Term, ...]
    unit: str

    @property
    def unexplained(self) -> int:
        """How many people, or how much of a typed figure, have no explanation; more and fewer are both counted, they never cancel."""
        return sum(abs(t.number) for t in self.terms if t.code in UNEXPLAINED)

    def closes(self) -> bool:
        return self.before + sum(t.sign * t.number for t in self.terms) == self.after

    def say(self) -> Word:
        """The bridge as one line: ``1,402 + 12 new − 28 released = 1,386``."""
        zh, en = f"{self.before:,}", f"{self.before:,}"
        for t in self.terms:
            sign = "+" if t.sign * t.number >= 0 else "−"
            zh += f" {sign} {t.word.zh} {abs(t.number):,}"
            en += f" {sign} {abs(t.number):,} {t.word.en}"
        return Word(f"{zh} = {self.after:,}", f"{en} = {self.after:,}")


def bridge(
    before: tuple[str, int],
    after: tuple[str, int],
    terms: Mapping[str, Sequence[int]],
    said: Mapping[str, int] | None = None,
    unit: str = "people",
) -> Bridge:
    """Puts terms in their order. ``terms``: people by code of ``TERMS``; ``said``: terms whose number is said, whoever is behind it.

    Raises ``ValueError`` for a code that is none, and where the terms do not lead from one figure to the other.
    """
    found = list[Term]()
    for code in (*terms, *(said or ())):
        if code not in TERMS:
            raise ValueError(f"{code} is no term of a bridge; there are {', '.join(TERMS)}")
    for code, (sign, word) in TERMS.items():
        people = tuple(terms.get(code, ()))
        number = (said or {}).get(code, len(people))
        if number:
            found.append(Term(code, sign, word, number, people))
    made = Bridge(*before, *after, tuple(found), unit)
    if not made.closes():
        raise ValueError(f"the terms lead from {made.before} to {made.before + sum(t.sign * t.number for t in found)}, not to {made.after}")
    return made


def between(
    comparison: Comparison,
    a: int,
    b: int,
    *,
    since: str | None = None,
    said: tuple[int | None, int | None] = (None, None),
    explained: Mapping[int, str] | None = None,
    causes: Mapping[str, int] | None = None,
) -> Bridge:
    """The bridge from the rows of list ``a`` to the rows of list ``b``.

    ``since``: the cut-off of ``a`` (``2022-08-11 20:00``): who is only in ``b`` and dated after it is new, dated before it was known
    late; without it, the latest date that ``a`` itself carries. ``said``: the figures published with the two lists, where they are not
    the rows. ``explained``: by person, the code of a term that someone gave by hand; it goes before what states and dates say.
    ``causes``: how many a term explains as someone says ("another cut-off: 3") without naming them: they come off what has no
    explanation, whose people stay those who may be meant. More than there are leaves a rest below nothing, which is said as one.
    """
    given = dict(explained or {})
    cut = since if since is not None else latest(comparison, a)
    terms: dict[str, list[int]] = {}
    for p in comparison.people:
        in_a, in_b = bool(p.mask >> a & 1), bool(p.mask >> b & 1)
        if in_a and in_b:
            continue
        if in_b:
            terms.setdefault(_came(comparison, p.number, b, cut, given), []).append(p.number)
        elif in_a:
            terms.setdefault(_went(comparison, p.number, given), []).append(p.number)
    for number, i, held in comparison.twice:
        if i in (a, b):
            terms.setdefault("merged" if i == a else "twice", []).extend([number] * (len(held) - 1))
    rows = [len(comparison.lists[i].numbers) for i in (a, b)]
    before, after = (rows[i] if told is None else told for i, told in enumerate(said))
    typed = {code: n for code, n in (("said_before", rows[0] - before), ("said_after", after - rows[1])) if n}
    return bridge(
        (comparison.lists[a].name, before),
        (comparison.lists[b].name, after),
        *_by_hand(terms, typed, causes or {}),
        unit="samples" if _counts_rows(terms) else "people",
    )


#: Where an explanation is missing, by the sign of what a cause adds: people first, then what a typed figure leaves open.
_OPEN = {1: ("unexplained_more", "said_before", "said_after"), -1: ("unexplained_fewer", "said_before", "said_after")}


def _by_hand(terms: dict[str, list[int]], typed: dict[str, int], causes: Mapping[str, int]) -> tuple[dict[str, list[int]], dict[str, int]]:
    """The terms with what someone says of the rest: each cause takes its number off what is open in its direction."""
    said = dict(typed)
    for code, number in causes.items():
        sign = TERMS[code][0]
        said[code] = said.get(code, len(terms.get(code, ()))) + number
        left, meant = number, terms.get(_OPEN[sign][0], [])
        for open_ in _OPEN[sign]:
            there = TERMS[open_][0] * said.get(open_, len(terms.get(open_, ()))) * sign
            taken = min(left, max(there, 0))
            if taken:
                said[open_] = sign * TERMS[open_][0] * (there - taken)
                left -= taken
        if left:
            open_ = _OPEN[sign][0]
            said[open_] = said.get(open_, len(terms.get(open_, ()))) - left
        # Nobody said which of them: whoever opens the cause sees those who may be meant.
        terms[code] = list(dict.fromkeys((*terms.get(code, ()), *meant)))
    return terms, said


def _counts_rows(terms: Mapping[str, Sequence[int]]) -> bool:
    """Where someone is there twice, rows were counted and not people."""
    return "merged" in terms or "twice" in terms


def latest(comparison: Comparison, i: int) -> str:
    """The latest day (and time) that a list carries; empty where it carries none."""
    first = sum(len(each.numbers) for each in comparison.lists[:i])
    records = range(first, first + len(comparison.lists[i].numbers))
    return max((m for r in records if (m := dated(comparison, r))), default="")


def dated(comparison: Comparison, record: int) -> str:
    """The moment of a record by the first clock that it carries, ``YYYY-MM-DD`` or with ``HH:MM``; empty without one."""
    for clock in DATES:
        column = comparison.values.get(clock)
        if column and (written := column[record]):
            day, time = sameness.moment(written)
            if day and not day.startswith("-"):
                return f"{day} {time}".strip()
    return ""


def _states(comparison: Comparison, number: int) -> list[str]:
    column = comparison.values.get("state")
    return [sameness.state(v) for r in comparison.person(number).records if (v := column[r])] if column else []


def _came(comparison: Comparison, number: int, b: int, cut: str, given: Mapping[int, str]) -> str:
    if number in given and TERMS[given[number]][0] > 0:
        return given[number]
    for said in _states(comparison, number):
        if STATES_SAY[0][1].search(said):
            return "moved_in"
    moments = [m for r in comparison.rows_of(number, b) if (m := dated(comparison, r))]
    if not cut or not moments:
        return "unexplained_more"
    return "new" if _after(max(moments), cut) else "late"


def _went(comparison: Comparison, number: int, given: Mapping[int, str]) -> str:
    if number in given and TERMS[given[number]][0] < 0:
        return given[number]
    states = _states(comparison, number)
    for code, pattern in STATES_SAY[1:]:
        if any(pattern.search(said) for said in states):
            return code
    return "unexplained_fewer"


def _after(moment: str, cut: str) -> bool:
    """Whether a moment lies after a cut-off. A day without its time is after it only when the day itself is later."""
    if len(moment) == 10 or len(cut) == 10:
        return moment[:10] > cut[:10]
    return moment > cut
