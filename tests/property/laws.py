"""The laws of the engine as one function: plays a history on an engine and says which law breaks first, if any."""

from __future__ import annotations

import os

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.duties.memory import Memory

#: More histories are asked for, as ``.ci/run`` does: in a tenth of them everything is reckoned again for every entry.
WHOLE = bool(os.environ.get("BULOU_HISTORIES"))


def broken_law(engine: Memory, entries: list[tuple[list[Fact], Instant]], *, every_entry: bool = True, whole: bool = WHOLE) -> str | None:
    """The first broken law and where, or None.

    Whole set: after every fact, what the engine keeps equals what is reckoned from the set of facts. One id, one content: the
    same id with other content changes nothing and is kept aside. As of every entry: at the end, what each entry's rows tell
    equals what was reckoned then, and what is reckoned again from the facts of the entries up to it (not ``whole``: for one of them).
    """
    told: list[frozenset[object]] = []
    for facts, known in entries:
        engine.enter(facts, known)
        have, want = engine.duties(), engine.reckoned()
        if have != want:
            return (
                f"whole set: after entry {len(engine.known)}\nmissing {sorted(want - have, key=str)}\nunduly {sorted(have - want, key=str)}"
            )
        told.append(frozenset(have))
    before = (engine.duties(), dict(engine.ledger.facts))
    forged = next((f for f in engine.ledger.facts.values() if f.kind == "sample.taken"), None)
    if forged is not None:
        engine.enter([forged._replace(body=forged.body._replace(tube="T9"), entry=0)], engine.known[-1])
        if engine.ledger.facts != before[1] or not engine.aside:
            return "one id, one content: the same id with other content was taken in"
    if every_entry:
        again = range(1, len(told) + 1) if whole else ((len(told) + 1) // 2,)
        for seq, want in enumerate(told, start=1):
            have = engine.duties(seq)
            if have != want or (seq in again and engine.reckoned(seq) != want):
                return f"as of every entry: entry {seq}\nmissing {sorted(want - have, key=str)}\nunduly {sorted(have - want, key=str)}"
    return None
