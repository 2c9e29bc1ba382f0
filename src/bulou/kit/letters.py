"""Letters of assistance as several desks read them: how each stands, and whom another authority has accepted. Reads; decides nothing."""

from collections.abc import Collection

from bulou.evidence.reader import Reader
from bulou.evidence.timeline import standing_facts
from bulou.gaps.letters import Stand, Transfers, stand_in, stand_out, transfers
from bulou.kit.looking import Looking


def out_stands(look: Looking, letters: Collection[bytes], facts: Reader | None = None) -> dict[bytes, Stand]:
    """How letters that were sent stand at the hour asked, in three statements however many they are."""
    facts = facts or look.facts()
    ids = set(letters)
    facts.fetch({("letter.sent", "letter"): set(ids), ("letter.sent", "follows"): set(ids), ("letter.answered", "letter"): set(ids)})
    found = {}
    for id_ in ids:
        sent = [f for f in facts.by("letter.sent", "letter", id_) if f.at <= look.about]
        replaced = any(f.at <= look.about for f in facts.by("letter.sent", "follows", id_))
        if sent:
            found[id_] = stand_out(sent[0], facts.by("letter.answered", "letter", id_), look.about, replaced=replaced)
    return found


def in_stands(look: Looking, letters: Collection[bytes], facts: Reader | None = None) -> dict[bytes, Stand]:
    """How letters that came in stand at the hour asked, in one statement however many they are."""
    facts = facts or look.facts()
    facts.fetch({("letter.decided", "letter"): set(letters)})
    return {id_: stand_in(facts.by("letter.decided", "letter", id_), look.about) for id_ in letters}


def transferred(look: Looking, people: Collection[bytes] | None = None, incidents: Collection[bytes] | None = None) -> Transfers:
    """Of everyone of whom a letter was sent (of these people; in these incidents): in transfer, accepted elsewhere, or given back. By the ids
    under which the letters were entered."""
    rows = standing_facts("letter.sent", look.seq, look.about)
    rows = rows if people is None else rows.filter(person__in=list(people))
    rows = rows if incidents is None else rows.filter(in_incident__in=list(incidents))
    of = {bytes(letter): bytes(person) for letter, person in rows.order_by("at", "id").values_list("letter", "person")}
    if not of:
        return transfers({})
    stands: dict[bytes, list[Stand]] = {}
    found = out_stands(look, of)
    for letter, person in of.items():  # in the order in which they were sent
        if letter in found:
            stands.setdefault(person, []).append(found[letter])
    return transfers(stands)
