"""Who answers for a person, household, place or area, read for a viewer at their moment; and what is being handed over. Enters nothing."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from bulou.basis.ids import from_text, new_id, subject_of
from bulou.basis.time import Instant
from bulou.basis.words import ANSWERING, ANSWERS, PARTY, TRANSFER, Word
from bulou.evidence.timeline import standing_facts
from bulou.gaps.answer import LADDER
from bulou.gaps.responsibility import Authority, Charge, Responsible, Seat, authority, ladder_seats, responsible
from bulou.kit.doing import link
from bulou.kit.looking import Looking
from bulou.kit.people import family
from bulou.kit.verb import VERBS
from bulou.protocol.relations import segments
from bulou.register.models import Household, Place, Stay
from bulou.register.scope import standing

HOUSEHOLD = Word("住户", "the household")
_BADGE = {"held": "done", "standing_in": "done", "off_duty": "pending", "vacant": "blocked", "unnamed": "overdue"}
_TRANSFER_BADGE = {"offered": "pending", "accepted": "done", "declined": "blocked", "lapsed": "ended"}
Places = list[tuple[Instant, str | None]]


class Subject(NamedTuple):
    """Whom or what is asked about: its type, its id (a code for areas), all its ids as text, and where it lies from when on."""

    type: str
    id: bytes | str
    texts: tuple[str, ...]
    places: Places
    household: bytes | None


def subject(look: Looking, type_: str, text: str) -> Subject | None:
    """A subject by its type and its id as text; None where there is no such thing at this moment."""
    if type_ == "area":
        return Subject("area", text, (text,), [(Instant(0), text)], None) if text in look.areas.places else None
    try:
        id_ = from_text(text)
    except ValueError:
        return None
    if type_ == "person":
        one, ids = family(id_, look)
        places: Places = [(here.span.start, here.area) for here in segments(look.facts(), "person", one)]
        now = standing(Stay, look.seq).filter(person=one, here_from__lte=look.about, here_until__gt=look.about).first()
        known = any(area for _, area in places)
        return Subject("person", one, tuple(i.hex() for i in ids), places, now.household if now else None) if known else None
    if type_ == "household":
        home = standing(Household, look.seq).filter(household=id_).first()
        return Subject("household", id_, (id_.hex(),), [(Instant(0), home.area)], id_) if home else None
    if type_ == "place":
        place = standing(Place, look.seq).filter(place=id_).first()
        return Subject("place", id_, (id_.hex(),), [(Instant(0), place.area)], None) if place else None
    return None


def may_see(look: Looking, of: Subject) -> bool:
    """Whether a viewer may ask: the subject lies or is answered for in their areas, or is being handed to them."""
    if look.scope.codes is None:
        return True
    here = authority(of.places, look.charges.about(of.texts, "territory", Instant(look.about)), Instant(look.about))
    given = {here.area, here.lies, here.transfer.to_area if here.transfer else None} - {None}
    mine = {c.post for c in look.viewer.chairs}
    return any(look.scope.holds(area) for area in given) or any(c.to_post in mine for t in of.texts for c in look.charges.of.get(t, ()))


def work_places(look: Looking, ids: Collection[bytes]) -> list[bytes]:
    """Where a person works at the hour: recorded, not ended since, and within its own end."""
    began = standing_facts("work.recorded", look.seq, look.about).filter(person__in=ids)
    began = began.filter(Q(until=None) | Q(until__gt=look.about)).values_list("place", "at")
    ended = list(standing_facts("work.ended", look.seq, look.about).filter(person__in=ids).values_list("place", "at"))
    return sorted({bytes(p) for p, at in began if not any(bytes(e) == bytes(p) and when >= at for e, when in ended)})


def head_of(look: Looking, household: bytes) -> bytes | None:
    """Who answers for a household at the hour."""
    found = standing_facts("household.headed", look.seq, look.about).filter(household=household).order_by("-at", "-id")
    person = found.values_list("person", flat=True).first()
    return bytes(person) if person else None


def answering(look: Looking, of: Subject) -> Responsible:
    """Everyone who answers for a subject at the viewer's moment."""
    at = Instant(look.about)
    person = of.id if of.type == "person" and isinstance(of.id, bytes) else None
    if of.type == "area":
        area = str(of.id)
        return Responsible(tuple(ladder_seats(look.posts, look.areas.upward(area), at)), Authority(area, area, None), ())
    works = work_places(look, [i for t in of.texts if isinstance(i := subject_of(t), bytes)]) if person else []
    return responsible(
        look.posts, look.charges, at, subjects=of.texts, places=of.places, upward=look.areas.upward,
        head=head_of(look, of.household) if of.household else None, household=of.household is not None, person=person,
        workplaces=[w.hex() for w in works],
    )  # fmt: skip


# --- as pages show it -----------------------------------------------------------------------------------------------------
def shown_seats(seats: Iterable[Seat], look: Looking) -> list[dict[str, Any]]:
    """Seats with what a reader needs: level, unit, post, name as the viewer may see it, and how it stands."""
    told = list(seats)
    look.learn_names(s.holder for s in told if s.holder)
    return [
        {
            "party": look.pick(PARTY, s.party),
            "level": look.say(HOUSEHOLD) if s.level == "household" else look.pick(ANSWERS if s.level in LADDER else PARTY, s.level),
            "unit": _of(s, look, "unit"), "post": _of(s, look, "name"), "phone": s.chair.phone or "" if s.chair else "",
            "area": s.chair.area if s.chair else None,
            "name": look.name(s.holder) if s.holder else "", "state": "" if s.chair is None and s.holder else look.pick(ANSWERING, s.state), "badge": _BADGE[s.state],
        }
        for s in told
    ]  # fmt: skip


def _of(seat: Seat, look: Looking, field: str) -> str:
    if seat.chair is None:
        return ""
    return str(getattr(seat.chair, f"{field}_en" if look.language == "en" else field))


def shown_charges(charges: Iterable[Charge], look: Looking, after: str) -> list[dict[str, Any]]:
    """Handings over with how they stand, and where this viewer may accept or decline."""
    found = []
    for c in charges:
        state = c.state(Instant(look.about))
        if state is None:
            continue
        mine = state == "offered" and takes(look, c)
        found.append({
            "party": look.pick(PARTY, c.party), "to": look.area(c.to_area) if c.to_area else post_name(look, c.to_post),
            "by": post_name(look, c.by), "offered_at": c.offered_at, "state": look.pick(TRANSFER, state), "badge": _TRANSFER_BADGE[state],
            "reason": c.reason, "said": c.said if state == "declined" else "",
            "accept": link(VERBS["accept_charge"], look, {"charge": c.id}, after) if mine else None,
            "decline": link(VERBS["decline_charge"], look, {"charge": c.id}, after) if mine else None,
        })  # fmt: skip
    return found


def takes(look: Looking, charge: Charge) -> bool:
    """Whether the viewer holds the chair, or one that reaches the area, to which something is handed over."""
    for chair in look.viewer.chairs:
        if charge.to_post is not None and chair.post == charge.to_post:
            return True
        if charge.to_area is not None and (chair.reach is None or charge.to_area in chair.reach):
            return True
    return False


def post_name(look: Looking, post: str | None) -> str:
    """A post as it is called at the hour."""
    chair = look.posts.chair(post, Instant(look.about)) if post else None
    return post or "" if chair is None else chair.name_en if look.language == "en" else chair.name


def offering(look: Looking, of: Subject, after: str) -> str | None:
    """Where this viewer may offer to hand the subject over."""
    if of.type == "area" or not may_see(look, of):
        return None
    text = of.id.hex() if isinstance(of.id, bytes) else of.id
    return link(VERBS["offer_charge"], look, {"subject": text, "charge": new_id(Instant(look.about))}, after)
