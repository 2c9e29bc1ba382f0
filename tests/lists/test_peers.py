"""Exports of SORMAS and Go.Data: every header they come with, every row a fate, every status its word. Small files, each a trap."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from bulou.lists import godata, sormas
from bulou.lists.peers import Reading
from bulou.lists.table import Unreadable
from tests.data import published


def fates(found: Reading) -> Counter[str]:
    return Counter(f"{r.what} {r.fate}" for r in found.rows if r.fate != "aside")


# --- SORMAS --------------------------------------------------------------------------------------------------------------
NAMES = "disease,person.firstName,person.lastName,person.sex,epidNumber,reportDate,district,symptoms.onsetDate,caseClassification"


def cases(*rows: str, above: str = "CaseData" + ",CaseData" * 8 + "\n", encoding: str = "utf-8") -> Reading:
    return sormas.read([("cases.csv", (above + NAMES + "\n" + "\n".join(rows) + "\n").encode(encoding))])


def test_two_header_rows_and_mixed_us_dates() -> None:
    found = cases(
        "EVD,A,One,MALE,N-1,11/20/2018,X,,CONFIRMED",
        "EVD,B,Two,FEMALE,N-2,11-23-2018,X,11.02.2018,",
        "EVD,C,Three,FEMALE,N-3,11.24.2018,X,,NO_CASE",
    )
    assert fates(found) == {"case ready": 3}
    assert [p.on["reported"] for p in found.people] == ["2018-11-20", "2018-11-23", "2018-11-24"]
    assert [p.status for p in found.people] == ["confirmed", "suspected", "excluded"]
    assert found.people[1].on["onset"] == "2018-11-02"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_one_header_row_in_any_encoding(encoding: str) -> None:
    found = cases("EVD,Jürgen,Ähler,MALE,N-1,20.11.2018,X,,SUSPECT", above="", encoding=encoding)
    assert (found.people[0].name, found.people[0].on["reported"]) == ("Jürgen Ähler", "2018-11-20")


def test_captions_below_the_names_are_nobody() -> None:
    found = sormas.read(
        [
            (
                "c.csv",
                b"uuid,disease,person.firstName,person.lastName,reportDate\nUUID,Disease,First name,Last name,Report date\nu1,EVD,A,B,2020-01-02\n",
            )
        ]
    )
    assert fates(found) == {"case ready": 1}
    assert [r.number for r in found.rows if r.fate == "aside"] == [1, 2]


def test_spoiled_rows_are_refused_and_doubles_told() -> None:
    found = cases(
        "EVD,A,One,MALE,N-1,13/13/2018,X,,", "EVD,,,,,11/20/2018,X,,", "EVD,B,Two,,N-2,11/21/2018,X,,", "EVD,B,Two,,N-2,11/21/2018,Y,,"
    )
    assert fates(found) == {"case refused": 2, "case ready": 1, "case repeated": 1}
    assert next(r for r in found.rows if r.fate == "refused").left["person.firstName"] == "A"


def test_a_contact_finds_its_case_however_its_id_is_written() -> None:
    contacts = b"caseIdExternalSystem,reportDateTime,lastContactDate,person.firstName,person.lastName,contactProximity\n"
    contacts += b'" aBC-1 ",03.14.2020,03.10.2020,A,B,FACE_TO_FACE_LONG\n'
    one = b"externalID,disease,person.firstName,person.lastName,reportDate\nABC-1,EVD,X,Y,2020-03-01\n"
    found = sormas.read([("contacts.csv", contacts), ("cases.csv", one)])
    assert [(p.role, p.name) for p in found.people] == [("case", "X Y"), ("contact", "A B")]
    assert (found.links[0].source, found.links[0].on) == ("abc-1", "2020-03-10")


def test_samples_stand_several_times_in_a_row() -> None:
    text = b"CaseData,CaseData,CaseData,CaseData,Sample,Sample,Sample,Sample\n"
    text += b"externalID,disease,person.firstName,person.lastName,sampleDateTime,pathogenTestResult,sampleDateTime,pathogenTestResult\n"
    text += b"c1,EVD,A,B,11/19/2018,NEGATIVE,11/20/2018,POSITIVE\nc2,EVD,C,D\n"
    found = sormas.read([("c.csv", text)])
    assert [(t.taken, t.result) for t in found.tests] == [("2018-11-19", "negative"), ("2018-11-20", "positive")]
    assert fates(found) == {"case ready": 2}


def test_what_is_not_sormas_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no row holds column names"):
        sormas.read([("x.csv", b"a,b\n1,2\n")])


def test_published_samples_of_sormas() -> None:
    folder = published("sormas_import_samples")
    wanted = {
        "case_import_success.csv": {"case ready": 5}, "case_import_samples.csv": {"case ready": 3}, "contact_import.csv": {"contact ready": 3},
        "case_contact_import_success.csv": {"contact ready": 5}, "event_import_success.csv": {"event ready": 4},
        "eventparticipant_import_success.csv": {"participant ready": 5}, "facility_import.csv": {"place ready": 1, "place repeated": 1},
        "community_import.csv": {"area ready": 1, "area repeated": 1},
    }  # fmt: skip
    assert {name: dict(fates(sormas.read([(name, (folder / name).read_bytes())]))) for name in wanted} == wanted
    events = sormas.read([("e.csv", (folder / "event_import_success.csv").read_bytes())])
    assert [p.name for p in events.people] == ["Clémence Berie", "Julie Jalbert", "Brie Lacombe"]


# --- Go.Data -------------------------------------------------------------------------------------------------------------
TOKEN = "LNG_REFERENCE_DATA_CATEGORY_"
WRITINGS = {
    "camel case": "id,visualId,firstName,gender,classification,dateOfOnset,dateOfReporting",
    "snake case": "uuid,case_id,first_name,gender,classification,date_of_onset,date_of_reporting",
    "labels": "Database ID,Case ID,First name,Gender,Classification,Date of onset,Date of reporting",
    "French": "id,visualId,Prénom,Sexe,Classification,Date d'apparition des symptômes,Date de notification",
    "Spanish": "id,visualId,Nombre,Género,Clasificación,Fecha de inicio de síntomas,Fecha de notificación",
    "tokens": "id,"
    + ",".join(
        f"LNG_CASE_FIELD_LABEL_{n}" for n in ("VISUAL_ID", "FIRST_NAME", "GENDER", "CLASSIFICATION", "DATE_OF_ONSET", "DATE_OF_REPORTING")
    ),
}
CASE = f"u-1,CASE-1,Awa,{TOKEN}GENDER_FEMALE,{TOKEN}CASE_CLASSIFICATION_PROBABLE,2020-06-28T00:00:00.000Z,2020-07-01T00:00:00.000Z\n"


@pytest.mark.parametrize("head", WRITINGS.values(), ids=WRITINGS)
def test_headings_of_every_version(head: str) -> None:
    found = godata.read([("cases.csv", f"{head}\n{CASE}".encode())])
    one = found.people[0]
    assert (one.role, one.key, one.name, one.sex, one.status) == ("case", "u-1", "Awa", "female", "suspected")
    assert one.on == {"onset": "2020-06-28", "reported": "2020-07-01"}
    assert found.aliases["case-1"] == "u-1"
    assert found.rows[one.row].key == "CASE-1"


def test_json_with_nested_objects() -> None:
    raw = [{"id": "u-1", "visualId": "CASE-1", "firstName": "Awa", "age": {"years": 3}, "addresses": [{"locationId": "L1", "city": "C"}],
            "type": f"{TOKEN}PERSON_TYPE_CASE", "classification": f"{TOKEN}CASE_CLASSIFICATION_CONFIRMED", "dateOfOnset": "2020-06-28T00:00:00.000Z"}]  # fmt: skip
    found = godata.read([("cases.json", json.dumps(raw).encode())])
    assert (found.people[0].age, found.people[0].area, found.people[0].on) == ("3", ("L1",), {"onset": "2020-06-28"})


FOLLOWED = "uuid,contact_id,contact_uuid,followup_status,date_of_followup\n"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("SEEN_OK", "seen"), ("LNG_REFERENCE_DATA_CONTACT_DAILY_FOLLOW_UP_STATUS_TYPE_SEEN_NOT_OK", "symptoms"), ("Missed", "not_found"),
     ("NOT_PERFORMED", ""), (f"{TOKEN}CONTACT_DAILY_FOLLOW_UP_STATUS_TYPE_NOT_ATTEMPTED", "")],
)  # fmt: skip
def test_statuses_of_follow_ups(status: str, outcome: str) -> None:
    found = godata.read([("followups.csv", f"{FOLLOWED}f1,C-1,u-1,{status},2020-06-02\n".encode())])
    assert [(w.person, w.outcome, w.on) for w in found.watches] == [("u-1", outcome, "2020-06-02")]


def test_spoiled_follow_ups_are_refused() -> None:
    rows = "f1,C-1,u-1,SEEN_OK,2020-99-02\nf2,,,SEEN_OK,2020-06-02\nf3,C-1,u-1,HOVERING,2020-06-02\nf4,C-1,u-1,SEEN_OK,2020-06-02\nf4,C-1,u-1,MISSED,2020-06-02\n"
    found = godata.read([("followups.csv", (FOLLOWED + rows).encode())])
    assert fates(found) == {"follow-up refused": 3, "follow-up ready": 1, "follow-up repeated": 1}


def test_an_event_exposes_whoever_was_there() -> None:
    files = [
        ("events.csv", b"uuid,event_name,date_of_event\ne-1,Wedding,2020-06-20\n"),
        (
            "relationships.csv",
            b"uuid,source_uuid,target_uuid,date_of_last_contact,context_of_exposure\nr1,e-1,u-1,,\nr2,u-1,u-2,2020-06-25,Home/household\nr3,u-1,,,\n",
        ),
    ]
    found = godata.read(files)
    assert [(x.source, x.target, x.on) for x in found.links] == [("event:Wedding", "u-1", "2020-06-20"), ("u-1", "u-2", "2020-06-25")]
    assert fates(found)["link refused"] == 1


def test_published_export_of_godata() -> None:
    folder = published("godata_who")
    found = godata.read([(p.name, p.read_bytes()) for p in sorted(folder.glob("*_clean.csv"))])
    counted = fates(found)
    assert (counted["case ready"], counted["contact ready"], counted["link ready"], counted["follow-up ready"]) == (56, 66, 100, 437)
    assert (counted["event ready"], counted["test ready"], counted["team ready"]) == (7, 40, 101)
    told = Counter(r.left["followup_status"] for r in found.rows if r.what == "follow-up" and r.fate == "ready")
    assert told == {"NOT_PERFORMED": 326, "SEEN_OK": 90, "MISSED": 10, "SEEN_NOT_OK": 6, "NOT_ATTEMPTED": 5}
    assert Counter(w.outcome for w in found.watches) == {"": 331, "seen": 90, "not_found": 10, "symptoms": 6}
    people = {p.key for p in found.people}
    assert all(w.person in people for w in found.watches)
    assert all(t.person in people for t in found.tests)


def test_published_templates_of_locations() -> None:
    folder = published("godata_who")
    sizes = {n: len(godata.read([(f"admin_{n}.xlsx", (folder / f"admin_{n}_import_template.xlsx").read_bytes())]).sites) for n in (1, 2, 3)}
    assert sizes == {1: 21, 2: 106, 3: 45}
