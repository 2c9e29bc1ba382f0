"""What is done about a risk point: named, closed, sampled, read, disinfected, re-opened. Closing harms a trade, so it has a reason and an end."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.kinds import Fact
from bulou.basis.time import DAY
from bulou.basis.words import Word
from bulou.kit.adoption import in_force_may_carry
from bulou.kit.verb import AHEAD, Acting, Problem, Verb, verb
from bulou.protocol.relations import order

#: The longest closure that is taken: whoever wants longer decides anew.
LONGEST = 21 * DAY
#: Samples that one act may tell of.
MOST_SAMPLES = 10_000


def _named(acting: Acting, body: Any) -> list[Fact]:
    """What named this risk point, the earliest first."""
    return sorted(acting.book.facts.by("point.named", "point", body.point), key=order)


def _nameable(acting: Acting, body: Any) -> Iterable[Problem]:
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")
    if not acting.book.facts.by("place.declared", "place", body.place):
        yield Problem("place", "此场所尚未登记", "this place is on no record")
    if body.since > body.until:
        yield Problem("since", "起始晚于截止", "the beginning lies after the end")
    if body.until > acting.now + AHEAD:
        yield Problem("until", "病例在场的时间不能晚于现在", "the hours at which cases were there lie in the past")
    if body.held == "closed":
        if body.closed_until is None:
            yield Problem("closed_until", "关闭须写明到何时", "a closure says when it ends")
        elif not acting.at < body.closed_until <= acting.at + LONGEST:
            yield Problem("closed_until", "应晚于现在,且不超过21天", "should lie ahead, by at most 21 days")
        yield from in_force_may_carry(acting, acting.looking.protocol)
    elif body.closed_until is not None:
        yield Problem("closed_until", "不关闭就没有到期时刻", "what stays open has no end")


def _still_held(acting: Acting, body: Any) -> Iterable[Problem]:
    """Whatever is done about a risk point is done about one that stands, at the place that it names."""
    named = _named(acting, body)
    if not named or named[0].body.place != body.place:
        yield Problem("point", "没有这个风险点", "there is no such risk point")
    elif any(f.at <= acting.at for f in acting.book.facts.by("point.reopened", "point", body.point)):
        yield Problem("point", "该场所已重新开放", "this place has been re-opened already")
    elif acting.at < named[0].at:
        yield Problem("at", "不能早于确定为风险点的时刻", "not before it was named a risk point")


def _counted(acting: Acting, body: Any) -> Iterable[Problem]:
    if not 0 < body.samples <= MOST_SAMPLES:
        yield Problem("samples", "份数应为 1 至 10000", "should be a number of samples from 1 to 10,000")


def _agrees(acting: Acting, body: Any) -> Iterable[Problem]:
    """What the samples say together follows from how many of them are positive."""
    if not (0 <= body.positive <= MOST_SAMPLES and 0 <= body.negative <= MOST_SAMPLES and body.positive + body.negative):
        yield Problem("negative", "份数应为 0 至 10000,且不能都是零", "numbers of samples from 0 to 10,000, not both zero")
    elif (body.positive > 0) != (body.result == "positive"):
        yield Problem(
            "result",
            "与阳性份数不符:有一份阳性即为“有阳性”",
            "differs from the number of positive samples: one of them makes it “some positive”",
        )


def _clean(acting: Acting, body: Any) -> Iterable[Problem]:
    """A closed place is re-opened after surfaces that were read negative since its last disinfection, or once its closure has ended."""
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")
    named = _named(acting, body)
    if not named or named[0].body.held != "closed" or acting.at >= (named[0].body.closed_until or acting.at):
        return
    facts = acting.book.facts
    clean = max((f.at for f in facts.by("point.disinfected", "point", body.point)), default=None)
    reads = [f for f in facts.by("surfaces.read", "point", body.point) if f.body.stage == "after" and clean is not None and f.at >= clean]
    if not reads or any(f.body.result != "negative" for f in reads):
        yield Problem(
            "point", "须在最近一次消毒后有全部阴性的环境样本;否则至关闭到期",
            "needs surfaces that were all negative after the last disinfection, or waits for the end of the closure",
        )  # fmt: skip


_GIVEN = "place"
NAME_POINT = verb(Verb(
    "name_point", Word("确定风险点", "name a risk point"), "tracing", "point.named", _GIVEN, ("since", "until", "held", "closed_until", "reason"),
    (_nameable,), timed=False, page="point-name",
    warning=Word("关闭场所影响生计:只关该关的地方,写明到何时;到期即止,消毒后采样阴性可提前开放。",
                 "Closing a place costs people their living: only what must be closed, until a stated hour. It ends then; negative surfaces end it earlier."),
))  # fmt: skip
CLOSE_POINT = verb(Verb(
    "close_point", Word("关闭场所", "close the place"), "tracing", "point.closed", _GIVEN, ("note",), (_still_held,),
    warning=Word("关闭不封门:消防通道不得封堵,店里有人先让人离开。", "Closing seals no door: fire exits stay free, and whoever is inside leaves first."),
))  # fmt: skip
SAMPLE_SURFACES = verb(
    Verb(
        "sample_surfaces",
        Word("环境采样", "sample surfaces"),
        "tracing",
        "surfaces.sampled",
        _GIVEN,
        ("stage", "samples", "note"),
        (_still_held, _counted),
    )
)
READ_SURFACES = verb(Verb(
    "read_surfaces", Word("环境样本出结果", "read the surfaces"), "tracing", "surfaces.read", _GIVEN, ("stage", "result", "positive", "negative", "note"),
    (_still_held, _agrees),
))  # fmt: skip
DISINFECT = verb(Verb("disinfect", Word("终末消毒", "disinfect"), "tracing", "point.disinfected", _GIVEN, ("note",), (_still_held,)))
REOPEN_POINT = verb(
    Verb("reopen_point", Word("重新开放", "re-open"), "tracing", "point.reopened", _GIVEN, ("reason",), (_still_held, _clean))
)
