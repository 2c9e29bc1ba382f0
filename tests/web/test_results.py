"""Results as they really come: files with every fault there is, results taken back, and nobody called negative in an open pool."""

from __future__ import annotations

import io
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bulou.basis.facts import IncidentClosed, SampleTaken, TubeResulted
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.basis.words import LISTS
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Entry, Envelope, Tube
from bulou.evidence.now import NEVER
from bulou.gaps import pools
from bulou.kit import many, people
from bulou.kit.centre import centre, set_clock
from bulou.kit.many import rows_of
from bulou.kit.models import ImportReceipt
from bulou.kit.sheet import SHEETS
from bulou.kit.withdrawing import MOST, consequences
from tests.run import drawn, thorough
from tests.web.world import POOL, Seen, World, fresh_id, members_of, sheet_url

IMPORT = "/testing/results/import"


def send(world: World, data: bytes, language: str = "zh", name: str = "lab.csv", user: str = "laboratory") -> Seen:
    return world.ask(user, IMPORT, language, data={"verb": "report_result", "file": SimpleUploadedFile(name, data)})


def taken(world: World, data: bytes, name: str = "lab.csv") -> ImportReceipt:
    """The receipt of a file that was taken in to the end."""
    return world.taken_in("laboratory", IMPORT, {"verb": "report_result", "file": SimpleUploadedFile(name, data)})


def fates(found: ImportReceipt) -> list[tuple[int, str, str]]:
    return list(rows_of(found).values_list("n", "fate", "field"))


# --- files ------------------------------------------------------------------------------------------------------------
MIXED = """试管号,检测结果,检测次序,出结果时间,ORF,N
N-001,阴性,初次,2020-12-09 08:00,,
N-002,positive,,2020/12/09 08:10,23.5,24.1
2.02E+12,阴性,,2020-12-09 08:00,,
N-004,不知道,,2020-12-09 08:00,,
N-005,阴性,,2020-12-09 09:01,,
N-006,阴性,,昨天,,
N-007,阴性,,2020-12-09 08:00,abc,
,阴性,,,,
,,,,,
N-009,阴性,第七次,,,
N-010,-
N-011,+,rerun,2020-12-09 08:59,,
""".splitlines()
FATES = [
    (2, "entered", ""), (3, "entered", ""), (4, "refused", "tube"), (5, "refused", "result"), (6, "refused", "at"), (7, "refused", "at"),
    (8, "refused", "ct_orf"), (9, "refused", "tube"), (11, "refused", "run"), (12, "entered", ""), (13, "entered", ""),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_every_row_of_a_file_has_its_fate(world: World, encoding: str, end: str, sign: str) -> None:
    before = CONTENT["tube.resulted"].objects.count()
    found = taken(world, end.join(line.replace(",", sign) for line in MIXED).encode(encoding))
    assert fates(found) == FATES
    assert (found.entered, found.same, found.refused) == (4, 0, 7)
    assert CONTENT["tube.resulted"].objects.count() == before + 4
    assert all((r.zh and r.en) if r.fate == "refused" else not r.zh for r in rows_of(found))
    assert CONTENT["tube.resulted"].objects.filter(tube="N-002").values_list("ct_orf", "ct_n", "channel").get() == (23.5, 24.1, "file")


def test_the_receipt_explains_every_refused_row_in_both_languages(world: World) -> None:
    found = taken(world, "\n".join(MIXED).encode("gb18030"))
    url = reverse("import", kwargs={"number": found.pk})
    for language, key in (("zh", "zh"), ("en", "en")):
        text = unescape(world.ask("laboratory", url, language).text)
        for row in rows_of(found):
            assert getattr(row, key) in text
    for user in ("auditor", "commander", "grid"):
        assert world.ask(user, url).status == 404
    assert world.ask("duty", url).status == 200, "whoever may enter results and sees the whole centre goes on with it"


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    data = "\n".join(MIXED).encode()
    first = taken(world, data)
    before = (Envelope.objects.count(), Duty.objects.count())
    assert taken(world, data, name="again.csv").pk == first.pk
    ImportReceipt.objects.filter(pk=first.pk).delete()
    second = taken(world, data, name="again.csv")
    assert (first.entered, first.same, second.entered, second.same, second.refused) == (4, 0, 0, 4, 7)
    assert [fate for _, fate, _ in fates(second)] == ["same" if fate == "entered" else fate for _, fate, _ in FATES]
    assert (Envelope.objects.count(), Duty.objects.count()) == before


def test_the_same_file_an_hour_later_changes_nothing_either(world: World) -> None:
    """Rows that give no hour of their own happened when the file first came, not when it came again."""
    data = "tube,result\nN-020,阴性\n".encode()
    ImportReceipt.objects.filter(pk=taken(world, data).pk).delete()
    set_clock(SetClock(Instant(world.opens + HOUR)))
    before = Envelope.objects.count()
    again = taken(world, data)
    assert (again.entered, again.same, again.refused) == (0, 1, 0)
    assert Envelope.objects.count() == before


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"tube\n", b"%PDF-1.4 \xe2\xe3\xcf\xd3", b"\n\n\n"])
def test_a_file_that_cannot_be_read_enters_nothing_and_says_why(world: World, data: bytes) -> None:
    before = (Entry.objects.count(), ImportReceipt.objects.count())
    for language in ("zh", "en"):
        seen = send(world, data, language)
        assert seen.status in (200, 422)
        assert "text-danger" in seen.text or 'role="alert"' in seen.text
    assert (Entry.objects.count(), ImportReceipt.objects.count()) == before


def test_missing_columns_are_asked_for(world: World) -> None:
    """A column that no heading names is chosen by a person; until then nothing is checked."""
    for data, language, missing in (("结果,备注\n阴性,x\n", "zh", "试管"), ("tube,note\nN-1,x\n", "en", "result")):
        at = send(world, data.encode(), language).headers["Location"]
        seen = world.ask("laboratory", at, language, data={"do": "columns"})
        assert (seen.status, missing in unescape(seen.text)) == (422, True)


def test_a_laboratory_workbook_is_read_too(world: World) -> None:
    """A code that a workbook has as a number is refused as in a text, and for the same reason."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (("试管号", "检测结果", "ORF"), ("X-001", "阴性", 36.5), (2.02e12, "阴性", None), ("2.02E+12", "阴性", None)):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    found = taken(world, out.getvalue(), name="lab.xlsx")
    assert [f for _, f, _ in fates(found)][::2] == ["entered", "refused"]
    assert CONTENT["tube.resulted"].objects.get(tube="X-001").ct_orf == 36.5


def test_nothing_of_a_file_is_half_entered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle leaves whole entries or none: a part that failed is not there at all, and going on goes on."""
    data = ("tube,result,at\n" + "".join(f"H-{i:03d},阴性,2020-12-09 08:00\n" for i in range(250))).encode()
    at = send(world, data).headers["Location"]
    assert world.ask("laboratory", at, data={"do": "columns", "column-tube": "0", "column-result": "1", "column-at": "2"}).status == 302
    real, calls = many.prepare, iter(range(10_000))

    def failing(*args: Any) -> Any:
        if next(calls) == 150:
            raise RuntimeError("the power went")
        return real(*args)

    before = Tube.objects.filter(tube__startswith="H-").count()
    monkeypatch.setattr(many, "prepare", failing)
    with pytest.raises(RuntimeError):
        world.ask("laboratory", at, data={"do": "enter"})
    assert Tube.objects.filter(tube__startswith="H-").count() - before == 100
    assert world.ask("laboratory", at, data={"do": "go"}).status == 302
    found = ImportReceipt.objects.get(pk=int(at.rstrip("/").rsplit("/", 1)[-1]))
    assert (found.entered, found.same, found.refused, found.state) == (250, 0, 0, "done")


def test_two_positives_of_one_file_open_one_incident(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one row opens the next one joins, also within one entry."""
    facts = world.look("laboratory").facts()
    close = [Fact(new_id(world.opens), "incident.closed", world.opens, f.body.incident, IncidentClosed(f.body.incident, "commander", "试"))
             for f in facts.standing("incident.opened") if f.body.nature == "outbreak"]  # fmt: skip
    enter(close, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    before = CONTENT["incident.opened"].objects.count()
    found = taken(world, "tube,result\nTWO-1,阳性\nTWO-2,阳性\n".encode())
    assert found.entered == 2
    assert CONTENT["incident.opened"].objects.count() == before + 1


def test_unknown_tubes_and_second_results_are_never_refused(world: World) -> None:
    found = taken(world, f"tube,result\nNOBODY-1,阳性\n{POOL},阴性\n".encode())
    assert [fate for _, fate, _ in fates(found)] == ["entered", "entered"]
    assert Tube.objects.get(tube=POOL, void_seq=NEVER).result == "positive"
    assert Duty.objects.filter(subject=b"NOBODY-1", void_seq=NEVER).exists(), "an unknown tube opens a gap"


# --- taken back -------------------------------------------------------------------------------------------------------
def standing() -> dict[int, Any]:
    return {d.id: d for d in Duty.objects.filter(void_seq=NEVER)}


@pytest.mark.parametrize("kind", ["tube.resulted", "sample.taken", "contact.named", "order.made", "case.diagnosed", "zone.drawn"])
def test_withdrawing_shows_beforehand_exactly_what_it_then_undoes(world: World, kind: str) -> None:
    found = CONTENT[kind].objects.order_by("id")
    fact = found.filter(tube=POOL).first() if kind in ("tube.resulted", "sample.taken") else found.first()
    assert fact is not None
    look = world.look("tracing")
    before, rows = standing(), Entry.objects.count()
    target = look.facts().raw("fact", "id", bytes(fact.id))[0]
    gone, come, n_gone, n_come = consequences(target, look)
    assert standing().keys() == before.keys()
    assert Entry.objects.count() == rows
    url = reverse("withdraw", kwargs={"fact": to_text(bytes(fact.id))})
    shown = world.ask("tracing", url)
    assert shown.status == 200
    sent = world.ask("tracing", url, data={"reason": "读错 · misread", "fact_id": fresh_id(world)})
    assert sent.status == 302
    after = standing()

    def key(d: Any) -> tuple[bytes, bytes, str]:
        return bytes(d.cell), bytes(d.subject), str(d.turn)

    went = {i: d for i, d in before.items() if i not in after}
    came = {i: d for i, d in after.items() if i not in before}
    undone = [i for i, d in went.items() if key(d) not in {key(c) for c in came.values()}]
    assert (n_gone, n_come) == (len(undone), len(came))
    assert {s.id for s in gone} <= set(undone)
    assert len(gone) == min(MOST, len(undone))
    assert len(come) == min(MOST, len(came))
    if kind in ("tube.resulted", "order.made", "contact.named", "zone.drawn"):
        assert n_gone > 0
        assert str(n_gone) in shown.read.texts


def test_a_withdrawn_result_no_longer_holds_anyone(world: World) -> None:
    fact = CONTENT["tube.resulted"].objects.get(tube=POOL)
    url = reverse("withdraw", kwargs={"fact": to_text(bytes(fact.id))})
    assert world.ask("laboratory", url, data={"reason": "读错", "fact_id": fresh_id(world)}).status == 302
    assert POOL not in world.ask("commander", "/testing/pools").text
    client = world.client("laboratory")
    assert world.ask("laboratory", url, client=client).status in (200, 404)
    for text in (world.ask("auditor", "/testing/tube/" + POOL, "en").text,):
        assert "withdrawn" in text, "a withdrawn fact stays, and says so"


def test_a_laboratory_takes_back_results_and_nothing_else(world: World) -> None:
    other = CONTENT["sample.taken"].objects.order_by("id").first()
    assert other is not None
    url = reverse("withdraw", kwargs={"fact": to_text(bytes(other.id))})
    assert world.ask("laboratory", url).status == 404
    assert world.ask("laboratory", url, data={"reason": "x", "fact_id": fresh_id(world)}).status == 404
    assert world.ask("tracing", url).status == 200


# --- nobody is negative while their pool is open ----------------------------------------------------------------------
NEGATIVE = {LISTS["test"]["negative"].zh, LISTS["test"]["negative"].en}


def says_negative(seen: Seen, person: bytes, name: str) -> list[str]:
    """Rows about a person, or their own page, that call them negative."""
    own = to_text(person) in seen.url
    about = [r for r in seen.read.rows if name in r or any(t.startswith("href:") and to_text(person) in t for t in r)]
    found = [f"{seen.url}: {row}" for row in about if "state:negative" in row or NEGATIVE & set(row)]
    if own and ('data-state="negative"' in seen.text or NEGATIVE & set(seen.read.texts)):
        found.append(f"{seen.url} itself")
    return found


def singles_read_negative(world: World) -> list[bytes]:
    """Half of the pool have had their single read negative; the pool stays open for all."""
    people_ = members_of(POOL)
    facts = []
    for i, person in enumerate(people_[:5]):
        at = Instant(world.opens + i)
        facts.append(Fact(new_id(at), "sample.taken", at, world.incident, SampleTaken(person, f"S-{i}", "covid19", 1)))
        facts.append(Fact(new_id(at), "tube.resulted", Instant(at + 10), world.incident, TubeResulted(f"S-{i}", "covid19", "negative")))
    clock = SetClock(Instant(world.opens + HOUR))
    set_clock(clock)
    enter(facts, by="test", source="test", clock=clock, protocol=centre().protocol)
    return people_[:5]


def pages_of(world: World, user: str, person: bytes, name: str) -> list[Seen]:
    """Every page that may show a person: their own, their tubes, lists, searches, pools, figures."""
    text = to_text(person)
    urls = [reverse(p, kwargs={"person": text}) for p in ("person", "case", "contact")]
    tubes = CONTENT["sample.taken"].objects.filter(person=person).values_list("tube", flat=True)
    urls += [reverse("tube", kwargs={"tube": t}) for t in (*tubes, "AJ09-006", "AJ09-008")]
    urls += [
        f"/search?q={name}",
        "/testing/pools",
        f"/testing/sample?tube=S-0&capacity=1&q={name}",
        "/board",
        "/board/not_located",
        "/board/tests_owed",
    ]
    urls += [sheet_url(s) for s in SHEETS.values()] + [sheet_url(SHEETS["people"], q=name)]
    return [seen for seen in (world.ask(user, url) for url in urls) if seen.status == 200]


def test_no_page_says_negative_of_a_person_whose_pool_is_open(world: World) -> None:
    for person in singles_read_negative(world)[: 2 if thorough() else 1]:
        for user in drawn(("tracing", "auditor"), "auditor"):
            name = world.look(user).name(person)
            full = world.look("tracing").name(person)
            seen = pages_of(world, user, person, full)
            shown = [s for s in seen if name in s.text]
            assert len(shown) >= 4, [s.url for s in seen]
            assert not [w for s in seen for w in says_negative(s, person, name if user != "auditor" else full)]


def test_a_screen_that_says_negative_too_early_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a desk that forgets the pool, and one that takes a single for the end of it."""
    person = singles_read_negative(world)[0]
    name = world.look("tracing").name(person)
    monkeypatch.setattr(people, "status", lambda *args: "negative")
    assert [w for s in pages_of(world, "tracing", person, name) for w in says_negative(s, person, name) if "/person/" in w]
    monkeypatch.setattr(pools.State, "word", lambda self, at: "resolved")
    assert [w for s in pages_of(world, "tracing", person, name) for w in says_negative(s, person, name) if "/tube/" in w]
