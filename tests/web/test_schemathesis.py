"""Anything that fits the description, and much that does not, is sent to every route as several roles: no failure, and every answer as described.

In the same order with the same examples each time, without a network: the site is called in this process. ``BULOU_EXAMPLES`` says how
many examples each route is given (``.ci/run``: more than a plain ``pytest``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import JsonResponse
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from bulou.exercise.client import one_process
from bulou.kit import httplists
from bulou.kit.answers import ROOT
from bulou.kit.centre import centre
from bulou.kit.verb import SHOWN_FIRST
from bulou.register import tokens
from bulou.register.models import User
from tests.run import drawn
from tests.web.test_httpconfirm import PIN
from tests.web.world import World

CHECKS: tuple[Any, ...] = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = int(os.environ.get("BULOU_EXAMPLES", "1"))
USERS, SIGNERS = ("tracing", "grid", "auditor"), ("administrator", "commander", "sampling", "data")
#: What does not fit takes long to think of: it is sent by `.ci/run` alone.
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if EXAMPLES > 1 else (GenerationMode.POSITIVE,)


@pytest.fixture
def app() -> Iterator[Callable[..., Any]]:
    """The site as a server calls it, on the connection of the test: it is not closed between two requests."""
    with one_process():
        yield WSGIHandler()


def described(app: Any, headers: dict[str, str]) -> Any:
    return schemathesis.openapi.from_wsgi(f"{ROOT}openapi.json", app, headers=headers)


def failures(world: World, app: Any, user: str, only: Callable[[str], bool], mode: GenerationMode, examples: int) -> tuple[list[str], int]:
    """What is wrong with the answers to a user; what they enter is taken back."""
    verbs = sorted(world.look(user).viewer.verbs)
    token = tokens.make(User.objects.get(username=user), "desk", verbs, 30, centre().clock.now(), PIN)
    headers = {"Authorization": f"Bearer {token}", "X-Pin": PIN}
    found: list[str] = []
    sent = 0
    for result in described(app, headers).get_all_operations():
        operation = result.ok()
        if not only(operation.path):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=examples, phases=[Phase.generate], database=None, deadline=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def each(case: Any) -> None:
            nonlocal sent
            sent += 1
            with transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)
            try:
                case.validate_response(response, checks=list(CHECKS))
            except (Exception, BaseExceptionGroup) as wrong:  # every one is told, not the first alone
                found.append(f"{user} {case.method} {case.path} {response.status_code}: {wrong}"[:600])

        each()
    return found, sent


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("user", drawn(USERS, "tracing") if EXAMPLES == 1 else USERS)
def test_nothing_sent_fails_and_every_answer_is_as_described(
    world: World, app: Any, user: str, mode: GenerationMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bulou.register.tokens.MOST_A_MINUTE", 10**9)
    found, sent = failures(world, app, user, lambda path: True, mode, EXAMPLES)
    assert sent > 100
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("user", drawn(SIGNERS, "administrator") if EXAMPLES == 1 else SIGNERS)
def test_what_is_shown_first_fails_for_nobody_who_may_do_it(world: World, app: Any, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulou.register.tokens.MOST_A_MINUTE", 10**9)
    theirs = {f"{ROOT}verbs/{v}" for v in SHOWN_FIRST & world.look(user).viewer.verbs}
    found, sent = failures(world, app, user, lambda path: path in theirs, GenerationMode.POSITIVE, EXAMPLES * 2)
    assert sent >= len(theirs) > 0
    assert not found, "\n".join(found[:20])


def test_an_answer_that_fails_or_is_otherwise_is_caught(world: World, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a list that answers with something else, and one that breaks."""
    one = lambda path: path == f"{ROOT}lists/people"  # noqa: E731
    monkeypatch.setattr(httplists, "list_", lambda request, sheet: JsonResponse({"rows": "none"}))
    assert failures(world, app, "tracing", one, GenerationMode.POSITIVE, 1)[0]
    monkeypatch.setattr(httplists, "list_", lambda request, sheet: JsonResponse({}, status=500))
    assert failures(world, app, "tracing", one, GenerationMode.POSITIVE, 1)[0]
