"""Visits as tables that `rings` can be asked of: from Parquet, CSV, a folder of days, an exercise's city, lists. Guesses no value, writes no file.

What is wrong is told by file, row, column and what would be right, in both languages.
"""

import csv
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from bulou.basis.time import midnight
from bulou.basis.words import LISTS, Word
from bulou.questions.exposure import Id, merged
from bulou.questions.memory import Asked, Meeting
from bulou.questions.rings import Tables, quoted

#: Which kind of place each kind of an exercise's city is.
CITY_KINDS = {
    "work": "worksite", **dict.fromkeys(("kindergarten", "primary", "junior", "senior", "college"), "school"),
    **{k: k for k in ("home", "dormitory", "care_home", "shop", "restaurant", "market", "teahouse", "clinic", "hospital", "worship", "bus", "train")},
}  # fmt: skip
#: Nobody and nowhere in an exercise's city.
_NONE = 0xFFFF_FFFF
#: Mistakes that are told before "and so many more".
TOLD = 8
_REQUIRED = ("person", "place", "from", "to")
_OPTIONAL = ("space", "carriage", "row", "crew", "kind")
_TIME = Word(
    "本地时间,如 2020-12-07 21:00(24:00 为一天之末),或带时区的时间",
    "a local time as 2020-12-07 21:00 (24:00 ends the day), or one with its zone",
)
_YES = "('1', 'true', 'yes', 'y', '是')"
_NO = "('', '0', 'false', 'no', 'n', '否')"


class Unreadable(ValueError):
    """Files that mean nothing: what is wrong, in both languages."""

    def __init__(self, words: Sequence[Word]) -> None:
        super().__init__("; ".join(w.en for w in words))
        self.words = list(words)


class Source(NamedTuple):
    """Visits before they are resolved: SELECTs, as DuckDB reads them."""

    #: person, place, space, carriage, row, crew, start, stop (microseconds UTC, NULL: not known).
    visits: str
    person: str
    place: str
    #: place, kind; place, space, carriage, row; person, household. None: the source says nothing of it.
    kinds: str | None = None
    seats: str | None = None
    households: str | None = None
    #: It is known that nobody is in two places, or twice in one, at once.
    disjoint: bool = False
    #: The same visits from a copy that is sorted by person.
    by_person: str | None = None
    #: Whether any visit has no end, no space, is of somebody who works there; None: to be looked up in all of them.
    known: tuple[bool, bool, bool] | None = None


class More(NamedTuple):
    """What is told beside the visits, in ids as text or as the visits have them."""

    kinds: Sequence[tuple[Id, str]] | None = None
    households: Sequence[tuple[Id, Id]] | None = None
    meetings: Sequence[Meeting] = ()
    isolated: Sequence[tuple[Id, int]] = ()
    same_people: Sequence[tuple[Id, Id]] = ()
    same_places: Sequence[tuple[Id, Id]] = ()
    #: A close contact and the risk that somebody marked, "higher" or "lower"; whoever is not in it counts as higher.
    risk: Sequence[tuple[Id, str]] = ()


def source(con: duckdb.DuckDBPyConnection, path: Path, zone: ZoneInfo) -> Source:
    """What stands in a file of visits, in a folder of Parquet files, or in the folder of an exercise's city. Unreadable for anything else."""
    if path.is_dir() and (path / "city.toml").is_file():
        return _city(path, zone)
    if path.is_dir():
        files = sorted(path.glob("**/*.parquet"))
        if not files:
            raise Unreadable([Word(f"{path}:文件夹里没有 .parquet", f"{path}: there is no .parquet in this folder")])
        return _columns(con, f"read_parquet({_list(files)}, union_by_name = true)", path, zone)
    if path.suffix.lower() == ".parquet":
        return _columns(con, f"read_parquet({_list([path])})", path, zone)
    return _delimited(con, path, zone)


def _list(files: Iterable[Path]) -> str:
    return "[" + ", ".join(quoted(f) for f in files) + "]"


def _city(folder: Path, zone: ZoneInfo) -> Source:
    """An exercise's city, whose files `bulou exercise city` wrote: minutes of local days."""
    try:
        told = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
        first, days = date.fromisoformat(str(told["first_day"])), int(told["days"])
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as why:
        raise Unreadable([Word(f"{folder / 'city.toml'}:读不懂({why})", f"{folder / 'city.toml'}: cannot be read ({why})")]) from why
    parts = []
    for day in ((first + timedelta(days=i)).isoformat() for i in range(days)):
        file = folder / "visits" / f"day={day}.parquet"
        if not file.is_file():
            raise Unreadable([Word(f"{folder}:缺 {day} 的停留", f"{folder}: the visits of {day} are missing")])
        zero = midnight(day, zone)
        parts.append(f'SELECT person, place, nullif(space, {_NONE}) space, {zero} + start::BIGINT * 60000000 start, {zero} + "end"::BIGINT * 60000000 stop '
                     f"FROM read_parquet({quoted(file)}, hive_partitioning = false)")  # fmt: skip
    if not parts:
        raise Unreadable([Word(f"{folder}:这座城没有一天的停留", f"{folder}: this city has no day of visits")])
    kind = " ".join(f"WHEN {quoted(k)} THEN {quoted(v)}" for k, v in CITY_KINDS.items())
    table = {n: f"read_parquet({quoted(folder / f'{n}.parquet')})" for n in ("places", "spaces", "people")}
    return Source(
        f"SELECT person, place, space, NULL carriage, NULL::INTEGER AS row, false crew, start, stop FROM ({' UNION ALL '.join(parts)})",
        "UINTEGER", "UINTEGER", f"SELECT place, CASE kind::VARCHAR {kind} ELSE 'other' END kind FROM {table['places']}",
        f"SELECT place, space, carriage::VARCHAR carriage, number::INTEGER AS row FROM {table['spaces']} WHERE carriage > 0",
        f"SELECT person, household FROM {table['people']}", True,
    )  # fmt: skip


def instant(column: str, kind: str, zone: ZoneInfo) -> str | None:
    """Microseconds UTC of a column, as SQL; NULL for what is no time. None for a type that holds none."""
    at = quoted(zone.key)
    if kind in ("BIGINT", "INTEGER", "UBIGINT", "HUGEINT"):
        return f"{column}::BIGINT"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"epoch_us({column})"
    if kind.startswith("TIMESTAMP"):
        return f"epoch_us(timezone({at}, {column}::TIMESTAMP))"
    if kind == "VARCHAR":
        return (
            f"CASE WHEN regexp_matches({column}, '(Z|[+-]\\d\\d:?\\d\\d)$') THEN epoch_us(TRY_CAST({column} AS TIMESTAMPTZ)) "
            f"WHEN regexp_matches({column}, '^\\d{{4}}-\\d\\d-\\d\\d[ T]24:00(:00)?$') "
            f"THEN epoch_us(timezone({at}, TRY_CAST({column}[:10] AS DATE) + INTERVAL 1 DAY)) "
            f"WHEN regexp_matches({column}, '^\\d{{4}}-\\d\\d-\\d\\d') THEN epoch_us(timezone({at}, TRY_CAST({column} AS TIMESTAMP))) END"
        )
    return None


def types_of(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> dict[str, str]:
    """The type of each column. Unreadable where one that must be there is not."""
    try:
        heads = {str(r[0]).lower(): str(r[1]) for r in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    except duckdb.Error as why:
        raise unread(path, why) from why
    _required(heads, path)
    return heads


def _required(heads: Collection[str], path: Path) -> None:
    if missing := [c for c in _REQUIRED if c not in heads]:
        there = ", ".join(h for h in heads if h) or "—"
        raise Unreadable(
            [
                Word(f"{path}:第 1 行:没有 {c} 这一列;有 {there}", f"{path}: row 1: there is no column {c}; there are {there}")
                for c in missing
            ]
        )


def unread(path: Path, why: Exception) -> Unreadable:
    """What DuckDB could not read, as whoever has the file can mend it."""
    line = re.search(r"on Line: (\d+)", str(why))
    if line:
        return Unreadable([Word(f"{path}:第 {line[1]} 行读不了:应与第 1 行有同样多的格,文件应为 UTF-8",
                                f"{path}: row {line[1]} cannot be read: should have as many cells as row 1, in UTF-8")])  # fmt: skip
    return Unreadable([Word(f"{path}:读不了({_brief(why)})", f"{path}: cannot be read ({_brief(why)})")])


def _brief(why: Exception) -> str:
    return str(why).splitlines()[0][:200]


def _columns(con: duckdb.DuckDBPyConnection, table: str, path: Path, zone: ZoneInfo) -> Source:
    """Parquet, whose columns have types: times are microseconds UTC, times with a zone, or local times."""
    heads = types_of(con, table, path)
    times = {c: instant(f'"{c}"', heads[c], zone) for c in ("from", "to")}
    for column, said in times.items():
        if said is None:
            right = Word("微秒(UTC)、时间或文字", "microseconds UTC, a time or text")
            raise Unreadable(
                [
                    Word(
                        f"{path}:{column} 列是 {heads[column]},应是{right.zh}",
                        f"{path}: column {column} is {heads[column]}, should be {right.en}",
                    )
                ]
            )
    crew = "false"
    if "crew" in heads:
        crew = "coalesce(crew, false)" if heads["crew"] == "BOOLEAN" else f"lower(crew::VARCHAR) IN {_YES}"
    row = "TRY_CAST(row AS INTEGER)" if "row" in heads else "NULL::INTEGER"
    return _source(con, table, path, heads, (times["from"] or "", times["to"] or ""), crew, row)


class Column(NamedTuple):
    """What may be wrong in a column: whether it is so, as SQL, and what would be right."""

    name: str
    wrong: str
    right: Word


def told_rows(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """CSV or TSV in UTF-8 as the table ``told_visit``, every row with its ``line``, every cell as text; gives its columns."""
    with path.open("rb") as file:
        first = file.readline(1 << 16)
    try:
        told = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable([Word(f"{path}:应为 UTF-8 文本,请另存", f"{path}: should be text in UTF-8: save it so")]) from None
    sign = next((s for s in ("\t", ",", ";") if s in told), ",")
    names = [n.strip().lower() for n in next(csv.reader([told], delimiter=sign), [])]
    _required(names, path)
    if twice := next((n for n in names if n and names.count(n) > 1), None):
        raise Unreadable([Word(f"{path}:第 1 行:{twice} 列出现两次", f"{path}: row 1: column {twice} stands twice")])
    # the columns are told and not sniffed, so that every row that is cut short is found
    types = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(names)))
    table = (f"read_csv({quoted(path)}, columns = {{{types}}}, auto_detect = false, header = false, skip = 1, delim = {quoted(sign)}, quote = '\"', "
             "escape = '\"', null_padding = false)")  # fmt: skip
    columns = ", ".join(f'c{i} AS "{name}"' for i, name in enumerate(names) if name in (*_REQUIRED, *_OPTIONAL))
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE told_visit AS SELECT row_number() OVER () + 1 AS line, {columns} FROM {table}")
    except duckdb.Error as why:
        raise unread(path, why) from why
    return dict.fromkeys(names, "VARCHAR")


def checks(heads: Collection[str], start: str, stop: str) -> list[Column]:
    """What may be wrong in a row of text; ``start`` and ``stop`` are its times as SQL."""
    words = {c: f"nullif(trim({c}), '')" if c in heads else "NULL" for c in _OPTIONAL}
    every = [
        Column("person", "nullif(trim(person), '') IS NULL", Word("某人的编号", "the id of a person")),
        Column("place", "nullif(trim(place), '') IS NULL", Word("某处的编号", "the id of a place")),
        Column("from", f"({start}) IS NULL", _TIME),
        Column("to", f"nullif(trim(\"to\"), '') IS NOT NULL AND ({stop}) IS NULL", _TIME),
        Column("to", f"({stop}) < ({start})", Word("不早于 from 的时间", "no earlier than from")),
        Column("row", f"{words['row']} IS NOT NULL AND TRY_CAST({words['row']} AS INTEGER) IS NULL", Word("整数:第几排", "a whole number: which row")),
        Column("crew", f"lower(coalesce({words['crew']}, '')) NOT IN {_YES} AND lower(coalesce({words['crew']}, '')) NOT IN {_NO}",
               Word("yes 或 no", "yes or no")),
        Column("kind", f"{words['kind']} IS NOT NULL AND {words['kind']} NOT IN ({', '.join(map(quoted, LISTS['place']))})", kinds_word()),
    ]  # fmt: skip
    return [c for c in every if c.name in heads]


def _delimited(con: duckdb.DuckDBPyConnection, path: Path, zone: ZoneInfo) -> Source:
    """CSV or TSV in UTF-8, as text; an empty cell is not known. Unreadable where any row is wrong."""
    heads = told_rows(con, path)
    start, stop = (instant(f'trim("{c}")', "VARCHAR", zone) or "" for c in ("from", "to"))
    words = {c: f"nullif(trim({c}), '')" for c in ("row", "crew")}
    asked = checks(heads, start, stop)
    wrongs = " ".join(f"WHEN {c.wrong} THEN {i}" for i, c in enumerate(asked))
    try:
        bad = con.execute(
            f"SELECT line, CASE {wrongs} END wrong, * EXCLUDE (line) FROM told_visit WHERE CASE {wrongs} END IS NOT NULL ORDER BY line"
        )
    except duckdb.Error as why:
        raise unread(path, why) from why
    given = [d[0] for d in bad.description or ()]
    rows = bad.fetchall()
    words_of_wrong = []
    for found in rows[:TOLD]:
        column, _, right = asked[found[1]]
        stands = found[given.index(column)] or ""
        words_of_wrong.append(_place(path, found[0], column, stands, right))
    if len(rows) > TOLD:
        n = len(rows) - TOLD
        words_of_wrong.append(Word(f"{path}:另有 {n} 行有错", f"{path}: {n} more rows are wrong"))
    if words_of_wrong:
        raise Unreadable(words_of_wrong)
    crew = f"lower({words['crew']}) IN {_YES}" if "crew" in heads else "false"
    row = f"TRY_CAST({words['row']} AS INTEGER)" if "row" in heads else "NULL::INTEGER"
    return _source(con, "told_visit", path, heads, (start, stop), crew, row, text=True)


def kinds_word() -> Word:
    """What a kind of place may be."""
    return Word(f"其中之一:{'、'.join(LISTS['place'])}", f"one of {', '.join(LISTS['place'])}")


def _place(path: Path, line: int, column: str, stands: object, right: Word) -> Word:
    return Word(
        f"{path}:第 {line} 行,{column} 列:“{stands}”应是{right.zh}", f'{path}: row {line}, column {column}: "{stands}" should be {right.en}'
    )


def _source(
    con: duckdb.DuckDBPyConnection, table: str, path: Path, heads: dict[str, str], times: tuple[str, str], crew: str, row: str, *, text: bool = False
) -> Source:  # fmt: skip
    """A table with our columns as a source. A seat that is told on the visit itself is the visit's space, whatever space is told beside it: one
    told space with many rows would put everybody in everybody's row."""
    trim = (lambda c: f"nullif(trim({c}), '')") if text else (lambda c: c)
    carriage = f"{trim('carriage')}::VARCHAR" if "carriage" in heads else "NULL::VARCHAR"
    space = trim("space") if "space" in heads else "NULL::VARCHAR"
    if "row" in heads or "carriage" in heads:
        space = f"coalesce(nullif(coalesce({carriage}, '') || '/' || coalesce(({row})::VARCHAR, ''), '/'), {space}::VARCHAR)"
    # a column called "to" or "from" is a word of SQL: it is quoted wherever it stands
    visits = (
        f"SELECT {trim('person')} person, {trim('place')} place, {space} space, {carriage} carriage, {row} AS row, coalesce({crew}, false) crew, "
        f"{times[0]} start, {times[1]} stop FROM {table}"
    )
    types = {str(r[0]): str(r[1]) for r in con.execute(f"DESCRIBE {visits}").fetchall()}
    kinds = (
        f"SELECT DISTINCT {trim('place')} place, {trim('kind')}::VARCHAR kind FROM {table} WHERE {trim('kind')} IS NOT NULL"
        if "kind" in heads
        else None
    )
    seats = f"SELECT DISTINCT place, space, carriage, row FROM ({visits}) WHERE carriage IS NOT NULL OR row IS NOT NULL"
    return Source(visits, types["person"], types["place"], kinds, seats if "row" in heads or "carriage" in heads else None)


def of_lists(con: duckdb.DuckDBPyConnection, asked: Asked, zone: ZoneInfo) -> Tables:
    """The tables of what `memory` is asked of: for a few thousand visits, as interviews give them."""
    people, places = (
        _type(ids) for ids in ([v.person for v in asked.visits] + [p for p, _ in asked.households], [v.place for v in asked.visits])
    )
    _put(con, "told_visit", (("person", people), ("place", places), ("space", "VARCHAR"), ("carriage", "VARCHAR"), ("row", "INTEGER"), ("crew", "BOOLEAN"),
                             ('"from"', "BIGINT"), ('"to"', "BIGINT")),
         [(v.person, v.place, v.space, v.carriage, v.row, v.crew, v.start, v.stop) for v in asked.visits])  # fmt: skip
    found = _columns(con, "told_visit", Path("visits"), zone)
    more = More(
        list(asked.kinds.items()),
        asked.households,
        asked.meetings,
        list(asked.isolated.items()),
        asked.same_people,
        asked.same_places,
        asked.risk,
    )
    return tables(con, found, more, zone)


def _type(ids: Iterable[Id]) -> str:
    return "BIGINT" if all(isinstance(i, int) for i in ids) else "VARCHAR"


def check_ids(con: duckdb.DuckDBPyConnection, what: str, ids: Iterable[Id], kind: str) -> None:
    """Refuses ids that could be nobody's: text where the visits have numbers."""
    if kind == "VARCHAR":
        return
    given = sorted({str(i) for i in ids})
    bad = con.execute(f"SELECT x FROM unnest(?::VARCHAR[]) t(x) WHERE TRY_CAST(x AS {kind}) IS NULL", [given]).fetchall()
    if bad:
        raise Unreadable([Word(f"{what}:“{x}”应是整数,停留记录里的编号都是整数", f'{what}: "{x}" should be a whole number, as the ids of the visits are')
                          for (x,) in bad[:TOLD]])  # fmt: skip


def _put(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """A small table, from rows; ids are read as the column's type, however they were written."""
    told = ", ".join(f"unnest(?::VARCHAR[])::{t} AS {c}" for c, t in columns)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {told}",
        [[None if r[i] is None else str(r[i]) for r in rows] for i in range(len(columns))],
    )


def tables(con: duckdb.DuckDBPyConnection, of: Source, more: More, zone: ZoneInfo) -> Tables:
    """The tables that rings are asked of, with one id for whoever and whatever was found to be one, and every stay with an end.

    A visit without an end lasts until the person's next visit begins or the local day ends, whichever comes first, and is marked.
    """
    p, q = of.person, of.place
    for what, ids, kind in (
        ("households", [a for a, _ in more.households or ()], p), ("isolated", [a for a, _ in more.isolated], p), ("risk", [a for a, _ in more.risk], p),
        ("meetings", [x for m in more.meetings for x in (m.a, m.b)], p), ("same people", [x for pair in more.same_people for x in pair], p),
        ("same places", [x for pair in more.same_places for x in pair], q), ("places", [a for a, _ in more.kinds or ()], q),
    ):  # fmt: skip
        check_ids(con, what, ids, kind)
    for name, pairs, kind in (("same_person", more.same_people, p), ("same_place", more.same_places, q)):
        as_typed = [(a, b) if kind == "VARCHAR" else (int(a), int(b)) for a, b in pairs]
        _put(con, name, (("id", kind), ("one", kind)), list(merged(as_typed).items()))
    one, there = (
        "coalesce((SELECT one FROM same_person s WHERE s.id = {0}), {0})",
        "coalesce((SELECT one FROM same_place s WHERE s.id = {0}), {0})",
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw_visit AS {of.visits}")
    opened, bare, crew = of.known or con.execute("SELECT coalesce(bool_or(stop IS NULL), false), coalesce(bool_or(space IS NULL), false), coalesce(bool_or(crew), false) "
                                     "FROM raw_visit").fetchall()[0]  # fmt: skip
    if opened or more.same_people or more.same_places:
        con.execute(f"""CREATE OR REPLACE TEMP TABLE some_visit AS SELECT {one.format("v.person")} person, {there.format("v.place")} place, space, start, stop, crew,
            false assumed FROM raw_visit v""")
        _ended(con, zone)
    else:
        con.execute("CREATE OR REPLACE TEMP VIEW visit AS SELECT person, place, space, start, stop, crew, false assumed FROM raw_visit")
    resolved = opened or more.same_people or more.same_places
    con.execute(f"""CREATE OR REPLACE TEMP VIEW visit_by_person AS SELECT person, place, space, start, stop, crew, {"assumed" if resolved else "false assumed"}
        FROM {"visit" if resolved or of.by_person is None else f"({of.by_person})"}""")
    seats = of.seats or f"SELECT NULL::{q} place, NULL space, NULL::VARCHAR carriage, NULL::INTEGER AS row WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE seat AS SELECT DISTINCT {there.format('v.place')} place, space, carriage, row FROM ({seats}) v"
    )
    if more.kinds is not None:
        _put(con, "told_kind", (("place", q), ("kind", "VARCHAR")), more.kinds)
        kinds = "SELECT * FROM told_kind"
    else:
        kinds = of.kinds or f"SELECT NULL::{q} place, NULL::VARCHAR kind WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE place_kind AS SELECT {there.format('v.place')} place, min(kind) kind FROM ({kinds}) v GROUP BY 1"
    )
    if more.households is not None:
        _put(con, "told_household", (("person", p), ("household", "VARCHAR")), more.households)
        households = "SELECT * FROM told_household"
    else:
        households = of.households or f"SELECT NULL::{p} person, NULL household WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE household AS SELECT DISTINCT {one.format('v.person')} person, household FROM ({households}) v"
    )
    _put(con, "told_meeting", (("a", p), ("b", p), ("setting", "VARCHAR"), ("start", "BIGINT"), ("stop", "BIGINT")), more.meetings)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE meeting AS SELECT {one.format('v.a')} a, {one.format('v.b')} b, setting, start, stop FROM told_meeting v"
    )
    _put(con, "told_isolated", (("person", p), ("held", "BIGINT")), more.isolated)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE isolated AS SELECT {one.format('v.person')} person, min(held) held FROM told_isolated v GROUP BY 1"
    )
    _put(con, "told_risk", (("person", p), ("risk", "VARCHAR")), more.risk)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE lower_risk AS SELECT {one.format("v.person")} person FROM told_risk v
        GROUP BY 1 HAVING bool_and(v.risk = 'lower')""")
    once = of.disjoint and not resolved
    at_home = bool(more.households) if more.households is not None else of.households is not None
    return Tables(con, p, q, bool(crew), bool(bare), once, bool(more.same_people), bool(more.meetings), at_home)


def _ended(con: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> None:
    """Gives every visit an end; those that are assumed are marked."""
    at = quoted(zone.key)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE visit AS SELECT * FROM some_visit WHERE stop IS NOT NULL UNION ALL
        SELECT person, place, space, start, least(coalesce(later, night), night) stop, crew, true FROM (
            SELECT *, min(start) OVER (PARTITION BY person ORDER BY start RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) later,
                epoch_us(timezone({at}, date_trunc('day', timezone({at}, make_timestamptz(start))) + INTERVAL 1 DAY)) night
            FROM some_visit WHERE person IN (SELECT person FROM some_visit WHERE stop IS NULL))
        WHERE stop IS NULL""")
