"""``bulou assess nowcast``: what the last days will come to. Reads and writes; the estimate is `assessment.nowcasting`'s."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from bulou.basis.words import Word
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table
from bulou.cli.terminal import use

#: Share of the delays that the longest delay covers, where none is given.
COVERED = 0.99
_UNSEEN = ("", "na", "nan")


@method(
    "nowcast",
    about=Word(
        "实时修正:最近几天的病例只报上来一部分,报全之后会是多少。延迟由近期数据学得,按报告日的星期修正;当天已报的和前后几天的都起作用。",
        "What the last days will come to when all reports are in. The delay is learned from recent days, by weekday of the report where weekdays differ; "
        "what a day has reported and what its neighbours have both count.",
    ),
    limits=Word(
        "延迟突然变化(换系统、积压)后约一周内不准,因为延迟是从过去学的;之后旧的报告会淡出。比最长延迟还晚的报告按最长延迟计。p_complete 低于 0.4 的日子只宜看上限。"
        "天数须多于最长延迟;不足四周不分星期。",
        "Wrong for about a week after the delay has changed (a new system, a backlog), because it is learned from the past; then older reports "
        "fade. Reports later than the longest delay count as of the longest delay. Of days with p_complete below 0.4 use the upper bound only. "
        "Needs more days than the longest delay; with less than four weeks weekdays are not told apart.",
    ),
    paper="Höhle and an der Heiden 2014, Biometrics 70:993; McGough et al. 2020, PLoS Comput Biol 16:e1007735; chain ladder: Mack 1993, ASTIN Bull 23:213",
    reads={
        "--linelist": (
            Column("event", Word("发生日(如发病)YYYY-MM-DD 或整数", "day of the event, such as onset: YYYY-MM-DD or a whole number")),
            Column("report", Word("报告日,不早于发生日", "day of the report, no earlier than the event")),
        ),
        "--triangle": (
            Column("date", Word("第一列:发生日", "the first column: day of the event")),
            Column("0 … D", Word("其余各列:延迟 0 至 D 天报告的人数;尚未到的格子为空或 NA", "the other columns: reports with a delay of 0 … D days; empty or NA ahead")),
        ),
    },
    gives=(
        Column("date", Word("发生日", "day of the event")),
        Column("observed", Word("到此刻已报告的人数", "reported until now")),
        *(Column(name, Word(f"报全之后人数的 {share} 分位数", f"quantile {share} of the count when all is in"))
          for name, share in (("q025", 0.025), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q975", 0.975))),
        Column("p_complete", Word("该日应已报告的比例", "share of the day that should be reported by now")),
    ),
    functions=("nowcasting.nowcast", "nowcasting.triangle", "nowcasting.chain_ladder", "nowcasting.point_nowcast"),
)  # fmt: skip
@option("--linelist", type=READ, said=Word("每例一行(event,report)。", "One row for each case: event,report."))
@option("--triangle", type=READ, said=Word("报告三角表:首列日期,然后延迟 0…D。", "Triangle of reports: date, then delays 0 … D."))
@option(
    "--now",
    said=Word(
        "此刻:之后的报告不看。默认最后的报告日(三角表为末行)。",
        "Now: later reports are not looked at. By default the last report (of a triangle, the last row).",
    ),
)
@option(
    "--max-delay",
    type=click.IntRange(min=0),
    said=Word(
        "最长延迟(天);默认覆盖 99% 的延迟(三角表为 D)。",
        "Longest delay in days; by default it covers 99 % of the delays (of a triangle, D).",
    ),
)
@option("--no-weekdays", is_flag=True, said=Word("不分星期。", "Do not tell weekdays apart."))
@option("--draws", type=click.IntRange(min=100), default=2000, show_default=True, said=Word("抽样次数。", "Draws."))
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, said=Word("随机种子。", "Seed of the draws."))
def nowcast(
    run: Run, linelist: Path | None, triangle: Path | None, now: str | None, max_delay: int | None, no_weekdays: bool, draws: int, seed: int
) -> None:  # fmt: skip
    if (linelist is None) == (triangle is None):
        run.wrong("--linelist 与 --triangle 应恰给其一", "give either --linelist or --triangle")
    counting = use("assessment.nowcasting")
    made, dated = _of_list(run, linelist, now, max_delay, counting) if linelist else _of_triangle(run, triangle, now, max_delay)
    days, delays = made.counts.shape
    if made.late:
        run.note(
            f"{made.late} 例的延迟超过 {delays - 1} 天,按 {delays - 1} 天计",
            f"{made.late} reports were later than {delays - 1} days and count as {delays - 1}",
        )
    weekdays = dated and not no_weekdays
    run.use("now", _label(made.first + days - 1, dated))
    run.use("max_delay", delays - 1)
    run.use("weekdays", weekdays)
    run.use("history", max(counting.HISTORY, 2 * delays))
    run.use("draws", draws)
    run.use("seed", seed)
    weekday = date.fromordinal(made.first).weekday() if dated else 0
    found = counting.nowcast(made.counts, weekday, weekdays, draws, seed)
    run.give(
        (_label(made.first + i, dated), int(seen) if seen == int(seen) else seen, *(int(x) if x == int(x) else x for x in q), p)
        for i, (seen, q, p) in enumerate(zip(found.observed.tolist(), found.quantiles.tolist(), found.p_complete.tolist(), strict=True))
    )
    run.fact("delay", [round(p, 6) for p in found.delay.tolist()])
    told = "differ" if weekdays and (found.reporting != 1).any() else "not told apart"
    run.fact("weekdays of reports", told)
    run.fact("older reports fade over days", found.fade if found.fade != float("inf") else "not at all")


def _label(day: int, dated: bool) -> int | date:
    return date.fromordinal(day) if dated else day


def _days(table: Table, name: str, dated: bool) -> list[int]:
    return [d.toordinal() for d in table.dates(name) if d] if dated else table.whole(name)


def _now(run: Run, now: str | None, dated: bool, last: int) -> int:
    """The day that is now: as it was said, else the last."""
    if now is None:
        return last
    try:
        return date.fromisoformat(now).toordinal() if dated else int(now)
    except ValueError:
        run.wrong(
            f"--now {now}:应{'是 YYYY-MM-DD 的日期' if dated else '是整数'}",
            f"--now {now} should be {'a date written YYYY-MM-DD' if dated else 'a whole number'}, as in the file",
        )


def _of_list(run: Run, path: Path, now: str | None, max_delay: int | None, counting: Any) -> tuple[Any, bool]:
    table = run.read("--linelist", path)
    dated = "-" in table.text("event")[0][1:]
    event, report = _days(table, "event", dated), _days(table, "report", dated)
    for i, (happened, told) in enumerate(zip(event, report, strict=True)):
        if told < happened:
            stands = table.text("event")[i]
            raise table.wrong(i, "report", Word(f"不早于发生日 {stands} 的日子", f"no earlier than the event ({stands})"))
    at = _now(run, now, dated, max(report))
    known = [(h, t) for h, t in zip(event, report, strict=True) if t <= at]
    if not known:
        run.wrong(f"--now {now}:到此刻还没有一例报告", f"--now {now}: no case is reported until then")
    if len(known) < len(event):
        run.note(
            f"{len(event) - len(known)} 例报告晚于此刻,不看",
            f"{len(event) - len(known)} cases are reported after now and are not looked at",
        )
    if max_delay is None:
        delays = sorted(t - h for h, t in known)
        most = max((at - min(h for h, _ in known)) // 2, 1)
        max_delay = min(delays[min(int(COVERED * len(delays)), len(delays) - 1)], most)
    return counting.triangle([h for h, _ in known], [t for _, t in known], at, max_delay), dated


def _of_triangle(run: Run, path: Path | None, now: str | None, max_delay: int | None) -> tuple[Any, bool]:
    assert path is not None
    table = run.read("--triangle", path)
    first, delays = table.heads[0], table.heads[1:]
    order = [delays.index(str(d)) if str(d) in delays else -1 for d in range(len(delays))]
    if -1 in order or not delays:
        there = ", ".join(delays)
        run.wrong(
            f"{path}:第 1 行:首列之后应是延迟 0 至 D 各一列;有 {there}",
            f"{path}: row 1: after the first column there should be one for each delay 0 … D; there are {there}",
        )
    dated = "-" in table.cells[0][0][1:]
    days = _days(table, first, dated)
    table.distinct(first, days)
    at = _now(run, now, dated, max(days))
    longest = len(delays) - 1 if max_delay is None else min(max_delay, len(delays) - 1)
    start = min(days)
    if at < start:
        run.wrong(f"--now {now}:早于第一行", f"--now {now} is before the first row")
    counts = [[0.0] * (longest + 1) for _ in range(at - start + 1)]
    late = 0.0
    right = Word("不小于 0 的数字(此刻已过)", "a number from 0 on, because that day is past")
    for i, day in enumerate(days):
        for d, column in enumerate(order):
            if day + d > at:
                continue
            cell = table.cells[i][1 + column]
            number = None if cell.lower() in _UNSEEN else _count(cell)
            if number is None:
                raise table.wrong(i, str(d), right)
            counts[day - start][min(d, longest)] += number
            late += number if d > longest else 0
    missing = len(counts) - sum(day <= at for day in days)
    if missing:
        run.note(f"有 {missing} 天不在文件中,按没有报告计", f"{missing} days are not in the file and count as without reports")
    return use("assessment.nowcasting").of_counts(start, counts, int(late)), dated


def _count(cell: str) -> float | None:
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if 0 <= found < float("inf") else None
