"""The board's figures of contacts between two authorities: who is ours now, in transfer among them, and who was accepted elsewhere. No pages here.

The figures of contacts judged are cumulative and keep everyone; these are of this hour. Whoever nobody has accepted yet is counted here, once.
"""

from bulou.basis.words import Word
from bulou.desks.command.figures import PEOPLE, Board, Figure, Meaning, figure, judged
from bulou.gaps.letters import Transfers
from bulou.kit.letters import transferred

RINGS = frozenset({"close", "secondary", "general"})
_HERE, _BETWEEN = Word("在本地", "with us"), Word("移交中", "in transfer")


def _transfers(board: Board) -> Transfers:
    """Everyone of whom a letter of the incident was sent, by the id that stands for them."""

    def make() -> Transfers:
        found = transferred(board.look, incidents=board.incidents)
        taken = {board.one(p) for p in found.elsewhere}
        between = {board.one(p) for p in found.in_transfer} - taken
        return Transfers(frozenset(between), frozenset(taken), frozenset({board.one(p) for p in found.back} - taken - between))

    kept: Transfers = board.once("transfers", make)
    return kept


def contacts_now(board: Board) -> set[bytes]:
    """Contacts by the last judgement whom no other authority has accepted."""
    ringed = {p for p, ring in judged(board).items() if ring in RINGS}
    return board.visible(ringed - _transfers(board).elsewhere)


def _in_transfer(board: Board) -> set[bytes]:
    return board.visible(_transfers(board).in_transfer)


def _elsewhere(board: Board) -> set[bytes]:
    return board.visible(_transfers(board).elsewhere)


def _parts(board: Board) -> list[tuple[Word, int]]:
    """Two parts that sum to the whole: each person is in one."""
    now, between = contacts_now(board), _in_transfer(board)
    return [(_HERE, len(now - between)), (_BETWEEN, len(now & between))]


def _m(zh: str, en: str) -> Meaning:
    return Meaning("people", "happened", "current", Word(zh, en))


figure(Figure(
    "contacts_now", PEOPLE, Word("现管接触者", "Contacts now"), "person", contacts_now,
    _m("判定为密接、次密接或一般接触者、此刻仍由本中心负责的人数:外地已接收的不在内,移交中的在内,每人一次。",
       "People judged close, secondary or general contacts for whom this centre answers now: without those accepted elsewhere, with those in transfer, each once."),
    parts=_parts,
))  # fmt: skip
figure(Figure(
    "in_transfer", PEOPLE, Word("移交中", "In transfer"), "person", _in_transfer,
    _m("已去函、尚无任何单位接收的人数:仍由本中心负责。", "People of whom a letter was sent and whom nobody has accepted yet: this centre answers for them."),
    alarming=True,
))  # fmt: skip
figure(Figure(
    "accepted_elsewhere", PEOPLE, Word("外地已接收", "Accepted elsewhere"), "person", _elsewhere,
    _m("外地单位已接收或已在当地管控的人数;累计数中仍计。", "People whom another authority has accepted or holds already; cumulative figures keep them."),
))  # fmt: skip
