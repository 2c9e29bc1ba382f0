"""Line lists as people keep them: every row has a fate, ids and sources are found, nothing is guessed. Each trap a small list."""

from __future__ import annotations

import random
import statistics
from collections import Counter

import pytest

from bulou.lists.linelist import Columns, read, words
from bulou.lists.peers import Reading, meaning, setting, tables
from bulou.lists.reading import read_file
from tests.data import published

HEAD = "case_id,date onset,gender,age,hospital,infector,outcome,date of outcome\n"


def of(text: str | bytes, links: str | None = None, columns: Columns | None = None) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    other = read_file(links.encode(), "links.csv")[0] if links else None
    return read(read_file(data, "list.csv")[0], other, columns)[0]


def fates(found: Reading) -> Counter[str]:
    return Counter(f"{r.what} {r.fate}" for r in found.rows if r.fate != "aside")


def test_a_list_with_everything() -> None:
    found = of(HEAD + "A1,2015-05-11,M,68,City Hospital,,Alive,\nA2,2015-05-18,F,63,City Hospital,A1,Dead,2015-06-01\n")
    assert fates(found) == {"case ready": 2}
    assert [(link.source, link.target) for link in found.links] == [("a1", "a2")]
    assert found.people[1].on == {"onset": "2015-05-18", "outcome_on": "2015-06-01", "died_on": "2015-06-01"}
    assert found.people[1].sex == "female"
    assert found.rows[found.people[0].row].left == {"age": "68", "outcome": "Alive"}


def test_chinese_headings_and_gbk() -> None:
    found = of(
        "病例编号,性别,发病日期,确诊日期,来源病例,现住址,体温\n甲1,男,2020年12月1日,2020-12-07,,太平村,37.5\n甲2,女,2020/12/3,2020-12-08,甲1,,\n".encode(
            "gb18030"
        )
    )
    assert [p.on["onset"] for p in found.people] == ["2020-12-01", "2020-12-03"]
    assert found.links[0].source == "甲1"
    assert found.rows[found.people[0].row].left == {"体温": "37.5"}


def test_the_list_tells_day_from_month() -> None:
    found = of("\ufeffcase_id,symptom_onset,confirm_date\nT1,05/01/2020,21/01/2020\nT2,06/01/2020,22/01/2020\n")
    assert [p.on["onset"] for p in found.people] == ["2020-01-05", "2020-01-06"]


def test_where_nothing_tells_a_row_is_refused_until_someone_says() -> None:
    text = "case_id,symptom_onset\nT1,05/01/2020\nT2,06/06/2020\n"
    assert fates(of(text)) == {"case refused": 1, "case ready": 1}
    told = of(text, columns=Columns(dates={"*": "mdy"}))
    assert told.people[0].on["onset"] == "2020-05-01"


@pytest.mark.parametrize(
    ("row", "field"), [("A1,31/31/2015,M,1,,,,", "date onset"), (",2015-05-11,M,1,,,,", "case_id"), ("A1,soon,M,1,,,,", "date onset"),
        ("A1,2915-05-11,M,1,,,,", "date onset")]
)  # fmt: skip
def test_a_spoiled_row_is_refused_whole_with_its_words(row: str, field: str) -> None:
    found = of(HEAD + "B1,2015-05-12,F,2,,,,\nB2,2015-05-13,F,2,,,,\n" + row + "\n")
    assert fates(found) == {"case ready": 2, "case refused": 1}
    bad = next(r for r in found.rows if r.fate == "refused")
    assert bad.field == field
    assert bad.left["gender"] == "M"
    assert {p.key for p in found.people} == {"b1", "b2"}


def test_a_case_twice_is_one_case_and_says_what_differs() -> None:
    found = of(HEAD + "A1,2015-05-11,M,68,North,,,\nA1,2015-05-12,M,68,South,,,\nA1,2015-05-11,M,68,North,,,\n")
    again = [r for r in found.rows if r.fate == "repeated"]
    assert len(found.people) == 1
    assert "date onset, hospital" in again[0].en
    assert "nothing" in again[1].en
    assert again[0].left["hospital"] == "South"


def test_several_candidate_sources_are_all_kept() -> None:
    links = "from,to,exposure\nA1,A3,Ward\nA2,A3,Ward\na2,A3,Ward\n"
    found = of(HEAD + "A1,2015-05-11,M,1,,,,\nA2,2015-05-11,M,1,,,,\nA3,2015-05-21,M,1,,,,\n", links)
    assert [(x.source, x.target, x.words) for x in found.links] == [("a1", "a3", "Ward"), ("a2", "a3", "Ward")]
    assert fates(found)["link repeated"] == 1
    both = of(HEAD + "A1,,M,1,,,,\nA2,,M,1,,,,\nA3,2015-05-21,M,1,,A1;A2,,\n")
    assert [x.source for x in both.links] == ["a1", "a2"]


def test_a_link_to_nobody_of_the_list_is_refused_and_a_source_of_nobody_kept() -> None:
    found = of(HEAD + "A1,2015-05-11,M,1,,,,\n", "from,to\nA9,A1\nA1,A1\n")
    assert fates(found) == {"case ready": 1, "link refused": 2}
    alone = of(HEAD + "A1,2015-05-11,M,1,,ZZ,,\n")
    row = alone.rows[alone.people[0].row]
    assert (alone.links, row.left["infector"], row.field) == ([], "ZZ", "infector")


def test_sources_in_a_text_are_found_and_its_words_kept() -> None:
    found = of(
        "case_id,symptom_onset,Infection_source\nTJ6,2020-01-19,Wuhan\nTJ11,2020-01-22,case TJ6 (family)\nTJ12,2020-01-23,TJ6 or TJ11\n"
    )
    assert [(x.source, x.target) for x in found.links] == [("tj6", "tj11"), ("tj6", "tj12"), ("tj11", "tj12")]
    assert setting(found.links[0].words) == "household"
    assert found.people[0].source == "Wuhan"


def test_a_mapping_recodes_and_comes_back_as_it_was() -> None:
    columns = Columns({"case_id": "nr"}, {}, {"onset": "dmy"}, {"hospital": {"": "Missing", "Nort": "North"}})
    assert Columns.from_json(columns.to_json()) == columns
    found = of("nr,onset,hospital\n1,05/01/2020,Nort\n2,06/01/2020,\n", columns=columns)
    assert [(p.on["onset"], p.hospital) for p in found.people] == [("2020-01-05", "North"), ("2020-01-06", "Missing")]


@pytest.mark.parametrize("text", ["[]", "{", '{"case": {"nose": "x"}}', '{"dates": {"*": "ymd"}}', '{"case": {"onset": 3}}'])
def test_a_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"mapping|field|dmy"):
        Columns.from_json(text)


def test_without_an_id_nothing_is_read() -> None:
    with pytest.raises(ValueError, match="case_id=HEADING"):
        of("onset,sex\n2020-01-01,m\n2020-01-02,f\n")
    with pytest.raises(ValueError, match="no column"):
        of(HEAD + "A1,,M,1,,,,\n", columns=Columns({"onset": "started"}))


def test_words_of_values() -> None:
    assert meaning("sex", "LNG_REFERENCE_DATA_CATEGORY_GENDER_FEMALE") == "female"
    assert meaning("status", "LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_NOT_A_CASE_DISCARDED") == "excluded"
    assert meaning("outcome", "Décédé") == "dead"
    assert meaning("sex", "unknown") is None
    assert (setting("Emergency room"), setting("Coworker"), setting("")) == ("care", "work", "other")


def test_one_heading_stands_under_one_field() -> None:
    for part, table in words().items():
        twice = [w for w, n in Counter(w for these in table.values() for w in these).items() if n > 1]
        assert not twice, (part, twice)


def test_columns_for_the_analysis() -> None:
    found = of(HEAD + "A1,2015-05-11,M,68,North,,,\nA2,2015-05-18,F,,,A1,,\nA3,,F,,,A2,,\n")
    told = tables(found)
    assert told.cases["label"] == ["A1", "A2", "A3"]
    assert told.cases["onset"] == ["2015-05-11", "2015-05-18", None]
    assert told.links["interval"] == [7, None]


@pytest.mark.parametrize("seed", range(25))
def test_a_spoiled_copy_keeps_every_row_in_sight(seed: int) -> None:
    """Cells moved, cut, doubled, quoted, in any encoding: every row has one fate, and only rows that are ready say anything."""
    rng = random.Random(seed)
    lines = [f"C{i},2015-05-{i % 28 + 1:02},{'MF'[i % 2]},{i},Hospital,{f'C{i - 1}' if i else ''},Alive," for i in range(40)]
    for _ in range(12):
        i = rng.randrange(len(lines))
        cells = lines[i].split(",")
        lines[i] = rng.choice([
            lines[i].replace("2015", "9915"), lines[i][: rng.randrange(len(lines[i]) + 1)], lines[i] + ',"', ",".join(rng.sample(cells, len(cells))),
            lines[rng.randrange(len(lines))], "".join(rng.choice('é中,"; ') if rng.random() < 0.1 else c for c in lines[i]),
        ])  # fmt: skip
    table = read_file((HEAD + "\n".join(lines)).encode(rng.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])), "list.csv")[0]
    found, _ = read(table)
    assert sorted(r.number for r in found.rows) == sorted([*table.numbers, *(a.number for a in table.aside)])
    ready = {i for i, r in enumerate(found.rows) if r.fate == "ready"}
    assert {p.row for p in found.people} == ready
    assert {x.row for x in found.links} <= ready
    assert all(r.en and r.left for r in found.rows if r.fate in ("refused", "repeated"))


# --- published lists -----------------------------------------------------------------------------------------------------
def test_mers_korea() -> None:
    folder = published("mers_korea_2015")
    found, _ = read(read_file(folder / "linelist.csv")[0], read_file(folder / "contacts.csv")[0])
    assert fates(found) == {"case ready": 162, "link ready": 98}
    assert sum("onset" not in p.on for p in found.people) == 27
    of_two = {k: sorted(x.source for x in found.links if x.target == k) for k in ("sk_107", "sk_39")}
    assert of_two == {"sk_107": ["sk_16", "sk_87"], "sk_39": ["sk_11", "sk_12", "sk_14"]}
    intervals = [x for x in tables(found).links["interval"] if isinstance(x, int)]
    assert (len(intervals), round(statistics.mean(intervals), 3), round(statistics.stdev(intervals), 3)) == (98, 14.469, 5.2)
    rooms = Counter(x.words for x in found.links)
    assert (rooms["Hospital room"], rooms["Emergency room"], rooms["Visit hospital"]) == (44, 33, 12)


def test_tianjin() -> None:
    folder = published("tianjin_covid19")
    found, _ = read(read_file(folder / "cases_revised.csv")[0], read_file(folder / "edges_case_to_case.csv")[0])
    assert fates(found) == {"case ready": 135, "link ready": 72}
    intervals = [x for x in tables(found).links["interval"] if isinstance(x, int)]
    assert (len(intervals), round(statistics.mean(intervals), 3), round(statistics.stdev(intervals), 3)) == (72, 5.056, 3.356)
    first = found.people[0]
    assert (first.on["onset"], first.on["exposed_from"], first.on["exposed_until"]) == ("2020-01-14", "2020-01-05", "2020-01-14")
    assert sum("onset" in p.on for p in found.people) == 125


def test_hagelloch() -> None:
    found, _ = read(read_file(published("measles_hagelloch_1861") / "measles_hagelloch_1861.csv")[0])
    assert fates(found) == {"case ready": 188}
    assert len(found.links) == 184
    assert Counter(x.source for x in found.links).most_common(1) == [("45", 30)]
    intervals = [x for x in tables(found).links["interval"] if isinstance(x, int)]
    assert (len(intervals), round(statistics.mean(intervals), 3), round(statistics.stdev(intervals), 3)) == (184, 10.391, 1.679)


def test_epirhandbook_comes_to_its_cleaned_key() -> None:
    folder = published("epirhandbook_linelist")
    misspelt = {"Mitylira Hospital": "Military Hospital", "Mitylira Hopital": "Military Hospital", "Military Hopital": "Military Hospital",
                "Port Hopital": "Port Hospital", "Central Hopital": "Central Hospital", "": "Missing",
                "St. Marks Maternity Hopital (SMMH)": "St. Mark's Maternity Hospital (SMMH)"}  # fmt: skip
    table = read_file(folder / "linelist_raw_dirty.csv")[0]
    found, used = read(table, None, Columns(values={"hospital": misspelt}))
    key = read_file(folder / "linelist_cleaned.csv")[0]
    column = {name: i for i, name in enumerate(key.columns)}
    people = {p.key: p for p in found.people}
    assert (len(table.rows), len(people), len(key.rows)) == (6611, 5888, 5888)
    for row in key.rows:
        one = people[row[column["case_id"]].casefold()]
        assert one.hospital == row[column["hospital"]]
        assert one.on.get("onset", "") == row[column["date_onset"]][:10]
        assert one.on.get("admitted", "") == row[column["date_hospitalisation"]][:10]
    assert sum(r.fate in ("ready", "repeated", "refused") for r in found.rows) == 6611
    assert used.case["onset"] == "date onset"
