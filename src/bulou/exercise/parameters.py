"""What a city is made of, read from TOML and checked: shares, sizes, published tables. Draws nothing; every number stands in the file."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

#: Fewest and most people of a city.
FEWEST, MOST = 1_000, 2_000_000
STAGES = ("kindergarten", "primary", "junior", "senior", "college")
#: Where people go beside home, work and school, in the order of the ``where`` lists of the file.
OUTINGS = ("shop", "restaurant", "market", "teahouse", "clinic", "worship")
KINDS = (*OUTINGS, "hospital")
TRAPS = (
    "two_homes", "registered_elsewhere", "shared_phone", "child_under_parent", "wrong_number", "unregistered", "duplicate", "tail_000",
    "twins", "pram", "elder_under_child",
)  # fmt: skip


class Unfit(ValueError):
    """A city cannot be made of this: says what is wrong and what would be right, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")
        self.zh, self.en = zh, en


class Parameters(NamedTuple):
    """The file's sections, as they are written (see ``city.toml``, whose comments say what each means), and the text itself."""

    households: Mapping[str, Any]
    ages: Mapping[str, Any]
    homes: Mapping[str, Any]
    schools: Mapping[str, Any]
    work: Mapping[str, Any]
    places: Mapping[str, Any]
    days: Mapping[str, Any]
    traps: Mapping[str, Any]
    text: str


def shipped() -> str:
    """The text of the parameters that come with Bulou."""
    return (resources.files("bulou.exercise") / "city.toml").read_text(encoding="utf-8")


def read(text: str, name: str = "city.toml") -> Parameters:
    """Parameters from a file's text; Unfit names section, field and what would be right."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Unfit(f"{name} 不是有效的 TOML:{wrong}", f"{name} is no TOML: {wrong}") from None
    sections = [s for s in Parameters._fields if s != "text"]
    _same_keys(name, told, tomllib.loads(shipped()))
    for section in sections:
        _same_keys(f"{name} [{section}]", told[section], tomllib.loads(shipped())[section])
    found = Parameters(**{s: told[s] for s in sections}, text=text)
    _check(found, name)
    return found


def read_file(path: Path | None) -> Parameters:
    """Those of a file, or those that come with Bulou."""
    return read(shipped()) if path is None else read(path.read_text(encoding="utf-8"), path.name)


def _same_keys(where: str, told: Any, wanted: Mapping[str, Any]) -> None:
    if not isinstance(told, dict):
        raise Unfit(f"{where}:应为一节", f"{where}: should be a section")
    if lacking := [k for k in wanted if k not in told]:
        raise Unfit(f"{where}:缺 {'、'.join(lacking)}", f"{where}: {', '.join(lacking)} is missing")
    if strange := [k for k in told if k not in wanted]:
        raise Unfit(
            f"{where}:没有 {'、'.join(strange)} 这一项", f"{where}: there is no {', '.join(strange)} (there are {', '.join(wanted)})"
        )


def _check(p: Parameters, name: str) -> None:
    def wrong(where: str, zh: str, en: str) -> Unfit:
        return Unfit(f"{name} {where}:{zh}", f"{name} {where}: {en}")

    def share(where: str, value: Any) -> None:
        if not _number(value) or not 0 <= value <= 1:
            raise wrong(where, f"{value} 应为 0 至 1 的比例", f"{value} should be a share from 0 to 1")

    def whole(where: str, value: Any, least: float, most: float) -> None:
        if not _number(value) or not least <= value <= most:
            raise wrong(where, f"{value} 应在 {least} 至 {most:,} 之间", f"{value} should lie between {least} and {most:,}")

    def adding(where: str, values: Any, many: int) -> None:
        if not isinstance(values, list) or len(values) != many:
            raise wrong(where, f"应有 {many} 个比例", f"should be {many} shares")
        for value in values:
            share(where, value)
        if abs(sum(values) - 1) > 1e-6:
            raise wrong(where, f"各比例之和为 {sum(values):.6g},应为 1", f"the shares add up to {sum(values):.6g}, not to 1")

    def counts(where: str, values: Any, many: int) -> None:
        if not isinstance(values, list) or len(values) != many or not all(_number(v) and v >= 0 for v in values) or not sum(values):
            raise wrong(where, f"应为 {many} 个不小于 0 的数,且不全为 0", f"should be {many} numbers of at least 0, not all 0")

    table = p.households["by_size_and_generations"]
    if not isinstance(table, list) or len(table) != 10:
        raise wrong(
            "[households] by_size_and_generations", "应有 10 行(1 人户至 10 人及以上户)", "should have 10 rows (1 to 10 and more people)"
        )
    for size, row in enumerate(table, start=1):
        if not isinstance(row, list) or len(row) != 5 or not all(_number(v) and v >= 0 for v in row):
            raise wrong(f"[households] by_size_and_generations, row {size}", "应为 5 个不小于 0 的数", "should be 5 numbers of at least 0")
        if any(row[size:]):
            raise wrong(
                f"[households] by_size_and_generations, row {size}",
                f"{size} 人户不能有多于 {size} 代人", f"{size} people cannot be of more than {size} generations",
            )  # fmt: skip
    if not sum(map(sum, table)):
        raise wrong("[households] by_size_and_generations", "全为 0", "is all 0")
    adding("[households] ten_and_more", p.households["ten_and_more"], 5)
    share("[households] collective", p.households["collective"])
    if p.households["collective"] > 0.5:
        raise wrong("[households] collective", "应不大于 0.5", "should be at most 0.5")
    counts("[ages] five_years", p.ages["five_years"], 21)
    whole("[homes] households_in_a_grid", p.homes["households_in_a_grid"], 20, 2000)
    shapes = p.homes["buildings"]
    if not isinstance(shapes, list) or not shapes or not all(_shape(s) for s in shapes):
        raise wrong(
            "[homes] buildings",
            "每种应为 [单元, 层, 每层户数],各为 1 至 100 的整数",
            "each should be [stairs, floors, homes a floor], whole numbers from 1 to 100",
        )
    adding("[homes] building_shares", p.homes["building_shares"], len(shapes))
    share("[homes] low_buildings", p.homes["low_buildings"])
    for of, least, most in (("class_most", 5, 100), ("pupils", 20, 50_000)):
        _same_keys(f"{name} [schools] {of}", p.schools[of], dict.fromkeys(STAGES))
        for stage in STAGES:
            whole(f"[schools] {of}.{stage}", p.schools[of][stage], least, most)
    _same_keys(f"{name} [schools] enrolled", p.schools["enrolled"], dict.fromkeys(STAGES))
    for stage in STAGES:
        share(f"[schools] enrolled.{stage}", p.schools["enrolled"][stage])
    whole("[schools] pupils_for_one_of_staff", p.schools["pupils_for_one_of_staff"], 1, 100)
    if not isinstance(p.work["employed"], list) or len(p.work["employed"]) != 4:
        raise wrong("[work] employed", "应有 4 个比例", "should be 4 shares")
    for value in p.work["employed"]:
        share("[work] employed", value)
    sizes = p.work["sizes"]
    if not isinstance(sizes, list) or not sizes or not all(_number(s) and 1 <= s <= 10_000 for s in sizes):
        raise wrong("[work] sizes", "各应在 1 至 10,000 之间", "each should lie between 1 and 10,000")
    adding("[work] size_shares", p.work["size_shares"], len(sizes))
    whole("[work] room", p.work["room"], 1, 500)
    share("[work] around_the_clock", p.work["around_the_clock"])
    share("[work] nights", p.work["nights"])
    for of, most in (("people_for_one", 10_000_000), ("staff", 5_000), ("spaces", 1_000)):
        _same_keys(f"{name} [places] {of}", p.places[of], dict.fromkeys(KINDS))
        for kind in KINDS:
            whole(f"[places] {of}.{kind}", p.places[of][kind], 1, most)
    for of, least, most in (
        ("people_for_one_line", 100, 1_000_000),
        ("vehicles_on_a_line", 4, 100),
        ("bus_rows", 1, 40),
        ("carriages", 1, 20),
        ("train_rows", 1, 60),
    ):
        whole(f"[places] {of}", p.places[of], least, most)
    for of in ("rides", "lunch_out", "evening_out", "morning_out", "afternoon_out", "weekend_morning", "weekend_afternoon", "weekend_work"):
        share(f"[days] {of}", p.days[of])
    for of in ("weekday_where", "weekend_where", "retired_where"):
        adding(f"[days] {of}", p.days[of], len(OUTINGS))
    adding("[days] near", p.days["near"], 3)
    for trap in TRAPS:
        share(f"[traps] {trap}", p.traps[trap])
    if p.traps["wrong_number"] + p.traps["shared_phone"] > 1:
        raise wrong("[traps]", "wrong_number 与 shared_phone 之和应不大于 1", "wrong_number and shared_phone should add up to at most 1")


def _shape(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 3 and all(isinstance(x, int) and not isinstance(x, bool) and 1 <= x <= 100 for x in value)
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def people_in_range(people: int) -> None:
    """Unfit for fewer people than make a city, or more than are promised to work."""
    if not FEWEST <= people <= MOST:
        raise Unfit(f"--people {people}:应在 {FEWEST:,} 至 {MOST:,} 之间", f"--people {people}: should lie between {FEWEST:,} and {MOST:,}")
