"""Sheets of testing: tubes with their results, samples, results as they came."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from bulou.basis.words import LISTS, Word
from bulou.evidence.models import Tube
from bulou.evidence.timeline import standing_facts
from bulou.gaps.pools import state_of
from bulou.kit.areas import area_href
from bulou.kit.looking import Looking
from bulou.kit.pools import fetch_pools
from bulou.kit.sheet import Col, Gives, Narrow, Sheet, sheet
from bulou.register.models import Stay
from bulou.register.scope import standing

POOL_WORDS = {
    "open": Word("混管未查明", "pool open"),
    "unresolved": Word("混管存疑", "pool unresolved"),
    "resolved": Word("已查明", "resolved"),
}
_STATE = {"open": "pending", "unresolved": "unresolved", "resolved": "done"}


def tube_rows(look: Looking) -> QuerySet[Tube]:
    """Tubes of the viewer's areas; one that nobody opened lies nowhere and is seen by whoever sees the whole centre."""
    begun = Q(began_at__lte=look.about) | Q(received_at__lte=look.about) | Q(resulted_at__lte=look.about)
    return standing(Tube, look.seq).filter(look.scope.q()).filter(begun)


def pool_states(rows: list[Any], look: Looking) -> None:
    """How the positive and grey tubes of this page stand as pools; read at once."""
    doubtful = {r.tube for r in rows if r.result in ("positive", "grey")}
    facts = look.facts()
    fetch_pools(facts, doubtful)
    for row in rows:
        row.pool = state_of(facts, look.protocol, look.zone, row.tube, look.about) if row.tube in doubtful else None


def result_text(row: Any, look: Looking) -> str:
    """What the tube was read as by the hour asked; "pending" while it was not."""
    if row.resulted_at is None or row.resulted_at > look.about:
        return ""
    word = look.pick(LISTS["result"], row.result)
    return word + (f" ({look.say(_PHONE)})" if row.provisional else "") + (f" · {look.say(_CONFLICT)}" if row.conflict else "")


_PHONE, _CONFLICT = Word("电话先报", "by phone"), Word("结果不一", "results differ")


def _badge(row: Any, look: Looking) -> str:
    if row.resulted_at is None or row.resulted_at > look.about:
        return ""
    return {"positive": "positive", "grey": "unresolved", "negative": "negative"}.get(row.result, "pending")


TUBES = sheet(Sheet(
    "tubes", "testing", Word("试管", "Tubes"), tube_rows,
    (
        Col("tube", Word("试管号", "Tube"), lambda r, k: r.tube, ("tube",), strong=True, href=lambda r, k: reverse("tube", kwargs={"tube": r.tube})),
        Col("capacity", Word("管容", "For"), lambda r, k: str(r.capacity or ""), ("capacity", "tube")),
        Col("area", Word("采样区域", "Point's area"), lambda r, k: k.area(r.area), ("area", "tube"), narrow=False, href=lambda r, k: area_href(r.area, k)),
        Col("began", Word("启用", "Opened"), lambda r, k: k.time(r.began_at), ("began_at", "tube")),
        Col("received", Word("实验室接收", "Received"), lambda r, k: k.time(r.received_at), ("received_at", "tube")),
        Col("result", Word("结果", "Result"), result_text, ("result", "tube"), badge=_badge),
        Col("resulted", Word("出结果", "Read"), lambda r, k: k.time(r.resulted_at), ("resulted_at", "tube")),
        Col("pool", Word("混管", "Pool"), lambda r, k: k.say(POOL_WORDS[r.pool.word(k.about)]) if r.pool else "",
            badge=lambda r, k: _STATE[r.pool.word(k.about)] if r.pool else ""),
    ),
    (
        Narrow("q", Word("试管号", "Tube"), lambda rows, v, k: rows.filter(tube__startswith=v)),
        Narrow("result", Word("结果", "Result"), lambda rows, v, k: rows.filter(result=v), words="result"),
        Narrow("area", Word("区域", "Area"), lambda rows, v, k: rows.filter(area__in=k.inside(v)), area=True),
    ),
    order="-resulted", prepare=pool_states, nav=2, icon="test-pipe",
    empty=Word("没有符合条件的试管", "No tubes here"),
    detail=lambda r: reverse("tube", kwargs={"tube": r.tube}),
    gives=Gives(("tube", "subject"), lambda k: lambda r: {"tube": r.tube, "subject": r.tube}),
    ids=lambda k: lambda r: {"incident": r.incident and bytes(r.incident)},
))  # fmt: skip


def sample_rows(look: Looking) -> Any:
    """Swabs of people in the viewer's areas: samples, not people."""
    found = standing_facts("sample.taken", look.seq, look.about)
    if look.scope.codes is None:
        return found
    here = standing(Stay, look.seq).filter(look.scope.q(), here_from__lte=look.about, here_until__gt=look.about)
    return found.filter(person__in=here.values("person"))


SAMPLES = sheet(Sheet(
    "samples", "testing", Word("采样", "Samples"), sample_rows,
    (
        Col("at", Word("采样时间", "Taken"), lambda r, k: k.time(r.at), ("at", "id"), strong=True),
        Col("person", Word("人员", "Person"), lambda r, k: k.name(bytes(r.person))),
        Col("tube", Word("试管号", "Tube"), lambda r, k: r.tube, ("tube", "at"), href=lambda r, k: reverse("tube", kwargs={"tube": r.tube})),
        Col("capacity", Word("管容", "Tube for"), lambda r, k: str(r.capacity), ("capacity", "at")),
    ),
    (Narrow("q", Word("试管号", "Tube"), lambda rows, v, k: rows.filter(tube__startswith=v)),),
    order="-at", people=lambda r: [bytes(r.person)], nav=3, icon="clipboard-check",
    ids=lambda k: lambda r: {"person": bytes(r.person), "tube": r.tube},
    note=Word("单位:人次,不得除以人数。", "These are samples; they are never divided by people."),
))  # fmt: skip
