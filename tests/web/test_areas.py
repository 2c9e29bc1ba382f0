"""Areas as lists and pages show them: what a functional area is laid across from when until when, and what therefore lies in it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from bulou.basis.areafacts import AreaLifted
from bulou.basis.facts import AreaBounded, AreaDeclared, AreaSpanned, PlaceDeclared, PostEstablished
from bulou.basis.ids import named_id, new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.duties.enter import enter
from bulou.evidence.models import Zone
from bulou.evidence.now import NEVER
from bulou.kit.areas import tallies
from bulou.kit.centre import centre, set_clock
from bulou.kit.completeness import of_areas
from bulou.kit.looking import Looking, moment_at
from bulou.kit.sheet import SHEETS, Narrow, Sheet
from bulou.kit.verb import VERBS, Refused
from bulou.register.scope import subtree
from tests import district
from tests.web.test_httplists import url as api_url
from tests.web.test_statements import statements
from tests.web.test_verbs import sent
from tests.web.world import World, sheet_url

PARK = "510117-PARK"
#: A village of one town and the whole of another: the streets of the park.
ONE, OTHER = "510117001218", "510117005"
NARROWED = [s.name for s in SHEETS.values() if any(n.area for n in s.narrows)]


def told(*facts: tuple[str, int, Any]) -> None:
    made = [Fact(new_id(Instant(at)), kind, Instant(at), None, body) for kind, at, body in facts]
    enter(made, by="test", source="test", clock=centre().clock, protocol=centre().protocol)


def park(world: World) -> None:
    """A park laid across two streets five hours ago and lifted off them an hour ago."""
    told(
        ("area.declared", world.opens - 9 * HOUR, AreaDeclared(PARK, "510117", "functional", "试园区", "trial park", official=False)),
        *(("area.spanned", world.opens - 5 * HOUR, AreaSpanned(PARK, member)) for member in (ONE, OTHER)),
        *(("area.lifted", world.opens - HOUR, AreaLifted(PARK, member)) for member in (ONE, OTHER)),
        ("place.declared", world.opens - 9 * HOUR, PlaceDeclared(named_id("a shop of the park"), "园区市场", "market", ONE)),
        ("post.established", world.opens - 9 * HOUR, PostEstablished("zz.park", "village_lead", ONE, "试岗", "trial post", "试", "trial")),
    )


def narrow(sheet: Sheet) -> Narrow:
    return next(n for n in sheet.narrows if n.area)


def rows(sheet: Sheet, look: Looking, area: str) -> set[Any]:
    return {r.pk for r in narrow(sheet).apply(sheet.rows(look), area, look)}


def own(sheet: Sheet, look: Looking) -> set[Any]:
    """What lies in the park itself: its own row, and the report that it owes like every unit."""
    model = sheet.rows(look).model
    field = next((f for f in ("code", "area") if f in {c.name for c in model._meta.get_fields()}), None)
    return {r.pk for r in sheet.rows(look).filter(**{field: PARK})} if field else set()


def at(world: World, hours_ago: float, user: str = "commander", known: float = -1) -> Looking:
    about = Instant(int(world.opens - hours_ago * HOUR))
    return world.look(user).at(moment_at(about, Instant(int(world.opens - known * HOUR))))


def test_a_list_narrowed_to_a_park_is_what_lies_in_its_streets_at_the_hour(world: World) -> None:
    """On every sheet that narrows by area; before it was laid and once it was lifted, nothing but the park itself."""
    park(world)
    some = set()
    for name in NARROWED:
        sheet, then = SHEETS[name], at(world, 3)
        parts = rows(sheet, then, ONE) | rows(sheet, then, OTHER) | own(sheet, then)
        if narrow(sheet).name == "area" and name != "areas":
            assert rows(sheet, then, PARK) == parts, name
            some |= {name} if parts - own(sheet, then) else set()
        for gone in (at(world, 6), at(world, 0.5)):
            assert rows(sheet, gone, PARK) == own(sheet, gone), name
    assert {"people", "households", "duties", "places", "posts"} <= some, "a test over nothing would hold of anything"


def test_what_was_not_known_yet_narrows_nothing(world: World) -> None:
    park(world)
    sheet = SHEETS["people"]
    assert rows(sheet, at(world, 3), PARK)
    assert not rows(sheet, at(world, 3, known=0.001), PARK), "as known before it was entered"


def test_file_interface_and_page_narrow_alike(world: World) -> None:
    park(world)
    hour = "2020-12-09 06:00"
    for name in ("people", "areas"):
        asked = {"area": PARK, "about": hour}
        client = world.client("commander")
        page = world.ask("commander", sheet_url(SHEETS[name], **asked), client=client)
        written = world.ask("commander", sheet_url(SHEETS[name], csv=True, **asked)).text.count("\n") - 1
        count = len(SHEETS[name].rows(at(world, 3)).filter(**{"area__in" if name == "people" else "code__in": at(world, 3).inside(PARK)}))
        assert count
        assert written == count, name
        assert f"{count:,}".replace(",", "\u202f") in page.text
        answer = world.ask("commander", api_url(name, **asked)).text
        assert answer.count('"text"') == min(count, 50), name


def test_counts_and_completeness_of_a_park_are_of_its_streets(world: World) -> None:
    park(world)
    then = at(world, 3)
    people = len(rows(SHEETS["people"], then, PARK))
    row = SHEETS["areas"].rows(then).get(code=PARK)
    SHEETS["areas"].prepare([row], then)  # type: ignore[misc]
    assert row.people == people
    assert of_areas(then, [PARK])[PARK].register == people
    assert of_areas(at(world, 0.5), [PARK])[PARK].register == 0


def test_a_post_of_a_park_sees_its_streets_while_it_covers_them(world: World) -> None:
    park(world)
    seq = world.look("commander").seq
    assert ONE in subtree(PARK, seq, world.opens - 3 * HOUR)
    assert subtree(PARK, seq, world.opens) == {PARK}, "permission is judged now: what was lifted is not seen any more"


def test_statements_do_not_depend_on_how_many_areas_a_park_covers(world: World) -> None:
    park(world)
    address = sheet_url(SHEETS["people"], area=PARK)
    told(("area.spanned", world.opens - HOUR // 2, AreaSpanned(PARK, OTHER)))
    one = statements(lambda: world.ask("commander", address))
    told(*(("area.spanned", world.opens - HOUR // 2, AreaSpanned(PARK, f"51011700{n}")) for n in (1, 4, 6, 8)))
    assert statements(lambda: world.ask("commander", address)) <= one


@pytest.mark.parametrize(
    ("verb", "values", "field"),
    [
        ("lay_across", {"area": ONE, "member": OTHER}, "area"),
        ("lay_across", {"area": PARK, "member": "999"}, "member"),
        ("lift_across", {"area": PARK, "member": ONE}, "member"),
    ],
)
def test_what_cannot_be_laid_or_lifted_is_refused(world: World, verb: str, values: dict[str, str], field: str) -> None:
    park(world)
    with pytest.raises(Refused) as refused:
        sent(world, "commander", VERBS[verb], values)
    assert field in {p.field for p in refused.value.problems}


# --- the page of an area ----------------------------------------------------------------------------------------------
def page(area: str, **query: str) -> str:
    return reverse("area", kwargs={"area": area}) + (f"?{urlencode(query)}" if query else "")


def bounded(world: World, geometries: dict[str, str]) -> None:
    told(*(("area.bounded", world.opens - HOUR, AreaBounded(code, geometry, "test")) for code, geometry in geometries.items()))


def towns(world: World) -> list[str]:
    look = world.look("commander")
    return [c for c in look.areas.below[look.areas.root] if look.areas.places[c].level == "street"]


def test_what_an_area_owes_is_what_its_lists_hold(world: World) -> None:
    """For every town and one village, also where something was handed over: the page's numbers are those of the lists behind them."""
    park(world)
    duty = next(d for d in SHEETS["duties"].rows(world.look("commander")) if d.area and d.area.startswith(ONE) and d.subject[:1] != b"5")
    charge = new_id(world.opens)
    offered = {
        "subject": bytes(duty.subject).hex(),
        "charge": charge,
        "party": "territory",
        "to_area": OTHER,
        "to_post": None,
        "reason": "x",
    }
    sent(world, "commander", VERBS["offer_charge"], offered)
    sent(world, "commander", VERBS["accept_charge"], {"charge": charge})
    set_clock(SetClock(Instant(world.opens + 2 * HOUR // 60)))
    for look in (world.look("commander"), at(world, 3)):
        codes = [*towns(world), ONE, PARK]
        counted = tallies(look, codes)
        for code in codes:
            area, state = (next(n for n in SHEETS["duties"].narrows if n.name == name) for name in ("area", "state"))
            rows_ = area.apply(SHEETS["duties"].rows(look), code, look)
            assert counted[code].open == state.apply(rows_, "open", look).count(), code
            assert counted[code].overdue == state.apply(rows_, "overdue", look).count(), code
            assert counted[code].done == state.apply(rows_, "done", look).count() + state.apply(rows_, "done_late", look).count()
            assert sum(counted[code].states.values()) == rows_.count(), "every duty is in one state"
    assert any(t.open for t in counted.values())
    assert counted[PARK].open


def test_the_page_says_upward_downward_across_and_who_answers(world: World) -> None:
    park(world)
    seen = world.ask("commander", page(ONE))
    assert seen.status == 200
    rows_ = [" ".join(r) for r in seen.read.rows]
    assert any("试园区" in r and "05:00" not in r and "04:00" in r and "08:00" in r for r in rows_), "laid at 04:00, lifted at 08:00"
    assert {page("510117"), page("510117001")} <= set(seen.read.links), "its path upward"
    for word in ("网格", "村社区", "街道乡镇", "指挥部"):
        assert any(word in r for r in rows_), word
    assert "已知登记" in seen.text
    then = world.ask("commander", page(PARK, about="2020-12-09 06:00"))
    assert {page(ONE), page(OTHER)} <= set(then.read.links), "what it covers at the hour"
    assert "现在谁负责" in then.text, "whoever looks back is told who answers now, too"
    assert page(ONE) not in [
        x for r in world.ask("commander", page(PARK)).text.split('id="a-below"')[1].split("</section>")[:1] for x in [r]
    ]


def test_an_area_opens_for_those_whose_areas_hold_it(world: World) -> None:
    assert world.ask("taiping", page(ONE)).status == 200
    assert world.ask("taiping", page("510117008")).status == 404
    assert world.ask("commander", page("510117999")).status == 404
    assert world.ask("laboratory", page("510117001")).status == 404, "a desk that it does not open"


def test_without_boundaries_the_page_says_how_to_load_them(world: World) -> None:
    seen = world.ask("commander", page("510117"), "en")
    assert "bulou areas load --boundaries" in seen.text
    assert '<svg class="outlines"' not in seen.text


def test_areas_below_are_drawn_and_the_table_says_the_same(world: World) -> None:
    codes = towns(world)
    bounded(world, district.boundaries(codes[:-1], whole="510117"))
    for fill in ("open", "overdue", "coverage"):
        seen = world.ask("commander", page("510117", fill=fill))
        svg = seen.text.split('<svg class="outlines"')[1].split("</svg>")[0]
        assert svg.count("<a href=") == len(codes) - 1, "every shape can be reached and leads on"
        names = set(re.findall(r'aria-label="([^":]+): ([^"]+)"', svg.split("</defs>")[1]))
        table = seen.text.split('id="a-table"')[1].split("</table>")[0]
        assert {(n, v) for n, v in re.findall(r"<tr><td>([^<]+)</td><td class=\"num\">([^<]+)</td>", table)} == names
        shades = set(re.findall(r"url\(#ol-(\w+)\)", svg.split("</defs>")[1]))
        assert shades <= set(re.findall(r'<pattern id="ol-(\w+)"', svg))
        assert 'class="around"' in svg
    assert "1 个区域没有边界" in seen.text
    assert '<svg class="outlines"' not in world.ask("commander", page("510117", about="2020-12-09 07:00")).text, "not loaded at that hour"


def test_two_thousand_grids_are_one_page_below_a_megabyte(world: World) -> None:
    grids = [f"{ONE}-{n}" for n in range(1000, 3000)]
    told(*(("area.declared", world.opens - HOUR, AreaDeclared(g, ONE, "grid", f"太平村网格{g[-4:]}", None, official=False)) for g in grids))
    cells = district.cells(50, 40)
    bounded(world, {g: district.geometry([c]) for g, c in zip(grids, cells, strict=True)})
    seen = world.ask("commander", page(ONE))
    assert seen.status == 200
    assert seen.text.split('<svg class="outlines"')[1].split("</svg>")[0].count("<a href=") == 2000
    assert len(seen.text.encode()) < 1_000_000


def test_a_boundary_that_cannot_be_read_is_named_and_the_rest_drawn(world: World) -> None:
    codes = towns(world)
    bounded(world, {**district.boundaries(codes[1:]), codes[0]: '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}'})
    seen = world.ask("commander", page("510117"))
    assert "无法读取的边界" in seen.text
    assert world.look("commander").areas.name(codes[0], "zh") in seen.text.split("无法读取的边界")[1][:60]
    assert seen.text.split('<svg class="outlines"')[1].split("</svg>")[0].count("<a href=") == len(codes) - 1


def test_a_zone_is_located_among_the_towns(world: World) -> None:
    zone = Zone.objects.filter(void_seq=NEVER).order_by("zone").values_list("zone", flat=True)[0]
    url = reverse("zone", kwargs={"zone": to_text(bytes(zone))})
    assert '<svg class="outlines"' not in world.ask("commander", url).text
    bounded(world, district.boundaries(towns(world), whole="510117"))
    seen = world.ask("commander", url)
    assert seen.text.split("</defs>")[1].split("</svg>")[0].count("url(#ol-zone)") >= 1


def test_statements_of_the_page_do_not_depend_on_how_many_areas_lie_there(world: World) -> None:
    small = statements(lambda: world.ask("commander", page(ONE)))
    assert abs(statements(lambda: world.ask("commander", page("510117"))) - small) <= 2
