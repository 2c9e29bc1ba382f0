"""The second ring as tracing shows it: behind whom somebody stands, how those stand, what would change it, what is to be decided. Decides nothing."""

from collections.abc import Iterable
from typing import Any

from bulou.basis.words import LISTS, Word
from bulou.gaps.coverage import RuleBook, condition, rows
from bulou.gaps.secondring import DECISIONS, RING, Behind, Second, second_of
from bulou.kit.duties import Shown
from bulou.kit.looking import Looking
from bulou.protocol.explain import duration

#: How somebody behind a second-ring contact stands, with the badge.
STANDS: dict[str, tuple[Word, str]] = {
    "positive": (Word("已转阳性", "turned positive"), "overdue"),
    "negative": (Word("前两次均阴性", "first two negative"), "done"),
    "off": (Word("已不是密接", "no close contact any more"), "excused"),
    "waiting": (Word("未满两次阴性", "not yet negative twice"), "pending"),
}
#: Rules that ask for a decision on somebody of the second ring.
RULES = tuple(f"{RING}.{name}" for name in DECISIONS)
#: What is asked of the list of contacts: which decision is open.
OPEN: dict[str, Word] = {
    "any": Word("任一决定", "any decision"),
    "rise": Word("密接转阳,待重新判定", "to be judged again: a close contact is positive"),
    "dissolve": Word("密接两次阴性,待决定解除", "to be decided on: the close contacts are negative twice"),
    "lapse": Word("身后已无密接,待重新判定", "to be judged again: no close contact is left"),
    "doubt": Word("期满前密接未两次阴性", "to be judged again: not negative twice before the end"),
}


def second_shown(person: bytes, duties: Iterable[Shown], look: Looking) -> dict[str, Any] | None:
    """The section of a contact's page; None of whoever is not in the second ring."""
    found = second_of(look.facts(), look.protocol, look.zone, person, look.about)
    if found is None:
        return None
    look.learn_names(b.person for b in found.behind)
    open_ = [d for d in duties if d.rule.name in RULES and d.state in ("due", "overdue")]
    return {"behind": [_shown(b, look) for b in found.behind], "changes": _changes(found, look), "decide": open_}


def _shown(one: Behind, look: Looking) -> dict[str, Any]:
    word, badge = STANDS[one.stands]
    tests = [{"said": look.pick(LISTS["result"], result), "at": at} for result, at in one.tests]
    return {
        "person": one.person,
        "name": look.name(one.person),
        "tests": tests,
        "stands": look.say(word),
        "badge": badge,
        "since": one.since,
    }


def _changes(found: Second, look: Looking) -> list[str]:
    """What would make the person rise, dissolve or be judged again by the edition, and within how long a person then decides."""
    said = [(rule.word, duration(rule.within)) for rule in found.rules]
    return [look.say(Word(f"{word.zh}:{within.zh}内", f"{word.en}, within {within.en}")) for word, within in said]


def behind_of(found: list[Any], look: Looking) -> None:
    """How those behind the second-ring contacts of a page stand, in a fixed number of statements; names nobody."""
    second = {bytes(r.person) for r in found if r.ring == RING and (r.judged_at or 0) <= look.about}
    if second:
        facts = look.facts()
        facts.fetch({(k, "person"): set(second) for k in ("contact.judged", "contact.named")})
        met = {f.body.met for p in second for f in facts.by("contact.named", "person", p)}
        facts.fetch({(k, "person"): set(met) for k in ("sample.taken", "case.diagnosed", "contact.judged")})
        facts.fetch({("tube.resulted", "tube"): {f.body.tube for p in met for f in facts.by("sample.taken", "person", p)}})
    for row in found:
        row.behind = ""
        if bytes(row.person) in second and (one := second_of(facts, look.protocol, look.zone, bytes(row.person), look.about)):
            row.behind = _counted(one, look)


def _counted(one: Second, look: Looking) -> str:
    """How many are behind, by how they stand: ``2: 1 first two negative, 1 not yet negative twice``."""
    counts = [(STANDS[s][0], n) for s in STANDS if (n := sum(b.stands == s for b in one.behind))]
    return look.say(Word(
        f"{len(one.behind)}:" + "、".join(f"{w.zh} {n}" for w, n in counts) if counts else "0",
        f"{len(one.behind)}: " + ", ".join(f"{n} {w.en}" for w, n in counts) if counts else "0",
    ))  # fmt: skip


def to_decide(contacts: Any, which: str, look: Looking) -> Any:
    """Of contacts those of whom a decision on the second ring is open: of one kind, or of any."""
    if which not in OPEN:
        return contacts.none()
    names = RULES if which == "any" else (f"{RING}.{which}",)
    open_ = rows(look.seq, look.about, look.scope).filter(rule__in=RuleBook(look.protocol).numbers_of(*names))
    open_ = open_.filter(condition("due", look.seq, look.about) | condition("overdue", look.seq, look.about))
    return contacts.filter(person__in=open_.values("subject"))


def decisions(look: Looking) -> list[tuple[str, str]]:
    return [(code, look.say(word)) for code, word in OPEN.items()]
