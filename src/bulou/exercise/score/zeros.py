"""The three numbers that must be perfect: facts lost, duties missed, figures that disagree. Each from its own reckoning, none from the platform's."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from bulou.basis.words import LISTS
from bulou.exercise.score import Row
from bulou.exercise.score.records import DAY, Records, about, bare

OPEN = ("due", "overdue", "blocked")
INFECTED = ("confirmed", "asymptomatic", "converted")
#: Of what is wrong so many are told one by one.
MOST = 50


def zero(of: int, wrong: list[Row], **more: Any) -> Row:
    """One of the three: how many were looked at, how many are wrong, the first of them."""
    return {"n": len(wrong), "of": of, "which": wrong[:MOST], **more}


# --- facts lost -----------------------------------------------------------------------------------------------------------
def facts_lost(records: Records) -> Row:
    """Facts that the platform acknowledged and that are neither there when asked about again nor in its lists.

    A swab that is said to be there and stands in no list is lost too. ``conflict``: under its id something else is kept than was acknowledged.
    """
    keys = {name: {r["key"] for r in records.lists.get(name, ())} for name in ("samples", "reports", "objections")}
    there = set().union(*keys.values())
    wrong: list[Row] = []
    unasked = 0
    for act in records.acts:
        status, told = records.again.get(act.fact, (None, ""))
        said = {"fact": act.fact, "verb": act.verb, "actor": act.actor, "at": act.at}
        if told == "same" or (status == 409 and "same" in told):
            if (
                act.verb == "take_sample"
                and "samples" in records.lists
                and act.fact not in keys["samples"]
                and _listable(act.fact, act.values, records)
            ):
                wrong.append({**said, "why": "in no list"})
        elif act.fact in there and told != "new":
            continue
        elif not records.asked_again:
            unasked += 1
        else:
            wrong.append({**said, "why": told or "no answer"})
    return zero(len(records.acts) - unasked, wrong, unasked=unasked)


def _listable(fact: str, values: Row, records: Records) -> bool:
    """Whether a swab belongs on the list at the end: not taken back, and not said to be taken after it by a clock that is ahead."""
    at = records.minute(values.get("at"))
    return fact not in records.withdrawn and (at is None or at <= records.end)


# --- duties missed --------------------------------------------------------------------------------------------------------
def duties_missed(records: Records) -> Row:
    """Duties that follow from what was acknowledged, by this module's own reckoning, and stand nowhere in the list of duties."""
    rows = records.listed("duties")
    if rows is None:
        return {"n": None, "of": 0, "which": []}
    there = {(about(r).get("rule"), bare(about(r).get("subject"))) for r in rows}
    cases = {
        (about(r).get("rule"), bare(about(r).get("subject")), about(r).get("tube") or about(r).get("order"), about(r).get("turn"))
        for r in rows
    }
    keyed = any(about(r).get("tube") for r in rows)
    owed = list(dict.fromkeys(owes(records)))
    wrong = []
    for rule, subject, case, turn in owed:
        found = (rule, subject, case, turn) in cases if turn is not None and keyed else (
            any((rule, subject, case, t) in cases for t in _TURNS) if keyed and case and rule in _OF_A_TUBE else (rule, subject) in there
        )  # fmt: skip
        if not found:
            wrong.append({"rule": rule, "subject": subject, "case": case, "turn": turn})
    return zero(len(owed), wrong, rules=dict(sorted(Counter(o[0] for o in owed).items())))


_TURNS = (None, "0", "1")
_MEMBERS = ("recall.single", "recall.locate", "recall.tell", "recall.interview")
_OF_A_TUBE = frozenset(_MEMBERS)
_CASE = ("case.report", "case.investigate", "case.core")


Owed = tuple[str, str, str | None, str | None]


def owes(records: Records) -> Iterable[Owed]:
    """Rule, subject, tube or order of the case, turn: what the logs say was entered must have opened these (docs/explanation/exercise-score.md)."""
    edition = records.edition
    has = _asked(edition)
    members: dict[str, set[str]] = defaultdict(set)
    for act in records.of("take_sample"):
        members[act.values["tube"]].add(bare(act.values["person"]))
    for act in records.of("receive_tube"):
        if has("testing.result"):
            yield "testing.result", act.values["tube"], None, None
    for act in records.of("report_result"):
        tube, result = act.values["tube"], act.values["result"]
        if result not in ("positive", "grey") or act.values.get("run", "first") != "first":
            continue
        if has("recall.rerun"):
            yield "recall.rerun", tube, None, None
        for person in sorted(members[tube]):
            yield from ((rule, person, tube, None) for rule in _MEMBERS if has(rule))
        if result == "positive" and len(members[tube]) == 1 and has("case.recheck") and _alone(tube, records):
            yield "case.recheck", next(iter(members[tube])), None, None
    for act in records.of("name_contact"):
        if has("contact.judge"):
            yield "contact.judge", bare(act.values["person"]), None, None
    for act in records.of("diagnose"):
        if act.values.get("status") in INFECTED[:2]:
            yield from ((rule, bare(act.values["person"]), None, None) for rule in _CASE if has(rule))
    yield from _of_orders(records)
    yield from _of_zones(records)


def _of_zones(records: Records) -> Iterable[Owed]:
    """Every household of a zone is owed a visit, as far as it lies in its areas and the edition asks for it at that level."""
    asks = {z["level"] for z in records.edition.get("zone", ()) if "visit" in z}
    homes = [(about(r).get("area") or "", bare(about(r).get("household"))) for r in records.listed("households") or ()]
    for act in records.of("draw_zone"):
        if (level := act.values["level"]) in asks:
            for area, home in homes:
                if any(area == a or area.startswith((a, f"{a}-")) for a in act.values.get("areas", ())):
                    yield f"zone.visit.{level}", home, None, None


def _asked(edition: Row) -> Callable[[str], bool]:
    """Whether an edition asks for a duty; all of them where the play left no copy of its edition."""

    def has(rule: str) -> bool:
        section, _, name = rule.partition(".")
        return not edition or name in edition.get(section, {})

    return has


def _alone(tube: str, records: Records) -> bool:
    return any(a.values["tube"] == tube and a.values.get("capacity") == 1 for a in records.of("take_sample"))


def _of_orders(records: Records) -> Iterable[Owed]:
    """Every order owes a swab on each of its days, as far as they lie in it whether they are counted from its anchor or its start."""
    days = {
        (m["ring"], m["measure"]): (m.get("test_days", ()), m.get("first_day", 1))
        for m in records.edition.get("measure", ())
        if "test" in m
    }
    for row in records.listed("orders") or ():
        of, text = about(row), row["text"]
        ring = next((code for code, word in LISTS["ring"].items() if text.get("ring") in word), None)
        starts, over = records.minute(text.get("starts")), _over(row, records)
        if starts is None:
            continue
        bases = (starts, records.minute(text.get("anchor")) or starts)
        numbers, first = days.get((ring or "", of.get("measure") or ""), ((), 1))
        for k in numbers:
            midnights = [(base // DAY + k - first) * DAY for base in bases]
            if all(starts // DAY * DAY <= at < min(over, records.end + DAY) for at in midnights):
                yield f"{ring}.test", bare(of.get("person")), of.get("order"), str(k)


# --- figures that disagree --------------------------------------------------------------------------------------------
def figures_disagree(records: Records) -> Row:
    """Each exported figure against the number recounted from the exported lists; one thing told in two ways; areas that do not sum."""
    wrong: list[Row] = []
    checked = 0
    for name, recount in RECOUNTS.items():
        said = records.figures.get(name)
        counted = recount(records)
        if said is None or counted is None or said.get("value") is None:
            continue
        checked += 1
        if said["value"] != counted:
            wrong.append({"what": "figure", "name": name, "said": said["value"], "counted": counted})
    for check in (_twice, _reports, _sums, _tubes):
        n, more = check(records)
        checked += n
        wrong += more
    return zero(
        checked, wrong, figures=len([f for f in records.figures if f in RECOUNTS]), unchecked=sorted(set(records.figures) - set(RECOUNTS))
    )


Recount = Callable[[Records], int | None]


def _duties(*rules: str, states: tuple[str, ...] = OPEN) -> Recount:
    def count(records: Records) -> int | None:
        rows = records.listed("duties")
        if rows is None:
            return None
        return len({about(r).get("subject") for r in rows if about(r).get("rule") in rules and r["state"].get("state") in states})

    return count


def _people(name: str, field: str, words: str, *codes: str) -> Recount:
    """People of a list whose column says one of these words."""

    def count(records: Records) -> int | None:
        rows = records.listed(name)
        if rows is None:
            return None
        wanted = {text for code in codes for text in LISTS[words][code]}
        return len({about(r).get("person") for r in rows if about(r).get(field) in codes or r["text"].get(field) in wanted})

    return count


def _under_order(records: Records) -> int | None:
    rows = records.listed("orders")
    if rows is None:
        return None
    now = records.end
    return len({about(r).get("person") for r in rows if (records.minute(r["text"]["starts"]) or 0) <= now < _over(r, records)})


def _over(row: Row, records: Records) -> float:
    text = row["text"].get("over")
    return float("inf") if not text else records.minute(text) or 0.0


def _pools(records: Records) -> int | None:
    rows = records.listed("tubes")
    return None if rows is None else sum((r["state"].get("pool") or "") in ("pending", "unresolved") and _many(r, records) for r in rows)


def _many(row: Row, records: Records) -> bool:
    """Whether a tube holds several people, or nobody knows whom."""
    tube = about(row).get("tube") or row["text"]["tube"]
    return len({about(r).get("person") for r in records.lists.get("samples", ()) if about(r).get("tube") == tube}) != 1


def _zones(records: Records) -> int | None:
    rows = records.listed("zones")
    return None if rows is None else sum(not r["text"]["lifted"] for r in rows)


RECOUNTS: dict[str, Recount] = {
    "infections": _people("cases", "status", "case_status", *INFECTED),
    "investigations_open": _duties("case.investigate", "recall.interview"),
    "contacts_close": _people("contacts", "ring", "ring", "close"),
    "contacts_secondary": _people("contacts", "ring", "ring", "secondary"),
    "contacts_general": _people("contacts", "ring", "ring", "general"),
    "candidates": _duties("contact.judge"),
    "not_located": _duties("recall.locate", "case.household"),
    "under_order": _under_order,
    "not_placed": _duties("close.place", "secondary.place"),
    "pools_open": _pools,
    "tests_owed": _duties("recall.single", "recall.single_again", "close.test", "secondary.test"),
    "zones": _zones,
    "households_owed": _duties("zone.visit.medium", "zone.visit.high", "zone.visit.temporary"),
    "silent_units": _duties("reporting.daily", states=("overdue",)),
    "traced": lambda r: None if r.listed("traced") is None else len(r.lists["traced"]),
}


def _twice(records: Records) -> tuple[int, list[Row]]:
    """One person, tube or order that a list tells of twice, with two states."""
    names = {"cases": ("person", "incident"), "contacts": ("person", "incident"), "tubes": ("tube",), "orders": ("order",)}
    wrong, n = [], 0
    for name, by in names.items():
        told: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for row in records.listed(name) or ():
            key = tuple(about(row).get(b) or row["text"].get(b) or "" for b in by)
            told[key].add(repr(sorted(row["state"].items(), key=str)))
        n += len(told)
        wrong += [{"what": "two states", "list": name, "of": key[0]} for key, states in told.items() if len(states) > 1]
    return n, wrong


def _reports(records: Records) -> tuple[int, list[Row]]:
    """A daily report stands in the list of units as its duty stands in the list of duties."""
    duties = {f"/duties/{r['key']}": r["state"].get("state") for r in records.lists.get("duties", ())}
    rows = [r for r in records.lists.get("reporting", ()) if r["href"].get("duty") in duties]
    wrong = [
        {"what": "two states", "list": "reporting", "of": r["text"]["unit"], "said": r["state"].get("state"), "duties": duties[r["href"]["duty"]]}
        for r in rows if r["state"].get("state") != duties[r["href"]["duty"]]
    ]  # fmt: skip
    return len(rows), wrong


def _sums(records: Records) -> tuple[int, list[Row]]:
    """People of an area with all below it are the rows of the register that lie in it and below it."""
    areas: dict[str, Row] = {str(about(r)["area"]): r for r in records.lists.get("areas", ()) if about(r).get("area")}
    people = records.listed("people")
    if not areas or people is None or not all(about(r).get("area") for r in people):
        return 0, []
    totals: Counter[str] = Counter()
    for row in people:
        code, seen = about(row)["area"], set()
        while code and code not in seen:
            seen.add(code)
            totals[code] += 1
            code = about(areas[code]).get("parent") if code in areas else None
    wrong = [
        {"what": "sum", "area": code, "said": said, "counted": totals[code]}
        for code, row in areas.items() if (said := int(row["text"]["people"].replace(",", ""))) != totals[code]
    ]  # fmt: skip
    return len(areas), wrong


def _tubes(records: Records) -> tuple[int, list[Row]]:
    """Every tube that was opened, received or read stands in the list of tubes. One that was only swabbed into need not: nobody has it yet."""
    if records.listed("tubes") is None:
        return 0, []
    known = {about(r).get("tube") or r["text"]["tube"] for r in records.lists["tubes"]}
    wanted = {
        a.values["tube"]
        for a in records.of("open_tube", "receive_tube", "report_result")
        if (records.minute(a.values.get("at")) or 0) <= records.end
    }
    return len(wanted), [{"what": "no such tube", "of": tube} for tube in sorted(wanted - known)]
