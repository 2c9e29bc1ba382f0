"""Facts in words for people: what happened, when, known when, by whom; masked as the viewer sees it."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from bulou.basis.ids import to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import MINUTE
from bulou.basis.words import FIELD, LISTS
from bulou.evidence.timeline import Happened
from bulou.kit.looking import Looking
from bulou.kit.verb import AHEAD

#: Fields that say nothing to a reader of a timeline.
_SILENT = frozenset({"disease", "edition", "hash", "code_of", "trigger"})

#: By the kind of what is taken back: the verbs that allow it beside ``withdraw``.
BESIDE = {
    "tube.resulted": "withdraw_result", "person.identified": "part", "difference.explained": "reopen_difference", "difference.passed": "reopen_difference",
}  # fmt: skip


def line(fact: Fact, look: Looking) -> dict[str, Any]:
    """One fact: its kind, its hour and what it says."""
    said = []
    of = _of(fact)
    for field in KINDS[fact.kind].fields[0 if KINDS[fact.kind].subject is None else 1 :]:
        value = getattr(fact.body, field.name)
        if value is None or value is False or field.name in _SILENT:
            continue
        if field.ref == "person":
            text = look.name(value)
        elif field.type == "id":
            continue
        elif field.words:
            text = look.pick(LISTS[field.words], value)
        elif field.name == "signs":
            text = ", ".join(look.pick(LISTS["symptom"], code) for code in str(value).split())
        elif field.type == "instant":
            text = look.time(value, deadline=True)
        elif field.ref == "area":
            text = look.area(value)
        elif field.mask:
            text = look.show(field.mask, value, of)
        elif field.name == "born_on":
            text = look.born(value, of)
        else:
            text = look.say(FIELD[field.name]) if value is True else str(value)
        said.append(
            text if value is True or field.name in ("name", "words", "reason", "note", "said") else f"{look.say(FIELD[field.name])} {text}"
        )
    return {
        "kind": fact.kind,
        "word": look.say(KINDS[fact.kind].word),
        "at": fact.at,
        "said": " · ".join(t for t in said if t),
        "entry": fact.entry,
    }


def _of(fact: Fact) -> bytes:
    """Whom the personal words of a fact speak of: the first person or household that it refers to; else it stands for itself."""
    refs = (getattr(fact.body, f.name) for ref in ("person", "household", "place") for f in KINDS[fact.kind].fields if f.ref == ref)
    return next((value for value in refs if isinstance(value, bytes)), fact.id)


def _off(h: Happened, look: Looking) -> str:
    """What is said where the device's clock was further off than honest clocks are when its fact was entered; the order is by entry."""
    if h.device_at is None or abs(h.device_at - h.known) <= AHEAD:
        return ""
    minutes = round((h.device_at - h.known) / MINUTE)
    return f" · device clock {minutes:+,d} min" if look.language == "en" else f" · 设备时钟相差 {minutes:+,d} 分钟"


def take_back(fact: bytes, kind: str, look: Looking, after: str) -> str | None:
    """Where a fact is withdrawn; None for whoever may not, and for whoever looks back."""
    if not look.moment.live or not (look.viewer.may("withdraw") or look.viewer.may(BESIDE.get(kind, ""))):
        return None
    return f"{reverse('withdraw', kwargs={'fact': to_text(fact)})}?{urlencode({'next': after})}"


def told(happened: Iterable[Happened], look: Looking, after: str) -> list[dict[str, Any]]:
    """Facts of a timeline, newest first, with where they come from and, where the viewer may, where to withdraw them."""
    found = list(happened)
    look.learn_names(
        getattr(h.fact.body, f.name) for h in found for f in KINDS[h.fact.kind].fields if f.ref == "person" and getattr(h.fact.body, f.name)
    )
    lines = []
    for h in found:
        undone = h.withdrawn is not None or h.fact.kind == "fact.withdrawn"
        undo = None if undone else take_back(h.fact.id, h.fact.kind, look, after)
        said = line(h.fact, look)
        if h.erased:
            undo, at = None, look.time(h.erased[0])
            said["said"] = (
                f"content destroyed on {at} under rule {h.erased[1]}"
                if look.language == "en"
                else f"内容已于 {at} 按规则 {h.erased[1]} 销毁"
            )
        said["said"] += _off(h, look)
        lines.append({
            **said, "known_text": look.time(h.known), "by": h.by.split(" ")[0], "source": h.source,
            "link": h.source.startswith("https://") or h.source.startswith("http://"), "withdrawn": h.withdrawn, "withdraw": undo,
        })  # fmt: skip
    return lines
