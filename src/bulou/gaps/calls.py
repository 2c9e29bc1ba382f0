"""The call desk: how each person stands with the telephone, whose call each number is, and how numbers are dealt to callers. Pure.

A set of facts gives one answer whatever the order in which it came: the latest hour stands, ties by id. Whoever was reached is never
put back among those to be phoned by a later call that nobody answered.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.identity.phones import fold_phone, plausible
from bulou.protocol.relations import order
from bulou.protocol.rules import Calling

#: Unanswered calls after which a person is sought at the door (the trade's habit, and what this desk was asked for; no protocol says it).
NO_ANSWERS = 3
#: How a person stands, in the order in which a caller meets them. The first two are to be phoned, the next three go to the door.
STATES = ("open", "again", "door", "wrong", "refused", "found", "reached")
TO_CALL, TO_DOOR = frozenset({"open", "again"}), frozenset({"door", "wrong", "refused"})
#: A telephone of a demo or an exercise: it can be nobody's, and is dialled there as if it could.
_MADE_UP = re.compile(r"000\d{8}")
_TALKED = frozenset({"reached", "elsewhere"})


class Number(NamedTuple):
    """A telephone by which a person may be reached, as it is dialled, and whose it is (a word of the list ``whose``)."""

    phone: str
    whose: str
    of: bytes


def dialled(text: str | None) -> str | None:
    """A telephone as it is dialled; None where nobody can dial it."""
    if text and _MADE_UP.fullmatch(text.strip()):
        return text.strip()
    phone = fold_phone(text)
    return phone if phone and plausible(phone) else None


class Stand(NamedTuple):
    """How a person stands: unanswered calls so far, the last call, when to call again, whose call it is, and who is on it since when."""

    state: str
    tries: int
    last: Fact | None
    again_at: Instant | None
    number: Number | None
    caller: bytes | None
    on_it: tuple[bytes, Instant] | None


def numbers(
    own: str | None, code_of: Iterable[tuple[bytes, str | None]], household: Iterable[tuple[bytes, str | None]], person: bytes
) -> list[Number]:
    """The telephones of a person, the nearest first: their own, that of the code they were swabbed under, those of the household; each once.

    What nobody can dial (a filler, a number that a spreadsheet spoilt) is none of them.
    """  # fmt: skip
    said = [(person, "own", own), *((p, "code_of", n) for p, n in code_of), *((p, "household", n) for p, n in household)]
    found: dict[str, Number] = {}
    for of, whose, text in said:
        if phone := dialled(text):
            found.setdefault(phone, Number(phone, whose, of))
    return list(found.values())


def whose_call(made: Iterable[Fact], assigned: Iterable[Fact], now: Instant) -> bytes | None:
    """Whose call a person is at ``now``: of whoever got it last, until the person was talked to. Both are of that person in one incident."""
    last = max((f for f in assigned if f.at <= now), key=order, default=None)
    if last is None or any(last.at <= f.at <= now and f.body.outcome in _TALKED for f in made):
        return None
    caller: bytes | None = last.body.caller
    return caller


def begun_by(made: Collection[Fact], assigned: Iterable[Fact], now: Instant) -> frozenset[bytes]:
    """Who has begun a call to a person and not yet said what theirs met, however long ago: what they typed stays in their sight."""
    begun = ((f.body.caller, f.at) for f in assigned if f.body.begun and f.body.caller is not None and f.at <= now)
    return frozenset(who for who, at in begun if not any(at <= f.at <= now and f.body.caller == who for f in made))


def stand(
    made: Collection[Fact], assigned: Collection[Fact], have: Sequence[Number], since: Instant, now: Instant, calling: Calling, *,
    found: bool = False, on_it: tuple[bytes, Instant] | None = None,
) -> Stand:  # fmt: skip
    """How one person stands at ``now``. ``made`` and ``assigned`` are that person's in one incident, ``since`` is when they came to its desk;
    calls before it are told elsewhere and do not count here. ``found``: what the desk is for was done without it, at the door. ``on_it``:
    who is on the phone with them, in whatever incident."""
    calls = sorted((f for f in made if since <= f.at <= now), key=order)
    whose = whose_call(made, assigned, now)
    last = calls[-1] if calls else None
    talked = next((f for f in reversed(calls) if f.body.outcome in _TALKED), None)
    tries = sum(f.body.outcome == "no_answer" for f in calls)
    # A fact of before the number was written down says only whose it was.
    wrong = {(dialled(f.body.phone) or f.body.phone) if f.body.phone else f.body.whose for f in calls if f.body.outcome == "wrong_number"}
    left = [n for n in have if n.phone not in wrong and n.whose not in wrong]
    number = left[0] if left else None
    again = None
    if talked is not None:
        state, last = "reached", talked
    elif found:
        state = "found"
    elif last is not None and last.body.outcome == "refused":
        state = "refused"
    elif tries >= NO_ANSWERS:
        state = "door"
    elif number is None:
        state = "wrong"
    elif last is not None and last.body.outcome == "no_answer":
        state, again = "again", Instant(last.at + calling.retry.micros)
    else:
        state = "open"
    return Stand(state, tries, last, again, number, whose, on_it)


def on_the_phone(made: Iterable[Fact], assigned: Iterable[Fact], now: Instant, calling: Calling) -> tuple[bytes, Instant] | None:
    """Who has begun a call to a person and not yet said what it met, and since when; None once that takes longer than calls do."""
    begun = max((f for f in assigned if f.body.begun and f.at <= now), key=order, default=None)
    if begun is None or begun.body.caller is None or now >= begun.at + calling.on_it.micros:
        return None
    if any(begun.at <= f.at <= now for f in made):
        return None
    return begun.body.caller, begun.at


# --- dealing ------------------------------------------------------------------------------------------------------------
class Dealt(NamedTuple):
    """A number to be dealt: what it is told apart by, whose it is now, and whether that one is on the phone with it."""

    key: str
    caller: bytes | None
    held: bool


def deal(items: Iterable[Dealt], callers: Collection[bytes], able: Callable[[bytes, str], bool]) -> Mapping[str, bytes]:
    """Whose each number should be: nobody's call is taken away where that is not needed to be even, and what belongs to a caller who left is
    dealt anew. ``able``: whether a caller may phone that number (their areas). A number that nobody may phone stays nobody's.

    The same numbers and callers give the same answer in whatever order they come; where everyone may phone everything and nobody is on
    the phone, two callers differ by at most one.
    """
    hands: dict[bytes, list[Dealt]] = {c: [] for c in sorted(callers)}
    loose = []
    for item in sorted(set(items)):
        if item.caller in hands and (item.held or able(item.caller, item.key)):
            hands[item.caller].append(item)
        else:
            loose.append(item)
    for item in loose:
        if to := [c for c in hands if able(c, item.key)]:
            hands[min(to, key=lambda c: (len(hands[c]), c))].append(item)
    while _evened(hands, able):
        pass
    return {item.key: caller for caller, hand in hands.items() for item in hand}


def _evened(hands: dict[bytes, list[Dealt]], able: Callable[[bytes, str], bool]) -> bool:
    """Moves one number from a fuller hand to an emptier one where they differ by more than one; whether there was one to move."""
    fullest = sorted(hands, key=lambda c: (-len(hands[c]), c))
    for giver in fullest:
        for taker in reversed(fullest):
            if len(hands[giver]) - len(hands[taker]) < 2:
                break
            given = next((i for i in reversed(hands[giver]) if not i.held and able(taker, i.key)), None)
            if given is not None:
                hands[giver].remove(given)
                hands[taker].append(given)
                return True
    return False
