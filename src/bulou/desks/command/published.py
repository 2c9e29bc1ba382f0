"""Published figures held against themselves, never against our register: what sums, what does not, what nobody explained."""

from typing import NamedTuple

from bulou.basis.words import Word
from bulou.evidence.timeline import sources, standing_facts
from bulou.gaps.standing import Part, Partition, reconcile
from bulou.kit.looking import Looking


def address(source: str | None) -> str | None:
    """Where a source may be opened. A copy on a site of unknown owner is named and never linked."""
    return source if source and source.startswith(("https://", "http://")) else None


def site(source: str | None) -> str:
    """The name of the site that a source stands on."""
    return (source or "").removeprefix("https://").removeprefix("http://").split("/")[0]


class Claim(NamedTuple):
    """A published figure."""

    at: int
    area: str
    code: str
    value: int
    unit: str
    name: Word
    url: str | None
    promised: bool
    #: Where it was entered from: for a figure without an address, why it has none.
    source: str = ""

    @property
    def address(self) -> str | None:
        return address(self.url)

    @property
    def site(self) -> str:
        return site(self.url) or self.source


class Sum(NamedTuple):
    """A figure and its parts: ``total`` names one code, ``parts`` several, about one place and hour.

    The parts must sum to it; ``inside`` asks only that together they lie inside it; ``open`` says why nobody can close it:
    a part was never published, or no source explains the difference. What is declared open is shown as a hole all the same.
    """

    name: Word
    total: str
    parts: tuple[str, ...]
    inside: bool = False
    open: Word | None = None


class Rival(NamedTuple):
    """Figures by which two sources claim the same thing and differ. Both stand; nobody here decides between them."""

    name: Word
    codes: tuple[str, ...]


class Agreement(NamedTuple):
    """How a check came out: ``missing`` is what the parts leave open; None where a part has not been published.

    ``verdict`` is one of ``VERDICTS``; ``why`` says what was declared about an open one.
    """

    name: Word
    total: Claim
    parts: list[Claim]
    missing: int | None
    unit: str
    verdict: str
    why: Word | None

    @property
    def result(self) -> Word:
        return VERDICTS[self.verdict][0]

    @property
    def state(self) -> str:
        return VERDICTS[self.verdict][1]


class Disagreement(NamedTuple):
    """Claims by several sources about the same thing, with the first field in which they differ."""

    name: Word
    claims: list[Claim]
    differ: Word


VALUES = Word("两种说法并存:数值不同", "two claims, both kept: values differ")
HOURS = Word("两种说法并存:时刻不同", "two claims, both kept: hours differ")
#: How a check can come out, and the state in which it is shown.
VERDICTS = {
    "closes": (Word("合拢", "closes"), "done"),
    "inside": (Word("在总数之内", "lies inside the total"), "done"),
    "waiting": (Word("有一部分尚未公布", "a part is not published"), "pending"),
    "open": (Word("没有公布的衔接", "no published bridge"), "overdue"),
    "hole": (Word("对不上", "does not close"), "overdue"),
}

#: Which published figures should close. Codes are those of facts ``figure.published``; the hour stands behind the @.
SUMS = (
    Sum(Word("全市累计采样 = 前日累计 + 当日", "sampled in the city = the day before + the day"), "sampled_cum@12-09",
        ("sampled_cum@12-08", "sampled_day@12-09")),
    Sum(Word("环境样本 = 阳性 + 阴性 + 待出", "environment samples = positive + negative + pending"), "environment@12-09",
        ("environment_positive@12-09", "environment_negative@12-09", "environment_pending@12-09")),
    Sum(Word("环境样本(12-08)= 已检 + 待出", "environment samples (12-08) = done + pending"), "environment@12-08",
        ("environment_done@12-08", "environment_pending@12-08"),
        open=Word("待出数没有公布", "how many were pending was not published")),
    Sum(Word("环境样本(12-08)已检 ⊇ 阳性", "environment samples done (12-08) ⊇ positive"), "environment_done@12-08",
        ("environment_positive@12-08",), inside=True),
    Sum(Word("密切接触者 ⊇ 已采样", "close contacts ⊇ sampled"), "close@12-09", ("close_sampled@12-09",), inside=True),
    Sum(Word("密切接触者已采样 ⊇ 阴性", "close contacts sampled ⊇ negative"), "close_sampled@12-09", ("close_negative@12-09",), inside=True),
    Sum(Word("采样点 = 郫筒 + 其余街道乡镇", "sampling points = Pitong + the other streets and towns"), "points@12-11",
        ("points_pitong@12-11", "points_rest@12-11")),
    Sum(Word("24小时承诺 = 通报采样", "promised in 24 hours = reported sampled"), "round_promised@12-11", ("round_sampled@12-12",),
        open=Word("差额没有公布的衔接:此前数日已采者或在其中,无人说明",
                  "no bridge was published: some were sampled in the days before, which nobody stated")),
    Sum(Word("全市累计采样 ⊇ 前日累计 + 郫都24小时", "sampled in the city ⊇ the day before + Pidu's 24 hours"), "sampled_cum@12-12",
        ("sampled_cum@12-11", "round_sampled@12-12"), inside=True),
    *(Sum(Word(f"全市累计采样({day})⊇ 已出结果", f"sampled in the city ({day}) ⊇ resulted"), f"sampled_cum@{day}", (f"resulted_cum@{day}",),
          inside=True) for day in ("12-08", "12-09", "12-11", "12-12")),
    *(Sum(Word(f"已出结果({day})⊇ 阳性", f"resulted ({day}) ⊇ positive"), f"resulted_cum@{day}", (f"positive_cum@{day}",), inside=True)
      for day in ("12-08", "12-11", "12-12")),
)  # fmt: skip

RIVALS = (
    Rival(
        Word("全员采样的队伍何时集结", "when the teams of the district's testing round gathered"),
        ("samplers_pidu@12-11", "samplers_pidu@12-12"),
    ),
)


def claims(look: Looking) -> dict[str, Claim]:
    """Published figures by code; of one code the latest as of the hour."""
    rows = list(standing_facts("figure.published", look.seq, look.about).order_by("at", "id"))
    from_ = sources(r.entry for r in rows)
    return {
        r.code: Claim(r.at, r.area, r.code, r.value, r.unit, Word(r.name, r.name_en), r.url, r.promised, from_.get(r.entry, ""))
        for r in rows
    }


def agreements(look: Looking, sums: tuple[Sum, ...] = SUMS) -> list[Agreement]:
    """Every check whose total has been published by the hour asked."""
    known = claims(look)
    return [_agreement(check, known) for check in sums if check.total in known]


def _agreement(check: Sum, known: dict[str, Claim]) -> Agreement:
    total, parts = known[check.total], [known[p] for p in check.parts if p in known]
    if len(parts) < len(check.parts):
        return Agreement(check.name, total, parts, None, total.unit, "waiting", check.open)
    if check.inside:  # parts that do not overlap lie inside together, not only each by itself
        division = Partition(check.name.en, (Part("together", sum(p.value for p in parts)),), of_which=True)
    else:
        division = Partition(check.name.en, tuple(Part(p.code, p.value) for p in parts))
    holes = reconcile(Part(check.total, total.value, (division,)))
    missing = holes[0].missing if holes else 0
    verdict = ("open" if check.open else "hole") if holes else "inside" if check.inside else "closes"
    return Agreement(check.name, total, parts, missing, total.unit, verdict, check.open)


def disagreements(look: Looking) -> list[Disagreement]:
    """What two sources claim differently, once both are known."""
    known, found = claims(look), []
    for rival in RIVALS:
        told = [known[c] for c in rival.codes if c in known]
        values = len({c.value for c in told}) > 1
        if len({(c.at, c.value) for c in told}) > 1:
            found.append(Disagreement(rival.name, told, VALUES if values else HOURS))
    return found
