"""What several methods read alike: cases by day and the serial interval. Computes no estimate."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from bulou.basis.words import Word
from bulou.cli.assess.frame import Column, Run
from bulou.cli.assess.reading import Table
from bulou.cli.terminal import use

#: Days between the first and the last case of a file beyond which a date is surely mistyped.
LONGEST = 36_600

CASES = (
    Column("day", Word("第几天(整数);或用 date", "the number of the day (whole); or date instead")),
    Column("date", Word("日期 YYYY-MM-DD;或用 day", "the date YYYY-MM-DD; or day instead")),
    Column("local", Word("当天的本地病例数;缺的日子为 0", "local cases of that day; days that are missing are 0")),
    Column("imported", Word("当天的输入病例数;可以没有这一列", "imported cases of that day; the column may be missing")),
)
INTERVAL = (
    Column("k", Word("天数 0、1、2……", "days 0, 1, 2 …")),
    Column("w", Word("代际间隔为 k 天的概率,合计为 1", "probability that the serial interval is k days; sums to 1")),
)


class Curve(NamedTuple):
    """Cases by day without gaps; ``label`` names the day with an index from 0, beyond the last too."""

    first: int
    local: list[float]
    imported: list[float]
    dated: bool

    def label(self, index: int) -> int | date:
        """A day as the file names days: its number or its date."""
        return date.fromordinal(self.first + index) if self.dated else self.first + index


def cases(run: Run, path: Path, *, option: str = "--cases") -> Curve:
    """A file of cases: every day once, in any order; days between the first and the last that are missing had no case."""
    table = run.read(option, path)
    which = "day" if table.has("day") and table.has("date") else table.one_of("day", "date")
    if table.has("day") and table.has("date"):
        run.note("day 与 date 都有:用 day", "there are both day and date: day is used")
    days = [d.toordinal() for d in table.dates("date") if d] if which == "date" else table.whole("day")
    table.distinct(which, days)
    local = table.numbers("local", least=0)
    imported = table.numbers("imported", least=0, empty=0.0) if table.has("imported") else [0.0] * len(days)
    first, last = min(days), max(days)
    if last - first > LONGEST:
        far = days.index(last)
        raise table.wrong(
            far,
            which,
            Word("与其他日子相近的一天(首尾相差超过 100 年)", "a day near the others (first and last are more than 100 years apart)"),
        )
    all_local, all_imported = [0.0] * (last - first + 1), [0.0] * (last - first + 1)
    for day, here, away in zip(days, local, imported, strict=True):
        all_local[day - first], all_imported[day - first] = here, away
    missing = len(all_local) - len(days)
    if missing:
        run.note(f"有 {missing} 天不在文件中,按 0 例计", f"{missing} days are not in the file and count as 0 cases")
    return Curve(first, all_local, all_imported, which == "date")


def interval(run: Run, path: Path | None, mean: float | None = None, sd: float | None = None) -> list[float]:
    """The serial interval: a file (every k once from 0 or 1 on, without gaps), or a mean and a standard deviation made discrete."""
    if (path is None) == (mean is None and sd is None) or (mean is None) != (sd is None):
        run.wrong("请给 --si,或同时给 --si-mean 与 --si-sd", "give --si, or both --si-mean and --si-sd")
    if path is not None:
        return weights(run.read("--si", path), "k", "w")
    run.use("si_mean", mean)
    run.use("si_sd", sd)
    found: list[float] = use("assessment.reproduction").discrete_serial_interval(mean, sd).tolist()
    return found


def weights(table: Table, k: str, w: str) -> list[float]:
    """A distribution over whole days, in any order of rows; a missing row for 0 is 0."""
    days, values = table.whole(k, least=0), table.numbers(w, least=0, most=1)
    table.distinct(k, days)
    found = [0.0] * (max(days) + 1)
    for day, value in zip(days, values, strict=True):
        found[day] = value
    gaps = sorted(set(range(1, len(found))) - set(days))
    if gaps:
        at = days.index(min(d for d in days if d > gaps[0]))
        raise table.wrong(
            at,
            k,
            Word(
                f"接着前一行的天数:缺 {gaps[0]}(没有就写 0)",
                f"the day after the one before: {gaps[0]} is missing (give it with 0 if there is none)",
            ),
        )
    return found
