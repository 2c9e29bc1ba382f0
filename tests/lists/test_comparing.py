"""Lists compared: the answer is the known one to the person, every sum closes, and what cannot be known is in review."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulou.lists.columns import apply, recognise
from bulou.lists.comparing import A_TOTAL, NO_PERSON, Comparison, Listed, compare, listed, of_mapped
from bulou.lists.findings import Findings
from bulou.lists.reading import read_file
from bulou.lists.sheets import sheets
from tests.lists import dirty
from tests.lists.read import answer, as_read, from_files
from tests.run import thorough


@pytest.fixture(scope="module")
def made() -> dirty.Dirty:
    return dirty.make(seed=1, people=300)


@pytest.fixture(scope="module")
def read(made: dirty.Dirty, tmp_path_factory: pytest.TempPathFactory) -> list[Listed]:
    return from_files(made, tmp_path_factory.mktemp("dirty"))


@pytest.fixture(scope="module")
def found(read: list[Listed]) -> Comparison:
    return compare(read)


# --- the known answer ---------------------------------------------------------------------------------------------------
def test_every_trap_is_a_row(made: dirty.Dirty) -> None:
    assert set(made.truth.trap_of.values()) | set(made.truth.nobody.values()) == set(dirty.TRAPS)


def test_every_row_of_every_file_is_there(made: dirty.Dirty, found: Comparison) -> None:
    of, _ = answer(found)
    assert set(of) == set(made.truth.person_of)
    unread = {(i, u.row) for i, x in enumerate(found.lists) for u in x.unread}
    assert unread == set(made.truth.nobody)


def test_the_answer_is_the_known_one_to_the_person(made: dirty.Dirty, found: Comparison) -> None:
    verdict = dirty.judge(made.truth, *answer(found))
    told = [[(made.truth.trap_of[a], made.truth.trap_of[b]) for a, b in pairs] for pairs in (verdict.joined, verdict.parted)]
    assert told == [[], []]
    assert [made.truth.trap_of[at] for at in verdict.not_in_review] == []


@pytest.mark.parametrize("seed", [2, 3])
def test_the_answer_is_the_known_one_with_other_people(seed: int) -> None:
    lists = dirty.make(seed=seed, people=200)
    assert dirty.judge(lists.truth, *answer(compare(as_read(lists)))).right


def test_a_second_telephone_finds_the_person_and_is_no_difference(tmp_path: Path) -> None:
    """One list has a column for a second number, the other that number alone: read by its first number alone they are two people."""
    texts = ("姓名,电话,备用电话,街道\n欧阳甲子,13811112222,13911113333,白沙镇\n", "姓名,电话,街道\n欧阳甲子,13911113333,白沙镇\n")
    for i, text in enumerate(texts):
        (tmp_path / f"{i}.csv").write_text(text)
    tables = [table for i in range(2) for table in read_file(tmp_path / f"{i}.csv")]
    lists = [of_mapped(apply(table, recognise(table))) for table in tables]
    found = compare(lists)
    assert len(set(found.linked.person)) == 1
    assert not found.differing.get("phone"), "one of two numbers is no other number"
    alone = [listed(x.name, x.numbers, {**x.fields, "phone": [v.split(" / ")[0] if v else v for v in x.fields["phone"]]}) for x in lists]
    assert len(set(compare(alone).linked.person)) == 2, "the control: it is the second number that joins them"


def test_who_differs_is_known_too(made: dirty.Dirty, found: Comparison) -> None:
    of_row = made.truth.person_of
    for field in ("document", "name", "area", "state", "phone"):
        told = {of_row[found.of[r], found.row[r]] for d in found.differences if d.field == field for r, _ in d.said}
        assert told == made.truth.differing.get(field, set()), field


def test_a_wrong_answer_is_judged_wrong(made: dirty.Dirty, found: Comparison) -> None:
    """Controls: two people joined, one parted, the review emptied."""
    of, review = answer(found)
    known = sorted(at for at in made.truth.known)
    a, b = known[0], next(at for at in known if made.truth.person_of[at] != made.truth.person_of[known[0]])
    assert dirty.judge(made.truth, {at: of[a] if g == of[b] else g for at, g in of.items()}, review).joined
    assert dirty.judge(made.truth, of | {a: 10**9}, review).parted
    assert dirty.judge(made.truth, of, set()).not_in_review


# --- sums ---------------------------------------------------------------------------------------------------------------
def test_every_sum_closes(found: Comparison, made: dirty.Dirty) -> None:
    assert found.reconciles() == []
    assert sum(len(x.numbers) for x in found.lists) == len(made.truth.person_of)
    assert sum(len(p.records) for p in found.people) == len(made.truth.person_of)
    for i in range(8):
        rows = sum(len(found.rows_of(p, i)) for p in found.in_list(i))
        assert rows == len(found.lists[i].numbers)
    assert sum(len(r.people) for r in found.regions) == len(found.people)
    assert sum(map(len, found.areas.values())) == len(found.people)
    for p in Findings(found).partitions():
        assert p.classed.total == len(found.in_list(p.list))


def test_a_sum_that_does_not_close_is_told(found: Comparison) -> None:
    broken = Comparison(found.lists, found.of, found.row, found.values, found.linked, found.people[1:], found.size)
    assert broken.reconciles()


_CELLS = (["王芳", "李伟", "张敏", "合计", "", "姓名"], ["", "19900000001", "19900000002"], ["东街道", "西镇", ""])
_ROWS = st.lists(st.tuples(*map(st.sampled_from, _CELLS)), max_size=12)


@given(st.lists(_ROWS, min_size=2, max_size=4))
@settings(max_examples=20 if thorough() else 6, deadline=None)
def test_sums_close_whatever_the_rows(rows: list[list[tuple[str, str, str]]]) -> None:
    lists = []
    for i, each in enumerate(rows):
        columns = {f: [r[c] or None for r in each] for c, f in enumerate(("name", "phone", "area"))}
        lists.append(listed(f"{i}.csv", range(2, len(each) + 2), columns))
    found = compare(lists)
    assert found.reconciles() == []
    for i, each in enumerate(rows):
        assert found.lists[i].rows == len(each)


# --- what is asked of it ----------------------------------------------------------------------------------------------------
def small(*lists: list[tuple[str, ...]], fields: tuple[str, ...] = ("name", "phone", "area", "state")) -> list[Listed]:
    return [
        listed("ABC"[i] + ".csv", range(2, len(rows) + 2), {f: [r[c] or None for r in rows] for c, f in enumerate(fields)})
        for i, rows in enumerate(lists)
    ]


A = [("王芳", "19900000001", "东风街道", "密接"), ("李伟", "19900000002", "青石镇", "密接"), ("张敏", "19900000003", "", "")]
B = [("李伟", "199 0000 0002", "青石", "次密接"), ("张敏", "+86 19900000003", "青石镇", "密接"), ("张敏", "19900000003", "青石镇", "密接")]


def test_who_is_in_which_list() -> None:
    found = compare(small(A, B))
    names = {m: [found.values["name"][found.person(p).records[0]] for p in people] for m, people in found.regions}
    assert names == {0b11: ["李伟", "张敏"], 0b01: ["王芳"]}
    assert [(found.lists[i].name, len(held)) for _, i, held in found.twice] == [("B.csv", 2)]


def test_a_blank_is_no_difference_and_another_writing_neither() -> None:
    found = compare(small(A, B))
    assert [(d.field, [v for _, v in d.said]) for d in found.differences] == [("state", ["密接", "次密接"])]


def test_everyone_counts_in_one_area_and_nobody_is_dropped() -> None:
    found = compare(small(A, [("赵强", "19900000009", "", "")]))
    assert {a: len(p) for a, p in found.areas.items()} == {"东风": 1, "青石": 1, "": 2}
    assert found.area_name("", "en") == "no area stated"
    assert found.area_name("东风", "zh") == "东风街道"


def test_an_area_that_only_the_address_names_is_taken_from_it() -> None:
    rows = [
        ("王芳", "19900000001", "东风街道", "东风街道一路1号"),
        ("赵强", "19900000009", "", "四川省郫都区东风街道二路2号"),
        ("李伟", "19900000002", "", "三路3号"),
    ]
    found = compare(small(rows, rows, fields=("name", "phone", "area", "address")))
    assert {a: len(p) for a, p in found.areas.items()} == {"东风": 2, "": 1}


def test_columns_that_speak_of_different_things_are_not_compared_and_that_is_said() -> None:
    people = [(f"王{c}", f"1990001{n:04d}", "青石镇") for n, c in enumerate("芳伟敏静丽强磊军洋勇")]
    found = compare(small([(*p, "阴性") for p in people], [(*p, "密接") for p in people]))
    assert found.differing == {}
    assert found.unlike == [("state", 0, 1, 0, 10)]
    assert any("not compared" in str(row[1]) for s in sheets(Findings(found, "en")) if s.code == "notices" for row in s.rows)


def test_the_register_says_who_is_not_on_it_and_who_is_only_there() -> None:
    register = [{"name": "李伟", "phone": "19900000002"}, {"name": "周静", "phone": "19900000007"}]
    found = compare(small(A, B), register)
    assert [found.values["name"][found.person(p).records[0]] for p in found.not_registered] == ["王芳", "张敏"]
    assert [found.values["name"][r] for r in found.only_register or ()] == ["周静"]
    assert found.reconciles() == []
    assert compare(small(A, B)).only_register is None


def test_rows_that_are_nobodys_are_kept_with_the_reason() -> None:
    lists = small([*A, ("合计", "", "", ""), ("", "", "东风街道", "密接")], B)
    assert [(u.row, u.why) for u in lists[0].unread] == [(5, A_TOTAL), (6, NO_PERSON)]
    assert "东风街道" in lists[0].unread[1].text


def test_a_list_that_names_nobody_and_too_many_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="tells who"):
        listed("x.csv", [2], {"area": ["青石镇"]})
    with pytest.raises(ValueError, match="from 2 to 8"):
        compare(small(A))
    with pytest.raises(ValueError, match="from 2 to 8"):
        compare(small(A) * 9)


# --- what is printed --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_name_nobody_and_are_few(found: Comparison, made: dirty.Dirty, lang: str) -> None:
    lines = Findings(found, lang).lines()
    assert len(lines) <= 12
    text = "\n".join(lines)
    for who in made.people:
        assert who.document not in text
        assert who.phone not in text
    assert f"{len(found.people):,}" in lines[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sheet_is_square_and_every_area_has_its_own_names(found: Comparison, lang: str) -> None:
    pages = sheets(Findings(found, lang))
    codes = [s.code for s in pages]
    assert codes[0] == "summary"
    assert {"review", "not_in_all", "differs", "twice", "not_read", "areas", "partitions", "everyone", "notices"} <= set(codes)
    for s in pages:
        for row in s.rows:
            assert len(row) == len(s.heads), (s.code, row)
    assert {f"area:{a}" for a in found.areas} <= set(codes) | {
        "area:" + a for a in found.areas if not set(found.areas[a]) & set(found.not_everywhere)
    }


def test_masked_sheets_hold_no_number_whole(found: Comparison, made: dirty.Dirty) -> None:
    text = "\n".join(str(cell) for s in sheets(Findings(found, "zh", masked=True)) for row in s.rows for cell in row)
    for who in made.people:
        assert who.document not in text
        assert who.phone not in text
    whole = "\n".join(str(cell) for s in sheets(Findings(found, "zh")) for row in s.rows for cell in row)
    assert made.people[-1].phone in whole


def test_json_names_rows_and_nobody(found: Comparison, made: dirty.Dirty) -> None:
    text = str(Findings(found).as_data())
    assert not any(who.document in text or who.phone in text for who in made.people)
    assert Findings(found).as_data()["agrees"] is False


def test_lists_that_agree_agree() -> None:
    assert Findings(compare(small(A, [*A]))).partitions()[0].classed.none
    same = [r for r in A if r[3]]
    assert Findings(compare(small(same, [*same]))).agrees()
    assert not Findings(compare(small(same, same[1:]))).agrees()


def test_files_are_written_in_their_own_forms(made: dirty.Dirty, tmp_path: Path) -> None:
    paths = made.write(tmp_path)
    assert paths[1].read_bytes().decode("gb18030").startswith("姓名")
    assert paths[2].read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(paths) == 8
