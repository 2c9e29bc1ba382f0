"""The chain of an incident as its pages share it: cases by labels and never by names, links within the viewer's areas. Shows and enters nothing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from bulou.basis.time import Instant, day_of
from bulou.basis.words import Word
from bulou.desks.tracing.cases import found_at, status_at, told_by
from bulou.desks.tracing.sheets import case_rows
from bulou.evidence.models import Case, Contact
from bulou.evidence.timeline import standing_facts
from bulou.kit.incidents import Named, members
from bulou.kit.looking import Looking
from bulou.questions import chain
from bulou.questions.chain import Link, Node
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

#: What counts as an infection; others on the chain are positive and not diagnosed yet.
INFECTED = frozenset({"confirmed", "asymptomatic", "converted", "positive_again"})
#: How whoever came from outside is known by.
_OUTSIDE = frozenset({"entry_check", "linked_region"})


class Member(NamedTuple):
    """A case on the chain: its label, which is no name, and what is known of it at the hour asked."""

    person: bytes
    label: str
    node: Node
    status: str
    how: str | None
    #: When the first sign was seen, and when the person was diagnosed.
    found_at: Instant | None
    diagnosed_at: Instant | None

    @property
    def infected(self) -> bool:
        return self.status in INFECTED


@dataclass
class Chain:
    """Cases of an incident and of those joined to it, and what joins them."""

    incident: Named
    members: dict[bytes, Member]
    links: list[Link]
    #: For a case, how many links lead to cases outside the viewer's areas, which are counted and not shown.
    beyond: dict[bytes, int] = field(default_factory=dict)
    #: Whether each was under control when found, where that is on record.
    control: dict[bytes, str] = field(default_factory=dict)
    #: At how many sites the sequences of two cases differ, where that was kept.
    apart: dict[frozenset[bytes], int] = field(default_factory=dict)
    #: Every record of the people on it.
    records: dict[bytes, bytes] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> list[Node]:
        return [m.node for m in self.members.values()]

    @cached_property
    def clusters(self) -> list[list[bytes]]:
        return chain.clusters(self.nodes, self.links)

    @cached_property
    def cluster_of(self) -> dict[bytes, int]:
        """The number of each case's cluster, the largest first; 0 for whom nothing joins to another."""
        joined = [some for some in self.clusters if len(some) > 1]
        return {p: n for n, some in enumerate(joined, 1) for p in some} | {some[0]: 0 for some in self.clusters if len(some) == 1}

    @cached_property
    def candidates(self) -> dict[bytes, list[Link]]:
        return chain.candidates(self.links)

    @cached_property
    def after(self) -> Counter[bytes]:
        """For how many cases each is a candidate source."""
        return Counter(self.other(link, case).person for case, some in self.candidates.items() for link in some)

    @cached_property
    def generations(self) -> dict[bytes, int]:
        return chain.generations(self.nodes, self.links)

    @cached_property
    def unlinked(self) -> set[bytes]:
        """Cases that nothing joins to another, here or outside the viewer's areas."""
        return {p for p in chain.unlinked(self.nodes, self.links) if p not in self.beyond}

    @cached_property
    def sourceless(self) -> set[bytes]:
        return {p for p in chain.sourceless(self.nodes, self.links) if p not in self.beyond}

    @cached_property
    def ordered(self) -> list[bytes]:
        """Whom nothing joins to another first, then cluster by cluster, each by day."""
        return [
            *(p for some in self.clusters for p in some if p in self.unlinked),
            *(p for some in self.clusters for p in some if p not in self.unlinked),
        ]

    def other(self, link: Link, person: bytes) -> Member:
        """The case at the other end of a link."""
        return self.members[link.source if link.case == person else link.case]


def read(incident: Named, look: Looking) -> Chain:
    """The chain of an incident within the viewer's areas, at their hour. A fixed number of statements."""
    of = members(look, incident.id)
    every = {bytes(p) for p in standing(Case, look.seq).filter(incident__in=of).values_list("person", flat=True)}
    rows: dict[bytes, Case] = {}
    for row in case_rows(look).filter(incident__in=of).order_by("person", "id"):
        if row.status != "excluded" and (sign := found_at(row, look)) is not None and sign <= look.about:
            rows.setdefault(bytes(row.person), row)
    people = {
        bytes(p): (bytes(c), name)
        for p, c, name in standing(Person, look.seq).filter(canonical__in=every).values_list("person", "canonical", "name")
    }
    records = {p: one for p, (one, _) in people.items()} | {p: p for p in every}
    names: dict[bytes, set[str]] = defaultdict(set)
    for one, name in people.values():
        names[one].add(name or "")
    labels = _labels(every, of, names, look)
    arrived = standing(Contact, look.seq).filter(person__in=list(rows), incident__in=of, judged_at__lte=look.about)
    rings = {bytes(p): ring for p, ring in arrived.values_list("person", "ring")}
    homes = _homes(rows, look)
    found: dict[bytes, Member] = {}
    for person, row in sorted(rows.items(), key=lambda pair: (found_at(pair[1], look) or look.about, pair[0])):
        sign = found_at(row, look)
        onset = row.onset_on if row.onset_on and row.onset_on <= day_of(look.about, look.zone) else None
        day = onset or (day_of(sign, look.zone) if sign is not None else None)
        outside = (told_by(row, look) and row.how_found in _OUTSIDE) or rings.get(person) == "arrival"
        diagnosed = Instant(row.diagnosed_at) if row.diagnosed_at is not None and row.diagnosed_at <= look.about else None
        status, how = status_at(row, look), row.how_found if told_by(row, look) else None
        found[person] = Member(
            person, labels[person], Node(person, day, onset is not None, outside, homes.get(person)), status, how, sign, diagnosed,
        )  # fmt: skip
    told, beyond = _told(of, records, set(found), rings, look)
    visits = _visits(of, records, set(found), look)
    lineages, apart = _sequences(of, records, set(found), look)
    found = {p: m._replace(node=m.node._replace(lineage=lineages.get(p))) for p, m in found.items()}
    links = chain.links([m.node for m in found.values()], told, visits, apart)
    control = {p: row.control for p, row in rows.items() if row.control and told_by(row, look)}
    return Chain(incident, found, links, beyond, control, apart, records)


#: A number, or capital letters joined to one: nobody is called that.
CODE = re.compile(r"[A-Z]{1,4}[-_]\d{1,5}|\d{1,5}")


def _labels(every: Iterable[bytes], of: list[bytes], names: dict[bytes, set[str]], look: Looking) -> dict[bytes, str]:
    """What each case is called: by its label, or by its number in the order of signs. A label that holds its person's name is not said,
    unless the name is a code as lists without names have it (SK_14, 27)."""
    rows = list(standing(Case, look.seq).filter(incident__in=of).values_list("person", "label", "positive_at", "diagnosed_at"))
    first: dict[bytes, tuple[int, bytes]] = {}
    said: dict[bytes, str] = {}
    for person, label, *signs in rows:
        p = bytes(person)
        known = min((at for at in signs if at is not None), default=2**62)
        first[p] = min(first.get(p, (known, p)), (known, p))
        if label and not any(name and name in label and not CODE.fullmatch(name) for name in names[p]):
            said.setdefault(p, label)
    found = {}
    for n, p in enumerate(sorted(every, key=lambda p: first.get(p, (2**62, p))), 1):
        text = said.get(p)
        if text is None:
            found[p] = look.say(Word(f"病例#{n}", f"case #{n}"))
        else:
            found[p] = look.say(Word(f"病例{text}", f"case {text}")) if text.isdigit() else text
    return found


def _homes(rows: dict[bytes, Case], look: Looking) -> dict[bytes, bytes]:
    """The household in which each case lived when its first sign was seen, whatever bed they lie in today."""
    stays = (
        standing(Stay, look.seq)
        .filter(person__in=list(rows), here_from__lte=look.about)
        .exclude(household=None)
        .order_by("here_from", "id")
    )
    found: dict[bytes, bytes] = {}
    settled: set[bytes] = set()
    for person, home, since, until in stays.values_list("person", "household", "here_from", "here_until"):
        p = bytes(person)
        at = found_at(rows[p], look) or look.about
        if p in settled or (since > at and p in found):
            continue
        found[p] = bytes(home)
        if since <= at < until:
            settled.add(p)
    return found


def _told(
    of: list[bytes], records: dict[bytes, bytes], seen: set[bytes], rings: dict[bytes, str | None], look: Looking
) -> tuple[list[chain.Told], dict[bytes, int]]:
    """Who of the cases was named as having met whom; links that lead out of the viewer's areas are counted for the case inside."""
    if not records:
        return [], {}
    ids = list(records)
    facts = standing_facts("contact.named", look.seq, look.about).filter(in_incident__in=of, person__in=ids, met__in=ids)
    told, out = [], set()
    for person, met, until, setting in facts.values_list("person", "met", "exposed_until", "setting"):
        a, b = records[bytes(person)], records[bytes(met)]
        if a in seen and b in seen:
            told.append(chain.Told(a, b, Instant(until), setting, rings.get(a) not in (None, "excluded")))
        elif (a in seen or b in seen) and a != b:
            out.add((a, b) if a in seen else (b, a))
    beyond: dict[bytes, int] = defaultdict(int)
    for inside, _outside in out:
        beyond[inside] += 1
    return told, dict(beyond)


def _visits(of: list[bytes], records: dict[bytes, bytes], seen: set[bytes], look: Looking) -> list[chain.Was]:
    ids = [p for p, one in records.items() if one in seen]
    if not ids:
        return []
    facts: Any = standing_facts("visit.recorded", look.seq, look.about).filter(in_incident__in=of, person__in=ids).exclude(place=None)
    return [
        chain.Was(records[bytes(p)], bytes(place), Instant(at), None if until is None else Instant(until), space)
        for p, place, at, until, space in facts.order_by("at", "id").values_list("person", "place", "at", "until", "space")
    ]


def _sequences(
    of: list[bytes], records: dict[bytes, bytes], seen: set[bytes], look: Looking
) -> tuple[dict[bytes, str], dict[frozenset[bytes], int]]:
    """The lineage of each case by its latest usable sequence, and at how many sites two of them differ, by the latest comparison."""
    ids = [p for p, one in records.items() if one in seen]
    if not ids:
        return {}, {}
    lineages: dict[bytes, str] = {}
    read_ = standing_facts("sequence.read", look.seq, look.about).filter(in_incident__in=of, person__in=ids).order_by("at", "id")
    for person, lineage, quality in read_.values_list("person", "lineage", "quality"):
        if lineage and quality != "poor":
            lineages[records[bytes(person)]] = lineage
    apart: dict[frozenset[bytes], int] = {}
    compared = standing_facts("sequences.compared", look.seq, look.about).filter(in_incident__in=of, person__in=ids, other__in=ids)
    for person, other, differ in compared.order_by("at", "id").values_list("person", "other", "differ"):
        apart[frozenset((records[bytes(person)], records[bytes(other)]))] = differ
    return lineages, {pair: n for pair, n in apart.items() if len(pair) == 2}
