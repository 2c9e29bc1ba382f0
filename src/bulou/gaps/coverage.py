"""Duties and their states in SQL, at two hours: the same partition as ``gaps.standing``, one indexed query each.

Every class has its own condition; the conditions are disjoint and together hold every row. A test compares them with the
reference on generated histories.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, F, Func, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import LessThan

from bulou.duties.enter import CODES, DONE, EXCUSED, rule_numbers, unpack
from bulou.duties.models import Cell, Duty
from bulou.evidence.models import Entry
from bulou.protocol.branches import relation_of
from bulou.protocol.rules import Protocol_, Rule, Subject
from bulou.register.scope import Scope, asof

#: The classes in the order in which a board shows them.
STATES = ("overdue", "blocked", "due", "upcoming", "done_late", "done", "excused", "ended")


def rows(seq: int, about: int, scope: Scope) -> QuerySet[Duty]:
    """Duties as known at an entry, in the places of an hour, within a viewer's areas."""
    return asof(Duty.objects.all(), seq).filter(scope.q(), here_from__lte=about, here_until__gt=about)


def condition(state: str, seq: int, about: int) -> Q:
    """The rows of ``rows`` that are in a state at the hour. Exactly one of ``STATES`` holds for each row."""
    closed = Q(closed_seq__lte=seq, closed_at__lte=about)
    open_ = ~closed
    match state:
        case "done":
            return closed & Q(outcome=DONE, closed_at__lte=F("due_at"))
        case "done_late":
            return closed & Q(outcome=DONE, closed_at__gt=F("due_at"))
        case "excused":
            return closed & Q(outcome=EXCUSED)
        case "ended":
            return open_ & Q(end_at__lte=about)
        case "blocked":
            return open_ & Q(end_at__gt=about, given_at__gt=about)
        case "upcoming":
            return open_ & Q(end_at__gt=about, given_at__lte=about, opens_at__gt=about)
        case "due":
            return open_ & Q(end_at__gt=about, given_at__lte=about, opens_at__lte=about, due_at__gte=about)
        case "overdue":
            return open_ & Q(end_at__gt=about, given_at__lte=about, opens_at__lte=about, due_at__lt=about)
    raise ValueError(f"{state} is no state of a duty")


def gaps(seq: int, about: int, scope: Scope) -> QuerySet[Duty]:
    """Duties past due and neither closed nor ended: what someone must hear of."""
    # Not closed, as far as the entry knew and before the hour.
    found = Duty.objects.filter(scope.q(), opened_seq__lte=seq).filter(Q(closed_seq__gt=seq) | Q(closed_at__gt=about))
    if scope.codes is None and connection.vendor == "sqlite":
        found = found.filter(closed_seq__gte=_since(seq, about))
    found = found.filter(due_at__lt=about, void_seq__gt=seq, end_at__gt=about, here_from__lte=about, here_until__gt=about)
    return found.filter(Q(given_at__gt=about) | Q(opens_at__lte=about))


def _since(seq: int, about: int) -> Case:
    """The first entry that closed what was open at the hour: says nothing new, but SQLite then begins there in ``duty_gap``.

    That index holds every column of a gap, so no row is read. In the first half of a ledger most closings lie ahead, and finding
    the entry would cost more than it spares; PostgreSQL reads the table with all its workers and gains nothing.
    """
    after = Duty.objects.filter(closed_at__gt=about).annotate(first=Func(F("closed_seq"), function="MIN")).values("first")
    late = LessThan(Subquery(Entry.objects.order_by("-seq").values("seq")[:1]), 2 * seq)
    return Case(When(late, then=Least(Coalesce(Subquery(after), seq + 1), seq + 1)), default=0)


def counted(found: QuerySet[Duty], seq: int, about: int, *by: str) -> dict[tuple[Any, ...], dict[str, int]]:
    """How many rows are in each state, grouped by columns; one query for all states."""
    totals = {f"n_{state}": Count(Value(1), filter=condition(state, seq, about)) for state in STATES}
    if not by:
        one = found.aggregate(**totals)
        return {(): {state: one[f"n_{state}"] for state in STATES}}
    grouped = found.values(*by).order_by(*by).annotate(**totals)
    return {tuple(g[b] for b in by): {state: g[f"n_{state}"] for state in STATES} for g in grouped}


class RuleBook:
    """Rules by their number in this database."""

    def __init__(self, protocol: Protocol_) -> None:
        known = {r.id: r for e in protocol.editions.values() for r in e.rules}
        self.numbers = rule_numbers(connection, ())
        self.rules: dict[int, Rule] = {number: known[name] for name, number in self.numbers.items() if name in known}

    def numbers_of(self, *names: str) -> list[int]:
        """The numbers of rules by their names in any edition: ``close.place``."""
        return sorted(n for n, rule in self.rules.items() if rule.name in names)

    def starting(self, prefix: str) -> list[int]:
        return sorted(n for n, rule in self.rules.items() if rule.name.startswith(prefix))

    def subject_type(self, number: int) -> str:
        return relation_of(self.rules[number]).subject


def subject(value: bytes, type_: str) -> Subject:
    """A stored subject as it is meant."""
    return value.decode() if type_ in CODES else value


class Keyed(NamedTuple):
    """A cell by what it is about."""

    rule: int
    key: tuple[Subject, ...]


def keys_of(cells: Iterable[bytes]) -> dict[bytes, Keyed]:
    """The keys of cells, in one query."""
    found = Cell.objects.filter(id__in=set(cells)).values_list("id", "rule", "key")
    return {bytes(id_): Keyed(rule, unpack(bytes(key))) for id_, rule, key in found}
