"""From where and when someone looks: viewer, the hour asked about, the entry as known at. Every page reads through this."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from bulou.basis.days import Days
from bulou.basis.time import Instant, format_local
from bulou.basis.words import Word
from bulou.evidence.models import Entry
from bulou.evidence.reader import Reader
from bulou.evidence.timeline import standing_facts
from bulou.gaps.answer import KINDS_OF_POSTS, Posts
from bulou.gaps.responsibility import KINDS_OF_CHARGES, Charges
from bulou.protocol.rules import Protocol_
from bulou.register.models import Area, Crossing, Person, Stay
from bulou.register.roles import answers_by_role, masked
from bulou.register.scope import Scope, Viewer, root, standing

#: Codes of areas that a statement asks for by name; beyond them everything is counted by area.
MOST_CODES = 2000
#: Of more areas than these all rows are counted and those elsewhere left out: an index in order of areas is walked faster than it is asked.
FEW_CODES = 200


class Moment(NamedTuple):
    """Two hours: what happened until ``about``, as far as it was known at entry ``seq`` (entered at ``known``)."""

    about: Instant
    seq: int
    known: Instant
    live: bool


def moment_now(now: Instant) -> Moment:
    """This moment: everything entered so far."""
    last = Entry.objects.order_by("-seq").values_list("seq", "known").first() or (0, now)
    return Moment(max(now, Instant(last[1])), last[0], Instant(last[1]), live=True)


def moment_at(about: Instant, known: Instant) -> Moment:
    """A past moment: about one hour, as known at another."""
    last = Entry.objects.filter(known__lte=known).order_by("-seq").values_list("seq", "known").first() or (0, known)
    return Moment(about, last[0], known, live=False)


class Place(NamedTuple):
    """An area as the area book has it."""

    code: str
    name: str
    name_en: str | None
    parent: str | None
    level: str
    lineage: tuple[str, ...]
    lon: float | None
    lat: float | None


class Laid(NamedTuple):
    """A functional area laid across an area of the tree, from one hour until another (FOREVER: not lifted)."""

    functional: str
    member: str
    here_from: Instant
    here_until: Instant

    def holds(self, at: int) -> bool:
        return self.here_from <= at < self.here_until


class AreaBook:
    """All areas as of an entry, at hand: names, who lies under whom, what is laid across what."""

    def __init__(self, seq: int) -> None:
        rows = standing(Area, seq).values_list("code", "name", "name_en", "parent", "level", "lineage", "lon", "lat")
        self.places = {r[0]: Place(r[0], r[1], r[2], r[3], r[4], tuple(r[5].strip("/").split("/")), r[6], r[7]) for r in rows}
        self.below: dict[str | None, list[str]] = {}
        for place in sorted(self.places.values()):
            self.below.setdefault(place.parent, []).append(place.code)
        self.root, self._seq = root(seq), seq

    @cached_property
    def laid(self) -> tuple[Laid, ...]:
        """Every functional area with what it was ever laid across: read once, by whoever first narrows or sums by areas."""
        found = standing(Crossing, self._seq).order_by("functional", "member", "here_from")
        return tuple(
            Laid(f, m, Instant(a), Instant(b)) for f, m, a, b in found.values_list("functional", "member", "here_from", "here_until")
        )

    def name(self, code: str | None, language: str) -> str:
        place = self.places.get(code or "")
        if place is None:
            return code or ""
        return place.name_en if language == "en" and place.name_en else place.name

    def path(self, code: str | None, language: str) -> str:
        """An area with what lies above it, below the centre: street, village, group."""
        place = self.places.get(code or "")
        if place is None:
            return code or ""
        inside = place.lineage[place.lineage.index(self.root) + 1 :] if self.root in place.lineage else place.lineage[-2:]
        gap = ", " if language == "en" else ""
        names = [self.name(c, language) for c in inside] or [self.name(code, language)]
        return gap.join(reversed(names) if language == "en" else names)

    def upward(self, code: str | None) -> list[str]:
        """An area and those above it, lowest first."""
        place = self.places.get(code or "")
        return list(reversed(place.lineage)) if place else ([code] if code else [])

    def subtree(self, code: str) -> set[str]:
        found, edge = {code}, [code]
        while edge:
            edge = [b for e in edge for b in self.below.get(e, ()) if b not in found]
            found.update(edge)
        return found

    def inside(self, code: str, at: int) -> set[str]:
        """What lies in an area at an hour: all below it, and for a functional area what it is laid across then, with all below that."""
        found = self.subtree(code)
        for laid in self.laid:
            if laid.functional == code and laid.holds(at):
                found |= self.subtree(laid.member)
        return found

    def around(self, code: str | None, at: int) -> list[str]:
        """The areas in which one lies at an hour: itself, those above it, and the functional areas laid across any of these."""
        upward = self.upward(code)
        if not self.laid:
            return upward
        across = {laid.functional for laid in self.laid if laid.member in upward and laid.holds(at)}
        return [*upward, *sorted(across.difference(upward))]

    def child_of(self, top: str, code: str | None) -> str | None:
        """The area directly under ``top`` in which ``code`` lies; ``top`` itself when it lies there, None when outside."""
        place = self.places.get(code or "")
        if place is None or top not in place.lineage:
            return None
        i = place.lineage.index(top)
        return place.lineage[i + 1] if i + 1 < len(place.lineage) else top


@lru_cache(maxsize=8)
def _area_book(database: str, broad: int, hash_: bytes) -> AreaBook:
    return AreaBook(broad)


@lru_cache(maxsize=8)
def _posts(database: str, broad: int, hash_: bytes, zone: ZoneInfo) -> Posts:
    reader = Reader(connection, broad)
    return Posts([f for kind in KINDS_OF_POSTS for f in reader.standing(kind)], answers_by_role(), zone)


@lru_cache(maxsize=8)
def _charges(database: str, broad: int, hash_: bytes) -> Charges:
    reader = Reader(connection, broad)
    return Charges(f for kind in KINDS_OF_CHARGES for f in reader.standing(kind))


def broad_entry(seq: int) -> tuple[int, bytes]:
    """The last entry up to ``seq`` that brought facts of small kinds: areas and posts are as of it."""
    row = Entry.objects.filter(broad=True, seq__lte=seq).order_by("-seq").values_list("seq", "hash").first()
    return (row[0], bytes(row[1])) if row else (0, b"")


@dataclass(slots=True)
class Seen:
    """What a look has shown of persons so far: whom (people and households, by id) and which fields stood unmasked.

    Everything personal that a page says passes ``Looking.name``, ``show`` or ``born``, which note it here; ``kit.looks`` records it.
    """

    ids: set[bytes] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)

    def note(self, of: bytes, manner: str, *, bare: bool) -> None:
        self.ids.add(bytes(of))
        if bare:
            self.bare.add(manner)


@dataclass(slots=True)
class Looking:
    """One look: who, when, in which language. Made once for each request and handed to everything that reads."""

    viewer: Viewer
    moment: Moment
    language: str
    zone: ZoneInfo
    protocol: Protocol_
    #: Why they look, of the closed list; chosen for the session, by default their role's.
    purpose: str = ""
    #: The request under which a file leaves, where one was needed.
    export: bytes | None = None
    seen: Seen = field(default_factory=Seen)
    #: The list that is shown, with its filters: whoever does something from it comes back to it.
    here: str = ""
    _broad: tuple[int, bytes] | None = None
    _names: dict[bytes, str] = field(default_factory=dict)
    #: Of these, people outside the viewer's areas: masked, whatever the role sees at home.
    _far: set[bytes] = field(default_factory=set)

    def __deepcopy__(self, memo: object) -> "Looking":
        """Tables and forms copy what they are made of: a copied look would not know the names that the page has read for it."""
        return self

    @property
    def seq(self) -> int:
        return self.moment.seq

    @property
    def about(self) -> Instant:
        return self.moment.about

    @property
    def scope(self) -> Scope:
        return self.viewer.scope

    def at(self, moment: Moment) -> "Looking":
        """The same eyes at another moment."""
        return Looking(self.viewer, moment, self.language, self.zone, self.protocol, self.purpose, self.export, self.seen)

    @property
    def broad(self) -> tuple[int, bytes]:
        if self._broad is None:
            self._broad = broad_entry(self.seq)
        return self._broad

    @property
    def areas(self) -> AreaBook:
        return _area_book(str(connection.settings_dict["NAME"]), *self.broad)

    @property
    def posts(self) -> Posts:
        return _posts(str(connection.settings_dict["NAME"]), *self.broad, self.zone)

    @property
    def charges(self) -> Charges:
        """Every handing over, as of the entry."""
        return _charges(str(connection.settings_dict["NAME"]), *self.broad)

    def days(self) -> Days:
        """When each day of the centre closes, as of the entry and the hour asked. One statement."""
        return Days(standing_facts("cutoff.set", self.seq, self.about).values_list("at", "cut_off"), self.zone)

    def facts(self) -> Reader:
        """The facts as of the entry, for readings and reasons."""
        return Reader(connection, self.seq)

    # --- how things are said ------------------------------------------------------------------------------------------
    def say(self, word: Word) -> str:
        return word.en if self.language == "en" else word.zh

    def pick(self, words: Mapping[str, Word], code: str | None) -> str:
        return "" if code is None else self.say(words[code]) if code in words else code

    def time(self, at: int | None, *, deadline: bool = False) -> str:
        return "" if at is None else format_local(Instant(at), self.zone, deadline=deadline)

    def area(self, code: str | None) -> str:
        return self.areas.path(code, self.language)

    def inside(self, code: str) -> set[str]:
        """What lies in an area at the hour asked: to this every list is narrowed by an area."""
        return self.areas.inside(code, self.about)

    def learn_names(self, people: Iterable[bytes]) -> None:
        """Reads the names of these people at once, so that a page needs no more statements however many rows it has."""
        missing = {p for p in people if p not in self._names}
        if not missing:
            return
        self._names.update(dict.fromkeys(missing, ""))
        found = list(standing(Person, self.seq).filter(person__in=missing).values_list("person", "name", "canonical"))
        self._names.update((p, name) for p, name, _ in found)
        if self.scope.codes is not None:
            stays = standing(Stay, self.seq).filter(self.scope.q(), person__in={one for *_, one in found})
            near = set(stays.filter(here_from__lte=self.about, here_until__gt=self.about).values_list("person", flat=True))
            self._far.update(p for p, _, one in found if one not in near)

    def forget_names(self) -> None:
        """Lets go of the names read so far: a file of a million rows must not keep them all. What was shown stays noted."""
        self._names.clear()
        self._far.clear()

    def name(self, person: bytes | None) -> str:
        """A person's name as this viewer sees it; someone on no register has none, and is shown by their id's end."""
        if person is None:
            return ""
        if person not in self._names:
            self.learn_names([person])
        known = self._names[person]
        if not known:
            return f"#{person.hex()[-6:]}"
        return self.show("name", known, person)

    def show(self, manner: str, value: str | None, of: bytes) -> str:
        """A personal value as this viewer sees it; ``of`` is the person (or the household of an address) that it speaks of."""
        if not value:
            return ""
        bare = manner in self.viewer.unmasked and of not in self._far
        self.seen.note(of, manner, bare=bare)
        return value if bare else masked(manner, value)

    def born(self, day: str | None, of: bytes) -> str:
        """A day of birth as this viewer sees it: the year alone, unless their role sees documents."""
        if not day:
            return ""
        bare = "document" in self.viewer.unmasked and of not in self._far
        self.seen.note(of, "born", bare=bare)
        return day[: 10 if bare else 4]


def forget_books() -> None:
    """Drops areas and posts kept at hand: after a test or a restore."""
    _area_book.cache_clear()
    _posts.cache_clear()
    _charges.cache_clear()


__all__ = ["AreaBook", "Looking", "Moment", "Place", "Seen", "forget_books", "moment_at", "moment_now"]
