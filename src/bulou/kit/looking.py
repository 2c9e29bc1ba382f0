"""From where and when someone looks: viewer, the hour asked about, the entry as known at. Every page reads through this."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from bulou.basis.time import Instant, format_local
from bulou.basis.words import Word
from bulou.evidence.models import Entry
from bulou.evidence.reader import Reader
from bulou.gaps.answer import Posts
from bulou.protocol.rules import Protocol_
from bulou.register.models import Area, Person, Stay
from bulou.register.roles import answers_by_role, masked
from bulou.register.scope import Scope, Viewer, root, standing


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


class AreaBook:
    """All areas as of an entry, at hand: names, who lies under whom."""

    def __init__(self, seq: int) -> None:
        rows = standing(Area, seq).values_list("code", "name", "name_en", "parent", "level", "lineage", "lon", "lat")
        self.places = {r[0]: Place(r[0], r[1], r[2], r[3], r[4], tuple(r[5].strip("/").split("/")), r[6], r[7]) for r in rows}
        self.below: dict[str | None, list[str]] = {}
        for place in sorted(self.places.values()):
            self.below.setdefault(place.parent, []).append(place.code)
        self.root = root(seq)

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
def _posts(database: str, broad: int, hash_: bytes) -> Posts:
    reader = Reader(connection, broad)
    facts = [f for kind in ("post.established", "post.held", "post.left") for f in reader.standing(kind)]
    return Posts(facts, answers_by_role())


def broad_entry(seq: int) -> tuple[int, bytes]:
    """The last entry up to ``seq`` that brought facts of small kinds: areas and posts are as of it."""
    row = Entry.objects.filter(broad=True, seq__lte=seq).order_by("-seq").values_list("seq", "hash").first()
    return (row[0], bytes(row[1])) if row else (0, b"")


@dataclass(slots=True)
class Looking:
    """One look: who, when, in which language. Made once for each request and handed to everything that reads."""

    viewer: Viewer
    moment: Moment
    language: str
    zone: ZoneInfo
    protocol: Protocol_
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
        return Looking(self.viewer, moment, self.language, self.zone, self.protocol)

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
        return _posts(str(connection.settings_dict["NAME"]), *self.broad)

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

    def name(self, person: bytes | None) -> str:
        """A person's name as this viewer sees it; someone on no register has none, and is shown by their id's end."""
        if person is None:
            return ""
        if person not in self._names:
            self.learn_names([person])
        known = self._names[person]
        if not known:
            return f"#{person.hex()[-6:]}"
        return masked("name", known) if person in self._far else self.viewer.show("name", known)

    def born(self, day: str | None) -> str:
        """A day of birth as this viewer sees it: the year alone, unless their role sees documents."""
        return (day or "")[: 10 if "document" in self.viewer.unmasked else 4]


def forget_books() -> None:
    """Drops areas and posts kept at hand: after a test or a restore."""
    _area_book.cache_clear()
    _posts.cache_clear()


__all__ = ["AreaBook", "Looking", "Moment", "Place", "forget_books", "moment_at", "moment_now"]
