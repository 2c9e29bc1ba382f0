"""Visits as Parquet files by local day, each day in two sorted copies, and what was loaded. Keeps and deletes; asks nothing of them, names nobody.

``visits.json`` says which files are in force, and is replaced in one step: what it does not name is the rest of something that was killed, and is
swept away before anything else is done. So a load is whole day by day and goes on where it was stopped, and what was deleted is in no file.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import duckdb

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # where files cannot be locked so, one process at a time is the duty of whoever starts them
    fcntl = None

#: The columns of a visit in the lake. Ids are text; instants microseconds UTC; ``load`` is the number of the load that brought it.
COLUMNS = "person, place, space, carriage, row, crew, start, stop, kind, load"
#: What each of the two copies of a day is sorted by: whoever asks for a person, or for a place, reads a few thousand rows and not the day.
COPIES = {"person": "person, start", "place": "place, space NULLS LAST, start"}
_MANIFEST, _TMP = "visits.json", "tmp"
#: What a day's places are, their spaces, carriages, rows and kinds: small, so that no question reads a day to learn it. Nobody is in it.
PLACES = "place, space, carriage, row, kind, load"
_FILES = (*COPIES, "places")
#: Rows that a reader takes or leaves as one: small, because a ring asks for a few hundred of them.
_GROUP = 16_384


#: A visit without an end ends at the latest with its local day: two days later it is over in every zone.
_KNOWN = """SELECT count(*), coalesce(max(coalesce(stop, start + 172800000000)), 0), coalesce(bool_or(stop IS NULL), false),
    coalesce(bool_or(space IS NULL), false), coalesce(bool_or(crew), false) FROM lake_day"""
_TWICE = """SELECT coalesce(bool_or(again), false) FROM (SELECT start < max(coalesce(stop, start)) OVER
    (PARTITION BY person ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) again FROM lake_day)"""


class Busy(RuntimeError):
    """Somebody else is at the lake."""


class Broken(RuntimeError):
    """A file of the lake that its list names is not there, or the list cannot be read: nothing is guessed."""


#: What asking a lake may raise where its files are not what they should be.
UNREADABLE = (Broken, duckdb.Error)


class Load(NamedTuple):
    """A file that was taken in: of which incident, whose data it is, by what right, by whom; and how far it came."""

    number: int
    incident: str
    digest: str
    file: str
    source: str
    basis: str
    by: str
    at: int
    taken: int
    refused: int
    error: str | None = None
    #: Local days whose rows are in force.
    days: tuple[str, ...] = ()
    whole: bool = False
    #: Why it is no longer there: a word of the list ``deletion``.
    gone: str | None = None


class Day(NamedTuple):
    """A local day in force: which files, how many visits, when the last of them ends, and what is known of them all."""

    name: str
    turn: int
    visits: int
    until: int
    #: Whether any visit has no end, or no space, or is of somebody who works there.
    opened: bool
    bare: bool
    crew: bool
    #: Nobody is in two places, or twice in one, at once.
    disjoint: bool


@dataclass
class _List:
    """What ``visits.json`` holds."""

    turn: int = 0
    days: dict[str, Day] = field(default_factory=dict)
    loads: dict[int, Load] = field(default_factory=dict)


class Gone(NamedTuple):
    """What a deletion took: visits, how many of each load, and of how many people where they were counted."""

    visits: int
    by_load: dict[int, int]
    people: int


class Lake:
    """The visits of a centre, in a folder of its home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- what is in force ----------------------------------------------------------------------------------------------
    def _read(self) -> _List:
        try:
            told = json.loads((self.folder / _MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return _List()
        except ValueError as why:
            raise Broken(f"{self.folder / _MANIFEST}: {why}") from why
        try:
            loads = [Load(**{**each, "days": tuple(each["days"])}) for each in told["loads"]]
            return _List(told["turn"], {d["name"]: Day(**d) for d in told["days"]}, {each.number: each for each in loads})
        except (TypeError, KeyError) as why:  # JSON, and no list of a lake
            raise Broken(f"{self.folder / _MANIFEST}: {why}") from why

    def _write(self, of: _List) -> None:
        """Puts the list in force, in one step; then what it no longer names goes."""
        days = [d._asdict() for d in sorted(of.days.values())]
        told = {"turn": of.turn, "days": days, "loads": [{**each._asdict(), "days": list(each.days)} for each in of.loads.values()]}
        part = self.folder / f"{_MANIFEST}.part"
        with part.open("w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / _MANIFEST)
        self.sweep(of)

    def sweep(self, of: _List | None = None) -> list[str]:
        """Removes every file of visits that is not in force: rests of what was killed. Gives their names."""
        named = {_name(d, copy) for d in (of or self._read()).days.values() for copy in _FILES}
        rest = [p for p in self.folder.glob("*.parquet*") if p.name not in named]
        for path in rest:
            path.unlink(missing_ok=True)
        return [p.name for p in rest]

    def loads(self) -> list[Load]:
        """Everything that was ever loaded, by its number; also what is gone again."""
        return [each for _, each in sorted(self._read().loads.items())]

    def days(self) -> list[Day]:
        """The days in force, the first first."""
        return sorted(self._read().days.values())

    def files(self, days: Iterable[Day], copy: str) -> list[Path]:
        """The files of a copy of these days. Broken where one is not there."""
        found = [self.folder / _name(d, copy) for d in days]
        if missing := [p for p in found if not p.is_file()]:
            raise Broken(f"{missing[0]} is not there, and the list names it")
        return found

    # --- one at a time -------------------------------------------------------------------------------------------------
    @contextmanager
    def changing(self) -> Iterator[None]:
        """For whoever loads or deletes: one at a time. Busy for a second one. What an earlier one left is swept away first."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / _TMP).mkdir(exist_ok=True, mode=0o700)
        with _locked(self.folder / "change.lock", wait=False):
            self.sweep()
            with _locked(self.folder / "files.lock", wait=True):  # who asks may have overflowed there too
                for path in (self.folder / _TMP).iterdir():
                    path.unlink(missing_ok=True)
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """For whoever asks: the files in force stay while they are read. A change waits with its last step until then."""
        if not self.folder.is_dir():
            yield
            return
        with _locked(self.folder / "files.lock", wait=True):
            yield

    # --- loading -------------------------------------------------------------------------------------------------------
    def begun(self, digest: str, incident: str) -> Load | None:
        """The load of this very file for this incident, whole or not; of several the last."""
        return next((each for each in reversed(self.loads()) if (each.digest, each.incident) == (digest, incident)), None)

    def times(self, digest: str, incident: str) -> int:
        """How often this very file was taken in for this incident and is gone again."""
        return sum((each.digest, each.incident) == (digest, incident) and each.gone is not None for each in self.loads())

    def open(self, told: Load) -> Load:
        """Notes a load before its first row: from now on it can be resumed."""
        of = self._read()
        load = told._replace(number=max(of.loads, default=0) + 1)
        of.loads[load.number] = load
        self._write(of)
        return load

    def put(self, con: duckdb.DuckDBPyConnection, load: Load, rows: str, tell: Callable[[int, int], None] | None = None) -> Load:
        """Puts the rows of a load into their days, day by day, each at once or not at all; days that are in force already are left.

        ``rows``: a SELECT of every column but ``load``, and of ``day`` (text).
        """
        days = [str(r[0]) for r in con.execute(f"SELECT DISTINCT day FROM ({rows}) ORDER BY 1").fetchall()]
        for nth, day in enumerate(days):
            if day not in load.days:
                mine = f"SELECT {COLUMNS.removesuffix(', load')}, {load.number}::INTEGER AS load FROM ({rows}) WHERE day = '{day}'"
                of = self._read()
                before = of.days.get(day)
                if before is not None:
                    mine += f" UNION ALL SELECT {COLUMNS} FROM {parquet(self.files([before], 'person'))}"
                load = load._replace(days=(*load.days, day))
                of.loads[load.number] = load
                self._day(con, of, day, mine)
                self._commit(of)
            if tell:
                tell(nth + 1, len(days))
        of = self._read()
        of.loads[load.number] = load = load._replace(whole=True)
        self._commit(of)
        return load

    def _day(self, con: duckdb.DuckDBPyConnection, of: _List, day: str, rows: str) -> None:
        """Writes both copies of a day under new names, beside those in force; without rows the day is no more."""
        of.turn += 1
        con.execute(f"CREATE OR REPLACE TEMP TABLE lake_day AS {rows}")
        visits, until, opened, bare, crew = con.execute(_KNOWN).fetchall()[0]
        if not visits:
            of.days.pop(day, None)
            return
        twice = con.execute(_TWICE).fetchall()[0][0]
        of.days[day] = made = Day(day, of.turn, visits, until, opened, bare, crew, not (twice or opened))
        copies = {copy: f"SELECT {COLUMNS} FROM lake_day ORDER BY {order}" for copy, order in COPIES.items()}
        for copy, select in (copies | {"places": f"SELECT DISTINCT {PLACES} FROM lake_day ORDER BY ALL"}).items():
            part = self.folder / f"{_name(made, copy)}.part"
            con.execute(f"COPY ({select}) TO {_quoted(part)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP})")
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(self.folder / _name(made, copy))
        con.execute("CREATE OR REPLACE TEMP TABLE lake_day AS SELECT 1 AS gone")  # its room is given back

    def _commit(self, of: _List) -> None:
        with _locked(self.folder / "files.lock", wait=True):
            self._write(of)

    # --- deleting ------------------------------------------------------------------------------------------------------
    def delete(self, where: str, loads: Mapping[int, str] | None = None, *, people: bool = False) -> Gone:
        """Deletes the visits for which this condition holds from every copy; ``loads`` are marked as gone, with why. ``people`` are counted.

        Days that hold none of them stay as they are.
        """
        con = connected(self.folder)
        total, by_load, whom = 0, dict[int, int](), set[str]()
        try:
            for day in self.days():
                [file] = self.files([day], "person")
                mine = con.execute(f"SELECT load, count(*) FROM {parquet([file])} WHERE {where} GROUP BY 1").fetchall()
                if not mine:
                    continue
                if people:
                    whom |= {str(r[0]) for r in con.execute(f"SELECT DISTINCT person FROM {parquet([file])} WHERE {where}").fetchall()}
                for load, n in mine:
                    by_load[load] = by_load.get(load, 0) + n
                    total += n
                of = self._read()
                self._day(con, of, day.name, f"SELECT {COLUMNS} FROM {parquet([file])} WHERE ({where}) IS NOT TRUE")
                self._commit(of)
        finally:
            con.close()
        if loads:
            of = self._read()
            of.loads.update({n: of.loads[n]._replace(gone=why) for n, why in loads.items()})
            self._commit(of)
        return Gone(total, by_load, len(whom))

    def count(self, where: str) -> Gone:
        """What a deletion would take."""
        con = connected(self.folder)
        try:
            files = self.files(self.days(), "person")
            rows = con.execute(f"SELECT load, count(*) FROM {parquet(files)} WHERE {where} GROUP BY 1").fetchall() if files else []
            people = con.execute(f"SELECT count(DISTINCT person) FROM {parquet(files)} WHERE {where}").fetchall()[0][0] if files else 0
        finally:
            con.close()
        return Gone(sum(n for _, n in rows), dict(rows), people)


def _name(day: Day, copy: str) -> str:
    return f"{day.name}.{day.turn}.{copy}.parquet"


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def parquet(files: Iterable[Path]) -> str:
    """These files as a table of SQL."""
    return f"read_parquet([{', '.join(_quoted(f) for f in files)}])"


def connected(folder: Path, database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """A connection whose overflow stays in the lake's own folder, where it is swept away."""
    con = duckdb.connect(database)
    con.execute(f"SET temp_directory = {_quoted(folder / _TMP)}")
    con.execute("SET preserve_insertion_order = false")
    return con


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Busy("somebody else is loading into the lake or deleting from it") from None
        yield  # the lock ends with the file, however the process ends


__all__ = ["COLUMNS", "COPIES", "Broken", "Busy", "Day", "Gone", "Lake", "Load", "connected", "parquet"]
