"""``bulou assess contain``: a scenario in TOML, the outbreaks drawn from it. Reads and writes; the draws are `assessment.contain`'s."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from bulou.basis.words import Word
from bulou.cli.assess.frame import READ, Column, Run, method, option
from bulou.cli.assess.reading import Table, Wrong
from bulou.cli.terminal import use

_SHARES = (("q025", 0.025), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q975", 0.975))
SCENARIO = (
    Column("R, k", Word("每例平均感染几人、离散度(缺省 0.16);数字或 {value, low, high}(95% 区间)",
                        "how many each case infects on average, and the dispersion (0.16 unless told); a number or {value, low, high} (95 %)")),
    Column("initial_cases, ages", Word("第 0 天在外的病例数;或每例已感染几天的列表", "cases at large on day 0; or a list of days since infection of each")),
    Column("days, follow", Word("看几天(缺省 28,至多 60);此后再看几天是否有新感染(缺省 42)",
                                "days looked at (28, at most 60), and days after them in which a new infection counts (42)")),
    Column("draws, parameter_draws, seed, cap", Word("模拟次数、参数抽取次数、种子、每次模拟的病例上限",
                                                                "outbreaks drawn, draws of uncertain parameters, seed, most cases of one draw")),
    Column("[delays]", Word("onset_to_sample, sample_to_result, result_to_contacts, contacts_to_quarantine, stay, incubation:天数,或 "
                            "{dist, mean, sd | shape, scale | mu, sigma, low, high}(low、high 为均值的 95% 区间)",
                            "onset_to_sample, sample_to_result, result_to_contacts, contacts_to_quarantine, stay, incubation: days, or "
                            "{dist, mean, sd | shape, scale | mu, sigma, low, high} (low and high: 95 % interval of the mean)")),
    Column("[shares]", Word("asymptomatic, traced(查到的接触者), asked(被流调的病例), before_onset(0.01、0.15 或 0.30)",
                            "asymptomatic, traced (contacts found), asked (cases interviewed), before_onset (0.01, 0.15 or 0.30)")),
    Column("[rounds]", Word("every(隔几天一轮), coverage, sensitivity(按感染后天数的列表)",
                             "every (days between rounds), coverage, sensitivity (a list by days since infection)")),
    Column("[capacity]", Word("cases_asked_per_day(每天能流调几例), contacts_per_case, quarantine(查到即隔离:true/false)",
                              "cases_asked_per_day (what the tracers manage), contacts_per_case, quarantine (traced are quarantined at once: true or false)")),
    Column("[[levers]]", Word("name, change(上面的某个词), to(新值);不给则用内置的几项",
                               "name, change (one of the words above), to (its new value); without any, the usual ones")),
    Column("published", Word('"hellewell2020":按已发表的模型;one_delay_per_generation = true 则每代只抽一个延迟(原代码的做法)。'
                             '"kretzschmar2020":封闭公式,traced 是查到的比例、asked 是有症状者受检的比例;legacy_double_ft = true 只为重现其图',
                             '"hellewell2020": the published model; one_delay_per_generation = true draws one delay a generation, as its first code '
                             'did. "kretzschmar2020": the closed form, traced being coverage and asked the share of the symptomatic who are tested; '
                             'legacy_double_ft = true only to reproduce its figures')),
)  # fmt: skip


@method(
    "contain",
    about=Word(
        "以我们现在的速度,能不能控制住。从情景出发逐例模拟,给出每天的感染、发现、隔离外发现、接触者、隔离房间的分位数,以及到某天为止不再有感染的"
        "概率 p_contained;--levers 另给各项措施单独改善后的变化(龙卷风图)。",
        "Whether it will be contained at our speeds. Outbreaks are drawn case by case from a scenario: quantiles by day of infections, cases_found, "
        "found_outside (quarantine), contacts to be found, isolation (rooms taken by the infected), and p_contained, the chance of no infection "
        "after that day. --levers adds how its last value changes when one thing is done better (a tornado; its median column is the mean change).",
    ),
    limits=Word(
        "不分年龄、地点和家庭;接触者之间互不相关;灵敏度曲线与未给出的延迟是假设,随结果打印,请换成本地的。超过 28 天的预测只供比较措施。"
        "达到 cap 的模拟算作未控制。第一次运行要编译(安静的机器上约四秒),之后不再编译。",
        "Knows no ages, places or households; contacts are independent; the sensitivity curve and the delays that are not given are assumptions, "
        "printed with the answer, to be replaced by your own. Beyond 28 days it compares measures and forecasts nothing. A draw that reaches the cap "
        "counts as not contained. The first run compiles (some 4 s on a quiet machine); later runs do not.",
    ),
    paper="Hellewell et al. 2020, Lancet Glob Health 8:e488; Kretzschmar et al. 2020, Lancet Public Health 5:e452; Lloyd-Smith et al. 2005, Nature 438:355",
    reads={"--scenario": SCENARIO},
    gives=(
        Column("quantity", Word("量的名字;“lever: …”是某项改善的效果", "what is counted; “lever: …” is what an improvement changes")),
        Column("day", Word("第几天,从 0 起", "the day, from 0")),
        *(Column(name, Word(f"{share} 分位数" + (";p_contained 与 lever 为均值" if name == "median" else ""),
                            f"quantile {share}" + ("; for p_contained and levers the mean" if name == "median" else "")))
          for name, share in _SHARES),
    ),
    functions=("contain.contain", "contain.p_controlled", "scenario.read_scenario", "prevented.prevented", "extinction.p_extinct",
               "extinction.share_causing", "extinction.share_in_clusters"),
)  # fmt: skip
@option("--scenario", type=READ, required=True, said=Word("情景(TOML)。", "The scenario, in TOML."))
@option("--levers", is_flag=True, said=Word("另给各项措施单独改善的效果。", "Add what each improvement alone would change."))
def contain(run: Run, scenario: Path, levers: bool) -> None:
    model = use("assessment.contain")
    told = use("assessment.scenario").read_scenario(tables(run, "--scenario", scenario))
    for name, (value, source) in told.defaults().items():
        run.use(name, value, source)
    found = model.contain(told, levers=levers)
    run.give(found.rows())
    if "p_contained" in found.quantiles:
        run.fact("p_contained", float(found.quantiles["p_contained"][-1, 2]))
    if found.stopped:
        run.note(
            f"{found.stopped:.1%} 的模拟达到 cap = {told.cap},之后不再跟踪,算作未控制",
            f"{found.stopped:.1%} of the draws reached cap = {told.cap}; they are not followed further and count as not contained",
        )
    if told.days > 28:
        run.note("超过 28 天:只宜比较措施,不作预测", "beyond 28 days: compare measures, forecast nothing")


def tables(run: Run, option: str, path: Path) -> dict[str, Any]:
    """A TOML file as its tables; it is noted with its hash."""
    try:
        data = path.read_bytes()
        found = tomllib.loads(data.decode("utf-8"))
    except OSError as why:
        raise Wrong([Word(f"{path}:读不了({why.strerror})", f"{path}: cannot be read ({why.strerror})")]) from why
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Wrong([Word(f"{path}:不是 UTF-8 的 TOML({why})", f"{path}: is no TOML in UTF-8 ({why})")]) from why
    run.inputs.append((option, Table(path, [], [], [], hashlib.sha256(data).hexdigest())))
    return found
