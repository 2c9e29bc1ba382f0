"""Which incident a viewer works in: the one they chose, else the latest outbreak that is open at their moment."""

from typing import NamedTuple

from django.http import HttpRequest

from bulou.basis.ids import from_text
from bulou.duties.reckoning import edition_at
from bulou.evidence.models import Incident
from bulou.kit.looking import Looking
from bulou.protocol.rules import Edition
from bulou.register.scope import standing

COOKIE = "bulou_incident"


class Named(NamedTuple):
    """An incident as pages name it."""

    id: bytes
    name: str
    name_en: str
    disease: str
    area: str
    nature: str
    opened_at: int
    closed_at: int


def incidents(look: Looking) -> list[Named]:
    """Every incident known at the moment, the open ones and the latest first."""
    rows = standing(Incident, look.seq).filter(opened_at__lte=look.about)
    found = [
        Named(r.incident, r.name, r.name_en, r.disease, r.area, r.nature, r.opened_at, r.closed_at)
        for r in rows
        if r.incident == r.canonical
    ]
    return sorted(found, key=lambda c: (c.closed_at <= look.about, c.nature in ("watch", "history"), c.nature == "history", -c.opened_at))


def current(request: HttpRequest, look: Looking) -> Named | None:
    """The incident of the cookie when it is one of these, else the first of them."""
    known = incidents(look)
    try:
        chosen = from_text(request.COOKIES.get(COOKIE, ""))
    except ValueError:
        chosen = b""
    return next((c for c in known if c.id == chosen), known[0] if known else None)


def members(look: Looking, incident: bytes) -> list[bytes]:
    """Every incident that is this one: what was joined to it counts under it."""
    return list(standing(Incident, look.seq).filter(canonical=incident).values_list("incident", flat=True)) or [incident]


def edition_of(look: Looking, incident: Named | None) -> Edition | None:
    """The edition in force for an incident at the hour asked, or None where none was adopted for it."""
    if incident is None:
        return None
    return look.protocol.editions.get(edition_at(incident.id, look.about, look.facts()) or "")
