"""The visits of the lake as tables that `rings` can be asked of: only the days asked, each copy for what it is sorted by. Changes no file."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from bulou.basis.time import Instant, add_days, midnight
from bulou.lake.store import COLUMNS, Day, Lake, parquet
from bulou.questions.rings import quoted
from bulou.questions.visits import Source

_VISIT = COLUMNS.removesuffix(", kind, load")


class Within(NamedTuple):
    """What of the lake a question looks through: its days, and how many visits they hold."""

    days: list[Day]
    loads: tuple[int, ...]
    visits: int


def within(lake: Lake, loads: Collection[int], since: int, until: int, zone: ZoneInfo) -> Within:
    """The days of the lake in which a visit may lie between these instants, of these loads alone."""
    days = [d for d in lake.days() if d.until > since and midnight(d.name, zone) < until]
    return Within(days, tuple(sorted(loads)), sum(d.visits for d in days))


def source(lake: Lake, of: Within, zone: ZoneInfo, kinds: Sequence[tuple[str, str]] = ()) -> Source | None:
    """These visits as a source; None where there are none. ``kinds``: of places whose kind the data do not say."""
    if not of.days or not of.loads:
        return None
    mine = f"load IN ({', '.join(map(str, of.loads))})"
    told = {copy: f"SELECT {_VISIT} FROM {parquet(lake.files(of.days, copy))} WHERE {mine}" for copy in ("place", "person")}
    places = f"{parquet(lake.files(of.days, 'places'))} WHERE {mine}"
    more = "".join(f" UNION ALL SELECT {quoted(place)}, {quoted(kind)}" for place, kind in kinds)
    return Source(
        told["place"], "VARCHAR", "VARCHAR", f"SELECT DISTINCT place, kind FROM {places} AND kind IS NOT NULL{more}",
        f"SELECT DISTINCT place, space, carriage, row FROM {places} AND (carriage IS NOT NULL OR row IS NOT NULL)",
        disjoint=all(d.disjoint and d.until <= midnight(add_days(d.name, 1), zone) for d in of.days), by_person=told["person"],
        known=(any(d.opened for d in of.days), any(d.bare for d in of.days), any(d.crew for d in of.days)),
    )  # fmt: skip


def ids(con: duckdb.DuckDBPyConnection, lake: Lake, of: Within, column: str, wanted: Collection[str]) -> set[str]:
    """Which of these people, or places, occur in the visits."""
    if not wanted or not of.days:
        return set()
    files = parquet(lake.files(of.days, "person" if column == "person" else "places"))
    asked = ", ".join(quoted(w) for w in sorted(wanted))
    return {str(r[0]) for r in con.execute(f"SELECT DISTINCT {column} FROM {files} WHERE {column} IN ({asked})").fetchall()}


def kindless(con: duckdb.DuckDBPyConnection, lake: Lake, of: Within) -> set[str]:
    """Places whose kind no row says."""
    if not of.days:
        return set()
    files = parquet(lake.files(of.days, "places"))
    return {str(r[0]) for r in con.execute(f"SELECT place FROM {files} GROUP BY place HAVING bool_and(kind IS NULL)").fetchall()}


def instants(of: Within, zone: ZoneInfo) -> tuple[Instant, Instant] | None:
    """From when until when the days reach; None where there are none."""
    return (midnight(of.days[0].name, zone), midnight(add_days(of.days[-1].name, 1), zone)) if of.days else None
