"""Which subjects another area answers for than the one they lie in, and whose list their duties are on then. Reads charges, stores nothing.

Read by area and time like every answer: a handing over known late is true for the hour it speaks of (FIELD E12, E15).
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q, QuerySet

from bulou.basis.ids import subject_of
from bulou.basis.time import Instant
from bulou.duties.models import Duty
from bulou.evidence.sql import in_parts
from bulou.gaps.answer import LADDER
from bulou.gaps.coverage import RuleBook, rows
from bulou.gaps.responsibility import Charge, authority
from bulou.kit.looking import Looking
from bulou.register.models import Household, Person, Place, Stay
from bulou.register.scope import Scope, standing

#: Subjects asked for in one statement.
PART = 400
#: The condition of areas is put by ``on_lists_of``.
EVERYWHERE = Scope(None)


class Handed(NamedTuple):
    """Someone or something that ``area`` answers for at the hour, though it lies in ``lies``."""

    area: str
    lies: str | None


def handed(look: Looking) -> dict[bytes, Handed]:
    """Every person, household and place that another area than their own answers for, by the id that stands for them.

    Three statements, whatever was handed over; none where nothing ever was.
    """
    told: dict[bytes, list[Charge]] = {}
    for text, charges in look.charges.of.items():
        subject = subject_of(text)
        mine = [c for c in charges if c.party == "territory" and c.offered_at <= look.about]
        if mine and isinstance(subject, bytes):
            told.setdefault(subject, []).extend(mine)
    if not told:
        return {}
    places: dict[bytes, list[tuple[Instant, str | None]]] = {}
    one: dict[bytes, bytes] = {}
    for part in in_parts(sorted(told), PART):
        one |= {bytes(p): bytes(c) for p, c in standing(Person, look.seq).filter(person__in=part).values_list("person", "canonical")}
        for model, field in ((Household, "household"), (Place, "place")):
            for id_, area in standing(model, look.seq).filter(**{f"{field}__in": part}).values_list(field, "area"):
                places[bytes(id_)] = [(Instant(0), area)]
    for part in in_parts(sorted(set(one.values())), PART):
        for person, since, area in (
            standing(Stay, look.seq).filter(person__in=part).order_by("here_from").values_list("person", "here_from", "area")
        ):
            places.setdefault(bytes(person), []).append((Instant(since), area))
    merged: dict[bytes, list[Charge]] = {}
    for subject, charges in told.items():
        merged.setdefault(one.get(subject, subject), []).extend(charges)
    found = {}
    for subject, charges in sorted(merged.items()):
        here = authority(places.get(subject, []), sorted(charges, key=lambda c: (c.offered_at, c.id)), Instant(look.about))
        if here.area is not None and here.area != here.lies:
            found[subject] = Handed(here.area, here.lies)
    return found


def territorial(book: RuleBook) -> list[int]:
    """The rules that a territory answers for: what is handed over takes these along, and no work of a laboratory or a hospital."""
    return sorted(n for n, rule in book.rules.items() if rule.answers in LADDER)


def on_lists_of(look: Looking, codes: Collection[str] | None, book: RuleBook | None = None) -> Q:
    """The duties that are on the lists of some areas (None: of the whole centre): those that lie there, but for what was handed over.

    What others accepted is on their list and on no other's; what was accepted from elsewhere is here, wherever it lies.
    """
    lies = Q() if codes is None else Q(area__in=codes)
    given = handed(look)
    if codes is None or not given:
        return lies
    rules = territorial(book or RuleBook(look.protocol))
    here = [s for s, h in given.items() if h.area in codes]
    gone = [s for s, h in given.items() if h.area not in codes]
    return (lies & ~Q(subject__in=gone, rule__in=rules)) | Q(subject__in=here, rule__in=rules)


def listed(look: Looking) -> QuerySet[Duty]:
    """Every duty on the viewer's list at the hour asked, as known at the entry asked."""
    return rows(look.seq, look.about, EVERYWHERE).filter(on_lists_of(look, look.scope.codes))


def reached(look: Looking) -> QuerySet[Duty]:
    """Every duty that a viewer may open: those on their list, and those of people who stay in their areas though others answer."""
    own = on_lists_of(look, look.scope.codes)
    return rows(look.seq, look.about, EVERYWHERE).filter(own if look.scope.codes is None else own | Q(area__in=look.scope.codes))
