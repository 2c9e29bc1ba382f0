"""The lake as files: both copies hold the same, a killed load goes on without anything twice, what was deleted is in no file. Bugs planted are caught."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from bulou.basis.time import DAY, HOUR, MINUTE, midnight
from bulou.lake import store
from bulou.lake.store import Broken, Busy, Lake, Load
from tests.questions.towns import ZONE

FIRST = midnight("2020-12-01", ZONE)
TOLD = Load(0, "aa", "digest", "visits.csv", "payment", "文件1", "post user", FIRST, 0, 0)


def filled(con: duckdb.DuckDBPyConnection, days: int = 3, people: int = 40, salt: int = 0) -> str:
    """Rows of so many days: a person is at three places a day, the last visit of the last without an end."""
    con.execute("CREATE TABLE IF NOT EXISTS told (person VARCHAR, place VARCHAR, space VARCHAR, carriage VARCHAR, row INTEGER, crew BOOLEAN, start BIGINT, "
                "stop BIGINT, kind VARCHAR, day VARCHAR)")  # fmt: skip
    rows = []
    for day in range(days):
        for p in range(people):
            for n in range(3):
                start = FIRST + day * DAY + (8 + 3 * n) * HOUR + (p + salt) * MINUTE
                stop = None if (day, p, n) == (days - 1, people - 1, 2) else start + HOUR
                rows.append((f"p{p}", f"w{(p + n) % 7}", f"s{p % 3}", None, None, False, start, stop, "shop", f"2020-12-0{day + 1}"))
    con.executemany("INSERT INTO told VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return "SELECT * FROM told"


def copies(folder: Path) -> tuple[list[Any], list[Any]]:
    """Every row of both copies, read from every file that lies in the folder, whether it is in force or not."""
    con = duckdb.connect()
    found = []
    for copy in ("person", "place"):
        files = [str(p) for p in sorted(folder.glob(f"*.{copy}.parquet*"))]
        found.append(sorted(con.execute("SELECT * FROM read_parquet(?)", [files]).fetchall(), key=repr) if files else [])
    return found[0], found[1]


def loaded(folder: Path, module: Any = store, **more: Any) -> Any:
    lake, con = module.Lake(folder), duckdb.connect()
    with lake.changing():
        lake.put(con, lake.open(TOLD), filled(con, **more))
    return lake


def test_both_copies_hold_the_same_each_in_its_order(tmp_path: Path) -> None:
    lake = loaded(tmp_path)
    by_person, by_place = copies(tmp_path)
    assert by_person == by_place
    assert len(by_person) == 3 * 40 * 3
    con = duckdb.connect()
    for copy, column in (("person", 0), ("place", 1)):
        for file in lake.files(lake.days(), copy):
            rows = con.execute(f"SELECT * FROM '{file}'").fetchall()
            assert [r[column] for r in rows] == sorted(r[column] for r in rows)
    assert [(d.name, d.visits, d.opened, d.disjoint) for d in lake.days()] == [
        ("2020-12-01", 120, False, True), ("2020-12-02", 120, False, True), ("2020-12-03", 120, True, False),
    ]  # fmt: skip


def test_a_second_load_joins_the_same_days(tmp_path: Path) -> None:
    lake = loaded(tmp_path, days=2)
    con = duckdb.connect()
    with lake.changing():
        lake.put(con, lake.open(TOLD._replace(digest="other")), filled(con, days=1, people=5, salt=30))
    by_person, by_place = copies(tmp_path)
    assert by_person == by_place
    assert len(by_person) == 240 + 15
    assert [(each.number, each.days) for each in lake.loads()] == [(1, ("2020-12-01", "2020-12-02")), (2, ("2020-12-01",))]
    assert not lake.days()[0].disjoint, "people are in two places at once now"


class Killed(Exception):
    """The process is gone."""


def killed_after(steps: int, replace: Callable[..., Any]) -> Callable[..., Any]:
    """A file put in place until the machine goes off."""
    left = [steps]

    def until(self: Path, target: Path) -> Any:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return replace(self, target)

    return until


def test_a_load_killed_at_any_step_goes_on_and_nothing_stands_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = copies(loaded(tmp_path / "whole").folder)
    replace, steps = Path.replace, 0
    while True:
        folder, con = tmp_path / f"killed{steps}", duckdb.connect()
        lake, rows = Lake(folder), filled(con)
        with lake.changing():
            load = lake.open(TOLD)
        monkeypatch.setattr(Path, "replace", killed_after(steps, replace))
        try:
            with lake.changing():
                lake.put(con, load, rows)
            break
        except Killed:
            pass
        finally:
            monkeypatch.setattr(Path, "replace", replace)
        again = Lake(folder)
        before = again.begun("digest", "aa")
        assert before is not None
        assert not before.whole
        with again.changing():
            done = again.put(con, before, rows)
        assert done.whole
        assert copies(folder) == whole, f"killed after {steps} files"
        assert not list(folder.glob("*.part"))
        steps += 1
    assert steps > 8, "every file and every list was a step"


def test_what_is_deleted_is_in_no_file_of_either_copy(tmp_path: Path) -> None:
    lake = loaded(tmp_path)
    with lake.changing():
        gone = lake.delete("person IN ('p3', 'p7')", people=True)
        assert (gone.visits, gone.people, gone.by_load) == (18, 2, {1: 18})
        assert lake.delete("person IN ('p3', 'p7')", people=True).visits == 0, "twice changes nothing"
        lake.delete(f"start < {int(FIRST + DAY)}")
    for rows in copies(tmp_path):
        assert rows
        assert not [r for r in rows if r[0] in ("p3", "p7") or r[6] < FIRST + DAY]
    assert [d.name for d in lake.days()] == ["2020-12-02", "2020-12-03"]
    with lake.changing():
        lake.delete("true", {1: "closed"})
    assert copies(tmp_path) == ([], [])
    assert not list(tmp_path.glob("*.parquet*"))
    assert [each.gone for each in lake.loads()] == ["closed"]


def test_the_rest_of_a_deletion_that_was_killed_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = loaded(tmp_path)
    monkeypatch.setattr(Path, "unlink", lambda *_a, **_k: None)  # killed before the old files went
    with lake.changing():
        lake.delete("person = 'p3'")
    assert [r for r in copies(tmp_path)[0] if r[0] == "p3"]
    monkeypatch.undo()
    with lake.changing():
        assert lake.delete("person = 'p3'").visits == 0
    assert not [r for rows in copies(tmp_path) for r in rows if r[0] == "p3"]


#: Bugs: what is written, and what stands there instead.
PLANTED = {
    "the copy by place keeps what was deleted": ('for copy, select in (copies |', 'for copy, select in ({"person": copies["person"]} |'),
    "old files stay": ("path.unlink(missing_ok=True)\n        return", "pass\n        return"),
    "only the first day is deleted from": ("            for day in self.days():\n", "            for day in self.days()[:1]:\n"),
}  # fmt: skip


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(tmp_path: Path, bug: str) -> None:
    old, new = PLANTED[bug]
    text = inspect.getsource(store)
    assert text.count(old) == 1
    wrong = ModuleType("wrong")
    wrong.__dict__["__name__"] = "bulou.lake.store"
    exec(compile(text.replace(old, new), "wrong", "exec", dont_inherit=True), wrong.__dict__)  # the source of our own module, with one bug
    try:
        lake = loaded(tmp_path, wrong)
        with lake.changing():
            lake.delete("person = 'p3'")
        by_person, by_place = copies(tmp_path)
        assert by_person == by_place
        assert not [r for r in by_person if r[0] == "p3"]
    except (AssertionError, wrong.Broken):
        return
    pytest.fail("nothing told")


def test_one_at_a_time_and_nothing_is_guessed(tmp_path: Path) -> None:
    lake = loaded(tmp_path)
    with lake.changing(), pytest.raises(Busy), Lake(tmp_path).changing():
        pass
    next(iter(tmp_path.glob("*.place.parquet"))).unlink()
    with pytest.raises(Broken):
        lake.files(lake.days(), "place")
    (tmp_path / "visits.json").write_text("{")
    with pytest.raises(Broken):
        lake.days()
