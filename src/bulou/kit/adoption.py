"""Whether an edition may carry orders here and now: adopted in the area with the text that is read, and signed. Enters nothing.

Outside a demo or an exercise an order rests only on an edition that a named post adopted and signed (SEMANTICS "Adoption").
"""

from collections.abc import Iterator
from typing import NamedTuple

from bulou.basis.kinds import Fact
from bulou.basis.time import Instant, day_of
from bulou.basis.words import Word
from bulou.duties.reckoning import edition_at
from bulou.kit.centre import drill
from bulou.kit.verb import Acting, Problem
from bulou.protocol.relations import ancestors, order
from bulou.protocol.rules import Edition, Facts, Protocol_

#: What a signature may allow: orders alone, or orders and automatic holds.
ORDER, HOLD = "order", "hold"


class Standing(NamedTuple):
    """How an edition stands in an area: the adoption in force with the text that is read now, and the signature on it."""

    adopted: Fact | None
    signed: Fact | None
    #: An adoption of the same edition stands, but its text has been changed since.
    other_text: bool


def stands(facts: Facts, edition: Edition, area: str, at: Instant) -> Standing:
    """How an edition stands in an area at an hour, by what was adopted and signed for it or for an area above."""
    above = ancestors(facts, area)
    adopted = sorted((f for f in facts.by("edition.adopted", "edition", edition.id) if f.at <= at and f.body.area in above), key=order)
    same = [f for f in adopted if f.body.hash == edition.hash]
    if not same:
        return Standing(None, None, bool(adopted))
    # A signature takes over the rules of the text that had been adopted when it was given, not of a later one.
    signed = [f for f in facts.by("authorisation.signed", "edition", edition.id) if same[0].at <= f.at <= at and f.body.area in above]
    return Standing(same[-1], max(signed, key=order) if signed else None, False)


def may_carry(acting: Acting, edition: str, protocol: Protocol_) -> Iterator[Problem]:
    """Why an order may not rest on an edition in the incident's area at this moment; nothing in a demo or an exercise."""
    facts = acting.book.facts
    known = protocol.editions.get(edition)
    opened = sorted(facts.by("incident.opened", "incident", acting.incident), key=order) if acting.incident else []
    if drill() or not opened or known is None:
        return
    found = stands(facts, known, opened[0].body.area, acting.now)
    if found.other_text:
        yield Problem(
            "edition",
            "该方案的文本在采用后已改动:须重新采用并签署",
            "the text of this edition was changed after it was adopted: adopt and sign it again",
        )
    elif found.adopted is None:
        yield Problem("edition", "该方案尚未被采用,不能据以下令", "this edition has not been adopted; no order may rest on it")
    elif found.signed is None:
        yield Problem(
            "edition", "该方案已采用但尚未签署:请有权岗位逐条确认未核实条款并签署",
            "this edition is adopted but not signed: a named post must sign it, with its unverified rules one by one",
        )  # fmt: skip


def in_force_may_carry(acting: Acting, protocol: Protocol_) -> Iterator[Problem]:
    """Why a zone may not be drawn under the edition in force for its incident: none is, or it was not adopted and signed there.

    A zone names no edition: it rests on the one that is in force when it is drawn. Lifting one asks nothing of the kind.
    """
    edition = edition_at(acting.incident, acting.now, acting.book.facts)
    if edition is not None:
        for problem in may_carry(acting, edition, protocol):
            yield problem._replace(field=None)
    elif not drill():
        yield Problem(
            None, "该事件所在区域没有已采用的方案:须先采用并签署,方可划区",
            "no edition is in force for this incident: a named post must adopt and sign one before a zone is drawn",
        )  # fmt: skip


def expired(edition: Edition, protocol: Protocol_, now: Instant) -> Word | None:
    """Why an edition is out of date: its own last day has passed, or a later one of the same series is valid by now; None if not."""
    today = day_of(now, protocol.zone)
    if edition.valid_until and today > edition.valid_until:
        return Word(f"已于 {edition.valid_until} 失效", f"valid until {edition.valid_until}")
    series = edition.id.rsplit("-", 1)[0]
    later = [
        e
        for e in protocol.editions.values()
        if e.id != edition.id and e.id.rsplit("-", 1)[0] == series and edition.valid_from < e.valid_from <= today
    ]
    if not later:
        return None
    newest = max(later, key=lambda e: e.valid_from)
    return Word(f"{newest.word.zh}已自 {newest.valid_from} 起施行", f"{newest.word.en} has been valid since {newest.valid_from}")
