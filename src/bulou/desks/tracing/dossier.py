"""The dossier of a case: everything that its pages say, as one filling for a document, a workbook, a PDF or a program. Reads; writes no file.

It says how the case was found, where it was, whom it met and what is missing. It never says by whom anybody was infected: links are counted and
settings named, and whoever met this person stands here as a contact, not as a source or a consequence.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from bulou.basis.ids import to_text
from bulou.basis.time import format_local
from bulou.basis.words import LISTS, Word
from bulou.desks.tracing.cases import status_at, told_by
from bulou.desks.tracing.path import same_place, visit_of, waking_hours, window
from bulou.desks.tracing.sheets import places_of, ring_text, seen_of, until
from bulou.evidence.models import Case, Contact, Incident
from bulou.evidence.timeline import entered_by, standing_facts
from bulou.gaps.coverage import rows as duties
from bulou.gaps.path import Visit, clashes, holes, unspoken
from bulou.kit.centre import EXERCISE, drill
from bulou.kit.duties import shown
from bulou.kit.exports import MANY, TELLING, masked
from bulou.kit.incidents import Named, edition_of, incidents, members
from bulou.kit.looking import Looking
from bulou.kit.people import area_of, tested
from bulou.lists.filling import Filling, Plan
from bulou.protocol.rules import Edition
from bulou.register.models import Household, Person, Stay
from bulou.register.scope import standing

#: Everything that a dossier says of the case itself: the field's name in a template, and what it is called.
FIELDS: dict[str, Word] = {
    "exercise": Word("演练标记", "exercise"), "about": Word("截至", "about"), "known": Word("知悉", "as known at"), "made_by": Word("导出人", "taken by"),
    "centre": Word("中心", "centre"), "incident": Word("事件", "incident"), "edition": Word("方案", "edition"), "label": Word("病例编号", "case"),
    "name": Word("姓名", "name"), "sex": Word("性别", "sex"), "born_on": Word("出生", "born"), "document": Word("证件号", "document number"),
    "phone": Word("电话", "telephone"), "area": Word("居停", "stays in"), "address": Word("住址", "address"), "status": Word("诊断分类", "diagnosis"),
    "severity": Word("病情", "severity"), "how_found": Word("发现方式", "how found"), "control": Word("发现时管控", "under control when found"),
    "onset_on": Word("发病日期", "onset"), "onset_inferred": Word("发病日期来由", "how the onset is known"), "onset_words": Word("发病原话", "their words"),
    "onset_differs": Word("发病日期有出入", "days of onset that differ"), "positive_at": Word("初筛阳性", "preliminary positive"),
    "rechecked_at": Word("复核", "recheck"), "consulted_at": Word("会诊", "consultation"), "diagnosed_at": Word("诊断", "diagnosed"),
    "reported_at": Word("网络直报", "reported"), "hospital_at": Word("入院", "in hospital"), "investigated_at": Word("流调完成", "investigated"),
    "tests": Word("目前检测", "tests now"), "path_since": Word("轨迹自", "path from"), "path_until": Word("轨迹至", "path until"),
    "links": Word("与其他人的接触关联数", "links with others"),
}  # fmt: skip
#: Its lists: what each is called, and its columns.
LISTED: dict[str, tuple[Word, dict[str, Word]]] = {
    "missing": (Word("尚缺", "Still missing"), {"what": Word("任务", "what"), "state": Word("状态", "state"),
                "due": Word("时限", "due"), "answers": Word("负责", "answers")}),
    "household": (Word("同住人", "Household"), {"name": Word("姓名", "name"), "sex": Word("性别", "sex"), "born_on": Word("出生", "born"),
                                             "ring": Word("类别", "ring")}),
    "onsets": (Word("发病的各种说法", "What was said of the onset"), {"on": Word("日期", "day"), "inferred": Word("来由", "how known"), "words": Word("原话", "words"),
                                                                "at": Word("录入", "entered"), "by": Word("由", "by"), "counts": Word("以此为准", "counts")}),
    "samples": (Word("采样与结果", "Samples and results"), {"at": Word("采样", "sampled"), "tube": Word("试管", "tube"), "capacity": Word("几混一", "pooled"),
                                                      "result": Word("结果", "result"), "resulted_at": Word("出结果", "read")}),
    "path": (Word("活动轨迹", "Path"), {"from": Word("自", "from"), "until": Word("至", "until"), "place": Word("场所", "place"), "area": Word("区域", "area"),
                                    "words": Word("原话", "words"), "proof": Word("依据", "proof"), "certainty": Word("可靠性", "certainty")}),
    "contradictions": (Word("不能同时为真", "Cannot both be true"), {"what": Word("问题", "what"), "one": Word("一", "one"), "other": Word("另一", "other")}),
    "gaps": (Word("无人说明的时段", "Hours nobody explains"), {"from": Word("自", "from"), "until": Word("至", "until")}),
    "unspoken": (Word("有记录而无人说起", "Recorded, and nobody spoke of it"), {"from": Word("自", "from"),
                 "place": Word("场所", "place"), "proof": Word("依据", "proof")}),
    "contacts": (Word("候选与接触者", "Candidates and contacts"), {
        "name": Word("姓名", "name"), "ring": Word("类别", "ring"), "why": Word("理由", "why"), "setting": Word("场景", "setting"),
        "last": Word("末次暴露", "last exposure"),
        "judged_at": Word("判定", "judged"), "told_at": Word("告知", "told"), "placed_at": Word("到位", "placed"), "area": Word("居停", "stays in")}),
}  # fmt: skip
_INFERRED, _STATED, _YES = Word("由原话推断", "inferred from their words"), Word("本人所述", "as stated"), Word("是", "yes")
_CLASH = {
    "two_places": Word("同一时间两处", "two places at once"),
    "other_hours": Word("与记录时间不符", "other hours than the record says"),
}


def eyes(look: Looking, people: int, names: bool) -> Looking:
    """With which eyes a dossier is written: everybody masked, unless names were asked for by whoever sees them. Never how people are reached,
    as no file says that without a second person; of more people than a list may name it names nobody."""
    if not names or people > MANY:
        return masked(look)
    return replace(look, viewer=look.viewer._replace(unmasked=look.viewer.unmasked - TELLING))


def plan_of(look: Looking) -> Plan:
    """What the neutral templates show, in the viewer's language."""
    return Plan(
        look.say(Word("病例卷宗", "Case dossier")), [(name, look.say(word)) for name, word in FIELDS.items() if name not in ("exercise", "about", "known")],
        [(name, look.say(word), [(c, look.say(w)) for c, w in columns.items()]) for name, (word, columns) in LISTED.items()],
    )  # fmt: skip


def filling_of(one: bytes, ids: list[bytes], case: Case, look: Looking, *, names: bool) -> Filling:
    """Everything that a dossier of a case says, as the viewer may see it at the hour asked."""
    named = standing_facts("contact.named", look.seq, look.about).filter(met__in=ids).order_by("-exposed_until", "id")
    links = list(named)
    look = eyes(look, len({bytes(n.person) for n in links}), names)
    incident = next((c for c in incidents(look) if c.id in _up(bytes(case.incident), look)), None)
    edition = edition_of(look, incident)
    look.learn_names([one, *(bytes(n.person) for n in links)])
    lists: dict[str, list[dict[str, str]]] = {
        "onsets": _onsets(ids, case, look), "samples": _samples(ids, look), "household": _household(one, look), "contacts": _contacts(links, look),
        "missing": _missing(ids, look), **_path(ids, case, edition, look),
    }  # fmt: skip
    fields = _fields(one, case, incident, edition, lists["onsets"], len({bytes(n.person) for n in links}), look)
    return Filling(fields, lists, {name: tuple(columns) for name, (_, columns) in LISTED.items()})


def _up(incident: bytes, look: Looking) -> set[bytes]:
    """An incident and the one that it was joined to."""
    return {incident, *(bytes(c) for c in standing(Incident, look.seq).filter(incident=incident).values_list("canonical", flat=True))}


def _fields(
    one: bytes, case: Case, incident: Named | None, edition: Edition | None, onsets: Sequence[dict[str, str]], links: int, look: Looking
) -> dict[str, str]:
    person = standing(Person, look.seq).filter(person=one).first()
    stay = standing(Stay, look.seq).filter(person=one, here_from__lte=look.about, here_until__gt=look.about).first()
    home = standing(Household, look.seq).filter(household=stay.household).first() if stay and stay.household else None
    span, last = window(case, edition, look), next((o for o in reversed(onsets) if o["counts"]), None)
    known = f"{look.time(look.moment.known)} ({look.seq})"
    return {
        "exercise": EXERCISE if drill() else "", "about": f"{look.say(FIELDS['about'])} {look.time(look.about)}", "known": f"{look.say(FIELDS['known'])} {known}",
        "made_by": look.viewer.account, "centre": look.areas.name(look.areas.root, look.language),
        "incident": (incident.name_en if look.language == "en" else incident.name) if incident else "", "edition": look.say(edition.word) if edition else "",
        "label": _label(one, case, person, look), "name": look.name(one), "sex": look.pick(LISTS["sex"], person.sex) if person else "",
        "born_on": look.born(person.born_on, one) if person else "", "document": look.show("document", person.document, one) if person else "",
        "phone": look.show("phone", person.phone, one) if person else "", "area": look.area(area_of(one, look)) if stay else "",
        "address": look.show("address", home.address, bytes(home.household)) if home else "", "status": look.pick(LISTS["case_status"], status_at(case, look)),
        "severity": look.pick(LISTS["severity"], case.severity if told_by(case, look) else None),
        "how_found": look.pick(LISTS["how_found"], case.how_found if told_by(case, look) else None),
        "control": look.pick(LISTS["control"], case.control if told_by(case, look) else None), "onset_on": last["on"] if last else case.onset_on or "",
        "onset_inferred": last["inferred"] if last else "", "onset_words": last["words"] if last else "",
        "onset_differs": " / ".join(dict.fromkeys(o["on"] for o in onsets)) if len({o["on"] for o in onsets}) > 1 else "",
        **{n: until(getattr(case, n), look) for n in ("positive_at", "rechecked_at", "consulted_at", "diagnosed_at", "reported_at", "hospital_at", "investigated_at")},
        "tests": tested(one, look)["word"], "path_since": look.time(span.since), "path_until": look.time(span.until), "links": str(links),
    }  # fmt: skip


def _label(one: bytes, case: Case, person: Person | None, look: Looking) -> str:
    """What the case is called; a label that holds the name of its person is not said where names are not."""
    bare = "name" in look.viewer.unmasked or not (person and person.name and person.name in (case.label or ""))
    return case.label if case.label and bare else to_text(one)[-6:]


def _onsets(ids: list[bytes], case: Case, look: Looking) -> list[dict[str, str]]:
    rows = list(standing_facts("onset.recorded", look.seq, look.about).filter(person__in=ids, in_incident__in=members(look, bytes(case.incident)))
                .order_by("at", "id"))  # fmt: skip
    by = entered_by(r.entry for r in rows)
    return [
        {"on": r.on, "inferred": look.say(_INFERRED if r.inferred else _STATED), "words": look.show("words", r.words, bytes(r.person)), "at": look.time(r.at),
         "by": by.get(r.entry, ""), "counts": look.say(_YES) if r is rows[-1] else ""}
        for r in rows
    ]  # fmt: skip


def _samples(ids: list[bytes], look: Looking) -> list[dict[str, str]]:
    rows = list(standing_facts("sample.taken", look.seq, look.about).filter(person__in=ids).order_by("at", "id"))
    read = standing_facts("tube.resulted", look.seq, look.about).filter(tube__in={r.tube for r in rows}).order_by("at", "id")
    results: dict[str, list[Any]] = {}
    for result in read:
        results.setdefault(result.tube, []).append(result)
    return [
        {"at": look.time(r.at), "tube": r.tube, "capacity": str(r.capacity), "result": " / ".join(look.pick(LISTS["result"], x.result) for x in results.get(r.tube, ())),
         "resulted_at": " / ".join(look.time(x.at) for x in results.get(r.tube, ()))}
        for r in rows
    ]  # fmt: skip


def _household(one: bytes, look: Looking) -> list[dict[str, str]]:
    """Who stays under the same roof at the hour asked."""
    here = standing(Stay, look.seq).filter(here_from__lte=look.about, here_until__gt=look.about)
    home = here.filter(person=one).exclude(household=None).values_list("household", flat=True).first()
    if home is None:
        return []
    ids = [
        bytes(p)
        for p in here.filter(look.scope.q(), household=home).exclude(person=one).order_by("person").values_list("person", flat=True)
    ]
    people = {bytes(p.person): p for p in standing(Person, look.seq).filter(person__in=ids)}
    rings = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=ids)}
    look.learn_names(ids)
    return [
        {"name": look.name(p), "sex": look.pick(LISTS["sex"], people[p].sex), "born_on": look.born(people[p].born_on, p),
         "ring": ring_text(rings[p], look) if p in rings else ""}
        for p in ids if p in people
    ]  # fmt: skip


def _contacts(links: list[Any], look: Looking) -> list[dict[str, str]]:
    """Everyone named as having met the case, once, in their ring with its reason; by the last exposure."""
    first: dict[bytes, Any] = {}
    for row in links:
        first.setdefault(bytes(row.person), row)
    found = {bytes(c.person): c for c in standing(Contact, look.seq).filter(person__in=list(first)).order_by("named_at")}
    stays = standing(Stay, look.seq).filter(person__in=list(first), here_from__lte=look.about, here_until__gt=look.about)
    areas = {bytes(p): a for p, a in stays.values_list("person", "area")}
    told, seen = [], seen_of(first, look)
    for person, row in first.items():
        judged = found.get(person)
        if person not in seen:
            continue
        known = judged is not None and (judged.judged_at or 0) <= look.about
        why = look.show("words", judged.reason, person) if judged and judged.reason and known else ""
        told.append({
            "name": look.name(person), "ring": ring_text(judged, look) if judged else "", "why": why,
            "setting": look.pick(LISTS["setting"], row.setting), "last": look.time(row.exposed_until),
            **{n: until(getattr(judged, n), look) if judged else "" for n in ("judged_at", "told_at", "placed_at")}, "area": look.area(areas.get(person)),
        })  # fmt: skip
    if hidden := len(first) - len(seen):
        more = Word(f"另有 {hidden} 人居停在您负责的区域之外", f"{hidden} more stay outside your areas")
        told.append(
            {**dict.fromkeys(("ring", "why", "setting", "last", "judged_at", "told_at", "placed_at", "area"), ""), "name": look.say(more)}
        )
    return told


def _missing(ids: list[bytes], look: Looking) -> list[dict[str, str]]:
    """What of this case is owed and not done, with its clock and who answers; the most pressing first."""
    found = duties(look.seq, look.about, look.scope).filter(Q(subject__in=ids)).order_by("due_at", "id")
    open_ = [d for d in shown(found, look, "") if d.state in ("overdue", "blocked", "due")]
    return [
        {"what": look.say(d.rule.word), "state": look.pick(LISTS["state"], d.state), "due": look.time(d.duty.due_at, deadline=True), "answers": d.unit}
        for d in sorted(open_, key=lambda d: (d.state != "overdue", d.duty.due_at))
    ]  # fmt: skip


def _path(ids: list[bytes], case: Case, edition: Edition | None, look: Looking) -> dict[str, list[dict[str, str]]]:
    rows = list(standing_facts("visit.recorded", look.seq, look.about).filter(person__in=ids).order_by("at", "id"))
    places, span = places_of(rows, look), window(case, edition, look)
    visits = [visit_of(r, places) for r in rows]
    inside = [v for v in visits if v.at < span.until and (v.until or v.at) >= span.since]

    def same(a: Visit, b: Visit) -> bool:
        return same_place(look, a, b)

    said = {bytes(r.id): _said(r, places, look) for r in rows}
    proofs = {bytes(r.id): look.pick(LISTS["proof"], r.proof) if r.proof else "" for r in rows}

    def told(id_: bytes) -> str:
        line = said[id_]
        return " ".join(
            t
            for t in (line["from"], "–", line["until"] or "?", line["place"] or line["words"], f"({proofs[id_]})" if proofs[id_] else "")
            if t
        )

    return {
        "path": [said[bytes(r.id)] for r in rows],
        "contradictions": [{"what": look.say(_CLASH[c.what]), "one": told(c.one), "other": told(c.other)} for c in clashes(inside, look.about, same)],
        "gaps": [{"from": format_local(h.since, look.zone), "until": format_local(h.until, look.zone)}
                 for h in holes(inside, span.since, span.until, waking_hours(span, look))],
        "unspoken": [{k: said[v][k] for k in ("from", "place", "proof")} for v in sorted(unspoken(inside, look.about, same), key=lambda i: said[i]["from"])],
    }  # fmt: skip


def _said(row: Any, places: dict[bytes, Any], look: Looking) -> dict[str, str]:
    place = places.get(bytes(row.place)) if row.place else None
    parts = (place.name if place else "", row.space, row.vehicle, row.seat)
    proof = " ".join(t for t in (look.pick(LISTS["proof"], row.proof) if row.proof else "", row.authority or "") if t)
    return {
        "from": look.time(row.at), "until": look.time(row.until) if row.until is not None else "", "place": " · ".join(p for p in parts if p),
        "area": look.area(row.area or (place.area if place else None)), "words": look.show("words", row.words, bytes(row.person)), "proof": proof,
        "certainty": look.pick(LISTS["certainty"], row.certainty),
    }  # fmt: skip
