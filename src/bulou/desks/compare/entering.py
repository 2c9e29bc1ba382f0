"""From the bench into the register: a list's value recorded for someone who is on it, someone enrolled who is not; of one or of many. Shown before.

What would change is worked out as proposals, each with what the register says now, what it will say, or why not; only what was shown is entered, by
the verbs that enter it anywhere else. Every press is kept with the comparison, so that it can be taken back as a whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from bulou.basis.ids import named_id, new_id
from bulou.basis.words import LISTS, Word
from bulou.desks.compare import kept
from bulou.desks.compare.answer import Answer, Lines
from bulou.desks.compare.joining import Registered
from bulou.desks.compare.models import Comparison
from bulou.desks.compare.showing import Shown, prefill
from bulou.duties.enter import CHUNK, writing
from bulou.evidence.timeline import standing_facts
from bulou.identity.documents import read_document
from bulou.identity.phones import fold_phone
from bulou.kit.centre import centre
from bulou.kit.importing import import_of
from bulou.kit.looking import Looking
from bulou.kit.people import here
from bulou.kit.verb import VERBS, Acting, Problem, in_whose_name, prepare
from bulou.lists import sameness
from bulou.lists.comparing import LETTERS
from bulou.register.models import Person
from bulou.register.scope import standing

#: What can be put right from here, by the field that differs, and the verb that does it.
FIXES = {
    "phone": "amend_person", "name": "amend_person", "name_writing": "amend_person", "born_on": "amend_person", "sex": "amend_person",
    "document": "record_document", "area": "record_stay",
}  # fmt: skip
ENROL = "enrol"
#: People entered by one press.
AT_ONCE = 500
_NOTHING = Word("名单里没有写", "the list says nothing")
_SEVERAL = Word("名单里有几种说法:请逐个处理", "the list says several things: one by one")
_ALREADY = Word("名册上已是如此", "the register says so already")
_NOT_ON = Word("不在您区域的名册上", "is not on the register of your areas")


class Proposal(NamedTuple):
    """What would be entered about one person: what the register says, what it will say, by which verb; or why nothing is."""

    number: int
    name: str
    now: str
    then: str
    verb: str
    values: dict[str, Any]
    why_not: Word | None = None


class Press(NamedTuple):
    """What one press entered: what, by whom, when, the ids of its facts."""

    id: str
    what: str
    by: str
    at: int
    facts: list[str]


def may(look: Looking, what: str) -> bool:
    """Whether a viewer may put this right, or enrol."""
    name = ENROL if what == ENROL else FIXES.get(what, "")
    return name in VERBS and look.viewer.may(name) and look.moment.live


# --- what would change ------------------------------------------------------------------------------------------------
def proposals(look: Looking, comparison: Comparison, answer: Answer, what: str, source: str, numbers: Sequence[int]) -> list[Proposal]:
    """What would be entered about these people. ``source``: the letter of the list whose value is taken; of enrolling the area where the lists name none."""
    lines = Lines(answer.folder / "people").read([n - 1 for n in numbers])
    shown = Shown(look, comparison.pk)
    if what == ENROL:
        return _enrolling(look, shown, lines, source)
    return _fixing(look, shown, lines, what, LETTERS.index(source), answer.said["lists"][LETTERS.index(source)]["name"])


def _fixing(look: Looking, shown: Shown, lines: Sequence[dict[str, Any]], what: str, i: int, called: str) -> list[Proposal]:
    on_it = Registered(look, [bytes.fromhex(x) for line in lines for x in line["ids"]])
    whose = {
        line["n"]: next((on_it.canonical[b] for x in line["ids"] if (b := bytes.fromhex(x)) in on_it.canonical), None) for line in lines
    }
    ids = [p for p in whose.values() if p]
    known = {bytes(p.person): p for p in standing(Person, look.seq).filter(person__in=ids)}
    stays = {bytes(p): a for p, a in here(look).filter(person__in=ids).values_list("person", "area")} if what == "area" else {}
    papers: dict[bytes, set[str]] = {}
    for p, d in (
        standing_facts("document.recorded", look.seq, look.about).filter(person__in=ids).values_list("person", "document")
        if what == "document"
        else ()
    ):
        papers.setdefault(bytes(p), set()).add(d)
    areas = _areas(look) if what == "area" else {}
    field, found = "name" if what == "name_writing" else what, list[Proposal]()
    for line in lines:
        of, person = shown.of(line["n"]), whose[line["n"]]
        name = shown.value("name", next((r[2]["name"] for r in line["rows"] if r[2].get("name")), None), of)
        said = list(dict.fromkeys(v.strip() for r in line["rows"] if r[0] == i and (v := r[2].get(field))))
        one = Proposal(line["n"], name, "", "", FIXES[what], {})
        if person is None or person not in known:
            found.append(one._replace(why_not=_NOT_ON))
            continue
        row = known[person]
        one = one._replace(
            now=_now(look, what, row, stays.get(person), papers.get(person, set())), then=shown.value(field, said[0], of) if said else ""
        )
        if len(said) != 1:
            found.append(one._replace(why_not=_SEVERAL if said else _NOTHING))
            continue
        values, wrong = _value(what, said[0], areas)
        if wrong is None and _same(what, values, row, stays.get(person), papers.get(person, set())):
            wrong = _ALREADY
        if what == "area" and "area" in values:
            one = one._replace(then=look.area(values["area"]))
        if FIXES[what] == "amend_person":
            values |= {"source": called}
        found.append(one._replace(values={"person": person, **values}, why_not=wrong))
    return found


def _now(look: Looking, what: str, row: Person, area: str | None, papers: set[str]) -> str:
    of = bytes(row.person)
    match what:
        case "area":
            return look.area(area)
        case "sex":
            return look.pick(LISTS["sex"], row.sex)
        case "born_on":
            return look.born(row.born_on, of)
        case "document":
            return " · ".join(look.show("document", d, of) for d in sorted({*papers, *([row.document] if row.document else [])}))
        case "phone":
            return look.show("phone", row.phone, of)
        case _:
            return look.show("name", row.name, of)


def _same(what: str, values: Mapping[str, Any], row: Person, area: str | None, papers: set[str]) -> bool:
    if what == "area":
        return bool(values["area"] == area)
    if what == "document":
        return values["document"] in papers or values["document"] == row.document
    field = "name" if what == "name_writing" else what
    return bool(values[field] == getattr(row, field))


def _value(what: str, text: str, areas: Mapping[str, set[str]]) -> tuple[dict[str, Any], Word | None]:
    """A list's value as a verb takes it, and what is wrong with it."""
    match what:
        case "phone":
            return {"phone": fold_phone(text) or text}, None
        case "name" | "name_writing":
            return {"name": text}, None
        case "sex":
            code = sameness.sex(text)
            return ({"sex": code}, None) if code in LISTS["sex"] else ({}, Word("看不出性别", "does not say which sex"))
        case "born_on":
            try:
                return {"born_on": date.fromisoformat(text[:10]).isoformat()}, None
            except ValueError:
                return {}, Word("日期不完整", "is no whole date")
        case "document":
            read = read_document(text)
            if read is None or read.verdict != "sound" or read.kind not in LISTS["document"]:
                return {}, Word("证件号不可靠:请看原件", "the number is not sound: see the document itself")
            return {"document": read.value, "document_kind": read.kind}, None
        case _:
            codes = areas.get(sameness.area(text), set())
            if len(codes) != 1:
                return {}, Word("名册里没有或不止一个同名区域", "no area of the centre, or several, are called so")
            return {"area": next(iter(codes)), "nature": "residence"}, None


def _areas(look: Looking) -> dict[str, set[str]]:
    """The areas of the viewer by what lists call them; of one name the highest: a street's name is also its first village's."""
    found: dict[str, set[str]] = {}
    depth: dict[str, int] = {}
    for code, place in sorted(look.areas.places.items(), key=lambda one: len(one[1].lineage)):
        name = sameness.area(place.name)
        if not name or not look.scope.holds(code):
            continue
        if depth.setdefault(name, len(place.lineage)) == len(place.lineage):
            found.setdefault(name, set()).add(code)
    return found


def _enrolling(look: Looking, shown: Shown, lines: Sequence[dict[str, Any]], usual: str) -> list[Proposal]:
    areas, judge = _areas(look), import_of(ENROL)
    some, rows = list[tuple[dict[str, Any], Word | None]](), list[dict[str, Any]]()
    for line in lines:
        told = prefill(line["rows"])
        codes = next((c for r in line["rows"] if (c := areas.get(sameness.area(r[2].get("area") or "") or "-"))), set[str]())
        sex = sameness.sex(told["sex"]) if "sex" in told else ""
        row = {
            **{k: v for k, v in told.items() if k != "sex"},
            "area": next(iter(codes)) if len(codes) == 1 else usual,
            "sex": sex or "not_stated",
        }
        wrong = None if line["on"] is False else Word("已在名册", "is on the register")
        wrong = wrong or (None if row.get("name") else Word("没有姓名", "has no name"))
        wrong = wrong or (None if row["area"] else Word("名单未写区域:请在上面选一个", "the lists name no area: choose one above"))
        some.append((row, wrong))
        rows.append({"name": "", "phone": None, "document": None, **row})
    fates = judge.judge([line["n"] for line in lines], rows, look, None) if judge and judge.judge else [None] * len(lines)
    found = list[Proposal]()
    for line, (row, wrong), fate in zip(lines, some, fates, strict=True):
        of = shown.of(line["n"])
        name = shown.value("name", row.get("name"), of)
        said = [shown.value(f, row.get(f), of) for f in ("document", "phone", "born_on")]
        why = wrong or (Word(fate.zh, fate.en) if fate else None)
        then = " · ".join(t for t in (*said, look.area(row["area"])) if t)
        found.append(Proposal(line["n"], name, "", then, ENROL, row, why))
    return found


# --- entering it ------------------------------------------------------------------------------------------------------
def enter(look: Looking, comparison: Comparison, what: str, some: Sequence[Proposal], press: bytes) -> tuple[int, Counter[Word]]:
    """Enters what was proposed, each as its verb would; how many, and why not the others. The same press sent twice enters nothing twice."""
    refused, entered = Counter(p.why_not for p in some if p.why_not is not None), list[bytes]()
    good = [p for p in some if p.why_not is None][:AT_ONCE]
    if not good:
        return 0, refused
    verb, one = VERBS[good[0].verb], centre()
    chair = look.viewer.chair_for(verb.name)
    for start in range(0, len(good), CHUNK):
        with writing(in_whose_name(look, chair), "bench", one.clock, one.protocol) as book:
            now, ids = book.now(), list[bytes]()
            for p in good[start : start + CHUNK]:
                id_ = named_id("bench entry", press.hex(), what, str(p.number))
                values = {**p.values, "person": id_} if what == ENROL else p.values
                facts, problems = prepare(verb, Acting(look, chair, book, now, now, None), values, id_)
                if problems:
                    refused[Word(problems[0].zh, problems[0].en)] += 1
                else:
                    book.add(*facts)
                    ids.append(id_)
        assert book.receipt
        for r in book.receipt.refused:
            refused[Word(r.zh, r.en)] += 1
        entered += [i for i in ids if i in {*book.receipt.new, *book.receipt.same}]
    if entered:
        _keep(comparison, Press(press.hex(), what, in_whose_name(look, chair), now, [i.hex() for i in entered]))
    return len(entered), refused


def _path(comparison: Comparison) -> Any:
    return kept.folder(comparison.pk) / "presses.json"


def presses(comparison: Comparison) -> list[Press]:
    """What was entered from a comparison and not taken back, the latest first."""
    return [Press(*p) for p in reversed(kept.read_json(_path(comparison)) or ())]


def _keep(comparison: Comparison, press: Press) -> None:
    before = [p for p in kept.read_json(_path(comparison)) or () if p[0] != press.id]
    kept.write_json(_path(comparison), [*before, press])


def take_back(look: Looking, comparison: Comparison, press: str) -> tuple[int, Counter[Problem]]:
    """Withdraws everything that one press entered; how many, and why not the others."""
    found = next((p for p in presses(comparison) if p.id == press), None)
    verb = VERBS["undo_entry"]
    chair, one, refused, done = look.viewer.chair_for(verb.name), centre(), Counter[Problem](), 0
    if found is None or chair is None or not look.moment.live:
        return 0, Counter([Problem(None, "您的岗位无此权限", "your post may not do this")])
    reason = "对表撤回" if look.language == "zh" else "taken back on the bench"
    for start in range(0, len(found.facts), CHUNK):
        with writing(in_whose_name(look, chair), "bench", one.clock, one.protocol) as book:
            now = book.now()
            part = [bytes.fromhex(f) for f in found.facts[start : start + CHUNK]]
            book.facts.fetch({("fact", "id"): set(part)})
            for id_ in part:
                facts, problems = prepare(verb, Acting(look, chair, book, now, now, None), {"target": id_, "reason": reason}, new_id(now))
                refused.update(problems[:1])
                book.add(*facts)
                done += not problems
    if not refused:
        kept.write_json(_path(comparison), [p for p in kept.read_json(_path(comparison)) if p[0] != press])
    return done, refused
