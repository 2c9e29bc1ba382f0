"""A list as a message: counts first, masked unless said, and never a document number."""

from __future__ import annotations

import re

import pytest

from bulou.basis.masks import masked, scrubbed
from bulou.lists.message import Line, message
from bulou.register import roles
from tests.lists.made import IDS, NAMES

PEOPLE = [Line(n, f"1398000123{i}", "太平村", f"身份证 {IDS[i]} 改打 13980009999") for i, n in enumerate(NAMES)]
HOURS = {"about": "2022-08-14 20:00", "known": "2022-08-14 20:05", "source": "郫筒街道 应采名单"}


def made(**more: object) -> str:
    return message("太平村未采", [("应采", 1386, "人"), ("未采", 4, "人")], PEOPLE, **HOURS, **more)  # type: ignore[arg-type]


def test_a_message_says_counts_first_then_people_then_both_hours_and_the_source() -> None:
    assert made().splitlines() == [
        "【太平村未采】",
        "应采 1,386 人;未采 4 人",
        "1. 张* 139****1230 太平村 身份证 *** 改打 139****9999",
        "2. 李* 139****1231 太平村 身份证 *** 改打 139****9999",
        "3. 王* 139****1232 太平村 身份证 *** 改打 139****9999",
        "4. 阿** 139****1233 太平村 身份证 *** 改打 139****9999",
        "关于 2022-08-14 20:00,知道到 2022-08-14 20:05 为止;来源:郫筒街道 应采名单",
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("unmasked", [False, True])
def test_no_document_number_is_ever_in_it(lang: str, unmasked: bool) -> None:
    text = made(lang=lang, unmasked=unmasked)
    assert not any(i in text or i[6:14] in text for i in IDS)
    assert (NAMES[3] in text) == unmasked
    assert ("13980001230" in text) == unmasked
    assert not re.search(r"\d{15}", text)


def test_more_people_than_a_message_holds_are_counted() -> None:
    assert "……另有 2 人,见名单" in made(most=2)
    assert "… and 2 more, on the list" in made(most=2, lang="en")


def test_someone_without_a_name_is_there() -> None:
    assert "1. — 太平村" in message("a", [], [Line(None, None, "太平村")], **HOURS)


def test_roles_mask_as_before() -> None:
    assert roles.masked is masked
    cases = [
        ("name", "张三"),
        ("name", "阿卜杜拉"),
        ("phone", "13980001234"),
        ("phone", "12"),
        ("document", IDS[0]),
        ("address", "太平村11组"),
        ("x", "y"),
        ("name", None),
    ]
    assert [masked(*c) for c in cases] == ["张*", "阿**", "139****1234", "****", "***1234", "太平村…", "…", ""]


def test_numbers_in_free_text_are_scrubbed() -> None:
    assert scrubbed("510117 19900101 123X 与 E12345678,座机 028-87654321") == "*** 与 ***,座机 028****4321"
    assert scrubbed("房号 1-2-301,第 11 组,2022-08-14") == "房号 1-2-301,第 11 组,2022-08-14"
