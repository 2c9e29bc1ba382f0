"""The bench in the browser's place: lists in, the answer with its names out; whose it is, what goes wrong, what is left of it."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse

from bulou.basis.ids import from_text, new_id, to_text
from bulou.basis.time import Instant, SetClock
from bulou.desks.compare import kept, work
from bulou.desks.compare.answer import PER_PAGE, Answer, Lines
from bulou.desks.compare.models import Comparison
from bulou.evidence.now import NEVER
from bulou.identity.linking import MEANING, USUAL
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import Look
from bulou.kit.people import here
from bulou.lists.reading import read_file
from bulou.register.models import Person, Stay
from tests.lists.dirty import make
from tests.web.world import Seen, World

A = "姓名,身份证号,电话,街道\n欧阳甲子,11010519491231002X,19900000001,白沙镇\n司马乙丑,110105194912310038,19900000002,白沙镇\n"
B = "姓名,证件号码,联系电话\n欧阳甲子,11010519491231002X,19900000001\n"


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path) -> Iterator[None]:
    """What is swept away here is none of the session's."""
    with override_settings(BULOU_HOME=tmp_path / "home"):
        yield


def put(world: World, user: str, *files: tuple[str, bytes], text: str = "", where: str = "", **more: str) -> Seen:
    """Drops files and a text on the bench."""
    data = {"files": [SimpleUploadedFile(name, content) for name, content in files], "text": text, **more}
    return world.ask(user, where or reverse("bench"), data=data)


def begun(world: World, user: str, *files: tuple[str, bytes], text: str = "") -> Comparison:
    sent = put(world, user, *files, text=text)
    assert sent.status == 302, sent.text
    return Comparison.objects.get(pk=from_text(sent.headers["Location"].rsplit("/", 1)[1]))


def worked(comparison: Comparison) -> Comparison:
    while work.step(centre().clock):
        pass
    return Comparison.objects.get(pk=comparison.pk)


def one(comparison: Comparison, page: str = "bench-one", **more: str) -> str:
    return reverse(page, kwargs={"comparison": to_text(comparison.pk), **more})


def two(world: World, user: str = "data") -> Comparison:
    return worked(begun(world, user, ("a.csv", A.encode()), ("b.csv", B.encode("gb18030"))))


# --- the answer -------------------------------------------------------------------------------------------------------
def test_eight_dirty_lists_dropped_give_the_answer_that_is_known(world: World, tmp_path: Path) -> None:
    dirty = make(seed=5, people=120)
    files = dirty.write(tmp_path)
    pasted = [p for p, f in zip(files, dirty.forms, strict=True) if f.form in ("chat", "pasted")]
    sent = [(p.name, p.read_bytes()) for p in files if p not in pasted]
    comparison = begun(world, "data", *sent, text=pasted[0].read_text(encoding="utf-8"))
    put(world, "data", text=pasted[1].read_text(encoding="utf-8"), where=one(comparison), act="add")
    comparison = worked(comparison)
    assert comparison.state == "done"
    answer = Answer(kept.folder(comparison.pk) / "answer")
    assert len(answer.said["lists"]) == len(dirty.forms)
    true = len(set(dirty.truth.person_of.values()))
    assert abs(answer.said["people"] - true) <= len(dirty.truth.trap_of) // 50 + 3
    assert answer.said["fewest"] <= true <= answer.said["people"]
    assert sum(r["number"] for r in answer.said["regions"]) == answer.said["people"]
    page = world.ask("data", one(comparison))
    assert f"{answer.said['people']} 不重复的人" in page.text.replace("\u202f", "")
    for code, (_start, count) in answer.said["spans"].items():
        if count:
            names = world.ask("data", one(comparison, "bench-names", group=code))
            assert names.opened, code
            assert names.text.count('<tr role="row">') - 1 == min(count, PER_PAGE), code


def test_a_pasted_text_is_a_list(world: World) -> None:
    comparison = worked(begun(world, "data", ("a.csv", A.encode()), text="1. 欧阳甲子 19900000001\n2. 诸葛丙寅 19900000003\n"))
    assert comparison.state == "done"
    answer = Answer(kept.folder(comparison.pk) / "answer")
    assert (answer.said["people"], answer.count("in_all"), answer.count("only_A"), answer.count("only_B")) == (3, 1, 1, 1)


def test_names_stand_with_rows_and_reason(world: World) -> None:
    comparison = two(world)
    both = world.ask("data", one(comparison, "bench-names", group="in_all"))
    assert "欧阳甲子" in both.text
    assert "A 2 · B 2" in both.text
    assert "证件号与姓名一致" in both.text
    only = world.ask("data", one(comparison, "bench-names", group="only_A"))
    assert "司马乙丑" in only.text
    assert "欧阳甲子" not in only.text


# --- whose it is ------------------------------------------------------------------------------------------------------
def test_anothers_comparison_is_not_there(world: World) -> None:
    comparison = two(world)
    pages = [
        one(comparison),
        one(comparison, "bench-review"),
        one(comparison, "bench-unread"),
        one(comparison, "bench-names", group="distinct"),
    ]
    for user in ("commander", "duty", "tracing", "sampler", "auditor"):
        assert [world.ask(user, p).status for p in pages] == [404] * len(pages), user
        assert world.ask(user, one(comparison), data={"act": "destroy"}).status == 404
    assert [world.ask("data", p).status for p in pages] == [200] * len(pages)
    assert "a.csv" not in world.ask("duty", reverse("bench")).text
    kept.hand(comparison, [c.post for c in world.look("duty").viewer.chairs])
    assert world.ask("duty", pages[0]).opened
    assert world.ask("duty", pages[0], data={"act": "destroy"}).status == 404, "who was handed it may look, not change it"


def test_names_are_masked_by_role(world: World) -> None:
    comparison = two(world)
    kept.hand(comparison, [c.post for user in ("commander", "duty") for c in world.look(user).viewer.chairs])
    for page in (one(comparison, "bench-names", group="distinct"), one(comparison, "bench-review"), one(comparison)):
        commander = world.ask("commander", page).text
        assert not [v for v in ("欧阳甲子", "司马乙丑", "11010519491231002X", "19900000001") if v in commander]
        assert "11010519491231002X" not in world.ask("duty", page).text
    assert "欧阳甲子" in world.ask("duty", one(comparison, "bench-names", group="distinct")).text


def test_looks_at_names_are_recorded(world: World) -> None:
    comparison = two(world)
    before = Look.objects.count()
    world.ask("data", one(comparison))
    assert Look.objects.count() == before, "the page of figures shows nobody"
    world.ask("data", one(comparison, "bench-names", group="distinct"))
    look = Look.objects.order_by("-number")[0]
    assert (look.account, look.n, look.page) == ("data", 2, "bench-names")
    assert set(look.bare.split()) >= {"name", "document", "phone"}


# --- what goes wrong --------------------------------------------------------------------------------------------------
def test_a_bad_file_says_what_would_be_right_and_the_others_stay(world: World) -> None:
    comparison = worked(begun(world, "data", ("a.csv", A.encode()), ("scan.pdf", b"%PDF-1.4"), ("b.csv", B.encode()), ("empty.csv", b"")))
    assert comparison.state == "done"
    page = world.ask("data", one(comparison)).text
    assert "这是 PDF" in page
    assert "文件是空的" in page
    out = world.ask("data", one(comparison), data={"act": "out", "file": "1"})
    assert out.status == 302
    comparison = worked(comparison)
    assert [f["name"] for f in comparison.files] == ["a.csv", "b.csv", "empty.csv"]
    assert not [p for p in kept.folder(comparison.pk).iterdir() if p.is_file() and p.read_bytes() == b"%PDF-1.4"]


def test_one_list_asks_for_another(world: World) -> None:
    comparison = worked(begun(world, "data", ("a.csv", A.encode())))
    assert comparison.state == "needs"
    assert world.ask("data", one(comparison)).opened
    put(world, "data", ("b.csv", B.encode()), where=one(comparison), act="add")
    assert worked(comparison).state == "done"


@pytest.mark.parametrize("many", [0, 9])
def test_nothing_and_too_much_are_refused_with_a_reason(world: World, many: int) -> None:
    before = Comparison.objects.count()
    sent = put(world, "data", *[(f"{i}.csv", A.encode()) for i in range(many)])
    assert sent.status == 422
    assert Comparison.objects.count() == before


def test_a_comparison_that_fails_says_so_and_the_next_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad = begun(world, "data", ("a.csv", A.encode()), ("b.csv", B.encode()))
    real = work.compare
    monkeypatch.setattr(work, "compare", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("欧阳甲子")))
    assert worked(bad).state == "failed"
    assert "RuntimeError" in caplog.text
    assert "欧阳甲子" not in caplog.text, "a message may quote a row"
    assert world.ask("data", one(bad)).opened
    monkeypatch.setattr(work, "compare", real)
    assert two(world, "duty").state == "done"


# --- work -------------------------------------------------------------------------------------------------------------
def test_what_was_left_in_the_middle_is_taken_up_again(world: World) -> None:
    comparison = begun(world, "data", ("a.csv", A.encode()), ("b.csv", B.encode()))
    assert kept.claim() is not None  # and the worker is killed here
    assert kept.claim() is None
    kept.take_up()
    assert worked(comparison).state == "done"
    again = kept.again(comparison)
    for _ in range(kept.MOST_TURNS):
        assert kept.claim() is not None
        kept.take_up()
    assert Comparison.objects.get(pk=again.pk).state == "failed", "what ends the worker each time is not begun for ever"


@pytest.mark.parametrize("what", ["cancel", "destroy", "again"])
def test_work_that_is_no_longer_wanted_is_left(world: World, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    comparison = begun(world, "data", ("a.csv", A.encode()), ("b.csv", B.encode()))
    real, pressed = work.of_mapped, []

    def meanwhile(mapped: Any, name: str) -> Any:
        if not pressed:
            pressed.append(world.ask("data", one(comparison), data={"act": what}))
        return real(mapped, name)

    monkeypatch.setattr(work, "of_mapped", meanwhile)
    work.step(centre().clock)
    left = Comparison.objects.filter(pk=comparison.pk).values_list("state", flat=True).first()
    assert left == {"cancel": "cancelled", "destroy": None, "again": "waiting"}[what]
    assert not (kept.folder(comparison.pk) / "answer").exists()


def test_two_clerks_at_once_each_get_their_own(world: World) -> None:
    first = begun(world, "data", ("a.csv", A.encode()), ("b.csv", B.encode()))
    set_clock(SetClock(Instant(world.opens + 1)))
    second = begun(world, "duty", ("b.csv", B.encode()), ("b2.csv", B.encode()))
    assert kept.ahead(second) == 1
    assert "前面还有 1" in world.ask("duty", one(second)).text
    worked(first)
    second = Comparison.objects.get(pk=second.pk)
    assert second.state == "done"
    said = [Answer(kept.folder(c.pk) / "answer").said["people"] for c in (first, second)]
    assert said == [2, 1]


# --- what is left of it -----------------------------------------------------------------------------------------------
def test_files_are_their_owners_alone(world: World) -> None:
    home = kept.folder(two(world).pk)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    kept_files = [p for p in home.iterdir() if re.fullmatch(r"[0-9a-f]{64}", p.name)]
    assert len(kept_files) == 2
    assert {stat.S_IMODE(p.stat().st_mode) for p in kept_files} == {0o600}


def test_it_goes_at_once_on_request_and_by_itself_after_three_days(world: World) -> None:
    first, second = two(world), two(world)
    gone = world.ask("data", one(first), data={"act": "destroy"})
    assert gone.status == 302
    assert not kept.folder(first.pk).exists()
    assert kept.folder(second.pk).exists()
    set_clock(SetClock(Instant(world.opens + kept.KEPT)))
    kept.sweep(centre().clock.now())
    assert Comparison.objects.filter(pk=second.pk).exists(), "not a moment earlier"
    kept.sweep(Instant(world.opens + kept.KEPT + 1))
    assert not Comparison.objects.filter(pk=second.pk).exists()
    assert not kept.folder(second.pk).exists()


def test_lines_are_read_from_any_place(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "x")
    assert lines.write({"n": n, "字": "甲" * n} for n in range(100)) == len(lines) == 100
    assert [x["n"] for x in lines.read([99, 0, 50])] == [99, 0, 50]


# --- columns ----------------------------------------------------------------------------------------------------------
ODD = "谁,号,电\n欧阳甲子,11010519491231002X,19900000001\n诸葛丙寅,110105194912310054,19900000003\n"


def test_columns_are_said_once_and_remembered(world: World) -> None:
    comparison = worked(
        begun(world, "data", ("a.csv", A.encode()), ("odd.csv", ODD.replace("19900000001", "1").replace("欧阳甲子", "甲").encode()))
    )
    columns = one(comparison, "bench-columns", number="1")
    page = world.ask("data", columns)
    assert page.opened
    assert "诸葛丙寅" in page.text
    twice = world.ask("data", columns, data={"c0": "name", "c1": "name"})
    assert twice.status == 422
    nobody = world.ask("data", columns, data={"c0": "area"})
    assert nobody.status == 422
    assert world.ask("data", columns, data={"c0": "name", "c1": "document", "c2": "phone"}).status == 302
    comparison = worked(comparison)
    assert comparison.state == "done"
    mapping = kept.read_json(kept.folder(comparison.pk) / "lists.json")[1]["mapping"]
    assert '"name": 0' in mapping
    another = worked(begun(world, "duty", ("a.csv", A.encode()), ("odd2.csv", ODD.encode())))
    said = kept.read_json(kept.folder(another.pk) / "lists.json")[1]["mapping"]
    assert '"name": 0' in said and '"phone": 2' in said, "another clerk's list with these headings is mapped so too"
    assert world.ask("data", columns, data={"act": "forget"}).status == 302
    assert kept.remembered(["谁|号|电"]) == []


def test_day_and_month_are_said_where_they_could_be_either(world: World) -> None:
    rows = "姓名,身份证号,采样日期\n欧阳甲子,11010519491231002X,03/04/2022\n"
    comparison = worked(begun(world, "data", ("a.csv", rows.encode()), ("b.csv", rows.encode())))
    answer = Answer(kept.folder(comparison.pk) / "answer")
    assert "sampled" not in answer.people("distinct", 1)[0]["rows"][0][2] or not answer.people("distinct", 1)[0]["rows"][0][2][
        "sampled"
    ].startswith("2022")
    world.ask("data", one(comparison, "bench-columns", number="0"), data={"c0": "name", "c1": "document", "c2": "sampled", "w2": "dmy"})
    worked(comparison)
    assert Answer(kept.folder(comparison.pk) / "answer").people("distinct", 1)[0]["rows"][0][2]["sampled"] == "2022-04-03"


def test_the_first_rows_are_masked_as_their_columns(world: World) -> None:
    comparison = two(world)
    kept.hand(comparison, [c.post for c in world.look("commander").viewer.chairs])
    page = world.ask("commander", one(comparison, "bench-columns", number="0"))
    assert page.opened
    assert not [v for v in ("欧阳甲子", "11010519491231002X", "19900000001") if v in page.text]
    assert world.ask("commander", one(comparison, "bench-columns", number="0"), data={"c0": "name"}).status == 404


# --- the register -----------------------------------------------------------------------------------------------------
def of_register(world: World, most: int = 3) -> list[dict[str, str]]:
    """Some people of the register with a document, as a list has them."""
    people = Person.objects.filter(void_seq=NEVER).exclude(document=None).exclude(phone=None).order_by("person")[:most]
    return [{"id": to_text(bytes(p.person)), "name": p.name, "document": p.document or "", "phone": p.phone or ""} for p in people]


def as_list(people: list[dict[str, str]], *more: str) -> bytes:
    return "\n".join(["姓名,身份证号,电话", *(f"{p['name']},{p['document']},{p['phone']}" for p in people), *more, ""]).encode()


STRANGER = "欧阳甲子,11010519491231002X,19900000001"


def test_who_is_not_on_the_register_is_told_and_enrolled_from_there(world: World) -> None:
    people = of_register(world)
    comparison = worked(begun(world, "data", ("a.csv", as_list(people, STRANGER)), ("b.csv", as_list(people))))
    answer = Answer(kept.folder(comparison.pk) / "answer")
    assert (answer.said["people"], answer.count("not_registered")) == (4, 1)
    page = world.ask("data", one(comparison, "bench-names", group="not_registered"))
    assert "登记入册" in page.text
    assert f"/people/person/{people[0]['id']}" in world.ask("data", one(comparison, "bench-names", group="in_all")).text
    filled = world.ask(
        "data",
        reverse("person-enrol"),
        data={"prefill": "1", "name": "欧阳甲子", "document": "11010519491231002X", "document_kind": "id_card"},
    )
    assert filled.status == 200
    assert 'value="欧阳甲子"' in filled.text
    before = Person.objects.count()
    sent = {"name": "欧阳甲子", "sex": "not_stated", "document_kind": "id_card", "document": "11010519491231002X", "area": "510117001218"}
    assert world.ask("data", reverse("person-enrol"), data={**sent, "fact_id": to_text(new_id(world.opens))}).status == 302
    assert Person.objects.count() == before + 1
    world.ask("data", one(comparison), data={"act": "again"})
    worked(comparison)
    assert Answer(kept.folder(comparison.pk) / "answer").count("not_registered") == 0


def test_the_register_answers_within_the_makers_areas_alone(world: World) -> None:
    codes = world.look("pitong").scope.codes or frozenset()
    stays = dict(Stay.objects.filter(void_seq=NEVER).values_list("person", "area"))
    people = of_register(world, 400)
    far = [p for p in people if stays.get(from_text(p["id"])) not in codes][:2]
    near = [p for p in people if stays.get(from_text(p["id"])) in codes][:2]
    assert far and near
    comparison = worked(begun(world, "pitong", ("a.csv", as_list(far + near)), ("b.csv", as_list(near))))
    answer = Answer(kept.folder(comparison.pk) / "answer")
    assert answer.count("not_registered") == len(far), "whom another street has is not said"
    page = world.ask("pitong", one(comparison, "bench-names", group="distinct")).text
    assert not [p for p in far if p["id"] in page]


def test_two_records_are_joined_and_parted_again(world: World) -> None:
    people = of_register(world, 1)
    twin = new_id(world.opens)
    sent = {
        "name": people[0]["name"],
        "sex": "not_stated",
        "document_kind": "passport",
        "document": people[0]["document"],
        "area": "510117001218",
    }
    assert world.ask("data", reverse("person-enrol"), data={**sent, "fact_id": to_text(twin)}).status == 302
    comparison = worked(begun(world, "data", ("a.csv", as_list(people)), ("b.csv", as_list(people))))
    names = one(comparison, "bench-names", group="in_all")
    page = world.ask("data", names).text
    assert "合并两条记录" in page
    both = {"person": people[0]["id"], "same_as": to_text(twin)}
    done = world.ask(
        "data",
        reverse("do", kwargs={"name": "identify"}),
        data={**both, "reason": "同一证件", "fact_id": to_text(fact := new_id(world.opens))},
    )
    assert done.status == 302, done.text
    records = Person.objects.filter(void_seq=NEVER, person__in=[twin, from_text(people[0]["id"])])
    assert len({bytes(p.canonical) for p in records}) == 1
    page = world.ask("data", names).text
    assert "重新分开" in page and "合并两条记录" not in page
    part = reverse("withdraw", kwargs={"fact": to_text(fact)})
    assert world.ask("data", part).opened, "what it would undo is shown first"
    assert world.ask("data", part, data={"reason": "查明是两人", "fact_id": to_text(new_id(world.opens))}).status == 302
    assert len({bytes(p.canonical) for p in records.all()}) == 2


def test_who_is_on_the_register_and_in_no_list_is_counted_and_named_within_ones_areas(world: World) -> None:
    people = of_register(world)
    comparison = worked(begun(world, "data", ("a.csv", as_list(people, STRANGER)), ("b.csv", as_list(people))))
    kept.hand(comparison, [c.post for user in ("pitong", "commander") for c in world.look(user).viewer.chairs])
    for user in ("data", "pitong"):
        look = world.look(user)
        there = set(here(look).exclude(nature="away").values_list("person", flat=True)) - {from_text(p["id"]) for p in people}
        url, named = one(comparison, "bench-register"), list[str]()
        page = world.ask(user, url)
        assert f"{len(there)} 人" in page.text, user
        while True:
            named += re.findall(r"/people/person/([0-9a-f-]+)", page.text)
            more = re.search(r'rel="next" href="([^"]+)"', page.text)
            if not more:
                break
            page = world.ask(user, url + more[1].replace("&amp;", "&"))
        assert sorted(map(from_text, named)) == sorted(there), user
    assert str(len(there)) in world.ask("pitong", one(comparison)).text, "the page of the answer has the viewer's own number"
    masked = world.ask("commander", one(comparison, "bench-register")).text
    assert not [p.name for p in Person.objects.filter(void_seq=NEVER).order_by("person")[:60] if p.name in masked]


def test_an_area_of_others_is_not_there_and_its_own_adds_up(world: World) -> None:
    comparison = worked(begun(world, "pitong", ("a.csv", A.encode()), ("b.csv", B.encode())))
    url = one(comparison, "bench-register")
    assert world.ask("pitong", f"{url}?area=510117008").status == 404
    (area,) = {c.area for c in world.look("pitong").viewer.chairs}
    parts = re.findall(r'href="\?area=(\d+)">[^<]*</a></td><td class="num">([\d\u202f]+)', world.ask("pitong", url).text)
    look = world.look("pitong")
    assert parts
    assert all(
        int(n.replace("\u202f", "")) == here(look).filter(area__in=look.areas.subtree(a)).exclude(nature="away").count() for a, n in parts
    )
    assert {a for a, _ in parts} <= look.areas.subtree(area)


def test_the_thresholds_that_were_used_are_shown_each_with_what_it_means(world: World) -> None:
    assert set(MEANING) == set(USUAL._fields), "every threshold says what it means"
    page = world.ask("data", one(two(world)), "en").text
    for name, value in USUAL._asdict().items():
        assert f"<dt>{value}</dt><dd>{MEANING[name].en}" in page


# --- what leaves ------------------------------------------------------------------------------------------------------
RAW = ("欧阳甲子", "司马乙丑", "11010519491231002X", "110105194912310038", "19900000001")


@pytest.mark.parametrize("user", ["data", "commander"])
def test_whatever_leaves_is_masked_for_everyone(world: World, user: str) -> None:
    comparison = two(world)
    kept.hand(comparison, [c.post for c in world.look("commander").viewer.chairs])
    client = world.client(user)
    for form in ("csv", "xlsx"):
        answer = client.get(one(comparison, "bench-file", group="distinct", form=form))
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        texts = (
            body.decode()
            if form == "csv"
            else " ".join(c for t in read_file(body, "x.xlsx") for row in (*t.rows, *(a.cells for a in t.aside)) for c in row)
        )
        assert "欧**" in texts
        assert not [v for v in RAW if v in texts], form
    book = client.get(one(comparison, "bench-workbook"))
    tables = read_file(b"".join(book.streaming_content), "r.xlsx")
    texts = " ".join(c for t in tables for row in (*t.rows, *(a.cells for a in t.aside)) for c in row)
    assert "欧**" in texts
    assert not [v for v in RAW if v in texts]
    said = world.ask(user, one(comparison, "bench-message", group="distinct")).text
    assert "欧**" in said
    assert not [v for v in RAW if v in said]


def test_a_post_it_is_handed_to_sees_it_and_others_do_not(world: World) -> None:
    comparison = two(world)
    (chair,) = world.look("duty").viewer.chairs
    assert world.ask("data", one(comparison), data={"act": "hand", "posts": [chair.post, "no.such.post"]}).status == 302
    assert Comparison.objects.get(pk=comparison.pk).handed == [chair.post]
    assert world.ask("duty", one(comparison)).opened
    assert world.ask("tracing", one(comparison)).status == 404
    assert world.ask("duty", one(comparison), data={"act": "hand", "posts": []}).status == 404
