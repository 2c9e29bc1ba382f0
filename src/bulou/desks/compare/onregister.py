"""Who of the lists may be on the register: the records that share a document or a name with a row, within the maker's areas. Enters nothing.

Never the whole register: a district has a million records, and whoever compares lists has no business with the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from bulou.evidence.models import Case, Order
from bulou.evidence.sql import in_parts
from bulou.evidence.timeline import standing_facts
from bulou.identity.documents import read_document
from bulou.kit.looking import Looking
from bulou.kit.people import here
from bulou.lists.comparing import Listed
from bulou.register.models import Person
from bulou.register.scope import standing

#: Values asked for in one statement.
PART = 400


class Known(NamedTuple):
    """A record of the register as a comparison takes it, and whose it is."""

    person: bytes
    fields: dict[str, str | None]
    #: Where they stay.
    area: str = ""

    @property
    def canonical(self) -> bytes:
        """The id that stands for the person."""
        return bytes.fromhex(str(self.fields["canonical"]))


def candidates(look: Looking, lists: Sequence[Listed]) -> list[Known]:
    """The records of people who stay in the viewer's areas and bear a document or a name of the lists."""
    documents, names = _said(lists)
    people = standing(Person, look.seq)
    found: dict[bytes, Known] = {}
    extra: dict[bytes, list[str]] = {}
    for part in in_parts(documents, PART):
        for person, document in (
            standing_facts("document.recorded", look.seq, look.about).filter(document__in=part).values_list("person", "document")
        ):
            extra.setdefault(bytes(person), []).append(document)
        _take(found, people.filter(document__in=part))
    for part in in_parts(extra, PART):
        _take(found, people.filter(person__in=part))
    for part in in_parts(names, PART):
        _take(found, people.filter(name__in=part))
    near = dict[bytes, str]()
    for part in in_parts([k.canonical for k in found.values()], PART):
        near |= {bytes(p): area for p, area in here(look).filter(person__in=part).values_list("person", "area")}
    kept = [k._replace(area=near[k.canonical]) for k in found.values() if k.canonical in near]
    return [one for k in kept for one in _each(k, extra.get(k.person, ()))]


#: How consequential a mistake is about someone who is infected or suspected to be, and about someone under an order.
INFECTED, ORDERED = 100, 75


def heavy(look: Looking, known: Sequence[Known]) -> dict[int, int]:
    """By their numbers the records of people who are cases or under an order that runs."""
    ids = sorted({one for k in known for one in (k.person, k.canonical)})
    found: dict[bytes, int] = {}
    for part in in_parts(ids, PART):
        orders = standing(Order, look.seq).filter(person__in=part, starts__lte=look.about, over_at__gt=look.about)
        found |= {bytes(p): ORDERED for p in orders.values_list("person", flat=True)}
        cases = standing(Case, look.seq).filter(person__in=part).exclude(conclusion="not_case")
        found |= {bytes(p): INFECTED for p in cases.values_list("person", flat=True)}
    both = ((i, max(found.get(k.person, 0), found.get(k.canonical, 0))) for i, k in enumerate(known))
    return {i: weight for i, weight in both if weight}


def _said(lists: Iterable[Listed]) -> tuple[list[str], list[str]]:
    """The documents of the lists as written and as read, and the names."""
    documents, names = dict[str, None](), dict[str, None]()
    for each in lists:
        for text in each.fields.get("document", ()):
            if text:
                read = read_document(text)
                documents[text.strip()] = None
                if read is not None and read.verdict != "refused":
                    documents[read.value] = None
        names |= {text.strip(): None for text in each.fields.get("name", ()) if text}
    return list(documents), list(names)


_FIELDS = ("person", "canonical", "name", "document", "phone", "born_on", "sex")


def _take(found: dict[bytes, Known], rows: QuerySet[Person]) -> None:
    for person, canonical, name, document, phone, born_on, sex in rows.values_list(*_FIELDS):
        told = {"name": name, "document": document, "phone": phone, "born_on": born_on, "sex": None if sex == "not_stated" else sex}
        found[bytes(person)] = Known(bytes(person), {**told, "canonical": bytes(canonical).hex()})


def _each(known: Known, documents: Iterable[str]) -> Iterator[Known]:
    """One record for each document of a person: all of them find who they are."""
    yield known
    for document in documents:
        if document != known.fields["document"]:
            yield known._replace(fields={**known.fields, "document": document})
