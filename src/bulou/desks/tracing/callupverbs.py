"""What is done about a call-up: published, answered, taken down. Its words are public: a place and hours, never a person."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.kinds import Fact
from bulou.basis.time import format_local
from bulou.basis.words import Word
from bulou.evidence.models import Case, Contact
from bulou.gaps.callups import LEAST_SIGNS, LONGEST, against, outward
from bulou.kit.incidents import members
from bulou.kit.verb import AHEAD, Acting, Problem, Verb, verb
from bulou.protocol.relations import order
from bulou.register.models import Person
from bulou.register.scope import standing

#: The longest name that is looked for without spaces between its signs.
MOST_SIGNS = 24
#: The longest public words.
MOST_WORDS = 200

_WHY = {
    "dwelling": ("place", Word("住所、宿舍、隔离点不得公开征集:请入户查找", "a dwelling is never published: find its people at the door")),
    "short": ("since", Word("时段不得短于一小时:精确到分会指向个人", "a window under an hour tells who it was")),
    "number": ("public", Word("不得含电话、证件等长串数字", "holds a long number: no telephone, no document")),
    "door": ("public", Word("不得写到户、室、单元", "holds a door: no flat, no room")),
    "name": ("public", Word("含有本事件人员的姓名", "holds the name of somebody of this incident")),
}


def _names(acting: Acting, public: str) -> set[str]:
    """Which names of the incident's cases and contacts stand in a text: asked by every stretch of it that could be one, so that a hundred
    thousand contacts cost no more than ten."""
    signs = {public[i : i + n] for n in range(LEAST_SIGNS, MOST_SIGNS + 1) for i in range(len(public) - n + 1)}
    signs |= {" ".join(words) for n in (1, 2, 3) for words in zip(*(public.split()[i:] for i in range(n)), strict=False)}
    look = acting.looking
    of = members(look, acting.incident) if acting.incident else []
    of_incident = [standing(m, look.seq).filter(incident__in=of).values("person") for m in (Case, Contact)]
    named = standing(Person, look.seq).filter(name__in=signs)
    return {str(name) for people in of_incident for name in named.filter(canonical__in=people).values_list("name", flat=True)}


def _publishable(acting: Acting, body: Any) -> Iterable[Problem]:
    """Nothing is published that tells who it was; and nothing stands longer than it can be answered."""
    for field in ("public", "reply_to", "reason"):
        if not (getattr(body, field) or "").strip():
            yield Problem(field, "请填写", "say it")
    public, beside, names = body.public or "", body.reply_to or "", set[str]()
    if len(public) > MOST_WORDS:
        yield Problem("public", "不超过200字", "at most 200 signs")
    elif public.strip():
        names = _names(acting, f"{public}\n{beside}")
    place = max(acting.book.facts.by("place.declared", "place", body.place), key=order, default=None) if body.place else None
    nature = place.body.nature if place else None
    for code in against(public, nature, body.since, body.until, names, beside):
        field, why = _WHY[code]
        yield Problem(field, why.zh, why.en)
    if (body.since, body.until) != outward(body.since, body.until):
        since, until = outward(body.since, body.until)
        zone = acting.looking.zone
        told = f"{format_local(since, zone)} – {format_local(until, zone)}"
        yield Problem("since", f"时段取整到半小时:{told}", f"the window goes in half hours: {told}")
    if body.until > acting.now + AHEAD:
        yield Problem("until", "在场时间不能晚于现在", "the hours lie in the past")
    if not acting.at < body.ends <= acting.at + LONGEST:
        yield Problem("ends", "到期须晚于现在,且不超过21天", "the end lies ahead, by at most 21 days")


def _published(acting: Acting, body: Any) -> list[Fact]:
    return sorted(acting.book.facts.by("callup.published", "callup", body.callup), key=order)


def _known(acting: Acting, body: Any) -> Iterable[Problem]:
    """Whoever answers late still answers: only a notice that never was is refused."""
    if not _published(acting, body):
        yield Problem("callup", "没有这个通告", "there is no such call-up")


def _up(acting: Acting, body: Any) -> Iterable[Problem]:
    found = _published(acting, body)
    if not found or found[0].body.area != body.area:
        yield Problem("callup", "没有这个通告", "there is no such call-up")
    elif acting.book.facts.by("callup.withdrawn", "callup", body.callup):
        yield Problem("callup", "该通告已撤下", "this call-up has been taken down already")
    elif acting.at < found[0].at:
        yield Problem("at", "不能早于发布时刻", "not before it was published")
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")


PUBLISH_CALLUP = verb(Verb(
    "publish_callup", Word("发布协查通告", "publish a call-up"), "tracing", "callup.published", "area",
    ("public", "since", "until", "ends", "reply_to", "reason"), (_publishable,), timed=False, page="callup-publish",
    warning=Word("公开文字只写地点与时段,不写人、不写门牌;同一人的不同地点不得写在一起。到期撤下,公开副本一并撤下。",
                 "The public words say a place and hours, no person and no door; places of one person never stand together. It comes down at its end, copies too."),
))  # fmt: skip
ANSWER_CALLUP = verb(
    Verb(
        "answer_callup",
        Word("登记响应者", "record an answer"),
        "tracing",
        "callup.answered",
        "person",
        ("via", "words"),
        (_known,),
        page="callup-answer",
    )
)
WITHDRAW_CALLUP = verb(
    Verb("withdraw_callup", Word("撤下通告", "take the notice down"), "tracing", "callup.withdrawn", "area", ("reason",), (_up,))
)
