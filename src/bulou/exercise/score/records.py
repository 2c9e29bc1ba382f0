"""What a play left in its folder, read: the city's truth, the actors' log, the lists and figures that the platform exported. Judges nothing."""

import hashlib
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from pyarrow import parquet

from bulou.basis.ids import named_id, to_text
from bulou.basis.time import MINUTE, midnight, parse_local
from bulou.exercise.score import Row

DAY = 1440
#: Whoever stands for nobody in the city's files.
NOBODY = 4294967295


class Unscored(ValueError):
    """The folder holds no play that can be scored; says what would be right."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


class Infection(NamedTuple):
    """One infection as it truly was; minutes since the first day's midnight. ``onset``: None without symptoms."""

    person: int
    minute: int
    onset: int | None


class Act(NamedTuple):
    """A fact that the platform acknowledged: when it truly was first sent, by whom, under which id, and what it said."""

    at: float
    actor: str
    verb: str
    fact: str
    values: Row


@dataclass
class Records:
    """A play, read."""

    folder: Path
    play: Row
    infections: list[Infection]
    #: Of everyone on the register their ids in the ledger, by their number in the city; and back.
    ids: dict[int, list[str]]
    city: dict[str, int]
    people: int
    acts: list[Act]
    #: Acts that were tried and never came through.
    given_up: list[Row]
    withdrawn: set[str]
    #: Whom somebody who was asked kept quiet about.
    hidden: set[int]
    again: dict[str, tuple[int | None, str]]
    asked_again: bool
    lists: dict[str, list[Row]]
    figures: dict[str, Row]
    edition: Row
    zone: ZoneInfo
    #: Minutes from the first midnight to the end of the play.
    end: float
    begin: int = 0
    _by: dict[str, list[Act]] = field(default_factory=dict)

    def of(self, *verbs: str) -> Iterator[Act]:
        """Acts of these verbs that stand: acknowledged and not withdrawn."""
        for verb in verbs:
            yield from (a for a in self._by.get(verb, ()) if a.fact not in self.withdrawn)

    def minute(self, text: str | None) -> float | None:
        """An hour of a list (``YYYY-MM-DD HH:MM``, or with its offset) as a minute of the play; None for nothing."""
        if not text:
            return None
        return (parse_local(text[:19].replace("T", " "), self.zone) - self.begin) / MINUTE

    def listed(self, name: str) -> list[Row] | None:
        """The rows of an exported list; None where it was not exported."""
        return self.lists.get(name)


def about(row: Row) -> Row:
    """What a row is about: ids and codes."""
    return row.get("gives") or {}


def bare(subject: str | None) -> str:
    """An id without its dashes: duties name people so."""
    return subject.replace("-", "") if subject and len(subject) == 36 else subject or ""


def read(folder: Path) -> Records:
    """The play in ``folder``; Unscored where there is none, or it did not come to its end."""
    at = folder / "play"
    if not (at / "play.json").is_file():
        raise Unscored(
            f"{at} 中没有(完整的)一次演练:先运行 bulou exercise play", f"{at} holds no (whole) play: run bulou exercise play first"
        )
    play = json.loads((at / "play.json").read_text(encoding="utf-8"))
    if not play.get("wholly", True):
        raise Unscored(f"{at} 的演练没有到结束", f"the play in {at} did not come to its end")
    for name in ("city.toml", "infections.parquet", "registered.parquet", "play/log.jsonl", "play/exports"):
        if not (folder / name).exists():
            raise Unscored(f"{folder} 缺少 {name}", f"{folder} has no {name}")
    zone = ZoneInfo(play.get("zone", "Asia/Shanghai"))
    begin = midnight(play["first_day"], zone)
    end = (parse_local(play["ended"][:16].replace("T", " "), zone) - begin) / MINUTE
    ids, city = _ids(folder, play)
    acts, given_up, withdrawn, hidden = _log(at / "log.jsonl")
    again = {r["fact"]: (r.get("status"), r.get("told") or "") for r in _lines(at / "again.jsonl")}
    exports = at / "exports"
    lists = {p.stem: list(_lines(p)) for p in sorted(exports.glob("*.jsonl"))}
    found = Records(
        folder, play, _infections(folder, end), ids, city, int(_head(folder)["people"]), acts, given_up, withdrawn, hidden, again,
        (at / "again.jsonl").is_file(), lists, _figures(exports / "figures.json"), _edition(at / "edition.toml"), zone, end, begin,
    )  # fmt: skip
    found._by = defaultdict(list)
    for act in acts:
        found._by[act.verb].append(act)
    return found


def _lines(path: Path) -> Iterator[Row]:
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            for n, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError:
                        raise Unscored(f"{path} 第 {n} 行读不懂", f"{path}, line {n}, cannot be read") from None


def _head(folder: Path) -> Row:
    return tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))


def key_of(folder: Path) -> str:
    """What tells one city from another, as ids of its people have it (docs/reference/exercise.md)."""
    of = _head(folder)
    told = (of["format"], of["area"], of["people"], of["seed"], of["first_day"].isoformat(), of["parameters"])
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def person_id(key: str, record: int) -> str:
    """The person of a record of the register, in the ledger."""
    return to_text(named_id("exercise person", key, str(record)))


def _ids(folder: Path, play: Row) -> tuple[dict[int, list[str]], dict[str, int]]:
    table = parquet.read_table(folder / "registered.parquet", columns=["record", "truth"])
    key, ids = key_of(folder), defaultdict(list)
    for record, truth in zip(table["record"].to_pylist(), table["truth"].to_pylist(), strict=True):
        ids[truth].append(person_id(key, record))
    for one in play.get("enrolled", ()):
        ids[one["city"]].append(one["person"])
    return dict(ids), {text: person for person, texts in ids.items() for text in texts}


def _infections(folder: Path, end: float) -> list[Infection]:
    table = parquet.read_table(folder / "infections.parquet", columns=["person", "minute", "onset"])
    rows = zip(*(table[c].to_pylist() for c in ("person", "minute", "onset")), strict=True)
    return [Infection(p, m, onset) for p, m, onset in rows if m <= end]


def _log(path: Path) -> tuple[list[Act], list[Row], set[str], set[int]]:
    """What was acknowledged, once each, by the first time it was sent; what was given up; the facts that were withdrawn; whom liars hid."""
    first: dict[str, float] = {}
    acts: dict[str, Act] = {}
    given_up, withdrawn, hidden = [], set(), set()
    for line in _lines(path):
        fact = line.get("fact")
        if line["verb"] == "gave_up":
            given_up.append(line)
        if line["verb"] == "lied":
            hidden |= set(line["values"]["hidden"])
        if not fact:
            continue
        first.setdefault(fact, line["at"])
        if line["status"] is not None and 200 <= line["status"] < 300 and fact not in acts:
            acts[fact] = Act(first[fact], line["actor"], line["verb"], fact, line["values"] or {})
            if line["verb"].startswith("withdraw") and (target := (line["values"] or {}).get("target")):
                withdrawn.add(target)
    return list(acts.values()), given_up, withdrawn, hidden


def _figures(path: Path) -> dict[str, Row]:
    """Figures by name: as the interface gives them, or as a mapping of names."""
    if not path.is_file():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return {f["name"]: f for f in told["figures"]} if isinstance(told.get("figures"), list) else told


def _edition(path: Path) -> Row:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def quartiles(hours: list[float]) -> Row | None:
    """How many, and the three quartiles, in hours to a tenth; None for nothing."""
    if not hours:
        return None
    low, mid, high = (round(float(q), 1) for q in np.percentile(hours, (25, 50, 75)))
    return {"n": len(hours), "q1": low, "median": mid, "q3": high}
