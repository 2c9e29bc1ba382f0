"""An outbreak agrees with theory where theory is exact, with what was asked of it in a city, and changes with what is done about it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import brentq

from bulou.cli import main
from bulou.exercise import city as making
from bulou.exercise.contagion import AT_HOME, AWAY, DAY, FREE, NEVER
from bulou.exercise.days import Visits
from bulou.exercise.files import read_table
from bulou.exercise.outbreak import NOBODY, Day, Outbreak, Pathogen, Rates, Town, pathogen, prepared, rates, read
from bulou.exercise.parameters import Unfit
from bulou.exercise.places import PLACES
from bulou.exercise.responding import Screening
from bulou.exercise.truth import TRUTH, distances
from tests.exercise import towns
from tests.exercise.towns import AREA, LANDS, PARAMETERS

KINDS = len(PLACES)
MARKET = PLACES.index("market")
#: Everyone alike, everyone with symptoms: what the theory is about.
PLAIN = read("wild-2020")._replace(dispersion=float("inf"), asymptomatic=0.0)


def mixed(people: int, r: float) -> tuple[Town, Rates, Day]:
    """A homogeneous city: everyone in one place all day, met by chance."""
    who, none = np.arange(people, dtype=np.uint32), np.zeros(people, np.uint32)
    day = Visits(who, none, who, np.zeros(people, np.uint16), np.full(people, DAY, np.uint16))
    far = np.zeros(KINDS)
    far[MARKET] = r
    town = Town(np.array([MARKET], np.uint8), people, who, np.ones(people, np.bool_))
    return town, Rates(np.zeros(KINDS), far, 0.0, r), prepared(town, day)


def in_mixed(people: int, r: float, seed: int, days: int, most: float = 1.0) -> tuple[Outbreak, list[int]]:
    """Infections by day, until so many days or that share of the people."""
    town, of, day = mixed(people, r)
    outbreak = Outbreak(PLAIN, town, of, seed)
    counts = [len(outbreak.seeded(20, 0))]
    for n in range(days):
        counts.append(len(outbreak.day(n, day)))
        if sum(counts) > most * people or not any(counts[-28:]):
            break
    return outbreak, counts


def test_the_first_infections_grow_as_the_generation_interval_has_it() -> None:
    """Euler and Lotka for a gamma: r = (R^(1/shape) - 1) / scale (Wallinga and Lipsitch 2007)."""
    shape = (PLAIN.generation_mean / PLAIN.generation_sd) ** 2
    told, found, gaps = (2.0 ** (1 / shape) - 1) * shape / PLAIN.generation_mean, [], []
    for seed in range(10):
        outbreak, counts = in_mixed(300_000, 2.0, seed, 90, most=0.01)
        c, upto = np.array(counts), np.cumsum(counts)
        days = np.flatnonzero(upto > 500)  # the first generations come in waves
        found.append(np.polyfit(days, np.log(c[days]), 1, w=np.sqrt(c[days]))[0])
        first = np.flatnonzero(outbreak.infected < 12 * DAY)  # whose course is over by then, with nearly everyone still susceptible
        by = np.flatnonzero(np.isin(outbreak.infector, first))
        gaps.append(((outbreak.infected[by] - outbreak.infected[outbreak.infector[by]]) / DAY).mean())
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - told) < 3 * error < 0.02
    assert np.mean(gaps) == pytest.approx(PLAIN.generation_mean, abs=0.15)


@pytest.mark.parametrize("r", [1.5, 2.5])
def test_as_many_are_infected_in_the_end_as_the_final_size_has_it(r: float) -> None:
    """Kermack and McKendrick: z = 1 - exp(-R z)."""
    told = brentq(lambda z: 1 - np.exp(-r * z) - z, 0.05, 1)
    found = [float((in_mixed(20_000, r, seed, 250)[0].infected != NEVER).mean()) for seed in range(4)]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - told) < 4 * error + 20 / 20_000 < 0.03


# --- in a city --------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def town() -> tuple[Town, tuple[Day, ...]]:
    one = towns.city()
    home = one.people.household
    spaces = int(one.places.first[-1] + one.places.spaces[-1])
    made = Town(one.places.kind.astype(np.uint8), spaces, home.astype(np.uint32), ~one.households.collective[home])
    return made, tuple(prepared(made, towns.visits(one, d)) for d in range(7))


@lru_cache(maxsize=4)
def found_rates(p: Pathogen) -> Rates:
    made, days = town()
    return rates(p, made, days)


def hashable(name: str, **changes: float) -> Pathogen:
    """A pathogen that can be a key."""
    p = read(name)._replace(**changes)
    return p._replace(near=_Frozen(p.near), far=_Frozen(p.far))


class _Frozen(dict[str, float]):
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


def run(p: Pathogen, seed: int, days: int, act: Screening | None = None, imported: int = 5) -> Outbreak:
    made, week = town()
    outbreak = Outbreak(p, made, found_rates(p), seed)
    outbreak.seeded(imported, 0)
    for n in range(days):
        if act and n >= 7:
            act.act(outbreak, n)
        outbreak.day(n, week[n % 7])
    return outbreak


@pytest.mark.parametrize("name", ["wild-2020", "omicron-2022"])
def test_a_case_infects_as_many_at_home_as_asked(name: str) -> None:
    """One case in each home, nobody met elsewhere: of the others the share that is infected by it, over the whole of its course."""
    p, (made, week) = hashable(name), town()
    home = np.asarray([k == "home" for k in PLACES])
    of = Rates(np.where(home, found_rates(p).near, 0.0), np.zeros(KINDS), 0.0, 0.0)
    size = np.bincount(made.home)
    first = np.searchsorted(made.home, np.flatnonzero(size > 1))
    first = first[made.family[first]]
    others = (size[made.home[first]] - 1).sum()
    shares = []
    for seed in range(4):
        outbreak = Outbreak(p, made, of, seed)
        outbreak.infected[first] = DAY // 2
        for n in range(25):
            outbreak.day(n, week[n % 7])
        by = outbreak.infector[outbreak.infected != NEVER]
        shares.append(np.isin(by[by != NOBODY], first).sum() / others)
    assert np.mean(shares) == pytest.approx(p.household_sar, rel=0.1)


def test_everyone_was_infected_where_both_of_them_were() -> None:
    outbreak = run(hashable("omicron-2022"), 3, 12)
    _, week = town()
    linked = [q for q in outbreak.cases() if outbreak.infector[q] != NOBODY]
    assert len(linked) > 100
    for q in linked:
        minute, day = outbreak.infected[q] % DAY, week[outbreak.infected[q] // DAY % 7].visits
        for who in (q, outbreak.infector[q]):
            rows = (day.person == who) & (day.place == outbreak.place[q]) & (day.start <= minute) & (minute < day.end)
            assert rows.any(), (q, who)
        assert outbreak.infected[outbreak.infector[q]] < outbreak.infected[q]


def test_the_same_seed_makes_the_same_outbreak() -> None:
    p = hashable("wild-2020")
    one, same, other = (run(p, seed, 20) for seed in (1, 1, 2))
    assert (one.infected == same.infected).all()
    assert (one.infector == same.infector).all()
    assert (one.infected != other.infected).any()


def test_a_recall_in_two_hours_lowers_what_one_in_two_days_does_not() -> None:
    p = hashable("wild-2020", r0=3.0)
    sizes = {
        hours: [float((run(p, seed, 45, Screening(3, 10, hours)).infected != NEVER).mean()) for seed in range(10)] for hours in (2, 48)
    }
    less = np.array(sizes[48]) - np.array(sizes[2])
    nothing = np.mean([float((run(p, seed, 45).infected != NEVER).mean()) for seed in range(10)])
    assert less.mean() > 2 * less.std(ddof=1) / np.sqrt(len(less)) > 0
    assert np.mean(sizes[48]) < nothing


# --- what is done -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("how", "elsewhere", "at_home"), [(AWAY, False, False), (AT_HOME, False, True), (FREE, True, True)])
def test_who_is_held_meets_whom_they_may(how: int, elsewhere: bool, at_home: bool) -> None:
    """Cases that are held from the first minute infect whom they may meet, and nobody else."""
    p, (made, week) = hashable("omicron-2022"), town()
    outbreak = Outbreak(p, made, found_rates(p), 5)
    cases = outbreak.seeded(60, 0)
    outbreak.hold(cases, how, 0, 100 * DAY)
    for n in range(10):
        outbreak.day(n, week[n % 7])
    by = np.flatnonzero(np.isin(outbreak.infector, cases) & (outbreak.infector != NOBODY))
    same = made.home[by] == made.home[outbreak.infector[by]]
    assert bool((~same).any()) == elsewhere
    assert bool(same.any()) == at_home


def test_who_is_away_is_not_infected() -> None:
    p, (made, week) = hashable("omicron-2022"), town()
    outbreak = Outbreak(p, made, found_rates(p), 5)
    outbreak.seeded(100, 0)
    safe = np.flatnonzero(outbreak.infected == NEVER)[::2]
    outbreak.hold(safe, AWAY, 0, 100 * DAY)
    for n in range(10):
        outbreak.day(n, week[n % 7])
    assert (outbreak.infected[safe] == NEVER).all()
    assert (outbreak.infected != NEVER).sum() > 500


def test_mutations_gather_along_the_chain() -> None:
    outbreak = run(hashable("omicron-2022", mutations=0.5), 3, 14)
    linked = np.array([q for q in outbreak.cases() if outbreak.infector[q] != NOBODY])[:150]
    pairs = [(q, int(outbreak.infector[q])) for q in linked]
    own = outbreak.mutations(linked)
    assert own.mean() == pytest.approx(
        0.5 * ((outbreak.infected[linked] - outbreak.infected[outbreak.infector[linked]]) / DAY).mean(), rel=0.25
    )
    assert [distances(outbreak, np.array(pair))[0, 1] for pair in pairs[:20]] == own[:20].tolist()
    some = distances(outbreak, outbreak.cases()[:30])
    assert (some == some.T).all()
    assert (np.diag(some) == 0).all()
    assert all(some[i, k] <= some[i, j] + some[j, k] for i in range(30) for j in range(30) for k in range(0, 30, 7))


def test_a_swab_finds_as_often_as_the_curve_has_it() -> None:
    p, (made, _) = hashable("wild-2020"), town()
    outbreak = Outbreak(p, made, found_rates(p), 5)
    outbreak.infected[:] = 0
    everyone = np.arange(len(made.home))
    for day in (0, 4, 8, 21, 40):
        told = p.sensitivity[day] if day < len(p.sensitivity) else 0.0
        assert outbreak.positive(everyone, day * DAY + 60).mean() == pytest.approx(told, abs=0.03)
    assert not outbreak.positive(everyone[:5], 60).any()
    outbreak.infected[:] = NEVER
    assert not outbreak.positive(everyone, 8 * DAY).any()


# --- words that cannot be ---------------------------------------------------------------------------------------------
def test_pathogens_that_cannot_be_are_refused() -> None:
    good = {
        "generation": {"mean": 5, "sd": 2}, "incubation": {"meanlog": 1, "sdlog": 0.4}, "asymptomatic": {"share": 0.3, "relative": 0.5},
        "r0": {"value": 2}, "dispersion": {"k": 1}, "household_sar": {"value": 0.2}, "sensitivity": {"by_day": [0, 0.5]}, "mutations": {"per_day": 0.1},
    }  # fmt: skip
    settings = {"near": {"home": 1.0}, "far": {}}
    assert pathogen("x", good, settings).r0 == 2
    for part, word, value, said in (
        ("generation", "sd", 0, "generation.sd"), ("household_sar", "value", 1.0, "household_sar"), ("asymptomatic", "share", -0.1, "asymptomatic.share"),
        ("sensitivity", "by_day", [0, 1.2], "by_day[1]"), ("r0", "value", 0, "r0"),
    ):  # fmt: skip
        with pytest.raises(Unfit, match=said.replace("[", r"\[").replace("]", r"\]")):
            pathogen("x", {**good, part: {**good[part], word: value}}, settings)
    with pytest.raises(Unfit, match="moon"):
        pathogen("x", good, {**settings, "near": {"moon": 1.0}})
    with pytest.raises(Unfit, match="wild-2020"):
        read("plague")
    made, days = town()
    with pytest.raises(Unfit, match=r"r0 0\.1"):
        rates(hashable("wild-2020", r0=0.1), made, days)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("city") / "a"
    making.make(to, LANDS, AREA, 1500, 7, PARAMETERS, 3, lambda *_: None)
    return to


def test_by_command(folder: Path) -> None:
    words = ["exercise", "outbreak", str(folder), "--pathogen", "omicron-2022", "--imported", "30", "--json"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    told, table = json.loads(done.stdout), read_table(folder, TRUTH.removesuffix(".parquet"))
    assert table.num_rows == told["infected"] >= 30
    assert (table["infector"].to_numpy() == NOBODY).sum() == 30
    assert told["with_symptoms"] == table.num_rows - table["onset"].null_count
    again = CliRunner().invoke(main, words)
    assert again.stdout == done.stdout
    assert "界限" in CliRunner().invoke(main, [*words[:-1], "--lang", "zh"]).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pathogen", "plague"], "wild-2020"), (["--days", "9"], "3 days"), (["--imported", "5000"], "1 to 1,500"), (["--r0", "0"], "above 0"),
        (["--pathogens", "{bad}"], "TOML"),
    ],
)  # fmt: skip
def test_wrong_words_write_nothing(folder: Path, tmp_path: Path, words: list[str], said: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[", encoding="utf-8")
    (folder / TRUTH).unlink(missing_ok=True)
    done = CliRunner().invoke(main, ["exercise", "outbreak", str(folder), "--lang", "en", *(w.format(bad=bad) for w in words)])
    assert done.exit_code == 2
    assert said in done.output
    assert not (folder / TRUTH).exists()


def test_a_folder_that_is_no_city_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["exercise", "outbreak", str(tmp_path), "--lang", "en"])
    assert done.exit_code == 2
    assert "city.toml" in done.output
