"""The contract of every sheet: list and CSV agree, filters narrow, any column orders, and nothing that is typed breaks it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape
from re import DOTALL, findall, search, sub
from urllib.parse import quote

import pytest
from django.urls import reverse

from bulou.basis.words import LISTS
from bulou.kit.looking import Looking
from bulou.kit.models import SavedView
from bulou.kit.sheet import EXERCISE, PER_PAGE, SHEETS, Narrow, Sheet, area_options
from bulou.register.roles import masked
from tests.run import thorough
from tests.web.world import World, sheet_url

#: Who looks at a sheet in these tests: the commander at all, and one who sees only a village.
LOOKERS = ("commander", "taiping")


def rows_of(world: World, user: str, sheet: Sheet, language: str = "zh", **query: str) -> list[list[str]]:
    """The rows of a sheet's CSV: without heads, without the demo's last column."""
    seen = world.get(user, sheet_url(sheet, csv=True, **query), language)
    assert seen.status == 200, seen.url
    assert seen.text.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(seen.text.removeprefix("\ufeff"))))
    assert found[0][-1] == EXERCISE
    assert {row[-1] for row in found} == {EXERCISE}
    return [row[: -2 if sheet.edits else -1] for row in found[1:]]


def listed(world: World, user: str, sheet: Sheet, language: str = "zh", **query: str) -> list[list[str]]:
    """The rows of a sheet's list, one page of it, as texts of its cells."""
    seen = world.get(user, sheet_url(sheet, **query), language)
    assert seen.status == 200, seen.url
    table = seen.text.split('id="sheet-', 1)[1].split('<tbody role="rowgroup">', 1)[1].split("</tbody>", 1)[0]
    return _cells(table)


def _cells(table: str) -> list[list[str]]:
    rows = findall(r"<tr[^>]*>(.*?)</tr>", table, DOTALL)
    cells = [
        [" ".join(unescape(sub(r"<[^>]+>", "", c)).split()) for c in findall(r"<td(?![^>]*pick)[^>]*>(.*?)</td>", row, DOTALL)]
        for row in rows
    ]
    return [row for row in cells if len(row) > 1]


def count(world: World, user: str, sheet: Sheet, **query: str) -> int:
    """How many rows a list says that it has."""
    seen = world.get(user, sheet_url(sheet, **query))
    found = search(r'id="sheet-title">.*?<span class="text-secondary">([\d\u202f]+)</span>', seen.text)
    assert found, seen.url
    return int(found[1].replace("\u202f", ""))


def shown(text: str) -> str:
    """A text of a CSV as the list shows it."""
    return " ".join(text.removeprefix("'").split()) or "—"


def seen_by(world: World, sheet: Sheet) -> list[str]:
    return [u for u in LOOKERS if world.look(u).viewer.sees(sheet.desk)]


def veiled(cell: str, file: str) -> str:
    """What a cell of a list says in a file that leaves masked: the year of a birth, the mask of everything else; else itself."""
    return file if file in (cell[:4], *(masked(manner, cell) for manner in ("name", "phone", "document", "address"))) else cell


@pytest.mark.parametrize("name", SHEETS)
def test_list_and_csv_agree(world: World, name: str) -> None:
    """The same number of rows; and where one page holds them all, the same rows with the same texts in the same order."""
    sheet = SHEETS[name]
    for user in seen_by(world, sheet):
        for language in ("zh", "en"):
            written = rows_of(world, user, sheet, language)
            page = listed(world, user, sheet, language)
            assert count(world, user, sheet) == len(written)
            if "masked" in world.get(user, sheet_url(sheet, csv=True), language).headers["Content-Disposition"]:
                page = [[cell if cell == other else veiled(cell, other) for cell, other in zip(row, file, strict=True)]
                        for row, file in zip(page, [[shown(text) for text in row] for row in written[:PER_PAGE]], strict=True)]  # fmt: skip
            assert page == [[shown(text) for text in row] for row in written[:PER_PAGE]] or (
                len(written) > PER_PAGE and len(page) == PER_PAGE and set(map(tuple, page)) <= {tuple(map(shown, row)) for row in written}
            )
            last = -(-len(written) // PER_PAGE)
            if last > 1:
                rest = listed(world, user, sheet, language, page=str(last))
                assert len(rest) == len(written) - (last - 1) * PER_PAGE


def test_sheets_are_not_empty(world: World) -> None:
    """A contract over nothing would hold of anything."""
    empty = [name for name, sheet in SHEETS.items() if not rows_of(world, "commander", sheet)]
    # The demo keeps nothing aside, declares no places, hands nothing over, traces nobody by four channels, asks at no door and phones
    # nobody: tests/web/test_answering.py, test_traced.py, test_gate.py and test_calls.py read those with rows.
    assert set(empty) <= {"aside", "places", "charges", "traced", "door-checks", "called", "unreached"}


def options(narrow: Narrow, look: Looking) -> list[str]:
    if narrow.words:
        return list(LISTS[narrow.words])
    if narrow.choices:
        return [code for code, _ in narrow.choices(look)]
    return [code for code, _ in area_options(look)] if narrow.area else []


@pytest.mark.parametrize("name", SHEETS)
def test_filters_narrow(world: World, name: str) -> None:
    """Every choice of every filter gives rows of the whole list and no others; a choice that closes a list divides it."""
    sheet, look = SHEETS[name], world.look("commander")
    whole = sorted(map(tuple, rows_of(world, "commander", sheet)))
    for narrow in sheet.narrows:
        some = options(narrow, look)[: 8 if thorough() else 2] or ([whole[0][0][:1]] if whole else [])
        for value in some:
            written = rows_of(world, "commander", sheet, **{narrow.name: value})
            assert count(world, "commander", sheet, **{narrow.name: value}) == len(written)
            left = list(whole)
            for row in map(tuple, written):
                left.remove(row)  # ValueError: a row that the whole list does not have
        wrong = sheet_url(sheet, **{narrow.name: "no such thing 没有"})
        assert len(listed(world, "commander", sheet, **{narrow.name: "no such thing 没有"})) == 0, f"{wrong} shows rows"


def test_a_list_may_be_narrowed_to_any_area_of_the_scope(world: World) -> None:
    """Also to a group or grid that is not offered; never to one outside, and never to all because the area is not known."""
    people = SHEETS["people"]
    grid = rows_of(world, "commander", people, area="510117001218-1")
    assert 0 < len(grid) < len(rows_of(world, "commander", people, area="510117001218")) < len(rows_of(world, "commander", people))
    assert len(rows_of(world, "taiping", people, area="510117001218-1")) == len(grid)
    assert not rows_of(world, "taiping", people, area="510117008")
    assert not rows_of(world, "commander", people, area="999999")
    assert "selected>郫筒街道太平村1组" in world.get("commander", sheet_url(people, area="510117001218-1")).text.replace("\u3000", "")


@pytest.mark.parametrize("name", SHEETS)
def test_every_column_that_sorts_sorts(world: World, name: str) -> None:
    """Both ways: the same number of rows, and the way back is another order wherever the rows differ."""
    sheet = SHEETS[name]
    total = len(rows_of(world, "commander", sheet))
    sorting = [c for c in sheet.columns if c.sort]
    for col in sheet.columns if thorough() else sorting[:1] + sorting[1:][-1:]:
        up, down = (listed(world, "commander", sheet, sort=sign + col.name) for sign in ("", "-"))
        assert len(up) == len(down) == min(total, PER_PAGE), col.name
        at = [c.name for c in sheet.columns].index(col.name)
        if col.sort and 1 < total <= PER_PAGE and len({row[at] for row in up}) == total:
            assert up == down[::-1], col.name


HOSTILE = (
    "'", '"', "' OR 1=1 --", "a\x00b", "\x00", "x" * 5000, "%", "_", "\\", "<script>", "１", "-1", "0", "1e999", "99999999999999999999999999",
    "\U0001f637", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "2020-13-45 99:99", "[]", "{}",
)  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_nothing_typed_breaks_a_sheet(world: World, name: str) -> None:
    sheet = SHEETS[name]
    fields = [n.name for n in sheet.narrows]
    everywhere = [*fields, "sort", "page", "per_page", "about", "known"]
    for value in HOSTILE if name == "zones" else HOSTILE[:5] if thorough() else HOSTILE[2:3]:
        assert world.get("commander", sheet_url(sheet, **dict.fromkeys(everywhere, value))).status == 200, value[:20]
        for field in everywhere if name == "zones" else fields:
            assert world.get("commander", sheet_url(sheet, **{field: value})).status == 200, (field, value[:20])
    for value in HOSTILE[3:5]:
        assert world.get("commander", sheet_url(sheet, csv=True, **dict.fromkeys(everywhere, value))).status == 200, value


def test_nothing_typed_breaks_a_page(world: World) -> None:
    for value in HOSTILE[:8]:
        typed = quote(value)
        for url in (
            f"/search?q={typed}", f"/board/infections?step={typed}&page={typed}", f"/testing/sample?tube={typed}&capacity={typed}&q={typed}",
            f"/testing/result?tube={typed}&result={typed}&run={typed}", f"/moment?set=1&about={typed}&known={typed}",
            f"/board?about={typed}", f"/imports/1?fate={typed}&page={typed}", f"/people/enrol?next={typed}",
            f"/imports?verb={typed}", f"/views/people?columns={typed}&q={typed}", f"/many/people?verb=locate&which={typed}&row={typed}",
        ):  # fmt: skip
            user = "taiping" if "enrol" in url else "sampling"
            assert world.get(user, url).opened, url
        for path in (
            "people/person",
            "tracing/case",
            "tracing/contact",
            "command/zones",
            "testing/tube",
            "withdraw",
            "do",
            "board",
            "language",
        ):
            if value.strip("/."):
                assert world.get("tracing", f"/{path}/{quote(value[:200], safe='')}").status == 404, path
        for query in ("met", "person", "ring"):
            assert world.get("tracing", f"/tracing/order?{query}={typed}").status == 404


def test_paging_beyond_the_end_is_silent(world: World) -> None:
    for sheet in SHEETS.values():
        seen = world.get("commander", sheet_url(sheet, page="9999"))
        assert seen.status == 200
        assert len(listed(world, "commander", sheet, page="9999")) > 0 or not rows_of(world, "commander", sheet)


def test_a_cell_is_never_a_formula(world: World) -> None:
    for sheet in SHEETS.values():
        for row in rows_of(world, "commander", sheet):
            assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")], sheet.name


def test_a_list_that_disagrees_with_its_csv_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a column that says something else when it is written out, and a filter that is not applied."""
    sheet = SHEETS["zones"]
    first = sheet.columns[0]
    calls = iter(range(10_000))
    monkeypatch.setitem(SHEETS, "zones", replace(sheet, columns=(replace(first, text=lambda r, k: f"{next(calls)}"), *sheet.columns[1:])))
    monkeypatch.setattr(world, "seen", {})
    with pytest.raises(AssertionError):
        test_list_and_csv_agree(world, "zones")
    monkeypatch.setitem(SHEETS, "people", replace(SHEETS["people"], narrows=(Narrow("q", SHEETS["people"].word, lambda rows, v, k: rows),)))
    with pytest.raises(AssertionError):
        test_filters_narrow(world, "people")


# --- views that are kept ----------------------------------------------------------------------------------------------
def keep(world: World, user: str, sheet: str, query: str, **said: object) -> None:
    sent = {"do": "keep", "columns": [c.name for c in SHEETS[sheet].columns], **said}
    assert world.ask(user, f"{reverse('views', kwargs={'sheet': sheet})}?{query}", data=sent).status == 302


def test_a_view_is_kept_opens_first_and_holds_for_page_file_and_program(world: World) -> None:
    columns = [c.name for c in SHEETS["duties"].columns][:3]
    keep(world, "commander", "duties", "state=overdue&page=2", name="夜里要看的", columns=columns, first="on")
    url = reverse("sheet-duties")
    opened = world.ask("commander", url)
    assert opened.status == 302
    query = opened.headers["Location"].partition("?")[2]
    assert "page=" not in query
    seen = world.ask("commander", f"{url}?{query}")
    assert "夜里要看的" in seen.text
    assert len(_cells(seen.text.split('<tbody role="rowgroup">')[1])[0]) == 3
    file = world.ask("commander", f"{reverse('csv-duties')}?{query}").text
    assert len(next(csv.reader(io.StringIO(file)))) == 4
    rows = json.loads(world.ask("commander", f"{reverse('api:list-duties')}?{query}").text)["rows"]
    assert [list(r["text"]) for r in rows[:1]] == [columns]
    assert world.ask("commander", f"{url}?all=1").status == 200, "the whole list is one press away"


def test_a_view_is_shared_with_a_post_and_with_nobody_else(world: World) -> None:
    post = world.look("duty").viewer.chairs[0].post
    keep(world, "commander", "duties", "state=overdue", name="值班视图", posts=[post])
    assert "值班视图" in world.ask("duty", reverse("sheet-duties")).text
    assert "值班视图" not in world.ask("auditor", reverse("sheet-duties")).text
    view = SavedView.objects.get()
    assert world.ask("duty", reverse("views", kwargs={"sheet": "duties"}), data={"do": f"drop-{view.pk}"}).status == 302
    assert SavedView.objects.exists(), "only its maker takes it away"
    world.ask("commander", reverse("views", kwargs={"sheet": "duties"}), data={"do": f"drop-{view.pk}"})
    assert not SavedView.objects.exists()


def test_what_was_typed_is_not_kept(world: World) -> None:
    url = f"{reverse('views', kwargs={'sheet': 'people'})}?q={quote('王')}&nature=residence"
    assert "typed" in world.ask("data", url, "en").text
    keep(world, "data", "people", f"q={quote('王')}&nature=residence", name="常住")
    assert SavedView.objects.get().query == "nature=residence"


def test_doing_something_leads_back_to_the_list_with_its_filters(world: World) -> None:
    seen = world.ask("tracing", f"{reverse('sheet-duties')}?state=open&area=510117001")
    assert quote(f"{reverse('sheet-duties')}?state=open&area=510117001", safe="/") in unescape(seen.text)


def test_pages_follow_each_other_whichever_end_they_are_read_from(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of the second half are read from the last row; together they are the list, in every order, and the last is as long as it should be."""
    monkeypatch.setattr("bulou.kit.sheet.PER_PAGE", 7)
    monkeypatch.setattr(world, "seen", {})  # pages of seven are remembered for no other test
    sheet = SHEETS["entries"]
    total = count(world, "commander", sheet)
    assert 4 * 7 < total < 4000
    for column in (c.name for c in sheet.columns if c.sort):
        for sort in (column, f"-{column}"):
            last = -(-total // 7)
            pages = [
                listed(world, "commander", sheet, sort=sort, page=str(n))
                for n in (1, 2, last // 2, last // 2 + 1, last // 2 + 2, last - 1, last)
            ]
            assert [len(p) for p in pages] == [7] * 6 + [total - 7 * (last - 1)]
            written = rows_of(world, "commander", sheet, sort=sort)
            keys = [row[0] for row in written]
            for number, page in zip((1, 2, last // 2, last // 2 + 1, last // 2 + 2, last - 1, last), pages, strict=True):
                assert [row[0] for row in page] == keys[7 * (number - 1) : 7 * number], (sort, number)


def test_of_rows_that_are_equal_each_is_on_one_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ties go by the row's own key, from whichever end a page is read: without it a page is shown twice and rows on none."""
    many = 50 if thorough() else 200
    monkeypatch.setattr("bulou.kit.sheet.PER_PAGE", many)
    sheet = SHEETS["people"]
    total = count(world, "commander", sheet)
    for column in sheet.columns:
        if column.sort:
            for sort in (column.name, f"-{column.name}"):
                seen = [to for n in range(1, -(-total // many) + 1) for to in links(world, sheet, sort=sort, page=str(n))]
                assert len(seen) == len(set(seen)) == total, sort


def links(world: World, sheet: Sheet, **query: str) -> list[str]:
    """Where the rows of a page of people lead: one address each."""
    table = world.get("commander", sheet_url(sheet, **query)).text.split('<tbody role="rowgroup">', 1)[1].split("</tbody>", 1)[0]
    return [m[0] for row in findall(r"<tr[^>]*>(.*?)</tr>", table, DOTALL) if (m := findall(r'href="(/people/person/[^"?]+)', row))]
