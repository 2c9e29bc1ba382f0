"""Lists for doors: who owes something at a door of an area, and what changed since it was last printed. Never why, and never how to reach them.

A list on paper leaves every protection behind when it is photographed. So it says where, a masked name, owed or not owed, and nothing else:
no reason, rule, ring, document or telephone, whatever the viewer's role sees on a screen. What was printed is not kept: it is read again as of
its hour and entry, and its digest says whether it is still the same.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, Q, QuerySet, Value, When

from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant
from bulou.basis.words import Word
from bulou.evidence.append import plain
from bulou.evidence.timeline import entered_facts, standing_facts
from bulou.gaps.coverage import RuleBook, condition, rows
from bulou.kit.exports import masked
from bulou.kit.looking import Looking, Moment
from bulou.kit.verb import Acting, Problem, Verb, verb
from bulou.protocol.rules import Match
from bulou.register.models import Household, Stay
from bulou.register.scope import standing

#: What shows that something was done, for each kind of work at doors.
WORK = {
    "visit": "household.visited", "swab": "sample.taken", "observe": "observation.made", "tell": "notice.given", "locate": "person.located",
}  # fmt: skip
#: What follows from a signal stands on no list for doors: who bought medicine is nobody's to see there, not as something owed either.
NEVER = frozenset({"signals.opened", "signal.noted", "signal.followed", "signals.closed", "signals.counted", "test.advised"})
#: A list is good for this long unless less is asked for, and never for longer than the second.
USUAL, LONGEST = 24 * HOUR, 72 * HOUR
#: What was done within this time still stands on a list, as not owed: nobody knocks twice.
SETTLED = DAY
#: A list of more rows than this is no list for one pair of hands.
MOST = 600
#: A list is of a village or of a unit below it: one of a street is nobody's to carry.
LEVELS = frozenset({"village", "group", "compound", "phase", "building", "stair", "grid"})


class Door(NamedTuple):
    """One row as it is compared and counted: whom or which household, where, and whether anything is owed there."""

    subject: bytes
    household: bool
    area: str
    home: bytes | None
    address: str
    owed: bool


class Line(NamedTuple):
    """One row as paper has it. ``mark`` says what became of it since the list before: new, changed, gone, or nothing."""

    number: int
    door: str
    name: str
    owed: bool
    mark: str
    gone: bool


# --- reading ----------------------------------------------------------------------------------------------------------
def doors(look: Looking, area: str, what: str) -> list[Door]:
    """Who owes something at a door of an area at the hour, and who owed it within the last day and does no more; by door.

    Eight statements at most, however many rows. Owed: due or overdue; what is blocked or not yet open is nobody's to do now.
    """
    types = _rules(look, what)
    owed = condition("due", look.seq, look.about) | condition("overdue", look.seq, look.about)
    settled = Q(closed_seq__lte=look.seq, closed_at__lte=look.about, closed_at__gt=look.about - SETTLED)
    found = rows(look.seq, look.about, look.scope).filter(area__in=look.inside(area), rule__in=types)
    owes: dict[tuple[bytes, bool], tuple[str, bool]] = {}
    asked = found.filter(owed | settled).annotate(now=Case(When(owed, then=Value(1)), default=Value(0))).order_by("area", "id")
    for subject, rule, where, now in asked.values_list("subject", "rule", "area", "now"):
        key = (bytes(subject), types[rule] == "household")
        before = owes.get(key)
        owes[key] = (before[0] if before else where or area, bool(now) or bool(before and before[1]))
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    people = [s for s, household in owes if not household]
    homes = dict(here.filter(person__in=people).exclude(household=None).values_list("person", "household"))
    asked_homes = {s for s, household in owes if household} | {bytes(h) for h in homes.values()}
    addresses = dict(standing(Household, look.seq).filter(household__in=asked_homes).values_list("household", "address"))
    made = []
    for (subject, household), (where, now) in owes.items():
        home = subject if household else homes.get(subject)
        made.append(Door(subject, household, where, bytes(home) if home else None, addresses.get(home) or "", now))
    return sorted(made, key=_in_order)


def _rules(look: Looking, what: str) -> dict[int, str]:
    """The rules whose work is done at a door, by number, with what each is about; a hospital's is done in a ward."""
    book, kinds = RuleBook(look.protocol), set(WORK.values()) if what == "all" else {WORK[what]}
    found = {
        n: book.subject_type(n)
        for n, r in book.rules.items()
        if isinstance(r.must, Match) and r.must.kind in kinds and r.answers != "hospital" and r.on.kind not in NEVER
    }
    return {n: type_ for n, type_ in found.items() if type_ in ("person", "household")}


def _in_order(door: Door) -> tuple[Any, ...]:
    """As one walks: by unit, by door (2 before 10), the household before its people."""
    return (_steps(door.area), _steps(door.address), not door.household, door.subject)


def _steps(text: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]


def digest(found: Iterable[Door]) -> str:
    """What a list must give again to be the list that was printed."""
    content = b"".join(sorted(plain((d.subject, d.household, d.area, d.address, d.owed)) for d in found))
    return hashlib.blake2b(content, digest_size=16).hexdigest()


class Changes(NamedTuple):
    """A list against the one before: marks by row, and the rows that are on it no more."""

    marks: dict[tuple[bytes, bool], str]
    gone: list[Door]

    def counts(self) -> dict[str, int]:
        marks = list(self.marks.values())
        return {"added": marks.count("added"), "changed": marks.count("changed"), "gone": len(self.gone)}


def changes(now: Sequence[Door], before: Sequence[Door]) -> Changes:
    """What was added to a list, changed on it (owed or not, or the door), and is gone from it."""
    old = {(d.subject, d.household): d for d in before}
    marks = {}
    for door in now:
        was = old.pop((door.subject, door.household), None)
        if was is None:
            marks[(door.subject, door.household)] = "added"
        elif (was.owed, was.area, was.address) != (door.owed, door.area, door.address):
            marks[(door.subject, door.household)] = "changed"
    return Changes(marks, sorted(old.values(), key=_in_order))


HOUSEHOLD = Word("全户", "household")


def lines(found: Sequence[Door], look: Looking, area: str, against: Changes | None = None) -> list[Line]:
    """Rows as paper has them: names masked for everyone. The rows that are gone come last, to be struck off the paper before."""
    veiled = masked(look)
    gone = against.gone if against else []
    veiled.learn_names(d.subject for d in (*found, *gone) if not d.household)
    made = []
    for i, door in enumerate((*found, *gone), 1):
        where = look.show("address", door.address, door.home) if door.home else ""
        unit = "" if door.area == area else look.areas.name(door.area, look.language)
        name = look.say(HOUSEHOLD) if door.household else veiled.name(door.subject)
        out = i > len(found)
        mark = "gone" if out else (against.marks.get((door.subject, door.household), "") if against else "")
        made.append(
            Line(i, " ".join(t for t in (unit, where) if t) or look.areas.name(door.area, look.language), name, door.owed, mark, out)
        )
    return made


# --- what was printed -------------------------------------------------------------------------------------------------
def printed(look: Looking) -> QuerySet[Any]:
    """The lists printed for the viewer's areas by the hour asked. Withdrawing the record takes no paper back: it stays here."""
    found: QuerySet[Any] = entered_facts("list.printed", look.seq, look.about).filter(look.scope.q())
    return found


def came_back(look: Looking, *outcomes: str) -> Any:
    """The ids of the lists of which one of these became."""
    return standing_facts("list.returned", look.seq, look.about).filter(outcome__in=outcomes).values("printed")


def before(look: Looking, area: str, what: str) -> Any:
    """The last print of the same list that was known, or None."""
    return printed(look).filter(area=area, what=what).order_by("-at", "-entry", "id").first()


def then(look: Looking, row: Any) -> Looking:
    """The same eyes at the hour and entry at which a list was read."""
    return look.at(Moment(Instant(row.at), row.upto, Instant(row.at), live=False))


def as_printed(look: Looking, row: Any) -> list[Door] | None:
    """What stood on a list; None where it can be told no more, because content was destroyed since or lies outside one's areas."""
    found = doors(then(look, row), row.area, row.what)
    return found if digest(found) == row.digest else None


def number(id_: bytes) -> str:
    """The number of a list, as its paper has it on every page and every line."""
    text = bytes(id_).hex()[-8:].upper()
    return f"{text[:4]}-{text[4:]}"


# --- the two verbs ----------------------------------------------------------------------------------------------------
def _can_be_carried(acting: Acting, body: Any) -> Iterable[Problem]:
    if not 1 <= body.rows <= MOST:
        yield Problem("rows", f"一份名单应有1至{MOST}行:请选择更小的区域", f"a list has 1 to {MOST} rows: choose a smaller area")
    if not acting.now < body.until <= acting.now + LONGEST:
        yield Problem("until", "有效期最长72小时", "a list is good for 72 hours at most")


def _of_the_list(acting: Acting, body: Any) -> Fact | None:
    found = [f for f in acting.book.facts.raw("fact", "id", body.printed) if f.kind == "list.printed"] if body.printed else []
    return found[0] if found else None


def _is_out(acting: Acting, body: Any) -> Iterable[Problem]:
    one, chair = _of_the_list(acting, body), acting.chair
    if one is None or (chair is not None and chair.reach is not None and one.body.area not in chair.reach):
        yield Problem("printed", "您负责的区域没有这份名单", "there is no such list in the areas that your post answers for")
    elif any(f.body.outcome != "lost" for f in acting.book.facts.by("list.returned", "printed", body.printed)):
        yield Problem("printed", "这份名单已交回或销毁", "this list was returned or destroyed already")


PRINT = verb(Verb(
    "print_doors", Word("打印上门名单", "print a list for doors"), "people", "list.printed", "area", ("area", "what"), (_can_be_carried,),
    timed=False, page="doors",
    warning=Word("纸上不受系统保护:不得拍照、不得转发,到期前交回或销毁。",
                 "Paper is protected by nothing: do not photograph it or pass it on; return or destroy it before its end."),
))  # fmt: skip
RETURN = verb(Verb(
    "return_list", Word("交回上门名单", "return a list for doors"), "people", "list.returned", None, ("outcome", "note"), (_is_out,), timed=False,
    page="door-return",
))  # fmt: skip
