"""What people said of records that may be one person, put on top of what was linked. Pure; judges nothing by itself.

A person may join what no program could, and may say that two are two: then nobody is asked about them again.
"""

from collections.abc import Iterable

from bulou.identity.linking import Linked, Tie


def with_decisions(linked: Linked, decided: Iterable[tuple[int, int, bool]]) -> Linked:
    """The same with these answers: two records, and whether they are one person. Of contradicting answers *two people* holds.

    Numbers of persons are given anew, in order of first appearance.
    """
    said = list(decided)
    if not said:
        return linked
    root = list(range(max(linked.person, default=-1) + 1))

    def of(record: int) -> int:
        n = linked.person[record]
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    apart = {frozenset((linked.person[a], linked.person[b])) for a, b, one in said if not one}
    ties = list(linked.ties)
    for a, b, one in said:
        if one and frozenset((linked.person[a], linked.person[b])) not in apart and of(a) != of(b):
            low, high = sorted((of(a), of(b)))
            root[high] = low
            ties.append(Tie(min(a, b), max(a, b), "decided", None, ""))
    two = {frozenset((of(a), of(b))) for a, b, one in said if not one}
    review = [t for t in linked.review if of(t.a) != of(t.b) and frozenset((of(t.a), of(t.b))) not in two]
    numbers: dict[int, int] = {}
    person = [numbers.setdefault(of(r), len(numbers)) for r in range(len(linked.person))]
    return Linked(person, sorted(ties, key=lambda t: t[:2]), review, linked.refused)
