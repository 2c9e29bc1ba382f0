"""Lists of other systems into the ledger: whole rows, once, resumed where they stopped; a record of the past makes nobody owe anything."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from bulou.basis.facts import AreaDeclared, EditionAdopted, IncidentJoined
from bulou.basis.ids import named_id
from bulou.basis.kinds import KINDS, Fact
from bulou.basis.time import DAY, Instant, SetClock, day_of, parse_local
from bulou.cli import main
from bulou.desks.tracing import importing
from bulou.desks.tracing.sheets import CASES
from bulou.duties import rebuild
from bulou.duties.enter import enter
from bulou.duties.reckoning import edition_at
from bulou.evidence.append import load
from bulou.evidence.models import Case, Entry
from bulou.evidence.now import NEVER
from bulou.evidence.reader import Reader
from bulou.kit.centre import centre, set_clock
from bulou.kit.models import ImportReceipt
from bulou.register.models import Person, Stay
from tests.data import published

NOW = parse_local("2020-12-07 21:00", centre().protocol.zone)
LIST = (
    "case_id,date onset,hosp date,gender,age,hospital,infector,outcome,date of outcome,district\n"
    "A1,2020-05-11,2020-05-12,M,68,City Hospital,,Alive,,North town\n"
    "A2,2020-05-18,2020-05-20,F,63,City Hospital,A1,Dead,2020-06-01,Nowhere\n"
    "A3,2020-05-30,,F,,,A1;A2,,,\n"
)


@pytest.fixture(autouse=True)
def ground(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    before = centre().clock
    set_clock(SetClock(Instant(NOW)))
    monkeypatch.setenv("BULOU_HOME", str(tmp_path / "home"))
    edition = centre().protocol.editions["covid19/cn-9"]
    early = Instant(NOW - 400 * DAY)
    facts = [
        Fact(named_id("a1"), "area.declared", early, None, AreaDeclared("51", None, "city", "区", "District")),
        Fact(named_id("a2"), "area.declared", early, None, AreaDeclared("5101", "51", "street", "北镇", "North town")),
        Fact(named_id("e"), "edition.adopted", early, None, EditionAdopted(edition.id, "covid19", "51", edition.hash, "p")),
    ]
    enter(facts, by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    yield
    centre().clock = before


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["import", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def put(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def facts(kind: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM fact WHERE kind = %s", [kind])
        ids = [bytes(row[0]) for row in cursor.fetchall()]
    return sorted(load(connection, KINDS[kind], "id", ids), key=lambda f: (f.at, f.id))


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        return int(cursor.fetchone()[0])


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


NEW = ("--new-incident", "Spring 2020", "--disease", "covid19", "--lang", "en")


def test_a_list_becomes_facts_and_a_receipt(tmp_path: Path) -> None:
    paper = tmp_path / "receipt.jsonl"
    code, out, err = run("linelist", put(tmp_path, LIST), *NEW, "--receipt", paper)
    assert (code, "cases: 3 entered" in out, "onset = date onset" in err) == (0, True, True), (out, err)
    assert [f.body.label for f in facts("case.diagnosed")] == ["A1", "A2", "A3"]
    assert {(f.body.on, f.incident) for f in facts("onset.recorded")} >= {("2020-05-11", facts("incident.opened")[0].body.incident)}
    assert len(facts("contact.named")) == 3
    assert len(facts("place.declared")) == 1
    assert len(facts("person.died")) == 1
    assert {f.body.area for f in facts("person.enrolled")} == {"51", "5101"}
    told = {r.get("key"): r for r in rows(paper)}
    assert told["A1"]["left"] == {"age": "68", "outcome": "Alive"}
    assert "Nowhere" in told["A2"]["en"]
    assert rows(paper)[-1] == {"totals": {"case entered": 3, "header aside": 1}}
    assert ImportReceipt.objects.get().entered == 3
    assert oct(paper.stat().st_mode)[-3:] == "600"
    assert rebuild.check(centre().protocol) == []


def test_a_record_of_the_past_makes_nobody_owe_and_puts_nobody_on_the_register(tmp_path: Path) -> None:
    run("linelist", put(tmp_path, LIST), *NEW)
    assert count("duty") == 0
    assert Person.objects.filter(void_seq=NEVER).count() == 3
    assert not Stay.objects.filter(void_seq=NEVER, here_from__lte=NOW, here_until__gt=NOW).exists()
    assert facts("incident.opened")[0].body.nature == "history"


def test_the_same_as_an_outbreak_of_today_does(tmp_path: Path) -> None:
    """The control: the duties above are missing because it is a record of the past, not because the rows say nothing."""
    run("linelist", put(tmp_path, LIST), *NEW, "--live")
    assert count("duty") > 0
    assert Stay.objects.filter(void_seq=NEVER, here_from__lte=NOW, here_until__gt=NOW).count() == 2


def test_again_changes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, LIST)
    run("linelist", path, *NEW)
    before = Entry.objects.count()
    code, out, _ = run("linelist", path, *NEW)
    assert (code, "cases: 3 there already" in out, Entry.objects.count()) == (0, True, before)


def test_a_row_that_says_something_else_is_shown_and_changes_nothing(tmp_path: Path) -> None:
    run("linelist", put(tmp_path, LIST), *NEW)
    before = Entry.objects.count()
    changed = LIST.replace("A1,2020-05-11", "A1,2020-05-10") + "A4,2020-06-02,,M,,,A3,,,\n"
    code, out, err = run("linelist", put(tmp_path, changed, "later.csv"), *NEW)
    assert (code, "1 differ from before, not changed" in out, "1 entered, 2 there already" in out) == (1, True, True)
    assert "onset.recorded" in err
    assert [f.body.on for f in facts("onset.recorded")] == ["2020-05-11", "2020-05-18", "2020-05-30", "2020-06-02"]
    assert Entry.objects.count() == before + 1


def test_a_spoiled_copy_loses_nothing_and_half_enters_nothing(tmp_path: Path) -> None:
    spoiled = LIST.replace("A2,2020-05-18", "A2,2020-55-18") + ",2020-05-01,,M,,,,,,\nA1,2020-05-11,,M,,,,,,\nA5,2030-05-01,,M,,,,,,\n"
    paper = tmp_path / "r.jsonl"
    code, _, err = run("linelist", put(tmp_path, spoiled), *NEW, "--receipt", paper)
    fates = [(r["row"], r["fate"]) for r in rows(paper)[1:-1]]
    assert sorted(fates) == [(1, "aside"), (2, "entered"), (3, "refused"), (4, "entered"), (5, "refused"), (6, "repeated"), (7, "refused")]
    assert (code, "2020-55-18" in err, "in the future" in err) == (1, True, True)
    people = {f.body.person for f in facts("person.enrolled")}
    assert len(people) == 2
    assert {f.body.person for f in facts("person.died")} <= people
    code, _, _ = run("linelist", put(tmp_path, LIST, "mended.csv"), *NEW)
    assert (code, len(facts("person.enrolled"))) == (0, 3)


def test_a_stopped_import_goes_on_from_its_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = LIST.splitlines()[0] + "\n" + "".join(f"C{i},2020-05-{i % 28 + 1:02},,M,,,,,,\n" for i in range(200))
    path, paper = put(tmp_path, many), tmp_path / "r.jsonl"
    whole = importing.Paper.write

    def cut(self: importing.Paper, outcomes: Any) -> None:
        whole(self, outcomes)
        if self.count["case entered"] > 60:
            with self.path.open("a") as file:
                file.write('{"file": "list.csv", "ro')  # killed in the middle of a line
            raise KeyboardInterrupt

    monkeypatch.setattr(importing.Paper, "write", cut)
    CliRunner().invoke(main, ["import", "linelist", str(path), *NEW, "--receipt", str(paper)])
    done = len(facts("person.enrolled"))
    assert 60 < done < 200
    monkeypatch.setattr(importing.Paper, "write", whole)
    code, _, _ = run("linelist", path, *NEW, "--receipt", paper)
    assert (code, len(facts("person.enrolled")), len(facts("case.diagnosed"))) == (0, 200, 200)
    assert Counter(r.get("fate") for r in rows(paper)) == {"entered": 200, "aside": 1, None: 2}


def test_killed_between_the_ledger_and_the_receipt_nothing_is_entered_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, paper = put(tmp_path, LIST), tmp_path / "r.jsonl"
    whole = importing.Paper.write

    def never(self: importing.Paper, outcomes: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing.Paper, "write", never)
    CliRunner().invoke(main, ["import", "linelist", str(path), *NEW, "--receipt", str(paper)])
    monkeypatch.setattr(importing.Paper, "write", whole)
    before = Entry.objects.count()
    code, out, _ = run("linelist", path, *NEW, "--receipt", paper)
    assert (code, Entry.objects.count(), "3 there already" in out) == (0, before, True)


def test_a_receipt_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    paper = tmp_path / "r.jsonl"
    run("linelist", put(tmp_path, LIST), *NEW, "--receipt", paper)
    before = paper.read_bytes()
    code, _, err = run("linelist", put(tmp_path, LIST + "A9,2020-05-11,,M,,,,,,\n", "other.csv"), *NEW, "--receipt", paper)
    assert (code, "another import" in err, paper.read_bytes() == before) == (2, True, True)


def test_a_dry_run_enters_nothing(tmp_path: Path) -> None:
    before = Entry.objects.count()
    code, out, _ = run("linelist", put(tmp_path, LIST), *NEW, "--dry-run")
    assert (code, "cases: 3 entered" in out, "nothing entered" in out, Entry.objects.count()) == (0, True, True, before)


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "--new-incident"), (("--new-incident", "x"), "--disease"), (("--incident", "x"), "no such incident"),
     ((*NEW, "--area", "99"), "no such area"), ((*NEW, "--column", "nose=x"), "FIELD=HEADING"), ((*NEW, "--column", "onset=x"), "no column")],
)  # fmt: skip
def test_called_wrongly(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    before = Entry.objects.count()
    code, _, err = run("linelist", put(tmp_path, LIST), *words)
    assert (code, said in err, Entry.objects.count()) == (2, True, before), err


def test_the_mapping_is_kept_and_read(tmp_path: Path) -> None:
    path, kept = put(tmp_path, LIST.replace("date onset", "started")), tmp_path / "map.json"
    run("linelist", path, *NEW, "--map", kept, "--column", "onset=started")
    assert json.loads(kept.read_text())["case"]["onset"] == "started"
    code, out, _ = run("linelist", path, *NEW, "--map", kept)
    assert (code, "3 there already" in out) == (0, True)


def test_a_day_of_the_nineteenth_century_is_the_day_that_was_written(tmp_path: Path) -> None:
    run("linelist", put(tmp_path, "case_ID,date_of_prodrome,infector\n1,1861-11-21,\n2,1861-11-23,1\n"), *NEW)
    zone = centre().protocol.zone
    assert [(f.body.on, day_of(f.at, zone)) for f in facts("onset.recorded")] == [
        ("1861-11-21", "1861-11-21"),
        ("1861-11-23", "1861-11-23"),
    ]


def test_mers_korea(tmp_path: Path) -> None:
    folder = published("mers_korea_2015")
    code, _, _ = run("linelist", folder / "linelist.csv", "--links", folder / "contacts.csv", "--new-incident", "MERS", "--disease", "mers",
                     "--receipt", tmp_path / "r.jsonl")  # fmt: skip
    named = facts("contact.named")
    onsets = facts("onset.recorded")
    assert (code, len(facts("case.diagnosed")), len(named), len(onsets)) == (0, 162, 98, 135)
    label = {f.body.person: f.body.label for f in facts("case.diagnosed")}
    sources = {k: sorted(label[f.body.met] for f in named if label[f.body.person] == k) for k in ("SK_107", "SK_39")}
    assert sources == {"SK_107": ["SK_16", "SK_87"], "SK_39": ["SK_11", "SK_12", "SK_14"]}
    assert Counter(f.body.words for f in named)["Hospital room"] == 44
    assert Counter(label[f.body.met] for f in named).most_common(3) == [("SK_14", 38), ("SK_1", 26), ("SK_16", 21)]


# --- SORMAS and Go.Data --------------------------------------------------------------------------------------------------
GODATA = {
    "cases.csv": "uuid,case_id,firstName,gender,classification,date_of_onset,date_of_reporting,location_id\n"
    "u-1,CASE-1,Awa,FEMALE,CONFIRMED,2020-06-20,2020-06-22,L1\nu-2,CASE-2,Baba,MALE,PROBABLE,2020-06-28,2020-06-30,L1\n",
    "contacts.csv": "uuid,contact_id,firstName,gender,contact_status,date_of_reporting,date_of_last_contact\n"
    "u-3,CONTACT-1,Coumba,FEMALE,UNDER_FOLLOW_UP,2020-06-23,2020-06-22\nu-2,CONTACT-2,Baba,MALE,BECAME_CASE,2020-06-23,2020-06-22\n",
    "relationships.csv": "uuid,source_uuid,target_uuid,date_of_last_contact,context_of_exposure\n"
    "r1,u-1,u-3,2020-06-22,Home/household\nr2,u-1,u-2,2020-06-21,\nr3,e-1,u-1,,\nr4,u-9,u-1,,\n",
    "followups.csv": "uuid,contact_uuid,followup_status,date_of_followup\nf1,u-3,SEEN_OK,2020-06-24\nf2,u-3,SEEN_NOT_OK,2020-06-25\n"
    "f3,u-3,MISSED,2020-06-26\nf4,u-3,NOT_PERFORMED,2020-06-27\nf5,u-8,SEEN_OK,2020-06-27\n",
    "lab.csv": "id,personId,sampleIdentifier,dateSampleTaken,result\nl1,u-1,S1,2020-06-21T00:00:00.000Z,LNG_REFERENCE_DATA_CATEGORY_LAB_TEST_RESULT_POSITIVE\n",
    "events.csv": "uuid,event_name,date_of_event\ne-1,Wedding,2020-06-15\n",
    "locations.csv": "location_id,admin_level,name,code,parent_location_id\nL1,2,Venu,VEN,L0\nL0,1,Island,ISL,\n",
    "teams.csv": "uuid,name,user_id\nt1,Team A,x\n",
    "README.txt": "these are the files of one outbreak\n",
}  # fmt: skip


def godata_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "godata"
    folder.mkdir()
    for name, text in GODATA.items():
        put(folder, text, name)
    return folder


def test_a_folder_of_godata(tmp_path: Path) -> None:
    folder, paper = godata_folder(tmp_path), tmp_path / "r.jsonl"
    code, out, err = run("godata", folder, *NEW, "--areas", "--receipt", paper)
    assert code == 1, err
    assert {line for line in out.splitlines() if not line.startswith("incident")} == {
        "cases: 2 entered", "contacts: 1 entered, 1 kept in the receipt only", "links: 3 entered, 1 refused", "events: 1 kept in the receipt only",
        "follow-ups: 3 entered, 1 refused, 1 kept in the receipt only", "tests: 1 entered", "areas: 2 entered", "teams: 1 kept in the receipt only",
    }  # fmt: skip
    assert "not read: README.txt" in err
    assert sorted(f.body.symptoms for f in facts("observation.made")) == [False, True]
    assert [f.body.outcome for f in facts("attempt.made")] == ["not_found"]
    assert [f.body.words for f in facts("visit.recorded")] == ["Wedding"]
    assert [f.body.setting for f in facts("contact.named")] == ["other", "household"]
    assert [f.body.result for f in facts("tube.resulted")] == ["positive"]
    assert {f.body.area for f in facts("person.enrolled")} == {"51", "L1"}
    assert {(f.body.area, f.body.parent) for f in facts("area.declared")} >= {("L1", "L0"), ("L0", "51")}
    assert count("duty") == 0
    assert rebuild.check(centre().protocol) == []
    kept = next(r for r in rows(paper) if r.get("key") == "u-3" and r["fate"] == "kept")
    assert kept["left"]["followup_status"] == "NOT_PERFORMED"


def test_two_files_that_give_one_code_to_two_areas(tmp_path: Path) -> None:
    head = "NAME,ID,CODE,LONG,LAT,ADMIN_LEVEL,PARENTLOCATIONID\n"
    one, two = put(tmp_path, head + "Piemonte,10,P,8.0,45.0,1,\n", "one.csv"), put(tmp_path, head + "Genova,10,G,9.0,44.4,2,7\n", "two.csv")
    code, out, err = run("godata", one, two, *NEW, "--areas")
    assert (code, "areas: 1 entered, 1 refused" in out, "one.csv row 2" in err) == (1, True, True)
    assert count("aside") == 0


def test_what_is_about_a_refused_row_is_refused_too(tmp_path: Path) -> None:
    late = LIST.replace("A1,2020-05-11", "A1,2021-05-11")
    code, out, _ = run("linelist", put(tmp_path, late), "--links", put(tmp_path, "from,to\nA1,A2\nA2,A3\n", "l.csv"), *NEW)
    assert (code, "cases: 2 entered, 1 refused" in out, "links: 1 entered, 1 refused" in out) == (1, True, True)


def test_godata_again_and_file_by_file(tmp_path: Path) -> None:
    folder = godata_folder(tmp_path)
    for name in ("cases.csv", "contacts.csv", "relationships.csv", "followups.csv"):
        run("godata", folder / name, *NEW)
    assert (len(facts("contact.named")), len(facts("observation.made"))) == (2, 2)
    before = Entry.objects.count()
    run("godata", folder / "followups.csv", *NEW)
    assert Entry.objects.count() == before


def test_follow_ups_before_their_people_are_refused_and_come_later(tmp_path: Path) -> None:
    folder = godata_folder(tmp_path)
    code, _, err = run("godata", folder / "followups.csv", *NEW)
    assert (code, "import their row first" in err, facts("observation.made")) == (1, True, [])
    run("godata", folder / "cases.csv", folder / "contacts.csv", *NEW)
    run("godata", folder / "followups.csv", *NEW)
    assert len(facts("observation.made")) == 2


def test_sormas_cases_and_contacts(tmp_path: Path) -> None:
    cases = "CaseData,CaseData,CaseData,CaseData,CaseData,CaseData\nexternalID,disease,person.firstName,person.lastName,reportDate,district\n" \
        "K-1,EVD,Import,One,11/20/2018,North town\nK-2,EVD,Import,Two,11-23-2018,Elsewhere\n"  # fmt: skip
    contacts = 'caseIdExternalSystem,reportDateTime,lastContactDate,person.firstName,person.lastName\n" k-1 ",11/25/2018,11/22/2018,Near,By\n' \
        "K-9,11/25/2018,11/22/2018,Far,Off\n"  # fmt: skip
    code, out, _ = run("sormas", put(tmp_path, contacts, "contacts.csv"), put(tmp_path, cases, "cases.csv"), *NEW)
    assert (code, "cases: 2 entered" in out, "contacts: 2 entered" in out) == (0, True, True)
    assert len(facts("contact.named")) == 1
    assert [f.body.status for f in facts("case.diagnosed")] == ["suspected", "suspected"]


def test_godata_of_who(tmp_path: Path) -> None:
    folder = published("godata_who")
    set_clock(SetClock(Instant(NOW + 60 * DAY)))  # one of them fell ill in January 2021
    files = [folder / f"{n}_clean.csv" for n in ("cases", "contacts", "relationships", "followups", "lab_results", "events", "teams")]
    code, out, _ = run("godata", *files, *NEW, "--receipt", tmp_path / "r.jsonl")
    assert "cases: 56 entered" in out, out
    assert "contacts: 60 entered, 6 kept in the receipt only" in out
    assert "links: 100 entered" in out
    assert "follow-ups: 106 entered, 331 kept in the receipt only" in out
    assert code == 0


def test_sormas_of_its_own_tests(tmp_path: Path) -> None:
    code, out, _ = run(
        "sormas",
        published("sormas_import_samples") / "case_import_success.csv",
        "--new-incident",
        "EVD",
        "--disease",
        "ebola",
        "--lang",
        "en",
    )
    assert (code, "cases: 5 entered" in out) == (0, True)


def test_records_of_the_past_can_be_told_from_todays_cases(tmp_path: Path) -> None:
    run("linelist", put(tmp_path, LIST), *NEW)
    run("linelist", put(tmp_path, LIST, "today.csv"), "--new-incident", "Today", "--disease", "covid19", "--live")
    look = SimpleNamespace(seq=Entry.objects.count())
    by = next(n for n in CASES.narrows if n.name == "nature").apply
    every = Case.objects.filter(void_seq=NEVER)
    assert (every.count(), by(every, "history", look).count(), by(every, "outbreak", look).count()) == (6, 3, 3)


def test_a_record_joined_to_an_outbreak_takes_no_edition_from_it(tmp_path: Path) -> None:
    """Joining must not blind the outbreak: the edition of its area stays in force whichever of the two was opened first."""
    run("linelist", put(tmp_path, LIST), *NEW)
    run("linelist", put(tmp_path, LIST, "today.csv"), "--new-incident", "Today", "--disease", "covid19", "--live")
    past, today = (next(f.body.incident for f in facts("incident.opened") if f.body.nature == n) for n in ("history", "outbreak"))
    assert (edition_at(past, NOW, Reader(connection)), edition_at(today, NOW, Reader(connection))) == (None, "covid19/cn-9")
    joined = Fact(named_id("j"), "incident.joined", Instant(NOW), None, IncidentJoined(past, today, "the same outbreak"))
    enter([joined], by="test", source="test", clock=centre().clock, protocol=centre().protocol)
    assert edition_at(today, NOW, Reader(connection)) == "covid19/cn-9"
    assert rebuild.check(centre().protocol) == []
