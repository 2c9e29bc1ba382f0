"""What a kind of fact is: its typed body, who it is about, what it counts for. Declares no kind itself and stores nothing.

A body is a NamedTuple whose annotations say everything that forms, tables, imports, lint and the engine need to know of a
field: its type, what it refers to, which closed list it is picked from, how it is masked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from bulou.basis.ids import subject_of
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word

Value = bytes | str | int | float | bool | None


# Notes on fields are no tuples: `typing` keeps what it has seen of `Annotated` by equality, and ("document",) as a list to pick
# from would stand for ("document",) as a mask.
@dataclass(frozen=True, slots=True)
class Ref:
    """The field refers to an entity of this type. ``find``: facts are looked up by it, so its column has an index."""

    to: str
    find: bool = True


@dataclass(frozen=True, slots=True)
class Pick:
    """The field takes one word of this closed list."""

    words: str


@dataclass(frozen=True, slots=True)
class Mask:
    """The field names or locates a person; those who need not see it see it masked in this manner."""

    manner: Literal["name", "document", "phone", "address", "words"]


class Day:
    """Marks a text field as a local calendar day ``YYYY-MM-DD``."""


class Moment:
    """Marks a whole-number field as an instant in microseconds."""


class Field(NamedTuple):
    """One field of a body, read from its annotation."""

    name: str
    type: Literal["id", "code", "text", "int", "float", "bool", "instant", "day"]
    ref: str | None
    find: bool
    words: str | None
    mask: str | None
    optional: bool


#: Which facts may discharge a duty: those of its own incident, those of its disease (wherever they were entered), or any.
Scope = Literal["incident", "disease", "world"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact. ``opens``: rules may start from it. ``small``: few enough to be read as a whole."""

    name: str
    version: int
    body: type[Any]
    word: Word
    scope: Scope
    opens: bool
    small: bool
    fields: tuple[Field, ...]
    casts: tuple[Callable[[Mapping[str, Value]], Mapping[str, Value]], ...]
    #: The fields of the versions before this one, the first first: what was stored under them stays as it was stored.
    older: tuple[tuple[Field, ...], ...] = ()

    #: The fields by their names: asked for with every row of a file.
    named: Mapping[str, Field] = made(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", {f.name: f for f in self.fields})

    def fields_of(self, version: int) -> tuple[Field, ...]:
        """The fields that a version had; ValueError for a version unknown."""
        if not 1 <= version <= self.version:
            raise ValueError(f"{self.name} has versions 1 to {self.version}, not {version}")
        return self.fields if version == self.version else self.older[version - 1]

    @property
    def columns(self) -> tuple[Field, ...]:
        """Every field that any version has, this one's first: what a table that keeps them all needs. One that not all have may be empty."""
        if not self.older:
            return self.fields
        found = {f.name: f for version in (*self.older, self.fields) for f in version}
        everywhere = set.intersection(*({f.name for f in version} for version in (*self.older, self.fields)))
        ordered = dict.fromkeys((*(f.name for f in self.fields), *found))
        return tuple(found[name]._replace(optional=found[name].optional or name not in everywhere) for name in ordered)

    @property
    def subject(self) -> Field | None:
        """The field that says whom or what the fact is about: the first reference."""
        return next((f for f in self.fields if f.ref), None)

    def field(self, name: str) -> Field | None:
        return self.named.get(name)

    def finds(self, ref: str) -> Field | None:
        """The first indexed field that refers to entities of type ``ref``: how evidence about a subject is found."""
        return next((f for f in self.fields if f.ref == ref and f.find), None)


class Fact(NamedTuple):
    """Something that happened, entered once and never changed.

    ``at`` is when it happened, ``entry`` the number of the entry that brought it (0 before it is entered). ``origin`` names
    the instance it was made on when that is not this one; ``device`` and ``device_at`` are what a phone said of itself.
    """

    id: bytes
    kind: str
    at: Instant
    incident: bytes | None
    body: Any
    entry: int = 0
    origin: str | None = None
    device: str | None = None
    device_at: Instant | None = None


#: What the origin of every fact of an exercise begins with: such facts and real ones never stand in one ledger.
EXERCISE = "exercise "
#: The envelope's incident, named like a field wherever fields are named.
INCIDENT = "~incident"
KINDS: dict[str, Kind] = {}
#: Kinds that speak of one thing are read as one: where someone stays is said by four.
GROUPS: dict[str, tuple[str, ...]] = {"stay": ("person.enrolled", "stay.recorded", "stay.ended", "person.died")}
#: What a rule may never read: where someone is registered, what people they belong to, what passport they hold.
FORBIDDEN = frozenset({"registered_area", "ethnicity", "nationality", "race", "religion", "huji"})


def kind(
    name: str,
    zh: str,
    en: str,
    *,
    scope: Scope,
    opens: bool = False,
    small: bool = False,
    casts: tuple[Callable[[Mapping[str, Value]], Mapping[str, Value]], ...] = (),
    older: tuple[type[Any], ...] = (),
) -> Callable[[type[Any]], type[Any]]:
    """Declares the decorated NamedTuple as the body of a kind. ``casts[i]`` lifts version i+1 to i+2, and ``older[i]`` is the body that
    version i+1 had; both are kept for ever. A field keeps its type in every version that has it, and references stay, because facts are
    found by them where they are stored."""

    def declare(body: type[Any]) -> type[Any]:
        if name in KINDS:
            raise ValueError(f"kind {name} is declared twice")
        KINDS[name] = Kind(
            name, len(casts) + 1, body, Word(zh, en), scope, opens, small, read_fields(body), casts, tuple(map(read_fields, older))
        )
        if wrong := unreadable(KINDS[name]):
            raise ValueError(f"kind {KINDS.pop(name).name}: {wrong}")
        return body

    return declare


def unreadable(kind_: Kind) -> str | None:
    """Why what an older version stored could not be read any more, or None."""
    if len(kind_.older) != len(kind_.casts):
        return "every older version has its body and its cast"
    for number, version in enumerate(kind_.older, start=1):
        for old in version:
            new = kind_.field(old.name)
            if new is None and old.ref:
                return f"{old.name} of version {number} is a reference: facts are found by it, it stays"
            if new is not None and (new.type, new.ref, new.find) != (old.type, old.ref, old.find):
                return f"{old.name} was another type in version {number}: give it another name"
    return None


def read_fields(body: type[Any]) -> tuple[Field, ...]:
    """The fields of a body, from its annotations; TypeError for a field that says too little."""
    return tuple(_field(name, hint) for name, hint in get_type_hints(body, include_extras=True).items())


def _field(name: str, hint: Any) -> Field:
    optional = False
    if get_origin(hint) is UnionType or NoneType in get_args(hint):
        inner = [a for a in get_args(hint) if a is not NoneType]
        optional, hint = True, inner[0]
    base: Any = hint
    notes: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        base, *rest = get_args(hint)
        notes = tuple(rest)
    ref = next((n for n in notes if isinstance(n, Ref)), None)
    pick = next((n for n in notes if isinstance(n, Pick)), None)
    mask = next((n for n in notes if isinstance(n, Mask)), None)
    if pick and pick.words not in LISTS:
        raise TypeError(f"{name}: there is no closed list called {pick.words}")
    type_: Any = {bytes: "id", str: "code" if ref else "text", int: "int", float: "float", bool: "bool"}.get(base)
    if Moment in notes:
        type_ = "instant"
    if Day in notes:
        type_ = "day"
    if type_ is None:
        raise TypeError(f"{name}: {base} is no type of a field")
    return Field(
        name, type_, ref.to if ref else None, bool(ref and ref.find), pick.words if pick else None,
        mask.manner if mask else None, optional,
    )  # fmt: skip


@lru_cache(maxsize=2048)
def ref_of(kind_or_group: str, field: str) -> str | None:
    """What a field of a kind (or the incident of its envelope) refers to."""
    if field == INCIDENT:
        return "incident"
    found = KINDS[members(kind_or_group, field)[0]].field(field)
    return found.ref if found else None


@lru_cache(maxsize=2048)
def members(kind_or_group: str, field: str | None = None) -> tuple[str, ...]:
    """The kinds behind a name that is a kind or a group of kinds; with ``field``, only those that have it."""
    kinds = GROUPS.get(kind_or_group)
    if kinds is None:
        return (kind_or_group,)
    return kinds if field in (None, INCIDENT) else tuple(k for k in kinds if field in KINDS[k].body._fields)


class Wrong(NamedTuple):
    """What is wrong with one field, and what would be right."""

    field: str
    zh: str
    en: str


_PYTHON: dict[str, tuple[type, ...]] = {
    "id": (bytes,), "code": (str,), "text": (str,), "int": (int,), "float": (float, int), "bool": (bool,),
    "instant": (int,), "day": (str,),
}  # fmt: skip
_RIGHT: dict[str, Word] = {
    "id": Word("应为编号(UUID)", "an id (UUID)"),
    "code": Word("应为代码文本", "a code, as text"),
    "text": Word("应为文本", "text"),
    "int": Word("应为整数", "a whole number"),
    "float": Word("应为数字", "a number"),
    "bool": Word("应为是或否", "yes or no"),
    "instant": Word("应为时刻", "a time"),
    "day": Word("应为日期 YYYY-MM-DD", "a day YYYY-MM-DD"),
}


def check(kind_: Kind, body: Any, incident: bytes | None = None) -> list[Wrong]:
    """What is wrong with a body, field by field; empty when it may be entered. Meaning is for verbs, shape is for this.

    A fact about an incident carries that incident; one that is asked to count for incidents carries one.
    """
    wrongs: list[Wrong] = []
    if kind_.scope == "incident" and incident is None:
        wrongs.append(Wrong("incident", "必填", "is required"))
    if kind_.field("incident") is not None and kind_.scope == "incident" and getattr(body, "incident", None) != incident:
        wrongs.append(Wrong("incident", "应与所属事件一致", "should be the incident that the fact is entered under"))
    for field in kind_.fields:
        value = getattr(body, field.name)
        if value is None or value == "":
            if not field.optional:
                wrongs.append(Wrong(field.name, "必填", "is required"))
            continue
        right = _RIGHT[field.type]
        fits = isinstance(value, _PYTHON[field.type]) and not (isinstance(value, bool) and field.type != "bool")
        if fits and field.type == "id" and field.ref not in (None, "any"):
            fits = len(value) == 16
        if fits and field.type == "code" and field.ref != "any":
            fits = isinstance(subject_of(value), str)
        if fits and field.type == "day":
            fits = len(value) == 10 and value[4] == value[7] == "-"
        if fits and isinstance(value, str) and "\x00" in value:
            wrongs.append(Wrong(field.name, "含有空字符(NUL),请删去", "holds a NUL character: take it out"))
        elif not fits:
            wrongs.append(Wrong(field.name, right.zh, f"should be {right.en}"))
        elif field.words and value not in LISTS[field.words]:
            listed = LISTS[field.words]
            wrongs.append(
                Wrong(field.name, "应为其中之一:" + "、".join(w.zh for w in listed.values()), f"should be one of {', '.join(listed)}")
            )
    return wrongs


def lift(kind_: Kind, version: int, values: Mapping[str, Value]) -> Any:
    """The body of stored ``values`` of an old ``version``, through the pure up-casters; ValueError for a version unknown."""
    if not 1 <= version <= kind_.version:
        raise ValueError(f"{kind_.name} has versions 1 to {kind_.version}, not {version}")
    for cast in kind_.casts[version - 1 :]:
        values = cast(values)
    return kind_.body(**values)
