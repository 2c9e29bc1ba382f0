"""The indicators of an incident: the four earlies, shares, the serial interval of its own pairs, hours from step to step. Each opens to those behind it.

Whatever is still open is counted as open, with what it has taken so far, until the incident was closed: nobody is dropped because nobody came. In a record
of the past alone nobody waits: what is not there was not written down, is counted as that, and takes no time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bulou.basis.ids import to_text
from bulou.basis.time import DAY, FOREVER, HOUR, Instant, midnight
from bulou.basis.words import Word
from bulou.desks.tracing.chained import Chain, Member, read
from bulou.desks.tracing.sheets import contact_rows
from bulou.evidence.timeline import standing_facts
from bulou.kit.areas import percent
from bulou.kit.incidents import Named, current, members
from bulou.kit.looking import Looking
from bulou.kit.page import page, show
from bulou.kit.templatetags.kit import grouped
from bulou.questions import chain
from bulou.questions.chain import FEW, Lasted

PER_PAGE = 50
#: Rings whose members a protocol brings somewhere.
_PLACED = ("close", "secondary")


class Span(NamedTuple):
    """Somebody from one step to the next; ``until`` None: not yet. ``label``: a case's; else the person is a contact."""

    person: bytes
    since: Instant
    until: Instant | None
    label: str = ""


@dataclass
class Reading:
    """What the indicators read of an incident at the viewer's hour, once for all of them."""

    look: Looking
    incident: Named
    chain: Chain
    contacts: list[Any]
    interviewed: dict[bytes, Instant] = field(default_factory=dict)
    named: dict[bytes, Instant] = field(default_factory=dict)
    #: For each case when they were reported, and when they were in hospital.
    reported: dict[bytes, Instant] = field(default_factory=dict)
    hospital: dict[bytes, Instant] = field(default_factory=dict)
    #: When contacts were first found staying where they were, since they were named.
    held: dict[bytes, Instant] = field(default_factory=dict)
    #: When contacts were in the place of an order, by person: asked of each case, so read once.
    placed: dict[bytes, list[Instant]] = field(init=False)

    def __post_init__(self) -> None:
        self.placed = {}
        for c in self.contacts:
            if c[3] is not None:
                self.placed.setdefault(bytes(c[0]), []).append(Instant(c[3]))

    @property
    def past(self) -> bool:
        """Whether this is a record of the past, in which nobody waits."""
        return self.incident.nature == "history"

    @property
    def until(self) -> Instant:
        """Up to when whatever is open has waited: the hour asked, or the incident's closing before it."""
        return Instant(min(self.look.about, self.incident.closed_at))

    @property
    def infected(self) -> list[Member]:
        return [m for m in self.chain.members.values() if m.infected]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure with its definition. One of: a share (``part`` of the infections), hours or days (``spans``), days between pairs (``pairs``)."""

    name: str
    heading: str
    word: Word
    definition: Word
    part: Callable[[Reading], set[bytes]] | None = None
    spans: Callable[[Reading], list[Span]] | None = None
    pairs: Callable[[Reading], list[tuple[str, str, int]]] | None = None
    days: bool = False


INDICATORS: dict[str, Indicator] = {}
HEADINGS = {
    "early": Word("四早", "The four earlies"),
    "work": Word("流调速度", "How fast tracing is"),
    "chain": Word("来源与传播链", "Source and chain"),
}


def indicator(declared: Indicator) -> None:
    """Declares an indicator."""
    assert declared.name not in INDICATORS
    INDICATORS[declared.name] = declared


def reading(incident: Named, look: Looking) -> Reading:
    """Everything at once. A fixed number of statements."""
    whole, of = read(incident, look), members(look, incident.id)
    ids = [p for p, one in whole.records.items() if one in whole.members]
    contacts = list(
        contact_rows(look)
        .filter(incident__in=of)
        .values_list("person", "named_at", "judged_at", "placed_at", "ring", "told_at", "fetched_at")
        .order_by("person", "id")
    )
    made = Reading(look, incident, whole, contacts)
    named = {bytes(c[0]): c[1] if c[1] is not None else c[2] for c in contacts}
    staying = standing_facts("person.located", look.seq, look.about).filter(
        outcome="staying", person__in=contact_rows(look).filter(incident__in=of).values("person")
    )
    for person, at in staying.order_by("at", "id").values_list("person", "at"):
        if at >= named[bytes(person)]:
            made.held.setdefault(bytes(person), Instant(at))
    for kind, who, into in (
        ("interview.held", "person", made.interviewed), ("contact.named", "met", made.named), ("case.reported", "person", made.reported),
    ):  # fmt: skip
        facts = standing_facts(kind, look.seq, look.about).filter(in_incident__in=of, **{f"{who}__in": ids})
        _first(facts.values_list(who, "at"), whole.records, into)
    placed = standing_facts("placement.made", look.seq, look.about).filter(in_incident__in=of, person__in=ids, measure="hospital")
    _first(placed.values_list("person", "at"), whole.records, made.hospital)
    return made


def _first(rows: Iterable[tuple[bytes, int]], records: dict[bytes, bytes], into: dict[bytes, Instant]) -> None:
    for person, at in rows:
        one = records.get(bytes(person), bytes(person))
        into[one] = Instant(min(at, into.get(one, at)))


def _of_cases(
    since: Callable[[Reading, Member], int | None], until: Callable[[Reading, Member], int | None]
) -> Callable[[Reading], list[Span]]:
    """Spans of every infection of which the beginning is known."""

    def made(r: Reading) -> list[Span]:
        found = []
        for m in r.infected:
            if (begin := since(r, m)) is not None:
                end = until(r, m)
                found.append(Span(m.person, Instant(begin), None if end is None else Instant(end), m.label))
        return found

    return made


def _onset(r: Reading, m: Member) -> int | None:
    return midnight(m.node.day, r.look.zone) if m.node.onset and m.node.day else None


def _held(r: Reading, m: Member) -> int | None:
    """When a case was first where they infect nobody more: in hospital, or in the place of an order as a contact."""
    placed = r.placed.get(m.person, ()) if m.how == "in_isolation" else ()
    return min([*placed, *([r.hospital[m.person]] if m.person in r.hospital else [])], default=None)


def _contacts(since: int, until: int, rings: tuple[str, ...] = ()) -> Callable[[Reading], list[Span]]:
    def made(r: Reading) -> list[Span]:
        return [
            Span(bytes(c[0]), Instant(c[since]), None if c[until] is None else Instant(c[until]))
            for c in r.contacts
            if c[since] is not None and c[since] <= r.look.about and (not rings or c[4] in rings)
        ]

    return made


def _unless_arrived(made: Callable[[Reading], list[Span]]) -> Callable[[Reading], list[Span]]:
    """Whoever arrived without this step on record waits for it no more, and is not counted."""
    return lambda r: [s for s in made(r) if s.until is not None or min(r.placed.get(s.person, ()), default=FOREVER) > r.look.about]


def _to_holding(r: Reading) -> list[Span]:
    return [span._replace(until=r.held.get(span.person)) for span in _contacts(2, 2, _PLACED)(r)]


def _controlled(r: Reading) -> set[bytes]:
    control = r.chain.control
    return {m.person for m in r.infected if m.how in ("contact_tracing", "in_isolation") or control.get(m.person) == "inside"}


def _pairs(r: Reading) -> list[tuple[str, str, int]]:
    people = r.chain.members
    return [(people[k.source].label, people[k.case].label, days) for k, days in chain.serial(r.chain.nodes, r.chain.links)]


indicator(Indicator(
    "found", "early", Word("早发现", "Found early"),
    Word("感染者从发病之日(0时)到首次阳性之日的天数;没有发病日者不计入。",
         "Days from the day of onset (0:00) to the first positive sign, of infections with an onset on record."),
    spans=_of_cases(_onset, lambda r, m: m.found_at), days=True,
))  # fmt: skip
indicator(Indicator(
    "reported", "early", Word("早报告", "Reported early"),
    Word("从诊断到网络直报的小时数。", "Hours from the diagnosis to the report to the national system."),
    spans=_of_cases(lambda r, m: m.diagnosed_at, lambda r, m: r.reported.get(m.person)),
))  # fmt: skip
indicator(Indicator(
    "isolated", "early", Word("早隔离", "Isolated early"),
    Word("从首次阳性到被隔离的小时数:转入定点医院,或此前已作为接触者隔离到位(计为 0)。",
         "Hours from the first positive sign to isolation: in hospital, or in the place of an order as a contact before (then 0)."),
    spans=_of_cases(lambda r, m: m.found_at, _held),
))  # fmt: skip
indicator(Indicator(
    "treated", "early", Word("早治疗", "Treated early"),
    Word("从诊断到进入定点医院的小时数;先入院后诊断计为 0。",
         "Hours from the diagnosis to the designated hospital; 0 for whoever was there before the diagnosis."),
    spans=_of_cases(lambda r, m: m.diagnosed_at, lambda r, m: r.hospital.get(m.person)),
))  # fmt: skip
indicator(Indicator(
    "interview", "work", Word("阳性到访谈", "Result to interview"),
    Word("从首次阳性到本人首次被访谈的小时数。", "Hours from the first positive sign to the first interview of the person."),
    spans=_of_cases(lambda r, m: m.found_at, lambda r, m: r.interviewed.get(m.person)),
))  # fmt: skip
indicator(Indicator(
    "naming", "work", Word("阳性到报告接触者", "Result to naming"),
    Word("从首次阳性到报告其第一名接触者的小时数。",
         "Hours from the first positive sign to the naming of the first contact of that person."),
    spans=_of_cases(lambda r, m: m.found_at, lambda r, m: r.named.get(m.person)),
))  # fmt: skip
indicator(Indicator(
    "judging", "work", Word("报告到判定", "Naming to judging"),
    Word("接触者从首次被报告到最近一次判定的小时数。", "Hours from when a contact was first named to when they were last judged."),
    spans=_contacts(1, 2),
))  # fmt: skip
indicator(Indicator(
    "telling", "work", Word("判定到告知", "Judging to telling"),
    Word("密切接触者与密接的密接从判定到本人被告知的小时数。", "Hours from the judgement of close and secondary contacts to when they were told."),
    spans=_contacts(2, 5, _PLACED),
))  # fmt: skip
indicator(Indicator(
    "holding", "work", Word("判定到原地等候", "Judging to staying put"),
    Word("密切接触者与密接的密接从判定到被找到并原地等候的小时数;先找到后判定计为 0;未记载此步而已到位者不计。",
         "Hours from the judgement of close and secondary contacts to when they were found and staying put; 0 if found so before. "
         "Whoever arrived where the measure is carried out without this on record is not counted."),
    spans=_unless_arrived(_to_holding),
))  # fmt: skip
indicator(Indicator(
    "fetching", "work", Word("判定到接上", "Judging to fetching"),
    Word("密切接触者与密接的密接从判定到被车辆接上的小时数;未记载此步而已到位者不计。",
         "Hours from the judgement of close and secondary contacts to when a vehicle fetched them. Whoever arrived without this on record is not counted."),
    spans=_unless_arrived(_contacts(2, 6, _PLACED)),
))  # fmt: skip
indicator(Indicator(
    "riding", "work", Word("接上到落实管控", "Fetching to placing"),
    Word("从被车辆接上到管控到位的小时数。", "Hours from when a vehicle fetched somebody to their arrival where the measure is carried out."),
    spans=_contacts(6, 3, _PLACED),
))  # fmt: skip
indicator(Indicator(
    "placing", "work", Word("判定到落实管控", "Judging to placing"),
    Word("密切接触者与密接的密接从判定到管控到位的小时数;先到位后判定计为 0。",
         "Hours from the judgement of close and secondary contacts to their arrival where the measure is carried out; 0 if there before."),
    spans=_contacts(2, 3, _PLACED),
))  # fmt: skip
indicator(Indicator(
    "controlled", "chain", Word("接触者或管控中发现", "Found among contacts or under control"),
    Word("感染者中由密接排查、隔离期间检测发现,或发现时已在管控中的比例。",
         "Of the infections, those found among traced contacts, in isolation, or on record as under control then."),
    part=_controlled,
))  # fmt: skip
indicator(Indicator(
    "sourceless", "chain", Word("来源未明", "No known source"),
    Word("感染者中没有任何候选来源、也不是外来的比例;您区域外的关联也算关联。",
         "Of the infections, those without any candidate source who did not come from outside; links that lead out of your areas count as links."),
    part=lambda r: {p for p in r.chain.sourceless if r.chain.members[p].infected},
))  # fmt: skip
indicator(Indicator(
    "serial", "chain", Word("本事件的代间距", "Serial interval of this incident"),
    Word(f"来源发病到病例发病的天数:只计有报告的接触、两者发病日都有、候选来源唯一的成对病例;不足 {FEW} 对不给出。",
         f"Days from one onset to the next: of pairs with a named contact, both onsets and one candidate source alone; not told of fewer than {FEW}."),
    pairs=_pairs,
))  # fmt: skip


# --- pages ------------------------------------------------------------------------------------------------------------
@page("chain-figures", "tracing/chain/figures", "指标与四早", "Indicators and the four earlies", desk="tracing", nav=3, icon="clock")
def figures_page(request: HttpRequest, look: Looking) -> HttpResponse:
    """Every indicator of the incident, at the hour asked; each opens."""
    incident = current(request, look)
    made = reading(incident, look) if incident else None
    context = {
        "title": look.say(Word("指标与四早", "Indicators and the four earlies")), "incident": incident,
        "headings": [
            (word, [_shown(one, made) for one in INDICATORS.values() if one.heading == code]) for code, word in HEADINGS.items()
        ] if made else [],
    }  # fmt: skip
    return show(request, "tracing/indicators.html", context)


def _shown(one: Indicator, made: Reading) -> dict[str, Any]:
    main, aside = said(one, made)
    return {"word": one.word, "main": main, "aside": aside, "href": reverse("chain-figure", kwargs={"name": one.name})}


def said(one: Indicator, made: Reading) -> tuple[str, str]:
    """The figure and what stands under it, in words."""
    look = made.look
    if one.part:
        n, of = len(one.part(made)), len(made.infected)
        return f"{n:,} / {of:,}", f"{percent(n / of)} %" if of else "/"
    if one.pairs:
        found = chain.interval([days for _, _, days in one.pairs(made)])
        if found.middle is None:
            return "—", look.say(Word(f"只有 {found.n} 对,不足 {FEW} 对,不给出", f"{found.n} pairs: fewer than {FEW}, so none is told"))
        return (
            look.say(Word(f"{found.middle:g} 天", f"{found.middle:g} d")),
            look.say(
                Word(
                    f"{found.n} 对 · 中间一半 {found.low:g}–{found.high:g} 天",
                    f"{found.n} pairs · middle half {found.low:g}–{found.high:g} d",
                )
            ),
        )
    assert one.spans
    found_ = measured(one, made)
    unit, by = (Word("天", "d"), 24) if one.days else (Word("小时", "h"), 1)
    unsaid = sum(s.until is None for s in one.spans(made)) if made.past else 0
    if found_.middle is None or found_.ninety is None:
        none = Word(f"未记载 {grouped(unsaid)}", f"{grouped(unsaid)} not on record") if unsaid else Word("没有可计者", "nobody to count")
        return "/", look.say(none)
    least = ["≥ " if x else "" for x in found_.least]
    rest, ninety = grouped(unsaid if made.past else found_.open), f"{least[1]}{_tenths(found_.ninety / by)}"
    done, open_ = grouped(found_.n), Word("未记载", "not on record") if made.past else Word("未完成", "open")
    return (
        f"{least[0]}{_tenths(found_.middle / by)} {look.say(unit)}",
        look.say(Word(
            f"90% {ninety} {unit.zh} · 已完成 {done} · {open_.zh} {rest}", f"90 % {ninety} {unit.en} · {done} done · {rest} {open_.en}"
        )),
    )  # fmt: skip


def _tenths(value: float) -> str:
    return f"{value:,.1f}".replace(",", "\u202f")


def measured(one: Indicator, made: Reading) -> Lasted:
    """The spans of an indicator, measured; whatever is open at the hour asked counts as open, except in a record of the past."""
    assert one.spans
    return chain.lasted([(s.since, s.until) for s in one.spans(made) if s.until is not None or not made.past], made.until)


@page("chain-figure", "tracing/chain/figures/<slug:name>", "指标明细", "An indicator", desk="tracing", sample="indicator")
def figure_page(request: HttpRequest, look: Looking, name: str) -> HttpResponse:
    """An indicator opened: its definition, unit, cut-off, and everyone behind it, the open and the longest first."""
    one, incident = INDICATORS.get(name), current(request, look)
    if one is None or incident is None:
        raise Http404
    made = reading(incident, look)
    main, aside = said(one, made)
    rows = rows_of(one, made)
    part = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", 1))
    look.learn_names(r["person"] for r in part if r["person"] is not None)
    unit = (
        Word("对病例", "pairs of cases")
        if one.pairs
        else Word("接触者", "contacts")
        if name in ("judging", "telling", "holding", "fetching", "riding", "placing")
        else Word("感染者", "infections")
    )
    context = {
        "title": look.say(one.word), "one": one, "main": main, "aside": aside, "incident": incident, "paged": part, "unit": look.say(unit), "rows": list(part),
        "past": made.past, "is_pairs": one.pairs is not None, "is_part": one.part is not None, "is_days": one.days,
    }  # fmt: skip
    return show(request, "tracing/indicator.html", context)


def rows_of(one: Indicator, made: Reading) -> list[dict[str, Any]]:
    """Everyone behind an indicator, as the page lists them: the open and the longest first."""
    now, people = made.until, made.chain.members
    if one.pairs:
        return [
            {"person": None, "label": f"{a} → {b}", "days": d, "href": None} for a, b, d in sorted(one.pairs(made), key=lambda p: -p[2])
        ]
    if one.part:
        inside = one.part(made)
        order = sorted(made.infected, key=lambda m: m.person not in inside)
        return [{"person": None, "label": m.label, "href": _case(m.person), "inside": m.person in inside, "day": m.node.day} for m in order]
    assert one.spans
    spans = [s for s in one.spans(made) if s.since <= now]
    lines = []
    for s in spans:
        done = s.until is not None and s.until <= now
        hours = (
            None
            if made.past and not done
            else max(0, (s.until if done and s.until is not None else now) - s.since) / (DAY if one.days else HOUR)
        )
        label = s.label or (people[s.person].label if s.person in people else "")
        lines.append({
            "person": None if s.label else s.person, "label": label if s.label else "", "since": s.since, "until": s.until if done else None, "hours": hours,
            "href": _case(s.person) if s.label else reverse("contact", kwargs={"person": to_text(s.person)}),
        })  # fmt: skip
    return sorted(lines, key=lambda line: (line["until"] is not None, -(line["hours"] or 0)))


def _case(person: bytes) -> str:
    return reverse("case", kwargs={"person": to_text(person)})
