"""What the scenario's file says of people and sources: nothing personal, an address or a reason for every fact, figures that close.

Every check is a function of the file's tables that returns what is wrong; beside each stand edits of the file that it must catch.
"""

from __future__ import annotations

import copy
import csv
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bulou.basis.time import parse_local
from bulou.basis.words import Word
from bulou.desks.command.published import RIVALS, SUMS, Agreement, Claim, _agreement, address
from bulou.scenarios.demo import SCENARIO
from bulou.scenarios.reading import SYNTHETIC
from tests.scenario.ground import ground

Raw = dict[str, Any]
Check = Callable[[Raw], list[str]]
RAW: Raw = tomllib.loads((resources.files("bulou.scenarios") / SCENARIO / "published.toml").read_text(encoding="utf-8"))
CASE_3 = "case 3"
#: Reasons for giving no address: the page would lead to a patient, or there is no page because the person is made up.
NO_ADDRESS = re.compile(r"(names|describes) a patient$|^case 3 is wholly synthetic")


def told(raw: Raw) -> Iterator[tuple[str, Raw, str | None, str | None]]:
    """Every fact of the file: where it stands, its table, its address, its reason for having none."""
    for i, f in enumerate(raw["fact"]):
        yield f"fact {i + 1} ({f['kind']})", f, f.get("url"), f.get("no_url")
    for f in raw["figure"]:
        yield f"figure {f['code']}", f, f.get("url"), f.get("no_url")
    for p in raw["place"]:
        yield f"place {p['id']}", p, p.get("url"), p.get("no_url")
    for z in raw["zone"]:
        yield f"zone {z['id']} drawn", z, z.get("drawn_url"), None
        yield f"zone {z['id']} lifted", z, z.get("lifted_url"), None


def of_case_3(table: Raw) -> bool:
    return CASE_3 in (table.get("person"), table.get("met"), table.get("id"))


def unsourced(raw: Raw) -> list[str]:
    """Every fact has an address, or says why it has none; case 3 never has one."""
    wrong = []
    for where, table, url, reason in told(raw):
        if of_case_3(table):
            wrong += [f"{where}: case 3 has an address"] if url or "case 3" not in (reason or "") else []
        elif bool(url) == bool(reason):
            wrong.append(f"{where}: an address, or a reason for none")
        elif reason and not NO_ADDRESS.search(reason):
            wrong.append(f"{where}: {reason} is no reason")
    wrong += [f"{p['id']} has an address" for p in raw["person"] if "url" in p]
    return wrong


def addresses(raw: Raw) -> list[str]:
    """What may be opened is a web address; what stands on an unknown site is named without a scheme and never linked."""
    wrong = []
    for where, _table, url, _reason in told(raw):
        if url is None:
            continue
        linked = address(url)
        if not re.match(r"^(https?://)?[a-z0-9.-]+\.[a-z]{2,}/\S*$", url):
            wrong.append(f"{where}: {url} is no address")
        if linked is not None and "://" not in linked:
            wrong.append(f"{where}: {url} would be linked within this site")
    return wrong


_SEX = re.compile(r"[男女夫妻]|先生|女士|爷|奶奶|\b(male|female|man|woman|wife|husband|mr|mrs|grand\w+)\b", re.IGNORECASE)
_AGE = re.compile(r"\d+\s*(岁|years? old|-year-old)|\(\d{2}([-至]\d{2})?\)")
_BAND = re.compile(r"^病例\d+\((?P<zh>\d)0至(?P=zh)9岁\)$|^case \d+ \((?P<en>\d)0-(?P=en)9\)$|^[^0-9]*\d*\((详情从略|合成人物)\)$|"
                   r"^case \d+ \((details not given|synthetic)\)$|^病例\d+$|^case \d+$")  # fmt: skip
_PERSONAL = {"sex", "age", "born_on", "phone", "document", "name_of", "household", "address", "occupation"}


def personal(raw: Raw) -> list[str]:
    """No sex, no age finer than ten years, no names, nobody and no place finer than a village, no dwelling, relations in three words."""
    wrong = []
    for p in raw["person"]:
        wrong += [f"{p['id']}: {key}" for key in sorted(_PERSONAL & set(p))]
        wrong += [f"{p['id']}: {n}" for n in p["name"].values() if not _BAND.match(n)]
        wrong += [f"{p['id']}: placed at {p['area']}"] if not re.fullmatch(r"\d{6,12}", p["area"]) else []
    for i, f in enumerate(raw["fact"]):
        wrong += [f"fact {i + 1}: {key}" for key in sorted(_PERSONAL & set(f))]
        if f["kind"] == "visit.recorded" and not re.fullmatch(r"\d{6,12}", f["area"]):
            wrong.append(f"fact {i + 1}: placed at {f['area']}")
        if f["kind"] == "contact.named" and f["setting"] not in ("household", "kin", "venue"):
            wrong.append(f"fact {i + 1}: relation {f['setting']}")
    wrong += [f"place {p['id']}: lies at {p['area']}" for p in raw["place"] if not re.fullmatch(r"\d{6,12}", p["area"])]
    wrong += [f"place {p['id']}: {p['nature']}" for p in raw["place"] if p["nature"] in ("home", "dormitory")]
    bands = {n for p in raw["person"] for n in p["name"].values()}
    for text in texts(raw):
        if text not in bands and (_SEX.search(text) or _AGE.search(text)):
            wrong.append(text)
    return wrong


def texts(value: Any) -> Iterator[str]:
    """Every text of the file but addresses."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.endswith("url"):
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def case_3(raw: Raw) -> list[str]:
    """Case 3 is made up, says so, and lives outside the district."""
    found = next((p for p in raw["person"] if p["id"] == CASE_3), None)
    if found is None:
        return ["no case 3"]
    wrong = [] if found.get("synthetic") is True else ["case 3 is not marked synthetic"]
    wrong += (
        ["case 3's name does not say that it is made up"]
        if "合成" not in found["name"]["zh"] or "synthetic" not in found["name"]["en"]
        else []
    )
    return wrong + (["case 3 lives in the district"] if found["area"].startswith(raw["scenario"]["centre"]) else [])


def seven_then_more(raw: Raw) -> list[str]:
    """Seven linked cases first; whoever came later is a number without details."""
    first = [f["person"] for f in raw["fact"] if f["kind"] == "case.diagnosed" and f["at"] < "2020-12-09"]
    linked = {f["person"] for f in raw["fact"] if f["kind"] == "contact.named"} | {
        f["met"] for f in raw["fact"] if f["kind"] == "contact.named"
    }
    wrong = [] if sorted(first) == [f"case {n}" for n in range(1, 8)] else [f"the first are {first}"]
    wrong += [f"{p} is linked to nobody" for p in first if p not in linked]
    for p in raw["person"]:
        later = p["id"] not in first
        wrong += [f"{p['id']} has details"] if later and ("details not given" not in p["name"]["en"] or p["id"] in linked) else []
    return wrong


def zones(raw: Raw) -> list[str]:
    """Five zones, each drawn before it is lifted with a word about the hour; the last one on 31 December at 17:00."""
    wrong = [] if len(raw["zone"]) == 5 else [f"{len(raw['zone'])} zones"]
    wrong += [f"{z['id']}: lifted before it was drawn" for z in raw["zone"] if z["drawn"] >= z["lifted"]]
    wrong += [f"{z['id']}: nothing said of its lifting" for z in raw["zone"] if not z.get("lifted_note")]
    last = max(z["lifted"] for z in raw["zone"])
    return wrong + ([] if last == "2020-12-31 17:00" else [f"the last is lifted {last}"])


def figures(raw: Raw) -> list[str]:
    """Every published figure has its own place, hour, unit, clock and counting, and a code of its own."""
    wrong, seen = [], set()
    for f in raw["figure"]:
        missing = {"code", "at", "area", "value", "unit", "clock", "counting", "name"} - set(f)
        wrong += [f"{f.get('code')}: no {m}" for m in sorted(missing)]
        wrong += [f"{f['code']} twice"] if f["code"] in seen else []
        wrong += [f"{f['code']}: known before it was so"] if f.get("known", f["at"]) < f["at"].replace(" 24:00", " 00:00") else []
        seen.add(f["code"])
    return wrong


def reconciled(raw: Raw) -> list[Agreement]:
    """The checks of the page of published figures, on the file alone."""
    known = {
        f["code"]: Claim(
            parse_local(f["at"], settings.BULOU_ZONE), f["area"], f["code"], f["value"], f["unit"], Word(f["name"]["zh"], f["name"]["en"]),
            f.get("url"), f.get("promised", False),
        )
        for f in raw["figure"]
    }  # fmt: skip
    return [_agreement(s, known) for s in SUMS if s.total in known]


def open_sums(raw: Raw) -> list[str]:
    """Every sum closes, or was declared open with a reason; what was declared open is open."""
    found = {a.name: a for a in reconciled(raw)}
    wrong = [f"{s.name.en}: no total" for s in SUMS if s.name not in found]
    for s in SUMS:
        verdict = found[s.name].verdict if s.name in found else ""
        if s.open is None and verdict not in ("closes", "inside"):
            wrong.append(f"{s.name.en}: {verdict}")
        if s.open is not None and verdict not in ("open", "waiting"):
            wrong.append(f"{s.name.en}: declared open, and {verdict}")
    return wrong


def rivals(raw: Raw) -> list[str]:
    """Where sources disagree both claims are there, each with its own source."""
    by_code = {f["code"]: f for f in raw["figure"]}
    wrong = []
    for rival in RIVALS:
        told_ = [by_code[c] for c in rival.codes if c in by_code]
        if len(told_) < len(rival.codes) or len({f.get("url") for f in told_}) < len(told_):
            wrong.append(f"{rival.name.en}: a claim or its source is missing")
        if len({(f["at"], f["value"]) for f in told_}) < 2:
            wrong.append(f"{rival.name.en}: no disagreement")
    return wrong


CHECKS: tuple[Check, ...] = (unsourced, addresses, personal, case_3, seven_then_more, zones, figures, open_sums, rivals)


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_the_file_is_right(check: Check) -> None:
    assert check(RAW) == []


def _person(id_: str, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: next(p for p in raw["person"] if p["id"] == id_).update(values)


def _fact(kind: str, person: str, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: next(f for f in raw["fact"] if f["kind"] == kind and f.get("person") == person).update(values)


def _figure(which: str, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: next(f for f in raw["figure"] if f["code"] == which).update(values)


def _zone(id_: str, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: next(z for z in raw["zone"] if z["id"] == id_).update(values)


def _drop(section: str, key: str, value: str, field: str | None = None) -> Callable[[Raw], None]:
    def edit(raw: Raw) -> None:
        found = next(t for t in raw[section] if t.get(key) == value)
        if field:
            del found[field]
        else:
            raw[section].remove(found)

    return edit


#: Edits of the file that must be caught, and by which check.
PLANTED: tuple[tuple[Check, str, Callable[[Raw], None]], ...] = (
    (unsourced, "a figure without a source", _drop("figure", "code", "sampled_cum@12-09", "url")),
    (unsourced, "a zone without a source", _drop("zone", "id", "xichi", "lifted_url")),
    (unsourced, "no address because nobody looked", _figure("close_pidu@12-11", no_url="not found")),
    (unsourced, "a place without a source", _drop("place", "id", "courtyard", "url")),
    (personal, "a place in a village group", lambda raw: raw["place"][1].update(area="510117001218-11")),
    (personal, "somebody's home", lambda raw: raw["place"][1].update(nature="home")),
    (unsourced, "an address for case 3", _fact("case.diagnosed", CASE_3, url="https://example.org/a", no_url="")),
    (unsourced, "an address for whom case 3 met", _fact("contact.named", CASE_3, url="https://example.org/a")),
    (addresses, "an address with a space", _figure("sampled_cum@12-09", url="https://example.org/a b")),
    (addresses, "words for an address", _figure("sampled_cum@12-09", url="the evening news")),
    (personal, "sex", _person("case 4", sex="female")),
    (personal, "an exact age", _person("case 4", name={"zh": "病例4(71岁)", "en": "case 4 (70-79)"})),
    (personal, "a band of five years", _person("case 4", name={"zh": "病例4", "en": "case 4 (70-74)"})),
    (personal, "a band that is none", _person("case 4", name={"zh": "病例4", "en": "case 4 (65-74)"})),
    (personal, "a surname", _person("case 4", name={"zh": "李某", "en": "case 4"})),
    (personal, "a village group", _person("case 4", area="510117001218-11")),
    (personal, "a compound in a visit", _fact("visit.recorded", "case 1", area="510117001012-P2")),
    (personal, "a relation", _fact("contact.named", "case 4", setting="care")),
    (personal, "a relation in words", _fact("contact.named", "case 2", words="夫妻 · a couple")),
    (personal, "an age in words", _fact("visit.recorded", "case 1", words="69岁患者就诊")),
    (case_3, "case 3 not marked", _person(CASE_3, synthetic=False)),
    (case_3, "case 3 with a band of age", _person(CASE_3, name={"zh": "病例3(20至29岁)", "en": "case 3 (20-29)"})),
    (case_3, "case 3 in the district", _person(CASE_3, area="510117001")),
    (seven_then_more, "an eighth among the first", _fact("case.diagnosed", "case 8", at="2020-12-08 21:00")),
    (seven_then_more, "details of a later one", _person("case 9", name={"zh": "病例9(50至59岁)", "en": "case 9 (50-59)"})),
    (seven_then_more, "one of the seven linked to nobody", _drop("fact", "words", "亲属往来;时刻未公布 · kin; hour not published")),
    (zones, "a zone left out", _drop("zone", "id", "babuqiao")),
    (zones, "a zone lifted before", _zone("xichi", lifted="2020-12-11 20:00")),
    (zones, "the last zone an hour off", _zone("babuqiao", lifted="2020-12-31 16:00")),
    (zones, "a lifting without a word", _drop("zone", "id", "taiping", "lifted_note")),
    (figures, "a figure without its unit", _drop("figure", "code", "food@12-08", "unit")),
    (figures, "two figures of one code", _figure("food@12-08", code="environment@12-08")),
    (figures, "a figure known before its hour", _figure("sampled_cum@12-09", known="2020-12-08 21:00")),
    (open_sums, "a person too many", _figure("sampled_day@12-09", value=483_801)),
    (open_sums, "a sample nobody counted", _figure("environment_pending@12-09", value=62)),
    (open_sums, "more results than samples", _figure("resulted_cum@12-12", value=2_299_523)),
    (open_sums, "more sampled in the district than in the city", _figure("round_sampled@12-12", value=840_623)),
    (open_sums, "a promise that came true after all", _figure("round_promised@12-11", value=780_000)),
    (open_sums, "a total left out", _drop("figure", "code", "environment@12-09")),
    (rivals, "one claim left out", _drop("figure", "code", "samplers_pidu@12-12")),
    (rivals, "both claims made one", _figure("samplers_pidu@12-12", at="2020-12-11 18:00")),
)  # fmt: skip


@pytest.mark.parametrize(("check", "edit"), [(c, e) for c, _, e in PLANTED], ids=[f"{c.__name__}: {name}" for c, name, _ in PLANTED])
def test_a_planted_fault_is_caught(check: Check, edit: Callable[[Raw], None]) -> None:
    raw = copy.deepcopy(RAW)
    edit(raw)
    assert check(raw)


def test_every_check_has_a_planted_fault() -> None:
    assert {c for c, _, _ in PLANTED} == set(CHECKS)


#: The figures of the event by which the scenario was asked for.
ASKED = {
    "sampled_cum@12-08": 255_200, "sampled_day@12-09": 483_800, "sampled_cum@12-09": 739_000, "environment@12-09": 630,
    "environment_positive@12-09": 14, "environment_negative@12-09": 553, "environment_pending@12-09": 63, "environment@12-08": 515,
    "environment_done@12-08": 448, "environment_positive@12-08": 13, "round_promised@12-11": 900_000, "round_sampled@12-12": 780_000,
    "close_pidu@12-11": 169, "secondary_pidu@12-11": 508, "resulted_xipu@12-11": 197_684, "sampled_cum@12-12": 2_299_522,
    "resulted_cum@12-12": 2_170_372, "positive_cum@12-12": 12, "villages_again@12-10": 11,
}  # fmt: skip


def test_the_figures_that_were_asked_for_are_there() -> None:
    assert ASKED.items() <= {f["code"]: f["value"] for f in RAW["figure"]}.items()


def test_the_promise_is_shown_without_a_bridge() -> None:
    found = next(a for a in reconciled(RAW) if a.total.code == "round_promised@12-11")
    assert (found.verdict, found.missing, found.total.promised) == ("open", 120_000, True)


def test_figures_agree_with_what_others_noted() -> None:
    """Against a table of published counts made independently of the file, where it is at hand."""
    folder = Path(os.environ.get("BULOU_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    table = folder / "zh_mass_testing_published" / "mass_testing_counts.csv"
    if not table.exists():
        pytest.skip(f"published counts are not at hand: {table} (set BULOU_DATA)")
    names = {"sampled_cum": "sampled_cum", "resulted_cum": "resulted_cum", "close_contacts": "close", "secondary_contacts": "secondary"}
    known = {
        (f["at"], f["area"], f["code"].split("@")[0].split("_pidu")[0].split("_xipu")[0].removesuffix("_cum")): f["value"]
        for f in RAW["figure"]
    }
    compared = 0
    with table.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["event"] != "Chengdu2020":
                continue
            at, area = row["as_of"].replace("T", " "), {"510100": "5101"}.get(row["admin_code"], row["admin_code"])
            area = "510117006" if row["place"].startswith("犀浦") else area
            for column, name in names.items():
                if row[column]:
                    assert known[(at, area, name.removesuffix("_cum"))] == int(row[column]), (row["place"], at, column)
                    compared += 1
    assert compared


def _of_case_3(source: str) -> bool:
    return source in (SYNTHETIC, "case 3 is wholly synthetic and has no address")


def test_what_the_staff_does_says_that_it_is_made_up() -> None:
    """Every entry that nobody published carries the source of made-up facts, and its words say so where it has any."""
    published = {f.id for f in ground().told}
    for entry in ground().entries:
        for fact in entry.facts:
            assert (entry.source == SYNTHETIC) == (fact.id not in published) or _of_case_3(entry.source), (fact.kind, entry.source)
            if fact.id in published:
                continue
            if fact.kind == "place.declared":
                assert "合成" in fact.body.name and "synthetic" in fact.body.name
            for word in ("reason", "words", "note", "authority"):
                text = getattr(fact.body, word, None)
                assert text is None or ("合成" in text and "synthetic" in text), (fact.kind, text)
    for fact in ground().told:
        if fact.kind == "zone.drawn":  # what was published is the zone; its safeguards are ours
            assert fact.body.synthetic
            assert "合成" in fact.body.supplies
            assert "synthetic" in fact.body.supplies


def test_nobody_is_on_the_register_before_something_is_told_of_them() -> None:
    """Looking back to a morning must not find the cases of a later day."""
    named: dict[bytes, int] = {}
    for entry in ground().published.entries:
        for fact in entry.facts:
            if fact.kind != "person.enrolled" and hasattr(fact.body, "person"):
                named[fact.body.person] = min(entry.known, named.get(fact.body.person, entry.known))
    enrolled = {f.body.person: e.known for e in ground().published.entries for f in e.facts if f.kind == "person.enrolled"}
    assert enrolled == named
