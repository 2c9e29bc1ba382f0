"""What the bench enters: that two records are one person, why lists differ about someone, whose a difference is. All of it can be taken back."""

from collections.abc import Iterable, Iterator
from typing import Any

from bulou.basis.kinds import Fact
from bulou.basis.words import Word
from bulou.gaps.answer import minute_of_day
from bulou.kit.chairs import apart, command_of
from bulou.kit.verb import Acting, Problem, Verb, area_of, beyond, verb
from bulou.protocol.relations import order
from bulou.protocol.rules import Facts
from bulou.register.scope import Chair


def _two_that_may_be_one(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    if not body.reason.strip():
        yield Problem("reason", "请写明依据", "say what it rests on")
    if body.person == body.same_as:
        yield Problem("same_as", "这是同一条记录", "this is one record already")
    if any(not facts.by("person.enrolled", "person", who) for who in (body.person, body.same_as)):
        yield Problem(None, "两条记录都须在名册上", "both must be on the register")
    else:
        yield from beyond(acting, "same_as", area_of(acting, "person", body.same_as))
    joined = facts.by("person.identified", "person", body.person)
    if any({f.body.person, f.body.same_as} == {body.person, body.same_as} for f in joined):
        yield Problem(None, "已认定为同一人", "this is on record already")


def _keeps_apart(acting: Acting, body: Any) -> Iterable[Problem]:
    """Two records that are one person may turn out to audit what they administer: first one of the two chairs is given up."""
    found = apart(acting.book.facts, (body.person, body.same_as), acting.now)
    if found:
        who = command_of(acting.book.facts, acting.now).chair
        zh = "、".join(post for _, post in found)
        en = ", ".join(f"{role} ({post})" for role, post in found)
        phone = f" {who.phone}" if who and who.phone else ""
        yield Problem(
            None,
            f"此人将同时任审计员与系统管理员({zh}):请先由{who.unit if who else '指挥部'}{phone}决定免去其一,再认定",
            f"this person would be auditor and administrator at once: {en}. {who.unit_en if who else 'The command'}{phone} decides which of the two"
            " ends; then record that they are one",
        )


IDENTIFY = verb(Verb(
    "identify", Word("认定同一人", "record that two are one person"), "compare", "person.identified", "person", ("reason",), (_two_that_may_be_one, _keeps_apart),
    timed=False,
    warning=Word("两人的应办事项与管控令会合在一起;撤回即分开,各自恢复。",
                 "What both owe and every order on them comes together; taking it back parts them and restores both."),
))  # fmt: skip


# --- what is said of a difference -------------------------------------------------------------------------------------
def latest_of(facts: Facts, person: bytes, difference: str) -> Fact | None:
    """What was last said of a difference, as the facts have it."""
    said = [f for kind in ("difference.explained", "difference.passed") for f in facts.by(kind, "person", person)]
    return max((f for f in said if f.body.difference == difference), key=order, default=None)


def passed_to(chair: Chair, body: Any) -> bool:
    """Whether a difference that was passed on went to this chair: to its post, or to an area that it reaches."""
    return bool(body.to_post == chair.post or (body.to_area is not None and (chair.reach is None or body.to_area in chair.reach)))


def _ones_own(acting: Acting, body: Any) -> Iterable[Problem]:
    """About someone in the areas of the acting post; or about anyone, where the difference was passed on to it."""
    last, chair = latest_of(acting.book.facts, body.person, body.difference), acting.chair
    if chair is not None and last is not None and last.kind == "difference.passed" and passed_to(chair, last.body):
        return
    if not acting.book.facts.by("person.enrolled", "person", body.person):
        yield Problem("person", "此人不在名册", "is not on the register")
        return
    yield from beyond(acting, "person", area_of(acting, "person", body.person))


def hour_wanted(reason: str, cut_off: str | None) -> Iterator[Problem]:
    """An hour where the reason is another cut-off, and only there."""
    if reason == "cut_off" and (not cut_off or minute_of_day(cut_off) is None):
        yield Problem("cut_off", "请写对方的截止时刻 HH:MM,如 20:00", "give the other list's cut-off as HH:MM, such as 20:00")
    if reason != "cut_off" and cut_off:
        yield Problem("cut_off", "只有截止时刻不同时才填", "is for another cut-off alone")


def _hour(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from hour_wanted(body.reason, body.cut_off)


def one_taker(known_area: bool, known_post: bool, to_area: str | None, to_post: str | None, own: str | None) -> Iterator[Problem]:
    """Whose it is: one area or one post, that there is, and not oneself."""
    if (to_area is None) == (to_post is None):
        yield Problem("to_post", "请选择一个岗位或一个区域", "choose one post or one area")
    elif to_post is not None and to_post == own:
        yield Problem("to_post", "这是您自己的岗位", "this is your own post")
    elif to_post is not None and not known_post:
        yield Problem("to_post", "没有这个岗位", "there is no such post")
    elif to_area is not None and not known_area:
        yield Problem("to_area", "没有这个区域", "there is no such area")


def _taker(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    area = body.to_area is not None and bool(facts.by("area.declared", "area", body.to_area))
    post = body.to_post is not None and bool(facts.by("post.established", "post", body.to_post))
    yield from one_taker(area, post, body.to_area, body.to_post, acting.chair.post if acting.chair else None)


EXPLAIN = verb(Verb(
    "explain_difference", Word("说明差异", "explain a difference"), "compare", "difference.explained", None, ("reason", "cut_off"),
    (_ones_own, _hour), timed=False,
))  # fmt: skip
PASS = verb(Verb(
    "pass_difference", Word("转交差异", "pass a difference on"), "compare", "difference.passed", None, ("reason", "to_area", "to_post"),
    (_ones_own, _taker), timed=False,
))  # fmt: skip
