"""The crawl: every role, and those without one, over every address that the site resolves, with ids of their own area and of others.

Walks the resolver, so that a page, a list, a file or a route of an interface that is added later is crawled without being named here.
Nothing fails; nobody is shown a person of another area, a field that their role does not see, or that something exists elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, clear_url_caches, get_resolver, path

from bulou.basis.facts import PostEstablished, PostHeld, PostLeft
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, Instant
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Case, Contact, Envelope, Order, Tube, Zone
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.files import FORMS
from bulou.kit.page import PAGES
from bulou.kit.sheet import SHEETS, Col
from bulou.kit.verb import VERBS
from bulou.register.models import Household, Person, Stay, User
from bulou.register.roles import roles
from bulou.register.scope import Viewer, standing
from bulou.web import urls as site
from tests.run import drawn, thorough
from tests.web.test_scope import Raw
from tests.web.world import FAR_SHIFT, NEGATIVE_POOL, NOBODY, POOL, SHIFT_ID, Seen, World

#: Where the crawlers' posts are, and where everything happened that is none of their business.
HERE, THERE = "510117008", "510117001218"
#: Nobody in particular: without an account, suspended, without a post, and with one that ended yesterday.
NONE = ("anonymous", "suspended", "nobody", "past")
EVERYONE = (*roles(), *NONE)
#: The quick run asks as those who differ most; the run before landing asks as everyone.
WHO = drawn(EVERYONE, "anonymous", "nobody")
#: What stands outside the areas on purpose: a zone is a public notice, a figure and a language are nobody's.
PUBLIC = frozenset({"zone", "figure", "figure-message", "language", "incident-choose", "edition"})
#: In a demo alone: whoever opens them becomes someone, or moves the time.
DEMO_ONLY = frozenset({"demo-people", "demo-start", "demo-clock"})


# --- what there is to ask ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Address:
    """A route of the resolver with the names of its arguments."""

    name: str
    route: str
    arguments: tuple[str, ...]


_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


def addresses(patterns: Any = None, before: str = "") -> Iterator[Address]:
    """Every route there is, whoever declared it."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield Address(one.name or "", route, tuple(a or b for a, b in _ARGUMENT.findall(route)))


def spelt(address: Address, values: dict[str, str]) -> str:
    """A route with its arguments filled in; a name that nobody knows is tried as a person."""
    said = _ARGUMENT.sub(lambda m: values.get(m[1] or m[2], values["person"]), address.route)
    return "/" + re.sub(r"[\^$]|\\[AZ]|\\(?=[./-])", "", said)


@lru_cache
def things(area: str) -> list[dict[str, str]]:
    """What an area holds, by the names that arguments have: two sets, the second with a case and a fact of another kind."""
    people = [
        bytes(p) for p in Stay.objects.filter(area__startswith=area, void_seq=NEVER).order_by("person").values_list("person", flat=True)
    ]
    one = people[0]
    case = Case.objects.filter(void_seq=NEVER, person__in=people).order_by("person").values_list("person", flat=True).first()
    contact = Contact.objects.filter(void_seq=NEVER, person__in=people).order_by("person").values_list("person", flat=True).first()
    tube = Tube.objects.filter(void_seq=NEVER, area__startswith=area).order_by("tube").values_list("tube", flat=True)[0]
    other = POOL if area == HERE else NEGATIVE_POOL  # the synthetic pool, and one of people elsewhere
    duty = list(Duty.objects.filter(void_seq=NEVER, area__startswith=area).order_by("id").values_list("id", flat=True)[:2]) or [1]
    enrolled = CONTENT["person.enrolled"].objects.filter(person=one).values_list("id", flat=True)[0]
    taken = CONTENT["sample.taken"].objects.filter(person__in=people).order_by("id").values_list("id", flat=True).first() or enrolled
    house = Household.objects.filter(void_seq=NEVER, area__startswith=area).order_by("household").values_list("household", flat=True)[0]
    order = Order.objects.filter(void_seq=NEVER, person__in=people).order_by("order").values_list("order", flat=True).first() or one
    zone = Zone.objects.filter(void_seq=NEVER).order_by("zone").values_list("zone", flat=True)[0]
    same = {
        "household": to_text(house),
        "order": to_text(order),
        "zone": to_text(zone),
        "area": area,
        "code": "en",
        "token": "no",
        "shift": to_text(FAR_SHIFT if area == HERE else SHIFT_ID),
        "post": f"town.{area}" if area == HERE else "grid.510117001218",
        "edition": "covid19/cn-7",
        "name": "infections",
    }
    return [
        {**same, "person": to_text(one), "tube": tube, "number": str(duty[0]), "fact": to_text(enrolled)},
        {**same, "person": to_text(case or contact or people[-1]), "tube": other, "number": str(duty[-1]), "fact": to_text(taken)},
        {**same, "person": to_text(contact or people[1]), "tube": tube, "number": str(duty[0]), "fact": to_text(enrolled)},
    ]


def urls(address: Address, viewer: Viewer, here: bool) -> list[str]:
    """A route at each of the things of an area; what takes no argument once, narrowed to them in its query."""
    values = things(HERE if here else THERE)
    if address.name == "do":
        verbs = [v for v in VERBS if viewer.may(v)] + [v for v in VERBS if not viewer.may(v)][:2]
        return [spelt(address, {**values[0], "name": verb}) + _query(values[i % 3], verb) for i, verb in enumerate(verbs)]
    made = [spelt(address, v) for v in (values if thorough() else values[:2])]
    if not address.arguments:
        v = values[1]
        query = f"?person={v['person']}&met={v['person']}&tube={v['tube']}&area={v['area']}&ring=close&order={v['order']}&q={_name(v['person'])}"
        made = [made[0] + query]
    return list(dict.fromkeys(made))


def _query(values: dict[str, str], verb: str) -> str:
    fields = KINDS[VERBS[verb].kind].fields
    return "?" + "&".join(f"{f.name}={values['person' if f.ref == 'any' else f.ref]}" for f in fields if f.ref in (*values, "any"))


def _name(person: str) -> str:
    return Person.objects.filter(person=bytes.fromhex(person.replace("-", "")), void_seq=NEVER).values_list("name", flat=True)[0]


# --- who asks ---------------------------------------------------------------------------------------------------------
@dataclass
class Crawler:
    """Someone who asks for everything."""

    who: str
    viewer: Viewer
    client: Client
    session: str = ""

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False  # what fails is told with everything else
        kept = self.client.cookies.get(settings.SESSION_COOKIE_NAME)
        self.session = kept.value if kept else ""


def crawler(world: World, who: str) -> Crawler:
    """Someone with a post of this role in a town, or without any. Made in the test's own transaction."""
    if who == "anonymous":
        return Crawler(who, world.look(NOBODY).viewer, world.client(None))
    if who == "nobody":
        return Crawler(who, world.look(NOBODY).viewer, world.client(NOBODY))
    holder, post = named_id("crawler", who), f"crawl-{who}"
    role = who if who in roles() else "data_clerk"
    at = Instant(world.opens - 2 * DAY)
    facts = [
        Fact(new_id(at), "post.established", at, None, PostEstablished(post, role, HERE, "爬行岗", "crawling post", "爬行组", "crawlers")),
        Fact(new_id(at), "post.held", at, None, PostHeld(post, holder)),
    ]
    if who == "past":
        facts.append(Fact(new_id(at), "post.left", Instant(world.opens - DAY), None, PostLeft(post, holder)))
    enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    user = User.objects.create_user(f"crawl-{who}", holder=holder)
    client = Client()
    client.handler = world.handler
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if who == "suspended":
        User.objects.filter(pk=user.pk).update(is_active=False)
    look = world.look(user.username)
    return Crawler(who, look.viewer, client)


# --- what must not be -------------------------------------------------------------------------------------------------
@dataclass
class Secrets:
    """What no page may say: of people elsewhere to anyone here, and of anyone in a field that a role does not see."""

    elsewhere: frozenset[str]
    #: Ids of everyone who stays elsewhere, as addresses spell them.
    ids: frozenset[str]
    by_manner: dict[str, frozenset[str]]
    #: Names of places and words that are somebody's name by chance.
    chance: frozenset[str] = field(default_factory=frozenset)

    def of(self, viewer: Viewer) -> frozenset[str]:
        unseen = [values for manner, values in self.by_manner.items() if manner not in viewer.unmasked]
        return frozenset().union(self.elsewhere, *unseen) - self.chance


@pytest.fixture(scope="module")
def kept() -> dict[str, Secrets]:
    return {}


@pytest.fixture
def secrets(world: World, kept: dict[str, Secrets]) -> Secrets:
    if "one" not in kept:
        raw = Raw()
        chance = world.get("commander", "/people/areas.csv").tokens | world.get(NOBODY, "/about").tokens
        by_manner = {m: frozenset(getattr(raw, m).values()) for m in ("name", "phone", "document", "address")}
        by_manner["document"] |= frozenset(raw.born.values())
        inside = {p for p, area in raw.area.items() if (area or "").startswith(HERE)}
        elsewhere = frozenset(v for m in (raw.name, raw.phone, raw.document) for p, v in m.items() if p not in inside)
        elsewhere -= {raw.name[p] for p in inside if p in raw.name}
        days = frozenset(f"2020-{month}-{day:02}" for month in (11, 12) for day in range(1, 32))
        kept["one"] = Secrets(elsewhere, frozenset(to_text(p) for p in raw.area if p not in inside), by_manner, chance | days)
    return kept["one"]


def asked(world: World, by: Crawler, url: str, data: dict[str, str] | None = None) -> Seen:
    """An answer; what it did is taken back, but not who asks."""
    by.client.cookies[settings.SESSION_COOKIE_NAME] = by.session  # signing out, choosing an incident: taken back too
    with transaction.atomic():
        seen = world.ask(None, url, data=data, client=by.client)
        transaction.set_rollback(True)
    by.client.cookies.clear()
    return seen


def typed(url: str) -> frozenset[str]:
    """What the asker has said themselves is no secret from them."""
    found = re.search(r"[?&]q=([^&]*)", url)
    return frozenset({found[1]}) if found else frozenset()


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def wrong(seen: Seen, by: Crawler, address: Address, secrets: Secrets, *, here: bool) -> list[str]:
    """What is wrong with an answer to this crawler."""
    found, secret = [f"status {seen.status}"] if seen.status >= 500 else [], secrets.of(by.viewer)
    if address.name.startswith(
        ("sheet-", "list-", "row-")
    ):  # a page of one's own person may lead to whom they met; a list has rows of one's own alone
        found += [
            f"lists {id_}, who is elsewhere"
            for id_ in sorted((set(_UUID.findall(seen.text)) - set(_UUID.findall(seen.url))) & secrets.ids)[:3]
        ]
    found += [f"says {s}" for s in sorted((seen.tokens & secret) - typed(seen.url))[:3]]
    open_ = address.name in OPEN_PAGES or address.route.startswith("accounts/")
    if by.who in ("anonymous", "suspended"):
        if not (open_ or seen.signs_in or seen.status in (400, 401, 403, 404, 405)):
            found.append(f"status {seen.status} for a stranger")
    elif by.who in ("nobody", "past") and not open_ and address.name not in SHELL and seen.status not in (401, 403, 404, 405):
        found.append(f"status {seen.status} for someone without a post")
    elif not here and address.arguments and not open_ and address.name not in (PUBLIC | {"do"}) and seen.status not in (401, 403, 404, 405):
        found.append(f"status {seen.status} for what lies elsewhere")
    return found


#: Open to whoever has a link of their own; a link that is none says so to everyone alike.
BY_LINK = frozenset({"founding", "welcome", "join", "own"})
#: ``pass-keys``: whoever reads a pass has its public keys; it tells nothing of anyone. ``notices``: what is called up in public.
OPEN_PAGES = frozenset({"about", "language", "pass-keys", "notices", *DEMO_ONLY, *BY_LINK})
SHELL = frozenset(
    {
        "home",
        "live",
        "moment",
        "moment-now",
        "search",
        "purpose",
        "tokens",
        "sheet-mine",
        "incident-choose",
        "founded",
        "held",
        "my-posts",
        "on-shift",
        *(f"{f}-mine" for f in FORMS),
    }
)


def crawl(world: World, by: Crawler, secrets: Secrets, only: Callable[[Address], bool] = lambda a: True) -> tuple[list[str], int]:
    """Everything that is wrong with what someone is answered, wherever they ask; and how often they asked."""
    found, n = [], 0
    before = Envelope.objects.count()
    for address in dict.fromkeys(addresses()):
        if address.name in DEMO_ONLY or not only(address):
            continue
        for here in (True,) if address.route.startswith("accounts/") else (True, False):  # asked again they say: too many requests
            those = urls(address, by.viewer, here)
            for url in those if by.who in roles() else those[:1]:
                n += 1
                found += [f"{by.who} GET {url}: {w}" for w in wrong(asked(world, by, url), by, address, secrets, here=here)]
                if not here and (url == those[0] or address.name == "do"):
                    n += 1
                    seen = asked(world, by, url, {**things(THERE)[1], "reason": "x", "fact_id": to_text(new_id(world.opens))})
                    found += [f"{by.who} POST {url}: {w}" for w in wrong(seen, by, address, secrets, here=here)]
    assert Envelope.objects.count() == before
    return found, n


@pytest.mark.parametrize("who", WHO)
def test_nobody_is_shown_what_is_not_theirs(world: World, secrets: Secrets, who: str) -> None:
    found, n = crawl(world, crawler(world, who), secrets)
    assert n > 150
    assert not found, "\n".join(found[:40])


# --- that it can fail -------------------------------------------------------------------------------------------------
@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Any], None]]:
    """Puts an address into the site that nobody declared."""

    def plant(route: str, view: Any) -> None:
        monkeypatch.setattr(site, "urlpatterns", [*site.urlpatterns, path(route, view, name="planted")])
        clear_url_caches()

    yield plant
    monkeypatch.undo()
    clear_url_caches()


def _only(*names: str) -> Callable[[Address], bool]:
    return lambda address: address.name in names


def test_a_view_without_scope_is_caught(world: World, secrets: Secrets, planted: Callable[[str, Any], None]) -> None:
    """Planted: a page that anyone who knows an id may open, unknown to every registry."""

    def view(request: HttpRequest, person: str) -> HttpResponse:
        row = Person.objects.filter(person=bytes.fromhex(person.replace("-", "")), void_seq=NEVER)[0]
        return HttpResponse(f"{row.name} {row.phone}")

    planted("planted/<str:person>", view)
    for who in ("grid_officer", "nobody", "anonymous"):
        found, n = crawl(world, crawler(world, who), secrets, _only("planted"))
        assert n >= 2
        assert any("GET /planted/" in f and "says" in f for f in found), who
        assert any("status 200" in f for f in found), who


def test_a_list_without_scope_is_caught_though_its_names_are_masked(
    world: World, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = SHEETS["people"]
    monkeypatch.setitem(SHEETS, "people", replace(people, rows=lambda look: standing(Stay, look.seq), narrows=(), order="since"))
    found, _n = crawl(world, crawler(world, "grid_officer"), secrets, _only("sheet-people"))
    assert any("who is elsewhere" in f for f in found)


def test_a_list_without_masks_is_caught(world: World, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    people = SHEETS["people"]
    raw = Col("phone", people.columns[3].word, lambda r, k: r.phone or "")
    monkeypatch.setitem(SHEETS, "people", replace(people, columns=(*people.columns[:3], raw)))
    auditor = crawler(world, "auditor")
    for name in ("sheet-people", "csv-people"):
        found, _n = crawl(world, auditor, secrets, _only(name))
        assert any("says" in f for f in found), name
    assert not crawl(world, crawler(world, "town_lead"), secrets, _only("sheet-people"))[0], "who may see phones"


def test_a_page_that_fails_is_caught(world: World, secrets: Secrets, planted: Callable[[str, Any], None]) -> None:
    planted("planted/<int:number>", lambda request, number: 1 / 0)
    found, _n = crawl(world, crawler(world, "data_clerk"), secrets, _only("planted"))
    assert any("status 500" in f for f in found)


def test_the_crawl_finds_every_page_list_and_file(world: World) -> None:
    names = {a.name for a in addresses()}
    assert set(PAGES) | {f"sheet-{s}" for s in SHEETS} | {f"csv-{s}" for s in SHEETS} <= names
    assert {f"{kind}-{s}" for kind in ("list", "row") for s in SHEETS} | {"openapi"} <= names
    assert "account_login" in names
