"""Every kind of fact, in the past tense, with the meaning of each field and of its absence. Nothing here acts.

Optional fields say "not known" by their absence unless the docstring says otherwise. ``at`` of the fact is when the thing
happened; no body repeats it.
"""

from typing import Annotated, NamedTuple

from bulou.basis.kinds import Day, Mask, Moment, Pick, Ref, kind
from bulou.basis.olderfacts import IncidentOpened1, opened_2

Person = Annotated[bytes, Ref("person")]
SomePerson = Annotated[bytes, Ref("person", find=False)]
Household = Annotated[bytes, Ref("household")]
Place = Annotated[bytes, Ref("place")]
SomePlace = Annotated[bytes, Ref("place", find=False)]
Incident = Annotated[bytes, Ref("incident")]
Order = Annotated[bytes, Ref("order")]
Zone = Annotated[bytes, Ref("zone")]
AnyThing = Annotated[str, Ref("any")]
Area = Annotated[str, Ref("area")]
SomeArea = Annotated[str, Ref("area", find=False)]
Tube = Annotated[str, Ref("tube")]
Post = Annotated[str, Ref("post")]
ByPost = Annotated[str, Ref("post", find=False)]
Charge = Annotated[bytes, Ref("charge")]
Shift = Annotated[bytes, Ref("shift")]
Edition = Annotated[str, Ref("edition")]
Disease = Annotated[str, Ref("disease", find=False)]
Instant = Annotated[int, Moment]
LocalDay = Annotated[str, Day]


# --- the register -----------------------------------------------------------------------------------------------------
@kind("centre.founded", "设立指挥中心", "centre founded", scope="world", small=True)
class CentreFounded(NamedTuple):
    """This ledger is one centre's: its scope is ``area`` and all below; areas beside and above are correspondents."""

    area: Area
    name: str
    name_en: str


@kind("area.declared", "设立区域", "area declared", scope="world", small=True)
class AreaDeclared(NamedTuple):
    """An area under its parent (none: the root). Codes are official, or local below official ones, never invented official."""

    area: Area
    parent: Area | None
    level: Annotated[str, Pick("area_level")]
    name: str
    name_en: str | None = None
    official: bool = True
    lon: float | None = None
    lat: float | None = None


@kind("area.spanned", "功能区覆盖", "functional area laid across", scope="world", small=True)
class AreaSpanned(NamedTuple):
    """From ``at`` on a functional area (a park, a campus) covers ``member``, which stays where it is in the official tree."""

    area: Area
    member: Area


@kind("area.recoded", "区划代码变更", "area recoded", scope="world", small=True)
class AreaRecoded(NamedTuple):
    """From ``at`` on the official code ``into`` stands for what ``area`` stood for. What was entered under the old code stays;
    reports about a later hour count it under the new one."""

    area: Area
    into: Area


@kind("area.bounded", "登记区域边界", "area bounded", scope="world")
class AreaBounded(NamedTuple):
    """The boundary of an area as it was given: a GeoJSON geometry as text, in degrees (WGS 84), never simplified; ``source`` says whose it is. The latest holds."""

    area: Area
    geometry: str
    source: str | None = None


@kind("place.declared", "登记场所", "place declared", scope="world")
class PlaceDeclared(NamedTuple):
    """A place with a door: a sampling point, a market, a hospital, a home."""

    place: Place
    name: str
    nature: Annotated[str, Pick("place")]
    area: Area
    address: Annotated[str, Mask("address")] | None = None


@kind("household.declared", "登记住户", "household declared", scope="world")
class HouseholdDeclared(NamedTuple):
    """A household in an area; people move, a household does not."""

    household: Household
    area: Area
    address: Annotated[str, Mask("address")] | None = None


@kind("household.headed", "登记户主", "household headed", scope="world")
class HouseholdHeaded(NamedTuple):
    """A person answers for a household from ``at`` on, until another does."""

    household: Household
    person: Person


@kind("person.enrolled", "登记人员", "person enrolled", scope="world")
class PersonEnrolled(NamedTuple):
    """A person enters the register, staying in ``area`` (and ``household``) from ``at`` on.
    ``registered_area`` and ``nationality`` are kept for papers; no rule may read them (lint refuses it)."""

    person: Person
    name: Annotated[str, Mask("name")]
    area: Area
    household: Household | None = None
    sex: Annotated[str, Pick("sex")] = "not_stated"
    born_on: LocalDay | None = None
    document_kind: Annotated[str, Pick("document")] = "none"
    document: Annotated[str, Mask("document")] | None = None
    phone: Annotated[str, Mask("phone")] | None = None
    registered_area: SomeArea | None = None
    nationality: str | None = None
    nature: Annotated[str, Pick("stay")] = "residence"
    place: SomePlace | None = None
    until: Instant | None = None


@kind("document.recorded", "登记证件", "document recorded", scope="world")
class DocumentRecorded(NamedTuple):
    """One more document of a person, beside the one that they were enrolled with: a passport, a permit, an old number. All are
    searched and matched; none replaces another."""

    person: Person
    document_kind: Annotated[str, Pick("document")]
    document: Annotated[str, Mask("document")]


@kind("work.recorded", "登记工作单位", "work recorded", scope="world")
class WorkRecorded(NamedTuple):
    """A person works at a place from ``at`` (until ``until``, or until ``work.ended``): their employer answers for them too."""

    person: Person
    place: Place
    until: Instant | None = None


@kind("work.ended", "结束工作", "work ended", scope="world")
class WorkEnded(NamedTuple):
    """A person no longer works at a place."""

    person: Person
    place: Place


@kind("person.identified", "认定同一人", "person identified", scope="world", small=True)
class PersonIdentified(NamedTuple):
    """Two records are one person. Ids are never rewritten; withdrawing this parts them again."""

    person: Person
    same_as: Person
    reason: str


@kind("person.died", "死亡", "person died", scope="world")
class PersonDied(NamedTuple):
    """A person died; every stay ends, and so do texts to the phone."""

    person: Person


@kind("stay.recorded", "登记居停", "stay recorded", scope="world")
class StayRecorded(NamedTuple):
    """A person lives (residence) or stays in an area from ``at``, or has left (away); a temporary stay may say ``until``."""

    person: Person
    nature: Annotated[str, Pick("stay")]
    area: Area | None = None
    household: Household | None = None
    place: SomePlace | None = None
    until: Instant | None = None


@kind("stay.ended", "结束临时停留", "stay ended", scope="world")
class StayEnded(NamedTuple):
    """A temporary stay is over; the person is at their residence again."""

    person: Person


@kind("post.established", "设立岗位", "post established", scope="world", small=True)
class PostEstablished(NamedTuple):
    """A chair with an area, a role (a set of verbs and of fields seen unmasked) and the unit it belongs to."""

    post: Post
    role: str
    area: Area
    name: str
    name_en: str
    unit: str
    unit_en: str
    phone: str | None = None


@kind("post.held", "任职", "post held", scope="world", small=True)
class PostHeld(NamedTuple):
    """A person sits on a chair from ``at``, until ``until`` or until they leave it; ``acting`` for a stand-in."""

    post: Post
    holder: Annotated[bytes, Ref("holder")]
    acting: bool = False
    until: Instant | None = None


@kind("post.left", "离任", "post left", scope="world", small=True)
class PostLeft(NamedTuple):
    """A person leaves a chair; without a successor it stands vacant."""

    post: Post
    holder: Annotated[bytes, Ref("holder")]


@kind("post.rostered", "排班", "post rostered", scope="world", small=True)
class PostRostered(NamedTuple):
    """The local hours in which a chair is on duty, from ``starts`` until ``ends`` each day (``HH:MM``; an end before the start is
    on the next day). Only for ``holder`` when one is named. A chair without a roster is on duty round the clock; a later roster of
    the same holder replaces the earlier one."""

    post: Post
    on_from: str
    on_until: str
    holder: Annotated[bytes, Ref("holder")] | None = None
    until: Instant | None = None


@kind("charge.offered", "提出移交", "charge offered", scope="world", small=True)
class ChargeOffered(NamedTuple):
    """``post`` offers to hand over who answers for a person, household or place in one party: to another area (territory), or to
    another post. Until it is accepted the sender answers; a later offer in the same party takes its place."""

    charge: Charge
    subject: AnyThing
    party: Annotated[str, Pick("party")]
    reason: str
    post: ByPost
    to_area: SomeArea | None = None
    to_post: ByPost | None = None


@kind("charge.accepted", "接受移交", "charge accepted", scope="world", small=True)
class ChargeAccepted(NamedTuple):
    """The receiving side accepts: from ``at`` on it answers."""

    charge: Charge
    post: ByPost


@kind("charge.declined", "拒绝移交", "charge declined", scope="world", small=True)
class ChargeDeclined(NamedTuple):
    """The receiving side does not accept, with its reason: the sender goes on answering."""

    charge: Charge
    reason: str
    post: ByPost


# --- how complete the register is -------------------------------------------------------------------------------------
@kind("list.counted", "独立名单核对", "list counted", scope="world", small=True)
class ListCounted(NamedTuple):
    """A list that was made without the register (a school's, a carrier's, a pharmacy's) counted against it in one area: how many
    people of the area it names, and how many of them are on the register."""

    area: Area
    source: str
    listed: int
    matched: int
    post: ByPost


@kind("revisit.drawn", "抽取复访", "revisit drawn", scope="world", small=True)
class RevisitDrawn(NamedTuple):
    """A random re-visit of ``many`` households of an area is drawn. The fact's own id is the seed: nobody picks it."""

    area: Area
    many: int
    post: ByPost


@kind("revisit.made", "完成复访", "revisit made", scope="world")
class RevisitMade(NamedTuple):
    """A drawn household was visited again: how many people live there (``living``), and how many of them are on the register."""

    household: Household
    living: int
    matched: int
    post: ByPost | None = None


# --- editions, incidents, the engine's own ----------------------------------------------------------------------------
@kind("edition.adopted", "采用方案", "edition adopted", scope="world", small=True)
class EditionAdopted(NamedTuple):
    """A named post puts an edition in force for a disease in an area (or in one incident), with the hash of its text."""

    edition: Edition
    disease: Annotated[str, Ref("disease")]
    area: SomeArea
    hash: str
    post: ByPost
    incident: Annotated[bytes, Ref("incident", find=False)] | None = None


@kind("authorisation.signed", "签署常设授权", "standing authorisation signed", scope="world", small=True)
class AuthorisationSigned(NamedTuple):
    """A named health officer allows an automatic measure (a hold) under an edition, each for at most ``hours``."""

    edition: Edition
    area: SomeArea
    measure: str
    hours: int
    post: ByPost


@kind(
    "incident.opened", "启动事件", "incident opened", scope="incident", opens=True, small=True, casts=(opened_2,), older=(IncidentOpened1,)
)
class IncidentOpened(NamedTuple):
    """An incident of a disease in an area begins; ``trigger`` is the fact that set it off (none: a standing watch, or a post that opened it
    by hand, for its ``reason``)."""

    incident: Incident
    disease: Annotated[str, Ref("disease")]
    area: Area
    name: str
    name_en: str
    nature: Annotated[str, Pick("incident")]
    trigger: Annotated[bytes, Ref("fact", find=False)] | None = None
    reason: str | None = None
    post: ByPost | None = None


@kind("incident.joined", "并案", "incident joined", scope="world", small=True)
class IncidentJoined(NamedTuple):
    """Two incidents are one; withdrawing this splits them again."""

    incident: Incident
    into: Incident
    reason: str


@kind("incident.closed", "结束事件", "incident closed", scope="incident", small=True)
class IncidentClosed(NamedTuple):
    """A named post ends an incident."""

    incident: Incident
    post: ByPost
    reason: str


@kind("step.done", "步骤完成", "step done", scope="incident")
class StepDone(NamedTuple):
    """A step of the emergency plan's clock is done."""

    incident: Incident
    step: str
    post: ByPost
    note: str | None = None


@kind("fact.withdrawn", "撤回", "fact withdrawn", scope="world")
class FactWithdrawn(NamedTuple):
    """``target`` was wrong. May arrive before its target; is never withdrawn itself: enter the fact again."""

    target: Annotated[bytes, Ref("fact")]
    reason: str
    post: ByPost | None = None


@kind("duty.excused", "免除", "duty excused", scope="incident")
class DutyExcused(NamedTuple):
    """A named post excuses a subject from a rule's duties, with a reason. ``rule`` is the rule's name in its edition."""

    subject: AnyThing
    rule: str
    reason: str
    post: ByPost


@kind("gap.answered", "缺口答复", "gap answered", scope="incident")
class GapAnswered(NamedTuple):
    """The one above has taken up an overdue duty of a subject and says what happens next."""

    subject: AnyThing
    rule: str
    reason: str
    post: ByPost


@kind("attempt.made", "尝试", "attempt made", scope="world")
class AttemptMade(NamedTuple):
    """Someone tried and did not succeed; puts the duty into a sub-class of due or overdue, closes nothing."""

    subject: AnyThing
    outcome: Annotated[str, Pick("attempt")]
    post: ByPost | None = None
    note: str | None = None


@kind("content.erased", "销毁内容", "content erased", scope="world", small=True)
class ContentErased(NamedTuple):
    """The contents of ``contents`` facts of one kind were destroyed, under a ``rule`` of the table of retention or on a lawful request.
    ``digest`` is the hash of their ids in order: which they were stands beside the ledger and names nobody. Cannot be undone."""

    post: Post
    erased_kind: str
    rule: str
    contents: int
    digest: str
    reason: str


# --- testing ----------------------------------------------------------------------------------------------------------
@kind("tube.opened", "启用试管", "tube opened", scope="world")
class TubeOpened(NamedTuple):
    """A tube of ``capacity`` swabs is bound to a sampling point before the first person."""

    tube: Tube
    capacity: int
    area: Area
    place: Place | None = None


@kind("sample.taken", "采样", "sample taken", scope="disease")
class SampleTaken(NamedTuple):
    """A swab of ``person`` went into ``tube`` (of ``capacity``; 1 is a single). The sample is the swabbed person's, whoever's code was shown (``code_of``)."""

    person: Person
    tube: Tube
    disease: Disease
    capacity: int
    place: SomePlace | None = None
    code_of: SomePerson | None = None


@kind("tube.received", "实验室接收", "tube received", scope="disease", opens=True)
class TubeReceived(NamedTuple):
    """The laboratory has the tube; its clock starts."""

    tube: Tube
    disease: Disease
    laboratory: SomePlace | None = None


@kind("tube.resulted", "出结果", "tube resulted", scope="disease", opens=True)
class TubeResulted(NamedTuple):
    """The laboratory read a tube. ``provisional``: told by phone before any file. Ct values of both genes where given."""

    tube: Tube
    disease: Disease
    result: Annotated[str, Pick("result")]
    run: Annotated[str, Pick("run")] = "first"
    channel: Annotated[str, Pick("channel")] = "form"
    provisional: bool = False
    ct_orf: float | None = None
    ct_n: float | None = None
    laboratory: SomePlace | None = None


@kind("pool.reviewed", "混管复盘", "pool reviewed", scope="incident")
class PoolReviewed(NamedTuple):
    """A named post looked at an unresolved pool: its membership, the neighbours in the queue, the box."""

    tube: Tube
    finding: Annotated[str, Pick("review")]
    note: str
    post: ByPost


@kind("person.located", "落位", "person located", scope="world")
class PersonLocated(NamedTuple):
    """Where a person is now. Only the outcome "not reached" discharges nothing."""

    person: Person
    outcome: Annotated[str, Pick("located")]
    area: SomeArea | None = None
    note: Annotated[str, Mask("words")] | None = None
    post: ByPost | None = None


@kind("person.traced", "排查到人", "person traced", scope="incident")
class PersonTraced(NamedTuple):
    """Somebody whom the incident must trace became known by one of four channels. Every telling is kept; a person counts once.
    ``source`` says who told: a region, a unit, a system; absent for self-reports."""

    person: Person
    channel: Annotated[str, Pick("traced_by")]
    post: ByPost
    source: Annotated[str, Mask("words")] | None = None


@kind("state.confirmed", "确认排查状态", "state confirmed", scope="incident")
class StateConfirmed(NamedTuple):
    """Somebody traced is in this one state at the hour, as a named post confirmed; confirmed again, its age begins anew."""

    person: Person
    state: Annotated[str, Pick("traced_state")]
    post: ByPost


@kind("notice.given", "告知", "notice given", scope="incident")
class NoticeGiven(NamedTuple):
    """A person was told: of a hold, an order or a release, with officer, reason, end and phone."""

    person: Person
    about: Annotated[str, Pick("notice")]
    post: ByPost


@kind("interview.held", "访谈", "interview held", scope="incident")
class InterviewHeld(NamedTuple):
    """A person was asked about their last days."""

    person: Person
    about: Annotated[str, Pick("interview")]
    post: ByPost


# --- tracing ----------------------------------------------------------------------------------------------------------
@kind("onset.recorded", "发病", "onset recorded", scope="incident")
class OnsetRecorded(NamedTuple):
    """The day symptoms began; ``inferred`` when proposed from ``words`` such as "last Tuesday"."""

    person: Person
    on: LocalDay
    inferred: bool = False
    words: Annotated[str, Mask("words")] | None = None


@kind("recheck.read", "复核", "recheck read", scope="incident", opens=True)
class RecheckRead(NamedTuple):
    """The disease-control laboratory rechecked a person's preliminary positive."""

    person: Person
    result: Annotated[str, Pick("result")]
    laboratory: SomePlace | None = None
    post: ByPost | None = None


@kind("consultation.held", "专家会诊", "consultation held", scope="incident", opens=True)
class ConsultationHeld(NamedTuple):
    """The expert group has looked at a person."""

    person: Person
    conclusion: Annotated[str, Pick("conclusion")]
    post: ByPost
    note: str | None = None


@kind("case.diagnosed", "诊断", "case diagnosed", scope="incident", opens=True)
class CaseDiagnosed(NamedTuple):
    """The diagnosis of a person in an incident; a later one (asymptomatic, then confirmed) converts it."""

    person: Person
    status: Annotated[str, Pick("case_status")]
    how_found: Annotated[str, Pick("how_found")]
    control: Annotated[str, Pick("control")] = "unknown"
    severity: Annotated[str, Pick("severity")] | None = None
    label: str | None = None
    post: ByPost | None = None


@kind("case.reported", "网络直报", "case reported", scope="incident")
class CaseReported(NamedTuple):
    """The case was reported to the national system."""

    person: Person
    post: ByPost


@kind("investigation.completed", "流调完成", "investigation completed", scope="incident")
class InvestigationCompleted(NamedTuple):
    """The case investigation is complete."""

    person: Person
    post: ByPost


@kind("contact.named", "报告接触者", "contact named", scope="incident", opens=True)
class ContactNamed(NamedTuple):
    """A candidate: ``person`` was exposed to ``met`` (a case, or a close contact for the second ring), last at ``exposed_until``."""

    person: Person
    met: Person
    exposed_until: Instant
    setting: Annotated[str, Pick("setting")]
    exposed_from: Instant | None = None
    place: SomePlace | None = None
    words: Annotated[str, Mask("words")] | None = None


@kind("contact.judged", "判定接触者", "contact judged", scope="incident", opens=True)
class ContactJudged(NamedTuple):
    """A named professional judged a candidate into a ring, or excluded them, with a reason."""

    person: Person
    ring: Annotated[str, Pick("ring")]
    reason: str
    post: ByPost


@kind("order.made", "下达隔离令", "order made", scope="incident", opens=True)
class OrderMade(NamedTuple):
    """A named post puts a measure on a person: its rule's ``edition``, ``anchor`` (last exposure), first day and end.

    The order carries its dates; days follow it, and nothing moves them but another order that ``replaces`` it.
    """

    order: Order
    person: Person
    measure: Annotated[str, Pick("measure")]
    edition: Annotated[str, Ref("edition", find=False)]
    ring: Annotated[str, Pick("ring")]
    anchor: Instant
    starts: Instant
    ends: Instant
    reason: str
    post: ByPost
    replaces: Order | None = None


@kind("order.ended", "提前解除", "order ended", scope="incident")
class OrderEnded(NamedTuple):
    """A named post ends an order before its end."""

    order: Order
    reason: str
    post: ByPost


@kind("placement.made", "落实管控", "placement made", scope="incident")
class PlacementMade(NamedTuple):
    """A person arrived where a measure is carried out."""

    person: Person
    measure: Annotated[str, Pick("measure")]
    place: SomePlace | None = None
    room: str | None = None
    post: ByPost | None = None


@kind("observation.made", "健康观察", "observation made", scope="world")
class ObservationMade(NamedTuple):
    """Temperature and symptoms of a person under observation."""

    person: Person
    temperature: float | None = None
    symptoms: bool = False
    post: ByPost | None = None


@kind("immunity.recorded", "登记免疫状况", "immunity recorded", scope="incident")
class ImmunityRecorded(NamedTuple):
    """Whether a person can still catch the incident's disease, by their doses, an earlier illness or a blood test."""

    person: Person
    immunity: Annotated[str, Pick("immunity")]
    doses: int | None = None
    post: ByPost | None = None


@kind("prophylaxis.offered", "提供预防用药", "prophylaxis offered", scope="incident")
class ProphylaxisOffered(NamedTuple):
    """A person was offered a vaccine, immunoglobulin or medicine after an exposure, and what they answered: it is never forced."""

    person: Person
    product: Annotated[str, Pick("product")]
    offer: Annotated[str, Pick("offer")]
    post: ByPost | None = None


# --- zones, visits, reports -------------------------------------------------------------------------------------------
@kind("zone.drawn", "划定风险区", "zone drawn", scope="incident", opens=True)
class ZoneDrawn(NamedTuple):
    """A named post raises a zone. It cannot be signed without a medical lane, fire exits, the list of vulnerable people
    and supplies; ``synthetic`` marks confirmations that are a scenario's, not a fact of the world."""

    zone: Zone
    level: Annotated[str, Pick("zone_level")]
    name: str
    name_en: str
    post: ByPost
    lane_minutes: int
    fire_exits: bool
    vulnerable_listed: bool
    supplies: str
    notice: str | None = None
    expires: Instant | None = None
    synthetic: bool = False


@kind("zone.extended", "风险区纳入", "zone extended", scope="incident")
class ZoneExtended(NamedTuple):
    """An area belongs to a zone from ``at``."""

    zone: Zone
    area: Area


@kind("zone.reduced", "风险区移出", "zone reduced", scope="incident")
class ZoneReduced(NamedTuple):
    """An area leaves a zone from ``at``."""

    zone: Zone
    area: Area


@kind("zone.lifted", "解除风险区", "zone lifted", scope="incident", opens=True)
class ZoneLifted(NamedTuple):
    """A named post lifts a zone by notice."""

    zone: Zone
    post: ByPost
    reason: str
    notice: str | None = None


@kind("household.visited", "入户排查", "household visited", scope="world")
class HouseholdVisited(NamedTuple):
    """A door was knocked on and opened; ``symptoms`` counts the people inside who have any."""

    household: Household
    symptoms: int = 0
    post: ByPost | None = None


@kind("report.sent", "日报", "report sent", scope="incident")
class ReportSent(NamedTuple):
    """A unit's daily report of ``day``; ``findings`` may be 0: a zero is a report, silence is not."""

    area: Area
    day: LocalDay
    findings: int
    post: ByPost
    note: str | None = None


@kind("figure.published", "公布数字", "figure published", scope="incident")
class FigurePublished(NamedTuple):
    """A figure somebody published about a place and an hour (``at``): a claim by another body, kept beside ours."""

    area: Area
    code: str
    value: int
    unit: Annotated[str, Pick("unit")]
    clock: Annotated[str, Pick("clock")]
    counting: Annotated[str, Pick("counting")]
    name: str
    name_en: str
    url: str | None = None
    promised: bool = False


# --- who was shown whom -----------------------------------------------------------------------------------------------
@kind("looks.sealed", "封存查看记录", "looks sealed", scope="world")
class LooksSealed(NamedTuple):
    """The looks ``first`` to ``last`` at personal data are sealed: ``digest`` is the hash of seal ``number``. Names nobody."""

    area: Area
    number: int
    first: int
    last: int
    looks: int
    digest: str


@kind("export.requested", "申请导出", "export requested", scope="world")
class ExportRequested(NamedTuple):
    """A post asks to take a list out unmasked: which, filtered how, about how many rows, what for and why. Nothing leaves by it."""

    post: Post
    account: str
    sheet: str
    query: str
    rows: int
    purpose: Annotated[str, Pick("purpose")]
    reason: str


@kind("export.decided", "审批导出", "export decided", scope="world")
class ExportDecided(NamedTuple):
    """A second person, of another post, lets a list leave once before ``until``, or does not."""

    request: Annotated[bytes, Ref("fact")]
    granted: bool
    account: str
    reason: str
    until: Instant | None = None
    post: ByPost | None = None


@kind("export.taken", "取走导出", "export taken", scope="world")
class ExportTaken(NamedTuple):
    """The one download of an export that was let leave. Not taken before its end, it lapses."""

    request: Annotated[bytes, Ref("fact")]
    account: str
    post: ByPost | None = None


@kind("list.printed", "打印上门名单", "door list printed", scope="world")
class ListPrinted(NamedTuple):
    """A list for doors was printed: of which area and kind of work, how many rows, who holds it, until when it may be used.

    It names nobody: what stood on it is read again as of ``at`` and the entry ``upto``, and is the same if ``digest`` is.
    """

    area: Area
    what: Annotated[str, Pick("door")]
    account: str
    rows: int
    upto: int
    digest: str
    until: Instant
    post: ByPost | None = None


@kind("list.returned", "名单交回", "door list returned", scope="world")
class ListReturned(NamedTuple):
    """What became of a printed list: returned, destroyed or lost."""

    printed: Annotated[bytes, Ref("fact")]
    outcome: Annotated[str, Pick("returned")]
    note: str | None = None
    post: ByPost | None = None


# --- administration: chairs handed over, accounts, shifts ---------------------------------------------------------------
@kind("post.offered", "提出交接", "post offered", scope="world", small=True)
class PostOffered(NamedTuple):
    """A chair is offered to its next holder, who takes it by ``post.held``; until then whoever holds it answers. A later offer of
    the same chair takes the place of this one. ``until``: when the holding would end (absent: it does not)."""

    post: Post
    holder: Annotated[bytes, Ref("holder")]
    reason: str | None = None
    until: Instant | None = None


@kind("account.changed", "账号变动", "account changed", scope="world")
class AccountChanged(NamedTuple):
    """An account of a person was made, given a new link, suspended or restored, by an administrator and for a reason."""

    holder: Annotated[bytes, Ref("holder")]
    change: Annotated[str, Pick("account")]
    post: ByPost
    reason: str | None = None


@kind("shift.opened", "开设班次", "shift opened", scope="world")
class ShiftOpened(NamedTuple):
    """A team leader opens one point or team for one shift of at most 14 hours: whoever joins by its pass works in ``role``, in
    ``area`` and nowhere else, from ``starts`` until ``ends``. ``seats`` is how many may join."""

    shift: Shift
    role: str
    area: Area
    name: str
    seats: int
    starts: Instant
    ends: Instant
    post: ByPost
    place: SomePlace | None = None


@kind("shift.joined", "加入班次", "shift joined", scope="world")
class ShiftJoined(NamedTuple):
    """A person joined a shift on a device, without an account; they work until the shift's end, or until they are sent off it."""

    shift: Shift
    person: Person
    device: str


@kind("shift.ended", "结束班次", "shift ended", scope="world")
class ShiftEnded(NamedTuple):
    """A leader ends a shift before its end; with ``person``, for that person alone."""

    shift: Shift
    post: ByPost
    person: Person | None = None
    reason: str | None = None
