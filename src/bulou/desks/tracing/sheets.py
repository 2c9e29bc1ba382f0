"""Sheets of tracing: cases, contacts, orders; each person once per incident, however many links."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from bulou.basis.ids import subject_text, to_text
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.secondring import behind_of, decisions, to_decide
from bulou.evidence.models import Case, Contact, Incident, Order
from bulou.evidence.timeline import standing_facts
from bulou.gaps.told import DETAILS
from bulou.kit.areas import area_href
from bulou.kit.looking import Looking
from bulou.kit.people import ones_of
from bulou.kit.sheet import Col, Edit, Gives, Narrow, Sheet, sheet
from bulou.register.models import Person, Place, Stay
from bulou.register.scope import standing


def within(rows: QuerySet[Any], look: Looking) -> QuerySet[Any]:
    """Of rows about people, those whose person stays in the viewer's areas at the hour asked."""
    if look.scope.codes is None:
        return rows
    return rows.filter(person__in=standing_stays(look).filter(look.scope.q()).values("person"))


def places_of(rows: Iterable[Any], look: Looking) -> dict[bytes, Place]:
    """The places of some visits, in one statement."""
    ids = {bytes(r.place) for r in rows if r.place}
    return {bytes(p.place): p for p in standing(Place, look.seq).filter(place__in=ids)} if ids else {}


def standing_stays(look: Looking) -> QuerySet[Stay]:
    """Where everyone stays at the hour asked."""
    return standing(Stay, look.seq).filter(here_from__lte=look.about, here_until__gt=look.about)


def seen_of(people: Iterable[bytes], look: Looking) -> set[bytes]:
    """Of these people those whom the viewer may see: who stays in their areas at the hour asked."""
    wanted = set(people)
    if look.scope.codes is None:
        return wanted
    return {bytes(p) for p in standing_stays(look).filter(look.scope.q(), person__in=wanted).values_list("person", flat=True)}


def records_of(stays: QuerySet[Stay], look: Looking) -> Any:
    """Every record of whoever stays somewhere: a fact keeps the id it was entered under, also once two records are one person."""
    return standing(Person, look.seq).filter(canonical__in=stays.values("person")).values("person")


def facts_within(facts: QuerySet[Any], look: Looking) -> QuerySet[Any]:
    """Of facts about people, those whose person stays in the viewer's areas at the hour asked, under whichever of their records."""
    return facts if look.scope.codes is None else facts.filter(person__in=records_of(standing_stays(look).filter(look.scope.q()), look))


def _named(rows: Any, text: str, look: Looking) -> Any:
    return rows.filter(person__in=standing(Person, look.seq).filter(name__startswith=text).values("canonical"))


def _in_area(rows: Any, code: str, look: Looking) -> Any:
    return rows.filter(person__in=standing_stays(look).filter(area__in=look.inside(code)).values("person"))


def _of_nature(rows: Any, nature: str, look: Looking) -> Any:
    """Of outbreaks or of records of the past: both stand in one list, and a total must not mix them unasked."""
    return rows.filter(incident__in=standing(Incident, look.seq).filter(nature=nature).values("incident"))


def _of_person(row: Any) -> dict[str, Any]:
    person = bytes(row.person)
    return {"person": person, "subject": subject_text(person), "incident": bytes(row.incident)}


def _of_fact(row: Any) -> dict[str, Any]:
    person = bytes(row.person)
    return {"person": person, "subject": subject_text(person), "incident": bytes(row.in_incident) if row.in_incident else None}


_PERSON = Gives(("person", "subject", "incident"), lambda k: _of_person)


_NATURE = Narrow("nature", Word("事件性质", "Kind of incident"), _of_nature, words="incident")


def areas_of(rows: list[Any], look: Looking) -> None:
    """Where the people of this page stay, in one statement."""
    people = {bytes(r.person) for r in rows}
    found = dict(standing_stays(look).filter(person__in=people).values_list("person", "area"))
    for row in rows:
        row.area = found.get(bytes(row.person))


def _visitor(rows: Any, text: str, look: Looking) -> Any:
    records = standing(Person, look.seq)
    return rows.filter(person__in=records.filter(canonical__in=records.filter(name__startswith=text).values("canonical")).values("person"))


def _visited_in(rows: Any, code: str, look: Looking) -> Any:
    """Visits in an area: said of themselves, or where their place lies."""
    inside = look.inside(code)
    return rows.filter(Q(area__in=inside) | Q(area=None, place__in=standing(Place, look.seq).filter(area__in=inside).values("place")))


def until(at: int | None, look: Looking) -> str:
    """An hour that has come by the hour asked; what lies after it was not so yet."""
    return look.time(at) if at is not None and at <= look.about else ""


def case_rows(look: Looking) -> QuerySet[Case]:
    """People who are or were suspected to be infected, within the viewer's areas."""
    begun = (
        Q(positive_at__lte=look.about) | Q(rechecked_at__lte=look.about) | Q(consulted_at__lte=look.about) | Q(diagnosed_at__lte=look.about)
    )
    return within(standing(Case, look.seq).filter(begun), look)


_CASE_BADGE = {"screening_positive": "pending", "recheck_positive": "unresolved", "suspected": "pending", "excluded": "negative"}

CASES = sheet(Sheet(
    "cases", "tracing", Word("病例", "Cases"), case_rows,
    (
        Col("person", Word("人员", "Person"), lambda r, k: " ".join(dict.fromkeys(filter(None, (r.label, k.name(bytes(r.person)))))), ("label", "person"), strong=True,
            href=lambda r, k: reverse("case", kwargs={"person": to_text(bytes(r.person))})),
        Col("status", Word("状态", "Status"), lambda r, k: k.pick(LISTS["case_status"], r.status), ("status", "diagnosed_at"),
            badge=lambda r, k: _CASE_BADGE.get(r.status or "", "positive")),
        Col("area", Word("居停", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("onset", Word("发病", "Onset"), lambda r, k: r.onset_on or "", ("onset_on",)),
        Col("positive", Word("初筛阳性", "Preliminary positive"), lambda r, k: until(r.positive_at, k), ("positive_at",)),
        Col("diagnosed", Word("诊断", "Diagnosed"), lambda r, k: until(r.diagnosed_at, k), ("diagnosed_at", "person")),
        Col("how", Word("发现方式", "How found"), lambda r, k: k.pick(LISTS["how_found"], r.how_found), ("how_found",)),
        Col("control", Word("管控", "Under control"), lambda r, k: k.pick(LISTS["control"], r.control)),
        Col("reported", Word("直报", "Reported"), lambda r, k: until(r.reported_at, k)),
    ),
    (
        Narrow("status", Word("状态", "Status"), lambda rows, v, k: rows.filter(status=v), words="case_status"),
        Narrow("how", Word("发现方式", "How found"), lambda rows, v, k: rows.filter(how_found=v), words="how_found"),
        Narrow("area", Word("区域", "Area"), _in_area, area=True), _NATURE,
    ),
    order="-diagnosed", people=lambda r: [bytes(r.person)], prepare=areas_of, nav=1, icon="virus",
    empty=Word("尚无病例", "No case so far"),
    detail=lambda r: reverse("case", kwargs={"person": to_text(bytes(r.person))}), gives=_PERSON, ids=lambda k: lambda r: {"status": r.status},
    edits=(Edit("onset", "record_onset", "on", lambda r: r.onset_on),), key=("person", "incident"),
))  # fmt: skip


def contact_rows(look: Looking) -> QuerySet[Contact]:
    """People named or judged contacts, within the viewer's areas."""
    begun = Q(named_at__lte=look.about) | Q(judged_at__lte=look.about)
    return within(standing(Contact, look.seq).filter(begun), look)


def ring_text(row: Any, look: Looking) -> str:
    """The ring as judged by the hour asked, or that nobody has judged yet."""
    if row.ring is None or (row.judged_at or 0) > look.about:
        return look.say(_CANDIDATE)
    return look.pick(LISTS["ring"], row.ring)


_CANDIDATE = Word("待判定", "candidate")


def _ring(rows: Any, value: str, look: Looking) -> Any:
    return rows.filter(ring=None) if value == "candidate" else rows.filter(ring=value)


def _rings(look: Looking) -> list[tuple[str, str]]:
    return [("candidate", look.say(_CANDIDATE)), *((code, look.say(word)) for code, word in LISTS["ring"].items())]


def _contacts(rows: list[Any], look: Looking) -> None:
    areas_of(rows, look)
    behind_of(rows, look)


CONTACTS = sheet(Sheet(
    "contacts", "tracing", Word("接触者", "Contacts"), contact_rows,
    (
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person",), strong=True,
            href=lambda r, k: reverse("contact", kwargs={"person": to_text(bytes(r.person))})),
        Col("ring", Word("类别", "Ring"), ring_text, ("ring", "named_at"),
            badge=lambda r, k: "pending" if r.ring is None else "excused" if r.ring == "excluded" else "due"),
        Col("area", Word("居停", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("links", Word("关联", "Links"), lambda r, k: str(r.links), ("links", "person")),
        Col("behind", Word("其密接", "Behind whom"), lambda r, k: r.behind, narrow=False),
        Col("exposed", Word("末次暴露", "Last exposure"), lambda r, k: k.time(r.exposed_until), ("exposed_until", "person")),
        Col("named", Word("报告", "Named"), lambda r, k: until(r.named_at, k), ("named_at", "person")),
        Col("judged", Word("判定", "Judged"), lambda r, k: until(r.judged_at, k), ("judged_at", "person")),
        Col("told", Word("告知", "Told"), lambda r, k: until(r.told_at, k), ("told_at", "person")),
        Col("fetched", Word("接上", "Fetched"), lambda r, k: until(r.fetched_at, k), ("fetched_at", "person")),
        Col("placed", Word("到位", "Placed"), lambda r, k: until(r.placed_at, k), ("placed_at", "person")),
        Col("ends", Word("结束", "Ends"), lambda r, k: k.time(r.over_at, deadline=True), ("over_at", "person")),
    ),
    (
        Narrow("q", Word("姓名", "Name"), _named),
        Narrow("ring", Word("类别", "Ring"), _ring, choices=_rings),
        Narrow("decide", Word("次密待决定", "Second ring to decide"), to_decide, choices=decisions),
        Narrow("area", Word("区域", "Area"), _in_area, area=True), _NATURE,
    ),
    order="-named", people=lambda r: [bytes(r.person)], prepare=_contacts, nav=2, icon="address-book",
    empty=Word("尚无接触者", "No contact so far"),
    note=Word("一人可与多名病例关联:按人计一次,按病例相加不等于人数。", "One person may be linked to several cases: counted once here; lists by case do not add up."),
    detail=lambda r: reverse("contact", kwargs={"person": to_text(bytes(r.person))}), gives=_PERSON,
    ids=lambda k: lambda r: {"ring": r.ring if (r.judged_at or 0) <= k.about else None},
))  # fmt: skip


def visit_rows(look: Looking) -> Any:
    """Visits that stand, of people of the viewer's areas."""
    return facts_within(standing_facts("visit.recorded", look.seq, look.about), look)


def _where(rows: list[Any], look: Looking) -> None:
    """The places of this page's visits, and where each leads: only whoever is a case has a path with a page."""
    found = places_of(rows, look)
    one = ones_of({bytes(r.person) for r in rows}, look)
    cases = {bytes(p) for p in within(standing(Case, look.seq).filter(person__in=set(one.values())), look).values_list("person", flat=True)}
    for row in rows:
        row.where = found.get(bytes(row.place)) if row.place else None
        row.leads_to = "case-path" if one[bytes(row.person)] in cases else "person" if look.viewer.sees("people") else None


def _led_to(row: Any, look: Looking) -> str | None:
    """The path of a case; of whoever is none their own page, where the viewer's role opens it."""
    return reverse(row.leads_to, kwargs={"person": to_text(bytes(row.person))}) if row.leads_to else None


def _sort_of(rows: Any, value: str, look: Looking) -> Any:
    return rows.filter(proof=None) if value == "none" else rows.filter(proof=value)


def _proofs(look: Looking) -> list[tuple[str, str]]:
    return [("none", look.say(_NOT_SAID)), *((code, look.say(word)) for code, word in LISTS["proof"].items())]


_NOT_SAID = Word("未说明", "not said")

VISITS = sheet(Sheet(
    "visits", "tracing", Word("活动轨迹", "Visits"), visit_rows,
    (
        Col("at", Word("自", "From"), lambda r, k: k.time(r.at), ("at", "id"), strong=True,
            href=_led_to),
        Col("until", Word("至", "Until"), lambda r, k: k.time(r.until) if r.until is not None else "", ("until", "id")),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person", "at", "id")),
        Col("place", Word("场所", "Place"), lambda r, k: r.where.name if r.where else "", ("place", "at", "id")),
        Col("area", Word("区域", "Area"), lambda r, k: k.area(r.area or (r.where.area if r.where else None)), narrow=False),
        Col("space", Word("空间与座位", "Space and seat"), lambda r, k: " · ".join(p for p in (r.space, r.vehicle, r.seat) if p), narrow=False),
        Col("words", Word("原话", "Words"), lambda r, k: k.show("words", r.words, bytes(r.person)), manner="words", narrow=False),
        Col("proof", Word("依据", "Proof"), lambda r, k: k.pick(LISTS["proof"], r.proof) if r.proof else k.say(_NOT_SAID), ("proof", "at", "id")),
        Col("certainty", Word("可靠性", "Certainty"), lambda r, k: k.pick(LISTS["certainty"], r.certainty), ("certainty", "at", "id")),
    ),
    (
        Narrow("q", Word("姓名", "Name"), _visitor),
        Narrow("proof", Word("依据", "Proof"), _sort_of, choices=_proofs),
        Narrow("area", Word("区域", "Area"), _visited_in, area=True),
    ),
    order="-at", people=lambda r: [bytes(r.person)], prepare=_where, nav=4, icon="map-pin",
    empty=Word("尚无活动轨迹", "No visit so far"),
    note=Word("陈述与记录并列,互不更正:同一段时间可有两条。", "Words and records stand side by side and correct nothing: one span may be told of twice."),
    gives=Gives(("person", "subject", "incident"), lambda k: _of_fact),
    ids=lambda k: lambda r: {"proof": r.proof, "place": to_text(bytes(r.place)) if r.place else None},
))  # fmt: skip


def told_rows(look: Looking) -> Any:
    """Words on fields that stand, of people of the viewer's areas."""
    return facts_within(standing_facts("detail.told", look.seq, look.about), look)


def day_rows(look: Looking) -> Any:
    """Symptoms by day that stand, of people of the viewer's areas."""
    return facts_within(standing_facts("symptoms.told", look.seq, look.about), look)


def _signs(row: Any, look: Looking) -> str:
    return (", " if look.language == "en" else "、").join(look.pick(LISTS["symptom"], code) for code in row.signs.split())


def _with_sign(rows: Any, code: str, look: Looking) -> Any:
    """No code of the list is part of another: a test holds that."""
    return rows.filter(signs__contains=code)


TOLD = sheet(Sheet(
    "told", "tracing", Word("个案信息", "What was said"), told_rows,
    (
        Col("at", Word("所述时间", "Told at"), lambda r, k: k.time(r.at), ("at", "id"), strong=True),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person", "at", "id")),
        Col("detail", Word("栏目", "Field"), lambda r, k: k.pick(LISTS["detail"], r.detail), ("detail", "at", "id")),
        Col("said", Word("所述内容", "What was said"), lambda r, k: k.show(DETAILS[r.detail].manner, r.said, bytes(r.person)), manner="words", narrow=False),
        Col("teller", Word("谁说的", "Told by"), lambda r, k: k.pick(LISTS["teller"], r.teller), ("teller", "at", "id")),
        Col("certainty", Word("可靠性", "Certainty"), lambda r, k: k.pick(LISTS["certainty"], r.certainty), ("certainty", "at", "id")),
        Col("post", Word("录入岗位", "Entered by"), lambda r, k: r.post),
    ),
    (
        Narrow("q", Word("姓名", "Name"), _visitor),
        Narrow("detail", Word("栏目", "Field"), lambda rows, v, k: rows.filter(detail=v), words="detail"),
        Narrow("teller", Word("谁说的", "Told by"), lambda rows, v, k: rows.filter(teller=v), words="teller"),
    ),
    order="-at", people=lambda r: [bytes(r.person)], nav=5, icon="file-text",
    empty=Word("尚无记录", "Nothing was said so far"),
    note=Word("说法不一则并列:同一栏目可有多条。", "Words that differ stand side by side: one field may have several."),
    gives=Gives(("person", "subject", "incident"), lambda k: _of_fact), ids=lambda k: lambda r: {"detail": r.detail},
))  # fmt: skip

SYMPTOMS = sheet(Sheet(
    "symptoms", "tracing", Word("逐日症状", "Symptoms by day"), day_rows,
    (
        Col("day", Word("日期", "Day"), lambda r, k: r.day, ("day", "id"), strong=True),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person", "day", "id")),
        Col("signs", Word("当日症状", "Symptoms of the day"), _signs, narrow=False),
        Col("words", Word("原话", "Words"), lambda r, k: k.show("words", r.words, bytes(r.person)), manner="words", narrow=False),
        Col("teller", Word("谁说的", "Told by"), lambda r, k: k.pick(LISTS["teller"], r.teller), ("teller", "day", "id")),
        Col("at", Word("录入", "Entered"), lambda r, k: k.time(r.at), ("at", "id")),
        Col("post", Word("录入岗位", "Entered by"), lambda r, k: r.post),
    ),
    (
        Narrow("q", Word("姓名", "Name"), _visitor),
        Narrow("sign", Word("症状", "Symptom"), _with_sign, words="symptom"),
    ),
    order="-day", people=lambda r: [bytes(r.person)], nav=6, icon="clipboard-check",
    empty=Word("尚无记录", "Nobody has told of any day"),
    note=Word("一人一日可有多条:说法不一则并列。", "One day of one person may have several rows: words that differ stand side by side."),
    gives=Gives(("person", "subject", "incident"), lambda k: _of_fact), ids=lambda k: lambda r: {"signs": r.signs},
))  # fmt: skip


def order_rows(look: Looking) -> QuerySet[Order]:
    """Orders on people of the viewer's areas."""
    return within(standing(Order, look.seq).filter(made_at__lte=look.about), look)


ORDERS = sheet(Sheet(
    "orders", "tracing", Word("隔离令", "Orders"), order_rows,
    (
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person)), ("person",), strong=True,
            href=lambda r, k: reverse("contact", kwargs={"person": to_text(bytes(r.person))})),
        Col("measure", Word("措施", "Measure"), lambda r, k: k.pick(LISTS["measure"], r.measure), ("measure", "person")),
        Col("ring", Word("类别", "Ring"), lambda r, k: k.pick(LISTS["ring"], r.ring), ("ring", "person")),
        Col("area", Word("居停", "Staying in"), lambda r, k: k.area(r.area), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("anchor", Word("起算", "Anchor"), lambda r, k: k.time(r.anchor), ("anchor", "person")),
        Col("starts", Word("开始", "Starts"), lambda r, k: k.time(r.starts), ("starts", "person")),
        Col("over", Word("结束", "Ends"), lambda r, k: k.time(r.over_at, deadline=True), ("over_at", "person")),
        Col("post", Word("下令岗位", "Ordered by"), lambda r, k: r.post),
        Col("edition", Word("方案", "Edition"), lambda r, k: r.edition),
    ),
    (
        Narrow("measure", Word("措施", "Measure"), lambda rows, v, k: rows.filter(measure=v), words="measure"),
        Narrow("area", Word("区域", "Area"), _in_area, area=True),
    ),
    order="over", people=lambda r: [bytes(r.person)], prepare=areas_of, nav=3, icon="lock",
    empty=Word("尚无隔离令", "No order so far"),
    gives=Gives(("order", "person", "subject", "incident"), lambda k: lambda r: {"order": bytes(r.order), **_of_person(r)}),
    ids=lambda k: lambda r: {"measure": r.measure},
))  # fmt: skip
