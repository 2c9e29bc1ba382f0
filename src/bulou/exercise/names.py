"""Words of a made-up city: names of people and places from parts, numbers that can be nobody's. Copies no real name; holds no list of people.

A document begins with a province and 9999, a county that was never given out; a phone begins with 000. Both have the shape and the check
of real ones, so that matching works on them, and neither can be anyone's.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bulou.exercise.chance import Chance, Ints, rank_within
from bulou.exercise.parameters import Unfit

Text = NDArray[np.object_]
_FAMILY = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰梅建国志文斌辉鑫宇浩然子轩雨欣怡佳琪思雅婷雪晨阳俊凯家豪梓涵一诺泽铭博瑞"
#: Names of several words, as they are written with a dot; of households, about one in a hundred.
_FIRST = ("阿依努尔", "古丽", "买合木提", "扎西", "丹增", "才让", "卓玛", "阿布都", "艾山", "热娜")
_SECOND = ("玉山", "卡德尔", "多吉", "旺姆", "吐尔逊", "江措")
#: How places of each kind are called: Chinese, English.
_CALLED: dict[str, Sequence[tuple[str, str]]] = {
    "home": (("栋", "building"),), "dormitory": (("宿舍", "dormitory"),), "care_home": (("养老院", "home for the old"),),
    "work": (("工坊", "workshop"), ("办公点", "office"), ("库房", "warehouse"), ("加工厂", "works"), ("工地", "building site")),
    "kindergarten": (("幼儿园", "kindergarten"),), "primary": (("小学", "primary school"),), "junior": (("初中", "junior school"),),
    "senior": (("高中", "senior school"),), "college": (("学院", "college"),),
    "shop": (("便利店", "corner shop"), ("小超市", "small supermarket"), ("水果店", "fruit shop"), ("理发店", "hairdresser"), ("药店", "chemist")),
    "restaurant": (("面馆", "noodle shop"), ("火锅店", "hotpot"), ("家常菜馆", "home cooking"), ("小吃店", "snack bar")),
    "market": (("农贸市场", "market"),), "teahouse": (("茶馆麻将室", "teahouse and mahjong room"),), "clinic": (("诊所", "clinic"), ("卫生站", "health station")),
    "worship": (("寺", "temple"), ("教堂", "church"), ("清真寺", "mosque")), "hospital": (("医院", "hospital"),), "bus": (("公交车", "bus"),),
    "train": (("轨道列车", "train"),),
}  # fmt: skip


def people_names(chance: Chance, household: Ints, named_after: NDArray[np.bool_], twin: NDArray[np.bool_]) -> Text:
    """A name for everyone. Who is ``named_after`` the household bears its family name; twins share the first character they were given."""
    who = np.arange(len(household))
    family = np.where(named_after, chance.below("family name", household, len(_FAMILY)), chance.below("own family name", who, len(_FAMILY)))
    first = chance.below("given name", who, len(_GIVEN))
    second = chance.below("second given name", who, len(_GIVEN) + len(_GIVEN) // 3)
    later = np.flatnonzero(twin[1:] & twin[:-1] & (household[1:] == household[:-1])) + 1
    first[later] = first[later - 1]
    second[later - 1] %= len(_GIVEN)
    second[later] = (second[later - 1] + 1 + second[later] % (len(_GIVEN) - 1)) % len(_GIVEN)
    families, given = np.asarray(list(_FAMILY), object), np.asarray([*_GIVEN, *[""] * (len(_GIVEN) // 3)], object)
    names: Text = families[family] + given[first] + given[second]
    dotted = np.flatnonzero(chance.happens("names with a dot", household, 0.01))
    firsts, seconds = np.asarray(_FIRST, object), np.asarray(_SECOND, object)
    names[dotted] = firsts[first[dotted] % len(_FIRST)] + "·" + seconds[second[dotted] % len(_SECOND)]
    return names


#: So many numbers there are for one sex and day of birth.
FEW_A_DAY = 490
_WEIGHTS = np.asarray([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
Letters = NDArray[np.uint8]


def documents(province: str, born: NDArray[np.int32], male: NDArray[np.bool_]) -> Letters:
    """Numbers of 18 characters (rows), sound by GB 11643-1999, of a county that does not exist; no two are the same."""
    found = np.empty((len(born), 18), np.uint8)
    found[:, :6] = np.frombuffer(f"{province:0<2.2}9999".encode(), dtype=np.uint8)
    day = born.astype("datetime64[D]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    month = day.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_month = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    order = np.lexsort((male, born))
    rank, _ = rank_within(born[order].astype(np.int64) * 2 + male[order])
    number = np.empty(len(born), np.int64)
    number[order] = rank
    if len(number) and int(number.max()) >= FEW_A_DAY:
        raise Unfit(
            f"同一天出生的同性别者多于 {FEW_A_DAY} 人,号码不够:请用更平缓的年龄结构或更少的人",
            f"more than {FEW_A_DAY} people of one sex are born on one day, and numbers run out: take a flatter table of ages or fewer people",
        )
    # A hundred's first number is left out: with a check of 0 it would end like one that a spreadsheet has destroyed.
    of_day = np.where(male, 100 * (number // 50) + 2 * (number % 50) + 1, 100 * (number // 49) + 2 * (number % 49) + 2)
    _digits(found[:, 6:10], year)
    _digits(found[:, 10:12], month)
    _digits(found[:, 12:14], of_month)
    _digits(found[:, 14:17], of_day % 1000)
    found[:, 17] = _CHECKS[((found[:, :17].astype(np.int64) - 48) * _WEIGHTS).sum(axis=1) % 11]
    return found


def phones(who: Ints) -> Letters:
    """Numbers of 11 digits that begin with 000: of one city no two are the same."""
    found = np.full((len(who), 11), 48, np.uint8)
    _digits(found[:, 3:], (who * 48_271 + 11) % 100_000_000)
    return found


def _digits(into: Letters, numbers: Ints) -> None:
    for place in range(into.shape[1] - 1, -1, -1):
        into[:, place] = numbers % 10 + 48
        numbers = numbers // 10


def slipped(chance: Chance, purpose: str, who: Ints, letters: Letters, first: int, last: int) -> Letters:
    """The same with one digit between two places changed into another."""
    found = letters.copy()
    at = first + chance.below(f"{purpose} place", who, last - first)
    row = np.arange(len(found))
    found[row, at] = (found[row, at] - 48 + 1 + chance.below(f"{purpose} digit", who, 9)) % 10 + 48
    return found


def text(letters: Letters) -> Text:
    """Rows of letters as texts."""
    wide = np.ascontiguousarray(letters).view(f"S{letters.shape[1]}").ravel()
    return wide.astype(str).astype(object)


def place_names(kinds: Sequence[str], villages: Sequence[str], codes: Sequence[str], numbers: Any) -> tuple[list[str], list[str]]:
    """Chinese and English names of places: the village, what it is, its number there."""
    zh, en = [], []
    for kind, village, code, number in zip(kinds, villages, codes, numbers, strict=True):
        called = _CALLED[kind][int(number) % len(_CALLED[kind])]
        zh.append(f"{village}{number}号{called[0]}")
        en.append(f"{called[1]} {number} of {code}")
    return zh, en
