"""Several incidents beside each other: everyone once in a total, whoever is in two of them in both, and which may be one. Pure; joins nothing.

A fact keeps the incident that it was entered under. Joining is a fact of its own, decided by a named post, and taking it back splits them again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple


class Met(NamedTuple):
    """Somebody was named, under an incident, as having met somebody."""

    incident: bytes
    person: bytes
    met: bytes


class Counted(NamedTuple):
    """How many an incident has, how many of these are in another one too, and how many there are in all: each once."""

    own: Mapping[bytes, int]
    shared: Mapping[bytes, int]
    total: int


class Proposal(NamedTuple):
    """Two incidents that may be one, the smaller id first: who is in both, and who of one met a case of the other."""

    one: bytes
    other: bytes
    shared: frozenset[bytes]
    links: frozenset[tuple[bytes, bytes]]


def counted(people: Mapping[bytes, Collection[bytes]]) -> Counted:
    """People by incident. The parts do not add up where somebody is in two; the total counts everyone once."""
    sets = {incident: frozenset(found) for incident, found in people.items()}
    everyone = frozenset().union(*sets.values()) if sets else frozenset()
    shared = {i: sum(any(p in other for j, other in sets.items() if j != i) for p in found) for i, found in sets.items()}
    return Counted({i: len(found) for i, found in sets.items()}, shared, len(everyone))


def proposed(people: Mapping[bytes, Collection[bytes]], cases: Mapping[bytes, Collection[bytes]], named: Iterable[Met]) -> list[Proposal]:
    """Pairs of incidents that share a person, or of which one names as met a case of the other; those with most evidence first.

    ``people``: everyone of each incident; ``cases``: of these who is a case. A link within one incident says nothing of two.
    """
    sets, infected = {i: frozenset(p) for i, p in people.items()}, {i: frozenset(p) for i, p in cases.items()}
    met = list(named)
    found = []
    for one in sorted(sets):
        for other in sorted(i for i in sets if i > one):
            links = {
                (m.person, m.met) for m in met for here, there in ((one, other), (other, one))
                if m.incident == here and m.met in infected.get(there, ()) and m.met not in infected.get(here, ())
            }  # fmt: skip
            shared = sets[one] & sets[other]
            if shared or links:
                found.append(Proposal(one, other, shared, frozenset(links)))
    return sorted(found, key=lambda p: (-len(p.shared) - len(p.links), p.one, p.other))
