"""Lists for doors: the least on paper, in a name, for a time, counted and marked; nothing on it without its look, and back it comes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from bulou.basis.facts import HouseholdDeclared, ListPrinted
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import DAY, HOUR, MINUTE, Instant, SetClock, format_local
from bulou.basis.words import LISTS, RING
from bulou.desks.people import doorlists, doors
from bulou.duties.enter import enter
from bulou.evidence.models import CONTENT
from bulou.evidence.now import NEVER
from bulou.gaps.coverage import RuleBook
from bulou.kit import looks
from bulou.kit.centre import centre, set_clock
from bulou.kit.looking import Looking, moment_at
from bulou.kit.models import Look
from bulou.kit.sheet import SHEETS
from bulou.kit.verb import VERBS, Refused
from bulou.register.models import Household, Person
from bulou.register.roles import roles
from tests.web import test_sheets
from tests.web.test_scope import Raw
from tests.web.test_verbs import sent
from tests.web.world import LISTED, Seen, World, sheet_url

VILLAGE, GROUP, ELSEWHERE = "510117001218", "510117001218-1", "510117008"
SHEET = SHEETS["door-lists"]


def at(world: World, minutes: int) -> None:
    set_clock(SetClock(Instant(world.opens + minutes * MINUTE)))


def put(world: World, user: str = "taiping", **more: str) -> bytes:
    """Prints a list; its id."""
    id_ = new_id(centre().clock.now())
    answer = world.ask(user, reverse("doors"), data={"area": VILLAGE, "what": "all", "fact_id": to_text(id_), **more})
    assert answer.status == 302, answer.text
    return id_


def paper(world: World, id_: bytes, user: str = "taiping", language: str = "zh", *, text: bool = False) -> Seen:
    return world.ask(user, reverse("door-list", kwargs={"printed": to_text(id_)}) + ("?form=text" if text else ""), language)


def rows(seen: Seen) -> list[list[str]]:
    """Rows of the sheets of a paper, as texts of their cells."""
    found = []
    for table in re.findall(r'<table class="table paper-table">(.*?)</table>', seen.text, re.DOTALL):
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL):
            found.append([" ".join(re.sub(r"<[^>]+>", "", c).split()) for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)])
    return found


def body(id_: bytes) -> Any:
    return CONTENT["list.printed"].objects.get(pk=id_)


# --- what stands on paper ---------------------------------------------------------------------------------------------
def said_too_much(world: World, text: str) -> list[str]:
    """What of a paper must not be on it: how people are reached, who they are whole, and why anything is asked of them."""
    raw = Raw()
    found = [v for held in (raw.phone, raw.document, raw.name, raw.born) for v in held.values() if v in text]
    words = {w for r in RuleBook(centre().protocol).rules.values() for w in (r.word.zh, r.word.en, r.name)}
    words |= {w for one in RING.values() for w in one if len(w) > 1}
    words |= {w for kind in LISTS["door"].values() for w in kind if kind is not LISTS["door"]["all"]}
    words |= {"密接", "次密接", "阳性", "病例", "隔离", "close contact", "positive", "quarantine"}
    return found + [w for w in words if re.search(rf"(?<![A-Za-z]){re.escape(w)}(?![A-Za-z])", text)]


def _content(seen: Seen) -> str:
    """What is on the sheets themselves: what stands around them never reaches paper."""
    return "".join(re.findall(r'<section class="card paper".*?</section>', seen.text, re.DOTALL)) if "<html" in seen.text else seen.text


def test_paper_says_where_and_whether_and_nothing_else(world: World) -> None:
    for what in LISTS["door"]:
        if not doors.doors(world.look("taiping"), VILLAGE, what):
            continue
        id_ = put(world, what=what)
        for language in ("zh", "en"):
            for text in (False, True):
                seen = paper(world, id_, language=language, text=text)
                assert seen.status == 200
                assert not said_too_much(world, _content(seen)), (what, language, text)
                assert to_text(id_) not in _content(seen)
        assert len(rows(paper(world, id_))) >= body(id_).rows > 0


def test_a_list_that_says_more_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a telephone, a whole name, a rule and a ring; each in turn where the name stands."""
    id_ = put(world)
    one = next(d for d in doors.doors(world.look("taiping"), VILLAGE, "all") if not d.household)
    person = Person.objects.filter(person=one.subject, void_seq=NEVER)[0]
    rule = next(iter(RuleBook(centre().protocol).rules.values()))
    real = doorlists.lines
    for planted in (person.phone or Raw().phone.popitem()[1], person.name, rule.word.zh, next(iter(RING.values())).zh):
        monkeypatch.setattr(doorlists, "lines", lambda *a, p=planted, **k: [x._replace(name=p) for x in real(*a, **k)])
        for text in (False, True):
            assert said_too_much(world, _content(paper(world, id_, text=text))), planted


def test_every_sheet_and_every_line_carry_whose_and_until_when(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorlists, "PER_SHEET", 7)
    id_ = put(world)
    row, number = body(id_), doors.number(id_)
    seen = paper(world, id_)
    sheets = re.findall(r'<section class="card paper".*?</section>', seen.text, re.DOTALL)
    assert len(sheets) == -(-len(rows(seen)) // doorlists.PER_SHEET) > 1
    printed, until = format_local(row.at, world.look("taiping").zone), format_local(row.until, world.look("taiping").zone, deadline=True)
    for sheet in sheets:
        assert sheet.count(number) > 20
        assert sheet.count(f"taiping {printed}") > 20
        assert until in sheet
        assert "EXERCISE / 演练" in sheet
    text = paper(world, id_, text=True)
    assert text.headers["Content-Type"].startswith("text/plain")
    lines = text.text.splitlines()
    assert all(number in line for line in lines[4:])
    assert "taiping" in lines[1]
    assert until in lines[1]
    assert len(lines) == 4 + len(rows(seen))


def test_what_was_printed_is_a_fact_and_a_look(world: World) -> None:
    before = Look.objects.count()
    id_ = put(world, hours="48")
    row = body(id_)
    found = doors.doors(doors.then(world.look("taiping"), row), VILLAGE, "all")
    assert (row.area, row.what, row.account, row.rows, row.post) == (VILLAGE, "all", "taiping", len(found), "village.510117001218")
    assert row.until == row.at + 48 * HOUR
    assert row.digest == doors.digest(found)
    assert Look.objects.count() == before, "nobody was shown anything"
    paper(world, id_)
    look = Look.objects.order_by("-number")[0]
    assert (look.account, look.page, bytes(look.export or b"")) == ("taiping", "door-list", id_)
    assert {d.subject for d in found} <= set(looks.shown_in(look))
    assert "name" not in look.bare.split()
    paper(world, id_, text=True)
    assert Look.objects.filter(export=id_).count() == 2, "each time it is opened"


def test_nothing_prints_without_its_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = put(world)
    assert rows(paper(world, id_))

    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(looks, "insert", broken)
    for text in (False, True):
        seen = paper(world, id_, text=text)
        assert seen.status == 503
        assert doors.number(id_) not in seen.text
    assert world.ask("taiping", reverse("doors") + f"?area={VILLAGE}").status == 503


def test_what_is_only_looked_at_is_kept_off_paper(world: World) -> None:
    seen = world.ask("taiping", reverse("doors") + f"?area={VILLAGE}", "en")
    assert 'class="shell unprinted"' in seen.text
    assert "This is no list for doors" in seen.text
    assert not said_too_much(world, seen.text.split('<table class="table slim"')[1].split("</table>")[0])


# --- who, where, until when -------------------------------------------------------------------------------------------
def test_only_posts_that_answer_for_the_area_print(world: World) -> None:
    assert {code for code, role in roles().items() if "print_doors" in role.verbs} == {"town_lead", "village_lead", "grid_officer"}
    for user, area in (
        ("taiping", ELSEWHERE),
        ("taiping", "510117001219"),
        ("taiping", "999"),
        ("pitong", "510117001"),
        ("grid", "510117008"),
    ):
        assert world.ask(user, reverse("doors") + f"?area={area}").status == 404, (user, area)
        assert world.ask(user, reverse("doors"), data={"area": area, "what": "all", "fact_id": to_text(new_id(world.opens))}).status == 404
    for user in ("commander", "duty", "data", "tracing", "auditor", "administrator", "nobody"):
        assert world.ask(user, reverse("doors")).status == 404
        assert world.ask(user, reverse("door-list", kwargs={"printed": to_text(LISTED)})).status == 404
    id_ = put(world, "pitong")
    assert paper(world, id_, "pitong").status == 200
    assert paper(world, id_, "taiping").status == 404, "another's paper, though of their area"
    with pytest.raises(Refused):
        sent(world, "taiping", VERBS["print_doors"], {
            "area": ELSEWHERE, "what": "all", "account": "taiping", "rows": 3, "upto": 1, "digest": "-", "until": world.opens + HOUR,
        })  # fmt: skip


def test_a_foreign_list_is_not_found(world: World) -> None:
    far = Fact(new_id(world.opens), "list.printed", world.opens, None,
               ListPrinted("510117008", "all", "taiping", 3, 1, "-", Instant(world.opens + DAY), "town.510117008"))  # fmt: skip
    enter([far], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    assert paper(world, far.id).status == 404
    assert world.ask("taiping", f"{reverse('door-return')}?printed={to_text(far.id)}").status == 404
    assert doors.number(far.id) not in world.ask("taiping", sheet_url(SHEET)).text
    assert doors.number(far.id) in world.ask("auditor", sheet_url(SHEET)).text
    with pytest.raises(Refused):
        sent(world, "taiping", VERBS["return_list"], {"printed": far.id, "outcome": "returned", "note": None})


def test_a_list_is_good_for_three_days_at_most_and_shown_no_more_after(world: World) -> None:
    values = {"area": VILLAGE, "what": "all", "account": "taiping", "rows": 3, "upto": 1, "digest": "-"}
    for hours, rows_ in ((73, 3), (0, 3), (24, 0), (24, doors.MOST + 1)):
        with pytest.raises(Refused):
            sent(world, "taiping", VERBS["print_doors"], {**values, "rows": rows_, "until": Instant(world.opens + hours * HOUR)})
    assert (
        world.ask(
            "taiping", reverse("doors"), data={"area": VILLAGE, "what": "all", "hours": "100", "fact_id": to_text(new_id(world.opens))}
        ).status
        == 422
    )
    id_ = put(world)
    assert body(id_).until - body(id_).at == 24 * HOUR
    at(world, 24 * 60 - 1)
    assert rows(paper(world, id_))
    at(world, 24 * 60)
    seen = paper(world, id_)
    assert seen.status == 200
    assert not rows(seen)
    assert to_text(id_) in seen.text, "the way to say that it is back"
    assert not re.findall(r"\d+号\d单元", seen.text)


# --- what changed (trap 51) -------------------------------------------------------------------------------------------
def test_a_new_print_marks_what_changed(world: World) -> None:
    """A door visited, a household found, a person gone: changed, new, gone; against the last print of the same list, not of another."""
    first = put(world, "pitong")
    found = doors.doors(world.look("taiping"), VILLAGE, "all")
    owing = [d for d in found if d.owed and d.household]
    before = {r[1] + r[2]: r for r in rows(paper(world, first, "pitong"))}
    assert owing
    at(world, 1)
    put(world, "grid", what="observe")
    sent(world, "taiping", VERBS["visit_household"], {"household": owing[0].subject, "symptoms": 0})
    moved = next(d for d in found if d.household and d.subject != owing[0].subject)
    enter([Fact(new_id(world.opens), "household.declared", world.opens, None, HouseholdDeclared(moved.subject, moved.area, "新院9号1单元101"))],
          by="test", source="test", clock=centre().clock, protocol=centre().protocol)  # fmt: skip
    at(world, 2)
    again = put(world)
    marks = {r[1]: r[4] for r in rows(paper(world, again)) if r[4]}
    visited = Household.objects.filter(household=owing[0].subject, void_seq=NEVER).values_list("address", flat=True)[0]
    assert any(visited in door and "变化" in mark for door, mark in marks.items())
    assert any("新院9号" in door and "变化" in mark for door, mark in marks.items())
    seen = paper(world, again)
    assert doors.number(first) in seen.text
    assert len(rows(seen)) >= len(before)
    later = put(world)
    assert not [r for r in rows(paper(world, later)) if r[4]], "nothing has changed since"
    at(world, 24 * 60 + 5)  # what was done yesterday is on the list no more
    gone = [r for r in rows(paper(world, put(world))) if "撤下" in r[4]]
    assert any(visited in r[1] for r in gone)
    assert all(r[3] == "—" for r in gone)


def test_marks_are_right_whatever_changes() -> None:
    one = doors.Door(b"a", True, "x", b"a", "1号", True)
    two, three = one._replace(subject=b"b"), one._replace(subject=b"c", household=False)
    found = doors.changes([one._replace(owed=False), two, three], [one, two, three._replace(household=True)])
    assert found.marks == {(b"a", True): "changed", (b"c", False): "added"}
    assert [d.subject for d in found.gone] == [b"c"]
    assert found.counts() == {"added": 1, "changed": 1, "gone": 1}
    assert doors.digest([one, two]) == doors.digest([two, one]) != doors.digest([one, two._replace(owed=False)])


def test_doors_stand_as_one_walks() -> None:
    made = [doors.Door(bytes([i]), True, "x", None, a, True) for i, a in enumerate(("10号", "2号10单元", "2号9单元", "东院"))]
    assert [d.address for d in sorted(made, key=doors._in_order)] == ["2号9单元", "2号10单元", "10号", "东院"]


def test_a_list_is_told_again_as_of_its_hour(world: World) -> None:
    """Whatever was entered since: the paper of a print says what it said. A list whose content is gone is not told at all."""
    id_ = put(world)
    told = rows(paper(world, id_))
    at(world, 5)
    home = next(d for d in doors.doors(world.look("taiping"), VILLAGE, "all") if d.owed and d.household)
    sent(world, "taiping", VERBS["visit_household"], {"household": home.subject, "symptoms": 0})
    at(world, 6)
    assert rows(paper(world, id_)) == told
    assert doors.digest(doors.doors(world.look("taiping"), VILLAGE, "all")) != body(id_).digest
    other = Fact(
        new_id(world.opens),
        "list.printed",
        world.opens,
        None,
        ListPrinted(*(getattr(body(id_), f) for f in ListPrinted._fields))._replace(digest="another"),
    )
    enter([other], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    seen = paper(world, other.id)
    assert not rows(seen)
    assert "已无法重现" in seen.text
    at(world, 8)
    assert not [r for r in rows(paper(world, put(world))) if r[4]], "against what cannot be told nothing is marked"


def test_an_area_without_anything_owed_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorlists, "doors", lambda *_: [])
    seen = world.ask("taiping", reverse("doors") + f"?area={VILLAGE}", "en")
    assert "Nothing is owed at doors here now" in seen.text
    assert "fact_id" not in seen.text
    assert (
        world.ask("taiping", reverse("doors"), data={"area": VILLAGE, "what": "all", "fact_id": to_text(new_id(world.opens))}).status == 422
    )


# --- back it comes ----------------------------------------------------------------------------------------------------
def states(world: World, user: str, **query: str) -> dict[str, str]:
    """The states of the lists on the sheet, by number."""
    seen = world.ask(user, sheet_url(SHEET, csv=True, **query), "en").text
    return {row[0]: row[8] for row in list(csv.reader(io.StringIO(seen)))[1:]}


def test_lists_out_and_overdue_are_on_the_sheet_with_who_holds_them(world: World) -> None:
    id_ = put(world, hours="4")
    other = put(world, "pitong", area=f"{VILLAGE}-10", hours="72")
    number = doors.number(id_)
    for user in ("commander", "pitong", "taiping", "auditor"):
        assert states(world, user)[number] == "out"
        assert "taiping" in world.ask(user, sheet_url(SHEET)).text
    at(world, 4 * 60)
    for user in ("commander", "pitong", "taiping", "auditor"):
        assert states(world, user, state="overdue") == {number: "overdue for return"}, "the others are good for a day"
        assert number in states(world, user, state="open")
    assert states(world, "pitong", state="out")[doors.number(other)] == "out"
    url = f"{reverse('door-return')}?printed={to_text(id_)}"
    assert world.ask("auditor", url).status == 404
    data = {"outcome": "lost", "note": "", "fact_id": to_text(new_id(world.opens))}
    assert world.ask("pitong", url, data=data).status == 302, "who answers for the street may say so too"
    assert states(world, "auditor")[number] == "lost"
    assert states(world, "auditor", state="lost") == {number: "lost"}
    assert number not in states(world, "auditor", state="open")
    at(world, 5 * 60)
    assert world.ask("taiping", url, data={**data, "outcome": "destroyed", "fact_id": to_text(new_id(world.opens))}).status == 302
    assert states(world, "auditor", state="destroyed") == {number: "destroyed"}
    assert not states(world, "auditor", state="lost")
    assert world.ask("taiping", url, data={**data, "fact_id": to_text(new_id(world.opens))}).status == 422, "once"
    back = _moment(world, 4 * 60 + 1)
    row = next(r for r in doors.printed(back) if bytes(r.id) == id_)
    doorlists._became([row], back)
    assert row.state == "lost", "as it was known then"


def _moment(world: World, minutes: int) -> Looking:
    hour = Instant(world.opens + minutes * MINUTE)
    return world.look("auditor", "en", moment_at(hour, hour))


def test_every_state_of_the_sheet_divides_it(world: World) -> None:
    id_ = put(world)
    sent(world, "taiping", VERBS["return_list"], {"printed": id_, "outcome": "returned", "note": None})
    put(world, "pitong", hours="4")
    at(world, 5 * 60)
    whole = states(world, "commander")
    parts = [states(world, "commander", state=s) for s in doorlists.STATES]
    assert sum(map(len, parts)) == len(whole) >= 3
    assert {k: v for part in parts for k, v in part.items()} == whole
    world.seen.clear()
    for check in (test_sheets.test_list_and_csv_agree, test_sheets.test_filters_narrow, test_sheets.test_every_column_that_sorts_sorts):
        check(world, "door-lists")
    world.seen.clear()


def test_withdrawing_the_record_takes_no_paper_back(world: World) -> None:
    id_ = put(world)
    sent(world, "commander", VERBS["withdraw"], {"target": id_, "reason": "试 · test"})
    at(world, 1)
    assert doors.number(id_) in states(world, "auditor")


# --- the way there ----------------------------------------------------------------------------------------------------
LED: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("/exports", lambda u: u in ("commander", "duty", "tracing")),
    ("/people/doors", lambda u: u in ("pitong", "taiping", "grid")),
)


def test_the_navigation_leads_who_may_and_nobody_else(world: World) -> None:
    for user in world.users:
        links = world.ask(user, "/about").read.links
        for url, may in LED:
            assert (url in links) == may(user), (user, url)
        past = world.ask(user, "/about?about=2020-12-08+20:00&known=2020-12-08+20:00").read.links
        assert not {url for url, _ in LED} & set(past), "nothing is printed or decided in the past"
