"""The board's figure of contacts and others who were only described and whom nobody has found yet. No pages here."""

from bulou.basis.words import Word
from bulou.desks.command.figures import PEOPLE, Board, Figure, Meaning, figure
from bulou.gaps.sought import NOT_FOUND
from bulou.kit.sought import searches

_SEARCHED, _ABANDONED = Word("寻找中", "being sought"), Word("已停止寻找", "search abandoned")


def not_found(board: Board) -> dict[bytes, str]:
    """Everyone of the incident whom nobody has found, within the viewer's areas, once, with how the search stands; sought anywhere, sought."""

    def make() -> dict[bytes, str]:
        states: dict[bytes, str] = {}
        for each in searches(board.look, incidents=board.incidents):
            if each.state in NOT_FOUND and states.get(each.one) != "searched":
                states[each.one] = each.state
        near = board.visible(states)
        return {p: state for p, state in states.items() if p in near}

    found: dict[bytes, str] = board.once("not_found", make)
    return found


def _parts(board: Board) -> list[tuple[Word, int]]:
    """Two parts that sum to the whole."""
    states = list(not_found(board).values())
    return [(_SEARCHED, states.count("searched")), (_ABANDONED, states.count("abandoned"))]


figure(Figure(
    "not_found", PEOPLE, Word("未查明身份", "Not found yet"), "person", lambda b: set(not_found(b)),
    Meaning("people", "happened", "current", Word(
        "只有描述、尚不知是谁的人数,每人一次:认定与名册中一人为同一人、或查明为新人后即不在内;停止寻找者仍在内。他们同时计在接触者中。",
        "People who were only described and of whom nobody knows who they are, each once: no longer counted when joined to a record of the register or "
        "found to be new to it; whoever is no longer sought still is. They count among the contacts as well.")),
    parts=_parts, alarming=True,
))  # fmt: skip
