"""Results as they really come: files with every fault there is, results taken back, and nobody called negative in an open pool."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bulou.basis.facts import SampleTaken, TubeResulted
from bulou.basis.ids import new_id, to_text
from bulou.basis.kinds import Fact
from bulou.basis.time import HOUR, Instant, SetClock
from bulou.basis.words import LISTS
from bulou.desks.testing import pages
from bulou.duties.enter import enter
from bulou.duties.models import Duty
from bulou.evidence.models import CONTENT, Entry, Envelope, Tube
from bulou.evidence.now import NEVER
from bulou.gaps import pools
from bulou.kit import people
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import ImportReceipt
from bulou.kit.sheet import SHEETS
from bulou.kit.withdrawing import MOST, consequences
from tests.web.world import POOL, Seen, World, fresh_id, members_of, sheet_url

IMPORT = "/testing/results/import"


def send(world: World, data: bytes, language: str = "zh", name: str = "lab.csv", user: str = "laboratory") -> Seen:
    return world.ask(user, IMPORT, language, data={"file": SimpleUploadedFile(name, data)})


def receipt(seen: Seen) -> ImportReceipt:
    assert seen.status == 302, seen.text[:2000]
    return ImportReceipt.objects.get(pk=int(seen.headers["Location"].rstrip("/").rsplit("/", 1)[-1]))


def fates(found: ImportReceipt) -> list[tuple[int, str, str]]:
    return [(r["n"], r["fate"], r["field"]) for r in found.rows]


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
    found = receipt(send(world, end.join(line.replace(",", sign) for line in MIXED).encode(encoding)))
    assert fates(found) == FATES
    assert (found.entered, found.same, found.refused) == (4, 0, 7)
    assert CONTENT["tube.resulted"].objects.count() == before + 4
    assert all((r["zh"] and r["en"]) if r["fate"] == "refused" else not r["zh"] for r in found.rows)
    assert CONTENT["tube.resulted"].objects.filter(tube="N-002").values_list("ct_orf", "ct_n", "channel").get() == (23.5, 24.1, "file")


def test_the_receipt_explains_every_refused_row_in_both_languages(world: World) -> None:
    found = receipt(send(world, "\n".join(MIXED).encode("gb18030")))
    for language, key in (("zh", "zh"), ("en", "en")):
        text = unescape(world.ask("laboratory", reverse("import-receipt", kwargs={"number": found.pk}), language).text)
        for row in found.rows:
            assert (row[key] in text) == (row["fate"] == "refused") or not row[key]
    for user in ("auditor", "commander", "grid"):
        assert world.ask(user, reverse("import-receipt", kwargs={"number": found.pk})).status == 404


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    data = "\n".join(MIXED).encode()
    first = receipt(send(world, data))
    before = (Envelope.objects.count(), Duty.objects.count())
    second = receipt(send(world, data, name="again.csv"))
    assert (first.entered, first.same, second.entered, second.same, second.refused) == (4, 0, 0, 4, 7)
    assert [fate for _, fate, _ in fates(second)] == ["same" if fate == "entered" else fate for _, fate, _ in FATES]
    assert (Envelope.objects.count(), Duty.objects.count()) == before


def test_the_same_file_an_hour_later_changes_nothing_either(world: World) -> None:
    """Rows that give no hour of their own happened when the file first came, not when it came again."""
    data = "tube,result\nN-020,阴性\n".encode()
    receipt(send(world, data))
    set_clock(SetClock(Instant(world.opens + HOUR)))
    before = Envelope.objects.count()
    again = receipt(send(world, data))
    assert (again.entered, again.same, again.refused) == (0, 1, 0)
    assert Envelope.objects.count() == before


@pytest.mark.parametrize(
    "data",
    [
        b"", "试管,备注\nN-1,x\n".encode(), "结果\n阴性\n".encode(), b"\x00\x01\x02", b"\xff\xfe\x80\x81\xff", b"tube\n",
        b"%PDF-1.4 \xe2\xe3\xcf\xd3", b"\n\n\n",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_enters_nothing_and_says_why(world: World, data: bytes) -> None:
    before = (Entry.objects.count(), ImportReceipt.objects.count())
    for language in ("zh", "en"):
        seen = send(world, data, language)
        assert seen.status in (200, 422)
        assert "text-danger" in seen.text or 'role="alert"' in seen.text
    assert (Entry.objects.count(), ImportReceipt.objects.count()) == before


def test_missing_columns_are_named(world: World) -> None:
    assert "缺少列:试管" in unescape(send(world, "结果,备注\n阴性,x\n".encode()).text)
    assert "missing columns: result" in unescape(send(world, b"tube,note\nN-1,x\n", "en").text)


def test_nothing_of_a_file_is_half_entered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle leaves whole entries or none: a part that failed is not there at all, and sending again goes on."""
    data = ("tube,result,at\n" + "".join(f"H-{i:03d},阴性,2020-12-09 08:00\n" for i in range(250))).encode()
    real, calls = pages.belongs, iter(range(10_000))

    def failing(acting: Any, body: Any) -> Any:
        if next(calls) == 150:
            raise RuntimeError("the power went")
        return real(acting, body)

    before = Tube.objects.filter(tube__startswith="H-").count()
    monkeypatch.setattr(pages, "belongs", failing)
    with pytest.raises(RuntimeError):
        send(world, data)
    assert Tube.objects.filter(tube__startswith="H-").count() - before == 100
    again = receipt(send(world, data))
    assert (again.entered, again.same, again.refused) == (150, 100, 0)


def test_unknown_tubes_and_second_results_are_never_refused(world: World) -> None:
    found = receipt(send(world, f"tube,result\nNOBODY-1,阳性\n{POOL},阴性\n".encode()))
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
    for person in singles_read_negative(world)[:2]:
        for user in ("tracing", "auditor"):
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
