"""The chain of an incident: labels and never names unless somebody asks for them, no name in any file, what lies elsewhere counted and not shown."""

from __future__ import annotations

import csv
import io
from html import unescape

import pytest
from django.urls import reverse

from bulou.basis.facts import CaseDiagnosed, ContactNamed, OnsetRecorded, PlaceDeclared
from bulou.basis.ids import named_id, to_text
from bulou.basis.pathfacts import VisitRecorded
from bulou.basis.time import HOUR, Instant
from bulou.desks.tracing import chain as pages
from bulou.desks.tracing import chained
from bulou.desks.tracing.chained import Chain
from bulou.evidence.models import Case, Contact
from bulou.evidence.now import NEVER
from bulou.kit.incidents import incidents
from bulou.kit.looking import Looking
from bulou.register.models import Person, Stay
from bulou.register.scope import Scope
from tests.web.test_looks import looked
from tests.web.test_path import narrowed
from tests.web.test_traced import entered, fact
from tests.web.world import World

HERE = "510117"
PAGE, FILE = reverse("chain"), reverse("chain-file")


def cases() -> list[bytes]:
    return [bytes(p) for p in Case.objects.filter(void_seq=NEVER).exclude(status=None).order_by("person").values_list("person", flat=True)]


def names() -> set[str]:
    """What the cases are called on the register; a published case that nobody named is called by its number there too."""
    found = Person.objects.filter(void_seq=NEVER, person__in=cases()).values_list("name", flat=True)
    return {n for n in found if not n.startswith("病例")}


def people(area: str, many: int) -> list[bytes]:
    """People of an area whom nobody has named yet, each of another household."""
    named = Contact.objects.filter(void_seq=NEVER).values("person")
    here = (
        Stay.objects.filter(void_seq=NEVER, area__startswith=area)
        .exclude(household=None)
        .exclude(person__in=named)
        .order_by("household", "person")
    )
    by_home = {bytes(h): bytes(p) for p, h in here.values_list("person", "household")}
    return list(by_home.values())[:many]


def chain_of(world: World, look: Looking) -> Chain:
    return chained.read(next(i for i in incidents(look) if i.id == world.incident), look)


def diagnosed(world: World, person: bytes, label: str | None = None, hours: float = -5) -> None:
    entered(fact(world, "case.diagnosed", CaseDiagnosed(person, "confirmed", "contact_tracing", "inside", label=label), hours))


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_code_that_stands_for_a_name_is_a_label_and_a_name_with_a_number_is_none() -> None:
    """A list without names calls its people by codes: those are said. What could be somebody's name is not, whatever is written behind it."""
    assert all(chained.CODE.fullmatch(code) for code in ("SK_14", "P-003", "27"))
    assert not any(
        chained.CODE.fullmatch(name) for name in ("张三", "张三2", "Li2", "LI", "Li_2", "王-2", "13800138000", "SK_14 王", "ABCDE_1", "")
    )


def test_the_page_has_labels_and_names_only_who_asks(world: World) -> None:
    """The planted page is the one that was asked for names: what finds no name on the first must find them all on the second."""
    diagnosed(world, people(HERE, 1)[0], "30")
    assert names()
    first, nobody = looked(world, "tracing", PAGE)
    assert first.status == 200 and not [n for n in names() if n in first.text] and not nobody, "labels show nobody, and no look is written"
    assert "来源未明" in unescape(first.text)
    second, found = looked(world, "tracing", f"{PAGE}?names=1")
    assert [n for n in names() if n in second.text], "the control: names are found where they are"
    assert sum(len(look.ids) // 16 for look in found) >= len(cases()), "whoever was shown by name is on the record"
    assert not [n for n in names() if n in second.text.split("<bulou-chain", 1)[1].split("</bulou-chain>", 1)[0]], (
        "the picture has none even then"
    )


def test_a_role_that_sees_no_names_is_not_offered_them(world: World) -> None:
    diagnosed(world, people(HERE, 1)[0], "30")
    for user in world.users:
        viewer = world.look(user).viewer
        if not viewer.sees("tracing"):
            assert world.ask(user, PAGE).status == 404
        elif "name" not in viewer.unmasked:
            assert not [n for n in names() if n in world.ask(user, f"{PAGE}?names=1").text]


def test_no_file_has_a_name_an_id_or_an_address(world: World) -> None:
    """A link with a name is a weapon. The planted label is the name of its person: it must not come out, and the control finds it where it was put."""
    one, other = people(HERE, 2)
    name = Person.objects.filter(person=one, void_seq=NEVER).values_list("name", flat=True)[0]
    diagnosed(world, one, f"{name}家")
    diagnosed(world, other, "9")
    entered(fact(world, "contact.named", ContactNamed(other, one, Instant(world.opens - 30 * HOUR), "household"), -6))
    for url in (FILE, f"{FILE}?names=1"):
        told = world.ask("tracing", url).text
        assert not [n for n in {*names(), name} if n in told]
        assert not [p for p in [*cases(), one, other] if to_text(p) in told or p.hex() in told]
        assert ["病例9" in row for row in lines(told)].count(True) == 1
    assert name in world.ask("tracing", f"{reverse('sheet-cases')}").text, "the control: the label with a name stands where names may stand"
    assert not [n for n in {*names(), name} if n in world.ask("tracing", PAGE).text]


def test_an_unknown_source_has_its_row_like_a_known_one(world: World) -> None:
    (one,) = people(HERE, 1)
    diagnosed(world, one, "31")
    rows = lines(world.ask("tracing", FILE, "en").text)
    assert [row[:2] for row in rows if "case 31" in row] == [["source unknown", "case 31"]]
    seen = unescape(world.ask("tracing", f"{PAGE}?only=unlinked", "en").text)
    assert "case 31" in seen and "<strong>source unknown</strong>" in seen
    whole = chain_of(world, world.look("tracing"))
    assert whole.ordered[0] == one, "whom nothing joins stands first"
    assert "No case is so." in unescape(world.ask("tracing", f"{PAGE}?only=nonsense", "en").text)


def test_every_candidate_source_stays(world: World) -> None:
    one, two, three = people(HERE, 3)
    place = named_id("tests", "a shop on the chain")
    for n, p in enumerate((one, two, three)):
        diagnosed(world, p, str(40 + n))
        entered(fact(world, "onset.recorded", OnsetRecorded(p, f"2020-12-0{1 + 2 * n}"), -4))
    entered(fact(world, "place.declared", PlaceDeclared(place, "小卖部", "market", "510117008"), -200, incident=False))
    entered(fact(world, "contact.named", ContactNamed(three, one, Instant(world.opens - 60 * HOUR), "meal"), -6))
    for p in (two, three):
        entered(
            fact(
                world,
                "visit.recorded",
                VisitRecorded(p, "购物", "stated", place=place, until=Instant(world.opens - 69 * HOUR), proof="interview"),
                -70,
            )
        )
    whole = chain_of(world, world.look("tracing"))
    assert {(k.source, k.ways[0]) for k in whole.candidates[three]} == {(one, "told"), (two, "place")}
    assert whole.members[three].node.day == "2020-12-05" and whole.members[three].node.onset
    row = [part for part in unescape(world.ask("tracing", f"{PAGE}?only=several", "en").text).split("<tr>") if "case 42</a>" in part]
    assert len(row) == 1 and "case 40" in row[0] and "case 41" in row[0] and "小卖部" in row[0]


def test_who_stays_elsewhere_is_counted_and_not_shown(world: World) -> None:
    near, *more = people(HERE, 40)
    areas = dict(Stay.objects.filter(void_seq=NEVER, person__in=[near, *more], here_until__gt=world.opens).values_list("person", "area"))
    far = next(p for p in more if areas[p] != areas[near])
    diagnosed(world, near, "51")
    diagnosed(world, far, "52")
    entered(fact(world, "contact.named", ContactNamed(near, far, Instant(world.opens - 30 * HOUR), "meal"), -6))
    area = areas[near]
    whole = chain_of(world, narrowed(world, area))
    assert near in whole.members and far not in whole.members
    assert whole.beyond == {near: 1} and near not in whole.sourceless and near not in whole.unlinked
    assert chain_of(world, world.look("tracing")).candidates[near][0].source == far
    told = pages._lines(whole, narrowed(world, area))
    assert not [row for row in told if "52" in "".join(row)]


def test_a_viewer_of_no_area_has_an_empty_chain(world: World) -> None:
    look = world.look("tracing")
    nobody = Looking(look.viewer._replace(scope=Scope(frozenset())), look.moment, look.language, look.zone, look.protocol)
    whole = chain_of(world, nobody)
    assert not whole.members and not whole.links and not whole.beyond


@pytest.mark.parametrize("query", ["?page=999", "?page=x", "?view=generation", "?only=1", "?only=²"])
def test_odd_addresses_open(world: World, query: str) -> None:
    assert world.ask("tracing", PAGE + query).status == 200
