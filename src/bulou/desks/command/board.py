"""What the board shows beside its figures: the clock of the plan, the curve, the map, gaps by area and by unit. No pages here."""

from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q
from django.urls import reverse

from bulou.basis.days import MIDNIGHT
from bulou.basis.ids import to_text
from bulou.basis.time import HOUR, Instant, add_days, to_datetime
from bulou.basis.words import LISTS, Word
from bulou.desks.command.figures import INFECTED, Board, diagnoses, infections, standing_zones, zone_areas
from bulou.desks.command.figures import days as days_of
from bulou.gaps.coverage import gaps
from bulou.gaps.standing import state_of
from bulou.kit.areas import area_href
from bulou.kit.duties import answers, as_duty, as_known
from bulou.kit.handed import EVERYWHERE, handed, territorial
from bulou.kit.incidents import Named

STEP_STATES = {
    "done": "done",
    "done_late": "late",
    "due": "due",
    "overdue": "overdue",
    "upcoming": "upcoming",
    "ended": "done",
    "excused": "done",
}


def iso(at: int, board: Board) -> str:
    """An instant for a script: local, with its offset."""
    return to_datetime(Instant(at), board.look.zone).isoformat(timespec="seconds")


def clock(board: Board, incident: Named) -> dict[str, Any]:
    """The plan's steps against hours since the alert, as the clock island draws them."""
    look, steps = board.look, []
    plan = board.rules.starting("plan.")
    # Put in order here: a few rows of one rule each, for which the index over hours of two million is no help.
    for row in sorted(board.duties(*(board.rules.rules[n].name for n in plan)), key=lambda d: (d.due_at, d.id)):
        rule = board.rules.rules[row.rule]
        duty = as_duty(as_known(row, look.seq), rule, bytes(row.subject))
        state = STEP_STATES.get(state_of(duty, look.about), "due")
        done = (duty.closed_at - row.opens_at) / HOUR if duty.closed_at is not None and duty.closed_at <= look.about else None
        steps.append({
            "id": rule.name, "name": look.say(rule.word), "due_h": round((row.due_at - row.opens_at) / HOUR, 2),
            "done_h": None if done is None else round(done, 2), "state": state, "href": reverse("duty", kwargs={"number": row.id}),
        })  # fmt: skip
    hours = (look.about - incident.opened_at) / HOUR
    return {
        "started": iso(incident.opened_at, board), "now": iso(look.about, board), "hours": max(0, int(hours)),
        "label": look.say(Word("自预警起", "since the alert")), "steps": steps,
    }  # fmt: skip


def curve(board: Board, incident: Named) -> dict[str, Any]:
    """Infections by the centre's day of diagnosis and status, every day from the alert (or ten days back) to the hour asked."""
    look = board.look
    cut = days_of(board)
    last = cut.of_report(look.about)
    first = min(cut.day(incident.opened_at), add_days(last, -9))
    days = [add_days(first, i) for i in range(120) if add_days(first, i) <= last]
    told, counted = diagnoses(board), Counter[tuple[str, str]]()
    for person in infections(board):
        counted[(cut.day(told[person][0][0]), told[person][-1][1])] += 1
    series = [
        {"id": s, "name": look.pick(LISTS["case_status"], s), "kind": "bar", "values": [counted[(d, s)] for d in days]}
        for s in INFECTED
        if s != "converted" or any(counted[(d, s)] for d in days)
    ]
    return {
        "days": days, "series": series, "today": last, "incomplete_from": last,
        "incomplete_label": look.say(Word("当日未完", "day not over")), "unit": look.pick(LISTS["unit"], "people"),
        "axis": look.say(Word("诊断日期", "day of diagnosis")) + ("" if cut.hour(last) == MIDNIGHT else look.say(Word("(%s 截止)", " (closing at %s)")) % cut.hour(last)),
    }  # fmt: skip


class Gap(NamedTuple):
    """Gaps of one area or one unit."""

    code: str
    name: str
    overdue: int
    people: int
    oldest: int
    #: The page of the area, for whoever may open it.
    href: str | None = None


def gap_rows(board: Board) -> list[tuple[str | None, int, int, int]]:
    """The incident's gaps by the area that answers and by rule: how many, and the oldest due hour. One statement, and two more where
    anything was handed over: such gaps are counted at whoever accepted them, and at nobody else."""

    def make() -> list[tuple[str | None, int, int, int]]:
        look, given = board.look, handed(board.look)
        found = gaps(look.seq, look.about, look.scope).filter(incident__in=board.incidents)
        moved = Q(subject__in=list(given), rule__in=territorial(board.rules)) if given else Q(pk__in=[])
        rest = found.exclude(moved) if given else found
        grouped = rest.values("area", "rule").order_by("area", "rule").annotate(n=Count("*"), oldest=Min("due_at"))
        rows = [(g["area"], g["rule"], g["n"], g["oldest"]) for g in grouped if g["rule"] in board.rules.rules]
        if given:
            others = gaps(look.seq, look.about, EVERYWHERE).filter(moved, incident__in=board.incidents).order_by("id")
            told = [(given[bytes(s)].area, rule, due) for s, rule, due in others.values_list("subject", "rule", "due_at")]
            rows += [(area, rule, 1, due) for area, rule, due in told if look.scope.holds(area)]
        return rows

    made: list[tuple[str | None, int, int, int]] = board.once("gaps", make)
    return made


def gaps_by_area(board: Board) -> list[Gap]:
    """Gaps by the street or town that answers for them; those that lie nowhere known come first."""
    book, look = board.look.areas, board.look
    totals: Counter[str] = Counter()
    oldest: dict[str, int] = {}
    for area, _rule, n, due in gap_rows(board):
        town = book.child_of(book.root or "", area) or ""
        totals[town] += n
        oldest[town] = min(due, oldest.get(town, due))
    unknown = look.say(Word("去向不明", "whereabouts unknown"))
    found = [Gap(t, book.name(t, look.language) if t else unknown, n, 0, oldest[t], area_href(t, look)) for t, n in totals.items()]
    return sorted(found, key=lambda g: (-g.overdue, g.code))


def gaps_by_unit(board: Board) -> list[Gap]:
    """Gaps by the unit that answers for them: units, never names."""
    totals: Counter[str] = Counter()
    oldest: dict[str, int] = {}
    for area, rule, n, due in gap_rows(board):
        unit, _vacant = answers(board.rules.rules[rule], area, board.look)
        totals[unit] += n
        oldest[unit] = min(due, oldest.get(unit, due))
    nobody = board.look.say(Word("无人负责", "nobody answers"))
    found = [Gap(unit, unit or nobody, n, 0, oldest[unit]) for unit, n in totals.items()]
    return sorted(found, key=lambda g: (-g.overdue, g.name))


_LEGEND = (("none", "0"), ("low", "1–4"), ("mid", "5–19"), ("high", "20–99"), ("extreme", "≥ 100"))


def _shade(n: int) -> str:
    return "none" if n == 0 else "low" if n < 5 else "mid" if n < 20 else "high" if n < 100 else "extreme"


def map_(board: Board, silent: set[str]) -> dict[str, Any]:
    """Villages shaded by their gaps, zones drawn over them, silent towns marked: what the map island draws."""
    look, book = board.look, board.look.areas
    per: Counter[str] = Counter()
    below: Counter[str | None] = Counter()
    for area, _rule, n, _due in gap_rows(board):
        below[area] += n
    for area, n in below.items():
        for code in book.upward(area):
            if code in book.places and book.places[code].level == "village":
                per[code] += n
                break
    areas = []
    for place in book.places.values():
        if place.level != "village" or place.lon is None or not look.scope.holds(place.code):
            continue
        quiet = place.parent in silent and per[place.code] == 0
        gaps_here = f"{per[place.code]} {look.pick(LISTS['unit'], 'duties')}"
        areas.append({
            "code": place.code, "name": book.name(place.code, look.language), "lon": place.lon, "lat": place.lat, "parent": place.parent,
            "value": per[place.code], "label": look.say(_SILENT) if quiet else gaps_here,
            "state": "silent" if quiet else _shade(per[place.code]), "href": f"{reverse('sheet-duties')}?state=overdue&area={place.code}",
        })  # fmt: skip
    zones = []
    for zone in standing_zones(board):
        codes = [v for a in zone_areas(board).get(bytes(zone.zone), []) for v in _villages(book, a)]
        at = [book.places[c] for c in codes if c in book.places and book.places[c].lon is not None]
        if at:
            zones.append({
                "id": zone.zone.hex(), "name": zone.name_en if look.language == "en" else zone.name, "level": zone.level, "areas": [],
                "lon": sum(p.lon or 0 for p in at) / len(at), "lat": sum(p.lat or 0 for p in at) / len(at),
                "href": reverse("zone", kwargs={"zone": to_text(bytes(zone.zone))}),
            })  # fmt: skip
    return {
        "schematic": True, "note": look.say(_SCHEMATIC), "measure": look.say(Word("超时事项", "overdue duties")), "areas": areas, "zones": zones,
        "legend": [{"state": state, "label": label} for state, label in _LEGEND] + [{"state": "silent", "label": look.say(_SILENT)}],
        "zone_legend": [{"level": level, "label": look.pick(LISTS["zone_level"], level)} for level in ("high", "medium", "temporary")],
    }  # fmt: skip


_SILENT = Word("未报送", "no report")
_SCHEMATIC = Word("示意图:围绕各村社区中心划分,非测绘边界", "schematic: cells around each village's centre, not surveyed boundaries")


def _villages(book: Any, code: str) -> list[str]:
    """The villages that an area is, lies in or contains."""
    for above in book.upward(code):
        if above in book.places and book.places[above].level == "village":
            return [above]
    return [c for c in book.subtree(code) if c in book.places and book.places[c].level == "village"]
