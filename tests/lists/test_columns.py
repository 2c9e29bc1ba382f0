"""Columns recognised by heading and by content; corrections remembered; dates by one writing per column."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib import resources

import pytest

from bulou.lists.columns import FIELDS, Mapped, Mapping, apply, recognise
from bulou.lists.dates import read_dates
from bulou.lists.headings import field_of, fold, words
from bulou.lists.noticed import ASIDE, NOTICES, notice
from bulou.lists.reading import Table, read_file
from tests.lists.made import IDS, NAMES, PEOPLE


def table_of(columns: list[str], rows: list[list[str]]) -> Table:
    return Table("a", "", tuple(columns), [tuple(r) for r in rows], list(range(2, len(rows) + 2)), [], "csv")


def mapped(columns: list[str], rows: list[list[str]], **more: object) -> Mapped:
    table = table_of(columns, rows)
    return apply(table, recognise(table), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", words())
def test_every_word_is_recognised_as_its_field_and_stands_under_one(field: str) -> None:
    said = words()[field]
    for heading in said.whole | said.less:
        assert (field_of(heading) or ("",))[0] == field, heading


def test_no_word_stands_twice() -> None:
    raw = tomllib.loads((resources.files("bulou.lists") / "words.toml").read_text(encoding="utf-8"))
    counted = Counter((w, f) for f, said in raw.items() for w in {fold(w) for w in (*said["whole"], *said.get("less", ()))})
    assert [w for w, n in Counter(w for w, _ in counted).items() if n > 1] == []


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("*联系电话(必填)", "phone"), ("姓　名", "name"), ("基本信息/姓名", "name"), ("被采样人姓名（中文）", "name"), ("person.firstName", "given_name"),
        ("CaseData/person.lastName", "family_name"), ("Date of onset", "onset"), ("dt_report", "reported"), ("采样时间 sampling time", "sampled"),
        ("采样员姓名", None), ("填报人联系电话", None), ("hospital.name", None), ("isolation_centername", None), ("工作单位地址", "address"),
        ("监护人身份证号", "code_of"), ("户主姓名", "household"), ("现住址", "address"), ("户籍地址", "address"),
    ],
)  # fmt: skip
def test_headings(heading: str, field: str | None) -> None:
    assert (field_of(heading) or (None,))[0] == field


def test_the_present_address_comes_before_the_registered_one() -> None:
    table = table_of(["姓名", "户籍地址", "现住址"], [["张三", "外省", "太平村"]])
    found = recognise(table)
    assert (found.fields["address"], found.also["address"]) == (2, (1,))


def test_two_phones_are_kept() -> None:
    got = mapped(["姓名", "电话1", "电话2"], [["张三", "13980001234", "13980001235"]])
    assert (got.phone, got.more["phone"]) == (["13980001234"], (["13980001235"],))


def test_columns_by_content_alone() -> None:
    table = table_of(["(A)", "(B)", "(C)", "(D)"], [[p[1], p[2], p[3], "男"] for p in PEOPLE])
    found = recognise(table)
    assert found.fields == {"name": 0, "document": 1, "phone": 2, "sex": 3}
    assert all(s < 0.7 for s in found.sure.values())


def test_shifted_columns_are_seen_by_their_content() -> None:
    got = mapped(["姓名", "联系电话", "证件号码"], [[p[1], p[2], p[3]] for p in PEOPLE])
    assert got.document == IDS
    assert got.phone == [p[3] for p in PEOPLE]
    assert [n.code for n in got.notices] == ["shifted", "shifted"]


def test_a_correction_is_remembered_by_the_headings() -> None:
    table = table_of(["甲", "乙"], [["张三", "x"], ["李四", "y"]])
    told = recognise(table).corrected("name", 0).corrected("address", 1)
    again = Mapping.from_json(told.to_json())
    assert again == told
    assert recognise(table_of([" 甲", "乙*"], [["王五", "z"]]), [again]).fields == {"name": 0, "address": 1}
    assert recognise(table_of(["甲", "丙"], [["王五", "z"]]), [again]) != again
    assert told.corrected("address", None).fields == {"name": 0}
    assert told.corrected("phone", 0).fields == {"phone": 0, "address": 1}


def test_a_list_without_headings_is_never_answered_from_memory() -> None:
    first = table_of(["(A)", "(B)"], [[p[1], p[3]] for p in PEOPLE])
    told = recognise(first).corrected("address", 0)
    assert recognise(first, [told]) != told


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"fields": {"colour": 1}, "sure": {}, "header": ""}',
                                  '{"fields": {}, "sure": {}, "header": "", "writing": {"date": "ymd"}}'])  # fmt: skip
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a mapping"):
        Mapping.from_json(text)


def test_names_of_two_columns_in_the_order_of_their_script() -> None:
    got = mapped(["person.firstName", "person.lastName"], [["John", "Smith"], ["三", "张"], ["", "Müller"], ["", ""]])
    assert got.name == ["John Smith", "张三", "Müller", None]


def test_sexes_are_folded_and_others_said() -> None:
    got = mapped(["姓名", "性别"], [["a", "男"], ["b", "F"], ["c", "LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE"], ["d", "?"], ["e", ""]])
    assert got.sex == ["male", "female", "male", None, None]
    assert [(n.code, n.times) for n in got.notices] == [("sex_unread", 1)]


def test_every_column_is_as_long_as_the_list_and_says_nothing_where_nothing_is_said() -> None:
    got = mapped(["姓名", "电话"], [["张三", ""], ["", "139"]])
    for field in ("name", "document", "phone", "address", "born_on", "sex", "area", "state", "code_of", "household", "counted", "number"):
        assert len(getattr(got, field)) == 2, field
    assert (got.name, got.phone, got.document) == (["张三", None], [None, "139"], [None, None])


def test_numbers_that_a_program_printed_as_decimals_are_whole() -> None:
    got = mapped(["姓名", "电话", "年龄"], [["a", "13980001234.0", "3.0"], ["b", "13980001235", "4"]])
    assert (got.phone, got.table.rows[0][1]) == (["13980001234", "13980001235"], "13980001234.0")
    assert [(n.code, n.times) for n in got.notices] == [("decimal", 1)]


def test_a_list_of_neither_names_nor_documents_says_so() -> None:
    assert [n.code for n in mapped(["a", "b"], [["1", "2"]]).notices] == ["no_name_nor_document"]


def test_lost_zeros_are_seen_beside_numbers_that_kept_theirs() -> None:
    got = mapped(["姓名", "电话"], [["a", "02887654321"], ["b", "2887654322"], ["c", "13980001234"]])
    assert [(n.code, n.row, n.times) for n in got.notices] == [("zeros_lost", 3, 1)]


# --- dates ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2022-08-14", "2022-08-14"), ("2022/8/4", "2022-08-04"), ("2022.8.4", "2022-08-04"), ("2022年8月4日", "2022-08-04"),
        ("2022年8月4日21时", "2022-08-04 21:00"), ("2022-8-4 9:05", "2022-08-04 09:05"), ("2022-08-04 09:05:30", "2022-08-04 09:05:30"),
        ("2022-08-04T09:05:00", "2022-08-04 09:05"), ("2022年8月4日21时30分", "2022-08-04 21:30"), ("2022年8月4日21点半", "2022-08-04 21:30"),
        ("2022年8月4日下午3点", "2022-08-04 15:00"), ("2022-08-04 03:00 PM", "2022-08-04 15:00"), ("2020-12-07 24:00", "2020-12-08 00:00"),
        ("2020年12月31日24时", "2021-01-01 00:00"), ("20220804", "2022-08-04"), ("20220804213000", "2022-08-04 21:30"), ("44905", "2022-12-10"),
        ("44905.875", "2022-12-10 21:00"), ("14-Jan-2020", "2020-01-14"), ("Jan 14, 2020", "2020-01-14"), ("14 January 2020", "2020-01-14"),
        ("2020-06-28T00:00:00.000Z", "2020-06-28"), ("2020-06-28T16:30:00Z", "2020-06-29 00:30"), ("2020-06-28T16:30:00+08:00", "2020-06-28 16:30"),
        ("31/12/2020", "2020-12-31"), ("12/31/2020", "2020-12-31"), ("22年8月4日", "2022-08-04"), ("12月7日21时", "2020-12-07 21:00"), ("12-7", "2020-12-07"),
        ("8.14", "2020-08-14"), ("2022-02-30", None), ("2022-13-01", None), ("初八", None), ("上周二", None), ("25:00", None), ("2022-08-04 25:10", None),
        ("999999", None), ("12345", None), ("", None), ("不详", None),
    ],
)  # fmt: skip
def test_writings_of_one_date(written: str, read: str | None) -> None:
    assert read_dates([written], "d", [2], year=2020)[0] == [read]


def dates(values: list[str], **more: object) -> tuple[list[str | None], list[str]]:
    found, said = read_dates(values, "d", list(range(2, len(values) + 2)), **more)  # type: ignore[arg-type]
    return found, [n.code for n in said]


def test_day_first_is_decided_by_a_day_above_twelve() -> None:
    assert dates(["05/01/2020", "14/01/2020"]) == (["2020-01-05", "2020-01-14"], ["date_day_first"])


def test_month_first_is_decided_by_a_day_above_twelve() -> None:
    assert dates(["01/05/2020", "01/14/2020"]) == (["2020-01-05", "2020-01-14"], ["date_month_first"])


def test_a_column_that_nothing_decides_is_not_guessed() -> None:
    assert dates(["05/01/2020", "06/02/2020", "03/03/2020"]) == ([None, None, "2020-03-03"], ["date_ambiguous"])


def test_a_column_of_both_writings_takes_only_what_is_plain() -> None:
    assert dates(["14/01/2020", "01/15/2020", "05/01/2020"]) == (["2020-01-14", "2020-01-15", None], ["date_ambiguous"])


def test_a_person_may_say_how_a_column_is_written() -> None:
    assert dates(["05/01/2020"], told="dmy") == (["2020-01-05"], [])
    assert dates(["05/01/2020"], told="mdy") == (["2020-05-01"], [])


def test_the_rest_of_the_list_decides_and_that_is_said() -> None:
    got = mapped(["姓名", "采样时间", "报告时间"], [["a", "05/01/2020", "14/01/2020"], ["b", "06/01/2020", "15/01/2020"]])
    assert got.at["sampled"] == ["2020-01-05", "2020-01-06"]
    assert [n.code for n in got.notices] == ["date_borrowed", "date_day_first"]


def test_dates_without_a_year_take_the_one_year_that_the_list_names() -> None:
    data = "2020年12月8日应采名单\n姓名,采样时间\n张三,12月7日21时\n".encode()
    (table,) = read_file(data, "a.csv")
    got = apply(table, recognise(table))
    assert got.at["sampled"] == ["2020-12-07 21:00"]
    assert [(n.code, n.zh) for n in got.notices] == [("date_year_taken", "“采样时间”有1个日期没有年份,按2020年读")]
    without = mapped(["姓名", "采样时间"], [["张三", "12月7日21时"]])
    assert without.at["sampled"] == [None]
    assert [n.code for n in without.notices] == ["date_no_year"]
    assert mapped(["姓名", "采样时间"], [["张三", "12月7日21时"]], year=2021).at["sampled"] == ["2021-12-07 21:00"]


def test_serials_of_births_go_further_back_than_those_of_samples() -> None:
    got = mapped(["姓名", "出生日期", "采样时间"], [["张三", "20000", "20000"]])
    assert (got.born_on, got.at["sampled"]) == (["1954-10-03"], [None])


def test_births_of_three_columns() -> None:
    got = mapped(
        ["person.firstName", "person.birthdateDD", "person.birthdateMM", "person.birthdateYYYY"],
        [["a", "4", "8", "1990"], ["b", "", "8", "1990"]],
    )
    assert got.born_on == ["1990-08-04", None]


def test_24_00_is_the_next_day_s_0_00_and_said() -> None:
    assert dates(["2020-12-07 24:00", "2020-12-08 00:00"]) == (["2020-12-08 00:00", "2020-12-08 00:00"], ["end_of_day"])


# --- notices -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", NOTICES)
def test_every_notice_speaks_both_languages(code: str) -> None:
    said = notice(code, 3, "姓名", 7, "x" * 100)
    assert all(w for w in NOTICES[code])
    assert "{" not in said.zh + said.en
    assert len(said.zh) < 160


def test_every_reason_to_set_a_row_aside_has_its_notice_and_its_word() -> None:
    assert set(ASIDE) <= set(NOTICES)
    assert all(w.zh and w.en for w in ASIDE.values())


def test_fields_have_words_in_both_languages() -> None:
    assert set(FIELDS) == set(words())
    assert all(w.word.zh and w.word.en for w in words().values())


def test_names_are_kept_as_written() -> None:
    assert mapped(["姓名"], [[n] for n in NAMES]).name == NAMES
