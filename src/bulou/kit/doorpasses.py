"""Signs passes for doors and says which were withdrawn. Signs only for whoever may pass now, and only until something could change that.

A pass that was signed before an order was made stays good without a network until its end: so it is short, and every phone that has a
network fetches the numbers of those that no longer hold. They are worked out from facts when they are asked for; nobody keeps such a list.
"""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from bulou.basis.options import said
from bulou.basis.time import HOUR, MINUTE, Instant
from bulou.evidence.models import Envelope
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import entered_facts
from bulou.gaps.passing import doors_under, passes_until
from bulou.kit.centre import centre
from bulou.kit.looking import Moment, moment_now
from bulou.kit.signing import EVERY, LONGEST, Key, Keys, Pass, check_of, new_number, text_of
from bulou.register import ownpages
from bulou.register.models import DoorPass

#: Kinds of facts after which every pass is asked again: what closes doors, or joins two records of a person. A pass that rests on a result
#: read since, or on where someone stayed, runs out by itself.
STIRS = ("order.made", "zone.drawn", "zone.extended", "edition.adopted", "person.identified")


class Signed(NamedTuple):
    """A pass as it is shown: the text of its code, what it says, and what its owner is asked at the door."""

    text: str
    told: Pass


def keys() -> Keys:
    return Keys(Path(settings.BULOU_HOME))


def hours() -> int:
    """For how long a pass is signed at most, in microseconds: ``BULOU_PASS_HOURS``, never more than a day."""
    try:
        return min(max(int(said("BULOU_PASS_HOURS")), 1) * HOUR, LONGEST)
    except ValueError:
        return 12 * HOUR


def zoned(seq: int, about: Instant) -> list[str]:
    """The areas over which any zone was drawn."""
    return sorted(set(entered_facts("zone.extended", seq, about).values_list("area", flat=True)))


def good_until(person: bytes, area: str, nature: str, moment: Moment, facts: Reader | None = None) -> Instant | None:
    """Until when a pass for these doors could be signed now; None where one of them answers no, or there is no minute left."""
    facts, protocol = facts or Reader(connection, moment.seq), centre().protocol
    doors = doors_under(facts, protocol, area, nature == EVERY, nature, zoned(moment.seq, moment.about), moment.about)
    return passes_until(facts, protocol, person, doors, moment.about, hours())


def sign(person: bytes, area: str, nature: str, word: str) -> Signed | None:
    """A pass for the doors of an area (of one kind, or ``EVERY``), as facts stand at this moment; None where there is none to sign.

    ``word`` is what its owner is asked at the door: the last four characters of a document, or four digits.
    """
    now = centre().clock.now()
    moment = moment_now(now)
    ends = good_until(person, area, nature, moment)
    if ends is None or ends < now + 2 * MINUTE:
        return None
    number = new_number()
    told = Pass(number, now, ends, area, nature, check_of(number, word))
    text = text_of(told, keys().signing(now))
    ownpages.keep_pass(number, person, area, nature, now, ends, moment.seq)
    return Signed(text, told)


def public(now: Instant) -> list[Key]:
    return keys().public(now)


#: Passes that were asked again after an entry, and whether they still held then: a phone that fetches costs nothing while nothing closes.
_asked: dict[tuple[str, int], bool] = {}


def withdrawn(moment: Moment) -> list[str]:
    """The numbers of passes that no longer hold and whose end is still to come: withdrawn, or the doors now answer otherwise."""
    stirred = Envelope.objects.filter(kind__in=STIRS, entry__lte=moment.seq).order_by("-entry").values_list("entry", flat=True).first() or 0
    return [
        r.number
        for r in ownpages.live_passes(moment.about)
        if r.withdrawn_at is not None or (r.entry < stirred and _fails(r, stirred, moment))
    ]


def _fails(row: DoorPass, stirred: int, moment: Moment) -> bool:
    key = (row.number, stirred)
    if key not in _asked:
        if len(_asked) > 50_000:
            _asked.clear()
        _asked[key] = good_until(bytes(row.person), row.area, row.nature, moment) is None
    return _asked[key]
