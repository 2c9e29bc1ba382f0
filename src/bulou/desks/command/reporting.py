"""Who reported and who is silent: a row for every unit and day that owes a report, with its sign and whoever answers. Enters nothing."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bulou.basis.time import Instant, day_of
from bulou.basis.words import LISTS, NOT_APPLICABLE, NOTHING_REPORTED, Word
from bulou.duties.models import Duty
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook
from bulou.kit.areas import area_href
from bulou.kit.duties import shown
from bulou.kit.handed import listed, on_lists_of
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Narrow, Sheet, sheet

#: The rule by which every unit reports every day.
DAILY = "reporting.daily"
#: States in which a report is not, or not yet, or no more to be had.
_NONE_DUE = frozenset({"upcoming", "ended", "excused"})


def owed_rows(look: Looking) -> QuerySet[Duty]:
    """Every report that a unit of the viewer's areas owed or owes, one for each day."""
    return listed(look).filter(rule__in=RuleBook(look.protocol).numbers_of(DAILY))


def _read(rows: list[Any], look: Looking) -> None:
    """The reports of these units and days, how each stands and who answers; a fixed number of statements."""
    made = {s.id: s for s in shown(rows, look, reverse("sheet-reporting"))}
    units = {bytes(r.subject).decode() for r in rows}
    sent: dict[tuple[str, str], tuple[int, int]] = {}
    reports = standing_facts("report.sent", look.seq, look.about).filter(area__in=units).order_by("at", "id")
    for area, day, findings, at in reports.values_list("area", "day", "findings", "at"):
        sent[area, day] = findings, at  # the last word of a unit on a day stands
    for row in rows:
        row.shown, row.unit = made.get(row.id), bytes(row.subject).decode()
        row.day = day_of(Instant(row.opens_at), look.zone)
        row.report = sent.get((row.unit, row.day))


def sign(row: Any) -> str:
    """What the unit said of the day: a number, 0 for nothing found, — for silence, / where no report is due."""
    if row.report is not None:
        return str(row.report[0])
    return NOT_APPLICABLE if row.shown is None or row.shown.state in _NONE_DUE else NOTHING_REPORTED


_VACANT, _OPEN = Word("岗位空缺", "post vacant"), Word("查看", "open")

REPORTING = sheet(Sheet(
    "reporting", "command", Word("日报与零报告", "Who reported"), owed_rows,
    (
        Col("day", Word("日期", "Day"), lambda r, k: r.day, ("opens_at", "area", "id"), strong=True),
        Col("unit", Word("单位", "Unit"), lambda r, k: k.area(r.unit), ("area", "opens_at", "id"), narrow=False, href=lambda r, k: area_href(r.unit, k)),
        Col("sign", Word("所报", "Reported"), lambda r, k: sign(r)),
        Col("sent", Word("报送时间", "Sent"), lambda r, k: k.time(r.report[1]) if r.report else ""),
        Col("due", Word("时限", "Due"), lambda r, k: k.time(r.due_at, deadline=True), ("due_at", "id")),
        Col("state", Word("状态", "State"), lambda r, k: k.pick(LISTS["state"], r.shown.state) if r.shown else "",
            badge=lambda r, k: r.shown.state if r.shown else ""),
        Col("answers", Word("谁负责", "Answers"),
            lambda r, k: (r.shown.unit + (f" ({k.say(_VACANT)})" if r.shown.vacant else "")) if r.shown else "", narrow=False),
        Col("duty", Word("应办事项", "Duty"), lambda r, k: k.say(_OPEN) if r.shown and r.shown.href else "", href=lambda r, k: r.shown.href if r.shown else None),
    ),
    (Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(on_lists_of(k, k.inside(v))), area=True),),
    order="-day", prepare=_read, ids=lambda k: lambda r: {"area": r.unit}, nav=5, icon="speakerphone", covers=False,
    empty=Word("没有单位须报日报", "No unit owes a report"),
    note=Word("0 已报、没有发现;— 还没有报,不等于零;/ 此时不须报。沉默有人负责:点开应办事项看各级。日期按方案的日历日。",
              "0: reported, nothing found; —: nothing reported, which is not zero; /: no report is due. Somebody answers for silence: the duty names every level. "
              "Days are the calendar's, as the edition has them."),
))  # fmt: skip
