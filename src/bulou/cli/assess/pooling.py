"""``bulou assess pools`` and ``prevalence``: how many to a tube, and how many are infected by the tubes. The formulas are `assessment.pools`'s."""

from pathlib import Path

import click

from bulou.basis.words import Word
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.terminal import use

SHARE = click.FloatRange(0, 1)
ABOVE = click.FloatRange(0, min_open=True)
FROM = click.FloatRange(0)


@method(
    "pools",
    about=Word(
        "几人一管:每种大小的人均检测数、到最后一个结果的小时数、每百万人漏掉的感染者、等待期间被管住的人;另给检测最少的大小(optimum)。",
        "How many to a tube: for each size the tests per person, hours to the last result, infections missed per million people, and people held "
        "(members of positive pools, per person tested); and the size with fewest tests (optimum).",
    ),
    limits=Word(
        "最优的大小只计检测数,不计召回;患病率低于万分之一时,大小由实验室通量、稀释和每个阳性管要管住多少人决定。速度是假设,随结果打印,请换成"
        "自己的。给出 --kind 时,稀释降低混检灵敏度(swab:多支拭子入一管,只有液体稀释;lab:实验室混样)。",
        "The optimum counts tests alone, not recalls; below one in 10,000 the size is set by laboratory throughput, dilution and how many people a "
        "positive tube holds. Speeds are assumptions, printed with the answer. With --kind dilution lowers a pool's sensitivity (swab: swabs share a "
        "tube, only the medium dilutes; lab: the laboratory mixes samples).",
    ),
    paper="Dorfman 1943, Ann Math Stat 14:436; Hitt et al. (binGroup2); Kim et al. 2007, Biometrics 63:1152; Christoff et al. 2021, PLoS ONE 16:e0246544",
    gives=(
        Column("n", Word("几人一管", "people to a pool")),
        Column("tests_per_person", Word("人均检测数", "expected tests per person")),
        Column("hours_to_last", Word("从第一份采样到最后一个结果的小时数", "hours from the first sample to the last result")),
        Column("missed", Word("每百万受检者漏掉的感染者", "infected people missed, per million tested")),
        Column("held", Word("等待复采的人占受检者的比例", "people held until they are tested again, per person tested")),
    ),
    functions=("pools.pool_plan", "pools.tests_per_person", "pools.best_size", "pools.array_tests", "pools.nested_tests", "pools.dilution",
               "pools.relative_sensitivity"),
)  # fmt: skip
@option("--prevalence", type=SHARE, required=True, said=Word("患病率。", "Share of people infected."))
@option("--sizes", default="5,10,20", show_default=True, said=Word("各种大小,逗号分开。", "Sizes, parted by commas."))
@option("--se", type=SHARE, default=1.0, show_default=True, said=Word("单次检测的灵敏度。", "Sensitivity of one test."))
@option("--sp", type=SHARE, default=1.0, show_default=True, said=Word("单次检测的特异度。", "Specificity of one test."))
@option(
    "--kind",
    type=click.Choice(["swab", "lab"]),
    said=Word("怎样混合;不给则不计稀释。", "How it is pooled; without it dilution is left out."),
)
@option("--correlation", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True,
        said=Word("同一管内感染的相关(家庭同管)。", "Correlation of infections within a pool (families share a tube)."))  # fmt: skip
@option("--people", type=click.IntRange(1), default=10_000, show_default=True, said=Word("受检人数。", "People to be tested."))
@option(
    "--tests-per-hour",
    type=ABOVE,
    default=500.0,
    show_default=True,
    said=Word("实验室每小时检测数。", "Tests the laboratory does in an hour."),
)
@option("--hours-collect", type=FROM, default=8.0, show_default=True, said=Word("采样历时。", "Hours of sampling."))
@option("--hours-lab", type=FROM, default=4.0, show_default=True, said=Word("一份样本从送出到结果。", "Hours from a sample to its result."))
@option(
    "--hours-recall",
    type=FROM,
    default=6.0,
    show_default=True,
    said=Word("找回阳性管的人并复采。", "Hours to find and swab the people of a positive pool."),
)
@option("--recall-loss", type=SHARE, default=0.0, show_default=True, said=Word("找不回来的比例。", "Share who cannot be found again."))
def pools(
    run: Run, prevalence: float, sizes: str, se: float, sp: float, kind: str | None, correlation: float, people: int, tests_per_hour: float,
    hours_collect: float, hours_lab: float, hours_recall: float, recall_loss: float,
) -> None:  # fmt: skip
    model = use("assessment.pools")
    try:
        wanted = [int(x) for x in sizes.split(",")]
    except ValueError:
        run.wrong(
            f"--sizes {sizes}:应是逗号分开的整数,如 5,10,20", f"--sizes {sizes}: should be whole numbers parted by commas, as 5,10,20"
        )
    if min(wanted) < 1 or max(wanted) > 1000:
        run.wrong(f"--sizes {sizes}:应为 1 至 1000", f"--sizes {sizes}: should be from 1 to 1000")
    rates = model.Rates(people, tests_per_hour, hours_collect, hours_lab, hours_recall, recall_loss)
    for name, value in {"prevalence": prevalence, "se": se, "sp": sp, "correlation": correlation, **vars(rates)}.items():
        run.use(name, value, "assumed; give your own" if name in vars(rates) else "")
    if kind:
        run.use("kind", kind, "log2 of volumes 3/5/6/12 ml for 1/5/10/20 swabs" if kind == "swab" else "log2 of the size")
        run.use("ct of positives (mean, sd, cut-off)", [25.0, 6.0, 37.0], "assumed")
    plan = model.pool_plan(prevalence, wanted, se, sp, kind, rates, correlation)
    run.give((p.n, p.tests_per_person, p.hours_to_last, p.missed, p.held) for p in plan)
    best, tests = model.best_size(prevalence, 1000, se, sp)
    run.fact("optimum", best)
    run.fact("optimum_tests_per_person", tests)
    for p in plan:
        run.fact(f"{p.n}: positive pools, hours to a positive person, ppv, npv", [p.positive_pools, p.hours_to_person, p.ppv, p.npv])
    if best == 1000:
        run.note("最优大小不小于 1000:由通量与稀释决定", "the optimum is 1000 or more: throughput and dilution decide")
    if best == 1 or prevalence > model.NEVER_PAYS:
        run.note("患病率太高,混检不划算:一人一管", "prevalence is too high for pools: one person to a tube")
    over = [p.n for p in plan if p.n >= 10 and p.positive_pools > 0.01]
    if over:
        run.note(
            f"{'、'.join(map(str, over))} 人一管时阳性管超过 1%:改为按户或单管",
            f"more than 1 % of tubes of {', '.join(map(str, over))} would be positive: change to households or single tubes",
        )


@method(
    "prevalence",
    about=Word(
        "由阳性管数估计感染率,可混有几种大小;给出估计与 95% 区间。没有阳性管时给出上限。",
        "How many are infected, by positive tubes of one or several sizes: the estimate with its 95 % interval. Without a positive tube, the upper limit.",
    ),
    limits=Word(
        "假定检测完全准确,同一管的人互不相关;家庭同管时区间偏窄。只代表受检的人。",
        "Takes the test to be perfect and people in a tube to be unrelated; where families share tubes the interval is too narrow. Speaks of those tested.",
    ),
    paper="Clopper and Pearson 1934, Biometrika 26:404; Cleary et al. 2021, Sci Transl Med 13:eabf1568",
    reads={
        "--tubes": (
            Column("size", Word("每管人数", "people to a tube")),
            Column("count", Word("管数", "tubes of that size")),
            Column("positive", Word("其中阳性管数", "positive ones among them")),
        )
    },
    gives=(
        Column("estimate", Word("感染者占受检者的比例", "share of those tested who are infected")),
        Column("q025", Word("区间下限", "lower limit")),
        Column("q975", Word("区间上限", "upper limit")),
    ),
    functions=("pools.prevalence_from_tubes",),
)
@option("--tubes", type=READ, required=True, said=Word("试管(size,count,positive)。", "Tubes: size,count,positive."))
def prevalence(run: Run, tubes: Path) -> None:
    table = run.read("--tubes", tubes)
    size, count, positive = table.whole("size", least=1), table.whole("count", least=0), table.whole("positive", least=0)
    for i, (c, x) in enumerate(zip(count, positive, strict=True)):
        if x > c:
            raise table.wrong(i, "positive", Word(f"不超过 count({c})的整数", f"a whole number of at most count ({c})"))
    if not sum(count):
        raise table.wrong(0, "count", Word("至少一管", "at least one tube in the file"))
    run.use("level", 0.95)
    run.give([tuple(use("assessment.pools").prevalence_from_tubes([*zip(size, count, positive, strict=True)]))])
    run.fact("people", sum(s * c for s, c in zip(size, count, strict=True)))
