"""Roles are data: what they name exists, and an auditor does nothing."""

from __future__ import annotations

from bulou.basis.kinds import KINDS
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
