"""Numbers of documents: every trap of FIELD E that a list can set for them, each with what must not happen to it."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bulou.basis.words import DOCUMENT
from bulou.identity.documents import check_character, day_in, fold, machine_check, raised, read_document, read_kind, repairs, series, sex_in

#: The example printed in GB 11643-1999, annex A.
PRINTED = "11010519491231002X"

bodies = st.builds(
    lambda area, day, order: f"{area}{day:%Y%m%d}{order:03d}",
    st.sampled_from(["110105", "510117", "500103", "632323", "650102"]),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2022, 12, 31)),
    st.integers(0, 999),
)
numbers = bodies.map(lambda body: body + check_character(body))


def verdict(text: str, kind: str | None = None) -> str:
    found = read_document(text, kind)
    assert found is not None
    return found.verdict


def test_the_number_printed_in_the_standard() -> None:
    found = read_document(PRINTED)
    assert found and (found.kind, found.value, found.verdict) == ("id_card", PRINTED, "sound")
    assert (day_in(PRINTED), sex_in(PRINTED)) == ("1949-12-31", "female")


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", "11010519491231002Ｘ", "11010519491231002×", "１１０１０５１９４９１２３１００２ｘ", "110105 19491231 002X", "'11010519491231002X",
     "110105-19491231-002X", "1101051949123100\u00ad2X", "\u200b11010519491231002X\ufeff", "11010519491231002Х", "“11010519491231002X”", "11010519491231002X "],
)  # fmt: skip
def test_trap_4_however_it_is_written(written: str) -> None:
    found = read_document(written)
    assert found and found.value == PRINTED and found.verdict == "sound"
    assert found.original == written, "what was written is lost"


def test_trap_4_checksum_warns_and_never_blocks() -> None:
    found = read_document("110105194912310021")
    assert found and found.verdict == "checksum" and found.value == "110105194912310021" and PRINTED in found.repaired
    assert found.zh and found.en


def test_trap_3_the_old_number_is_the_same_document() -> None:
    assert raised("110105491231002") == PRINTED
    found = read_document("110105491231002")
    assert found and (found.value, found.verdict, found.original) == (PRINTED, "sound", "110105491231002")


@pytest.mark.parametrize(
    "written",
    [
        "510117199003074000",
        "5.10117E+17",
        "2.02E+12",
        "2.02208E+12",
        "5.10117199003074E+17",
        "510117199003074000.0",
        "５１０１１７１９９００３０７４０００",
        "1E+17",
    ],
)
@pytest.mark.parametrize("kind", [None, "id_card", "passport"])
def test_trap_47_what_a_spreadsheet_left_is_refused_as_a_number(written: str, kind: str | None) -> None:
    found = read_document(written, kind)
    assert found is not None, "the row would look as if nothing stood there"
    assert found.verdict == "refused" and found.original == written


def test_trap_47_control_a_reader_that_only_computes_the_check_takes_some() -> None:
    """One in eleven numbers with a tail of zeros has a check that agrees: the checksum alone would accept a wrong person."""
    tails = [f"510117199{n:06d}000" for n in range(1000)]
    agreeing = [one for one in tails if check_character(one[:17]) == one[17]]
    assert len(agreeing) > 50
    assert all(verdict(one) == "refused" for one in tails)


@pytest.mark.parametrize("written", ["111111111111111111", "123456789012345678", "000000000000000000", "9999999"])
def test_fillers_are_nobody_s(written: str) -> None:
    assert verdict(written) == "refused"


@pytest.mark.parametrize("written", [None, "", " ", "无", "暂无", "不详", "-", "/", "N/A", "——", "*"])
def test_nothing_is_nothing(written: str | None) -> None:
    assert read_document(written) is None


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [("E12345678", "passport", None), ("EA1234567", "passport", None), ("G12345678", "passport", None), ("K12345678", "passport", None),
     ("DE1234567", "passport", None), ("AB1234567", "passport", None), ("H12345678", "permit", None), ("H1234567801", "permit", "H12345678"),
     ("M87654321", "permit", None), ("C12345678", "permit", None), ("810000199408230021", "residence", None), ("911124198108030024", "permanent", None),
     ("USA110080010134", "permanent", None), ("A123456(3)", "local_id", "A1234563"), ("A123456789", "local_id", None), ("S510123456", "birth", None),
     ("军字第1234567号", "military", "军1234567"), ("SYN-00001", "temporary", "SYN00001")],
)  # fmt: skip
def test_trap_1_and_3_documents_of_many_kinds(written: str, kind: str, value: str | None) -> None:
    found = read_document(written)
    assert found and (found.kind, found.verdict, found.value) == (kind, "sound", value or written)


def test_a_permit_of_eight_digits_only_where_the_list_says_so() -> None:
    assert verdict("02151234") == "unknown" and verdict("20220811") == "unknown"
    found = read_document("0215123401", "permit")
    assert found and (found.kind, found.value, found.verdict) == ("permit", "02151234", "sound")


@pytest.mark.parametrize(
    ("words", "kind"),
    [("居民身份证", "id_card"), ("身份证", "id_card"), ("护照", "passport"), ("外国护照", "passport"), ("台胞证", "permit"), ("港澳居民来往内地通行证", "permit"),
     ("港澳台居民居住证", "residence"), ("外国人永久居留身份证", "permanent"), ("出生医学证明", "birth"), ("军官证", "military"), ("passport", "passport"),
     ("id_card", "id_card"), ("临时编号", "temporary"), ("其他", None), ("", None), (None, None)],
)  # fmt: skip
def test_kinds_as_lists_call_them(words: str | None, kind: str | None) -> None:
    assert read_kind(words) == kind


def test_every_kind_is_known_by_its_own_words() -> None:
    for kind, word in DOCUMENT.items():
        if kind != "none":
            assert read_kind(kind) == kind
            assert read_kind(word.zh) in (kind, "id_card"), word


def test_a_passport_of_digits_only_where_the_list_says_so() -> None:
    assert verdict("530012345") == "unknown"
    assert verdict("530012345", "passport") == "sound"


def test_the_line_of_the_specimen_passport() -> None:
    """ICAO Doc 9303-4, appendix A."""
    line = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    found = read_document("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n" + line)
    assert found and (found.kind, found.value, found.verdict) == ("passport", "L898902C3", "sound")
    assert machine_check("740812") == "2"
    spoiled = read_document(line.replace("C36", "C37"))
    assert spoiled and spoiled.verdict == "checksum"


def test_every_kind_that_is_read_is_a_word() -> None:
    samples = [
        PRINTED,
        "E12345678",
        "H12345678",
        "810000199408230021",
        "USA110080010134",
        "A123456789",
        "S510123456",
        "军字第1234567号",
        "SYN1",
        "?A",
    ]
    assert {read_document(one).kind for one in samples} <= set(DOCUMENT)  # type: ignore[union-attr]


def test_a_day_that_does_not_exist_warns() -> None:
    body = "51011719900230001"
    assert verdict(body + check_character(body)) == "checksum"
    body = "99011719900228001"
    assert verdict("00" + body[2:] + check_character("00" + body[2:])) == "checksum"


def test_only_numbers_of_one_series_exclude_each_other() -> None:
    card, passport, outward, inward = (read_document(one) for one in (PRINTED, "E12345678", "C12345678", "H12345678"))
    assert card and passport and outward and inward
    assert len({series(card), series(passport), series(outward), series(inward)}) == 4


# --- properties ------------------------------------------------------------------------------------------------------
@given(numbers)
def test_a_number_made_after_the_standard_is_sound(number: str) -> None:
    assume(number[15:] != "000")
    found = read_document(number)
    assert found and found.verdict == "sound" and found.value == number and found.repaired == ()


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_wrong_character_is_noticed_and_its_repair_proposed(number: str, at: int, wrong: str) -> None:
    assume(number[at] != wrong and (wrong != "X" or at == 17))
    spoiled = number[:at] + wrong + number[at + 1 :]
    assume(number[15:] != "000" and spoiled[15:] != "000")
    found = read_document(spoiled)
    assert found and found.verdict in ("checksum", "refused")
    if found.verdict == "checksum":
        assert number in found.repaired


@given(numbers, st.integers(0, 16))
def test_neighbours_exchanged_are_noticed(number: str, at: int) -> None:
    assume(number[at] != number[at + 1] and (at < 16 or number[17] != "X"))
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assume(swapped[15:] != "000" and number[15:] != "000")
    assert number in (read_document(swapped) or pytest.fail("lost")).repaired


@given(numbers, st.integers(0, 17))
def test_a_lost_character_is_proposed(number: str, at: int) -> None:
    assert number in list(repairs(number[:at] + number[at + 1 :])) or (at < 17 and number[17] == "X") or at == 17
    if at == 17:
        assert number in list(repairs(number[:17]))


@given(st.text(alphabet=string.printable + "ｘＸ×１２３４·•　\u00ad\u200b'证字第号"))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_whatever_is_written_is_read_or_kept(text: str) -> None:
    found = read_document(text)
    assert found is None or (found.original == text and found.verdict in ("sound", "checksum", "refused", "unknown"))
