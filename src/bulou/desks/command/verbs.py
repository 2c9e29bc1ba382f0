"""What command does: zones, steps, reports, answers to gaps, excuses. A zone restricts people: its safeguards are asked first."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.days import closing_hour
from bulou.basis.words import Word
from bulou.kit.adoption import in_force_may_carry
from bulou.kit.verb import Acting, Problem, Verb, verb


def _safe(acting: Acting, body: Any) -> Iterable[Problem]:
    """No zone is signed without a medical lane with its minutes, fire exits, the list of vulnerable people, and supplies."""
    if not body.lane_minutes or not 0 < body.lane_minutes <= 60:
        yield Problem("lane_minutes", "须有实测的就医通道时间(1至60分钟)", "give the tested minutes of the medical lane (1 to 60)")
    if not body.fire_exits:
        yield Problem("fire_exits", "须确认消防通道畅通;任何门不得封死", "confirm that fire exits are free; no door may be sealed")
    if not body.vulnerable_listed:
        yield Problem(
            "vulnerable_listed", "须备好透析、吸氧、孕产、独居、婴幼儿人员名单",
            "have the list of people on dialysis or oxygen, pregnant, alone or with infants",
        )  # fmt: skip
    if not (body.supplies or "").strip():
        yield Problem("supplies", "须写明物资保障负责人", "name who leads supplies")
    if body.level == "temporary" and body.expires is None:
        yield Problem("expires", "临时管控必须有到期时刻", "a temporary zone must say when it expires")
    if body.expires is not None and body.expires <= acting.at:
        yield Problem("expires", "到期时刻须晚于划定时刻", "the expiry must lie after the hour of drawing")


def _carried(acting: Acting, body: Any) -> Iterable[Problem]:
    """What shuts people in rests on an edition that was adopted and signed, as an order does."""
    yield from in_force_may_carry(acting, acting.looking.protocol)


def _standing_zone(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    if not facts.by("zone.drawn", "zone", body.zone):
        yield Problem("zone", "没有这个风险区", "there is no such zone")
    if facts.by("zone.lifted", "zone", body.zone):
        yield Problem("zone", "该风险区已解除", "this zone has been lifted already")
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")


def _reason(acting: Acting, body: Any) -> Iterable[Problem]:
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")


DRAW_ZONE = verb(Verb(
    "draw_zone", Word("划定风险区", "draw a zone"), "command", "zone.drawn", None,
    ("level", "name", "name_en", "notice", "expires", "lane_minutes", "fire_exits", "vulnerable_listed", "supplies"), (_safe, _carried), page="zone-draw",
    warning=Word("划区限制居民:以最小范围、最短时间为准,任何门不得封死。",
                 "A zone restricts people: the smallest area, the shortest time; no door may be sealed."),
))  # fmt: skip
LIFT_ZONE = verb(
    Verb("lift_zone", Word("解除风险区", "lift the zone"), "command", "zone.lifted", None, ("reason", "notice"), (_standing_zone,))
)
DO_STEP = verb(Verb("do_step", Word("完成步骤", "do a step"), "command", "step.done", None, ("note",)))
SEND_REPORT = verb(
    Verb("send_report", Word("日报告(含零报告)", "send the daily report"), "command", "report.sent", "area", ("day", "findings", "note"))
)
ANSWER_GAP = verb(
    Verb(
        "answer_gap",
        Word("答复缺口", "answer the gap"),
        "command",
        "gap.answered",
        "subject",
        ("reason",),
        (_reason,),
        many=("duties", "mine"),
    )
)
EXCUSE = verb(Verb("excuse", Word("免除", "excuse"), "command", "duty.excused", "subject", ("reason",), (_reason,)))
VISIT = verb(
    Verb("visit_household", Word("入户排查", "visit"), "command", "household.visited", "household", ("symptoms",), many=("households",))
)


def _an_hour(acting: Acting, body: Any) -> Iterable[Problem]:
    if closing_hour(body.cut_off) is None:
        yield Problem("cut_off", "应为 00:01 至 24:00 的时刻 HH:MM,如 18:00", "should be an hour HH:MM from 00:01 to 24:00, such as 18:00")


SET_CUT_OFF = verb(Verb(
    "set_cut_off", Word("设定日截止时刻", "set the closing hour of the day"), "command", "cutoff.set", None, ("cut_off",), (_an_hour,), timed=False,
    warning=Word("自明日起生效:每日数字、疫情曲线与昨日衔接按此时刻分日;已报出的日子不改,任务时限仍按日历日。",
                 "From tomorrow on daily figures, the curve and the bridge from yesterday divide days at this hour. Days already reported stay as they are; "
                 "deadlines of duties keep to the calendar."),
))  # fmt: skip
