"""``bulou assess rt`` and ``cohort``: reproduction numbers from cases by day. Reads and writes; the estimates are `assessment.reproduction`'s."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import click

from bulou.basis.words import Word
from bulou.cli.assess.curves import CASES, INTERVAL, cases, interval
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.terminal import use

_START = Column("t_start", Word("窗口首日,写法同输入(天数或日期)", "first day of the window, as the file names days (number or date)"))
_END = Column("t_end", Word("窗口末日", "last day of the window"))

cases_option = option(
    "--cases",
    "cases_",
    type=READ,
    required=True,
    said=Word("每日病例(day 或 date, local[, imported])。", "Cases by day: day or date, local[, imported]."),
)
interval_option = option(
    "--si", type=READ, said=Word("代际间隔分布(k,w);或给 --si-mean 与 --si-sd。", "Serial interval: k,w; or give --si-mean and --si-sd.")
)


def interval_options(command: Callable[..., None]) -> Callable[..., None]:
    """The serial interval of a method: a file, or mean and standard deviation."""
    sd = option("--si-sd", type=float, said=Word("代际间隔的标准差(天)。", "Standard deviation of the serial interval, days."))
    mean = option(
        "--si-mean",
        type=float,
        said=Word(
            "代际间隔的均值(天):离散化的平移伽马分布(Cori)。",
            "Mean of the serial interval, days: a shifted gamma made discrete, as Cori does.",
        ),
    )
    return cast(Callable[..., None], interval_option(mean(sd(command))))


window_option = option("--window", type=click.IntRange(min=1), default=7, show_default=True, said=Word("窗口的天数。", "Days of a window."))


@method(
    "rt",
    about=Word(
        "瞬时再生数:在滑动窗口内,一名病例平均感染几人。输入病例会传染,但不算在本地感染之内。给出均值、标准差和分位数。",
        "The instantaneous reproduction number in sliding windows: how many people each case infects if things stay as in the window. Imported "
        "cases infect but are not infected here. Gives mean, sd and quantiles of the posterior.",
    ),
    limits=Word(
        "窗口内不足 11 例时区间太宽(Cori 的规则,变异系数超过 0.3),请用 --min-cases 11 不显示;没有病例的窗口会漂回先验均值 5。窗口末日不晚于"
        "平均代际间隔时没有估计。按发病日用;报告有延迟时先做 nowcast。",
        "With fewer than 11 cases in the window the interval is too wide to use (Cori's rule, coefficient of variation above 0.3): --min-cases 11 "
        "leaves those empty. Windows without cases drift back to the prior's mean of 5. Windows that end no later than the mean serial interval "
        "have no estimate. Use days of onset; where reports are late, nowcast first.",
    ),
    paper="Cori et al. 2013, Am J Epidemiol 178:1505; Thompson et al. 2019, Epidemics 29:100356 (imports)",
    reads={"--cases": CASES, "--si": INTERVAL},
    gives=(
        _START, _END,
        Column("mean", Word("后验均值;没有估计时为空", "mean of the posterior; empty where there is no estimate")),
        Column("sd", Word("后验标准差", "standard deviation of the posterior")),
        *(Column(name, Word(f"后验 {share} 分位数", f"quantile {share} of the posterior"))
          for name, share in (("q025", 0.025), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q975", 0.975))),
        Column("n", Word("窗口内的本地病例数", "local cases in the window")),
    ),
    functions=("reproduction.rt_cori", "reproduction.infectiousness", "reproduction.serial_interval"),
)  # fmt: skip
@cases_option
@interval_options
@window_option
@option("--prior-mean", type=float, default=5.0, show_default=True, said=Word("先验均值。", "Mean of the prior."))
@option("--prior-sd", type=float, default=5.0, show_default=True, said=Word("先验标准差。", "Standard deviation of the prior."))
@option(
    "--min-cases",
    type=float,
    default=0.0,
    show_default=True,
    said=Word("窗口内本地病例少于此数时留空;Cori 的规则是 11。", "Leave windows with fewer local cases empty; Cori's rule is 11."),
)
def rt(
    run: Run,
    cases_: Path,
    si: Path | None,
    si_mean: float | None,
    si_sd: float | None,
    window: int,
    prior_mean: float,
    prior_sd: float,
    min_cases: float,
) -> None:
    curve, w = cases(run, cases_), interval(run, si, si_mean, si_sd)
    run.use("window", window, "Cori et al. 2013")
    run.use("prior_mean", prior_mean, "Cori et al. 2013")
    run.use("prior_sd", prior_sd, "Cori et al. 2013")
    run.use("min_cases", min_cases)
    found = use("assessment.reproduction").rt_cori(curve.local, w, curve.imported, window, prior_mean, prior_sd, min_cases=min_cases)
    run.give(
        (curve.label(a - 1), curve.label(b - 1), mean, sd, *q, int(n) if n == int(n) else n)
        for a, b, mean, sd, q, n in zip(
            *(x.tolist() for x in (found.t_start, found.t_end, found.mean, found.sd, found.quantiles, found.n)), strict=True
        )
    )
    if len(found.n):
        run.fact("p_below_1", found.p_below_1[-1])
    else:
        run.note(f"只有 {len(curve.local)} 天,不够一个窗口", f"{len(curve.local)} days are too few for one window")
    few = int((found.n < use("assessment.reproduction").FEWEST).sum())
    if few and min_cases < use("assessment.reproduction").FEWEST:
        run.note(f"{few} 个窗口不足 11 例,其区间不宜使用", f"{few} windows hold fewer than 11 cases: their estimates are too wide to use")


@method(
    "cohort",
    about=Word(
        "队列再生数:窗口内发病的病例,平均每人实际感染了几人。只用于回顾。",
        "The case reproduction number: how many people those with onset in the window infected. Looks back only.",
    ),
    limits=Word(
        "最近的病例所感染的人尚未发病,所以最后一个代际间隔内的数偏低。不给区间。输入病例与本地病例一并计入。",
        "Those infected by the latest cases have not fallen ill yet, so the last serial interval is too low. Gives no interval. Imported and local "
        "cases are counted together.",
    ),
    paper="Wallinga and Teunis 2004, Am J Epidemiol 160:509",
    reads={"--cases": CASES, "--si": INTERVAL},
    gives=(
        _START,
        _END,
        Column("mean", Word("每例感染的人数;窗口内无病例时为空", "people infected by each case; empty where the window has no case")),
    ),
    functions=("reproduction.rt_cohort",),
)
@cases_option
@interval_options
@window_option
def cohort(run: Run, cases_: Path, si: Path | None, si_mean: float | None, si_sd: float | None, window: int) -> None:
    curve, w = cases(run, cases_), interval(run, si, si_mean, si_sd)
    run.use("window", window, "EpiEstim")
    both = [a + b for a, b in zip(curve.local, curve.imported, strict=True)]
    found = use("assessment.reproduction").rt_cohort(both, w, window)
    run.give(
        (curve.label(a - 1), curve.label(b - 1), mean)
        for a, b, mean in zip(found.t_start.tolist(), found.t_end.tolist(), found.mean.tolist(), strict=True)
    )
