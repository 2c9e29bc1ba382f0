"""The lake of visits kept: files taken in for one incident, by what right and by whom; deleted by its window and when people are excluded.

Asks nothing of the visits. A load is a fact before its first row is in the lake; rows never become facts.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from django.conf import settings

from bulou.basis.ids import named_id, new_id
from bulou.basis.kinds import Fact
from bulou.basis.lakefacts import VisitsDeleted, VisitsLoaded
from bulou.basis.time import FOREVER, HOUR, Instant, add_days, day_of, midnight
from bulou.duties.enter import enter
from bulou.duties.reckoning import edition_at
from bulou.evidence.models import Case, Incident
from bulou.evidence.timeline import standing_facts
from bulou.gaps.path import RECORDS
from bulou.kit.centre import Centre, centre
from bulou.kit.incidents import Named, edition_of
from bulou.kit.looking import Looking, moment_now
from bulou.kit.people import ones_of
from bulou.kit.verb import Problem, Refused, enter_facts
from bulou.lake.store import Broken, Busy, Gone, Lake, Load, connected
from bulou.protocol.kept import kept
from bulou.questions.rings import quoted
from bulou.questions.sifting import sift
from bulou.register.accounts import accounts
from bulou.register.models import Holding, Person
from bulou.register.scope import NOBODY, on_chairs, standing, viewer

_LOG = logging.getLogger("bulou.lake")
#: The verb whose holders load the lake and ask it; where entries come from that it gave.
ASK, LAKE = "ask_visits", "lake"
#: Nothing of the lake is taken in or asked without it.
NO_BASIS = Problem("basis", "请写明依据:文号、何人批准", "give the basis: the number of the request and who approved it")
#: Whoever was excluded stays in the lake for so long (FIELD F 13).
EXCLUDED_FOR = 72 * HOUR


def lake() -> Lake:
    """The visits of this centre."""
    return Lake(Path(settings.BULOU_HOME) / "lake" / "visits")


def eyes_of(post: str) -> Looking:
    """Whoever holds a post now and has an account, acting on that post alone: for commands. Refused where that is nobody, or several."""
    one = centre()
    moment = moment_now(one.clock.now())
    held = standing(Holding, moment.seq).filter(post=post, here_from__lte=moment.about, here_until__gt=moment.about)
    users = list(accounts().filter(holder__in=held.values("holder"), is_active=True))
    if len(users) != 1:
        zh = "现无人以账号任职" if not users else "现有多人任职,无法确定是谁"
        en = "nobody with an account holds it now" if not users else "several people hold it now: nobody can say who asks"
        raise Refused([Problem("by", f"岗位 {post} {zh}", f"post {post}: {en}")])
    eyes = viewer(users[0], moment.about, moment.seq)
    mine = on_chairs(users[0], [c for c in eyes.chairs if c.post == post])
    return Looking(mine, moment, "zh", one.protocol.zone, one.protocol)


# --- loading ------------------------------------------------------------------------------------------------------------
class Told(NamedTuple):
    """What is told of a file: what recorded it, by what right it was obtained, how often the source says it is wrong."""

    source: str
    basis: str
    error: str | None = None


class Loaded(NamedTuple):
    """A load as it stands, its receipt, and whether the same file had been taken in before."""

    load: Load
    receipt: Path
    before: bool


def problems_of(told: Told, look: Looking) -> list[Problem]:
    """Every reason against taking a file in."""
    found = []
    if not look.viewer.may(ASK):
        found.append(Problem(None, "您的岗位无此权限", "your post may not do this"))
    if told.source not in RECORDS:
        found.append(Problem("source", f"应是其中之一:{'、'.join(sorted(RECORDS))}", f"should be one of {', '.join(sorted(RECORDS))}"))
    if not told.basis.strip():
        found.append(NO_BASIS)
    return found


def load(
    look: Looking, path: Path, incident: Named, told: Told, *, name: str | None = None, tell: Callable[[int, int], None] | None = None
) -> Loaded:
    """Takes a file of visits in. The same file twice changes nothing; one that was stopped goes on where it was. Refused with every reason.

    The fact stands before the first row does: nothing is in the lake of which nobody said by what right.
    """
    if wrong := problems_of(told, look):
        raise Refused(wrong)
    into, edition = lake(), edition_of(look, incident)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with into.changing():
        before, times = into.begun(digest, incident.id.hex()), into.times(digest, incident.id.hex())
        if before is not None and before.gone == "closed" and not _ends(look.seq, look.about).over(incident.id):
            before = None  # it ended and goes on: the end was taken back, and with it the reason why the visits are gone
        if before is not None and (before.whole or before.gone):
            return Loaded(before, receipt_of(into, before), before=True)
        at = look.about if before is None else Instant(before.at)
        con = connected(into.folder, str(into.folder / "tmp" / "load.duckdb"))
        try:
            rows = sift(con, path, look.zone, add_days(day_of(at, look.zone), -kept(edition).days), at)
            chair = look.viewer.chair_for(ASK)
            post = chair.post if chair else "-"
            this = before or into.open(Load(
                0, incident.id.hex(), digest, name or path.name, told.source, told.basis, f"{post} {look.viewer.account}", at, rows.taken, rows.wrong,
                told.error,
            ))  # fmt: skip
            body = VisitsLoaded(
                told.source,
                told.basis,
                digest,
                rows.taken,
                rows.wrong,
                post,
                look.viewer.account,
                rows.first_day,
                rows.last_day,
                told.error,
            )
            fact = Fact(
                named_id("visits.loaded", incident.id.hex(), digest, *([str(times)] if times else [])),
                "visits.loaded",
                at,
                incident.id,
                body,
            )
            if not look.facts().raw("fact", "id", fact.id):
                enter_facts(look, ASK, [fact], LAKE)
            _write_receipt(receipt_of(into, this), this, rows)
            return Loaded(into.put(con, this, rows.rows, tell), receipt_of(into, this), before=False)
        finally:
            con.close()


def receipt_of(of: Lake, load_: Load) -> Path:
    """Where the receipt of a load is."""
    return of.folder / "receipts" / f"{load_.number:04}.jsonl"


def _write_receipt(path: Path, load_: Load, rows: Any) -> None:
    """Who loaded what by what right, then every row that was refused with its field and what would be right; all others were taken."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        head = {k: v for k, v in load_._asdict().items() if k not in ("days", "whole", "gone")}
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        for row, field, right in rows.refused():
            said = {"row": row, "fate": "refused", "field": field, "zh": f"应是{right.zh}", "en": f"should be {right.en}"}
            file.write(json.dumps(said, ensure_ascii=False) + "\n")
        file.write(json.dumps({"taken": load_.taken, "refused": load_.refused}) + "\n")
    part.replace(path)


# --- deleting -----------------------------------------------------------------------------------------------------------
class Deleted(NamedTuple):
    """What was deleted, or would be: of which incident, why, how many visits and people; everything before an hour where the window says so."""

    incident: bytes
    cause: str
    visits: int
    people: int | None
    until: Instant | None


class _Due(NamedTuple):
    incident: bytes
    cause: str
    where: str
    loads: dict[int, str]
    until: Instant | None
    counts: bool


def due(one: Centre) -> list[_Due]:
    """What must go at this moment: everything of incidents that are over, what is older than the window, the rows of people who were excluded."""
    now = one.clock.now()
    moment, zone = moment_now(now), one.protocol.zone
    here = [each for each in lake().loads() if each.gone is None]
    if not here:
        return []
    rows = {bytes(r.incident): r for r in standing(Incident, moment.seq)}
    ends = _ends(moment.seq, now)
    found: list[_Due] = []
    for id_ in sorted({bytes.fromhex(each.incident) for each in here}):
        row = rows.get(id_)
        of = rows.get(bytes(row.canonical), row) if row else None
        numbers = [each.number for each in here if bytes.fromhex(each.incident) == id_]
        mine = f"load IN ({', '.join(map(str, numbers))})"
        if row is None or of is None or ends.over(id_):
            found.append(_Due(id_, "closed", mine, dict.fromkeys(numbers, "closed"), None, counts=False))
            continue
        canonical = bytes(of.incident)
        look = _eyes(one, now)
        edition = one.protocol.editions.get(edition_at(canonical, now, look.facts()) or "")
        before = midnight(add_days(day_of(now, zone), -kept(edition).days), zone)
        found.append(_Due(id_, "window", f"{mine} AND start < {int(before)}", {}, before, counts=False))
        members = [r.incident for r in rows.values() if bytes(r.canonical) == canonical]
        if people := excluded(look, members, now):
            found.append(_Due(id_, "excluded", f"{mine} AND {_of(ids_of(people, look))}", {}, None, counts=True))
    return found


class _Ends(NamedTuple):
    """When incidents were closed, by the id that the closing names, and which were joined when."""

    closed: dict[bytes, int]
    joins: list[tuple[bytes, bytes, int]]

    def over(self, incident: bytes) -> bool:
        """Whether an incident is over: it was closed, or one that it is one with was closed since they are one. Joined to one that had been closed
        before, it goes on: a closing ends what was there then."""
        since = self._one_since(incident)
        return any(at >= since[other] for other, at in self.closed.items() if other in since)

    def _one_since(self, incident: bytes) -> dict[bytes, int]:
        """For every incident that is one with this, when the last of the joinings was decided that make them one."""
        since: dict[bytes, int] = {incident: 0}
        for _ in self.joins:
            for x, y, at in self.joins:
                for here, there in ((x, y), (y, x)):
                    if here in since:
                        since[there] = min(since.get(there, FOREVER), max(since[here], at))
        return since


def _ends(seq: int, now: int) -> _Ends:
    closed: dict[bytes, int] = {}
    for incident, at in standing_facts("incident.closed", seq, now).values_list("incident", "at"):
        closed[bytes(incident)] = min(at, closed.get(bytes(incident), FOREVER))
    joins = standing_facts("incident.joined", seq, now).values_list("incident", "into", "at")
    return _Ends(closed, [(bytes(a), bytes(b), at) for a, b, at in joins])


def _eyes(one: Centre, now: Instant) -> Looking:
    """The ledger as it stands, seen by nobody: for what the clock does."""
    return Looking(NOBODY, moment_now(now), "zh", one.protocol.zone, one.protocol)


def excluded(look: Looking, incidents: Collection[Any], now: Instant) -> set[bytes]:
    """Whoever was judged to be no contact more than 72 hours ago, stands so, is not named anew since, and is no case. By the id that stands for them."""
    judged = standing_facts("contact.judged", look.seq, now).filter(in_incident__in=incidents)
    last = {bytes(p): (ring, at) for p, ring, at in judged.order_by("at", "id").values_list("person", "ring", "at")}
    one = ones_of(last, look)
    latest: dict[bytes, tuple[int, str]] = {}
    for person, (ring, at) in last.items():
        latest[one[person]] = max(latest.get(one[person], (0, "")), (at, ring))
    out = {p: at for p, (at, ring) in latest.items() if ring == "excluded" and at <= now - EXCLUDED_FOR}
    if not out:
        return set()
    named = standing_facts("contact.named", look.seq, now).filter(in_incident__in=incidents, at__gt=min(out.values()))
    again = {bytes(p): at for p, at in named.order_by("at").values_list("person", "at")}
    ones = ones_of(again, look)
    renewed = {ones[p] for p, at in again.items() if at > out.get(ones[p], at)}
    cases = (
        standing(Case, look.seq).filter(incident__in=incidents, person__in=out).exclude(status="excluded").values_list("person", flat=True)
    )
    return set(out) - renewed - {bytes(p) for p in cases}


def ids_of(people: Iterable[bytes], look: Looking) -> dict[str, bytes]:
    """Under which ids these people may stand in the lake: every record of theirs and every document; with the id that stands for them."""
    ones = set(people)
    records = list(standing(Person, look.seq).filter(canonical__in=ones).values_list("person", "canonical", "document"))
    found = {p.hex(): p for p in ones} | {bytes(p).hex(): bytes(c) for p, c, _ in records}
    found |= {v: bytes(c) for _, c, d in records if d for v in written(d)}
    of = {bytes(p): bytes(c) for p, c, _ in records}
    more = standing_facts("document.recorded", look.seq, look.about).filter(person__in=list(of))
    found |= {v: of[bytes(p)] for p, d in more.values_list("person", "document") for v in written(d)}
    # A number that others stand under as well (a child under its mother's) is nobody's alone: their rows are not taken with it.
    every = standing(Person, look.seq).filter(document__in=list(found)).values_list("document", "canonical")
    shared = {v for d, c in every if bytes(c) not in ones for v in written(d)}
    return {d: p for d, p in found.items() if d not in shared}


def written(document: str) -> set[str]:
    """The ways in which a document's number may be written: its letters are the same large and small (an identity card ends in x or X)."""
    return {document, document.upper(), document.lower()}


def _of(ids: Collection[str]) -> str:
    return f"person IN ({', '.join(quoted(i) for i in sorted(ids))})"


def forget(one: Centre, *, post: str | None = None, by: str = "clock", dry: bool = False) -> list[Deleted]:
    """Deletes from both copies whatever is due now, and says so by facts that name nobody. Twice changes nothing. ``dry`` only counts."""
    return _delete(one, due(one), post, by, dry=dry)


def forget_people(one: Centre, people: Iterable[bytes], *, post: str, by: str, dry: bool = False) -> list[Deleted]:
    """Deletes every row of these people, whatever the incident: on a lawful request."""
    ids = ids_of(people, _eyes(one, one.clock.now()))
    by_incident: dict[bytes, list[int]] = {}
    for each in lake().loads():
        if each.gone is None:
            by_incident.setdefault(bytes.fromhex(each.incident), []).append(each.number)
    wanted = [
        _Due(i, "request", f"load IN ({', '.join(map(str, n))}) AND {_of(ids)}", {}, None, counts=True) for i, n in by_incident.items()
    ]
    return _delete(one, wanted, post, by, dry=dry)


def _delete(one: Centre, wanted: list[_Due], post: str | None, by: str, *, dry: bool) -> list[Deleted]:
    of, done = lake(), list[Deleted]()
    if not wanted:
        return done
    with of.changing():
        for each in wanted:
            gone: Gone = of.count(each.where) if dry else of.delete(each.where, each.loads, people=each.counts)
            if not gone.visits and not each.loads:
                continue
            said = Deleted(each.incident, each.cause, gone.visits, gone.people if each.counts else None, each.until)
            done.append(said)
            if not dry:
                now = one.clock.now()
                body = VisitsDeleted(said.cause, said.visits, said.people, said.until, post)
                enter(
                    [Fact(new_id(now), "visits.deleted", now, each.incident, body)],
                    by=by,
                    source=LAKE,
                    clock=one.clock,
                    protocol=one.protocol,
                )
    return done


def forget_by_clock() -> list[Deleted]:
    """What the watch does once an hour; an hour in which somebody loads is left to the next. A lake that is broken is told and stops no duty."""
    try:
        return forget(centre())
    except Busy:
        return []
    except (Broken, OSError, duckdb.Error):
        _LOG.exception("visits that are due could not be deleted from the lake")
        return []
