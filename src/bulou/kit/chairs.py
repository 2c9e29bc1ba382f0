"""Who sits on which chair by the facts, and that no auditor administers, under whatever record. Enters nothing, decides nothing.

Asked before anything is entered, under the ledger's lock: by every way onto a chair, and where two records are said to be one person.
"""

from typing import Any

from bulou.basis.factset import FactSet
from bulou.basis.time import Instant
from bulou.gaps.answer import KINDS_OF_POSTS, Answer, Posts
from bulou.protocol.relations import order
from bulou.protocol.rules import Facts
from bulou.register.roles import NEVER_BOTH, answers_by_role

#: What is said to whoever would seat one person on both.
BOTH = ("审计员不得兼任系统管理员", "an auditor is never an administrator: the same person may not hold both")


def seated(facts: Facts, post: str, at: Instant) -> set[bytes]:
    """Who sits on a chair at an hour, acting holders too."""
    spans: list[list[Any]] = []
    for fact in sorted([*facts.by("post.held", "post", post), *facts.by("post.left", "post", post)], key=order):
        for span in spans:
            if (fact.kind == "post.left" and span[0] == fact.body.holder) or (fact.kind == "post.held" and not fact.body.acting):
                span[2] = min(span[2], max(fact.at, span[1]))
        if fact.kind == "post.held":
            spans.append([fact.body.holder, fact.at, at + 1 if fact.body.until is None else fact.body.until])
    return {holder for holder, start, end in spans if start <= at < end}


def role_of(facts: Facts, post: str) -> str | None:
    """The role of a chair as it was last established."""
    found = sorted(facts.by("post.established", "post", post), key=order)
    return found[-1].body.role if found else None


def both(facts: FactSet, holder: bytes, role: str, at: Instant, besides: str | None = None) -> bool:
    """Whether a person on a chair of this role would be auditor and administrator at once, by any record of the same person.

    ``besides`` is the chair that is being filled or changed: what it was before does not count.
    """
    if role not in NEVER_BOTH:
        return False
    one, other = facts.canon("person", holder), NEVER_BOTH - {role}
    held = {f.body.post for f in facts.standing("post.held") if facts.canon("person", f.body.holder) == one} - {besides}
    return any(
        role_of(facts, post) in other and one in {facts.canon("person", h) for h in seated(facts, post, at)} for post in sorted(held)
    )


def apart(facts: FactSet, people: tuple[bytes, ...], at: Instant) -> list[tuple[str, str]]:
    """The chairs (role, post) that these people hold between them, where one would be auditor and administrator; else none."""
    ones = {facts.canon("person", who) for who in people}
    held = {f.body.post for f in facts.standing("post.held") if facts.canon("person", f.body.holder) in ones}
    found = [
        (role, post)
        for post in sorted(held)
        if (role := role_of(facts, post)) in NEVER_BOTH and ones & {facts.canon("person", h) for h in seated(facts, post, at)}
    ]
    return found if {role for role, _ in found} >= NEVER_BOTH else []


def command_of(facts: FactSet, at: Instant) -> Answer:
    """Who decides what no other post may: whoever answers for command at the centre."""
    founded: list[Any] = sorted(facts.standing("centre.founded"), key=order)
    posts = Posts((f for kind in KINDS_OF_POSTS for f in facts.standing(kind)), answers_by_role())
    return posts.answering([founded[0].body.area] if founded else [], "command", at)
