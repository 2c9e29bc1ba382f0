"""A visit entered instead of one that was told with other hours: what that would change on the path, among candidates and of duties. Shows; enters nothing."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.basis.words import LISTS
from bulou.desks.tracing.candidates import ask, person_of
from bulou.desks.tracing.sheets import seen_of
from bulou.evidence.models import Case
from bulou.evidence.timeline import entered_by, standing_facts
from bulou.gaps.path import Clash, Hole, Visit
from bulou.kit.incidents import Named
from bulou.kit.looking import Looking
from bulou.kit.withdrawing import consequences
from bulou.protocol.rules import Edition
from bulou.questions.exposure import Candidate


class Change(NamedTuple):
    """What other hours of one visit would do: holes and contradictions that go and come, candidates likewise with their ring, duties."""

    holes_gone: list[Hole]
    holes_come: list[Hole]
    clashes_gone: list[Clash]
    clashes_come: list[Clash]
    near_gone: list[tuple[bytes, str]]
    near_come: list[tuple[bytes, str]]
    #: Candidates that go or come outside the viewer's areas: counted, not named.
    hidden: int
    duties_gone: int
    duties_come: int

    @property
    def nothing(self) -> bool:
        return not any(self)


class Told(NamedTuple):
    """A path as it is told: its visits, and how holes and contradictions of one are found."""

    visits: list[Visit]
    holes: Callable[[list[Visit]], list[Hole]]
    clashes: Callable[[list[Visit]], list[Clash]]


def may_take_back(row: Any, look: Looking) -> str | None:
    """The verb by which this viewer may take a visit back: any, or what their own post entered; None where another post's word stays."""
    if look.viewer.may("withdraw"):
        return "withdraw"
    if not look.viewer.may("undo_entry"):
        return None
    by = entered_by([row.entry]).get(row.entry, "")
    return "undo_entry" if by.split(" ")[0] in {c.post for c in look.viewer.chairs if "undo_entry" in c.role.verbs} else None


def visit_told(id_: bytes, ids: list[bytes], look: Looking) -> Any | None:
    """A visit of a person that stands."""
    return standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids, id=id_).first()


def change(
    old: Fact, at: Instant, until: Instant | None, case: Case | None, incident: Named, edition: Edition | None, told: Told, look: Looking
) -> Change:
    """What entering a visit with these hours instead of ``old`` would do now; ``told`` is the path that it is of."""
    after = [v._replace(at=at, until=until) if v.id == old.id else v for v in told.visits]
    holes_before, holes_after = told.holes(told.visits), told.holes(after)
    clash_before, clash_after = told.clashes(told.visits), told.clashes(after)
    before_keys, after_keys = {_key(c) for c in clash_before}, {_key(c) for c in clash_after}
    near_before, near_after, hidden = _near(case, incident, edition, {old.id: (at, until)}, look)
    new = Fact(new_id(look.about), old.kind, at, old.incident, old.body._replace(until=until))
    _gone, _come, n_gone, n_come = consequences(old, look, (new,))
    return Change(
        [h for h in holes_before if h not in holes_after], [h for h in holes_after if h not in holes_before],
        [c for c in clash_before if _key(c) not in after_keys], [c for c in clash_after if _key(c) not in before_keys],
        near_before, near_after, hidden, n_gone, n_come,
    )  # fmt: skip


def _key(clash: Clash) -> tuple[str, frozenset[bytes]]:
    return clash.what, frozenset((clash.one, clash.other))


def _near(
    case: Case | None, incident: Named, edition: Edition | None, moved: dict[bytes, tuple[Instant, Instant | None]], look: Looking
) -> tuple[list[tuple[bytes, str]], list[tuple[bytes, str]], int]:
    """Candidates of the case that go and that come, with their ring; how many of both lie outside the viewer's areas."""
    if case is None or edition is None:
        return [], [], 0
    before, after = _rings(ask(case, incident, edition, look).found), _rings(ask(case, incident, edition, look, moved).found)
    gone, come = sorted(before - after), sorted(after - before)
    seen = seen_of({p for p, _ in (*gone, *come)}, look)
    hidden = sum(p not in seen for p, _ in (*gone, *come))
    return [_ring(c, look) for c in gone if c[0] in seen], [_ring(c, look) for c in come if c[0] in seen], hidden


def _rings(found: list[Candidate]) -> set[tuple[bytes, str]]:
    return {(person_of(c), c.ring) for c in found}


def _ring(one: tuple[bytes, str], look: Looking) -> tuple[bytes, str]:
    return one[0], look.pick(LISTS["ring"], one[1])
