"""One small demo for all tests of pages: loaded once, looked at and written to in transactions that are taken back."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.test import Client, override_settings
from django.urls import reverse

from bulou.basis.time import SetClock, parse_local
from bulou.duties.enter import forget
from bulou.kit.centre import centre, set_clock
from bulou.register.models import User
from bulou.scenarios import demo
from tests.engine import databases
from tests.web.world import NOBODY, TOKEN, World

PEOPLE = 1500
DEMO = override_settings(BULOU_DEMO=demo.SCENARIO, BULOU_DEMO_TOKEN=TOKEN)
#: A file as laboratories send them: one row right and for an unknown tube, one whose code a spreadsheet has spoilt.
FILE = "试管,结果,检测时间\nLAB-0001,阴性,2020-12-09 08:15\n2.02E+12,阴性,2020-12-09 08:20\n".encode("gb18030")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: pytest.FixtureDef) -> Iterator[World]:
    """The ledger of the demo at the hour at which its board opens, with everyone signed in."""
    postgres = databases.vendor() == "postgresql"
    name = f"bulou_web_{uuid.uuid4().hex[:10]}" if postgres else str(tmp_path_factory.mktemp("web") / "demo.sqlite3")
    before = connections["default"]
    if postgres:
        databases._admin(f'CREATE DATABASE "{name}"')
    own = type(before)({**copy.deepcopy(before.settings_dict), "NAME": name}, "default")
    opens = parse_local("2020-12-09 09:00", settings.BULOU_ZONE)
    clock = centre().clock
    connections["default"] = own
    try:
        with django_db_blocker.unblock(), DEMO:
            set_clock(SetClock(opens))
            demo.load(lambda step, done, of: None, PEOPLE)
            made = World(name, own, opens)
            User.objects.create_user(NOBODY)
            for user in User.objects.order_by("pk"):
                client = Client()
                client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
                made.sessions[user.username] = client.cookies[settings.SESSION_COOKIE_NAME].value
            sent = made.ask("laboratory", reverse("results-import"), data={"file": SimpleUploadedFile("lab.csv", FILE)})
            assert sent.status == 302, sent.text
    finally:
        connections["default"] = before
        centre().clock = clock
    yield made
    with django_db_blocker.unblock():
        own.close()
    if postgres:
        databases._admin(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def _on_the_ledger(world: World, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """Every test on the same ledger at the same hour; whatever it enters is taken back."""
    before, clock = connections["default"], centre().clock
    connections["default"] = world.connection
    set_clock(SetClock(world.opens))
    try:
        with django_db_blocker.unblock(), DEMO, transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        forget()
        connections["default"] = before
        centre().clock = clock
