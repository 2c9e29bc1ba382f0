"""Names, telephones and days as people write them: compared folded, printed as written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulou.identity.days import read_day, weak
from bulou.identity.names import COMPATIBLE, alike, fold, slips, spoken, turned, unnamed
from bulou.identity.phones import fold_phone, mobile, phones, plausible

SAME = [
    ("张伟", "張偉"), ("张三", "张 三"), ("张三", "张三先生"), ("张三", "张三(已转运)"), ("买买提·艾力", "买买提•艾力"), ("买买提·艾力", "买买提‧艾力"),
    ("买买提·艾力", "买买提・艾力"), ("买买提·艾力", "买买提.艾力"), ("买买提·艾力", "买买提艾力"), ("扎西多吉", "扎西 多吉"), ("བཀྲ་ཤིས།", "བཀྲ་ཤིས"),
    ("Anna Müller", "ANNA MULLER"), ("Zhāng Wěi", "zhang wei"), ("﨑本", "崎本"), ("髙橋", "高桥"), ("𠮷田", "吉田"), ("李〇", "李零"), ("ＬＩ　ＭＩＮＧ", "Li Ming"),
    ("مۇھەممەت ئابلىز", "مۇھەممەت ئابلىز "), ("O'Brien", "O’Brien"),
]  # fmt: skip
LIKE = [
    ("买买提·艾力", "艾力·买买提", "order"), ("买买提艾力", "艾力·买买提", "order"), ("John Smith", "SMITH, John", "order"),
    ("Anna Maria Eriksson", "ERIKSSON<<ANNA<MARIA", "order"),
    ("张晓明", "Zhang Xiaoming", "letters"), ("张晓明", "XIAOMING ZHANG", "letters"), ("张晓明", "ZHANG<<XIAO<MING", "letters"), ("吕布", "LYU BU", "letters"),
    ("吕布", "LV BU", "letters"), ("吕布", "Lǚ Bù", "letters"), ("单雄信", "SHAN XIONGXIN", "letters"), ("曾国藩", "Zeng Guofan", "letters"),
    ("欧阳娜娜", "NANA OUYANG", "letters"), ("尉迟恭", "Yuchi Gong", "letters"), ("王卓", "王zhuo", "letters"), ("Zhang Xiao Ming", "Zhang Xiaoming", "same"),
    ("李晓明", "李小明", "sound"), ("王伟", "王威", "sound"), ("买买提", "买买提·艾力", "part"), ("艾力", "买买提·艾力", "part"),
    ("王*", "王芳", "masked"), ("张某某", "张三丰", "masked"), ("王□明", "王晓明", "masked"), ("李小明", "李小红", "near"), ("Jon Smith", "John Smith", "near"),
    ("王芳", "王伟", "different"), ("王芳", "李芳", "different"), ("王芳", "王芳之女", "different"), ("王芳", "王芳(女儿)", "different"),
    ("张伟", "Zhang Min", "different"),
    ("王*", "李芳", "different"), ("**", "李芳", "different"), ("", "李芳", "different"), ("Anna Li", "Bo Li", "different"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SAME)
def test_trap_7_one_name_written_in_two_ways_folds_to_one(a: str, b: str) -> None:
    assert fold(a) == fold(b) != ""
    assert alike(a, b) == "same"


@pytest.mark.parametrize(("a", "b", "how"), LIKE)
def test_trap_7_how_two_names_compare(a: str, b: str, how: str) -> None:
    assert alike(a, b) == alike(b, a) == how


def test_names_of_twins_are_compatible_with_nobody_s() -> None:
    for a, b in [("李小明", "李小红"), ("大双", "小双"), ("王芳之女", "王芳之子"), ("张伟", "张静")]:
        assert alike(a, b) not in COMPATIBLE


@pytest.mark.parametrize("name", ["王芳之女", "李四之子", "新生儿", "王芳女儿", "王芳大双", "未取名", "无名氏", "", None, "Baby of Wang"])
def test_the_unnamed(name: str | None) -> None:
    assert unnamed(name)


@pytest.mark.parametrize("name", ["王芳", "李婴宁", "John", "买买提"])
def test_the_named(name: str) -> None:
    assert not unnamed(name)


def test_letters_of_a_name_for_grouping() -> None:
    assert spoken("张晓明") == spoken("Zhang Xiaoming") == spoken("ZHANG<<XIAOMING") == "zhangxiaoming"
    assert turned("张晓明") == turned("XIAOMING ZHANG") == turned("Zhang Xiaoming")
    assert spoken("单雄信").startswith("shan")


names = st.text(alphabet=st.one_of(st.sampled_from("张張王芳买提·•. ‧()（）*某aBüǚ<-'　零〇之女先生མ་Ⅻﬁ﨑"), st.characters()), max_size=12)


@given(names)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(names, names)
def test_comparing_is_the_same_from_both_sides(a: str, b: str) -> None:
    assert alike(a, b) == alike(b, a)


@given(names)
def test_every_name_is_its_own(name: str) -> None:
    assert alike(name, name) == "same"


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_few_or_said_to_be_many(a: str, b: str) -> None:
    assert slips(a, b, 2) == min(slips(a, b, 99), 3) == slips(b, a, 2)
    assert (slips(a, b, 0) == 0) == (a == b)


# --- telephones ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "written",
    ["13811112222", "138 1111 2222", "138-1111-2222", "+86 13811112222", "+8613811112222", "008613811112222", "8613811112222", "１３８１１１１２２２２",
     "'13811112222", "13811112222.0", "(+86)138-1111-2222", "013811112222", "13811112222/13833334444"],
)  # fmt: skip
def test_trap_6_a_telephone_folds(written: str) -> None:
    assert fold_phone(written) == "13811112222" and plausible("13811112222") and mobile("13811112222")


@pytest.mark.parametrize(
    "written", [None, "", "无", "1.38E+10", "13800138000", "11111111111", "00000000", "12345", "5101171990030712345", "123456789"]
)
def test_what_is_no_telephone(written: str | None) -> None:
    assert not plausible(fold_phone(written))


def test_lines_and_countries() -> None:
    assert fold_phone("028-8765 4321转123") == "02887654321#123" and plausible("02887654321#123")
    assert fold_phone("+1 (212) 555-1234") == "+12125551234" and plausible("+12125551234")
    assert fold_phone("+86-28-87654321") == "02887654321"
    assert not mobile("02887654321")


def test_several_in_one_cell() -> None:
    assert phones("13811112222、13833334444 或 028-87654321") == ["13811112222", "13833334444", "02887654321"]
    assert phones("13811112222 13833334444") == ["13811112222", "13833334444"]


@given(st.text("0123456789+-() /.转#E１２３", max_size=24))
def test_folding_a_telephone_twice_is_folding_it_once(written: str) -> None:
    once = fold_phone(written)
    assert fold_phone(once) == once or not plausible(once)


# --- days ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "written", ["1990-03-07", "1990-3-7", "1990/03/07", "1990.3.7", "1990年3月7日", "19900307", "１９９０年０３月０７日", "1990-03-07 00:00:00", "1990-03-07T00:00:00",
                "32939", "32939.0", "7 Mar 1990", "07-Mar-1990", "07/03/1990", "7.3.1990", "'19900307"]
)  # fmt: skip
def test_trap_47_a_day_however_it_is_written(written: str) -> None:
    found = read_day(written)
    assert found and found.value == "1990-03-07"


def test_trap_47_the_day_44905() -> None:
    found = read_day("44905")
    assert found and found.value == "2022-12-10"
    other = read_day("44905", from_1904=True)
    assert other and other.value == "2026-12-11"


def test_a_day_of_two_readings_says_both() -> None:
    found = read_day("07/03/1990")
    assert found and found == ("1990-03-07", "1990-07-03")
    assert read_day("07/03/1990", month_first=True) == ("1990-07-03", None)
    assert read_day("25/03/1990") == ("1990-03-25", None) == read_day("03/25/1990")


@pytest.mark.parametrize(
    "written", [None, "", "1990", "3月7日", "1990-13-07", "1990-02-30", "19901332", "2.02E+12", "初八", "99999999", "上周二"]
)
def test_what_is_no_day(written: str | None) -> None:
    assert read_day(written) is None


def test_1_january_is_weak() -> None:
    assert weak("1965-01-01") and not weak("1965-01-02") and not weak(None)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2050, 12, 31)))
def test_every_day_in_every_writing(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    writings = [f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%d.%m.%Y}"] + (
        [str(serial)] if serial >= 10_000 else []
    )
    for written in writings:
        assert (found := read_day(written)) and day.isoformat() in found
