"""What testing does: tubes, swabs, results. An unknown tube or a second result is never refused: it enters and opens a gap."""

import re
from collections.abc import Iterable
from typing import Any

from bulou.basis.facts import IncidentOpened
from bulou.basis.ids import new_id
from bulou.basis.kinds import Fact
from bulou.basis.time import day_of
from bulou.basis.words import Word
from bulou.duties.reckoning import edition_at
from bulou.gaps.pools import open_tubes
from bulou.kit.verb import Acting, Problem, Verb, verb
from bulou.protocol.relations import order

#: A code that a spreadsheet has turned into a number (2.02E+12), and codes that no label has.
_NUMBER = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d+$")
_CODE = re.compile(r"^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$")


def code_problem(code: str) -> Problem | None:
    """What is wrong with a tube's code as typed or read, or None."""
    if _NUMBER.match(code):
        return Problem(
            "tube",
            "试管号被表格软件改成了科学计数法:请按文本重新导出",
            "this code was turned into a number by a spreadsheet: export it as text",
        )
    if not _CODE.match(code):
        return Problem("tube", "试管号应为字母、数字与 - _ . /,不超过40位", "a tube's code has letters, digits and - _ . /, at most 40")
    return None


def _code(acting: Acting, body: Any) -> Iterable[Problem]:
    wrong = code_problem(body.tube)
    if wrong:
        yield wrong


def sizes(acting: Acting) -> tuple[int, ...]:
    """The tube sizes that the edition in force for the incident allows; a tube for one where none is."""
    edition = acting.looking.protocol.editions.get(edition_at(acting.incident, acting.now, acting.book.facts) or "")
    return edition.pool_sizes if edition else (1,)


def _size(acting: Acting, body: Any) -> Iterable[Problem]:
    allowed = sizes(acting)
    if body.capacity not in allowed:
        shown = ", ".join(map(str, allowed))
        yield Problem("capacity", f"现行方案只允许 {shown} 人一管", f"the edition in force allows tubes of {shown}")


def _one_box(acting: Acting, body: Any) -> Iterable[Problem]:
    have = acting.book.facts.by("tube.opened", "tube", body.tube)
    if have:
        yield Problem("tube", "该试管已启用", "this tube has been opened already")


def _room(acting: Acting, body: Any) -> Iterable[Problem]:
    """No more people in a tube than it holds, nobody twice; and who is recalled or under an order has a tube alone."""
    facts, person = acting.book.facts, acting.book.facts.canon("person", body.person)
    swabs = facts.by("sample.taken", "tube", body.tube)
    inside = {facts.canon("person", f.body.person) for f in swabs}
    opened = sorted(facts.by("tube.opened", "tube", body.tube), key=order)
    # A tube does not grow: the size at which it was opened holds, else the smallest that anyone has said of it.
    capacity = opened[0].body.capacity if opened else min([body.capacity, *(f.body.capacity for f in swabs)])
    if person in inside:
        yield Problem("person", "此人已在该试管内", "is in this tube already")
    elif len(inside) >= capacity:
        yield Problem("tube", f"该试管已满({capacity}人)", f"this tube is full ({capacity} people)")
    if capacity > 1:
        if open_tubes(facts, acting.looking.protocol, acting.looking.zone, body.person, acting.now):
            yield Problem("person", "此人所在混管未查明,须单人单管", "is in an unresolved pool: a tube alone")
        elif _under_order(acting, body.person):
            yield Problem("person", "此人在隔离期内,须单人单管", "is under an order: a tube alone")


def _under_order(acting: Acting, person: bytes) -> bool:
    facts = acting.book.facts
    for made in facts.by("order.made", "person", person):
        over = [f.at for f in facts.by("order.ended", "order", made.body.order)]
        if made.body.starts <= acting.now < min([made.body.ends, *over]):
            return True
    return False


def belongs(acting: Acting, body: Any) -> tuple[bytes | None, Iterable[Fact]]:
    """Under which incident a result goes: a positive or grey tube joins the open outbreak of its disease, or opens one at once,
    before any recheck; every other result belongs where the person entering it works."""
    if body.result not in ("positive", "grey"):
        return acting.incident, ()
    facts = acting.book.facts
    closed = {f.body.incident for f in facts.standing("incident.closed")}
    live = [f for f in facts.standing("incident.opened") if f.body.disease == body.disease and f.body.incident not in closed]
    outbreaks = [f for f in live if f.body.nature == "outbreak"]
    if outbreaks:
        return outbreaks[-1].body.incident, ()
    chair = acting.chair
    watch = next((f for f in live if f.body.nature == "watch"), None)
    area = watch.body.area if watch else (chair.area if chair else "")
    day = day_of(acting.at, acting.looking.zone)
    id_ = new_id(acting.at)
    body_ = IncidentOpened(id_, body.disease, area, f"{day} 初筛阳性", f"preliminary positive of {day}", "outbreak")
    return id_, (Fact(new_id(acting.at), "incident.opened", acting.at, id_, body_),)


OPEN_TUBE = verb(Verb(
    "open_tube", Word("启用试管", "open a tube"), "testing", "tube.opened", None, ("tube", "capacity", "area"), (_code, _size, _one_box),
))  # fmt: skip
TAKE_SAMPLE = verb(Verb(
    "take_sample", Word("采样登记", "take a sample"), "testing", "sample.taken", "person", ("tube", "capacity"), (_code, _size, _room),
    page="sample-take",
))  # fmt: skip
RECEIVE_TUBE = verb(
    Verb("receive_tube", Word("实验室接收", "receive the tube"), "testing", "tube.received", None, ("tube",), (_code,), many=("tubes",))
)
REPORT_RESULT = verb(Verb(
    "report_result", Word("录入结果", "enter a result"), "testing", "tube.resulted", None, ("tube", "result", "run", "ct_orf", "ct_n"), (_code,),
    belongs=belongs, page="result-enter",
))  # fmt: skip
REVIEW_POOL = verb(Verb(
    "review_pool", Word("混管复盘", "review the pool"), "testing", "pool.reviewed", None, ("finding", "note"),
))  # fmt: skip
ATTEMPT = verb(
    Verb(
        "attempt",
        Word("记录未成", "record an attempt"),
        "testing",
        "attempt.made",
        "subject",
        ("outcome", "note"),
        many=("people", "households", "contacts", "duties", "mine"),
    )
)
