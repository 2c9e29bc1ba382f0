"""An outbreak in a city of files: read, let run, written down as its truth. Written whole or not at all; only the scorer reads it again."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bulou.exercise.chance import Ints
from bulou.exercise.contagion import DAY, NEVER
from bulou.exercise.days import Visits
from bulou.exercise.files import Head, day_names, read_head, read_table, write_table
from bulou.exercise.outbreak import NOBODY, Day, Outbreak, Pathogen, Rates, Town, prepared, rates
from bulou.exercise.parameters import Unfit
from bulou.exercise.places import PLACES

TABLE = "infections"
TRUTH = f"{TABLE}.parquet"
#: Tells how far it has come: days done, of how many, infected so far.
Say = Callable[[int, int, int], None]


class Told(NamedTuple):
    """What an outbreak came to."""

    days: int
    infected: int
    symptoms: int
    people: int
    #: Mean days from infection to infection; mean infections by those who were infected in the first half of the days.
    generation: float
    reproduction: float
    rates: Rates


def town(folder: Path, head: Head) -> Town:
    """What an outbreak has to know of a city in a folder."""
    places, people = read_table(folder, "places", ["kind"]), read_table(folder, "people", ["household"])
    collective = read_table(folder, "households", ["collective"])["collective"].to_numpy()
    number = {word: i for i, word in enumerate(PLACES)}
    column = places["kind"].combine_chunks()
    words = np.asarray([number[w] for w in column.dictionary.to_pylist()], np.uint8)
    home = people["household"].to_numpy().astype(np.uint32)
    return Town(words[column.indices.to_numpy()], head.rows["spaces"], home, ~collective[home])


def visits(folder: Path, name: str) -> Visits:
    """One day of the city."""
    table = read_table(folder, name)
    return Visits(*(table[column].to_numpy() for column in Visits._fields))


def week(folder: Path, place: Town, names: list[str]) -> Iterator[Day]:
    """The first week's days, or as many as there are: a place is not as full on a Sunday."""
    for name in names[:7]:
        yield prepared(place, visits(folder, name))


def run(folder: Path, pathogen: Pathogen, imported: int, seed: int, say: Say, days: int | None = None) -> tuple[Told, Outbreak]:
    """An outbreak over the city's days with nothing done about it, its truth written beside the city. Unfit for what cannot be."""
    head = read_head(folder)
    names = day_names(head)
    many = head.days if days is None else days
    if not 1 <= many <= len(names):
        raise Unfit(f"--days {many}:城市有 {len(names)} 天活动", f"--days {many}: the city has visits of {len(names)} days")
    place = town(folder, head)
    found = rates(pathogen, place, week(folder, place, names), seed=seed)
    outbreak = Outbreak(pathogen, place, found, seed)
    outbreak.seeded(imported, 0)
    for n, name in enumerate(names[:many]):
        outbreak.day(n, prepared(place, visits(folder, name)))
        say(n + 1, many, int((outbreak.infected != NEVER).sum()))
    write(folder, outbreak)
    return told(outbreak, many), outbreak


def told(outbreak: Outbreak, days: int) -> Told:
    """What it came to after so many days."""
    who = outbreak.cases()
    of = outbreak.infector[who]
    linked = who[of != NOBODY]
    gaps = (outbreak.infected[linked] - outbreak.infected[outbreak.infector[linked]]) / DAY
    early = who[outbreak.infected[who] < days * DAY // 2]
    made = np.bincount(outbreak.infector[linked], minlength=len(outbreak.infected))[early] if len(linked) else np.zeros(len(early))
    return Told(
        days, len(who), int(outbreak.symptoms[who].sum()), len(outbreak.infected), float(gaps.mean()) if len(gaps) else float("nan"),
        float(made.mean()) if len(early) else float("nan"), outbreak.rates,
    )  # fmt: skip


def write(folder: Path, outbreak: Outbreak) -> None:
    """The truth of an outbreak: a row for everyone infected, the first first; numbers as in the city's files, 4294967295 for nobody."""
    arrow = import_module("pyarrow")
    who = outbreak.cases()
    onset = outbreak.onset(who)
    columns: dict[str, Any] = {
        "person": who.astype(np.uint32), "infector": outbreak.infector[who], "minute": outbreak.infected[who], "place": outbreak.place[who],
        "space": outbreak.space[who], "mutations": outbreak.mutations(who).astype(np.uint16),
    }  # fmt: skip
    columns["onset"] = arrow.array(onset, mask=onset == NEVER)
    part = f".{TABLE}.partial"
    write_table(folder, part, columns)
    (folder / f"{part}.parquet").replace(folder / TRUTH)


def distances(outbreak: Outbreak, who: Ints) -> Ints:
    """Differences between the genomes of these infected people, a matrix: each mutation of the chain between two of them counted once.

    Imported cases share no mutation: their genomes differ by what each chain has gathered.
    """
    own = dict(zip(outbreak.cases().tolist(), outbreak.mutations(outbreak.cases()).tolist(), strict=True))

    def line(p: int) -> dict[int, int]:
        depth, up = 0, {}
        while p != NOBODY:
            up[p] = depth
            depth += own[p]
            p = int(outbreak.infector[p])
        up[NOBODY] = depth
        return up

    lines = [line(int(p)) for p in who]
    found = np.zeros((len(who), len(who)), np.int64)
    for i, a in enumerate(lines):
        for j in range(i):
            shared = next(p for p in a if p in lines[j])  # the nearest whom both descend from
            found[i, j] = found[j, i] = a[shared] + lines[j][shared]
    return found
