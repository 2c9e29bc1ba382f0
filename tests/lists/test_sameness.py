"""Writings that mean the same are one; those that do not stay apart."""

from __future__ import annotations

import pytest

from bulou.lists import sameness


@pytest.mark.parametrize(
    "text",
    [
        "郫筒",
        "郫筒街道",
        "郫筒街道办事处",
        " 郫筒街办",
        "郫都区郫筒街道",
        "四川省成都市郫都区郫筒街道",
        "成都市郫都区郫筒街道办",
        "郫筒　街道",
    ],
)
def test_one_street_in_many_writings(text: str) -> None:
    assert sameness.area(text) == "郫筒"


@pytest.mark.parametrize(
    ("a", "b"), [("东村", "西村"), ("太平村", "永安村"), ("红光镇", "红旗镇"), ("一街", "二街"), ("市中区街道", "城中街道")]
)
def test_other_areas_stay_apart(a: str, b: str) -> None:
    assert sameness.area(a) != sameness.area(b)
    assert sameness.area(a)
    assert sameness.area(b)


@pytest.mark.parametrize("text", ["", "不详", "无", "/", " N/A "])
def test_no_area(text: str) -> None:
    assert sameness.area(text) == ""


@pytest.mark.parametrize(
    "text", ["2022-08-11", "2022/8/11", "2022.8.11", "2022年8月11日", "20220811", "44784", "２０２２-8-11", "2022-08-11T00:00"]
)
def test_one_day_in_many_writings(text: str) -> None:
    assert sameness.day(text) == "2022-08-11"


def test_times_and_days_without_a_year() -> None:
    assert sameness.moment("2022-8-11 20:05:30") == ("2022-08-11", "20:05")
    assert sameness.moment("2022年8月11日 8时") == ("2022-08-11", "08:00")
    assert sameness.moment("2022-08-07 24:00") == ("2022-08-07", "24:00")
    assert sameness.moment("44784.5") == ("2022-08-11", "12:00")
    assert sameness.moment("8月11日") == ("--08-11", "")
    assert sameness.same_day("--08-11", "2022-08-11")
    assert not sameness.same_day("--08-11", "2022-08-12")


@pytest.mark.parametrize("text", ["初八", "上周二", "2022-13-40", "99.99", ""])
def test_what_is_no_date_stays_words(text: str) -> None:
    assert sameness.moment(text) == ("", "")


@pytest.mark.parametrize(("a", "b"), [("阴", "Negative"), ("密切接触者", "密接"), ("已解除", "解除隔离"), ("阳性（+）", "阳")])
def test_one_state_in_many_writings(a: str, b: str) -> None:
    assert sameness.state(a) == sameness.state(b)


def test_contact_and_contact_of_contact_stay_apart() -> None:
    assert sameness.state("次密接") != sameness.state("密接")


def test_addresses() -> None:
    a = sameness.address("四川省成都市郫都区郫筒街道中铁奥维尔二期3幢2单元501室")
    assert a == sameness.address("郫筒街道中铁奥维尔二期3栋2单元501")
    assert sameness.same_address(a, sameness.address("中铁奥维尔二期3-2-501")) is True
    assert not sameness.same_address(a, sameness.address("郫筒街道中铁奥维尔二期3栋2单元502"))
