"""The figures of the board: each with its definition, unit, clock, and the names behind it. A figure is the size of a set.

Because a figure is a set, it opens to names, and its bridge from yesterday follows by itself: what was reported then, what was
learned late or taken back since, what is new and what has left.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Q

from bulou.basis.days import Days
from bulou.basis.time import Instant
from bulou.basis.words import LISTS, Word
from bulou.evidence.models import Order, Tube, Zone, ZoneArea
from bulou.evidence.timeline import standing_facts
from bulou.gaps.coverage import RuleBook, condition, rows
from bulou.gaps.pools import state_of
from bulou.kit.incidents import members
from bulou.kit.looking import Looking, moment_at
from bulou.register.models import Person, Stay
from bulou.register.scope import standing

SOURCE, PEOPLE, CHAIN, AREA = "source", "people", "chain", "area"
HEADINGS: dict[str, Word] = {
    SOURCE: Word("溯到源", "Find the source"),
    PEOPLE: Word("找到人", "Find the people"),
    CHAIN: Word("切断链", "Cut the chain"),
    AREA: Word("管住面", "Hold the area"),
}

#: Whom or what a figure counts: which list its names are.
Subject = bytes | str
Keys = Callable[["Board"], Iterable[Subject]]


@dataclass(slots=True)
class Board:
    """One look at one incident, with what several figures need read once."""

    look: Looking
    incident: bytes
    memo: dict[str, Any]

    @classmethod
    def of(cls, look: Looking, incident: bytes) -> "Board":
        return cls(look, incident, {})

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.memo:
            self.memo[name] = make()
        return self.memo[name]

    @property
    def incidents(self) -> list[bytes]:
        """The incident and all that were joined to it."""
        found: list[bytes] = self.once("incidents", lambda: members(self.look, self.incident))
        return found

    @property
    def rules(self) -> RuleBook:
        book: RuleBook = self.once("rules", lambda: RuleBook(self.look.protocol))
        return book

    def one(self, person: bytes) -> bytes:
        """The id that stands for a person."""
        return self.aliases.get(person, person)

    @property
    def aliases(self) -> dict[bytes, bytes]:
        """The id that stands for each person who has another."""
        found: dict[bytes, bytes] = self.once("aliases", self._aliases)
        return found

    def _aliases(self) -> dict[bytes, bytes]:
        found = standing(Person, self.look.seq).exclude(person=F("canonical"))
        return {bytes(p): bytes(one) for p, one in found.values_list("person", "canonical")}

    def duties(self, *names: str) -> Any:
        """The incident's duties of some rules, by the names that editions give them."""
        found = rows(self.look.seq, self.look.about, self.look.scope).filter(incident__in=self.incidents)
        return found.filter(rule__in=self.rules.numbers_of(*names))

    def in_state(self, names: tuple[str, ...], *states: str) -> set[bytes]:
        """The subjects whose duty of one of these rules is in one of these states."""
        return {bytes(s) for s in self._states(names, states).values_list("subject", flat=True)}

    def how_many(self, names: tuple[str, ...], *states: str) -> int:
        """How many these are, counted by the database: of a district's contacts nobody reads every name to say a number."""
        return int(self._states(names, states).aggregate(n=Count("subject", distinct=True))["n"])

    def _states(self, names: tuple[str, ...], states: tuple[str, ...]) -> Any:
        either = Q(pk__in=[])
        for state in states:
            either |= condition(state, self.look.seq, self.look.about)
        return self.duties(*names).filter(either)

    def visible(self, people: Iterable[bytes]) -> set[bytes]:
        """Of some people, those within the viewer's areas at the hour asked."""
        found = set(people)
        if self.look.scope.codes is None:
            return found
        here = standing(Stay, self.look.seq).filter(self.look.scope.q(), person__in=found)
        return set(here.filter(here_from__lte=self.look.about, here_until__gt=self.look.about).values_list("person", flat=True))


class Meaning(NamedTuple):
    """What a figure says, so that nobody has to guess."""

    unit: str
    clock: str
    counting: str
    definition: Word


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the board. ``parts`` divide it without remainder. ``alarming``: anything above zero wants someone."""

    name: str
    heading: str
    word: Word
    subject: str
    keys: Keys
    meaning: Meaning
    parts: Callable[[Board], list[tuple[Word, int]]] | None = None
    alarming: bool = False
    #: A share of a larger figure: shown as "of".
    of: Keys | None = None
    #: The size of the set where the database counts it faster than it lists it.
    count: Callable[[Board], int] | None = None
    #: Counts people of the register by where they stay, whatever they owe.
    of_register: bool = False

    @property
    def covers(self) -> bool:
        """Whether it says how much of the register was reached, or counts the register: how complete that is stands beside it."""
        return self.of is not None or self.of_register

    def value(self, board: Board) -> int:
        return self.count(board) if self.count else how_many(self.keys, board)


def how_many(keys: Keys, board: Board) -> int:
    """How large a set is, where the database counts it without listing it."""
    return keys.count(board) if isinstance(keys, DutyPeople) else len(set(keys(board)))


FIGURES: dict[str, Figure] = {}


def figure(declared: Figure) -> Figure:
    """Declares a figure."""
    if declared.name in FIGURES:
        raise ValueError(f"figure {declared.name} is declared twice")
    FIGURES[declared.name] = declared
    return declared


# --- find the source --------------------------------------------------------------------------------------------------
INFECTED = ("confirmed", "asymptomatic", "converted")


def _diagnoses(board: Board) -> dict[bytes, list[tuple[int, str, str]]]:
    """For each person the incident's diagnoses that stand, in order: hour, status, how found."""
    found: dict[bytes, list[tuple[int, str, str]]] = {}
    facts = standing_facts("case.diagnosed", board.look.seq, board.look.about).filter(in_incident__in=board.incidents)
    for person, at, status, how in facts.order_by("at", "id").values_list("person", "at", "status", "how_found"):
        found.setdefault(board.one(bytes(person)), []).append((at, status, how))
    return found


def diagnoses(board: Board) -> dict[bytes, list[tuple[int, str, str]]]:
    found: dict[bytes, list[tuple[int, str, str]]] = board.once("diagnoses", lambda: _diagnoses(board))
    return found


def _infections(board: Board) -> set[bytes]:
    return board.visible(p for p, told in diagnoses(board).items() if told[-1][1] in INFECTED)


def infections(board: Board) -> set[bytes]:
    found: set[bytes] = board.once("infections", lambda: _infections(board))
    return found


def days(board: Board) -> Days:
    """When each day of the centre closes."""
    found: Days = board.once("days", board.look.days)
    return found


def _today(board: Board) -> Instant:
    """When the day began that the board is of: at the close of the day before."""
    return days(board).begin(days(board).of_report(board.look.about))


def _new_infections(board: Board) -> set[bytes]:
    close = days(board).close(days(board).of_report(board.look.about))  # at the very hour of closing: what happens then is the next day's
    return {p for p in infections(board) if _today(board) <= diagnoses(board)[p][0][0] < close}


def _by_status(board: Board) -> list[tuple[Word, int]]:
    told = diagnoses(board)
    last = [told[p][-1][1] for p in infections(board)]
    return [(LISTS["case_status"][s], last.count(s)) for s in INFECTED if s != "converted" or last.count(s)]


def _by_found(board: Board) -> list[tuple[Word, int]]:
    told = diagnoses(board)
    how = [told[p][-1][2] for p in infections(board)]
    return [(word, how.count(code)) for code, word in LISTS["how_found"].items() if how.count(code)]


def _unlinked(board: Board) -> set[bytes]:
    named = standing_facts("contact.named", board.look.seq, board.look.about).filter(in_incident__in=board.incidents)
    infected = infections(board)
    asked = [*infected, *(p for p, one in board.aliases.items() if one in infected)]
    found = named.filter(person__in=asked).order_by().values_list("person").union(named.filter(met__in=asked).order_by().values_list("met"))
    return infected - {board.one(bytes(p)) for (p,) in found}


class DutyPeople:
    """Those whose duty of some rules is in one of some states."""

    def __init__(self, names: tuple[str, ...], *states: str) -> None:
        self.names, self.states = names, states

    def __call__(self, board: Board) -> set[bytes]:
        return board.in_state(self.names, *self.states)

    def count(self, board: Board) -> int:
        return board.how_many(self.names, *self.states)


OPEN_STATES = ("due", "overdue", "blocked")


def _m(unit: str, clock: str, counting: str, zh: str, en: str) -> Meaning:
    return Meaning(unit, clock, counting, Word(zh, en))


figure(Figure(
    "infections", SOURCE, Word("累计感染者", "Infections"), "person", infections,
    _m("people", "happened", "cumulative",
       "本事件中诊断为确诊病例或无症状感染者的人数,按诊断时间计;无症状转确诊只计一次。",
       "People diagnosed as confirmed or asymptomatic in this incident, by hour of diagnosis; a conversion counts once."),
    parts=_by_status,
))  # fmt: skip
figure(Figure(
    "infections_new", SOURCE, Word("今日新增", "New today"), "person", _new_infections,
    _m("people", "happened", "new", "本日(自前一日截止时刻起)首次诊断的感染者。", "Infections first diagnosed on this day: since the day before closed."),
))  # fmt: skip
figure(Figure(
    "unlinked", SOURCE, Word("来源未明", "No known link"), "person", _unlinked,
    _m("people", "happened", "current", "与其他任何人没有接触关联记录的感染者。", "Infections that no recorded contact links to anyone else."),
    alarming=True, parts=None,
))  # fmt: skip
figure(Figure(
    "investigations_open", SOURCE, Word("流调未完成", "Investigations open"), "person",
    DutyPeople(("case.investigate", "recall.interview"), *OPEN_STATES),
    _m("people", "happened", "current", "尚欠流调或近日行程询问的人员(含混管召回人员)。",
       "People who still owe an investigation or an interview about their last days, recalled ones included."),
))  # fmt: skip


# --- find the people --------------------------------------------------------------------------------------------------
def _judged(board: Board) -> dict[bytes, str]:
    """For each person the last judgement in the incident that stands."""
    facts = standing_facts("contact.judged", board.look.seq, board.look.about).filter(in_incident__in=board.incidents)
    aliases = board.aliases
    return {aliases.get(bytes(p), bytes(p)): ring for p, ring in facts.order_by("at", "id").values_list("person", "ring")}


def judged(board: Board) -> dict[bytes, str]:
    """For each person the last judgement in the incident that stands, read once."""
    found: dict[bytes, str] = board.once("judged", lambda: _judged(board))
    return found


def _ring(ring: str) -> Keys:
    def keys(board: Board) -> set[bytes]:
        return board.visible(p for p, r in judged(board).items() if r == ring)

    return keys


for _code, _zh, _en in (
    (
        "close",
        "判定为密切接触者的人数(每人一次,不论关联几名病例)。",
        "People judged close contacts; each once, however many cases they met.",
    ),
    ("secondary", "判定为密接的密接的人数。", "People judged contacts of close contacts."),
    ("general", "判定为一般接触者的人数。", "People judged general contacts."),
):
    figure(Figure(
        f"contacts_{_code}", PEOPLE, LISTS["ring"][_code], "person", _ring(_code), _m("people", "happened", "cumulative", _zh, _en),
    ))  # fmt: skip
figure(Figure(
    "candidates", PEOPLE, Word("待判定", "Waiting to be judged"), "person", DutyPeople(("contact.judge",), *OPEN_STATES),
    _m("people", "happened", "current", "已被报告、尚未由专人判定的接触者候选人。", "Candidates named and not yet judged by a professional."),
))  # fmt: skip
figure(Figure(
    "not_located", PEOPLE, Word("召回未落位", "Recalled, not located"), "person",
    DutyPeople(("recall.locate", "case.household"), *OPEN_STATES),
    _m("people", "happened", "current", "混管召回人员与病例同住人中尚未找到的人数。",
       "People recalled from pools, or living with a case, who have not been found yet."),
    alarming=True, of=DutyPeople(("recall.locate", "case.household"), *OPEN_STATES, "done", "done_late"),
))  # fmt: skip


# --- cut the chain ----------------------------------------------------------------------------------------------------
def _under_order(board: Board) -> set[bytes]:
    orders = standing(Order, board.look.seq).filter(
        incident__in=board.incidents, starts__lte=board.look.about, over_at__gt=board.look.about
    )
    return board.visible(orders.values_list("person", flat=True))


def _open_pools(board: Board) -> list[Any]:
    look = board.look
    found = standing(Tube, look.seq).filter(incident__in=board.incidents, result__in=("positive", "grey"), resulted_at__lte=look.about)
    areas = dict(found.order_by("tube").values_list("tube", "area"))
    facts = look.facts()
    facts.fetch({("tube.resulted", "tube"): set(areas)})
    states = (state_of(facts, look.protocol, look.zone, t, look.about) for t in areas)
    pools = [s for s in states if s is not None and len(s.members) != 1 and s.word(look.about) != "resolved"]
    near = board.visible(m.person for s in pools for m in s.members)
    return [s for s in pools if look.scope.holds(areas[s.tube]) or any(m.person in near for m in s.members)]


def open_pools(board: Board) -> list[Any]:
    """The incident's pools that are not resolved."""
    found: list[Any] = board.once("pools", lambda: _open_pools(board))
    return found


figure(Figure(
    "under_order", CHAIN, Word("隔离中", "Under an order"), "person", _under_order,
    _m("people", "happened", "current", "此刻隔离令有效的人数;到期即止。", "People whose order is in force at this hour; orders end at their end."),
))  # fmt: skip
figure(Figure(
    "not_placed", CHAIN, Word("应转未转", "To be placed"), "person", DutyPeople(("close.place", "secondary.place"), *OPEN_STATES),
    _m("people", "happened", "current", "已判定、尚未转运到位的接触者。", "Contacts judged and not yet where their measure is carried out."),
    alarming=True,
))  # fmt: skip
figure(Figure(
    "pools_open", CHAIN, Word("阳性混管未查明", "Pools not resolved"), "tube", lambda b: {p.tube for p in open_pools(b)},
    _m("tubes", "resulted", "current", "读为阳性或灰区、尚未查明的混采管。", "Pools read positive or grey and not yet resolved."),
    alarming=True,
    parts=lambda b: [
        (Word("待单采", "waiting for singles"), sum(p.word(b.look.about) == "open" for p in open_pools(b))),
        (Word("单采均阴而原管仍阳", "unresolved"), sum(p.word(b.look.about) == "unresolved" for p in open_pools(b))),
    ],
))  # fmt: skip
figure(Figure(
    "tests_owed", CHAIN, Word("应检未检", "Tests owed"), "person",
    DutyPeople(("recall.single", "recall.single_again", "close.test", "secondary.test"), "due", "overdue", "blocked"),
    _m("people", "sampled", "current", "此刻应采单管而未采的召回人员与隔离人员。", "People recalled or under an order whose single swab is owed now."),
))  # fmt: skip


# --- hold the area ----------------------------------------------------------------------------------------------------
def standing_zones(board: Board) -> list[Zone]:
    """The zones that stand at the hour asked."""
    found: list[Zone] = board.once(
        "zones",
        lambda: list(
            standing(Zone, board.look.seq)
            .filter(incident__in=board.incidents, drawn_at__lte=board.look.about, lifted_at__gt=board.look.about)
            .order_by("drawn_at")
        ),
    )
    return found


def zone_areas(board: Board) -> dict[bytes, list[str]]:
    """For each standing zone the areas that belong to it at the hour asked."""

    def make() -> dict[bytes, list[str]]:
        found: dict[bytes, list[str]] = {}
        here = standing(ZoneArea, board.look.seq).filter(here_from__lte=board.look.about, here_until__gt=board.look.about)
        for zone, area in here.filter(zone__in=[z.zone for z in standing_zones(board)]).order_by("area").values_list("zone", "area"):
            found.setdefault(bytes(zone), []).append(area)
        return found

    made: dict[bytes, list[str]] = board.once("zone_areas", make)
    return made


def _zone_rows(board: Board) -> Any:
    codes = {b for areas in zone_areas(board).values() for a in areas for b in board.look.areas.subtree(a)}
    if board.look.scope.codes is not None:
        codes &= board.look.scope.codes
    return standing(Stay, board.look.seq).filter(area__in=codes, here_from__lte=board.look.about, here_until__gt=board.look.about)


def _zone_people(board: Board) -> set[bytes]:
    return set(_zone_rows(board).values_list("person", flat=True))


def _zones_by_level(board: Board) -> list[tuple[Word, int]]:
    levels = [z.level for z in standing_zones(board)]
    return [(word, levels.count(level)) for level, word in LISTS["zone_level"].items() if levels.count(level)]


_VISITS = ("zone.visit.medium", "zone.visit.high", "zone.visit.temporary")


def _silent_units(board: Board) -> set[str]:
    return {s.decode() for s in board.in_state(("reporting.daily",), "overdue")}


figure(Figure(
    "zones", AREA, Word("现有风险区", "Zones standing"), "zone", lambda b: {bytes(z.zone) for z in standing_zones(b)},
    _m("places", "happened", "current", "此刻未解除的风险区,不论级别。", "Zones that have not been lifted at this hour, of any level."),
    parts=_zones_by_level,
))  # fmt: skip
figure(Figure(
    "zone_people", AREA, Word("风险区内登记人数", "On the register in zones"), "person", _zone_people,
    _m("people", "happened", "current", "居停在风险区内的已登记人员。",
       "Known people who stay in a zone."),
    count=lambda b: int(_zone_rows(b).count()), of_register=True,
))  # fmt: skip
figure(Figure(
    "households_owed", AREA, Word("未入户", "Doors not yet opened"), "household", DutyPeople(_VISITS, *OPEN_STATES),
    _m("households", "happened", "current", "风险区内应排查而未入户的住户。", "Households in zones that are owed a visit."),
    of=DutyPeople(_VISITS, *OPEN_STATES, "done", "done_late"),
))  # fmt: skip
figure(Figure(
    "silent_units", AREA, Word("未报送单位", "Units that are silent"), "area", _silent_units,
    _m("units", "reported", "current", "应报未报日报的街道乡镇;未报不等于零。", "Streets and towns whose daily report is overdue. Silence is not zero."),
    alarming=True, of=DutyPeople(("reporting.daily",), *OPEN_STATES, "done", "done_late", "upcoming"),
))  # fmt: skip


# --- bridges ----------------------------------------------------------------------------------------------------------
class Line(NamedTuple):
    """One step of a bridge; ``names`` are the subjects that it is about."""

    code: str
    word: Word
    value: int
    names: tuple[Subject, ...]
    change: bool


YESTERDAY = Word("昨日截止时(当时所知)", "when yesterday closed, as known then")
LEARNED = Word("+ 事后补报", "+ learned since, happened before")
TAKEN_BACK = Word("− 撤回或更正", "− withdrawn or corrected since")
MERGED = Word("− 认定为同一人", "− found to be the same person")
NEW = Word("+ 新增", "+ new")
LEFT = Word("− 转出、解除或完成", "− left, lifted or done")
NOW = Word("= 现在", "= now")


def bridge(declared: Figure, board: Board) -> list[Line]:
    """From the figure at the close of yesterday, as it was known then, to this one; every step with its names.

    Yesterday's report is not rewritten: what was learned or taken back since is a step of its own.
    """
    look, before = board.look, _today(board)
    then = set(declared.keys(Board.of(look.at(moment_at(before, before)), board.incident)))
    truth = set(declared.keys(Board.of(look.at(moment_at(before, look.moment.known)._replace(seq=look.seq)), board.incident)))
    now = set(declared.keys(board))
    merged: set[Subject] = {s for s in then - truth if isinstance(s, bytes) and board.one(s) != s}
    steps = [
        ("learned", LEARNED, truth - then, 1), ("taken_back", TAKEN_BACK, then - truth - merged, -1), ("merged", MERGED, merged, -1),
        ("new", NEW, now - truth, 1), ("left", LEFT, truth - now, -1),
    ]  # fmt: skip
    lines = [Line("then", YESTERDAY, len(then), _sorted(then), False)]
    lines += [Line(code, word, sign * len(names), _sorted(names), True) for code, word, names, sign in steps if names]
    return [*lines, Line("now", NOW, len(now), _sorted(now), False)]


def _sorted(names: Iterable[Subject]) -> tuple[Subject, ...]:
    return tuple(sorted(names, key=str))
