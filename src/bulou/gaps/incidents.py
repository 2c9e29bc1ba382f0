"""Several incidents beside each other: everyone once in a total, whoever is in two of them in both, and which may be one. Pure; joins nothing.

A fact keeps the incident that it was entered under. Joining is a fact of its own, decided by a named post, and taking it back splits them again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple


class Met(NamedTuple):
    """Somebody was named, under an incident, as having met somebody."""

    incident: bytes
    person: bytes
    met: bytes


class Near(NamedTuple):
    """Two cases whose sequences differ at so few sites that this is told of: ``one`` has the smaller id."""

    one: bytes
    other: bytes
    differ: int


class Alike(NamedTuple):
    """What sequences say of cases: pairs that are near, and of whom which lineage was read."""

    near: Sequence[Near] = ()
    lines: Mapping[bytes, str] = {}


class Counted(NamedTuple):
    """How many an incident has, how many of these are in another one too, and how many there are in all: each once."""

    own: Mapping[bytes, int]
    shared: Mapping[bytes, int]
    total: int


class Proposal(NamedTuple):
    """Two incidents that may be one, the smaller id first: who is in both, who of one met a case of the other, which case of one has a sequence
    near to one of the other (the nearest first), and which lineages were read in both: these alone say little."""

    one: bytes
    other: bytes
    shared: frozenset[bytes]
    links: frozenset[tuple[bytes, bytes]]
    near: tuple[Near, ...] = ()
    lines: frozenset[str] = frozenset()


def counted(people: Mapping[bytes, Collection[bytes]]) -> Counted:
    """People by incident. The parts do not add up where somebody is in two; the total counts everyone once."""
    sets = {incident: frozenset(found) for incident, found in people.items()}
    everyone = frozenset().union(*sets.values()) if sets else frozenset()
    shared = {i: sum(any(p in other for j, other in sets.items() if j != i) for p in found) for i, found in sets.items()}
    return Counted({i: len(found) for i, found in sets.items()}, shared, len(everyone))


def proposed(
    people: Mapping[bytes, Collection[bytes]], cases: Mapping[bytes, Collection[bytes]], named: Iterable[Met], alike: Alike | None = None
) -> list[Proposal]:
    """Pairs of incidents for which something speaks; those with most evidence first, those of one lineage alone last.

    ``people``: everyone of each incident; ``cases``: of these who is a case. What lies within one incident says nothing of two.
    """
    sets, infected = {i: frozenset(p) for i, p in people.items()}, {i: frozenset(p) for i, p in cases.items()}
    case_in, inside = _by_person(infected), _by_person(sets)
    shared: dict[tuple[bytes, bytes], set[bytes]] = {}
    for person, some in inside.items():
        for pair in combinations(sorted(some), 2):
            shared.setdefault(pair, set()).add(person)
    links: dict[tuple[bytes, bytes], set[tuple[bytes, bytes]]] = {}
    for m in named:
        theirs = case_in.get(m.met, ())
        if m.incident in sets and m.incident not in theirs:
            for other in theirs:
                one, two = sorted((m.incident, other))
                links.setdefault((one, two), set()).add((m.person, m.met))
    near: dict[tuple[bytes, bytes], set[Near]] = {}
    for each in (alike or Alike()).near:
        for pair in _between(case_in.get(each.one, set()), case_in.get(each.other, set())):
            near.setdefault(pair, set()).add(each)
    lines: dict[tuple[bytes, bytes], set[str]] = {}
    read: dict[str, set[bytes]] = {}
    for person, line in (alike or Alike()).lines.items():
        read.setdefault(line, set()).update(case_in.get(person, ()))
    for line, some in read.items():
        for pair in combinations(sorted(some), 2):
            lines.setdefault(pair, set()).add(line)
    found = [
        Proposal(
            *pair, frozenset(shared.get(pair, ())), frozenset(links.get(pair, ())),
            tuple(sorted(near.get(pair, ()), key=lambda n: (n.differ, n.one, n.other))), frozenset(lines.get(pair, ())),
        )
        for pair in shared.keys() | links.keys() | near.keys() | lines.keys()
    ]  # fmt: skip
    return sorted(found, key=lambda p: (-len(p.shared) - len(p.links) - len(p.near), p.one, p.other))


def _between(some: Collection[bytes], others: Collection[bytes]) -> set[tuple[bytes, bytes]]:
    """Pairs of two incidents, one of each; none where one incident has both."""
    if set(some) & set(others):
        return set()
    return {(min(a, b), max(a, b)) for a in some for b in others}


def _by_person(of: Mapping[bytes, Collection[bytes]]) -> dict[bytes, set[bytes]]:
    """In which incidents each person is."""
    found: dict[bytes, set[bytes]] = {}
    for incident, people in of.items():
        for person in people:
            found.setdefault(person, set()).add(incident)
    return found
