"""From what was read of another system to facts of one incident, with a receipt of every row. Never enters half a row or invents a day.

Ids of facts follow from the system, the incident and the ids that the file gives: the same file again changes nothing, a stopped import
goes on where it stopped, and a row that says something else than before is refused and shown, not written over.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from bulou.basis.facts import (
    AreaDeclared,
    AttemptMade,
    CaseDiagnosed,
    ContactNamed,
    IncidentOpened,
    ObservationMade,
    OnsetRecorded,
    PersonDied,
    PersonEnrolled,
    PlaceDeclared,
    PlacementMade,
    SampleTaken,
    TubeResulted,
)
from bulou.basis.ids import named_id, subject_text
from bulou.basis.kinds import KINDS, Fact, check
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.time import DAY, Instant, midnight, parse_local
from bulou.duties.enter import CHUNK, Receipt, patiently, writing
from bulou.evidence.append import equal, present
from bulou.kit.centre import Centre
from bulou.kit.models import ImportReceipt
from bulou.lists.peers import Link, Person, Reading, Row, Site, Test, Watch, setting

#: Of these the first that a list tells is the day of the diagnosis.
DIAGNOSIS = ("diagnosed", "reported", "admitted", "onset", "outcome_on", "died_on", "infected")
#: Of these, of whoever was exposed, the first is the last hour at which it can have happened where a link has no day of its own.
EXPOSED = ("exposed_until", "last_contact", "infected", "onset", "diagnosed", "reported", "admitted", "outcome_on", "died_on")


class Target(NamedTuple):
    """Where it goes: an incident (``opens``: its opening, where it is new), whose people stay in ``area`` unless their row names one.

    ``history``: people were there on their own days and are not on the register of today; no edition is in force.
    ``areas``: codes by what files call them, folded: code and name.
    """

    incident: bytes
    disease: str
    area: str
    history: bool
    opens: IncidentOpened | None = None
    areas: Mapping[str, str] = {}
    #: Where nothing else tells a day: when the incident was opened.
    since: Instant | None = None
    #: Whether areas of the files come into the tree, below ``area`` where their parent is not there.
    grows: bool = False


def new_target(name: str, disease: str, area: str, live: bool, areas: Mapping[str, str], opened: Mapping[bytes, Instant]) -> Target:
    """A new incident by its name, disease and area: the same words name the same incident when a file comes again."""
    incident = named_id("import", "incident", name, disease, area)
    nature = "outbreak" if live else "history"
    opens = None if incident in opened else IncidentOpened(incident, disease, area, name, name, nature)
    return Target(incident, disease, area, not live, opens, areas, opened.get(incident))


def names_of(tree: Mapping[str, Any]) -> dict[str, str]:
    """Areas by what files call them: their code, and their name (either language) where only one bears it."""
    bearing: dict[str, set[str]] = {}
    for code, area in tree.items():
        for name in (area.name, area.name_en):
            if name:
                bearing.setdefault(name.strip().casefold(), set()).add(code)
    return {n: next(iter(c)) for n, c in bearing.items() if len(c) == 1} | {code.casefold(): code for code in tree}


class Outcome(NamedTuple):
    """What became of one row: ``entered``, ``same`` (was there), ``differs``, ``refused``, ``repeated``, ``aside`` or ``kept`` (no fact)."""

    row: Row
    fate: str
    zh: str
    en: str
    facts: tuple[str, ...] = ()


class _Making:
    """The facts of each row, and those that rows share (the incident, hospitals). Made by ``facts_of``."""

    def __init__(self, reading: Reading, target: Target, centre: Centre) -> None:
        self.reading, self.target, self.zone = reading, target, centre.protocol.zone
        self.now = centre.clock.now()
        days = reading.days()
        self.first: str | None = days[0] if days else None
        self.last: str | None = days[-1] if days else None
        self.people = {p.key: p for p in reading.people}
        self.areas = dict(target.areas)
        if target.grows:
            self.areas |= {s.key.casefold(): s.key for s in reading.sites if s.nature == "area" and s.key.casefold() not in self.areas}
        wanted = {e for link in reading.links for e in (link.source, link.target)}
        wanted |= {w.person for w in reading.watches} | {t.person for t in reading.tests}
        ids = {self.id("person.enrolled", key): key for key in map(self.key, wanted)}
        #: Whoever an earlier import into this incident brought.
        self.earlier = {ids[id_] for id_ in present(connection, list(ids))}
        self.facts: dict[int, list[Fact]] = {}
        self.wrong: dict[int, tuple[str, str, str]] = {}
        self.notes: dict[int, list[tuple[str, str]]] = {}
        self.shared: dict[bytes, Fact] = {}
        #: Every fact by its id, and the row that said it first.
        self.taken: dict[bytes, tuple[Fact, int]] = {}

    def id(self, *parts: str) -> bytes:
        return named_id("import", self.reading.system, self.target.incident.hex(), *parts)

    def key(self, told: str) -> str:
        """The key behind an id as a file gives it."""
        return self.reading.aliases.get(told, told)

    def person(self, key: str) -> bytes:
        return self.id("person", self.key(key))

    def knows(self, key: str) -> bool:
        """Whether a person comes with a row of this import that is not refused, or came with an earlier one."""
        told = self.people.get(self.key(key))
        return (told is not None and told.row not in self.wrong) or self.key(key) in self.earlier

    def refuse(self, row: int, field: str, zh: str, en: str) -> None:
        self.wrong.setdefault(row, (field, zh, en))

    def at(self, day: str) -> Instant:
        return parse_local(day, self.zone) if len(day) > 10 else midnight(day, self.zone)

    def put(self, row: int, kind: str, at: Instant, body: Any, *parts: str) -> None:
        """One more fact of a row; a row that contradicts an earlier one of the same import is refused."""
        if at > self.now:
            self.refuse(
                row, "", "日期在将来:请核对年份与日月次序", "a date lies in the future: check the year and whether the day stands first"
            )
        incident = None if kind == "area.declared" else self.target.incident
        fact = Fact(self.id(kind, *parts), kind, at, incident, body)
        before = self.taken.setdefault(fact.id, (fact, row))
        if before[0] is not fact and not equal(before[0], fact):
            said = self.reading.rows[before[1]]
            zh, en = (
                f"与 {said.file} 第{said.number}行同一编号,内容不同",
                f"the same id as {said.file} row {said.number}, with other content",
            )
            self.refuse(row, "", zh, en)
        self.facts.setdefault(row, []).append(fact)

    def note(self, row: int, zh: str, en: str) -> None:
        self.notes.setdefault(row, []).append((zh, en))


def facts_of(reading: Reading, target: Target, centre: Centre) -> _Making:
    """The facts of every row that is ready; asks the ledger who is known already, and enters nothing."""
    made = _Making(reading, target, centre)
    if target.opens:
        at = made.at(made.first) if made.first and target.history else made.now
        opened = Fact(made.id("incident.opened"), "incident.opened", Instant(min(at, made.now)), target.incident, target.opens)
        made.shared[opened.id] = opened
    for person in reading.people:
        _person(made, person)
    for link in reading.links:
        _link(made, link)
    for site in reading.sites:
        _site(made, site)
    for watch in reading.watches:
        _watch(made, watch)
    for test in reading.tests:
        _test(made, test)
    return made


_UNKNOWN = "此人不在病例与接触者中:先导入其行", "this person is not among the cases and contacts: import their row first"


def _watch(made: _Making, watch: Watch) -> None:
    if not made.knows(watch.person):
        made.refuse(watch.row, "person", *_UNKNOWN)
    who, at = made.person(watch.person), made.at(watch.on)
    if watch.outcome in ("seen", "symptoms"):
        made.put(watch.row, "observation.made", at, ObservationMade(who, None, watch.outcome == "symptoms"), watch.key)
    elif watch.outcome:
        made.put(watch.row, "attempt.made", at, AttemptMade(subject_text(who), watch.outcome), watch.key)
    else:
        made.note(watch.row, "未随访:没有发生的事不成事实", "not carried out: what did not happen is no fact")


def _test(made: _Making, test: Test) -> None:
    if not made.knows(test.person):
        made.refuse(test.row, "person", *_UNKNOWN)
    system, disease = made.reading.system, made.target.disease
    tube, taken = f"{system}-{test.key}", made.at(test.taken)
    made.put(test.row, "sample.taken", taken, SampleTaken(made.person(test.person), tube, disease, 1), test.key)
    if test.result:
        resulted = Instant(max(taken, made.at(test.resulted))) if test.resulted else taken
        made.put(test.row, "tube.resulted", resulted, TubeResulted(tube, disease, test.result, channel="file"), test.key)


#: Levels of areas by the number of the administrative level elsewhere: 0 is a country there.
LEVELS = ("province", "city", "county", "street", "village", "group")


def _site(made: _Making, site: Site) -> None:
    since = made.target.since if made.target.since is not None else made.now
    if site.nature != "area":
        place = made.id("place", site.key)
        area = next((code for words in site.within if (code := made.areas.get(words.casefold()))), made.target.area)
        made.put(site.row, "place.declared", since, PlaceDeclared(place, site.name, site.nature, area), site.key)
    elif not made.target.grows:
        made.note(site.row, "区域未录入:要录入请加 --areas", "areas are not taken in: say --areas to take them into the tree")
    elif made.target.areas.get(site.key.casefold()) not in (None, site.key):
        made.note(site.row, "区域树中已有", "stands in the tree of areas already")
    else:
        parent = made.areas.get((site.parent or "").casefold(), made.target.area)
        level = LEVELS[min(int(site.level or 1), len(LEVELS) - 1)]
        body = AreaDeclared(site.key, parent, level, site.name, site.name, official=False, lon=site.lon, lat=site.lat)
        made.put(site.row, "area.declared", Instant(min(since, made.at(made.first)) if made.first else since), body, site.key)


def _own_days(made: _Making, person: Person) -> list[Instant]:
    own = sorted(made.at(d) for d in person.on.values())
    if not own and made.last:
        made.note(person.row, "本行没有日期:按名单的最后一天记", "no day of its own: recorded on the last day of the list")
        own = [made.at(made.last)]
    if not own:
        made.note(person.row, "没有任何日期:按事件启动时间记", "no day anywhere: recorded when the incident was opened")
    return own or [made.target.since if made.target.since is not None else made.now]


def _person(made: _Making, person: Person) -> None:
    who, target, row = made.person(person.key), made.target, person.row
    own = _own_days(made, person)
    told = next((code for words in person.area if (code := made.areas.get(words.strip().casefold()))), None)
    if person.area and told is None:
        words = " / ".join(person.area)
        made.note(
            row, f"地区“{words}”不在区域树中:记在 {target.area}", f'area "{words}" is not in the tree of areas: recorded in {target.area}'
        )
    made.put(row, "person.enrolled", own[0], PersonEnrolled(
        who, person.name, told or target.area, None, person.sex, person.born_on, "temporary" if person.document else "none", person.document,
        person.phone, nature="stay" if target.history else "residence", until=Instant(own[-1] + DAY) if target.history else None,
    ), person.key)  # fmt: skip
    if person.role == "case":
        day = next((person.on[d] for d in DIAGNOSIS if d in person.on), None)
        at = made.at(day) if day else own[0]
        made.put(row, "case.diagnosed", at, CaseDiagnosed(
            who, person.status, "not_given", "unknown", person.severity, made.reading.rows[row].key,
        ), person.key, person.status)  # fmt: skip
    if onset := person.on.get("onset"):
        made.put(row, "onset.recorded", made.at(onset), OnsetRecorded(who, onset[:10]), person.key)
    if person.source and (spent := [person.on[d] for d in ("exposed_from", "exposed_until") if d in person.on]):
        since, until = made.at(min(spent)), made.at(max(spent))
        made.put(row, "visit.recorded", since, VisitRecorded(who, person.source, "stated", until=until), person.key)
    elif person.source:
        made.note(row, f"暴露来源“{person.source}”没有日期", f'source of exposure "{person.source}" has no day')
    if admitted := person.on.get("admitted"):
        place = _place(made, person.hospital, "hospital") if person.hospital else None
        made.put(row, "placement.made", made.at(admitted), PlacementMade(who, "hospital", place), person.key)
    elif person.hospital:
        made.note(row, f"医院“{person.hospital}”没有入院日期", f'hospital "{person.hospital}" without a day of admission')
    if died := person.on.get("died_on"):
        made.put(row, "person.died", made.at(died), PersonDied(who), person.key)


def _place(made: _Making, name: str, nature: str) -> bytes:
    place = made.id("place", name.casefold())
    fact = Fact(made.id("place.declared", name.casefold()), "place.declared", made.at(made.first or made.last or "2000-01-01"),
                made.target.incident, PlaceDeclared(place, name, nature, made.target.area))  # fmt: skip
    made.shared.setdefault(fact.id, fact)
    return place


def _link(made: _Making, link: Link) -> None:
    own = made.reading.rows[link.row].what == "link"
    event = link.source.removeprefix("event:") if link.source.startswith("event:") else None
    unknown = [e for e in ((link.target,) if event is not None else (link.source, link.target)) if not made.knows(e)]
    if unknown:
        said = ", ".join(unknown)
        if own:
            made.refuse(link.row, "", f"{said}:{_UNKNOWN[0]}", f"{said}: {_UNKNOWN[1]}")
        else:
            made.note(
                link.row, f"来源病例 {said} 未知:未连,原文照留", f"the source case {said} is not known: not linked, its words are kept"
            )
        return
    target, source = made.people.get(made.key(link.target)), made.people.get(made.key(link.source))
    on = link.on or next((target.on[d] for d in EXPOSED if d in target.on), None) if target else link.on
    on = on or next((source.on[d] for d in EXPOSED[2:] if source and d in source.on), None) or made.last
    if on is None:
        made.refuse(link.row, "", "没有任何日期可作暴露时间", "no day tells when the exposure was")
        return
    if not link.on:
        made.note(link.row, f"未写暴露日期:按不晚于 {on[:10]} 记", f"no day of exposure: recorded as not later than {on[:10]}")
    until, who = made.at(on), made.person(link.target)
    parts = (made.key(link.target), made.key(link.source), link.words, link.on or "")
    if event is not None:
        words = "; ".join(filter(None, (event, link.words)))
        made.put(link.row, "visit.recorded", until, VisitRecorded(who, words, "stated"), *parts)
        return
    began = link.began or (target.on.get("exposed_from") if target else None)
    since = made.at(began) if began and made.at(began) <= until else None
    body = ContactNamed(who, made.person(link.source), until, setting(link.words), since, None, link.words or None)
    made.put(link.row, "contact.named", until, body, *parts)


# --- entering ---------------------------------------------------------------------------------------------------------
def plan(made: _Making) -> Iterator[Outcome]:
    """What would become of every row, in the order of the files, asking the ledger and entering nothing."""
    ids = [f.id for facts in made.facts.values() for f in facts]
    have = present(connection, ids)
    for index in range(len(made.reading.rows)):
        yield _fate(made, index, have)


def enter_all(
    made: _Making, centre: Centre, *, by: str, source: str, done: Callable[[list[Outcome]], None] = lambda _: None, skip: Iterable[int] = (),
) -> Receipt | None:  # fmt: skip
    """Enters every row that is ready, whole rows in small entries; ``done`` hears of the rows of each as soon as it stands.

    Rows in ``skip`` are known to be done. Returns the last entry's receipt (None: nothing was new).
    """
    skipped, batch, count, last = set(skip), [], 0, None
    shared = [f for f in made.shared.values() if f.id not in present(connection, list(made.shared))]
    if shared and any(index not in skipped for index in made.facts):
        last = _write(shared, centre, by, source)
    for index in range(len(made.reading.rows)):
        if index in skipped:
            continue
        batch.append(index)
        count += len(made.facts.get(index, ()))
        if count >= CHUNK:
            last = _enter(made, batch, centre, by, source, done) or last
            batch, count = [], 0
    return _enter(made, batch, centre, by, source, done) or last


def _write(facts: Sequence[Fact], centre: Centre, by: str, source: str) -> Receipt:
    def attempt() -> Receipt:
        with writing(by, source, centre.clock, centre.protocol) as book:
            book.add(*facts)
        assert book.receipt
        return book.receipt

    return patiently(attempt)


def _enter(
    made: _Making, batch: Sequence[int], centre: Centre, by: str, source: str, done: Callable[[list[Outcome]], None]
) -> Receipt | None:
    have = present(connection, [f.id for index in batch for f in made.facts.get(index, ())])
    outcomes = [_fate(made, index, have) for index in batch]
    entered = [index for o, index in zip(outcomes, batch, strict=True) if o.fate == "entered"]
    new = list({f.id: f for index in entered for f in made.facts[index] if f.id not in have}.values())
    receipt = _write(new, centre, by, source) if new else None
    if receipt and receipt.refused:  # someone else imported the same at the same moment
        raise RuntimeError(f"{len(receipt.refused)} facts were refused under way: run the import again")
    done(outcomes)
    return receipt


def _fate(made: _Making, index: int, have: Mapping[bytes, Fact]) -> Outcome:
    row, facts = made.reading.rows[index], made.facts.get(index, [])
    if row.fate != "ready":
        return Outcome(row, row.fate, row.zh, row.en)
    if index in made.wrong:
        field, zh, en = made.wrong[index]
        return Outcome(row._replace(field=field or row.field), "refused", zh, en)
    notes = [*made.notes.get(index, ()), *([(row.zh, row.en)] if row.zh else [])]
    zh, en = ";".join(n[0] for n in notes), "; ".join(n[1] for n in notes)
    bad = [(f.kind, w) for f in facts for w in check(KINDS[f.kind], f.body, f.incident)]
    if bad:
        return Outcome(row._replace(field=bad[0][1].field), "refused", bad[0][1].zh, bad[0][1].en)
    differing = sorted({f.kind for f in facts if f.id in have and not equal(have[f.id], f)})
    if differing:
        return Outcome(row, "differs", f"先前导入的内容不同({'、'.join(differing)}):未改动,请在其页面更正",
                       f"was imported before with other content ({', '.join(differing)}): nothing was changed; correct it on its page")  # fmt: skip
    if not facts:
        return Outcome(row, "kept", zh, en)
    kinds = tuple(f.kind for f in facts)
    return Outcome(row, "same" if all(f.id in have for f in facts) else "entered", zh, en, kinds)


# --- the receipt ------------------------------------------------------------------------------------------------------
class Unfit(ValueError):
    """A receipt of something else: nothing was read further."""


class Paper:
    """The receipt as a file of JSON lines: what is imported, then every row as its entry stands, then the totals.

    Only whoever runs the import may read it: it keeps the words of columns that have no place in a fact.
    """

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self.path, self.head = path, dict(head)
        self.done: dict[tuple[str, int, str], str] = {}
        self.count: Counter[str] = Counter()

    def resume(self) -> bool:
        """Whether an unfinished receipt of the same import is there; its rows count as done. Unfit for a receipt of something else."""
        if not self.path.exists():
            return False
        try:
            lines = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
        except (UnicodeDecodeError, json.JSONDecodeError) as wrong:
            raise Unfit(f"{self.path} is no receipt of an import: name another file") from wrong
        if not lines:
            return False
        if lines[0] != self.head:
            raise Unfit(f"{self.path} is the receipt of another import (other files, incident or mapping): name another file")
        if "totals" in lines[-1]:
            return False
        for line in lines[1:]:
            self.done[line["file"], line["row"], line["what"]] = line["fate"]
            self.count[f"{line['what']} {line['fate']}"] += 1
        return True

    def begin(self) -> None:
        """Starts the file, or goes on with what was left of it after its last whole line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.done:
            whole = self.path.read_bytes()
            self.path.write_bytes(whole[: whole.rfind(b"\n") + 1])
        else:
            self.path.touch(mode=0o600)
            self.path.write_text(json.dumps(self.head, ensure_ascii=False) + "\n", encoding="utf-8")
        self.path.chmod(0o600)

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """The rows of an entry, on the disk before the next begins."""
        with self.path.open("a", encoding="utf-8") as file:
            for o in outcomes:
                self.count[f"{o.row.what} {o.fate}"] += 1
                said = {"file": o.row.file, "row": o.row.number, "what": o.row.what, "key": o.row.key, "fate": o.fate, "field": o.row.field,
                        "zh": o.zh, "en": o.en, "facts": list(o.facts), "left": dict(o.row.left)}  # fmt: skip
                file.write(json.dumps({k: v for k, v in said.items() if v or k in ("fate", "row")}, ensure_ascii=False) + "\n")

    def end(self) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"totals": dict(sorted(self.count.items()))}, ensure_ascii=False) + "\n")


def run(reading: Reading, target: Target, centre: Centre, paper: Paper, *, by: str, tell: Callable[[int, int], None]) -> Paper:
    """The whole import: resumes from an unfinished receipt, writes each entry's rows to it, and leaves a receipt in the ledger's database."""
    resumed = paper.resume()
    paper.begin()
    made = facts_of(reading, target, centre)
    skip = [i for i, row in enumerate(reading.rows) if resumed and (row.file, row.number, row.what) in paper.done]
    far = len(skip)

    def done(outcomes: list[Outcome]) -> None:
        nonlocal far
        paper.write(outcomes)
        far += len(outcomes)
        tell(far, len(reading.rows))

    source = f"{reading.system}: {', '.join(f['name'] for f in paper.head['files'])}"[:500]
    enter_all(made, centre, by=by, source=source, done=done, skip=skip)
    paper.end()
    _note(paper, reading, centre, by)
    return paper


def _note(paper: Paper, reading: Reading, centre: Centre, by: str) -> None:
    def total(*fates: str) -> int:
        return sum(n for what, n in paper.count.items() if what.rsplit(" ", 1)[-1] in fates)

    ImportReceipt.objects.create(
        what=reading.system, file=", ".join(f["name"] for f in paper.head["files"])[:255], sha256=paper.head["files"][0]["sha256"],
        by=by, at=centre.clock.now(), entered=total("entered"), same=total("same", "repeated"), refused=total("refused", "differs"),
        rows=[{"totals": dict(paper.count), "receipt": str(paper.path)}],
    )  # fmt: skip
