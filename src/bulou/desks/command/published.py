"""Published figures held against themselves, never against our register: what sums, what does not, what nobody explained."""

from typing import NamedTuple

from bulou.basis.words import Word
from bulou.evidence.timeline import standing_facts
from bulou.gaps.standing import Part, Partition, reconcile
from bulou.kit.looking import Looking


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


class Sum(NamedTuple):
    """A figure that should be the sum of others: ``total`` names one code, ``parts`` several, about one place and hour."""

    name: Word
    total: str
    parts: tuple[str, ...]


class Agreement(NamedTuple):
    """How a check came out: ``missing`` is what the parts leave open; None where a part has not been published."""

    name: Word
    total: Claim | None
    parts: list[Claim]
    missing: int | None
    unit: str


#: Which published figures should close. Codes are those of facts ``figure.published``; a total and its parts share their suffix.
SUMS = (
    Sum(Word("全市累计采样 = 前日累计 + 当日", "sampled in the city = the day before + the day"), "sampled_cum@12-09",
        ("sampled_cum@12-08", "sampled_day@12-09")),
    Sum(Word("环境样本 = 阳性 + 阴性 + 待出", "environment samples = positive + negative + pending"), "environment@12-09",
        ("environment_positive@12-09", "environment_negative@12-09", "environment_pending@12-09")),
    Sum(Word("环境样本(12-08) = 已检 + 待出", "environment samples (12-08) = done + pending"), "environment@12-08",
        ("environment_done@12-08", "environment_pending@12-08")),
    Sum(Word("24小时承诺 = 通报采样", "promised in 24 hours = reported sampled"), "round_promised@12-11", ("round_sampled@12-12",)),
)  # fmt: skip


def claims(look: Looking) -> dict[str, Claim]:
    """Published figures by code; of one code the latest as of the hour."""
    rows = standing_facts("figure.published", look.seq, look.about).order_by("at", "id")
    return {r.code: Claim(r.at, r.area, r.code, r.value, r.unit, Word(r.name, r.name_en), r.url, r.promised) for r in rows}


def agreements(look: Looking) -> list[Agreement]:
    """Every check whose total has been published by the hour asked."""
    known = claims(look)
    found = []
    for check in SUMS:
        total = known.get(check.total)
        parts = [known[p] for p in check.parts if p in known]
        if total is None:
            continue
        missing = None
        if len(parts) == len(check.parts):
            part = Part(check.total, total.value, (Partition(check.name.en, tuple(Part(p.code, p.value) for p in parts)),))
            holes = reconcile(part)
            missing = holes[0].missing if holes else 0
        found.append(Agreement(check.name, total, parts, missing, total.unit))
    return found
