"""People as pages need them everywhere: the id that stands for them, finding them, where they stay, what may be said of tests."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from bulou.basis.words import LISTS
from bulou.evidence.timeline import standing_facts
from bulou.gaps.pools import status
from bulou.kit.looking import Looking
from bulou.kit.sheet import area_options
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

#: How many a search offers.
MOST = 20
_BADGE = {"none": "not_owed", "sampled": "pending", "pool_open": "unresolved", "positive": "positive", "negative": "negative"}


class Found(NamedTuple):
    """Someone whom a search found: where they stay, and the end of their phone to tell namesakes apart."""

    person: bytes
    area: str | None
    tail: str


def family(person: bytes, look: Looking) -> tuple[bytes, list[bytes]]:
    """The id that stands for a person, and every id that is theirs."""
    row = standing(Person, look.seq).filter(person=person).values_list("canonical", flat=True).first()
    one = bytes(row) if row else person
    records = [bytes(p) for p in standing(Person, look.seq).filter(canonical=one).values_list("person", flat=True)]
    return one, sorted({one, person, *records})


def ones_of(people: Iterable[bytes], look: Looking) -> dict[bytes, bytes]:
    """Of each record the one that stands for its person, in one statement; whoever is on no register stands for themselves."""
    wanted = set(people)
    found = {bytes(p): bytes(c) for p, c in standing(Person, look.seq).filter(person__in=wanted).values_list("person", "canonical")}
    return {p: found.get(p, p) for p in wanted}


def here(look: Looking) -> Any:
    """Where people of the viewer's areas stay at the hour asked."""
    return standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)


def area_of(person: bytes, look: Looking) -> str | None:
    """Where a person stays at the hour asked."""
    now = standing(Stay, look.seq).filter(person=person, here_from__lte=look.about, here_until__gt=look.about)
    return now.values_list("area", flat=True).first()


class Offered(list[Found]):
    """People to choose from; ``more``: there are others whom the words asked for fit as well."""

    more = False


def find(look: Looking, text: str) -> Offered:
    """People of the viewer's areas by the beginning of a name, or the end of a phone or document: ``MOST``, and whether there are more."""
    text = text.strip()
    if not text:
        return Offered()
    words = Q(name__startswith=text)
    if len(text) >= 4:
        words |= Q(phone__endswith=text) | Q(document__endswith=text.upper())
        # All documents of a person find them: the passport recorded later as well as the card they were enrolled with.
        words |= Q(
            person__in=standing_facts("document.recorded", look.seq, look.about).filter(document__endswith=text.upper()).values("person")
        )
    known = standing(Person, look.seq).filter(words).values("canonical")
    rows = list(here(look).filter(person__in=known).order_by("area", "person").values_list("person", "area")[: MOST + 1])
    rows, more = rows[:MOST], len(rows) > MOST
    phones = dict(standing(Person, look.seq).filter(person__in=[p for p, _ in rows]).values_list("person", "phone"))
    look.learn_names(bytes(p) for p, _ in rows)
    offered = Offered(Found(bytes(p), area, (phones.get(p) or "")[-4:]) for p, area in rows)
    offered.more = more
    return offered


def known(look: Looking, person: bytes) -> list[Found]:
    """The one person whom a link names, as a search would find them; nobody outside the viewer's areas."""
    one, _ids = family(person, look)
    area = area_of(one, look)
    if not look.scope.holds(area):
        return []
    phone = standing(Person, look.seq).filter(person=one).values_list("phone", flat=True).first()
    look.learn_names([one])
    return [Found(one, area, (phone or "")[-4:])]


def tested(person: bytes, look: Looking) -> dict[str, str]:
    """What may be said of a person's tests, with the badge: never negative while a pool of theirs is open."""
    code = status(look.facts(), look.protocol, look.zone, person, look.about)
    return {"code": _BADGE[code], "word": look.pick(LISTS["test"], code)}


def unit_options(look: Looking) -> list[tuple[str, str]]:
    """Streets, villages and the local units below them, within the viewer's areas, as choices of a form."""
    book, found = look.areas, []
    for code, name in area_options(look):
        found.append((code, name))
        if code in book.places and book.places[code].level == "village":
            found += [(b, "　　" + book.name(b, look.language)) for b in sorted(book.subtree(code) - {code})]
    return found
