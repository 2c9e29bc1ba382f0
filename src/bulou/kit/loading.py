"""Areas from files into the ledger: what a command and a page share. Plans under the ledger's lock; enters all of it or nothing.

One entry for the whole tree: a tree that is half there would leave people in areas that nobody answers for.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from bulou.basis.facts import AreaBounded, AreaDeclared, AreaRecoded
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import midnight
from bulou.duties.enter import Receipt, patiently, writing
from bulou.evidence.reader import Reader
from bulou.kit.centre import centre
from bulou.register.tree import (
    RECODED,
    Bad,
    Codes,
    Known,
    Outline,
    Plan,
    Row,
    plan,
    read_boundaries,
    read_codes,
    read_rows,
    read_units,
)

File = tuple[str, bytes]


class Sources(NamedTuple):
    """What was read from the files: areas and local units, outdated codes with their days, boundaries, and what could not be read."""

    rows: tuple[Row, ...]
    codes: tuple[tuple[str, str, str | None], ...]
    outlines: tuple[Outline, ...]
    bad: tuple[Bad, ...]
    #: Whose boundaries these are: the name of the file.
    source: str | None = None


class Loaded(NamedTuple):
    """What a load did: its plan, and the receipt of its one entry (None: nothing was wrong and nothing new, or something was wrong)."""

    plan: Plan
    receipt: Receipt | None


def read(areas: Sequence[File] = (), codes: Sequence[File] = (), boundaries: Sequence[File] = (), units: Sequence[File] = ()) -> Sources:
    """Reads files by their names and contents. Codes that are known to have changed need no file; a file's word goes before."""
    rows: list[Row] = []
    bad: list[Bad] = []
    outlines: list[Outline] = []
    changes: dict[str, tuple[str, str, str | None]] = {old: (old, new, day) for old, new, day in RECODED}
    for name, data in areas:
        found, wrong = read_rows(data, name)
        rows += found
        bad += wrong
    for name, data in units:
        found, wrong = read_units(data, name)
        rows += found
        bad += wrong
    for name, data in codes:
        told, wrong = read_codes(data, name)
        changes.update({old: (old, new, day) for old, new, day in told})
        bad += wrong
    for name, data in boundaries:
        drawn, wrong = read_boundaries(data, name)
        outlines += drawn
        bad += wrong
    source = ", ".join(name for name, _ in boundaries) or None
    return Sources(tuple(rows), tuple(changes.values()), tuple(outlines), tuple(bad), source)


def known_areas(facts: Reader) -> dict[str, Known]:
    """The areas of the ledger as they stand: the latest declaration of each."""
    latest = {f.body.area: f.body for f in facts.standing("area.declared")}
    return {code: Known(b.area, b.parent, b.level, b.name, b.name_en, b.official, b.lon, b.lat) for code, b in latest.items()}


def codes_of(facts: Reader) -> Codes:
    """Outdated codes as the ledger knows them: for mapping what others write, and reports about past days."""
    return Codes((f.body.area, f.body.into, f.at) for f in facts.standing("area.recoded"))


def look(sources: Sources, root: str | None = None, level: str | None = None, facts: Reader | None = None) -> Plan:
    """What entering would do, without doing it."""
    facts = Reader(connection) if facts is None else facts
    recorded = [(f.body.area, f.body.into) for f in facts.standing("area.recoded")]
    into = dict(recorded) | {old: new for old, new, _ in sources.codes}
    codes = Codes((old, new, 0) for old, new in into.items())
    asked = {o.code for o in sources.outlines} | {codes.current(o.code) for o in sources.outlines}
    facts.fetch({("area.bounded", "area"): set(asked)})
    bounded = {}
    for code in asked:
        found = sorted(facts.by("area.bounded", "area", code), key=lambda f: (f.at, f.id))
        if found:
            bounded[code] = found[-1].body.geometry
    return plan(
        sources.rows, known_areas(facts), codes=[(old, codes.current(old)) for old in into], recorded=recorded, root=root, level=level,
        outlines=sources.outlines, bounded=bounded, source=sources.source, bad=sources.bad,
    )  # fmt: skip


def load(sources: Sources, *, by: str, source: str, root: str | None = None, level: str | None = None) -> Loaded:
    """Enters what is new or changed, as one entry; nothing at all where a row is wrong, and no entry where nothing is new."""
    first = look(sources, root, level)
    if first.bad or not first.bodies:
        return Loaded(first, None)
    one = centre()
    days = {(old, new): day for old, new, day in sources.codes}

    def attempt() -> Receipt:
        nonlocal first
        with writing(by, source, one.clock, one.protocol) as book:
            first = look(sources, root, level, book.facts)  # again, under the lock: nobody else is entering now
            now = book.now()
            for body in first.bodies:
                day = days.get((body.area, body.into)) if isinstance(body, AreaRecoded) else None
                at = midnight(day, one.protocol.zone) if day else now
                book.add(Fact(new_id(now), _KIND[type(body)], at, None, body))
        assert book.receipt
        return book.receipt

    receipt = patiently(attempt)
    return Loaded(first, receipt)


_KIND = {AreaDeclared: "area.declared", AreaRecoded: "area.recoded", AreaBounded: "area.bounded"}
