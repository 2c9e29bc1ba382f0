"""The board's figures of people who are traced: by channel without duplicates, in one state each, and those without one. No pages here."""

from typing import Any

from bulou.basis.time import Instant
from bulou.basis.words import TRACED_BY, TRACED_STATE, Word
from bulou.desks.command.figures import PEOPLE, Board, Figure, Meaning, figure
from bulou.evidence.timeline import standing_facts
from bulou.gaps.traced import State, by_channel, by_state, state_at

SEVERAL = Word("多渠道", "by several channels")


def _facts(board: Board, kind: str, field: str) -> dict[bytes, list[tuple[Instant, bytes, str]]]:
    """For each person the incident's facts of a kind by the hour: when, id, one field."""
    found: dict[bytes, list[tuple[Instant, bytes, str]]] = {}
    rows: Any = standing_facts(kind, board.look.seq, board.look.about).filter(in_incident__in=board.incidents)
    for person, at, id_, value in rows.values_list("person", "at", "id", field):
        found.setdefault(board.one(bytes(person)), []).append((Instant(at), bytes(id_), value))
    return found


def traced(board: Board) -> dict[bytes, set[str]]:
    """Everyone whom the incident must trace, within the viewer's areas, with the channels that told of them."""

    def make() -> dict[bytes, set[str]]:
        told = _facts(board, "person.traced", "channel")
        near = board.visible(told)
        return {p: {channel for _, _, channel in those} for p, those in told.items() if p in near}

    found: dict[bytes, set[str]] = board.once("traced", make)
    return found


def states(board: Board) -> dict[bytes, State | None]:
    """The one state of everyone traced; None: nobody has confirmed any."""

    def make() -> dict[bytes, State | None]:
        told = _facts(board, "state.confirmed", "state") if traced(board) else {}
        return {p: state_at(told.get(p, ()), board.look.about) for p in traced(board)}

    found: dict[bytes, State | None] = board.once("traced_states", make)
    return found


def _channels(board: Board) -> list[tuple[Word, int]]:
    return [(TRACED_BY.get(code, SEVERAL), n) for code, n in by_channel(traced(board)).items()]


def _states(board: Board) -> list[tuple[Word, int]]:
    return [(TRACED_STATE[code], n) for code, n in by_state(states(board).values()).items() if code in TRACED_STATE]


def _m(zh: str, en: str, counting: str = "current") -> Meaning:
    return Meaning("people", "happened", counting, Word(zh, en))


figure(Figure(
    "traced", PEOPLE, Word("累计排查", "Traced"), "person", lambda b: set(traced(b)),
    _m("由自报、社区排查、区域协查、大数据推送得知的人数;每人一次,多渠道另列,各部分之和等于总数。",
       "People told of by self-report, community, other regions or pushed data; each once, those of several channels apart: the parts sum to the whole.",
       "cumulative"),
    parts=_channels,
))  # fmt: skip
figure(Figure(
    "traced_state", PEOPLE, Word("状态已确认", "In a state"), "person", lambda b: {p for p, s in states(b).items() if s},
    _m("累计排查人员中状态已由岗位确认者;每人只有一个状态,与“没有状态”相加等于累计排查。",
       "Of those traced, whoever is in a state that a post confirmed; one state each. With those in no state they are everyone traced."),
    parts=_states, of=lambda b: set(traced(b)),
))  # fmt: skip
figure(Figure(
    "traced_no_state", PEOPLE, Word("没有状态", "In no state"), "person", lambda b: {p for p, s in states(b).items() if s is None},
    _m("累计排查人员中没有任何状态者:数字在此有缺口,须逐一查明。", "Of those traced, whoever is in no state: here the figures have a hole, to be filled name by name."),
    alarming=True, of=lambda b: set(traced(b)),
))  # fmt: skip
figure(Figure(
    "traced_old", PEOPLE, Word("状态逾期未再确认", "State not confirmed again"), "person",
    lambda b: {p for p, s in states(b).items() if s and s.old(b.look.about)},
    _m("状态超过周期未再确认者:正常 72 小时,居家、集中观察、在院 24 小时;已离开不计。周期为本项目建议。",
       "Whose state was not confirmed again in time: normal 72 hours; at home, observed and in hospital 24; left never. The hours are this project's proposal."),
    alarming=True, of=lambda b: set(traced(b)),
))  # fmt: skip
