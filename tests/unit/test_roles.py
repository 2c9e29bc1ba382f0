"""Roles are data: what they name exists, and an auditor does nothing."""

from __future__ import annotations

from dataclasses import replace

from bulou.basis.kinds import KINDS
from bulou.kit.page import PAGES
from bulou.kit.verb import VERBS
from bulou.protocol.read import shipped
from bulou.register.roles import Role, masked, roles
from bulou.web.shell import DESK_WORDS

MANNERS = {f.mask for k in KINDS.values() for f in k.fields if f.mask}


def unknown(role: Role) -> list[str]:
    """What a role names that is not there."""
    found = [f"verb {v}" for v in role.verbs if v not in VERBS]
    found += [f"desk {d}" for d in role.sees if d not in DESK_WORDS]
    found += [f"field {m}" for m in role.unmasked if m not in MANNERS]
    answers = {r.answers for e in shipped().values() for r in e.rules} | {"town", "village", "grid", "household"}
    return found + [f"work {a}" for a in role.answers if a not in answers]


def test_roles_name_what_exists() -> None:
    assert not {code: found for code, role in roles().items() if (found := unknown(role))}


def test_a_role_that_names_what_is_not_there_is_found() -> None:
    one = next(iter(roles().values()))
    assert unknown(one._replace(verbs=one.verbs | {"adopt_everything"})) == ["verb adopt_everything"]
    assert unknown(one._replace(sees=one.sees | {"kitchen"})) == ["desk kitchen"]


def test_every_verb_has_a_role_that_may_do_it() -> None:
    assert not [v for v in VERBS if not any(v in r.verbs for r in roles().values())]


def test_every_work_that_a_rule_asks_for_is_answered_by_a_role() -> None:
    answered = {a for r in roles().values() for a in r.answers}
    assert not {r.id for e in shipped().values() for r in e.rules if r.answers not in answered}


def test_an_auditor_does_nothing_and_sees_everything_masked() -> None:
    auditor = roles()["auditor"]
    assert not auditor.verbs
    assert not auditor.unmasked
    assert masked("name", "张小明") == "张**"


def closed(role: Role) -> list[str]:
    """Pages of a role's verbs that it would be led to by a duty and that do not open to it."""
    pages = [(v, PAGES[VERBS[v].page]) for v in sorted(role.verbs) if v in VERBS and VERBS[v].page in PAGES]  # type: ignore[index]  # those that have one
    return [v for v, p in pages if not p.open and p.verb is None and p.desk not in (*role.sees, "kit", "shell")]


def test_whoever_may_do_something_opens_its_page() -> None:
    assert not {code: found for code, role in roles().items() if (found := closed(role))}


def test_a_page_that_does_not_open_to_whoever_is_led_there_is_found() -> None:
    """The planted page: for a verb, and not said so."""
    page, role = PAGES["sample-take"], roles()["isolation_lead"]
    PAGES["sample-take"] = replace(page, verb=None)
    try:
        assert closed(role) == ["take_sample"]
    finally:
        PAGES["sample-take"] = page
