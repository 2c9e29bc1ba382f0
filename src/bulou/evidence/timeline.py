"""What happened to someone or something, as facts in their order, as of an entry. Reads; says nothing in words."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant
from bulou.evidence.append import load
from bulou.evidence.fields import stored
from bulou.evidence.models import CONTENT, Entry, Envelope
from bulou.protocol.rules import Subject


class Happened(NamedTuple):
    """A fact with the hour at which it became known, by whom and from where, and the withdrawal if there is one."""

    fact: Fact
    known: Instant
    by: str
    source: str
    withdrawn: Instant | None


def withdrawn(seq: int) -> Any:
    """The ids of facts that stood withdrawn as of an entry, as a subquery."""
    return CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq).values("target")


def standing_facts(kind: str, seq: int, about: int) -> Any:
    """Facts of a kind that happened by an hour, were entered by an entry, and were not withdrawn by it."""
    return CONTENT[kind]._default_manager.filter(entry__lte=seq, at__lte=about).exclude(id__in=withdrawn(seq))


def sources(entries: Iterable[int]) -> dict[int, str]:
    """Where the facts of these entries came from: what a scenario made up says so here."""
    return dict(Entry.objects.filter(seq__in=set(entries)).values_list("seq", "source"))


def about_subjects(connection: Any, subjects: Iterable[Subject], seq: int, about: int, most: int = 200) -> list[Happened]:
    """The latest facts whose subject is one of these, newest first; withdrawn ones are there and say so."""
    found = Envelope.objects.filter(subject__in=[stored(s) for s in subjects], entry__lte=seq, at__lte=about)
    rows = list(found.order_by("-at", "-entry").values_list("id", "kind", "entry")[:most])
    by_kind: dict[str, list[bytes]] = {}
    for id_, kind, _ in rows:
        by_kind.setdefault(kind, []).append(id_)
    facts = {f.id: f for kind, ids in by_kind.items() for f in load(connection, KINDS[kind], "id", ids)}
    entries = {e.seq: e for e in Entry.objects.filter(seq__in={entry for _, _, entry in rows})}
    gone = dict(CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq, target__in=list(facts)).values_list("target", "at"))
    return [
        Happened(facts[id_], Instant(entries[entry].known), entries[entry].by, entries[entry].source, gone.get(id_))
        for id_, _, entry in rows
        if id_ in facts
    ]
