"""Facts in words for people: what happened, when, known when, by whom; masked as the viewer sees it."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from bulou.basis.ids import to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.words import FIELD, LISTS
from bulou.evidence.timeline import Happened
from bulou.kit.looking import Looking

#: Fields that say nothing to a reader of a timeline.
_SILENT = frozenset({"disease", "edition", "hash", "code_of", "trigger"})


def line(fact: Fact, look: Looking) -> dict[str, Any]:
    """One fact: its kind, its hour and what it says."""
    said = []
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
        elif field.type == "instant":
            text = look.time(value, deadline=True)
        elif field.ref == "area":
            text = look.area(value)
        elif field.mask:
            text = look.viewer.show(field.mask, value)
        elif field.name == "born_on":
            text = look.born(value)
        else:
            text = look.say(FIELD[field.name]) if value is True else str(value)
        said.append(text if value is True or field.name in ("name", "words", "reason", "note") else f"{look.say(FIELD[field.name])} {text}")
    return {
        "kind": fact.kind,
        "word": look.say(KINDS[fact.kind].word),
        "at": fact.at,
        "said": " · ".join(t for t in said if t),
        "entry": fact.entry,
    }


def told(happened: Iterable[Happened], look: Looking, after: str) -> list[dict[str, Any]]:
    """Facts of a timeline, newest first, with where they come from and, where the viewer may, where to withdraw them."""
    found = list(happened)
    look.learn_names(
        getattr(h.fact.body, f.name) for h in found for f in KINDS[h.fact.kind].fields if f.ref == "person" and getattr(h.fact.body, f.name)
    )
    lines = []
    for h in found:
        may = look.moment.live and h.withdrawn is None and h.fact.kind != "fact.withdrawn"
        may = may and (look.viewer.may("withdraw") or (look.viewer.may("withdraw_result") and h.fact.kind == "tube.resulted"))
        undo = f"{reverse('withdraw', kwargs={'fact': to_text(h.fact.id)})}?{urlencode({'next': after})}" if may else None
        lines.append({
            **line(h.fact, look), "known_text": look.time(h.known), "by": h.by.split(" ")[0], "source": h.source,
            "link": h.source.startswith("https://") or h.source.startswith("http://"), "withdrawn": h.withdrawn, "withdraw": undo,
        })  # fmt: skip
    return lines
