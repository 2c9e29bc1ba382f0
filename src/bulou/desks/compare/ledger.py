"""A list drawn from the ledger as it stood at an hour: yesterday's sheet beside today's lists. Within the viewer's areas; enters nothing.

Permission is judged now, data then: whoever draws a list gets those who were in their areas, as the ledger knew them at that hour.
"""

from collections.abc import Iterable

from bulou.basis.time import Instant, parse_local
from bulou.desks.compare.kept import Sent
from bulou.desks.compare.lasting import as_csv, of_fields
from bulou.evidence.sql import in_parts
from bulou.kit.looking import Looking, moment_at
from bulou.kit.people import here
from bulou.kit.sheet import SHEETS, Sheet
from bulou.register.models import Person
from bulou.register.scope import standing

#: Values asked for in one statement, and rows of a sheet at most.
PART, MOST = 400, 200_000


def drawable(look: Looking) -> list[Sheet]:
    """The sheets that name people and that the viewer opens."""
    return [s for s in SHEETS.values() if s.people is not None and look.viewer.sees(s.desk)]


def hour(look: Looking, text: str) -> Instant | None:
    """The hour that was typed, not after now; none where it is none."""
    try:
        at = parse_local(text.replace("T", " ").strip(), look.zone)
    except ValueError:
        return None
    return at if at <= look.about else None


def drawn(look: Looking, sheet: Sheet, at: Instant) -> Sent | None:
    """The people of a sheet as of an hour, each once, as a list of a comparison; none where there was nobody, or were too many."""
    then = look.at(moment_at(at, at))
    assert sheet.people
    people = list(dict.fromkeys(who for row in sheet.rows(then)[: MOST + 1] for who in _first(sheet.people(row))))
    if not people or len(people) > MOST:
        return None
    return of_fields(f"{look.say(sheet.word)} {look.time(at)}", as_csv(_told(then, people)))


def _first(of: Iterable[bytes | None]) -> list[bytes]:
    """Whom a row is about: a sheet names them first."""
    return [bytes(p) for p in of if p is not None][:1]


def _told(then: Looking, people: list[bytes]) -> dict[str, list[str | None]]:
    """What the register knew of them at that hour. Of who was elsewhere then nothing is said."""
    known: dict[bytes, tuple[str | None, ...]] = {}
    one: dict[bytes, bytes] = {}
    for part in in_parts(people, PART):
        rows = standing(Person, then.seq).filter(person__in=part)
        for person, canonical, *rest in rows.values_list("person", "canonical", "name", "document", "phone", "born_on", "sex"):
            known[bytes(person)], one[bytes(person)] = tuple(rest), bytes(canonical)
    areas: dict[bytes, str | None] = {}
    for part in in_parts(sorted(set(one.values())), PART):
        areas |= {bytes(p): a for p, a in here(then).filter(person__in=part).values_list("person", "area")}
    theirs = list(dict.fromkeys(one[p] for p in people if p in one and one[p] in areas))
    of = {c: known.get(c) or known[p] for p, c in one.items()}
    columns: dict[str, list[str | None]] = {
        f: [of[c][n] for c in theirs] for n, f in enumerate(("name", "document", "phone", "born_on", "sex"))
    }
    columns["sex"] = [None if v == "not_stated" else v for v in columns["sex"]]
    columns["area"] = [then.areas.name(areas[c], "zh") for c in theirs]
    return columns
