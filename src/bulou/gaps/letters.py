"""Letters of assistance: how one stands, whose turn it is, and whose the person is until somebody has accepted them. Pure.

A set of facts gives one answer whatever the order in which it came. Of each who answers the last word counts; where two of them say different
things, both stand and nobody but the sender has the person. A receipt says that a letter arrived and nothing more, whenever it comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.protocol.relations import order

#: Answers by which somebody has taken the person over: who sent the letter owes nothing for them any more.
TAKEN = frozenset({"accepted", "measures"})
#: Answers that leave the letter under way: it arrived, or it was handed on.
UNDER_WAY = frozenset({"receipt", "forwarded"})
#: Answers that give the person back to who sent the letter.
BACK = frozenset({"unknown", "moved", "bounced"})
#: How a letter stands, beside its answers: nothing came back; answers differ; another letter took its place.
STATES = ("sent", "receipt", "forwarded", "differs", "unknown", "moved", "bounced", "replaced", "measures", "accepted")
#: States in which nobody has accepted the person yet and an answer is still waited for.
IN_TRANSFER = frozenset({"sent", "receipt", "forwarded"})


class Stand(NamedTuple):
    """How a letter stands. ``turn``: who has to act on it next ("us", "them", "nobody"); ``ours``: whether the person is ours until then.
    ``counts``: the answers that count, more than one where they differ; ``waiting_for``: who is to answer, where it was handed on."""

    state: str
    turn: str
    ours: bool
    counts: tuple[Fact, ...]
    waiting_for: str | None = None


def _by(fact: Fact, addressee: str) -> str:
    """Who gave an answer, for telling two apart."""
    said = getattr(fact.body, "answered_by", None) or addressee
    return "".join(said.split()).casefold()


def _last(answers: Iterable[Fact], addressee: str) -> list[Fact]:
    """The last word of each who answered, the latest last. A receipt never takes the place of an answer."""
    last: dict[str, Fact] = {}
    for fact in sorted(answers, key=order):
        who = _by(fact, addressee)
        if fact.body.outcome != "receipt" or who not in last:
            last[who] = fact
    return sorted(last.values(), key=order)


def stand_out(letter: Fact, answers: Iterable[Fact], now: Instant, *, replaced: bool = False) -> Stand:
    """A letter that was sent. ``replaced``: another letter that stands took its place. An answer counts from its own hour, also where it was
    entered before the letter."""
    last = _last((f for f in answers if f.at <= now), letter.body.to)
    final = [f for f in last if f.body.outcome not in UNDER_WAY]
    said = {f.body.outcome for f in final}
    if replaced:
        return Stand("replaced", "nobody", False, tuple(final or last[-1:]))
    if len(said) > 1 and not said <= TAKEN:
        return Stand("differs", "us", True, tuple(final))
    if final:
        state = final[-1].body.outcome
        return Stand(state, "nobody" if state in TAKEN else "us", state not in TAKEN, tuple(final))
    if not last:
        return Stand("sent", "them", True, (), letter.body.to)
    handed = [f for f in last if f.body.outcome == "forwarded"]
    if handed:
        return Stand("forwarded", "them", True, (handed[-1],), handed[-1].body.where or letter.body.to)
    return Stand("receipt", "them", True, (last[-1],), letter.body.to)


def stand_in(answers: Iterable[Fact], now: Instant) -> Stand:
    """A letter that came in: ours to answer until we have; the person is the sender's until we have accepted them."""
    told = sorted((f for f in answers if f.at <= now), key=order)
    final = [f for f in told if f.body.outcome != "receipt"]
    if not told:
        return Stand("received", "us", False, ())
    if not final:
        return Stand("receipt", "us", False, (told[-1],))
    state = final[-1].body.outcome
    handed = final[-1].body.where if state == "forwarded" else None
    return Stand(state, "nobody" if state in TAKEN else "them", state in TAKEN, (final[-1],), handed)


class Transfers(NamedTuple):
    """People of whom letters were sent, each in one of three: nobody has accepted them yet; accepted elsewhere; given back to us."""

    in_transfer: frozenset[bytes]
    elsewhere: frozenset[bytes]
    back: frozenset[bytes]


def transfers(letters: Mapping[bytes, Sequence[Stand]]) -> Transfers:
    """Each person once however many letters were sent of them, given in the order in which they were sent. A letter whose place another took is
    none; accepted is whom the last one was accepted for, as the duties have it; where nobody has, and one is still waited for, they are in transfer."""
    found: dict[str, set[bytes]] = {"in_transfer": set(), "elsewhere": set(), "back": set()}
    for person, stands in letters.items():
        states = [s.state for s in stands if s.state != "replaced"]
        if states and states[-1] in TAKEN:
            found["elsewhere"].add(person)
        elif IN_TRANSFER.intersection(states):
            found["in_transfer"].add(person)
        elif states:
            found["back"].add(person)
    return Transfers(*(frozenset(found[name]) for name in Transfers._fields))
