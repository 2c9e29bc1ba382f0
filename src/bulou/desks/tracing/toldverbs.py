"""What is done with words about one person: told day by day and field by field, and settled by a named post. Nothing told is taken away by it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bulou.basis.time import add_days, day_of
from bulou.basis.words import Word
from bulou.gaps.told import wrong_signs, wrong_word
from bulou.kit.importing import Import, importing
from bulou.kit.verb import Acting, Problem, Verb, verb

#: How far back somebody is asked day by day (this project's proposal).
BACK = 60


def _symptoms_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if wrong := wrong_signs(body.signs):
        yield Problem("signs", wrong.zh, wrong.en)
    today = day_of(acting.now, acting.looking.zone)
    try:
        date.fromisoformat(body.day)
    except ValueError:
        yield Problem("day", "应为日期,如 2020-12-07", "a day, for example 2020-12-07")
    else:
        if body.day > today:
            yield Problem("day", "不能晚于今天", "the day lies in the future")
        elif body.day < add_days(today, -BACK):
            yield Problem("day", f"不早于{BACK}天前", f"not more than {BACK} days ago")


def _detail_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if wrong := wrong_word(body.detail, body.said):
        yield Problem("said", wrong.zh, wrong.en)


def _settle_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    words = acting.book.facts.by("detail.told", "person", body.person)
    if not any(f.id == body.chosen and f.body.detail == body.detail for f in words):
        yield Problem("chosen", "应为此人该栏目下仍有效的一条陈述", "should be a word on this field of this person that stands")
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")


TELL_SYMPTOMS = verb(Verb(
    "tell_symptoms", Word("记录逐日症状", "record symptoms by day"), "tracing", "symptoms.told", "person", ("day", "signs", "words", "teller"),
    (_symptoms_ok,), timed=False, page="symptoms",
))  # fmt: skip
TELL_DETAIL = verb(Verb(
    "tell_detail", Word("记录个案信息", "record what was said"), "tracing", "detail.told", "person", ("detail", "said", "teller", "certainty"),
    (_detail_ok,), timed=False, page="detail",
))  # fmt: skip
SETTLE_DETAIL = verb(Verb(
    "settle_detail", Word("认定哪一说法", "say which word holds"), "tracing", "detail.settled", "person", ("chosen", "reason"), (_settle_ok,),
    timed=False, page="detail-settle",
    warning=Word("只认定以哪一说法为准:其他说法全部保留。", "This says which word holds; every other word stays on record."),
))  # fmt: skip

importing(Import(
    TELL_SYMPTOMS, ("person", "day", "signs", "words", "teller"), usual={"teller": "self"},
    called={"day": ("日期", "day", "date"), "signs": ("症状", "symptoms")},
))  # fmt: skip
