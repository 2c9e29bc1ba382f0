"""What happened to someone or something, as facts in their order, as of an entry. Reads; says nothing in words."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import Instant
from bulou.evidence.append import load
from bulou.evidence.fields import stored
from bulou.evidence.models import CONTENT, Entry, Envelope, Erased
from bulou.protocol.rules import Subject


class Happened(NamedTuple):
    """A fact with the hour at which it became known, by whom and from where, and the withdrawal if there is one."""

    fact: Fact
    known: Instant
    by: str
    source: str
    withdrawn: Instant | None
    #: When the content was destroyed and under which rule; the fact's body is then empty.
    erased: tuple[Instant, str] | None = None
    #: What the device's clock said when it sent the fact, where it said so.
    device_at: Instant | None = None


def withdrawn(seq: int) -> Any:
    """The ids of facts that stood withdrawn as of an entry, as a subquery."""
    return CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq).values("target")


def standing_facts(kind: str, seq: int, about: int) -> Any:
    """Facts of a kind that happened by an hour, were entered by an entry, and were not withdrawn by it."""
    return entered_facts(kind, seq, about).exclude(id__in=withdrawn(seq))


def entered_facts(kind: str, seq: int, about: int) -> Any:
    """The same with those that were withdrawn: for what a withdrawal does not undo, such as paper that was handed out."""
    return CONTENT[kind]._default_manager.filter(entry__lte=seq, at__lte=about)


def sources(entries: Iterable[int]) -> dict[int, str]:
    """Where the facts of these entries came from: what a scenario made up says so here."""
    return dict(Entry.objects.filter(seq__in=set(entries)).values_list("seq", "source"))


def entries_from(source: str) -> Any:
    """The entries that came from a source, as a subquery."""
    return Entry.objects.filter(source=source).values("seq")


def taken_back(facts: Iterable[bytes], seq: int) -> dict[bytes, int]:
    """By which entry each of these facts was first taken back, as of an entry; those that stand are not in it."""
    rows = CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq, target__in=list(facts)).order_by("-entry")
    return {bytes(target): entry for target, entry in rows.values_list("target", "entry")}


def known_by(entries: Iterable[int]) -> dict[int, tuple[Instant, str]]:
    """When these entries were made, and in whose name."""
    return {seq: (Instant(known), by) for seq, known, by in Entry.objects.filter(seq__in=set(entries)).values_list("seq", "known", "by")}


def on_record(ids: Iterable[bytes]) -> set[bytes]:
    """Which of these ids are facts, whether they stand or were withdrawn."""
    return {bytes(i) for i in Envelope.objects.filter(id__in=list(ids)).values_list("id", flat=True)}


def untaken(made: Sequence[Callable[[int], bytes]]) -> list[bytes]:
    """The id under which each of these is entered: the one made of 0, which makes twice once; where that fact was taken back, of the next number,
    because what is withdrawn stays withdrawn and is entered again under an id of its own."""
    turns, found = dict.fromkeys(range(len(made)), 0), [one(0) for one in made]
    while turns:
        ids = {found[i]: i for i in turns}
        gone = CONTENT["fact.withdrawn"]._default_manager.filter(target__in=list(ids)).values_list("target", flat=True)
        turns = {ids[bytes(i)]: turns[ids[bytes(i)]] + 1 for i in gone}
        for i, n in turns.items():
            found[i] = made[i](n)
    return found


def entered_by(entries: Iterable[int]) -> dict[int, str]:
    """In whose name these entries were made."""
    return dict(Entry.objects.filter(seq__in=set(entries)).values_list("seq", "by"))


def devices_of(facts: Iterable[bytes]) -> dict[bytes, str]:
    """On which device these facts were made, where it said so."""
    found = Envelope.objects.filter(id__in=list(facts)).exclude(device=None)
    return {bytes(i): device for i, device in found.values_list("id", "device") if device}


def about_subjects(connection: Any, subjects: Iterable[Subject], seq: int, about: int, most: int = 200) -> list[Happened]:
    """The latest facts whose subject is one of these, newest first; withdrawn ones are there and say so."""
    found = Envelope.objects.filter(subject__in=[stored(s) for s in subjects], entry__lte=seq, at__lte=about)
    read = list(found.order_by("-at", "-entry", "id").values_list("id", "kind", "entry", "at", "device_at")[:most])
    rows, ats = [r[:3] for r in read], {r[0]: Instant(r[3]) for r in read}
    clocks = {r[0]: Instant(r[4]) for r in read if r[4] is not None}
    by_kind: dict[str, list[bytes]] = {}
    for id_, kind, _ in rows:
        by_kind.setdefault(kind, []).append(id_)
    facts = {f.id: f for kind, ids in by_kind.items() for f in load(connection, KINDS[kind], "id", ids)}
    entries = {e.seq: e for e in Entry.objects.filter(seq__in={entry for _, _, entry in rows})}
    gone = dict(CONTENT["fact.withdrawn"]._default_manager.filter(entry__lte=seq, target__in=list(facts)).values_list("target", "at"))
    destroyed = _destroyed([id_ for id_, _, _ in rows]) if len(facts) < len(rows) else {}
    told = []
    for id_, kind, entry in rows:
        fact = facts.get(id_)
        if fact is None and id_ in destroyed:
            body = KINDS[kind].body(*[None] * len(KINDS[kind].fields))
            fact = Fact(id_, kind, ats[id_], None, body, entry)
        if fact is not None:
            one = entries[entry]
            told.append(Happened(fact, Instant(one.known), one.by, one.source, gone.get(id_), destroyed.get(id_), clocks.get(id_)))
    return told


def _destroyed(ids: list[bytes]) -> dict[bytes, tuple[Instant, str]]:
    """Facts whose content was destroyed, whenever one looks from: when, and under which rule."""
    found = dict(Erased.objects.filter(fact__in=ids).values_list("fact", "by"))
    said = {f.pk: (Instant(f.at), f.rule) for f in CONTENT["content.erased"]._default_manager.filter(pk__in=set(found.values()))}  # type: ignore[attr-defined]
    return {fact: said[by] for fact, by in found.items() if by in said}
