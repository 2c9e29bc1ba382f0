"""What a viewer may see: the areas of their posts. Every read of the project goes through here; permission is judged now.

Data may be looked at as of any past moment; who may look is always decided by the posts and roles of this moment.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from bulou.evidence.models import CONTENT
from bulou.evidence.models.versions import Version
from bulou.register.models import Area, Crossing, Holding, Person, Post, Seat, Shift, User
from bulou.register.roles import Role, masked, roles


class Chair(NamedTuple):
    """A post that a viewer holds at this moment, with the areas that it reaches (None: all of the centre)."""

    post: str
    area: str
    role: Role
    name: str
    name_en: str
    unit: str
    unit_en: str
    acting: bool
    reach: frozenset[str] | None
    #: Of a seat on a shift: its end, and the place that it is for.
    until: int | None = None
    place: bytes | None = None


class Scope(NamedTuple):
    """The areas that a viewer sees: ``codes`` None means all of the centre; an empty set sees nothing."""

    codes: frozenset[str] | None

    def q(self, field: str = "area") -> Q:
        """The condition that keeps rows within the scope."""
        if self.codes is None:
            return Q()
        return Q(**{f"{field}__in": self.codes}) if self.codes else Q(pk__in=[])

    def holds(self, area: str | None) -> bool:
        return self.codes is None or (area is not None and area in self.codes)


class Viewer(NamedTuple):
    """Who looks or acts: their chairs of this moment, what these let them do, see unmasked, and where."""

    user: User | None
    chairs: tuple[Chair, ...]
    scope: Scope
    verbs: frozenset[str]
    unmasked: frozenset[str]
    #: What the phone of someone on a shift says of itself; None for whoever signed in by an account.
    device: str | None = None

    @property
    def account(self) -> str:
        """The name of the account that looks or acts, as records keep it; empty for nobody."""
        return self.user.get_username() if self.user else ""

    def may(self, verb: str, area: str | None = None) -> bool:
        """Whether a chair of theirs has the verb, and reaches the area when one is asked for."""
        return any(verb in c.role.verbs and (area is None or c.reach is None or area in c.reach) for c in self.chairs)

    def sees(self, desk: str) -> bool:
        """Whether a role of theirs opens the pages of a desk; what belongs to no desk is open to all who sign in."""
        return desk in ("shell", "kit") or any(desk in c.role.sees for c in self.chairs)

    def chair_for(self, verb: str, area: str | None = None) -> Chair | None:
        """The chair in whose name they may do this."""
        able = (c for c in self.chairs if verb in c.role.verbs and (area is None or c.reach is None or area in c.reach))
        return next(able, None)

    def show(self, manner: str | None, value: str | None) -> str:
        """A field as this viewer sees it."""
        if manner is None or manner in self.unmasked:
            return value or ""
        return masked(manner, value)

    @property
    def chair(self) -> Chair | None:
        """The chair in whose name they act."""
        return self.chairs[0] if self.chairs else None


NOBODY = Viewer(None, (), Scope(frozenset()), frozenset(), frozenset())


def asof(queryset: QuerySet[Any], seq: int) -> QuerySet[Any]:
    """Rows of a table of versions as they stood at an entry."""
    return queryset.filter(opened_seq__lte=seq, void_seq__gt=seq)


def standing(model: type[Version], seq: int) -> QuerySet[Any]:
    """The rows of a versioned model as of an entry."""
    return asof(model._default_manager.all(), seq)


def versions(model: type[Version], seq: int) -> QuerySet[Any]:
    """Every row that a versioned model had by an entry, also what was replaced since: for how something came to be as it is."""
    return model._default_manager.filter(opened_seq__lte=seq)


def subtree(area: str, seq: int, at: int) -> frozenset[str]:
    """An area with all below it, and what a functional area covers at an hour, as of an entry."""
    laid = standing(Crossing, seq).filter(functional=area, here_from__lte=at, here_until__gt=at)
    tops = [area, *laid.values_list("member", flat=True)]
    below = Q(pk__in=[])
    for top in tops:
        below |= Q(lineage__contains=f"/{top}/")
    return frozenset(standing(Area, seq).filter(below).values_list("code", flat=True)) | {area}


def root(seq: int) -> str | None:
    """The area of the centre: the first founding that stood as of an entry."""
    founded = CONTENT["centre.founded"]._default_manager.filter(entry__lte=seq)
    withdrawn = CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq).values("target")
    return founded.exclude(id__in=withdrawn).order_by("at", "id").values_list("area", flat=True).first()


def viewer(user: User | None, now: int, seq: int) -> Viewer:
    """Who a user is at this moment: the chairs they hold, and what follows from them."""
    if user is None or not user.is_authenticated or not user.is_active or user.holder is None:
        return NOBODY._replace(user=user if user and user.is_authenticated else None)
    held = {
        h.post: h.acting for h in standing(Holding, seq).filter(holder=user.holder, here_from__lte=now, here_until__gt=now).order_by("post")
    }
    top = root(seq)
    chairs = tuple(
        Chair(
            p.post,
            p.area,
            roles()[p.role],
            p.name,
            p.name_en,
            p.unit,
            p.unit_en,
            held[p.post],
            None if p.area == top else subtree(p.area, seq, now),
        )
        for p in standing(Post, seq).filter(post__in=held).order_by("post")
        if p.role in roles()
    )
    if any(c.role.code == "administrator" for c in chairs) and _audits(user.holder, now, seq):
        # whatever the facts say, and under whichever of their records: an auditor never administers
        chairs = tuple(c for c in chairs if c.role.code != "administrator")
    return _sitting(user, chairs)


def _audits(holder: bytes, now: int, seq: int) -> bool:
    """Whether a person sits on an auditor's chair, by any record that is known to be theirs."""
    one = standing(Person, seq).filter(person=holder).values("canonical")
    records = standing(Person, seq).filter(canonical__in=one).values("person")
    theirs = Q(holder=holder) | Q(holder__in=records) | Q(holder__in=one)
    held = standing(Holding, seq).filter(theirs, here_from__lte=now, here_until__gt=now).values("post")
    return standing(Post, seq).filter(post__in=held, role="auditor").exists()


def _sitting(user: User, chairs: tuple[Chair, ...], device: str | None = None) -> Viewer:
    """A viewer with what follows from their chairs: the same for an account and for a seat on a shift."""
    return Viewer(
        user, chairs, within(chairs), frozenset().union(*(c.role.verbs for c in chairs)),
        frozenset().union(*(c.role.unmasked for c in chairs)), device,
    )  # fmt: skip


def on_chairs(user: User, chairs: Iterable[Chair]) -> Viewer:
    """A user on some of their chairs alone: what they do and see follows from these."""
    return _sitting(user, tuple(chairs))


def by_token(eyes: Viewer, verbs: frozenset[str], device: str) -> Viewer:
    """The same viewer through a token: they see what they see, and do only what the token was made for."""
    if eyes.user is None:
        return eyes
    return _sitting(eyes.user, tuple(c._replace(role=c.role._replace(verbs=c.role.verbs & verbs)) for c in eyes.chairs), device)


def shift_chair(shift: Any, now: int, seq: int) -> Chair:
    """The chair that a shift gives whoever joins it: never all of the centre, however wide its area."""
    short = f"shift.{bytes(shift.shift).hex()[-8:]}"
    role = roles()[shift.role]
    return Chair(
        short, shift.area, role, role.word.zh, role.word.en, shift.name, shift.name, False, subtree(shift.area, seq, now), shift.ends,
        bytes(shift.place) if shift.place else None,
    )  # fmt: skip


def on_shift(person: bytes, device: str, now: int, seq: int) -> Viewer:
    """Who someone on a shift is at this moment: nobody before and after it, on another device, or once sent off."""
    seats = standing(Seat, seq).filter(person=person, device=device, here_from__lte=now, here_until__gt=now).values("shift")
    shift = standing(Shift, seq).filter(shift__in=seats, starts__lte=now, ends__gt=now).order_by("-starts").first()
    if shift is None or shift.role not in roles():
        return NOBODY
    named = standing(Person, seq).filter(person=person).values_list("name", flat=True).first() or ""
    # No account: a user that is never stored, so that everything asks who looks in the same way.
    user = User(username=f"p-{person.hex()[-8:]}", first_name=named, holder=person, is_active=True)
    return _sitting(user, (shift_chair(shift, now, seq),), device)


def within(chairs: Iterable[Chair]) -> Scope:
    """The areas that these chairs answer for, taken together."""
    codes: set[str] = set()
    for chair in chairs:
        if chair.reach is None:
            return Scope(None)
        codes |= chair.reach
    return Scope(frozenset(codes))
