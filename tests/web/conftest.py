"""One small demo for all tests of pages: loaded once, looked at and written to in transactions that are taken back."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.template.base import Template
from django.test import Client, override_settings
from django.urls import reverse

from bulou.basis.callupfacts import CallupAnswered, CallupPublished
from bulou.basis.facts import PlaceDeclared, ShiftOpened
from bulou.basis.factset import FactSet
from bulou.basis.ids import named_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.letterfacts import LetterAnswered, LetterReceived, LetterSent
from bulou.basis.ownfacts import ObjectionRaised
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.pointfacts import PointNamed
from bulou.basis.signalfacts import SignalFollowed, SignalNoted, SignalsOpened
from bulou.basis.soughtfacts import PersonSought
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock, day_of, parse_local
from bulou.basis.toldfacts import DetailTold, SymptomsTold
from bulou.desks.compare import kept, lasting, work
from bulou.desks.compare.models import Comparison
from bulou.duties.enter import enter, forget
from bulou.evidence import reader
from bulou.evidence.models import Case, Contact, Order
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre, set_clock
from bulou.lists.definitions import Definition
from bulou.register.models import Stay, User
from bulou.scenarios import demo
from tests.engine import databases
from tests.lists.made import plain
from tests.web.world import (
    CALLUP,
    FAR_SHIFT,
    LETTER_IN,
    LETTER_OUT,
    LISTED,
    NOBODY,
    OBJECTED,
    PLACE,
    POINT,
    SHIFT_ID,
    SIGNAL,
    SOURCE,
    TOKEN,
    WRITTEN,
    World,
)

#: As Django renders where no test looks on: before its test environment put a signal in between.
_RENDERS = Template._render
assert _RENDERS.__name__ == "_render"
PEOPLE = 1500
DEMO = override_settings(BULOU_DEMO=demo.SCENARIO, BULOU_DEMO_TOKEN=TOKEN)
#: A file as laboratories send them: one row right and for an unknown tube, one whose code a spreadsheet has spoilt.
FILE = "试管,结果,检测时间\nLAB-0001,阴性,2020-12-09 08:15\n2.02E+12,阴性,2020-12-09 08:20\n".encode("gb18030")
#: Two lists for the bench, of people on no register: the second leaves one out, and has one telephone otherwise; of one both have the name alone.
LISTS = (
    (
        "检测组.csv",
        "人员姓名,身份证号,手机号,所属街道,人员状态\n欧阳甲子,11010519491231002X,19900000001,白沙镇,阴性\n司马乙丑,110105194912310038,19900000002,白沙镇,\n诸葛丙寅,,,,\n合计,3,,,\n",
    ),
    ("流调组.csv", "人员姓名,证件号码,联系电话,所属街道,人员状态\n欧阳甲子,11010519491231002X,19900000009,白沙镇,阴性\n诸葛丙寅,,,,\n"),
)


def _compared(made: World) -> None:
    """One comparison of the data clerk, worked at, and handed to every post whose role opens the bench."""
    files = [SimpleUploadedFile(name, text.encode("gb18030")) for name, text in LISTS]
    assert made.ask("data", reverse("bench"), data={"files": files}).status == 302
    assert work.step(centre().clock)
    posts = {c.post for user in made.users for c in made.look(user).viewer.chairs if "compare" in c.role.sees}
    kept.hand(Comparison.objects.get(), posts)
    # What outlasts a comparison, so that its pages have something to show.
    now, look = centre().clock.now(), made.look("data")
    lasting.keep_workbook(look, "市日报.xlsx", plain([["序号", "姓名", "证件号码", "联系电话", "备注"]], "日报"), now)
    lasting.define(look, [Definition("city", "市里按报告时间", "the city counts by report time", clock="reported", cut_off="20:00")], now)
    lasting.hand(lasting.keep(look, "昨日名单", {"name": ["欧阳甲子"], "document": ["11010519491231002X"]}, now, 168), posts)


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
            sent = {"verb": "report_result", "file": SimpleUploadedFile("lab.csv", FILE)}
            assert made.taken_in("laboratory", reverse("results-import"), sent).entered == 1
            people = SimpleUploadedFile("people.csv", "人员姓名,所属街道\n试一,510117001218\n试二,火星\n".encode())
            sent = made.ask("data", reverse("imports"), data={"verb": "enrol", "file": people})
            assert sent.status == 302, sent.text
            set_clock(SetClock(Instant(opens - 30 * MINUTE)))  # what was looked at before anything is tested
            for user, url in (("tracing", "/people/people/"), ("grid", "/people/people/"), ("duty", "/search?q=王")):
                assert made.ask(user, url).status == 200
            set_clock(SetClock(opens))
            # A list for doors, on paper since then.
            sent = made.ask("taiping", reverse("doors"), data={"area": "510117001218", "what": "all", "fact_id": to_text(LISTED)})
            assert sent.status == 302, sent.text
            # And two shifts without anyone on them.
            opened = ShiftOpened(
                SHIFT_ID, "visitor", "510117001218", "太平村入户队", 20, opens, Instant(opens + 8 * HOUR), "village.510117001218"
            )
            far = opened._replace(shift=FAR_SHIFT, area="510117008", name="安靖入户队", post="town.510117008")
            shifts = [Fact(s.shift, "shift.opened", opens, None, s) for s in (opened, far)]
            enter(shifts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
            _objected(made, opens)
            _lettered(made, opens)
            _risk_point(made, opens)
            _signals(made, opens)
            _words(made, opens)
            _compared(made)
    finally:
        connections["default"] = before
        centre().clock = clock
    yield made
    with django_db_blocker.unblock():
        own.close()
    if postgres:
        databases._admin(f'DROP DATABASE "{name}" WITH (FORCE)')


def _objected(made: World, opens: Instant) -> None:
    """And an objection to the last order of the demo."""
    order = Order.objects.filter(void_seq=NEVER, over_at__gt=opens).order_by("order").last()
    assert order is not None
    body = ObjectionRaised(bytes(order.person), OBJECTED, "hotline", bytes(order.order), None, "不在场", "pidu.duty")
    fact = Fact(OBJECTED, "objection.raised", opens, bytes(order.incident), body)
    assert not enter([fact], by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def _lettered(made: World, opens: Instant) -> None:
    """And two letters of assistance: one about a contact, received and not yet answered; one that came in this morning."""
    contact = Contact.objects.filter(void_seq=NEVER).order_by("person").first()
    assert contact is not None
    person, early = bytes(contact.person), Instant(opens - 3 * HOUR)
    bodies = (
        (
            "letter.sent",
            LetterSent(person, LETTER_OUT, "乙区疾控中心", "contact", "pidu.tracing", "请找到并答复", "乙区火车站", "郫协函1", "510104"),
        ),
        ("letter.answered", LetterAnswered(person, LETTER_OUT, "receipt", "pidu.tracing")),
        (
            "letter.received",
            LetterReceived(
                LETTER_IN, "丙市疾控", "contact", "pidu.duty", "丙协12", "试某某", None, "19900000077", "郫县某小区", None, "510117001"
            ),
        ),
    )
    facts = [Fact(named_id("lettered", kind), kind, early, made.incident, body) for kind, body in bodies]
    unknown = bytes(Contact.objects.filter(void_seq=NEVER).order_by("-person").values_list("person", flat=True)[0])
    told = PersonSought(
        unknown, "红衣男,5号桌", "pidu.tracing", "某茶馆", Instant(opens - 30 * HOUR), Instant(opens - 29 * HOUR), teller="other"
    )
    facts.append(Fact(named_id("sought"), "person.sought", early, made.incident, told))
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def _signals(made: World, opens: Instant) -> None:
    """A source of signals under the incident: somebody of the register whom nobody has reached yet, and somebody whom the source only wrote."""
    zone = centre().protocol.zone
    day, until = day_of(opens, zone), Instant(opens + 10 * DAY)
    of, early = (SOURCE, "510117001218", day_of(Instant(opens - DAY), zone), until, "pidu.tracing"), Instant(opens - 2 * HOUR)
    body = SignalsOpened(
        "510117",
        SOURCE,
        "pharmacy",
        "河边药房",
        day_of(Instant(opens - 5 * DAY), zone),
        day,
        "护士随访",
        Instant(opens + 5 * DAY),
        until,
        "pidu.tracing",
    )
    person = next(
        bytes(p)
        for p in Stay.objects.filter(void_seq=NEVER, area__startswith="510117001218").order_by("-person").values_list("person", flat=True)
    )
    facts = [
        Fact(SOURCE, "signals.opened", Instant(opens - 3 * HOUR), made.incident, body),
        Fact(SIGNAL, "signal.noted", early, made.incident, SignalNoted(SIGNAL, *of, person=person, words="退热药一盒")),
        Fact(
            WRITTEN,
            "signal.noted",
            early,
            made.incident,
            SignalNoted(WRITTEN, *of, name="某甲购药", phone="13900000001", words="退热药一盒"),
        ),
        Fact(
            named_id("world", "follow"),
            "signal.followed",
            Instant(opens - HOUR),
            made.incident,
            SignalFollowed(SIGNAL, SOURCE, "unreached", "pidu.tracing"),
        ),
    ]
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def _words(made: World, opens: Instant) -> None:
    """And words about a case that differ: on where they work, and on how they were on one day."""
    case = bytes(Case.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0])
    one, two = named_id("world", "a word"), named_id("world", "another word")
    facts = [
        Fact(one, "detail.told", Instant(opens - 3 * HOUR), made.incident, DetailTold(case, "workplace", "西门菜场", "self", "stated", "pidu.tracing.1")),
        Fact(two, "detail.told", Instant(opens - 2 * HOUR), made.incident, DetailTold(case, "workplace", "东门菜场", "household", "stated", "pidu.tracing")),
        Fact(named_id("world", "a day"), "symptoms.told", opens, made.incident, SymptomsTold(case, "2020-12-06", "fever cough", "self", "pidu.tracing.1", "38.5")),
        Fact(named_id("world", "the day"), "symptoms.told", opens, made.incident, SymptomsTold(case, "2020-12-06", "cough", "household", "pidu.tracing")),
    ]  # fmt: skip
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


def _risk_point(made: World, opens: Instant) -> None:
    """And a place at which a case was on the day before, with somebody else, named a risk point and closed."""
    case, other = (bytes(m.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]) for m in (Case, Contact))
    at, until = Instant(opens - 28 * HOUR), Instant(opens - 26 * HOUR)
    facts = [
        Fact(PLACE, "place.declared", opens, None, PlaceDeclared(PLACE, "河边茶馆", "teahouse", "510117001218-8")),
        *(
            Fact(named_id("world", "visit", str(n)), "visit.recorded", at, made.incident, VisitRecorded(p, "茶馆", "stated", PLACE, None, until))
            for n, p in enumerate((case, other))
        ),
        Fact(POINT, "point.named", opens, made.incident, PointNamed(
            PLACE, POINT, at, until, "closed", "病例传染期内到过", "pidu.tracing", Instant(opens + 72 * HOUR),
        )),
        Fact(CALLUP, "callup.published", opens, made.incident, CallupPublished(
            "510117001218", CALLUP, "河边茶馆", at, until, Instant(opens + 7 * DAY), "19900000000", "有人未找到", "pidu.tracing", PLACE,
        )),
        Fact(named_id("world", "answer"), "callup.answered", opens, made.incident, CallupAnswered(other, CALLUP, "hotline", "pidu.duty", "我在场")),
    ]  # fmt: skip
    assert not enter(facts, by="t", source="t", clock=centre().clock, protocol=centre().protocol).refused


@pytest.fixture(scope="session", autouse=True)
def _written_once(django_test_environment: None) -> Iterator[None]:
    """Templates are rendered as they are for people: no test asks which of them, and keeping every context for it takes long."""
    kept, Template._render = Template._render, _RENDERS  # type: ignore[method-assign]
    yield
    Template._render = kept  # type: ignore[method-assign]


def _at_hand(world: World) -> FactSet:
    """What a process keeps at hand of the ledger that every test begins with: read once, and each test has its own copy."""
    if world.small is None:
        forget()
        world.small = reader._small_facts(world.connection, None)
        kept = reader._kept[_name(world)]
        world.small_at = (kept.seq, kept.hash)
    made = FactSet()
    made.facts, made.withdrawn = dict(world.small.facts), dict(world.small.withdrawn)
    made._index = {at: {v: list(found) for v, found in by.items()} for at, by in world.small._index.items()}
    made._standing, made._ever = dict(world.small._standing), dict(world.small._ever)
    return made


def _name(world: World) -> str:
    return f"{world.connection.alias}:{world.connection.settings_dict['NAME']}"


@pytest.fixture(autouse=True)
def _on_the_ledger(world: World, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """Every test on the same ledger at the same hour; whatever it enters is taken back."""
    before, clock = connections["default"], centre().clock
    connections["default"] = world.connection
    set_clock(SetClock(world.opens))
    try:
        with django_db_blocker.unblock():
            facts = _at_hand(world)
        forget()
        kept = reader._kept[_name(world)] = reader._Kept()
        kept.facts, (kept.seq, kept.hash) = facts, world.small_at
        with django_db_blocker.unblock(), DEMO, transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        forget()
        connections["default"] = before
        centre().clock = clock
