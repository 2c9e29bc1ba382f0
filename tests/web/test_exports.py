"""Lists that leave unmasked: only after another person of another post has let them, once, for a day, marked in every row."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import PostEstablished, PostHeld
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT
from bulou.evidence.now import NEVER
from bulou.kit import exports
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import Look
from bulou.kit.sheet import SHEETS
from bulou.register.models import Holding, Person, Stay, User
from bulou.register.roles import roles
from tests.web.world import World, fresh_id, sheet_url

#: What the data group asks for: the telephones of one village.
ASK = "/exports/ask?sheet=people&area=510117001218"


def ask(world: World, user: str = "data", url: str = ASK, **more: str) -> bytes | None:
    """Asks; the request's id, or None where it was refused."""
    before = set(CONTENT["export.requested"].objects.values_list("id", flat=True))
    world.ask(user, url, data={"purpose": "reconciling", "reason": "对表需要电话 · to call", "fact_id": fresh_id(world), **more})
    new = set(CONTENT["export.requested"].objects.values_list("id", flat=True)) - before
    return bytes(new.pop()) if new else None


def decide(world: World, user: str, id_: bytes, how: str = "grant") -> int:
    return world.ask(user, "/exports", data={"request": to_text(id_), "do": how, "reason": "核对 · checked"}).status


def take(world: World, user: str, id_: bytes) -> Any:
    return world.ask(user, "/exports", data={"request": to_text(id_), "do": "take"})


def phones() -> set[str]:
    inside = Stay.objects.filter(area__startswith="510117001218", void_seq=NEVER).values("person")
    return {p for p in Person.objects.filter(person__in=inside, void_seq=NEVER).values_list("phone", flat=True) if p}


def test_a_file_of_many_or_with_telephones_leaves_masked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for user in ("data", "tracing", "duty"):
        for area in ("", "510117001218"):
            seen = world.get(user, sheet_url(SHEETS["people"], csv=True, **({"area": area} if area else {})))
            assert seen.status == 200
            assert not phones() & seen.tokens
            assert "masked" in seen.headers["Content-Disposition"]
    few = sheet_url(SHEETS["contacts"], csv=True)
    assert "masked" not in world.get("tracing", few).headers["Content-Disposition"], "a short list of names is work, not bulk"
    monkeypatch.setattr(exports, "MANY", 3)
    assert "masked" in world.ask("tracing", few).headers["Content-Disposition"]
    assert phones() & world.get("tracing", sheet_url(SHEETS["people"], area="510117001218")).tokens, "on the page they see them"


def test_two_people_let_a_list_leave_once(world: World) -> None:
    id_ = ask(world)
    assert id_
    assert take(world, "data", id_).status == 422, "nobody has decided"
    assert decide(world, "commander", id_) == 302
    assert decide(world, "duty", id_) == 422, "it is decided"
    assert take(world, "duty", id_).status == 422, "another's"
    before = Look.objects.order_by("-number").values_list("number", flat=True)[0]
    file = take(world, "data", id_)
    assert file.status == 200
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert phones() & file.tokens
    number = to_text(id_)[-12:]
    assert len(rows) > 10
    assert all(row[-1].startswith("data · ") and row[-1].endswith(number) for row in rows)
    assert number in file.headers["Content-Disposition"]
    look = Look.objects.get(number__gt=before)
    assert (bytes(look.export or b""), look.purpose, look.page) == (id_, "reconciling", "exports")
    assert look.n >= len(rows) - 1
    assert "phone" in look.bare
    assert take(world, "data", id_).status == 422, "once"
    assert CONTENT["export.taken"].objects.filter(request=id_).count() == 1


def test_nobody_decides_their_own(world: World) -> None:
    """Nor a second account in the same chair, nor one person in two chairs, nor the administrator, nor who audits."""
    id_ = ask(world, "duty")
    assert id_
    assert decide(world, "duty", id_) == 422
    post = Holding.objects.filter(holder=User.objects.get(username="duty").holder, void_seq=NEVER).values_list("post", flat=True)[0]
    second, at = named_id("second"), Instant(world.opens - HOUR)
    enter(
        [Fact(new_id(at), "post.held", at, None, PostHeld(post, second))], by="test", source="test", clock=centre().clock,
        protocol=centre().protocol,
    )  # fmt: skip
    User.objects.create_user("second", holder=second)
    look = world.look("second")
    if look.viewer.may("decide_export"):
        with pytest.raises(exports.Refused):
            exports.do(exports.DECIDE, look, {"request": id_, "granted": True, "account": "second", "reason": "x", "until": None})
    own = User.objects.get(username="duty").holder
    enter(
        [Fact(new_id(at), "post.established", at, None, PostEstablished("two", "commander", "510117", "二", "two", "二", "two")),
         Fact(new_id(at), "post.held", at, None, PostHeld("two", own))], by="test", source="test", clock=centre().clock, protocol=centre().protocol,
    )  # fmt: skip
    assert decide(world, "duty", id_) == 422
    assert not CONTENT["export.decided"].objects.filter(request=id_).exists()
    for role in ("administrator", "auditor"):
        assert not {"ask_export", "decide_export", "take_export"} & roles()[role].verbs
    assert world.ask("administrator", "/exports").status == 404
    # Who audits reads who asked and who let it leave, and does neither: no button there, and nothing that is sent is heard.
    read = world.ask("auditor", "/exports")
    assert read.status == 200
    assert 'name="do"' not in read.text
    for how in ("grant", "refuse", "take"):
        assert decide(world, "auditor", id_, how) == 404, how
    assert not CONTENT["export.decided"].objects.filter(request=id_).exists()


def test_a_grant_lapses_and_a_refusal_stands(world: World) -> None:
    id_, other = ask(world), ask(world)
    assert id_
    assert other
    assert decide(world, "commander", other, "refuse") == 302
    assert take(world, "data", other).status == 422
    assert decide(world, "commander", id_) == 302
    set_clock(SetClock(Instant(world.opens + exports.OPEN)))
    assert take(world, "data", id_).status == 422
    assert "已过期" in take(world, "data", id_).text


def test_what_was_tried_and_refused_is_written_down(world: World) -> None:
    id_ = ask(world)
    assert id_
    before = Look.objects.count()
    assert take(world, "data", id_).status == 422
    tried = Look.objects.order_by("-number").first()
    assert Look.objects.count() == before + 1
    assert tried
    assert (tried.account, tried.page, tried.n) == ("data", "exports", 0)
    assert tried.address.endswith("#refused")


def test_a_request_names_nobody_and_gives_its_reason(world: World) -> None:
    assert ask(world, url=ASK + "&q=王小明") is None
    assert ask(world, reason="") is None
    assert ask(world, purpose="curiosity") is None
    assert ask(world, "laboratory") is None
    assert world.ask("data", "/exports/ask?sheet=tubes").status == 404, "it names nobody: nothing to ask for"
    assert reverse("exports") == "/exports"


def test_a_file_that_forgets_to_mask_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: every file is taken for a small one."""
    monkeypatch.setattr("bulou.kit.sheetpages.bulk", lambda listed: False)
    monkeypatch.setattr(world, "seen", {})
    with pytest.raises(AssertionError):
        test_a_file_of_many_or_with_telephones_leaves_masked(world, monkeypatch)
