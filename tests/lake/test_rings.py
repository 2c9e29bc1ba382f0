"""The lake asked gives what the plain definition gives, on random towns; a file is taken row by row with what would be right."""

from __future__ import annotations

import csv
from pathlib import Path

from bulou.basis.time import DAY, Instant, parse_local, to_datetime
from bulou.lake.store import Lake, connected
from bulou.questions import laked, memory, rings, sifting, visits
from bulou.questions.exposure import Case, Id
from bulou.questions.memory import Asked, Visit
from tests.lake.test_store import TOLD
from tests.questions.towns import KINDS, NOON, WAYS, ZONE, town

TOWNS = 20
NOW = Instant(NOON + 3 * DAY)
HEAD = ("person", "place", "from", "to", "space", "carriage", "row", "crew", "kind")


def text(value: Id | None) -> str | None:
    return None if value is None else str(value)


def in_text(asked: Asked, cases: list[Case]) -> tuple[Asked, list[Case]]:
    """The same town with every id as text, as the lake has it."""
    told = [v._replace(person=str(v.person), place=str(v.place), space=text(v.space), carriage=text(v.carriage)) for v in asked.visits]
    return Asked(
        told, {str(p): k for p, k in asked.kinds.items()}, [(str(p), str(h)) for p, h in asked.households],
        [m._replace(a=str(m.a), b=str(m.b)) for m in asked.meetings], {str(p): at for p, at in asked.isolated.items()},
        [(str(a), str(b)) for a, b in asked.same_people],
    ), [c._replace(person=str(c.person)) for c in cases]  # fmt: skip


def written(path: Path, told: list[Visit]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for v in told:
            out.writerow(
                (v.person, v.place, time(v.start), time(v.stop), v.space, v.carriage, v.row, "yes" if v.crew else "", KINDS[int(v.place)])
            )


def time(at: int | None) -> str:
    return "" if at is None else to_datetime(Instant(at)).isoformat(sep=" ")


def filled(folder: Path, told: list[Visit]) -> Lake:
    folder.mkdir()
    lake = Lake(folder / "visits")
    written(folder / "visits.csv", told)
    with lake.changing():
        con = connected(lake.folder)
        found = sifting.sift(con, folder / "visits.csv", ZONE, "2020-12-01", NOW)
        assert (found.taken, found.wrong) == (len(told), 0)
        lake.put(con, lake.open(TOLD), found.rows)
    return lake


def test_the_lake_gives_what_the_definition_gives(tmp_path: Path) -> None:
    some = 0
    for seed in range(TOWNS):
        asked, cases = in_text(*town(seed))
        # a seat that is told on a visit is its space: so the file has it, and so the definition is asked
        seated = [
            v._replace(space=f"{v.carriage or ''}/{'' if v.row is None else v.row}" if v.carriage or v.row is not None else v.space)
            for v in asked.visits
        ]
        asked = asked._replace(visits=seated)
        lake = filled(tmp_path / str(seed), list(asked.visits))
        con = connected(lake.folder)
        of = laked.within(lake, [1], NOON - 20 * DAY, NOW + 20 * DAY, ZONE)
        source = laked.source(lake, of, ZONE)
        assert source is not None
        assert of.visits == len(asked.visits)
        more = visits.More(None, asked.households, asked.meetings, list(asked.isolated.items()), asked.same_people)
        found = rings.find(visits.tables(con, source, more, ZONE), cases, WAYS, ZONE)
        assert set(found.candidates()) == set(memory.rings(asked, cases, WAYS, ZONE)), f"town({seed})"
        assert set(found.exposures()) == set(memory.exposures(asked, cases, WAYS, ZONE)), f"town({seed})"
        some += len(found.candidates())
    assert some > TOWNS


def test_only_the_days_asked_are_read(tmp_path: Path) -> None:
    told = [Visit("1", "2", parse_local(f"2020-12-0{d} 09:00", ZONE), parse_local(f"2020-12-0{d} 10:00", ZONE), "11") for d in (3, 5, 7)]
    told.append(Visit("1", "2", parse_local("2020-12-06 22:00", ZONE), parse_local("2020-12-07 02:00", ZONE), "11"))
    lake = filled(tmp_path / "lake", told)

    def days(since: str, until: str) -> list[str]:
        return [d.name for d in laked.within(lake, [1], parse_local(since, ZONE), parse_local(until, ZONE), ZONE).days]

    assert days("2020-12-05", "2020-12-06") == ["2020-12-05"]
    assert days("2020-12-07", "2020-12-08") == ["2020-12-06", "2020-12-07"], "a night that began the day before"
    assert laked.source(lake, laked.within(lake, [2], 0, NOW, ZONE), ZONE) is not None
    con = connected(lake.folder)
    other = laked.source(lake, laked.within(lake, [2], 0, NOW, ZONE), ZONE)
    assert other is not None
    assert con.execute(f"SELECT count(*) FROM ({other.visits})").fetchall() == [(0,)], "another load's visits are nobody's business"


def test_every_row_is_taken_or_told_with_what_would_be_right(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(
        "person,place,from,to,space,kind\n"
        "0192AAAA-0000-7000-8000-000000000001,p1,2020-12-07 09:00,2020-12-07 10:00,a,restaurant\n"
        ",p1,2020-12-07 09:00,,a,\nx,p1,2020-12-07 24:30,,a,\nx,p1,2020-12-07 22:30,2020-12-07 21:30,a,\n"
        "x,p1,2020-11-07 22:30,,a,\nx,p1,2020-12-17 22:30,,a,\nx,p1,2020-12-06 22:30,,a,park\n",
        encoding="utf-8",
    )
    con = connected(tmp_path)
    found = sifting.sift(con, path, ZONE, "2020-12-01", parse_local("2020-12-08 12:00", ZONE))
    assert (found.taken, found.first_day) == (1, "2020-12-07")
    assert [(r.row, r.field) for r in found.refused()] == [(3, "person"), (4, "from"), (5, "to"), (6, "from"), (7, "from"), (8, "kind")]
    assert "2020-12-01" in [r.right.en for r in found.refused()][3]
    assert con.execute(found.rows).fetchall()[0][0] == "0192aaaa000070008000000000000001"


def test_parquet_is_taken_as_text_is(tmp_path: Path) -> None:
    path, con = tmp_path / "visits.parquet", connected(tmp_path)
    con.execute(f"""COPY (SELECT p::UINTEGER person, 2 place, {int(NOON)} + p AS "from", CASE p WHEN 3 THEN 0 ELSE NULL END::BIGINT AS "to", 5::USMALLINT space
        FROM range(1, 5) t(p)) TO '{path}'""")
    found = sifting.sift(con, path, ZONE, "2020-12-01", NOW)
    assert (found.taken, [(r.row, r.field) for r in found.refused()]) == (3, [(3, "to")])
    assert con.execute(found.rows).fetchall()[0][:3] == ("1", "2", "5")
