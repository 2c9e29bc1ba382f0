"""A list as a short plain text for a chat group: counts first, both hours, its source. Never a document number; names masked unless asked."""

from collections.abc import Sequence
from typing import NamedTuple

from bulou.basis.masks import masked, scrubbed

#: People named in one message; the rest are counted. A group scrolls past more.
MOST_LINES = 60


class Line(NamedTuple):
    """One person of a message: who, where to reach them, where, and what is to be known."""

    name: str | None
    phone: str | None = None
    area: str | None = None
    remark: str | None = None


def message(
    title: str,
    counts: Sequence[tuple[str, int, str]],
    people: Sequence[Line],
    *,
    about: str,
    known: str,
    source: str,
    lang: str = "zh",
    unmasked: bool = False,
    most: int = MOST_LINES,
    whole: int = 0,
) -> str:
    """The text of a message.

    ``counts``: what is counted, how many, and the unit, in the order in which they are said; ``about`` and ``known``: both hours of the
    list, as printed; ``source``: where it comes from. ``unmasked`` shows names and telephones whole, and is for a person to say, never
    a default; document numbers are left out even then, from remarks too. ``whole``: how many there are, where ``people`` holds only the first.
    """
    zh = lang == "zh"
    said = (";" if zh else "; ").join(f"{what} {n:,} {unit}".rstrip() for what, n, unit in counts)
    lines = [f"【{title}】" if zh else f"[{title}]"]
    if said:
        lines.append(said)
    for i, person in enumerate(people[:most], start=1):
        name = (person.name or "") if unmasked else masked("name", person.name)
        phone = (person.phone or "") if unmasked else masked("phone", person.phone)
        rest = [scrubbed(t, phones=not unmasked) for t in (person.area, person.remark) if t]
        lines.append(f"{i}. " + " ".join(t for t in (name or "—", phone, *rest) if t))
    more = max(len(people), whole) - min(len(people), most)
    if more:
        lines.append(f"……另有 {more:,} 人,见名单" if zh else f"… and {more:,} more, on the list")
    lines.append(f"关于 {about},知道到 {known} 为止;来源:{source}" if zh else f"About {about}, as known at {known}; source: {source}")
    return "\n".join(lines)
