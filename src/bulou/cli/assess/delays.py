"""``bulou assess si`` and ``delays``: how long things take in this outbreak. Reads and writes; the fits are `assessment.delays`'s."""

import math
from pathlib import Path

import click

from bulou.basis.words import Word
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table
from bulou.cli.terminal import use

#: Below it a city's own delay is too few to stand alone.
ENOUGH = 20
_DAY = Word("日期 YYYY-MM-DD 或整数", "a date YYYY-MM-DD or a whole number")


def _days(table: Table, *names: str) -> list[list[int]]:
    """Columns of days: all dates or all whole numbers, as the first cell is written."""
    if "-" in table.text(names[0])[0][1:]:
        return [[d.toordinal() for d in table.dates(n) if d] for n in names]
    return [table.whole(n) for n in names]


@method(
    "si",
    about=Word(
        "代际间隔:两代病例发病日之间的天数。已知谁传染谁,用 --pairs;只知道聚集,用 --clusters(从每个聚集的首例到后几例,按路径混合分布拟合)。",
        "The serial interval: days between the onsets of a case and of those it infected. From known pairs (--pairs), or from clusters in which nobody "
        "knows who infected whom (--clusters: from the first onset of a cluster to the next ones, a mixture over routes).",
    ),
    limits=Word(
        "疫情上升期偏短,因为长的间隔还没到;配对中漏掉的中间人使它偏长。聚集法假定首例是源头,按公布的程序对各路径等权,"
        "区间由逐个间隔重抽得到;同一聚集的间隔互相关联,所以偏窄,--whole-clusters 整群重抽。"
        "不足 20 个间隔时请同时参考文献值。",
        "While an outbreak grows it is too short, because long intervals have not ended; a missed case between two makes it too long. From clusters the "
        "first case is taken for the source, routes are weighed alike and intervals drawn again one by one, as published; those of one cluster depend on each "
        "other, so that is too sure, and --whole-clusters draws clusters whole. "
        "With fewer than 20 intervals look at published values too.",
    ),
    paper="Vink, Bootsma and Wallinga 2014, Am J Epidemiol 180:865; Tindale et al. 2020, eLife 9:e57149",
    reads={
        "--pairs": (
            Column("infector_day", Word(f"传染者的发病日:{_DAY.zh}", f"onset of who infected: {_DAY.en}")),
            Column("infectee_day", Word("被传染者的发病日", "onset of who was infected")),
        ),
        "--clusters": (
            Column("cluster", Word("聚集的名称", "name of the cluster")),
            Column("day", Word(f"一例的发病日:{_DAY.zh}", f"onset of one case: {_DAY.en}")),
        ),
    },
    gives=(
        Column("mean", Word("均值(天)", "mean, days")),
        Column("sd", Word("标准差(天)", "standard deviation, days")),
        Column("q025", Word("均值的 95% 区间下限", "lower end of the 95 % interval of the mean")),
        Column("q975", Word("均值的 95% 区间上限", "upper end of the 95 % interval of the mean")),
        Column("n", Word("间隔数", "number of intervals")),
        Column("method", Word("pairs 或 clusters", "pairs or clusters")),
    ),
    functions=("delays.serial_interval_clusters", "delays.index_case_intervals", "delays.clusters_interval", "delays.pairs_interval"),
)
@option("--pairs", type=READ, said=Word("每对一行(infector_day,infectee_day)。", "One row for each pair: infector_day,infectee_day."))
@option("--clusters", type=READ, said=Word("每例一行(cluster,day)。", "One row for each case: cluster,day."))
@option(
    "--first",
    type=click.IntRange(min=2),
    default=4,
    show_default=True,
    said=Word("每个聚集用前几例。", "Cases of a cluster that are used."),
)
@option(
    "--draws",
    type=click.IntRange(min=10),
    default=1000,
    show_default=True,
    said=Word("重抽的次数。", "How often intervals are drawn again."),
)
@option("--whole-clusters", is_flag=True, said=Word("整群重抽,取分位数。", "Draw clusters whole and take quantiles."))
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, said=Word("随机种子。", "Seed of the draws."))
def si(run: Run, pairs: Path | None, clusters: Path | None, first: int, draws: int, whole_clusters: bool, seed: int) -> None:
    if (pairs is None) == (clusters is None):
        run.wrong("--pairs 与 --clusters 应恰给其一", "give either --pairs or --clusters")
    fitting = use("assessment.delays")
    if pairs is not None:
        found, how = fitting.pairs_interval(*_days(run.read("--pairs", pairs), "infector_day", "infectee_day")), "pairs"
    else:
        assert clusters is not None
        table = run.read("--clusters", clusters)
        names = table.text("cluster")
        (days,) = _days(table, "day")
        run.use("first", first, "Tindale et al. 2020")
        run.use("draws", draws, "Tindale et al. 2020: 100")
        run.use("whole_clusters", whole_clusters)
        run.use("seed", seed)
        intervals = fitting.index_case_intervals(names, days, first)
        if not intervals:
            run.note("没有一个聚集有两例以上", "no cluster has two cases")
        found, how = fitting.clusters_interval(intervals, draws, seed, whole_clusters), "clusters"
        run.fact("clusters", len(intervals))
    if found.n < ENOUGH:
        run.note(f"只有 {found.n} 个间隔,少于 {ENOUGH}", f"only {found.n} intervals, fewer than {ENOUGH}")
    run.give([(found.mean, found.sd, found.low, found.high, found.n, how)])


@method(
    "delays",
    about=Word(
        "一段延迟(发病到隔离、采样到结果等)的分布:每行给出延迟的下界和上界,可带截断;给出两个参数、均值、标准差和分位数,各带 95% 区间。",
        "The distribution of a delay (onset to isolation, sample to result): each row bounds one delay from below and above, and may say beyond what it "
        "would not have been seen. Gives the two parameters, mean, sd and quantiles, each with its 95 % interval.",
    ),
    limits=Word(
        "区间由似然在最高点的曲率得到,不足 20 行时偏窄。上升期的数据若不给 truncation(从起点到查看时的天数),延迟会估得过短。"
        "按日历日相减的延迟 d 应写 lower=d-1、upper=d+1 并加 --both-days。",
        "Intervals come from the curvature of the likelihood, too narrow below 20 rows. Without truncation (from the start to the moment of looking) "
        "delays of a growing outbreak come out too short. A difference d of two calendar days should be given as lower d - 1, upper d + 1, with --both-days.",
    ),
    paper="Turnbull 1976, J R Stat Soc B 38:290; Reich et al. 2009, Stat Med 28:2769",
    reads={
        "--table": (
            Column("lower", Word("延迟至少多少(天)", "the delay is at least this, days")),
            Column("upper", Word("延迟至多多少;空为尚未结束", "the delay is at most this; empty: not over yet")),
            Column("truncation", Word("比这更长就不会在表中;空或没有这一列即不截断", "had it been longer it would not be here; empty or no column: no truncation")),
        )
    },
    gives=(
        Column("quantity", Word("两个参数(gamma、weibull:shape、scale;lognormal:meanlog、sdlog)、mean、sd、q05、q25、median、q75、q95",
                                "the two parameters (gamma, weibull: shape, scale; lognormal: meanlog, sdlog), mean, sd, q05, q25, median, q75, q95")),
        Column("estimate", Word("估计", "estimate")),
        Column("q025", Word("95% 区间下限", "lower end of the 95 % interval")),
        Column("q975", Word("95% 区间上限", "upper end of the 95 % interval")),
    ),
    functions=("delays.delay_fit",),
)  # fmt: skip
@option(
    "--table",
    "table_",
    type=READ,
    required=True,
    said=Word("每个延迟一行(lower,upper[,truncation])。", "One row for each delay: lower,upper[,truncation]."),
)
@option(
    "--dist", type=click.Choice(["gamma", "lognormal", "weibull"]), default="gamma", show_default=True, said=Word("分布。", "Distribution.")
)
@option(
    "--both-days",
    is_flag=True,
    said=Word("两端各在半个区间内:中间比两边更可能。", "Both ends are known to half the interval: its middle is likelier than its bounds."),
)
@option("--seed", type=click.IntRange(min=0), default=1, show_default=True, said=Word("随机种子。", "Seed of the draws."))
def delays(run: Run, table_: Path, dist: str, both_days: bool, seed: int) -> None:
    table = run.read("--table", table_)
    lower, upper = table.numbers("lower", least=0), table.numbers("upper", least=0, empty=math.inf)
    cut = table.numbers("truncation", above=0, empty=math.inf) if table.has("truncation") else [math.inf] * len(lower)
    for i, (low, high, most) in enumerate(zip(lower, upper, cut, strict=True)):
        if high < low or high == 0:
            raise table.wrong(i, "upper", Word(f"不小于下界 {low:g} 且大于 0 的数字", f"a number no less than lower ({low:g}) and above 0"))
        if most < low or (most == low and high > low):
            raise table.wrong(i, "truncation", Word(f"大于下界 {low:g} 的数字", f"a number above lower ({low:g})"))
    run.use("dist", dist)
    run.use("both_days", both_days)
    run.use("seed", seed)
    found = use("assessment.delays").delay_fit(lower, upper, cut, dist, both_days, seed=seed)
    run.give(zip(found.quantities, found.estimate.tolist(), found.low.tolist(), found.high.tolist(), strict=True))
    run.fact("n", found.n)
    run.fact("log_likelihood", found.log_likelihood)
    run.fact("aic", 4 - 2 * found.log_likelihood)
    if found.n < ENOUGH:
        run.note(f"只有 {found.n} 行,少于 {ENOUGH}", f"only {found.n} rows, fewer than {ENOUGH}")
