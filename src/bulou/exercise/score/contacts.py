"""Close contacts by the truth: who shared a space with a case in its infectious window; how far each of them came. And who was held without need.

Visits are the city's plan: whoever was told to stay, and stayed, is still taken to have gone. The window of a case ends when it is found.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
from pyarrow import parquet

from bulou.exercise.score import Row
from bulou.exercise.score.found import HOLD, HOUR, Finding
from bulou.exercise.score.records import DAY, NOBODY, Records, about, quartiles

STEPS = {"candidate": "named", "judged": "judged", "told": "told", "placed": "placed"}
#: Where neither the play nor its copy of the edition says: minutes together in one space, days before onset or first positive swab.
MINUTES, LOOK_BACK = 15, 2


def definition(records: Records) -> Row:
    """What makes a close contact, and where that is from: the play, the copy of the edition, or assumed here (editions say no minutes)."""
    said = records.play.get("contact") or {}
    backs = [e["look_back"] for e in records.edition.get("exposure", ()) if e.get("ring") == "close" and "look_back" in e]
    return {
        "minutes": said.get("minutes", MINUTES), "look_back_days": said.get("look_back_days", max(backs) if backs else LOOK_BACK),
        "edition": records.play.get("edition"),
        "assumed": [name for name, there in (("minutes", "minutes" in said), ("look_back_days", bool(backs) or "look_back_days" in said)) if not there],
    }  # fmt: skip


def windows(finding: Finding, back: float) -> dict[int, tuple[float, float]]:
    """Of everyone infected from when until when they could infect: from so many days before the first symptom (else before they were found,
    else from the infection on), never before the infection; until they were found, or to the end."""
    end, made = finding.records.end, {}
    for person, one in finding.by_person.items():
        found = finding.found.get(person)
        until = min(found.at if found else end, end)
        anchor = one.onset if one.onset is not None else until
        start = max(one.minute, anchor - back * DAY) if one.onset is not None or found else one.minute
        if start < until:
            made[person] = (start, until)
    return made


def met(finding: Finding, minutes: float, of: dict[int, tuple[float, float]]) -> dict[int, dict[int, float]]:
    """Whoever shared a space with one of these in their window for so many minutes in all: person, case, the minute at which they first met."""
    records = finding.records
    together: dict[tuple[int, int], float] = defaultdict(float)
    first: dict[tuple[int, int], float] = {}
    begun = date.fromisoformat(records.play["first_day"])
    for day in range(int(-(-records.end // DAY))):
        path = records.folder / "visits" / f"day={(begun + timedelta(days=day)).isoformat()}.parquet"
        if not path.is_file():
            continue
        table = parquet.read_table(path, columns=["person", "space", "start", "end"], partitioning=None)
        person, space, start, end = (table[c].to_numpy().astype(np.int64) for c in ("person", "space", "start", "end"))
        start, end = start + day * DAY, end + day * DAY
        order = np.argsort(space, kind="stable")
        spaces = space[order]
        for row in np.flatnonzero(np.isin(person, list(of))):
            case, (a, b) = int(person[row]), of[int(person[row])]
            low, high = max(start[row], a), min(end[row], b)
            if low >= high or space[row] == NOBODY:
                continue
            here = order[np.searchsorted(spaces, space[row]) : np.searchsorted(spaces, space[row], side="right")]
            share = np.minimum(end[here], high) - np.maximum(start[here], low)
            for other, n in zip(here[share > 0], share[share > 0], strict=True):
                if (who := int(person[other])) != case:
                    together[who, case] += float(n)
                    first.setdefault((who, case), float(max(start[other], low)))
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for (who, case), n in together.items():
        if n >= minutes:
            found[who][case] = first[who, case]
    return dict(found)


def of_contacts(finding: Finding, said: Row, met_known: dict[int, dict[int, float]]) -> Row:
    """Of all close contacts of known cases how many came to each step, and in how many hours from the hour at which the case was known."""
    rows = finding.records.listed("contacts")
    # Whoever is known to be infected by then is a case, no contact.
    due = {}
    for person, cases in met_known.items():
        known = min(finding.found[c].at for c in cases)
        if not (person in finding.found and finding.found[person].at <= known):
            due[person] = known
    reached: dict[str, dict[int, float]] = {step: {} for step in STEPS}
    for row in rows or ():
        whom = finding.who(about(row).get("person"))
        for step, column in STEPS.items():
            at = finding.records.minute(row["text"].get(column))
            if whom is not None and whom in due and at is not None:
                reached[step][whom] = min(at, reached[step].get(whom, at))
    there = {step for step, column in STEPS.items() if rows is not None and all(column in r["text"] for r in rows)}
    return {
        "definition": said, "contacts": len(due), "registered": sum(p in finding.records.ids for p in due),
        "steps": {
            step: {"n": len(some), "hours": quartiles([max(at - due[p], 0) / HOUR for p, at in some.items()])} if step in there else None
            for step, some in reached.items()
        },
    }  # fmt: skip


def wrongly_held(finding: Finding, met_any: Iterable[int]) -> Row:
    """People and person-hours under an order or told to stay who were neither infected by then nor a close contact of anybody infected."""
    innocent = set(met_any)
    told: dict[str, Any] = {"people": 0, "held": 0, "hours": 0.0, "hours_all": 0.0, "by_order": 0, "by_hold": 0}
    for person in set(finding.orders) | set(finding.holds):
        orders, holds = finding.orders.get(person, []), finding.holds.get(person, [])
        hours, last = _hours([*orders, *holds]), max(b for _, b in (*orders, *holds))
        true = finding.by_person.get(person)
        told["held"] += 1
        told["hours_all"] += hours
        if person not in innocent and not (true and true.minute <= last):
            told["people"] += 1
            told["hours"] += hours
            told["by_order"] += bool(orders)
            told["by_hold"] += bool(holds and not orders)
    return {**told, "hours": round(told["hours"], 1), "hours_all": round(told["hours_all"], 1)}


def _hours(spans: list[tuple[float, float]]) -> float:
    """Hours in any of these spans."""
    total, until = 0.0, float("-inf")
    for a, b in sorted(spans):
        total += max(b - max(a, until), 0)
        until = max(until, b)
    return total / HOUR


def waiting(finding: Finding) -> Row:
    """From a positive result until each of the tube's people was told to stay, in hours; whoever was not told waited to the hold's end or the play's."""
    hours, untold = [], 0
    for tube, readings in finding.readings.items():
        at = next((when for when, result in readings if result == "positive"), None)
        if at is None:
            continue
        for person in finding.members.get(tube, ()):
            heard = [a.at for a in finding.told.get(person, ()) if a.at >= at and a.at <= at + HOLD]
            untold += not heard
            hours.append((min(heard) if heard else min(at + HOLD, finding.records.end)) / HOUR - at / HOUR)
    return {"people": len(hours), "untold": untold, "hours": round(sum(hours), 1), "each": quartiles(hours)}
