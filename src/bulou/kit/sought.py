"""People who were only described, as several desks read them: who is sought under which record, and how each search stands. Reads; finds nobody."""

from collections.abc import Collection
from typing import Any, NamedTuple

from bulou.basis.time import Instant
from bulou.evidence.models import Incident
from bulou.evidence.timeline import standing_facts
from bulou.gaps.sought import State, state_at
from bulou.kit.looking import Looking
from bulou.register.models import Person
from bulou.register.scope import standing


class Search(NamedTuple):
    """One search: the fact that began it, the record it was entered under, the id that stands for the person, and how it stands."""

    id: bytes
    record: bytes
    one: bytes
    incident: bytes
    since: Instant
    state: State


def searches(look: Looking, incidents: Collection[bytes] | None = None, people: Collection[bytes] | None = None) -> list[Search]:
    """Every search that stands at the hour asked (of these incidents; of these people, by any of their records), in six statements at most."""
    begun: Any = standing_facts("person.sought", look.seq, look.about)
    wanted = begun if incidents is None else begun.filter(in_incident__in=list(incidents))
    wanted = wanted if people is None else wanted.filter(person__in=list(people))
    rows = [
        (bytes(i), bytes(p), bytes(c), Instant(at))
        for i, p, c, at in wanted.order_by("at", "id").values_list("id", "person", "in_incident", "at")
    ]
    if not rows:
        return []
    records = standing(Person, look.seq)
    of = {bytes(p): bytes(one) for p, one in records.filter(person__in={p for _, p, _, _ in rows}).values_list("person", "canonical")}
    all_of: dict[bytes, set[bytes]] = {}
    for p, one in records.filter(canonical__in=set(of.values())).values_list("person", "canonical"):
        all_of.setdefault(bytes(one), set()).add(bytes(p))
    of |= {p: one for one, theirs in all_of.items() for p in theirs}
    everyone = {p for theirs in all_of.values() for p in theirs} | {p for _, p, _, _ in rows}
    unknown = {bytes(p) for p in begun.filter(person__in=everyone).values_list("person", flat=True)}
    known = {one for one, theirs in all_of.items() if theirs - unknown}
    found: dict[bytes, list[Instant]] = {}
    said: Any = standing_facts("person.found", look.seq, look.about).filter(person__in=everyone)
    for p, at in said.values_list("person", "at"):
        found.setdefault(of.get(bytes(p), bytes(p)), []).append(Instant(at))
    stands = {bytes(i): bytes(c) for i, c in standing(Incident, look.seq).values_list("incident", "canonical")}
    ended: dict[tuple[bytes, bytes], list[Instant]] = {}
    given: Any = standing_facts("search.abandoned", look.seq, look.about).filter(person__in=everyone)
    for p, c, at in given.values_list("person", "in_incident", "at"):
        ended.setdefault((of.get(bytes(p), bytes(p)), stands.get(bytes(c), bytes(c))), []).append(Instant(at))
    made = []
    for id_, record, incident, since in rows:
        one = of.get(record, record)
        over = ended.get((one, stands.get(incident, incident)), [])
        made.append(Search(id_, record, one, incident, since, state_at(since, one in known, found.get(one, []), over, Instant(look.about))))
    return made
