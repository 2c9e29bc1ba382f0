"""The demo's ledger as tests of pages see it: who may sign in, what there is to open, and what a page said. Enters nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse

from bulou.basis.factset import FactSet
from bulou.basis.ids import from_text, named_id, new_id, subject_text, to_text
from bulou.basis.kinds import KINDS
from bulou.basis.time import Instant
from bulou.desks.command.figures import FIGURES
from bulou.desks.compare import kept
from bulou.desks.compare.deciding import Point, points
from bulou.desks.compare.models import CityWorkbook, Comparison
from bulou.desks.tracing.indicators import INDICATORS
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Case, Contact, Incident, Order, Tube, Zone
from bulou.evidence.now import NEVER
from bulou.kit.bulk import fits
from bulou.kit.centre import centre
from bulou.kit.importing import imports
from bulou.kit.looking import Looking, Moment, moment_now
from bulou.kit.models import ImportReceipt, Look
from bulou.kit.page import PAGES, Page
from bulou.kit.roundtrip import editable
from bulou.kit.sheet import SHEETS, Sheet
from bulou.kit.verb import VERBS, Verb
from bulou.register.models import Household, Stay, User
from bulou.register.scope import viewer
from tests.run import thorough

#: The synthetic pool that turned positive twenty minutes before the board opens, and one of ten that was read negative.
POOL, NEGATIVE_POOL = "AJ09-007", "TP08-001"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
#: Someone who may sign in and holds no post, beside the fifteen users of the demo.
NOBODY = "nobody"
TOKEN = "token-of-the-demo"


class Reading(HTMLParser):
    """What a page says and is made of: its texts, its attributes that people hear or see, and what the strict policy forbids."""

    SAID = frozenset({"aria-label", "title", "placeholder", "alt", "data-label", "data-key-label"})
    SILENT = frozenset({"script", "style"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language = ""
        self.title = ""
        self.h1: list[str] = []
        self.texts: list[str] = []
        self.said: list[str] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        #: Texts and states by row: a row of a table, an item of a list.
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.inline.append("script without src")
        if tag == "style" or "style" in given:
            self.inline.append(f"style in {tag}")
        self.inline += [f"{name} in {tag}" for name in given if name.startswith("on")]
        self.inline += [f"javascript: in {tag}" for value in given.values() if value.strip().lower().startswith("javascript:")]
        self.said += [value for name, value in given.items() if value and (name in self.SAID or name.startswith("data-head-"))]
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("tr", "li"):
            self._rows.append([])
            self.rows.append(self._rows[-1])
        for row in self._rows:
            row += [f"state:{given['data-state']}"] if "data-state" in given else []
            row += [f"href:{given['href']}"] if "href" in given else []
        if tag == "h1":
            self.h1.append("")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag in ("tr", "li") and self._rows:
            self._rows.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or (self._open and self._open[-1] in self.SILENT):
            return
        if "title" in self._open:
            self.title += text
            return
        if "h1" in self._open:
            self.h1[-1] += text
        self.texts.append(text)
        for row in self._rows:
            row.append(text)


_SHAPES = re.compile(r"(?=([\u4e00-\u9fff]{3}))|(000\d{8})|(SYN\d{7})|(\d{4}-\d{2}-\d{2})|(?<!\d)(\d+号\d单元\d+)")
_VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "use", "source", "wbr", "col", "area", "base", "embed", "track"})


@dataclass
class Seen:
    """An answer of the site."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    @cached_property
    def read(self) -> Reading:
        return Reading(self.text)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Everything on the page that has the shape of a name, a phone, a document, a day or an address of the made-up register."""
        return frozenset(m for found in _SHAPES.findall(self.text) for m in found if m)

    @property
    def opened(self) -> bool:
        return self.status in (200, 302)

    @property
    def signs_in(self) -> bool:
        return self.status == 302 and self.headers["Location"].startswith(reverse("account_login"))


@dataclass
class World:
    """The ledger with its users. What was only looked at is remembered: every test starts from the same ledger."""

    name: str
    connection: Any
    opens: Instant
    sessions: dict[str, str] = field(default_factory=dict)
    seen: dict[tuple[str | None, str, str], Seen] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)
    handler: ClientHandler = field(default_factory=lambda: Client().handler)
    #: The facts of small kinds of the ledger as every test finds it, and the entry up to which they are.
    small: FactSet | None = None
    small_at: tuple[int, bytes] = (0, b"")

    def taken_in(self, user: str, url: str, data: Mapping[str, Any]) -> ImportReceipt:
        """A file that was handed in, its columns as they were recognised, checked and entered."""
        answer = self.ask(user, url, data=data)
        assert answer.status == 302, answer.text
        at = answer.headers["Location"]
        receipt = ImportReceipt.objects.get(pk=int(at.rstrip("/").rsplit("/", 1)[-1]))
        if receipt.state == "mapping":
            columns = {f"column-{name}": str(i) for name, i in receipt.mapping.items()}
            for do in ({"do": "columns", **columns}, {"do": "enter"}):
                pressed = self.ask(user, at, data=do)
                assert pressed.status == 302, (do, pressed.text)
        receipt.refresh_from_db()
        return receipt

    # --- asking -------------------------------------------------------------------------------------------------------
    def client(self, user: str | None, language: str = "zh") -> Client:
        made = Client()
        made.handler = self.handler  # one stack of middleware for all: each looks through the static files when it is made
        made.cookies[settings.LANGUAGE_COOKIE_NAME] = LANGUAGES[language]
        if user is not None:
            made.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[user]
        return made

    def ask(self, user: str | None, url: str, language: str = "zh", *, data: Any = None, client: Client | None = None) -> Seen:
        """Asks the site, now; with ``data`` it is sent as a form."""
        by = client or self.client(user, language)
        answer = by.get(url) if data is None else by.post(url, data)
        headers = dict(answer.items())
        if headers.get("Content-Type", "").startswith("text/event-stream"):
            return Seen(url, answer.status_code, headers, "")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return Seen(url, answer.status_code, headers, body.decode(errors="replace"))  # a workbook is no text

    def get(self, user: str | None, url: str, language: str = "zh") -> Seen:
        """The same, remembered: only for tests that have entered nothing."""
        key = (user, language, url)
        if key not in self.seen:
            with transaction.atomic():  # signing in as someone else, choosing a language: taken back too
                self.seen[key] = self.ask(user, url, language)
                transaction.set_rollback(True)
        return self.seen[key]

    def crawl(self, user: str, language: str = "zh", most: int = 3) -> Iterator[tuple[Page, Seen]]:
        """The pages that a user's post opens, each at its first few addresses; verbs and the commander's pages at all of them."""
        look = self.look(user, language)
        for page in PAGES.values():
            urls = [u for u in self.addresses(page) if self.allowed(look, page, u)]
            every = (user == "commander" and thorough()) or (page.name == "do" and language == "zh")
            for url in urls if every else urls[:most]:
                yield page, self.get(user, url, language)

    def look(self, user: str, language: str = "zh", moment: Moment | None = None) -> Looking:
        """The eyes of a user."""
        one = centre()
        present = moment_now(one.clock.now())
        eyes = viewer(User.objects.get(username=user), present.about, present.seq)
        return Looking(eyes, moment or present, language, settings.BULOU_ZONE, one.protocol)

    @property
    def users(self) -> list[str]:
        """The users of the demo, in the order of their posts."""
        return [u for u in self.sessions if u != NOBODY]

    @property
    def incident(self) -> bytes:
        return bytes(
            Incident.objects.filter(nature="outbreak", void_seq=NEVER).order_by("-opened_at").values_list("incident", flat=True)[0]
        )

    # --- what there is to open ----------------------------------------------------------------------------------------
    def addresses(self, page: Page) -> list[str]:
        """Every address at which tests open a page, from what the ledger holds. KeyError for a sample that nobody wrote."""
        if page.name not in self.known:
            self.known[page.name] = SAMPLES[page.sample](self, page.name) if page.sample else [reverse(page.name)]
        return self.known[page.name]

    def pages(self) -> Iterator[tuple[Page, str]]:
        """Every page at each of its addresses."""
        for page in PAGES.values():
            for url in self.addresses(page):
                yield page, url

    def allowed(self, look: Looking, page: Page, url: str) -> bool:
        """Whether a post opens a page at all, whatever its areas."""
        if page.open:
            return True
        if page.name == "do":
            return look.viewer.may(url.split("?")[0].rsplit("/", 1)[-1])
        if page.name == "withdraw":
            return look.viewer.may("withdraw") or look.viewer.may("withdraw_result")
        if page.name == "exports":
            return (
                look.viewer.may("ask_export")
                or look.viewer.may("decide_export")
                or (look.viewer.sees("audit") and look.scope.codes is None)
            )
        if page.name == "many":
            at, _, query = url.partition("?")
            sheet = SHEETS[at.rsplit("/", 1)[-1]]
            return look.viewer.sees(sheet.desk) and look.viewer.may(query.split("verb=")[1].split("&")[0])
        if page.name == "views":
            return bool(look.viewer.user and look.viewer.chairs) and look.viewer.sees(SHEETS[url.split("?")[0].rsplit("/", 1)[-1]].desk)
        if page.name == "put-back":
            sheet = SHEETS[url.rsplit("/", 1)[-1]]
            return look.viewer.sees(sheet.desk) and bool(editable(sheet, look))
        if page.name == "imports":
            return bool(imports(look))
        if page.name in ("import", "import-rows"):  # a file on its way is its sender's
            return look.viewer.user is not None and look.viewer.user.get_username() == "data"
        return look.viewer.sees(page.desk) if page.verb is None else look.viewer.may(page.verb)


def sheet_url(sheet: Sheet, csv: bool = False, **query: str) -> str:
    return reverse(f"{'csv' if csv else 'sheet'}-{sheet.name}") + (f"?{urlencode(query)}" if query else "")


# --- the sampler: for each name that a page gives as its sample -------------------------------------------------------
Sample = Callable[[World, str], list[str]]


def _people(of: Any, most: int = 4) -> list[str]:
    found = of.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)
    return [to_text(bytes(p)) for p in dict.fromkeys(found)][:most]


def _receipts(name: str, **of: str) -> list[str]:
    found = ImportReceipt.objects.filter(**of).order_by("pk").values_list("pk", flat=True)[:1]
    return [reverse(name, kwargs={"number": n}) for n in found]


def members_of(tube: str) -> list[bytes]:
    """Who is in a tube."""
    return sorted({bytes(p) for p in CONTENT["sample.taken"].objects.filter(tube=tube).values_list("person", flat=True)})


def _one_duty_of_each_rule(world: World, name: str) -> list[str]:
    first: dict[int, int] = {}
    for rule, number in Duty.objects.filter(void_seq=NEVER).order_by("-due_at", "id").values_list("rule", "id"):
        first.setdefault(rule, number)
    return [reverse(name, kwargs={"number": n}) for n in sorted(first.values())]


def _persons(world: World, name: str) -> list[str]:
    ordinary = Stay.objects.filter(void_seq=NEVER).exclude(household=None).order_by("area", "person").values_list("person", flat=True)[:1]
    taiping = Stay.objects.filter(void_seq=NEVER, area__startswith="510117001218").order_by("person").values_list("person", flat=True)[:1]
    some = [*members_of(POOL)[:2], *map(bytes, ordinary), *map(bytes, taiping)]
    texts = [to_text(p) for p in some] + _people(Case.objects.all(), 2) + _people(Contact.objects.all(), 2)
    return [reverse(name, kwargs={"person": p}) for p in dict.fromkeys(texts)]


def _tubes(world: World, name: str) -> list[str]:
    nowhere = Tube.objects.filter(area=None, void_seq=NEVER).order_by("tube").values_list("tube", flat=True)
    return [reverse(name, kwargs={"tube": t}) for t in (POOL, NEGATIVE_POOL, *nowhere[:2])]


def _zones(world: World, name: str) -> list[str]:
    found = Zone.objects.filter(void_seq=NEVER).order_by("zone").values_list("zone", flat=True)
    return [reverse(name, kwargs={"zone": to_text(bytes(z))}) for z in found]


def _orders(world: World, name: str) -> list[str]:
    rings = dict(Contact.objects.filter(void_seq=NEVER, ring__in=("close", "secondary")).order_by("person").values_list("person", "ring"))
    return [f"{reverse(name)}?{urlencode({'person': to_text(bytes(p)), 'ring': ring})}" for p, ring in list(rings.items())[:2]]


def subjects(world: World) -> dict[str, Any]:
    """For each type of reference one thing of the ledger, for addresses and forms of verbs."""
    household = Household.objects.filter(void_seq=NEVER).order_by("area", "household").values_list("household", flat=True)[0]
    person = Contact.objects.filter(void_seq=NEVER).order_by("person").values_list("person", flat=True)[0]
    order = Order.objects.filter(void_seq=NEVER).order_by("order").values_list("order", flat=True)[0]
    zone = Zone.objects.filter(void_seq=NEVER).order_by("zone").values_list("zone", flat=True)[0]
    return {
        "household": bytes(household), "person": bytes(person), "order": bytes(order), "zone": bytes(zone), "tube": POOL,
        "area": "510117001", "incident": world.incident, "any": subject_text(bytes(person)), "objection": OBJECTED, "letter": LETTER_IN,
        "shift": SHIFT_ID, "holder": bytes(person), "post": "village.510117001218",
        "place": PLACE, "point": POINT, "callup": CALLUP, "signal_source": SOURCE, "signal": SIGNAL,
    }  # fmt: skip


def given(verb: Verb, things: Mapping[str, Any]) -> dict[str, str]:
    """What an address says of a verb's body: the references that are not asked for, and the words that a duty would bring."""
    found: dict[str, str] = {}
    for f in KINDS[verb.kind].fields:
        if f.name in verb.fields or f.name == "post" or f.optional:
            continue
        if f.ref in things:
            value = things[f.ref]
            found[f.name] = to_text(value) if isinstance(value, bytes) else value
        elif f.name in _WORDS:
            found[f.name] = _WORDS[f.name]
    return found


_WORDS = {"rule": "contact.judge", "disease": "covid19", "step": "testing", "edition": "covid19/cn-7"}


def _verbs(world: World, name: str) -> list[str]:
    things = subjects(world)
    return [f"{reverse(name, kwargs={'name': v.name})}?{urlencode(given(v, things))}" for v in VERBS.values() if not v.page]


def _facts(world: World, name: str) -> list[str]:
    read = CONTENT["tube.resulted"].objects.filter(tube=POOL).values_list("id", flat=True)[0]
    return [reverse(name, kwargs={"fact": to_text(bytes(read))})]


def _answered(world: World, name: str) -> list[str]:
    """Who answers for one person, one household, one place and two areas."""
    things = subjects(world)
    asked = [
        ("person", to_text(things["person"])),
        ("household", to_text(things["household"])),
        ("place", to_text(PLACE)),
        ("area", "510117001"),
        ("area", "510117001218-8"),
    ]
    return [reverse(name, kwargs={"type_": type_, "text": text}) for type_, text in asked]


def _chair(world: World, name: str) -> list[str]:
    return [f"{reverse(name)}?{urlencode({'post': 'grid.510117001218'})}"]


def _account(world: World, name: str) -> list[str]:
    holder = User.objects.filter(username="sampler").values_list("holder", flat=True)[0]
    return [f"{reverse(name)}?{urlencode({'holder': to_text(bytes(holder))})}"]


#: The shifts that the world opens beside the demo: one in a village, one in another street.
SHIFT_ID, FAR_SHIFT = named_id("world", "shift"), named_id("world", "far shift")
#: The list for doors that the village's leader printed.
OBJECTED = named_id("world", "an objection")
LISTED = named_id("world", "list for doors")
#: A letter of assistance about a contact, and one that came in.
LETTER_OUT, LETTER_IN = named_id("world", "a letter out"), named_id("world", "a letter in")
#: A place at which a case was, the risk point that it was named, and the call-up of whoever was there.
PLACE, POINT, CALLUP = named_id("world", "a teahouse"), named_id("world", "a risk point"), named_id("world", "a call-up")
#: A source of signals, somebody of the register noted by it, and somebody whom it only wrote.
SOURCE, SIGNAL, WRITTEN = named_id("world", "pharmacies"), named_id("world", "a signal"), named_id("world", "a written signal")


def _workbooks() -> list[str]:
    return [to_text(bytes(pk)) for pk in CityWorkbook.objects.values_list("pk", flat=True)]


def _comparisons() -> list[str]:
    return [to_text(c) for c in Comparison.objects.order_by("at").values_list("pk", flat=True)[:1]]


def _points(comparison: str) -> list[Point]:
    return points(kept.folder(from_text(comparison)) / "answer")


SAMPLES: dict[str, Sample] = {
    "dossier": lambda w, name: [reverse(name, kwargs={"person": p, "ending": e}) for p in _people(Case.objects.all(), 1) for e in ("json", "docx")],
    "ending": lambda w, name: [reverse(name, kwargs={"ending": e}) for e in ("docx", "xlsx")],
    "letter": lambda w, name: [reverse(name, kwargs={"letter": to_text(letter)}) for letter in (LETTER_OUT, LETTER_IN)],
    "sought": lambda w, name: [
        f"{reverse(name, kwargs={'person': to_text(bytes(p))})}?q={quote('王')}" for p in CONTENT["person.sought"].objects.values_list("person", flat=True)
    ],
    "onset": lambda w, name: [f"{reverse(name)}?{urlencode({'person': p})}" for p in _people(Case.objects.all(), 2)],
    "told": lambda w, name: [f"{reverse(name)}?{urlencode({'person': p, 'detail': 'workplace'})}" for p in _people(Case.objects.all(), 2)],
    "symptoms": lambda w, name: [f"{reverse(name)}?{urlencode({'person': p})}" for p in _people(Case.objects.all(), 1)],
    "settled": lambda w, name: [f"{reverse(name)}?{urlencode({'person': p, 'detail': 'workplace'})}" for p in _people(Case.objects.all(), 2)],
    "call": lambda w, name: [f"{reverse(name)}?{urlencode({'person': to_text(p)})}" for p in members_of(POOL)[:2]],
    "post": lambda w, name: [reverse(name, kwargs={"post": p}) for p in ("pidu.sampling", "grid.510117001218")],
    "chair": _chair,
    "account": _account,
    "edition": lambda w, name: [reverse(name, kwargs={"edition": e}) for e in ("covid19/cn-7", "mers/who")],
    "adopt": lambda w, name: [f"{reverse(name)}?edition={quote('covid19/cn-7')}"],
    "shift": lambda w, name: [reverse(name, kwargs={"shift": to_text(SHIFT_ID)})],
    "shift-end": lambda w, name: [f"{reverse(name)}?shift={to_text(SHIFT_ID)}"],
    "sheet-message": lambda w, name: [reverse(name, kwargs={"name": s.name}) for s in SHEETS.values() if s.desk == "shell"],
    "figure": lambda w, name: [reverse(name, kwargs={"name": f}) for f in FIGURES],
    "duty": _one_duty_of_each_rule,
    "zone": _zones,
    "point": lambda w, name: [reverse(name, kwargs={"point": to_text(POINT)})],
    "callup": lambda w, name: [f"{reverse(name, kwargs={'callup': to_text(CALLUP)})}{q}" for q in ("", "?of=unreached")],
    "signal-source": lambda w, name: [reverse(name, kwargs={"source": to_text(SOURCE)})],
    "signal": lambda w, name: [reverse(name, kwargs={"signal": to_text(s)}) for s in (SIGNAL, WRITTEN)],
    "signal-note": lambda w, name: [f"{reverse(name)}?source={to_text(SOURCE)}{q}" for q in ("", f"&q={quote('王')}")],
    "signal-follow": lambda w, name: [f"{reverse(name)}?signal={to_text(SIGNAL)}", f"{reverse(name)}?signal={to_text(WRITTEN)}&q={quote('王')}"],
    "callup-publish": lambda w, name: [f"{reverse(name)}?place={to_text(PLACE)}", reverse(name)],
    "callup-answer": lambda w, name: [f"{reverse(name)}?callup={to_text(CALLUP)}&q={quote('王')}"],
    "incident-close": lambda w, name: [f"{reverse(name)}?incident={to_text(w.incident)}"],
    "point-name": lambda w, name: [f"{reverse(name)}?place={to_text(PLACE)}", f"{reverse(name)}?q={quote('茶馆')}", reverse(name)],
    "tube": _tubes,
    "views": lambda w, name: [reverse(name, kwargs={"sheet": s}) for s in SHEETS],
    "put-back": lambda w, name: [reverse(name, kwargs={"sheet": s.name}) for s in SHEETS.values() if s.edits],
    "many": lambda w, name: [
        f"{reverse(name, kwargs={'sheet': s.name})}?verb={v.name}&which=page" for s in SHEETS.values() for v in VERBS.values() if fits(v, s)
    ],
    "import": lambda w, name: _receipts(name, verb="enrol"),
    "import-rows": lambda w, name: [url + "/rows.csv" for url in _receipts("import", verb="enrol")],
    "person": _persons,
    "case": lambda w, name: [reverse(name, kwargs={"person": p}) for p in _people(Case.objects.all())],
    "contact": lambda w, name: [reverse(name, kwargs={"person": p}) for p in _people(Contact.objects.all())],
    "reckoning": lambda w, name: [reverse(name, kwargs={"what": what}) for what in ("cases", "contacts")],
    "indicator": lambda w, name: [reverse(name, kwargs={"name": i}) for i in INDICATORS],
    "met": lambda w, name: [f"{reverse(name)}?met={p}&q={quote('王')}" for p in _people(Case.objects.all(), 1)],
    "visited": lambda w, name: [f"{reverse(name)}?person={p}&from=2020-12-05T08:00&to=2020-12-05T10:30" for p in _people(Case.objects.all(), 1)],
    "order": _orders,
    "own-give": lambda w, name: [f"{reverse(name)}?person={p}" for p in _people(Contact.objects.all(), 1)],
    "objection": lambda w, name: [f"{reverse(name)}?objection={to_text(OBJECTED)}"],
    "answered": _answered,
    "area": lambda w, name: [reverse(name, kwargs={"area": a}) for a in ("510117", "510117001", "510117001218")],
    "verb": _verbs,
    "fact": _facts,
    "export": lambda w, name: [f"{reverse(name)}?sheet=people&area=510117001218"],
    "look": lambda w, name: [reverse(name, kwargs={"number": n}) for n in Look.objects.order_by("number").values_list("number", flat=True)[:3]],
    "door-list": lambda w, name: [reverse(name, kwargs={"printed": to_text(LISTED)})],
    "door-return": lambda w, name: [f"{reverse(name)}?printed={to_text(LISTED)}"],
    "language": lambda w, name: [reverse(name, kwargs={"code": code}) for code in LANGUAGES.values()],
    "incident": lambda w, name: [reverse(name, kwargs={"incident": to_text(w.incident)})],
    "token": lambda w, name: [reverse(name, kwargs={"token": TOKEN})],
    "comparison": lambda w, name: [reverse(name, kwargs={"comparison": c}) for c in _comparisons()],
    "comparison-reason": lambda w, name: [
        reverse(name, kwargs={"comparison": c, "why": why}) for c in _comparisons() for why in sorted({p.why for p in _points(c)})[:2]
    ],
    "comparison-file": lambda w, name: [
        reverse(name, kwargs={"comparison": c, "group": "distinct", "form": f}) for c in _comparisons() for f in ("csv", "xlsx")
    ],
    "comparison-city": lambda w, name: [
        reverse(name, kwargs={"comparison": c, "group": "distinct", "workbook": b}) for c in _comparisons() for b in _workbooks()
    ],
    "comparison-list": lambda w, name: [reverse(name, kwargs={"comparison": c, "number": n}) for c in _comparisons() for n in (0, 1)],
    "comparison-group": lambda w, name: [
        reverse(name, kwargs={"comparison": c, "group": g}) for c in _comparisons() for g in ("distinct", "only_A", "differing")
    ],
}  # fmt: skip


def fresh_id(world: World) -> str:
    """An id for a form."""
    return to_text(new_id(world.opens))


__all__ = ["PAGES", "SHEETS", "VERBS", "Reading", "Seen", "World"]
