"""Who may have infected whom, by what is on record: links with their kinds, clusters, generations, intervals. Pure; says of nobody that they infected anyone.

A link is a question that somebody can answer, not a finding. Several candidate sources of one case stay several, and "source unknown" is an answer
like any other.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import median, quantiles
from typing import NamedTuple

from bulou.basis.time import HOUR, Instant
from bulou.questions.sequences import same_line

Id = bytes

#: The kinds of link, the ones that rest on most first; the words are `LISTS["link"]`.
WAYS = ("judged", "told", "household", "place", "sequence")
#: Differences between two sequences up to which they speak for a link. This project's proposal, no protocol's.
NEAR = 2
#: Pairs below which an interval is not told: a median of few says more about them than about the disease.
FEW = 10
#: People at one place and time beyond which it links nobody in pairs: of a crowd everyone would be linked with everyone.
CROWD = 30


class Node(NamedTuple):
    """A case as the chain has it. ``day``: of onset (``onset``), else of the first positive sign; None: nobody said either."""

    id: Id
    day: str | None = None
    onset: bool = False
    #: Came from outside, by how they were found or judged.
    outside: bool = False
    home: Id | None = None
    lineage: str | None = None


class Told(NamedTuple):
    """Somebody named: ``person`` was exposed to ``met`` until an hour; ``judged``: and a professional judged them a contact."""

    person: Id
    met: Id
    until: Instant
    setting: str
    judged: bool = False


class Was(NamedTuple):
    """A visit of a case to a place that is known, in a part of it where that was said."""

    person: Id
    place: Id
    at: Instant
    until: Instant | None = None
    space: str | None = None


class Link(NamedTuple):
    """Two cases that something joins. ``either``: nothing says which of the two would be the source."""

    source: Id
    case: Id
    ways: tuple[str, ...]
    settings: tuple[str, ...] = ()
    either: bool = False
    #: The last exposure that was told of, the last hour together at a place.
    until: Instant | None = None
    place: Id | None = None
    #: Differences between their sequences, where both have one.
    apart: int | None = None
    #: What speaks against it: `LISTS["against"]`.
    against: tuple[str, ...] = ()

    @property
    def ends(self) -> frozenset[Id]:
        return frozenset((self.source, self.case))


class Interval(NamedTuple):
    """Days from the onset of a source to that of the case, of pairs with one candidate source; nothing where there are too few."""

    n: int
    middle: float | None = None
    low: float | None = None
    high: float | None = None


def links(
    nodes: Sequence[Node], told: Iterable[Told], visits: Iterable[Was] = (), apart: Mapping[frozenset[Id], int] | None = None,
) -> list[Link]:  # fmt: skip
    """Every pair of these cases that something on record joins, once, with all that joins it and all that speaks against it.

    Who was told to have met whom says the direction. Where only a household, a place or sequences join them, the earlier day comes first; on one
    day, or without a day, either may be the source.
    """
    by = {n.id: n for n in nodes}
    ways: dict[frozenset[Id], set[str]] = defaultdict(set)
    settings: dict[frozenset[Id], list[str]] = defaultdict(list)
    until: dict[frozenset[Id], Instant] = {}
    where: dict[frozenset[Id], Id] = {}
    directed: dict[frozenset[Id], set[tuple[Id, Id]]] = defaultdict(set)
    for t in told:
        if t.person == t.met or t.person not in by or t.met not in by:
            continue
        pair = frozenset((t.person, t.met))
        ways[pair].add("judged" if t.judged else "told")
        settings[pair].append(t.setting)
        until[pair] = max(until.get(pair, t.until), t.until)
        directed[pair].add((t.met, t.person))
    for pair in _homes(nodes):
        ways[pair].add("household")
    for pair, (place, last) in _met([v for v in visits if v.person in by]).items():
        ways[pair].add("place")
        where[pair] = place
        until.setdefault(pair, last)
    distances = apart or {}
    for pair, n in distances.items():
        if n <= NEAR and pair <= by.keys() and len(pair) == 2 and not _lineages_differ(pair, by):
            ways[pair].add("sequence")
    found = []
    for pair, some in ways.items():
        source, case, either = _direction(pair, directed[pair], by)
        found.append(Link(
            source, case, tuple(w for w in WAYS if w in some and not (w == "told" and "judged" in some)), tuple(dict.fromkeys(settings[pair])), either,
            until.get(pair), where.get(pair), distances.get(pair), _against(source, case, either, by),
        ))  # fmt: skip
    return sorted(found, key=lambda one: (by[one.case].day or "9", one.case, by[one.source].day or "9", one.source))


def _homes(nodes: Sequence[Node]) -> list[frozenset[Id]]:
    homes: dict[Id, list[Id]] = defaultdict(list)
    for n in nodes:
        if n.home is not None:
            homes[n.home].append(n.id)
    return [frozenset((a, b)) for some in homes.values() if len(some) <= CROWD for i, a in enumerate(some) for b in some[i + 1 :]]


def _met(visits: Sequence[Was]) -> dict[frozenset[Id], tuple[Id, Instant]]:
    """Pairs who were at one place at one time (in one part of it, where both said in which), with the last of these hours.

    A visit without an end counts until nobody knows when: it meets what overlaps its beginning alone.
    """
    at: dict[Id, list[Was]] = defaultdict(list)
    for v in visits:
        at[v.place].append(v)
    found: dict[frozenset[Id], tuple[Id, Instant]] = {}
    for place, those in at.items():
        ordered: list[Was] = sorted(those, key=lambda v: (v.at, v.person))
        open_: list[Was] = []
        for v in ordered:
            open_ = [o for o in open_ if _end(o) >= v.at]
            if len(open_) < CROWD or len({o.person for o in open_}) < CROWD:
                for o in open_:
                    if o.person != v.person and (o.space is None or v.space is None or o.space == v.space):
                        pair, last = frozenset((o.person, v.person)), Instant(min(_end(o), _end(v)))
                        if pair not in found or found[pair][1] < last:
                            found[pair] = (place, last)
            open_.append(v)
    return found


def _end(v: Was) -> Instant:
    return v.at if v.until is None else v.until


def _direction(pair: frozenset[Id], told: set[tuple[Id, Id]], by: Mapping[Id, Node]) -> tuple[Id, Id, bool]:
    if len(told) == 1:
        source, case = next(iter(told))
        return source, case, False
    a, b = sorted(pair)
    days = by[a].day, by[b].day
    if len(told) == 2 or days[0] is None or days[1] is None or days[0] == days[1]:
        return a, b, True
    return (a, b, False) if days[0] < days[1] else (b, a, False)


def _lineages_differ(pair: frozenset[Id], by: Mapping[Id, Node]) -> bool:
    told = [lineage for p in pair if (lineage := by[p].lineage)]
    return len(told) == 2 and not same_line(*told)


def _against(source: Id, case: Id, either: bool, by: Mapping[Id, Node]) -> tuple[str, ...]:
    found = ["lineage"] if _lineages_differ(frozenset((source, case)), by) else []
    a, b = by[source], by[case]
    if not either and a.onset and b.onset and a.day is not None and b.day is not None and a.day > b.day:
        found.append("order")
    return tuple(found)


def candidates(found: Iterable[Link]) -> dict[Id, list[Link]]:
    """For each case the links by which somebody may be its source: all of them, none chosen."""
    of: dict[Id, list[Link]] = defaultdict(list)
    for one in found:
        of[one.case].append(one)
        if one.either:
            of[one.source].append(one)
    return dict(of)


def clusters(nodes: Sequence[Node], found: Iterable[Link]) -> list[list[Id]]:
    """Cases that links join, however long the way: those joined to nobody first, each by itself, then the largest cluster."""
    head = {n.id: n.id for n in nodes}

    def top(one: Id) -> Id:
        while head[one] != one:
            head[one] = head[head[one]]
            one = head[one]
        return one

    for link in found:
        head[top(link.source)] = top(link.case)
    groups: dict[Id, list[Id]] = defaultdict(list)
    for n in sorted(nodes, key=lambda n: n.day or "9"):  # of one day as they were given
        groups[top(n.id)].append(n.id)
    first = {some[0]: i for i, some in enumerate(groups.values())}
    return sorted(groups.values(), key=lambda some: (len(some) > 1, -len(some), first[some[0]]))


def unlinked(nodes: Sequence[Node], found: Iterable[Link]) -> set[Id]:
    """Cases that nothing joins to another."""
    return {n.id for n in nodes} - {end for link in found for end in (link.source, link.case)}


def sourceless(nodes: Sequence[Node], found: Iterable[Link]) -> set[Id]:
    """Cases for which nobody is a candidate source, and which did not come from outside: their source is not known."""
    with_one = candidates(found)
    return {n.id for n in nodes if not n.outside and n.id not in with_one}


def generations(nodes: Sequence[Node], found: Sequence[Link]) -> dict[Id, int]:
    """The fewest generations to each case from one without a candidate source, which is 0; absent where only circles lead to it."""
    with_one = candidates(found)
    after: dict[Id, list[Id]] = defaultdict(list)
    for link in found:
        after[link.source].append(link.case)
        if link.either:
            after[link.case].append(link.source)
    known = {n.id: 0 for n in nodes if n.id not in with_one}
    edge, step = list(known), 0
    while edge:
        step += 1
        edge = [b for b in dict.fromkeys(b for a in edge for b in after[a]) if b not in known]
        known.update(dict.fromkeys(edge, step))
    return known


def serial(nodes: Sequence[Node], found: Sequence[Link]) -> list[tuple[Link, int]]:
    """Pairs whose days of onset are both known, told of by somebody, where the case has one candidate source alone: with the days between."""
    by, of = {n.id: n for n in nodes}, candidates(found)
    pairs = []
    for some in of.values():
        link = some[0]
        a, b = by[link.source], by[link.case]
        if len(some) > 1 or link.either or not {"told", "judged"} & set(link.ways) or not (a.onset and b.onset and a.day and b.day):
            continue
        pairs.append((link, (date.fromisoformat(b.day) - date.fromisoformat(a.day)).days))
    return pairs


def interval(days: Sequence[int]) -> Interval:
    """The middle of these and the middle half; nothing of fewer than `FEW`."""
    if len(days) < FEW:
        return Interval(len(days))
    low, _, high = quantiles(days, n=4, method="inclusive")
    return Interval(len(days), median(days), low, high)


#: Days for which a case may be the source of another: beyond them nothing is to be settled between two by a word of either.
REACH = 21


class Lack(NamedTuple):
    """One thing that is not on record of a case: how many links it could settle, and how many sources that are not known."""

    what: str
    case: Id
    links: int
    sources: int

    @property
    def settles(self) -> int:
        return self.links + self.sources


class Known(NamedTuple):
    """Of whom something is on record, beside what the chain has: an interview, a visit to a known place, a sequence."""

    interviewed: frozenset[Id] = frozenset()
    visited: frozenset[Id] = frozenset()
    sequenced: frozenset[Id] = frozenset()
    #: Who has no symptoms: there is no onset to ask for.
    without: frozenset[Id] = frozenset()


def lacking(nodes: Sequence[Node], found: Sequence[Link], known: Known) -> list[Lack]:
    """What is not on record and could settle something, the one that could settle most first. What could settle nothing is not asked for.

    A word of a case (interview, path) may tell of their own source, and of that of whoever fell ill within `REACH` days after them and has none.
    """
    mine: dict[Id, list[Link]] = defaultdict(list)
    for link in found:
        mine[link.source].append(link)
        mine[link.case].append(link)
    lost = sourceless(nodes, found)
    days = sorted(date.fromisoformat(n.day).toordinal() for n in nodes if n.id in lost and n.day)
    made = []
    for n in nodes:
        those = mine[n.id]
        undirected = sum(not {"told", "judged"} & set(k.ways) for k in those)
        own = int(n.id in lost)
        after = own
        if n.day is not None:
            at = date.fromisoformat(n.day).toordinal()
            # of those without a source who fell ill on this day or within reach after it; the case itself is counted once
            after = bisect_right(days, at + REACH) - bisect_left(days, at)
        if not n.onset and n.id not in known.without:
            made.append(Lack("onset", n.id, undirected, 0))
        if n.id not in known.interviewed:
            made.append(Lack("interview", n.id, 0, after))
        elif n.id not in known.visited:
            made.append(Lack("path", n.id, 0, after))
        if n.home is None:
            made.append(Lack("home", n.id, 0, own))
        made.append(Lack("judgement", n.id, sum("told" in k.ways and k.case == n.id for k in those), 0))
        if n.id not in known.sequenced:
            made.append(Lack("sequence", n.id, sum(bool((k.ends - {n.id}) & known.sequenced) for k in those), 0))
    order = {n.id: i for i, n in enumerate(nodes)}
    return sorted((one for one in made if one.settles), key=lambda one: (-one.settles, -one.sources, order[one.case], one.what))


class Lasted(NamedTuple):
    """Hours from one step to the next: of those that took it, and how many have not yet; the latter count with what they took so far.

    ``least``: the middle, respectively the ninetieth, may be longer than it says, because somebody still open has waited less than that.
    """

    n: int
    open: int
    middle: float | None = None
    ninety: float | None = None
    least: tuple[bool, bool] = (False, False)


def lasted(spans: Iterable[tuple[int, int | None]], now: int) -> Lasted:
    """Spans (from, until or None while open) as hours: the middle and the ninetieth of a hundred, the open ones among them and never left out.

    What begins after ``now`` is not counted; what ends after it is open.
    """
    closed = 0
    hours: list[float] = []
    waiting: list[float] = []
    for since, until in spans:
        if since > now:
            continue
        done = until is not None and until <= now
        closed += done
        hours.append(max(0, (until if done and until is not None else now) - since) / HOUR)
        if not done:
            waiting.append(hours[-1])
    if not hours:
        return Lasted(0, 0)
    hours.sort()
    middle, ninety = median(hours), hours[-(-len(hours) * 9 // 10) - 1]
    shortest = min(waiting, default=None)
    return Lasted(
        closed, len(waiting), middle, ninety, (shortest is not None and shortest <= middle, shortest is not None and shortest <= ninety)
    )


__all__ = [
    "CROWD", "FEW", "NEAR", "WAYS", "Interval", "Lasted", "Link", "Node", "Told", "Was", "candidates", "clusters", "generations", "interval",
    "lasted", "links", "serial", "sourceless", "unlinked",
]  # fmt: skip
