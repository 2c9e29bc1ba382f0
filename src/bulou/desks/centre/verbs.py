"""What keeping the centre does: chairs, who sits on them, accounts, editions adopted and signed, shifts opened and ended.

No one person is both auditor and administrator, and no administrator seats themselves: each is refused here, whoever asks.
"""

import re
from collections.abc import Iterable
from typing import Any

from bulou.basis.facts import IncidentOpened
from bulou.basis.factset import FactSet
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, Instant
from bulou.basis.words import Word
from bulou.kit.adoption import ORDER, stands
from bulou.kit.chairs import BOTH, both, role_of, seated
from bulou.kit.verb import Acting, Problem, Verb, beyond, known_post, verb
from bulou.protocol.relations import order
from bulou.register import passes
from bulou.register.roles import roles

#: No shift is longer (FIELD F24: suits, heat, drivers and samplers at fourteen hours).
LONGEST_SHIFT = 14 * HOUR
#: How far ahead a shift may be opened, and how long someone may stand in for another.
AHEAD, LONGEST_ACTING = 7 * DAY, 30 * DAY
MOST_SEATS = 500
_POST = re.compile(r"^[0-9A-Za-z][0-9A-Za-z._-]{0,59}$")


def _role_and_area(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.role not in roles():
        yield Problem("role", "没有这个角色", "there is no such role")
    if not acting.book.facts.by("area.declared", "area", body.area):
        yield Problem("area", "没有这个区域代码", "there is no area with this code")
    else:
        yield from beyond(acting, "area", body.area)
    if not _POST.match(body.post) or body.post.startswith("shift."):
        yield Problem("post", "岗位代码应为字母、数字与 . _ -,不超过60位", "a post's code has letters, digits and . _ -, at most 60")
    for holder in seated(acting.book.facts, body.post, acting.now):
        if both(acting.book.facts, holder, body.role, acting.now, body.post):
            yield Problem("role", *BOTH)


def may_hold(facts: FactSet, post: str, holder: bytes, at: Instant) -> Iterable[Problem]:
    """Why a person may not sit on a chair: by whatever way they come to it."""
    if not facts.by("person.enrolled", "person", holder):
        yield Problem("holder", "名册内没有此人:请先登记", "is not on the register: enrol them first")
    if both(facts, holder, role_of(facts, post) or "", at, post):
        yield Problem("holder", *BOTH)


def _may_hold(acting: Acting, body: Any) -> Iterable[Problem]:
    yield from may_hold(acting.book.facts, body.post, body.holder, acting.at)
    user = acting.looking.viewer.user
    mine = user.holder if user else None
    if mine is not None and acting.book.facts.canon("person", mine) == acting.book.facts.canon("person", body.holder):
        yield Problem("holder", "不能为本人安排岗位:请另一位有权者办理", "nobody seats themselves: another who may must do it")


def _acting_has_an_end(acting: Acting, body: Any) -> Iterable[Problem]:
    """Without acceptance a person only stands in, until an hour that is said."""
    if not body.acting:
        yield Problem("acting", "正式任职须由本人接受:请用“提出交接”", "a regular holder accepts the post themselves: offer it to them")
    if body.until is None or not acting.at < body.until <= acting.at + LONGEST_ACTING:
        yield Problem("until", "代理须写明结束时刻,至多30天", "say until when they act, at most 30 days")


def _sits(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.holder not in seated(acting.book.facts, body.post, acting.at):
        yield Problem("holder", "此人现不在该岗位", "does not hold this post now")


def _account(acting: Acting, body: Any) -> Iterable[Problem]:
    if not acting.book.facts.by("person.enrolled", "person", body.holder):
        yield Problem("holder", "名册内没有此人:请先登记", "is not on the register: enrol them first")
    if body.change != "invited" and not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")
    user = acting.looking.viewer.user
    if body.change == "suspended" and user is not None and user.holder == body.holder:
        yield Problem("holder", "不能停用本人账号", "nobody suspends their own account")


def _edition(acting: Acting, body: Any) -> Iterable[Problem]:
    edition = acting.looking.protocol.editions.get(body.edition)
    if edition is None:
        yield Problem("edition", "本中心没有这个方案", "the centre has no such edition")
    elif edition.hash != body.hash or edition.disease != body.disease:
        yield Problem("edition", "方案文本已变:请重新打开再采用", "the text is not the one that was shown: open it again")
    if body.area is None or not acting.book.facts.by("area.declared", "area", body.area):
        yield Problem("area", "没有这个区域代码", "there is no area with this code")
    else:
        yield from beyond(acting, "area", body.area)


def _watch(acting: Acting, fact: Any) -> Iterable[Fact]:
    """A standing watch for the disease, where none stands: routine facts have an incident to belong to from the first day."""
    closed = {f.body.incident for f in acting.book.facts.standing("incident.closed")}
    for opened in acting.book.facts.standing("incident.opened"):
        if opened.body.disease == fact.body.disease and opened.body.nature == "watch" and opened.body.incident not in closed:
            return
    words = acting.looking.protocol.editions[fact.body.edition].disease_word
    watch = new_id(acting.at)
    body = IncidentOpened(watch, fact.body.disease, fact.body.area, f"{words.zh}常态监测", f"{words.en} standing watch", "watch")
    yield Fact(new_id(acting.at), "incident.opened", acting.at, watch, body)


def _signable(acting: Acting, body: Any) -> Iterable[Problem]:
    edition = acting.looking.protocol.editions.get(body.edition)
    if edition is None or body.area is None:
        yield Problem("edition", "本中心没有这个方案", "the centre has no such edition")
        return
    yield from beyond(acting, "area", body.area)
    if stands(acting.book.facts, edition, body.area, acting.now).adopted is None:
        yield Problem("edition", "该方案的现行文本尚未在此区域采用", "the text of this edition has not been adopted in this area")
    if body.measure not in (ORDER, "hold") or not (0 if body.measure == ORDER else 1) <= body.hours <= 24:
        yield Problem("hours", "原地等候每次至多24小时", "a hold is for 1 to 24 hours")


def _shift(acting: Acting, body: Any) -> Iterable[Problem]:
    chair = acting.chair
    if chair and body.role not in chair.role.shifts:
        yield Problem("role", "您的岗位不能为该角色开设班次", "your post may not open a shift for this role")
    if not acting.book.facts.by("area.declared", "area", body.area):
        yield Problem("area", "没有这个区域代码", "there is no area with this code")
    if body.place is not None:
        declared = sorted(acting.book.facts.by("place.declared", "place", body.place), key=order)
        if not declared:
            yield Problem("place", "没有登记这个点位", "there is no such point on record")
        elif declared[0].body.area != body.area:
            yield Problem("place", "点位不在所选区域内", "the point does not lie in the area that was chosen")
    if not (body.name or "").strip():
        yield Problem("name", "请写明点位或小队名称", "name the point or the team")
    if not 1 <= body.seats <= MOST_SEATS:
        yield Problem("seats", f"每个班次1至{MOST_SEATS}人;再多请分开设班", f"from 1 to {MOST_SEATS} people; open several shifts for more")
    if body.ends <= max(body.starts, acting.now):
        yield Problem("ends", "结束须晚于开始,也须晚于现在", "the end must lie after the start, and after now")
    elif body.ends - body.starts > LONGEST_SHIFT:
        yield Problem("ends", "一个班次不得超过14小时", "no shift is longer than 14 hours")
    if body.starts > acting.now + AHEAD:
        yield Problem("starts", "至多提前7天开设", "a shift is opened at most seven days ahead")


def _open_shift(acting: Acting, body: Any) -> Iterable[Problem]:
    found = sorted(acting.book.facts.by("shift.opened", "shift", body.shift), key=order)
    if not found:
        yield Problem("shift", "没有这个班次", "there is no such shift")
    else:
        yield from beyond(acting, "shift", found[-1].body.area)
    if body.person is None and any(f.body.person is None for f in acting.book.facts.by("shift.ended", "shift", body.shift)):
        yield Problem("shift", "该班次已结束", "this shift has been ended already")
    if body.person is not None and not [
        f for f in acting.book.facts.by("shift.joined", "person", body.person) if f.body.shift == body.shift
    ]:
        yield Problem("person", "此人不在该班次", "is not on this shift")


ESTABLISH = verb(Verb(
    "establish_post", Word("设立岗位", "establish a post"), "centre", "post.established", "post",
    ("post", "role", "area", "name", "name_en", "unit", "unit_en", "phone"), (_role_and_area,), timed=False, page="post-establish",
))  # fmt: skip
OFFER = verb(Verb(
    "offer_post", Word("提出交接", "offer the post"), "centre", "post.offered", "post", ("reason", "until"), (known_post, _may_hold), timed=False, page="post-offer",
))  # fmt: skip
APPOINT = verb(Verb(
    "appoint", Word("安排代理", "let someone act"), "centre", "post.held", "post", ("until",), (known_post, _may_hold, _acting_has_an_end), timed=False,
    page="post-act",
    warning=Word("代理人立即拥有该岗位的全部权限,到期自动失效。", "Whoever acts has everything that the post may do, at once; it ends by itself."),
))  # fmt: skip
RELIEVE = verb(Verb("relieve", Word("免去任职", "relieve the holder"), "centre", "post.left", "post", (), (known_post, _sits), timed=False))
CHANGE_ACCOUNT = verb(Verb(
    "change_account", Word("账号变动", "change an account"), "centre", "account.changed", None, ("change", "reason"), (_account,), timed=False,
    page="account-change",
))  # fmt: skip
ADOPT = verb(Verb(
    "adopt_edition", Word("采用方案", "adopt the edition"), "centre", "edition.adopted", None, ("area",), (_edition,), _watch, timed=False, page="edition-adopt",
    warning=Word("采用后,该区域的任务即按此方案产生。", "From then on the duties of this area follow from this edition."),
))  # fmt: skip
SIGN = verb(Verb(
    "sign_edition", Word("签署方案", "sign the edition"), "centre", "authorisation.signed", None, ("area", "hours"), (_signable,), timed=False,
    page="edition-sign",
    warning=Word("签署即由您对下列未核实条款逐条负责;未签署的方案不能据以下令。",
                 "By signing you answer for each unverified rule below; no order rests on an edition that is not signed."),
))  # fmt: skip
OPEN_SHIFT = verb(Verb(
    "open_shift", Word("开设班次", "open a shift"), "shift", "shift.opened", "area", ("name", "role", "area", "seats", "starts", "ends"), (_shift,),
    timed=False, page="shift-open",
))  # fmt: skip
END_SHIFT = verb(Verb(
    "end_shift", Word("结束班次", "end the shift"), "shift", "shift.ended", "shift", ("reason",), (_open_shift,), timed=False, page="shift-end",
    after=lambda fact: passes.lock(fact.body.shift),  # whoever was sent off may know the PIN
))  # fmt: skip
