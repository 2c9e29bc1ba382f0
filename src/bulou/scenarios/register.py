"""A made-up register in real areas: households, people and staff for a scenario. Every name, number and date is invented.

Documents are temporary numbers that begin with SYN, phones begin with 000: neither can be anyone's.
"""

import math
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from bulou.basis.facts import (
    AreaDeclared,
    AuthorisationSigned,
    CentreFounded,
    EditionAdopted,
    HouseholdDeclared,
    IncidentOpened,
    PersonEnrolled,
    PostEstablished,
    PostHeld,
)
from bulou.basis.ids import named_id
from bulou.basis.kinds import Fact
from bulou.basis.time import Instant
from bulou.register.areas import Official, above, local_code, official

#: Mean size 2.51 in Sichuan by the census of 2020 (National Bureau of Statistics, communiqué no. 2); the shape is ours.
SIZES = ((1, 0.27), (2, 0.31), (3, 0.20), (4, 0.13), (5, 0.06), (6, 0.03))
_FAMILY = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰梅建国志文斌辉鑫宇浩然子轩雨欣怡佳琪思雅婷雪晨阳俊凯家豪梓涵一诺泽铭博瑞"

#: Streets and towns of the district with a point near their seats (from public maps, to about a kilometre).
TOWNS: dict[str, tuple[float, float]] = {
    "510117001": (103.887, 30.808), "510117004": (103.800, 30.868), "510117005": (103.948, 30.792), "510117006": (103.975, 30.757),
    "510117007": (103.855, 30.768), "510117008": (104.022, 30.776), "510117009": (103.988, 30.822), "510117019": (103.930, 30.752),
    "510117020": (103.915, 30.772), "510117104": (103.822, 30.925), "510117106": (103.925, 30.868), "510117115": (103.812, 30.805),
}  # fmt: skip
_TOWN_EN = {
    "510117001": "Pitong", "510117004": "Ande", "510117005": "Hongguang", "510117006": "Xipu", "510117007": "Deyuan", "510117008": "Anjing",
    "510117009": "Tuanjie", "510117019": "Hezuo", "510117020": "Xiyuan", "510117104": "Tangchang", "510117106": "Sandaoyan", "510117115": "You'ai",
}  # fmt: skip
#: Local units that the published zones need, below official villages: code, parent, level, names.
SPECIAL = (
    ("510117001012-P2", "510117001012", "phase", "中铁奥维尔二期", "Zhongtie Ao'weier phase 2"),
    ("510117001012-P3", "510117001012", "phase", "中铁奥维尔三期", "Zhongtie Ao'weier phase 3"),
    ("510117106002-8A", "510117106002-8", "compound", "8组安置点", "resettlement site of group 8"),
)
#: Villages whose published units are numbered groups, though they are communities by name.
GROUPED = frozenset({"510117006009", "510117106002"})


class Unit(NamedTuple):
    """A local unit in which people live."""

    code: str
    village: str
    town: str


class Made(NamedTuple):
    """The areas of a scenario and the facts that declare them."""

    facts: list[Fact]
    units: list[Unit]


def fact(kind: str, name: str, at: Instant, body: object, incident: bytes | None = None) -> Fact:
    """A fact of the scenario with an id from its name."""
    return Fact(named_id("pidu-2020-12 register", kind, name), kind, at, incident, body)


@lru_cache(maxsize=2)
def areas(centre: str, at: Instant) -> Made:
    """The centre's tree from official codes, with those above it, one neighbour, and local units below every village."""
    facts = [fact("centre.founded", centre, at, CentreFounded(centre, "郫都区疫情防控指挥部", "Pidu District epidemic command"))]
    neighbour = next(official("510108"))
    for a in (*above(centre), neighbour):
        facts.append(_declared(a, at, None, None))
    units: list[Unit] = []
    placed: dict[str, int] = {}
    for a in official(centre):
        lon, lat = TOWNS.get(a.code, (None, None))
        if a.level == "village" and a.parent:
            placed[a.parent] = placed.get(a.parent, 0) + 1
            lon, lat = _around(TOWNS[a.parent], placed[a.parent])
        facts.append(_declared(a, at, lon, lat))
        if a.level == "village" and a.parent:
            for code, level, zh, en in _units(a):
                facts.append(fact("area.declared", code, at, AreaDeclared(code, a.code, level, zh, en, official=False)))
                units.append(Unit(code, a.code, a.parent))
    towns = {u.village: u.town for u in units}
    for code, parent, level, zh, en in SPECIAL:
        facts.append(fact("area.declared", code, at, AreaDeclared(code, parent, level, zh, en, official=False)))
        village = code.split("-")[0]
        units.append(Unit(code, village, towns[village]))
    return Made(facts, units)


def _declared(a: Official, at: Instant, lon: float | None, lat: float | None) -> Fact:
    english = {"510117": "Pidu", "5101": "Chengdu", "51": "Sichuan", "510108": "Chenghua", **_TOWN_EN}.get(a.code)
    return fact("area.declared", a.code, at, AreaDeclared(a.code, a.parent, a.level, a.name, english, lon=lon, lat=lat))


def _around(seat: tuple[float, float], n: int) -> tuple[float, float]:
    """A point near a seat for the n-th village: a sunflower, so that cells are of like size. Schematic, and the map says so."""
    angle, reach = n * 2.399963, 0.0055 * n**0.5
    turned = random.Random(n * 7919 + int(seat[0] * 1000))
    jitter = turned.uniform(-0.001, 0.001)
    return round(seat[0] + reach * math.cos(angle) + jitter, 5), round(seat[1] + 0.85 * reach * math.sin(angle) + jitter, 5)


def _units(village: Official) -> Iterator[tuple[str, str, str, str]]:
    community = "社区" in village.name and village.code not in GROUPED
    for n in range(1, 7 if community else 13):
        if community:
            yield local_code(village.code, str(n)), "grid", f"第{n}网格", f"grid {n}"
        else:
            yield local_code(village.code, str(n)), "group", f"{n}组", f"group {n}"


def people(units: list[Unit], many: int, at: Instant, seed: int) -> Iterator[list[Fact]]:
    """Households with their people, about ``many`` of them; each household's facts together."""
    source = random.Random(seed)
    weights = {u.code: source.uniform(0.5, 1.5) * (0.45 if "-P" in u.code or u.code.endswith("A") else 1.0) for u in units}
    total, made, number = sum(weights.values()), 0, 0
    for unit in units:
        wanted = round(many * weights[unit.code] / total)
        inside = 0
        while inside < wanted:
            number += 1
            size = min(source.choices([s for s, _ in SIZES], [w for _, w in SIZES])[0], max(1, wanted - inside))
            yield list(_household(unit, number, size, at, source))
            inside += size
            made += size


def _household(unit: Unit, number: int, size: int, at: Instant, source: random.Random) -> Iterator[Fact]:
    home = named_id("pidu-2020-12 household", str(number))
    address = f"{source.randint(1, 30)}号{source.randint(1, 6)}单元{source.randint(1, 18)}0{source.randint(1, 4)}"
    yield fact("household.declared", str(number), at, HouseholdDeclared(home, unit.code, address))
    family = source.choice(_FAMILY)
    for n in range(size):
        person = named_id("pidu-2020-12 person", f"{number}.{n}")
        first = family if n != 1 else source.choice(_FAMILY)
        name = first + "".join(source.choices(_GIVEN, k=source.choice((1, 2, 2))))
        age = source.randint(20, 85) if n < 2 else source.randint(0, 60)
        born = f"{2020 - age}-{source.randint(1, 12):02d}-{source.randint(1, 28):02d}"
        phone = f"000{source.randint(0, 99_999_999):08d}" if age >= 12 else None
        yield fact("person.enrolled", f"{number}.{n}", at, PersonEnrolled(
            person, name, unit.code, home, source.choice(("female", "male")), born, "temporary", f"SYN{number:06d}{n}", phone,
        ))  # fmt: skip


class Staff(NamedTuple):
    """A post of the demo with its holder; ``account`` is the user who may be it, if any."""

    post: str
    role: str
    area: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    holder: bytes
    holder_name: str
    account: str | None


def staff(units: list[Unit], seed: int) -> list[Staff]:
    """The posts of the centre: one for each function, one for each street and town, a leader and a grid officer in each village."""
    source = random.Random(seed + 1)

    def one(post: str, role: str, area: str, name: str, en: str, unit: str, unit_en: str, account: str | None = None) -> Staff:
        holder = named_id("pidu-2020-12 staff", post)
        return Staff(
            post, role, area, name, en, unit, unit_en, holder, source.choice(_FAMILY) + "".join(source.choices(_GIVEN, k=2)), account
        )

    d = "510117"
    found = [
        one("pidu.command", "commander", d, "指挥长", "commander", "区指挥部", "District command", "commander"),
        one("pidu.duty", "duty_officer", d, "值班员", "duty officer", "区指挥部值班室", "Duty room", "duty"),
        one("pidu.tracing", "tracing_lead", d, "流调组长", "head of tracing", "流调溯源组", "Tracing group", "tracing"),
        one("pidu.tracing.1", "investigator", d, "流调员", "investigator", "流调溯源组", "Tracing group", "investigator"),
        one("pidu.expert", "expert", d, "专家组", "expert group", "定点医院专家组", "Expert group", "expert"),
        one("pidu.laboratory", "laboratory", d, "实验室", "laboratory", "区疾控实验室", "District laboratory", "laboratory"),
        one("pidu.sampling", "sampling_lead", d, "采样组长", "head of sampling", "采样组", "Sampling group", "sampling"),
        one("pidu.sampling.1", "sampler", d, "采样员", "sampler", "采样组", "Sampling group", "sampler"),
        one(
            "pidu.isolation",
            "isolation_lead",
            d,
            "隔离转运组长",
            "head of isolation and transfer",
            "隔离转运组",
            "Isolation group",
            "isolation",
        ),
        one("pidu.data", "data_clerk", d, "数据专班", "data clerk", "数据专班", "Data desk", "data"),
        one("pidu.audit", "auditor", d, "审计员", "auditor", "区纪委监委", "Audit", "auditor"),
    ]
    names = {a.code: a.name for a in official(d)}
    for town in TOWNS:
        account = "pitong" if town == "510117001" else None
        en = f"{_TOWN_EN[town]} leader"
        found.append(one(f"town.{town}", "town_lead", town, f"{names[town]}负责人", en, names[town], _TOWN_EN[town], account))
    for number, village in enumerate(dict.fromkeys(u.village for u in units)):
        account = "taiping" if village == "510117001218" else None
        zh = en = names[village]  # villages have no official English name
        found.append(one(f"village.{village}", "village_lead", village, f"{zh}负责人", f"leader of {en}", zh, en, account))
        if number != 100:  # one village's grids stand without an officer: what it owes goes up, and is shown as vacant
            found.append(one(f"grid.{village}", "grid_officer", village, f"{zh}网格员", f"grid officer of {en}", f"{zh}网格", f"grids of {en}",
                             "grid" if account else None))  # fmt: skip
    # Last, so that the others keep the names that a seed gives them.
    found.append(
        one("pidu.administration", "administrator", d, "系统管理员", "administrator", "区指挥部", "District command", "administrator")
    )
    return found


def staff_facts(found: list[Staff], at: Instant) -> Iterator[Fact]:
    """Posts established and held; holders are people of the register too, staying where their post is."""
    for s in found:
        yield fact("post.established", s.post, at, PostEstablished(s.post, s.role, s.area, s.name, s.name_en, s.unit, s.unit_en))
        yield fact("post.held", s.post, at, PostHeld(s.post, s.holder))
        yield fact("person.enrolled", f"staff {s.post}", at, PersonEnrolled(s.holder, s.holder_name, s.area))


def founding(centre: str, at: Instant, edition: str, hash_: str) -> tuple[list[Fact], bytes]:
    """The edition in force, the standing authorisation for holds, the standing watch: each by a named post, all synthetic."""
    watch = named_id("pidu-2020-12", "watch")
    return [
        fact("edition.adopted", edition, at, EditionAdopted(edition, edition.split("/", maxsplit=1)[0], centre, hash_, "pidu.command")),
        fact("authorisation.signed", edition, at, AuthorisationSigned(edition, centre, "hold", 24, "pidu.command")),
        fact(
            "incident.opened",
            "watch",
            at,
            IncidentOpened(watch, "covid19", centre, "新冠常态监测", "COVID-19 standing watch", "watch"),
            watch,
        ),
    ], watch
