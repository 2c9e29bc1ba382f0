"""What tracing does: asks, names, judges, orders. Judging and ordering restrict people, so each names its post and reason."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bulou.basis.ids import new_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.ownfacts import ObjectionDecided
from bulou.basis.time import day_of, format_local
from bulou.basis.words import Word
from bulou.duties.reckoning import edition_at
from bulou.gaps.path import RECORDS
from bulou.gaps.pools import holds
from bulou.kit.adoption import may_carry
from bulou.kit.verb import AHEAD, Acting, Problem, Verb, verb


def _reasoned(acting: Acting, body: Any) -> Iterable[Problem]:
    if not (body.reason or "").strip():
        yield Problem("reason", "请写明理由", "give the reason")


#: Rings of people who were somewhere, not with someone: nobody has to name whom they met.
_OF_PLACES = frozenset({"co_exposed", "from_high", "from_medium", "from_low", "arrival"})


def _named(acting: Acting, body: Any) -> Iterable[Problem]:
    """Someone is judged only after being named; otherwise nobody could say whom they met."""
    if body.ring in _OF_PLACES:
        return
    named = acting.book.facts.by("contact.named", "person", body.person)
    if not any(acting.book.facts.canon("incident", f.incident) == acting.book.facts.canon("incident", acting.incident) for f in named):
        yield Problem("person", "此人尚未被报告为接触者", "has not been named as a contact in this incident")


def _not_self(acting: Acting, body: Any) -> Iterable[Problem]:
    if acting.book.facts.canon("person", body.person) == acting.book.facts.canon("person", body.met):
        yield Problem("person", "不能是本人的接触者", "cannot be a contact of themselves")
    if body.exposed_until > acting.now:
        yield Problem("exposed_until", "末次暴露不能晚于现在", "the last exposure lies in the future")
    if body.exposed_from is not None and body.exposed_from > body.exposed_until:
        yield Problem("exposed_from", "首次暴露晚于末次暴露", "the first exposure lies after the last")


def _diagnosable(acting: Acting, body: Any) -> Iterable[Problem]:
    """Each step by its own role: a diagnosis follows a consultation that says so, or an earlier diagnosis that it changes."""
    facts = acting.book.facts
    consulted = [f for f in facts.by("consultation.held", "person", body.person) if f.body.conclusion == "case"]
    if not consulted and not facts.by("case.diagnosed", "person", body.person):
        yield Problem("person", "须先经专家会诊判定", "the expert group has not concluded that this is a case")


def _consultable(acting: Acting, body: Any) -> Iterable[Problem]:
    if not [f for f in acting.book.facts.by("recheck.read", "person", body.person) if f.body.result == "positive"]:
        yield Problem("person", "须先有复核阳性结果", "there is no positive recheck yet")


def _not_held(acting: Acting, body: Any) -> Iterable[Problem]:
    """Whoever was in two tubes is held by both: nobody is told of a release while one hold still runs."""
    if body.about == "release":
        zone = acting.looking.zone
        for tube, until in holds(acting.book.facts, acting.looking.protocol, zone, body.person, acting.at):
            told = format_local(until, zone, deadline=True)
            yield Problem("about", f"此人因试管 {tube} 仍须等候至 {told}", f"tube {tube} still holds this person until {told}")


def _order_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.ends <= body.starts:
        yield Problem("ends", "结束须晚于开始", "the end must lie after the start")
    if body.ends - body.anchor > 60 * 86_400 * 1_000_000:
        yield Problem("ends", "超过60天的隔离令不予接受", "no order runs for more than 60 days from its anchor")
    if edition_at(acting.incident, acting.now, acting.book.facts, body.edition) is None:
        yield Problem("edition", "该方案尚未被采用,不能据以下令", "this edition has not been adopted; no order may rest on it")
    else:
        yield from may_carry(acting, body.edition, acting.looking.protocol)
    yield from _reasoned(acting, body)


def _answers_objections(acting: Acting, fact: Fact) -> Iterable[Fact]:
    """An order that is ended answers every objection to it that nobody decided: what the person reads is that it ended."""
    facts = acting.book.facts
    for raised in facts.by("objection.raised", "order", fact.body.order):
        if not facts.by("objection.decided", "objection", raised.body.objection):
            body = ObjectionDecided(
                raised.body.person, raised.body.objection, "ended", "该措施已提前解除。 · The measure was ended early.", fact.body.post
            )
            yield Fact(new_id(fact.at), "objection.decided", fact.at, raised.incident, body)


def _not_ahead(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.on > day_of(acting.now, acting.looking.zone):
        yield Problem("on", "发病日期不能晚于今天", "the day of onset lies in the future")


def _doses_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    if body.doses is not None and not 0 <= body.doses <= 20:
        yield Problem("doses", "剂次应为 0 到 20", "a number of doses from 0 to 20")


def _visit_ok(acting: Acting, body: Any) -> Iterable[Problem]:
    """A visit ends after it begins and lies in the past; what was obtained as a record says by what (SAFETY: records about people)."""
    if body.until is not None and body.until < acting.at:
        yield Problem("until", "结束早于开始", "the end lies before the beginning")
    if body.until is not None and body.until > acting.now + AHEAD:
        yield Problem("until", "结束不能晚于现在", "the end lies in the future")
    if body.proof in RECORDS and not (body.authority or "").strip():
        yield Problem(
            "authority", "记录须写明调取依据(文号、何人批准)", "a record names by what it was obtained: the request and who approved it"
        )


def with_new(of: Verb, more: tuple[Fact, ...], there: Problem) -> Verb:
    """A verb together with whom or what is made known by it (nothing where it was known), which was on no record before, whatever id was sent: it
    writes over nobody, ``there`` says why not. Sent twice it is one."""

    def known(acting: Acting) -> list[Fact]:
        return [f for new in more for f in acting.book.facts.by(new.kind, _subject(new), new.id)]

    def new(acting: Acting, body: Any) -> Iterable[Problem]:
        if any(f.body != more[0].body for f in known(acting)):
            yield there

    def brought(acting: Acting, fact: Fact) -> Iterable[Fact]:
        return (*(() if known(acting) else more), *(of.more(acting, fact) if of.more else ()))

    return replace(of, check=(*of.check, new), more=brought)


def _subject(fact: Fact) -> str:
    """The field by which a fact says whom or what it is about."""
    field = KINDS[fact.kind].subject
    assert field is not None
    return field.name


INTERVIEW = verb(Verb("interview", Word("询问", "interview"), "tracing", "interview.held", "person", ("about",)))
RECORD_VISIT = verb(Verb(
    "record_visit", Word("记录活动轨迹", "record a visit"), "tracing", "visit.recorded", "person",
    ("words", "until", "certainty", "proof", "authority", "space", "vehicle", "seat", "worn", "companions"), (_visit_ok,), page="visit-record",
))  # fmt: skip
RECORD_ONSET = verb(Verb(
    "record_onset", Word("记录发病", "record the onset"), "tracing", "onset.recorded", "person", ("on", "inferred", "words"), (_not_ahead,), timed=False,
    page="onset",
))  # fmt: skip
NAME_CONTACT = verb(Verb(
    "name_contact", Word("报告接触者", "name a contact"), "tracing", "contact.named", None,
    ("setting", "exposed_from", "exposed_until", "words"), (_not_self,), timed=False, page="contact-name",
))  # fmt: skip
JUDGE_CONTACT = verb(Verb(
    "judge_contact", Word("判定接触者", "judge the candidate"), "tracing", "contact.judged", "person", ("ring", "reason"), (_named, _reasoned),
    warning=Word("判定会使此人承担隔离或检测义务;排除也须写明理由。", "A judgement puts duties on this person; an exclusion needs its reason too."),
))  # fmt: skip
MAKE_ORDER = verb(Verb(
    "make_order", Word("下达隔离令", "make the order"), "tracing", "order.made", "person",
    ("measure", "anchor", "starts", "ends", "reason"), (_order_ok,), timed=False, page="order-make",
    warning=Word("隔离令限制人身自由:写明理由,到期即止。14岁以下与家人同住同管。",
                 "An order restricts a person: give the reason; it ends at its end. Children up to 14 stay with a parent."),
))  # fmt: skip
END_ORDER = verb(
    Verb(
        "end_order",
        Word("提前解除", "end the order"),
        "tracing",
        "order.ended",
        None,
        ("reason",),
        (_reasoned,),
        _answers_objections,
        many=("orders",),
    )
)
RECHECK = verb(Verb("recheck", Word("疾控复核", "recheck"), "tracing", "recheck.read", "person", ("result",)))
CONSULT = verb(Verb(
    "consult", Word("专家会诊", "consult"), "tracing", "consultation.held", "person", ("conclusion", "note"), (_consultable,),
))  # fmt: skip
DIAGNOSE = verb(Verb(
    "diagnose", Word("作出诊断", "diagnose"), "tracing", "case.diagnosed", "person",
    ("status", "severity", "how_found", "control", "label"), (_diagnosable,),
))  # fmt: skip
REPORT_CASE = verb(Verb("report_case", Word("网络直报", "report the case"), "tracing", "case.reported", "person", (), many=("cases",)))
COMPLETE = verb(Verb(
    "complete_investigation", Word("完成流调", "complete the investigation"), "tracing", "investigation.completed", "person", (), many=("cases",),
))  # fmt: skip
TELL = verb(
    Verb(
        "tell",
        Word("告知本人", "tell the person"),
        "tracing",
        "notice.given",
        "person",
        ("about",),
        (_not_held,),
        many=("contacts", "orders"),
    )
)
FETCH = verb(Verb(
    "fetch", Word("接上", "fetch"), "tracing", "person.fetched", "person", ("vehicle",), many=("contacts", "orders"),
))  # fmt: skip
PLACE = verb(Verb("place", Word("转运到位", "bring to the place"), "tracing", "placement.made", "person", ("measure", "room")))
OBSERVE = verb(Verb(
    "observe", Word("健康观察", "observe"), "tracing", "observation.made", "person", ("temperature", "symptoms"), many=("contacts", "orders"),
))  # fmt: skip
RECORD_IMMUNITY = verb(Verb(
    "record_immunity", Word("登记免疫状况", "record the immunity"), "tracing", "immunity.recorded", "person", ("immunity", "doses"), (_doses_ok,), many=("contacts",),
))  # fmt: skip
OFFER_PROPHYLAXIS = verb(Verb(
    "offer_prophylaxis", Word("提供预防用药", "offer prophylaxis"), "tracing", "prophylaxis.offered", "person", ("product", "offer"), many=("contacts",),
    warning=Word("自愿接受:本人不接受就如实登记,不得强制,也不影响其他服务。",
                 "Taken by choice: a refusal is recorded as one, is never forced, and changes nothing else for the person."),
))  # fmt: skip
LOCATE = verb(
    Verb(
        "locate", Word("落位", "locate"), "tracing", "person.located", "person", ("outcome", "note"), many=("people", "contacts", "orders")
    )
)
