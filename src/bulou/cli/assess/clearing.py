"""``bulou assess over`` and ``freedom``: is it over, is anyone left. Reads and writes; the probabilities are `assessment.clearing`'s."""

from datetime import date
from pathlib import Path

import click

from bulou.basis.words import Word
from bulou.cli.assess.curves import CASES, INTERVAL, cases, interval
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table
from bulou.cli.assess.rt import cases_option, interval_options
from bulou.cli.terminal import use

#: Above it "over" is told as a fact beside the table.
SURE = 0.95


@method(
    "over",
    about=Word(
        "疫情是否已经结束:最后一行之后的每一天,如果一直没有新病例,此后不再出现本地病例的概率。两种算法:由病例自身估计再生数(--prior-*),"
        "或给定每例感染人数的均值和离散度(--r --k)。",
        "Is it over: for each day after the last row, if all stay without cases, the probability that no local case follows. Either the reproduction "
        "number is estimated from the cases themselves (--prior-…), or each case infects a known number with a known spread (--r --k).",
    ),
    limits=Word(
        "假定没有漏报,也没有新的输入。用 --prior-* 时,按作者公布的程序,第 t 天的值把第 t+1 天也算作无病例;--strict 不这样算(等于前一天的值)。"
        "作者的示例先验是形状 100、尺度 5,即均值 500、标准差 50,偏保守。",
        "Takes every case to be reported and nobody to come in. With --prior-… the value of day t takes day t + 1 to be clear too, as the authors' "
        "script does; --strict does not, and is the value of the day before. The authors' example has a prior of shape 100 and scale 5 (mean 500, "
        "sd 50), which is cautious.",
    ),
    paper="Parag et al. 2020, PLoS Comput Biol 16:e1008478; Nishiura et al. 2016, Emerg Infect Dis 22:146 (--r --k)",
    reads={"--cases": CASES, "--si": INTERVAL},
    gives=(
        Column("t", Word("最后一行之后的一天,写法同输入", "a day after the last row, as the file names days")),
        Column(
            "p_over",
            Word("此后不再有病例的概率,如果到这天为止没有新病例", "probability that no case follows, if there was none until that day"),
        ),
    ),
    functions=("clearing.p_no_more_cases", "clearing.p_no_more_offspring"),
)
@cases_option
@interval_options
@option("--prior-mean", type=float, said=Word("再生数先验均值;默认 5。", "Mean of the prior of R; 5 by default."))
@option("--prior-sd", type=float, said=Word("再生数先验标准差;默认 5。", "Standard deviation of the prior of R; 5 by default."))
@option(
    "--window",
    type=click.IntRange(min=1),
    said=Word(
        "估计再生数的窗口天数;默认首行至最后病例的天数减一。",
        "Days of the window for R; by default one less than from the first row to the last case.",
    ),
)
@option("--strict", is_flag=True, said=Word("不把第 t+1 天算作无病例。", "Do not take day t + 1 to be clear."))
@option("--r", type=float, said=Word("每例感染人数的均值。", "Mean number that each case infects."))
@option("--k", type=float, said=Word("离散度:越小越不均。", "Dispersion: the smaller, the more uneven."))
@option("--days", type=click.IntRange(1, 3660), default=42, show_default=True, said=Word("算到最后一行之后多少天。", "How many days after the last row."))  # fmt: skip
def over(
    run: Run, cases_: Path, si: Path | None, si_mean: float | None, si_sd: float | None, prior_mean: float | None, prior_sd: float | None,
    window: int | None, strict: bool, r: float | None, k: float | None, days: int,
) -> None:  # fmt: skip
    if (r is None) != (k is None):
        run.wrong("--r 与 --k 要一起用", "--r and --k go together")
    if r is not None and (prior_mean, prior_sd, window, strict) != (None, None, None, False):
        run.wrong(
            "--r --k 不与 --prior-mean、--prior-sd、--window、--strict 同用",
            "--r and --k do not go with --prior-mean, --prior-sd, --window, --strict",
        )
    curve, w = cases(run, cases_), interval(run, si, si_mean, si_sd)
    clearing = use("assessment.clearing")
    if r is not None and k is not None:
        run.use("r", r)
        run.use("k", k)
        both = [a + b for a, b in zip(curve.local, curve.imported, strict=True)]
        found = clearing.p_no_more_offspring(both, w, days, r, k)
    else:
        mean = run.use("prior_mean", 5.0 if prior_mean is None else prior_mean, "Cori et al. 2013")
        sd = run.use("prior_sd", 5.0 if prior_sd is None else prior_sd, "Cori et al. 2013")
        run.use("window", window if window is not None else "one less than the days to the last case", "Parag et al. 2020")
        run.use("strict", strict)
        found = clearing.p_no_more_cases(curve.local, w, days, curve.imported, mean, sd, window, strict)
    run.use("days", days)
    days_after = [curve.label(len(curve.local) + i) for i in range(days)]
    run.give(zip(days_after, found.tolist(), strict=True))
    sure = [day for day, p in zip(days_after, found, strict=True) if p >= SURE]
    run.fact(f"first day with p_over >= {SURE}", sure[0] if sure else None)


@method(
    "freedom",
    about=Word(
        "几轮检测都没有发现感染者之后,确实没有感染者的概率。每轮的把握是 1-(1-覆盖率×灵敏度)^感染人数;两轮之间可能有输入。",
        "The probability that nobody is infected after rounds that found nobody. A round would have found one of d infected people with "
        "1 - (1 - coverage x sensitivity)^d; between rounds infection may come in.",
    ),
    limits=Word(
        "灵敏度须是感染后那几天的灵敏度:末次可能暴露后 3 天之内的阴性说明不了什么。没检的人须与检了的人相似;最该查的人往往没来。"
        "只适用于各轮全部阴性。",
        "The sensitivity must be that of the days since infection: a negative within 3 days of the last possible exposure says little. Those who were "
        "not tested must be like those who were; often they are not. Only for rounds that were all negative.",
    ),
    paper="Martin, Cameron and Greiner 2007, Prev Vet Med 79:71 (epiR rsu.sep.rs, rsu.pfree.rs)",
    reads={
        "--rounds": (
            Column("round", Word("轮次:数字、日期或名称", "the round: a number, a date or a name")),
            Column("coverage", Word("该轮检测的人占应检人数的比例", "share of the people that the round tested")),
            Column("sensitivity", Word("检出一名受检感染者的概率", "probability to find an infected person who is tested")),
            Column("p_intro", Word("上一轮之后有输入的概率;可以没有这一列,即 0", "probability that infection came in since the round before; may be missing: 0")),
        )
    },
    gives=(Column("round", Word("轮次", "the round")), Column("p_free", Word("该轮之后无感染者的概率", "probability that nobody is infected after it"))),
    functions=("clearing.p_undetected", "clearing.round_sensitivity"),
)  # fmt: skip
@option("--rounds", type=READ, required=True, said=Word("各轮(round,coverage,sensitivity[,p_intro])。", "The rounds: round,coverage,sensitivity[,p_intro]."))  # fmt: skip
@option("--prior", type=float, default=0.5, show_default=True, said=Word("首轮之前无感染者的概率。", "Probability of freedom before the first round."))  # fmt: skip
@option("--infected", type=float, default=1.0, show_default=True, said=Word("若有感染者,至少有几人。", "How many would be infected if anyone were."))  # fmt: skip
def freedom(run: Run, rounds: Path, prior: float, infected: float) -> None:
    if not 0 <= prior <= 1:
        run.wrong(f"--prior {prior}:应是 0 至 1 的数", f"--prior {prior} should be from 0 to 1")
    table = run.read("--rounds", rounds)
    names = table.text("round")
    table.distinct("round", names)
    coverage, sensitivity = table.numbers("coverage", least=0, most=1), table.numbers("sensitivity", least=0, most=1)
    brought = table.numbers("p_intro", least=0, most=1, empty=0.0) if table.has("p_intro") else [0.0] * len(names)
    run.use("prior", prior, "no opinion: Martin et al. 2007")
    run.use("infected", infected)
    order = _order(table, names)
    if order is None:
        run.note("轮次既非数字也非日期:按文件中的先后", "the rounds are neither numbers nor dates: they are taken in the order of the file")
        order = list(range(len(names)))
    found = use("assessment.clearing").p_undetected(
        [coverage[i] for i in order], [sensitivity[i] for i in order], prior, [brought[i] for i in order], infected
    )
    run.give((names[i], 1 - left) for i, left in zip(order, found.tolist(), strict=True))
    run.fact("p_undetected", float(found[-1]))


def _order(table: Table, names: list[str]) -> list[int] | None:
    """The order of rounds in time, where their names tell it."""
    for read in (float, date.fromisoformat):
        try:
            keys = [read(n) for n in names]
        except ValueError:
            continue
        return sorted(range(len(names)), key=keys.__getitem__)
    return None
