"""Files that real systems and real outbreaks made are read whole and without a wrong notice. Skips where they are not at hand."""

from __future__ import annotations

import csv
import io

import pytest

from bulou.lists.columns import Mapped, apply, recognise
from bulou.lists.reading import Table, read_file
from tests.data import published

#: For each file: its rows of people, the fields that must be found with their headings, and every notice that is right to give.
TRUTH: dict[str, tuple[int, dict[str, str], set[str]]] = {
    "sormas_import_samples/case_import_success.csv": (
        5,
        {"given_name": "CaseData/person.firstName", "family_name": "CaseData/person.lastName", "sex": "CaseData/person.sex", "reported": "CaseData/reportDate"},
        {"date_month_first"},
    ),
    "sormas_import_samples/case_import_samples.csv": (
        3, {"given_name": "CaseData/person.firstName", "sampled": "Sample/sampleDateTime"}, {"short", "date_month_first", "ambiguous"}),
    "sormas_import_samples/case_contact_import_success.csv": (
        5, {"given_name": "person.firstName", "born_year": "person.birthdateYYYY", "phone": "person.phone"}, {"date_day_first"}),
    "sormas_import_samples/contact_import.csv": (3, {"reported": "reportDateTime", "area": "district"}, {"short", "date_month_first"}),
    "sormas_import_samples/eventparticipant_import_success.csv": (5, {"family_name": "EventParticipant/person.lastName"}, set()),
    "godata_who/cases_clean.csv": (56, {"given_name": "firstName", "sex": "gender", "onset": "date_of_onset", "reported": "date_of_reporting"}, set()),
    "godata_who/contacts_clean.csv": (66, {"given_name": "firstName", "exposed": "date_of_last_contact", "state": "contact_status"}, set()),
    "godata_who/followups_clean.csv": (437, {"code": "uuid", "state": "followup_status"}, {"no_name_nor_document"}),
    "godata_who/relationships_clean.csv": (100, {"exposed": "date_of_last_contact"}, {"no_name_nor_document"}),
    "godata_who/admin_1_import_template.xlsx": (21, {"name": "NAME"}, set()),
    "godata_who/admin_2_import_template.xlsx": (106, {"name": "NAME"}, set()),
    "tianjin_covid19/cases_revised.csv": (
        135, {"code": "case_id", "onset": "symptom_onset", "resulted": "confirm_date", "sex": "gender"}, {"date_day_first", "no_name_nor_document"}),
    "mers_korea_2015/linelist.csv": (162, {"onset": "dt_onset", "reported": "dt_report", "resulted": "dt_diag"}, {"no_name_nor_document"}),
    "epirhandbook_linelist/linelist_raw_dirty.csv": (
        6611, {"code": "case_id", "onset": "date onset", "isolated": "hosp date", "sex": "gender"}, {"no_name_nor_document"}),
    "zh_activity_traces_tencent/cases.csv": (2524, {"area": "location", "reported": "published"}, {"no_name_nor_document", "date_unread"}),
    "zh_mass_testing_published/mass_testing_counts.csv": (11, {"area": "admin_code"}, {"no_name_nor_document", "end_of_day"}),
    "zh_mass_testing_published/pidu_2020-12_chain.csv": (7, {"age": "age", "reported": "reported", "address": "lives_at"}, {"no_name_nor_document"}),
    "china_admin_codes_2023/villages_51_sichuan.csv": (34412, {"name": "name"}, set()),
    "measles_hagelloch_1861/measles_hagelloch_1861.csv": (188, {"household": "family_ID", "sex": "gender"}, {"no_name_nor_document"}),
}  # fmt: skip


def read(name: str) -> tuple[Table, Mapped]:
    (table,) = read_file(published(name))
    return table, apply(table, recognise(table))


@pytest.mark.parametrize("name", TRUTH)
def test_a_published_file_is_read_whole_and_rightly(name: str) -> None:
    rows, fields, notices = TRUTH[name]
    table, got = read(name)
    assert len(table.rows) == rows
    assert {f: table.columns[got.mapping.fields[f]] for f in fields} == fields
    assert {n.code for n in (*table.notices, *got.notices)} == notices


@pytest.mark.parametrize("name", [n for n in TRUTH if n.endswith(".csv")])
def test_no_value_of_a_published_file_is_changed(name: str) -> None:
    table, _ = read(name)
    lines = list(csv.reader(io.StringIO(published(name).read_text(encoding="utf-8-sig"))))
    for row, number in zip(table.rows, table.numbers, strict=True):
        assert [c for c in row if c] == [s for c in lines[number - 1] if (s := c.strip())]


def test_day_first_dates_of_tianjin() -> None:
    table, got = read("tianjin_covid19/cases_revised.csv")
    assert table.columns[0] == "case_id"
    assert (got.at["onset"][0], got.at["resulted"][0]) == ("2020-01-14", "2020-01-21")
    assert sum(1 for d in got.at["onset"] if d) == 125


def test_onsets_of_mers_that_are_missing_stay_missing() -> None:
    _, got = read("mers_korea_2015/linelist.csv")
    assert sum(1 for d in got.at["onset"] if d) == 135


def test_names_of_sormas_are_of_two_columns() -> None:
    _, got = read("sormas_import_samples/case_import_success.csv")
    assert got.name[:2] == ["Import Test One", "Import Test Two"]
    assert got.at["reported"][0] == "2018-11-20"


def test_every_file_at_hand_is_read() -> None:
    folder = published(".")
    files = [p for p in folder.rglob("*") if p.suffix in (".csv", ".xlsx")]
    assert len(files) > 50
    for path in files:
        for table in read_file(path):
            assert len(table.numbers) == len(table.rows), path
