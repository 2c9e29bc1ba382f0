"""Who sees whom: only rows of one's own areas, and no name, phone, document, day of birth or address that one's role may not see."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import ContactNamed
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Contact
from bulou.evidence.now import NEVER
from bulou.kit.centre import centre
from bulou.kit.sheet import SHEETS
from bulou.register.models import Household, Person, Stay
from bulou.register.roles import roles
from bulou.register.scope import Viewer
from tests.run import drawn
from tests.web.test_pages import USERS
from tests.web.world import POOL, Seen, World, members_of, sheet_url

#: Users whose post reaches a part of the centre, with the beginning of the codes that they see.
LOCAL = {"pitong": "510117001", "taiping": "510117001218", "grid": "510117001218"}
#: Beside a household's own address: what a demo says of its staff, who sign in under their names.
OPEN = ("demo-people",)
ELSEWHERE = "510117008"


class Raw:
    """What the register really holds of people, by manner of masking; only values that cannot be something else by chance."""

    def __init__(self) -> None:
        people = list(Person.objects.filter(void_seq=NEVER).values_list("person", "name", "phone", "document", "born_on"))
        self.name = {bytes(p): n for p, n, *_ in people if len(n) == 3}
        self.phone = {bytes(r[0]): r[2] for r in people if r[2]}
        self.document = {bytes(r[0]): r[3] for r in people if r[3]}
        self.born = {bytes(r[0]): r[4] for r in people if r[4]}
        self.address = dict(Household.objects.filter(void_seq=NEVER).exclude(address=None).values_list("household", "address"))
        self.area = dict(Stay.objects.filter(void_seq=NEVER).values_list("person", "area"))

    def masked(self, viewer: Viewer) -> Iterator[tuple[str, str]]:
        """Every raw value that a role may not see."""
        for manner, found in (
            ("name", self.name),
            ("phone", self.phone),
            ("document", self.document),
            ("document", self.born),
            ("address", self.address),
        ):
            if manner not in viewer.unmasked:
                yield from ((manner, value) for value in found.values())

    def outside(self, begins: str) -> Iterator[tuple[str, str]]:
        """Every name, phone and document of people who stay outside an area."""
        inside = {p for p, area in self.area.items() if (area or "").startswith(begins)}
        names_inside = {self.name[p] for p in inside if p in self.name}
        for found in (self.name, self.phone, self.document):
            yield from (("outside", v) for p, v in found.items() if p not in inside and v not in names_inside)


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    return {}


@pytest.fixture
def raw(shared: dict[str, Any]) -> Raw:
    if "raw" not in shared:
        shared["raw"] = Raw()
    found: Raw = shared["raw"]
    return found


def everything(world: World, user: str) -> Iterator[Seen]:
    """What a user is shown: pages, lists, whole CSVs, searches."""
    look = world.look(user)
    for page, seen in world.crawl(user):
        if page.name not in OPEN:
            yield seen
    for sheet in SHEETS.values():
        if look.viewer.sees(sheet.desk):
            yield world.get(user, sheet_url(sheet))
            yield world.get(user, sheet_url(sheet, csv=True))
    for member in members_of(POOL)[:1]:
        person = Person.objects.filter(person=member).values_list("name", "phone", "document")[0]
        for typed in (person[0], (person[1] or "0000")[-6:], (person[2] or "0000")[-6:], "王", "AJ09", "case", "太平"):
            yield world.get(user, f"/search?q={typed}")


def leaks(said: list[Seen], values: Iterator[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The values that stand on any of these pages."""
    whole = frozenset().union(*(s.tokens for s in said))
    found = [(manner, value) for manner, value in set(values) if value in whole]
    return [(manner, value, next(s.url for s in said if value in s.tokens)) for manner, value in found][:20]


@pytest.mark.parametrize("user", drawn(USERS, "auditor", "laboratory"))
def test_what_a_role_may_not_see_is_nowhere(world: World, raw: Raw, user: str) -> None:
    said = list(everything(world, user))
    assert len(said) > 15
    assert not leaks(said, raw.masked(world.look(user).viewer))


def test_a_mask_that_is_off_is_caught(world: World, raw: Raw) -> None:
    """Planted: what the tracing group sees is told as if the auditor had seen it."""
    said = list(everything(world, "tracing")) + list(everything(world, "data"))
    for manner in ("name", "phone", "document", "born", "address"):
        assert leaks(said, iter((manner, v) for v in getattr(raw, manner).values())), manner


def test_every_mask_is_of_some_role() -> None:
    manners = {"name", "phone", "document", "address", "words"}
    assert set().union(*(r.unmasked for r in roles().values())) == manners


@pytest.mark.parametrize("user", LOCAL)
def test_people_of_other_areas_are_nowhere(world: World, raw: Raw, user: str) -> None:
    """Not in a list, a CSV, a detail, a search, behind a figure, nor as whom someone of one's own areas met."""
    assert not leaks(list(everything(world, user)), raw.outside(LOCAL[user]))


@pytest.mark.parametrize("user", LOCAL)
def test_every_row_lies_in_ones_own_areas(world: World, user: str) -> None:
    look = world.look(user)
    codes = look.scope.codes
    assert codes
    assert all(c.startswith(LOCAL[user]) for c in codes)
    public = {"zones", "published"}
    for sheet in SHEETS.values():
        if not look.viewer.sees(sheet.desk) or sheet.name in public:
            continue
        for row in sheet.rows(look):
            area = getattr(row, "area", None) or getattr(row, "code", None) or raw_area(row)
            assert area in codes, (sheet.name, row.pk)
        one = world.get(user, sheet_url(sheet, csv=True)).text
        whole = world.get("commander", sheet_url(sheet, csv=True)).text
        assert one.count("\n") <= whole.count("\n")


def test_whom_someone_met_elsewhere_stays_masked(world: World, raw: Raw) -> None:
    """A town's leader is told that someone here met someone, and not whom: the other lives where they answer for nobody."""
    named_already = {bytes(p) for p in Contact.objects.values_list("person", flat=True)}
    near = next(p for p, area in sorted(raw.area.items()) if (area or "").startswith(LOCAL["pitong"]) and p not in named_already)
    far = next(p for p, area in sorted(raw.area.items()) if (area or "").startswith(ELSEWHERE) and p in raw.name)
    named = Fact(new_id(world.opens), "contact.named", world.opens, world.incident, ContactNamed(near, far, world.opens, "meal"))
    enter([named], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    duty = Duty.objects.filter(subject=near, void_seq=NEVER).order_by("-id").values_list("id", flat=True)[0]
    for url in (reverse("person", kwargs={"person": to_text(near)}), reverse("duty", kwargs={"number": duty})):
        assert raw.name[far] in world.ask("tracing", url).text
        seen = world.ask("pitong", url)
        assert seen.status == 200
        assert raw.name[far] not in seen.text, url


def raw_area(row: Any) -> str | None:
    return Stay.objects.filter(person=row.person, void_seq=NEVER).order_by("here_from").values_list("area", flat=True).last()


@pytest.mark.parametrize("user", LOCAL)
def test_another_areas_row_is_not_found(world: World, user: str) -> None:
    people = [bytes(p) for p in Stay.objects.filter(area__startswith=ELSEWHERE, void_seq=NEVER).values_list("person", flat=True)[:2]]
    people += members_of(POOL)[:2]
    duties = Duty.objects.filter(void_seq=NEVER).exclude(area__startswith=LOCAL[user]).order_by("id").values_list("id", flat=True)
    urls = [reverse("person", kwargs={"person": to_text(p)}) for p in people]
    urls += [reverse("duty", kwargs={"number": n}) for n in (*duties[:3], *duties.filter(area__startswith=ELSEWHERE)[:3])]
    urls += [
        reverse("do", kwargs={"name": v}) + f"?person={to_text(people[0])}" for v in ("locate", "tell") if world.look(user).viewer.may(v)
    ]
    assert len(urls) >= 6
    for url in urls:
        assert world.get(user, url).status == 404, url
        assert world.get("auditor" if "/do/" not in url else "duty", url).status == 200, url


@pytest.mark.parametrize("user", LOCAL)
def test_names_behind_figures_are_of_ones_own_areas(world: World, user: str) -> None:
    for page, seen in world.crawl(user):
        if page.name == "figure":
            for link in seen.read.links:
                if link.startswith("/people/person/"):
                    assert world.get(user, link).status == 200, (seen.url, link)


def test_boards_name_units_and_no_person(world: World, raw: Raw) -> None:
    """Whoever looks, also those who may see names: a board hangs on a wall."""
    everyone = [("name", n) for n in raw.name.values()] + [("phone", p) for p in raw.phone.values()]
    for user in USERS:
        if world.look(user).viewer.sees("command"):
            for language in ("zh", "en"):
                assert not leaks([world.get(user, "/board", language)], iter(everyone)), user


def test_what_is_kept_aside_and_entered_names_nobody(world: World, raw: Raw) -> None:
    """The ledger's own lists are seen by an auditor: posts and sources, never contents."""
    for name in ("entries", "aside"):
        text = world.get("auditor", sheet_url(SHEETS[name], csv=True)).text
        assert len(list(csv.reader(io.StringIO(text)))) > 0
        assert not leaks([Seen("", 200, {}, text)], iter(("name", n) for n in raw.name.values()))


def test_withdrawing_and_doing_say_no_more_than_the_role_may_see(world: World, raw: Raw) -> None:
    """The one page on which every fact can be looked at, by those who may take facts back."""
    for kind in ("person.enrolled", "contact.named", "visit.recorded", "sample.taken", "household.declared"):
        facts = CONTENT[kind].objects.order_by("id").values_list("id", flat=True)[:1]
        for fact in facts:
            seen = world.get("commander", reverse("withdraw", kwargs={"fact": to_text(bytes(fact))}))
            assert seen.status == 200
            assert not leaks([seen], raw.masked(world.look("commander").viewer)), kind
