"""Pools as several desks read them: what is asked of each is read at once. Says nothing of any of them itself."""

from bulou.evidence.reader import Reader


def fetch_pools(facts: Reader, tubes: set[str]) -> None:
    """Reads what is asked of pools and of everyone in them, in four statements however many they are."""
    if not tubes:
        return
    facts.fetch({("tube.resulted", "tube"): set(tubes), ("sample.taken", "tube"): set(tubes), ("pool.reviewed", "tube"): set(tubes)})
    people = {f.body.person for t in tubes for f in facts.by("sample.taken", "tube", t)}
    facts.fetch({("sample.taken", "person"): set(people)})
    singles = {f.body.tube for p in people for f in facts.by("sample.taken", "person", p)}
    facts.fetch({("tube.resulted", "tube"): set(singles)})
