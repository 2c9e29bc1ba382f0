"""A city as files: Parquet tables and ``city.toml``, written beside their place and moved there whole. Reads them back; makes nothing up.

Columns and their units stand in docs/reference/exercise.md. Whoever plays, lets an outbreak run or scores reads these files.
"""

import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bulou.basis.kinds import EXERCISE
from bulou.exercise.days import City, Visits
from bulou.exercise.names import place_names, text
from bulou.exercise.parameters import TRAPS, Unfit
from bulou.exercise.places import DOES, NUMBER, PLACES, ROOMS_ON_A_FLOOR, SHIFTS, SPACES
from bulou.exercise.population import ROLES
from bulou.exercise.traps import Records, Trap, Truth

#: The shape of the files: another number, another shape.
FORMAT = 1
HEAD = "city.toml"
TABLES = ("areas", "people", "households", "buildings", "places", "spaces", "registered", "traps")
EPOCH = date(1970, 1, 1)


class Head(NamedTuple):
    """What ``city.toml`` says of a city."""

    format: int
    area: str
    name: str
    people: int
    seed: int
    first_day: date
    days: int
    version: str
    #: How many rows each table has; of every trap how many were laid, and of how many people.
    rows: Mapping[str, int]
    traps: Mapping[str, Mapping[str, int]]
    #: The text of the parameters.
    parameters: str


def _arrow() -> Any:
    return import_module("pyarrow")


def _parquet() -> Any:
    return import_module("pyarrow.parquet")


@contextmanager
def whole(to: Path) -> Iterator[Path]:
    """A folder to write into, which becomes ``to`` when the block ends well; after an error nothing of it is left.

    Unfit where ``to`` is a file or has something in it.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Unfit(f"{to} 不是空文件夹:请另选一个", f"{to} is not an empty folder: choose another")
    to.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{to.name}.partial-", dir=to.parent))
    try:
        yield folder
        if to.exists():
            to.rmdir()
        folder.rename(to)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _words(words: Sequence[str], numbers: Any) -> Any:
    """A column of few words, by their numbers."""
    arrow = _arrow()
    return arrow.DictionaryArray.from_arrays(arrow.array(np.asarray(numbers).astype(np.int16)), arrow.array(list(words), arrow.string()))


def _u(values: Any, bits: int = 32) -> Any:
    return _arrow().array(np.asarray(values).astype(f"uint{bits}"))


def write_table(folder: Path, name: str, columns: Mapping[str, Any]) -> int:
    """A table of columns of one length (arrays of numpy or pyarrow); how many rows it has."""
    table = _arrow().table(dict(columns))
    strings = [f.name for f in table.schema if str(f.type) == "string" or str(f.type).startswith("dictionary")]
    _parquet().write_table(table, folder / f"{name}.parquet", compression="zstd", use_dictionary=strings, row_group_size=1 << 20)
    return int(table.num_rows)


def write(folder: Path, city: City, known: Truth, records: Records, traps: Trap) -> dict[str, int]:
    """Every table but the days' visits; how many rows each has."""
    arrow, ground, homes, people, belonging, places = _arrow(), city.ground, city.homes, city.people, city.belonging, city.places
    strings = arrow.string()
    rows = {}
    rows["areas"] = write_table(folder, "areas", {
        "code": arrow.array([a.code for a in ground.lands], strings), "parent": arrow.array([a.parent for a in ground.lands], strings),
        "level": arrow.array([a.level for a in ground.lands], strings), "name": arrow.array([a.name for a in ground.lands], strings),
        "official": arrow.array([a.official for a in ground.lands]),
    })  # fmt: skip
    phone = text(known.phone)
    phone[~known.has_phone] = ""
    rows["people"] = write_table(folder, "people", {
        "person": _u(np.arange(len(people.age))), "household": _u(people.household), "role": _words(ROLES, people.role), "age": _u(people.age, 8),
        "sex": _words(("female", "male"), people.male), "born_on": arrow.array(people.born.astype("datetime64[D]")),
        "does": _words(DOES, belonging.does), "place": _u(belonging.place), "space": _u(belonging.space), "shift": _words(SHIFTS, belonging.shift),
        "second_household": _u(belonging.second), "carer": _u(belonging.carer), "line": _u(belonging.line),
        "name": arrow.array(known.name, strings), "document": arrow.array(text(known.document), strings), "phone": arrow.array(phone, strings),
    })  # fmt: skip
    rows["households"] = write_table(folder, "households", {
        "household": _u(np.arange(len(homes.grid))), "people": _u(city.households.size, 8), "collective": arrow.array(city.households.collective),
        "grid": _words(ground.grids, homes.grid) if len(ground.grids) < 32_000 else arrow.array(np.asarray(ground.grids, object)[homes.grid], strings),
        "place": _u(homes.building), "space": _u(np.arange(len(homes.grid))), "stair": _u(homes.stair, 8), "floor": _u(homes.floor, 8),
        "door": _u(homes.door, 16), "address": arrow.array(addresses(city), strings),
    })  # fmt: skip
    grids = np.asarray(ground.grids, object)
    floors = np.zeros(len(homes.building_grid), np.int64)
    np.maximum.at(floors, homes.building, homes.floor)
    rows["buildings"] = write_table(folder, "buildings", {
        "place": _u(np.arange(len(homes.building_grid))), "grid": arrow.array(grids[homes.building_grid], strings),
        "number": _u(homes.building_number + 1, 16), "kind": _words(PLACES[:3], homes.building_kind),
        "households": _u(homes.building_households, 16), "floors": _u(floors, 8),
    })  # fmt: skip
    zh, en = _called(city)
    rows["places"] = write_table(folder, "places", {
        "place": _u(np.arange(len(places.kind))), "kind": _words(PLACES, places.kind), "grid": arrow.array(grids[places.grid], strings),
        "opens": _u(places.opens, 16), "closes": _u(places.closes, 16), "open_days": _u(places.days, 8), "first_space": _u(places.first),
        "spaces": _u(places.spaces, 16), "staff": _u(places.staff, 16), "line": _u(places.line), "name": arrow.array(zh, strings),
        "name_en": arrow.array(en, strings),
    })  # fmt: skip
    rows["spaces"] = _spaces(folder, city)
    rows["registered"] = write_table(folder, "registered", {
        "record": _u(records.record), "name": arrow.array(records.name, strings), "sex": _words(("female", "male"), people.male[records.person]),
        "born_on": arrow.array(people.born[records.person].astype("datetime64[D]")), "document": arrow.array(records.document, strings),
        "phone": arrow.array(records.phone, strings), "household": _u(people.household[records.person]),
        "registered_area": arrow.array(records.registered_area, strings), "truth": _u(records.person),
    })  # fmt: skip
    rows["traps"] = write_table(folder, "traps", {
        "trap": _words(TRAPS, traps.trap), "person": _u(traps.person), "other": _u(traps.other), "record": _u(traps.record),
        "true": arrow.array(traps.truth, strings), "registered": arrow.array(traps.register, strings),
    })  # fmt: skip
    return rows


def addresses(city: City) -> list[str]:
    """The address of each household inside its grid, as the trade writes it."""
    homes = city.homes
    kind = homes.building_kind[homes.building]
    words = ("栋", "宿舍", "养老院")
    number = homes.building_number[homes.building] + 1
    houses = (homes.building_households[homes.building] == 1) & (kind == 0)
    return [
        f"{n}号" if house else f"{n}{words[k]}{stair}单元{floor}{door:02d}号"
        for n, k, stair, floor, door, house in zip(
            number.tolist(), kind.tolist(), homes.stair.tolist(), homes.floor.tolist(), homes.door.tolist(), houses.tolist(), strict=True
        )
    ]


def _called(city: City) -> tuple[list[str], list[str]]:
    places, ground = city.places, city.ground
    named = {a.code: a.name for a in ground.lands}
    villages = [named.get(v, v) for v in ground.villages]
    village = ground.village[places.grid]
    order = np.lexsort((np.arange(len(village)), village, places.kind))
    key = places.kind[order].astype(np.int64) * len(villages) + village[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    number = np.empty(len(key), np.int64)
    number[order] = np.arange(len(key)) - np.repeat(first, np.diff(np.r_[first, len(key)])) + 1
    return place_names(
        [PLACES[k] for k in places.kind.tolist()],
        [villages[v] for v in village.tolist()],
        [ground.grids[g] for g in places.grid.tolist()],
        number.tolist(),
    )


def _spaces(folder: Path, city: City) -> int:
    places, homes = city.places, city.homes
    place = np.repeat(np.arange(len(places.kind)), places.spaces)
    within = np.arange(len(place)) - places.first[place]
    kind = places.kind[place]
    rooms = np.isin(kind, [NUMBER[k] for k in PLACES if SPACES[k] in ("room", "class")])
    floor = np.where(rooms, within // ROOMS_ON_A_FLOOR + 1, 1)
    dwellings = len(homes.grid)
    floor[:dwellings] = homes.floor
    carriage, number = np.zeros(len(place), np.int64), within + 1
    rides = np.isin(kind, [NUMBER["bus"], NUMBER["train"]])
    rows = np.where(kind == NUMBER["train"], int(city.parameters.places["train_rows"]), int(city.parameters.places["bus_rows"]))
    carriage[rides], number[rides] = within[rides] // rows[rides] + 1, within[rides] % rows[rides] + 1
    number[:dwellings] = homes.door
    sorts = list(dict.fromkeys(SPACES[k] for k in PLACES))
    of = np.asarray([sorts.index(SPACES[k]) for k in PLACES])[kind]
    return write_table(folder, "spaces", {
        "space": _u(np.arange(len(place))), "place": _u(place), "kind": _words(sorts, of), "floor": _u(floor, 8), "carriage": _u(carriage, 8),
        "number": _u(number, 16),
    })  # fmt: skip


def write_day(folder: Path, day: date, visits: Visits) -> int:
    """One day's visits; how many there are."""
    to = folder / "visits" / f"day={day.isoformat()}.parquet"
    to.parent.mkdir(exist_ok=True)
    arrow = _arrow()
    table = arrow.table({name: arrow.array(column) for name, column in zip(Visits._fields, visits, strict=True)})
    _parquet().write_table(
        table, to, compression="zstd", compression_level=1, use_dictionary=False, row_group_size=1 << 20, write_statistics=["person"]
    )
    return len(visits.person)


def write_head(folder: Path, head: Head) -> None:
    """``city.toml``, which is written last: a folder without it is no city."""

    def said(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [
        "# A city of the exercise: everybody and everything in it is made up. EXERCISE / 演练", f"format = {head.format}", f"area = {said(head.area)}",
        f"name = {said(head.name)}", f"people = {head.people}", f"seed = {head.seed}", f"first_day = {head.first_day.isoformat()}", f"days = {head.days}",
        f"version = {said(head.version)}",
    ]  # fmt: skip
    lines.append(f"parameters = {said(head.parameters)}" if "'''" in head.parameters else f"parameters = '''\n{head.parameters}'''")
    lines += ["", "[rows]", *(f"{name} = {n}" for name, n in head.rows.items())]
    lines += ["", "# Traps of the register: how many were laid, of how many people (0: while the city was built).", "[traps]"]
    lines += [f"{name} = {{ laid = {t['laid']}, of = {t['of']} }}" for name, t in head.traps.items()]
    (folder / HEAD).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_head(folder: Path) -> Head:
    """What ``city.toml`` says; Unfit where the folder holds no whole city of this format."""
    path = folder / HEAD
    if not path.is_file():
        raise Unfit(f"{folder} 中没有 {HEAD}:不是(完整的)演练城市", f"{folder} has no {HEAD}: it is no (whole) city of an exercise")
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise Unfit(
            f"{path}:格式 {told.get('format')},本版本只读 {FORMAT}", f"{path} has format {told.get('format')}: this Bulou reads {FORMAT}"
        )
    return Head(**{name: told[name] for name in Head._fields})


def key_of(of: Head) -> str:
    """What tells one city from another: a digest of all that it was made from."""
    told = (of.format, of.area, of.people, of.seed, of.first_day.isoformat(), of.parameters)
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def title(of: Head) -> str:
    """How a city is called in the mark of its home and in the origin of its facts; at most 60 characters."""
    return f"{EXERCISE}{of.area[:20]} {key_of(of)}"


def read_table(folder: Path, name: str, columns: Sequence[str] | None = None) -> Any:
    """A table of the city as pyarrow has it; a day's visits under ``visits/day=YYYY-MM-DD``."""
    return _parquet().read_table(folder / f"{name}.parquet", columns=columns, partitioning=None)


def day_names(head: Head) -> list[str]:
    """The names of the tables of visits, the first day first."""
    return [f"visits/day={(head.first_day + timedelta(days=i)).isoformat()}" for i in range(head.days)]


def fingerprint(folder: Path) -> str:
    """One digest of all that the tables hold, whatever bytes Parquet wrote them with: two cities with one fingerprint are the same."""
    head, digest = read_head(folder), hashlib.blake2b(digest_size=16)
    for name in (*TABLES, *day_names(head)):
        table = read_table(folder, name)
        for column in table.column_names:
            digest.update(f"\x1e{name}\x1f{column}\x1f".encode())
            digest.update(_plain(table[column].combine_chunks()))
    return digest.hexdigest()


def _plain(column: Any) -> bytes:
    kind = str(column.type)
    if kind.startswith("dictionary"):
        column = column.dictionary_decode() if hasattr(column, "dictionary_decode") else column.combine_chunks().dictionary_decode()
        kind = str(column.type)
    if kind == "string":
        return "\x00".join("" if v is None else v for v in column.to_pylist()).encode()
    values = column.to_numpy(zero_copy_only=False)
    found: bytes = values.astype("int64" if kind.startswith("date") else values.dtype.newbyteorder("<")).tobytes()
    return found
