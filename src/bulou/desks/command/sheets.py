"""Sheets of command: duties with their gaps, zones, daily reports, what others published, entries of the ledger."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from bulou.basis.ids import subject_text, to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.command.published import address, site
from bulou.duties.models import Duty
from bulou.evidence.models import Aside, Entry, Zone
from bulou.evidence.timeline import sources, standing_facts
from bulou.gaps.coverage import STATES, RuleBook, condition, subject
from bulou.kit.answers import hour
from bulou.kit.areas import area_href
from bulou.kit.duties import mine, shown
from bulou.kit.handed import listed, on_lists_of
from bulou.kit.looking import Looking
from bulou.kit.sheet import Col, Gives, Narrow, Sheet, sheet
from bulou.register.scope import standing


def duty_rows(look: Looking) -> QuerySet[Duty]:
    """Every duty on the lists of the viewer's areas at the hour asked, as known at the entry asked: what lies there and what was
    accepted from elsewhere, without what others accepted."""
    return listed(look)


def _show(name: str) -> Callable[[list[Any], Looking], None]:
    """What the rows of one of the two lists show; doing something leads back to that list."""

    def show(rows_: list[Any], look: Looking) -> None:
        made = {s.id: s for s in shown(rows_, look, look.here or f"{reverse(f'sheet-{name}')}?state=open")}
        for row in rows_:
            row.shown = made.get(row.id)

    return show


def _state(rows_: Any, value: str, look: Looking) -> Any:
    if value == "open":
        either = Q(pk__in=[])
        for state in ("overdue", "blocked", "due"):
            either |= condition(state, look.seq, look.about)
        return rows_.filter(either)
    return rows_.filter(condition(value, look.seq, look.about)) if value in STATES else rows_.none()


def _rule(rows_: Any, value: str, look: Looking) -> Any:
    return rows_.filter(rule__in=RuleBook(look.protocol).numbers_of(value))


def _rules(look: Looking) -> list[tuple[str, str]]:
    """The rules of the editions adopted as of the entry: not those that happen to have a number by now."""
    adopted = {f.body.edition for f in look.facts().standing("edition.adopted")}
    editions = [look.protocol.editions[e] for e in sorted(adopted) if e in look.protocol.editions]
    found = {r.name: look.say(r.word) for e in editions for r in e.rules}
    return sorted(found.items(), key=lambda pair: pair[1])


def _states(look: Looking) -> list[tuple[str, str]]:
    return [("open", look.say(_OPEN)), *((s, look.pick(LISTS["state"], s)) for s in STATES)]


_OPEN = Word("未完成(应办、超时、受阻)", "open (due, overdue, blocked)")

_DO, _VACANT = Word("办理", "do"), Word("岗位空缺", "post vacant")

_COLUMNS = (
    Col("what", Word("事项", "What"), lambda r, k: k.say(r.shown.rule.word) if r.shown else "", ("rule", "due_at"), strong=True,
        href=lambda r, k: r.shown.href if r.shown else None),
    Col("subject", Word("对象", "Whom or what"), lambda r, k: r.shown.text if r.shown else ""),
    Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area), ("area", "due_at"), narrow=False, href=lambda r, k: area_href(r.area, k)),
    Col("due", Word("时限", "Due"), lambda r, k: k.time(r.due_at, deadline=True), ("due_at", "id")),
    Col("state", Word("状态", "State"), lambda r, k: k.pick(LISTS["state"], r.shown.state) if r.shown else "",
        badge=lambda r, k: r.shown.state if r.shown else ""),
    Col("unit", Word("负责单位", "Answers"), lambda r, k: (r.shown.unit + (f" ({k.say(_VACANT)})" if r.shown.vacant else "")) if r.shown else ""),
    Col("do", Word("办理", "Do"), lambda r, k: k.say(_DO) if r.shown and r.shown.do else "", href=lambda r, k: r.shown.do if r.shown else None, act=True),
)  # fmt: skip
_NARROWS = (
    Narrow("state", Word("状态", "State"), _state, choices=_states),
    Narrow("rule", Word("事项", "What"), _rule, choices=_rules),
    Narrow("area", Word("区域", "Area"), lambda r, v, k: r.filter(on_lists_of(k, k.inside(v))), area=True),
)
_NOTE = Word("一人可有多项应办事项:按项相加不等于人数。", "One person may owe several duties: adding duties does not give people.")


def _duty_gives(look: Looking) -> Callable[[Any], dict[str, Any]]:
    book = RuleBook(look.protocol)
    types = {n: book.subject_type(n) for n in book.rules}

    def gives(row: Any) -> dict[str, Any]:
        if row.rule not in types:
            return {}
        who = subject(bytes(row.subject), types[row.rule])
        return {"subject": subject_text(who), "rule": book.rules[row.rule].name, "incident": bytes(row.incident)}

    return gives


_GIVES = Gives(("subject", "rule", "incident"), _duty_gives)


def _duty_ids(look: Looking) -> Callable[[Any], dict[str, Any]]:
    """Which rule, whom or what, of which case and turn, and when it was done: a program tells duties apart by these, never by their words."""

    def ids(row: Any) -> dict[str, Any]:
        made = row.shown
        if made is None:
            return {}
        done = made.duty.closed_at
        return {
            **made.key, "rule": made.rule.name, "edition": made.rule.edition, "subject": subject_text(made.subject), "type": made.subject_type,
            "incident": bytes(row.incident), "turn": row.turn, "closed": None if done is None or done > look.about else hour(done, look),
        }  # fmt: skip

    return ids


DUTIES = sheet(Sheet(
    "duties", "command", Word("应办事项与缺口", "Duties and gaps"), duty_rows, _COLUMNS, _NARROWS,
    order="due", prepare=_show("duties"), nav=2, icon="list-check", opens="?state=open", empty=Word("没有符合条件的应办事项", "No duties here"), note=_NOTE,
    gives=_GIVES, ids=_duty_ids,
    covers=True,
))  # fmt: skip


def my_rows(look: Looking) -> QuerySet[Duty]:
    """Of the duties of the viewer's areas, those that their posts answer for or may show to have been done."""
    return duty_rows(look).filter(rule__in=mine(look))


def _my_rules(look: Looking) -> list[tuple[str, str]]:
    book = RuleBook(look.protocol)
    return sorted({book.rules[n].name: look.say(book.rules[n].word) for n in mine(look, book)}.items(), key=lambda pair: pair[1])


MINE = sheet(Sheet(
    "mine", "shell", Word("本岗应办", "My duties"), my_rows, _COLUMNS,
    (_NARROWS[0], Narrow("rule", Word("事项", "What"), _rule, choices=_my_rules), _NARROWS[2]),
    order="due", prepare=_show("mine"), nav=1, icon="list-check", opens="?state=open",
    empty=Word("本岗此刻没有未办事项:已办完", "Nothing is owed by your post at this hour: you are done"), note=_NOTE,
    gives=_GIVES, ids=_duty_ids,
    covers=True,
))  # fmt: skip


def zone_rows(look: Looking) -> QuerySet[Zone]:
    """Every zone drawn by the hour asked. Zones are public: everyone who signs in sees them."""
    return standing(Zone, look.seq).filter(drawn_at__lte=look.about)


ZONES = sheet(Sheet(
    "zones", "command", Word("风险区", "Zones"), zone_rows,
    (
        Col("name", Word("名称", "Name"), lambda r, k: r.name_en if k.language == "en" else r.name, ("name",), strong=True, narrow=False,
            href=lambda r, k: reverse("zone", kwargs={"zone": to_text(r.zone)})),
        Col("level", Word("级别", "Level"), lambda r, k: k.pick(LISTS["zone_level"], r.level), ("level", "drawn_at")),
        Col("drawn", Word("划定", "Drawn"), lambda r, k: k.time(r.drawn_at), ("drawn_at",)),
        Col("lifted", Word("解除", "Lifted"), lambda r, k: k.time(r.lifted_at) if r.lifted_at <= k.about else "", ("lifted_at",)),
        Col("expires", Word("到期", "Expires"), lambda r, k: k.time(r.expires, deadline=True)),
        Col("notice", Word("通告号", "Notice"), lambda r, k: r.notice or ""),
        Col("lane", Word("就医通道", "Medical lane"), lambda r, k: f"{r.lane_minutes} min"),
    ),
    (Narrow("level", Word("级别", "Level"), lambda r, v, k: r.filter(level=v), words="zone_level"),),
    order="-drawn", ids=lambda k: lambda r: {"zone": bytes(r.zone)}, nav=3, icon="map-pin",
    empty=Word("尚无风险区", "No zone has been drawn"),
))  # fmt: skip


def report_rows(look: Looking) -> Any:
    """Daily reports of the viewer's areas."""
    return standing_facts("report.sent", look.seq, look.about).filter(look.scope.q())


REPORTS = sheet(Sheet(
    "reports", "command", Word("日报", "Daily reports"), report_rows,
    (
        Col("day", Word("日期", "Day"), lambda r, k: r.day, ("day", "area"), strong=True),
        Col("area", Word("单位", "Unit"), lambda r, k: k.area(r.area), ("area", "day"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("findings", Word("发现数", "Findings"), lambda r, k: str(r.findings), ("findings", "day")),
        Col("at", Word("报送时间", "Sent"), lambda r, k: k.time(r.at), ("at",)),
        Col("note", Word("备注", "Note"), lambda r, k: r.note or "", narrow=False),
    ),
    (Narrow("area", Word("单位", "Unit"), lambda r, v, k: r.filter(area__in=k.inside(v)), area=True),),
    order="-day", nav=5, icon="speakerphone",
    empty=Word("没有日报:没有报告不等于零", "No report: silence is not zero"),
))  # fmt: skip


def published_rows(look: Looking) -> Any:
    """What anyone published about any place: public, so nobody's areas matter."""
    return standing_facts("figure.published", look.seq, look.about)


_PROMISED, _REPORTED = Word("承诺", "promised"), Word("通报", "reported")


def _came_from(rows_: list[Any], look: Looking) -> None:
    """Where each row was entered from: what has no address says there why."""
    found = sources(r.entry for r in rows_)
    for row in rows_:
        row.came_from = found.get(row.entry, "")


PUBLISHED = sheet(Sheet(
    "published", "command", Word("公开发布的数字", "Figures published"), published_rows,
    (
        Col("at", Word("截至", "As of"), lambda r, k: k.time(r.at), ("at", "area", "code"), strong=True),
        Col("area", Word("地区", "Place"), lambda r, k: k.areas.name(r.area, k.language), ("area", "at")),
        Col("name", Word("指标", "Figure"), lambda r, k: r.name_en if k.language == "en" else r.name, ("code", "at"), narrow=False),
        Col("value", Word("数值", "Value"), lambda r, k: f"{r.value:,}", ("value",)),
        Col("unit", Word("单位", "Unit"), lambda r, k: k.pick(LISTS["unit"], r.unit)),
        Col("counting", Word("计数", "Counting"), lambda r, k: k.pick(LISTS["counting"], r.counting)),
        Col("clock", Word("口径", "Clock"), lambda r, k: k.pick(LISTS["clock"], r.clock)),
        Col("promised", Word("性质", "Kind"), lambda r, k: k.say(_PROMISED if r.promised else _REPORTED)),
        Col("url", Word("来源", "Source"), lambda r, k: site(r.url) or r.came_from, href=lambda r, k: address(r.url)),
    ),
    (Narrow("area", Word("地区代码", "Place code"), lambda r, v, k: r.filter(area__startswith=v)),),
    order="at", nav=6, icon="world", prepare=_came_from,
    note=Word("公开数字是别处的说法,各有自己的地区、时刻与单位;与本地登记册不相混。",
              "Published figures are claims by others, each about its own place, hour and unit; they are never mixed with our register."),
))  # fmt: skip


def entry_rows(look: Looking) -> QuerySet[Entry]:
    """The entries of the ledger up to the one looked at; only for those who see the whole centre."""
    found = Entry.objects.filter(seq__lte=look.seq)
    return found if look.scope.codes is None else found.none()


ENTRIES = sheet(Sheet(
    "entries", "command", Word("账册", "Ledger"), entry_rows,
    (
        Col("seq", Word("序号", "Entry"), lambda r, k: str(r.seq), ("seq",), strong=True),
        Col("known", Word("录入时间", "Known at"), lambda r, k: k.time(r.known)),
        Col("by", Word("录入者", "By"), lambda r, k: r.by),
        Col("source", Word("来源", "Source"), lambda r, k: r.source, narrow=False),
        Col("n", Word("事实数", "Facts"), lambda r, k: str(r.n), ("n", "seq")),
        Col("hash", Word("链值", "Hash"), lambda r, k: bytes(r.hash).hex()[:12]),
    ),
    order="-seq", nav=8, icon="history",
))  # fmt: skip


def aside_rows(look: Looking) -> QuerySet[Aside]:
    """What was refused and kept aside; only for those who see the whole centre."""
    found = Aside.objects.filter(known__lte=look.moment.known)
    return found if look.scope.codes is None else found.none()


ASIDE = sheet(Sheet(
    "aside", "command", Word("未录入", "Kept aside"), aside_rows,
    (
        Col("known", Word("时间", "When"), lambda r, k: k.time(r.known), ("known", "id"), strong=True),
        Col("kind", Word("事实种类", "Kind"), lambda r, k: r.kind),
        Col("reason", Word("原因", "Why"), lambda r, k: r.reason, narrow=False),
        Col("by", Word("录入者", "By"), lambda r, k: r.by),
        Col("source", Word("来源", "Source"), lambda r, k: r.source, narrow=False),
    ),
    order="-known", nav=9, icon="alert-triangle",
    empty=Word("没有被拒绝的事实", "Nothing was refused"),
))  # fmt: skip
