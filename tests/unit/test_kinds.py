"""Kinds of facts: what check() tells, how old versions are lifted, and what every kind that is declared must say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import pytest

from bulou.basis import facts as bodies
from bulou.basis.ids import named_id
from bulou.basis.kinds import FORBIDDEN, GROUPS, KINDS, Kind, Mask, Pick, Ref, Value, check, lift, members, read_fields
from bulou.basis.words import FIELD, LISTS, Word

PERSON, INCIDENT, OTHER = (named_id(n) for n in ("p", "i", "j"))
SAMPLE = bodies.SampleTaken(person=PERSON, tube="T1", disease="covid19", capacity=1)


def wrongs(kind: str, body: object, incident: bytes | None = None) -> dict[str, tuple[str, str]]:
    return {w.field: (w.zh, w.en) for w in check(KINDS[kind], body, incident)}


# --- check ------------------------------------------------------------------------------------------------------------
def test_a_right_body_has_nothing_wrong() -> None:
    assert wrongs("sample.taken", SAMPLE) == {}
    assert wrongs("incident.opened", bodies.IncidentOpened(INCIDENT, "covid19", "510117", "x", "x", "watch"), INCIDENT) == {}


@pytest.mark.parametrize(
    ("change", "field", "zh", "en"),
    [
        ({"person": None}, "person", "必填", "is required"),
        ({"tube": ""}, "tube", "必填", "is required"),
        ({"person": b"short"}, "person", "应为编号(UUID)", "should be an id (UUID)"),
        ({"person": "p1"}, "person", "应为编号(UUID)", "should be an id (UUID)"),
        ({"tube": PERSON.hex()}, "tube", "应为代码文本", "should be a code, as text"),
        ({"tube": 7}, "tube", "应为代码文本", "should be a code, as text"),
        ({"capacity": "1"}, "capacity", "应为整数", "should be a whole number"),
        ({"capacity": True}, "capacity", "应为整数", "should be a whole number"),
        ({"capacity": 1.0}, "capacity", "应为整数", "should be a whole number"),
        ({"tube": "T\x001"}, "tube", "含有空字符(NUL),请删去", "holds a NUL character: take it out"),
    ],
)
def test_what_is_wrong_with_a_sample(change: dict[str, object], field: str, zh: str, en: str) -> None:
    assert wrongs("sample.taken", SAMPLE._replace(**change)) == {field: (zh, en)}


def test_words_of_a_list_are_named_in_both_languages() -> None:
    told = wrongs("tube.resulted", bodies.TubeResulted("T1", "covid19", "maybe"), None)
    assert told["result"] == (
        "应为其中之一:阴性、阳性、灰区、样本不足、无效",
        "should be one of negative, positive, grey, insufficient, invalid",
    )


def test_days_and_truths() -> None:
    report = bodies.ReportSent("510117", "7 Dec", 0, "p")
    assert wrongs("report.sent", report, INCIDENT) == {"day": ("应为日期 YYYY-MM-DD", "should be a day YYYY-MM-DD")}
    assert wrongs("report.sent", report._replace(day="2020-12-07"), INCIDENT) == {}
    assert "provisional" in wrongs("tube.resulted", bodies.TubeResulted("T1", "covid19", "positive", provisional=1))  # type: ignore[arg-type]


def test_a_fact_of_an_incident_carries_it() -> None:
    told = bodies.CaseReported(PERSON, "p")
    assert wrongs("case.reported", told) == {"incident": ("必填", "is required")}
    assert wrongs("case.reported", told, INCIDENT) == {}
    opened = bodies.IncidentOpened(INCIDENT, "covid19", "510117", "x", "x", "watch")
    assert "incident" in wrongs("incident.opened", opened, OTHER), "its own incident and the envelope's are one"


def test_several_wrongs_are_told_at_once() -> None:
    assert set(wrongs("sample.taken", SAMPLE._replace(person=None, tube="", capacity="x"))) == {"person", "tube", "capacity"}


# --- versions ---------------------------------------------------------------------------------------------------------
class Thirded(NamedTuple):
    """A kind in its third version: the count was once text, and the place was once called spot."""

    person: Annotated[bytes, Ref("person")]
    count: int
    place: str
    result: Annotated[str, Pick("result")] = "negative"


def _count_is_a_number(old: Mapping[str, Value]) -> Mapping[str, Value]:
    return {**old, "count": int(str(old["count"]))}


def _spot_is_place(old: Mapping[str, Value]) -> Mapping[str, Value]:
    rest = {k: v for k, v in old.items() if k != "spot"}
    return {**rest, "place": old["spot"]}


PLANTED = Kind(
    "planted.thirded",
    3,
    Thirded,
    Word("第三版", "third"),
    "world",
    False,
    False,
    read_fields(Thirded),
    (_count_is_a_number, _spot_is_place),
)
#: A recorded sample of every version that was ever stored.
RECORDED = {
    1: '{"person": "00112233445566778899aabbccddeeff", "count": "7", "spot": "gate"}',
    2: '{"person": "00112233445566778899aabbccddeeff", "count": 7, "spot": "gate"}',
    3: '{"person": "00112233445566778899aabbccddeeff", "count": 7, "place": "gate"}',
}


@pytest.mark.parametrize("version", RECORDED)
def test_every_recorded_version_is_lifted_to_the_same_body(version: int) -> None:
    raw = json.loads(RECORDED[version])
    body = lift(PLANTED, version, {**raw, "person": bytes.fromhex(raw["person"])})
    assert body == Thirded(bytes.fromhex("00112233445566778899aabbccddeeff"), 7, "gate", "negative")
    assert check(PLANTED, body) == []


def test_the_stored_values_are_left_as_they_are() -> None:
    stored = {"person": PERSON, "count": "7", "spot": "gate"}
    lift(PLANTED, 1, stored)
    assert stored == {"person": PERSON, "count": "7", "spot": "gate"}


@pytest.mark.parametrize("version", [0, 4, -1])
def test_a_version_nobody_knows_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="has versions 1 to 3"):
        lift(PLANTED, version, {})


def test_every_kind_has_a_cast_for_each_old_version() -> None:
    for kind in KINDS.values():
        assert kind.version == len(kind.casts) + 1


# --- what a declaration must say ----------------------------------------------------------------------------------------
def test_every_kind_says_what_it_is_about() -> None:
    for kind in KINDS.values():
        assert kind.subject is not None, kind.name
        assert kind.word.zh and kind.word.en
        assert kind.body.__doc__ and not kind.body.__doc__.startswith(kind.body.__name__ + "("), f"{kind.name} has no meaning written down"
        assert kind.name.count(".") == 1


def test_every_field_has_its_words() -> None:
    for kind in KINDS.values():
        for field in kind.fields:
            assert field.name in FIELD, f"{kind.name}.{field.name}"
            assert field.words is None or field.words in LISTS


def test_what_counts_by_disease_says_its_disease() -> None:
    for kind in KINDS.values():
        if kind.scope == "disease":
            assert kind.field("disease"), kind.name


def test_what_opens_can_be_found() -> None:
    for kind in KINDS.values():
        if kind.opens:
            assert any(f.find and not f.optional for f in kind.fields), kind.name
            assert not FORBIDDEN & {f.name for f in kind.fields}


def test_groups_are_read_as_one() -> None:
    assert members("stay") == GROUPS["stay"]
    assert members("stay", "household") == ("person.enrolled", "stay.recorded")
    assert members("sample.taken", "tube") == ("sample.taken",)
    for kinds in GROUPS.values():
        assert all(KINDS[k].field("person") for k in kinds)


def test_a_field_that_says_too_little_is_refused() -> None:
    class Vague(NamedTuple):
        person: list[str]

    class Unlisted(NamedTuple):
        result: Annotated[str, Pick("no such list")]

    with pytest.raises(TypeError, match="is no type of a field"):
        read_fields(Vague)
    with pytest.raises(TypeError, match="no closed list called"):
        read_fields(Unlisted)


def test_notes_of_different_meaning_are_never_equal() -> None:
    """Older Pythons keep ``Annotated[str, note]`` by the note's equality alone: a mask would come back as a list to pick from."""
    assert Mask("document") != Pick("document")
    assert Ref("document") not in (Pick("document"), Mask("document"))
    assert tuple.__eq__(("document",), ("document",)), "the control: as tuples they would be equal"


def test_what_names_a_person_is_masked() -> None:
    masks = {
        (k.name, f.name): f.mask
        for k in KINDS.values()
        for f in k.fields
        if f.name in ("document", "phone", "address") and k.name != "post.established"
    }
    assert masks == {key: key[1] for key in masks}
    document = KINDS["person.enrolled"].field("document")
    assert document
    assert (document.mask, document.words) == ("document", None)
