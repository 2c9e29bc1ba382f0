"""What the register does: enrols people it does not know yet, records where they stay, who answers for them, and hands that over."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.ids import subject_of
from bulou.basis.words import Word
from bulou.gaps.answer import minute_of_day
from bulou.gaps.responsibility import KINDS_OF_CHARGES, Charges, authority
from bulou.identity.documents import read_document
from bulou.kit.verb import Acting, Check, Problem, Verb, beyond, known_post, type_of, verb
from bulou.protocol.relations import order, segments, stays


def _known_area(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.area is not None and not acting.book.facts.by("area.declared", "area", body.area):
        yield Problem("area", "没有这个区域代码", "there is no area with this code")
    if body.area is not None:
        yield from beyond(acting, "area", body.area)


def _a_number_of_someone(acting: Acting, body: Any) -> Iterable[Problem]:
    document = read_document(body.document, body.document_kind if body.document_kind != "none" else None)
    if document is not None and document.verdict == "refused":
        yield Problem("document", document.zh, document.en)


ENROL = verb(Verb(
    "enrol", Word("登记人员", "enrol a person"), "people", "person.enrolled", "area",
    ("name", "sex", "born_on", "document_kind", "document", "phone", "area"), (_known_area, _a_number_of_someone), timed=False,
    page="person-enrol",
))  # fmt: skip
RECORD_STAY = verb(Verb(
    "record_stay", Word("登记居停", "record a stay"), "people", "stay.recorded", "person", ("nature", "area", "until"), (_known_area,), many=("people",),
))  # fmt: skip


# --- functional areas --------------------------------------------------------------------------------------------------
def _lies_across(acting: Acting, body: Any) -> bool:
    """Whether a functional area covers an area at the hour of the act, as far as is known."""
    facts = acting.book.facts
    told = [f for kind in ("area.spanned", "area.lifted") for f in facts.by(kind, "area", body.area) if f.body.member == body.member]
    last = max((f for f in told if f.at <= acting.at), key=order, default=None)
    return last is not None and last.kind == "area.spanned"


def _both_areas(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    found = max(facts.by("area.declared", "area", body.area), key=order, default=None)
    if found is None or found.body.level != "functional":
        yield Problem("area", "应为功能区(园区、校区等)", "should be a functional area (a park, a campus)")
    if not facts.by("area.declared", "area", body.member):
        yield Problem("member", "没有这个区域代码", "there is no area with this code")
    else:
        yield from beyond(acting, "member", body.member)
    if body.member == body.area:
        yield Problem("member", "不能覆盖自己", "an area does not cover itself")


def _not_laid(acting: Acting, body: Any) -> Iterable[Problem]:
    if _lies_across(acting, body):
        yield Problem("member", "已在该功能区覆盖范围内", "is covered by this functional area already")


def _laid(acting: Acting, body: Any) -> Iterable[Problem]:
    if not _lies_across(acting, body):
        yield Problem("member", "此时不在该功能区覆盖范围内", "is not covered by this functional area at that hour")


LAY_ACROSS = verb(Verb(
    "lay_across", Word("划入功能区", "lay a functional area across another"), "people", "area.spanned", "area", ("member",),
    (_both_areas, _not_laid),
    warning=Word("该功能区岗位从此可见所覆盖区域的人员与事项;谁负责不变,移交须另行办理并接受。",
                 "Posts of the functional area then see the people and duties of what it covers; who answers stays as it is until it is handed over and accepted."),
))  # fmt: skip
LIFT_ACROSS = verb(Verb(
    "lift_across", Word("移出功能区", "lift a functional area off another"), "people", "area.lifted", "area", ("member",), (_both_areas, _laid),
))  # fmt: skip


# --- documents, households, work --------------------------------------------------------------------------------------
def _document_is_new(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    have = [f.body.document for kind in ("person.enrolled", "document.recorded") for f in facts.by(kind, "person", body.person)]
    if body.document_kind == "none":
        yield Problem("document_kind", "请选择证件类型", "choose what kind of document it is")
    if body.document in have:
        yield Problem("document", "该人员已登记此证件号", "this number is on record for the person already")


RECORD_DOCUMENT = verb(Verb(
    "record_document", Word("登记证件", "record a document"), "people", "document.recorded", "person", ("document_kind", "document"),
    (_a_number_of_someone, _document_is_new), timed=False,
))  # fmt: skip


def _says_something_new(acting: Acting, body: Any) -> Iterable[Problem]:
    told = {k: v for k in ("name", "phone", "born_on", "sex") if (v := getattr(body, k)) is not None}
    if not told:
        yield Problem(None, "请至少填写一项要更正的", "say at least one thing that is to be put right")
    if "name" in told and not told["name"].strip():
        yield Problem("name", "姓名不能为空", "a name cannot be empty")
    if not acting.book.facts.by("person.enrolled", "person", body.person):
        yield Problem("person", "此人不在名册", "is not on the register")


AMEND_PERSON = verb(Verb(
    "amend_person", Word("更正人员信息", "put right what the register says of a person"), "people", "person.amended", "person",
    ("name", "phone", "born_on", "sex", "source"), (_says_something_new,), timed=False,
))  # fmt: skip


def _of_the_household(acting: Acting, body: Any) -> Iterable[Problem]:
    at_home = {s.household for s in stays(acting.book.facts, body.person) if s.span.holds(acting.now)}
    if body.household not in at_home:
        yield Problem("person", "此人目前不住在该户", "does not stay in this household now")


HEAD_HOUSEHOLD = verb(Verb(
    "head_household", Word("登记户主", "record who answers for a household"), "people", "household.headed", "household", (),
    (_of_the_household,), timed=False,
))  # fmt: skip


def _known_place(acting: Acting, body: Any) -> Iterable[Problem]:
    if not acting.book.facts.by("place.declared", "place", body.place):
        yield Problem("place", "没有登记这个场所", "there is no such place on record")


RECORD_WORK = verb(Verb(
    "record_work", Word("登记工作单位", "record where a person works"), "people", "work.recorded", "person", ("until",), (_known_place,),
    page="work-record",
))  # fmt: skip


def _works_there(acting: Acting, body: Any) -> Iterable[Problem]:
    if not any(f.body.place == body.place for f in acting.book.facts.by("work.recorded", "person", body.person)):
        yield Problem("place", "没有此人在该场所工作的记录", "nothing says that the person works there")


END_WORK = verb(Verb(
    "end_work", Word("结束工作", "end where a person works"), "people", "work.ended", "person", (), (_works_there,),
))  # fmt: skip


def _named_place(acting: Acting, body: Any) -> Iterable[Problem]:
    facts = acting.book.facts
    if not body.name.strip():
        yield Problem("name", "请写明名称", "give its name")
    if facts.by("place.declared", "place", body.place):
        yield Problem("place", "此场所已登记", "this place is on record already")


DECLARE_PLACE = verb(Verb(
    "declare_place", Word("登记场所", "record a place"), "people", "place.declared", "area", ("name", "nature", "area", "address"),
    (_known_area, _named_place), timed=False, page="place-declare",
))  # fmt: skip


# --- rosters ----------------------------------------------------------------------------------------------------------
def _hours(acting: Acting, body: Any) -> Iterable[Problem]:
    for field in ("on_from", "on_until"):
        if minute_of_day(getattr(body, field)) is None:
            yield Problem(field, "应为时刻 HH:MM,如 20:00", "should be an hour HH:MM, such as 20:00")


SET_ROSTER = verb(Verb(
    "set_roster", Word("排班", "set the hours of a post"), "people", "post.rostered", "post", ("on_from", "on_until", "until"), (_hours, known_post),
    timed=False,
    warning=Word("时段之外到期的事项上报给在班者;不排班即全天在班。",
                 "What falls due outside these hours goes up to whoever is on duty; a post without a roster is on duty round the clock."),
))  # fmt: skip


# --- handing over -----------------------------------------------------------------------------------------------------
def _offer_is_whole(acting: Acting, body: Any) -> Iterable[Problem]:
    facts, party = acting.book.facts, body.party
    if party == "person":
        yield Problem("party", "本人的责任不能移交", "what the person answers for is not handed over")
    if party == "territory":
        if body.to_area is None or not facts.by("area.declared", "area", body.to_area):
            yield Problem("to_area", "请选择接收的区域", "choose the area that is to answer")
        if body.to_post is not None:
            yield Problem("to_post", "属地责任移交至区域,不是岗位", "the territory's part goes to an area, not to a post")
    elif party in ("department", "employer"):
        if body.to_post is None or not facts.by("post.established", "post", body.to_post):
            yield Problem("to_post", "请选择接收的岗位", "choose the post that is to answer")
        if body.to_area is not None:
            yield Problem("to_area", "该方责任移交至岗位,不是区域", "this party's part goes to a post, not to an area")
    if not body.reason.strip():
        yield Problem("reason", "请写明理由", "give the reason")
    if facts.by("charge.offered", "charge", body.charge):
        yield Problem(None, "此移交已提出", "this has been offered already")
    chair = acting.chair
    if chair is not None and chair.reach is not None:
        subject = subject_of(body.subject)
        # Who answers offers, wherever the subject has gone meanwhile: the sender owes until it is accepted.
        type_ = type_of(facts, subject)
        places = [(h.span.start, h.area) for h in segments(facts, type_, subject)]
        charges = Charges(f for kind in KINDS_OF_CHARGES for f in facts.standing(kind))
        here = authority(places, charges.about([body.subject], "territory", acting.now), acting.now)
        if here.area is not None and here.area not in chair.reach:
            yield Problem("subject", "目前不由您的区域负责", "is not answered for by your areas now")


OFFER_CHARGE = verb(Verb(
    "offer_charge", Word("提出移交", "offer to hand over"), "people", "charge.offered", None, ("party", "to_area", "to_post", "reason"),
    (_offer_is_whole,), timed=False, page="charge-offer",
    warning=Word("对方接受之前仍由移出方负责。", "Until the other side accepts, the sender answers."),
))  # fmt: skip


def _theirs_to_answer(acting: Acting, body: Any) -> Iterable[Problem]:
    charges = Charges(f for kind in KINDS_OF_CHARGES for f in acting.book.facts.standing(kind))
    charge = charges.all.get(body.charge)
    if charge is None or charge.state(acting.now) != "offered":
        yield Problem("charge", "没有待答复的移交", "there is nothing here that waits for an answer")
        return
    chair = acting.chair
    reaches = chair is not None and (chair.reach is None or (charge.to_area is not None and charge.to_area in chair.reach))
    if chair is None or not (chair.post == charge.to_post or (charge.to_area is not None and reaches)):
        yield Problem("charge", "不是移交给您的", "it is not handed to you")


ACCEPT_CHARGE = verb(Verb(
    "accept_charge", Word("接受移交", "accept what is handed over"), "people", "charge.accepted", None, (), (_theirs_to_answer,), timed=False,
    warning=Word("接受后即由您这一方负责。", "From then on your side answers."),
))  # fmt: skip
DECLINE_CHARGE = verb(Verb(
    "decline_charge", Word("拒绝移交", "decline what is handed over"), "people", "charge.declined", None, ("reason",), (_theirs_to_answer,),
    timed=False,
))  # fmt: skip


# --- how complete the register is -------------------------------------------------------------------------------------
def _matched_within(field: str) -> Check:
    def within(acting: Acting, body: Any) -> Iterable[Problem]:
        if body.matched > getattr(body, field):
            yield Problem("matched", "在册人数不能多于总数", "cannot be more than all that were counted")
        if getattr(body, field) < 0 or body.matched < 0:
            yield Problem(field, "应为不小于零的整数", "should be a whole number, zero or more")

    return within


COUNT_LIST = verb(Verb(
    "count_list", Word("登记独立名单核对", "count an independent list"), "people", "list.counted", "area",
    ("area", "source", "listed", "matched"), (_known_area, _matched_within("listed")),
))  # fmt: skip


def _a_few(acting: Acting, body: Any) -> Iterable[Problem]:
    if not 1 <= body.many <= 200:
        yield Problem("many", "应为1至200户", "should be 1 to 200 households")


DRAW_REVISIT = verb(Verb(
    "draw_revisit", Word("抽取复访", "draw a re-visit"), "people", "revisit.drawn", "area", ("area", "many"), (_known_area, _a_few), timed=False,
    warning=Word("住户由本条记录的编号决定,谁也不能挑选。", "Which households is decided by the number of this record: nobody picks them."),
))  # fmt: skip
RECORD_REVISIT = verb(Verb(
    "record_revisit", Word("登记复访", "record a re-visit"), "people", "revisit.made", "household", ("living", "matched"),
    (_matched_within("living"),),
))  # fmt: skip
